"""Arrangement of panels in a figure."""

from __future__ import annotations

import math


def near_square(count: int, size: tuple[float, ...] = ()) -> tuple[int, int]:
    """Return rows and columns for some panels: about as many of both, or those of the largest squares.

    `size` is the width and height of a figure that was asked for, in inches.
    """
    columns = count if count <= 3 else 2 if count == 4 else math.ceil(math.sqrt(count))
    if len(size) == 2:
        width, height = size
        columns = max(range(1, count + 1), key=lambda n: (min(width / n, height / -(-count // n)), -n))
    return -(-count // columns), columns
