"""A panel in three dimensions as a page that turns: one function a mark."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, components
from gradviz.output.page.contours import levels_bar, levels_of
from gradviz.output.page.labels import texts
from gradviz.output.page.marks import Around, Draw, draw, in_layout, legend, refuse
from gradviz.output.page.traces import (
    Trace,
    axis_layout,
    box_markup,
    coloured,
    coordinates,
    css,
    grouped,
    hover_template,
    line_look,
    marker_look,
    numbers,
    thinned,
    tooltips,
)
from gradviz.scene import marks
from gradviz.scene.scene import Axis, Camera, Panel
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_DISTANCE = 2.1  # of the viewer from the middle of the box, in its sides
_MAX_ELEVATION = 89.0  # degrees: straight from above, no side would be up
_HEIGHT = 0.75  # height of the box to its width
_WIRE_POINTS = 120  # along a wire
_BOX_LINE_POINTS, _BOX_PATH_POINTS = 60_000, 36_000  # of all contours; of all lines
_DOTS = 12_000  # maximum number of points of all markers
_MARKER_LIFT = 0.03  # of the height of the box, from a surface to a marker, which it would else cut in two
_LIFT = 0.004  # of the height of the box, from a surface to a line, which it would else hide in part
_VEILED = 0.68  # opacity of a surface that may hide a line or a plane
_PLANE_OPACITY = 0.6
_LINE_WIDTH = 4  # pixels
_WIRE_WIDTH = 2  # pixels
_PATH_RATIO = 0.6  # size of the markers of paths to those over a plane: they are larger in WebGL
_BOX_SYMBOLS = {
    "v": ("diamond", 1.0), "^": ("circle", 1.0), "X": ("cross", 1.0), "s": ("square", 1.0),
    "o": ("circle", 1.0), "*": ("diamond", 0.55), "D": ("diamond", 1.0),
}  # fmt: skip
"""Names of symbols and their sizes, by Matplotlib's: plotly has few in a box."""


def box_figure(around: Around) -> tuple[list[Trace], Trace]:
    """Return the traces of a box, and its part of the layout."""
    panel, style = around.panel, around.scene.style
    nowhere = {"type": "scatter3d", "x": [None], "y": [None], "z": [None]}
    traces = [*draw(_DRAW_IN_BOX, around), *legend(around.scene, nowhere, _symbol)]
    axes = {
        f"{letter}axis": _axis(axis, pane, panel, style)
        for letter, axis, pane in zip("xyz", (panel.x, panel.y, panel.z), style.panes, strict=True)
        if axis is not None
    }
    aspect = {"aspectmode": "manual", "aspectratio": {"x": 1, "y": 1, "z": _HEIGHT}}
    camera = {} if panel.camera is None else {"camera": _camera(panel.camera)}
    return traces, {
        "scene": {**axes, **aspect, **camera, "dragmode": "turntable"},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "annotations": list(texts(panel, style)),
    }


def _symbol(mark: marks.Markers) -> str:
    name = _BOX_SYMBOLS.get(mark.shape, ("circle", 1.0))[0]
    return name if mark.filled or name == "cross" else f"{name}-open"


def _axis(axis: Axis, pane: tuple[float, float, float, float], panel: Panel, style: Style) -> Trace:
    return {
        **axis_layout(axis, style),
        "title": {"text": box_markup(axis.label or Text(""))},
        "showgrid": panel.grid,
        "showbackground": True,
        "backgroundcolor": css(pane[:3]),
        "showspikes": False,
    }


def _camera(camera: Camera) -> Trace:
    """Return the viewer at the elevation and the azimuth of a camera."""
    elevation = math.radians(max(-_MAX_ELEVATION, min(_MAX_ELEVATION, camera.elevation)))
    azimuth = math.radians(camera.azimuth)
    flat = math.cos(elevation)
    direction = (flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation))
    eye = {letter: round(_DISTANCE * part, 6) for letter, part in zip("xyz", direction, strict=True)}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.15}, "up": {"x": 0, "y": 0, "z": 1}}


