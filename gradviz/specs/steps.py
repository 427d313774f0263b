"""The error of central differences against their step: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz import limits
from gradviz.errors import Message
from gradviz.specs.problem import fault
from gradviz.specs.spec import Spec, Traits, Unused

_DEFAULT_POINTS = 201  # points along the axis of one variable
_MAX_DEFAULT_COUNT = 25  # points along an axis of more than one
_MESH_POINTS = 5_000  # number of points of the default mesh


def _default_count(spec: Steps) -> int:
    """Return the number of points along each axis: fewer in more dimensions, where a mesh grows."""
    dimension = len(spec.reading.variables)
    fitting = int(_MESH_POINTS ** (1 / dimension))
    return _DEFAULT_POINTS if dimension == 1 else max(2, min(_MAX_DEFAULT_COUNT, fitting))


def _check_logarithms(spec: Steps) -> None:
    for name in ("xlim", "ylim", "xticks", "yticks"):
        if (numbers := getattr(spec, name)) and min(numbers) <= 0:
            raise fault(name, "the axes are logarithmic, so all of this is above 0")


class Steps(Spec):
    """Central-difference error against the step."""

    traits: ClassVar[Traits] = Traits(
        dimension=1,
        max_variables=limits.VARIABLES,
        default_samples=_default_count,
        max_points=limits.CHECKED_POINTS,
        check=_check_logarithms,
        unused=(Unused(("cmap",), lambda spec: True, Message("on curves")),),
        always_used=("step",),  # it is marked whatever the method
    )

    kind: Literal["steps"] = "steps"
