"""Figures of descent: paths of optimizers over contours, on a surface and on axes."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.figures.paths import COMPONENT_COLOURS
from gradviz.output.mpl.rendering import scene_of
from gradviz.presets import load_presets
from gradviz.sampling.surface import SurfaceView, hidden, viewer_of
from gradviz.scene.marks import Follower, Lines, Markers, Rule
from gradviz.scene.style import STYLES
from gradviz.specs.plane import view_ratio

ELLIPSE = "x**2/20 + y**2"
F = {
    "expression": ELLIPSE,
    "start": [-7, 2],
    "range": {"x": (-9, 4), "y": (-3, 3)},
    "samples": (27, 19),
    "dpi": 30,
}
FOUR = [
    "sgd,learning_rate=0.95",
    "momentum,learning_rate=0.1",
    "adagrad,learning_rate=1.5",
    "adam,learning_rate=0.3",
]
BOOK = load_presets(["book"])


def drawn(**fields):
    """Return the figure of a descent."""
    return gradviz.render(gradviz.Descent(**{**F, **fields}))


def lines(axes, words):
    """Return the lines on axes whose mark, or for a path whose optimizer, has a name with such a start."""
    figure = axes.figure
    marks = [mark.marker if isinstance(mark, Follower) else mark
             for mark in figure.scene.panels[figure.axes.index(axes)].marks
             if isinstance(mark, (Lines, Markers, Follower, Rule))]  # fmt: skip
    names = [
        "" if isinstance(mark, Rule) else mark.group if mark.name == "path" else mark.name for mark in marks
    ]
    return [line for line, name in zip(axes.lines, names, strict=True) if name.startswith(words)]


def sampled(**fields):
    """Return what a descent samples."""
    return gradviz.sample(gradviz.Descent(**{**F, **fields}))


# Paths ----------------------------------------------------------------------------------------------------


def test_the_line_has_the_points_of_the_path():
    """Gradient descent at rate 0.9 takes x to 0.91 x and y to -0.8 y; the line shows all, the start first."""
    axes = drawn(optimizers="sgd,learning_rate=0.9", steps=12).axes[0]
    (line,) = lines(axes, "SGD")
    k = np.arange(13)
    np.testing.assert_allclose(line.get_xdata(), -7 * 0.91**k)
    np.testing.assert_allclose(line.get_ydata(), 2 * (-0.8) ** k)
    (start,), (end,) = lines(axes, "start"), lines(axes, "end")
    np.testing.assert_allclose([*start.get_xdata(), *start.get_ydata()], [-7, 2])
    np.testing.assert_allclose([*end.get_xdata(), *end.get_ydata()], [-7 * 0.91**12, 2 * 0.8**12])


def test_the_order_of_vars_is_that_of_the_start():
    """With --vars y,x a start is (y, x), and the path the same with its coordinates exchanged."""
    one = sampled(optimizers="adam,learning_rate=0.3", range=None).paths[0].points
    other = (
        sampled(optimizers="adam,learning_rate=0.3", range=None, vars=["y", "x"], start=[2, -7])
        .paths[0]
        .points
    )
    np.testing.assert_allclose(one, other[:, ::-1])


def test_each_optimizer_and_start_has_a_path():
    """Two optimizers from three starts are six paths, in two colours with two entries in the legend."""
    figure = drawn(optimizers=FOUR[:2], start=[[-7, 2], [-5, -1], [3, 2]], steps=4)
    axes = figure.axes[0]
    assert len(lines(axes, "SGD")) == len(lines(axes, "Momentum")) == 3
    colours = {line.get_color() for line in (*lines(axes, "SGD"), *lines(axes, "Momentum"))}
    assert colours == set(STYLES["default"].paths[:2])
    legend = axes.get_legend() or figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == [
        "SGD, learning rate 0.95",
        "Momentum, learning rate 0.1",
    ]


def test_the_gradient_is_exact_unless_asked_otherwise():
    """The default method is exact; the book's differences give another path, if nearly the same."""
    assert gradviz.Descent(expression="x*y").method == "exact"
    rosenbrock = {"expression": "(1 - x)**2 + 100*(y - x**2)**2", "start": [-1, 1], "range": (-2, 2),
                  "optimizers": "sgd,learning_rate=0.001"}  # fmt: skip
    exact, central = (sampled(**rosenbrock, method=m).paths[0].points[-1] for m in ("exact", "central"))
    assert 0 < np.abs(exact - central).max() < 1e-5


