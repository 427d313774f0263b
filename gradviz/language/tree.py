"""The tree of an expression: numbers, variables and operations, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CONDITIONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "true", "false"})


@dataclass(frozen=True)
class Num:
    """A finite number; `text` is how the user wrote it, or the name of the constant."""

    value: float
    start: int
    stop: int
    text: str = ""


@dataclass(frozen=True)
class Var:
    """A variable or a parameter."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Op:
    """An operation from the closed table.

    `name` is a function of the language, one of `CONDITIONS`, or: `add`, `mul` (any number of arguments),
    `neg`, `reciprocal` (a / b is mul(a, reciprocal(b))), `power`, `floordiv` (a // b), `where` (condition,
    value, ..., value of the rest) or `undefined` (the value where no condition of a Piecewise holds).
    """

    name: str
    args: tuple[Node, ...]
    start: int
    stop: int


Node = Num | Var | Op


def is_condition(node: Node) -> bool:
    """Tell whether a node is true or false, not a number."""
    return isinstance(node, Op) and node.name in CONDITIONS


def depth(node: Node) -> int:
    """Return how many operations lie inside each other at most."""
    return 1 + max(map(depth, node.args), default=0) if isinstance(node, Op) else 0


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, left to right."""
    yield node
    if isinstance(node, Op):
        for argument in node.args:
            yield from walk(argument)


def signature(node: Node) -> list[object]:
    """Return what a tree means in a flat list: numbers, names, operations with how many arguments."""
    found: list[object] = []
    for each in walk(node):
        if isinstance(each, Op):
            found += [each.name, len(each.args)]
        else:
            found.append(each.value if isinstance(each, Num) else f"={each.name}")
    return found
