"""Taylor polynomials of curves and surfaces, against series of SymPy and derivatives by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
import sympy

import gradviz
from gradviz.errors import RequestError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.rendering import scene_of
from gradviz.sampling.sample import sample
from gradviz.scene.marks import TAYLOR

X = sympy.Symbol("x", real=True)


def polynomials(expression, **fields):
    """Return the results of the Taylor polynomials of a curve."""
    return gradviz.sample(gradviz.Tangent(expression=expression, **fields)).results["taylor"]


@pytest.mark.parametrize(
    ("expression", "formula", "at"),
    [
        ("sin(x)", sympy.sin(X), 0),
        ("exp(x)*cos(x)", sympy.exp(X) * sympy.cos(X), sympy.Rational(1, 2)),
        ("log(1 + x)", sympy.log(1 + X), 0),
        ("1/(1 + x**2)", 1 / (1 + X**2), 0),
        ("sqrt(x)", sympy.sqrt(X), 4),
        ("x**3 - 2*x", X**3 - 2 * X, -1),
        ("tanh(x)", sympy.tanh(X), sympy.Rational(1, 4)),
        ("sigmoid(x)", 1 / (1 + sympy.exp(-X)), 0),
        ("x**10", X**10, 0),
        ("atan(1000*x)", sympy.atan(1000 * X), 0),
        ("erf(x)", sympy.erf(X), 1),
        ("5", sympy.Integer(5), 2),
    ],
)
def test_coefficients_are_derivatives_over_factorials(expression, formula, at):
    """They are those of SymPy's derivatives, evaluated in 60 digits, to double precision up to degree 8."""
    (found,) = polynomials(expression, at=float(at), taylor=8, range=(-0.9, 5))
    wanted = [float((sympy.diff(formula, X, n).subs(X, at) / sympy.factorial(n)).evalf(60)) for n in range(9)]
    assert (found["at"], found["degree"]) == (float(at), 8)
    np.testing.assert_allclose(found["coefficients"], wanted, rtol=3e-16, atol=0)


def test_the_polynomial_is_drawn_in_the_colour_of_its_tangent():
    """T_3 of sin at 0 is x - x^3/6, at each sample; the tangent at 0 stays."""
    one = scene_of(gradviz.Tangent(expression="sin(x)", at=[0, 1], taylor=3, dpi=30))
    marks = one.panels[0].marks
    first, second = (mark for mark in marks if getattr(mark, "name", "") == TAYLOR)
    tangents = [mark for mark in marks if getattr(mark, "name", "") == "tangent"]
    x, y = first.points.T
    np.testing.assert_allclose(y, x - x**3 / 6, rtol=1e-13, atol=1e-13)
    x, y = second.points.T
    terms = np.sin(1) + np.cos(1) * (x - 1) - np.sin(1) / 2 * (x - 1) ** 2 - np.cos(1) / 6 * (x - 1) ** 3
    np.testing.assert_allclose(y, terms, rtol=1e-12, atol=1e-12)
    assert [mark.colour for mark in tangents] == [first.colour, second.colour]
    texts = [entry.text.text for entry in one.legend.entries]
    assert r"$T_{3}(x) = x - 0.1667\,x^{3}$" in texts
    assert r"$T_{3}(x) = 0.8415 + 0.5403\,(x - 1) - 0.4207\,(x - 1)^{2} - 0.09005\,(x - 1)^{3}$" in texts


def test_the_polynomial_of_degree_1_is_the_tangent():
    """It has one line and one legend entry, not two that are equal."""
    one = scene_of(gradviz.Tangent(expression="exp(x)", at=0, taylor=1, dpi=30))
    names = [getattr(mark, "name", "") for mark in one.panels[0].marks]
    assert (names.count(TAYLOR), names.count("tangent")) == (1, 0)
    assert [entry.text.text for entry in one.legend.entries] == ["$f(x)$", "$T_{1}(x) = 1 + x$"]


def test_a_polynomial_does_not_stretch_the_view():
    """T_8 of cos is thousands away at -7, and the view is that of the curve and its tangent."""
    views = [
        scene_of(gradviz.Tangent(expression="cos(x)", at=1, range=(-7, 7), taylor=degree)).panels[0].y.limits
        for degree in (None, 8)
    ]
    assert views[0] == views[1]


@pytest.mark.parametrize(
    ("expression", "why"), [("abs(x)**3", "not smooth"), ("x*abs(x)", "not smooth"), ("floor(x) + x", "jump")]
)
def test_a_function_that_is_not_smooth_has_none(expression, why):
    """Even where there is a tangent, a formula with |x| has no series at 0."""
    with pytest.raises(RequestError, match=f"0: .*{why}"):
        polynomials(expression, at=0, taylor=2)


def test_points_without_a_polynomial_are_left_out_with_a_warning():
    """A kink among several points keeps its half tangents; the other point has its polynomial."""
    samples = gradviz.sample(gradviz.Tangent(expression="abs(x)", at=[0, 1], taylor=2))
    assert [one["at"] for one in samples.results["taylor"]] == [1]
    assert any("no Taylor polynomial at 0" in warning for warning in samples.warnings)


