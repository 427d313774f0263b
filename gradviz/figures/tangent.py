"""A curve of one variable with its tangents and secants: the scene."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.figures.curves import curve_line, gap_marks
from gradviz.figures.labels import axis_label, function_label, variable_label
from gradviz.figures.layout import Place, scene_of, size_of, sized, with_own
from gradviz.figures.lines import line_label, panel_title, taylor_label, taylor_line, triangles
from gradviz.sampling.curve import CurveSamples, StraightLine
from gradviz.sampling.limits import Limits, autoscaled
from gradviz.sampling.samples import completed
from gradviz.scene.marks import KINK, VERTICAL, Dash, Lines, Mark, Markers
from gradviz.scene.scene import Axis, Legend, LegendEntry, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.tangent import Tangent, line_count

_PANEL_SHARE = 0.85  # of the default width: each of two panels beside each other
_LINE_WIDTH = 1.4  # points: tangents and secants
_POINT_SIZE = 6.0  # points
_KINDS: tuple[tuple[str, Dash], tuple[str, Dash]] = ("tangent", "--"), ("secant", ":")


def compose(spec: Tangent, samples: CurveSamples, style: Style, place: Place) -> Scene:
    """Return the curve, each tangent and secant over the whole range, and the derivative beside them."""
    style = sized(style, spec, place)
    ink, *accents = with_own(spec.colours, (style.ink, *style.accents))
    width, *widths = spec.line_widths(style.line_width, *[style.mark_scale * _LINE_WIDTH] * line_count(spec))
    name = function_label(spec.reading)
    outline = samples.outline
    curve = curve_line(outline, samples.drawn, ink, width)
    entries = [LegendEntry(Text(name), curve)]
    marks: list[Mark] = [curve, *gap_marks(outline.gap_points, curve, style)]
    view = spec.ylim or completed(samples.shared).limits
    has_tangents = spec.taylor != 1  # else they are the polynomials
    for line in samples.lines:
        look = accents[line.number % len(accents)], widths[line.number], style.mark_scale * _POINT_SIZE
        drawn, points = _line_marks(line, samples, look, view)
        if not line.is_secant and (polynomial := samples.polynomial_at(line.at[0])) is not None:
            taylor = taylor_line(polynomial, samples.points[:, 0], drawn)
            others = LegendEntry(Text(taylor_label(spec, polynomial, place)), taylor)
            marks += [drawn, points, taylor] if has_tangents else [points, taylor]
            entries += [LegendEntry(Text(line_label(spec, line, place)), drawn), others][not has_tangents :]
            continue
        marks += (drawn, points)
        entries.append(LegendEntry(Text(line_label(spec, line, place)), drawn))
    if spec.slope_triangle:
        colours = [accents[line.number % len(accents)] for line in samples.lines]
        marks += triangles(spec, samples, colours, style)
    x = _x_axis(spec, marks)
    y = Axis(axis_label(spec.ylabel, name), view, spec.yticks)
    title = panel_title(spec, samples, place)
    panels = [Panel(x, y, marks=tuple(marks), grid=spec.grid is not False, title=title)]
    width, height = style.size
    if spec.derivative:
        panels.append(_derivative(spec, samples, replace(style, line_width=curve.width), x))
        width = len(panels) * _PANEL_SHARE * width
    legend = Legend(tuple(entries), "below" if place.caption else "best", size="medium")
    scene = scene_of(spec, style, place, panels, size_of(spec, (width, height)))
    return replace(scene, legend=legend if samples.lines else None)


def _x_axis(spec: Tangent, marks: Sequence[Mark]) -> Axis:
    """Return the axis of the variable: the view that was asked for, or that of the marks."""
    points = np.concatenate([mark.points for mark in marks if isinstance(mark, Lines)])
    limits = spec.xlim or autoscaled(points[np.isfinite(points).all(axis=-1), 0])
    return Axis(axis_label(spec.xlabel, variable_label(spec.reading.variables[0])), limits, spec.xticks)


def _line_marks(
    line: StraightLine, samples: CurveSamples, look: tuple[str, float, float], view: Limits
) -> tuple[Lines, Markers]:
    """Return a tangent or a secant over the whole range, and the points where it meets the curve.

    `look` is its colour, its width and the size of the points. At a kink both half tangents are one line.
    """
    x, at = samples.points[:, 0], np.array(line.at)
    name, dash = _KINDS[line.is_secant]
    colour, width, size = look
    shape, points = "o", np.array([[*line.at[:1], line.value]])
    if line.is_vertical:
        name, path = VERTICAL, np.column_stack([np.repeat(at[:1], 2), view])
    elif line.left is not None:
        name, shape = KINK, "D"
        ends = [_end(line, x[0], -line.left, view), _end(line, x[-1], line.slope, view)]
        path = np.array([ends[0], points[0], ends[1]])
    else:
        path, points = np.stack([x, line.values(x)], axis=-1), np.stack([at, line.values(at)], axis=-1)
    drawn = Lines(path, colour, width, dash, name=name)
    zorder = 4.0 if line.is_secant else 4.5  # secants begin at the point of a tangent
    return drawn, Markers(points, shape, colour, size, zorder=zorder, name=f"points of a {name}")


def _end(line: StraightLine, x: float, rise: float, view: Limits) -> tuple[float, float]:
    """Return the end of a half tangent: at a coordinate, or at a limit of the view if it is vertical."""
    if math.isinf(rise):
        return line.at[0], view[rise > 0]
    return float(x), float(line.values(np.array([x]))[0])


def _derivative(spec: Tangent, samples: CurveSamples, style: Style, x: Axis) -> Panel:
    """Return the panel of the derivative, over the same view."""
    prime = function_label(spec.reading).replace("f(", r"f^{\prime}(", 1)
    ticks = spec.xticks or ()
    assert x.limits is not None  # noqa: S101 - the view of the curve is explicit
    low, high = x.limits
    view = min((low, *ticks)), max((high, *ticks))  # Matplotlib widens the view of the curve to its ticks
    return Panel(
        Axis(x.label, view),
        Axis(Text(prime), completed(samples.shared).slope_limits),
        marks=(Lines(samples.drawn_slopes, style.accents[1], style.line_width, name="derivative"),),
        cell=(0, 1),
        grid=spec.grid is not False,
        title=Text("the derivative", size="title"),
    )


def depict(spec: Tangent, samples: CurveSamples) -> str:
    """Describe the tangents and secants."""
    tangents = [_told(line) for line in samples.lines if not line.is_secant]
    beside = " and its derivative" if spec.derivative else ""
    touching = f", with tangents {', '.join(tangents)}" if tangents else ""
    degree = f", and their Taylor polynomials of degree {spec.taylor}" if samples.polynomials else ""
    distances = " and ".join(f"{distance:g}" for distance in spec.distances)
    secants = f", and secants over {distances}" if distances and tangents else ""
    return f"a curve{beside}{touching}{degree}{secants}"


def _told(line: StraightLine) -> str:
    """Return a tangent as words."""
    if line.is_vertical:
        return f"at {line.at[0]:g}, vertical"
    if line.left is not None:
        return f"at the kink {line.at[0]:g} with the slopes {line.left:z.4g} and {line.slope:z.4g}"
    return f"at {line.at[0]:g} with the slope {line.slope:z.4g}"
