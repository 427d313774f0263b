"""Undersampling: whether a mesh has too few points for a function or its gradient."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradviz.arrays import Floats, components, magnitudes
from gradviz.calculus.continuity import touched
from gradviz.calculus.gradients import Gradient
from gradviz.errors import Message, Ref
from gradviz.sampling.limits import Limits
from gradviz.sampling.values import Evaluated, Slopes

FEWEST_POINTS = 10  # along an axis: with fewer, a mesh is visibly coarse
_VALUE_ERROR = 0.05  # of the span of the limits: error of bilinear interpolation that is visible
_GRADIENT_ERROR = 0.4  # of a large magnitude: error of an interpolated gradient that is visible
_LARGE_PERCENTILE = 90  # percentile of the magnitudes that counts as large
_CELL_SHARE = 0.2  # of the cells with such an error, from which on a mesh is undersampled
_PROBE = 0.382  # of the way across a cell; its middle may be in phase with an oscillation
_PROBED_CELLS = 60  # along each axis, about


def undersampled(evaluated: Evaluated, limits: Limits, most: int | None = None) -> Iterator[Message]:
    """Yield a warning if a mesh (n1, n0, 2) is too coarse for the function, within limits of values.

    In many cells bilinear interpolation is then far from the function. With `most` points along an axis the
    figure has no more. Cells at discontinuities do not count, as they are cut.
    """
    low, high = limits
    shape = evaluated.drawable.shape
    thinned = tuple(slice(None, None, -(-count // (most or count))) for count in shape)
    points, values = evaluated.points[thinned], evaluated.drawable[thinned]
    if min(values.shape) < FEWEST_POINTS or not high > low:
        return
    some = tuple(slice(None, None, -(-count // _PROBED_CELLS)) for count in values.shape)
    first, last = (part[some] for part in (points[:-1, :-1], points[1:, 1:]))
    error = np.abs(evaluated.field(first + _PROBE * (last - first)) - _bilinear(values)[some]) / (high - low)
    if evaluated.breaks:
        cut = np.where(touched(evaluated.breaks.edges, shape)[thinned], np.nan, 0.0)
        error = error + _bilinear(cut)[some]
    known = error[np.isfinite(error)]
    if known.size and np.mean(known > _VALUE_ERROR) >= _CELL_SHARE:
        rows, columns = values.shape
        yield _warning("function", rows, columns, smaller_range_only=(rows, columns) != shape)


def undersampled_gradient(gradient: Gradient, evaluated: Evaluated, slopes: Slopes) -> Iterator[Message]:
    """Yield a warning if a mesh (n1, n0, 2) is too coarse for the gradient.

    In many cells the gradient is then far from bilinear interpolation.
    """
    vectors, points = slopes.trusted, evaluated.points
    if min(vectors.shape[:2]) < FEWEST_POINTS:
        return
    corners = np.stack([_bilinear(part) for part in components(vectors)], axis=-1)
    some = tuple(slice(None, None, -(-count // _PROBED_CELLS)) for count in corners.shape[:2])
    inside = points[:-1, :-1] + _PROBE * (points[1:, 1:] - points[:-1, :-1])
    with np.errstate(over="ignore", invalid="ignore"):
        error = magnitudes(gradient(inside[some]) - corners[some])
        sizes = slopes.magnitudes
        large = float(np.nanpercentile(sizes, _LARGE_PERCENTILE)) if np.isfinite(sizes).any() else 0.0
        known = error[np.isfinite(error)]
        if not large or not known.size or np.mean(known > _GRADIENT_ERROR * large) < _CELL_SHARE:
            return
    rows, columns = vectors.shape[:2]
    yield _warning("gradient", rows, columns)


def _warning(what: str, rows: int, columns: int, *, smaller_range_only: bool = False) -> Message:
    problem = f"the {what} changes faster than {columns} by {rows} points can show: "
    samples = () if smaller_range_only else ("more ", Ref("samples"), " or ")
    return Message(problem, *samples, "a smaller ", Ref("range"), " would help")


def _bilinear(values: Floats) -> Floats:
    """Return the bilinear interpolation (n1 - 1, n0 - 1) of values (n1, n0) at the probe of each cell."""
    t = _PROBE
    found: Floats = (1 - t) * ((1 - t) * values[:-1, :-1] + t * values[:-1, 1:]) + t * (
        (1 - t) * values[1:, :-1] + t * values[1:, 1:]
    )
    return found
