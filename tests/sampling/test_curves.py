"""Curves as they are drawn: refined, with exact ends, and with their removable gaps."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz


def drawn(expression, **fields):
    """Return the samples of a curve and its drawn points (M, 2)."""
    samples = gradviz.sample(gradviz.Tangent(expression=expression, vars=["x"], **fields))
    return samples, samples.drawn.points


def view_of(spec):
    """Return the limits of both axes."""
    axes = gradviz.render(spec).axes[0]
    return axes.get_xlim(), axes.get_ylim()


FUNCTIONS = {
    "sin(20*x)": lambda x: np.sin(20 * x),
    "sqrt(2 - x**2)": lambda x: np.sqrt(np.maximum(2 - x**2, 0)),
    "cbrt(x)": np.cbrt,
    "exp(-5000*(x - 0.013)**2)": lambda x: np.exp(-5000 * (x - 0.013) ** 2),
    "abs(x - 0.007)**0.25": lambda x: np.abs(x - 0.007) ** 0.25,
    "sin(x**2)*x": lambda x: np.sin(x**2) * x,
    "atan(300*x)": lambda x: np.arctan(300 * x),
    "x**9": lambda x: x**9,
}


@pytest.mark.parametrize("expression", FUNCTIONS)
def test_a_curve_is_nowhere_visibly_off_the_function(expression):
    """At 5,000 points of it, NumPy's curve lies within a thousandth of the picture."""
    _, points = drawn(expression)
    (left, right), (low, high) = view_of(gradviz.Tangent(expression=expression, vars=["x"]))
    known = points[np.isfinite(points[:, 1])]
    dense = np.linspace(known[0, 0], known[-1, 0], 200_001)
    exact = FUNCTIONS[expression](dense) / (high - low)
    chosen = np.linspace(known[0, 0], known[-1, 0], 5_000)
    line = np.interp(chosen, known[:, 0], known[:, 1]) / (high - low)
    reach = 400  # dense points on each side
    nearest = np.searchsorted(dense, chosen).clip(reach, len(dense) - reach - 1)
    window = nearest[:, None] + np.arange(-reach, reach)
    x, y = (dense[window] - chosen[:, None]) / (right - left), exact[window] - line[:, None]
    dx, dy = np.diff(dense)[window] / (right - left), np.diff(exact)[window]
    share = np.clip(-(x * dx + y * dy) / (dx**2 + dy**2), 0, 1)  # nearest point of a segment
    off = np.hypot(x + share * dx, y + share * dy).min(axis=1)
    assert off.max() < 1e-3


@pytest.mark.parametrize(
    ("expression", "edge", "value"),
    [
        ("sqrt(2 - x**2)", 2**0.5, 0.0),
        ("sqrt(2 - x**2)", -(2**0.5), 0.0),
        ("asin(x/3)", 3.0, np.pi / 2),
        ("sqrt(x - 1/3) + 2", 1 / 3, 2.0),
        ("x**1.5 - 1", 0.0, -1.0),
        ("acosh(x)", 1.0, 0.0),
    ],
)
@pytest.mark.parametrize("samples", [None, 300])
def test_a_curve_reaches_the_edge_of_the_domain(expression, edge, value, samples):
    """Its last point is the edge but for rounding, also between points that a user chose."""
    _, points = drawn(expression, samples=samples)
    known = points[np.isfinite(points[:, 1])]
    nearest = known[np.abs(known[:, 0] - edge).argmin()]
    np.testing.assert_allclose(nearest, (edge, value), atol=1e-6)


def test_a_curve_in_a_region_reaches_its_edge():
    """Where `where` ends at 2.005, between two samples, so does the curve."""
    _, points = drawn("x**2", where="x < 2.005")
    known = points[np.isfinite(points[:, 1]), 0]
    assert 2.005 - 1e-9 < known.max() < 2.005


@pytest.mark.parametrize(
    ("expression", "ylim"),
    [
        ("1/x", (-100, 100)),
        ("1/x**2", (0, 1e5)),
        ("tan(x)", (-1000, 1000)),
        ("1/(x - 0.013)", (-200, 200)),
        ("log(x)", (-9, 2)),
        ("1/x", None),
        ("log(x)", None),
        ("1/sqrt(x)", None),
        ("tan(x)", None),
        ("1/(x**2 - 2)", None),
    ],
)
def test_a_curve_leads_out_of_the_view_at_a_pole(expression, ylim):
    """No piece of it ends inside of the view, but for the ends of the range and edges of the domain."""
    spec = gradviz.Tangent(expression=expression, vars=["x"], ylim=ylim)
    points = gradviz.sample(spec).drawn.points
    _, (low, high) = view_of(spec)
    known = np.isfinite(points[:, 1])
    ends = np.flatnonzero(known[:-1] != known[1:])
    assert len(ends) >= (2 if "log" not in expression and "sqrt" not in expression else 1)
    for end in ends:
        value = points[end if known[end] else end + 1, 1]
        assert not low < value < high


