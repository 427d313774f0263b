"""Evenly spaced streamlines of a gradient.

Curves from many seeds are integrated together, and then placed one after the other, the longest first, each
as far as it keeps its distance from the others (B. Jobard and W. Lefer, "Creating evenly-spaced streamlines
of arbitrary density", Visualization in Scientific Computing, 1997). Few seeds far from each other give the
first lines; at these, the curves from a finer lattice of seeds end, so that they cost little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats, grid, magnitudes
from gradviz.sampling.integration import (
    CLOSE,
    MAX_SPACING,
    Curve,
    Curves,
    Flags,
    Frame,
    Indices,
    Landscape,
    curves_from,
)

SEPARATION = 0.036  # distance between lines at density 1, in longer sides of the panel
MIN_LENGTH = 0.05  # minimum length of a line that does not lead from a critical point to another one
_TEST_SHARE = 0.5  # of the separation: the minimum distance to another line
_CRITICAL_SHARE = 1.0  # of the separation: radius around critical points, where lines meet
_CELLS = 10  # cells of the raster in a separation
_DIAGONAL = 1.42  # of a cell, rounded up: error of a distance between the middles of two cells
_LATTICES = (4.0, 0.5)  # distances between the seeds of each round, in separations
_TURN_SHARES = (np.arange(8)[:, None] + 0.5) / 8  # of a piece of a line: where its direction is compared
_OFFSET = 0.381966  # of a lattice distance: seeds avoid round numbers, at which functions jump


@dataclass(frozen=True, eq=False)
class Streamline:
    """A line uphill through points (N, 2) in the units of the data."""

    points: Floats
    is_critical: tuple[bool, bool]
    """Whether the start and the end are critical points."""


def streamlines(
    landscape: Landscape, density: float, *, clear_of: Sequence[Streamline] = (), coarse: float = 1.0
) -> list[Streamline]:
    """Return evenly spaced lines along a gradient, which keep clear of other lines.

    `density` is inverse to the distance between lines; `coarse` is a factor of the distances between seeds,
    for functions that are slow.
    """
    room, placed = _Room(landscape.frame, SEPARATION / density), []
    for line in clear_of:
        room.occupy(line)
    for lattice in _LATTICES:
        curves = curves_from(landscape, room.seeds(lattice * coarse), room.is_blocked)
        room.free(curves.critical_points)
        placed += _placed(curves, room, landscape)
    return placed


def lines_through(landscape: Landscape, points: Floats) -> list[Streamline | None]:
    """Return the lines along a gradient through points (N, 2); None next to a critical point or a kink."""
    curves = curves_from(landscape, landscape.frame.panel(points))
    lines: list[Streamline | None] = []
    for index in range(len(points)):
        up, down = curves.curve(index), curves.curve(len(points) + index)
        lengths = sorted([up.length, down.length])
        is_next = lengths[0] < CLOSE and (up.is_critical or down.is_critical)
        lines.append(None if is_next or lengths[1] < CLOSE else _joined(up, down, landscape.frame))
    return lines


def _placed(curves: Curves, room: _Room, landscape: Landscape) -> list[Streamline]:
    """Return the lines that have room, each of the curves uphill and downhill from a seed, and occupy it."""
    count = len(curves.seeds) // 2
    seeds, lengths = curves.seeds[:count], curves.lengths[:count] + curves.lengths[count:]
    waiting = (lengths >= MIN_LENGTH) | (curves.critical[:count] & curves.critical[count:])
    lines, cells = [], room.cells(seeds)
    while waiting.any():
        index = int(np.argmax(np.where(waiting, lengths, -1.0)))
        waiting[index] = False
        ways = ((index, 1.0), (count + index, -1.0))
        up, down = (_up_to_turn(_cut(curves.curve(place), room), landscape, sign) for place, sign in ways)
        if up.length + down.length >= MIN_LENGTH or (up.is_critical and down.is_critical):
            lines.append(_joined(up, down, room.frame))
            room.occupy(lines[-1])
            waiting &= ~room.is_taken(cells)
    return lines


def _cut(curve: Curve, room: _Room) -> Curve:
    """Return the part of a curve up to where it is too close to a line."""
    blocked = np.flatnonzero(room.is_blocked(curve.points))
    if not blocked.size:
        return curve
    points = curve.points[: max(blocked[0], 1)]
    return Curve(points, float(magnitudes(np.diff(points, axis=0)).sum()), is_critical=False)


def _up_to_turn(curve: Curve, landscape: Landscape, sign: float) -> Curve:
    """Return the part of a curve up to where the gradient first points the other way.

    Two critical points closer to each other than a step are not seen by the integration.
    """
    pieces = np.diff(curve.points, axis=0)
    between = curve.points[:-1, None] + pieces[:, None] * _TURN_SHARES
    vectors = sign * landscape.vectors(between.reshape(-1, 2)).reshape(between.shape)
    turned = ((vectors * pieces[:, None]).sum(axis=-1) < 0).any(axis=1)
    turned &= np.cumsum(magnitudes(pieces)) < curve.length - CLOSE  # before the critical point at its end
    if not turned.any():
        return curve
    points = curve.points[: int(turned.argmax()) + 1]
    return Curve(points, float(magnitudes(np.diff(points, axis=0)).sum()), is_critical=True)


def _joined(up: Curve, down: Curve, frame: Frame) -> Streamline:
    """Return the line of both curves from a seed."""
    points = np.concatenate([down.points[:0:-1], up.points])
    return Streamline(frame.data(points), (down.is_critical, up.is_critical))


class _Room:
    """A raster of the panel that knows where lines are closer than the separation, and than the minimum."""

    def __init__(self, frame: Frame, separation: float) -> None:
        self.frame, self._separation = frame, separation
        self._cell, self._margin = separation / _CELLS, _CELLS + 2
        self._parts = math.ceil(
            MAX_SPACING / self._cell
        )  # of each piece of a line, at most as long as a cell
        columns, rows = np.ceil(frame.size / self._cell).astype(int) + 1 + 2 * self._margin
        self._columns = int(columns)
        self._blocked, self._taken, self._free = np.zeros((3, rows * columns), np.bool_)
        self._near, self._around = self._disc(_TEST_SHARE * _CELLS + _DIAGONAL), self._disc(_CELLS)

    def _disc(self, radius: float) -> Indices:
        """Return the offsets (K,) in the raster of the cells within a radius, in cells."""
        along = np.arange(-self._margin, self._margin + 1)
        inside = np.hypot(along[:, None], along) <= radius
        rows, columns = np.nonzero(inside)
        return np.asarray((rows - self._margin) * self._columns + columns - self._margin)

    def cells(self, points: Floats) -> Indices:
        """Return the indices (N,) in the raster of points (N, 2)."""
        columns, rows = np.rint(np.clip(points, 0.0, self.frame.size) / self._cell).astype(np.intp).T
        return np.asarray((rows + self._margin) * self._columns + columns + self._margin)

    def is_blocked(self, points: Floats) -> Flags:
        """Return whether points (N, 2) are too close to a line, outside the discs around critical points."""
        cells = self.cells(points)
        return np.asarray(self._blocked[cells] & ~self._free[cells])

    def is_taken(self, cells: Indices) -> Flags:
        """Return whether points in cells (N,) are closer to a line than the separation."""
        return np.asarray(self._taken[cells])

    def occupy(self, line: Streamline) -> None:
        """Add a line, as far as it is in the frame."""
        points = self.frame.panel(line.points)
        shares = np.arange(self._parts)[:, None] / self._parts
        between = points[:-1, None] * (1 - shares) + points[1:, None] * shares
        points = np.concatenate([between.reshape(-1, 2), points[-1:]])
        cells = self.cells(points[((points >= 0) & (points <= self.frame.size)).all(axis=-1)])
        self._blocked[np.unique(cells)[:, None] + self._near] = True
        self._taken[np.unique(cells[::2])[:, None] + self._around] = True

    def free(self, points: Floats) -> None:
        """Let lines meet around critical points (N, 2)."""
        disc = self._disc(_CRITICAL_SHARE * _CELLS)
        self._free[np.unique(self.cells(points))[:, None] + disc] = True

    def seeds(self, distance: float) -> Floats:
        """Return the points (N, 2) of a lattice where there is room; the distance is in separations."""
        spacing = distance * self._separation
        along = [np.arange(_OFFSET * spacing, size, spacing) for size in self.frame.size]
        points = grid(along).reshape(-1, 2)
        return points[~self.is_taken(self.cells(points))]
