"""The tangent plane of a surface at a point: f(p) + grad f(p) . (x - p)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats, mesh
from gradviz.calculus import Gradient
from gradviz.errors import RequestError
from gradviz.sampling.limits import Limits

_REACH_SHARE = 0.3  # of the ranges, to each side of the point
PLANE_POINTS = 49  # along each side: the part beyond the box is left out


@dataclass(frozen=True, eq=False)
class TangentPlane:
    """The tangent plane over a mesh."""

    at: tuple[float, float]
    points: Floats
    """(n1, n0, 2)."""
    values: Floats
    """(n1, n0), NaN outside the box."""
    surface: Floats
    """The function (n1, n0) at the same points."""
    value: float
    """The function at the point of tangency."""
    slopes: Floats
    """The gradient (2,) at the point of tangency."""


def tangent_plane(
    gradient: Gradient, at: tuple[float, float], box: tuple[Limits, Limits, Limits]
) -> TangentPlane:
    """Return the plane over a part of a box with limits along x, y and z.

    Raises RequestError where the gradient is unreliable.
    """
    point = np.asarray(at)
    estimate = gradient.estimate(point)
    value, slopes = float(estimate.values), estimate.gradient
    if not estimate.reliable or np.isnan(slopes).any():
        raise RequestError(f"no tangent plane at {at[0]:g}, {at[1]:g}: {estimate.reason().sentence}")
    *sides, (low, high) = box
    points = mesh(*(_side(x, limits) for x, limits in zip(at, sides, strict=True)))
    values: Floats = value + (points - point) @ slopes
    inside = np.where((values >= low) & (values <= high), values, np.nan)
    return TangentPlane(at, points, inside, np.asarray(gradient.function(points)), value, slopes)


def _side(x: float, limits: Limits) -> Floats:
    """Return the coordinates along one side of the plane, inside the limits of the box."""
    reach = _REACH_SHARE * (limits[1] - limits[0])
    return np.linspace(max(x - reach, limits[0]), min(x + reach, limits[1]), PLANE_POINTS)
