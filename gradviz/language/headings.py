"""Headings of expressions: `y =`, `f(x, y) =`, `f :=` and `lambda x, y:`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradviz.language.tables import KEYWORDS
from gradviz.language.tokens import Token


class Heading(NamedTuple):
    """Number of tokens before an expression, and the arguments that they name, in order; None without."""

    stop: int
    arguments: tuple[str, ...] | None


def heading(tokens: Sequence[Token]) -> Heading | None:
    """Return the heading of an expression, None if it has none."""
    if not _is_name(tokens[0]):
        return None
    if tokens[0].text == "lambda" and (found := _names(tokens, 1)).arguments:
        return Heading(found.stop + 1, found.arguments) if tokens[found.stop].text == ":" else None
    found = Heading(1, None)
    if tokens[1].text == "(":
        found = _names(tokens, 2)
        if not found.arguments or tokens[found.stop].text != ")":
            return None
        found = found._replace(stop=found.stop + 1)
    return found._replace(stop=found.stop + 1) if tokens[found.stop].text in ("=", ":=") else None


def _names(tokens: Sequence[Token], start: int) -> Heading:
    """Return the names from a token on that are separated by commas, and the position behind them."""
    names: list[str] = []
    place = start
    while _is_name(tokens[place]):
        names.append(tokens[place].text)
        place += 1
        if tokens[place].text != ",":
            break
        place += 1
    return Heading(place, tuple(names))


def _is_name(token: Token) -> bool:
    return token.kind == "name" and token.text not in KEYWORDS
