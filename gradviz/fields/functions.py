"""The functions of the language as SymPy functions that have a derivative and are never simplified.

SymPy's own `Abs`, `Max`, `floor` or `Piecewise` simplify their arguments, some in unbounded time (`Max` of 8
affine functions: 6.6 s), and change the domain of a formula (`sin(asin(x))` becomes `x`). The derivative at a
kink is the mean of both one-sided derivatives; that of a step function is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import sympy
from sympy import Expr

Derivative = Callable[..., Expr]


class RealFunction(sympy.Function):
    """A real function of real arguments that SymPy does not evaluate."""

    is_commutative = True
    is_extended_real = True
    derivatives: tuple[Derivative, ...] = ()

    @classmethod
    def eval(cls, *_: Expr) -> None:
        """Return None, by which SymPy leaves the function unevaluated."""

    @classmethod
    def _should_evalf(cls, _: Expr) -> int:
        return -1  # SymPy's code for a number as argument that is not evaluated

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the derivative by the chain rule, given the derivatives of the arguments."""
        partials = zip(type(self).derivatives, slopes, strict=True)
        return sympy.Add(*(partial(*self.args) * slope for partial, slope in partials if slope))

    def _eval_derivative(self, variable: Expr) -> Expr:
        return self.differential([argument.diff(variable) for argument in self.args])


Function = type[RealFunction]
FUNCTIONS: dict[str, Function] = {}
"""The SymPy classes by the names of the functions in the language."""


def _define(name: str, *derivatives: Derivative) -> Function:
    """Return a new function of the language with its partial derivatives, functions of the arguments."""
    FUNCTIONS[name] = type(name, (RealFunction,), {"derivatives": derivatives, "__module__": __name__})
    return FUNCTIONS[name]


class Step(RealFunction):
    """A piecewise constant function of any number of arguments, such as a comparison or a rounding."""

    def differential(self, _: Sequence[Expr]) -> Expr:
        """Return 0."""
        return sympy.S.Zero


def _define_step(name: str) -> Function:
    """Return a new step function of the language."""
    FUNCTIONS[name] = type(name, (Step,), {"__module__": __name__})
    return FUNCTIONS[name]


# Each derivative is a lambda, even where it only calls a function, because that is defined further down.
exp: Function = _define("exp", lambda x: exp(x))  # noqa: PLW0108
log = _define("log", lambda x: 1 / x)
log2 = _define("log2", lambda x: 1 / (x * math.log(2)))
log10 = _define("log10", lambda x: 1 / (x * math.log(10)))
sqrt: Function = _define("sqrt", lambda x: 1 / (2 * sqrt(x)))
cbrt: Function = _define("cbrt", lambda x: 1 / (3 * cbrt(x) ** 2))
power: Function = _define("power", lambda b, e: e * power(b, e - 1), lambda b, e: power(b, e) * log(b))
sin = _define("sin", lambda x: cos(x))  # noqa: PLW0108
cos: Function = _define("cos", lambda x: -sin(x))
tan = _define("tan", lambda x: 1 / cos(x) ** 2)
asin = _define("asin", lambda x: 1 / (sqrt(1 - x) * sqrt(1 + x)))
acos = _define("acos", lambda x: -1 / (sqrt(1 - x) * sqrt(1 + x)))
atan = _define("atan", lambda x: 1 / (1 + x**2))
atan2 = _define("atan2", lambda y, x: x / (x**2 + y**2), lambda y, x: -y / (x**2 + y**2))
sinh = _define("sinh", lambda x: cosh(x))  # noqa: PLW0108
cosh: Function = _define("cosh", lambda x: sinh(x))  # noqa: PLW0108
tanh = _define("tanh", lambda x: 1 / cosh(x) ** 2)  # 1 - tanh^2 would cancel
asinh = _define("asinh", lambda x: 1 / hypot(1, x))
acosh = _define("acosh", lambda x: 1 / (sqrt(x - 1) * sqrt(x + 1)))
atanh = _define("atanh", lambda x: 1 / ((1 - x) * (1 + x)))
hypot: Function = _define("hypot", lambda x, y: x / hypot(x, y), lambda x, y: y / hypot(x, y))
erf = _define("erf", lambda x: 2 / math.sqrt(math.pi) * exp(-(x**2)))
sigmoid: Function = _define("sigmoid", lambda x: sigmoid(x) * sigmoid(-x))  # s (1 - s) would cancel
softplus = _define("softplus", lambda x: sigmoid(x))  # noqa: PLW0108
normal = _define("normal", lambda x: exp(-(x**2) / 2) / math.sqrt(2 * math.pi))  # its distribution function
bessel: Function = _define(  # the spherical Bessel function of order n, which is sinc for n = 0
    "bessel",
    lambda x, n: (n * (bessel(x, n - 1) if n > 1 else sinc(x)) - (n + 1) * bessel(x, n + 1)) / (2 * n + 1),
    lambda *_: sympy.S.Zero,
)
sinc: Function = _define("sinc", lambda x: -bessel(x, 1))
sign, floor, ceil, heaviside = map(_define_step, ("sign", "floor", "ceil", "heaviside"))
floordiv = _define_step("floordiv")
mod = _define("mod", lambda *_: sympy.S.One, lambda a, b: -floordiv(a, b))
Abs = _define("abs", lambda x: sign(x))  # noqa: PLW0108
lt, le, gt, ge, eq, ne = map(_define_step, ("lt", "le", "gt", "ge", "eq", "ne"))


