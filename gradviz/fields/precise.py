"""Values and gradients of expressions in arithmetic of any precision, by automatic differentiation.

Decimals in the expression are their doubles, pi and e are themselves, and nothing else is rounded: 1/3 is one
third. The tree is evaluated as typed, so x/x is undefined at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath

from gradviz.language.constants import fold
from gradviz.language.reading import Expression
from gradviz.language.tables import CONSTANTS, LEAK
from gradviz.language.tree import Node, Num, Op, Var, walk

Number = Any  # mpmath has no types
"""A real number of mpmath."""
Context = Any
"""A context of mpmath: its functions, in one precision."""
Slopes = tuple[Number, ...] | None
"""The derivatives of a subexpression with respect to the variables; None if it is constant, or not wanted."""

_FEWEST_BITS = 120  # precision in which numbers are compared with each other, in bits
_MAX_MAGNITUDE = 5000  # binary exponent of the largest argument of `_COSTLY` functions: a double has 1024
_COSTLY = frozenset({
    "exp", "sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "erf", "sigmoid", "softplus",
    "sinc", "silu", "gelu", "elu", "logsumexp", "power", "mod", "floordiv",
})  # fmt: skip
"""Functions whose time or memory grows with the exponent of an argument."""


_SATURATING = frozenset({"cos", "cosh", "exp", "sec", "sigmoid", "sinc", "tanh", "erf"})
"""Functions that are 1 or -1 at an argument close to 0 or far from it, but for less than the precision."""


class UndefinedError(ArithmeticError):
    """The expression is undefined or complex at the point."""


class UnresolvedError(ArithmeticError):
    """A number is too large to be computed."""


@dataclass(frozen=True)
class Local:
    """The value and the gradient of an expression at a point."""

    value: Number
    slopes: tuple[Number, ...]
    """The D derivatives; 0 if they were not computed."""
    singular: bool
    """Whether an operation has a kink, a jump or an unbounded slope there, so that `slopes` may be wrong."""
    is_absorbed: bool = False
    """Whether a term was too small for the precision, so that all digits may be wrong."""


@dataclass(frozen=True)
class _Rule:
    """A function, its partial derivatives given arguments and value, and a test of where they fail."""

    value: Callable[..., Number]
    partials: Callable[..., Sequence[Number]]
    is_singular: Callable[..., bool] = lambda *_: False


class PreciseExpression:
    """An expression that is evaluated with any number of bits."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._context = mpmath.MPContext()
        self._rules = _rules(self._context)

    @cached_property
    def rounded(self) -> PreciseExpression | None:
        """The expression with its constant parts rounded to double precision; None if there is none."""
        folded = fold(self._expression.tree, self._expression.text, self._expression.parameters)
        is_same = len(list(walk(folded))) == len(list(walk(self._expression.tree)))
        return None if is_same and self.with_doubles is None else self._of(folded)

    @cached_property
    def with_doubles(self) -> PreciseExpression | None:
        """The expression with the doubles of pi and e, as a program evaluates it; None without them."""
        names = {node.text for node in walk(self._expression.tree) if isinstance(node, Num)}
        return self._of(_with_doubles(self._expression.tree)) if names & {*CONSTANTS} else None

    def _of(self, tree: Node) -> PreciseExpression:
        return PreciseExpression(replace(self._expression, tree=tree))

    def evaluate(self, point: Sequence[Number], bits: int, *, slopes: bool = True) -> Local:
        """Return the value, and the gradient if `slopes`, at a point (D,), computed with that many bits.

        Raises UndefinedError if the expression is undefined, UnresolvedError if a number is too large.
        """
        self._context.prec = bits
        run = _Run(self._context, self._rules, self._expression, point, slopes=slopes)
        region = self._expression.region
        try:
            if region and not run.holds(region.tree):
                raise UndefinedError
            value, derivatives = run.number(self._expression.tree)
        except (ValueError, ZeroDivisionError):  # mpmath's errors outside the domain of a function
            raise UndefinedError from None
        except (OverflowError, MemoryError, mpmath.libmp.NoConvergence):
            raise UnresolvedError from None
        return Local(value, run.zeros if derivatives is None else derivatives, run.singular, run.is_absorbed)

    def is_singular(self, point: Sequence[float]) -> bool:
        """Return whether the expression is defined, but not smooth, at a point (D,)."""
        try:
            return self.evaluate(point, _FEWEST_BITS).singular
        except (UndefinedError, UnresolvedError):
            return False

    def shifted(self, point: Sequence[float], axis: int, by: float, exponent: int) -> list[Number]:
        """Return a point (D,) with `by` 2^exponent added to a coordinate, in the precision last used."""
        moved = [self._context.mpf(x) for x in point]
        moved[axis] += self._context.ldexp(self._context.mpf(by), exponent)
        return moved


