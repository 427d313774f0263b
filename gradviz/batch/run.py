"""Draw many specs to many files; each is drawn by a worker, which returns the bytes of the picture.

A figure that fails, takes too long or ends its process is reported, and the others are drawn. This process
writes the files one by one as figures are completed, so that completed pictures survive an interruption.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from gradviz.batch.workers import Drawn, Keep, PoolLostError, draw
from gradviz.errors import Argument, GradvizError, Message, OutputError, Ref, refused, visible
from gradviz.files import check_target, write_whole
from gradviz.limits import FIGURE_SECONDS, SYMBOLIC_SECONDS
from gradviz.output.metadata import is_ours, is_up_to_date, usual_format
from gradviz.process import TIMEOUT_EXIT_CODE, import_matplotlib
from gradviz.specs import Spec

Status = Literal["drawn", "unchanged", "failed"]
_SMALLER = Message("lower ", Ref("samples"), ", ", Ref("size"), " or ", Ref("dpi"))
"""Advice for a figure that needs too much memory."""


@dataclass(frozen=True)
class Outcome:
    """Outcome of one figure."""

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
    warn: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """Draw each spec into `folder/name.form` and return the outcomes in the order of `specs`.

    Animated figures are GIF files, whatever the form. A picture of the same spec and version is left
    unchanged unless `redraw_all`. `jobs` is the number of worker processes (default: one per core); 0 draws
    in this process. `scheduler` is the address of a Dask cluster to draw instead of local processes.
    `timeout`, in seconds per figure, applies to local processes only. `report` is called with each outcome,
    in the order of `specs`, `warn` if a cluster has no workers left. When interrupted, it writes the figures
    that have been drawn, and cancels the others. Raises OutputError if the folder cannot be made.
    """
    make_folder(folder)
    outcomes: dict[str, Outcome] = {}
    paths = {name: folder / f"{name}.{usual_format(spec, form)}" for name, spec in specs.items()}
    unreported = list(specs)

    def finish(name: str, status: Status, error: str | None = None, seconds: float = 0.0) -> None:
        outcomes[name] = Outcome(name, paths[name], status, error, round(seconds, 3))
        while unreported and unreported[0] in outcomes:
            report(outcomes[unreported.pop(0)])

    def keep(name: str, result: Callable[[], Drawn]) -> None:
        try:
            content, seconds = result()
            write_whole(targets[name], content)
        except PoolLostError:
            raise
        except Exception as error:  # noqa: BLE001 - an error in one figure must not stop the others
            finish(name, "failed", *_failure(error, timeout))
        else:
            finish(name, "drawn", seconds=seconds)

    targets: dict[str, Path] = {}
    for name, path in paths.items():
        try:
            target = _target(path, None if redraw_all else specs[name], force=force)
            if target is None:
                finish(name, "unchanged")
            else:
                targets[name] = target
        except GradvizError as error:
            finish(name, "failed", error.message)
    calls = {name: partial(draw, specs[name].to_dict(), form) for name in targets}
    _draw(calls, keep, jobs=jobs, timeout=timeout, scheduler=scheduler, warn=warn)
    return [outcomes[name] for name in specs]


def _draw(
    calls: Mapping[str, Callable[[], Drawn]],
    keep: Keep,
    *,
    jobs: int | None,
    timeout: float,
    scheduler: str | None,
    warn: Callable[[str], None],
) -> None:
    """Make the calls here, in local processes or on a cluster, and keep the result of each."""
    if jobs == 0:
        import_matplotlib()
        for name, call in calls.items():
            keep(name, call)
    elif calls:
        from gradviz.batch import pools  # pebble takes 0.08 s, which an unchanged set need not wait for

        count = min(jobs or os.cpu_count() or 1, len(calls))
        pool = pools.cluster(scheduler, warn) if scheduler is not None else pools.local(count, timeout)
        pools.draw_in(pool, calls, keep)


def _failure(error: Exception, timeout: float) -> tuple[str, float]:
    """Return the message of a figure that could not be drawn, and after how many seconds it was stopped.

    These are 0 if it failed by itself.
    """
    code = getattr(error, "exitcode", None)
    if isinstance(error, TimeoutError):  # before OSError, its base class
        raised = Message("lower ", Ref("samples"), ", or raise ", Argument("timeout"))
        return Message(f"took more than {timeout:g} s; ", raised), timeout
    if code == TIMEOUT_EXIT_CODE:
        problem = (
            f"SymPy took more than {SYMBOLIC_SECONDS:g} s of processor time for the expression; simplify it"
        )
        return problem, SYMBOLIC_SECONDS
    if isinstance(error, GradvizError):
        problem = error.message
    elif isinstance(error, MemoryError):
        problem = Message("not enough memory; ", _SMALLER)
    elif isinstance(error, OSError) and error.errno is not None:
        problem = refused(error)
    elif type(error).__name__ in ("ProcessExpired", "KilledWorker"):  # pebble, Dask
        how = f"its process ended with code {code}" if code is not None else "its workers ended"
        problem = Message(f"{how}, possibly out of memory; ", _SMALLER)
    else:
        shown = visible(str(error), 200)
        problem = f"internal error: {type(error).__name__}: {shown}; please report it"
    return problem, 0.0


def make_folder(folder: Path) -> None:
    """Create the folder of the pictures, if it does not exist. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        existing = next(path for path in (folder, *folder.parents) if path.exists() or path.is_symlink())
        problem = f"{visible(str(existing), 200)} is not a folder; use another name"
        raise OutputError(f"cannot write to folder {visible(str(folder), 200)}: {problem}") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "it cannot be created").lower()
        raise OutputError(f"cannot write to folder {visible(str(folder), 200)}: {reason}") from None


def _target(path: Path, known: Spec | None, *, force: bool) -> Path | None:
    """Return the path to write a figure to, None if it has the picture of the spec `known`.

    Raises OutputError.
    """
    if path.is_symlink():  # names of figures are untrusted
        raise OutputError(f"cannot write {visible(str(path), 200)}: it is a symbolic link; remove it")
    if known is not None and is_up_to_date(path, known):
        return None
    return check_target(path, is_ours, force=force)
