"""Sixth-order central differences with an adaptive step, an error estimate and the kind of singularity.

A central difference cancels every term that is even around the point: at a kink it returns the mean of both
one-sided derivatives without any sign of it. The sixth difference of the nodes and the point contains the
even terms. Its growth with the step distinguishes poles, jumps, kinks and rounding.
"""

from __future__ import annotations

import math

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.differences import EPS, FIRST_STEP, MIN_STEP, Function, raw_values
from gradviz.calculus.reliability import INVISIBLE_SLOPE, ZERO_ERRORS, Estimate, Reason, estimated
from gradviz.calculus.singularity import with_singularities
from gradviz.calculus.stencil import Line
from gradviz.calculus.steps import Derivative, derivative

_BOUND = 10  # bound on rounding errors at an unrelated point, in units of their expected size
_HIDDEN_SLOPE = 1e-3  # largest slope that rounding may hide if all nodes are equal, in spreads of f per scale
_ZERO_SLOPE = 1e-9  # slope that counts as zero, in changes of f per scale
_ZERO_ERROR = 1e-6  # error of a slope that may be zero, in changes of f per distance at an unrelated point


def adaptive(
    function: Function, points: Floats, scales: Floats, step: float | None, *, apart: bool = False
) -> Estimate:
    """Estimate the gradient at points (..., D) by sixth-order central differences with an adaptive step.

    The nodes are x +- h, x +- 2h and x +- 3h for each variable. The error is the sum of the truncation error
    (the difference to the fourth-order result), the even terms, and the rounding error. If it is too large, h
    is divided by 8 and the better result is kept, so the nodes retreat from poles, kinks and the boundary of
    the domain, where a node is NaN.

    The first h is `step`, or 2e-4 `scales` (..., D), the lengths over which the coordinates vary. With
    `apart`, the points are unrelated: each has its own scale, so that longer steps are tried where rounding
    errors dominate, and nodes next to the point show whether a step is too long. Else the values of all
    points give the magnitude and the spread of f.
    """
    raw = raw_values(function, points)
    # precision in which the function computes, such as float32
    eps = float(np.finfo(raw.dtype).eps) if raw.dtype.kind == "f" else EPS
    values = raw.astype(np.float64)
    rows, flat = points.reshape(math.prod(points.shape[:-1]), points.shape[-1]), values.reshape(-1)
    known = flat[np.isfinite(flat)] if not apart else np.empty(0)
    median = float(np.median(np.abs(known))) if known.size else 0.0
    spread = float(np.ptp(np.percentile(known, (2, 98)))) if known.size else 0.0
    first = np.broadcast_to(FIRST_STEP * scales if step is None else step, points.shape).reshape(rows.shape)
    lines = [Line(function, rows, flat, axis, eps, median) for axis in range(rows.shape[-1])]
    with np.errstate(all="ignore"):
        parts = [
            derivative(line, first[:, axis], apart=apart, longer=step is None)
            for axis, line in enumerate(lines)
        ]
        reasons = _columns(parts, "reason", rows.shape).astype(np.uint8)
        slopes, errors, changes, rates = (
            _columns(parts, name, rows.shape) for name in ("slope", "error", "change", "rate")
        )
        if apart:
            floors = np.maximum(_ZERO_ERROR * rates, INVISIBLE_SLOPE)
            zero_slopes = _ZERO_SLOPE * rates
        else:
            # Where f is equal at all nodes and the point, its slope is zero, unless rounding hides a slope.
            lengths = np.maximum(first, MIN_STEP * np.abs(rows)) / FIRST_STEP
            hidden = _HIDDEN_SLOPE * spread / lengths if spread else np.inf
            zero_slopes = _ZERO_SLOPE * np.maximum(changes, spread) / lengths
            floors = np.where(changes > 0, zero_slopes, hidden)
        sizes = np.abs(slopes)
        zero = (sizes <= ZERO_ERRORS * errors) & (sizes + errors <= zero_slopes)
        slopes, errors = np.where(zero, 0.0, slopes), np.where(zero, sizes + errors, errors)
        # A bound on rounding errors is far above their expected size.
        expected = np.where(apart & (reasons == Reason.NOISE), errors / _BOUND, errors)
        estimate = estimated(flat, slopes, expected, floors, reasons)._replace(error=errors)
        estimate = with_singularities(estimate, reasons, lines, first)
    return Estimate(
        values,
        estimate.gradient.reshape(points.shape),
        estimate.error.reshape(points.shape),
        estimate.marks.reshape(values.shape),
        floors.reshape(points.shape),
    )


def _columns(parts: list[Derivative], name: str, shape: tuple[int, ...]) -> Floats:
    """Return one array (N, D) of D results."""
    found = np.empty(shape)
    for axis, part in enumerate(parts):
        found[:, axis] = getattr(part, name)
    return found
