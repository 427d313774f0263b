"""Level lines, bands and paths in the plane, for a page that zooms.

The levels are read back from the picture, so that their heights, colours and places are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rcParams
from matplotlib.contour import ContourSet
from numpy.typing import NDArray

from gradviz.arrays import Floats, components
from gradviz.output.page import paths as ways
from gradviz.output.page import traces
from gradviz.output.page.traces import Scene, Trace
from gradviz.scene.style import STYLES

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path
    from gradviz.output.mpl.paths import Look
    from gradviz.output.mpl.rendering import Picture
    from gradviz.specs.contour import Contour
    from gradviz.specs.descent import Descent

_FELT = 200  # points along an axis at which the mouse is told the height
_LINE_POINTS = 100_000  # of all level lines: some 2 MB
_PATH_POINTS = 30_000  # of all paths
_SYMBOLS = {"minimum": "triangle-down", "maximum": "triangle-up", "saddle": "x", "degenerate": "square"}
_SMALL, _DOT, _ALONE, _START, _END = 4, 5, 7, 9, 15  # pixels
_DENSE = 45  # steps; the dots of a longer path are smaller


def flat(spec: Contour | Descent, picture: Picture) -> Scene:
    """Return the picture of a spec as a plane that zooms."""
    axes: Any = picture.axes[0]
    found = [_height_at_mouse(spec, picture)]
    drawn: list[Any] = [part for part in axes.collections if isinstance(part, ContourSet)]
    for levels in drawn:
        found += _levels(levels)
    if drawn and len(drawn[0].levels) > 1 and spec.has_colorbar(STYLES[spec.style]):
        found.append({"type": "scatter", "showlegend": False, **traces.scale_of_levels(spec, drawn[0])})
    found += _paths(spec, picture)
    critical = spec.critical_in_view(picture.samples)
    ending = "-open" if spec.kind == "descent" else ""  # what ends there is seen inside of an outline
    symbols = {kind: symbol + ending for kind, symbol in _SYMBOLS.items()}
    found += [{"type": "scatter", **mark} for _, mark in ways.critical(spec, critical, symbols)]
    layout = traces.layout(legend=any(trace["showlegend"] for trace in found))
    x, y = traces.labels(spec, "xy")
    horizontal, vertical = axes.get_xlim(), axes.get_ylim()
    shown = {"showline": True, "mirror": True, "ticks": "outside", "showgrid": bool(spec.grid)}
    layout["xaxis"] = {**traces.axis(spec, "x", horizontal), **shown, "title": {"text": x, "standoff": 8}}
    layout["yaxis"] = {**traces.axis(spec, "y", vertical), **shown, "title": {"text": y, "standoff": 8}}
    if spec.has_equal_units():
        layout["xaxis"] |= {"constrain": "domain"}
        layout["yaxis"] |= {"constrain": "domain", "scaleanchor": "x", "scaleratio": 1}
    layout |= {"margin": {"l": 64, "r": 24, "t": 36, "b": 56}, "dragmode": "pan"}
    layout["annotations"] = traces.sentences(picture)
    if getattr(spec, "on", None) == "axes":
        layout["shapes"] = _axes_through_0(spec)
    width, height = picture.get_size_inches()
    return Scene(found, layout, float(width / height))


def _height_at_mouse(spec: Contour | Descent, picture: Picture) -> Trace:
    """Return a map of the heights that is not seen, but felt by the mouse."""
    samples = picture.samples
    rows, columns = (traces.thinned(count, _FELT) for count in samples.values.shape)
    x, y = components(samples.points)
    return {
        "type": "heatmap",
        "x": traces.numbers(x[0, columns]),
        "y": traces.numbers(y[rows, 0]),
        "z": traces.numbers(samples.heights[np.ix_(rows, columns)]),
        "opacity": 0,
        "showscale": False,
        "showlegend": False,
        "hoverongaps": False,
        "hovertemplate": traces.hover(spec),
    }


def _levels(drawn: Any) -> list[Trace]:
    """Return level lines or bands, one trace for each."""
    alpha = 1.0 if drawn.get_alpha() is None else float(drawn.get_alpha() or 1)
    width = traces.width_of(float(np.ravel(drawn.get_linewidths())[0]))
    found: list[Trace] = []
    for _, points, tint in traces.levels(drawn, _LINE_POINTS):
        look: Trace = {"line": {"color": tint, "width": width}, "opacity": alpha}
        if drawn.filled:  # a line of the same colour closes the gap that browsers leave between two areas
            look = {"fill": "toself", "fillcolor": tint, "line": {"color": tint, "width": 1}}
        found.append({"type": "scatter", "mode": "lines", **_xy(points), "hoverinfo": "skip", **look})
    return [{**trace, "showlegend": False} for trace in found]


def _xy(points: Floats) -> Trace:
    return {"x": traces.numbers(points[:, 0]), "y": traces.numbers(points[:, 1])}


def _paths(spec: Contour | Descent, picture: Picture) -> list[Trace]:
    """Return the paths as lines with dots, or dots alone, a square at the start and a star at the end."""
    ground = traces.css(rcParams["axes.facecolor"])
    line = getattr(spec, "on", None) == "contour"
    found: list[Trace] = []
    for path, look, keep in ways.paths(spec, picture.samples.paths, _PATH_POINTS):
        color = traces.css(look.color)
        size = (_DOT if line else _ALONE) if path.steps <= _DENSE else _SMALL
        settings = {"line": ways.line_of(look), "mode": "lines+markers"} if line else {"mode": "markers"}
        way = {**settings, "marker": {"color": color, "size": size}}
        found.append(_at(spec, path, look, keep, way))
        start = {"symbol": "square", "color": ground, "size": _START, "line": {"color": color, "width": 2}}
        end = {"symbol": "star", "color": color, "size": _END, "line": {"color": ground, "width": 1}}
        for place, mark in ((0, start), (-1, end)) if line else ():
            if place == 0 or path.diverged is None:
                one = np.arange(len(path.points))[[place]]
                found.append(_at(spec, path, look, one, {"mode": "markers", "marker": mark}))
    entries = ways.entries(spec, picture.samples.paths, line=line)
    return found + [{"type": "scatter", "x": [None], "y": [None], **entry} for entry in entries]


def _at(spec: Contour | Descent, path: Path, look: Look, chosen: NDArray[np.intp], settings: Trace) -> Trace:
    about = ways.about(spec, path, look, chosen)
    return {"type": "scatter", **_xy(path.points[chosen]), **about, **settings}


def _axes_through_0(spec: Contour | Descent) -> list[dict[str, Any]]:
    """Return the two lines through 0."""
    look = {"type": "line", "layer": "below"}
    line = {"color": traces.css(STYLES[spec.style].ink), "dash": "dash", "width": 1.6}
    across = {"xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": 0, "y1": 0}
    upwards = {"yref": "paper", "y0": 0, "y1": 1, "xref": "x", "x0": 0, "x1": 0}
    return [{**look, **way, "line": line} for way in (across, upwards)]
