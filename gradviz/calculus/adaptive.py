"""Sixth-order central differences with an adaptive step, an error estimate and the kind of singularity.

A central difference cancels every term that is even around the point: at a kink it returns the mean of both
one-sided derivatives without any sign of it. The sixth difference of the nodes and the point contains the
even terms. Its growth with the step distinguishes poles, jumps, kinks and rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import EPS, FIRST_STEP, Function, raw_values, shifted
from gradviz.calculus.reliability import AGREE, Estimate, Reason, estimated

_SHRINK = 8  # ratio of successive steps; periods of powers of 2 do not alias, since the first step is none
_ATTEMPTS = 8  # number of steps tried
_ATTEMPTS_NEAR_EDGE = 15  # number of steps tried while the nodes of all were outside the domain
_MIN_STEP = 64 * EPS  # smallest step, relative to the coordinate
_GOOD_ENOUGH = 1e-10  # relative truncation error from which on no smaller step is tried
_RESOLVED = 1e-3  # relative error above which the step is considered far too long
_HIDDEN_SLOPE = 1e-3  # largest slope that rounding may hide if all nodes are equal, in spreads of f per scale
_PLATEAU = 1e-12  # largest change along a plateau that rounding may cause, relative to |f|
_ZERO_SLOPE = 1e-9  # slope that counts as zero, in changes of f per scale
_SPIKE = 100  # ratio of |f| at the point to |f| at the nodes above which the point is at a pole, not a jump
_SEEN = 500  # rounding error of a sixth difference, in units of eps |f|
_POLE = 2  # growth of |f| to 1/8 of the distance that marks a pole: 8 for 1/x, 2.8 for 1/sqrt(x), 1 for log x


def adaptive(
    function: Function, points: Floats, scales: Floats, step: float | None, *, apart: bool = False
) -> Estimate:
    """Estimate the gradient at points (..., D) by sixth-order central differences with an adaptive step.

    The nodes are x +- h, x +- 2h and x +- 3h for each variable. The error is the sum of the truncation error
    (the difference to the fourth-order result), the even terms, and the rounding error. If it is too large, h
    is divided by 8 and the better result is kept, so the nodes retreat from poles, kinks and the boundary of
    the domain, where a node is NaN.

    The first h is `step`, or 2e-4 `scales` (..., D), the lengths over which the coordinates vary. With
    `apart`, the points are unrelated; else their values give the magnitude and the spread of f.
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
    lines = [_Line(function, rows, flat, axis, eps, median) for axis in range(rows.shape[-1])]
    with np.errstate(all="ignore"):
        slopes, errors, changes = (np.empty(points.shape) for _ in range(3))
        reasons = np.empty(points.shape, np.uint8)
        for axis, line in enumerate(lines):
            column = line.derivative(first[:, axis])
            slopes[..., axis] = column.slope.reshape(values.shape)
            errors[..., axis] = column.error.reshape(values.shape)
            reasons[..., axis] = column.reason.reshape(values.shape)
            changes[..., axis] = column.change.reshape(values.shape)
        # Where f is equal at all nodes and the point, its slope is zero, unless rounding hides a slope.
        lengths = np.maximum(first, _MIN_STEP * np.abs(rows)).reshape(points.shape) / FIRST_STEP
        hidden = _HIDDEN_SLOPE * spread / lengths if spread else np.inf
        floors = np.where(changes > 0, _ZERO_SLOPE * np.maximum(changes, spread) / lengths, hidden)
        estimate = estimated(values, slopes, errors, floors, reasons)
        singular = (Reason.JUMP, Reason.POLE)
        no_slope = np.isin(estimate.marks, singular)[..., None] & np.isin(reasons, singular)
        codes = estimate.marks.reshape(-1).copy()
        undefined = np.flatnonzero(np.isnan(flat))
        for axis, line in enumerate(lines):
            codes[undefined[line.has_pole(undefined, first[undefined, axis])]] = Reason.POLE
    return estimate._replace(
        gradient=np.where(no_slope, np.nan, slopes),
        error=np.where(no_slope, np.inf, errors),
        marks=codes.reshape(values.shape),
    )


