"""Pools of workers: processes on this machine, or an existing Dask cluster.

A worker returns the bytes of a picture, so no disk is shared.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver, resource_tracker
from queue import Empty, SimpleQueue
from typing import Any

from pebble import ProcessPool

from gradviz._version import __version__
from gradviz.batch.workers import Drawn, Keep, PoolLostError, start, version
from gradviz.errors import Argument, OutputError, Place, RequestError, refused, visible

_SECONDS = 10  # time limit to connect to the scheduler, and to wait for its first worker, in s
_LOCAL_SECONDS = 0.1  # time between checks of the time limit of figures, in s
_CLUSTER_SECONDS = 1.0  # time between questions to the scheduler, in s
_MISSING_CHECKS = 5  # checks without a worker before that is reported: a nanny starts another one


Calls = Mapping[str, Callable[[], Drawn]]


@dataclass(frozen=True)
class Pool:
    """A pool of workers that draw figures."""

    submit: Callable[[Callable[[], Drawn]], Future[Drawn]]
    """Makes a call in a worker."""
    result: Callable[[Future[Drawn]], Drawn]
    """Returns the result of a completed call, or raises its error."""
    check: Callable[[Collection[Future[Drawn]]], None]
    """Called every `seconds` with the calls that are left. Raises PoolLostError."""
    seconds: float


def draw_in(workers: AbstractContextManager[Pool], calls: Calls, keep: Keep) -> None:
    """Make calls in workers, and keep each result; when interrupted, keep those that are there."""
    futures: dict[Future[Drawn], str] = {}
    with workers as pool:
        try:
            for name, result in _completed(pool, calls, futures):
                keep(name, result)
        except (KeyboardInterrupt, SystemExit, PoolLostError):
            for future, name in futures.items():
                if future.done() and not future.cancelled() and future.exception() is None:
                    keep(name, future.result)
            raise


def _completed(
    pool: Pool, calls: Calls, futures: dict[Future[Drawn], str]
) -> Iterator[tuple[str, Callable[[], Drawn]]]:
    """Start all calls, and yield the name of each completed one with a function that returns its result.

    `futures` receives the calls in progress. A call whose workers have ended is started once more, without
    others beside it: only if it ends a worker then, it is to blame.
    """
    done: SimpleQueue[Future[Drawn]] = SimpleQueue()

    def begin(name: str) -> None:
        future = pool.submit(calls[name])
        futures[future] = name
        future.add_done_callback(done.put)

    for name in calls:
        begin(name)
    suspects: list[str] = []
    again: set[str] = set()
    checked = time.monotonic()
    while futures or suspects:
        if not futures:
            begin(suspects.pop())
        with suppress(Empty):
            future = done.get(timeout=pool.seconds)
            name = futures[future]
            if name not in again and _worker_ended(future):
                again.add(name)
                suspects.append(name)
            else:
                yield name, partial(pool.result, future)
            del futures[future]
        if time.monotonic() - checked > pool.seconds:
            pool.check(futures.keys())
            checked = time.monotonic()


def _result(future: Future[Drawn]) -> Drawn:
    """Return the result of a call. An interrupt in a worker is none of this process."""
    if isinstance(future.exception(), KeyboardInterrupt):
        raise RequestError("its process was interrupted")
    return future.result()


def _worker_ended(future: Future[Drawn]) -> bool:
    """Return whether a call failed because the workers of a cluster that it was given to have ended."""
    return not future.cancelled() and type(future.exception()).__name__ == "KilledWorker"


@contextmanager
def local(processes: int, timeout: float) -> Iterator[Pool]:
    """Start processes, forked from a server that has imported Matplotlib, and end them with the context.

    A call that takes longer than `timeout` seconds ends its process and raises TimeoutError. Raises
    OutputError if the processes cannot be started.
    """
    has_fork = hasattr(os, "fork")
    context = multiprocessing.get_context("forkserver" if has_fork else "spawn")
    if has_fork:
        context.set_forkserver_preload(["__main__", "gradviz.batch.preload"])
        with _starting():
            _start_server()
    pool = ProcessPool(processes, initializer=start, context=context)
    _report_every_end(pool)
    begun: dict[Future[Drawn], float] = {}

    def submit(call: Callable[[], Drawn]) -> Future[Drawn]:
        with _starting():  # the first call starts threads and processes
            return pool.schedule(call)

    def result(future: Future[Drawn]) -> Drawn:
        if future.cancelled():
            raise TimeoutError
        return _result(future)

    def check(left: Collection[Future[Drawn]]) -> None:
        now = time.monotonic()  # pebble's own time limit depends on the wall clock, which can be set back
        for future in left:
            if future.running() and now - begun.setdefault(future, now) > timeout:
                future.cancel()  # which ends its process

    try:
        yield Pool(submit, result, check, _LOCAL_SECONDS)
        pool.close()  # type: ignore[no-untyped-call]  # pebble
    except BrokenExecutor:
        raise _no_processes("too many open files or processes, or not enough memory") from None
    finally:
        with suppress(RuntimeError):  # of a thread that could not be started
            pool.stop()  # type: ignore[no-untyped-call]  # pebble
            pool.join()


@contextmanager
def _starting() -> Iterator[None]:
    """Convert the errors of a system that starts no more processes or threads to OutputError."""
    try:
        yield
    except (OSError, EOFError, RuntimeError) as error:
        reason = refused(error) if isinstance(error, OSError) else visible(str(error) or "one has ended")
        raise _no_processes(reason) from None


def _no_processes(reason: str) -> OutputError:
    problem = f"cannot keep worker processes running: {reason}"
    return OutputError(problem, "; use ", Argument("jobs", 0), " to draw without them")


def _report_every_end(pool: ProcessPool) -> None:
    """Let a pool report processes that end with code 0, too: pebble would wait for their figures."""
    manager = pool._pool_manager.worker_manager  # noqa: SLF001 - pebble has no public way

    def inspect() -> tuple[tuple[int, int | None], ...]:
        ended = [(pid, worker) for pid, worker in tuple(manager.workers.items()) if not worker.is_alive()]
        for pid, _ in ended:
            del manager.workers[pid]
        return tuple((pid, worker.exitcode) for pid, worker in ended)

    manager.inspect_workers = inspect  # type: ignore[method-assign]  # pebble


def _start_tracker() -> None:
    """Start the tracker of resources, which inherits that SIGHUP is ignored: it ends after the command."""
    if threading.current_thread() is not threading.main_thread():
        resource_tracker.ensure_running()
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        resource_tracker.ensure_running()
    finally:
        signal.signal(signal.SIGHUP, before)


def _start_server() -> None:
    """Start the fork server. It imports nothing from the current folder and ignores Ctrl-C."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    _start_tracker()  # which unblocks signals, so it must come first
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
def cluster(address: str, warn: Callable[[str], None]) -> Iterator[Pool]:
    """Use the workers of a cluster, by the address of its scheduler.

    A call whose worker ends is repeated by another worker. If all workers have ended, the calls wait for
    others, and `warn` is called. Raises RequestError if Dask is not installed, and OutputError if no worker
    can be reached, or a worker has another version of gradviz.
    """
    client = _connected(address)
    executor, missing = client.get_executor(pure=False), 0
    again = "draw the figures that are left with the same command"
    lost = PoolLostError(Place("scheduler"), f"the connection to {visible(address)} was lost; {again}")

    def result(future: Future[Drawn]) -> Drawn:
        if future.cancelled():
            raise lost
        return _result(future)

    def check(_: Collection[Future[Drawn]]) -> None:
        nonlocal missing
        if client.status != "running":
            raise lost
        missing = 0 if client.nthreads() else missing + 1
        if missing == _MISSING_CHECKS:
            warn(f"no worker of the cluster at {visible(address)} is left; waiting for one, until Ctrl-C")

    try:
        yield Pool(executor.submit, result, check, _CLUSTER_SECONDS)
    finally:
        if client.status == "running":
            executor.shutdown(wait=False)  # cancels calls that are left
        client.close(_SECONDS)


def _connected(address: str) -> Any:  # distributed has no types
    """Return a client of a cluster that has workers with this version of gradviz."""
    try:
        from distributed import Client
    except ImportError:
        install = "needs Dask; install it with: pip install 'gradviz[cluster]'"
        raise RequestError(Place("scheduler"), install) from None
    for name in ("asyncio", "distributed", "tornado", *logging.root.manager.loggerDict):
        if name.split(".")[0] in ("asyncio", "distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what is lost is reported by exceptions
    # The finalizer of a client that could not start waits for itself and warns; ours are closed below.
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
            Place("scheduler"), f"cannot reach a Dask worker at {visible(address)}: {why}"
        ) from None
    return client


def _compare(client: Any) -> None:
    """Raise OutputError if a worker has another version of gradviz or none."""
    for worker, found in client.run(version, on_error="return").items():
        if found != __version__:
            got = visible(found) if isinstance(found, str) else "no gradviz"
            raise OutputError(
                f"worker {visible(str(worker))}: must have gradviz {__version__}, got {got}; install it there"
            )
