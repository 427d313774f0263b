"""Limits of values: of all data, and robust ones that poles and a few extreme values do not stretch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import grows_without_bound
from gradviz.errors import Message
from gradviz.fields.scalar import ScalarField

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path

Limits = tuple[float, float]
Extend = Literal["neither", "min", "max", "both"]
"""The ends of a scale beyond which there are values."""

LARGEST = 1e200  # magnitude of a value that can be drawn: Matplotlib's contours take 1e250 for infinity
CONSTANT = "the function is constant"

DECADES_FOR_LOG = 30.0  # ratio of the largest to the smallest value from which on a logarithmic scale is used
_TAIL_PERCENT = 5  # of the values at an end with a pole, left out of the robust limits
_EXTREME_RATIO = 3.0  # of the largest value to the typical ones: such a value does not set a limit
_FENCE = 1.5  # interquartile ranges above the upper quartile: Tukey's fence
_MAGNITUDE_DECADES = 100.0  # ratio of the largest magnitude to the median from which colours are logarithmic
_LOG_RANGE = (10.0, 1e6)  # minimum and maximum ratio of the limits of a logarithmic scale of magnitudes
_SMALL_PERCENT = 5  # of the magnitudes, which a logarithmic scale leaves out at its lower end
_EDGE_SHARE = 0.25  # of the span: how far values at the edge of the domain widen the limits
_BALANCED_RATIO = 3.0  # of the distances of limits from 0: a diverging colour map is used up to it
MOST_DIGITS = 17  # of a number as text: enough for any two doubles to differ
_LINE_SHARE = 0.5  # of the span of the curve: how far tangents may widen the limits
_MARGIN_SHARE = 0.05  # of the span: the margin that Matplotlib leaves on each side of data
_AUTOSCALE_EQUAL = 1e-15  # of the largest value: a smaller span is none in Matplotlib's autoscale
_AUTOSCALE_ZERO = 1e6 / 1e-15 * float(np.finfo(np.float64).tiny)  # a smaller value is 0 there, about 2e-287
_SMALLEST_LOG_SHARE = 1e-12  # of the typical values: below, a logarithmic axis ends


def joined(arrays: Sequence[Floats]) -> Floats:
    """Return several arrays as one along the first axis, or as numbers (N,) if their rows differ in shape.

    A single array is returned as it is, since a copy of a fine mesh takes much memory.
    """
    if len(arrays) == 1:
        return arrays[0]
    rows = {array.shape[1:] for array in arrays}
    return np.concatenate(arrays if len(rows) == 1 else [array.ravel() for array in arrays])


def distinct(values: Sequence[float], digits: int) -> list[str]:
    """Return numbers as text with some significant digits, and more where their differences are small."""
    distances = np.diff(sorted({*values}))
    if distances.size and math.isfinite(ratio := max(map(abs, values)) / float(distances.min())):
        digits = min(digits + max(math.floor(math.log10(ratio)), 0), MOST_DIGITS)
    return [f"{value:z.{digits}g}" for value in values]


def data_limits(values: Floats) -> Limits:
    """Return the minimum and the maximum of values, NaN apart."""
    return float(np.nanmin(values)), float(np.nanmax(values))


def inner_limits(limits: Limits, levels: Sequence[float]) -> Limits:
    """Return limits without the parts below the first and above the last of ascending levels, if any."""
    low, high = limits
    return (max(low, levels[0]), min(high, levels[-1])) if levels else limits


def outer_limits(limits: Limits, levels: Sequence[float]) -> Limits:
    """Return limits that contain ascending levels, if any."""
    low, high = limits
    return (min(low, levels[0]), max(high, levels[-1])) if levels else limits


def is_balanced(limits: Limits) -> bool:
    """Return whether limits lie on both sides of 0, one at most three times as far as the other."""
    low, high = limits
    return low < 0 < high and max(-low, high) <= _BALANCED_RATIO * min(-low, high)


def union(limits: Iterable[Limits]) -> Limits:
    """Return the limits that contain all others."""
    lows, highs = zip(*limits, strict=True)
    return min(lows), max(highs)


def extend_of(*, below: bool, above: bool) -> Extend:
    """Return the ends of a scale beyond which there are values."""
    ends: tuple[Extend, ...] = ("neither", "min", "max", "both")
    return ends[below + 2 * above]


def is_constant(values: Floats, rounding: float = 4e-15) -> bool:
    """Return whether all values are equal up to a share of the largest, or all are NaN."""
    known = np.isfinite(values)
    low = float(np.min(values, where=known, initial=np.inf))
    high = float(np.max(values, where=known, initial=-np.inf))
    return high - low <= rounding * max(abs(low), abs(high))


def percentiles(values: Floats, *shares: float) -> list[float]:
    """Return percentiles of the values that are not NaN."""
    known = values[~np.isnan(values)]
    return [float(one) for one in np.percentile(known, shares, overwrite_input=True)]


def percentile_limits(values: Floats) -> Limits:
    """Return the limits of the inner 90 % of values, widened by half their span inside the data limits."""
    first, last = percentiles(values, _TAIL_PERCENT, 100 - _TAIL_PERCENT)
    room = (last - first) / 2
    low, high = data_limits(values)
    return max(low, first - room), min(high, last + room)


def robust_limits(field: ScalarField, points: Floats, values: Floats) -> Limits:
    """Return the limits of values (...) at points (..., D): of all data, at a pole those of percentiles."""
    least, greatest = data_limits(values)
    low, high = percentile_limits(values)
    for sign, is_far in ((-1, least < low), (1, high < greatest)):
        if not (is_far and low < high and grows_without_bound(field, points, values, sign)):
            low, high = (least, high) if sign < 0 else (low, greatest)
    return low, high


def autoscaled(values: Floats) -> Limits:
    """Return the limits of an axis of values as Matplotlib's autoscale sets them, with a margin of 5 %.

    Equal values get limits on both sides, and NaN are left out. Without any number the limits are those
    around 0.
    """
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    largest = max(abs(low), abs(high))
    if largest < _AUTOSCALE_ZERO:
        low, high = -_MARGIN_SHARE, _MARGIN_SHARE
    elif high - low <= _AUTOSCALE_EQUAL * largest:
        low, high = low - _MARGIN_SHARE * abs(low), high + _MARGIN_SHARE * abs(high)
    margin = (high - low) * _MARGIN_SHARE
    return low - margin, high + margin


def widened(curve: Limits, ends: Floats | None = None) -> Limits:
    """Return limits that show a whole curve, and the ends of lines as far as they are near it."""
    low, high = curve
    span = high - low or max(abs(high), 1.0)
    if ends is not None and ends.size:
        low = max(min(low, float(ends.min())), low - _LINE_SHARE * span)
        high = min(max(high, float(ends.max())), high + _LINE_SHARE * span)
    return low - _MARGIN_SHARE * span, high + _MARGIN_SHARE * span


def widened_to_edges(limits: Limits, sampled: Floats, drawn: Floats) -> Limits:
    """Return limits that include values drawn at the edge of the domain, if these lie little beyond."""
    low, high = limits
    room = _EDGE_SHARE * (high - low)
    if low == np.nanmin(sampled):
        low = max(low - room, min(low, float(np.nanmin(drawn))))
    if high == np.nanmax(sampled):
        high = min(high + room, max(high, float(np.nanmax(drawn))))
    return low, high


def upper_fence(magnitudes: Floats) -> float:
    """Return Tukey's upper fence of the magnitudes above 0, or their maximum if smaller; 0 of none."""
    positive = magnitudes[magnitudes > 0]
    if not positive.size:
        return 0.0
    first, third = percentiles(positive, 25, 75)
    return min(third + _FENCE * (third - first), float(positive.max()))