def test_where_nothing_is_given_the_start_and_the_rate_are_chosen_and_told():
    """The choice is inside the range, does not diverge, goes downhill, and notes say what it is."""
    for expression in (ELLIPSE, "1e6*(x - y)**4 + y**2", "abs(x) + abs(y)", "x - 3*y", "log(x) * y**2", "5"):
        samples = gradviz.sample(gradviz.Descent(expression=expression, samples=21))
        (path,) = samples.paths
        assert path.diverged is None
        assert path.values[-1] <= path.values[0]
        assert (np.abs(path.points[0]) <= 3).all()
        told = " ".join(samples.warnings)
        assert all(f"{x:g}" in told for x in (*path.points[0], path.optimizer.learning_rate)), told


def test_the_range_is_wide_enough_for_the_starts():
    """Where no range is given, all starts lie inside it; a start outside of a given one is told."""
    spec = gradviz.Descent(expression=ELLIPSE, start=[[-7, 2], [1, -40]])
    assert spec.interval("x")[0] < -7
    assert spec.interval("y")[0] < -40
    told = " ".join(sampled(range=(-2, 2), optimizers="sgd,learning_rate=0.1").warnings)
    assert "outside of the picture" in told
    assert "(-7, 2)" in told


def test_a_start_without_a_value_is_refused():
    """No path starts where the function is undefined."""
    with pytest.raises(RequestError, match=r"\(-7, 2\)"):
        sampled(expression="sqrt(x + 1) + y**2")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expression": "exp(x**2) + y**2", "start": (2.5, 0)}, "beyond double precision, at step 1"),
        ({"expression": "sqrt(x) + y**2", "start": (0.1, 0)}, "left where the function is defined at step 1"),
        (
            {"expression": "x**2 + y**2", "start": (2, 0), "where": "x > 1.5"},
            "left where where holds at step 1",
        ),
        ({"expression": "sqrt(x) + y**2", "start": (0.25, 0)}, "found no gradient to follow at step 2"),
        ({"expression": "x**4 + y**2", "start": (3, 0)}, "diverged at step 2"),
        ({"expression": "x**2 - y**4", "start": (1, 2)}, "ran downhill, far beyond the picture, at step 3"),
    ],
)
def test_why_a_path_ends_is_told(fields, words):
    """Divergence, a fall without end, overflow, the edges of the domain and of --where are told apart."""
    told = " ".join(sampled(optimizers="sgd,learning_rate=0.25", range=(-3, 3), **fields).warnings)
    assert f"{words}: its path is cut there" in told


@pytest.mark.parametrize(
    ("expression", "start", "words"),
    [
        ("x**2 + y**2", (0, 1), "where does not hold at the start (0, 1)"),
        ("log(x - 2) + y**2", (1.5, 1), "the function is undefined at the start (1.5, 1)"),
        ("exp(x**4) + y**2", (9, 1), "the function is too large at the start (9, 1)"),
    ],
)
def test_why_a_path_cannot_start_is_told(expression, start, words):
    """A start outside of --where is not called undefined, nor one where the function is too large."""
    with pytest.raises(RequestError) as caught:
        sampled(expression=expression, start=start, where="x > 1")
    assert words in str(caught.value)


def test_of_newton_on_a_valley_with_steep_walls(run):
    """From 1.2 on log(cosh(x)) Newton's steps overshoot further each time, uphill: that is divergence.

    Each goes from x to x - tanh(x) cosh(x)^2, which is x - sinh(2x)/2.
    """
    how = ("--start", "1.2,1", "--optimizer", "newton", "--dpi", "40")
    answer = run("descent", "log(cosh(x)) + y**2", *how, "--json")
    assert answer.json["paths"][0]["diverged_at"] == 3
    x = 1.2
    for _ in range(3):
        x -= math.sinh(2 * x) / 2
    assert answer.json["paths"][0]["end"][0] == pytest.approx(x, rel=1e-9)
    assert "diverged at step 3" in answer.err


def test_a_start_of_one_number_is_told_the_other(run):
    """A start needs a number for each variable."""
    answer = run("descent", "x**4 + y**2", "--start", "1.5")
    assert answer.code == 2
    assert answer.err == "error: --start: a start has 2 numbers, x, y, not 1.5; write for example 1.5,0\n"


def test_a_path_that_hardly_moves_is_told():
    """With Adam's usual rate of 0.001, thirty steps are too short to be seen."""
    assert "adam hardly moved" in " ".join(sampled(optimizers="adam").warnings)


def test_newton_without_curvature_makes_no_step_and_says_why():
    """On a plane or a roof no learning rate would help, which is not said of it; with curvature it moves."""
    for expression in ("x + 3*y", "abs(x) + abs(y)"):
        told = sampled(expression=expression, start=[1, 2], optimizers="newton").warnings
        assert "newton makes no step from (1, 2): the function has no curvature there along its slope" in told
        assert not any("learning_rate" in note for note in told)
    told = sampled(expression="x**2 + 3*y", start=[1, 2], optimizers="newton").warnings
    assert not any("makes no step" in note for note in told)


