"""Animated pictures: the frames of a GIF, and the artists that change from frame to frame."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import gradviz
from gradviz.errors import RequestError
from gradviz.limits import FRAMES
from gradviz.output.metadata import described_scene, encode, load
from gradviz.output.mpl.animation import Palette, frame_count, frame_steps, frames, gif
from gradviz.output.mpl.rendering import render, scene_of
from gradviz.scene.marks import Label
from gradviz.specs import KINDS, spec_from

F = {
    "expression": "x**2/20 + y**2",
    "start": [-7, 2],
    "range": {"x": (-9, 4), "y": (-3, 3)},
    "samples": (27, 19),
    "dpi": 40,
    "steps": 6,
    "animate": True,
}
TWO = ["sgd,learning_rate=0.9", "adam,learning_rate=0.3"]
UPHILL = {"expression": "3*exp(-x**2) + 0*y", "start": [0.2, 0], "range": (-3, 3), "on": "surface",
          "azim": 180, "elev": 10, "optimizers": "sgd,learning_rate=0.3"}  # fmt: skip
WAYS = {
    "contour": {"optimizers": TWO},
    "under the legend": {"optimizers": TWO, "start": [3.5, 2.8], "filled": True},
    "panels": {"optimizers": TWO, "panels": True, "loss": True, "style": "dark"},
    "surface": {"optimizers": TWO, "on": "surface"},
    "hidden": UPHILL,
    "axes": {"on": "axes"},
    "parts": {"optimizers": "momentum,learning_rate=0.2", "anatomy": 2},
    "critical": {"critical": True},
    "diverging": {"optimizers": ["sgd,learning_rate=3", "sgd,learning_rate=0.1"]},
}


def spec(**fields):
    return gradviz.Descent(**{**F, **fields})


def drawn(spec):
    """Return the bytes of the GIF of a spec."""
    return encode(described_scene(spec), spec, "gif").content


def lines(axes, words):
    """Return the lines on axes whose label starts with some words."""
    return [line for line in axes.lines if line.get_label().startswith(words)]


def at(picture, step):
    """Bring a picture to a step."""
    for growing in picture.growing:
        growing.show(step)
    return picture


@dataclass
class Gif:
    """What the blocks of a GIF say; the format is that of its specification of 1989."""

    size: tuple[int, int] = (0, 0)
    palette: bytes = b""
    comments: list[bytes] = field(default_factory=list)
    loops: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    boxes: list[tuple[int, ...]] = field(default_factory=list)
    local_palettes: int = 0


def parsed(content):
    """Return what a GIF says from its first to its last byte."""
    found, stream = Gif(), io.BytesIO(content)

    def number(size=2):
        return int.from_bytes(stream.read(size), "little")

    def blocks():
        parts = []
        while size := number(1):
            parts.append(stream.read(size))
        return b"".join(parts)

    assert stream.read(6) == b"GIF89a"
    found.size = number(), number()
    flags = number(1)
    stream.read(2)
    found.palette = stream.read(3 * 2 ** ((flags & 7) + 1)) if flags & 0x80 else b""
    while (mark := stream.read(1)) != b";":
        if mark == b",":
            found.boxes.append((number(), number(), number(), number()))
            flags = number(1)
            found.local_palettes += flags >> 7
            assert 2 <= number(1) <= 8
            assert blocks()
            continue
        assert mark == b"!"
        kind, data = number(1), blocks()
        if kind == 0xFE:
            found.comments.append(data)
        elif kind == 0xF9:
            found.delays.append(int.from_bytes(data[1:3], "little"))
        else:
            assert data[:11] == b"NETSCAPE2.0"
            found.loops.append(int.from_bytes(data[12:14], "little"))
    assert not stream.read()
    return found


def shown(content):
    """Return the frames (K, height, width, 3) of a GIF as Pillow shows them."""
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for place in range(image.n_frames):
            image.seek(place)
            found.append(np.array(image.convert("RGB")))
    return np.stack(found)


# Frames ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_frame_is_the_whole_picture_at_its_step(way):
    """What is drawn in layers is, but for rounding, what drawing all at once gives, at each step.

    Layout and legends, for which a place is sought whenever they are drawn, stay as they are at the end.
    """
    one = spec(**WAYS[way])
    picture, other = render(one), render(one)
    other.canvas.draw()
    other.set_layout_engine("none")
    for axes in other.axes:
        if legend := axes.get_legend():
            legend.set_loc(tuple(axes.transAxes.inverted().transform(legend.get_window_extent().p0)))
    for step, frame in zip((0, 2, 6), frames(picture, (0, 2, 6)), strict=True):
        at(other, step).canvas.draw()
        whole = np.asarray(other.canvas.buffer_rgba()).astype(int)
        assert np.abs(frame - whole).max() <= 3
        assert (frame[..., 3] == 255).all()


@pytest.mark.parametrize("way", ["contour", "panels", "surface"])
def test_the_last_frame_is_the_still_picture(way):
    """At its last step a picture is what it is in a PNG, and says the step; before, it is another one."""
    one = spec(**WAYS[way])
    still = gradviz.Descent(**{**one.to_dict(), "animate": False})
    picture = render(one)
    steps = frame_steps(picture.scene)
    with Image.open(io.BytesIO(encode(described_scene(still), still, "png").content)) as image:
        expected = np.array(image.convert("RGBA")).astype(int)
    first, last = frames(picture, (steps[0], steps[-1]))
    (label,) = [growing.artist for growing in picture.growing if isinstance(growing.part, Label)]
    (left, low), (right, high) = np.maximum(label.get_window_extent().padded(4).get_points().astype(int), 0)
    box = slice(max(len(last) - high, 0), len(last) - low), slice(left, right)
    last[box] = expected[box]
    assert np.abs(last - expected).max() <= 3
    assert np.abs(first - expected).max() > 50


def test_nothing_moves_outside_of_the_axes():
    """Title, labels, ticks and colour bar have the same pixels in all frames of the file."""
    one = spec(optimizers=TWO)
    content, picture = drawn(one), render(one)
    picture.canvas.draw()
    (left, low), (right, high) = picture.axes[0].get_window_extent().get_points().round().astype(int)
    found = shown(content)
    height = found.shape[1]
    changed = (found != found[0]).any(axis=(0, 3))
    assert changed.any()
    changed[height - high : height - low, left:right] = False
    assert not changed.any()


# Artists --------------------------------------------------------------------------------------------------


def test_the_head_of_the_path_is_where_the_point_is():
    """At step k the line has the start and k more points, and on the last of these stands the star."""
    picture = render(spec(optimizers="sgd,learning_rate=0.9"))
    (line,), (star,) = lines(picture.axes[0], "_path"), lines(picture.axes[0], "_end")
    (start,) = lines(picture.axes[0], "_start")
    for step in (0, 1, 4, 6):
        at(picture, step)
        k = np.arange(step + 1)
        np.testing.assert_allclose(line.get_xdata(), -7 * 0.91**k)
        np.testing.assert_allclose(line.get_ydata(), 2 * (-0.8) ** k)
        np.testing.assert_allclose(np.ravel(star.get_data()), [-7 * 0.91**step, 2 * (-0.8) ** step])
        np.testing.assert_allclose(np.ravel(start.get_data()), [-7, 2])
        assert (start.get_visible(), star.get_visible()) == (True, step > 0)


def test_the_loss_grows_with_the_path():
    """At step k the function is drawn at the steps up to k, and the view is that of all."""
    picture = render(spec(optimizers="sgd,learning_rate=0.5", loss=True))
    axes = next(axes for axes in picture.axes if axes.get_xlabel() == "step")
    view = axes.get_xlim(), axes.get_ylim()
    at(picture, 3)
    (line,) = axes.lines
    k = np.arange(4)
    np.testing.assert_allclose(line.get_xdata(), k)
    np.testing.assert_allclose(
        line.get_ydata(), (-7 * 0.95**k) ** 2 / 20 + np.where(k == 0, 4, 0), atol=1e-15
    )
    assert (axes.get_xlim(), axes.get_ylim()) == view


def test_on_a_surface_the_path_grows_at_its_heights():
    """Up to step k all that is drawn lies on the surface, and the star where the point is."""
    picture = render(spec(optimizers="sgd,learning_rate=0.9", on="surface", elev=89))
    at(picture, 2)
    axes = picture.axes[0]
    for line in axes.lines:
        x, y, z = (np.asarray(part, dtype=float) for part in line.get_data_3d())
        there = np.isfinite(x)
        assert (x[there] <= -7 * 0.91**2 + 1e-12).all()
        np.testing.assert_allclose(z[there], x[there] ** 2 / 20 + y[there] ** 2, atol=1e-12)
    (star,), (dots,) = lines(axes, "_end"), lines(axes, "_dots")
    np.testing.assert_allclose(np.ravel(star.get_data_3d())[:2], [-7 * 0.91**2, 2 * 0.64])
    assert len(dots.get_data_3d()[0]) == 3


def test_the_star_is_faint_where_the_surface_hides_it():
    """A path that goes over a ridge has its star before it at first, and behind it at the end."""
    picture = render(spec(**{**UPHILL, "start": [-0.001, 0], "azim": 0, "steps": 30}))
    (star,) = lines(picture.axes[0], "_end")
    alphas = [at(picture, step) and star.get_alpha() for step in (0, 30)]
    assert alphas[0] == 1
    assert alphas[1] < 1


def test_a_path_that_diverged_stops_and_the_others_go_on():
    """What left the view at an early step stays as it was then, and has no star."""
    picture = render(spec(optimizers=["sgd,learning_rate=8", "sgd,learning_rate=0.1"], steps=20))
    gone, stays = lines(picture.axes[0], "_path")
    (star,) = lines(picture.axes[0], "_end")
    counts = [at(picture, step) and (len(gone.get_xdata()), len(stays.get_xdata())) for step in (0, 10, 20)]
    assert counts[0] == (1, 1)
    assert counts[1][0] == counts[2][0] < 11
    assert [count for _, count in counts] == [1, 11, 21]
    np.testing.assert_allclose(np.ravel(star.get_data()), [stays.get_xdata()[-1], stays.get_ydata()[-1]])


def test_the_parts_of_an_update_appear_at_its_step():
    """With --anatomy 2 the arrows of the update after step 2 are seen from step 2 on."""
    picture = render(spec(optimizers="momentum,learning_rate=0.2", anatomy=2))
    arrows = [artist for artist in picture.axes[0].collections if artist.get_label() == "_gradient"]
    seen = {step: at(picture, step) and [arrow.get_visible() for arrow in arrows] for step in (0, 1, 2, 6)}
    assert seen == {0: [True, False, False], 1: [True, False, False], 2: [True, True, False], 6: [True] * 3}


# Moments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 2, 118, 119, 120, 238, 239, 5000])
def test_there_are_not_too_many_frames(steps):
    """Each step has a frame where there is room, else each k-th; the first and the last always have one."""
    one = spec(steps=steps, on="axes", optimizers="adagrad,learning_rate=0.1")
    found = frame_steps(scene_of(one))
    assert len(found) == one.frame_count
    assert (found[0], found[-1]) == (0, steps)
    assert len(found) <= FRAMES
    apart = np.diff(found)
    assert (apart[:-1] == apart[0]).all()
    assert 0 < apart[-1] <= apart[0]
    assert len(found) > FRAMES / 2 or apart[0] == 1


def test_the_pixels_of_all_frames_are_bounded(monkeypatch):
    """At the limit a picture is drawn, and one past it the error says what would do."""
    one = spec()
    width, height = render(one).canvas.get_width_height()
    monkeypatch.setattr("gradviz.output.formats.FRAME_PIXELS", 7 * width * height)
    assert frame_count(drawn(one)) == 7
    monkeypatch.setattr("gradviz.output.formats.FRAME_PIXELS", 7 * width * height - 1)
    with pytest.raises(
        RequestError, match=rf"7 frames of {width} x {height} pixels.*lower dpi or size, or .* steps"
    ):
        drawn(one)


# The file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fps", "delay"), [(1, 100), (10, 10), (12, 8), (50, 2)])
def test_the_file_is_well_formed(fps, delay):
    """One palette for all frames, a delay each, the last held longer, for ever; and the spec, before all."""
    one = spec(fps=fps, optimizers=TWO)
    content = drawn(one)
    found = parsed(content)
    assert found.size == render(one).canvas.get_width_height()
    assert (len(found.palette), found.local_palettes) == (768, 0)
    assert found.loops == [0]
    assert found.delays == [delay] * 6 + [150]
    assert found.boxes[0] == (0, 0, *found.size)
    assert len(found.boxes) == len(frame_steps(scene_of(one))) == frame_count(content) == 7
    assert all(box[2] * box[3] < found.size[0] * found.size[1] / 2 for box in found.boxes[1:])
    description, memory = found.comments
    assert description.startswith(b"Paths of optimizers")
    assert memory.startswith(b'{"gradviz"')
    assert content.index(b"!\xfe") < content.index(b",\0\0\0\0")


@pytest.mark.parametrize("way", ["under the legend", "panels", "hidden"])
def test_few_colours_are_enough(way):
    """In the file no pixel of any frame is far from its colour, and most have exactly theirs."""
    one = spec(**WAYS[way])
    picture = render(one)
    every = list(frames(picture, frame_steps(picture.scene)))
    every = [frame for place, frame in enumerate(every) if not place or (frame != every[place - 1]).any()]
    for frame, found in zip(every, shown(drawn(one)), strict=True):
        away = np.abs(frame[..., :3] - found.astype(int)).max(axis=-1)
        assert away.max() < 64
        assert (away > 12).mean() < 0.005
        assert (away == 0).mean() > 0.8


def test_equal_specs_give_equal_bytes():
    """Nothing in the file depends on when or after what it was made."""
    assert drawn(spec(optimizers=TWO, loss=True)) == drawn(spec(optimizers=TWO, loss=True))
    assert drawn(spec()) != drawn(spec(fps=11))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 254), min_size=12, max_size=12), min_size=1, max_size=6),
    st.sampled_from([1, 3, 4, 12]),
)
def test_up_to_255_colours_are_kept_exactly(cells, width):
    """Frames of few colours come back as they were, one after the other; equal neighbours are one frame."""
    colours = np.arange(255) * 655_363 % (1 << 24)  # odd, so that no two are equal
    given_frames = []
    for row in cells:
        code = colours[np.array(row)].reshape(-1, width)
        parts = [code & 255, code >> 8 & 255, code >> 16, np.full_like(code, 255)]
        given_frames.append(np.stack(parts, axis=-1).astype(np.uint8))
    palette = Palette(given_frames)
    content = gif(iter(given_frames), palette, ['{"a": 1}'], [7] * (len(cells) - 1) + [40])
    kept = [0, *(k for k in range(1, len(cells)) if (given_frames[k] != given_frames[k - 1]).any())]
    np.testing.assert_array_equal(shown(content), [given_frames[k][..., :3] for k in kept])
    found = parsed(content)
    lengths = np.diff([*kept, len(cells)])
    assert found.delays == [*(7 * int(length) for length in lengths[:-1]), 40]
    assert found.comments == [b'{"a": 1}']


def test_a_pixel_has_the_nearest_colour_of_the_palette():
    """Every colour, met or not, is given the nearest of the palette's, which are the frame's own."""
    rng = np.random.default_rng(3)
    frame = np.concatenate((rng.integers(0, 256, (60, 70, 3)), np.full((60, 70, 1), 255)), axis=-1)
    frame = frame.astype(np.uint8)
    frame[:30, :, :3] = 250, 251, 252
    palette = Palette([frame])
    assert palette.colours.shape == (255, 3)
    assert palette.colours[0].tolist() == [250, 251, 252]
    assert {*map(tuple, palette.colours.tolist())} <= {*map(tuple, frame[..., :3].reshape(-1, 3).tolist())}
    for one in (frame, np.flip(frame, axis=-1).copy()):
        away = ((one[..., None, :3].astype(int) - palette.colours.astype(int)) ** 2).sum(axis=-1)
        chosen = np.take_along_axis(away, palette.indexes(one)[..., None].astype(int), axis=-1)
        np.testing.assert_array_equal(chosen[..., 0], away.min(axis=-1))


def test_frames_are_taken_one_by_one():
    """A frame is written before the next one is asked for, and none is kept."""
    import weakref

    known = []

    def coming():
        for value in range(9):
            assert sum(one() is not None for one in known) <= 2
            frame = np.full((3, 4, 4), value, dtype=np.uint8)
            known.append(weakref.ref(frame))
            yield frame

    palette = Palette([np.zeros((3, 4, 4), dtype=np.uint8)])
    assert parsed(gif(coming(), palette, [], [1] * 9)).boxes == [(0, 0, 4, 3)] * 9


# The command line -----------------------------------------------------------------------------------------

SMALL = ("descent", "x*y", "--start", "1,2", "--dpi", 30, "-n", 9, "--steps", 3)


def test_animate_draws_a_gif(run, here):
    """Without a name the file is descent.gif; --json says its format and how many frames it has."""
    answer = run(*SMALL, "--animate", "--json", "-q")
    assert answer.code == 0
    assert (answer.json["path"], answer.json["format"], answer.json["frames"]) == ("descent.gif", "gif", 4)
    assert load("descent.gif") == gradviz.Descent(**answer.json["spec"])
    assert frame_count((here / "descent.gif").read_bytes()) == 4
    assert "frames" not in run(*SMALL, "--json", "-q").json


def test_the_suffix_gif_animates(run, here):
    """A descent in a GIF moves without --animate, and remembers that it does; from Python, too."""
    assert run(*SMALL, "-q", "-o", "a.GIF").lines == ["a.GIF"]
    run(*SMALL, "-q", "-o", "b.gif", "--animate")
    assert (here / "a.GIF").read_bytes() == (here / "b.gif").read_bytes()
    gradviz.save(load("a.GIF"), "c.gif")
    assert (here / "c.gif").read_bytes() == (here / "b.gif").read_bytes()
    one = load("a.GIF")
    gradviz.save(gradviz.Descent(**{**one.to_dict(), "animate": False}), "d.gif")
    assert load("d.gif") == one


def test_a_gif_can_be_written_to_standard_output(run, here):
    """With --animate and -o - the bytes are those of the file, and nothing else."""
    run(*SMALL, "-q", "-o", "a.gif")
    assert run(*SMALL, "-q", "--animate", "-o", "-").out == (here / "a.gif").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*SMALL, "--animate", "-o", "a.png"], ["animate", ".gif", ".webp", ".png"]),
        ([*SMALL, "--animate", "-o", "a.svg"], ["animate", ".gif", ".svg"]),
        (["quiver", "x*y", "-o", "a.gif"], ["quiver", "does not move", ".png, .svg, .pdf"]),
        (["steps", "x*y", "-o", "a.gif"], ["steps", "does not move"]),
        ([*SMALL, "--fps", "51"], ["--fps", "50"]),
        ([*SMALL, "--fps", "0"], ["--fps", "1"]),
    ],
)
def test_a_format_that_does_not_fit_is_refused(arguments, words, run, here):
    """What moves is a GIF and what cannot move is none: exit 2, in words, and nothing is written."""
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert all(word in answer.err for word in words), answer.err
    assert list(here.iterdir()) == []


def test_redraw_and_inspect_take_a_gif(run, here):
    """A GIF is drawn again to the same bytes, changed, made to stand still, and shown as a command."""
    run(*SMALL, "-q", "-o", "a.gif")
    before = (here / "a.gif").read_bytes()
    assert run("redraw", "a.gif", "-q").lines == ["a.gif"]
    assert (here / "a.gif").read_bytes() == before
    assert run("redraw", "a.gif", "-q", "--with", "steps=5", "-o", "b.gif").code == 0
    assert frame_count((here / "b.gif").read_bytes()) == 6
    assert run("redraw", "a.gif", "-q", "--with", "animate=false", "-o", "c.png").code == 0
    assert "--animate" in run("inspect", "a.gif").lines[-1]


def test_a_batch_draws_gifs_beside_stills(run, here):
    """Where a preset says animate: true the file is a GIF, and others have the format of the batch."""
    (here / "my.yaml").write_text(
        "defaults: {expression: x*y, dpi: 30, samples: 9}\n"
        "a: {kind: descent, animate: true, steps: 2}\nb: {kind: descent, steps: 2}\n"
    )
    assert run("batch", "my.yaml", "-q", "--format", "svg").lines == ["a.gif", "b.svg"]
    assert load("a.gif").animate
    assert not load("b.svg").animate
    answer = run("batch", "my.yaml", "--format", "svg", "--json")
    assert [(row["path"], row["status"]) for row in answer.json["figures"]] == [
        ("a.gif", "unchanged"),
        ("b.svg", "unchanged"),
    ]


# Memory and refusals ---------------------------------------------------------------------------------------

PEAK = """
import sys
from gradviz.process import import_matplotlib
import_matplotlib()
import resource
from gradviz.specs import spec_from
from gradviz.output.metadata import described_scene, encode
def drawn(**fields):
    spec = spec_from({"expression": "a*x0**2 + 3*x1", "samples": 9, "animate": True, **fields})
    encode(described_scene(spec), spec, "gif")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count, way = int(sys.argv[1]), sys.argv[2]
