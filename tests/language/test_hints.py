"""Hints of errors: what is typed as the hint says is an expression, and the one that was meant."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradviz import Contour, sample
from gradviz.errors import ExpressionError
from gradviz.language.parser import parse
from gradviz.language.reading import read

# What was typed, what the hint says to type instead of the marked part, and the whole that this gives.
HINTS = [
    # products of variables
    ("xy", "x*y", "x*y"), ("2xy", "x*y", "2x*y"), ("xyz", "x*y*z", "x*y*z"), ("x0x1", "x0*x1", "x0*x1"),
    ("1/xy", "(x*y)", "1/(x*y)"), ("xy^2", "x*y^2", "x*y^2"), ("xe^x", "x*e^x", "x*e^x"),
    ("2xe^-x", "x*e^-x", "2x*e^-x"), ("pix", "pi*x", "pi*x"), ("xtheta", "x*theta", "x*theta"),
    ("ab + 1", "a*b", "a*b + 1"), ("x2y", "x2*y", "x2*y"), ("zx + xy", "z*x", "z*x + x*y"),
    ("ye^(-x^2)", "y*e^(-x^2)", "y*e^(-x^2)"),
    # functions
    ("sinx", "sin(x)", "sin(x)"), ("lnx", "ln(x)", "ln(x)"), ("cosx + 1", "cos(x)", "cos(x) + 1"),
    ("sqrtx", "sqrt(x)", "sqrt(x)"), ("tanhx", "tanh(x)", "tanh(x)"), ("expx", "exp(x)", "exp(x)"),
    ("sin2x", "sin(2*x)", "sin(2*x)"), ("sinxy", "sin(x*y)", "sin(x*y)"),
    ("costheta", "cos(theta)", "cos(theta)"),
    ("arctanx", "arctan(x)", "arctan(x)"), ("xsin(x)", "x*sin(x)", "x*sin(x)"),
    ("2xsin(x)", "x*sin(x)", "2x*sin(x)"), ("xln(x)", "x*ln(x)", "x*ln(x)"),
    ("xysin(y)", "x*y*sin(y)", "x*y*sin(y)"),
    ("1/xsin(x)", "(x*sin(x))", "1/(x*sin(x))"), ("sin x", "sin(x)", "sin(x)"),
    ("sin 2x", "sin(2x)", "sin(2x)"),
    ("sin x^2", "sin(x^2)", "sin(x^2)"), ("2*cos y", "cos(y)", "2*cos(y)"), ("sin", "sin(x)", "sin(x)"),
    ("log x + 1", "log(x)", "log(x) + 1"), ("sine(x)", "sin", "sin(x)"), ("Sin(x)", "sin", "sin(x)"),
    ("Sin[x]", "sin(x)", "sin(x)"), ("sin[2x]", "sin(2x)", "sin(2x)"), ("exp[-x]", "exp(-x)", "exp(-x)"),
    ("σ(x)", "sigmoid(x)", "sigmoid(x)"), ("σ(2x + 1)", "sigmoid(2x + 1)", "sigmoid(2x + 1)"),
    ("y(x)", "y*(x)", "y*(x)"), ("x(2)", "x*(2)", "x*(2)"),
    # inverse functions
    ("sin^-1(x)", "asin(x)", "asin(x)"), ("sin⁻¹(x)", "asin(x)", "asin(x)"),
    ("tan^-1(2x)", "atan(2x)", "atan(2x)"),
    ("cosh^-1(x) + 1", "acosh(x)", "acosh(x) + 1"), ("sec^-1(x)", "acos(1/(x))", "acos(1/x)"),
    ("ln^-1(x)", "exp(x)", "exp(x)"), ("tanh^(-1)(x)", "atanh(x)", "atanh(x)"),
    # functions of other languages
    ("np.sum(x**2)", "x0**2 + x1**2", "x0**2 + x1**2"), ("sum(x)", "x0 + x1", "x0 + x1"),
    ("np.mean(x**2)", "(x0**2 + x1**2)/2", "(x0**2 + x1**2)/2"), ("torch.prod(x)", "x0*x1", "x0*x1"),
    ("np.sum(sin(x)*x)", "sin(x0)*x0 + sin(x1)*x1", "sin(x0)*x0 + sin(x1)*x1"),
    ("np.linalg.norm(x)", "sqrt(x0**2 + x1**2)", "sqrt(x0**2 + x1**2)"),
    ("np.dot(x, x)", "x0*x0 + x1*x1", "x0*x0 + x1*x1"),
    ("pow(x, 3)", "x**3", "x**3"), ("pow(x + 1, 2)", "(x + 1)**2", "(x + 1)**2"),
    ("square(x)", "x**2", "x**2"),
    ("np.square(x - y)", "(x - y)**2", "(x - y)**2"), ("coth(x)", "1/tanh(x)", "1/tanh(x)"),
    ("2*expm1(x)", "(exp(x) - 1)", "2*(exp(x) - 1)"), ("log1p(x)", "log(1 + x)", "log(1 + x)"),
    ("fmod(x, 3)", "x % 3", "x % 3"), ("log_3(x)", "log(x, 3)", "log(x, 3)"), ("exp2(x)", "2**x", "2**x"),
    ("round(2x)", "floor((2x) + 1/2)", "floor(2x + 1/2)"), ("diff(x**2, x)", "x**2", "x**2"),
    ("grad(x*y)", "x*y", "x*y"), ("cosec(x)", "csc(x)", "csc(x)"), ("sech(x)", "1/cosh(x)", "1/cosh(x)"),
    # numbers
    ("min(x, inf)", "1e300", "min(x, 1e300)"), ("max(x, ∞)", "1e300", "max(x, 1e300)"),
    ("1_000x", "1000", "1000x"),
    ("2j*x", "2*j", "2*j*x"), ("2*pie", "pi", "2*pi"), ("0x1F", "0*x1F", None),
    # operators and brackets
    ("|x|", "abs(x)", "abs(x)"), ("2*|x - 1|", "abs(x - 1)", "2*abs(x - 1)"),
    ("[x + 1]*2", "(x + 1)", "(x + 1)*2"),
    ("{x + 1}*2", "(x + 1)", "(x + 1)*2"), ("x .* y", "*", "x * y"), ("x.^2", "^", "x^2"),
    ("x > 0", "where(x > 0, 1, 0)", "where(x > 0, 1, 0)"),
    ("2*(x > 0)", "where((x > 0), 1, 0)", "2*where(x > 0, 1, 0)"),
    ("x > 0 ? x : -x", "x if x > 0 else -x", "x if x > 0 else -x"),
    ("x ? 1 : 2", "1 if x != 0 else 2", "1 if x != 0 else 2"),
    ("where(x => 0, 1, 2)", ">=", "where(x >= 0, 1, 2)"),
    ("where(x =< 0, 1, 2)", "<=", "where(x <= 0, 1, 2)"),
    ("where(x = 0, 1, 2)", "==", "where(x == 0, 1, 2)"), ("where(x <> 0, 1, 2)", "!=", "where(x != 0, 1, 2)"),
    ("where(x > 0 && y > 0, 1, 2)", "and", "where(x > 0 and y > 0, 1, 2)"),
    ("where(x > 0 || y > 0, 1, 2)", "or", "where(x > 0 or y > 0, 1, 2)"),
    ("where(!x > 0, 1, 2)", "not", "where(not x > 0, 1, 2)"),
    ("where(x, 1, 2)", "x > 0", "where(x > 0, 1, 2)"), ("x^2 + y^2 = 1", "x^2 + y^2 - 1", "x^2 + y^2 - 1"),
    ("x + y = x - y", "x + y - (x - y)", "x + y - (x - y)"), ("x – 1", "'-'", "x - 1"), ("x•2", "'*'", "x*2"),
    ("x^2; y", "x^2", "x^2"), ("0,5*x", "'.'", "0.5*x"), ('"x**2"', "remove the quotes", "x**2"),
    ("x + 1)", "remove it", "x + 1"), ("(x)2", "'*'", "(x)*2"), ("xⁿ", "^n", "x^n"),
    ("x -> x^2", "x^2", "x^2"), ("(x, y) => x*y", "x*y", "x*y"), ("exp{-x}", "exp(-x)", "exp(-x)"),
    ("np.heaviside(x, 0.5)", "heaviside(x)", "heaviside(x)"),
    ("xcosy", "x*cos(y)", "x*cos(y)"), ("2xcosy", "x*cos(y)", "2x*cos(y)"),
    ("cos^2 x", "cos(x)^2", "cos(x)^2"),
    ("tan-1(x)", "atan(x)", "atan(x)"), ("max(x; y)", "','", "max(x, y)"), ("x_0x_1", "x_0*x_1", "x_0*x_1"),
    ("Φ(x)", "(1 + erf((x)/sqrt(2)))/2", "(1 + erf(x/sqrt(2)))/2"), ("∣x∣", "abs(x)", "abs(x)"),
    # LaTeX
    (r"\sinn(x)", "sin", r"\sin(x)"), (r"\alfa x", "alpha", r"\alpha x"),
    (r"\min(x, \infty)", "1e300", r"\min(x, 1e300)"),
    (r"\sqr{x}", "sqrt", r"\sqrt{x}"), (r"\sin^{-1} x", "asin", "asin(x)"),
]  # fmt: skip


def message_of(text):
    """Return the message of the error of a text."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize(("text", "hint", "followed"), HINTS)
