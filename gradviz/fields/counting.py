"""Numbers of parts of formulas and of trees, which bound the work on them."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr

from gradviz.language.tree import Node, Op


class TooLongError(Exception):
    """The texts of derivatives have too many parts."""


def parts_of(formula: Expr, most: int) -> set[Expr]:
    """Return the distinct parts of a formula. Raises TooLongError for more than `most` arguments of all."""
    found, waiting, count = {formula}, [formula], 0
    while waiting:
        args = waiting.pop().args
        count += len(args)
        if count > most:
            raise TooLongError
        waiting += {*args} - found
        found.update(args)
    return found


def sizes(trees: Sequence[Node]) -> list[int]:
    """Return the number of nodes of each tree; a node that occurs several times counts each time."""
    known: dict[int, int] = {}

    def size(node: Node) -> int:
        if not isinstance(node, Op):
            return 1
        if id(node) not in known:
            known[id(node)] = 1 + sum(map(size, node.args))
        return known[id(node)]

    return list(map(size, trees))
