"""A function of two variables as contours: the scene."""

from __future__ import annotations

from gradviz.errors import visible
from gradviz.figures.constraints import constraint_marks, depict_constraints
from gradviz.figures.critical import critical_markers, legend_entries
from gradviz.figures.implicit import curve_entry, curve_marks
from gradviz.figures.labels import function_label
from gradviz.figures.layout import Place, cell_of, plane_panel, plane_size, scene_of, sized, with_own
from gradviz.figures.levels import band_lines, colour_words, contours_of, has_scale, maps_below, shown_levels
from gradviz.figures.points import depict_points, plane_points
from gradviz.sampling.contour import ContourSamples
from gradviz.sampling.limits import distinct
from gradviz.sampling.samples import completed
from gradviz.scene.marks import Contours, Label, LevelLabels, Mark
from gradviz.scene.scales import Bands
from gradviz.scene.scene import ColourBar, LegendEntry, Scene, Size
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.contour import Contour
from gradviz.specs.plane import view_ratio

_CONTOUR_LINE_WIDTH = 1.2  # points
_NOWHERE = "no point of the range solves the equation"
_EQUATION = 100  # characters of an equation in a description
_LABELLED_WIDTH = 0.6  # points: lines between filled contours that have labels


def compose(spec: Contour, samples: ContourSamples, style: Style, place: Place) -> Scene:
    """Return contours coloured by their level; a constant function has none, and a text."""
    style = sized(style, spec, place)
    size = plane_size(spec, style, has_bar=spec.has_colour_bar)
    if spec.reading.equations:
        return _equations(spec, samples, style, place, size)
    contours = contours_of(
        samples.drawn,
        samples.evaluated.drawable,
        completed(samples.shared),
        style,
        (cell_of(spec, (size.width, size.height), place), view_ratio(spec)),
        filled=spec.filled,
        on_ground=spec.filled and spec.labels,
        width=spec.line_widths(style.mark_scale * _CONTOUR_LINE_WIDTH)[0],
        colour=None if spec.filled or not spec.colours else spec.colours[0],
        labels=LevelLabels(style.text, None) if spec.labels else None,
    )
    markers = critical_markers(spec, samples, style)
    marks: list[Mark] = [*markers, contours]
    if spec.labels and spec.filled and isinstance(contours, Contours):
        maps = maps_below(contours, style)
        labels, bands = LevelLabels(maps.ink, maps.outline), Bands(None, (maps.ink,))
        marks.append(
            Contours(
                *samples.drawn,
                contours.levels,
                bands,
                width=style.mark_scale * _LABELLED_WIDTH,
                labels=labels,
            )
        )
    else:
        marks += band_lines(contours, style)
    more, more_entries = plane_points(spec, samples, style, samples.drawn)
    on_curves, curve_entries = constraint_marks(spec, samples, style)
    marks += [*on_curves, *more]
    bars = []
    if spec.has_colour_bar and has_scale(contours):
        bars.append(ColourBar(0, len(markers), Text(function_label(spec.reading))))
    panel = plane_panel(spec, samples.points, marks, grid=bool(spec.grid), values=samples.evaluated.drawable)
    return scene_of(
        spec,
        style,
        place,
        [panel],
        size,
        bars=bars,
        entries=[*curve_entries, *more_entries, *legend_entries(markers)],
    )


def _equations(spec: Contour, samples: ContourSamples, style: Style, place: Place, size: Size) -> Scene:
    """Return the curves of equations, with a legend for several of them."""
    count = len(samples.curves)
    colours = with_own(spec.colours, style.paths if count > 1 else (style.ink,))
    widths = spec.line_widths(*[style.line_width] * count)
    marks, entries = list[Mark](), list[LegendEntry]()
    for i, (curve, width) in enumerate(zip(samples.curves, widths, strict=True)):
        colour = colours[i % len(colours)]
        marks += curve_marks(curve, colour, width, style)
        entries.append(curve_entry(curve, colour, width))
    if not any(len(curve.points) for curve in samples.curves):
        marks.append(Label(Text(_NOWHERE), (0.5, 0.5)))
    named, _ = plane_points(spec, samples, style, None)
    panel = plane_panel(spec, samples.points, [*marks, *named], grid=spec.grid is not False)
    return scene_of(spec, style, place, [panel], size, entries=entries if count > 1 else [])


def depict(spec: Contour, samples: ContourSamples) -> str:
    """Describe the levels of the contours, or the curves of equations."""
    if samples.curves:
        texts = [
            visible(curve.text, _EQUATION) + ("" if len(curve.points) else " (no point)")
            for curve in samples.curves
        ]
        return f"the curve{'s' * (len(texts) > 1)} {' and '.join(texts)}{depict_points(spec, samples)}"
    shared = completed(samples.shared)
    levels = shown_levels(shared.levels, shared.values, filled=spec.filled)
    what = "filled bands" if spec.filled else "level lines"
    points = depict_points(spec, samples) + depict_constraints(samples)
    if not levels:
        return f"no {what}{points}"
    looks = "" if spec.color and not spec.filled else colour_words(spec, shared.shown)
    looks += ", written where there is room" if spec.labels else ""
    texts = distinct(levels, 4)
    return f"{what} at {len(levels)} heights from {texts[0]} to {texts[-1]}{looks}{points}"
