"""Newton's method for the zeros of a gradient, from many starts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.fields.scalar import ScalarField
from gradviz.limits import HESSIAN_OPERATIONS

ROUGH_PLACES = 6
CLOSE = 1e-8  # of the range: a step as short as this has arrived
_TRUST = 0.1  # of the range: no step is longer
_ROOM = 0.1  # of the range: how far beyond its ends the way may lead
_ITERATIONS = 200
_WORK = 2e8  # operations on numbers that a search may take, about half a second
_OVERHEAD = 1_500  # operations' worth of time for a spectrum
_LEAST_ITERATIONS = 20
_LEFT = 0.2  # of the ways: where a function is flat, ways have no end
_LAST = 6  # steps that take an end from close by down to rounding
_STEP = 1e-5  # of the range, for second derivatives by differences
_SINGULAR = 1e-13  # of the largest eigenvalue: below, rounding is all there is
_NOISE = 1e-13  # of a typical slope: where rounding is all there is, no step is short
_NULL = 1e-9  # of a typical slope: what may be left in directions that have no curvature
_PLACES = (10, ROUGH_PLACES)  # decimals, of the range, at which an end may be rounded


@dataclass(frozen=True)
class ScaledField:
    """A field over ranges from `low` (D,) of `length` (D,), whose derivatives count in lengths of the ranges.

    So all variables weigh the same: a slope is the change over a whole range, and so is a step's unit.
    """

    field: ScalarField
    low: Floats
    length: Floats
    median_slope: float = 0.0
    """The median size of the slopes over the ranges."""

    def gradient(self, points: Floats) -> Floats:
        """Return the exact slopes (..., D) at points (..., D)."""
        with np.errstate(all="ignore"):
            return self.field.gradient(points) * self.length

    def hessian(self, points: Floats) -> Floats:
        """Return the second derivatives (..., D, D) at points (..., D).

        They are exact, or differences of the exact slopes where the formula is too large.
        """
        with np.errstate(all="ignore"):
            if self.exact:
                return self.field.hessian(points) * self.length[:, None] * self.length
            shifts = _STEP * np.diag(self.length)
            beyond, before = (self.gradient(points[..., None, :] + side * shifts) for side in (1, -1))
            found = (beyond - before) / (2 * _STEP)
            return (found + np.swapaxes(found, -1, -2)) / 2

    @cached_property
    def exact(self) -> bool:
        """Whether the second derivatives are exact."""
        operations = self.field.operations * len(self.low)
        return self.field.has_formula and operations <= HESSIAN_OPERATIONS

    @property
    def iteration_work(self) -> float:
        """How many operations on numbers a point takes in one iteration."""
        return self.field.operations * (2 * len(self.low) + 1) + _OVERHEAD

    @property
    def max_starts(self) -> int:
        """From how many starts `newton` gets somewhere with the work that it may take."""
        return int(_WORK / _LEAST_ITERATIONS / self.iteration_work)

    def rounded(self, points: Floats, places: int) -> Floats:
        """Return points (N, D) with each coordinate rounded to so many decimals of its range's size."""
        decimals = places - np.floor(np.log10(self.length)).astype(int)
        return np.stack(
            [np.round(column, place) for column, place in zip(points.T, decimals.tolist(), strict=True)],
            axis=-1,
        )


class Spectrum(NamedTuple):
    """The eigenvalues (N, D) of curvatures and, in columns, the eigenvectors (N, D, D).

    Curvatures that are not finite count as zero.
    """

    values: Floats
    vectors: Floats

    @property
    def null(self) -> NDArray[np.bool_]:
        """Which eigenvalues (N, D) vanish beside the largest."""
        sizes = np.abs(self.values)
        found: NDArray[np.bool_] = sizes <= _SINGULAR * sizes.max(axis=-1, keepdims=True)
        return found

    def steps(self, slopes: Floats) -> tuple[Floats, Floats]:
        """Return -H^-1 g (N, D) of least size, and the size (N,) of what it leaves of the slopes g (N, D).

        That is the part of g along eigenvectors without curvature.
        """
        along = np.einsum("nij,ni->nj", self.vectors, slopes)
        with np.errstate(all="ignore"):
            steps = np.einsum("nij,nj->ni", self.vectors, np.where(self.null, 0.0, -along / self.values))
        return steps, magnitudes(np.where(self.null, along, 0.0))


