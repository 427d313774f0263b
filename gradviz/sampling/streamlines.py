"""Evenly spaced streamlines of a gradient.

All seeds of a round are integrated together, both ways, by Rodas3: a linearly implicit Runge-Kutta method of
order 3 with an embedded one of order 2 (A. Sandu et al., "Benchmarking stiff ODE solvers for atmospheric
chemistry problems II", Atmospheric Environment 31, 1997). It is stable on the floor of a narrow valley, where
explicit methods need steps that are as short as the valley is narrow. The lines are then placed one after the
other, each as long as it keeps away from the others (B. Jobard and W. Lefer, "Creating evenly-spaced
streamlines of arbitrary density", Visualization in Scientific Computing, 1997), long lines next to placed ones
first; seeds of a finer lattice fill the gaps.

Coordinates are those of the panel: its width is 1, and equal distances look equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, grid

Flags = NDArray[np.bool_]
Slope = Callable[[Floats], Floats]
"""Maps points (N, 2) to vectors (N, 2), NaN where there is none; only their direction matters."""
Rise = Callable[[Floats], Floats]
"""Maps points (N, 2) to values (N,)."""

SEPARATION = 0.04  # distance between lines at density 1, in widths of the panel
MIN_LENGTH = 0.05  # minimum length of a line that does not lead from a critical point to another one
_MAX_LENGTH = 8.0  # length at which a line ends
_TEST_SHARE = 0.5  # of the separation: the minimum distance to another line
_NEAR_SHARE = 1.5  # of the separation: seeds not farther from a line are next to it
_CRITICAL_SHARE = 1.0  # of the separation: radius around critical points, where lines meet
_CELLS = 10  # cells of the raster in a separation
_LATTICES = (1.0, 0.4)  # distances between the seeds of each round, in separations
_OFFSET = 0.381966  # of a lattice distance: seeds avoid round numbers, at which functions jump

_MAX_STEP, _MIN_STEP, _FIRST_STEP = 0.02, 1e-5, 0.002
_TOLERANCE = 3e-6  # error of a step
_CLOSE = 1e-3  # distance to a critical point at which a line ends there
_DELTA = 1e-6  # step of the finite differences of the Jacobian matrix
_SINGULAR = 1e-9  # determinant relative to the square of an element: a straight valley
_GAMMA = 0.5  # coefficient of the implicit part of Rodas3
_MAX_ITERATIONS = 3000
_MAX_FORCED = 20  # shortest steps of one line that are accepted whatever their error: it crosses kinks
_JUMP_SHARE = 0.05  # of the slope: deviation of the mean slope of a step from those at its ends
_ROUNDING = 64 * float(np.finfo(np.float64).eps)  # error of a difference of values, relative to them
_PARTS = 4  # of each step, in a line


@dataclass(frozen=True)
class Frame:
    """A part of a panel of width 1: `size` (2,) of its coordinates, which `low` and `unit` map to the data."""

    low: Floats
    unit: Floats
    size: Floats

    def data(self, points: Floats) -> Floats:
        """Return points (..., 2) of the panel in the units of the data."""
        return np.asarray(self.low + points * self.unit)

    def panel(self, points: Floats) -> Floats:
        """Return points (..., 2) in the units of the data as points of the panel."""
        return np.asarray((points - self.low) / self.unit)


@dataclass(frozen=True, eq=False)
class Streamline:
    """A line through points (N, 2) in the units of the data, along the vectors."""

    points: Floats
    is_critical: tuple[bool, bool]
    """Whether the start and the end are critical points."""


@dataclass(frozen=True, eq=False)
class _Track:
    """A curve (N, 2) from a seed, one way."""

    points: Floats
    length: float
    is_critical: bool


def streamlines(
    slope: Slope,
    values: Rise,
    frame: Frame,
    *,
    density: float,
    clear_of: Sequence[Streamline] = (),
    coarse: float = 1.0,
) -> list[Streamline]:
    """Return evenly spaced lines along `slope`, a function of points in the units of the data.

    They keep clear of the lines `clear_of`. `density` is inverse to the distance between lines, `coarse` a
    factor of the distances between seeds, for functions that are slow.
    """
    room = _Room(frame, SEPARATION / density)
    for line in clear_of:
        room.occupy(frame.panel(line.points))
    field, placed = _Directions(slope, values, frame), []
    for lattice in _LATTICES:
        seeds = room.seeds(lattice * coarse)
        tracks = _integrated(field, seeds, room)
        room.free([track.points[-1] for track in tracks if track.is_critical])
        placed += _placed(seeds, tracks, room)
    return placed


def lines_through(slope: Slope, values: Rise, frame: Frame, points: Floats) -> list[Streamline | None]:
    """Return the lines along `slope` through points (N, 2); None where there is hardly any."""
    seeds = frame.panel(points)
    tracks = _integrated(_Directions(slope, values, frame), seeds, None)
    lines: list[Streamline | None] = []
    for there, back in zip(tracks[: len(seeds)], tracks[len(seeds) :], strict=True):
        is_long = min(there.length, back.length) > _CLOSE
        is_long |= max(there.length, back.length) > _CLOSE and not (there.is_critical or back.is_critical)
        lines.append(_joined(back, there, frame) if is_long else None)
    return lines


# Integration ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Directions:
    """The field of directions in a panel."""

    slope: Slope
    rise: Rise
    frame: Frame

    def vectors(self, points: Floats) -> Floats:
        """Return vectors (N, 2) at points (N, 2) in the panel."""
        return self.slope(self.frame.data(points)) / self.frame.unit

    def values(self, points: Floats) -> Floats:
        """Return values (N,) at points (N, 2) in the panel."""
        return self.rise(self.frame.data(points))

    def slopes_along(self, vectors: Floats, steps: Floats) -> Floats:
        """Return the change (N,) of the values by `steps` (N, 2), from `vectors` (N, 2)."""
        return np.asarray((vectors * self.frame.unit**2 * steps).sum(axis=-1))


def _unit(vectors: Floats) -> Floats:
    """Return vectors (..., 2) of length 1; NaN for 0."""
    scaled = vectors / np.abs(vectors).max(axis=-1, keepdims=True)
    return np.asarray(scaled / np.hypot(scaled[..., 0], scaled[..., 1])[..., None])


def _solve(a: Floats, b: Floats, c: Floats, d: Floats, right: Floats) -> Floats:
    """Return the solutions (N, 2) of systems of two equations with matrices [[a, b], [c, d]]."""
    x, y = right[:, 0], right[:, 1]
    return np.asarray(np.stack([d * x - b * y, a * y - c * x], axis=-1) / (a * d - b * c)[:, None])


class _Tracks:
    """Curves from seeds while they are integrated: their steps in the order of time."""

    def __init__(self, count: int) -> None:
        self.owners: list[NDArray[np.intp]] = []
        self.starts: list[Floats] = []
        self.ends: list[Floats] = []
        self.tangents: list[Floats] = []  # at both ends, times the length of the step
        self.critical: NDArray[np.bool_] = np.zeros(count, np.bool_)

    def add(self, owners: NDArray[np.intp], start: Floats, end: Floats, before: Floats, after: Floats) -> None:
        """Add steps (K, 2) with their tangents at both ends."""
        self.owners.append(owners)
        self.starts.append(start)
        self.ends.append(end)
        self.tangents.append(np.stack([before, after], axis=1))

    def curves(self, seeds: Floats) -> list[_Track]:
        """Return each curve through the parts of its steps, which are cubic."""
        none = np.empty((0, 2))
        owners = np.concatenate([np.empty(0, np.intp), *self.owners])
        order = np.argsort(owners, kind="stable")
        start, end = (np.concatenate([none, *part])[order, None] for part in (self.starts, self.ends))
        tangents = np.concatenate([np.empty((0, 2, 2)), *self.tangents])[order]
        t = (np.arange(1, _PARTS + 1) / _PARTS)[:, None]
        points = start + (end - start) * t**2 * (3 - 2 * t)
        points += tangents[:, None, 0] * t * (1 - t) ** 2 - tangents[:, None, 1] * t**2 * (1 - t)
        bounds = np.searchsorted(owners[order], np.arange(len(seeds) + 1))
        found = []
        for i, seed in enumerate(seeds):
            curve = np.concatenate([seed[None], points[bounds[i] : bounds[i + 1]].reshape(-1, 2)])
            found.append(_Track(curve, float(_lengths(curve).sum()), bool(self.critical[i])))
        return found


def _lengths(points: Floats) -> Floats:
    """Return the lengths (N - 1,) of the pieces of a line (N, 2)."""
    return np.asarray(np.hypot(*np.diff(points, axis=0).T))


@dataclass
class _State:
    """The ends of K curves that are not complete."""

    owners: NDArray[np.intp]
    signs: Floats
    at: Floats
    values: Floats
    steps: Floats
    forced: NDArray[np.intp]
    length: Floats

    def keep(self, which: Flags) -> None:
        """Keep some of the curves."""
        for name, part in vars(self).items():
            setattr(self, name, part[which])


@np.errstate(all="ignore")
def _integrated(field: _Directions, seeds: Floats, room: _Room | None) -> list[_Track]:
    """Return the curves from seeds (N, 2), N along the vectors and then N against them.

    They end at critical points, where there is no vector or no value, at jumps and poles, at the border of
    the panel, and where the room is occupied.
    """
    count = len(seeds)
    both = np.concatenate([seeds, seeds])
    tracks = _Tracks(2 * count)
    state = _State(
        np.arange(2 * count), np.repeat([1.0, -1.0], count), both, field.values(both),
        np.full(2 * count, _FIRST_STEP), np.zeros(2 * count, np.intp), np.zeros(2 * count),
    )  # fmt: skip
    for _ in range(_MAX_ITERATIONS):
        if not len(state.owners):
            break
        _advance(field, state, tracks, room)
    return tracks.curves(both)


def _jacobian(field: _Directions, at: Floats) -> tuple[Floats, Floats, Floats]:
    """Return vectors (N, 2), and the partial derivatives (2, N, 2) of them and of their directions.

    Differences of directions would be wrong where these turn around within the step, on the floor of a valley.
    """
    shifts = np.array([[0.0, 0.0], [_DELTA, 0.0], [0.0, _DELTA]])
    vectors = field.vectors((at + shifts[:, None]).reshape(-1, 2)).reshape(3, -1, 2)
    partials, unit = (vectors[1:] - vectors[0]) / _DELTA, _unit(vectors[0])
    across = partials - (partials * unit).sum(axis=-1, keepdims=True) * unit
    turning = across / (vectors[0] * unit).sum(axis=-1, keepdims=True)
    return vectors[0], partials, np.where(np.isfinite(turning), turning, 0.0)


def _to_critical(vectors: Floats, partials: Floats) -> Floats:
    """Return the steps (N, 2) to where vectors (N, 2) vanish, by Newton's method, NaN if nowhere.

    Where a matrix is singular, as in a straight valley, the step is along the vector.
    """
    largest = np.abs(partials).max(axis=(0, 2))[:, None]  # else products overflow
    (a, c), (b, d) = (partials[0] / largest).T, (partials[1] / largest).T
    vectors = vectors / largest
    newton = -_solve(a, b, c, d, vectors)
    singular = np.abs(a * d - b * c) <= _SINGULAR
    direction = _unit(vectors)
    bend = (direction * np.stack([a * direction[:, 0] + b * direction[:, 1],
                                  c * direction[:, 0] + d * direction[:, 1]], axis=-1)).sum(axis=-1)  # fmt: skip
    along = -vectors / bend[:, None]
    return np.where(singular[:, None], along, newton)


def _advance(field: _Directions, state: _State, tracks: _Tracks, room: _Room | None) -> None:
    """Try one step of all curves, and remove those that are complete."""
    at, sign, h = state.at, state.signs[:, None], state.steps[:, None]
    vectors, partials, turning = _jacobian(field, at)
    direction = sign * _unit(vectors)
    gap = _to_critical(vectors, partials)
    is_zero = ~vectors.any(axis=-1)
    close = ((np.hypot(*gap.T) < _CLOSE) & ((gap * direction).sum(axis=-1) > 0)) | is_zero
    gap = np.where(is_zero[:, None], 0.0, gap)
    tracks.critical[state.owners[close]] = True
    tracks.add(state.owners[close], at[close], (at + gap)[close], gap[close], gap[close])
    (a, c), (b, d) = (sign * turning[0]).T, (sign * turning[1]).T
    diagonal = 1 / (_GAMMA * state.steps)
    matrix = diagonal - a, -b, -c, diagonal - d
    k1 = _solve(*matrix, direction)
    k2 = _solve(*matrix, direction + 4 * k1 / h)
    k3 = _solve(*matrix, sign * _unit(field.vectors(at + 2 * k1)) + (k1 - k2) / h)
    fourth = at + 2 * k1 + k3
    k4 = _solve(*matrix, sign * _unit(field.vectors(fourth)) + (k1 - k2 - 8 / 3 * k3) / h)
    new = fourth + k4
    error = np.hypot(*k4.T)
    arriving = field.vectors(new)
    values = field.values(new)
    after = sign * _unit(arriving)
    jumps = _jumps(field, (at, new), (vectors, arriving), (state.values, values), state.signs)
    known = np.isfinite(after).all(axis=-1) & np.isfinite(values) & ~jumps
    is_shortest = state.steps <= _MIN_STEP
    turned = (direction * after).sum(axis=-1)
    forced = known & (error > _TOLERANCE) & is_shortest & (turned > -0.5) & (state.forced < _MAX_FORCED)
    accepted = ((known & (error <= _TOLERANCE)) | forced) & ~close
    factor = np.where(known, np.clip(0.8 * np.cbrt(_TOLERANCE / np.fmax(error, 1e-30)), 0.2, 4.0), 0.2)
    outside = ((new < 0) | (new > field.frame.size)).any(axis=-1) & accepted
    before, behind = direction * h, after * h
    at_border, share = _to_border(at, new, before, behind, field.frame.size)
    end = np.where(outside[:, None], at_border, new)
    scale = np.where(outside, share, 1.0)[:, None]
    slope_there = np.where(outside[:, None], (end - at) / np.fmax(scale, 1e-300), behind)
    tracks.add(
        state.owners[accepted], at[accepted], end[accepted], (before * scale)[accepted],
        (slope_there * scale)[accepted],
    )  # fmt: skip
    failed = ~accepted & is_shortest
    done = close | failed | outside | ~np.isfinite(direction).all(axis=-1)
    state.at = np.where(accepted[:, None], new, at)
    state.values = np.where(accepted, values, state.values)
    state.length = state.length + np.where(accepted, state.steps, 0.0)
    state.steps = np.clip(state.steps * factor, _MIN_STEP, _MAX_STEP)
    state.forced = state.forced + forced
    done |= state.length > _MAX_LENGTH
    if room is not None:
        done |= accepted & ~outside & room.is_blocked(np.where(outside[:, None], at, state.at))
    state.keep(~done)


def _jumps(
    field: _Directions,
    points: tuple[Floats, Floats],
    vectors: tuple[Floats, Floats],
    values: tuple[Floats, Floats],
    signs: Floats,
) -> Flags:
    """Return whether (N,) values change by more or less along a step than the slopes at its ends say.

    Along the gradient they rise: a fall is a jump, or a pole.
    """
    step = points[1] - points[0]
    first, last = (field.slopes_along(one, step) for one in vectors)
    change = values[1] - values[0]
    allowed = np.abs(last - first) / 2 + _JUMP_SHARE * np.fmax(np.abs(first), np.abs(last))
    rounding = _ROUNDING * np.fmax(np.abs(values[0]), np.abs(values[1]))
    falls = change * signs < -rounding
    return np.asarray((np.abs(change - (first + last) / 2) > allowed + rounding) | falls)


def _to_border(at: Floats, new: Floats, before: Floats, after: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Return where (N, 2) cubic steps leave the panel, and the shares (N,) of the steps."""
    step = new - at
    room = np.where(step > 0, size - at, -at) / np.where(step == 0, np.nan, step)
    t = np.clip(np.fmin.reduce(room, axis=-1), 0.0, 1.0)[:, None]
    curve = at + step * t**2 * (3 - 2 * t) + before * t * (1 - t) ** 2 - after * t**2 * (1 - t)
    return np.clip(curve, 0.0, size), np.nan_to_num(t[:, 0])


