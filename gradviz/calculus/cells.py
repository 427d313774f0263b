"""Meshes on which a gradient is sampled, and the indices of its zeros in their cells.

The index of a regular critical point is the sign of the determinant of the Hessian. By the theorem of
Poincaré and Hopf, the indices of the points in a region add up to the winding number of the gradient along
its border: where they do not, a point is missing, or the gradient has a kink or a pole.

J. Milnor, "Topology from the Differentiable Viewpoint", 1965, section 6.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.differences import EPS
from gradviz.calculus.newton import ScaledField

INDEXED = 2  # largest number of variables for which indices are computed
_OFFSET = 0.437  # distance of the first node before the range, in cells: no node is at a special point
_ROUNDED = 64 * EPS  # magnitude of a slope that is rounding, relative to the value
_MAX_CELLS = 1_000  # number of cells with an unexplained index from which the gradient is undersampled
_TOGETHER = 2  # distance of the cells of one cluster, in cells
_ZOOM = 25  # nodes along each axis of a mesh inside of a cell
_COARSE_ZOOM = 5  # nodes along each axis of such a mesh in three and more variables
_MAX_EXTREMES = 24  # number of minima, and of maxima, of a mesh that are located
_RESOLUTION = 1e-10  # size of a cell that locates a point, relative to the ranges
_CIRCLES = (1e-6, 1e-4)  # radii of the circles about a place, relative to the ranges
_VANISHED = 0.1  # slope on the smaller circle, relative to the wider one, below which it tends to zero
_AROUND = 16  # number of points on a circle
_CUSP = 8  # change of f between a kink and the circle, relative to that by the slopes on the circle


@dataclass(frozen=True)
class Cells:
    """The cells of a rectangular mesh with D axes."""

    scaled: ScaledField
    low: Floats
    """The coordinates (D,) of the first node."""
    size: Floats
    """The lengths (D,) of a cell."""
    slopes: Floats
    """The scaled gradient (n, ..., n, D) at the nodes."""
    values: Floats
    """The values (n, ..., n) at the nodes."""

    @property
    def nodes(self) -> Floats:
        """The nodes (n, ..., n, D)."""
        return _mesh(self.low, self.size, self.values.shape)

    @cached_property
    def sign_changes(self) -> Floats:
        """The centres (N, D) of the cells in which each partial derivative changes its sign."""
        (low, high), centres = self._corner_limits, self.nodes
        for along in range(len(self.low)):
            first, second = _neighbours(along)
            centres = (centres[first] + centres[second]) / 2
        return centres[((low <= 0) & (high >= 0)).all(axis=-1) & (low < high).any(axis=-1)]

    @property
    def smallest_slopes(self) -> Floats:
        """The nodes (N, D) with a smaller gradient than their neighbours, as next to a pair of zeros.

        A pair in one cell, such as a minimum and a saddle, changes no sign at the corners.
        """
        return self.low + self.size * _minima(magnitudes(self.slopes))

    @property
    def has_monotonic_axis(self) -> bool:
        """Return whether a partial derivative has one sign at all nodes, far enough from zero in each cell.

        In each cell it is farther from zero than the corners are from each other.
        """
        low, high = self._corner_limits
        farther = ((low > 0) | (high < 0)) & (np.minimum(np.abs(low), np.abs(high)) > high - low)
        axes = tuple(range(self.values.ndim))
        return bool((farther.all(axis=axes) & np.isfinite(self.slopes).all(axis=axes)).any())

    @cached_property
    def _corner_limits(self) -> tuple[Floats, Floats]:
        """The minimum and the maximum (..., D) of each partial derivative at the corners of cells."""
        low = high = self.slopes
        for along in range(len(self.low)):
            first, second = _neighbours(along)
            low, high = np.fmin(low[first], low[second]), np.fmax(high[first], high[second])
        return low, high

    @cached_property
    def indices(self) -> NDArray[np.int_]:
        """The index (n - 1, ..., n - 1) of each cell, 0 for cells with an unknown corner."""
        noise = np.abs(self.slopes).max(axis=-1) <= _ROUNDED * np.abs(self.values)
        slopes = np.where(noise[..., None], np.nan, self.slopes)
        if len(self.low) == 1:
            found = np.diff(np.sign(slopes[:, 0])) / 2
        else:
            angles = np.arctan2(slopes[..., 1], slopes[..., 0])
            along, across = (_wrapped(np.diff(angles, axis=axis)) for axis in (0, 1))
            found = (along[:, :-1] + across[1:] - along[:, 1:] - across[:-1]) / (2 * np.pi)
        return np.rint(np.nan_to_num(found)).astype(int)

    def contain(self, points: Floats) -> NDArray[np.bool_]:
        """Return whether points (N, D) are in a cell, as a mask (N,)."""
        positions = (points - self.low) / self.size
        return np.asarray(((positions >= 0) & (positions < self.indices.shape)).all(axis=-1))

    def unexplained(self, points: Floats, indices: NDArray[np.int_]) -> NDArray[np.int_]:
        """Return the index of each cell less those (N,) of the points (N, D) in it.

        Cells that are not inside the range have 0.
        """
        excess = self.indices.copy()
        cells = np.floor((points - self.low) / self.size).astype(int)
        inside = ((cells >= 0) & (cells < excess.shape)).all(axis=-1)
        np.subtract.at(excess, tuple(cells[inside].T), indices[inside])
        for along, count in enumerate(excess.shape):
            edges = self.low[along] + self.size[along] * np.arange(count + 1)
            limits = self.scaled.low[along] + np.array([0, self.scaled.length[along]])
            outside = (edges[:-1] < limits[0]) | (edges[1:] > limits[1])
            excess[(slice(None),) * along + (outside,)] = 0
        return excess


def sample(scaled: ScaledField, low: Floats, high: Floats, count: int) -> Cells:
    """Return the cells of a mesh of `count` nodes along each axis over a box, or one more if it is offset."""
    size = (high - low) / (count - 1)
    if len(low) <= INDEXED:
        low, count = low - _OFFSET * size, count + 1
    nodes = _mesh(low, size, (count,) * len(low))
    return Cells(scaled, low, size, scaled.gradient(nodes), scaled.field(nodes))


def _mesh(low: Floats, size: Floats, shape: tuple[int, ...]) -> Floats:
    lines = [start + step * np.arange(n) for start, step, n in zip(low, size, shape, strict=True)]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)


def _neighbours(along: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the indices of the first and of the second corners of cells along an axis."""
    before = (slice(None),) * along
    return (*before, slice(None, -1)), (*before, slice(1, None))


