"""Pools of workers: processes on this machine, or an existing Dask cluster.

Each yields `submit(function, *arguments)`, which calls the function in a worker. A worker returns the bytes
of a picture, so no disk is shared.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Any

from pebble import ProcessPool

from gradviz._version import __version__
from gradviz.batch.workers import Drawn, start, version
from gradviz.errors import Argument, OutputError, Place, RequestError, visible

_SECONDS = 10  # time limit to connect to the scheduler, and to wait for its first worker, in s
_RETRIES = 3  # number of other workers that draw a figure after its worker has ended


@contextmanager
def local(processes: int, timeout: float) -> Iterator[Callable[..., Future[Drawn]]]:
    """Start processes, forked from a server that has imported Matplotlib, and end them with the context.

    A call that takes longer than `timeout` seconds ends its process and raises TimeoutError. Raises
    OutputError if the processes cannot be started.
    """
    has_fork = hasattr(os, "fork")
    context = multiprocessing.get_context("forkserver" if has_fork else "spawn")
    if has_fork:
        context.set_forkserver_preload(["__main__", "gradviz.batch.preload"])
        _start_server()
    pool = ProcessPool(processes, initializer=start, context=context)

    def submit(function: Callable[..., Drawn], *arguments: object) -> Future[Drawn]:
        return pool.schedule(function, args=arguments, timeout=timeout)

    try:
        yield submit
        pool.close()  # type: ignore[no-untyped-call]  # pebble
    except BrokenExecutor:
        problem = "cannot keep worker processes running: too many open files, or not enough memory"
        raise OutputError(problem, "; use ", Argument("jobs", 0), " to draw without them") from None
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble
        pool.join()


def _start_server() -> None:
    """Start the fork server. It imports nothing from the current folder and ignores Ctrl-C."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    resource_tracker.ensure_running()  # starting the tracker unblocks signals, so it must come first
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the server inherits the mask
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def cluster(address: str) -> Iterator[Callable[..., Future[Drawn]]]:
    """Use the workers of a cluster, by the address of its scheduler.

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
