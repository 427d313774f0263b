"""Printer of trees: precedence, parentheses and signs, which all notations share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from gradviz.language.tree import Node, Num, Op, Var

CHOICE, COMPARISON, JUNCTION, SUM, MODULO, PRODUCT, CALL, POWER, ATOM = range(9)
"""Precedences of operations, from the weakest binding to the strongest."""

Piece = tuple[str, int]
"""Text of a node, and the precedence of its outermost operation."""


class Printer(ABC):
    """Printer of trees in one notation.

    `name` prints a variable; `signs` has "(" and ")", the comparisons ("lt", ...), and "+" and "-" of terms.
    """

    signs: Mapping[str, str]
    name: Callable[[str], str]

    @abstractmethod
    def constant(self, node: Num) -> Piece:
        """Return the piece of a number."""

    @abstractmethod
    def operation(self, node: Op) -> Piece:
        """Return the piece of an operation other than a comparison."""

    def text(self, tree: Node) -> str:
        """Return the text of a tree."""
        return self.piece(tree)[0]

    def terms(self, tree: Node) -> list[str]:
        """Return the terms of a sum with their signs, or the whole text of any other tree."""
        return self.signed(tree.args) if isinstance(tree, Op) and tree.name == "add" else [self.text(tree)]

    def signed(self, terms: Sequence[Node]) -> list[str]:
        """Return the texts of terms of a sum, each after the first with its sign."""
        texts = [self.inside(terms[0], SUM)]
        for term in terms[1:]:
            if isinstance(term, Op) and term.name == "neg":
                texts.append(self.signs["-"] + self.inside(term.args[0], PRODUCT))
            else:
                texts.append(self.signs["+"] + self.inside(term, MODULO))
        return texts

    def piece(self, node: Node) -> Piece:
        """Return the piece of a node."""
        if isinstance(node, Var):
            return self.name(node.name), ATOM
        if isinstance(node, Num):
            return self.constant(node)
        if len(node.args) == 2 and node.name in self.signs:
            left, right = (self.inside(argument, SUM) for argument in node.args)
            return left + self.signs[node.name] + right, COMPARISON
        return self.operation(node)

    def inside(self, node: Node, precedence: int) -> str:
        """Return the text of a node, in parentheses if its own precedence is below `precedence`."""
        text, own = self.piece(node)
        return text if own >= precedence else self.parenthesized(text)

    def parenthesized(self, text: str) -> str:
        """Return a text in parentheses."""
        return f"{self.signs['(']}{text}{self.signs[')']}"
