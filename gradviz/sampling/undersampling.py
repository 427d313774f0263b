"""Whether a mesh shows a function, or is too coarse for it."""

from __future__ import annotations

import numpy as np

from gradviz.arrays import Floats, components, magnitudes
from gradviz.calculus.continuity import touched
from gradviz.calculus.gradients import Gradient
from gradviz.sampling.samples import Samples

_OFF = 0.05  # of the heights that are shown: so far from what the corners make of it, a place looks wrong
_ASTRAY = 0.4  # of a usual size of the gradient: so far from what the corners make of it, it is another one
_USUAL = 90  # per cent of the gradients are smaller
_SHARE = 0.2  # of the cells
_INSIDE = 0.382  # of the way across a cell; the very middle may be in step with what oscillates
FEWEST = 10  # points along an axis: with fewer, everybody sees how coarse it is
_LOOKS = 60  # cells along each axis, about, that are looked at


def too_coarse(samples: Samples, ends: tuple[float, float], most: int | None = None) -> str:
    """Return in words that the mesh (n1, n0, 2) is too coarse, or nothing if it is not.

    It is if in many cells the function inside is far from what the corners make of it, which a picture shows
    there. `ends` are those of the heights that are shown; with `most` points along an axis, the picture
    has no more. Cells at breaks do not count, as these are cut.
    """
    low, high = ends
    thinned = tuple(slice(None, None, -(-count // (most or count))) for count in samples.heights.shape)
    points, heights = samples.points[thinned], samples.heights[thinned]
    if min(heights.shape) < FEWEST or not high > low:
        return ""
    some = tuple(slice(None, None, -(-count // _LOOKS)) for count in heights.shape)
    first, last = (part[some] for part in (points[:-1, :-1], points[1:, 1:]))
    corners = _corners(heights)[some]
    off = np.abs(samples.field(first + _INSIDE * (last - first)) - corners) / (high - low)
    if samples.breaks:
        cut = np.where(touched(samples.breaks.edges, samples.heights.shape)[thinned], np.nan, 0.0)
        off = off + _corners(cut)[some]
    known = off[np.isfinite(off)]
    if not known.size or np.mean(known > _OFF) < _SHARE:
        return ""
    rows, columns = heights.shape
    more = (
        "a smaller --range"
        if (rows, columns) != samples.heights.shape
        else "more --samples or a smaller --range"
    )
    return f"the function changes faster than {columns} by {rows} points can show: {more} would help"


def _corners(heights: Floats) -> Floats:
    """Return in each cell (n1 - 1, n0 - 1) what its corners make of the place inside that is looked at."""
    t = _INSIDE
    found: Floats = (1 - t) * ((1 - t) * heights[:-1, :-1] + t * heights[:-1, 1:]) + t * (
        (1 - t) * heights[1:, :-1] + t * heights[1:, 1:]
    )
    return found


def too_coarse_for(gradient: Gradient, samples: Samples) -> str:
    """Return in words that the mesh (n1, n0, 2) is too coarse for the gradient, or nothing if it is not.

    It is if in many cells the gradient inside is far from what those at the corners make of it.
    """
    vectors, points = samples.trusted, samples.points
    if min(vectors.shape[:2]) < FEWEST:
        return ""
    corners = np.stack([_corners(part) for part in components(vectors)], axis=-1)
    some = tuple(slice(None, None, -(-count // _LOOKS)) for count in corners.shape[:2])
    inside = points[:-1, :-1] + _INSIDE * (points[1:, 1:] - points[:-1, :-1])
    with np.errstate(over="ignore", invalid="ignore"):
        off = magnitudes(gradient(inside[some]) - corners[some])
        usual = float(np.nanpercentile(samples.sizes, _USUAL)) if np.isfinite(samples.sizes).any() else 0.0
        known = off[np.isfinite(off)]
        if not usual or not known.size or np.mean(known > _ASTRAY * usual) < _SHARE:
            return ""
    rows, columns = vectors.shape[:2]
    return (
        f"the gradient changes faster than {columns} by {rows} points can show: more --samples or a smaller "
        "--range would help"
    )
