"""Helper functions of scripts, which contain them without types, and the writer of their source code."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import Flags

Function = Callable[[Floats], Floats]
Range = tuple[int, int]


def written(function: Callable[..., Any]) -> list[str]:
    """Return the lines of a function of this module without its types."""
    head, *body = inspect.getsource(function).splitlines()
    return [re.sub(r": [A-Za-z\[\]]+(?=[,)])| -> [^:]+|  # noqa.*", "", head), *body]


def cut(x: Floats, places: Sequence[float], gap: float) -> Floats:
    """Return coordinates with a point on either side of each place, and one between them to leave out."""
    x = x[np.abs(np.subtract.outer(x, places)).min(axis=1) > gap]
    return np.sort(np.concatenate([x, *(np.add(places, side) for side in (-gap, 0, gap))]))


def leave_out(values: Floats, limit: float, signs: bool) -> Floats:  # noqa: FBT001 - for scripts
    """Return values without the higher of two neighbours that differ by more than a limit.

    With signs, only neighbours of different signs count: they are on two sides of a pole.
    """
    out = np.isnan(values)
    for axis in range(values.ndim):
        v, o = np.moveaxis(values, axis, 0), np.moveaxis(out, axis, 0)
        step = v[1:] - v[:-1]
        jump = (np.abs(step) > limit) & ~o[1:] & ~o[:-1] & ((v[1:] * v[:-1] < 0) | (not signs))
        o[1:] |= jump & (step > 0)
        o[:-1] |= jump & (step < 0)
    return np.where(out, np.nan, values)


def to_edge(f: Function, points: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Move undefined points (n1, n0, 2) beside defined ones to the edge of the domain, by bisection."""
    known = np.pad(np.isfinite(values), 1)
    near = np.lib.stride_tricks.sliding_window_view(known, (3, 3))
    moved = ~known[1:-1, 1:-1] & near.any(axis=(2, 3))
    around = np.pad(points, ((1, 1), (1, 1), (0, 0)))
    around = np.lib.stride_tricks.sliding_window_view(around, (3, 3), axis=(0, 1))[moved]
    weight = near[moved][:, None]
    inner, outer = (around * weight).sum(axis=(2, 3)) / weight.sum(axis=(2, 3)), points[moved]
    for _ in range(12):
        middle = (inner + outer) / 2
        good = np.isfinite(f(middle))[:, None]
        inner, outer = np.where(good, middle, inner), np.where(good, outer, middle)
    points, values = points.copy(), values.copy()
    points[moved], values[moved] = inner, f(inner)
    return points, values


def in_box(values: Floats, low: float, high: float) -> Floats:
    """Return values (n1, n0) without those beyond a box; those next to values in it are at its border."""
    between = np.pad((values >= low) & (values <= high), 1)
    near = np.lib.stride_tricks.sliding_window_view(between, (3, 3)).any(axis=(2, 3))
    return np.where(near, np.clip(values, low, high), np.nan)


def guide(vectors: Floats) -> Floats:
    """Return directions of lines (n1, n0, 2): NaN where vectors are smaller than their change.

    Between such points the direction turns around: a line would oscillate across the floor of a valley.
    """
    sizes = np.linalg.norm(vectors, axis=-1)
    change = np.zeros_like(sizes)
    for axis in (0, 1):
        steps = np.linalg.norm(np.diff(vectors, axis=axis), axis=-1)
        for end in (0, steps.shape[axis]):
            change = np.fmax(change, np.insert(steps, end, 0, axis=axis))
    return np.where((sizes < change)[..., None], np.nan, vectors) / float(np.nanmax(sizes))


def on_surface(f: Function, path: Floats, hidden: Sequence[Range]) -> tuple[Floats, Flags]:
    """Return 24 points for each step of a path on a surface, and whether each is in a hidden range."""
    shares = np.arange(24)[:, None] / 24
    between = path[:-1, None] + shares * np.diff(path, axis=0)[:, None]
    points = np.concatenate([between.reshape(-1, 2), path[-1:]])
    behind = np.zeros(len(points), bool)
    for start, stop in hidden:
        behind[start:stop] = True
    return np.column_stack([points, f(points)]), behind
