"""Contours as marks: the colours of their levels, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.arrays import Floats
from gradviz.sampling.levels import MAX_TICKS, evenly_spaced, is_stepwise, level_ticks
from gradviz.sampling.limits import CONSTANT, data_limits, is_constant
from gradviz.sampling.numbers import format_value
from gradviz.scene.marks import Contours, Label, LevelLabels
from gradviz.scene.scales import Bands, ColourMap, Extend
from gradviz.scene.style import Style
from gradviz.scene.text import Text

STEPWISE = "the function is flat between its jumps:\nno level lines; filled bands would show it"
NO_LEVELS = "the function has none of these levels in the range"
_FLAT_SHARE = 0.7  # of the width of a panel: its axes in two dimensions
_BOX_SHARE = 0.4  # of the width of a panel: the height of a colour bar beside a box
_HEIGHT_SHARE = 0.75  # of the height of a panel that was asked for: a colour bar, at most
TICK_DISTANCE = 1.25  # font sizes between ticks of a colour bar
_POWER_DISTANCE = 1.6  # font sizes between ticks that are powers of ten
_EXTENDS: dict[tuple[bool, bool], Extend] = {
    (False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"
}  # fmt: skip


def bands_of(
    levels: Sequence[float], values: Floats, colours: ColourMap, most_ticks: int, *, filled: bool
) -> Bands:
    """Return the colours of levels; uneven levels get colours at even distances on the map.

    Filled contours show values beyond the first and the last level, and so does their colour bar.
    """
    below = filled and float(np.nanmin(values)) < levels[0]
    above = filled and float(np.nanmax(values)) > levels[-1]
    even = evenly_spaced(levels)
    ticks = None if even and most_ticks >= MAX_TICKS else level_ticks(levels, most_ticks)
    if even:
        return Bands(colours, (), _EXTENDS[below, above], ticks)
    count = len(levels) - 1 + below + above if filled else len(levels)
    return Bands(colours, even_colours(colours, count), _EXTENDS[below, above], ticks)


def even_colours(colours: ColourMap, count: int) -> tuple[tuple[float, float, float], ...]:
    """Return colours at even distances on a map."""
    return tuple(map(colours.at, np.linspace(0, 1, count).tolist()))


def contours_of(
    mesh: tuple[Floats, Floats],
    own: Floats,
    levels: tuple[float, ...],
    bands: Bands | None,
    *,
    filled: bool,
    width: float | None = None,
    opacity: float | None = None,
    labels: LevelLabels | None = None,
) -> Contours | Label:
    """Return contours of a mesh, its points (n1, n0, 2) and values (n1, n0), or a text why there are none.

    `own` are the values of the figure as they were sampled.
    """
    points, values = mesh
    low, high = data_limits(own)
    if not levels or bands is None or not (filled or any(low < level < high for level in levels)):
        return _text(CONSTANT if is_constant(own) else NO_LEVELS)
    if not filled and is_stepwise(values):
        return _text(STEPWISE)
    line = {} if filled else {"width": width, "opacity": opacity}
    return Contours(points, values, levels, bands, filled, labels=labels, **line)


def most_ticks(
    levels: Sequence[float], style: Style, cell: tuple[float, float | None], ratio: float | None
) -> int:
    """Return about how many ticks have room beside a panel, whose height the output decides.

    `cell` is its width in inches, and its height if that was asked for; `ratio` the height of its axes to
    their width, None for a box.
    """
    width, height = cell
    high = width * (_BOX_SHARE if ratio is None else _FLAT_SHARE * ratio)
    if height is not None:
        high = min(high, _HEIGHT_SHARE * height)
    distance = _POWER_DISTANCE if any("^" in format_value(level) for level in levels) else TICK_DISTANCE
    return max(2, int(72 * high / (distance * style.font_size)))


def _text(words: str) -> Label:
    return Label(Text(words), (0.5, 0.5))
