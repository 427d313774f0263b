"""The reach of texts beyond axes, measured once per text. Lengths are in inches unless another is named."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.transforms import Bbox

from gradviz.output.mpl.axes import AZIMUTHS, turn
from gradviz.output.mpl.draw import Drawn
from gradviz.output.mpl.text import measuring_renderer
from gradviz.output.mpl.types import Artist, Axes

TITLE_GAP = 0.3
"""The distance from a box to its title, in font sizes."""


class Reach(NamedTuple):
    """The distances to which texts reach beyond axes; negative inside of them, as around a small box."""

    left: float
    right: float
    above: float
    below: float


def measured(drawn: Sequence[Drawn]) -> list[Reach]:
    """Return the reach of the texts of panels, of which those with equal axes are measured once."""
    known: dict[Hashable, Reach] = {}
    found = []
    for one in drawn:
        panel = one.panel
        title = one.axes.title.get_text()
        key = panel.x, panel.y, panel.z, panel.camera, bool(title), title.count("\n")
        if key not in known:
            known[key] = _of_box(one) if panel.z is not None else _of_plane(one.axes)
        found.append(known[key])
    return found


def _of_plane(axes: Axes) -> Reach:
    return reach_of(axes, axes.get_tightbbox(renderer_of(axes), for_layout_only=True))


def _of_box(one: Drawn) -> Reach:
    """Return the reach of a box with its texts and its title; of one that turns, the largest."""
    axes, camera = one.axes, one.panel.camera
    assert camera is not None  # noqa: S101 - of a box
    azimuths = [camera.azimuth]
    if camera.turns is not None:
        azimuths = [camera.azimuth + 360 * i / AZIMUTHS for i in range(AZIMUTHS, 0, -1)]
    boxes = []
    for azimuth in azimuths:
        if camera.turns is not None:
            turn(axes, camera.elevation, azimuth)
        boxes.append(box_bounds(axes))
    if camera.turns is not None:
        turn(axes, camera.elevation, camera.azimuth)
    reach = reach_of(axes, Bbox.union(boxes))
    return reach._replace(above=reach.above + title_room(axes))


def box_bounds(axes: Axes) -> Bbox:
    """Return the bounds of the corners of a box and of its texts, in pixels."""
    axes.apply_aspect()
    axes.M = axes.get_proj()
    axes.invM = np.linalg.inv(axes.M)
    corners = np.array([*product(axes.get_xlim3d(), axes.get_ylim3d(), axes.get_zlim3d(), (1.0,))])
    x, y, _, depth = axes.M @ corners.T
    pixels = axes.transData.transform(np.column_stack((x / depth, y / depth)))
    bounds = Bbox.null()
    bounds.update_from_data_xy(pixels, ignore=True)
    three = axes._axis_map.values()  # noqa: SLF001 - x, y and z
    axis_bounds = (axis.get_tightbbox(renderer_of(axes)) for axis in three)
    return Bbox.union([bounds, *(one for one in axis_bounds if one is not None)])


def reach_of(axes: Axes, outer: Bbox) -> Reach:
    """Return the reach of bounds in pixels beyond axes."""
    inner, dpi = axes.get_window_extent(), axes.figure.dpi
    sides = inner.x0 - outer.x0, outer.x1 - inner.x1, outer.y1 - inner.y1, inner.y0 - outer.y0
    return Reach(*(float(side) / dpi for side in sides))


def title_room(axes: Axes) -> float:
    """Return the height of the title of a box and of the gap below it."""
    return height_of(axes.title) + TITLE_GAP * rcParams["font.size"] / 72 if axes.title.get_text() else 0.0


def height_of(artist: Artist) -> float:
    """Return the height of an artist."""
    return float(artist.get_window_extent(renderer_of(artist)).height / artist.figure.dpi)


def width_of(artist: Artist) -> float:
    """Return the width of an artist."""
    return float(artist.get_window_extent(renderer_of(artist)).width / artist.figure.dpi)


def renderer_of(artist: Artist) -> Artist:
    """Return a renderer for the texts of the figure of an artist."""
    return measuring_renderer(artist.figure.dpi)


def ratio_of(axes: Axes) -> float | None:
    """Return the height of axes to their width; None if they may have any."""
    if axes.name == "3d":
        return 1.0
    if axes.get_aspect() != "auto":
        return float(axes.get_data_ratio())
    ratio = axes.get_box_aspect()
    return None if ratio is None else float(ratio)
