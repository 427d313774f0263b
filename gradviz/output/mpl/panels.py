"""Parts of a figure, each of which a kind draws on as if it were all of it, and what is said once for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gradviz.printing.mathtext import MATHTEXT

_BESIDE = 0.02  # of the width of axes, from these to a scale of colours
_EDGE = 0.5  # the width of a scale's outline
_PAD = 0.07  # inches, at the border of a figure
_LINES = 0.8  # heights of letters, from a heading to the titles of panels
_GAP = 1.0  # heights of letters, between panels and beside a scale of colours
_BAR = 1.3  # heights of letters: the width of a scale beside all panels
_SHRUNK = 0.7  # of the height of boxes: the scale beside one row of them
_TALLEST = 1.25  # times as high as wide: a panel
_BOX, _FLAT = 0.82, 0.75  # height to width of panels in three and in two dimensions
_MANY = 4  # boxes beside each other: they have no room for numbers, which are told below all
_BARE = 1.15  # the zoom of boxes without numbers
_LEAST = 0.05  # inches: a panel in a figure that has no room for it


class Caption(NamedTuple):
    """The value of a swept parameter at which a part, or a frame, shows the function."""

    name: str
    label: str
    """The value as it is told; where nothing is to be told, an empty text."""

    @property
    def plain(self) -> str:
        """The value as plain text."""
        return f"{self.name} = {self.label}" if self.label else ""

    @property
    def mathtext(self) -> str:
        """The value as mathtext, without the dollars."""
        return f"{MATHTEXT.name(self.name)} = {MATHTEXT.decimal(self.label)}" if self.label else ""


class Bar(NamedTuple):
    """A scale of colours that is asked for."""

    artist: Any
    label: str
    marks: Mapping[str, Any]


@dataclass
class Common:
    """What the parts of a figure have asked for, and what is drawn once for all of them."""

    bars: list[Bar] = field(default_factory=list)
    entries: dict[str, Any] = field(default_factory=dict)
    """Of a legend, by their words."""


def add_bar(figure: Any, axes: Any, bar: Bar, **place: Any) -> None:
    """Draw a scale of colours beside axes, or let it be drawn beside all parts of a figure.

    In a frame after the first the scale is there already.
    """
    if getattr(figure, "is_later", False):
        return
    common = getattr(figure, "common", None)
    if common is not None:
        common.bars.append(bar)
        return
    drawn = figure.colorbar(bar.artist, ax=axes, **{"pad": _BESIDE, **place}, **bar.marks)
    if bar.label:
        drawn.set_label(bar.label, size="medium")
        drawn.outline.set_linewidth(_EDGE)


def near_square(count: int) -> tuple[int, int]:
    """Return rows and columns for parts: about as many of the one as of the other."""
    columns = count if count <= 3 else 2 if count == 4 else math.ceil(math.sqrt(count))
    return -(-count // columns), columns


class Panel:
    """A part of a figure that a kind draws on: what it asks of a figure is done in the part's place."""

    def __init__(self, figure: Any, place: Any, caption: Caption) -> None:
        self.figure, self.place, self.caption = figure, place, caption
        self.common: Common = figure.common
        self.axes: list[Any] = []
        self.legends: tuple[Any, ...] = ()
        """Those of the part alone, which has none."""
        self.size: tuple[float, float] | None = None
        """The width and height in inches that a single picture would have."""

    def subplots(self, rows: int = 1, columns: int = 1, *, squeeze: bool = True) -> Any:
        """Return axes in the place of the part, in an array (1, 1) if not to be squeezed."""
        import numpy as np

        assert rows * columns == 1  # noqa: S101 - a compressed layout has one grid, and so a panel one place
        axes = self.add_subplot()
        return axes if squeeze else np.array([[axes]])

    def add_subplot(self, place: Any = None, **settings: Any) -> Any:
        """Return axes in the place of the part."""
        self.axes.append(self.figure.add_subplot(place or self.place, **settings))
        return self.axes[-1]

    def add_gridspec(self, rows: int, columns: int) -> Mapping[tuple[int, int], Any]:
        """Return the places inside that of the part: there is one."""
        assert rows * columns == 1  # noqa: S101 - as above
        return {(0, 0): self.place}

    def set_size_inches(self, width: float, height: float) -> None:
        """Note the size that a single picture would have."""
        self.size = width, height

    def get_figwidth(self) -> float:
        """Return the width in inches."""
        columns: int = self.place.get_gridspec().ncols
        return float(self.figure.get_figwidth()) / columns

    def get_layout_engine(self) -> Any:
        """Return the layout of the whole figure."""
        return self.figure.get_layout_engine()


def tidy(panels: Sequence[Panel], columns: int) -> None:
    """Leave labels and numbers at the outer edges alone, where all panels have the same axes."""
    from matplotlib.ticker import NullFormatter

    for place, panel in enumerate(panels):
        left, bottom = place % columns == 0, place + columns >= len(panels)
        for axes in panel.axes:
            if axes.name == "3d":
                axes.patch.set_visible(False)  # which would cover the label of z in the panel before
                if columns >= _MANY:
                    axes.set(xlabel="", ylabel="", zlabel="")
                    axes.set_box_aspect(None, zoom=_BARE)
                    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
                        axis.set_major_formatter(NullFormatter())
                continue
            axes.tick_params(labelleft=left, labelbottom=bottom)
            axes.set(**({} if left else {"ylabel": ""}), **({} if bottom else {"xlabel": ""}))


