"""SymPy formulas of syntax trees, and their derivatives.

Formulas are built by constructors and never from text, because `sympify` and `parse_expr` evaluate their
input. Constants are floats, except small integer exponents: with exact integers, a short formula such as
9**9**9 grows without bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import sympy
from sympy import Expr

from gradviz.errors import ExpressionError
from gradviz.fields import functions
from gradviz.fields.domains import Domains
from gradviz.fields.functions import FUNCTIONS
from gradviz.language.constants import fold
from gradviz.language.tables import LEAK
from gradviz.language.tree import Node, Num, Var

_MAX_EXPONENT = 64  # largest integer exponent that becomes multiplications: NumPy computes larger powers
_MAX_DECADE = 100  # largest power of ten, in magnitude, of a coefficient raised to an exponent


def symbol(name: str) -> sympy.Symbol:
    """Return the real symbol of a variable; the derivative of abs of a complex one would not compile."""
    return sympy.Symbol(name, real=True)


def formula(tree: Node, text: str, parameters: Mapping[str, float]) -> Expr:
    """Return the formula of a tree, with parameters replaced by their values.

    Raises ExpressionError if a constant part is not a finite real number.
    """
    expression = _expr(fold(tree, text, parameters), Domains())
    if expression.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I) or not all(
        math.isfinite(float(number)) for number in expression.atoms(sympy.Float)
    ):
        problem = "a constant part is a division by zero or overflows double precision"
        raise ExpressionError(problem, text, tree.start, tree.stop)
    return expression


def derivative(expression: Expr, variable: sympy.Symbol) -> Expr:
    """Return the derivative of a formula with respect to a variable.

    Each distinct subexpression is differentiated once. SymPy's `diff` repeats the work for each occurrence,
    which takes exponential time for nested ones.
    """
    known: dict[Expr, Expr] = {variable: sympy.S.One}

    def slope(expr: Expr) -> Expr:
        if expr not in known:
            known[expr] = compute(expr)
        return known[expr]

    def compute(expr: Expr) -> Expr:
        if not expr.args:
            return sympy.S.Zero
        if expr.is_Add:
            return sympy.Add(*map(slope, expr.args))
        if expr.is_Mul:
            return product(expr.args)
        if expr.is_Pow:
            return expr.exp * expr.base ** (expr.exp - 1) * slope(expr.base)
        return expr.differential(list(map(slope, expr.args)))

    def product(factors: tuple[Expr, ...]) -> Expr:
        """Apply (u v)' = u' v + u v' recursively to halves, for n log n instead of n^2 factors."""
        if len(factors) == 1:
            return slope(factors[0])
        half = len(factors) // 2
        left, right = factors[:half], factors[half:]
        parts = ((product(left), right), (product(right), left))
        return sympy.Add(*(sympy.Mul(change, *others) for change, others in parts if change))

    return slope(expression)


def _expr(node: Node, domains: Domains) -> Expr:
    """Return the formula of a subtree, undefined where a part is undefined that SymPy cancels."""
    if isinstance(node, Num):
        return sympy.Integer(int(node.value)) if node.value in (-1, 0, 1) else sympy.Float(node.value)
    if isinstance(node, Var):
        return symbol(node.name)
    args = [_expr(argument, domains) for argument in node.args]
    if node.name == "log" and len(args) == 2:
        args = [functions.log(args[0]), 1 / functions.log(args[1])]
        return domains.guarded("mul", sympy.Mul(*args), args)
    result = _OPERATIONS[node.name](*args)
    return result if node.name == "where" else domains.guarded(node.name, result, args)


def _power(base: Expr, exponent: Expr) -> Expr:
    """Return a power as SymPy's Pow for a small integer exponent, else as our unsimplified function."""
    if isinstance(exponent, sympy.Number) and float(exponent).is_integer():
        # SymPy moves coefficients out of powers: in (1e10*x)**40, 1e400 overflows, the power need not.
        whole, coefficient = int(exponent), abs(float(base.as_coeff_Mul()[0])) or 1.0
        if abs(whole) <= _MAX_EXPONENT and abs(math.log10(coefficient) * whole) < _MAX_DECADE:
            return sympy.Pow(base, whole)
    return functions.power(base, exponent)


def _extreme(function: Callable[..., Expr]) -> Callable[..., Expr]:
    return lambda *args: args[0] if len(args) == 1 else function(*args)


def _leaky_relu(x: Expr, slope: Expr | None = None) -> Expr:
    slope = sympy.Float(LEAK) if slope is None else slope
    if slope == 1:
        return x
    if not slope.is_Number:
        return functions.max(x, sympy.S.Zero) + slope * functions.min(x, sympy.S.Zero)
    return functions.max(x, slope * x) if slope < 1 else functions.min(x, slope * x)


# Functions of the language that are built from other ones, instead of being SymPy functions of their own.
_COMPOSITE: Mapping[str, Callable[..., Expr]] = {
    "add": sympy.Add,
    "mul": sympy.Mul,
    "neg": lambda x: -x,
    "reciprocal": lambda x: 1 / x,
    "power": _power,
    "sec": lambda x: 1 / functions.cos(x),
    "csc": lambda x: 1 / functions.sin(x),
    "cot": lambda x: functions.cos(x) / functions.sin(x),
    "clip": lambda x, low, high: functions.min(functions.max(x, low), high),
    "relu": lambda x: functions.max(x, sympy.S.Zero),
    "silu": lambda x: x * functions.sigmoid(x),
    "gelu": lambda x: x * functions.normal(x),
    "elu": lambda x, scale=sympy.S.One: functions.elu(x, scale),
    "leaky_relu": _leaky_relu,
    "logsumexp": _extreme(functions.logsumexp),
    "max": _extreme(functions.max),
    "min": _extreme(functions.min),
}
_OPERATIONS: Mapping[str, Callable[..., Expr]] = {**FUNCTIONS, **_COMPOSITE}
