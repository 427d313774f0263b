"""Central differences of a function of points, with one step for all points or one for each coordinate."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import BLOCK, Floats, blocks, computing, vectors
from gradviz.errors import RequestError
from gradviz.fields.field import Field

Function = Callable[[Floats], ArrayLike]
"""A scalar function of points: maps (..., D) to real values (...)."""

CENTRAL_STEP = 1e-4  # default step of "central", in units of the coordinates: that of the book
FIRST_STEP = 2e-4  # first step of "adaptive", relative to the scale of each coordinate
EPS = float(np.finfo(np.float64).eps)
MIN_STEP = 64 * EPS  # smallest step, relative to the coordinate


def raw_values(function: Function, points: Floats) -> NDArray[Any]:
    """Return the values (...) at points (..., D) in the dtype that the function returns, such as float32.

    The function gets a copy of the points. Raises RequestError if it returns complex or non-numeric values,
    or an array of another shape.
    """
    if isinstance(function, Field):
        return function(points)  # a field does not write into its argument
    values = np.asarray(function(points.copy()))
    if values.dtype.kind not in "iufb" or values.shape not in ((), points.shape[:-1]):
        raise RequestError(
            f"function: must return real numbers of shape {points.shape[:-1]}, one for each point of "
            f"{points.shape}, got {values.dtype} of shape {values.shape}"
        )
    return np.broadcast_to(values, points.shape[:-1])


def values_of(function: Function, points: Floats) -> Floats:
    """Return the values (...) of a function at points (..., D) as float64."""
    if isinstance(function, Field):
        return function(points)
    return raw_values(function, points).astype(np.float64)


def shifted(function: Function, points: Floats, axis: int, by: Floats | float) -> tuple[Floats, Floats]:
    """Return the values (...) with one coordinate shifted, and that coordinate (...) after rounding."""
    nodes = points.copy()
    nodes[..., axis] += by
    return values_of(function, nodes), nodes[..., axis]


def central(function: Function, points: Floats, step: Floats | float) -> Floats:
    """Return the gradient (..., D) by central differences (f(x + h) - f(x - h)) / 2h, NaN where f is NaN.

    `step` is one h for all coordinates, or an array (..., D). 2h is the difference of the rounded nodes.
    """
    slopes, signs = vectors(points.shape), _signs(*points.shape[-1:], points.ndim - 1)
    block = BLOCK // signs.shape[1] if isinstance(function, Field) else points.size
    with computing():
        for index, columns in blocks(points, block):
            part = slopes[index]
            steps = np.moveaxis(step[index], -1, 0)[:, None] if isinstance(step, np.ndarray) else step
            nodes = [column + by for column, by in zip(columns, signs * steps, strict=True)]
            values = _node_values(function, nodes, (signs.shape[1], *part.shape[:-1]))
            for axis, coordinate in enumerate(nodes):
                high, low = 2 * axis + 1, 2 * axis + 2
                np.divide(values[high] - values[low], coordinate[high] - coordinate[low], out=part[..., axis])
            missing = np.isnan(values[0])
            if np.count_nonzero(missing):
                part[missing] = np.nan
    return slopes


@cache
def _signs(dimension: int, ndim: int) -> Floats:
    """Return the shifts (D, 2D + 1, 1, ...) of each coordinate in steps: the point itself, then D pairs."""
    signs = np.full((dimension, 2 * dimension + 1), -0.0)  # x + (-0.0) is x, also if x is -0.0
    for axis in range(dimension):
        signs[axis, 2 * axis + 1 : 2 * axis + 3] = 1, -1
    return signs.reshape(*signs.shape, *(1,) * ndim)


def _node_values(function: Function, nodes: list[Floats], shape: tuple[int, ...]) -> Floats:
    """Return the values (K, ...) at K nodes for each point; their D coordinates broadcast to `shape`."""
    if isinstance(function, Field):
        values = function.at(nodes)
        return values if values.shape == shape else np.broadcast_to(values, shape)
    points = vectors((*shape, len(nodes)))
    for axis, column in enumerate(nodes):
        points[..., axis] = column
    return np.stack([values_of(function, part) for part in points])


def central_error(function: Function, points: Floats, values: Floats, slopes: Floats, step: float) -> Floats:
    """Return the estimated error (..., D) of central differences `slopes` (..., D) with a step h.

    It is the sum of the truncation error, a third of the change with the step 2h (Richardson extrapolation of
    a second-order method), and of the rounding error eps |f| / h.
    """
    with np.errstate(all="ignore"):
        coarse = central(function, points, 2 * step)
        return np.abs(slopes - coarse) / 3 + EPS * np.abs(values)[..., None] / step
