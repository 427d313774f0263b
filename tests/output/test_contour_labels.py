"""Values written on contours."""

from __future__ import annotations

import json
import re
from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import gradviz
from gradviz.scene.style import STYLES

HIMMELBLAU = "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2"


def drawn(expression="x0**2 + 3*x1", **fields):
    """Return the axes of a laid out figure and the numbers on its lines."""
    fields = {"range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (81, 101), "dpi": 60, **fields}
    figure = gradviz.render(gradviz.Contour(expression=expression, labels=True, **fields))
    figure.canvas.draw()
    return figure.axes[0], figure.axes[0].texts


def value(text):
    return float(text.get_text().replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("style", STYLES)
def test_each_number_is_the_height_of_its_place(style, filled):
    """Where a number stands, the function has about that value, and no other level's."""
    axes, texts = drawn(style=style, filled=filled, levels=(-3, -1, 1, 3, 5, 7, 9))
    assert len(texts) >= 5
    for text in texts:
        x, y = text.get_position()
        assert abs(x**2 + 3 * y - value(text)) < 0.3
    colour = "black" if filled else axes.get_facecolor()
    assert filled or all(
        np.abs(np.subtract(to_rgb(t.get_color()), to_rgb(colour))).max() > 0.7 for t in texts
    )


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("expression", [HIMMELBLAU, "sin(3*x0)*cos(2*x1)", "1/(x0*x1)"])
def test_numbers_lie_inside_and_on_no_other_number_or_line(expression, style):
    """No number is cut, covers another one or is crossed by a line of another height."""
    reach = 5 if expression == HIMMELBLAU else 2
    axes, texts = drawn(expression, style=style, range=(-reach, reach))
    assert list(texts)
    check_room(axes)


def test_in_panels_numbers_are_placed_for_the_size_that_these_get():
    """In no panel of a sweep a number is cut or covers another number or a line of another height."""
    spec = gradviz.Contour(
        expression="sin(a*x0)*10 + 3*x1", sweep="a=0.2:2:9", labels=True, size=(14, 4), dpi=60
    )
    figure = gradviz.render(spec)
    figure.canvas.draw()
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert len(panels) == 9
    assert sum(len(axes.texts) for axes in panels) >= 30
    for axes in panels:
        check_room(axes)


def test_in_frames_numbers_are_placed_for_the_size_that_these_get():
    """A frame without the legend of the last one, and so with more room, has its numbers where that has."""
    fields = {"labels": True, "critical": True, "range": (-2, 2), "samples": 41, "dpi": 60}
    spec = gradviz.Contour(expression="x0**3 - a*x0 + x1**2", sweep="a=-1,2", animate=True, **fields)
    frame = gradviz.render(spec).frames[0]
    alone = gradviz.Contour(expression="x0**3 + x0 + x1**2", **fields)
    assert not frame.legends
    assert gradviz.render(spec).legends
    assert frame.get_figheight() > gradviz.render(alone).get_figheight() + 0.1
    off = []
    for text in frame.axes[0].texts:  # a number lies along its line, whose slope is -(3 x^2 + 1)/(2 y)
        x, y = text.get_position()
        slope = frame.axes[0].transData.transform([(x, y), (x + 2 * y, y - 3 * x**2 - 1)])
        across = np.diff(slope, axis=0)[0]
        angle = np.degrees(np.arctan2(across[1], across[0]))
        off.append((angle - text.get_rotation() + 90) % 180 - 90)
    assert len(off) > 4
    assert np.abs(off).mean() < 0.45  # degrees


def check_room(axes):
    """Assert that numbers on lines are whole, and that no number or line of another height meets them."""
    texts = axes.texts
    boxes = [text.get_window_extent() for text in texts]
    box = axes.bbox.padded(0.05)  # pixels, for rounding
    for one in boxes:
        assert box.x0 <= one.x0 < one.x1 <= box.x1
        assert box.y0 <= one.y0 < one.y1 <= box.y1
    for one, other in combinations(boxes, 2):
        assert not one.shrunk(0.7, 0.7).overlaps(other.shrunk(0.7, 0.7))
    (lines,) = axes.collections
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        points = axes.transData.transform(path.vertices)
        for text, one in zip(texts, boxes, strict=True):
            turned = abs(np.sin(np.radians(text.get_rotation()))) > 0.35  # whose box is far larger than it is
            if not turned and abs(value(text) - level) > 1e-9:
                assert not one.shrunk(0.8, 0.6).count_contains(points)


def test_crowded_lines_have_no_numbers():
    """Of lines that lie closer than a number is high none has one."""
    _, texts = drawn("x0 + 0*x1", levels=tuple(np.arange(-2, 2, 0.02)))
    assert not list(texts)


def test_of_many_levels_round_ones_have_numbers():
    """Of 41 levels those are labelled that are multiples of five steps."""
    _, texts = drawn("x0**2 + 3*x1", levels=tuple(np.arange(0, 10.1, 0.25)), size=(12, 12))
    found = {value(text) for text in texts}
    assert len(found) > 4
    assert all(height / 0.25 % 5 == 0 for height in found)


def test_a_single_level_has_its_height():
    """One line needs a number most, for no scale of colours explains it."""
    axes, texts = drawn(levels=(2,))
    assert [text.get_text() for text in texts] == ["2"]
    assert len(axes.figure.axes) == 1


@pytest.mark.parametrize("expression", ["5 + 0*x0*x1", "floor(x0) + 0*x1"])
def test_a_picture_without_lines_has_no_numbers(expression):
    """Constants and steps say so, and nothing else."""
    _, texts = drawn(expression)
    assert len(texts) == 1
    assert "no level lines" in texts[0].get_text() or "constant" in texts[0].get_text()


@pytest.mark.parametrize("filled", [(), ("--filled",)])
def test_that_no_line_has_room_for_its_height_is_told(filled, run):
    """Of small crowded circles none takes a number, which is a note; where one has room there is none."""
    told = "no line has room for its height"
    busy = run("contour", "sin(30*x0)*sin(30*x1)", "--dpi", "40", "--labels", "--json", *filled)
    assert told in busy.err
    assert told in busy.json["notes"][-1]
    assert told not in run("contour", "x0**2 + 3*x1", "--dpi", "40", "--labels", *filled).err
    assert told not in run("contour", "0*x0", "--dpi", "40", "--labels", *filled).err


def test_a_page_has_the_values_too(run, here):
    """It writes them on its own lines, where the function has about that value, and warns of nothing."""
    pytest.importorskip("plotly")
    answer = run("contour", "x0**2 + 3*x1", "-r", "x0=-2:2", "-r", "x1=-1:3", "--labels", "-o", "a.html")
    assert answer.err == ""
    page = (here / "a.html").read_text()
    figure = json.loads(re.search(r'id="figure">(.*?)</script>', page)[1])
    written = figure["layout"]["annotations"]
    assert len(written) >= 5
    for one in written:
        stated = float(one["text"].replace("\N{MINUS SIGN}", "-"))
        assert abs(one["x"] ** 2 + 3 * one["y"] - stated) < 0.3


def test_thousands_of_lines_take_a_moment(within):
    """Each line is compared with those near it alone, or a busy function would take minutes."""
    with within(15):  # it takes 3
        drawn("sin(40*x0)*sin(40*x1)", range=(-3, 3), samples=201)


def test_no_two_heights_read_the_same():
    """Levels that differ in the seventh digit only are written with so many."""
    _, texts = drawn("x0**2 + x1**2", range=(1e6, 1.000001e6), samples=41)
    words = [text.get_text() for text in texts]
    assert len(words) >= 3
    assert len({*words}) == len(words)
    assert all("10^{12}" in word for word in words)
