"""Tests of the closed forms of constants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradviz import field
from gradviz.fields.named_constants import factors
from gradviz.language.reading import number
from gradviz.printing.expression_text import ExpressionText

FORMS = [
    "1/3", "3*pi", "pi/180", "1/pi", "5.1/(4*pi**2)", "pi**2/6", "sqrt(2)", "sqrt(3)/2", "1/sqrt(2*pi)",
    "2/sqrt(pi)", "sqrt(pi)/2", "sqrt(5/3)", "e", "3/e", "2*e/7", "log(2)", "1/log(10)", "log(3)/2",
    "9999/10000", "tau", "2/sqrt(3*pi)",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMS)
def test_the_form_of_a_constant_has_its_value(text):
    """It is short, and its value is the constant to a few roundings."""
    value = number(text)
    form = factors(value, is_ratio=False)
    printed = [ExpressionText().text(node) for node in (*form.above, *form.below)]
    above, below = printed[: len(form.above)], printed[len(form.above) :]
    again = form.numerator / form.denominator
    again *= math.prod(map(number, above)) / math.prod(map(number, below))
    assert again == pytest.approx(value, rel=1e-15)
    assert form.numerator <= 10_000
    assert len("".join(printed)) <= 14


def test_a_number_without_a_form_stays_as_it_is():
    """Of 3,000 random constants none is taken for another one; short decimals stay decimals."""
    for value in np.random.default_rng(8).uniform(0.001, 1000, 3000).tolist():
        form = factors(value, is_ratio=False)
        assert form == (value, 1, (), ())
    for value in (0.5, 0.02, 1.05, 1e-6, 1e300, 123456.789, 7.0, 0.0):
        assert factors(value, is_ratio=False) == (value, 1, (), ())
    assert factors(0.5, is_ratio=True) == (1.0, 2, (), ())


def test_a_large_constant_has_no_name():
    """The square of exp(600) overflows, and so is no ratio; its derivative is printed all the same."""
    assert field("exp(600)*x + 3*y").derivative_texts[1] == "3"
    assert float(field("exp(600)*x").derivative_texts[0]) == pytest.approx(math.exp(600), rel=1e-14)
