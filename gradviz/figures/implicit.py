"""Curves of equations as marks over a plane."""

from __future__ import annotations

from gradviz.figures.layout import NO_POINTS
from gradviz.language.tree import depth
from gradviz.printing.typesetting import MATHTEXT
from gradviz.sampling.implicit import Curve
from gradviz.scene.marks import Contours, Lines, Mark, Markers
from gradviz.scene.scales import Bands
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_ISOLATED_SIZE = 0.55  # diameter of an isolated point, in units of markers
_TYPESET_DEPTH = 10  # depth of a tree above which a formula is shown as typed
_CURVE_ZORDER = 3.0


def curve_marks(curve: Curve, colour: str, width: float, style: Style) -> list[Mark]:
    """Return the line of a curve, and its isolated points as dots."""
    marks: list[Mark] = []
    if curve.lines:
        points, values = curve.mesh
        bands = Bands(None, (colour,))
        marks.append(Contours(points, values, (0.0,), bands, width=width, zorder=_CURVE_ZORDER))
    if len(curve.isolated):
        size = _ISOLATED_SIZE * style.mark_unit
        marks.append(Markers(curve.isolated, "o", colour, size, zorder=_CURVE_ZORDER, name="isolated points"))
    return marks


def curve_entry(curve: Curve, colour: str, width: float) -> LegendEntry:
    """Return the legend entry of a curve: its equation, typeset unless it is deep."""
    is_short = depth(curve.formula) <= _TYPESET_DEPTH
    text = Text(f"${MATHTEXT.text(curve.formula)}$") if is_short else Text(curve.text, math=False)
    return LegendEntry(text, line=Lines(NO_POINTS, colour, width))
