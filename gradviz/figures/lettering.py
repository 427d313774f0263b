"""Titles and labels: the formula typeset to fit, and the user's own words taken as plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from gradviz.errors import visible
from gradviz.expression import tree, typeset

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.expression.reading import Expression
    from gradviz.figures.spec import Spec

_SMALLEST = 0.7  # of the title's usual size
_MOST_LINES = 3
_TITLE_WIDTH = 0.82  # of the picture's: the axes that it is centred on stand beside a scale of colours
_DEEPEST = 10  # levels of a tree: Matplotlib's parser of mathtext overflows the stack at some 13
_CHARACTERS = 60
_CHARACTER_WIDTH = 0.6  # of the size of a font, on average


def function_label(expression: Expression) -> str:
    """Return f(x0, x1) as mathtext."""
    return f"$f({', '.join(map(typeset.name, expression.variables))})$"


def variable_label(variable: str) -> str:
    """Return the name of a variable as mathtext."""
    return f"${typeset.name(variable)}$"


def magnitude_label(marks: str, *, ascent: bool) -> str:
    """Return the label of a scale of gradient sizes, which also says where the marks point."""
    return rf"$\|\nabla f\|$   ({marks} along ${'' if ascent else '-'}\nabla f$)"


def set_labels(axes: Any, spec: Spec, *labels: str) -> None:
    """Label the x, y and z axes, in this order, with the user's words or else these."""
    for axis, label in zip("xyz", labels, strict=False):
        own = getattr(spec, f"{axis}label", None)
        getattr(axes, f"set_{axis}label")(label if own is None else own, parse_math=own is None)


def set_view(axes: Any, spec: Spec, letters: str = "xy") -> None:
    """Apply the user's view and ticks."""
    for letter in letters:
        if (view := getattr(spec, f"{letter}lim")) is not None:
            getattr(axes, f"set_{letter}lim")(*view)
        if (places := getattr(spec, f"{letter}ticks")) is not None:
            getattr(axes, f"set_{letter}ticks")(places)


def set_title(figure: Figure, axes: Any, spec: Spec, pad: float | None = None) -> None:
    """Set the user's title as it is, or the formula: smaller or on several lines if it is long."""
    columns = axes.get_subplotspec().get_gridspec().ncols
    _write(axes.set_title("", pad=pad), spec, _TITLE_WIDTH * figure.get_figwidth() * 72 / columns)


def set_heading(figure: Figure, spec: Spec) -> None:
    """Set above all panels of a figure what `set_title` sets above one."""
    from matplotlib import rcParams

    size = rcParams["axes.titlesize"]
    _write(figure.suptitle("", fontsize=size), spec, _TITLE_WIDTH * figure.get_figwidth() * 72)


def _write(title: Any, spec: Spec, width: float) -> None:
    """Write the title of a spec, in a width in points."""
    if spec.title is not None:
        per_line = max(int(width / (_CHARACTER_WIDTH * title.get_fontsize())), 10)
        lines = [
            part
            for line in spec.title.split("\n")
            for part in textwrap.wrap(line, per_line, break_long_words=False) or [""]
        ]
        title.set(text="\n".join(lines), parse_math=False)
        return
    expression = spec.reading
    if tree.depth(expression.tree) > _DEEPEST:
        shown = visible(expression.text, _CHARACTERS)
        title.set(text=f"f({', '.join(expression.variables)}) = {shown}", parse_math=False, fontsize="small")
        return
    left = function_label(expression)[1:-1] + " = "
    values = [
        f"{typeset.name(name)} = {typeset.number(value)}" for name, value in expression.parameters.items()
    ]
    below = r"$\mathrm{with}\;" + r",\;".join(values) + "$" if values else ""
    lines, scale = _fitted(
        left, list(map(typeset.displayed, typeset.terms(expression.tree))), width, title.get_fontproperties()
    )
    if below and _width(below, title.get_fontproperties()) * scale < width:
        lines.append(below)
    title.set_fontsize(title.get_fontsize() * scale)
    title.set_text("\n".join(lines))
    if title.get_verticalalignment() == "baseline":
        title.set_verticalalignment("bottom")  # on its baseline a fraction would reach into the picture


def _fitted(left: str, terms: list[str], width: float, font: Any) -> tuple[list[str], float]:
    """Return lines of mathtext and the scale at which they fit a width in points.

    A formula that would not fit even at the smallest scale is broken at its terms, and cut short with dots
    where that does not do either: the spec in the file has it whole.
    """
    whole = f"${left}{' '.join(terms)}$"
    length = _width(whole, font)
    if length * _SMALLEST <= width:
        return [whole], min(1.0, width / length)
    lines, current = [], left
    for term in terms:
        if _width(f"${current} {term}$", font) * _SMALLEST > width and current not in (left, ""):
            lines.append(current)
            current = ""
        current += f" {term}"
    lines.append(current)
    fitting = [line for line in lines if _width(f"${line}$", font) * _SMALLEST <= width]
    if len(fitting) < len(lines) or len(lines) > _MOST_LINES:
        lines = fitting[: _MOST_LINES - 1] if lines[0] in fitting else [left]
        lines[-1] += r" \ldots"
    return [f"${line}$" for line in lines], _SMALLEST


def _width(text: str, font: Any) -> float:
    """Return the width in points of mathtext."""
    from matplotlib.mathtext import MathTextParser

    return float(MathTextParser("path").parse(text, dpi=72, prop=font)[0])
