"""The paths of optimizers over a function of one or two variables: the scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.figures import paths as path_marks
from gradviz.figures.box import box_panel, limits_note, mesh_points, surface_mark, with_light
from gradviz.figures.critical import critical_markers, legend_entries
from gradviz.figures.curves import curve_line, gap_marks
from gradviz.figures.labels import axis_label, function_label, hover_of, variable_label
from gradviz.figures.layout import (
    Cell,
    Inches,
    Place,
    bounded_height,
    cell_of,
    plane_panel,
    scene_of,
    size_of,
    sized,
    with_own,
)
from gradviz.figures.levels import band_lines, colour_words, contours_of, has_scale
from gradviz.figures.paths import PathLook
from gradviz.optimizers.paths import Path
from gradviz.sampling.descent import DescentSamples
from gradviz.sampling.outline import Outline
from gradviz.sampling.path_warnings import path_ends
from gradviz.sampling.samples import completed
from gradviz.sampling.surface import SurfaceView, viewer_of
from gradviz.sampling.values import box_of
from gradviz.scene.marks import Label, Lines, Mark, Markers, Rule
from gradviz.scene.scene import Axis, ColourBar, Legend, LegendEntry, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.descent import Descent
from gradviz.specs.panels import grid_of, panel_grid
from gradviz.specs.plane import BESIDE_SHARE, BOX_ASPECT, axes_sides, fills_room, view_of, view_ratio

_FAINT_CONTOUR_WIDTH = 0.9  # points: contours below paths
_CONTOUR_OPACITY = 0.75  # in the style of the book
_AXES_WIDTH = 1.2  # points: the two lines through 0
_BOX_RATIO = 0.8  # height to width of a panel with a surface, or beside one
_COLUMN_SHARE = 0.62  # width of each column after the first, as a share of that of the figure
_HEADING_SHARE = 0.1  # height of the title above several panels, as a share of that of the figure
_NARROW = 5.0  # inches: the legend is below panels in narrower cells
_INSET = 5.0  # points from the corner to the number of the step
_FEW_ENTRIES = 4  # maximum number of entries of a legend inside a panel


@dataclass(frozen=True, eq=False)
class _Figure:
    """The values that all panels are composed of."""

    spec: Descent
    samples: DescentSamples
    style: Style
    place: Place
    looks: Mapping[str, PathLook]
    """The look of each optimizer's paths, by its label."""
    cell: Cell

    @property
    def starts(self) -> list[tuple[float, ...]]:
        """The starts that dashes distinguish: beside lines of values, which begin at no point."""
        return path_marks.dashed_starts(self.samples.paths) if self.spec.loss else []


def compose(spec: Descent, samples: DescentSamples, style: Style, place: Place) -> Scene:
    """Return panels with paths over contours, on a surface, a curve or axes, and one with their values."""
    style = sized(style, spec, place, _default_size(spec, style, *panel_grid(spec)))
    names = list(dict.fromkeys(path.optimizer.label for path in samples.paths))
    groups = [[name] for name in names] if spec.panels else [names]
    rows, columns = grid_of(spec, len(groups) + spec.loss)
    size = size_of(spec, _default_size(spec, style, rows, columns))
    whole = (size.width, size.height)
    inner = place if place.is_panel else Place(whole, rows, columns)
    style = replace(style, paths=with_own(spec.colours, style.paths))
    widths = spec.line_widths(*[path_marks.line_width(style)] * len(names))
    is_alone = spec.panels and not (spec.loss or len(spec.colours) > 1)
    looks = path_marks.path_looks(names, style, widths, is_alone=is_alone)
    figure = _Figure(spec, samples, style, place, looks, cell_of(spec, whole, inner))
    ground, markers, bar = _ground(figure)
    panels = []
    for index, group in enumerate(groups):
        shown = [path for path in samples.paths if path.optimizer.label in group]
        marks = (*ground.marks, *_path_marks(figure, ground, shown))
        title = Text(group[0], math=False, size="medium") if spec.panels else None
        panels.append(replace(ground, marks=marks, cell=divmod(index, columns), title=title))
    bars = [replace(bar, panel=index) for index in range(len(groups)) if bar is not None]
    if spec.animate:
        shown = [path_marks.on_curve(path) if samples.outline else path for path in samples.paths]
        panels[0] = _with_steps(panels[0], shown, style)
    if spec.loss:
        panels.append(replace(_loss_panel(figure), cell=divmod(len(groups), columns)))
    is_flat, limits = spec.on != "surface", completed(samples.shared).ground.limits
    return replace(
        scene_of(spec, style, place, panels, size, bars=bars),
        legend=_legend(figure, markers),
        heading=len(panels) > 1 or spec.panels,
        note=None if is_flat else limits_note(spec, spec.zlim or limits),
    )


