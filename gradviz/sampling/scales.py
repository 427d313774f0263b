"""Levels of height, and colour scales that a few extreme values cannot take over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import grows_without_bound
from gradviz.sampling.samples import Samples, joined

if TYPE_CHECKING:
    from matplotlib.colors import Colormap, Normalize

    from gradviz.optimizers.paths import Path

Spacing = Literal["linear", "log", "quantile"]

CONSTANT = "the function is constant"
STEPWISE = "the function is flat between its jumps:\nno level lines; filled bands would show it"
NO_LEVELS = "the function has none of these levels in the range"
ZERO = "the gradient is zero everywhere"
LOST = "the gradient is nowhere reliable"
_TYPICAL = 98  # per cent of the values
_MOST = 90
_EXTREME = 3.0  # times the span of the typical values
_NOTHING = 1e-12  # of the greatest height: what is smaller may be a zero but for rounding
_LEVELS = 12
MARKS = 13  # at a scale of colours
_POLE = 5  # per cent of the values at an end with a pole are not looked at
_EDGE = 0.25  # of the span: how far the edge of the domain may widen the view
_CROWDED = 0.135  # of the span; x0**4 + x1**4 has its median at 15 %, Himmelblau's function at 13 %
_MOSTLY = 0.6  # of the greatest values
_RARE = 0.2  # per cent of the values: they fill a spot that can just be seen
_DECADES = 30.0  # the ratio of values from which on a logarithmic scale shows more
_LOWEST = 1e-12  # of the usual values: below, a logarithmic axis ends
_ROWS = 64  # of a mesh, looked at together
_LADDERS = (((1.0,),), ((1.0, 3.0),), ((1.0, 2.0, 5.0),), ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0),))


def magnitude_scale(sizes: Floats) -> tuple[Normalize, str]:
    """Return the scale for sizes from 0 up, and where it is cut off: "neither" or "max".

    It ends at the greatest size, or at that of 90 % of them if the greatest is nine times as large, or else
    at that of 98 % if the greatest is three times as large.
    """
    from matplotlib.colors import Normalize

    finite = sizes[np.isfinite(sizes)]
    if not finite.size:
        return Normalize(0, 1), "neither"
    end = float(finite.max())
    for share, times in ((_MOST, _EXTREME**2), (_TYPICAL, _EXTREME)):
        typical = float(np.percentile(finite, share))
        if end > times * typical > 0:
            return Normalize(0, typical), "max"
    return Normalize(0, end or 1.0), "neither"


def why_none(samples: Samples) -> str:
    """Return why a picture of a gradient has no arrow and no line."""
    if is_constant(samples.heights):
        return CONSTANT
    return LOST if samples.estimate is not None and not samples.estimate.reliable.any() else ZERO


def is_constant(heights: Floats, rounding: float = 4e-15) -> bool:
    """Tell whether all values are equal, up to rounding: a share of the greatest."""
    known = np.isfinite(heights)
    low = float(np.min(heights, where=known, initial=np.inf))
    high = float(np.max(heights, where=known, initial=-np.inf))
    return high - low <= rounding * max(abs(low), abs(high))  # or there is none


def contour_colours(levels: list[float], heights: Floats, cmap: Colormap, *, filled: bool) -> dict[str, Any]:
    """Return the colours of level lines or bands; levels at uneven distances get colours at even ones.

    Filled, what lies beyond the first and the last level is shown, and so at the scale of the colours.
    """
    below = filled and float(np.nanmin(heights)) < levels[0]
    above = filled and float(np.nanmax(heights)) > levels[-1]
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    look: dict[str, Any] = {"extend": extend[below, above]}
    if are_even(levels):
        return {**look, "cmap": cmap}
    count = len(levels) - 1 + below + above if filled else len(levels)
    return {**look, "colors": cmap(np.linspace(0, 1, count))}


def are_even(levels: list[float]) -> bool:
    """Tell whether all levels lie equally far from the next one."""
    return len(levels) < 3 or bool(np.ptp(np.diff(levels)) <= 1e-9 * np.ptp(levels))


def masked(heights: Any) -> Any:
    """Return values with the undefined ones masked, which Matplotlib leaves out."""
    return np.ma.masked_invalid(heights, copy=False)


def ends_of(samples: Samples) -> tuple[float, float]:
    """Return the least and the greatest height or, at an end where a pole is at work, one beyond the rest.

    Of samples that are shown together these are the ends of all.
    """
    return samples.together.once("ends", _ends)


def _ends(members: Sequence[Samples]) -> tuple[float, float]:
    low, high = zip(*map(_own_ends, members), strict=True)
    return min(low), max(high)


def _own_ends(samples: Samples) -> tuple[float, float]:
    heights = samples.heights
    least, greatest = limits_of(heights)
    low, high = usual_ends(heights)
    for sign, far in ((-1, least < low), (1, high < greatest)):
        if not (far and low < high and grows_without_bound(samples.field, samples.points, heights, sign)):
            low, high = (least, high) if sign < 0 else (low, greatest)
    return low, high


def limits_of(heights: Floats) -> tuple[float, float]:
    """Return the least and the greatest height."""
    return float(np.nanmin(heights)), float(np.nanmax(heights))


def usual_ends(values: Floats) -> tuple[float, float]:
    """Return the ends of nine in ten values with half as much room again on each side, if there are more."""
    first, last = _percentiles(values, _POLE, 100 - _POLE)
    room = (last - first) / 2
    return max(float(np.nanmin(values)), first - room), min(float(np.nanmax(values)), last + room)


class LossEnds(NamedTuple):
    """What an axis of a function's values along paths shows."""

    logarithmic: bool
    low: float
    high: float


