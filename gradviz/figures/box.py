"""The panel of a figure in three dimensions: a box with a camera, and surfaces in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from gradviz.arrays import Floats
from gradviz.figures.labels import axis_label, function_label, hover_of, number, variable_label
from gradviz.figures.layout import maps_of
from gradviz.sampling.facets import Facets as SampledFacets
from gradviz.sampling.levels import level_ticks
from gradviz.sampling.limits import Limits
from gradviz.sampling.mesh import MeshShared
from gradviz.sampling.surface import Drawn
from gradviz.scene.marks import Facets, Mark, Surface
from gradviz.scene.scales import ColourScale
from gradviz.scene.scene import Axis, Camera, Panel
from gradviz.scene.style import SMALL_BOX_FONT, Style
from gradviz.scene.text import Text
from gradviz.specs.plane import view_of

if TYPE_CHECKING:
    from gradviz.specs.descent import Descent
    from gradviz.specs.surface import Surface as SurfaceSpec

Margins = tuple[float | None, float | None, float]
MARGINS: Margins = (0.05, 0.05, 0.0)
"""Margins of data in x, y and z, in shares of their span, before that of the box; None for neither."""
SCATTER_MARGINS: Margins = (0.05, 0.05, 0.05)
_BOX_MARGIN_SHARE = 1 / 48  # of the span that results, at each end of an axis: Matplotlib's own
_SINGLE_VALUE_SHARE = 0.05  # of a single value, at each end of an axis: Matplotlib's own
_ZOOM = 0.92  # of Matplotlib's size of a box: else the label of z is cut off
_SMALL_ZOOM = 0.1  # taken off it where the font is small

_FLOOR_SHARE = 0.45  # of the height of a surface: the room below it to the floor that has a picture
_BOX_SIDES = (4.0, 4.0, 3.0)  # proportions of a box: Matplotlib's own
_AMBIENT = 0.65  # brightness of a facet turned away from the light: darker ones would belie the colour bar
_LIGHT_AZIMUTH = -50.0  # degrees from the viewer to the light, to the left
_LIGHT_ELEVATION = 55.0  # degrees

BoxSpec: TypeAlias = "SurfaceSpec | Descent"


def box_panel(
    spec: BoxSpec,
    style: Style,
    marks: Sequence[Mark],
    data: Sequence[Floats],
    shared: MeshShared,
    *,
    turns: int | None = None,
    margins: Margins = MARGINS,
    aspect: Literal["equal"] | None = None,
    has_floor: bool = False,
) -> Panel:
    """Return a box around marks whose points (N, 3) are the data; several boxes share the limits along z."""
    limits = [
        _around(np.concatenate([points[:, i] for points in data]), share) for i, share in enumerate(margins)
    ]
    if not shared.is_alone:
        limits[2] = _with_margin(*(spec.zlim or shared.limits))
    if has_floor:
        low, high = limits[2]
        limits[2] = low - _FLOOR_SHARE * (high - low), high
    x, y = map(variable_label, spec.reading.variables)
    z = function_label(spec.reading)
    zoom = _ZOOM - _SMALL_ZOOM * (style.font_size < SMALL_BOX_FONT)
    return Panel(
        Axis(axis_label(spec.xlabel, x), spec.xlim or limits[0], spec.xticks),
        Axis(axis_label(spec.ylabel, y), spec.ylim or limits[1], spec.yticks),
        Axis(axis_label(spec.zlabel, z), spec.zlim or limits[2], spec.zticks),
        marks=tuple(marks),
        aspect=aspect,
        grid=spec.grid is not False,
        camera=Camera(spec.elev, spec.azim, zoom, turns),
        hover=hover_of(spec.reading),
    )


def surface_mark(drawn: Drawn, style: Style) -> Surface:
    """Return a surface coloured by its values."""
    return Surface(drawn.points, drawn.values, drawn.counts, value_scale(drawn, style))


def with_light(panel: Panel, drawn: Drawn, style: Style) -> Panel:
    """Return a box whose first mark is a surface, with the facets of that as its light shows them."""
    surface, *others = panel.marks
    found = drawn.facets
    assert isinstance(surface, Surface)  # noqa: S101 - of a figure of a surface
    assert found is not None  # noqa: S101 - of a figure of a surface
    shades, lined = np.ones(len(found.corners)), np.zeros_like(found.lined)
    if style.lit:
        shades, lined = _shades(panel, found), found.lined
    facets = Facets(found.vertices, found.corners, shades, lined)
    return replace(panel, marks=(replace(surface, facets=facets), *others))


@np.errstate(all="ignore")
def _shades(panel: Panel, facets: SampledFacets) -> Floats:
    """Return the brightness (N,) of facets: _AMBIENT where they are turned away from the light, at most 1.

    The light comes from above and from the left of the viewer, or from below if he looks from there. Normals
    are those of the function, in the proportions of the box; where it has no gradient, those of the facet.
    The brightness is linear in the cosine of the angle between the two, so that no side is uniformly dark.
    """
    camera, limits = panel.camera, [axis.limits for axis in panel.axes.values()]
    assert camera is not None  # noqa: S101 - of a box
    scale = np.ones(3) if panel.aspect else np.array(_BOX_SIDES) / np.ptp(np.array(limits), axis=1)
    normals = np.column_stack((-facets.slopes * (scale[2] / scale[:2]), np.ones(len(facets.slopes))))
    unknown = ~np.isfinite(normals).all(axis=1)
    normals[unknown] = _flat_normals(facets.vertices[facets.corners[unknown]] * scale)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    azimuth, elevation = math.radians(camera.azimuth + _LIGHT_AZIMUTH), math.radians(_LIGHT_ELEVATION)
    flat = math.cos(elevation)
    light = np.array([flat * math.cos(azimuth), flat * math.sin(azimuth), math.sin(elevation)])
    if camera.elevation < 0:
        light[:2] *= -1  # both the light and the side of the surface to which it comes are those below
    shades: Floats = _AMBIENT + (1 - _AMBIENT) * (1 + np.nan_to_num(normals @ light, nan=light[2])) / 2
    return shades


def _flat_normals(polygons: Floats) -> Floats:
    """Return the upward normals (N, 3) of polygons (N, k, 3), by Newell's method."""
    after = np.roll(polygons, -1, axis=1)
    normals: Floats = np.cross(polygons, after).sum(axis=1)
    return np.where(normals[:, 2:] < 0, -normals, normals)


