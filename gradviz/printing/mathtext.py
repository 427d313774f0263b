"""Printer of mathtext, Matplotlib's subset of TeX, without the dollar signs."""

from __future__ import annotations

import re

from gradviz.printing.typesetting import Typesetter

MATHTEXT = Typesetter(
    signs={
        "(": r"\left(", ")": r"\right)", "abs": r"\left|", "/abs": r"\right|",
        "floor": r"\left\lfloor ", "/floor": r"\right\rfloor",
        "ceil": r"\left\lceil ", "/ceil": r"\right\rceil",
        "lt": " < ", "le": r" \leq ", "gt": " > ", "ge": r" \geq ", "eq": " = ", "ne": r" \neq ",
        "+": "+ ", "-": "- ", "neg": "-", "dot": r" \cdot ", " ": " ", "thin": r"\,", "leaves": r"\, ",
        "thick": r"\;", ",": ", ", ";": r",\;",
    },
    letters=str,
    symbol="\\{}".format,
    word=lambda text: rf"\mathrm{{{text}}}".replace("_", r"\_"),
    subscript="{}_{{{}}}".format,
    superscript="{}^{{{}}}".format,
    fraction=r"\frac{{{}}}{{{}}}".format,
    root=lambda radicand, degree: rf"\sqrt[{degree}]{{{radicand}}}" if degree else rf"\sqrt{{{radicand}}}",
)  # fmt: skip


def displayed(text: str) -> str:
    """Return mathtext with its outermost fractions in full size and unsized bars around flat arguments.

    Matplotlib draws sized bars too short around a flat argument: they look like those of floor or ceil.
    """
    text = re.sub(r"\\left\|((?:(?!\\left|\\right|\\frac).)*)\\right\|", r"|\1|", text)
    depth = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal depth
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        return r"\dfrac" if match[0] == r"\frac" and depth == 0 else match[0]

    return re.sub(r"\\frac|[{}]", replaced, text)
