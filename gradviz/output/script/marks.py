"""Marks of a scene as calls of Matplotlib: one function a mark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradviz.arrays import Floats
from gradviz.output.mpl.colours import channels
from gradviz.output.mpl.marks import (
    BAND_EDGE,
    OUTLINE_WIDTH,
    OUTLINED_ZORDER,
    style_of_line,
    style_of_markers,
    width_of_arrows,
)
from gradviz.output.script.samples import Mesh, Samples, leave_out, source_of
from gradviz.output.script.sheet import MAX_LISTED, Sheet, refusal, too_many
from gradviz.printing.python_source import Code, assigned, exact, literal, rounded, text
from gradviz.scene import marks
from gradviz.scene.marks import Mark
from gradviz.scene.scales import ColourMap, ColourScale, Rgb
from gradviz.scene.scene import Panel
from gradviz.scene.text import Text

Looks = dict[str, Any]  # Any: keyword arguments of several types

_HALO_BELOW = 0.1  # z-order from a line to its halo
_LISTED = 33  # colours listed of a changed map, which is interpolated between them
_WAYS = {True: ("", "uphill"), False: ("-", "downhill")}  # the sign of the gradient
_PLAIN = ("linestyle", "-"), ("zorder", 2.0), ("maxlength", marks.Streamlines.longest)


@dataclass
class Writing:
    """A panel of a script while its marks are written."""

    sheet: Sheet
    samples: Samples
    panel: Panel
    drawn: str = ""
    """Start of the call of the mark that a colour bar explains, "drawn = "; empty for other marks."""

    def call(self, name: str, *arguments: object, **named: object) -> None:
        """Write a call of a method of the axes, without arguments that are Matplotlib's defaults."""
        named = {key: value for key, value in named.items() if (key, value) not in _PLAIN}
        self.sheet.call(f"{self.drawn}ax.{name}", *arguments, **named)


def write(writing: Writing, mark: Mark, *, has_bar: bool = False) -> None:
    """Write a mark, with a name for a colour bar. Raises RequestError if no script can draw it."""
    if type(mark) not in _WRITE:
        raise refusal(f"a script cannot draw {type(mark).__name__}")
    _WRITE[type(mark)](replace(writing, drawn="drawn = " if has_bar else ""), mark)


def stroke(sheet: Sheet, colour: str, width: float) -> Code:
    """Return the path effects of an outline."""
    name = sheet.uses("matplotlib.patheffects", "withStroke")
    return Code(f"[{name}(linewidth={rounded(width)}, foreground={literal(colour)})]")


def label_arguments(label: Text) -> Looks:
    """Return the keyword arguments of a text without mathtext."""
    return {"parse_math": False} if not label.math and "$" in label.text else {}


def _listed(points: Floats, what: str) -> list[object]:
    """Return the coordinates of points (N, 2 or 3) as lists. Raises RequestError for many of them."""
    if len(points) > MAX_LISTED:
        raise too_many(f"{len(points):,} {what}")
    return [part.tolist() for part in points.T]


def _rule(writing: Writing, mark: marks.Rule) -> None:
    look = {"color": mark.colour, "linestyle": mark.dash, "linewidth": mark.width, "zorder": mark.zorder}
    writing.call("axvline" if mark.axis == "x" else "axhline", exact(mark.at), **look)


def _markers(writing: Writing, mark: marks.Markers) -> None:
    look = style_of_markers(replace(mark, halo=None))
    look["markeredgewidth"] = None if mark.edge_width == 1 else look.get("markeredgewidth")
    if mark.halo is not None:
        look["path_effects"] = stroke(writing.sheet, *mark.halo)
    look |= {} if mark.clipped else {"clip_on": False, "in_layout": mark.in_layout}
    writing.call("plot", *_listed(mark.points, mark.name or "markers"), **look, zorder=mark.zorder)


