"""The command that prints critical points."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gradviz.cli import console
from gradviz.cli.options import AsJson, ExpressionText, Fix, NoCache, Quiet, Set, Vars, Verbose
from gradviz.errors import RequestError, did_you_mean
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    coordinates_of,
    is_function_of_file,
    read,
    read_function,
)
from gradviz.process import use_program_cache
from gradviz.specs import values
from gradviz.specs.contour import Contour
from gradviz.specs.values import ALL

if TYPE_CHECKING:
    from gradviz.fields.scalar import ScalarField


def critical(
    expression: ExpressionText,
    range: Annotated[  # noqa: A002 - the option's name
        list[str] | None,
        typer.Option(
            "-r",
            "--range",
            metavar="[VAR=]LO:HI",
            help="The interval of the search, for one variable or for all. [default: -3:3]",
        ),
    ] = None,
    vars: Vars = None,  # noqa: A002 - the option's name
    set: Set = None,  # noqa: A002 - the option's name
    fix: Fix = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_cache: NoCache = False,
) -> None:
    """Print the minima, maxima and saddles in the range, with the eigenvalues of the Hessian.

    Examples:
      gradviz critical "x0**3 - 3*x0 + x1**2"
      gradviz critical "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" -r -5:5 --json
    """
    stages = console.Stages(verbose=verbose, quiet=quiet)
    if no_cache:
        use_program_cache(on=False)
    text = console.read_expression(expression)
    held = {**values.assignments(set or []), **values.assignments(fix or [])}
    given = values.ranges(range or Contour.default_range)
    named = given if isinstance(given, dict) else {ALL: given}
    declared = [name for name in named if name != ALL]
    names = values.names(vars) if vars else None
    function: Expression | FunctionOfFile
    if is_function_of_file(text):
        numbers, fixed = values.assignments(set or []), values.assignments(fix or [])
        coordinates = names or coordinates_of(declared, fixed, len(declared) or 2)
        function = read_function(text, coordinates=coordinates, parameters=numbers, held=fixed)
    else:
        function = read(text, variables=names, parameters=held, declared=declared)
    ranges = _ranges(function, named)

    from gradviz.calculus import critical_points

    found = critical_points(_field(function, ranges), ranges)
    stages.done(f"searched {len(ranges)} dimension{'s' * (len(ranges) != 1)}")
    if not quiet:
        for note in (*found.notes, found.summary):
            console.note(note)
    if as_json:
        console.result_json(
            {
                "expression": text,
                "variables": list(function.variables),
                "range": dict(zip(function.variables, map(list, ranges), strict=True)),
                "points": [asdict(point) for point in found.points],
                "notes": list(found.notes),
            }
        )
    elif found.points:
        rows = [
            [
                point.kind,
                *(f"{x:.10g}" for x in (*point.at, point.value)),
                *(f"{x:.6g}" for x in point.eigenvalues),
            ]
            for point in found.points
        ]
        count = len(function.variables)
        console.table(["kind", *function.variables, "f", "eigenvalues", *[""] * (count - 1)], rows)


def _field(function: Expression | FunctionOfFile, ranges: list[tuple[float, float]]) -> ScalarField:
    """Return the function of points, which in ranges is a function of a file."""
    if isinstance(function, FunctionOfFile):
        from gradviz.userfunc import field_of_points

        return field_of_points(function, ranges)
    from gradviz.fields.field import Field

    return Field(function)


def _ranges(
    reading: Expression | FunctionOfFile, named: dict[str, tuple[float, ...]]
) -> list[tuple[float, float]]:
    """Return (low, high) for each variable. Raises RequestError for the range of a name that is none."""
    for name in named:
        if name == ALL or name in reading.variables:
            continue
        if name in reading.parameters:
            raise RequestError(f"--range: '{name}' has a number already, so its range has no meaning")
        hint = did_you_mean(name, reading.variables) or f"the variables are {', '.join(reading.variables)}"
        raise RequestError(f"--range: '{name}' does not occur in the expression; {hint}")
    found = [named.get(name) or named.get(ALL) or Contour.default_range for name in reading.variables]
    return [(low, high) for low, high, *_ in found]
