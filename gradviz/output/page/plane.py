"""A panel over a plane as a page that zooms: one function a mark."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gradviz.arrays import components
from gradviz.output.page.contours import levels_bar, levels_of
from gradviz.output.page.labels import contour_labels, texts
from gradviz.output.page.marks import Around, Draw, draw, in_layout, legend
from gradviz.output.page.traces import (
    Trace,
    axis_layout,
    coloured,
    coordinates,
    css,
    grouped,
    hover_template,
    letter_pixels,
    line_look,
    marker_look,
    markup,
    numbers,
    pixels,
    thinned,
    tooltips,
)
from gradviz.scene import marks
from gradviz.scene.scene import Axis, Panel
from gradviz.scene.style import Style

_HOVER_POINTS = 200  # along an axis, at which the pointer shows the value
_LINE_POINTS = 100_000  # of all contours: some 2 MB
_PATH_POINTS = 30_000  # maximum number of points of a line
_SYMBOLS = {
    "v": "triangle-down", "^": "triangle-up", ">": "triangle-right", "<": "triangle-left", "X": "x",
    "s": "square", "o": "circle", "*": "star", "D": "diamond",
}  # fmt: skip
"""Names of symbols, by Matplotlib's."""


def plane_figure(around: Around) -> tuple[list[Trace], Trace]:
    """Return the traces of a panel over a plane, and its part of the layout."""
    panel, style = around.panel, around.scene.style
    nowhere = {"type": "scatter", "x": [None], "y": [None]}
    traces = [*_values_at_pointer(panel), *draw(_DRAW, around), *legend(around.scene, nowhere, _symbol)]
    shapes = [_rule(mark) for mark in panel.marks if isinstance(mark, marks.Rule)]
    x, y = _axis(panel.x, panel, style), _axis(panel.y, panel, style)
    if panel.aspect == "equal":
        x |= {"constrain": "domain"}
        y |= {"constrain": "domain", "scaleanchor": "x", "scaleratio": 1}
    return traces, {
        "xaxis": x,
        "yaxis": y,
        "margin": {"l": 64, "r": 24, "t": 36, "b": 56},
        "dragmode": "pan",
        "annotations": list(texts(panel, style)),
        **({"shapes": shapes} if shapes else {}),
    }


def _symbol(mark: marks.Markers) -> str:
    return _SYMBOLS.get(mark.shape, "circle") + ("" if mark.filled else "-open")


def _axis(axis: Axis, panel: Panel, style: Style) -> Trace:
    look = {"showline": True, "mirror": True, "ticks": "outside", "showgrid": panel.grid}
    title = {"title": {"text": markup(axis.label), "standoff": 8}} if axis.label else {}
    return {**axis_layout(axis, style), **look, **title}


def _values_at_pointer(panel: Panel) -> list[Trace]:
    """Return an invisible heat map of values, which the pointer shows."""
    hover = panel.hover
    if hover is None or hover.points is None or hover.values is None:
        return []
    rows, columns = (thinned(count, _HOVER_POINTS) for count in hover.values.shape)
    x, y = components(hover.points)
    return [
        {
            "type": "heatmap",
            "x": numbers(x[0, columns]),
            "y": numbers(y[rows, 0]),
            "z": numbers(hover.values[np.ix_(rows, columns)]),
            "opacity": 0,
            "showscale": False,
            "showlegend": False,
            "hoverongaps": False,
            "hovertemplate": hover_template(panel, "z"),
        }
    ]


# Marks ----------------------------------------------------------------------------------------------------


