"""Indices of the zeros of a gradient in the cells of a mesh."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.calculus.cells import clusters, kink, located, sample
from gradviz.calculus.critical import critical_points
from gradviz.calculus.newton import ScaledField


def cells_of(expression, low, high, count=31):
    low, high = np.array(low, float), np.array(high, float)
    return sample(ScaledField(gradviz.field(expression), low, high - low, 1.0), low, high, count)


@pytest.mark.parametrize(
    ("expression", "index"),
    [
        ("(x0 - 1)**2 + 3*(x1 + 2)**2", 1),
        ("-(x0 - 1)**2 - 3*(x1 + 2)**2", 1),
        ("(x0 - 1)**2 - 3*(x1 + 2)**2", -1),
        ("(x0 - 1)**3 - 3*(x0 - 1)*(x1 + 2)**2", -2),  # a monkey saddle
        ("hypot(x0 - 1, x1 + 2)", 1),
        ("x0 + 2*x1", 0),
    ],
)
def test_the_index_is_the_winding_number_of_the_gradient(expression, index):
    """It is 1 for extrema, -1 for a saddle and -2 for a monkey saddle, in the cell of the point."""
    cells = cells_of(expression, [-3, -4], [3, 5])
    assert cells.indices.sum() == index
    if index:
        centres = cells.low + cells.size * (np.argwhere(cells.indices) + 0.5)
        assert (np.abs(centres - [1, -2]) <= 1.5 * cells.size).all()


def test_of_one_variable_it_is_the_sign_change_of_the_slope():
    """x^3 - 3 x has a maximum, -1, and a minimum, 1."""
    cells = cells_of("x**3 - 3*x", [-3], [3])
    assert cells.indices[cells.indices != 0].tolist() == [-1, 1]


def test_what_points_explain_is_not_looked_for():
    """The indices that are left belong to the missing point alone, which is then located."""
    cells = cells_of("(x0**2 - 1)**2 + 3*(x1 + 0.4)**2", [-3, -4], [3, 5])
    points, indices = np.array([[-1, -0.4], [1, -0.4]]), np.array([1, 1])
    ((group, total),) = clusters(cells.unexplained(points, indices))
    assert total == -1
    np.testing.assert_allclose(located(cells, points, indices, group), [0, -0.4], atol=1e-8)


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("abs(x) + abs(y)", "minimum"),
        ("-abs(x) - 2*abs(y)", "maximum"),
        ("abs(x) - abs(y)", "saddle"),
        ("floor(x) + y", "jump"),
        ("1/(x**2 + y**2)", "jump"),
        ("x**2 + y**2", "none"),
    ],
)
def test_a_kink_is_told_from_a_jump_and_a_zero(expression, kind):
    """By values close by alone."""
    scaled = cells_of(expression, [-3, -4], [3, 5]).scaled
    assert kink(scaled, np.array([1e-12, -2e-12])) == kind


def test_kinks_are_named_in_three_variables_too():
    """Directions around a place in space are scattered, and see a minimum and a saddle."""
    scaled = ScaledField(gradviz.field("abs(x) + y**2 + abs(z)"), np.full(3, -2.0), np.full(3, 4.0))
    assert kink(scaled, np.zeros(3)) == "minimum"
    scaled = ScaledField(gradviz.field("abs(x) + y**2 - abs(z)"), np.full(3, -2.0), np.full(3, 4.0))
    assert kink(scaled, np.zeros(3)) == "saddle"


def test_a_pair_in_one_cell_has_a_node_beside_it_to_start_from():
    """The zeros (+-0.001, 0) of the gradient change no sign at nodes 0.01 apart."""
    field = gradviz.field("x**3/3 - 1e-6*x + 3*y**2")
    low, high = np.array([-1.0, -0.8]), np.array([1.1, 0.9])
    cells = sample(ScaledField(field, low, high - low, 1.0), low, high, 201)
    assert len(cells.sign_changes) == 0
    distances = np.abs(cells.smallest_slopes - [0, 0]) / cells.size
    assert (distances <= 1).all(axis=-1).any()
    assert len(distances) < 10


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("hypot(x - 0.3, y - 0.2) + 2*z**2", "minimum", "(0.3, 0.2, 0)"),
        ("sqrt(x**2 + (y - 0.1)**2 + 3*(z - 0.5)**2)", "minimum", "(0, 0.1, 0.5)"),
        ("x**2 - max(abs(x - 0.2), 2*abs(y), 3*abs(z + 0.4))", "maximum", "(0.2, 0, -0.4)"),
        ("abs(x - 0.3) + abs(y + 0.1) + (z - 0.2)**2 + abs(w - 0.4)", "minimum", "(0.4, 0.3, -0.1, 0.2)"),
        ("-abs(w + x - 0.5) - abs(w - x) - y**2 - z**2", "maximum", "(0.25, 0.25, 0, 0)"),
        ("hypot(x, hypot(y, z)) - 2*exp(-9*(x - 1)**2)", "minimum", "(0, 0, 0)"),
    ],
)
def test_extrema_at_kinks_of_three_and_four_variables_are_named(text, kind, place):
    """No gradient vanishes there, and the notes say where they are; a smooth function has no such note."""
    found = critical_points(gradviz.field(text), [(-1, 1.5)] * (4 if "w" in text else 3))
    assert f"the function has a kink with a local {kind} at {place}" in found.notes
    for smooth in ("x**2 + y**2 + 3*z**2", "abs(x) + y + 2*z"):
        notes = critical_points(gradviz.field(smooth), [(-1, 1.5)] * 3).notes
        assert not any("kink" in note for note in notes)
