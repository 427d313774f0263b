"""Checked gradients and critical points for the commands `check` and `critical`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from gradviz.calculus import critical_points
from gradviz.calculus.checking import Check, check_gradient
from gradviz.calculus.constrained import ConstrainedPoints, constrained_points
from gradviz.calculus.pieces import points_beside_boundaries
from gradviz.calculus.points import CriticalPoints
from gradviz.errors import RequestError
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression, FunctionOfFile, read_claim
from gradviz.sampling.steps import checked_points, more_points
from gradviz.sampling.values import box_of, field_of, gradient_of
from gradviz.specs.steps import Steps
from gradviz.userfunc import field_of_points, user_gradient

if TYPE_CHECKING:
    from gradviz.calculus.claims import Certificate
    from gradviz.cli.checks import Claim


_FLOOR = 1e-9  # smallest divisor of an error in a proof, relative to the largest partial derivative


def checked(
    spec: Steps, parts: Claim | None, tolerance: float | None, seconds: float | None
) -> tuple[Check, ScalarField, Certificate | None]:
    """Return the result of the check at the points of a spec, the function, and a proof in a time in s.

    A proof that the claim is right or wrong decides whether the result is ok.
    """
    found, field = _compared(spec, parts, tolerance)
    if seconds is None:
        return found, field, None
    proof = _proof(spec, field, parts, found, seconds)
    return (found if proof.certified is None else replace(found, ok=proof.certified)), field, proof


def _compared(spec: Steps, parts: Claim | None, tolerance: float | None) -> tuple[Check, ScalarField]:
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


def _proof(spec: Steps, field: ScalarField, parts: Claim | None, found: Check, seconds: float) -> Certificate:
    """Return the proof or the refutation of a claim about an expression, on the range of a spec.

    Without a claim, that is the derivative of the formula as it is printed.
    """
    from gradviz.calculus.claims import Certificate, claim_of, proven_claim  # needs python-flint

    reading = cast("Expression", spec.reading)  # functions of files have been refused
    claimed = cast("tuple[Expression, ...] | None", parts)
    ranges = tuple((low, high) for low, high in box_of(spec).T.tolist())
    if claimed is None:
        texts = field.derivative_texts
        try:
            claimed = read_claim(", ".join(texts), reading) if all(texts) else None
        except RequestError:
            claimed = None
        if claimed is None:  # the derivative is too long for an expression
            return Certificate(None, (ranges,), ("undecided",))
    sizes = np.abs(np.nan_to_num(field.gradient(checked_points(spec)), nan=0.0, posinf=0.0, neginf=0.0))
    floors = np.where(sizes.any(axis=0), _FLOOR * sizes.max(axis=0, initial=0.0), _FLOOR).tolist()
    suspects = [] if found.worst_point is None else [found.worst_point]
    claim = claim_of(reading, claimed, ranges, found.tolerance, floors)
    return proven_claim(claim, seconds, suspects)


def searched_on(
    function: Expression | FunctionOfFile,
    constraints: tuple[Expression, ...],
    ranges: list[tuple[float, float]],
) -> ConstrainedPoints:
    """Return the critical points of a function on constraints in ranges."""
    field = field_of_points(function, ranges) if isinstance(function, FunctionOfFile) else Field(function)
    return constrained_points(field, list(map(Field, constraints)), ranges)


def searched(
    function: Expression | FunctionOfFile, ranges: list[tuple[float, float]], seconds: float | None
) -> CriticalPoints:
    """Return the critical points of a function in ranges, with proofs if there is a time for them, in s."""
    if isinstance(function, FunctionOfFile):
        return critical_points(field_of_points(function, ranges), ranges)
    if seconds is None:
        return critical_points(Field(function), ranges)
    return critical_points(Field(function), ranges, certify=True, limit=seconds)
