"""Curves as scripts: tangent lines, and the error of differences against their step."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.text import Annotation

from gradviz.calculus.checking import sizes_of
from gradviz.language.tree import Op, walk
from gradviz.output.script import looks
from gradviz.output.script.flat import along
from gradviz.output.script.functions import write_both_gradients, write_curve, write_function
from gradviz.output.script.sheet import Sheet, color, numbers, rounded, text, words_of
from gradviz.printing.mathtext import MATHTEXT
from gradviz.printing.numpy_source import number

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
_UNSMOOTH = "abs sign floor ceil mod floordiv min max clip relu heaviside where"
_BROKEN = frozenset(_UNSMOOTH.split())


def write_tangent(sheet: Sheet) -> None:
    """Write a curve with its tangent lines, and the derivative beside it if asked for."""
    spec, (x,), style = sheet.spec, sheet.names, sheet.style
    write_curve(sheet)
    panels = [axes for axes in sheet.picture.axes if axes.name != "3d"]
    (count,) = spec.sample_counts()
    sheet.add(f"{x} = {along(spec.interval(sheet.reading.variables[0]), count)}")
    inside = sheet.reading.region is not None
    sheet.add(f"values = {f'np.where(inside({x}), f({x}), np.nan)' if inside else f'f({x})'}")
    if sheet.samples.breaks:
        sheet.miss("the cuts at jumps and poles")
    looks.open_figure(sheet, *((1, 2) if spec.derivative else ()))
    if spec.derivative:
        sheet.add("ax, right = panels")
    label = text(str(panels[0].lines[0].get_label()))
    sheet.call("ax.plot", x, "values", color=color(style.ink), label=label, zorder="3")
    if spec.at:
        _write_lines(sheet, x)
    looks.set_axes(sheet, panels[0])
    if spec.derivative:
        slopes = f"np.where(inside({x}), derivative({x}), np.nan)" if inside else f"derivative({x})"
        sheet.add("")
        sheet.call("right.plot", x, slopes, color=color(panels[1].lines[0].get_color()))
        looks.set_axes(sheet, panels[1], "right")
    looks.legend(sheet)
    looks.finish(sheet)


def _write_lines(sheet: Sheet, x: str) -> None:
    """Write the tangents, and the secants through x and x + h."""
    spec = sheet.spec
    places = spec.at
    accents = sheet.style.accents
    pairs = [f"({number(at)}, {color(accents[row % len(accents)])})" for row, at in enumerate(places)]
    head = f"for at, color in [{', '.join(pairs)}]:"
    name = MATHTEXT.name(sheet.reading.variables[0]).replace("{", "{{").replace("}", "}}")
    sheet.add("# The tangent at a point: f(a) + f'(a) (x - a).")
    sheet.add(
        *([head] if len(head) <= 100 else ["for at, color in [", *(f"    {one}," for one in pairs), "]:"])
    )
    sheet.add("    slope = derivative(at)")
    line, thin = (x, f"f(at) + slope*({x} - at)"), {"linewidth": "1.4", "zorder": "2"}
    dots = {"color": "color", "markersize": "6", "zorder": "4"}
    label = f'rf"tangent at ${name} = {{at:.6g}}$, slope ${{slope:.6g}}$"'
    sheet.call_within("ax.plot", *line, '"--"', color="color", label=label, **thin)
    sheet.call_within("ax.plot", "at", "f(at)", '"o"', **dots)
    if spec.secant is None:
        return
    step = number(spec.secant)
    sheet.add(
        f"    end = at + {step}  # the secant through two points, whose slope is the difference quotient"
    )
    sheet.add("    slope = (f(end) - f(at))/(end - at)")
    label = f'rf"secant from ${name} = {{at:.6g}}$ to ${{end:.6g}}$, slope ${{slope:.6g}}$"'
    sheet.call_within("ax.plot", *line, '":"', color="color", label=label, **thin)
    sheet.call_within("ax.plot", "[at, end]", "[f(at), f(end)]", '"o"', **dots)


def write_steps(sheet: Sheet) -> None:
    """Write the error of central differences against their step."""
    table = sheet.samples.table or {}
    write_function(sheet)
    write_both_gradients(sheet)
    axes: Any = sheet.picture.axes[0]
    _write_errors(sheet)
    looks.open_figure(sheet)
    ink, (marked, own, best) = color(sheet.style.ink), map(color, sheet.style.accents[:3])
    sheet.add('ax.set(xscale="log", yscale="log")')
    sheet.call("ax.plot", "steps", "median", color=ink, label='"median"', zorder="3")
    sheet.call("ax.plot", "steps", "greatest", color=ink, linewidth="0.8", alpha="0.7", label='"greatest"')
    sheet.call("ax.fill_between", "steps", "median", "greatest", color=ink, alpha="0.15", linewidth="0")
    sheet.call("ax.axvline", number(sheet.spec.marked_step()), color=marked, linewidth="1.2")
    if sheet.spec.method in table:
        sheet.add(f"# The median error of the method {sheet.spec.method}, as gradviz measured it.")
        height = rounded(axes.lines[3].get_ydata()[0])
        sheet.call("ax.axhline", height, color=own, linestyle='"--"', linewidth="1.4")
    if any(line.get_marker() == "o" for line in axes.lines):
        sheet.add("found = np.flatnonzero(median == np.nanmin(median))[-1]  # the best step")
        look = {"color": best, "markersize": "5", "zorder": "4", "clip_on": "False"}
        sheet.call("ax.plot", "steps[found]", "median[found]", '"o"', **look)
    for line in axes.lines:
        if line.get_linestyle() == ":":
            ends = [numbers(float(f"{part[place]:.4g}") for place in (0, -1)) for part in line.get_data()]
            sheet.call("ax.plot", *ends, '":"', color=color(line.get_color()), linewidth="1.2")
    _write_words(sheet, axes)
    looks.set_axes(sheet, axes)
    looks.legend(sheet)
    looks.finish(sheet)


def _write_errors(sheet: Sheet) -> None:
    """Write the points, and the relative error there for each step."""
    spec, count = sheet.spec, len(sheet.samples.points)
    sheet.quiet = True  # a step too small makes 0/0
    intervals = [spec.interval(name) for name in sheet.reading.variables]
    low, high = (", ".join(number(ends[place]) for ends in intervals) for place in (0, 1))
    sheet.add(
        "# Points without coincidences such as x0 = x1: the fractions of k*sqrt(p) for the first primes p.",
        f"low, high = np.array([{low}]), np.array([{high}])",
        f"fractions = np.arange(1, {count + 1})[:, None]*np.sqrt({list(_PRIMES[: len(intervals)])}) % 1",
        "points = low + (high - low)*fractions",
    )
    if sheet.reading.region is not None:
        sheet.add("points = points[inside(points)]")
    exact = sheet.samples.field.whole.gradient(sheet.samples.points[sheet.samples.inside])
    floors = sizes_of(np.concatenate((exact[np.isfinite(exact).all(axis=-1)], 0 * exact[:1])))[-1]
    if any(isinstance(node, Op) and node.name in _BROKEN for node in walk(sheet.reading.tree)):
        sheet.miss("that points at kinks and jumps do not count")
    sheet.add(
        "exact = exact_gradient(points)",
        "# Errors are relative to the slope, or to these where it is nearly 0.",
        f"floors = np.array([{', '.join(rounded(floor) for floor in floors)}])",
        f"steps = np.union1d(np.logspace(-16, 0, 81), [{number(spec.marked_step())}])",
        "errors = []",
        "for step in steps:",
        "    slopes = gradient(points, step)",
        "    slopes[points + step == points - step] = 0  # too small a step to move a coordinate",
        "    errors.append(np.max(np.abs(slopes - exact)/np.maximum(np.abs(exact), floors), axis=-1))",
        "errors = np.maximum(errors, 1e-17)  # a zero has no logarithm",
        "median, greatest = np.nanmedian(errors, axis=1), np.nanmax(errors, axis=1)",
    )


def _write_words(sheet: Sheet, axes: Any) -> None:
    """Write the words that stand beside the lines."""
    for words in axes.texts:
        shown, plain = words_of(words)
        look = {"color": color(words.get_color()), "ha": text(words.get_ha()), "va": text(words.get_va())}
        if isinstance(words, Annotation):
            place, offset = (
                f"({', '.join(rounded(x, 4) for x in part)})" for part in (words.xy, words.xyann)
            )
            sheet.call(
                "ax.annotate", shown, place, offset, textcoords='"offset points"', **look, parse_math=plain
            )
        else:
            spot = [rounded(x, 4) for x in words.get_position()]
            upright = words.get_rotation() == 90
            frame = "ax.get_xaxis_transform()" if upright else "ax.transAxes"
            turned = "90" if upright else None
            sheet.call("ax.text", *spot, shown, transform=frame, rotation=turned, **look, parse_math=plain)
