"""The behaviour of a function without a formula on both sides of a point where it has no derivative."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import MIN_STEP, shifted
from gradviz.calculus.reliability import Estimate, Reason
from gradviz.calculus.stencil import Line

_NEAREST_SIDE = 2.0**-30  # shortest distance at which a side is evaluated, relative to the first step
_POWERS = (0.03, 0.95)  # powers p of |x|^p between that of a jump, 0, and that of a finite slope, 1
_SAME_POWER = 0.03  # largest difference of the powers at several distances
_SAME_LIMIT = 0.1  # largest relative difference of two values near a jump
_VISIBLE_RISE = 100  # smallest change that is no rounding, in units of eps |f|
_CLOSER = 8  # ratio of two distances to a pole
_POLE = 2  # growth of |f| to 1/8 of the distance that marks a pole: 8 for 1/x, 2.8 for 1/sqrt(x), 1 for log x
_NO_SLOPE = (Reason.JUMP, Reason.POLE, Reason.CUSP, Reason.VERTICAL)


def with_singularities(
    estimate: Estimate, reasons: NDArray[np.uint8], lines: list[Line], first: Floats
) -> Estimate:
    """Return an estimate at points (N, D) with the reasons that values on both sides of the points give.

    `reasons` (N, D) are those of the stencils, and `first` (N, D) their first steps. The slope is infinite at
    a vertical tangent, and NaN at cusps, jumps, poles, and kinks with an infinite slope on one side.
    """
    reasons, codes, slopes = reasons.copy(), estimate.marks.copy(), estimate.gradient
    rough = np.flatnonzero(
        np.isin(codes, (Reason.POLE, Reason.KINK, Reason.JUMP, Reason.NOISE)) & np.isfinite(estimate.values)
    )
    undefined = np.flatnonzero(np.isnan(estimate.values))
    infinite, one_infinite = np.full(slopes.shape, np.nan), np.zeros(slopes.shape, np.bool_)
    for axis, line in enumerate(lines):
        unbounded = _steep(line, rough, first[rough, axis])
        no_jump = np.isin(reasons[rough, axis], (Reason.JUMP, Reason.POLE))
        no_jump &= ~jumps(line, rough, first[rough, axis], np.nan_to_num(slopes[rough, axis]), poles=True)
        codes[rough[no_jump & (codes[rough] == reasons[rough, axis])]] = Reason.NOISE
        reasons[rough[no_jump], axis] = Reason.NOISE
        found = np.isin(reasons[rough, axis], (Reason.KINK, Reason.JUMP, Reason.NOISE)) & (
            unbounded.reason > 0
        )
        reasons[rough[found], axis] = codes[rough[found]] = unbounded.reason[found]
        infinite[rough[found], axis] = unbounded.slope[found]
        one_infinite[rough[found], axis] = unbounded.reason[found] == Reason.KINK
        codes[undefined[_has_pole(line, undefined, first[undefined, axis])]] = Reason.POLE
    no_slope = np.isin(codes, _NO_SLOPE)[:, None] & np.isin(reasons, _NO_SLOPE) | one_infinite
    return estimate._replace(
        gradient=np.where(no_slope, infinite, slopes),
        error=np.where(no_slope, np.inf, estimate.error),
        marks=codes,
    )


class _Steep(NamedTuple):
    """Points (K,) at which a one-sided slope grows without bound."""

    reason: NDArray[np.uint8]
    """VERTICAL, CUSP, KINK with one infinite slope, or 0."""
    slope: Floats
    """The infinite slope at a vertical tangent, else NaN."""


def _steep(line: Line, rows: NDArray[np.intp], steps: Floats) -> _Steep:
    """Return whether |f(x + d) - f(x)| goes as |d|^p with p < 1 on the sides of the points `rows` (K,)."""
    distances, seen = _distances(line, rows, steps, 5), _VISIBLE_RISE * line.eps * np.abs(line.values[rows])
    above, below = (_rises(line, rows, distances, sign) for sign in (1, -1))
    both = [_power_is_steep(rises, distances, seen) for rises in (above, below)]
    same = np.sign(above[-1]) == -np.sign(below[-1])
    reason = np.select(
        [both[0] & both[1] & same, both[0] & both[1], both[0] | both[1]],
        [Reason.VERTICAL, Reason.CUSP, Reason.KINK],
        Reason.NONE,
    ).astype(np.uint8)
    return _Steep(reason, np.where(reason == Reason.VERTICAL, np.copysign(np.inf, above[-1]), np.nan))


def jumps(
    line: Line, rows: NDArray[np.intp], steps: Floats, slopes: Floats, *, poles: bool
) -> NDArray[np.bool_]:
    """Return whether f has another limit than f(x) on a side of the points `rows` (K,), apart from its slope.

    With `poles`, also whether it has none.
    """
    distances, seen = _distances(line, rows, steps, 3), _VISIBLE_RISE * line.eps * np.abs(line.values[rows])
    found = np.zeros(len(rows), np.bool_)
    for sign in (1, -1):
        rises = _rises(line, rows, distances, sign)
        far, middle, near = (rise - sign * slopes * d for rise, d in zip(rises, distances, strict=True))
        limit = np.abs(near) >= (1 - _SAME_LIMIT) * np.abs(middle)
        if not poles:
            limit &= (np.abs(near - middle) <= _SAME_LIMIT * np.abs(near)) & (np.abs(far) < 2 * np.abs(near))
        found |= limit & (np.abs(near) > seen)
    return found


def _distances(line: Line, rows: NDArray[np.intp], steps: Floats, count: int) -> list[Floats]:
    """Return `count` distances (K,) to both sides of the points `rows` (K,), from the longest."""
    ratio = np.maximum(_NEAREST_SIDE, MIN_STEP * np.abs(line.coordinates[rows]) / steps)
    return [steps * ratio ** (k / (count - 1)) for k in range(count)]


def _rises(line: Line, rows: NDArray[np.intp], distances: list[Floats], sign: int) -> list[Floats]:
    """Return f(x + d) - f(x) for each of the `distances` d (K,) on one side of the points `rows` (K,)."""
    points, values = line.points[rows], line.values[rows]
    return [shifted(line.function, points, line.axis, sign * d)[0] - values for d in distances]


def _power_is_steep(rises: list[Floats], distances: list[Floats], seen: Floats) -> NDArray[np.bool_]:
    """Return whether rises (K,) go as one power of the distance, between 0 and 1."""
    powers = [
        np.log(np.abs(rise / next_rise)) / np.log(distance / next_distance)
        for (rise, next_rise), (distance, next_distance) in zip(
            pairwise(rises), pairwise(distances), strict=True
        )
    ]
    low, high = np.min(powers, axis=0), np.max(powers, axis=0)
    steep: NDArray[np.bool_] = (low > _POWERS[0]) & (high < _POWERS[1]) & (high - low < _SAME_POWER)
    return steep & (np.abs(rises[-1]) > seen)


def _has_pole(line: Line, undefined: NDArray[np.intp], steps: Floats) -> NDArray[np.bool_]:
    """Return whether f is unbounded on a side of the `undefined` (K,) points, where it is NaN."""
    unbounded = np.zeros(len(undefined), np.bool_)
    for side in (steps, -steps):
        far, near = (
            np.abs(shifted(line.function, line.points[undefined], line.axis, distance)[0])
            for distance in (side, side / _CLOSER)
        )
        unbounded |= near > _POLE * far
    return unbounded


def reasons_of_growth(growth: Floats, ratio: int) -> NDArray[np.uint8]:
    """Return the reason codes for the growth (N,) of the roughness r with a step `ratio` times as long.

    r is a slope; r h is constant in h at a jump, proportional to h at a kink, to a power of h below 1 at a
    cusp and to h^6 where f is smooth; at a pole it grows as h shrinks.
    """
    power = np.log(growth) / math.log(ratio) + 1
    return np.select(
        [power < -0.3, power < 0.15, power < 1.15], [Reason.POLE, Reason.JUMP, Reason.KINK], Reason.NOISE
    ).astype(np.uint8)
