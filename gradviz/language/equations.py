"""Equations `F = G` and functions, several separated by semicolons, which are curves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gradviz.errors import ExpressionError, Message, Ref, listed, visible
from gradviz.language.parser import parse
from gradviz.language.reading import Expression, separated
from gradviz.language.tables import is_reserved
from gradviz.language.tokens import plain_text
from gradviz.language.tree import Node, Num, Op
from gradviz.language.tree import variables as variables_of
from gradviz.limits import CURVES

_EQUALS = re.compile("(?<![=<>!:])[=\uff1d](?![=<>])")  # no part of a comparison or of :=
_HEADING = re.compile(r"\s*(z|[A-Za-z]\w*(?=\s*\())(?:\s*\(\s*[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*\s*\))?\s*")
_SAME_ZEROS = ("abs", "sqrt", "cbrt", "neg")  # functions that are zero where their argument is


def has_equations(text: str) -> bool:
    """Return whether a text has an equation: `z = ...` and `f(x, y) = ...` are headings of a function."""
    text = re.sub(r"\\left|\\right|\\(?=[a-z])|\$", "", plain_text(text))  # of a heading in LaTeX
    match = _EQUALS.search(text)
    if match is None or ";" in text:
        return match is not None
    heading = _HEADING.fullmatch(text[: match.start()])
    return heading is None or is_reserved(heading[1])  # tan(x) = y is an equation


def parse_equations(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse equations into an operation `system` of operations `eq`. Raises ExpressionError."""
    return Op("system", _equations(text, declared), 0, len(text))


def _equations(text: str, declared: Iterable[str]) -> tuple[Node, ...]:
    parts = separated(text)
    if len(parts) > CURVES:
        start = text.index(parts[CURVES])
        problem = f"an expression must have at most {CURVES} equations, got {len(parts)}"
        raise ExpressionError(problem, text, start, start + 1, "leave out the rest")
    return tuple(_equation(part, declared) for part in parts)


def parse_functions(text: str, declared: Iterable[str] = ()) -> Node:
    """Parse functions separated by semicolons into an operation `system`. Raises ExpressionError."""
    trees, start = [], 0
    for part in separated(text):
        start = text.index(part, start)
        trees.append(parse(" " * start + part, declared))  # padded: positions are those in the whole text
        start += len(part)
    return Op("system", tuple(trees), 0, len(text))


def _equation(text: str, declared: Iterable[str]) -> Op:
    places = [match.start() for match in _EQUALS.finditer(text)]
    if len(places) != 1:
        problem = f"an equation must have one '=', got {len(places)}"
        at = places[1] if places else len(text) - 1
        raise ExpressionError(problem, text, at, at + 1, "write F = G")
    (place,) = places
    for start, side in ((0, text[:place]), (place + 1, text[place + 1 :])):
        if not side.strip():
            raise ExpressionError(
                "one side of the equation is missing", text, start, start + 1, "write F = G"
            )
    padded = " " * (place + 1) + text[place + 1 :]  # positions are those in the whole text
    left, right = (parse(side, declared, headed=False) for side in (text[:place], padded))
    return Op("eq", (left, right), left.start, right.stop)


def read_constraints(
    texts: Iterable[str], variables: Sequence[str], parameters: Mapping[str, float]
) -> tuple[Expression, ...]:
    """Return constraints `F = G` as expressions of F - G with their equation. Raises ExpressionError."""
    found = []
    for text in texts:
        if not _EQUALS.search(text):
            problem = "a constraint must be an equation F = G"
            raise ExpressionError(problem, text, 0, len(text), f"write {visible(text, 40)} = 0")
        (formula, *others) = _equations(text, (*variables, *parameters))
        if others:
            start = others[0].start
            hint = "repeat the option for another one"
            raise ExpressionError("a constraint must be one equation", text, start, start + 1, hint)
        for node in variables_of(formula):
            if node.name not in variables and node.name not in parameters:
                problem = f"'{node.name}' is not among the variables {listed(variables)}"
                raise ExpressionError(
                    problem, text, node.start, node.stop, Message("add it to ", Ref("vars"))
                )
        names = {node.name for node in variables_of(formula)}
        own = {name: value for name, value in parameters.items() if name in names}
        found.append(Expression(text.strip(), difference(formula), tuple(variables), own, None, (formula,)))
    return tuple(found)


def names_of(texts: Iterable[str], declared: Iterable[str]) -> list[str]:
    """Return the names in constraints, each once. Raises ExpressionError."""
    formulas = [formula for text in texts for formula in _equations(text, declared)]
    return list(dict.fromkeys(node.name for formula in formulas for node in variables_of(formula)))


def difference(equation: Node) -> Node:
    """Return the tree of a function that is zero where an equation holds: F - G, or a root of it.

    The roots of (x - y)^2, where it does not change its sign, are those of x - y, where it does.
    """
    assert isinstance(equation, Op)  # noqa: S101 - of `parse_equations`
    left, right = equation.args
    for side, other in ((left, right), (right, left)):
        if isinstance(other, Num) and other.value == 0:
            return _root(side)
    negative = Op("neg", (right,), right.start, right.stop)
    return Op("add", (left, negative), equation.start, equation.stop)


def _root(node: Node) -> Node:
    """Return a function with the zeros of another one, without even powers of factors."""
    if not isinstance(node, Op):
        return node
    if node.name == "power" and isinstance(node.args[1], Num) and node.args[1].value > 0:
        return _root(node.args[0])
    if node.name in _SAME_ZEROS:
        return _root(node.args[0])
    if node.name == "mul":
        return Op("mul", tuple(map(_root, node.args)), node.start, node.stop)
    return node
