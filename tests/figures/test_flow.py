"""What may stand behind arrows and streamlines, and lines through points."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.patches import FancyArrowPatch
from matplotlib.quiver import Quiver

import gradviz
from gradviz.errors import RequestError
from gradviz.figures import quiver, stream
from gradviz.output.mpl.colours import with_maps
from gradviz.scene.style import STYLES
from gradviz.specs import spec_from

# The function that shows an exchange of axes: its gradient is (2 x0, 3), over unequal ranges, unequal counts.
F = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (9, 14), "dpi": 30}
both_kinds = pytest.mark.parametrize("kind", ["quiver", "stream"])


def spec(kind, **fields):
    """Return a spec of the function above; streamlines that are few are soon drawn."""
    return spec_from({"kind": kind, **F, **({"density": 0.3} if kind == "stream" else {}), **fields})


def drawn(kind, **fields):
    """Return the axes of a figure."""
    return gradviz.render(spec(kind, **fields)).axes[0]


def depicted(one):
    """Return in words what a figure shows."""
    return {"quiver": quiver, "stream": stream}[one.kind].depict(one, gradviz.sample(one))


def height(points):
    return points[..., 0] ** 2 + 3 * points[..., 1]


def words(axes):
    """Return what the legend below says."""
    return [text.get_text() for legend in axes.figure.legends for text in legend.get_texts()]


def luminance(colour):
    """The relative luminance of sRGB, as WCAG 2.2 defines it."""
    parts = np.asarray(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@both_kinds
def test_level_lines_behind_are_those_of_the_function(kind):
    """Each point of a line has the line's height, and the legend tells how far apart they are."""
    axes = drawn(kind, contour=True)
    (levels,) = (found for found in axes.collections if isinstance(found, QuadContourSet))
    lines = [(level, path.vertices) for level, path in zip(levels.levels, levels.get_paths(), strict=True)]
    assert sum(len(points) for _, points in lines) > 1000
    for level, points in lines:
        np.testing.assert_allclose(height(points), level, atol=2e-3)
    (said,) = words(axes)
    assert float(re.search(r"\$([\d.]+)\$ apart", said)[1]) == np.diff(levels.levels)[0]
    others = [found for found in axes.collections if found is not levels]
    assert all(levels.get_zorder() < found.get_zorder() for found in others)


@both_kinds
def test_heat_is_the_size_of_the_gradient_at_the_place_of_each_dot(kind):
    """The picture behind has sqrt(4 x0^2 + 9) in the middle of each dot, and fills the axes."""
    axes = drawn(kind, heat=True)
    (image,) = axes.images
    array, (left, right, bottom, top) = image.get_array(), image.get_extent()
    rows, columns = array.shape
    assert min(rows, columns) > 200
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    np.testing.assert_allclose(array, np.broadcast_to(np.sqrt(4 * x**2 + 9), array.shape), rtol=1e-8)
    assert image.origin == "lower"
    assert left <= axes.get_xlim()[0] < axes.get_xlim()[1] <= right
    assert bottom <= axes.get_ylim()[0] < axes.get_ylim()[1] <= top


def test_heat_is_not_upside_down():
    """The gradient of exp(x1) grows upwards, and so do the sizes in the picture behind."""
    (image,) = drawn("quiver", expression="exp(x1) + 0*x0", heat=True).images
    (_, _, bottom, top), array = image.get_extent(), image.get_array()
    y = bottom + (np.arange(len(array)) + 0.5) * (top - bottom) / len(array)
    np.testing.assert_allclose(array, np.broadcast_to(np.exp(y)[:, None], array.shape), rtol=1e-8)


@both_kinds
@pytest.mark.parametrize("samples", [2, (5, 8), 60])
def test_the_finer_mesh_has_the_points_of_the_figure(kind, samples):
    """Each point of an arrow or streamline is one of what stands behind, with the same gradient."""
    found = gradviz.sample(spec(kind, heat=True, samples=samples))
    fine = {tuple(np.round(point, 9)): place for place, point in enumerate(found.fine.points.reshape(-1, 2))}
    places = [fine[tuple(np.round(point, 9))] for point in found.points.reshape(-1, 2)]
    np.testing.assert_allclose(
        found.fine_slopes.estimate.gradient.reshape(-1, 2)[places], found.gradient.reshape(-1, 2), atol=1e-8
    )
    assert min(found.fine.points.shape[:2]) > 200


