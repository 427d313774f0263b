"""Where a function jumps or has a pole between neighbouring points, found from its values alone.

Between two points a smooth function changes less and less as they come together, a step keeps its height and
an odd pole, such as that of 1/x, grows. So pairs of neighbours that differ much more than the pairs beside
them are halved again and again, each time keeping the half with the greater difference. For smooth functions
that costs next to nothing: few pairs stand out, and these give up after a halving or two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.blocks import BLOCK
from gradviz.calculus.differences import Function, values_of

Flags = NDArray[np.bool_]
Index = tuple[NDArray[np.intp], ...]

_RATIO = 3.0  # of a pair's difference to those beside it, from which on it is looked at
_ROUNDING = 256 * float(np.finfo(np.float64).eps)  # of the values: a smaller difference says nothing
_FLOOR = 1e-9  # of the span of most values, the same
_HALVINGS = 40
_LEFT = (
    0.3  # of the first difference, which a jump keeps: half of what stands out, for it may have two halves
)
_GROWN = 4.0  # times the first difference: a pole
_TIE = 1e-6
_SPIKE = 1e-3  # of the jumps on both sides of one point, by which its two sides differ if it stands alone
_UNBOUND = 1e3  # times the greatest value on the mesh
_ALONE = 8.0  # times its neighbours: more than one point cannot show
_SHOWN = 6  # places, in a message
_ASIDE = 0.37  # where to look between two points if the function is undefined half way


@dataclass(frozen=True)
class Breaks:
    """Breaks between neighbours among points (..., D).

    `edges` has for each axis of the points, one less along it, whether a break lies between a point and the
    next. Each of the K `low` and `high` (K, D) are points as close together as can be on its two sides,
    along the mesh's axis `along` (K,); `poles` (K,) tells where the function grows without bound there.
    """

    edges: tuple[Flags, ...]
    low: Floats
    high: Floats
    along: NDArray[np.intp]
    poles: Flags

    def __bool__(self) -> bool:
        return len(self.low) > 0

    def words(self) -> str:
        """Return in words where the breaks are: of a curve the places, of a mesh how many pairs they part."""
        if len(self.edges) > 1:
            return f"between {len(self.low):,} pairs of neighbouring points"
        middle, width = (self.low[:, 0] + self.high[:, 0]) / 2, self.high[:, 0] - self.low[:, 0]
        known = np.where(np.abs(middle) <= width, 0.0, middle)  # 1e-14 is only where halving ended
        places = sorted({f"{place:.4g}" for place in known}, key=float)
        shown = places if len(places) <= _SHOWN else [*places[:_SHOWN], f"{len(places) - _SHOWN:,} more"]
        return f"at {', '.join(shown)}"


def covering(edges: tuple[Flags, ...], values: Floats) -> Flags:
    """Return points (...) such that each edge with a break has one of them, or an undefined one, at an end.

    A picture that leaves these out draws nothing across a break. First come points with breaks on both sides,
    then the higher ends, so that all lie on one side of a break.
    """
    out = np.isnan(values)
    for axis, broken in enumerate(edges):
        lower, upper = _ends(axis, values.ndim)
        before, behind = np.zeros_like(out), np.zeros_like(out)
        before[upper], behind[lower] = broken, broken
        out |= before & behind
    for axis, broken in enumerate(edges):
        lower, upper = _ends(axis, values.ndim)
        uncovered = broken & ~out[lower] & ~out[upper]
        rises = values[upper] >= values[lower]
        out[upper] |= uncovered & rises
        out[lower] |= uncovered & ~rises
    return out


def touched(edges: tuple[Flags, ...], shape: tuple[int, ...]) -> Flags:
    """Return the points, of the shape (...) of a mesh or curve, at the ends of edges with a break."""
    found = np.zeros(shape, np.bool_)
    for axis, broken in enumerate(edges):
        for end in _ends(axis, len(shape)):
            found[end] |= broken
    return found


@dataclass(frozen=True)
class _Pairs:
    """K pairs of points (K, D), `step` neighbours apart, their values (K,), the index of the first ones."""

    axis: int
    step: int
    index: Index
    low: Floats
    high: Floats
    below: Floats
    above: Floats


def find_breaks(function: Function, points: Floats, values: Floats) -> Breaks:
    """Return where a function jumps or has a pole between neighbours of a mesh (..., D) with values (...).

    A value that is not finite is one where the function is undefined. A single such point between two others
    counts as lying on a break if its two sides differ.
    """
    edges = tuple(np.zeros(_shape(values.shape, axis), np.bool_) for axis in range(values.ndim))
    found: list[tuple[_Pairs, Floats, Floats, Flags]] = []
    floor = _floor(values)
    with np.errstate(all="ignore"):
        for axis in range(values.ndim):
            for lines in _bundles(values.shape, axis):
                for pairs in _suspects(points[lines], values[lines], axis, floor):
                    low, high, ends, broken, poles = _halved(function, pairs)
                    if pairs.step == 1:
                        broken &= ~_spikes(pairs, low, high, ends, broken)
                    low, high = _beyond_a_half(function, pairs, low, high, ends)
                    kept = tuple(part[broken] for part in pairs.index)
                    edges[axis][lines][kept] = True
                    if pairs.step == 2:
                        edges[axis][lines][_moved(kept, axis)] = True
                    found.append((pairs, low[broken], high[broken], poles[broken]))
    none = np.empty((0, points.shape[-1]))
    return Breaks(
        edges,
        np.concatenate([none, *(low for _, low, _, _ in found)]),
        np.concatenate([none, *(high for _, _, high, _ in found)]),
        np.concatenate([np.empty(0, np.intp), *(np.full(len(low), p.axis) for p, low, _, _ in found)]),
        np.concatenate([np.empty(0, np.bool_), *(poles for *_, poles in found)]),
    )


def grows_without_bound(function: Function, points: Floats, values: Floats, sign: int) -> bool:
    """Tell whether `sign` times a function has a pole beside that point (..., D) where it is greatest.

    From there the best of the points around is taken, again and again at half the distance, inside the range
    of the points: at a pole the values grow at each step, at a peak they come to rest. A point that rises so
    far above both neighbours along an axis that it stands alone counts as a pole, too.
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
        line = values[tuple(slice(None) if place == axis else i for place, i in enumerate(index))]
        beside = np.nan_to_num(sign * line[[index[axis] - 1, (index[axis] + 1) % size]], nan=-np.inf)
        if 0 < index[axis] < size - 1 and beside.max() < first / _ALONE:
            return True
    over = tuple(range(values.ndim))
    least, greatest = points.min(axis=over), points.max(axis=over)
    counts = np.array(values.shape[::-1]) - 1  # the last axis of a mesh runs along the first coordinate
    reach = (greatest - least) / np.maximum(counts, 1)
    offsets = np.stack(np.meshgrid(*[(-1.0, 0.0, 1.0)] * len(reach)), axis=-1).reshape(-1, len(reach))
    place = points[index]
    with np.errstate(all="ignore"):
        for _ in range(_HALVINGS):
            tried = np.clip(place + reach * offsets, least, greatest)
            found = np.nan_to_num(sign * _values(function, tried), nan=-np.inf)
            if found.max() > best:
                best, place = float(found.max()), tried[int(found.argmax())]
            reach = reach / 2
    return best > _UNBOUND * first