# Placement ------------------------------------------------------------------------------------------------


class _Room:
    """A raster of the panel that tells where lines are close: within a test distance, and a separation."""

    def __init__(self, frame: Frame, separation: float) -> None:
        self.frame, self.separation = frame, separation
        self._cell = separation / _CELLS
        self._pad = int(_NEAR_SHARE * _CELLS) + 2
        columns, rows = (np.ceil(frame.size / self._cell)).astype(int) + 1 + 2 * self._pad
        shape = rows, columns
        self._blocked, self._taken, self._near, self._free = (np.zeros(shape, np.bool_) for _ in range(4))
        self._discs = [self._disc(share * _CELLS + 0.75) for share in (_TEST_SHARE, 1.0, _NEAR_SHARE)]

    def _disc(self, radius: float) -> NDArray[np.intp]:
        """Return the offsets (K,) in the raster of the cells within a radius, in cells."""
        along = np.arange(-self._pad, self._pad + 1)
        rows, columns = np.nonzero(np.hypot(along[:, None], along) <= radius)
        return np.asarray((rows - self._pad) * self._blocked.shape[1] + columns - self._pad)

    def _cells(self, points: Floats) -> NDArray[np.intp]:
        """Return the indices (N,) in the raster of points (N, 2)."""
        columns, rows = np.rint(points / self._cell).astype(np.intp).T + self._pad
        return np.asarray(rows * self._blocked.shape[1] + columns)

    def is_blocked(self, points: Floats) -> Flags:
        """Return whether points (N, 2) are too close to a line, outside the discs around critical points."""
        cells = self._cells(points)
        return np.asarray(self._blocked.flat[cells] & ~self._free.flat[cells])

    def is_taken(self, points: Floats) -> Flags:
        """Return whether points (N, 2) are closer to a line than the separation."""
        return np.asarray(self._taken.flat[self._cells(points)])

    def is_near(self, points: Floats) -> Flags:
        """Return whether points (N, 2) are next to a line."""
        return np.asarray(self._near.flat[self._cells(points)])

    def occupy(self, points: Floats) -> None:
        """Add a line through points (N, 2)."""
        cells = np.unique(self._cells(points))[:, None]
        for raster, disc in zip((self._blocked, self._taken, self._near), self._discs, strict=True):
            raster.flat[cells + disc] = True

    def free(self, points: Sequence[Floats]) -> None:
        """Let lines meet around critical points."""
        if points:
            inside = np.clip(np.array(points), 0.0, self.frame.size)
            cells = np.unique(self._cells(inside))[:, None]
            self._free.flat[cells + self._disc(_CRITICAL_SHARE * _CELLS)] = True

    def seeds(self, distance: float) -> Floats:
        """Return the points (N, 2) of a lattice where there is room; the distance is in separations."""
        spacing = distance * self.separation
        along = [np.arange(_OFFSET * spacing, size, spacing) for size in self.frame.size]
        points = grid(along).reshape(-1, 2)
        return points[~self.is_taken(points)]


