"""The paths of optimizers over a function of two variables: the scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.figures import paths as path_marks
from gradviz.figures.box import box_panel, limits_note, mesh_points, surface_mark
from gradviz.figures.critical import critical_markers, in_view, legend_entries
from gradviz.figures.labels import function_label, title_of
from gradviz.figures.layout import Inches, Place, cell_of, sized
from gradviz.figures.levels import bands_of, contours_of, most_ticks
from gradviz.figures.paths import PathLook
from gradviz.figures.plane import maps_of, plane_panel
from gradviz.optimizers.paths import Path
from gradviz.sampling.descent import DescentSamples
from gradviz.sampling.fields import box_of
from gradviz.sampling.path_warnings import path_ends
from gradviz.sampling.samples import completed
from gradviz.sampling.visibility import SurfaceView, viewer_of
from gradviz.scene.marks import Contours, Label, Mark, Markers, Rule
from gradviz.scene.scene import Axis, ColourBar, Legend, LegendEntry, Panel, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.descent import Descent
from gradviz.specs.plane import ABOVE_SHARE, BESIDE_SHARE, axes_sides, near_square, view_of, view_ratio

_FAINT_CONTOUR_WIDTH = 0.9  # points: contours below paths
_CONTOUR_OPACITY = 0.75
_AXES_WIDTH = 1.2  # points: the two lines through 0
_BOX_RATIO = 0.8  # height to width of a panel with a surface, or beside one
_COLUMN_SHARE = 0.62  # width of each column after the first, as a share of that of the figure
_MIN_PANEL_HEIGHT, _MAX_PANEL_HEIGHT = 0.42, 1.25  # of a panel, as a share of its width
_HEADING_SHARE = 0.1  # height of the title above several panels, as a share of that of the figure
_NARROW = 5.0  # inches: the legend of a narrower figure is below it
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
    cell: tuple[float, float | None]
    """The width of a panel in inches, and its height if a size was asked for."""

    @property
    def starts(self) -> list[tuple[float, ...]]:
        """The starts that dashes distinguish: beside lines of values, which begin at no point."""
        return path_marks.dashed_starts(self.samples.paths) if self.spec.loss else []


@dataclass(frozen=True, eq=False)
class _Ground:
    """The layers below the paths of a panel."""

    panel: Panel
    markers: list[Markers]
    """Those of critical points."""
    bar: ColourBar | None
    """The colour bar, for the first panel."""


def compose(spec: Descent, samples: DescentSamples, style: Style, place: Place) -> Scene:
    """Return panels with paths over contours, on a surface or on axes, and one with their values."""
    style = style if place.is_panel else sized(style, spec, _default_size(spec, style))
    names = list(dict.fromkeys(path.optimizer.label for path in samples.paths))
    groups = [[name] for name in names] if spec.panels else [names]
    rows, columns = near_square(len(groups) + spec.loss)
    size = Size(*(spec.size or _size_of(spec, style, rows, columns)), is_asked=spec.size is not None)
    looks = path_marks.path_looks(names, style)
    if spec.panels and not spec.loss:  # one colour will do where each panel has one optimizer
        looks = [look for name in names for look in path_marks.path_looks([name], style)]
    inner = place if place.is_panel else Place((size.width, size.height), rows, columns)
    by_label = {look.label: look for look in looks}
    figure = _Figure(spec, samples, style, place, by_label, cell_of(spec, size, inner))
    ground = _ground(figure)
    panels = []
    for index, group in enumerate(groups):
        shown = [path for path in samples.paths if path.optimizer.label in group]
        marks = (*ground.panel.marks, *_path_marks(figure, ground.panel, shown))
        title = Text(group[0], math=False, size="medium") if spec.panels else None
        panels.append(replace(ground.panel, marks=marks, cell=divmod(index, columns), title=title))
    bars = [replace(ground.bar, panel=index) for index in range(len(groups)) if ground.bar is not None]
    if spec.loss:
        panels.append(replace(_loss_panel(figure), cell=divmod(len(groups), columns)))
    is_flat, limits = spec.on != "surface", completed(samples.shared).ground.limits
    return Scene(
        tuple(panels),
        title_of(spec, place.caption),
        size,
        spec.dpi,
        style,
        colour_bars=tuple(bars),
        legend=_legend(figure, ground.markers),
        heading=len(panels) > 1 or spec.panels,
        fill_ratio=view_ratio(spec) if spec.size is None and is_flat else None,
        note=None if is_flat else limits_note(spec, spec.zlim or limits),
    )


# Sizes ----------------------------------------------------------------------------------------------------


def _default_size(spec: Descent, style: Style) -> Inches:
    """Return the width and the height in inches if nobody asks for a size."""
    count = (max(len(spec.optimizers), 1) if spec.panels else 1) + spec.loss
    return _size_of(spec, style, *near_square(count))


def _size_of(spec: Descent, style: Style, rows: int, columns: int) -> Inches:
    """Return the width and the height in inches of a figure with several panels."""
    width = style.size[0] * (1 + _COLUMN_SHARE * (columns - 1))
    cell = width / columns
    if spec.on == "surface":
        height = (1 - BESIDE_SHARE) * cell * _BOX_RATIO
    else:
        _, height = axes_sides(cell, None, view_ratio(spec), has_bar=spec.has_colour_bar)
    height = min(max(height + ABOVE_SHARE * cell, _MIN_PANEL_HEIGHT * cell), _MAX_PANEL_HEIGHT * cell)
    return width, rows * height + _HEADING_SHARE * style.size[1] * (rows * columns > 1)


# Panels ---------------------------------------------------------------------------------------------------


def _ground(figure: _Figure) -> _Ground:
    """Return a panel with what is below the paths."""
    spec, samples, style = figure.spec, figure.samples, figure.style
    if spec.on == "surface":
        return _surface(figure)
    markers = critical_markers(in_view(samples.critical, view_of(spec)), style, is_open=True)
    marks: list[Mark] = [*markers]  # around the ends of paths
    bar = None
    if spec.on == "axes":
        marks += [Rule(axis, 0.0, style.ink, _AXES_WIDTH, "--", 1.0) for axis in ("y", "x")]
    else:
        contours = _contours(figure)
        if isinstance(contours, Contours) and len(contours.levels) > 1 and spec.has_colour_bar:
            bar = ColourBar(0, len(marks), Text(function_label(spec.reading)))
        marks.append(contours)
    panel = plane_panel(spec, samples.points, marks, grid=bool(spec.grid), values=samples.evaluated.drawable)
    return _Ground(panel, markers, bar)


def _contours(figure: _Figure) -> Contours | Label:
    """Return the contours below paths, or a text why there are none."""
    spec, samples, maps = figure.spec, figure.samples, maps_of(figure.style)
    shared, drawn = completed(samples.shared).ground, completed(samples.drawn)
    bands = None
    if shared.levels:
        ticks = most_ticks(shared.levels, figure.style, figure.cell, view_ratio(spec))
        colours = maps.values if spec.filled else maps.lines
        bands = bands_of(shared.levels, shared.values, colours, ticks, filled=spec.filled)
    return contours_of(
        (drawn.points, drawn.values), samples.evaluated.drawable, shared.levels, bands, filled=spec.filled,
        width=_FAINT_CONTOUR_WIDTH, opacity=_CONTOUR_OPACITY,
    )  # fmt: skip


def _surface(figure: _Figure) -> _Ground:
    """Return a box with the surface that paths are on."""
    spec, samples, style = figure.spec, figure.samples, figure.style
    shown = in_view(samples.critical, view_of(spec), spec.zlim)
    markers = critical_markers(shown, style, dimension=3, is_open=True)
    surface = surface_mark(completed(samples.drawn), style)
    data = [mesh_points(surface.mesh, surface.values), *(marker.points for marker in markers)]
    panel = box_panel(spec, style, [surface, *markers], data, completed(samples.shared).ground)
    label = Text(function_label(spec.reading)) if figure.place.is_panel else None
    return _Ground(panel, markers, ColourBar(0, 0, label) if spec.has_colour_bar else None)


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
        yield from path_marks.flat_marks(path, look, style, limits, line=spec.on == "contour")
        yield from path_marks.component_arrows(path, completed(samples.shared).components)


def _loss_panel(figure: _Figure) -> Panel:
    """Return a panel with the values along all paths against the step."""
    spec, axis = figure.spec, completed(figure.samples.shared).loss
    lines = [
        path_marks.value_line(path, path_marks.look_of(path, figure.looks, figure.starts), figure.style)
        for path in figure.samples.paths
    ]
    return Panel(
        Axis(Text("step"), integer=True),
        Axis(limits=(axis.low, axis.high), scale="log" if axis.logarithmic else "linear"),
        marks=tuple(lines),
        box_aspect=_BOX_RATIO if spec.on == "surface" else view_ratio(spec),
        # As a label of the axis it would lie on the panel beside it.
        title=Text(f"{function_label(spec.reading)} at each step", size="medium"),
    )


def depict(spec: Descent, samples: DescentSamples) -> str:
    """Describe the ground of the paths, and their last points."""
    ground = {"contour": "over level lines", "surface": "on the surface", "axes": "beside the axes"}
    return f"paths of optimizers {ground[spec.on]}: {path_ends(samples.paths)}"


# Legend ---------------------------------------------------------------------------------------------------


def _legend(figure: _Figure, markers: Sequence[Markers]) -> Legend | None:
    """Return the legend: inside a panel for few entries in a large figure, else below all panels."""
    spec, style = figure.spec, figure.style
    entries: list[LegendEntry] = []
    if spec.loss or not spec.panels:  # else each panel has its name
        line = spec.loss or spec.on != "axes"
        entries = [path_marks.path_entry(look, style, line=line) for look in figure.looks.values()]
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
        or (spec.size is None and style.size[0] < _NARROW)
        or len(entries) > _FEW_ENTRIES
    )
    if is_below:
        return Legend(tuple(entries))
    return Legend(tuple(entries), "best", len(figure.looks) if explains_values else 0)
