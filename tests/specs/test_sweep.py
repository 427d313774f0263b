"""Figures over values of a parameter: panels and frames."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

import gradviz
from gradviz.errors import RequestError
from gradviz.limits import FRAMES, PANELS
from gradviz.output.metadata import described_scene, encode, load
from gradviz.output.mpl.animation import frame_steps, frames
from gradviz.output.mpl.reach import box_bounds
from gradviz.output.mpl.rendering import render
from gradviz.sampling.sample import sample
from gradviz.specs.values import distinct_texts

F = "a*x0**2 + 3*x1 + x1**2"
PLANE = {"expression": F, "range": {"x0": (-2, 1), "x1": (-1, 3)}, "samples": (7, 9), "dpi": 30}
VALUES = (1.0, 2.5, 4.0)
SWEEP = {"sweep": {"a": VALUES}}
KINDS = {
    "contour": {"kind": gradviz.Contour},
    "bands": {"kind": gradviz.Contour, "filled": True},
    "quiver": {"kind": gradviz.Quiver},
    "true arrows": {"kind": gradviz.Quiver, "style": "book"},
    "stream": {"kind": gradviz.Stream, "density": 0.3},
    "surface": {"kind": gradviz.Surface},
    "wireframe": {"kind": gradviz.Surface, "plot": "wireframe"},
    "descent": {"kind": gradviz.Descent, "start": [-1, 2], "optimizers": "sgd,learning_rate=0.1", "steps": 4},
}
every_kind = pytest.mark.parametrize("way", KINDS)


def spec(way, **fields):
    """Return the spec of a way to draw, swept unless the fields say otherwise."""
    kind, *_ = (given := {**PLANE, **SWEEP, **KINDS[way], **fields}).pop("kind"), None
    return kind(**given)


def at(way, value, **fields):
    """Return the spec of the single picture at a value."""
    return spec(way, sweep={}, set={"a": value}, **fields)


def panels(picture):
    """Return the axes of a picture but those of scales of colours."""
    return [axes for axes in picture.axes if not hasattr(axes, "_colorbar")]


def grid():
    """Return the coordinates (9, 7) of the mesh."""
    return np.meshgrid(np.linspace(-2, 1, 7), np.linspace(-1, 3, 9))


def sizes():
    """Return the sizes (3, 9, 7) of the gradient at all values."""
    x0, x1 = grid()
    return np.stack([np.hypot(2 * a * x0, 3 + 2 * x1) for a in VALUES])


def heights():
    """Return the values of the function (3, 9, 7) at all values."""
    x0, x1 = grid()
    return np.stack([a * x0**2 + 3 * x1 + x1**2 for a in VALUES])


# One scale for all ----------------------------------------------------------------------------------------


@every_kind
def test_each_panel_has_its_value_as_its_title_and_there_is_one_scale(way):
    """There is a panel for each value, in their order, with one title above and at most one scale."""
    picture = render(spec(way))
    assert [axes.get_title() for axes in panels(picture)] == ["$a = 1$", "$a = 2.5$", "$a = 4$"]
    assert len(picture.axes) - 3 == (way not in ("true arrows", "wireframe"))
    assert "a" in picture.get_suptitle()
    assert "with" not in picture.get_suptitle()


def test_the_colours_of_all_arrows_are_those_of_the_same_sizes():
    """The scale of each panel's arrows ends at the greatest gradient of all panels."""
    arrows = [axes.collections[0] for axes in panels(render(spec("quiver")))]
    for found, of_value in zip(arrows, sizes(), strict=True):
        assert (found.norm.vmin, found.norm.vmax) == (0, pytest.approx(sizes().max()))
        np.testing.assert_allclose(found.get_array().compressed(), of_value.ravel(), rtol=1e-9)


