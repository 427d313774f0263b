"""Constant folding in double precision.

It rejects 9**9**9, 1/0, sqrt(-1) and floor(exp(exp(exp(3)))) in microseconds and with their position, so
SymPy gets finite numbers only.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType

from gradviz.errors import ExpressionError
from gradviz.language.tables import FUNCTIONS
from gradviz.language.tree import Node, Num, Op, Var, is_condition

_OVERFLOW = "this overflows double precision"


def _power(base: float, exponent: float) -> float:
    return float(base**exponent) if base >= 0 or exponent.is_integer() else math.nan


_OPERATIONS: dict[str, Callable[..., float]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq,
    "ne": operator.ne, "and": lambda *parts: all(parts), "or": lambda *parts: any(parts),
    "not": operator.not_, "true": lambda: True, "false": lambda: False,
    "add": lambda *terms: math.fsum(terms), "mul": lambda *factors: math.prod(factors),
    "neg": operator.neg, "reciprocal": lambda x: 1 / x, "floordiv": operator.floordiv, "power": _power,
    **{name: function.fold for name, function in FUNCTIONS.items()},
}  # fmt: skip


def fold(node: Node, text: str, parameters: Mapping[str, float] = MappingProxyType({})) -> Node:
    """Return the tree with parameters and constant subtrees replaced by numbers, `true` or `false`.

    Raises ExpressionError at a subtree whose value is not a finite real number.
    """
    if isinstance(node, Var):
        if node.name not in parameters:
            return node
        node = Num(parameters[node.name], node.start, node.stop)
    if isinstance(node, Num):
        if not math.isfinite(node.value):
            raise ExpressionError(_OVERFLOW, text, node.start, node.stop)
        if node.value == 0 and any(digit in "123456789" for digit in node.text.lower().partition("e")[0]):
            raise ExpressionError("this underflows double precision to 0", text, node.start, node.stop)
        return node
    args = tuple(fold(argument, text, parameters) for argument in node.args)
    if node.name == "where":
        return _fold_branches(node, args)
    if all(map(_is_constant, args)) and node.name != "undefined":
        return _evaluated(node, args, text)
    if node.name == "log" and len(args) == 2:
        _check_base(args[1], text)
    return Op(node.name, args, node.start, node.stop)


def _is_constant(node: Node) -> bool:
    return isinstance(node, Num) or (isinstance(node, Op) and node.name in ("true", "false"))


def _value(node: Node) -> float:
    return node.value if isinstance(node, Num) else float(isinstance(node, Op) and node.name == "true")


def _fold_branches(node: Op, args: tuple[Node, ...]) -> Node:
    """Remove branches whose condition is constant."""
    kept: list[Node] = []
    for condition, value in zip(args[:-1:2], args[1::2], strict=True):
        if isinstance(condition, Op) and condition.name == "true":
            return Op("where", (*kept, value), node.start, node.stop) if kept else value
        if not (isinstance(condition, Op) and condition.name == "false"):
            kept += [condition, value]
    return Op("where", (*kept, args[-1]), node.start, node.stop) if kept else args[-1]


def _evaluated(node: Op, args: tuple[Node, ...], text: str) -> Node:
    try:
        value = _OPERATIONS[node.name](*map(_value, args))
    except ZeroDivisionError:
        raise ExpressionError("division by zero", text, node.start, node.stop) from None
    except OverflowError:
        value = math.inf
    except ValueError:
        value = math.nan
    if is_condition(node):
        return Op("true" if value else "false", (), node.start, node.stop)
    if math.isnan(value):
        raise ExpressionError("this is not a real number", text, node.start, node.stop)
    if math.isinf(value):
        raise ExpressionError(_OVERFLOW, text, node.start, node.stop)
    return Num(float(value), node.start, node.stop)


def _check_base(base: Node, text: str) -> None:
    if isinstance(base, Num) and (base.value <= 0 or base.value == 1):
        problem = "the base of a logarithm must be positive and not 1"
        raise ExpressionError(problem, text, base.start, base.stop)
