"""Levels of contours: how they are spaced, which are drawn, and the ticks of their colour bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.sampling.limits import (
    DECADES_FOR_LOG,
    MOST_DIGITS,
    Limits,
    data_limits,
    is_constant,
    joined,
    percentiles,
)
from gradviz.sampling.quantiles import ROUND_STEPS, quantile_levels

Spacing = Literal["linear", "log", "quantile"]

MAX_TICKS = 13  # maximum number of ticks of a colour bar
_DEFAULT_LEVELS = 12
_ZERO_SHARE = 1e-12  # of the largest value: a smaller one is rounding error of 0
_CROWDED_SHARE = 0.135  # of the span; x0**4 + x1**4 has its median at 15 %, Himmelblau's function at 13 %
_BORDER_SHARE = 0.6  # of the largest values at the border: the rest is growth towards it
_BORDER_PERCENTILE = 98
_RARE_PERCENT = 0.2  # of the values, which fill the smallest spot that is visible
_STEP_SHARE = 1e-13  # of the largest value: neighbours that differ less are equal
_ROWS = 16  # number of rows of a mesh that are compared at once
_EMPTY_SHARE = 1e-14  # of the larger limit: ticks of a range no longer than that are those of a widened one
_WIDENED_SHARE = 1e-13  # of each limit, by which such a range is widened at each end
_FAR_RATIO = 100.0  # of the middle of a range to its length: farther from 0, ticks have an offset
_NICE_STEPS = (*ROUND_STEPS, 10.0)
_FLAT_SHARE = 1e-9  # of the distance of two levels: values that differ less from a level are equal to it
_ROUNDING = 4 * float(np.finfo(np.float64).eps)  # of a value: its rounding error
_PLATEAU_SHARE = 0.01  # of the cells of a mesh, from which on equal values are a plateau
_CLOSEST_SHARE = 1e-3  # of the range: closer levels are at its ends alone, where values tend to a bound
_LOG_LADDERS = (((1.0,),), ((1.0, 3.0),), ((1.0, 2.0, 5.0),), ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0),))
_SPARSE_DECADES = (2, 3, 5, 10, 20, 50)
_DIGITS = 4  # significant digits of a value as text


def format_value(value: float, digits: int = _DIGITS) -> str:
    """Return a number as mathtext with some significant digits, two more without a power of ten."""
    mantissa, _, exponent = f"{value:z.{digits - 1}e}".partition("e")
    if value == 0 or -4 < int(exponent) < 5:
        return f"{value:z.{digits + 2}g}".replace("-", "\N{MINUS SIGN}")
    short, ten = mantissa.rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}"), rf"10^{{{int(exponent)}}}"
    whole = ten if short == "1" else rf"{short} \times {ten}"
    return rf"$\mathdefault{{{whole}}}$"


def format_values(values: Sequence[float]) -> dict[float, str]:
    """Return each number with its text; there are as many digits as make all texts different."""
    for digits in range(_DIGITS, MOST_DIGITS + 1):
        texts = {value: format_value(value, digits) for value in values}
        if len({*texts.values()}) == len(texts):
            break
    return texts


def evenly_spaced(levels: Sequence[float]) -> bool:
    """Return whether all levels are equally far from the next one."""
    tolerance = 1e-9 * np.ptp(levels) + 2 * _ROUNDING * np.abs(levels).max() if len(levels) else 0.0
    return len(levels) < 3 or bool(np.ptp(np.diff(levels)) <= tolerance)


def is_stepwise(values: Floats) -> bool:
    """Return whether values (n1, n0) differ nowhere from a neighbour, so that they have no contours."""
    least = _STEP_SHARE * max(map(abs, data_limits(values)))
    return not any(
        (np.abs(np.diff(rows, axis=axis)) > least).any() for rows in _row_blocks(values) for axis in (0, 1)
    )


def best_spacing(*meshes: Floats) -> Spacing:
    """Return the spacing of levels that shows most of values on meshes (n1, n0), taken together.

    Linear levels hide a valley if most values are close to the minimum and the rest is growth towards the
    border. A peak inside or a plateau is shown best by linear levels. Values of one sign over more than a
    decade get logarithmic levels, others quantiles.
    """
    values = joined(meshes)
    if is_constant(values):
        return "linear"
    low, high = data_limits(values)
    quartiles = percentiles(values, 25, 50, 75)
    if any(_are_plateaus(mesh, quartiles[1:2], high - low).any() for mesh in meshes):
        return "linear"
    first, median, third = ((value - low) / (high - low) for value in quartiles)
    crowded_low = median < _CROWDED_SHARE and _grows_to_border(meshes)
    crowded_high = median > 1 - _CROWDED_SHARE and _grows_to_border(meshes, low=True)
    crowded = (
        third - first < _CROWDED_SHARE / 3 and _grows_to_border(meshes) and _grows_to_border(meshes, low=True)
    )
    if not (crowded_low or crowded_high or crowded):
        return "linear"
    if low * high < 0:
        return "quantile"
    rare, last = (_RARE_PERCENT, 100) if high > 0 else (100 - _RARE_PERCENT, 0)
    least, most = map(abs, percentiles(values, rare, last))
    return "log" if most > DECADES_FOR_LOG * least > 0 else "quantile"


def _grows_to_border(meshes: Sequence[Floats], *, low: bool = False) -> bool:
    """Return whether the largest values, or the smallest, are at the borders of their meshes."""
    (edge,) = percentiles(joined(meshes), 100 - _BORDER_PERCENTILE if low else _BORDER_PERCENTILE)
    inside = everywhere = 0
    for values in meshes:
        top = values <= edge if low else values >= edge
        inner = tuple(slice(max(size // 10, 1), -max(size // 10, 1)) for size in values.shape)
        inside += int(np.count_nonzero(top[inner]))
        everywhere += int(np.count_nonzero(top))
    return inside <= (1 - _BORDER_SHARE) * everywhere


def find_levels(
    wanted: int | tuple[float, ...] | None,
    values: Floats,
    *,
    filled: bool,
    spacing: Spacing = "linear",
    limits: Limits | None = None,
) -> list[float]:
    """Return the levels to draw: round numbers between limits, or the wanted ones if any occurs.

    The list is empty if the values are all equal or none of the wanted levels lies between them. A single
    level of filled contours gets the data limits beside it, so that there are two bands.
    """
    low, high = data_limits(values)
    if is_constant(values):
        return []
    if isinstance(wanted, tuple):
        if not any(low <= level <= high for level in wanted):
            return []
        return sorted({low, *wanted, high}) if filled and len(wanted) == 1 else list(wanted)
    low, high = limits or (low, high)
    count = wanted or _DEFAULT_LEVELS
    if spacing != "linear":
        inside = values[(values >= low) & (values <= high)]
        if not inside.size:
            return []
        levels = _uneven_levels(inside, count, (low, high), spacing, filled=filled)
        ends = (levels[:1], levels[-1:]) if filled else ([], [])
        inner = _off_plateaus(values, levels[1:-1] if filled else levels)
        if len(inner) > 1:
            return [*ends[0], *inner, *ends[1]]
    levels = _linear_levels(values, low, high, count)
    return levels if filled else _off_plateaus(values, levels)


def levels_above(
    wanted: int | None, values: Floats, top: float, *, filled: bool, limits: Limits
) -> list[float]:
    """Return levels at logarithmic distances above the lowest value, round for values up to `top`."""
    least = float(np.nanmin(values))
    unit = 10.0 ** (math.floor(math.log10(top - least)) - 2)
    base = unit * math.floor(least / unit)
    low, high = (limit - base for limit in limits)
    levels = find_levels(wanted, values - base, filled=filled, spacing="log", limits=(low, high))
    return _rounded([base + level for level in levels], unit)


def at_end_levels(values: Floats, levels: Sequence[float]) -> Floats:
    """Return values with those at the first or last level that lie beyond it by rounding errors alone."""
    for end, beside, sign in ((levels[0], levels[1], -1), (levels[-1], levels[-2], 1)):
        beyond = sign * (values - end)
        is_noise = (beyond > 0) & (beyond <= _tolerance(end, abs(end - beside)))
        values = np.where(is_noise, end, values) if is_noise.any() else values
    return values


def level_ticks(levels: Sequence[float], most: int = MAX_TICKS) -> tuple[tuple[float, str], ...]:
    """Return ticks of a colour bar at levels, at most `most` of them, with their texts."""
    step = -(-len(levels) // min(most, MAX_TICKS))
    return tuple(format_values(levels[::step]).items())


def decade_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return ticks of a logarithmic colour bar at the powers of ten between its limits."""
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    return tuple((10.0**power, rf"$\mathdefault{{10^{{{power}}}}}$") for power in powers)


