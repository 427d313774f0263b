"""Critical points: where they are, and of what kind."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import mpmath
import numpy as np
import pytest

import gradviz
from gradviz.calculus import newton
from gradviz.calculus.cells import sample
from gradviz.calculus.classification import Findings
from gradviz.calculus.critical import critical_points
from gradviz.calculus.points import CriticalPoint, CriticalPoints
from gradviz.fields.precise import PreciseExpression
from gradviz.limits import CRITICAL_POINTS

HIMMELBLAU = "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2"
CAMEL = "(4 - 2.1*x0**2 + x0**4/3)*x0**2 + x0*x1 + (-4 + 4*x1**2)*x1**2"
RASTRIGIN = "20 + x0**2 - 10*cos(2*pi*x0) + x1**2 - 10*cos(2*pi*x1)"
ROSENBROCK = "(1 - x0)**2 + 100*(x1 - x0**2)**2"
BEALE = "(1.5 - x0 + x0*x1)**2 + (2.25 - x0 + x0*x1**2)**2 + (2.625 - x0 + x0*x1**3)**2"
GOLDSTEIN_PRICE = (
    "(1 + (x0 + x1 + 1)**2*(19 - 14*x0 + 3*x0**2 - 14*x1 + 6*x0*x1 + 3*x1**2))"
    "*(30 + (2*x0 - 3*x1)**2*(18 - 32*x0 + 12*x0**2 + 48*x1 - 36*x0*x1 + 27*x1**2))"
)
MCCORMICK = "sin(x0 + x1) + (x0 - x1)**2 - 1.5*x0 + 2.5*x1 + 1"
PEAKS = (
    "3*(1 - x0)**2*exp(-x0**2 - (x1 + 1)**2) - 10*(x0/5 - x0**3 - x1**5)*exp(-x0**2 - x1**2)"
    " - 1/3*exp(-(x0 + 1)**2 - x1**2)"
)

SQUARE = (-3, 3)
# The expression, the ranges, and how many minima, maxima, saddles and degenerate points there are.
TABLE = {
    "Himmelblau": (HIMMELBLAU, [(-5, 5)] * 2, (4, 1, 4, 0)),
    "camel": (CAMEL, [(-2, 2), (-1.5, 1.5)], (6, 2, 7, 0)),
    "camel, wider": (CAMEL, [(-3, 3), (-2, 2)], (6, 2, 7, 0)),
    "Rosenbrock": (ROSENBROCK, [SQUARE] * 2, (1, 0, 0, 0)),
    "Rosenbrock, steep": ("(1 - x0)**2 + 1e6*(x1 - x0**2)**2", [SQUARE] * 2, (1, 0, 0, 0)),
    "Goldstein-Price": (GOLDSTEIN_PRICE, [(-2, 2)] * 2, (4, 1, 4, 0)),
    "McCormick": (MCCORMICK, [(-1.5, 4), (-3, 4)], (2, 0, 1, 0)),
    "peaks": (PEAKS, [SQUARE] * 2, (3, 3, 3, 0)),
    "saddle": ("x0*x1", [SQUARE] * 2, (0, 0, 1, 0)),
    "waves": ("sin(x0)*cos(x1)", [SQUARE] * 2, (1, 1, 2, 0)),
    "monkey saddle": ("x0**3 - 3*x0*x1**2", [SQUARE] * 2, (0, 0, 0, 1)),
    "quartic": ("x0**4 + x1**4", [SQUARE] * 2, (0, 0, 0, 1)),
    "hill": ("exp(-x0**2 - x1**2)", [(-10, 10)] * 2, (0, 1, 0, 0)),
    "hill, far away": ("exp(-x0**2 - x1**2)", [(-60, 60)] * 2, (0, 1, 0, 0)),
    "long and short": ("x0**2 + 1e6*x1**2", [(-1000, 1000), (-0.001, 0.001)], (1, 0, 0, 0)),
    "nearly level": ("x0**2 + 1e-8*x1**2", [SQUARE] * 2, (1, 0, 0, 0)),
    "one variable": ("x**3 - 3*x", [SQUARE], (1, 1, 0, 0)),
    "close together": ("x**3 - 1e-6*x", [SQUARE], (1, 1, 0, 0)),
    "turning point": ("(x - 0.1234)**3", [SQUARE], (0, 0, 0, 1)),
    "multiplied out": ("x**4 - 4*x**3 + 6*x**2 - 4*x + 1", [SQUARE], (0, 0, 0, 1)),
    "high power": ("x**10", [SQUARE], (0, 0, 0, 1)),
    "edge of the domain": ("x*log(x)", [SQUARE], (1, 0, 0, 0)),
    "smooth abs": ("abs(x0)*x0", [SQUARE], (0, 0, 0, 1)),
    "four wells": ("+".join(f"(x{k}**2 - 1)**2" for k in range(4)), [(-2, 2)] * 4, (16, 1, 64, 0)),
    "six variables": ("+".join(f"(x{k} - 0.{k})**2" for k in range(6)), [(-2, 2)] * 6, (1, 0, 0, 0)),
    # none at all: slopes without a zero, poles, tails
    "exponential": ("exp(x0)", [SQUARE], (0, 0, 0, 0)),
    "plane": ("x0 + x1", [SQUARE] * 2, (0, 0, 0, 0)),
    "pole": ("1/(x0**2 + x1**2)", [SQUARE] * 2, (0, 0, 0, 0)),
    "logarithm": ("log(x0*x1)", [SQUARE] * 2, (0, 0, 0, 0)),
    "tangent": ("tan(x0)", [(-5, 5)], (0, 0, 0, 0)),
    "tail": ("exp(x0) + x1**2", [(-50, 50)] * 2, (0, 0, 0, 0)),
    "tail by rounding": ("softplus(x) - x", [(-50, 50)], (0, 0, 0, 0)),
    "cone": ("sqrt(x0**2 + x1**2)", [SQUARE] * 2, (0, 0, 0, 0)),
    "roof": ("abs(x0) + abs(x1)", [SQUARE] * 2, (0, 0, 0, 0)),
    "roof and bowl": ("abs(x0) + 1000*x1**2", [SQUARE] * 2, (0, 0, 0, 0)),
    "stairs": ("floor(x0) + x0**2", [SQUARE], (0, 0, 0, 0)),
    "undefined": ("log(-1 - x0**2)", [SQUARE], (0, 0, 0, 0)),
}  # fmt: skip
every_function = pytest.mark.parametrize(("expression", "ranges", "counts"), TABLE.values(), ids=TABLE)


def found(expression: str, ranges, **how) -> CriticalPoints:
    return critical_points(gradviz.field(expression, **how), ranges)


def counts_of(points) -> tuple[int, ...]:
    kinds = Counter(point.kind for point in points)
    return tuple(kinds[kind] for kind in ("minimum", "maximum", "saddle", "degenerate"))


def of_kind(result: CriticalPoints, kind: str) -> list[tuple[float, ...]]:
    return [point.at for point in result.points if point.kind == kind]


def difference(f, at, axis, length):
    """Return the slope along an axis by differences, as a change over the length of the range."""
    step = np.zeros(len(at))
    step[axis] = 1e-6 * length
    return float(f(np.add(at, step)) - f(np.subtract(at, step))) / 2e-6


# How many, and where --------------------------------------------------------------------------------------


@every_function
def test_all_critical_points_are_found_and_no_other(expression, ranges, counts, within):
    """The counts of minima, maxima, saddles and degenerate points are those of literature or algebra."""
    field = gradviz.field(expression)
    with within(2):  # seconds, on a slow and busy machine
        result = critical_points(field, ranges)
    assert counts_of(result.points) == counts, result


@every_function
def test_what_is_found_bears_out_by_values_alone(expression, ranges, counts):
    """Inside the range the slopes by differences are nothing, and the values near by are as the kind says."""
    f = gradviz.field(expression)
    lengths = np.array([high - low for low, high in ranges])
    spread = np.random.default_rng(0).normal(size=(2000, len(ranges)))
    around = spread / np.linalg.norm(spread, axis=1)[:, None] * lengths
    for point in found(expression, ranges).points:
        assert all(low <= x <= high for x, (low, high) in zip(point.at, ranges, strict=True))
        size = np.nanmax(np.abs(f(np.add(point.at, 0.1 * around)) - point.value))
        assert abs(point.value - f(point.at)) <= 1e-14 * (size + abs(point.value))
        for axis, length in enumerate(lengths):
            assert abs(difference(f, point.at, axis, length)) < 1e-3 * size + 1e-9 * abs(point.value)
        changes = f(np.add(point.at, 2e-4 * around)) - point.value
        if point.kind == "minimum":
            assert (changes > 0).all()
        elif point.kind == "maximum":
            assert (changes < 0).all()
        elif point.kind == "saddle":
            assert changes.min() < 0 < changes.max()


# Himmelblau 1972; Beale 1958, whose second saddle is the root of both partial derivatives by 50-digit
# arithmetic; Goldstein and Price 1971; McCormick 1976; Dixon and Szego 1978 (the camel).
KNOWN = [
    (HIMMELBLAU, (-5, 5), "minimum",
     [(-3.779310, -3.283186), (-2.805118, 3.131313), (3, 2), (3.584428, -1.848127)]),
    (HIMMELBLAU, (-5, 5), "maximum", [(-0.270845, -0.923039)]),
    (HIMMELBLAU, (-5, 5), "saddle",
     [(-3.073026, -0.081353), (-0.127961, -1.953715), (0.086678, 2.884255), (3.385154, 0.073852)]),
    (BEALE, (-4.5, 4.5), "minimum", [(3, 0.5)]),
    (BEALE, (-4.5, 4.5), "saddle", [(0, 1), (0.100538, -2.644514)]),
    (GOLDSTEIN_PRICE, (-2, 2), "minimum", [(-0.6, -0.4), (0, -1), (1.2, 0.8), (1.8, 0.2)]),
    (ROSENBROCK, (-3, 3), "minimum", [(1, 1)]),
    ("x0**2 + 3*x1**2 - x0 - 3*x1", (-3, 3), "minimum", [(0.5, 0.5)]),
    ("sin(x0)*cos(x1)", (-3, 3), "maximum", [(math.pi / 2, 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "interval", "kind", "places"), KNOWN)
def test_known_points_are_where_they_are_known_to_be(expression, interval, kind, places):
    """Coordinates agree with published ones to their last digit, in ascending order."""
    result = of_kind(found(expression, [interval] * 2), kind)
    assert len(result) == len(places)
    np.testing.assert_allclose(result, places, atol=6e-7)


def test_points_are_exact_but_for_rounding():
    """The minima of McCormick's function and of x log x are known in closed form, to the last digits."""
    ((x0, x1),) = of_kind(found(MCCORMICK, [(-1.5, 0), (-3, 0)]), "minimum")
    assert x0 == pytest.approx(-math.pi / 3 + 0.5, rel=4e-16)
    assert x1 == pytest.approx(-math.pi / 3 - 0.5, rel=4e-16)
    ((x,),) = of_kind(found("x*log(x)", [SQUARE]), "minimum")
    assert x == pytest.approx(1 / math.e, rel=4e-16)


