"""Newton's method over many starts at once."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.calculus.newton import ScaledField, newton, spectrum


def scaled(expression, low, high, **how):
    low, high = np.array(low, float), np.array(high, float)
    return ScaledField(gradviz.field(expression, **how), low, high - low, 1.0)


def test_derivatives_count_in_lengths_of_the_ranges():
    """Over ranges of 2 and 10 the slope of x0^2 + 3 x1 at x0 = 3 is 2 * 6 and 10 * 3, the curvature 4 * 2."""
    found = scaled("x0**2 + 3*x1", [0, -5], [2, 5])
    assert found.gradient(np.array([[3.0, 1.0]])).tolist() == [[12, 30]]
    assert found.hessian(np.array([[3.0, 1.0]])).tolist() == [[[8, 0], [0, 0]]]


def test_of_a_quadratic_the_first_step_arrives():
    """Newton's step leads to the only zero of x0^2 - x0 x1 + 2 x1^2 - 3 x0 - 2 x1, which is (2, 1)."""
    found = scaled("x0**2 - x0*x1 + 2*x1**2 - 3*x0 - 2*x1", [0, 0], [4, 2])
    starts = np.array([[1.9, 1.1], [3.0, 0.2]])
    hessians = spectrum(found.hessian(starts))
    steps, left = hessians.steps(found.gradient(starts))
    np.testing.assert_allclose(starts + steps * found.length, [[2, 1], [2, 1]], rtol=1e-14)
    assert left.tolist() == [0, 0]
    ends, complete = newton(found, starts)
    assert complete
    np.testing.assert_array_equal(ends, [[2, 1], [2, 1]])


def test_a_direction_without_curvature_has_no_step():
    """Of x0^2 + 3 x1 the step goes along x0 alone, and the slope along x1 is told to be left."""
    found = scaled("x0**2 + 3*x1", [-1, -1], [1, 1])
    start = np.array([[0.5, 0.5]])
    steps, left = spectrum(found.hessian(start)).steps(found.gradient(start))
    assert (steps.tolist(), left.tolist()) == ([[-0.25, 0]], [6])
    assert np.isnan(newton(found, start)[0]).all()


@pytest.mark.parametrize(
    ("expression", "start", "end"),
    [
        ("cos(x)", 0.4, 0.0),
        ("x - log(x)", 0.01, 1.0),  # the whole step would lead out of the domain
        ("x**2 + 1/x**2", 0.1, 1.0),
        ("x**4", 0.7, 0.0),
        ("exp(-x**2)", 0.6, 0.0),
        ("exp(-x**2)", 1.5, None),  # down the tail, which is flat far out, and never arrives
        ("1/x**2", 0.5, None),
        ("exp(x)", 0.5, None),
        ("abs(x)", 0.5, None),
    ],
)
def test_each_start_has_its_own_end(expression, start, end):
    """An end stands in the row of its start, and is NaN where the slope does not come to vanish."""
    ends, _ = newton(scaled(expression, [-2], [2]), np.array([[np.nan], [start]]))
    assert np.isnan(ends[0, 0])
    if end is None:
        assert not abs(ends[1, 0]) <= 2  # outside of the range, if anywhere
    else:
        assert ends[1, 0] == pytest.approx(end, abs=1e-7)


def test_points_are_rounded_to_decimals_of_their_ranges():
    """Six decimals of a range of 2000 and of 0.02 are three and eight decimals of the coordinates."""
    found = scaled("x0*x1", [-1000, -0.01], [1000, 0.01])
    rounded = found.rounded(np.array([[123.4567891, 0.00123456789]]), 6)
    assert rounded.tolist() == [[123.457, 0.00123457]]
