"""Parts of a figure, each of which a kind draws on as if it were all of it, and what is said once for all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gradviz.expression import typeset

_PAD = 0.02  # of the width of axes, from these to a scale of colours
_EDGE = 0.5  # the width of a scale's outline
_ASPECT = 20  # of a scale's height to its width, where there is one row of panels
_SHRUNK = 0.7  # of the height of boxes: the scale beside one row of them
_AROUND = 0.14  # inches, on both sides of all panels together
_EMPTY = 0.03  # of a figure: so much may be empty
_TRIALS = 4


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
        return f"{typeset.name(self.name)} = {typeset.raised(self.label)}" if self.label else ""


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
    """Draw a scale of colours beside axes, or let it be drawn beside all parts of a figure."""
    common = getattr(figure, "common", None)
    if common is not None:
        common.bars.append(bar)
        return
    drawn = figure.colorbar(bar.artist, ax=axes, **{"pad": _PAD, **place}, **bar.marks)
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
    for place, panel in enumerate(panels):
        left, bottom = place % columns == 0, place + columns >= len(panels)
        for axes in panel.axes:
            if axes.name == "3d":
                if not (left and bottom):
                    axes.set(xlabel="", ylabel="", zlabel="")
                continue
            axes.tick_params(labelleft=left, labelbottom=bottom)
            axes.set(**({} if left else {"ylabel": ""}), **({} if bottom else {"xlabel": ""}))


def draw_common_bar(figure: Any, axes: Sequence[Any], bar: Bar) -> None:
    """Draw a scale of colours beside all panels."""
    rows = axes[0].get_subplotspec().get_topmost_subplotspec().get_gridspec().nrows
    shrink = _SHRUNK if axes[0].name == "3d" and rows == 1 else 1.0
    drawn = figure.colorbar(bar.artist, ax=axes, pad=_PAD, aspect=_ASPECT * math.sqrt(rows), shrink=shrink, **bar.marks)
    if bar.label:
        drawn.set_label(bar.label, size="medium")
    drawn.outline.set_linewidth(_EDGE)


def fit(figure: Any, rows: int, columns: int) -> None:
    """Make a figure as high as its panels, its title and its legends need, for its width."""
    from matplotlib.transforms import Bbox

    engine = figure.get_layout_engine()
    for _ in range(_TRIALS):
        engine.execute(figure)
        box = Bbox.union([axes.get_tightbbox() for axes in figure.axes])
        inner = figure.axes[0].get_window_extent()
        others = [figure._suptitle, *figure.legends]  # noqa: SLF001 - Matplotlib gives its text alone
        around = sum(artist.get_window_extent().height for artist in others) + _AROUND * figure.dpi
        wide = figure.bbox.width - box.width - _AROUND * figure.dpi
        high = figure.bbox.height - box.height - around
        if wide > _EMPTY * figure.bbox.width:
            change = rows * wide / columns * inner.height / inner.width
        elif abs(high) > _EMPTY * figure.bbox.height:
            change = -high
        else:
            break
        figure.set_figheight(figure.get_figheight() + change / figure.dpi)
