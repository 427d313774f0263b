"""Evenly spaced streamlines: where they run, how far apart, and what they cost."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

import gradviz
from gradviz.sampling.integration import Frame, Landscape
from gradviz.sampling.streamlines import MIN_LENGTH, SEPARATION, lines_through, streamlines

FUNCTIONS = {
    "saddle": ("x0*x1", (-3, -3), 6),
    "bowl": ("x0**2 + x1**2", (-3, -3), 6),
    "sine": ("sin(x0*x1)", (-3, -3), 6),
    "Rosenbrock": ("(1 - x)**2 + 100*(y - x**2)**2", (-2, -1), 4),
    "Himmelblau": ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", (-5, -5), 10),
    "pole": ("1/(x**2 + y**2)", (-3, -3), 6),
    "logarithm": ("log(x*y)", (-3, -3), 6),
    "angle": ("atan2(y, x)", (-3, -3), 6),
    "steps": ("floor(x) + y", (-3, -3), 6),
    "tangent": ("tan(x)*y", (-3, -3), 6),
    "bump": ("exp(-x**2 - y**2)*x", (-3, -3), 6),
    "Rastrigin": ("20 + x**2 - 10*cos(2*pi*x) + y**2 - 10*cos(2*pi*y)", (-5.12, -5.12), 10.24),
    "Easom": ("-cos(x)*cos(y)*exp(-(x - pi)**2 - (y - pi)**2)", (-10, -10), 20),
    "kinks": ("abs(x) + abs(y)", (-3, -3), 6),
    "hemisphere": ("sqrt(1 - x**2 - y**2)", (-3, -3), 6),
    "Gaussian": ("exp(-x**2 - y**2)", (-10, -10), 20),
}
DENSITY = 1.2
DISTANCE = SEPARATION / DENSITY
every_function = pytest.mark.parametrize("name", FUNCTIONS)


def landscape(name):
    """Return a function over its square."""
    text, low, width = FUNCTIONS[name]
    field = gradviz.field(text)
    return Landscape(field.gradient, field, Frame(np.array(low, float), np.full(2, float(width)), np.ones(2)))


@cache
def lines(name):
    """Return the lines of a function, in widths of its square, and which of their ends are critical."""
    scape = landscape(name)
    found = streamlines(scape, DENSITY)
    return [scape.frame.panel(line.points) for line in found], [line.is_critical for line in found]


def lengths(line):
    """Return the lengths along a line (N, 2) up to its points."""
    return np.append(0.0, np.cumsum(np.hypot(*np.diff(line, axis=0).T)))


def distances(points, line):
    """Return the distances of points (N, 2) from the pieces of a line (M, 2)."""
    found = np.full(len(points), np.inf)
    for start in range(0, len(line) - 1, 500):
        low, high = line[start : start + 501][:-1], line[start : start + 501][1:]
        step = high - low
        offset = points[:, None] - low
        share = np.clip((offset * step).sum(-1) / np.maximum((step**2).sum(-1), 1e-300), 0, 1)
        found = np.minimum(found, np.linalg.norm(offset - share[..., None] * step, axis=-1).min(axis=1))
    return found


# Dormand and Prince 1980: stages, the solution of order 5, and its difference to that of order 4.
STAGES = (
    (), (1 / 5,), (3 / 40, 9 / 40), (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)  # fmt: skip
ERROR = (71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)


@np.errstate(all="ignore")
def reference(scape, starts, signs, ends):
    """Return the curves from points (N, 2) of some lengths (N,) along the gradient, or against it."""
    curves, at, done = [[start] for start in starts], np.array(starts), np.zeros(len(starts))
    steps, left = np.full(len(starts), 1e-4), np.arange(len(starts))

    def direction(points):
        vectors = scape.vectors(points)
        vectors /= np.abs(vectors).max(axis=1, keepdims=True)
        return signs[left, None] * vectors / np.hypot(*vectors.T)[:, None]

    for _ in range(20_000):
        if not len(left):
            break
        stages, h = [], steps[left, None]
        for row in STAGES:
            stages.append(direction(at[left] + h * sum(a * k for a, k in zip(row, stages, strict=True))))
        new = at[left] + h * sum(a * k for a, k in zip(STAGES[-1], stages[:-1], strict=True))
        error = np.hypot(*(h * sum(a * k for a, k in zip(ERROR, stages, strict=True))).T)
        good = error <= 1e-8
        at[left[good]], done[left[good]] = new[good], (done[left] + h[:, 0])[good]
        for index in left[good]:
            curves[index].append(at[index].copy())
        factor = np.clip(0.9 * (1e-8 / np.maximum(error, 1e-30)) ** 0.2, 0.2, 4)
        steps[left] = np.minimum(steps[left] * np.where(np.isfinite(error), factor, 0.2), 4e-3)
        left = left[(done[left] < ends[left]) & (steps[left] > 1e-7)]
    return [np.array(curve) for curve in curves]


@pytest.mark.slow
@every_function
def test_each_line_is_a_solution(name):
    """Within 1e-3 of the width, a line is the curve along the gradient through its middle, or an end.

    Through a critical point, or downhill along a ridge, the curve from one of them is not well defined.
    """
    found, _ = lines(name)
    places = [(0.5, 1.0), (0.5, -1.0), (0.001, 1.0), (0.999, -1.0)]  # share of the length, direction
    starts, ends = [], []
    for line in found:
        along = lengths(line)
        for share, sign in places:
            start = share * along[-1]
            starts.append(line[np.abs(along - start).argmin()] if share == 0.5 else
                          np.array([np.interp(start, along, part) for part in line.T]))  # fmt: skip
            ends.append(along[-1] - start if sign > 0 else start)
    curves = reference(landscape(name), starts, np.tile([s for _, s in places], len(found)), np.array(ends))
    for index, line in enumerate(found):
        up, down, whole, back = curves[4 * index : 4 * index + 4]
        tried = [np.concatenate([down[::-1], up[1:]]), whole, back]
        inner = line[(lengths(line) > 2e-3) & (lengths(line) < lengths(line)[-1] - 2e-3)]
        assert min(distances(inner, curve).max() for curve in tried if len(curve) > 1) < 1e-3


@every_function
def test_lines_cover_the_picture(name):
    """Of a grid of places with a gradient, 97 percent have a line within the separation."""
    scape, (found, _) = landscape(name), lines(name)
    points = np.stack(np.meshgrid(*[(np.arange(25) + 0.5) / 25] * 2), axis=-1).reshape(-1, 2)
    vectors = scape.vectors(points)
    points = points[np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)]
    nearest = np.full(len(points), np.inf)
    for line in found:
        nearest = np.fmin(nearest, np.linalg.norm(points[:, None] - line[::2], axis=-1).min(axis=1))
    assert np.mean(nearest <= DISTANCE) >= 0.97


CRITICAL = {
    "saddle": [(0, 0)], "bowl": [(0, 0)], "Rosenbrock": [(1, 1)], "pole": [], "logarithm": [], "angle": [],
    "Himmelblau": [
        (3, 2), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127), (-0.270845, -0.923039),
        (0.086678, 2.884255), (3.385154, 0.073852), (-0.127961, -1.953715), (-3.073026, -0.081353),
    ],
    "steps": [], "tangent": [(0, 0)], "bump": [(0.5**0.5, 0), (-(0.5**0.5), 0)], "kinks": [(0, 0)],
    "hemisphere": [(0, 0)], "Gaussian": [(0, 0)],
}  # fmt: skip


@pytest.mark.parametrize("name", CRITICAL)
def test_lines_keep_their_distance(name):
    """No two lines are closer than half the separation, but near a critical point."""
    found, _ = lines(name)
    critical = landscape(name).frame.panel(np.array([(np.inf, np.inf), *CRITICAL[name]]))
    for index, line in enumerate(found):
        away = np.linalg.norm(line[:, None] - critical, axis=-1).min(axis=1) > 1.3 * DISTANCE
        points = line[away][::5]
        for other in found[:index] + found[index + 1 :]:
            if not len(points):
                break
            gap = np.maximum(other.min(axis=0) - points.max(axis=0), points.min(axis=0) - other.max(axis=0))
            if (gap < 0.5 * DISTANCE).all():
                assert distances(points, other).min() > 0.5 * DISTANCE


@every_function
def test_no_line_is_short(name):
    """A line is longer than a twentieth of the width, or leads from a critical point to another one."""
    for line, flags in zip(*lines(name), strict=True):
        assert lengths(line)[-1] > 0.99 * MIN_LENGTH or all(flags)


@every_function
def test_a_line_rises_all_along(name):
    """From each point of a line to the next the function does not fall, but for the error of a step."""
    scape, (found, _) = landscape(name), lines(name)
    for line in found:
        values = scape.values_at(line[:-1])
        values = values[np.isfinite(values)]
        assert (np.diff(values) > -1e-2 * np.ptp(values)).all()


@pytest.mark.parametrize(("expression", "low"), [("log(x - 0.1) + y", 0.1), ("sqrt(x - 0.1)*3 + y", 0.1)])
def test_lines_end_at_the_edge_of_the_domain(expression, low):
    """Lines come as close to the edge as a thousandth of the width, and never cross it."""
    field = gradviz.field(expression)
    scape = Landscape(field.gradient, field, Frame(np.array([-1.0, -2.0]), np.full(2, 4.0), np.ones(2)))
    ends = np.concatenate([line.points[:, 0] for line in streamlines(scape, 1.0)])
    assert low <= ends.min() < low + 4e-3


@pytest.mark.parametrize(
    ("expression", "at"),
    [
        ("x + 0*y + 0.02*heaviside(x - 1/3)", 1 / 3),
        ("1/(x - 1/3) + 0*y", 1 / 3),
        ("tan(x)*(4 + y)", np.pi / 2),
    ],
)
def test_no_line_crosses_a_jump_or_a_pole(expression, at):
    """All points of a line are on one side, though the direction is the same on both."""
    field = gradviz.field(expression)
    scape = Landscape(field.gradient, field, Frame(np.array([-1.0, -2.0]), np.full(2, 4.0), np.ones(2)))
    found = streamlines(scape, 1.0)
    assert len(found) > 20
    for line in found:
        sides = line.points[:, 0] > at
        assert sides.all() or not sides.any()


@pytest.mark.parametrize("narrow", [1.0, 1e2, 1e4])
def test_the_floor_of_a_valley_costs_no_more_than_a_bowl(narrow):
    """The gradient is evaluated as often, but for a factor of 8, however narrow a valley is."""
    counts = []
    for factor in (1.0, narrow):
        field, points = gradviz.field(f"x**2 + {factor}*y**2"), [0]

        def gradient(at, field=field, points=points):
            points[0] += len(at)
            return field.gradient(at)

        frame = Frame(np.array([-3.0, -3.0]), np.full(2, 6.0), np.ones(2))
        streamlines(Landscape(gradient, field, frame), DENSITY)
        counts.append(points[0])
    assert counts[1] < 8 * counts[0]
    assert counts[0] < 250_000


def test_lines_keep_clear_of_those_through_points():
    """No line comes closer to a line through a point than half the separation."""
    scape = landscape("saddle")
    (through,) = lines_through(scape, np.array([[1.0, 0.5]]))
    assert through is not None
    # along the hyperbolas of x0^2 - x1^2
    np.testing.assert_allclose(through.points[:, 0] ** 2 - through.points[:, 1] ** 2, 0.75, atol=1e-3)
    others = streamlines(scape, DENSITY, clear_of=[through])
    assert len(others) > 20
    line = scape.frame.panel(through.points)
    for other in others:
        points = scape.frame.panel(other.points)
        points = points[np.hypot(*(points - 0.5).T) > 1.2 * DISTANCE]
        assert not len(points) or distances(points, line).min() > 0.5 * DISTANCE


def test_density_is_inverse_to_the_distance():
    """Twice the density makes about twice as many lines of a plane, all straight and as far as the border."""
    field = gradviz.field("2*x + 0*y")
    scape = Landscape(field.gradient, field, Frame(np.zeros(2), np.ones(2), np.ones(2)))
    for density in (0.3, 0.6, 1.2, 2.4):
        heights = sorted(line.points[0, 1] for line in streamlines(scape, density))
        gaps = [high - low for low, high in pairwise(heights)]
        assert min(gaps) > SEPARATION / density
        assert max(gaps) < 2 * SEPARATION / density + 1e-9


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_lines_do_not_depend_on_the_unit_of_the_function(scale):
    """Only the direction of the gradient matters, far below and above what squares hold."""
    field = gradviz.field("x**2 + 3*y**2 + x")
    frame = Frame(np.array([-1.0, -2.0]), np.full(2, 4.0), np.ones(2))
    usual = streamlines(Landscape(field.gradient, field, frame), 0.6)
    scaled = Landscape(lambda p: scale * field.gradient(p), lambda p: scale * field(p), frame)
    for one, other in zip(usual, streamlines(scaled, 0.6), strict=True):
        assert one.is_critical == other.is_critical
        np.testing.assert_allclose(one.points[[0, -1]], other.points[[0, -1]], atol=1e-6)
