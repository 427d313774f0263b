"""Arrangement of panels in a figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradviz.specs.spec import Spec


def panel_grid(spec: Spec) -> tuple[int, int]:
    """Return the rows and columns of the panels of a still figure, or of the sweep that it is a still of."""
    if (whole := spec.swept_from) is not None and not whole.moves:
        return panel_grid(whole)
    count = len(spec.numbers) if shares_panels(spec) else spec.traits.panel_count(spec)
    return grid_of(spec, count)


def shares_panels(spec: Spec) -> bool:
    """Return whether a figure is a sweep in panels, with one colour bar for all, or a still of one."""
    whole = spec.swept_from or spec
    return bool(whole.sweep) and not whole.moves


def grid_of(spec: Spec, count: int) -> tuple[int, int]:
    """Return the rows and columns of some panels, which the book arranges in a square."""
    return near_square(count, () if spec.size is None or spec.style == "book" else spec.size)


def near_square(count: int, size: tuple[float, ...] = ()) -> tuple[int, int]:
    """Return rows and columns for some panels: about as many of both, or those of the largest squares.

    `size` is the width and height of a figure that was asked for, in inches.
    """
    columns = count if count <= 3 else 2 if count == 4 else math.ceil(math.sqrt(count))
    if len(size) == 2:
        width, height = size
        columns = max(range(1, count + 1), key=lambda n: (min(width / n, height / -(-count // n)), -n))
    return -(-count // columns), columns
