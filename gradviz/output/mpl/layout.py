"""The layout of a picture: axes, colour bars, legends and titles, placed by arithmetic on measured texts.

Matplotlib's constrained layout measures each text some twenty times, and draws the picture twice. Lengths are
in inches unless another unit is named.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from matplotlib import rcParams
from matplotlib.legend import Legend
from matplotlib.transforms import Bbox

from gradviz.output.mpl.draw import Around, Drawn
from gradviz.output.mpl.reach import (
    TITLE_GAP,
    Reach,
    height_of,
    measured,
    ratio_of,
    reach_of,
    renderer_of,
    title_room,
    width_of,
)
from gradviz.output.mpl.ticks import computed_once
from gradviz.output.mpl.types import Artist, Axes, Figure
from gradviz.scene.scene import Scene
from gradviz.scene.style import BARE_MARGIN

_MAX_PASSES = 3  # numbers depend on the size of axes, which depends on the room of the numbers
_SETTLED = 0.015  # smallest change of the reach of a text that is seen
_FIRST_REACH = (4.0, 0.5, 2.0, 3.5)  # font sizes: left, right, above and below axes, before the first measure
_FIRST_BESIDE = 3.5  # font sizes: the texts of a colour bar, before the first measure

_PAD = 0.07  # at the border of a figure
_GAP = 0.9  # font sizes, between panels
_BAR_GAP, _BAR_WIDTH = 0.7, 1.3  # font sizes
_BAR_SHARE = 0.7  # height of a colour bar to that of its box
_HEADING_GAP = 0.8  # font sizes, from the title above all panels to these
_BELOW_GAP = 0.7  # font sizes, from panels to a note or a legend below them
_MAX_RATIO = 1.25  # height to width of panels in a figure whose height nobody asked for
_MIN_SIDE = 0.05  # shortest side of axes, in a figure without room


class Plan(NamedTuple):
    """The height of a figure, and its axes: left edges by column, lower edges by row, and their sides."""

    figure_height: float
    x: tuple[float, ...]
    y: tuple[float, ...]
    width: float
    height: float


class _Texts(NamedTuple):
    """The reach of the texts of each panel, and the width of those beside each colour bar."""

    reaches: Sequence[Reach]
    beside: Mapping[int | None, float]


def lay_out(figure: Figure, scene: Scene, drawn: Sequence[Drawn], around: Around) -> None:
    """Place all artists of a figure, which gets the height that its panels need unless one was asked for."""
    letter = rcParams["font.size"] / 72
    first = Reach(*(0.0 if scene.style.bare else letter * part for part in _FIRST_REACH))
    texts = _Texts([first] * len(drawn), dict.fromkeys(around.bars, _FIRST_BESIDE * letter))
    numbers: list[list[float]] | None = None
    for count in range(_MAX_PASSES):
        _place(figure, scene, drawn, around, texts)
        if numbers is not None and numbers == _numbers(drawn):
            break
        found, numbers = _measured_texts(drawn, around), _numbers(drawn)
        if _is_settled(texts, found):
            texts = found
            break
        # Two sets of numbers may alternate, of which each makes room for the other.
        before, texts = texts, _largest_of(texts, found) if count else found
        if before == texts:
            break
    else:
        _place(figure, scene, drawn, around, texts)
    for one, reach in zip(drawn, texts.reaches, strict=True):
        _place_title(one, reach)


def _numbers(drawn: Sequence[Drawn]) -> list[list[float]] | None:
    """Return the numbers along the axes of panels, on which the measures of texts depend; None for boxes.

    Texts of a box reach as far as its viewer sees them, which depends on its size.
    """
    if any(one.panel.z is not None for one in drawn):
        return None
    return [axis.get_majorticklocs().tolist() for one in drawn for axis in (one.axes.xaxis, one.axes.yaxis)]


def _measured_texts(drawn: Sequence[Drawn], around: Around) -> _Texts:
    """Return the measures of the texts of panels and of colour bars."""
    with computed_once([*(one.axes for one in drawn), *around.bars.values()]):
        boxes = {index: (bar, bar.get_tightbbox(renderer_of(bar))) for index, bar in around.bars.items()}
        return _Texts(measured(drawn), {index: reach_of(*found).right for index, found in boxes.items()})


def _largest_of(one: _Texts, other: _Texts) -> _Texts:
    """Return the larger of two measures of each text."""
    reaches = [Reach(*map(max, a, b)) for a, b in zip(one.reaches, other.reaches, strict=True)]
    return _Texts(reaches, {index: max(width, other.beside[index]) for index, width in one.beside.items()})


def _is_settled(before: _Texts, after: _Texts) -> bool:
    """Return whether texts reach as far as before."""
    old, new = ((*chain.from_iterable(texts.reaches), *texts.beside.values()) for texts in (before, after))
    return max(abs(a - b) for a, b in zip(old, new, strict=True)) <= _SETTLED


class Positions(NamedTuple):
    """The layout of a picture, for others with the same panels; lengths are shares of the figure."""

    size: tuple[float, float]
    axes: tuple[Bbox, ...]
    titles: tuple[tuple[float, float], ...]
    around: tuple[tuple[float, float], ...]  # of the title above all panels, and of texts and legends below

    @classmethod
    def of(cls, figure: Figure, drawn: Sequence[Drawn]) -> Positions:
        """Return the layout of a figure."""
        every = [one.axes for one in drawn]
        return cls(
            tuple(figure.get_size_inches().tolist()),
            tuple(axes.get_position(original=True) for axes in every),
            tuple(axes.title.get_position() for axes in every),
            tuple(map(_position, (*figure.texts, *figure.legends))),
        )

    def apply(self, figure: Figure, drawn: Sequence[Drawn]) -> None:
        """Place the axes and the texts of another figure in the same way."""
        figure.set_size_inches(*self.size)
        for one, box, title in zip(drawn, self.axes, self.titles, strict=True):
            one.axes.set_position(box)
            _fix_title(one.axes, title)
        for artist, position in zip((*figure.texts, *figure.legends), self.around, strict=False):
            _stand(artist, position)


def planned(
    cells: Sequence[tuple[int, int]],
    reaches: Sequence[Reach],
    margins: Reach,
    size: tuple[float, float],
    *,
    ratio: float | None,
    gap: float,
    is_fixed: bool,
) -> Plan:
    """Return the largest equal axes with room for their texts, in the middle of a figure.

    Parameters
    ----------
    cells : sequence of (row, column)
        The cell of each panel.
    reaches : sequence of Reach
        The reach of the texts of each panel.
    margins : Reach
        The room around all panels and their texts.
    size : (width, height)
        The size of the figure.
    ratio : float, optional
        Height to width of axes; None if they may have any.
    gap : float
        The distance of the texts of two panels.
    is_fixed : bool
        Whether the figure keeps its height where axes of the whole width would need another one.
    """
    rows, columns = (1 + max(cell[i] for cell in cells) for i in (0, 1))
    left, right = (_largest(cells, reaches, side, 1, columns) for side in (0, 1))
    above, below = (_largest(cells, reaches, side, 0, rows) for side in (2, 3))
    wide, high = size
    across = wide - margins.left - margins.right - sum(left) - sum(right) - gap * (columns - 1)
    outer = margins.above + margins.below + sum(above) + sum(below) + gap * (rows - 1)
    width = across / columns
    if ratio is not None and not is_fixed:
        high = outer + rows * width * min(ratio, _MAX_RATIO)
    height = (high - outer) / rows
    if ratio is not None:
        width = min(width, height / ratio)
        height = width * ratio
    width, height = max(width, _MIN_SIDE), max(height, _MIN_SIDE)
    start = margins.left + (across - columns * width) / 2
    top = high - margins.above - (high - outer - rows * height) / 2
    x = (start + sum(left[: i + 1]) + sum(right[:i]) + i * (width + gap) for i in range(columns))
    y = (top - sum(above[: i + 1]) - sum(below[:i]) - i * gap - (i + 1) * height for i in range(rows))
    return Plan(high, tuple(x), tuple(y), width, height)


def _largest(
    cells: Sequence[tuple[int, int]], reaches: Sequence[Reach], side: int, axis: int, count: int
) -> list[float]:
    """Return the largest reach at a side in each row (axis 0) or column (axis 1)."""
    found = [-math.inf] * count
    for cell, reach in zip(cells, reaches, strict=True):
        found[cell[axis]] = max(found[cell[axis]], reach[side])
    return [reach if reach > -math.inf else 0.0 for reach in found]


def _place(figure: Figure, scene: Scene, drawn: Sequence[Drawn], around: Around, texts: _Texts) -> None:
    """Place all artists around texts of measured sizes."""
    letter, pad = rcParams["font.size"] / 72, BARE_MARGIN if scene.style.bare else _PAD
    heading = figure._suptitle  # noqa: SLF001 - Matplotlib gives its text alone
    texts_below = (around.note, *figure.legends, around.warning)
    below = [(artist, height_of(artist)) for artist in texts_below if artist is not None]
    lower = sum(height + _BELOW_GAP * letter for _, height in below)
    margins = Reach(
        pad,
        pad + _bar_room(texts, None, letter),
        pad + (height_of(heading) + _HEADING_GAP * letter if heading else 0.0),
        pad + lower,
    )
    reaches = [
        reach._replace(right=reach.right + _bar_room(texts, index, letter))
        for index, reach in enumerate(texts.reaches)
    ]
    ratio, is_fixed = ratio_of(drawn[0].axes), scene.size.is_asked
    wide, high = scene.size.width, scene.size.height + (0.0 if is_fixed else lower)
    cells = [one.panel.cell for one in drawn]
    plan = planned(cells, reaches, margins, (wide, high), ratio=ratio, gap=_GAP * letter, is_fixed=is_fixed)
    figure.set_size_inches(wide, plan.figure_height)
    for one in drawn:
        _set_cell(one.axes, plan, one.panel.cell)
    if around.corner is not None:
        _set_cell(around.corner[0], plan, around.corner[1])
    _place_bars(drawn, around, texts, plan)
    rows = [(plan.y[row], reach) for (row, _), reach in zip(cells, texts.reaches, strict=True)]
    floor = min(y - reach.below for y, reach in rows)
    ceiling = max(y + plan.height + reach.above for y, reach in rows)
    middle = (plan.x[0] + plan.x[-1] + plan.width) / 2 / wide
    if heading:
        heading.set_va("bottom")
        _stand(heading, (middle, (ceiling + _HEADING_GAP * letter) / plan.figure_height))
    for artist, height in below:
        floor -= _BELOW_GAP * letter + height
        _stand(artist, (_inside(artist, middle, wide), floor / plan.figure_height))


def _inside(artist: Artist, middle: float, width: float) -> float:
    """Return the middle, as a share of a figure of some width, of a text that would reach out of it there."""
    half = width_of(artist) / width / 2
    return min(max(middle, half), 1 - half) if half < 1 / 2 else 1 / 2


def _set_cell(axes: Axes, plan: Plan, cell: tuple[int, int]) -> None:
    """Place axes in a cell."""
    row, column = cell
    _set_box(axes, plan.x[column], plan.y[row], plan.width, plan.height)


def _set_box(axes: Axes, x: float, y: float, width: float, height: float) -> None:
    """Place axes at their lower left corner and sides."""
    wide, high = axes.figure.get_size_inches().tolist()
    axes.set_position((x / wide, y / high, width / wide, height / high))


def _stand(artist: Artist, position: tuple[float, float]) -> None:
    """Place the middle of the lower edge of a text or of a legend, in shares of the figure."""
    if isinstance(artist, Legend):
        artist.set_bbox_to_anchor(position, artist.figure.transFigure)
    else:
        artist.set_position(position)


def _position(artist: Artist) -> tuple[float, float]:
    """Return the position of a text or of a legend, in shares of the figure."""
    if not isinstance(artist, Legend):
        return tuple(artist.get_position())
    anchor = artist.get_bbox_to_anchor().p0
    return tuple(artist.figure.transFigure.inverted().transform(anchor).tolist())


# Colour bars ----------------------------------------------------------------------------------------------


def _bar_room(texts: _Texts, index: int | None, letter: float) -> float:
    """Return the room that a colour bar takes beside a panel, or beside all."""
    return (_BAR_GAP + _BAR_WIDTH) * letter + texts.beside[index] if index in texts.beside else 0.0


def _place_bars(drawn: Sequence[Drawn], around: Around, texts: _Texts, plan: Plan) -> None:
    """Place colour bars beside their panels, as high as flat axes or as a share of a box."""
    letter = rcParams["font.size"] / 72
    for index, bar in around.bars.items():
        every = range(len(drawn)) if index is None else (index,)
        ends = [
            (plan.x[column] + plan.width + texts.reaches[i].right,
             *_inner(plan.y[row], plan.height, drawn[i], texts.reaches[i]))
            for i in every for row, column in (drawn[i].panel.cell,)
        ]  # fmt: skip
        x = max(end[0] for end in ends) + _BAR_GAP * letter
        low, high = min(end[1] for end in ends), max(end[2] for end in ends)
        if drawn[0].panel.z is not None and len(plan.y) == 1:
            low, high = low + (1 - _BAR_SHARE) / 2 * (high - low), high - (1 - _BAR_SHARE) / 2 * (high - low)
        _set_box(bar, x, low, _BAR_WIDTH * letter, high - low)


def _inner(y: float, height: float, one: Drawn, reach: Reach) -> tuple[float, float]:
    """Return the lower and the upper edge of flat axes, or of a box with its texts but its title."""
    if one.panel.z is None:
        return y, y + height
    return y - reach.below, y + height + reach.above - title_room(one.axes)


# Titles ---------------------------------------------------------------------------------------------------


def _place_title(one: Drawn, reach: Reach) -> None:
    """Place the title of a box above its middle, and move one that would be cut off into the figure."""
    axes, title = one.axes, one.axes.title
    if not title.get_text():
        return
    x, y = title.get_position()
    wide, high = (float(side) / axes.figure.dpi for side in axes.get_window_extent().size)
    if one.panel.z is not None:
        x = 0.5 + (reach.right - reach.left) / 2 / wide
        y = 1 + (reach.above - title_room(axes) + TITLE_GAP * rcParams["font.size"] / 72) / high
    _fix_title(axes, (x, y))
    drawn, whole = (
        title.get_window_extent(renderer_of(axes)),
        axes.figure.bbox.padded(-0.5 * _PAD * axes.figure.dpi),
    )
    beyond = max(0.0, whole.x0 - drawn.x0) - max(0.0, drawn.x1 - whole.x1)
    if beyond and drawn.width < whole.width:
        _fix_title(axes, (x + beyond / axes.figure.dpi / wide, y))


def _fix_title(axes: Axes, position: tuple[float, float]) -> None:
    """Place a title, whose place Matplotlib would look for in each drawing again."""
    axes._autotitlepos = False  # noqa: SLF001 - as Matplotlib does for a title with a given y
    axes.title.set_position(position)
