"""Levels by quantiles: round steps, about equal shares, and ends of filled contours."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

import gradviz
from gradviz.arrays import mesh
from gradviz.sampling.levels import find_levels

FUNCTIONS = [
    ("x**2*y**2 + x**2", 3),
    ("x**2*y**2 + x**2", 1),
    ("x**4*y**4 - 1", 3),
    ("x**5 + y", 3),
    ("sinh(3*x) + y", 3),
    ("exp(x*y) - 2", 2),
    ("x**3*y**3", 3),
    ("(1 - x)**2 + 100*(y - x**2)**2 - 5", 3),
    ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2 - 9", 5),
    ("1e-7*x**6 + 1e-7*y**6", 4),
    ("3 - 4e5*cosh(x)*cosh(2*y)", 3),
    ("x**2 + 3*y", 3),
    ("abs(x)**5 + abs(y) + 7", 3),
]


def values_of(expression, reach):
    """Return the values of a function on a mesh of 101 by 81 points."""
    return gradviz.field(expression)(mesh(np.linspace(-reach, reach, 101), np.linspace(-reach, reach, 81)))


@pytest.mark.parametrize("count", [5, 12, 25])
@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(("expression", "reach"), FUNCTIONS)
def test_steps_are_round(expression, reach, filled, count):
    """Each step is 1, 2, 2.5 or 5 times a power of ten, and each level a multiple of the steps beside it.

    Steps of 2 also lead from one odd multiple of 1 to the next. Decimal texts are the oracle.
    """
    values = values_of(expression, reach)
    levels = find_levels(count, values, filled=filled, spacing="quantile")
    exact = [Decimal(repr(level)) for level in levels]
    for low, high in pairwise(exact):
        step = high - low
        mantissa = "".join(map(str, step.normalize().as_tuple().digits))
        assert mantissa in ("1", "2", "25", "5"), (low, high)
        assert low % (step / 2 if mantissa == "2" else step) == 0
    assert 0.4 * count <= len(levels) <= max(1.8 * count + 2 * filled, 16)
    low, high = float(values.min()), float(values.max())
    if filled:
        assert levels[0] <= low < levels[1]
        assert levels[-2] < high <= levels[-1]
    else:
        assert low < levels[0]
        assert levels[-1] < high


@pytest.mark.parametrize(("expression", "reach"), FUNCTIONS)
def test_shares_of_values_are_about_equal(expression, reach):
    """No share is thrice the mean, except in a spike that is narrower than a thousandth of the range."""
    values = values_of(expression, reach)
    levels = find_levels(None, values, filled=False, spacing="quantile")
    counts, edges = np.histogram(values, [values.min(), *levels, values.max()])
    wide = np.diff(edges) > 5e-3 * np.ptp(values)
    assert counts[wide].max() < 3 * counts.mean()


@pytest.mark.parametrize("filled", [False, True])
def test_a_contour_figure_has_such_levels_by_default(filled):
    """The law holds for a figure: x^2 y^2 + x^2 is 0 all along a line, and has levels by quantiles."""
    spec = gradviz.Contour(expression="x**2*y**2 + x**2", filled=filled)
    levels = gradviz.sample(spec).shared.levels
    steps = {f"{step:.0e}" if f"{step:.1e}"[2] == "0" else f"{step:.1e}" for step in np.diff(levels)}
    assert {step.partition("e")[0] for step in steps} <= {"1", "2", "2.5", "5"}
    assert not filled or levels[0] <= 0


@pytest.mark.parametrize("filled", [False, True])
def test_levels_leave_out_plateaus_and_still_cover(filled):
    """A function that is 0 in a quarter of the plane has no level there, but bands down to it."""
    values = values_of("max(x, 0)**3*max(y, 0)**3 - 0*y", 3)
    levels = find_levels(None, values, filled=filled, spacing="quantile")
    assert 0 not in levels[1:]
    if filled:
        assert levels[0] <= 0
        assert levels[-1] >= values.max()


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("inside", [[0.0] * 30, [2.0] * 3, [1.0]])
def test_equal_values_inside_the_limits_have_levels_all_the_same(inside, filled):
    """Where all other values are beyond the limits, the levels are those of a linear spacing."""
    values = np.array([*inside, -1e60, 1e60])
    found = find_levels(None, values.copy(), filled=filled, spacing="quantile", limits=(-3.0, 4.0))
    assert found == find_levels(None, values.copy(), filled=filled, spacing="linear", limits=(-3.0, 4.0))


def test_a_function_that_is_constant_inside_its_limits_is_drawn():
    """A sine of large arguments, whose values are all 0 or beyond the limits."""
    spec = gradviz.Quiver(
        expression="1e308*sin(x + y)", samples=14, contour=True, heat=True, range=(1e-300, 1e150)
    )
    assert gradviz.render(spec)