def _label(writing: Writing, mark: marks.Label) -> None:
    look = {"ha": mark.anchor[0], "va": mark.anchor[1], **label_arguments(mark.text)}
    if mark.units == ("data", "data") and len(mark.at) > 2:
        writing.call("text", *mark.at, f"  {mark.text.text}", color=mark.colour, **look)
        return
    if mark.units == ("data", "data"):
        look |= {"fontsize": mark.text.size, "color": mark.colour, "textcoords": "offset points"}
        if mark.outline is not None:
            outline = stroke(writing.sheet, mark.outline, OUTLINE_WIDTH)
            look |= {"path_effects": outline, "zorder": OUTLINED_ZORDER}
        writing.call("annotate", mark.text.text, tuple(map(exact, mark.at)), mark.offset, **look)
        return
    name = "text" if writing.panel.z is None else "text2D"
    writing.call(name, *mark.at, mark.text.text, transform=Code("ax.transAxes"), **look)


def _lines(writing: Writing, mark: marks.Lines) -> None:
    """Write a short line through listed points, such as an arrow in a box."""
    if np.isnan(mark.points).any():
        raise refusal("a script cannot draw a line with gaps")
    look = {**style_of_line(mark), "zorder": mark.zorder}
    writing.call("plot", *_listed(mark.points, mark.name or "points of a line"), **look)


def _scatter(writing: Writing, mark: marks.Scatter) -> None:
    """Write dots coloured by their values, or circles where the gradient is unreliable."""
    if mark.scale is not None:
        _dots(writing, mark, mark.scale)
        return
    one, vectors = _trusted(writing)
    known = f"np.isfinite({writing.samples.evaluation}({one.name}))"
    writing.sheet.add(f"unreliable = np.isnan({vectors}[..., 0]) & {known}")
    look = {"facecolors": "none", "edgecolors": mark.colour, "linewidths": mark.edge_width}
    points = Code(f"*{one.name}[unreliable].T")
    writing.call("scatter", points, s=mark.size**2, **look, zorder=mark.zorder)


def _dots(writing: Writing, mark: marks.Scatter, scale: ColourScale) -> None:
    """Write dots at every k-th point of the mesh, coloured by their values."""
    sheet, samples = writing.sheet, writing.samples
    one = samples.own_mesh()
    values = samples.values(one, samples.field(one.points), in_box=False)
    part = ", ".join(f"::{_every(one.along[i].values, mark.points[:, i])}" for i in (1, 0))
    low, high = (exact(end) for end in (mark.points[:, 2].min(), mark.points[:, 2].max()))
    sheet.add(f"some, z = points[{part}], {values}[{part}]  # more dots cannot be told apart")
    sheet.add(f"known = (z >= {low}) & (z <= {high})")
    look = {"c": Code("z[known]"), **_scaled(sheet, scale), "s": mark.size**2, "depthshade": False}
    writing.call("scatter", Code("*some[known].T"), Code("z[known]"), **look)


def _every(along: Floats, shown: Floats) -> int:
    """Return the step from one coordinate (n,) to the next that is among those shown."""
    return int(np.gcd.reduce(np.diff(np.flatnonzero(np.isin(along, shown))))) or 1


# Arrows and streamlines -----------------------------------------------------------------------------------


def _arrows(writing: Writing, mark: marks.Arrows) -> None:
    look: Looks = {"angles": "xy", "pivot": "mid" if mark.centred else None, "scale": mark.length_unit}
    if mark.length_unit is None:
        look |= {"scale_units": "xy", "scale": 1}
    if (shape := mark.shape) is not None:
        look |= {**width_of_arrows(shape), "headwidth": shape.head_width, "headlength": shape.head_length}
        look["headaxislength"] = shape.head_axis_length
    if mark.outline is not None:
        look |= {"edgecolor": mark.outline, "linewidth": 0.35}
    if mark.uphill is None:
        places = [part for one in (mark.points, mark.vectors) for part in _listed(one, "arrows")]
    else:
        one, arrows = _trusted(writing)
        if mark.lengths is not None:
            arrows = _lengthened(writing, one, mark, mark.lengths)
        sign, way = _WAYS[bool(mark.uphill)]
        writing.sheet.add(f"arrows = {sign}{arrows}  # {way}")
        places = [*map(Code, (*one.names, "arrows[..., 0]", "arrows[..., 1]"))]
    if mark.scale is None:
        look["color"] = mark.colour
    else:
        places.append(Code(writing.samples.sizes(one)))
        look |= _scaled(writing.sheet, mark.scale)
    writing.call("quiver", *places, **look, zorder=mark.zorder)


