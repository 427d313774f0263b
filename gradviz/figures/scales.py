"""Levels of height, and colour scales that a few extreme values cannot take over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

_TYPICAL = 98  # per cent of the values
_EXTREME = 3.0  # times the span of the typical values
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


def contour_colours(heights: list[float], cmap: str, *, filled: bool) -> dict[str, Any]:
    """Return the colours of level lines or bands; levels at uneven distances get colours at even ones."""
    from matplotlib import colormaps

    extend = "both" if filled else "neither"
    if len(heights) < 3 or np.ptp(np.diff(heights)) <= 1e-9 * np.ptp(heights):
        return {"cmap": cmap, "extend": extend}
    count = len(heights) + 1 if filled else len(heights)
    return {"colors": colormaps[cmap](np.linspace(0, 1, count)), "extend": extend}


def masked(heights: Any) -> Any:
    """Return values with the undefined ones masked, which Matplotlib leaves out."""
    return np.ma.masked_invalid(heights)


def levels_within(wanted: int | tuple[float, ...] | None, heights: Any, *, filled: bool) -> list[float]:
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
    found = MaxNLocator((wanted or _LEVELS) + 1, min_n_ticks=1).tick_values(low, high)
    inside = [float(level) for level in found if low < level < high]
    step = float(found[1] - found[0])
    return [inside[0] - step, *inside, inside[-1] + step] if inside else [low, high]
