"""Vectors on a mesh for Matplotlib's `streamplot`, which a script draws: NaN where lines have to end."""

from __future__ import annotations

import math

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.continuity import touched
from gradviz.sampling.values import Evaluated, Flags, Slopes


def ends(evaluated: Evaluated, slopes: Slopes, density: float) -> Flags:
    """Return whether (n1, n0) lines end at a point of a mesh: the gradient is unknown, turns or jumps."""
    found = _turns(slopes.trusted) | np.isnan(slopes.trusted).any(axis=-1)
    if evaluated.breaks:
        found |= _beside(touched(evaluated.breaks.edges, found.shape), density)
    return found


def direction(evaluated: Evaluated, slopes: Slopes, density: float, *, uphill: bool) -> Floats:
    """Return the direction (n1, n0, 2) of lines, NaN where they end."""
    vectors = slopes.trusted if uphill else -slopes.trusted
    greatest = np.nanmax(magnitudes(vectors), initial=0) or 1.0
    return np.where(ends(evaluated, slopes, density)[..., None], np.nan, vectors) / greatest


def _beside(points: Flags, density: float) -> Flags:
    """Return points (n1, n0) and their neighbours, as many as a line cannot step over.

    Matplotlib's longest step is a tenth of the panel, or a cell of its grid of 30 by 30 at density 1.
    """
    step = min(0.1, 1 / (30 * density))
    for axis, count in enumerate(points.shape):
        for _ in range(math.ceil(step * count / 2)):
            padded = np.pad(points, [(int(place == axis),) * 2 for place in (0, 1)])
            points = points | np.take(padded, range(count), axis) | np.take(padded, range(2, count + 2), axis)
    return points


def _turns(vectors: Floats) -> Flags:
    """Return whether (n1, n0) vectors (n1, n0, 2) are smaller than their change to a neighbour.

    Between such points the direction turns around, and a line would oscillate along the floor of a valley.
    """
    change = np.zeros(vectors.shape[:-1])
    for axis in (0, 1):
        steps = magnitudes(np.diff(vectors, axis=axis))
        for place in (0, -1):
            change = np.fmax(change, np.insert(steps, 0 if place == 0 else steps.shape[axis], 0, axis=axis))
    return magnitudes(vectors) < change
