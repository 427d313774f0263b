"""The gradient of a formula at a point: correctly rounded, or from one-sided limits.

Where the formula is smooth, its derivative is evaluated with as many bits as it takes. Elsewhere one-sided
difference quotients with steps down to 2^-400 decide on both one-sided derivatives.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gradviz.calculus.reliability import Reason
from gradviz.fields.precise import Local, Number, PreciseExpression, UndefinedError, UnresolvedError

_PRECISIONS = (120, 180, 360, 720, 1440, 2880, 4400)
"""Bits tried until two results agree.

(1 - cos x) / x^2 cancels four times the 1074 binary digits of the smallest x.
"""
_LIMIT_BITS = 2400  # precision of one-sided difference quotients, in bits
_LIMIT_STEPS = (-200, -300, -400)  # binary exponents of their steps, relative to the coordinate
_EQUAL_NUMBERS = 2.0**-58  # largest relative difference of equal numbers
_CONTRACTION = 0.9  # largest ratio of successive differences of a convergent sequence
_POLE_GROWTH = 2.0**33  # growth of |f| to 2^-100 of the distance at a pole: that of |x|^(-1/3)
_LARGEST = float(np.finfo(np.float64).max)
_TINY = 5e-324  # the smallest double: the rounding error of numbers near 0


class PointGradient(NamedTuple):
    """The gradient at a point with bounds on its error, and the reason why it is unreliable."""

    slopes: Sequence[float]
    errors: Sequence[float]
    reason: Reason
    value: float | None = None
    """The value of the function, correctly rounded; None where it is unknown, undefined or too large."""


def gradient_at(formula: PreciseExpression, point: Sequence[float]) -> PointGradient | None:
    """Return the gradient at a point (D,), or the reason why there is none; None if it cannot be computed.

    The error covers the rounding of pi and e, which are exact in the gradient, to doubles.
    """
    with contextlib.suppress(UnresolvedError):
        return _gradient_at(formula, point)
    return None


def _gradient_at(formula: PreciseExpression, point: Sequence[float]) -> PointGradient:
    nothing = (math.nan,) * len(point)
    try:
        exact = _smooth(formula, point)
    except UndefinedError:
        return PointGradient(nothing, nothing, _reason_if_undefined(formula, point))
    if exact is None:
        return _one_sided(formula, point)
    if formula.rounded is not None and formula.rounded.is_singular(point):  # abs(x - 1/3) next to 1/3
        return _one_sided(formula.rounded, point)
    if any(abs(number) > _LARGEST for number in (exact.value, *exact.slopes)):
        return PointGradient(nothing, nothing, Reason.OVERFLOW)
    if _rounds_to_pole(formula, point, exact):
        return PointGradient(nothing, nothing, Reason.POLE)
    slopes = tuple(map(float, exact.slopes))
    rounded = exact
    if formula.with_doubles is not None:
        with contextlib.suppress(UndefinedError):
            rounded = formula.with_doubles.evaluate(point, _PRECISIONS[1])
    changes = [abs(float(a - b)) for a, b in zip(exact.slopes, rounded.slopes, strict=True)]
    errors = tuple(math.ulp(slope) / 2 + change for slope, change in zip(slopes, changes, strict=True))
    return PointGradient(slopes, errors, Reason.NONE, float(exact.value))


def precise_differences(formula: PreciseExpression, point: Sequence[float]) -> list[float]:
    """Return the gradient at a point (D,) by central differences with a step of 2^-40 in 400 bits.

    Raises UndefinedError or UnresolvedError if a value beside the point does not exist.
    """
    slopes = []
    for axis, x in enumerate(point):
        exponent = math.frexp(x or 1.0)[1] - 40
        above, below = (
            formula.evaluate(formula.shifted(point, axis, sign, exponent), 400, slopes=False).value
            for sign in (1, -1)
        )
        slopes.append(float((above - below) * 2.0 ** -(exponent + 1)))
    return slopes


def _rounds_to_pole(formula: PreciseExpression, point: Sequence[float], local: Local) -> bool:
    """Return whether a point (D,) is the double next to a pole where the sign changes, as pi/2 for tan."""
    for axis, (x, slope) in enumerate(zip(point, local.slopes, strict=True)):
        half = math.ulp(x) / 2
        if abs(slope) * half <= abs(local.value):
            continue
        sign = 1 if local.value * slope > 0 else -1  # the direction in which |f| grows
        beside = formula.evaluate(formula.shifted(point, axis, sign * half, 0), _PRECISIONS[0], slopes=False)
        if beside.value * local.value < 0:
            return True
    return False


def _smooth(formula: PreciseExpression, point: Sequence[float]) -> Local | None:
    """Return the gradient at a point (D,), equal in two precisions; None if the formula is not smooth."""
    before: Sequence[Number] = ()
    for bits in _PRECISIONS:
        local = formula.evaluate(point, bits)
        if local.singular:
            return None
        numbers = local.value, *local.slopes
        is_resolved = not local.is_absorbed or bits == _PRECISIONS[-1]
        if is_resolved and before and all(map(_agree, before, numbers)):
            return local
        before = numbers
    raise UnresolvedError


def _agree(first: Number, second: Number) -> bool:
    """Return whether two numbers are equal to more digits than a double has."""
    return float(first) == float(second) and bool(abs(first - second) <= _EQUAL_NUMBERS * abs(second) + _TINY)


class _Side(NamedTuple):
    """The behaviour of the function on one side of a point along an axis."""

    slope: float
    """The one-sided derivative, infinite if the difference quotients grow without bound; NaN without one."""
    reason: Reason = Reason.NONE
    """JUMP or POLE if the function has no limit, EDGE if it is undefined on this side."""


def _one_sided(formula: PreciseExpression, point: Sequence[float]) -> PointGradient:
    """Return the gradient at a point (D,) from the one-sided derivatives, their mean at a kink."""
    value = formula.evaluate(point, _LIMIT_BITS, slopes=False).value
    partials = [
        _partial(*(_side(formula, point, value, axis, sign) for sign in (-1, 1)))
        for axis in range(len(point))
    ]
    slopes, errors, reasons = zip(*partials, strict=True)
    return PointGradient(slopes, errors, min(filter(None, reasons), default=Reason.NONE), _rounded(value))


def slopes_beside(formula: PreciseExpression, point: Sequence[float]) -> tuple[float, float]:
    """Return the derivatives of a formula of one variable to the left and to the right of a point (1,).

    They are infinite where the difference quotients grow without bound, and NaN without a limit.
    """
    with contextlib.suppress(UndefinedError, UnresolvedError):
        if formula.rounded is not None and formula.rounded.is_singular(point):  # abs(x - 1/3) next to 1/3
            formula = formula.rounded
        value = formula.evaluate(point, _LIMIT_BITS, slopes=False).value
        below, above = (_side(formula, point, value, 0, sign) for sign in (-1, 1))
        return below.slope, above.slope
    return math.nan, math.nan


def _rounded(value: Number) -> float | None:
    """Return a number as a double, None if it is too large."""
    return float(value) if abs(value) <= _LARGEST else None


def _partial(below: _Side, above: _Side) -> tuple[float, float, Reason]:
    """Return a partial derivative, the bound on its error and the reason code."""
    reasons = {below.reason, above.reason} - {Reason.NONE}
    if reasons:
        return math.nan, math.inf, min(reasons)
    if math.isinf(below.slope) and math.isinf(above.slope):
        is_vertical = below.slope == above.slope
        return (above.slope, math.inf, Reason.VERTICAL) if is_vertical else (math.nan, math.inf, Reason.CUSP)
    mean, half = below.slope / 2 + above.slope / 2, abs(above.slope / 2 - below.slope / 2)
    if math.isinf(mean):
        return math.nan, math.inf, Reason.KINK
    return (
        (mean, half, Reason.KINK)
        if half > _EQUAL_NUMBERS * abs(mean)
        else (mean, math.ulp(mean), Reason.NONE)
    )


def _side(formula: PreciseExpression, point: Sequence[float], value: Number, axis: int, sign: int) -> _Side:
    """Return the behaviour of a formula on one side of a point (D,), with its value there, along an axis."""
    try:
        steps, values = _values_beside(formula, point, axis, sign)
    except UndefinedError:
        return _Side(math.nan, Reason.EDGE)
    if _is_unbounded(values):
        return _Side(math.nan, Reason.POLE)
    rises = [beside - value for beside in values]
    quotients = [rise / step for rise, step in zip(rises, steps, strict=True)]
    first, second = quotients[1] - quotients[0], quotients[2] - quotients[1]
    limit, largest = quotients[2], max(map(abs, quotients))
    if abs(second) <= _EQUAL_NUMBERS * abs(limit) or abs(second) <= _CONTRACTION * abs(first):
        if second != first:  # Aitken's extrapolation of a power of the step
            limit -= second * second / (second - first)
        return _Side(float(limit) if abs(limit) > _EQUAL_NUMBERS * largest else 0.0)
    if all(abs(near) > _CONTRACTION * abs(far) for far, near in pairwise(rises)):
        return _Side(math.nan, Reason.JUMP)
    return _Side(math.copysign(math.inf, quotients[2]))


def _values_beside(
    formula: PreciseExpression, point: Sequence[float], axis: int, sign: int
) -> tuple[list[Number], list[Number]]:
    """Return steps along an axis and the values after them. Raises UndefinedError where there is none."""
    size = math.frexp(point[axis])[1]
    moved = [formula.shifted(point, axis, sign, size + step) for step in _LIMIT_STEPS]
    steps = [place[axis] - point[axis] for place in moved]
    return steps, [formula.evaluate(place, _LIMIT_BITS, slopes=False).value for place in moved]


def _is_unbounded(values: Sequence[Number]) -> bool:
    """Return whether values at ever shorter distances grow like those at a pole."""
    return all(abs(near) > _POLE_GROWTH * abs(far) > 0 for far, near in pairwise(values))


def _reason_if_undefined(formula: PreciseExpression, point: Sequence[float]) -> Reason:
    """Return POLE for a point (D,) where the formula is undefined, and unbounded nearby, else UNDEFINED."""
    for axis in range(len(point)):
        for sign in (-1, 1):
            with contextlib.suppress(UndefinedError, UnresolvedError):
                if _is_unbounded(_values_beside(formula, point, axis, sign)[1]):
                    return Reason.POLE
    return Reason.UNDEFINED
