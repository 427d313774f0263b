"""Points with names, and gradients at points with the level line through each, over a plane and in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures.labels import number
from gradviz.figures.layout import NO_POINTS
from gradviz.sampling.samples import Samples
from gradviz.sampling.values import GradientAt, format_point
from gradviz.scene.marks import (
    GRADIENT_AT,
    Arrows,
    ArrowShape,
    Contours,
    Label,
    Lines,
    Mark,
    Markers,
    Tooltips,
)
from gradviz.scene.scales import Bands
from gradviz.scene.scene import LegendEntry, Panel
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import has_equal_units, view_of, view_ratio

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface

    PlaneSpec = Contour | Quiver | Stream

_ARROW_ZORDER = 110.0  # above paths
_BOX_ZORDER = 910.0  # above a tangent plane, below critical points
_LONG_SHARE, _SHORT_SHARE = 0.22, 0.07  # lengths of arrows, as shares of the shorter side of the view
_TIP_SHARE = 0.28  # length of the head of an arrow in a box, as a share of the arrow
_SIDE_SHARE = 0.45  # width of such a head, as a share of its length
_FIT_SHARE = 0.96  # longest arrow, as a share of the way to the border of the view
_MARK_SIZE = 0.55  # diameter of the dot at a point, in units of markers
_LABEL_OFFSET = 4.0  # points, from a point to its name
_HALO = 1.6  # points, around a level line
_SHAPE = ArrowShape(1.0, "points", 4.2, 5.0, 4.6)
_DIGITS = 4  # significant digits of a number in a legend


def plane_points(
    spec: PlaneSpec, samples: Samples, style: Style, mesh: tuple[Floats, Floats] | None
) -> tuple[list[Mark], list[LegendEntry]]:
    """Return the marks and legend entries of points and gradients; level lines are those of a mesh."""
    view, marks, entries = np.array(view_of(spec)).T, list[Mark](), list[LegendEntry]()
    sides = view[1] - view[0]
    unit = np.full(2, sides.min()) if has_equal_units(spec) else sides * (1.0, 1 / view_ratio(spec))
    for one, colour, share in _looks(samples.gradients, style):
        if mesh is not None:
            marks += _level_line(mesh, one, colour, style)
        vector = _arrow(one, share, unit)
        if vector.any():
            room = np.where(vector > 0, view[1] - one.at, view[0] - one.at)
            with np.errstate(all="ignore"):
                fits = float(np.nanmin(np.where(vector != 0, room / vector, np.inf)))
            vector = vector * min(1.0, max(_FIT_SHARE * fits, _SHORT_SHARE / share))
            shape = replace(_SHAPE, width=1.2 * style.line_width)
            arrow = Arrows(np.array([one.at]), vector[None], shape, colour=colour, outline=style.page)
            marks.append(replace(arrow, zorder=_ARROW_ZORDER, name=GRADIENT_AT))
        marks.append(_dot(np.array([one.at]), one.value, colour, style))
        entries.append(_entry(one, colour, style))
    for x, y, name in spec.point:
        at = np.array([[x, y]])
        marks.append(_dot(at, float(samples.evaluated.field(at)[0]), style.text, style, name))
        if name:
            marks.append(_name((x, y), name, style))
    return marks, entries


def box_points(
    spec: Surface, samples: Samples, style: Style, panel: Panel, mesh: tuple[Floats, Floats]
) -> list[Mark]:
    """Return the marks of points and gradients in a box: arrows on the floor and tangent to the surface."""
    marks: list[Mark] = []
    (xlim, ylim, (floor, top)) = (axis.limits or (0.0, 1.0) for axis in panel.axes.values())
    unit = np.array([xlim[1] - xlim[0], ylim[1] - ylim[0]])
    behind = 0.6 if spec.elev >= 0 else _BOX_ZORDER  # a viewer above the floor sees it behind the surface
    for one, colour, share in _looks(samples.gradients, style):
        points, values = mesh
        marks.append(Contours(points, values, (one.value,), Bands(None, (colour,)),
                              width=style.line_width, zorder=behind, height=floor))  # fmt: skip
        vector, at = _arrow(one, share, unit), np.array([*one.at, one.value])
        on_floor = np.array([*one.at, floor])
        drop = Lines(np.stack((on_floor, at)), colour, 0.5 * style.line_width, ":", zorder=_BOX_ZORDER)
        marks += [replace(drop, name=GRADIENT_AT), _dot(at[None], one.value, colour, style)]
        if not vector.any():
            continue
        rise = float(one.gradient @ vector)
        fits = (top - one.value) / rise if rise > 0 else 1.0
        tangent = np.array([*vector, rise]) * min(1.0, max(fits, 0.2))
        scale = np.array([*unit, top - floor])
        for start, way, zorder in ((on_floor, np.array([*vector, 0.0]), behind), (at, tangent, _BOX_ZORDER)):
            points = _box_arrow(start, way, scale)
            marks.append(Lines(points, colour, style.line_width, zorder=zorder + 1, name=GRADIENT_AT))
    for x, y, name in spec.point:
        value = float(samples.evaluated.field([x, y]))
        if floor <= value <= top:
            marks.append(_dot(np.array([[x, y, value]]), value, style.text, style, name))
            marks += [_name((x, y, value), name, style)] if name else []
    return marks


def point_entries(samples: Samples, style: Style) -> list[LegendEntry]:
    """Return the legend entries of gradients at points."""
    return [_entry(one, colour, style) for one, colour, _ in _looks(samples.gradients, style)]


def _looks(gradients: Sequence[GradientAt], style: Style) -> list[tuple[GradientAt, str, float]]:
    """Return each gradient with its colour and the length of its arrow, a share of the shorter side."""
    sizes = [float(magnitudes(one.gradient)) for one in gradients]
    longest = max(sizes, default=0.0) or 1.0
    return [
        (one, style.accents[i % len(style.accents)], max(_LONG_SHARE * size / longest, _SHORT_SHARE))
        for i, (one, size) in enumerate(zip(gradients, sizes, strict=True))
    ]


def _arrow(one: GradientAt, share: float, unit: Floats) -> Floats:
    """Return a vector (2,) along the gradient that looks as long as a share of the unit (2,)."""
    size = float(magnitudes(one.gradient / np.abs(one.gradient).max() / unit)) if one.gradient.any() else 0.0
    return share * one.gradient / np.abs(one.gradient).max() / size if size else np.zeros(2)


def _box_arrow(start: Floats, way: Floats, scale: Floats) -> Floats:
    """Return an arrow in a box as a line (N, 3); `scale` (3,) are the sides of the box."""
    tip, along = start + way, way / scale
    side = np.array([-along[1], along[0], 0.0]) * scale
    back = tip - _TIP_SHARE * way
    wings = [back + sign * _TIP_SHARE * _SIDE_SHARE * side for sign in (-1, 1)]
    return np.stack((start, tip, wings[0], tip, wings[1]))


def _level_line(mesh: tuple[Floats, Floats], one: GradientAt, colour: str, style: Style) -> list[Contours]:
    """Return the level line through a point, above a wider one in the colour of the page."""
    points, values = mesh
    line = Contours(points, values, (one.value,), Bands(None, (colour,)), width=style.line_width, zorder=3.0)
    return [replace(line, bands=Bands(None, (style.page,)), width=style.line_width + _HALO, zorder=2.9), line]


def _dot(at: Floats, value: float, colour: str, style: Style, name: str = "") -> Markers:
    size = _MARK_SIZE * style.mark_unit
    return Markers(
        at, "o", colour, size, edge=style.page, edge_width=0.8, zorder=_BOX_ZORDER + 2, clipped=False,
        name=GRADIENT_AT if not name else "point", tooltips=Tooltips(name, np.array([value])),
    )  # fmt: skip


def _name(at: tuple[float, ...], name: str, style: Style) -> Label:
    return Label(
        Text(name, math=False), at, ("data", "data"), (_LABEL_OFFSET, _LABEL_OFFSET), style.text,
        ("left", "bottom"), in_layout=False, outline=style.page,
    )  # fmt: skip


def _entry(one: GradientAt, colour: str, style: Style) -> LegendEntry:
    """Return the legend entry of a gradient: its numbers, and the level of the line through its point."""
    at, slopes = (
        ", ".join(f"{{{number(float(x), _DIGITS)}}}" for x in part) for part in (one.at, one.gradient)
    )
    text = rf"$\nabla f({at}) = ({slopes})$, level ${number(one.value, _DIGITS)}$"
    line = Lines(NO_POINTS, colour, style.line_width)
    dot = Markers(NO_POINTS, "o", colour, _MARK_SIZE * style.mark_unit, edge=style.page, edge_width=0.8)
    return LegendEntry(Text(text), line=line, marker=dot)


def depict_points(spec: PlaneSpec | Surface, samples: Samples) -> str:
    """Describe the gradients at points and the named points; mostly nothing."""
    arrows = [
        f"({', '.join(f'{x:z.4g}' for x in one.gradient)}) at {format_point(one.at)}"
        for one in samples.gradients
    ]
    names = [f"{name or 'a point'} at {format_point((x, y))}" for x, y, name in spec.point]
    parts = [f"the gradient {' and '.join(arrows)} as an arrow, with its level line"] if arrows else []
    return "".join(f", with {part}" for part in (*parts, *([" and ".join(names)] if names else [])))
