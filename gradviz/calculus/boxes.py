"""Boxes of points for branch and bound: subdivision, limits of the search, and short lists of boxes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from gradviz.fields.series import Defect

Box = tuple[tuple[float, float], ...]
"""The interval (low, high) of each variable."""
Reason = Literal["limit", "undecided", "constant", "degenerate", "kink", "jump", "edge"]
_ORDER = get_args(Reason)
"""Reasons why a box stays open; that of a hull is the last one of its parts."""

REASONS: Mapping[Defect, Reason] = {
    Defect.SMOOTH: "undecided",
    Defect.KINK: "kink",
    Defect.JUMP: "jump",
    Defect.EDGE: "edge",
}

MIN_WIDTH = 2.0**-20  # width, relative to the range, up to which boxes are divided
_SPLIT = 0.4871  # share of the first part: zeros are often in the middle, where they would lie in both parts
_GAP = 8 * MIN_WIDTH  # distance, relative to the range, up to which boxes are adjacent
_SMALL = 1e-3  # width, relative to the range, up to which adjacent boxes are joined
_JOINED = 300  # number of boxes up to which each pair is compared
_LISTED = 100  # number of boxes in a list


@dataclass(frozen=True)
class Open:
    """A box in which nothing is proven, with the reason."""

    box: Box
    reason: Reason


@dataclass(frozen=True)
class Effort:
    """Limits of a search: the processor time at which it ends, in s, and the number of boxes."""

    end: float
    boxes: int

    def is_spent(self, boxes: int = 0) -> bool:
        """Return whether the time has passed, or a number of boxes is the limit."""
        return boxes >= self.boxes or time.process_time() >= self.end


def effort(seconds: float, boxes: int = 200_000) -> Effort:
    """Return the limits of a search that begins now."""
    return Effort(time.process_time() + seconds, boxes)


def split(box: Box, lengths: Sequence[float], axes: Iterable[int]) -> tuple[Box, Box] | None:
    """Return the parts of a box, divided along the axis of the largest relative width.

    Returns None if no width is above `MIN_WIDTH` times the lengths (D,), or has doubles inside.
    """
    widths = {k: (box[k][1] - box[k][0]) / lengths[k] for k in axes}
    axis = max(widths, key=widths.__getitem__, default=-1)
    if axis < 0 or widths[axis] <= MIN_WIDTH:
        return None
    low, high = box[axis]
    middle = low + _SPLIT * (high - low)
    if not low < middle < high:
        return None
    return (
        (*box[:axis], (low, middle), *box[axis + 1 :]),
        (*box[:axis], (middle, high), *box[axis + 1 :]),
    )


def within(box: Box, outer: Box) -> Box | None:
    """Return the intersection of two boxes; None if it is empty."""
    parts = tuple((max(a, c), min(b, d)) for (a, b), (c, d) in zip(box, outer, strict=True))
    return parts if all(low <= high for low, high in parts) else None


def listed(boxes: Iterable[Open], lengths: Sequence[float]) -> tuple[Open, ...]:
    """Return at most 100 boxes that cover boxes of a search; small ones that are adjacent become one."""
    joined = _clusters(_coarser(list(boxes), lengths, _JOINED), lengths)
    return tuple(sorted(_coarser(joined, lengths, _LISTED), key=lambda each: each.box))


def _coarser(boxes: list[Open], lengths: Sequence[float], most: int) -> list[Open]:
    """Return the hulls of boxes with centres in one cell of a mesh that leaves at most so many."""
    cell = MIN_WIDTH
    while len(boxes) > most:
        cell *= 4
        groups: dict[tuple[int, ...], list[Open]] = {}
        for each in boxes:
            centre = (low / 2 + high / 2 for low, high in each.box)
            key = tuple(int(c // (cell * length)) for c, length in zip(centre, lengths, strict=True))
            groups.setdefault(key, []).append(each)
        boxes = [_hull(group) for group in groups.values()]
    return boxes


def _clusters(boxes: list[Open], lengths: Sequence[float]) -> list[Open]:
    """Return boxes, adjacent ones replaced by their hull as long as that is small."""
    found: list[Open] = []
    for each in boxes:
        current = each
        while True:
            margins = zip(current.box, lengths, strict=True)
            around = tuple((low - _GAP * length, high + _GAP * length) for (low, high), length in margins)
            near = [other for other in found if within(around, other.box)]
            hull = _hull([current, *near])
            widths = [(high - low) / length for (low, high), length in zip(hull.box, lengths, strict=True)]
            if not near or max(widths) > _SMALL:
                break
            found = [other for other in found if other not in near]
            current = hull
        found.append(current)
    return found


def _hull(boxes: Sequence[Open]) -> Open:
    columns = zip(*(each.box for each in boxes), strict=True)
    hull = tuple(
        (min(low for low, _ in column), max(high for _, high in column)) for column in map(list, columns)
    )
    return Open(hull, max((each.reason for each in boxes), key=_ORDER.index))
