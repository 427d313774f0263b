"""Parts of plotly's figures: numbers, texts, colours, lines, markers and colour bars."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.printing.typesetting import GREEK_LETTERS, SUBSCRIPT_DIGITS
from gradviz.scene.marks import Dash, Lines, Markers, Rule, Tooltips
from gradviz.scene.scales import ColourScale, Rgb, Tick
from gradviz.scene.scene import Panel
from gradviz.scene.style import Style
from gradviz.scene.text import Text

Trace = dict[str, Any]  # Any: the keys and values of plotly's JSON

LETTER_SIZE = 13  # font size in pixels
PIXELS_PER_POINT = 4 / 3
_FEW_DIGITS = ".4~g"  # format of numbers at the pointer, in the notation of d3: four significant digits
_MAP_COLOURS = 64  # colours of a colour map, between which plotly interpolates
_DASHES: dict[Dash, str] = {"-": "solid", "--": "dash", ":": "dot", "-.": "dashdot", "hidden": "dot"}
_NAMED = {"black": "#000000", "white": "#ffffff", "red": "#ff0000", "C0": "#1f77b4", "C1": "#ff7f0e"}
"""Names of colours in styles; all others are known to browsers."""
_SYMBOLS = {
    "v": ("triangle-down", "diamond"), "^": ("triangle-up", "circle"), ">": ("triangle-right", "circle"),
    "<": ("triangle-left", "circle"), "X": ("x", "cross"), "s": ("square", "square"),
    "o": ("circle", "circle"), "*": ("star", "diamond"), "D": ("diamond", "diamond"),
}  # fmt: skip
"""Names of symbols over a plane and in a box, where plotly has few, by Matplotlib's."""
_MATHTEXT = re.compile(r"\\([A-Za-z]+|.)|([_^])\{([^{}]*)\}|(\^)(\w)|[${}]")
_MATH_SYMBOLS = {
    "cdot": "\N{MIDDLE DOT}", "times": "\N{MULTIPLICATION SIGN}", "nabla": "\N{NABLA}",
    "propto": "\N{PROPORTIONAL TO}", "mathdefault": "",
    "left": "", "right": "", "infty": "\N{INFINITY}", "Delta": "\N{GREEK CAPITAL LETTER DELTA}",
    "mathrm": "", "|": "\N{DOUBLE VERTICAL LINE}", ";": " ", ",": " ", **GREEK_LETTERS,
}  # fmt: skip


# Numbers and texts ----------------------------------------------------------------------------------------


