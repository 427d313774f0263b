"""Equations as implicit curves: which texts are equations, the curves, and the scenes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradviz
from gradviz import limits
from gradviz.errors import ExpressionError
from gradviz.language.equations import has_equations
from gradviz.output.metadata import described_scene
from gradviz.scene.marks import Contours, Label, Markers

RANGE = {"x": (-2, 3), "y": (-3, 2)}


def sampled(equation, **fields):
    """Return the samples of the curves of equations."""
    return gradviz.sample(gradviz.Contour(expression=equation, **{"range": RANGE, **fields}))


@pytest.mark.parametrize(
    ("text", "is_equation"),
    [
        ("x = 1", True), ("y = x^2", True), ("tan(x) = y", True), ("x(y + 1) = 2", True), ("x ＝ 1", True),
        ("z = x*y", False), ("f(x, y) = x*y", False), ("g(x) = x", False), ("x == 1", False),
        ("x <= 1", False), ("x != y", False), ("f := x", False), ("x*y", False), ("z = x; y = 1", True),
    ],
)  # fmt: skip
def test_an_equation_has_one_equals_sign_and_no_heading(text, is_equation):
    """`z =` and `f(x, y) =` name a function, comparisons are conditions; all else with = is an equation."""
    assert has_equations(text) == is_equation


@pytest.mark.parametrize(
    ("equation", "residual", "parts"),
    [
        ("x^2 + y^2 = 1", lambda x, y: np.hypot(x, y) - 1, 1),
        ("y = x^2/2 - 2", lambda x, y: y - x**2 / 2 + 2, 1),
        ("x = 1", lambda x, y: x - 1, 1),
        ("abs(x) = 1", lambda x, y: np.abs(x) - 1, 2),
        ("tan(x) = y", lambda x, y: np.sin(x) - y * np.cos(x), 2),
        ("1/(x*y) = 1", lambda x, y: x * y - 1, 2),
        ("(x - 2*y)^2 = 0", lambda x, y: x - 2 * y, 1),
        ("0 = abs(x + y)*exp(y)", lambda x, y: x + y, 1),
        (
            "floor(x) = y",
            lambda x, y: np.minimum(*(np.abs(np.floor(x + h) - y) for h in (-1e-6, 1e-6))),
            None,
        ),
        ("sqrt(1 - x^2) = y", lambda x, y: np.hypot(x, y) - 1 + (y < -0.01), 1),
    ],
)
def test_every_point_of_a_curve_solves_its_equation(equation, residual, parts):
    """Jumps, poles and edges of the domain add no line, and roots without a change of sign are drawn."""
    samples = sampled(equation)
    (curve,) = samples.curves
    assert curve.lines
    assert not len(curve.isolated)
    assert len(curve.lines) == (parts or len(curve.lines))
    points = np.concatenate(curve.lines)
    np.testing.assert_allclose(residual(*points.T), 0, atol=5e-3 if "sqrt" in equation else 1e-9)
    mark = next(
        mark for mark in described_scene(gradviz.Contour(expression=equation, range=RANGE)).panels[0].marks
    )
    assert isinstance(mark, Contours)
    assert mark.levels == (0.0,)


def test_the_vertices_of_the_picture_lie_on_the_curve():
    """Lines of the drawn figure are off by far less than a pixel, of the circle about (0.5, -1)."""
    figure = gradviz.render(gradviz.Contour(expression="(x - 0.5)^2 + (y + 1)^2 = 1.5", range=RANGE, dpi=30))
    (path,) = figure.axes[0].collections[0].get_paths()
    radii = np.hypot(*(path.vertices - (0.5, -1)).T)
    np.testing.assert_allclose(radii, np.sqrt(1.5), atol=1e-3)
    assert np.ptp(path.vertices, axis=0) == pytest.approx(np.full(2, 2 * np.sqrt(1.5)), abs=1e-3)


@pytest.mark.parametrize(
    ("equation", "points"),
    [
        ("x^2 + y^2 = 0", [(0, 0)]),
        ("(x - 1.013)^2 + 2*(y + 0.717)^2 = 0", [(1.013, -0.717)]),
        ("(x^2 - 1)^2 + y^2 = 0", [(-1, 0), (1, 0)]),
    ],
)
def test_isolated_points_are_dots_and_named(equation, points):
    """A sum of squares is 0 at single points only, which a warning lists."""
    scene = described_scene(gradviz.Contour(expression=equation, range=RANGE))
    (mark,) = scene.panels[0].marks
    assert isinstance(mark, Markers)
    assert sorted(map(tuple, mark.points.tolist())) == [pytest.approx(point) for point in points]
    assert any("isolated points" in str(one) or "single point" in str(one) for one in scene.warnings)


def test_a_curve_may_have_an_isolated_point_beside_its_line():
    """The curve y^2 = x^3 - x^2 is a line right of x = 1, and the origin."""
    (curve,) = sampled("y^2 = x^3 - x^2").curves
    assert curve.isolated.tolist() == [[0, 0]]
    assert np.concatenate(curve.lines)[:, 0].min() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("equation", "part"),
    [
        ("x^2 + y^2 = -1", "holds nowhere in the range"),
        ("1/x = 0", "holds nowhere in the range"),
        ("floor(x) = 0", "holds on a whole region"),
        ("x^2 - 2*x*y + y^2 = 0", "touch along a line"),
    ],
)
def test_what_is_no_curve_is_a_warning(equation, part):
    """No solution, a region of solutions, and a double line are said, and nothing false is drawn."""
    spec = gradviz.Contour(expression=equation, range=RANGE)
    scene = described_scene(spec)
    assert any(part in str(warning) for warning in scene.warnings)
    assert not any(isinstance(mark, Contours) for mark in scene.panels[0].marks)
    assert any(isinstance(mark, Label) for mark in scene.panels[0].marks)


def test_several_equations_have_colours_and_a_legend():
    """Each equation has a colour of its own, its own or that of the style, and an entry."""
    spec = gradviz.Contour(expression="x^2 + y^2 = 1; y = x", range=RANGE, color=["red", "blue"])
    scene = described_scene(spec)
    assert [mark.bands.colours for mark in scene.panels[0].marks] == [("red",), ("blue",)]
    assert [entry.line.colour for entry in scene.legend.entries] == ["red", "blue"]
    assert [entry.text.text for entry in scene.legend.entries] == ["$x^{2} + y^{2} = 1$", "$y = x$"]
    assert described_scene(gradviz.Contour(expression="x^2 + y^2 = 1")).legend is None


def test_units_are_equal():
    """A circle is round in a flat size, too."""
    assert (
        described_scene(gradviz.Contour(expression="x^2 + y^2 = 1", size=(9, 3))).panels[0].aspect == "equal"
    )


def test_data_have_the_points_of_the_curves(run, here):
    """A row has the equation and a point, and each point of x = 1 has x = 1."""
    done = run("contour", "x = 1; y = x", "-n", "21", "--data", "a.json", "--json", "-q")
    assert done.code == 0
    assert [one["parts"] for one in done.json["curves"]] == [1, 1]
    data = json.loads((here / "a.json").read_text())
    columns = data.get("columns", data)
    texts, x, y = (columns[name] for name in ("equation", "x", "y"))
    assert {*texts} == {"x = 1", "y = x"}
    for text, a, b in zip(texts, x, y, strict=True):
        assert (a if text == "x = 1" else a - b + 1) == pytest.approx(1)


def test_parameters_and_sweeps_hold_for_equations():
    """With a = 4, the curve x^2 + a y^2 = 1 reaches y = 1/2."""
    (curve,) = sampled("x^2 + a*y^2 = 1", set={"a": 4}).curves
    assert np.concatenate(curve.lines)[:, 1].max() == pytest.approx(0.5, abs=1e-4)
    swept = gradviz.sample(gradviz.Contour(expression="x^2 + a*y^2 = 1", sweep={"a": (1, 4)}))
    assert [len(one.curves) for one in swept.members] == [1, 1]


@pytest.mark.parametrize(
    ("equation", "start"), [("x =", 3), ("= x", 0), ("x = y = 1", 6), ("x = 1; y + 2", 4), ("x = 1;", 5)]
)
def test_a_wrong_equation_is_refused_where_it_is_wrong(equation, start, run, here):
    """One side missing, two equals signs, an expression among equations: exit 2, a caret, no file."""
    with pytest.raises(ExpressionError) as caught:
        gradviz.Contour(expression=equation)
    assert caught.value.start == start
    answer = run("contour", equation)
    assert (answer.code, answer.out, list(here.iterdir())) == (2, b"", [])
    assert len(answer.err.splitlines()) <= 5


def test_pages_scripts_and_redraw_know_equations(run, here):
    """A page has the formula, a script of one equation draws it, and the picture remembers it."""
    typed = ("contour", "x^2 + 3*y = 1", "-n", "21", "-q")
    assert run(*typed, "-o", "a.html").code == run(*typed, "-o", "a.py").code == 0
    compile((here / "a.py").read_text(), "a.py", "exec")
    assert run(*typed, "-o", "a.png", "--dpi", "30").code == 0
    assert gradviz.load("a.png").expression == "x^2 + 3*y = 1"
    assert run("contour", "x = 1; y = 1", "-o", "b.py").code == 2
    assert not (here / "b.py").exists()


def test_options_of_levels_have_no_effect(run):
    """Levels and colours of values are no part of a curve, which a note says."""
    answer = run("contour", "x = 1", "--levels", "5", "--filled", "--dpi", "30", "-n", "21")
    assert answer.code == 0
    assert "--levels and --filled have no effect with an equation" in answer.err


def test_the_number_of_equations_has_a_bound():
    """More equations than colours are refused at once, with the first one beyond the bound."""
    text = ";".join(f"x={k}" for k in range(500))
    with pytest.raises(ExpressionError, match=f"at most {limits.CURVES} equations, got 500"):
        gradviz.Contour(expression=text)
    assert gradviz.Contour(expression=";".join(f"x={k}" for k in range(limits.CURVES)))
