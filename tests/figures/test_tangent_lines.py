"""Several secants, equations, slope triangles, kinks among points, and sweeps of a tangent's point."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError, SpecError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.rendering import scene_of
from gradviz.sampling.sample import sample
from gradviz.scene.marks import KINK, TRIANGLE, Label
from gradviz.scene.scene import Frames

CUBIC = "x**3/3 - x"


def scene(expression="x**2", **fields):
    """Return the scene of a curve with its lines."""
    return scene_of(gradviz.Tangent(expression=expression, dpi=30, **fields))


def marks_of(one, name):
    """Return the marks of a name in the first panel."""
    return [mark for mark in one.panels[0].marks if getattr(mark, "name", "") == name]


def entries(one):
    """Return the texts of the legend without dollar signs."""
    return [entry.text.text.replace("$", "").replace(r"\,", "") for entry in one.legend.entries]


# Secants --------------------------------------------------------------------------------------------------


def test_each_point_has_each_secant():
    """The secant of x^2 from a to a + h has the slope 2 a + h; two points and two distances give four."""
    one = scene(at=[1, -2], secant=[2, 0.5])
    lines = marks_of(one, "secant")
    slopes = [np.diff(line.points[[0, -1], 1])[0] / np.diff(line.points[[0, -1], 0])[0] for line in lines]
    np.testing.assert_allclose(slopes, [4, 2.5, -2, -3.5], rtol=1e-12)
    ends = [mark.points[:, 0].tolist() for mark in marks_of(one, "points of a secant")]
    assert ends == [[1, 3], [1, 1.5], [-2, 0], [-2, -1.5]]
    assert [text.partition(",")[0] for text in entries(one)[3:]] == [
        "secant from x = 1 to 3", "secant from x = 1 to 1.5",
        "secant from x = -2 to 0", "secant from x = -2 to -1.5",
    ]  # fmt: skip


def test_several_secants_of_a_point_differ_in_colour():
    """One secant has the colour of its tangent; several have colours of their own."""
    alone, several = scene(at=1, secant=1), scene(at=1, secant=[1, 2])
    (tangent,), (secant,) = marks_of(alone, "tangent"), marks_of(alone, "secant")
    assert tangent.colour == secant.colour
    assert len({line.colour for line in marks_of(several, "secant")}) == 2


def test_secants_are_repeated_on_the_command_line(run):
    """--secant is repeatable, and the JSON has the slopes."""
    answer = run("tangent", "x**2", "--at", "1", "--secant", "1", "--secant", "0.5", "--json")
    assert [one["slope"] for one in answer.json["secants"]] == pytest.approx([3, 2.5])
    assert answer.json["secants"][0] | {"slope": 3} == {"from": 1, "to": 2, "value": 1, "slope": 3}
    assert answer.json["tangents"] == [{"at": 1, "value": 1, "slope": pytest.approx(2)}]


def test_a_secant_may_be_one_number_as_before():
    """A number is a secant of this distance, also in a list, and None is no secant."""
    for one in (0.5, [0.5], "1/2"):
        spec = gradviz.Tangent(expression="x", at=1, secant=one)
        assert (spec.secant, spec.distances) == (0.5, (0.5,))
    assert gradviz.Tangent(expression="x", at=1, secant=None).distances == ()


@pytest.mark.parametrize("arguments", [["--secant", "0"], ["--secant", "1", "--secant", "x"],
                                       ["--secant", ",".join(map(str, range(1, 101)))]])  # fmt: skip
def test_a_wrong_secant_is_refused(run, tmp_path, arguments):
    """No distance, no number or more lines than there is room for: exit code 2, few lines, and no file."""
    answer = run("tangent", "x**2", "--at", "1", *arguments)
    assert answer.code == 2
    assert "--secant" in answer.err
    assert len(answer.err.splitlines()) <= 5
    assert not list(tmp_path.glob("*.png"))


# Equations and slope triangles ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "at", "equation"),
    [
        ("x**2", 1, "y = 2x - 1"),
        ("x**2", -1, "y = -2x - 1"),
        ("x**2", 0, "y = 0"),
        ("x**2/2", 1, "y = x - 0.5"),
        ("cos(x)", 0, "y = 1"),
        ("5 - t/4", 2, "y = -0.25t + 5"),
        ("y**2", 3, "z = 6y - 9"),
        ("2e6*x + 0*x**2", 0.1, r"y = 2 \cdot 10^{6}x"),
    ],
)
def test_an_equation_is_that_of_the_line(expression, at, equation):
    """It is f(a) + f'(a)(x - a), expanded by hand."""
    *_, text = entries(scene(expression, at=at, equations=True))
    assert text.endswith(f": {equation}")


