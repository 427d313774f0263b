"""Printer of MathML, which browsers typeset without a script."""

from __future__ import annotations

import re

from gradviz.printing.typesetting import GREEK_LETTERS, Typesetter

_MINUS = '<mo form="prefix">−</mo>'


def math(row: str) -> str:
    """Return a row of MathML elements as a formula.

    >>> math(MATHML.name("x0"))
    '<math displaystyle="true"><msub><mi>x</mi><mn>0</mn></msub></math>'
    """
    return f'<math displaystyle="true">{row}</math>'


def _single(row: str) -> str:
    """Return a row as one element."""
    return row if re.fullmatch(r"<m[in]>[^<]*</m[in]>", row) else f"<mrow>{row}</mrow>"


def _letters(text: str) -> str:
    """Return numbers, and each letter by itself: browsers set a name of several letters upright."""
    text = re.sub(r"([0-9.]+)|[A-Za-z]", lambda m: f"<mn>{m[0]}</mn>" if m[1] else f"<mi>{m[0]}</mi>", text)
    return text.replace("-", _MINUS)


def _superscript(base: str, exponent: str) -> str:
    if base.startswith("<msub>"):  # an index and an exponent stand above each other
        return f"<msubsup>{base[len('<msub>') : -len('</msub>')]}{_single(exponent)}</msubsup>"
    return f"<msup>{base}{_single(exponent)}</msup>"


# Plus and minus state their form, since browsers space them by it and would guess it from the row.
MATHML = Typesetter(
    signs={
        "(": "<mrow><mo>(</mo>", ")": "<mo>)</mo></mrow>",
        "abs": "<mrow><mo>|</mo>", "/abs": "<mo>|</mo></mrow>",
        "floor": "<mrow><mo>⌊</mo>", "/floor": "<mo>⌋</mo></mrow>",
        "ceil": "<mrow><mo>⌈</mo>", "/ceil": "<mo>⌉</mo></mrow>",
        "lt": "<mo>&lt;</mo>", "le": "<mo>≤</mo>", "gt": "<mo>&gt;</mo>", "ge": "<mo>≥</mo>",
        "eq": "<mo>=</mo>", "ne": "<mo>≠</mo>",
        "+": '<mo form="infix">+</mo>', "-": '<mo form="infix">−</mo>', "neg": _MINUS,
        "dot": "<mo>⋅</mo>", " ": "",
        **dict.fromkeys(("thin", "leaves"), '<mspace width="0.17em"></mspace>'),
        "thick": '<mspace width="0.28em"></mspace>',
        ",": "<mo>,</mo>", ";": '<mo>,</mo><mspace width="0.28em"></mspace>',
    },
    letters=_letters,
    symbol=lambda name: f"<mi>{GREEK_LETTERS.get(name, name)}</mi>",
    word='<mi mathvariant="normal">{}</mi>'.format,
    subscript=lambda base, index: f"<msub>{base}{_single(index)}</msub>",
    superscript=_superscript,
    fraction=lambda top, bottom: f"<mfrac>{_single(top)}{_single(bottom)}</mfrac>",
    root=lambda radicand, degree: (
        f"<mroot>{_single(radicand)}{degree}</mroot>" if degree else f"<msqrt>{_single(radicand)}</msqrt>"
    ),
)  # fmt: skip
