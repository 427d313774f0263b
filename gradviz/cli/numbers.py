"""The command `grad`, which imports no Matplotlib."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradviz.cli import console
from gradviz.cli.certify import Certify, Limit, seconds_of
from gradviz.cli.options import Output, read_option, with_options
from gradviz.errors import OutputError, RequestError, visible
from gradviz.files import read_bounded
from gradviz.language.reading import is_function_of_file, read
from gradviz.limits import DATA_BYTES, POINTS
from gradviz.specs import values
from gradviz.specs.problem import Problem

if TYPE_CHECKING:
    from gradviz.cli.evaluation import Answer

_NO_POINT = "--at: is missing; use for example --at 3,4 or --points FILE.csv"


@with_options(Problem, "expression vars set fix method step", "json quiet verbose no_cache")
def grad(
    fields: Mapping[str, Any],
    output: Output,
    *,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at",
            metavar="X0,X1,... or FILE.npy",
            help="Point, or array in a file; repeatable.",
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(
            "--points",
            metavar="FILE.csv",
            help="Points, the header names variables ('-' for stdin).",
        ),
    ] = None,
    certify: Certify = False,
    certify_limit: Limit = None,
) -> None:
    """Print values and gradients at points.

    The gradient is numerical, with its estimated error, and exact where the function has a formula.
    --certify adds proven bounds of each partial derivative.

    Examples:
      gradviz grad "x0**2 + 2*x0*x1" --at 3,4 --at 5,6
      gradviz grad "a*sin(x)" --set a=2 --at pi/3 --json
    """
    stages = output.start()
    if fields["expression"] == "-" and points == "-":
        raise RequestError("--points: must be a file if EXPR is read from standard input, got -")
    problem = Problem(**{**fields, "expression": console.read_expression(fields["expression"])})
    seconds = seconds_of([problem.expression], certify=certify, limit=certify_limit)
    found = _answers(problem, Places(tuple(at or ()), points), seconds)
    count = sum(len(answer.points) for answer in found)
    stages.done(
        f"evaluated {count:,} point{'s' * (count != 1)} and the gradient by the method {problem.method}"
    )
    if output.json:
        console.result_json(_report(problem.expression, found))
        return
    for answer in found:
        _print(answer)
    if not output.quiet:
        for remark in dict.fromkeys(remark for answer in found for remark in answer.remarks()):
            console.note(remark)


def _answers(problem: Problem, places: Places, seconds: float | None) -> list[Answer]:
    """Return the numbers of a function at places."""
    text, method = problem.expression, problem.method
    how = {"method": method, "step": problem.step, "apart": True}
    is_of_file = is_function_of_file(text)
    if is_of_file and method in ("exact", "complex"):
        raise RequestError(f"--method: must be adaptive or central for a function of a file, got {method}")
    parameters = {**problem.set, **problem.fix}
    reading = None if is_of_file else read(text, variables=problem.vars, parameters=parameters)
    rows = [] if reading is None else places.rows(reading.variables)

    from gradviz.cli.evaluation import of_file, of_formula

    return of_file(problem, places, how) if reading is None else [of_formula(reading, rows, how, seconds)]


@dataclass(frozen=True)
class Places:
    """The points of a request: coordinates or .npy files, as typed, and a CSV file."""

    at: tuple[str, ...]
    source: str | None

    @property
    def arrays(self) -> tuple[str, ...]:
        """The .npy files."""
        return tuple(entry for entry in self.at if entry.lower().endswith(".npy"))

    def rows(self, variables: tuple[str, ...]) -> list[list[float]]:
        """Return the points, with these coordinates."""
        found = [row for entry in self.at for row in self._rows_at(entry, variables)]
        found += _points_of(self.source, variables) if self.source else []
        if not found:
            raise RequestError(_NO_POINT)
        return found

    def _rows_at(self, entry: str, variables: tuple[str, ...]) -> list[list[float]]:
        if entry not in self.arrays:
            return [_point(entry, variables)]
        from gradviz.cli.evaluation import rows_of_array

        return rows_of_array(entry, len(variables))

    def dimension(self) -> int:
        """Return the number of coordinates of the first point."""
        if not self.at and not self.source:
            raise RequestError(_NO_POINT)
        if not self.at:
            raise RequestError("--vars: is missing; --points needs it for a function of a file")
        return len(values.reals(self.at[0]))


def _point(text: str, variables: tuple[str, ...]) -> list[float]:
    coordinates = list(read_option("--at", values.reals, text))
    if len(coordinates) != len(variables):
        wanted = f"{len(variables)} ({', '.join(variables)})" if variables else "no"
        raise RequestError(f"--at: must have {wanted} coordinates, got {visible(text)}")
    return coordinates


def _points_of(source: str, variables: tuple[str, ...]) -> list[list[float]]:
    """Return the points of a CSV file, whose header names the variables in any order."""
    shown = "standard input" if source == "-" else visible(source, 200)
    content = console.read_input(DATA_BYTES + 1) if source == "-" else read_bounded(Path(source), DATA_BYTES)
    if len(content) > DATA_BYTES:
        raise OutputError(f"--points: must be at most {DATA_BYTES:,} bytes, got more from {shown}")
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"--points: must be CSV text, got {shown}: {visible(str(error))}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    missing = [name for name in variables if name not in header]
    if missing or len(set(header)) < len(header):
        found = visible(",".join(header)) or "an empty line"
        raise RequestError(f"{shown}:1: the header must name {', '.join(variables)}, each once, got {found}")
    places = [header.index(name) for name in variables]
    rows = []
    for place, line in enumerate(lines[1:], 2):
        if not line:
            continue
        try:
            rows.append([values.real(float(line[index])) for index in places])
        except (ValueError, IndexError):
            raise RequestError(
                f"{shown}:{place}: must be a number for each variable, got {visible(','.join(line))}"
            ) from None
    if len(rows) > POINTS:
        raise RequestError(f"--points: must be at most {POINTS:,} points, got {len(rows):,}")
    return rows


def _report(text: str, found: Sequence[Answer]) -> dict[str, object]:
    """Return the result as plain data for JSON."""

    def joined(part: Callable[[Answer], list[object]]) -> list[object]:
        return [item for answer in found for item in part(answer)]

    first = found[0]
    certified = {} if first.certified is None else {"certified": first.certified}
    return certified | {
        "expression": text,
        "variables": list(first.variables),
        "points": joined(lambda answer: answer.plain(answer.points)),
        "values": joined(lambda answer: answer.estimate.values.tolist()),
        "gradient": joined(lambda answer: answer.plain(answer.estimate.gradient)),
        "error": joined(lambda answer: answer.plain(answer.estimate.error)),
        "exact": None if first.exact is None else first.exact.tolist(),
        "unreliable": [reason or None for answer in found for reason in answer.estimate.reasons()],
        "derivatives": dict(zip(first.variables, first.derivatives, strict=False)),
    }


def _print(answer: Answer) -> None:
    """Print the result as a table: one line for each element of an array, or for each point."""
    for name, text, remarks in zip(answer.variables, answer.derivatives, answer.left_out, strict=False):
        console.result(f"df/d{name} = {visible(text, 200)}")
        for remark in remarks:
            console.result(f"        {visible(remark, 200)}")
    if answer.derivatives:
        console.result("")
    reasons = answer.estimate.reasons()
    if answer.shape is not None:
        _print_array(answer)
        return
    header = [*answer.variables, "f"]
    for name in answer.variables:
        header += [f"df/d{name}", "error", *(["exact"] if answer.exact is not None else [])]
    header += ["unreliable"] * any(reasons)
    rows = []
    for row in range(len(answer.points)):
        cells = [f"{x:z.10g}" for x in (*answer.points[row], answer.estimate.values[row])]
        for axis in range(len(answer.variables)):
            cells += _cells(answer, row, axis)
        rows.append([*cells, *([reasons[row]] if any(reasons) else [])])
    console.table(header, rows)
    if answer.certified is not None:
        _print_bounds(answer, answer.certified)


def _print_bounds(answer: Answer, certified: Sequence[Sequence[tuple[float, float] | None]]) -> None:
    """Print a table of proven bounds."""
    header = [*answer.variables]
    for name in answer.variables:
        header += [f"df/d{name} >=", f"df/d{name} <="]
    rows = []
    for point, slopes in zip(answer.points.tolist(), certified, strict=True):
        cells = [f"{x:z.10g}" for x in point]
        for slope in slopes:
            cells += ["unproven", ""] if slope is None else [repr(slope[0]), repr(slope[1])]
        rows.append(cells)
    console.result("")
    console.table(header, rows)


def _print_array(answer: Answer) -> None:
    console.result(f"f = {answer.estimate.values[0]:z.10g}")
    console.result("")
    rows = [
        [name, f"{answer.points[0, place]:z.10g}", *_cells(answer, 0, place)]
        for place, name in enumerate(answer.variables)
    ]
    console.table(["x", "value", "df/dx", "error"], rows)


def _cells(answer: Answer, row: int, axis: int) -> list[str]:
    """Return a slope, its error and what it is exactly, where that is known."""
    slope, error = answer.estimate.gradient[row, axis], answer.estimate.error[row, axis]
    exact = [] if answer.exact is None else [f"{answer.exact[row, axis]:z.10g}"]
    return [f"{slope:z.10g}", f"{error:.1e}", *exact]