class _Derivative(NamedTuple):
    """The derivative along one variable at N points; all arrays are (N,)."""

    slope: Floats
    error: Floats
    reason: NDArray[np.uint8]
    """The reason code, if the derivative is unreliable."""
    change: Floats
    """The maximum |f(node) - f(point)| of the first nodes."""


class _Trial(NamedTuple):
    """The result of one step at N points; all arrays are (N,)."""

    slope: Floats
    error: Floats
    roughness: Floats
    """The change of slope that a smooth function would not have; 0 where it may be rounding."""
    size: Floats
    """The maximum |f| of the nodes."""
    change: Floats
    """The maximum |f(node) - f(point)|."""
    enough: NDArray[np.bool_]
    """Whether a smaller step cannot improve the result."""


class _Pair(NamedTuple):
    """The two nodes x +- h of N points; all arrays are (N,)."""

    slope: Floats
    """The difference f(x + h) - f(x - h), divided by the difference of the rounded nodes."""
    bend: Floats
    """The second difference f(x + h) - 2 f(x) + f(x - h)."""
    shift: Floats
    """Twice the distance from x to the midpoint of the rounded nodes."""
    size: Floats
    """The maximum |f| of both nodes."""
    change: Floats
    """The maximum |f(node) - f(x)| of both nodes."""


