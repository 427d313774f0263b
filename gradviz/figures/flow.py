"""Layers of the figures of a gradient: colours, contours and lines behind arrows and lines."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures.critical import critical_markers, legend_entries
from gradviz.figures.labels import function_label, magnitude_label, number, point_text
from gradviz.figures.layout import (
    NO_POINTS,
    Place,
    fineness,
    maps_of,
    plane_panel,
    plane_size,
    scene_of,
    sized,
)
from gradviz.figures.points import depict_points, plane_points
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.flow import (
    SMOOTH_DENSITY,
    FlowSamples,
    FlowShared,
    Line,
    coloured_magnitudes,
)
from gradviz.sampling.levels import decade_ticks, evenly_spaced, is_stepwise, level_ticks
from gradviz.sampling.limits import data_limits
from gradviz.sampling.samples import completed
from gradviz.sampling.streamplot import direction
from gradviz.scene.marks import Contours, Image, Lines, Mark, Markers, Streamlines
from gradviz.scene.scales import Bands, ColourMap, ColourScale, hexadecimal
from gradviz.scene.scene import ColourBar, LegendEntry, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text

if TYPE_CHECKING:
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream

_FAINT = 0.75  # opacity of contours behind
_THROUGH_LINE_WIDTH = 1.8  # points: lines through points, in axes of the default size
_HALO_WIDTH = 2.2  # points around a line through a point
_LONGEST = 20.0  # in panels: length of a line that stays inside
_HEAD_DISTANCE = 0.4  # longer sides of the panel: between the arrowheads of a line
_HEAD_LENGTH = 0.01  # longer sides of the panel: from the tail to the tip of an arrowhead
_SHORT = 0.2  # longer sides of the panel: a shorter line has its arrowhead in the middle
_STAGGER = (0.382, 0.5)  # shift of heads from one line to the next, and its range, in distances of heads
_NAMED_POINTS, _DESCRIBED_POINTS = 2, 4  # in a legend and in a description


class Ground(NamedTuple):
    """The layers behind arrows or lines."""

    marks: list[Mark]
    entries: list[LegendEntry]
    image: Image | None
    """The mark with the colours of magnitudes, if there is one."""
    ink: str
    """A colour that is readable on it."""
    outline: str | None
    """The colour of outlines that the ink needs, if it needs any."""


def magnitude_scale(shared: FlowShared, colours: ColourMap) -> ColourScale:
    """Return the colour scale of magnitudes; a single magnitude is in the middle, and has the one colour."""
    low, high = shared.limits
    if shared.is_one_magnitude:
        return ColourScale(colours.single(), 0.0, 2 * high, ticks=level_ticks([float(f"{high:z.4g}")]))
    if low:
        return ColourScale(
            colours, low, high, extend=shared.extend, ticks=decade_ticks(low, high), norm="log"
        )
    return ColourScale(colours, low, high, extend=shared.extend)


def names_magnitude(spec: Quiver | Stream, samples: FlowSamples) -> bool:
    """Return whether the legend has the magnitude, which is one: a colour bar is there only if asked for."""
    is_one = completed(samples.shared).is_one_magnitude
    return is_one and spec.has_colour_bar and not spec.colorbar


def magnitude_entry(samples: FlowSamples, colour: str | None, scale: ColourScale | None) -> LegendEntry:
    """Return the legend entry of the one magnitude of arrows or lines, in their colour or that of a scale."""
    text = rf"$\|\nabla f\| = {number(completed(samples.shared).limits[1], 4)}$"
    return line_entry(text, hexadecimal(scale.colours.at(0.5)) if scale else colour or "", 1.2)


def ground_of(spec: Quiver | Stream, samples: FlowSamples, style: Style) -> Ground:
    """Return the colours of magnitudes and the contours behind, as far as the spec has them."""
    maps, fine = maps_of(style), samples.fine
    ground = Ground([], [], None, style.ink, None)
    if spec.heat and fine is not None:
        scale = magnitude_scale(completed(samples.shared), maps.ground)
        image = Image(fine.points, coloured_magnitudes(spec, samples), scale)
        ground = Ground([image], [], image, maps.ink, maps.outline)
    if not spec.contour or fine is None:
        return ground
    levels, (low, high) = completed(samples.shared).levels, data_limits(fine.drawable)
    points, values = split_at_breaks(fine)
    if not any(low < level < high for level in levels) or is_stepwise(values):
        return ground
    colour = ground.ink if spec.heat else style.faint
    contours = Contours(points, values, levels, Bands(None, (colour,)), width=0.7, opacity=_FAINT, zorder=1.0)
    distance = ""
    if len(levels) > 1 and evenly_spaced(levels):
        distance = f", ${number(levels[1] - levels[0], 6)}$ apart"
    entry = line_entry(f"level lines of {function_label(spec.reading)}{distance}", colour, 0.9, _FAINT)
    return ground._replace(marks=[*ground.marks, contours], entries=[entry])


def lines_through(
    spec: Quiver | Stream, samples: FlowSamples, style: Style, fine_share: float
) -> tuple[list[Mark], list[LegendEntry]]:
    """Return the lines through points, above all other lines, each with a dot at its point."""
    fine, slopes = samples.fine, samples.fine_slopes
    if not spec.through or fine is None or slopes is None:
        return [], []
    width = min(style.line_width, _THROUGH_LINE_WIDTH * math.sqrt(fine_share))
    colour, density = style.accents[0], SMOOTH_DENSITY
    lines = Streamlines(
        fine.points,
        direction(fine, slopes, density, uphill=spec.ascent),
        density=density,
        width=width,
        head=1.2 * math.sqrt(width),
        lines=tuple(line.points for line in samples.through),
        heads=arrowheads(samples.through, samples.frame.unit)[0],
        colour=colour,
        shortest=0.0,
        longest=_LONGEST,
        through=spec.through,
        halo=(style.page, width + _HALO_WIDTH),
        zorder=4.0,
        uphill=spec.ascent,
    )
    points = np.array(spec.through, np.float64)
    dots = Markers(points, "o", colour, 3.2 * width, edge=style.page, zorder=4.1, name="through")
    dot, entries = Markers(NO_POINTS, "o", colour, 3 * width), []
    if led := [point for point in spec.through if point not in samples.lost]:
        entry = line_entry(f"through {_named(led)}", colour, width)
        entries.append(LegendEntry(entry.text, entry.line, dot, is_on_page=False))
    if samples.lost:
        text = Text(f"no line through {_named(samples.lost)}")
        entries.append(LegendEntry(text, marker=dot, is_on_page=False))
    return [lines, dots], entries


def arrowheads(lines: Sequence[Line], unit: Floats) -> tuple[Floats, Floats]:
    """Return the tails and tips (M, 2, 2) of arrowheads, and the magnitudes (M,) there.

    A short line has one in its middle; those of longer lines are staggered. `unit` (2,) are the distances
    along x and y that look as long as the longer side of the panel.
    """
    heads, sizes = [], []
    for index, line in enumerate(lines):
        along = np.append(0.0, np.cumsum(magnitudes(np.diff(line.points / unit, axis=0))))
        count = max(round(along[-1] / _HEAD_DISTANCE), 1)
        shift = _STAGGER[1] * (index * _STAGGER[0] % 1 - 0.5) if along[-1] > _SHORT else 0.0
        tips = (np.arange(count) + 0.5 + shift) / count * along[-1] + _HEAD_LENGTH / 2
        ends = np.stack([tips - _HEAD_LENGTH, np.minimum(tips, along[-1])], axis=-1)
        heads.append(np.stack([np.interp(ends, along, part) for part in line.points.T], axis=-1))
        sizes.append(np.interp(ends[:, 0], along, line.magnitudes))
    return np.concatenate([np.empty((0, 2, 2)), *heads]), np.concatenate([np.empty(0), *sizes])


def line_entry(words: str, colour: str, width: float, opacity: float = 1.0) -> LegendEntry:
    """Return the legend entry of a line, whose colour may be chosen for what is behind it."""
    line = Lines(NO_POINTS, colour, width, opacity=opacity)
    return LegendEntry(Text(words), line=line, is_on_page=False)


def _named(points: Collection[tuple[float, ...]]) -> str:
    """Return a few points as text, or their number."""
    return f"{len(points)} points" if len(points) > _NAMED_POINTS else ", ".join(map(point_text, points))


def flow_scene(
    spec: Quiver | Stream,
    samples: FlowSamples,
    style: Style,
    place: Place,
    *,
    marks: Sequence[Mark],
    entries: Sequence[LegendEntry],
    coloured: tuple[Mark | None, str],
    grid: bool,
    margin: float = 0.0,
) -> Scene:
    """Return the scene of one panel; `coloured` is the mark with a colour bar, and what its label says."""
    fine = None if samples.fine is None else split_at_breaks(samples.fine)
    points, named = plane_points(spec, samples, style, fine if samples.gradients else None)
    markers = critical_markers(spec, samples, style)
    mark, along = coloured
    bars = []
    if mark is not None and spec.has_colour_bar and not names_magnitude(spec, samples):
        is_log = completed(samples.shared).limits[0] > 0
        label = Text(magnitude_label(along, ascent=spec.ascent, is_log=is_log))
        bars.append(ColourBar(0, marks.index(mark), label))
    panel = plane_panel(spec, samples.points, [*marks, *points, *markers], grid=grid, margin=margin)
    size = plane_size(spec, style, has_bar=bool(bars))
    return scene_of(
        spec, style, place, [panel], size, bars=bars, entries=[*entries, *named, *legend_entries(markers)]
    )


def prepared(spec: Quiver | Stream, style: Style, place: Place) -> tuple[Style, float]:
    """Return the style with the font of the figure's size, and the fineness of its marks."""
    size = plane_size(spec, style, has_bar=spec.has_colour_bar)
    fine_share = fineness(spec, (size.width, size.height), place, has_bar=spec.has_colour_bar)
    return sized(style, spec, place), fine_share


def depict_ground(spec: Quiver | Stream, samples: FlowSamples) -> str:
    """Describe the layers behind, and the points that lines lead through; mostly nothing."""
    behind = ["colours of its size"] * spec.heat + ["level lines"] * spec.contour
    led = [point for point in spec.through if point not in samples.lost]
    through = ", ".join(f"({', '.join(f'{x:z.4g}' for x in point)})" for point in led[:_DESCRIBED_POINTS])
    more = len(led) - _DESCRIBED_POINTS
    over = f", over {' and '.join(behind)}" if behind else ""
    lines = f", with lines along it through {through}" if through else ""
    others = f" and {more} more points" if more > 0 else ""
    return f"{over}{lines}{others}{depict_points(spec, samples)}"
