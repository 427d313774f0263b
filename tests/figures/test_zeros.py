"""Slopes and ticks that are 0, and are neither -0 nor a rounding error such as 4e-22."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import gradviz
from gradviz.figures.describing import describe

NO_ZERO = re.compile(
    r"(?<![\w.])[-\N{MINUS SIGN}]0(?:\.0*)?(?![\w.])|10\^\{-(?:1[5-9]|2\d)\}|e-(?:1[5-9]|2\d)"
)
SLOPES = [
    ("cos(x)", math.pi, 0.0),
    ("sin(x)", math.pi / 2, 0.0),
    ("sin(x)*exp(x)", 3 * math.pi / 4, 0.0),
    ("tan(x)**2", math.pi, 0.0),
    ("-x**2", -0.0, 0.0),
    ("(x - 1/3)**2", 1 / 3, 0.0),
    ("x**3 - x", 1 / math.sqrt(3), 0.0),
    ("1e-20*x", 1.0, 1e-20),  # small, and no rounding error
    ("exp(-x**2)", 6.0, -12 * math.exp(-36)),
    ("cos(x) + 1e-9*x", math.pi, 1e-9),
]


def texts_of(spec):
    """Return the numbers of all ticks, the legends and the description of a figure."""
    figure = gradviz.render(spec)
    figure.canvas.draw()
    texts = [str(describe(spec, gradviz.sample(spec)))]
    for axes in figure.axes:
        texts += [label.get_text() for label in (*axes.get_xticklabels(), *axes.get_yticklabels())]
        texts += [text.get_text() for text in axes.texts]
    legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend())]
    return texts + [text.get_text() for legend in legends for text in legend.get_texts()]


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
@pytest.mark.parametrize(("expression", "at", "slope"), SLOPES)
def test_a_slope_that_rounding_leaves_of_0_is_0(expression, at, slope, method):
    """A point is known to half the distance of two doubles: a slope that changes as much within it is 0.

    The truncation error of central differences, h^2 f'''/6 = 1e-8 for a cubic, is no rounding error.
    """
    spec = gradviz.Tangent(expression=expression, at=at, range=(-7, 7), samples=21, method=method, dpi=30)
    (line,) = gradviz.sample(spec).lines
    is_rough = method == "central" and expression in ("x**3 - x", "cos(x) + 1e-9*x")
    assert line.slope == pytest.approx(slope, rel=1e-4, abs=2e-8 if is_rough else 0)
    if not slope and not is_rough:
        assert not [text for text in texts_of(spec) if NO_ZERO.search(text)]


@pytest.mark.parametrize(
    ("expression", "at", "step"),
    [("sin(x)", 0, math.pi), ("cos(x)", 0, 2 * math.pi), ("x**2", -0.3, 0.6), ("1e9 + x**2", -1, 2)],
)
def test_a_secant_between_equal_values_is_level(expression, at, step):
    """Its slope is 0, also where the second end is not exactly a double."""
    spec = gradviz.Tangent(expression=expression, at=at, secant=step, samples=21, dpi=30)
    *_, secant = gradviz.sample(spec).lines
    assert (secant.is_secant, secant.slope) == (True, 0.0)


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
@pytest.mark.parametrize(
    ("expression", "at", "slopes"),
    [
        ("cos(x)*cos(y)", (0, -0.0), (0, 0)),
        ("sin(x)*sin(y)", (math.pi / 2, math.pi / 2), (0, 0)),
        ("sin(x) + 2*y", (math.pi / 2, 1), (0, 2)),
        ("-x*y", (0, 1), (-1, 0)),
    ],
)
def test_slopes_of_a_tangent_plane_are_0_where_they_are(expression, at, slopes, method):
    """They are 0 in the numbers of the legend, too."""
    spec = gradviz.Surface(expression=expression, tangent_at=at, samples=9, method=method, dpi=30)
    np.testing.assert_allclose(gradviz.sample(spec).plane.slopes, slopes, rtol=1e-7)
    assert not [text for text in texts_of(spec) if NO_ZERO.search(text)]


@pytest.mark.parametrize(
    "steps", ["-0.3:0.4:0.1", "-0.6:0.7:0.2", "-1.1:1.2:0.1", [-1, -0.0, 1], "-pi:3.2:pi/7"]
)
@pytest.mark.parametrize("name", ["xticks", "yticks", "levels"])
def test_steps_through_0_have_a_0(name, steps):
    """numpy.arange gives 5.6e-17 or -0 there; a tick and a level are exactly 0."""
    spec = gradviz.Contour(expression="x0*x1", samples=9, labels=True, dpi=30, **{name: steps})
    found = np.array(getattr(spec, name))
    assert np.count_nonzero(found == 0) == 1
    assert not np.signbit(found[found == 0]).any()
    assert np.abs(found[found != 0]).min() > 0.05
    assert not [text for text in texts_of(spec) if NO_ZERO.search(text)]


def test_a_sweep_through_0_has_a_0():
    """Its panels are named by it."""
    spec = gradviz.Contour(expression="a*x0*x1 + x0", sweep="a=-0.3:0.3:7", samples=9, dpi=30)
    assert spec.numbers[3] == 0
    titles = [axes.get_title() for axes in gradviz.render(spec).axes]
    assert "$a = 0$" in titles
