"""Numbers along an axis that stand apart from each other, and their powers of ten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib import artist, rcParams
from matplotlib.ticker import AutoLocator, MaxNLocator, ScalarFormatter

from gradviz.arrays import Floats
from gradviz.output.mpl.types import Artist, Axes, Figure
from gradviz.scene.text import Text

_ROUNDING = 1e-9  # of an axis: a place so little beyond its end is seen
_STEPS = (1, 2, 2.5, 5, 10)
_MOST = 9  # parts of an axis
_NUMBER_GAP = 0.6  # width of a character, in font sizes: from one number to the next
_WIDTHS = {".": 0.32, "\N{MINUS SIGN}": 0.84}  # width of a character, in font sizes
_DIGIT = 0.64
_FACTOR = re.compile(r"(?:1e(-?\d+))?([+-].+)?")  # a power of ten and an offset, as Matplotlib writes them
_FITTED_COUNTS = (5, 4, 3, 2)  # intervals of an axis with little room, the most that fit
_FITTED_STEPS = (1, 2, 2.5, 4, 5, 10)
_FITTED_CHARACTER = 0.65  # font sizes: the width of a digit, and the distance of two numbers


class Apart(AutoLocator):
    """Round numbers along an x axis, as many as have room; Matplotlib's own run together if they are wide."""

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[object, Any] = (None, None)

    def tick_values(self, vmin: float, vmax: float) -> Artist:
        """Return places from before one end of an axis to behind the other."""
        axis: Artist = self.axis
        asked = vmin, vmax, axis.axes.bbox.width, axis.axes.figure.dpi
        if self._known[0] != asked:  # a drawing asks for the same ones many times
            for places in self._trials(vmin, vmax):
                self._known = asked, places
                if self._have_room(places, vmin, vmax):
                    break
        return self._known[1]

    def is_usual(self) -> bool:
        """Return whether Matplotlib's own ticks have room."""
        axis: Artist = self.axis
        low, high = axis.get_view_interval()
        return self._have_room(next(self._trials(low, high)), low, high)

    def _trials(self, low: float, high: float) -> Iterator[Floats]:
        """Yield places along an axis: Matplotlib's own, then fewer and fewer."""
        yield np.asarray(super().tick_values(low, high))
        for most in range(_MOST, 0, -1):
            yield np.asarray(MaxNLocator(most, steps=_STEPS).tick_values(low, high))

    def _have_room(self, places: Floats, low: float, high: float) -> bool:
        """Return whether the numbers of the visible ticks do not touch each other."""
        axis: Artist = self.axis
        low, high = sorted((low, high))
        rounding = _ROUNDING * (high - low)
        seen = places[(places >= low - rounding) & (places <= high + rounding)]
        size = axis.get_major_ticks(1)[0].label1.get_fontsize()
        words = axis.get_major_formatter().format_ticks(seen)
        widths = size * np.array([sum(_WIDTHS.get(one, _DIGIT) for one in bare(word)) for word in words])
        length = axis.axes.bbox.width / axis.axes.figure.dpi * 72
        apart = np.diff(seen) / (high - low or 1.0) * length
        return bool((apart >= (widths[1:] + widths[:-1]) / 2 + _NUMBER_GAP * size).all())


def bare(word: str) -> str:
    """Return a number without the marks by which Matplotlib typesets it."""
    return re.sub(r"\\mathdefault|[${}]", "", word)


def set_apart(figure: Figure) -> None:
    """Let the numbers along the x axes of a figure have room where nobody has chosen them."""
    for axes in figure.axes:
        if axes.name != "3d" and type(axes.xaxis.get_major_locator()) is AutoLocator:
            axes.xaxis.set_major_locator(Apart())


def fit_ticks(axis: Artist, length: float) -> int:
    """Set as many ticks as have room on a length in points, and return the power of ten of the numbers.

    None is at an end of the axis, where its number would touch that of the next panel.
    """
    low, high = axis.get_view_interval()
    formatter = ScalarFormatter(useOffset=False)
    axis.set_major_formatter(formatter)
    axis.get_offset_text().set_visible(False)  # the power of ten is part of the label
    for count in _FITTED_COUNTS:
        locator = MaxNLocator(count, steps=_FITTED_STEPS, prune="both")
        axis.set_major_locator(locator)
        ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
        longest = max(map(len, formatter.format_ticks(ticks)), default=0)
        if len(ticks) * (longest + 1) * _FITTED_CHARACTER * rcParams["font.size"] <= length:
            break
    return power_of(formatter)