@pytest.mark.parametrize(
    ("expression", "at", "limit"),
    [
        ("sin(x)/x", 0, 1),
        ("(x**2 - 1)/(x - 1)", 1, 2),
        ("(x**2 - 2)/(x - sqrt(2))", 2**0.5, 8**0.5),
        ("(x**3 - 1)/(x - 1)", 1, 3),
        ("(1 - cos(x))/x**2", 0, 0.5),
        ("(x - 1/3)/(x**2 - 1/9)", 1 / 3, 1.5),
        ("cos(x)/(x - pi/2)", np.pi / 2, -1),
        ("exp(-1/x**2)", 0, 0),
        ("x*log(abs(x))", 0, 0),
        ("(sqrt(x) - 1)/(x - 1)", 1, 0.5),
        ("x/x", 0, 1),
    ],
)
def test_a_removable_gap_is_an_open_circle_at_its_limit(expression, at, limit):
    """The limit is that of calculus; the warning has the place, and the curve no other gap there."""
    samples, points = drawn(expression, range=(-3, 3))
    gaps = samples.outline.gap_points
    nearest = gaps[np.abs(gaps[:, 0] - at).argmin()]
    np.testing.assert_allclose(nearest, (at, limit), atol=1e-5)
    (warning,) = (found for found in samples.warnings if "removable gap" in found)
    assert f"{at:.4g}" in warning
    beside = points[np.abs(points[:, 0] - at) < 0.01]
    assert np.isfinite(beside[:, 1]).all()
    figure = gradviz.render(gradviz.Tangent(expression=expression, vars=["x"], range=(-3, 3)), samples)
    (circle,) = (line for line in figure.axes[0].get_lines() if line.get_label() == "_removable gaps")
    assert circle.get_markerfacecolor() != circle.get_markeredgecolor()
    assert np.abs(np.asarray(circle.get_xdata()) - at).min() < 1e-9


@pytest.mark.parametrize(
    "expression",
    ["abs(x)/x", "1/x", "sin(1/x)", "tan(x)", "atan(1/x)", "where(x == 0, 1, sin(x)/x)", "x**2", "floor(x)",
     "log(x)", "1/(x**2 + 1e-4)", "x + 0.001*abs(x)/x"],
)  # fmt: skip
def test_poles_jumps_and_values_are_no_removable_gaps(expression):
    """Where the function has no limit, or a value, there is no open circle."""
    samples, _ = drawn(expression)
    assert not len(samples.outline.gaps.at)
    assert not any("removable" in warning for warning in samples.warnings)


def test_the_curves_of_pairs_have_ends_and_gaps_too():
    """On the diagonal, sqrt(1 - x^2) ends at 1 and sin(z)/z has an open circle at 0."""
    spec = gradviz.Pairs(expression="sqrt(1 - x**2) + sin(z)/z", at=(0, 1))
    samples = gradviz.sample(spec)
    points, values = samples.lines[0].drawn
    assert points[np.isfinite(values), 0].max() == pytest.approx(1, abs=1e-12)
    assert samples.lines[1].outline.gap_points == pytest.approx(np.array([[0, 2.0]]), abs=1e-6)
    assert any("z = 0, a removable gap" in warning for warning in samples.warnings)
    labels = [line.get_label() for axes in gradviz.render(spec, samples).axes for line in axes.get_lines()]
    assert labels.count("_removable gaps") == 1


def test_points_that_a_user_chose_are_the_points_of_the_curve():
    """Between them there are no others, however coarse that is."""
    _, points = drawn("sin(20*x)", samples=31)
    np.testing.assert_allclose(points[:, 0], np.linspace(-5, 5, 31))
    assert len(drawn("sin(20*x)")[1]) > 501


@pytest.mark.parametrize(
    ("expression", "most"),
    [
        ("x", 6_000),
        ("sin(x)/x", 6_000),
        ("sqrt(2 - x**2)", 6_000),
        ("tan(x)", 8_000),
        ("sin(1000*x)", 45_000),
        ("sin(1/x)", 45_000),
        ("floor(100*x)", 90_000),
        ("1/sin(50*x)", 90_000),
    ],
)
def test_the_evaluations_of_a_curve_are_bounded(expression, most, monkeypatch):
    """A curve has at most 17,000 points, and costs a bounded number of values of the function."""
    counted = []
    field = type(gradviz.field(expression, variables=["x"]))
    called = field.__call__

    def counting(self, points):
        counted.append(np.size(points))
        return called(self, points)

    monkeypatch.setattr(field, "__call__", counting)
    _, points = drawn(expression)
    assert sum(counted) <= most
    assert len(points) <= 17_000
