"""A function of two variables in three dimensions: the scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradviz.arrays import Floats
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
from gradviz.figures.critical import critical_markers, legend_entries
from gradviz.figures.labels import function_label, number
from gradviz.figures.layout import Inches, Place, cell_of, scene_of, size_of, sized
from gradviz.figures.levels import contours_of, has_scale
from gradviz.sampling.limits import CONSTANT, is_constant
from gradviz.sampling.samples import completed
from gradviz.sampling.surface import DOTS, PLANE_POINTS, Drawn, SurfaceSamples, TangentPlane, within
from gradviz.sampling.values import Flags
from gradviz.scene.marks import Contours, Label, Mark, Markers, Scatter, Surface, Tooltips, Wireframe
from gradviz.scene.scene import ColourBar, LegendEntry, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.surface import TURN_FRAMES
from gradviz.specs.surface import Surface as SurfaceSpec

_FIGURE_HEIGHT_SHARE = 0.8  # height of a figure to its width
_WIRE_WIDTH = 0.7  # points
_DOT_AREA = 6.0  # square points
_PLANE_ZORDER = 900  # above the surface, below the markers
_PLANE_OPACITY, _HIDDEN_OPACITY = 0.65, 0.25  # of the plane on the viewer's side of the surface, and behind
_SLOPE_DIGITS = 4


def compose(spec: SurfaceSpec, samples: SurfaceSamples, style: Style, place: Place) -> Scene:
    """Return the function seen from `elev` and `azim`; fine meshes are thinned to what is visible."""
    style, size = sized(style, spec, place), (style.size[0], _FIGURE_HEIGHT_SHARE * style.size[0])
    shared = completed(samples.shared)
    main, points, margins = _main(spec, samples, style, spec.size or size, place)
    marks, data, entries = [main], [points], []
    if samples.plane is not None:
        plane, point, entry = _plane(spec, samples.plane, style)
        marks += [plane, point]
        entries.append(entry)
        data += [mesh_points(plane.mesh, plane.values), point.points]
    markers = critical_markers(spec, samples, style, zlim=spec.zlim, dimension=3)
    marks += markers
    data += [marker.points for marker in markers]
    entries += legend_entries(markers)
    if is_constant(samples.evaluated.drawable) and spec.plot not in ("contour", "contourf"):
        marks.append(Label(Text(CONSTANT), (0.5, 0.92)))  # which the others have in place of contours
    bars = []
    if has_scale(main) and spec.has_colour_bar:
        bars.append(ColourBar(0, 0, Text(function_label(spec.reading)) if place.is_panel else None))
    turns = TURN_FRAMES if spec.spin else None
    panel = box_panel(spec, style, marks, data, shared, turns=turns, margins=margins)
    if spec.plot == "surface":
        panel = with_light(panel, completed(samples.drawn), style)
    scene = scene_of(spec, style, place, [panel], size_of(spec, size), bars=bars, entries=entries)
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
            wires = Wireframe(drawn.points, drawn.values, drawn.counts, style.ink, _WIRE_WIDTH)
            return wires, whole[_on_wires(drawn).ravel()], MARGINS
        case "scatter":
            dots, scale = _dots(samples), value_scale(drawn, style)
            return Scatter(dots, _DOT_AREA**0.5, values=dots[:, 2], scale=scale), dots, SCATTER_MARGINS
    contours = contours_of(
        (drawn.points, drawn.values),
        samples.evaluated.drawable,
        completed(samples.shared),
        style,
        (cell_of(spec, size, place), None),
        filled=spec.plot == "contourf",
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
    known = np.isfinite(values[thin])
    return np.column_stack((samples.points[thin][known], values[thin][known]))


def _plane(spec: SurfaceSpec, plane: TangentPlane, style: Style) -> tuple[Surface, Markers, LegendEntry]:
    """Return the tangent plane, faint where the surface is between it and the viewer, and its point."""
    colour = style.accents[0]
    at, slopes = (", ".join(number(x, _SLOPE_DIGITS) for x in part) for part in (plane.at, plane.slopes))
    text = f"tangent plane at $({at})$, slopes ${slopes}$"
    above = (plane.values - plane.surface) * (1 if spec.elev >= 0 else -1) >= 0
    surface = Surface(
        plane.points, plane.values, (PLANE_POINTS, PLANE_POINTS), colour=colour,
        opacities=np.where(above, _PLANE_OPACITY, _HIDDEN_OPACITY), zorder=_PLANE_ZORDER, group=text,
    )  # fmt: skip
    point = Markers(
        np.array([[*plane.at, plane.value]]), "o", colour, style.marker_size, edge="white",
        zorder=_PLANE_ZORDER + 1, name="tangent plane", group=text,
        tooltips=Tooltips("", np.array([plane.value])),
    )  # fmt: skip
    return surface, point, LegendEntry(Text(text), marker=point)


def depict(spec: SurfaceSpec, samples: SurfaceSamples) -> str:  # noqa: ARG001 - the samples of all kinds
    """Describe the type of the plot, and the position of the viewer."""
    names = {"contour": "level lines", "contourf": "filled bands", "scatter": "dots"}
    plane = " with a tangent plane" if spec.tangent_at else ""
    viewer = f"seen from an elevation of {spec.elev:g} and an azimuth of {spec.azim:g} degrees"
    return f"{names.get(spec.plot, spec.plot)}{plane} in three dimensions, {viewer}"
