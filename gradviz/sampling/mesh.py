"""Samples of a function of two variables on a mesh, with the limits and levels that several kinds share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, mesh
from gradviz.calculus import critical_points
from gradviz.calculus.continuity import touched
from gradviz.errors import Message, Ref
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.levels import Spacing, best_spacing, find_levels
from gradviz.sampling.limits import (
    CONSTANT,
    Limits,
    data_limits,
    inner_limits,
    is_constant,
    joined,
    outer_limits,
    union,
    values_beyond,
)
from gradviz.sampling.samples import Samples, Shared
from gradviz.sampling.undersampling import Undersampled, undersampled
from gradviz.sampling.values import (
    Evaluated,
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

_LEVEL_ERROR = 0.05  # of the distance to the next level: interpolation error that moves a contour visibly
_MAX_REFINEMENT = 3  # number of cells of a finer mesh along a side of a cell


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
    return with_critical(
        spec, Samples(evaluated=evaluated, slopes=slopes, own_warnings=tuple(warnings)), axes
    )


def with_critical(
    spec: Contour | Descent | Quiver | Stream | Surface, samples: Samples, axes: Sequence[Floats]
) -> Samples:
    """Return samples with the critical points to mark inside axes (n,), if the spec has markers of them."""
    if not spec.critical:
        return samples
    ranges = [(along[0], along[-1]) for along in axes]
    found = critical_points(samples.evaluated.field, ranges, certify=spec.certify)
    warnings = (*samples.own_warnings, *map(Message, (*found.notes, found.summary)))
    unproven = found.proof.open if found.proof else ()
    return replace(samples, critical=found.points, open_boxes=unproven, own_warnings=warnings)


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
    wanted: int | tuple[float, ...] | None,
    values: Floats,
    limits: Limits,
    levels: Sequence[float],
    *,
    filled: bool,
) -> tuple[Message, ...]:
    """Return a warning of values beyond the limits and the lines of levels, unless they are `wanted` ones."""
    if isinstance(wanted, tuple):
        return ()
    if filled:
        effect = Message("are drawn in one colour; ", Ref("levels"), " shows more")
        return values_beyond(values, limits, effect)
    return values_beyond(
        values, outer_limits(limits, levels), Message("have no lines; ", Ref("levels"), " shows more")
    )


def undersampled_levels(spec: Contour | Descent, evaluated: Evaluated) -> tuple[Undersampled, ...]:
    """Return the problem of a mesh for levels that is too coarse, even where it is refined."""
    finer = 1 if has_chosen_points(spec) else _MAX_REFINEMENT
    return tuple(undersampled(evaluated, evaluated.limits, finer=finer))


def level_mesh(
    spec: Contour | Descent | Surface, evaluated: Evaluated, levels: Sequence[float], *, has_waves: bool
) -> tuple[Floats, Floats]:
    """Return the points and values of the mesh on which levels are drawn, split at discontinuities.

    It is finer than the sampled one if the lines would be off visibly, unless a user chose the points.
    """
    if has_chosen_points(spec):
        return split_at_breaks(evaluated)
    factor = _MAX_REFINEMENT if has_waves else _refinement(evaluated, np.array(levels))
    if factor > 1:
        axes = axes_of(spec)
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
