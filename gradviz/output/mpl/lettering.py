"""Titles and labels: the formula typeset to fit, and the user's own words taken as plain text."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

from gradviz.errors import visible
from gradviz.language import tree
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.printing.mathtext import MATHTEXT, displayed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.output.mpl.panels import Caption
    from gradviz.specs.spec import Spec

LENGTHS = r"$\rightarrow$"  # stands for the lengths of arrows in a legend
FORMULAS = "STIXGeneral"  # the letters of formulas in most styles
_SMALLEST = 0.7  # of the title's usual size
_MOST_LINES = 3
_HEADING = 1.2  # of the letters of a figure
_TITLE_WIDTH = 0.82  # of the picture's: the axes that it is centred on stand beside a scale of colours
_PANEL_WIDTH = 0.9  # of its share of the picture's: the name of a panel
_EMPTY = 0.05  # of the width of a figure: so much may be empty beside its axes
_DEEPEST = 10  # levels of a tree: Matplotlib's parser of mathtext overflows the stack at some 13
_LONGEST = 500  # characters of mathtext of one term, which Matplotlib needs some 0.2 s to measure
_CHARACTERS = 60
_LETTER_WIDTH = 0.5  # of the size of letters of formulas, on average
_CHARACTER_WIDTH = 0.6  # of the size of a font, on average


def function_label(expression: Expression | FunctionOfFile) -> str:
    """Return f(x0, x1) as mathtext."""
    return f"$f({', '.join(map(MATHTEXT.name, expression.variables))})$"


def variable_label(variable: str) -> str:
    """Return the name of a variable as mathtext."""
    return f"${MATHTEXT.name(variable)}$"


def magnitude_label(marks: str, *, ascent: bool) -> str:
    """Return the label of a scale of gradient sizes, which also says where the marks point."""
    return rf"$\|\nabla f\|$   ({marks} along ${'' if ascent else '-'}\nabla f$)"


def length_label(start: float, end: float, *, cut: bool = False) -> str:
    """Return what a legend says of lengths of arrows: logarithmic ones from a size, true ones from 0.

    If some are cut, the longest stand for more.
    """
    if not start:
        more = " or more" if cut else ""
        return rf"length: $\|\nabla f\|$, the longest ${MATHTEXT.number(_short(end))}${more}"
    low, high = (MATHTEXT.number(_short(value)) for value in (start, end))
    ends = rf"${low}$ or less (shortest) to ${high}$ (longest)"
    return rf"length: $\log\,\|\nabla f\|$, from {ends}"


def _short(value: float) -> float:
    return float(f"{value:.2g}")


def say(axes: Any, sentence: str, height: float = 0.5) -> None:
    """Write a sentence into a picture in two or three dimensions, at a height from 0 to 1."""
    write = getattr(axes, "text2D", axes.text)
    write(0.5, height, sentence, transform=axes.transAxes, ha="center", va="center")


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
    """Set the user's title as it is, or the formula: smaller or on several lines if it is long.

    A part of a figure has as its title the value at which it shows the function.
    """
    caption: Caption | None = getattr(figure, "caption", None)
    if getattr(figure, "common", None) is not None and caption:
        axes.set_title(f"${caption.mathtext}$", pad=pad, fontsize="medium")
        return
    columns = axes.get_subplotspec().get_gridspec().ncols
    width = _TITLE_WIDTH * figure.get_figwidth() * 72 / columns
    _write(axes.set_title("", pad=pad), spec, width, caption)


def set_name(axes: Any, name: str, pad: float | None = None) -> None:
    """Set the name of a panel above it, on several lines if it is long."""
    title = axes.set_title("", fontsize="medium", pad=pad)
    columns = axes.get_subplotspec().get_gridspec().ncols
    width = _PANEL_WIDTH * axes.figure.get_figwidth() * 72 / columns
    title.set_text("\n".join(_wrapped(name, width, title)))


def set_heading(figure: Figure, spec: Spec, letter: float | None = None) -> None:
    """Set above all panels of a figure what `set_title` sets above one, by letters of a size in points."""
    from matplotlib import rcParams

    size = _HEADING * letter if letter else rcParams["axes.titlesize"]
    width = _TITLE_WIDTH * figure.get_figwidth() * 72
    _write(figure.suptitle("", fontsize=size), spec, width, getattr(figure, "caption", None))


def fill_width(figure: Figure, ratio: float) -> None:
    """Make a figure higher whose axes are narrower than it for lack of height, as letters take much of that.

    The axes have a ratio of height to width.
    """
    engine: Any = figure.get_layout_engine()
    for _ in range(2):  # the second time it is right
        engine.execute(figure)
    empty = figure.get_figwidth() - figure.get_tightbbox().width
    if empty > _EMPTY * figure.get_figwidth():
        axes: Any = figure.axes[0]
        rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
        figure.set_figheight(figure.get_figheight() + rows * ratio * empty / columns)


def _write(title: Any, spec: Spec, width: float, caption: Caption | None) -> None:
    """Write the title of a spec, in a width in points, with the value that a caption tells."""
    told = [caption.plain] if caption and caption.label else []
    if spec.title is not None:
        lines = [part for line in spec.title.split("\n") for part in _wrapped(line, width, title)]
        title.set(text="\n".join([*lines, *told]), parse_math=False)
        return
    expression = spec.reading
    if isinstance(expression, FunctionOfFile):
        _set_plainly(title, expression, width, told)
        return
    pieces = MATHTEXT.terms(expression.tree)
    left, font = function_label(expression)[1:-1] + " = ", title.get_fontproperties()
    short = tree.depth(expression.tree) <= _DEEPEST and max(map(len, pieces)) <= _LONGEST
    fitted = _fitted(left, list(map(displayed, pieces)), width, font) if short else None
    if fitted is None:
        _set_plainly(title, expression, width, told)
        return
    lines, scale = fitted
    values = [
        f"{MATHTEXT.name(name)} = {MATHTEXT.number(value)}"
        for name, value in expression.parameters.items()
        if caption is None or name != caption.name
    ]
    values += [caption.mathtext] if caption and caption.label else []
    below = [r"$\mathrm{with}\;" + r",\;".join(values) + "$"] if values else []
    if expression.region is not None and tree.depth(expression.region.tree) <= _DEEPEST:
        region = MATHTEXT.text(expression.region.tree)
        if len(region) <= _LONGEST:
            below.insert(0, rf"$\mathrm{{where}}\;{displayed(region)}$")
    lines += [line for line in below if _width(line, font) * scale < width]
    title.set_fontsize(title.get_fontsize() * scale)
    title.set_text("\n".join(lines))
    if title.get_verticalalignment() == "baseline":
        title.set_verticalalignment("bottom")  # on its baseline a fraction would reach into the picture


def _wrapped(line: str, width: float, title: Any) -> list[str]:
    """Return the parts of a line that fit a width in points."""
    per_line = max(int(width / (_CHARACTER_WIDTH * title.get_fontsize())), 10)
    return textwrap.wrap(line, per_line, break_long_words=False) or [""]


def _set_plainly(title: Any, expression: Expression | FunctionOfFile, width: float, told: list[str]) -> None:
    """Set the text of an expression as it was typed, in a width in points, with more lines below."""
    lines = [plain(expression), *told]
    title.set(text="\n".join(lines), parse_math=False)
    letter_like_formulas(title)
    usual = title.get_fontsize()
    fitting = width / (_LETTER_WIDTH * max(map(len, lines)))
    title.set_fontsize(min(max(fitting, _SMALLEST * usual), usual))


def letter_like_formulas(title: Any) -> None:
    """Set plain words in the letters in which a style typesets formulas, where it has others for these."""
    from matplotlib import rcParams

    if rcParams["mathtext.fontset"] == "stix":
        title.set_fontfamily([FORMULAS, *rcParams["font.family"]])


def plain(expression: Expression | FunctionOfFile, most: int = _CHARACTERS) -> str:
    """Return f(x0, x1) = and the expression as it was typed, at most so many characters of it, as text."""
    return f"f({', '.join(expression.variables)}) = {visible(expression.text, most)}"


def _fitted(left: str, terms: list[str], width: float, font: Any) -> tuple[list[str], float] | None:
    """Return lines of mathtext and the scale at which they fit a width in points; None if no term does.

    A formula that would not fit even at the smallest scale is broken at its terms, and cut short with dots
    where that does not do either: the spec in the file has it whole.
    """
    whole = " ".join((left, *terms))
    if _glyphs(whole) * font.get_size_in_points() <= width:  # Matplotlib needs 10 ms to measure a term
        return [f"${whole}$"], 1.0
    room = width / _SMALLEST
    lines, lengths = [left], [_width(f"${left}$", font)]
    for place, term in enumerate(terms):
        length = _width(f"$x {term}$", font) - _width("$x$", font)  # behind an x: a sign has spaces there
        if place and lengths[-1] + length > room:
            lines.append("")
            lengths.append(0.0)
        if len(lines) > _MOST_LINES:
            break  # however many terms follow, their lengths make no difference
        lines[-1] += f" {term}"
        lengths[-1] += length
    if len(lines) == 1 and lengths[0] <= room:
        return [f"${lines[0]}$"], min(1.0, width / lengths[0])
    fitting = [line for line, length in zip(lines, lengths, strict=True) if length <= room]
    if len(fitting) < len(lines) or len(lines) > _MOST_LINES:
        if lines[0] not in fitting or lines[0] == left:
            return None
        lines = fitting[: _MOST_LINES - 1]
        lines[-1] += r" \ldots"
    return [f"${line}$" for line in lines], _SMALLEST


def _glyphs(text: str) -> int:
    """Return how many characters of mathtext are seen at the most; the usual one is half as wide as high."""
    return len(re.sub(r"[{}_^ ]", "", re.sub(r"\\(?:[A-Za-z]+|.)", "x", text)))


def _width(text: str, font: Any) -> float:
    """Return the width in points of mathtext."""
    from matplotlib.mathtext import MathTextParser

    return float(MathTextParser("path").parse(text, dpi=72, prop=font)[0])
