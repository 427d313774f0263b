"""Samples of curves of one variable, with their tangents and secants."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus import Gradient
from gradviz.calculus.reliability import Reason
from gradviz.calculus.sides import one_sided_slopes
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression
from gradviz.sampling.limits import (
    CONSTANT,
    Limits,
    autoscaled,
    data_limits,
    is_constant,
    joined,
    percentile_limits,
    union,
    values_beyond,
    widened,
)
from gradviz.sampling.outline import Drawn, Outline, outline_of
from gradviz.sampling.samples import (
    Arrays,
    Columns,
    Results,
    Sampler,
    Samples,
    Shared,
    column_names,
    completed,
)
from gradviz.sampling.values import (
    Evaluated,
    Slopes,
    axes_of,
    box_of,
    evaluate,
    field_of,
    gradient_of,
    refuse_empty,
    slopes_at,
    steps_to_neighbours,
)
from gradviz.specs.tangent import Tangent

if TYPE_CHECKING:
    from gradviz.calculus.taylor import Polynomial

_DIFFERENCE_ERROR = 2 * float(np.finfo(np.float64).eps)  # of values: rounding error of their difference
_MAX_DIGITS = 6  # maximum number of digits of a slope


@dataclass(frozen=True)
class StraightLine:
    """A tangent, which meets the curve at one point, or a secant, which meets it at two."""

    at: tuple[float, ...]
    """The coordinates of the points where it meets the curve."""
    value: float
    """The value at the first of them."""
    slope: float
    digits: int
    """The number of significant digits of the slope that are reliable."""
    number: int
    """The number of the line among those with colours of their own."""
    left: float | None = None
    """The slope to the left of a kink, where `slope` is that to the right; None at any other point."""

    @property
    def is_secant(self) -> bool:
        """Return whether the line is a secant."""
        return len(self.at) > 1

    @property
    def is_vertical(self) -> bool:
        """Return whether the line is vertical, with an infinite slope."""
        return math.isinf(self.slope) and self.left is None

    def values(self, x: Floats) -> Floats:
        """Return the values (N,) of the line at coordinates (N,), at a kink of its two half tangents."""
        slopes = self.slope if self.left is None else np.where(x < self.at[0], self.left, self.slope)
        return self.value + slopes * (x - self.at[0])

    def report(self) -> dict[str, object]:
        """Return the line as JSON data; an infinite slope is None."""
        slopes = [
            None if math.isinf(slope) else slope for slope in (self.left, self.slope) if slope is not None
        ]
        slope = {"slope": slopes[0]} if len(slopes) == 1 else {"slope": None, "slopes": slopes}
        places = {"at": self.at[0]} if not self.is_secant else {"from": self.at[0], "to": self.at[1]}
        return {**places, "value": self.value, **slope}


@dataclass(frozen=True)
class CurveShared(Shared):
    """The limits that the figures of a sweep share."""

    limits: Limits
    """Of the axis of values, where the spec has none."""
    slope_limits: Limits
    """Of the axis of the derivative."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CurveSamples(Samples):
    """A curve at points (N, 1), and what is drawn of it."""

    slopes: Slopes
    """The derivative at the points."""
    drawn: Drawn
    """The curve as it is drawn, with a gap between the two sides of a discontinuity."""
    drawn_slopes: Floats
    """The points (M, 2) of the derivative as it is drawn."""
    lines: tuple[StraightLine, ...]
    """The tangents, then the secants, whose first points are in the view."""
    polynomials: tuple[Polynomial, ...] = ()
    """The Taylor polynomials at the points of the tangents."""
    outline: Outline
    """The curve from which `drawn` is computed."""
    others: tuple[CurveSamples, ...] = ()
    """The curves of the functions after the first one."""
    shared: CurveShared | None = None

    @property
    def functions(self) -> tuple[CurveSamples, ...]:
        """The curves of all functions."""
        return (self, *self.others)

    def error_columns(self) -> Columns:
        """Return the columns of the errors of the derivative; none for several functions."""
        return {} if self.others else super().error_columns()

    def polynomial_at(self, at: float) -> Polynomial | None:
        """Return the Taylor polynomial at a coordinate, None if there is none."""
        return next((one for one in self.polynomials if one.centre == at), None)


