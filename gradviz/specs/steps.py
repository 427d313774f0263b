"""The error of central differences against their step: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import Message, SpecError
from gradviz.specs.spec import Spec
from gradviz.specs.traits import Traits, Unused

_DEFAULT_POINTS = 201  # points along the axis of one variable
_MAX_DEFAULT_COUNT = 25  # points along an axis of more than one
_MESH_POINTS = 5_000  # number of points of the default mesh


def _default_count(spec: Steps) -> int:
    """Return the number of points along each axis: fewer in more dimensions, where a mesh grows."""
    dimension = len(spec.reading.variables)
    fitting = int(_MESH_POINTS ** (1 / dimension))
    return _DEFAULT_POINTS if dimension == 1 else max(2, min(_MAX_DEFAULT_COUNT, fitting))


class Steps(Spec):
    """Central-difference error against the step."""

    traits: ClassVar[Traits] = Traits(
        dimension=1,
        max_variables=limits.VARIABLES,
        default_samples=_default_count,
        max_points=limits.CHECKED_POINTS,
        unused=(Unused(("cmap",), lambda spec: True, Message("on curves")),),
        always_used=("step",),  # it is marked whatever the method
    )

    kind: Literal["steps"] = "steps"

    @model_validator(mode="after")
    def _check_logarithms(self) -> Self:
        for name, ends in (
            ("xlim", self.xlim), ("ylim", self.ylim), ("xticks", self.xticks), ("yticks", self.yticks)
        ):  # fmt: skip
            if ends and min(ends) <= 0:
                raise SpecError([((name,), "the axes are logarithmic, so all of this is above 0")])
        return self
