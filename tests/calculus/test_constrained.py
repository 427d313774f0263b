"""Constrained extrema against closed forms of textbook problems."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradviz
from gradviz.calculus.constrained import constrained_points
from gradviz.errors import RequestError

MIN, MAX = "constrained minimum", "constrained maximum"
R2, R3, R5 = math.sqrt(2), math.sqrt(3), math.sqrt(5)
LAMBDA = math.sqrt(29) / 2  # of the line and the cylinder below

# Function, constraints, range, and the points with their kinds, values and multipliers, by hand.
PROBLEMS = {
    "product on the unit circle": (
        "x*y", ["x^2 + y^2 - 1"], 3,
        [
            ((-1 / R2, 1 / R2), MIN, -0.5, [-0.5]), ((1 / R2, -1 / R2), MIN, -0.5, [-0.5]),
            ((-1 / R2, -1 / R2), MAX, 0.5, [0.5]), ((1 / R2, 1 / R2), MAX, 0.5, [0.5]),
        ],
    ),
    "sum on an ellipse": (
        "x + y", ["x^2/4 + y^2 - 1"], 3,
        [((-4 / R5, -1 / R5), MIN, -R5, [-R5 / 2]), ((4 / R5, 1 / R5), MAX, R5, [R5 / 2])],
    ),
    "distance from (0, 2) to a parabola": (
        "x^2 + (y - 2)^2", ["y - x^2"], 3,
        [
            ((-math.sqrt(1.5), 1.5), MIN, 1.75, [-1]), ((math.sqrt(1.5), 1.5), MIN, 1.75, [-1]),
            ((0, 0), MAX, 4, [-4]),
        ],
    ),
    "distance from the origin to a line": ("x^2 + y^2", ["x + 2*y - 5"], 3, [((1, 2), MIN, 5, [2])]),
    "x^2 y on a circle": (
        "x^2*y", ["x^2 + y^2 - 3"], 3,
        [
            ((-R2, -1), MIN, -2, [-1]), ((0, R3), MIN, 0, [0]), ((R2, -1), MIN, -2, [-1]),
            ((-R2, 1), MAX, 2, [1]), ((0, -R3), MAX, 0, [0]), ((R2, 1), MAX, 2, [1]),
        ],
    ),
    "exponential on a cubic curve": (
        "exp(x*y)", ["x^3 + y^3 - 16"], 4, [((2, 2), MAX, math.exp(4), [math.exp(4) / 6])]
    ),
    "largest box of a given sum of edges": (
        "x*y*z", ["x + y + z - 6"], (0.1, 6), [((2, 2, 2), MAX, 8, [4])]
    ),
    "line and cylinder": (
        "x + 2*y + 3*z", ["x - y + z - 1", "x^2 + y^2 - 1"], 4,
        [
            ((1 / LAMBDA, -2.5 / LAMBDA, 1 - 3.5 / LAMBDA), MIN, 3 - math.sqrt(29), [3, -LAMBDA]),
            ((-1 / LAMBDA, 2.5 / LAMBDA, 1 + 3.5 / LAMBDA), MAX, 3 + math.sqrt(29), [3, LAMBDA]),
        ],
    ),
    "quadratic form on the sphere": (
        "x^2 + 2*y^2 + 3*z^2", ["x^2 + y^2 + z^2 - 1"], 2,
        [
            ((-1, 0, 0), MIN, 1, [1]), ((1, 0, 0), MIN, 1, [1]),
            ((0, 0, -1), MAX, 3, [3]), ((0, 0, 1), MAX, 3, [3]),
            ((0, -1, 0), "constrained saddle", 2, [2]), ((0, 1, 0), "constrained saddle", 2, [2]),
        ],
    ),
}  # fmt: skip


def found_of(expression, constraints, limits, variables=None):
    """Return the result in equal ranges, (-limits, limits) for a number."""
    field = gradviz.field(expression, variables=variables)
    functions = [gradviz.field(one, variables=field.variables) for one in constraints]
    interval = limits if isinstance(limits, tuple) else (-limits, limits)
    return constrained_points(field, functions, [interval] * len(field.variables))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_points_of_textbook_problems(problem):
    """Points, kinds, values and multipliers are those of the closed form, and no other point is found."""
    expression, constraints, limits, wanted = PROBLEMS[problem]
    variables = ["x", "y", "z"] if len(wanted[0][0]) == 3 else ["x", "y"]
    found = found_of(expression, constraints, limits, variables)
    assert len(found.points) == len(wanted)
    assert not found.notes
    for one, (at, kind, value, multipliers) in zip(found.points, sorted(wanted, key=order), strict=True):
        assert one.at == pytest.approx(at, abs=1e-9)
        assert one.kind == kind
        assert one.value == pytest.approx(value, abs=1e-9)
        assert one.multipliers == pytest.approx(multipliers, abs=1e-8)
        assert len(one.eigenvalues) == len(variables) - len(constraints)


def order(point):
    """Return the place of a wanted point in the result: by kind, then by coordinates."""
    kinds = [MIN, MAX, "constrained saddle"]
    return kinds.index(point[1]), tuple(round(x, 6) for x in point[0])


def test_the_kind_is_that_of_the_bordered_hessian():
    """For two variables, the bordered determinant is positive at a maximum, negative at a minimum."""
    for one in found_of("x*y + x^3/5", ["x^2 + 2*y^2 - 1"], 2).points:
        (x, y), (multiplier,), kind = one.at, one.multipliers, one.kind
        gx, gy = 2 * x, 4 * y
        hessian = np.array([[6 * x / 5 - 2 * multiplier, 1], [1, -4 * multiplier]])
        bordered = np.array([[0, gx, gy], [gx, *hessian[0]], [gy, *hessian[1]]])
        assert (np.linalg.det(bordered) > 0) == (kind == MAX)
        assert (np.linalg.det(bordered) < 0) == (kind == MIN)


def test_a_degenerate_point_is_neither():
    """On y = 0, x^3 has a horizontal inflection at 0."""
    (point,) = found_of("x^3 + y", ["y"], 2).points
    assert (point.at, point.kind) == ((0, 0), "constrained degenerate")


def test_a_constant_function_on_a_constraint_is_said():
    """On a circle about the origin all points have the same distance: a few of them are listed."""
    found = found_of("x^2 + y^2", ["x^2 + y^2 - 1"], 2)
    assert 0 < len(found.points) <= 12
    assert {one.kind for one in found.points} == {"constrained degenerate"}
    assert any("constant along" in note for note in found.notes)


def test_a_cusp_is_no_solution_but_a_note():
    """The minimum of x on y^2 = x^3 is at the cusp, where the constraint has no gradient."""
    found = found_of("x + 0*y", ["y^2 - x^3"], 2)
    assert found.points == ()
    assert any("vanishes at (0, 0)" in note for note in found.notes)


def test_kinks_are_no_solutions():
    """abs(x) + y has the maxima of the smooth parts on the circle, and no false point at the kink."""
    found = found_of("abs(x) + y", ["x^2 + y^2 - 1"], 2)
    assert [one.at for one in found.points] == [
        pytest.approx((-1 / R2, 1 / R2)),
        pytest.approx((1 / R2, 1 / R2)),
    ]


def test_points_are_those_in_the_ranges():
    """Of four points on the circle one lies in the first quadrant."""
    field, circle = gradviz.field("x*y"), gradviz.field("x^2 + y^2 - 1")
    (point,) = constrained_points(field, [circle], [(0.1, 3), (0.1, 2)]).points
    assert point.at == pytest.approx((1 / R2, 1 / R2))


def test_a_scaled_constraint_has_scaled_multipliers():
    """A constraint of 1e6 g has the same points, and multipliers 1e-6 times as large."""
    for factor in (1e-6, 1e6):
        (low, high) = found_of("x + y", [f"{factor}*(x^2 + y^2 - 2)"], 3).points
        assert (low.at, high.at) == (pytest.approx((-1, -1)), pytest.approx((1, 1)))
        assert high.multipliers[0] * factor == pytest.approx(0.5)


def test_there_are_fewer_constraints_than_variables():
    """Two equations for two variables leave nothing to search."""
    with pytest.raises(RequestError, match="fewer than the 2 variables, got 2"):
        found_of("x + y", ["x", "y"], 2)
