"""Paths of optimizers in a script: computed by functions of its own, and drawn in a loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.optimizers import OPTIMIZERS
from gradviz.output.script import helpers
from gradviz.output.script.colours import literal
from gradviz.output.script.helpers import written
from gradviz.output.script.marks import Looks, Writing, look_of_line, look_of_markers
from gradviz.output.script.marks import write as write_mark
from gradviz.output.script.sheet import WIDTH, Sheet, called, indented, pair, rounded, text
from gradviz.output.script.updates import arguments
from gradviz.scene.marks import Arrows, Follower, Lines, Mark, Markers
from gradviz.scene.scene import Panel
from gradviz.scene.source import Run

_PATH_MARKS = ("path", "behind", "dots", "start", "end", "values")


@dataclass(frozen=True)
class PathMarks:
    """The marks of one run of an optimizer in a panel."""

    run: Run
    line: Lines | Markers
    behind: Lines | None = None
    dots: Markers | None = None
    start: Markers | None = None
    end: Markers | None = None


def is_of_path(mark: Mark) -> bool:
    """Return whether a mark belongs to a path."""
    return _name(mark) in _PATH_MARKS or (isinstance(mark, Arrows) and mark.uphill is None)


def _name(mark: Mark) -> str:
    if isinstance(mark, Follower):
        return mark.marker.name
    return mark.name if isinstance(mark, (Lines, Markers)) else ""


def groups_of(panels: Sequence[Panel], runs: Sequence[Run]) -> list[list[PathMarks]]:
    """Return the paths of each panel: panels share all runs, but for one that has the values of all."""
    found, used = [], 0
    for panel in panels:
        firsts = [index for index, mark in enumerate(panel.marks) if _name(mark) in ("path", "values")]
        if any(_name(mark) == "values" for mark in panel.marks):
            used = 0
        shown, ends = runs[used : used + len(firsts)], [*firsts, len(panel.marks)][1:]
        used += len(firsts)
        found.append(
            [_path(run, panel.marks[low:high]) for run, low, high in zip(shown, firsts, ends, strict=True)]
        )
    return found


def _path(run: Run, marks: Sequence[Mark]) -> PathMarks:
    line = marks[0]
    assert isinstance(line, (Lines, Markers))  # noqa: S101 - by its name
    others = {_name(mark): mark.marker if isinstance(mark, Follower) else mark for mark in marks[1:]}
    behind = others.get("behind")
    dots, start, end = (
        one if isinstance(one := others.get(name), Markers) else None for name in ("dots", "start", "end")
    )
    return PathMarks(run, line, behind if isinstance(behind, Lines) else None, dots, start, end)


def write_paths(sheet: Sheet, group: Sequence[PathMarks]) -> None:
    """Write the list of paths."""
    sheet.add("# The paths, each with its colour and its dashes:", "paths = [", *indented(_items(group)), "]")


def write_panels(sheet: Sheet, panels: Sequence[tuple[str, Sequence[PathMarks]]]) -> None:
    """Write the lists of paths of several panels, by their titles."""
    sheet.add("# The paths of each panel, each with its colour and its dashes:", "panels = {")
    for title, group in panels:
        sheet.add(f"    {text(title)}: [", *indented(indented(_items(group))), "    ],")
    sheet.add("}")


def _items(group: Sequence[PathMarks]) -> list[str]:
    """Return the source of each path with its colour, its dashes and its hidden parts."""
    found = []
    for path in group:
        run = path.run
        start = f"np.array([{', '.join(map(repr, run.start))}])"
        usual = OPTIMIZERS[run.optimizer].hyperparameters()
        call = f"{run.optimizer}({', '.join([start, f'steps={run.steps}', *arguments(run, usual)])})"
        look = [literal(path.line.colour)]
        if isinstance(path.line, Lines):
            look.append(text(path.line.dash))
        if path.behind is not None:
            look.append(f"[{', '.join(pair(ends) for ends in _ranges(path.behind))}]")
        end = "  # cut where it diverges" if run.diverged else ""
        whole = f"({call}, {', '.join(look)}),{end}"
        found += [whole] if len(whole) <= WIDTH else [f"({call},", f" {', '.join(look)}),{end}"]
    return found


def _ranges(behind: Lines) -> list[tuple[int, int]]:
    """Return the ranges of indices of the points of a line that are behind a surface."""
    flags = ~np.isnan(behind.points).any(axis=-1)
    ends = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def write_loop(writing: Writing, group: Sequence[PathMarks]) -> None:
    """Write the loop that draws the paths of a panel, and the components of their updates."""
    first = group[0]
    inner = replace(writing, sheet=writing.sheet.part())
    names = ["path", "color", *(["dashes"] if isinstance(first.line, Lines) else [])]
    names += ["hidden"] if first.behind else []
    if _name(first.line) == "values":
        inner.call("plot", "f(path)", **_look(first.line))
        names = ["path", "color", "dashes", "*_"]
    elif first.behind is not None:
        _on_surface(writing, inner, group, first.behind)
    else:
        inner.call("plot", "*path.T", **_look(first.line), **_dots(group), zorder=rounded(first.line.zorder))
        _ends(inner, group, "path")
    writing.sheet.add(f"for {', '.join(names)} in paths:", *indented(inner.sheet.body))
    _components(writing)


def _look(line: Lines | Markers) -> Looks:
    if isinstance(line, Markers):
        return {"linestyle": '"none"', "marker": '"o"', "color": "color"}
    look = {**look_of_line(line), "color": "color", "linestyle": "dashes"}
    return {key: value for key, value in look.items() if key != "markersize"}


def _dots(group: Sequence[PathMarks]) -> Looks:
    """Return the size of dots, which are smaller on long paths."""
    steps: dict[float, int] = {}
    for path in group:
        line = path.dots or path.line
        size = line.markers if isinstance(line, Lines) else line.size
        steps[size] = max(steps.get(size, 0), path.run.steps)
    large, *small = sorted(steps, reverse=True)
    size = rounded(large, 4)
    return {
        "markersize": f"{size} if len(path) <= {steps[large] + 1} else {rounded(small[0], 4)}"
        if small
        else size
    }


def _ends(inner: Writing, group: Sequence[PathMarks], name: str) -> None:
    """Write the square at the start of each path, and the star at the end of one that has not diverged."""
    start, ends = group[0].start, [path.end for path in group if path.end is not None]
    if start is not None:
        look = {**look_of_markers(inner.sheet, start), "markeredgecolor": "color"}
        inner.call("plot", f"*{name}[:1].T", **look, zorder=rounded(start.zorder))
    if ends:
        look = {**look_of_markers(inner.sheet, ends[0]), "color": "color"}
        lines = called(f"{inner.target}.plot", f"*{name}[-1:].T", **look, zorder=rounded(ends[0].zorder))
        if len(ends) < len(group):
            most = max(path.run.steps for path in group)
            lines = [f"if len(path) > {most}:  # it has not diverged", *indented(lines)]
        inner.sheet.add(*lines)


def _on_surface(writing: Writing, inner: Writing, group: Sequence[PathMarks], behind: Lines) -> None:
    """Write paths on a surface: solid where they are visible, dashed where they are hidden."""
    writing.sheet.define(written(helpers.on_surface))
    inner.sheet.add("line, behind = on_surface(f, path, hidden)")
    if any(_leaves(path) for path in group):
        ends = [*(interval[:2] for interval in writing.samples.source.intervals)]
        ends += [writing.panel.z.limits] if writing.panel.z and writing.panel.z.limits else []
        low, high = (f"[{', '.join(rounded(end[i], 12) for end in ends)}]" for i in (0, 1))
        inner.sheet.add(
            f"line[((line < {low}) | (line > {high})).any(axis=1)] = np.nan  # outside of the box"
        )
    inner.sheet.add("inner = behind & np.append(behind[1:], True) & np.insert(behind[:-1], 0, True)")
    line = group[0].line
    order = rounded(line.zorder)
    inner.call("plot", "*np.where(inner[:, None], np.nan, line).T", **_look(line), zorder=order)
    look = {**look_of_line(behind), "color": "color"}
    inner.call("plot", "*np.where(behind[:, None], line, np.nan).T", **look, zorder=order)
    inner.call(
        "plot", "*np.where(behind[:, None], np.nan, line)[::24].T", '"o"', color="color", **_dots(group),
        zorder=order,
    )  # fmt: skip
    _ends(inner, group, "line")


def _leaves(path: PathMarks) -> bool:
    """Return whether a part of a path is neither visible nor hidden: it is outside of the box."""
    behind = path.behind.points if path.behind is not None else path.line.points
    return bool((np.isnan(path.line.points) & np.isnan(behind)).any())


def _components(writing: Writing) -> None:
    """Write the components of updates, all of one colour at once."""
    groups: dict[str, list[Arrows]] = {}
    for mark in writing.panel.marks:
        if isinstance(mark, Arrows):
            groups.setdefault(str(mark.colour), []).append(mark)
    for arrows in groups.values():
        points = np.concatenate([mark.points for mark in arrows])
        vectors = np.concatenate([mark.vectors for mark in arrows])
        writing.sheet.add(f"# Components of updates: {arrows[0].name}.")
        write_mark(writing, replace(arrows[0], points=points, vectors=vectors), has_bar=False)
