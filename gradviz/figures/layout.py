"""Sizes of figures and of marks in them, by arithmetic on the size that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gradviz.figures.labels import Caption
from gradviz.scene.scene import Size
from gradviz.scene.style import Style, font_share
from gradviz.specs.plane import ABOVE_SHARE, BAR_SHARE, BESIDE_SHARE, axes_sides, has_equal_units, view_ratio
from gradviz.specs.spec import Spec

_DEFAULT_SIDE = 4.7  # inches: the shorter side of axes for which marks are made
_MIN_HEIGHT, _MAX_HEIGHT = 0.42, 1.25  # of the width of a figure

Inches = tuple[float, float]


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


def sized(style: Style, spec: Spec, default: Inches) -> Style:
    """Return a style with a smaller font if a figure is asked to be much smaller than its default."""
    share = 1.0 if spec.size is None else font_share(spec.size, default)
    return style if share == 1 else replace(style, font_size=style.font_size * share)


def plane_size(spec: Spec, style: Style, *, has_bar: bool) -> Size:
    """Return the size of a figure over a plane: as high as its view is with equal units."""
    if spec.size is not None:
        return Size(*spec.size, is_asked=True)
    width, height = style.size
    if has_equal_units(spec):
        axes = (1 - BESIDE_SHARE) * width - (BAR_SHARE * width if has_bar else 0.0)
        height = axes * view_ratio(spec) + ABOVE_SHARE * width
        height = min(max(height, _MIN_HEIGHT * width), _MAX_HEIGHT * width)
    return Size(width, height, is_asked=False)


def fineness(spec: Spec, size: Inches, place: Place, *, has_bar: bool) -> float:
    """Return the size of marks relative to that in axes of the default size, at most 1.

    `size` is that of the whole picture.
    """
    width, height = size
    cell = None if spec.size is None else height / place.rows
    sides = axes_sides(width / place.columns, cell, view_ratio(spec), has_bar=has_bar)
    return min(1.0, min(sides) / _DEFAULT_SIDE)


def cell_of(spec: Spec, size: Size, place: Place) -> tuple[float, float | None]:
    """Return the width of a figure's cell in inches, and its height if a size was asked for."""
    width, height = place.size or (size.width, size.height)
    return width / place.columns, None if spec.size is None else height / place.rows
