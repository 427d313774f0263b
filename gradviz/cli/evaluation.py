"""Values and gradients for the command `grad`."""

from __future__ import annotations

import csv
import io
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.arrays import Floats, as_points
from gradviz.calculus import Estimate, gradient
from gradviz.calculus.differences import Function
from gradviz.calculus.hessians import Directional, Hessians, directional, hessians
from gradviz.calculus.reliability import Reference, referred, unreliable
from gradviz.errors import RequestError, visible
from gradviz.fields.field import Field
from gradviz.language.reading import Expression, FunctionOfFile, coordinates_of, read_function
from gradviz.limits import COORDINATES, POINTS, VARIABLES
from gradviz.specs.problem import Problem
from gradviz.userfunc import array_function, field_near, read_array

if TYPE_CHECKING:
    from gradviz.cli.numbers import Places, Wanted

_NULL = np.array(None)  # JSON's null, for numbers that are not finite


@dataclass(frozen=True)
class Answer:
    """The numbers at points (N, D), or at one array of some shape whose elements are the D coordinates."""

    variables: tuple[str, ...]
    points: Floats
    estimate: Estimate
    exact: Floats | None = None
    derivatives: tuple[str, ...] = ()
    """Texts of the partial derivatives, "" for one that is too long."""
    left_out: tuple[tuple[str, ...], ...] = ()
    """Ties and conditions of definition that the text of each derivative leaves out."""
    notes: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    certified: list[list[tuple[float, float] | None]] | None = None
    """Proven bounds of the partial derivatives; None where there is no proof."""
    along: Directional | None = None
    exact_along: Floats | None = None
    """The exact derivative (N,) along the direction."""
    hessians: Hessians | None = None

    def plain(self, numbers: Floats) -> list[object]:
        """Return numbers (N,) or vectors (N, D), an array in its own shape, as `console.plain` has lists."""
        shaped = numbers if self.shape is None or numbers.ndim == 1 else numbers.reshape(-1, *self.shape)
        is_finite = np.isfinite(shaped)
        shaped = shaped + 0.0 if is_finite.all() else np.where(is_finite, shaped + 0.0, _NULL)
        found: list[object] = shaped.tolist()
        return found

    def remarks(self) -> tuple[str, ...]:
        """Return the warnings about the points."""
        return tuple(filter(None, (*self.notes, unreliable(self.estimate.marks))))


def of_formula(reading: Expression, points: Floats, how: Mapping[str, Any], wanted: Wanted) -> Answer:
    """Return the numbers of an expression at points (N, D), also exact."""
    field = Field(reading)
    exact = gradient(field, method="exact", apart=True).estimate(points)
    estimate = exact
    if how["method"] != "exact":
        known = Reference(exact.values, exact.gradient, exact.error, exact.marks, np.full(len(points), True))
        estimate = referred(gradient(field, **how).numerical_estimate(points), known)
    texts, left_out = field.derivative_texts, field.derivative_remarks
    answer = Answer(
        field.variables, points, estimate, exact.gradient, texts, left_out, (field.overflow_hint(points),)
    )
    answer = _with_more(answer, field, wanted)
    if wanted.seconds is None:
        return answer
    from gradviz.calculus.certify import certified_gradients  # needs python-flint

    return replace(answer, certified=certified_gradients(reading, points, wanted.seconds))


def _with_more(answer: Answer, function: Function, wanted: Wanted) -> Answer:
    """Return an answer with the derivative along a direction and the Hessians, as far as these are wanted."""
    estimate, exact = answer.estimate, answer.exact
    if (direction := wanted.direction(answer.variables)) is not None:
        along = directional(function, answer.points, estimate, direction)
        own = None if exact is None else np.where(along.by_gradient, exact @ direction, np.nan)
        answer = replace(answer, along=along, exact_along=own)
    if not wanted.hessian:
        return answer
    if len(answer.variables) > VARIABLES:
        problem = f"--hessian: must have at most {VARIABLES} coordinates, got {len(answer.variables):,}"
        raise RequestError(f"{problem}; use a function of fewer numbers")
    return replace(answer, hessians=hessians(function, answer.points, estimate))


