"""Samples of the error of central differences against their step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats, grid, scattered
from gradviz.calculus import gradient
from gradviz.calculus.checking import relative_errors, step_errors
from gradviz.calculus.differences import CENTRAL_STEP
from gradviz.calculus.reliability import Reason
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.limits import Limits
from gradviz.sampling.samples import Arrays, Sampler, Samples, Shared
from gradviz.sampling.values import Flags, axes_of, evaluate, field_of, gradient_of, refuse_empty
from gradviz.specs.steps import Steps

STEPS_PER_DECADE = 5
_DECADES = 16  # of steps, down from 1
_MORE_POINTS = 16_384  # points at which a claim is compared besides: twenty where it is wrong in 1/800
_SHOWN_ERRORS = (1e-17, 1e100)  # errors that a logarithmic axis shows in place of smaller and larger ones
_ROOM_DECADES = 2  # above and below the errors, for texts


@dataclass(frozen=True)
class StepsShared(Shared):
    """Values that the figures of a sweep share."""

    limits: Limits
    """Of the axis of errors: whole powers of ten."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StepsSamples(Samples):
    """The relative error of central differences for steps (S,), over scattered points (N, D).

    The table has the columns (S,) `h`, `median`, `max` and, except for exact gradients, that of the method.
    """

    marked_step: float
    """The step that the figure marks: that of the spec, or the default of central differences."""
    shared: StepsShared | None = None

    @property
    def best(self) -> int | None:
        """The index of the step with the smallest median error, the largest of several; None without any."""
        median = self.table["median"]
        if np.isnan(median).all():
            return None
        return int(np.flatnonzero(median == np.nanmin(median))[-1])


def sample(spec: Steps) -> StepsSamples:
    """Compute the median and the maximum of the error for each step over scattered points."""
    field, points = field_of(spec), scattered_points(spec)
    evaluated = evaluate(field, points)
    refuse_empty(evaluated)
    used, exact = _exact_gradient(spec, field, points)
    marked = CENTRAL_STEP if spec.step is None else spec.step
    steps = np.union1d(np.logspace(-_DECADES, 0, STEPS_PER_DECADE * _DECADES + 1), [marked])
    errors = [row[np.isfinite(row)] for row in step_errors(field, points[used], exact, steps)]
    table: Arrays = {"h": steps}
    table["median"] = np.array([np.median(row) if row.size else np.nan for row in errors])
    table["max"] = np.array([np.max(row) if row.size else np.nan for row in errors])
    if spec.method != "exact":
        own = relative_errors(gradient_of(spec, field)(points[used]), exact)
        own = own[np.isfinite(own)]
        table[spec.method] = np.full(steps.shape, np.median(own) if own.size else np.nan)
    warnings = (*spec.warnings, *map(Message, field.notes))
    return StepsSamples(evaluated=evaluated, marked_step=marked, table=table, own_warnings=warnings)


def share(spec: Steps, members: Sequence[StepsSamples]) -> StepsShared:
    """Compute the limits of the axis of errors: whole powers of ten, with room for texts."""
    del spec
    columns = [column for one in members for name, column in one.table.items() if name != "h"]
    errors = np.concatenate(columns)
    decades = np.log10(shown_errors(errors[np.isfinite(errors)]))
    low, high = decades.min(initial=0.0), decades.max(initial=0.0)
    return StepsShared(
        (float(10.0 ** (np.floor(low) - _ROOM_DECADES)), float(10.0 ** (np.ceil(high) + _ROOM_DECADES)))
    )


def shown_errors(errors: Floats) -> Floats:
    """Return errors as a logarithmic axis shows them: from 1e-17 to 1e100."""
    return np.clip(errors, *_SHOWN_ERRORS)


def checked_points(spec: Steps) -> Floats:
    """Return the points (N, D) of a mesh, and as many scattered ones, without coincidences like x0 = 0."""
    return np.concatenate((grid(axes_of(spec)), scattered_points(spec)))


def scattered_points(spec: Steps) -> Floats:
    """Return as many scattered points (N, D) in the ranges as a mesh would have."""
    return _scattered(spec, math.prod(spec.sample_counts()))


def more_points(spec: Steps) -> Floats:
    """Return scattered points (N, D) in the ranges that find an error in a ten-thousandth of the volume."""
    return _scattered(spec, _MORE_POINTS)


def _scattered(spec: Steps, count: int) -> Floats:
    return scattered([spec.interval(name) for name in spec.reading.variables], count)


def _exact_gradient(spec: Steps, field: ScalarField, points: Floats) -> tuple[Flags, Floats]:
    """Return flags (N,) of points with an exact gradient and no kink or jump, and that gradient."""
    scale = gradient_of(spec, field).scale
    marks = gradient(field, scale=scale).estimate(points).marks
    method = "exact" if field.has_formula else "adaptive"
    exact = gradient(field, method=method, scale=scale)(points)
    used: Flags = np.isin(marks, (Reason.NONE, Reason.NOISE)) & np.isfinite(exact).all(axis=-1)
    if not used.any():
        raise RequestError("no point of the range has a gradient to compare with; try another ", Ref("range"))
    return used, exact[used]


SAMPLER = Sampler(sample, share)
