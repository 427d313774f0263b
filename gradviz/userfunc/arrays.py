"""User-defined functions of an array, such as the loss of a network, and their restriction to a plane."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from gradviz.arrays import Floats, as_points
from gradviz.errors import Place, RequestError, visible
from gradviz.files import read_bounded
from gradviz.language.reading import FunctionOfFile
from gradviz.limits import ARRAY_ELEMENTS, DATA_BYTES
from gradviz.userfunc.field import UserField
from gradviz.userfunc.loading import file_of, load, user_code

_SEEDS = 2**32  # upper limit of a seed, exclusive
_MOST_ELEMENTS = DATA_BYTES // 8  # elements of a file of float64
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_BLOCK_ELEMENTS = 1_000_000  # elements of the arrays evaluated at a time, 8 MB: bounds the memory of a plane


class ArrayFunction:
    """A function of an array as a function of points: maps (..., n) to (...).

    The n coordinates of a point are the elements of the array in C order.
    """

    def __init__(self, reading: FunctionOfFile, shape: tuple[int, ...]) -> None:
        """Load the function of arrays with `shape`. Raises OutputError or RequestError."""
        self.shape = shape
        self._name = visible(reading.text, 100)
        self._function, self._path = load(reading.text, reading.parameters), file_of(reading.text)

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., n), NaN where a value is not finite."""
        points = as_points(points)
        with user_code(self._path):
            rows = points.reshape(-1, points.shape[-1]).copy()
            values = np.array([self._number(self._function(row.reshape(self.shape))) for row in rows])
        values[~np.isfinite(values)] = np.nan
        return values.reshape(points.shape[:-1])

    def takes_it(self, array: Floats) -> bool:
        """Return whether the function gives one number for an array, not one per row."""
        with user_code(self._path):
            return np.asarray(self._function(array.copy())).size == 1

    def _number(self, result: object) -> float:
        try:
            return float(np.asarray(result).reshape(()))
        except (TypeError, ValueError):
            rule = f"must return one number for an array of shape {self.shape}"
            raise RequestError(f"{self._name}: {rule}, got {visible(repr(result), 60)}") from None


def array_function(reading: FunctionOfFile, array: Floats) -> ArrayFunction:
    """Load a function of arrays like `array`. Raises RequestError if `array` has too many elements."""
    if array.size > ARRAY_ELEMENTS:
        raise RequestError(f"array: must have at most {ARRAY_ELEMENTS:,} elements, got {array.size:,}")
    return ArrayFunction(reading, array.shape)


def read_array(path: str) -> Floats:
    """Return the array of a .npy file as float64. Raises OutputError or RequestError."""
    content = read_bounded(Path(path), DATA_BYTES)
    shown = visible(path, 100)
    try:
        array = _array_in(content)
    except ValueError as error:
        raise RequestError(
            f"{shown}: must be a .npy array of real numbers; {visible(str(error), 100)}"
        ) from None
    if array.size > _MOST_ELEMENTS:
        raise RequestError(f"{shown}: must have at most {_MOST_ELEMENTS:,} elements, got {array.size:,}")
    with np.errstate(all="ignore"):
        numbers = array.astype(np.float64)
    finite = np.isfinite(numbers)
    if not finite.all():
        raise RequestError(f"{shown}: numbers must be finite, got {array[~finite][0]}")
    return numbers


def _array_in(content: bytes) -> Floats:
    """Return a view of the array in a .npy file. Raises ValueError.

    `numpy.load` would allocate any shape that a header names before it reads the numbers.
    """
    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings(action="ignore"):  # of headers by Python 2, and of odd literals in them
            read = _HEADERS[np.lib.format.read_magic(stream)]
            shape, is_fortran, dtype = read(stream)
    except Exception as error:
        problem = "its header is damaged, or the file has another format"
        raise ValueError(problem) from error
    if dtype.kind not in "iufb":
        raise ValueError(f"it has the type {dtype}; Python objects are never loaded")
    count = math.prod(shape)
    if min(shape, default=1) < 1 or count * dtype.itemsize != len(content) - stream.tell():
        raise ValueError("it is empty, or its length does not fit its shape")
    array: Floats = np.frombuffer(content, dtype, count, stream.tell())
    return array.reshape([*map(int, shape)], order="F" if is_fortran else "C")


def field_on_plane(reading: FunctionOfFile, at: str, plane: str, lengths: Sequence[float]) -> UserField:
    """Return f(w + a u + b v) as a field of points (a, b), for a function f of an array.

    `at` is the .npy file of w; `plane` is `random`, `random:SEED`, or U.npy,V.npy. Random directions u and v
    are orthogonal with norm |w|, so that a and b are distances in units of |w|.

    H. Li et al., "Visualizing the loss landscape of neural nets", NeurIPS 2018, section 4, with one filter.
    """
    centre = read_array(at)
    directions = directions_of(plane, centre)
    function = ArrayFunction(reading, centre.shape)

    def call(rows: Floats) -> Floats:
        blocks = np.array_split(rows, 1 + rows.shape[0] * centre.size // _BLOCK_ELEMENTS)
        return np.concatenate([function(centre.ravel() + block @ directions) for block in blocks])

    names = " and ".join(reading.variables)
    how = "random directions with its norm" if plane.startswith("random") else "the given directions"
    note = f"{visible(reading.text, 100)} on a plane through {visible(at, 100)}: {names} are along {how}"
    return UserField(reading, call, lengths, slow=True, notes=(note,))


def directions_of(plane: str, centre: Floats) -> Floats:
    """Return the two directions (2, n) of a plane through an array of n elements. Raises RequestError."""
    name, _, seed = plane.partition(":")
    if name == "random":
        if seed and not (seed.isascii() and seed.isdigit() and len(seed) < 20 and int(seed) < _SEEDS):
            rule = f"SEED of random:SEED must be a whole number below {_SEEDS}"
            raise RequestError(Place("plane"), f"{rule}, got '{visible(seed)}'")
        if centre.size < 2:
            raise RequestError("array: must have at least 2 elements for a plane, got 1")
        drawn = np.random.default_rng(int(seed or 0)).standard_normal((centre.size, 2))
        length = float(np.linalg.norm(centre)) or 1.0
        return np.ascontiguousarray(length * np.linalg.qr(drawn)[0].T)
    paths = plane.split(",")
    if len(paths) != 2:
        rule = "must be random, random:SEED or U.npy,V.npy"
        raise RequestError(Place("plane"), f"{rule}, got '{visible(plane, 100)}'")
    directions = [read_array(path) for path in paths]
    for path, direction in zip(paths, directions, strict=True):
        if direction.shape != centre.shape:
            rule = f"must have the shape {centre.shape}, got {direction.shape}"
            raise RequestError(f"{visible(path, 100)}: {rule}")
    stacked = np.stack([direction.ravel() for direction in directions])
    if np.linalg.matrix_rank(stacked) < 2:
        raise RequestError(Place("plane"), "the two directions must be linearly independent")
    return stacked
