"""Critical points as markers above all else, distinct by shape as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gradviz.calculus import CriticalPoint
from gradviz.scene.marks import Markers, Tooltips
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import View

_OPEN_RATIO = 1.7  # of the size of an open marker to that of a filled one: a path that ends inside is visible
_CRITICAL_ZORDER = 1_000


class _Look(NamedTuple):
    plural: str
    shape: str
    colour: str
    size: float
    """In font sizes."""


LOOKS: Mapping[str, _Look] = {
    "minimum": _Look("minima", "v", "#0072b2", 0.95),
    "maximum": _Look("maxima", "^", "#d55e00", 0.95),
    "saddle": _Look("saddles", "X", "#222222", 0.9),
    "degenerate": _Look("degenerate", "s", "#cc79a7", 0.75),
}
"""The marker of each kind; distinct for colour-blind readers (Okabe and Ito)."""


def in_view(
    points: Sequence[CriticalPoint], view: View, zlim: tuple[float, float] | None = None
) -> list[CriticalPoint]:
    """Return the critical points inside the limits of the axes."""
    limits = (*view, zlim or (-math.inf, math.inf))
    return [
        point
        for point in points
        if all(low <= x <= high for x, (low, high) in zip((*point.at, point.value), limits, strict=True))
    ]


def critical_markers(
    points: Sequence[CriticalPoint], style: Style, *, dimension: int = 2, is_open: bool = False
) -> list[Markers]:
    """Return the markers of critical points in a plane or a box, as outlines alone if `is_open`."""
    letter = style.font_size
    edge = 0.1 * letter
    found = []
    for kind, look in LOOKS.items():
        places = np.array([(*point.at, point.value) for point in points if point.kind == kind], np.float64)
        if not places.size:
            continue
        marker = Markers(
            places[:, :dimension], look.shape, look.colour, look.size * letter, edge="white", edge_width=edge,
            zorder=_CRITICAL_ZORDER, clipped=False, name=look.plural, group=look.plural,
            tooltips=Tooltips(kind, places[:, 2]),
        )  # fmt: skip
        if is_open:
            marker = replace(
                marker, size=_OPEN_RATIO * marker.size, edge=look.colour, edge_width=1.4 * edge,
                filled=False, halo=("white", 3 * edge),
            )  # fmt: skip
        found.append(marker)
    return found


def legend_entries(markers: Sequence[Markers]) -> list[LegendEntry]:
    """Return the legend entries of markers of critical points, open ones in the default size."""
    return [
        LegendEntry(
            Text(marker.name),
            marker=marker if marker.filled else replace(marker, size=marker.size / _OPEN_RATIO),
        )
        for marker in markers
    ]
