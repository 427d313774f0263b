"""The gradient as arrows."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError

# The function that shows an exchange of axes: its gradient is (2 x0, 3), over unequal ranges, unequal counts.
F = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (5, 8)}
X0, X1 = [-2.0, -1.0, 0.0, 1.0, 2.0], [-1 + 4 * k / 7 for k in range(8)]
POINTS = sorted((a, b) for a in X0 for b in X1)


def drawn(**fields):
    """Return the figure and its arrows: points (N, 2), vectors (N, 2) and the artist."""
    figure = gradviz.render(gradviz.Quiver(**{**F, "dpi": 30, **fields}))
    (arrows,) = figure.axes[0].collections
    points = np.column_stack([np.ravel(arrows.X), np.ravel(arrows.Y)])
    vectors = np.ma.masked_array(
        np.column_stack([arrows.U.ravel(), arrows.V.ravel()]), hidden(arrows)[:, [0, 0]]
    )
    return figure, points, vectors, arrows


def hidden(arrows):
    """Tell of each arrow (N, 1) whether it is left out: Matplotlib keeps that apart from the components."""
    return np.broadcast_to(
        np.ma.getmaskarray(np.ma.masked_array(arrows.U, arrows.Umask)), arrows.U.shape
    ).reshape(-1, 1)


def assert_all_points(points):
    np.testing.assert_allclose(sorted(map(tuple, points)), POINTS, atol=1e-14)


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
def test_true_arrows_are_minus_the_gradient_at_their_own_points(method):
    """In the book's style each of the 5 x 8 points carries minus its own gradient (2 x0, 3)."""
    _, points, vectors, arrows = drawn(style="book", method=method)
    assert_all_points(points)
    np.testing.assert_allclose(vectors, np.column_stack([-2 * points[:, 0], np.full(40, -3.0)]), atol=1e-8)
    assert arrows.angles == "xy"


def test_equal_arrows_have_the_direction_and_the_colour_of_the_magnitude():
    """In the default style the direction is minus the gradient's, and the colours are its size."""
    _, points, vectors, arrows = drawn()
    assert_all_points(points)
    sizes = np.sqrt(4 * points[:, 0] ** 2 + 9)
    unit = np.column_stack([-2 * points[:, 0], np.full(40, -3.0)]) / sizes[:, None]
    lengths = np.ma.sqrt((vectors**2).sum(axis=1))
    np.testing.assert_allclose(vectors / lengths[:, None], unit, atol=1e-9)
    np.testing.assert_allclose(np.ma.ravel(arrows.get_array()), sizes, rtol=1e-9)
    assert arrows.angles == "xy"


