"""The pieces of a page's picture in the words of plotly: numbers, colours, scales of colours, text, axes."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import NDArray

from gradviz.errors import RequestError
from gradviz.printing.typesetting import plain_name
from gradviz.sampling.scales import level_marks

if TYPE_CHECKING:
    from matplotlib.path import Path as Outline

    from gradviz.arrays import Floats
    from gradviz.output.mpl.rendering import Picture
    from gradviz.specs import Spec

Trace = dict[str, Any]

_COLOURS = 64  # of a scale of colours, between which plotly mixes
LETTER = 13
"""The height of letters in pixels."""
_PIXELS = 4 / 3  # for a point
_FAMILIES = {
    "serif": "Georgia, 'Times New Roman', 'DejaVu Serif', serif",
    "sans-serif": "'DejaVu Sans', Verdana, 'Segoe UI', system-ui, sans-serif",
}
FEW_DIGITS = ".4~g"
"""How numbers are shown where the mouse is, in the notation of d3."""


class Scene(NamedTuple):
    """A picture for plotly: its traces, its layout and, where it is flat, its width over its height."""

    traces: list[Trace]
    layout: dict[str, Any]
    ratio: float | None


def numbers(values: Any) -> dict[str, Any]:
    """Return an array of one or two axes as plotly reads it: all of each number, and short."""
    kind = "i4" if np.asarray(values).dtype.kind == "i" else "f8"
    array = np.ascontiguousarray(values, dtype=f"<{kind}")
    found = {"dtype": kind, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    return found if array.ndim == 1 else {**found, "shape": ", ".join(map(str, array.shape))}


def words(text: str) -> str:
    """Return a text of the user's so that plotly shows it as it is: it reads tags and entities in texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")


def words_in_space(text: str) -> str:
    """Return a text of the user's for an axis in space, where plotly reads tags, and entities not.

    What looks like a tag is none with a mark of no width in it.
    """
    return text.replace("<", "<\N{WORD JOINER}").replace("\n", "<br>")


def marked(text: str) -> str:
    """Return what Matplotlib writes at a scale, in which there is no mathtext but powers of ten."""
    plain = re.sub(r"\\mathdefault|\$", "", text).replace(r"\times", "\N{MULTIPLICATION SIGN}")
    return re.sub(r"[{}]", "", re.sub(r"\^\{([^{}]*)\}", r"<sup>\1</sup>", plain))


def labels(spec: Spec, letters: str) -> list[str]:
    """Return the words at the x, y and z axes: the user's, or the names of what is shown there."""
    variables = [plain_name(name) for name in spec.reading.variables]
    usual = [*variables, f"f({', '.join(variables)})"]
    own = (getattr(spec, f"{letter}label", None) for letter in letters)
    as_text = words_in_space if "z" in letters else words
    return [as_text(usual[place] if text is None else text) for place, text in enumerate(own)]


def function_name(spec: Spec) -> str:
    """Return f(x0, x1)."""
    return f"f({', '.join(map(plain_name, spec.reading.variables))})"


def hover(spec: Spec, *, height: str = "z", first: str = "") -> str:
    """Return what is shown where the mouse is: the coordinates and the height."""
    x, y = map(plain_name, spec.reading.variables)
    lines = [f"{x} = %{{x:{FEW_DIGITS}}}", f"{y} = %{{y:{FEW_DIGITS}}}", f"f = %{{{height}:{FEW_DIGITS}}}"]
    return "<br>".join([first, *lines] if first else lines) + "<extra></extra>"


def axis(spec: Spec, letter: str, ends: Sequence[float]) -> dict[str, Any]:
    """Return the ends, the ticks and the looks of an axis."""
    ticks = getattr(spec, f"{letter}ticks", None)
    line = to_hex(rcParams["axes.edgecolor"])
    found = {
        "range": [float(end) for end in ends],
        "color": to_hex(rcParams["xtick.color"]),
        "gridcolor": to_hex(rcParams["grid.color"]),
        "linecolor": line,
        "zeroline": False,
        "exponentformat": "power",
    }
    return {**found, **({"tickvals": list(ticks)} if ticks is not None else {"nticks": 7})}


def layout(*, legend: bool) -> dict[str, Any]:
    """Return the looks of the whole, as the settings that hold say."""
    ink = to_hex(rcParams["text.color"])
    paper, ground = to_hex(rcParams["figure.facecolor"]), to_hex(rcParams["axes.facecolor"])
    family = _FAMILIES.get(rcParams["font.family"][0], _FAMILIES["sans-serif"])
    frame = to_hex(rcParams["axes.edgecolor"])
    return {
        "autosize": True,
        "paper_bgcolor": paper,
        "plot_bgcolor": ground,
        "font": {"family": family, "size": LETTER, "color": ink},
        "hoverlabel": {
            "bgcolor": paper,
            "bordercolor": frame,
            "font": {"family": family, "color": ink},
            "align": "left",
        },
        "hovermode": "closest",
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0.5,
            "xanchor": "center",
            "y": -0.15,
            "yanchor": "top",
            "bgcolor": "rgba(0,0,0,0)",
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": frame, "activecolor": ink},
    }