# Which pairs to look at ----------------------------------------------------------------------------------


def _floor(values: Floats) -> float:
    """Return a difference that is nothing beside the span of most values."""
    known = values[np.isfinite(values)]
    return _FLOOR * float(np.ptp(np.percentile(known, (2, 98), overwrite_input=True))) if known.size else 0.0


def _bundles(shape: tuple[int, ...], axis: int) -> Iterator[tuple[slice, ...]]:
    """Yield the indices of lines along an axis of a mesh, as many at a time as are fast to compute with."""
    other = max(range(len(shape)), key=lambda place: (place != axis, shape[place]))
    if other == axis:
        yield ()
        return
    step = max(BLOCK * shape[other] // max(math.prod(shape), 1), 1)
    for start in range(0, shape[other], step):
        yield *(slice(None),) * other, slice(start, start + step)


def _suspects(points: Floats, values: Floats, axis: int, floor: float) -> Iterator[_Pairs]:
    """Yield neighbours that differ far more than those beside them, and those on both sides of a gap."""
    values = np.where(np.isfinite(values), values, np.nan)
    lower, upper = _ends(axis, values.ndim)
    sizes = np.maximum(np.abs(values[lower]), np.abs(values[upper]))
    steps = np.abs(values[upper] - values[lower])
    suspect = (steps > np.maximum(floor, _ROUNDING * sizes)) & ~(steps <= _RATIO * _beside(steps, axis))
    yield _pairs(points, values, axis, 1, np.nonzero(suspect))
    if values.shape[axis] > 2:
        lower, upper = _ends(axis, values.ndim, 2)
        middle = _first(axis, values.ndim, slice(1, -1))
        gap = np.isnan(values[middle]) & (np.abs(values[upper] - values[lower]) > floor)
        yield _pairs(points, values, axis, 2, np.nonzero(gap))


def _beside(steps: Floats, axis: int) -> Floats:
    """Return the greater of the lesser of the two differences on each side, NaN where neither side has two.

    The lesser of two, because a break on a point makes two great differences; the greater of both sides,
    because beside a level place all differences are great.
    """
    widths = [(2, 2) if place == axis else (0, 0) for place in range(steps.ndim)]
    padded = np.pad(steps, widths, constant_values=np.nan)
    count = steps.shape[axis]
    shifted = [padded[_first(axis, steps.ndim, slice(by, by + count))] for by in (0, 1, 3, 4)]
    return np.fmax(np.minimum(shifted[0], shifted[1]), np.minimum(shifted[2], shifted[3]))


def _pairs(points: Floats, values: Floats, axis: int, step: int, index: Index) -> _Pairs:
    other = _moved(index, axis, step)
    return _Pairs(axis, step, index, points[index], points[other], values[index], values[other])


# Halving -------------------------------------------------------------------------------------------------


def _halved(function: Function, pairs: _Pairs) -> tuple[Floats, Floats, Floats, Flags, Flags]:
    """Return the two sides of each pair's break (K, D), the values there (2, K), and whether it is one.

    The last flags (K,) tell the poles among them.
    """
    low, high = pairs.low.copy(), pairs.high.copy()
    ends = np.stack([pairs.below, pairs.above])
    first = np.abs(ends[1] - ends[0])
    broken = np.zeros(len(low), np.bool_)
    active = np.arange(len(low))
    for _ in range(_HALVINGS):
        if not active.size:
            break
        middle, value = _between(function, low[active], high[active])
        gone = np.isnan(value)
        broken[active[gone]] = True
        active, middle, value = active[~gone], middle[~gone], value[~gone]
        left, right = np.abs(value - ends[0, active]), np.abs(ends[1, active] - value)
        in_left = left > right
        tie = np.abs(left - right) <= _TIE * right
        in_left[tie] = _is_foot(ends[0, active], ends[1, active], value)[tie]
        high[active[in_left]], ends[1, active[in_left]] = middle[in_left], value[in_left]
        low[active[~in_left]], ends[0, active[~in_left]] = middle[~in_left], value[~in_left]
        size = np.maximum(left, right)
        active = active[size >= _LEFT * first[active]]
    size = np.abs(ends[1] - ends[0])
    poles = size > _GROWN * first
    outer = np.maximum(np.abs(pairs.below), np.abs(pairs.above))
    even = poles & (ends[0] * ends[1] > 0) & (np.abs(ends).min(axis=0, initial=math.inf) > _GROWN * outer)
    broken |= (size >= _LEFT * first) & ~even
    return low, high, ends, broken, poles | ~np.isfinite(size)


def _is_foot(below: Floats, above: Floats, middle: Floats) -> Flags:
    """Tell for middles high up a pole whether the pole is on the side of `below`: there the sign changes.

    If it does on neither side, the pole rises from the lower of the two.
    """
    changes = (below * middle < 0) != (above * middle < 0)
    return np.where(changes, below * middle < 0, np.abs(below) < np.abs(above))


def _beyond_a_half(
    function: Function, pairs: _Pairs, low: Floats, high: Floats, ends: Floats
) -> tuple[Floats, Floats]:
    """Return both sides of each break (K, D); one that lies between two jumps is moved past the other."""
    width, least = high - low, _LEFT * np.abs(ends[1] - ends[0])
    below, above = _values(function, low - width), _values(function, high + width)
    low_moves = (np.abs(below - ends[0]) >= least) & (low != pairs.low).any(axis=-1)
    high_moves = (np.abs(above - ends[1]) >= least) & (high != pairs.high).any(axis=-1)
    finite = np.isfinite(ends).all(axis=0) & (
        np.abs(ends[1] - ends[0]) <= _GROWN * np.abs(pairs.above - pairs.below)
    )
    return (
        np.where((low_moves & finite)[:, None], low - width, low),
        np.where((high_moves & finite)[:, None], high + width, high),
    )


def _between(function: Function, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return points half way (K, D), or beside it where the function is undefined there, and values (K,)."""
    middle = low + 0.5 * (high - low)
    value = _values(function, middle)
    again = np.isnan(value)
    if again.any():
        middle[again] = low[again] + _ASIDE * (high[again] - low[again])
        value[again] = _values(function, middle[again])
    return middle, value


def _values(function: Function, points: Floats) -> Floats:
    found = values_of(function, points)
    found[~np.isfinite(found)] = np.nan
    return found


def _spikes(pairs: _Pairs, low: Floats, high: Floats, ends: Floats, broken: Flags) -> Flags:
    """Tell which breaks (K,) are two sides of one point that stands alone: the function goes on behind it."""
    found = np.zeros_like(broken)
    place = {
        index: k
        for k, index in enumerate(zip(*map(np.ndarray.tolist, pairs.index), strict=True))
        if broken[k]
    }
    following = zip(*map(np.ndarray.tolist, _moved(pairs.index, pairs.axis)), strict=True)
    for k, index in enumerate(following):
        other = place.get(index)
        if not broken[k] or other is None:
            continue
        on_point = np.array_equal(high[k], pairs.high[k]) and np.array_equal(low[other], pairs.low[other])
        before, behind = ends[0, k], ends[1, other]
        height = min(abs(ends[1, k] - before), abs(behind - ends[0, other]))
        apart = abs(behind - before)
        if on_point and apart <= _SPIKE * height and apart <= 0.5 * max(abs(before), abs(behind)):
            found[[k, other]] = True
    return found


# Places in an array --------------------------------------------------------------------------------------


def _shape(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return tuple(max(size - (place == axis), 0) for place, size in enumerate(shape))


def _first(axis: int, ndim: int, part: slice | int = 0) -> tuple[slice | int, ...]:
    """Return the index of a part along one axis, and of all along the others."""
    return tuple(part if place == axis else slice(None) for place in range(ndim))


def _ends(axis: int, ndim: int, step: int = 1) -> tuple[tuple[slice | int, ...], tuple[slice | int, ...]]:
    """Return the indices of the lower and of the upper ends of all pairs along an axis."""
    return _first(axis, ndim, slice(None, -step)), _first(axis, ndim, slice(step, None))


def _moved(index: Index, axis: int, by: int = 1) -> Index:
    return tuple(part + by * (place == axis) for place, part in enumerate(index))
