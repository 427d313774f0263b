"""Heading of a page: the user's title, or the formula as MathML."""

from __future__ import annotations

import html
import re

from gradviz.errors import visible
from gradviz.language.reading import Expression
from gradviz.printing.mathml import MATHML, math
from gradviz.printing.mathtext import MATHTEXT
from gradviz.printing.typesetting import plain_name
from gradviz.scene.scene import Scene

_MAX_FORMULA = 1_500  # longest formula that is typeset, in characters of mathtext
_MAX_TEXT = 300  # longest expression that is printed whole as typed, in characters


def heading(scene: Scene) -> str:
    """Return the heading as HTML: the user's title as typed, or the formula with its region and parameters.

    A line of the formula may break between the terms of a sum.
    """
    reading = None if scene.source is None else scene.source.expression
    if scene.title is not None and scene.title.own is not None:
        return html.escape(scene.title.own)
    if reading is None:
        left, equals, right = scene.name.partition(" = ")
        return html.escape(re.sub(r"\w+", lambda name: plain_name(name[0]), left) + equals + right)
    if sum(map(len, MATHTEXT.terms(reading.tree))) > _MAX_FORMULA:
        return html.escape(_as_typed(reading))
    signs, word = MATHML.signs, MATHML.word
    variables = MATHML.parenthesized(signs[","].join(map(MATHML.name, reading.variables)))
    formula = (f"{MATHML.letters('f')}{variables}{signs['eq']}", *MATHML.terms(reading.tree))
    lines = ["<wbr>".join(map(math, formula))]
    if reading.region is not None and len(MATHTEXT.text(reading.region.tree)) <= _MAX_FORMULA:
        lines.append(math(word("where") + signs["thick"] + MATHML.text(reading.region.tree)))
    if reading.parameters:
        values = [
            MATHML.name(name) + signs["eq"] + MATHML.number(value)
            for name, value in reading.parameters.items()
        ]
        lines.append(math(word("with") + signs["thick"] + signs[";"].join(values)))
    return "<br>".join(lines)


def _as_typed(reading: Expression) -> str:
    """Return the function as plain text, as it was typed."""
    variables = ", ".join(map(plain_name, reading.variables))
    return f"f({variables}) = {visible(reading.text, _MAX_TEXT)}"