def test_arrows_of_true_length_have_one_scale():
    """An arrow twice as long stands for a gradient twice as large, in whichever panel; Matplotlib's rule."""
    arrows = [axes.collections[0] for axes in panels(render(spec("true arrows")))]
    expected = 1.8 * sizes().mean() * 10
    assert [found.scale for found in arrows] == pytest.approx([expected] * 3)
    assert arrows[0].U[3] == pytest.approx(4 * (2 - 3 * 0.5) * 0.5, abs=9)
    for found, a in zip(arrows, VALUES, strict=True):
        np.testing.assert_allclose(np.asarray(found.U), -2 * a * grid()[0].ravel(), atol=1e-8)


@pytest.mark.parametrize("way", ["contour", "bands"])
def test_levels_are_the_same_everywhere_and_reach_over_all_heights(way):
    """The levels of each panel are those of one picture of all heights."""
    drawn = [axes.collections[0] for axes in panels(render(spec(way)))]
    low, high = heights().min(), heights().max()
    for found in drawn:
        np.testing.assert_array_equal(found.levels, drawn[0].levels)
    step = np.diff(drawn[0].levels)[0]
    assert low - step <= drawn[0].levels[0] <= low + step
    assert high - step <= drawn[0].levels[-1] <= high + step
    assert 6 < len(drawn[0].levels) < 20


@pytest.mark.parametrize("way", ["surface", "wireframe"])
def test_boxes_are_equally_high(way):
    """The view along z is that of all heights, with the margin that Matplotlib has."""
    low, high = heights().min(), heights().max()
    margin = (high - low) / 48
    for axes in panels(render(spec(way))):
        assert axes.get_zlim() == pytest.approx((low - margin, high + margin))


def test_surfaces_have_one_scale_of_colours():
    """A colour stands for the same height in all boxes."""
    for axes in panels(render(spec("surface"))):
        norm = axes.collections[0].norm
        assert (norm.vmin, norm.vmax) == pytest.approx((heights().min(), heights().max()))


def test_curves_with_tangents_have_one_view():
    """The view along y is the same in all panels, and all curves can be seen."""
    one = gradviz.Tangent(expression="a*x**2 + x", sweep="a=-1:2:4", range=(-1, 2), at=[0.5], dpi=30)
    found = panels(render(one))
    x = np.linspace(-1, 2, 501)
    curves = np.stack([a * x**2 + x for a in (-1, 0, 1, 2)])
    assert len({axes.get_ylim() for axes in found}) == 1
    low, high = found[0].get_ylim()
    assert low <= curves.min()
    assert high >= curves.max()
    for axes, curve in zip(found, curves, strict=True):
        np.testing.assert_allclose(axes.lines[0].get_ydata(), curve)


@every_kind
def test_the_data_of_a_panel_are_those_of_the_single_picture(way):
    """What is evaluated at a value is what is evaluated for the picture at that value alone."""
    swept = sample(spec(way))
    for value, found in zip(VALUES, swept.members, strict=True):
        single = sample(at(way, value))
        np.testing.assert_array_equal(found.values, single.values)
        assert found.columns() == single.columns()


def test_a_pole_at_one_value_leaves_the_scale_usable():
    """The ends of the scale are those of all values, each without what its pole reaches."""
    one = gradviz.Surface(expression="1/(x0**2 + x1**2 + a)", sweep="a=0,1", samples=41, dpi=30)
    (low, high), (other_low, other_high) = (axes.get_zlim() for axes in panels(render(one)))
    assert (low, high) == (other_low, other_high)
    assert high < 100
    assert any("cut off" in warning for warning in sample(one).warnings)


def test_a_panel_without_any_of_the_levels_says_so():
    """Where all levels lie above a panel's heights, it says so, and the others are drawn."""
    one = gradviz.Contour(expression="a*x0**2 + a*x1**2", sweep="a=0,0.001,5", levels=[9, 20], dpi=30)
    first, second, third = panels(render(one))
    assert "constant" in first.texts[0].get_text()
    assert "none of these levels" in second.texts[0].get_text()
    assert third.collections


