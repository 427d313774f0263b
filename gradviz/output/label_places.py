"""Positions of values written on contours, where there is room for them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

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
    points, chosen = np.concatenate(spread), _labelled(levels)
    order = np.argsort(points[:, 0])
    points, whose = points[order], whose[order]
    places: list[LabelPlace] = []
    for index, line in enumerate(lines):
        text = texts[line.level]
        width = _DIGIT_WIDTH * size * len(re.sub(r"\\\w+|[${}^ ]", "", text))
        if line.level in chosen and line.along[-1] >= _MIN_LENGTH * width:
            ends = line.points[:, 0].min() - _FAR * size, line.points[:, 0].max() + _FAR * size
            near = slice(*np.searchsorted(points[:, 0], ends))  # of thousands of lines, few matter
            others = points[near][whose[near] != index]
            taken = [place.middle for place in places]
            places += (
                LabelPlace(text, width, *best) for best in _best(line, others, taken, box, (width, size))
            )
    return places


def _labelled(levels: Sequence[float]) -> set[float]:
    """Return the levels with a label: round ones if there are many."""
    each = next(n for n in (1, 2, 5, 10, 20, 50, 100) if len(levels) <= n * _MAX_LEVELS)
    if evenly_spaced(levels) and len(levels) > 1:
        step = (levels[-1] - levels[0]) / (len(levels) - 1)
        first = round(levels[0] / step)
        return {level for place, level in enumerate(levels, first) if place % each == 0}
    return set(levels[::each])


def _best(
    line: LevelLine, others: Floats, taken: list[Floats], box: Floats, label: tuple[float, float]
) -> list[tuple[Floats, float]]:
    """Return the best middle (2,) of a label on a line and its rotation, none if there is no room.

    `others` (N, 2) are points of other lines, `taken` the middles of other labels; a label has a width and a
    height.
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
    if not len(parts):
        return []
    reach = _FAR * height
    low, high = parts.min(axis=(0, 1)) - reach, parts.max(axis=(0, 1)) + reach
    near = others[((others >= low) & (others <= high)).all(axis=1)]
    room = magnitudes(parts[:, :, None] - near).min(axis=(1, 2), initial=reach) / height
    score = room + 2 * np.abs(chords[:, 0]) / magnitudes(chords)
    place = int(np.where(room >= _MIN_DISTANCE, score, -1.0).argmax())
    if room[place] < _MIN_DISTANCE:
        return []
    across, up = chords[place].tolist()
    return [(parts[place, 1], (math.degrees(math.atan2(up, across)) + 90) % 180 - 90)]
