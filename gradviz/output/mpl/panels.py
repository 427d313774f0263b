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


def lay_out(figure: Figure, scene: Scene, drawn: Drawn) -> None:
    """Place panels in rows, a colour bar beside them, and texts above and below.

    A figure whose size nobody asked for gets the height that this takes; in others panels are as large as
    fits. Matplotlib's own layouts measure all texts of all panels several times.
    """
    columns = 1 + max(panel.cell[1] for panel in scene.panels)
    for axes in drawn.axes:
        if axes.name == "3d":
            axes.patch.set_visible(False)  # which would cover the label of z in the panel before
            if scene.note is not None:  # which has the limits in place of numbers at each box
                strip_box(axes)
    bar = None
    if scene.colour_bars:
        bar = figure.add_axes((0.9, 0.1, 0.05, 0.8))
        add_colour_bar(figure, scene, drawn, scene.colour_bars[0], cax=bar)
    note = None
    if scene.note is not None:
        note = figure.text(0.5, 0.0, scene.note.text, ha="center", va="bottom", size="medium")
    grid = Grid(drawn.axes, columns, bar, note)
    for _ in range(2):  # how far numbers reach depends on the ticks, and so on the size of panels
        grid.place(figure, grow=not scene.size.is_asked)


class Grid:
    """The places of panels in inches, each with as much room around it as its texts take."""

    def __init__(self, axes: Sequence[Artist], columns: int, scale: Artist, note: Artist) -> None:
        self.axes = list(axes)
        self.columns, self.rows = columns, -(-len(axes) // columns)
        self.scale, self.note = scale, note
        self.solid = self.axes[0].name == "3d"
        self.ratio = _ratio(self.axes[0])

    def place(self, figure: Figure, *, grow: bool) -> None:
        """Place all panels for the figure's width, and its height or, with `grow`, the one that they need."""
        letter = _letter()
        around, between = self._around(figure.dpi), self._between(figure.dpi, letter)
        heading, legends = figure._suptitle, figure.legends  # noqa: SLF001 - Matplotlib gives its text alone
        above = heading.get_window_extent().height / figure.dpi + _HEADING_DISTANCE * letter + _PAD
        legend = sum(legend.get_window_extent().height for legend in legends) / figure.dpi + _PAD
        told = self.note.get_window_extent().height / figure.dpi if self.note else 0.0
        below = legend + (told + _GAP * letter if told else 0.0)
        beside = (
            (_BAR_WIDTH + _GAP) * letter + self._reach(self.scale, figure.dpi).right if self.scale else 0.0
        )
        wide, high = figure.get_size_inches().tolist()
        left, right = around.left + _PAD, around.right + beside + _PAD
        width = (wide - left - right - between[0] * (self.columns - 1)) / self.columns
        width = min(width, _TALLEST * width / self.ratio)
        outer = above + around.above + around.below + below + between[1] * (self.rows - 1)
        if grow:
            high = outer + self.rows * width * self.ratio
            figure.set_figheight(high)
        width = max(min(width, (high - outer) / self.rows / self.ratio), _SMALLEST)
        height = width * self.ratio
        block = self.columns * width + (self.columns - 1) * between[0]
        left += max(0.0, (wide - left - right - block) / 2)
        top = high - above - around.above
        for place, axes in enumerate(self.axes):
            row, column = divmod(place, self.columns)
            x = left + column * (width + between[0])
            y = top - (row + 1) * height - row * between[1]
            axes.set_position((x / wide, y / high, width / wide, height / high))
        if self.scale:
            bottom, whole = top - self.rows * height - (self.rows - 1) * between[1], top
            shrunk = _BAR_SHARE if self.solid and self.rows == 1 else 1.0
            size = shrunk * (whole - bottom)
            x = left + block + around.right + _GAP * letter
            y = (bottom + whole - size) / 2
            self.scale.set_position((x / wide, y / high, _BAR_WIDTH * letter / wide, size / high))
        if self.note:
            self.note.set(x=(left + block / 2) / wide, y=legend / high)
        heading.set(x=(left + block / 2) / wide, y=1 - _PAD / high, va="top")

    def _around(self, dpi: float) -> Reach:
        """Return the distances that texts of the outer panels reach beyond them."""
        if self.solid:
            return Reach(*map(max, zip(*(self._reach(axes, dpi) for axes in self.axes), strict=True)))
        first = [self._reach(axes, dpi) for axes in self.axes[:: self.columns]]
        last = [self._reach(axes, dpi) for axes in self.axes[-self.columns :]]
        return Reach(
            max(reach.left for reach in first),
            max(reach.right for reach in last),
            first[0].above,
            max(reach.below for reach in last),
        )

    def _between(self, dpi: float, letter: float) -> tuple[float, float]:
        """Return the distances of panels, from left to right and from above to below."""
        if self.solid:
            reach = [self._reach(axes, dpi) for axes in self.axes]
            down = max(one.above for one in reach) + max(one.below for one in reach) + _GAP / 2 * letter
            return max(one.left for one in reach) + max(one.right for one in reach), down
        last = list(enumerate(self.axes))[-self.columns :]
        inner = [self._reach(axes, dpi) for place, axes in last if place % self.columns]
        across = max((reach.left + reach.right for reach in inner), default=0.0) + _GAP * letter
        down = self._reach(self.axes[0], dpi).above + _GAP * letter
        if self.rows > 1 and len(self.axes) % self.columns:  # the row above the last has numbers, too
            down += self._reach(self.axes[self.columns * (self.rows - 1) - 1], dpi).below
        return across, down

    def _reach(self, axes: Axes, dpi: float) -> Reach:
        whole, inner = axes.get_tightbbox(), axes.get_window_extent()
        return Reach(
            (inner.x0 - whole.x0) / dpi,
            (whole.x1 - inner.x1) / dpi,
            (whole.y1 - inner.y1) / dpi,
            (inner.y0 - whole.y0) / dpi,
        )


class Reach(NamedTuple):
    """The distances that texts reach beyond axes, in inches."""

    left: float
    right: float
    above: float
    below: float


def _ratio(axes: Axes) -> float:
    """Return the height of axes to their width."""
    if axes.name == "3d":
        return _BOX_RATIO
    if axes.get_aspect() != "auto":
        return float(axes.get_data_ratio())
    return float(axes.get_box_aspect() or _FLAT_RATIO)


def _letter() -> float:
    """Return the font size in inches."""
    return float(rcParams["font.size"]) / 72