def _default_size(spec: Descent, style: Style, rows: int, columns: int) -> Inches:
    """Return the width and the height in inches of a figure with several panels, if nobody asks for one."""
    width = style.size[0] * (1 + _COLUMN_SHARE * (columns - 1))
    cell = width / columns
    if spec.on == "surface":
        height = (1 - BESIDE_SHARE) * cell * _BOX_RATIO
    else:
        _, height = axes_sides(cell, None, view_ratio(spec), has_bar=spec.has_colour_bar)
    heading = _HEADING_SHARE * style.size[1] * (rows * columns > 1)
    return width, rows * bounded_height(cell, height) + heading


def _ground(figure: _Figure) -> tuple[Panel, list[Markers | Lines], ColourBar | None]:
    """Return a panel with the layers below the paths, the markers of critical points, and a colour bar."""
    spec, samples, style = figure.spec, figure.samples, figure.style
    own, label, mark = samples.evaluated.drawable, Text(function_label(spec.reading)), None
    if samples.outline is not None:
        return *_curve_ground(figure, samples.outline), None
    if spec.on == "surface":
        markers = critical_markers(spec, samples, style, zlim=spec.zlim, dimension=3, is_open=True)
        drawn = completed(samples.surface)
        surface = surface_mark(drawn, style)
        data = [mesh_points(surface.mesh, surface.values), *(marker.points for marker in markers)]
        panel = box_panel(spec, style, [surface, *markers], data, completed(samples.shared).ground)
        panel = with_light(panel, drawn, style)
        bar = ColourBar(0, 0, label if figure.place.is_panel else None)
        return panel, markers, bar if spec.has_colour_bar else None
    markers = critical_markers(spec, samples, style, is_open=True)
    marks: list[Mark] = [*markers]  # around the ends of paths
    if spec.on == "axes":
        marks += _axes_through_0(style)
    else:
        mark = contours_of(
            completed(samples.contours), own, completed(samples.shared).ground, style,
            (figure.cell, view_ratio(spec)), filled=spec.filled,
            width=style.mark_scale * _FAINT_CONTOUR_WIDTH,
            opacity=_CONTOUR_OPACITY if style.uses_defaults else None,
        )  # fmt: skip
        marks += [mark, *band_lines(mark, style)]
    has_bar = spec.has_colour_bar and mark is not None and has_scale(mark)
    panel = plane_panel(spec, samples.points, marks, grid=bool(spec.grid), values=own)
    return panel, markers, ColourBar(0, len(markers), label) if has_bar else None


def _axes_through_0(style: Style) -> list[Rule]:
    return [Rule(axis, 0.0, style.ink, _AXES_WIDTH, "--", 1.0) for axis in ("y", "x")]


def _curve_ground(figure: _Figure, outline: Outline) -> tuple[Panel, list[Markers | Lines]]:
    """Return a panel with the curve of a function of one variable, and the markers of critical points."""
    spec, samples, style = figure.spec, figure.samples, figure.style
    view = spec.ylim or completed(completed(samples.shared).view)
    markers = critical_markers(spec, samples, style, zlim=view, is_open=True)
    marks: list[Mark] = [*markers]
    if spec.on == "axes":
        marks += _axes_through_0(style)
    else:
        curve = curve_line(outline, completed(samples.curve), style.text, path_marks.line_width(style))
        marks += [curve, *gap_marks(outline.gap_points, curve, style)]
    x, y = variable_label(spec.reading.variables[0]), function_label(spec.reading)
    return Panel(
        Axis(axis_label(spec.xlabel, x), view_of(spec)[0], spec.xticks),
        Axis(axis_label(spec.ylabel, y), view, spec.yticks),
        marks=tuple(marks),
        box_aspect=None if fills_room(spec) else BOX_ASPECT,
        grid=spec.grid is not False,
        hover=hover_of(spec.reading),
    ), markers