def test_numbers_of_an_equation_have_the_digits_of_its_slope():
    """sin'(1) = cos 1 = 0.540302, and sin 1 - cos 1 = 0.301169."""
    *_, text = entries(scene("sin(x)", at=1, equations=True))
    assert text.endswith(": y = 0.540302x + 0.301169")


def test_a_slope_triangle_is_under_its_tangent():
    """From the point along x, then up to the tangent: the legs have the ratio 2 of the slope."""
    one = scene(at=1, slope_triangle=True)
    (legs,) = marks_of(one, TRIANGLE)
    np.testing.assert_allclose(legs.points, [[1, 1], [2, 1], [2, 3]], rtol=1e-9)
    labels = [mark for mark in one.panels[0].marks if isinstance(mark, Label)]
    assert [label.text.text for label in labels] == [r"$\Delta x = 1$", r"$\Delta y = 2$"]
    np.testing.assert_allclose([label.at for label in labels], [(1.5, 1), (2, 2)], rtol=1e-9)


def test_the_triangle_of_a_secant_has_both_points():
    """The legs lead from one point to the other; that of the tangent is on the other side."""
    tangent, secant = marks_of(scene(at=1, secant=2, slope_triangle=True), TRIANGLE)
    np.testing.assert_allclose(secant.points, [[1, 1], [3, 1], [3, 9]], rtol=1e-9)
    assert tangent.points[1, 0] < 1


@pytest.mark.parametrize("expression", ["1000*x**2", "x**2/1e4", "exp(x)", "-300*x + 2"])
@pytest.mark.parametrize("at", [-4.9, 0, 3, 4.99])
def test_a_slope_triangle_fits_into_the_view(expression, at):
    """Its legs are round numbers times powers of ten, and inside of the axes."""
    one = scene(expression, at=at, slope_triangle=True)
    (legs,), panel = marks_of(one, TRIANGLE), one.panels[0]
    x, y = legs.points.T
    assert panel.x.limits[0] <= x.min() < x.max() <= panel.x.limits[1]
    assert panel.y.limits[0] <= y.min() <= y.max() <= panel.y.limits[1]
    assert re.fullmatch(r"[125]e[+-]\d+", f"{x.max() - x.min():.0e}")


# Kinks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "at", "left", "right"),
    [
        ("abs(x)", 0, -1, 1),
        ("abs(x - 1/3)", 1 / 3, -1, 1),
        ("max(x**2, x)", 1, 1, 2),
        ("relu(x)", 0, 0, 1),
    ],
)
def test_a_kink_among_several_points_has_two_half_tangents(expression, at, left, right):
    """They are marked and drawn, and so are the tangents at the others; their slopes are in the legend."""
    one = scene(expression, at=[-2, at], range=(-5, 5))
    (line,), (marker,) = marks_of(one, KINK), marks_of(one, "points of a kink")
    (x0, y0), (x, y), (x1, y1) = line.points
    assert (x0, x, x1) == (-5, at, 5)
    np.testing.assert_allclose([(y - y0) / (x - x0), (y1 - y) / (x1 - x)], [left, right], atol=1e-9)
    np.testing.assert_array_equal(marker.points, [[x, y]])
    assert marker.shape == "D"
    assert len(marks_of(one, "tangent")) == 1
    assert f"slopes {left} and {right}" in entries(one)[2]