def test_frames_and_panels_of_a_sweep_have_polynomials():
    """Each value has the polynomial at its point: 1 + a + a^2/2 for exp is its coefficient at a."""
    results = polynomials("exp(x)", sweep="at=-1,0,1", taylor=2)
    np.testing.assert_allclose(
        [one["coefficients"] for one in results],
        [[np.exp(a), np.exp(a), np.exp(a) / 2] for a in (-1, 0, 1)], rtol=1e-15,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "degree"), [("tangent", "0"), ("tangent", "9"), ("surface", "3"), ("tangent", "2.5")]
)
def test_a_wrong_degree_is_refused(run, tmp_path, command, degree):
    """The degree is 1 to 8 on a curve, and 1 or 2 on a surface: exit code 2, one line, and no file."""
    point = ["--at", "1"] if command == "tangent" else ["--tangent-at", "1,1"]
    answer = run(command, "x**2", *point, "--taylor", degree)
    assert answer.code == 2
    assert answer.err.startswith("error: --taylor: must be ")
    assert len(answer.err.splitlines()) == 1
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize(
    ("command", "point"), [("tangent", ["--at", "1"]), ("surface", ["--tangent-at", "1,1"])]
)
def test_a_function_without_a_formula_has_none(run, here, command, point):
    """The error names the option and the reason."""
    (here / "own.py").write_text("def f(p):\n    return (p**2).sum(axis=-1)\n")
    answer = run(command, "own.py:f", *point, "--taylor", "2")
    assert answer.code == 2
    assert answer.err == "error: --taylor: needs a formula, got a function of a file; leave it out\n"


def test_without_a_point_it_has_no_effect():
    """A warning says which option is missing."""
    for spec, name in (
        (gradviz.Tangent(expression="x**2", taylor=2), "at"),
        (gradviz.Surface(expression="x*y", taylor=2), "tangent_at"),
    ):
        assert f"taylor has no effect without {name}" in gradviz.sample(spec).warnings


# Surfaces -------------------------------------------------------------------------------------------------


def test_a_paraboloid_has_the_second_derivatives():
    """At (1, 2) of x0^3 + x0*x1^2: value 5, gradient (7, 4), Hessian ((6, 4), (4, 2)), by hand."""
    spec = gradviz.Surface(expression="x0**3 + x0*x1**2", tangent_at=(1, 2), taylor=2, dpi=30)
    samples = gradviz.sample(spec)
    (found,) = samples.results["taylor"]
    assert found == {
        "at": [1, 2], "degree": 2, "value": 5, "gradient": [7, 4], "hessian": [[6, 4], [4, 2]],
        "coefficients": [5, 7, 4, 3, 4, 1],
    }  # fmt: skip
    (plane,) = samples.planes
    x, y = plane.points[..., 0] - 1, plane.points[..., 1] - 2
    inside = np.isfinite(plane.values)
    wanted = 5 + 7 * x + 4 * y + 3 * x**2 + 4 * x * y + y**2
    np.testing.assert_allclose(plane.values[inside], wanted[inside], rtol=1e-12)
    (entry,) = scene_of(spec).legend.entries
    assert entry.text.text == (
        r"$T_{2}(x_{0}, x_{1}) = 5 + 7\,(x_{0} - 1) + 4\,(x_{1} - 2) + 3\,(x_{0} - 1)^{2}$"
        "\n"
        r"$\;\;\; + (x_{1} - 2)^{2} + 4\,(x_{0} - 1)\,(x_{1} - 2)$"
    )


def test_the_plane_is_the_polynomial_of_degree_1():
    """Its legend has the terms, and the results no second derivatives."""
    spec = gradviz.Surface(expression="x0**2 + 3*x1", tangent_at=[(1, 2), (0, 0)], taylor=1, dpi=30)
    first, second = gradviz.sample(spec).results["taylor"]
    assert first == {"at": [1, 2], "degree": 1, "value": 7, "gradient": [2, 3], "coefficients": [7, 2, 3]}
    assert second["gradient"] == [0, 3]
    assert scene_of(spec).legend.entries[1].text.text == r"$T_{1}(x_{0}, x_{1}) = 3\,x_{1}$"


def test_a_surface_without_second_derivatives_has_no_paraboloid():
    """x0*|x0| has the gradient 0 at 0, and a kink in its slope."""
    with pytest.raises(RequestError, match=r"no Taylor polynomial at 0, 1: .*second derivatives"):
        gradviz.sample(gradviz.Surface(expression="x0*abs(x0) + x1", tangent_at=(0, 1), taylor=2))


@pytest.mark.parametrize("name", ["png", "svg", "pdf", "html", "py"])
@pytest.mark.parametrize(
    "spec",
    [
        gradviz.Tangent(expression="cos(x)", at=1, taylor=8, dpi=30),
        gradviz.Surface(expression="cos(x0) + x1**2", tangent_at=(1, 0), taylor=2, samples=21, dpi=30),
    ],
)
def test_every_format_holds_a_polynomial(name, spec):
    """It is encoded in each format, and read back as asked for."""
    content = encode(described_scene(spec, sample(spec)), spec, name).content
    assert json.loads(FORMATS[name].memory_in(content))["spec"]["taylor"] == spec.taylor
