"""The command `batch`, and what it shares with `watch`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gradviz.cli import console
from gradviz.cli.options import AsJson, Force, Quiet, RunFiles, Verbose, read_option
from gradviz.cli.wording import preset_keys
from gradviz.errors import GradvizError, Message, RequestError, did_you_mean, visible
from gradviz.limits import FIGURE_SECONDS
from gradviz.output.formats import STILLS
from gradviz.specs.values import real, whole

if TYPE_CHECKING:
    from gradviz.batch.run import Outcome

Presets = Annotated[
    list[str],
    typer.Argument(metavar="PRESETS...", help="YAML files, or names of built-in sets.", show_default=False),
]
OutDir = Annotated[Path, typer.Option("--out-dir", metavar="DIR", help="Output folder, created if missing.")]
Form = Annotated[str, typer.Option("--format", metavar="png|svg|pdf|webp", help="Format of still pictures.")]
Timeout = Annotated[str, typer.Option("--timeout", metavar="SECONDS", help="Time limit for one figure.")]
_Jobs = typer.Option("--jobs", metavar="N", help="Processes (default: one a core; 0: none).")
_Scheduler = typer.Option(
    "--scheduler", metavar="ADDRESS", help="Address of a Dask cluster, such as tcp://HOST:8786."
)
_RedrawAll = typer.Option("--redraw-all", help="Also draw figures that are up to date.")

LONGEST = f"{FIGURE_SECONDS:g}"  # default of --timeout, in seconds
_SHORTEST = 0.1  # minimum of --timeout, in seconds


class SomeFailedError(GradvizError):
    """Some figures of a batch could not be drawn."""


def batch(
    presets: Presets,
    out_dir: OutDir = Path(),
    form: Form = "png",
    redraw_all: Annotated[bool, _RedrawAll] = False,
    jobs: Annotated[str | None, _Jobs] = None,
    timeout: Timeout = LONGEST,
    scheduler: Annotated[str | None, _Scheduler] = None,
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

    options = run_options(form, timeout, jobs, fewest_jobs=0)
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

        with ended_in_order() if options["jobs"] != 0 else nullcontext():  # else SymPy would swallow it
            outcomes = run(
                specs, out_dir, force=force, redraw_all=redraw_all, scheduler=scheduler, report=report,
                warn=(lambda _: None) if quiet else console.note, **options,
            )  # fmt: skip
    stages.done(f"finished {figures}")
    _conclude(outcomes, as_json=as_json, quiet=quiet)


def _conclude(outcomes: Sequence[Outcome], *, as_json: bool, quiet: bool) -> None:
    """Print the outcomes of a batch. Raises SomeFailedError if a figure could not be drawn."""
    unchanged = sum(outcome.status == "unchanged" for outcome in outcomes)
    if as_json:
        rows = [{**vars(outcome), "path": str(outcome.path)} for outcome in outcomes]
        for row in rows:
            row["error"] = row["error"] and Message(row["error"]).worded(preset_keys)
        console.result_json({"figures": rows})
    elif unchanged and not quiet:
        console.note(f"{unchanged} of {len(outcomes)} figures are up to date; --redraw-all redraws them")
    if failed := sum(outcome.status == "failed" for outcome in outcomes):
        raise SomeFailedError(f"{failed} of {len(outcomes)} figures could not be drawn")


# Shared with `watch` --------------------------------------------------------------------------------------


def run_options(form: str, timeout: str, jobs: str | None, *, fewest_jobs: int) -> dict[str, Any]:
    """Return the format, the time limit and the number of processes for a run. Raises RequestError."""
    if form not in STILLS:
        hint = did_you_mean(form, STILLS)
        raise RequestError(
            f"--format: must be one of {', '.join(STILLS)}, got '{visible(form)}'{hint and f'; {hint}'}"
        )
    seconds = read_option("--timeout", real, timeout)
    if seconds < _SHORTEST:
        raise RequestError(f"--timeout: must be at least {_SHORTEST:g} s, got '{visible(timeout)}'")
    processes = None if jobs is None else read_option("--jobs", whole, jobs)
    if processes is not None and processes < fewest_jobs:
        raise RequestError(f"--jobs: must be at least {fewest_jobs}, got '{visible(str(jobs))}'")
    return {"form": form, "timeout": seconds, "jobs": processes}


@contextmanager
def ended_in_order() -> Iterator[Callable[[], bool]]:
    """Let SIGTERM, and SIGHUP of a closed terminal, end the processes that draw as Ctrl-C does.

    The exit code is that of the signal. One that is ignored, as by nohup, stays ignored.

    Yields a function that returns whether a signal has come. What its handler raises is lost where Python
    runs a finalizer, such as one of the locks of a pool; the command then ends with the context.
    """
    ended = 0  # the exit code, as soon as a signal has come

    def end(number: int, _: object) -> NoReturn:
        nonlocal ended
        ended = 128 + number
        sys.exit(ended)

    def report_lost(lost: sys.UnraisableHookArgs) -> None:
        if not ended:
            hook(lost)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    hook, signals = sys.unraisablehook, {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
    before = {
        number: signal.signal(number, end) for number in signals if signal.getsignal(number) != signal.SIG_IGN
    }
    sys.unraisablehook = report_lost
    try:
        yield lambda: bool(ended)
    except BaseException:
        if not ended:  # watchfiles makes an interrupt of whatever a handler raises
            raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook
    if ended:
        sys.exit(ended)
