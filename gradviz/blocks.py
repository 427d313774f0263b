"""Blocks of points: computing in blocks needs little memory, most of which is in the processor's cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats

Index = tuple[slice, ...]

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
