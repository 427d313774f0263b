"""Contours as lines, in the coordinates of the data, with their colours."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from contourpy import contour_generator

from gradviz.arrays import Floats, components
from gradviz.errors import Ref, RequestError
from gradviz.output.page.traces import Trace, colour_bar, css, thinned
from gradviz.sampling.levels import level_ticks
from gradviz.scene.marks import Contours
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_ALGORITHM = "mpl2014"  # Matplotlib's default: lines are the same as in other formats
_MOVE_TO = 1  # code of a point that begins a line, in Matplotlib's notation


@dataclass(frozen=True, eq=False)
class Level:
    """The lines of one level, or the outlines of one band of filled contours."""

    value: float
    """The level; of a band the middle."""
    points: Floats
    """(N, 2), with NaN between two lines."""
    colour: str


def levels_of(mark: Contours, most: int) -> list[Level]:
    """Return the levels or bands of contours that occur, thinned to about `most` points in all.

    Raises RequestError for more lines than a page can hold.
    """
    pieces = [lines_of(*part) for part in generated(mark)]
    step = -(-sum(len(line) for lines in pieces for line in lines) // most) or 1
    values, colours = layers(mark), colours_of(mark)
    found = [
        Level(value, _joined(lines, step), colour)
        for value, lines, colour in zip(values, pieces, colours, strict=True)
        if lines
    ]
    if sum(len(level.points) for level in found) > 2 * most:
        raise RequestError(
            "the contours are too many and too short for a page; lower ",
            Ref("samples"),
            " or ",
            Ref("levels"),
        )
    return found


def generated(mark: Contours) -> list[tuple[Any, Any]]:
    """Return for each level or band lists of points (N, 2) and of the codes of these points."""
    x, y = components(mark.mesh)
    # Any: the type of lines depends on the algorithm.
    generator: Any = contour_generator(
        x, y, np.ma.masked_invalid(mark.values), name=_ALGORITHM, corner_mask=True
    )
    if not mark.filled:
        return [generator.lines(level) for level in mark.levels]
    limits = _band_limits(mark)
    if np.nanmin(mark.values) == limits[0]:
        limits[0] -= 1  # a band is open below, and the lowest one has the minimum all the same
    return [generator.filled(low, high) for low, high in pairwise(limits)]


def layers(mark: Contours) -> list[float]:
    """Return the values by which levels or bands are coloured: the levels, or the middles of bands."""
    if not mark.filled:
        return list(mark.levels)
    limits = _band_limits(mark)
    return [(low + high) / 2 for low, high in pairwise(limits)]


def _band_limits(mark: Contours) -> list[float]:
    """Return the limits of bands, with those of values beyond the levels."""
    extend = mark.bands.extend
    below, above = [-1e250] * (extend in ("min", "both")), [1e250] * (extend in ("max", "both"))
    return [*below, *mark.levels, *above]


def colours_of(mark: Contours) -> list[str]:
    """Return the colour of each level or band."""
    bands, values = mark.bands, layers(mark)
    if bands.map is None or bands.colours:
        given = [css(colour) for colour in bands.colours]
        return given * len(values) if len(given) == 1 else given
    low, high = min(mark.levels), max(mark.levels)
    return [css(bands.map.at((value - low) / (high - low or 1.0))) for value in values]


def levels_bar(mark: Contours, style: Style, label: Text) -> Trace:
    """Return a trace without points that has the colour bar of levels, with equal distances between them."""
    colours = colours_of(mark)
    first = 1 if mark.filled and mark.bands.extend in ("min", "both") else 0
    end = len(colours) if mark.filled else len(colours) - 1
    scale = [
        [edge / end, colour]
        for i, colour in enumerate(colours)
        for edge in ((i, i + 1) if mark.filled else (i,))
    ]
    places = {level: float(i + first) for i, level in enumerate(mark.levels)}
    ticks = [(places[level], text) for level, text in level_ticks(mark.levels)]
    marker = {"color": [0], "cmin": 0, "cmax": end, "colorscale": scale, "showscale": True}
    return {
        "mode": "markers",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "showlegend": False,
        "marker": {**marker, "colorbar": colour_bar(label, style, ticks)},
    }


def lines_of(points: list[Floats], codes: list[Any]) -> list[Floats]:
    """Return the lines (N, 2) of one level; an outline of a band and each of its holes are lines."""
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
