"""A curve of one variable in a script: its values, its derivative, and straight lines through its points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradviz.output.script.colours import literal
from gradviz.output.script.functions import gradient_at
from gradviz.output.script.marks import Writing, look_of_line
from gradviz.output.script.meshes import coordinates_of, leave_out, source_coordinates
from gradviz.output.script.sheet import assigned, number, rounded
from gradviz.output.script.source import identifier
from gradviz.scene.marks import Lines, Markers

_LIMIT_DIGITS = 3


def write_curve(writing: Writing) -> None:
    """Write the lines of a panel: a curve with its tangents and secants, or the derivative."""
    lines = [mark for mark in writing.panel.marks if isinstance(mark, Lines)]
    dots = [mark for mark in writing.panel.marks if isinstance(mark, Markers)]
    for line in lines:
        if line.name == "curve":
            _curve(writing, line)
        elif line.name == "derivative":
            _derivative(writing, line)
    for name in ("tangent", "secant"):
        chosen = [index for index, line in enumerate(lines) if line.name == name]
        if chosen:
            pairs = [(lines[index], dots[index - 1]) for index in chosen]  # the curve is the first line
            _straight_lines(writing, name, pairs)


def _curve(writing: Writing, mark: Lines) -> None:
    sheet, samples = writing.sheet, writing.samples
    source = samples.source
    (name,) = map(identifier, source.expression.variables)
    along = coordinates_of(mark.points[:, 0], source.intervals[0], source.counts[0])
    sheet.add(f"{name} = {samples.coordinates(along, 'cuts0')}", f"values = {samples.evaluation}({name})")
    values = samples.field(along.values[:, None])
    if along.cuts:
        sheet.add(f"values[np.isin({name}, cuts0)] = np.nan")
        values = np.where(np.isin(along.values, along.cuts), np.nan, values)
    missing = np.isnan(mark.points[:, 1]) & ~np.isnan(values)
    shown, hidden = (np.abs(values[flags]) for flags in (~missing & ~np.isnan(values), missing))
    if hidden.size and hidden.min() > shown.max():
        limit = float(f"{np.sqrt(hidden.min() * shown.max()):.{_LIMIT_DIGITS}g}")
        sheet.add(f"values[np.abs(values) > {number(limit)}] = np.nan  # beside poles")
    else:
        leave_out(
            sheet, "values", missing, values, "points left out between the two sides of a jump or a pole"
        )
    writing.call("plot", name, "values", **look_of_line(mark), zorder=rounded(mark.zorder))


def _derivative(writing: Writing, mark: Lines) -> None:
    sheet, source = writing.sheet, writing.samples.source
    (name,) = map(identifier, source.expression.variables)
    text, even = source_coordinates(source.intervals[0], source.counts[0])
    gaps = ~np.isin(mark.points[:, 0], even)
    x = name
    if gaps.any():
        x = "even"
        sheet.add(f"even = {text}")
    f = f"np.where(inside({x}), derivative({x}), np.nan)" if source.expression.region else f"derivative({x})"
    sheet.add(f"slopes = {f}")
    slopes = gradient_at(source, even[:, None])[:, 0]
    missing = np.isnan(mark.points[~gaps, 1]) & ~np.isnan(slopes)
    leave_out(sheet, "slopes", missing, slopes, "points where the derivative is unreliable")
    places = [x, "slopes"]
    if gaps.any():
        sheet.add("gaps = np.searchsorted(even, cuts0)")
        places = ["np.insert(even, gaps, cuts0)", "np.insert(slopes, gaps, np.nan)"]
    writing.call("plot", *places, **look_of_line(mark), zorder=rounded(mark.zorder))


def _straight_lines(writing: Writing, name: str, pairs: Sequence[tuple[Lines, Markers]]) -> None:
    """Write tangents, or secants, in a loop over their points and colours."""
    sheet = writing.sheet
    (x,) = map(identifier, writing.samples.source.expression.variables)
    items = []
    for line, dots in pairs:
        at = dots.points[:, 0].tolist()
        items.append(f"({', '.join(map(number, at))}, {literal(line.colour)})")
    if name == "tangent":
        sheet.add("# The tangent at a point: f(a) + f'(a) (x - a).")
        loop, slope, ends = "at, color", "derivative(at)", ("at", "f(at)")
    else:
        sheet.add("# The secant through two points, whose slope is the difference quotient.")
        loop, slope = "at, end, color", "(f(end) - f(at))/(end - at)"
        ends = "[at, end]", "[f(at), f(end)]"
    sheet.add(*assigned("lines", items), f"for {loop} in lines:", f"    slope = {slope}")
    line, dots = pairs[0]
    look = {**look_of_line(line), "color": "color"}
    inner = Writing(type(sheet)(), writing.samples, writing.panel)
    inner.call("plot", x, f"f(at) + slope*({x} - at)", **look, zorder=rounded(line.zorder))
    marker = {"color": "color", "markersize": rounded(dots.size), "zorder": rounded(dots.zorder)}
    inner.call("plot", *ends, '"o"', **marker)
    sheet.add(*(f"    {one}" for one in inner.sheet.body))
