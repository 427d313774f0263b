"""Tree of an expression: numbers, variables and operations, each with its position in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CONDITIONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "true", "false"})


@dataclass(frozen=True)
class Num:
    """Finite number; `text` is its typed form, or the name of a constant."""

    value: float
    start: int
    stop: int
    text: str = ""


@dataclass(frozen=True)
class Var:
    """Variable or parameter."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Op:
    """Operation of the language.

    `name` is a function of the language, one of `CONDITIONS`, or: `add`, `mul` (any number of arguments),
    `neg`, `reciprocal` (a / b is mul(a, reciprocal(b))), `power`, `floordiv` (a // b), `where` (condition,
    value, ..., value elsewhere) or `undefined` (the value where no condition of a Piecewise holds).
    """

    name: str
    args: tuple[Node, ...]
    start: int
    stop: int


Node = Num | Var | Op


def is_condition(node: Node) -> bool:
    """Return whether a node is a condition, not a number."""
    return isinstance(node, Op) and node.name in CONDITIONS


def depth(node: Node) -> int:
    """Return the number of nested operations along the deepest branch."""
    return 1 + max(map(depth, node.args), default=0) if isinstance(node, Op) else 0


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, left to right."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Op):
            waiting += reversed(node.args)


def variables(node: Node) -> Iterator[Var]:
    """Yield the variables and parameters below a node, left to right."""
    return (each for each in walk(node) if isinstance(each, Var))


def signature(node: Node) -> list[object]:
    """Return a tree in prefix notation: numbers, names, and operations with their number of arguments."""
    found: list[object] = []
    for each in walk(node):
        if isinstance(each, Op):
            found += [each.name, len(each.args)]
        else:
            found.append(each.value if isinstance(each, Num) else f"={each.name}")
    return found
