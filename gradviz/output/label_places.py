"""Positions of values written on contours, where there is room for them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.sampling.levels import evenly_spaced, format_values

_MAX_LEVELS = 20  # with labels; of more levels every second, fifth, tenth ... has one
_DIGIT_WIDTH = 0.65  # width of a digit, in font sizes
_MIN_DISTANCE = 0.8  # from a label to other lines, in font sizes
_FAR = 2.5  # font sizes: lines farther away make no difference
_MIN_LENGTH = 2.5  # of a line with a label, in widths of the label
_STRAIGHT_SHARE = 0.93  # of the width of a label: minimum distance of the ends of the line below it
_MIN_SPACING = 1.3  # between the middles of two labels, in widths of a label
_TRIALS = 24  # positions along a line
_FINE_SHARE = 0.125  # size of the cells in which points of lines are thinned, in font sizes
_OWNERS, _POINTS = 2, 4  # number of lines, and of points of each, that are kept in such a cell
_ROW = 1 << 32  # number of columns of the index, more than there are
_CELLS = 3  # number of cells of the index in `_FAR`; one cell is longer than `_MIN_DISTANCE`


class LevelLine(NamedTuple):
    """A contour in one piece, in the units of the page: dots or pixels."""

    level: float
    points: Floats
    """(N, 2)."""
    along: Floats
    """The distance (N,) of each point from the first, along the line."""

    def at(self, places: Floats) -> Floats:
        """Return the points (..., 2) at distances (...) along the line."""
        return np.stack([np.interp(places, self.along, part) for part in self.points.T], axis=-1)


class LabelPlace(NamedTuple):
    """A label on a contour."""

    text: str
    width: float
    middle: Floats
    """(2,)."""
    rotation: float
    """In degrees counterclockwise, from -90 to 90."""


def level_line(level: float, points: Floats) -> LevelLine:
    """Return a contour through points (N, 2)."""
    return LevelLine(level, points, np.concatenate([[0.0], np.cumsum(magnitudes(np.diff(points, axis=0)))]))


def label_places(
    lines: Sequence[LevelLine], levels: Sequence[float], size: float, box: Floats
) -> list[LabelPlace]:
    """Return the labels of some font size on lines in a box (2, 2), low and high.

    Each line has one label where it is straight, far from other lines and as horizontal as possible, or none
    if all of it is crowded, bent or short.
    """
    if not lines:
        return []
    texts = format_values(levels)
    spread = [line.at(np.arange(0, line.along[-1] + size / 2, size / 2)) for line in lines]
    whose = np.repeat(np.arange(len(lines)), list(map(len, spread)))
    crowd, chosen = _Crowd(np.concatenate(spread), whose, size, box), labelled_levels(levels)
    places: list[LabelPlace] = []
    for index, line in enumerate(lines):
        text = texts[line.level]
        width = _DIGIT_WIDTH * size * len(re.sub(r"\\\w+|[${}^ ]", "", text))
        if line.level in chosen and line.along[-1] >= _MIN_LENGTH * width:
            room, taken = partial(crowd.room, index), [place.middle for place in places]
            places += (
                LabelPlace(text, width, *best) for best in _best(line, room, taken, box, (width, size))
            )
    return places


def labelled_levels(levels: Sequence[float]) -> set[float]:
    """Return the levels with a label: round ones if there are many."""
    each = next(n for n in (1, 2, 5, 10, 20, 50, 100) if len(levels) <= n * _MAX_LEVELS)
    if evenly_spaced(levels) and len(levels) > 1:
        step = (levels[-1] - levels[0]) / (len(levels) - 1)
        first = round(levels[0] / step)
        return {level for place, level in enumerate(levels, first) if place % each == 0}
    return set(levels[::each])


class _Crowd:
    """Points of all lines in and beside a box, with an index by position: a grid of square cells.

    Where lines are dense, the points of two of them stand for all in a fine cell, so that the number of
    points is bounded by the area of the box and not by the number of lines.
    """

    def __init__(self, points: Floats, owners: NDArray[np.intp], size: float, box: Floats) -> None:
        """Store points (N, 2), each with the number of its line; `size` is the font size."""
        self.size, self._low = size, box[0] - _FAR * size
        inside = ((points >= self._low) & (points <= box[1] + _FAR * size)).all(axis=1)
        points, owners = points[inside], owners[inside]
        kept = _thinned((points - self._low) // (_FINE_SHARE * size), owners)
        keys = self._keys(self._cells(points[kept]))
        order = np.argsort(keys, kind="stable")
        self._points, self._owners, self._sorted = points[kept][order], owners[kept][order], keys[order]

    def room(self, owner: int, parts: Floats, cells: int = _CELLS) -> Floats:
        """Return the distances (T,) in font sizes from points (T, 3, 2) to other lines, at most `_FAR`.

        With fewer `cells` than `_CELLS`, the search ends after that number of cells.
        """
        places = parts.reshape(-1, 2)
        rows = np.arange(-cells, cells + 1)
        first = self._cells(places)[:, None, :] + np.stack([np.full_like(rows, -cells), rows], axis=-1)
        keys = self._keys(first).ravel()  # of the first of neighbouring cells in a row
        starts = np.searchsorted(self._sorted, keys)
        stops = np.searchsorted(self._sorted, keys + 2 * cells, "right")
        counts = stops - starts
        found = np.arange(counts.sum()) + np.repeat(starts - np.cumsum(counts) + counts, counts)
        whose = np.repeat(np.repeat(np.arange(len(places)), 2 * cells + 1), counts)
        is_other = self._owners[found] != owner
        found, whose = found[is_other], whose[is_other]
        nearest = np.full(len(places), _FAR * self.size)
        np.minimum.at(nearest, whose, magnitudes(places[whose] - self._points[found]))
        room: Floats = nearest.reshape(parts.shape[:-1]).min(axis=1) / self.size
        return room

    def _cells(self, points: Floats) -> NDArray[np.int64]:
        """Return the column and the row (..., 2) of the cells of points (..., 2)."""
        cells: NDArray[np.int64] = ((points - self._low) // (_FAR * self.size / _CELLS)).astype(np.int64)
        return cells

    @staticmethod
    def _keys(cells: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one number (...) for each cell (..., 2); neighbours in a row have consecutive numbers."""
        keys: NDArray[np.int64] = cells[..., 1] * _ROW + cells[..., 0]
        return keys


