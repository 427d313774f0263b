# ruff: noqa: T201 - what is printed is what this is for
"""Compare what two installed copies of gradviz give for the same commands: words, numbers and pixels.

The commands are those of README and docs (`pages.py` says which), also within their text, those that draw the
figures of the built-in presets, and MORE. The commands of a page run in one folder, in order; any other in
one of its own. Each interpreter has its own home and caches; PYTHONPATH, which may name a work tree, is for
OTHER_PYTHON alone. Commands run in forks of a process that has drawn once; `--fresh` starts one for each.
Pictures with the same pixels and texts are equal, however they are compressed.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from pages import ROOT, read
from PIL import Image, ImageSequence

MORE = r"""
gradviz tangent "x**3 - x" --at 0.5 --secant 1 -r -2:2 --style dark --data numbers.csv --describe
gradviz tangent "abs(x) + floor(x)/2" --at 0.5 -r -3:3 -o kink.svg --json
gradviz tangent "1/x" --at 1 --derivative --style paper --data numbers.npz
gradviz tangent "sqrt(x) + log(x)" -r -1:4 --size 3,2 --style book --data numbers.json
gradviz tangent "a*sin(x)" --sweep a=1,2,3 --at 0 --data numbers.csv -o panels.png
gradviz tangent "3 + 0*x" --at 1 -o constant.py
gradviz surface "sin(x0)*cos(x1)" -r -pi:pi --style dark --tangent-at 1,0.5 --data numbers.npz --json
gradviz surface "1/x0 + x1" -r -2:2 --plot contour --style book
gradviz surface "log(x0) + x1" --plot contourf --colorbar --cmap magma -o bands.svg
gradviz surface "floor(x0) + x1/2" --plot scatter -n 15 --data numbers.csv --describe
gradviz surface "x0**2 - x1**2" --critical -n 31 -o turning.html
gradviz surface "x0**2 + a*x1**2" --sweep a=-1,0,1 -n 31 --where "x0 < 2" -o panels.png
gradviz surface "x" --plot wireframe -n 21 --size 10,3 --style paper --elev 50
gradviz surface "x0**2 - x1**2" --spin -n 15 --size 3,2.5 --dpi 40 -o spin.gif
gradviz surface "sqrt(4 - x0**2 - x1**2)" -o sphere.py
gradviz contour "(1 - x)**2 + 100*(y - x**2)**2" -r x=-2:2 -r y=-1:3 --labels --style dark --json
gradviz contour "x0**2 + 3*x1**2" --levels 1,2,5 --labels -n 41 -o lines.svg --data numbers.json
gradviz contour "5" --describe
gradviz contour "sin(x)" --filled --spacing log --size 2.4,2
gradviz contour "log(x0*x1)" --filled --data numbers.json --size 12,3
gradviz contour "x0*x1 + x2**2" --fix x2=1 --style paper -o turning.html
gradviz contour "a*x0**2 + x1**2" --set a=2 --where "x0 > x1" --critical --style book
gradviz quiver "abs(x0) + x1**2" --arrows true --contour --data numbers.csv --describe
gradviz quiver "exp(x0)*sin(x1)" --arrows log --heat --style dark --cmap magma
gradviz quiver "x0**2*x1 - x1" --critical --stream --style paper --method exact -r x0=-2:2 -r x1=-1:3
gradviz quiver "1/(x0**2 + x1**2)" --ascent -o pole.py
gradviz quiver "x0" --color red --size 2,2 -n 9,5
gradviz quiver "2" --json
gradviz quiver "sign(x0*x1)" --method central --step 1e-3 --style book --data numbers.npz
gradviz quiver "a*x0**2 + x1" --sweep a=-1:1:3 -n 9 --dpi 40 -o frames.gif
gradviz stream "sin(x0*x1)" --through 1,0.5 --heat --style dark --density 2 --data numbers.csv
gradviz stream "floor(x0) + x1**2" --contour --where "x0 + x1 > -1" --style book -o jump.svg
gradviz stream "sqrt(x0) + x1**2" --critical --style paper --describe
gradviz descent "x**2/20 + y**2" --start -7,2 -r -10:10 --loss --filled --style dark --data numbers.csv --json
gradviz descent "x0**2 + 3*x1**2" --anatomy 5 --optimizer adam,learning_rate=0.3 --style paper
gradviz descent "x**2/20 + y**2" --on surface --optimizer newton --steps 5 -o turning.html
gradviz descent "x**4 + y**2" --panels --tune --optimizer nadam --optimizer adamw --steps 20 -o panels.py
gradviz descent "x**2 + 3*y**2" --animate --dpi 40 --steps 8 --optimizer amsgrad --loss -o growing.gif
gradviz pairs "x0**2 + x1*x2 + abs(x2)" --style dark --data numbers.csv --describe
gradviz pairs "x0*x1 + log(x2) - x3/x0" --at 1,1,2,1 --style paper -o pairs.svg --json
gradviz steps "exp(x0)*abs(x1)" --method central --step 1e-3 --style dark --size 3,2 --data numbers.csv
gradviz grad "a*sin(x0) + abs(x1)" --set a=2 --at 1,0 --at pi/3,2 --json
gradviz check "x0**2 + 3*x1" --claim "2*x0, 4" -r 0:1 --json
gradviz critical "(x**2 + y - 11)**2 + (x + y**2 - 7)**2" -r -5:5 --json
gradviz quiver "2*pie"
gradviz presets --schema
"""
NOT_RUN = ("watch", "--scheduler", "--open", "--install-completion", ">", "|")
READERS = ("redraw", "inspect", "batch")  # of what the commands before them made; so are those with .npy
ENCODED = {"extension", "transparency", "background"}  # of a GIF: places in the file and in the palette
UNSET = ("PYTHON", "MPL", "GRADVIZ", "XDG", "FORCE_COLOR", "NO_COLOR", "COLUMNS", "GITHUB")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_WITHIN = re.compile(r"`(gradviz [a-z][^`\n]*)`")
_FILE = re.compile(r"[\w./-]+\.(?:png|yaml|csv|py|npy)\b")


def serve() -> None:
    """Draw once, and then run each command line that comes in a fork: what both interpreters do."""
    import gradviz
    from gradviz.__main__ import main

    requests, answers, environment = (
        os.fdopen(os.dup(0)),
        os.fdopen(os.dup(1), "w", buffering=1),
        {**os.environ},
    )
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.argv = ["gradviz", "surface", "x0*x1", "-n", "9", "-q", "-o", "-"]  # imports what most commands need
    if main():
        sys.exit(1)
    top = Path(gradviz.__file__).parent
    sources = sorted([*top.rglob("*.py"), *top.rglob("*.yaml"), *top.parent.glob("presets/*.yaml")])
    told = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    libraries = [f"{name} {metadata.version(name)}" for name in ("numpy", "matplotlib", "pillow", "sympy")]
    what = f"gradviz {gradviz.__version__} in {top}, Python {sys.version.split()[0]}, {', '.join(libraries)}"
    print(json.dumps((gradviz.__version__, what, told)), file=answers)
    for line in requests:
        (program, *words), folder, streams, fresh = json.loads(line)
        begun, child = time.monotonic(), os.fork()
        if not child:
            os.setsid()
            os.chdir(folder)
            for number, path in enumerate((os.devnull, *streams)):
                os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
            if fresh or program == "python" or words[:1] == ["batch"]:  # which has processes of its own
                module = ["-m", program] if program == "gradviz" else []
                os.execve(sys.executable, [sys.executable, *module, *words], environment)  # noqa: S606 - no shell
            sys.argv = [program, *words]
            sys.exit(main())
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            time.sleep(0.005)
            if time.monotonic() - begun > 300:
                os.killpg(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(ended[1]), file=answers)


class Job(NamedTuple):
    """Commands that run in one folder, and the files that they find there."""

    where: str
    lines: list[str]
    files: Mapping[str, str]

    def needs(self, number: int) -> range:
        """Return the numbers of the commands that have to run before one."""
        line = self.lines[number]
        return range(number if line.split()[1] in READERS or ".npy" in line else 0)


class Side:
    """An interpreter with a home, caches and folders of its own, and what came of its commands."""

    def __init__(self, python: str, top: Path, store: Path, search: str, *, fresh: bool) -> None:
        self._python, self._top, self._store, self._fresh = python, top, store, fresh
        kept = {name: value for name, value in os.environ.items() if not name.startswith(UNSET)}
        fixed = {"PYTHONSAFEPATH": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": search, "COLUMNS": "80"}
        self._environment = {**kept, **fixed, "HOME": f"{top}/home", "XDG_CACHE_HOME": f"{top}/cache"}
        for folder in (top / "home", top / "cache", store):
            folder.mkdir(parents=True, exist_ok=True)
        self._threads = threading.local()
        self.version, self.what, self._sources = self._server()[1]

    def _server(self) -> tuple[Any, Any]:
        """Return this thread's process that has imported gradviz, and what it says of itself."""
        if not hasattr(self._threads, "server"):
            imports = inspect.getsource(sys.modules[__name__]).partition("import numpy")[0]
            program = [self._python, "-c", f"{imports}\n{inspect.getsource(serve)}\nserve()"]
            pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            server: Any = subprocess.Popen(program, env=self._environment, **pipes)  # noqa: S603 - as asked
            self._threads.server = server, json.loads(server.stdout.readline() or "null")
            if self._threads.server[1] is None:
                sys.exit(f"{self._python} cannot run gradviz")
        return self._threads.server

    def records(self, job: Job, wanted: Collection[int]) -> dict[int, Path]:
        """Return the folders with what commands gave; those of which there is none are run first."""
        found = {}
        for number in wanted:
            lines = [job.lines[n] for n in (*job.needs(number), number)]
            key = (self._sources, self.what, lines, job.files, *map(inspect.getsource, (serve, Side)))
            found[number] = self._store / hashlib.sha256(repr(key).encode()).hexdigest()[:32]
        missing = {number for number, path in found.items() if not path.exists()}
        folder = Path(tempfile.mkdtemp(dir=self._top))
        for name, text in job.files.items():
            (folder / name).write_text(text, encoding="utf-8")
        for number in sorted(missing.union(*map(job.needs, missing))):
            record = self._run(shlex.split(job.lines[number]), folder)
            if number in missing:
                with suppress(OSError):  # another page has the same command
                    record.rename(found[number])
            shutil.rmtree(record, ignore_errors=True)
        return found

    def _run(self, words: list[str], folder: Path) -> Path:
        """Run a command, and return a folder with its status, its words and the files that it wrote."""
        record = Path(tempfile.mkdtemp(dir=self._store, prefix="new-"))
        streams, before, (server, _) = [record / "stdout", record / "stderr"], _stamps(folder), self._server()
        asked = json.dumps((words, str(folder), [str(path) for path in streams], self._fresh))
        print(asked, file=server.stdin, flush=True)
        (record / "status").write_text(server.stdout.readline())
        for path in streams:
            said = path.read_bytes().replace(bytes(folder), b"FOLDER").replace(bytes(self._top), b"TOP")
            if words[1] == "batch":  # whose processes end in any order
                said = b"".join(sorted(said.splitlines(keepends=True)))
            path.write_bytes(said)
        for name, stamp in _stamps(folder).items():
            if before.get(name) != stamp:
                (record / "files" / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(folder / name, record / "files" / name)
        return record


def _stamps(folder: Path) -> dict[str, Any]:
    stats = {path: path.stat() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    return {str(path.relative_to(folder)): (s.st_ino, s.st_mtime_ns, s.st_size) for path, s in stats.items()}


def differences(one: Path, two: Path, versions: set[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what differs between two records: its sort, the path of the file, and how it differs."""
    for path in sorted(
        {str(p.relative_to(top)) for top in (one, two) for p in top.rglob("*") if p.is_file()}
    ):
        if not (one / path).exists() or not (two / path).exists():
            yield "file", path, f"written by the {'reference' if (one / path).exists() else 'other'} alone"
        elif (one / path).read_bytes() != (two / path).read_bytes():
            compare = {".png": _pictures, ".gif": _pictures, ".npz": _arrays}.get(Path(path).suffix, _texts)
            yield from ((sort, path, how) for sort, how in compare(one / path, two / path, versions))


def _pictures(one: Path, two: Path, versions: set[str]) -> Iterator[tuple[str, str]]:
    texts: dict[str, str] = {}
    changed = {}  # the number of a frame to how much its pixels differ
    with Image.open(one) as before, Image.open(two) as after:
        sizes = [(*image.size, getattr(image, "n_frames", 1)) for image in (before, after)]
        if sizes[0] != sizes[1]:
            yield "size", "width, height and frames are {} and {}".format(*sizes)
            return
        frames = zip(ImageSequence.Iterator(before), ImageSequence.Iterator(after), strict=True)
        for number, pair in enumerate(frames):
            first, second = (np.asarray(image.convert("RGBA"), dtype=np.int16) for image in pair)
            gap = np.abs(first - second).max(axis=-1)
            if gap.any():
                changed[number] = np.count_nonzero(gap), gap.max(), gap[gap > 0].mean()
            for name in {*pair[0].info, *pair[1].info} - ENCODED:
                told = [_plain(str(image.info.get(name)).encode(), versions) for image in pair]
                if told[0] != told[1]:
                    texts.setdefault(name, f"{name}, {_first(*told)}")
    if changed:
        worst = max(changed, key=changed.__getitem__)
        moving = f"{len(changed)} of {sizes[0][2]} frames differ, most of all frame {worst}: "
        many, largest, mean = changed[worst]
        how = f"{many} of {gap.size} pixels differ, largest {largest}, mean {mean:.1f}"
        yield "pixels", f"{moving if sizes[0][2] > 1 else ''}{how}"
    yield from (("text", how) for how in texts.values())


def _arrays(one: Path, two: Path, _: set[str]) -> Iterator[tuple[str, str]]:
    with np.load(one) as before, np.load(two) as after:
        shapes = [
            {name: (part[name].dtype.str, part[name].shape) for name in part} for part in (before, after)
        ]
        if shapes[0] != shapes[1]:
            yield "arrays", "their names, types and shapes are {} and {}".format(*shapes)
            return
        for name in before:
            a, b = before[name], after[name]
            differ = (a != b) & ((a == a) | (b == b))  # noqa: PLR0124 - NaN is not itself
            if differ.any():
                far = f", largest {np.abs(a - b)[differ].max():.3g}" if a.dtype.kind in "fiu" else ""
                yield "arrays", f"{name}, {differ.sum()} of {a.size} values differ{far}"


def _texts(one: Path, two: Path, versions: set[str]) -> Iterator[tuple[str, str]]:
    told = [_plain(path.read_bytes(), versions) for path in (one, two)]
    if told[0] != told[1]:
        yield one.suffix[1:] or one.name, _first(*told)


_DIGEST = re.compile(
    rb"\n *<dc:identifier>gradviz-sha256:\w+</dc:identifier>| /gradviz-sha256 <\w+>|"
    rb'<meta name="gradviz-sha256" content="\w+">\n'
)


def _plain(told: bytes, versions: set[str]) -> bytes:
    """Return a text; of two versions of gradviz, without these, and the digests of files that have them."""
    if len(versions) == 1:
        return told
    told = _DIGEST.sub(b"", told)
    names = "|".join(map(re.escape, versions)).encode()
    return re.sub(rb"(gradviz(?:\W|quot){1,16})(?:" + names + rb")|(# sum: )\w+", rb"\1\2", told)


def _first(one: bytes, two: bytes) -> str:
    """Tell where two texts begin to differ."""
    at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    shown = [repr(text[max(0, at - 20) : at + 30].decode(errors="replace")) for text in (one, two)]
    return f"line {one[:at].count(10) + 1}, byte {at + 1}: {' and '.join(shown)}"


def collect(reference: Side) -> tuple[list[Job], list[str]]:
    """Return what is run, the longest first, and the commands that are not."""
    jobs, within, left_out = [], {}, []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        page = read(str(path.relative_to(ROOT)))
        jobs.append(Job(path.stem, [command.line for command in page.commands], page.files))
        for line in _WITHIN.findall(_FENCED.sub("", page.text)):
            absent = {*_FILE.findall(line)} - {*page.files}
            if absent or any(word in NOT_RUN for word in shlex.split(line)):
                left_out.append(f"{path.stem}: {line}")
            else:
                within[line] = Job(path.stem, [line], page.files)
    sets = json.loads(_printed(reference, "gradviz presets --json"))["sets"]
    for name in (name for one in sets for name in one["figures"]):
        line, dashes, expression = _printed(reference, f"gradviz presets {name}").strip().partition(" -- ")
        line = f"{line} -o {name}.png{dashes}{expression}"
        within[line] = Job("presets", [line], {})
    within |= {line: Job("compare", [line], {}) for line in MORE.strip().splitlines()}
    seen = {line for job in jobs for line in job.lines}
    jobs.sort(key=lambda job: len(job.lines), reverse=True)
    return [*jobs, *(job for line, job in within.items() if line not in seen)], left_out


def _printed(side: Side, line: str) -> str:
    return (side.records(Job("presets", [line], {}), [0])[0] / "stdout").read_text(encoding="utf-8")


def main() -> int:
    """Run all commands with both interpreters, and tell what differs; return 1 if something does."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("reference", metavar="REFERENCE_PYTHON")
    add("other", metavar="OTHER_PYTHON", nargs="?", default=sys.executable, help="by default this one")
    add("--only", metavar="TEXT", action="append", help="commands with one of these in 'PAGE: COMMAND'")
    add("--jobs", metavar="N", type=int, default=2, help="how many run at a time, 2 by default")
    add("--keep", metavar="DIR", type=Path, help="put both files of each difference there")
    add("--reference-cache", metavar="DIR", type=Path, help="where to keep what the reference gives")
    add("--fresh", action="store_true", help="start a process for each command")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        return compare(asked, Path(name).resolve())


def compare(asked: argparse.Namespace, top: Path) -> int:
    """Do what was asked for, in a folder of our own."""
    began, store = time.monotonic(), (asked.reference_cache or top / "c").resolve()
    places = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    search = os.pathsep.join(str(Path(place).resolve()) for place in places if place)
    reference = Side(asked.reference, top / "a", store, "", fresh=asked.fresh)
    other = Side(asked.other, top / "b", top / "d", search, fresh=asked.fresh)
    print(f"reference: {reference.what}\nother:     {other.what}", flush=True)
    jobs, left_out = collect(reference)
    for old in asked.keep.glob("[0-9][0-9][0-9]-*") if asked.keep else ():
        old.unlink()

    def is_asked(name: str) -> bool:
        return any(text in name for text in asked.only or [""])

    def both(job: Job) -> list[tuple[str, Path, Path, list[tuple[str, str, str]]]]:
        names = {n: f"{job.where}: {' '.join(line.split())}" for n, line in enumerate(job.lines)}
        wanted = [n for n, name in names.items() if is_asked(name)]
        ones, twos = (side.records(job, wanted) for side in (reference, other))
        versions = {reference.version, other.version}
        return [(names[n], ones[n], twos[n], [*differences(ones[n], twos[n], versions)]) for n in wanted]

    run = differing = shown = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for name, one, two, found in (result for results in pool.map(both, jobs) for result in results):
            run, differing = run + 1, differing + bool(found)
            for sort, path, how in found:
                shown += 1
                file = "" if path == sort else f"{path.removeprefix('files/')}: "
                print(f"{sort:<8}{name}: {file}{how}{f' ({shown:03})' if asked.keep else ''}", flush=True)
                for side, record in (("reference", one), ("other", two)):
                    if asked.keep and (record / path).exists():
                        asked.keep.mkdir(parents=True, exist_ok=True)
                        kept = f"{shown:03}-{side}{Path(path).suffix or f'-{path}.txt'}"
                        shutil.copy(record / path, asked.keep / kept)
    print(*(f"not run: {name}\n" for name in left_out if is_asked(name)), sep="", end="")
    seconds = time.monotonic() - began
    print(f"{run} commands, {run - differing} equal, {differing} differing; {seconds:.0f} s")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
