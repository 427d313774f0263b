"""The option `--constraint`: scenes of contours and surfaces, and the command `critical`."""

from __future__ import annotations

import math

import numpy as np
import pytest

import gradviz
from gradviz.output.metadata import described_scene
from gradviz.scene.marks import GRADIENT_AT, Arrows, Contours, Lines, Markers
from gradviz.specs import spec_from

R2, R5 = math.sqrt(2), math.sqrt(5)


def scene_of(kind="contour", expression="x + y", constraint="x^2/4 + y^2 = 1", **fields):
    """Return the scene of a figure with constraints."""
    fields = {"range": {"x": (-3, 3), "y": (-2, 2)}, **fields}
    return described_scene(
        spec_from({"kind": kind, "expression": expression, "constraint": constraint, **fields})
    )


def of(scene, kind):
    """Return the marks of one type."""
    return [mark for mark in scene.panels[0].marks if isinstance(mark, kind)]


def test_extrema_are_markers_at_the_closed_form():
    """The sum on the ellipse x^2/4 + y^2 = 1 is largest, sqrt 5, at (4, 1)/sqrt 5."""
    scene = scene_of()
    low, high = of(scene, Markers)
    assert (low.name, high.name) == ("constrained minimum", "constrained maximum")
    np.testing.assert_allclose(low.points, [[-4 / R5, -1 / R5]], atol=1e-9)
    np.testing.assert_allclose(high.points, [[4 / R5, 1 / R5]], atol=1e-9)
    assert [mark.levels for mark in of(scene, Contours)][-2:] == [(0.0,), (0.0,)]
    assert scene.panels[0].aspect == "equal"
    texts = [entry.text.text for entry in scene.legend.entries]
    assert texts[0] == r"$\frac{x^{2}}{4} + y^{2} = 1$"
    assert texts[1:3] == ["constrained minimum, $f = {-2.2361}$", "constrained maximum, $f = {2.2361}$"]
    assert texts[3:] == [r"$\nabla f$", r"$\nabla g$"]


def test_the_gradients_at_an_extremum_are_parallel():
    """Arrows of f and g begin at each extremum and are parallel: (1, 1) and (x/2, 2y)."""
    normals, gradients = [mark for mark in of(scene_of(), Arrows) if mark.name == GRADIENT_AT]
    assert normals.points.tolist() == gradients.points.tolist()
    for (x, y), normal, gradient in zip(normals.points, normals.vectors, gradients.vectors, strict=True):
        assert gradient / np.linalg.norm(gradient) == pytest.approx(np.array([1, 1]) / R2)
        wanted = np.array([x / 2, 2 * y])
        assert normal / np.linalg.norm(normal) == pytest.approx(wanted / np.linalg.norm(wanted))
        assert abs(np.linalg.det(np.stack((normal, gradient)))) < 1e-9


def test_a_gradient_that_is_zero_has_no_arrow():
    """The gradient of x^2 y is 0 at (0, 1) and (0, -1), so that four of six extrema have an arrow of f."""
    scene = scene_of(expression="x^2*y", constraint="x^2 + y^2 = 1")
    normals, gradients = of(scene, Arrows)
    assert len(normals.points) == 6
    assert len(gradients.points) == 4


def test_each_constraint_stands_on_its_own():
    """Several constraints are several curves, each with its extrema."""
    scene = scene_of(expression="x*y", constraint=["x + y = 2", "x^2 + y^2 = 2"])
    points = np.concatenate([mark.points for mark in of(scene, Markers)])
    wanted = [(1, 1), (-1, 1), (1, -1), (-1, -1), (1, 1)]
    assert sorted(map(tuple, points.round(9).tolist())) == sorted(wanted)
    colours = [mark.bands.colours for mark in of(scene, Contours) if mark.levels == (0.0,)]
    assert len({*colours}) == 3  # two curves and the halo of both


def test_a_surface_has_the_curve_and_the_extrema_on_it():
    """Every point of the line solves the constraint, and has the value of the function as z."""
    scene = scene_of("surface", "x*y", "x^2 + y^2 = 1")
    (line,) = of(scene, Lines)
    known = line.points[~np.isnan(line.points[:, 2])]
    np.testing.assert_allclose(np.hypot(known[:, 0], known[:, 1]), 1, atol=1e-9)
    np.testing.assert_allclose(known[:, 0] * known[:, 1], known[:, 2], atol=1e-12)
    low, high = of(scene, Markers)
    assert low.points[:, 2] == pytest.approx(-0.5)
    assert high.points[:, 2] == pytest.approx(0.5)


