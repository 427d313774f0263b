"""Paths of optimizers in a script: computed by functions of its own, and drawn in a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from gradviz.optimizers import OPTIMIZERS
from gradviz.output.mpl.marks import style_of_line, style_of_markers
from gradviz.output.script import helpers
from gradviz.output.script.helpers import written
from gradviz.output.script.marks import Writing, write
from gradviz.output.script.sheet import Sheet
from gradviz.printing.numpy_source import WIDTH, number
from gradviz.printing.python_source import Code, called, exact, indented, literal, rounded
from gradviz.scene.marks import Arrows, Follower, Lines, Mark, Markers
from gradviz.scene.scene import Panel, Run

_MARKS = ("path", "values", "behind", "dots", "start", "end")
_COLOUR = Code("color")


@dataclass(frozen=True)
class PathMarks:
    """The marks of one run of an optimizer in a panel: a line, or dots alone, and what belongs to it."""

    run: Run
    line: Lines | Markers
    behind: Lines | None = None
    """The part behind a surface."""
    dots: Markers | None = None
    start: Markers | None = None
    end: Follower | None = None


def is_of_path(mark: Mark) -> bool:
    """Return whether a mark belongs to a path."""
    return _name(mark) in _MARKS or (isinstance(mark, Arrows) and mark.uphill is None)


def _name(mark: Mark) -> str:
    if isinstance(mark, Follower):
        return mark.marker.name
    return mark.name if isinstance(mark, (Lines, Markers)) else ""


def has_values(panel: Panel) -> bool:
    """Return whether a panel has the values along paths against steps."""
    return any(_name(mark) == "values" for mark in panel.marks)


def groups_of(panels: Sequence[Panel], runs: Sequence[Run]) -> list[list[PathMarks]]:
    """Return the paths of each panel: panels share all runs, and one with values has all of them."""
    groups, used = [], 0
    for panel in panels:
        marks = [mark for mark in panel.marks if _name(mark) in _MARKS]
        firsts = [index for index, mark in enumerate(marks) if _name(mark) in _MARKS[:2]]
        used = 0 if has_values(panel) else used
        parts = zip(runs[used:], firsts, [*firsts, len(marks)][1:], strict=False)
        groups.append([_path(run, marks[low:high]) for run, low, high in parts])
        used += len(firsts)
    return groups


def _path(run: Run, marks: Sequence[Mark]) -> PathMarks:
    others: dict[str, Any] = {_name(mark): mark for mark in marks[1:]}  # Any: of the types of the fields
    return PathMarks(run, cast("Lines | Markers", marks[0]), **others)


def write_paths(sheet: Sheet, group: Sequence[PathMarks]) -> None:
    """Write the list of paths."""
    sheet.add("# The paths, each with its colour and its dashes:", "paths = [", *indented(_items(group)), "]")


def write_panels(sheet: Sheet, panels: Sequence[tuple[str, Sequence[PathMarks]]]) -> None:
    """Write the lists of paths of several panels, by their titles."""
    sheet.add("# The paths of each panel, each with its colour and its dashes:", "panels = {")
    for title, group in panels:
        sheet.add(f"    {literal(title)}: [", *indented(indented(_items(group))), "    ],")
    sheet.add("}")


def _items(group: Sequence[PathMarks]) -> list[str]:
    """Return the source of each path with its colour, its dashes and its hidden parts."""
    found = []
    for path in group:
        run, defaults = path.run, OPTIMIZERS[path.run.optimizer].hyperparameters()
        given = [
            f", {key}={number(value)}"
            for key, value in run.hyperparameters.items()
            if key == "learning_rate" or value != defaults[key]
        ]
        start = f"np.array([{', '.join(map(repr, run.start))}])"
        call = f"{run.optimizer}({start}, steps={run.steps}{''.join(given)})"
        look: list[object] = [path.line.colour]
        look += [path.line.dash] if isinstance(path.line, Lines) else []
        look += [_ranges(path.behind)] if path.behind is not None else []
        end = f"{', '.join(map(literal, look))}),{'  # cut where it diverges' if run.diverged else ''}"
        whole = f"({call}, {end}"
        found += [whole] if len(whole) <= WIDTH else [f"({call},", f" {end}"]
    return found


def _ranges(behind: Lines) -> list[tuple[int, int]]:
    """Return the ranges of indices of the points of a line that are behind a surface."""
    flags = ~np.isnan(behind.points).any(axis=-1)
    ends = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def write_loop(writing: Writing, group: Sequence[PathMarks]) -> None:
    """Write the loop that draws the paths of a panel, and the components of their updates."""
    first, inner = group[0], replace(writing, sheet=writing.sheet.part())
    names = f"path, color{', dashes' if isinstance(first.line, Lines) else ''}"
    if _name(first.line) == "values":
        names += ", *_"
        inner.call("plot", Code("f(path)"), **_look(first.line))
    elif first.behind is not None:
        names += ", hidden"
        _on_surface(inner, group, first.behind)
    else:
        look = {**_look(first.line), **_dots(group), "zorder": first.line.zorder}
        inner.call("plot", Code("*path.T"), **look)
        _ends(inner, group, "path")
    writing.sheet.add(f"for {names} in paths:", *indented(inner.sheet.body))
    arrows: dict[str | None, list[Arrows]] = {}
    for mark in writing.panel.marks:
        if isinstance(mark, Arrows):
            arrows.setdefault(mark.colour, []).append(mark)
    for same in arrows.values():
        points, vectors = (
            np.concatenate(parts) for parts in zip(*((one.points, one.vectors) for one in same), strict=True)
        )
        writing.sheet.add(f"# Components of updates: {same[0].name}.")
        write(writing, replace(same[0], points=points, vectors=vectors))


def _look(line: Lines | Markers) -> dict[str, Any]:  # Any: keyword arguments of several types
    if isinstance(line, Markers):
        return {**style_of_markers(line), "color": _COLOUR}
    return {**style_of_line(line), "color": _COLOUR, "linestyle": Code("dashes")}


def _dots(group: Sequence[PathMarks]) -> dict[str, object]:
    """Return the size of dots, which are smaller on long paths."""
    steps: dict[float, int] = {}
    for path in group:
        line = path.dots or path.line
        size = line.markers if isinstance(line, Lines) else line.size
        steps[size] = max(steps.get(size, 0), path.run.steps)
    large, *small = sorted(steps, reverse=True)
    choice = "".join(f" if len(path) <= {steps[large] + 1} else {rounded(one)}" for one in small)
    return {"markersize": Code(f"{rounded(large)}{choice}")}


def _ends(inner: Writing, group: Sequence[PathMarks], name: str) -> None:
    """Write the square at the start of each path, and the star at the end of one that has not diverged."""
    if (start := group[0].start) is not None:
        look = {**style_of_markers(start), "markeredgecolor": _COLOUR, "zorder": start.zorder}
        inner.call("plot", Code(f"*{name}[:1].T"), **look)
    if ends := [path.end for path in group if path.end is not None]:
        star, faint = ends[0].marker, min(float(end.opacities.min()) for end in ends)
        look = {**style_of_markers(star), "color": _COLOUR, "zorder": star.zorder}
        look["alpha"] = Code(f"{rounded(faint)} if behind[-1] else 1") if faint < 1 else None
        lines = called("ax.plot", Code(f"*{name}[-1:].T"), **look)
        if len(ends) < len(group):
            most = max(path.run.steps for path in group)
            lines = [f"if len(path) > {most}:  # it has not diverged", *indented(lines)]
        inner.sheet.add(*lines)


def _on_surface(inner: Writing, group: Sequence[PathMarks], behind: Lines) -> None:
    """Write paths on a surface: solid where they are visible, dashed where they are hidden."""
    sheet, line, panel = inner.sheet, group[0].line, inner.panel
    sheet.define(written(helpers.on_surface))
    sheet.add("line, behind = on_surface(f, path, hidden)")
    hidden = [path.behind.points if path.behind else path.line.points for path in group]
    if any(
        (np.isnan(path.line.points) & np.isnan(part)).any() for path, part in zip(group, hidden, strict=True)
    ):
        assert panel.z is not None  # noqa: S101 - a surface is in a box
        ends = [*(interval[:2] for interval in inner.samples.source.intervals), panel.z.limits or (0.0, 0.0)]
        low, high = (literal([exact(end[i]) for end in ends]) for i in (0, 1))
        sheet.add(f"line[((line < {low}) | (line > {high})).any(axis=1)] = np.nan  # outside of the box")
    sheet.add("inner = behind & np.append(behind[1:], True) & np.insert(behind[:-1], 0, True)")
    visible, faint = "*np.where(inner[:, None], np.nan, line).T", "*np.where(behind[:, None], line, np.nan).T"
    dots = "*np.where(behind[:, None], np.nan, line)[::24].T"
    inner.call("plot", Code(visible), **_look(line), zorder=line.zorder)
    inner.call("plot", Code(faint), **{**style_of_line(behind), "color": _COLOUR}, zorder=line.zorder)
    inner.call("plot", Code(dots), "o", color=_COLOUR, **_dots(group), zorder=line.zorder)
    _ends(inner, group, "line")