# How it looks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "shape"), [(2, (1, 2)), (4, (2, 2)), (5, (2, 3)), (12, (3, 4)), (36, (6, 6))]
)
def test_panels_make_a_near_square_and_no_two_overlap(count, shape):
    """Rows and columns are about equally many, all is inside the picture, and labels are at its edges."""
    picture = render(spec("contour", sweep=f"a=1:3:{count}", dpi=60))
    picture.canvas.draw()
    found = panels(picture)
    geometry = found[0].get_subplotspec().get_gridspec().get_geometry()
    assert geometry == shape
    boxes = [axes.get_tightbbox() for axes in found]
    for place, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= picture.bbox.x1
        assert box.y1 <= picture.bbox.y1
        assert box.count_overlaps(boxes[place + 1 :]) == 0
        assert bool(found[place].get_ylabel()) == (place % shape[1] == 0)
        assert bool(found[place].get_xlabel()) == (place + shape[1] >= count)
    (bar,) = set(picture.axes) - set(found)
    assert bar.get_tightbbox().count_overlaps(boxes) == 0


def test_a_size_that_is_asked_for_holds():
    """The picture is as large as it is asked to be, and its panels lie inside."""
    picture = render(spec("surface", size=(5, 6)))
    assert picture.get_size_inches().tolist() == [5, 6]
    assert all(
        box_bounds(axes).y0 >= 0 and box_bounds(axes).y1 <= picture.bbox.height for axes in panels(picture)
    )


def test_many_boxes_are_bare_and_what_they_show_is_told():
    """From four boxes in a row on, one line below says what all of them show."""
    picture = render(spec("surface", sweep="a=1:4:12"))
    (text,) = picture.texts[1:] if picture.texts[0] is picture._suptitle else picture.texts
    assert "$x_{0}$ from $-2$ to $1$" in text.get_text()
    assert not any(axes.get_zlabel() for axes in panels(picture))


@pytest.mark.parametrize("count", [3, 6])
def test_up_to_three_boxes_in_a_row_have_all_their_labels(count):
    """Each axis of each box has a label that lies on no other box, and so has the scale of colours."""
    picture = render(spec("surface", sweep=f"a=1:3:{count}", dpi=60))
    picture.canvas.draw()
    found = panels(picture)
    assert {(axes.get_xlabel(), axes.get_ylabel()) for axes in found} == {("$x_{0}$", "$x_{1}$")}
    assert len({axes.get_zlabel() for axes in found} - {""}) == 1
    boxes = [box_bounds(axes) for axes in found]
    assert all(box.count_overlaps(boxes[place + 1 :]) == 0 for place, box in enumerate(boxes))
    (bar,) = set(picture.axes) - set(found)
    assert bar.get_ylabel() == found[0].get_zlabel()
    assert bar.get_tightbbox().count_overlaps(boxes) == 0


def test_panels_have_one_legend():
    """What all panels explain is explained once, below them."""
    picture = render(spec("descent"))
    (legend,) = picture.legends
    assert [text.get_text() for text in legend.get_texts()] == ["SGD, learning rate 0.1"]


@pytest.mark.parametrize(
    ("numbers", "fixed", "texts"),
    [
        ((1.0, 1.5), False, ["1", "1.5"]),
        ((1 / 3, 2 / 3), False, ["0.3333", "0.6667"]),
        ((1.00001, 1.00002), False, ["1.00001", "1.00002"]),
        ((1.0, 1.25, 1.5), True, ["1.00", "1.25", "1.50"]),
        ((1.0, 2.0, 5.0), True, ["1", "2", "5"]),
        ((1e-9, 1.0), True, ["1e-09", "1"]),
        ((1.0, float(np.nextafter(1, 2))), False, ["1", "1.0000000000000002"]),
    ],
)
def test_values_are_told_in_few_digits_and_no_two_alike(numbers, fixed, texts):
    """Four digits where they tell values apart, else more; in frames all have as many decimals."""
    assert distinct_texts(numbers, fixed=fixed) == texts


# Frames ---------------------------------------------------------------------------------------------------


