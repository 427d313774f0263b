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
from gradviz.language.hints import (
    CHARACTER_HINTS,
    character_hint,
    command_hint,
    operator_hint,
    unexpected_hint,
)
from gradviz.language.tables import (
    BRACKETS,
    CHARACTERS,
    FRACTIONS,
    GREEK,
    SPELLINGS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    is_variable,
)
from gradviz.language.tex import BLANKS, MARKS, is_tex, word
from gradviz.language.tree import Node
from gradviz.limits import EXPRESSION_CHARACTERS, EXPRESSION_NESTING, NAME_CHARACTERS, NUMBER_CHARACTERS

_GREEK = "".join(GREEK)
_DIGITS = "".join(SUBSCRIPTS)
_MODULES = (
    "np", "numpy", "math", "torch", "jnp", "jax.numpy", "jax.nn", "jax.scipy.special", "torch.special",
    "torch.nn.functional", "F", "nn", "sympy", "sp", "scipy.special", "special", "cmath", "tf", "tf.math",
    "tf.nn", "np.linalg", "numpy.linalg", "torch.linalg", "jnp.linalg", "cupy", "cp", "autograd.numpy",
    "anp", "Math",
)  # fmt: skip
"""Modules whose name may come before a function of the language."""
_INDEX = r"_\{[ ]*[A-Za-z0-9]+[ ]*\}"
_UPRIGHT = (
    r"\\(?:operatorname\*?|mathrm|mathit|mathbf|mathsf|mathcal|mathbb|mathop|boldsymbol|text|textrm|mbox)[ ]*"
)
_BAR = r"(?:\||\\[lr]?vert(?![A-Za-z]))"
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\n]+)
    |(?P<based>0[xXoObB][0-9A-Fa-f]+)
    |(?P<grouped>[0-9]+(?:_[0-9]+)+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?P<imaginary>[jJ](?![A-Za-z0-9_]))?
    |(?P<name>(?:(?:{"|".join(map(re.escape, sorted(_MODULES, key=len, reverse=True)))})\.(?=[A-Za-z]))?
        (?:[A-Za-z]{_INDEX}|[A-Za-z_][A-Za-z0-9_]*|[{_GREEK}](?:_?[0-9]+|{_INDEX})?)[{_DIGITS}]*)
    |(?P<upright>{_UPRIGHT}\{{[ ]*[A-Za-z][A-Za-z0-9_]*[ ]*\}})
    |(?P<fence>\\(?:left|right)[ ]*(?:[()\[\].]|\\[{{}}]|{_BAR}))
    |(?P<command>\\(?:[A-Za-z]+(?:{_INDEX}|_[A-Za-z0-9])?|[^A-Za-z]))
    |(?P<index>\[[ ]*(?:(?:\.\.\.|:)[ ]*,[ ]*)?[0-9]+[ ]*\])
    |(?P<raised>⁻?[{"".join(SUPERSCRIPTS).replace("⁻", "")}]+)
    |(?P<fraction>[{"".join(FRACTIONS)}])
    |(?P<foreign>=>|=<|<>|->|===|&&|\|\|)
    |(?P<mark>\*\*|//|<=|>=|==|!=|:=|[-+*/%^<>(),√∛⌊⌋⌈⌉·×÷−≤≥≠⋅∗=:;|\[\]{{}}])""",
    re.VERBOSE,
)
# Characters typed or pasted for one of the language that is likely, but not certain, to be meant.
_LOOK_ALIKES = {
    **dict.fromkeys("‐‑‒–—―﹘", "-"), **dict.fromkeys("•∙⨯✕", "*"), **dict.fromkeys("∕⁄", "/"), "ˆ": "^",
    "⩽": "<=", "⩾": ">=", "∧": "and", "∨": "or", "¬": "not",
}  # fmt: skip
_OTHER_MEANINGS = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>", "<vertical>")
"""Compatibility decompositions of characters with another meaning than their plain ones: xⁿ is not xn."""


@dataclass(frozen=True)
class Token:
    """Token: its kind (number, name, raised, fraction, index, mark, end), spelling and position."""

    kind: str
    text: str
    start: int
    stop: int


def plain_text(text: str) -> str:
    """Return a text of the same length with full-width and styled characters as plain ones (NFKC)."""
    return text if text.isascii() else "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if character in CHARACTERS or unicodedata.decomposition(character).startswith(_OTHER_MEANINGS):
        return character
    alike = unicodedata.normalize("NFKC", character)
    return alike if alike in CHARACTERS else character


def tokenize(text: str) -> list[Token]:
    """Split a text into tokens, the last one of kind `end`. Raises ExpressionError."""
    if len(text) > EXPRESSION_CHARACTERS:
        problem = f"an expression must have at most {EXPRESSION_CHARACTERS:,} characters, got {len(text):,}"
        raise ExpressionError(problem, text, EXPRESSION_CHARACTERS, len(text), "shorten it from here on")
    plain = plain_text(text)
    for place, character in enumerate(plain):
        if character not in CHARACTERS:
            raise _unknown_character(text, place)
    tokens: list[Token] = []
    place, is_latex = 0, is_tex(plain)
    while place < len(plain):
        match = _TOKEN.match(plain, place)
        if match is None and is_latex and plain[place] == "$":
            place += 1
            continue
        if match is None:
            hint = character_hint(plain, place)
            raise ExpressionError(f"unexpected '{plain[place]}'", text, place, place + 1, hint)
        place = match.end()
        tokens += _tokens(text, match, is_latex=is_latex)
    if not tokens:
        raise ExpressionError("the expression is empty", text, 0, 1, "write one such as x0*x1")
    return [*tokens, Token("end", "", len(text.rstrip()), len(text.rstrip()) + 1)]


