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
from gradviz.sampling.descent import DescentSamples, drawn_of, shared_of
from gradviz.sampling.fields import box_of
from gradviz.sampling.visibility import viewer_of
from gradviz.scene.marks import Contours, Label, Mark, Markers, Rule
from gradviz.scene.scene import Axis, ColourBar, Legend, LegendEntry, Panel, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.descent import Descent
from gradviz.specs.panels import ABOVE_SHARE, BESIDE_SHARE, axes_sides, near_square
from gradviz.specs.plane import view_of, view_ratio

_CONTOUR_WIDTH = 0.9  # points: contours below paths
_CONTOUR_OPACITY = 0.75
_AXES_WIDTH = 1.2  # points: the two lines through 0
_BOX_RATIO = 0.8  # height to width of a panel with a surface, or beside one
_COLUMN_SHARE = 0.62  # width of each column after the first, as a share of that of the figure
_MIN_HEIGHT, _MAX_HEIGHT = 0.42, 1.25  # of a panel, as a share of its width
_HEADING_SHARE = 0.1  # height of the title above several panels, as a share of that of the figure
_NARROW = 5.0  # inches: the legend of a narrower figure is below it
_FEW_ENTRIES = 4  # of a legend inside a panel


@dataclass(frozen=True)
class _Ground:
    """What is below the paths of a panel."""

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
    looks = {look.label: look for look in path_marks.path_looks(names, style)}
    if spec.panels and not spec.loss:  # one colour will do where each panel has one optimizer
        looks = {name: path_marks.path_looks([name], style)[0] for name in names}
    inner = place if place.is_panel else Place((size.width, size.height), rows, columns, place.caption)
    ground = _ground(spec, samples, style, place, cell_of(spec, size, inner))
    panels = []
    for index, group in enumerate(groups):
        shown = [path for path in samples.paths if path.optimizer.label in group]
        marks = (*ground.panel.marks, *_path_marks(spec, samples, style, ground.panel, shown, looks))
        title = Text(group[0], math=False, size="medium") if spec.panels else None
        panels.append(replace(ground.panel, marks=marks, cell=divmod(index, columns), title=title))
    bars = tuple(replace(ground.bar, panel=index) for index in range(len(groups)) if ground.bar is not None)
    if spec.loss:
        panels.append(_loss_panel(spec, samples, style, looks, divmod(len(groups), columns)))
    is_flat, limits = spec.on != "surface", shared_of(samples).ground.limits
    return Scene(
        tuple(panels),
        title_of(spec, place.caption),
        size,
        spec.dpi,
        style,
        colour_bars=bars,
        legend=_legend(spec, samples, style, place, ground.markers, looks),
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
    height = min(max(height + ABOVE_SHARE * cell, _MIN_HEIGHT * cell), _MAX_HEIGHT * cell)
    return width, rows * height + _HEADING_SHARE * style.size[1] * (rows * columns > 1)


# Panels ---------------------------------------------------------------------------------------------------


def _ground(
    spec: Descent, samples: DescentSamples, style: Style, place: Place, cell: tuple[float, float | None]
) -> _Ground:
    """Return a panel in a cell of some width and height with what is below the paths."""
    if spec.on == "surface":
        return _surface(spec, samples, style, place)
    markers = critical_markers(in_view(samples.ground.critical, view_of(spec)), style, is_open=True)
    marks: list[Mark] = [*markers]  # around the ends of paths
    bar = None
    if spec.on == "axes":
        marks += [Rule(axis, 0.0, style.ink, _AXES_WIDTH, "--", 1.0) for axis in ("y", "x")]
    else:
        contours = _contours(spec, samples, style, cell)
        if isinstance(contours, Contours) and len(contours.levels) > 1 and spec.has_colour_bar:
            bar = ColourBar(0, len(marks), Text(function_label(spec.reading)))
        marks.append(contours)
    panel = plane_panel(spec, samples.points, marks, grid=bool(spec.grid))
    return _Ground(panel, markers, bar)


def _contours(
    spec: Descent, samples: DescentSamples, style: Style, cell: tuple[float, float | None]
) -> Contours | Label:
    """Return the contours below paths, or a text why there are none."""
    shared, drawn, maps = shared_of(samples).ground, drawn_of(samples), maps_of(style)
    levels, bands = shared.levels, None
    if levels:
        ticks = most_ticks(levels, style, cell, view_ratio(spec))
        colours = maps.values if spec.filled else maps.lines
        bands = bands_of(levels, shared.values, colours, ticks, filled=spec.filled)
    return contours_of(
        (drawn.points, drawn.values), samples.ground.mesh.drawable, levels, bands, filled=spec.filled,
        width=_CONTOUR_WIDTH, opacity=_CONTOUR_OPACITY,
    )  # fmt: skip


def _surface(spec: Descent, samples: DescentSamples, style: Style, place: Place) -> _Ground:
    """Return a box with the surface that paths are on."""
    shown = in_view(samples.ground.critical, view_of(spec), spec.zlim)
    markers = critical_markers(shown, style, dimension=3, is_open=True)
    surface = surface_mark(drawn_of(samples), style)
    data = [mesh_points(surface.mesh, surface.values), *(marker.points for marker in markers)]
    panel = box_panel(spec, style, [surface, *markers], data, shared_of(samples).ground)
    label = Text(function_label(spec.reading)) if place.is_panel else None
    return _Ground(panel, markers, ColourBar(0, 0, label) if spec.has_colour_bar else None)


def _path_marks(
    spec: Descent,
    samples: DescentSamples,
    style: Style,
    panel: Panel,
    paths: Sequence[Path],
    looks: Mapping[str, PathLook],
) -> Iterator[Mark]:
    """Yield the marks of some paths on a panel, with components of their updates if asked for."""
    view = np.array([axis.limits for axis in (panel.x, panel.y, panel.z) if axis is not None]).T
    if panel.camera is not None:
        camera = panel.camera
        viewer = viewer_of(camera.elevation, camera.azimuth, camera.zoom, view)
        box = np.column_stack((box_of(spec), view[:, 2]))
        for path in paths:  # dashes of starts would be mistaken for hidden parts
            look, field = looks[path.optimizer.label], samples.ground.mesh.field
            yield from path_marks.surface_marks(path, look, style, field, viewer, box)
        return
    starts = _dashed_starts(spec, samples)
    for path in paths:
        look = path_marks.look_of(path, looks, starts)
        yield from path_marks.flat_marks(path, look, style, view, line=spec.on == "contour")
        yield from path_marks.component_arrows(path, shared_of(samples).components)


def _loss_panel(
    spec: Descent,
    samples: DescentSamples,
    style: Style,
    looks: Mapping[str, PathLook],
    cell: tuple[int, int],
) -> Panel:
    """Return a panel with the values along all paths against the step."""
    starts, axis = _dashed_starts(spec, samples), shared_of(samples).loss
    lines = [
        path_marks.value_line(path, path_marks.look_of(path, looks, starts), style) for path in samples.paths
    ]
    return Panel(
        Axis(Text("step"), integer=True),
        Axis(limits=(axis.low, axis.high), scale="log" if axis.logarithmic else "linear"),
        marks=tuple(lines),
        cell=cell,
        box_aspect=_BOX_RATIO if spec.on == "surface" else view_ratio(spec),
        # As a label of the axis it would lie on the panel beside it.
        title=Text(f"{function_label(spec.reading)} at each step", size="medium"),
    )


def _dashed_starts(spec: Descent, samples: DescentSamples) -> list[tuple[float, ...]]:
    """Return the starts that dashes distinguish: beside lines of values, which begin at no point."""
    return path_marks.dashed_starts(samples.paths) if spec.loss else []


# Legend ---------------------------------------------------------------------------------------------------


def _legend(
    spec: Descent,
    samples: DescentSamples,
    style: Style,
    place: Place,
    markers: Sequence[Markers],
    looks: Mapping[str, PathLook],
) -> Legend | None:
    """Return the legend: inside a panel for few entries in a large figure, else below all panels."""
    entries: list[LegendEntry] = []
    if spec.loss or not spec.panels:  # else each panel has its name
        line = spec.loss or spec.on != "axes"
        entries = [path_marks.path_entry(look, style, line=line) for look in looks.values()]
    named = len(entries)
    entries += path_marks.start_entries(_dashed_starts(spec, samples), style)
    entries += legend_entries(markers)
    entries += path_marks.component_entries(shared_of(samples).components)
    if not entries:
        return None
    explains_values = spec.panels and spec.loss
    of_all = spec.anatomy is not None or (spec.panels and len(entries) > named)
    of_all = of_all or (spec.on == "surface" and not explains_values) or place.caption is not None
    is_small = spec.size is None and style.size[0] < _NARROW
    if of_all or is_small or len(entries) > _FEW_ENTRIES:
        return Legend(tuple(entries))
    panel = len(looks) if explains_values else 0
    return Legend(tuple(entries), "best", panel)
