"""Meshes and curves split at discontinuities, and extended to the edge of the domain and to poles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gradviz.arrays import Floats, mesh
from gradviz.calculus.continuity import Breaks, Flags, Index, covering, touched
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.limits import Limits
from gradviz.sampling.values import Evaluated, drawable

_MAX_LINES = 32  # straight discontinuities across an axis that get points of their own
_CROSSING_SHARE = 0.25  # of the mesh lines across a straight discontinuity that show a break there, at least
_SAME_BREAK_SHARE = 1e-9  # of the range: breaks that are closer are one
_SEARCH_CELLS = 2.5  # distance from a point beside a gap within which a pole is searched
_SEARCH_STEPS = 25
_LIMIT_SHARE = 0.02  # of the span of the limits: distance from a limit at which a value has reached it
_BISECTIONS = 12

Line = tuple[float, float]
"""The coordinates on the two sides of a straight discontinuity."""


def split_at_breaks(evaluated: Evaluated, most: int | None = None) -> tuple[Floats, Floats]:
    """Return points (..., D) and values (...) to draw, with NaN between the two sides of each discontinuity.

    A straight discontinuity along an axis, as in floor(x0), gets points of its own on both sides, next to
    each other. Beside others, points are left out, which leaves a gap of one or two cells. `most` thins a
    mesh with discontinuities to about so many points along each axis. Undefined points of a mesh beside
    defined ones are moved to the edge of the domain, which otherwise has a jagged edge.
    """
    points, values = evaluated.points, evaluated.drawable
    fixed = np.zeros(values.shape, np.bool_)
    if evaluated.breaks:
        points, values, fixed = _split(evaluated, evaluated.breaks, most)
    if points.ndim == 3 and np.isnan(values).any():
        return _extend_to_edge(evaluated.field, points, values, fixed)
    return points, values


def _split(evaluated: Evaluated, breaks: Breaks, most: int | None) -> tuple[Floats, Floats, Flags]:
    """Return points and values split at discontinuities, and which points are beside one."""
    dimension = evaluated.points.shape[-1]
    edges = list(breaks.edges)
    axes, gaps, places, kept = [], [], [], []
    for axis in range(dimension):
        along = _coordinates(evaluated.points, axis)
        lines = _lines(breaks, axis, along, evaluated.values.size / len(along))
        for low, high in lines:
            edges[axis] = edges[axis] & ~_along(axis, dimension, (along[1:] >= low) & (along[:-1] <= high))
        kept.append(kept_indices(len(along), most))
        found, gap, place = _with_lines(along[kept[-1]], lines)
        axes.append(found)
        gaps.append(gap)
        places.append(place)
    points = mesh(axes[1], axes[0]) if dimension == 2 else axes[0][:, None]
    heights = drawable(evaluated.field(points))
    thinned = tuple(_over(broken, axis, kept) for axis, broken in enumerate(edges))
    left_out = np.zeros(heights.shape, np.bool_)
    values = evaluated.values[np.ix_(*kept)]
    left_out[np.ix_(*places)] = covering(thinned, values) & ~np.isnan(values)
    for axis, gap in enumerate(gaps):
        left_out |= _along(axis, dimension, gap)
    heights[left_out] = np.nan
    fixed = left_out.copy()
    fixed[np.ix_(*places)] |= touched(thinned, values.shape)
    return points, heights, fixed


def _extend_to_edge(
    field: ScalarField, points: Floats, heights: Floats, fixed: Flags
) -> tuple[Floats, Floats]:
    """Move undefined points of a mesh (n1, n0, 2) beside defined ones to the edge of the domain.

    Each moves towards the mean of its defined neighbours; bisection finds the edge. `fixed` points stay.
    """
    known = np.pad(~np.isnan(heights), 1)
    near = sliding_window_view(known, (3, 3)).any(axis=(2, 3))
    moved = np.nonzero(~known[1:-1, 1:-1] & ~fixed & near)
    count, total = np.zeros(len(moved[0])), np.zeros((len(moved[0]), 2))
    for i, j in np.ndindex(3, 3):
        there = known[moved[0] + i, moved[1] + j]
        count += there
        total[there] += points[moved[0][there] + i - 1, moved[1][there] + j - 1]

    def is_known(places: Floats) -> Flags:
        return ~np.isnan(drawable(field(places)))

    inner = _bisected(total / count[:, None], points[moved], is_known)
    values = drawable(field(inner))
    return _with_moved(points, heights, moved, to=inner, values=values, there=~np.isnan(values))


def extend_to_poles(
    field: ScalarField, points: Floats, heights: Floats, limits: Limits
) -> tuple[Floats, Floats]:
    """Move points of a mesh (n1, n0, 2) beside a pole to where the value reaches one of the limits.

    Gaps at poles are cut at whole cells, so a pole that crosses the mesh diagonally has a jagged edge. Each
    point with a NaN neighbour moves towards the gap, by at most 2.5 cells; bisection finds where the function
    reaches a limit. A point stays in place if no limit is reached on the way, or by a jump.
    """
    low, high = limits

    def is_inside(places: Floats) -> Flags:
        values = field(places)
        inside: Flags = (values >= low) & (values <= high)
        return inside

    gone = np.pad(np.isnan(heights), 1)
    rows, columns = heights.shape
    spacing = np.ptp(points, axis=(0, 1)) / (columns - 1, rows - 1)
    count, way = np.zeros(heights.shape), np.zeros(points.shape)
    for i, j in np.ndindex(3, 3):
        there = gone[i : i + rows, j : j + columns]
        count += there
        way += there[..., None] * (np.array([j - 1, i - 1]) * spacing)
    moved = np.nonzero((heights >= low) & (heights <= high) & (count > 0))
    start, way = points[moved], way[moved] / count[moved][:, None]
    fractions = np.linspace(0, _SEARCH_CELLS, _SEARCH_STEPS + 1)[:, None, None]
    places = start + fractions * way
    found = field(places)
    edges = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    out = ~((found >= low) & (found <= high)) | ((places < edges[0]) | (places > edges[1])).any(axis=-1)
    first = np.maximum(out.argmax(axis=0), 1)
    inner = _bisected(start + fractions[first - 1, 0] * way, start + fractions[first, 0] * way, is_inside)
    value = field(inner)
    steps = np.nan_to_num(np.abs(np.diff(found, axis=0)), nan=np.inf, posinf=np.inf)
    before = np.where(np.arange(_SEARCH_STEPS)[:, None] < first - 1, steps, 0.0).max(axis=0)
    grows = before <= np.take_along_axis(steps, first[None] - 1, axis=0)[0]  # not after a jump on the way
    there = grows & out.any(axis=0) & (np.minimum(value - low, high - value) <= _LIMIT_SHARE * (high - low))
    return _with_moved(points, heights, moved, to=inner, values=value, there=there)


def _bisected(inner: Floats, outer: Floats, is_good: Callable[[Floats], Flags]) -> Floats:
    """Return good points (N, D) near the edge of what is good, between good and other points (N, D)."""
    for _ in range(_BISECTIONS):
        middle = (inner + outer) / 2
        good = is_good(middle)
        inner[good], outer[~good] = middle[good], middle[~good]
    return inner


def _with_moved(
    points: Floats, heights: Floats, moved: Index, *, to: Floats, values: Floats, there: Flags
) -> tuple[Floats, Floats]:
    """Return copies in which points at indices (N,) are moved, where `there` (N,), with new values (N,)."""
    index = tuple(part[there] for part in moved)
    points, heights = points.copy(order="K"), heights.copy()
    points[index], heights[index] = to[there], values[there]
    return points, heights


def _coordinates(points: Floats, axis: int) -> Floats:
    """Return the coordinates (n,) along an axis of a mesh or curve (..., D)."""
    dimension = points.shape[-1]
    index = tuple(slice(None) if place == axis else 0 for place in range(dimension))
    return points[(*index, dimension - 1 - axis)]


def _along(axis: int, dimension: int, values: Flags) -> Flags:
    """Return flags (n,) along one axis, reshaped to broadcast over the mesh."""
    return values.reshape([-1 if place == axis else 1 for place in range(dimension)])


def kept_indices(count: int, most: int | None) -> NDArray[np.intp]:
    """Return the indices of about `most` points of an axis that are kept, the last among them."""
    step = -(-count // most) if most else 1
    return np.unique(np.array([*range(0, count, step), count - 1], np.intp))


def _over(broken: Flags, axis: int, kept: list[NDArray[np.intp]]) -> Flags:
    """Return whether a discontinuity lies between two neighbouring points that are kept."""
    rest = [np.arange(broken.shape[axis]) if place == axis else one for place, one in enumerate(kept)]
    found: Flags = np.logical_or.reduceat(broken[np.ix_(*rest)], kept[axis][:-1], axis=axis)
    return found


def _lines(breaks: Breaks, axis: int, along: Floats, crossing: float) -> list[Line]:
    """Return the straight discontinuities along the other axis."""
    chosen = breaks.along == axis
    coordinate = breaks.low.shape[1] - 1 - axis
    sides = sorted(
        zip(breaks.low[chosen, coordinate].tolist(), breaks.high[chosen, coordinate].tolist(), strict=True)
    )
    apart = _SAME_BREAK_SHARE * float(np.ptp(along))
    groups: list[list[Line]] = []
    for side in sides:
        if groups and side[0] <= max(high for _, high in groups[-1]) + apart:
            groups[-1].append(side)
        else:
            groups.append([side])
    if len(groups) > _MAX_LINES:
        return []
    crossed = [group for group in groups if len(group) >= _CROSSING_SHARE * crossing]
    lines = [(group[0][0], max(high for _, high in group)) for group in crossed]
    least = float(np.diff(along).min())
    return [(low, high) for low, high in lines if high - low < least]


def _with_lines(along: Floats, lines: list[Line]) -> tuple[Floats, Flags, NDArray[np.intp]]:
    """Return coordinates with three more for each line: its two sides, and a gap between them.

    The flags are set at gaps. The last array has the new index of each old coordinate; of one on a line it is
    that of the gap.
    """
    new = [(x, False) for x in along if not any(low <= x <= high for low, high in lines)]
    for low, high in lines:
        new += [(low, False), (low + (high - low) / 2, True), (high, False)]
    new.sort()
    coordinates, gap = np.array([x for x, _ in new]), np.array([is_gap for _, is_gap in new])
    place = np.searchsorted(coordinates, along)
    for low, high in lines:
        inside = gap & (coordinates >= low) & (coordinates <= high)
        place[(along >= low) & (along <= high)] = np.flatnonzero(inside)[0]
    return coordinates, gap, place
