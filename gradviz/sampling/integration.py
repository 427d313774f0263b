"""Curves along the gradient of a function over a panel, from many points together.

The method is Rodas3, a linearly implicit Runge-Kutta method of order 3 with an embedded one of order 2 (A.
Sandu et al., "Benchmarking stiff ODE solvers for atmospheric chemistry problems II", Atmospheric Environment
31, 1997). On the floor of a valley explicit methods need steps as short as the valley is narrow; it does not.

Coordinates are those of the panel: its longer side is 1, and equal distances look equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes

Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

CLOSE = 1e-3  # distance to a critical point at which a curve ends there
_MAX_STEP, _MIN_STEP, _START_STEP = 0.02, 1e-5, 0.002
_MAX_LENGTH = 8.0  # length at which a curve ends
_TOLERANCE = 1e-6  # error of a step
_FACTORS = (0.2, 4.0)  # minimum and maximum ratio of a step to the last one
_SAFETY = 0.8  # ratio of a step to the one that would have the tolerated error
_DELTA = 1e-6  # step of the finite differences of the Jacobian matrix
_SINGULAR = 1e-9  # determinant relative to the square of an element: a straight valley
_SHORTEST_GAP = 3 * _DELTA  # to a critical point: a shorter one comes from differences across a pole
_DECREASE = 0.9  # ratio of the gradient at a critical point, as computed, to that of the point before
_GAMMA = 0.5  # coefficient of the implicit part of Rodas3
_MAX_ITERATIONS = 3000
_MAX_FORCED = 20  # shortest steps of a curve that are accepted with any error, since it crosses kinks
_MIN_COSINE = -0.5  # of the directions at the ends of such a step: beyond, the direction turns around
_JUMP_SHARE = 0.05  # of the slope: deviation of the mean slope of a step from those at its ends
_VALUE_ROUNDING = 64 * float(np.finfo(np.float64).eps)  # error of a difference of values, relative to them
_SHARES = (np.arange(4) + 1)[:, None] / 4  # of each step: points of a curve
MAX_SPACING = _MAX_STEP / len(_SHARES)  # between points of a curve


@dataclass(frozen=True)
class Frame:
    """A part of a panel whose longer side is 1: its `size`, and `low` corner and `unit` of the data."""

    low: Floats
    unit: Floats
    size: Floats

    def data(self, points: Floats) -> Floats:
        """Return points (..., 2) of the panel in the units of the data."""
        return np.asarray(self.low + points * self.unit)

    def panel(self, points: Floats) -> Floats:
        """Return points (..., 2) in the units of the data as points of the panel."""
        return np.asarray((points - self.low) / self.unit)


@dataclass(frozen=True)
class Landscape:
    """A function over a frame; `gradient` and `values` take points (N, 2) in the units of the data."""

    gradient: Callable[[Floats], Floats]
    values: Callable[[Floats], Floats]
    frame: Frame

    def vectors(self, points: Floats) -> Floats:
        """Return vectors (N, 2) along the gradient at points (N, 2) in the panel."""
        return np.asarray(self.gradient(self.frame.data(points)) / self.frame.unit)

    def values_at(self, points: Floats) -> Floats:
        """Return values (N,) at points (N, 2) in the panel."""
        return self.values(self.frame.data(points))

    def rises(self, vectors: Floats, steps: Floats) -> Floats:
        """Return the change (N,) of the values by `steps` (N, 2) at the slopes of `vectors` (N, 2)."""
        return np.asarray((vectors * self.frame.unit**2 * steps).sum(axis=-1))


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve through points (N, 2)."""

    points: Floats
    length: float
    is_critical: bool
    """Whether it ends at a critical point."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The steps (K, 2) of N curves from `seeds` (N, 2), those of one after those of another."""

    seeds: Floats
    bounds: Indices
    """The first step of each curve, and K (N + 1,)."""
    start: Floats
    end: Floats
    before: Floats
    """Tangents (K, 2) at the start, as long as the step."""
    after: Floats
    lengths: Floats
    critical: Flags

    def curve(self, index: int) -> Curve:
        """Return one curve through the parts of its steps."""
        steps = slice(self.bounds[index], self.bounds[index + 1])
        start, end = self.start[steps, None], self.end[steps, None]
        points = _cubic(start, end, self.before[steps, None], self.after[steps, None], _SHARES)
        points = np.concatenate([self.seeds[index, None], points.reshape(-1, 2)])
        return Curve(points, float(self.lengths[index]), bool(self.critical[index]))

    @property
    def critical_points(self) -> Floats:
        """The critical points (M, 2) at which curves end."""
        return self.end[self.bounds[1:][self.critical] - 1]


