"""Facets of a surface: the cells of a mesh, cut at levels so that each facet has one colour.

A cell whose values differ by more than the distance of two levels is cut along the contours between its
corners. Around a cell, values ascend from the lowest corner to the highest one along two chains of corners,
and a facet lies between two contours; a cell at a saddle is halved before. The points at which contours cross
an edge of a cell lie on the function, and the facets on both sides of an edge share them, so that there are
no slits. The first and the last level are the limits of values, at which the surface ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.values import Flags

_SIDES = 6  # of a facet at most: a cell without two opposite corners
_RING = np.array([[0, 0, 1, 1], [0, 1, 1, 0]])  # row and column of the corners of a cell, in a circle
_HALVES = np.array([[[0, 1, 2], [0, 2, 3]], [[0, 1, 3], [1, 2, 3]]])  # triangles by the diagonal of a cell
# Two chains from the lowest corner of a cell, its first, to the highest one, by the position of that, and the
# sides of the cell that they follow. The highest corner is repeated; 4 is a side of no length.
_CHAINS = np.array(
    [[[0] * 4] * 2, [[0, 1, 1, 1], [0, 3, 2, 1]], [[0, 1, 2, 2], [0, 3, 2, 2]], [[0, 1, 2, 3], [0, 3, 3, 3]]]
)
_CHAIN_SIDES = np.array(
    [[[4] * 3] * 2, [[0, 4, 4], [3, 2, 1]], [[0, 1, 4], [3, 2, 4]], [[0, 1, 2], [3, 4, 4]]]
)
_CROSSING_STEPS = 12  # of the search for the point at which a contour crosses an edge, at most
_LEVEL_SHARE = 1e-3  # of the distance of two levels: largest difference of the value there

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Facets:
    """Convex polygons with up to six corners, which cover a surface inside the limits of its values."""

    vertices: Floats
    """Points (V, 3)."""
    corners: Indices
    """The vertices (N, 6) of each facet, in a circle; the last corner is repeated where there are fewer."""
    lined: Flags
    """Whether (N, 6) the side from a corner to the next one lies on a line of the mesh to show."""
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
    halves = _HALVES[_diagonals(vertices[cells, 2])]
    has_whole_halves = (
        np.ptp(shares[cells[np.arange(len(cells))[:, None, None], halves]], axis=2).max(axis=1) <= 1
    )
    halved = ~whole & (~known.all(axis=1) | _is_saddle(vertices[cells, 2]) | has_whole_halves)
    triangles, sides = _triangles(cells[halved], lined[halved], known[halved], vertices[:, 2])
    flat = _is_whole(triangles, shares, inside)
    steep = ~whole & ~halved
    # The last corner of a triangle is repeated: its outline is that of a cell with a side of no length.
    cut = np.concatenate((cells[steep], triangles[~flat][:, [0, 1, 2, 2]]))
    outlines = np.concatenate((lined[steep], np.insert(sides[~flat], 2, False, axis=1)))
    if len(levels) < 2:  # nothing lies between equal limits
        cut, outlines = cut[:0], outlines[:0]
    vertices, bands, edges = _bands(field, vertices, (cut, outlines), levels)
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


def _is_saddle(values: Floats) -> Flags:
    """Return whether (N,) cells with values (N, 4) at their corners have two local maxima, around them."""
    beside = np.maximum(np.roll(values, 1, axis=1), np.roll(values, -1, axis=1))
    found: Flags = (values > beside).sum(axis=1) > 1
    return found


def _padded(polygons: NDArray[np.generic], *, end: bool = True) -> NDArray[np.generic]:
    """Return polygons (N, k) as (N, 6) by repeating the last corner; flags of their sides by False."""
    fill = np.repeat(polygons[:, -1:], _SIDES - polygons.shape[1], axis=1)
    return np.concatenate((polygons, fill) if end else (polygons[:, :-1], fill & False, polygons[:, -1:]), 1)


def _diagonals(values: Floats) -> Indices:
    """Return the diagonal (N,) of cells with values (N, 4) whose ends differ less: 0 or 1."""
    return (np.abs(values[:, 0] - values[:, 2]) > np.abs(values[:, 1] - values[:, 3])).astype(np.intp)


def _triangles(cells: Indices, lined: Flags, known: Flags, values: Floats) -> tuple[Indices, Flags]:
    """Return the triangles (N, 3) of cells (N, 4), and which of their sides lie on lines to show.

    A cell with one unknown corner is the triangle of the others.
    """
    diagonals = _diagonals(values[cells])
    found, sides = [], []
    for diagonal, halves in enumerate(_HALVES):
        for half in halves:
            three = known[:, half].all(axis=1)
            # The half of a cell with an unknown corner is there whatever the diagonal is.
            chosen = three & ((diagonals == diagonal) | ~known.all(axis=1))
            found.append(cells[chosen][:, half])
            after = np.roll(half, -1)
            is_side = (after - half) % 4 == 1
            sides.append(np.where(is_side, lined[chosen][:, half], False))
    return np.concatenate(found), np.concatenate(sides)


def _bands(
    field: ScalarField, vertices: Floats, cut: tuple[Indices, Flags], levels: Floats
) -> tuple[Floats, Indices, Flags]:
    """Return the vertices, the bands (N, 6) between levels of cells (T, 4), and their flags of sides."""
    chains, lined = _chains(*cut, vertices[:, 2])
    pairs = np.stack((chains[..., :-1], chains[..., 1:]), axis=-1)
    ends, index = np.unique(pairs.reshape(-1, 2), axis=0, return_inverse=True)
    edges = index.reshape(lined.shape)
    below, above = (vertices[end, 2] for end in ends.T)
    first = np.searchsorted(levels, below, "right")
    counts = np.maximum(np.searchsorted(levels, above, "left") - first, 0)
    offsets = np.cumsum(counts) - counts + len(vertices)
    owner = np.repeat(np.arange(len(ends)), counts)
    crossed = first[owner] + np.arange(len(owner)) - (offsets[owner] - len(vertices))
    added = _crossings(field, vertices[ends[owner]], crossed, levels)

    start = np.maximum(np.searchsorted(levels, vertices[chains[:, 0, 0], 2], "right") - 1, 0)
    stop = np.minimum(np.searchsorted(levels, vertices[chains[:, 0, -1], 2], "left"), len(levels) - 1)
    number = np.maximum(stop - start, 0)
    of = np.repeat(np.arange(len(chains)), number)
    band = start[of] + np.arange(len(of)) - (np.cumsum(number) - number)[of]

    def at(chain: int, part: Indices, level: Indices) -> Indices:
        """Return the vertex on a part of a chain at a level, or the end of the part that is nearest to it."""
        edge = edges[of, chain, part]
        place = level - first[edge]
        found: Indices = np.where(place < counts[edge], offsets[edge] + place, ends[edge, 1])
        return np.where(place < 0, ends[edge, 0], found)

    outline, sides = [], []
    for chain, upwards in ((0, True), (1, False)):
        between, line = vertices[chains[of, chain, 1:3], 2], lined[of, chain]
        # A corner at a level ends the band below; one at the lowest level of a cell begins the band above.
        is_first = (band == start[of])[:, None]
        is_below = (between < levels[band, None]) | (~is_first & (between == levels[band, None]))
        is_above = between > levels[band + 1, None]
        parts = is_below.sum(axis=1), 2 - is_above.sum(axis=1)
        low, high = at(chain, parts[0], band)[:, None], at(chain, parts[1], band + 1)[:, None]
        inner = np.where(is_below, low, np.where(is_above, high, chains[of, chain, 1:3]))
        along = np.concatenate((low, inner, high), axis=1)
        outline.append(along if upwards else along[:, ::-1])
        leaving = np.take_along_axis(line, parts[0 if upwards else 1][:, None], axis=1)
        sides += [leaving, line[:, [1, 2] if upwards else [1, 0]], np.zeros_like(leaving)]
    return np.concatenate((vertices, added)), *_without_repeats(
        *(np.concatenate(part, axis=1) for part in (outline, sides))
    )


def _chains(cells: Indices, lined: Flags, values: Floats) -> tuple[Indices, Flags]:
    """Return the two chains (T, 2, 4) of cells (T, 4), and the flags (T, 2, 3) of their sides."""
    lowest = values[cells].argmin(axis=1)[:, None]
    turned = (lowest + np.arange(4)) % 4
    ring, sides = np.take_along_axis(cells, turned, axis=1), np.take_along_axis(lined, turned, axis=1)
    highest = values[ring].argmax(axis=1)
    sides = np.concatenate((sides, np.zeros_like(sides[:, :1])), axis=1)
    rows = np.arange(len(cells))[:, None, None]
    return ring[rows, _CHAINS[highest]], sides[rows, _CHAIN_SIDES[highest]]


def _without_repeats(outlines: Indices, lined: Flags) -> tuple[Indices, Flags]:
    """Return closed outlines (N, 8) as polygons (N, 6): of equal corners in a row, the last one is kept."""
    repeated = outlines == np.roll(outlines, -1, axis=1)
    order = np.argsort(repeated, axis=1, kind="stable")[:, :_SIDES]
    last = np.minimum((~repeated).sum(axis=1), _SIDES)[:, None] - 1
    places = np.minimum(np.arange(_SIDES), last)
    kept = np.take_along_axis(order, places, axis=1)
    corners, flags = np.take_along_axis(outlines, kept, axis=1), np.take_along_axis(lined, kept, axis=1)
    closing = flags[:, -1:].copy()
    flags[np.arange(_SIDES) >= last] = False
    flags[:, -1:] = closing
    return corners, flags


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
