"""The heading of a page: the title of a user, or the formula as MathML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from gradviz.errors import visible
from gradviz.language.reading import FunctionOfFile
from gradviz.printing import typeset
from gradviz.printing.mathml import mathml

if TYPE_CHECKING:
    from gradviz.specs import Spec

_LONGEST = 1_500  # characters of mathtext
_CHARACTERS = 300  # of an expression as it was typed, where it is not typeset


def heading(spec: Spec) -> str:
    """Return the heading of a picture as HTML: the user's title as it is, or the function, typeset.

    Between the terms of a sum a line may end.
    """
    if spec.title is not None:
        return html.escape(spec.title)
    reading = spec.reading
    if isinstance(reading, FunctionOfFile):
        return html.escape(_plainly(spec))
    pieces = typeset.terms(reading.tree)
    if sum(map(len, pieces)) > _LONGEST:
        return html.escape(_plainly(spec))
    left = f"f({', '.join(map(typeset.name, reading.variables))}) ="
    lines = ["<wbr>".join(map(mathml, (left, *pieces)))]
    if reading.region is not None:
        region = typeset.mathtext(reading.region.tree)
        if len(region) <= _LONGEST:
            lines.append(mathml(rf"\mathrm{{where}}\;{region}"))
    if reading.parameters:
        values = [
            f"{typeset.name(name)} = {typeset.number(value)}" for name, value in reading.parameters.items()
        ]
        lines.append(mathml(r"\mathrm{with}\;" + r",\;".join(values)))
    return "<br>".join(lines)


def _plainly(spec: Spec) -> str:
    """Return the function as it was typed."""
    variables = ", ".join(map(typeset.plain_name, spec.reading.variables))
    return f"f({variables}) = {visible(spec.reading.text, _CHARACTERS)}"