def _lines(mark: marks.Lines, around: Around) -> list[Trace]:
    points = mark.points if mark.whole is None else mark.whole
    kept = thinned(len(points), max(2, _PATH_POINTS // around.count(marks.Lines)))
    line = line_look(mark) | {"simplify": False}  # else plotly draws curves with corners
    look: Trace = {"line": line, "mode": "lines", "opacity": mark.opacity, **grouped(mark.group)}
    if mark.markers:
        size = letter_pixels(mark.markers, around.scene.style)
        look |= {"mode": "lines+markers", "marker": {"color": css(mark.colour), "size": size}}
    if mark.tooltips is None:
        look["hovertemplate"] = hover_template(around.panel, None)
    else:
        look |= tooltips(around.panel, mark.tooltips, kept)
    return [{"type": "scatter", **coordinates(points[kept]), **look}]


def _markers(mark: marks.Markers, around: Around) -> list[Trace]:
    points = mark.points if mark.whole is None else mark.whole
    kept = thinned(len(points), max(2, _PATH_POINTS // around.count(marks.Markers)))
    look = {"mode": "markers", "marker": marker_look(mark, around.scene.style, _symbol(mark))}
    if mark.tooltips is None:
        look["hovertemplate"] = hover_template(around.panel, None)
    else:
        look |= tooltips(around.panel, mark.tooltips, kept)
    return [{"type": "scatter", **coordinates(points[kept]), **look, **grouped(mark.group)}]


def _follower(mark: marks.Follower, around: Around) -> list[Trace]:
    return _markers(mark.marker, around)


def _scatter(mark: marks.Scatter, around: Around) -> list[Trace]:
    style = around.scene.style
    marker: Trace = {"size": letter_pixels(mark.size, style)}
    if mark.values is not None and mark.scale is not None:
        marker |= coloured("color", mark.values, mark.scale, style, around.bar_of(mark))
    else:
        marker["color"] = css(mark.colour or style.text)
    if not mark.filled:
        marker |= {"symbol": "circle-open", "line": {"width": pixels(mark.edge_width)}}
    look = {"mode": "markers", "marker": marker, "showlegend": False}
    return [
        {
            "type": "scatter",
            **coordinates(mark.points),
            **look,
            "hovertemplate": hover_template(around.panel, None),
        }
    ]


def _contours(mark: marks.Contours, around: Around) -> list[Trace]:
    """Return contours or bands, one trace for each level, and their colour bar."""
    found: list[Trace] = []
    labels = contour_labels(mark, around.panel) if mark.labels else None
    for level in levels_of(mark, _LINE_POINTS):
        points = labels.cut(level.points) if labels else level.points
        look: Trace = {
            "line": {"color": level.colour, "width": pixels(mark.width or around.scene.style.line_width)}
        }
        if mark.opacity is not None:
            look["opacity"] = mark.opacity
        if mark.filled:  # a line of the same colour closes the gap that browsers leave between two areas
            look = {"fill": "toself", "fillcolor": level.colour, "line": {"color": level.colour, "width": 1}}
        found.append({"mode": "lines", **coordinates(points), "hoverinfo": "skip", **look})
    bar = around.bar_of(mark)
    found += [levels_bar(mark, around.scene.style, bar)] if bar is not None else []
    return [{"type": "scatter", "showlegend": False, **trace} for trace in found]


def _image(mark: marks.Image, around: Around) -> list[Trace]:
    x, y = components(mark.mesh)
    look = coloured("z", mark.values, mark.scale, around.scene.style, around.bar_of(mark))
    look |= {"zmin": look.pop("cmin"), "zmax": look.pop("cmax"), "zsmooth": "best", "showlegend": False}
    hover = {"customdata": numbers(mark.values), "hovertemplate": hover_template(around.panel, "customdata")}
    return [
        {"type": "heatmap", "x": numbers(x[0]), "y": numbers(y[:, 0]), **look, **hover, "hoverongaps": False}
    ]


def _area(mark: marks.Area, around: Around) -> list[Trace]:
    del around
    outline = np.column_stack((np.append(mark.x, mark.x[::-1]), np.append(mark.low, mark.high[::-1])))
    look = {"fill": "toself", "fillcolor": css(mark.colour), "opacity": mark.opacity, "line": {"width": 0}}
    hidden = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return [{"type": "scatter", **coordinates(outline), **hidden, **look}]


def _rule(mark: marks.Rule) -> Trace:
    """Return a line across the panel as a shape."""
    along, across = (mark.axis, "y" if mark.axis == "x" else "x")
    line = line_look(marks.Lines(np.empty((0, 2)), mark.colour, mark.width, mark.dash))
    return {
        "type": "line",
        "layer": "below",
        "line": line,
        f"{along}ref": along,
        f"{along}0": mark.at,
        f"{along}1": mark.at,
        f"{across}ref": "paper",
        f"{across}0": 0,
        f"{across}1": 1,
    }


_DRAW: Mapping[type, Draw] = {
    marks.Lines: _lines,
    marks.Rule: in_layout,
    marks.Markers: _markers,
    marks.Follower: _follower,
    marks.Scatter: _scatter,
    marks.Contours: _contours,
    marks.Image: _image,
    marks.Area: _area,
    marks.Label: in_layout,
}
