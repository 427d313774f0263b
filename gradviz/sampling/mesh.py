"""Samples of a function of two variables on a mesh: contours, what kinds have in common, and coarseness."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, magnitudes, mesh
from gradviz.calculus import Gradient, critical_points
from gradviz.calculus.continuity import touched
from gradviz.errors import Message, Ref
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.levels import Spacing, best_spacing, find_levels
from gradviz.sampling.limits import (
    CONSTANT,
    Limits,
    data_limits,
    inner_limits,
    is_constant,
    joined,
    union,
    values_beyond,
)
from gradviz.sampling.samples import Sampler, Samples, Shared, completed
from gradviz.sampling.values import (
    Evaluated,
    Slopes,
    axes_of,
    evaluate,
    field_of,
    gradient_of,
    has_chosen_points,
    refuse_empty,
    slopes_at,
)

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.descent import Descent
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface

FEWEST_POINTS = 10  # along an axis: with fewer, a mesh is visibly coarse
_VALUE_ERROR = 0.05  # of the span of the limits: error of bilinear interpolation that is visible
_GRADIENT_ERROR = 0.4  # of a large magnitude: error of an interpolated gradient that is visible
_LARGE_PERCENTILE = 90  # percentile of the magnitudes that counts as large
_CELL_SHARE = 0.2  # of the cells with such an error, from which on a mesh is undersampled
_LEVEL_ERROR = 0.05  # of the distance to the next level: interpolation error that moves a contour visibly
_MAX_REFINEMENT = 3  # number of cells of a finer mesh along a side of a cell
_PROBE = 0.382  # of the way across a cell; its middle may be in phase with an oscillation
_PROBED_CELLS = 60  # along each axis, about


@dataclass(frozen=True, eq=False)
class MeshShared(Shared):
    """The limits of values and the levels that the figures of a sweep share."""

    is_alone: bool
    limits: Limits
    """Robust limits of all values."""
    data: Limits
    """Minimum and maximum of all values."""
    values: Floats
    """All values, (n1, n0) of a single figure or (N,)."""
    spacing: Spacing
    levels: tuple[float, ...]

    @property
    def shown(self) -> Limits:
        """The limits of the values that contours show."""
        return inner_limits(self.limits, self.levels)


@dataclass(frozen=True, eq=False, kw_only=True)
class ContourSamples(Samples):
    """A function on a mesh (n1, n0, 2)."""

    drawn: tuple[Floats, Floats]
    """Points and values of the mesh to draw, split at discontinuities."""
    shared: MeshShared | None = None


def sample_mesh(
    spec: Contour | Descent | Quiver | Stream | Surface, *, gradient: bool = False, cut: bool = True
) -> Samples:
    """Evaluate the function, and its gradient if wanted, on the mesh; find the critical points to mark."""
    field, axes = field_of(spec, at=spec.at, plane=spec.plane), axes_of(spec)
    points = mesh(*axes)
    slopes = slopes_at(gradient_of(spec, field), points) if gradient else None
    evaluated = evaluate(field, points, slopes.estimate.values if slopes else None, cut=cut)
    refuse_empty(evaluated, has_gradient=gradient)
    warnings = [*spec.warnings, *map(Message, field.notes), *spec.view_warnings()]
    if is_constant(evaluated.drawable):
        warnings.append(Message(CONSTANT))
    if not spec.critical:
        return Samples(evaluated=evaluated, slopes=slopes, own_warnings=tuple(warnings))
    found = critical_points(field, [(along[0], along[-1]) for along in axes], certify=spec.certify)
    warnings += map(Message, (*found.notes, found.summary))
    return Samples(
        evaluated=evaluated, slopes=slopes, critical=found.points,
        open_boxes=found.proof.open if found.proof else (), own_warnings=tuple(warnings),
    )  # fmt: skip


def share_mesh(
    spec: Contour | Descent | Surface, members: Sequence[Samples], *, filled: bool, view: Limits | None = None
) -> MeshShared:
    """Compute the limits and the levels that figures have in common; levels are inside the `view`."""
    limits = union(one.evaluated.limits for one in members)
    meshes = [one.evaluated.drawable for one in members]
    values = joined(meshes)
    spacing = best_spacing(*meshes) if spec.spacing == "auto" else spec.spacing
    levels = find_levels(spec.levels, values, filled=filled, spacing=spacing, limits=view or limits)
    return MeshShared(len(members) == 1, limits, data_limits(values), values, spacing, tuple(levels))


def levels_beyond(
    levels: int | tuple[float, ...] | None, values: Floats, limits: Limits, *, filled: bool
) -> tuple[Message, ...]:
    """Return a warning of values beyond the limits of levels, where nobody asked for these levels."""
    if isinstance(levels, tuple):
        return ()
    effect = "are drawn in one colour" if filled else "have no lines"
    return values_beyond(values, limits, Message(f"{effect}; ", Ref("levels"), " shows more"))


def sample(spec: Contour) -> ContourSamples:
    """Evaluate the function on the mesh. Raises RequestError if nothing can be drawn."""
    samples = sample_mesh(spec)
    evaluated = samples.evaluated
    warnings = (*samples.own_warnings, *undersampled(evaluated, evaluated.limits))
    return ContourSamples(
        evaluated=evaluated, critical=samples.critical, open_boxes=samples.open_boxes,
        own_warnings=warnings, drawn=(evaluated.points, evaluated.drawable),
    )  # fmt: skip


def share(spec: Contour, members: Sequence[ContourSamples]) -> MeshShared:
    """Compute the limits and the levels of contours, and warn of values beyond them."""
    shared = share_mesh(spec, members, filled=spec.filled)
    warnings = levels_beyond(spec.levels, shared.values, shared.limits, filled=spec.filled)
    return replace(shared, warnings=warnings)


def finish(spec: Contour, samples: ContourSamples) -> ContourSamples:
    """Lay out the mesh on which the levels are drawn."""
    levels = completed(samples.shared).levels
    return replace(samples, drawn=level_mesh(spec, samples.evaluated, levels))


def level_mesh(
    spec: Contour | Descent, evaluated: Evaluated, levels: Sequence[float]
) -> tuple[Floats, Floats]:
    """Return the points and values of the mesh on which levels are drawn, split at discontinuities.

    It is finer than the sampled one if the lines would be off visibly, unless a user chose the points.
    """
    axes = axes_of(spec)
    factor = 1 if has_chosen_points(spec) else _refinement(evaluated, np.array(levels))
    if factor > 1:
        finer = [np.linspace(along[0], along[-1], factor * (len(along) - 1) + 1) for along in axes]
        evaluated = evaluate(evaluated.field, mesh(*finer), cut=True)
    return split_at_breaks(evaluated)


@np.errstate(all="ignore")
def _refinement(evaluated: Evaluated, levels: Floats) -> int:
    """Return by how much cells must be divided for contours at levels (K,), ascending, to be accurate.

    The error of bilinear interpolation in a cell is an eighth of the second differences. In a valley as
    narrow as a few cells, it exceeds the lowest levels, and their lines end too early.
    """
    values = evaluated.drawable
    if evaluated.breaks:
        values = np.where(touched(evaluated.breaks.edges, values.shape), np.nan, values)
    bend = np.zeros(values.shape)
    bend[1:-1] += np.abs(np.diff(values, 2, axis=0)) / 8
    bend[:, 1:-1] += np.abs(np.diff(values, 2, axis=1)) / 8
    error = _over_corners(np.fmax, np.nan_to_num(bend, nan=0.0, posinf=0.0))
    low, high = _over_corners(np.minimum, values) - error, _over_corners(np.maximum, values) + error
    low_limit, high_limit = evaluated.limits
    ends = np.array([low_limit, *levels[(levels > low_limit) & (levels < high_limit)], high_limit])
    worst = 0.0
    for below, level, above in zip(ends, ends[1:], ends[2:], strict=False):
        crossed = error[(low <= level) & (level <= high)]
        worst = max(worst, float(crossed.max(initial=0.0) / min(level - below, above - level)))
    return min(math.ceil(math.sqrt(worst / _LEVEL_ERROR)), _MAX_REFINEMENT) if worst else 1


def _over_corners(function: np.ufunc, values: Floats) -> Floats:
    """Return the minimum or maximum (n1 - 1, n0 - 1) of values (n1, n0) at the corners of each cell."""
    below, above = (function(row[:, :-1], row[:, 1:]) for row in (values[:-1], values[1:]))
    found: Floats = function(below, above)
    return found


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
    error = np.abs(_deviation(evaluated.field, points, values, values.shape)) / (high - low)
    if evaluated.breaks:
        cut = np.where(touched(evaluated.breaks.edges, shape)[thinned], np.nan, 0.0)
        error = error + _bilinear(cut)[_some(values.shape)]
    if _is_coarse(error, _VALUE_ERROR):
        yield _coarse("function", values, smaller_range_only=values.shape != shape)


def undersampled_gradient(gradient: Gradient, evaluated: Evaluated, slopes: Slopes) -> Iterator[Message]:
    """Yield a warning if a mesh (n1, n0, 2) is too coarse for the gradient."""
    vectors, sizes = slopes.trusted, slopes.magnitudes
    if min(sizes.shape) < FEWEST_POINTS or not np.isfinite(sizes).any():
        return
    with np.errstate(over="ignore", invalid="ignore"):
        cells = (sizes.shape[0] - 1, sizes.shape[1] - 1)
        error = magnitudes(_deviation(gradient, evaluated.points, vectors, cells))
        large = float(np.nanpercentile(sizes, _LARGE_PERCENTILE))
        if large and _is_coarse(error, _GRADIENT_ERROR * large):
            yield _coarse("gradient", sizes)


def _deviation(
    function: ScalarField | Gradient, points: Floats, values: Floats, counts: tuple[int, ...]
) -> Floats:
    """Return the errors of bilinear interpolation of values (n1, n0, ...) in some cells of a mesh."""
    some = _some(counts)
    first, last = points[:-1, :-1][some], points[1:, 1:][some]
    error: Floats = function(first + _PROBE * (last - first)) - _bilinear(values)[some]
    return error


def _some(counts: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the index of at most about 60 of `counts` cells along each axis."""
    return tuple(slice(None, None, -(-count // _PROBED_CELLS)) for count in counts)


def _is_coarse(error: Floats, tolerance: float) -> bool:
    known = error[np.isfinite(error)]
    return bool(known.size and np.mean(known > tolerance) >= _CELL_SHARE)


def _coarse(what: str, values: Floats, *, smaller_range_only: bool = False) -> Message:
    rows, columns = values.shape
    problem = f"the {what} changes faster than {columns} by {rows} points can show: "
    samples = () if smaller_range_only else ("more ", Ref("samples"), " or ")
    return Message(problem, *samples, "a smaller ", Ref("range"), " would help")


def _bilinear(values: Floats) -> Floats:
    """Return the interpolation (n1 - 1, n0 - 1, ...) of values (n1, n0, ...) at the probe of each cell."""
    t = _PROBE
    below, above = ((1 - t) * row[:, :-1] + t * row[:, 1:] for row in (values[:-1], values[1:]))
    interpolated: Floats = (1 - t) * below + t * above
    return interpolated


SAMPLER = Sampler(sample, share, finish)
