"""Streamlines along the gradient."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyArrowPatch

import gradviz
from gradviz.errors import RequestError

F = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (25, 40), "dpi": 30}


def drawn(**fields):
    """Return the figure, the segments (N, 2, 2) of its lines, and the artist of them, if any."""
    figure = gradviz.render(gradviz.Stream(**{**F, "density": 0.5, **fields}))
    lines = [found for found in figure.axes[0].collections if isinstance(found, LineCollection)]
    if not lines:
        return figure, np.empty((0, 2, 2)), None
    (artist,) = lines
    pieces = [np.stack([piece[:-1], piece[1:]], axis=1) for piece in artist.get_segments()]
    return figure, np.concatenate([np.empty((0, 2, 2)), *pieces]), artist


def heads(figure):
    """Return start and end (N, 2, 2) of each arrow head."""
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    return np.array([patch._posA_posB for patch in patches])


def cosine(vectors, wanted):
    """Return the cosines of the angles between vectors (N, 2)."""
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted, axis=1)
    return (vectors * wanted).sum(axis=1) / lengths


def gradient(points):
    """(2 x0, 3), by hand."""
    return np.column_stack([2 * points[:, 0], np.full(len(points), 3.0)])


def test_lines_follow_the_gradient():
    """Each piece of a line is parallel to the gradient (2 x0, 3) of its own place."""
    _, segments, _ = drawn()
    assert len(segments) > 50
    middle, along = segments.mean(axis=1), segments[:, 1] - segments[:, 0]
    long = np.linalg.norm(along, axis=1) > 1e-9
    assert (np.abs(cosine(along[long], gradient(middle[long]))) > 0.99).all()
    assert (np.abs(segments[..., 0]) <= 2 + 1e-9).all()
    assert segments[..., 1].min() >= -1 - 1e-9
    assert segments[..., 1].max() <= 3 + 1e-9


@pytest.mark.parametrize("ascent", [False, True])
def test_arrows_run_downhill_unless_ascent(ascent):
    """Every arrow head points along minus the gradient, or along it with ascent."""
    figure, _, _ = drawn(ascent=ascent)
    arrows = heads(figure)
    assert len(arrows) > 3
    along = arrows[:, 1] - arrows[:, 0]
    sign = 1 if ascent else -1
    assert (cosine(along, sign * gradient(arrows.mean(axis=1))) > 0.95).all()


def test_colours_are_the_size_of_the_gradient():
    """The colour of each piece of a line is the size of the gradient there, sqrt(4 x0^2 + 9)."""
    _, segments, artist = drawn()
    sizes = np.linalg.norm(gradient(segments[:, 0]), axis=1)
    counts = [len(piece) - 1 for piece in artist.get_segments()]
    np.testing.assert_allclose(np.repeat(artist.get_array(), counts), sizes, rtol=0.02)


def test_the_order_of_vars_swaps_the_axes():
    """With --vars x1,x0 the lines follow (3, 2 x0)."""
    figure, segments, _ = drawn(vars=["x1", "x0"], samples=(40, 25))
    middle, along = segments.mean(axis=1), segments[:, 1] - segments[:, 0]
    long = np.linalg.norm(along, axis=1) > 1e-9
    assert (np.abs(cosine(along[long], gradient(middle[long][:, ::-1])[:, ::-1])) > 0.99).all()
    assert figure.axes[0].get_xlim() == (-1, 3)


def test_lines_end_where_the_function_is_not_defined():
    """No line reaches further into where f has no value than the mesh can tell."""
    _, segments, _ = drawn(expression="2*sqrt(x0) + 3*x1")
    assert len(segments)
    assert segments[..., 0].min() >= -4 / 24


@pytest.mark.parametrize("expression", ["5", "0*x0 + 0*x1"])
def test_a_constant_has_no_lines(expression):
    """A function without a slope is a picture without lines."""
    figure, segments, _ = drawn(expression=expression, range=(-2, 2))
    assert len(segments) == 0
    assert len(heads(figure)) == 0


def test_a_function_that_is_nowhere_defined_is_an_error():
    """There is nothing to draw, and that is said."""
    with pytest.raises(RequestError, match="undefined"):
        drawn(expression="log(-1 - x0**2) + x1")


def test_lines_end_at_a_valley_s_floor():
    """Where the gradient turns round between two points a line stops, and does not rattle to and fro."""
    _, segments, _ = drawn(expression="x0**2 + 0*x1", range=(-2, 2), samples=41)
    assert len(segments)
    step = 4 / 40
    crossing = (segments[:, 0, 0] * segments[:, 1, 0] < 0) & (np.abs(segments[..., 0]).min(axis=1) > step)
    assert not crossing.any()
    assert len(segments) < 3000


def test_density_is_how_close_lines_come():
    """More density is more lines."""
    few, many = (len(heads(drawn(density=density)[0])) for density in (0.3, 0.9))
    assert 0 < few < many


def test_more_points_than_a_line_can_be_integrated_over_are_refused():
    """Above 200 along an axis the message names the limit."""
    with pytest.raises(RequestError, match="200"):
        gradviz.render(gradviz.Stream(expression="x*y", samples=201))


def test_a_range_too_narrow_for_its_samples_is_an_error_of_the_user():
    """Where a double cannot hold as many different coordinates, the message says so."""
    with pytest.raises(RequestError):
        gradviz.render(gradviz.Stream(expression="x*y", range=(1, 1 + 2**-52), samples=5, dpi=30))


def test_a_gradient_beyond_the_square_root_of_what_a_double_holds_is_drawn():
    """The size of a gradient of 1e200 is 1e200: squaring its parts must not overflow."""
    figure, segments, _ = drawn(expression="1e200*x0 + 1e200*x1")
    assert len(segments)
    along = segments[:, 1] - segments[:, 0]
    long = np.linalg.norm(along, axis=1) > 1e-9
    assert (np.abs(cosine(along[long], np.ones((long.sum(), 2)))) > 0.99).all()
    assert len(figure.axes) == 1  # without a colour bar: there is one magnitude


def test_no_line_crosses_a_jump():
    """At x0 = 1/3 the function jumps, and every line along x0 ends on one side of it."""
    spec = gradviz.Stream(
        expression="x0 + 5*heaviside(x0 - 1/3) + 0*x1", range={"x0": (-2, 2), "x1": (-1, 3)}, dpi=30
    )
    samples = gradviz.sample(spec)
    lines = gradviz.render(spec, samples).axes[0].collections[0]
    sides = [path.vertices[:, 0] > 1 / 3 for path in lines.get_paths()]
    assert sum(map(len, sides)) > 100
    assert all(len(set(side.tolist())) == 1 for side in sides)
    assert any("cut where the function jumps" in warning for warning in samples.warnings)


@pytest.mark.parametrize(("expression", "word"), [("5 + 0*x0*x1", "constant"), ("floor(x0) + 0*x1", "zero")])
def test_a_picture_without_lines_says_why(expression, word):
    """Nowhere is there a direction: of a constant, or of steps."""
    figure = gradviz.render(gradviz.Stream(expression=expression, samples=31, dpi=30))
    assert word in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize(
    "fields",
    [
        {"size": (3, 2)},
        {"style": "paper"},
        {"expression": "a*x0**2 + 3*x1", "sweep": {"a": [1, 2, 3, 4, 5, 6]}},
        {"expression": "a*x0**2 + 3*x1", "sweep": {"a": [1, 2, 3, 4]}, "size": (4, 3)},
    ],
)
def test_heads_and_lines_become_smaller_with_the_axes(fields):
    """An arrow head takes as much of small axes as of the usual ones, at most twice as much."""

    def measured(**more):
        figure = gradviz.render(gradviz.Stream(**{**F, "range": (-2, 2), "density": 0.5, **more}))
        figure.draw_without_rendering()
        axes = figure.axes[0]
        box = axes.get_window_extent()
        (lines,) = (one for one in axes.collections if isinstance(one, LineCollection))
        head = next(patch for patch in axes.patches if isinstance(patch, FancyArrowPatch))
        share = head.get_mutation_scale() / min(box.width, box.height) * figure.dpi / 72
        return share, head.get_mutation_scale(), lines.get_linewidth()[0]

    usual, small = measured(), measured(**fields)
    assert 0.8 * usual[0] < small[0] < 2 * usual[0]
    assert small[1] < 0.8 * usual[1]
    assert small[2] < 0.9 * usual[2]


@pytest.mark.parametrize("expression", ["sin(12*x0)*x1", "sin(35*x0)*x1"])
def test_lines_follow_a_gradient_that_turns_fast(expression):
    """Where it turns around between two lines, they run along the floors of valleys, at all heights."""
    _, segments, _ = drawn(expression=expression, range=(-2, 2), samples=121, density=1.2)
    ends = segments[:, 0]
    assert all((np.abs(ends[:, 1] - height) < 0.25).any() for height in np.arange(-1.75, 2, 0.5))


def test_a_flat_function_is_covered():
    """Lines of a Gaussian reach the border, where its gradient is 1e-40 of the largest."""
    _, segments, _ = drawn(expression="exp(-x0**2 - x1**2)", range=(-10, 10), samples=121, density=1.2)
    ends = segments.reshape(-1, 2)
    for axis in (0, 1):
        assert (ends[:, axis].min(), ends[:, axis].max()) == pytest.approx((-10, 10))


def test_heads_are_staggered_and_each_line_has_one():
    """Heads of neighbours on parallel lines are at different heights, and no line is without."""
    figure, segments, _ = drawn(expression="0*x0 + x1", range=(-2, 2), density=1.0)
    tips = heads(figure)[:, 1]
    places = np.unique(segments[:, 0, 0].round(9))
    assert len(places) > 10
    nearest = [tips[np.abs(tips[:, 0] - place) < 1e-6, 1] for place in places]
    assert all(len(found) for found in nearest)
    assert np.ptp([found[0] for found in nearest]) > 0.5
