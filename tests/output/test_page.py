"""Pages of figures that turn and zoom in a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

import gradviz
from gradviz.errors import RequestError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import described_scene, encode, is_ours, is_up_to_date
from gradviz.output.page.figure import figure_of
from gradviz.output.page.traces import markup
from gradviz.sampling.sample import sample
from gradviz.scene import marks
from gradviz.scene.scales import ColourScale
from gradviz.scene.scene import ColourBar, Frames
from gradviz.scene.style import STYLES
from gradviz.scene.text import Text

MEGABYTE = 1 << 20
F = "x0**2 + 3*x1"
BOX = {"expression": F, "range": {"x0": (-1, 2), "x1": (-3, 4)}, "samples": (7, 11)}
RUNS = ({"name": "sgd", "learning_rate": 0.1}, {"name": "adam", "learning_rate": 0.3})
PATHS = {"expression": "x0**2 + 2*x1**2", "start": ((1.5, -2.0), (-1.0, 2.5)), "optimizers": RUNS, "steps": 6}
HOSTILE = (
    "</title></h1></script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> ]]> \"' "
    "<b>bold</b> <a href='https://example.org'>a</a> &lt;i&gt; &amp; %{x} $x$ \u2028\u2029 \\u003c"
)
SPECS = {
    "surface": gradviz.Surface(**BOX),
    "wireframe": gradviz.Surface(**BOX, plot="wireframe"),
    "dots": gradviz.Surface(**BOX, plot="scatter", style="paper"),
    "level lines in space": gradviz.Surface(**BOX, plot="contour"),
    "tangent plane": gradviz.Surface(**BOX, tangent_at=(1, 1), style="book"),
    "lines": gradviz.Contour(**BOX),
    "bands": gradviz.Contour(**BOX, filled=True, style="dark", grid=True, xticks=(0, 1)),
    "constant": gradviz.Contour(expression="0*x + 0*y + 1"),
    "paths": gradviz.Descent(**PATHS, critical=True),
    "paths on a surface": gradviz.Descent(**PATHS, on="surface", critical=True, style="dark"),
    "paths alone": gradviz.Descent(**PATHS, on="axes"),
    "tangent": gradviz.Tangent(expression="x**2/2 + sin(x)", at=(1.0,)),
    "errors on logarithmic axes": gradviz.Steps(expression="exp(x)"),
    "valley": gradviz.Surface(
        spacing="quantile", expression="(1-x)**2 + 100*(y-x**2)**2", critical=True, samples=21
    ),
}


class Reader(HTMLParser):
    """The elements of a page, each with its attributes and the text right inside of it."""

    def __init__(self, content):
        super().__init__()
        self.elements = []
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        """Note where an element begins."""
        self.elements.append([tag, dict(attrs), ""])

    def handle_data(self, data):
        """Note a text."""
        if self.elements:
            self.elements[-1][2] += data

    def handle_endtag(self, tag):
        """Note where an element ends."""
        self.elements.append([f"/{tag}", {}, ""])

    def found(self, tag):
        """Return the attributes and the text of all elements of a name."""
        return [(attributes, text) for name, attributes, text in self.elements if name == tag]


def page(spec):
    return encode(described_scene(spec), spec, "html").content


def figure(spec_or_content):
    content = spec_or_content if isinstance(spec_or_content, bytes) else page(spec_or_content)
    (found,) = (t for a, t in Reader(content).found("script") if a.get("id") == "figure")
    return json.loads(found)


def array(item):
    """Return an array as plotly's script reads it."""
    if isinstance(item, list):
        return np.array(item, dtype=float)
    found = np.frombuffer(base64.b64decode(item["bdata"]), dtype=f"<{item['dtype']}")
    return found.reshape([int(size) for size in item["shape"].split(",")]) if "shape" in item else found


def of_type(found, kind):
    return [trace for trace in found["data"] if trace["type"] == kind]


def points_of(trace):
    return np.column_stack([array(trace[letter]).ravel() for letter in "xyz" if letter in trace])


