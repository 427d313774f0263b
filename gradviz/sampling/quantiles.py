"""Round levels that separate about equal shares of values, as a shortest path."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats

ROUND_STEPS = (1.0, 2.0, 2.5, 5.0)
"""The mantissas of round steps, from 1 to 10."""

_PARTS = 16  # number of percentiles from one quantile to the next
_ODD = 2.0  # the mantissa of steps between odd multiples of a half, such as 10, 30 and 50
_RATIO = 4.0  # of a round step to the distances of the quantiles next to it, and the inverse, at most
_END_RATIO = 100.0  # of the shortest steps next to an end, to which levels are closer
_NEAR = np.arange(-8, 9)  # multiples of a step, or of its half, next to a quantile
_LEAST_GAP = 1e-9  # of the widest distance of two quantiles: closer ones are equal
_EXCESS = 2.0  # weight of shares that are too large
_LEAST_RATIO = 0.25  # of a share to an equal one: a smaller one costs as much

_Keys = NDArray[np.int64]  # levels in units of a quarter of a power of ten


def quantile_levels(
    values: Floats, count: int, limits: tuple[float, float], *, covering: bool, least_step: float
) -> list[float]:
    """Return about `count` levels that separate equal shares of values (N,), which are overwritten.

    The distance of neighbouring levels is a round step and divides them, or their doubles if it is a 2; steps
    are shorter than `least_step` next to an end alone. Of all such sequences it is the one with the least sum
    of the squares of (r - 1) or, for r < 1, log(r), for the ratios r of its shares to equal ones. Levels lie
    inside the limits; `covering` ones begin at or below the lower one and end at or above the upper one.
    There are none if all values are equal.
    """
    shares = np.linspace(0, 1, _PARTS * (count + 1) + 1)
    quantiles = np.percentile(values, 100 * shares, overwrite_input=True)
    if not quantiles[-1] > quantiles[0]:
        return []
    starts, stops, power = _round_intervals(quantiles[::_PARTS], least_step)
    first, last = _levels(starts, power), _levels(stops, power)
    low, high = limits

    def costs(first: Floats | float, last: Floats | float) -> Floats:
        between = np.interp(last, quantiles, shares) - np.interp(first, quantiles, shares)
        ratio: Floats = np.maximum((count + 1) * between, _LEAST_RATIO)
        return np.where(ratio > 1, _EXCESS * (ratio - 1), np.log(ratio)) ** 2

    is_first, is_last = (first <= low, last >= high) if covering else (first > low, last < high)
    before = np.where(is_first, (low - first) / (high - low) if covering else costs(low, first), np.inf)
    behind = np.where(is_last, (last - high) / (high - low) if covering else costs(last, high), np.inf)
    if not covering:
        before, behind = np.where(is_last, before, np.inf), np.where(is_first, behind, np.inf)
    keys = _shortest(starts, stops, before, costs(first, last), behind)
    levels: list[float] = _levels(np.array(keys, dtype=np.int64), power).tolist()
    return levels


def _levels(keys: _Keys, power: int) -> Floats:
    """Return levels (N,) from numbers of quarters of 10^power, as the nearest doubles."""
    quarters = np.multiply(25.0, keys, dtype=np.float64) + 0.0  # no -0
    return quarters / 10.0 ** (2 - power) if power < 2 else quarters * 10.0 ** (power - 2)


def _shortest(starts: _Keys, stops: _Keys, before: Floats, between: Floats, behind: Floats) -> list[int]:
    """Return the levels of the cheapest sequence of intervals (M,), each of which begins where one ends.

    A sequence costs `before` its first interval, `between` the ends of each, and `behind` its last; none is
    cheaper than infinity if no sequence is possible, and the list is empty.
    """
    costs: dict[int, float] = {}  # the least cost up to a level
    previous: dict[int, int] = {}
    end, least = None, math.inf
    for i in np.lexsort((-between, starts)).tolist():
        start, stop = int(starts[i]), int(stops[i])
        if before[i] < costs.get(start, math.inf):
            costs[start] = float(before[i])
            previous.pop(start, None)
        cost = costs.get(start, math.inf) + float(between[i])
        if cost < costs.get(stop, math.inf):
            costs[stop], previous[stop] = cost, start
        if cost + float(behind[i]) < least:
            end, least = (start, stop), cost + float(behind[i])
    levels = [] if end is None else [end[1], end[0]]
    while levels and levels[-1] in previous:
        levels.append(previous[levels[-1]])
    return levels[::-1]


def _round_intervals(quantiles: Floats, least_step: float) -> tuple[_Keys, _Keys, int]:
    """Return the ends (M,) of intervals between multiples of a round step next to each quantile (N,).

    They are in units of a quarter of a power of ten, which is the last item.
    """
    gaps = np.diff(quantiles)
    known = gaps > _LEAST_GAP * gaps.max()
    small = gaps < least_step
    is_end = np.logical_and.accumulate(small) | np.logical_and.accumulate(small[::-1])[::-1]
    shortest = np.where(is_end, gaps / _RATIO, np.maximum(gaps / _RATIO, least_step))
    shortest[[0, -1]] /= _END_RATIO
    power = math.floor(math.log10(shortest[known].min()))
    found: list[_Keys] = []
    for exponent in range(power, math.ceil(math.log10(_RATIO * gaps.max())) + 1):
        for mantissa in ROUND_STEPS:
            step, key = mantissa * 10.0**exponent, round(4 * mantissa) * 10 ** (exponent - power)
            for i in np.flatnonzero(known).tolist():
                beside = slice(max(i - 1, 0), i + 2)
                if shortest[beside][known[beside]].min() <= step <= _RATIO * gaps[beside].max():
                    part = 2 if mantissa == _ODD else 1
                    near = part * np.floor(quantiles[i : i + 2, None] / step).astype(np.int64) + _NEAR
                    found.append(np.stack([near.ravel() * key // part, np.full(near.size, key)]))
    starts, keys = np.unique(np.concatenate(found, axis=1), axis=1)
    return starts, starts + keys, power
