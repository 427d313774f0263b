"""Exact gradients of published functions, against numerical derivatives of mpmath in 100 digits."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import mpmath
import numpy as np
import pytest

from gradviz.calculus import gradient
from gradviz.fields.field import field

CASES = [
    case
    for case in json.loads((Path(__file__).parents[1] / "data" / "functions.json").read_text("utf-8"))
    if case["smooth"]
]
NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)")
NAMES = {name: getattr(mpmath, name) for name in dir(mpmath) if not name.startswith("_")}
NAMES |= {"Abs": abs, "abs": abs, "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), "log": mpmath.log}


def slopes_of(text, variables, point):
    """Return the gradient in 50 digits: numbers are their doubles, pi is itself, and nothing is rounded."""
    code = NUMBER.sub(lambda match: f"mpf({float(match[0])!r})", text.replace("^", "**"))
    function = eval(f"lambda {', '.join(variables)}: {code}", NAMES)
    x = [mpmath.mpf(coordinate) for coordinate in point]

    def along(axis):
        return lambda t: function(*x[:axis], t, *x[axis + 1 :])

    return [mpmath.diff(along(axis), x[axis], h=mpmath.mpf(10) ** -60) for axis in range(len(x))]


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:40] for case in CASES])
def test_exact_gradients_are_correctly_rounded(case):
    """At all points where the function is smooth, each partial derivative is the double nearest to it."""
    points = np.array(case["points"], float)
    found = gradient(field(case["text"], variables=case["variables"]), method="exact", apart=True).estimate(
        points
    )
    with mpmath.workdps(180):
        for row in np.flatnonzero(found.reliable):
            true = slopes_of(case["text"], case["variables"], case["points"][row])
            for slope, oracle in zip(found.gradient[row].tolist(), true, strict=True):
                half = mpmath.mpf(math.ulp(slope)) / 2
                assert abs(slope - oracle) <= half * (1 + mpmath.mpf(10) ** -30) + mpmath.mpf(10) ** -55


@pytest.mark.parametrize(
    ("text", "x", "value", "slope"),
    [
        ("(1 - cos(x))/x**2", 1e-8, 0.5, -8.333333333333334e-10),
        ("(1 - cos(x))/x**2", 1e-160, 0.5, -8.333333333333334e-162),
        ("(exp(x) - 1 - x)/x**2", 1e-150, 0.5, 1 / 6),
        ("(tan(x) - sin(x))/x**3", 1e-15, 0.5, 2.5e-16),
        ("sqrt(x + 1) - sqrt(x)", 1e16, 5e-9, -2.5e-25),
        ("sqrt(x**2 + 1) - x", 1e8, 5e-9, -5e-17),
        ("log(1 + exp(x))/exp(x)", -700, 1.0, -4.929838271879885e-305),
        ("cbrt(x**3)", 1e-150, 1e-150, 1.0),
    ],
)
def test_values_and_slopes_are_right_however_much_cancels(text, x, value, slope):
    """Terms that vanish beside 1, also in more digits than a double has, count; limits are by hand."""
    found = gradient(field(text), method="exact").estimate([[x]])
    np.testing.assert_allclose(found.values, value, rtol=1e-15)
    np.testing.assert_allclose(found.gradient, slope, rtol=1e-15)
    assert not found.marks.any()