def _trusted(writing: Writing) -> tuple[Mesh, str]:
    """Return the mesh of the source and the gradient on it, NaN where a circle says that it is unreliable."""
    one = writing.samples.own_mesh()
    missing = np.zeros(one.points.shape[:-1], np.bool_)
    for mark in writing.panel.marks:
        if isinstance(mark, marks.Scatter):
            missing |= (one.points[..., None, :] == mark.points).all(axis=-1).any(axis=-1)
    return one, writing.samples.vectors(one, missing)


def _lengthened(writing: Writing, one: Mesh, mark: marks.Arrows, rule: marks.ArrowLengths) -> str:
    """Write the lengths of arrows by their rule, and return the source of the arrows."""
    sheet, sizes, vectors = writing.sheet, writing.samples.sizes(one), one.array("vectors")
    gradient = writing.samples.arrays[vectors]
    known = ~np.isnan(gradient).any(axis=-1)
    is_zero = np.isnan(mark.vectors).any(axis=-1) & known & (gradient != 0).any(axis=-1)
    sheet.add(f"{sizes}[{sizes} == 0] = np.nan  # a zero gradient has no direction")
    what = "points where the gradient is zero up to its error"
    leave_out(sheet, sizes, is_zero, np.where(known, 0.0, np.nan), what)
    if rule.kind == "log":
        (low, high), share = map(exact, rule.magnitudes), rounded(rule.shortest)
        sheet.add(f"low, high = {low}, {high}  # magnitudes of the shortest and of the longest arrow")
        sheet.add(f"lengths = np.clip(1 + (1 - {share})*np.log({sizes}/high)/np.log(high/low), {share}, 1)")
    elif rule.kind == "true":
        sheet.add(f"lengths = np.fmin({sizes}/{exact(rule.magnitudes[1])}, 1)")
    start = f"{rounded(rule.longest)}*{'' if rule.kind == 'equal' else 'lengths[..., None]*'}{vectors}"
    if rule.units == (1.0, 1.0):
        return f"{start}/{sizes}[..., None]"
    sheet.add(f"units = np.array({literal([*rule.units])})  # distances along x and y that look equal")
    sheet.add(f"looks = np.where(np.isnan({sizes}), np.nan, np.linalg.norm({vectors}/units, axis=-1))")
    return f"{start}/looks[..., None]"


def _streamlines(writing: Writing, mark: marks.Streamlines) -> None:
    samples, ends = writing.samples, np.isnan(mark.vectors[..., 0])
    one = samples.mesh(mark.mesh)
    samples.vectors(one, ends & False if mark.values is None else np.isnan(mark.values))
    sign, way = _WAYS[bool(mark.uphill)]
    writing.sheet.add(f"u, v = np.moveaxis({sign}{samples.guided(one, ends)}, -1, 0)  # {way}")
    look: Looks = {"density": mark.density, "minlength": mark.shortest, "maxlength": mark.longest}
    if mark.through:
        look |= {"start_points": [*mark.through], "broken_streamlines": False}
    head: Looks = {"arrowsize": mark.head} if mark.head is not None else {"arrowstyle": "-"}
    colour: Looks = {"color": mark.colour}
    if mark.scale is not None:
        colour = {"color": Code(samples.sizes(one)), **_scaled(writing.sheet, mark.scale)}
    places = [*map(Code, (*one.names, "u", "v"))]
    if mark.halo is not None:
        below = {"color": mark.halo[0], "linewidth": mark.halo[1], "zorder": mark.zorder - _HALO_BELOW}
        replace(writing, drawn="").call("streamplot", *places, **look, arrowstyle="-", **below)
    writing.call("streamplot", *places, **colour, **look, **head, linewidth=mark.width, zorder=mark.zorder)


# Marks over a mesh ----------------------------------------------------------------------------------------


def _image(writing: Writing, mark: marks.Image) -> None:
    samples = writing.samples
    one = samples.mesh(mark.mesh)
    samples.vectors(one, np.isnan(mark.values))
    half = (mark.mesh[1, 1] - mark.mesh[0, 0]) / 2
    (left, bottom), (right, top) = (mark.mesh[0, 0] - half).tolist(), (mark.mesh[-1, -1] + half).tolist()
    look: Looks = {"extent": (left, right, bottom, top), "origin": "lower", "aspect": Code("ax.get_aspect()")}
    look |= {"interpolation": "bilinear", **_scaled(writing.sheet, mark.scale), "zorder": mark.zorder}
    writing.call("imshow", Code(samples.sizes(one)), **look)


