"""Contours as marks: the colours of their levels, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.layout import Cell, maps_of
from gradviz.sampling.levels import (
    MAX_TICKS,
    at_end_levels,
    evenly_spaced,
    format_value,
    is_stepwise,
    level_ticks,
)
from gradviz.sampling.limits import CONSTANT, Limits, data_limits, extend_of, is_balanced, is_constant
from gradviz.sampling.mesh import MeshShared
from gradviz.scene.marks import Contours, Label, LevelLabels, Mark, Scatter, Surface
from gradviz.scene.scales import Bands, ColourMap
from gradviz.scene.style import STYLES, ColourMaps, Style
from gradviz.scene.text import Text
from gradviz.specs.spec import Spec

STEPWISE = "the function is flat between its jumps:\nno level lines; filled bands would show it"
NO_LEVELS = "the function has none of these levels in the range"
_EDGE_OPACITY = 0.3  # opacity of lines between filled contours
_FLAT_SHARE = 0.7  # of the width of a panel: its axes in two dimensions
_BOX_SHARE = 0.4  # of the width of a panel: the height of a colour bar beside a box
_HEIGHT_SHARE = 0.75  # of the height of a panel that was asked for: a colour bar, at most
TICK_DISTANCE = 1.25  # font sizes between ticks of a colour bar
_DISTANCE_SHARE = 1e-5  # of the larger of two levels: a smaller distance has no length on a colour bar
_POWER_DISTANCE = 1.6  # font sizes between ticks that are powers of ten


def bands_of(
    levels: Sequence[float], values: Floats, colours: ColourMap, most_ticks: int, *, filled: bool
) -> Bands:
    """Return the colours of levels; uneven levels get colours at even distances on the map.

    Filled contours show values beyond the first and the last level, and so does their colour bar.
    """
    values = at_end_levels(values, levels) if filled else values
    below = filled and float(np.nanmin(values)) < levels[0]
    above = filled and float(np.nanmax(values)) > levels[-1]
    extend = extend_of(below=below, above=above)
    if evenly_spaced(levels):
        ticks = None if most_ticks >= MAX_TICKS else level_ticks(levels, most_ticks)
        return Bands(colours.centred(-levels[0] / (levels[-1] - levels[0] or 1.0)), (), extend, ticks)
    count = len(levels) - 1 + below + above if filled else len(levels)
    number = float(np.interp(0.0, levels, range(len(levels)))) - filled / 2 + below  # of 0 among the colours
    colours = colours.centred(number / (count - 1))
    even = tuple(map(colours.at, np.linspace(0, 1, count).tolist()))
    return Bands(colours, even, extend, level_ticks(levels, most_ticks))


def contours_of(
    mesh: tuple[Floats, Floats],
    own: Floats,
    shared: MeshShared,
    style: Style,
    room: tuple[Cell, float | None],
    *,
    filled: bool,
    on_ground: bool = False,
    colour: str | None = None,
    width: float | None = None,
    opacity: float | None = None,
    labels: LevelLabels | None = None,
) -> Contours | Label:
    """Return contours of a mesh, its points (n1, n0, 2) and values (n1, n0), or a text why there are none.

    `own` are the values of the figure as they were sampled. `room` is the cell of the figure, and the height
    of its axes to their width, None for a box. Bands `on_ground` have colours that
    lines are readable on; lines may have one `colour`.
    """
    points, values = mesh
    levels, (low, high) = shared.levels, data_limits(own)
    if not levels or not (filled or any(low < level < high for level in levels)):
        return Label(Text(CONSTANT if is_constant(own) else NO_LEVELS), (0.5, 0.5))
    if not filled and is_stepwise(values):
        return Label(Text(STEPWISE), (0.5, 0.5))
    maps = maps_of(style, shared.shown)
    colours = maps.ground if on_ground else maps.values if filled else maps.lines
    bands = (
        Bands(None, (colour,))
        if colour
        else bands_of(levels, shared.values, colours, _most_ticks(levels, style, *room), filled=filled)
    )
    if filled:
        return Contours(points, at_end_levels(values, levels), levels, bands, filled)
    return Contours(points, values, levels, bands, width=width, opacity=opacity, labels=labels)


def band_lines(mark: Mark, style: Style) -> tuple[Contours, ...]:
    """Return thin lines between filled contours, none between those of a function that is flat."""
    if not isinstance(mark, Contours) or not mark.filled or style.uses_defaults or is_stepwise(mark.values):
        return ()
    low, high = data_limits(mark.values)
    levels = tuple(level for level in mark.levels if low < level < high)
    bands = Bands(None, (maps_below(mark, style).ink,))
    return (
        (Contours(mark.mesh, mark.values, levels, bands, width=0.5, opacity=_EDGE_OPACITY),) if levels else ()
    )


def maps_below(mark: Contours, style: Style) -> ColourMaps:
    """Return the colour maps of a style whose colours contours have."""
    maps, colours = maps_of(style), mark.bands.map
    return (maps.diverging if colours is not None and colours.is_diverging else None) or maps


def shown_levels(levels: Sequence[float], values: Floats, *, filled: bool) -> list[float]:
    """Return the levels that are drawn: as lines, those between the minimum and the maximum of values."""
    low, high = data_limits(values)
    return [level for level in levels if filled or low <= level <= high]


def colour_words(spec: Spec, limits: Limits) -> str:
    """Return the part of a description on the colours of values between limits, where they have a sign."""
    is_signed = spec.cmap is None and STYLES[spec.style].diverging is not None and is_balanced(limits)
    return ", blue below 0 and red above" if is_signed else ""


def has_scale(mark: Mark) -> bool:
    """Return whether a colour bar can show the colours of a mark."""
    if isinstance(mark, (Surface, Scatter)):
        return mark.scale is not None and mark.scale.vmin < mark.scale.vmax
    if not isinstance(mark, Contours):
        return False
    first, *others = mark.levels
    return mark.bands.map is not None and (
        len(others) > 1
        or any(level - first > _DISTANCE_SHARE * max(abs(first), abs(level)) for level in others)
    )


def _most_ticks(levels: Sequence[float], style: Style, cell: Cell, ratio: float | None) -> int:
    """Return about how many ticks have room beside a panel, whose height the output decides."""
    width, height = cell
    high = width * (_BOX_SHARE if ratio is None else _FLAT_SHARE * ratio)
    if height is not None:
        high = min(high, _HEIGHT_SHARE * height)
    distance = _POWER_DISTANCE if any("^" in format_value(level) for level in levels) else TICK_DISTANCE
    return max(2, int(72 * high / (distance * style.font_size)))