@both_kinds
def test_the_data_is_that_of_the_figure_s_own_points(kind, run, here):
    """What stands behind adds no row to --data."""
    run(
        kind, F["expression"], "-n", "5,8", "--heat", "--contour", "--through", "1,1", "--data", "d.csv", "-q"
    )
    with (here / "d.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 40


@both_kinds
@pytest.mark.parametrize("style", STYLES)
def test_on_heat_marks_have_one_ink_that_can_be_read(kind, style):
    """The colours are the field's; the ink has a contrast of 3 to all of them; the scale stands beside."""
    axes = drawn(kind, heat=True, style=style)
    (image,) = axes.images
    marks = [found for found in axes.collections if isinstance(found, (Quiver, LineCollection))]
    assert all(found.get_array() is None for found in marks)
    (ink,) = {tuple(colour[:3]) for found in marks for colour in (
        found.get_facecolor() if isinstance(found, Quiver) else found.get_edgecolor()
    )}  # fmt: skip
    assert min(contrast(ink, colour[:3]) for colour in image.cmap(np.linspace(0, 1, 50))) >= 3
    _, bar = axes.figure.axes
    assert r"\nabla f" in bar.get_ylabel()


@pytest.mark.parametrize("name", ["viridis", "RdBu_r", "gray", "Greys", "twilight"])
def test_ink_on_any_map_has_the_better_contrast_or_an_outline(name):
    """Where neither black nor white has a contrast of 3 to all colours, the other of them is around it."""
    from matplotlib import colormaps

    maps = with_maps(STYLES["default"], name).maps
    least = {
        colour: min(contrast(colour, part[:3]) for part in colormaps[name](np.linspace(0, 1, 33)))
        for colour in ("#111111", "#ffffff")
    }
    assert least[maps.ink] == max(least.values())
    assert maps.outline == (None if least[maps.ink] >= 3 else min(least, key=least.get))


def test_colour_is_that_of_arrows_on_heat_too():
    """--color holds on a field, which keeps its map and its scale."""
    axes = drawn("quiver", heat=True, color="red", cmap="magma")
    (arrows,) = (found for found in axes.collections if isinstance(found, Quiver))
    np.testing.assert_allclose(arrows.get_facecolor()[0], [1, 0, 0, 1])
    assert axes.images[0].cmap.name == "magma"
    assert len(axes.figure.axes) == 2
    warnings = spec("quiver", heat=True, color="red", cmap="magma").warnings
    assert not any("no effect" in warning for warning in warnings)


@both_kinds
@pytest.mark.parametrize("ascent", [False, True])
def test_a_line_through_a_point_leads_through_it_along_the_gradient(kind, ascent):
    """Along it x1 - 3/2 log x0 stays the same, from edge to edge; its head points the way of the figure."""
    axes = drawn(kind, through=(1, 0.5), ascent=ascent)
    colour = to_rgb(STYLES["default"].accents[0])
    (line,) = (
        found
        for found in axes.collections
        if isinstance(found, LineCollection) and np.allclose(found.get_edgecolor()[0][:3], colour)
    )
    points = np.concatenate(line.get_segments())
    points = points[points[:, 0] > 0.02]
    np.testing.assert_allclose(points[:, 1] - 1.5 * np.log(points[:, 0]), 0.5, atol=0.02)
    assert np.abs(points - [1, 0.5]).max(axis=1).min() < 1e-6
    assert points[:, 1].min() < -0.95
    assert points[:, 0].max() > 1.95
    heads = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)
             and np.allclose(patch.get_facecolor()[:3], colour)]  # fmt: skip
    (tail, tip) = np.array(heads[0]._posA_posB)
    assert (height(tip) > height(tail)) == ascent
    (dot,) = (found for found in axes.lines if found.get_label() == "_through")
    assert dot.get_xydata().tolist() == [[1, 0.5]]
    assert words(axes) == ["through (1, 0.5)"]


