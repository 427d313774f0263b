"""Arrays of points: the last axis holds the D coordinates of a point, the axes before it are free.

Points as rows (N, D), a mesh (n1, n0, D) and one point (D,) follow the same convention. Only `mesh` and
`components` convert from and to Matplotlib's layout; no other function moves an axis.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.errors import RequestError, visible

Floats = NDArray[np.float64]
Index = tuple[slice, ...]
_PRIMES = np.array([2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37])  # one for each axis of `scattered`


def as_points(points: ArrayLike, dimension: int | None = None) -> Floats:
    """Return points (..., D) as float64; an array of float64 is not copied.

    Raises RequestError if the points are not real numbers or the last axis has not the size `dimension`.
    """
    given = real_numbers(points, "points")
    if given.ndim == 0 or (dimension is not None and given.shape[-1] != dimension):
        wanted = f"(..., {dimension})" if dimension is not None else "(..., D)"
        raise RequestError(
            f"points: must have the shape {wanted}, got {given.shape}; the last axis holds the coordinates"
        )
    return given.astype(np.float64, copy=False)  # with integers, a gradient would be truncated


def real_numbers(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array of integers, floats or bools. Raises RequestError for others, called `name`."""
    try:
        given = np.asarray(values)
    except ValueError:
        shown = visible(repr(values))
        raise RequestError(
            f"{name}: must have rows of the same length, got {shown}; make them equal"
        ) from None
    if given.dtype.kind not in "iufb":
        shown = f"{given.dtype}, {visible(repr(values))}"
        raise RequestError(f"{name}: must be real numbers, got {shown}; convert them to float64")
    return given


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


# Blocks of points: computing in blocks needs little memory, most of which is in the processor's cache ------

BLOCK = 65_536  # points in a block: its arrays of 512 KiB fit in the processor's cache together
_MIN_WIDTH = 256  # points along an axis of a block: terms of one coordinate are recomputed in each block
_MIN_MESH = 512  # points: in fewer, the search for a mesh takes longer than it saves
_MIN_ROW = 16  # points along the last axis of a mesh that is searched for, for the same reason
_BUFFER = 256  # size of NumPy's buffer, in elements: shorter rows of broadcast arrays are copied into it

# Freeing one large array raises the size from which the C library returns freed memory to the system at once.
# Before that, requesting memory for an array takes longer than computing its elements.
np.empty(1 << 20)


class computing(np.errstate):  # noqa: N801 - used as a function
    """A context without floating-point warnings, with a buffer that is fast for broadcast arrays."""

    def __init__(self) -> None:
        super().__init__(all="ignore")

    def __enter__(self) -> None:
        super().__enter__()
        np.setbufsize(_BUFFER)


def blocks(points: Floats, size: int) -> Iterator[tuple[Index, list[Floats]]]:
    """Yield the index and the D coordinates of each block of points (..., D), of about `size` points.

    The shapes of the coordinates broadcast to that of the block. For a block (n1, n0) of a mesh they are
    (1, n0) and (n1, 1), so that a term of one coordinate is computed n times, not n^2 times.
    """
    columns = [_without_repeats(points[..., axis]) for axis in range(points.shape[-1])]
    for index in _indices(points.shape[:-1], size):
        parts = columns if index == () else [_part(column, index) for column in columns]
        yield index, [np.asarray(part, order="C") for part in parts]


def _without_repeats(values: Floats) -> Floats:
    """Return values (...) with size 1 along each axis on which they are constant."""
    if values.size < _MIN_MESH or values.shape[-1] < _MIN_ROW:
        return values
    bits = values.view(np.int64)  # as integers, 0 and -0 differ, and NaN equals NaN
    for axis in range(bits.ndim):
        if _is_constant(bits, axis):
            bits = bits.swapaxes(0, axis)[:1].swapaxes(0, axis)
    return bits.view(np.float64)


def _is_constant(bits: NDArray[np.int64], axis: int) -> bool:
    """Return whether values (...) are constant along an axis, in one pass through memory if possible."""
    along = bits.swapaxes(0, axis)
    first, later = along[:1], along[1:]
    if not later.size or first.item(0) != later.item(0):
        return False
    if axis == 0:
        return not np.count_nonzero(later != along[:-1])
    if axis < bits.ndim - 1:
        return not np.count_nonzero(later != first)
    flat, length = bits.reshape(-1), bits.shape[axis]
    changes = flat[1:] != flat[:-1]
    between_rows = changes[length - 1 :: length]
    return int(np.count_nonzero(changes)) == int(np.count_nonzero(between_rows))


def _part(column: Floats, index: Index) -> Floats:
    """Return the block of a coordinate that has size 1 along some axes."""
    return column[tuple(i if n > 1 else slice(None) for i, n in zip(index, column.shape, strict=True))]


def _indices(shape: tuple[int, ...], most: int) -> Iterator[Index]:
    """Yield the indices of blocks of about `most` elements, at least `_MIN_WIDTH` wide; () for one block."""
    if math.prod(shape) <= most:
        yield ()
        return
    cuts: list[list[slice]] = []
    for axis in reversed(range(len(shape))):
        size, before = shape[axis], math.prod(shape[:axis])
        width = max(min(most, _MIN_WIDTH), most // before, 1)
        width = -(-size // -(-size // width))  # equal widths, rounded up
        cuts.insert(0, [slice(start, start + width) for start in range(0, size, width)])
        most //= width
    yield from itertools.product(*cuts)