def test_a_start_without_a_slope_is_told():
    """At a saddle no learning rate would help, which is not said of it; another start is told as ever."""
    told = sampled(expression="x**2 - y**2", start=[[0, 0], [1, 1]], optimizers=["adam", "lion"]).warnings
    assert "the gradient is 0 at the start (0, 0): no path leads away from there" in told
    assert sum("hardly moved" in note for note in told) == 1
    (told,) = sampled(expression="x**2 - y**2", start=[0, 0], optimizers=["adam", "lion"]).warnings
    assert "hardly moved" not in told


# Divergence -----------------------------------------------------------------------------------------------


def test_a_path_that_diverges_is_cut_told_and_drawn(run):
    """Rate 1.1 takes y to -1.2 y: the command says at which step it diverged, and draws a picture."""
    answer = run("descent", ELLIPSE, "--start", "-7,2", "--optimizer", "sgd,learning_rate=1.1", "--json")
    (path,) = answer.json["paths"]
    assert answer.code == 0
    assert path["diverged"] is True
    assert f"diverged at step {path['steps']}" in answer.err
    assert path["diverged_at"] == path["steps"] < 30
    np.testing.assert_allclose(path["end"], [-7 * 0.89 ** path["steps"], 2 * (-1.2) ** path["steps"]])
    assert gradviz.load("descent.png").steps == 30


@pytest.mark.parametrize("on", ["contour", "surface", "axes"])
def test_whatever_diverges_keeps_the_view(on):
    """However far a path goes, the view stays that of the range, and the picture can be drawn."""
    rates = [f"sgd,learning_rate={rate}" for rate in (0.5, 0.001)]
    figure = drawn(expression="x**4 + y**4", optimizers=rates, on=on, loss=True)
    figure.canvas.draw()
    axes = figure.axes[0]
    assert axes.get_xlim()[0] >= -10
    assert axes.get_xlim()[1] <= 5
    for line in axes.lines:
        shown = np.asarray(line.get_data_3d() if on == "surface" else line.get_data())
        assert np.abs(shown[np.isfinite(shown)]).max(initial=0) < 1e5
    if on == "contour":
        assert len(lines(axes, "start")) == 2
        assert len(lines(axes, "end")) == 1


def test_many_that_diverge_are_one_note():
    """Six paths that diverge are one note, which names some and counts the rest."""
    starts = [[-7, k] for k in (-2, -1.5, -1, 1, 1.5, 2)]
    told = [
        note
        for note in sampled(start=starts, optimizers="sgd,learning_rate=1.5").warnings
        if "diverged" in note
    ]
    assert len(told) == 1
    assert "and 2 more" in told[0]


# Panels, loss, surface, parts, tuning ---------------------------------------------------------------------


def test_each_optimizer_has_a_panel_with_its_name():
    """Four optimizers are two rows of two panels, each with one path and its name (F19)."""
    figure = gradviz.render(BOOK["f19-optimizers"])
    assert len(figure.axes) == 4
    for axes, name in zip(figure.axes, ("SGD", "Momentum", "AdaGrad", "Adam"), strict=True):
        assert axes.get_title().startswith(name)
        assert [len(line.get_xdata()) for line in lines(axes, name)] == [31]
        assert (axes.get_xlim(), axes.get_ylim()) == ((-10, 10), (-10, 10))
        assert axes.get_subplotspec().get_gridspec().get_geometry() == (2, 2)


def loss_of(figure):
    """Return the axes with the function against the step."""
    (axes,) = (axes for axes in figure.axes if axes.get_xlabel() == "step")
    return axes


def test_the_loss_is_the_function_against_the_step():
    """The last panel has a line for each path: f at each step, on a logarithmic axis where f falls far."""
    figure = drawn(optimizers=["sgd,learning_rate=0.5", "newton"], steps=6, loss=True)
    axes = loss_of(figure)
    sgd, newton = axes.lines
    k = np.arange(7)
    expected = (-7 * 0.95**k) ** 2 / 20 + np.where(k == 0, 4, 0)
    np.testing.assert_allclose(sgd.get_ydata(), expected)
    np.testing.assert_allclose(newton.get_ydata(), np.where(k == 0, 6.45, 0), atol=1e-25)
    assert axes.get_yscale() == "log"
    assert (
        loss_of(drawn(expression="x - 3*y", optimizers="sgd,learning_rate=0.1", loss=True)).get_yscale()
        == "linear"
    )