# What is written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPECS)
def test_a_page_remembers_its_spec_and_equal_specs_have_equal_pages(name, here):
    """What save writes load gives back; the page is ours, up to date, and each time the same."""
    spec = SPECS[name]
    gradviz.save(spec, "a.html")
    content = (here / "a.html").read_bytes()
    assert gradviz.load("a.html") == spec
    assert is_ours(here / "a.html")
    assert is_up_to_date(here / "a.html", spec)
    assert page(spec) == content
    assert len(content) < 8 * MEGABYTE


@pytest.mark.parametrize("name", SPECS)
def test_plotly_knows_all_that_is_said(name):
    """The models of plotly itself, which refuse names and values that they do not know, take each figure."""
    go = pytest.importorskip("plotly.graph_objects")
    found = figure(SPECS[name])
    go.Figure(data=found["data"], layout=found["layout"])


def test_the_command_line_draws_pages_and_draws_them_again(run, here):
    """A page is had with -o, redrawn with changes and inspected like any picture."""
    assert run("surface", F, "-n", 5, "-o", "a.html").lines == ["a.html"]
    before = (here / "a.html").read_bytes()
    assert run("redraw", "a.html", "--with", "cmap=magma").code == 0
    assert (here / "a.html").read_bytes() != before
    assert gradviz.load("a.html").cmap == "magma"
    assert "magma" in run("inspect", "a.html").out.decode()
    assert run("redraw", "a.html", "-o", "b.png").code == 0
    assert gradviz.load("b.png") == gradviz.load("a.html")


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html>\n<html></html>",
        b'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        b'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="gradviz">',
        b'<meta name="gradviz" content="{&quot;gradviz&quot;: 1}">',
    ],
)
def test_other_pages_are_not_ours(content, here):
    """A page without what we write in ours is another's, and is not replaced."""
    (here / "a.html").write_bytes(content)
    assert not is_ours(here / "a.html")


# Text is text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [gradviz.Surface, gradviz.Contour])
def test_words_of_users_are_words(kind):
    """Whatever a title and labels say, the page has the elements of any other, and shows what was said."""
    harmless = kind(**BOX, title="a", xlabel="b", ylabel="c")
    spec = kind(**BOX, title=HOSTILE, xlabel=HOSTILE, ylabel=HOSTILE)
    content = page(spec)
    read, other = Reader(content), Reader(page(harmless))
    assert [element[0] for element in read.elements] == [element[0] for element in other.elements]
    assert [sorted(e[1]) for e in read.elements] == [sorted(e[1]) for e in other.elements]
    assert read.found("h1")[0][1] == HOSTILE == spec.title
    assert FORMATS["html"].memory_in(content) == json.dumps(
        {"gradviz": gradviz.__version__, "spec": spec.to_dict()}, sort_keys=True
    )
    layout = figure(content)["layout"]
    for letter in "xy":
        text = layout.get("scene", layout)[f"{letter}axis"]["title"]["text"]
        if "scene" in layout:  # where there are tags, but no entities
            assert not re.search(r"<[^\N{WORD JOINER}]", text)
            assert text.replace("\N{WORD JOINER}", "") == HOSTILE
        else:
            assert not re.search(r"<|>|&(?!(lt|gt|amp);)", text)
            assert html.unescape(text) == HOSTILE


def test_an_expression_is_text(run, here):
    """A comparison in an expression opens no element, and ends no script."""
    for expression in ("where(x<y, x, y)", "(x</**/y)", "x<y"):
        if run("contour", expression, "-n", 9, "-o", "a.html", "--force").code == 0:
            names = [element[0] for element in Reader((here / "a.html").read_bytes()).elements]
            assert names.count("script") == 3
            assert "b" not in names


@pytest.mark.parametrize("name", ["surface", "paths"])
def test_a_page_asks_for_nothing(name):
    """The policy allows our two scripts alone; outside of plotly's own script there is no address."""
    content = page(SPECS[name])
    read = Reader(content)
    (policy,) = (a["content"] for a, _ in read.found("meta") if "http-equiv" in a)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert "connect-src" not in rules
    run = [text for a, text in read.found("script") if "type" not in a]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in run]
    assert rules["script-src"].split() == [f"'sha256-{one}'" for one in hashes]
    rest = content.decode()
    for text in run:
        rest = rest.replace(text, "")
    assert "://" not in rest
    assert not [e for e in read.elements if {"src", "href"} & set(e[1])]
    config = figure(content)["config"]
    assert (config["plotlyServerURL"], config["displaylogo"], config["showSendToCloud"]) == ("", False, False)


