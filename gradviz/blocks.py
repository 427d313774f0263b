"""Computing over many points in blocks, which takes little memory, and memory that is near at hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats

Index = tuple[slice, ...]

BLOCK = 65_536  # elements of the arrays of a block: together they fit in the processor's cache
_WIDTH = 256  # of a block of a mesh: what depends on one coordinate is computed anew for each block
_FEW = 512  # points: it is not worth the while to look for a mesh among them,
_SHORT = 16  # nor with shorter rows
_BUFFER = 256  # elements of NumPy's buffer, into which it copies shorter rows of arrays that are broadcast

# The C library gives memory that is let go back to the system at once, and to get it again takes longer than
# to compute what it is for, until an array of this size has come and gone.
np.empty(1 << 20)


class computing(np.errstate):  # noqa: N801 - used as a function
    """Compute without warnings, and fast where arrays are broadcast: `with computing(): ...`."""

    def __init__(self) -> None:
        super().__init__(all="ignore")

    def __enter__(self) -> None:
        super().__enter__()
        np.setbufsize(_BUFFER)


def blocks(points: Floats, most: int) -> Iterator[tuple[Index, list[Floats]]]:
    """Yield the blocks of points (..., D), of about `most` points: the index of each, and its D coordinates.

    The coordinates' shapes broadcast to the block's. Those of a block (n1, n0) of a mesh are (1, n0) and
    (n1, 1): what depends on one of them is computed n times and not n*n times, to the same bits.
    """
    columns = [_narrowed(points[..., axis]) for axis in range(points.shape[-1])]
    for index in _indices(points.shape[:-1], most):
        parts = columns if index == () else [_part(column, index) for column in columns]
        yield index, [np.asarray(part, order="C") for part in parts]


def _narrowed(values: Floats) -> Floats:
    """Return values (...), of size 1 along each axis on which they stay the same."""
    if values.size < _FEW or values.shape[-1] < _SHORT:
        return values
    bits = values.view(np.int64)  # 0 and -0 differ, NaN and NaN do not
    for axis in range(bits.ndim):
        if _stays(bits, axis):
            bits = bits.swapaxes(0, axis)[:1].swapaxes(0, axis)
    return bits.view(np.float64)


def _stays(bits: NDArray[np.int64], axis: int) -> bool:
    """Tell whether values (...) stay the same along an axis; most often in one run through memory."""
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
    return column[tuple(i if n > 1 else slice(None) for i, n in zip(index, column.shape, strict=True))]


def _indices(shape: tuple[int, ...], most: int) -> Iterator[Index]:
    """Yield the indices of blocks of about `most` elements, which are no thin strips of a mesh; () is all."""
    if math.prod(shape) <= most:
        yield ()
        return
    cuts: list[list[slice]] = []
    for axis in reversed(range(len(shape))):
        size, before = shape[axis], math.prod(shape[:axis])
        width = max(min(most, _WIDTH), most // before, 1)
        width = -(-size // -(-size // width))  # all blocks alike
        cuts.insert(0, [slice(start, start + width) for start in range(0, size, width)])
        most //= width
    yield from itertools.product(*cuts)
