"""The one convention: the last axis holds the D coordinates of a point, the axes before it are free.

Points as rows (N, D), a mesh of points (n1, n0, D) and one point (D,) are the same kind of thing. `mesh` and
`components` are the only two places where that meets Matplotlib's layout; nowhere else is an axis moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.errors import RequestError

Floats = NDArray[np.float64]
_PRIMES = np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37])


def as_points(points: ArrayLike, dimension: int | None = None) -> Floats:
    """Return points (..., D) as float64, sharing memory where they are float64 already.

    Integers become float64: the gradient of x**2 at integer points would else be truncated. Raises
    RequestError if the points are not real numbers or their last axis is not of size `dimension`.
    """
    try:
        given: NDArray[Any] = np.asarray(points)
    except ValueError:
        raise RequestError("points must have the same number of coordinates each") from None
    if given.dtype.kind not in "iufb":
        raise RequestError(f"points must be real numbers, not {given.dtype}")
    if given.ndim == 0 or (dimension is not None and given.shape[-1] != dimension):
        wanted = f"(..., {dimension})" if dimension is not None else "(..., D)"
        raise RequestError(
            f"points of shape {given.shape} where {wanted} is needed: the last axis holds the coordinates"
        )
    return given.astype(np.float64, copy=False)


def mesh(x0: ArrayLike, x1: ArrayLike) -> Floats:
    """Return the points (n1, n0, 2) of a rectangular mesh, from the n0 values of x0 and the n1 of x1.

    Rows run along x1 and columns along x0, which is how Matplotlib lays out pictures of z[row, column].
    """
    first, second = np.asarray(x0), np.asarray(x1)
    points = vectors((len(second), len(first), 2))
    points[..., 0], points[..., 1] = first, second[:, None]
    return points


def vectors(shape: tuple[int, ...]) -> Floats:
    """Return an array for points or vectors (..., D), in whose memory each component lies by itself.

    So each is read and written in one go, here and by Matplotlib.
    """
    return np.empty((*shape[-1:], *shape[:-1])).transpose(*range(1, len(shape)), 0)


def grid(axes: Sequence[Floats]) -> Floats:
    """Return the points (N, D) of a mesh in D dimensions as rows, from the coordinates along each axis."""
    return np.stack([part.ravel() for part in np.meshgrid(*axes, indexing="ij")], axis=-1)


def scattered(intervals: Sequence[tuple[float, ...]], count: int) -> Floats:
    """Return points (count, D) spread evenly between the ends of D <= 12 intervals, the same each time.

    They have no coincidences, such as a coordinate of 0 or 1 or two equal ones. Along axis i they are the
    fractions of k sqrt(p) for the i-th prime p (Richtmyer, "The evaluation of definite integrals, and a
    quasi-Monte-Carlo method", Los Alamos 1951).
    """
    low, high = np.array([interval[:2] for interval in intervals], dtype=np.float64).T
    fractions = np.modf(np.arange(1, count + 1)[:, None] * np.sqrt(_PRIMES[: len(intervals)]))[0]
    points: Floats = low + (high - low) * fractions
    return points


def components(vectors: Floats) -> tuple[Floats, Floats]:
    """Return the two components, each (n1, n0), of vectors or points (n1, n0, 2) on a mesh."""
    return vectors[..., 0], vectors[..., 1]


def magnitudes(vectors: Floats) -> Floats:
    """Return the lengths (...) of vectors (..., D), without overflow where their squares would."""
    lengths: Floats = np.hypot.reduce(vectors, axis=-1)
    return lengths


def axis(interval: tuple[float, ...], count: int) -> Floats:
    """Return the coordinates along an axis: `count` of them, ends included, or numpy.arange of a step."""
    if len(interval) == 3:
        low, high, step = interval
        return np.arange(low, high, step, dtype=np.float64)
    return np.linspace(interval[0], interval[1], count)
