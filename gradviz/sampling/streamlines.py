"""Lines along a gradient: many all over a mesh, or those through given points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from gradviz.arrays import Floats, components, magnitudes
from gradviz.calculus.continuity import touched
from gradviz.sampling.samples import Samples
from gradviz.sampling.undersampling import FEWEST

_SHORTEST = 0.04  # of the picture: shorter lines are left out
_SHORT = 0.01  # the same where the gradient turns so fast that most lines are no longer
_ENDING = 0.3  # of the points: where lines end, so that few are left
_TURNING = 0.25  # of the picture: where the gradient turns around within the length of the shortest line
_SMOOTH = 5.0  # the density at which steps are so short that no corner is seen
_LONGEST = 20.0  # times the picture: where a line that stays inside ends
NONE = "no line is long enough\nto be drawn"
_HALO = 2.2  # points around a line that stands out


def ends(samples: Samples, density: float) -> NDArray[np.bool_]:
    """Return the points (n1, n0) of a mesh where lines end: the gradient is unknown, turns or jumps."""
    found = _vanishes(samples.trusted) | np.isnan(samples.trusted).any(axis=-1)
    if samples.breaks:
        found |= _beside(touched(samples.breaks.edges, found.shape), density)
    return found


def turns_fast(samples: Samples) -> bool:
    """Tell whether in much of a mesh (n1, n0) the gradient turns around within the length of a short line."""
    shares = [0.0]
    for axis in (0, 1):
        vectors = np.moveaxis(samples.trusted, axis, 0)
        step = max(round(_SHORTEST * (len(vectors) - 1)), 1)
        with np.errstate(over="ignore", invalid="ignore"):  # the sign alone matters
            along = (vectors[step:] * vectors[:-step]).sum(axis=-1)
        if (known := ~np.isnan(along)).any():
            shares.append(float(np.mean(along[known] < 0)))
    return max(shares) > _TURNING


def shortened(samples: Samples, density: float) -> str:
    """Return in words that many lines are short or left out, or nothing if they are not."""
    known = ~np.isnan(samples.values)
    if not np.nanmax(samples.sizes, initial=0) > 0 or min(known.shape) < FEWEST:
        return ""  # there are no lines, which is told, or everybody sees how coarse the mesh is
    if not turns_fast(samples) and float(np.mean(ends(samples, density)[known])) < _ENDING:
        return ""
    said = "the gradient turns or jumps within short distances: lines are short, or missing"
    return f"{said}; a smaller --range helps"


def draw(
    axes: Any, samples: Samples, *, uphill: bool, density: float, outline: str | None = None, **look: Any
) -> Any:
    """Draw lines all over a mesh, and return what Matplotlib makes of them; they end where `ends` says."""
    guide = _guided(samples, density, uphill=uphill)
    shortest = _SHORT if turns_fast(samples) else _SHORTEST
    drawn = axes.streamplot(*_along(samples), *guide, density=density, minlength=shortest, **look)
    if outline is not None:
        _add_halo(axes, drawn, outline, look["linewidth"] + 1.2)
    return drawn


def draw_through(
    axes: Any,
    samples: Samples,
    points: Sequence[tuple[float, ...]],
    *,
    uphill: bool,
    color: str,
    width: float,
) -> None:
    """Draw the lines through some points, both ways, each with a dot at its point, above all other lines.

    Through a point where no line leads there is the dot alone.
    """
    face, order = axes.get_facecolor(), {"zorder": 4.0}
    drawn = axes.streamplot(
        *_along(samples),
        *_guided(samples, _SMOOTH, uphill=uphill),
        density=_SMOOTH,
        minlength=0.0,
        maxlength=_LONGEST,
        start_points=points,
        broken_streamlines=False,
        color=color,
        linewidth=width,
        arrowsize=1.2 * math.sqrt(width),
        **order,
    )
    _add_halo(axes, drawn, face, width + _HALO)
    x, y = zip(*points, strict=True)
    axes.plot(
        x, y, "o", color=color, markeredgecolor=face, markersize=3.2 * width, zorder=4.1, label="_through"
    )


def leads_through(samples: Samples, point: tuple[float, ...]) -> bool:
    """Tell whether `draw_through` can draw a line through a point: none leads from where lines end."""
    ended = ends(samples, _SMOOTH)
    places = [
        np.interp(x, along, np.arange(len(along))) for x, along in zip(point, _along(samples), strict=True)
    ]
    (left, bottom), (right, top) = np.floor(places).astype(int), np.ceil(places).astype(int)
    return not ended[bottom : top + 1, left : right + 1].any()


def _add_halo(axes: Any, drawn: Any, color: Any, width: float) -> None:
    """Draw wider lines right below lines of one colour, which can then be read on any ground."""
    order = drawn.lines.get_zorder() - 0.1
    halo = LineCollection(drawn.lines.get_segments(), colors=[color], linewidths=width, zorder=order)
    axes.add_collection(halo, autolim=False)


def _along(samples: Samples) -> tuple[Floats, Floats]:
    """Return the coordinates along the two axes of a mesh, (n0,) and (n1,)."""
    return samples.points[0, :, 0], samples.points[:, 0, 1]


def _guided(samples: Samples, density: float, *, uphill: bool) -> list[Any]:
    """Return the two components of the direction of lines, masked where these end."""
    direction = samples.trusted if uphill else -samples.trusted
    greatest = np.nanmax(magnitudes(direction), initial=0) or 1.0
    kept = np.where(ends(samples, density)[..., None], np.nan, direction) / greatest
    return [np.ma.masked_invalid(part) for part in components(kept)]


def _beside(points: NDArray[np.bool_], density: float) -> NDArray[np.bool_]:
    """Return points (n1, n0) of the mesh and those beside them, too many for a line to step over.

    Matplotlib's longest step is a tenth of the picture, or a cell of its grid of 30 by 30 at density 1.
    """
    step = min(0.1, 1 / (30 * density))
    for axis, count in enumerate(points.shape):
        for _ in range(math.ceil(step * count / 2)):
            padded = np.pad(points, [(int(place == axis),) * 2 for place in (0, 1)])
            points = points | np.take(padded, range(count), axis) | np.take(padded, range(2, count + 2), axis)
    return points


def _vanishes(vectors: Floats) -> NDArray[np.bool_]:
    """Tell where vectors (n1, n0, 2) are smaller than their change to a neighbour: there (n1, n0) lines end.

    Between such points the direction turns round, and a line would rattle to and fro along a valley's floor.
    """
    change = np.zeros(vectors.shape[:-1])
    for axis in (0, 1):
        steps = magnitudes(np.diff(vectors, axis=axis))
        for place in (0, -1):
            change = np.fmax(change, np.insert(steps, 0 if place == 0 else steps.shape[axis], 0, axis=axis))
    return magnitudes(vectors) < change
