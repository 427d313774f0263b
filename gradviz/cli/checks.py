"""The command `check`: the result and a counterexample; Matplotlib is imported for a picture only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradviz.cli import console
from gradviz.cli.certify import Certify, Limit, counted, print_open, seconds_of
from gradviz.cli.figures import write
from gradviz.cli.options import Output, read_option, with_options, wording_of
from gradviz.cli.viewer import present
from gradviz.errors import RequestError, visible
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    is_function_of_file,
    read_claim,
    read_function,
)
from gradviz.specs import values
from gradviz.specs.steps import Steps

if TYPE_CHECKING:
    from gradviz.calculus.checking import Check
    from gradviz.calculus.claims import Certificate
    from gradviz.fields.scalar import ScalarField


@with_options(
    Steps,
    "expression range samples vars set fix method step",
    "output show open json quiet verbose no_cache force",
    help_range="Checked interval of one variable, or all (default -2:2).",
    help_samples="Mesh points along each axis; scattered ones are added.",
    help_method="Method of the numerical gradient (default adaptive).",
    help_output="Picture of --steps (default steps.png).",
)
def check(
    fields: Mapping[str, Any],
    output: Output,
    *,
    claim: Annotated[
        str | None,
        typer.Option(
            "--claim",
            metavar="'D0, D1, ...'",
            help="Partial derivatives, or FILE.py:NAME (default: exact).",
        ),
    ] = None,
    tolerance: Annotated[
        str | None,
        typer.Option("--tolerance", metavar="T", help="Maximum relative error (default 1e-6; central 1e-5)."),
    ] = None,
    steps: Annotated[
        bool,
        typer.Option("--steps", help="Also draw the figure of `gradviz steps`."),
    ] = False,
    certify: Certify = False,
    certify_limit: Limit = None,
) -> None:
    """Check a gradient against finite differences.

    The checked gradient is the exact one, or a claim. The exit code is 1 if they differ. --certify proves
    the claim on the whole range, or the formula of the derivative, or shows a point where it fails.

    Examples:
      gradviz check "x0 + x1*exp(x0)"
      gradviz check "x0**2 + 3*x1" --claim "2*x0, 3" -r 0:1
    """
    stages = output.start()
    _refuse_output(output, steps=steps)
    output = output.to("steps.png")
    spec = Steps(**{**fields, "expression": console.read_expression(fields["expression"])})
    parts = _read_claim(claim, spec)
    seconds = seconds_of([spec.expression, claim], certify=certify, limit=certify_limit)
    limit = None if tolerance is None else read_option("--tolerance", values.real, tolerance)

    from gradviz.cli.analysis import checked

    found, field, proof = checked(spec, parts, limit, seconds)
    stages.done(f"compared {found.points:,} gradients by the method {spec.method}")
    made = write(spec, output, stages, wording_of("steps")) if steps else None
    if output.json:
        console.result_json(_report(spec, found, proof) | ({"path": output.output} if steps else {}))
    else:
        _print_all(found, field, proof, "exact" if parts is None else "claimed")
        if steps:
            console.result_path(output.path)
    if made:
        present(made, output)
    if not found.ok:
        raise typer.Exit(1)


def _refuse_output(output: Output, *, steps: bool) -> None:
    """Raise RequestError for options of a picture without one, and for a picture on standard output."""
    without_picture = {"--output": output.output is not None, "--show": output.show, "--open": output.open}
    if not steps and any(without_picture.values()):
        option = next(name for name, is_given in without_picture.items() if is_given)
        raise RequestError(f"{option}: needs the picture of --steps; add --steps")
    if output.to_stdout:
        raise RequestError("--output: must be a file, got -; standard output has the result")


Claim = tuple[Expression, ...] | FunctionOfFile
"""An expression for each variable, or one function of a file for all."""


def _read_claim(claim: str | None, spec: Steps) -> Claim | None:
    """Return the claim as read: an expression for each variable, or one function of a file for all."""
    function = spec.reading
    if claim is None:
        if isinstance(function, FunctionOfFile):
            raise RequestError(
                f"{visible(function.text, 100)} has no formula, so there is no exact gradient to compare with"
                "\ngive one with --claim: an expression for each variable, or FILE.py:NAME"
            )
        return None
    if is_function_of_file(claim):
        shared = function.parameters if isinstance(function, FunctionOfFile) else {}
        return read_function(claim, coordinates=function.variables, parameters=shared)
    return read_claim(claim, function)


def _report(spec: Steps, found: Check, proof: Certificate | None) -> dict[str, object]:
    variables = spec.reading.variables
    return {
        "ok": found.ok,
        "points": found.points,
        "max_error": found.max_error,
        "worst_point": found.worst_point,
        "numerical": found.numerical,
        "expected": found.expected,
        "unreliable": found.unreliable,
        "reasons": dict(found.reasons),
        "wrong": dict(zip(variables, found.wrong, strict=True)),
        "method": spec.method,
        "tolerance": found.tolerance,
        "variables": variables,
        **({} if proof is None else _proof_report(proof)),
    }


def _proof_report(proof: Certificate) -> dict[str, object]:
    refutation = proof.refutation
    wrong = refutation and {
        "point": refutation.point,
        "component": refutation.axis,
        "claimed": refutation.claimed,
        "true": refutation.true,
    }
    return {
        "certified": proof.certified,
        "open": proof.open,
        "open_reasons": proof.reasons,
        "boxes": proof.boxes,
        "refuted": wrong,
    }


def _print_proof(proof: Certificate, variables: tuple[str, ...]) -> None:
    """Print whether a claim is proven, where it is refuted, or the part of the range that stays open."""
    if proof.certified:
        console.result(f"certified: proven on the whole range, {counted(proof.boxes)}")
    elif wrong := proof.refutation:
        where = ", ".join(f"{name} = {x!r}" for name, x in zip(variables, wrong.point, strict=True))
        claimed = "undefined" if wrong.claimed is None else "in [{!r}, {!r}]".format(*wrong.claimed)
        console.result(f"certified: not ok, wrong at {where}")
        low, high = wrong.true
        console.result(f"  df/d{variables[wrong.axis]} is in [{low!r}, {high!r}], the claim is {claimed}")
    else:
        console.result(f"certified: not proven, {counted(proof.boxes)}; open: {counted(len(proof.open))}")
        print_open(variables, proof.open, proof.reasons)


def _print_all(found: Check, field: ScalarField, proof: Certificate | None, name: str) -> None:
    """Print the comparison, unless it found no error where the proof did, and the proof."""
    if found.ok or any(found.wrong) or not (proof and proof.refutation):
        _print(found, field, name)
    if proof:
        _print_proof(proof, field.variables)


def _print(found: Check, field: ScalarField, name: str) -> None:
    """Print the answer for people; `name` says what the differences are compared with."""
    total = f"{found.points:,} point{'s' * (found.points != 1)}"
    if found.ok:
        console.result(
            f"ok: the {name} gradient holds at {total}, greatest relative error {found.max_error:.1e}"
        )
    elif not any(found.wrong):
        compared = f"only {total}" if found.points else "no point"
        console.result(f"not ok: {compared} could be compared; try another --range")
    else:
        _print_example(found, field, name, total)
    if found.unreliable:
        why = ", ".join(f"{count:,} {word}" for word, count in found.reasons.items())
        console.result(f"left out: {found.unreliable:,} point{'s' * (found.unreliable != 1)} ({why})")


def _print_example(found: Check, field: ScalarField, name: str, total: str) -> None:
    partials = [f"df/d{variable}" for variable in field.variables]
    fault = "is wrong" if name == "claimed" else "is not the one by differences"
    for partial, count in zip(partials, found.wrong, strict=True):
        if count:
            console.result(f"not ok: the {name} {partial} {fault} at {count:,} of {total}")
    at, numerical, expected = (part or () for part in (found.worst_point, found.numerical, found.expected))
    where = ", ".join(f"{variable} = {x:z.10g}" for variable, x in zip(field.variables, at, strict=True))
    console.result(f"\nat {where}")
    rows = []
    for partial, slope, claim in zip(partials, numerical, expected, strict=True):
        known = math.isfinite(claim)
        cells = (f"{claim:z.10g}", f"{claim - slope:z.2g}") if known else ("undefined", "")
        rows.append((partial, f"{slope:z.10g}", *cells))
    reference = "exact" if name == "claimed" and field.has_formula else "by differences"
    console.table(("", reference, name, "difference"), rows)
    if not any(field.derivative_texts):
        return
    console.result("")
    for partial, text, count in zip(partials, field.derivative_texts, found.wrong, strict=True):
        if count and text:
            console.result(f"exactly, {partial} = {visible(text, 200)}")