moving = {
    "sweep": {"kind": "contour", "sweep": {"a": list(range(1, count + 1))}},
    "descent": {"kind": "descent", "set": {"a": 1}, "steps": count - 1, "start": [1, 1]},
    "spin": {"kind": "surface", "sweep": {"a": list(range(1, count + 1))}, "spin": True},
}[way]
before = drawn(**moving, size=(2, 2))
print((drawn(**moving, size=(10, 10), dpi=200) - before) / (2000 * 2000 * 4 / 1024))
"""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["sweep", "descent", "spin"])
def test_memory_does_not_grow_with_the_number_of_frames(way, python):
    """Twenty frames take as much memory as three, and less than ten frames do."""
    few, many = (float(python(PEAK, str(count), way)) for count in (3, 20))
    assert many < few + 1.5
    assert many < 10


@pytest.mark.parametrize(
    "request_",
    [
        {"kind": "contour", "expression": "a*x", "sweep": {"a": "1:5:40"}, "animate": True},
        {"kind": "tangent", "expression": "a*x**2", "sweep": {"a": "1:5:40"}, "animate": True},
        {"kind": "surface", "expression": "x*y", "spin": True},
        {"kind": "descent", "expression": "x**2 + y**2", "steps": 40, "animate": True},
    ],
    ids=lambda one: one["kind"],
)
@pytest.mark.parametrize("size", [{"size": (20, 20), "dpi": 300}, {"dpi": 1200}], ids=["size", "dpi"])
def test_too_many_frames_are_refused_before_anything_is_evaluated(request_, size, here, monkeypatch):
    """The fields of a spec decide that; samples are not computed, in a batch neither."""
    from gradviz.batch.workers import draw

    def never(*_):
        raise AssertionError

    monkeypatch.setattr("gradviz.sampling.sample.sample", never)
    monkeypatch.setattr("gradviz.output.mpl.rendering.sample", never)
    spec = spec_from({**request_, **size})
    for drawing in (lambda: gradviz.save(spec, "a.gif"), lambda: draw(spec.to_dict(), "png")):
        with pytest.raises(RequestError, match=r"frames of [\d,]+ x [\d,]+ pixels are more than .*lower dpi"):
            drawing()
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", ["default", "paper"])
def test_no_frame_is_smaller_than_the_size_that_is_checked_first(kind, style):
    """What is refused before it is drawn would have too many pixels, too: the early size is a lower bound."""
    from gradviz.figures.layout import least_size

    expression = "a*x**2 + 3*y" if KINDS[kind].traits.dimension > 1 else "a*x**2"
    fields = {"kind": kind, "expression": expression, "sweep": {"a": [1, 2]}, "animate": True}
    spec = spec_from({**fields, "samples": 5, "style": style})
    width, height = least_size(spec)
    drawn_size = render(spec).get_size_inches()
    assert (width, height) <= (drawn_size[0] + 1e-9, drawn_size[1] + 1e-9)
    assert height <= drawn_size[1] + 1e-9


# WebP -----------------------------------------------------------------------------------------------------


def webp_frames(content):
    """Return the frames (height, width, 3) of a WebP, and the time of each in ms."""
    with Image.open(io.BytesIO(content)) as image:
        found = []
        for index in range(image.n_frames):
            image.seek(index)
            image.load()
            found.append((np.asarray(image.convert("RGB")), image.info["duration"]))
    pixels, times = zip(*found, strict=True)
    return np.stack(pixels), list(times)


@pytest.mark.parametrize(
    "spec",
    [gradviz.Descent(expression="x*y", start=(1, 2), steps=4, samples=9, dpi=40, animate=True, fps=8),
     gradviz.Contour(expression="a*x + y", sweep={"a": (1, 2, 3)}, samples=9, dpi=40, animate=True, fps=8)],
    ids=["descent", "sweep"],
)  # fmt: skip
def test_a_webp_has_the_frames_without_loss(spec, here):
    """Each frame has the pixels that are drawn at its step, and the last one stands longer."""
    path = gradviz.save(spec, here / "a.webp")
    shown, times = webp_frames(path.read_bytes())
    picture = gradviz.render(spec)
    scene = scene_of(spec)
    expected = [frame[..., :3] for frame in frames(picture, frame_steps(scene))]
    np.testing.assert_array_equal(shown, expected)
    assert times == [120] * (len(expected) - 1) + [1500]
    assert gradviz.load(path) == spec


def test_a_webp_of_a_turning_box_is_smaller_than_its_gif(here):
    """All pixels change: it is compressed with a loss that is hardly visible, and has no pause."""
    spec = gradviz.Surface(expression="x0*x1", samples=31, dpi=60, spin=True, animate=True)
    sizes = {form: len(gradviz.save(spec, here / f"a.{form}").read_bytes()) for form in ("gif", "webp")}
    assert sizes["webp"] < 0.6 * sizes["gif"]
    shown, times = webp_frames((here / "a.webp").read_bytes())
    assert len({*times}) == 1
    first = next(frames(gradviz.render(spec), [0]))[..., :3]
    assert np.abs(shown[0].astype(int) - first).mean() < 2


def test_a_webp_stands_still_unless_it_is_asked_to_move(run, here):
    """The suffix alone animates nothing: the same pixels as a PNG."""
    assert run(*SMALL, "-q", "-o", "a.webp").lines == ["a.webp"]
    assert run(*SMALL, "-q", "-o", "a.png").lines == ["a.png"]
    still, _ = webp_frames((here / "a.webp").read_bytes())
    with Image.open(here / "a.png") as image:
        np.testing.assert_array_equal(still, [np.asarray(image.convert("RGB"))])
    answer = run(*SMALL, "--animate", "--json", "-q", "-o", "b.webp")
    assert (answer.json["format"], answer.json["frames"]) == ("webp", 4)


def test_a_side_too_long_for_webp_is_refused(run, here):
    """The format has 14 bits for a side."""
    answer = run("quiver", "x*y", "-n", 3, "--size", "20,1", "--dpi", 1000, "-o", "a.webp")
    assert (answer.code, answer.out) == (2, b"")
    assert all(word in answer.err for word in ("16,383", "20,000 x 1,000", "--dpi", ".png")), answer.err
    assert list(here.iterdir()) == []


# The number of the step -----------------------------------------------------------------------------------


def label_of(scene):
    (found,) = [mark for panel in scene.panels for mark in panel.marks if isinstance(mark, Label)]
    return found


@pytest.mark.parametrize("fields", [{}, {"on": "surface"}, {"panels": True}, {"on": "axes"}, {"loss": True}])
def test_an_animated_descent_says_the_step_of_each_frame(fields):
    """Step 0 is the start; paths of different lengths count to the longest; a still picture has none."""
    optimizers = ["sgd,learning_rate=0.1", "adam,learning_rate=0.3"]
    spec = gradviz.Descent(
        expression="x**2/20 + y**2", start=(-7, 2), steps=5, samples=11, optimizers=optimizers, **fields
    )
    label = label_of(scene_of(spec.animated()))
    assert label.frames == ("step 0", "step 1", "step 2", "step 3", "step 4", "step 5")
    assert not any(isinstance(mark, Label) for panel in scene_of(spec).panels for mark in panel.marks)
    picture = gradviz.render(spec.animated())
    (text,) = [one.artist for one in picture.growing if isinstance(one.part, Label)]
    for step in (0, 3, 5):
        for growing in picture.growing:
            growing.show(step)
        assert text.get_text() == f"step {step}"
    picture.canvas.draw()
    box, page = text.get_window_extent(), picture.bbox
    assert page.x0 <= box.x0 < box.x1 <= page.x1
    assert page.y0 <= box.y0 < box.y1 <= page.y1


@pytest.mark.parametrize(
    ("start", "corner"), [((-7, -2), (1, 0)), ((7, -2), (0, 1)), ((-7, 2), (1, 0)), ((0, 2), (0, 0))]
)
def test_the_number_of_the_step_is_away_from_the_path(start, corner):
    """It is in the corner of the panel that is farthest from all points of the paths."""
    spec = gradviz.Descent(
        expression="x**2/20 + y**2", start=start, steps=3, samples=11, range={"x": (-8, 8), "y": (-3, 3)},
        optimizers=["sgd,learning_rate=0.01"], animate=True,
    )  # fmt: skip
    assert label_of(scene_of(spec)).at == corner
