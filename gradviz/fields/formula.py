"""Tree to formula: SymPy's form of an expression, and its derivatives.

SymPy is given objects only, built by constructors, and never a text: `sympify` and `parse_expr` evaluate
what they read. Constants are floats, except small integer exponents: exact integers are what lets a short
formula grow without bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import sympy
from sympy import Expr

from gradviz.errors import ExpressionError
from gradviz.fields import functions
from gradviz.fields.functions import FUNCTIONS
from gradviz.language.constants import fold
from gradviz.language.tree import Node, Num, Op, Var

_GREATEST_EXPONENT = 64  # above it, a power is left to NumPy
_GREATEST_DECADE = 100


def symbol(name: str) -> sympy.Symbol:
    """Return the symbol of a variable: real, without which the derivative of abs cannot be compiled."""
    return sympy.Symbol(name, real=True)


def formula(tree: Node, text: str, parameters: Mapping[str, float]) -> Expr:
    """Return SymPy's form of a tree, with the numbers of the parameters put in.

    Raises ExpressionError if constant parts, parameters included, are not finite real numbers.
    """
    expression = _expr(fold(_with_parameters(tree, parameters), text))
    if expression.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo, sympy.I) or not all(
        math.isfinite(float(number)) for number in expression.atoms(sympy.Float)
    ):
        problem = "this comes to a division by zero or overflows double precision"
        raise ExpressionError(problem, text, tree.start, tree.stop)
    return expression


def derivative(expression: Expr, variable: sympy.Symbol) -> Expr:
    """Return the derivative of a formula.

    SymPy's `diff` walks equal parts again each time they occur, without end where they are nested; here each
    distinct part is differentiated once.
    """
    known: dict[Expr, Expr] = {variable: sympy.S.One}

    def slope(expr: Expr) -> Expr:
        if expr not in known:
            known[expr] = found(expr)
        return known[expr]

    def found(expr: Expr) -> Expr:
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
        """(u v)' = u' v + u v', by halves: n factors give n log n of them, and not n^2."""
        if len(factors) == 1:
            return slope(factors[0])
        half = len(factors) // 2
        left, right = factors[:half], factors[half:]
        parts = ((product(left), right), (product(right), left))
        return sympy.Add(*(sympy.Mul(change, *others) for change, others in parts if change))

    return slope(expression)


def _with_parameters(node: Node, parameters: Mapping[str, float]) -> Node:
    if isinstance(node, Var) and node.name in parameters:
        return Num(parameters[node.name], node.start, node.stop)
    if isinstance(node, Op):
        args = tuple(_with_parameters(argument, parameters) for argument in node.args)
        return Op(node.name, args, node.start, node.stop)
    return node


def _expr(node: Node) -> Expr:
    if isinstance(node, Num):
        return sympy.Integer(int(node.value)) if node.value in (-1, 0, 1) else sympy.Float(node.value)
    if isinstance(node, Var):
        return symbol(node.name)
    args = [_expr(argument) for argument in node.args]
    return _OPERATIONS[node.name](*args)


def _power(base: Expr, exponent: Expr) -> Expr:
    """Return SymPy's power for small integer exponents, else our own, which is left as it stands."""
    if isinstance(exponent, sympy.Number) and float(exponent).is_integer():
        # SymPy pulls numbers out of a product's power: (1e10*x)**40 would overflow where x is small.
        whole, coefficient = int(exponent), abs(float(base.as_coeff_Mul()[0])) or 1.0
        if abs(whole) <= _GREATEST_EXPONENT and abs(math.log10(coefficient) * whole) < _GREATEST_DECADE:
            return sympy.Pow(base, whole)
    return functions.power(base, exponent)


def _log(x: Expr, base: Expr | None = None) -> Expr:
    return functions.log(x) if base is None else functions.log(x) / functions.log(base)


def _extreme(function: Callable[..., Expr]) -> Callable[..., Expr]:
    return lambda *args: args[0] if len(args) == 1 else function(*args)


# What the language has and SymPy need not know as a function of its own.
_LOWERED: Mapping[str, Callable[..., Expr]] = {
    "add": sympy.Add,
    "mul": sympy.Mul,
    "neg": lambda x: -x,
    "reciprocal": lambda x: 1 / x,
    "power": _power,
    "log": _log,
    "sec": lambda x: 1 / functions.cos(x),
    "csc": lambda x: 1 / functions.sin(x),
    "cot": lambda x: functions.cos(x) / functions.sin(x),
    "clip": lambda x, low, high: functions.min(functions.max(x, low), high),
    "relu": lambda x: functions.max(x, sympy.S.Zero),
    "max": _extreme(functions.max),
    "min": _extreme(functions.min),
}
_OPERATIONS = {**FUNCTIONS, **_LOWERED}