def _with_doubles(node: Node) -> Node:
    """Return a tree whose named constants are numbers."""
    if isinstance(node, Op):
        return replace(node, args=tuple(map(_with_doubles, node.args)))
    return replace(node, text="") if isinstance(node, Num) else node


class _Run:
    """One evaluation of an expression; `singular` is set where an operation is not smooth."""

    def __init__(
        self,
        context: Context,
        rules: Mapping[str, _Rule],
        expression: Expression,
        point: Sequence[Number],
        *,
        slopes: bool,
    ) -> None:
        self.context, self.rules = context, rules
        self.singular = self.is_absorbed = False
        names = expression.variables
        self.named = {"pi": +context.pi, "e": +context.e, "E": +context.e, "tau": 2 * context.pi}
        self.zeros: tuple[Number, ...] = (context.zero,) * len(names)
        self.known: dict[str, tuple[Number, Slopes]] = {
            name: (context.mpf(x), None) for name, x in expression.parameters.items()
        }
        for axis, (name, x) in enumerate(zip(names, point, strict=True)):
            unit = (*self.zeros[:axis], context.one, *self.zeros[axis + 1 :])
            self.known[name] = (context.mpf(x), unit if slopes else None)

    def number(self, node: Node) -> tuple[Number, Slopes]:
        """Return the value and the derivatives of a subexpression."""
        if isinstance(node, Num):
            return self.named.get(node.text) or self.context.mpf(node.value), None
        if isinstance(node, Var):
            return self.known[node.name]
        if node.name == "undefined":
            raise UndefinedError
        if node.name == "where":
            pairs = zip(node.args[:-1:2], node.args[1::2], strict=True)
            return self.number(next((value for test, value in pairs if self.holds(test)), node.args[-1]))
        arguments = [self.number(argument) for argument in node.args]
        name = "variable power" if node.name == "power" and arguments[1][1] else node.name
        rule, values = self.rules[name], [value for value, _ in arguments]
        if node.name in _COSTLY and any(self.context.mag(value) > _MAX_MAGNITUDE for value in values):
            raise UnresolvedError
        result = rule.value(*values)
        if not isinstance(result, self.context.mpf) or not self.context.isfinite(result):
            raise UndefinedError
        self.is_absorbed = self.is_absorbed or self._absorbs(node.name, values, result)
        if all(slopes is None for _, slopes in arguments):
            return result, None
        if rule.is_singular(*values):
            self.singular = True
            return result, self.zeros
        partials = rule.partials(*values, result)
        terms = [
            (partial, slopes) for partial, (_, slopes) in zip(partials, arguments, strict=True) if slopes
        ]
        return result, tuple(
            sum((partial * slopes[axis] for partial, slopes in terms if slopes[axis]), self.context.zero)
            for axis in range(len(self.zeros))
        )

    def _absorbs(self, name: str, values: Sequence[Number], result: Number) -> bool:
        """Return whether a term or an argument is so small, or so large, that it does not change a result."""
        if name in _SATURATING:
            return bool(values[0]) and abs(result) == 1
        sizes = [self.context.mag(value) for value in values if value] if name == "add" else []
        return len(sizes) > 1 and min(sizes) <= max(sizes) - self.context.prec

    def holds(self, node: Node) -> bool:
        """Return whether a condition holds; at equality of two numbers, the expression is not smooth."""
        assert isinstance(node, Op)  # noqa: S101 - the parser lets nothing else be a condition
        if node.name in ("true", "false"):
            return node.name == "true"
        if node.name == "not":
            return not self.holds(node.args[0])
        if node.name in ("and", "or"):
            return (all if node.name == "and" else any)(map(self.holds, node.args))
        (left, left_slopes), (right, right_slopes) = map(self.number, node.args)
        self.singular |= bool(left == right) and (left_slopes or right_slopes) is not None
        comparisons: Mapping[str, bool] = {
            "lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right,
            "eq": left == right, "ne": left != right,
        }  # fmt: skip
        return comparisons[node.name]