def sample(spec: Tangent) -> CurveSamples:
    """Evaluate the curves and their derivatives, and compute the tangents and secants."""
    alone = len(spec.functions) == 1
    fields = (
        [field_of(spec)] if alone else [Field(one) for one in spec.functions if isinstance(one, Expression)]
    )
    first, *others = (_sample_function(spec, field) for field in fields)
    view = spec.xlim or spec.reach(spec.reading.variables[0])
    lost = [at for at in spec.at if not view[0] <= at <= view[1]]
    outside = [f"the point {at:g} lies outside of the picture, its tangent is left out" for at in lost]
    warnings = [*spec.warnings, *map(Message, fields[0].notes), *spec.view_warnings(), *map(Message, outside)]
    warnings += first.own_warnings
    if alone:
        return replace(first, own_warnings=tuple(warnings))
    curves, names = (first, *others), column_names(spec.reading.variables)
    results: Results = {}
    table: Arrays = {names[0]: first.points[:, 0]}
    for number, (one, function) in enumerate(zip(curves, spec.functions, strict=True), 1):
        table |= {f"f{number}": one.values, f"df{number}/d{names[0]}": one.slopes.estimate.gradient[:, 0]}
        for name, rows in one.results.items():
            results.setdefault(name, []).extend({"function": function.text, **row} for row in rows)
        if number > 1:
            coarse = {part.warning for part in one.undersampled}
            warnings += [Message(f"{function.text}: ", text) for text in one.warnings if text not in coarse]
    coarse_parts = {part.text: part for one in curves for part in one.undersampled}
    return replace(
        first, own_warnings=tuple(warnings), others=tuple(others), table=table, results=results,
        undersampled=tuple(coarse_parts.values()),
    )  # fmt: skip


def _sample_function(spec: Tangent, field: ScalarField) -> CurveSamples:
    """Evaluate one function and its derivative, and compute its tangents and secants."""
    gradient = gradient_of(spec, field)
    points = axes_of(spec)[0][:, None]
    slopes = slopes_at(gradient, points)
    evaluated = evaluate(field, points, slopes.estimate.values, cut=True)
    refuse_empty(evaluated, has_gradient=True)
    view = spec.xlim or (float(points[0, 0]), float(points[-1, 0]))
    curve = outline_of(spec, evaluated)
    lines = (*_tangents(spec, gradient, field), *_secants(spec, field))
    seen = tuple(line for line in lines if view[0] <= line.at[0] <= view[1])
    results: Results = {"tangents": [line.report() for line in lines if not line.is_secant]} if lines else {}
    if spec.distances and lines:
        results["secants"] = [line.report() for line in lines if line.is_secant]
    polynomials, warnings = _taylor(spec, field)
    if polynomials:
        results["taylor"] = [
            {"at": one.centre, "degree": one.degree, "coefficients": [*one.coefficients]}
            for one in polynomials
        ]
    warnings += [Message(CONSTANT)] if is_constant(evaluated.values) else []
    return CurveSamples(
        evaluated=evaluated, slopes=slopes, drawn=Drawn(curve.samples, curve.samples[:0]),
        drawn_slopes=_split_slopes(evaluated, slopes), lines=seen, outline=curve,
        own_warnings=(*warnings, *curve.warnings), undersampled=curve.undersampled, removable=curve.gaps.at,
        results=results, polynomials=tuple(one for one in polynomials if view[0] <= one.centre <= view[1]),
    )  # fmt: skip


def share(spec: Tangent, members: Sequence[CurveSamples]) -> CurveShared:
    """Compute the limits that some curves have in common."""
    members = [curve for one in members for curve in one.functions]
    shown = union(one.evaluated.limits for one in members)
    is_whole = len(members) == 1 and shown == data_limits(members[0].evaluated.drawable)
    curves = union(one.outline.reached for one in members)
    ends = [
        line.values(one.points[[0, -1], 0]) for one in members for line in one.lines if not line.is_vertical
    ]
    is_free = is_whole and not ends
    reached = np.array(ends)
    limits = autoscaled(np.array(curves)) if is_free else widened(curves, reached[np.isfinite(reached)])
    slopes = joined([one.slopes.trusted for one in members])
    is_free = is_whole or not np.isfinite(slopes).any()
    slope_limits = autoscaled(slopes) if is_free else widened(percentile_limits(slopes))
    values = joined([one.evaluated.drawable for one in members])
    cut = Message("are cut off; ", Ref("ylim"), " shows more")
    return CurveShared(limits, slope_limits, warnings=() if spec.ylim else values_beyond(values, shown, cut))


def finish(spec: Tangent, samples: CurveSamples) -> CurveSamples:
    """Refine the curve in the view, and lead it out of the view at poles."""
    view = spec.ylim or completed(samples.shared).limits
    first, *others = (
        replace(one, drawn=one.outline.drawn(view), shared=samples.shared) for one in samples.functions
    )
    return replace(first, others=tuple(others))


