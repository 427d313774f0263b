"""Gradients at points with their level lines, and named points: the scenes."""

from __future__ import annotations

import re

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.output.metadata import described_scene
from gradviz.scene.marks import GRADIENT_AT, Arrows, Contours, Label, Lines, Markers
from gradviz.specs import spec_from

RANGE = {"x0": (-2, 2), "x1": (-1, 3)}
PLANES = pytest.mark.parametrize("kind", ["contour", "quiver", "stream"])


def scene_of(kind="contour", expression="x0**2 + 3*x1", **fields):
    """Return the scene of a figure."""
    return described_scene(spec_from({"kind": kind, "expression": expression, "range": RANGE, **fields}))


def marks_of(scene, *types):
    """Return the marks of gradients at points, of some types."""
    named = [mark for mark in scene.panels[0].marks if isinstance(mark, types)]
    return [mark for mark in named if isinstance(mark, Contours) or mark.name == GRADIENT_AT]


@PLANES
def test_an_arrow_is_along_the_gradient_at_its_point(kind):
    """The gradient of x0^2 + 3 x1 at (1, 0.5) is (2, 3), at (-0.5, 1) it is (-1, 3)."""
    scene = scene_of(kind, gradient_at=[[1, 0.5], [-0.5, 1]])
    first, second = marks_of(scene, Arrows)
    for arrow, at, gradient in ((first, (1, 0.5), (2, 3)), (second, (-0.5, 1), (-1, 3))):
        assert arrow.points.tolist() == [list(at)]
        vector = arrow.vectors[0] / np.linalg.norm(arrow.vectors[0])
        assert vector == pytest.approx(np.array(gradient) / np.linalg.norm(gradient))
    lengths = [float(np.linalg.norm(arrow.vectors)) for arrow in (first, second)]
    assert lengths[0] / lengths[1] == pytest.approx(np.sqrt(13 / 10))
    texts = [entry.text.text for entry in scene.legend.entries][-2:]
    assert texts == [
        r"$\nabla f({1}, {0.5}) = ({2}, {3})$, level $2.5$",
        r"$\nabla f({-0.5}, {1}) = ({-1}, {3})$, level $3.25$",
    ]


@PLANES
def test_the_level_line_leads_through_the_point_at_a_right_angle(kind):
    """The level is the value at the point, 3.75; units are equally long even in a flat size."""
    scene = scene_of(kind, gradient_at=[[1.5, 0.5]], size=(9, 3))
    halo, line = marks_of(scene, Contours)[-2:]
    assert halo.levels == line.levels == (3.75,)
    assert scene.panels[0].aspect == "equal"


def test_units_that_cannot_be_equal_are_a_warning():
    """A view of 1 to 100 has no equal units, so that the arrow is not perpendicular on paper."""
    scene = scene_of(range={"x0": (-2, 2), "x1": (-100, 300)}, gradient_at=[[1, 2]])
    assert any("perpendicular" in str(warning) for warning in scene.warnings)
    (arrow,) = marks_of(scene, Arrows)
    assert arrow.vectors[0, 1] / arrow.vectors[0, 0] == pytest.approx(3 / 2)


def test_an_arrow_near_the_border_is_shortened():
    """The tip of an arrow at the border is inside of the view as far as the arrow stays visible."""
    (arrow,) = marks_of(scene_of(gradient_at=[[1.5, 0.5]]), Arrows)
    assert (arrow.points[0] + arrow.vectors[0] <= (2, 3)).all()


def test_a_box_has_the_arrow_on_its_floor_and_the_tangent_on_the_surface():
    """The tangent vector over (u, v) rises by grad f . (u, v), and begins at the surface."""
    scene = scene_of("surface", gradient_at=[[0.5, 1]])
    floor = scene.panels[0].z.limits[0]
    level = next(mark for mark in scene.panels[0].marks if isinstance(mark, Contours))
    assert (level.levels, level.height) == ((3.25,), floor)
    drop, below, above = marks_of(scene, Lines)
    assert drop.points.tolist() == [[0.5, 1, floor], [0.5, 1, 3.25]]
    assert below.points[0].tolist() == [0.5, 1, floor]
    assert (below.points[:, 2] == floor).all()
    start, tip = above.points[:2]
    assert start.tolist() == [0.5, 1, 3.25]
    way = tip - start
    assert way[:2] / way[0] == pytest.approx(np.array([1, 3]))
    assert way[2] == pytest.approx(np.array([1, 3]) @ way[:2])


