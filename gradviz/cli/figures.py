"""The commands that draw: flags to a spec, a spec to a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gradviz.cli import console
from gradviz.cli.options import AsJson, Force, Quiet, command_line, flag_of
from gradviz.errors import RequestError, SpecError, at_most_lines, visible
from gradviz.figures import Spec, spec_from
from gradviz.isolation import import_matplotlib

if TYPE_CHECKING:
    from gradviz.figures.samples import Samples

Figure = Annotated[
    Path, typer.Argument(metavar="FIGURE", help="A picture that gradviz made.", show_default=False)
]


def draw(
    kind: type[Spec],
    fields: Mapping[str, Any],
    *,
    output: str | None,
    data: Path | None,
    as_json: bool,
    quiet: bool,
    force: bool,
) -> None:
    """Draw the figure that flags describe, and print the paths of what was written."""
    given = {**fields, "expression": console.read_expression(fields["expression"])}
    try:
        spec = kind(**given)
    except SpecError as error:
        raise as_flags(error) from None
    default = f"{kind.model_fields['kind'].default}.png"
    make(spec, default if output is None else output, data=data, as_json=as_json, quiet=quiet, force=force)


def make(
    spec: Spec, output: str, *, data: Path | None = None, as_json: bool, quiet: bool, force: bool
) -> None:
    """Draw a spec into a file or standard output; check first that all files may be written."""
    from gradviz.output.data import data_format_of, encode_data
    from gradviz.output.files import check_target, write_whole
    from gradviz.output.picture import encode, format_of, is_ours

    to_stdout = output == "-"
    if to_stdout and as_json:
        raise RequestError("--output - and --json both write to standard output; leave one out")
    path = Path(output)
    form = "png" if to_stdout else format_of(path)
    target = None if to_stdout else check_target(path, is_ours, force=force)
    data_form = data_format_of(data) if data else None
    data_target = check_target(data, lambda _: False, force=force) if data else None
    if target is not None and target == data_target:
        raise RequestError("--output and --data name the same file")

    import_matplotlib()
    from gradviz.rendering import render

    samples = spec.sample()
    content = encode(render(spec, samples), spec, form)
    if data_target and data_form:
        write_whole(data_target, encode_data(samples, data_form))
    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(target, content)
    if not quiet:
        for remark in samples.remarks:
            console.note(remark)
    if as_json:
        console.result_json(_report(spec, samples, path, form, data))
    elif not to_stdout:
        console.result(path)
        if data:
            console.result(data)


def redraw(
    figure: Figure,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="FIELD=VALUE", help="A field to change, such as cmap=magma; repeatable."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PATH", help="Where to; by default the picture itself."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="Write the sampled numbers too.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Draw a picture again from the spec inside it, with changes if asked."""
    from gradviz.output.picture import load

    fields = load(figure).to_dict()
    for change in changes or ():
        name, equals, value = change.partition("=")
        if not equals:
            raise RequestError(f"--with takes FIELD=VALUE, not '{visible(change)}'")
        fields[name.strip().replace("-", "_")] = value
    make(
        spec_from(fields),
        str(figure) if output is None else output,
        data=data,
        as_json=as_json,
        quiet=quiet,
        force=force,
    )


def inspect(figure: Figure, as_json: AsJson = False) -> None:
    """Show what a picture shows: the spec inside it, and the command that draws it."""
    from gradviz.output.picture import load

    spec = load(figure)
    fields = spec.to_dict()
    if as_json:
        console.result_json(fields)
        return
    width = max(map(len, fields))
    for name, value in fields.items():
        console.result(f"{name.ljust(width)}  {visible(_words(value), 200)}")
    console.result(f"\n{command_line(spec)}")


def as_flags(error: SpecError) -> RequestError:
    """Word the faults of a spec for somebody who typed flags."""
    return RequestError(
        at_most_lines(f"{flag_of(str(path[0]))}: {said}" if path else said for path, said in error.faults)
    )


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key} = {_words(item)}" for key, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _report(spec: Spec, samples: Samples, path: Path, form: str, data: Path | None) -> dict[str, Any]:
    ranges = {name: list(spec.interval(name)[:2]) for name in spec.reading.variables}
    return {
        "kind": spec.kind,
        "path": str(path),
        "format": form,
        "data": str(data) if data else None,
        "variables": list(spec.reading.variables),
        "range": ranges,
        "samples": list(spec.sample_counts()),
        "notes": list(samples.remarks),
        "spec": spec.to_dict(),
    }
