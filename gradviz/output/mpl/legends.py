"""Legends: inside a panel where they cover no line, or else below all panels."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib import rcParams
from matplotlib.lines import Line2D

from gradviz.output.mpl.colours import VISIBLE, contrast
from gradviz.output.mpl.marks import style_of_line, style_of_markers
from gradviz.output.mpl.types import Artist, Axes, Figure, Keywords
from gradviz.scene.scene import Legend, LegendEntry

_HANDLE_WIDTH = 5.0  # font sizes that an entry takes beside its words
_MARKER_RADIUS = 0.6  # font sizes from a legend to the middle of a marker that does not touch it
_ZORDER = 2_000  # above all marks


def add_legend(figure: Figure, panels: Sequence[Axes], legend: Legend) -> None:
    """Add a legend below all panels or in the upper middle of one."""
    if legend.place == "below":
        _add_below(figure, _handles(legend))
    else:
        panels[legend.panel].legend(handles=_handles(legend), loc="upper center")


def _handles(legend: Legend) -> list[Line2D]:
    """Return the lines and symbols of the entries of a legend."""
    return [Line2D([], [], label=entry.text.text, **style_of_entry(entry)) for entry in legend.entries]


def style_of_entry(entry: LegendEntry) -> Keywords:
    """Return the keyword arguments of the line, the symbol or both of an entry, under a style's settings.

    A colour chosen for an image that can hardly be seen on the page is replaced by that of texts.
    """
    look: Keywords = {"linestyle": "none"}
    if entry.marker is not None:
        look |= style_of_markers(entry.marker)
    if entry.line is not None:
        look |= style_of_line(entry.line)
    own = rcParams["legend.facecolor"]
    page = rcParams["axes.facecolor"] if own == "inherit" else own
    if not entry.is_on_page and contrast(look["color"], page) < VISIBLE:
        look["color"] = rcParams["text.color"]
    return look


def add_in_cell(figure: Figure, legend: Legend) -> Axes:
    """Put a legend into axes of its own, at the upper right, and return these, which the layout places."""
    axes: Axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    look = {"borderaxespad": 0.0, "borderpad": 0.0, "handlelength": 0.6, "handletextpad": 0.6}
    axes.legend(handles=_handles(legend), loc="upper right", frameon=False, **look)
    return axes


def add_inside(figure: Figure, axes: Axes, legend: Legend) -> bool:
    """Put a legend into a panel and return True if it covers no line there, or else below all panels.

    The layout of the panel must be final.
    """
    look = {} if legend.size == "medium" else {"fontsize": legend.size}
    drawn = axes.legend(handles=_handles(legend), loc="best", **look)
    drawn.set_zorder(_ZORDER)
    room = _MARKER_RADIUS * float(drawn.get_texts()[0].get_fontsize()) * figure.dpi / 72
    box = drawn.get_window_extent()
    if not _covers(box.padded(room), axes.lines):
        drawn.set_loc(
            tuple(axes.transAxes.inverted().transform(box.min).tolist())
        )  # else it is looked for again
        return True
    drawn.remove()
    _add_below(figure, _handles(legend))
    return False


def _add_below(figure: Figure, handles: Sequence[Line2D]) -> None:
    """Put a legend below all panels, in as many columns as fit; the layout places it."""
    settings: Keywords = {"loc": "lower center", "fontsize": "small", "frameon": False, "borderaxespad": 0.0}
    trial = figure.legend(handles=handles, **settings)
    words = trial.get_texts()
    letter = float(words[0].get_fontsize()) * figure.dpi / 72
    widest = max(text.get_window_extent().width for text in words) + _HANDLE_WIDTH * letter
    trial.remove()
    rows = -(-len(handles) // max(1, int(figure.bbox.width / widest)))
    figure.legend(handles=handles, ncols=-(-len(handles) // rows), **settings)


def _covers(box: Artist, lines: Sequence[Artist]) -> bool:
    """Return whether a box covers a part of a line or one of its points."""
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
    return any(
        box.count_contains(path.vertices)
        or (line.get_linestyle() != "None" and path.intersects_bbox(box, filled=False))
        for line, path in zip(lines, paths, strict=True)
    )
