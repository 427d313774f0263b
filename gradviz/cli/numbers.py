"""The command `grad`, which imports no Matplotlib."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from gradviz.limits import DATA_BYTES
from gradviz.specs import values
from gradviz.specs.problem import Problem

if TYPE_CHECKING:
    from gradviz.arrays import Floats
    from gradviz.calculus.hessians import Directional, Hessians
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
    along: Annotated[
        str | None,
        typer.Option("--along", metavar="A,B", help="Also print the derivative along this direction."),
    ] = None,
    hessian: Annotated[
        bool, typer.Option("--hessian", help="Also print the Hessian and its eigenvalues.")
    ] = False,
    certify: Certify = False,
    certify_limit: Limit = None,
) -> None:
    """Print values and gradients at points.

    The gradient is numerical, with its estimated error, and exact where the function has a formula.
    --along adds the derivative along a direction, --hessian the second derivatives, --certify proven
    bounds of each partial derivative.

    Examples:
      gradviz grad "x0**2 + 2*x0*x1" --at 3,4 --at 5,6
      gradviz grad "a*sin(x)" --set a=2 --at pi/3 --json
    """
    stages = output.start()
    if fields["expression"] == "-" and points == "-":
        raise RequestError("--points: must be a file if EXPR is read from standard input, got -")
    problem = Problem(**{**fields, "expression": console.read_expression(fields["expression"])})
    seconds = seconds_of([problem.expression], certify=certify, limit=certify_limit)
    found = _answers(problem, Places(tuple(at or ()), points), Wanted(along, hessian, seconds))
    count = sum(len(answer.points) for answer in found)
    stages.done(
        f"evaluated {count:,} point{'s' * (count != 1)} and the gradient by the method {problem.method}"
    )
    if output.json:
        console.result(json.dumps(_report(problem.expression, found), allow_nan=False))
        return
    for answer in found:
        _print(answer)
    if not output.quiet:
        for remark in dict.fromkeys(remark for answer in found for remark in answer.remarks()):
            console.note(remark)


@dataclass(frozen=True)
class Wanted:
    """The numbers that are wanted beside values and gradients."""

    along: str | None
    """A direction, as typed."""
    hessian: bool
    seconds: float | None
    """The processor time for proofs, in s; None for no proofs."""

    def direction(self, variables: tuple[str, ...]) -> tuple[float, ...] | None:
        """Return the unit vector along the direction. Raises RequestError for one of length 0."""
        if self.along is None:
            return None
        given = _coordinates("--along", self.along, variables)
        largest = max(map(abs, given), default=0.0)
        if not largest:
            example = ",".join(["1", *"0" * (len(given) - 1)])
            problem = f"must be a direction of length greater than 0, got {visible(self.along)}"
            raise RequestError(f"--along: {problem}; use for example {example}")
        scaled = [x / largest for x in given]  # whose squares do not overflow
        return tuple(x / math.hypot(*scaled) for x in scaled)


def _answers(problem: Problem, places: Places, wanted: Wanted) -> list[Answer]:
    """Return the numbers of a function at places."""
    text, method = problem.expression, problem.method
    how = {"method": method, "step": problem.step, "apart": True}
    is_of_file = is_function_of_file(text)
    if is_of_file and method in ("exact", "complex"):
        raise RequestError(f"--method: must be adaptive or central for a function of a file, got {method}")
    parameters = {**problem.set, **problem.fix}
    reading = None if is_of_file else read(text, variables=problem.vars, parameters=parameters)
    if reading is not None:
        wanted.direction(reading.variables)  # checked before NumPy is imported
    points = None if reading is None else places.points(reading.variables)

    from gradviz.cli.evaluation import of_file, of_formula

    if reading is None or points is None:
        return of_file(problem, places, how, wanted)
    return [of_formula(reading, points, how, wanted)]


@dataclass(frozen=True)
class Places:
    """The points of a request: coordinates or .npy files, as typed, and a CSV file."""

    at: tuple[str, ...]
    source: str | None

    @property
    def arrays(self) -> tuple[str, ...]:
        """The .npy files."""
        return tuple(filter(_is_array, self.at))

    def points(self, variables: tuple[str, ...]) -> Floats:
        """Return the points (N, D), with these coordinates."""
        if not self.at and not self.source:
            raise RequestError(_NO_POINT)
        # What is typed is checked before NumPy is imported.
        parts: list[Any] = [
            entry if _is_array(entry) else [_coordinates("--at", entry, variables)] for entry in self.at
        ]
        shown = "standard input" if self.source == "-" else visible(self.source or "", 200)
        content = _content_of(self.source, shown) if self.source else None
        from gradviz.cli.evaluation import rows_of_array, rows_of_csv, stacked

        parts = [rows_of_array(part, len(variables)) if isinstance(part, str) else part for part in parts]
        if content is not None:
            parts.append(rows_of_csv(content, shown, variables))
        if not any(map(len, parts)):
            raise RequestError(
                f"--points: must be at least one point, got only a header from {shown}; use --at"
            )
        return stacked(parts, len(variables))

    def dimension(self) -> int:
        """Return the number of coordinates of the first point."""
        if not self.at and not self.source:
            raise RequestError(_NO_POINT)
        if not self.at:
            raise RequestError("--vars: is missing; --points needs it for a function of a file")
        return len(values.reals(self.at[0]))


def _is_array(entry: str) -> bool:
    return entry.lower().endswith(".npy")


def _coordinates(flag: str, text: str, variables: tuple[str, ...]) -> list[float]:
    """Return a number for each variable from the text of an option."""
    coordinates = list(read_option(flag, values.reals, text))
    if len(coordinates) != len(variables):
        wanted = f"{len(variables)} ({', '.join(variables)})" if variables else "no"
        raise RequestError(f"{flag}: must have {wanted} coordinates, got {visible(text)}")
    return coordinates


def _content_of(source: str, shown: str) -> bytes:
    """Return the content of a CSV file, or standard input for "-"."""
    content = console.read_input(DATA_BYTES + 1) if source == "-" else read_bounded(Path(source), DATA_BYTES)
    if len(content) > DATA_BYTES:
        raise OutputError(f"--points: must be at most {DATA_BYTES:,} bytes, got more from {shown}")
    return content


def _report(text: str, found: Sequence[Answer]) -> dict[str, object]:
    """Return the result as plain data for JSON."""

    def joined(part: Callable[[Answer], list[object]]) -> list[object]:
        return [item for answer in found for item in part(answer)]

    first = found[0]
    return {
        "expression": text,
        "variables": list(first.variables),
        "points": joined(lambda answer: answer.plain(answer.points)),
        "values": joined(lambda answer: answer.plain(answer.estimate.values)),
        "gradient": joined(lambda answer: answer.plain(answer.estimate.gradient)),
        "error": joined(lambda answer: answer.plain(answer.estimate.error)),
        "exact": None if first.exact is None else first.plain(first.exact),
        "unreliable": [reason or None for answer in found for reason in answer.estimate.reasons()],
        "derivatives": {
            name: text or None for name, text in zip(first.variables, first.derivatives, strict=False)
        },
        **_more(found),
    }


def _more(found: Sequence[Answer]) -> dict[str, object]:
    """Return the numbers beside values and gradients as plain data for JSON."""
    report: dict[str, object] = {}
    if along := [answer.along for answer in found if answer.along]:
        report["along"] = {
            "direction": list(along[0].direction),
            "derivative": console.plain([x for one in along for x in one.derivative.tolist()]),
            "error": console.plain([x for one in along for x in one.error.tolist()]),
        }
    if hessians := [answer.hessians for answer in found if answer.hessians]:
        report["hessian"] = console.plain([x for one in hessians for x in one.matrices.tolist()])
        report["eigenvalues"] = console.plain([x for one in hessians for x in one.eigenvalues.tolist()])
    if found[0].certified is not None:
        report["certified"] = console.plain(found[0].certified)
    return report


def _print(answer: Answer) -> None:
    """Print the result as a table: one line for each element of an array, or for each point."""
    for name, text, remarks in zip(answer.variables, answer.derivatives, answer.left_out, strict=False):
        console.result(f"df/d{name} = {visible(text, 200) or '... (too long to print)'}")
        for remark in remarks:
            console.result(f"        {visible(remark, 200)}")
    if answer.derivatives:
        console.result("")
    if answer.shape is not None:
        _print_array(answer)
    else:
        _print_points(answer)
    if answer.along is not None:
        _print_along(answer, answer.along)
    if answer.hessians is not None:
        _print_hessians(answer, answer.hessians)
    if answer.certified is not None:
        _print_bounds(answer, answer.certified)


def _print_points(answer: Answer) -> None:
    reasons = answer.estimate.reasons()
    header = [*answer.variables, "f"]
    for name in answer.variables:
        header += [f"df/d{name}", "error", *(["exact"] if answer.exact is not None else [])]
    header += ["unreliable"] * any(reasons)
    columns = [_written(column) for column in (*answer.points.T, answer.estimate.values)]
    for axis in range(len(answer.variables)):
        columns += _columns(answer, axis)
    columns += [reasons] * any(reasons)
    console.table(header, zip(*columns, strict=True))


def _print_along(answer: Answer, along: Directional) -> None:
    """Print a table of derivatives along a direction."""
    console.result(f"\nalong the unit vector u = ({', '.join(_written(along.direction))})")
    names = answer.variables if answer.shape is None else ()
    columns = [*map(_written, answer.points.T[: len(names)]), _written(along.derivative)]
    columns.append([f"{error:.1e}" for error in along.error.tolist()])
    header = [*names, "df/du", "error"]
    if answer.exact_along is not None:
        columns.append(_written(answer.exact_along))
        header.append("exact")
    console.table(header, zip(*columns, strict=True))


def _print_hessians(answer: Answer, hessians: Hessians) -> None:
    """Print the Hessian at each point as a table, with its eigenvalues and the largest error."""
    for point, matrix, error, eigenvalues in zip(answer.points, *hessians, strict=True):
        place = "" if answer.shape else f" at ({', '.join(_written(point))})"
        if math.isnan(eigenvalues[0]):
            console.result(f"\nHessian{place}: undefined")
            continue
        console.result(f"\nHessian{place}, error {error.max():.1e}")
        rows = [[name, *_written(row)] for name, row in zip(answer.variables, matrix, strict=True)]
        console.table(["", *answer.variables], rows)
        console.result(f"eigenvalues  {'  '.join(_written(eigenvalues))}")


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
        [name, f"{answer.points[0, place]:z.10g}", *(column[0] for column in _columns(answer, place))]
        for place, name in enumerate(answer.variables)
    ]
    console.table(["x", "value", "df/dx", "error"], rows)


def _columns(answer: Answer, axis: int) -> list[list[str]]:
    """Return the slopes along an axis, their errors and the exact slopes, where these are known."""
    errors = [f"{error:.1e}" for error in answer.estimate.error[:, axis].tolist()]
    exact = [] if answer.exact is None else [_written(answer.exact[:, axis])]
    return [_written(answer.estimate.gradient[:, axis]), errors, *exact]


def _written(numbers: Iterable[float]) -> list[str]:
    return [f"{x:z.10g}" for x in numbers]
