"""Descriptions of figures in words."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

import gradviz
from gradviz.output.metadata import described_scene

HIMMELBLAU = "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2"


def described(kind, expression, **fields):
    """Return what the picture of a figure says of itself."""
    return described_scene(getattr(gradviz, kind)(expression=expression, **fields)).description


def test_least_and_greatest_values_are_told_with_their_places():
    """x0**2 + 3*x1 over unequal ranges is least at (0, -1) and greatest at two corners, 4 + 9."""
    text = described("Contour", "x0**2 + 3*x1", range={"x0": (-2, 2), "x1": (-1, 3)}, samples=[5, 9])
    assert "for x0 from -2 to 2 and x1 from -1 to 3." in text
    assert (
        "At the points sampled its least value is -3, at (0, -1), and its greatest 13, at (-2, 3) and (2, 3)."
        in text
    )


def test_minima_maxima_and_saddles_are_told():
    """Himmelblau's function has four minima, one of them at (3, 2), one maximum and four saddles."""
    text = described("Contour", HIMMELBLAU, range=(-5, 5))
    assert "It has 4 minima, at (-3.779, -3.283), (-2.805, 3.131), (3, 2) and (3.584, -1.848)." in text
    assert "It has a maximum at (-0.2708, -0.923), of 181.6." in text
    assert "It has 4 saddles, at " in text


def test_many_points_are_counted():
    """Of many places four are told, and how many more there are."""
    text = described("Contour", "cos(pi*x)*cos(pi*y)", range=(-2.9, 2.9))
    assert re.search(r"It has 12 maxima, at (\([-\d., ]+\), ){3}\([-\d., ]+\) and 9 more points", text) or (
        re.search(r"It has 13 maxima, at (\([-\d., ]+\), ){3}\([-\d., ]+\) and 9 more points", text)
    )


def test_what_panels_show_is_not_told_of_all_between_them():
    """Two variables vary at a time: x0**2 + 3*x1 - x2 is 5 at a corner that no panel through 0 shows."""
    text = described("Pairs", "x0**2 + 3*x1 - x2", range=(-1, 1), at=(0, 0, 0), samples=3)
    assert (
        "At the points sampled in the panels its least value is -4, at (0, -1, 1), and its greatest 4, at "
        in text
    )
    assert "It is 0 in the panels." in described("Pairs", "x0*x1*x2", samples=3)


def test_the_size_of_the_gradient_is_told_where_it_is_shown():
    """The gradient of 3*x0 + 4*x1 has the size 5; a contour shows none."""
    assert "The size of its gradient is 5." in described("Quiver", "3*x0 + 4*x1")
    assert "gradient" not in described("Contour", "3*x0 + 4*x1")


def test_what_was_cut_is_told():
    """A pole is told in a note, and so is where the function is undefined."""
    text = described("Surface", "1/(x*y)")
    assert "Notes: " in text
    assert "are cut off" in text
    assert "undefined at" in text


KINDS = {
    "Arrows along the negative gradient, of equal length": ("Quiver", "x0*x1", {}),
    "Arrows along the gradient, of true length": ("Quiver", "x0*x1", {"ascent": True, "arrows": "true"}),
    "Streamlines along the negative gradient": ("Stream", "x0*x1", {}),
    "Level lines at 3 heights from 1 to 4.": ("Contour", "x0*x1", {"levels": [1.0, 2.0, 4.0]}),
    "No level lines.": ("Contour", "x0 - x0", {}),
    "Wireframe in three dimensions, seen from": ("Surface", "x0*x1", {"plot": "wireframe"}),
    "A curve, with tangents at 5 with the slope 0.2, at 10": (
        "Tangent",
        "0.01*x**2 + 0.1*x",
        {"at": [5, 10], "range": (0, 20)},
    ),
    "A curve and its derivative.": ("Tangent", "x**2", {"derivative": True}),
    "Paths of optimizers over level lines: sgd (learning_rate 0.1) from (-3, 4) to (-2.4, 3.2)": (
        "Descent",
        "x0**2 + x1**2",
        {"start": [[-3, 4]], "optimizers": ["sgd,learning_rate=0.1"], "steps": 1},
    ),
    "Level lines at 3 heights from 1 to 4 over every pair of 3 variables, the others held, and curves along "
    "each, all through (1, 1, 2), where f is 3.": (
        "Pairs",
        "x0*x1 + x2",
        {"levels": [1.0, 2.0, 4.0], "at": (1, 1, 2), "samples": 9},
    ),
    "The relative error of central differences": ("Steps", "sin(x)", {}),
}