def _contours(writing: Writing, mark: marks.Contours) -> None:
    one, values = _valued(writing, mark)
    listed = assigned("levels", (Code(rounded(level, 17)) for level in mark.levels))
    look = {"levels": writing.sheet.assign("levels", listed), **_levelled(writing.sheet, mark)}
    look |= {"linewidths": None if mark.filled else mark.width, "alpha": mark.opacity, "zorder": mark.zorder}
    if mark.height is not None:
        writing.sheet.add("ax.computed_zorder = False  # the floor is behind the surface")
        look |= {"zdir": "z", "offset": Code(rounded(mark.height))}
    if mark.labels:
        writing = replace(writing, drawn=f"{writing.drawn}labelled = ")
    elif mark.filled and writing.panel.z is None:
        writing = replace(writing, drawn=f"{writing.drawn}bands = ")
    places = map(Code, (*writing.samples.axes(one), values))
    writing.call("contourf" if mark.filled else "contour", *places, **look)
    if mark.filled and writing.panel.z is None:
        writing.sheet.call("bands.set", edgecolor="face", linewidth=BAND_EDGE)


def _surface(writing: Writing, mark: marks.Surface) -> None:
    if mark.scale is None:
        _tangent_plane(writing, mark)
        return
    one, values = _valued(writing, mark)
    look = {**_counts(mark), **_scaled(writing.sheet, mark.scale), "linewidth": 0, "antialiased": False}
    writing.call("plot_surface", *map(Code, (*one.meshes, values)), **look)


def _wireframe(writing: Writing, mark: marks.Wireframe) -> None:
    one, values = _valued(writing, mark)
    look = {"color": mark.colour, "linewidth": mark.width, **_counts(mark)}
    writing.call("plot_wireframe", *map(Code, (*one.meshes, values)), **look)


def _valued(writing: Writing, mark: marks.Contours | marks.Surface | marks.Wireframe) -> tuple[Mesh, str]:
    """Return the mesh of a mark, and the source of its values: those that its box shows."""
    one = writing.samples.mesh(mark.mesh)
    return one, writing.samples.values(one, mark.values, in_box=writing.panel.z is not None)


def _counts(mark: marks.Surface | marks.Wireframe) -> Looks:
    return {"rcount": mark.counts[0], "ccount": mark.counts[1]}


def _tangent_plane(writing: Writing, mark: marks.Surface) -> None:
    """Write the plane through the point of its marker, which comes after it."""
    sheet = writing.sheet
    sides = (
        source_of((float(one[0]), float(one[-1])), len(one))
        for one in (mark.mesh[0, :, 0], mark.mesh[:, 0, 1])
    )
    point: Any = writing.panel.marks[writing.panel.marks.index(mark) + 1]  # Any: its marker
    opacities: Any = mark.opacities  # Any: never None without a scale of colours
    sheet.add(
        "# The tangent plane at a point: f(a) + gradient(a).(x - a), faint behind the surface.",
        f"at = np.array({point.points[0, :2].tolist()!r})",
        f"near = np.stack(np.meshgrid({', '.join(sides)}), axis=-1)",
        "plane = f(at) + (near - at) @ gradient(at)",
    )
    if mark.hessian is not None:
        sheet.add("# The paraboloid: (x - a).H (x - a)/2 is added, with the second derivatives H.")
        sheet.add(*assigned("second", mark.hessian.tolist()))
        sheet.add("plane += ((near - at) @ np.array(second) * (near - at)).sum(axis=-1)/2")
    if np.isnan(mark.values).any():
        low, high = exact(np.nanmin(mark.values)), exact(np.nanmax(mark.values))
        sheet.add(f"plane[(plane < {low}) | (plane > {high})] = np.nan")
    front, behind = rounded(opacities.max()), rounded(opacities.min())
    side = "<=" if writing.panel.camera is not None and writing.panel.camera.elevation < 0 else ">="
    sheet.add(
        "faces = np.empty((*plane.shape, 4))",
        f"faces[...] = {sheet.uses('matplotlib.colors', 'to_rgba')}({literal(mark.colour)})",
        f"faces[..., 3] = np.where(plane {side} f(near), {front}, {behind})",
        "ax.computed_zorder = False  # Matplotlib orders surfaces by their middle",
    )
    look: Looks = {"facecolors": Code("faces"), "shade": False, "linewidth": 0, **_counts(mark)}
    places = map(Code, ("near[..., 0]", "near[..., 1]", "plane"))
    writing.call("plot_surface", *places, **look, zorder=mark.zorder)


