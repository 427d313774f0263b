"""Samples of a function of two variables on a mesh: for contours, surfaces, and the ground of paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from gradviz.arrays import Floats, mesh
from gradviz.errors import Message, Ref, RequestError
from gradviz.sampling.cuts import extend_to_poles, split_at_breaks
from gradviz.sampling.fields import axes_of, critical_of, field_of, first_warnings, gradient_of
from gradviz.sampling.levels import Spacing, best_spacing, find_levels, norm_boundaries
from gradviz.sampling.limits import (
    CONSTANT,
    Extend,
    Limits,
    data_limits,
    is_constant,
    joined,
    robust_limits,
    values_beyond,
    widened_to_edges,
)
from gradviz.sampling.samples import PointSamples, Sampler, completed
from gradviz.sampling.tangent_plane import TangentPlane, tangent_plane
from gradviz.sampling.undersampling import undersampled
from gradviz.sampling.values import (
    Evaluated,
    evaluate,
    refuse_empty,
)
from gradviz.specs.plane import view_of

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.descent import Descent
    from gradviz.specs.surface import Surface

FACES, WIRES, DOTS = 120, 40, 40  # rows and columns of a surface, of wires and of dots: more are not visible


@dataclass(frozen=True, eq=False)
class Drawn:
    """A mesh to draw: split at discontinuities, within limits of values, and thinned."""

    points: Floats
    """(n1, n0, 2)."""
    values: Floats
    """(n1, n0), NaN where nothing is drawn."""
    limits: Limits
    """The limits along z."""
    counts: tuple[int, int]
    """Number of rows and columns that are drawn."""
    colours: Limits
    """The limits of the colour scale."""
    boundaries: tuple[float, ...]
    """The boundaries between which colours are linear; none for one linear scale."""
    extend: Extend


@dataclass(frozen=True, eq=False)
class MeshShared:
    """Values that the figures of a sweep share: the limits of values, and levels."""

    is_alone: bool
    limits: Limits
    """Robust limits of all values."""
    data: Limits
    """Minimum and maximum of all values."""
    values: Floats
    """All values, (n1, n0) of a single figure or (N,)."""
    spacing: Spacing
    levels: tuple[float, ...]
    warnings: tuple[Message, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class MeshSamples(PointSamples):
    """A function on a mesh (n1, n0, 2)."""

    limits: Limits
    """Robust limits of the values."""
    shared: MeshShared | None = None
    drawn: Drawn | None = None
    plane: TangentPlane | None = None


class OnMesh(Protocol):
    """Samples of a kind that evaluates the function on a mesh."""

    @property
    def evaluated(self) -> Evaluated:
        """The function on the mesh."""

    @property
    def limits(self) -> Limits:
        """Robust limits of the values."""


# One figure -----------------------------------------------------------------------------------------------


def sample(spec: Contour | Surface) -> MeshSamples:
    """Evaluate the function on the mesh. Raises RequestError if nothing can be drawn."""
    samples = sample_mesh(spec)
    if spec.kind == "contour":
        coarse = undersampled(samples.evaluated, samples.limits)
    else:
        faces = FACES if spec.plot == "surface" else None
        coarse = undersampled(samples.evaluated, spec.zlim or samples.limits, faces)
    return replace(samples, own_warnings=(*samples.own_warnings, *coarse))


def sample_mesh(spec: Contour | Surface | Descent) -> MeshSamples:
    """Evaluate the function of a spec on its mesh, and find the critical points that it marks."""
    field, axes = field_of(spec, at=spec.at, plane=spec.plane), axes_of(spec)
    evaluated = evaluate(field, mesh(*axes), cut=True)
    refuse_empty(evaluated)
    warnings = first_warnings(spec, field)
    warnings += [Message(CONSTANT)] if is_constant(evaluated.drawable) else []
    critical, found = critical_of(field, axes) if spec.critical else ((), ())
    warnings += found
    limits = robust_limits(field, evaluated.points, evaluated.drawable)
    return MeshSamples(evaluated=evaluated, limits=limits, critical=critical, own_warnings=tuple(warnings))


# What figures share ---------------------------------------------------------------------------------------


def share(spec: Contour | Surface, members: Sequence[MeshSamples]) -> MeshShared:
    """Compute the limits and levels of figures, and warn of values beyond them."""
    filled = spec.filled if spec.kind == "contour" else spec.plot == "contourf"
    shared = share_mesh(spec, members, filled=filled)
    return replace(shared, warnings=_beyond(spec, shared))


def share_mesh(spec: Contour | Surface | Descent, members: Sequence[OnMesh], *, filled: bool) -> MeshShared:
    """Compute the limits and the levels that figures have in common."""
    limits = min(one.limits[0] for one in members), max(one.limits[1] for one in members)
    values = joined([one.evaluated.drawable for one in members])
    spacing = (
        best_spacing(*(one.evaluated.drawable for one in members)) if spec.spacing == "auto" else spec.spacing
    )
    ends = limits
    if spec.kind == "surface":
        ends = spec.zlim or (lay_out_limits(members[0].evaluated, limits) if len(members) == 1 else limits)
    levels = find_levels(spec.levels, values, filled=filled, spacing=spacing, limits=ends)
    return MeshShared(len(members) == 1, limits, data_limits(values), values, spacing, tuple(levels), ())


def _beyond(spec: Contour | Surface, shared: MeshShared) -> tuple[Message, ...]:
    """Return a warning of values beyond the limits, where nobody asked for these."""
    if spec.kind == "surface":
        if spec.zlim is not None:
            return ()
        return values_beyond(
            shared.values, shared.limits, Message("are cut off; ", Ref("zlim"), " shows more")
        )
    if isinstance(spec.levels, tuple):
        return ()
    effect = "are drawn in one colour" if spec.filled else "have no lines"
    return values_beyond(shared.values, shared.limits, Message(f"{effect}; ", Ref("levels"), " shows more"))


# What is drawn --------------------------------------------------------------------------------------------


def finish(spec: Contour | Surface, samples: MeshSamples) -> MeshSamples:
    """Lay out the mesh within the limits of all figures, and compute the tangent plane."""
    shared = completed(samples.shared)
    if spec.kind == "contour":
        points, values = split_at_breaks(samples.evaluated)
        drawn = Drawn(points, values, shared.limits, _shape(values), shared.limits, (), "neither")
        return replace(samples, drawn=drawn)
    most = {"surface": FACES, "wireframe": WIRES}.get(spec.plot)
    drawn = lay_out(samples.evaluated, shared, spec.zlim, most)
    plane = None
    if spec.tangent_at is not None:
        box = (*view_of(spec), spec.zlim or shared.limits)
        plane = tangent_plane(gradient_of(spec, samples.evaluated.field), spec.tangent_at, box)
    return replace(samples, drawn=drawn, plane=plane)


def lay_out(evaluated: Evaluated, shared: MeshShared, zlim: Limits | None, most: int | None = None) -> Drawn:
    """Return the mesh of a surface to draw, thinned to about `most` points along each axis.

    Raises RequestError if no value lies between the limits along z.
    """
    limits = zlim or shared.limits
    points, values = _split_and_extended(evaluated, limits, most)
    if zlim is None and shared.is_alone:
        limits = widened_to_edges(limits, evaluated.drawable, values)
    values = within(values, limits)
    low, high = shared.data
    extend: Extend = ("neither", "min", "max", "both")[(low < limits[0]) + 2 * (high > limits[1])]
    rows, columns = _shape(values)
    counts = (min(rows, most or rows), min(columns, most or columns))
    if evaluated.breaks:  # thinned already, with points of its own at each discontinuity
        counts = (rows, columns)
    drawn = data_limits(values) if shared.is_alone else shared.data
    colours = max(limits[0], drawn[0]), min(limits[1], drawn[1])
    boundaries = norm_boundaries(shared.values, colours, shared.spacing)
    return Drawn(points, values, limits, counts, colours, boundaries, extend)


def lay_out_limits(evaluated: Evaluated, limits: Limits) -> Limits:
    """Return the limits along z of a single surface, widened by values at the edge of the domain."""
    _, values = _split_and_extended(evaluated, limits, None)
    return widened_to_edges(limits, evaluated.drawable, values)


def within(values: Floats, limits: Limits, *, lid: bool = True) -> Floats:
    """Return values (n1, n0) with NaN for those beyond limits, which would reach out of the box.

    With a `lid`, values beside one inside are put on the limit, so that faces and wires end there. Raises
    RequestError if no value lies between the limits.
    """
    low, high = limits
    inside = (values >= low) & (values <= high)
    if not inside.any():
        raise RequestError(f"no value of the function lies between {low:g} and {high:g}, the view along z")
    if not lid:
        return np.where(inside, values, np.nan)
    around = np.pad(inside, 1)
    rows, columns = values.shape
    near = np.zeros_like(inside)
    for i in range(3):
        for j in range(3):
            near |= around[i : i + rows, j : j + columns]
    return np.where(near, np.clip(values, low, high), np.nan)


def _split_and_extended(evaluated: Evaluated, limits: Limits, most: int | None) -> tuple[Floats, Floats]:
    points, values = split_at_breaks(evaluated, most)
    if evaluated.breaks and evaluated.breaks.poles.any():
        return extend_to_poles(evaluated.field, points, values, limits)
    return points, values


def _shape(values: Floats) -> tuple[int, int]:
    rows, columns = values.shape
    return rows, columns


SAMPLER = Sampler(sample, share, finish)