def test_results_and_descriptions_have_the_extrema():
    """JSON has each point with its multipliers; the description names it."""
    spec = gradviz.Contour(expression="x", constraint="x^2 + y^2 = 1")
    (one,) = gradviz.sample(spec).results["constraints"]
    assert one["equation"] == "x^2 + y^2 = 1"
    assert [point["kind"] for point in one["points"]] == ["constrained minimum", "constrained maximum"]
    assert one["points"][1]["multipliers"] == pytest.approx([0.5])
    assert "a constrained maximum of 1 at (1, 0)" in str(described_scene(spec).description)


def test_parameters_may_be_in_the_constraint_alone():
    """A sweep moves the constraint: the maximum of x y on x + y = a is a^2/4."""
    spec = gradviz.Contour(expression="x*y", constraint="x + y = a", sweep={"a": (1, 2)})
    values = [one.constraints[0].points[0].value for one in gradviz.sample(spec).members]
    assert values == pytest.approx([1 / 4, 1])


def test_a_constraint_that_holds_nowhere_is_a_warning():
    """No curve, no extrema, a note."""
    scene = scene_of(constraint="x = 9")
    assert of(scene, Markers) == []
    assert any("holds nowhere" in str(warning) for warning in scene.warnings)


WRONG = pytest.mark.parametrize(
    ("constraint", "part"),
    [
        ("x + y", "must have one '='"), ("x =", "one side"), ("x = 1; y = 1", "one equation"),
        ("qq = 1", "unknown name 'qq'"), ("x +* 2 = 1", "unexpected '*'"),
    ],
)  # fmt: skip


@WRONG
@pytest.mark.parametrize("kind", ["contour", "surface", "critical"])
def test_a_wrong_constraint_is_refused(kind, constraint, part, run, here):
    """Exit 2, at most five lines that name the option, and no file."""
    answer = run(kind, "x*y", "--constraint", constraint)
    assert (answer.code, answer.out, list(here.iterdir())) == (2, b"", [])
    assert answer.err.startswith("error: --constraint: ")
    assert part in answer.err
    assert len(answer.err.splitlines()) <= 5


def test_critical_prints_a_table_with_multipliers(run):
    """Two constraints in three variables have two multipliers, and a point has a row."""
    typed = ("critical", "x + 2*y + 3*z", "--constraint", "x - y + z = 1", "--constraint", "x^2 + y^2 = 1")
    answer = run(*typed)
    assert answer.code == 0
    assert answer.lines[0].split() == [
        "kind", "x", "y", "z", "f", "multiplier", "1", "multiplier", "2", "eigenvalues",
    ]  # fmt: skip
    assert len(answer.lines) == 3
    found = run(*typed, "--json").json
    assert found["constraints"] == ["x - y + z = 1", "x^2 + y^2 = 1"]
    root = math.sqrt(29)
    assert [point["value"] for point in found["points"]] == pytest.approx([3 - root, 3 + root])
    assert [point["kind"] for point in found["points"]] == ["constrained minimum", "constrained maximum"]
    assert found["points"][1]["multipliers"] == pytest.approx([3, root / 2])


def test_critical_takes_the_variables_of_the_constraint(run):
    """The function x has no y, which the constraint brings."""
    found = run("critical", "x", "--constraint", "x^2 + y^2 = 1", "--json", "-q").json
    assert found["variables"] == ["x", "y"]
    assert [point["at"] for point in found["points"]] == [[-1, 0], [1, 0]]


def test_critical_refuses_too_many_constraints_and_proofs(run):
    """As many constraints as variables leave no curve, and a proof does not know constraints."""
    answer = run("critical", "x*y", "--constraint", "x = 1", "--constraint", "y = 1")
    assert (answer.code, answer.out) == (2, b"")
    assert "--constraint: must be given at most 1" in answer.err
    answer = run("critical", "x*y", "--constraint", "x = 1", "--certify")
    assert (answer.code, answer.out) == (2, b"")


def test_functions_of_files_have_constraints(run, here):
    """A Python function is searched by differences of its gradients."""
    (here / "f.py").write_text("def f(x, y):\n    return x*y\n")
    found = run("critical", "f.py:f", "--constraint", "x0^2 + x1^2 = 1", "--json", "-q").json
    assert [point["value"] for point in found["points"]] == pytest.approx([-0.5, -0.5, 0.5, 0.5])


def test_pages_show_constraints_and_scripts_refuse_them(run, here):
    """A page has the curve and the arrows; a script knows one function only."""
    typed = ("contour", "x*y", "--constraint", "x + y = 1", "-n", "21", "-q")
    assert run(*typed, "-o", "a.html").code == 0
    answer = run(*typed, "-o", "a.py")
    assert (answer.code, (here / "a.py").exists()) == (2, False)
    assert "no constraint" in answer.err
