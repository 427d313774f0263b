"""Constraints as marks: their curves, the extrema on them, and the parallel gradients there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures.critical import FORMATS
from gradviz.figures.implicit import curve_entry, curve_marks
from gradviz.figures.labels import number
from gradviz.figures.layout import NO_POINTS
from gradviz.sampling.constraints import Constraint
from gradviz.sampling.limits import Limits
from gradviz.sampling.samples import Samples
from gradviz.sampling.values import format_point
from gradviz.scene.marks import GRADIENT_AT, Arrows, ArrowShape, Contours, Lines, Mark, Markers, Tooltips
from gradviz.scene.scales import Bands
from gradviz.scene.scene import LegendEntry
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import has_equal_units, view_of, view_ratio

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour

_GRADIENT_LENGTHS = 0.17, 0.1  # longest and shortest arrow of the function, as shares of the view
_NORMAL_LENGTH = 0.08  # arrow of a constraint, as a share of the shorter side of the view
_GRADIENT_SHAPE = ArrowShape(1.1, "points", 4.2, 5.0, 4.6)  # width in widths of lines
_NORMAL_SHAPE = ArrowShape(2.0, "points", 2.8, 3.2, 2.9)  # width in widths of lines
_EXTREMUM_ZORDER = 920.0  # above points, below critical points
_ARROWS_ZORDER = 111.0
_LINE_HALO = 1.6  # points, around a curve
_VALUES = 3  # values of extrema in a legend
_VALUE_DIGITS = 5
_DESCRIBED = 8  # extrema on a constraint in a description


def constraint_marks(spec: Contour, samples: Samples, style: Style) -> tuple[list[Mark], list[LegendEntry]]:
    """Return the curves, the extrema and the gradients of constraints over a plane."""
    view, marks, width = np.array(view_of(spec)).T, list[Mark](), style.line_width
    sides = view[1] - view[0]
    unit = np.full(2, sides.min()) if has_equal_units(spec) else sides * (1.0, 1 / view_ratio(spec))
    for one, colour in _coloured(samples.constraints, style):
        for mark in curve_marks(one.curve, colour, width, style):
            if isinstance(mark, Contours):
                halo = replace(mark, bands=Bands(None, (style.page,)), width=width + _LINE_HALO)
                marks.append(replace(halo, zorder=2.9))
            marks.append(mark)
        at = np.array([point.at for point in one.points]).reshape(-1, 2)
        normals = _arrows(at, one.normals, (_NORMAL_LENGTH, _NORMAL_LENGTH), unit)
        gradients = _arrows(at, one.gradients, _GRADIENT_LENGTHS, unit)
        marks += [_coloured_arrow(arrow, _NORMAL_SHAPE, colour, style) for arrow in normals]
        marks += [_coloured_arrow(arrow, _GRADIENT_SHAPE, style.accents[1], style) for arrow in gradients]
        marks += extremum_markers(one, at, style)
    return marks, [*constraint_entries(samples, style), *_gradient_entries(samples, style)]


def box_constraints(samples: Samples, style: Style, limits: Limits) -> list[Mark]:
    """Return the curves of constraints on a surface, and the extrema, within the limits of a box along z."""
    marks: list[Mark] = []
    field, (low, high) = samples.evaluated.field, limits
    for one, colour in _coloured(samples.constraints, style):
        parts = [part for line in one.curve.lines for part in (line, np.full((1, 2), np.nan))]
        if parts:
            points = np.concatenate(parts[:-1])
            values = field(points)
            values[~((values >= low) & (values <= high))] = np.nan
            lifted = np.column_stack((points, values))
            line = Lines(lifted, colour, style.line_width, zorder=_EXTREMUM_ZORDER - 1, name=GRADIENT_AT)
            marks.append(line)
        at = np.array([(*point.at, point.value) for point in one.points]).reshape(-1, 3)
        marks += extremum_markers(one, at, style)
    return marks


def _coloured(constraints: Sequence[Constraint], style: Style) -> list[tuple[Constraint, str]]:
    """Return constraints with the colours of their curves and normals."""
    colours = (style.text, *style.accents[2:])
    return [(one, colours[i % len(colours)]) for i, one in enumerate(constraints)]


def _arrows(at: Floats, vectors: Floats, lengths: tuple[float, float], unit: Floats) -> list[Arrows]:
    """Return arrows along vectors (K, 2), in proportion to their magnitudes up to the longest length.

    The longest and the shortest length are shares of the unit (2,); a vector 0 has no arrow.
    """
    longest, shortest = lengths
    sizes, looks = magnitudes(vectors), magnitudes(vectors / unit)
    known = sizes > 1e-9 * float(sizes.max(initial=0.0))
    if not known.any():
        return []
    shares = np.fmax(longest * sizes[known] / sizes.max(), shortest)
    ways = vectors[known] * (shares / looks[known])[:, None]
    return [Arrows(at[known], ways, name=GRADIENT_AT)]


def _coloured_arrow(arrow: Arrows, shape: ArrowShape, colour: str, style: Style) -> Arrows:
    shape = replace(shape, width=shape.width * style.line_width)
    return replace(arrow, shape=shape, colour=colour, outline=style.page, zorder=_ARROWS_ZORDER)


def extremum_markers(one: Constraint, at: Floats, style: Style) -> list[Markers]:
    """Return the extrema on a constraint as markers at points (K, 2 or 3), one mark for each kind."""
    marks, unit = [], style.mark_unit
    for kind, _, shape, colour, size in FORMATS:
        same = [i for i, point in enumerate(one.points) if point.kind == f"constrained {kind}"]
        if same:
            values = np.array([one.points[i].value for i in same])
            marks.append(Markers(
                at[same], shape, colour, size * unit, edge="white", edge_width=0.1 * unit,
                zorder=_EXTREMUM_ZORDER, clipped=False, name=f"constrained {kind}",
                tooltips=Tooltips(f"constrained {kind}", values),
            ))  # fmt: skip
    return marks


def constraint_entries(samples: Samples, style: Style) -> list[LegendEntry]:
    """Return the legend entries of constraints: equations, and extrema with their values."""
    entries, extrema = list[LegendEntry](), dict[str, tuple[Markers, list[str]]]()
    for one, colour in _coloured(samples.constraints, style):
        entries.append(curve_entry(one.curve, colour, style.line_width))
        for mark in extremum_markers(one, np.empty((len(one.points), 2)), style):
            kept = extrema.setdefault(mark.name, (replace(mark, points=NO_POINTS), []))[1]
            kept += [number(one.value, _VALUE_DIGITS) for one in one.points if one.kind == mark.name]
    for name, (mark, every) in extrema.items():
        values = list(dict.fromkeys(every))
        more = r", \ldots" if len(values) > _VALUES else ""
        shown = ", ".join(f"{{{value}}}" for value in values[:_VALUES])
        kind = name.removeprefix("constrained ")
        words = next(plural for one, plural, *_ in FORMATS if one == kind) if len(every) > 1 else kind
        entries.append(LegendEntry(Text(f"constrained {words}, $f = {shown}{more}$"), marker=mark))
    return entries


def _gradient_entries(samples: Samples, style: Style) -> list[LegendEntry]:
    """Return the legend entries of the arrows at extrema on constraints over a plane."""
    if not any(one.points for one in samples.constraints):
        return []
    normal = _coloured(samples.constraints, style)[0][1]
    arrows = {r"$\nabla f$": style.accents[1], r"$\nabla g$": normal}
    return [
        LegendEntry(Text(text), marker=Markers(NO_POINTS, r"$\rightarrow$", colour, style.mark_unit))
        for text, colour in arrows.items()
    ]


def depict_constraints(samples: Samples) -> str:
    """Describe the constraints and the extrema on them; mostly nothing."""
    parts = []
    for one in samples.constraints:
        points = one.points[:_DESCRIBED]
        found = [f"a {point.kind} of {point.value:z.4g} at {format_point(point.at)}" for point in points]
        parts.append(f", and the constraint {one.curve.text} with {', '.join(found) or 'no extremum'}")
    return "".join(parts)