def loss_ends(paths: Sequence[Path]) -> LossEnds:
    """Return how the values along paths are shown, so that no spike presses the rest flat.

    All starts are seen, and nine in ten values; what reaches so far above that these would take less than a
    third of the axis is cut. Of paths that diverged only the starts count, if there are others, and what lies
    lower but above 0; these are seen to rise or to fall.
    """
    kept = [path.values for path in paths if path.diverged is None] or [path.values for path in paths]
    values = np.concatenate(kept)
    if (values >= 0).all():
        every = np.concatenate([path.values for path in paths])
        values = np.append(values, every[(every >= 0) & (every < values.min())])
    start = max(float(path.values[0]) for path in paths)
    above = values[values > 0]
    usual = max(start, float(np.percentile(values, 100 - 2 * _POLE)))
    logarithmic = bool((values >= 0).all() and above.size and usual > _DECADES * above.min())
    least = max(float(above.min()), _LOWEST * usual) if logarithmic else float(values.min())
    ends = np.array([least, usual, max(start, float(values.max()))])
    low, high, greatest = map(float, np.log10(ends) if logarithmic else ends)
    span = high - low
    if greatest - low > _EXTREME * span > 0:
        top = high + span / 2
    else:
        top = max(greatest, high + span / 4 if len(kept) < len(paths) else high)
    room = 0.05 * (top - low or abs(low) or 1.0)
    low, top = low - room, top + room
    return LossEnds(logarithmic, *((10.0**low, 10.0**top) if logarithmic else (low, top)))


def _percentiles(values: Floats, *shares: float) -> list[float]:
    """Return percentiles of the values that are defined, with one copy of them."""
    known = values[~np.isnan(values)]
    return [float(one) for one in np.percentile(known, shares, overwrite_input=True)]


def with_edges(ends: tuple[float, float], sampled: Floats, drawn: Floats) -> tuple[float, float]:
    """Return ends widened by what was added at the edge of the domain, if that reaches little beyond."""
    low, high = ends
    room = _EDGE * (high - low)
    if low == np.nanmin(sampled):
        low = max(low - room, min(low, float(np.nanmin(drawn))))
    if high == np.nanmax(sampled):
        high = min(high + room, max(high, float(np.nanmax(drawn))))
    return low, high


def is_stepwise(heights: Floats) -> bool:
    """Tell whether heights (n1, n0) change nowhere between neighbours, so that they have no level lines."""
    least = 1e-13 * max(map(abs, limits_of(heights)))
    for start in range(0, len(heights), _ROWS):
        part = heights[start : start + _ROWS + 1]
        if any((np.abs(np.diff(part, axis=axis)) > least).any() for axis in (0, 1)):
            return False
    return True


