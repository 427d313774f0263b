"""A scene as a figure of plotly: traces, layout and legend, with a heading."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from math import cos, log10, radians, sin
from typing import NamedTuple

import numpy as np

from gradviz.errors import RequestError, visible
from gradviz.output.formats import MOVING
from gradviz.output.page.contours import LABEL_SIZE, contour_labels
from gradviz.output.page.marks import Around, draw, is_arrow, legend, refuse
from gradviz.output.page.traces import (
    LETTER_SIZE,
    PIXELS_PER_POINT,
    Trace,
    box_markup,
    css,
    line_look,
    markup,
    pixels,
)
from gradviz.printing.typesetting import MATHML, MATHTEXT, math, plain_name
from gradviz.scene.marks import Arrows, ArrowShape, Contours, Label, Rule
from gradviz.scene.scene import Axis, Camera, Frames, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_HEAD_WIDTH = 4.2  # width of a head of plotly's default size, in widths of its shaft
_MAX_FORMULA = 1_500  # longest formula that is typeset, in characters of mathtext
_MAX_TEXT = 300  # longest expression that is printed whole as typed, in characters
_DISTANCE = 2.1  # of the viewer from the middle of the box, in its sides
_MAX_ELEVATION = 89.0  # degrees: straight from above, no side would be up
_HEIGHT = 0.75  # height of the box to its width
_SLIDER_PLACE = -0.28  # top of a slider below the legend of a plane, as a share of its height
_TICK_COUNT = 7  # maximum number of ticks on an axis
_FAMILIES = {
    "STIXGeneral": "'STIX Two Text', STIXGeneral, 'Times New Roman', 'DejaVu Serif', serif",
    "DejaVu Sans": "'DejaVu Sans', Verdana, 'Segoe UI', system-ui, sans-serif",
}
_ANCHORS = {"top": "top", "center": "middle", "bottom": "bottom", "baseline": "bottom"}


class Figure(NamedTuple):
    """The data and the layout of a plotly figure, and the heading above it."""

    heading: str
    """HTML."""
    traces: list[Trace]
    layout: Trace
    ratio: float | None
    """Width to height of a plane, None for a box."""
    warning: str
    """HTML of the line below it; empty for none."""


@np.errstate(all="ignore")
def figure_of(scene: Scene | Frames) -> Figure:
    """Return a scene as a figure of plotly, with a slider for frames.

    Raises RequestError for what no page shows.
    """
    if isinstance(scene, Frames):
        return _with_slider(scene)
    if len(scene.panels) > 1:
        refuse(f"{len(scene.panels)} panels")
    (panel,) = scene.panels
    if panel.camera is not None and panel.camera.turns is not None:
        refuse("a turning camera")
    around = Around(scene, panel)
    traces = [*draw(around), *legend(around)]
    layout = (_box if around.in_box else _plane)(panel, scene.style)
    ratio = None if around.in_box else scene.size.width / scene.size.height
    warning = html.escape(scene.warning.text) if scene.warning is not None else ""
    return Figure(_heading(scene), traces, {**_whole(scene, panel), **layout}, ratio, warning)


def _with_slider(frames: Frames) -> Figure:
    """Return the traces of all frames, of which a slider shows those of one."""
    if not frames.labels:
        raise RequestError(f"a page cannot show an animation; write .{MOVING}")
    parts = [figure_of(scene) for scene in frames.scenes]
    first, source = parts[0], frames.scenes[0].source
    owned = [(index, trace) for index, part in enumerate(parts) for trace in part.traces]
    traces = [trace | {"visible": owner == 0} for owner, trace in owned]
    steps = [
        {
            "label": label.replace("-", "\N{MINUS SIGN}"),
            "method": "update",
            "args": [
                {"visible": [owner == index for owner, _ in owned]},
                {name: part.layout.get(name, []) for name in ("annotations", "shapes")},
            ],
        }
        for index, (label, part) in enumerate(zip(frames.labels, parts, strict=True))
    ]
    slider = {
        "steps": steps, "active": 0, "len": 0.94, "x": 0.03, "pad": {"b": 24},
        "y": _SLIDER_PLACE if first.ratio else 0.0,
        "currentvalue": {"prefix": f"{plain_name(frames.symbol)} = ", "xanchor": "center"},
    }  # fmt: skip
    heading = html.escape(frames.name)
    if source is not None:  # the parameter that the slider changes has no number in the heading
        reading = source.expression
        kept = {name: value for name, value in reading.parameters.items() if name != frames.symbol}
        scene = replace(
            frames.scenes[0], source=replace(source, expression=replace(reading, parameters=kept))
        )
        heading = _heading(scene)
    return Figure(heading, traces, first.layout | {"sliders": [slider]}, first.ratio, first.warning)


def _heading(scene: Scene) -> str:
    """Return the heading as HTML: the user's title as typed, or the formula with its region and parameters.

    A line of the formula may break between the terms of a sum.
    """
    reading = None if scene.source is None else scene.source.expression
    if scene.title is not None and scene.title.own is not None:
        return html.escape(scene.title.own)
    if reading is None:
        left, equals, right = scene.name.partition(" = ")
        return html.escape(re.sub(r"\w+", lambda name: plain_name(name[0]), left) + equals + right)
    if reading.equations and sum(map(len, map(MATHTEXT.text, reading.equations))) <= _MAX_FORMULA:
        return ", ".join(math(MATHML.text(equation)) for equation in reading.equations)
    if sum(map(len, MATHTEXT.terms(reading.tree))) > _MAX_FORMULA:
        names = ", ".join(map(plain_name, reading.variables))
        return html.escape(f"f({names}) = {visible(reading.body, _MAX_TEXT)}")
    signs, word = MATHML.signs, MATHML.word
    variables = MATHML.parenthesized(signs[","].join(map(MATHML.name, reading.variables)))
    formula = (f"{MATHML.letters('f')}{variables}{signs['eq']}", *MATHML.terms(reading.tree))
    lines = ["<wbr>".join(map(math, formula))]
    if reading.region is not None and len(MATHTEXT.text(reading.region.tree)) <= _MAX_FORMULA:
        lines.append(math(word("where") + signs["thick"] + MATHML.text(reading.region.tree)))
    if reading.parameters:
        values = [
            MATHML.name(name) + signs["eq"] + MATHML.number(value)
            for name, value in reading.parameters.items()
        ]
        lines.append(math(word("with") + signs["thick"] + signs[";"].join(values)))
    return "<br>".join(lines)


# Layout ---------------------------------------------------------------------------------------------------


def _whole(scene: Scene, panel: Panel) -> Trace:
    """Return the colours, the fonts and the texts of a page."""
    style = scene.style
    paper, frame, clear = css(style.page), css(style.edge), "rgba(0,0,0,0)"
    ground = clear if style.transparent else paper
    font = {"family": _families(style), "color": css(style.text)}
    below = {"orientation": "h", "x": 0.5, "xanchor": "center", "yanchor": "top", "bgcolor": clear}
    return {
        "autosize": True,
        "paper_bgcolor": ground,
        "plot_bgcolor": ground,
        "font": {**font, "size": LETTER_SIZE},
        "hoverlabel": {"bgcolor": paper, "bordercolor": frame, "font": font, "align": "left"},
        "hovermode": "closest",
        "showlegend": scene.legend is not None,
        "legend": {**below, "y": 0 if panel.z else -0.15},
        "modebar": {"bgcolor": clear, "color": frame, "activecolor": font["color"]},
        "annotations": list(_texts(panel, style)),
    }


def _families(style: Style) -> str:
    """Return the families of a page as CSS, in which the user's own name is an escaped string."""
    if style.font_family in _FAMILIES:
        return _FAMILIES[style.font_family]
    escaped = re.sub(r"[^A-Za-z0-9 ]", lambda one: f"\\{ord(one[0]):x} ", style.font_family)
    return f"'{escaped}', {_FAMILIES['STIXGeneral' if style.has_serifs else 'DejaVu Sans']}"


