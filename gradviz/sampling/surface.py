"""Samples of a surface: the mesh within limits along z, a tangent plane, and what the surface hides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gradviz.arrays import Floats, mesh
from gradviz.calculus import Gradient
from gradviz.calculus.regions import gradient_within
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.constraints import with_points
from gradviz.sampling.cuts import extend_to_poles, kept_indices, split_at_breaks
from gradviz.sampling.facets import Facets, Indices, facets_of
from gradviz.sampling.flow import Line, lines_over, visible_box
from gradviz.sampling.integration import Frame
from gradviz.sampling.levels import norm_boundaries
from gradviz.sampling.limits import Extend, Limits, data_limits, extend_of, values_beyond, widened_to_edges
from gradviz.sampling.mesh import MeshShared, sample_mesh, share_mesh
from gradviz.sampling.samples import Sampler, Samples, completed
from gradviz.sampling.undersampling import undersampled
from gradviz.sampling.values import (
    Evaluated,
    Flags,
    box_of,
    gradient_of,
    has_chosen_points,
    slopes_at,
    steps_to_neighbours,
)
from gradviz.specs.plane import view_of

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path
    from gradviz.specs.descent import Descent
    from gradviz.specs.surface import Surface

FACES, WIRES, DOTS = 120, 40, 40  # rows and columns of a surface, of wires and of dots: more are not visible
PLANE_POINTS = 49  # along each side of a tangent plane: the part beyond the box is left out
_REACH_SHARE = 0.3  # of the ranges: a tangent plane, to each side of its point

_COLOURS = 65  # number of facets from one end of the colour scale to the other: no steps are visible
_MESH_LINES = range(8, 17)  # number of intervals between the lines of the mesh that are shown
_MESH_INTERVALS = 12  # the best number of them

_FLOOR_DENSITY = 0.6  # of streamlines on the floor of a box, which is seen from the side
_FLOOR_ARROWS = 13  # along each side of the floor of a box

POINTS_PER_STEP = 24  # points of a line on a surface, from one step of a path to the next
_RAY_POINTS = 160  # points on the ray to the viewer at which the surface is sampled
_DEPTH_SHARE = 2e-3  # of the height of the box: a point no deeper behind a surface is on it
_DISTANCE = 10.0  # from the middle of a box to the viewer, in Matplotlib's units
_BOX_SIDES = (4.0, 4.0, 3.0)  # proportions of a box
_BOX_DIAGONAL = 1.8294640721620434 * 25 / 24  # diagonal of a box of zoom 1, in Matplotlib's units


@dataclass(frozen=True, eq=False)
class Drawn:
    """A surface (n1, n0) to draw: split at discontinuities, within limits of values, and thinned."""

    points: Floats
    values: Floats
    """NaN where nothing is drawn."""
    limits: Limits
    """The limits along z."""
    counts: tuple[int, int]
    """Number of rows and columns that are drawn."""
    colours: Limits
    """The limits of the colour scale."""
    boundaries: tuple[float, ...]
    """The boundaries between which colours are linear; none for one linear scale."""
    extend: Extend
    facets: Facets | None = None
    """The facets of a surface; None for wires, dots and contours."""


@dataclass(frozen=True, eq=False)
class TangentPlane:
    """The tangent plane f(p) + grad f(p) . (x - p) at a point p, over a mesh (n1, n0, 2).

    With second derivatives H it is the paraboloid with (x - p) . H (x - p) / 2 added.
    """

    at: tuple[float, float]
    points: Floats
    values: Floats
    """NaN outside the box."""
    surface: Floats
    """The function at the same points."""
    value: float
    """The function at the point of tangency."""
    slopes: Floats
    """The gradient (2,) at the point of tangency."""
    hessian: Floats | None = None
    """The second derivatives (2, 2) of a paraboloid."""

    def report(self, degree: int) -> dict[str, object]:
        """Return the Taylor polynomial as JSON data."""
        slopes = self.slopes.tolist()
        found = {"at": [*self.at], "degree": degree, "value": self.value, "gradient": slopes}
        if self.hessian is None:
            return {**found, "coefficients": [self.value, *slopes]}
        (first, mixed), (_, second) = hessian = self.hessian.tolist()
        terms = [self.value, *slopes, first / 2, mixed, second / 2]
        return {**found, "hessian": hessian, "coefficients": terms}


@dataclass(frozen=True, eq=False, kw_only=True)
class SurfaceSamples(Samples):
    """A function on a mesh (n1, n0, 2)."""

    shared: MeshShared | None = None
    drawn: Drawn | None = None
    planes: tuple[TangentPlane, ...] = ()
    floor: tuple[Floats, Floats] | None = None
    """Points (n1, n0, 2) on the floor with the gradient there (n1, n0, 2); None without arrows."""
    floor_lines: tuple[Line, ...] = ()
    """Streamlines on the floor, downhill."""

    @property
    def plane(self) -> TangentPlane | None:
        """The first tangent plane, None if there is none."""
        return self.planes[0] if self.planes else None


def sample(spec: Surface) -> SurfaceSamples:
    """Evaluate the function on the mesh. Raises RequestError if nothing can be drawn."""
    samples = with_points(spec, sample_mesh(spec))
    evaluated, faces = samples.evaluated, FACES if spec.plot == "surface" else None
    return SurfaceSamples(
        evaluated=evaluated, critical=samples.critical, open_boxes=samples.open_boxes,
        own_warnings=samples.own_warnings, gradients=samples.gradients, constraints=samples.constraints,
        results=samples.results,
        undersampled=tuple(undersampled(evaluated, spec.zlim or evaluated.limits, faces)),
    )  # fmt: skip


def share(spec: Surface, members: Sequence[SurfaceSamples]) -> MeshShared:
    """Compute the limits and levels of surfaces, and warn of values beyond them."""
    view, first = spec.zlim, members[0].evaluated
    if view is None and len(members) == 1:
        _, values = _split_and_extended(first, first.limits, None)
        view = widened_to_edges(first.limits, first.drawable, values)
    shared = share_mesh(spec, members, filled=spec.plot == "contourf", view=view)
    if spec.zlim is not None:
        return shared
    effect = Message("are cut off; ", Ref("zlim"), " shows more")
    return replace(shared, warnings=values_beyond(shared.values, shared.limits, effect))


def finish(spec: Surface, samples: SurfaceSamples) -> SurfaceSamples:
    """Lay out the mesh within the limits of all figures, and compute the tangent plane."""
    shared = completed(samples.shared)
    most = {"surface": FACES, "wireframe": WIRES}.get(spec.plot)
    drawn = lay_out(spec, samples.evaluated, shared, most, has_facets=spec.plot == "surface")
    box = (*view_of(spec), spec.zlim or shared.limits)
    field = samples.evaluated.field
    gradient = gradient_of(spec, field)
    touching = gradient if spec.taylor is None else gradient_within(field, method="exact")
    inside = (*box[:2], (-math.inf, math.inf)) if spec.taylor == 2 else box  # a paraboloid is cut below
    planes = tuple(tangent_plane(touching, at, inside) for at in spec.tangent_points)
    if spec.taylor is not None and isinstance(field, Field):
        planes = tuple(
            _with_curvature(field, plane, box[2]) if spec.taylor == 2 else plane for plane in planes
        )
        reports = [plane.report(spec.taylor) for plane in planes]
        samples = replace(samples, results={**samples.results, "taylor": reports})
    floor, lines = None, []
    if spec.floor == "stream":
        lines = _floor_lines(spec, samples.evaluated.field)
    elif spec.floor == "quiver":
        points = mesh(*map(_inner, box_of(spec).T, view_of(spec)))
        floor = points, slopes_at(gradient, points).trusted
    return replace(samples, drawn=drawn, planes=planes, floor=floor, floor_lines=tuple(lines))


def _floor_lines(spec: Surface, field: ScalarField) -> list[Line]:
    """Return evenly spaced streamlines downhill over what is seen of the floor."""
    low, high = visible_box(spec, box_of(spec))
    unit = np.full(2, np.max(high - low)) if spec.aspect == "equal" else high - low
    return lines_over(field, Frame(low, unit, (high - low) / unit), _FLOOR_DENSITY, spec.step)


def _inner(sampled: Floats, view: Limits) -> Floats:
    """Return the middles (n,) of equal parts of what is seen of an interval, one for each arrow."""
    low, high = max(sampled[0], view[0]), min(sampled[1], view[1])
    room = (high - low) / (2 * _FLOOR_ARROWS)
    return np.linspace(low + room, high - room, _FLOOR_ARROWS)


def lay_out(
    spec: Surface | Descent,
    evaluated: Evaluated,
    shared: MeshShared,
    most: int | None = None,
    *,
    has_facets: bool,
) -> Drawn:
    """Return the mesh of a surface to draw, thinned to about `most` points along each axis."""
    zlim, limits = spec.zlim, spec.zlim or shared.limits
    points, whole = _split_and_extended(evaluated, limits, most)
    if zlim is None and shared.is_alone:
        limits = widened_to_edges(limits, evaluated.drawable, whole)
    values = within(whole, limits)
    low, high = limits
    extend = extend_of(below=shared.data[0] < low, above=shared.data[1] > high)
    rows, columns = values.shape
    if most and not evaluated.breaks:  # which are thinned already, with points of their own
        rows, columns = min(rows, most), min(columns, most)
    drawn = data_limits(values) if shared.is_alone else shared.data
    colours = max(low, drawn[0]), min(high, drawn[1])
    # Colours are linear unless a user chose a spacing: the height shows the value already.
    spacing = "linear" if spec.spacing == "auto" else spec.spacing
    boundaries = norm_boundaries(shared.values, colours, spacing)
    facets = None
    if has_facets:
        # Points that a user chose are the corners of the facets; others are cut by the colour scale.
        scale = limits if has_chosen_points(spec) else boundaries or colours
        kept = tuple(map(kept_indices, values.shape, (rows, columns)))
        levels = _facet_levels(limits, scale, 1 if has_chosen_points(spec) else _COLOURS)
        drawn_points = points[np.ix_(*kept)]
        lines = [_line_indices(evaluated.points, drawn_points, axis) for axis in (0, 1)]
        ends = np.where(np.isnan(values), np.nan, whole)  # beyond the limits beside points inside alone
        facets = facets_of(evaluated.field, drawn_points, ends[np.ix_(*kept)], levels, lines)
        if not len(facets.corners):
            raise _nothing_between(limits)
    return Drawn(points, values, limits, (rows, columns), colours, boundaries, extend, facets)


def _facet_levels(limits: Limits, scale: Sequence[float], count: int) -> Floats:
    """Return the levels at which facets are cut: the limits, and between them the ends of `count` colours.

    `scale` has the boundaries between which colours are linear.
    """
    numbers = np.linspace(0, len(scale) - 1, count * (len(scale) > 1) + 1)
    inner = np.interp(numbers, np.arange(len(scale)), scale)
    low, high = limits
    levels: Floats = np.unique([low, *inner[(inner > low) & (inner < high)], high])
    return levels


def _line_indices(points: Floats, drawn: Floats, axis: int) -> Indices:
    """Return the rows (axis 0) or columns (axis 1) of a drawn mesh that show as lines, about 13.

    They are evenly spaced where the number of intervals between `points` (n1, n0, 2) has a divisor near 12.
    """
    coordinate = 1 - axis
    along, of = (np.median(part[..., coordinate], axis=coordinate) for part in (points, drawn))
    count = len(along) - 1
    fitting = [number for number in _MESH_LINES if count % number == 0] or [_MESH_INTERVALS]
    best = min(count, min(fitting, key=lambda number: abs(number - _MESH_INTERVALS)))
    wanted = np.linspace(along[0], along[-1], best + 1)
    found: Indices = np.unique(np.abs(of - wanted[:, None]).argmin(axis=1))
    return found


def _nothing_between(limits: Limits) -> RequestError:
    low, high = limits
    return RequestError(f"no value of the function lies between {low:g} and {high:g}, the view along z")


def within(values: Floats, limits: Limits, *, lid: bool = True) -> Floats:
    """Return values (n1, n0) with NaN for those beyond limits, which would reach out of the box.

    With a `lid`, values beside one inside are put on the limit, so that faces and wires end there. Raises
    RequestError if no value lies between the limits.
    """
    low, high = limits
    inside = (values >= low) & (values <= high)
    if not inside.any():
        raise _nothing_between(limits)
    if not lid:
        return np.where(inside, values, np.nan)
    near = sliding_window_view(np.pad(inside, 1), (3, 3)).any(axis=(2, 3))
    return np.where(near, np.clip(values, low, high), np.nan)


def _split_and_extended(evaluated: Evaluated, limits: Limits, most: int | None) -> tuple[Floats, Floats]:
    points, values = split_at_breaks(evaluated, most)
    if evaluated.breaks and evaluated.breaks.poles.any():
        return extend_to_poles(evaluated.field, points, values, limits)
    return points, values


def tangent_plane(gradient: Gradient, at: tuple[float, float], box: tuple[Limits, ...]) -> TangentPlane:
    """Return the plane over a part of a box with limits along x, y and z."""
    point = np.asarray(at)
    estimate = gradient.estimate(point)
    value, slopes = float(estimate.values), estimate.gradient
    if not estimate.reliable or np.isnan(slopes).any():
        raise RequestError(f"no tangent plane at {at[0]:g}, {at[1]:g}: {estimate.reason().sentence}")
    noise = np.fmax(estimate.error, steps_to_neighbours(gradient, point))
    slopes = np.where(np.abs(slopes) <= noise, 0.0, slopes)
    *sides, (low, high) = box
    axes = []
    for x, (start, end) in zip(at, sides, strict=True):
        reach = _REACH_SHARE * (end - start)
        axes.append(np.linspace(max(x - reach, start), min(x + reach, end), PLANE_POINTS))
    points, is_inside = _between_heights(mesh(*axes), point, slopes, (low - value, high - value))
    values: Floats = np.where(is_inside, (value + (points - point) @ slopes).clip(low, high), np.nan)
    return TangentPlane(at, points, values, np.asarray(gradient.function(points)), value, slopes)


def _between_heights(points: Floats, at: Floats, slopes: Floats, limits: Limits) -> tuple[Floats, Flags]:
    """Return a mesh (n1, n0, 2) over the part of a plane between limits of its rise, and its mask (n1, n0).

    Its lines along the coordinate in which the plane rises most end at the limits.
    """
    along = int(np.abs(slopes * (points[-1, -1] - points[0, 0])).argmax())
    if not slopes[along]:
        return points, np.full(points.shape[:-1], limits[0] <= 0 <= limits[1])
    rise = (points[..., 1 - along] - at[1 - along]) * slopes[1 - along]
    ends = [at[along] + (limit - rise) / slopes[along] for limit in limits]
    start, end = points[0, 0, along], points[-1, -1, along]
    low, high = np.maximum(np.minimum(*ends), start), np.minimum(np.maximum(*ends), end)
    moved = points.copy()
    moved[..., along] = low + (points[..., along] - start) / (end - start) * (high - low)
    return moved, low < high


def _with_curvature(field: Field, plane: TangentPlane, limits: Limits) -> TangentPlane:
    """Return the paraboloid of a tangent plane. Raises RequestError if f is not smooth at its point."""
    hessian = field.hessian(np.array(plane.at))
    if np.isnan(hessian).any() or field.precise.is_singular(plane.at):
        at = f"{plane.at[0]:g}, {plane.at[1]:g}"
        raise RequestError(f"no Taylor polynomial at {at}: the function has no second derivatives there")
    away = plane.points - np.array(plane.at)
    values = plane.value + away @ plane.slopes + ((away @ hessian) * away).sum(axis=-1) / 2
    inside = np.where((values >= limits[0]) & (values <= limits[1]), values, np.nan)
    return replace(plane, values=inside, hessian=hessian)


@dataclass(frozen=True, eq=False)
class SurfaceView:
    """The surface of a field in a box (2, 3), low and high, as a viewer at a point (3,) sees it."""

    field: ScalarField
    viewer: Floats
    box: Floats


def viewer_of(elevation: float, azimuth: float, zoom: float, box: Floats) -> Floats:
    """Return the point (3,) from which Matplotlib's camera sees a box (2, 3), by angles in degrees."""
    elev, azim = math.radians(elevation), math.radians(azimuth)
    direction = np.array([math.cos(elev) * math.cos(azim), math.cos(elev) * math.sin(azim), math.sin(elev)])
    sides = np.array(_BOX_SIDES) * (_BOX_DIAGONAL * zoom / float(np.linalg.norm(_BOX_SIDES)))
    low, high = box
    viewer: Floats = low + (0.5 + _DISTANCE * direction / sides) * (high - low)
    return viewer