@np.errstate(all="ignore")
def curves_from(
    landscape: Landscape, seeds: Floats, is_blocked: Callable[[Floats], Flags] | None = None
) -> Curves:
    """Return the curves from seeds (N, 2), N uphill and then N downhill.

    They end at critical points, where there is no gradient or no value, at jumps and poles, at the border of
    the frame, where the direction turns around, and soon after they are blocked.
    """
    both = np.concatenate([seeds, seeds])
    count = len(both)
    state = _State(
        np.arange(count), np.repeat([1.0, -1.0], len(seeds)), both, landscape.values_at(both),
        np.full(count, _START_STEP), np.zeros(count, np.intp), np.zeros(count),
    )  # fmt: skip
    critical = np.zeros(count, np.bool_)
    steps = [_Steps(np.empty(0, np.intp), *np.empty((4, 0, 2)))]
    for _ in range(_MAX_ITERATIONS):
        if not len(state.owners):
            break
        steps += _iterate(landscape, state, critical)
        if is_blocked is not None:
            state.keep(~is_blocked(state.at))
    owners = np.concatenate([step.owners for step in steps])
    order = np.argsort(owners, kind="stable")
    parts = np.concatenate([np.stack(step.parts) for step in steps], axis=1)
    start, end, before, after = parts[:, order]
    lengths = np.hypot(*(end - start).T)
    bounds = np.searchsorted(owners[order], np.arange(count + 1))
    sums = np.asarray(np.bincount(owners[order], lengths, count), np.float64)
    return Curves(both, bounds, start, end, before, after, sums, critical)


class _Steps:
    """Steps of the curves `owners` (K,): their starts, ends and tangents at both, each (K, 2)."""

    def __init__(self, owners: Indices, *parts: Floats) -> None:
        self.owners, self.parts = owners, parts


@dataclass
class _State:
    """The ends of K curves that are not complete."""

    owners: Indices
    signs: Floats
    at: Floats
    values: Floats
    steps: Floats
    forced: Indices
    length: Floats

    def keep(self, which: Flags) -> None:
        """Keep some of the curves."""
        for name, part in vars(self).items():
            setattr(self, name, part[which])


def _iterate(landscape: Landscape, state: _State, critical: Flags) -> list[_Steps]:
    """Return the next step of each curve, if there is one, and forget complete curves."""
    vectors, partials, turning = _jacobian(landscape, state.at)
    gap = _to_critical(vectors, partials)
    ahead = (gap * vectors).sum(axis=-1) * state.signs > 0
    distance = magnitudes(gap)
    close = (distance > _SHORTEST_GAP) & (distance < CLOSE) & ahead
    there = magnitudes(landscape.vectors((state.at + gap)[close]))
    close[close] = there < _DECREASE * magnitudes(vectors[close])  # not at a kink or a pole
    close |= ~vectors.any(axis=-1)
    critical[state.owners[close]] = True
    at, gap = state.at[close], np.where(ahead[:, None], gap, 0.0)[close]
    last = _Steps(state.owners[close], at, at + gap, gap, gap)
    known = ~close & np.isfinite(vectors).all(axis=-1)
    state.keep(known)
    return [last, _advance(landscape, state, vectors[known], turning[:, known])]


def _advance(landscape: Landscape, state: _State, vectors: Floats, turning: Floats) -> _Steps:
    """Return the accepted steps of curves, and keep the curves that go on."""
    at, sign, h = state.at, state.signs[:, None], state.steps[:, None]
    direction = sign * _unit(vectors)
    new, error = _rodas3(landscape, state, direction, turning)
    arriving, values = landscape.vectors(new), landscape.values_at(new)
    after = sign * _unit(arriving)
    known = np.isfinite(after).all(axis=-1) & np.isfinite(values)
    known &= ~_jumps(landscape, state, new - at, (vectors, arriving), values)
    is_shortest = state.steps <= _MIN_STEP
    forced = known & (error > _TOLERANCE) & is_shortest & (state.forced < _MAX_FORCED)
    forced &= (direction * after).sum(axis=-1) > _MIN_COSINE
    accepted = (known & (error <= _TOLERANCE)) | forced
    outside = accepted & ((new < 0) | (new > landscape.frame.size)).any(axis=-1)
    before, behind, end = direction * h, after * h, new.copy()
    if outside.any():
        step = at[outside], new[outside], before[outside], behind[outside]
        end[outside], share = _to_border(*step, landscape.frame.size)
        before[outside] *= share
        behind[outside] = end[outside] - at[outside]
    steps = _Steps(state.owners[accepted], *(part[accepted] for part in (at, end, before, behind)))
    state.at = np.where(accepted[:, None], end, at)
    state.values = np.where(accepted, values, state.values)
    state.length = state.length + np.where(accepted, state.steps, 0.0)
    state.forced = state.forced + forced
    best = _SAFETY * np.cbrt(_TOLERANCE / np.fmax(error, np.finfo(np.float64).tiny))
    state.steps = np.clip(
        state.steps * np.where(known, np.clip(best, *_FACTORS), _FACTORS[0]), _MIN_STEP, _MAX_STEP
    )
    state.keep(~outside & (accepted | ~is_shortest) & (state.length < _MAX_LENGTH))
    return steps