def common_spacing(samples: Samples) -> Spacing:
    """Return how levels should be spaced for samples, and all that are shown together with them."""
    return samples.together.once("spacing", _spacing)


def _spacing(members: Sequence[Samples]) -> Spacing:
    return spacing_of(*(samples.heights for samples in members))


def spacing_of(*meshes: Floats) -> Spacing:
    """Return how levels should be spaced to show as much of a function on meshes (n1, n0) as they can.

    Even levels hide a valley if most heights lie close to the least one and the rest is growth towards the
    border of the picture. A peak inside is what even levels show best. Heights of one sign over more than a
    decade get logarithmic levels, others levels with equally many heights between them. The meshes are taken
    together.
    """
    heights = joined(meshes)
    if is_constant(heights):
        return "linear"
    low, high = limits_of(heights)
    quarters = _percentiles(heights, 25, 50, 75)
    quarter, middle, threequarters = ((height - low) / (high - low) for height in quarters)
    crowded_low = middle < _CROWDED and _at_border(meshes)
    crowded_high = middle > 1 - _CROWDED and _at_border(meshes, low=True)
    crowded = threequarters - quarter < _CROWDED / 3 and _at_border(meshes) and _at_border(meshes, low=True)
    if not (crowded_low or crowded_high or crowded):
        return "linear"
    if low * high < 0:
        return "quantile"
    rare, last = (_RARE, 100) if high > 0 else (100 - _RARE, 0)
    least, most = map(abs, _percentiles(heights, rare, last))
    return "log" if most > _DECADES * least > 0 else "quantile"


