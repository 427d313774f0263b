"""Values and gradients for the command `grad`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.arrays import Floats, as_points
from gradviz.calculus import Estimate, gradient
from gradviz.calculus.reliability import Reference, referred, unreliable
from gradviz.errors import RequestError
from gradviz.fields.field import Field
from gradviz.fields.text import remarks
from gradviz.language.reading import Expression, FunctionOfFile, coordinates_of, read_function
from gradviz.specs.problem import Problem
from gradviz.userfunc import array_function, field_near, read_array

if TYPE_CHECKING:
    from gradviz.cli.numbers import Places


@dataclass(frozen=True)
class Answer:
    """The numbers at points (N, D), or at one array of some shape whose elements are the D coordinates."""

    variables: tuple[str, ...]
    points: Floats
    estimate: Estimate
    exact: Floats | None = None
    derivatives: tuple[str, ...] = ()
    left_out: tuple[tuple[str, ...], ...] = ()
    """Ties and conditions of definition that the text of each derivative leaves out."""
    notes: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    certified: list[list[tuple[float, float] | None]] | None = None
    """Proven bounds of the partial derivatives; None where there is no proof."""

    def plain(self, vectors: Floats) -> list[object]:
        """Return vectors (N, D) as lists, an array in its own shape."""
        shaped = vectors if self.shape is None else vectors.reshape(-1, *self.shape)
        found: list[object] = shaped.tolist()
        return found

    def remarks(self) -> tuple[str, ...]:
        """Return the warnings about the points."""
        return tuple(filter(None, (*self.notes, unreliable(self.estimate.marks))))


def of_formula(
    reading: Expression, rows: Sequence[Sequence[float]], how: Mapping[str, Any], seconds: float | None
) -> Answer:
    """Return the numbers of an expression, by differences and exactly, with proofs in a time in s."""
    field = Field(reading)
    points = np.array(rows, dtype=np.float64).reshape(len(rows), len(reading.variables))
    exact = gradient(field, method="exact", apart=True).estimate(points)
    estimate = exact
    if how["method"] != "exact":
        known = Reference(exact.gradient, exact.error, exact.marks, np.full(len(points), True))
        estimate = referred(gradient(field, **how).numerical_estimate(points), known)
    texts, left_out = field.derivative_texts, tuple(map(remarks, field.derivatives))
    answer = Answer(
        field.variables, points, estimate, exact.gradient, texts, left_out, (field.overflow_hint(points),)
    )
    if seconds is None:
        return answer
    from gradviz.calculus.certify import certified_gradients  # needs python-flint

    return replace(answer, certified=certified_gradients(reading, points, seconds))


def of_file(problem: Problem, places: Places, how: Mapping[str, Any]) -> list[Answer]:
    """Return the numbers of a Python function: of an array in each .npy file, or of points."""
    if places.arrays and (len(places.arrays) < len(places.at) or places.source):
        raise RequestError("--at: must be points alone or .npy files alone, got both")
    if places.arrays:
        answers = [_of_array(problem, path, how) for path in places.arrays]
        if all(answers):
            return list(filter(None, answers))
    reading = _reading_of_file(problem, places)

    rows = places.rows(reading.variables)
    points = np.array(rows, dtype=np.float64)
    field = field_near(reading, points)
    return [Answer(field.variables, points, gradient(field, **how).estimate(points), notes=field.notes)]


def _reading_of_file(problem: Problem, places: Places) -> FunctionOfFile:
    """Return a function of a file with names for the coordinates of the points given."""
    names: Sequence[str] | None = problem.vars
    if names is None and places.arrays:
        names = coordinates_of((), problem.fix, read_array(places.arrays[0]).shape[-1])
    names = names or coordinates_of((), problem.fix, places.dimension())
    return read_function(problem.expression, coordinates=names, parameters=problem.set, held=problem.fix)


def _of_array(problem: Problem, path: str, how: Mapping[str, Any]) -> Answer | None:
    """Return the numbers of a function of the array in a file; None for a function of points, its rows."""
    array = read_array(path)
    reading = read_function(problem.expression, coordinates=(), parameters=problem.set)
    function = array_function(reading, array)
    if not function.takes_it(array):
        return None
    indices = (",".join(map(str, index)) for index in np.ndindex(array.shape))
    names = tuple(f"x[{index}]" for index in indices)
    points = array.reshape(1, -1)
    return Answer(names, points, gradient(function, **how).estimate(points), shape=array.shape)


def rows_of_array(path: str, dimension: int) -> list[list[float]]:
    """Return the points (..., D) in a .npy file as rows (N, D)."""
    rows: list[list[float]] = as_points(read_array(path), dimension).reshape(-1, dimension).tolist()
    return rows