def css(color: Any, alpha: float = 1.0) -> str:
    """Return a colour of Matplotlib's as browsers write it."""
    red, green, blue = (round(255 * part) for part in to_rgb(color))
    return f"rgb({red},{green},{blue})" if alpha == 1 else f"rgba({red},{green},{blue},{alpha:g})"


def scale_of(cmap: Any) -> list[list[Any]]:
    """Return a colour map as plotly's pairs of a place from 0 to 1 and a colour."""
    places = np.linspace(0, 1, _COLOURS)
    return [[float(place), css(cmap(place))] for place in places]


def bar(title: str, ticks: Sequence[float] = (), texts: Sequence[str] = ()) -> dict[str, Any]:
    """Return how a scale of colours looks, with marks of its own if there are some."""
    found: dict[str, Any] = {
        "title": {"text": f"{title}<br> ", "side": "top"},
        "thickness": 14,
        "len": 0.72,
        "x": 1.02,
        "outlinewidth": 0.5,
        "outlinecolor": to_hex(rcParams["axes.edgecolor"]),
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": to_hex(rcParams["ytick.color"]),
        "tickfont": {"color": to_hex(rcParams["ytick.color"])},
        "exponentformat": "power",
    }
    return {**found, "tickvals": list(ticks), "ticktext": list(texts)} if len(ticks) else found


def width_of(line: float) -> float:
    """Return a width in points as pixels."""
    return round(_PIXELS * line, 2)


def thinned(count: int, most: int) -> NDArray[np.intp]:
    """Return which of `count` points of a line or an axis are kept: about `most`, the last always."""
    step = -(-count // most)
    return np.unique(np.array([*range(0, count, step), count - 1], np.intp))


def outline_points(outline: Outline, step: int) -> Floats:
    """Return the points (N, 2) of an outline with a gap before each part but the first, thinned by a step."""
    vertices = np.asarray(outline.vertices, dtype=np.float64)
    codes = outline.codes
    if codes is None or not len(vertices):
        return vertices
    starts = np.flatnonzero(codes == outline.MOVETO)
    gap = np.full((1, 2), np.nan)
    found: list[Floats] = []
    for part in np.split(vertices, starts[1:]):
        found += [gap, part[thinned(len(part), -(-len(part) // step))]]
    return np.concatenate(found[1:])


def levels(drawn: Any, most: int) -> list[tuple[float, Floats, str]]:
    """Return the height, the points (N, 2) and the colour of each level line or band that was drawn.

    They are thinned to about `most` points in all. Raises RequestError for more lines than a page can hold.
    """
    outlines, tints = drawn.get_paths(), tints_of(drawn)
    step = -(-sum(len(outline.vertices) for outline in outlines) // most) or 1
    parts = [outline_points(outline, step) for outline in outlines]
    if sum(map(len, parts)) > 2 * most:
        raise RequestError(
            "the level lines are too many and too short for a page; lower --samples or --levels"
        )
    heights = [float(height) for height in (drawn.layers if drawn.filled else drawn.levels)]
    return [found for found in zip(heights, parts, tints, strict=True) if len(found[1])]


def tints_of(drawn: Any) -> list[str]:
    """Return the colours of level lines or bands."""
    return [css(color[:3]) for color in drawn.to_rgba(drawn.cvalues)]


def scale_of_levels(spec: Spec, drawn: Any) -> Trace:
    """Return a trace of nothing with the scale of the colours of levels, each as far from the next."""
    heights = [float(level) for level in drawn.levels]
    marks, tints = level_marks(heights), tints_of(drawn)
    first = 1 if drawn.filled and drawn.extend in ("min", "both") else 0
    places = {height: place + first for place, height in enumerate(heights)}
    end = len(tints) if drawn.filled else len(tints) - 1
    scale: list[list[Any]] = []
    for place, tint in enumerate(tints):
        scale += [[edge / end, tint] for edge in ((place, place + 1) if drawn.filled else (place,))]
    texts = [marked(marks["format"](height)) for height in marks["ticks"]]
    return {
        "mode": "markers",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {
            "color": [0],
            "cmin": 0,
            "cmax": end,
            "colorscale": scale,
            "showscale": True,
            "colorbar": bar(function_name(spec), [places[height] for height in marks["ticks"]], texts),
        },
    }


def sentences(picture: Picture) -> list[dict[str, Any]]:
    """Return what the picture says in words: heights on their lines, and why there is nothing to draw."""
    axes: Any = picture.axes[0]
    found = []
    for text in axes.texts:
        place: dict[str, Any] = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
        said = words(text.get_text())
        if axes.name != "3d" and text.get_transform() == axes.transData:
            x, y = map(float, text.get_position())
            turned = -((text.get_rotation() + 90) % 180 - 90)  # to the other side than Matplotlib turns
            place = {"xref": "x", "yref": "y", "x": x, "y": y, "textangle": round(turned, 1)}
            said = marked(text.get_text())
        font = {"color": css(text.get_color()), "size": LETTER - (place["xref"] == "x")}
        found.append({"text": said, "showarrow": False, "font": font, **place})
    return found
