"""Reasons for which a gradient is not reliable."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.calculus import Reason, gradient
from gradviz.calculus.reliability import estimated, unreliable
from gradviz.fields.field import field

METHODS = ["adaptive", "central", "exact"]


def reason(text, x, *, method="adaptive", scale=4.0):
    """Return why the slope of an expression of x is unreliable at a place."""
    function = field(text, variables=["x"])
    return gradient(function, method=method, scale=(scale,)).estimate([[x]]).reasons()[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("text", "x", "why"),
    [
        ("abs(x)", 0, "kink"),
        ("abs(x - 1/3)", 1 / 3, "kink"),
        ("max(x, x**2)", 1, "kink"),
        ("sqrt(x**2)", 0, "kink"),
        ("hypot(x, 0)", 0, "kink"),
        ("where(x > 0, x, 0)", 0, "kink"),
        ("sqrt(abs(x))", 0, "cusp"),
        ("cbrt(x)", 0, "vertical"),
        ("1e6 + abs(x)", 0, "kink"),
        ("floor(x)", 1, "jump"),
        ("ceil(x)", 2, "jump"),
        ("sign(x)", 0, "jump"),
        ("heaviside(x)", 0, "jump"),
        ("where(x > 0, 1, 0)", 0, "jump"),
        ("mod(x, 1)", 2, "jump"),
        ("1/x", 0, "pole"),
        ("1/x**2", 0, "pole"),
        ("1/sqrt(x)", 0, "pole"),
        ("tan(x)", np.pi / 2, "pole"),
        ("sqrt(x)", 0, "edge"),
        ("asin(x)", 1, "edge"),
        ("acosh(x)", 1, "edge"),
        ("log(x)", -1, "undefined"),
        ("log(x)", 0, "undefined"),
        ("sin(x)/x", 0, "undefined"),
    ],
)
def test_a_point_without_a_slope_has_a_reason(text, x, why, method):
    """Kinks, jumps, poles, edges and what is undefined are told apart, whatever the method."""
    assert reason(text, x, method=method) == why


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("abs(x)", 1e-9),
        ("sqrt(x**2)", 1e-7),
        ("abs(x)**3", 0),
        ("max(x, 0)**2", 0),
        ("x*abs(x)", 0),
        ("floor(x)", 1.5),
        ("relu(x)", -1e-8),
        ("1/x", 1e-3),
        ("tan(x)", 1.57),
        ("tanh(1e5*x)", 1e-5),
        ("x**2", 0),
        ("x**2", 1e-200),
        ("x**4 - x**4", 3),
        ("7", 0),
        ("1e300*x", 1),
        ("1e-300*x", 1),
        ("exp(-1/x**2)", 0.05),
        ("sin(x)", 1e6),
        ("x**100", 0.5),
    ],
)
def test_beside_a_kink_and_at_a_minimum_all_is_well(text, x):
    """No mark where there is a slope: close beside kinks, jumps and poles, and where it is 0."""
    assert reason(text, x) == ""


def test_what_rounding_hides_is_noise():
    """Beside 1e9 a slope of 1 has few digits left: the mark says so, for the exact slope there is none."""
    assert reason("1e9 + x", 0) == "noise"
    assert reason("1e9 + x", 0, method="exact") == ""
    assert reason("x", 0.3, method="central", scale=1e-9) == ""


def test_any_callable_of_points_has_marks():
    """A function without a formula is seen through all the same."""
    points = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    estimate = gradient(lambda p: np.abs(p[..., 0]) + np.floor(p[..., 1] + 0.5), scale=(2, 2)).estimate(
        points
    )
    assert estimate.reasons() == ["kink", "kink", "", ""]
    assert estimate.reliable.tolist() == [False, False, True, True]
    estimate = gradient(lambda p: np.abs(p[..., 0]) + np.floor(p[..., 1]), scale=(2, 2)).estimate(points)
    assert estimate.reasons() == ["jump"] * 4


def test_a_jump_along_one_variable_leaves_the_slopes_along_the_others():
    """At x1 = 1 floor(x1) has no slope, and x0^2 has: NaN stands for what is not there only."""
    estimate = gradient(field("x0**2 + floor(x1)"), scale=(2, 2)).estimate([[3.0, 1.0]])
    assert estimate.gradient[0, 0] == pytest.approx(6)
    assert np.isnan(estimate.gradient[0, 1])
    assert np.isinf(estimate.error[0, 1])
    assert estimate.reasons() == ["jump"]


def test_marks_have_the_shape_of_the_points():
    """Points (..., D) have marks (...)."""
    function = field("abs(x0) + x1")
    for shape in [(), (3,), (2, 3), (0,)]:
        assert gradient(function, scale=(1, 1)).estimate(np.ones((*shape, 2))).marks.shape == shape


def test_an_error_makes_a_gradient_unreliable_beside_its_size():
    """A millionth of the vector is the most; a slope that may be zero is measured by the floors instead."""
    values, slopes = np.zeros(4), np.array([[3.0, 4.0], [3.0, 4.0], [0.0, 0.0], [0.0, 0.0]])
    errors = np.array([[4e-6, 0.0], [6e-6, 0.0], [1e-12, 0.0], [1e-10, 0.0]])
    assert estimated(values, slopes, errors, 1e-11).reliable.tolist() == [True, False, True, False]


def test_reasons_are_counted_in_words():
    """The remark has the number of points, and of each reason; nothing is said where all is well."""
    marks = np.array([Reason.NONE, Reason.KINK, Reason.KINK, Reason.POLE], np.uint8)
    assert unreliable(marks) == "the gradient is unreliable at 3 of 4 points (1 pole, 2 kink)"
    assert unreliable(marks[:1]) == ""


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_word_and_a_sentence(reason):
    """Both are for people; only the reason that is none has no word."""
    assert bool(reason.word) == (reason != Reason.NONE)
    assert reason.sentence.endswith("there")


def apart(text, points):
    """Return the estimate of an expression of x at places that have nothing to do with each other."""
    return gradient(field(text, variables=["x"]), apart=True).estimate(np.array(points, float)[:, None])


@pytest.mark.parametrize("text", ["cos(10*x) + x", "sin(x) + x", "x**2 + sin(10*x)"])
def test_a_far_point_spoils_no_other(text):
    """Of points that are apart each has its own step: what is right alone is right beside one at 1e8."""
    alone = [apart(text, [x]).gradient[0, 0] for x in (0.3, 1.0, 1e8)]
    found = apart(text, [0.3, 1.0, 1e8])
    assert found.gradient[:, 0].tolist() == alone
    assert found.reasons()[:2] == ["", ""]


def test_at_a_far_point_short_steps_hold_unless_long_ones_agree():
    """At 1e8 the slope of x^2 takes a long step, and that of cos(10 x) + x has but a short one."""
    found = apart("x**2", [1e8, 1e60, -1e150])
    np.testing.assert_allclose(found.gradient[:, 0], [2e8, 2e60, -2e150], rtol=1e-9)
    assert found.reliable.all()
    found = apart("cos(10*x) + x", [1e8])
    assert abs(found.gradient[0, 0] - (1 - 10 * np.sin(1e9))) <= found.error[0, 0] < 1e-4


@pytest.mark.parametrize("method", ["adaptive", "central"])
@pytest.mark.parametrize("much", [1e10, 1e12, 1e15])
def test_an_offset_hides_a_slope_and_that_is_noise(much, method):
    """What is zero only because its error is great is no zero: the floor goes with what f changes by."""
    points = np.linspace(-2, 2, 9)[:, None]
    estimate = gradient(field(f"{much} + sin(x)"), method=method).estimate(points)
    assert (np.abs(estimate.gradient - np.cos(points)) > 1e-6).sum() <= (~estimate.reliable).sum()


@pytest.mark.parametrize("x", [1e-10, 1e-8, 1e-6])
def test_a_formula_that_cancels_has_its_true_slope(x):
    """(1 - cos x)/x^2 = 1/2 - x^2/24 + ... has the slope -x/12, where its value rounds to 0."""
    function = field("(1 - cos(x))/x**2")
    exact = gradient(function, method="exact", apart=True).estimate([[x]])
    assert exact.gradient[0, 0] == pytest.approx(-x / 12, rel=1e-11)
    assert exact.error[0, 0] <= 1e-16 * x
    assert exact.reliable.all()
    complex_step = gradient(function, method="complex", apart=True).estimate([[x]])
    assert abs(complex_step.gradient[0, 0] + x / 12) <= complex_step.error[0, 0] + 1e-12 * x
    assert not complex_step.reliable.any()
