"""Newton's method for zeros of the gradient of a field, from many starts at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.limits import HESSIAN_OPERATIONS

if TYPE_CHECKING:
    from gradviz.calculus.roots import Roots

# Lengths are relative to the ranges, and slopes to the median slope, unless stated otherwise.
CLOSE = 1e-8  # length of a step at which the iteration has converged
_MAX_TRUST = 0.1  # initial and largest trust length
_MARGIN = 0.1  # distance by which iterates may leave the ranges
_MIN_MOVE = 0.1  # share of a step inside the border; with less, it leads to a zero outside
_MAX_BLOCKED = 20  # consecutive iterations with less, after which a start is given up
_ITERATIONS = 200  # maximum number of Newton iterations
_MAX_WORK = 2e8  # maximum number of operations on numbers in one search, about half a second
_EIGEN_WORK = 1_500  # cost of the eigenvalues of one Hessian, in operations on numbers
_MIN_ITERATIONS = 20  # iterations for which the maximum work must suffice, which limits the starts
_MAX_UNFINISHED = 0.2  # largest share of unfinished starts in a complete search: on plateaus none converges
_POLISHING_STEPS = 6  # Newton steps after convergence, down to rounding
_DIFFERENCE_STEP = 1e-5  # step of the finite differences for a Hessian that is not exact
_SINGULAR = 1e-13  # magnitude of an eigenvalue, relative to the largest, up to which it is rounding
_NOISE = 1e-13  # norm of a gradient up to which it is rounding, so that no step is short
_NULL = 1e-9  # norm of the part of a gradient in the null space of the Hessian at which it has converged
ROUGH_PLACES = 6
_PLACES = (10, ROUGH_PLACES)  # decimals to which critical points are rounded if that keeps the slopes small


@dataclass(frozen=True)
class ScaledField:
    """A field whose gradient and Hessian are in units of the ranges of its variables.

    A slope is the change of f over the whole range of a variable, so that all variables have equal weight.
    """

    field: ScalarField
    low: Floats
    """The lower limits (D,) of the ranges."""
    length: Floats
    """The lengths (D,) of the ranges."""
    median_slope: float = 0.0
    """The median norm of the gradient over the ranges."""

    def gradient(self, points: Floats) -> Floats:
        """Return the gradient (..., D) at points (..., D)."""
        with np.errstate(all="ignore"):
            return self.field.gradient(points) * self.length

    def hessian(self, points: Floats) -> Floats:
        """Return the Hessians (..., D, D) at points (..., D): exact, or differences of gradients."""
        with np.errstate(all="ignore"):
            if self.exact:
                return self.field.hessian(points) * self.length[:, None] * self.length
            shifts = _DIFFERENCE_STEP * np.diag(self.length)
            after, before = (self.gradient(points[..., None, :] + sign * shifts) for sign in (1, -1))
            hessians = (after - before) / (2 * _DIFFERENCE_STEP)
            return (hessians + np.swapaxes(hessians, -1, -2)) / 2

    @cached_property
    def exact(self) -> bool:
        """Return whether Hessians are exact; those of large formulas are finite differences."""
        operations = self.field.operations * len(self.low)
        return self.field.has_formula and operations <= HESSIAN_OPERATIONS

    @cached_property
    def roots(self) -> Roots | None:
        """The zeros of the gradient in multiple precision; None for large formulas and Python code."""
        if not self.exact or not isinstance(self.field, Field):
            return None
        from gradviz.calculus.roots import Roots  # not at the top: figures need no mpmath

        return Roots(self.field.precise)

    @property
    def iteration_work(self) -> float:
        """The number of operations on numbers in one iteration from one start."""
        return self.field.operations * (2 * len(self.low) + 1) + _EIGEN_WORK

    @property
    def max_starts(self) -> int:
        """The number of starts for which `newton` has enough iterations within the maximum work."""
        return int(_MAX_WORK / _MIN_ITERATIONS / self.iteration_work)

    def rounded(self, points: Floats, places: int) -> Floats:
        """Return points (N, D) with each coordinate rounded to `places` decimals relative to its range."""
        decimals = places - np.floor(np.log10(self.length)).astype(int)
        columns = zip(points.T, decimals.tolist(), strict=True)
        return np.stack([np.round(column, place) for column, place in columns], axis=-1)


class Spectrum(NamedTuple):
    """The eigenvalues (N, D) of Hessians and, as columns, their eigenvectors (N, D, D)."""

    values: Floats
    vectors: Floats

    @property
    def null(self) -> NDArray[np.bool_]:
        """Mask (N, D) of eigenvalues that vanish relative to the largest one."""
        sizes = np.abs(self.values)
        mask: NDArray[np.bool_] = sizes <= _SINGULAR * sizes.max(axis=-1, keepdims=True)
        return mask

    def steps(self, slopes: Floats) -> tuple[Floats, Floats]:
        """Return the Newton steps -H^+ g (N, D) for gradients g (N, D), and the residual norms (N,).

        H^+ is the pseudoinverse; the residual is the part of g in the null space of H.
        """
        along = np.einsum("nij,ni->nj", self.vectors, slopes)
        with np.errstate(all="ignore"):
            steps = np.einsum("nij,nj->ni", self.vectors, np.where(self.null, 0.0, -along / self.values))
        return steps, magnitudes(np.where(self.null, along, 0.0))


def spectrum(hessians: Floats) -> Spectrum:
    """Return the spectrum of Hessians (N, D, D); one that is not finite counts as zero."""
    good = np.isfinite(hessians).all(axis=(-1, -2), keepdims=True)
    return Spectrum(*np.linalg.eigh(np.where(good, hessians, 0.0)))


def newton(scaled: ScaledField, starts: Floats) -> tuple[Floats, bool]:
    """Return the zeros (N, D) of the gradient to which starts (N, D) converge, NaN for those that do not.

    Also returns False if the search ended early, with many starts that could still converge.

    A Newton step -H^+ g is limited to a trust length. It is accepted if the next step with the same H is
    shorter (the natural monotonicity test, which follows curved valleys where a test of |g| would not); else
    the trust length shrinks, as near a pole or the boundary of the domain. The criterion for convergence is a
    short step: |g| is also small on the tail of exp(-x^2).

    P. Deuflhard, "Newton Methods for Nonlinear Problems", 2004, section 3.3.
    """
    results = np.full(starts.shape, np.nan)
    slopes = scaled.gradient(starts)
    active = np.flatnonzero(np.isfinite(slopes).all(axis=-1))  # indices of the starts still iterated
    points, slopes, trust = starts[active], slopes[active], np.full(len(active), _MAX_TRUST)
    blocked = np.zeros(len(active), np.intp)  # iterations in which the border cuts off most of the step
    low, high = (scaled.low + margin * scaled.length for margin in (-_MARGIN, 1 + _MARGIN))
    work = 0.0
    for _ in range(_ITERATIONS):
        work += len(active) * scaled.iteration_work
        if not len(active) or work > _MAX_WORK:
            break
        hessians = spectrum(scaled.hessian(points))
        steps, residuals = hessians.steps(slopes)
        lengths = magnitudes(steps)
        converged = (lengths <= CLOSE) & (residuals <= _NULL * scaled.median_slope)
        converged |= (trust < CLOSE) & (magnitudes(slopes) <= _NOISE * scaled.median_slope)
        results[active[converged]] = points[converged]
        on = ~converged & (lengths > 0) & (trust >= CLOSE) & (blocked < _MAX_BLOCKED)
        active, blocked = active[on], blocked[on]
        points, slopes, trust, steps, lengths = (part[on] for part in (points, slopes, trust, steps, lengths))
        taken = np.minimum(lengths, trust)
        trial = np.clip(points + steps * (taken / lengths)[:, None] * scaled.length, low, high)
        is_short = magnitudes((trial - points) / scaled.length) < _MIN_MOVE * taken
        blocked = np.where(is_short, blocked + 1, 0)
        trial_slopes = scaled.gradient(trial)
        next_steps, next_residuals = Spectrum(*(part[on] for part in hessians)).steps(trial_slopes)
        better = (magnitudes(next_steps) < lengths) & np.isfinite(next_residuals)
        points, slopes = _chosen(better, trial, points), _chosen(better, trial_slopes, slopes)
        trust = np.where(better, np.minimum(2 * trust, _MAX_TRUST), taken / 4)
    found = np.isfinite(results[:, 0])
    if found.any():
        results[found] = polished(scaled, results[found])
    return results, work <= _MAX_WORK or len(active) <= _MAX_UNFINISHED * len(starts)


def polished(scaled: ScaledField, points: Floats) -> Floats:
    """Return points (N, D) after more Newton steps and rounding to decimals.

    A step is taken if it reduces the norm of the gradient, a coordinate rounded if that does not increase it.
    """
    slopes = scaled.gradient(points)
    for _ in range(_POLISHING_STEPS):
        steps, _ = spectrum(scaled.hessian(points)).steps(slopes)
        trial = points + steps * scaled.length
        trial_slopes = scaled.gradient(trial)
        better = magnitudes(trial_slopes) < magnitudes(slopes)
        if not better.any():
            break
        points, slopes = _chosen(better, trial, points), _chosen(better, trial_slopes, slopes)
    for places in _PLACES:
        rounded = scaled.rounded(points, places)
        for axis in range(points.shape[-1]):  # one by one: in (-pi, 4e-31) only the second becomes 0
            trial = points.copy()
            trial[:, axis] = rounded[:, axis]
            trial_slopes = scaled.gradient(trial)
            better = magnitudes(trial_slopes) <= magnitudes(slopes)
            points, slopes = _chosen(better, trial, points), _chosen(better, trial_slopes, slopes)
    return points


def _chosen(mask: NDArray[np.bool_], yes: Floats, no: Floats) -> Floats:
    """Return the rows (N, D) of `yes` where the mask (N,) is true, else those of `no`."""
    return np.where(mask[:, None], yes, no)
