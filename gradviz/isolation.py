"""Matplotlib without the settings of others, and results without their words, where the process is ours.

Matplotlib reads a `matplotlibrc` in the current folder, or one of the user's, when it is imported; a broken
one ends the import. A command line needs neither. In a library the settings are the caller's business, and so
is standard output.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_OUTPUT = 1  # the descriptor of standard output
_claimed = False


def claim_process() -> None:
    """Say that this process is a command line of ours: no plugins of pydantic's are looked for in it."""
    global _claimed  # noqa: PLW0603 - a process has one command line
    _claimed = True
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "1"


def import_matplotlib() -> None:
    """Import Matplotlib, in a process of ours without reading settings; call it before any other import."""
    if not _claimed or "matplotlib" in sys.modules:
        return
    os.environ["MATPLOTLIBRC"] = os.devnull
    os.environ.pop("MPLBACKEND", None)
    with contextlib.suppress(OSError):
        here = Path.cwd()
        os.chdir(Path(__file__).parent)  # the settings in the current folder come first of all
        try:
            import matplotlib as mpl  # noqa: F401
        finally:
            os.chdir(here)


def keep_output() -> None:
    """Have standard output for ourselves, in a process of ours, before code of the user's own is run.

    What writes to descriptor 1 from now on, such as a program that the code starts or a library in C, writes
    to standard error; `sys.stdout` is where it was.
    """
    out = sys.__stdout__
    if not _claimed or out is None or sys.stdout is not out:  # done, or the business of who replaced it
        return
    out.flush()
    errors = (
        sys.__stderr__.fileno() if sys.__stderr__ else os.open(os.devnull, os.O_WRONLY)
    )  # the shell's 2>&-
    kept = os.dup(_OUTPUT)
    os.dup2(errors, _OUTPUT)
    sys.stdout = open(kept, "w", encoding=out.encoding, errors=out.errors)  # noqa: PTH123, SIM115 - no path
