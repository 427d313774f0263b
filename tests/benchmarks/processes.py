"""What whole processes cost beside those that one would write by hand.

Times are seconds of the processor, of user and system, unless they are said to be the clock's; the commands
of a comparison run in turn, and the medians are compared.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
PYTHON = (sys.executable, "-P")
GRADVIZ = (*PYTHON, "-m", "gradviz")
COMMANDS: Mapping[str, Sequence[str]] = {
    "quiver": ("quiver", "x0*x1"),
    "contour": ("contour", "x0**2/20 + x1**2"),
    "stream": ("stream", "x0*x1"),
    "tangent": ("tangent", "0.01*x**2 + 0.1*x", "--at", "5", "--at", "10"),
    "descent": ("descent", "x0**2/20 + x1**2", "--start=-7,2", "--optimizer", "sgd,learning_rate=0.95"),
    "surface": ("surface", "x0**2 + x1**2"),
    "wireframe": ("surface", "x0**2 + x1**2", "--plot", "wireframe"),
}
"""The pictures that are drawn by hand, too, by name."""
BOXES = ("surface", "wireframe")  # the pictures in three dimensions
_fresh = count()
Command = Callable[[], Sequence[str]]
Pair = tuple[float, float]


def by_hand(name: str, *arguments: str) -> Sequence[str]:
    """Return the command of the script that draws a picture with Matplotlib alone."""
    script = ("bare_quiver.py",) if name == "quiver" else ("bare.py", name)
    return (*PYTHON, str(HERE / script[0]), *script[1:], *arguments)


def environment(folder: str) -> dict[str, str]:
    """Return the environment of processes that have a cache of their own in a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "GRADVIZ_CACHE_DIR": str(Path(folder, "cache"))}


def medians(*commands: Command, runs: int) -> list[float]:
    """Return for each command the median of its seconds; they run in turn, in an empty folder."""
    found: list[list[float]] = [[] for _ in commands]
    with TemporaryDirectory() as folder:
        for turn in range(runs + 1):
            for command, times in zip(commands, found, strict=True):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                _run(command(), folder)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                if turn:  # the first one reads files from the disk
                    times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return [statistics.median(times) for times in found]


def _pair(ours: Sequence[str], theirs: Sequence[str], runs: int) -> Pair:
    first, second = medians(lambda: ours, lambda: theirs, runs=runs)
    return first, second


def _run(command: Sequence[str], folder: str) -> bytes:
    return subprocess.run(
        command, cwd=folder, env=environment(folder), check=True, stdout=subprocess.PIPE
    ).stdout


# Commands -------------------------------------------------------------------------------------------------


def repeated(name: str, runs: int) -> Pair:
    """Return the seconds of a picture whose expression was drawn before, and those of the script by hand."""
    return _pair([*GRADVIZ, *COMMANDS[name]], by_hand(name), runs)


def new(runs: int) -> Pair:
    """Return the seconds of a quiver whose expression is new, and those of the script that imports SymPy."""
    script = by_hand("quiver", "sympy")
    first, second = medians(
        lambda: [*GRADVIZ, "quiver", f"x0*x1 + {next(_fresh)}"], lambda: script, runs=runs
    )
    return first, second


def helping(command: Sequence[str], runs: int) -> Pair:
    """Return the seconds of the help of the program or a command, and those of `import numpy`."""
    return _pair([*GRADVIZ, *command, "--help"], [*PYTHON, "-c", "import numpy"], runs)


_DERIVATIVE = """
import numpy as np
x0, x1 = np.array([3.0, 4.0])
print(x0**2 + 3*x1, np.array([2*x0, 3.0]))
"""


def numbers(runs: int) -> Pair:
    """Return the seconds of `grad` of a known formula, and those of a script with the derivative."""
    return _pair([*GRADVIZ, "grad", "x0**2 + 3*x1", "--at", "3,4"], [*PYTHON, "-c", _DERIVATIVE], runs)


# Other programs -------------------------------------------------------------------------------------------

_PEER = """
import matplotlib
matplotlib.use("Agg")
from sympy import symbols
from sympy.plotting import {call}
x0, x1 = symbols("x0 x1", real=True)
{call}({expression}, (x0, -3, 3), (x1, -3, 3), n={samples}, show=False).save("peer.png")
"""
_CALLS = {"contour": ("plot_contour", 201), "surface": ("plot3d", 81)}
PEERS = tuple(_CALLS)


def peer(name: str, runs: int) -> Pair | None:
    """Return the seconds of a new picture and of the same by SymPy's plotting; None if that is missing."""
    if find_spec("sympy.plotting") is None:
        return None
    kind, expression = COMMANDS[name]
    call, samples = _CALLS[name]
    script = _PEER.format(call=call, expression=expression, samples=samples)
    first, second = medians(
        lambda: [*GRADVIZ, kind, f"{expression} + {next(_fresh)}"],
        lambda: [*PYTHON, "-c", script],
        runs=runs,
    )
    return first, second


# One process with many figures ----------------------------------------------------------------------------


def warm(runs: int) -> dict[str, Pair]:
    """Return for each picture the seconds of drawing it again in one process, and of drawing it by hand."""
    with TemporaryDirectory() as folder:
        for name, command in COMMANDS.items():
            _run([*GRADVIZ, *command, "-o", f"{name}.png"], folder)
        found = json.loads(_run([sys.executable, str(HERE / "warm.py"), str(runs)], folder))
    return {name: (ours, theirs) for name, (ours, theirs) in found.items()}


def batch(figures: int, *turns: Sequence[str]) -> list[float]:
    """Return the clock's seconds of a batch of small figures, run again and again with further arguments."""
    lines = [
        f"f{k}: {{kind: quiver, expression: 'x0*x1 + {k}*x0', samples: 9, size: [3, 2.5], dpi: 60}}"
        for k in range(figures)
    ]
    with TemporaryDirectory() as folder:
        Path(folder, "small.yaml").write_text("\n".join(lines))
        command = (*GRADVIZ, "batch", "small.yaml", "--out-dir", "out", "--quiet")
        return [_clock((*command, *arguments), folder) for arguments in turns]


def loop(figures: int) -> float:
    """Return the clock's seconds of a script that draws the same figures one after the other."""
    with TemporaryDirectory() as folder:
        return _clock((*PYTHON, str(HERE / "bare.py"), "loop", str(figures)), folder)


def _clock(command: Sequence[str], folder: str) -> float:
    begin = time.monotonic()
    _run(command, folder)
    return time.monotonic() - begin