def test_every_term_and_parameter_stands_in_the_title():
    """The heading has the function in terms, below it the condition and the parameters."""
    spec = gradviz.Contour(expression="a*x**2 + 3*y", set={"a": 2}, where="x > 0", samples=9)
    content = page(spec).decode()
    (heading,) = re.findall("<h1>(.*?)</h1>", content)
    assert [re.sub("<[^>]*>", "", line) for line in heading.split("<br>")] == [
        "f(x,y)=ax2+3y", "wherex&gt;0", "witha=2",
    ]  # fmt: skip
    assert "a*x**2 + 3*y</title>" in content


@pytest.mark.parametrize(("name", "kind"), [("surface", "surface"), ("paths", "descent")])
def test_a_page_says_in_words_what_it_shows(name, kind):
    """What readers of screens are told is the picture's description, which is not seen."""
    read = Reader(page(SPECS[name]))
    (described,) = (text for a, text in read.found("p") if a.get("id") == "description")
    assert described == described_scene(SPECS[name]).description
    (place,) = (a for a, _ in read.found("div") if a.get("id") == "picture")
    assert (place["aria-describedby"], place["tabindex"]) == ("description", "0")
    assert place["aria-label"] == read.found("title")[0][1]


def test_what_is_too_long_to_typeset_is_shown_as_it_was_typed():
    """A formula of many terms stands in the heading as text, cut short."""
    spec = gradviz.Contour(expression="+".join(f"sin({k}*x*y)" for k in range(200)), samples=9)
    (heading,) = Reader(page(spec)).found("h1")
    assert heading[1].startswith("f(x, y) = sin(0*x*y)+sin(1*x*y)")
    assert heading[1].endswith("...")


def test_a_function_of_a_file_has_a_page(here):
    """A function of one's own is named in the heading."""
    (here / "own.py").write_text("def f(p):\n    return p[..., 0] ** 2 + 3 * p[..., 1]\n")
    content = page(gradviz.Contour(expression="own.py:f", samples=(5, 7)))
    assert Reader(content).found("h1")[0][1] == "f(x₀, x₁) = own.py:f"
    (heat,) = of_type(figure(content), "heatmap")
    x, y, z = (array(heat[letter]) for letter in "xyz")
    np.testing.assert_allclose(z, x**2 + 3 * y[:, None])


# What is shown --------------------------------------------------------------------------------------------


def test_a_surface_is_the_function():
    """Its heights are x0**2 + 3*x1 over a mesh of 11 rows and 7 columns, seen over the ranges."""
    found = figure(SPECS["surface"])
    (surface,) = of_type(found, "surface")
    x, y, z = (array(surface[letter]) for letter in "xyz")
    assert x.shape == y.shape == z.shape == (11, 7)
    np.testing.assert_allclose(z, x**2 + 3 * y, atol=1e-12)
    np.testing.assert_allclose(x[0], np.linspace(-1, 2, 7))
    np.testing.assert_allclose(y[:, 0], np.linspace(-3, 4, 11))
    scene = found["layout"]["scene"]
    for letter, low, high in (("x", -1, 2), ("y", -3, 4), ("z", -9, 16)):
        first, last = scene[f"{letter}axis"]["range"]
        assert low - 0.08 * (high - low) <= first <= low < high <= last <= high + 0.08 * (high - low)
    assert [scene[f"{letter}axis"]["title"]["text"] for letter in "xyz"] == ["x₀", "x₁", "f(x₀, x₁)"]


def test_wires_dots_and_level_lines_lie_on_the_function():
    """Each point that is drawn in space has the height of the function, in each way to draw it."""
    for name, count in (("wireframe", 11 + 7), ("dots", 1), ("level lines in space", None)):
        traces = of_type(figure(SPECS[name]), "scatter3d")
        drawn = np.concatenate([points_of(trace) for trace in traces if trace["z"] != [None]])
        there = drawn[np.isfinite(drawn).all(axis=1)]
        assert len(there) >= 77 or name.startswith("level")
        np.testing.assert_allclose(there[:, 2], there[:, 0] ** 2 + 3 * there[:, 1], atol=0.08)
        if count and count > 1:
            assert np.isnan(drawn).any(axis=1).sum() == count


