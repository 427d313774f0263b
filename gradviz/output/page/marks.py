"""Marks of a panel as traces of plotly: one function a mark, or one for a plane and one for a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, components
from gradviz.errors import RequestError
from gradviz.output.formats import STILLS
from gradviz.output.page.contours import contour_labels, cut, levels_bar, levels_of
from gradviz.output.page.traces import (
    Trace,
    coloured,
    coordinates,
    css,
    dot_look,
    grouped,
    hover,
    hover_template,
    letter_pixels,
    line_look,
    marker_look,
    markup,
    numbers,
    pixels,
    thinned,
)
from gradviz.sampling.limits import distinct
from gradviz.scene import marks
from gradviz.scene.marks import Mark
from gradviz.scene.scene import Panel, Scene
from gradviz.scene.text import Text

# Maximum numbers of points of all marks of a kind, over a plane and in a box.
_LINE_POINTS, _BOX_LINE_POINTS = 100_000, 60_000  # of contours: some 2 MB
_MOST_POINTS: Mapping[type, tuple[int, int]] = {
    marks.Lines: (30_000, 36_000),
    marks.Markers: (30_000, 12_000),
}

_HOVER_POINTS = 200  # along an axis, at which the pointer shows the value
_WIRE_POINTS = 120  # along a wire
_MARKER_LIFT = 0.03  # of the height of the box, from a surface to a marker, which it would else cut in two
_LIFT = 0.004  # of the height of the box, from a surface to a line, which it would else hide in part
_VEILED = 0.68  # opacity of a surface that may hide a line or a plane
_PLANE_OPACITY = 0.6
_LINE_WIDTH = 4  # pixels
_WIRE_WIDTH = 2  # pixels
_PATH_RATIO = 0.6  # size of the markers of paths to those over a plane: they are larger in WebGL
_STAR_RATIO = 0.55  # size of the diamond that is a star in a box, to that of others
_IN_LAYOUT = (marks.Rule, marks.Label)  # marks that are parts of the layout
_NO_HIGHLIGHT: Trace = {letter: {"highlight": False} for letter in "xyz"}


@dataclass(frozen=True)
class Around:
    """The scene and the panel that a mark belongs to."""

    scene: Scene
    panel: Panel

    @property
    def in_box(self) -> bool:
        """Return whether the panel is a box."""
        return self.panel.z is not None

    @property
    def nowhere(self) -> Trace:
        """A trace without points."""
        letters = "xyz" if self.in_box else "xy"
        return {"type": f"scatter{'3d' * self.in_box}", **{letter: [None] for letter in letters}}

    def trace(self, points: Floats, look: Trace) -> Trace:
        """Return a trace through points (N, 2 or 3): a line, unless its look has another mode."""
        return {**self.nowhere, "mode": "lines", **coordinates(points), **look}

    def drawn(self, mark: marks.Lines | marks.Markers) -> tuple[Floats, NDArray[np.intp]]:
        """Return the points of a mark that are drawn, and their indices among all its points."""
        count = sum(isinstance(other, type(mark)) for other in self.panel.marks)
        most = _MOST_POINTS[type(mark)][self.in_box] // max(1, count)
        points = mark.points if mark.whole is None else mark.whole
        kept = thinned(len(points), max(2, most))
        return points[kept], kept

    def up(self, share: float) -> Floats:
        """Return a vector (3,) upwards as long as a share of the height of the box."""
        assert self.panel.z is not None  # noqa: S101 - a box has three axes
        assert self.panel.z.limits is not None  # noqa: S101 - limits of a box are computed
        low, high = self.panel.z.limits
        return np.array([0.0, 0.0, share * (high - low)])

    def bar_of(self, mark: Mark) -> Text | None:
        """Return the label of the colour bar of a mark, None if it has no bar."""
        for bar in self.scene.colour_bars:
            if self.panel.marks[bar.mark] is mark:
                return bar.label or (self.panel.hover.function if self.panel.hover else Text(""))
        return None


def draw(around: Around) -> Iterator[Trace]:
    """Yield the traces of the marks of a panel, in the order of drawing."""
    table, named = (_IN_BOX if around.in_box else _OVER_PLANE), around.panel.hover
    if named and named.points is not None and named.values is not None and not around.in_box:
        kept = np.ix_(*(thinned(count, _HOVER_POINTS) for count in named.values.shape))
        values = _heat_map(named.points[kept], named.values[kept], around.panel, "z")
        yield values | {"opacity": 0, "showscale": False}  # for the pointer
    for mark in sorted(around.panel.marks, key=_zorder):
        if isinstance(mark, _IN_LAYOUT) or is_arrow(mark):
            continue
        if type(mark) not in table:
            refuse(type(mark).__name__.lower())
        yield from table[type(mark)](mark, around)


def is_arrow(mark: Mark) -> TypeGuard[marks.Arrows]:
    """Return whether a mark is a single arrow, which is an annotation of a page."""
    return isinstance(mark, marks.Arrows) and mark.name == marks.GRADIENT_AT


def legend(around: Around) -> Iterator[Trace]:
    """Yield a trace without points for each legend entry."""
    shown, style = around.scene.legend, around.scene.style
    for entry in shown.entries if shown else ():
        name = markup(entry.text)
        trace = {**around.nowhere, "name": name, "legendgroup": name, "showlegend": True}
        if entry.line is not None:
            trace["line"] = line_look(entry.line)
        if entry.marker is not None:
            trace["marker"] = marker_look(entry.marker, style, in_box=around.in_box)
        elif entry.line is not None and entry.line.markers:
            trace["marker"] = dot_look(entry.line, style)
        modes = [f"{part}s" for part in ("line", "marker") if part in trace]
        yield {**trace, "mode": "+".join(modes) or "none"}


def refuse(name: str) -> NoReturn:
    """Raise RequestError for what no page shows."""
    raise RequestError(f"a page cannot show {name}; write .{', .'.join(STILLS)}")


def _zorder(mark: Mark) -> float:
    match mark:
        case marks.Follower():
            return mark.marker.zorder
        case marks.Contours():
            return mark.zorder if mark.zorder is not None else 1.0 if mark.filled else 2.0
        case marks.Wireframe() | marks.Area() | marks.Label():
            return 1.0
    return mark.zorder


# Lines and points -----------------------------------------------------------------------------------------


def _lines(mark: marks.Lines, around: Around) -> Iterator[Trace]:
    points, kept = around.drawn(mark)
    look = {"opacity": mark.opacity, **grouped(mark.group), **hover(around.panel, mark.tooltips, kept)}
    look["line"] = line_look(mark) | {"simplify": False}  # else plotly draws curves with corners
    if mark.markers:
        look |= {"mode": "lines+markers", "marker": dot_look(mark, around.scene.style)}
    yield around.trace(points, look)


def _lines_in_box(mark: marks.Lines, around: Around) -> Iterator[Trace]:
    """Yield a line a little above and a little below a surface, on both sides of which it is visible."""
    if mark.dash == "hidden":  # a part of a line that is whole here, as the box turns
        return
    points, _ = around.drawn(mark)
    look = {"line": line_look(mark) | {"width": _LINE_WIDTH}, **grouped(mark.group), "hoverinfo": "skip"}
    for share in (_LIFT, -_LIFT):
        yield around.trace(points + around.up(share), look)


def _markers(mark: marks.Markers, around: Around) -> Iterator[Trace]:
    """Yield markers; in a box above the surface: those of paths close to it, ends above the others."""
    points, kept = around.drawn(mark)
    ratio = 1.0
    if around.in_box:
        on_path = mark.tooltips is not None and mark.tooltips.steps is not None
        points = points + around.up(_MARKER_LIFT if not on_path else _LIFT if mark.steps else 2 * _LIFT)
        ratio = (_STAR_RATIO if mark.shape == "*" else 1.0) * (_PATH_RATIO if on_path else 1.0)
    marker = marker_look(mark, around.scene.style, in_box=around.in_box, ratio=ratio)
    look = {"mode": "markers", "marker": marker, **grouped(mark.group)}
    yield around.trace(points, look | hover(around.panel, mark.tooltips, kept))


def _follower(mark: marks.Follower, around: Around) -> Iterator[Trace]:
    yield from _markers(mark.marker, around)


def _scatter(mark: marks.Scatter, around: Around) -> Iterator[Trace]:
    style = around.scene.style
    marker: Trace = {"size": round(mark.size, 1) if around.in_box else letter_pixels(mark.size, style)}
    if mark.values is not None and mark.scale is not None:
        marker |= coloured("color", mark.values, mark.scale, style, around.bar_of(mark))
    else:
        marker["color"] = css(mark.colour or style.text)
    if not mark.filled:
        marker |= {"symbol": "circle-open", "line": {"width": pixels(mark.edge_width)}}
    look = {"mode": "markers", "marker": marker, "showlegend": False, **hover(around.panel)}
    yield around.trace(mark.points, look)


def _area(mark: marks.Area, around: Around) -> Iterator[Trace]:
    outline = np.column_stack((np.append(mark.x, mark.x[::-1]), np.append(mark.low, mark.high[::-1])))
    look = {"fill": "toself", "fillcolor": css(mark.colour), "opacity": mark.opacity, "line": {"width": 0}}
    yield around.trace(outline, {**look, "hoverinfo": "skip", "showlegend": False})


# Contours and images --------------------------------------------------------------------------------------


def _contours(mark: marks.Contours, around: Around) -> Iterator[Trace]:
    """Yield contours or bands, one trace for each level, and their colour bar."""
    width = pixels(mark.width or around.scene.style.line_width)
    opacity = {} if mark.opacity is None else {"opacity": mark.opacity}
    labels = contour_labels(mark, around.panel) if mark.labels else []
    levels, colours = levels_of(mark, _LINE_POINTS)
    for level in levels:
        look: Trace = {"line": {"color": level.colour, "width": width}, **opacity}
        if mark.filled:  # a line of the same colour closes the gap that browsers leave between two areas
            look = {"fill": "toself", "fillcolor": level.colour, "line": {"color": level.colour, "width": 1}}
        look |= {"hoverinfo": "skip", "showlegend": False}
        yield around.trace(cut(level.points, labels), look)
    yield from _levels_bar(mark, colours, around)


def _contours_in_box(mark: marks.Contours, around: Around) -> Iterator[Trace]:
    """Yield contours at the height of their level, and their colour bar."""
    if mark.filled:
        refuse("filled contours in a box")
    levels, colours = levels_of(mark, _BOX_LINE_POINTS)
    for level, text in zip(levels, distinct([level.value for level in levels], 4), strict=True):
        height = level.value if mark.height is None else mark.height
        points = np.column_stack((level.points, np.full(len(level.points), height)))
        look = {"line": {"color": level.colour, "width": _LINE_WIDTH}, "showlegend": False}
        look["hovertemplate"] = f"f = {text}<extra></extra>"
        yield around.trace(points, look)
    yield from _levels_bar(mark, colours, around)


def _levels_bar(mark: marks.Contours, colours: list[str], around: Around) -> Iterator[Trace]:
    label = around.bar_of(mark)
    if label is not None:
        yield around.nowhere | levels_bar(mark, colours, around.scene.style, label)


def _image(mark: marks.Image, around: Around) -> Iterator[Trace]:
    look = coloured("z", mark.values, mark.scale, around.scene.style, around.bar_of(mark))
    look |= {"zmin": look.pop("cmin"), "zmax": look.pop("cmax"), "zsmooth": "best"}
    yield _heat_map(mark.mesh, mark.values, around.panel, "customdata") | look


def _heat_map(mesh: Floats, values: Floats, panel: Panel, name: str) -> Trace:
    """Return values (n1, n0) on a mesh, which the pointer shows from the attribute `name`."""
    x, y = components(mesh)
    return {
        "type": "heatmap",
        "x": numbers(x[0]),
        "y": numbers(y[:, 0]),
        name: numbers(values),
        "showlegend": False,
        "hoverongaps": False,
        "hovertemplate": hover_template(panel, name),
    }


# Surfaces -------------------------------------------------------------------------------------------------


def _surface(mark: marks.Surface, around: Around) -> Iterator[Trace]:
    """Yield a surface with gaps where the function is undefined, or a sheet in one colour."""
    style, points = around.scene.style, _with_heights(mark)
    look: Trace = {"type": "surface", "contours": _NO_HIGHLIGHT}
    if mark.scale is None:
        colour = css(mark.colour or style.ink)
        look |= {"colorscale": [[0, colour], [1, colour]], "showscale": False, "opacity": _PLANE_OPACITY}
        yield {**look, **coordinates(points), "hoverinfo": "skip", **grouped(mark.group)}
        return
    points = points[np.ix_(*map(thinned, mark.values.shape, mark.counts))]
    known, name = np.isfinite(points[..., 2]), "surfacecolor"
    if not known.all():  # plotly leaves out whole cells of a surface, which would give it jagged edges
        corners = zip("ijk", _triangles(known), strict=True)
        look, name = {"type": "mesh3d", **{key: numbers(corner) for key, corner in corners}}, "intensity"
        points = points[known]
    others = (other for other in around.panel.marks if other is not mark)
    veiled = any(isinstance(other, (marks.Lines, marks.Surface)) for other in others)
    look |= {
        "lighting": {"ambient": 0.94, "diffuse": 0.12, "specular": 0.02, "roughness": 0.9},
        "opacity": _VEILED if veiled else 1,
        "showlegend": False,
    }
    look |= coloured(name, points[..., 2], mark.scale, style, around.bar_of(mark))
    yield {**look, **coordinates(points), **hover(around.panel)}


def _with_heights(mark: marks.Surface | marks.Wireframe) -> Floats:
    """Return the points (n1, n0, 3) of a surface."""
    return np.concatenate((mark.mesh, mark.values[..., None]), axis=-1)


def _triangles(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the triangles (3, N) that fill a mesh (n1, n0) where it is known, as indices of known points.

    A cell with one unknown corner is the triangle of the others.
    """
    number = np.cumsum(known).reshape(known.shape) - 1
    corners, there = (
        np.stack([part[:-1, :-1], part[:-1, 1:], part[1:, 1:], part[1:, :-1]]) for part in (number, known)
    )
    whole = corners[:, there.all(axis=0)]
    found = [whole[[0, 1, 2]], whole[[0, 2, 3]]]
    for missing in range(4):
        others = np.delete(np.arange(4), missing)
        found.append(corners[others][:, there[others].all(axis=0) & ~there[missing]])
    return np.concatenate(found, axis=1)


