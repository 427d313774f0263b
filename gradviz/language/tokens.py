"""Tokens of an expression, each with its position in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gradviz.errors import ExpressionError, visible
from gradviz.language.tables import CHARACTERS, GREEK, SPELLINGS, SUBSCRIPTS, SUPERSCRIPTS
from gradviz.limits import EXPRESSION_CHARACTERS, NAME_CHARACTERS, NUMBER_CHARACTERS

_GREEK = "".join(GREEK)
_DIGITS = "".join(SUBSCRIPTS)
_TOKEN = re.compile(
    rf"""(?P<blank>[ \t\n]+)
    |(?P<based>0[xXoObB][0-9A-Fa-f]+)
    |(?P<imaginary>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[jJ](?![A-Za-z0-9_]))
    |(?P<grouped>[0-9]+(?:_[0-9]+)+)
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<name>(?:[A-Za-z_][A-Za-z0-9_]*|[{_GREEK}](?:_?[0-9]+)?)[{_DIGITS}]*)
    |(?P<raised>⁻?[{"".join(SUPERSCRIPTS).replace("⁻", "")}]+)
    |(?P<foreign>=>|=<|<>|->|===|&&|\|\|)
    |(?P<mark>\*\*|//|<=|>=|==|!=|[-+*/%^<>(),√·×÷−≤≥≠])""",
    re.VERBOSE,
)
_WAYS_OUT = {
    "=": "write the right-hand side only; use == to compare",
    "!": "factorials are not supported",
    "|": "use abs( ) for absolute values, 'or' for conditions",
    "&": "write 'and'",
    "~": "write 'not'",
    ".": "a decimal point must be next to a digit",
    "[": "write ( )",
    "]": "write ( )",
    "{": "write ( )",
    "}": "write ( )",
    "?": "write a if c else b",
    ":": "write a if c else b",
    "'": "remove the quotes",
    '"': "remove the quotes",
    ";": "write one expression only",
    "#": "comments are not supported",
    "$": "use plain text, not TeX",
    "\\": "use plain text, not TeX",
}
_FOREIGN_MARKS = {
    "=>": "write >=", "=<": "write <=", "<>": "write !=", "===": "write ==", "&&": "write 'and'",
    "||": "write 'or'", "->": "use - or >",
}  # fmt: skip
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
    """Split a text into tokens, the last one of kind `end`.

    Raises ExpressionError if the text is empty or too long, for characters and tokens that are not in the
    language, and for names and numbers that are too long.
    """
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
            hint = _WAYS_OUT.get(text[place], "not in the language")
            raise ExpressionError(f"unexpected '{text[place]}'", text, place, place + 1, hint)
        place = match.end()
        if match.lastgroup != "blank":
            tokens.append(_token(text, match))
    if not tokens:
        raise ExpressionError("the expression is empty", text, 0, 1, "write one such as x0*x1")
    return [*tokens, Token("end", "", len(text.rstrip()), len(text.rstrip()) + 1)]


def _token(text: str, match: re.Match[str]) -> Token:
    kind, spelled, (start, stop) = match.lastgroup or "", match.group(), match.span()
    if kind == "based":
        problem = "a number must be decimal, got hexadecimal, octal or binary"
        raise ExpressionError(problem, text, start, stop, f"write 0*{visible(spelled[1:], 20)} for a product")
    if kind == "imaginary":
        raise ExpressionError(
            "complex numbers are not supported", text, start, stop, "add '*' before a variable j"
        )
    if kind == "foreign":
        raise ExpressionError(f"unexpected '{spelled}'", text, start, stop, _FOREIGN_MARKS[spelled])
    if kind == "grouped":
        hint = f"write {visible(spelled.replace('_', ''), 20)}"
        raise ExpressionError("a number must not contain '_'", text, start, stop, hint)
    if kind == "number" and len(spelled) > NUMBER_CHARACTERS:
        problem = f"a number must have at most {NUMBER_CHARACTERS} characters, got {len(spelled):,}"
        raise ExpressionError(problem, text, start, stop)
    if kind == "name":
        spelled = "".join(GREEK.get(c) or SUBSCRIPTS.get(c, c) for c in spelled)
        if len(spelled) > NAME_CHARACTERS:
            problem = f"a name must have at most {NAME_CHARACTERS} characters, got {len(spelled):,}"
            raise ExpressionError(problem, text, start, stop)
    if kind == "raised":
        spelled = "".join(SUPERSCRIPTS[c] for c in spelled)
        if len(spelled) > NUMBER_CHARACTERS:
            problem = f"a number must have at most {NUMBER_CHARACTERS} characters, got {len(spelled):,}"
            raise ExpressionError(problem, text, start, stop)
    return Token(kind, SPELLINGS.get(spelled, spelled), start, stop)


def _unknown_character(text: str, place: int) -> ExpressionError:
    character = text[place]
    name = unicodedata.name(character, "control character" if ord(character) < 160 else "no name")
    alike = unicodedata.normalize("NFKC", character)
    hint = f"did you mean '{alike}'?" if alike in CHARACTERS else ""
    if character in _LOOK_ALIKES:
        hint = f"write '{_LOOK_ALIKES[character]}'"
    problem = f"character U+{ord(character):04X} ({visible(name)}) is not in the language"
    return ExpressionError(problem, text, place, place + 1, hint)