def _wrapped(angles: Floats) -> Floats:
    """Return differences of angles in the interval from -pi to pi."""
    return (angles + np.pi) % (2 * np.pi) - np.pi


def clusters(excess: NDArray[np.int_]) -> list[tuple[NDArray[np.int_], int]] | None:
    """Return the clusters of cells with an excess that does not cancel: cells (M, D) and its sum.

    None if there are too many cells, as where the gradient is undersampled.
    """
    cells = np.argwhere(excess)
    if len(cells) > _MAX_CELLS:
        return None
    near = (np.abs(cells[:, None] - cells) <= _TOGETHER).all(axis=-1)
    labels = np.arange(len(cells))
    for _ in range(len(cells)):
        joined = np.where(near, labels, len(cells)).min(axis=-1)
        if (joined == labels).all():
            break
        labels = joined
    groups = [cells[labels == label] for label in np.unique(labels)]
    sums = [int(excess[tuple(group.T)].sum()) for group in groups]
    return [(group, total) for group, total in zip(groups, sums, strict=True) if total]


def located(
    cells: Cells, points: Floats, indices: NDArray[np.int_], group: NDArray[np.int_]
) -> Floats | None:
    """Return the place (D,) of an unexplained index in a cluster of cells (M, D), by repeated refinement.

    `points` (N, D) with `indices` (N,) are known ones. Returns None if they explain a finer mesh.
    """
    low, high = (cells.low + cells.size * edge for edge in (group.min(axis=0) - 1, group.max(axis=0) + 2))
    length, known = cells.scaled.length, False
    while ((high - low) > _RESOLUTION * length).any():
        finer = sample(cells.scaled, low, high, _ZOOM)
        parts = clusters(finer.unexplained(points, indices))
        if not parts and not known:
            return None
        part = parts[0][0] if parts else np.zeros((0, len(low)), int)
        if not len(part) or (np.ptp(part, axis=0) > _ZOOM / 3).any():
            break  # rounding hides the place
        known = True
        low, high = (finer.low + finer.size * edge for edge in (part.min(axis=0) - 1, part.max(axis=0) + 2))
    place: Floats = (low + high) / 2
    return place


