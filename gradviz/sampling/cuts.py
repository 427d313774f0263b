"""Meshes and curves to draw: parted where the function jumps, and reaching to the edge of its domain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, mesh
from gradviz.calculus.continuity import Breaks, Flags, covering, touched
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.samples import Samples, drawable

_LINES = 32  # at most, along an axis, that get points of their own
_SHARE = 0.25  # of the lines that cross it: fewer breaks at one coordinate are no line along an axis
_SAME = 1e-9  # of the range: breaks that are closer are one

_REACH = 2.5  # cells: so far behind a point beside a cut the pole may lie
_LOOKS = 25  # places on the way there
_NEAR = 0.02  # of the heights shown: a rim so close to their end has come to it
_HALVINGS = 12  # of the distance to the edge of the domain

Line = tuple[float, float]


def parted(samples: Samples, most: int | None = None) -> tuple[Floats, Floats]:
    """Return points (..., D) and heights (...) to draw, undefined between the two sides of each break.

    A break along an axis, as in floor(x0), gets points of its own on both sides, as close together as can
    be. Beside other breaks points are left out, which leaves a gap of one or two cells. `most` thins out what
    has breaks to about so many points along each axis. Points of a mesh beyond the edge of the domain are
    moved onto it, which then is no staircase.
    """
    points, heights, fixed = samples.points, samples.heights, np.zeros(samples.values.shape, np.bool_)
    if samples.breaks:
        points, heights, fixed = _cut(samples, samples.breaks, most)
    if points.ndim == 3 and np.isnan(heights).any():
        return _to_the_edge(samples.field, points, heights, fixed)
    return points, heights


def _cut(samples: Samples, breaks: Breaks, most: int | None) -> tuple[Floats, Floats, Flags]:
    """Return points and heights with the breaks cut, and which points belong to a cut."""
    dimension = samples.points.shape[-1]
    edges = list(breaks.edges)
    axes, gaps, places, kept = [], [], [], []
    for axis in range(dimension):
        along = _coordinates(samples.points, axis)
        lines = _lines(breaks, axis, along, samples.values.size / len(along))
        for low, high in lines:
            edges[axis] = edges[axis] & ~_along(axis, dimension, (along[1:] >= low) & (along[:-1] <= high))
        kept.append(_thinned(len(along), most))
        found, gap, place = _with_lines(along[kept[-1]], lines)
        axes.append(found)
        gaps.append(gap)
        places.append(place)
    points = mesh(axes[1], axes[0]) if dimension == 2 else axes[0][:, None]
    heights = drawable(samples.field(points))
    thinned = tuple(_over(broken, axis, kept) for axis, broken in enumerate(edges))
    left_out = np.zeros(heights.shape, np.bool_)
    values = samples.values[np.ix_(*kept)]
    left_out[np.ix_(*places)] = covering(thinned, values) & ~np.isnan(values)
    for axis, gap in enumerate(gaps):
        left_out |= _along(axis, dimension, gap)
    heights[left_out] = np.nan
    fixed = left_out.copy()
    fixed[np.ix_(*places)] |= touched(thinned, values.shape)
    return points, heights, fixed


def _to_the_edge(field: ScalarField, points: Floats, heights: Floats, fixed: Flags) -> tuple[Floats, Floats]:
    """Return a mesh (n1, n0, 2) whose undefined points beside defined ones are moved to where these end.

    Each is moved towards the middle of its defined neighbours, as far as the edge, which halving finds.
    """
    known = np.pad(~np.isnan(heights), 1)
    rows, columns = heights.shape
    around = [(row, column) for row in range(3) for column in range(3)]
    near = np.zeros(heights.shape, np.bool_)
    for i, j in around:
        near |= known[i : i + rows, j : j + columns]
    moved = np.nonzero(~known[1:-1, 1:-1] & ~fixed & near)
    count, total = np.zeros(len(moved[0])), np.zeros((len(moved[0]), 2))
    for i, j in around:
        there = known[moved[0] + i, moved[1] + j]
        count += there
        total[there] += points[moved[0][there] + i - 1, moved[1][there] + j - 1]
    inner, outer = total / count[:, None], points[moved]
    values = drawable(field(inner))
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        found = drawable(field(middle))
        good = ~np.isnan(found)
        inner[good], values[good], outer[~good] = middle[good], found[good], middle[~good]
    points, heights = points.copy(order="K"), heights.copy()
    there = ~np.isnan(values)
    index = tuple(part[there] for part in moved)
    points[index], heights[index] = inner[there], values[there]
    return points, heights


def to_the_ends(
    field: ScalarField, points: Floats, heights: Floats, ends: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return a mesh (n1, n0, 2) whose points beside a pole are moved to where an end's height is.

    A pole that runs across the mesh is cut at whole cells; without this its rims would be saws. Points move
    towards what is left out beside them, and stay where they are if that leads to no end.
    """
    low, high = ends
    gone = np.pad(np.isnan(heights), 1)
    rows, columns = heights.shape
    count, way = np.zeros(heights.shape), np.zeros(points.shape)
    for i in range(3):
        for j in range(3):
            there = gone[i : i + rows, j : j + columns]
            count += there
            way += there[..., None] * (np.array([j - 1, i - 1]) * _spacing(points))
    moved = np.nonzero((heights >= low) & (heights <= high) & (count > 0))
    start, way = points[moved], way[moved] / count[moved][:, None]
    fractions = np.linspace(0, _REACH, _LOOKS + 1)[:, None, None]
    places = start + fractions * way
    found = field(places)
    edges = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    out = ~((found >= low) & (found <= high)) | ((places < edges[0]) | (places > edges[1])).any(axis=-1)
    first = np.maximum(out.argmax(axis=0), 1)
    inner, outer = start + fractions[first - 1, 0] * way, start + fractions[first, 0] * way
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2
        value = field(middle)
        good = (value >= low) & (value <= high)
        inner[good], outer[~good] = middle[good], middle[~good]
    value = field(inner)
    steps = np.nan_to_num(np.abs(np.diff(found, axis=0)), nan=np.inf, posinf=np.inf)
    before = np.where(np.arange(_LOOKS)[:, None] < first - 1, steps, 0.0).max(axis=0)
    grows = before <= np.take_along_axis(steps, first[None] - 1, axis=0)[0]  # not after a jump on the way
    there = grows & out.any(axis=0) & (np.minimum(value - low, high - value) <= _NEAR * (high - low))
    index = tuple(part[there] for part in moved)
    points, heights = points.copy(order="K"), heights.copy()
    points[index], heights[index] = inner[there], value[there]
    return points, heights


