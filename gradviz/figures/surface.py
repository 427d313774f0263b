"""A function of two variables in three dimensions: the scene."""

from __future__ import annotations

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
)
from gradviz.figures.critical import critical_markers, in_view, legend_entries
from gradviz.figures.labels import function_label, number, title_of
from gradviz.figures.layout import Place, cell_of, sized
from gradviz.figures.levels import bands_of, contours_of, most_ticks
from gradviz.figures.plane import maps_of
from gradviz.sampling.limits import CONSTANT, is_constant
from gradviz.sampling.mesh import DOTS, Drawn, MeshSamples, within
from gradviz.sampling.samples import completed
from gradviz.sampling.tangent_plane import PLANE_POINTS, TangentPlane
from gradviz.sampling.values import Flags
from gradviz.scene.marks import Contours, Label, Mark, Markers, Scatter, Surface, Tooltips, Wireframe
from gradviz.scene.scene import ColourBar, Legend, LegendEntry, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of
from gradviz.specs.surface import Surface as SurfaceSpec

_TURN_FRAMES = 72
_FIGURE_HEIGHT_SHARE = 0.8  # height of a figure to its width
_WIRE_WIDTH = 0.7  # points
_DOT_AREA = 6.0  # square points
_PLANE_ZORDER = 900  # above the surface, below the markers
_PLANE_OPACITY, _HIDDEN_OPACITY = 0.65, 0.25  # of the plane on the viewer's side of the surface, and behind
_SLOPE_DIGITS = 4


def compose(spec: SurfaceSpec, samples: MeshSamples, style: Style, place: Place) -> Scene:
    """Return the function seen from `elev` and `azim`; fine meshes are thinned to what is visible."""
    style = style if place.is_panel else sized(style, spec, style.size)
    size = Size(style.size[0], _FIGURE_HEIGHT_SHARE * style.size[0], is_asked=False)
    if spec.size is not None:
        size = Size(*spec.size, is_asked=True)
    shared = completed(samples.shared)
    main, points, margins = _main(spec, samples, style, size, place)
    marks: list[Mark] = [main]
    data, entries = [points], []
    if samples.plane is not None:
        plane, point, entry = _plane(spec, samples.plane, style)
        marks += [plane, point]
        entries.append(entry)
        data += [mesh_points(plane.mesh, plane.values), point.points]
    shown = in_view(samples.critical, view_of(spec), spec.zlim)
    markers = critical_markers(shown, style, dimension=3)
    marks += markers
    data += [marker.points for marker in markers]
    entries += legend_entries(markers)
    has_text = spec.plot in ("contour", "contourf")
    if is_constant(samples.evaluated.drawable) and not has_text:
        marks.append(Label(Text(CONSTANT), (0.5, 0.92)))
    turns = _TURN_FRAMES if spec.spin else None
    bars: tuple[ColourBar, ...] = ()
    if _has_scale(main, shared.levels) and spec.has_colour_bar:
        bars = (ColourBar(0, 0, Text(function_label(spec.reading)) if place.is_panel else None),)
    return Scene(
        (box_panel(spec, style, marks, data, shared, turns=turns, margins=margins),),
        title_of(spec, place.caption),
        size,
        spec.dpi,
        style,
        colour_bars=bars,
        legend=Legend(tuple(entries)) if entries else None,
        note=limits_note(spec, spec.zlim or shared.limits),
    )


def _main(
    spec: SurfaceSpec, samples: MeshSamples, style: Style, size: Size, place: Place
) -> tuple[Mark, Floats, Margins]:
    """Return the mark of the function, the points (N, 3) that its box contains, and their margins."""
    drawn, maps = completed(samples.drawn), maps_of(style)
    whole = mesh_points(drawn.points, drawn.values)
    match spec.plot:
        case "surface":
            return surface_mark(drawn, style), whole, MARGINS
        case "wireframe":
            wires = Wireframe(drawn.points, drawn.values, drawn.counts, style.ink, _WIRE_WIDTH)
            return wires, whole[_on_wires(drawn).ravel()], MARGINS
        case "scatter":
            dots = _dots(samples)
            scale = value_scale(drawn, maps.values)
            return Scatter(dots, _DOT_AREA**0.5, values=dots[:, 2], scale=scale), dots, SCATTER_MARGINS
    filled, shared = spec.plot == "contourf", completed(samples.shared)
    levels, bands = shared.levels, None
    if levels:
        ticks = most_ticks(levels, style, cell_of(spec, size, place), None)
        colours = maps.values if filled else maps.lines
        bands = bands_of(levels, shared.values, colours, ticks, filled=filled)
    contours = contours_of(
        (drawn.points, drawn.values), samples.evaluated.drawable, levels, bands, filled=filled
    )
    if isinstance(contours, Label):
        x, y = samples.points[0, :, 0], samples.points[:, 0, 1]
        return contours, np.array([[x[0], y[0], 0.0], [x[-1], y[-1], 1.0]]), (None, None, 0.0)
    if filled:
        whole = np.where([True, True, False], whole, _heights(contours)[0])
        whole[-1, 2] = _heights(contours)[-1]
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
    steps = np.diff(levels)
    heights = levels[:-1] + steps / 2
    if extend in ("min", "both"):
        heights = np.insert(heights, 0, levels[0] - steps[0] / 2)
    if extend in ("max", "both"):
        heights = np.append(heights, levels[-1] + steps[-1] / 2)
    return heights


def _dots(samples: MeshSamples) -> Floats:
    """Return some points of the mesh with their values (N, 3), inside the limits along z."""
    values = within(samples.evaluated.drawable, completed(samples.drawn).limits, lid=False)
    rows, columns = values.shape
    thin = (slice(None, None, -(-rows // DOTS)), slice(None, None, -(-columns // DOTS)))
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


def _has_scale(mark: Mark, levels: tuple[float, ...]) -> bool:
    """Return whether a colour bar can show the colours of a mark."""
    if isinstance(mark, Contours):
        return len(levels) > 1
    return isinstance(mark, (Surface, Scatter))


def depict(spec: SurfaceSpec, samples: MeshSamples) -> str:  # noqa: ARG001 - the samples of all kinds
    """Describe the type of the plot, and the position of the viewer."""
    names = {"contour": "level lines", "contourf": "filled bands", "scatter": "dots"}
    plane = " with a tangent plane" if spec.tangent_at else ""
    viewer = f"seen from an elevation of {spec.elev:g} and an azimuth of {spec.azim:g} degrees"
    return f"{names.get(spec.plot, spec.plot)}{plane} in three dimensions, {viewer}"
