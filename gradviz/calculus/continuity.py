"""Detection of jumps and poles between neighbouring points of a mesh or curve, by bisection.

As an interval shrinks, the difference of the values at its ends vanishes if the function is continuous, stays
constant at a jump and grows at an odd pole such as that of 1/x. So pairs of neighbours that differ much more
than adjacent pairs are bisected, keeping the half with the larger difference. Smooth functions cost little:
few of their pairs differ so much, and bisection ends after one or two steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import BLOCK, Floats
from gradviz.calculus.differences import EPS, Function, values_of

Flags = NDArray[np.bool_]
Index = tuple[NDArray[np.intp], ...]

_RATIO = 3.0  # ratio of the difference of a pair to that of adjacent pairs above which it is bisected
_ROUNDING = 256 * EPS  # smallest difference that is not rounding, relative to the values
_FLOOR = 1e-9  # smallest difference that matters, relative to the 2nd to 98th percentile of the values
_BISECTIONS = 40  # maximum number of bisection steps
_KEPT = 0.3  # share of the first difference that remains at a jump, less than half: there may be two jumps
_GROWN = 4.0  # ratio of the last to the first difference above which a discontinuity is a pole
_TIE = 1e-6  # relative difference up to which both halves are considered equal
_ISOLATED = 1e-3  # change across a single deviating point, relative to its jumps: above, f jumps there
_UNBOUND = 1e3  # ratio of the maximum near a point to the maximum on the mesh above which it is a pole
_ALONE = 8.0  # ratio of a value to its neighbours above which it is a pole that one mesh point shows
_SHOWN = 6  # positions listed in a message
_ASIDE = 0.37  # relative position of the probe point in an interval where f is undefined at the midpoint


@dataclass(frozen=True)
class Breaks:
    """K discontinuities between neighbouring points (..., D) of a mesh or curve."""

    edges: tuple[Flags, ...]
    """For each axis a mask of discontinuities between a point and the next, one shorter along that axis."""
    low: Floats
    """The points (K, D) just before the discontinuities."""
    high: Floats
    """The points (K, D) just after the discontinuities."""
    along: NDArray[np.intp]
    """The axes (K,) of the mesh along which the discontinuities are."""
    poles: Flags
    """Whether the function is unbounded, a mask (K,)."""

    def __bool__(self) -> bool:
        return len(self.low) > 0

    def words(self) -> str:
        """Return the positions on a curve, or the number of pairs of points on a mesh, for a message."""
        if len(self.edges) > 1:
            return f"between {len(self.low):,} pairs of neighbouring points"
        middle, width = (self.low[:, 0] + self.high[:, 0]) / 2, self.high[:, 0] - self.low[:, 0]
        rounded = np.where(np.abs(middle) <= width, 0.0, middle)  # 1e-14 is the end of the bisection
        positions = sorted({f"{position:.4g}" for position in rounded}, key=float)
        more = [f"{len(positions) - _SHOWN:,} more"] if len(positions) > _SHOWN else []
        shown = [*positions[:_SHOWN], *more]
        return f"at {', '.join(shown)}"


def covering(edges: tuple[Flags, ...], values: Floats) -> Flags:
    """Return a mask (...) of points to leave out, so that nothing is drawn across a discontinuity.

    `values` are (...). Points with discontinuities on both sides are left out first, then the larger value of
    each remaining pair, so that all are on the same side. Undefined points are left out, too.
    """
    omitted = np.isnan(values)
    for axis, broken in enumerate(edges):
        lower, upper = _neighbours(axis, values.ndim)
        before, behind = np.zeros_like(omitted), np.zeros_like(omitted)
        before[upper], behind[lower] = broken, broken
        omitted |= before & behind
    for axis, broken in enumerate(edges):
        lower, upper = _neighbours(axis, values.ndim)
        remaining = broken & ~omitted[lower] & ~omitted[upper]
        rises = values[upper] >= values[lower]
        omitted[upper] |= remaining & rises
        omitted[lower] |= remaining & ~rises
    return omitted


def touched(edges: tuple[Flags, ...], shape: tuple[int, ...]) -> Flags:
    """Return a mask of the given shape (...) of the points next to a discontinuity."""
    mask = np.zeros(shape, np.bool_)
    for axis, broken in enumerate(edges):
        for side in _neighbours(axis, len(shape)):
            mask[side] |= broken
    return mask


@dataclass(frozen=True)
class _Pairs:
    """K pairs of points along an axis of a mesh; `step` is 1 for neighbours, 2 across an undefined point."""

    axis: int
    step: int
    index: Index
    """The indices of the first points."""
    low: Floats
    """The first points (K, D)."""
    high: Floats
    """The second points (K, D)."""
    below: Floats
    """The values (K,) at the first points."""
    above: Floats
    """The values (K,) at the second points."""


@np.errstate(all="ignore")
def find_breaks(function: Function, points: Floats, values: Floats) -> Breaks:
    """Find the jumps and poles of a function between neighbours of a mesh (..., D) with values (...).

    The function is undefined where a value is not finite. A single undefined point between two defined ones
    is on a discontinuity if their values differ.
    """
    edges = tuple(np.zeros(_edge_shape(values.shape, axis), np.bool_) for axis in range(values.ndim))
    results: list[tuple[_Pairs, Floats, Floats, Flags]] = []
    floor = _floor(values)
    with np.errstate(all="ignore"):
        for axis in range(values.ndim):
            for lines in _blocks_of_lines(values.shape, axis):
                for pairs in _suspects(points[lines], values[lines], axis, floor):
                    low, high, sides, broken, poles = _bisected(function, pairs)
                    if pairs.step == 1:
                        broken &= ~_isolated(pairs, low, high, sides, broken)
                    low, high = _past_half_steps(function, pairs, low, high, sides)
                    kept = tuple(part[broken] for part in pairs.index)
                    edges[axis][lines][kept] = True
                    if pairs.step == 2:
                        edges[axis][lines][_shifted_index(kept, axis)] = True
                    results.append((pairs, low[broken], high[broken], poles[broken]))
    none = np.empty((0, points.shape[-1]))
    return Breaks(
        edges,
        np.concatenate([none, *(low for _, low, _, _ in results)]),
        np.concatenate([none, *(high for _, _, high, _ in results)]),
        np.concatenate([np.empty(0, np.intp), *(np.full(len(low), p.axis) for p, low, _, _ in results)]),
        np.concatenate([np.empty(0, np.bool_), *(poles for *_, poles in results)]),
    )


@np.errstate(all="ignore")
def grows_without_bound(
    function: Function, points: Floats, values: Floats, sign: int, *, coarse: bool = False
) -> bool:
    """Return whether `sign` f has a pole near its maximum over points (..., D) with values (...).

    A pattern search from the maximum evaluates the 3^D points around, moves to the best one and halves the
    distance, inside the range of the points. At a pole the maximum grows without bound, at a peak it
    converges. A value that exceeds both neighbours along an axis by a factor of 8 is a pole, too. On a
    `coarse` mesh peaks are as narrow as that: then the search starts beside the maximum, which may be at a
    pole itself, and only growth within a ten-thousandth of a cell is without bound.
    """
    known = np.isfinite(values)
    top = (
        np.max(values, where=known, initial=-np.inf)
        if sign > 0
        else np.min(values, where=known, initial=np.inf)
    )
    first = best = sign * float(top)
    if first <= 0:
        return False
    index = tuple(map(int, np.unravel_index(int(np.argmax(values == top)), values.shape)))
    for axis, size in enumerate(values.shape):
        line = values[tuple(slice(None) if other == axis else i for other, i in enumerate(index))]
        neighbours = np.nan_to_num(sign * line[[index[axis] - 1, (index[axis] + 1) % size]], nan=-np.inf)
        if not coarse and 0 < index[axis] < size - 1 and neighbours.max() < first / _ALONE:
            return True
    axes = tuple(range(values.ndim))
    low, high = points.min(axis=axes), points.max(axis=axes)
    counts = np.array(values.shape[::-1]) - 1  # the last axis of a mesh is that of the first coordinate
    cell = (high - low) / np.maximum(counts, 1)
    d = len(cell)
    offsets = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0)] * d), axis=-1).reshape(-1, d)
    centre, reached = points[index], []
    if coarse:
        centre, best = centre + cell * _ASIDE ** np.arange(1, d + 1), -math.inf
    for halvings in range(_BISECTIONS):
        trial = np.clip(centre + cell * 0.5**halvings * offsets, low, high)
        results = np.nan_to_num(sign * _values(function, trial), nan=-np.inf)
        if results.max() > best:
            best, centre = float(results.max()), trial[int(results.argmax())]
        reached.append(best)
    return best > _GROWN * reached[_BISECTIONS // 3] if coarse else best > _UNBOUND * first


# Selection of pairs ---------------------------------------------------------------------------------------


def _floor(values: Floats) -> float:
    """Return the smallest difference that matters: 1e-9 of the 2nd to 98th percentile of the values."""
    known = values[np.isfinite(values)]
    return _FLOOR * float(np.ptp(np.percentile(known, (2, 98), overwrite_input=True))) if known.size else 0.0


def _blocks_of_lines(shape: tuple[int, ...], axis: int) -> Iterator[tuple[slice, ...]]:
    """Yield the indices of blocks of whole lines along an axis of a mesh, of about `BLOCK` points each."""
    other = max(range(len(shape)), key=lambda other: (other != axis, shape[other]))
    if other == axis:
        yield ()
        return
    step = max(BLOCK * shape[other] // max(math.prod(shape), 1), 1)
    for start in range(0, shape[other], step):
        yield *(slice(None),) * other, slice(start, start + step)


def _suspects(points: Floats, values: Floats, axis: int, floor: float) -> Iterator[_Pairs]:
    """Yield the pairs of neighbours that differ much more than adjacent ones, and the pairs across a gap."""
    values = np.where(np.isfinite(values), values, np.nan)
    lower, upper = _neighbours(axis, values.ndim)
    sizes = np.maximum(np.abs(values[lower]), np.abs(values[upper]))
    steps = np.abs(values[upper] - values[lower])
    suspect = (steps > np.maximum(floor, _ROUNDING * sizes)) & ~(steps <= _RATIO * _adjacent(steps, axis))
    yield _pairs(points, values, axis, 1, np.nonzero(suspect))
    if values.shape[axis] > 2:
        lower, upper = _neighbours(axis, values.ndim, 2)
        middle = _along(axis, values.ndim, slice(1, -1))
        gap = np.isnan(values[middle]) & (np.abs(values[upper] - values[lower]) > floor)
        yield _pairs(points, values, axis, 2, np.nonzero(gap))


def _adjacent(steps: Floats, axis: int) -> Floats:
    """Return the typical difference of the pairs next to each pair, NaN where neither side has two pairs.

    On each side it is the minimum of two, because a discontinuity at a point makes two large differences. Of
    both sides it is the maximum, because next to a plateau every difference is large.
    """
    widths = [(2, 2) if other == axis else (0, 0) for other in range(steps.ndim)]
    padded = np.pad(steps, widths, constant_values=np.nan)
    count = steps.shape[axis]
    shifted = [padded[_along(axis, steps.ndim, slice(by, by + count))] for by in (0, 1, 3, 4)]
    return np.fmax(np.minimum(shifted[0], shifted[1]), np.minimum(shifted[2], shifted[3]))


def _pairs(points: Floats, values: Floats, axis: int, step: int, index: Index) -> _Pairs:
    other = _shifted_index(index, axis, step)
    return _Pairs(axis, step, index, points[index], points[other], values[index], values[other])


# Bisection ------------------------------------------------------------------------------------------------


def _bisected(function: Function, pairs: _Pairs) -> tuple[Floats, Floats, Floats, Flags, Flags]:
    """Bisect K pairs, each time keeping the half with the larger difference.

    Returns the last points before and after (K, D) and their values (2, K), a mask (K,) of discontinuities,
    and a mask (K,) of poles.
    """
    low, high = pairs.low.copy(), pairs.high.copy()
    sides = np.stack([pairs.below, pairs.above])
    first = np.abs(sides[1] - sides[0])
    broken = np.zeros(len(low), np.bool_)
    active = np.arange(len(low))
    for _ in range(_BISECTIONS):
        if not active.size:
            break
        middle, value = _between(function, low[active], high[active])
        undefined = np.isnan(value)
        broken[active[undefined]] = True
        active, middle, value = active[~undefined], middle[~undefined], value[~undefined]
        left, right = np.abs(value - sides[0, active]), np.abs(sides[1, active] - value)
        in_left = left > right
        tie = np.abs(left - right) <= _TIE * right
        in_left[tie] = _is_pole_before(sides[0, active], sides[1, active], value)[tie]
        high[active[in_left]], sides[1, active[in_left]] = middle[in_left], value[in_left]
        low[active[~in_left]], sides[0, active[~in_left]] = middle[~in_left], value[~in_left]
        active = active[np.maximum(left, right) >= _KEPT * first[active]]
    last = np.abs(sides[1] - sides[0])
    poles = last > _GROWN * first
    outer = np.maximum(np.abs(pairs.below), np.abs(pairs.above))
    even = poles & (sides[0] * sides[1] > 0) & (np.abs(sides).min(axis=0, initial=math.inf) > _GROWN * outer)
    broken |= (last >= _KEPT * first) & ~even
    return low, high, sides, broken, poles | ~np.isfinite(last)


def _is_pole_before(below: Floats, above: Floats, middle: Floats) -> Flags:
    """Return whether the pole near the midpoint is before it, given the values (K,) at the three points.

    It is where the sign changes, or, if that is on neither side, next to the smaller of the outer values.
    """
    changes = (below * middle < 0) != (above * middle < 0)
    return np.where(changes, below * middle < 0, np.abs(below) < np.abs(above))


def _past_half_steps(
    function: Function, pairs: _Pairs, low: Floats, high: Floats, sides: Floats
) -> tuple[Floats, Floats]:
    """Return the points (K, D) on both sides, with one that is between two adjacent jumps moved past both."""
    width, height = high - low, np.abs(sides[1] - sides[0])
    below, above = _values(function, low - width), _values(function, high + width)
    low_moves = (np.abs(below - sides[0]) >= _KEPT * height) & (low != pairs.low).any(axis=-1)
    high_moves = (np.abs(above - sides[1]) >= _KEPT * height) & (high != pairs.high).any(axis=-1)
    finite = np.isfinite(sides).all(axis=0) & (height <= _GROWN * np.abs(pairs.above - pairs.below))
    return (
        np.where((low_moves & finite)[:, None], low - width, low),
        np.where((high_moves & finite)[:, None], high + width, high),
    )


def _between(function: Function, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the midpoints (K, D) and their values (K,), or other points between where f is undefined."""
    middle = low + 0.5 * (high - low)
    value = _values(function, middle)
    undefined = np.isnan(value)
    if undefined.any():
        middle[undefined] = low[undefined] + _ASIDE * (high[undefined] - low[undefined])
        value[undefined] = _values(function, middle[undefined])
    return middle, value


