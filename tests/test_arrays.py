"""Arrays from the numbers, points and images that users give."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.arrays import as_points, axis, components, grid, magnitudes, mesh, scattered
from gradviz.errors import RequestError


@pytest.mark.parametrize("kind", ["f8", "f4", "f2", "g", "i8", "i2", "u1", "?", ">f8"])
def test_every_real_number_becomes_a_double(kind):
    """Integers above all: with them, the gradient of x**2 would be truncated."""
    points = as_points(np.array([[0, 1], [1, 1], [1, 0]], dtype=kind))
    assert points.dtype == np.dtype("float64")
    assert points.tolist() == [[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]


def test_lists_and_tuples_are_points_too():
    """What a user types needs no array around it."""
    assert as_points([(3, 4), (0, 2)]).tolist() == [[3.0, 4.0], [0.0, 2.0]]


def test_doubles_are_not_copied():
    """Memory is shared where nothing has to be converted."""
    given = np.ones((3, 2))
    assert np.shares_memory(as_points(given), given)


@pytest.mark.parametrize("shape", [(2,), (5, 2), (4, 3, 2), (0, 2), (3, 0, 2), (1, 1, 1, 2)])
def test_only_the_last_axis_has_a_meaning(shape):
    """The axes before it are free, and stay as they are."""
    assert as_points(np.zeros(shape)).shape == shape
    assert as_points(np.zeros(shape), 2).shape == shape


@pytest.mark.parametrize("shape", [(2, 324), (3,), (0,), (2, 1)])
def test_points_as_columns_are_refused(shape):
    """An array whose last axis does not hold the coordinates is told from one that does, by its shape."""
    with pytest.raises(RequestError) as caught:
        as_points(np.zeros(shape), 2)
    assert str(shape) in str(caught.value)
    assert "(..., 2)" in str(caught.value)


def test_a_single_number_is_no_point():
    """A point has an axis of coordinates even if it has one only."""
    with pytest.raises(RequestError, match=r"\(\.\.\., D\)"):
        as_points(3.0)


@pytest.mark.parametrize(
    ("points", "kind"),
    [
        ([[1 + 2j]], "complex128"),
        ([["1"]], "<U1"),
        ([[2**70]], "object"),
        ([[None]], "object"),
        (np.array([["2020-01-01"]], dtype="M8[D]"), r"datetime64\[D\]"),
    ],
)
def test_what_is_no_real_number_is_refused(points, kind):
    """The message names the kind of what came."""
    with pytest.raises(RequestError, match=f"real numbers, got {kind}"):
        as_points(points)


def test_a_mesh_has_rows_along_x1_and_columns_along_x0():
    """mesh(x0, x1)[i, j] is the point (x0[j], x1[i]): unequal counts would show a transposition."""
    x0, x1 = [10, 20, 30, 40], [-1, -2, -3]
    points = mesh(x0, x1)
    assert points.shape == (3, 4, 2)
    assert points.dtype == np.dtype("float64")
    assert all(points[i, j].tolist() == [x0[j], x1[i]] for i in range(3) for j in range(4))


def test_components_undo_a_mesh():
    """Both come back in the layout of pictures, and share the memory of the mesh."""
    points = mesh([1.0, 2.0, 3.0], [5.0, 6.0])
    first, second = components(points)
    assert first.tolist() == [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]
    assert second.tolist() == [[5.0, 5.0, 5.0], [6.0, 6.0, 6.0]]
    assert np.shares_memory(first, points)


def test_the_length_of_vectors_is_that_of_pythagoras():
    """3, 4 gives 5; 2, 3, 6 gives 7; and nothing overflows on the way."""
    assert magnitudes(np.array([[3.0, 4.0], [-6.0, 8.0]])).tolist() == [5.0, 10.0]
    assert magnitudes(np.array([[[2.0, 3.0, 6.0]]])).tolist() == [[7.0]]
    assert magnitudes(np.array([3e200, 4e200])) == pytest.approx(5e200, rel=1e-15)
    assert np.isnan(magnitudes(np.array([np.nan, 4.0])))


def test_an_axis_is_counted_or_stepped():
    """Two numbers are the ends, both included; a third is a step, with numpy.arange's end."""
    assert axis((-2, 2), 5).tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0]
    assert axis((-1, 1, 0.5), 99).tolist() == [-1.0, -0.5, 0.0, 0.5]
    assert axis((0, 3), 4).dtype == axis((0, 3, 1), 4).dtype == np.dtype("float64")


def test_a_grid_has_each_combination_once_as_rows():
    """Of 2 and 3 and 1 coordinates come 6 points of 3 coordinates, each in the place of its axis."""
    points = grid([np.array([0.0, 1.0]), np.array([5.0, 6.0, 7.0]), np.array([9.0])])
    assert points.tolist() == [[a, b, 9] for a in (0, 1) for b in (5, 6, 7)]


def test_scattered_points_fill_the_range_evenly_and_always_equally():
    """In each quarter of each interval lies a quarter of the points, up to a few, and no two are equal."""
    intervals = [(0.0, 1.0), (-3.0, 5.0, 0.5), *[(2.0, 2.5)] * 10]
    points = scattered(intervals, 400)
    assert points.shape == (400, 12)
    np.testing.assert_array_equal(points, scattered(intervals, 400))
    for (low, high, *_), column in zip(intervals, points.T, strict=True):
        counts, _ = np.histogram(column, bins=4, range=(low, high))
        assert counts.sum() == 400
        assert abs(counts - 100).max() <= 6
        assert len(set(column)) == 400


def test_scattered_points_have_no_coincidences():
    """No coordinate is 0, 1 or another one of the same point, as so many on a mesh are."""
    points = scattered([(-2.0, 2.0)] * 12, 4096)
    assert not np.isin(points, [-2, -1, 0, 1, 2]).any()
    assert (np.diff(np.sort(points, axis=-1)) > 0).all()