def value_scale(drawn: Drawn, style: Style, *, on_page: bool = False) -> ColourScale:
    """Return the colour scale of values on a surface, or of readable lines and dots on the page."""
    low, high = drawn.colours
    ticks = level_ticks(drawn.boundaries[1:-1]) if drawn.boundaries else None
    maps = maps_of(style, drawn.colours)
    colours = maps.lines if on_page else maps.values
    scale = ColourScale(colours, low, high, drawn.boundaries, drawn.extend, ticks)
    return replace(scale, colours=colours.centred(float(scale.shares(np.zeros(())))))


def mesh_points(points: Floats, values: Floats) -> Floats:
    """Return the points (N, 3) of a mesh, its points (n1, n0, 2) with their values (n1, n0)."""
    return np.column_stack((points.reshape(-1, 2), values.ravel()))


def limits_note(spec: BoxSpec, limits: Limits) -> Text:
    """Return the limits of the axes of a box as text, for boxes without numbers."""
    names = [*map(variable_label, spec.reading.variables), function_label(spec.reading)]
    said = [
        f"{name} from ${number(low, 3)}$ to ${number(high, 3)}$"
        for name, (low, high) in zip(names, (*view_of(spec), limits), strict=True)
    ]
    return Text(f"in each box {', '.join(said)}")


def _around(values: Floats, share: float | None) -> Limits:
    """Return the limits of values with margins, NaN apart; a single value gets limits around it."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if share is None:
        return low, high
    if high - low <= max(abs(low), abs(high)) * 1e-15:
        room = _SINGLE_VALUE_SHARE * max(abs(low), abs(high)) or _SINGLE_VALUE_SHARE
        low, high = low - room, high + room
    room = (high - low) * share
    return _with_margin(low - room, high + room)


def _with_margin(low: float, high: float) -> Limits:
    """Return limits with Matplotlib's margin of boxes."""
    margin = (high - low) * _BOX_MARGIN_SHARE
    return low - margin, high + margin