def norm_boundaries(values: Floats, limits: Limits, spacing: Spacing) -> tuple[float, ...]:
    """Return the boundaries between which colours change linearly, limits included; none if linear."""
    low, high = limits
    levels = find_levels(None, values, filled=False, spacing=spacing, limits=limits)
    inside = [level for level in levels if low < level < high]
    return () if spacing == "linear" or len(inside) < 2 else (low, *inside, high)


def nice_ticks(low: float, high: float, count: int) -> Floats:
    """Return round numbers from at most `low` to at least `high`, in at most `count` intervals.

    The step is the smallest of 1, 2, 2.5, 5 and 10 times a power of ten that does, or a smaller one if no
    number lies inside. Far from 0 the numbers are round after a round offset (the rules of Matplotlib's
    MaxNLocator with these steps).
    """
    if high - low <= _EMPTY_SHARE * max(abs(low), abs(high)):
        low, high = low - _WIDENED_SHARE * abs(low), high + _WIDENED_SHARE * abs(high)
    if low == high:
        low, high = -1.0, 1.0
    middle, offset = (high + low) / 2, 0.0
    if abs(middle) / (high - low) >= _FAR_RATIO:
        offset = math.copysign(10 ** (math.log10(abs(middle)) // 1), middle)
    scale = 10 ** (math.log10((high - low) / count) // 1)
    low, high = low - offset, high - offset
    nice = np.array([*(0.1 * step for step in _NICE_STEPS[:-1]), *_NICE_STEPS, 10 * _NICE_STEPS[1]])
    steps = nice * scale
    first = int(np.nonzero(steps >= (high - low) / count)[0][0])
    for step in steps[first::-1]:
        base = (low // step) * step
        ends = _steps(low - base, step, offset), _steps(high - base, step, offset, up=True)
        ticks: Floats = np.arange(ends[0], ends[1] + 1) * step + base
        if ((ticks <= high) & (ticks >= low)).any():
            break
    return ticks + offset


def _steps(value: float, step: float, offset: float, *, up: bool = False) -> float:
    """Return a value in steps, rounded down or up, but for rounding errors, which grow with the offset."""
    tolerance = 1e-10
    if abs(offset) > 0:
        tolerance = min(0.4999, max(tolerance, 10 ** (math.log10(abs(offset) / step) - 12)))
    whole, rest = divmod(value, step)
    if up:
        return whole if rest / step < tolerance else whole + 1
    return whole + 1 if 1 - rest / step < tolerance else whole


def _uneven_levels(
    values: Floats, count: int, limits: Limits, spacing: Spacing, *, filled: bool
) -> list[float]:
    """Return levels between limits at logarithmic distances or quantiles; those of bands cover the limits.

    `values` (N,) are overwritten.
    """
    low, high = limits
    if spacing == "quantile":
        least_step = _CLOSEST_SHARE * (high - low)
        return quantile_levels(values, count, limits, covering=filled, least_step=least_step)
    levels = _spread(_log_levels(values, count), low, high)
    return _covering(levels, low, high) if filled and levels else levels


def _linear_levels(values: Floats, low: float, high: float, count: int) -> list[float]:
    """Return levels at multiples of a round step, or half a step aside if one runs through a plateau."""
    # Steps below the precision of numbers make some ticks equal.
    ticks = np.unique(nice_ticks(low, high, count + 1))
    if len(ticks) < 2:
        return [low, high]
    step = float(np.diff(ticks).min())
    for shifted in (ticks, np.append(ticks - step / 2, ticks[-1] + step / 2), ticks):
        inside = [
            level
            for level in _rounded(shifted.tolist(), step)
            if level - low > _tolerance(low, step) and high - level > _tolerance(high, step)
        ]
        if not _are_plateaus(values, inside, step).any():
            break
    if not inside:
        return [low, high]
    return sorted({*_rounded([inside[0] - step, *inside, inside[-1] + step], step)})


def _rounded(levels: Sequence[float], step: float) -> list[float]:
    """Return levels as the decimals that they are meant to be: rounded to a thousandth of their step."""
    digits = 3 - math.floor(math.log10(step))
    return [round(level, digits) + 0.0 for level in levels]  # no -0


def _tolerance(level: float, distance: float) -> float:
    """Return by how much values differ that are equal to a level, which has a distance to the next one."""
    return max(_FLAT_SHARE * distance, _ROUNDING * abs(level))


def _are_plateaus(values: Floats, levels: Sequence[float], distance: float) -> NDArray[np.bool_]:
    """Return whether (K,) values on a mesh (n1, n0) are equal to ascending levels all over a visible area."""
    counts = np.zeros(len(levels), np.intp)
    if values.ndim != 2 or not len(levels):
        return counts > 0
    sorted_levels = np.asarray(levels)
    tolerances = np.array([_tolerance(level, distance) for level in levels])
    for rows in _row_blocks(values):
        nearest = np.searchsorted((sorted_levels[1:] + sorted_levels[:-1]) / 2, rows)
        flat = np.where(np.abs(rows - sorted_levels[nearest]) <= tolerances[nearest], nearest, -1)
        corner = flat[1:, 1:]
        equal = (corner == flat[:-1, 1:]) & (corner == flat[1:, :-1]) & (corner == flat[:-1, :-1])
        counts += np.bincount(corner[equal & (corner >= 0)], minlength=len(levels))
    are_plateaus: NDArray[np.bool_] = counts > _PLATEAU_SHARE * (len(values) - 1) * (values.shape[1] - 1)
    return are_plateaus


def _row_blocks(values: Floats) -> Iterator[Floats]:
    """Yield blocks of rows of a mesh (n1, n0), each with the first row of the next block."""
    for start in range(0, len(values) - 1, _ROWS):
        yield values[start : start + _ROWS + 1]


def _off_plateaus(values: Floats, levels: list[float]) -> list[float]:
    """Return the levels that do not run through a plateau."""
    distance = float(np.diff(levels).min(initial=np.inf)) if len(levels) > 1 else 0.0
    on = _are_plateaus(values, levels, distance).tolist()
    return [level for level, is_on in zip(levels, on, strict=True) if not is_on]


def _spread(levels: list[float], low: float, high: float) -> list[float]:
    """Return levels at least a thousandth of the range apart, but for closer ones at its ends."""
    wide = np.flatnonzero(np.diff(levels) >= _CLOSEST_SHARE * (high - low))
    if not wide.size:
        return levels
    first, last = int(wide[0]), int(wide[-1]) + 1
    kept = levels[: first + 1]
    for level in levels[first + 1 : last]:
        if min(level - kept[-1], levels[last] - level) >= _CLOSEST_SHARE * (high - low):
            kept.append(level)
    return [*kept, *levels[last:]]


def _log_levels(values: Floats, count: int) -> list[float]:
    """Return about `count` levels such as 1, 2, 5, 10, and their negatives where values are negative.

    They begin where 0.2 % of the magnitudes are smaller, zeros up to rounding apart. `values` is
    overwritten, since it may be large.
    """
    low, high = data_limits(values)
    signs = [sign for sign, is_there in ((-1, low < 0), (1, high > 0)) if is_there]
    magnitudes, greatest = np.abs(values, out=values), max(-low, high)
    zeros = int(np.count_nonzero(magnitudes <= _ZERO_SHARE * greatest))
    if zeros == magnitudes.size:
        return []
    magnitudes.partition(zeros)
    least = float(np.percentile(magnitudes[zeros:], _RARE_PERCENT, overwrite_input=True))
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(greatest))
    ladders = [_ladder(first, last, *mantissas) for mantissas in _LOG_LADDERS]
    ladders += [_ladder(first, last, (1.0,), every) for every in _SPARSE_DECADES]
    fitting = [
        sorted(sign * size for sign in signs for size in ladder if least <= size and low < sign * size < high)
        for ladder in ladders
    ]
    return min(fitting, key=lambda levels: (abs(len(levels) - count), -len(levels)))


def _ladder(first: int, last: int, mantissas: tuple[float, ...], every: int = 1) -> list[float]:
    """Return numbers with some mantissas from 10^first to 10^last."""
    decades = range(first - first % every, last + 1, every)
    return [float(f"{mantissa}e{decade}") for decade in decades for mantissa in mantissas]


def _covering(levels: list[float], low: float, high: float) -> list[float]:
    """Return levels with one more at each end, so that filled contours cover all values from low to high."""
    before, behind = map(_round_step, (levels[0] - low, high - levels[-1]))
    (first,), (last,) = _rounded([levels[0] - before], before), _rounded([levels[-1] + behind], behind)
    return [first, *levels, last]


def _round_step(distance: float) -> float:
    """Return the smallest round step that is at least as long as a distance above 0."""
    power = math.floor(math.log10(distance))
    steps = (float(f"{mantissa}e{power}") for mantissa in (*_NICE_STEPS, 2 * _NICE_STEPS[-1]))
    return next(step for step in steps if step >= distance)
