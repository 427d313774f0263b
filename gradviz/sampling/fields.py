"""The field of a spec and its gradient, and the axes of the points at which they are evaluated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.arrays import Floats, axis
from gradviz.calculus import CriticalPoint, Gradient, critical_points
from gradviz.calculus.regions import gradient_within
from gradviz.errors import Message
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import FunctionOfFile
from gradviz.specs.spec import Spec


def field_of(spec: Spec, *, at: str | None = None, plane: str | None = None) -> ScalarField:
    """Return the function of points (..., D) that a figure shows.

    With `at` and `plane` a function of an array is one of the two coordinates on the plane.
    """
    reading = spec.reading
    if not isinstance(reading, FunctionOfFile):
        return Field(reading)
    from gradviz.userfunc import field_of_points, field_on_plane  # a formula does not need them

    intervals = [spec.interval(name) for name in reading.variables]
    if at is not None and plane is not None:
        return field_on_plane(reading, at, plane, [high - low for low, high, *_ in intervals])
    return field_of_points(reading, intervals)


def gradient_of(spec: Spec, field: ScalarField) -> Gradient:
    """Return the gradient of a field by the method of a spec, with steps scaled to its ranges.

    Where a function has no formula, adaptive differences take the place of the exact gradient.
    """
    scale = tuple(high - low for low, high, *_ in map(spec.interval, spec.reading.variables))
    method = "adaptive" if spec.method == "exact" and not field.has_formula else spec.method
    return gradient_within(field, method=method, step=spec.step, scale=scale)


def axes_of(spec: Spec) -> list[Floats]:
    """Return the coordinates (n,) along each axis."""
    counts = zip(spec.reading.variables, spec.sample_counts(), strict=True)
    return [axis(spec.interval(variable), count) for variable, count in counts]


def box_of(spec: Spec) -> Floats:
    """Return the low and the high ends (2, D) of the ranges."""
    return np.array([spec.interval(name)[:2] for name in spec.reading.variables]).T


def first_warnings(spec: Spec, field: ScalarField) -> list[Message]:
    """Return the warnings that are known before anything is evaluated."""
    return [*spec.warnings, *map(Message, field.notes), *spec.view_warnings()]


def critical_of(
    field: ScalarField, axes: Sequence[Floats]
) -> tuple[tuple[CriticalPoint, ...], tuple[Message, ...]]:
    """Return the critical points within the ends of axes (n,), and the warnings about them."""
    found = critical_points(field, [(along[0], along[-1]) for along in axes])
    return found.points, tuple(map(Message, (*found.notes, found.summary)))
