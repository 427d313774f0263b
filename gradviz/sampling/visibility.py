"""Visibility of points on a surface in a box: where the viewer is, and which points the surface hides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats
from gradviz.fields.scalar import ScalarField
from gradviz.optimizers.paths import Path
from gradviz.sampling.values import Flags

POINTS_PER_STEP = 24  # points of a line on a surface, from one step of a path to the next
_RAY_POINTS = 160  # points on the ray to the viewer at which the surface is sampled
_DEPTH_SHARE = 2e-3  # of the height of the box: a point no deeper behind a surface is on it
_DISTANCE = 10.0  # from the middle of a box to the viewer, in Matplotlib's units
_BOX_SIDES = (4.0, 4.0, 3.0)  # proportions of a box
_BOX_DIAGONAL = 1.8294640721620434 * 25 / 24  # diagonal of a box of zoom 1, in Matplotlib's units


@dataclass(frozen=True, eq=False)
class SurfaceView:
    """The surface of a field in a box (2, 3), low and high, as a viewer at a point (3,) sees it."""

    field: ScalarField
    viewer: Floats
    box: Floats


def viewer_of(elevation: float, azimuth: float, zoom: float, box: Floats) -> Floats:
    """Return the point (3,) of the viewer of a box, whose limits are (2, 3), in the units of the data.

    Angles are in degrees. The viewer is as far away as Matplotlib's camera, for which the box has sides of 4,
    4 and 3 parts, and a diagonal that is proportional to `zoom`.
    """
    elev, azim = math.radians(elevation), math.radians(azimuth)
    direction = np.array([math.cos(elev) * math.cos(azim), math.cos(elev) * math.sin(azim), math.sin(elev)])
    sides = np.array(_BOX_SIDES) * (_BOX_DIAGONAL * zoom / float(np.linalg.norm(_BOX_SIDES)))
    low, high = box
    viewer: Floats = low + (0.5 + _DISTANCE * direction / sides) * (high - low)
    return viewer


def on_surface(field: ScalarField, path: Path) -> Floats:
    """Return points (24 N + 1, 3) of a path with N steps on a surface, which it follows between steps."""
    shares = np.arange(POINTS_PER_STEP)[:, None] / POINTS_PER_STEP
    between = path.points[:-1, None, :] + shares * np.diff(path.points, axis=0)[:, None, :]
    points = np.concatenate((between.reshape(-1, 2), path.points[-1:]))
    return np.column_stack((points, field(points)))


def hidden(view: SurfaceView, points: Floats) -> Flags:
    """Return whether (...) points (..., 3) on a surface are behind another part of it.

    From each point a ray leads to the viewer as far as there is a surface, inside the box. The surface hides
    the point if the ray passes from one side of the surface to the other.
    """
    low, high = view.box
    rays = view.viewer - points
    with np.errstate(all="ignore"):
        exits = np.where(rays > 0, high - points, low - points) / rays  # in shares of the ray
    lengths = np.nanmin(np.where(np.isfinite(exits), exits, np.inf), axis=-1).clip(0, 1)
    shares = np.linspace(0, 1, _RAY_POINTS) * lengths[..., None]
    places = points[..., None, :] + shares[..., None] * rays[..., None, :]
    values = view.field(places[..., :2])
    values[(values < low[2]) | (values > high[2])] = np.nan
    above = (places[..., 2] - values) / (high[2] - low[2])
    behind: Flags = (above > _DEPTH_SHARE).any(axis=-1) & (above < -_DEPTH_SHARE).any(axis=-1)
    return behind
