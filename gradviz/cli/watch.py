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
from functools import partial
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradviz.cli import console
from gradviz.cli.batch import LONGEST, Form, OutDir, Presets, Timeout, ended_in_order, run_options
from gradviz.cli.options import Force, Quiet, RunFiles
from gradviz.cli.wording import preset_keys
from gradviz.errors import GradvizError, Message, RequestError, visible
from gradviz.specs import Spec

if TYPE_CHECKING:
    from gradviz.batch.run import Outcome

_STILL = 0.1  # seconds without an event, after which files are looked at
_REST = 0.5  # seconds without a change, after which it is told what is wrong
_Jobs = typer.Option("--jobs", metavar="N", help="Processes (default: one a core).")

_Look = list[tuple[str, int, int, int]]


def watch(
    presets: Presets,
    out_dir: OutDir = Path(),
    form: Form = "png",
    jobs: Annotated[str | None, _Jobs] = None,
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

    options = run_options(form, timeout, jobs, fewest_jobs=1)
    if find_spec("watchfiles") is None:
        raise RequestError("watch needs watchfiles; install it with: pip install 'gradviz[watch]'")
    watched = Watched(map(find, presets))
    load = partial(load_presets, presets, run_files=run_files)

    def draw(specs: Mapping[str, Spec]) -> list[Outcome]:
        with console.progress(len(specs), quiet=quiet) as advance:

            def report(outcome: Outcome) -> None:
                advance()
                if outcome.status == "drawn":
                    console.result_path(outcome.path)

            return run(specs, out_dir, force=force, report=report, **options)

    if not all(path.is_file() for path in watched.presets):
        load()  # which says of each what is wrong
    make_folder(out_dir)
    if not quiet:
        console.note(f"watching {_named(watched.presets)} until Ctrl-C")
    try:
        with ended_in_order() as ended:
            found = takewhile(lambda _: not ended(), changes(watched))
            follow(found, watched, load, draw, quiet=quiet)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # behind ^C
        sys.exit(130)  # the way to end it, and no error to be told


def follow(
    found: Iterable[set[Path]],
    watched: Watched,
    load: Callable[[], dict[str, Spec]],
    draw: Callable[[Mapping[str, Spec]], list[Outcome]],
    *,
    quiet: bool,
) -> None:
    """Draw the figures that each set of changed files affects; an empty set means a pause of changes.

    Errors are printed only then, since a file may have been half written before.
    """
    settled: dict[str, tuple[Spec, Outcome]] = {}  # figures that only a save of their own draws again
    changed: set[Path] = set()  # since all could be loaded
    faults: list[str] = []
    for newly in found:
        if not newly:
            _tell(faults, watched.presets)
            faults = []
            continue
        changed |= newly
        try:
            specs = load()
            watched.depend_on({path for spec in specs.values() for path in _sources(spec)})
            settled = {
                name: (spec, outcome)
                for name, (spec, outcome) in settled.items()
                if specs.get(name) == spec and changed.isdisjoint(_sources(spec))
            }
            outcomes = draw({name: spec for name, spec in specs.items() if name not in settled})
        except GradvizError as error:
            faults = [error.message]
            continue
        changed = set()
        known = [*(outcome for _, outcome in settled.values()), *outcomes]
        faults = [Message(f"{outcome.name}: ", outcome.error) for outcome in known if outcome.error]
        settled |= {
            outcome.name: (specs[outcome.name], outcome)
            for outcome in outcomes
            if (outcome.seconds if outcome.error else specs[outcome.name].files)
        }
        if not (quiet or faults) and all(outcome.status == "unchanged" for outcome in outcomes):
            console.note("every figure is up to date")


def _tell(faults: list[str], presets: Iterable[Path]) -> None:
    """Print errors, and the preset files that are not there."""
    for fault in faults:
        console.error(Message(fault).worded(preset_keys))
    if faults and (missing := [path for path in presets if not path.exists()]):
        console.note(f"waiting for {_named(missing)}")


def _named(paths: Iterable[Path]) -> str:
    return ", ".join(visible(str(path), 100) for path in paths)


def _sources(spec: Spec) -> set[Path]:
    """Return the files that a figure depends on; in the place of a Python file, its folder."""
    paths = map(Path, spec.files)
    return {path.parent if path.suffix == ".py" else path for path in paths}


# Files and events -----------------------------------------------------------------------------------------


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
    found: _Look = []
    with contextlib.suppress(OSError, ValueError):  # the path may be one that no file can have
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            if file.exists():
                state = file.stat()
                found.append((file.name, state.st_mtime_ns, state.st_size, state.st_ino))
    return found
