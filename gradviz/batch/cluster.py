"""Figures drawn by the workers of an existing Dask cluster. They return the bytes, so no disk is shared."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from gradviz._version import __version__
from gradviz.errors import Argument, OutputError, RequestError, visible

_SECONDS = 10  # to reach the scheduler and a worker of it
_TRIES = 3  # of a figure whose worker has ended


@contextmanager
def executor(address: str) -> Iterator[Callable[..., Future[Any]]]:
    """Yield the call that has a function called by a worker: `submit(function, *arguments)` gives a future.

    A figure whose worker ends is drawn by another one. Raises RequestError without Dask, and OutputError if
    no worker can be reached, or one has another version of gradviz.
    """
    try:
        from distributed import Client
    except ImportError:
        install = " needs Dask; install it with: pip install 'gradviz[cluster]'"
        raise RequestError(Argument("scheduler"), install) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # lost workers are told by their figures
    # One that could not start would wait for itself when it is deleted, and complain; ours are closed below.
    quiet = type("QuietClient", (Client,), {"__del__": lambda _: None})
    client: Any = None
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
            f"no worker of a Dask cluster can be reached at {visible(address)}: {why}"
        ) from None
    with client, client.get_executor(pure=False, retries=_TRIES) as pool:
        yield pool.submit


def _compare(client: Any) -> None:
    """Refuse workers that would draw with another version, or not at all."""
    from gradviz.batch.workers import version

    for worker, found in client.run(version, on_error="return").items():
        if found != __version__:
            what = f"has gradviz {visible(found)}" if isinstance(found, str) else "has no gradviz"
            raise OutputError(
                f"the worker {visible(str(worker))} {what}; install gradviz {__version__} there"
            )