def _rules(context: Context) -> Mapping[str, _Rule]:
    """Return the functions of the language in a context of mpmath; its constants adapt to the precision."""
    groups = (_arithmetic, _elementary, _hyperbolic, _activations, _piecewise)
    return {name: rule for group in groups for name, rule in group(context).items()}


def _arithmetic(m: Context) -> Mapping[str, _Rule]:
    """Return sums, products, powers, roots and logarithms."""

    def root(x: Number) -> Number:
        return m.sign(x) * m.cbrt(abs(x))

    def power_partials(base: Number, exponent: Number, value: Number) -> Sequence[Number]:
        by_base = exponent * m.power(base, exponent - 1) if exponent else m.zero
        return by_base, value * m.log(base) if base > 0 else m.zero

    def log_partials(x: Number, *others: Number) -> Sequence[Number]:
        if len(others) == 1:  # the value of a natural logarithm
            return (1 / x,)
        base, value = others
        return 1 / (x * m.log(base)), -value / (base * m.log(base))

    return {
        "add": _Rule(lambda *x: sum(x, m.zero), lambda *x: [m.one] * (len(x) - 1)),
        "mul": _Rule(lambda *x: m.fprod(x), lambda *x: _cofactors(x[:-1], m.one)),
        "neg": _Rule(lambda x: -x, lambda *_: (-m.one,)),
        "reciprocal": _Rule(lambda x: 1 / x, lambda _, v: (-v * v,)),
        "power": _Rule(m.power, power_partials, lambda b, e: b == 0 and not (m.isint(e) and e >= 0)),
        "variable power": _Rule(m.power, power_partials, lambda b, _: b <= 0),
        "sqrt": _Rule(m.sqrt, lambda _, v: (1 / (2 * v),), _is_zero),
        "cbrt": _Rule(root, lambda _, v: (1 / (3 * v * v),), _is_zero),
        "hypot": _Rule(m.hypot, lambda x, y, v: (x / v, y / v), lambda x, y: x == 0 and y == 0),
        "exp": _Rule(m.exp, lambda _, v: (v,)),
        "log": _Rule(lambda x, b=m.e: m.log(x) / m.log(b), log_partials),
        "log2": _Rule(lambda x: m.log(x) / m.ln2, lambda x, _: (1 / (x * m.ln2),)),
        "log10": _Rule(lambda x: m.log(x) / m.ln10, lambda x, _: (1 / (x * m.ln10),)),
    }


def _elementary(m: Context) -> Mapping[str, _Rule]:
    """Return the trigonometric functions, their inverses and the error function."""

    def angle_partials(y: Number, x: Number, _: Number) -> Sequence[Number]:
        return x / (x * x + y * y), -y / (x * x + y * y)

    return {
        "sin": _Rule(m.sin, lambda x, _: (m.cos(x),)),
        "cos": _Rule(m.cos, lambda x, _: (-m.sin(x),)),
        "tan": _Rule(m.tan, lambda _, v: (1 + v * v,)),
        "sec": _Rule(m.sec, lambda x, v: (v * m.tan(x),)),
        "csc": _Rule(m.csc, lambda x, v: (-v * m.cot(x),)),
        "cot": _Rule(m.cot, lambda _, v: (-1 - v * v,)),
        "asin": _Rule(m.asin, lambda x, _: (1 / m.sqrt(1 - x * x),), lambda x: abs(x) == 1),
        "acos": _Rule(m.acos, lambda x, _: (-1 / m.sqrt(1 - x * x),), lambda x: abs(x) == 1),
        "atan": _Rule(m.atan, lambda x, _: (1 / (1 + x * x),)),
        "atan2": _Rule(m.atan2, angle_partials, lambda y, x: y == 0 and x <= 0),
        "erf": _Rule(m.erf, lambda x, _: (2 * m.exp(-x * x) / m.sqrt(m.pi),)),
    }


def _hyperbolic(m: Context) -> Mapping[str, _Rule]:
    """Return the hyperbolic functions, their inverses, and activation functions."""

    def sigmoid(x: Number) -> Number:
        return 1 / (1 + m.exp(-x)) if x >= 0 else m.exp(x) / (1 + m.exp(x))

    return {
        "sinh": _Rule(m.sinh, lambda x, _: (m.cosh(x),)),
        "cosh": _Rule(m.cosh, lambda x, _: (m.sinh(x),)),
        "tanh": _Rule(m.tanh, lambda x, _: (m.sech(x) ** 2,)),
        "asinh": _Rule(m.asinh, lambda x, _: (1 / m.sqrt(1 + x * x),)),
        "acosh": _Rule(m.acosh, lambda x, _: (1 / m.sqrt(x * x - 1),), lambda x: x == 1),
        "atanh": _Rule(m.atanh, lambda x, _: (1 / (1 - x * x),)),
        "sigmoid": _Rule(sigmoid, lambda x, _: (sigmoid(x) * sigmoid(-x),)),
        "softplus": _Rule(lambda x: max(x, m.zero) + m.log1p(m.exp(-abs(x))), lambda x, _: (sigmoid(x),)),
    }


