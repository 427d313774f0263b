"""The command `critical`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gradviz.cli import console
from gradviz.cli.options import Output, with_options
from gradviz.errors import RequestError, did_you_mean
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    coordinates_of,
    is_function_of_file,
    read,
    read_function,
)
from gradviz.specs.contour import Contour
from gradviz.specs.problem import Problem
from gradviz.specs.values import ALL


@with_options(
    Problem,
    "expression range vars set fix",
    "json quiet verbose no_cache",
    help_range="Searched interval of one variable, or all (default -3:3).",
)
def critical(fields: Mapping[str, Any], output: Output) -> None:
    """Find minima, maxima and saddle points.

    They are printed with the eigenvalues of the Hessian.

    Examples:
      gradviz critical "x0**3 - 3*x0 + x1**2"
      gradviz critical "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" -r -5:5 --json
    """
    stages = output.start()
    problem = Problem(**{**fields, "expression": console.read_expression(fields["expression"])})
    text = problem.expression
    given = problem.range or Contour.traits.default_range
    named = given if isinstance(given, dict) else {ALL: given}
    declared = [name for name in named if name != ALL]
    function: Expression | FunctionOfFile
    if is_function_of_file(text):
        coordinates = problem.vars or coordinates_of(declared, problem.fix, len(declared) or 2)
        function = read_function(text, coordinates=coordinates, parameters=problem.set, held=problem.fix)
    else:
        held = {**problem.set, **problem.fix}
        function = read(text, variables=problem.vars, parameters=held, declared=declared)
    ranges = _ranges(function, named)

    from gradviz.cli.analysis import searched

    found = searched(function, ranges)
    stages.done(f"searched {len(ranges)} dimension{'s' * (len(ranges) != 1)}")
    if not output.quiet:
        for note in (*found.notes, found.summary):
            console.note(note)
    if output.json:
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
