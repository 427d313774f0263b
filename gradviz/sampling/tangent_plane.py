"""The plane that touches a surface at a point: f(p) + grad f(p) . (x - p)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.colors import to_rgba

from gradviz.arrays import Floats, components, mesh
from gradviz.errors import RequestError
from gradviz.printing.mathtext import MATHTEXT

if TYPE_CHECKING:
    from gradviz.calculus import Gradient
    from gradviz.scene.style import Style

_REACH = 0.3  # of the ranges, to each side of the point
_ALONG = 49  # points along each side: the part beyond the box is left out
_ABOVE = 900  # the order of drawing: above the surface, below the marks
_PLAIN, _HIDDEN = 0.65, 0.25  # how opaque the plane is, and the part of it on the other side of the surface
_DIGITS = 4


class TangentPlane(NamedTuple):
    """The plane over a mesh: points (n1, n0, 2) and heights (n1, n0), NaN outside of the box."""

    points: Floats
    heights: Floats
    height: float
    """That of the point of tangency."""
    slopes: Floats
    """The two slopes (2,)."""


def tangent_plane(
    gradient: Gradient, at: tuple[float, float], box: tuple[tuple[float, float], ...]
) -> TangentPlane:
    """Return the plane over a part of the box (low, high) along x, y and z. Raises RequestError for none."""
    point = np.asarray(at)
    estimate = gradient.estimate(point)
    height, slopes = float(estimate.values), estimate.gradient
    if not estimate.reliable or np.isnan(slopes).any():
        raise RequestError(f"no tangent plane at {at[0]:g}, {at[1]:g}: {estimate.reason().sentence}")
    *sides, (low, high) = box
    points = mesh(*(_side(x, ends) for x, ends in zip(at, sides, strict=True)))
    heights: Floats = height + (points - point) @ slopes
    return TangentPlane(
        points, np.where((heights >= low) & (heights <= high), heights, np.nan), height, slopes
    )


def draw_tangent_plane(
    axes: Any, gradient: Gradient, at: tuple[float, float], box: tuple[tuple[float, float], ...], style: Style
) -> None:
    """Draw the plane over a part of the box (low, high) along x, y and z, with its point of tangency.

    What lies on the other side of the surface than the viewer is faint. Raises RequestError where there is
    no such plane.
    """
    points, heights, height, slopes = tangent_plane(gradient, at, box)
    above = (heights - np.asarray(gradient.function(points))) * (1 if axes.elev >= 0 else -1) >= 0
    color = style.accents[0]
    axes.computed_zorder = False  # else Matplotlib orders whole surfaces by their middle
    faces = np.empty((*heights.shape, 4))
    faces[...] = to_rgba(color)
    faces[..., 3] = np.where(above, _PLAIN, _HIDDEN)
    axes.plot_surface(
        *components(points), heights, facecolors=faces, shade=False, linewidth=0,
        rcount=_ALONG, ccount=_ALONG, zorder=_ABOVE,
    )  # fmt: skip
    numbers = (", ".join(MATHTEXT.number(float(f"{x:.{_DIGITS}g}")) for x in part) for part in (at, slopes))
    place, steep = numbers
    axes.plot(
        [at[0]], [at[1]], [height], "o", color=color, markeredgecolor="white", zorder=_ABOVE + 1,
        label=f"tangent plane at $({place})$, slopes ${steep}$",
    )  # fmt: skip


def _side(x: float, ends: tuple[float, float]) -> Floats:
    """Return the coordinates along one side of the plane, inside the ends of the box."""
    reach = _REACH * (ends[1] - ends[0])
    return np.linspace(max(x - reach, ends[0]), min(x + reach, ends[1]), _ALONG)
