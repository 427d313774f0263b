"""Differences: the derivative of a function of points along each variable, from its values beside a point."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats
from gradviz.calculus.reliability import Estimate, estimated
from gradviz.errors import RequestError

Function = Callable[[Floats], ArrayLike]

CENTRAL_STEP = 1e-4  # the book's
FIRST_STEP = 2e-4  # of the range of the points
_EPS = float(np.finfo(np.float64).eps)
_SHRINK = 8  # not a power that aliases: the first step is no power of two
_ATTEMPTS = 8
_ATTEMPTS_NEAR_AN_EDGE = 15  # while no step was small enough to stay inside the domain
_LEAST_STEP = 64 * _EPS  # of the coordinate
_GOOD_ENOUGH = 1e-10  # of the derivative


def _raw_values(function: Function, points: Floats) -> NDArray[Any]:
    """Call a function with points (..., D) of its own, and return its values (...) as they are."""
    values = np.asarray(function(points.copy()))
    if values.dtype.kind not in "iufb" or values.shape not in ((), points.shape[:-1]):
        raise RequestError(
            f"for points of shape {points.shape} the function gave {values.dtype} of shape {values.shape}; "
            f"it must give real numbers of shape {points.shape[:-1]}, one for each point"
        )
    return np.broadcast_to(values, points.shape[:-1])


def _values(function: Function, points: Floats) -> Floats:
    return _raw_values(function, points).astype(np.float64)


def _shifted(function: Function, points: Floats, axis: int, by: Floats | float) -> tuple[Floats, Floats]:
    """Return the values with one coordinate shifted, and where that coordinate really came to lie."""
    moved = points.copy()
    moved[..., axis] += by
    return _values(function, moved), moved[..., axis]


def _difference(function: Function, points: Floats, axis: int, step: Floats | float) -> tuple[Floats, Floats]:
    """Return (f(x + h) - f(x - h)) over the distance that was really gone, and the greater |f| of both."""
    above, right = _shifted(function, points, axis, step)
    below, left = _shifted(function, points, axis, -step)
    return (above - below) / (right - left), np.maximum(np.abs(above), np.abs(below))


def central(function: Function, points: Floats, step: Floats | float) -> Floats:
    """(f(x + h) - f(x - h)) / 2h along each variable, NaN where f is; one h, or one for each coordinate."""
    steps, slopes = np.broadcast_to(step, points.shape), np.empty(points.shape)
    with np.errstate(all="ignore"):
        for axis in range(points.shape[-1]):
            slopes[..., axis] = _difference(function, points, axis, steps[..., axis])[0]
    slopes[np.isnan(_values(function, points))] = np.nan
    return slopes


def central_estimate(function: Function, points: Floats, step: float) -> Estimate:
    """The same, with an error estimated from that with 2h: it grows with the square of h."""
    values, slopes = _values(function, points), central(function, points, step)
    with np.errstate(all="ignore"):
        coarse = central(function, points, 2 * step)
        errors = np.abs(slopes - coarse) / 3 + _EPS * np.abs(values)[..., None] / step
    return estimated(values, slopes, errors)


def adaptive(function: Function, points: Floats, scales: Floats, step: float | None) -> Estimate:
    """Differences of order 6 over the nodes +-h, +-2h, +-3h, the step chosen for each point and variable.

    The error is the sum of what was cut off, from the difference to order 4, and of rounding. Where the
    first is the greater one and too great, h is divided by 8 and the better result kept: so the step
    shrinks away from poles, kinks and the edge of the domain, where a node is NaN.
    """
    raw = _raw_values(function, points)
    eps = (
        float(np.finfo(raw.dtype).eps) if raw.dtype.kind == "f" else _EPS
    )  # of what the function computes in
    values = raw.astype(np.float64)
    rows = points.reshape(math.prod(points.shape[:-1]), points.shape[-1])
    lengths = scales.reshape(rows.shape)
    slopes, errors = np.full(rows.shape, np.nan), np.full(rows.shape, np.inf)
    with np.errstate(all="ignore"):
        for axis in range(rows.shape[-1]):
            least = _LEAST_STEP * np.abs(rows[:, axis])
            steps = np.maximum(FIRST_STEP * lengths[:, axis] if step is None else step, least)
            active = np.flatnonzero(~np.isnan(values.reshape(-1)))
            for attempt in range(_ATTEMPTS_NEAR_AN_EDGE):
                if not active.size:
                    break
                found, error, enough = _sixth_order(function, rows[active], axis, steps[active], eps)
                better = error < errors[active, axis]
                slopes[active[better], axis] = found[better]
                errors[active[better], axis] = error[better]
                if attempt >= _ATTEMPTS:
                    enough |= np.isfinite(errors[active, axis])
                active = active[~enough & (steps[active] > least[active])]
                steps[active] = np.maximum(steps[active] / _SHRINK, least[active])
    return estimated(values, slopes.reshape(points.shape), errors.reshape(points.shape))


def _sixth_order(
    function: Function, rows: Floats, axis: int, steps: Floats, eps: float
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the derivative of order 6, its error, and where a smaller step could not make it better."""
    differences, sizes = zip(*(_difference(function, rows, axis, k * steps) for k in (1, 2, 3)), strict=True)
    # with d_k = 2k (f(x + kh) - f(x - kh)) / (distance): each is 2k times the slope, to a different order
    d1, d2, d3 = (2 * k * difference for k, difference in enumerate(differences, 1))
    second, fourth = d1 / 2, 2 / 3 * d1 - d2 / 12
    sixth = 3 / 4 * d1 - 3 / 20 * d2 + d3 / 60
    gap = np.abs(sixth - fourth)
    ratio = np.nan_to_num(4 * gap / np.abs(fourth - second), nan=1.0)
    truncation = gap * np.clip(ratio, 1e-3, 1.0)
    rounding = 2 * eps * np.max(sizes, axis=0) / steps + eps * np.abs(sixth)
    error = np.nan_to_num(truncation + rounding, nan=np.inf)
    return sixth, error, truncation <= np.maximum(rounding, _GOOD_ENOUGH * np.abs(sixth))