def _placed(seeds: Floats, tracks: Sequence[_Track], room: _Room) -> list[Streamline]:
    """Return the lines through seeds (N, 2) that have room, and occupy it."""
    count = len(seeds)
    lengths = np.array([tracks[i].length + tracks[count + i].length for i in range(count)])
    both = np.array([tracks[i].is_critical and tracks[count + i].is_critical for i in range(count)], np.bool_)
    alive = (lengths >= MIN_LENGTH) | both
    lines = []
    while alive.any():
        near = alive & room.is_near(seeds)
        index = int(np.argmax(np.where(near if near.any() else alive, lengths, -1.0)))
        alive[index] = False
        there, back = (_cut(track, room) for track in (tracks[index], tracks[count + index]))
        if there.length + back.length < MIN_LENGTH and not (there.is_critical and back.is_critical):
            continue
        line = np.concatenate([back.points[:0:-1], there.points])
        room.occupy(line)
        lines.append(_joined(back, there, room.frame))
        alive &= ~room.is_taken(seeds)
    return lines


def _cut(track: _Track, room: _Room) -> _Track:
    """Return the part of a curve up to where it is too close to a line."""
    blocked = np.flatnonzero(room.is_blocked(track.points))
    if not blocked.size:
        return track
    points = track.points[: max(blocked[0], 1)]
    return _Track(points, float(_lengths(points).sum()), is_critical=False)


def _joined(back: _Track, there: _Track, frame: Frame) -> Streamline:
    """Return the line of both curves from a seed."""
    points = np.concatenate([back.points[:0:-1], there.points])
    return Streamline(frame.data(points), (back.is_critical, there.is_critical))
