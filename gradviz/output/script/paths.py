"""Paths of optimizers in a script: computed by functions of its own, and drawn in a loop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradviz.optimizers import OPTIMIZERS
from gradviz.output.mpl.marks import style_of_line, style_of_markers
from gradviz.output.script import helpers
from gradviz.output.script.gaps import ranges_of
from gradviz.output.script.helpers import written
from gradviz.output.script.marks import Looks, Writing, write
from gradviz.printing.numpy_source import number
from gradviz.printing.python_source import WIDTH, Code, called, exact, indented, literal, rounded
from gradviz.scene.marks import Arrows, Follower, Lines, Mark, Markers
from gradviz.scene.scene import Panel, Run

_MARKS = ("path", "values", "behind", "dots", "start", "end")
_COLOUR = Code("color")


@dataclass(frozen=True)
class Paths:
    """The runs of optimizers that a panel shows, and their marks by name, such as "start"."""

    runs: Sequence[Run]
    marks: dict[str, list[Any]]  # Any: lines, markers and followers

    @property
    def lines(self) -> list[Any]:
        """The line, or the dots alone, of each run."""
        return self.marks["path"] + self.marks["values"]


def is_of_path(mark: Mark) -> bool:
    """Return whether a mark belongs to a path."""
    return _name(mark) in _MARKS or (isinstance(mark, Arrows) and mark.uphill is None)


def _name(mark: Mark) -> str:
    if isinstance(mark, Follower):
        return mark.marker.name
    return mark.name if isinstance(mark, (Lines, Markers)) else ""


def paths_of(panels: Sequence[Panel], runs: Sequence[Run]) -> list[Paths]:
    """Return the paths of each panel: panels share all runs, and one with values has all of them."""
    groups, used = [], 0
    for panel in panels:
        marks = defaultdict[str, list[Mark]](list)
        for mark in panel.marks:
            marks[_name(mark)].append(mark)
        used = 0 if marks["values"] else used
        count = len(marks["path"] + marks["values"])
        groups.append(Paths(runs[used : used + count], marks))
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
        start = f"np.array([{', '.join(map(repr, run.start))}])"
        call = f"{run.optimizer}({start}, steps={run.steps}{''.join(given)})"
        look: list[object] = [line.colour]
        look += [line.dash] if isinstance(line, Lines) else []
        look += [ranges_of(~np.isnan(behind.points[:, 0]))] if behind is not None else []
        end = f"{', '.join(map(literal, look))}),{'  # cut where it diverges' if run.diverged else ''}"
        whole = f"({call}, {end}"
        found += [whole] if len(whole) <= WIDTH else [f"({call},", f" {end}"]
    return found


def write_loop(writing: Writing, paths: Paths) -> None:
    """Write the loop that draws the paths of a panel, and the components of their updates."""
    first, inner = paths.lines[0], replace(writing, sheet=writing.sheet.part())
    names = f"path, color{', dashes' if isinstance(first, Lines) else ''}"
    if paths.marks["values"]:
        names += ", *_"
        inner.call("plot", Code("f(path)"), **_look(first))
    elif paths.marks["behind"]:
        names += ", hidden"
        _on_surface(inner, paths)
    else:
        inner.call("plot", Code("*path.T"), **{**_look(first), **_dots(paths), "zorder": first.zorder})
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
        inner.call("plot", Code(f"*{name}[:1].T"), **look)
    if ends := paths.marks["end"]:
        star, faint = ends[0].marker, min(float(end.opacities.min()) for end in ends)
        look = {**style_of_markers(star), "color": _COLOUR, "zorder": star.zorder}
        look["alpha"] = Code(f"{rounded(faint)} if behind[-1] else 1") if faint < 1 else None
        lines = called("ax.plot", Code(f"*{name}[-1:].T"), **look)
        if len(ends) < len(paths.runs):
            most = max(run.steps for run in paths.runs)
            lines = [f"if len(path) > {most}:  # it has not diverged", *indented(lines)]
        inner.sheet.add(*lines)


def _on_surface(inner: Writing, paths: Paths) -> None:
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
    inner.call("plot", Code(visible), **_look(line), zorder=line.zorder)
    inner.call("plot", Code(faint), **{**style_of_line(behind), "color": _COLOUR}, zorder=line.zorder)
    inner.call("plot", Code(dots), "o", color=_COLOUR, **_dots(paths), zorder=line.zorder)
    _ends(inner, paths, "line")
