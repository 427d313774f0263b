"""Open circles at removable gaps of curves of one variable."""

from __future__ import annotations

from gradviz.arrays import Floats
from gradviz.scene.marks import GAPS, Lines, Markers
from gradviz.scene.style import Style

_GAP_SIZE = 0.45  # diameter of the open circle at a removable gap, in font sizes
_EDGE_SHARE = 0.7  # outline of the circle, as a share of the width of the curve


def gap_marks(points: Floats, curve: Lines, style: Style) -> list[Markers]:
    """Return the open circles at removable gaps (K, 2) of a curve, which hide the curve inside of them."""
    if not len(points):
        return []
    size, width = _GAP_SIZE * style.font_size, _EDGE_SHARE * curve.width
    look = Markers(points, "o", style.page, size, curve.colour, width, zorder=3.5, name=GAPS)
    return [look]
