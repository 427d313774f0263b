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


def add_legend(figure: Figure, panels: Sequence[Axes], legend: Legend, *, grow: bool) -> None:
    """Add a legend in its place; `grow` makes the figure higher by a legend below the panels."""
    handles = [Line2D([], [], label=entry.text.text, **style_of_entry(entry)) for entry in legend.entries]
    match legend.place:
        case "cell":
            _add_in_cell(panels[0], handles, legend)
        case "upper center":
            panels[legend.panel].legend(handles=handles, loc="upper center")
        case "best":
            _add_inside(figure, panels[legend.panel], handles, legend, grow=grow)
        case "below":
            _add_below(figure, handles, grow=grow)


def style_of_entry(entry: LegendEntry) -> Keywords:
    """Return the keyword arguments of the line, the symbol or both of an entry, under a style's settings.

    A colour chosen for an image that can hardly be seen on the page is replaced by that of texts.
    """
    look: Keywords = {"linestyle": "none"}
    if entry.marker is not None:
        look |= style_of_markers(entry.marker)
    if entry.line is not None:
        look |= style_of_line(entry.line)
    if not entry.is_on_page and contrast(look["color"], rcParams["axes.facecolor"]) < VISIBLE:
        look["color"] = rcParams["text.color"]
    return look


def _add_in_cell(first: Axes, handles: Sequence[Line2D], legend: Legend) -> None:
    """Put a legend into a cell of the grid of panels, at the upper right and outside of the layout."""
    axes = first.figure.add_subplot(first.get_subplotspec().get_gridspec()[legend.cell])
    axes.set_axis_off()
    axes.set_box_aspect(1)
    look = {"borderaxespad": 0.0, "borderpad": 0.0, "handlelength": 0.6, "handletextpad": 0.6}
    axes.legend(handles=handles, loc="upper right", frameon=False, **look).set_in_layout(False)


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