@pytest.mark.parametrize("end", [2.0, 5.12])
def test_a_function_of_many_waves_is_searched_whole(end):
    """Rastrigin's function is a sum of one in each variable, so its points are the pairs of their roots."""

    def slope(x):
        return 2 * x + 20 * math.pi * math.sin(2 * math.pi * x)

    nodes = [-end + 2 * end * k / 9_999 for k in range(10_000)]  # an even number: 0 is no node
    roots = [bisected(slope, a, b) for a, b in itertools.pairwise(nodes) if slope(a) * slope(b) < 0]
    bowls = sum(2 + 40 * math.pi**2 * math.cos(2 * math.pi * x) > 0 for x in roots)
    tops = len(roots) - bowls
    result = found(RASTRIGIN, [(-end, end)] * 2).points
    assert counts_of(result) == (bowls**2, tops**2, 2 * bowls * tops, 0)
    pairs = sorted((round(a, 6), round(b, 6)) for a in roots for b in roots)
    places = sorted((round(a, 6), round(b, 6)) for a, b in (point.at for point in result))
    np.testing.assert_allclose(places, pairs, atol=2e-6)


def bisected(function, low, high):
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if function(low) * function(middle) <= 0 else (middle, high)
    return (low + high) / 2


def test_coordinates_are_in_the_order_of_the_variables():
    """With --vars the first coordinate is that of the first variable, and so is the first range."""
    f = "(x0 - 1)**2 + 3*(x1 - 2)**2"
    assert of_kind(found(f, [(0, 3), (1, 4)]), "minimum") == [(1, 2)]
    assert of_kind(found(f, [(1, 4), (0, 3)], variables=["x1", "x0"]), "minimum") == [(2, 1)]
    assert found(f, [(0, 3), (3, 4)]).points == ()