@dataclass(frozen=True)
class _Line:
    """A function along one variable, through points (N, D) with values (N,)."""

    function: Function
    points: Floats
    values: Floats
    axis: int
    eps: float
    median: float
    """The median |f| of the points: the scale of rounding errors where f is small by cancellation."""

    def derivative(self, first: Floats) -> _Derivative:
        """Return the derivative, with `first` (N,) as first steps."""
        count = len(self.points)
        slopes, errors, rough = np.full(count, np.nan), np.full(count, np.inf), np.zeros(count)
        reasons = np.full(count, Reason.NOISE, np.uint8)
        nodes, change = np.zeros(count), np.zeros(count)
        min_steps = _MIN_STEP * np.abs(self.points[:, self.axis])
        steps = np.maximum(first, min_steps)
        active = np.flatnonzero(~np.isnan(self.values))
        for attempt in range(_ATTEMPTS_NEAR_EDGE):
            if not active.size:
                break
            trial = self.trial(active, steps[active])
            plateau = self._is_plateau(active, steps[active], trial, slopes[active], errors[active])
            better, improved = (trial.error < errors[active]) & ~plateau, trial.error < errors[active] / 4
            slopes[active[better]], errors[active[better]] = trial.slope[better], trial.error[better]
            difference = np.abs(trial.slope - slopes[active])
            errors[active[plateau]] = np.maximum(errors[active], difference)[plateau]
            if attempt == 0:
                nodes[active], change[active] = trial.size, trial.change
            seen = (rough[active] > 0) & (trial.roughness > 0)
            reasons[active[seen]] = _reasons(rough[active[seen]] / trial.roughness[seen])
            reasons[active[plateau]] = Reason.NOISE
            rough[active] = trial.roughness
            done = trial.enough | plateau
            if attempt >= _ATTEMPTS:
                done |= np.isfinite(errors[active]) & ~improved
            active = active[~done & (steps[active] > min_steps[active])]
            steps[active] = np.maximum(steps[active] / _SHRINK, min_steps[active])
        poles = (reasons == Reason.JUMP) & (np.abs(self.values) > _SPIKE * nodes)
        reasons[poles] = Reason.POLE
        return _Derivative(slopes, errors, reasons, change)

    def trial(self, active: NDArray[np.intp], steps: Floats) -> _Trial:
        """Return the sixth-order derivative and its error at the `active` (K,) points for `steps` (K,)."""
        nodes = [self._pair(active, k * steps) for k in (1, 2, 3)]
        # d_k = 2k (f(x + kh) - f(x - kh)) / (difference of the nodes), which is 2k f'(x) + O(h^2)
        d1, d2, d3 = (2 * k * node.slope for k, node in enumerate(nodes, 1))
        second, fourth = d1 / 2, 2 / 3 * d1 - d2 / 12
        sixth = 3 / 4 * d1 - 3 / 20 * d2 + d3 / 60
        gap = np.abs(sixth - fourth)
        ratio = np.nan_to_num(4 * gap / np.abs(fourth - second), nan=1.0)
        # The sixth difference is s_3 - 6 s_2 + 15 s_1 with s_k = f(x + kh) - 2 f(x) + f(x - kh).
        s1, s2, s3 = (node.bend - sixth * node.shift for node in nodes)
        size = np.max([node.size for node in nodes], axis=0)
        even = np.abs(s3 - 6 * s2 + 15 * s1) / (6 * steps)
        seen = _SEEN * self.eps * np.maximum(size, self.median) / (6 * steps)
        even[even <= seen] = 0.0
        rounding = 2 * self.eps * size / steps + self.eps * np.abs(sixth)
        truncation = np.maximum(gap * np.clip(ratio, 1e-3, 1.0), even)
        error = np.nan_to_num(truncation + rounding, nan=np.inf, posinf=np.inf)
        roughness = np.nan_to_num(np.maximum(gap, even), nan=0.0)
        roughness[roughness <= seen] = 0.0
        enough = truncation <= np.maximum(rounding, _GOOD_ENOUGH * np.abs(sixth))
        change = np.fmax.reduce([node.change for node in nodes])
        return _Trial(sixth, error, roughness, size, change, enough)

    def _pair(self, active: NDArray[np.intp], step: Floats) -> _Pair:
        points, values = self.points[active], self.values[active]
        above, right = shifted(self.function, points, self.axis, step)
        below, left = shifted(self.function, points, self.axis, -step)
        centre = points[:, self.axis]
        rise, fall = above - values, below - values
        size, change = np.maximum(np.abs(above), np.abs(below)), np.fmax(np.abs(rise), np.abs(fall))
        shift = (right - centre) - (centre - left)
        return _Pair((above - below) / (right - left), rise + fall, shift, size, change)

    def _is_plateau(
        self, active: NDArray[np.intp], steps: Floats, trial: _Trial, slopes: Floats, errors: Floats
    ) -> NDArray[np.bool_]:
        """Return whether f seems constant over a shorter step only because its values are rounded."""
        difference = np.abs(trial.slope - slopes)
        size = np.maximum(np.abs(self.values[active]), self.median)
        contradicts = difference > AGREE * (trial.error + errors)
        return contradicts & (errors <= _RESOLVED * np.abs(slopes)) & (difference * steps <= _PLATEAU * size)

    def has_pole(self, undefined: NDArray[np.intp], steps: Floats) -> NDArray[np.bool_]:
        """Return whether f is unbounded on a side of the `undefined` (K,) points, where it is NaN."""
        unbounded = np.zeros(len(undefined), np.bool_)
        for side in (steps, -steps):
            far, near = (
                np.abs(shifted(self.function, self.points[undefined], self.axis, distance)[0])
                for distance in (side, side / _SHRINK)
            )
            unbounded |= near > _POLE * far
        return unbounded


def _reasons(growth: Floats) -> NDArray[np.uint8]:
    """Return the reason codes for the growth (N,) of the roughness r, a slope, over a step 8 times as long.

    r h is constant in h at a jump, proportional to h at a kink, to a power of h below 1 at a cusp and to h^6
    where f is smooth; at a pole it grows as h shrinks.
    """
    power = np.log(growth) / math.log(_SHRINK) + 1
    return np.select(
        [power < -0.3, power < 0.15, power < 1.15], [Reason.POLE, Reason.JUMP, Reason.KINK], Reason.NOISE
    ).astype(np.uint8)
