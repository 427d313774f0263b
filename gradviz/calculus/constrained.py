"""Critical points of a field subject to constraints, by Lagrange multipliers.

Newton's method solves grad f = sum of multipliers times grad g, g = 0 from many starts on the constraints.
The kind of a point is that of the Hessian of the Lagrange function on the tangent space of the constraints,
as the signs of the bordered Hessian give it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gradviz.arrays import Floats, axis, grid, magnitudes
from gradviz.calculus.clusters import thinned
from gradviz.calculus.critical import critical_points
from gradviz.calculus.gradients import gradient
from gradviz.calculus.newton import ScaledField
from gradviz.calculus.points import MISSING, NAMES, kind_of
from gradviz.errors import RequestError
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField

# Lengths are relative to the ranges, slopes and values of a constraint to its median slope.
_COUNTS = {1: 201, 2: 61, 3: 15, 4: 8, 5: 5, 6: 4}  # starts along each axis, by the number of variables
_FEWEST_COUNT = 3  # starts along each axis for more variables
_MOST_VARIABLES = 4  # number of variables above which the starts are too few for a complete search
_PROJECTIONS = 12  # Gauss-Newton steps from a start to the constraints
_NEWTON_STEPS = 60  # maximum number of Newton steps
_OUTER_MARGIN = 0.1  # distance by which iterates may leave the ranges
_LONGEST_STEP = 0.1
_CONVERGED = 1e-9  # residual of a solution
_SAME_POINT = 1e-6  # distance up to which solutions are one point
_SAME_DEGENERATE_POINT = 3e-3  # distance up to which degenerate solutions are one point
_ROUNDING_ERROR = 1e-13  # residual that is rounding
_DECIMALS = (10, 6, 4)  # decimals to which solutions are rounded if that keeps the residual
_CLEAR = 1e-7  # magnitude of an eigenvalue, relative to the largest, up to which it is 0
_ZERO = 1e-12  # magnitude of a coordinate that is 0
_RANK = 1e-8  # smallest singular value of the gradients of constraints that are independent
_MAX_ON_LINE = 12  # points that represent a line of critical points
_MAX_POINTS = 300  # points that are distinguished
_NAMED_POINTS = 4  # singular points in a message


@dataclass(frozen=True)
class ConstrainedPoint:
    """A point where the gradient is a combination of the gradients of the constraints."""

    at: tuple[float, ...]
    """The D coordinates."""
    value: float
    kind: str
    """"constrained minimum", "constrained maximum", "constrained saddle" or "constrained degenerate"."""
    eigenvalues: tuple[float, ...]
    """The eigenvalues of the Hessian of the Lagrange function on the D - m tangent directions, ascending."""
    multipliers: tuple[float, ...]
    """The m multipliers."""


class ConstrainedPoints(NamedTuple):
    """The critical points of a field subject to constraints, in ranges of its variables."""

    points: tuple[ConstrainedPoint, ...]
    """The points, sorted by kind and then by coordinates."""
    notes: tuple[str, ...] = ()
    """Warnings about the search."""

    @property
    def summary(self) -> str:
        """The number of points of each kind, as a message."""
        kinds = [point.kind for point in self.points]
        counts = ((kinds.count(kind), NAMES[word]) for word, kind in zip(NAMES, _KINDS, strict=True))
        texts = [f"{count} constrained {names[count > 1]}" for count, names in counts if count]
        return f"constrained points: {', '.join(texts) or 'none found'}"


_KINDS = tuple(f"constrained {kind}" for kind in NAMES)


class _System(NamedTuple):
    """A field and m constraints in units of the ranges, each constraint divided by its median slope."""

    field: ScaledField
    constraints: tuple[ScaledField, ...]
    sizes: Floats
    """The median slopes (m,) of the constraints."""

    def values(self, points: Floats) -> Floats:
        """Return the values (N, m) of the constraints at points (N, D)."""
        found: Floats = np.stack([one.field(points) for one in self.constraints], axis=-1)
        return found / self.sizes

    def slopes(self, points: Floats) -> Floats:
        """Return the gradients (N, m, D) of the constraints."""
        found = np.stack([one.gradient(points) for one in self.constraints], axis=-2)
        return found / self.sizes[:, None]


@np.errstate(all="ignore")
def constrained_points(
    field: ScalarField, constraints: Sequence[Field], ranges: Sequence[Sequence[float]]
) -> ConstrainedPoints:
    """Find and classify the critical points of a field where m constraints are zero.

    Parameters
    ----------
    field : ScalarField
        A function of D variables.
    constraints : sequence of m Fields
        Functions of the same variables that are zero on the constraints, m < D.
    ranges : sequence of D (low, high)
        The interval of each variable.

    Returns
    -------
    ConstrainedPoints
        `points` with multipliers, kinds and eigenvalues, and `notes`. A point where the gradients of the
        constraints are dependent has no multipliers and is in the notes.

    Raises
    ------
    RequestError
        If there are as many constraints as variables.

    References
    ----------
    J. Nocedal and S. J. Wright, "Numerical Optimization", 2006, sections 12.5 and 18.1.

    Examples
    --------
    >>> import gradviz
    >>> f, g = gradviz.field("x + y"), gradviz.field("x**2 + y**2 - 2")
    >>> [(point.at, point.kind) for point in constrained_points(f, [g], [(-2, 2), (-2, 2)]).points]
    [((-1.0, -1.0), 'constrained minimum'), ((1.0, 1.0), 'constrained maximum')]
    """
    limits = np.array([(low, high) for low, high, *_ in ranges], np.float64).reshape(-1, 2)
    count = len(limits)
    if len(constraints) >= count:
        raise RequestError(f"constraints must be fewer than the {count} variables, got {len(constraints)}")
    low, length = limits[:, 0], limits[:, 1] - limits[:, 0]
    number = _COUNTS.get(count, _FEWEST_COUNT)
    starts = grid([axis((a, b), number) for a, b in limits.tolist()])
    scaled = [ScaledField(one, low, length) for one in (field, *constraints)]
    medians = [np.nanmedian(magnitudes(one.gradient(starts))) for one in scaled]
    sizes = np.array([size if size > 0 else 1.0 for size in medians])
    system = _System(scaled[0], tuple(scaled[1:]), sizes[1:])
    feasible = thinned(_projected(system, starts), min(one.max_starts for one in scaled))
    size = float(sizes[0])
    found = _described(system, *_distinct(system, _solved(system, feasible, size), size))
    points = _without_spread(found, length)
    notes = [*_singular_notes(constraints, limits), *([MISSING] if count > _MOST_VARIABLES else [])]
    if not len(feasible):
        notes.append("the constraint holds nowhere in the range")
    degenerate = [point for point in points if point.kind == _KINDS[-1]]
    if len(degenerate) > _MAX_ON_LINE:
        notes.append(f"the function is constant along a constraint; {_MAX_ON_LINE} of its points are listed")
        kept = degenerate[:: -(-len(degenerate) // _MAX_ON_LINE)]
        points = [point for point in points if point.kind != _KINDS[-1]] + kept
    return ConstrainedPoints(
        tuple(sorted(points, key=lambda one: (_KINDS.index(one.kind), one.at))), tuple(notes)
    )


def _projected(system: _System, points: Floats) -> Floats:
    """Return the points (N, D) that arrive at the constraints in the ranges by Gauss-Newton steps."""
    low, length = system.field.low, system.field.length
    for _ in range(_PROJECTIONS):
        steps = np.einsum("ndm,nm->nd", _pinv(system.slopes(points)), system.values(points))
        sizes = magnitudes(steps)[:, None]
        points = points - steps * np.minimum(1.0, _LONGEST_STEP / np.fmax(sizes, 1e-300)) * length
    places = (points - low) / length
    inside = ((places >= -_OUTER_MARGIN) & (places <= 1 + _OUTER_MARGIN)).all(axis=-1)
    near = magnitudes(system.values(points)) < np.sqrt(_CONVERGED)
    found: Floats = points[inside & near]
    return found


def _pinv(matrices: Floats) -> Floats:
    """Return the pseudoinverses (N, b, a) of matrices (N, a, b); one that is not finite counts as zero."""
    good = np.isfinite(matrices).all(axis=(-1, -2), keepdims=True)
    found: Floats = np.linalg.pinv(np.where(good, matrices, 0.0), rcond=1e-13)
    return found


def _multipliers(slopes: Floats, gradients: Floats) -> Floats:
    """Return the multipliers (N, m) with the smallest remainder of gradients (N, D)."""
    found: Floats = np.einsum("nmd,nd->nm", np.swapaxes(_pinv(slopes), -1, -2), gradients)
    return found


def _solved(system: _System, points: Floats, size: float) -> Floats:
    """Return the solutions (K, D) that starts (N, D) converge to.

    A step solves the linearized equations of the Lagrange function; it is shortened, and taken only if it
    reduces the residual.
    """
    count, length = points.shape[-1], system.field.length
    trust = np.full(len(points), _LONGEST_STEP)
    slopes, gradients, multipliers, residuals = _state(system, points, size)
    for _ in range(_NEWTON_STEPS):
        if not len(points) or (residuals < _CONVERGED / 100).all():
            break
        hessians = _lagrange_hessians(system, points, multipliers)
        border = np.zeros((len(points), slopes.shape[1], slopes.shape[1]))
        upper = np.concatenate((hessians, -np.swapaxes(slopes, -1, -2)), axis=-1)
        matrix = np.concatenate((upper, np.concatenate((slopes, border), axis=-1)), axis=-2)
        rest = gradients - np.einsum("nmd,nm->nd", slopes, multipliers)
        right = -np.concatenate((rest, system.values(points)), axis=-1)
        steps = np.einsum("nij,nj->ni", _pinv(matrix), right)[:, :count]
        sizes = np.fmax(magnitudes(steps), 1e-300)
        trial = points + steps * np.minimum(1.0, trust / sizes)[:, None] * length
        after = _state(system, trial, size)
        better = after[3] < residuals
        trust = np.where(better, np.minimum(2 * trust, _LONGEST_STEP), trust / 4)
        points = np.where(better[:, None], trial, points)
        slopes, gradients, multipliers, residuals = (
            np.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)
            for new, old in zip(after, (slopes, gradients, multipliers, residuals), strict=True)
        )
    found: Floats = points[residuals < _CONVERGED]
    return found


def _state(system: _System, points: Floats, size: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the slopes of constraints, the gradients, the multipliers and the residuals (N,) at points."""
    slopes, gradients = system.slopes(points), system.field.gradient(points)
    multipliers = _multipliers(slopes, gradients)
    rest = gradients - np.einsum("nmd,nm->nd", slopes, multipliers)
    residuals = magnitudes(rest) / size + magnitudes(system.values(points))
    return slopes, gradients, multipliers, np.where(np.isfinite(residuals), residuals, np.inf)


