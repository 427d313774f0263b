"""Adaptive differences of functions without a formula: their errors, zeros, plateaus and singular points."""

from __future__ import annotations

import json
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from gradviz import field, numerical_gradient
from gradviz.calculus import gradient
from gradviz.errors import RequestError

ADVERSARIAL = Path(__file__).parents[1] / "data" / "adversarial.jsonl"


def hidden(text, *variables):
    """Return a function of points that has no formula."""
    formula = field(text, variables=variables or ("x",))
    return formula.__call__


def estimate(text, x, method="adaptive"):
    """Return the estimate of a function of x without a formula, at a single point."""
    return gradient(hidden(text), method=method).estimate([x])


# Minima ----------------------------------------------------------------------------------------------------


def squares(rng, v, a, c):
    """Sum of squares."""
    return "+".join(f"{a[i]}*({v[i]}-({c[i]}))**2" for i in range(len(v)))


def cosines(rng, v, a, c):
    """Waves of any frequency."""
    waves = np.round(10 ** rng.uniform(0, 2, len(v)), 2)
    return "".join(f"-{a[i]}*cos({waves[i]}*({v[i]}-({c[i]})))" for i in range(len(v)))


def quartics(rng, v, a, c):
    """Flat minima, some with a square beside."""
    return "+".join(
        f"{a[i]}*({v[i]}-({c[i]}))**4 + {rng.integers(0, 2)}*({v[i]}-({c[i]}))**2" for i in range(len(v))
    )


def wells(rng, v, a, c):
    """Wells of any width in a plain, and logarithms of a sum of squares."""
    width = np.round(10 ** rng.uniform(-1, 1.5), 2)
    bowl = "+".join(f"({v[i]}-({c[i]}))**2" for i in range(len(v)))
    return f"-{a[0]}*exp(-({bowl})/{width})" if rng.random() < 0.6 else f"{a[0]}*log(1+({bowl})/{width})"


def valleys(rng, v, a, c):
    """Sums of squares of polynomials, such as Himmelblau's function."""
    after = [(i + 1) % len(v) for i in range(len(v))]
    return "+".join(
        f"{a[i]}*({v[i]}**2+{v[k]}-({c[i] ** 2 + c[k]}))**2"
        for i, k in zip(range(len(v)), after, strict=True)
    )


def minimum(seed):
    """Return a function with an exact minimum at a point, with its variables: the slopes are 0 on paper.

    Coordinates are multiples of 1/8, so that their squares are doubles, too. Factors and offsets leave more
    digits of the slope than rounding takes: (f(x + h) - f(x - h))/2h with h = 1e-4 has but twelve.
    """
    rng = np.random.default_rng(seed)
    variables = "xyzw"[: rng.integers(1, 5)]
    centre = np.round(rng.uniform(-5, 5, len(variables)) * 8) / 8 * rng.integers(0, 5).clip(0, 1)
    scale = rng.uniform(-3, 3)
    factors = [float(f"{10 ** (scale + power):.3g}") for power in rng.uniform(-1, 1, len(variables))]
    kind = (squares, cosines, quartics, wells, valleys)[seed % 5]
    offset = float(rng.choice([0, 0, 1, -7.25, 100])) * min(factors)
    return f"{kind(rng, variables, factors, centre)} + ({offset})", variables, centre


def check_minimum(seed, methods):
    """Assert that both the function and its formula have a slope of 0 within the error, and no mark."""
    text, variables, centre = minimum(seed)
    for method in methods:
        functions = [field(text, variables=list(variables))]
        functions += [hidden(text, *variables)] if method in ("adaptive", "central") else []
        for function in functions:
            found = gradient(function, method=method, apart=True).estimate(centre)
            assert not found.reasons()[0], (text, centre, method, found)
            assert (np.abs(found.gradient) <= found.error).all(), (text, centre, method, found)


