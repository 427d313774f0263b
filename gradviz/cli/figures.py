"""The commands that draw: flags to a spec, a spec to a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from gradviz.cli import console
from gradviz.cli.options import (
    AsJson,
    Output,
    RunFiles,
    command_line,
    flag_of,
    option_of,
    with_options,
    wording_of,
)
from gradviz.cli.viewer import present
from gradviz.errors import RequestError, Wording, visible
from gradviz.files import check_target, write_whole
from gradviz.output.formats import formats_of
from gradviz.output.metadata import described_scene, encode, format_of, is_ours, load, shown_in, usual_format
from gradviz.process import import_matplotlib
from gradviz.specs import KINDS, Spec, kind_of, spec_from
from gradviz.specs.values import ALL, assignments, ranges

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept

_Figure = typer.Argument(
    metavar="FIGURE", help="A picture written by gradviz.", show_default=False, readable=False
)
_Changes = typer.Option(
    "--with", metavar="FIELD=VALUE", help="Change of a field, such as cmap=magma; repeatable."
)

_MERGED: Mapping[str, Callable[[list[str]], Any]] = {"range": ranges, "set": assignments, "fix": assignments}
"""Fields that name variables or parameters, and so can be changed in part."""

_EXAMPLES = """
  gradviz tangent "0.01*x**2 + 0.1*x" --at 5 --at 10 -r 0:20
  gradviz tangent "sin(x)" --at pi/4 --secant 1 -o secant.svg
  gradviz surface "x0**2 + x1**2" --plot wireframe
  gradviz surface "sin(x)*cos(y)" -r -pi:pi --tangent-at 1,0.5
  gradviz contour "(1 - x)**2 + 100*(y - x**2)**2" -r x=-2:2 -r y=-1:3
  gradviz contour "x0**3 - 3*x0 + x1**2" --filled --critical
  gradviz quiver "x0*x1" -r -2:2:0.25
  gradviz quiver "a*x**2 + y" --set a=0.5 --ascent --style book
  gradviz stream "sin(x0*x1)"
  gradviz stream "x**2 - y**2" --where "x + y > -1" --cmap magma
  gradviz descent "x**2 + 4*y**2" --optimizer adam,learning_rate=0.3
  gradviz descent "x**2/20 + y**2" --start -7,2 -r -10:10 --tune --loss
  gradviz steps "exp(x0)*sin(x1)"
  gradviz steps "x**3" --method central --step 1e-3
  gradviz pairs "x0**2 + 3*x1 + sin(x2)" --filled
  gradviz pairs "x*y + z**2" --at 1,0,-1 -r -2:2
""".splitlines()
"""Examples at the end of the help of each kind of figure."""


_OVER_RANGES = ("contour", "quiver", "stream", "surface")  # kinds with the range of a built-in function


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


def command_of(name: str) -> Callable[..., None]:
    """Return the command that draws a kind of figure."""
    kind = KINDS[name]

    def draw(fields: Mapping[str, Any], output: Output) -> None:
        stages = output.start()
        # The range of a path is that of the path, and a set has functions of two variables.
        read = console.read_function(fields)
        spec = kind(**(read if name in _OVER_RANGES else {**fields, "expression": read["expression"]}))
        stages.done(f"read the function, of {', '.join(spec.reading.variables)}")
        make(spec, output.to(f"{spec.kind}.{usual_format(spec)}"), stages, wording_of(spec.kind))

    summary = getdoc(kind) or ""
    draw.__doc__ = f"Draw {summary[:1].lower()}{summary[1:]}"
    if examples := [line for line in _EXAMPLES if line.startswith(f"  gradviz {kind.default_of('kind')} ")]:
        draw.__doc__ += "\n".join(["\n\nExamples:", *examples])
    fields = " ".join(name for name in kind.model_fields if name != "kind")
    help_output = f"Output file: {', '.join(formats_of(kind))} ('-' for stdout)."
    return with_options(kind, fields, help_output=help_output)(draw)


def make(spec: Spec, output: Output, stages: console.Stages, wording: Wording) -> None:
    """Draw a spec into a file or standard output, print the result, and show the picture on request."""
    if output.to_stdout and output.json:
        raise RequestError("--output - and --json: both write to standard output; leave one out")
    if output.to_stdout and sys.stdout is not None and sys.stdout.isatty():
        raise RequestError("--output -: standard output is a terminal; add '> FILE' or a pipe, or use --show")
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
        print(made.description, file=sys.stderr)  # standard output has the picture
    present(made, output)


def write(spec: Spec, output: Output, stages: console.Stages, wording: Wording) -> Made:
    """Draw a spec into a file or standard output; check first that all files may be written.

    The data are written last: if that fails the picture is there, whole and new, and data never without it.
    """
    from gradviz.output.data import data_format_of, encode_data

    form = usual_format(spec) if output.to_stdout else format_of(output.path)
    spec = shown_in(spec, form)
    target = None if output.to_stdout else check_target(output.path, is_ours, force=output.force)
    data_form = data_format_of(output.data) if output.data else None
    data_target = check_target(output.data, None, force=output.force) if output.data else None
    if target is not None and target == data_target:
        raise RequestError("--data: must differ from the file of --output")

    import_matplotlib()
    from gradviz.output.mpl.animation import frame_count, frame_steps
    from gradviz.sampling.sample import sample

    if (slow := spec.traits.slow(spec)) and not output.quiet:
        console.note(slow, wording)
    stages.done("loaded NumPy and Matplotlib")
    samples = sample(spec)
    stages.done(_evaluation(spec, samples))
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
    remarks = tuple(warning.worded(wording) for warning in (*scene.warnings, *missing))
    if not output.quiet:
        for remark in remarks:
            console.note(remark)
    frames = None
    if spec.frame_rate:  # a page has no frames of its own, but a value of its slider for each
        frames = len(spec.numbers) if form == "html" else frame_count(content)
    return Made(spec, samples, form, content, frames, scene.description.worded(wording), remarks)


def _evaluation(spec: Spec, samples: Samples | Swept) -> str:
    """Return the text of the stage that evaluates a figure."""
    from gradviz.sampling.samples import Swept

    first = samples.members[0] if isinstance(samples, Swept) else samples
    parts = [f"{samples.size:,} points"]
    if first.slopes is not None:
        parts.append(f"their gradients by the method {spec.method}")
    if samples.paths:
        parts.append(f"{sum(len(path.points) for path in samples.paths):,} points of paths")
    return f"evaluated {' and '.join(parts)}"


@with_options(
    output="output data show open json describe force quiet verbose",
    help_output="Output file (default FIGURE; '-' for stdout).",
)
def redraw(
    output: Output,
    *,
    figure: Annotated[Path, _Figure],
    changes: Annotated[list[str] | None, _Changes] = None,
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
        if len(texts) > 1 and name in options and not option_of(options[name]).repeat:
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


def inspect(figure: Annotated[Path, _Figure], as_json: AsJson = False) -> None:
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
    if isinstance(value, tuple):
        separator = "; " if value and isinstance(value[0], (tuple, dict)) else ", "
        return separator.join(map(_words, value)) or "none"
    if isinstance(value, dict):
        texts = [str(item) if key == "name" else f"{key} = {_words(item)}" for key, item in value.items()]
        return (", " if "name" in value else "; ").join(texts)
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
        "samples": list(samples.mesh_counts or spec.sample_counts()),
        "description": made.description,
        "notes": list(made.remarks),
        **samples.results,
        "spec": spec.to_dict(),
    }