def _tangents(spec: Tangent, gradient: Gradient, field: ScalarField) -> Iterator[StraightLine]:
    """Yield the tangents, at a kink both half tangents. Raises RequestError if there is none at a point.

    A kink is an error if it is the only point.
    """
    with_kinks = len(spec.at) > 1 or spec.swept_from is not None
    scale = float(np.ptp(box_of(spec)))
    points = np.array(spec.at, dtype=np.float64)[:, None]
    estimate, steps = gradient.estimate(points), steps_to_neighbours(gradient, points)[:, 0]
    for index, at in enumerate(spec.at):
        slope, error = float(estimate.gradient[index, 0]), float(estimate.error[index, 0])
        reason = Reason(int(estimate.marks[index]))
        if reason == Reason.VERTICAL:
            yield StraightLine((at,), float(estimate.values[index]), math.inf, _MAX_DIGITS, index)
            continue
        if with_kinks and reason in (Reason.KINK, Reason.CUSP):
            left, right = one_sided_slopes(field, at, scale)
            yield StraightLine((at,), float(estimate.values[index]), right, _MAX_DIGITS, index, left)
            continue
        if np.isnan(slope) or reason not in (Reason.NONE, Reason.NOISE):
            why: tuple[str | Ref, ...] = ((reason or Reason.EDGE).sentence,)
            if not field.contains(np.array([at])):
                why = (Ref("where"), " does not hold there")
            raise RequestError(f"no tangent at {at:g}: ", *why)
        slope = (
            0.0 if abs(slope) <= max(error, steps[index]) else slope
        )  # which is what rounding errors leave of 0
        digits = math.floor(math.log10(abs(slope) / error)) if error > 0 and slope else _MAX_DIGITS
        digits = min(max(digits, 1), _MAX_DIGITS)  # those that are reliable
        yield StraightLine((at,), float(estimate.values[index]), slope, digits, index)


def _taylor(spec: Tangent, field: ScalarField) -> tuple[list[Polynomial], list[Message]]:
    """Return the Taylor polynomials, and warnings of points without one. Raises RequestError if all are."""
    polynomials: list[Polynomial] = []
    failed: list[RequestError] = []

    if spec.taylor is not None and isinstance(field, Field):
        from gradviz.calculus.taylor import taylor_polynomial  # needs mpmath, which most figures do not

        for at in spec.at:
            try:
                polynomials.append(taylor_polynomial(field.precise, at, spec.taylor))
            except RequestError as error:
                failed.append(error)
    if failed and not polynomials and spec.swept_from is None:
        raise failed[0]
    return polynomials, [Message(error.message, ", left out") for error in failed]


def _secants(spec: Tangent, field: ScalarField) -> Iterator[StraightLine]:
    """Yield the secants. Raises RequestError if there is none from a point."""
    for index, (at, distance) in enumerate(itertools.product(spec.at, spec.distances), len(spec.at)):
        ends = (at, at + distance)
        if ends[0] == ends[1]:
            raise RequestError(f"no secant from {at:g}: {distance:g} is lost in rounding beside it")
        points = np.array(ends)[:, None]
        first, second = map(float, field(points))
        slope = (second - first) / (ends[1] - ends[0])
        rounding = float(steps_to_neighbours(field, points).sum()) + _DIFFERENCE_ERROR * max(
            abs(first), abs(second)
        )
        slope = 0.0 if abs(second - first) <= rounding else slope
        if not np.isfinite(slope):
            raise RequestError(f"no secant from {ends[0]:g} to {ends[1]:g}: the function is undefined there")
        number = index if len(spec.distances) > 1 else spec.at.index(at)
        yield StraightLine(ends, first, slope, _MAX_DIGITS, number)


def _split_slopes(evaluated: Evaluated, slopes: Slopes) -> Floats:
    """Return the points (M, 2) of the derivative, NaN between the two sides of each discontinuity."""
    x, values = evaluated.points[:, 0], slopes.trusted[:, 0]
    edges = evaluated.breaks.edges[0] if evaluated.breaks else np.zeros(len(x) - 1, np.bool_)
    behind = np.flatnonzero(edges) + 1
    middles = (x[behind - 1] + x[behind]) / 2
    return np.stack([np.insert(x, behind, middles), np.insert(values, behind, np.nan)], axis=-1)


SAMPLER = Sampler(sample, share, finish)
