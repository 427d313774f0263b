"""The operations of the language on Taylor series with balls as coefficients.

At a kink or a jump, and at the edge of a domain, a result has a `Defect`: its derivatives are then a hull of
those nearby, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import arb

from gradviz.fields import series
from gradviz.fields.conditions import compared, conjunction, disjunction
from gradviz.fields.series import NAN, Defect, Ring, Series, Taylor, add, monotone, negative, union
from gradviz.language.tables import LEAK

Operation = Callable[..., Any]
"""Maps series to a series, or to the truth of a condition around the box: None if undecided."""

_HUGE = 1 << 62  # magnitude from which whole numbers are not taken for exponents: their powers fill memory


# Functions of one variable --------------------------------------------------------------------------------


def _function(
    taylor: Taylor,
    inside: Callable[[arb], bool] = lambda _: True,
    outside: Callable[[arb], bool] = lambda _: False,
    value: Callable[[arb], arb] | None = None,
) -> Callable[[Ring, Series], Series]:
    """Return a function of series, given its Taylor coefficients.

    `inside` holds for balls inside the domain where the function is analytic, `outside` for those outside the
    domain. At other constants, the function is defined if `value` is finite.
    """

    def apply(algebra: Ring, u: Series) -> Series:
        if inside(u.value):
            return _checked(algebra, u, taylor(u.value, algebra.degree + 1))
        if outside(u.value):
            return algebra.unknown(u, defect=Defect.EMPTY)
        if value and u.is_constant and (constant := value(u.value)).is_finite():
            return algebra.constant(constant)
        return algebra.unknown(u)

    return apply


def _checked(algebra: Ring, u: Series, coefficients: Sequence[arb | None]) -> Series:
    """Return f(u), with an edge where a coefficient is not finite."""
    finite = all(c is None or c.is_finite() for c in coefficients)
    return algebra.compose(u, coefficients) if finite else algebra.unknown(u)


def _exp(x: arb, count: int) -> Sequence[arb | None]:
    return series.cyclic(x.exp())(x, count)


def _log(x: arb, count: int) -> Sequence[arb | None]:
    slope = series.powers(x, -1, count)
    return series.integral(x.log(), slope)[:count]


def _sine(shift: int) -> Taylor:
    def coefficients(x: arb, count: int) -> Sequence[arb | None]:
        s, c = x.sin_cos()
        cycle = (s, c, -s, -c)
        return series.cyclic(*cycle[shift:], *cycle[:shift])(x, count)

    return coefficients


def _tan(x: arb, count: int) -> Sequence[arb | None]:
    return series.logistic(x.tan(), x.sec() ** 2, 0, 2, count)


def _sinh(x: arb, count: int) -> Sequence[arb | None]:
    return series.cyclic(monotone(arb.sinh)(x), series.cosh_of(x))(x, count)


def _cosh(x: arb, count: int) -> Sequence[arb | None]:
    return series.cyclic(series.cosh_of(x), monotone(arb.sinh)(x))(x, count)


def _tanh(x: arb, count: int) -> Sequence[arb | None]:
    return series.logistic(monotone(arb.tanh)(x), 1 / series.cosh_of(x) ** 2, 0, -2, count)


def _sigmoid_of(x: arb) -> arb:
    return 1 / (1 + (-x).exp())


def _sigmoid(x: arb, count: int) -> Sequence[arb | None]:
    s, reflected = monotone(_sigmoid_of)(x), monotone(_sigmoid_of)(-x)
    return series.logistic(s, s * reflected, 1, -2, count)


def _softplus(x: arb, count: int) -> Sequence[arb | None]:
    value = monotone(lambda t: t.exp().log1p() if t < 0 else t + (-t).exp().log1p())
    return series.integral(value(x), _sigmoid(x, count))[:count]


def _erf(x: arb, count: int) -> Sequence[arb | None]:
    first = 2 * (-series.whole_power(x, 2)).exp() / arb.pi().sqrt()
    slope = series.recurrence(first, count, lambda k, g, before: -2 * (x * g + before) / (k + 1))
    return series.integral(monotone(arb.erf)(x), slope)[:count]


def _normal(x: arb, count: int) -> Sequence[arb | None]:
    first = (-series.whole_power(x, 2) / 2).exp() / (2 * arb.pi()).sqrt()
    slope = series.recurrence(first, count, lambda k, g, before: -(x * g + before) / (k + 1))
    return series.integral(monotone(lambda t: (-t / arb(2).sqrt()).erfc() / 2)(x), slope)[:count]


def _atan(x: arb, count: int) -> Sequence[arb | None]:
    q = 1 / (1 + series.whole_power(x, 2))
    slope = series.recurrence(q, count, lambda _, g, before: -q * (2 * x * g + before))
    return series.integral(monotone(arb.atan)(x), slope)[:count]


def _atanh(x: arb, count: int) -> Sequence[arb | None]:
    q = 1 / (1 - series.whole_power(x, 2))
    slope = series.recurrence(q, count, lambda _, g, before: q * (2 * x * g + before))
    return series.integral(monotone(arb.atanh)(x), slope)[:count]


def _inverse(function: Callable[[arb], arb], constant: int, square: int) -> Taylor:
    """Return the coefficients of a function whose derivative is g = 1/sqrt(w) for w = constant + square x^2.

    They follow from w g' = -square x g.
    """

    def coefficients(x: arb, count: int) -> Sequence[arb | None]:
        w = constant + square * series.whole_power(x, 2)

        def step(k: int, g: arb, before: arb) -> arb:
            return -square * ((2 * k + 1) * x * g + k * before) / ((k + 1) * w)

        return series.integral(monotone(function)(x), series.recurrence(w.rsqrt(), count, step))[:count]

    return coefficients


def _acos(algebra: Ring, u: Series) -> Series:
    quarter = algebra.constant(arb.pi() / 2)
    return add(quarter, negative(_asin(algebra, u)))


def _sqrt(algebra: Ring, u: Series) -> Series:
    if u.value > 0:
        return algebra.compose(u, series.powers(u.value, arb(1) / 2, algebra.degree + 1))
    if u.value < 0:
        return algebra.unknown(u, defect=Defect.EMPTY)
    return algebra.constant(arb(0)) if u.is_constant and u.value.is_zero() else algebra.unknown(u)


def _cube_root(x: arb) -> arb:
    return x.root(3) if x > 0 else -(-x).root(3) if x < 0 else x


def _cbrt(algebra: Ring, u: Series) -> Series:
    x = u.value
    if x > 0 or x < 0:
        coefficients = [_cube_root(x)]
        for k in range(algebra.degree):
            coefficients.append(coefficients[k] * (arb(1) / 3 - k) / ((k + 1) * x))
        return algebra.compose(u, coefficients)
    if x.is_zero() and u.is_constant:
        return u
    value = union(_cube_root(x.lower()), _cube_root(x.upper()))
    return algebra.unknown(u, value=value, defect=Defect.KINK)


_asin = _function(_inverse(arb.asin, 1, -1), lambda x: abs(x) < 1, lambda x: abs(x) > 1, arb.asin)
_logarithm = _function(_log, lambda x: x > 0, lambda x: x < 0)


def _scaled_log(base: int) -> Callable[[Ring, Series], Series]:
    return lambda algebra, u: algebra.multiply(_logarithm(algebra, u), algebra.constant(1 / arb(base).log()))


def _log_to(algebra: Ring, u: Series, base: Series | None = None) -> Series:
    found = _logarithm(algebra, u)
    if base is None:
        return found
    return algebra.multiply(found, _reciprocal(algebra, _logarithm(algebra, base)))


_reciprocal = _function(lambda x, count: series.powers(x, -1, count), lambda x: x > 0 or x < 0)
_sin, _cos = _function(_sine(0)), _function(_sine(1))


# Powers and functions of several variables ----------------------------------------------------------------


def _multiply(algebra: Ring, *factors: Series) -> Series:
    product, *rest = factors
    for factor in rest:
        product = algebra.multiply(product, factor)
    return product


def _power(algebra: Ring, base: Series, exponent: Series) -> Series:
    """Return a power: of a negative base if the exponent is a whole constant, of a positive base for all."""
    b, p = base.value, exponent.value
    if exponent.is_constant and p.is_integer() and abs(p) < _HUGE and (number := p.unique_fmpz()) is not None:
        whole = int(number)
        if whole >= 0 or b > 0 or b < 0:
            return _checked(algebra, base, series.powers(b, whole, algebra.degree + 1))
        return algebra.unknown(base)
    if b > 0:
        if exponent.is_constant:
            return _checked(algebra, base, series.powers(b, p, algebra.degree + 1))
        return _EXP(algebra, algebra.multiply(exponent, _logarithm(algebra, base)))
    nowhere = b < 0 and not p.contains_integer()
    return algebra.unknown(base, exponent, defect=Defect.EMPTY if nowhere else Defect.EDGE)


def _hypot(algebra: Ring, x: Series, y: Series) -> Series:
    squares = add(_square(algebra, x), _square(algebra, y))
    if squares.value > 0:
        return _sqrt(algebra, squares)
    upper = squares.value.abs_upper().sqrt()
    return algebra.unknown(x, y, value=arb(0).union(upper), defect=Defect.KINK)


def _square(algebra: Ring, u: Series) -> Series:
    return algebra.compose(u, series.powers(u.value, 2, algebra.degree + 1))


def _atan2(algebra: Ring, y: Series, x: Series) -> Series:
    """Return the angle by the arctangent of y/x or x/y, whichever is bounded."""
    up, down = y.value > 0, y.value < 0
    if (up or down) and not (x.value > 0 and x.value.abs_lower() > y.value.abs_lower()):
        quarter = algebra.constant((arb.pi() if up else -arb.pi()) / 2)
        return add(quarter, negative(_ATAN(algebra, algebra.multiply(x, _reciprocal(algebra, y)))))
    if x.value > 0:
        return _ATAN(algebra, algebra.multiply(y, _reciprocal(algebra, x)))
    circle = arb.pi() * arb(0, 1)
    if x.value < 0:
        angle = _ATAN(algebra, algebra.multiply(y, _reciprocal(algebra, x)))
        return Series([circle, *angle.coefficients[1:]], max(angle.defect, Defect.JUMP))
    return algebra.unknown(x, y, value=circle, defect=Defect.JUMP)


# Functions with kinks and jumps ---------------------------------------------------------------------------


def _abs(algebra: Ring, u: Series) -> Series:
    if u.value > 0 or u.value < 0:
        return u if u.value > 0 else negative(u)
    value = arb(0).union(u.value.abs_upper())
    if u.is_constant:
        return algebra.constant(value)
    return algebra.hull(u, negative(u), Defect.KINK, value)


def _max(algebra: Ring, *arguments: Series) -> Series:
    largest, *rest = arguments
    for each in rest:
        largest = _larger(algebra, largest, each)
    return largest


def _larger(algebra: Ring, a: Series, b: Series) -> Series:
    worst = max(a.defect, b.defect)
    if worst >= Defect.EDGE:  # undefined where an argument is
        return algebra.unknown(a, b, defect=worst)
    if a.value > b.value or b.value > a.value:
        larger = a if a.value > b.value else b
        jump = worst if worst == Defect.JUMP else larger.defect  # beyond a jump, the other one may be larger
        return Series(larger.coefficients, jump)
    kink = Defect.SMOOTH if a.is_constant and b.is_constant else Defect.KINK
    return algebra.hull(a, b, kink, a.value.max(b.value))


def _min(algebra: Ring, *arguments: Series) -> Series:
    return negative(_max(algebra, *map(negative, arguments)))


def _clip(algebra: Ring, u: Series, low: Series, high: Series) -> Series:
    return _min(algebra, _max(algebra, u, low), high)


def _split(algebra: Ring, u: Series, below: Series, scale: Series | None, default: float) -> Series:
    """Return u where it is positive, else a scale times a function of u that is 0 at 0."""
    if scale is not None and scale.defect >= Defect.EDGE:  # undefined where an argument is
        return algebra.unknown(u, scale, defect=max(u.defect, scale.defect))
    lower = algebra.multiply(below, algebra.constant(arb(default)) if scale is None else scale)
    if u.value > 0 and scale is not None and scale.defect >= Defect.JUMP:
        return u._replace(defect=max(u.defect, scale.defect))  # the scale may be undefined next to the box
    if u.value > 0 or u.value < 0:
        return u if u.value > 0 else lower
    return algebra.hull(u, lower, Defect.SMOOTH if u.is_constant else Defect.KINK)


def _logsumexp(algebra: Ring, *arguments: Series) -> Series:
    total, *rest = arguments
    for each in rest:
        change = _SOFTPLUS(algebra, add(each, negative(total)))
        total = add(total, change)
    return total


def _step(function: Callable[[arb], arb], jumps: Callable[[arb], bool]) -> Callable[[Ring, Series], Series]:
    """Return a piecewise constant function; `jumps` holds for balls that may contain a discontinuity."""

    def apply(algebra: Ring, u: Series) -> Series:
        value = union(function(u.value.lower()), function(u.value.upper()))
        if u.value.is_exact():
            value = function(u.value)
        known = (u.is_constant and value.is_exact()) or not jumps(u.value)
        return algebra.constant(value, max(u.defect, Defect.SMOOTH if known else Defect.JUMP))

    return apply


def _may_be_whole(x: arb) -> bool:
    """Return whether a ball may contain a whole number."""
    return not x.is_finite() or not x.lower().ceil() > x.upper()


_sign = _step(arb.sgn, lambda x: not (x > 0 or x < 0))
_floor = _step(arb.floor, _may_be_whole)
_ceil = _step(arb.ceil, _may_be_whole)


def _heaviside(algebra: Ring, u: Series) -> Series:
    half = algebra.constant(arb(1) / 2)
    return algebra.multiply(add(_sign(algebra, u), algebra.constant(arb(1))), half)


def _floordiv(algebra: Ring, a: Series, b: Series) -> Series:
    return _floor(algebra, algebra.multiply(a, _reciprocal(algebra, b)))


def _mod(algebra: Ring, a: Series, b: Series) -> Series:
    return add(a, negative(algebra.multiply(b, _floordiv(algebra, a, b))))


def _where(algebra: Ring, *parts: Any) -> Series:
    """Return the value behind the first condition that holds, a hull where that is undecided."""
    value: Series = parts[-1]
    for condition, chosen in zip(parts[-3::-2], parts[-2::-2], strict=True):
        if condition:
            value = chosen
        elif condition is None:
            value = algebra.hull(chosen, value, Defect.JUMP)
    return value


_EXP, _ATAN, _SIGMOID, _SOFTPLUS, _NORMAL = map(_function, (_exp, _atan, _sigmoid, _softplus, _normal))
OPERATIONS: Mapping[str, Operation] = {
    "add": lambda _, *terms: add(*terms), "mul": _multiply, "neg": lambda _, u: negative(u),
    "reciprocal": _reciprocal, "power": _power, "abs": _abs, "sqrt": _sqrt, "cbrt": _cbrt, "exp": _EXP,
    "log": _log_to, "log2": _scaled_log(2), "log10": _scaled_log(10), "sin": _sin, "cos": _cos,
    "tan": _function(_tan), "sec": lambda r, u: _reciprocal(r, _cos(r, u)),
    "csc": lambda r, u: _reciprocal(r, _sin(r, u)),
    "cot": lambda r, u: r.multiply(_cos(r, u), _reciprocal(r, _sin(r, u))),
    "asin": _asin, "acos": _acos, "atan": _ATAN, "atan2": _atan2, "sinh": _function(_sinh),
    "cosh": _function(_cosh), "tanh": _function(_tanh), "asinh": _function(_inverse(arb.asinh, 1, 1)),
    "acosh": _function(_inverse(arb.acosh, -1, 1), lambda x: x > 1, lambda x: x < 1, arb.acosh),
    "atanh": _function(_atanh, lambda x: abs(x) < 1, lambda x: abs(x) > 1),
    "sign": _sign, "floor": _floor, "ceil": _ceil, "mod": _mod, "floordiv": _floordiv, "min": _min,
    "max": _max, "clip": _clip, "hypot": _hypot, "heaviside": _heaviside, "erf": _function(_erf),
    "relu": lambda r, u: _max(r, u, r.constant(arb(0))), "sigmoid": _SIGMOID,
    "softplus": _SOFTPLUS, "silu": lambda r, u: r.multiply(u, _SIGMOID(r, u)),
    "gelu": lambda r, u: r.multiply(u, _NORMAL(r, u)), "sinc": _function(series.sinc),
    "logsumexp": _logsumexp,
    "elu": lambda r, u, a=None: _split(r, u, add(_EXP(r, u), r.constant(arb(-1))), a, 1.0),
    "leaky_relu": lambda r, u, a=None: _split(r, u, u, a, LEAK), "where": _where,
    "undefined": lambda r: r.constant(NAN, Defect.EMPTY),
    "lt": compared(before=True), "le": compared(before=True, equal=True),
    "gt": compared(after=True), "ge": compared(equal=True, after=True),
    "eq": compared(equal=True), "ne": compared(before=True, after=True),
    "and": conjunction, "or": disjunction, "not": lambda _, c: None if c is None else not c,
    "true": lambda _: True, "false": lambda _: False,
}  # fmt: skip
"""The operations of the language on series, each of which takes the ring and its arguments."""