def _activations(m: Context) -> Mapping[str, _Rule]:
    """Return activation functions of several pieces or factors, sinc and logsumexp."""

    def sinc_partials(x: Number, value: Number) -> Sequence[Number]:
        near = abs(x) < 10  # where cos x and sin(x)/x would cancel
        return (-x / 3 * m.hyp0f1(m.mpf(5) / 2, -x * x / 4) if near else (m.cos(x) - value) / x,)

    def silu_partials(x: Number, _: Number) -> Sequence[Number]:
        s = 1 / (1 + m.exp(-x))
        return (s + x * s / (1 + m.exp(x)),)

    def logsumexp(*x: Number) -> Number:
        return max(x) + m.log(sum((m.exp(each - max(x)) for each in x), m.zero))

    def split(below: Callable[..., Number], slope: Callable[..., Number], scale: float) -> _Rule:
        return _Rule(
            lambda x, a=scale: x if x > 0 else a * below(x),
            lambda x, *a: [
                m.one if x > 0 else slope(x) * (a[0] if a[1:] else scale),
                *([m.zero if x > 0 else below(x)] if a[1:] else []),
            ],
            lambda x, a=scale: x == 0 and a != slope(x),
        )

    return {
        "sinc": _Rule(lambda x: m.sin(x) / x if x else m.one, sinc_partials),
        "silu": _Rule(lambda x: x / (1 + m.exp(-x)), silu_partials),
        "gelu": _Rule(lambda x: x * m.ncdf(x), lambda x, _: (m.ncdf(x) + x * m.npdf(x),)),
        "elu": split(m.expm1, m.exp, 1.0),
        "leaky_relu": split(lambda x: x, lambda _: m.one, LEAK),
        "logsumexp": _Rule(logsumexp, lambda *x: [m.exp(each - x[-1]) for each in x[:-1]]),
    }


def _piecewise(m: Context) -> Mapping[str, _Rule]:
    """Return the functions with kinks and jumps."""

    def step(value: Callable[..., Number], is_singular: Callable[..., bool]) -> _Rule:
        return _Rule(value, lambda *values: [m.zero] * (len(values) - 1), is_singular)

    def extreme(value: Callable[..., Number]) -> _Rule:
        return _Rule(
            lambda *x: value(x),
            lambda *x: [m.mpf(each == x[-1]) for each in x[:-1]],
            lambda *x: sum(each == value(x) for each in x) > 1,
        )

    return {
        "abs": _Rule(abs, lambda x, _: (m.sign(x),), _is_zero),
        "sign": step(m.sign, _is_zero),
        "heaviside": step(lambda x: (m.sign(x) + 1) / 2, _is_zero),
        "floor": step(m.floor, m.isint),
        "ceil": step(m.ceil, m.isint),
        "floordiv": step(lambda a, b: m.floor(a / b), lambda a, b: m.isint(a / b)),
        "mod": _Rule(
            lambda a, b: a - b * m.floor(a / b),
            lambda a, b, _: (m.one, -m.floor(a / b)),
            lambda a, b: m.isint(a / b),
        ),
        "max": extreme(max),
        "min": extreme(min),
        "relu": _Rule(lambda x: max(x, m.zero), lambda x, _: (m.mpf(x > 0),), _is_zero),
        "clip": _Rule(
            lambda x, low, high: min(max(x, low), high),
            lambda x, low, high, v: (m.mpf(v == x), m.mpf(v == low), m.mpf(v == high)),
            lambda x, low, high: x in (low, high) or low >= high,
        ),
    }


def _is_zero(x: Number) -> bool:
    return bool(x == 0)


def _cofactors(factors: Sequence[Number], one: Number) -> list[Number]:
    """Return for each factor the product of all others."""
    before, after = [one], [one]
    for factor in factors[:-1]:
        before.append(before[-1] * factor)
    for factor in factors[:0:-1]:
        after.append(after[-1] * factor)
    return [left * right for left, right in zip(before, reversed(after), strict=True)]
