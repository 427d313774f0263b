"""Formulas as MathML, which browsers typeset by themselves: the mathtext of `typeset` in other words."""

from __future__ import annotations

import html
import re

from gradviz.language.tables import GREEK

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9.]+|\S")
_SIGNS = {
    "cdot": "\N{DOT OPERATOR}", "leq": "\N{LESS-THAN OR EQUAL TO}", "geq": "\N{GREATER-THAN OR EQUAL TO}",
    "neq": "\N{NOT EQUAL TO}", "lfloor": "\N{LEFT FLOOR}", "rfloor": "\N{RIGHT FLOOR}",
    "lceil": "\N{LEFT CEILING}", "rceil": "\N{RIGHT CEILING}", "-": "\N{MINUS SIGN}",
}  # fmt: skip
_SPACES = {r"\;": 0.28, r"\,": 0.17}  # of the height of letters
_LETTERS = {name: letter for letter, name in GREEK.items()}


def mathml(text: str) -> str:
    """Return a formula in mathtext, as `typeset` writes it, as a MathML element.

    >>> mathml("x_{0}^{2}")
    '<math displaystyle="true"><msubsup><mi>x</mi><mn>0</mn><mn>2</mn></msubsup></math>'
    """
    tokens = _TOKEN.findall(text)[::-1]  # the next one is the last
    row = _row(tokens, None)
    sign = re.sub(r"^<mo>", '<mo form="infix">', row) if text[:2] in ("+ ", "- ") else row
    return f'<math displaystyle="true">{sign}</math>'


def _row(tokens: list[str], stop: str | None) -> str:
    """Return what stands before a token, which is taken, too."""
    found: list[str] = []
    while tokens and tokens[-1] != stop:
        piece = _scripted(tokens)
        if found and found[-1].endswith("</mo>") and piece == _sign("-"):
            piece = piece.replace("<mo>", '<mo form="prefix">')  # a browser would put spaces around it
        found.append(piece)
    if tokens:
        tokens.pop()
    return "".join(found)


def _scripted(tokens: list[str]) -> str:
    """Return the next piece with what is lowered and raised behind it."""
    base, scripts = _piece(tokens), {}
    while tokens and tokens[-1] in "_^":
        place = tokens.pop()
        scripts[place] = _argument(tokens)
    match scripts:
        case {"_": low, "^": high}:
            return f"<msubsup>{base}{low}{high}</msubsup>"
        case {"_": low}:
            return f"<msub>{base}{low}</msub>"
        case {"^": high}:
            return f"<msup>{base}{high}</msup>"
    return base


def _argument(tokens: list[str]) -> str:
    """Return the next piece as one element."""
    if tokens[-1] != "{":
        return _piece(tokens)
    tokens.pop()
    inside = _row(tokens, "}")
    return inside if re.fullmatch(r"<m[in]>[^<]*</m[in]>", inside) else f"<mrow>{inside}</mrow>"


def _piece(tokens: list[str]) -> str:
    """Return the next element."""
    piece = tokens.pop()
    if piece == "{":
        return f"<mrow>{_row(tokens, '}')}</mrow>"
    if piece in _SPACES:
        return f'<mspace width="{_SPACES[piece]}em"></mspace>'
    if piece.startswith("\\") and len(piece) > 2:
        return _command(piece[1:], tokens)
    if piece[0].isdigit():
        return f"<mn>{piece}</mn>"
    return f"<mi>{piece}</mi>" if piece.isalpha() else _sign(piece.removeprefix("\\"))


def _command(name: str, tokens: list[str]) -> str:
    match name:
        case "frac":
            return f"<mfrac>{_argument(tokens)}{_argument(tokens)}</mfrac>"
        case "sqrt":
            return _root(tokens)
        case "left":
            left = _sign(tokens.pop().removeprefix("\\"))
            inside = _row(tokens, r"\right")
            return f"<mrow>{left}{inside}{_sign(tokens.pop().removeprefix(chr(92)))}</mrow>"
        case "mathrm":
            tokens.pop()
            word = ""
            while (letter := tokens.pop()) != "}":
                word += letter.removeprefix("\\")
            return f'<mi mathvariant="normal">{html.escape(word)}</mi>'
    return _sign(name) if name in _SIGNS else f"<mi>{_LETTERS.get(name, name)}</mi>"


def _root(tokens: list[str]) -> str:
    if tokens[-1] != "[":
        return f"<msqrt>{_argument(tokens)}</msqrt>"
    tokens.pop()
    degree = _row(tokens, "]")
    return f"<mroot>{_argument(tokens)}<mrow>{degree}</mrow></mroot>"


def _sign(text: str) -> str:
    return f"<mo>{html.escape(_SIGNS.get(text, text))}</mo>"
