"""Tokens of an expression, each with its position in the text, and a cursor over them."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NoReturn

from gradviz.errors import ExpressionError, visible
from gradviz.language.tables import CHARACTERS, GREEK, SPELLINGS, SUBSCRIPTS, SUPERSCRIPTS
from gradviz.language.tree import Node
from gradviz.limits import EXPRESSION_CHARACTERS, EXPRESSION_NESTING, NAME_CHARACTERS, NUMBER_CHARACTERS

_GREEK = "".join(GREEK)
_DIGITS = "".join(SUBSCRIPTS)
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\n]+)
    |(?P<based>0[xXoObB][0-9A-Fa-f]+)
    |(?P<grouped>[0-9]+(?:_[0-9]+)+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?P<imaginary>[jJ](?![A-Za-z0-9_]))?
    |(?P<name>(?:[A-Za-z_][A-Za-z0-9_]*|[{_GREEK}](?:_?[0-9]+)?)[{_DIGITS}]*)
    |(?P<raised>⁻?[{"".join(SUPERSCRIPTS).replace("⁻", "")}]+)
    |(?P<foreign>=>|=<|<>|->|===|&&|\|\|)
    |(?P<mark>\*\*|//|<=|>=|==|!=|[-+*/%^<>(),√·×÷−≤≥≠])""",
    re.VERBOSE,
)
_HINTS = {
    "=": "write the right-hand side only; use == to compare", "!": "factorials are not supported",
    "|": "use abs( ) for absolute values, 'or' for conditions", "&": "write 'and'", "~": "write 'not'",
    ".": "a decimal point must be next to a digit", **dict.fromkeys("[]{}", "write ( )"),
    **dict.fromkeys("?:", "write a if c else b"), **dict.fromkeys("'\"", "remove the quotes"),
    ";": "write one expression only", "#": "comments are not supported",
    **dict.fromkeys("$\\", "use plain text, not TeX"),
    "=>": "write >=", "=<": "write <=", "<>": "write !=", "===": "write ==", "&&": "write 'and'",
    "||": "write 'or'", "->": "use - or >",
}  # fmt: skip
"""Hints for characters and operators that are not in the language."""
# Characters typed or pasted for one of the language, besides those that Unicode (NFKC) takes for the same.
_LOOK_ALIKES = {
    **dict.fromkeys("‐‑‒–—―﹘", "-"), **dict.fromkeys("∗⋅•∙⨯✕", "*"), **dict.fromkeys("∕⁄", "/"), "ˆ": "^",
    "⩽": "<=", "⩾": ">=", "∧": "and", "∨": "or", "¬": "not",
}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """Token: its kind (number, name, raised, mark or end), its text in normal spelling, and its position."""

    kind: str
    text: str
    start: int
    stop: int


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, the last one of kind `end`. Raises ExpressionError."""
    if len(text) > EXPRESSION_CHARACTERS:
        problem = f"an expression must have at most {EXPRESSION_CHARACTERS:,} characters, got {len(text):,}"
        raise ExpressionError(problem, text, EXPRESSION_CHARACTERS, len(text), "shorten it from here on")
    for place, character in enumerate(text):
        if character not in CHARACTERS:
            raise _unknown_character(text, place)
    tokens = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            hint = _HINTS.get(text[place], "not in the language")
            raise ExpressionError(f"unexpected '{text[place]}'", text, place, place + 1, hint)
        place = match.end()
        if match.lastgroup != "blank":
            tokens.append(_token(text, match))
    if not tokens:
        raise ExpressionError("the expression is empty", text, 0, 1, "write one such as x0*x1")
    return [*tokens, Token("end", "", len(text.rstrip()), len(text.rstrip()) + 1)]


def _token(text: str, match: re.Match[str]) -> Token:
    kind, spelled, (start, stop) = match.lastgroup or "", match.group(), match.span()
    if kind == "name":
        spelled = "".join(GREEK.get(c) or SUBSCRIPTS.get(c, c) for c in spelled)
    elif kind == "raised":
        spelled = "".join(SUPERSCRIPTS[c] for c in spelled)
    problem, hint = _problem(kind, spelled)
    if problem:
        raise ExpressionError(problem, text, start, stop, hint)
    return Token(kind, SPELLINGS.get(spelled, spelled), start, stop)


def _problem(kind: str, spelled: str) -> tuple[str, str]:
    """Return the problem and the hint of a token that is not in the language, empty for another one."""
    if kind == "based":
        problem = "a number must be decimal, got hexadecimal, octal or binary"
        return problem, f"write 0*{visible(spelled[1:], 20)} for a product"
    if kind == "imaginary":
        return "complex numbers are not supported", "add '*' before a variable j"
    if kind == "foreign":
        return f"unexpected '{spelled}'", _HINTS[spelled]
    if kind == "grouped":
        return "a number must not contain '_'", f"write {visible(spelled.replace('_', ''), 20)}"
    what, most = ("name", NAME_CHARACTERS) if kind == "name" else ("number", NUMBER_CHARACTERS)
    too_long = f"a {what} must have at most {most} characters, got {len(spelled):,}"
    return (too_long, "") if len(spelled) > most else ("", "")


def _unknown_character(text: str, place: int) -> ExpressionError:
    character = text[place]
    name = unicodedata.name(character, "control character" if ord(character) < 160 else "no name")
    alike = unicodedata.normalize("NFKC", character)
    hint = f"did you mean '{alike}'?" if alike in CHARACTERS else ""
    if character in _LOOK_ALIKES:
        hint = f"write '{_LOOK_ALIKES[character]}'"
    problem = f"character U+{ord(character):04X} ({visible(name)}) is not in the language"
    return ExpressionError(problem, text, place, place + 1, hint)


class Cursor:
    """Position in the tokens of one text, which moves forwards only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._position = 0
        self._depth = 0

    @property
    def now(self) -> Token:
        """The current token."""
        return self._tokens[self._position]

    @property
    def before(self) -> Token:
        """The token before the current one; there must be one."""
        return self._tokens[self._position - 1]

    @property
    def after(self) -> Token:
        """The token after the current one, or the last one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    def ahead(self) -> Iterator[Token]:
        """Yield the tokens from the current one to the end."""
        return itertools.islice(self._tokens, self._position, None)

    def at(self, *texts: str) -> bool:
        """Return whether the current token is a mark or a name with one of these texts."""
        return self.now.kind in ("mark", "name") and self.now.text in texts

    def take(self, *texts: str) -> Token | None:
        """Move past the current token and return it if `at(*texts)`."""
        return self.advance() if self.at(*texts) else None

    def advance(self) -> Token:
        """Move past the current token and return it."""
        self._position += 1
        return self.before

    def close(self, opening: Token) -> None:
        """Move past the ')' that belongs to the '(' `opening`. Raises ExpressionError if there is none."""
        if self.take(")"):
            return
        if self.now.kind == "end":
            name = self._tokens[self._tokens.index(opening) - 1]
            of = f" of {name.text}" if name.kind == "name" and name.stop == opening.start else ""
            self.fail(f"'('{of} is never closed", opening)
        self.unexpected()

    @contextmanager
    def nested(self, *tokens: Token) -> Iterator[None]:
        """Count one level of nesting for each of some tokens; at the end, return to the depth before."""
        depth = self._depth
        for token in tokens:
            self.deepen(token)
        yield
        self._depth = depth

    def deepen(self, token: Token) -> None:
        """Count one more level of nesting, which ends with the enclosing `nested`."""
        self._depth += 1
        if self._depth > EXPRESSION_NESTING:
            self.fail(f"more than {EXPRESSION_NESTING} levels of nesting", token)

    def fail(self, problem: str, at: Token | Node, hint: str = "") -> NoReturn:
        """Raise ExpressionError at the position of a token or a node."""
        raise ExpressionError(problem, self.text, at.start, at.stop, hint)

    def unexpected(self) -> NoReturn:
        """Raise ExpressionError for the current token, which fits no rule."""
        token = self.now
        is_operand = token.kind in ("number", "name") and self._position
        problem = f"unexpected '{self.text[token.start : token.stop]}'"
        if token.kind == "end":
            problem, hint = "the expression is incomplete", "add a number or a name"
        elif token.text == ",":
            problem, hint = "',' outside a function's arguments", "use '.' in decimals: 0.5"
        elif token.text == ")":
            problem, hint = "')' without a '('", "remove it"
        elif is_operand and self.before.text == ")":
            hint = "add '*' before it"
        elif is_operand and self.before.kind != "mark":
            hint = "add an operator before it, such as '*'"
        else:
            hint = "a number or a name is expected here"
        self.fail(problem, token, hint)
