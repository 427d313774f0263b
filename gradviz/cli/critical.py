"""The command that prints critical points."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gradviz.cli import console
from gradviz.cli.options import AsJson, ExpressionText, Fix, Quiet, Set, Vars
from gradviz.errors import RequestError, did_you_mean
from gradviz.expression.reading import Expression, read
from gradviz.figures import values
from gradviz.figures.contour import Contour
from gradviz.figures.values import ALL


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
) -> None:
    """Print the minima, maxima and saddles in the range, with the eigenvalues of the Hessian."""
    text = console.read_expression(expression)
    held = {**values.assignments(set or []), **values.assignments(fix or [])}
    given = values.ranges(range or Contour.default_range)
    named = given if isinstance(given, dict) else {ALL: given}
    declared = [name for name in named if name != ALL]
    reading = read(text, variables=values.names(vars) if vars else None, parameters=held, declared=declared)
    ranges = _ranges(reading, named)

    from gradviz.calculus import critical_points
    from gradviz.expression.field import Field

    found = critical_points(Field(reading), ranges)
    if not quiet:
        for note in (*found.notes, found.summary):
            console.note(note)
    if as_json:
        console.result_json(
            {
                "expression": text,
                "variables": list(reading.variables),
                "range": dict(zip(reading.variables, map(list, ranges), strict=True)),
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
        count = len(reading.variables)
        console.table(["kind", *reading.variables, "f", "eigenvalues", *[""] * (count - 1)], rows)


def _ranges(reading: Expression, named: dict[str, tuple[float, ...]]) -> list[tuple[float, float]]:
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
