"""Tests of forms of expressions that do not overflow."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from gradviz import Contour, Tangent, field, sample
from gradviz.language.parser import parse
from gradviz.language.stable_forms import stabilized, stable_parts
from gradviz.printing.expression_text import ExpressionText

TEXT = ExpressionText().text
FORMS = {
    "log(1 + exp(x))": "softplus(x)", "log(exp(2*x) + 1)": "softplus(2*x)",
    "log2(1 + e^x)": "softplus(x)/log(2)",
    "log(exp(x) + exp(y))": "logsumexp(x, y)", "log(exp(x))": "x",
    "log(exp(x) + 1 + e^y)": "logsumexp(x, 0, y)",
    "log(exp(x) + 2)": "logsumexp(x, log(2))", "log2(exp(x) + exp(-x))": "logsumexp(x, -x)/log(2)",
    "log(cosh(x))": "abs(x) + softplus(-2*abs(x)) - log(2)", "1/(1 + exp(-x))": "sigmoid(x)",
    "1/(1 + exp(x))": "sigmoid(-x)", "exp(x)/(1 + exp(x))": "sigmoid(x)", "e^x/(e^x + 1)*y": "y*sigmoid(x)",
    "2*exp(x)/(1 + exp(x))": "2*sigmoid(x)", "exp(x)/(exp(x) + exp(y))": "sigmoid(x - y)",
    "(exp(2*x) - 1)/(exp(2*x) + 1)": "tanh(x)", "(exp(x) - 1)/(exp(x) + 1)": "tanh(x/2)",
    "(1 - exp(-2*x))/(1 + exp(-2*x))": "tanh(x)", "(exp(x) - exp(-x))/(exp(x) + exp(-x))": "tanh(x)",
    "sinh(x*y)/cosh(x*y)": "tanh(x*y)", "sqrt(x**2 + y**2)": "hypot(x, y)", "(x*x + 4)^(1/2)": "hypot(x, 2)",
    "sqrt(x**2 + y**2 + 9)": "hypot(hypot(x, y), 3)", "x/sqrt(x**2 + y**2)": "x/hypot(x, y)",
    "log(1 + exp(-x)) + log(1 + exp(y))": "softplus(-x) + softplus(y)",
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_an_expression_has_a_stable_form_with_its_values(text):
    """Where nothing overflows, both agree; where a part does, the form has the true value."""
    form = TEXT(stabilized(parse(text)))
    assert form == FORMS[text]
    first, second = (field(each, variables=["x", "y"]) for each in (text, form))
    points = np.random.default_rng(2).uniform(-3, 3, (100, 2))
    np.testing.assert_allclose(second(points), first(points), rtol=1e-12, atol=1e-14)
    for point in ([1000.0, 500.0], [-800.0, 900.0]):
        with mpmath.workprec(200):
            expected = float(first.precise.evaluate(point, 4000, slopes=False).value)
        assert second(point) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    "text",
    ["log(1 + x)", "exp(x) + 1", "1/(1 + x)", "sqrt(x**2 + y)", "sqrt(x + 1)", "(exp(x) - 1)/(exp(y) + 1)",
     "(exp(x) + 1)/(exp(x) - 1)", "exp(x)/(exp(y) + 1)", "sinh(x)/cosh(y)", "sqrt(2**2 + 3**2)*x", "log(x)"],
)  # fmt: skip
def test_another_expression_has_none(text):
    """What only looks similar keeps its form."""
    assert list(stable_parts(parse(text))) == []
    assert stabilized(parse(text)) == parse(text)


def test_advice_is_given_where_a_part_overflows():
    """It counts the points, and names the part as it was typed; elsewhere there is none."""
    soft = field("3*log( 1+e^x )")
    assert soft.overflow_hint([[1.0], [700.0]]) == ""
    hint = soft.overflow_hint([[1.0], [710.0], [-1e6], [800.0]])
    assert (
        hint == "an intermediate result overflows at 2 of 4 points; use softplus(x) in place of log( 1+e^x )"
    )
    assert field("1/x").overflow_hint([[0.0]]) == ""


@pytest.mark.parametrize(
    ("text", "points", "expected"),
    [
        ("log(1 + exp(x))", [1.0, 800.0], [False, True]),
        ("log(exp(x) + exp(2*x))", [-800.0, 800.0], [True, True]),
        ("exp(x)*exp(-x)", [1.0, 800.0], [False, True]), ("1/x + log(x)", [0.0, -1.0], [False, False]),
        ("x**-2", [0.0, 1.0], [False, False]), ("x^400/(1 + x^400)", [3.0, 9.0], [False, True]),
        ("log(x)", [0.0, 1.0], [False, False]), ("exp(x)", [800.0, 1.0], [True, False]),
    ],
)  # fmt: skip
def test_an_overflow_is_not_taken_for_a_point_outside_of_the_domain(text, points, expected):
    """It is a result of finite arguments that is too large, unless there is a pole."""
    assert field(text).has_overflow([[x] for x in points]).tolist() == expected


def test_a_figure_reports_an_overflow_and_not_an_undefined_point():
    """The advice has the form to type, and a formula without one is left blank as an overflow."""
    for text, words in (("log(1 + exp(x))", "use softplus(x)"), ("exp(x)*exp(-x)", "overflows at")):
        notes = "\n".join(sample(Tangent(expression=text, at=[0], range=(-1000, 1000))).warnings)
        assert words in notes
        assert "undefined" not in notes
    samples = sample(Contour(expression="log(exp(x) + exp(y))", range=(-1000, 1000)))
    assert [note for note in samples.warnings if "undefined" in note or "cut where" in note] == []
