"""The sizes of panels, by arithmetic alone: rows and columns, and the axes that texts leave room for."""

from __future__ import annotations

import math

BESIDE_SHARE = 0.14  # of the width of a panel: texts beside its axes
ABOVE_SHARE = 0.16  # of the width of a panel: texts above and below its axes
BAR_SHARE = 0.12  # of the width of a panel: a colour bar
_SMALLEST_SHARE = 0.2  # of the height of a panel: axes that texts leave no room for


def near_square(count: int) -> tuple[int, int]:
    """Return rows and columns for some panels: about as many rows as columns."""
    columns = count if count <= 3 else 2 if count == 4 else math.ceil(math.sqrt(count))
    return -(-count // columns), columns


def axes_sides(width: float, height: float | None, ratio: float, *, has_bar: bool) -> tuple[float, float]:
    """Return about how wide and high axes are in a panel, in inches.

    `ratio` is the height of the axes to their width. With `height` None the panel is as high as they need.
    """
    wide = (1 - BESIDE_SHARE) * width - (BAR_SHARE * width if has_bar else 0.0)
    high = wide * ratio
    if height is not None:
        high = min(high, max(height - ABOVE_SHARE * width, _SMALLEST_SHARE * height))
    return high / ratio, high
