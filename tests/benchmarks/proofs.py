"""Proofs that critical points are complete: boxes and processor time for published functions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import gradviz
from gradviz.calculus import critical_points

_TANG = "(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y{rest})/2"
_LEVY = (
    "sin(pi*(1 + (x - 1)/4))**2 + ((x - 1)/4)**2*(1 + 10*sin(pi*(1 + (x - 1)/4) + 1)**2)"
    " + ((y - 1)/4)**2*(1 + sin(2*pi*(1 + (y - 1)/4))**2)"
)
_GOLDSTEIN_PRICE = (
    "(1 + (x + y + 1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
    "*(30 + (2*x - 3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))"
)
FUNCTIONS = {
    "Himmelblau": ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", [(-5, 5)] * 2),
    "six-hump camel": ("(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2", [(-3, 3), (-2, 2)]),
    "Rastrigin": ("20 + x**2 + y**2 - 10*cos(2*pi*x) - 10*cos(2*pi*y)", [(-2, 2)] * 2),
    "Branin": (
        "(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
        [(-5, 10), (0, 15)],
    ),
    "McCormick": ("sin(x + y) + (x - y)**2 - 1.5*x + 2.5*y + 1", [(-1.5, 4), (-3, 4)]),
    "Styblinski-Tang, 2 variables": (_TANG.format(rest=""), [(-5, 5)] * 2),
    "Styblinski-Tang, 3 variables": (_TANG.format(rest=" + z**4 - 16*z**2 + 5*z"), [(-5, 5)] * 3),
    "Styblinski-Tang, 4 variables": (
        _TANG.format(rest=" + z**4 - 16*z**2 + 5*z + w**4 - 16*w**2 + 5*w"),
        [(-5, 5)] * 4,
    ),
    "Levy": (_LEVY, [(-10, 10)] * 2),
    "Beale": (
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        [(-4.5, 4.5)] * 2,
    ),
    "Goldstein-Price": (_GOLDSTEIN_PRICE, [(-2, 2)] * 2),
    "Ackley": (
        "20 + e - 20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)",
        [(-2, 2)] * 2,
    ),
    "Drop-wave": ("-(1 + cos(12*sqrt(x**2 + y**2)))/((x**2 + y**2)/2 + 2)", [(-2, 2)] * 2),
}
"""Expressions with the ranges of their variables in alphabetical order."""


def rows(most: int) -> Iterator[str]:
    """Prove and yield a line of a table for the first functions: points, boxes, seconds of the processor."""
    for name, (expression, ranges) in islice(FUNCTIONS.items(), most):
        field = gradviz.field(expression)
        begin = time.process_time()
        critical_points(field, ranges)
        searched = time.process_time() - begin
        found = critical_points(field, ranges, certify=True)
        proven = time.process_time() - begin - 2 * searched
        assert found.proof is not None
        state = "complete" if found.proof.complete else f"{len(found.proof.open)} open"
        over = " x ".join(dict.fromkeys(f"{low:g}:{high:g}" for low, high in ranges))
        count = f"{len(found.points)} | {found.proof.boxes:,} | {state}"
        yield f"| {name}, {over} | {count} | {searched:.2f} s | {proven:.2f} s |"


HEAD = """
## Proofs

Critical points by the search, and the proof that they are all (`critical --certify`, at most 10 s).

| function | points | boxes | proof | search | proof takes |
|---|---|---|---|---|---|
"""
