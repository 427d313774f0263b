"""Comparison of a claimed gradient with the numerical one."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradviz
from gradviz.arrays import grid, scattered
from gradviz.calculus import Gradient, Reason, gradients
from gradviz.calculus.checking import (
    CENTRAL_TOLERANCE,
    TOLERANCE,
    check_gradient,
    relative_errors,
    step_errors,
)
from gradviz.errors import RequestError

F = gradviz.field("x0**2 + 3*x1")
POINTS = grid([np.linspace(-2, 2, 5), np.linspace(-1, 3, 8)])

AWAY = POINTS + np.array([5.0, 0.0])  # where neither component of the gradient is 0


def right(points):
    """Return the gradient of x0^2 + 3 x1, worked out by hand."""
    return np.stack((2 * points[:, 0], np.full(len(points), 3.0)), axis=-1)


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
@pytest.mark.parametrize("expected", [None, right])
def test_the_right_gradient_holds(method, expected):
    """By every method, the exact gradient and the right claim agree at all points that can be compared."""
    check = check_gradient(F, POINTS, method=method, expected=expected)
    assert check.ok
    assert check.points + check.unreliable == 40
    assert check.max_error <= check.tolerance
    assert check.wrong == (0, 0)


def test_the_same_points_in_another_shape_are_checked_the_same():
    """Points are (..., D): a mesh (5, 8, 2), rows (40, 2) and one point (2,)."""
    rows = check_gradient(F, POINTS, expected=right)
    assert check_gradient(F, POINTS.reshape(5, 8, 2), expected=right) == rows
    one = check_gradient(F, [3, 4], expected=right)
    assert (one.ok, one.points, one.worst_point) == (True, 1, (3.0, 4.0))
    np.testing.assert_allclose(one.numerical, [6, 3], rtol=1e-9)
    assert one.expected == (6.0, 3.0)


def test_a_swapped_claim_is_wrong_in_both_components():
    """(3, 2 x0) in the place of (2 x0, 3) is wrong wherever 2 x0 is not 3, and on this mesh it never is."""
    check = check_gradient(F, POINTS, expected=lambda points: right(points)[:, ::-1])
    assert not check.ok
    assert check.wrong == (check.points, check.points)


def test_the_counter_example_is_one():
    """At the worst point the claim stands beside what the gradient is there, and the error is theirs."""
    check = check_gradient(F, POINTS, expected=lambda points: right(points) * [0.5, 1])
    assert not check.ok
    x0, _ = check.worst_point
    assert x0 != 0
    np.testing.assert_allclose(check.numerical, [2 * x0, 3], rtol=1e-9)
    assert check.expected == (x0, 3.0)
    assert check.max_error == pytest.approx(0.5, rel=1e-9)
    assert check.wrong[0] > 0
    assert check.wrong[1] == 0


def test_of_equal_errors_the_first_is_shown():
    """A claim that is wrong by the same share everywhere is shown at the first point, and not by rounding."""
    check = check_gradient(F, AWAY, expected=lambda points: right(points) * [0.5, 1])
    assert check.worst_point == (3.0, -1.0)


def test_a_small_component_is_not_lost_beside_a_great_one():
    """In (1e8, 1) a claim of 2 for the second component is wrong, however small beside the first."""
    function = gradviz.field("1e8*x0 + x1")
    claim = check_gradient(function, POINTS, expected=lambda points: np.tile([1e8, 2.0], (len(points), 1)))
    assert not claim.ok
    assert claim.wrong == (0, claim.points)


@pytest.mark.parametrize(
    ("method", "share", "ok"),
    [
        ("adaptive", 0.5 * TOLERANCE, True),
        ("adaptive", 2 * TOLERANCE, False),
        ("exact", 2 * TOLERANCE, False),
        ("complex", 0.5 * TOLERANCE, True),
        ("central", 0.5 * CENTRAL_TOLERANCE, True),
        ("central", 2 * CENTRAL_TOLERANCE, False),
    ],
)
def test_the_tolerance_is_relative_to_the_gradient(method, share, ok):
    """A claim that is off by half the tolerance holds, one by twice as much does not, whatever the units."""
    for unit in (1e-6, 1.0, 1e6):
        function = gradviz.field("a*(x0**2 + 3*x1)", parameters={"a": unit})
        check = check_gradient(
            function,
            AWAY,
            method=method,
            expected=lambda points, unit=unit: unit * right(points) * (1 + share),
        )
        assert check.ok is ok, unit


def test_another_tolerance_is_obeyed():
    """A difference of one per cent holds within two per cent and not within half a per cent."""
    claims = {"expected": lambda points: 1.01 * right(points)}
    assert check_gradient(F, POINTS, tolerance=0.02, **claims).ok
    assert not check_gradient(F, POINTS, tolerance=0.005, **claims).ok


def test_central_differences_may_be_off_by_what_they_cut_off():
    """With h = 0.01 the slope of exp is off by h^2/6 = 2e-5 of itself, which is no counter-example."""
    check = check_gradient(
        gradviz.field("exp(x)"), np.linspace(0, 1, 9)[:, None], method="central", step=0.01
    )
    assert check.wrong == (0,)
    assert set(check.reasons) <= {"noise"}


def test_where_a_component_passes_through_zero_rounding_is_no_error():
    """The slope of 1000 + x^2 at 1e-9 is 2e-9, less than what rounding leaves of differences of 1000."""
    points = np.array([[1e-9], [0.5], [1.0], [-1.0]])
    assert check_gradient(gradviz.field("1000 + x**2"), points).ok


# What is left out ---------------------------------------------------------------------------------------


@pytest.fixture
def marked(monkeypatch):
    """Return a function that has estimates at `POINTS` marked, a reason for each row."""
    estimate = Gradient.estimate

    def mark(reasons):
        def marking(self, points):
            found = estimate(self, points)
            marks = found.marks.copy()
            if len(marks) == len(POINTS):
                for row, reason in reasons.items():
                    marks[row] = reason
            return found._replace(marks=marks)

        monkeypatch.setattr(Gradient, "estimate", marking)

    return mark


def test_marked_points_are_left_out_and_counted_by_reason(marked):
    """Two kinks and a jump are left out, told as such, and a claim that is wrong only there holds."""
    marked({3: Reason.KINK, 7: Reason.KINK, 11: Reason.JUMP})

    def wrong_there(points):
        claim = right(points)
        claim[[3, 7, 11]] = 99.0
        return claim

    check = check_gradient(F, POINTS, expected=wrong_there)
    assert check.ok
    assert check.reasons["kink"] == 2
    assert check.reasons["jump"] == 1
    assert sum(check.reasons.values()) == check.unreliable == 40 - check.points


@pytest.mark.parametrize("method", ["adaptive", "central", "exact"])
def test_the_reference_of_a_claim_is_evaluated_once(monkeypatch, method):
    """A claim about a formula is compared with one exact gradient at the points, whatever the method is."""
    calls = []
    evaluate = gradients.reference
    monkeypatch.setattr(gradients, "reference", lambda *a, **k: calls.append(1) or evaluate(*a, **k))
    claim = [gradviz.field("2*x0 + 0*x1"), gradviz.field("3 + 0*x0*x1")]
    assert check_gradient(F, POINTS, method=method, expected=right).ok
    assert check_gradient(F, POINTS, method=method, expected=claim).ok
    assert len(calls) == 2


def test_a_claim_that_is_wrong_beside_the_kinks_fails_all_the_same(marked):
    """Points that are left out do not excuse the others."""
    marked(dict.fromkeys(range(0, 40, 2), Reason.KINK))
    check = check_gradient(F, POINTS, expected=lambda points: right(points) + 1)
    assert not check.ok
    assert check.reasons["kink"] == 20


def test_where_nothing_can_be_compared_nothing_is_ok(marked):
    """Without any point the answer is no, with the reasons, and without a counter-example."""
    marked(dict.fromkeys(range(40), Reason.KINK))
    check = check_gradient(F, POINTS, expected=right)
    assert (check.ok, check.points, check.unreliable, check.reasons) == (False, 0, 40, {"kink": 40})
    assert math.isnan(check.max_error)
    assert check.worst_point is check.numerical is check.expected is None
    assert check_gradient(F, np.empty((0, 2))).ok is False


def test_points_outside_of_the_domain_are_undefined():
    """The logarithm is undefined at three of these points, and 1/x is right at the others."""
    points = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]])
    check = check_gradient(gradviz.field("log(x)"), points, expected=lambda x: 1 / np.where(x == 0, 1, x))
    assert (check.ok, check.points, check.unreliable) == (True, 2, 3)
    assert set(check.reasons) <= {"undefined", "edge", "pole"}


def test_abs_has_a_kink_and_no_fault():
    """The slope of abs is the sign on both sides; what is at 0 makes it no failure."""
    points = np.linspace(-2, 2, 41)[:, None]
    for expected in (None, np.sign):
        check = check_gradient(gradviz.field("abs(x)"), points, expected=expected)
        assert check.ok
        assert check.points >= 40


@pytest.mark.parametrize("undefined", [math.inf, -math.inf])
def test_a_claim_that_is_infinite_is_wrong(undefined):
    """One infinite value in the claim is a counter-example, of infinite error."""

    def holed(points):
        claim = right(points)
        claim[13, 1] = undefined
        return claim

    check = check_gradient(F, AWAY, expected=holed)
    assert not check.ok
    assert check.max_error == math.inf
    assert check.worst_point == tuple((AWAY)[13])
    assert check.wrong == (0, 1)


def test_a_hole_in_a_claim_is_left_out_and_many_are_wrong():
    """As many quotients are, a claim may be undefined at a point or two, but not at half of them."""
    claim = right(AWAY)
    claim[13, 1] = math.nan
    check = check_gradient(F, AWAY, expected=lambda _: claim)
    assert check.ok
    assert check.reasons == {"undefined": 1}
    claim[:20] = math.nan
    assert not check_gradient(F, AWAY, expected=lambda _: claim).ok


def test_hardly_a_point_is_no_answer():
    """Beside 1e12 a sine has no digits left: without a formula, the check does not say that a claim holds."""
    points = np.linspace(-2, 2, 41)[:, None]
    for claim in (np.cos, np.zeros_like, lambda x: 1.1 * np.cos(x)):
        check = check_gradient(lambda p: 1e12 + np.sin(p[..., 0]), points, expected=claim)
        assert not check.ok
        assert check.reasons["noise"] > 30
    large = gradviz.field("1e12 + sin(x)")  # which has its digits in higher precision
    assert check_gradient(large, points, expected=np.cos).ok
    assert check_gradient(large, points).ok
    assert not check_gradient(large, points, expected=lambda x: 1.001 * np.cos(x)).ok
    sparse = check_gradient(
        gradviz.field("cos(10*x) + x"), np.linspace(-1e8, 1e8, 201)[:, None], expected=np.ones_like
    )
    assert not sparse.ok


def test_what_is_small_beside_the_greatest_slope_is_no_measure():
    """A slope of 1e-86 beside one of 100 may be claimed to be 0, as rounding makes it."""
    points = np.linspace(-2, 2, 41)[:, None]
    check = check_gradient(
        gradviz.field("tanh(100*x)"),
        points,
        method="exact",
        expected=lambda p: 100 * (1 - np.tanh(100 * p) ** 2),
    )
    assert check.ok


def test_a_fault_of_the_differences_is_not_one_of_the_claim():
    """cos(2000 pi x) on 0 to 5 aliases with the first step, 1e-3: no right claim may be blamed for that."""
    function = gradviz.field("cos(2000*pi*x)")
    points = scattered([(0.0, 5.0)], 200)

    def slope(x):
        return -2000 * np.pi * np.sin(2000 * np.pi * x)

    assert check_gradient(function, points, scale=(5.0,), expected=slope).wrong == (0,)


# Any callable, and requests that cannot be ---------------------------------------------------------------


def test_any_callable_can_be_checked():
    """A function of one's own is compared with a gradient of one's own."""
    check = check_gradient(lambda p: p[..., 0] ** 2 + 3 * p[..., 1], POINTS, expected=right)
    assert check.ok


def test_a_claim_may_not_change_the_points():
    """What the claim does to its argument does not reach the points of the check."""

    def careless(points):
        claim = right(points)
        points[:] = 0
        return claim

    kept = POINTS.copy()
    assert check_gradient(F, POINTS, expected=careless).ok
    np.testing.assert_array_equal(kept, POINTS)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"tolerance": 0.0}, "tolerance"),
        ({"tolerance": math.nan}, "tolerance"),
        ({"tolerance": "1"}, "tolerance"),
        ({"method": "exat"}, "exact"),
        ({"step": -1.0}, "step"),
        ({"expected": lambda points: points[:, 0]}, "shape"),
        ({"expected": lambda points: points * 1j}, "real"),
        ({"expected": lambda points: [3.0, 4.0]}, "(40, 2)"),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments, word):
    """A wrong tolerance, method or step, and a claim of another shape, are errors that say so."""
    with pytest.raises(RequestError) as caught:
        check_gradient(F, POINTS, **arguments)
    assert word in str(caught.value)


def test_without_a_formula_there_is_no_exact_gradient_to_compare_with():
    """A callable needs the gradient that it is compared with."""
    with pytest.raises(RequestError, match="formula"):
        check_gradient(lambda p: p[..., 0], POINTS)


# Errors against the step ---------------------------------------------------------------------------------


def test_errors_grow_with_the_square_of_the_step():
    """For exp the central difference is off by sinh(h)/h - 1 of itself, about h^2/6."""
    points = np.linspace(-1, 1, 7)[:, None]
    steps = np.array([1e-3, 1e-2, 1e-1, 1.0])
    errors = step_errors(gradviz.field("exp(x)"), points, np.exp(points), steps)
    assert errors.shape == (4, 7)
    expected = [math.sinh(h) / h - 1 for h in steps]
    np.testing.assert_allclose(errors, np.tile(expected, (7, 1)).T, rtol=1e-4)


def test_a_step_that_moves_nothing_gives_no_slope():
    """At 1 a step of 1e-17 leaves the coordinate as it is, which is an error of 1 and not a missing one."""
    errors = step_errors(gradviz.field("exp(x)"), np.ones((1, 1)), np.full((1, 1), math.e), np.array([1e-17]))
    assert errors.tolist() == [[1.0]]


def test_a_step_beyond_the_domain_has_no_error():
    """At 0.5 a step of 1 asks for log(-0.5), and the error is not known."""
    errors = step_errors(
        gradviz.field("log(x)"), np.full((1, 1), 0.5), np.full((1, 1), 2.0), np.array([1.0, 0.1])
    )
    assert np.isnan(errors[:, 0]).tolist() == [True, False]


def test_the_error_of_a_point_is_that_of_its_worst_component():
    """Off by (10 %, 1 %) is off by 10 %, and a component that is 0 everywhere is measured by the others."""
    found = np.array([[1.1, 3.03, 0.5], [2.0, 3.0, 0.0]])
    exact = np.array([[1.0, 3.0, 0.0], [2.0, 3.0, 0.0]])
    np.testing.assert_allclose(relative_errors(found[:, :2], exact[:, :2]), [0.1, 0.0], atol=1e-15)
    np.testing.assert_allclose(relative_errors(found, exact), [0.5 / 3, 0.0])
