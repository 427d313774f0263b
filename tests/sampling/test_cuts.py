"""Meshes and curves split at discontinuities, and extended to the edge of the domain and to poles."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.values import evaluate


def sampled(expression, **fields):
    """Return the function of a contour on its mesh, over unequal ranges."""
    spec = gradviz.Contour(
        expression=expression,
        vars=["x0", "x1"],
        range={"x0": (-3, 3), "x1": (-2, 4)},
        samples=(61, 41),
        **fields,
    )
    return gradviz.sample(spec).evaluated


def cells(points, heights):
    """Return the corners (M, 4, 2) of the cells all of whose corners have heights, and these (M, 4)."""
    around = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, 1:], np.s_[1:, :-1]]
    corners = np.stack([points[part] for part in around], axis=-2).reshape(-1, 4, 2)
    values = np.stack([heights[part] for part in around], axis=-1).reshape(-1, 4)
    there = np.isfinite(values).all(axis=1)
    return corners[there], values[there]


SIDES = {
    "floor(x0) + x1": lambda p: np.floor(p[..., 0]),
    "sign(x0)*x1": lambda p: np.sign(p[..., 0]),
    "tan(x0) + x1": lambda p: np.round(p[..., 0] / np.pi),
    "floor(x0) + 2*floor(x1 + 0.35)": lambda p: np.floor(p[..., 0]) + 100 * np.floor(p[..., 1] + 0.35),
    "1/(x1 - x0)": lambda p: np.sign(p[..., 1] - p[..., 0]),
    "1/(x1 - 2*x0 + 0.013)": lambda p: np.sign(p[..., 1] - 2 * p[..., 0] + 0.013),
    "where(x0**2 + x1**2 < 2, 5, x1)": lambda p: (p**2).sum(axis=-1) < 2,
}


@pytest.mark.parametrize("most", [None, 20])
@pytest.mark.parametrize("expression", SIDES)
def test_no_cell_reaches_across_a_break(expression, most):
    """All corners of each cell that is drawn lie on one side, also of a mesh that is thinned out."""
    points, heights = split_at_breaks(sampled(expression), most)
    corners, _ = cells(points, heights)
    sides = SIDES[expression](corners)
    assert len(corners) > 100
    np.testing.assert_array_equal(sides, np.broadcast_to(sides[:, :1], sides.shape))


@pytest.mark.parametrize("expression", ["floor(x0) + x1", "floor(x0) + 2*floor(x1 + 0.35)", "sign(x0)*x1"])
def test_breaks_along_the_axes_leave_no_gap(expression):
    """The cells that are drawn cover all of the range: 6 by 6."""
    corners, _ = cells(*split_at_breaks(sampled(expression)))
    areas = np.ptp(corners[..., 0], axis=1) * np.ptp(corners[..., 1], axis=1)
    np.testing.assert_allclose(areas.sum(), 36, rtol=1e-9)


@pytest.mark.parametrize("expression", ["floor(x0) + x1", "1/(x1 - x0)", "sqrt(4 - x0**2 - x1**2)"])
def test_what_is_drawn_are_values_of_the_function(expression):
    """Each point with a height has that of the function there."""
    samples = sampled(expression)
    points, heights = split_at_breaks(samples)
    there = np.isfinite(heights)
    np.testing.assert_array_equal(heights[there], samples.field(points[there]))


def test_what_has_no_breaks_is_drawn_as_it_was_sampled():
    """Nothing is copied, thinned or moved."""
    samples = sampled("x0**2 + 3*x1")
    points, heights = split_at_breaks(samples, 10)
    assert points is samples.points
    np.testing.assert_array_equal(heights, samples.values)


@pytest.mark.parametrize(
    "fields",
    [{"expression": "sqrt(4 - x0**2 - x1**2)"}, {"expression": "x0 + 3*x1", "where": "x0**2 + x1**2 < 4"}],
)
def test_the_edge_of_a_domain_is_no_staircase(fields):
    """Points beyond a circle of radius 2 are moved onto it: what is drawn has nearly its area."""
    samples = sampled(**fields)
    points, heights = split_at_breaks(samples)
    corners, _ = cells(points, heights)
    x, y = corners[..., 0], corners[..., 1]
    area = 0.5 * np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)).sum()
    np.testing.assert_allclose(area, 4 * np.pi, rtol=0.02)
    radius = np.hypot(points[..., 0], points[..., 1])[np.isfinite(heights)]
    assert radius.max() <= 2
    moved = np.isfinite(heights) & np.isnan(samples.drawable)
    np.testing.assert_allclose(np.hypot(*points[moved].T), 2, atol=1e-3)
    assert moved.sum() > 40


def test_points_between_two_sides_stay_undefined():
    """A pole that lies on points, undefined there, is no edge of a domain."""
    for expression in ("1/(x1 - x0)", "1/(x0**2 + x1**2)"):
        spec = gradviz.Contour(expression=expression, range=(-3, 3), samples=41)
        samples = gradviz.sample(spec).evaluated
        points, heights = split_at_breaks(samples)
        corners, _ = cells(points, heights)
        on = np.isnan(samples.field(points))
        assert on.any()
        assert np.isnan(heights[on]).all()
        assert not (np.isnan(samples.field(corners.mean(axis=1)))).any()


def test_a_curve_ends_on_both_sides_of_a_jump():
    """Two points and nothing between them stand where floor(x) jumps, at 2 with the values 1 and 2."""
    curve = evaluate(gradviz.field("floor(x)"), np.linspace(1.05, 2.95, 20)[:, None], cut=True)
    points, heights = split_at_breaks(curve)
    (gap,) = np.flatnonzero(np.isnan(heights))
    np.testing.assert_allclose(points[gap - 1 : gap + 2, 0], 2, atol=1e-9)
    assert (heights[gap - 1], heights[gap + 1]) == (1, 2)


def rims(heights):
    """Return which points (n1, n0) of a mesh are known and beside one that is not."""
    gone = np.pad(np.isnan(heights), 1)
    rows, columns = heights.shape
    near = sum(gone[i : i + rows, j : j + columns] for i in range(3) for j in range(3))
    return ~np.isnan(heights) & (near > 0)


def test_the_rims_at_a_curved_pole_lie_at_the_ends_of_the_view():
    """Around the circle x0^2 + 4 x1^2 = 4 a surface ends where its height does, and not at whole cells."""
    spec = gradviz.Surface(
        expression="1/(x0**2 + 4*x1**2 - 4)",
        range={"x0": (-3, 3), "x1": (-2, 1.5)},
        samples=(61, 47),
        zlim=(-4, 3),
    )
    shown = gradviz.sample(spec).drawn
    rim = rims(shown.values)
    assert rim.sum() > 100
    off = np.minimum(np.abs(shown.values[rim] - 3), np.abs(shown.values[rim] + 4))
    assert np.mean(off <= 0.02 * 7) > 0.97
    x0, x1 = shown.points[rim].T
    exact = 1 / (x0**2 + 4 * x1**2 - 4)
    np.testing.assert_allclose(np.clip(exact, -4, 3), shown.values[rim], rtol=1e-9)
    whole = np.stack(np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-2, 1.5, 47)), axis=-1)
    assert (np.abs(shown.points - whole).max(axis=(0, 1)) <= (2.5 * 0.1, 2.5 * 3.5 / 46)).all()
    np.testing.assert_array_equal(shown.points[~rim], whole[~rim])


def test_rims_at_a_jump_stay_where_they_are():
    """Where a function has no end's height on the way to a cut no point is moved."""
    spec = gradviz.Surface(
        expression="floor(x0 + 2*x1)", range={"x0": (-3, 3), "x1": (-2, 1.5)}, samples=(61, 47)
    )
    shown = gradviz.sample(spec).drawn
    rim = rims(shown.values)
    assert rim.any()
    inner = rim & (shown.values > shown.limits[0] + 0.5) & (shown.values < shown.limits[1] - 0.5)
    whole = np.stack(np.meshgrid(np.linspace(-3, 3, 61), np.linspace(-2, 1.5, 47)), axis=-1)
    np.testing.assert_array_equal(shown.points[inner], whole[inner])


def test_an_overflow_of_a_part_is_no_jump():
    """cosh(x)/cosh(x + 1) tends to 1/e; where cosh overflows it is left blank, and nothing is cut."""
    spec = gradviz.Tangent(expression="cosh(x)/cosh(x + 1)", range=(650, 750), samples=501)
    evaluated = gradviz.sample(spec).evaluated
    known = evaluated.points[..., 0] < 709.4
    np.testing.assert_allclose(evaluated.values[known], np.exp(-1), rtol=1e-12)
    assert np.isnan(evaluated.values[~known & (evaluated.points[..., 0] > 709.5)]).all()
    assert not evaluated.breaks
