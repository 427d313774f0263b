"""Samples of constraints: their curves, and the extrema on them with the gradients there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.constrained import ConstrainedPoint, constrained_points
from gradviz.errors import Message, visible
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.implicit import Curve, curve_of
from gradviz.sampling.samples import Samples
from gradviz.sampling.values import box_of, gradient_results, gradient_warnings, gradients_at
from gradviz.specs.names import constraints_of

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.surface import Surface

_CHARACTERS = 60  # maximum length of an equation in a message


@dataclass(frozen=True, eq=False)
class Constraint:
    """A constraint of a figure, with the extrema of the function on it."""

    curve: Curve
    points: tuple[ConstrainedPoint, ...]
    gradients: Floats
    """The gradients (K, 2) of the function at the points."""
    normals: Floats
    """The gradients (K, 2) of the constraint at the points."""
    warnings: tuple[Message, ...]

    @property
    def plain(self) -> dict[str, object]:
        """The constraint as a result of a figure."""
        return {**self.curve.plain, "points": [asdict(point) for point in self.points]}


@np.errstate(all="ignore")
def sample_constraints(spec: Contour | Surface, field: ScalarField) -> tuple[Constraint, ...]:
    """Return the constraints of a spec, each on its own, with the extrema of a field on it."""
    found = []
    for reading in constraints_of(spec):
        one = Field(reading)
        curve = curve_of(spec, one, reading.equations[0], reading.text)
        result = constrained_points(field, [one], box_of(spec).T.tolist())
        at = np.array([point.at for point in result.points]).reshape(-1, 2)
        notes = [*result.notes, result.summary] if curve.lines else []
        warnings = [Message(f"{visible(reading.text, _CHARACTERS)}: {note}") for note in notes]
        slopes = field.gradient(at), one.gradient(at)
        found.append(Constraint(curve, result.points, *slopes, (*curve.warnings, *warnings)))
    return tuple(found)


def with_points(spec: Contour | Surface, samples: Samples) -> Samples:
    """Add the gradients at points and the constraints of a figure to the samples of its mesh."""
    field = samples.evaluated.field
    gradients, constraints = gradients_at(spec, field), sample_constraints(spec, field)
    warnings = (
        *samples.own_warnings, *gradient_warnings(spec, gradients),
        *(warning for one in constraints for warning in one.warnings),
    )  # fmt: skip
    results = {**gradient_results(gradients), **constraint_results(constraints)}
    return replace(
        samples, own_warnings=warnings, gradients=gradients, constraints=constraints, results=results
    )


def constraint_results(constraints: Sequence[Constraint]) -> dict[str, object]:
    """Return the constraints as results of a figure."""
    return {"constraints": [one.plain for one in constraints]} if constraints else {}
