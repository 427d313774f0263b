"""The commands that draw: flags to a spec, a spec to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from gradviz.cli import console
from gradviz.cli.options import command_line, flag_of, is_repeatable, with_options, wording_of
from gradviz.cli.output import AsJson, Output, RunFiles
from gradviz.cli.viewer import open_file
from gradviz.errors import RequestError, Wording, visible
from gradviz.output.metadata import (
    described_scene,
    encode,
    format_of,
    is_ours,
    load,
    shown_in,
    usual_format,
)
from gradviz.process import import_matplotlib
from gradviz.specs import Spec, kind_of, spec_from
from gradviz.specs.values import ALL, assignments, ranges

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept

Figure = Annotated[
    Path,
    typer.Argument(
        metavar="FIGURE", help="A picture written by gradviz.", show_default=False, readable=False
    ),
]


_MERGED: Mapping[str, Callable[[list[str]], Any]] = {"range": ranges, "set": assignments, "fix": assignments}
"""Fields that name variables or parameters, and so can be changed in part."""


class Made(NamedTuple):
    """A drawn figure with its samples and its encoded file."""

    spec: Spec
    samples: Samples | Swept
    form: str
    content: bytes
    frames: int | None
    """Number of frames, None for a still picture."""
    description: str
    """Alt text."""
    remarks: tuple[str, ...]
    """Warnings, in the terms of the command."""


def draw(kind: type[Spec], fields: Mapping[str, Any], output: Output) -> None:
    """Draw the figure of the given fields, and print the paths of the written files."""
    stages = output.start()
    spec = kind(**{**fields, "expression": console.read_expression(fields["expression"])})
    stages.done(f"read the function, of {', '.join(spec.reading.variables)}")
    make(spec, output.to(f"{spec.kind}.{usual_format(spec)}"), stages, wording_of(spec.kind))


def make(spec: Spec, output: Output, stages: console.Stages, wording: Wording) -> None:
    """Draw a spec into a file or standard output, print the result, and show the picture on request."""
    if output.to_stdout and output.json:
        raise RequestError("--output - and --json: both write to standard output; leave one out")
    if output.to_stdout and output.open:
        raise RequestError("--open: needs a file, got --output -; leave one out")
    made = write(spec, output, stages, wording)
    if output.json:
        console.result_json(_report(made, output))
    elif not output.to_stdout:
        console.result_path(output.path)
        if output.data:
            console.result_path(output.data)
        if output.describe:
            console.result(made.description)
    elif output.describe:
        console.aside(made.description)  # standard output has the picture
    if output.show:
        from gradviz.cli.shown import show_picture

        show_picture(made, console.terminal(results_only=output.json or output.to_stdout))
    if output.open:
        open_file(output.path)


def write(spec: Spec, output: Output, stages: console.Stages, wording: Wording) -> Made:
    """Draw a spec into a file or standard output; check first that all files may be written.

    The data are written last: if that fails the picture is there, whole and new, and data never without it.
    """
    from gradviz.files import check_target, write_whole
    from gradviz.output.data import data_format_of, encode_data

    form = usual_format(spec) if output.to_stdout else format_of(output.path)
    spec = shown_in(spec, form)
    target = None if output.to_stdout else check_target(output.path, is_ours, force=output.force)
    data_form = data_format_of(output.data) if output.data else None
    data_target = check_target(output.data, None, force=output.force) if output.data else None
    if target is not None and target == data_target:
        raise RequestError("--data: must differ from the file of --output")

    import_matplotlib()
    from gradviz.cli.shown import stage_of
    from gradviz.output.mpl.animation import frame_count, frame_steps
    from gradviz.sampling.sample import sample

    if (slow := spec.traits.slow(spec)) and not output.quiet:
        console.note(slow, wording)
    stages.done("loaded NumPy and Matplotlib")
    samples = sample(spec)
    stages.done(stage_of(spec, samples))
    scene = described_scene(spec, samples)
    stages.done("composed the picture")
    with console.progress(len(frame_steps(scene)) if spec.frame_rate else 1, quiet=output.quiet) as advance:
        content, missing = encode(scene, spec, form, advance)
    stages.done("drew the picture")
    numbers = encode_data(samples, data_form) if data_form else b""
    if target is None:
        console.write_output(content)
    else:
        write_whole(target, content)
    if data_target:
        write_whole(data_target, numbers)
    stages.done(f"wrote {len(content) + len(numbers):,} bytes, {', '.join(filter(None, (form, data_form)))}")
    remarks = tuple(warning.worded(wording) for warning in (*samples.warnings, *missing))
    if not output.quiet:
        for remark in remarks:
            console.note(remark)
    frames = frame_count(content) if spec.frame_rate else None
    return Made(spec, samples, form, content, frames, scene.description.worded(wording), remarks)


@with_options(
    output="output data show open json describe force quiet verbose",
    help_output="Output file (default FIGURE; '-' for stdout).",
)
def redraw(
    output: Output,
    *,
    figure: Figure,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--with", metavar="FIELD=VALUE", help="Change of a field, such as cmap=magma; repeatable."
        ),
    ] = None,
    run_files: RunFiles = False,
) -> None:
    """Redraw a picture from the spec inside it.

    Examples:
      gradviz redraw quiver.png --with cmap=magma -o magma.png
      gradviz redraw quiver.png --with range=-1:1 --with samples=9
    """
    stages = output.start()
    spec = changed(load(figure, run_files=run_files), changes or ())
    stages.done(f"read the spec in the picture, a {spec.kind}")
    make(spec, output.to(str(figure)), stages, wording_of("redraw"))


def changed(spec: Spec, changes: Iterable[str]) -> Spec:
    """Return a spec with some fields changed, each given as FIELD=VALUE, its name or its option's.

    What names a variable or a parameter (`range=x=0:1`, `set=a=2`) changes that one and keeps the others. An
    option that may be repeated may be so here.
    """
    pairs = list(map(_pair, changes))
    kind = dict(pairs).get("kind", spec.kind)
    options = kind_of({"kind": kind}).model_fields
    names = {flag_of(name, info)[2:].replace("-", "_"): name for name, info in options.items()}
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "kind":
            given.setdefault(names.get(name, name), []).append(value)
    fields: dict[str, Any] = {k: v for k, v in spec.to_dict().items() if v != type(spec).default_of(k)}
    for name, texts in given.items():
        if len(texts) > 1 and name in options and not is_repeatable(options[name]):
            raise RequestError(f"--with {name}: must have one value, got {len(texts)}")
        before = fields.get(name)
        if name == "range" and "=" in texts[0] and isinstance(before, tuple):
            before = {ALL: before}
        parse = _MERGED.get(name)
        if parse and isinstance(before, Mapping) and all("=" in text for text in texts):
            fields[name] = {**before, **parse(texts)}
        else:
            fields[name] = texts if len(texts) > 1 else texts[0]
    return spec_from({**fields, "kind": kind})


def _pair(change: str) -> tuple[str, str]:
    """Return the name, as Python writes it, and the value of a change."""
    name, equals, value = change.partition("=")
    if not equals or not name.strip():
        raise RequestError(f"--with: must be FIELD=VALUE, such as cmap=magma, got '{visible(change)}'")
    return name.strip().replace("-", "_"), value


def inspect(figure: Figure, as_json: AsJson = False) -> None:
    """Print the spec in a picture and its command.

    Examples:
      gradviz inspect quiver.png
      gradviz inspect quiver.png --json
    """
    spec = load(figure, run_files=True)  # nothing is drawn
    fields = spec.to_dict()
    if as_json:
        console.result_json(fields)
        return
    width = max(map(len, fields))
    for name, value in fields.items():
        console.result(f"{name.ljust(width)}  {visible(_words(value), 200)}")
    console.result(f"\n{command_line(spec)}")


def _words(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], (tuple, dict)):
        return "; ".join(map(_words, value))
    if isinstance(value, tuple):
        return ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    if isinstance(value, dict) and "name" in value:
        return ", ".join(
            str(item) if key == "name" else f"{key} = {_words(item)}" for key, item in value.items()
        )
    if isinstance(value, dict):
        return "; ".join(f"{key} = {_words(item)}" for key, item in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _report(made: Made, output: Output) -> dict[str, Any]:
    spec, samples = made.spec, made.samples
    ranges = {name: list(spec.interval(name)[:2]) for name in spec.reading.variables}
    return {
        "kind": spec.kind,
        "path": str(output.path),
        "format": made.form,
        **({"frames": made.frames} if made.frames else {}),
        "data": str(output.data) if output.data else None,
        "variables": list(spec.reading.variables),
        "range": ranges,
        "samples": list(spec.sample_counts()),
        "description": made.description,
        "notes": list(made.remarks),
        **samples.results(),
        "spec": spec.to_dict(),
    }
