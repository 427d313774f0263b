"""A Python function of the user's own as a field, which figures draw as they draw a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points, scattered
from gradviz.calculus import gradient
from gradviz.errors import visible
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.parser import parse
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.userfunc.forms import Form, Trial
from gradviz.userfunc.loading import file_of, load, told

_BLOCK = 65_536  # points at a time, so that a function's own arrays stay small
_OPERATIONS = 300  # as a guess: some 15 evaluations of some 20 operations
_SLOW_OPERATIONS = 24_000
_NEAR = 1e-3  # of the size of coordinates: so far from a point is a function tried
_TRIED = 5  # points, at the least, more than there are coordinates
_SPREAD = 100  # points over a range: a branch that few points take shows whether they are told apart


class OwnField(ScalarField):
    """A Python function of points (..., D); its derivatives are differences.

    A coordinate that is held has a number, and is none of the D variables.
    """

    has_formula: ClassVar[bool] = False

    def __init__(
        self,
        reading: FunctionOfFile,
        call: Callable[[Floats], Floats],
        lengths: Sequence[float],
        *,
        slow: bool = False,
        notes: tuple[str, ...] = (),
    ) -> None:
        """Take a function of all coordinates (N, C) -> (N,), and the length of each variable's range.

        It is slow if it takes one point at a time.
        """
        super().__init__(reading.text, reading.variables, notes)
        self._reading = reading
        self._call = call
        self._lengths = tuple(lengths)
        self._slow = slow

    def __repr__(self) -> str:
        return f"<OwnField {self.text!r} of ({', '.join(self.variables)})>"

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""
        values = self._values(points)
        values = np.where(np.isfinite(values), values, np.nan)
        if self._reading.region is not None:
            values = np.where(self.contains(points), values, np.nan)
        return values

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the function gives an infinite number: (...)."""
        return np.isinf(self._values(points))

    def _values(self, points: ArrayLike) -> Floats:
        points = as_points(points, len(self.variables))
        rows = all_coordinates(self._reading, points.reshape(math.prod(points.shape[:-1]), points.shape[-1]))
        blocks = [self._call(rows[start : start + _BLOCK]) for start in range(0, len(rows), _BLOCK)]
        values = np.concatenate(blocks) if blocks else np.empty(0)
        return values.reshape(points.shape[:-1])

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) by adaptive differences at points (..., D)."""
        return self._slopes(self, as_points(points, len(self.variables)))

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the second derivatives (..., D, D) at points (..., D), by differences of differences."""
        points = as_points(points, len(self.variables))

        def slope(axis: int) -> Callable[[Floats], Floats]:
            return lambda places: self.gradient(places)[..., axis]

        found = np.stack([self._slopes(slope(axis), points) for axis in range(len(self.variables))], axis=-2)
        symmetric: Floats = (found + np.swapaxes(found, -1, -2)) / 2
        return symmetric

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the region holds: (...)."""
        return region_of(self._reading).contains(points)

    @cached_property
    def whole(self) -> ScalarField:
        """The same function without its region; itself if it has none."""
        if self._reading.region is None:
            return self
        bare = replace(self._reading, region=None)
        return OwnField(bare, self._call, self._lengths, slow=self._slow)

    @property
    def operations(self) -> int:
        """How many array operations the gradient takes, or would in the time that it takes."""
        return _SLOW_OPERATIONS if self._slow else _OPERATIONS

    def _slopes(self, function: Callable[[Floats], ArrayLike], points: Floats) -> Floats:
        return gradient(function, scale=self._lengths)(points)


def region_of(reading: FunctionOfFile) -> Field:
    """Return a field that has the region of a function, and is 0 there."""
    names = {**reading.held, **reading.parameters}
    return Field(Expression("0", parse("0"), reading.variables, names, reading.region))


def field_of_points(reading: FunctionOfFile, intervals: Sequence[Sequence[float]]) -> OwnField:
    """Return the function that a file defines, for points in intervals (low, high) of its D variables.

    This runs the file. Raises OutputError or RequestError if it cannot be read, run or called with points.
    """
    ends = [(low, high) for low, high, *_ in intervals]
    points = scattered(ends, _SPREAD)
    if reading.region is not None and (inside := region_of(reading).contains(points)).any():
        points = points[inside]
    return field_tried_at(reading, points, [high - low for low, high in ends])


def field_tried_at(reading: FunctionOfFile, points: Floats, lengths: Sequence[float]) -> OwnField:
    """Return the function that a file defines, tried at some points (N, D)."""
    call, form = called(reading, points)
    slowly = " at a time, which is slow" if form.one is not None else ""
    notes = (f"{visible(reading.text, 100)} takes {form.told}{slowly}",)
    return OwnField(reading, call, lengths, slow=form.one is not None, notes=notes)


def field_near(reading: FunctionOfFile, points: Floats) -> OwnField:
    """Return the function that a file defines, for some points (N, D) and their neighbours."""
    count, sizes = points.shape[-1], np.maximum(1.0, np.abs(points))
    shifts = scattered([(-_NEAR, _NEAR)] * count, len(points) + count + _TRIED)
    trial = np.resize(points, shifts.shape) + shifts * np.resize(sizes, shifts.shape)
    return field_tried_at(reading, trial, sizes.max(axis=0, initial=1.0).tolist())


def own_gradient(reading: FunctionOfFile, points: Floats) -> Callable[[Floats], Floats]:
    """Return a file's function that maps points (N, D) to vectors (N, D), tried at some points (N, D)."""
    call, _ = called(reading, points, width=len(reading.variables))
    return lambda rows: call(all_coordinates(reading, rows))


def called(
    reading: FunctionOfFile, points: Floats, width: int | None = None
) -> tuple[Callable[[Floats], Floats], Form]:
    """Return a function of all coordinates (N, C) -> (N,) or (N, width), and how it is called."""
    function, path = load(reading.text, reading.parameters), file_of(reading.text)
    count = max(len(reading.coordinates) + _TRIED, min(len(points), _SPREAD))
    trial = all_coordinates(reading, np.resize(points, (count, points.shape[-1])))
    with told(path):
        form = Trial(function, trial, visible(reading.text, 100), width).form()

    def call(rows: Floats) -> Floats:
        with told(path):
            return form.results(function, rows, width)

    return call, form


def all_coordinates(reading: FunctionOfFile, rows: Floats) -> Floats:
    """Return points (N, C) of all coordinates from those (N, D) of the variables."""
    if not reading.held:
        return rows
    free = dict(zip(reading.variables, rows.T, strict=True))
    columns: Mapping[str, Any] = {**reading.held, **free}
    return np.stack([np.broadcast_to(columns[name], len(rows)) for name in reading.coordinates], axis=-1)