def _lagrange_hessians(system: _System, points: Floats, multipliers: Floats) -> Floats:
    """Return the Hessians (N, D, D) of the Lagrange function, for multipliers of divided constraints."""
    hessians = system.field.hessian(points)
    for j, one in enumerate(system.constraints):
        hessians = hessians - (multipliers[:, j] / system.sizes[j])[:, None, None] * one.hessian(points)
    return hessians


def _distinct(system: _System, points: Floats, size: float) -> tuple[Floats, Floats]:
    """Return solutions in the ranges, once each, where gradients exist and those of constraints suffice."""
    low, length = system.field.low, system.field.length
    points = np.where(np.abs(points) <= _ZERO * length, 0.0, points)
    residuals = _state(system, points, size)[3]
    for decimals in _DECIMALS:
        rounded = system.field.rounded(points, decimals)
        after = _state(system, rounded, size)[3]
        points = np.where((after <= np.fmax(residuals, _ROUNDING_ERROR))[:, None], rounded, points)
        residuals = np.fmin(after, residuals)
    order = np.argsort(residuals, kind="stable")
    points, multipliers = points[order], _state(system, points[order], size)[2]
    places = (points - low) / length
    inside = ((places >= -_CONVERGED) & (places <= 1 + _CONVERGED)).all(axis=-1)
    distances = np.einsum("ndm,nm->nd", _pinv(system.slopes(points)), system.values(points))
    inside &= magnitudes(distances) <= _SAME_POINT  # near a cusp, a small value is no small distance
    points, multipliers = points[inside], multipliers[inside]
    kept: list[int] = []
    for index in range(len(points)):
        apart = magnitudes((points[kept] - points[index]) / length)
        if not (apart <= _SAME_POINT).any():
            kept.append(index)
        if len(kept) > _MAX_POINTS:  # on a line along which the function is constant
            break
    points, multipliers = points[kept], multipliers[kept]
    if not len(points):
        return points, multipliers
    exists = np.linalg.svd(system.slopes(points), compute_uv=False)[:, -1] > _RANK
    for one in (system.field, *system.constraints):
        how = "exact" if isinstance(one.field, Field) else "adaptive"
        exists &= gradient(one.field, method=how, apart=True).estimate(points).reliable
    return points[exists], multipliers[exists]


