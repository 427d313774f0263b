"""Lines of a script: a curve with straight lines through its points, and paths of optimizers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from gradviz.arrays import Floats, axis
from gradviz.optimizers import OPTIMIZERS
from gradviz.output.mpl.marks import style_of_line, style_of_markers
from gradviz.output.script import helpers
from gradviz.output.script.helpers import written
from gradviz.output.script.marks import Looks, Writing, write
from gradviz.output.script.samples import coordinates_of, leave_out, ranges_of, source_of
from gradviz.output.script.sheet import MAX_LISTED, Sheet, identifier, too_many
from gradviz.printing.numpy_source import WIDTH, number
from gradviz.printing.python_source import (
    Code,
    assigned,
    called,
    exact,
    indented,
    literal,
    rounded,
)
from gradviz.sampling.outline import with_points
from gradviz.sampling.refinement import refined
from gradviz.scene.marks import GRADIENT_AT, VERTICAL, Arrows, Follower, Lines, Mark, Markers
from gradviz.scene.scene import Panel, Run

_MARKS = ("path", "values", "behind", "dots", "start", "end")
_STRAIGHT = ("tangent", VERTICAL, "secant")
_COLOUR = Code("color")


# Curves -------------------------------------------------------------------------------------------------


def write_curve(writing: Writing) -> None:
    """Write the lines of a panel: a curve with its tangents and secants, or the derivative."""
    (x,) = map(identifier, writing.samples.source.expression.variables)
    first, *others = writing.panel.marks
    assert isinstance(first, Lines)  # noqa: S101 - the curve, or its derivative
    (_derivative if first.vertices is None else write_outline)(writing, first)
    pairs = defaultdict[str, list[tuple[Lines, Markers]]](list)
    for mark, following in pairwise(others):
        if isinstance(mark, Lines) and mark.name in _STRAIGHT and isinstance(following, Markers):
            pairs[mark.name].append((mark, following))
    paired = {id(mark) for same in pairs.values() for pair in same for mark in pair}
    for mark in others:
        if isinstance(mark, Lines) and mark.powers is not None:
            _polynomial(writing, mark, x)
        elif id(mark) not in paired:
            write(writing, mark)
    for name in _STRAIGHT:
        if pairs[name]:
            _straight_lines(writing, name, pairs[name], x)


def write_outline(writing: Writing, mark: Lines) -> None:
    """Write the line of a curve with vertices."""
    (x,) = map(identifier, writing.samples.source.expression.variables)
    sheet, samples, vertices = writing.samples.sheet, writing.samples, mark.vertices
    assert vertices is not None  # noqa: S101 - of a curve
    drawn = vertices.samples[:, 1]
    along = coordinates_of(vertices.samples[:, 0], samples.source.intervals[0], samples.source.counts[0])
    sheet.add(f"{x} = {samples.coordinates(along, 'cuts0')}", f"values = {samples.evaluation}({x})")
    values = samples.field(along.values[:, None])
    if along.cuts:
        sheet.add(f"values[np.isin({x}, cuts0)] = np.nan")
        values[np.isin(along.values, along.cuts)] = np.nan
    missing = np.isnan(drawn) & ~np.isnan(values)
    shown, hidden = np.abs(values[~np.isnan(drawn)]), np.abs(values[missing])
    if hidden.size and hidden.min() > shown.max():
        limit = rounded(np.sqrt(hidden.min() * shown.max()), 3)
        sheet.add(f"values[np.abs(values) > {limit}] = np.nan  # beside poles")
    else:
        what = "points left out between the two sides of a jump or a pole"
        leave_out(sheet, "values", missing, values, what)
    if len(vertices.ends):
        _add_ends(sheet, vertices.ends, x)
    if vertices.is_refined and len(mark.points) > len(vertices.samples) + len(vertices.ends):
        sheet.define(written(refined))
        low, high = (number(float(f"{end:.10g}")) for end in writing.panel.y.limits or (0.0, 1.0))
        sheet.add(f"{x}, values = refined({samples.evaluation}, {x}, values, {low}, {high})")
    writing.call("plot", Code(x), Code("values"), **style_of_line(mark), zorder=mark.zorder)


def _add_ends(sheet: Sheet, ends: Floats, x: str) -> None:
    """Write the ends of a curve, with its removable gaps. Raises RequestError for many of them."""
    if len(ends) > MAX_LISTED:
        raise too_many(f"{len(ends)} ends of a curve")
    sheet.define(written(with_points))
    sheet.add("# Points at edges of the domain, beside poles, and at removable gaps:")
    sheet.add(*assigned("ends", (tuple(Code(repr(end)) for end in row) for row in ends.tolist())))
    sheet.add(f"{x}, values = with_points({x}, values, *np.transpose(ends))")


def _derivative(writing: Writing, mark: Lines) -> None:
    (x,) = map(identifier, writing.samples.source.expression.variables)
    sheet, source = writing.samples.sheet, writing.samples.source
    even = axis(source.intervals[0], source.counts[0])
    gaps = ~np.isin(mark.points[:, 0], even)
    if f"{x} = {source_of(source.intervals[0], source.counts[0])}" not in sheet.body[-2:]:
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


def _polynomial(writing: Writing, mark: Lines, x: str) -> None:
    """Write a polynomial in powers of the distance from its centre."""
    assert mark.powers is not None  # noqa: S101 - by the caller
    centre, coefficients = mark.powers
    shift = f" {'-' if centre > 0 else '+'} {number(abs(centre))}" if centre else ""
    values = Code(f"np.polyval({[*reversed(coefficients)]!r}, {x}{shift})")
    writing.call("plot", Code(x), values, **style_of_line(mark), zorder=mark.zorder)


def _straight_lines(writing: Writing, name: str, pairs: Sequence[tuple[Lines, Markers]], x: str) -> None:
    """Write tangents, or secants, in a loop over their points and colours."""
    has_widths = len({line.width for line, _ in pairs}) > 1
    items = [
        (*map(exact, dots.points[:, 0]), line.colour, *([Code(rounded(line.width))] * has_widths))
        for line, dots in pairs
    ]
    words, loop = "# The tangent at a point: f(a) + f'(a) (x - a).", "at, color"
    slope, ends = "derivative(at)", ("at", "f(at)")
    if name == "secant":
        words = "# The secant through two points, whose slope is the difference quotient."
        loop, slope, ends = "at, end, color", "(f(end) - f(at))/(end - at)", ("[at, end]", "[f(at), f(end)]")
    inner, (line, dots) = replace(writing, sheet=writing.sheet.part()), pairs[0]
    look = {**style_of_line(line), "color": Code("color"), "zorder": line.zorder}
    if has_widths:
        loop, look["linewidth"] = f"{loop}, width", Code("width")
    if name == VERTICAL:
        words = "# A vertical tangent."
        inner.call("axvline", Code("at"), **look)
    else:
        inner.sheet.add(f"slope = {slope}")
        inner.call("plot", Code(x), Code(f"f(at) + slope*({x} - at)"), **look)
    look = {"color": Code("color"), "markersize": dots.size, "zorder": dots.zorder}
    inner.call("plot", *map(Code, ends), "o", **look)
    writing.sheet.add(words, *assigned("lines", items), f"for {loop} in lines:", *indented(inner.sheet.body))


# Paths --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paths:
    """The runs of optimizers that a panel shows, and their marks by name, such as "start"."""

    runs: Sequence[Run]
    has_widths: bool  # whether paths have widths of their own
    marks: dict[str, list[Any]]  # Any: lines, markers and followers

    @property
    def lines(self) -> list[Any]:
        """The line, or the dots alone, of each run."""
        return self.marks["path"] + self.marks["values"]


def is_of_path(mark: Mark) -> bool:
    """Return whether a mark belongs to a path."""
    return _name(mark) in _MARKS or (
        isinstance(mark, Arrows) and mark.uphill is None and mark.name != GRADIENT_AT
    )


def _name(mark: Mark) -> str:
    if isinstance(mark, Follower):
        return mark.marker.name
    return mark.name if isinstance(mark, (Lines, Markers)) else ""


def paths_of(panels: Sequence[Panel], runs: Sequence[Run]) -> list[Paths]:
    """Return the paths of each panel: panels share all runs, and one with values has all of them."""
    groups, used = [], 0
    lines = (one for panel in panels for one in panel.marks if isinstance(one, Lines))
    widths = {line.width for line in lines if line.name in ("path", "values")}
    for panel in panels:
        marks = defaultdict[str, list[Mark]](list)
        for mark in panel.marks:
            marks[_name(mark)].append(mark)
        used = 0 if marks["values"] else used
        count = len(marks["path"] + marks["values"])
        groups.append(Paths(runs[used : used + count], len(widths) > 1, marks))
        used += count
    return groups


def listed(paths: Paths) -> list[str]:
    """Return the source of each path with its colour, its dashes and its hidden parts."""
    found = []
    hidden = paths.marks["behind"] or [None] * len(paths.runs)
    for run, line, behind in zip(paths.runs, paths.lines, hidden, strict=True):
        defaults = OPTIMIZERS[run.optimizer].hyperparameters()
        given = [
            f", {key}={number(value)}"
            for key, value in run.hyperparameters.items()
            if key == "learning_rate" or value != defaults[key]
        ]
        numbers = ", ".join(map(repr, run.start))
        start = f"np.array({numbers if len(run.start) == 1 else f'[{numbers}]'})"
        call = f"{run.optimizer}({start}, steps={run.steps}{''.join(given)})"
        look: list[object] = [line.colour]
        look += [line.dash] if isinstance(line, Lines) else []
        look += [Code(rounded(line.width))] if paths.has_widths else []
        look += [ranges_of(~np.isnan(behind.points[:, 0]))] if behind is not None else []
        end = f"{', '.join(map(literal, look))}),{'  # cut where it diverges' if run.diverged else ''}"
        whole = f"({call}, {end}"
        found += [whole] if len(whole) <= WIDTH else [f"({call},", f" {end}"]
    return found


def write_loop(writing: Writing, paths: Paths) -> None:
    """Write the loop that draws the paths of a panel, and the components of their updates."""
    first, inner = paths.lines[0], replace(writing, sheet=writing.sheet.part())
    names = f"path, color{', dashes' if isinstance(first, Lines) else ''}{', width' * paths.has_widths}"
    look = {**_look(first), **({"linewidth": Code("width")} if paths.has_widths else {})}
    if paths.marks["values"]:
        names += ", *_"
        inner.call("plot", Code("f(path)"), **look)
    elif paths.marks["behind"]:
        names += ", hidden"
        _on_surface(inner, paths, look)
    else:
        look |= {**_dots(paths), "zorder": first.zorder}
        inner.call("plot", *_coordinates(inner, "path", ""), **look)
        _ends(inner, paths, "path")
    writing.sheet.add(f"for {names} in paths:", *indented(inner.sheet.body))
    arrows = defaultdict[str, list[Arrows]](list)
    for mark in writing.panel.marks:
        if isinstance(mark, Arrows):
            arrows[mark.name].append(mark)
    for name, same in arrows.items():
        points = np.concatenate([one.points for one in same])
        vectors = np.concatenate([one.vectors for one in same])
        writing.sheet.add(f"# Components of updates: {name}.")
        write(writing, replace(same[0], points=points, vectors=vectors))


def _coordinates(writing: Writing, name: str, part: str) -> list[Code]:
    """Return the coordinates of a part of a path: its points, or those of its curve."""
    if len(writing.samples.source.intervals) > 1:
        return [Code(f"*{name}{part}.T")]
    return [Code(f"{name}{part}"), Code(f"{writing.samples.evaluation}({name}{part})")]


def _look(line: Lines | Markers) -> Looks:
    if isinstance(line, Markers):
        return {**style_of_markers(line), "color": _COLOUR}
    return {**style_of_line(line), "color": _COLOUR, "linestyle": Code("dashes")}


def _dots(paths: Paths) -> Looks:
    """Return the size of dots, which are smaller on long paths."""
    steps: dict[float, int] = {}
    for run, mark in zip(paths.runs, paths.marks["dots"] or paths.lines, strict=True):
        size = mark.markers if isinstance(mark, Lines) else mark.size
        steps[size] = max(steps.get(size, 0), run.steps)
    large, *small = sorted(steps, reverse=True)
    choice = "".join(f" if len(path) <= {steps[large] + 1} else {rounded(one)}" for one in small)
    return {"markersize": Code(f"{rounded(large)}{choice}")}


def _ends(inner: Writing, paths: Paths, name: str) -> None:
    """Write the square at the start of each path, and the star at the end of one that has not diverged."""
    for start in paths.marks["start"][:1]:
        look = {**style_of_markers(start), "markeredgecolor": _COLOUR, "zorder": start.zorder}
        inner.call("plot", *_coordinates(inner, name, "[:1]"), **look)
    if ends := paths.marks["end"]:
        star, faint = ends[0].marker, min(float(end.opacities.min()) for end in ends)
        look = {**style_of_markers(star), "color": _COLOUR, "zorder": star.zorder}
        look["alpha"] = Code(f"{rounded(faint)} if behind[-1] else 1") if faint < 1 else None
        lines = called("ax.plot", *_coordinates(inner, name, "[-1:]"), **look)
        if len(ends) < len(paths.runs):
            most = max(run.steps for run in paths.runs)
            lines = [f"if len(path) > {most}:  # it has not diverged", *indented(lines)]
        inner.sheet.add(*lines)


def _on_surface(inner: Writing, paths: Paths, look: Looks) -> None:
    """Write paths on a surface: solid where they are visible, dashed where they are hidden."""
    sheet, line, behind = inner.sheet, paths.lines[0], paths.marks["behind"][0]
    sheet.define(written(helpers.on_surface))
    sheet.add("line, behind = on_surface(f, path, hidden)")
    if any(np.isnan(one.whole).any() for one in paths.lines):
        ends = [interval[:2] for interval in inner.samples.source.intervals]
        ends.append((inner.panel.z.limits if inner.panel.z else None) or (0.0, 0.0))
        low, high = (literal([exact(end[i]) for end in ends]) for i in (0, 1))
        sheet.add(f"line[((line < {low}) | (line > {high})).any(axis=1)] = np.nan  # outside of the box")
    sheet.add("inner = behind & np.append(behind[1:], True) & np.insert(behind[:-1], 0, True)")
    visible, faint = "*np.where(inner[:, None], np.nan, line).T", "*np.where(behind[:, None], line, np.nan).T"
    dots = "*np.where(behind[:, None], np.nan, line)[::24].T"
    width = {"linewidth": look["linewidth"]}
    inner.call("plot", Code(visible), **look, zorder=line.zorder)
    inner.call(
        "plot", Code(faint), **{**style_of_line(behind), **width, "color": _COLOUR}, zorder=line.zorder
    )
    inner.call("plot", Code(dots), "o", color=_COLOUR, **_dots(paths), zorder=line.zorder)
    _ends(inner, paths, "line")
