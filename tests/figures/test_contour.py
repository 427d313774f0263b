"""Contours and filled contours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import gradviz
from gradviz.cli.wording import flags
from gradviz.errors import RequestError
from gradviz.scene.style import STYLES
from gradviz.specs import spec_from

RANGE = {"x0": (-2, 2), "x1": (-1, 3)}


def drawn(expression="x0 + 3*x1", **fields):
    """Return the figure and the set of contours on its first axes."""
    fields = {"range": RANGE, "samples": (5, 8), "dpi": 30, **fields}
    figure = gradviz.render(gradviz.Contour(expression=expression, **fields))
    return figure, next(iter(figure.axes[0].collections), None)


def vertices(contours):
    """Return level and vertices (N, 2) of each line."""
    return [
        (level, path.vertices)
        for level, path in zip(contours.levels, contours.get_paths(), strict=True)
        if len(path.vertices)
    ]


def test_every_vertex_lies_on_its_level():
    """On the line of a level the function has that value, which with axes swapped it had not."""
    figure, contours = drawn(levels=[-4, -1, 0, 2, 7])
    assert (figure.axes[0].get_xlim(), figure.axes[0].get_ylim()) == ((-2, 2), (-1, 3))
    found = vertices(contours)
    assert [level for level, _ in found] == [-4, -1, 0, 2, 7]
    for level, points in found:
        np.testing.assert_allclose(points[:, 0] + 3 * points[:, 1], level, atol=1e-12)
        assert (np.abs(points[:, 0]) <= 2).all()
        assert (points[:, 1] >= -1).all()
        assert (points[:, 1] <= 3).all()


def test_the_order_of_vars_swaps_the_axes():
    """With --vars x1,x0 the first coordinate of each vertex is x1."""
    figure, contours = drawn(vars=["x1", "x0"], samples=(8, 5), levels=[2, 5])
    found = vertices(contours)
    assert [level for level, _ in found] == [2, 5]
    for level, points in found:
        np.testing.assert_allclose(points[:, 1] + 3 * points[:, 0], level, atol=1e-12)
    axes = figure.axes[0]
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 3), (-2, 2))
    assert "1" in axes.get_xlabel()
    assert "0" in axes.get_ylabel()


def test_levels_are_those_asked_for():
    """Levels as LO:HI:STEP are those of numpy.arange: here the book's 0, 1, ... 99 (F10)."""
    _, contours = drawn("x**2/20 + y**2", range=(-10, 10, 0.5), samples=None, levels="0:100:1")
    np.testing.assert_array_equal(contours.levels, np.arange(100))


@pytest.mark.parametrize("colorbar", [False, True])
def test_a_single_level_is_a_level(colorbar):
    """One height, such as the zeros of a function, is drawn like any number of them."""
    _, contours = drawn(levels=[0.0], colorbar=colorbar)
    assert 0 in np.asarray(contours.levels)
    assert sum(len(path.vertices) for path in contours.get_paths())


@pytest.mark.parametrize("colorbar", [False, True])
def test_a_single_level_parts_two_bands_or_is_refused(colorbar):
    """Filled, one height gives what is below and what is above it, or an error that says what would do."""
    try:
        _, contours = drawn(levels=[0.0], filled=True, colorbar=colorbar)
    except RequestError:
        return
    assert 0 in np.asarray(contours.levels)


@pytest.mark.parametrize("filled", [False, True])
def test_values_near_the_end_of_double_precision_draw_or_are_refused(filled):
    """A height of 1e300 gives a picture or a message, and never a fault."""
    try:
        figure, _ = drawn("1e300*x0 + 0*x1", filled=filled)
    except RequestError:
        return
    figure.canvas.draw()


def levels_of(low, high, **fields):
    """Return the levels drawn of a function with values from low to high."""
    _, contours = drawn("x0 + 0*x1", range={"x0": (low, high), "x1": (0, 1)}, **fields)
    return np.asarray(contours.levels)


@pytest.mark.parametrize("count", [1, 2, 5, 12, 30])
def test_a_number_of_levels_is_about_that_many(count):
    """N levels are round numbers, about N of them, between the least and the greatest value."""
    levels = levels_of(-7.3, 11.9, levels=count)
    inside = levels[(levels > -7.3) & (levels < 11.9)]
    assert 0.4 * count <= len(inside) <= 2 * count
    assert (np.diff(levels) > 0).all()
    np.testing.assert_allclose(np.diff(levels), levels[1] - levels[0])


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1e-9, 1e-9), (1e6, 1e6 + 1), (-7.3, 11.9)])
def test_bands_cover_the_values(low, high):
    """Bands reach from below the least value to above the greatest, so that nothing stays white."""
    levels = levels_of(low, high, filled=True)
    assert levels[0] <= low
    assert levels[-1] >= high


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize(("expression", "fields"), [("5", {}), ("x0 + 3*x1", {"levels": [1000.0]})])
def test_a_picture_without_lines_says_why(filled, expression, fields):
    """A constant, or levels out of reach, give axes with a sentence in place of lines."""
    figure, contours = drawn(expression, filled=filled, **{"range": None, **fields})
    assert contours is None
    (text,) = figure.axes[0].texts
    assert ("constant" if expression == "5" else "level") in text.get_text()


