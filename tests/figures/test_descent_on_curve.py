"""Descent of one variable: paths of optimizers on the curve y = f(x)."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.rendering import scene_of
from gradviz.sampling.sample import sample
from gradviz.scene.marks import Follower, Lines, Rule

WELLS = "x**4 - 3*x**2 + x"


def scene(expression=WELLS, **fields):
    """Return the scene of a descent."""
    return scene_of(gradviz.Descent(expression=expression, dpi=30, **fields))


def marks_of(panel, name):
    """Return the lines or markers of a name."""
    return [mark for mark in panel.marks if getattr(mark, "name", "") == name]


def test_the_path_lies_on_the_curve():
    """Gradient descent on x^2 at rate 0.2 multiplies x by 0.6; the points are (x, x^2), the start first."""
    panel = scene("x**2", start=2, optimizers="sgd,learning_rate=0.2", steps=9).panels[0]
    (path,) = marks_of(panel, "path")
    x = 2 * 0.6 ** np.arange(10)
    np.testing.assert_allclose(path.points, np.column_stack((x, x**2)), rtol=1e-12)
    (curve,) = marks_of(panel, "curve")
    np.testing.assert_allclose(curve.points[:, 1], curve.points[:, 0] ** 2, rtol=1e-12)
    assert (panel.x.label.text, panel.y.label.text) == ("$x$", "$f(x)$")
    assert panel.z is None


def test_a_heavy_ball_is_the_one_run_by_hand():
    """Polyak's ball, v <- 0.9 v - 0.02 f'(x), x <- x + v, rolls from 2 through the first valley."""
    samples = gradviz.sample(
        gradviz.Descent(expression=WELLS, start=2, optimizers="momentum,learning_rate=0.02", steps=25)
    )
    x, v, points = 2.0, 0.0, [2.0]
    for _ in range(25):
        v = 0.9 * v - 0.02 * (4 * x**3 - 6 * x + 1)
        x += v
        points.append(x)
    np.testing.assert_allclose(samples.paths[0].points[:, 0], points, rtol=1e-11)
    assert samples.columns().keys() == {"optimizer", "step", "x", "f"}
    assert samples.results["paths"][0]["end"] == pytest.approx([points[-1]])


def test_several_starts_and_optimizers_have_paths_of_their_own(run):
    """On the command line each --start of one number is a start."""
    answer = run("descent", WELLS, "--start", "2", "--start", "-0.2", "--optimizer", "sgd,learning_rate=0.02",
                 "--optimizer", "newton", "--loss", "--json")  # fmt: skip
    ends = [(path["optimizer"], path["start"]) for path in answer.json["paths"]]
    assert ends == [("sgd", [2]), ("sgd", [-0.2]), ("newton", [2]), ("newton", [-0.2])]
    assert answer.json["variables"] == ["x"]
    assert not answer.json["notes"]
    assert "on the curve" in answer.json["description"]


def test_the_loss_stands_beside_the_curve():
    """The second panel has the values of the path against the step."""
    _, loss = scene("x**2", start=2, optimizers="sgd,learning_rate=0.2", steps=9, loss=True).panels
    (values,) = marks_of(loss, "values")
    np.testing.assert_allclose(values.points[:, 1], 4 * 0.36 ** np.arange(10), rtol=1e-12)


def test_an_animation_moves_the_point_along_the_path():
    """The star goes through all points of the path, one a frame, and the line grows with it."""
    panel = scene("x**2", start=2, optimizers="sgd,learning_rate=0.2", steps=9, animate=True).panels[0]
    (star,) = (mark for mark in panel.marks if isinstance(mark, Follower))
    (path,) = marks_of(panel, "path")
    assert path.steps == 1
    np.testing.assert_array_equal(star.points, path.points)


def test_the_values_are_those_that_the_path_needs():
    """Over a default range the axis of values ends not far above the start: f(2) = 6, and f(-3) = 51.

    Over a range that a user gives it has all values.
    """
    assert scene(start=2).panels[0].y.limits[1] < 20
    assert scene(start=2, range=(-3, 3)).panels[0].y.limits[1] > 57


def test_a_start_outside_of_the_default_range_widens_it():
    """The range is symmetric around 0 and contains the start."""
    low, high = gradviz.Descent(expression="x**2", start=40).interval("x")
    assert low == -high < -40


@pytest.mark.parametrize(
    "fields", [{"start": (2, 1)}, {"range": {"x": (-1, 1), "y": (-2, 2)}}, {"on": "surface"}]
)
def test_a_second_variable_is_asked_for(fields):
    """A start of two numbers, a range of another variable or a surface take a second variable."""
    assert gradviz.Descent(expression="x**2", **fields).reading.variables == ("x", "y")


def test_critical_points_are_marked_on_the_curve():
    """The minima and the maximum are the zeros of 4 x^3 - 6 x + 1, by NumPy's roots."""
    panel = scene(start=2, critical=True, range=(-2, 2)).panels[0]
    zeros = np.sort(np.roots([4, 0, -6, 1]).real)
    (minima,), (maxima,) = marks_of(panel, "minima"), marks_of(panel, "maxima")
    np.testing.assert_allclose(np.sort(minima.points[:, 0]), zeros[[0, 2]], rtol=1e-9)
    np.testing.assert_allclose(maxima.points, [[zeros[1], np.polyval([1, 0, -3, 1, 0], zeros[1])]], rtol=1e-9)