def _wireframe(mark: marks.Wireframe, around: Around) -> Iterator[Trace]:
    """Yield lines along rows and columns of the mesh, with NaN between two."""
    points, shape = _with_heights(mark), mark.values.shape
    rows, columns = map(thinned, shape, mark.counts)
    down, across = (
        thinned(size, _WIRE_POINTS) if count < size else np.arange(size)
        for size, count in zip(shape, mark.counts, strict=True)
    )
    wires = [points[row][across] for row in rows] + [points[:, column][down] for column in columns]
    gap = np.full((1, 3), np.nan)
    line = {"color": css(mark.colour), "width": _WIRE_WIDTH}
    drawn = np.concatenate([part for wire in wires for part in (wire, gap)])
    yield around.trace(drawn, {"line": line, "showlegend": False, **hover(around.panel)})


Draw = Callable[[Any, Around], Iterator[Trace]]  # Any: the function of a mark takes that mark
_ANYWHERE: Mapping[type, Draw] = {
    marks.Markers: _markers,
    marks.Follower: _follower,
    marks.Scatter: _scatter,
}
_OVER_PLANE: Mapping[type, Draw] = {
    **_ANYWHERE,
    marks.Lines: _lines,
    marks.Contours: _contours,
    marks.Image: _image,
    marks.Area: _area,
}
_IN_BOX: Mapping[type, Draw] = {
    **_ANYWHERE,
    marks.Lines: _lines_in_box,
    marks.Contours: _contours_in_box,
    marks.Surface: _surface,
    marks.Wireframe: _wireframe,
}