def test_bands_are_filled_between_levels():
    """A filled figure has one band between two levels, each vertex of it between their heights."""
    _, contours = drawn(filled=True, levels=[0, 1, 2])
    assert contours.filled
    for low, path in zip(contours.layers[1:-1] - 0.5, contours.get_paths()[1:-1], strict=True):
        heights = path.vertices[:, 0] + 3 * path.vertices[:, 1]
        assert heights.min() >= low - 1e-12
        assert heights.max() <= low + 1 + 1e-12


@pytest.mark.parametrize("filled", [False, True])
def test_what_is_undefined_is_left_out(filled):
    """No line and no band reaches into where the function has no value."""
    _, contours = drawn("sqrt(x0) + 3*x1", range={"x0": (-2, 2), "x1": (0, 1)}, samples=(9, 5), filled=filled)
    corners = np.concatenate([path.vertices for path in contours.get_paths() if len(path.vertices)])
    assert corners[:, 0].min() >= 0


def test_a_function_that_is_nowhere_defined_is_an_error():
    """There is nothing to draw, and that is said."""
    with pytest.raises(RequestError, match="undefined"):
        drawn("log(-1 - x0**2) + x1")


def test_units_are_equal_where_the_sides_are_alike():
    """One unit is equally long on both axes, unless the picture would be a thin strip."""
    assert drawn()[0].axes[0].get_aspect() == 1
    assert drawn(range={"x0": (0, 1), "x1": (0, 100)})[0].axes[0].get_aspect() == "auto"


def test_the_colour_bar_can_be_left_out():
    """The scale of the colours is beside the picture, but not in the book, or as asked for."""
    assert len(drawn()[0].axes) == 2
    assert len(drawn(colorbar=False)[0].axes) == 1
    assert len(drawn(style="book")[0].axes) == 1
    assert len(drawn(style="book", colorbar=True)[0].axes) == 2


def test_looks_are_as_asked():
    """Colour map, view, ticks, labels, grid and title are those that were given."""
    figure, contours = drawn(
        cmap="copper",
        xlim=(-1, 1),
        ylim=(0, 2),
        xticks=[-1, 1],
        yticks=[0, 2],
        xlabel="a",
        ylabel="b",
        title="c",
    )
    axes = figure.axes[0]
    assert contours.get_cmap().name == "copper"
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 1), (0, 2))
    assert (list(axes.get_xticks()), list(axes.get_yticks())) == ([-1, 1], [0, 2])
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("a", "b", "c")


@pytest.mark.parametrize("grid", [True, False])
def test_a_grid_is_drawn_if_asked_for(grid):
    """--grid and --no-grid decide."""
    figure, _ = drawn(grid=grid)
    assert all(line.get_visible() is grid for line in figure.axes[0].get_xgridlines())


# Breaks, poles and valleys --------------------------------------------------------------------------------

SIDES = {
    "1/(x1 - x0)": lambda p: np.sign(p[..., 1] - p[..., 0]),
    "tan(x0) + 0*x1": lambda p: np.round(p[..., 0] / np.pi),
    "sign(x0)*x1": lambda p: np.sign(p[..., 0]),
    "floor(x0) + x1": lambda p: np.floor(p[..., 0]),
}


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("expression", SIDES)
def test_no_line_crosses_a_jump(expression, filled):
    """Both ends of each piece of a line, or of a band's border, lie on one side of each jump."""
    figure, contours = drawn(expression, samples=None, filled=filled)
    pieces = [path.vertices[k : k + 2] for path in contours.get_paths() for k in connected(path)]
    assert len(pieces) > 50
    middles = np.mean(pieces, axis=1)[:, None]
    inwards = middles + (1 - 1e-6) * (np.array(pieces) - middles)  # an end may lie on the jump itself
    sides = SIDES[expression](inwards)
    along = np.ptp(np.array(pieces)[..., 0], axis=1) < 1e-9  # beside a jump a band's border runs along it
    np.testing.assert_array_equal(sides[~along, 0], sides[~along, 1])
    figure.canvas.draw()


def connected(path):
    """Yield the vertices from which a path goes on to the next one."""
    codes = path.codes
    return [k for k in range(len(path.vertices) - 1) if codes[k + 1] in (path.LINETO, path.CLOSEPOLY)]