@pytest.mark.parametrize(("begin", "figure"), KINDS.items(), ids=lambda value: str(value)[:20])
def test_every_kind_says_what_is_drawn(begin, figure):
    """A description begins with the kind of picture and what is drawn beside the function."""
    kind, expression, fields = figure
    assert described(kind, expression, **fields).startswith(begin)
    assert {value[0] for value in KINDS.values()} >= {kind.capitalize() for kind in gradviz.specs.KINDS}


def test_a_function_of_a_file_is_described_without_a_search(here):
    """Its minima would take long to find; its least value is known."""
    (here / "own.py").write_text("def f(p):\n    return p[..., 0] ** 2 + 3 * p[..., 1]\n")
    text = described("Contour", "own.py:f", range=(-1, 1), samples=5)
    assert "own.py:f" in text
    assert "At the points sampled its least value is -3, at (0, -1)" in text


def test_a_description_is_one_line_that_can_be_printed():
    """Whatever is in a title or an expression, a description and a name are one printable line."""
    spec = gradviz.Quiver(expression="x0 *\n x1", title="a\nb")
    scene = described_scene(spec)
    assert scene.description.isprintable()
    assert scene.name.isprintable()


def test_files_hold_the_description(here):
    """PNG, SVG, PDF and GIF have it where programs look for it; SVG as the element desc beside a title."""
    spec = gradviz.Quiver(expression="x0*x1 + 0*π", title="A <b> & saddle")
    text = described_scene(spec).description
    gradviz.save(spec, "a.png")
    with Image.open("a.png") as image:
        assert (image.text["Title"], image.text["Description"]) == ("A <b> & saddle", text)
    gradviz.save(spec, "a.svg")
    root = ET.parse("a.svg").getroot()
    title, desc = list(root)[:2]
    assert (title.tag.split("}")[1], title.text) == ("title", "A <b> & saddle")
    assert (desc.tag.split("}")[1], desc.text) == ("desc", text)
    assert root.get("role") == "img"
    gradviz.save(spec, "a.pdf")
    assert text.encode("utf-16-be")[:60] in (here / "a.pdf").read_bytes().replace(b"\\", b"")
    moving = gradviz.Descent(expression="x0**2 + x1**2", steps=2, dpi=40, animate=True)
    gradviz.save(moving, "a.gif")
    assert b"Paths of optimizers over level lines" in (here / "a.gif").read_bytes()
    for form in ("png", "svg", "pdf"):
        assert gradviz.load(f"a.{form}") == spec
    assert gradviz.load("a.gif") == moving


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_describe_prints_it(quiet, run, here):
    """Below the path; beside a picture on standard output alone on a line of standard error, -q or not."""
    text = described_scene(gradviz.Quiver(expression="x0*x1")).description
    assert run("quiver", "x0*x1", "--describe", *quiet).out == f"quiver.png\n{text}\n".encode()
    answer = run("quiver", "x0*x1", "--describe", "-o", "-", *quiet)
    assert answer.out == (here / "quiver.png").read_bytes()
    assert answer.err == f"{text}\n"
    assert f'"description": "{text}"'.encode() in run("quiver", "x0*x1", "--json", *quiet).out


def test_values_decades_apart_have_places_of_their_own():
    """exp(x0**2 x1**2) is least on the axes alone, however large it is elsewhere."""
    text = described_scene(
        gradviz.Contour(expression="exp(x0**2*x1**2)", range=(-3, 3), samples=(7, 11), dpi=30)
    ).description
    assert "least value is 1, at (0, -3), (0, -2.4), (0, -1.8), (0, -1.2) and 13 more points" in text
