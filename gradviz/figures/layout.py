"""Sizes of figures, their panels over a plane, and their scenes, by arithmetic on what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.labels import Caption, axis_label, hover_of, title_of, variable_label
from gradviz.sampling.limits import Limits, is_balanced
from gradviz.scene.marks import Mark
from gradviz.scene.scene import Axis, ColourBar, Legend, LegendEntry, Panel, Scene, Size
from gradviz.scene.style import STYLES, ColourMaps, Style, font_share, mark_scale
from gradviz.specs.panels import panel_grid
from gradviz.specs.plane import (
    ABOVE_SHARE,
    BOX_ASPECT,
    axes_sides,
    fills_room,
    has_equal_units,
    has_height,
    view_ratio,
)
from gradviz.specs.spec import Spec

_DEFAULT_SIDE = 4.7  # inches: the shorter side of axes for which marks are made
_MIN_HEIGHT, _MAX_HEIGHT = 0.42, 1.25  # of a figure or a panel, as a share of its width

NO_POINTS = np.empty((0, 2))
"""The points of marks in legends."""

Inches = tuple[float, float]
Cell = tuple[float, float | None]
"""The width of a figure's cell in inches, and its height if a size was asked for."""


@dataclass(frozen=True)
class Place:
    """The place of a figure: the whole picture, or one cell of the panels of a sweep."""

    size: Inches | None = None
    """Width and height of the whole picture in inches; None for the figure's own size."""
    rows: int = 1
    columns: int = 1
    caption: Caption | None = None
    """The value of a swept parameter, of a panel or a frame."""
    is_panel: bool = False
    """Whether the figure is one of several panels, with one title, colour bar and legend for all."""


def maps_of(style: Style, limits: Limits | None = None) -> ColourMaps:
    """Return the resolved colour maps of a style, diverging ones for values on both sides of 0."""
    assert style.maps is not None  # noqa: S101 - resolved before a figure is composed
    is_signed = limits is not None and is_balanced(limits)
    return (style.maps.diverging if is_signed else None) or style.maps


def with_own(own: Sequence[str], colours: Sequence[str]) -> tuple[str, ...]:
    """Return the colours that a user gave, and those of a style for all others."""
    return (*own, *colours[len(own) :])


def sized(style: Style, spec: Spec, place: Place, default: Inches | None = None) -> Style:
    """Return a style with marks of the size of the axes, and a smaller font in a much smaller figure."""
    style = _with_marks(style, spec, place, default)
    if spec.size is None or spec.font_size is not None or place.is_panel:
        return style
    default = default or style.size
    size = size_of(spec, default)
    return replace(style, font_size=style.font_size * font_share((size.width, size.height), default))


def _with_marks(style: Style, spec: Spec, place: Place, default: Inches | None) -> Style:
    """Return a style whose lines and markers scale with the cell of a figure; those of the book do not."""
    if style.uses_defaults:
        return style
    size = size_of(spec, default or style.size)
    rows, columns = panel_grid(spec) if place.size is None else (place.rows, place.columns)
    width, height = place.size or (size.width, size.height)
    asked = has_height(spec)
    scale = mark_scale(
        (width / columns, height / rows if asked else width), style.size[:1] * 2 if not asked else style.size
    )
    return replace(
        style, line_width=scale * style.line_width, mark_unit=scale * style.mark_unit, mark_scale=scale
    )


def size_of(spec: Spec, default: Inches) -> Size:
    """Return the size that was asked for, or the default in the width that was asked for."""
    width, *height = spec.size or default[:1]
    if height:
        return Size(width, height[0], is_asked=True)
    return Size(width, default[1] * width / default[0], is_asked=False)


def plane_size(spec: Spec, style: Style, *, has_bar: bool) -> Size:
    """Return the size of a figure over a plane: as high as its view is with equal units."""
    width, height = style.size
    if has_equal_units(spec):
        height = bounded_height(width, axes_sides(width, None, view_ratio(spec), has_bar=has_bar)[1])
    return size_of(spec, (width, height))


def least_size(spec: Spec) -> Inches:
    """Return the size of the frames of an animation in inches, at least; it needs no samples."""
    style = STYLES[spec.style]
    size = size_of(spec, style.size)
    if not size.is_asked and len(spec.reading.variables) == 2:
        size = replace(
            size, height=min(size.height, plane_size(spec, style, has_bar=spec.has_colour_bar).height)
        )
    return size.width, size.height


def bounded_height(width: float, axes: float) -> float:
    """Return the height of a panel of some width, with axes of some height and texts above and below."""
    return min(max(axes + ABOVE_SHARE * width, _MIN_HEIGHT * width), _MAX_HEIGHT * width)


def fineness(spec: Spec, size: Inches, place: Place, *, has_bar: bool) -> float:
    """Return the size of marks in a picture of some size to that in axes of the default size, at most 1."""
    sides = axes_sides(*cell_of(spec, size, place), view_ratio(spec), has_bar=has_bar)
    return min(1.0, min(sides) / _DEFAULT_SIDE)


def cell_of(spec: Spec, size: Inches, place: Place) -> Cell:
    """Return the cell of a figure in a picture whose size is that of its place, or else `size`."""
    width, height = place.size or size
    return width / place.columns, height / place.rows if has_height(spec) else None


def plane_panel(
    spec: Spec,
    points: Floats,
    marks: Iterable[Mark],
    *,
    grid: bool,
    margin: float = 0.0,
    values: Floats | None = None,
) -> Panel:
    """Return a panel over the points (n1, n0, 2) of a mesh, or over the view that a user asked for.

    It reaches `margin` distances between points beyond these. `values` (n1, n0) are shown at the pointer.
    """
    limits = []
    for own, along in ((spec.xlim, points[0, :, 0]), (spec.ylim, points[:, 0, 1])):
        room = margin * float(along[1] - along[0])
        limits.append(own or (float(along[0]) - room, float(along[-1]) + room))
    x, y = map(variable_label, spec.reading.variables)
    equal = has_equal_units(spec)
    return Panel(
        Axis(axis_label(spec.xlabel, x), limits[0], spec.xticks),
        Axis(axis_label(spec.ylabel, y), limits[1], spec.yticks),
        marks=tuple(marks),
        aspect="equal" if equal else None,
        box_aspect=None if equal or fills_room(spec) else BOX_ASPECT,
        grid=grid,
        hover=hover_of(spec.reading, points, values),
    )


def scene_of(
    spec: Spec,
    style: Style,
    place: Place,
    panels: Iterable[Panel],
    size: Size,
    *,
    bars: Iterable[ColourBar] = (),
    entries: Sequence[LegendEntry] = (),
) -> Scene:
    """Return the scene of panels, with the title of the figure."""
    legend = Legend(tuple(entries)) if entries else None
    title = title_of(spec, place.caption)
    return Scene(tuple(panels), title, size, spec.dpi, style, colour_bars=tuple(bars), legend=legend)
