"""Colours and widths of lines that a user chose, and transparent pages, in all outputs."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from PIL import Image

import gradviz
from gradviz.cli.options import command_line
from gradviz.figures.compose import compose
from gradviz.output.mpl.colours import with_maps
from gradviz.output.mpl.rendering import render
from gradviz.scene import marks
from gradviz.scene.style import STYLES

FLAT = {"samples": 9, "dpi": 30}
OPTIMIZERS = [{"name": "sgd", "learning_rate": 0.1}, {"name": "adam", "learning_rate": 0.3}]
SADDLE = {"expression": "x0*x1", **FLAT}
BOWL = {"expression": "x0**2/20 + x1**2", "start": [(-2, 1)], "steps": 4, "optimizers": OPTIMIZERS, **FLAT}


def marks_of(spec, kind=marks.Lines, name=None):
    """Return the marks of one type, and of one name, in the panels of a spec's scene."""
    scene = compose(spec, gradviz.sample(spec), with_maps(STYLES[spec.style], spec.cmap))
    every = [mark for panel in scene.panels for mark in panel.marks if isinstance(mark, kind)]
    return [mark for mark in every if name is None or mark.name == name]


def drawn_format(artist):
    """Return the colour as #rrggbb, and the width in points, of a line or of a collection of lines."""
    colour = artist.get_color() if hasattr(artist, "get_color") else artist.get_edgecolor()
    return to_hex(np.atleast_2d(to_rgba(colour) if isinstance(colour, str) else colour)[0]), float(
        np.atleast_1d(artist.get_linewidth())[0]
    )


def test_a_curve_and_its_tangents_have_their_colours_and_widths():
    """Colours are given in order, others stay; the last width holds for all others, also for secants."""
    spec = gradviz.Tangent(
        expression="x**3 - x", at=[1, -1, 0], secant=1, color=["black", "teal"], linewidth=[3, 0.5], dpi=30,
        derivative=True,
    )  # fmt: skip
    (curve,) = marks_of(spec, name="curve")
    assert (curve.colour, curve.width) == ("black", 3)
    for name in ("tangent", "secant"):
        lines = marks_of(spec, name=name)
        assert [line.colour for line in lines] == ["teal", *STYLES["default"].accents[1:3]]
        assert {line.width for line in lines} == {0.5}
    assert {
        drawn_format(line) for line in gradviz.render(spec).axes[0].lines if line.get_linestyle() == "--"
    } == {(to_hex(colour), 0.5) for colour in ("teal", *STYLES["default"].accents[1:3])}
    one = gradviz.Tangent(expression="x**2", at=1, linewidth=2, dpi=30)
    assert {line.width for line in marks_of(one)} == {2}


@pytest.mark.parametrize(
    "fields", [{}, {"panels": True}, {"loss": True}, {"on": "surface"}, {"style": "book"}]
)
def test_paths_have_the_colours_and_widths_of_their_optimizers(fields):
    """The first of each is that of the first optimizer, on the plane, on a surface and in panels."""
    spec = gradviz.Descent(**BOWL, color=["black", "#ff8800"], linewidth=[0.5, 3], **fields)
    every = marks_of(spec, name="path") + (marks_of(spec, name="values") if "loss" in fields else [])
    found = {(line.colour, line.width) for line in every}
    assert found == {("black", 0.5), ("#ff8800", 3.0)}
    (first, *_) = marks_of(gradviz.Descent(**BOWL, color="black"), name="path")
    assert first.colour == "black"


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (gradviz.Contour(expression="x0*x1", color="teal", linewidth=2, **FLAT), marks.Contours),
        (gradviz.Surface(**SADDLE, plot="contour", color="teal", linewidth=2), marks.Contours),
        (gradviz.Surface(**SADDLE, plot="wireframe", color="teal", linewidth=2), marks.Wireframe),
        (gradviz.Stream(expression="x0*x1", color="teal", linewidth=2, **FLAT), marks.Streamlines),
        (gradviz.Quiver(expression="x0*x1", color="teal", linewidth=2, **FLAT), marks.Arrows),
        (gradviz.Quiver(expression="x0*x1", color="teal", linewidth=2, heat=True, **FLAT), marks.Arrows),
        (gradviz.Stream(expression="x0*x1", color="teal", linewidth=2, heat=True, **FLAT), marks.Streamlines),
    ],
)  # fmt: skip
def test_lines_wires_and_arrows_have_the_colour_and_the_width(spec, kind):
    """They have no colour bar, but that of the field below; negative levels are solid, as all are."""
    (mark,) = marks_of(spec, kind)
    if kind is marks.Contours:
        assert (mark.bands.map, mark.bands.colours, mark.width) == (None, ("teal",), 2)
    elif kind is marks.Arrows:
        assert (mark.colour, mark.shape.width, mark.shape.units) == ("teal", 2, "points")
    else:
        assert (mark.colour, mark.width) == ("teal", 2)
    figure = gradviz.render(spec)
    assert len(figure.axes) == 1 + ("heat" in spec.to_dict() and spec.heat)
    figure.canvas.draw()
    if kind is marks.Arrows:
        arrows = figure.axes[0].collections[-1]
        assert arrows.width * arrows.get_transform().transform([[1, 0]])[0, 0] * 72 / 30 == pytest.approx(
            2
        ) or (arrows.units == "inches" and arrows.width == pytest.approx(2 / 72))
    else:
        lines = [one for one in figure.axes[0].collections if drawn_format(one) == (to_hex("teal"), 2)]
        assert lines