def test_a_spike_of_the_loss_is_cut_and_said():
    """AdaGrad's first step, 31 along each axis, leads to 869; the rest, up to 5.45, fills the picture."""
    fields = {"expression": f"{ELLIPSE} - 1", "loss": True, "range": None}
    both = {"optimizers": ["adagrad,learning_rate=31", "adam,learning_rate=0.3"]}
    low, high = loss_of(drawn(**fields, **both)).get_ylim()
    assert low < -1
    assert 5.45 < high < 12
    (note,) = (note for note in sampled(**fields, **both).warnings if "loss shows" in note)
    assert "adagrad (learning_rate 31) from (-7, 2) rises to 869 at step 1" in note
    assert "loss shows" not in " ".join(sampled(**fields, optimizers="adam,learning_rate=0.3").warnings)


LONG = [
    "adamw,learning_rate=0.3,b1=0.85,b2=0.95,weight_decay=0.02",
    "momentum,learning_rate=0.1,momentum=0.8",
    "rmsprop,learning_rate=0.05,decay=0.85",
    "sgd,learning_rate=0.95",
]


def words_of(axes):
    """Return the boxes of all that is written around axes."""
    texts = [axes.title]
    for axis in (getattr(axes, f"{name}axis") for name in "xyz" if hasattr(axes, f"{name}axis")):
        low, high = axis.get_view_interval()
        ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
        texts += [axis.label, *(text for place, text in ticks if low <= place <= high)]
    return [text.get_window_extent() for text in texts if text.get_text()]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"optimizers": FOUR},
        {"on": "surface"},
        {"style": "paper"},
        {"panels": False},
        {"on": "surface", "panels": False},
    ],
)
def test_beside_the_loss_no_words_lie_on_a_neighbour(fields):
    """What is written around one panel touches nothing of another one, and one legend names all paths."""
    both = {"panels": True, "loss": True, "optimizers": FOUR[:2]}
    spec = gradviz.Descent(**{**F, "range": None, "dpi": 80, **both, **fields})
    figure = gradviz.render(spec)
    figure.canvas.draw()
    for axes in figure.axes:
        for other in figure.axes:
            boxes = [*words_of(other), *([] if other.name == "3d" else [other.get_window_extent()])]
            if axes is not other:
                assert not any(word.overlaps(box) for word in words_of(axes) for box in boxes)
    (legend,) = [*figure.legends, *filter(None, (axes.get_legend() for axes in figure.axes))]
    assert len(legend.get_texts()) == len(spec.optimizers)
    flat = loss_of(figure).get_window_extent()
    assert flat.height / flat.width == pytest.approx(0.8 if spec.on == "surface" else view_ratio(spec))


@pytest.mark.slow
def test_axes_of_equal_units_fill_the_width():
    """Whatever letters take of the height, so much is added that panels are as wide as the figure."""
    for fields in (
        {"panels": True},
        {"loss": True},
        {"panels": True, "loss": True, "style": "paper"},
        {"anatomy": 2},
    ):
        figure = drawn(optimizers=FOUR[:2], range=None, **fields)
        figure.canvas.draw()
        assert figure.get_tightbbox().width > 0.93 * figure.get_figwidth()


def test_level_lines_lie_closer_where_the_paths_are():
    """Several levels are below a start at 6.45, all follow one law, and the colour bar shows them."""
    figure = drawn(optimizers="sgd,learning_rate=0.9", range=(-10, 10), samples=41)
    levels = figure.axes[0].collections[0].levels
    figure.canvas.draw()
    marks = np.array([float(text.get_text()) for text in figure.axes[1].get_yticklabels()])
    for heights in (levels, marks):
        assert (heights < 6.45).sum() >= 4
        assert np.log(heights[1:] / heights[:-1]).max() < 2 * np.log(heights[1:] / heights[:-1]).min()
        assert heights[-1] > 40
    assert np.isclose(marks[:, None], levels).any(axis=1).all()


def test_a_path_on_the_surface_has_the_heights_of_its_points():
    """All that is drawn of the path lies on the surface, its dots at the steps, where nothing hides them."""
    axes = drawn(optimizers="sgd,learning_rate=0.9", steps=9, on="surface", elev=89).axes[0]
    found = [np.asarray(line.get_data_3d()).T for line in axes.lines]
    for points in found:
        there = points[np.isfinite(points).all(axis=1)]
        np.testing.assert_allclose(there[:, 2], there[:, 0] ** 2 / 20 + there[:, 1] ** 2, atol=1e-12)
    dots = [np.asarray(line.get_data_3d()).T for line in lines(axes, "dots")]
    shown = np.concatenate([part[np.isfinite(part).all(axis=1)] for part in dots])
    np.testing.assert_allclose(np.sort(shown[:, 0]), -7 * 0.91 ** np.arange(10))


def box_limits(panel):
    """Return the limits (2, 3) of a box, low and high."""
    return np.array([axis.limits for axis in (panel.x, panel.y, panel.z)]).T


