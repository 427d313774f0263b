"""Gradients of functions of points, with error estimates.

Relative errors on 235 smooth test functions, median and 99th percentile: `central` with h = 1e-4 4e-9 and
2e-2, `adaptive` 1e-13 and 2e-9, `complex` 2e-16 and 5e-13, `exact` 1e-16 and 1e-12.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import cast, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points, real_numbers
from gradviz.calculus.adaptive import adaptive
from gradviz.calculus.differences import (
    CENTRAL_STEP,
    EPS,
    FIRST_STEP,
    Function,
    central,
    central_error,
)
from gradviz.calculus.reference import reference
from gradviz.calculus.reliability import (
    ROUNDED_UP,
    Estimate,
    Reason,
    Reference,
    contradicted,
    estimated,
    referred,
)
from gradviz.errors import Place, RequestError, did_you_mean, visible
from gradviz.fields.field import Field
from gradviz.registry import Method

_PRECISE_POINTS = 10_000  # largest number of unrelated points that are evaluated in higher precision
_PRECISE_MESH_POINTS = 1_000  # largest number of points of a mesh that are: few have rounding errors
_EXACT_ERROR = 4 * EPS  # error of a symbolic or complex-step derivative, relative to it


@dataclass(frozen=True)
class Gradient:
    """The gradient of a scalar function of points, itself a function of points.

    `g(points)` maps points (..., D) to gradients (..., D); `g.estimate(points)` adds the estimated error and
    a reason code for each point. Use `gradviz.gradient` to construct one, which checks the arguments.

    Parameters
    ----------
    function : Field or callable
        Maps points (..., D) to real values (...).
    method : {"adaptive", "central", "complex", "exact"}, default "adaptive"
        See `gradviz.gradient`, also for the other parameters.
    step : float, optional
        Step of the finite differences, in units of the coordinates.
    scale : tuple of D floats, optional
        Lengths over which the coordinates vary.
    apart : bool, default False
        Whether the points are unrelated to each other.

    Raises
    ------
    RequestError
        When called: if the points are not real numbers (..., D), `scale` has not D elements, the function
        returns another shape than (...), or it is not analytic and the method is "complex".

    Examples
    --------
    >>> import gradviz
    >>> g = gradviz.gradient(lambda p: abs(p[..., 0]) + p[..., 1], scale=(1, 1))
    >>> g([[2, 3], [-4, 3]]).round(9)
    array([[ 1.,  1.],
           [-1.,  1.]])
    >>> estimate = g.estimate([[2, 3], [0, 3]])
    >>> estimate.reasons()
    ['', 'kink']
    >>> bool((estimate.error[0] < 1e-9).all())
    True
    """

    function: Function
    method: Method = "adaptive"
    step: float | None = None
    scale: tuple[float, ...] | None = None
    apart: bool = False

    @np.errstate(all="ignore")
    def __call__(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) at points (..., D), NaN where f or its gradient is undefined."""
        points = self._points(points)
        if self.method == "central":
            return central(self.function, points, self.step or CENTRAL_STEP)
        if isinstance(self.function, Field) and self.method in ("complex", "exact"):
            return self._of_formula(self.function, points)[0]
        return self._adaptive(points, self.step).gradient

    @np.errstate(all="ignore")
    def estimate(self, points: ArrayLike) -> Estimate:
        """Return values (...), gradient and error (..., D) and reason codes (...) at points (..., D).

        Where a function has a formula, the error is the difference to the exact gradient, and the formula
        decides which points are unreliable; else adaptive differences do.
        """
        points = self._points(points)
        if not isinstance(self.function, Field):
            return self.numerical_estimate(points)
        apart = self._apart(points)
        most = _PRECISE_POINTS if apart else _PRECISE_MESH_POINTS
        everywhere = apart and math.prod(points.shape[:-1]) <= most
        found = reference(self.function, points, everywhere=everywhere, most=most)
        if self.method == "exact":
            return self._exact(self.function, points, found)
        return referred(self.numerical_estimate(points), found)

    @np.errstate(all="ignore")
    def numerical_estimate(self, points: Floats) -> Estimate:
        """Return the estimate of the method alone, which does not know the exact gradient of a formula."""
        if self.method == "adaptive":
            return self._adaptive(points, self.step)
        other = self._adaptive(points, None)
        if isinstance(self.function, Field) and self.method == "complex":
            slopes, replaced = self._of_formula(self.function, points)
            errors = np.where(replaced, other.error, _EXACT_ERROR * np.abs(slopes))
        else:
            step = self.step or CENTRAL_STEP
            slopes = central(self.function, points, step)
            errors = ROUNDED_UP * (np.abs(slopes - other.gradient) + other.error)
            unknown = ~np.isfinite(errors)
            errors[unknown] = central_error(self.function, points, other.values, slopes, step)[unknown]
        estimate = contradicted(estimated(other.values, slopes, errors, other.floors), other)
        # NOISE of adaptive differences does not hold for another method; the singularities do.
        smooth = np.isin(other.marks, (Reason.NONE, Reason.NOISE))
        return estimate._replace(marks=np.where(smooth, estimate.marks, other.marks))

    def _exact(self, field: Field, points: Floats, found: Reference) -> Estimate:
        """Return the reference gradient, or adaptive differences where it is unknown."""
        estimate = Estimate(found.values, found.gradient, found.error, found.marks)
        rows = ~found.known
        if rows.any():
            other = adaptive(field, points[rows], self._scales(points[rows], points), None, apart=self.apart)
            estimate.gradient[rows], estimate.error[rows] = other.gradient, other.error
            estimate.marks[rows] = other.marks
        return estimate

    def _apart(self, points: Floats) -> bool:
        """Return whether the points are unrelated to each other."""
        return self.apart or (self.scale is None and points.size == points.shape[-1])

    def _points(self, points: ArrayLike) -> Floats:
        return as_points(points, len(self.function.variables) if isinstance(self.function, Field) else None)

    def _adaptive(self, points: Floats, step: float | None) -> Estimate:
        if not self._apart(points):
            return adaptive(self.function, points, self._scales(points, points), step)
        return adaptive(self.function, points, np.ones(points.shape), step, apart=True)

    def _of_formula(self, field: Field, points: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the gradient (..., D) of a formula, and a mask (..., D) of partials that were replaced.

        A partial that is 0/0 where f is finite is replaced by finite differences, unless these grow as the
        step shrinks: then the slope is unbounded.
        """
        if self.method == "exact":
            slopes, any_gaps = field.gradient_and_gaps(points)
        else:
            slopes, any_gaps = field.complex_step_gradient(points), True
        gaps = np.isnan(slopes) if any_gaps else np.zeros(slopes.shape, np.bool_)
        if any_gaps and np.count_nonzero(gaps):
            rows = gaps.any(axis=-1)
            scales = self._scales(points[rows], points)
            estimate = adaptive(field, points[rows], scales, None, apart=self.apart)
            first = np.abs(central(field, points[rows], FIRST_STEP * scales))
            gaps[rows] &= np.abs(estimate.gradient) <= 2 * first + estimate.error
            slopes[rows] = np.where(gaps[rows], estimate.gradient, slopes[rows])
        return slopes, gaps

    def _scales(self, points: Floats, sample: Floats) -> Floats:
        """Return the lengths (..., D) over which the coordinates vary at points (..., D).

        They are the range of the `sample` (..., D), not |x|: with steps proportional to |x|, the gradient of
        sin at 1e6 would be wrong. A sample of one point has no range, so max(1, |x|) is used.
        """
        if self.scale is not None:
            if len(self.scale) != points.shape[-1]:
                raise RequestError(
                    f"scale: must have one number for each of the {points.shape[-1]} coordinates, "
                    f"got {len(self.scale)}"
                )
            return np.broadcast_to(np.asarray(self.scale, np.float64), points.shape)
        magnitude = np.maximum(1.0, np.abs(points))
        if not sample.size:
            return magnitude
        if self.apart:
            return np.ones(points.shape)
        spread = np.ptp(sample.reshape(-1, sample.shape[-1]), axis=0)
        return np.where(np.isfinite(spread) & (spread > 0), spread, magnitude)


def gradient(
    function: Function,
    *,
    method: str = "adaptive",
    step: float | None = None,
    scale: tuple[float, ...] | None = None,
    apart: bool = False,
) -> Gradient:
    """Return the gradient of a scalar function as a function of points.

    Parameters
    ----------
    function : Field or callable
        Maps points (..., D) to real values (...).
    method : {"adaptive", "central", "complex", "exact"}, default "adaptive"
        Sixth-order central differences with a step chosen for each point and variable; second-order central
        differences with a fixed step; complex-step derivative (analytic functions only); symbolic derivative.
        The last two need a `Field`.
    step : float, optional
        Step h > 0 in units of the coordinates: the fixed step of "central" (default 1e-4), the first step of
        "adaptive" (default: 2e-4 times `scale`).
    scale : sequence of D floats, optional
        Length > 0 over which each coordinate varies, in its units. Default: the range of the points.
    apart : bool, default False
        Choose the step of each point independently, not from the range of all points. Use it for a few
        unrelated points.

    Returns
    -------
    Gradient
        Callable that maps points (..., D) to gradients (..., D), NaN where f or its gradient is undefined.
        Its `estimate` method adds an absolute error and a reason code for each point.

    Raises
    ------
    RequestError
        If `method` is unknown or needs a `Field`, or if `step` or `scale` is not positive and finite.

    References
    ----------
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review
    40, 1998 (the complex step).

    Examples
    --------
    >>> import gradviz
    >>> gradviz.gradient(gradviz.field("x0**2 + 3*x1"), method="exact")([[1, 2], [3, 4]])
    array([[2., 3.],
           [6., 3.]])
    """
    methods = get_args(Method)
    if method not in methods:
        hint = did_you_mean(str(method), methods) or f"choose one of {', '.join(methods)}"
        raise RequestError(Place("method"), f"must be a known method, got '{method}'; {hint}")
    if method in ("complex", "exact") and not isinstance(function, Field):
        raise RequestError(
            Place("method"), f"'{method}' needs a formula; use adaptive or central for a callable"
        )
    if step is not None:
        step = _positive_step(step)
    lengths = None if scale is None else _lengths(scale)
    return Gradient(function, cast("Method", method), step, lengths, apart)


def _lengths(scale: object) -> tuple[float, ...]:
    """Return a scale as floats. Raises RequestError unless all are positive, finite numbers."""
    given = tuple(scale) if isinstance(scale, Iterable) else (None,)
    lengths = tuple(length for length in map(_real_number, given) if length and 0 < length < math.inf)
    if len(lengths) < len(given):
        shown = visible(repr(scale))
        raise RequestError(f"scale: must be one positive number for each coordinate, got {shown}")
    return lengths


@np.errstate(all="ignore")
def numerical_gradient(
    function: Callable[[Floats], float], array: ArrayLike, step: float = CENTRAL_STEP
) -> Floats:
    """Return the gradient of a function of one array by central differences.

    It has the calling convention of the book. Prefer `gradient` for functions of points: it evaluates all
    points at once and estimates the error.

    Parameters
    ----------
    function : callable
        Maps an array of the shape of `array` to one real number. It gets a new array each time.
    array : array_like
        The point at which the gradient is computed; any shape. Integers are converted to float64.
    step : float, default 1e-4
        Step h of (f(x + h) - f(x - h)) / 2h, in units of the elements.

    Returns
    -------
    ndarray of float64
        The gradient, of the shape of `array`.

    Raises
    ------
    RequestError
        If `array` holds no real numbers, `step` is not positive and finite or too short to change an element,
        or the function returns anything but one real number.

    Examples
    --------
    >>> import gradviz
    >>> gradviz.numerical_gradient(lambda x: x[0]**2 + 3*x[1], [3, 4]).round(6)
    array([6., 3.])
    """
    given = real_numbers(array, "array")
    step = _positive_step(step)
    values = given.astype(np.float64)  # a copy, always
    slopes = np.empty_like(values)
    for index in np.ndindex(values.shape):
        high, low = values[index] + step, values[index] - step
        if high == low:
            raise RequestError(
                Place("step"),
                f"must change each element, got {visible(repr(step))} for {values[index]}; use a larger step",
            )
        results = []
        for node in (high, low):
            argument = values.copy()
            argument[index] = node
            results.append(_number(function(argument)))
        slopes[index] = (results[0] - results[1]) / (high - low)
    return slopes


def _positive_step(step: object) -> float:
    """Return the step as a float. Raises RequestError unless it is a positive, finite number."""
    number = _real_number(step)
    if number is None or not 0 < number < math.inf:
        shown = visible(repr(step))
        raise RequestError(
            Place("step"), f"must be a positive number, got {shown}; the default is {CENTRAL_STEP}"
        )
    return number


def _number(value: object) -> float:
    """Return the result of a user-defined function as a float. Raises RequestError if it is none."""
    number = _real_number(value)
    if number is None:
        shown = visible(repr(value))
        raise RequestError(f"function: must return one real number, got {shown}; return a float")
    return number


def _real_number(value: object) -> float | None:
    """Return a real number, which may be an array without axes, as a float; None for anything else."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if not isinstance(value, Real) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
