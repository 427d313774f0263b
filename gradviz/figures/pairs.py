"""Contours over every pair of two to six variables, and curves along each variable: the scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.curves import gap_marks
from gradviz.figures.labels import function_label, variable_label
from gradviz.figures.layout import NO_POINTS, Place, maps_of, scene_of, size_of, sized, with_own
from gradviz.figures.levels import TICK_DISTANCE, band_lines, bands_of, colour_words, has_scale, shown_levels
from gradviz.printing.typesetting import MATHTEXT
from gradviz.sampling.levels import at_end_levels, is_stepwise
from gradviz.sampling.limits import data_limits, distinct, is_constant
from gradviz.sampling.samples import completed
from gradviz.sampling.slices import Slice, SlicesSamples
from gradviz.sampling.values import format_point
from gradviz.scene.marks import Contours, Label, Lines, Mark, Markers, Rule
from gradviz.scene.scales import Bands
from gradviz.scene.scene import Axis, ColourBar, Legend, LegendEntry, Panel, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.pairs import Pairs

_EXTRA_WIDTH = 0.2  # of the default width, for each variable after the second
_PANELS_SHARE = 0.6  # of the figure: all panels, at least
_MARGIN_SHARE = 0.06  # of the span of the curves, below and above them
_BAR_SHARE = 0.8  # of the height of the figure: its colour bar
_CONTOUR_WIDTH, _CURVE_WIDTH, _CROSS_WIDTH = 1.0, 1.4, 0.6  # points; the cross is that of the point
_MARKER_SIZE, _POINT_EDGE = 0.6, 0.08  # font sizes
_POINT_ZORDER = 1_000
_REASON_HEIGHT = 0.42  # of a panel: where a text begins, below the horizontal line through the middle


def compose(spec: Pairs, samples: SlicesSamples, style: Style, place: Place) -> Scene:
    """Return contours in the lower triangle, curves on the diagonal, and the point in the upper corner."""
    count = len(samples.lines)
    width = style.size[0] * (1 + _EXTRA_WIDTH * (count - 2))
    style = sized(style, spec, place, (width, width))
    style = replace(style, ink=with_own(spec.colours, (style.ink,))[0])
    size = size_of(spec, (width, width))
    room = 72 * _PANELS_SHARE * min(size.width, size.height) / count
    bands = _bands(spec, samples, style, size)
    panels = [_plane_panel(spec, samples, pair, style, bands=bands, room=room) for pair in samples.planes]
    panels += [_curve_panel(spec, samples, axis, style, room) for axis in range(count)]
    coloured = [index for index, panel in enumerate(panels) if has_scale(panel.marks[0])]
    bars = []
    if coloured and spec.has_colour_bar:
        bars = [ColourBar(coloured[0], 0, Text(function_label(spec.reading)), beside_all=True)]
    entry = LegendEntry(Text(_point_text(spec, samples)), marker=_dot(NO_POINTS, style))
    legend = Legend((entry,), "cell", cell=(0, count - 1), size="medium")
    return replace(scene_of(spec, style, place, panels, size, bars=bars), legend=legend, heading=True)


def _bands(spec: Pairs, samples: SlicesSamples, style: Style, size: Size) -> Bands | None:
    """Return the colours of the levels of all panels, None if there are no levels."""
    shared = completed(samples.shared)
    if not shared.levels:
        return None
    maps = maps_of(style, shared.shown)
    ticks = max(2, int(72 * _BAR_SHARE * size.height / (TICK_DISTANCE * style.font_size)))
    if not spec.filled and len(spec.colours) > 1:
        return Bands(None, spec.colours[1:])
    colours = maps.values if spec.filled else maps.lines
    return bands_of(shared.levels, shared.values, colours, ticks, filled=spec.filled)


def _plane_panel(
    spec: Pairs,
    samples: SlicesSamples,
    pair: tuple[int, int],
    style: Style,
    *,
    bands: Bands | None,
    room: float,
) -> Panel:
    """Return the panel of a pair of variables, with axes as long as `room` in points."""
    column, row = pair
    x, y = (spec.reading.variables[axis] for axis in pair)
    is_first, is_last = column == 0, row == len(samples.lines) - 1
    return Panel(
        _axis(spec, x, room, has_label=is_last),
        _axis(spec, y, room, has_label=is_first),
        marks=(
            *_contours(spec, samples, pair, bands, style),
            *_cross(samples.at[column], samples.at[row], style),
        ),
        cell=(row, column),
        box_aspect=1.0,
        grid=bool(spec.grid),
    )


def _curve_panel(spec: Pairs, samples: SlicesSamples, axis: int, style: Style, room: float) -> Panel:
    """Return the panel of one variable: the curve along it, and the point."""
    low, high = completed(samples.shared).line_limits
    margin = _MARGIN_SHARE * (high - low or abs(high) or 1.0)
    (points, values), outline = samples.lines[axis].drawn, samples.lines[axis].outline
    line = np.stack([points[:, 0], values], axis=-1)
    curve = Lines(line, style.ink, _widths(spec)[0], zorder=3.0, name="curve")
    gaps = gap_marks(outline.gap_points, curve, style) if outline is not None else []
    return Panel(
        _axis(spec, spec.reading.variables[axis], room, has_label=axis == len(samples.lines) - 1),
        Axis(Text("$f$"), (low - margin, high + margin), number_size="small", side="right"),
        marks=(curve, *gaps, *_cross(samples.at[axis], samples.value, style)),
        cell=(axis, axis),
        box_aspect=1.0,
        grid=spec.grid is not False,
    )


def _widths(spec: Pairs) -> tuple[float, ...]:
    """Return the widths of curves and of contours in points."""
    return spec.line_widths(_CURVE_WIDTH, _CONTOUR_WIDTH)


def _axis(spec: Pairs, name: str, room: float, *, has_label: bool) -> Axis:
    """Return the axis of a variable, which has its label and numbers at the edge of the figure alone."""
    label = Text(variable_label(name)) if has_label else None
    return Axis(label, spec.reach(name), numbers=has_label, number_size="small", room=room)


def _contours(
    spec: Pairs, samples: SlicesSamples, pair: tuple[int, int], bands: Bands | None, style: Style
) -> tuple[Mark, ...]:
    """Return the contours of a pair of variables, or a text."""
    plane, levels = samples.planes[pair], completed(samples.shared).levels
    points, values = plane.drawn
    if reason := _reason_for_none(spec, plane, values, levels):
        text = Text(reason, size="small")
        return (Label(text, (0.5, _REASON_HEIGHT), anchor=("center", "top"), in_layout=False),)
    if bands is None:
        return ()
    if not spec.filled:
        return (Contours(points, values, levels, bands, width=_widths(spec)[1]),)
    contours = Contours(points, at_end_levels(values, levels), levels, bands, filled=True)
    return (contours, *band_lines(contours, style))


def _reason_for_none(spec: Pairs, plane: Slice, drawn: Floats, levels: tuple[float, ...]) -> str:
    """Return the reason for a panel without contours; an empty text if it has some."""
    own = plane.evaluated.drawable
    if plane.evaluated.is_empty:
        return "undefined"
    if is_constant(own) and not (spec.filled and levels):
        return "constant"
    low, high = data_limits(own)
    if spec.filled and levels:
        return "" if levels[0] <= high and low <= levels[-1] else "none of\nthe levels"
    if is_stepwise(drawn):
        return "flat between\nits jumps"
    return "" if any(low < level < high for level in levels) else "between\ntwo levels"


def _cross(x: float, y: float, style: Style) -> tuple[Mark, ...]:
    """Return a dot at the point, and thin lines through it along both axes."""
    return (
        Rule("x", x, style.faint, _CROSS_WIDTH, zorder=1.5),
        Rule("y", y, style.faint, _CROSS_WIDTH, zorder=1.5),
        _dot(np.array([[x, y]]), style),
    )


def _dot(points: Floats, style: Style) -> Markers:
    letter = style.font_size
    return Markers(
        points, "o", style.accents[0], _MARKER_SIZE * letter, edge="white", edge_width=_POINT_EDGE * letter,
        zorder=_POINT_ZORDER, clipped=False, name="point",
    )  # fmt: skip


def _point_text(spec: Pairs, samples: SlicesSamples) -> str:
    """Return the coordinates of the point and the value there, on a line each."""
    names = [*map(MATHTEXT.name, spec.reading.variables), "f"]
    numbers = [*map(float, samples.at), samples.value]
    return "\n".join(
        f"${name} = {MATHTEXT.number(float(f'{x:z.4g}'))}$" for name, x in zip(names, numbers, strict=True)
    )


def depict(spec: Pairs, samples: SlicesSamples) -> str:
    """Describe the levels of the contours, and the point."""
    shared = completed(samples.shared)
    levels = shown_levels(shared.levels, shared.values, filled=spec.filled)
    kind = "filled bands" if spec.filled else "level lines"
    texts = distinct(levels, 4)
    count = f"at {len(levels)} heights from {texts[0]} to {texts[-1]}" if levels else ""
    count += colour_words(spec, shared.shown) if levels else ""
    return (
        f"{f'{kind} {count}' if levels else f'no {kind}'} over every pair of {len(samples.lines)} variables, "
        "the others held, and curves along each, all through "
        f"{format_point(samples.at)}, where f is {samples.value:z.4g}"
    )