# Colours ------------------------------------------------------------------------------------------------


def _colour_map(sheet: Sheet, colours: ColourMap) -> str:
    """Return a colour map: its name, or the variable `cmap` with a part of it or with listed colours."""
    if colours.part == (0.0, 1.0) and not colours.is_changed:
        return colours.name
    last = len(colours.colours) - 1
    if colours.is_changed:
        chosen = [colours.colours[round(share * last)] for share in np.linspace(0, 1, _LISTED)]
        comment = f"# The map {colours.name}, with its palest or darkest colours made visible:"
        sheet.assign("shades", [comment, *assigned("shades", map(_hexadecimal, chosen))])
        made = f'{sheet.uses("matplotlib.colors", "LinearSegmentedColormap")}.from_list("shades", shades)'
    else:
        low, high = map(rounded, colours.part)
        part = f"plt.get_cmap({text(colours.name)})(np.linspace({low}, {high}, {last + 1}))"
        made = f"{sheet.uses('matplotlib.colors', 'ListedColormap')}({part})"
    return sheet.assign("cmap", [f"cmap = {made}"])


def _hexadecimal(colour: str | Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels(colour))


def _scaled(sheet: Sheet, scale: ColourScale) -> dict[str, object]:
    """Return the keyword arguments of a colour map and its norm."""
    cmap, norm = _colour_map(sheet, scale.colours), Code("norm")
    if scale.norm == "log":
        name = sheet.uses("matplotlib.colors", "LogNorm")
        limits = f"{rounded(scale.vmin, 10)}, {rounded(scale.vmax, 10)}"
        return {"cmap": cmap, "norm": Code(f"{name}({limits}, clip=True)")}
    if not scale.boundaries:
        return {"cmap": cmap, "norm": Code(f"plt.Normalize({rounded(scale.vmin)}, {rounded(scale.vmax)})")}
    sheet.add(
        "# Between these values the colours change by equal steps:",
        *assigned("places", (Code(rounded(value, 10)) for value in scale.boundaries)),
        "steps = np.arange(len(places))",
        f"norm = {sheet.uses('matplotlib.colors', 'FuncNorm')}(",
        "    (lambda z: np.interp(z, places, steps), lambda c: np.interp(c, steps, places)),",
        f"    vmin={rounded(scale.vmin, 10)}, vmax={rounded(scale.vmax, 10)},",
        ")",
    )
    return {"cmap": cmap, "norm": norm}


def _levelled(sheet: Sheet, mark: marks.Contours) -> dict[str, object]:
    """Return the keyword arguments of the colours of contours."""
    bands = mark.bands
    extend = {"extend": bands.extend if bands.extend != "neither" else None}
    if len(bands.colours) == 1:
        colour = _hexadecimal(bands.colours[0])
        return {"colors": colour, "linestyles": None if mark.filled else "solid", **extend}
    assert bands.map is not None  # noqa: S101 - contours without a colour of their own have a map
    cmap = _colour_map(sheet, bands.map)
    if not bands.colours:
        return {"cmap": cmap, **extend}
    shades = cmap if isinstance(cmap, Code) else f"plt.get_cmap({text(cmap)})"
    spread = f"{shades}(np.linspace(0, 1, {len(bands.colours)}))"
    sheet.add(f"colors = {spread}  # at even distances, although the levels are not")
    return {"colors": Code("colors"), **extend}


_WRITE: Mapping[type, Callable[[Writing, Any], None]] = {  # Any: each takes a mark of one type
    marks.Rule: _rule, marks.Lines: _lines, marks.Markers: _markers, marks.Label: _label,
    marks.Scatter: _scatter, marks.Arrows: _arrows, marks.Streamlines: _streamlines,
    marks.Contours: _contours, marks.Image: _image, marks.Surface: _surface, marks.Wireframe: _wireframe,
}  # fmt: skip
