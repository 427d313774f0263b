"""User-defined Python functions as fields, with derivatives by adaptive finite differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import BLOCK, Floats, as_points, scattered
from gradviz.calculus import gradient
from gradviz.errors import visible
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.parser import parse
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.userfunc.conventions import Convention, Trial
from gradviz.userfunc.loading import file_of, load, user_code

_OPERATIONS = 300  # array operations of a gradient, an estimate: 15 evaluations of 20 operations
_SLOW_OPERATIONS = 24_000  # operations of a function called with one point at a time: 80 times as slow
_NEAR = 1e-3  # distance of trial points from a point, relative to max(1, |x|)
_EXTRA_POINTS = 5  # trial points in excess of the number of coordinates, so that K != D
_TRIAL_POINTS = 100  # trial points over a range: enough to reach a branch that few points take


class UserField(ScalarField):
    """A Python function of points (..., D) as a field; it also takes the coordinates with a fixed value."""

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
        """Wrap `call`, which maps all C coordinates (N, C) to values (N,).

        `lengths` (D,) are the lengths of the ranges; `slow` says that `call` evaluates one point at a time.
        """
        super().__init__(reading.text, reading.variables, notes)
        self._reading, self._call, self._lengths, self._slow = reading, call, tuple(lengths), slow

    def __repr__(self) -> str:
        return f"<UserField {self.text!r} of ({', '.join(self.variables)})>"

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""
        values = self._values(points)
        values = np.where(np.isfinite(values), values, np.nan)
        if self._reading.region is not None:
            values = np.where(self.contains(points), values, np.nan)
        return values

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether the value is infinite, (...), at points (..., D)."""
        return np.isinf(self._values(points))

    def _values(self, points: ArrayLike) -> Floats:
        points = as_points(points, len(self.variables))
        rows = all_coordinates(self._reading, points.reshape(math.prod(points.shape[:-1]), points.shape[-1]))
        blocks = [self._call(rows[start : start + BLOCK]) for start in range(0, len(rows), BLOCK)]
        values = np.concatenate(blocks) if blocks else np.empty(0)
        return values.reshape(points.shape[:-1])

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) at points (..., D) by adaptive finite differences."""
        return self._differences(self, as_points(points, len(self.variables)))

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the Hessian (..., D, D) at points (..., D) by finite differences of the gradient."""
        points = as_points(points, len(self.variables))

        def partial_derivatives(axis: int) -> Floats:
            return self._differences(lambda x: self.gradient(x)[..., axis], points)

        rows = np.stack([partial_derivatives(axis) for axis in range(len(self.variables))], axis=-2)
        symmetric: Floats = (rows + np.swapaxes(rows, -1, -2)) / 2
        return symmetric

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether points (..., D) are inside the region, (...)."""
        return region_of(self._reading).contains(points)

    @cached_property
    def whole(self) -> ScalarField:
        """The function without its region, `self` if it has no region."""
        if self._reading.region is None:
            return self
        return UserField(replace(self._reading, region=None), self._call, self._lengths, slow=self._slow)

    @property
    def operations(self) -> int:
        """Estimated cost of the gradient, in array operations."""
        return _SLOW_OPERATIONS if self._slow else _OPERATIONS

    def _differences(self, function: Callable[[Floats], ArrayLike], points: Floats) -> Floats:
        return gradient(function, scale=self._lengths)(points)


def region_of(reading: FunctionOfFile) -> Field:
    """Return the field that is 0 inside the region of a function and NaN outside."""
    names = {**reading.held, **reading.parameters}
    return Field(Expression("0", parse("0"), reading.variables, names, reading.region))


def field_of_points(reading: FunctionOfFile, intervals: Sequence[Sequence[float]]) -> UserField:
    """Run a file and return its function as a field over intervals (low, high) of its D variables."""
    limits = [(low, high) for low, high, *_ in intervals]
    points = scattered(limits, _TRIAL_POINTS)
    if reading.region is not None and (inside := region_of(reading).contains(points)).any():
        points = points[inside]
    return field_tried_at(reading, points, [high - low for low, high in limits])


def field_tried_at(reading: FunctionOfFile, points: Floats, lengths: Sequence[float]) -> UserField:
    """Load the function of a file as a field, with trial calls at points (N, D)."""
    call, convention = callable_of(reading, points)
    slow = convention.call_one is not None
    note = f"{visible(reading.text, 100)} takes {convention.description}"
    notes = (f"{note} at a time, which is slow" if slow else note,)
    return UserField(reading, call, lengths, slow=slow, notes=notes)


def field_near(reading: FunctionOfFile, points: Floats) -> UserField:
    """Load the function of a file as a field, for points (N, D) and their neighbourhood."""
    count, sizes = points.shape[-1], np.maximum(1.0, np.abs(points))
    shifts = scattered([(-_NEAR, _NEAR)] * count, len(points) + count + _EXTRA_POINTS)
    trial = np.resize(points, shifts.shape) + shifts * np.resize(sizes, shifts.shape)
    return field_tried_at(reading, trial, sizes.max(axis=0, initial=1.0).tolist())


def user_gradient(reading: FunctionOfFile, points: Floats) -> Callable[[Floats], Floats]:
    """Load a vector function of a file, which maps points (N, D) to (N, D), with trial calls at `points`."""
    call, _ = callable_of(reading, points, width=len(reading.variables))
    return lambda rows: call(all_coordinates(reading, rows))


def callable_of(
    reading: FunctionOfFile, points: Floats, width: int | None = None
) -> tuple[Callable[[Floats], Floats], Convention]:
    """Load a function as a map from all coordinates (N, C) to (N,) or (N, width), with its convention."""
    function, path = load(reading.text, reading.parameters), file_of(reading.text)
    count = max(len(reading.coordinates) + _EXTRA_POINTS, min(len(points), _TRIAL_POINTS))
    trial = all_coordinates(reading, np.resize(points, (count, points.shape[-1])))
    with user_code(path):
        convention = Trial(function, trial, visible(reading.text, 100), width).convention()

    def call(rows: Floats) -> Floats:
        with user_code(path):
            return convention.results(function, rows, width)

    return call, convention


def all_coordinates(reading: FunctionOfFile, rows: Floats) -> Floats:
    """Return points (N, C) of all coordinates from points (N, D) of the variables."""
    if not reading.held:
        return rows
    columns: dict[str, float | Floats] = {**reading.held, **dict(zip(reading.variables, rows.T, strict=True))}
    return np.stack([np.broadcast_to(columns[name], len(rows)) for name in reading.coordinates], axis=-1)
