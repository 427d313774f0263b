"""How fast gradients are, beside the book's loop over points, and what a picture of many points costs.

Times are seconds of the processor, of one thread, the least of several runs; both sides of a ratio are
measured in turn, in one process. `bench.py` prints all of it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from processes import environment

import gradviz
from gradviz.arrays import mesh

_LOOPED = 2_000  # points, at most, that the loop is timed on
_LEAST_SECONDS = 0.02  # of one timing


class Case(NamedTuple):
    """A function as an expression, as anybody writes it by hand, and its usual range."""

    expression: str
    by_hand: Callable
    low: float
    high: float


CASES = {
    "ellipse": Case("x0**2/20 + x1**2", lambda x: x[0] ** 2 / 20 + x[1] ** 2, -10, 10),
    "Rosenbrock": Case(
        "100*(x1 - x0**2)**2 + (1 - x0)**2",
        lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2,
        -2, 2,
    ),
    "Himmelblau": Case(
        "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2",
        lambda x: (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2,
        -5, 5,
    ),
    "Beale": Case(
        "(1.5 - x0 + x0*x1)**2 + (2.25 - x0 + x0*x1**2)**2 + (2.625 - x0 + x0*x1**3)**2",
        lambda x: (
            (1.5 - x[0] + x[0] * x[1]) ** 2
            + (2.25 - x[0] + x[0] * x[1] ** 2) ** 2
            + (2.625 - x[0] + x[0] * x[1] ** 3) ** 2
        ),
        -4.5, 4.5,
    ),
    "peaks": Case(
        "3*(1 - x0)**2*exp(-x0**2 - (x1 + 1)**2) - 10*(x0/5 - x0**3 - x1**5)*exp(-x0**2 - x1**2)"
        " - exp(-(x0 + 1)**2 - x1**2)/3",
        lambda x: (
            3 * (1 - x[0]) ** 2 * np.exp(-(x[0] ** 2) - (x[1] + 1) ** 2)
            - 10 * (x[0] / 5 - x[0] ** 3 - x[1] ** 5) * np.exp(-(x[0] ** 2) - x[1] ** 2)
            - np.exp(-((x[0] + 1) ** 2) - x[1] ** 2) / 3
        ),
        -3, 3,
    ),
    "Rastrigin": Case(
        "20 + x0**2 - 10*cos(2*pi*x0) + x1**2 - 10*cos(2*pi*x1)",
        lambda x: (
            20
            + x[0] ** 2 - 10 * np.cos(2 * np.pi * x[0])
            + x[1] ** 2 - 10 * np.cos(2 * np.pi * x[1])
        ),
        -5.12, 5.12,
    ),
    "Ackley": Case(
        "-20*exp(-0.2*sqrt((x0**2 + x1**2)/2)) - exp((cos(2*pi*x0) + cos(2*pi*x1))/2) + e + 20",
        lambda x: (
            -20 * np.exp(-0.2 * np.sqrt((x[0] ** 2 + x[1] ** 2) / 2))
            - np.exp((np.cos(2 * np.pi * x[0]) + np.cos(2 * np.pi * x[1])) / 2)
            + np.e + 20
        ),
        -5, 5,
    ),
    "Bird": Case(
        "sin(x0)*exp((1 - cos(x1))**2) + cos(x1)*exp((1 - sin(x0))**2) + (x0 - x1)**2",
        lambda x: (
            np.sin(x[0]) * np.exp((1 - np.cos(x[1])) ** 2)
            + np.cos(x[1]) * np.exp((1 - np.sin(x[0])) ** 2)
            + (x[0] - x[1]) ** 2
        ),
        -6, 6,
    ),
}  # fmt: skip


def loop(function: Callable, points: np.ndarray) -> np.ndarray:
    """Return the gradients (N, 2) at points (N, 2) as the book takes them, one point after the other."""
    gradients = np.zeros_like(points)
    for number, point in enumerate(points):
        gradients[number] = _one(function, point)
    return gradients


def _one(function: Callable, x: np.ndarray) -> np.ndarray:
    h = 1e-4
    gradient = np.zeros_like(x)
    for element in range(x.size):
        value = x[element]
        x[element] = float(value) + h
        above = function(x)
        x[element] = value - h
        below = function(x)
        gradient[element] = (above - below) / (2 * h)
        x[element] = value
    return gradient


def ratios(n: int, method: str, *, rows: bool = False, runs: int = 9) -> dict[str, float]:
    """Return for each function how many times as long the loop takes as `gradviz.gradient`, at n x n points.

    These are a mesh (n, n, 2), or with `rows` the same points as rows (n*n, 2). The loop is timed on some
    2,000 of them, spread evenly over the mesh, and its time taken as much longer as there are more points.
    """
    found = {}
    for name, case in CASES.items():
        along = np.linspace(case.low, case.high, n)
        points = mesh(along, along)
        all_rows = points.reshape(-1, 2)
        some = all_rows[:: -(-len(all_rows) // _LOOPED)]
        points = all_rows if rows else points
        ours = gradviz.gradient(gradviz.field(case.expression), method=method)
        _check(ours(some), loop(case.by_hand, some))
        ours(points)
        times = [
            (seconds(lambda: loop(case.by_hand, some)), seconds(lambda: ours(points)))  # noqa: B023 - called here
            for _ in range(runs)
        ]
        looped, vectorised = map(min, zip(*times, strict=True))
        found[name] = looped * len(all_rows) / len(some) / vectorised
    return found


def central_ratio(n: int, *, rows: bool = False) -> float:
    """Return how many times as long the loop takes as central differences, the median over the functions."""
    return statistics.median(ratios(n, "central", rows=rows).values())


def exact_ratio(n: int) -> float:
    """Return how many times as long the loop takes as the exact gradient on a mesh, the median likewise."""
    return statistics.median(ratios(n, "exact").values())


def median_ratio(n: int, method: str, runs: int = 9) -> float:
    """Return the median of these ratios over all functions."""
    return statistics.median(ratios(n, method, runs=runs).values())


def central_memory(n: int, *, rows: bool = False) -> float:
    """Return the peak of memory of central differences at n x n points, in arrays of as many doubles.

    The two of the result count, the two of the points, which the caller holds, do not. The greatest of all
    functions.
    """
    most = 0.0
    for case in CASES.values():
        along = np.linspace(case.low, case.high, n)
        points = mesh(along, along)
        ours = gradviz.gradient(gradviz.field(case.expression), method="central")
        ours(points[:1, :2])
        tracemalloc.start()
        ours(points.reshape(-1, 2) if rows else points)
        most = max(most, tracemalloc.get_traced_memory()[1] / (8 * n * n))
        tracemalloc.stop()
    return most


class Cost(NamedTuple):
    """What a process took: bytes of memory at its peak, and seconds of the processor."""

    bytes: int
    seconds: float


def contour_costs(n: int, name: str = "Himmelblau") -> tuple[Cost, Cost]:
    """Return what `gradviz contour -n N` costs, and a script by hand that draws the same lines with NumPy.

    The processes start alike, import what they need and write a PNG; the expression was drawn before.
    """
    case = CASES[name]
    figure = gradviz.render(gradviz.Contour(expression=case.expression, range=(case.low, case.high)))
    levels = [float(level) for level in figure.axes[0].collections[0].levels]
    with tempfile.TemporaryDirectory() as folder:
        ends = f"{case.low}:{case.high}"
        target = str(Path(folder) / "contour.png")
        ours = ["-m", "gradviz", "contour", case.expression, "--range", ends, "-o", target, "-n"]
        text = case.expression.replace("exp", "np.exp").replace("cos", "np.cos").replace("sin", "np.sin")
        by_hand = _SCRIPT.format(low=case.low, high=case.high, n=n, levels=levels, target=target, f=text)
        _cost([*ours, "20"], folder)
        return _cost([*ours, str(n)], folder), _cost(["-c", by_hand], folder)


def contour_memory(n: int) -> float:
    """Return how much memory `gradviz contour -n N` takes at its peak, relative to the script by hand."""
    ours, by_hand = contour_costs(n)
    return ours.bytes / by_hand.bytes


_SCRIPT = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace({low}, {high}, {n})
x0, x1 = np.meshgrid(x, x)
f = {f}
figure, axes = plt.subplots(layout="compressed")
drawn = axes.contour(x0, x1, f, levels={levels})
figure.colorbar(drawn)
figure.savefig({target!r})
"""

# The memory of a process that a large one starts counts from that of the large one: this one is small.
_LAUNCHER = """
import json, os, sys
process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(process, 0)
print(json.dumps([status, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime]))
"""


def _cost(arguments: list[str], folder: str) -> Cost:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [sys.executable, "-S", "-c", _LAUNCHER, *arguments],
        env={**environment(folder), **threads}, cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    status, size, seconds = json.loads(done.stdout.splitlines()[-1])
    if status:
        raise RuntimeError(done.stderr)
    return Cost(size, seconds)


def seconds(call: Callable[[], object]) -> float:
    """Return the seconds of the processor of one call, repeated where it is short."""
    times, start = 0, time.process_time()
    while True:
        call()
        times, spent = times + 1, time.process_time() - start
        if spent >= _LEAST_SECONDS:
            return spent / times


def _check(found: np.ndarray, expected: np.ndarray) -> None:
    """Raise ValueError if the two do not compute the same."""
    if not np.allclose(found, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max()):
        raise ValueError("the loop by hand and gradviz differ")