@pytest.mark.parametrize("style", ["book", "default"])
def test_the_data_has_the_gradient_of_each_point(style, run, here):
    """The CSV of --data has each of the 40 points once, with f and the gradient (2 x0, 3) in the same row."""
    answer = run(
        "quiver", F["expression"], "-r", "x0=-2:2", "-r", "x1=-1:3", "-n", "5,8", "--style", style,
        "--data", "d.csv",
    )  # fmt: skip
    assert answer.lines == ["quiver.png", "d.csv"]
    with (here / "d.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["x0", "x1", "f", "df/dx0", "df/dx1"]
    table = np.array([[float(cell) for cell in row.values()] for row in rows])
    assert_all_points(table[:, :2])
    np.testing.assert_allclose(table[:, 2], table[:, 0] ** 2 + 3 * table[:, 1], atol=1e-14)
    np.testing.assert_allclose(table[:, 3], 2 * table[:, 0], atol=1e-9)
    np.testing.assert_allclose(table[:, 4], 3, rtol=1e-9)


def test_the_order_of_vars_swaps_the_axes():
    """With --vars x1,x0 the points are (x1, x0) and the arrows -(3, 2 x0)."""
    figure, points, vectors, _ = drawn(vars=["x1", "x0"], samples=(8, 5), style="book")
    assert_all_points(points[:, ::-1])
    np.testing.assert_allclose(vectors, np.column_stack([np.full(40, -3.0), -2 * points[:, 1]]), atol=1e-8)
    assert "1" in figure.axes[0].get_xlabel()


@pytest.mark.parametrize("style", ["book", "default"])
def test_arrows_point_downhill_unless_ascent(style):
    """A step along an arrow lowers f; with ascent the same arrows are turned round."""
    _, points, down, arrows = drawn(style=style)
    _, _, up, turned = drawn(style=style, ascent=True)
    np.testing.assert_allclose(up, -down)
    ahead = points + 1e-3 * down / np.sqrt((down**2).sum(axis=1))[:, None]
    assert (ahead[:, 0] ** 2 + 3 * ahead[:, 1] < points[:, 0] ** 2 + 3 * points[:, 1]).all()
    if arrows.get_array() is not None:
        np.testing.assert_array_equal(arrows.get_array(), turned.get_array())


@pytest.mark.parametrize(
    ("expression", "slope"),
    [
        ("x0**2 + x1**2", lambda x, y: (2 * x, 2 * y)),
        ("x0*x1", lambda x, y: (y, x)),
        ("sin(x0*x1)", lambda x, y: (y * math.cos(x * y), x * math.cos(x * y))),
    ],
)
def test_the_books_arrows(expression, slope):
    """F11 to F13: 18 x 18 arrows in #666666, of the book's three functions, not of a transposed one."""
    figure, points, vectors, arrows = drawn(
        expression=expression, range=(-2, 2.5, 0.25), samples=None, style="book", xlim=(-2, 2), ylim=(-2, 2)
    )
    assert points.shape == (324, 2)
    wanted = -np.array([slope(*point) for point in points])
    there = ~vectors.mask.any(axis=1)
    np.testing.assert_allclose(vectors[there], wanted[there], atol=1e-8)
    np.testing.assert_allclose(wanted[~there], 0, atol=1e-12)
    np.testing.assert_allclose(arrows.get_facecolor()[0], [0.4, 0.4, 0.4, 1])
    assert (figure.axes[0].get_xlim(), figure.axes[0].get_ylim()) == ((-2, 2), (-2, 2))
    assert len(figure.axes) == 1


@pytest.mark.parametrize("style", ["book", "default"])
def test_a_zero_gradient_is_no_arrow(style):
    """At the bottom of a bowl there is nothing to point to: that arrow alone is left out."""
    _, points, vectors, _ = drawn(expression="x0**2 + x1**2", range=(-2, 2), samples=5, style=style)
    left_out = vectors.mask.any(axis=1)
    assert points[left_out].tolist() == [[0, 0]]


@pytest.mark.parametrize("style", ["book", "default"])
def test_what_is_undefined_has_no_arrow(style):
    """Where f has no value there is no arrow, and everywhere else there is one."""
    _, points, vectors, arrows = drawn(expression="log(x0) + x1", style=style)
    left_out = vectors.mask.any(axis=1)
    np.testing.assert_array_equal(left_out, points[:, 0] <= 0)
    if arrows.get_array() is not None:
        np.testing.assert_array_equal(np.ma.getmaskarray(arrows.get_array()).ravel(), left_out)


def test_a_function_that_is_nowhere_defined_is_an_error():
    """There is nothing to draw, and that is said."""
    with pytest.raises(RequestError, match="undefined"):
        drawn(expression="log(-1 - x0**2) + x1")


@pytest.mark.parametrize("more", [{}, {"heat": True, "contour": True, "stream": True, "arrows": "log"}])
@pytest.mark.parametrize("style", ["book", "default"])
def test_a_constant_is_a_picture_without_arrows(style, more):
    """A constant has no arrows and nothing behind them, and the picture says why."""
    spec = gradviz.Quiver(expression="5", style=style, samples=5, dpi=30, **more)
    axes = gradviz.render(spec).axes
    assert len(axes) == 1
    assert not axes[0].collections
    assert not axes[0].images
    assert [text.get_text() for text in axes[0].texts] == ["the function is constant"]


def looks(figure, arrows):
    """Return the lengths of arrows in pixels."""
    figure.canvas.draw()
    transform = figure.axes[0].transData.transform
    tails = np.column_stack([np.ravel(arrows.X), np.ravel(arrows.Y)])
    vectors = np.column_stack([np.ravel(arrows.U), np.ravel(arrows.V)])
    return np.hypot(*(transform(tails + vectors) - transform(tails)).T)


@pytest.mark.parametrize("tall", [1, 4, 100, 0.01])
def test_equal_arrows_look_equally_long(tall):
    """On the screen all arrows have one length, also where the units of the axes are not equal."""
    expression = (
        f"sin(3*x0) + {tall**2}*cos(5*x1/{tall})"  # whose arrows look all ways: df/dx1 goes with tall
    )
    figure, _, _, arrows = drawn(expression=expression, range={"x0": (0, 1), "x1": (0, tall)}, samples=9)
    lengths = looks(figure, arrows)
    assert lengths.max() / lengths.min() < 1.1


@pytest.mark.parametrize("samples", [(5, 8), (9, 4), 2, 30])
def test_equal_arrows_never_touch(samples):
    """An arrow is shorter than the distance between neighbours, and is centred on its point."""
    _, points, vectors, arrows = drawn(samples=samples)
    spacing = min(np.diff(np.unique(points[:, 0])).min(), np.diff(np.unique(points[:, 1])).min())
    lengths = np.sqrt((vectors**2).sum(axis=1)) / arrows.scale
    assert lengths.max() < spacing
    assert lengths.min() > 0.5 * spacing
    assert arrows.pivot == "middle"
    assert arrows.scale_units == "xy"


def test_arrows_of_true_length_in_the_default_style():
    """--arrows true keeps the magnitudes, still coloured; --arrows equal levels those of the book."""
    _, points, vectors, arrows = drawn(arrows="true")
    scale = 0.8 * (4 / 7) / 5  # the greatest gradient, 5, takes 0.8 of the least distance between points
    np.testing.assert_allclose(
        vectors, scale * np.column_stack([-2 * points[:, 0], np.full(40, -3)]), atol=1e-8
    )
    assert arrows.get_array() is not None
    _, _, vectors, arrows = drawn(arrows="equal", style="book")
    lengths = np.sqrt((vectors**2).sum(axis=1))
    np.testing.assert_allclose(lengths, lengths[0])


def test_one_colour_is_one_colour():
    """--color draws all arrows in it, without a scale of colours beside them."""
    figure, _, _, arrows = drawn(color="red")
    assert arrows.get_array() is None
    np.testing.assert_allclose(arrows.get_facecolor()[0], [1, 0, 0, 1])
    assert len(figure.axes) == 1


def test_the_legend_says_which_way_arrows_point():
    """The label of the colours names the size of the gradient and the direction of the arrows."""
    figure, *_ = drawn()
    down = figure.axes[1].get_ylabel()
    figure, *_ = drawn(ascent=True)
    up = figure.axes[1].get_ylabel()
    assert r"\nabla f" in up
    assert "-" in down.replace(up[:5], "")
    assert down != up


def test_the_outermost_arrows_are_whole():
    """Without a view of its own the picture has room for half an arrow around the points."""
    figure, points, vectors, _ = drawn()
    (left, right), (bottom, top) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    ends = np.concatenate([points + vectors / 2, points - vectors / 2])
    assert left <= ends[:, 0].min() < ends[:, 0].max() <= right
    assert bottom <= ends[:, 1].min() < ends[:, 1].max() <= top


def test_more_arrows_than_can_be_told_apart_are_refused():
    """Above 60 along an axis the message names the limit."""
    with pytest.raises(RequestError, match="60"):
        gradviz.render(gradviz.Quiver(expression="x*y", samples=61))
    gradviz.sample(gradviz.Quiver(expression="x*y", samples=60))


def test_a_gradient_beyond_the_square_root_of_what_a_double_holds_is_drawn():
    """The size of a gradient of 1e200 is 1e200: squaring its parts must not overflow."""
    _, _, _, arrows = drawn(expression="1e200*x0 + 1e200*x1")
    np.testing.assert_allclose(np.ma.ravel(arrows.get_array()), math.sqrt(2) * 1e200, rtol=1e-8)


@pytest.mark.parametrize(("expression", "word"), [("5 + 0*x0*x1", "constant"), ("floor(x0) + 0*x1", "zero")])
def test_a_picture_without_arrows_says_why(expression, word):
    """Nowhere is there a direction: of a constant, or of steps, on whose edges there is no gradient."""
    figure = gradviz.render(gradviz.Quiver(expression=expression, range=(-2, 2), dpi=30))
    assert word in figure.axes[0].texts[0].get_text()
    assert len(figure.axes) == 1


def test_there_is_no_arrow_on_a_jump():
    """On the line x0 = 0, where sign(x0)*x1 jumps, no gradient is drawn; beside it it is (0, -+1)."""
    spec = gradviz.Quiver(
        expression="sign(x0)*x1", range={"x0": (-2, 2), "x1": (-1, 2)}, samples=(9, 7), ascent=True
    )
    samples = gradviz.sample(spec)
    on = (samples.points[..., 0] == 0) & (samples.points[..., 1] != 0)
    assert on.sum() == 6
    np.testing.assert_array_equal(np.isnan(samples.gradient).any(axis=-1), on)
    beside = samples.points[..., 0] != 0
    np.testing.assert_allclose(
        samples.gradient[beside][:, 1], np.sign(samples.points[beside][:, 0]), atol=1e-9
    )


@pytest.mark.parametrize("style", ["book", "default", "dark"])
def test_logarithmic_arrows_are_as_long_as_the_legend_says(style):
    """Lengths go with the logarithm, from a quarter to the whole; the legend tells the sizes of both."""
    figure, points, vectors, _ = drawn(arrows="log", expression="exp(3*x0) + 0*x1", style=style)
    sizes = 3 * np.exp(3 * points[:, 0])
    least, most = sizes.min(), sizes.max()
    lengths = np.sqrt((vectors**2).sum(axis=1)) / (0.8 * 4 / 7)
    wanted = 0.25 + 0.75 * np.log(sizes / least) / np.log(most / least)
    np.testing.assert_allclose(lengths, wanted, rtol=1e-6)
    (said,) = (text.get_text() for text in figure.legends[0].get_texts())
    assert "log" in said
    assert f"{float(f'{least:.2g}'):g}$ or less (shortest)" in said
    assert "(longest)" in said


def test_lengths_that_are_not_equal_are_explained():
    """Equal arrows and the book's own need no word; true ones tell the longest."""
    assert drawn()[0].legends == []
    assert drawn(style="book")[0].legends == []
    assert drawn(style="book", arrows="true")[0].legends == []
    (text,) = drawn(arrows="true")[0].legends[0].get_texts()
    assert "the longest $5$" in text.get_text()


@pytest.mark.parametrize("arrows", ["equal", "true", "log"])
@pytest.mark.parametrize("expression", ["x0**2 + 3*x1", "1/(x0*x1)", "exp(4*x0*x1)"])
def test_no_arrow_reaches_another(arrows, expression):
    """Each lies in a circle around its point that touches no other's, also beside a pole."""
    _, points, vectors, artist = drawn(expression=expression, arrows=arrows)
    lengths = np.sqrt((vectors**2).sum(axis=1)) / artist.scale
    apart = min(np.diff(np.unique(points[:, axis].round(9))).min() for axis in (0, 1))
    assert np.ma.max(lengths) <= 0.81 * apart
    assert artist.pivot == "middle"


@pytest.mark.parametrize("ascent", [False, True])
def test_streamlines_lie_below_the_arrows_along_the_gradient(ascent):
    """--stream adds thin lines along (2 x0, 3) in one colour, and the legend names them."""
    spec = gradviz.Quiver(**{**F, "dpi": 30, "stream": True, "ascent": ascent})
    figure = gradviz.render(spec)
    lines, arrows = figure.axes[0].collections
    assert lines.get_zorder() < arrows.get_zorder()
    assert len(lines.get_segments()) > 5
    for line in lines.get_segments():
        middle, along = (line[1:] + line[:-1]) / 2, np.diff(line, axis=0)
        wanted = np.column_stack([2 * middle[:, 0], np.full(len(middle), 3.0)])
        cross = along[:, 0] * wanted[:, 1] - along[:, 1] * wanted[:, 0]
        assert np.abs(cross / np.linalg.norm(wanted, axis=1)).max() < 0.01
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["streamlines"]


@pytest.mark.parametrize("expression", ["x**3 + y**2", "-2*x*y + x**3", "x**3 + y**3"])
def test_no_arrow_stands_where_the_gradient_is_less_than_its_error(expression):
    """At (0, 0) these gradients are exactly 0, and what differences make of that has no direction."""
    arrows = gradviz.render(gradviz.Quiver(expression=expression, dpi=30)).axes[0].collections[0]
    at_zero = (np.abs(np.ravel(arrows.X)) < 1e-12) & (np.abs(np.ravel(arrows.Y)) < 1e-12)
    assert at_zero.sum() == 1
    assert hidden(arrows)[at_zero].all()
    assert hidden(arrows).sum() == 1


def test_the_longest_true_arrow_is_told_whatever_stands_behind():
    """The gradient of x*y is 2*sqrt(2) at the corners; the field behind reaches farther, to 3."""
    figure = gradviz.render(gradviz.Quiver(expression="x*y", arrows="true", heat=True, dpi=30))
    assert any("the longest $2.8$" in text.get_text() for text in figure.legends[0].get_texts())


def test_a_gradient_lost_in_rounding_is_not_called_zero():
    """1e6 + 1e-7*x*y has a gradient, of which differences can tell nothing."""
    spec = gradviz.Quiver(expression="1e6 + 1e-7*x*y", dpi=30)
    assert "the gradient is nowhere reliable" in gradviz.sample(spec).warnings
    steps = gradviz.sample(gradviz.Quiver(expression="floor(x + 0.1)"))
    assert "the gradient is zero everywhere" in steps.warnings


@pytest.mark.parametrize(
    "fields", [{}, {"style": "paper"}, {"style": "dark"}, {"size": (6.4, 5)}, {"ascent": True}]
)
def test_pictures_of_the_usual_size_have_17_arrows_along_an_axis(fields):
    """Where no count is asked for, 17 arrows stand along both axes."""
    assert gradviz.Quiver(expression="x0**2 + 3*x1", **fields).sample_counts() == (17, 17)


@pytest.mark.parametrize(
    "fields",
    [
        {"size": (3, 2)},
        {"size": (2, 4)},
        {"size": (5, 3.5), "sweep": {"a": [1, 2, 3, 4, 5, 6]}},
        {"size": (3, 2), "range": {"x0": (-4, 4), "x1": (-1, 3)}},
    ],
)
def test_a_small_picture_has_as_many_arrows_as_can_be_seen(fields):
    """Neighbours stand 7 to 14 points apart on the shorter side of the axes, and an odd number in a row."""
    given = {"expression": "a*x0**2 + 3*x1", **({} if "sweep" in fields else {"set": {"a": 1}})}
    figure = gradviz.render(gradviz.Quiver(**given, **fields))
    figure.draw_without_rendering()
    (arrows,) = figure.axes[0].collections
    count = len({*arrows.X})
    assert count % 2 == 1
    box = figure.axes[0].get_window_extent()
    apart = min(box.width, box.height) * 72 / figure.dpi / count
    assert 7 < apart < 14


def test_a_count_that_is_asked_for_holds_in_every_size():
    """In a small picture, too, there are as many arrows as `samples` or the steps of a range say."""
    small = {"expression": "a*x0 + 3*x1", "size": (2, 2)}
    sweep = gradviz.Quiver(**small, samples=(21, 14), sweep={"a": [1, 2]})
    assert {still.spec.sample_counts() for still in sweep.stills()} == {(21, 14)}
    steps = {"x0": (-2, 2, 0.25), "x1": (-1, 3, 0.2)}
    spec = gradviz.Quiver(**small, range=steps, sweep={"a": [1, 2]})
    assert {still.spec.sample_counts() for still in spec.stills()} == {(16, 20)}
    assert not any("samples" in warning for warning in gradviz.sample(spec).warnings)


def test_the_arrow_in_a_legend_is_as_large_as_its_letters():
    """In small pictures, whose letters are smaller, it is smaller in proportion."""

    def measured(**fields):
        figure = gradviz.render(gradviz.Quiver(expression="x0**2 + 3*x1", samples=5, arrows="log", **fields))
        (entry,) = figure.legends[0].legend_handles
        return entry.get_markersize(), figure.legends[0].get_texts()[0].get_fontsize()

    (size, letter), (small, small_letter) = measured(), measured(size=(3, 2))
    assert small == pytest.approx(size * small_letter / letter)
    assert small < 0.6 * size


@pytest.mark.parametrize(("expression", "more"), [("1/(x0**2 + x1**2)", True), ("x0**2 + 3*x1", False)])
def test_the_longest_arrows_stand_for_more_if_some_are_cut(expression, more):
    """Where the sizes near a pole are cut off, the legend says `or more`."""
    figure, *_ = drawn(expression=expression, arrows="true", range=(-2, 2), samples=(17, 17))
    texts = [
        text.get_text()
        for one in [*figure.legends, figure.axes[0].get_legend()]
        if one
        for text in one.get_texts()
    ]
    (told,) = (text for text in texts if "the longest" in text)
    assert told.endswith("or more") == more


def test_a_view_beside_the_figure_is_told():
    """Nothing of the arrows lies there, and a warning says where they are."""
    warnings = gradviz.sample(gradviz.Quiver(**F, xlim=(5, 6))).warnings
    assert "xlim shows nothing of the figure: x0 is drawn from -2 to 2, which range changes" in warnings
    assert gradviz.sample(gradviz.Quiver(**F, xlim=(1, 6), ylim=(-9, 9))).warnings == ()
