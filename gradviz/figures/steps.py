"""The error of central differences against their step: the scene."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from gradviz.figures.labels import axis_label
from gradviz.figures.layout import Place, scene_of, size_of, sized, with_own
from gradviz.sampling.samples import completed
from gradviz.sampling.steps import STEPS_PER_DECADE, StepsSamples, shown_errors
from gradviz.scene.marks import Area, Label, Lines, Mark, Markers, Rule
from gradviz.scene.scene import Axis, Legend, LegendEntry, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text
from gradviz.specs.steps import Steps

_STEP_OF_ROUNDING = 1e-14  # below, a step is a few units in the last place and the error no longer eps/h
_SLOPE_DISTANCE = 30  # ratio of the median error to the lines of slopes, which are drawn below it
_LEFT_SHARE = 1 / 3  # of the steps: the name of a best step farther left stands at its right


def compose(spec: Steps, samples: StepsSamples, style: Style, place: Place) -> Scene:
    """Return the median and the maximum of the error, that of the method, and slopes to compare them with."""
    style = sized(style, spec, place)
    style = replace(style, ink=with_own(spec.colours, (style.ink,))[0])
    (width,) = spec.line_widths(style.line_width)
    steps, median, largest = (samples.table[name] for name in ("h", "median", "max"))
    below, above = shown_errors(median), shown_errors(largest)
    middle = Lines(np.column_stack((steps, below)), style.ink, width, zorder=3.0, name="median")
    top = Lines(np.column_stack((steps, above)), style.ink, 0.8, opacity=0.7, name="greatest")
    marks: list[Mark] = [middle, top, Area(steps, below, above, style.ink, 0.15)]
    if not largest.any():
        marks.append(Label(Text("the error is 0 for every step"), (0.5, 0.5)))
    marks += [
        *_marked_step(spec, samples, style),
        *_own_error(spec, samples, style),
        *_best_step(samples, style),
        *_slopes(samples, style),
    ]
    view = float(steps[0]), float(steps[-1])
    x = axis_label(spec.xlabel, "step $h$")
    y = axis_label(spec.ylabel, "relative error of central differences")
    panel = Panel(
        Axis(x, spec.xlim or view, spec.xticks, scale="log"),
        Axis(y, spec.ylim or completed(samples.shared).limits, spec.yticks, scale="log"),
        marks=tuple(marks),
        grid=spec.grid is not False,
    )
    entries = LegendEntry(Text("median"), middle), LegendEntry(Text("greatest"), top)
    scene = scene_of(spec, style, place, [panel], size_of(spec, style.size))
    return replace(scene, legend=Legend(entries, "upper center", size="medium"))


def _marked_step(spec: Steps, samples: StepsSamples, style: Style) -> list[Mark]:
    """Return a vertical line at the step of the spec, or at the default one, and its value."""
    step, colour = samples.marked_step, style.accents[0]
    name = f"$h = {_power(step)}$" if spec.step else f"the book's $h = {_power(step)}$"
    label = Label(
        Text(name), (step, 0.97), ("data", "panel"), colour=colour, anchor=("left", "top"), rotation=90.0
    )
    return [Rule("x", step, colour, 1.2), label]


def _own_error(spec: Steps, samples: StepsSamples, style: Style) -> list[Mark]:
    """Return a level line at the error of the spec's method, with its name; none for exact gradients."""
    if spec.method not in samples.table:
        return []
    line = np.column_stack((samples.table["h"], shown_errors(samples.table[spec.method])))
    x, y = line[0].tolist()
    colour = style.accents[1]
    return [
        Lines(line, colour, 1.4, "--", name=spec.method),
        Label(Text(spec.method), (x, y), ("data", "data"), (6.0, 3.0), colour, ("left", "baseline")),
    ]


def _best_step(samples: StepsSamples, style: Style) -> list[Mark]:
    """Return a dot at the step with the smallest median error, and its value."""
    best = samples.best
    if best is None or not (samples.table["median"] > 0).any():
        return []
    steps, colour = samples.table["h"], style.accents[2]
    at = float(steps[best]), float(shown_errors(samples.table["median"])[best])
    dot = Markers(np.array([at]), "o", colour, 5.0, zorder=4.0, clipped=False, in_layout=True, name="best")
    is_right = best > _LEFT_SHARE * len(steps)
    return [dot, _beside(f"best: $h = {_power(at[0])}$", at, (2.0, -6.0), colour, is_right=is_right)]


def _slopes(samples: StepsSamples, style: Style) -> list[Mark]:
    """Return lines with the slopes of rounding (eps/h) and truncation (h^2) below branches of the median."""
    best, steps, median = samples.best, samples.table["h"], samples.table["median"]
    if best is None or not (median > 0).any():
        return []
    rounding = (steps > _STEP_OF_ROUNDING) & (steps < steps[best] / 100)
    truncation = (steps > steps[best] * 10) & (steps < 0.1)
    marks: list[Mark] = []
    for part, power, text in ((rounding, -1, r"$\propto \epsilon/h$"), (truncation, 2, r"$\propto h^2$")):
        if (
            np.count_nonzero(part & ~np.isnan(median)) < STEPS_PER_DECADE
            or not np.nanmedian(median[part]) > 0
        ):
            continue
        h = steps[part]
        line = np.nanmedian(median[part] / h**power) * h**power / _SLOPE_DISTANCE
        middle = len(h) // 2
        at = float(h[middle]), float(line[middle])
        marks += [
            Lines(np.column_stack((h, line)), style.faint, 1.2, ":", name="slope"),
            _beside(text, at, (4.0, -4.0), style.faint, is_right=power < 0),
        ]
    return marks


def _beside(
    text: str, at: tuple[float, float], offset: tuple[float, float], colour: str, *, is_right: bool
) -> Label:
    """Return a text below a point and at its right, or at its left if the point `is_right`."""
    x, y = offset
    anchor: Literal["left", "right"] = "right" if is_right else "left"
    return Label(Text(text), at, ("data", "data"), (-x if is_right else x, y), colour, (anchor, "top"))


def _power(value: float) -> str:
    """Return a step as mathtext, a very small or large one with a power of ten."""
    if 0.01 <= value < 1000:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    ten = f"10^{{{int(exponent)}}}"
    return ten if float(mantissa) == 1 else rf"{float(mantissa):g} \cdot {ten}"


def depict(spec: Steps, samples: StepsSamples) -> str:
    """Describe the step with the smallest error."""
    del spec
    kind = "the relative error of central differences against their step h, on logarithmic axes"
    best = samples.best
    if best is None:
        return kind
    error, step = samples.table["median"][best], samples.table["h"][best]
    return f"{kind}; its median is least, {error:.2g}, at h = {step:.2g}"
