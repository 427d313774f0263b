"""Drawn figures shown in the terminal and in the system's own viewer."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from gradviz.cli.options import Output
from gradviz.errors import OutputError, refused, visible
from gradviz.output.metadata import encode

if TYPE_CHECKING:
    from gradviz.cli.figures import Made

_PROMPT = 3  # seconds, in which a viewer that cannot open a file has said so; one that shows it may stay


def present(made: Made, output: Output) -> None:
    """Show a drawn figure in the terminal and open its file, each if the command is asked for it.

    Standard output has the picture, if that is a terminal and has no other result.
    """
    if output.show:
        is_seen = sys.stdout is not None and sys.stdout.isatty()
        _show(made, sys.stdout if is_seen and not (output.json or output.to_stdout) else sys.stderr)
    if output.open:
        open_file(output.path)


def _show(made: Made, stream: TextIO) -> None:
    """Show a drawn figure as characters; of several pictures, the last."""
    from gradviz.output.mpl.rendering import scene_in_pixels, scene_of
    from gradviz.output.terminal.protocols import show
    from gradviz.sampling.samples import Swept

    spec, samples, content = made.spec, made.samples, made.content
    if isinstance(samples, Swept):
        spec, samples = spec.stills()[-1].spec, samples.members[-1]
    show(
        lambda width, height: scene_in_pixels(spec, (width, height), samples),
        lambda: content if made.form == "png" else encode(scene_of(spec, samples), spec, "png").content,
        stream,
    )


def open_file(path: Path) -> None:
    """Open a file in the program that the system has for its kind, started without a shell.

    It is not waited for. Raises OutputError, which says that the picture is there all the same, if there is
    no such program.
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
