"""A scene as the text of a script."""

from __future__ import annotations

import re

import numpy as np

from gradviz.arrays import axis, mesh
from gradviz.fields.field import Field
from gradviz.optimizers import OPTIMIZERS
from gradviz.output.mpl.measures import Measures, measure
from gradviz.output.script import frame, marks, paths
from gradviz.output.script.curves import write_curve
from gradviz.output.script.functions import needs_quiet, write_function, write_gradient, write_hessian
from gradviz.output.script.marks import Writing
from gradviz.output.script.samples import Samples
from gradviz.output.script.sheet import Sheet, checked, comment, indented, refusal
from gradviz.output.script.updates import written
from gradviz.scene.marks import Arrows, Image, Lines, Mark, Streamlines, Surface
from gradviz.scene.scene import Frames, Panel, Scene
from gradviz.scene.source import Source

SHOWS = {
    "tangent": "f with its tangent lines",
    "surface": "f in three dimensions",
    "contour": "f as contours",
    "quiver": "the gradient of f as arrows",
    "stream": "the gradient of f as streamlines",
    "descent": "the paths of optimizers downhill on f",
}
"""The kinds of figures that are written as scripts, and what their scripts show."""


def script_of(scene: Scene | Frames, software: str, spec: str) -> str:
    """Return the script of a scene with a line for its spec.

    Raises RequestError for what a script cannot draw, or if the formula is too deep for Python.
    """
    if isinstance(scene, Frames) or scene.source is None:
        raise refusal("a script draws a static picture of an expression")
    source = scene.source
    sheet = Sheet()
    _write(sheet, scene, source, measure(scene))
    shows = re.sub(r"\bf\b", f"f({', '.join(source.expression.variables)})", SHOWS[scene.kind])
    lines = comment(f"{shows if shows[0] == 'f' else shows[0].upper() + shows[1:]}, written by {software}.")
    lines += [spec, "", *_imports(sheet), *frame.settings_lines(scene)]
    if sheet.is_quiet:
        lines += ["", 'np.seterr(all="ignore")  # undefined values are NaN, without a warning']
    return checked("\n".join([*lines, "", *sheet.functions, "", *sheet.body, ""]))


def _write(sheet: Sheet, scene: Scene, source: Source, measures: Measures) -> None:
    axes = [axis(*one) for one in zip(source.intervals, source.counts, strict=True)]
    points = mesh(*axes) if len(axes) > 1 else axes[0][:, None]
    field = Field(source.expression)
    sheet.is_quiet = needs_quiet(source, field(points), np.asarray(field.contains(points)))
    write_function(sheet, source)
    if scene.kind == "tangent" or source.runs or any(map(_needs_gradient, scene.panels[0].marks)):
        write_gradient(sheet, source)
    names = list(dict.fromkeys(run.optimizer for run in source.runs))
    if any(OPTIMIZERS[name].needs_hessian for name in names):
        write_hessian(sheet, source)
    for name in names:
        sheet.functions += written(name, OPTIMIZERS[name])
    arrays = sheet.part()
    samples, parts = Samples(arrays, source), sheet.part()
    _write_panels(parts, scene, samples, measures)
    sheet.add(*arrays.body)
    frame.open_figure(sheet, scene, measures)
    sheet.add(*parts.body)
    frame.heading(sheet, measures.heading, scene.style)
    frame.legend(sheet, scene, measures)
    frame.finish(sheet, scene, measures)
    sheet.is_quiet = sheet.is_quiet or arrays.is_quiet


def _write_panels(sheet: Sheet, scene: Scene, samples: Samples, measures: Measures) -> None:
    """Write the panels; those of several optimizers, which differ in their paths alone, in a loop."""
    groups = paths.groups_of(scene.panels, samples.source.runs)
    grounds = [index for index, panel in enumerate(scene.panels) if groups[index] and not _is_loss(panel)]
    titles = [measured.title.text if measured.title else "" for measured in measures.panels]
    repeated = grounds if len(grounds) > 1 else []
    if repeated:
        paths.write_panels(samples.sheet, [(titles[index], groups[index]) for index in grounds])
        inner = sheet.part()
        frame.add_axes(inner, scene, "number", scene.panels[0])
        _write_panel(inner, scene, samples, measures, 0, groups[0], title="name")
        sheet.add("for number, (name, paths) in enumerate(panels.items(), 1):", *indented(inner.body[1:]))
    elif grounds:
        paths.write_paths(samples.sheet, groups[grounds[0]])
    for index, panel in enumerate(scene.panels):
        if index in repeated:
            continue
        if len(scene.panels) > 1:
            frame.add_axes(
                sheet, scene, str(panel.cell[0] * frame.columns_of(scene) + panel.cell[1] + 1), panel
            )
        if repeated and _is_loss(panel):
            sheet.add("paths = [one for each in panels.values() for one in each]")
        _write_panel(sheet, scene, samples, measures, index, groups[index])
        if scene.legend is not None and scene.legend.panel == index < len(scene.panels) - 1:
            sheet.add("first = ax")


def _write_panel(
    sheet: Sheet,
    scene: Scene,
    samples: Samples,
    measures: Measures,
    index: int,
    group: list[paths.PathMarks],
    title: str | None = None,
) -> None:
    panel, measured = scene.panels[index], measures.panels[index]
    writing = Writing(sheet, samples, panel)
    bars = {bar.mark: bar for bar in scene.colour_bars if bar.panel == index}
    if scene.kind == "tangent":
        write_curve(writing)
    else:
        for place, mark in enumerate(panel.marks):
            if not paths.is_of_path(mark):
                marks.write(writing, mark, has_bar=place in bars)
    if group:
        paths.write_loop(writing, group)
    frame.set_axes(sheet, panel, measured, scene, title)
    for bar in bars.values():
        drawn = "drawn.lines" if isinstance(panel.marks[bar.mark], Streamlines) else "drawn"
        frame.colour_bar(sheet, scene, bar, measured, drawn)


def _is_loss(panel: Panel) -> bool:
    """Return whether a panel has the values along paths against steps."""
    return any(isinstance(mark, Lines) and mark.name == "values" for mark in panel.marks)


def _needs_gradient(mark: Mark) -> bool:
    """Return whether a script computes a mark from the gradient."""
    return isinstance(mark, (Arrows, Streamlines, Image)) or (
        isinstance(mark, Surface) and mark.scale is None
    )


def _imports(sheet: Sheet) -> list[str]:
    """Return the imports: those of the standard library, then the others."""
    standard = [line for line in sheet.imports if line.split()[1] in ("math", "pathlib")]
    others = sheet.imports - {*standard}
    lines = [*sorted(standard, key=lambda line: line.startswith("from")), ""] if standard else []
    return lines + sorted(
        others, key=lambda line: (line.split()[1].split(".")[0], line.startswith("from"), line)
    )