def test_level_lines_are_those_of_the_picture():
    """Along each line the function is its level, the colours are the map's, the mouse is told the height."""
    spec = gradviz.Contour(**{**BOX, "samples": (61, 81)}, levels=(-4, 0, 8), cmap="copper")
    found = figure(spec)
    lines = [trace for trace in of_type(found, "scatter") if trace["mode"] == "lines"]
    for line, level in zip(lines, (-4, 0, 8), strict=True):
        drawn = points_of(line)
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        np.testing.assert_allclose(drawn[:, 0] ** 2 + 3 * drawn[:, 1], level, atol=2e-3)
    copper = colormaps["copper"]
    for line, place in zip(lines, (0.0, 0.5, 1.0), strict=True):
        color = [int(part) for part in re.findall(r"\d+", line["line"]["color"])]
        np.testing.assert_allclose(color, 255 * np.array(to_rgb(copper(place))), atol=1)
    (heat,) = of_type(found, "heatmap")
    x, y, z = (array(heat[letter]) for letter in "xyz")
    assert z.shape == (81, 61)
    np.testing.assert_allclose(z, x**2 + 3 * y[:, None], atol=1e-12)
    assert ".4~g" in heat["hovertemplate"]


@pytest.mark.parametrize("filled", [False, True])
def test_heights_stand_on_their_lines(filled):
    """Each number that is written stands where the function is so high; there is one scale of colours."""
    spec = gradviz.Contour(**{**BOX, "samples": (61, 81)}, labels=True, filled=filled)
    found = figure(spec)
    notes = found["layout"]["annotations"]
    assert len(notes) > 2
    for note in notes:
        height = float(note["text"].replace("\N{MINUS SIGN}", "-"))
        assert note["x"] ** 2 + 3 * note["y"] == pytest.approx(height, abs=0.2)
        assert -90 <= note["textangle"] <= 90
        assert note["x"] * note["textangle"] >= -30  # to the right of the middle the lines fall
    assert len([t for t in found["data"] if t.get("marker", {}).get("showscale")]) == 1


def test_the_scale_of_colours_has_the_levels():
    """Beside bands each mark stands where its level's colour begins, however far the levels are apart."""
    spec = gradviz.Contour(**BOX, filled=True, levels=(-9, -5, 0, 8, 16))
    (scale,) = [t for t in of_type(figure(spec), "scatter") if t["mode"] == "markers"]
    bar = scale["marker"]["colorbar"]
    assert bar["ticktext"] == ["\N{MINUS SIGN}9", "\N{MINUS SIGN}5", "0", "8", "16"]
    assert bar["tickvals"] == [0, 1, 2, 3, 4]
    assert scale["marker"]["cmax"] == 4


def test_uneven_colours_are_those_of_the_picture():
    """Where levels are spaced by decades, so are colours: equal steps from each level to the next."""
    (surface,) = of_type(figure(SPECS["valley"]), "surface")
    bar, colours, heights = surface["colorbar"], array(surface["surfacecolor"]), array(surface["z"])
    assert (surface["cmin"], surface["cmax"]) == (0, 1)
    np.testing.assert_allclose(np.diff(bar["tickvals"]), np.diff(bar["tickvals"])[0])
    order = np.argsort(heights, axis=None)
    assert (np.diff(colours.ravel()[order]) >= 0).all()
    levels = [float(text) for text in bar["ticktext"]]
    for place, level in zip(bar["tickvals"], levels, strict=True):
        assert (colours[heights <= level] <= place + 1e-9).all()


def corners(spec):
    """Return the corners (N, 3, 3) of the triangles of a surface with gaps."""
    (surface,) = of_type(figure(spec), "mesh3d")
    points = points_of(surface)
    assert np.isfinite(points).all()
    assert array(surface["intensity"]).shape == points.shape[:1]
    return points[np.stack([array(surface[name]) for name in "ijk"], axis=-1)]


