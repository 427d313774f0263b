"""Tests of formulas where SymPy cancels a part that is undefined somewhere."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from gradviz import field
from gradviz.calculus import gradient
from gradviz.errors import ExpressionError
from gradviz.fields import functions
from gradviz.fields.precise import UndefinedError

PARTS = [
    "x", "x - 1", "x*y", "log(x)", "sqrt(x - y)", "sin(x)", "abs(y)", "asin(y)", "x**0.5", "1/x", "x**2 + y",
    "log2(y)*x", "where(x > 0, log(x), y)", "Piecewise((y, x > 0))", "acosh(x)", "atanh(y)", "max(x, y)",
    "x % y", "cbrt(x)", "cot(x)", "sec(y)", "x // y", "hypot(x, y)",
]  # fmt: skip
FORMS = [
    "({0})/({0})", "({0})**2/({0})", "({0})*({0})/({0})", "({0}) - ({0})", "0*({0})",
    "1/(1/({0}))", "({0})**0", "0/({0})", "(({0})**2 + ({0}))/({0})", "({0})*(1/({0})) + y", "log({0}, {0})",
    "x + 2*({0}) - ({0})*2", "where(y > 0, ({0}) - ({0}), 3)", "log(({0})/({0}))", "max(({0})/({0}), 0)",
    "atan(1/({0}))", "1/(1 + 1/({0}))", "exp(-1/({0})**2)", "max(log(({0})**2), -1)",
]  # fmt: skip
POINTS = np.array(list(itertools.product([-1.0, 0.0, 0.5, 1.0, 2.0], [-1.0, 0.0, 1.0, 0.25])))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part", PARTS)
def test_a_field_is_undefined_where_the_expression_as_typed_is(part, form):
    """Its value, gradient and Hessian are NaN there; mpmath evaluates the tree without simplification."""
    try:
        made = field(form.format(part), variables=["x", "y"])
    except ExpressionError:
        pytest.skip("a constant part is undefined")
    values, slopes, second = made(POINTS), made.gradient(POINTS), made.hessian(POINTS)
    for index, point in enumerate(POINTS):
        try:
            expected = float(made.precise.evaluate(point.tolist(), 120, slopes=False).value)
        except UndefinedError:
            expected = np.nan
        np.testing.assert_allclose(values[index], expected, rtol=1e-13, atol=1e-13, err_msg=str(point))
        if np.isnan(expected):
            assert np.isnan(slopes[index]).all()
            assert np.isnan(second[index]).all()


@pytest.mark.parametrize(
    "text",
    ["sin(x)/x", "x**2/(x - 1)", "x**3/x**5", "exp(x)/exp(x)", "x**0", "sqrt(x)*sqrt(x)", "2*log(x) - log(x)",
     "x - x", "cosh(x)/cosh(x)", "where(x > 0, log(x), 1)", "1/x + 2/x", "2**x/2**x"],
)  # fmt: skip
def test_a_formula_without_a_cancelled_part_has_no_guard(text):
    """Its program is the one without guards."""
    assert not field(text).formula.has(functions.defined)


@pytest.mark.parametrize("method", ["adaptive", "exact", "complex", "central"])
def test_every_method_knows_where_a_cancelled_part_is_undefined(method):
    """x*x/x has the slope 1 but at 0, also next to 0, where 1/x overflows."""
    slopes = gradient(field("x*x/x"), method=method)([[0.0], [2.0], [-1e-310]])
    assert np.isnan(slopes[0, 0])
    np.testing.assert_allclose(slopes[1:, 0], 1, rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "at", "beside"),
    [
        ("exp(-1/x**2)", 0, math.exp(-4)),
        ("exp(-1/abs(x))", 0, math.exp(-2)),
        ("atan(1/x)", 0, math.atan(2)),
        ("tanh(2/x)", 0, math.tanh(4)),
        ("1/(1 + 1/x)", 0, 1 / 3),
        ("1/(1 + exp(3/x))", 0, 1 / (1 + math.exp(6))),
        ("1/log(x)", 0, 1 / math.log(0.5)),
        ("exp(2*log(x))", 0, 0.25),
        ("min(1/x**2, 3)", 0, 3),
        ("sign(1/(x - 1))", 1, -1),
        ("atan2(1/x, 2)", 0, math.pi / 4),
        ("atan(x**-0.5)", 0, math.atan(math.sqrt(2))),
        ("clip(log2(x), -2, 2)", 0, -1),
        ("sigmoid(1/x)", 0, 1 / (1 + math.exp(-2))),
    ],
)
def test_a_value_that_passes_through_infinity_is_undefined(text, at, beside):
    """At 0, 1/x and log(x) have no value, and so has no function of them, as x/x has none."""
    f = field(text)
    values = f([[float(at)], [0.5]])
    assert math.isnan(values[0])
    assert values[1] == pytest.approx(beside, rel=1e-14)
    for method in ("exact", "adaptive"):
        slope = gradient(f, method=method, scale=(1,))([[float(at)], [0.5]])
        assert math.isnan(slope[0, 0])
        assert math.isfinite(slope[1, 0])


def test_an_overflow_of_a_part_leaves_a_value_defined():
    """1/(1 + exp(x)) and 1/(1 + 1/exp(-x)) are 0 up to rounding where exp(x) is too large for a double."""
    for text in ("1/(1 + exp(x))", "1/(1 + 1/exp(-x))", "exp(-exp(x))", "atan(exp(x))*0"):
        assert field(text)([[800.0]]) == 0


@pytest.mark.parametrize(
    ("text", "at", "slope"),
    [
        ("cosh(x)/cosh(x + 1)", 710.0, 0.0),
        ("sinh(x)/exp(x + 1)", 709.0, 0.0),
        ("exp(x)/(2 + exp(x + 1))", 709.5, 0.0),
        ("exp(600)/exp(x)", 709.9, -math.exp(600 - 709.9)),
        ("x**2/(1 + x**2)", 1e160, 0.0),
    ],
)
def test_a_denominator_that_overflows_makes_no_zero(text, at, slope):
    """A large number over one above 1.8e308 is not 0 but unknown, and the exact slope is the true one.

    Slopes below 1e-300 are 0 here: those of the first three are e^-1420 and the like.
    """
    f = field(text)
    assert math.isnan(f([at]))
    estimate = gradient(f, method="exact").estimate([at])
    assert estimate.gradient[0] == pytest.approx(slope, rel=1e-12, abs=1e-300)
    assert estimate.reasons() == ["overflow"]


def test_guards_of_nested_parts_grow_with_the_depth_alone():
    """A continued fraction has as many guards as levels, and each of its poles is a gap."""
    short, long = ("1/(1 + " * n + "x" + ")" * n for n in (10, 40))
    first, last = (len(field(text)._program("value").instructions) for text in (short, long))
    assert last < 5 * first
    assert math.isnan(field("atan(1/(1 + 1/x))")([-1.0]))
    assert math.isnan(field("atan(1/(1 + 1/x))")([0.0]))