def test_a_cusp_among_several_points_has_vertical_half_tangents():
    """sqrt|x| rises without bound on both sides of 0: both halves lead up to the top of the view."""
    one = scene("sqrt(abs(x))", at=[0, 1])
    (line,) = marks_of(one, KINK)
    assert line.points[:, 0].tolist() == [0, 0, 0]
    top = one.panels[0].y.limits[1]
    assert line.points[:, 1].tolist() == [top, 0, top]
    assert r"slopes -\infty and \infty" in entries(one)[1]


def test_a_kink_of_python_code_has_two_half_tangents(tmp_path, monkeypatch):
    """Without a formula, differences on both sides are as good as their step: f = |x| + x^2 has -1 and 1."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("def f(p):\n    return abs(p[..., 0]) + p[..., 0]**2\n")
    samples = gradviz.sample(gradviz.Tangent(expression="own.py:f", at=[0, 1]))
    assert samples.results["tangents"][0]["slopes"] == pytest.approx([-1, 1], abs=1e-9)


def test_a_kink_alone_is_refused():
    """The only point has no tangent, so there is nothing to draw but the curve."""
    with pytest.raises(RequestError, match="no tangent at 0: the function has a kink there"):
        gradviz.sample(gradviz.Tangent(expression="abs(x)", at=0))


@pytest.mark.parametrize("expression", ["floor(x)", "1/x", "sqrt(x)"])
def test_a_jump_among_several_points_is_refused(expression):
    """There is neither a tangent nor two halves of one."""
    with pytest.raises(RequestError, match="no tangent at 0: "):
        gradviz.sample(gradviz.Tangent(expression=expression, at=[0, 0.5]))


# Sweeps ---------------------------------------------------------------------------------------------------


def test_a_sweep_of_at_moves_the_tangent():
    """Each panel has the tangent at its value, of slope a^2 - 1, over one range and with one view."""
    one = scene(CUBIC, sweep="at=-7:2:4")
    slopes = []
    for panel in one.panels:
        (line,) = (mark for mark in panel.marks if getattr(mark, "name", "") == "tangent")
        slopes.append(np.diff(line.points[[0, -1], 1])[0] / np.diff(line.points[[0, -1], 0])[0])
    np.testing.assert_allclose(slopes, [48, 15, 0, 3], atol=1e-9)
    assert len({(panel.x.limits, panel.y.limits) for panel in one.panels}) == 1
    assert one.panels[0].x.limits[0] < -7
    assert [panel.title.text.replace("$", "") for panel in one.panels] == [
        "x = -7, slope 48", "x = -4, slope 15", "x = -1, slope 0", "x = 2, slope 3"
    ]  # fmt: skip
    assert entries(one) == ["f(x)", "tangent"]


def test_a_sweep_of_secant_leads_to_the_tangent():
    """The secant of x^2 from 1 over h has the slope 2 + h; the tangent is in each panel."""
    one = scene(at=1, sweep="secant=2,1,0.25")
    assert [panel.title.text.replace("$", "") for panel in one.panels] == [
        "h = 2, slope 4", "h = 1, slope 3", "h = 0.25, slope 2.25"
    ]  # fmt: skip
    assert entries(one) == ["f(x)", "tangent at x = 1, slope 2", "secant"]


def test_frames_have_their_values_in_title_and_legend():
    """An animation has a frame for each value, with the slope there."""
    frames = scene(sweep="at=-1,0.5", animate=True)
    assert isinstance(frames, Frames)
    texts = [frame.legend.entries[-1].text.text.replace("$", "") for frame in frames.scenes]
    assert texts == ["tangent, slope -2", "tangent, slope 1"]
    assert "x = -1.0" in "".join(frames.scenes[0].title.below)


def test_a_page_of_a_sweep_has_a_slider(run, here):
    """Each step of the slider shows the traces of its value alone, which plotly's own models accept."""
    go = pytest.importorskip("plotly.graph_objects")
    answer = run("tangent", "x**2", "--sweep", "at=-1,0.5,2", "--slope-triangle", "-o", "a.html", "--json")
    assert (answer.code, answer.json["frames"]) == (0, 3)
    text = (here / "a.html").read_text(encoding="utf-8")
    figure = json.loads(re.search(r'id="figure">(.*?)</script>', text)[1])
    go.Figure(data=figure["data"], layout=figure["layout"])
    (slider,) = figure["layout"]["sliders"]
    assert [step["label"] for step in slider["steps"]] == ["−1.0", "0.5", "2.0"]
    assert slider["currentvalue"]["prefix"] == "x = "
    masks = np.array([step["args"][0]["visible"] for step in slider["steps"]])
    assert masks.shape == (3, len(figure["data"]))
    assert (masks.sum(axis=0) == 1).all()
    assert [trace["visible"] for trace in figure["data"]] == masks[0].tolist()
    shown = [[trace for trace, on in zip(figure["data"], mask, strict=True) if on] for mask in masks]
    names = [[trace["name"] for trace in traces if "name" in trace] for traces in shown]
    assert names == [["f(x)", f"tangent, slope {slope}"] for slope in (-2, 1, 4)]
    assert gradviz.load(here / "a.html").sweep == {"at": (-1, 0.5, 2)}


