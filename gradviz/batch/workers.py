"""What the processes of a batch do: they turn a spec into the bytes of its picture, and write no file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

from gradviz._version import __version__
from gradviz.limits import WORKER_BYTES
from gradviz.output.metadata import encode, usual_format
from gradviz.output.mpl.rendering import render
from gradviz.process import limit_symbolic_time
from gradviz.specs import spec_from


def start() -> None:
    """Prepare a new process: bound the time of SymPy and all of its memory."""
    limit_symbolic_time()
    with contextlib.suppress(
        ImportError, OSError, ValueError
    ):  # where there are no such limits, or lower ones
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (WORKER_BYTES, WORKER_BYTES))


def version() -> str:
    """Return the version that draws here, for a machine elsewhere to compare."""
    return __version__


def draw(fields: Mapping[str, Any], form: str) -> tuple[bytes, float]:
    """Return the picture of a spec, given as plain data, and the seconds it took.

    It is in a format, or a GIF if it moves.
    """
    begin = time.monotonic()
    spec = spec_from(fields)
    content = encode(render(spec), spec, usual_format(spec, form))
    return content, time.monotonic() - begin