@every_kind
def test_there_is_a_frame_for_each_value_in_which_nothing_jumps(way):
    """All frames have the axes where the last one has them, and each says its value."""
    picture = render(spec(way, animate=True))
    assert frame_steps(picture.frames.scenes) == [0, 1, 2]
    picture.canvas.draw()
    places = [axes.get_position().bounds for axes in panels(picture)]
    for place, label in enumerate(("1.0", "2.5", "4.0")):
        frame = picture.frames[place]
        frame.canvas.draw()
        found = [axes.get_position().bounds for axes in panels(frame)]
        np.testing.assert_allclose(found, places, rtol=1e-12)
        assert frame.get_size_inches().tolist() == picture.get_size_inches().tolist()
        assert f"a = {label}" in frame.axes[0].get_title()
        assert frame.axes[0].get_xlim() == picture.axes[0].get_xlim()
        assert frame.axes[0].get_ylim() == picture.axes[0].get_ylim()


@pytest.mark.parametrize("way", ["quiver", "surface", "bands"])
def test_the_last_frame_is_the_whole_picture(way):
    """Drawn in the layout that is kept, with the scale that stays, a frame is what drawing all anew gives."""
    picture = render(spec(way, animate=True, dpi=60))
    *_, last = frames(picture, [0, 2])
    picture.canvas.draw()
    assert np.abs(last.astype(int) - np.asarray(picture.canvas.buffer_rgba())).max() <= 3


def test_a_frame_shows_what_the_panel_shows():
    """The arrows of a frame are those of the panel at its value, and so are their colours."""
    pictures = render(spec("quiver", animate=True)).frames
    for picture, axes in zip(pictures, panels(render(spec("quiver"))), strict=True):
        frame, panel = picture.axes[0].collections[0], axes.collections[0]
        np.testing.assert_array_equal(frame.get_array(), panel.get_array())
        np.testing.assert_array_equal(frame.U, panel.U)
        assert frame.norm.vmax == panel.norm.vmax


def test_the_file_has_all_frames_in_colours_that_serve_all():
    """A GIF of a sweep has a frame a value, at the pace of --fps, and no pixel is far from its colour."""
    one = spec("bands", animate=True, fps=5, dpi=60)
    picture = render(one)
    with Image.open(io.BytesIO(encode(described_scene(one), one, "gif").content)) as image:
        assert image.n_frames == 3
        assert image.info["duration"] == 200
        for place, frame in enumerate(frames(picture, [0, 1, 2])):
            image.seek(place)
            away = np.abs(np.array(image.convert("RGB")).astype(int) - frame[..., :3]).max(axis=-1)
            assert (away > 24).mean() < 0.01


def test_few_values_have_time_to_be_seen():
    """Without --fps two values change twice a second, and 120 fifteen times."""
    assert spec("quiver", sweep="a=1,2", animate=True).frame_rate == 2
    assert spec("quiver", sweep="a=1:2:120", animate=True).frame_rate == 15
    assert spec("quiver").frame_rate is None


def test_a_descent_with_panels_of_its_own_is_swept_as_frames():
    """What has several panels has no others for a sweep, and moves all the same."""
    with pytest.raises(RequestError, match=r"loss.*panels of its own.*animate=True"):
        render(spec("descent", loss=True))
    assert len(render(spec("descent", loss=True, animate=True)).frames) == 3


# A surface that turns -------------------------------------------------------------------------------------


def test_a_turn_ends_where_it_began():
    """72 frames, no two alike, would go on with the first; elevation and the scale of colours stay."""
    one = gradviz.Surface(expression="x**2 + 3*x*y", spin=True, samples=9, dpi=30, elev=20, azim=-50)
    picture = render(one)
    assert one.frame_rate == 15
    assert frame_steps(picture.scene) == list(range(72))
    found = list(frames(picture, [*range(72), 72]))
    np.testing.assert_array_equal(found[0], found[72])
    assert len({frame.tobytes() for frame in found}) == 72
    axes, bar = picture.axes
    (left, low), (right, high) = bar.get_window_extent().get_points().astype(int)
    height = found[0].shape[0]
    assert all(
        (
            f[height - high : height - low, left:right] == found[0][height - high : height - low, left:right]
        ).all()
        for f in found
    )
    assert (axes.elev, axes.azim) == (20, -50 + 360)


