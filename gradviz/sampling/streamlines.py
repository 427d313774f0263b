"""Ends of streamlines, and lines through a point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.continuity import touched
from gradviz.errors import Message, Ref
from gradviz.sampling.undersampling import FEWEST_POINTS
from gradviz.sampling.values import Evaluated, Flags, Slopes

SMOOTH_DENSITY = 5.0  # of Matplotlib's streamlines: at that, steps are so short that no corner is visible
MIN_LENGTH = 0.04  # share of the panel: shorter lines are left out
SHORT_LENGTH = 0.01  # minimum length where the gradient turns so fast that most lines are no longer
NONE_LONG_ENOUGH = "no line is long enough\nto be drawn"
_ENDING_SHARE = 0.3  # of the points: where so many lines end, few are left
_TURNING_SHARE = 0.25  # of the points: where the gradient turns around within the minimum length


NO_POINTS = np.empty((0, 2))


def as_points(points: Sequence[tuple[float, ...]]) -> Floats:
    """Return points as an array (N, 2)."""
    return np.array(points, dtype=np.float64)


def min_length(slopes: Slopes) -> float:
    """Return the minimum length of a line, as a share of the panel."""
    return SHORT_LENGTH if turns_fast(slopes) else MIN_LENGTH


def ends(evaluated: Evaluated, slopes: Slopes, density: float) -> Flags:
    """Return whether (n1, n0) lines end at a point of a mesh: the gradient is unknown, turns or jumps."""
    found = _turns(slopes.trusted) | np.isnan(slopes.trusted).any(axis=-1)
    if evaluated.breaks:
        found |= _beside(touched(evaluated.breaks.edges, found.shape), density)
    return found


def turns_fast(slopes: Slopes) -> bool:
    """Return whether in much of a mesh the gradient turns around within the minimum length of a line."""
    shares = [0.0]
    for axis in (0, 1):
        vectors = np.moveaxis(slopes.trusted, axis, 0)
        step = max(round(MIN_LENGTH * (len(vectors) - 1)), 1)
        with np.errstate(over="ignore", invalid="ignore"):  # only the sign is used
            along = (vectors[step:] * vectors[:-step]).sum(axis=-1)
        if (known := ~np.isnan(along)).any():
            shares.append(float(np.mean(along[known] < 0)))
    return max(shares) > _TURNING_SHARE


def shortened(evaluated: Evaluated, slopes: Slopes, density: float) -> Iterator[Message]:
    """Yield a warning that many lines are short or missing, if they are."""
    known = ~np.isnan(evaluated.values)
    if not slopes.has_direction or min(known.shape) < FEWEST_POINTS:
        return  # there are no lines, or the mesh is visibly coarse
    if turns_fast(slopes) or float(np.mean(ends(evaluated, slopes, density)[known])) >= _ENDING_SHARE:
        problem = (
            "the gradient turns or jumps within short distances: lines are short, or missing; a smaller "
        )
        yield Message(problem, Ref("range"), " helps")


def direction(evaluated: Evaluated, slopes: Slopes, density: float, *, uphill: bool) -> Floats:
    """Return the direction (n1, n0, 2) of lines, NaN where they end."""
    vectors = slopes.trusted if uphill else -slopes.trusted
    greatest = np.nanmax(magnitudes(vectors), initial=0) or 1.0
    return np.where(ends(evaluated, slopes, density)[..., None], np.nan, vectors) / greatest


def leads_through(evaluated: Evaluated, slopes: Slopes, point: tuple[float, ...]) -> bool:
    """Return whether a line leads through a point: none does where lines end."""
    ended = ends(evaluated, slopes, SMOOTH_DENSITY)
    x, y = evaluated.points[0, :, 0], evaluated.points[:, 0, 1]
    places = [np.interp(at, along, np.arange(len(along))) for at, along in zip(point, (x, y), strict=True)]
    (left, bottom), (right, top) = np.floor(places).astype(int), np.ceil(places).astype(int)
    return not ended[bottom : top + 1, left : right + 1].any()


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
