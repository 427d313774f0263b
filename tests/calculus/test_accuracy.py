"""Errors of gradients of published functions, and the page that lists them."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

DOCS = Path(__file__).parents[2] / "docs"
_SPEC = importlib.util.spec_from_file_location("accuracy", DOCS / "accuracy.py")
accuracy = importlib.util.module_from_spec(_SPEC)
sys.modules["accuracy"] = accuracy  # where dataclasses look for their module
_SPEC.loader.exec_module(accuracy)


@functools.cache
def outcome(name):
    """Return what comes of one of gradviz's methods, measured once."""
    return accuracy.outcome(accuracy.METHODS[name])


@pytest.mark.parametrize(
    ("name", "bars"),
    [
        ("gradviz adaptive", {0.5: 1e-12, 0.9: 1e-11, 0.99: 2e-8}),
        ("gradviz complex", {0.5: 1e-15, 0.9: 1e-14, 0.99: 1e-11}),
        ("gradviz exact", {0.5: 1e-15, 0.9: 1e-14, 0.99: 1e-11}),
        ("gradviz central, h = 1e-4", {0.5: 1e-8, 0.9: 1e-6}),
    ],
)
def test_gradients_of_published_functions_are_as_exact_as_promised(name, bars):
    """Against references in 110 digits: the median, 90 % and 99 % of the errors, for smooth functions."""
    for share, bar in bars.items():
        assert outcome(name).quantile(share) <= bar


def test_nearly_all_gradients_of_the_default_method_are_right_to_six_digits():
    """99.7 % of those of smooth functions, and 99 % of those that exist near kinks."""
    found = outcome("gradviz adaptive")
    assert found.right(found.smooth) >= 0.997
    assert found.right(found.rough) >= 0.99


OURS = [name for name in accuracy.METHODS if name.startswith("gradviz")]


@pytest.mark.parametrize("name", OURS)
def test_no_gradient_is_missing_where_there_is_one(name):
    """Where a finite gradient exists every method gives one, but for central steps that leave the domain."""
    found = outcome(name)
    assert found.missing <= (0.01 * found.points if "central" in name else 0)


@pytest.mark.parametrize("name", OURS)
def test_what_is_wrong_is_known_to_be_wrong(name):
    """Off by more than a millionth and not marked: at most 0.05 %; marked for nothing: at most 0.5 %.

    The error of the book's differences is estimated from two steps only, and more is missed.
    """
    found = outcome(name)
    assert found.silent <= (0.002 if "central" in name else 0.0005) * found.points
    assert found.false <= 0.005 * found.points


@pytest.mark.parametrize("name", OURS)
def test_every_kink_and_jump_is_marked(name):
    """No point without a gradient is called reliable, by any method."""
    assert outcome(name).unseen == 0


def test_the_default_method_takes_eight_evaluations():
    """For each point and variable, on the average over smooth functions; six for the least, and f(x)."""
    found = outcome("gradviz adaptive")
    assert 6 < found.calls / found.numbers <= 8


def test_the_page_shows_every_method():
    """docs/accuracy.md has a row for each method that is measured, other libraries' among them."""
    page = (DOCS / "accuracy.md").read_text("utf-8")
    assert all(f"| {name} |" in page for name in accuracy.METHODS)


def test_the_measure_sees_an_error():
    """An error is relative to the vector's size; what is missing is infinitely wrong, rounding is not."""
    wanted = np.array([[3.0, 4.0], [3.0, 4.0], [0.0, 0.0], [0.0, 0.0]])
    found = np.array([[3.0, 4.5], [np.nan, 4.0], [1e-15, 0.0], [1e-3, 0.0]])
    errors = accuracy.relative_errors(found, wanted, np.ones(4), 1.0)
    assert errors.tolist() == pytest.approx([0.1, np.inf, 0.0, np.inf])
