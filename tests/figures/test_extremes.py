"""Tests of pictures of functions whose values overflow, vanish or are undefined."""

from __future__ import annotations

import io
import itertools
import random
import warnings

import pytest

from gradviz.errors import GradvizError
from gradviz.output.mpl.rendering import render, scene_of
from gradviz.specs import KINDS

CURVES = [
    "exp(x**2)", "exp(x)", "exp(exp(x))", "1e300*x", "1e308*sin(x)", "1e-300*x", "1e-310*x", "1/x**9",
    "1e300", "1e-300", "5", "0", "log(-1 - x**2)", "log(x - 100)", "x/x", "where(x == 1, 2, log(-1 - x**2))",
    "x**301", "x**-65", "tan(x)", "floor(x)*1e300", "1e16 + x", "1e300 + x", "1e-5*sin(1e6*x)",
    "1/(x - 1e-300)", "cosh(700*x)", "sinh(710*x)", "1e154*x**2", "where(x > 0, 1e308, -1e308)",
    "log(log(x))", "(1e200*x)**2", "abs(x)**1e-3", "erf(1e300*x)", "exp(-1e5*x**2)", "exp(1/x)",
    "1e-320*x**2", "1.7e308*cos(x)", "acos(x)", "x**x",
]  # fmt: skip
PLANES = [
    "exp(x**2 + y**2)", "exp(x*y)", "exp(exp(x + y))", "1e300*x*y", "1e308*sin(x + y)", "1e-300*x*y",
    "1e-310*(x + y)", "1/(x**2 + y**2)**9", "1e300 + 0*x*y", "1e-300 + 0*x*y", "5 + 0*x*y", "0*x*y",
    "log(-1 - x**2 - y**2)", "log(x - 100) + y", "x/x + y/y", "where(x == 1 and y == 1, 2, log(-1 - x**2))",
    "x**301*y", "x**-65*y", "tan(x)*y", "floor(x)*1e300*y", "1e16 + x*y", "1e300 + x*y", "1e-5*sin(1e6*x*y)",
    "1/(x*y)", "cosh(700*x)*y", "sinh(710*x) + y", "1e154*(x**2 + y**2)", "where(x > 0, 1e308, -1e308) + y",
    "1e308*tanh(1000*x) + y", "(1e155*x)**2 - (1e155*y)**2", "hypot(x, y)*1e307", "atan2(y, x)*1e308",
    "exp(-1e5*(x**2 + y**2))", "exp(1/x) + y", "1e-320*(x**2 + y)", "1.7e308*cos(x*y)",
    "1e150*((1 - x)**2 + 100*(y - x**2)**2)", "x**x*y",
]  # fmt: skip
RANGES = [
    (-26, 26), (-5, 5), (0, 1), (-1e-3, 1e-3), (-1e-149, 1e-149), (1e15, 1e15 + 10), (-1e75, 1e75),
    (-1e150, 1e150), (1e-300, 1e150), (700, 720),
]  # fmt: skip


def fields_of(interval):
    """Return the kinds of figures, with the fields that draw each of their parts."""
    low, high = interval
    middle = (low + 3 * high) / 4
    path = {"start": [(middle, middle)], "steps": 10}
    return [
        ("tangent", {"at": [middle], "samples": 60}),
        ("tangent", {"at": [middle], "secant": low / 2 + high / 2, "samples": 60}),
        ("contour", {}), ("contour", {"filled": True, "critical": True}), ("contour", {"spacing": "log"}),
        ("surface", {}), ("surface", {"plot": "contour"}), ("surface", {"plot": "wireframe"}),
        ("surface", {"plot": "scatter"}), ("surface", {"tangent_at": (middle, middle)}), ("quiver", {}),
        ("quiver", {"contour": True, "heat": True}), ("stream", {}), ("stream", {"contour": True}),
        ("descent", {**path, "optimizers": ["sgd,learning_rate=0.1", "adam", "newton"]}),
        ("descent", {**path, "on": "surface", "optimizers": ["sgd,learning_rate=0.1"]}),
        ("descent", {**path, "loss": True, "optimizers": ["momentum", "adadelta"]}),
        ("steps", {}), ("pairs", {}), ("pairs", {"filled": True}),
    ]  # fmt: skip


CASES = [
    (
        kind,
        {"expression": (CURVES if kind == "tangent" else PLANES)[index], "samples": 14, **fields},
        interval,
    )
    for index, interval in itertools.product(range(len(PLANES)), RANGES)
    for kind, fields in fields_of(interval)
]


def draw(kind, fields, interval, *, whole):
    """Draw a figure, or compose its scene, with each warning as an error; errors of gradviz are right."""
    names = ["x"] if kind == "tangent" else ["x", "y"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            spec = KINDS[kind](range=dict.fromkeys(names, interval), **fields)
            if whole:
                render(spec).savefig(io.BytesIO(), format="png", dpi=40)
            else:
                scene_of(spec)
        except GradvizError as error:
            assert str(error)  # noqa: PT017 - no picture, but a reason


@pytest.mark.parametrize("part", range(6))
def test_no_picture_of_an_extreme_function_has_a_warning_of_numpy(part):
    """A sample of functions, ranges and kinds; the slow test has all of them."""
    for case in random.Random(part).sample(CASES, 40):
        draw(*case, whole=False)


@pytest.mark.parametrize("kind", KINDS)
def test_matplotlib_draws_extreme_values_without_a_warning(kind):
    """Its own arithmetic overflows nowhere, either."""
    for case in random.Random(7).sample([case for case in CASES if case[0] == kind], 6):
        draw(*case, whole=True)


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True], ids=["scene", "drawn"])
@pytest.mark.parametrize("index", range(len(PLANES)))
def test_no_kind_of_picture_of_any_extreme_function_has_a_warning(index, whole):
    """All kinds over all ranges, of one function of each list."""
    expressions = (CURVES[index], PLANES[index])
    cases = [case for case in CASES if case[1]["expression"] in expressions]
    for case in cases[index % 8 :: 8] if whole else cases:
        draw(*case, whole=whole)
