"""Differences of order 6 whose step is chosen for each point and variable, and what they tell of f.

A symmetric difference sees nothing of what is even around the point: at a kink it gives the mean of both
slopes, and no sign of trouble. The sixth difference of the nodes and the point itself shows it, and how that
changes with the step tells a pole, a jump, a kink and rounding apart.
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

_SHRINK = 8  # not a power that aliases: the first step is no power of two
_ATTEMPTS = 8
_ATTEMPTS_NEAR_AN_EDGE = 15  # while no step was small enough to stay inside the domain
_LEAST_STEP = 64 * EPS  # of the coordinate
_GOOD_ENOUGH = 1e-10  # of the derivative
_RESOLVED = 1e-3  # of the derivative: an error above it says that the step was far too long
_LEVEL = 1e-3  # of how much it changes elsewhere, over the scale: the most that rounding may hide
_PLATEAU = 1e-12  # of the function's size: a change that may well be rounding
_ZERO = 1e-9  # of how much the function changes, over the scale: such a slope is as good as zero
_SPIKE = 100  # times the size of the nodes: a value beyond is that of a pole
_ROUNDING = 500  # times eps and the size of the function, in a sixth difference
_POLE = 2  # times as large at an eighth of the distance: 8 for 1/x, 2.8 for 1/sqrt(x), and 1 for a logarithm


def adaptive(
    function: Function, points: Floats, scales: Floats, step: float | None, *, apart: bool = False
) -> Estimate:
    """Differences of order 6 over the nodes +-h, +-2h, +-3h, the step chosen for each point and variable.

    The error is the sum of what was cut off, from the difference to order 4, of what is rough, and of
    rounding. Where that is too great, h is divided by 8 and the better result kept: so the step shrinks away
    from poles, kinks and the edge of the domain, where a node is NaN. Points that are `apart` tell nothing of
    the function at each other; else what is usual among them says how large and how varied it is.
    """
    raw = raw_values(function, points)
    # of what the function computes in
    eps = float(np.finfo(raw.dtype).eps) if raw.dtype.kind == "f" else EPS
    values = raw.astype(np.float64)
    rows, heights = points.reshape(math.prod(points.shape[:-1]), points.shape[-1]), values.reshape(-1)
    known = heights[np.isfinite(heights)] if not apart else np.empty(0)
    usual = float(np.median(np.abs(known))) if known.size else 0.0
    spread = float(np.ptp(np.percentile(known, (2, 98)))) if known.size else 0.0
    first = np.broadcast_to(FIRST_STEP * scales if step is None else step, points.shape).reshape(rows.shape)
    lines = [_Line(function, rows, heights, axis, eps, usual) for axis in range(rows.shape[-1])]
    with np.errstate(all="ignore"):
        slopes, errors, changes = (np.empty(points.shape) for _ in range(3))
        reasons = np.empty(points.shape, np.uint8)
        for axis, line in enumerate(lines):
            slope, error, reason, change = line.derivative(first[:, axis])
            slopes[..., axis], errors[..., axis] = slope.reshape(values.shape), error.reshape(values.shape)
            changes[..., axis], reasons[..., axis] = (
                change.reshape(values.shape),
                reason.reshape(values.shape),
            )
        # Where no node differs from the point, the function is level there, unless rounding hides a slope.
        lengths = np.maximum(first, _LEAST_STEP * np.abs(rows)).reshape(points.shape) / FIRST_STEP
        level = _LEVEL * spread / lengths if spread else np.inf
        floors = np.where(changes > 0, _ZERO * np.maximum(changes, spread) / lengths, level)
        estimate = estimated(values, slopes, errors, floors, reasons)
        breaks = (Reason.JUMP, Reason.POLE)
        broken = np.isin(estimate.marks, breaks)[..., None] & np.isin(reasons, breaks)
        marks = estimate.marks.reshape(-1).copy()
        undefined = np.flatnonzero(np.isnan(heights))
        for axis, line in enumerate(lines):
            marks[undefined[line.has_pole(undefined, first[undefined, axis])]] = Reason.POLE
    return estimate._replace(
        gradient=np.where(broken, np.nan, slopes),
        error=np.where(broken, np.inf, errors),
        marks=marks.reshape(values.shape),
    )


class _Derivative(NamedTuple):
    """A derivative along one variable at N points, each (N,)."""

    slope: Floats
    error: Floats
    reason: NDArray[np.uint8]
    """What the roughness looks like, where there is some."""
    change: Floats
    """The greatest difference between the point and the first nodes."""


class _Trial(NamedTuple):
    """What one step gives at N points, each (N,)."""

    slope: Floats
    error: Floats
    roughness: Floats
    """What a smooth function would not have, as a change of slope; 0 where it may be rounding."""
    size: Floats
    """The greatest |f| of the nodes."""
    change: Floats
    """The greatest difference between them and the point."""
    enough: NDArray[np.bool_]
    """Where a smaller step could not be better."""


class _Pair(NamedTuple):
    """Two nodes on both sides of N points, each (N,)."""

    slope: Floats
    """(f(x + h) - f(x - h)) over the distance that was really gone."""
    bend: Floats
    """f(x + h) - 2 f(x) + f(x - h)."""
    shift: Floats
    """Twice the distance from the point to the middle of the nodes, which are rounded numbers."""
    size: Floats
    """The greater |f|."""
    change: Floats
    """The greater difference to the point."""


@dataclass(frozen=True)
class _Line:
    """A function along one variable through points (N, D) with values (N,)."""

    function: Function
    points: Floats
    values: Floats
    axis: int
    eps: float
    usual: float
    """The usual |f|: what is summed up to a small value may have been as large, and so its rounding."""

    def derivative(self, first: Floats) -> _Derivative:
        """Return the derivative, starting from the steps `first` (N,)."""
        count = len(self.points)
        slopes, errors, rough = np.full(count, np.nan), np.full(count, np.inf), np.zeros(count)
        reasons = np.full(count, Reason.NOISE, np.uint8)
        nodes, change = np.zeros(count), np.zeros(count)
        least = _LEAST_STEP * np.abs(self.points[:, self.axis])
        steps = np.maximum(first, least)
        active = np.flatnonzero(~np.isnan(self.values))
        for attempt in range(_ATTEMPTS_NEAR_AN_EDGE):
            if not active.size:
                break
            trial = self.trial(active, steps[active])
            plateau = self._is_plateau(active, steps[active], trial, slopes[active], errors[active])
            better, improved = (trial.error < errors[active]) & ~plateau, trial.error < errors[active] / 4
            slopes[active[better]], errors[active[better]] = trial.slope[better], trial.error[better]
            apart = np.abs(trial.slope - slopes[active])
            errors[active[plateau]] = np.maximum(errors[active], apart)[plateau]
            if attempt == 0:
                nodes[active], change[active] = trial.size, trial.change
            seen = (rough[active] > 0) & (trial.roughness > 0)
            reasons[active[seen]] = _reasons(rough[active[seen]] / trial.roughness[seen])
            reasons[active[plateau]] = Reason.NOISE
            rough[active] = trial.roughness
            done = trial.enough | plateau
            if attempt >= _ATTEMPTS:
                done |= np.isfinite(errors[active]) & ~improved
            active = active[~done & (steps[active] > least[active])]
            steps[active] = np.maximum(steps[active] / _SHRINK, least[active])
        poles = (reasons == Reason.JUMP) & (np.abs(self.values) > _SPIKE * nodes)
        reasons[poles] = Reason.POLE
        return _Derivative(slopes, errors, reasons, change)

    def trial(self, active: NDArray[np.intp], steps: Floats) -> _Trial:
        """Return the derivative to order 6 at some of the points, and what the nodes say of it."""
        nodes = [self._pair(active, k * steps) for k in (1, 2, 3)]
        # d_k = 2k (f(x + kh) - f(x - kh)) / (distance): each is 2k times the slope, to a different order
        d1, d2, d3 = (2 * k * node.slope for k, node in enumerate(nodes, 1))
        second, fourth = d1 / 2, 2 / 3 * d1 - d2 / 12
        sixth = 3 / 4 * d1 - 3 / 20 * d2 + d3 / 60
        gap = np.abs(sixth - fourth)
        ratio = np.nan_to_num(4 * gap / np.abs(fourth - second), nan=1.0)
        # s_k = f(x + kh) - 2 f(x) + f(x - kh) makes up the sixth difference s_3 - 6 s_2 + 15 s_1
        s1, s2, s3 = (node.bend - sixth * node.shift for node in nodes)
        size = np.max([node.size for node in nodes], axis=0)
        even = np.abs(s3 - 6 * s2 + 15 * s1) / (6 * steps)
        seen = _ROUNDING * self.eps * np.maximum(size, self.usual) / (6 * steps)
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
        """Tell where a shorter step has met steps of rounding, on which a function seems constant."""
        apart = np.abs(trial.slope - slopes)
        size = np.maximum(np.abs(self.values[active]), self.usual)
        contradicts = apart > AGREE * (trial.error + errors)
        return contradicts & (errors <= _RESOLVED * np.abs(slopes)) & (apart * steps <= _PLATEAU * size)

    def has_pole(self, undefined: NDArray[np.intp], steps: Floats) -> NDArray[np.bool_]:
        """Tell at which of some points, where f is undefined, it grows without bound from either side."""
        found = np.zeros(len(undefined), np.bool_)
        for side in (steps, -steps):
            far, near = (
                np.abs(shifted(self.function, self.points[undefined], self.axis, distance)[0])
                for distance in (side, side / _SHRINK)
            )
            found |= near > _POLE * far
        return found


def _reasons(growth: Floats) -> NDArray[np.uint8]:
    """Tell what is rough from the growth of the roughness (N,), a slope, over a step that is 8 times as long.

    Times h, it is the same at a jump, goes with h at a kink, with a power of h below 1 at a cusp and with h^6
    where the function is smooth; at a pole it grows as h shrinks.
    """
    power = np.log(growth) / math.log(_SHRINK) + 1
    return np.select(
        [power < -0.3, power < 0.15, power < 1.15], [Reason.POLE, Reason.JUMP, Reason.KINK], Reason.NOISE
    ).astype(np.uint8)
