"""Critical points as markers above all else, distinct by shape and colour, and boxes without a proof."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.layout import NO_POINTS
from gradviz.sampling.samples import Samples
from gradviz.scene.marks import Lines, Markers, Tooltips
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of
from gradviz.specs.spec import Spec

_OPEN_RATIO = 1.7  # of the size of an open marker to that of a filled one: a path that ends inside is visible
_CRITICAL_ZORDER = 1_000
_OPEN_COLOUR = "#d55e00"
_OPEN_WIDTH = 0.15  # line width around open boxes, in units of markers
_LEAST_SIDE = 0.03  # of the view: side of an open box as it is drawn, at least
_SIDE_POINTS = 9  # number of points along a side, which follows the surface in a box
FORMATS = (  # kind, plural, shape, colour for colour-blind readers (Okabe and Ito), size in units of markers
    ("minimum", "minima", "v", "#0072b2", 0.95),
    ("maximum", "maxima", "^", "#d55e00", 0.95),
    ("saddle", "saddles", "X", "#222222", 0.9),
    ("degenerate", "degenerate", "s", "#cc79a7", 0.75),
)


def critical_markers(
    spec: Spec,
    samples: Samples,
    style: Style,
    *,
    zlim: tuple[float, float] | None = None,
    dimension: int = 2,
    is_open: bool = False,
) -> list[Markers | Lines]:
    """Return the markers of critical points inside the view of a plane, box or curve; outlines if `is_open`.

    `zlim` are limits of values. The outlines of the boxes that a proof leaves open are the last mark.
    """
    low, high = np.array([*view_of(spec), zlim or (-math.inf, math.inf)]).T
    unit = style.mark_unit
    markers: list[Markers | Lines] = []
    for kind, plural, shape, colour, size in FORMATS:
        same = [(*one.at, one.value) for one in samples.critical if one.kind == kind]
        points = np.array(same, np.float64).reshape(-1, len(low))
        points = points[((points >= low) & (points <= high)).all(axis=-1)]
        if not points.size:
            continue
        marker = Markers(
            points[:, :dimension], shape, colour, size * unit, edge="white", edge_width=0.1 * unit,
            zorder=_CRITICAL_ZORDER, clipped=False, name=plural, group=plural,
            tooltips=Tooltips(kind, points[:, -1]),
        )  # fmt: skip
        if is_open:
            marker = replace(
                marker, size=_OPEN_RATIO * marker.size, edge=colour, edge_width=1.4 * marker.edge_width,
                filled=False, halo=("white", 3 * marker.edge_width),
            )  # fmt: skip
        markers.append(marker)
    if (outlines := _outlines(spec, samples, zlim)[:, :dimension]).size:
        unproven = Lines(
            outlines, _OPEN_COLOUR, _OPEN_WIDTH * unit, zorder=_CRITICAL_ZORDER - 1,
            name="open boxes", group="unproven",
        )  # fmt: skip
        markers.append(unproven)
    return markers


def _outlines(spec: Spec, samples: Samples, zlim: tuple[float, float] | None) -> Floats:
    """Return the outlines of open boxes with the values there, as points (N, D + 1) with a gap after each.

    Values are within the limits along z.
    """
    if not samples.open_boxes:
        return np.empty((0, 3))
    low, high = np.moveaxis(np.array(samples.open_boxes), -1, 0)
    bottom, top = np.array(view_of(spec)).T
    seen = ((high >= bottom) & (low <= top)).all(axis=-1)
    low, high = low[seen], high[seen]
    half = np.maximum(high - low, _LEAST_SIDE * (top - bottom)) / 2
    along, none = np.linspace(-1, 1, _SIDE_POINTS), np.ones(_SIDE_POINTS)
    sides = [(along, -none), (none, along), (-along, none), (-none, -along), ([np.nan], [np.nan])]
    unit = np.column_stack([np.concatenate(part) for part in zip(*sides, strict=True)])
    unit = unit if len(bottom) > 1 else np.append(along, np.nan)[:, None]  # a part of a curve
    points = ((low + high) / 2)[:, None] + half[:, None] * unit
    points = points.clip(bottom, top).reshape(-1, len(bottom))
    values = samples.evaluated.field(points).clip(*(zlim or samples.evaluated.limits))
    return np.column_stack((points, values))


def legend_entries(markers: Sequence[Markers | Lines]) -> list[LegendEntry]:
    """Return the legend entries of critical points, open markers in the default size, and of outlines."""
    entries = []
    for mark in markers:
        if isinstance(mark, Lines):
            entries.append(LegendEntry(Text(mark.group), line=replace(mark, points=NO_POINTS)))
        else:
            size = mark.size if mark.filled else mark.size / _OPEN_RATIO
            entries.append(LegendEntry(Text(mark.name), marker=replace(mark, size=size)))
    return entries
