"""Contours as lines in the coordinates of the data, with their colours and labels."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from contourpy import contour_generator

from gradviz.arrays import Floats, components, magnitudes
from gradviz.errors import Ref, RequestError
from gradviz.output.label_places import label_places, level_line
from gradviz.output.page.traces import LETTER_SIZE, Trace, colour_bar, css, thinned
from gradviz.sampling.levels import level_ticks
from gradviz.scene.marks import Contours
from gradviz.scene.scene import Panel
from gradviz.scene.style import Style
from gradviz.scene.text import Text

LABEL_SIZE = LETTER_SIZE - 1  # font size in pixels
_ALGORITHM = "mpl2014"  # Matplotlib's default: lines are the same as in other formats
_MOVE_TO = 1  # code of a point that begins a line, in Matplotlib's notation
_PANEL_WIDTH = 620  # pixels: a typical width of axes, by which labels are placed
_GAP = 6  # pixels from a label to its line


class Level(NamedTuple):
    """The lines of one level, or the outlines of one band of filled contours."""

    value: float
    """The level; of a band the middle."""
    points: Floats
    """(N, 2), with NaN between two lines."""
    colour: str


def levels_of(mark: Contours, most: int) -> tuple[list[Level], list[str]]:
    """Return the levels or bands that occur, of about `most` points in all, and the colours of all.

    Raises RequestError for more lines than a page can hold.
    """
    values, outlines = _outlines(mark)
    colours = _colours(mark, values)
    step = -(-sum(len(line) for lines in outlines for line in lines) // most) or 1
    found = [
        Level(value, _joined(lines, step), colour)
        for value, lines, colour in zip(values, outlines, colours, strict=True)
        if lines
    ]
    if sum(len(level.points) for level in found) > 2 * most:
        problem = "the contours are too many and too short for a page; lower "
        raise RequestError(problem, Ref("samples"), " or ", Ref("levels"))
    return found, colours


def _outlines(mark: Contours) -> tuple[list[float], list[list[Floats]]]:
    """Return the levels, or the middles of bands, and the lines (N, 2) of each, holes of bands included."""
    # Any: the type of lines depends on the algorithm.
    generator: Any = contour_generator(
        *components(mark.mesh), np.ma.masked_invalid(mark.values), name=_ALGORITHM, corner_mask=True
    )
    if not mark.filled:
        return list(mark.levels), [_lines(*generator.lines(level)) for level in mark.levels]
    extend = mark.bands.extend
    below, above = [-1e250] * (extend in ("min", "both")), [1e250] * (extend in ("max", "both"))
    limits = [*below, *mark.levels, *above]
    middles = [(low + high) / 2 for low, high in pairwise(limits)]
    if np.nanmin(mark.values) == limits[0]:
        limits[0] -= 1  # a band is open below, and the lowest one has the minimum all the same
    return middles, [_lines(*generator.filled(low, high)) for low, high in pairwise(limits)]


def _lines(points: list[Floats], codes: list[Any]) -> list[Floats]:
    """Return lines (N, 2) from points with codes in Matplotlib's notation."""
    return [
        line
        for part, code in zip(points, codes, strict=True)
        for line in np.split(part, np.flatnonzero(code == _MOVE_TO)[1:])
    ]


def _joined(lines: list[Floats], step: int) -> Floats:
    """Return lines as one, with NaN between two, and with every `step`-th of their points."""
    gap = np.full((1, 2), np.nan)
    parts = [part for line in lines for part in (gap, line[thinned(len(line), -(-len(line) // step))])]
    return np.concatenate(parts[1:])


def _colours(mark: Contours, values: list[float]) -> list[str]:
    """Return the colours of levels, or of bands by their middles."""
    bands = mark.bands
    if bands.map is None or bands.colours:
        given = [css(colour) for colour in bands.colours]
        return given * len(values) if len(given) == 1 else given
    low, high = min(mark.levels), max(mark.levels)
    return [css(bands.map.at((value - low) / (high - low or 1.0))) for value in values]


def levels_bar(mark: Contours, colours: list[str], style: Style, label: Text) -> Trace:
    """Return the look of a trace without points that has the colour bar of levels, equally spaced."""
    first = 1 if mark.filled and mark.bands.extend in ("min", "both") else 0
    end = len(colours) if mark.filled else len(colours) - 1
    scale = [
        [edge / end, colour]
        for i, colour in enumerate(colours)
        for edge in ((i, i + 1) if mark.filled else (i,))
    ]
    places = {level: float(i) for i, level in enumerate(mark.levels, first)}
    bar = colour_bar(label, style, [(places[level], text) for level, text in level_ticks(mark.levels)])
    marker = {"color": [0], "cmin": 0, "cmax": end, "colorscale": scale, "showscale": True, "colorbar": bar}
    return {"mode": "markers", "hoverinfo": "skip", "showlegend": False, "marker": marker}


class ContourLabel(NamedTuple):
    """A label on a contour, in the units of the data."""

    text: str
    at: Floats
    """The middle (2,)."""
    radius: Floats
    """The distances (2,) along x and y within which the line is left out."""
    rotation: float
    """In degrees counterclockwise."""


def contour_labels(mark: Contours, panel: Panel) -> list[ContourLabel]:
    """Return the labels of contours where there is room on their lines, in a panel of a typical size."""
    low, high = np.array([panel.x.limits, panel.y.limits], dtype=np.float64).T
    ratio = panel.box_aspect or float((high - low)[1] / (high - low)[0])
    size = np.array([_PANEL_WIDTH, ratio * _PANEL_WIDTH])
    scale = size / (high - low)  # pixels in a unit
    lines = [
        level_line(level, (line - low) * scale)
        for level, outlines in zip(*_outlines(mark), strict=True)
        for line in outlines
    ]
    box = np.array([(0.0, 0.0), size])
    return [
        ContourLabel(text, middle / scale + low, (width / 2 + _GAP) / scale, rotation)
        for text, width, middle, rotation in label_places(lines, mark.levels, LABEL_SIZE, box)
    ]


def cut(points: Floats, labels: list[ContourLabel]) -> Floats:
    """Return points (N, 2) of contours with NaN for those below a label."""
    found = points.copy()
    for label in labels:
        found[magnitudes((points - label.at) / label.radius) < 1] = np.nan
    return found
