"""Coordinates of a curve: more where it bends, up to the edges of the domain, and up to the view at poles."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import Flags
from gradviz.sampling.limits import Limits

_HALVINGS = 60  # of an interval of doubles, until its ends are neighbours
_CLOSE_SHARE = 1e-9  # of the range: points that are closer are one
_EDGE_STEPS = (10, 20, 30)  # halvings of the distance from an edge, at which growth shows
_EDGE_GROWTH = 0.9  # ratio of two changes towards an edge from which on the function is unbounded there
_BAND_SHARE = 0.5  # of the span of the view: how far beyond it a curve leads to a pole

Function = Callable[[Floats], Floats]


def refined(f: Function, x: Floats, values: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Return coordinates with more of them where the curve of f bends, and the values there.

    Intervals whose probe is a visible distance from the chord are split there, inside low to high, until
    there are some 8000 points.
    """
    width = np.ptp(x[np.isfinite(values)])
    parts, share = np.arange(len(x) - 1), 0.382  # the middle may be in phase with a wave
    while parts.size and len(x) < 8000:
        start, stop = values[parts], values[parts + 1]
        probes = x[parts] + share * (x[parts + 1] - x[parts])
        found = f(probes)
        run, rise = (x[parts + 1] - x[parts]) / width, (stop - start) / (high - low)
        off = np.abs(found - start - share * (stop - start)) / (high - low) * run / np.hypot(run, rise)
        seen = (np.minimum(np.minimum(start, stop), found) <= high) & (
            np.maximum(np.maximum(start, stop), found) >= low
        )
        bent = (off > 4e-4) & seen  # of the picture: a third of a pixel
        place = parts[bent] + 1
        x, values = np.insert(x, place, probes[bent]), np.insert(values, place, found[bent])
        parts = np.repeat(parts[bent] + np.arange(len(place)), 2)
        parts[1::2] += 1
    return x, values


def edges(f: Function, x: Floats, values: Floats) -> Floats:
    """Return the last coordinates (K,) inside of the domain, where the function is bounded beside its edge.

    `x` (n,) ascends; `values` (n,) are NaN where nothing is drawn. Costs 63 evaluations for each edge.
    """
    inner, outer = _beside_gaps(x, values)
    beyond = np.isnan(f(outer))
    inner, outer = inner[beyond], outer[beyond]
    last = bisected(inner, outer, lambda at: np.isfinite(f(at)))
    near = [f(last + (inner - last) * 0.5**step) for step in _EDGE_STEPS]
    first, second = np.abs(near[1] - near[0]), np.abs(near[2] - near[1])
    is_bounded = np.isfinite(first + second) & (second <= _EDGE_GROWTH * first)
    ends: Floats = last[is_bounded & (np.abs(last - inner) > 0)]
    return ends


def pole_ends(f: Function, x: Floats, values: Floats, view: Limits, *, in_domain: bool) -> Floats:
    """Return the ends (K,) of a curve beside gaps: where it has left the view, or f is undefined.

    `x` (n,) ascends; `values` (n,) are NaN in gaps. Gaps in which f is undefined do not count if the curve
    must stay `in_domain`. Costs 60 evaluations for each side of a gap.
    """
    low, high = view
    room = _BAND_SHARE * (high - low)

    def is_inside(at: Floats) -> Flags:
        found = f(at)
        inside: Flags = (found >= low - room) & (found <= high + room)
        return inside

    inner, outer = _beside_gaps(x, values)
    known = np.isfinite(f(outer))
    if in_domain:
        inner, outer, known = inner[known], outer[known], known[known]
    leaves = is_inside(inner) & ~is_inside(outer) & (np.abs(outer - inner) > _CLOSE_SHARE * np.ptp(x))
    inner, outer, known = inner[leaves], outer[leaves], known[leaves]
    last = bisected(inner, outer, is_inside)
    reached = f(last)
    has_left = (reached < low) | (reached > high)
    ends: Floats = last[(last != inner) & (has_left | ~known)]  # or it waves up to where f is undefined
    return ends


def bisected(inner: Floats, outer: Floats, is_good: Callable[[Floats], Flags]) -> Floats:
    """Return the last good coordinates (K,) on the way from good ones to others (K,)."""
    for _ in range(_HALVINGS if inner.size else 0):
        middle = inner + (outer - inner) / 2
        good = is_good(middle)
        inner, outer = np.where(good, middle, inner), np.where(good, outer, middle)
    return inner


def _beside_gaps(x: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the known coordinates (K,) beside gaps, and those in the gaps next to them (K,)."""
    known = ~np.isnan(values)
    before, behind = np.flatnonzero(known[:-1] & ~known[1:]), np.flatnonzero(~known[:-1] & known[1:])
    return np.concatenate([x[before], x[behind + 1]]), np.concatenate([x[before + 1], x[behind]])