def test_the_ends_of_the_range_belong_to_it():
    """A point on an end counts, even if rounding has put the end beside it."""
    assert of_kind(found("x0*x1", [(0, 1), (-1, 0)]), "saddle") == [(0, 0)]
    assert of_kind(found("sin(x)", [(0, math.pi / 2)]), "maximum") == [(math.pi / 2,)]
    assert found("sin(x)", [(0, 1.57)]).points == ()


# What they are --------------------------------------------------------------------------------------------


def test_eigenvalues_are_those_of_the_hessian_in_ascending_order():
    """The Hessian of 3 x0^2 - 2 x0 x1 + 3 x1^2 is [[6, -2], [-2, 6]], with the eigenvalues 4 and 8."""
    (point,) = found("3*x0**2 - 2*x0*x1 + 3*x1**2", [(-1, 3), (-5, 2)]).points
    assert point == CriticalPoint((0.0, 0.0), 0.0, "minimum", (pytest.approx(4), pytest.approx(8)))
    (point,) = found("2*x0**2 - 5*x1**2 + 7", [(-1, 3), (-5, 2)]).points
    assert point == CriticalPoint((0.0, 0.0), 7.0, "saddle", (-10.0, 4.0))


def test_points_are_sorted_by_kind_and_then_by_coordinates():
    """Minima come first, then maxima, saddles and degenerate points, and so from each call again."""
    expression = "x0**5/5 - x0**3 + x0**2 + x1**3/3 - x1"  # slopes (x0 + 2) x0 (x0 - 1)^2 and x1^2 - 1
    result = found(expression, [SQUARE] * 2)
    assert [(point.kind, *(round(x, 6) + 0 for x in point.at)) for point in result.points] == [
        ("minimum", 0, 1), ("maximum", -2, -1), ("saddle", -2, 1), ("saddle", 0, -1),
        ("degenerate", 1, -1), ("degenerate", 1, 1),
    ]  # fmt: skip
    assert found(expression, [SQUARE] * 2) == result
    assert result.summary == "critical points: 1 minimum, 1 maximum, 2 saddles, 2 degenerate points"
    assert found("x", [SQUARE]).summary == "critical points: none found"


