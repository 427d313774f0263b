"""Functions for the worker processes of a batch: draw a spec and return the bytes of the picture."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

from gradviz._version import __version__
from gradviz.limits import WORKER_BYTES
from gradviz.output.metadata import described_scene, encode, usual_format
from gradviz.process import limit_symbolic_time, renew_symbolic_time
from gradviz.specs import spec_from

Drawn = tuple[bytes, float]
"""Content of a picture file, and the seconds that drawing took."""


def start() -> None:
    """Limit the time of SymPy and the memory in a new worker process."""
    limit_symbolic_time()
    # ImportError on Windows; OSError or ValueError if the process has a lower limit already.
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (WORKER_BYTES, WORKER_BYTES))


def version() -> str:
    """Return the version of gradviz that this worker runs."""
    return __version__


def draw(fields: Mapping[str, object], form: str) -> Drawn:
    """Draw a spec, given as JSON data, in the format `form`, or as GIF if it is animated."""
    begin = time.monotonic()
    renew_symbolic_time()
    spec = spec_from(fields)
    content = encode(described_scene(spec), spec, usual_format(spec, form)).content
    return content, time.monotonic() - begin