def seen(spec, field):
    """Return the surface of a field over (-3, 3), as the viewer of a figure sees it."""
    (panel,) = scene_of(spec).panels
    camera, limits = panel.camera, box_limits(panel)
    viewer = viewer_of(camera.elevation, camera.azimuth, camera.zoom, limits)
    return SurfaceView(field, viewer, np.array([[-3, -3, limits[0, 2]], [3, 3, limits[1, 2]]]))


@pytest.mark.parametrize(("elev", "azim", "size"), [(30, -60, None), (-20, 200, None), (90, 0, (2, 1.5))])
def test_the_viewer_is_where_matplotlib_projects_no_depth(elev, azim, size):
    """The viewer by arithmetic is the centre of Matplotlib's projection, for a smaller box, too."""
    spec = gradviz.Surface(expression="x - 3*y", samples=9, dpi=40, elev=elev, azim=azim, size=size)
    (panel,) = scene_of(spec).panels
    axes = gradviz.render(spec).axes[0]
    projection = axes.get_proj()[[0, 1, 3]]
    expected = np.linalg.solve(projection[:, :3], -projection[:, 3])
    camera = panel.camera
    viewer = viewer_of(camera.elevation, camera.azimuth, camera.zoom, box_limits(panel))
    np.testing.assert_allclose(viewer, expected, rtol=1e-9, atol=1e-9)


def test_what_is_behind_a_hill_is_hidden():
    """Of a steep hill seen from the side, the near slope is seen and the far one is not, from any side."""
    hill = gradviz.field("5*exp(-x**2 - y**2)")
    for azim in (0, 90, 200):
        spec = gradviz.Surface(expression=hill.text, elev=10, azim=azim, samples=21)
        view = seen(spec, hill)
        toward = np.array([np.cos(np.radians(azim)), np.sin(np.radians(azim))])
        places = np.array([0.8, -0.8, -1.5])[:, None] * toward
        points = np.column_stack((places, hill(places)))
        assert hidden(view, points).tolist() == [False, True, True]


def test_nothing_is_hidden_on_a_plane_nor_seen_from_above():
    """A plane hides none of its points, and from straight above nothing hides anything."""
    places = np.random.default_rng(1).uniform(-2.9, 2.9, (40, 2))
    for expression, elev in (("x + 3*y", 20), ("x + 3*y", -20), ("sin(x)*y + x**2", 90)):
        field = gradviz.field(expression)
        view = seen(gradviz.Surface(expression=expression, elev=elev, samples=21), field)
        assert not hidden(view, np.column_stack((places, field(places)))).any()


def test_hidden_parts_are_dashed_and_the_rest_solid():
    """A path over a ridge is solid before it and dashed behind it, and together they are the whole path."""
    axes = drawn(expression="3*exp(-x**2) + 0*y", start=[0.001, 0], optimizers="sgd,learning_rate=0.3",
                 range=(-3, 3), on="surface", azim=180, elev=10).axes[0]  # fmt: skip
    (front,), (behind,) = lines(axes, "SGD"), lines(axes, "behind")
    seen, dashed = (np.isfinite(line.get_data_3d()[0]) for line in (front, behind))
    assert (seen | dashed).sum() == len(seen) - (~(seen | dashed)).sum()
    assert front.get_linestyle() == "-"
    assert behind.get_linestyle() != "-"
    assert dashed.any()
    assert np.nanmin(behind.get_data_3d()[0]) > np.nanmin(front.get_data_3d()[0])


def test_the_parts_of_each_kth_update_are_arrows():
    """Of 9 steps of momentum every 4th has its parts: minus the gradient times the rate, and the velocity."""
    figure = drawn(optimizers="momentum,learning_rate=0.1", steps=9, anatomy=4)
    axes = figure.axes[0]
    arrows = {
        name: [a for a in axes.collections if a.get_label() == f"_{name}"] for name in COMPONENT_COLOURS
    }
    assert {name: len(found) for name, found in arrows.items()} == {
        "gradient": 3, "momentum": 2, "scaling": 0, "decay": 0}  # fmt: skip
    path = sampled(optimizers="momentum,learning_rate=0.1", steps=9).paths[0].points
    places = np.array([arrow.get_offsets()[0] for arrow in arrows["gradient"]])
    np.testing.assert_allclose(places, path[[0, 4, 8]])
    (said, *causes), scale = parts_told(figure)
    assert causes == ["part: gradient", "part: momentum"]
    assert "cut" not in said
    for arrow, (x, y) in zip(arrows["gradient"], places, strict=True):
        np.testing.assert_allclose([arrow.U[0], arrow.V[0]], scale * np.array([-x / 10, -2 * y]) * 0.1)


