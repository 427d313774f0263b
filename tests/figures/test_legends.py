"""Places and entries of legends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import gradviz
from gradviz.output.mpl.reach import box_bounds
from gradviz.scene.style import STYLES
from gradviz.specs import spec_from

FIGURES = {
    "parabola": {"kind": "tangent", "expression": "x**2", "at": [0, 1]},
    "sine": {"kind": "tangent", "expression": "sin(3x)", "at": [0, 1, 2], "derivative": True},
    "secants": {"kind": "tangent", "expression": "sin(3x)", "at": [0, 1, 2, 3], "secant": 1},
    "path": {"kind": "descent", "expression": "x**2/20 + y**2", "start": [-7, 2]},
    "paths": {"kind": "descent", "expression": "x**2/20 + y**2", "critical": True,
              "start": [[-7, 2], [7, 2], [7, -2], [-7, -2]],
              "optimizers": ["sgd,learning_rate=0.95", "adam,learning_rate=0.3"]},
    "parts": {"kind": "descent", "expression": "x**2/20 + y**2", "optimizers": "adam", "anatomy": 2},
    "plane": {"kind": "surface", "expression": "x**2 - y**2", "tangent_at": [1, 0.5], "critical": True},
}  # fmt: skip
INSIDE = {"parabola", "path"}


def drawn(name, style="default"):
    """Return a figure whose layout is done."""
    figure = gradviz.render(spec_from({**FIGURES[name], "style": style, "samples": 41, "dpi": 60}))
    figure.canvas.draw()
    return figure


def bounds(artist):
    """Return the bounds of an artist in pixels: of axes in three dimensions, those of the visible box."""
    return box_bounds(artist) if getattr(artist, "name", "") == "3d" else artist.get_tightbbox()


def in_pixels(line):
    """Return places (N, 2) all along a line, no farther apart than it is wide."""
    points = line.get_transform().transform(line.get_xydata())
    points = points[np.isfinite(points).all(axis=1)]
    between = [np.linspace(a, b, 400) for a, b in pairwise(points)]
    return np.concatenate([points, *between])


@pytest.mark.parametrize("name", FIGURES)
def test_a_legend_covers_no_line(name):
    """It stands inside where there is room beside all lines, and else below all axes."""
    figure = drawn(name)
    axes = figure.axes[0]
    legends = [*figure.legends, *filter(None, [axes.get_legend()])]
    (box,) = (legend.get_window_extent() for legend in legends)
    assert (axes.get_legend() is not None) == (name in INSIDE)
    if name in INSIDE:
        assert not any(box.count_contains(in_pixels(line)) for line in axes.lines)
    else:
        assert box.y1 < min(bounds(part).y0 for part in figure.axes) + 1


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", sorted(set(FIGURES) - INSIDE))
def test_beside_a_legend_below_nothing_is_cut(name, style):
    """Title, axes and legend lie inside of the picture, whose width is the style's."""
    figure = drawn(name, style)
    assert figure.get_figwidth() in {STYLES[style].size[0], 1.7 * STYLES[style].size[0]}
    for part in (*figure.axes, *figure.legends):
        with figure.own_settings():  # on which the number of ticks depends
            box = bounds(part)
        assert min(box.x0, box.y0) > -1
        assert max(box.x1 - figure.bbox.width, box.y1 - figure.bbox.height) < 1
