"""Many specs to many files: each is drawn in a process of its own, which returns the bytes.

A figure that fails, takes too long or ends its process is reported, and the rest are drawn. The files are
written here, one after the other, so that what is finished is in place whatever happens next.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future, as_completed
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any, Literal

from gradviz.errors import Argument, GradvizError, Message, OutputError, Ref, joined, refused, visible
from gradviz.files import check_target, write_whole
from gradviz.limits import FIGURE_SECONDS, SYMBOLIC_SECONDS
from gradviz.output.metadata import is_ours, is_up_to_date, usual_format
from gradviz.process import TIMEOUT_EXIT_CODE, import_matplotlib
from gradviz.specs import Spec

Status = Literal["drawn", "unchanged", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one figure."""

    name: str
    path: Path
    status: Status
    error: str | None
    seconds: float


def run(
    specs: Mapping[str, Spec],
    folder: Path,
    *,
    form: str = "png",
    force: bool = False,
    redraw_all: bool = False,
    jobs: int | None = None,
    timeout: float = FIGURE_SECONDS,
    scheduler: str | None = None,
    report: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Draw each spec into `folder/name.form`; one that fails is reported, and the rest are drawn.

    One that moves is a GIF whatever the form. A picture whose spec and version are the same is left as it is,
    unless `redraw_all`. The names come from a file, and so are not trusted: nothing is written through a
    link. `jobs` is the number of processes, by default that of the processor's cores; 0 draws in this
    process, where nothing bounds the time of a figure.
    `scheduler` is the address of a Dask cluster whose workers draw in their place, also without such a bound.
    `report` is called with each outcome, in the order of `specs`, which is also that of the list. Raises
    OutputError if the folder cannot be made.
    """
    make_folder(folder)
    outcomes: dict[str, Outcome] = {}
    paths = {name: folder / f"{name}.{usual_format(spec, form)}" for name, spec in specs.items()}
    unreported = list(specs)

    def finish(name: str, status: Status, error: str | None = None, seconds: float = 0.0) -> None:
        outcomes[name] = Outcome(name, paths[name], status, error, round(seconds, 3))
        while unreported and unreported[0] in outcomes:
            report(outcomes[unreported.pop(0)])

    waiting: dict[str, Path] = {}
    for name, spec in specs.items():
        path = paths[name]
        try:
            _refuse_link(path)
            if not redraw_all and is_up_to_date(path, spec):
                finish(name, "unchanged")
            else:
                waiting[name] = check_target(path, is_ours, force=force)
        except GradvizError as error:
            finish(name, "failed", error.message)
    drawers = _drawers(form, min(jobs or os.cpu_count() or 1, len(waiting)), timeout, scheduler)
    for name, result in _results({name: specs[name] for name in waiting}, form, jobs, drawers):
        try:
            content, seconds = result()
            write_whole(waiting[name], content)
        except Exception as error:  # noqa: BLE001 - one figure's fault must not keep the rest from being drawn
            finish(name, "failed", _explained(error, timeout), _spent(error, timeout))
        else:
            finish(name, "drawn", seconds=seconds)
    return [outcomes[name] for name in specs]


_Result = Callable[[], tuple[bytes, float]]


_Submit = Callable[[Mapping[str, Any]], "Future[tuple[bytes, float]]"]


def _results(
    specs: Mapping[str, Spec], form: str, jobs: int | None, drawers: AbstractContextManager[_Submit]
) -> Iterator[tuple[str, _Result]]:
    """Yield each figure's name, as soon as it is finished, with the call that gives or raises its result."""
    if jobs == 0:
        import_matplotlib()
        from gradviz.batch.workers import draw

        for name, spec in specs.items():
            yield name, lambda spec=spec: draw(spec.to_dict(), form)  # type: ignore[misc]
    elif specs:
        with drawers as submit:
            futures = {submit(spec.to_dict()): name for name, spec in specs.items()}
            for future in as_completed(futures):
                yield futures[future], future.result


@contextmanager
def _drawers(form: str, processes: int, timeout: float, scheduler: str | None) -> Iterator[_Submit]:
    """Yield the call that has a figure drawn, by a process of this machine or a worker of a cluster."""
    if scheduler is None:
        with _pool(processes) as pool:
            yield lambda fields: pool.schedule(_draw, args=(fields, form), timeout=timeout)
    else:
        from gradviz.batch.cluster import executor

        with executor(scheduler) as submit:
            yield lambda fields: submit(_draw, fields, form)


@contextmanager
def _pool(processes: int) -> Iterator[Any]:
    """Return a pool of processes forked from a server that has everything imported; it ends at once."""
    from pebble import ProcessPool

    context = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
    if hasattr(os, "fork"):
        context.set_forkserver_preload(["__main__", "gradviz.batch.preload"])
        _start_server()
    pool: Any = ProcessPool(processes, initializer=_start, context=context)
    try:
        yield pool
        pool.close()
    except BrokenExecutor:
        problem = (
            "the processes of the batch cannot be kept running: too many open files, or too little memory"
        )
        raise OutputError(problem, "; batch ", Argument("jobs", 0), " draws without them") from None
    finally:
        pool.stop()
        pool.join()


def _start_server() -> None:
    """Start the server: it imports nothing from the current folder, and leaves Ctrl-C to this process."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    resource_tracker.ensure_running()  # which unblocks signals when it starts, so it goes first
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which the server inherits
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


def _start() -> None:
    from gradviz.batch.workers import start

    start()


def _draw(fields: Mapping[str, Any], form: str) -> tuple[bytes, float]:
    from gradviz.batch.workers import draw

    return draw(fields, form)


def _explained(error: Exception, timeout: float) -> str:
    """Return in words why a figure could not be drawn."""
    if isinstance(error, GradvizError):
        return error.message
    if isinstance(error, MemoryError):
        lower = joined(", ", [Message(Ref("samples")), Message(Ref("size"))])
        return Message("there is not enough memory; lower ", lower, " or ", Ref("dpi"))
    if isinstance(error, TimeoutError):  # before OSError, which it is one of
        lower = Message("lower ", Ref("samples"), ", or raise ", Argument("timeout"))
        return Message(f"it took more than {timeout:g} s; ", lower)
    if isinstance(error, OSError) and error.errno is not None:
        return refused(error)
    if type(error).__name__ in ("ProcessExpired", "KilledWorker"):  # of pebble and of Dask
        return _ended(getattr(error, "exitcode", None))
    return f"a fault in gradviz: {type(error).__name__}: {visible(str(error), 200)}; please report it"


def _ended(code: int | None) -> str:
    if code == TIMEOUT_EXIT_CODE:
        return f"SymPy took more than {SYMBOLIC_SECONDS:g} s over the expression; write it shorter"
    how = f"its process ended with code {code}" if code is not None else "the workers that drew it ended"
    return f"{how}; perhaps there was not enough memory"


def _spent(error: Exception, timeout: float) -> float:
    """Return the seconds after which a figure was given up, 0 where it simply could not be drawn."""
    if isinstance(error, TimeoutError):
        return timeout
    return SYMBOLIC_SECONDS if getattr(error, "exitcode", None) == TIMEOUT_EXIT_CODE else 0.0


def make_folder(folder: Path) -> None:
    """Make the folder of the pictures, if it is missing. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        there = next(place for place in (folder, *folder.parents) if place.exists() or place.is_symlink())
        problem = f"{visible(str(there), 200)} is no folder; choose another name"
        raise OutputError(f"cannot write to the folder {visible(str(folder), 200)}: {problem}") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be made").lower()
        raise OutputError(f"cannot write to the folder {visible(str(folder), 200)}: {reason}") from None


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise OutputError(f"{visible(str(path), 200)} is a link, which a preset's picture does not follow")
