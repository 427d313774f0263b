"""Tests of formulas where SymPy cancels a part that is undefined somewhere."""

from __future__ import annotations

import itertools

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