def _described(system: _System, points: Floats, multipliers: Floats) -> list[ConstrainedPoint]:
    """Return solutions with their kinds, in units of the variables and of the functions."""
    length, found = system.field.length, []
    hessians = _lagrange_hessians(system, points, multipliers) / length / length[:, None]
    slopes = system.slopes(points) / length
    own = np.abs(system.field.hessian(points) / length / length[:, None]).max(axis=(-1, -2), initial=0.0)
    sizes = own + np.abs(hessians).max(axis=(-1, -2), initial=0.0)  # large terms of a sum may cancel
    values, multipliers = system.field.field(points), multipliers / system.sizes
    scales = np.abs(multipliers).max(axis=-1, initial=0.0, keepdims=True)
    multipliers = np.where(np.abs(multipliers) <= _ZERO * scales, 0.0, multipliers) + 0.0
    for k, point in enumerate(points + 0.0):
        tangent = np.linalg.svd(slopes[k])[2][len(system.constraints) :]
        eigenvalues = np.linalg.eigvalsh(tangent @ hessians[k] @ tangent.T)
        largest = max(sizes[k], float(np.abs(eigenvalues).max()))
        eigenvalues = np.where(np.abs(eigenvalues) <= _CLEAR * largest, 0.0, eigenvalues)
        kind = "degenerate" if not eigenvalues.all() else kind_of(eigenvalues.tolist())
        at, numbers = tuple(point.tolist()), (tuple(eigenvalues.tolist()), tuple(multipliers[k].tolist()))
        found.append(ConstrainedPoint(at, float(values[k]) + 0.0, f"constrained {kind}", *numbers))
    return found


def _without_spread(points: list[ConstrainedPoint], length: Floats) -> list[ConstrainedPoint]:
    """Return points without degenerate ones close to an earlier point: there, steps converge slowly."""
    kept: list[ConstrainedPoint] = []
    for point in points:
        others = np.array([other.at for other in kept]).reshape(-1, len(length))
        near = magnitudes((others - point.at) / length) <= _SAME_DEGENERATE_POINT
        if point.kind != _KINDS[-1] or not near.any():
            kept.append(point)
    return kept


def _singular_notes(constraints: Sequence[Field], limits: Floats) -> list[str]:
    """Return warnings of points of a constraint at which its gradient vanishes."""
    notes = []
    for one in constraints:
        scale = float(np.nanmedian(np.abs(one(grid([axis((a, b), 9) for a, b in limits.tolist()])))))
        found = critical_points(one, limits.tolist()).points if len(limits) <= _MOST_VARIABLES else ()
        at = [point.at for point in found if abs(point.value) <= _ZERO * scale]
        if at:
            places = ", ".join(f"({', '.join(f'{x:.6g}' for x in place)})" for place in at[:_NAMED_POINTS])
            notes.append(
                f"the gradient of a constraint vanishes at {places}, where extrema have no multiplier"
            )
    return notes
