"""Values and gradients in any precision, against mpmath's own functions and numerical derivatives."""

from __future__ import annotations

import mpmath
import pytest

from gradviz.fields.precise import PreciseExpression, UndefinedError, UnresolvedError
from gradviz.language.reading import read
from gradviz.language.tables import FUNCTIONS

BITS = 200


def precise(text, **parameters):
    return PreciseExpression(read(text, parameters=parameters))


FORMULAS = [
    ("x**3 - 2*x*y + y/x", lambda x, y: x**3 - 2 * x * y + y / x),
    ("sin(x)*cos(y) + tan(x*y)", lambda x, y: mpmath.sin(x) * mpmath.cos(y) + mpmath.tan(x * y)),
    ("exp(-x**2)*log(1 + y)", lambda x, y: mpmath.exp(-(x**2)) * mpmath.log(1 + y)),
    ("x**y + y**(1/3)", lambda x, y: x**y + y ** (mpmath.mpf(1) / 3)),
    ("atan2(y, x) + hypot(x, 2*y)", lambda x, y: mpmath.atan2(y, x) + mpmath.hypot(x, 2 * y)),
    ("log(x + 1, y + 2) + log2(x) + log10(y)",
     lambda x, y: mpmath.log(x + 1, y + 2) + mpmath.log(x, 2) + mpmath.log10(y)),
    ("asin(x/2) - acos(y/3) + atan(x)",
     lambda x, y: mpmath.asin(x / 2) - mpmath.acos(y / 3) + mpmath.atan(x)),
    ("sinh(x) + cosh(y)*tanh(x)", lambda x, y: mpmath.sinh(x) + mpmath.cosh(y) * mpmath.tanh(x)),
    ("asinh(x) + acosh(1 + y) + atanh(x/4)",
     lambda x, y: mpmath.asinh(x) + mpmath.acosh(1 + y) + mpmath.atanh(x / 4)),
    ("sec(x) + csc(y) + cot(x + y)", lambda x, y: mpmath.sec(x) + mpmath.csc(y) + mpmath.cot(x + y)),
    ("erf(x) + sigmoid(y - x)", lambda x, y: mpmath.erf(x) + 1 / (1 + mpmath.exp(x - y))),
    ("softplus(x - y) + sqrt(y) + cbrt(x)",
     lambda x, y: mpmath.log(1 + mpmath.exp(x - y)) + mpmath.sqrt(y) + mpmath.cbrt(x)),
    ("abs(x - y) + max(x, y**2) + min(x, y, 9)",
     lambda x, y: abs(x - y) + max(x, y**2) + min(x, y, mpmath.mpf(9))),
    ("mod(7*x, y) + x//0.5 + floor(3*y) + ceil(x) + sign(x) + heaviside(y)",
     lambda x, y: 7 * x - y * mpmath.floor(7 * x / y) + mpmath.floor(x / mpmath.mpf(0.5))
     + mpmath.floor(3 * y) + mpmath.ceil(x) + 2),
    ("clip(x*y, 0.25, 9) + relu(x - 0.1) + 3*pi*x",
     lambda x, y: x * y + x - mpmath.mpf(0.1) + 3 * mpmath.pi * x),
    ("silu(x - y) + gelu(x*y) + gelu(-9*x) + elu(x - 2, y) + elu(y)",
     lambda x, y: (x - y) / (1 + mpmath.exp(y - x)) + x * y * (1 + mpmath.erf(x * y / mpmath.sqrt(2))) / 2
     - 9 * x * mpmath.erfc(9 * x / mpmath.sqrt(2)) / 2 + y * (mpmath.exp(x - 2) - 1) + y),
    ("leaky_relu(x - 2) + leaky_relu(x - 3, y) + logsumexp(x, 2*y, 1)",
     lambda x, y: mpmath.mpf(0.01) * (x - 2) + y * (x - 3)
     + mpmath.log(mpmath.exp(x) + mpmath.exp(2 * y) + mpmath.e)),
    ("sinc(x) + sinc(30*y) + sinc(1e-9*x)",
     lambda x, y: mpmath.sin(x) / x + mpmath.sin(30 * y) / (30 * y)
     + mpmath.sin(mpmath.mpf(1e-9) * x) / (mpmath.mpf(1e-9) * x)),
    ("where(x > y, x*y, x/y)", lambda x, y: x * y if x > y else x / y),
]  # fmt: skip


@pytest.mark.parametrize(("text", "function"), FORMULAS, ids=[text for text, _ in FORMULAS])
def test_values_and_slopes_are_those_of_mpmath(text, function):
    """All functions, to 50 digits: decimals are their doubles, and nothing else is rounded."""
    point = (0.7, 0.9)
    local = precise(text).evaluate(point, BITS)
    with mpmath.workprec(2 * BITS):
        x, y = map(mpmath.mpf, point)
        slopes = [mpmath.diff(lambda t: function(t, y), x), mpmath.diff(lambda t: function(x, t), y)]
        assert mpmath.almosteq(mpmath.mpf(local.value), function(x, y), 1e-50, 1e-50)
        assert all(map(lambda a, b: mpmath.almosteq(mpmath.mpf(a), b, 1e-50, 1e-50), local.slopes, slopes))
    assert not local.singular


def test_every_function_of_the_language_is_tested_above():
    """A function that is added to the language gets a rule, and a test."""
    tested = "".join(text for text, _ in FORMULAS)
    assert [name for name in FUNCTIONS if f"{name}(" not in tested and name != "mod"] == []


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("abs(x)", [0]), ("abs(x**2)", [0]), ("sign(x - 2)", [2]), ("floor(x)", [3]), ("x % 2", [4]),
        ("max(x, y)", [2, 2]), ("min(x, 1)", [1]), ("clip(x, 0, 1)", [1]), ("relu(x)", [0]), ("sqrt(x)", [0]),
        ("cbrt(x)", [0]), ("asin(x)", [1]), ("acosh(x)", [1]), ("hypot(x, y)", [0, 0]),
        ("atan2(y, x)", [-1, 0]), ("where(x > 1, 2, 3)", [1]), ("where(x == 0, 1, 2)", [0]), ("x**0.5", [0]),
        ("x**y", [-2, 2]), ("leaky_relu(x)", [0]), ("elu(x, 2)", [0]),
    ],
)  # fmt: skip
def test_operations_without_a_derivative_are_singular(text, point):
    """A kink, a jump or an unbounded slope at the point itself; constants have none."""
    assert precise(text).evaluate(point, BITS).singular
    assert not precise(f"x*abs({point[0]} - {point[0]})").evaluate([2], BITS).singular


@pytest.mark.parametrize(
    "text", ["x/x", "x**2/x", "1/x", "log(x)", "sqrt(x - 1)", "asin(x - 2)", "0*log(x)", "x**-1"]
)
def test_what_is_undefined_as_typed_is_undefined(text):
    """Nothing is cancelled before it is evaluated."""
    with pytest.raises(UndefinedError):
        precise(text).evaluate([0], BITS)


def test_towers_of_exponentials_are_given_up():
    """exp(exp(exp(exp(10)))) has more digits than there is memory."""
    with pytest.raises(UnresolvedError):
        precise("exp(exp(exp(exp(x))))").evaluate([10], BITS)


def test_parameters_and_regions_hold():
    """a*x has the slope a, and there is none outside of the region."""
    assert precise("a*x", a=2.5).evaluate([3], BITS).slopes == (2.5,)
