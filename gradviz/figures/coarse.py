"""Whether a mesh shows a function, or is too coarse for it."""

from __future__ import annotations

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import touched
from gradviz.figures.samples import Samples

_OFF = 0.05  # of the heights that are shown: so far from its corners' mean, the middle of a cell looks wrong
_SHARE = 0.2  # of the cells
_FEWEST = 10  # points along an axis: with fewer, everybody sees how coarse it is
_LOOKS = 60  # cells along each axis, about, that are looked at


def too_coarse(samples: Samples, ends: tuple[float, float], most: int | None = None) -> str:
    """Return in words that the mesh (n1, n0, 2) is too coarse, or nothing if it is not.

    It is if in many cells the function in the middle is far from the mean of its corners, which a picture
    shows there. `ends` are those of the heights that are shown; with `most` points along an axis, the picture
    has no more. Cells at breaks do not count, as these are cut.
    """
    low, high = ends
    thinned = tuple(slice(None, None, -(-count // (most or count))) for count in samples.heights.shape)
    points, heights = samples.points[thinned], samples.heights[thinned]
    if min(heights.shape) < _FEWEST or not high > low:
        return ""
    some = tuple(slice(None, None, -(-count // _LOOKS)) for count in heights.shape)
    first, last = (part[some] for part in (points[:-1, :-1], points[1:, 1:]))
    corners = _corners(heights)[some]
    off = np.abs(samples.field((first + last) / 2) - corners) / (high - low)
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
    """Return the mean (n1 - 1, n0 - 1) of the corners of each cell."""
    mean: Floats = (heights[:-1, :-1] + heights[1:, 1:] + heights[1:, :-1] + heights[:-1, 1:]) / 4
    return mean
