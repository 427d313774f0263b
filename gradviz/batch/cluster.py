"""Workers of an existing Dask cluster. They return the bytes of a picture, so no disk is shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from gradviz._version import __version__
from gradviz.batch.workers import Drawn, version
from gradviz.errors import OutputError, Place, RequestError, visible

_SECONDS = 10  # time limit to connect to the scheduler, and to wait for its first worker, in s
_RETRIES = 3  # number of other workers that draw a figure after its worker has ended


@contextmanager
def executor(address: str) -> Iterator[Callable[..., Future[Drawn]]]:
    """Yield `submit(function, *arguments)`, which calls the function in a worker of the cluster.

    A call whose worker ends is repeated by another worker. Raises RequestError if Dask is not installed, and
    OutputError if no worker can be reached, or a worker has another version of gradviz.
    """
    try:
        from distributed import Client
    except ImportError:
        install = "needs Dask; install it with: pip install 'gradviz[cluster]'"
        raise RequestError(Place("scheduler"), install) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a lost worker is reported with its figure
    # The finalizer of a client that could not start waits for itself and warns; ours are closed below.
    quiet = type("QuietClient", (Client,), {"__del__": lambda _: None})
    client: Any = None  # distributed has no types
    try:
        client = quiet(address, timeout=_SECONDS, set_as_default=False)
        client.wait_for_workers(1, timeout=_SECONDS)
        _compare(client)
    except Exception as error:
        if client is not None:
            client.close()
        if isinstance(error, OutputError):
            raise
        why = visible(str(error).split("\n", maxsplit=1)[0], 100)
        raise OutputError(
            Place("scheduler"), f"cannot reach a Dask worker at {visible(address)}: {why}"
        ) from None
    with client, client.get_executor(pure=False, retries=_RETRIES) as pool:
        yield pool.submit


def _compare(client: Any) -> None:
    """Raise OutputError if a worker has another version of gradviz or none."""
    for worker, found in client.run(version, on_error="return").items():
        if found != __version__:
            got = visible(found) if isinstance(found, str) else "no gradviz"
            raise OutputError(
                f"worker {visible(str(worker))}: must have gradviz {__version__}, got {got}; install it there"
            )
