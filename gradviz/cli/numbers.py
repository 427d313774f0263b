"""The commands that print numbers, and never import Matplotlib."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradviz.cli import console
from gradviz.cli.options import AsJson, ExpressionText, Fix, Quiet, Set, Step, Vars
from gradviz.errors import OutputError, RequestError, visible
from gradviz.expression.reading import number, read
from gradviz.figures import values
from gradviz.limits import DATA_BYTES, POINTS

if TYPE_CHECKING:
    from gradviz.arrays import Floats
    from gradviz.calculus import Estimate
    from gradviz.expression.field import Field


def grad(
    expression: ExpressionText,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="X0,X1,...", help="A point, its coordinates in the variables' order; repeatable."
        ),
    ] = None,
    points: Annotated[
        str | None,
        typer.Option(
            "--points",
            metavar="FILE.csv",
            help="Many points; the header names the variables; '-' reads standard input.",
        ),
    ] = None,
    vars: Vars = None,  # noqa: A002 - the option's name
    set: Set = None,  # noqa: A002 - the option's name
    fix: Fix = None,
    method: Annotated[
        str,
        typer.Option("--method", metavar="adaptive|central|complex|exact", help="How the gradient is taken."),
    ] = "adaptive",
    step: Step = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print the value and the gradient at points: by differences with its error, and exactly."""
    if expression == "-" and points == "-":
        raise RequestError("EXPR and --points cannot both be read from standard input")
    text = console.read_expression(expression)
    parameters = {**values.assignments(set or []), **values.assignments(fix or [])}
    reading = read(text, variables=values.names(vars) if vars else None, parameters=parameters)
    rows = [_point(entry, reading.variables) for entry in at or ()]
    rows += _points_of(points, reading.variables) if points else []
    if not rows:
        raise RequestError("no point is given; write for example --at 3,4 or --points FILE.csv")

    import numpy as np

    from gradviz.calculus import gradient
    from gradviz.calculus.reliability import contradicted, unreliable
    from gradviz.expression.field import Field

    field = Field(reading)
    array = np.array(rows, dtype=np.float64).reshape(len(rows), len(reading.variables))
    chosen = None if step is None else number(step)
    estimate = gradient(field, method=method, step=chosen, apart=True).estimate(array)
    exact = gradient(field, method="exact", apart=True).estimate(array)
    estimate = contradicted(estimate, exact)
    if as_json:
        console.result_json(
            {
                "expression": text,
                "variables": list(field.variables),
                "points": array.tolist(),
                "values": estimate.values.tolist(),
                "gradient": estimate.gradient.tolist(),
                "error": estimate.error.tolist(),
                "exact": exact.gradient.tolist(),
                "unreliable": [reason or None for reason in estimate.reasons()],
                "derivatives": dict(zip(field.variables, field.derivative_texts, strict=True)),
            }
        )
        return
    _print(field, array, estimate, exact.gradient)
    remark = unreliable(estimate.marks)
    if remark and not quiet:
        console.note(remark)


def _point(text: str, variables: tuple[str, ...]) -> list[float]:
    coordinates = list(values.reals(text))
    if len(coordinates) != len(variables):
        wanted = f"{len(variables)} ({', '.join(variables)})" if variables else "none: it is a constant"
        raise RequestError(
            f"--at {visible(text)} has {len(coordinates)} coordinates; the function has {wanted}"
        )
    return coordinates


def _points_of(source: str, variables: tuple[str, ...]) -> list[list[float]]:
    """Return the points of a CSV file, whose header names the variables in any order."""
    from gradviz.output.files import read_bounded

    shown = "standard input" if source == "-" else visible(source, 200)
    content = console.read_input(DATA_BYTES + 1) if source == "-" else read_bounded(Path(source), DATA_BYTES)
    if len(content) > DATA_BYTES:
        raise OutputError(f"{shown} is larger than {DATA_BYTES:,} bytes")
    try:
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{shown} is not CSV text: {visible(str(error))}") from None
    header = [name.strip() for name in lines[0]] if lines else []
    missing = [name for name in variables if name not in header]
    if missing or len(set(header)) < len(header):
        found = visible(",".join(header)) or "an empty line"
        raise RequestError(f"{shown}:1: the header must name {', '.join(variables)}, each once, not {found}")
    places = [header.index(name) for name in variables]
    rows = []
    for place, line in enumerate(lines[1:], 2):
        if not line:
            continue
        try:
            rows.append([values.real(float(line[index])) for index in places])
        except (ValueError, IndexError):
            raise RequestError(
                f"{shown}:{place}: a number is missing or cannot be read: {visible(','.join(line))}"
            ) from None
    if len(rows) > POINTS:
        raise RequestError(f"{shown} has more than {POINTS:,} points")
    return rows


def _print(field: Field, points: Floats, estimate: Estimate, exact: Floats) -> None:
    """Print what stands in the JSON, for people."""
    for name, text in zip(field.variables, field.derivative_texts, strict=True):
        console.result(f"df/d{name} = {visible(text, 200)}")
    console.result("")
    header = [*field.variables, "f"]
    for name in field.variables:
        header += [f"df/d{name}", "error", "exact"]
    reasons = estimate.reasons()
    header += ["unreliable"] * any(reasons)
    rows = []
    for row in range(len(points)):
        cells = [f"{x:.10g}" for x in (*points[row], estimate.values[row])]
        for axis in range(len(field.variables)):
            slope, error = estimate.gradient[row, axis], estimate.error[row, axis]
            cells += [f"{slope:.10g}", f"{error:.1e}", f"{exact[row, axis]:.10g}"]
        rows.append([*cells, *([reasons[row]] if any(reasons) else [])])
    console.table(header, rows)
