"""Values written on contours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from gradviz.output.label_places import LevelLine, label_places, level_line
from gradviz.output.mpl.types import Artist, Axes, Keywords
from gradviz.sampling.numbers import format_values

if TYPE_CHECKING:
    from matplotlib.contour import QuadContourSet

_SIZE = "small"
_LABEL_GAP = 3  # dots from a label to its line
_OUTLINE = 1.5  # points


def write(contours: QuadContourSet, color: str, outline: str | None = None) -> list[Artist]:
    """Write labels on contours in a colour, with an outline or without, and return the texts.

    The layout must not change any more.
    """
    axes: Axes = contours.axes
    size = FontProperties(size=_SIZE).get_size_in_points() * axes.figure.dpi / 72
    levels = [float(level) for level in contours.levels]
    places = label_places(list(_lines(contours)), levels, size, np.array([axes.bbox.min, axes.bbox.max]))
    if not places:
        return []
    at = axes.transData.inverted().transform([place.middle for place in places]).tolist()
    look: Keywords = {"fontsize": _SIZE, "colors": [color], "fmt": format_values(levels)}
    texts = list(contours.clabel(inline_spacing=_LABEL_GAP, manual=at, **look))
    if outline is not None:
        for text in texts:
            text.set_path_effects([withStroke(linewidth=_OUTLINE, foreground=outline)])
    return texts


def _lines(contours: QuadContourSet) -> Iterator[LevelLine]:
    """Yield the contours, each in one piece, in dots."""
    axes: Axes = contours.axes
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        for piece in path.to_polygons(closed_only=False):
            yield level_line(float(level), axes.transData.transform(piece))
