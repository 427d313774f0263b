"""Marks of a scene as calls of Matplotlib: one function a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradviz.arrays import Floats
from gradviz.output.script.colours import levelled, literal, scaled
from gradviz.output.script.meshes import leave_out
from gradviz.output.script.samples import Mesh, Samples
from gradviz.output.script.sheet import (
    Sheet,
    assigned,
    columns,
    numbers,
    pair,
    refusal,
    rounded,
    text,
)
from gradviz.scene import marks
from gradviz.scene.marks import Mark
from gradviz.scene.scales import ColourScale
from gradviz.scene.scene import Panel
from gradviz.scene.text import Text

Looks = dict[str, str | None]

_HIDDEN_DASHES = "(0, (3, 2))"
_HALO_BELOW = 0.1  # z-order from a line to its halo


@dataclass
class Writing:
    """A panel of a script while its marks are written."""

    sheet: Sheet
    samples: Samples
    panel: Panel
    target: str = "ax"
    """Name of the axes."""
    drawn: str = ""
    """Start of the call of the mark that a colour bar explains, such as "drawn = "; empty for others."""

    @property
    def is_box(self) -> bool:
        """Whether the panel has three dimensions."""
        return self.panel.z is not None

    def call(self, name: str, *arguments: str, **named: str | None) -> None:
        """Write a call of a method of the axes."""
        self.sheet.call(f"{self.drawn}{self.target}.{name}", *arguments, **named)


def write(writing: Writing, mark: Mark, *, has_bar: bool) -> None:
    """Write a mark; `has_bar` names the result for a colour bar. Raises RequestError if no script can draw it."""
    _WRITE[type(mark)](replace(writing, drawn="drawn = " if has_bar else ""), mark)


def look_of_line(mark: marks.Lines) -> Looks:
    """Return the keyword arguments of a line."""
    dash = _HIDDEN_DASHES if mark.dash == "hidden" else text(mark.dash)
    look: Looks = {
        "color": literal(mark.colour),
        "linestyle": None if mark.dash == "-" else dash,
        "linewidth": rounded(mark.width, 4),
        "alpha": None if mark.opacity == 1 else rounded(mark.opacity),
    }
    return {**look, "marker": '"o"', "markersize": rounded(mark.markers, 4)} if mark.markers else look


def look_of_markers(sheet: Sheet, mark: marks.Markers) -> Looks:
    """Return the keyword arguments of symbols."""
    look: Looks = {
        "linestyle": '"none"',
        "marker": text(mark.shape),
        "color": literal(mark.colour),
        "markersize": rounded(mark.size, 4),
    }
    if mark.edge is not None:
        look["markeredgecolor"] = literal(mark.edge)
        look["markeredgewidth"] = None if mark.edge_width == 1 else rounded(mark.edge_width, 4)
    if not mark.filled:
        look["markerfacecolor"] = '"none"'
    if mark.halo is not None:
        sheet.imports.add("from matplotlib.patheffects import withStroke")
        stroke = f"linewidth={rounded(mark.halo[1], 4)}, foreground={literal(mark.halo[0])}"
        look["path_effects"] = f"[withStroke({stroke})]"
    return look if mark.opacity == 1 else {**look, "alpha": rounded(mark.opacity)}


def label_arguments(label: Text) -> Looks:
    """Return the keyword arguments of a text without mathtext."""
    return {"parse_math": "False"} if not label.math and "$" in label.text else {}


def _lines(writing: Writing, mark: marks.Lines) -> None:
    points = columns(mark.points, f"points of a line{f' ({mark.name})' if mark.name else ''}")
    writing.call("plot", *points, **look_of_line(mark), zorder=rounded(mark.zorder))


def _rule(writing: Writing, mark: marks.Rule) -> None:
    line = "axvline" if mark.axis == "x" else "axhline"
    look = {"color": literal(mark.colour), "linestyle": text(mark.dash), "linewidth": rounded(mark.width)}
    writing.call(line, rounded(mark.at, 12), **look, zorder=rounded(mark.zorder))


def _markers(writing: Writing, mark: marks.Markers) -> None:
    if not len(mark.points):
        return
    look = look_of_markers(writing.sheet, mark)
    look |= {} if mark.clipped else {"clip_on": "False", "in_layout": "False"}
    points = columns(mark.points, mark.name or "markers")
    writing.call("plot", *points, **look, zorder=rounded(mark.zorder))


def _follower(writing: Writing, mark: marks.Follower) -> None:
    opacity = float(mark.opacities[-1])
    _markers(writing, replace(mark.marker, points=mark.points[-1:], opacity=opacity))


def _scatter(writing: Writing, mark: marks.Scatter) -> None:
    if mark.scale is not None:
        _dots(writing, mark, mark.scale)
        return
    look: Looks = {"s": rounded(mark.size**2)}
    arrows = next((one for one in writing.panel.marks if isinstance(one, marks.Arrows)), None)
    if mark.name == "unreliable" and arrows is not None and arrows.uphill is not None:
        one = writing.samples.mesh(arrows.points)
        vectors = writing.samples.vectors(one, _unreliable(writing, arrows))
        where = f"np.isnan({vectors}[..., 0]) & np.isfinite({writing.samples.evaluation}({one.name}))"
        writing.sheet.add(f"unreliable = {where}")
        points = [f"*{one.name}[unreliable].T"]
    else:
        points = columns(mark.points, "points")
    colour = literal(str(mark.colour))
    if mark.filled:
        look["color"] = colour
    else:
        look |= {"facecolors": '"none"', "edgecolors": colour, "linewidths": rounded(mark.edge_width)}
    look["zorder"] = None if writing.is_box else rounded(mark.zorder)
    writing.call("scatter", *points, **look)


def _arrows(writing: Writing, mark: marks.Arrows) -> None:
    if mark.uphill is None:
        _listed_arrows(writing, mark)
        return
    sheet, samples = writing.sheet, writing.samples
    one = samples.mesh(mark.points)
    vectors = samples.vectors(one, _unreliable(writing, mark))
    u = _lengths(writing, one, mark) if mark.lengths else f"{'' if mark.uphill else '-'}{vectors}"
    sheet.add(f"arrows = {u}  # {'uphill' if mark.uphill else 'downhill'}")
    look: Looks = {"angles": '"xy"', "pivot": '"mid"' if mark.centred else '"tail"'}
    places = [*one.names, "arrows[..., 0]", "arrows[..., 1]"]
    if mark.scale is None:
        look["color"] = literal(str(mark.colour))
    else:
        places.append(samples.sizes(one))
        look |= scaled(sheet, mark.scale)
    writing.call("quiver", *places, **look, **_shape(mark), zorder=rounded(mark.zorder))


def _unreliable(writing: Writing, mark: marks.Arrows) -> Any:
    """Return the points (n1, n0) of arrows at which the gradient is unreliable: a circle is there."""
    missing = np.zeros(mark.points.shape[:-1], np.bool_)
    for other in writing.panel.marks:
        if isinstance(other, marks.Scatter) and other.name == "unreliable":
            missing |= (mark.points[..., None, :] == other.points).all(axis=-1).any(axis=-1)
    return missing


def _lengths(writing: Writing, one: Mesh, mark: marks.Arrows) -> str:
    """Write the lengths of arrows by their rule, and return the source of the arrows."""
    sheet, rule = writing.sheet, mark.lengths
    assert rule is not None  # noqa: S101 - by the caller
    sizes, vectors = writing.samples.sizes(one), one.array("vectors")
    assert one.vectors is not None  # noqa: S101 - written before
    is_zero = np.isnan(mark.vectors).any(axis=-1) & (np.abs(one.vectors).max(axis=-1) > 0)
    sheet.add(f"{sizes}[{sizes} == 0] = np.nan  # a zero gradient has no direction")
    known = np.where(np.isnan(one.vectors).any(axis=-1), np.nan, 0.0)
    leave_out(sheet, sizes, is_zero, known, "points where the gradient is zero up to its error")
    if rule.kind == "log":
        low, high = (rounded(size, 12) for size in rule.magnitudes)
        share = rounded(rule.shortest)
        sheet.add(f"low, high = {low}, {high}  # magnitudes of the shortest and of the longest arrow")
        sheet.add(f"lengths = np.clip(1 + (1 - {share})*np.log({sizes}/high)/np.log(high/low), {share}, 1)")
    elif rule.kind == "true":
        sheet.add(f"lengths = np.fmin({sizes}/{rounded(rule.magnitudes[1], 12)}, 1)")
    factor = "" if rule.kind == "equal" else "lengths[..., None]*"
    start = f"{'' if mark.uphill else '-'}{rounded(rule.longest)}*{factor}{vectors}"
    if rule.units == (1.0, 1.0):
        return f"{start}/{sizes}[..., None]"
    sheet.add(f"units = np.array({numbers(rule.units, 6)})  # distances along x and y that look equal")
    sheet.add(f"looks = np.linalg.norm({vectors}/units, axis=-1)")
    sheet.add(f"looks[np.isnan({sizes})] = np.nan")
    return f"{start}/looks[..., None]"


def _shape(mark: marks.Arrows) -> Looks:
    look: Looks = {"scale": rounded(mark.length_unit, 12)} if mark.length_unit is not None else {}
    if mark.length_unit is None:
        look = {"scale_units": '"xy"', "scale": "1"}
    if mark.shape is not None:
        look |= {
            "units": '"xy"' if mark.shape.units == "data" else '"width"',
            "width": rounded(mark.shape.width),
            "headwidth": rounded(mark.shape.head_width),
            "headlength": rounded(mark.shape.head_length),
            "headaxislength": rounded(mark.shape.head_axis_length),
        }
    if mark.outline is not None:
        look |= {"edgecolor": literal(mark.outline), "linewidth": "0.35"}
    return look


def _listed_arrows(writing: Writing, mark: marks.Arrows) -> None:
    if mark.scale is not None:
        raise refusal("a script cannot draw coloured arrows without a gradient")
    points, vectors = mark.points.reshape(-1, 2), mark.vectors.reshape(-1, 2)
    places = [*columns(points, "arrows"), *columns(vectors, "arrows")]
    look: Looks = {"color": literal(str(mark.colour)), "angles": '"xy"', **_shape(mark)}
    writing.call("quiver", *places, **look, zorder=rounded(mark.zorder))


def _streamlines(writing: Writing, mark: marks.Streamlines) -> None:
    samples = writing.samples
    one = samples.mesh(mark.mesh)
    ends = np.isnan(mark.vectors).any(axis=-1)
    samples.vectors(one, np.isnan(_magnitudes(writing, mark, ends)))
    lines = f"{'' if mark.uphill else '-'}{samples.guided(one, ends)}"
    look: Looks = {
        "density": rounded(mark.density),
        "minlength": rounded(mark.shortest),
        "maxlength": None if mark.longest == 4 else rounded(mark.longest),
        "arrowsize": None if mark.head is None else rounded(mark.head, 4),
        "arrowstyle": '"-"' if mark.head is None else None,
    }
    if mark.through:
        places = f"[{', '.join(pair(point, 12) for point in mark.through)}]"
        look |= {"start_points": places, "broken_streamlines": "False"}
    if mark.scale is None:
        colour: Looks = {"color": literal(str(mark.colour))}
    else:
        colour = {"color": samples.sizes(one), **scaled(writing.sheet, mark.scale)}
    writing.sheet.add(f"u, v = np.moveaxis({lines}, -1, 0)  # {'uphill' if mark.uphill else 'downhill'}")
    places = [*one.names, "u", "v"]
    if mark.halo is not None:
        halo: Looks = {**look, "arrowstyle": '"-"', "arrowsize": None, "color": literal(mark.halo[0])}
        below = rounded(mark.zorder - _HALO_BELOW)
        replace(writing, drawn="").call(
            "streamplot", *places, **halo, linewidth=rounded(mark.halo[1], 4), zorder=below
        )
    writing.call(
        "streamplot", *places, **colour, **look, linewidth=rounded(mark.width, 4), zorder=rounded(mark.zorder)
    )


def _magnitudes(writing: Writing, mark: marks.Streamlines, ends: Any) -> Any:
    """Return the magnitudes (n1, n0) of the gradient of lines, or of an image over the same mesh."""
    if mark.values is not None:
        return mark.values
    for other in writing.panel.marks:
        if isinstance(other, marks.Image) and other.mesh is mark.mesh:
            return other.values
    return np.where(ends & False, np.nan, 0.0)


def _image(writing: Writing, mark: marks.Image) -> None:
    samples = writing.samples
    one = samples.mesh(mark.mesh)
    samples.vectors(one, np.isnan(mark.values))
    half = (mark.mesh[1, 1] - mark.mesh[0, 0]) / 2
    (left, bottom), (right, top) = mark.mesh[0, 0] - half, mark.mesh[-1, -1] + half
    look: Looks = {
        "extent": pair((left, right, bottom, top), 12),
        "origin": '"lower"',
        "aspect": f"{writing.target}.get_aspect()",
        "interpolation": '"bilinear"',
    }
    look |= scaled(writing.sheet, mark.scale)
    writing.call("imshow", samples.sizes(one), **look, zorder=rounded(mark.zorder))


def _contours(writing: Writing, mark: marks.Contours) -> None:
    sheet, samples = writing.sheet, writing.samples
    one = samples.mesh(mark.mesh)
    limits = (float(np.nanmin(mark.values)), float(np.nanmax(mark.values))) if writing.is_box else None
    values = samples.values(one, mark.values, limits=limits)
    levels = assigned("levels", map(rounded, mark.levels, [17] * len(mark.levels)))
    if levels[0] not in sheet.body:
        sheet.add(*levels)
    look = {"levels": "levels", **levelled(sheet, mark)}
    if not mark.filled:
        look["linewidths"] = None if mark.width is None else rounded(mark.width)
    look["alpha"] = None if mark.opacity is None else rounded(mark.opacity)
    look["zorder"] = None if mark.zorder is None else rounded(mark.zorder)
    if mark.labels is not None:
        writing = replace(writing, drawn=writing.drawn + "labelled = ")
    writing.call("contourf" if mark.filled else "contour", *one.axes, values, **look)


def _surface(writing: Writing, mark: marks.Surface) -> None:
    if mark.scale is None:
        _tangent_plane(writing, mark)
        return
    one, values = _boxed(writing, mark)
    look: Looks = {**scaled(writing.sheet, mark.scale), "linewidth": "0", "antialiased": "False"}
    writing.call("plot_surface", *one.meshes, values, **_counts(mark), **look)


def _boxed(writing: Writing, mark: marks.Surface | marks.Wireframe) -> tuple[Mesh, str]:
    """Return the mesh of a mark in a box, and the source of the values that the box shows."""
    one = writing.samples.mesh(mark.mesh)
    limits = float(np.nanmin(mark.values)), float(np.nanmax(mark.values))
    return one, writing.samples.values(one, mark.values, limits=limits)


def _counts(mark: marks.Surface | marks.Wireframe) -> Looks:
    return {"rcount": str(mark.counts[0]), "ccount": str(mark.counts[1])}


def _tangent_plane(writing: Writing, mark: marks.Surface) -> None:
    """Write the plane through the point of its marker."""
    sheet, samples = writing.sheet, writing.samples
    markers = (one for one in writing.panel.marks if isinstance(one, marks.Markers))
    at = next((one.points[0, :2] for one in markers if one.name == "tangent plane"), None)
    if at is None or mark.opacities is None:
        raise refusal("a script cannot draw a surface without a scale of colours")
    one = samples.mesh(mark.mesh)
    sheet.imports.add("from matplotlib.colors import to_rgba")
    sheet.add(
        "# The tangent plane at a point: f(a) + gradient(a).(x - a), faint behind the surface.",
        f"at = np.array({numbers(at)})",
        f"plane = f(at) + ({one.name} - at) @ gradient(at)",
    )
    if np.isnan(mark.values).any():
        low, high = (rounded(end, 12) for end in (np.nanmin(mark.values), np.nanmax(mark.values)))
        sheet.add(f"plane[(plane < {low}) | (plane > {high})] = np.nan")
    front, behind = float(mark.opacities.max()), float(mark.opacities.min())
    camera = writing.panel.camera
    side = ">=" if camera is None or camera.elevation >= 0 else "<="
    sheet.add(
        "faces = np.empty((*plane.shape, 4))",
        f"faces[...] = to_rgba({literal(str(mark.colour))})",
        f"faces[..., 3] = np.where(plane {side} f({one.name}), {rounded(front)}, {rounded(behind)})",
        f"{writing.target}.computed_zorder = False  # Matplotlib orders surfaces by their middle",
    )
    look: Looks = {"facecolors": "faces", "shade": "False", "linewidth": "0", "zorder": rounded(mark.zorder)}
    writing.call("plot_surface", *one.meshes, "plane", **_counts(mark), **look)


def _wireframe(writing: Writing, mark: marks.Wireframe) -> None:
    one, values = _boxed(writing, mark)
    look = {"color": literal(mark.colour), "linewidth": rounded(mark.width)}
    writing.call("plot_wireframe", *one.meshes, values, **look, **_counts(mark))


def _dots(writing: Writing, mark: marks.Scatter, scale: ColourScale) -> None:
    """Write dots at every k-th point of the mesh, coloured by their values."""
    sheet, samples = writing.sheet, writing.samples
    one = samples.own_mesh()
    values = samples.values(one, samples.field(one.points))
    steps = [_every(one.along[axis].values, mark.points[:, axis]) for axis in (1, 0)]
    low, high = (rounded(end, 12) for end in (mark.points[:, 2].min(), mark.points[:, 2].max()))
    part = ", ".join(f"::{step}" for step in steps)
    sheet.add(
        f"some, z = points[{part}], {values}[{part}]  # more dots cannot be told apart",
        f"known = (z >= {low}) & (z <= {high})",
    )
    look: Looks = {"c": "z[known]", **scaled(sheet, scale), "s": rounded(mark.size**2), "depthshade": "False"}
    writing.call("scatter", "*some[known].T", "z[known]", **look)


def _every(along: Floats, shown: Floats) -> int:
    """Return the step from one coordinate (n,) to the next that is among those shown."""
    places = np.unique(np.round(np.interp(shown, along, np.arange(len(along)))).astype(int))
    return int(np.gcd.reduce(np.diff(places))) if len(places) > 1 else 1


def _area(writing: Writing, mark: marks.Area) -> None:
    del writing, mark
    raise refusal("a script cannot draw areas between curves")


def _label(writing: Writing, mark: marks.Label) -> None:
    axes = writing.target
    places = {
        ("data", "data"): f"{axes}.transData",
        ("panel", "panel"): f"{axes}.transAxes",
        ("data", "panel"): f"{axes}.get_xaxis_transform()",
        ("panel", "data"): f"{axes}.get_yaxis_transform()",
    }
    look: Looks = {"ha": text(mark.anchor[0]), "va": text(mark.anchor[1]), **label_arguments(mark.text)}
    look["rotation"] = rounded(mark.rotation) if mark.rotation else None
    look["color"] = None if mark.colour is None else literal(mark.colour)
    size = mark.text.size
    look["fontsize"] = None if size is None else text(size) if isinstance(size, str) else rounded(size)
    at = [rounded(x, 12) for x in mark.at]
    if writing.is_box:
        writing.call("text2D", *at, text(mark.text.text), transform=f"{axes}.transAxes", **look)
    elif mark.offset != (0.0, 0.0):
        place, offset = f"({', '.join(at)})", pair(mark.offset)
        writing.call("annotate", text(mark.text.text), place, offset, textcoords='"offset points"', **look)
    else:
        writing.call("text", *at, text(mark.text.text), transform=places[mark.units], **look)


_WRITE: Mapping[type, Callable[[Writing, Any], None]] = {
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