# Surfaces -------------------------------------------------------------------------------------------------


def _surface(mark: marks.Surface, around: Around) -> list[Trace]:
    """Return a surface with gaps where the function is undefined, or a sheet in one colour."""
    if mark.scale is None:
        return [_sheet(mark, around)]
    points, values = _thinned(mark)
    x, y = components(points)
    others = (other for other in around.panel.marks if other is not mark)
    veiled = any(isinstance(other, (marks.Lines, marks.Surface)) for other in others)
    look = {
        "lighting": {"ambient": 0.94, "diffuse": 0.12, "specular": 0.02, "roughness": 0.9},
        "opacity": _VEILED if veiled else 1,
        "hovertemplate": hover_template(around.panel, "z"),
        "showlegend": False,
    }
    known = np.isfinite(values)
    name, kind = "surfacecolor", {"type": "surface", "contours": _NO_HIGHLIGHT}
    if not known.all():  # plotly leaves out whole cells of a surface, which would give it jagged edges
        x, y, values = (part[known] for part in (x, y, values))
        corners = zip("ijk", _triangles(known), strict=True)
        name, kind = "intensity", {"type": "mesh3d", **{key: numbers(corner) for key, corner in corners}}
    places = {"x": numbers(x), "y": numbers(y), "z": numbers(values)}
    colours = coloured(name, values, mark.scale, around.scene.style, around.bar_of(mark))
    return [{**kind, **places, **colours, **look}]


_NO_HIGHLIGHT: Trace = {letter: {"highlight": False} for letter in "xyz"}


def _sheet(mark: marks.Surface, around: Around) -> Trace:
    colour, (x, y) = css(mark.colour or around.scene.style.ink), components(mark.mesh)
    return {
        "type": "surface",
        "x": numbers(x),
        "y": numbers(y),
        "z": numbers(mark.values),
        "colorscale": [[0, colour], [1, colour]],
        "showscale": False,
        "opacity": _PLANE_OPACITY,
        "hoverinfo": "skip",
        "contours": _NO_HIGHLIGHT,
        **grouped(mark.group),
    }


