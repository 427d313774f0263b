"""Headings of expressions: `y =`, `f(x, y) =`, `f :=`, `lambda x, y:` and `def f(x, y): return`."""

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
    """Return the headings of an expression as one, None if it has none."""
    found = Heading(0, None)
    while (one := _heading_at(tokens, found.stop)) is not None:
        found = Heading(one.stop, one.arguments or found.arguments)
    return found if found.stop else None


def _heading_at(tokens: Sequence[Token], start: int) -> Heading | None:
    """Return the heading that starts at a position."""
    first = tokens[start]
    if not _is_name(first):
        return None
    if first.text == "lambda" and (found := _names(tokens, start + 1)).arguments:
        return Heading(found.stop + 1, found.arguments) if tokens[found.stop].text == ":" else None
    is_python = first.text == "def" and _is_name(tokens[start + 1])
    found = Heading(start + 1 + is_python, None)
    if tokens[found.stop].text == "(":
        found = _names(tokens, found.stop + 1)
        if not found.arguments or tokens[found.stop].text != ")":
            return None
        found = found._replace(stop=found.stop + 1)
    end = [token.text for token in tokens[found.stop : found.stop + 2]]
    if is_python:
        return found._replace(stop=found.stop + 2) if end == [":", "return"] else None
    return found._replace(stop=found.stop + 1) if end[0] in ("=", ":=") else None


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
