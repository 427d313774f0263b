"""Blocks of a mesh are open grids, and what is computed in them is the same to the bit."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.arrays import BLOCK, blocks, mesh

X0, X1 = np.linspace(-2, 3, 40), np.linspace(-1, 2, 30)
MESH = mesh(X0, X1)
EXPRESSIONS = [
    "x0**2 + 3*x1", "sin(x0)*exp(x1) + x0*x1**3", "abs(x0 - x1) + max(x0, x1)", "7", "x0",
    "log(x0) + sqrt(x1)", "x0 if x0 > x1 else cos(x1)", "1/(x0**2 + x1**2)",
]  # fmt: skip


def test_the_coordinates_of_a_mesh_are_rows_and_columns():
    """A block of a mesh has coordinates of shapes (1, n0) and (n1, 1), that broadcast to its points."""
    ((index, (first, second)),) = blocks(MESH, BLOCK)
    assert index == ()
    assert (first.shape, second.shape) == ((1, 40), (30, 1))
    np.testing.assert_array_equal(np.stack(np.broadcast_arrays(first, second), axis=-1), MESH)


@pytest.mark.parametrize("most", [1, 7, 64, 333, 10_000])
@pytest.mark.parametrize(
    "points", [MESH, MESH.reshape(-1, 2), MESH.reshape(5, 6, 40, 2), MESH[3, 4], MESH[:0]]
)
def test_blocks_are_all_points_once(points, most):
    """Put together by their indices, the coordinates of all blocks are the points, whatever their shape."""
    found, times = np.full(points.shape, np.nan), np.zeros(points.shape[:-1])
    for index, columns in blocks(points, most):
        times[index] += 1
        for axis, column in enumerate(columns):
            found[(*index, ..., axis)] = column
    np.testing.assert_array_equal(found, points)
    assert (times == 1).all()


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_mesh_gives_the_bits_of_its_points_one_by_one(text):
    """Values, gradient and Hessian on a mesh are those of the same points shuffled, bit by bit."""
    field = gradviz.field(text, variables=["x0", "x1"])
    order = np.random.default_rng(2).permutation(MESH[..., 0].size)
    rows = MESH.reshape(-1, 2)[order]
    for function in (field, field.gradient, field.hessian, gradviz.gradient(field, method="central")):
        on_mesh = function(MESH)
        np.testing.assert_array_equal(on_mesh.reshape(len(rows), *on_mesh.shape[2:])[order], function(rows))


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("place", [(17, 23), (0, 0), (29, 39), (17, 0), (17, 39), (0, 23), (29, 23)])
def test_a_mesh_with_one_point_moved_is_no_mesh(place, axis):
    """A single coordinate that differs, if only in the sign of zero, is seen wherever it lies."""
    moved = MESH.copy()
    moved[*place, axis] += 1e-9
    assert gradviz.field("x0*x1")(moved)[place] == moved[place].prod()
    signed = mesh(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))
    signed[5, 20, 0] = -0.0
    assert np.signbit(gradviz.field("x0*1", variables=["x0", "x1"])(signed)[5, 20])
