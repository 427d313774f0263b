"""Several functions of one variable in one picture, each with its own tangents."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradviz
from gradviz.errors import ExpressionError, RequestError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.rendering import scene_of
from gradviz.sampling.sample import sample
from gradviz.scene.marks import GAPS, TAYLOR, TRIANGLE

BOTH = "sin(x); cos(x)"


def scene(expression=BOTH, **fields):
    """Return the scene of several curves."""
    return scene_of(gradviz.Tangent(expression=expression, dpi=30, **fields))


def marks_of(one, name, panel=0):
    """Return the marks of a name in a panel."""
    return [mark for mark in one.panels[panel].marks if getattr(mark, "name", "") == name]


def texts(one):
    """Return the legend without dollar signs."""
    return [entry.text.text.replace("$", "") for entry in one.legend.entries]


def test_each_function_is_a_curve_with_its_legend_entry():
    """The curves have the values of NumPy's functions, and colours of their own; the axis is y."""
    one = scene("sin(x); cos(x); x/2")
    functions = np.sin, np.cos, lambda x: x / 2
    curves = marks_of(one, "curve")
    for curve, function in zip(curves, functions, strict=True):
        np.testing.assert_allclose(curve.points[:, 1], function(curve.points[:, 0]), rtol=1e-12, atol=1e-14)
    assert len({curve.colour for curve in curves}) == 3
    assert len({curve.width for curve in curves}) == 1
    assert ["sin" in texts(one)[0], "cos" in texts(one)[1], texts(one)[2]] == [True, True, "x/2"]
    assert one.panels[0].y.label.text == "$y$"
    assert one.title.own == ""


def test_each_function_has_its_own_tangents_in_its_colour():
    """At 1 they have the slopes cos 1 and -sin 1, at 0 the slopes 1 and 0."""
    one = scene(at=[1, 0])
    curves, tangents = marks_of(one, "curve"), marks_of(one, "tangent")
    slopes = [np.diff(line.points[[0, -1], 1])[0] / np.diff(line.points[[0, -1], 0])[0] for line in tangents]
    np.testing.assert_allclose(slopes, [np.cos(1), 1, -np.sin(1), 0], rtol=1e-10, atol=1e-12)
    assert [line.colour for line in tangents] == [curve.colour for curve in curves for _ in range(2)]
    assert len(texts(one)) == 6


def test_secants_polynomials_and_triangles_are_those_of_each_function():
    """Two functions with one point have two of each; T_2 of cos at 0 is 1 - x^2/2."""
    one = scene(at=0, secant=1, taylor=2, slope_triangle=True)
    for name, count in (("secant", 2), (TAYLOR, 2), (TRIANGLE, 4)):
        assert len(marks_of(one, name)) == count
    x, y = marks_of(one, TAYLOR)[1].points.T
    np.testing.assert_allclose(y, 1 - x**2 / 2, atol=1e-13)


def test_the_derivatives_stand_beside_the_curves():
    """They are cos and -sin, in the colours of their curves."""
    one = scene(derivative=True, method="exact")
    lines = marks_of(one, "derivative", 1)
    for line, function in zip(lines, (np.cos, lambda x: -np.sin(x)), strict=True):
        np.testing.assert_allclose(line.points[:, 1], function(line.points[:, 0]), atol=1e-12)
    assert [line.colour for line in lines] == [curve.colour for curve in marks_of(one, "curve")]
    assert one.panels[1].title.text == "the derivatives"


def test_the_view_holds_all_curves():
    """The axis of values reaches from the lowest to the highest value of both."""
    low, high = scene("x**2; -10 - x", range=(-3, 3)).panels[0].y.limits
    assert low < -13 < 9 < high


def test_the_numbers_are_those_of_each_function(run, here):
    """Rows of the JSON name the function, and the data have a column for each."""
    answer = run("tangent", BOTH, "--at", "1", "-n", "3", "-r", "-1:1", "--data", "a.csv", "--json")
    assert [row["function"] for row in answer.json["tangents"]] == ["sin(x)", "cos(x)"]
    assert [row["slope"] for row in answer.json["tangents"]] == pytest.approx([np.cos(1), -np.sin(1)])
    head, *rows = (here / "a.csv").read_text().splitlines()
    assert head == "x,f1,df1/dx,f2,df2/dx"
    numbers = np.array([row.split(",") for row in rows], float)
    x = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_allclose(
        numbers, np.stack([x, np.sin(x), np.cos(x), np.cos(x), -np.sin(x)], 1), atol=1e-9
    )
    assert answer.json["description"].startswith("The curves of sin(x), with tangents at 1")


def test_warnings_name_the_function():
    """A removable gap and undefined values of the second function are said of that one."""
    samples = gradviz.sample(gradviz.Tangent(expression="x; sqrt(x) + 0*(x - 1)/(x - 1)", range=(-1, 3)))
    assert all(str(warning).startswith("sqrt(x) + 0*(x - 1)/(x - 1): ") for warning in samples.warnings)
    assert any("undefined at" in str(warning) for warning in samples.warnings)
    assert len(marks_of(scene("x; sin(x)/x"), GAPS)) == 1


def test_a_parameter_is_one_for_all_functions_and_is_swept():
    """The parameter is 1 and 2 in both; the panels have one legend."""
    one = scene("a*sin(x); a*x", sweep="a=1,2")
    for number, panel in zip((1, 2), one.panels, strict=True):
        first, second = (mark for mark in panel.marks if getattr(mark, "name", "") == "curve")
        np.testing.assert_allclose(first.points[:, 1], number * np.sin(first.points[:, 0]), atol=1e-12)
        np.testing.assert_allclose(second.points[:, 1], number * second.points[:, 0], atol=1e-12)
    assert len(texts(one)) == 2


def test_names_before_the_functions_are_left_out():
    """f(x) = and g(x) = are headings."""
    assert [one.body for one in gradviz.Tangent(expression="f(x) = sin(x); g(x) = 2*x").functions] == [
        "sin(x)", "2*x"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("sin(x); cos(t)", "one variable, not 2"),
        ("x; ", "an expression is missing"),
        ("x; cos(x", "never closed"),
        ("; ".join("x" * 7), "at most 6 functions"),
    ],
)
def test_wrong_functions_are_refused(run, tmp_path, expression, words):
    """Exit code 2, one to five lines, and no file."""
    answer = run("tangent", expression)
    assert answer.code == 2
    assert words in answer.err
    assert len(answer.err.splitlines()) <= 5
    assert not list(tmp_path.glob("*.png"))


def test_other_kinds_have_one_function():
    """A semicolon in the expression of another kind is a slip."""
    with pytest.raises(ExpressionError, match="';'"):
        gradviz.Quiver(expression="x; y")


def test_a_point_without_a_tangent_of_one_function_is_refused():
    """The point is named, as for one function."""
    with pytest.raises(RequestError, match="no tangent at 0"):
        gradviz.sample(gradviz.Tangent(expression="x; 1/x", at=0))


@pytest.mark.parametrize("name", ["png", "svg", "pdf", "webp", "html"])
def test_every_format_but_a_script_holds_them(name):
    """They are encoded in each format, and read back as they were asked for."""
    spec = gradviz.Tangent(expression=BOTH, at=1, dpi=30)
    content = encode(described_scene(spec, sample(spec)), spec, name).content
    assert json.loads(FORMATS[name].memory_in(content))["spec"]["expression"] == BOTH