def test_pairs_have_two_colours_and_widths():
    """The first is that of the curves, the second that of the contours."""
    spec = gradviz.Pairs(expression="x*y + z", color="red,gray", linewidth=(3, 0.5), samples=9, dpi=30)
    assert {(line.colour, line.width) for line in marks_of(spec)} == {("red", 3)}
    contours = {(mark.bands.colours, mark.width) for mark in marks_of(spec, marks.Contours)}
    assert contours == {(("gray",), 0.5)}


def test_steps_have_a_colour_and_a_width():
    """They are those of the median."""
    spec = gradviz.Steps(expression="sin(x)", color="red", linewidth=4, samples=9, dpi=30)
    (median,) = marks_of(spec, name="median")
    assert (median.colour, median.width) == ("red", 4)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("red", "red"), ("Red", "Red"), ("#abc", "#abc"), ("r", "#ff0000"), ("C1", "#ff7f0e"),
        ("0.5", "#808080"), ("tab:blue", "#1f77b4"), ("xkcd:sky blue", "#75bbfd"),
        (["red", "k"], ("red", "#000000")), ("red, k", ("red", "#000000")),
    ],
)  # fmt: skip
def test_colours_are_those_of_matplotlib(given, kept):
    """Names of browsers stay, and other notations become hexadecimal, so that pages know them, too."""
    spec = gradviz.Tangent(expression="x", at=1, color=given)
    assert spec.color == kept
    assert gradviz.Tangent(**json.loads(spec.to_json())) == spec
    words = shlex.split(command_line(spec))
    assert words[words.index("--color") + 1] == (kept if isinstance(kept, str) else ",".join(kept))


@pytest.mark.parametrize(
    "value", ["reddish", "none", "", "url(x)", "#12", 3, (1, 0, 0), [], ["red", "x y"], "red;"]
)
def test_what_is_no_colour_is_refused(value):
    """The error says what came."""
    with pytest.raises(gradviz.errors.RequestError, match="must be a colour, got"):
        gradviz.Contour(expression="x0*x1", color=value)


@pytest.mark.parametrize("value", [0, -1, 20.5, 1e9, "nan", [], [1, 0.01]])
def test_a_width_has_bounds(value):
    """It is 0.1 to 20 points."""
    with pytest.raises(gradviz.errors.RequestError, match=r"linewidth.* must be"):
        gradviz.Tangent(expression="x0", at=2, linewidth=value)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (gradviz.Contour(expression="x0*x1", filled=True, color="red"), ["color has no effect"]),
        (gradviz.Contour(expression="x0*x1", cmap="magma", color="red"), ["cmap has no effect"]),
        (gradviz.Stream(expression="x0*x1", colorbar=True, color="red"), ["colorbar has no effect"]),
        (
            gradviz.Surface(expression="x0*x1", color="red", linewidth=1),
            ["color and linewidth have no effect"],
        ),
        (gradviz.Surface(expression="x0*x1", spin=True, transparent=True), ["transparent has no effect"]),
        (gradviz.Surface(expression="x0*x1", plot="wireframe", color="red", linewidth=1), []),
    ],
)
def test_formats_without_effect_have_a_warning(spec, words):
    """Filled contours and surfaces have no lines, and lines in one colour no map."""
    texts = [str(warning) for warning in spec.warnings]
    assert len(texts) == len(words)
    assert all(word in text for word, text in zip(words, texts, strict=True))


# Transparent pages ----------------------------------------------------------------------------------------

CLEAR = {
    "tangent": gradviz.Tangent(expression="x**2", at=1, transparent=True, dpi=30),
    "contour": gradviz.Contour(expression="x0*x1", transparent=True, style="dark", **FLAT),
    "descent": gradviz.Descent(**BOWL, transparent=True, loss=True, style="book"),
    "surface": gradviz.Surface(expression="x0*x1", transparent=True, style="paper", **FLAT),
}