def of_file(problem: Problem, places: Places, how: Mapping[str, Any], wanted: Wanted) -> list[Answer]:
    """Return the numbers of a Python function: of an array in each .npy file, or of points."""
    if places.arrays and (len(places.arrays) < len(places.at) or places.source):
        raise RequestError("--at: must be points alone or .npy files alone, got both")
    if places.arrays:
        answers = [_of_array(problem, path, how, wanted) for path in places.arrays]
        if all(answers):
            return list(filter(None, answers))
    reading = _reading_of_file(problem, places)

    points = places.points(reading.variables)
    field = field_near(reading, points)
    answer = Answer(field.variables, points, gradient(field, **how).estimate(points), notes=field.notes)
    return [_with_more(answer, field, wanted)]


def _reading_of_file(problem: Problem, places: Places) -> FunctionOfFile:
    """Return a function of a file with names for the coordinates of the points given."""
    names: Sequence[str] | None = problem.vars
    if names is None and places.arrays:
        names = coordinates_of((), problem.fix, read_array(places.arrays[0]).shape[-1])
    names = names or coordinates_of((), problem.fix, places.dimension())
    return read_function(problem.expression, coordinates=names, parameters=problem.set, held=problem.fix)


def _of_array(problem: Problem, path: str, how: Mapping[str, Any], wanted: Wanted) -> Answer | None:
    """Return the numbers of a function of the array in a file; None for a function of points, its rows."""
    array = read_array(path)
    reading = read_function(problem.expression, coordinates=(), parameters=problem.set)
    function = array_function(reading, array)
    if not function.takes_it(array):
        return None
    indices = (",".join(map(str, index)) for index in np.ndindex(array.shape))
    names = tuple(f"x[{index}]" for index in indices)
    points = array.reshape(1, -1)
    answer = Answer(names, points, gradient(function, **how).estimate(points), shape=array.shape)
    return _with_more(answer, function, wanted)


def rows_of_array(path: str, dimension: int) -> Floats:
    """Return the points (..., D) in a .npy file as rows (N, D)."""
    return as_points(read_array(path), dimension).reshape(-1, dimension)


def rows_of_csv(content: bytes, shown: str, variables: Sequence[str]) -> Floats:
    """Return the points (N, D) in a CSV file, whose header names the variables in any order.

    Reads row by row, so that memory holds no texts but those of one row. `shown` is the file in messages.
    Raises RequestError with the line of the error.
    """
    with io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", newline="") as text:
        lines = csv.reader(text, strict=True)
        try:
            return _rows_of_lines(lines, shown, variables)
        except csv.Error as error:
            why = f"{shown}:{lines.line_num}: {visible(str(error), 100)}"
            raise RequestError(f"--points: must be CSV text, got {why}") from None
        except UnicodeDecodeError as error:
            why = f"{shown}: {visible(str(error), 100)}"
            raise RequestError(f"--points: must be UTF-8 text, got {why}") from None


def _rows_of_lines(lines: Any, shown: str, variables: Sequence[str]) -> Floats:  # Any: a reader of csv
    header = [name.strip() for name in next(lines, [])]
    if not {*variables} <= {*header} or len({*header}) < len(header):
        found = visible(",".join(header), 100) or "an empty line"
        raise RequestError(f"{shown}:1: the header must name {', '.join(variables)}, each once, got {found}")
    chosen, width = [header.index(name) for name in variables], len(header)
    coordinates, count = array("d"), 0
    for line in filter(None, lines):
        try:
            row = [float(line[index]) for index in chosen]
            is_valid = len(line) == width and all(map(math.isfinite, row))
        except (ValueError, IndexError):
            is_valid = False
        if not is_valid:
            rule = "must be a number for each variable"
            if len(line) != width:
                rule = f"must have {width} fields, as the header has"
            raise RequestError(f"{shown}:{lines.line_num}: {rule}, got {visible(','.join(line), 100)}")
        coordinates.extend(row)
        count += 1
        if count > POINTS or len(coordinates) > COORDINATES:
            most = f"{POINTS:,} points and {COORDINATES:,} coordinates"
            raise RequestError(f"--points: must be at most {most}, got more in {shown}")
    return np.array(coordinates).reshape(count, len(variables))


def stacked(parts: Sequence[Floats | list[list[float]]], dimension: int) -> Floats:
    """Return lists of points of some dimension D as one array (N, D)."""
    return np.concatenate([np.asarray(part, np.float64).reshape(len(part), dimension) for part in parts])
