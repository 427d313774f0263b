"""How a Python function takes points is found by trying, and one that mixes points up is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradviz.arrays import scattered
from gradviz.errors import RequestError
from gradviz.userfunc.conventions import ARRAYS, NUMBERS, POINTS, VECTORS, Trial

PLANE = scattered([(-2, 3), (-1, 2)], 7)
LINE = scattered([(0.5, 3)], 6)
A = np.array([[2.0, 1.0], [0.0, 3.0]])


def wanted(points):
    """x0^2 + 3 x1 at points (N, 2), by a loop."""
    return np.array([x0**2 + 3 * x1 for x0, x1 in points.tolist()])


def branch(p):
    """A function of one vector that no array can be given to."""
    if p[0] > 1e9:
        return 0.0
    return p[0] ** 2 + 3 * p[1]


def by_number(x, y):
    """A function of Python's own mathematics."""
    return math.pow(x, 2) + 3 * y


def by_logarithm(x):
    """A function of one number."""
    return math.log(x)


@pytest.mark.parametrize(
    ("function", "form"),
    [
        (lambda p: p[..., 0] ** 2 + 3 * p[..., 1], POINTS),
        (lambda p: p[:, 0] ** 2 + 3 * p[:, 1], POINTS),
        (lambda p: (p**2 @ [1, 0] + p @ [0, 3])[:, None] if p.ndim == 2 else p[0] ** 2 + 3 * p[1], POINTS),
        (lambda p, a=3: p[..., 0] ** 2 + a * p[..., 1], POINTS),
        (lambda p: p[0] ** 2 + 3 * p[1], VECTORS),
        (lambda x, y: x**2 + 3 * y, ARRAYS),
        (lambda x=0, y=0: x**2 + 3 * y, ARRAYS),
        (lambda *x: x[0] ** 2 + 3 * x[1], ARRAYS),
        (branch, VECTORS),
        (lambda p: [p.tolist()[0] ** 2 + 3 * p.tolist()[1]], VECTORS),
        (lambda p: complex(p[0] ** 2 + 3 * p[1]), VECTORS),
        (by_number, NUMBERS),
    ],
)
def test_each_form_is_found_and_gives_the_values_of_a_loop(function, form):
    """Whatever a function takes, its values at points as rows are those of one point after the other."""
    found = Trial(function, PLANE, "f").convention()
    assert found is form
    many = scattered([(-3, 3), (-4, 4)], 50)
    np.testing.assert_allclose(found.results(function, many, None), wanted(many), rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "form"),
    [
        (lambda x: x**2, ARRAYS),
        (lambda p: p[..., 0] ** 2, POINTS),
        (by_logarithm, NUMBERS),
        (np.sin, ARRAYS),
    ],
)
def test_a_function_of_one_variable_may_take_numbers_an_array_or_points(function, form):
    """In one dimension a number, an array and points (N, 1) are all tried."""
    assert Trial(function, LINE, "f").convention() is form


def test_a_sum_over_all_is_no_function_of_many_points():
    """np.sum(p**2) makes one number of many points; it is called with one at a time."""

    def total(p):
        return np.sum(p**2)

    assert Trial(total, PLANE, "f").convention() is VECTORS
    np.testing.assert_allclose(VECTORS.results(total, PLANE, None), (PLANE**2).sum(axis=-1))


@pytest.mark.parametrize(
    "function",
    [
        lambda p: p[..., 0] ** 2 + p[..., 1] - p[..., 0].mean(),
        lambda p: np.sort(p[..., 0]),
        lambda p: np.cumsum(p[..., 0]),
        lambda x, y: x - x.mean() + y,
        lambda x, y: np.random.default_rng().random(np.shape(x)) + 0 * y,
    ],
)
def test_a_function_that_mixes_points_up_is_refused(function):
    """The value at a point must not depend on which other points are asked for."""
    with pytest.raises(RequestError, match="must not depend on other points"):
        Trial(function, PLANE, "own.py:f").convention()


