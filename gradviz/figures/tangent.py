"""Curves of one variable with their tangents and secants: the scene."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.errors import visible
from gradviz.figures.curves import curve_line, gap_marks
from gradviz.figures.labels import axis_label, function_label, variable_label
from gradviz.figures.layout import Place, scene_of, size_of, sized, with_own
from gradviz.figures.lines import line_label, panel_title, taylor_label, taylor_line, triangles
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.printing.typesetting import MATHTEXT
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
_HIGH = (r"\frac", r"\sqrt", r"\genfrac")  # commands that are too high, or too small, in a row of a legend
_LONGEST_FORMULA = 100  # characters of mathtext of a function in a legend
_KINDS: tuple[tuple[str, Dash], tuple[str, Dash]] = ("tangent", "--"), ("secant", ":")


def compose(spec: Tangent, samples: CurveSamples, style: Style, place: Place) -> Scene:
    """Return the curves, each tangent and secant over the whole range, and the derivatives beside them."""
    style = sized(style, spec, place)
    ink, *accents = with_own(spec.colours, (style.ink, *style.accents))
    other = style.line_width if samples.others else style.mark_scale * _LINE_WIDTH
    width, *widths = spec.line_widths(style.line_width, *[other] * line_count(spec))
    name = function_label(spec.reading)
    are_several = bool(samples.others)
    entries: list[LegendEntry] = []
    marks: list[Mark] = []
    for number, one in enumerate(samples.functions):
        colour = ink if number == 0 else accents[number - 1]
        curve = curve_line(one.outline, one.drawn, colour, widths[number - 1] if number else width)
        label = _formula(spec.functions[number]) if are_several else Text(name)
        lines = _Lines(spec, one, place, style)
        if are_several:  # lines have the colours of their curves
            lines = replace(lines, colours=(colour,), widths=(style.mark_scale * _LINE_WIDTH,))
        else:
            lines = replace(lines, colours=tuple(accents), widths=tuple(widths))
        more, own = lines.marks()
        marks += [curve, *gap_marks(one.outline.gap_points, curve, style), *more]
        entries += [LegendEntry(label, curve), *own]
    view = spec.ylim or completed(samples.shared).limits
    name = "$y$" if are_several else name
    x = _x_axis(spec, marks)
    y = Axis(axis_label(spec.ylabel, name), view, spec.yticks)
    title = panel_title(spec, samples, place)
    panels = [Panel(x, y, marks=tuple(marks), grid=spec.grid is not False, title=title)]
    width, height = style.size
    if spec.derivative:
        panels.append(
            _derivative(spec, samples, [(line.colour, line.width) for line in _curves(marks)], style, x)
        )
        width = len(panels) * _PANEL_SHARE * width
    legend = Legend(tuple(entries), "below" if place.caption else "best", size="medium")
    scene = scene_of(spec, style, place, panels, size_of(spec, (width, height)))
    return replace(scene, legend=legend if len(entries) > 1 else None)


def _formula(function: Expression | FunctionOfFile) -> Text:
    """Return a function, typeset if it is short and in one row, else as it was typed."""
    typeset = MATHTEXT.text(function.tree) if isinstance(function, Expression) else ""
    if not typeset or len(typeset) > _LONGEST_FORMULA or any(one in typeset for one in _HIGH):
        return Text(visible(function.text, _LONGEST_FORMULA), math=False)
    return Text(f"${typeset}$")


@dataclass(frozen=True, eq=False)
class _Lines:
    """The tangents, secants and Taylor polynomials of one curve."""

    spec: Tangent
    samples: CurveSamples
    place: Place
    style: Style
    colours: tuple[str, ...] = ()
    """The colours of lines by their number, in turn."""
    widths: tuple[float, ...] = ()

    def marks(self) -> tuple[list[Mark], list[LegendEntry]]:
        """Return the marks of the lines, and their legend entries."""
        spec, samples, style = self.spec, self.samples, self.style
        entries: list[LegendEntry] = []
        marks: list[Mark] = []
        colours = [self.colours[line.number % len(self.colours)] for line in samples.lines]
        has_tangents = spec.taylor != 1  # else they are the polynomials
        for line, colour in zip(samples.lines, colours, strict=True):
            look = colour, self.widths[line.number % len(self.widths)], style.mark_scale * _POINT_SIZE
            drawn, points = _line_marks(
                line, samples, look, spec.ylim or completed(self.samples.shared).limits
            )
            entry = LegendEntry(Text(line_label(spec, line, self.place)), drawn)
            polynomial = None if line.is_secant else samples.polynomial_at(line.at[0])
            if polynomial is None:
                marks += (drawn, points)
                entries.append(entry)
                continue
            taylor = taylor_line(polynomial, samples.points[:, 0], drawn)
            marks += [drawn, points, taylor] if has_tangents else [points, taylor]
            label = Text(taylor_label(spec, polynomial, self.place))
            entries += [entry, LegendEntry(label, taylor)][not has_tangents :]
        if spec.slope_triangle:
            marks += triangles(spec, samples, colours, style)
        return marks, entries


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


def _curves(marks: Sequence[Mark]) -> list[Lines]:
    return [mark for mark in marks if isinstance(mark, Lines) and mark.vertices is not None]


def _derivative(
    spec: Tangent, samples: CurveSamples, looks: Sequence[tuple[str, float]], style: Style, x: Axis
) -> Panel:
    """Return the panel of the derivatives, over the same view; several have the looks of their curves."""
    looks = looks if samples.others else [(style.accents[1], looks[0][1])]
    prime = (
        function_label(spec.reading).replace("f(", r"f^{\prime}(", 1)
        if not samples.others
        else r"$y^{\prime}$"
    )
    ticks = spec.xticks or ()
    assert x.limits is not None  # noqa: S101 - the view of the curve is explicit
    low, high = x.limits
    view = min((low, *ticks)), max((high, *ticks))  # Matplotlib widens the view of the curve to its ticks
    return Panel(
        Axis(x.label, view),
        Axis(Text(prime), completed(samples.shared).slope_limits),
        marks=tuple(
            Lines(one.drawn_slopes, colour, width, name="derivative")
            for one, (colour, width) in zip(samples.functions, looks, strict=True)
        ),
        cell=(0, 1),
        grid=spec.grid is not False,
        title=Text("the derivatives" if samples.others else "the derivative", size="title"),
    )


def depict(spec: Tangent, samples: CurveSamples) -> str:
    """Describe the curves with their tangents and secants."""
    if samples.others:
        each = [
            f"{visible(function.text, _LONGEST_FORMULA)}{_lines_told(spec, one)}"
            for function, one in zip(spec.functions, samples.functions, strict=True)
        ]
        beside = ", and their derivatives" if spec.derivative else ""
        return f"the curves of {'; '.join(each)}{beside}"
    return f"a curve{' and its derivative' if spec.derivative else ''}{_lines_told(spec, samples)}"


def _lines_told(spec: Tangent, samples: CurveSamples) -> str:
    """Return the tangents, polynomials and secants of a curve as the end of a sentence."""
    tangents = [_told(line) for line in samples.lines if not line.is_secant]
    touching = f", with tangents {', '.join(tangents)}" if tangents else ""
    degree = f", and their Taylor polynomials of degree {spec.taylor}" if samples.polynomials else ""
    distances = " and ".join(f"{distance:g}" for distance in spec.distances)
    secants = f", and secants over {distances}" if distances and tangents else ""
    return f"{touching}{degree}{secants}"


def _told(line: StraightLine) -> str:
    """Return a tangent as words."""
    if line.is_vertical:
        return f"at {line.at[0]:g}, vertical"
    if line.left is not None:
        return f"at the kink {line.at[0]:g} with the slopes {line.left:z.4g} and {line.slope:z.4g}"
    return f"at {line.at[0]:g} with the slope {line.slope:z.4g}"
