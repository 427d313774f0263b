"""A function of two variables as contours: the scene."""

from __future__ import annotations

from gradviz.figures.critical import critical_markers, in_view, legend_entries
from gradviz.figures.labels import function_label, title_of
from gradviz.figures.layout import Place, cell_of, plane_size, sized
from gradviz.figures.levels import bands_of, contours_of, most_ticks
from gradviz.figures.plane import maps_of, plane_panel
from gradviz.sampling.mesh import MeshSamples
from gradviz.sampling.samples import completed
from gradviz.scene.marks import Contours, LevelLabels, Mark
from gradviz.scene.scales import Bands
from gradviz.scene.scene import ColourBar, Legend, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.contour import Contour
from gradviz.specs.plane import view_of, view_ratio

_CONTOUR_LINE_WIDTH = 1.2  # points
_LABELLED_WIDTH = 0.6  # points: lines between filled contours that have labels


def compose(spec: Contour, samples: MeshSamples, style: Style, place: Place) -> Scene:
    """Return contours coloured by their level; a constant function has none, and a text."""
    style = style if place.is_panel else sized(style, spec, style.size)
    size = plane_size(spec, style, has_bar=spec.has_colour_bar)
    shared, drawn, maps = completed(samples.shared), completed(samples.drawn), maps_of(style)
    levels, filled = shared.levels, spec.filled
    colours = maps.lines
    if filled:
        colours = maps.ground if spec.labels else maps.values
    bands = None
    if levels:
        ticks = most_ticks(levels, style, cell_of(spec, size, place), view_ratio(spec))
        bands = bands_of(levels, shared.values, colours, ticks, filled=filled)
    labels = LevelLabels(style.text, None) if spec.labels and not filled else None
    mesh = drawn.points, drawn.values
    contours = contours_of(
        mesh,
        samples.evaluated.drawable,
        levels,
        bands,
        filled=filled,
        width=_CONTOUR_LINE_WIDTH,
        labels=labels,
    )
    markers = critical_markers(in_view(samples.critical, view_of(spec)), style)
    marks: list[Mark] = [*markers, contours]
    if spec.labels and filled and isinstance(contours, Contours):
        marks.append(
            Contours(
                *mesh,
                levels,
                Bands(None, (maps.ink,)),
                width=_LABELLED_WIDTH,
                labels=LevelLabels(maps.ink, maps.outline),
            )
        )
    bars: tuple[ColourBar, ...] = ()
    if isinstance(contours, Contours) and len(levels) > 1 and spec.has_colour_bar:
        bars = (ColourBar(0, len(markers), Text(function_label(spec.reading))),)
    entries = legend_entries(markers)
    panel = plane_panel(spec, samples.points, marks, grid=bool(spec.grid), values=samples.evaluated.drawable)
    return Scene(
        (panel,),
        title_of(spec, place.caption),
        size,
        spec.dpi,
        style,
        colour_bars=bars,
        legend=Legend(tuple(entries)) if entries else None,
    )


def depict(spec: Contour, samples: MeshSamples) -> str:
    """Describe the levels of the contours."""
    levels = completed(samples.shared).levels
    what = "filled bands" if spec.filled else "level lines"
    if not levels:
        return f"no {what}"
    written = ", written where there is room" if spec.labels else ""
    return f"{what} at {len(levels)} heights from {levels[0]:.4g} to {levels[-1]:.4g}{written}"