def _at_border(meshes: Sequence[Floats], *, low: bool = False) -> bool:
    """Tell whether the greatest heights, or the lowest, lie at the borders of their meshes."""
    (edge,) = _percentiles(joined(meshes), 100 - _TYPICAL if low else _TYPICAL)
    inside = everywhere = 0
    for heights in meshes:
        top = heights <= edge if low else heights >= edge
        inner = tuple(slice(max(size // 10, 1), -max(size // 10, 1)) for size in heights.shape)
        inside += int(np.count_nonzero(top[inner]))
        everywhere += int(np.count_nonzero(top))
    return inside <= (1 - _MOSTLY) * everywhere


def levels_within(
    wanted: int | tuple[float, ...] | None,
    heights: Floats,
    *,
    filled: bool,
    spacing: Spacing = "linear",
    ends: tuple[float, float] | None = None,
) -> list[float]:
    """Return the levels to draw: round numbers over the range of the heights, or the wanted ones that occur.

    The list is empty if the heights are all equal, or none of the wanted levels lies between them. A single
    level of filled bands gets the ends of the range as company, to part two bands.
    """
    low, high = limits_of(heights)
    if is_constant(heights):
        return []
    if isinstance(wanted, tuple):
        if not any(low <= level <= high for level in wanted):
            return []
        return sorted({low, *wanted, high}) if filled and len(wanted) == 1 else list(wanted)
    low, high = ends or (low, high)
    count = wanted or _LEVELS
    if spacing != "linear":
        inside = heights[(heights >= low) & (heights <= high)]
        found = (_log_levels if spacing == "log" else _quantile_levels)(inside, count)
        if len(found) > 1:
            return _reaching(found, low, high) if filled else found
    return _even_levels(low, high, count)


def _even_levels(low: float, high: float, count: int) -> list[float]:
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(count + 1, min_n_ticks=1).tick_values(low, high)
    inside = [float(level) for level in found if low < level < high]
    step = float(found[1] - found[0])
    return [inside[0] - step, *inside, inside[-1] + step] if inside else [low, high]


def _log_levels(heights: Floats, count: int) -> list[float]:
    """Return about `count` levels such as 1, 2, 5, 10, and their negatives where heights are negative.

    They begin where hardly any height is smaller, rounding apart: towards 0 there would be no end. The array
    is used up, for it may be large.
    """
    low, high = limits_of(heights)
    sides = [sign for sign, there in ((-1, low < 0), (1, high > 0)) if there]
    sizes, greatest = np.abs(heights, out=heights), max(-low, high)
    none = int(np.count_nonzero(sizes <= _NOTHING * greatest))
    if none == sizes.size:
        return []
    sizes.partition(none)
    least = float(np.percentile(sizes[none:], _RARE, overwrite_input=True))
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(greatest))
    ladders = [_ladder(first, last, *steps) for steps in _LADDERS]
    ladders += [_ladder(first, last, (1.0,), every) for every in (2, 3, 5, 10, 20, 50)]
    fitting = [
        sorted(sign * size for sign in sides for size in ladder if least <= size and low < sign * size < high)
        for ladder in ladders
    ]
    return min(fitting, key=lambda levels: (abs(len(levels) - count), -len(levels)))


def _ladder(first: int, last: int, mantissas: tuple[float, ...], every: int = 1) -> list[float]:
    """Return round numbers from 10^first to 10^last."""
    decades = range(first - first % every, last + 1, every)
    return [float(f"{mantissa}e{decade}") for decade in decades for mantissa in mantissas]


def _quantile_levels(heights: Floats, count: int) -> list[float]:
    """Return about `count` levels with equally many heights between them, as round as distances allow.

    The array is used up.
    """
    exact = np.percentile(heights, np.linspace(0, 100, count + 2), overwrite_input=True)
    found = []
    for before, level, behind in zip(exact, exact[1:], exact[2:], strict=False):
        room = min(level - before, behind - level)
        if room > 0:
            found.append(round(float(level), 1 - math.ceil(math.log10(room))))
    return sorted({level for level in found if exact[0] < level < exact[-1]})


def _reaching(levels: list[float], low: float, high: float) -> list[float]:
    """Return levels with one more at each end, so that bands cover all heights between low and high."""
    before, behind = (10.0 ** math.floor(math.log10(gap)) for gap in (levels[0] - low, high - levels[-1]))
    return [math.floor(low / before) * before, *levels, math.ceil(high / behind) * behind]


def cut_off(heights: Floats, ends: tuple[float, float], what: str) -> tuple[str, ...]:
    """Say in words which heights lie beyond ends, and what becomes of these."""
    low, high = ends
    beyond = [f"below {low:.3g}"] * bool(np.nanmin(heights) < low)
    beyond += [f"above {high:.3g}"] * bool(np.nanmax(heights) > high)
    return (f"values {' and '.join(beyond)} {what}",) if beyond else ()


def level_marks(levels: list[float], most: int = MARKS) -> dict[str, Any]:
    """Return the marks of a scale of colours at levels, in as few digits as each of them has."""
    step = -(-len(levels) // min(most, MARKS))
    return {"ticks": levels[::step], "format": height_text}


def height_texts(levels: Sequence[float]) -> dict[float, str]:
    """Return levels as numbers, with as many digits as it takes for no two to be the same."""
    for digits in range(4, 17):
        found = {level: height_text(level, digits=digits) for level in levels}
        if len({*found.values()}) == len(found):
            break
    return found


def height_text(level: float, _: object = None, *, digits: int = 4) -> str:
    """Return a number to some digits; very large and small ones with a power of ten, others to two more."""
    mantissa, _, exponent = f"{level:.{digits - 1}e}".partition("e")
    if level == 0 or -4 < int(exponent) < 5:
        return f"{level:.{digits + 2}g}".replace("-", "\N{MINUS SIGN}")
    short, ten = mantissa.rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}"), rf"10^{{{int(exponent)}}}"
    whole = ten if short == "1" else rf"{short} \times {ten}"
    return rf"$\mathdefault{{{whole}}}$"


def height_norm(
    heights: Floats, ends: tuple[float, float], spacing: Spacing
) -> tuple[Normalize, list[float]]:
    """Return the scale of colours for heights, and its marks: none if it is an even one.

    Otherwise the colours change evenly from level to level.
    """
    from matplotlib.colors import FuncNorm, Normalize

    low, high = ends
    levels = levels_within(None, heights, filled=False, spacing=spacing, ends=ends)
    inside = [level for level in levels if low < level < high]
    if spacing == "linear" or len(inside) < 2:
        return Normalize(low, high), []
    places = np.array([low, *inside, high])
    marks = np.arange(len(places), dtype=np.float64)

    def forward(values: Any) -> Any:
        return np.interp(values, places, marks)

    def inverse(values: Any) -> Any:
        return np.interp(values, marks, places)

    return FuncNorm((forward, inverse), vmin=low, vmax=high), inside
