"""Functions of one array of any shape, such as a network's loss of its weights, and planes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gradviz.arrays import Floats, as_points
from gradviz.errors import RequestError, visible
from gradviz.files import read_bounded
from gradviz.language.reading import FunctionOfFile
from gradviz.limits import ARRAY_ELEMENTS, DATA_BYTES
from gradviz.userfunc.field import OwnField
from gradviz.userfunc.loading import file_of, load, told

_SEEDS = 2**32
_NUMBERS = 1_000_000  # of all arrays that are held at once


class ArrayFunction:
    """A function of an array, taken for one of points: `function(points)` maps (..., n) to (...).

    The n coordinates of a point are the elements of the array, row by row.
    """

    def __init__(self, reading: FunctionOfFile, shape: tuple[int, ...]) -> None:
        """Load the function. Raises OutputError or RequestError as that of points does."""
        self.shape = shape
        self._name = visible(reading.text, 100)
        self._function, self._path = load(reading.text, reading.parameters), file_of(reading.text)

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., n), NaN where one is not finite."""
        points = as_points(points)
        with told(self._path):
            given = [
                self._function(row.reshape(self.shape)) for row in points.reshape(-1, points.shape[-1]).copy()
            ]
        values = np.array([self._number(result) for result in given])
        values[~np.isfinite(values)] = np.nan
        return values.reshape(points.shape[:-1])

    def takes_it(self, array: Floats) -> bool:
        """Tell whether the function gives one number for an array, and not one for each of its rows."""
        with told(self._path):
            return np.size(self._function(array.copy())) == 1

    def _number(self, result: Any) -> float:
        try:
            return float(np.asarray(result).reshape(()))
        except (TypeError, ValueError):
            shown = visible(repr(result), 60)
            raise RequestError(
                f"{self._name} must give one number for an array of shape {self.shape}, not {shown}"
            ) from None


def array_function(reading: FunctionOfFile, array: Floats) -> ArrayFunction:
    """Return a file's function of an array of any shape. Raises RequestError for one of too many elements."""
    if array.size > ARRAY_ELEMENTS:
        raise RequestError(
            f"an array of {array.size:,} elements; the limit is {ARRAY_ELEMENTS:,}, as each is varied"
        )
    return ArrayFunction(reading, array.shape)


def read_array(path: str) -> Floats:
    """Return the array of a .npy file as float64. Raises OutputError or RequestError."""
    content = read_bounded(Path(path), DATA_BYTES)
    shown = visible(path, 100)
    try:
        found = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError, SyntaxError, TypeError) as error:
        why = "it is text, or holds Python objects" if "pickle" in str(error) else visible(str(error), 100)
        raise RequestError(f"{shown} is not an array of NumPy's: {why}") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iufb" or not found.size:
        raise RequestError(f"{shown} must hold one array of real numbers")
    if not np.isfinite(found).all():
        raise RequestError(f"{shown} holds numbers that are not finite")
    return found.astype(np.float64)


def field_on_plane(reading: FunctionOfFile, at: str, plane: str, lengths: Sequence[float]) -> OwnField:
    """Return f(w + a u + b v) as a function of points (a, b), for a function of an array.

    `at` is the file of w; `plane` is `random`, `random:SEED`, or two files of u and v. Random directions are
    at right angles to each other and as long as w, so that a and b are distances in units of |w|: Li et al.,
    "Visualizing the Loss Landscape of Neural Nets" (2018), with one filter.
    """
    centre = read_array(at)
    directions = directions_of(plane, centre)
    function = ArrayFunction(reading, centre.shape)

    def call(rows: Floats) -> Floats:
        parts = np.array_split(rows, 1 + rows.shape[0] * centre.size // _NUMBERS)
        return np.concatenate([function(centre.ravel() + part @ directions) for part in parts])

    names = " and ".join(reading.variables)
    how = "random directions as long as the array" if plane.startswith("random") else "the directions given"
    note = f"{visible(reading.text, 100)} over a plane through {visible(at, 100)}: {names} go along {how}"
    return OwnField(reading, call, lengths, slow=True, notes=(note,))


def directions_of(plane: str, centre: Floats) -> Floats:
    """Return two directions (2, n) in the space of an array of n elements."""
    name, _, seed = plane.partition(":")
    if name == "random":
        if seed and not (seed.isascii() and seed.isdigit() and int(seed) < _SEEDS):
            raise RequestError(f"--plane random:SEED takes a whole number, not '{visible(seed)}'")
        if centre.size < 2:
            raise RequestError("a plane needs an array of at least two elements")
        drawn = np.random.default_rng(int(seed or 0)).standard_normal((centre.size, 2))
        length = float(np.linalg.norm(centre)) or 1.0
        return np.ascontiguousarray(length * np.linalg.qr(drawn)[0].T)
    paths = plane.split(",")
    if len(paths) != 2:
        raise RequestError(f"--plane takes random, random:SEED or U.npy,V.npy, not '{visible(plane, 100)}'")
    directions = [read_array(path) for path in paths]
    for path, direction in zip(paths, directions, strict=True):
        if direction.shape != centre.shape:
            raise RequestError(
                f"{visible(path, 100)} has shape {direction.shape}, the array through which the plane goes "
                f"{centre.shape}"
            )
    found = np.stack([direction.ravel() for direction in directions])
    if np.linalg.matrix_rank(found) < 2:
        raise RequestError("the two directions of --plane are parallel, or one is 0: they span no plane")
    return found