def test_what_is_cut_is_a_gap():
    """No triangle leads across a jump or to where the function is undefined, and all else is covered."""
    spec = gradviz.Surface(expression="floor(x0) + sqrt(x1)", range=(-2, 2), samples=(21, 41))
    found = corners(spec)
    x, y, z = np.moveaxis(found, -1, 0)
    np.testing.assert_allclose(z, np.floor(x) + np.sqrt(y), atol=1e-9)
    assert (np.floor(x) == np.floor(x[:, :1])).all()
    (x1, x2), (y1, y2) = ((c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]) for c in (x, y))
    assert np.abs(x1 * y2 - x2 * y1).sum() / 2 == pytest.approx(4 * 2, rel=1e-6)


def test_the_rim_at_a_pole_is_no_saw():
    """Where a surface leaves the picture at a pole that runs across the mesh, its rim is at the very end."""
    spec = gradviz.Surface(expression="1/(x0 - x1 + 0.3)", range=(-2, 2), samples=(41, 31), zlim=(-5, 5))
    found = corners(spec)
    edges = np.sort(found[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2, 3), axis=1)
    shared, counts = np.unique(edges.round(9), axis=0, return_counts=True)
    inside = (np.abs(shared[..., :2]) < 1.99).all(axis=(1, 2))
    rim = shared[inside & (counts == 1)]
    assert len(rim) > 20
    assert np.median(np.abs(rim[..., 2])) > 4.9


def test_undefined_heights_are_told_to_no_mouse():
    """The map that the mouse feels has a gap where the function is undefined."""
    spec = gradviz.Contour(expression="log(x0) + x1", range=(-2, 2), samples=(21, 31))
    (heat,) = of_type(figure(spec), "heatmap")
    x, y, z = (array(heat[letter]) for letter in "xyz")
    assert np.isnan(z[:, x <= 0]).all()
    np.testing.assert_allclose(z[:, x > 0], np.log(x[x > 0]) + y[:, None])
    assert heat["hoverongaps"] is False


def test_paths_in_the_plane_are_the_samples():
    """Each path has its points, steps and heights; a square stands at its start and a star at its end."""
    spec = SPECS["paths"]
    samples, found = sample(spec), figure(spec)
    ways = [t for t in of_type(found, "scatter") if t["mode"] == "lines+markers" and t["x"] != [None]]
    for way, path in zip(ways, samples.paths, strict=True):
        np.testing.assert_array_equal(points_of(way), path.points)
        np.testing.assert_array_equal(array(way["customdata"])[:, 0], range(7))
        np.testing.assert_array_equal(array(way["customdata"])[:, 1], path.values)
    for symbol, place in (("square", 0), ("star", -1)):
        marks = [t for t in of_type(found, "scatter") if t.get("marker", {}).get("symbol") == symbol]
        ends = [path.points[place] for path in samples.paths]
        np.testing.assert_array_equal(np.concatenate([points_of(mark) for mark in marks]), ends)
    named = [t["name"] for t in found["data"] if t["showlegend"]]
    assert named == [*dict.fromkeys(path.optimizer.label for path in samples.paths), "minima"]


def test_paths_on_a_surface_have_the_heights_of_the_function():
    """Lines and dots lie less than a hundredth of the box off the surface; the mouse is told true heights."""
    spec = SPECS["paths on a surface"]
    samples, found = sample(spec), figure(spec)
    low, high = found["layout"]["scene"]["zaxis"]["range"]
    labels = {path.optimizer.label for path in samples.paths}
    ways = [t for t in of_type(found, "scatter3d") if t.get("legendgroup") in labels and t["z"] != [None]]
    assert ways
    for way in ways:
        x, y, z = points_of(way).T
        assert np.nanmax(np.abs(z - (x**2 + 2 * y**2))) < 0.01 * (high - low)
    dots = [t for t in ways if t["mode"] == "markers" and len(array(t["x"])) == 7]
    for dot, path in zip(dots, samples.paths, strict=True):
        np.testing.assert_array_equal(points_of(dot)[:, :2], path.points)
        np.testing.assert_array_equal(array(dot["customdata"])[:, 1], path.values)


