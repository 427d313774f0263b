"""Functions for the worker processes of a batch: draw a spec and return the bytes of the picture."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping

from gradviz._version import __version__
from gradviz.errors import OutputError
from gradviz.limits import WORKER_BYTES
from gradviz.output.metadata import described_scene, encode, shown_in, usual_format
from gradviz.process import claim_process, import_matplotlib, renew_symbolic_time, use_program_cache
from gradviz.specs import spec_from


class PoolLostError(OutputError):
    """The workers of a pool cannot be reached any more."""


Drawn = tuple[bytes, float]
"""Content of a picture file, and the seconds that drawing took."""
Keep = Callable[[str, Callable[[], Drawn]], None]
"""Writes a figure, by its name and a function that returns or raises its result."""


def start() -> None:
    """Claim a new worker process, and limit its memory.

    A process that the fork server has forked is claimed already; one that was started anew is not.
    """
    claim_process()
    use_program_cache(on=False)  # a worker writes no file
    import_matplotlib()
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
    form = usual_format(spec, form)
    spec = shown_in(spec, form)
    content = encode(described_scene(spec), spec, form).content
    return content, time.monotonic() - begin
