"""Checked gradients and critical points for the commands `check` and `critical`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.calculus import critical_points
from gradviz.calculus.checking import Check, check_gradient
from gradviz.calculus.critical import CriticalPoints
from gradviz.calculus.pieces import points_beside_boundaries
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.sampling.fields import field_of, gradient_of
from gradviz.sampling.steps import checked_points, more_points
from gradviz.specs import Steps
from gradviz.userfunc import field_of_points, user_gradient

if TYPE_CHECKING:
    from gradviz.cli.checks import Claim


def checked(spec: Steps, parts: Claim | None, tolerance: float | None) -> tuple[Check, ScalarField]:
    """Return the result of the check at the points of a spec, and the function."""
    field, points = field_of(spec), checked_points(spec)
    own = gradient_of(spec, field)
    how: dict[str, Any] = {"method": own.method, "step": own.step, "scale": own.scale, "tolerance": tolerance}
    if parts is None or isinstance(parts, FunctionOfFile):
        claim = None if parts is None else user_gradient(parts, points)
        return check_gradient(field, points, expected=claim, **how), field
    claims = [Field(part) for part in parts]
    found = check_gradient(field, points, expected=claims, **how)
    if found.ok:  # also where a claim may be wrong in a small part of the range
        points = np.concatenate((more_points(spec), points_beside_boundaries(parts, points)))
        finer = check_gradient(field, points, expected=claims, **how)
        found = finer if any(finer.wrong) else found
    return found, field


def searched(function: Expression | FunctionOfFile, ranges: list[tuple[float, float]]) -> CriticalPoints:
    """Return the critical points of a function in ranges."""
    if isinstance(function, FunctionOfFile):
        return critical_points(field_of_points(function, ranges), ranges)
    return critical_points(Field(function), ranges)