def magnitude_limit(magnitudes: Floats, *, unbounded: bool) -> float:
    """Return the upper limit of a scale of magnitudes: their maximum, or upper fence if `unbounded`."""
    return (upper_fence(magnitudes) if unbounded else float(np.nanmax(magnitudes, initial=0.0))) or 1.0


def log_magnitude_limits(magnitudes: Floats, high: float | None = None) -> Limits:
    """Return the limits of a logarithmic scale of magnitudes: 95 % of those above 0, in at most 6 decades."""
    positive = magnitudes[magnitudes > 0]
    if not positive.size:
        return 0.0, high or 1.0
    high = high or float(positive.max())
    least, most = _LOG_RANGE
    return min(max(*percentiles(positive, _SMALL_PERCENT), high / most), high / least), high


def is_crowded(magnitudes: Floats, high: float) -> bool:
    """Return whether the median of the magnitudes above 0 lies two decades below a limit, or lower."""
    positive = magnitudes[magnitudes > 0]
    return bool(positive.size) and high > _MAGNITUDE_DECADES * float(np.median(positive))


def values_beyond(values: Floats, limits: Limits, effect: str | Message) -> tuple[Message, ...]:
    """Return a warning that values lie beyond limits, and the effect of that; none if there are no such."""
    low, high = distinct(limits, 3)
    beyond = [f"below {low}"] * bool(np.nanmin(values) < limits[0])
    beyond += [f"above {high}"] * bool(np.nanmax(values) > limits[1])
    return (Message("values ", " and ".join(beyond), " ", effect),) if beyond else ()


class LossAxis(NamedTuple):
    """The scale and the limits of an axis of values along paths."""

    logarithmic: bool
    low: float
    high: float


def loss_axis(paths: Sequence[Path]) -> LossAxis:
    """Return the axis of the values along paths, on which no spike compresses the rest.

    It contains all starts and 90 % of the values. Larger values are cut off if the others would take less
    than a third of the axis. Of paths that diverge only the starts count, if there are others, and lower
    values above 0, so that such paths are seen to rise or fall.
    """
    kept = [path.values for path in paths if path.diverged is None] or [path.values for path in paths]
    values, every = (np.concatenate(parts) for parts in (kept, [path.values for path in paths]))
    values, every = values[np.abs(values) < LARGEST], every[np.abs(every) < LARGEST]
    if (values >= 0).all():
        values = np.append(values, every[(every >= 0) & (every < values.min())])
    start = max(float(path.values[0]) for path in paths)
    above = values[values > 0]
    typical = max(start, float(np.percentile(values, 100 - 2 * _TAIL_PERCENT)))
    logarithmic = bool((values >= 0).all() and above.size and typical > DECADES_FOR_LOG * above.min())
    least = max(float(above.min()), _SMALLEST_LOG_SHARE * typical) if logarithmic else float(values.min())
    ends = np.array([least, typical, max(start, float(values.max()))])
    low, high, greatest = map(float, np.log10(ends) if logarithmic else ends)
    span = high - low
    if greatest - low > _EXTREME_RATIO * span > 0:
        top = high + span / 2
    else:
        top = max(greatest, high + span / 4 if len(kept) < len(paths) else high)
    room = 0.05 * (top - low or abs(low) or 1.0)
    low, top = low - room, top + room
    return LossAxis(logarithmic, *((10.0**low, 10.0**top) if logarithmic else (low, top)))