def test_lines_through_many_points_are_explained_once():
    """Two points are named; more are counted."""
    assert words(drawn("quiver", through=[(1, 0), (-1, 2)])) == ["through (1, 0), (\N{MINUS SIGN}1, 2)"]
    assert words(drawn("quiver", through=[(1, 0), (-1, 2), (0.5, 0)])) == ["through 3 points"]


@both_kinds
@pytest.mark.parametrize(
    ("point", "options", "told"),
    [
        ("3,0", [], "x0 is drawn from -2 to 2"),
        ("0,-1.5", [], "x1 is drawn from -1 to 3"),
        ("1.9,0", ["-r", "x0=-2:2:0.5"], "x0 is drawn from -2 to 1.5"),
        ("1,2,3", [], "a point has 2 numbers, x0, x1, not 1,2,3"),
        ("-1,0", ["--where", "x0 > 0"], "--where does not hold there"),
    ],
)
def test_a_point_that_no_line_can_lead_through_is_refused(kind, point, options, told, run, here):
    """The message says which point, and what would do; nothing is drawn."""
    ranges = ["-r", "x1=-1:3", *([] if "-r" in options else ["-r", "x0=-2:2"])]
    answer = run(kind, F["expression"], *ranges, *options, f"--through={point}", "-n", "9")
    assert answer.code == 2
    assert told in answer.err
    assert "through" in answer.err
    assert not list(here.glob("*.png"))


@both_kinds
def test_a_point_where_the_function_is_undefined_is_refused(kind):
    """What has no value has no gradient to follow."""
    with pytest.raises(RequestError, match=r"no line leads through \(-1, 0\): the function is undefined"):
        gradviz.sample(spec(kind, expression="log(x0) + x1", through=(-1, 0)))


@both_kinds
@pytest.mark.parametrize(
    ("expression", "point", "why"),
    [
        ("x0**2 + x1**2", (0, 0), "the gradient is 0 there"),
        ("abs(x0) + 2*x1", (0, 1), "the gradient turns or jumps there"),
        ("x0**2 + x1**2", (1e-3, 1e-3), "the gradient turns or jumps close by"),
    ],
)
def test_a_point_without_a_way_is_told(kind, expression, point, why):
    """At a minimum or on a kink there is the dot alone, and a note."""
    one = spec(kind, expression=expression, through=point)
    told = f"no line leads through ({point[0]:g}, {point[1]:g}): {why}"
    assert any(told in warning for warning in gradviz.sample(one).warnings)
    (dot,) = (found for found in gradviz.render(one).axes[0].lines if found.get_label() == "_through")
    assert dot.get_xydata().tolist() == [list(point)]


@both_kinds
def test_a_legend_counts_the_lines_that_are_there(kind):
    """A point without a line is told apart from those with one, in the legend and in the description."""
    saddle = {"expression": "x0*x1", "range": (-2, 2)}
    assert words(drawn(kind, **saddle, through=(0, 0))) == ["no line through (0, 0)"]
    both = {**saddle, "through": [(1, 0.5), (0, 0)]}
    assert words(drawn(kind, **both)) == ["through (1, 0.5)", "no line through (0, 0)"]
    led, lost = drawn(kind, **both).figure.legends[0].legend_handles
    assert (led.get_linestyle(), lost.get_linestyle(), lost.get_marker()) == ("-", "None", "o")
    three = spec(kind, **saddle, through=[(1, 0.5), (0, 0), (1, -0.5), (0.5, 1)])
    assert words(gradviz.render(three).axes[0]) == ["through 3 points", "no line through (0, 0)"]
    assert "through (1, 0.5), (1, -0.5), (0.5, 1)" in depicted(three)


