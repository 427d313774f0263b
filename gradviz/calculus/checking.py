"""Comparison of a numerical gradient with an exact or user-supplied one."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points
from gradviz.calculus.differences import Function, central
from gradviz.calculus.gradients import Gradient, gradient
from gradviz.calculus.pointwise import precise_differences
from gradviz.calculus.reliability import Reason
from gradviz.errors import Place, RequestError, visible
from gradviz.fields.field import Field

TOLERANCE = 1e-6  # default largest relative error, for all methods but "central"
CENTRAL_TOLERANCE = 1e-5
"""Default largest relative error for "central".

Central differences have the truncation error h^2/6 f''' and the rounding error eps |f| / h. With h = 1e-4 the
first is below 1e-5 of a slope that changes over lengths of 0.013 or more; the second is 2e-12 |f|.
"""

_COMPONENT_FLOOR = 1e-2  # smallest divisor of an error, relative to the median of the component
_GRADIENT_FLOOR = 1e-6  # floor relative to the largest median: differences resolve 1e-12 of a gradient
_MAXIMUM_FLOOR = 1e-9  # floor relative to the maximum of the component
_CONFIDENCE = 2  # an error of up to this multiple of its estimate is accepted
_LOCAL = 0.01  # length over which the change of a partial derivative is its local size, in ranges
_PRECISE_ROWS = 2_000  # largest number of points that are compared in higher precision
_BITS = 200  # their precision, in bits
_FINER = 7  # divisor of the first step when an error is confirmed; no power of 2, which would alias
_MIN_COMPARED = 0.25  # smallest share of the points in the domain that must be compared for a result
_MAX_UNDEFINED = 0.05  # largest share of the points at which a correct claim may be undefined
_EQUAL = 1e-9  # relative difference up to which errors are considered equal


@dataclass(frozen=True)
class Check:
    """The result of a comparison of two gradients."""

    ok: bool
    """Whether all errors are within the tolerance and enough points were compared."""
    points: int
    """The number of points compared."""
    max_error: float
    """The largest relative error; infinite where a claim is undefined, NaN if no point was compared."""
    worst_point: tuple[float, ...] | None
    """The point of the largest error; None if no point was compared."""
    numerical: tuple[float, ...] | None
    """The gradient at the worst point: the exact one if a claim is compared with a formula."""
    expected: tuple[float, ...] | None
    """The exact or claimed gradient at the worst point."""
    unreliable: int
    """The number of points left out."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """The number of points left out for each `Reason`, by its word."""
    wrong: tuple[int, ...] = ()
    """For each component the number of points at which its error exceeds the tolerance."""
    tolerance: float = TOLERANCE
    """The largest relative error that is accepted."""


@np.errstate(all="ignore")
def check_gradient(
    function: Function,
    points: ArrayLike,
    *,
    method: str = "adaptive",
    step: float | None = None,
    scale: tuple[float, ...] | None = None,
    expected: Callable[[Floats], ArrayLike] | Sequence[Field] | None = None,
    tolerance: float | None = None,
) -> Check:
    """Compare the numerical gradient of a function with an exact or user-supplied one at points (..., D).

    `expected` maps points (N, D) to gradients (N, D), or is one `Field` for each partial derivative; the
    default, the exact gradient, needs a `Field`. `method`, `step` and `scale` are those of `gradient`.

    The error of a component is relative to its magnitude, or to a hundredth of its median magnitude where it
    passes through 0; that of fields to its change over a hundredth of `scale`. An error of up to twice the
    estimate for the numerical gradient is within `tolerance`: by default 1e-6, for "central" 1e-5. A claim is
    compared with the exact gradient if the function is a `Field`, in higher precision where rounding matters.

    Points are left out where the numerical gradient is unreliable or the exact one undefined. A claim that is
    undefined at up to 5 % of the points is left out there; else it is wrong. The result is not ok if fewer
    than a quarter of the points in the domain were compared.

    Raises RequestError if `tolerance` is not positive and finite, or `expected` returns another shape.

    >>> from gradviz.fields.field import field
    >>> check_gradient(field("x0**2 + 3*x1"), [[1, 2], [3, 4]], expected=lambda p: p * [2, 0] + [0, 3]).ok
    True
    """
    points = as_points(points)
    rows = points.reshape(math.prod(points.shape[:-1]), points.shape[-1])
    limit = _tolerance(tolerance, method)
    scale = _scale(rows) if scale is None else scale
    tested = gradient(function, method=method, step=step, scale=scale)
    found = _numerical(tested, rows, limit) if expected is None else _claimed(tested, rows, expected, limit)
    compared = np.equal(found.codes, Reason.NONE)
    reasons = Counter(Reason(code).word for code in found.codes[~compared].tolist())
    vectors = (rows[compared], found.gradient[compared], found.expected[compared])
    return _check(vectors, found.errors[compared], limit, dict(reasons.most_common()))


class _Comparison(NamedTuple):
    """Two gradients (N, D) at N points, with their relative errors (N, D) and reason codes (N,)."""

    gradient: Floats
    expected: Floats
    errors: Floats
    codes: NDArray[np.uint8]


def _numerical(tested: Gradient, rows: Floats, limit: float) -> _Comparison:
    """Compare the numerical gradient of a formula with its exact one at points (N, D).

    Where the differences are unreliable or another gradient, they are taken in higher precision.
    """
    if not isinstance(tested.function, Field):
        raise RequestError("expected: is missing; a function without a formula has no exact gradient")
    exact = gradient(tested.function, method="exact", scale=tested.scale).estimate(rows)
    estimate = tested.numerical_estimate(rows)
    codes = exact.marks.copy()
    noisy = np.equal(codes, Reason.NONE) & ~estimate.reliable
    codes[noisy] = Reason.NOISE
    slopes, slack = estimate.gradient.copy(), _CONFIDENCE * estimate.error / limit
    wrong = (_errors(slopes, exact.gradient, slack, codes) > limit).any(axis=-1)
    for row in np.flatnonzero(noisy | wrong)[:_PRECISE_ROWS]:
        with contextlib.suppress(ArithmeticError):  # the function is undefined beside the point
            slopes[row] = precise_differences(tested.function.precise, rows[row].tolist())
            slack[row], codes[row] = 0.0, Reason.NONE
    return _Comparison(slopes, exact.gradient, _errors(slopes, exact.gradient, slack, codes), codes)


def _claimed(
    tested: Gradient, rows: Floats, claim: Callable[[Floats], ArrayLike] | Sequence[Field], limit: float
) -> _Comparison:
    """Compare a claimed gradient with the exact one of a formula, else with a numerical one."""
    has_formula = isinstance(tested.function, Field)
    estimate = (replace(tested, method="exact", step=None) if has_formula else tested).estimate(rows)
    slopes, codes = estimate.gradient, estimate.marks.copy()
    slack = (1.0 if has_formula else _CONFIDENCE) * estimate.error / limit
    if isinstance(claim, Sequence):
        claimed = np.stack([part(rows) for part in claim], axis=-1)
    else:
        claimed = _values_of(claim, rows)
    gaps = np.isnan(claimed).any(axis=-1) & np.equal(codes, Reason.NONE)
    if gaps.mean() <= _MAX_UNDEFINED:
        codes[gaps] = Reason.UNDEFINED
    if isinstance(claim, Sequence) and isinstance(tested.function, Field):
        sizes = np.maximum(_local_sizes(tested.function, rows, tested.scale), slack)
        errors = _locally(slopes, claimed, sizes)
        suspect = np.flatnonzero((errors > limit).any(axis=-1) & np.equal(codes, Reason.NONE))
        for row in suspect[:_PRECISE_ROWS]:  # the claim may be right but for its rounding
            claimed[row] = _precisely(claim, rows[row], claimed[row])
        errors = np.where(np.equal(codes, Reason.NONE)[:, None], _locally(slopes, claimed, sizes), 0.0)
        return _Comparison(slopes, claimed, errors, codes)
    found = _Comparison(slopes, claimed, _errors(slopes, claimed, slack, codes), codes)
    return _confirmed(tested, rows, found, limit)


def _local_sizes(field: Field, rows: Floats, scale: tuple[float, ...] | None) -> Floats:
    """Return the change (N, D) of each partial derivative over a hundredth of `scale` at points (N, D)."""
    lengths = _LOCAL * np.array(scale)
    return np.nan_to_num(np.abs(field.hessian(rows)), nan=0.0, posinf=0.0) @ lengths


def _locally(slopes: Floats, claimed: Floats, sizes: Floats) -> Floats:
    """Return the errors (N, D) of a claim relative to the larger gradient, or to `sizes` (N, D)."""
    with np.errstate(all="ignore"):
        divisors = np.fmax(np.fmax(np.abs(slopes), np.abs(claimed)), sizes)
        errors = np.where(np.equal(slopes, claimed), 0.0, np.abs(claimed - slopes) / divisors)
    return np.nan_to_num(errors, nan=np.inf, posinf=np.inf)


def _precisely(claim: Sequence[Field], point: Floats, rounded: Floats) -> Floats:
    """Return the claim at a point (D,) in higher precision, or what it is `rounded` where it is undefined."""
    values = rounded.copy()
    for axis, part in enumerate(claim):
        with contextlib.suppress(ArithmeticError):
            values[axis] = float(part.precise.evaluate(point.tolist(), _BITS, slopes=False).value)
    return values


def _confirmed(tested: Gradient, rows: Floats, found: _Comparison, limit: float) -> _Comparison:
    """Return a comparison without errors of an adaptive gradient that a smaller first step contradicts."""
    if tested.method != "adaptive" or tested.scale is None:
        return found
    suspect = np.flatnonzero((found.errors > limit).any(axis=-1))
    scale = tuple(length / _FINER for length in tested.scale)
    finer = gradient(tested.function, step=tested.step and tested.step / _FINER, scale=scale)
    change = np.abs(finer(rows[suspect]) - found.gradient[suspect])
    differs = change > limit * sizes_of(found.gradient)[suspect]
    codes = found.codes.copy()
    codes[suspect[differs.any(axis=-1)]] = Reason.NOISE
    return found._replace(codes=codes)


def _errors(numerical: Floats, reference: Floats, slack: Floats, codes: NDArray[np.uint8]) -> Floats:
    """Return the relative errors (N, D), 0 at unreliable points; no divisor is below `slack` (N, D)."""
    errors = np.zeros(numerical.shape)
    good = np.equal(codes, Reason.NONE)
    numerical, reference, slack = numerical[good], reference[good], slack[good]
    with np.errstate(all="ignore"):
        known = np.where(np.isfinite(reference), np.abs(reference), 0.0)
        divisors = np.maximum(sizes_of(np.maximum(np.abs(numerical), known)), slack)
        errors[good] = np.nan_to_num(np.abs(numerical - reference) / divisors, nan=np.inf, posinf=np.inf)
    return errors


def _check(
    vectors: tuple[Floats, Floats, Floats], errors: Floats, tolerance: float, reasons: Mapping[str, int]
) -> Check:
    """Return the result for `vectors`, the points and their numerical and reference gradients, all (N, D)."""
    count, dimension = errors.shape
    left_out = sum(reasons.values())
    if not count:
        return Check(False, 0, math.nan, None, None, None, left_out, reasons, (0,) * dimension, tolerance)
    largest = errors.max(axis=-1, initial=0.0)
    max_error = float(largest.max())
    row = int(
        np.argmax(largest >= (1 - _EQUAL) * max_error)
    )  # the first of equals: on a mesh it is the roundest
    point, numerical, reference = (tuple(part[row].tolist()) for part in vectors)
    wrong = tuple((errors > tolerance).sum(axis=0).tolist())
    defined = count + left_out - reasons.get(Reason.UNDEFINED.word, 0)
    ok = max_error <= tolerance and count >= _MIN_COMPARED * defined
    return Check(ok, count, max_error, point, numerical, reference, left_out, reasons, wrong, tolerance)


@np.errstate(all="ignore")
def step_errors(function: Function, points: Floats, exact: Floats, steps: Floats) -> Floats:
    """Return the relative errors (S, N) of central differences for steps (S,) at points (N, D).

    Each is the maximum of the D components, compared with the `exact` gradients (N, D); NaN where a node is
    outside the domain. A step too small to change a coordinate gives the slope 0, an error of 1.
    """
    errors = np.empty((len(steps), len(points)))
    for row, step in enumerate(steps.tolist()):
        slopes = central(function, points, step)
        slopes[points + step == points - step] = 0.0
        errors[row] = relative_errors(slopes, exact)
    return errors


def relative_errors(gradients: Floats, exact: Floats) -> Floats:
    """Return the relative errors (N,) of gradients (N, D), each the maximum of its D components."""
    with np.errstate(all="ignore"):
        errors: Floats = (np.abs(gradients - exact) / sizes_of(exact)).max(axis=-1)
    return errors


def sizes_of(vectors: Floats) -> Floats:
    """Return the divisors (N, D) of relative errors of vectors (N, D): their magnitudes, or a floor."""
    sizes = np.abs(vectors)
    usable = [column[np.isfinite(column) & (column > 0)] for column in sizes.T]
    medians = np.array([np.median(column) if column.size else 0.0 for column in usable])
    overall = medians.max(initial=0.0) or 1.0
    maxima = np.array([column.max(initial=0.0) for column in usable])
    floors = np.maximum(_COMPONENT_FLOOR * medians, _GRADIENT_FLOOR * overall)
    floors = np.maximum(np.where(medians > 0, floors, overall), _MAXIMUM_FLOOR * maxima)
    divisors: Floats = np.maximum(sizes, floors)
    return divisors


def _scale(rows: Floats) -> tuple[float, ...]:
    """Return the length over which each coordinate of points (N, D) varies: its range, or its magnitude."""
    if not len(rows):
        return (1.0,) * int(rows.shape[-1])
    with np.errstate(all="ignore"):
        spread, magnitude = np.ptp(rows, axis=0), np.maximum(1.0, np.abs(rows).max(axis=0))
    usable = np.isfinite(spread) & (spread > 0)
    lengths = np.where(usable, spread, np.where(np.isfinite(magnitude), magnitude, 1.0))
    return tuple(lengths.tolist())


def _tolerance(given: float | None, method: str) -> float:
    """Return a tolerance, or its default for a method. Raises RequestError if it is not positive."""
    if given is None:
        return CENTRAL_TOLERANCE if method == "central" else TOLERANCE
    if not (isinstance(given, (int, float)) and np.isfinite(given) and given > 0):
        raise RequestError(Place("tolerance"), f"must be a positive number, got {visible(repr(given))}")
    return float(given)


def _values_of(expected: Callable[[Floats], ArrayLike], rows: Floats) -> Floats:
    """Return the gradients (N, D) of a user-supplied function. Raises RequestError for another shape."""
    claimed = np.asarray(expected(rows.copy()))
    if claimed.dtype.kind not in "iufb" or claimed.shape != rows.shape:
        raise RequestError(
            f"expected: must return real numbers of shape {rows.shape}, one for each coordinate, "
            f"got {claimed.dtype} of shape {claimed.shape}"
        )
    return claimed.astype(np.float64)
