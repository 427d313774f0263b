"""The gradient as streamlines: the scene."""

from __future__ import annotations

import math

from gradviz.figures import flow
from gradviz.figures.layout import Place, maps_of
from gradviz.sampling.flow import NONE_LONG_ENOUGH, FlowSamples
from gradviz.sampling.samples import completed
from gradviz.sampling.streamlines import MIN_LENGTH
from gradviz.sampling.streamplot import direction
from gradviz.scene.marks import Label, Streamlines
from gradviz.scene.scene import Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.stream import Stream

_STREAMLINE_WIDTH = 1.1  # points, in axes of the default size
_HEAD_SIZE = 1.1  # of Matplotlib's arrowheads, in axes of the default size
_HEAD_POWER = 0.8  # of the fineness: heads are relatively larger in small axes
_OUTLINE_WIDTH = 1.2  # points, of both sides of a line together


def compose(spec: Stream, samples: FlowSamples, style: Style, place: Place) -> Scene:
    """Return streamlines, coloured by the magnitude of the gradient; they end where it is unreliable."""
    style, fine_share = flow.prepared(spec, style, place)
    grid = bool(spec.grid)
    if samples.reason_for_none:
        text = Label(Text(samples.reason_for_none), (0.5, 0.5))
        return flow.flow_scene(
            spec, samples, style, place, marks=[text], entries=[], coloured=(None, ""), grid=grid
        )
    ground = flow.ground_of(spec, samples, style)
    shared, entries, scale = completed(samples.shared), [*ground.entries], None
    ink = ground.ink if ground.image is not None else None
    colour = spec.colours[0] if spec.colours else ink
    if colour is None:
        scale = flow.magnitude_scale(shared, maps_of(style).lines)
    (width,) = spec.line_widths(_STREAMLINE_WIDTH * math.sqrt(fine_share))
    heads, head_sizes = flow.arrowheads(samples.lines, samples.frame.unit)
    lines = Streamlines(
        samples.points,
        direction(samples.evaluated, samples.slopes, spec.density, uphill=spec.ascent),
        density=spec.density,
        width=width,
        head=_HEAD_SIZE * fine_share**_HEAD_POWER,
        lines=tuple(line.points for line in samples.lines),
        sizes=tuple(line.magnitudes for line in samples.lines),
        heads=heads,
        head_sizes=head_sizes,
        colour=colour,
        values=None if scale is None else samples.slopes.magnitudes,
        scale=scale,
        shortest=MIN_LENGTH,
        halo=None if ground.outline is None or spec.color else (ground.outline, width + _OUTLINE_WIDTH),
        if_none=NONE_LONG_ENOUGH,
        uphill=spec.ascent,
    )
    through, named = flow.lines_through(spec, samples, style, fine_share)
    if flow.names_magnitude(spec, samples):
        entries.append(flow.magnitude_entry(samples, colour, scale))
    marks, entries = [*ground.marks, lines, *through], [*entries, *named]
    coloured = ground.image or (None if scale is None else lines), "lines"
    return flow.flow_scene(
        spec, samples, style, place, marks=marks, entries=entries, coloured=coloured, grid=grid
    )


def depict(spec: Stream, samples: FlowSamples) -> str:
    """Describe the direction of the lines, and the other layers."""
    is_plain = spec.heat or spec.color or completed(samples.shared).is_one_magnitude
    sign, coloured = "" if spec.ascent else "negative ", "" if is_plain else ", coloured by its size"
    return f"streamlines along the {sign}gradient{coloured}{flow.depict_ground(spec, samples)}"
