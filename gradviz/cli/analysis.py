"""Checked gradients and critical points for the commands `check` and `critical`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus import critical_points
from gradviz.calculus.checking import Check, check_gradient
from gradviz.calculus.critical import CriticalPoints
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.sampling.fields import field_of, gradient_of
from gradviz.sampling.steps import checked_points
from gradviz.specs import Steps
from gradviz.userfunc import field_of_points, user_gradient

if TYPE_CHECKING:
    from gradviz.cli.checks import Claim


def checked(spec: Steps, parts: Claim | None, tolerance: float | None) -> tuple[Check, ScalarField]:
    """Return the result of the check at the points of a spec, and the function."""
    field, points = field_of(spec), checked_points(spec)
    own = gradient_of(spec, field)
    found = check_gradient(
        field, points, method=own.method, step=own.step, scale=own.scale,
        expected=None if parts is None else _claimed(parts, points), tolerance=tolerance,
    )  # fmt: skip
    return found, field


def _claimed(parts: Claim, points: Floats) -> Callable[[Floats], Floats]:
    """Return the claim as a function of points (N, D) -> (N, D), such as these."""
    if isinstance(parts, FunctionOfFile):
        return user_gradient(parts, points)

    fields = [Field(part) for part in parts]
    return lambda points: np.stack([field(points) for field in fields], axis=-1)


def searched(function: Expression | FunctionOfFile, ranges: list[tuple[float, float]]) -> CriticalPoints:
    """Return the critical points of a function in ranges."""
    if isinstance(function, FunctionOfFile):
        return critical_points(field_of_points(function, ranges), ranges)
    return critical_points(Field(function), ranges)