def test_a_page_shows_marks_of_kinds_to_come():
    """An image and an area, which no kind with a page has, have traces: values at the pointer, an outline."""
    scene = described_scene(SPECS["lines"])
    (contours,) = (mark for mark in scene.panels[0].marks if isinstance(mark, marks.Contours))
    image = marks.Image(contours.mesh, contours.values, ColourScale(scene.style.maps.ground, -9.0, 16.0))
    area = marks.Area(np.array([0.0, 1, 2]), np.array([1.0, 1, 1]), np.array([2.0, 3, 4]), "red", 0.5)
    panel = replace(scene.panels[0], marks=(area, image), hover=None)
    traces = figure_of(replace(scene, panels=(panel,), colour_bars=(ColourBar(0, 1, Text("f")),))).traces
    assert [trace["type"] for trace in traces] == ["heatmap", "scatter"]  # an image is below all else
    x, y, z = (array(traces[0][letter]) for letter in "xyz")
    np.testing.assert_allclose(z, x**2 + 3 * y[:, None], atol=1e-12)
    assert traces[0]["colorbar"]["title"]["text"].startswith("f")
    assert points_of(traces[1]).tolist() == [[0, 1], [1, 1], [2, 1], [2, 4], [1, 3], [0, 2]]
    assert traces[1]["fillcolor"] == "#ff0000"


def test_an_animation_and_unknown_marks_are_refused():
    """The message names what cannot be shown and a format that can."""
    scene = described_scene(SPECS["lines"])
    with pytest.raises(RequestError, match=r"an animation; write \.gif"):
        figure_of(Frames((scene, scene), 2))
    with pytest.raises(RequestError, match=r"2 panels; write \.png"):
        figure_of(replace(scene, panels=scene.panels * 2))
    lines = marks.Streamlines(np.zeros((2, 2, 2)), np.zeros((2, 2, 2)), 1.0, 1.0, None)
    with pytest.raises(RequestError, match=r"streamlines; write \.png"):
        figure_of(replace(scene, panels=(replace(scene.panels[0], marks=(lines,)),)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"$f(x_{0}, x_{12})$", "f(x₀, x₁₂)"),
        (r"$\theta_{1}$ from $-2 \cdot 10^{-7}$", "θ₁ from -2 · 10<sup>-7</sup>"),
        (r"$\mathrm{rate\_a}_{b}$", "rate_a_b"),
        (r"$\propto h^2$", "∝ h<sup>2</sup>"),
        ("learning_rate <0.1>", "learning_rate &lt;0.1&gt;"),
    ],
)
def test_labels_in_mathtext_are_letters(text, shown):
    """Indices, powers and symbols are written in letters and tags that plotly knows."""
    assert markup(Text(text)) == shown


def test_a_path_that_diverges_has_no_end():
    """Where a path is cut, no star stands."""
    spec = gradviz.Descent(
        expression="x**2 + y**2", start=((1, 2),), optimizers=({"name": "sgd", "learning_rate": 3},)
    )
    symbols = [t.get("marker", {}).get("symbol") for t in figure(spec)["data"]]
    assert "square" in symbols
    assert "star" not in symbols


@pytest.mark.parametrize("elev", [30, 90, -90])
def test_the_viewer_stands_where_the_spec_says(elev):
    """The eye is at the azimuth and, up to a degree, at the elevation."""
    eye = figure(gradviz.Surface(**BOX, elev=elev, azim=-20))["layout"]["scene"]["camera"]["eye"]
    assert np.degrees(np.arctan2(eye["y"], eye["x"])) == pytest.approx(-20, abs=0.01)
    assert np.degrees(np.arctan2(eye["z"], np.hypot(eye["x"], eye["y"]))) == pytest.approx(elev, abs=1.01)


@pytest.mark.parametrize("style", STYLES)
def test_a_page_has_the_colours_of_its_style(style):
    """Ground and letters are those of the style, in the page and in what plotly draws."""
    content = page(gradviz.Contour(**BOX, style=style))
    layout = figure(content)["layout"]
    ground = "#15181c" if style == "dark" else "#ffffff"
    assert layout["paper_bgcolor"] == layout["plot_bgcolor"] == ground
    assert f"background: {ground}; color: {layout['font']['color']}" in content.decode()


