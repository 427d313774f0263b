"""A curve of one variable in a script: its values, its derivative, and straight lines through its points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.arrays import axis
from gradviz.output.mpl.marks import style_of_line
from gradviz.output.script.gaps import leave_out
from gradviz.output.script.marks import Writing
from gradviz.output.script.samples import coordinates_of, source_of
from gradviz.output.script.sheet import identifier
from gradviz.printing.python_source import Code, assigned, exact, indented, rounded
from gradviz.scene.marks import Lines, Markers


def write_curve(writing: Writing) -> None:
    """Write the lines of a panel: a curve with its tangents and secants, or the derivative."""
    (x,) = map(identifier, writing.samples.source.expression.variables)
    first, *lines = (mark for mark in writing.panel.marks if isinstance(mark, Lines))
    dots = [mark for mark in writing.panel.marks if isinstance(mark, Markers)]
    (_derivative if first.name == "derivative" else _curve)(writing, first, x)
    pairs = list(zip(lines, dots, strict=True))
    for name in ("tangent", "secant"):
        if chosen := [pair for pair in pairs if pair[0].name == name]:
            _straight_lines(writing, name, chosen, x)


def _curve(writing: Writing, mark: Lines, x: str) -> None:
    sheet, samples = writing.samples.sheet, writing.samples
    along = coordinates_of(mark.points[:, 0], samples.source.intervals[0], samples.source.counts[0])
    sheet.add(f"{x} = {samples.coordinates(along, 'cuts0')}", f"values = {samples.evaluation}({x})")
    values = samples.field(along.values[:, None])
    if along.cuts:
        sheet.add(f"values[np.isin({x}, cuts0)] = np.nan")
        values[np.isin(along.values, along.cuts)] = np.nan
    missing = np.isnan(mark.points[:, 1]) & ~np.isnan(values)
    shown, hidden = np.abs(values[~np.isnan(mark.points[:, 1])]), np.abs(values[missing])
    if hidden.size and hidden.min() > shown.max():
        limit = rounded(np.sqrt(hidden.min() * shown.max()), 3)
        sheet.add(f"values[np.abs(values) > {limit}] = np.nan  # beside poles")
    else:
        what = "points left out between the two sides of a jump or a pole"
        leave_out(sheet, "values", missing, values, what)
    writing.call("plot", Code(x), Code("values"), **style_of_line(mark), zorder=mark.zorder)


def _derivative(writing: Writing, mark: Lines, x: str) -> None:
    sheet, source = writing.samples.sheet, writing.samples.source
    even = axis(source.intervals[0], source.counts[0])
    gaps = ~np.isin(mark.points[:, 0], even)
    if gaps.any():
        sheet.add(f"even = {source_of(source.intervals[0], source.counts[0])}")
        x = "even"
    f = f"np.where(inside({x}), derivative({x}), np.nan)" if source.expression.region else f"derivative({x})"
    sheet.add(f"slopes = {f}")
    slopes = writing.samples.gradient(even[:, None])[:, 0]
    missing = np.isnan(mark.points[~gaps, 1]) & ~np.isnan(slopes)
    leave_out(sheet, "slopes", missing, slopes, "points where the derivative is unreliable")
    places = [Code(x), Code("slopes")]
    if gaps.any():
        sheet.add("gaps = np.searchsorted(even, cuts0)")
        places = [Code("np.insert(even, gaps, cuts0)"), Code("np.insert(slopes, gaps, np.nan)")]
    writing.call("plot", *places, **style_of_line(mark), zorder=mark.zorder)


def _straight_lines(writing: Writing, name: str, pairs: Sequence[tuple[Lines, Markers]], x: str) -> None:
    """Write tangents, or secants, in a loop over their points and colours."""
    items = [(*map(exact, dots.points[:, 0]), line.colour) for line, dots in pairs]
    words, loop = "# The tangent at a point: f(a) + f'(a) (x - a).", "at, color"
    slope, ends = "derivative(at)", ("at", "f(at)")
    if name == "secant":
        words = "# The secant through two points, whose slope is the difference quotient."
        loop, slope, ends = "at, end, color", "(f(end) - f(at))/(end - at)", ("[at, end]", "[f(at), f(end)]")
    inner, (line, dots) = replace(writing, sheet=writing.sheet.part()), pairs[0]
    inner.sheet.add(f"slope = {slope}")
    look = {**style_of_line(line), "color": Code("color"), "zorder": line.zorder}
    inner.call("plot", Code(x), Code(f"f(at) + slope*({x} - at)"), **look)
    look = {"color": Code("color"), "markersize": dots.size, "zorder": dots.zorder}
    inner.call("plot", *map(Code, ends), "o", **look)
    writing.sheet.add(words, *assigned("lines", items), f"for {loop} in lines:", *indented(inner.sheet.body))
