"""Central differences of a function of points, with one step for all points or one for each coordinate."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, vectors
from gradviz.blocks import BLOCK, blocks, computing
from gradviz.errors import RequestError
from gradviz.fields.field import Field

Function = Callable[[Floats], ArrayLike]

CENTRAL_STEP = 1e-4  # the book's
FIRST_STEP = 2e-4  # of the range of the points
EPS = float(np.finfo(np.float64).eps)


def raw_values(function: Function, points: Floats) -> NDArray[Any]:
    """Call a function with points (..., D) of its own, and return its values (...) as they are."""
    if isinstance(function, Field):
        return function(points)  # which does nothing to them
    values = np.asarray(function(points.copy()))
    if values.dtype.kind not in "iufb" or values.shape not in ((), points.shape[:-1]):
        raise RequestError(
            f"for points of shape {points.shape} the function gave {values.dtype} of shape {values.shape}; "
            f"it must give real numbers of shape {points.shape[:-1]}, one for each point"
        )
    return np.broadcast_to(values, points.shape[:-1])


def values_of(function: Function, points: Floats) -> Floats:
    """Return the values (...) of a function at points (..., D)."""
    values = raw_values(function, points)
    return values if isinstance(function, Field) else values.astype(np.float64)


def shifted(function: Function, points: Floats, axis: int, by: Floats | float) -> tuple[Floats, Floats]:
    """Return the values with one coordinate shifted, and where that coordinate really came to lie."""
    moved = points.copy()
    moved[..., axis] += by
    return values_of(function, moved), moved[..., axis]


def central(function: Function, points: Floats, step: Floats | float) -> Floats:
    """(f(x + h) - f(x - h)) / 2h along each variable, NaN where f is; one h, or one for each coordinate.

    2h is the distance that was really gone, between rounded numbers.
    """
    slopes, signs = vectors(points.shape), _signs(*points.shape[-1:], points.ndim - 1)
    most = BLOCK // signs.shape[1] if isinstance(function, Field) else points.size
    with computing():
        for index, columns in blocks(points, most):
            part = slopes[index]
            steps = np.moveaxis(step[index], -1, 0)[:, None] if isinstance(step, np.ndarray) else step
            nodes = [column + by for column, by in zip(columns, signs * steps, strict=True)]
            values = _values_at(function, nodes, (signs.shape[1], *part.shape[:-1]))
            for axis, places in enumerate(nodes):
                right, left = 2 * axis + 1, 2 * axis + 2
                np.divide(values[right] - values[left], places[right] - places[left], out=part[..., axis])
            missing = np.isnan(values[0])
            if np.count_nonzero(missing):
                part[missing] = np.nan
    return slopes


@cache
def _signs(dimension: int, ndim: int) -> Floats:
    """Return the shifts (D, 2D + 1, 1, ...) of each coordinate: none first, then a pair for each variable."""
    signs = np.full((dimension, 2 * dimension + 1), -0.0)  # x - 0 is x to the bit, also where x is -0
    for axis in range(dimension):
        signs[axis, 2 * axis + 1 : 2 * axis + 3] = 1, -1
    return signs.reshape(*signs.shape, *(1,) * ndim)


def _values_at(function: Function, nodes: list[Floats], shape: tuple[int, ...]) -> Floats:
    """Return values (K, ...) at K nodes for each point, whose D coordinates broadcast to that shape."""
    if isinstance(function, Field):
        values = function.at(nodes)
        return values if values.shape == shape else np.broadcast_to(values, shape)
    points = vectors((*shape, len(nodes)))
    for axis, column in enumerate(nodes):
        points[..., axis] = column
    return np.stack([values_of(function, part) for part in points])


def central_error(function: Function, points: Floats, values: Floats, slopes: Floats, step: float) -> Floats:
    """Return the error (..., D) of central differences, from those with 2h: it grows with the square of h."""
    with np.errstate(all="ignore"):
        coarse = central(function, points, 2 * step)
        return np.abs(slopes - coarse) / 3 + EPS * np.abs(values)[..., None] / step
