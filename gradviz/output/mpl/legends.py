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
_MARGIN = 0.06  # inches below a legend
_ZORDER = 2_000  # above all marks


def add_legend(figure: Figure, axes: Axes, legend: Legend, *, grow: bool) -> None:
    """Add a legend inside axes or below all panels; `grow` makes the figure higher by a legend below."""
    handles = [_handle(entry) for entry in legend.entries]
    if legend.place == "upper center":
        axes.legend(handles=handles, loc="upper center")
    elif legend.place == "best":
        _add_inside(figure, axes, handles, legend, grow=grow)
    else:
        _add_below(figure, handles, grow=grow)


def add_legend_in_cell(panel: Axes, legend: Legend) -> None:
    """Add a legend in a cell of the grid of a panel, at the upper right and outside of the layout."""
    axes = panel.figure.add_subplot(panel.get_subplotspec().get_gridspec()[legend.cell])
    axes.set_axis_off()
    axes.set_box_aspect(1)
    handles = [_handle(entry) for entry in legend.entries]
    look = {"borderaxespad": 0.0, "borderpad": 0.0, "handlelength": 0.6, "handletextpad": 0.6}
    axes.legend(handles=handles, loc="upper right", frameon=False, **look).set_in_layout(False)


def style_of_entry(entry: LegendEntry) -> Keywords:
    """Return the keyword arguments of the line, the symbol or both of an entry, under a style's settings."""
    look: Keywords = {"linestyle": "none"}
    if entry.marker is not None:
        look |= style_of_markers(entry.marker)
    if entry.line is not None:
        look |= style_of_line(entry.line)
    return look if entry.is_on_page else {**look, "color": _visible(look["color"])}


def _handle(entry: LegendEntry) -> Line2D:
    return Line2D([], [], label=entry.text.text, **style_of_entry(entry))


def _visible(colour: str) -> str:
    """Return a colour, or that of texts if it can hardly be seen on the page."""
    page: str = rcParams["axes.facecolor"]
    return colour if contrast(colour, page) >= VISIBLE else str(rcParams["text.color"])


def _add_inside(figure: Figure, axes: Axes, handles: Sequence[Line2D], legend: Legend, *, grow: bool) -> None:
    """Put a legend where it covers no line of flat axes, or else below all panels."""
    look = {} if legend.size == "medium" else {"fontsize": legend.size}
    drawn = axes.legend(handles=handles, loc="best", **look)
    drawn.set_zorder(_ZORDER)
    figure.get_layout_engine().execute(figure)  # the places of lines and legend are those of the picture
    room = _MARKER_RADIUS * float(drawn.get_texts()[0].get_fontsize()) * figure.dpi / 72
    if _covers(drawn.get_window_extent().padded(room), axes.lines):
        drawn.remove()
        _add_below(figure, handles, grow=grow)


def _add_below(figure: Figure, handles: Sequence[Line2D], *, grow: bool) -> None:
    """Put a legend below all panels, in as many columns as fit."""
    settings: Keywords = {"loc": "outside lower center", "fontsize": "small", "frameon": False}
    trial = figure.legend(handles=handles, **settings)
    words = trial.get_texts()
    letter = float(words[0].get_fontsize()) * figure.dpi / 72
    widest = max(text.get_window_extent().width for text in words) + _HANDLE_WIDTH * letter
    trial.remove()
    rows = -(-len(handles) // max(1, int(figure.bbox.width / widest)))
    drawn = figure.legend(handles=handles, ncols=-(-len(handles) // rows), **settings)
    if grow:
        height = drawn.get_window_extent().height / figure.dpi + _MARGIN
        figure.set_figheight(figure.get_figheight() + height)


def _covers(box: Artist, lines: Sequence[Artist]) -> bool:
    """Return whether a box covers a part of a line or one of its points."""
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
    return any(
        box.count_contains(path.vertices)
        or (line.get_linestyle() != "None" and path.intersects_bbox(box, filled=False))
        for line, path in zip(lines, paths, strict=True)
    )