def test_minima_have_no_slope_and_no_mark():
    """Sums of squares, waves, quartics, wells and valleys of 1 to 4 variables, with offsets."""
    for seed in range(200):
        check_minimum(seed, [("adaptive", "central", "exact", "complex")[seed // 5 % 4]])


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_many_minima_have_no_slope_and_no_mark(part):
    """2,000 of them, by all methods."""
    for seed in range(1000 + 250 * part, 1250 + 250 * part):
        check_minimum(seed, ("adaptive", "central", "exact", "complex"))


@pytest.mark.parametrize(
    ("text", "x"),
    [("cos(x)", 0), ("x**2+1", 0), ("exp(-x**2)", 0), ("(x**2-9)**2", 3), ("x**3", 0), ("x*abs(x)", 0)],
)
def test_a_slope_that_is_only_rounding_is_zero(text, x):
    """It is printed as 0, and not as 4e-22."""
    found = estimate(text, x)
    assert found.gradient.tolist() == [0]
    assert found.reasons() == [""]


# Rounding --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("much", [1e13, 1e15, 1e17, 1e20, 1e25])
def test_an_offset_that_hides_the_slope_is_noise(much):
    """A function that seems constant because of rounding has no slope of 0 without a mark."""
    assert estimate(f"{much} + x", 0).reasons() == ["noise"]


@pytest.mark.parametrize(
    ("text", "x"),
    [("7", 3), ("1e20", 0), ("floor(x)", 0.5), ("floor(x)", 1e-6), ("max(x,0)", -5), ("max(x,0)", -1e-9)],
)
def test_a_constant_is_no_noise(text, x):
    """A true constant or plateau has a slope of 0, also near its end."""
    found = estimate(text, x)
    assert found.gradient.tolist() == [0]
    assert found.reasons() == [""]


@pytest.mark.parametrize(
    ("text", "slope", "x"),
    [
        ("(1e9+x)**2 - 1e9**2", lambda x: 2 * (1e9 + x), 0.0),
        ("1e6 + sin(x)", math.cos, 0.5),
        ("log(1+exp(x))", lambda x: 1 / (1 + math.exp(-x)), -10.0),
        ("1 - tanh(x)", lambda x: -1 / math.cosh(x) ** 2, 5.0),
        ("cos(1e6*x)", lambda x: -1e6 * math.sin(1e6 * x), 2.0),
        ("sin(1e8*x)", lambda x: 1e8 * math.cos(1e8 * x), 0.3),
        ("cos(1e7*x)", lambda x: -1e7 * math.sin(1e7 * x), 2.0),
        ("x + sin(1e10*x)/1e10", lambda x: 1 + math.cos(1e10 * x), 0.1),
        ("sin(1e-8*x)", lambda x: 1e-8 * math.cos(1e-8 * x), 1e6),
        ("sin(x)", math.cos, 1e6),
    ],
)
def test_a_single_point_has_a_scale_of_its_own(text, slope, x):
    """Its slope is within the error, and right to five digits: the function decides the step, not |x|."""
    found = estimate(text, x)
    assert abs(found.gradient[0] - slope(x)) <= found.error[0] + 1e-14 * abs(slope(x))
    assert found.gradient[0] == pytest.approx(slope(x), rel=1e-5)


# Singular points ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "slope", "why"),
    [
        ("cbrt(x)", 0, np.inf, "vertical"),
        ("-cbrt(x - 1/3)", 1 / 3, -np.inf, "vertical"),
        ("sign(x)*sqrt(abs(x))", 0, np.inf, "vertical"),
        ("sqrt(abs(x))", 0, np.nan, "cusp"),
        ("3 - sqrt(abs(x - 0.1))", 0.1, np.nan, "cusp"),
        ("sqrt(max(x, 0))", 0, np.nan, "kink"),
        ("abs(x)", 0, 0, "kink"),
        ("floor(x)", 1, np.nan, "jump"),
        ("where(x > 0, x, x + 1e-9)", 0, np.nan, "jump"),
        ("1/x", 0, np.nan, "pole"),
        ("tan(x)", np.pi / 2, np.nan, "pole"),
        ("sqrt(x)", 0, np.nan, "edge"),
    ],
)
def test_differences_name_the_singularity(text, x, slope, why):
    """The growth of one-sided quotients tells vertical tangents from cusps, kinks, jumps and poles."""
    found = estimate(text, x)
    assert found.reasons() == [why]
    np.testing.assert_allclose(found.gradient, [slope], atol=1e-9)


# Adversarial points -----------------------------------------------------------------------------------------


def truth(left, right):
    """Return the slope that both sides have to 15 digits, 0 below 1e-150, or None."""
    if left is None or right is None or math.isinf(float(left)) or math.isinf(float(right)):
        return None
    left, right = (Fraction(side) if abs(float(side)) >= 1e-150 else Fraction(0) for side in (left, right))
    equal = abs(left - right) <= Fraction(1, 10**15) * max(abs(left), abs(right))
    return float(right) if equal else None


def judged(method):
    """Return how many adversarial points are silently wrong, falsely marked, or far off their error."""
    counts = Counter()
    for line in ADVERSARIAL.read_text("utf-8").splitlines():
        case = json.loads(line)
        function = hidden(case["expr"], *case["vars"])
        found = gradient(function, method=method, apart=True).estimate(np.array(case["points"], float))
        for row, sides in enumerate(zip(case["left"], case["right"], strict=True)):
            counts["points"] += 1
            slopes = [truth(*side) for side in zip(*sides, strict=True)]
            if case["f"][row] is None or math.isinf(float(case["f"][row])) or None in slopes:
                continue
            off = np.abs(found.gradient[row] - slopes)
            bound = found.error[row] + 1e-15 * np.abs(slopes) + 1e-150
            wrong = not (off <= 1e-6 * np.hypot.reduce(slopes) + 1e-150).all()
            reliable = bool(found.reliable[row])
            counts["silent"] += reliable and wrong and bool((off > bound).any())
            counts["false"] += not reliable and not wrong
            counts["small"] += reliable and bool((off > 30 * bound).any())
    return counts


@pytest.mark.parametrize("method", ["adaptive", "central"])
def test_errors_of_differences_hold_at_adversarial_points(method):
    """Nothing shows that (1e16+x)^2 - 1e16^2, which is rounded to a staircase, is no staircase."""
    counts = judged(method)
    assert counts["silent"] <= 0.005 * counts["points"]
    assert counts["small"] <= 0.006 * counts["points"]
    assert counts["false"] <= 0.01 * counts["points"]


# The book's form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "array",
    [[1 + 2j], np.array([(1, 2.0)], "i4,f8"), ["1", "2"], None, [None], np.ones(2, object), [[1], [2, 3]]],
)
def test_the_books_form_refuses_an_array_of_anything_but_real_numbers(array):
    """The message names the argument."""
    with pytest.raises(RequestError, match=r"^array: must .*got .*; "):
        numerical_gradient(lambda x: float(np.sum(x)), array)


@pytest.mark.parametrize("step", [0, -1, math.nan, math.inf, None, "1", True, 1j, 10**400, 1e-30, [1e-3]])
def test_the_books_form_refuses_a_step_that_is_none(step):
    """Positive, finite and long enough to change each element."""
    with pytest.raises(RequestError, match=r"^step: must .*got .*; "):
        numerical_gradient(lambda x: float(np.sum(x)), [1.0, 2.0], step)


@pytest.mark.parametrize("value", ["3", np.ones(1), True, np.bool_(1), 1j, None, [3], np.array("3"), 10**400])
def test_the_books_form_refuses_a_value_that_is_no_real_number(value):
    """Neither a text nor an array of one element is a number."""
    with pytest.raises(RequestError, match=r"^function: must return one real number, got .*; "):
        numerical_gradient(lambda _: value, [1.0, 2.0])


@pytest.mark.parametrize("convert", [int, float, np.float32, np.array, Fraction])
def test_the_books_form_takes_every_real_number(convert):
    """Also an array without axes, as a value and as the point."""
    assert numerical_gradient(lambda x: convert(int(x > 3)), np.array(3), 1) == 0.5
    assert numerical_gradient(lambda x: convert(3), 3) == 0


@pytest.mark.parametrize("points", [[1 + 2j], np.ones(2, object), ["a"], None])
@pytest.mark.parametrize("method", ["adaptive", "central"])
def test_a_gradient_refuses_points_of_anything_but_real_numbers(points, method):
    """The imaginary part is not dropped."""
    with pytest.raises(RequestError, match=r"^points: must be real numbers, got .*; "):
        gradient(lambda p: p[..., 0], method=method)(points)
