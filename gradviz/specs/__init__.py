"""Specs: the fields of each kind of figure and the checks between them, one kind a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradviz.errors import SpecError, did_you_mean, visible
from gradviz.registry import Registry
from gradviz.specs.problem import fault
from gradviz.specs.spec import Spec

_KINDS = ("Tangent", "Surface", "Contour", "Quiver", "Stream", "Descent", "Steps", "Pairs")

# A kind is imported when it is asked for: a picture waits for its own kind only.
KINDS: Registry[type[Spec]] = Registry(
    "gradviz.specs", {name.lower(): f"{name.lower()}.{name}" for name in _KINDS}, make=lambda kind: kind
)
"""The classes of figures by the names of their kinds."""


def kind_of(fields: Mapping[str, Any]) -> type[Spec]:
    """Return the class of the kind that plain data names. Raises SpecError if there is none."""
    kind = fields.get("kind")
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind]
    choices = ", ".join(KINDS)
    if kind is None:
        raise SpecError([((), f"no kind is given; write kind: and one of {choices}")])
    hint = did_you_mean(str(kind), KINDS) or f"write one of {choices}"
    raise fault("kind", f"there is no kind of figure '{visible(str(kind))}'; {hint}")


def spec_from(fields: Mapping[str, Any]) -> Spec:
    """Return the spec that plain data stands for. Raises SpecError or ExpressionError."""
    return kind_of(fields)(**fields)


__all__ = ["KINDS", "Spec", "kind_of", "spec_from"]
