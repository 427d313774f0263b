"""Numbers along axes that do not touch each other."""

from __future__ import annotations

import ast
import itertools
import math
import shlex
from collections import Counter

import pytest
from matplotlib.axis import Axis
from matplotlib.ticker import AutoLocator

import gradviz
from gradviz.cli.options import command_line
from gradviz.output.metadata import described_scene, encode
from gradviz.output.page.figure import figure_of

WIDE = {"x0": (-1000, 1000), "x1": (-1, 3)}
PICTURES = {
    "small": gradviz.Quiver(expression="x0**2 + 3*x1", range=WIDE, size=(4, 3)),
    "very wide": gradviz.Contour(
        expression="x0**2 + 3*x1", range={"x0": (-1e4, 1e4), "x1": (0, 1e-3)}, samples=9, size=(4, 3)
    ),
    "powers of ten": gradviz.Contour(
        expression="x0**2 + 3*x1", range={"x0": (1e-4, 2e-4), "x1": (-1, 3)}, samples=9, style="paper"
    ),
    "curve": gradviz.Tangent(expression="x**3", range=(-1e4, 1e4), samples=9, size=(3, 2)),
    "panels": gradviz.Contour(
        expression="a*x0**2 + 3*x1",
        range={"x0": (-10, 10), "x1": (-9, 11)},
        sweep={"a": (1, 2, 3)},
        samples=9,
    ),
    "small panels": gradviz.Quiver(
        expression="a*x0**2 + 3*x1", range=WIDE, sweep={"a": (1, 2, 3, 4, 5, 6)}, size=(5, 3.5)
    ),
    "beside each other": gradviz.Descent(
        expression="x0**2 + 3*x1**2", range=(-10, 10), samples=9, start=[(5, 2)], loss=True, size=(6, 3)
    ),
}


def numbers(axes):
    """Return the texts along x that are seen."""
    low, high = axes.get_xlim()
    shown = [tick.label1 for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    return [text for text in shown if text.get_visible() and text.get_text()]


@pytest.mark.parametrize("spec", PICTURES.values(), ids=PICTURES.keys())
def test_numbers_along_x_stand_apart(spec):
    """From one number to the next, also of the next panel, is at least a third of the height of letters."""
    figure = gradviz.render(spec)
    figure.canvas.draw()
    rows = {}
    for axes in figure.axes:
        for text in numbers(axes):
            box = text.get_window_extent()
            rows.setdefault(round(box.y0), []).append((box.x0, box.x1, text.get_fontsize() * figure.dpi / 72))
    assert max(map(len, rows.values())) >= 3
    for row in rows.values():
        for (_, end, letter), (start, *_) in itertools.pairwise(sorted(row)):
            assert start - end >= letter / 3


@pytest.mark.parametrize("ends", [(-2, 2), (0, 1), (-3, 7), (0, 100)])
def test_numbers_with_room_are_matplotlib_s_own(ends):
    """In a picture of the usual size nothing is left out."""
    axes = gradviz.render(
        gradviz.Contour(expression="x0**2 + 3*x1", range={"x0": ends, "x1": (-1, 3)}, samples=9)
    ).axes[0]
    shown = axes.get_xticks().tolist()
    axes.xaxis.set_major_locator(AutoLocator())
    assert shown == axes.get_xticks().tolist()


def test_ticks_that_are_asked_for_are_all_there():
    """Nobody's choice is thinned out, however narrow the picture."""
    asked = [float(k) for k in range(-1000, 1001, 50)]
    spec = gradviz.Contour(expression="x0**2 + 3*x1", range=WIDE, samples=9, size=(2, 2), xticks=asked)
    assert gradviz.render(spec).axes[0].get_xticks().tolist() == asked


def script_of(spec):
    """Return the script that draws a figure."""
    return encode(described_scene(spec), spec, "py").content.decode()


def test_a_script_has_the_ticks_of_the_picture():
    """Where numbers were left out the script names the places of the others; else it leaves them free."""
    usual = gradviz.Contour(expression="x0**2 + 3*x1", samples=9)
    assert "xticks" not in script_of(usual)
    spec = PICTURES["very wide"]
    figure = gradviz.render(spec)
    tree = ast.parse(script_of(spec))
    (given,) = (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "xticks")
    figure.canvas.draw()
    shown = [text.get_position()[0] for text in numbers(figure.axes[0])]
    assert ast.literal_eval(given.value) == shown


@pytest.mark.parametrize(
    "fields",
    [
        {"style": "paper", "sweep": {"a": (1, 2)}},
        {"sweep": {"a": (1, 2, 3)}, "size": (6, 2.5)},
        {"set": {"a": 1}},
        {"set": {"a": 1}, "size": (3, 2.2)},
    ],
)
def test_numbers_along_a_box_do_not_lie_on_each_other(fields):
    """In a box that is small for its letters, too, the numbers of neighbouring ticks are apart."""
    figure = gradviz.render(gradviz.Surface(expression="a*x0**2 + 3*x1", samples=9, dpi=150, **fields))
    figure.canvas.draw()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis) if axes.name == "3d" else ():
            shown = [tick.label1 for tick in axis.get_major_ticks() if tick.label1.get_text()]
            low, high = axis.get_view_interval()
            boxes = [
                text.get_window_extent()
                for text, place in zip(shown, axis.get_majorticklocs(), strict=False)
                if low <= place <= high
            ]
            assert len(boxes) > 1
            for one, other in itertools.pairwise(boxes):
                shrunk = one.padded(-0.12 * one.height)  # a box has some room above and below its digits
                assert not shrunk.overlaps(other.padded(-0.12 * other.height))


