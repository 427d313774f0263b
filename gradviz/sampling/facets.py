"""Facets of a surface: the cells of a mesh, cut at levels so that each facet has one colour.

A cell whose values differ by more than the distance of two levels is cut along the contours between its
corners (isobands of two triangles). The points at which contours cross an edge of a cell lie on the function,
and the facets on both sides of an edge share them, so that there are no slits. The first and the last level
are the limits of values, at which the surface ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.values import Flags

_SIDES = 5  # of a facet at most: a triangle between two parallel lines
_RING = np.array([[0, 0, 1, 1], [0, 1, 1, 0]])  # row and column of the corners of a cell, in a circle
_HALVES = np.array([[[0, 1, 2], [0, 2, 3]], [[0, 1, 3], [1, 2, 3]]])  # triangles by the diagonal of a cell
_CROSSING_STEPS = 12  # of the search for the point at which a contour crosses an edge, at most
_LEVEL_SHARE = 1e-3  # of the distance of two levels: largest difference of the value there

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Facets:
    """Convex polygons with up to five corners, which cover a surface inside the limits of its values."""

    vertices: Floats
    """Points (V, 3)."""
    corners: Indices
    """The vertices (N, 5) of each facet, in a circle; the last corner is repeated where there are fewer."""
    lined: Flags
    """Whether (N, 5) the side from a corner to the next one lies on a line of the mesh to show."""
    slopes: Floats
    """The gradient (N, 2) in the middle of each facet; NaN where the function has none, or no formula."""


def facets_of(
    field: ScalarField, points: Floats, values: Floats, levels: Floats, lines: Sequence[Indices]
) -> Facets:
    """Return the facets of a mesh (n1, n0, 2) with values (n1, n0), NaN in gaps.

    `levels` (K,) ascend from the lower to the upper limit of values; facets that lie between two of them,
    and cells that span no more, are whole. `lines` are the rows and the columns to show.
    """
    vertices = np.column_stack((points.reshape(-1, 2), values.ravel()))
    shares = np.interp(vertices[:, 2], levels, np.arange(len(levels)))
    inside = (vertices[:, 2] >= levels[0]) & (vertices[:, 2] <= levels[-1])
    cells, lined = _cells(values.shape, lines)
    known = ~np.isnan(vertices[cells, 2])
    whole = _is_whole(cells, shares, inside)
    triangles, sides = _triangles(cells[~whole], lined[~whole], known[~whole], vertices[:, 2])
    flat = _is_whole(triangles, shares, inside)
    cut = ~flat & (len(levels) > 1)  # nothing lies between equal limits
    vertices, bands, edges = _bands(field, vertices, (triangles[cut], sides[cut]), levels)
    corners = np.concatenate((_padded(cells[whole]), _padded(triangles[flat]), bands))
    on_lines = np.concatenate((_padded(lined[whole], end=False), _padded(sides[flat], end=False), edges))
    middles = vertices[corners, :2].mean(axis=1)
    slopes = field.gradient(middles) if field.has_formula else np.full(middles.shape, np.nan)
    return Facets(vertices, corners, on_lines, slopes)


def _cells(shape: tuple[int, ...], lines: Sequence[Indices]) -> tuple[Indices, Flags]:
    """Return the corners (N, 4) of the cells of a mesh, and which sides (N, 4) lie on lines to show."""
    rows, columns = (np.isin(np.arange(count), along) for count, along in zip(shape, lines, strict=True))
    i, j = np.mgrid[: shape[0] - 1, : shape[1] - 1].reshape(2, -1, 1)
    cells: Indices = (i + _RING[0]) * shape[1] + j + _RING[1]
    lined = np.concatenate((rows[i], columns[j + 1], rows[i + 1], columns[j]), axis=1)
    return cells, lined


def _is_whole(polygons: Indices, shares: Floats, inside: Flags) -> Flags:
    """Return whether (N,) polygons (N, 3 or 4) span no more than the distance of two levels."""
    found: Flags = inside[polygons].all(axis=1) & ~(np.ptp(shares[polygons], axis=1) > 1)
    return found


def _padded(polygons: NDArray[np.generic], *, end: bool = True) -> NDArray[np.generic]:
    """Return polygons (N, k) as (N, 5) by repeating the last corner; flags of their sides by False."""
    fill = np.repeat(polygons[:, -1:], _SIDES - polygons.shape[1], axis=1)
    return np.concatenate((polygons, fill) if end else (polygons[:, :-1], fill & False, polygons[:, -1:]), 1)


def _triangles(cells: Indices, lined: Flags, known: Flags, values: Floats) -> tuple[Indices, Flags]:
    """Return the triangles (N, 3) of cells (N, 4), and which of their sides lie on lines to show.

    A cell is cut along the diagonal whose ends differ less; a cell with one unknown corner is the triangle
    of the others.
    """
    corners = values[cells]
    flip = np.abs(corners[:, 0] - corners[:, 2]) > np.abs(corners[:, 1] - corners[:, 3])
    found, sides = [], []
    for diagonal, halves in enumerate(_HALVES):
        for half in halves:
            three = known[:, half].all(axis=1)
            # The half of a cell with an unknown corner is there whatever the diagonal is.
            chosen = three & ((flip == diagonal) | ~known.all(axis=1))
            found.append(cells[chosen][:, half])
            after = np.roll(half, -1)
            is_side = (after - half) % 4 == 1
            sides.append(np.where(is_side, lined[chosen][:, half], False))
    return np.concatenate(found), np.concatenate(sides)


def _bands(
    field: ScalarField, vertices: Floats, cut: tuple[Indices, Flags], levels: Floats
) -> tuple[Floats, Indices, Flags]:
    """Return the vertices, the bands (N, 5) between levels of triangles (T, 3), and their flags of sides."""
    triangles, lined = cut
    order = np.argsort(vertices[triangles, 2], axis=1)
    low, middle, high = np.take_along_axis(triangles, order, axis=1).T
    # The side from a corner to the next one is opposite of the third, two corners before or one behind.
    opposite = np.take_along_axis(lined, (order + 1) % 3, axis=1)
    pairs = np.stack((np.stack((low, high)), np.stack((low, middle)), np.stack((middle, high))))
    ends, index = np.unique(pairs.transpose(0, 2, 1).reshape(-1, 2), axis=0, return_inverse=True)
    edges = index.reshape(3, -1)
    below, above = (vertices[end, 2] for end in ends.T)
    first = np.searchsorted(levels, below, "right")
    counts = np.maximum(np.searchsorted(levels, above, "left") - first, 0)
    offsets = np.cumsum(counts) - counts + len(vertices)
    owner = np.repeat(np.arange(len(ends)), counts)
    crossed = first[owner] + np.arange(len(owner)) - (offsets[owner] - len(vertices))
    added = _crossings(field, vertices[ends[owner]], crossed, levels)

    def at(edge: Indices, level: Indices) -> Indices:
        """Return the vertex on an edge at a level, or the end of the edge that is nearest to it."""
        place = level - first[edge]
        found: Indices = np.where(place < counts[edge], offsets[edge] + place, ends[edge, 1])
        return np.where(place < 0, ends[edge, 0], found)

    start = np.maximum(np.searchsorted(levels, vertices[low, 2], "right") - 1, 0)
    stop = np.minimum(np.searchsorted(levels, vertices[high, 2], "left"), len(levels) - 1)
    number = np.maximum(stop - start, 0)
    of = np.repeat(np.arange(len(low)), number)
    band = start[of] + np.arange(len(of)) - (np.cumsum(number) - number)[of]
    value, long, lower, upper = vertices[middle[of], 2], *(edge[of] for edge in edges)
    before, behind = levels[band] <= value, levels[band + 1] <= value  # whether on the edge below the middle
    last = at(np.where(before, lower, upper), band)
    bent = (levels[band] < value) & ~behind
    corners = np.stack(
        (
            at(long, band),
            at(long, band + 1),
            at(np.where(behind, lower, upper), band + 1),
            np.where(bent, middle[of], last),
            last,
        ),
        axis=1,
    )
    on_long, on_lower, on_upper = opposite[of][:, 1], opposite[of][:, 2], opposite[of][:, 0]
    none = np.zeros(len(of), np.bool_)
    sides = np.stack((on_long, none, np.where(behind, on_lower, on_upper), on_lower & bent, none), axis=1)
    return np.concatenate((vertices, added)), corners, sides


def _crossings(field: ScalarField, ends: Floats, crossed: Indices, levels: Floats) -> Floats:
    """Return the points (N, 3) on edges with ends (N, 2, 3), the lower first, at the levels of indices (N,).

    They are found by the Illinois variant of regula falsi. On an edge that crosses one level only, they are
    on the straight line between its ends, which a whole cell may share; but at the limits.
    """
    wanted = levels[crossed]
    distance = np.diff(levels)[np.minimum(crossed, len(levels) - 2)]
    # Beside a pole the value at an end is huge, and the first guesses would be next to the other end.
    most = levels[-1] - levels[0]
    low, high = np.maximum(ends[:, 0, 2] - wanted, -most), np.minimum(ends[:, 1, 2] - wanted, most)
    share = low / (low - high)
    exact = (crossed == 0) | (crossed == len(levels) - 1) | (np.ptp(ends[..., 2], axis=1) > distance)
    at_low, at_high, side = np.zeros(len(wanted)), np.ones(len(wanted)), np.zeros(len(wanted))
    todo = np.flatnonzero(exact)
    for _ in range(_CROSSING_STEPS):
        start, end = ends[todo, 0, :2], ends[todo, 1, :2]
        error = field(start + share[todo, None] * (end - start)) - wanted[todo]
        far = np.abs(error) > _LEVEL_SHARE * distance[todo]
        todo, error = todo[far], error[far]
        if not todo.size:
            break
        below, above = todo[error < 0], todo[error > 0]
        high[below[side[below] < 0]] /= 2  # the same end twice: the other one is moved
        low[above[side[above] > 0]] /= 2
        low[below], at_low[below], side[below] = error[error < 0], share[below], -1
        high[above], at_high[above], side[above] = error[error > 0], share[above], 1
        share[todo] = (at_low * high - at_high * low)[todo] / (high - low)[todo]
    places = ends[:, 0, :2] + share[:, None] * (ends[:, 1, :2] - ends[:, 0, :2])
    return np.column_stack((places, wanted))