def _thinned(cells: Floats, owners: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the indices of points to keep: `_POINTS` of each of `_OWNERS` lines in a cell (N, 2)."""
    columns, rows = cells.T
    order = np.lexsort((owners, columns, rows))
    changes = [np.diff(part[order], prepend=np.nan) != 0 for part in (columns, rows, owners)]
    is_cell = changes[0] | changes[1]
    is_run = is_cell | changes[2]  # the first point of a line in a cell
    run, index = np.cumsum(is_run) - 1, np.arange(len(order))
    point_rank = index - np.maximum.accumulate(np.where(is_run, index, 0))
    owner_rank = run - np.maximum.accumulate(np.where(is_cell, run, 0))
    return order[(owner_rank < _OWNERS) & (point_rank < _POINTS)]


def _best(
    line: LevelLine,
    room_at: Callable[..., Floats],
    taken: list[Floats],
    box: Floats,
    label: tuple[float, float],
) -> list[tuple[Floats, float]]:
    """Return the best middle (2,) of a label on a line and its rotation, none if there is no room.

    `room_at` returns the distances from points to other lines, `taken` are the middles of other labels; a
    label has a width and a height.
    """
    width, height = label
    middles = np.linspace(0.75 * width, line.along[-1] - 0.75 * width, _TRIALS)
    parts = line.at(middles[:, None] + np.array([-0.5, 0, 0.5]) * width)  # (trials, 3, 2)
    chords = parts[:, 2] - parts[:, 0]
    free = magnitudes(chords) >= _STRAIGHT_SHARE * width
    free &= ((parts > box[0] + height / 2) & (parts < box[1] - height / 2)).all(axis=(1, 2))
    if taken:
        free &= magnitudes(parts[:, 1, None] - np.array(taken)).min(axis=1) >= _MIN_SPACING * width
    parts, chords = parts[free], chords[free]
    if len(parts):  # in a crowd, few positions are left for the wider search
        free = room_at(parts, cells=1) >= _MIN_DISTANCE
        parts, chords = parts[free], chords[free]
    if not len(parts):
        return []
    score = room_at(parts) + 2 * np.abs(chords[:, 0]) / magnitudes(chords)
    place = int(score.argmax())
    across, up = chords[place].tolist()
    return [(parts[place, 1], (math.degrees(math.atan2(up, across)) + 90) % 180 - 90)]