@both_kinds
def test_nothing_leads_or_lies_across_a_jump(kind):
    """At x0 = 1/3 the function jumps: no level line and no line through a point has points on both sides."""
    axes = drawn(kind, expression="x0 + 5*heaviside(x0 - 1/3) + x1**2", contour=True, through=(0, 1))
    (levels,) = (found for found in axes.collections if isinstance(found, QuadContourSet))
    pieces = [piece for path in levels.get_paths() for piece in path.to_polygons(closed_only=False)]
    pieces += [part for found in axes.collections if isinstance(found, LineCollection)
               for part in found.get_segments()]  # fmt: skip
    assert len(pieces) > 5
    for piece in pieces:
        assert (piece[:, 0] <= 1 / 3 + 1e-9).all() or (piece[:, 0] >= 1 / 3 - 1e-9).all()


@pytest.mark.parametrize("fields", [{"heat": True}, {}, {"color": "red"}, {"style": "book"}])
def test_what_lies_beyond_the_scale_is_counted(fields):
    """Beside a spike the scale ends early, its bar says so, and a note tells how many sizes lie beyond."""
    one = spec_from(
        {"kind": "quiver", "expression": "x0 + 1/((x0-0.1)**2 + x1**2)", "dpi": 30, "samples": 21, **fields}
    )
    samples = gradviz.sample(one)
    warnings = [warning for warning in samples.warnings if "the scale ends" in warning]
    if fields and "heat" not in fields:
        assert warnings == []
        return
    figure = gradviz.render(one, samples)
    shown = figure.axes[0].images[0] if "heat" in fields else figure.axes[0].collections[-1]
    sizes, end = np.ma.compressed(shown.get_array()), shown.norm.vmax
    what = "points" if "heat" in fields else "arrows"
    beyond = np.count_nonzero(sizes > end)
    assert beyond
    assert warnings == [
        f"the scale ends at a gradient of {end:.3g}; {beyond:,} of {sizes.size:,} {what} have a greater one"
    ]
    assert shown.colorbar.extend == "max"


@both_kinds
def test_heights_that_have_no_level_line_are_told(kind):
    """Beside a pole the level lines end, and a note says where."""
    warnings = gradviz.sample(spec(kind, expression="1/(x0*x1)", contour=True)).warnings
    assert any("have no level lines" in warning for warning in warnings)


def test_words_tell_what_stands_behind():
    """The description says how long arrows are, what is behind them and where lines lead."""
    told = spec("quiver", heat=True, contour=True, stream=True, arrows="log", through=[(1, 0.5)])
    assert depicted(told) == (
        "arrows along the negative gradient, as long as the logarithm of its size, with streamlines, over "
        "colours of its size and level lines, with lines along it through (1, 0.5)"
    )
    lines = spec("stream", ascent=True, contour=True, through=[(k / 9, 0) for k in range(6)])
    assert depicted(lines).endswith("through (0, 0), (0.1111, 0), (0.2222, 0), (0.3333, 0) and 2 more points")
    grey = spec("quiver", style="book")
    assert depicted(grey) == "arrows along the negative gradient, of true length"


@both_kinds
@pytest.mark.parametrize("expression", ["2*x0 - x1", "3*x0 + 4*x1"])
@pytest.mark.parametrize("heat", [False, True])
def test_a_gradient_of_one_size_has_the_middle_of_the_scale(kind, expression, heat):
    """Its colour can be seen, and the one mark of the scale beside it is its size."""
    size = {"2*x0 - x1": 5**0.5, "3*x0 + 4*x1": 5.0}[expression]
    axes = drawn(kind, expression=expression, heat=heat, colorbar=True)
    shown, bar = colours_of(axes), axes.figure.axes[-1]
    np.testing.assert_allclose(shown.norm(np.asarray(shown.get_array())), 0.5, atol=1e-6)
    axes.figure.canvas.draw()
    (mark,) = (text.get_text() for text in bar.get_yticklabels())
    assert float(mark) == pytest.approx(size, rel=1e-3)


def colours_of(axes):
    """Return the artist whose colours are the size of the gradient."""
    found = [*axes.images, *(one for one in axes.collections if one.get_array() is not None)]
    return found[0]