@pytest.mark.parametrize("expression", ["floor(x0) + 0*x1", "x0/abs(x0) + 0*x1"])
def test_steps_have_bands_but_no_lines(expression):
    """A function that is flat between its jumps says so in place of lines."""
    figure, contours = drawn(expression, samples=(41, 31))
    assert contours is None
    assert "flat" in figure.axes[0].texts[0].get_text()
    assert drawn(expression, samples=(41, 31), filled=True)[1].filled


@pytest.mark.parametrize(
    ("expression", "extend"),
    [("1/(x0**2 + x1**2)", "max"), ("1/(x1 - x0)", "both"), ("x0 + 3*x1", "neither")],
)
def test_a_pole_does_not_take_over_the_levels(expression, extend):
    """The levels are those of the rest; bands beyond share a colour, and the scale shows that they go on."""
    spec = gradviz.Contour(expression=expression, filled=True, dpi=30, samples=61)
    samples = gradviz.sample(spec)
    contours, *_ = gradviz.render(spec, samples).axes[0].collections
    assert contours.extend == extend
    assert np.abs(contours.levels).max() <= 14
    texts = [warning.worded(flags) for warning in samples.warnings]
    assert any("--levels shows more" in text for text in texts) is (extend != "neither")


ROSENBROCK = "(1 - x0)**2 + 100*(x1 - x0**2)**2"


@pytest.mark.parametrize("filled", [False, True])
def test_the_valley_of_rosenbrock_is_seen(filled):
    """Along the valley x1 = x0^2 the heights are (1 - x0)^2, between 0 and 9: some levels part these."""
    _, contours = drawn(ROSENBROCK, range=(-2, 2), samples=None, filled=filled)
    inside = [level for level in contours.levels if 0 < level < 9]
    assert len(inside) >= 3
    even = drawn(ROSENBROCK, range=(-2, 2), samples=None, filled=filled, spacing="linear")[1]
    assert not [level for level in even.levels if 0 < level < 9]


def test_the_marks_at_uneven_levels_are_the_levels():
    """The colour bar names the heights of the lines, in few digits."""
    figure, contours = drawn(ROSENBROCK, range=(-2, 2), samples=61)
    bar = figure.axes[1]
    figure.canvas.draw()
    words = [text.get_text() for text in bar.get_yticklabels()]
    assert [float(word) for word in words] == list(contours.levels)
    assert max(map(len, words)) <= 5


@pytest.mark.parametrize(
    "fields", [{"kind": "contour"}, {"kind": "surface", "plot": "contour"}, {"kind": "descent"}]
)
def test_uneven_levels_that_are_given_are_the_marks(fields):
    """Of any kind with level lines, the colour bar names the heights that were asked for."""
    spec = spec_from(
        {"expression": "x0**2 + 3*x1**2", "levels": (1, 2, 20), "samples": 31, "dpi": 30, **fields}
    )
    figure = gradviz.render(spec)
    figure.canvas.draw()
    assert [text.get_text() for text in figure.axes[1].get_yticklabels()] == ["1", "2", "20"]


@pytest.mark.parametrize("expression", [ROSENBROCK, "x0**2 + 3*x1"])
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("high", [1, 3, 14])
def test_marks_of_a_flat_picture_do_not_lie_on_each_other(high, style, expression):
    """However low the colour bar is, there is room between the numbers beside it, two at least."""
    figure, _ = drawn(
        expression, range={"x0": (-3, 3), "x1": (-1, high)}, samples=41, style=style, colorbar=True
    )
    figure.canvas.draw()
    axis = figure.axes[1].yaxis
    low, high = axis.get_view_interval()
    ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    ends = sorted((text.get_window_extent().y0, text.get_window_extent().y1)
                  for place, text in ticks if low <= place <= high)  # fmt: skip
    assert len(ends) >= 2
    assert all(before[1] <= behind[0] for before, behind in pairwise(ends))


def test_levels_that_are_given_are_not_spaced_anew():
    """--levels with heights holds, whatever the spacing."""
    for spacing in ("auto", "log", "quantile"):
        _, contours = drawn(ROSENBROCK, range=(-2, 2), samples=31, levels=[5, 50, 60], spacing=spacing)
        np.testing.assert_array_equal(contours.levels, [5, 50, 60])


def test_a_constant_is_said_in_the_picture_and_beside_it():
    """The sentence in the axes is among the warnings, too."""
    spec = gradviz.Contour(expression="5 + 0*x0*x1", dpi=30, samples=9)
    samples = gradviz.sample(spec)
    (text,) = gradviz.render(spec, samples).axes[0].texts
    assert text.get_text() in samples.warnings