def _values(function: Function, points: Floats) -> Floats:
    """Return the values (...) at points (..., D), NaN where they are not finite."""
    values = values_of(function, points)
    values[~np.isfinite(values)] = np.nan
    return values


def _isolated(pairs: _Pairs, low: Floats, high: Floats, sides: Floats, broken: Flags) -> Flags:
    """Return a mask (K,) of jumps to and from a single deviating point: f is continuous without it."""
    isolated = np.zeros_like(broken)
    position = {
        index: k
        for k, index in enumerate(zip(*map(np.ndarray.tolist, pairs.index), strict=True))
        if broken[k]
    }
    following = zip(*map(np.ndarray.tolist, _shifted_index(pairs.index, pairs.axis)), strict=True)
    for k, index in enumerate(following):
        other = position.get(index)
        if not broken[k] or other is None:
            continue
        on_point = np.array_equal(high[k], pairs.high[k]) and np.array_equal(low[other], pairs.low[other])
        before, behind = sides[0, k], sides[1, other]
        height = min(abs(sides[1, k] - before), abs(behind - sides[0, other]))
        change = abs(behind - before)
        if on_point and change <= _ISOLATED * height and change <= 0.5 * max(abs(before), abs(behind)):
            isolated[[k, other]] = True
    return isolated


# Indices --------------------------------------------------------------------------------------------------


def _edge_shape(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    """Return the shape of the array of pairs of neighbours along an axis."""
    return tuple(max(size - (other == axis), 0) for other, size in enumerate(shape))


def _along(axis: int, ndim: int, part: slice) -> tuple[slice, ...]:
    """Return the index of a part along one axis, and of everything along the other ones."""
    return tuple(part if other == axis else slice(None) for other in range(ndim))


def _neighbours(axis: int, ndim: int, step: int = 1) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the indices of the first and of the second points of all pairs along an axis."""
    return _along(axis, ndim, slice(None, -step)), _along(axis, ndim, slice(step, None))


def _shifted_index(index: Index, axis: int, by: int = 1) -> Index:
    """Return the indices of the points that are `by` further along an axis."""
    return tuple(part + by * (other == axis) for other, part in enumerate(index))
