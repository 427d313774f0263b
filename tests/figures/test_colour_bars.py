"""Colour bars of hundreds of functions, levels off plateaus, and lines between filled contours."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.figures.compose import compose
from gradviz.figures.describing import describe
from gradviz.output.mpl.colours import with_maps
from gradviz.scene.marks import Contours
from gradviz.scene.style import STYLES

DATA = Path(__file__).parent.parent / "data" / "functions.json"
EASOM = "-cos(x)*cos(y)*exp(-(x - pi)**2 - (y - pi)**2)"
COUNT = 300


def functions():
    """Return functions of two variables with their ranges: known ones, and made ones at all scales."""
    known = [
        (one["text"], dict(zip(one["variables"], one["range"], strict=True)))
        for one in json.loads(DATA.read_text("utf-8"))
        if len(one["variables"]) == 2
    ]
    chance = random.Random(17)
    shapes = [
        "x*y",
        "x**2 + 3*y",
        "sin(x*y)",
        "exp(-x**2 - y**2)",
        "exp(x*y)",
        "1/(x**2 + y**2)",
        "atan2(y, x)",
    ]
    while len(known) < COUNT:
        size, offset = 10 ** chance.uniform(-9, 9), chance.choice([0, 1, -1]) * 10 ** chance.uniform(-6, 6)
        if abs(offset) * 1e-11 < size:  # else most of the values are rounding errors
            reach = chance.choice([0.01, 1, 3, 10])
            made = f"{size:.3g}*({chance.choice(shapes)}) + {offset:.5g}".replace("+ -", "- ")
            known.append((made, dict.fromkeys("xy", (-reach, reach))))
    return known


def bar_texts(spec):
    """Return the texts of the visible ticks of the colour bar of a figure, in their order."""
    figure = gradviz.render(spec)
    if len(figure.axes) < 2:
        return []
    axis = figure.axes[1].yaxis
    low, high = sorted(figure.axes[1].get_ylim())
    ticks = zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
    return [label.get_text() for place, label in ticks if low <= place <= high]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_no_neighbours_on_a_colour_bar_print_the_same(part):
    """Of 300 functions as contours, filled contours, arrows or surfaces, ticks have texts of their own."""
    kinds = [
        (gradviz.Contour, {}),
        (gradviz.Contour, {"filled": True}),
        (gradviz.Quiver, {"samples": 9}),
        (gradviz.Surface, {"plot": "scatter"}),
        (gradviz.Surface, {"samples": 11}),
    ]
    for number, (text, ranges) in enumerate(functions()[part::10]):
        kind, look = kinds[number % len(kinds)]
        try:
            spec = kind(expression=text, range=ranges, dpi=40, **{"samples": 31, **look})
            texts = bar_texts(spec)
        except gradviz.errors.RequestError:
            continue  # nothing of it can be drawn
        assert all(text != following for text, following in pairwise(texts)), (text, texts)


def contours_of(expression, reach=3.0, **look):
    """Return the contours in the scene of a figure, in drawing order."""
    spec = gradviz.Contour(expression=expression, range=(-reach, reach), **look)
    scene = compose(spec, gradviz.sample(spec), with_maps(STYLES[spec.style], None))
    return [mark for mark in scene.panels[0].marks if isinstance(mark, Contours)]


@pytest.mark.parametrize(
    ("expression", "reach", "plateau"),
    [
        (EASOM, 10, 0),
        ("x*exp(-x**2 - y**2)", 10, 0),
        ("where(x*y > 0, 0, x)", 3, 0),
        ("min(max(x, -1), 1) + 2*max(abs(y) - 2, 0)*x", 3, 1),
        ("floor(x) + max(y - 2, 0)", 3, 2),
    ],
)
@pytest.mark.parametrize("filled", [False, True])
def test_no_level_runs_through_a_plateau(expression, reach, plateau, filled):
    """The middle of each level to the next ones is free: the plateau is half a step from the nearest."""
    levels = np.array(contours_of(expression, reach, filled=filled)[0].levels)
    assert np.abs(levels - plateau).min() == pytest.approx(np.diff(levels).min() / 2)
    np.testing.assert_allclose(np.diff(levels), np.diff(levels)[0])


@pytest.mark.parametrize("expression", ["x*y", "x**3 + y", "x**2 - y**2", "sin(x*y)", "x*exp(-x**2 - y**2)"])
def test_a_level_through_saddles_and_inflections_stays(expression):
    """Lines of mesh points at 0 are no plateau, nor is a flank without slope in a single point."""
    assert 0 in contours_of(expression)[0].levels


@pytest.mark.parametrize("sign", [-1, 1])
def test_rounding_errors_beyond_the_last_level_have_its_colour(sign):
    """A plateau at an end is a band of its own; values 1e-40 beyond it are no band and leave no hole."""
    bands, *lines = contours_of(f"{sign}*exp(-x**2 - y**2) + 1e-40*sin(5*x)*sin(5*y)", 10, filled=True)
    assert 0 in (bands.levels[0], bands.levels[-1])
    assert bands.bands.extend == "neither"
    assert bands.levels[0] <= bands.values.min() <= bands.values.max() <= bands.levels[-1]
    assert all(0 not in line.levels for line in lines)


@pytest.mark.parametrize("expression", ["x*y", "exp(-x**2 - y**2)", "x**2 + 3*y", "1/(x**2 + y**2)"])
def test_thin_faint_lines_lie_between_bands(expression):
    """They are at inner levels, half a point wide; functions flat between jumps and the book have none."""
    bands, lines = contours_of(expression, filled=True)
    low, high = np.nanmin(bands.values), np.nanmax(bands.values)
    assert lines.levels == tuple(level for level in bands.levels if low < level < high)
    assert (lines.width, lines.filled) == (0.5, False)
    assert lines.opacity < 0.5
    assert len(contours_of("floor(x) + floor(y)", filled=True)) == 1
    assert len(contours_of(expression, filled=True, style="book")) == 1


def test_bands_have_edges_of_their_own_colours():
    """No viewer of a PDF shows the page between two bands, whose edges overlap."""
    figure = gradviz.render(gradviz.Contour(expression="x*y", filled=True, dpi=30))
    figure.canvas.draw()
    bands, lines = figure.axes[0].collections
    np.testing.assert_array_equal(bands.get_edgecolor(), bands.get_facecolor())
    assert 0 < bands.get_linewidth()[0] < lines.get_linewidth()[0]


@pytest.mark.parametrize("expression", ["1e-9*x*y + 1", "1e-7*x + 3*y*1e-7 - 40", "1e6 + sin(x)*y"])
def test_numbers_far_from_zero_are_told_apart(expression):
    """Bar, labels and description of small differences from a large number have digits enough."""
    spec = gradviz.Contour(expression=expression, range=(-3, 3), dpi=50)
    texts = bar_texts(spec)
    assert len({*texts}) == len(texts) >= 5
    low, high = re.search(r"heights from (\S+) to (\S+)\.", describe(spec, gradviz.sample(spec))).groups()
    samples = gradviz.sample(spec)
    drawn = [
        level for level in samples.shared.levels if samples.values.min() <= level <= samples.values.max()
    ]
    assert (float(low), float(high)) == pytest.approx((drawn[0], drawn[-1]), rel=1e-14)


@pytest.mark.parametrize("shift", [0, -3.2, 40])
@pytest.mark.parametrize("filled", [False, True])
def test_a_descent_over_a_bowl_has_levels_by_one_law(shift, filled):
    """Distances above the minimum grow by factors of 2 and 2.5 from the path up to the border."""
    spec = gradviz.Descent(
        expression=f"x0**2/20 + x1**2 + {shift}", range=(-10, 10), start=[(-7, 2)], steps=9, filled=filled,
        optimizers=[{"name": "sgd", "learning_rate": 0.9}],
    )  # fmt: skip
    levels = np.array(gradviz.sample(spec).shared.ground.levels) - shift
    inner = levels[1:-1] if filled else levels
    ratios = inner[1:] / inner[:-1]
    assert ((ratios > 1.99) & (ratios < 2.51)).all()
    assert (inner < 6.45).sum() >= 4  # f at the start is 49/20 + 4 above the minimum
    assert inner[-1] > 40