def _triangles(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the triangles (3, N) that fill a mesh (n1, n0) where it is known, as indices of known points.

    A cell with one unknown corner is the triangle of the others.
    """
    number = np.cumsum(known).reshape(known.shape) - 1
    around = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None))]
    around += [(slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]
    corners, there = (np.stack([part[place] for place in around]) for part in (number, known))
    whole = corners[:, there.all(axis=0)]
    found = [whole[[0, 1, 2]], whole[[0, 2, 3]]]
    for missing in range(4):
        others = [corner for corner in range(4) if corner != missing]
        found.append(corners[others][:, there[others].all(axis=0) & ~there[missing]])
    return np.concatenate(found, axis=1)


def _thinned(mark: marks.Surface) -> tuple[Floats, Floats]:
    """Return the points and the values of the rows and columns that are drawn."""
    rows, columns = (
        thinned(size, min(size, count)) for size, count in zip(mark.values.shape, mark.counts, strict=True)
    )
    mesh = np.ix_(rows, columns)
    return mark.mesh[mesh], mark.values[mesh]


def _wireframe(mark: marks.Wireframe, around: Around) -> list[Trace]:
    """Return lines along rows and columns of the mesh, with NaN between two."""
    lines = np.concatenate((mark.mesh, mark.values[..., None]), axis=-1)
    rows, columns = map(thinned, mark.values.shape, mark.counts)
    along = [
        thinned(size, _WIRE_POINTS) if count < size else np.arange(size)
        for size, count in zip(mark.values.shape, mark.counts, strict=True)
    ]
    wires = [lines[row][along[1]] for row in rows] + [lines[:, column][along[0]] for column in columns]
    gap = np.full((1, 3), np.nan)
    points = np.concatenate([part for wire in wires for part in (wire, gap)])
    look = {"color": css(mark.colour), "width": _WIRE_WIDTH}
    return [_line(points, look, {"hovertemplate": hover_template(around.panel, "z"), "showlegend": False})]


def _line(points: Floats, look: Trace, more: Trace) -> Trace:
    return {"type": "scatter3d", "mode": "lines", **coordinates(points), "line": look, **more}


# Points, lines and contours -------------------------------------------------------------------------------


def _scatter(mark: marks.Scatter, around: Around) -> list[Trace]:
    look: Trace = {"size": round(mark.size, 1)}
    if mark.values is not None and mark.scale is not None:
        look |= coloured("color", mark.values, mark.scale, around.scene.style, around.bar_of(mark))
    else:
        look["color"] = css(mark.colour or around.scene.style.text)
    more = {"hovertemplate": hover_template(around.panel, "z"), "showlegend": False}
    return [{"type": "scatter3d", "mode": "markers", **coordinates(mark.points), "marker": look, **more}]


def _contours(mark: marks.Contours, around: Around) -> list[Trace]:
    """Return contours at the height of their level, and their colour bar."""
    if mark.filled:
        refuse("filled contours in a box")
    found: list[Trace] = []
    for level in levels_of(mark, _BOX_LINE_POINTS):
        points = np.column_stack((level.points, np.full(len(level.points), level.value)))
        hover = f"f = {level.value:.4g}<extra></extra>"
        look = {"color": level.colour, "width": _LINE_WIDTH}
        found.append(_line(points, look, {"hovertemplate": hover, "showlegend": False}))
    bar = around.bar_of(mark)
    if bar is not None:
        found.append({"type": "scatter3d", "z": [None], **levels_bar(mark, around.scene.style, bar)})
    return found


def _lines(mark: marks.Lines, around: Around) -> list[Trace]:
    """Return a line a little above and a little below a surface, on both sides of which it is visible."""
    if mark.dash == "hidden":  # a part of a line that is whole here, as the box turns
        return []
    points = mark.points if mark.whole is None else mark.whole
    points = points[thinned(len(points), max(2, _BOX_PATH_POINTS // around.count(marks.Lines)))]
    look, more = {**line_look(mark), "width": _LINE_WIDTH}, {**grouped(mark.group), "hoverinfo": "skip"}
    return [_line(points + _up(sign * _LIFT, around), look, more) for sign in (1, -1)]


def _markers(mark: marks.Markers, around: Around) -> list[Trace]:
    """Return markers above a surface: those of paths close to it, ends above the others."""
    points = mark.points if mark.whole is None else mark.whole
    kept = thinned(len(points), max(2, _DOTS // around.count(marks.Markers)))
    on_path = mark.tooltips is not None and mark.tooltips.steps is not None
    lift = _LIFT * (1 if mark.steps else 2) if on_path else _MARKER_LIFT
    ratio = _BOX_SYMBOLS.get(mark.shape, ("circle", 1.0))[1] * (_PATH_RATIO if on_path else 1.0)
    look = {"marker": marker_look(mark, around.scene.style, _symbol(mark), ratio), **grouped(mark.group)}
    if mark.tooltips is None:
        look["hovertemplate"] = hover_template(around.panel, "z")
    else:
        look |= tooltips(around.panel, mark.tooltips, kept)
    lifted = points[kept] + _up(lift, around)
    return [{"type": "scatter3d", "mode": "markers", **coordinates(lifted), **look}]


def _follower(mark: marks.Follower, around: Around) -> list[Trace]:
    return _markers(mark.marker, around)


def _up(share: float, around: Around) -> Floats:
    """Return a vector (3,) upwards as long as a share of the height of the box."""
    axis = around.panel.z
    assert axis is not None  # noqa: S101 - a box has three axes
    assert axis.limits is not None  # noqa: S101 - limits of a box are computed
    return np.array([0.0, 0.0, share * (axis.limits[1] - axis.limits[0])])


_DRAW_IN_BOX: Mapping[type, Draw] = {
    marks.Surface: _surface,
    marks.Wireframe: _wireframe,
    marks.Scatter: _scatter,
    marks.Contours: _contours,
    marks.Lines: _lines,
    marks.Markers: _markers,
    marks.Follower: _follower,
    marks.Label: in_layout,
}
