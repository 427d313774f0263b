"""A function of two variables in three dimensions: the scene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures.box import (
    MARGINS,
    SCATTER_MARGINS,
    Margins,
    box_panel,
    limits_note,
    mesh_points,
    surface_mark,
    value_scale,
    with_light,
)
from gradviz.figures.constraints import box_constraints, constraint_entries, depict_constraints
from gradviz.figures.critical import critical_markers, legend_entries
from gradviz.figures.flow import arrowheads
from gradviz.figures.labels import function_label, number, power, sum_in_rows, sum_of
from gradviz.figures.layout import Inches, Place, cell_of, scene_of, size_of, sized, with_own
from gradviz.figures.levels import colour_words, contours_of, has_scale
from gradviz.figures.points import box_points, depict_points, point_entries
from gradviz.printing.typesetting import MATHTEXT
from gradviz.sampling.flow import Line
from gradviz.sampling.levels import is_stepwise
from gradviz.sampling.limits import CONSTANT, is_constant
from gradviz.sampling.samples import completed
from gradviz.sampling.surface import DOTS, PLANE_POINTS, Drawn, SurfaceSamples, TangentPlane, within
from gradviz.sampling.values import Flags
from gradviz.scene.marks import Contours, Label, Lines, Mark, Markers, Scatter, Surface, Tooltips, Wireframe
from gradviz.scene.scales import Bands
from gradviz.scene.scene import ColourBar, LegendEntry, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.surface import TURN_FRAMES
from gradviz.specs.surface import Surface as SurfaceSpec

_FIGURE_HEIGHT_SHARE = 0.8  # height of a figure to its width
_WIRE_WIDTH = 0.7  # points
_DOT_AREA = 6.0  # square points
_PLANE_ZORDER = 900  # above the surface, below the markers
_PLANE_OPACITY, _HIDDEN_OPACITY = 0.65, 0.25  # of the plane on the viewer's side of the surface, and behind
_TOUCH_SIZE = 0.55  # units of markers: the point of a tangent plane
_SAME_HEIGHT = 1e-12  # of the values: rounding errors of a paraboloid that is the surface itself
_SLOPE_DIGITS = 4
_FLOOR_ZORDER = 0.5  # below the surface
_FLOOR_WIDTH = 1.0  # points
_FLOOR_LENGTH = 0.8  # of the distance between neighbours: an arrow on the floor
_HEAD_SHARE = 0.4  # of an arrow on the floor: its head
_WING = 3.0  # lengths of an arrowhead of a plane: one of a line on the floor, which is seen from the side


def compose(spec: SurfaceSpec, samples: SurfaceSamples, style: Style, place: Place) -> Scene:
    """Return the function seen from `elev` and `azim`; fine meshes are thinned to what is visible."""
    style, size = sized(style, spec, place), (style.size[0], _FIGURE_HEIGHT_SHARE * style.size[0])
    shared = completed(samples.shared)
    asked = size_of(spec, size)
    main, points, margins = _main(spec, samples, style, (asked.width, asked.height), place)
    marks, data, entries = [main], [points], []
    for index, touching in enumerate(samples.planes):
        plane, point, entry = _plane(spec, touching, style, style.accents[index % len(style.accents)])
        marks += [plane, point]
        entries.append(entry)
        data += [mesh_points(plane.mesh, plane.values), point.points]
    markers = critical_markers(spec, samples, style, zlim=spec.zlim, dimension=3)
    marks += markers
    data += [marker.points for marker in markers]
    entries += [*constraint_entries(samples, style), *point_entries(samples, style), *legend_entries(markers)]
    if is_constant(samples.evaluated.drawable) and spec.plot not in ("contour", "contourf"):
        marks.append(Label(Text(CONSTANT), (0.5, 0.72)))  # which the others have in place of contours
    bars = []
    if has_scale(main) and spec.has_colour_bar:
        bars.append(ColourBar(0, 0, Text(function_label(spec.reading)) if place.is_panel else None))
    panel = box_panel(
        spec,
        style,
        marks,
        data,
        shared,
        turns=TURN_FRAMES if spec.spin else None,
        margins=margins,
        aspect="equal" if spec.aspect == "equal" else None,
        has_floor=spec.floor is not None or bool(spec.gradient_at),
    )
    if spec.plot == "surface":
        panel = with_light(panel, completed(samples.drawn), style)
    if spec.floor is not None:
        panel = replace(panel, marks=(*panel.marks, *_floor(spec, samples, style, panel)))
    drawn = completed(samples.drawn)
    named = box_points(spec, samples, style, panel, (drawn.points, drawn.values))
    curves = box_constraints(samples, style, spec.zlim or drawn.limits)
    panel = replace(panel, marks=(*panel.marks, *curves, *named))
    scene = scene_of(spec, style, place, [panel], asked, bars=bars, entries=entries)
    return replace(scene, note=limits_note(spec, spec.zlim or shared.limits))


def _main(
    spec: SurfaceSpec, samples: SurfaceSamples, style: Style, size: Inches, place: Place
) -> tuple[Mark, Floats, Margins]:
    """Return the mark of the function, the points (N, 3) that its box contains, and their margins."""
    drawn = completed(samples.drawn)
    whole = mesh_points(drawn.points, drawn.values)
    match spec.plot:
        case "surface":
            return surface_mark(drawn, style), whole, MARGINS
        case "wireframe":
            (colour,), (width,) = with_own(spec.colours, (style.ink,)), spec.line_widths(_WIRE_WIDTH)
            wires = Wireframe(drawn.points, drawn.values, drawn.counts, colour, width)
            return wires, whole[_on_wires(drawn).ravel()], MARGINS
        case "scatter":
            dots, scale = _dots(samples), value_scale(drawn, style, on_page=True)
            return Scatter(dots, _DOT_AREA**0.5, values=dots[:, 2], scale=scale), dots, SCATTER_MARGINS
    contours = contours_of(
        (drawn.points, drawn.values),
        samples.evaluated.drawable,
        completed(samples.shared),
        style,
        (cell_of(spec, size, place), None),
        filled=spec.plot == "contourf",
        colour=spec.colours[0] if spec.plot == "contour" and spec.colours else None,
        width=spec.line_widths(_WIRE_WIDTH)[0] if spec.linewidth is not None else None,
    )
    if isinstance(contours, Label):
        low, high = samples.points[0, 0], samples.points[-1, -1]
        return contours, np.array([[*low, 0.0], [*high, 1.0]]), (None, None, 0.0)
    if contours.filled:
        heights = _heights(contours)
        whole[:, 2], whole[-1, 2] = heights[0], heights[-1]
    return contours, whole, MARGINS


def _on_wires(drawn: Drawn) -> Flags:
    """Return whether (n1, n0) a point of a mesh is on a wire."""
    found = np.zeros(drawn.values.shape, np.bool_)
    for axis, (size, count) in enumerate(zip(drawn.values.shape, drawn.counts, strict=True)):
        kept = [*range(0, size, max(-(-size // count), 1)), size - 1]
        found[(slice(None),) * axis + (kept,)] = True
    return found


def _heights(contours: Contours) -> Floats:
    """Return the z values at which filled contours are drawn: halfway between their levels."""
    levels, extend = np.array(contours.levels), contours.bands.extend
    first, last = 2 * levels[0] - levels[1], 2 * levels[-1] - levels[-2]
    below, above = [first] * (extend in ("min", "both")), [last] * (extend in ("max", "both"))
    ends = np.array([*below, *levels, *above])
    heights: Floats = (ends[:-1] + ends[1:]) / 2
    return heights


def _dots(samples: SurfaceSamples) -> Floats:
    """Return some points of the mesh with their values (N, 3), inside the limits along z."""
    values = within(samples.evaluated.drawable, completed(samples.drawn).limits, lid=False)
    thin = tuple(slice(None, None, -(-count // DOTS)) for count in values.shape)
    if not np.isfinite(values[thin]).any():
        thin = (slice(None), slice(None))  # few points lie inside
    known = np.isfinite(values[thin])
    return np.column_stack((samples.points[thin][known], values[thin][known]))


def _plane(
    spec: SurfaceSpec, plane: TangentPlane, style: Style, colour: str
) -> tuple[Surface, Markers, LegendEntry]:
    """Return a tangent plane, faint where the surface is between it and the viewer, and its point."""
    at, slopes = (", ".join(number(x, _SLOPE_DIGITS) for x in part) for part in (plane.at, plane.slopes))
    text = f"tangent plane at $({at})$, slopes ${slopes}$"
    if spec.taylor is not None:
        text = taylor_label(spec.reading.variables, plane)
    rise = (plane.values - plane.surface) * (1 if spec.elev >= 0 else -1)
    above = rise >= -_SAME_HEIGHT * np.nanmax(np.abs(plane.values), initial=0.0)
    surface = Surface(
        plane.points, plane.values, (PLANE_POINTS, PLANE_POINTS), colour=colour,
        opacities=np.where(above, _PLANE_OPACITY, _HIDDEN_OPACITY), zorder=_PLANE_ZORDER, group=text,
        hessian=plane.hessian,
    )  # fmt: skip
    point = Markers(
        np.array([[*plane.at, plane.value]]), "o", colour, _TOUCH_SIZE * style.mark_unit, edge="white",
        zorder=_PLANE_ZORDER + 1, name="tangent plane", group=text,
        tooltips=Tooltips("", np.array([plane.value])),
    )  # fmt: skip
    return surface, point, LegendEntry(Text(text), marker=point)


def taylor_label(variables: Sequence[str], plane: TangentPlane) -> str:
    """Return the Taylor polynomial at the point of a plane or a paraboloid as a legend of a few rows."""
    x, y = (power(name, 1, at) for name, at in zip(variables, plane.at, strict=True))
    terms = [(plane.value, ""), *zip(plane.slopes.tolist(), (x, y), strict=True)]
    if (h := plane.hessian) is not None:
        squares = (power(name, 2, at) for name, at in zip(variables, plane.at, strict=True))
        both = zip((h[0, 0] / 2, h[1, 1] / 2), squares, strict=True)
        terms += [*both, (h[0, 1], rf"{x}\,{y}")]
    pieces = sum_of((float(f"{factor:.{_SLOPE_DIGITS}g}"), symbol) for factor, symbol in terms)
    names = ", ".join(map(MATHTEXT.name, variables))
    return sum_in_rows(f"T_{{{1 if plane.hessian is None else 2}}}({names})", pieces)


def _floor(spec: SurfaceSpec, samples: SurfaceSamples, style: Style, panel: Panel) -> Iterator[Mark]:
    """Yield the picture on the floor of the box: contours in the colours of the surface, or what is downhill.

    A viewer above the floor sees it behind the surface, and one below it in front.
    """
    drawn, shared = completed(samples.drawn), completed(samples.shared)
    assert panel.z is not None  # noqa: S101 - of a box
    assert panel.z.limits is not None  # noqa: S101 - limits of a box are computed
    height = panel.z.limits[0]
    zorder = _FLOOR_ZORDER if spec.elev >= 0 else _PLANE_ZORDER - 1
    if samples.floor is not None:
        yield Lines(
            _flat_arrows(*samples.floor, height), style.ink, _FLOOR_WIDTH, zorder=zorder, name="floor"
        )
        return
    if spec.floor == "stream":
        if samples.floor_lines:
            sides = np.ptp(samples.points, axis=(0, 1))
            unit = np.full(2, sides.max()) if spec.aspect == "equal" else sides
            points = _flat_lines(samples.floor_lines, unit, height)
            yield Lines(points, style.ink, _FLOOR_WIDTH, zorder=zorder, name="floor")
        return
    scale, (low, high) = value_scale(drawn, style, on_page=True), drawn.limits
    levels = tuple(level for level in shared.levels if low < level < high)
    if levels and not is_stepwise(drawn.values):
        colours = tuple(map(scale.colours.at, scale.shares(np.array(levels)).tolist()))
        bands = Bands(scale.colours, colours)
        yield Contours(drawn.points, drawn.values, levels, bands, width=_FLOOR_WIDTH, zorder=zorder,
                       height=height)  # fmt: skip


def _flat_arrows(points: Floats, gradient: Floats, height: float) -> Floats:
    """Return arrows against a gradient (n1, n0, 2), centred on their points, as one line with gaps (N, 3)."""
    spacing = points[1, 1] - points[0, 0]
    sizes = magnitudes(gradient / spacing)
    ways = -gradient[sizes > 0] / sizes[sizes > 0][:, None] * _FLOOR_LENGTH  # NaN is no size above 0
    across = ways[:, ::-1] / spacing[::-1] * spacing * (-1.0, 1.0)
    tails, tips = points[sizes > 0] - ways / 2, points[sizes > 0] + ways / 2
    wings = [tips - _HEAD_SHARE * ways + sign * _HEAD_SHARE / 2 * across for sign in (-1, 1)]
    gap = np.full(tails.shape, np.nan)
    flat = np.stack((tails, tips, gap, wings[0], tips, wings[1], gap), axis=1).reshape(-1, 2)
    return np.column_stack((flat, np.full(len(flat), height)))


def _flat_lines(lines: Sequence[Line], unit: Floats, height: float) -> Floats:
    """Return streamlines with arrowheads as one line with gaps (N, 3)."""
    gap = np.full((1, 2), np.nan)
    parts = [part for line in lines for part in (line.points, gap)]
    for tail, tip in arrowheads(lines, unit)[0]:
        back = (tip - tail) / unit
        across = back[::-1] * (-1.0, 1.0)
        wings = [tip - (_WING * back + sign * _WING / 2 * across) * unit for sign in (-1, 1)]
        parts += [np.stack((wings[0], tip, wings[1])), gap]
    flat = np.concatenate(parts)
    return np.column_stack((flat, np.full(len(flat), height)))


def depict(spec: SurfaceSpec, samples: SurfaceSamples) -> str:
    """Describe the type of the plot, and the position of the viewer."""
    names = {"contour": "level lines", "contourf": "filled bands", "scatter": "dots"}
    count = len(spec.tangent_points)
    what = "paraboloid" if spec.taylor == 2 else "plane"
    plane = f" with {count} tangent {what}s" if count > 1 else f" with a tangent {what}" if count else ""
    viewer = f"seen from an elevation of {spec.elev:g} and an azimuth of {spec.azim:g} degrees"
    limits = completed(samples.drawn).colours
    if spec.plot in ("contour", "contourf"):
        limits = completed(samples.shared).shown
    is_plain = spec.plot == "wireframe" or (spec.plot == "contour" and spec.color)
    coloured = "" if is_plain else colour_words(spec, limits)
    below = {"contour": " above its level lines", "quiver": " above its downhill directions",
             "stream": " above its streamlines downhill", None: ""}  # fmt: skip
    name = names.get(spec.plot, spec.plot)
    points = depict_points(spec, samples) + depict_constraints(samples)
    return f"{name}{plane}{below[spec.floor]} in three dimensions{coloured}{points}, {viewer}"