@contextmanager
def computed_once(every: Sequence[Axes]) -> Iterator[None]:
    """Let axes whose layout does not change inside compute their ticks and the bounds of their numbers once.

    Matplotlib computes them some eight times for each drawing, which is a third of its time. In a box numbers
    are placed after their ticks are computed, so that their bounds may change.
    """
    replaced: list[tuple[Artist, str, object]] = []
    try:
        for axes in every:
            for axis in axes._axis_map.values():  # noqa: SLF001 - x, y and, in a box, z
                own = {"_update_ticks": _first_result(axis._update_ticks), "_copy_tick_props": _copy_clipping}  # noqa: SLF001
                if axes.name != "3d":
                    own["_get_ticklabel_bboxes"] = _first_result(axis._get_ticklabel_bboxes)  # noqa: SLF001
                for name, function in own.items():
                    replaced.append((axis, name, vars(axis).get(name)))
                    setattr(axis, name, function)
        yield
    finally:
        for axis, name, before in reversed(replaced):
            if before is None:
                delattr(axis, name)
            else:
                setattr(axis, name, before)


def _copy_clipping(first: Artist, tick: Artist) -> None:
    """Clip the grid line of a new tick like that of the first one.

    A new tick has the other properties from its axis, though Matplotlib copies all of those of the first one.
    """
    artist.Artist.update_from(tick.gridline, first.gridline)


def _first_result(function: Callable[..., Artist]) -> Callable[..., Artist]:
    """Return a function that returns the result of its first call whatever its arguments are."""
    known: list[Artist] = []

    def first(*arguments: object) -> Artist:
        if not known:
            known.append(function(*arguments))
        return known[0]

    return first


def power_of(formatter: ScalarFormatter) -> int:
    """Return the power of ten that the numbers of an axis are multiples of, from a text such as 1e-4."""
    return int(formatter.get_offset().partition("e")[2].replace("\N{MINUS SIGN}", "-") or 0)


def with_power(label: Text, power: int) -> Text:
    """Return a label in mathtext with the power of ten that the numbers are multiples of."""
    if not power:
        return label
    return replace(label, text=rf"{label.text.removesuffix('$')}\,/\,10^{{{power}}}$")


def with_factor(label: Text, formatter: ScalarFormatter) -> Text:
    """Return a label with the offset and the power of ten of the numbers of an axis: (f - 3) / 10^5."""
    found = _FACTOR.fullmatch(formatter.get_offset().replace("\N{MINUS SIGN}", "-"))
    if found is None:  # of a formatter that has written mathtext
        return label
    power, offset = int(found[1] or 0), float(found[2] or 0)
    words = label.text.removeprefix("$").removesuffix("$") if label.math else label.text
    if offset:
        words = f"{words} {'-' if offset > 0 else '+'} {abs(offset):.12g}"
        words = f"({words})" if power else words
    if label.math:
        return with_power(replace(label, text=f"${words}$"), power)
    return replace(label, text=f"{words} / 1e{power}" if power else words)


def scalar_formatters(axes: Axes) -> dict[str, ScalarFormatter]:
    """Return the formatters that may write a power of ten at the end of an axis, by its letter."""
    every = {letter: axis.get_major_formatter() for letter, axis in axes._axis_map.items()}  # noqa: SLF001
    return {letter: one for letter, one in every.items() if isinstance(one, ScalarFormatter)}


def typeset_powers(figure: Figure) -> None:
    """Write powers of ten at the ends of axes as 10^5, and not as 1e5.

    Matplotlib's setting for that typesets all numbers on all axes, too, which doubles the time of a figure.
    """
    for axes in figure.axes:
        for letter, formatter in scalar_formatters(axes).items():
            formatter.set_locs(getattr(axes, f"{letter}axis").get_majorticklocs().tolist())
            formatter.set_useMathText(bool(formatter.get_offset()))