def test_a_kink_does_not_end_a_sweep():
    """|x| has two half tangents in the middle panel."""
    one = scene("abs(x)", sweep="at=-1,0,1")
    names = [[mark.name for mark in panel.marks if getattr(mark, "name", "") in (KINK, "tangent")]
             for panel in one.panels]  # fmt: skip
    assert names == [["tangent"], [KINK], ["tangent"]]


def test_a_sweep_of_a_field_is_in_the_data_and_in_the_json(run):
    """The column `at` has the values, and the results one row for each."""
    answer = run("tangent", "x**2", "--sweep", "at=1,3", "--json", "--data", "t.csv", "-n", "5")
    assert answer.json["sweep"] == {"at": [1, 3]}
    assert [one["slope"] for one in answer.json["tangents"]] == pytest.approx([2, 6])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sweep": "secant=1,2"}, "no point to start at"),
        ({"sweep": "at=1,2", "at": 3}, "'at' has values"),
        ({"sweep": "secant=0,1", "at": 3}, "0 is no distance"),
    ],
)
def test_a_sweep_without_sense_is_refused(fields, words):
    """A secant needs a point, and no field has two values."""
    with pytest.raises(SpecError, match=words):
        gradviz.Tangent(expression="x**2", **fields)


def test_a_wrong_sweep_is_exit_code_2(run, tmp_path):
    """The message names options of the command."""
    answer = run("tangent", "x**2", "--sweep", "secant=1,2")
    assert (answer.code, answer.err) == (
        2, "error: --sweep: a secant has no point to start at; add one with --at\n"
    )  # fmt: skip
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("name", ["png", "svg", "pdf", "webp", "html", "py"])
def test_every_format_holds_the_lines(name):
    """Kinks, several secants and triangles are encoded in each format, and read back as asked for."""
    spec = gradviz.Tangent(
        expression="abs(x) + x**2", at=[0, 1], secant=[1, 2], equations=True, slope_triangle=True, dpi=30
    )
    content = encode(described_scene(spec, sample(spec)), spec, name).content
    found = json.loads(FORMATS[name].memory_in(content))["spec"]
    assert (found["secant"], found["equations"], found["slope_triangle"]) == ([1.0, 2.0], True, True)
