"""How cost grows: figures of a batch, points of a gradient, variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import kernel
import numpy as np
import processes

import gradviz
from gradviz.arrays import Floats, mesh

_METHODS = ("central", "exact")
_POINTS = 100_000  # points at which variables are compared
_RUNS = 3


def figures(counts: Sequence[int]) -> Iterator[str]:
    """Yield a line of a table for each number of small figures in a batch: seconds by the clock."""
    for number in counts:
        new, unchanged = processes.batch(number, (), ())
        yield f"| {number:,} | {new:.2f} s | {new / number:.3f} s | {unchanged:.2f} s |"


def points(sides: Sequence[int]) -> Iterator[str]:
    """Yield a line of a table for each number of points: nanoseconds of the processor per point."""
    case = kernel.CASES["Himmelblau"]
    for side in sides:
        along = np.linspace(case.low, case.high, side)
        yield _row(f"{side:,} x {side:,}", case.expression, mesh(along, along))


def variables(numbers: Sequence[int]) -> Iterator[str]:
    """Yield a line for each number of variables of Rosenbrock's function: nanoseconds per point."""
    for number in numbers:
        terms = (f"100*(x{i + 1} - x{i}**2)**2 + (1 - x{i})**2" for i in range(number - 1))
        places = np.random.default_rng(0).uniform(-2, 2, (_POINTS, number))
        yield _row(str(number), " + ".join(terms), places)


def _row(name: str, expression: str, places: Floats) -> str:
    count = places.size // places.shape[-1]
    costs = (_seconds(expression, method, places) / count for method in _METHODS)
    return f"| {name} | {' | '.join(f'{1e9 * cost:.1f} ns' for cost in costs)} |"


def _seconds(expression: str, method: str, places: Floats) -> float:
    """Return the seconds of the processor of a gradient, the least of some runs."""
    gradient = gradviz.gradient(gradviz.field(expression), method=method)
    return min(kernel.seconds(lambda: gradient(places)) for _ in range(_RUNS))


FIGURES = """
## How cost grows

Small figures with new expressions in one batch, by the clock; at last a batch in which nothing changes.

| figures | batch | each | unchanged |
|---|---|---|---|
"""
POINTS = """
The gradient of Himmelblau's function, per point.

| points | central | exact |
|---|---|---|
"""
VARIABLES = f"""
The gradient of Rosenbrock's function at {_POINTS:,} points, per point.

| variables | central | exact |
|---|---|---|
"""
