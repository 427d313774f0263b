"""The commands `batch` and `presets`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradviz.cli import console
from gradviz.cli.many import (
    LONGEST,
    Form,
    OutDir,
    Presets,
    Timeout,
    check_format,
    ended_in_order,
    processes,
    seconds,
)
from gradviz.cli.options import command_line
from gradviz.cli.output import AsJson, Force, Quiet, RunFiles, Verbose
from gradviz.cli.wording import preset_keys
from gradviz.errors import GradvizError, Message, RequestError, did_you_mean, visible
from gradviz.specs import Spec

if TYPE_CHECKING:
    from gradviz.batch.run import Outcome


class SomeFailedError(GradvizError):
    """Some figures of a batch could not be drawn."""


def batch(
    presets: Presets,
    out_dir: OutDir = Path(),
    form: Form = "png",
    redraw_all: Annotated[
        bool, typer.Option("--redraw-all", help="Also draw figures that are up to date.")
    ] = False,
    jobs: Annotated[
        str | None,
        typer.Option("--jobs", metavar="N", help="Processes (default: one a core; 0: none)."),
    ] = None,
    timeout: Timeout = LONGEST,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Address of a Dask cluster, such as tcp://HOST:8786."
        ),
    ] = None,
    run_files: RunFiles = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    force: Force = False,
) -> None:
    """Draw all figures of preset files.

    Examples:
      gradviz batch figures.yaml --out-dir out
      gradviz batch figures.yaml --format svg --jobs 2 --timeout 30
    """
    stages = console.Stages(verbose=verbose, quiet=quiet)
    from gradviz.batch.run import run
    from gradviz.presets import load_presets

    check_format(form)
    longest, workers = seconds(timeout), processes(jobs, fewest=0)
    specs = load_presets(presets, run_files=run_files)
    figures = f"{len(specs)} figure{'s' * (len(specs) != 1)}"
    stages.done(f"read and checked {figures}")
    with console.progress(len(specs), quiet=quiet) as advance:

        def report(outcome: Outcome) -> None:
            advance()
            if outcome.error is not None and not as_json:
                console.error(Message(f"{outcome.name}: ", outcome.error), preset_keys)
            elif outcome.status == "drawn" and not as_json:
                console.result_path(outcome.path)
            stages.tell(f"{outcome.name}: {outcome.status}", outcome.seconds)

        with ended_in_order() if workers != 0 else nullcontext():  # SymPy would swallow it in this process
            outcomes = run(
                specs, out_dir, form=form, force=force, redraw_all=redraw_all, jobs=workers,
                timeout=longest, scheduler=scheduler, report=report,
            )  # fmt: skip
    stages.done(f"finished {figures}")
    _conclude(outcomes, as_json=as_json, quiet=quiet)


def _conclude(outcomes: Sequence[Outcome], *, as_json: bool, quiet: bool) -> None:
    """Print the outcomes of a batch. Raises SomeFailedError if a figure could not be drawn."""
    unchanged = sum(outcome.status == "unchanged" for outcome in outcomes)
    if as_json:
        rows = [
            {**vars(outcome), "path": str(outcome.path), "error": _worded(outcome.error)}
            for outcome in outcomes
        ]
        console.result_json({"figures": rows})
    elif unchanged and not quiet:
        console.note(f"{unchanged} of {len(outcomes)} figures are up to date; --redraw-all redraws them")
    if failed := sum(outcome.status == "failed" for outcome in outcomes):
        raise SomeFailedError(f"{failed} of {len(outcomes)} figures could not be drawn")


def _worded(error: str | None) -> str | None:
    """Return the error of a figure in the terms of its file."""
    return None if error is None else Message(error).worded(preset_keys)


def presets(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A built-in set, or a figure of one.", show_default=False),
    ] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of preset files.")] = False,
    as_json: AsJson = False,
) -> None:
    """List built-in presets, or print one.

    A set is printed as YAML, a figure as its command.

    Examples:
      gradviz presets functions
      gradviz presets rosenbrock --json
    """
    from gradviz import presets as sets

    if schema:
        if name is not None:
            raise RequestError(
                f"--schema: cannot be combined with NAME, got '{visible(name)}'; leave one out"
            )
        console.result(json.dumps(sets.schema(), indent=2))
        return
    known = sets.builtin_sets()
    loaded = {key: sets.load_presets([key]) for key in known}
    figures = {key: spec for specs in loaded.values() for key, spec in specs.items()}
    if name is None:
        _list(loaded, as_json=as_json)
    elif name in known and as_json:
        console.result_json({key: spec.to_dict() for key, spec in loaded[name].items()})
    elif name in known:
        console.result(known[name].read_text(encoding="utf-8").rstrip("\n"))
    elif name in figures and as_json:
        console.result_json(figures[name].to_dict())
    elif name in figures:
        console.result(command_line(figures[name]))
    else:
        hint = did_you_mean(name, [*known, *figures]) or f"the sets are {', '.join(known)}"
        raise RequestError(f"NAME: must be a built-in set or figure, got '{visible(name)}'; {hint}")


def _list(loaded: Mapping[str, Mapping[str, Spec]], *, as_json: bool) -> None:
    if as_json:
        console.result_json(
            {"sets": [{"name": key, "figures": list(specs)} for key, specs in loaded.items()]}
        )
        return
    for key, specs in loaded.items():
        console.result(f"{key}  ({len(specs)} figures)")
        rows = [(f"  {name}", spec.kind, spec.expression) for name, spec in specs.items()]
        console.table(("  name", "kind", "expression"), rows)