def spectrum(curvatures: Floats) -> Spectrum:
    """Return the spectrum of curvatures (N, D, D)."""
    good = np.isfinite(curvatures).all(axis=(-1, -2), keepdims=True)
    return Spectrum(*np.linalg.eigh(np.where(good, curvatures, 0.0)))


def newton(scaled: ScaledField, starts: Floats) -> tuple[Floats, bool]:
    """Return where ways from starts (N, D) come to vanishing slopes: (N, D), NaN for those that do not.

    Also tells whether the ways were followed to their ends, or many given up as too much work.

    Newton's step -H^-1 g is taken no further than a trust length. It has to make the next one shorter, with
    the same H (the natural monotonicity test, which follows curved valleys as a test of |g| would not), or
    the trust shrinks: near a pole, or at the edge of the domain. In directions without curvature there is no
    step. A way has arrived where the step is short: a small |g| is found on the flat tail of exp(-x^2), too.
    Deuflhard, "Newton Methods for Nonlinear Problems" (2004), 3.3.
    """
    ends = np.full(starts.shape, np.nan)
    slopes = scaled.gradient(starts)
    ways = np.flatnonzero(np.isfinite(slopes).all(axis=-1))  # which of the starts are still on the way
    points, slopes, trust = starts[ways], slopes[ways], np.full(len(ways), _TRUST)
    first, last = (scaled.low + room * scaled.length for room in (-_ROOM, 1 + _ROOM))
    work = 0.0
    for _ in range(_ITERATIONS):
        work += len(ways) * scaled.iteration_work
        if not len(ways) or work > _WORK:
            break
        hessians = spectrum(scaled.hessian(points))
        steps, left = hessians.steps(slopes)
        lengths = magnitudes(steps)
        arrived = (lengths <= CLOSE) & (left <= _NULL * scaled.median_slope)
        arrived |= (trust < CLOSE) & (magnitudes(slopes) <= _NOISE * scaled.median_slope)
        ends[ways[arrived]] = points[arrived]
        on = ~arrived & (lengths > 0) & (trust >= CLOSE)
        ways = ways[on]
        points, slopes, trust, steps, lengths = (part[on] for part in (points, slopes, trust, steps, lengths))
        taken = np.minimum(lengths, trust)
        tried = np.clip(points + steps * (taken / lengths)[:, None] * scaled.length, first, last)
        new = scaled.gradient(tried)
        next_steps, next_left = Spectrum(*(part[on] for part in hessians)).steps(new)
        better = (magnitudes(next_steps) < lengths) & np.isfinite(next_left)
        points, slopes = _chosen(better, tried, points), _chosen(better, new, slopes)
        trust = np.where(better, np.minimum(2 * trust, _TRUST), taken / 4)
    there = np.isfinite(ends[:, 0])
    ends[there] = _polished(scaled, ends[there])
    return ends, work <= _WORK or len(ways) <= _LEFT * len(starts)


def _polished(scaled: ScaledField, points: Floats) -> Floats:
    """Return ends (N, D) after some last steps, each taken only if the slopes shrink, and at round numbers.

    Rounding of a coordinate is taken only if the slopes do not grow by it.
    """
    slopes = scaled.gradient(points)
    for _ in range(_LAST):
        steps, _ = spectrum(scaled.hessian(points)).steps(slopes)
        tried = points + steps * scaled.length
        new = scaled.gradient(tried)
        better = magnitudes(new) < magnitudes(slopes)
        if not better.any():
            break
        points, slopes = _chosen(better, tried, points), _chosen(better, new, slopes)
    for places in _PLACES:
        rounded = scaled.rounded(points, places)
        for axis in range(points.shape[-1]):  # of -pi and 4e-31, the second becomes 0
            tried = points.copy()
            tried[:, axis] = rounded[:, axis]
            new = scaled.gradient(tried)
            better = magnitudes(new) <= magnitudes(slopes)
            points, slopes = _chosen(better, tried, points), _chosen(better, new, slopes)
    return points


def _chosen(where: NDArray[np.bool_], yes: Floats, no: Floats) -> Floats:
    return np.where(where[:, None], yes, no)
