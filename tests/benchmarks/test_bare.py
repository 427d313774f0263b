"""The pictures that speed is measured with, beside those that gradviz draws: one job on both sides."""

from __future__ import annotations

import runpy
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection

import gradviz

HERE = Path(__file__).parent
BARE = runpy.run_path(str(HERE / "bare.py"))
COMMANDS = runpy.run_path(str(HERE / "processes.py"))["COMMANDS"]


def shown(figure):
    """Return what a reader sees of a figure, without the places of its parts."""
    figure.canvas.draw()  # the layout decides about ticks
    return figure.canvas.get_width_height(), [_axes(axes) for axes in figure.axes]


def _axes(axes):
    boxed = axes.name == "3d"
    letters = "xyz" if boxed else "xy"
    legend = axes.get_legend()
    return {
        "name": axes.name,
        "limits": [np.round(getattr(axes, f"get_{letter}lim")(), 6).tolist() for letter in letters],
        "labels": [getattr(axes, f"get_{letter}label")() for letter in letters],
        "ticks": [_inside(axes, letter) for letter in letters],
        "title": "".join(axes.get_title().replace(r"\,", "").split()),
        "sizes": [axes.title.get_fontsize(), axes.xaxis.label.get_fontsize()],
        "legend": legend and [text.get_text() for text in legend.get_texts()],
        "lines": [] if boxed else [_line(line) for line in axes.lines],
        "collections": [_collection(one, boxed=boxed) for one in axes.collections],
    }


def _inside(axes, letter):
    """Return the ticks of an axis that are shown."""
    low, high = sorted(getattr(axes, f"get_{letter}lim")())
    return [round(at, 6) for at in getattr(axes, f"get_{letter}ticks")().tolist() if low <= at <= high]


def _line(line):
    look = (
        line.get_linestyle(),
        line.get_marker(),
        *np.round([line.get_linewidth(), line.get_markersize()], 6).tolist(),
    )
    return np.round(np.asarray(line.get_xydata()), 6).tolist(), mpl.colors.to_hex(line.get_color()), look


def _collection(one, *, boxed):
    """Return the type, the colours and the paths of a collection.

    A box may draw other polygons, and streamlines of gradviz are its own.
    """
    norm = (one.norm.vmin, one.norm.vmax) if one.get_array() is not None else None
    if boxed:
        return norm and np.round(norm, 6).tolist()
    colours = one.cmap(np.linspace(0, 1, 9)).round(6).tolist() if one.get_array() is not None else None
    paths = [np.round(path.vertices, 3).tolist() for path in one.get_paths()]
    if type(one) is LineCollection and one.get_array() is not None:
        return norm and np.round(norm, 6).tolist(), colours
    levels = np.round(getattr(one, "levels", []), 6).tolist()
    widths = np.round(one.get_linewidth(), 6).tolist()
    return type(one).__name__, norm and np.round(norm, 6).tolist(), colours, levels, widths, paths


@pytest.mark.parametrize("name", BARE["KINDS"])
def test_a_script_by_hand_draws_the_picture_of_its_command(run, name):
    """Size, axes, texts, lines, levels and colours are the same; only the layout is Matplotlib's."""
    assert run(*COMMANDS[name], "-o", "picture.png").code == 0
    spec = gradviz.load("picture.png")
    with mpl.rc_context(BARE["SETTINGS"]):
        assert shown(BARE["KINDS"][name]()) == shown(gradviz.render(spec))


def test_small_figures_by_hand_are_those_of_the_batch():
    """The figures of the plain loop are those of the presets that a batch is measured with."""
    spec = gradviz.Quiver(expression="x0*x1 + 7*x0", samples=9, size=(3, 2.5), dpi=60)
    with mpl.rc_context({**BARE["SETTINGS"], "font.size": BARE["SMALL_FONT"]}):
        assert shown(BARE["small"](7)) == shown(gradviz.render(spec))