def _tokens(text: str, match: re.Match[str], *, is_latex: bool) -> Iterator[Token]:
    """Yield the tokens of a match: none of a blank, several of a command with an index."""
    kind, spelled, (start, stop) = match.lastgroup or "", match.group(), match.span()
    if kind == "blank":
        return
    if kind == "upright":
        kind, spelled = "name", spelled.partition("{")[2].strip(" }")
    if kind == "fence":
        is_left, bar = spelled[1] == "l", spelled[-1] in "|t"
        kind, spelled = "mark", ("lvert" if is_left else "rvert") if bar else "(" if is_left else ")"
    if kind == "command":
        yield from _command_tokens(text, spelled, start)
        return
    if kind == "name":
        spelled = _name(spelled.rpartition(".")[2], is_latex=is_latex)
    elif kind == "raised":
        spelled = "".join(SUPERSCRIPTS[c] for c in spelled)
    elif kind == "index":
        spelled = spelled.strip("[ ]").rpartition(",")[2].strip()
    problem, hint = _problem(kind, spelled, match.string, match.span())
    if problem:
        raise ExpressionError(problem, text, start, stop, hint)
    yield Token(kind, SPELLINGS.get(spelled, spelled), start, stop)


def _command_tokens(text: str, spelled: str, start: int) -> Iterator[Token]:
    """Yield the tokens of a command of LaTeX: a name with its index, an operator, or none."""
    command, bar, index = spelled[1:].partition("_") if len(spelled) > 2 else (spelled[1:], "", "")
    middle, stop, index = start + 1 + len(command), start + len(spelled), index.strip("{ }")
    if command in BLANKS:
        return
    name = "" if command in MARKS else word(command)
    if name in GREEK.values() and bar:
        yield Token("name", _joined(name, index), start, stop)
        return
    if not (name or command in MARKS):
        hint = command_hint(command)
        raise ExpressionError(f"unknown command '\\{visible(command, 20)}'", text, start, middle, hint)
    yield Token("name" if name else "mark", name or MARKS[command], start, middle)
    if bar:
        yield Token("mark", "_", middle, middle + 1)
        yield Token("number" if index.isdigit() else "name", index, middle + 1, stop)


def _name(spelled: str, *, is_latex: bool) -> str:
    """Return a name in normal spelling: x0 for x₀ and x_{0}, in LaTeX also for x_0."""
    name = "".join(GREEK.get(c) or SUBSCRIPTS.get(c, c) for c in spelled)
    stem, bar, index = name.partition("_")
    is_joined = "{" in index or (is_latex and is_variable(stem) and index.isdigit())
    return _joined(stem, index.strip("{ }")) if bar and is_joined else name


def _joined(stem: str, index: str) -> str:
    """Return the name of a variable with an index, as the language spells it: x0, x_a."""
    return f"{stem}{'' if index.isdigit() else '_'}{index}"


def _problem(kind: str, spelled: str, text: str, span: tuple[int, int]) -> tuple[str, str]:
    """Return the problem and the hint of a token that is not in the language, empty for another one."""
    if kind == "based":
        problem = "a number must be decimal, got hexadecimal, octal or binary"
        return problem, f"write 0*{visible(spelled[1:], 20)} for a product"
    if kind == "imaginary":
        return "complex numbers are not supported", f"write {visible(spelled[:-1], 20)}*j for a variable j"
    if kind == "foreign":
        return f"unexpected '{spelled}'", operator_hint(text, *span)
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
    return ExpressionError(problem, text, place, place + 1, CHARACTER_HINTS.get(character, hint))


class Cursor:
    """Position in the tokens of one text, which moves forwards only."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = plain_text(text)
        self.is_tex = is_tex(self.plain)
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
        """Move past the bracket that closes `opening`. Raises ExpressionError if there is none."""
        if self.take(BRACKETS[opening.text]):
            return
        if self.now.kind == "end":
            name = self._tokens[self._tokens.index(opening) - 1]
            of = f" of {name.text}" if name.kind == "name" and name.stop == opening.start else ""
            self.fail(f"'{self.typed(opening)}'{of} is never closed", opening)
        self.unexpected()

    def typed(self, token: Token) -> str:
        """Return a token as it was typed, in plain characters."""
        return self.plain[token.start : token.stop]

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
        problem = f"unexpected '{self.typed(token)}'"
        if token.kind == "end":
            problem = "the expression is incomplete"
        elif token.text == ",":
            problem = "',' outside a function's arguments"
        elif token.text in BRACKETS.values() and token.text not in BRACKETS:
            opening = next(bracket for bracket, closing in BRACKETS.items() if closing == token.text)
            problem = f"'{self.typed(token)}' without a '{opening}'"
        self.fail(problem, token, unexpected_hint(self.plain, self._tokens, self._position))