def test_what_a_hint_says_to_type_gives_what_was_meant(text, hint, followed):
    """The message has the text to type, and with it in place of the marked part the whole is accepted."""
    message, found = message_of(text)
    assert hint in found
    assert message.count("\n") == 2
    if followed is not None:
        plain = re.sub(r"\s", "", followed).replace("(", "").replace(")", "")
        if hint[0] not in "'r":
            assert re.sub(r"\s", "", hint).replace("(", "").replace(")", "") in plain
        assert parse(followed)


@pytest.mark.parametrize(("text", "hint", "followed"), [row for row in HINTS if row[2]][::4])
def test_what_a_hint_says_to_type_is_a_picture(text, hint, followed):
    """Drawn over its variables, most of its points have a value."""
    if len(read(followed).variables) <= 2:
        values = sample(Contour(expression=followed, samples=9)).values
        assert np.isfinite(values).mean() > 0.05, (text, hint)


def test_there_are_many_hints():
    """The table has the slips of every kind that people were seen to make."""
    assert len(HINTS) >= 80
    assert len({text for text, _, _ in HINTS}) == len(HINTS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-y, x", "one function, whose gradient is drawn"), ("loss", "declare it"), ("rate*x", "declare it"),
        ("if x > 0: 1", "a if c else b"), ("f'(x)", "its gradient is drawn"), ("lr*x", "l*r, or declare it"),
        ("∇(x^2)", "its gradient is drawn"),
        ("x!", "factorials are not supported"),
        ("x # no", "remove it"), ("x +", "add a number or a name"), ("x[-1]", "x[0]"),
        ("∑x", "write the sum out"),
        (r"\int x", "write the integrated function"), ("x 2", "such as '*'"),
        ("x + 1 -> x^2", "write what follows it"),
        ("leaky_relu(x, negative_slope=0.1)", "without a name"), (r"\vec{x}^2", "the letter alone"),
    ],
)  # fmt: skip
def test_a_hint_says_what_to_do_where_no_text_can_be_offered(text, words):
    """A vector field, a name, a factorial: the rule, in one line."""
    assert words in message_of(text)[1]