def parts_told(figure):
    """Return what the legend says of parts, and the number of times that their arrows are as long."""
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    words = words[next(row for row, word in enumerate(words) if word.startswith("parts")) :]
    return words, float(words[0].split()[3])


def test_arrows_of_all_panels_have_the_scale_of_the_legend():
    """Each arrow is as many times as long as its part as the legend says, or shorter where that says so."""
    fields = {"optimizers": ["sgd,learning_rate=0.95", "adam,learning_rate=0.3"], "steps": 40, "anatomy": 3}
    figure = drawn(**fields, panels=True)
    (said, *_), scale = parts_told(figure)
    assert said.endswith("some cut")
    ratios = []
    for axes, path in zip(figure.axes, sampled(**fields).paths, strict=True):
        arrows = [artist for artist in axes.collections if artist.get_label()[1:] in COMPONENT_COLOURS]
        for arrow, part in zip(arrows, path.components, strict=True):
            drawn_size, size = np.hypot(arrow.U[0], arrow.V[0]), np.hypot(*part.vector)
            ratios.append(drawn_size / size)
            assert drawn_size <= 0.3 * 6
    assert np.isclose(ratios, scale).any()
    assert min(ratios) < 0.9 * scale
    assert max(ratios) <= scale * (1 + 1e-12)


def test_the_parts_are_in_the_json(run):
    """Every K-th update is the sum of its parts in the report of its path."""
    flags = ("--start", "-7,2", "--optimizer", "adam,learning_rate=0.3", "--steps", "7", "--samples", "9")
    (path,) = run("descent", ELLIPSE, *flags, "--anatomy", "3", "--json", "-q").json["paths"]
    points = sampled(optimizers="adam,learning_rate=0.3", steps=7).paths[0].points
    assert {part["update"] for part in path["parts"]} == {1, 4, 7}
    for update in (1, 4, 7):
        parts = [part for part in path["parts"] if part["update"] == update]
        np.testing.assert_allclose(parts[0]["at"], points[update - 1])
        together = np.sum([part["vector"] for part in parts], axis=0)
        np.testing.assert_allclose(together, points[update] - points[update - 1], atol=1e-12)
    assert "parts" not in run("descent", ELLIPSE, *flags, "--json", "-q").json["paths"][0]


def test_tuned_rates_are_told_in_the_note_the_legend_and_the_json(run):
    """With --tune the paths have the rates that the note says, each better than twice or half of it."""
    answer = run(
        "descent", ELLIPSE, "--start", "-7,2", "--optimizer", "sgd", "--optimizer", "adam", "--tune", "--json"
    )
    rates = [path["hyperparameters"]["learning_rate"] for path in answer.json["paths"]]
    assert f"sgd {rates[0]:g}, adam {rates[1]:g}" in answer.err
    tuned = sampled(optimizers="sgd", tune=True).paths[0].values.mean()
    for factor in (0.5, 2):
        other = sampled(optimizers=f"sgd,learning_rate={factor * rates[0]!r}").paths[0].values.mean()
        assert tuned < other


def test_what_takes_long_is_said_before_it_is_begun(run, monkeypatch):
    """Many rates over many steps are announced, unless quiet; what is done in no time is not."""

    def stop(*_):
        raise RequestError("begun")

    monkeypatch.setattr("gradviz.sampling.sample.sample", stop)
    flags = ("descent", ELLIPSE, "--tune", "--optimizer", "sgd", "--optimizer", "adam", "--steps")
    announced = "note: to tune 2 x 40 learning rates over 10,000 steps takes a while\n"
    assert run(*flags, "10000").err == f"{announced}error: begun\n"
    assert run(*flags, "10000", "-q").err == run(*flags, "500").err == "error: begun\n"


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("fields", [{}, {"panels": True, "loss": True}, {"on": "surface"}, {"on": "axes"},
                                    {"critical": True, "panels": True},
                                    {"filled": True, "anatomy": 2}])  # fmt: skip
def test_every_style_draws(style, fields):
    """Each way to draw has a picture in each style."""
    drawn(style=style, optimizers=FOUR[:2], steps=5, **fields).canvas.draw()


@pytest.mark.parametrize(
    ("fields", "inside"), [({}, True), ({"style": "paper"}, False), ({"anatomy": 2}, False)]
)
def test_a_legend_that_would_cover_the_picture_stands_below_it(fields, inside):
    """Few entries in a large picture stand inside, and others below, so that the picture becomes higher."""
    figure = drawn(optimizers=FOUR[:3], steps=5, **fields)
    assert (figure.axes[0].get_legend() is not None) == inside
    assert len(figure.legends) == (not inside)


