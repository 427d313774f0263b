"""Figures: what all kinds share, then one kind a file. A new kind is one file and one line in `KINDS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradviz.errors import SpecError, did_you_mean, visible
from gradviz.figures.contour import Contour
from gradviz.figures.descent import Descent
from gradviz.figures.quiver import Quiver
from gradviz.figures.spec import Spec
from gradviz.figures.steps import Steps
from gradviz.figures.stream import Stream
from gradviz.figures.surface import Surface
from gradviz.figures.tangent import Tangent

KINDS: Mapping[str, type[Spec]] = {
    "tangent": Tangent,
    "surface": Surface,
    "contour": Contour,
    "quiver": Quiver,
    "stream": Stream,
    "descent": Descent,
    "steps": Steps,
}


def kind_of(fields: Mapping[str, Any]) -> type[Spec]:
    """Return the class of the kind that plain data names. Raises SpecError if there is none."""
    kind = fields.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        choices = ", ".join(KINDS)
        if kind is None:
            raise SpecError([((), f"no kind is given; write kind: and one of {choices}")])
        hint = did_you_mean(str(kind), KINDS) or f"write one of {choices}"
        raise SpecError([(("kind",), f"there is no kind of figure '{visible(str(kind))}'; {hint}")])
    return KINDS[kind]


def spec_from(fields: Mapping[str, Any]) -> Spec:
    """Return the spec that plain data stands for. Raises SpecError or ExpressionError."""
    return kind_of(fields)(**fields)


__all__ = [
    "KINDS",
    "Contour",
    "Descent",
    "Quiver",
    "Spec",
    "Steps",
    "Stream",
    "Surface",
    "Tangent",
    "kind_of",
    "spec_from",
]
