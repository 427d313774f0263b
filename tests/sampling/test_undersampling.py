"""Warnings of meshes that are too coarse for a function or its gradient."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.cli.wording import flags

KINDS = (gradviz.Surface, gradviz.Contour)
BOX = {"range": {"x0": (-3, 3), "x1": (-2, 4)}, "samples": (61, 81)}


def coarse(kind, expression, **fields):
    """Return the warnings of the mesh, as the command line words them."""
    warnings = gradviz.sample(kind(expression=expression, **{**BOX, **fields})).warnings
    return [warning.worded(flags) for warning in warnings if "changes faster" in warning]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mesh_with_few_points_to_a_wave_is_said_to_be_too_coarse(kind):
    """With three points to a wave, along either axis, a warning tells the mesh; with twelve there is none."""
    steps = {"x0": 6 / 60, "x1": 6 / 80}
    for name, step in steps.items():
        for points, count in ((3, 1), (12, 0)):
            wave = 2 * np.pi / (points * step)
            warnings = coarse(kind, f"sin({wave}*{name}) + x0/9 + x1/9")
            assert len(warnings) == count, (name, points)
            assert all("61 by 81 points" in warning for warning in warnings)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "expression",
    [
        "x0**2 + 3*x1",
        "(1 - x0)**2 + 100*(x1 - x0**2)**2",
        "exp(5*x0*x1)",
        "1/(x0 - x1)",
        "tan(x0*x1)",
        "floor(3*x0) + x1",
        "abs(sin(3*x0)) + x1",
        "sqrt(x0) + 3*x1",
        "5 + 0*x0*x1",
    ],
)
def test_a_mesh_that_shows_a_function_needs_no_word(kind, expression):
    """Steep valleys, poles, jumps, kinks and edges of the domain are no reason for a finer mesh."""
    assert coarse(kind, expression) == []


def test_where_more_points_would_not_be_drawn_only_the_range_would_help():
    """A surface of 201 points has every other one, and the warning does not ask for more."""
    expression = "sin(25*x0*x1)"
    (few,) = coarse(gradviz.Surface, expression)
    assert "--samples" in few
    (many,) = coarse(gradviz.Surface, expression, samples=201)
    assert "101 by 101 points" in many
    assert "--samples" not in many
    assert "--range" in many


def test_in_a_sweep_the_values_are_coarse():
    """Only of the values at which the mesh is too coarse that is said."""
    spec = gradviz.Surface(expression="sin(a*x0) + x1", sweep={"a": (1, 30)}, **BOX)
    (warning,) = (found for found in gradviz.sample(spec).warnings if "changes faster" in found)
    assert warning.startswith("a = 30: ")


@pytest.mark.parametrize("kind", [gradviz.Quiver, gradviz.Stream])
def test_a_gradient_too_fast_for_its_arrows_or_lines_is_coarse(kind):
    """Also one that is in step with the mesh, at whose points all arrows are alike; no smooth one is told."""
    usual = {"range": (-2, 2), "samples": (17, 17)}
    assert len(coarse(kind, "sin(50*x0) + 3*x1", **usual)) == 1
    assert len(coarse(kind, "3*x0 + cos(8*pi*x1)", **usual)) == 1  # half a distance is a whole wave
    for smooth in (
        "x0**2 + 3*x1",
        "(1 - x0)**2 + 100*(x1 - x0**2)**2",
        "exp(x0)*sin(x1)",
        "abs(x0) + floor(x1)",
    ):
        assert coarse(kind, smooth, **usual) == []
    assert coarse(kind, "1e300*x0*x1", **usual) == []
    assert coarse(kind, "sin(50*x0) + 3*x1", range=(-2, 2), samples=(5, 5)) == []


CURVES = [
    "x", "x**2", "x**3-3*x", "sin(x)", "cos(3*x)", "sin(10*x)", "exp(x)", "exp(-x**2)", "1/x", "1/x**2",
    "tan(x)", "log(x)", "sqrt(x)", "sqrt(2-x**2)", "cbrt(x)", "abs(x)", "abs(sin(3*x))", "floor(x)",
    "floor(5*x)", "sign(x)", "sin(x)/x", "x*sin(x)", "sin(x**2)", "exp(-x)*sin(5*x)", "atan(10*x)",
    "tanh(50*x)", "1/(1+x**2)", "1/(1+1000*x**2)", "exp(-1000*(x-1)**2)", "max(x,-x**2)",
    "x*log(abs(x))", "x**2*sin(1/x)", "5", "0*x", "1e300*x", "1e-200*x**2", "x%1", "heaviside(x)",
    "where(x<0,x**2,-x)", "relu(x-1)", "sec(x)", "cot(x)", "1/(x**2-1)", "1/sin(3*x)", "erf(x)",
    "x**20", "cosh(x)", "asin(x)", "acos(x/2)", "sin(20*x)+x", "x+0.001*sin(100*x)", "sinh(x)/cosh(x)",
    "exp(1/x)", "abs(x-1)+abs(x+1)", "floor(10*x)",
]  # fmt: skip
FAST_CURVES = [
    "sin(100*x)", "sin(200*x)", "cos(300*x)", "sin(1/x)", "cos(1/x)", "x*sin(1/x)", "sin(1000*x)",
    "sin(100*pi*x)", "sin(50*pi*x)*x", "sin(x**4)", "cos(exp(x))*1", "sin(exp(2*x))", "tan(100*x)",
    "x+sin(150*x)", "sin(100*x)*0.1+x", "(x*60)%1", "sin(5000*x)", "sin(1/(x-1))", "abs(sin(120*x))",
    "sign(sin(200*x))", "cos(500*x)+x**2", "sin(log(abs(x))*40)", "floor(80*x)%2",
    "sin(2000*x)*exp(-x**2)", "sin(1/x**2)",
]  # fmt: skip
PLANES = [
    "x*y", "x**2+y**2", "sin(x*y)", "(1-x)**2+100*(y-x**2)**2", "(x**2+y-11)**2+(x+y**2-7)**2",
    "1/(x**2+y**2)", "log(x*y)", "atan2(y,x)", "floor(x)+y", "tan(x)*y", "exp(-x**2-y**2)*x",
    "abs(x)+abs(y)", "sqrt(1-x**2-y**2)", "sin(x)*cos(y)", "sin(3*x)+y", "x**3-3*x*y**2",
    "exp(x)*sin(y)", "1/(x-y)", "1/x+1/y", "tan(x*y)", "log(x**2+y**2)", "max(x,y)", "min(x,y)+x",
    "floor(3*x)+floor(2*y)", "sqrt(x)+3*y", "hypot(x,y)", "cos(hypot(x,y))", "sin(hypot(x,y)*3)",
    "exp(-20*((x-1)**2+y**2))", "x/(x**2+y**2)", "5+0*x*y", "x+1e-9*y", "1e-12*x*y+1", "sign(x)*y",
    "x**2-y**2", "cbrt(x*y)", "where(x**2+y**2<2,x,y)", "exp(5*x*y)", "erf(5*(x-y))", "tanh(10*x)+y",
    "sin(2*x)*sin(2*y)", "x**4+y**4-4*x*y", "1/(x**2+4*y**2-4)", "cosh(x)*y",
]  # fmt: skip
FAST_PLANES = [
    "sin(100*x)*0.1+x**2+y**2", "sin(100*x)", "sin(100*y)+x", "sin(60*x*y)", "sin(1/x)+y", "sin(1/x)*y",
    "cos(1/y)*x", "sin(1/(x**2+y**2))", "sin(40*(x**2+y**2))", "sin(200*x)*sin(200*y)",
    "cos(150*(x+y))", "sin(300*hypot(x,y))", "sin(130*x)+y", "abs(sin(90*x))+y", "tan(60*x)+y",
    "sin(exp(2*x))*y", "x**2+y**2+2*cos(150*x)", "sin(x**5)+y", "sign(sin(100*x))*y",
    "sin(500*x+300*y)", "sin(1/(x-y))",
]  # fmt: skip


def wrongly_judged(kind, functions, *, is_fast):
    """Return the functions of which the default figure of a kind has the other verdict."""
    fields = {"vars": ["x"]} if kind is gradviz.Tangent else {"vars": ["x", "y"]}
    fields |= {"start": (0.3, 0.2), "steps": 1} if kind is gradviz.Descent else {}
    found = (gradviz.sample(kind(expression=function, **fields)) for function in functions)
    pairs = zip(functions, found, strict=True)
    return [function for function, samples in pairs if bool(samples.undersampled) != is_fast]


def test_well_behaved_curves_have_no_warning_and_fast_ones_have():
    """The first wave up to three line widths, kinks, poles, jumps and edges; the others are closer."""
    assert wrongly_judged(gradviz.Tangent, CURVES, is_fast=False) == []
    assert wrongly_judged(gradviz.Tangent, FAST_CURVES, is_fast=True) == []


@pytest.mark.parametrize(
    "kind",
    [
        gradviz.Pairs,
        pytest.param(gradviz.Contour, marks=pytest.mark.slow),
        pytest.param(gradviz.Surface, marks=pytest.mark.slow),
        pytest.param(gradviz.Quiver, marks=pytest.mark.slow),
        pytest.param(gradviz.Stream, marks=pytest.mark.slow),
        pytest.param(gradviz.Descent, marks=pytest.mark.slow),
    ],
)
def test_well_behaved_planes_have_no_warning_and_fast_ones_have(kind):
    """Poles, jumps, kinks, narrow wells and edges are no waves; waves in few cells are, and near a point."""
    assert wrongly_judged(kind, PLANES, is_fast=False) == []
    assert wrongly_judged(kind, FAST_PLANES, is_fast=True) == []


def test_the_evaluations_that_find_waves_are_bounded(monkeypatch):
    """For a mesh they are fewer than its own points, but for small ones; never more than 40,000 a mesh."""
    field = type(gradviz.field("x*y"))
    called, counted = field.__call__, []
    monkeypatch.setattr(
        field, "__call__", lambda self, points: counted.append(np.size(points) // 2) or called(self, points)
    )
    for kind, samples, most in (
        (gradviz.Contour, None, 4),
        (gradviz.Contour, 400, 3),
        (gradviz.Surface, None, 4),
        (gradviz.Surface, 400, 3),
    ):
        counted.clear()
        mesh = gradviz.sample(kind(expression="sin(3*x)*y", samples=samples)).values.size
        assert sum(counted) <= most * mesh + 160_000
