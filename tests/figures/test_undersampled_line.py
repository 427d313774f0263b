"""The line below a picture that has too few points for its function, in every output."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import gradviz
from gradviz.output.metadata import described_scene, encode
from gradviz.output.mpl.picture import PictureFrames
from gradviz.output.terminal.small import small

LINE = "undersampled: the function changes faster than"
COARSE = {
    "tangent": gradviz.Tangent(expression="sin(100*x)", range=(-10, 10)),
    "contour": gradviz.Contour(expression="sin(100*x)*0.1 + x**2 + y**2"),
    "surface": gradviz.Surface(expression="sin(70*x) + y"),
    "quiver": gradviz.Quiver(expression="sin(1/x)*y"),
    "stream": gradviz.Stream(expression="sin(300*x) + 3*y"),
    "descent": gradviz.Descent(expression="sin(99*x)/9 + x**2 + 3*y**2", start=(1, 1), steps=2),
    "descent on a surface": gradviz.Descent(
        expression="sin(99*x)/9 + x**2 + 3*y**2", start=(1, 1), steps=2, on="surface"
    ),
    "pairs": gradviz.Pairs(expression="sin(60*x) + sin(1/y)", at=(1, 1)),
}
FINE = {
    "tangent": gradviz.Tangent(expression="sin(x)", at=1),
    "contour": gradviz.Contour(expression="x**2 + 3*y"),
    "quiver": gradviz.Quiver(expression="x**2 + 3*y"),
}


def lines_of(figure):
    """Return the texts of a picture that stand below its panels."""
    return [text for text in figure.texts if "undersampled" in text.get_text()]


@pytest.mark.parametrize("style", ["default", "paper", "dark"])
@pytest.mark.parametrize("name", COARSE)
def test_a_picture_with_too_few_points_has_a_line_below_it(name, style):
    """The line is in the picture, under all axes and their labels, and touches no other text."""
    spec = type(COARSE[name])(**{**COARSE[name].to_dict(), "style": style, "dpi": 50})
    figure = gradviz.render(spec)
    figure.canvas.draw()
    (line,) = lines_of(figure)
    box = line.get_window_extent()
    assert line.get_text().replace("\n", " ").startswith("undersampled: the ")
    assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert 0 <= box.y0 < box.y1 <= min(axes.get_tightbbox().y0 for axes in figure.axes if axes.axison) + 1
    for legend in figure.legends:
        assert not box.overlaps(legend.get_window_extent())


@pytest.mark.parametrize("name", FINE)
def test_other_pictures_have_none(name):
    """A scene has no such line unless its samples have too few points."""
    assert described_scene(FINE[name]).warning is None
    assert lines_of(gradviz.render(FINE[name])) == []


def test_every_still_format_has_the_line():
    """SVG and PDF have it as text or glyphs, a page as a paragraph, the terminal as a line."""
    spec = COARSE["tangent"]
    scene = described_scene(spec)
    page = encode(scene, spec, "html").content.decode()
    assert f"<p>{LINE} 501 points can show</p>" in page
    assert " ".join(small(scene, 40, 20).warning) == f"{LINE} 501 points can show"
    for form in ("svg", "pdf"):
        other = gradviz.Tangent(expression="sin(x)", range=(-10, 10))
        assert len(encode(scene, spec, form).content) != len(
            encode(described_scene(other), other, form).content
        )
    assert encode(scene, spec, "svg").content.decode().count(LINE) >= 1


def test_a_script_writes_the_line(tmp_path):
    """Run without gradviz, it has the same words below its axes."""
    spec = COARSE["tangent"]
    (tmp_path / "a.py").write_bytes(encode(described_scene(spec), spec, "py").content)
    check = (
        "import runpy; fig = runpy.run_path('a.py')['fig']; fig.draw_without_rendering(); "
        "box = fig._supxlabel.get_window_extent(); "
        "assert box.y1 < fig.axes[0].get_tightbbox().y0 + 1; print(fig._supxlabel.get_text())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", check], cwd=tmp_path, env={"MPLBACKEND": "Agg", "PATH": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.replace("\n", " ").strip() == f"{LINE} 501 points can show"


def test_the_warning_names_what_would_help(run, here):
    """On standard error and in the JSON; the picture has the problem alone."""
    answer = run("tangent", "sin(100*x)", "-r", "-10:10", "--json", "-o", "a.png")
    assert answer.code == 0
    (note,) = (note for note in json.loads(answer.out)["notes"] if "undersampled" in note)
    assert note == f"{LINE} 501 points can show; a smaller --range would help"
    assert note in answer.err
    assert (here / "a.png").exists()


@pytest.mark.parametrize("animate", [False, True])
def test_panels_and_frames_name_the_values_that_are_coarse(animate):
    """All frames have the same line, so that they have the same layout."""
    spec = gradviz.Tangent(expression="sin(a*x)", sweep={"a": (1, 300)}, animate=animate, dpi=30)
    figure = gradviz.render(spec)
    (line,) = lines_of(figure)
    assert line.get_text().replace("\n", " ").startswith(f"a = 300 {LINE}")
    if animate:
        frames = PictureFrames(figure.frames.scenes)
        boxes = [frame.axes[0].get_position().bounds for frame in frames]
        np.testing.assert_allclose(boxes[0], boxes[1])
        assert [len(lines_of(frame)) for frame in frames] == [1, 1]


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("x*y", 17),
        ("sin(3*x) + y", 17),
        ("sin(8*x) + 3*y", 25),
        ("sin(10*x) + 3*y", 33),
        ("sin(99*x) + y", 33),
    ],
)
def test_arrows_that_alias_are_more(expression, count):
    """A wave has four arrows at least, up to 33 along an axis; 8 radians a unit need 24, and 10 need 33."""
    samples = gradviz.sample(gradviz.Quiver(expression=expression))
    assert samples.points.shape == (count, count, 2)
    assert bool(samples.undersampled) == ("99" in expression)
    chosen = gradviz.sample(gradviz.Quiver(expression=expression, samples=19))
    assert chosen.points.shape == (19, 19, 2)
    small_one = gradviz.sample(gradviz.Quiver(expression=expression, size=(2, 2)))
    assert small_one.points.shape[0] <= 17


def test_a_script_and_the_json_of_more_arrows_have_as_many(run):
    """Their numbers are those of the picture, along each axis."""
    spec = gradviz.Quiver(expression="sin(10*x) + 3*y")
    assert "np.linspace(-2, 2, 33)" in encode(described_scene(spec), spec, "py").content.decode()
    assert json.loads(run("quiver", spec.expression, "--json", "-o", "a.png").out)["samples"] == [33, 33]
