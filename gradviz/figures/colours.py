"""Colour scales that a few extreme values cannot take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

_TYPICAL = 98  # per cent of the values
_EXTREME = 3.0  # times the span of the typical values


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