@pytest.mark.parametrize("kind", CLEAR)
def test_a_transparent_page_lets_its_ground_through(kind, tmp_path):
    """The corners of the PNG have no opacity, and the rest is what an opaque picture has on its page."""
    clear, opaque = (
        gradviz.save(type(CLEAR[kind])(**{**CLEAR[kind].to_dict(), "transparent": is_clear}), tmp_path / name)
        for is_clear, name in ((True, "clear.png"), (False, "opaque.png"))
    )
    with Image.open(clear) as found, Image.open(opaque) as other:
        assert (found.mode, other.mode) == ("RGBA", "RGB")
        pixels = np.asarray(found)
        assert pixels[0, 0, 3] == pixels[-1, -1, 3] == 0
        page = Image.new("RGBA", found.size, other.getpixel((0, 0)))
        page.alpha_composite(found)
        difference = np.abs(np.asarray(page.convert("RGB"), int) - np.asarray(other, int)).max(axis=-1)
        assert np.mean(difference > 40) < 0.01


def test_a_transparent_svg_and_page_and_script_have_no_ground(tmp_path):
    """An SVG has no patch of the page, a web page no colour behind, and a script sets it in Matplotlib."""
    spec = CLEAR["contour"]
    svg = gradviz.save(spec, tmp_path / "a.svg").read_text("utf-8")
    assert STYLES["dark"].page not in svg
    page = gradviz.save(spec, tmp_path / "a.html").read_text("utf-8")
    assert '"paper_bgcolor":"rgba(0,0,0,0)"' in page.replace(": ", ":")
    script = gradviz.save(spec, tmp_path / "a.py")
    subprocess.run(
        [sys.executable, str(script)], check=True, env={"MPLBACKEND": "agg", "HOME": str(tmp_path)}
    )
    with Image.open(tmp_path / "a.png") as found:
        assert np.asarray(found.convert("RGBA"))[0, 0, 3] == 0


def test_a_terminal_shows_a_transparent_picture_on_its_page():
    """Characters have no opacity."""
    from gradviz.output.mpl.rendering import scene_in_pixels
    from gradviz.output.terminal.small import small

    clear = CLEAR["contour"]
    opaque = gradviz.Contour(**{**clear.to_dict(), "transparent": False})
    one, other = (small(scene_in_pixels(spec, (60, 60)), 30, 15).pixels for spec in (clear, opaque))
    np.testing.assert_array_equal(one, other)


# Scripts and pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        gradviz.Tangent(
            expression="x**2", at=[1, -1], color=["k", "red", "b"], linewidth=[3, 1, 0.5], dpi=60, samples=21
        ),
        gradviz.Descent(**{**BOWL, "dpi": 60}, color=["k", "red"], linewidth=[3, 0.5], loss=True),
        gradviz.Quiver(expression="x0*x1", color="red", linewidth=2, samples=7, dpi=60),
        gradviz.Surface(expression="x0*x1", plot="wireframe", color="red", linewidth=2, samples=9, dpi=60),
    ],
    ids=lambda spec: spec.kind,
)
def test_a_script_draws_the_same_lines(spec, tmp_path):
    """Its picture has about as many red pixels, and as much of the page, as that of the spec."""
    script = gradviz.save(spec, tmp_path / "a.py")
    subprocess.run(
        [sys.executable, str(script)], check=True, env={"MPLBACKEND": "agg", "HOME": str(tmp_path)}
    )
    own = np.asarray(Image.open(io.BytesIO(render(spec).png({}))).convert("RGB"), int)
    with Image.open(tmp_path / "a.png") as found:
        other = np.asarray(found.convert("RGB"), int)
    counts = [
        np.count_nonzero((np.abs(pixels - colour) < 60).all(axis=-1))
        for colour in ((255, 0, 0), (255, 255, 255))
        for pixels in (own, other)
    ]
    assert counts[0] > 20
    assert counts[1] == pytest.approx(counts[0], rel=0.2)
    assert counts[3] == pytest.approx(counts[2], rel=0.05)


def test_pages_have_the_colours_and_widths(tmp_path):
    """They are those of the scene, widths in pixels of a 96th of an inch."""
    spec = gradviz.Tangent(expression="x**2", at=[1], color=["k", "tab:red"], linewidth=[3, 0.5], samples=9)
    page = gradviz.save(spec, tmp_path / "a.html").read_text("utf-8").replace(": ", ":")
    assert '"color":"#000000"' in page
    assert '"color":"#d62728"' in page
    assert '"width":4' in page