elu = _define(
    "elu",
    lambda x, a: where(gt(x, 0), 1, exp(x)) if a == 1 else pick(x, 0, 1, a * exp(x)),
    lambda x, _: where(lt(x, 0), exp(x) - 1, 0),
)


class where(RealFunction):  # noqa: N801 - the names of functions are those of the language
    """A choice: where(condition, value, ..., value if no condition holds)."""

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the same choice between the derivatives of the values."""
        values = [*slopes[1::2], self.args[-1] if isinstance(self.args[-1], undefined) else slopes[-1]]
        if len(set(values)) == 1:
            return values[0]
        pairs = zip(self.args[:-1:2], values, strict=False)
        return where(*(part for pair in pairs for part in pair), values[-1])


class logsumexp(RealFunction):  # noqa: N801
    """The logarithm of the sum of the exponentials of the arguments."""

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the mean of the derivatives, weighted by the exponentials."""
        pairs = zip(self.args, slopes, strict=True)
        return sympy.Add(*(exp(argument - self) * slope for argument, slope in pairs if slope))


class undefined(RealFunction):  # noqa: N801
    """The constant NaN, the value of a Piecewise where no condition holds."""


class defined(RealFunction):  # noqa: N801
    """A value where a part is finite, as defined(value, part); NaN elsewhere."""

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the derivative of the value with the same domain."""
        return defined(slopes[0], self.args[1])


class pick(RealFunction):  # noqa: N801
    """The derivative of max(a, b, ...), as pick(a, b, ..., da, db, ...).

    Its value is da where a is the maximum, db where b is, and their mean at a tie.
    """

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the same choice between the derivatives of the values."""
        half = len(self.args) // 2
        return _picked(self.args[:half], slopes[half:])


def _picked(values: Sequence[Expr], slopes: Sequence[Expr]) -> Expr:
    """Return `pick`, or the derivative of all values if it is the same one."""
    return slopes[0] if len(set(slopes)) == 1 else pick(*values, *slopes)


class max(RealFunction):  # noqa: N801, A001
    """The maximum of the arguments."""

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the derivative of the largest argument; at a tie, the mean of the tied ones."""
        return _picked(self.args, slopes)


class min(RealFunction):  # noqa: N801, A001
    """The minimum of the arguments."""

    def differential(self, slopes: Sequence[Expr]) -> Expr:
        """Return the derivative of the smallest argument; at a tie, the mean of the tied ones."""
        return _picked([-argument for argument in self.args], slopes)


FUNCTIONS |= {
    "where": where,
    "logsumexp": logsumexp,
    "undefined": undefined,
    "defined": defined,
    "pick": pick,
    "max": max,
    "min": min,
}
for _name in ("true", "false", "and", "or", "not"):
    _define_step(_name)
