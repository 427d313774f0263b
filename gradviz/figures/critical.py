"""Critical points as markers above all else, distinct by shape as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.sampling.samples import Samples
from gradviz.scene.marks import Markers, Tooltips
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of
from gradviz.specs.spec import Spec

_OPEN_RATIO = 1.7  # of the size of an open marker to that of a filled one: a path that ends inside is visible
_CRITICAL_ZORDER = 1_000
_FORMATS = (  # kind, plural, shape, colour for colour-blind readers (Okabe and Ito), size in font sizes
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
) -> list[Markers]:
    """Return the markers of critical points inside the view of a plane or a box; outlines if `is_open`."""
    low, high = np.array([*view_of(spec), zlim or (-math.inf, math.inf)]).T
    letter, markers = style.font_size, []
    for kind, plural, shape, colour, size in _FORMATS:
        same = [(*one.at, one.value) for one in samples.critical if one.kind == kind]
        points = np.array(same, np.float64).reshape(-1, 3)
        points = points[((points >= low) & (points <= high)).all(axis=-1)]
        if not points.size:
            continue
        marker = Markers(
            points[:, :dimension], shape, colour, size * letter, edge="white", edge_width=0.1 * letter,
            zorder=_CRITICAL_ZORDER, clipped=False, name=plural, group=plural,
            tooltips=Tooltips(kind, points[:, 2]),
        )  # fmt: skip
        if is_open:
            marker = replace(
                marker, size=_OPEN_RATIO * marker.size, edge=colour, edge_width=1.4 * marker.edge_width,
                filled=False, halo=("white", 3 * marker.edge_width),
            )  # fmt: skip
        markers.append(marker)
    return markers


def legend_entries(markers: Sequence[Markers]) -> list[LegendEntry]:
    """Return the legend entries of markers of critical points, open ones in the default size."""
    sizes = [marker.size if marker.filled else marker.size / _OPEN_RATIO for marker in markers]
    return [
        LegendEntry(Text(marker.name), marker=replace(marker, size=size))
        for marker, size in zip(markers, sizes, strict=True)
    ]