def _spacing(points: Floats) -> Floats:
    """Return the mean distance (2,) of neighbours of a mesh (n1, n0, 2) along each coordinate."""
    rows, columns = points.shape[:2]
    size: Floats = np.ptp(points, axis=(0, 1)) / (columns - 1, rows - 1)
    return size


def _coordinates(points: Floats, axis: int) -> Floats:
    """Return the coordinates (n,) along an axis of a mesh or curve (..., D)."""
    dimension = points.shape[-1]
    index = tuple(slice(None) if place == axis else 0 for place in range(dimension))
    return points[(*index, dimension - 1 - axis)]


def _along(axis: int, dimension: int, values: Flags) -> Flags:
    """Return flags along one axis in a shape that broadcasts over the mesh."""
    return values.reshape([-1 if place == axis else 1 for place in range(dimension)])


def _thinned(count: int, most: int | None) -> NDArray[np.intp]:
    """Return which points of an axis are kept: about `most` of them, the last always."""
    step = -(-count // most) if most else 1
    return np.unique(np.array([*range(0, count, step), count - 1], np.intp))


def _over(broken: Flags, axis: int, kept: list[NDArray[np.intp]]) -> Flags:
    """Return for the points that are kept along each axis whether a break lies between two of them."""
    rest = [np.arange(broken.shape[axis]) if place == axis else one for place, one in enumerate(kept)]
    found: Flags = np.logical_or.reduceat(broken[np.ix_(*rest)], kept[axis][:-1], axis=axis)
    return found


def _lines(breaks: Breaks, axis: int, along: Floats, crossing: float) -> list[Line]:
    """Return the breaks that lie along the other axis: the coordinates on both sides of each."""
    chosen = breaks.along == axis
    coordinate = breaks.low.shape[1] - 1 - axis
    sides = sorted(
        zip(breaks.low[chosen, coordinate].tolist(), breaks.high[chosen, coordinate].tolist(), strict=True)
    )
    apart = _SAME * float(np.ptp(along))
    groups: list[list[Line]] = []
    for side in sides:
        if groups and side[0] <= max(high for _, high in groups[-1]) + apart:
            groups[-1].append(side)
        else:
            groups.append([side])
    if len(groups) > _LINES:
        return []
    found = [
        (group[0][0], max(high for _, high in group)) for group in groups if len(group) >= _SHARE * crossing
    ]
    least = float(np.diff(along).min())
    return [(low, high) for low, high in found if high - low < least]


def _with_lines(along: Floats, lines: list[Line]) -> tuple[Floats, Flags, NDArray[np.intp]]:
    """Return coordinates with three for each line: its two sides and between them a gap, where flags are set.

    The last array has the new place of each of the old coordinates; one that lies on a line has the gap's.
    """
    new = [(x, False) for x in along if not any(low <= x <= high for low, high in lines)]
    new += [
        part for low, high in lines for part in ((low, False), (low + (high - low) / 2, True), (high, False))
    ]
    new.sort()
    coordinates, gap = np.array([x for x, _ in new]), np.array([is_gap for _, is_gap in new])
    place = np.searchsorted(coordinates, along)
    for low, high in lines:
        place[(along >= low) & (along <= high)] = np.flatnonzero(
            gap & (coordinates >= low) & (coordinates <= high)
        )[0]
    return coordinates, gap, place