def test_the_numbers_along_z_stay_on_the_right():
    """Whatever side is seen, the z axis is the edge of the box that is farther to the right."""
    picture = render(gradviz.Surface(expression="x**2 + 3*x*y", spin=True, samples=9, dpi=50))
    picture.canvas.draw()
    picture.set_layout_engine("none")
    (turning,) = picture.growing
    middle = picture.axes[0].get_window_extent().x0 + picture.axes[0].get_window_extent().width / 2
    for step in range(0, 72, 3):
        turning.show(step)
        picture.canvas.draw()
        assert picture.axes[0].zaxis.label.get_window_extent().x0 > middle


def test_the_file_of_a_turn_has_no_pause(run):
    """All frames of a turn stand equally long, the last one too."""
    answer = run("surface", "x*y", "--spin", "-n", 5, "--dpi", 20, "--json", "-q")
    assert (answer.code, answer.json["path"], answer.json["frames"]) == (0, "surface.gif", 72)
    with Image.open("surface.gif") as image:
        image.seek(71)
        assert image.info["duration"] == 70


def test_a_turn_over_a_sweep_turns_once():
    """With both, each value is seen from another side, and the round is the same."""
    pictures = render(spec("surface", spin=True, azim=30)).frames
    assert [picture.axes[0].azim for picture in pictures] == pytest.approx([30, 150, -90])


# What is written and refused ------------------------------------------------------------------------------

SMALL = ("contour", "a*x*y", "-n", 5, "--dpi", 20)


def test_the_data_have_the_parameter_first(run, here):
    """CSV and JSON have a column more, NPZ an array of the values beside stacked ones."""
    command = ("quiver", F, "--sweep", "a=1:4:3", "-n", "3,4", "--dpi", 20, "-q", "--data")
    for form in ("csv", "json", "npz"):
        assert run(*command, f"a.{form}", "--force").code == 0
    rows = list(csv.DictReader((here / "a.csv").read_text().splitlines()))
    assert list(rows[0])[:4] == ["a", "x0", "x1", "f"]
    assert len(rows) == 36
    for row in rows:
        a, x0, x1 = (float(row[name]) for name in ("a", "x0", "x1"))
        assert float(row["f"]) == pytest.approx(a * x0**2 + 3 * x1 + x1**2)
    assert [row["a"] for row in rows[::12]] == ["1.0", "2.5", "4.0"]
    assert json.loads((here / "a.json").read_text())["a"][::12] == [1, 2.5, 4]
    with np.load(here / "a.npz") as arrays:
        assert arrays["a"].tolist() == [1, 2.5, 4]
        assert arrays["f"].shape == (3, 4, 3)
        assert arrays["gradient"].shape == (3, 4, 3, 2)


def test_paths_have_their_value_in_the_data_and_in_the_report(run, here):
    """Each path of a sweep says at which value it was taken."""
    answer = run("descent", F, "--sweep", "a=1,2", "--start", "1,1", "--optimizer", "sgd,learning_rate=0.1",
                 "--steps", 3, "-n", 5, "--dpi", 20, "--json", "-q", "--data", "a.npz")  # fmt: skip
    assert answer.json["sweep"] == {"a": [1, 2]}
    assert [path["a"] for path in answer.json["paths"]] == [1, 2]
    assert [path["end"][0] for path in answer.json["paths"]] == pytest.approx([0.8**3, 0.6**3])
    with np.load(here / "a.npz") as arrays:
        assert arrays["a"].tolist() == [1] * 4 + [2] * 4


def test_a_parameter_called_as_what_paths_report_is_told_beside_it():
    """The values of a parameter called `steps` stand beside the number of steps."""
    one = gradviz.Descent(
        expression="steps*x**2 + y**2", sweep="steps=1,2", start=[(1, 1)], steps=3, samples=5
    )
    paths = sample(one).results["paths"]
    assert [(path["parameter steps"], path["steps"]) for path in paths] == [(1, 3), (2, 3)]