LINES = {
    "(x0 + x1)**2": (lambda x0, x1: x0 + x1, 0),
    "x0**2": (lambda x0, _: x0, 0),
    "(x0**2 + x1**2 - 1)**2": (lambda x0, x1: x0**2 + x1**2 - 1, 1),
    "((x0 + x1)/2 - sqrt(x0*x1))**2": (lambda x0, x1: x0 - x1, 0),  # of the fourth order across
    "x0**2*x1**2": (lambda x0, x1: x0 * x1, 0),
    "sin(sqrt(x0**2 + x1**2))": (lambda x0, x1: math.hypot(x0, x1) - math.pi / 2, 0),
}


@pytest.mark.parametrize("expression", LINES)
def test_of_a_line_of_critical_points_some_are_given_and_that_is_said(expression):
    """The points that stand for a line lie on it and apart from each other; a note says there are more."""
    on_line, maxima = LINES[expression]
    result = found(expression, [SQUARE] * 2, variables=["x0", "x1"])
    degenerate = of_kind(result, "degenerate")
    assert counts_of(result.points) == (0, maxima, 0, len(degenerate))
    assert 4 <= len(degenerate) <= 12
    assert any("whole lines" in note and str(len(degenerate)) in note for note in result.notes)
    assert all(abs(on_line(*at)) < 1e-6 for at in degenerate)
    assert all(math.dist(a, b) > 0.5 for a in degenerate for b in degenerate if a != b)
    assert max(math.dist(a, b) for a in degenerate for b in degenerate) > 1.9


def test_a_plane_of_critical_points_is_a_few_of_them():
    """Of a plane in space, too, some points are given."""
    result = found("(x0 + 2*x1 + x2)**2", [SQUARE] * 3)
    places = of_kind(result, "degenerate")
    assert len(result.points) == len(places) <= 12
    assert all(abs(x0 + 2 * x1 + x2) < 1e-6 for x0, x1, x2 in places)


@pytest.mark.parametrize(
    ("expression", "ranges", "word"),
    [
        ("5", [], "constant"),
        ("sin(x)**2 + cos(x)**2", [SQUARE], "constant"),
        ("floor(x)", [SQUARE], "constant"),
        ("relu(x)", [SQUARE], "flat"),
        ("exp(-x0**2 - x1**2)", [(-60, 60)] * 2, "flat"),
        ("abs(x0) + abs(x1)", [SQUARE] * 2, "kink"),
        ("floor(x) + x**2", [SQUARE], "jump"),
        ("log(-1 - x**2)", [SQUARE], "no gradient"),
        ("sin(sqrt(x0**2 + x1**2))/sqrt(x0**2 + x1**2)", [SQUARE] * 2, "undefined"),
        ("sin(1/x)", [(-1, 1)], "missing"),
        ("sin(x0)*sin(x1)*sin(x2)*sin(x3)*sin(x4)", [SQUARE] * 5, "missing"),
        ("sin(50*x0)*cos(50*x1)", [SQUARE] * 2, "narrow the range"),
    ],
)  # fmt: skip
def test_what_the_points_do_not_tell_is_said(expression, ranges, word):
    """A note says why there is no point, or not every one."""
    result = found(expression, ranges)
    assert any(word in note for note in result.notes), result.notes
    assert len(result.points) <= CRITICAL_POINTS


