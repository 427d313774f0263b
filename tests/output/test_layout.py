"""The layout of pictures: where axes, colour bars, titles and legends stand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gradviz
from gradviz.output.mpl import layout
from gradviz.output.mpl.draw import COLOUR_BAR
from gradviz.output.mpl.layout import Reach, planned

LENGTHS = st.floats(0, 1)
REACHES = st.builds(Reach, LENGTHS, LENGTHS, LENGTHS, LENGTHS)
LONG = "x*y*sin(x**2 + 3*y**2)*exp(-x**2/10) + y**3 - x**3*y**4"

PICTURES = {
    "quiver": gradviz.Quiver(expression="x0*x1"),
    "wide": gradviz.Quiver(expression="x0*x1", size=(12, 3)),
    "narrow": gradviz.Contour(expression="x*y", size=(3, 6)),
    "strip": gradviz.Contour(expression="x*y", range={"x": (0, 8), "y": (0, 2)}),
    "column": gradviz.Contour(expression="x*y", range={"x": (0, 1), "y": (0, 4.5)}),
    "unequal": gradviz.Contour(expression="x*y", range={"x": (0, 1), "y": (0, 1e5)}),
    "paper": gradviz.Contour(expression="x*y", filled=True, style="paper"),
    "surface": gradviz.Surface(expression="x0*x1"),
    "large numbers": gradviz.Surface(expression="123456*x*y"),
    "plane": gradviz.Surface(expression="x*y", tangent_at=(0.5, 0.5)),
    "long title": gradviz.Surface(expression=LONG, size=(4, 3.2)),
    "tangent": gradviz.Tangent(expression="x**2", at=(1, -2), derivative=True),
    "steps": gradviz.Steps(expression="sin(x)"),
    "pairs": gradviz.Pairs(expression="x**2 + y*z + z**2"),
    "loss": gradviz.Descent(expression="x**2/20 + y**2", start=(-7, 2), loss=True),
    "panels": gradviz.Descent(
        expression="x**2/20 + y**2", start=(-7, 2), panels=True,
        optimizers=[{"name": "sgd"}, {"name": "adam"}],
    ),
    "descent on a surface": gradviz.Descent(expression="x**2/20 + y**2", start=(-7, 2), on="surface"),
    "sweep": gradviz.Contour(expression="x**2 + a*y**2", sweep={"a": (0, 2, 6)}),
    "sweep of surfaces": gradviz.Surface(expression="x**2 + a*y**2", sweep={"a": (0, 2, 4)}),
}  # fmt: skip


@pytest.fixture(scope="module", params=PICTURES)
def picture(request):
    """Return a drawn picture."""
    figure = gradviz.render(PICTURES[request.param])
    figure.canvas.draw()
    return figure


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=9, unique=True),
    st.data(),
    st.none() | st.floats(0.3, 3),
    st.booleans(),
)
def test_planned_axes_are_equal_apart_and_as_large_as_fits(cells, data, ratio, is_fixed):
    """With the room of their texts axes do not overlap, and fill the width or the height of the figure."""
    reaches = data.draw(st.lists(REACHES, min_size=len(cells), max_size=len(cells)))
    margins = Reach(0.1, 0.2, 0.3, 0.4)
    plan = planned(cells, reaches, margins, (40.0, 30.0), ratio=ratio, gap=0.25, is_fixed=is_fixed)
    boxes = [
        (plan.x[column] - reach.left, plan.y[row] - reach.below,
         plan.x[column] + plan.width + reach.right, plan.y[row] + plan.height + reach.above)
        for (row, column), reach in zip(cells, reaches, strict=True)
    ]  # fmt: skip
    for (a0, b0, a1, b1), (c0, d0, c1, d1) in combinations(boxes, 2):
        assert a1 <= c0 - 0.24 or c1 <= a0 - 0.24 or b1 <= d0 - 0.24 or d1 <= b0 - 0.24
    assert min(box[0] for box in boxes) >= margins.left - 1e-9
    assert max(box[2] for box in boxes) <= 40 - margins.right + 1e-9
    assert min(box[1] for box in boxes) >= margins.below - 1e-9
    assert max(box[3] for box in boxes) <= plan.figure_height - margins.above + 1e-9
    if is_fixed or ratio is None:
        assert plan.figure_height == 30.0
    if ratio is not None:
        assert plan.height == pytest.approx(ratio * plan.width)


def test_nothing_is_cut_off(picture):
    """A line of pixels along each border of the picture is blank."""
    pixels = np.asarray(picture.canvas.buffer_rgba())[..., :3]
    page = pixels[0, 0]
    assert (pixels[[0, -1]] == page).all()
    assert (pixels[:, [0, -1]] == page).all()


def test_axes_and_texts_around_them_do_not_overlap(picture):
    """The axes of panels and colour bars, with all texts that belong to them, are apart from each other."""
    flat = [axes for axes in picture.axes if axes.axison and axes.name != "3d"]
    for one, other in combinations([axes.get_tightbbox(for_layout_only=True) for axes in flat], 2):
        shared = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
        assert min(shared) < 4


def test_a_colour_bar_is_as_high_as_flat_axes(picture):
    """Its ends are those of the axes beside it."""
    bars = [axes for axes in picture.axes if axes.get_label() == COLOUR_BAR]
    panels = [axes for axes in picture.axes if axes.get_label() != COLOUR_BAR]
    if len(panels) == 1 and panels[0].name != "3d" and bars:
        np.testing.assert_allclose(
            bars[0].get_position().intervaly, panels[0].get_position().intervaly, atol=2e-3
        )


@pytest.mark.parametrize("size", [(3, 2), (6.4, 4.8), (12, 3), (2, 9)])
def test_the_size_that_was_asked_for_is_exact(size):
    """Whatever a panel needs, the picture has the size in inches that the user gave."""
    for spec in (gradviz.Quiver(expression="x*y", size=size), gradviz.Surface(expression="x*y", size=size)):
        assert tuple(gradviz.render(spec).get_size_inches()) == pytest.approx(size)


@pytest.mark.parametrize(
    ("spec", "most"), [(PICTURES["quiver"], 1), (PICTURES["surface"], 2), (PICTURES["wide"], 1)]
)
def test_texts_are_measured_as_often_as_needed(spec, most, monkeypatch):
    """Once for flat axes whose numbers stay as they are, and twice for a box."""
    measured = []
    kept = layout._measured_texts
    monkeypatch.setattr(layout, "_measured_texts", lambda *given: measured.append(given) or kept(*given))
    gradviz.render(spec)
    assert len(measured) <= most