def test_points_as_columns_are_the_transposition_mistake():
    """A function that takes points as columns only is refused with what to write in place of it."""
    with pytest.raises(RequestError, match=r"(?s)columns.*7 rows.*first 2.*p\[\.\.\., 0\]"):
        Trial(lambda p: p[0, :] ** 2 + 3 * p[1, :], PLANE, "own.py:f").convention()


def test_a_point_where_python_sees_an_error_is_undefined_and_a_fault_everywhere_is_raised():
    """math.sqrt(-1) is NaN there; a function that fails at all points has a fault."""
    values = NUMBERS.results(lambda x, y: math.sqrt(x) + y, PLANE, None)
    np.testing.assert_array_equal(np.isnan(values), PLANE[:, 0] < 0)
    with pytest.raises(ZeroDivisionError):
        Trial(lambda x, y: 1 / 0, PLANE, "f").convention()


def test_a_complex_value_is_undefined():
    """Where a result has an imaginary part, it is NaN."""
    values = POINTS.results(lambda p: np.emath.sqrt(p[..., 0]), PLANE, None)
    np.testing.assert_array_equal(np.isnan(values), PLANE[:, 0] < 0)


def test_a_constant_is_broadcast():
    """A function that gives one number for all points has it everywhere."""
    assert Trial(lambda p: 3, PLANE, "f").convention() is POINTS
    np.testing.assert_array_equal(POINTS.results(lambda p: 3, PLANE, None), np.full(7, 3.0))


@pytest.mark.parametrize(
    ("function", "form"),
    [
        (lambda p: np.stack([2 * p[..., 0], 3 + 0 * p[..., 1]], axis=-1), POINTS),
        (lambda p: np.array([2 * p[0], 3 + 0 * p[1]]), VECTORS),
        (lambda p: [2 * float(p[0]), 3.0], VECTORS),
        (lambda x, y: (2 * x, 3 + 0 * y), ARRAYS),
        (lambda x, y: (2 * x, 3), ARRAYS),
    ],
)
def test_vectors_are_had_in_each_form(function, form):
    """A gradient (N, 2) is found in the same forms; D arrays give D arrays."""
    found = Trial(function, PLANE, "f", width=2).convention()
    assert found is form
    expected = np.column_stack([2 * PLANE[:, 0], np.full(7, 3.0)])
    np.testing.assert_allclose(found.results(function, PLANE, 2), expected)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda p: None, "None; add a return"),
        (lambda p: "7", "an object of type str"),
        (lambda p: p, "one number for each of 7 points"),
        (lambda p: A @ p, "one number for each of 7 points"),
        (lambda a, b, c: a, r"points of 2 coordinates or 2 numbers.*\(a, b, c\)"),
        (lambda: 1, "must take points of 2 coordinates"),
    ],
)
def test_what_is_no_function_of_points_is_refused_in_words(function, words):
    """The message says what the function gave or takes."""
    with pytest.raises(RequestError, match=words):
        Trial(function, PLANE, "own.py:f").convention()


def test_a_missing_coordinate_is_told():
    """A function that reads a third coordinate of points that have two says how to name it."""
    with pytest.raises(IndexError, match="2 coordinates, name more with the options vars or fix"):
        Trial(lambda p: p[..., 2], PLANE, "own.py:f").convention()


def test_a_function_may_change_what_it_is_given():
    """Points are handed over as a copy."""

    def greedy(p):
        p *= 2
        return p[..., 0]

    before = PLANE.copy()
    form = Trial(greedy, PLANE, "f").convention()
    np.testing.assert_array_equal(form.results(greedy, PLANE, None), 2 * before[:, 0])
    np.testing.assert_array_equal(PLANE, before)


def test_a_branch_by_the_size_of_a_point_is_not_taken_for_a_function_of_columns():
    """A function of one point is called with one: the norm of many would not be that of each."""

    def disk(x):
        return 0.0 if np.linalg.norm(x) < 1e-3 else x[0] + 2 * x[1]

    assert Trial(disk, PLANE, "f").convention() is VECTORS
    np.testing.assert_array_equal(VECTORS.results(disk, np.array([[1e-4, 0], [3, 4]]), None), [0, 11])
