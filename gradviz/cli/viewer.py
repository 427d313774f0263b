"""A finished file in the system's own viewer: started without a shell, its path a single argument."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from gradviz.errors import OutputError, refused, visible

_PROMPT = 3  # seconds, in which a viewer that cannot open a file has said so; one that shows it may stay


def open_file(path: Path) -> None:
    """Open a file in the program that the system has for its kind, and do not wait for that to end.

    Raises OutputError, which says that the picture is there all the same, if there is no such program.
    """
    whole = path.resolve()  # begins with a '/' and so is never an option
    kept = f"the picture is written, but --open cannot show {visible(str(path), 200)}"
    try:
        if sys.platform == "win32":
            verb = "edit" if whole.suffix == ".py" else "open"  # else a script would be run
            os.startfile(whole, verb)  # noqa: S606 - there is no shell, and the path is data
            return
        name = "open" if sys.platform == "darwin" else "xdg-open"
        program = shutil.which(name)
        if program is None:
            raise OutputError(f"{kept}: there is no {name}")
        code = _started([program, str(whole)])
    except OSError as error:
        raise OutputError(f"{kept}: {refused(error)}") from None
    if code:
        raise OutputError(f"{kept}: {name} found no viewer for it (it ended with {code})")


def _started(command: list[str]) -> int:
    """Start a program that our terminal has no hold on, and return its exit code, 0 while it runs."""
    quiet = subprocess.DEVNULL
    viewer = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603 - no shell, and the path is data
    with contextlib.suppress(subprocess.TimeoutExpired):
        return viewer.wait(_PROMPT)
    viewer.returncode = 0  # else Python would complain that it is left running
    return 0
