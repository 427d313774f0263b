"""The command that draws the figures of preset files, and redraws them when a file is saved.

An event of the file system only starts a comparison of the files themselves. So no save is missed, whether an
editor writes in place, replaces a file or deletes it first, and also where no events arrive.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradviz.cli import console
from gradviz.cli.many import (
    LONGEST,
    Form,
    OutDir,
    Presets,
    Timeout,
    check_format,
    ended_in_order,
    processes,
    seconds,
)
from gradviz.cli.output import Force, Quiet, RunFiles
from gradviz.cli.wording import preset_keys
from gradviz.errors import GradvizError, Message, RequestError, visible
from gradviz.specs import Spec

if TYPE_CHECKING:
    from gradviz.batch.run import Outcome

_STILL = 0.1  # seconds without an event, after which files are looked at
_REST = 0.5  # seconds without a change, after which it is told what is wrong
_MODULES = ".py"

_Look = tuple[tuple[str, int, int, int], ...]
_Draw = Callable[[Mapping[str, Spec]], "list[Outcome]"]
_Settled = tuple[
    Spec, str
]  # what was drawn, or given up after a time with this fault: no save but its own helps


class Watched:
    """Preset files, what their figures depend on, and how each of these was when it was last looked at.

    A folder stands for the Python files in it: one may import the others.
    """

    def __init__(self, presets: Iterable[Path]) -> None:
        self.presets = tuple(presets)
        self._seen: dict[Path, _Look | None] = dict.fromkeys(self.presets)

    def depend_on(self, paths: Iterable[Path]) -> None:
        """Watch these beside the presets, and no others; those that are new count as looked at now."""
        kept = {**dict.fromkeys(self.presets), **{path: _look(path) for path in paths}}
        self._seen = {path: self._seen.get(path, look) for path, look in kept.items()}

    def changed(self) -> set[Path]:
        """Return the presets that have changed since the last call; at first, all of them."""
        now = {path: _look(path) for path in self._seen}
        found = {path for path, look in now.items() if look != self._seen[path]}
        self._seen.update(now)
        return found

    def folders(self) -> set[Path]:
        """Return the folders that there are of what is watched, and of what links there lead to."""
        return {folder for path in self._seen for folder in _folders(path)}

    @property
    def missing(self) -> list[Path]:
        """The preset files that are not there."""
        return [path for path in self.presets if not path.exists()]


def watch(
    presets: Presets,
    out_dir: OutDir = Path(),
    form: Form = "png",
    jobs: Annotated[
        str | None, typer.Option("--jobs", metavar="N", help="Processes (default: one a core).")
    ] = None,
    timeout: Timeout = LONGEST,
    run_files: RunFiles = False,
    quiet: Quiet = False,
    force: Force = False,
) -> None:
    """Redraw figures when their files are saved.

    All figures of the preset files are drawn first. Ctrl-C ends the command.

    Examples:
      gradviz watch figures.yaml --out-dir out
      gradviz watch figures.yaml more.yaml --format svg
    """
    from gradviz.batch.run import make_folder, run
    from gradviz.presets import find, load_presets

    check_format(form)
    longest, workers = seconds(timeout), processes(jobs, fewest=1)
    _check_watchfiles()
    watched = Watched(map(find, presets))

    def load() -> dict[str, Spec]:
        return load_presets(presets, run_files=run_files)

    def draw(specs: Mapping[str, Spec]) -> list[Outcome]:
        with console.progress(len(specs), quiet=quiet) as advance:

            def report(outcome: Outcome) -> None:
                advance()
                if outcome.status == "drawn":
                    console.result_path(outcome.path)

            return run(specs, out_dir, form=form, force=force, jobs=workers, timeout=longest, report=report)

    if not all(path.is_file() for path in watched.presets):
        load()  # which says of each what is wrong
    make_folder(out_dir)
    if not quiet:
        console.note(f"watching {_named(watched.presets)} until Ctrl-C")
    try:
        with ended_in_order():
            follow(changes(watched), watched, load, draw, quiet=quiet)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # behind ^C
        sys.exit(130)  # the way to end it, and no error to be told


def follow(
    found: Iterable[set[Path]],
    watched: Watched,
    load: Callable[[], dict[str, Spec]],
    draw: _Draw,
    *,
    quiet: bool,
) -> None:
    """Draw the figures that each set of changed files affects; an empty set means a pause of changes.

    Errors are printed only then, since a file may have been half written before.
    """
    settled: dict[str, _Settled] = {}
    changed: set[Path] = set()  # since all could be loaded
    faults: list[str] = []
    for newly in found:
        if not newly:
            _tell(faults, watched.missing)
            faults = []
            continue
        changed |= newly
        try:
            specs = load()
            watched.depend_on({path for spec in specs.values() for path in _sources(spec)})
            settled = {
                name: (spec, fault)
                for name, (spec, fault) in settled.items()
                if specs.get(name) == spec and changed.isdisjoint(_sources(spec))
            }
            outcomes = draw({name: spec for name, spec in specs.items() if name not in settled})
        except GradvizError as error:
            faults = [error.message]
            continue
        changed = set()
        told = {outcome.name: _fault(outcome) for outcome in outcomes}
        faults = [fault for fault in (*(fault for _, fault in settled.values()), *told.values()) if fault]
        settled |= {
            outcome.name: (specs[outcome.name], told[outcome.name])
            for outcome in outcomes
            if (outcome.seconds if outcome.error else specs[outcome.name].files)
        }
        if not (quiet or faults) and all(outcome.status == "unchanged" for outcome in outcomes):
            console.note("every figure is up to date")


def changes(watched: Watched) -> Iterator[set[Path]]:
    """Yield for ever what has changed, at first all, and an empty set whenever nothing has for a while."""
    yield watched.changed()
    last = time.monotonic()
    while True:
        folders = watched.folders()
        for _ in _events(folders):
            found, now = watched.changed(), time.monotonic()
            if found or now - last >= _REST:
                yield found
                last = time.monotonic()
            if watched.folders() != folders:
                break


def _events(folders: set[Path]) -> Iterator[object]:
    """Yield whenever something has happened in the folders and is over, and after a while without."""
    import watchfiles

    try:
        yield from watchfiles.watch(
            *folders,
            watch_filter=None,
            debounce=round(1000 * _REST),
            step=round(1000 * _STILL),
            rust_timeout=round(1000 * _REST),
            yield_on_timeout=True,
            recursive=False,
        )
    except (OSError, RuntimeError):  # the system watches no more folders, or none at all, or one is gone
        time.sleep(_REST)
        yield set()


def _folders(path: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError, ValueError):  # a name may be one that no file can have
        for place in (path.absolute(), Path(os.path.realpath(path))):
            folder = place if place.is_dir() else place.parent
            if folder.is_dir():
                yield folder


def _look(path: Path) -> _Look:
    """Return the name, time, size and number of a file, or of each Python file of a folder."""
    try:
        files = sorted(path.glob(f"*{_MODULES}")) if path.is_dir() else [path]
    except (OSError, ValueError):
        return ()
    return tuple(filter(None, map(_state, files)))


def _state(path: Path) -> tuple[str, int, int, int] | None:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return path.name, found.st_mtime_ns, found.st_size, found.st_ino


def _fault(outcome: Outcome) -> str:
    return "" if outcome.error is None else Message(f"{outcome.name}: ", outcome.error)


def _sources(spec: Spec) -> set[Path]:
    """Return the files that a figure depends on; in the place of a Python file, its folder."""
    paths = map(Path, spec.files)
    return {path.parent if path.suffix == _MODULES else path for path in paths}


def _tell(faults: Iterable[str], missing: Iterable[Path]) -> None:
    """Print an error, and the files that are watched."""
    told = list(faults)
    for fault in told:
        console.error(Message(fault).worded(preset_keys))
    if told and (names := _named(missing)):
        console.note(f"waiting for {names}")


def _named(paths: Iterable[Path]) -> str:
    return ", ".join(visible(str(path), 100) for path in paths)


def _check_watchfiles() -> None:
    try:
        import watchfiles  # noqa: F401 - to know that it is there
    except ImportError:
        raise RequestError("watch needs watchfiles; install it with: pip install 'gradviz[watch]'") from None