@pytest.mark.parametrize("kind", ["contour", "quiver", "stream", "surface"])
def test_a_point_has_its_name_as_typed(kind):
    """A name is text, not mathtext, and stands at its point; a point without a name has none."""
    scene = scene_of(kind, point=["1,2:P_$1$", "0.5,-1"])
    points = [mark for mark in scene.panels[0].marks if isinstance(mark, Markers) and len(mark.points) == 1]
    value = [[1 + 6], [0.25 - 3]] if kind == "surface" else [[], []]
    assert [mark.points[0].tolist() for mark in points] == [[1, 2, *value[0]], [0.5, -1, *value[1]]]
    (label,) = [mark for mark in scene.panels[0].marks if isinstance(mark, Label)]
    assert (label.text.text, label.text.math, list(label.at)) == (
        "P_$1$",
        False,
        points[0].points[0].tolist(),
    )
    assert "P_$1$ at (1, 2)" in str(scene.description)


def test_a_zero_gradient_has_no_arrow():
    """At a minimum there is a dot, the numbers and a warning."""
    scene = scene_of(expression="x0**2 + 3*x1**2", gradient_at=[[0, 0]])
    assert marks_of(scene, Arrows) == []
    assert any("(0, 0) is 0" in str(warning) for warning in scene.warnings)


def test_results_have_the_numbers():
    """The results of samples have each point with its value, its gradient and the error."""
    samples = gradviz.sample(gradviz.Contour(expression="x0**2 + 3*x1", gradient_at=(1, 2)))
    (found,) = samples.results["gradient_at"]
    assert (found["at"], found["value"]) == ([1, 2], 7)
    assert found["gradient"] == pytest.approx([2, 3])


@pytest.mark.parametrize("kind", ["contour", "quiver", "stream", "surface"])
def test_a_gradient_that_does_not_exist_is_refused(kind):
    """At a kink there is no gradient to draw."""
    with pytest.raises(RequestError, match="no gradient at 0,1: the function has a kink there"):
        scene_of(kind, "abs(x0) + x1", gradient_at=[[0, 1]])


@pytest.mark.parametrize("kind", ["contour", "quiver", "stream", "surface"])
@pytest.mark.parametrize(
    ("option", "part"),
    [
        ("--gradient-at=1", "--gradient-at: must be X0,X1"),
        ("--gradient-at=1,9", "--gradient-at: y must be from"),
        ("--point=1,2:", "--point: must have a name after the colon"),
        ("--point=9,1:P", "--point: x must be from"),
        ("--point=1,a", "--point: must be a number"),
    ],
)
def test_a_wrong_point_is_refused_before_anything_is_drawn(kind, option, part, run, here):
    """A point has two coordinates in the range, and a name behind the colon."""
    answer = run(kind, "x*y", option)
    assert (answer.code, answer.out, list(here.iterdir())) == (2, b"", [])
    assert part in answer.err
    assert len(answer.err.splitlines()) <= 5


@pytest.mark.parametrize("kind", ["contour", "surface"])
def test_pages_and_scripts_show_points(kind, run, here):
    """A page has an arrow and the name; a script draws them, too."""
    typed = (kind, "x**2 + 3*y", "-n", "21", "--gradient-at", "1,1", "--point", "1,2:Pq", "-q")
    assert run(*typed, "-o", "a.html").code == 0
    assert run(*typed, "-o", "a.py").code == 0
    page, script = ((here / name).read_text() for name in ("a.html", "a.py"))
    assert "Pq" in page
    assert bool(re.search(r'"axref": ?"x"', page)) == (kind == "contour")
    assert "Pq" in script
    compile(script, "a.py", "exec")
