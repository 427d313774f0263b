"""A scene as the text of a script."""

from __future__ import annotations

import ast
import re
import textwrap

from gradviz.calculus.differences import CENTRAL_STEP
from gradviz.fields.source import FieldSource
from gradviz.optimizers import OPTIMIZERS
from gradviz.optimizers.numpy_source import source_of
from gradviz.output.mpl.measures import Measures, measure
from gradviz.output.script import frame, marks
from gradviz.output.script.lines import (
    Paths,
    is_of_path,
    listed,
    paths_of,
    write_curve,
    write_loop,
    write_outline,
)
from gradviz.output.script.marks import Writing
from gradviz.output.script.samples import Samples
from gradviz.output.script.sheet import SOURCE, Sheet, identifier, refusal
from gradviz.printing.numpy_source import WIDTH
from gradviz.printing.python_source import indented, literal
from gradviz.scene.marks import Lines, Streamlines
from gradviz.scene.scene import Frames, Scene, Source

_SHOWS = {
    "tangent": "f with its tangent lines",
    "surface": "f in three dimensions",
    "contour": "f as contours",
    "quiver": "The gradient of f as arrows",
    "stream": "The gradient of f as streamlines",
    "descent": "The paths of optimizers downhill on f",
}


def script_of(scene: Scene | Frames, software: str, spec: str) -> str:
    """Return the script of a scene with a line for its spec.

    Raises RequestError for what a script cannot draw, or if the formula is too deep for Python.
    """
    if isinstance(scene, Frames) or scene.source is None:
        raise refusal("a script draws a static picture of an expression")
    if not scene.source.is_alone:
        raise refusal("a script draws one function or one equation, and no constraint")
    sheet, source, measures = Sheet(), scene.source, measure(scene)
    wanders = any(run.diverged for run in source.runs)
    step = (source.step or CENTRAL_STEP) if source.method == "central" else None
    code = FieldSource(source.expression, source.intervals, source.method, step, SOURCE, wanders)
    samples, panels = Samples(sheet.part(), source, code), sheet.part()
    _write_panels(panels, scene, samples, measures)
    sheet.add(*samples.sheet.body)
    frame.open_figure(sheet, scene, measures)
    sheet.add(*panels.body)
    frame.legend(sheet, scene, measures)
    frame.finish(sheet, scene, measures)
    functions = [*_functions(source, code, "\n".join(sheet.body)), *sheet.functions]
    shows = re.sub(r"\bf\b", f"f({', '.join(source.expression.variables)})", _SHOWS[scene.kind])
    head = f"{shows}, written by {software}."
    lines = [*textwrap.wrap(head, WIDTH, initial_indent="# ", subsequent_indent="# "), spec, ""]
    lines += ["import math"] if any("math." in line for line in functions) else []
    lines += ["from pathlib import Path", "", "import matplotlib.pyplot as plt", *sorted(sheet.imports)]
    lines += ["import numpy as np", *frame.settings_lines(scene)]
    if code.is_quiet:
        lines += ["", 'np.seterr(all="ignore")  # undefined values are NaN, without a warning']
    script = "\n".join([*lines, "", *functions, "", *sheet.body, ""])
    try:
        ast.parse(script)
    except (SyntaxError, RecursionError, MemoryError):
        raise refusal("the formula is nested too deeply for a script") from None
    return script


def _functions(source: Source, code: FieldSource, body: str) -> list[str]:
    """Return the parameters, the function, its derivatives, and the optimizers.

    The gradient is left out if nothing calls it.
    """
    names = list(dict.fromkeys(run.optimizer for run in source.runs))
    needed = code.functions()
    if names or len(source.intervals) == 1 or "gradient(" in body:
        needed += code.gradient()
    if any(OPTIMIZERS[name].needs_hessian for name in names):
        needed += code.hessian()
    sheet = Sheet()
    if parameters := source.expression.parameters:
        sheet.functions += [*(f"{identifier(name)} = {float(x)!r}" for name, x in parameters.items()), ""]
    is_curve = len(source.intervals) == 1
    for lines in (*needed, *(source_of(name, is_curve=is_curve) for name in names)):
        sheet.define(lines)
    return sheet.functions


def _write_panels(sheet: Sheet, scene: Scene, samples: Samples, measures: Measures) -> None:
    """Write the panels; those of several optimizers, which differ in their paths alone, in a loop."""
    groups = paths_of(scene.panels, samples.source.runs)
    grounds = [i for i, one in enumerate(groups) if one.marks["path"]]
    looped, *others = grounds if len(grounds) > 1 else [None]
    if looped is not None:
        samples.sheet.add("# The paths of each panel, each with its colour and its dashes:", "panels = {")
        for i in grounds:
            words = measures.panels[i].title
            items = indented(listed(groups[i]))
            samples.sheet.add(*indented([f"{literal(words.text if words else '')}: [", *items, "],"]))
        samples.sheet.add("}")
    elif grounds:
        items = indented(listed(groups[grounds[0]]))
        samples.sheet.add("# The paths, each with its colour and its dashes:", "paths = [", *items, "]")
    for i, panel in enumerate(scene.panels):
        if i in others:
            continue
        part = sheet.part()
        if len(scene.panels) > 1:
            frame.add_axes(part, scene, panel, "number" if i == looped else "")
        if looped is not None and i != looped:
            part.add("paths = [path for each in panels.values() for path in each]")
        _write_panel(Writing(part, samples, panel), scene, measures, groups[i], "name" if i == looped else "")
        if i == looped:
            sheet.add("for number, (name, paths) in enumerate(panels.items(), 1):")
            part.body = indented(part.body[1:])
        sheet.add(*part.body)
        if scene.legend is not None and scene.legend.panel == i < len(scene.panels) - 1:
            sheet.add("first = ax")


def _write_panel(writing: Writing, scene: Scene, measures: Measures, group: Paths, title: str) -> None:
    """Write the marks of a panel, its axes and its colour bars; `title` is the variable with its title."""
    sheet, panel = writing.sheet, writing.panel
    index = scene.panels.index(panel)
    bars = {bar.mark: bar for bar in scene.colour_bars if bar.panel == index}
    if scene.kind == "tangent":
        write_curve(writing)
    else:
        for place, mark in enumerate(panel.marks):
            if isinstance(mark, Lines) and mark.vertices is not None:
                write_outline(writing, mark)
            elif not is_of_path(mark):
                marks.write(writing, mark, has_bar=place in bars)
    if group.runs:
        write_loop(writing, group)
    frame.set_axes(sheet, panel, measures.panels[index], scene.style, title)
    for bar in bars.values():
        drawn = "drawn.lines" if isinstance(panel.marks[bar.mark], Streamlines) else "drawn"
        frame.colour_bar(sheet, scene, bar, measures.panels[index], drawn)
