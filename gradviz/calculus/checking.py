"""Is a gradient right? The one by differences against the exact one, or against one worked out by hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points
from gradviz.calculus.differences import Function, central
from gradviz.calculus.gradients import gradient
from gradviz.calculus.reliability import Reason
from gradviz.errors import RequestError, visible

TOLERANCE = 1e-6
CENTRAL_TOLERANCE = 1e-5
"""A central difference cuts off h^2/6 f''' and rounds by eps |f|/h. With the book's h = 1e-4 the first is
below 1e-5 of the slope where that changes over lengths of 0.013 or more; the second is 2e-12 |f|."""

_FLOOR = 1e-2  # of a component's typical size: where the component passes through 0 it is no measure
_LEAST = 1e-6  # of the gradient's typical size: 1e-12 of a gradient is all that differences can see
_CONFIDENCE = 2  # how often its estimate an error may be
_FINER = 7  # by which a first step is divided to confirm a fault; not a power of 2, which would alias
_ENOUGH = 0.25  # of the points at which the function is defined: with fewer there is no answer
_UNDEFINED = 0.05  # of the points: a claim that is undefined at more of them is wrong there
_SMALL = 1e-9  # of a component's greatest size: what is smaller is no measure
_EQUAL = 1e-9  # relative: errors that differ by less are the same but for rounding


@dataclass(frozen=True)
class Check:
    """What came of comparing two gradients at many points."""

    ok: bool
    points: int
    """How many points were compared; without any the check is not ok."""
    max_error: float
    """The greatest relative error; infinite where a claim is undefined, NaN if nothing was compared."""
    worst_point: tuple[float, ...] | None
    numerical: tuple[float, ...] | None
    """The gradient by differences at the worst point."""
    expected: tuple[float, ...] | None
    """The exact or the claimed gradient at the worst point."""
    unreliable: int
    """How many points were left out."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why they were left out: how many points for each word of `Reason`."""
    wrong: tuple[int, ...] = ()
    """At how many points each component of the gradient is wrong."""
    tolerance: float = TOLERANCE


def check_gradient(
    function: Function,
    points: ArrayLike,
    *,
    method: str = "adaptive",
    step: float | None = None,
    scale: tuple[float, ...] | None = None,
    expected: Callable[[Floats], ArrayLike] | None = None,
    tolerance: float | None = None,
) -> Check:
    """Compare a function's gradient by differences with another one at points (..., D).

    `expected` maps points (N, D) to gradients (N, D); by default it is the exact gradient, which needs a
    `Field`. `method`, `step` and `scale` are those of `gradient`. The error of a component is relative to its
    size there or, where it passes through 0, to a hundredth of its typical size. A difference within twice
    the estimated error of the differences counts as no more than the tolerance: 1e-6, for `central` 1e-5.

    A point at which the differences are unreliable (a kink, a jump, a pole, the edge of the domain) is left
    out, and so is one without an exact gradient. A claim that is undefined at a few points, as a quotient may
    be, is left out there; at more of them it is wrong. It is not ok if hardly a point could be compared.

    >>> check_gradient(field("x0**2 + 3*x1"), [[1, 2], [3, 4]], expected=lambda p: p * [2, 0] + [0, 3]).ok
    True
    """
    points = as_points(points)
    rows = points.reshape(math.prod(points.shape[:-1]), points.shape[-1])
    limit = _tolerance(tolerance, method)
    scale = _scale(rows) if scale is None else scale
    estimate = gradient(function, method=method, step=step, scale=scale).estimate(rows)
    found, marks = estimate.gradient, estimate.marks.copy()
    if expected is None:
        wanted = gradient(function, method="exact", scale=scale)(rows)
        marks[np.isnan(wanted).any(axis=-1) & estimate.reliable] = Reason.UNDEFINED
    else:
        wanted = _claimed(expected, rows)
        gaps = np.isnan(wanted).any(axis=-1) & estimate.reliable
        if gaps.mean() <= _UNDEFINED:
            marks[gaps] = Reason.UNDEFINED
    errors = _errors(found, wanted, _CONFIDENCE * estimate.error / limit, marks)
    if method == "adaptive":
        suspect = np.flatnonzero((errors > limit).any(axis=-1))
        finer = gradient(function, step=step and step / _FINER, scale=tuple(s / _FINER for s in scale))
        apart = np.abs(finer(rows[suspect]) - found[suspect]) > limit * sizes_of(found)[suspect]
        marks[suspect[apart.any(axis=-1)]] = Reason.NOISE
    compared = np.equal(marks, Reason.NONE)
    reasons = Counter(Reason(mark).word for mark in marks[~compared].tolist())
    vectors = (rows[compared], found[compared], wanted[compared])
    return _told(vectors, errors[compared], limit, dict(reasons.most_common()))


def _errors(found: Floats, wanted: Floats, slack: Floats, marks: NDArray[np.uint8]) -> Floats:
    """Return relative errors (N, D), 0 where there is a mark; no size is taken below the slack (N, D)."""
    errors = np.zeros(found.shape)
    good = np.equal(marks, Reason.NONE)
    found, wanted, slack = found[good], wanted[good], slack[good]
    with np.errstate(all="ignore"):
        known = np.where(np.isfinite(wanted), np.abs(wanted), 0.0)
        sizes = np.maximum(sizes_of(np.maximum(np.abs(found), known)), slack)
        errors[good] = np.nan_to_num(np.abs(found - wanted) / sizes, nan=np.inf, posinf=np.inf)
    return errors


def _told(
    vectors: tuple[Floats, Floats, Floats], errors: Floats, tolerance: float, reasons: Mapping[str, int]
) -> Check:
    """Return what came of it: of the points compared, the gradients found and wanted, all (N, D)."""
    count, dimension = errors.shape
    left_out = sum(reasons.values())
    if not count:
        return Check(False, 0, math.nan, None, None, None, left_out, reasons, (0,) * dimension, tolerance)
    worst = errors.max(axis=-1, initial=0.0)
    greatest = float(worst.max())
    row = int(np.argmax(worst >= (1 - _EQUAL) * greatest))  # the first one: on a mesh it has short numbers
    point, found, wanted = (tuple(part[row].tolist()) for part in vectors)
    wrong = tuple((errors > tolerance).sum(axis=0).tolist())
    defined = count + left_out - reasons.get(Reason.UNDEFINED.word, 0)
    ok = greatest <= tolerance and count >= _ENOUGH * defined
    return Check(ok, count, greatest, point, found, wanted, left_out, reasons, wrong, tolerance)


def step_errors(function: Function, points: Floats, exact: Floats, steps: Floats) -> Floats:
    """Return the relative errors (S, N) of central differences with S steps at points (N, D).

    `exact` (N, D) is what they are compared with; of a point's D errors it is the greatest. A step too small
    to move a coordinate gives no slope at all, which is an error of 1. NaN where a difference reaches beyond
    the domain.
    """
    errors = np.empty((len(steps), len(points)))
    for row, step in enumerate(steps.tolist()):
        slopes = central(function, points, step)
        slopes[points + step == points - step] = 0.0
        errors[row] = relative_errors(slopes, exact)
    return errors


def relative_errors(found: Floats, exact: Floats) -> Floats:
    """Return the relative errors (N) of gradients (N, D): of each point the greatest of its D."""
    with np.errstate(all="ignore"):
        errors: Floats = (np.abs(found - exact) / sizes_of(exact)).max(axis=-1)
    return errors


def sizes_of(vectors: Floats) -> Floats:
    """Return what errors of vectors (N, D) are relative to: the size of a component, or a floor."""
    sizes = np.abs(vectors)
    usable = [column[np.isfinite(column) & (column > 0)] for column in sizes.T]
    typical = np.array([np.median(column) if column.size else 0.0 for column in usable])
    overall = typical.max(initial=0.0) or 1.0
    greatest = np.array([column.max(initial=0.0) for column in usable])
    floors = np.where(typical > 0, np.maximum(_FLOOR * typical, _LEAST * overall), overall)
    floors = np.maximum(floors, _SMALL * greatest)
    floored: Floats = np.maximum(sizes, floors)
    return floored


def _scale(rows: Floats) -> tuple[float, ...]:
    """Return the length over which each coordinate of points (N, D) varies: the range, else the size."""
    if not len(rows):
        return (1.0,) * int(rows.shape[-1])
    with np.errstate(all="ignore"):
        spread, size = np.ptp(rows, axis=0), np.maximum(1.0, np.abs(rows).max(axis=0))
    usable = np.isfinite(spread) & (spread > 0)
    lengths = np.where(usable, spread, np.where(np.isfinite(size), size, 1.0))
    return tuple(lengths.tolist())


def _tolerance(given: float | None, method: str) -> float:
    if given is None:
        return CENTRAL_TOLERANCE if method == "central" else TOLERANCE
    if not (isinstance(given, (int, float)) and np.isfinite(given) and given > 0):
        raise RequestError(f"a tolerance must be a positive number, not {visible(repr(given))}")
    return float(given)


def _claimed(expected: Callable[[Floats], ArrayLike], rows: Floats) -> Floats:
    claimed: NDArray[Any] = np.asarray(expected(rows.copy()))
    if claimed.dtype.kind not in "iufb" or claimed.shape != rows.shape:
        raise RequestError(
            f"for points of shape {rows.shape} the expected gradient is {claimed.dtype} of shape "
            f"{claimed.shape}; it must be real numbers of shape {rows.shape}, one for each coordinate"
        )
    return claimed.astype(np.float64)