@pytest.mark.parametrize("on", ["contour", "surface", "axes"])
def test_a_mark_at_a_minimum_leaves_the_end_of_a_path_in_sight(on):
    """The mark is an outline around the end, and the legend shows a smaller one."""
    figure = drawn(optimizers="newton", steps=2, on=on, critical=True)
    (mark,) = lines(figure.axes[0], "minima")
    end = np.array([part[-1] for part in (mark.get_data_3d() if on == "surface" else mark.get_data())])
    np.testing.assert_allclose(end[:2], 0, atol=1e-6)
    assert mark.get_markerfacecolor() == "none"
    widest = max(line.get_markersize() for line in figure.axes[0].lines if line is not mark)
    assert mark.get_markersize() > widest
    legend = figure.axes[0].get_legend() or figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["Newton, learning rate 1", "minima"]
    assert legend.get_lines()[1].get_markersize() < mark.get_markersize()


def test_twelve_optimizers_can_be_told_apart():
    """No two of twelve paths have the same colour and dashes."""
    from gradviz.optimizers import OPTIMIZERS

    axes = drawn(optimizers=list(OPTIMIZERS), steps=3).axes[0]
    looks = {
        (line.get_color(), line.get_linestyle())
        for line in axes.lines
        if line.get_label() not in ("_start", "_end")
    }
    assert len(looks) == 12


# The book's figures ---------------------------------------------------------------------------------------


def test_the_end_of_the_books_points():
    """Twenty steps of rate 0.1 from (-3, 4) on the bowl end at (-0.03458765, 0.04611686) (F15)."""
    (path,) = gradviz.sample(BOOK["f15-points"]).paths
    np.testing.assert_allclose(path.points[-1], [-0.03458765, 0.04611686], atol=5e-9)
    axes = gradviz.render(BOOK["f15-points"]).axes[0]
    (dots,) = lines(axes, "SGD")
    assert (len(dots.get_xdata()), dots.get_linestyle(), dots.get_marker()) == (21, "None", "o")
    assert (axes.get_xlim(), axes.get_ylim()) == ((-3.5, 3.5), (-4.5, 4.5))
    assert [line.get_linestyle() for line in axes.lines if line is not dots] == ["--", "--"]


def test_the_first_steps_of_the_books_descent():
    """SGD at 0.9 from (-7, 2) goes to (-6.37, -1.6), then (-5.7967, 1.28), over levels 0 to 9 (F16)."""
    samples = gradviz.sample(BOOK["f16-sgd"])
    np.testing.assert_allclose(samples.paths[0].points[1:3], [(-6.37, -1.6), (-5.7967, 1.28)])
    figure = gradviz.render(BOOK["f16-sgd"], samples)
    (line,) = lines(figure.axes[0], "SGD")
    assert (line.get_color(), line.get_marker(), len(line.get_xdata())) == ("red", "o", 101)
    np.testing.assert_allclose(figure.axes[0].collections[0].levels, np.arange(10))


# Data -----------------------------------------------------------------------------------------------------


def test_the_report_has_what_programs_rely_on(run):
    """Each path tells its optimizer, hyperparameters, start, end, value, steps, and whether it diverged."""
    answer = run(
        "descent", ELLIPSE, "--start", "-7,2", "--optimizer", "adam,learning_rate=0.3", "--json", "-q"
    )
    (path,) = answer.json["paths"]
    assert path["hyperparameters"] == {"learning_rate": 0.3, "b1": 0.9, "b2": 0.999, "eps": 1e-8}
    assert (path["optimizer"], path["start"], path["steps"], path["diverged"]) == ("adam", [-7, 2], 30, False)
    assert path["value"] == pytest.approx(path["end"][0] ** 2 / 20 + path["end"][1] ** 2)


@pytest.mark.parametrize("form", ["csv", "json", "npz"])
def test_the_data_are_the_points_of_the_paths(form, run, here):
    """One row a point: the optimizer, the step, the variables and f; path after path."""
    flags = [
        "--start",
        "-7,2",
        "--start",
        "1,1",
        "--optimizer",
        FOUR[0],
        "--optimizer",
        "newton",
        "--steps",
        "3",
    ]
    assert run("descent", ELLIPSE, *flags, "--data", f"d.{form}").code == 0
    if form == "csv":
        rows = list(csv.reader((here / "d.csv").read_text().splitlines()))
        table = dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))
        assert rows[0] == ["optimizer", "step", "x", "y", "f"]
    elif form == "json":
        table = json.loads((here / "d.json").read_text())
    else:
        table = np.load(here / "d.npz")
    assert list(table["optimizer"]) == ["sgd"] * 8 + ["newton"] * 8
    assert [int(step) for step in table["step"]] == [0, 1, 2, 3] * 4
    x, y, f = (np.array([float(value) for value in table[name]]) for name in "xyf")
    np.testing.assert_allclose(f, x**2 / 20 + y**2)
    np.testing.assert_allclose(x[:3], [-7, -7 * 0.905, -7 * 0.905**2])


