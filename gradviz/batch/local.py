"""Worker processes on this machine, forked from a server that has imported Matplotlib."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker

from pebble import ProcessPool

from gradviz.batch.workers import Drawn, start
from gradviz.errors import Argument, OutputError


@contextmanager
def executor(processes: int, timeout: float) -> Iterator[Callable[..., Future[Drawn]]]:
    """Yield `submit(function, *arguments)`, which calls the function in a worker process.

    A call that takes longer than `timeout` seconds ends its process and raises TimeoutError. The processes
    end with the context, also if it is left early. Raises OutputError if they cannot be started.
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