@pytest.mark.parametrize(
    "name", ["Himmelblau", "camel", "Rosenbrock", "peaks", "one variable", "four wells", "hill", "saddle"]
)
def test_without_second_derivatives_the_search_finds_the_same(name, monkeypatch):
    """Where a formula is too large to be differentiated twice, differences of its gradient do."""
    expression, ranges, counts = TABLE[name]
    exact = found(expression, ranges)
    monkeypatch.setattr(newton, "HESSIAN_OPERATIONS", 0)
    f = gradviz.field(expression)
    monkeypatch.setattr(f, "hessian", None)
    result = critical_points(f, ranges)
    assert counts_of(result.points) == counts
    for one, other in zip(result.points, exact.points, strict=True):
        np.testing.assert_allclose(one.at, other.at, atol=1e-7)
        np.testing.assert_allclose(
            one.eigenvalues, other.eigenvalues, atol=1e-6 * max(map(abs, other.eigenvalues))
        )


def test_a_very_large_formula_does_not_keep_one_waiting(within):
    """The work of a search is bounded: with 12 variables in 432 terms it ends, and says it is not whole."""
    terms = [f"sin(x{a}*x{b}*x{c})" for a in range(12) for b in range(12) for c in range(3)]
    f = gradviz.field("+".join(terms))
    assert f.operations > 2000
    with within(10):
        result = critical_points(f, [SQUARE] * 12)
    assert any("missing" in note for note in result.notes)


# What is none ---------------------------------------------------------------------------------------------

WITHOUT = [
    ("exp(x)/(1 + exp(x))", (-60, 60)),
    ("(exp(2*x) - 1)/(exp(2*x) + 1)", (-100, 100)),
    ("sigmoid(x)", (-60, 60)),
    ("tanh(x)", (-60, 60)),
    ("1/(1 + exp(-5*x))", (-60, 60)),
    ("erf(x)", (-60, 60)),
    ("atan(1e9*x)", (-60, 60)),
    ("log(1 + exp(x))", (-60, 60)),
    ("1/(1 + exp(-x0 - 2*x1))", (-60, 60)),
    ("exp(x0 + x1)/(1 + exp(x0 + x1))", (-60, 60)),
    ("exp(-1/x**2)", (-3, 3)),
]


@pytest.mark.parametrize(("expression", "interval"), WITHOUT)
def test_a_tail_has_no_critical_point(expression, interval):
    """A slope that is positive everywhere is not 0 where it underflows, nor where its terms cancel."""
    f = gradviz.field(expression)
    assert critical_points(f, [interval] * len(f.variables)).points == ()


def test_tails_leave_the_points_beside_them():
    """The function x exp(-x^2) has a minimum at -1/sqrt(2), a maximum at 1/sqrt(2), and two tails."""
    low, high = found("x*exp(-x**2)", [(-60, 60)]).points
    with mpmath.workdps(40):
        root, value, curvature = (
            mpmath.sqrt(0.5),
            mpmath.exp(-0.5) / mpmath.sqrt(2),
            mpmath.sqrt(8 / mpmath.e),
        )
    assert low == CriticalPoint((-float(root),), -float(value), "minimum", (pytest.approx(float(curvature)),))
    assert high.at == (float(root),)


# Where and what, to the last digit ------------------------------------------------------------------------

EXACT = [
    ("sqrt(x**2 + 1e-12)", [SQUARE], ((0,), 1e-6, (1e6,))),
    ("sqrt(x**2 + 1e-24)", [SQUARE], ((0,), 1e-12, (1e12,))),
    ("x**2 + 1e-30", [SQUARE], ((0,), 1e-30, (2,))),
    ("(x - 1e-38)**2", [SQUARE], ((1e-38,), 0, (2,))),
    ("cos(sqrt(x0**2 + x1**2))", [(-2, 2)] * 2, ((0, 0), 1, (-1, -1))),
    ("log(cosh(x))", [(-60, 60)], ((0,), 0, (1,))),
    ("1e15 + x**2", [SQUARE], ((0,), 1e15, (2,))),
]


