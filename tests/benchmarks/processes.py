"""What whole processes cost beside those that one would write by hand.

Times are seconds of the processor, of user and system, unless they are said to be the clock's; the commands
of a comparison run in turn, and the medians are compared.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
GRADVIZ = (sys.executable, "-P", "-m", "gradviz")
BARE = (sys.executable, "-P", str(HERE / "bare_quiver.py"))
_RUNS = 9
_fresh = count()
Command = Callable[[], Sequence[str]]


def medians(*commands: Command, runs: int = _RUNS) -> list[float]:
    """Return for each command the median of its seconds; they run in turn, in an empty folder."""
    found: list[list[float]] = [[] for _ in commands]
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "GRADVIZ_CACHE_DIR": str(Path(folder, "cache"))}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for turn in range(runs + 1):
            for command, times in zip(commands, found, strict=True):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(command(), cwd=folder, env=environment, check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                if turn:  # the first one reads files from the disk
                    times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [statistics.median(times) for times in found]


def repeated() -> tuple[float, float]:
    """Return the seconds of a quiver whose expression was drawn before, and those of the script by hand."""
    quiver = [*GRADVIZ, "quiver", "x0*x1"]
    first, second = medians(lambda: quiver, lambda: BARE)
    return first, second


def new() -> tuple[float, float]:
    """Return the seconds of a quiver whose expression is new, and those of the script that imports SymPy."""
    first, second = medians(lambda: [*GRADVIZ, "quiver", f"x0*x1 + {next(_fresh)}"], lambda: (*BARE, "sympy"))
    return first, second


def helping() -> tuple[float, float]:
    """Return the seconds of `gradviz --help` and of `import numpy`."""
    first, second = medians(lambda: [*GRADVIZ, "--help"], lambda: [sys.executable, "-c", "import numpy"])
    return first, second


_LOOP = """
import sys
from gradviz.output.metadata import described_scene, encode
from gradviz.presets import load_presets
for name, spec in load_presets(["small.yaml"]).items():
    open(f"{name}.png", "wb").write(encode(described_scene(spec), spec, "png").content)
"""


def batch(figures: int = 200) -> tuple[float, float, float]:
    """Return the clock's seconds of a batch of small figures, of a plain loop, and of a second batch."""
    lines = [
        f"f{k}: {{kind: quiver, expression: 'x0*x1 + {k}*x0', samples: 9, size: [3, 2.5], dpi: 60}}"
        for k in range(figures)
    ]
    with TemporaryDirectory() as folder:
        Path(folder, "small.yaml").write_text("\n".join(lines))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

        def seconds(*command: str) -> float:
            begin = time.monotonic()
            subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
            return time.monotonic() - begin

        ours = seconds(*GRADVIZ, "batch", "small.yaml", "--out-dir", "out", "--redraw-all")
        loop = seconds(sys.executable, "-P", "-c", _LOOP)
        again = seconds(*GRADVIZ, "batch", "small.yaml", "--out-dir", "out")
    return ours, loop, again


def main() -> None:
    """Print each comparison."""
    for compared in (repeated, new, helping):
        ours, theirs = compared()
        sys.stdout.write(
            f"{compared.__name__}: {ours:.2f} s, by hand {theirs:.2f} s, ratio {ours / theirs:.2f}\n"
        )
    ours, loop, again = batch()
    sys.stdout.write(
        f"batch: {ours:.1f} s, loop {loop:.1f} s, ratio {ours / loop:.2f}; again {again:.2f} s\n"
    )


if __name__ == "__main__":
    main()