# Limits ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "spec",
    [
        gradviz.Surface(expression="x0**2 + 3*x1", samples=(1001, 801)),
        gradviz.Surface(expression="floor(3*x0) + 3*x1", samples=(601, 501)),
        gradviz.Contour(expression="sin(40*x0) + cos(30*x1)", samples=(601, 501)),
        gradviz.Descent(**{**PATHS, "steps": 9_000, "on": "surface", "samples": 41}),
    ],
    ids=["surface", "steps", "waves", "paths"],
)
def test_fine_meshes_are_thinned(spec):
    """However fine the mesh, a page stays below 8 MB."""
    assert len(page(spec)) < 8 * MEGABYTE


def test_too_many_lines_are_refused(monkeypatch):
    """Lines that cannot be thinned, as each is short, are refused in words."""
    monkeypatch.setattr("gradviz.output.page.marks._LINE_POINTS", 100)
    spec = gradviz.Contour(expression="sin(40*x0)*cos(30*x1)", samples=201)
    with pytest.raises(RequestError, match="contours are too many"):
        page(spec)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["quiver", "x0*x1"], "a page cannot show a quiver figure; write .png, .svg, .pdf"),
        (["stream", "x0*x1"], "a page cannot show a stream figure"),
        (["descent", "x*y", "--panels", "--loss"], "a page shows one panel; leave out --panels"),
        (["descent", "x*y", "--anatomy", "3"], "a page cannot show arrows; write .png"),
        (["surface", "x*y", "--plot", "contourf"], "a page cannot show filled contours in a box; write .png"),
        (["surface", "x*y", "--spin"], "write .png, .svg, .pdf, .webp or .gif"),
        (["descent", "x*y", "--animate"], "is a .gif, no .html"),
    ],
)
def test_what_no_page_shows_is_refused(arguments, told, run, here):
    """One line names what cannot be shown and the way out, and no file is there."""
    answer = run(*arguments, "-o", "a.html")
    assert answer.code == 2
    assert told in answer.err
    assert answer.err.count("\n") == 1
    assert not list(here.iterdir())


def test_without_plotly_the_extra_is_named(run, here, monkeypatch):
    """Who has not installed plotly is told what to install; pages that are there can be read."""
    gradviz.save(SPECS["surface"], "b.html")
    monkeypatch.setitem(sys.modules, "plotly", None)
    answer = run("surface", "x*y", "-o", "a.html")
    assert answer.code == 2
    assert answer.err == "error: a page needs plotly; install it with: pip install 'gradviz[page]'\n"
    assert gradviz.load("b.html") == SPECS["surface"]
    assert [path.name for path in here.iterdir()] == ["b.html"]


# In a browser ---------------------------------------------------------------------------------------------

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--no-first-run", "--window-size=900,700", "--remote-debugging-pipe",
)  # fmt: skip
SECONDS = 120

