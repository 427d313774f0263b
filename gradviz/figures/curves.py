"""Curves of one variable, with open circles at removable gaps."""

from __future__ import annotations

from gradviz.arrays import Floats
from gradviz.sampling.outline import Drawn, Outline
from gradviz.scene.marks import GAPS, Lines, Markers, Vertices
from gradviz.scene.style import Style

_GAP_SIZE = 0.45  # diameter of the open circle at a removable gap, in font sizes
_EDGE_SHARE = 0.7  # outline of the circle, as a share of the width of the curve


def curve_line(outline: Outline, drawn: Drawn, colour: str, width: float) -> Lines:
    """Return the line of a curve."""
    vertices = Vertices(outline.samples, drawn.ends, is_refined=not outline.has_chosen_points)
    return Lines(drawn.points, colour, width, zorder=3.0, name="curve", vertices=vertices)


def gap_marks(points: Floats, curve: Lines, style: Style) -> list[Markers]:
    """Return the open circles at removable gaps (K, 2) of a curve, which hide the curve inside of them."""
    if not len(points):
        return []
    size, width = _GAP_SIZE * style.font_size, _EDGE_SHARE * curve.width
    look = Markers(points, "o", style.page, size, curve.colour, width, zorder=3.5, name=GAPS)
    return [look]
