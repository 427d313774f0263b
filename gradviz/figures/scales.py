"""Levels of height, and colour scales that a few extreme values cannot take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

_TYPICAL = 98  # per cent of the values
_EXTREME = 3.0  # times the span of the typical values
_FAR = 8.0  # times the span of the typical values: beyond, a pole is at work
_LEVELS = 12


def magnitude_scale(sizes: Floats) -> tuple[Normalize, str]:
    """Return the scale for sizes from 0 up, and where it is cut off: "neither" or "max".

    It ends at the greatest size, or at that of 98 % of them if the greatest is three times as large.
    """
    from matplotlib.colors import Normalize

    finite = sizes[np.isfinite(sizes)]
    if not finite.size:
        return Normalize(0, 1), "neither"
    typical, greatest = float(np.percentile(finite, _TYPICAL)), float(finite.max())
    if greatest > _EXTREME * typical > 0:
        return Normalize(0, typical), "max"
    return Normalize(0, greatest or 1.0), "neither"


def is_constant(heights: Floats) -> bool:
    """Tell whether all values are equal, up to rounding."""
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    return high - low <= 1e-13 * max(abs(low), abs(high))


def contour_colours(levels: list[float], heights: Floats, cmap: str, *, filled: bool) -> dict[str, Any]:
    """Return the colours of level lines or bands; levels at uneven distances get colours at even ones.

    Filled, what lies beyond the first and the last level is shown, and so at the scale of the colours.
    """
    from matplotlib import colormaps

    below = filled and float(np.nanmin(heights)) < levels[0]
    above = filled and float(np.nanmax(heights)) > levels[-1]
    extend = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    look: dict[str, Any] = {"extend": extend[below, above]}
    if len(levels) < 3 or np.ptp(np.diff(levels)) <= 1e-9 * np.ptp(levels):
        return {**look, "cmap": cmap}
    count = len(levels) - 1 + below + above if filled else len(levels)
    return {**look, "colors": colormaps[cmap](np.linspace(0, 1, count))}


def masked(heights: Any) -> Any:
    """Return values with the undefined ones masked, which Matplotlib leaves out."""
    return np.ma.masked_invalid(heights)


def typical_ends(heights: Floats) -> tuple[float, float]:
    """Return the least and the greatest value or, if few values reach far beyond the rest, ends of the rest.

    So a pole does not flatten all that lies around it.
    """
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    first, last = (float(end) for end in np.nanpercentile(heights, (100 - _TYPICAL, _TYPICAL)))
    room = last - first
    if not high - low > _FAR * room > 0:
        return low, high
    return max(low, first - room / 2), min(high, last + room / 2)


def levels_within(wanted: int | tuple[float, ...] | None, heights: Floats, *, filled: bool) -> list[float]:
    """Return the levels to draw: round numbers over the range of the heights, or the wanted ones that occur.

    The list is empty if the heights are all equal, or none of the wanted levels lies between them. A single
    level of filled bands gets the ends of the range as company, to part two bands.
    """
    from matplotlib.ticker import MaxNLocator

    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    if is_constant(heights):
        return []
    if isinstance(wanted, tuple):
        if not any(low <= level <= high for level in wanted):
            return []
        return sorted({low, *wanted, high}) if filled and len(wanted) == 1 else list(wanted)
    low, high = typical_ends(heights)
    found = MaxNLocator((wanted or _LEVELS) + 1, min_n_ticks=1).tick_values(low, high)
    inside = [float(level) for level in found if low < level < high]
    step = float(found[1] - found[0])
    return [inside[0] - step, *inside, inside[-1] + step] if inside else [low, high]
