"""Running error analysis: bounds on the rounding errors of a program, computed along with its values.

N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 2002, section 3.3: each operation
propagates the bounds of its arguments and adds its own rounding error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from gradviz.fields.program import REAL, Array, Operations, Program

_UNIT = 2.0**-53  # rounding error of an arithmetic operation, relative to its result
_ULPS = 4  # error of NumPy's elementary functions, in units of the last place (its documented maximum)
_LARGEST = 1.7976931348623157e308  # of double precision: a denominator that overflows is larger
_TINY = 5e-324  # absolute rounding error near 0, where double precision has fewer digits


@dataclass(frozen=True)
class Bounded:
    """Values with bounds on their absolute errors; the shapes of all arrays broadcast."""

    value: Array
    error: Array
    singular: Array
    """Mask of points where an operation may have a kink, a jump or an unbounded derivative."""


def run_bounded(program: Program, coordinates: Sequence[Array]) -> list[Bounded]:
    """Return the outputs of a program with bounds on their rounding errors, for exact coordinates.

    Constants of the program count as exact. A bound is infinite or NaN where it proves nothing.
    """
    with np.errstate(all="ignore"):
        outputs = program.evaluate([_exact(column) for column in coordinates], _BOUNDED_OPERATIONS)
    return list(map(_bounded, outputs))


def _exact(value: Array | float) -> Bounded:
    return Bounded(np.asarray(value), np.zeros(()), np.zeros((), np.bool_))


def _bounded(value: Bounded | float) -> Bounded:
    return value if isinstance(value, Bounded) else _exact(value)


Operation = Callable[..., Bounded]


def _lifted(operation: Operation) -> Operation:
    """Return an operation that also takes constants, which are exact."""
    return lambda *arguments: operation(*map(_bounded, arguments))


def _rounded(
    value: Array, propagated: Array, *arguments: Bounded, singular: Array | bool = False, ulps: float = 1
) -> Bounded:
    """Return a result with the propagated error of its arguments and its own rounding error."""
    mask = reduce(np.logical_or, (argument.singular for argument in arguments), np.asarray(singular))
    return Bounded(value, propagated + ulps * _UNIT * np.abs(value) + _TINY, mask)


def _sum(function: Callable[[Array, Array], Array]) -> Operation:
    """Return an addition or subtraction."""

    def operation(a: Bounded, b: Bounded) -> Bounded:
        return _rounded(function(a.value, b.value), a.error + b.error, a, b)

    return operation


def _product(a: Bounded, b: Bounded) -> Bounded:
    propagated = np.abs(a.value) * b.error + np.abs(b.value) * a.error + a.error * b.error
    return _rounded(a.value * b.value, propagated, a, b)


def _quotient(a: Bounded, b: Bounded) -> Bounded:
    value, rest = a.value / b.value, np.abs(b.value) - b.error
    propagated = (a.error + np.abs(value) * b.error) / np.maximum(rest, 0.0)
    overflow = np.isinf(b.value) & np.isfinite(b.error)
    propagated = np.where(overflow, (np.abs(a.value) + a.error) / _LARGEST, propagated)
    return _rounded(value, propagated, a, b, singular=rest <= 0)


def _exactly(function: Callable[[Array], Array]) -> Operation:
    """Return an operation without rounding whose derivative is 1 or -1."""
    return lambda x: Bounded(function(x.value), x.error, x.singular)


def _smooth(name: str, slope: Callable[[Array], Array], end: float | None = None) -> Operation:
    """Return an elementary function whose slope is largest at an end or the centre of an interval.

    `end` is the magnitude of an argument at which the derivative is unbounded.
    """

    def operation(x: Bounded) -> Bounded:
        places = (x.value - x.error, x.value, x.value + x.error)
        steepest = np.fmax.reduce([np.abs(slope(place)) for place in places])
        singular = False if end is None else np.abs(np.abs(x.value) - end) <= x.error
        propagated = np.where(x.error > 0, steepest * x.error, 0.0)
        return _rounded(REAL[name](x.value), propagated, x, singular=singular, ulps=_ULPS)

    return operation


def _wave(name: str, slope: Callable[[Array], Array]) -> Operation:
    """Return the sine or cosine, whose first and second derivatives are at most 1."""

    def operation(x: Bounded) -> Bounded:
        steepest = np.minimum(np.abs(slope(x.value)) + x.error, 1.0)
        return _rounded(REAL[name](x.value), steepest * x.error, x, ulps=_ULPS)

    return operation


def _step(name: str) -> Operation:
    """Return a piecewise constant function, singular at its jumps and where rounding may change its value."""

    def operation(x: Bounded) -> Bounded:
        value, low, high = (REAL[name](place) for place in (x.value, x.value - x.error, x.value + x.error))
        at_jump = np.equal(x.value, value if name in ("floor", "ceil") else 0.0)
        return Bounded(value, np.abs(high - low), x.singular | at_jump | np.not_equal(low, high))

    return operation


def _floordiv(a: Bounded, b: Bounded) -> Bounded:
    return _STEPS["floor"](_quotient(a, b))


def _mod(a: Bounded, b: Bounded) -> Bounded:
    whole = _floordiv(a, b)
    propagated = a.error + np.abs(whole.value) * b.error
    return _rounded(np.mod(a.value, b.value), propagated, whole, singular=whole.singular)


def _compared(name: str) -> Operation:
    """Return a comparison, which is undecided where both sides are equal within their errors."""

    def operation(a: Bounded, b: Bounded) -> Bounded:
        singular = np.abs(a.value - b.value) <= a.error + b.error
        constant = a.value.ndim == b.value.ndim == 0 and not (a.error.any() or b.error.any())
        value = REAL[name](a.value, b.value)
        return Bounded(value, np.zeros(()), a.singular | b.singular | (singular & np.bool_(not constant)))

    return operation


def _logical(name: str) -> Operation:
    def operation(*parts: Bounded) -> Bounded:
        mask = reduce(np.logical_or, (part.singular for part in parts), np.zeros((), np.bool_))
        return Bounded(REAL[name](*(part.value for part in parts)), np.zeros(()), mask)

    return operation


def _extreme(name: str) -> Operation:
    """Return the maximum or minimum, which has a kink where both arguments are equal."""

    def operation(a: Bounded, b: Bounded) -> Bounded:
        tie = np.abs(a.value - b.value) <= a.error + b.error
        value = REAL[name](a.value, b.value)
        first = np.equal(value, a.value)
        error = np.where(tie, np.maximum(a.error, b.error), np.where(first, a.error, b.error))
        return Bounded(value, error, tie | np.where(first, a.singular, b.singular))

    return operation


def _where(*parts: Bounded) -> Bounded:
    """Return the value behind the first true condition; `parts` are as for `where` of a program."""
    *pairs, last = parts
    value, error, singular = last.value, last.error, last.singular
    for test, chosen in zip(pairs[-2::-2], pairs[-1::-2], strict=True):
        value = np.where(test.value, chosen.value, value)
        error = np.where(test.value, chosen.error, error)
        singular = np.where(test.value, chosen.singular, singular) | test.singular
    return Bounded(value, error, singular)


def _defined(value: Bounded, part: Bounded) -> Bounded:
    return Bounded(REAL["defined"](value.value, part.value), value.error, value.singular | part.singular)


def _pick(*parts: Bounded) -> Bounded:
    """Return the slope of the largest value; `parts` are as for `pick` of a program."""
    values, slopes = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    largest, slope = values[0], slopes[0]
    for value, other in zip(values[1:], slopes[1:], strict=True):
        is_larger, tie = _compared("gt")(value, largest), _compared("eq")(value, largest)
        mask = Bounded(is_larger.value, is_larger.error, is_larger.singular | tie.singular)
        slope, largest = _where(mask, other, slope), _extreme("max")(largest, value)
    return slope


def _power(base: Bounded, exponent: Bounded) -> Bounded:
    value, rest = np.power(base.value, exponent.value), np.abs(base.value) - base.error
    relative = np.abs(exponent.value) * base.error / np.maximum(rest, 0.0)
    relative = relative + np.where(
        exponent.error > 0, np.abs(np.log(np.abs(base.value))) * exponent.error, 0.0
    )
    propagated = np.where(relative > 0, np.abs(value) * np.expm1(relative), 0.0)
    return _rounded(value, propagated, base, exponent, singular=rest <= 0, ulps=_ULPS)


def _angle(y: Bounded, x: Bounded) -> Bounded:
    radius = np.hypot(np.abs(x.value) - x.error, np.abs(y.value) - y.error)
    propagated = np.where(x.error + y.error > 0, (x.error + y.error) / radius, 0.0)
    singular = (np.abs(y.value) <= y.error) & (x.value <= x.error)
    return _rounded(np.arctan2(y.value, x.value), propagated, y, x, singular=singular, ulps=_ULPS)


def _hypot(x: Bounded, y: Bounded) -> Bounded:
    singular = (np.abs(x.value) <= x.error) & (np.abs(y.value) <= y.error)
    return _rounded(np.hypot(x.value, y.value), x.error + y.error, x, y, singular=singular, ulps=_ULPS)


def _root(x: Bounded) -> Bounded:
    value = np.sqrt(x.value)
    propagated = np.where(x.error > 0, np.minimum(x.error / value, np.sqrt(x.error)), 0.0)
    return _rounded(value, propagated, x, singular=x.value <= x.error)


def _absolute(x: Bounded) -> Bounded:
    return Bounded(np.abs(x.value), x.error, x.singular | (np.abs(x.value) <= x.error))


def _sigmoid_slope(x: Array) -> Array:
    return np.exp(-np.abs(x))  # at least the derivative, s(x) s(-x)


def _bessel(x: Bounded, order: Bounded) -> Bounded:
    """Return the spherical Bessel function of an order, or sinc, with slopes of at most 1/2."""
    value = REAL["bessel"](x.value, order.value)
    cancelled = np.where(np.abs(x.value) > order.value + 1, _UNIT / np.maximum(np.abs(x.value), 1.0), 0.0)
    return _rounded(value, x.error / 2 + 16 * cancelled, x, ulps=4 * _ULPS)


def _normal(x: Bounded) -> Bounded:
    """Return the normal distribution function, in whose tail the error grows with x^2."""
    result = _smooth("normal", lambda t: np.exp(-t * t / 2) / math.sqrt(2 * math.pi))(x)
    tail = 2 * _UNIT * np.square(x.value) * np.abs(result.value)
    return Bounded(result.value, result.error + tail, result.singular)


def _logsumexp(a: Bounded, b: Bounded) -> Bounded:
    value = np.logaddexp(a.value, b.value)  # near 0, the rounding errors are those of its parts, up to log 2
    return _rounded(value, np.maximum(a.error, b.error) + _ULPS * _UNIT, a, b, ulps=2 * _ULPS)


def _elu(x: Bounded, scale: Bounded) -> Bounded:
    value, slope = (
        REAL["elu"](x.value, scale.value),
        np.abs(scale.value) * np.exp(np.minimum(x.value + x.error, 0)),
    )
    kink = (np.abs(x.value) <= x.error) & (scale.value != 1)
    propagated = np.where(x.value > x.error, 1.0, np.maximum(slope, x.value + x.error > 0)) * x.error
    return _rounded(value, propagated + scale.error, x, scale, singular=kink, ulps=2 * _ULPS)


_STEPS: dict[str, Operation] = {name: _step(name) for name in ("floor", "ceil", "sign", "heaviside")}
_ERROR_RULES: dict[str, Operation] = {
    "add": _sum(np.add), "subtract": _sum(np.subtract), "multiply": _product, "divide": _quotient,
    "negative": _exactly(np.negative), "square": lambda x: _product(x, x), "power": _power, "sqrt": _root,
    "abs": _absolute, "hypot": _hypot, "atan2": _angle,
    "cbrt": _smooth("cbrt", lambda x: 1 / (3 * np.square(np.cbrt(x))), 0.0),
    "exp": _smooth("exp", np.exp), "log": _smooth("log", np.reciprocal, 0.0),
    "log2": _smooth("log2", lambda x: 1 / (x * math.log(2)), 0.0),
    "log10": _smooth("log10", lambda x: 1 / (x * math.log(10)), 0.0),
    "sin": _wave("sin", np.cos), "cos": _wave("cos", np.sin),
    "tan": _smooth("tan", lambda x: 1 + np.square(np.tan(x))),
    "asin": _smooth("asin", lambda x: 1 / np.sqrt((1 - x) * (1 + x)), 1.0),
    "acos": _smooth("acos", lambda x: 1 / np.sqrt((1 - x) * (1 + x)), 1.0),
    "atan": _smooth("atan", lambda x: 1 / (1 + x * x)),
    "sinh": _smooth("sinh", np.cosh), "cosh": _smooth("cosh", np.sinh),
    "tanh": _smooth("tanh", lambda x: 1 / np.square(np.cosh(x))),
    "asinh": _smooth("asinh", lambda x: 1 / np.hypot(1, x)),
    "acosh": _smooth("acosh", lambda x: 1 / np.sqrt((x - 1) * (x + 1)), 1.0),
    "atanh": _smooth("atanh", lambda x: 1 / ((1 - x) * (1 + x)), 1.0),
    "erf": _smooth("erf", lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "sigmoid": _smooth("sigmoid", _sigmoid_slope),
    "softplus": _smooth("softplus", lambda x: 1 / (1 + np.exp(-x))),
    "sinc": lambda x: _bessel(x, _exact(0.0)), "bessel": _bessel, "normal": _normal, "elu": _elu,
    "logsumexp": _logsumexp,
    **_STEPS, "floordiv": _floordiv, "mod": _mod, "max": _extreme("max"), "min": _extreme("min"),
    "pick": _pick, "where": _where, "defined": _defined,
    **{name: _compared(name) for name in ("lt", "le", "gt", "ge", "eq", "ne")},
    **{name: _logical(name) for name in ("and", "or", "not", "true", "false")},
    "undefined": lambda: _exact(math.nan),
}  # fmt: skip
_BOUNDED_OPERATIONS: Operations = {name: _lifted(operation) for name, operation in _ERROR_RULES.items()}
