"""Contours beside the level sets that they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from contourpy import contour_generator

import gradviz

ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
FUNCTIONS = {
    "Rosenbrock": (ROSENBROCK, {"x": (-2, 2), "y": (-1, 3)}),
    "Himmelblau": ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", {"x": (-5, 5), "y": (-4, 5)}),
    "Beale": (
        "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        {"x": (-4.5, 4.5), "y": (-4, 4)},
    ),
    "six-hump camel": (
        "(4 - 2.1*x**2 + x**4/3)*x**2 + x*y + (4*y**2 - 4)*y**2",
        {"x": (-2, 2), "y": (-1, 1)},
    ),
    "Booth": ("(x + 2*y - 7)**2 + (2*x + y - 5)**2", {"x": (-10, 10), "y": (-9, 10)}),
    "Branin": (
        "(y - 5.1*x**2/(4*pi**2) + 5*x/pi - 6)**2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
        {"x": (-5, 10), "y": (0, 15)},
    ),
    "a bent valley": ("x**2 + 50*(y - sin(4*x))**2", {"x": (-2, 2), "y": (-1.5, 1.6)}),
}


def lines_of(samples):
    """Yield each level with the points (N, 2) of the drawn lines, middles of their segments included."""
    points, values = samples.drawn
    generator = contour_generator(points[..., 0], points[..., 1], np.ma.masked_invalid(values))
    for level in samples.shared.levels:
        if lines := generator.lines(level):
            yield level, np.concatenate([part for x in lines for part in (x, (x[1:] + x[:-1]) / 2)])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_value_on_a_drawn_line_is_its_level(name):
    """On a contour the function differs from its level by less than 0.2 % of the values shown.

    The difference is also below a tenth of the distance to the next level, which a line never comes near.
    """
    expression, ranges = FUNCTIONS[name]
    samples = gradviz.sample(gradviz.Contour(expression=expression, range=ranges))
    names = {**{word: getattr(np, word) for word in ("sin", "cos", "pi")}}
    low, high = samples.shared.limits
    levels = np.array(samples.shared.levels)
    drawn = dict(lines_of(samples))
    assert len(drawn) >= 5
    for level, points in drawn.items():
        values = eval(expression, names, dict(zip("xy", points.T, strict=True)))
        error = np.abs(values - level).max()
        others = np.abs(levels - level)
        assert error < 0.002 * (high - low)
        assert error < others[others > 0].min() / 10


@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Descent])
def test_the_lines_of_a_narrow_valley_end_where_the_valley_does(kind):
    """Rosenbrock's level l reaches from 1 - sqrt(l) to 1 + sqrt(l) along x, at the floor y = x^2."""
    samples = gradviz.sample(kind(expression=ROSENBROCK, range={"x": (-2, 3), "y": (-1, 9)}))
    if kind is gradviz.Descent:
        points, values = samples.contours
        levels = samples.shared.ground.levels
    else:
        (points, values), levels = samples.drawn, samples.shared.levels
    generator = contour_generator(points[..., 0], points[..., 1], values)
    reached = np.array(
        [[f(np.concatenate(generator.lines(level))[:, 0]) for f in (min, max)] for level in levels[:3]]
    )
    roots = np.sqrt(levels[:3])
    np.testing.assert_allclose(reached, np.column_stack((1 - roots, 1 + roots)), atol=0.004 * 5)


def test_a_mesh_is_refined_by_need_alone():
    """A quadratic function and jumps keep the default mesh, and a mesh of chosen points stays as it is."""
    ranges = {"x": (-2, 2), "y": (-1, 3)}

    def shape(expression, **fields):
        samples = gradviz.sample(gradviz.Contour(expression=expression, **{"range": ranges, **fields}))
        assert samples.points.shape[:2] == (fields.get("samples") or 201,) * 2 or "range" in fields
        return samples.drawn[1].shape

    assert shape("x**2 + 3*y**2") == shape("x*y") == shape("5 + 0*x*y") == (201, 201)
    assert shape(ROSENBROCK, samples=61) == (61, 61)
    assert shape(ROSENBROCK, range={"x": (-2, 2, 0.05), "y": (-1, 3, 0.1)}) == (40, 80)
    assert max(shape(ROSENBROCK)) > 201
    rows, columns = shape("floor(x) + y**2")  # more points beside the four jumps alone
    assert rows == 201
    assert columns <= 201 + 3 * 4
