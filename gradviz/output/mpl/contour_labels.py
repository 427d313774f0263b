"""Heights written on level lines, where there is room for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from gradviz.arrays import Floats, magnitudes
from gradviz.sampling.levels import evenly_spaced
from gradviz.sampling.numbers import format_values

if TYPE_CHECKING:
    from matplotlib.contour import QuadContourSet

_MOST = 20  # levels with a height; of more every second, fifth, tenth ... has one
_SIZE = "small"
_WIDTH = 0.65  # heights of letters that a digit is wide
_APART = 0.8  # heights of letters that other lines are away from a number, at the least
_FAR = 2.5  # heights of letters: lines that are farther away make no difference
_LINE = 2.5  # lengths of a number: shorter lines have none
_STRAIGHT = 0.93  # of a number's length: the distance of the ends of the line below it, at the least
_BETWEEN = 1.3  # lengths of a number from its middle to that of the next, at the least
_GAP = 3  # dots from a number to its line
_OUTLINE = 1.5  # points
_TRIALS = 24  # places along a line


class _Line(NamedTuple):
    """A level line in one piece, on the screen."""

    level: float
    points: Floats
    """In dots (N, 2)."""
    along: Floats
    """How far it is to each point along the line (N,)."""

    def at(self, places: Floats) -> Floats:
        """Return the points (..., 2) at places (...) along the line."""
        return np.stack([np.interp(places, self.along, part) for part in self.points.T], axis=-1)


def write(contours: QuadContourSet, color: str, outline: str | None = None) -> list[Any]:
    """Write heights on level lines in a colour, with an outline or without, and return the texts.

    The layout must not change any more.

    Each line has one number where it is straight, far from other lines and as level as can be, or none where
    all of it is crowded, bent or short.
    """
    axes: Any = contours.axes
    letter = FontProperties(size=_SIZE).get_size_in_points() * axes.figure.dpi / 72
    lines = list(_lines(contours))
    if not lines:
        return []
    words = format_values([float(level) for level in contours.levels])
    spread = [line.at(np.arange(0, line.along[-1] + letter / 2, letter / 2)) for line in lines]
    whose = np.repeat(np.arange(len(lines)), list(map(len, spread)))
    points, chosen = np.concatenate(spread), _chosen([float(level) for level in contours.levels])
    order = np.argsort(points[:, 0])
    points, whose = points[order], whose[order]
    places: list[Floats] = []
    for index, line in enumerate(lines):
        width = _WIDTH * letter * len(re.sub(r"\\\w+|[${}^ ]", "", words[line.level]))
        if line.level in chosen and line.along[-1] >= _LINE * width:
            ends = line.points[:, 0].min() - _FAR * letter, line.points[:, 0].max() + _FAR * letter
            beside = slice(*np.searchsorted(points[:, 0], ends))  # of thousands of lines, few matter
            others = points[beside][whose[beside] != index]
            places += _best(line, others, places, axes.bbox, (width, letter))
    if not places:
        return []
    at = axes.transData.inverted().transform(places).tolist()
    look: dict[str, Any] = {"fontsize": _SIZE, "colors": [color], "fmt": words}
    texts = list(contours.clabel(inline_spacing=_GAP, manual=at, **look))
    if outline is not None:
        for text in texts:
            text.set_path_effects([withStroke(linewidth=_OUTLINE, foreground=outline)])
    return texts


def _lines(contours: QuadContourSet) -> Iterator[_Line]:
    """Yield the pieces of level lines."""
    axes: Any = contours.axes
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        for piece in path.to_polygons(closed_only=False):
            points = axes.transData.transform(piece)
            along = np.concatenate([[0.0], np.cumsum(magnitudes(np.diff(points, axis=0)))])
            yield _Line(float(level), points, along)


def _chosen(levels: list[float]) -> set[float]:
    """Return the levels with a height: round ones, where there are many."""
    each = next(n for n in (1, 2, 5, 10, 20, 50, 100) if len(levels) <= n * _MOST)
    if evenly_spaced(levels) and len(levels) > 1:
        step = (levels[-1] - levels[0]) / (len(levels) - 1)
        first = round(levels[0] / step)
        return {level for place, level in enumerate(levels, first) if place % each == 0}
    return set(levels[::each])


def _best(
    line: _Line, others: Floats, taken: list[Floats], box: Any, number: tuple[float, float]
) -> list[Floats]:
    """Return a list of the best place (2,) for the middle of a number on a line, empty if there is none.

    `others` (N, 2) are points of other lines, `taken` the middles of other numbers; a number has a width and
    a height.
    """
    width, height = number
    middles = np.linspace(0.75 * width, line.along[-1] - 0.75 * width, _TRIALS)
    parts = line.at(middles[:, None] + np.array([-0.5, 0, 0.5]) * width)  # (trials, 3, 2)
    chords = parts[:, 2] - parts[:, 0]
    free = magnitudes(chords) >= _STRAIGHT * width
    free &= ((parts > box.min + height / 2) & (parts < box.max - height / 2)).all(axis=(1, 2))
    if taken:
        free &= magnitudes(parts[:, 1, None] - np.array(taken)).min(axis=1) >= _BETWEEN * width
    parts, chords = parts[free], chords[free]
    if not len(parts):
        return []
    room, reach = np.full(len(parts), _FAR), _FAR * height
    near = others[
        ((others >= parts.min(axis=(0, 1)) - reach) & (others <= parts.max(axis=(0, 1)) + reach)).all(axis=1)
    ]
    if len(near):
        room = np.fmin(room, magnitudes(parts[:, :, None] - near).min(axis=(1, 2)) / height)
    score = room + 2 * np.abs(chords[:, 0]) / magnitudes(chords)
    place = int(np.where(room >= _APART, score, -1.0).argmax())
    return [parts[place, 1]] if room[place] >= _APART else []
