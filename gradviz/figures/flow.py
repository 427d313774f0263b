"""Layers of the figures of a gradient: colours, contours and lines behind arrows and lines."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gradviz.figures.critical import critical_markers, in_view, legend_entries
from gradviz.figures.labels import function_label, number, point_text, title_of
from gradviz.figures.layout import Place, fineness, plane_size, sized
from gradviz.figures.plane import maps_of, plane_panel
from gradviz.sampling import streamlines
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.flow import FlowSamples, FlowShared, coloured_magnitudes
from gradviz.sampling.levels import evenly_spaced, is_stepwise, level_ticks
from gradviz.sampling.limits import data_limits
from gradviz.sampling.samples import completed
from gradviz.scene.marks import Contours, Image, Label, Lines, Mark, Markers, Streamlines
from gradviz.scene.scales import Bands, ColourMap, ColourScale
from gradviz.scene.scene import ColourBar, Legend, LegendEntry, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of

if TYPE_CHECKING:
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream

_FAINT = 0.75  # opacity of contours behind
_THROUGH_LINE_WIDTH = 1.8  # points: lines through points, in axes of the default size
_HALO_WIDTH = 2.2  # points around a line through a point
_LONGEST = 20.0  # in panels: length of a line that stays inside
_NAMED_POINTS, _DESCRIBED_POINTS = 2, 4  # in a legend and in a description


@dataclass
class Content:
    """The marks of a panel and the legend entries that explain them, while a figure is composed."""

    marks: list[Mark] = field(default_factory=list)
    entries: list[LegendEntry] = field(default_factory=list)


@dataclass(frozen=True)
class Ground:
    """The layer behind arrows or lines."""

    image: int | None
    """The index of the image among the marks, if there is one."""
    ink: str
    """A colour that is readable on it."""
    outline: str | None
    """The colour of outlines that the ink needs, if it needs any."""


def magnitude_scale(shared: FlowShared, colours: ColourMap) -> ColourScale:
    """Return the colour scale of magnitudes; a single magnitude is in the middle."""
    if shared.is_one_magnitude:
        ticks = level_ticks([float(f"{shared.limit:.4g}")])
        return ColourScale(colours, 0.0, 2 * shared.limit, ticks=ticks)
    return ColourScale(colours, 0.0, shared.limit, extend=shared.extend)


def add_ground(content: Content, spec: Quiver | Stream, samples: FlowSamples, style: Style) -> Ground:
    """Add the colours and the contours behind."""
    ink, outline, image = style.ink, None, None
    maps, shared = maps_of(style), completed(samples.shared)
    if spec.heat and samples.fine is not None:
        image = len(content.marks)
        scale = magnitude_scale(shared, maps.ground)
        content.marks.append(Image(samples.fine.points, coloured_magnitudes(spec, samples), scale))
        ink, outline = maps.ink, maps.outline
    if spec.contour and samples.fine is not None:
        _add_contours(content, spec, samples, ink if spec.heat else style.faint)
    return Ground(image, ink, outline)


def _add_contours(content: Content, spec: Quiver | Stream, samples: FlowSamples, colour: str) -> None:
    """Add thin contours in one colour; the legend has their distance."""
    assert samples.fine is not None  # noqa: S101 - contours behind have a finer mesh
    levels = completed(samples.shared).levels
    low, high = data_limits(samples.fine.drawable)
    if not any(low < level < high for level in levels):
        return
    points, values = split_at_breaks(samples.fine)
    if is_stepwise(values):
        return
    bands = Bands(None, (colour,))
    content.marks.append(Contours(points, values, levels, bands, width=0.7, opacity=_FAINT, zorder=1.0))
    distance = ""
    if len(levels) > 1 and evenly_spaced(levels):
        distance = f", ${number(levels[1] - levels[0], 6)}$ apart"
    words = f"level lines of {function_label(spec.reading)}{distance}"
    content.entries.append(legend_line(words, colour, 0.9, opacity=_FAINT))


def add_lines_behind(
    content: Content, samples: FlowSamples, ground: Ground, density: float, *, uphill: bool
) -> None:
    """Add thin streamlines below arrows."""
    if samples.fine is None or samples.fine_slopes is None:
        return
    fine, slopes = samples.fine, samples.fine_slopes
    content.marks.append(
        Streamlines(
            fine.points,
            streamlines.direction(fine, slopes, density, uphill=uphill),
            density=density,
            width=0.6,
            head=None,
            colour=ground.ink,
            shortest=streamlines.min_length(slopes),
            zorder=1.5,
            uphill=uphill,
        )
    )
    content.entries.append(legend_line("streamlines", ground.ink, 0.6))


def add_through(
    content: Content, spec: Quiver | Stream, samples: FlowSamples, style: Style, fine_share: float
) -> None:
    """Add the lines through points, each with a dot at its point, above all other lines."""
    fine, slopes = samples.fine, samples.fine_slopes
    if not spec.through or fine is None or slopes is None:
        return
    width = min(style.line_width, _THROUGH_LINE_WIDTH * math.sqrt(fine_share))
    colour, density = style.accents[0], streamlines.SMOOTH_DENSITY
    content.marks.append(
        Streamlines(
            fine.points,
            streamlines.direction(fine, slopes, density, uphill=spec.ascent),
            density=density,
            width=width,
            head=1.2 * math.sqrt(width),
            colour=colour,
            shortest=0.0,
            longest=_LONGEST,
            through=spec.through,
            halo=(style.page, width + _HALO_WIDTH),
            zorder=4.0,
            uphill=spec.ascent,
        )
    )
    content.marks.append(
        Markers(
            streamlines.as_points(spec.through), "o", colour, 3.2 * width, edge=style.page, zorder=4.1,
            name="through",
        )
    )  # fmt: skip
    led = [point for point in spec.through if point not in samples.lost]
    if led:
        dot = Markers(fine.points[:0], "o", colour, 3 * width)
        entry = legend_line(f"through {_named(led)}", colour, width)
        content.entries.append(LegendEntry(entry.text, entry.line, dot, is_on_page=False))
    if samples.lost:
        dot = Markers(fine.points[:0], "o", colour, 3 * width)
        text = Text(f"no line through {_named(samples.lost)}")
        content.entries.append(LegendEntry(text, marker=dot, is_on_page=False))


def legend_line(words: str, colour: str, width: float, opacity: float = 1.0) -> LegendEntry:
    """Return the legend entry of a line, whose colour may be chosen for what is behind it."""
    line = Lines(streamlines.NO_POINTS, colour, width, opacity=opacity)
    return LegendEntry(Text(words), line=line, is_on_page=False)


def _named(points: Collection[tuple[float, ...]]) -> str:
    """Return a few points as text, or their number."""
    return f"{len(points)} points" if len(points) > _NAMED_POINTS else ", ".join(map(point_text, points))


def scene_of(
    spec: Quiver | Stream,
    samples: FlowSamples,
    style: Style,
    place: Place,
    content: Content,
    *,
    bar: tuple[int, str] | None,
    grid: bool,
    margin: float,
) -> Scene:
    """Return the scene of one panel with some marks; `bar` has the mark and the label of the colour bar."""
    points, view = samples.points, view_of(spec)
    markers = critical_markers(in_view(samples.critical, view), style)
    content.marks += markers
    content.entries += legend_entries(markers)
    panel = plane_panel(spec, points, content.marks, grid=grid, margin=margin)
    bars = (ColourBar(0, bar[0], Text(bar[1])),) if bar is not None and spec.has_colour_bar else ()
    return Scene(
        (panel,),
        title_of(spec, place.caption),
        plane_size(spec, style, has_bar=spec.has_colour_bar),
        spec.dpi,
        style,
        colour_bars=bars,
        legend=Legend(tuple(content.entries)) if content.entries else None,
    )


def nothing(content: Content, reason: str) -> None:
    """Add a text for a figure without arrows and lines."""
    content.marks.append(Label(Text(reason), (0.5, 0.5)))


def prepared(spec: Quiver | Stream, style: Style, place: Place) -> tuple[Style, float]:
    """Return the style with the font of the figure's size, and the fineness of its marks."""
    if not place.is_panel:
        style = sized(style, spec, style.size)
    size = place.size or _inches(plane_size(spec, style, has_bar=spec.has_colour_bar))
    return style, fineness(spec, size, place, has_bar=spec.has_colour_bar)


def _inches(size: Size) -> tuple[float, float]:
    return size.width, size.height


def depict_ground(spec: Quiver | Stream, samples: FlowSamples) -> str:
    """Describe the layers behind, and the points that lines lead through; mostly nothing."""
    behind = ["colours of its size"] * spec.heat + ["level lines"] * spec.contour
    led = [point for point in spec.through if point not in samples.lost]
    through = ", ".join(f"({', '.join(f'{x:.4g}' for x in point)})" for point in led[:_DESCRIBED_POINTS])
    more = len(led) - _DESCRIBED_POINTS
    over = f", over {' and '.join(behind)}" if behind else ""
    lines = f", with lines along it through {through}" if through else ""
    return f"{over}{lines}{f' and {more} more points' if more > 0 else ''}"
