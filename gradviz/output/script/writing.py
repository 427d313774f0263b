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
from gradviz.output.script import frame, marks, paths
from gradviz.output.script.curves import write_curve
from gradviz.output.script.marks import Writing
from gradviz.output.script.paths import Paths
from gradviz.output.script.samples import Samples
from gradviz.output.script.sheet import SOURCE, Sheet, identifier, refusal
from gradviz.printing.python_source import WIDTH, indented, literal
from gradviz.scene.marks import Arrows, Image, Mark, Streamlines, Surface
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
    sheet, source = Sheet({"import matplotlib.pyplot as plt", "import numpy as np"}), scene.source
    wanders = any(run.diverged for run in source.runs)
    step = (source.step or CENTRAL_STEP) if source.method == "central" else None
    code = FieldSource(source.expression, source.intervals, source.method, step, SOURCE, wanders)
    _write(sheet, scene, Samples(sheet.part(), source, code), measure(scene))
    shows = re.sub(r"\bf\b", f"f({', '.join(source.expression.variables)})", _SHOWS[scene.kind])
    head = f"{shows}, written by {software}."
    lines = textwrap.wrap(head, WIDTH, initial_indent="# ", subsequent_indent="# ")
    lines += [spec, "", *_imports(sheet), *frame.settings_lines(scene)]
    if code.is_quiet:
        lines += ["", 'np.seterr(all="ignore")  # undefined values are NaN, without a warning']
    script = "\n".join([*lines, "", *sheet.functions, "", *sheet.body, ""])
    try:
        ast.parse(script)
    except (SyntaxError, RecursionError, MemoryError):
        raise refusal("the formula is nested too deeply for a script") from None
    return script


def _write(sheet: Sheet, scene: Scene, samples: Samples, measures: Measures) -> None:
    _write_functions(sheet, scene, samples.source, samples.code)
    parts = sheet.part()
    _write_panels(parts, scene, samples, measures)
    sheet.add(*samples.sheet.body)
    frame.open_figure(sheet, scene, measures)
    sheet.add(*parts.body)
    frame.legend(sheet, scene, measures)
    frame.finish(sheet, scene, measures)


def _write_functions(sheet: Sheet, scene: Scene, source: Source, code: FieldSource) -> None:
    """Write the parameters, the function, its derivatives if they are needed, and the optimizers."""
    if parameters := source.expression.parameters:
        sheet.functions += [*(f"{identifier(name)} = {float(x)!r}" for name, x in parameters.items()), ""]
    functions, names = code.functions(), list(dict.fromkeys(run.optimizer for run in source.runs))
    if scene.kind == "tangent" or names or any(map(_needs_gradient, scene.panels[0].marks)):
        functions += code.gradient()
    if any(OPTIMIZERS[name].needs_hessian for name in names):
        functions += code.hessian()
    for lines in (*functions, *map(source_of, names)):
        if "math." in lines[0]:
            sheet.imports.add("import math")
        sheet.define(lines)


def _needs_gradient(mark: Mark) -> bool:
    """Return whether a script computes a mark from the gradient."""
    is_plane = isinstance(mark, Surface) and mark.scale is None
    return is_plane or isinstance(mark, (Arrows, Streamlines, Image))


def _write_panels(sheet: Sheet, scene: Scene, samples: Samples, measures: Measures) -> None:
    """Write the panels; those of several optimizers, which differ in their paths alone, in a loop."""
    groups = paths.paths_of(scene.panels, samples.source.runs)
    grounds = [i for i, one in enumerate(groups) if one.marks["path"]]
    repeated = grounds if len(grounds) > 1 else []
    if repeated:
        samples.sheet.add("# The paths of each panel, each with its colour and its dashes:", "panels = {")
        for i in grounds:
            title = measures.panels[i].title
            items = indented(paths.listed(groups[i]))
            samples.sheet.add(*indented([f"{literal(title.text if title else '')}: [", *items, "],"]))
        samples.sheet.add("}")
        inner = sheet.part()
        frame.add_axes(inner, scene, scene.panels[0], "number")
        _write_panel(Writing(inner, samples, scene.panels[0]), scene, measures, groups[0], "name")
        sheet.add("for number, (name, paths) in enumerate(panels.items(), 1):", *indented(inner.body[1:]))
    elif grounds:
        items = indented(paths.listed(groups[grounds[0]]))
        samples.sheet.add("# The paths, each with its colour and its dashes:", "paths = [", *items, "]")
    for i, panel in enumerate(scene.panels):
        if i in repeated:
            continue
        if len(scene.panels) > 1:
            frame.add_axes(sheet, scene, panel)
        if repeated:
            sheet.add("paths = [path for each in panels.values() for path in each]")
        _write_panel(Writing(sheet, samples, panel), scene, measures, groups[i])
        if scene.legend is not None and scene.legend.panel == i < len(scene.panels) - 1:
            sheet.add("first = ax")


def _write_panel(writing: Writing, scene: Scene, measures: Measures, group: Paths, title: str = "") -> None:
    """Write the marks of a panel, its axes and its colour bars; `title` is the variable with its title."""
    sheet, panel = writing.sheet, writing.panel
    index = scene.panels.index(panel)
    bars = {bar.mark: bar for bar in scene.colour_bars if bar.panel == index}
    if scene.kind == "tangent":
        write_curve(writing)
    else:
        for place, mark in enumerate(panel.marks):
            if not paths.is_of_path(mark):
                marks.write(writing, mark, has_bar=place in bars)
    if group.runs:
        paths.write_loop(writing, group)
    frame.set_axes(sheet, panel, measures.panels[index], scene.style, title)
    for bar in bars.values():
        drawn = "drawn.lines" if isinstance(panel.marks[bar.mark], Streamlines) else "drawn"
        frame.colour_bar(sheet, scene, bar, measures.panels[index], drawn)


def _imports(sheet: Sheet) -> list[str]:
    """Return the imports: those of the standard library, then the others."""
    standard = [line for line in sheet.imports if line.split()[1] in ("math", "pathlib")]
    others = sheet.imports - {*standard}
    lines = [*sorted(standard, key=lambda line: line.startswith("from")), ""] if standard else []
    return lines + sorted(
        others, key=lambda line: (line.split()[1].split(".")[0], line.startswith("from"), line)
    )
