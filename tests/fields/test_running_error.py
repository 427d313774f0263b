"""Bounds on rounding errors, against values in 200 bits."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.fields.field import field
from gradviz.fields.precise import UndefinedError

FORMULAS = [
    "x**3 - 2*x*y + y/x", "sin(20*x)*cos(y)", "exp(-x**2)*log(2 + y)", "(1 - cos(x/1000))/y**2",
    "sqrt(x**2 + y**2 + 1) - hypot(x, y)", "tanh(5*x) + sigmoid(30*y) + softplus(10*x)",
    "abs(x)**1.5 + abs(y)",
    "atan2(y, x) + asin(sin(x)/2) + atan(9*y)", "max(x*y, x**2 - 1) + min(y, x)", "where(x > y, x*y, x/y)",
    "erf(x)*cosh(y) + sinh(x*y) + acosh(2 + x**2)", "log(2 + sin(1e6*x)) + x**2.5*y",
    "mod(x, 0.7)*y + floor(3*x)*y",
    "silu(5*x) + gelu(3*y) + elu(2*x, 0.5)*y", "leaky_relu(x - y)*y + logsumexp(30*x, y, 1)",
    "sinc(9*x) + sinc(x*y/1000)",
    "log2(3 + x) + log10(4 + y) + asinh(x) + atanh(y/4) + cbrt(x + 9) + tan(x)/9 + acos(y/3)",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_bound_holds_and_is_not_far_above_the_error(text):
    """At 300 points the error is below the bound; the bound is below 1e6 times the largest error."""
    function = field(text)
    points = np.random.default_rng(len(text)).uniform(-2, 2, (300, 2))
    slopes, bounds, singular = function.gradient_with_error(points)
    errors, limits = [], []
    for point, slope, bound, skipped in zip(points, slopes, bounds, singular, strict=True):
        try:
            true = function.precise.evaluate(point.tolist(), 200).slopes
        except UndefinedError:
            assert skipped
            continue
        if not skipped:
            errors.append([abs(float(t - g)) for t, g in zip(true, slope.tolist(), strict=True)])
            limits.append(bound)
    assert len(errors) >= 100
    assert (np.array(errors) <= np.array(limits)).all()
    assert np.median(np.array(limits)) <= 1e6 * max(np.max(errors), 1e-17)


@pytest.mark.parametrize(
    "text",
    [
        "abs(x)",
        "sqrt(x)",
        "floor(x)",
        "max(x, 0)",
        "where(x > 0, x, 1)",
        "1/x",
        "sign(x)",
        "leaky_relu(x)",
        "elu(x, 2)",
    ],
)
def test_points_where_a_derivative_may_not_exist_are_singular(text):
    """They are just those at 0, and not those beside it."""
    _, _, singular = field(text).gradient_with_error([[0.0], [0.5]])
    assert singular.tolist() == [True, False]
