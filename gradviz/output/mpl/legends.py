"""Legends: inside the axes where they cover no line, or else below all axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BESIDE = 5.0  # heights of letters that an entry takes beside its words
_DOT = 0.6  # heights of letters from a legend to the middle of a mark that it does not touch
_AROUND = 0.06  # inches below a legend
_ABOVE = 2_000  # the order of drawing: above paths and marks


def inside_or_below(axes: Any, entries: Sequence[Any], *, grow: bool, **look: Any) -> None:
    """Put a legend where it covers no line of flat axes, or else below all axes; `grow` is as for `below`.

    One of several pictures, whose legends are to stand in the same place, has it below.
    """
    figure = axes.figure
    if getattr(figure, "caption", None):
        below(figure, entries, grow=grow)
        return
    legend = axes.legend(handles=entries, loc="best", **look)
    legend.set_zorder(_ABOVE)
    figure.get_layout_engine().execute(figure)  # the places of lines and legend are those of the picture
    room = _DOT * float(legend.get_texts()[0].get_fontsize()) * figure.dpi / 72
    if _covers(legend.get_window_extent().padded(room), axes.lines):
        legend.remove()
        below(figure, entries, grow=grow)


def below(figure: Figure, entries: Sequence[Any], *, grow: bool) -> None:
    """Put a legend below all axes, in as many columns as fit; `grow` makes the figure as much higher.

    What a part of a figure explains is kept for the legend of all.
    """
    if common := getattr(figure, "common", None):
        common.entries |= {entry.get_label(): entry for entry in entries}
        return
    settings: dict[str, Any] = {"loc": "outside lower center", "fontsize": "small", "frameon": False}
    trial = figure.legend(handles=entries, **settings)
    words = trial.get_texts()
    letter = float(words[0].get_fontsize()) * figure.dpi / 72
    widest = max(text.get_window_extent().width for text in words) + _BESIDE * letter
    trial.remove()
    rows = -(-len(entries) // max(1, int(figure.bbox.width / widest)))
    legend = figure.legend(handles=entries, ncols=-(-len(entries) // rows), **settings)
    if grow:
        height = legend.get_window_extent().height / figure.dpi + _AROUND
        figure.set_figheight(figure.get_figheight() + height)


def _covers(box: Any, lines: Sequence[Any]) -> bool:
    """Tell whether a box covers a part of some lines or one of their points."""
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines]
    return any(
        box.count_contains(path.vertices)
        or (line.get_linestyle() != "None" and path.intersects_bbox(box, filled=False))
        for line, path in zip(lines, paths, strict=True)
    )