def test_a_column_of_the_same_name_is_kept():
    """A parameter called f has a column beside the function's values."""
    one = gradviz.Contour(expression="f*x*y", sweep="f=1,2", samples=3)
    assert list(sample(one).columns()) == ["parameter f", "x", "y", "f"]


def test_notes_say_for_which_values_they_hold():
    """What is said of all values is said once, and what holds for one with that value."""
    one = gradviz.Contour(expression="sqrt(a - x**2 - 0*y)", sweep="a=1,6,99", samples=9)
    warnings = sample(one).warnings
    assert sum("undefined" in warning for warning in warnings) == 2
    assert any(warning.startswith("a = 1: the function is undefined") for warning in warnings)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["contour", "a*x*y", "--sweep", "b=1:2:3"], ["'b' does not occur"]),
        (["contour", "x0*x1", "--sweep", "x0=1:2:3"], ["--sweep", "'x0' is a variable"]),
        (["tangent", "x**2", "--sweep", "x=1:2:3"], ["--sweep", "'x' is a variable"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:3", "-r", "a=0:1"], ["--sweep", "'a' is a variable"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:3", "--set", "a=1"], ["'a' has a number by --set"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:3", "--fix", "a=1"], ["'a' has a number by --fix"]),
        (["contour", "a*x*y", "--sweep", "a=1:1:3"], ["not all different"]),
        (["contour", "a*x*y", "--sweep", "a=1,2,1"], ["not all different"]),
        (["contour", "a*x*y", "--sweep", "a=1"], ["2 to 120 values, not 1"]),
        (["contour", "a*x*y", "--sweep", "a=1:2"], ["LO:HI:COUNT"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:2.5"], ["whole number"]),
        (["contour", "a*x*y", "--sweep", f"a=1:2:{FRAMES + 1}"], [f"2 to {FRAMES}"]),
        (["contour", "a*x*y", "--sweep", "1:2:3"], ["NAME=LO:HI:COUNT"]),
        (["contour", "a*x*y", "--sweep", "a=1e200,1"], ["larger than"]),
        (["contour", "a*x*y", "--sweep", f"a=1:2:{PANELS + 1}"], [f"at most {PANELS} panels", "--animate"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:3", "--animate", "-o", "a.png"], ["animate", ".gif"]),
        (["contour", "x*y", "--animate"], ["--animate", "nothing moves", "--sweep"]),
        (["surface", "x*y", "--animate"], ["--animate", "--spin or --sweep"]),
        (["surface", "x*y", "--spin", "-o", "a.png"], ["spin", ".gif"]),
        (["contour", "x*y", "-o", "a.gif"], ["does not move", "--sweep"]),
        (["contour", "sqrt(a)*x*y", "--sweep", "a=1,-1"], ["at a = -1", "not a real number"]),
        (["tangent", "a*x", "--sweep", "a=1,2", "--derivative"], ["--derivative", "panels of its own"]),
        (["contour", "a*x*y", "--sweep", "a=1:2:40", "-n", 999, "-o", "a.gif"], ["--sweep", "--samples"]),
    ],
)  # fmt: skip
def test_a_sweep_that_cannot_be_is_refused(arguments, words, run, here):
    """Wrong values, names and counts are told in words: exit 2, and nothing is written."""
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, b""), answer.err
    assert all(word in answer.err for word in words), answer.err
    assert list(here.iterdir()) == []


def test_what_always_has_several_panels_is_swept_as_frames_alone(run, here):
    """Pairs of variables are refused in panels, with the way out, and drawn as frames."""
    command = ("pairs", "a*x*y + z", "--sweep", "a=1,2", "-n", 5, "--dpi", 20, "-q")
    answer = run(*command)
    assert (answer.code, answer.out) == (2, b"")
    assert "a pairs figure has panels of its own, and none for --sweep; add --animate" in answer.err
    assert list(here.iterdir()) == []
    answer = run(*command, "--animate", "--json")
    assert (answer.code, answer.json["frames"]) == (0, 2)


def test_errors_against_steps_are_swept(run):
    """A kind needs nothing of its own to be swept: each panel shows what its single figure shows."""
    one = gradviz.Steps(expression="exp(a*x)", sweep="a=1,2", samples=9, dpi=30)
    for value, axes in zip((1, 2), panels(render(one)), strict=True):
        (single,) = panels(render(gradviz.Steps(expression="exp(a*x)", set={"a": value}, samples=9, dpi=30)))
        for line, alone in zip(axes.lines, single.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), alone.get_xydata())


@pytest.mark.parametrize("text", ["a=1:5:5", "a=0:1:7", "a=5:-1:4", "a=-1/3:2pi:60"])
def test_values_are_those_of_linspace(text):
    """LO:HI:COUNT gives the very numbers of numpy.linspace."""
    low, high, count = text[2:].split(":")
    ends = [eval(end.replace("2pi", "2*np.pi"), {"np": np}) for end in (low, high)]
    (found,) = gradviz.Contour(expression="a*x*y", sweep=text).sweep.values()
    assert found == tuple(np.linspace(*ends, int(count)).tolist())


def test_a_sweep_is_the_same_however_it_is_written(run, here):
    """A mapping, a list, NumPy's array and a text are one spec; redraw changes it, and inspect shows it."""
    ways = [
        "a=1:3:5",
        {"a": [1, 1.5, 2, 2.5, 3]},
        {"a": np.linspace(1, 3, 5)},
        {"a": "1:3:5"},
        "a=1,1.5,2,2.5,3",
    ]
    assert len({gradviz.Contour(expression="a*x*y", sweep=way) for way in ways}) == 1
    assert run(*SMALL, "--sweep", "a=1:3:5", "-q", "-o", "a.png").code == 0
    assert "--sweep a=1:3:5" in run("inspect", "a.png").lines[-1]
    assert run("redraw", "a.png", "-q", "--with", "sweep=a=2,3", "-o", "b.gif").code == 0
    assert load("b.gif") == gradviz.Contour(
        expression="a*x*y", samples=5, dpi=20, sweep="a=2,3", animate=True
    )


def test_a_function_of_a_file_is_swept_in_an_argument(here):
    """The parameter is an argument of the function, and each frame says its value."""
    (here / "own.py").write_text("def f(p, a):\n    return a * p[..., 0] ** 2 + 3 * p[..., 1]\n")
    one = gradviz.Contour(expression="own.py:f", sweep="a=1,2", samples=5, dpi=30)
    first, second = sample(one).members
    x0 = np.linspace(-3, 3, 5)
    np.testing.assert_allclose(second.values - first.values, np.tile(x0**2, (5, 1)))
    pictures = render(gradviz.Contour(**{**one.to_dict(), "animate": True})).frames
    assert pictures[0].axes[0].get_title().endswith("a = 1")


def test_a_title_of_ones_own_stands_above_the_value():
    """The user's words are kept as they are; a frame has the value below them."""
    one = spec("contour", title="so $it$ is", animate=True)
    assert render(one).frames[1].axes[0].get_title() == "so $it$ is\na = 2.5"


def test_the_colour_bar_is_there_if_any_panel_has_colours():
    """A constant function has no levels, and so no colours, whichever panel it is in."""
    for values in ((0, 1, 2), (1, 0, 2), (1, 2, 0)):
        picture = gradviz.render(gradviz.Contour(expression="a*x0*x1", sweep={"a": values}, samples=9))
        assert len(picture.axes) == 4  # three panels and the bar


def test_a_view_without_a_value_is_told_with_the_value_of_the_parameter():
    """What fails once limits are common to all is told where it fails, as what fails before."""
    spec = gradviz.Surface(expression="a*x0**2 + x1", sweep={"a": (1, 2)}, zlim=(100, 200), samples=9)
    with pytest.raises(gradviz.GradvizError, match="at a = 1: no value of the function lies between"):
        gradviz.sample(spec)