@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Surface])
def test_ticks_are_computed_once_in_a_drawing(kind, monkeypatch):
    """Drawing a picture computes the ticks of each axis, and the bounds of its numbers, one time."""
    figure = gradviz.render(kind(expression="x0**2 + 3*x1", samples=9, dpi=30))
    counts = Counter()
    for name in ("_update_ticks", "_get_ticklabel_bboxes"):
        monkeypatch.setattr(Axis, name, counted(name, getattr(Axis, name), counts))
    figure.png({})
    axes = [axis for one in figure.axes for axis in one._axis_map.values()]
    assert {axis: counts[axis, "_update_ticks"] for axis in axes} == dict.fromkeys(axes, 1)
    assert max(counts.values()) == 1
    assert not any("_update_ticks" in vars(axis) for axis in axes)


def counted(name, method, counts):
    """Return a method that counts its calls by object."""

    def call(self, *arguments):
        counts[self, name] += 1
        return method(self, *arguments)

    return call


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        (
            "-2pi:2pi:pi/2",
            ["-2\\pi", "-3\\pi/2", "-\\pi", "-\\pi/2", "0", "\\pi/2", "\\pi", "3\\pi/2", "2\\pi"],
        ),
        ((0, math.pi / 6, 5 * math.pi / 12), ["0", "\\pi/6", "5\\pi/12"]),
        ("0:4pi:2pi", ["0", "2\\pi", "4\\pi"]),
        ("0:6:1.5", None),
        ((0, 3.14159, 6.28319), None),  # typed as decimals
        ((0,), None),
    ],
)
def test_ticks_at_multiples_of_pi_are_labelled_as_such(ticks, texts):
    """Both ends of LO:HI:STEP have ticks, in pictures, scripts and pages with labels such as 3 pi / 2."""
    spec = gradviz.Tangent(expression="sin(x)", range=(-13, 13), xticks=ticks)
    axis = described_scene(spec).panels[0].x
    assert axis.tick_texts == (texts and tuple(f"${text}$" for text in texts))
    labels = gradviz.render(spec).axes[0].get_xticklabels()
    assert [label.get_position()[0] for label in labels] == [*spec.xticks]
    if texts is None:
        assert "ticklabels" not in script_of(spec)
        return
    assert [label.get_text() for label in labels] == [f"${text}$" for text in texts]
    assert f"${texts[-1]}$" in script_of(spec).replace("\\\\", "\\")
    page = figure_of(described_scene(spec)).layout["xaxis"]
    pi, minus = "\N{GREEK SMALL LETTER PI}", "\N{MINUS SIGN}"
    assert page["ticktext"] == [text.replace("\\pi", pi).replace("-", minus) for text in texts]


def test_ticks_of_a_command_line_are_those_of_its_spec():
    """The command of a spec with many ticks at equal distances gives the same ticks."""
    spec = gradviz.Contour(expression="x*y", xticks=range(-5, 6), yticks="0:3:0.5", levels=range(9))
    words = shlex.split(command_line(spec))
    given = {flag: words[words.index(flag) + 1] for flag in ("--xticks", "--yticks", "--levels")}
    assert given == {"--xticks": "-5:5:1", "--yticks": "0:3:0.5", "--levels": "0:9:1"}
    assert gradviz.Contour(expression="x*y", **{flag[2:]: text for flag, text in given.items()}) == spec


@pytest.mark.parametrize("kind", [gradviz.Contour, gradviz.Quiver, gradviz.Descent, gradviz.Surface])
def test_a_width_alone_scales_the_default_figure(kind):
    """The height follows from the content: it is the default one times the ratio of the widths."""
    default = gradviz.render(kind(expression="x0**2 + 3*x1")).get_size_inches()
    wide, high = gradviz.render(kind(expression="x0**2 + 3*x1", size=2 * default[0])).get_size_inches()
    assert wide == 2 * default[0]
    assert high == pytest.approx(2 * default[1], rel=0.1)  # texts do not grow
