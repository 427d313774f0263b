"""Functions in NumPy from expressions, and their symbolic gradients."""

from __future__ import annotations

import builtins
import math

import numpy as np
import pytest
import sympy
from sympy.parsing import sympy_parser

from gradviz.errors import ExpressionError
from gradviz.fields import functions
from gradviz.fields.compiling import compile_program
from gradviz.fields.field import field
from gradviz.fields.formula import derivative, formula, symbol
from gradviz.language.parser import parse


def of(text, **parameters):
    """Return the formula of a text."""
    return formula(parse(text, parameters), text, parameters)


x, y = symbol("x"), symbol("y")


def test_a_symbol_is_real():
    """Without that, SymPy could not differentiate abs to something that has a value."""
    assert symbol("x").is_real
    assert symbol("x") == symbol("x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + y", x + y),
        ("x - y", x - y),
        ("2*x", sympy.Float(2.0) * x),
        ("x*y", x * y),
        ("x/y", x / y),
        ("-x", -x),
        ("x**2", x**2),
        ("x**-3", x**-3),
        ("x**64", x**64),
        ("(x*y)**2", x**2 * y**2),
        ("x**65", functions.power(x, sympy.Float(65.0))),
        ("x**0.5", functions.power(x, sympy.Float(0.5))),
        ("x**y", functions.power(x, y)),
        ("2**x", functions.power(sympy.Float(2.0), x)),
        ("sin(x)", functions.sin(x)),
        ("sec(x)", 1 / functions.cos(x)),
        ("csc(x)", 1 / functions.sin(x)),
        ("cot(x)", functions.cos(x) / functions.sin(x)),
        ("log(x)", functions.log(x)),
        ("log(x, y)", functions.log(x) / functions.log(y)),
        ("relu(x)", functions.max(x, sympy.Integer(0))),
        ("clip(x, -1, y)", functions.min(functions.max(x, sympy.Integer(-1)), y)),
        ("max(x)", x),
        ("min(x)", x),
        ("max(x, y)", functions.max(x, y)),
        ("where(x > 0, x, y)", functions.where(functions.gt(x, sympy.Integer(0)), x, y)),
        ("7", sympy.Float(7.0)),
        ("x - x", sympy.Integer(0)),
    ],
)
def test_a_tree_becomes_the_formula_that_sympy_would_be_given_by_hand(text, expected):
    """Built by constructors, with numbers as floats and small whole exponents as integers."""
    assert of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "abs(abs(x))",
        "max(x, x)",
        "sin(asin(x))",
        "floor(floor(x))",
        "sqrt(x**2)",
        "log(exp(x))",
        "sign(sign(x))",
    ],
)
def test_a_function_is_left_as_it_stands(text):
    """SymPy's own would simplify, some without bound, and change where the formula is defined."""
    assert str(of(text)).replace("**2.0", "**2") == text


def test_a_parameter_is_its_number():
    """It is put in before constants are folded, so it takes part in them."""
    assert of("a*x + a**2", a=3.0) == sympy.Float(3.0) * x + sympy.Float(9.0)
    assert of("x**n", n=2.0) == x**2
    assert not of("a*x", a=2.0).has(symbol("a"))


@pytest.mark.parametrize(
    ("text", "parameters", "culprit"),
    [
        ("x/a", {"a": 0.0}, "a"),
        ("sqrt(a)*x", {"a": -1.0}, "sqrt(a)"),
        ("x + 10**a", {"a": 400.0}, "10**a"),
        ("a*x", {"a": float("inf")}, "a"),
        ("a*x", {"a": float("nan")}, "a"),
        ("log(x, a)", {"a": 1.0}, "a"),
    ],
)
def test_a_parameter_that_spoils_a_constant_part_is_refused_there(text, parameters, culprit):
    """The carets stand under the part that has no value with it."""
    with pytest.raises(ExpressionError) as caught:
        of(text, **parameters)
    assert text[caught.value.start : caught.value.stop] == culprit


@pytest.mark.parametrize(
    "text", ["1/(x - x)", "y/(x*y - y*x)", "(x - x)**-1", "(x-x)/(x-x)", "1e300*x*1e300*y"]
)
def test_what_only_sympy_finds_out_is_refused_too(text):
    """A division by zero or an overflow that shows once terms cancel or numbers meet."""
    with pytest.raises(ExpressionError, match="division by zero or overflows"):
        of(text)


