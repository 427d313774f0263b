"""The panels of a sweep as a grid, placed by arithmetic on the size of the texts around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib import rcParams

from gradviz.output.mpl.axes import strip_box
from gradviz.output.mpl.draw import Drawn, add_colour_bar
from gradviz.output.mpl.types import Artist, Axes, Figure
from gradviz.scene.scene import Scene

_PAD = 0.07  # inches, at the border of a figure
_HEADING_DISTANCE = 0.8  # font sizes, from a heading to the titles of panels
_GAP = 1.0  # font sizes, between panels and beside a colour bar
_BAR_WIDTH = 1.3  # font sizes
_BAR_SHARE = 0.7  # of the height of one row of boxes: their colour bar
_TALLEST = 1.25  # height to width of a panel, at most
_BOX_RATIO, _FLAT_RATIO = 0.82, 0.75  # height to width of panels in three and in two dimensions
_SMALLEST = 0.05  # inches: a panel in a figure that has no room for it


def lay_out(figure: Figure, scene: Scene, drawn: Sequence[Drawn]) -> None:
    """Place panels in rows, a colour bar beside them, and texts above and below.

    A figure whose size nobody asked for gets the height that this takes; in others panels are as large as
    fits. Matplotlib's own layouts measure all texts of all panels several times.
    """
    panels = [one.axes for one in drawn]
    for axes in panels:
        if axes.name == "3d":
            axes.patch.set_visible(False)  # which would cover the label of z in the panel before
            if scene.note is not None:  # which has the limits in place of numbers at each box
                strip_box(axes)
    bar = note = None
    if scene.colour_bars:
        bar = figure.add_axes((0.9, 0.1, 0.05, 0.8))
        add_colour_bar(figure, drawn, scene.colour_bars[0], cax=bar)
    if scene.note is not None:
        note = figure.text(0.5, 0.0, scene.note.text, ha="center", va="bottom", size="medium")
    columns = panels[0].get_subplotspec().get_gridspec().ncols
    for _ in range(2):  # how far numbers reach depends on the ticks, and so on the size of panels
        _place(figure, panels, columns, bar, note, grow=not scene.size.is_asked)


def _place(
    figure: Figure, panels: Sequence[Axes], columns: int, bar: Artist, note: Artist, *, grow: bool
) -> None:
    """Place all for the figure's width, and its height or, with `grow`, the one that panels need.

    Lengths are in inches. Each panel has as much room around it as its texts take.
    """
    letter, ratio, rows = rcParams["font.size"] / 72, _ratio(panels[0]), -(-len(panels) // columns)
    around, across, down = _margins(panels, columns, letter)
    heading = figure._suptitle  # noqa: SLF001 - Matplotlib gives its text alone
    above = _height(heading) + _HEADING_DISTANCE * letter + _PAD
    legend = sum(map(_height, figure.legends)) + _PAD
    below = legend + (_height(note) + _GAP * letter if note else 0.0)
    beside = (_BAR_WIDTH + _GAP) * letter + _reach(bar).right if bar else 0.0
    wide, high = figure.get_size_inches().tolist()
    left, right = around.left + _PAD, around.right + beside + _PAD
    width = (wide - left - right - across * (columns - 1)) / columns
    width = min(width, _TALLEST * width / ratio)
    outer = above + around.above + around.below + below + down * (rows - 1)
    if grow:
        high = outer + rows * width * ratio
        figure.set_figheight(high)
    width = max(min(width, (high - outer) / rows / ratio), _SMALLEST)
    height = width * ratio
    block = columns * width + (columns - 1) * across
    left += max(0.0, (wide - left - right - block) / 2)
    top = high - above - around.above
    for place, axes in enumerate(panels):
        row, column = divmod(place, columns)
        x = left + column * (width + across)
        y = top - (row + 1) * height - row * down
        axes.set_position((x / wide, y / high, width / wide, height / high))
    if bar:
        bottom = top - rows * height - (rows - 1) * down
        size = (top - bottom) * (_BAR_SHARE if panels[0].name == "3d" and rows == 1 else 1.0)
        x = left + block + around.right + _GAP * letter
        y = (bottom + top - size) / 2
        bar.set_position((x / wide, y / high, _BAR_WIDTH * letter / wide, size / high))
    if note:
        note.set(x=(left + block / 2) / wide, y=legend / high)
    heading.set(x=(left + block / 2) / wide, y=1 - _PAD / high, va="top")


class Reach(NamedTuple):
    """The distances that texts reach beyond axes, in inches."""

    left: float
    right: float
    above: float
    below: float


def _margins(panels: Sequence[Axes], columns: int, letter: float) -> tuple[Reach, float, float]:
    """Return the reach of texts beyond the outer panels, and the distances of panels across and down.

    Flat panels have labels and numbers at the outer edges alone, so that few of them are measured.
    """
    if panels[0].name == "3d":
        most = Reach(*map(max, zip(*map(_reach, panels), strict=True)))
        return most, most.left + most.right, most.above + most.below + _GAP / 2 * letter
    first = [_reach(axes) for axes in panels[::columns]]
    last = [_reach(axes) for axes in panels[-columns:]]
    left, right = max(reach.left for reach in first), max(reach.right for reach in last)
    around = Reach(left, right, first[0].above, max(reach.below for reach in last))
    places = range(len(panels) - len(last), len(panels))
    inner = [reach.left + reach.right for place, reach in zip(places, last, strict=True) if place % columns]
    down = around.above + _GAP * letter
    full, others = divmod(len(panels), columns)
    if full and others:  # the row above the last has numbers, too
        down += _reach(panels[columns * full - 1]).below
    return around, max(inner, default=0.0) + _GAP * letter, down


def _reach(axes: Axes) -> Reach:
    whole, inner, dpi = axes.get_tightbbox(), axes.get_window_extent(), axes.figure.dpi
    return Reach(
        (inner.x0 - whole.x0) / dpi,
        (whole.x1 - inner.x1) / dpi,
        (whole.y1 - inner.y1) / dpi,
        (inner.y0 - whole.y0) / dpi,
    )


def _height(artist: Artist) -> float:
    """Return the height of an artist in inches."""
    return float(artist.get_window_extent().height / artist.figure.dpi)


def _ratio(axes: Axes) -> float:
    """Return the height of axes to their width."""
    if axes.name == "3d":
        return _BOX_RATIO
    if axes.get_aspect() != "auto":
        return float(axes.get_data_ratio())
    return float(axes.get_box_aspect() or _FLAT_RATIO)
