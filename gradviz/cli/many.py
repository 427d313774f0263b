"""Options, checks and signal handling of the commands that draw many figures."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from gradviz.cli.options import read_option
from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.limits import FIGURE_SECONDS
from gradviz.specs.values import real, whole

Presets = Annotated[
    list[str],
    typer.Argument(metavar="PRESETS...", help="YAML files, or names of built-in sets.", show_default=False),
]
OutDir = Annotated[Path, typer.Option("--out-dir", metavar="DIR", help="Output folder, created if missing.")]
Form = Annotated[str, typer.Option("--format", metavar="png|svg|pdf", help="Format of still pictures.")]
Timeout = Annotated[str, typer.Option("--timeout", metavar="SECONDS", help="Time limit for one figure.")]

LONGEST = f"{FIGURE_SECONDS:g}"  # default of --timeout, in seconds
_SHORTEST = 0.1  # minimum of --timeout, in seconds


def check_format(form: str) -> None:
    """Raise RequestError for anything but a format of still pictures."""
    from gradviz.output.formats import STILLS

    if form not in STILLS:
        hint = did_you_mean(form, STILLS)
        raise RequestError(
            f"--format: must be one of {', '.join(STILLS)}, got '{visible(form)}'{hint and f'; {hint}'}"
        )


def seconds(text: str) -> float:
    """Return the value of --timeout in seconds. Raises RequestError."""
    found = read_option("--timeout", real, text)
    if found < _SHORTEST:
        raise RequestError(f"--timeout: must be at least {_SHORTEST:g} s, got '{visible(text)}'")
    return found


def processes(text: str | None, fewest: int) -> int | None:
    """Return the value of --jobs, None for one process a core. Raises RequestError."""
    found = None if text is None else read_option("--jobs", whole, text)
    if found is not None and found < fewest:
        raise RequestError(f"--jobs: must be at least {fewest}, got '{visible(str(text))}'")
    return found


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Let SIGTERM end the processes that draw as Ctrl-C does, with the exit code of that signal."""
    code, ended = 128 + signal.SIGTERM, False

    def end(*_: object) -> NoReturn:
        nonlocal ended
        ended = True
        sys.exit(code)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        if ended:  # watchfiles makes an interrupt of whatever a handler raises
            sys.exit(code)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
