"""Matplotlib without the settings of others, where the process is ours.

Matplotlib reads a `matplotlibrc` in the current folder, or one of the user's, when it is imported; a broken
one ends the import. A command line needs neither. In a library the settings are the caller's business.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

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