def _path_marks(figure: _Figure, panel: Panel, paths: Sequence[Path]) -> Iterator[Mark]:
    """Yield the marks of some paths on a panel, with components of their updates if asked for."""
    spec, samples, style = figure.spec, figure.samples, figure.style
    limits = np.array([axis.limits for axis in (panel.x, panel.y, panel.z) if axis is not None]).T
    camera = panel.camera
    if camera is not None:
        viewer = viewer_of(camera.elevation, camera.azimuth, camera.zoom, limits)
        box = np.column_stack((box_of(spec), limits[:, 2]))
        view = SurfaceView(samples.evaluated.field, viewer, box)
        for path in paths:  # without dashes of starts, which would be mistaken for hidden parts
            yield from path_marks.surface_marks(path, figure.looks[path.optimizer.label], style, view)
        return
    for path in paths:
        look = path_marks.look_of(path, figure.looks, figure.starts)
        shown = path_marks.on_curve(path) if samples.outline else path
        yield from path_marks.flat_marks(shown, look, style, limits, line=spec.on == "contour")
        yield from path_marks.component_arrows(path, completed(samples.shared).components)


def _with_steps(panel: Panel, paths: Sequence[Path], style: Style) -> Panel:
    """Return a panel with the number of the step that a frame of an animation shows.

    It is in the corner of the plane farthest from the paths, or in a corner of the figure beside a box.
    """
    is_box = panel.z is not None
    corners = [(0, 1)] if is_box else [(0, 0), (1, 0), (0, 1)]  # a legend is likely in the fourth
    limits = np.array([panel.x.limits, panel.y.limits]).T
    points = np.concatenate([path.points for path in paths])
    places = (points - limits[0]) / (limits[1] - limits[0])
    right, top = max(corners, key=lambda corner: np.hypot(*(places - corner).T).min())
    texts = tuple(f"step {number}" for number in range(max(path.steps for path in paths) + 1))
    label = Label(
        Text(texts[-1], math=False, size="medium"), (right, top),
        units=("figure", "figure") if is_box else ("panel", "panel"),
        offset=(-_INSET if right else _INSET, -_INSET if top else _INSET), colour=style.text,
        anchor=("right" if right else "left", "top" if top else "bottom"), in_layout=False,
        outline=style.page, frames=texts,
    )  # fmt: skip
    return replace(panel, marks=(*panel.marks, label))


def _loss_panel(figure: _Figure) -> Panel:
    """Return a panel with the values along all paths against the step."""
    spec, axis = figure.spec, completed(figure.samples.shared).loss
    lines = [
        path_marks.value_line(path, path_marks.look_of(path, figure.looks, figure.starts))
        for path in figure.samples.paths
    ]
    return Panel(
        Axis(Text("step"), integer=True),
        Axis(limits=(axis.low, axis.high), scale="log" if axis.logarithmic else "linear"),
        marks=tuple(lines),
        box_aspect=_BOX_RATIO if spec.on == "surface" else None if fills_room(spec) else view_ratio(spec),
        # As a label of the axis it would lie on the panel beside it.
        title=Text(f"{function_label(spec.reading)} at each step", size="medium"),
    )


def _legend(figure: _Figure, markers: Sequence[Markers | Lines]) -> Legend | None:
    """Return the legend: inside a panel for few entries in a large figure, else below all panels."""
    spec, style = figure.spec, figure.style
    entries: list[LegendEntry] = []
    if spec.loss or not spec.panels:  # else each panel has its name
        line = spec.loss or spec.on != "axes"
        entries = [path_marks.path_entry(look, line=line) for look in figure.looks.values()]
    named = len(entries)
    entries += path_marks.start_entries(figure.starts, style)
    entries += legend_entries(markers)
    entries += path_marks.component_entries(completed(figure.samples.shared).components)
    if not entries:
        return None
    explains_values = spec.panels and spec.loss
    is_below = (
        spec.anatomy is not None
        or (spec.panels and len(entries) > named)
        or (spec.on == "surface" and not explains_values)
        or figure.place.caption is not None
        or figure.cell[0] < _NARROW
        or len(entries) > _FEW_ENTRIES
    )
    if is_below:
        return Legend(tuple(entries))
    return Legend(tuple(entries), "best", len(figure.looks) if explains_values else 0)


def depict(spec: Descent, samples: DescentSamples) -> str:
    """Describe the ground of the paths, and their last points."""
    ground = {"contour": "over level lines", "surface": "on the surface", "axes": "beside the axes"}
    if samples.outline is not None:
        where = "on the curve" if spec.on == "contour" else ground[spec.on]
        return f"paths of optimizers {where}: {path_ends(samples.paths)}"
    shared = completed(samples.shared).ground
    limits = completed(samples.surface).colours if spec.on == "surface" else shared.shown
    coloured = "" if spec.on == "axes" else colour_words(spec, limits)
    return f"paths of optimizers {ground[spec.on]}{coloured}: {path_ends(samples.paths)}"
