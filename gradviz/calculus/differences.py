"""Central differences of a function of points, with one step for all points or one for each coordinate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats
from gradviz.errors import RequestError

Function = Callable[[Floats], ArrayLike]

CENTRAL_STEP = 1e-4  # the book's
FIRST_STEP = 2e-4  # of the range of the points
EPS = float(np.finfo(np.float64).eps)


def raw_values(function: Function, points: Floats) -> NDArray[Any]:
    """Call a function with points (..., D) of its own, and return its values (...) as they are."""
    values = np.asarray(function(points.copy()))
    if values.dtype.kind not in "iufb" or values.shape not in ((), points.shape[:-1]):
        raise RequestError(
            f"for points of shape {points.shape} the function gave {values.dtype} of shape {values.shape}; "
            f"it must give real numbers of shape {points.shape[:-1]}, one for each point"
        )
    return np.broadcast_to(values, points.shape[:-1])


def values_of(function: Function, points: Floats) -> Floats:
    """Return the values (...) of a function at points (..., D)."""
    return raw_values(function, points).astype(np.float64)


def shifted(function: Function, points: Floats, axis: int, by: Floats | float) -> tuple[Floats, Floats]:
    """Return the values with one coordinate shifted, and where that coordinate really came to lie."""
    moved = points.copy()
    moved[..., axis] += by
    return values_of(function, moved), moved[..., axis]


def central(function: Function, points: Floats, step: Floats | float) -> Floats:
    """(f(x + h) - f(x - h)) / 2h along each variable, NaN where f is; one h, or one for each coordinate.

    2h is the distance that was really gone, between rounded numbers.
    """
    steps, slopes = np.broadcast_to(step, points.shape), np.empty(points.shape)
    with np.errstate(all="ignore"):
        for axis in range(points.shape[-1]):
            above, right = shifted(function, points, axis, steps[..., axis])
            below, left = shifted(function, points, axis, -steps[..., axis])
            slopes[..., axis] = (above - below) / (right - left)
    slopes[np.isnan(values_of(function, points))] = np.nan
    return slopes


def central_error(function: Function, points: Floats, values: Floats, slopes: Floats, step: float) -> Floats:
    """Return the error (..., D) of central differences, from those with 2h: it grows with the square of h."""
    with np.errstate(all="ignore"):
        coarse = central(function, points, 2 * step)
        return np.abs(slopes - coarse) / 3 + EPS * np.abs(values)[..., None] / step