def on_surface(field: ScalarField, path: Path) -> Floats:
    """Return points (24 N + 1, 3) of a path with N steps on a surface, which it follows between steps."""
    shares = np.arange(POINTS_PER_STEP)[:, None] / POINTS_PER_STEP
    between = path.points[:-1, None, :] + shares * np.diff(path.points, axis=0)[:, None, :]
    points = np.concatenate((between.reshape(-1, 2), path.points[-1:]))
    return np.column_stack((points, field(points)))


def hidden(view: SurfaceView, points: Floats) -> Flags:
    """Return whether (...) points (..., 3) on a surface are behind another part of it.

    From each point a ray leads to the viewer as far as there is a surface, inside the box. The surface hides
    the point if the ray passes from one side of the surface to the other.
    """
    low, high = view.box
    rays = view.viewer - points
    with np.errstate(all="ignore"):
        exits = np.where(rays > 0, high - points, low - points) / rays  # in shares of the ray
    lengths = np.nanmin(np.where(np.isfinite(exits), exits, np.inf), axis=-1).clip(0, 1)
    shares = np.linspace(0, 1, _RAY_POINTS) * lengths[..., None]
    places = points[..., None, :] + shares[..., None] * rays[..., None, :]
    values = view.field(places[..., :2])
    values[(values < low[2]) | (values > high[2])] = np.nan
    above = (places[..., 2] - values) / (high[2] - low[2])
    behind: Flags = (above > _DEPTH_SHARE).any(axis=-1) & (above < -_DEPTH_SHARE).any(axis=-1)
    return behind


SAMPLER = Sampler(sample, share, finish)
