"""Room: figures use the size that is asked for, and marks have the size of their axes."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import gradviz
from gradviz.output.metadata import described_scene
from gradviz.scene.marks import Arrows, Lines, Markers, Streamlines
from gradviz.specs.panels import near_square

VALLEY = {"expression": "x**2/20 + y**2", "range": (-10, 10), "start": [(-7, 2)], "steps": 9}
TWO = [{"name": "sgd", "learning_rate": 0.95}, {"name": "adam", "learning_rate": 0.3}]
FOUR = [*TWO, {"name": "adagrad", "learning_rate": 1.5}, {"name": "momentum", "learning_rate": 0.1}]
PANELS = {
    "paper, panels": gradviz.Descent(**VALLEY, optimizers=TWO, panels=True, style="paper", size=(6.875, 2.6)),
    "paper, loss": gradviz.Descent(**VALLEY, optimizers=TWO, loss=True, style="paper", size=(6.875, 2.6)),
    "four in a row": gradviz.Descent(**VALLEY, optimizers=FOUR, panels=True, size=(10, 3)),
    "four in a column": gradviz.Descent(**VALLEY, optimizers=FOUR, panels=True, style="dark", size=(3, 9)),
    "sweep": gradviz.Contour(
        expression="a*x0**2 + 3*x1", sweep={"a": (1, 2, 3, 4)}, size=(9, 2.5), samples=9
    ),
    "sweep of arrows": gradviz.Quiver(expression="a*x0**2 + 3*x1", sweep={"a": (1, 2, 3)}, size=(9, 2.5)),
}
WIDE = {
    "contour": gradviz.Contour(expression="x0**2 + 3*x1", size=(12, 3), samples=9),
    "narrow": gradviz.Contour(expression="x0**2 + 3*x1", size=(3, 9), samples=9, style="dark"),
    "quiver": gradviz.Quiver(expression="x0**2 + 3*x1", size=(12, 3)),
    "stream": gradviz.Stream(expression="x0*x1", size=(12, 3)),
    "unequal units": gradviz.Contour(
        expression="x0**2 + 3*x1", range={"x0": (0, 100), "x1": (0, 1)}, size=(10, 3), samples=9
    ),
}


def extent(figure):
    """Return the width and the height of all that is drawn, as shares of the figure."""
    figure.canvas.draw()
    with figure.own_settings():
        box = figure.get_tightbbox()
    return np.array(box.size) / figure.get_size_inches()


@pytest.mark.parametrize("spec", [*PANELS.values(), *WIDE.values()], ids=[*PANELS, *WIDE])
def test_a_figure_fills_the_size_that_is_asked_for(spec):
    """What is drawn reaches over nine tenths of the width and of the height."""
    figure = gradviz.render(spec)
    assert figure.get_size_inches().tolist() == list(spec.size)
    assert extent(figure).min() > 0.9
    panels = [axes.get_position() for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert sum(box.width * box.height for box in panels) > 0.35  # axes, and not texts alone


@pytest.mark.parametrize("size", [(6.4, 4.8), (8, 6), (5, 5), (4, 3), (6, 8)])
@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Quiver, gradviz.Stream])
def test_units_are_equal_in_a_figure_of_common_proportions(kind, size):
    """Angles are true where axes with equal units use most of the room."""
    assert gradviz.render(kind(expression="x0**2 + 3*x1", samples=9, size=size)).axes[0].get_aspect() == 1


def test_the_book_keeps_equal_units_and_its_arrangement():
    """The style of the book changes neither units nor panels nor marks for a size."""
    spec = gradviz.Descent(**VALLEY, optimizers=FOUR, panels=True, style="book", size=(10, 3))
    scene = described_scene(spec)
    assert {panel.aspect for panel in scene.panels} == {"equal"}
    assert [panel.cell for panel in scene.panels] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    usual = described_scene(gradviz.Descent(**{**spec.to_dict(), "size": None}))
    assert widths(scene) == widths(usual)


def test_no_arrangement_has_larger_squares():
    """Of all grids with room for some panels, that of a size has the largest square cells."""
    for count, width, height in itertools.product(range(1, 13), (2, 3.4, 6.875, 12), (2, 2.6, 5, 9)):
        rows, columns = near_square(count, (width, height))
        assert (rows - 1) * columns < count <= rows * columns
        best = max(min(width / n, height / math.ceil(count / n)) for n in range(1, count + 1))
        assert min(width / columns, height / rows) == best


def test_the_legend_of_small_panels_is_below_them():
    """It covers no part of a map."""
    figure = gradviz.render(PANELS["paper, loss"])
    figure.canvas.draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert not any(axes.get_legend() for axes in figure.axes)
    assert not any(box.overlaps(axes.get_window_extent()) for axes in figure.axes)


# Arrows and lines -----------------------------------------------------------------------------------------


def arrows_of(spec):
    """Return the arrows of a figure, and the inches per unit of x and of y on its axes."""
    figure = gradviz.render(spec)
    (mark,) = (mark for mark in described_scene(spec).panels[0].marks if isinstance(mark, Arrows))
    axes = figure.axes[0]
    figure.canvas.draw()
    one = np.diff(axes.transData.transform([[0, 0], [1, 1]]), axis=0)[0] / figure.dpi
    return mark, one, np.array(axes.get_window_extent().size) / figure.dpi


@pytest.mark.parametrize("size", [(12, 3), (10, 2), (3, 9), (8, 3)])
def test_arrows_of_a_wide_figure_are_evenly_spaced(size):
    """They are about as far from each other in x as in y, and shorter than that."""
    mark, inches, _ = arrows_of(gradviz.Quiver(expression="x0**2 + 3*x1", size=size))
    spacing = (mark.points[1, 1] - mark.points[0, 0]) * inches
    lengths = np.linalg.norm(mark.vectors * inches, axis=-1)
    assert 0.7 < spacing[0] / spacing[1] < 1.4
    assert lengths.max() < spacing.min()
    assert lengths.max() == pytest.approx(lengths.min(), rel=0.15)


@pytest.mark.parametrize("samples", [2, 3, 4, 5, (3, 5), (17, 17)])
def test_few_arrows_are_neither_long_nor_thick(samples):
    """Arrows are at most 0.3 of the axes long where there are three or more; shafts are below 5 points."""
    mark, inches, sides = arrows_of(gradviz.Quiver(expression="x0*x1 + x0 + 3*x1", samples=samples))
    lengths = np.linalg.norm(mark.vectors * inches, axis=-1)
    assert 0.04 < np.nanmax(lengths) / sides.min() < (0.5 if samples == 2 else 0.3)
    assert 1 < 72 * mark.shape.width * inches[0] < 5
    ends = np.stack([mark.points - mark.vectors / 2, mark.points + mark.vectors / 2])
    limits = np.array([axis.limits for axis in axes_of(samples)]).T
    inside = (ends > limits[0]).all(axis=-1) & (ends < limits[1]).all(axis=-1)
    assert inside[~np.isnan(ends).any(axis=-1)].all()


def axes_of(samples):
    """Return the two axes of a figure of arrows."""
    (panel,) = described_scene(gradviz.Quiver(expression="x0*x1 + x0 + 3*x1", samples=samples)).panels
    return panel.x, panel.y


def test_streamlines_of_a_wide_figure_are_dense_enough():
    """From bottom to top of a wide and low figure, at least eight lines are crossed at most places."""
    panel = described_scene(WIDE["stream"]).panels[0]
    (mark,) = (mark for mark in panel.marks if isinstance(mark, Streamlines))
    counts = [
        sum(int(np.count_nonzero(np.diff(np.sign(line[:, 0] - x)))) for line in mark.lines)
        for x in np.linspace(-1.9, 1.9, 15)
    ]
    assert np.median(counts) >= 8


# Sizes of marks -------------------------------------------------------------------------------------------


def widths(scene):
    """Return the widths of lines, and the sizes of the markers on them and of others."""
    marks = [mark for panel in scene.panels for mark in panel.marks]
    lines = [(mark.width, mark.markers) for mark in marks if isinstance(mark, Lines)]
    return [*lines, *((mark.size, mark.edge_width) for mark in marks if isinstance(mark, Markers))]


@pytest.mark.parametrize("style", ["default", "paper", "dark"])
@pytest.mark.parametrize("factor", [0.5, 1, 2])
def test_lines_and_markers_scale_with_the_axes(style, factor):
    """Their sizes grow with the root of those of the axes, whatever the size of letters."""
    fields = {"expression": "x**2", "at": [1], "samples": 9, "style": style}
    default = described_scene(gradviz.Tangent(**fields))
    size = tuple(factor * side for side in (default.size.width, default.size.height))
    for font_size in (None, 5, 20):
        scaled = described_scene(gradviz.Tangent(**fields, size=size, font_size=font_size))
        line, *others = widths(default)
        assert widths(scaled)[0] == pytest.approx([math.sqrt(factor) * line[0], 0])
        for one, other in zip(widths(scaled)[1:], others, strict=True):
            assert one[0] == pytest.approx(math.sqrt(factor) * other[0])


def test_dots_of_a_path_are_smaller_in_small_panels():
    """A path of a panel of a row of four has smaller dots than that of a figure of one panel."""
    alone = described_scene(gradviz.Descent(**VALLEY, optimizers=TWO[:1]))
    row = described_scene(PANELS["four in a row"])
    assert widths(row)[0][1] < 0.85 * widths(alone)[0][1]
