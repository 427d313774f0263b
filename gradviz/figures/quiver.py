"""The gradient as arrows: the scene."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.figures import flow
from gradviz.figures.flow import Content, Ground
from gradviz.figures.labels import magnitude_label, number
from gradviz.figures.layout import Place
from gradviz.figures.plane import maps_of
from gradviz.sampling.flow import ARROW_MARGIN, QUIVER_STREAM_DENSITY, FlowSamples, matplotlib_length_unit
from gradviz.sampling.samples import completed
from gradviz.scene.marks import ArrowLengths, Arrows, ArrowShape, Markers, Scatter
from gradviz.scene.scene import LegendEntry, Scene
from gradviz.scene.style import STYLES, Style
from gradviz.scene.text import Text
from gradviz.specs.plane import BOX_ASPECT, has_equal_units, view_of
from gradviz.specs.quiver import Quiver

ARROW = r"$\rightarrow$"  # the marker of arrow lengths in a legend
_LENGTH_SHARE = 0.8  # of the distance between neighbours: arrows do not touch
_SHORTEST_SHARE = 0.25  # of the longest arrow: the shortest one of a logarithmic scale
_LEGEND_SHARE = 10 / 11  # of the font size: the arrow in a legend
_CIRCLE_AREA = 12.0  # square points, of a circle at an unreliable gradient

_LENGTHS = {
    "equal": "of equal length",
    "true": "of true length",
    "log": "as long as the logarithm of its size",
}


def compose(spec: Quiver, samples: FlowSamples, style: Style, place: Place) -> Scene:
    """Return arrows centred on their points, none where the gradient is zero, undefined or unreliable.

    A small circle stands where the gradient is unreliable although the function is defined.
    """
    style, fine_share = flow.prepared(spec, style, place)
    content = Content()
    one_colour = _one_colour(spec, style)
    grid = (style.arrow_colour is not None and not spec.heat) if spec.grid is None else spec.grid
    slopes = samples.slopes
    if slopes.unreliable.any():
        circles = Scatter(
            samples.points[slopes.unreliable], math.sqrt(_CIRCLE_AREA), style.faint, filled=False,
            edge_width=0.8, zorder=2.5, name="unreliable",
        )  # fmt: skip
        content.marks.append(circles)
    bar = None
    if samples.reason_for_none:
        flow.nothing(content, samples.reason_for_none)
    else:
        ground = flow.add_ground(content, spec, samples, style)
        if spec.stream:
            flow.add_lines_behind(content, samples, ground, QUIVER_STREAM_DENSITY, uphill=spec.ascent)
        bar = ground.image if one_colour or ground.image is not None else len(content.marks)
        _add_arrows(content, spec, samples, style, ground)
        flow.add_through(content, spec, samples, style, fine_share)
    label = magnitude_label("arrows", ascent=spec.ascent)
    explained = None if bar is None else (bar, label)
    return flow.scene_of(spec, samples, style, place, content, bar=explained, grid=grid, margin=ARROW_MARGIN)


def _one_colour(spec: Quiver, style: Style) -> str | None:
    """Return the colour of all arrows, None if they are coloured by magnitude."""
    return spec.color or (None if spec.cmap or spec.colorbar else style.arrow_colour)


def _add_arrows(content: Content, spec: Quiver, samples: FlowSamples, style: Style, ground: Ground) -> None:
    shared = completed(samples.shared)
    trusted, sizes = samples.slopes.trusted, samples.slopes.magnitudes
    sizes = np.where(sizes == 0, np.nan, sizes)
    vectors = np.where(np.isnan(sizes)[..., None], np.nan, trusted if spec.ascent else -trusted)
    colour = spec.color or (ground.ink if ground.image is not None else _one_colour(spec, style))
    kind = spec.arrows or style.arrows
    shape, unit, centred, rule = None, None, True, None
    if kind != style.arrows or kind == "equal":  # the book's arrows are as long as Matplotlib makes them
        lengths = _lengths(content, spec, samples, sizes, style, colour=colour or style.faint)
        vectors, shape, rule = _shaped(spec, samples.points, vectors, lengths, shared.lengths)
    else:
        unit, centred = matplotlib_length_unit(shared.mean, sizes.size), False
    scale = None if colour is not None else flow.magnitude_scale(shared, maps_of(style).lines)
    content.marks.append(
        Arrows(
            samples.points, vectors, shape, unit, centred, colour, None if scale is None else sizes, scale,
            outline=ground.outline if ground.outline and not spec.color else None, lengths=rule,
            uphill=spec.ascent, name="gradient",
        )
    )  # fmt: skip


def _lengths(
    content: Content, spec: Quiver, samples: FlowSamples, sizes: Floats, style: Style, *, colour: str
) -> Floats:
    """Return the lengths (n1, n0) of arrows, 1 for the longest, and add a legend entry that explains them."""
    if spec.arrows not in ("true", "log"):
        return np.ones(sizes.shape)
    shared = completed(samples.shared)
    shortest, longest = shared.lengths
    text = _length_text(shortest, longest, some_cut=shared.some_cut)
    marker = Markers(samples.points[:0], ARROW, colour, _LEGEND_SHARE * style.font_size)
    content.entries.append(LegendEntry(Text(text), marker=marker, is_on_page=False))
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
    """Return vectors that look as long as `lengths`: 1 is 0.8 of the distance between neighbours.

    `limits` are the magnitudes of the shortest and the longest arrow.
    """
    spacing = np.array([points[0, 1, 0] - points[0, 0, 0], points[1, 0, 1] - points[0, 0, 1]])
    equal = has_equal_units(spec)
    units = np.ones(2)
    if not equal:  # lengths in x and in y that look equally long
        (low0, high0), (low1, high1) = view_of(spec)
        units = np.array([high0 - low0, (high1 - low1) / BOX_ASPECT])
    longest = _LENGTH_SHARE * min(spacing / units)
    looks = magnitudes(vectors / units)[..., None]
    width = 0.07 * float(spacing.min()) if equal else 0.004
    shape = ArrowShape(width, "data" if equal else "panel", 3.6, 4.2, 3.8)
    kind: Literal["equal", "true", "log"] = "equal" if spec.arrows in (None, "equal") else spec.arrows
    rule = ArrowLengths(
        kind,
        float(longest),
        (float(units[0]), float(units[1])),
        limits,
        _SHORTEST_SHARE if kind == "log" else 0.0,
    )
    return vectors / looks * longest * lengths[..., None], shape, rule


def depict(spec: Quiver, samples: FlowSamples) -> str:
    """Describe the direction and the lengths of the arrows, and the other layers."""
    style = STYLES[spec.style]
    length = _LENGTHS[spec.arrows or style.arrows]
    coloured = "" if spec.heat or _one_colour(spec, style) else ", coloured by its size"
    lines = ", with streamlines" if spec.stream else ""
    sign = "" if spec.ascent else "negative "
    return f"arrows along the {sign}gradient, {length}{coloured}{lines}{flow.depict_ground(spec, samples)}"
