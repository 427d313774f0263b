"""Marks in drawing order, colour bars and legends of panels over a plane and in a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from gradviz.errors import RequestError
from gradviz.output.formats import STILLS
from gradviz.output.page.traces import Trace, css, letter_pixels, line_look, marker_look, markup
from gradviz.scene import marks
from gradviz.scene.marks import Mark
from gradviz.scene.scene import Panel, Scene
from gradviz.scene.text import Text

_NAMES: Mapping[type, str] = {
    marks.Arrows: "arrows",
    marks.Streamlines: "streamlines",
    marks.Surface: "surfaces over a plane",
    marks.Wireframe: "wireframes over a plane",
}

Draw = Callable[[Any, "Around"], list[Trace]]  # Any: the function of a mark takes that mark


@dataclass(frozen=True)
class Around:
    """The scene and the panel that a mark belongs to."""

    scene: Scene
    panel: Panel

    def bar_of(self, mark: Mark) -> Text | None:
        """Return the label of the colour bar of a mark, None if it has no bar."""
        for bar in self.scene.colour_bars:
            if self.panel.marks[bar.mark] is mark:
                function = self.panel.hover.function if self.panel.hover else Text("")
                return bar.label or function
        return None

    def count(self, kind: type) -> int:
        """Return the number of marks of a kind in the panel, at least 1."""
        return max(1, sum(isinstance(mark, kind) for mark in self.panel.marks))


def draw(table: Mapping[type, Draw], around: Around) -> Iterator[Trace]:
    """Yield the traces of the marks of a panel, in the order of drawing."""
    for mark in sorted(around.panel.marks, key=_zorder):
        if type(mark) not in table:
            refuse(_NAMES.get(type(mark), type(mark).__name__.lower()))
        yield from table[type(mark)](mark, around)


def in_layout(mark: Mark, around: Around) -> list[Trace]:
    """Return no trace: the mark is a part of the layout."""
    del mark, around
    return []


def legend(scene: Scene, nowhere: Trace, symbol: Callable[[marks.Markers], str]) -> Iterator[Trace]:
    """Yield a trace for each legend entry; `nowhere` has the type of traces, and no point."""
    for entry in scene.legend.entries if scene.legend else ():
        name, style = markup(entry.text), scene.style
        trace = {**nowhere, "name": name, "legendgroup": name, "showlegend": True}
        modes = []
        if entry.line is not None:
            trace["line"] = line_look(entry.line)
            modes.append("lines")
        dots = entry.line.markers if entry.line else 0.0
        if entry.marker is not None:
            trace["marker"] = marker_look(entry.marker, style, symbol(entry.marker))
            modes.append("markers")
        elif entry.line is not None and dots:
            trace["marker"] = {"color": css(entry.line.colour), "size": letter_pixels(dots, style)}
            modes.append("markers")
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
        case marks.Wireframe() | marks.Area():
            return 1.0
        case marks.Label():
            return 3.0
    return mark.zorder