def lowest(cells: Cells) -> Floats:
    """Return the place (D,) of the smallest value on a mesh, by repeated refinement."""
    node = np.unravel_index(np.nanargmin(cells.values), cells.values.shape)
    return _refined(cells, cells.nodes[node], 1)


def extremes(cells: Cells) -> Iterator[Floats]:
    """Yield the places (D,) of local minima and maxima inside a mesh, by repeated refinement."""
    for sign in (1, -1):
        for node in _minima(sign * cells.values)[:_MAX_EXTREMES]:
            yield _refined(cells, cells.low + cells.size * node, sign)


def _minima(values: Floats) -> NDArray[np.intp]:
    """Return the indices (K, D) of local minima inside a mesh of values; of equal neighbours, the first."""
    shape = values.shape
    inner = tuple(slice(1, size - 1) for size in shape)
    is_lowest = np.isfinite(values[inner])
    for shift in itertools.product((-1, 0, 1), repeat=len(shape)):
        part = tuple(slice(1 + by, size - 1 + by) for by, size in zip(shift, shape, strict=True))
        if any(shift):
            is_lower = np.less if shift > (0,) * len(shape) else np.less_equal
            is_lowest &= is_lower(values[inner], values[part])
    return np.argwhere(is_lowest) + 1


def _refined(cells: Cells, place: Floats, sign: int) -> Floats:
    """Return the place (D,) of the smallest value of `sign` f within a cell of a place (D,)."""
    scaled, size = cells.scaled, cells.size
    low, high = scaled.low, scaled.low + scaled.length
    count = _ZOOM if len(low) <= INDEXED else _COARSE_ZOOM
    while (size > _RESOLUTION * scaled.length).any():
        ends = (np.clip(place + side * size, low, high) for side in (-1, 1))
        lines = [np.linspace(a, b, count) for a, b in zip(*ends, strict=True)]
        nodes = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, len(low))
        place, size = nodes[np.nanargmin(sign * scaled.field(nodes))], 2 * size / (count - 1)
    return place


def _directions(dimension: int) -> Floats:
    """Return unit vectors (K, D) in all directions: evenly around in two dimensions, random in more."""
    if dimension == 1:
        return np.array([[-1.0], [1.0]])
    if dimension == 2:
        angles = 2 * np.pi * (np.arange(_AROUND) + _OFFSET) / _AROUND
        return np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    vectors = np.random.default_rng(0).normal(size=(_AROUND * dimension, dimension))
    return vectors / magnitudes(vectors)[:, None]


def kink(scaled: ScaledField, place: Floats) -> str:
    """Return the kind of a place (D,): a kink with a "minimum", "maximum" or "saddle", a "jump", or "none".

    The values on a small circle about it decide. At a pole or a jump they change by more than the slopes say;
    at a zero of the gradient the slopes are smaller than those on a wider circle.
    """
    around = place + np.multiply.outer(_CIRCLES, _directions(len(place)) * scaled.length)
    values, slopes = scaled.field(around), np.abs(scaled.gradient(around)).sum(axis=-1).max(axis=-1)
    changes = values[0] - scaled.field(place)
    rounding = _ROUNDED * np.abs(values[0])
    if not (np.abs(changes) <= _CUSP * _CIRCLES[0] * slopes[0] + rounding).all():
        return "jump"
    if not (np.abs(changes) > rounding).any() or slopes[0] < _VANISHED * slopes[1]:
        return "none"
    if (changes >= -rounding).all():
        return "minimum"
    return "maximum" if (changes <= rounding).all() else "saddle"
