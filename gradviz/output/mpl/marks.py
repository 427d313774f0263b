"""Marks of a scene as artists of Matplotlib: one function a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import FuncNorm, LogNorm, Normalize, to_rgba
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke

from gradviz.arrays import Floats, components
from gradviz.output.mpl.colours import matplotlib_map
from gradviz.output.mpl.facets import StraightPath, add_facets
from gradviz.output.mpl.types import Artist, Axes, Keywords
from gradviz.scene import marks
from gradviz.scene.marks import Mark
from gradviz.scene.scales import ColourScale
from gradviz.scene.text import Text

OUTLINE_WIDTH = 3.0  # points, around letters
OUTLINED_ZORDER = 200.0  # above paths
_HEAD_SCALE = 10  # points: unit of the size of arrowheads in Matplotlib's streamlines
BAND_EDGE = 0.3  # points: width of the edges of filled contours, in their own colours
HIDDEN_DASHES = (0, (3, 2))  # on and off, in line widths


def draw(axes: Axes, mark: Mark) -> Artist:
    """Draw a mark on axes, and return the artist that has its colours."""
    return _DRAW[type(mark)](axes, mark)


def norm_of(scale: ColourScale) -> Normalize:
    """Return the norm of a colour scale."""
    if scale.norm == "log":
        return LogNorm(scale.vmin, scale.vmax, clip=True)  # 0 has the lowest colour
    if not scale.boundaries:
        return Normalize(scale.vmin, scale.vmax)
    places = np.array(scale.boundaries, dtype=np.float64)
    numbers = np.arange(len(places), dtype=np.float64)
    both = partial(np.interp, xp=places, fp=numbers), partial(np.interp, xp=numbers, fp=places)
    return FuncNorm(both, vmin=scale.vmin, vmax=scale.vmax)


def _scaled(scale: ColourScale) -> Keywords:
    """Return the keyword arguments of colours by value."""
    return {"cmap": matplotlib_map(scale.colours), "norm": norm_of(scale)}


def style_of_line(mark: marks.Lines) -> Keywords:
    """Return the keyword arguments of a line."""
    dash: Any = HIDDEN_DASHES if mark.dash == "hidden" else mark.dash
    found = {"color": mark.colour, "linestyle": dash, "linewidth": mark.width}
    if mark.opacity != 1:
        found["alpha"] = mark.opacity
    return {**found, "marker": "o", "markersize": mark.markers} if mark.markers else found


def style_of_markers(mark: marks.Markers) -> Keywords:
    """Return the keyword arguments of symbols."""
    found: Keywords = {"linestyle": "none", "marker": mark.shape, "color": mark.colour}
    found["markersize"] = mark.size
    if mark.edge is not None:
        found |= {"markeredgecolor": mark.edge, "markeredgewidth": mark.edge_width}
    if not mark.filled:
        found["markerfacecolor"] = "none"
    if mark.halo is not None:
        found["path_effects"] = [withStroke(linewidth=mark.halo[1], foreground=mark.halo[0])]
    return {**found, "alpha": mark.opacity} if mark.opacity != 1 else found


def _lines(axes: Axes, mark: marks.Lines) -> Artist:
    (drawn,) = axes.plot(*mark.points.T, zorder=mark.zorder, label=f"_{mark.name}", **style_of_line(mark))
    return drawn


def _rule(axes: Axes, mark: marks.Rule) -> Artist:
    line = axes.axvline if mark.axis == "x" else axes.axhline
    return line(mark.at, color=mark.colour, linestyle=mark.dash, linewidth=mark.width, zorder=mark.zorder)


def _markers(axes: Axes, mark: marks.Markers) -> Artist:
    look = style_of_markers(mark)
    (drawn,) = axes.plot(
        *mark.points.T, zorder=mark.zorder, clip_on=mark.clipped, label=f"_{mark.name}", **look
    )
    drawn.set_in_layout(mark.clipped or mark.in_layout)
    return drawn


def _follower(axes: Axes, mark: marks.Follower) -> Artist:
    drawn = _markers(axes, mark.marker)
    drawn.set_alpha(mark.opacities[-1])
    return drawn


def _scatter(axes: Axes, mark: marks.Scatter) -> Artist:
    look: Keywords = {"s": mark.size**2, "zorder": mark.zorder}
    if mark.scale is not None:
        look |= {"c": mark.values, **_scaled(mark.scale)}
    elif mark.filled:
        look["color"] = mark.colour
    else:
        look |= {"facecolors": "none", "edgecolors": mark.colour, "linewidths": mark.edge_width}
    if axes.name == "3d":
        look["depthshade"] = False
        del look["zorder"]  # Matplotlib orders what stands in a box by depth
    return axes.scatter(*mark.points.T, **look)


def width_of_arrows(shape: marks.ArrowShape) -> Keywords:
    """Return the keyword arguments of the width of arrows."""
    if shape.units == "points":
        return {"units": "inches", "width": shape.width / 72}
    return {"units": "xy" if shape.units == "data" else "width", "width": shape.width}


def _arrows(axes: Axes, mark: marks.Arrows) -> Artist:
    look: Keywords = {"angles": "xy", "pivot": "mid" if mark.centred else "tail", "zorder": mark.zorder}
    look |= {"scale_units": "xy", "scale": 1.0} if mark.length_unit is None else {"scale": mark.length_unit}
    if mark.shape is not None:
        look |= {
            **width_of_arrows(mark.shape),
            "headwidth": mark.shape.head_width,
            "headlength": mark.shape.head_length,
            "headaxislength": mark.shape.head_axis_length,
        }
    if mark.outline is not None:
        look |= {"edgecolor": mark.outline, "linewidth": 0.35}
    arguments = [*components(mark.points), *map(np.ma.masked_invalid, components(mark.vectors))]
    if mark.scale is None or mark.values is None:
        look["color"] = mark.colour
    else:
        arguments.append(np.ma.masked_invalid(mark.values))
        look |= _scaled(mark.scale)
    return axes.quiver(*arguments, label=f"_{mark.name}", **look)


def _streamlines(axes: Axes, mark: marks.Streamlines) -> Artist:
    look: Keywords = {"linewidths": mark.width, "zorder": mark.zorder}
    if mark.scale is None:
        lines = LineCollection(mark.lines, colors=mark.colour, **look)
    else:
        lines = LineCollection((), **look, **_scaled(mark.scale))
        _set_pieces(lines, mark)
    axes.add_collection(lines, autolim=False)
    if mark.halo is not None:
        _add_halo(axes, mark.lines, mark.zorder, *mark.halo)
    if mark.heads is not None and mark.head is not None:
        sizes = mark.head_sizes if mark.scale is not None else None
        colours = [mark.colour] * len(mark.heads) if sizes is None else lines.to_rgba(sizes)
        for (tail, tip), colour in zip(mark.heads, colours, strict=True):
            axes.add_artist(FancyArrowPatch(  # `add_patch` would look for limits of the data
                tail, tip, arrowstyle="-|>", mutation_scale=_HEAD_SCALE * mark.head, color=colour,
                linewidth=mark.width, zorder=mark.zorder, shrinkA=0, shrinkB=0,
            ))  # fmt: skip
    if mark.if_none and not mark.lines:
        _label(axes, marks.Label(Text(mark.if_none), (0.5, 0.5)))
    return lines


def _set_pieces(lines: Artist, mark: marks.Streamlines) -> None:
    """Set lines coloured by value, each in pieces along which the colour is the same."""
    means = np.ma.masked_invalid(
        np.concatenate([np.empty(0), *((sizes[:-1] + sizes[1:]) / 2 for sizes in mark.sizes)])
    )
    starts = np.append(True, (np.diff(lines.to_rgba(means), axis=0) != 0).any(axis=1))[: len(means)]
    offsets = np.cumsum([0, *(len(line) - 1 for line in mark.lines)])
    starts[offsets[:-1]] = True
    pieces = []
    for line, first, last in zip(mark.lines, offsets, offsets[1:], strict=False):
        places = [*np.flatnonzero(starts[first:last]).tolist(), last - first]
        pieces += [line[start : end + 1] for start, end in pairwise(places)]
    lines._paths = list(map(StraightPath, pieces))  # noqa: SLF001 - `set_segments` builds slow ones
    lines.set_array(means[starts])


def _add_halo(axes: Axes, lines: Sequence[Floats], zorder: float, colour: str, width: float) -> None:
    """Draw wider lines right below lines of one colour, so that they are readable on any ground."""
    look: Keywords = {"colors": [colour], "linewidths": width, "zorder": zorder - 0.1}
    axes.add_collection(LineCollection(lines, **look), autolim=False)


def _contours(axes: Axes, mark: marks.Contours) -> Artist:
    bands = mark.bands
    look: Keywords = {}
    if mark.filled or bands.extend != "neither":
        look["extend"] = bands.extend
    if bands.colours:
        look["colors"] = list(bands.colours)
    elif bands.map is not None:
        look["cmap"] = matplotlib_map(bands.map)
    if not mark.filled and mark.width is not None:
        look["linewidths"] = mark.width
        if len(bands.colours) == 1:
            look["linestyles"] = "solid"  # else Matplotlib dashes lines of one colour below 0
    if mark.zorder is not None:
        look["zorder"] = mark.zorder
    if mark.height is not None:
        look |= {"zdir": "z", "offset": mark.height}
    call = axes.contourf if mark.filled else axes.contour
    drawn = call(*components(mark.mesh), mark.values, levels=list(mark.levels), alpha=mark.opacity, **look)
    if mark.filled and axes.name != "3d":  # else viewers of PDF show the page between bands
        drawn.set(edgecolor="face", linewidth=BAND_EDGE)
    return drawn


def _image(axes: Axes, mark: marks.Image) -> Artist:
    low, high = mark.mesh[0, 0], mark.mesh[-1, -1]
    half = (mark.mesh[1, 1] - low) / 2
    (left, bottom), (right, top) = low - half, high + half
    return axes.imshow(
        np.ma.masked_invalid(mark.values),
        extent=(left, right, bottom, top),
        origin="lower",
        aspect=axes.get_aspect(),
        interpolation="bilinear",
        zorder=mark.zorder,
        **_scaled(mark.scale),
    )


def _surface(axes: Axes, mark: marks.Surface) -> Artist:
    if mark.facets is not None and mark.scale is not None:
        axes.computed_zorder = False  # else Matplotlib orders what is on the floor by its middle
        return add_facets(axes, mark.facets, {**_scaled(mark.scale), "zorder": mark.zorder})
    look: Keywords = {"rcount": mark.counts[0], "ccount": mark.counts[1], "linewidth": 0}
    if mark.scale is not None:
        look |= {"antialiased": False, **_scaled(mark.scale)}
    else:
        faces = np.empty((*mark.values.shape, 4))
        faces[...] = to_rgba(mark.colour or "none")
        faces[..., 3] = mark.opacities
        axes.computed_zorder = False  # else Matplotlib orders whole surfaces by their middle
        look |= {"facecolors": faces, "shade": False, "zorder": mark.zorder}
    return axes.plot_surface(*components(mark.mesh), mark.values, **look)


def _wireframe(axes: Axes, mark: marks.Wireframe) -> Artist:
    rows, columns = mark.counts
    look = {"color": mark.colour, "linewidth": mark.width, "rcount": rows, "ccount": columns}
    return axes.plot_wireframe(*components(mark.mesh), mark.values, **look)


def _area(axes: Axes, mark: marks.Area) -> Artist:
    return axes.fill_between(mark.x, mark.low, mark.high, color=mark.colour, alpha=mark.opacity, linewidth=0)


def _label(axes: Axes, mark: marks.Label) -> Artist:
    places = {
        ("data", "data"): axes.transData,
        ("panel", "panel"): axes.transAxes,
        ("data", "panel"): axes.get_xaxis_transform(),
        ("panel", "data"): axes.get_yaxis_transform(),
        ("figure", "figure"): axes.figure.transFigure,
    }
    write = axes.text2D if axes.name == "3d" else axes.text
    look: Keywords = {
        "ha": mark.anchor[0], "va": mark.anchor[1], "parse_math": mark.text.math, "color": mark.colour,
        "fontsize": mark.text.size, "rotation": mark.rotation, "in_layout": mark.in_layout,
    }  # fmt: skip
    if mark.outline is not None:
        outline = withStroke(linewidth=OUTLINE_WIDTH, foreground=mark.outline)
        look |= {"path_effects": [outline], "zorder": OUTLINED_ZORDER}
    if len(mark.at) > 2:
        del look["rotation"]
        return axes.text(*mark.at, f"  {mark.text.text}", **look)  # beside its point
    place = places[mark.units]
    if mark.offset != (0.0, 0.0):
        return axes.annotate(
            mark.text.text, mark.at, mark.offset, xycoords=place, textcoords="offset points", **look
        )
    return write(*mark.at, mark.text.text, transform=place, **look)


_DRAW: Mapping[type, Callable[[Axes, Any], Artist]] = {
    marks.Lines: _lines,
    marks.Rule: _rule,
    marks.Markers: _markers,
    marks.Follower: _follower,
    marks.Scatter: _scatter,
    marks.Arrows: _arrows,
    marks.Streamlines: _streamlines,
    marks.Contours: _contours,
    marks.Image: _image,
    marks.Surface: _surface,
    marks.Wireframe: _wireframe,
    marks.Area: _area,
    marks.Label: _label,
}