def _rodas3(landscape: Landscape, state: _State, direction: Floats, turning: Floats) -> tuple[Floats, Floats]:
    """Return the ends (N, 2) of steps, and their errors (N,), from the Jacobian matrices of directions."""
    at, sign, h = state.at, state.signs[:, None], state.steps[:, None]
    (a, c), (b, d) = (sign * turning[0]).T, (sign * turning[1]).T
    diagonal = 1 / (_GAMMA * state.steps)
    matrix = diagonal - a, -b, -c, diagonal - d
    k1 = _solve(*matrix, direction)
    k2 = _solve(*matrix, direction + 4 * k1 / h)
    k3 = _solve(*matrix, sign * _unit(landscape.vectors(at + 2 * k1)) + (k1 - k2) / h)
    last = at + 2 * k1 + k3
    k4 = _solve(*matrix, sign * _unit(landscape.vectors(last)) + (k1 - k2 - 8 / 3 * k3) / h)
    return last + k4, np.hypot(*k4.T)


def _jacobian(landscape: Landscape, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Return vectors (N, 2), and the partial derivatives (2, N, 2) of them and of their directions.

    Differences of directions would be wrong where these turn around within the step, in a narrow valley.
    """
    shifts = np.array([[0.0, 0.0], [_DELTA, 0.0], [0.0, _DELTA]])
    vectors = landscape.vectors((at + shifts[:, None]).reshape(-1, 2)).reshape(3, -1, 2)
    partials, unit = (vectors[1:] - vectors[0]) / _DELTA, _unit(vectors[0])
    across = partials - (partials * unit).sum(axis=-1, keepdims=True) * unit
    turning = across / (vectors[0] * unit).sum(axis=-1, keepdims=True)
    return vectors[0], partials, np.where(np.isfinite(turning), turning, 0.0)


def _to_critical(vectors: Floats, partials: Floats) -> Floats:
    """Return the steps (N, 2) to where vectors (N, 2) vanish, by Newton's method.

    Where a matrix is singular, as in a straight valley, the step is along the vector.
    """
    largest = np.abs(partials).max(axis=(0, 2))[:, None]  # else products overflow
    (a, c), (b, d) = (partials[0] / largest).T, (partials[1] / largest).T
    scaled, (x, y) = vectors / largest, _unit(vectors).T
    bend = x * (a * x + b * y) + y * (c * x + d * y)
    is_singular = np.abs(a * d - b * c) <= _SINGULAR
    return np.where(is_singular[:, None], -scaled / bend[:, None], -_solve(a, b, c, d, scaled))


def _jumps(
    landscape: Landscape, state: _State, steps: Floats, vectors: tuple[Floats, Floats], values: Floats
) -> Flags:
    """Return whether (N,) values change by more or less along a step than the slopes at its ends give.

    Uphill they rise: a fall is a jump, or a pole.
    """
    first, last = (landscape.rises(one, steps) for one in vectors)
    change = values - state.values
    rounding = _VALUE_ROUNDING * np.fmax(np.abs(values), np.abs(state.values))
    allowed = np.abs(last - first) / 2 + _JUMP_SHARE * np.fmax(np.abs(first), np.abs(last)) + rounding
    is_fall = change * state.signs < -rounding
    return np.asarray((np.abs(change - (first + last) / 2) > allowed) | is_fall)


def _to_border(at: Floats, new: Floats, before: Floats, after: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Return the points (N, 2) where steps leave the frame, and the shares (N, 1) of the steps."""
    step = new - at
    room = np.where(step > 0, size - at, -at) / np.where(step == 0, np.nan, step)
    share = np.clip(np.fmin.reduce(room, axis=-1), 0.0, 1.0)[:, None]
    return np.clip(_cubic(at, new, before, after, share), 0.0, size), share


def _cubic(start: Floats, end: Floats, before: Floats, after: Floats, t: Floats) -> Floats:
    """Return the points at shares `t` of cubic curves with tangents at both ends."""
    curve = start + (end - start) * t**2 * (3 - 2 * t)
    return np.asarray(curve + before * t * (1 - t) ** 2 - after * t**2 * (1 - t))


def _unit(vectors: Floats) -> Floats:
    """Return vectors (..., 2) of length 1; NaN for 0."""
    scaled = vectors / np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(scaled / np.hypot(scaled[..., 0], scaled[..., 1])[..., None])


def _solve(a: Floats, b: Floats, c: Floats, d: Floats, right: Floats) -> Floats:
    """Return the solutions (N, 2) of systems of two equations with matrices [[a, b], [c, d]]."""
    x, y = right[:, 0], right[:, 1]
    return np.asarray(np.stack([d * x - b * y, a * y - c * x], axis=-1) / (a * d - b * c)[:, None])
