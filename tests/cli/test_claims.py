"""Wrong claims, some in small regions and at all scales, and right ones that cancel: verdicts of `check`."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.cli.analysis import checked
from gradviz.language.reading import read_claim
from gradviz.specs.steps import Steps

GRADIENTS = [
    ("x**2", "2*x"),
    ("x**3 - 2*x", "3*x**2 - 2"),
    ("sin(3*x)", "3*cos(3*x)"),
    ("exp(20*x)", "20*exp(20*x)"),
    ("x*exp(-x**2)", "(1 - 2*x**2)*exp(-x**2)"),
    ("log(3 + x)", "1/(3 + x)"),
    ("atan(50*x)", "50/(1 + 2500*x**2)"),
    ("sqrt(5 - x**2)", "-x/sqrt(5 - x**2)"),
    ("abs(x)*x", "2*abs(x)"),
    ("max(x, x**2)", "where(x > 0 and x < 1, 1, 2*x)"),
    ("floor(4*x)*x", "floor(4*x)"),
    ("(1 - cos(x))/x**2", "sin(x)/x**2 - 2*(1 - cos(x))/x**3"),
    ("(exp(x) - 1)/x", "exp(x)/x - (exp(x) - 1)/x**2"),
    ("x0**2 + 3*x1", "2*x0, 3"),
    ("x0*x1", "x1, x0"),
    ("sin(x0)*cosh(x1)", "cos(x0)*cosh(x1), sin(x0)*sinh(x1)"),
    ("exp(-x0**2 - x1**2)", "-2*x0*exp(-x0**2 - x1**2), -2*x1*exp(-x0**2 - x1**2)"),
    ("abs(x0 - x1) + x1", "sign(x0 - x1), 1 - sign(x0 - x1)"),
    ("x0*x1*x2 + x2**2", "x1*x2, x0*x2, x0*x1 + 2*x2"),
]
SCALES = ["1e-9", "1e-3", "1", "1e5", "1e12"]
OFFSETS = ["0", "1e6", "-1e15"]


def verdict(function, claim, interval="-2:2"):
    """Return the result of `check` for a function and a claim on a range."""
    spec = Steps(expression=function, range=interval)
    return checked(spec, read_claim(claim, spec.reading), None, None)[0]


def case(number):
    """Return a function, the parts of its gradient, its variables and a generator of random numbers."""
    function, claim = GRADIENTS[number % len(GRADIENTS)]
    random = np.random.default_rng(number)
    scale, offset = random.choice(SCALES), random.choice(OFFSETS)
    parts = (
        [f"{scale}*({part})" for part in claim.split(", ")] if "where" not in claim else [f"{scale}*{claim}"]
    )
    names = ["x"] if len(parts) == 1 else [f"x{axis}" for axis in range(len(parts))]
    return f"{scale}*({function}) + {offset}", parts, names, random


def spoiled(part, names, random):
    """Return an expression that is another one in a region of a hundredth of the range, or everywhere."""
    centre = {name: round(float(random.uniform(-1.9, 1.9)), 4) for name in names}
    box = " and ".join(f"abs({name} - ({place})) < 0.02" for name, place in centre.items())
    inside = " and ".join(f"{name} > {place} and {name} < {place} + 0.04" for name, place in centre.items())
    first, place = next(iter(centre.items()))
    ways = [
        f"where({box}, 1.01*({part}) + 1e-30, {part})",
        f"where({inside}, -1*({part}) + 1e-30, {part})",
        f"where({first} < {place}, 1.001*({part}), {part})",
        f"({part})*(1 + 1e-5)",
        f"({part})*(1 + 0.1*exp(-(({first} - ({place}))/0.02)**2))",
    ]
    return ways[int(random.integers(len(ways)))]


@pytest.mark.parametrize(
    "number", [*range(14), *(pytest.param(number, marks=pytest.mark.slow) for number in range(14, 200))]
)
def test_a_wrong_claim_is_never_accepted(number):
    """One partial derivative is wrong: somewhere, or everywhere by 1e-5."""
    function, parts, names, random = case(number)
    at = int(random.integers(len(parts)))
    if parts[at].endswith(("*(0)", "*(3)")):
        at = 0
    parts[at] = spoiled(parts[at], names, random)
    found = verdict(function, ", ".join(parts))
    assert not found.ok, (function, parts)


@pytest.mark.parametrize(
    "number", [*range(14), *(pytest.param(number, marks=pytest.mark.slow) for number in range(14, 200))]
)
def test_a_right_claim_is_never_called_wrong(number):
    """At all scales, on offsets that leave no digits of differences, and where the claim itself cancels."""
    function, parts, _, random = case(number)
    width = random.choice([2.0, 0.5, 0.01])
    found = verdict(function, ", ".join(parts), f"{-width}:{width}")
    assert found.ok, (function, parts, found)
