"""The gradient as arrows: the scene."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures import flow
from gradviz.figures.flow import Ground
from gradviz.figures.labels import number
from gradviz.figures.layout import Place, maps_of
from gradviz.sampling.flow import (
    QUIVER_STREAM_DENSITY,
    FlowSamples,
    arrow_margin,
    matplotlib_length_unit,
)
from gradviz.sampling.samples import completed
from gradviz.sampling.streamlines import MIN_LENGTH
from gradviz.sampling.streamplot import direction
from gradviz.scene.marks import ArrowLengths, Arrows, ArrowShape, Label, Mark, Markers, Scatter, Streamlines
from gradviz.scene.scene import LegendEntry, Scene
from gradviz.scene.style import STYLES, Style
from gradviz.scene.text import Text
from gradviz.specs.plane import has_equal_units, view_of, view_ratio
from gradviz.specs.quiver import Quiver

ARROW = r"$\rightarrow$"  # the marker of arrow lengths in a legend
_LENGTH_SHARE = 0.8  # of the distance between neighbours: arrows do not touch
_FEW_LENGTH_SHARE = 0.55  # smallest length of few arrows, as a share of their distance
_LONGEST_SHARE = 0.16  # length of few arrows, as a share of the shorter side of the range
_SHAFT_SHARE = 0.0875  # width of a shaft, as a share of the length of its arrow
_USUAL_SHARE = 0.05  # length above which arrows are relatively thinner, as a share of the shorter side
_SHORTEST_SHARE = 0.25  # of the longest arrow: the shortest one of a logarithmic scale
_LEGEND_SHARE = 10 / 11  # of the font size: the arrow in a legend
_CIRCLE_AREA = 12.0  # square points, of a circle at an unreliable gradient

_LENGTHS = {
    "equal": "of equal length",
    "true": "of true length",
    "log": "as long as the logarithm of its size",
}


def compose(spec: Quiver, samples: FlowSamples, style: Style, place: Place) -> Scene:
    """Return arrows centred on their points; where the gradient is unreliable there is a small circle."""
    style, fine_share = flow.prepared(spec, style, place)
    marks: list[Mark] = []
    entries: list[LegendEntry] = []
    coloured: Mark | None = None
    unreliable = samples.slopes.unreliable
    if unreliable.any():
        marks.append(
            Scatter(
                samples.points[unreliable], math.sqrt(_CIRCLE_AREA), style.faint, filled=False,
                edge_width=0.8, zorder=2.5, name="unreliable",
            )
        )  # fmt: skip
    if samples.reason_for_none:
        marks.append(Label(Text(samples.reason_for_none), (0.5, 0.5)))
    else:
        ground = flow.ground_of(spec, samples, style)
        marks += ground.marks
        entries += ground.entries
        if spec.stream:
            marks.append(_lines_behind(samples, ground, uphill=spec.ascent))
            entries.append(flow.line_entry("streamlines", ground.ink, 0.6))
        arrows, explained = _arrows(spec, samples, style, ground)
        through, named = flow.lines_through(spec, samples, style, fine_share)
        marks += [arrows, *through]
        entries += [*explained, *named]
        if flow.names_magnitude(spec, samples):
            entries.append(flow.magnitude_entry(samples, arrows.colour, arrows.scale))
        coloured = ground.image or (None if arrows.scale is None else arrows)
    grid = (style.arrow_colour is not None and not spec.heat) if spec.grid is None else spec.grid
    return flow.flow_scene(
        spec, samples, style, place, marks=marks, entries=entries, coloured=(coloured, "arrows"), grid=grid,
        margin=arrow_margin(spec),
    )  # fmt: skip


def _one_colour(spec: Quiver, style: Style) -> str | None:
    """Return the colour of all arrows, None if they are coloured by magnitude."""
    own = spec.colours[0] if spec.colours else None
    return own or (None if spec.cmap or spec.colorbar else style.arrow_colour)


def _lines_behind(samples: FlowSamples, ground: Ground, *, uphill: bool) -> Streamlines:
    """Return thin streamlines below arrows."""
    fine, slopes, density = completed(samples.fine), completed(samples.fine_slopes), QUIVER_STREAM_DENSITY
    return Streamlines(
        fine.points,
        direction(fine, slopes, density, uphill=uphill),
        density=density,
        width=0.6,
        head=None,
        lines=tuple(line.points for line in samples.lines),
        colour=ground.ink,
        shortest=MIN_LENGTH,
        zorder=1.5,
        uphill=uphill,
    )


def _arrows(
    spec: Quiver, samples: FlowSamples, style: Style, ground: Ground
) -> tuple[Arrows, list[LegendEntry]]:
    """Return the arrows, and a legend entry if their lengths need one."""
    shared, points = completed(samples.shared), samples.points
    trusted, sizes = samples.slopes.trusted, samples.slopes.magnitudes
    sizes = np.where(sizes == 0, np.nan, sizes)
    vectors = np.where(np.isnan(sizes)[..., None], np.nan, trusted if spec.ascent else -trusted)
    colour = _one_colour(spec, style)
    if ground.image is not None and not spec.color:
        colour = ground.ink
    kind = spec.arrows or style.arrows
    entries = []
    shape, unit, centred, rule = None, None, True, None
    if kind != style.arrows or kind == "equal":  # the book's arrows are as long as Matplotlib makes them
        lengths = np.ones(sizes.shape)
        if spec.arrows in ("true", "log"):
            lengths = _lengths(spec, sizes, *shared.lengths)
            text = _length_text(*shared.lengths, some_cut=shared.some_cut)
            marker = Markers(points[:0], ARROW, colour or style.faint, _LEGEND_SHARE * style.font_size)
            entries = [LegendEntry(Text(text), marker=marker, is_on_page=False)]
        vectors, shape, rule = _shaped(spec, points, vectors, lengths, shared.lengths)
    else:
        unit, centred = matplotlib_length_unit(shared.mean, sizes.size), False
    if spec.linewidth is not None:
        shape = replace(shape or ArrowShape(0.0, "points"), width=spec.line_widths(0.0)[0], units="points")
    scale = None if colour is not None else flow.magnitude_scale(shared, maps_of(style).lines)
    arrows = Arrows(
        points, vectors, shape, unit, centred, colour, None if scale is None else sizes, scale,
        outline=ground.outline if ground.outline and not spec.color else None, lengths=rule,
        uphill=spec.ascent, name="gradient",
    )  # fmt: skip
    return arrows, entries


def _lengths(spec: Quiver, sizes: Floats, shortest: float, longest: float) -> Floats:
    """Return the lengths (n1, n0) of arrows, 1 for the longest, from magnitudes (n1, n0)."""
    lengths: Floats = np.fmin(sizes / longest, 1)
    if spec.arrows == "log":
        span = np.log(longest / shortest)
        lengths = np.fmax(1 + (1 - _SHORTEST_SHARE) * np.log(lengths) / span, _SHORTEST_SHARE)
    return lengths


def _length_text(shortest: float, longest: float, *, some_cut: bool) -> str:
    """Return the legend of lengths of arrows: logarithmic ones from a magnitude, true ones from 0."""
    if not shortest:
        more = " or more" if some_cut else ""
        return rf"length: $\|\nabla f\|$, the longest ${number(longest, 2)}${more}"
    ends = rf"${number(shortest, 2)}$ or less (shortest) to ${number(longest, 2)}$ (longest)"
    return rf"length: $\log\,\|\nabla f\|$, from {ends}"


def _shaped(
    spec: Quiver, points: Floats, vectors: Floats, lengths: Floats, limits: tuple[float, float]
) -> tuple[Floats, ArrowShape, ArrowLengths]:
    """Return vectors that look as long as `lengths`; `limits` are the magnitudes at the smallest and at 1."""
    spacing, span = points[1, 1] - points[0, 0], points[-1, -1] - points[0, 0]
    equal = has_equal_units(spec)
    units = np.ones(2)
    if not equal:  # lengths in x and in y that look equally long
        own = np.array([spec.xlim is None, spec.ylim is None])
        width, height = np.diff(view_of(spec))[:, 0] + own * 2 * arrow_margin(spec) * spacing
        units = np.array([width, height / view_ratio(spec)])
    side = min(span / units)
    distance = float(min(spacing / units))
    longest = min(_LENGTH_SHARE * distance, max(_LONGEST_SHARE * side, _FEW_LENGTH_SHARE * distance))
    looks = magnitudes(vectors / units)[..., None]
    width = _SHAFT_SHARE * min(longest, math.sqrt(longest * _USUAL_SHARE * side))
    shape = ArrowShape(width, "data" if equal else "panel", 3.6, 4.2, 3.8)
    kind: Literal["equal", "true", "log"] = "equal" if spec.arrows in (None, "equal") else spec.arrows
    shortest = _SHORTEST_SHARE if kind == "log" else 0.0
    rule = ArrowLengths(kind, float(longest), (float(units[0]), float(units[1])), limits, shortest)
    return vectors / looks * longest * lengths[..., None], shape, rule


def depict(spec: Quiver, samples: FlowSamples) -> str:
    """Describe the direction and the lengths of the arrows, and the other layers."""
    style = STYLES[spec.style]
    length = _LENGTHS[spec.arrows or style.arrows]
    is_plain = spec.heat or _one_colour(spec, style) or completed(samples.shared).is_one_magnitude
    coloured = "" if is_plain else ", coloured by its size"
    lines = ", with streamlines" if spec.stream else ""
    sign = "" if spec.ascent else "negative "
    return f"arrows along the {sign}gradient, {length}{coloured}{lines}{flow.depict_ground(spec, samples)}"
