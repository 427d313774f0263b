"""Proofs about gradients and critical points."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import gradviz
from gradviz.calculus.certify import certified_gradients, certified_points
from gradviz.calculus.points import CriticalPoints
from gradviz.errors import RequestError

HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
MINIMA = [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]  # as published
GOLDSTEIN = "(1 + (x+y+1)**2*(19 - 14*x + 3*x**2 - 14*y + 6*x*y + 3*y**2))"
PRICE = "(30 + (2*x-3*y)**2*(18 - 32*x + 12*x**2 + 48*y - 36*x*y + 27*y**2))"
STYBLINSKI_TANG = "(x**4 - 16*x**2 + 5*x + y**4 - 16*y**2 + 5*y)/2"


def slopes_of(text, *point):
    field = gradviz.field(text)
    return certified_gradients(field.expression, np.array([point], float), 10.0)[0]


def proven(text, ranges, **how) -> CriticalPoints:
    return gradviz.critical_points(gradviz.field(text), ranges, certify=True, **how)


# Slopes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("sin(x)/x", 1e-6, lambda x: (x * mpmath.cos(x) - mpmath.sin(x)) / x**2),
        ("exp(x)/(1+exp(x))", 37.0, lambda x: mpmath.exp(-x) / (1 + mpmath.exp(-x)) ** 2),
        ("x/(1+x)", 1e18, lambda x: 1 / (1 + x) ** 2),
        ("cos(1e6*x)", 2.0, lambda x: -1_000_000 * mpmath.sin(1_000_000 * x)),
        ("log(1+exp(x))", 1000.0, lambda x: 1 / (1 + mpmath.exp(-x))),
        ("(exp(2*x)-1)/(exp(2*x)+1)", 400.0, lambda x: 1 / mpmath.cosh(x) ** 2),
        ("atan(x)**2/3", -7.0, lambda x: mpmath.atan(x) * 2 / (3 * (1 + x**2))),
    ],
)
def test_bounds_are_a_few_units_of_the_last_place_around_the_slope(text, x, slope):
    """The slope of mpmath in 400 digits is inside, and the bounds are next to each other."""
    ((low, high),) = slopes_of(text, x)
    with mpmath.workdps(400):
        assert low <= slope(mpmath.mpf(x)) <= high
    assert high <= low + 4 * math.ulp(max(abs(low), abs(high)))


@pytest.mark.parametrize(
    ("text", "point", "slopes"),
    [
        ("abs(x) + 3*y", (0, 1), [None, (3, 3)]),
        ("x**y", (-2, 3), [(12, 12), None]),
        ("floor(x)*y", (1, 2), [None, (1, 1)]),
        ("x/x + y", (0, 1), [None, None]),
        ("log(x)", (-1,), [None]),
        ("cbrt(x)", (0,), [None]),
        ("where(x >= 0, x, 2*x)", (0,), [None]),
        ("where(floor(x) > -0.5, x, 5)", (0,), [None]),
        ("max(x, floor(y))", (1, 2), [(0, 0), None]),
        ("1e15 + x", (0,), [(1, 1)]),
        (HIMMELBLAU, (3, 2), [(0, 0), (0, 0)]),
    ],
)
def test_nothing_is_proven_where_there_is_no_slope(text, point, slopes):
    """A partial derivative exists or not whatever the other ones do."""
    assert slopes_of(text, *point) == slopes


# Critical points ------------------------------------------------------------------------------------------


def test_the_points_of_himmelblaus_function_are_nine():
    """The published minima are in the enclosures, which are a few units of the last place wide."""
    found = proven(HIMMELBLAU, [(-5, 5), (-5, 5)])
    kinds = [point.kind for point in found.points]
    assert (kinds.count("minimum"), kinds.count("maximum"), kinds.count("saddle")) == (4, 1, 4)
    assert (found.proof.complete, found.proof.open) == (True, ())
    for point in found.points:
        for x, (low, high) in zip(point.at, point.enclosure, strict=True):
            assert low <= x <= high <= low + 8 * math.ulp(5.0)
    minima = [point.at for point in found.points if point.kind == "minimum"]
    for published in MINIMA:
        assert min(math.dist(at, published) for at in minima) < 2e-6


@pytest.mark.parametrize(
    ("text", "ranges", "count"),
    [
        ("(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2", [(-3, 3), (-2, 2)], 15),
        ("20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)", [(-2, 2), (-2, 2)], 81),
        ("(y - 5.1/(4*pi**2)*x**2 + 5/pi*x - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10", [(-5, 10), (0, 15)], 5),
        (STYBLINSKI_TANG, [(-5, 5), (-5, 5)], 9),
        ("x**2 + y**2 - exp(-1e4*((x-0.523)**2 + (y-0.456)**2))", [(-3, 3), (-3, 3)], 3),
        ("exp(x) + y**2", [(-3, 3), (-3, 3)], 0),
    ],
    ids=["camel", "rastrigin", "branin", "styblinski", "well", "none"],
)
def test_the_number_of_points_is_proven(text, ranges, count):
    """Published numbers; the well is narrower than a cell of the search."""
    found = proven(text, ranges)
    assert found.proof.complete
    assert len(found.points) == count
    assert all(point.enclosure for point in found.points)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "ranges", "count"),
    [
        ("(1.5-x+x*y)**2 + (2.25-x+x*y**2)**2 + (2.625-x+x*y**3)**2", [(-4.5, 4.5)] * 2, 3),
        (
            f"{GOLDSTEIN}*{PRICE}",
            [(-2, 2)] * 2,
            9,
        ),
        ("+".join(f"{v}**4 - 16*{v}**2 + 5*{v}" for v in "wxyz"), [(-5, 5)] * 4, 81),
    ],
    ids=["beale", "goldstein-price", "styblinski-tang"],
)
def test_the_number_of_points_is_proven_of_more_functions(text, ranges, count):
    """The same with the time that it takes."""
    found = proven(text, ranges, limit=60.0)
    assert (found.proof.complete, len(found.points)) == (True, count)


@pytest.mark.parametrize(
    ("text", "ranges", "at", "reason", "points"),
    [
        ("x**4 + y**4", [(-3, 3), (-2, 2)], (0, 0), "degenerate", 1),
        ("abs(x - 0.3) + y**2", [(-3, 3), (-2, 2)], (0.3, 0), "kink", 0),
        ("hypot(x - 0.3, y - 0.2)", [(-3, 3), (-2, 2)], (0.3, 0.2), "kink", 0),
        ("floor(x) + x**2", [(-0.6, 0.7)], (0,), "jump", None),
    ],
)
def test_a_box_stays_open_where_nothing_is_proven(text, ranges, at, reason, points):
    """It is small, contains the point and has the reason; a point of the search there has no enclosure."""
    found = proven(text, ranges)
    assert not found.proof.complete
    boxes = [box for box, why in zip(found.proof.open, found.proof.reasons, strict=True) if why == reason]
    assert any(all(low <= x <= high for x, (low, high) in zip(at, box, strict=True)) for box in boxes)
    assert all(high - low < 1e-4 for box in boxes for low, high in box)
    if points is not None:
        assert [point.enclosure for point in found.points] == [None] * points


def test_points_on_the_limits_of_the_range_are_in_it():
    """The cosine has its maximum on the lower limit 0, and no other extremum below 3."""
    found = proven("cos(x)", [(0, 3)])
    assert (found.proof.complete, [point.at for point in found.points]) == (True, [(0.0,)])
    assert any("limit of the range" in note for note in found.notes)


def test_a_point_that_does_not_exist_is_dropped():
    """The slope of the logistic function is positive, where the search takes it for 0."""
    found = proven("exp(x)/(1+exp(x))", [(30, 34)])
    assert found.points == ()


def test_the_time_is_limited():
    """A line of critical points stays open when the time is over."""
    found = proven("(x - y)**2", [(-3, 3), (-3, 3)], limit=0.2)
    assert not found.proof.complete
    assert "limit" in found.proof.reasons
    assert 0 < len(found.proof.open) <= 100


def test_a_function_without_formula_is_refused():
    """A Python function cannot be evaluated on boxes."""
    with pytest.raises(RequestError, match="needs a formula"):
        certified_points(None, [(0, 1)], CriticalPoints(()), 1.0)


def test_python_flint_is_asked_for(monkeypatch):
    """Without it, the error says what to install."""
    monkeypatch.setattr("gradviz.fields.requirements.find_spec", lambda name: None)
    with pytest.raises(RequestError, match=r'install it with pip install "gradviz\[certify\]"'):
        proven("x**2", [(-1, 1)])