def test_a_power_of_a_product_does_not_overflow_on_paper():
    """(1e10*x)**40 is 1 at x = 1e-10; pulled apart it would be 1e400 times 1e-400."""
    assert field("(1e10*x)**40")([[1e-10]])[0] == pytest.approx(1.0, rel=1e-13)
    assert field("(1e200*x)**2")([[1e-200]])[0] == pytest.approx(1.0, rel=1e-13)


def test_a_derivative_holds_no_derivative_left_undone():
    """Each function knows its own, so every formula can be differentiated."""
    everything = of("max(abs(x)**y, atan2(y, x), mod(x, y), where(x > y, erf(x), sigmoid(y)), softplus(x*y))")
    for variable in (x, y):
        slope = derivative(everything, variable)
        assert not slope.has(sympy.Derivative, sympy.Subs, sympy.I)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x**4*y", lambda a, b: 12 * a**2 * b),
        ("sin(3*x)*y", lambda a, b: -9 * math.sin(3 * a) * b),
        ("max(x**3, y**2)", lambda a, b: 6 * a if a**3 > b**2 else 0),
        ("min(x**3, 7, y)", lambda a, b: 6 * a if a**3 < min(7, b) else 0),
        ("where(x > y, x**3, x)", lambda a, b: 6 * a if a > b else 0),
        ("abs(x)**3", lambda a, _: 6 * abs(a)),
        ("x**y", lambda a, b: b * (b - 1) * a ** (b - 2)),
        ("exp(-x**2)/y", lambda a, b: (4 * a * a - 2) * math.exp(-a * a) / b),
    ],
)
def test_a_derivative_can_be_differentiated_again(text, values):
    """Hessians need that; the second derivatives along x are written by hand."""
    twice = derivative(derivative(of(text), x), x)
    a, b = np.random.default_rng(6).uniform(0.3, 2.0, (2, 50))
    (found,) = compile_program([twice], [x, y]).run([a, b])
    expected = [values(*point) for point in zip(a, b, strict=True)]
    np.testing.assert_allclose(np.broadcast_to(found, 50), expected, rtol=1e-12, atol=1e-13)


def test_numbers_are_floats_so_that_nothing_grows():
    """Exact integers are what lets a short formula grow without bound: there are small exponents only."""
    built = of("123456789*x**3 + x/7 + 1000000007*y*1000000009")
    whole = {abs(int(number)) for number in built.atoms(sympy.Integer)}
    assert whole <= {1, 3}
    assert built.coeff(x, 3) == sympy.Float(123456789.0)


HOSTILE = [
    "x0*x1",
    "lambda*S + I",
    "x if x > 0 else y",
    "Piecewise((x, x > 0), (sin(x), True))",
    "2**x*N*Q*O*C",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_was_typed_is_ever_evaluated_as_code(text, monkeypatch):
    """From the text to numbers: no eval, exec or compile, and SymPy is never given a string to read."""
    points = np.full((3, len(field(text).variables)), 0.5)
    field(text).gradient(points)  # what is imported late is imported now
    assert field(text).derivative_texts

    def never(*arguments, **_):
        raise AssertionError(f"called with {arguments}")

    for name in ("eval", "exec", "compile"):
        monkeypatch.setattr(builtins, name, never)
    monkeypatch.setattr(sympy_parser, "parse_expr", never)
    sympy.core.cache.clear_cache()
    again = field(text)
    assert np.isfinite(again(points)).all()
    assert np.isfinite(again.gradient(points)).all()
    assert len(again.derivative_texts) == len(again.variables)


def test_a_variable_may_have_a_name_that_sympy_uses():
    """S, I, N, O, Q, C and E's neighbours are letters like any other."""
    made = field("S*1 + 2*I + 3*N + 4*O + 5*Q + 6*C")
    assert made.variables == ("C", "I", "N", "O", "Q", "S")
    assert made.gradient(np.zeros(6)).tolist() == [6.0, 2.0, 3.0, 4.0, 5.0, 1.0]
