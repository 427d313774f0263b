"""Printer of trees in the language of expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gradviz.language.tree import Node, Num, Op
from gradviz.printing.numpy_source import SIGNS, power, product
from gradviz.printing.printer import ATOM, CHOICE, COMPARISON, MODULO, POWER, PRODUCT, SUM, Piece, Printer


@dataclass(frozen=True)
class ExpressionText(Printer):
    """Printer of expressions that parse back to the same tree, numbers with 15 significant digits."""

    name: Callable[[str], str] = str
    signs: Mapping[str, str] = field(default_factory=lambda: SIGNS)

    def constant(self, node: Num) -> Piece:
        """Return a number with at most 15 significant digits, or the name of a constant."""
        mantissa, _, exponent = f"{node.value:.15g}".partition("e")
        text = node.text or (f"{mantissa}e{int(exponent)}" if exponent else mantissa)
        return text, ATOM if node.value >= 0 else PRODUCT

    def operation(self, node: Op) -> Piece:
        """Return an operation by its rule, or as a call."""
        if node.name in _RULES:
            return _RULES[node.name](self, node.args)
        return f"{node.name}({', '.join(map(self.text, node.args))})", ATOM


def _junction(printer: ExpressionText, word: str, args: Sequence[Node]) -> Piece:
    return f" {word} ".join(printer.inside(argument, COMPARISON) for argument in args), CHOICE


def _and(printer: ExpressionText, args: Sequence[Node]) -> Piece:
    """Return conditions joined by `and`; a < b and b < c as a < b < c."""
    links = [link for link in args if isinstance(link, Op) and link.name in ("lt", "le")]
    if len(links) < len(args) or any(left.args[1] != right.args[0] for left, right in pairwise(links)):
        return _junction(printer, "and", args)
    first = printer.inside(links[0].args[0], SUM)
    rest = (printer.signs[link.name] + printer.inside(link.args[1], SUM) for link in links)
    return "".join([first, *rest]), COMPARISON


def _where(printer: ExpressionText, args: Sequence[Node]) -> Piece:
    """Return a choice between two values as `where`, any other as a Piecewise."""
    *pairs, rest = map(printer.text, args)
    is_open = isinstance(args[-1], Op) and args[-1].name == "undefined"
    if len(pairs) == 2 and not is_open:
        return f"where({', '.join((*pairs, rest))})", ATOM
    pieces = [f"({value}, {test})" for test, value in zip(pairs[::2], pairs[1::2], strict=True)]
    return f"Piecewise({', '.join([*pieces, *([] if is_open else [f'({rest}, True)'])])})", ATOM


_RULES: dict[str, Callable[[ExpressionText, Sequence[Node]], Piece]] = {
    "add": lambda p, args: (" ".join(p.signed(args)), SUM),
    "mul": lambda p, args: (product(p, args), PRODUCT),
    "neg": lambda p, args: (f"-{p.inside(args[0], PRODUCT)}", PRODUCT),
    "reciprocal": lambda p, args: (f"1/{p.inside(args[0], POWER)}", PRODUCT),
    "power": power,
    "floordiv": lambda p, args: (f"{p.inside(args[0], PRODUCT)}//{p.inside(args[1], POWER)}", MODULO),
    "and": _and,
    "or": lambda p, args: _junction(p, "or", args),
    "not": lambda p, args: (f"not {p.inside(args[0], ATOM)}", CHOICE),
    "where": _where,
    "true": lambda *_: ("True", ATOM),
    "false": lambda *_: ("False", ATOM),
}