def test_axes_alone_have_dots_and_no_curve():
    """With on=axes the path is dots between the two lines through 0."""
    panel = scene("x**2", start=2, on="axes").panels[0]
    assert not marks_of(panel, "curve")
    assert [mark.axis for mark in panel.marks if isinstance(mark, Rule)] == ["y", "x"]
    assert not [mark for mark in panel.marks if isinstance(mark, Lines)]


def test_a_sweep_has_one_axis_of_values():
    """The panels of a sweep share their limits."""
    panels = scene("a*x**2", sweep="a=1,3", start=1, optimizers="sgd,learning_rate=0.1").panels
    assert len({panel.y.limits for panel in panels}) == 1
    assert len(panels) == 2


def test_a_function_of_a_file_has_one_variable_if_its_start_has(tmp_path, monkeypatch):
    """A start of one number, or one name of a variable, makes a curve of it; by default there are two."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("def f(p):\n    return (p[..., 0] - 1)**2\n")
    one = gradviz.Descent(expression="own.py:f", start=3, optimizers="sgd,learning_rate=0.25", steps=3)
    np.testing.assert_allclose(gradviz.sample(one).paths[0].points[:, 0], [3, 2, 1.5, 1.25], rtol=1e-9)
    assert gradviz.Descent(expression="own.py:f", vars="t").reading.variables == ("t",)
    assert gradviz.Descent(expression="own.py:f").reading.variables == ("x0", "x1")


def test_arrows_of_updates_have_no_room_on_a_curve(run, tmp_path):
    """They would all lie on each other."""
    answer = run("descent", "x**2", "--anatomy", "1")
    assert answer.code == 2
    assert answer.err.startswith("error: --anatomy: ")
    assert not list(tmp_path.glob("*.png"))


def test_a_function_undefined_at_a_start_is_refused():
    """The error names the start as it was given."""
    with pytest.raises(RequestError, match="undefined at the start -2;"):
        gradviz.sample(gradviz.Descent(expression="log(x)", start=-2))


@pytest.mark.parametrize("name", ["png", "svg", "pdf", "webp", "gif", "html", "py"])
def test_every_format_holds_it(name):
    """It is encoded in each format, and read back as it was asked for."""
    spec = gradviz.Descent(expression="x**2", start=2, steps=3, dpi=30, animate=name == "gif")
    content = encode(described_scene(spec, sample(spec)), spec, name).content
    assert json.loads(FORMATS[name].memory_in(content))["spec"]["start"] == [[2.0]]
