"""Values as texts, in as few digits as tell them apart."""

from __future__ import annotations

import math

import pytest

from gradviz.sampling.numbers import format_point, format_value, format_values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.5, "0.5"),
        (2000.0, "2000"),
        (-1.25, "−1.25"),
        (1 / 3, "0.333333"),
        (12345.678, "12345.7"),
        (1e5, r"$\mathdefault{10^{5}}$"),
        (3e6, r"$\mathdefault{3 \times 10^{6}}$"),
        (-3e-5, r"$\mathdefault{−3 \times 10^{-5}}$"),
        (-1e5, r"$\mathdefault{−1 \times 10^{5}}$"),
        (123456.0, r"$\mathdefault{1.235 \times 10^{5}}$"),
    ],
)
def test_a_number_has_few_digits(value, text):
    """Up to six digits of numbers from 0.0001 to 99999, up to four beside a power of ten."""
    assert format_value(value) == text


def test_numbers_that_differ_have_texts_that_differ():
    """There are as few digits as tell all numbers apart, up to those of neighbouring doubles."""
    assert format_values([1.0, 2.0]) == {1.0: "1", 2.0: "2"}
    million = format_values([1e6, 1e6 + 1, 1e6 + 2])
    assert list(million.values()) == [
        r"$\mathdefault{10^{6}}$",
        r"$\mathdefault{1.000001 \times 10^{6}}$",
        r"$\mathdefault{1.000002 \times 10^{6}}$",
    ]
    near = [1e12, math.nextafter(1e12, math.inf), 1 / 3, math.nextafter(1 / 3, 1)]
    assert len({*format_values(near).values()}) == 4


def test_a_point_is_its_coordinates():
    """The order is that of the coordinates."""
    assert format_point((1.0, -2.5)) == "(1, -2.5)"
    assert format_point([0.25]) == "(0.25)"