def tell_ends(figure: Any, ends: Mapping[str, tuple[float, float]]) -> Any:
    """Write below all boxes, which are the same and bare, what they show: the ends by their labels."""
    told = [
        f"{label} from ${MATHTEXT.number(float(f'{low:.3g}'))}$ to ${MATHTEXT.number(float(f'{high:.3g}'))}$"
        for label, (low, high) in ends.items()
    ]
    return figure.text(0.5, 0.0, f"in each box {', '.join(told)}", ha="center", va="bottom", size="medium")


def lay_out(
    figure: Any,
    panels: Sequence[Panel],
    columns: int,
    bars: Sequence[Bar],
    ends: Mapping[str, tuple[float, float]],
    *,
    grow: bool,
) -> None:
    """Place panels in rows, a scale of colours beside them, and what the figure says above and below.

    The figure has a width; with `grow` it gets the height that this takes, else the panels are as large as it
    lets them. Matplotlib's own layouts would measure all letters of all panels several times.
    """
    scale = None
    if bars:
        scale = figure.add_axes((0.9, 0.1, 0.05, 0.8))
        drawn = figure.colorbar(bars[0].artist, cax=scale, **bars[0].marks)
        drawn.set_label(bars[0].label, size="medium")
        drawn.outline.set_linewidth(_EDGE)
    box = panels[0].axes[0]
    bare = box.name == "3d" and columns >= _MANY
    grid = Grid(panels, columns, scale, tell_ends(figure, ends) if bare else None)
    for _ in range(2):  # how far numbers reach depends on which there are, and so on the size of panels
        grid.place(figure, grow=grow)


class Grid:
    """The places of panels in inches, each with so much room around it as letters take."""

    def __init__(self, panels: Sequence[Panel], columns: int, scale: Any, note: Any) -> None:
        self.axes = [panel.axes[0] for panel in panels]
        self.columns, self.rows = columns, -(-len(panels) // columns)
        self.scale, self.note = scale, note
        self.solid = self.axes[0].name == "3d"
        self.ratio = _ratio(self.axes[0])

    def place(self, figure: Any, *, grow: bool) -> None:
        """Place all panels for a width, and the figure's height or one that it is given here."""
        letter = _letter()
        around, between = self._around(figure.dpi), self._between(figure.dpi, letter)
        heading, legends = figure._suptitle, figure.legends  # noqa: SLF001 - Matplotlib gives its text alone
        above = heading.get_window_extent().height / figure.dpi + _LINES * letter + _PAD
        legend = sum(legend.get_window_extent().height for legend in legends) / figure.dpi + _PAD
        told = self.note.get_window_extent().height / figure.dpi if self.note else 0.0
        below = legend + (told + _GAP * letter if told else 0.0)
        beside = (_BAR + _GAP) * letter + self._reach(self.scale, figure.dpi).right if self.scale else 0.0
        wide, high = figure.get_size_inches().tolist()
        left, right = around.left + _PAD, around.right + beside + _PAD
        width = (wide - left - right - between[0] * (self.columns - 1)) / self.columns
        width = min(width, _TALLEST * width / self.ratio)
        outer = above + around.above + around.below + below + between[1] * (self.rows - 1)
        if grow:
            high = outer + self.rows * width * self.ratio
            figure.set_figheight(high)
        width = max(min(width, (high - outer) / self.rows / self.ratio), _LEAST)
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
            shrunk = _SHRUNK if self.solid and self.rows == 1 else 1.0
            size = shrunk * (whole - bottom)
            x = left + block + around.right + _GAP * letter
            y = (bottom + whole - size) / 2
            self.scale.set_position((x / wide, y / high, _BAR * letter / wide, size / high))
        if self.note:
            self.note.set(x=(left + block / 2) / wide, y=legend / high)
        heading.set(x=(left + block / 2) / wide, y=1 - _PAD / high, va="top")

    def _around(self, dpi: float) -> Reach:
        """Return how far what belongs to the outer panels reaches beyond them."""
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

    def _reach(self, axes: Any, dpi: float) -> Reach:
        whole, inner = axes.get_tightbbox(), axes.get_window_extent()
        return Reach(
            (inner.x0 - whole.x0) / dpi,
            (whole.x1 - inner.x1) / dpi,
            (whole.y1 - inner.y1) / dpi,
            (inner.y0 - whole.y0) / dpi,
        )


class Reach(NamedTuple):
    """How far letters reach beyond axes, in inches."""

    left: float
    right: float
    above: float
    below: float


def _ratio(axes: Any) -> float:
    """Return the height of axes to their width."""
    if axes.name == "3d":
        return _BOX
    if axes.get_aspect() != "auto":
        return float(axes.get_data_ratio())
    return float(axes.get_box_aspect() or _FLAT)


def _letter() -> float:
    """Return the height of letters in inches."""
    from matplotlib import rcParams

    return float(rcParams["font.size"]) / 72
