"""Arrays of points: the last axis holds the D coordinates of a point, the axes before it are free.

Points as rows (N, D), a mesh (n1, n0, D) and one point (D,) follow the same convention. Only `mesh` and
`components` convert from and to Matplotlib's layout; no other function moves an axis.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.errors import RequestError

Floats = NDArray[np.float64]
_PRIMES = np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37])  # one for each axis of `scattered`


def as_points(points: ArrayLike, dimension: int | None = None) -> Floats:
    """Return points (..., D) as float64; an array of float64 is not copied.

    Raises RequestError if the points are not real numbers or the last axis has not the size `dimension`.
    """
    try:
        given = np.asarray(points)
    except ValueError:
        raise RequestError("points: must all have the same number of coordinates") from None
    if given.dtype.kind not in "iufb":
        raise RequestError(f"points: must be real numbers, got {given.dtype}")
    if given.ndim == 0 or (dimension is not None and given.shape[-1] != dimension):
        wanted = f"(..., {dimension})" if dimension is not None else "(..., D)"
        raise RequestError(
            f"points: must have the shape {wanted}, got {given.shape}; the last axis holds the coordinates"
        )
    return given.astype(np.float64, copy=False)  # with integers, a gradient would be truncated


def mesh(x0: ArrayLike, x1: ArrayLike) -> Floats:
    """Return the points (n1, n0, 2) of a rectangular mesh from n0 coordinates x0 and n1 coordinates x1.

    As in Matplotlib, where an image is z[row, column], x0 varies along the columns and x1 along the rows.
    """
    first, second = np.asarray(x0), np.asarray(x1)
    points = vectors((len(second), len(first), 2))
    points[..., 0], points[..., 1] = first, second[:, None]
    return points


def vectors(shape: tuple[int, ...]) -> Floats:
    """Return an uninitialized array (..., D) for points or vectors, each component contiguous in memory.

    Reading or writing one component of all points is then one pass through memory, also for Matplotlib.
    """
    return np.empty((*shape[-1:], *shape[:-1])).transpose(*range(1, len(shape)), 0)


def grid(axes: Sequence[Floats]) -> Floats:
    """Return the points (N, D) of a D-dimensional mesh as rows, from the coordinates along each axis."""
    return np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)


def scattered(intervals: Sequence[tuple[float, ...]], count: int) -> Floats:
    """Return quasi-random points (count, D) in D <= 12 intervals (low, high); they are deterministic.

    No two coordinates are equal and none is 0 or 1, where a function may have special values. Coordinate i of
    point k is the fractional part of k sqrt(p) for the i-th prime p, scaled to the interval.

    R. D. Richtmyer, "The evaluation of definite integrals, and a quasi-Monte-Carlo method", Los Alamos, 1951.
    """
    low, high = np.array([interval[:2] for interval in intervals], dtype=np.float64).T
    fractions = np.modf(np.arange(1, count + 1)[:, None] * np.sqrt(_PRIMES[: len(intervals)]))[0]
    points: Floats = low + (high - low) * fractions
    return points


def components(vectors: Floats) -> tuple[Floats, Floats]:
    """Return the two components (n1, n0) of vectors or points (n1, n0, 2) on a mesh."""
    return vectors[..., 0], vectors[..., 1]


def magnitudes(vectors: Floats) -> Floats:
    """Return the Euclidean norms (...) of vectors (..., D), without overflow of the squares."""
    lengths: Floats = np.hypot.reduce(vectors, axis=-1)
    return lengths


def axis(interval: tuple[float, ...], count: int) -> Floats:
    """Return `count` coordinates of an interval (low, high), or numpy.arange of (low, high, step)."""
    if len(interval) == 3:
        low, high, step = interval
        return np.arange(low, high, step, dtype=np.float64)
    return np.linspace(interval[0], interval[1], count)
