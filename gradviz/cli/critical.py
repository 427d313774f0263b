"""The command `critical`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from gradviz.cli import console
from gradviz.cli.certify import Certify, Limit, counted, print_open, seconds_of
from gradviz.cli.options import Output, with_options
from gradviz.errors import ExpressionError, Message, RequestError, did_you_mean
from gradviz.language.equations import names_of, read_constraints
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    coordinates_of,
    is_function_of_file,
    read,
    read_function,
)
from gradviz.language.tables import natural_order
from gradviz.specs.contour import Contour
from gradviz.specs.problem import Problem
from gradviz.specs.values import ALL

if TYPE_CHECKING:
    from gradviz.calculus.constrained import ConstrainedPoints
    from gradviz.calculus.points import CriticalPoint, CriticalPoints

_Parsed = TypeVar("_Parsed")


@with_options(
    Problem,
    "expression range vars set fix",
    "json quiet verbose no_cache",
    help_range="Searched interval of one variable, or all (default -3:3).",
)
def critical(
    fields: Mapping[str, Any],
    output: Output,
    *,
    constraint: Annotated[
        list[str] | None,
        typer.Option("--constraint", metavar="EQUATION", help="Equation that points must solve; repeatable."),
    ] = None,
    certify: Certify = False,
    certify_limit: Limit = None,
) -> None:
    """Find minima, maxima and saddle points.

    They are printed with the eigenvalues of the Hessian. --certify proves that they are all. With
    --constraint they are those on the solutions of all equations, with Lagrange multipliers.

    Examples:
      gradviz critical "x*y" --constraint "x^2 + y^2 = 1"
      gradviz critical "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" -r -5:5 --certify
    """
    stages = output.start()
    problem = Problem(**console.read_function(fields))
    text = problem.expression
    if constraint and certify:
        raise RequestError("--certify: cannot prove points on a constraint; leave out --certify")
    seconds = seconds_of([text], certify=certify, limit=certify_limit)
    given = problem.range or Contour.traits.default_range
    named = given if isinstance(given, dict) else {ALL: given}
    declared = [name for name in named if name != ALL]
    function: Expression | FunctionOfFile
    if is_function_of_file(text):
        coordinates = problem.vars or coordinates_of(declared, problem.fix, len(declared) or 2)
        function = read_function(text, coordinates=coordinates, parameters=problem.set, held=problem.fix)
    else:
        held = {**problem.set, **problem.fix}
        names = problem.vars
        if names is None and constraint:
            names = _joint_names(text, constraint, held, declared)
        function = read(text, variables=names, parameters=held, declared=declared)
    ranges = _ranges(function, named)
    constraints = _read_constraints(constraint, function) if constraint else ()

    from gradviz.cli.analysis import searched, searched_on

    if constraints:
        on_constraints = searched_on(function, constraints, ranges)
        stages.done(f"searched the solutions of {len(constraints)} equation{'s' * (len(constraints) != 1)}")
        _print_constrained(function, constraints, ranges, on_constraints, output)
        return
    found = searched(function, ranges, seconds)
    stages.done(f"searched {len(ranges)} dimension{'s' * (len(ranges) != 1)}")
    if not output.quiet:
        for note in (*found.notes, found.summary):
            console.note(note)
    if output.json:
        console.result_json(_report(text, function, ranges, found))
    else:
        _print(function.variables, found)


def _joint_names(
    text: str, constraints: list[str], held: Mapping[str, float], declared: Iterable[str]
) -> tuple[str, ...]:
    """Return the variables of an expression and of its constraints, in natural order."""
    first = read(text, parameters=held, declared=declared)
    names = _of_constraint(lambda: names_of(constraints, (*first.variables, *held, *declared)))
    return tuple(sorted({*first.variables, *names} - {*held}, key=natural_order))


def _read_constraints(texts: list[str], function: Expression | FunctionOfFile) -> tuple[Expression, ...]:
    """Return the constraints of a function, fewer than its variables."""
    variables = function.variables
    found = _of_constraint(lambda: read_constraints(texts, variables, function.parameters))
    if len(found) >= len(variables):
        most = f"at most {len(variables) - 1} for the variables {', '.join(variables)}"
        raise RequestError(f"--constraint: must be given {most}, got {len(found)}; leave some out")
    return found


def _of_constraint(parse: Callable[[], _Parsed]) -> _Parsed:
    """Return the result of a parser, with the option in its errors."""
    try:
        return parse()
    except ExpressionError as error:
        raise RequestError(Message("--constraint: ", error.message)) from None


def _print_constrained(
    function: Expression | FunctionOfFile,
    constraints: tuple[Expression, ...],
    ranges: list[tuple[float, float]],
    found: ConstrainedPoints,
    output: Output,
) -> None:
    """Print the critical points on constraints as a table or as JSON."""
    if not output.quiet:
        for note in (*found.notes, found.summary):
            console.note(note)
    names = function.variables
    if output.json:
        console.result_json({
            "expression": function.text, "constraints": [one.text for one in constraints],
            "variables": list(names), "range": dict(zip(names, map(list, ranges), strict=True)),
            "points": [asdict(point) for point in found.points], "notes": list(found.notes),
        })  # fmt: skip
    elif found.points:
        header = ["kind", *names, "f", *(["multiplier"] if len(constraints) == 1 else
                  [f"multiplier {i}" for i in range(1, len(constraints) + 1)]), "eigenvalues"]  # fmt: skip
        rows = [
            [
                point.kind,
                *(f"{x:z.10g}" for x in (*point.at, point.value)),
                *(f"{x:z.6g}" for x in (*point.multipliers, *point.eigenvalues)),
            ]
            for point in found.points
        ]
        console.table([*header, *[""] * (len(names) - len(constraints) - 1)], rows)


def _report(
    text: str,
    function: Expression | FunctionOfFile,
    ranges: list[tuple[float, float]],
    found: CriticalPoints,
) -> dict[str, object]:
    """Return the result as plain data for JSON."""
    points = [asdict(point) for point in found.points]
    report: dict[str, object] = {
        "expression": text,
        "variables": list(function.variables),
        "range": dict(zip(function.variables, map(list, ranges), strict=True)),
        "points": points,
        "notes": list(found.notes),
    }
    if found.proof is None:
        for point in points:
            del point["enclosure"]
        return report
    proof = found.proof
    return report | {
        "complete": proof.complete,
        "open": proof.open,
        "open_reasons": proof.reasons,
        "boxes": proof.boxes,
    }


def _print(variables: tuple[str, ...], found: CriticalPoints) -> None:
    """Print the points as a table, with the half widths of enclosures, and whether they are all."""
    if found.points:
        rows = [
            [
                point.kind,
                *(f"{x:z.10g}" for x in (*point.at, point.value)),
                *([_half_width(point)] if found.proof else []),
                *(f"{x:z.6g}" for x in point.eigenvalues),
            ]
            for point in found.points
        ]
        proven = ["+-"] if found.proof else []
        console.table(["kind", *variables, "f", *proven, "eigenvalues", *[""] * (len(variables) - 1)], rows)
    if found.proof:
        state = "proven" if found.proof.complete else "not proven"
        console.result(f"{chr(10) * bool(found.points)}complete: {state}, {counted(found.proof.boxes)}")
        if found.proof.open:
            console.result(f"open: {counted(len(found.proof.open))}")
            print_open(variables, found.proof.open, found.proof.reasons)


def _half_width(point: CriticalPoint) -> str:
    """Return the largest half width of the enclosure of a point."""
    if point.enclosure is None:
        return "unproven"
    return f"{max(high / 2 - low / 2 for low, high in point.enclosure):.1e}"


def _ranges(
    reading: Expression | FunctionOfFile, named: dict[str, tuple[float, ...]]
) -> list[tuple[float, float]]:
    """Return (low, high) for each variable. Raises RequestError for the range of a name that is none."""
    for name in named:
        if name == ALL or name in reading.variables:
            continue
        if name in reading.parameters:
            raise RequestError(f"--range: must name variables, got '{name}', which has a number already")
        hint = did_you_mean(name, reading.variables) or f"the variables are {', '.join(reading.variables)}"
        raise RequestError(f"--range: must name variables of the expression, got '{name}'; {hint}")
    found = [named.get(name) or named.get(ALL) or Contour.traits.default_range for name in reading.variables]
    return [(low, high) for low, high, *_ in found]