@pytest.mark.parametrize(("expression", "ranges", "truth"), EXACT, ids=[row[0] for row in EXACT])
def test_numbers_are_the_true_ones(expression, ranges, truth):
    """By algebra: no coordinate beside 0 and no -0, also where the gradient is 0/0 or has a tiny scale."""
    (point,) = found(expression, ranges).points
    assert (point.at, point.value) == truth[:2]
    assert point.eigenvalues == pytest.approx(truth[2], rel=1e-15)
    assert "-0.0" not in repr((point.at, point.value)).replace("-0.0,", "-0.0")


def test_numbers_are_those_of_many_digits():
    """Himmelblau's points, by Newton's method of mpmath at 60 digits on derivatives written by hand."""
    with mpmath.workdps(60):
        for point in found(HIMMELBLAU, [(-5, 5)] * 2).points:
            x, y = mpmath.findroot(
                lambda x, y: (
                    4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
                    2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
                ),
                point.at,
            )
            a, b, c = 12 * x**2 + 4 * y - 42, 4 * (x + y), 4 * x + 12 * y**2 - 26
            mean, radius = (a + c) / 2, mpmath.hypot((a - c) / 2, b)
            value = (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2
            assert point.at == (float(x), float(y))
            assert point.value == pytest.approx(float(value), rel=3e-16, abs=1e-60)
            assert point.eigenvalues == pytest.approx((float(mean - radius), float(mean + radius)), rel=3e-16)


# Points that are hard to find -----------------------------------------------------------------------------


def test_a_zero_over_zero_is_decided_by_its_limit():
    """Drop-wave has its minimum -1 at the origin, with the curvature 72.5, where its gradient is 0/0."""
    drop_wave = "-(1 + cos(12*sqrt(x**2 + y**2)))/(0.5*(x**2 + y**2) + 2)"
    (best,) = [point for point in found(drop_wave, [(-2, 2)] * 2).points if point.kind == "minimum"]
    assert (best.at, best.value) == ((0, 0), -1)
    assert best.eigenvalues == pytest.approx((72.5, 72.5), rel=1e-15)  # -(2 - 72 r^2)/(2 + r^2/2)


@pytest.mark.parametrize(
    ("expression", "place", "limit"),
    [
        ("sin(x)/x", "0", "1"),
        ("(1 - cos(x))/x**2", "0", "0.5"),
        ("x**2/(1 - exp(-x**2))", "0", "1"),
        ("sin(sqrt(x0**2 + x1**2))/sqrt(x0**2 + x1**2)", "(0, 0)", "1"),
    ],
)
def test_a_gap_is_no_point_but_is_told(expression, place, limit):
    """A function is undefined where it is 0/0, and has no critical point there; a note has the limit."""
    f = gradviz.field(expression)
    result = critical_points(f, [SQUARE] * len(f.variables))
    assert not any(np.allclose(point.at, 0) for point in result.points)
    (note,) = [note for note in result.notes if "undefined" in note]
    assert f"at {place}," in note
    assert note.endswith(f"tends to {limit}")


NARROW = {
    "x0**2 + x1**2 - exp(-1e4*((x0 - 0.523)**2 + (x1 - 0.456)**2))": (2, 0, 1, 0),
    "exp(-1e6*(x - 0.37)**2) + x**2/10": (2, 1, 0, 0),
    "1/(1 + 1e6*(x - 0.37)**2) + x": (1, 1, 0, 0),
    "tanh(1e5*(x - 0.3)) - x": (1, 1, 0, 0),
    "x**3 - 1e-12*x": (1, 1, 0, 0),
}


@pytest.mark.parametrize("expression", NARROW)
def test_what_is_narrower_than_a_cell_is_found(expression):
    """A narrow well adds a minimum and, by the theorem of Poincare and Hopf, a saddle; a step adds a pair."""
    f = gradviz.field(expression)
    result = critical_points(f, [SQUARE] * len(f.variables))
    assert counts_of(result.points) == NARROW[expression]


def test_a_fast_wave_is_no_silent_loss():
    """2 x + 1e-4 cos(1e5 x) has seven zeros within 5e-5, of which a mesh of 4,001 nodes sees one."""
    assert any("missing" in note for note in found("x**2 + 1e-9*sin(1e5*x)", [SQUARE]).notes)


KINKS = [
    ("hypot(x - 0.3, y - 0.2)", "minimum at (0.3, 0.2)"),
    ("-hypot(x - 0.3, y + 0.2)", "maximum at (0.3, -0.2)"),
    ("abs(x) + abs(y)", "minimum at (0, 0)"),
    ("abs(x - 0.1) + abs(y + 0.7) - 0.3*x", "minimum at (0.1, -0.7)"),
    ("max(x + y, x - y, -x)", "minimum at (0, 0)"),
    ("abs(x) - abs(y)", "saddle at (0, 0)"),
    ("max(x, -x)", "minimum at 0"),
    ("max(x**2, (x - 1)**2)", "minimum at 0.5"),
    ("sqrt(abs(x - 1))", "minimum at 1"),
    ("-20*exp(-0.2*sqrt((x**2 + y**2)/2)) - exp((cos(2*pi*x) + cos(2*pi*y))/2)", "minimum at (0, 0)"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "words"), KINKS)
def test_an_extremum_at_a_kink_is_told(expression, words):
    """There the gradient does not vanish, so that it is no critical point; a note has the place."""
    f = gradviz.field(expression)
    result = critical_points(f, [SQUARE] * len(f.variables))
    assert any(f"kink with a local {words}" in note for note in result.notes), result.notes


# The command ----------------------------------------------------------------------------------------------


def test_json_has_the_points(run):
    """The JSON holds, for each point, its place, value, kind and eigenvalues, and nothing else there."""
    answer = run("critical", "x0**2 - 3*x1**2 + x0", "-r", "x0=-2:1", "-r", "x1=-1:1", "--json", "-q")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["points"] == [
        {"at": [-0.5, 0.0], "value": -0.25, "kind": "saddle", "eigenvalues": [-6.0, 2.0]}
    ]
    assert answer.json["variables"] == ["x0", "x1"]
    assert answer.json["range"] == {"x0": [-2, 1], "x1": [-1, 1]}
    assert answer.json["notes"] == []


def test_an_eigenvalue_without_a_number_is_null(run):
    """abs(x)^1.5 has a minimum where its second derivative has no bound; JSON has no NaN."""
    (point,) = run("critical", "abs(x)**1.5", "--json", "-q").json["points"]
    assert (point["at"], point["eigenvalues"]) == ([0], [None])


def test_the_text_is_a_table(run):
    """One row a point, with the columns named; what was found is summed up on standard error."""
    answer = run("critical", "x**3 - 3*x + y**2", "-r", "-4:3")
    assert answer.code == 0
    header, first, second = (line.split() for line in answer.lines)
    assert header == ["kind", "x", "y", "f", "eigenvalues"]
    assert first == ["minimum", "1", "0", "-2", "2", "6"]
    assert second == ["saddle", "-1", "0", "2", "-6", "2"]
    assert answer.err == "note: critical points: 1 minimum, 1 saddle\n"


def test_the_range_is_as_for_contours_unless_given(run):
    """Without -r the search is over -3:3, and a named range goes before the one for all."""
    assert run("critical", "x*y", "--json", "-q").json["range"] == {"x": [-3, 3], "y": [-3, 3]}
    found = run("critical", "x*y", "-r", "x=0:1", "--json", "-q").json
    assert found["range"] == {"x": [0, 1], "y": [-3, 3]}
    found = run("critical", "x*y", "-r", "x=0:1:0.1", "-r", "4:5", "--json", "-q").json
    assert found["range"] == {"x": [0, 1], "y": [4, 5]}


def test_names_are_as_for_the_figures(run):
    """--vars, --set and --fix mean what they mean for figures; `-` is standard input, `-x` no option."""
    answer = run(
        "critical", "a*rate**2 + x2*rate", "--set", "a=2", "--fix", "x2=4", "-r", "rate=-2:2", "--json"
    )
    assert answer.json["variables"] == ["rate"]
    assert answer.json["points"] == [{"at": [-1], "value": -2, "kind": "minimum", "eigenvalues": [4]}]
    assert run("critical", "x0 - x1**2", "--vars", "x1,x0", "--json").json["variables"] == ["x1", "x0"]
    assert run("critical", "-", "--json", stdin=b"-x**2\n").json["points"][0]["kind"] == "maximum"
    assert run("critical", "-x**2", "--json").json["points"][0]["kind"] == "maximum"


def test_without_points_the_table_is_empty(run):
    """No row is printed where there is none, and that is said; --quiet keeps even that back."""
    answer = run("critical", "exp(x)")
    assert (answer.code, answer.out, answer.err) == (0, b"", "note: critical points: none found\n")
    assert run("critical", "7", "--json", "-q").json["points"] == []
    assert run("critical", "exp(x)", "-q").err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x*y", "-r", "z=0:1"], ["'z'", "variables of the expression"]),
        (["x*y0", "-r", "y=0:1"], ["'y'", "y0"]),
        (["a*x", "--set", "a=1", "-r", "a=0:1"], ["'a'", "number already"]),
        (["x*y", "-r", "2:1"], ["2:1", "below"]),
        (["sine(x)"], ["sine", "sin"]),
    ],
)
def test_a_wrong_request_is_refused(arguments, words, run):
    """Exit code 2, and a message that names what is wrong."""
    answer = run("critical", *arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert all(word in answer.err for word in words), answer.err


def test_each_coordinate_is_rounded_by_itself():
    """Of a saddle at (-pi, 0) the second coordinate is 0, and not a rounding error beside pi's."""
    found = critical_points(gradviz.field("sin(x0)*sin(x1)"), [(-math.pi, math.pi)] * 2).points
    assert len(found) == 13
    small = [x for point in found for x in point.at if abs(x) < 1]
    assert len(small) == 6
    assert all(x == 0 for x in small)


def test_points_on_axes_of_symmetry_take_few_evaluations(monkeypatch):
    """A point with a coordinate of 0 by symmetry takes two Newton steps of three evaluations, like others."""
    calls = []
    evaluate = PreciseExpression.evaluate
    monkeypatch.setattr(PreciseExpression, "evaluate", lambda *a, **k: calls.append(1) or evaluate(*a, **k))
    expression = "exp(-x**2 - 3*y**2)*cos(5*x)*cos(4*y)"
    found = critical_points(gradviz.field(expression), [(-1, 1), (-1.2, 1.2)]).points
    on_axes = [point.at for point in found if 0 in point.at]
    assert len(on_axes) >= 5
    assert len(calls) <= 6 * len(found) + 20


# Shortcuts ------------------------------------------------------------------------------------------------


def quadratics():
    """Return texts of quadratic functions of x and y with random coefficients, in several forms."""
    rng = np.random.default_rng(5)
    numbers = np.round(rng.uniform(-3, 3, (24, 5)), 2).tolist()
    full = [f"({a})*x**2 + ({b})*x*y + ({c})*y**2 + ({d})*x + ({e})*y" for a, b, c, d, e in numbers]
    return [
        *full,
        "(x + y)*(x - y)",
        "x*y",
        "(x - pi)**2 - y**2/3",
        "1e8*x**2 + y**2",
        "3 - x*x - y*y",
        "x*y + 100*x",
    ]


@pytest.mark.parametrize("text", quadratics())
def test_a_quadratic_has_the_point_that_linear_algebra_gives(text):
    """Its gradient is zero at -H^-1 g, where the range has that point; else there is none."""
    field = gradviz.field(text, variables=["x", "y"])
    slope = field.gradient([0.0, 0.0])
    hessian = field.hessian([0.0, 0.0])
    expected = np.linalg.solve(hessian, -slope)
    found = critical_points(field, [(-3, 3), (-3, 3)]).points
    if (np.abs(expected) > 3).any():
        assert found == ()
    else:
        np.testing.assert_allclose([point.at for point in found], [expected], atol=1e-12)
        np.testing.assert_allclose(found[0].eigenvalues, np.linalg.eigvalsh(hessian), rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "degree"),
    [("x*y + 3*x", 2), ("(x + y)**2 - x**2", 2), ("x - y", 1), ("7", 0), ("x**3", 3), ("x**2*y**2", 4),
     ("sin(x)", math.inf), ("1/x", math.inf), ("abs(x)", math.inf), ("sqrt(x)*y", math.inf)],
)  # fmt: skip
def test_the_degree_of_a_polynomial(text, degree):
    """It is the sum of exponents of the highest term as it is computed, and infinite for other functions."""
    assert gradviz.field(text, variables=["x", "y"]).degree == degree


@pytest.mark.parametrize("text", ["exp(x) + sin(y)", "x**3 + 5*x + y", "atan(x) + y**4", "exp(x*y) + 400*x"])
def test_nothing_is_searched_where_a_slope_keeps_its_sign(text, monkeypatch):
    """A partial derivative that is far from zero excludes critical points without Newton's method."""
    tried = []
    monkeypatch.setattr(
        "gradviz.calculus.critical.classified", lambda *given: tried.append(given[1].size) or Findings()
    )
    assert critical_points(gradviz.field(text), [(-2, 2), (-2, 2)]).points == ()
    assert sum(tried) == 0


@pytest.mark.parametrize("text", ["x**3 + x*y", "x**2 + 0.01*x*y**3", "exp(-100*(x - 0.3)**2) + x/10 + y**2"])
def test_a_slope_that_comes_close_to_zero_excludes_nothing(text):
    """Where a slope changes between nodes by more than its smallest magnitude, the range is searched."""
    low, length = np.full(2, -2.0), np.full(2, 4.0)
    cells = sample(newton.ScaledField(gradviz.field(text), low, length), low, low + length, 201)
    assert not cells.has_monotonic_axis