def _plane(panel: Panel, style: Style) -> Trace:
    """Return the layout of a panel over a plane."""
    look = {"showline": True, "mirror": True, "ticks": "outside"}
    x, y = (
        {
            **_axis(axis, panel, style),
            **look,
            "title": {"text": markup(axis.label or Text("")), "standoff": 8},
        }
        for axis in (panel.x, panel.y)
    )
    if panel.aspect == "equal":
        x |= {"constrain": "domain"}
        y |= {"constrain": "domain", "scaleanchor": "x", "scaleratio": 1}
    margin = {"l": 64, "r": 24, "t": 36, "b": 56}
    shapes = [_rule(mark) for mark in panel.marks if isinstance(mark, Rule)]
    more = {"shapes": shapes} if shapes else {}
    return {"xaxis": x, "yaxis": y, "margin": margin, "dragmode": "pan", **more}


def _box(panel: Panel, style: Style) -> Trace:
    """Return the layout of a panel in three dimensions."""
    axes = {
        f"{letter}axis": {
            **_axis(axis, panel, style),
            "title": {"text": box_markup(axis.label or Text(""))},
            "showbackground": True,
            "backgroundcolor": css(pane[:3]),
            "showspikes": False,
        }
        for letter, axis, pane in zip("xyz", (panel.x, panel.y, panel.z), style.panes, strict=True)
        if axis is not None
    }
    sides: Trace = {"aspectmode": "manual", "aspectratio": {"x": 1, "y": 1, "z": _HEIGHT}}
    if panel.aspect == "equal":
        sides = {"aspectmode": "data"}
    camera = {"camera": _camera(panel.camera)} if panel.camera else {}
    texts = list(_box_texts(panel, style))
    named = {"annotations": texts} if texts else {}
    return {
        "scene": {**axes, **sides, **camera, **named, "dragmode": "turntable"},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    }


