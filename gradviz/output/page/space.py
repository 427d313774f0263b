"""Surfaces, wires, level lines, dots and paths in space, for a page that turns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import rcParams
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from numpy.typing import NDArray

from gradviz.arrays import Floats, components
from gradviz.output.page import paths as ways
from gradviz.output.page import traces
from gradviz.output.page.traces import Scene, Trace
from gradviz.sampling.tangent_plane import tangent_plane
from gradviz.scene.style import STYLES
from gradviz.specs.space import DOTS, FACES, WIRES

if TYPE_CHECKING:
    from gradviz.output.mpl.rendering import Picture
    from gradviz.specs.space import LaidOut, SpaceSpec

_EYE = 2.1  # how far the viewer is from the middle of the box
_STEEPEST = 89.0  # degrees: straight from above, no side would be up
_HEIGHT = 0.75  # of the box, to its width
_ALONG = 12  # places on the surface between two steps of a path, at the most
_LINE_POINTS, _PATH_POINTS = 60_000, 12_000  # of all level lines; of all paths
_PLACES = 36_000  # on the surface, of all paths
_MARK_LIFT = 0.03  # the same, of marks
_LIFT = 0.004  # of the height of the box: what lies on a surface would else be seen in parts
_VEILED = 0.68  # how opaque a surface is that hides a path or a plane, which is then seen faintly
_SYMBOLS = {"minimum": "diamond", "maximum": "circle", "saddle": "cross", "degenerate": "square"}
_OPEN = {"minimum": "diamond-open", "maximum": "circle-open", "saddle": "cross", "degenerate": "square-open"}
_START, _END, _DOT = 5, 5, 3  # pixels


def solid(spec: SpaceSpec, picture: Picture) -> Scene:
    """Return the picture of a spec as a box that turns."""
    axes: Any = picture.axes[0]
    found = [*_function(spec, picture), *_plane(spec, picture), *_paths(spec, picture, axes.get_zlim())]
    found += _critical(spec, picture, axes.get_zlim())
    layout = traces.layout(legend=any(trace["showlegend"] for trace in found))
    layout["legend"]["y"] = 0
    ends = (axes.get_xlim(), axes.get_ylim(), axes.get_zlim())
    settings: Any = rcParams
    box = {
        f"{letter}axis": {
            **traces.axis(spec, letter, end),
            "title": {"text": label},
            "showgrid": spec.grid is not False,
            "showbackground": True,
            "backgroundcolor": traces.css(settings[f"axes3d.{letter}axis.panecolor"][:3]),
            "showspikes": False,
        }
        for letter, end, label in zip("xyz", ends, traces.labels(spec, "xyz"), strict=True)
    }
    aspect = {"aspectmode": "manual", "aspectratio": {"x": 1, "y": 1, "z": _HEIGHT}}
    layout["scene"] = {**box, **aspect, "camera": _camera(spec), "dragmode": "turntable"}
    layout |= {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "annotations": traces.sentences(picture)}
    return Scene(found, layout, None)


def _critical(spec: SpaceSpec, picture: Picture, view: tuple[float, float]) -> list[Trace]:
    """Return the critical points, a little above the surface, which would else cut their marks in two."""
    points = spec.critical_in_view(picture.samples, spec.zlim)
    lift = _MARK_LIFT * (view[1] - view[0])
    symbols = _OPEN if spec.kind == "descent" else _SYMBOLS
    return [
        {"type": "scatter3d", **mark, "z": traces.numbers(places[:, 2] + lift)}
        for places, mark in ways.critical(spec, points, symbols)
    ]


def _camera(spec: SpaceSpec) -> dict[str, Any]:
    """Return where the viewer is: at the elevation and the azimuth of the spec."""
    elev = math.radians(max(-_STEEPEST, min(_STEEPEST, spec.elev)))
    azim = math.radians(spec.azim)
    away = (math.cos(elev) * math.cos(azim), math.cos(elev) * math.sin(azim), math.sin(elev))
    eye = {letter: round(_EYE * part, 6) for letter, part in zip("xyz", away, strict=True)}
    return {"eye": eye, "center": {"x": 0, "y": 0, "z": -0.15}, "up": {"x": 0, "y": 0, "z": 1}}


def _function(spec: SpaceSpec, picture: Picture) -> list[Trace]:
    match getattr(spec, "plot", "surface"):
        case "wireframe":
            return [_wires(spec, picture)]
        case "scatter":
            return [_dots(spec, picture)]
        case "contour":
            return _level_lines(spec, picture)
    return [_surface(spec, picture)]


def _surface(spec: SpaceSpec, picture: Picture) -> Trace:
    """Return the coloured surface, with gaps where the function is cut."""
    shown = spec.laid_out(picture.samples, FACES)
    points, heights = _thinned(shown, FACES)
    x, y = components(points)
    look = {
        "lighting": {"ambient": 0.94, "diffuse": 0.12, "specular": 0.02, "roughness": 0.9},
        "opacity": _VEILED if picture.samples.paths or getattr(spec, "tangent_at", None) else 1,
        "hovertemplate": traces.hover(spec),
        "showlegend": False,
    }
    known = np.isfinite(heights)
    if not known.all():  # plotly leaves out whole cells of a surface, which would make saws of the rims
        x, y, heights = (part[known] for part in (x, y, heights))
        corners = zip("ijk", _triangles(known), strict=True)
        kind = {"type": "mesh3d", **{name: traces.numbers(corner) for name, corner in corners}}
        colours = _coloured(spec, shown, heights, "intensity")
    else:
        kind = {"type": "surface", "contours": {letter: {"highlight": False} for letter in "xyz"}}
        colours = _coloured(spec, shown, heights)
    places = {letter: traces.numbers(part) for letter, part in zip("xyz", (x, y, heights), strict=True)}
    return {**kind, **places, **colours, **look}


def _triangles(known: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the triangles (3, N) that fill a mesh (n1, n0) where it is known, as numbers of known points.

    A cell with one corner unknown is the triangle of the others.
    """
    number = np.cumsum(known).reshape(known.shape) - 1
    around = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None))]
    around += [(slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]
    corners, there = (np.stack([part[place] for place in around]) for part in (number, known))
    whole = corners[:, there.all(axis=0)]
    found = [whole[[0, 1, 2]], whole[[0, 2, 3]]]
    for missing in range(4):
        others = [corner for corner in range(4) if corner != missing]
        found.append(corners[others][:, there[others].all(axis=0) & ~there[missing]])
    return np.concatenate(found, axis=1)


def _thinned(shown: LaidOut, most: int) -> tuple[Floats, Floats]:
    """Return points and heights at about `most` places along each axis, if they are not so thin already."""
    rows, columns = (
        traces.thinned(count, min(most, kept) if kept < count else count)
        for count, kept in zip(
            shown.heights.shape, (shown.counts["rcount"], shown.counts["ccount"]), strict=True
        )
    )
    mesh = np.ix_(rows, columns)
    return shown.points[mesh], shown.heights[mesh]


def _coloured(spec: SpaceSpec, shown: LaidOut, heights: Floats, name: str = "surfacecolor") -> Trace:
    """Return the colours of heights and their scale, evenly spaced or as the levels are."""
    style = STYLES[spec.style]
    ticks = list(shown.marks.get("ticks", ()))
    texts = [traces.marked(shown.marks["format"](tick)) for tick in ticks]
    norm, cmap = shown.norm, style.colours(spec.cmap)
    low, high = float(norm.vmin), float(norm.vmax)
    look: Trace = {"colorscale": traces.scale_of(cmap), "showscale": spec.has_colorbar(style)}
    if ticks:
        ticks = [float(place) for place in np.ma.filled(norm(np.array(ticks)), np.nan)]
        heights = np.ma.filled(norm(np.ma.masked_invalid(heights)), np.nan)
        low, high = 0.0, 1.0
    bar = traces.bar(traces.function_name(spec), ticks, texts)
    return {**look, name: traces.numbers(heights), "cmin": low, "cmax": high, "colorbar": bar}


def _wires(spec: SpaceSpec, picture: Picture) -> Trace:
    """Return lines along rows and columns of the mesh, with a gap between each and the next."""
    shown = spec.laid_out(picture.samples, WIRES)
    lines = np.concatenate((shown.points, shown.heights[..., None]), axis=-1)
    rows, columns = (
        traces.thinned(count, shown.counts[name])
        for count, name in zip(shown.heights.shape, ("rcount", "ccount"), strict=True)
    )
    along = [
        traces.thinned(count, FACES) if not picture.samples.breaks else slice(None)
        for count in shown.heights.shape
    ]
    across = [lines[row][along[1]] for row in rows] + [lines[:, column][along[0]] for column in columns]
    gap = np.full((1, 3), np.nan)
    points = np.concatenate([part for line in across for part in (line, gap)])
    look = {"color": traces.css(STYLES[spec.style].ink), "width": 2}
    return {**_line(points, look), "hovertemplate": traces.hover(spec), "showlegend": False}


def _line(points: Floats, look: Trace) -> Trace:
    x, y, z = map(traces.numbers, points.T)
    return {"type": "scatter3d", "mode": "lines", "x": x, "y": y, "z": z, "line": look}


def _dots(spec: SpaceSpec, picture: Picture) -> Trace:
    """Return dots coloured by height."""
    samples = picture.samples
    shown = spec.laid_out(samples)
    heights = spec.inside(samples.heights, shown.ends, lid=False)
    rows, columns = (slice(None, None, -(-count // DOTS)) for count in heights.shape)
    heights, points = heights[rows, columns], samples.points[rows, columns]
    there = np.isfinite(heights)
    x, y = (part[there] for part in components(points))
    return {
        "type": "scatter3d",
        "mode": "markers",
        "x": traces.numbers(x),
        "y": traces.numbers(y),
        "z": traces.numbers(heights[there]),
        "marker": {"size": 2.5, **_coloured(spec, shown, heights[there], "color")},
        "hovertemplate": traces.hover(spec),
        "showlegend": False,
    }


def _level_lines(spec: SpaceSpec, picture: Picture) -> list[Trace]:
    """Return level lines, each at its height, and the scale of their colours."""
    samples, style = picture.samples, STYLES[spec.style]
    shown = spec.laid_out(samples)
    levels = spec.find_levels(samples, filled=False, ends=shown.ends)
    plane = Figure().add_subplot()  # of which the lines are taken, and put at their heights
    mesh = (shown.points, shown.heights)
    spec.draw_levels(plane, samples, levels, mesh, style, filled=False)
    found: list[Trace] = []
    for drawn in (part for part in plane.collections if isinstance(part, ContourSet)):
        for level, points, tint in traces.levels(drawn, _LINE_POINTS):
            line = np.column_stack((points, np.full(len(points), level)))
            hover = f"f = {level:.4g}<extra></extra>"
            found.append({**_line(line, {"color": tint, "width": 4}), "hovertemplate": hover})
        if len(levels) > 1 and spec.has_colorbar(style):
            found.append({"type": "scatter3d", "z": [None], **traces.scale_of_levels(spec, drawn)})
    return [{**trace, "showlegend": False} for trace in found]


def _plane(spec: SpaceSpec, picture: Picture) -> list[Trace]:
    """Return the tangent plane, if the spec has one, with its point."""
    at = getattr(spec, "tangent_at", None)
    if at is None:
        return []
    samples, color = picture.samples, traces.css(STYLES[spec.style].accents[0])
    low, high = spec.ends(samples)
    plane = tangent_plane(spec.gradient_of(samples.field), at, (*spec.shown(), (low, high)))
    x, y = components(plane.points)
    name = f"tangent plane at ({', '.join(f'{part:.4g}' for part in at)}), "
    name += f"slopes {', '.join(f'{slope:.4g}' for slope in plane.slopes)}"
    sheet = {
        "type": "surface",
        "x": traces.numbers(x),
        "y": traces.numbers(y),
        "z": traces.numbers(plane.heights),
        "colorscale": [[0, color], [1, color]],
        "showscale": False,
        "opacity": 0.6,
        "hoverinfo": "skip",
        "contours": {letter: {"highlight": False} for letter in "xyz"},
        "legendgroup": "plane",
        "showlegend": False,
    }
    point = {
        "type": "scatter3d",
        "mode": "markers",
        "name": name,
        "legendgroup": "plane",
        "showlegend": True,
        "x": [at[0]],
        "y": [at[1]],
        "z": [plane.height + _MARK_LIFT * (high - low)],
        "customdata": [plane.height],
        "marker": {"color": color, "size": 9, "line": {"color": "white", "width": 1}},
        "hovertemplate": traces.hover(spec, height="customdata"),
    }
    return [sheet, point]


def _paths(spec: SpaceSpec, picture: Picture, view: tuple[float, float]) -> list[Trace]:
    """Return the paths on the surface: lines that follow it, dots at the steps, a square and a diamond."""
    samples, low, high = picture.samples, *view
    lift = _LIFT * (high - low)
    ends = np.array([spec.interval(name)[:2] for name in spec.reading.variables]).T
    ground = traces.css(rcParams["axes.facecolor"])
    kept = list(ways.paths(spec, samples.paths, _PATH_POINTS))
    along = max(1, min(_ALONG, _PLACES // max(sum(len(keep) for *_, keep in kept), 1)))
    fractions = np.arange(along)[:, None] / along
    found: list[Trace] = []
    for path, look, keep in kept:
        points, color = path.points[keep], traces.css(look.color)
        between = points[:-1, None, :] + fractions * np.diff(points, axis=0)[:, None, :]
        places = np.concatenate((between.reshape(-1, 2), points[-1:]))
        heights = samples.field(places)
        outside = ((places < ends[0]) | (places > ends[1])).any(axis=-1)
        outside |= ~((heights >= low) & (heights <= high))
        line = np.where(outside[:, None], np.nan, np.column_stack((places, heights)))
        name = {"legendgroup": traces.words(look.label), "showlegend": False}
        for side in (lift, -lift):  # so that it is seen from above and from below
            lifted = line + np.array([0, 0, side])
            look_of_line = {**ways.line_of(look), "width": 4}
            found.append({**_line(lifted, look_of_line), **name, "hoverinfo": "skip"})
        dots = line[::along] + np.array([0, 0, lift])
        first, last = np.array([0]), np.array([len(path.points) - 1])
        start = {"symbol": "square", "color": ground, "size": _START, "line": {"color": color, "width": 2}}
        end = {"symbol": "diamond", "color": color, "size": _END, "line": {"color": ground, "width": 1}}
        ends_of = dots[[0, -1]] + np.array([0, 0, lift])  # above the lines
        marks = [(keep, dots, {"color": color, "size": _DOT}), (first, ends_of[:1], start)]
        marks += [(last, ends_of[1:], end)] if path.diverged is None else []
        for chosen, where, mark in marks:
            told = ways.about(spec, path, look, chosen)
            found.append({**_line(where, {}), **told, "mode": "markers", "marker": mark})
    nowhere = {"type": "scatter3d", "x": [None], "y": [None], "z": [None]}
    entries = ways.entries(spec, samples.paths, line=True)
    return found + [{**nowhere, **entry} for entry in entries]