# The browser reads what it is told from its file 3, and answers into its file 4.
LAUNCH = """
import fcntl, os, sys
told, answers = (fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3])
os.dup2(told, 3)
os.dup2(answers, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class Browser:
    """A headless Chromium with one page, told what to do in the protocol of its developer tools."""

    def __init__(self, program, folder):
        told, self._telling = os.pipe()
        self._answers, answers = os.pipe()
        arguments = (*FLAGS, f"--user-data-dir={folder}", "about:blank")
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(told), str(answers), program, *arguments],
            pass_fds=(told, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(told)
        os.close(answers)
        self._numbers, self._rest, self._session = itertools.count(1), b"", None
        self.events = []
        (target,) = (t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **params):
        """Return what a method answers; what else is heard meanwhile is kept."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": number, "method": method, "params": params, **session}
        os.write(self._telling, json.dumps(message).encode() + b"\0")
        while (answer := self._heard()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _heard(self):
        while b"\0" not in self._rest:
            assert select.select([self._answers], [], [], SECONDS)[0], "the browser says nothing"
            part = os.read(self._answers, 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def value(self, expression):
        """Return the value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, expression):
        """Wait until an expression is true."""
        end = time.monotonic() + SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, (expression, self.complaints())
            time.sleep(0.1)

    def open(self, path):
        """Show a file, as somebody who opens it from a folder, and wait until it is drawn."""
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        self.until("document.body?.dataset.drawn === 'yes'")

    def shot(self):
        """Return a picture of what is seen, once it stands still."""
        before = None
        while (seen := self.call("Page.captureScreenshot")["data"]) != before:
            before = seen
        return seen

    def mouse(self, kind, x, y, **more):
        """Move, press or release the mouse."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, **more)

    def requested(self):
        """Return the addresses that were asked for, but for what stands in the page itself."""
        events = (e["params"] for e in self.events if e["method"] == "Network.requestWillBeSent")
        addresses = [event["request"]["url"] for event in events]
        return [address for address in addresses if not address.startswith(("data:", "blob:"))]

    def complaints(self):
        """Return exceptions and errors, those of the policy, too."""
        found = [e for e in self.events if e["method"] == "Runtime.exceptionThrown"]
        found += [
            e for e in self.events
            if e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] == "error"
        ]  # fmt: skip
        return found + [
            e for e in self.events
            if e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] in {"error", "warning"}
        ]  # fmt: skip

    def close(self):
        """End the browser."""
        self._process.terminate()
        self._process.wait(30)
        os.close(self._telling)
        os.close(self._answers)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Return a browser without a network."""
    if PROGRAM is None:
        assert not os.environ.get("CI"), "no Chromium is installed"
        pytest.skip("no Chromium is installed")
    found = Browser(PROGRAM, tmp_path_factory.mktemp("browser"))
    found.call(
        "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0
    )
    yield found
    found.close()


EYE = "JSON.stringify(document.getElementById('picture')._fullLayout.scene._scene.getCamera().eye)"


@pytest.mark.slow
def test_a_surface_turns_without_a_network(browser, here):
    """A page asks for nothing but itself, complains of nothing, and turns with the mouse and with keys."""
    gradviz.save(gradviz.Surface(**BOX, title=HOSTILE, xlabel=HOSTILE), "a.html")
    browser.open(here / "a.html")
    before, first = browser.shot(), json.loads(browser.value(EYE))
    browser.mouse("mousePressed", 400, 300)
    for x in range(400, 560, 20):
        browser.mouse("mouseMoved", x, 320, buttons=1)
    browser.mouse("mouseReleased", 560, 320)
    after, second = browser.shot(), json.loads(browser.value(EYE))
    assert before != after
    angles = [np.degrees(np.arctan2(eye["y"], eye["x"])) for eye in (first, second)]
    assert abs(angles[1] - angles[0]) > 5
    browser.value("document.getElementById('picture').focus()")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowUp")
    browser.until(f"Math.abs(JSON.parse({EYE}).z - {second['z']}) > 0.01")
    assert browser.shot() != after
    assert browser.requested() == [(here / "a.html").resolve().as_uri()]
    assert browser.complaints() == []


@pytest.mark.slow
def test_paths_are_seen_and_told(browser, here):
    """Words of users are shown as they are, and where the mouse is the page tells x, y and f."""
    gradviz.save(gradviz.Descent(**PATHS, xlabel=HOSTILE[:60], ylabel="<b>y</b> &lt;"), "a.html")
    browser.open(here / "a.html")
    assert browser.value("document.querySelector('.ytitle').textContent") == "<b>y</b> &lt;"
    assert browser.value("document.querySelectorAll('#picture a, #picture .ytitle tspan').length") == 0
    x, y = browser.value(
        "(() => { const b = document.querySelector('.nsewdrag').getBoundingClientRect();"
        "return [b.x + b.width / 4, b.y + b.height / 5]; })()"
    )
    browser.mouse("mouseMoved", x, y)
    browser.until("document.querySelector('.hovertext') !== null")
    told = browser.value("document.querySelector('.hovertext').textContent")
    numbers = [float(text.replace("\N{MINUS SIGN}", "-")) for text in re.findall(r"= ([-−\d.]+)", told)]
    assert numbers[2] == pytest.approx(numbers[0] ** 2 + 2 * numbers[1] ** 2, rel=0.02)
    assert numbers[0] == pytest.approx(-1.5, abs=0.1)
    assert numbers[1] == pytest.approx(1.8, abs=0.1)
    assert browser.requested() == [(here / "a.html").resolve().as_uri()]
    assert browser.complaints() == []