def _axis(axis: Axis, panel: Panel, style: Style) -> Trace:
    """Return the limits, the ticks and the colours of an axis."""
    found: Trace = {
        "color": css(style.tick),
        "gridcolor": css(style.grid),
        "linecolor": css(style.edge),
        "showgrid": panel.grid,
        "zeroline": False,
        "exponentformat": "power",
    }
    if axis.limits is not None:
        limits = np.log10(axis.limits).tolist() if axis.scale == "log" else axis.limits
        found["range"] = [float(limit) for limit in limits]
    found |= {"type": "log"} if axis.scale == "log" else {}
    found |= {"showticklabels": False} if not axis.numbers else {}
    found |= {"tickformat": "d"} if axis.integer else {}
    if axis.ticks is None:
        return found | {"nticks": _TICK_COUNT}
    own = [markup(Text(text)).replace("-", "\N{MINUS SIGN}") for text in axis.tick_texts or ()]
    return found | {"tickvals": list(axis.ticks), **({"ticktext": own} if own else {})}


def _camera(camera: Camera) -> Trace:
    """Return the viewer at the elevation and the azimuth of a camera."""
    elevation = radians(max(-_MAX_ELEVATION, min(_MAX_ELEVATION, camera.elevation)))
    azimuth, flat = radians(camera.azimuth), cos(elevation)
    direction = (flat * cos(azimuth), flat * sin(azimuth), sin(elevation))
    eye = {letter: round(_DISTANCE * part, 6) for letter, part in zip("xyz", direction, strict=True)}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.15}, "up": {"x": 0, "y": 0, "z": 1}}


def _rule(mark: Rule) -> Trace:
    """Return a line across the panel as a shape."""
    along, across = mark.axis, "y" if mark.axis == "x" else "x"
    at = {f"{along}ref": along, f"{along}0": mark.at, f"{along}1": mark.at}
    ends = {f"{across}ref": "paper", f"{across}0": 0, f"{across}1": 1}
    return {"type": "line", "layer": "below", "line": line_look(mark), **at, **ends}


def _texts(panel: Panel, style: Style) -> Iterator[Trace]:
    """Yield labels, and the values on contours, as annotations."""
    for mark in panel.marks:
        if isinstance(mark, Label) and len(mark.at) == 2:
            yield _label(mark, panel, style)
        elif is_arrow(mark):
            yield from _arrow(mark)
        elif isinstance(mark, Contours) and mark.labels is not None:
            font = {"color": css(mark.labels.colour), "size": LABEL_SIZE}
            for text, (x, y), _, rotation in contour_labels(mark, panel):
                at = {"x": float(x), "y": float(y), "xref": "x", "yref": "y"}
                look = {"font": font, "showarrow": False, "textangle": round(0.0 - rotation, 1)}
                yield {"text": markup(Text(text)), **at, **look}


def _arrow(mark: Arrows) -> Iterator[Trace]:
    """Yield single arrows as annotations without a text."""
    shape = mark.shape or ArrowShape(1.0, "points")
    look = {"showarrow": True, "arrowhead": 2, "arrowwidth": pixels(shape.width), "text": ""}
    look |= {"arrowsize": round(shape.head_width / _HEAD_WIDTH, 2), "arrowcolor": css(mark.colour or "black")}
    for tail, tip in zip(mark.points.tolist(), (mark.points + mark.vectors).tolist(), strict=True):
        refs = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
        yield {"x": tip[0], "y": tip[1], "ax": tail[0], "ay": tail[1], **refs, **look}


def _box_texts(panel: Panel, style: Style) -> Iterator[Trace]:
    """Yield the names of points in a box as annotations."""
    for mark in panel.marks:
        if isinstance(mark, Label) and len(mark.at) > 2:
            place = dict(zip("xyz", map(float, mark.at), strict=True))
            font = {"color": css(mark.colour or style.text), "size": LETTER_SIZE}
            shift = {"xanchor": "left", "xshift": 8, "yanchor": "bottom"}
            yield {**place, "text": markup(mark.text), "showarrow": False, "font": font, **shift}


def _label(mark: Label, panel: Panel, style: Style) -> Trace:
    horizontal, vertical = mark.anchor
    found: Trace = {}
    for letter, axis, at, unit in zip("xy", (panel.x, panel.y), mark.at, mark.units, strict=True):
        on_axis = unit == "data" and panel.z is None
        found[letter] = log10(at) if on_axis and axis.scale == "log" else float(at)
        found[f"{letter}ref"] = letter if on_axis else "paper"
    return {
        **found,
        "text": markup(mark.text),
        "showarrow": False,
        "font": {"color": css(mark.colour or style.text), "size": LETTER_SIZE},
        "xanchor": horizontal,
        "yanchor": _ANCHORS[vertical],
        "xshift": round(PIXELS_PER_POINT * mark.offset[0], 1),
        "yshift": round(PIXELS_PER_POINT * mark.offset[1], 1),
        "textangle": 0.0 - mark.rotation,
    }
