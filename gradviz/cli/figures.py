"""The commands that draw: flags to a spec, a spec to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TextIO, cast

import typer

from gradviz.cli import console
from gradviz.cli.options import (
    AsJson,
    Describe,
    Force,
    Open,
    Quiet,
    RunFiles,
    Show,
    Verbose,
    command_line,
    flag_of,
    is_repeatable,
)
from gradviz.cli.viewer import open_file
from gradviz.errors import RequestError, visible
from gradviz.process import import_matplotlib, use_program_cache
from gradviz.specs import Spec, kind_of, spec_from
from gradviz.specs.values import ALL, assignments, ranges

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept

Figure = Annotated[
    Path,
    typer.Argument(metavar="FIGURE", help="A picture that gradviz made.", show_default=False, readable=False),
]


_MERGED: Mapping[str, Callable[[list[str]], Any]] = {"range": ranges, "set": assignments, "fix": assignments}
"""Fields that name variables or parameters, and so can be changed in part."""


class Made(NamedTuple):
    """What was drawn."""

    spec: Spec
    samples: Samples | Swept
    form: str
    content: bytes
    frames: int | None
    """How many, where the picture moves."""
    description: str
    """What it shows, in words."""
    remarks: tuple[str, ...]
    """What the picture cannot show, said in words."""


def draw(
    kind: type[Spec],
    fields: Mapping[str, Any],
    *,
    output: str | None,
    data: Path | None,
    show: bool,
    opened: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    describe: bool,
    no_cache: bool,
    force: bool,
) -> None:
    """Draw the figure that flags describe, and print the paths of what was written."""
    stages = console.Stages(verbose=verbose, quiet=quiet)
    if no_cache:
        use_program_cache(on=False)
    from gradviz.output.metadata import usual_format

    spec = kind(**{**fields, "expression": console.read_expression(fields["expression"])})
    stages.done(f"read the function, of {', '.join(spec.reading.variables)}")
    path = f"{spec.kind}.{usual_format(spec)}" if output is None else output
    make(
        spec,
        path,
        data=data,
        show=show,
        opened=opened,
        as_json=as_json,
        quiet=quiet,
        describe=describe,
        force=force,
        stages=stages,
    )


def make(
    spec: Spec,
    output: str,
    *,
    data: Path | None,
    show: bool,
    opened: bool,
    as_json: bool,
    quiet: bool,
    describe: bool,
    force: bool,
    stages: console.Stages | None = None,
) -> None:
    """Draw a spec into a file or standard output, print what was written, and show it if asked."""
    to_stdout = output == "-"
    if to_stdout and as_json:
        raise RequestError("--output - and --json both write to standard output; leave one out")
    if to_stdout and opened:
        raise RequestError("--output - leaves no file that --open could open; leave one out")
    made = write(spec, output, data=data, quiet=quiet, force=force, stages=stages)
    if as_json:
        console.result_json(_report(made, Path(output), data))
    elif not to_stdout:
        console.result_path(Path(output))
        if data:
            console.result_path(data)
        if describe:
            console.result(made.description)
    elif describe:
        console.aside(made.description)  # standard output has the picture
    if show:
        show_picture(made, console.terminal(results_only=as_json or to_stdout))
    if opened:
        open_file(Path(output))


def show_picture(made: Made, stream: TextIO) -> None:
    """Show what was drawn, the last frame of what moves, on a stream."""
    from gradviz.output.metadata import encode
    from gradviz.output.mpl.rendering import render
    from gradviz.output.terminal.protocols import show
    from gradviz.sampling.samples import Swept

    spec, samples, content = made.spec, made.samples, made.content
    if isinstance(samples, Swept):  # of several pictures a terminal shows the last
        spec, samples = cast("Any", spec).stills()[-1].spec, samples.members[-1]
    show(
        spec,
        samples,
        lambda: content if made.form == "png" else encode(render(spec, samples), spec, "png"),
        stream,
    )


def write(
    spec: Spec,
    output: str,
    *,
    data: Path | None = None,
    quiet: bool,
    force: bool,
    stages: console.Stages | None = None,
) -> Made:
    """Draw a spec into a file or standard output; check first that all files may be written.

    The data are written last: if that fails the picture is there, whole and new, and data never without it.
    """
    from gradviz.files import check_target, write_whole
    from gradviz.output.data import data_format_of, encode_data
    from gradviz.output.formats import FORMATS
    from gradviz.output.metadata import encode, format_of, is_ours, shown_in, usual_format

    stages = stages or console.Stages()
    to_stdout, path = output == "-", Path(output)
    form = usual_format(spec) if to_stdout else format_of(path)
    spec = shown_in(spec, form)
    target = None if to_stdout else check_target(path, is_ours, force=force)
    data_form = data_format_of(data) if data else None
    data_target = check_target(data, None, force=force) if data else None
    if target is not None and target == data_target:
        raise RequestError("--output and --data name the same file")

    import_matplotlib()
    from gradviz.output.mpl.animation import frame_count, moments
    from gradviz.output.mpl.rendering import render

    if spec.ahead and not quiet:
        console.note(spec.ahead)
    stages.done("loaded NumPy and Matplotlib")
    samples = spec.evaluate()
    stages.done(_sampled(spec, samples))
    picture = render(spec, samples)
    drawings = len(moments(picture)) if spec.frame_rate else 1
    with console.progress(drawings, quiet=quiet) as advance:
        stages.done("drew the picture")
        content = encode(picture, spec, form, advance)
    numbers = encode_data(samples, data_form) if data_form else b""
    if target is None:
        console.write_output(content)
    else:
        write_whole(target, content)
    if data_target:
        write_whole(data_target, numbers)
    stages.done(f"wrote {len(content) + len(numbers):,} bytes, {', '.join(filter(None, (form, data_form)))}")
    remarks = (*samples.remarks, *FORMATS[form].remarks(picture, spec))
    if not quiet:
        for remark in remarks:
            console.note(remark)
    frames = frame_count(content) if spec.frame_rate else None
    return Made(spec, samples, form, content, frames, picture.description, remarks)


def _sampled(spec: Spec, samples: Samples | Swept) -> str:
    """Return in words what was evaluated."""
    from gradviz.sampling.samples import Swept

    members = samples.members if isinstance(samples, Swept) else (samples,)
    parts = [f"{samples.size:,} points"]
    if members[0].estimate is not None:
        parts.append(f"their gradients by the method {spec.method}")
    if paths := [path for one in members for path in one.paths]:
        parts.append(f"{sum(len(path.points) for path in paths):,} points of paths")
    return f"evaluated {' and '.join(parts)}"


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
    show: Show = False,
    opened: Open = False,
    run_files: RunFiles = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    describe: Describe = False,
    force: Force = False,
) -> None:
    """Draw a picture again from the spec inside it, with changes if asked.

    Examples:
      gradviz redraw quiver.png --with cmap=magma -o magma.png
      gradviz redraw quiver.png --with range=-1:1 --with samples=9
    """
    stages = console.Stages(verbose=verbose, quiet=quiet)
    from gradviz.output.metadata import load

    spec = changed(load(figure, run_files=run_files), changes or ())
    stages.done(f"read the spec in the picture, a {spec.kind}")
    make(
        spec,
        str(figure) if output is None else output,
        data=data,
        show=show,
        opened=opened,
        as_json=as_json,
        quiet=quiet,
        describe=describe,
        force=force,
        stages=stages,
    )


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
            raise RequestError(f"--with {name} is given {len(texts)} times, and takes one value")
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
        raise RequestError(f"--with takes FIELD=VALUE, such as cmap=magma, not '{visible(change)}'")
    return name.strip().replace("-", "_"), value


def inspect(figure: Figure, as_json: AsJson = False) -> None:
    """Show what a picture shows: the spec inside it, and the command that draws it.

    Examples:
      gradviz inspect quiver.png
      gradviz inspect quiver.png --json
    """
    from gradviz.output.metadata import load

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


def _report(made: Made, path: Path, data: Path | None) -> dict[str, Any]:
    spec, samples = made.spec, made.samples
    ranges = {name: list(spec.interval(name)[:2]) for name in spec.reading.variables}
    return {
        "kind": spec.kind,
        "path": str(path),
        "format": made.form,
        **({"frames": made.frames} if made.frames else {}),
        "data": str(data) if data else None,
        "variables": list(spec.reading.variables),
        "range": ranges,
        "samples": list(spec.sample_counts()),
        "description": made.description,
        "notes": list(made.remarks),
        **samples.results(),
        "spec": spec.to_dict(),
    }
