"""Specs: the fields of each kind of figure and the checks between them, one kind a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradviz.errors import SpecError, did_you_mean, visible
from gradviz.registry import Registry
from gradviz.specs.spec import Spec

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.descent import Descent
    from gradviz.specs.pairs import Pairs
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.steps import Steps
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface
    from gradviz.specs.tangent import Tangent

# Each in the module of its own name, imported when it is asked for: a picture waits for its own kind only.
_CLASSES = ("Tangent", "Surface", "Contour", "Quiver", "Stream", "Descent", "Steps", "Pairs")


KINDS: Registry[type[Spec]] = Registry(
    "gradviz.specs", {name.lower(): f"{name.lower()}.{name}" for name in _CLASSES}, make=lambda kind: kind
)
"""The classes of figures by the names of their kinds."""


def __getattr__(name: str) -> Any:
    if name not in _CLASSES:
        raise AttributeError(f"module 'gradviz.specs' has no attribute '{name}'")
    return KINDS[name.lower()]


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
    "Pairs",
    "Quiver",
    "Spec",
    "Steps",
    "Stream",
    "Surface",
    "Tangent",
    "kind_of",
    "spec_from",
]