def test_optimizers_of_one_name_are_told_apart_in_the_data():
    """Where two have one name, the column has their hyperparameters, too."""
    names = sampled(optimizers=["sgd,learning_rate=0.5", "sgd,learning_rate=0.25"], steps=1).columns()[
        "optimizer"
    ]
    assert names == ["sgd,learning_rate=0.5"] * 2 + ["sgd,learning_rate=0.25"] * 2


def test_inspect_and_redraw_know_the_optimizers(run):
    """What a picture shows is told in words, and another optimizer can be asked for."""
    run("descent", ELLIPSE, "--start", "-7,2", "--optimizer", FOUR[0], "--samples", "9")
    told = run("inspect", "descent.png").out.decode()
    assert "sgd, learning_rate = 0.95" in told
    assert "--optimizer sgd,learning_rate=0.95" in told
    assert run("redraw", "descent.png", "--with", "optimizers=adam,learning_rate=0.3").code == 0
    assert gradviz.load("descent.png").optimizers == ({"name": "adam", "learning_rate": 0.3},)


def test_a_wrong_optimizer_is_told_by_its_flag(run):
    """The message names the option as it is typed, the fault and the nearest right word."""
    answer = run("descent", "x*y", "--optimizer", "adan")
    assert answer.code == 2
    assert answer.err.startswith("error: --optimizer: unknown optimizer 'adan'; did you mean 'adam'")


@pytest.mark.parametrize("start", ["1", [1], 5, [[1, 2], [3]], [1, 2, 3]])
def test_a_start_has_as_many_numbers_as_the_plane(start):
    """A start of one number or of three is refused in words, however it is written."""
    with pytest.raises(RequestError, match="a start has 2 numbers"):
        gradviz.Descent(expression="x**2/20 + y**2", start=start)


@pytest.mark.parametrize("size", [(5, 4), (8, 4), (4, 6)])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_in_a_small_picture_no_words_of_panels_lie_on_a_neighbour(size, count):
    """Names, numbers and labels become smaller with the panels; a name that is too long has several lines."""
    spec = gradviz.Descent(**{**F, "dpi": 80, "optimizers": LONG[:count], "panels": True, "size": size})
    figure = gradviz.render(spec)
    figure.canvas.draw()
    assert tuple(figure.get_size_inches()) == size
    words = [words_of(axes) for axes in figure.axes]
    for place, mine in enumerate(words):
        for box in mine:
            assert figure.bbox.x0 <= box.x0 <= box.x1 <= figure.bbox.x1
            assert not any(box.overlaps(other) for others in words[place + 1 :] for other in others)


@pytest.mark.parametrize("optimizers", [FOUR[:1], FOUR[:2]])
def test_beside_the_loss_starts_are_told_apart_by_dashes(optimizers):
    """Two lines of one optimizer differ, each is as its path, and the legend names the starts."""
    starts = [(-2, 1.5), (1, -1)]
    figure = drawn(start=starts, optimizers=optimizers, loss=True, range=None)
    ground, values = figure.axes[0], loss_of(figure)
    count = len(optimizers)
    lines = values.get_lines()
    looks = [(line.get_color(), line.get_linestyle()) for line in lines]
    assert len({*looks}) == 2 * count
    assert len({color for color, _ in looks}) == count
    for line, (color, dashes) in zip(lines, looks, strict=True):
        start = starts[("-", "--").index(dashes)]
        assert line.get_ydata()[0] == pytest.approx(start[0] ** 2 / 20 + start[1] ** 2)
        (path,) = (
            one
            for one in ground.get_lines()
            if (one.get_color(), one.get_linestyle(), one.get_marker()) == (color, dashes, "o")
        )
        assert tuple(path.get_xydata()[0]) == start
    legend = figure.axes[0].get_legend() or figure.legends[0]
    entries = dict(zip([text.get_text() for text in legend.get_texts()], legend.legend_handles, strict=True))
    assert entries["from (\N{MINUS SIGN}2, 1.5)"].get_linestyle() == "-"
    assert entries["from (1, \N{MINUS SIGN}1)"].get_linestyle() == "--"


def test_starts_are_not_told_apart_where_that_says_nothing():
    """Without values, with one start, with more starts than dashes, and on a surface all lines are whole."""
    two = [(-2, 1.5), (1, -1)]
    for fields in (
        {"start": two},
        {"start": two[:1], "loss": True},
        {"start": [(k, 1) for k in range(5)], "loss": True},
    ):
        figure = drawn(**fields, optimizers=FOUR[:1], range=None)
        lines = [line for axes in figure.axes for line in axes.get_lines() if line.get_linestyle() != "None"]
        assert {line.get_linestyle() for line in lines} == {"-"}