def numbers(values: Any) -> dict[str, Any]:  # Any: whatever NumPy takes for an array
    """Return an array of one or two axes as plotly reads it: in base64, without loss."""
    kind = "i4" if np.asarray(values).dtype.kind == "i" else "f8"
    array = np.ascontiguousarray(values, dtype=f"<{kind}")
    found = {"dtype": kind, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    return found if array.ndim == 1 else {**found, "shape": ", ".join(map(str, array.shape))}


def coordinates(points: Floats) -> Trace:
    """Return points (N, 2 or 3), or those (n1, n0, 3) of a mesh, as the coordinates of a trace."""
    return {letter: numbers(part) for letter, part in zip("xyz", np.moveaxis(points, -1, 0), strict=False)}


def thinned(count: int, most: int) -> NDArray[np.intp]:
    """Return the indices of about `most` of `count` points at equal distances, the last included."""
    return np.append(np.arange(0, count - 1, -(-count // most)), count - 1)


def markup(text: Text) -> str:
    """Return a text for plotly, which reads tags and entities: mathtext as letters, with powers raised."""
    words = text.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    return _MATHTEXT.sub(_letters, words) if text.math else words


def box_markup(text: Text) -> str:
    """Return a text for an axis of a box, where plotly reads tags but no entities.

    A word joiner, which has no width, keeps "<" from beginning a tag.
    """
    return markup(text) if text.math else text.text.replace("<", "<\N{WORD JOINER}").replace("\n", "<br>")


def _letters(match: re.Match[str]) -> str:
    """Return a command, an index or a power of mathtext as letters."""
    command, script, inner, power, exponent = match.groups()
    if command is not None:
        return _MATH_SYMBOLS.get(command, command)
    script, inner = script or power, inner or exponent
    if script == "_":
        return inner.translate(SUBSCRIPT_DIGITS) if inner.isdigit() else f"_{inner}"
    return f"<sup>{inner}</sup>" if script else ""


def hover_template(panel: Panel, value: str | None, first: str = "") -> str:
    """Return the text at the pointer: coordinates, and the value in the attribute `value` of a trace."""
    named = panel.hover
    names = named.variables if named else (panel.x.label or Text("x"), panel.y.label or Text("y"))
    shown = [*zip(names, "xy", strict=False), (named.function if named else Text("f"), value)]
    lines = [f"{markup(name)} = %{{{letter}:{_FEW_DIGITS}}}" for name, letter in shown if letter]
    return "<br>".join([first, *lines] if first else lines) + "<extra></extra>"


def hover(panel: Panel, tips: Tooltips | None = None, kept: NDArray[np.intp] | slice = slice(None)) -> Trace:
    """Return the texts at the pointer: coordinates, and the tooltips of the points that are kept, if any."""
    if tips is None:
        is_curve = panel.hover is not None and len(panel.hover.variables) == 1
        return {"hovertemplate": hover_template(panel, "z" if panel.z else "y" if is_curve else None)}
    name, values = markup(Text(tips.name, math=False)), tips.values[kept]
    if tips.steps is None:
        return {"customdata": numbers(values), "hovertemplate": hover_template(panel, "customdata", name)}
    table = np.column_stack((np.array(tips.steps)[kept], values))
    first = f"{name}, step %{{customdata[0]}}"
    return {"customdata": numbers(table), "hovertemplate": hover_template(panel, "customdata[1]", first)}


def grouped(group: str) -> Trace:
    """Return the legend entry of a trace, which shows and hides it."""
    return {"showlegend": False, **({"legendgroup": markup(Text(group))} if group else {})}


# Colours --------------------------------------------------------------------------------------------------


def css(colour: str | Rgb) -> str:
    """Return a colour as browsers read it."""
    if isinstance(colour, str):
        return _NAMED.get(colour, colour)
    return "rgb({},{},{})".format(*(round(255 * part) for part in colour))


def coloured(name: str, values: Floats, scale: ColourScale, style: Style, bar: Text | None) -> Trace:
    """Return values as colours in the attribute `name`, with a colour bar if that has a label."""
    low, high, ticks = scale.vmin, scale.vmax, scale.ticks
    if ticks is not None:
        places = scale.shares(np.array([value for value, _ in ticks])).tolist()
        ticks = tuple((place, text) for place, (_, text) in zip(places, ticks, strict=True))
        values, low, high = scale.shares(values), 0.0, 1.0
    colours = [[share, css(scale.colours.at(share))] for share in np.linspace(0, 1, _MAP_COLOURS).tolist()]
    look: Trace = {"colorscale": colours, "cmin": low, "cmax": high, "showscale": bar is not None}
    if bar is not None:
        look["colorbar"] = colour_bar(bar, style, ticks or ())
    return {**look, name: numbers(values)}


def colour_bar(label: Text, style: Style, ticks: Sequence[Tick]) -> Trace:
    """Return a colour bar, with ticks of its own if there are some."""
    found: Trace = {
        "title": {"text": f"{markup(label)}<br> ", "side": "top"},
        "thickness": 14,
        "len": 0.72,
        "x": 1.02,
        "outlinewidth": 0.5,
        "outlinecolor": css(style.edge),
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": css(style.tick),
        "tickfont": {"color": css(style.tick)},
        "exponentformat": "power",
    }
    if ticks:
        found["tickvals"] = [value for value, _ in ticks]
        found["ticktext"] = [markup(Text(text)) for _, text in ticks]
    return found


# Lines and markers ----------------------------------------------------------------------------------------


def pixels(width: float) -> float:
    """Return a width in points as pixels."""
    return round(PIXELS_PER_POINT * width, 2)


def letter_pixels(size: float, style: Style) -> float:
    """Return a size in points as pixels, in proportion to the font of the page."""
    return round(size * LETTER_SIZE / style.font_size, 1)


def line_look(line: Lines | Rule) -> Trace:
    """Return the colour, the dashes and the width of a line."""
    return {"color": css(line.colour), "dash": _DASHES[line.dash], "width": pixels(line.width)}


def dot_look(line: Lines, style: Style) -> Trace:
    """Return the look of the dots on a line."""
    return {"color": css(line.colour), "size": letter_pixels(line.markers, style)}


def marker_look(mark: Markers, style: Style, *, in_box: bool, ratio: float = 1.0) -> Trace:
    """Return the look of markers; `ratio` scales their size."""
    symbol = _SYMBOLS.get(mark.shape, ("circle", "circle"))[in_box]
    look: Trace = {"color": css(mark.colour), "size": letter_pixels(ratio * mark.size, style)}
    look["symbol"] = symbol if mark.filled or symbol == "cross" else f"{symbol}-open"  # no cross is open
    if mark.edge is not None or not mark.filled:
        width = letter_pixels(mark.edge_width, style)
        look["line"] = {"color": css(mark.edge or mark.colour), "width": width}
    return look
