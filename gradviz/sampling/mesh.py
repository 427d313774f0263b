"""Samples of a function of two variables on a mesh: contours, and what other kinds have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradviz.arrays import Floats, mesh
from gradviz.calculus import critical_points
from gradviz.errors import Message, Ref
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.levels import Spacing, best_spacing, find_levels
from gradviz.sampling.limits import CONSTANT, Limits, data_limits, is_constant, joined, union, values_beyond
from gradviz.sampling.samples import Sampler, Samples, Shared
from gradviz.sampling.undersampling import undersampled
from gradviz.sampling.values import axes_of, evaluate, field_of, gradient_of, refuse_empty, slopes_at

if TYPE_CHECKING:
    from gradviz.specs import Contour, Descent, Quiver, Stream, Surface


@dataclass(frozen=True, eq=False)
class MeshShared(Shared):
    """Values that the figures of a sweep share: the limits of values, and levels."""

    is_alone: bool
    limits: Limits
    """Robust limits of all values."""
    data: Limits
    """Minimum and maximum of all values."""
    values: Floats
    """All values, (n1, n0) of a single figure or (N,)."""
    spacing: Spacing
    levels: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ContourSamples(Samples):
    """A function on a mesh (n1, n0, 2)."""

    drawn: tuple[Floats, Floats]
    """Points and values of the mesh to draw, split at discontinuities."""
    shared: MeshShared | None = None


def sample_mesh(
    spec: Contour | Descent | Quiver | Stream | Surface, *, gradient: bool = False, cut: bool = True
) -> Samples:
    """Evaluate the function, and its gradient if wanted, on the mesh; find the critical points to mark.

    Raises RequestError if nothing can be drawn.
    """
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
    found = critical_points(field, [(along[0], along[-1]) for along in axes])
    warnings += map(Message, (*found.notes, found.summary))
    return Samples(evaluated=evaluated, slopes=slopes, critical=found.points, own_warnings=tuple(warnings))


def share_mesh(
    spec: Contour | Descent | Surface,
    members: Sequence[Samples],
    *,
    filled: bool,
    view: Limits | None = None,
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
    return ContourSamples(
        evaluated=evaluated,
        critical=samples.critical,
        own_warnings=(*samples.own_warnings, *undersampled(evaluated, evaluated.limits)),
        drawn=split_at_breaks(evaluated),
    )


def share(spec: Contour, members: Sequence[ContourSamples]) -> MeshShared:
    """Compute the limits and the levels of contours, and warn of values beyond them."""
    shared = share_mesh(spec, members, filled=spec.filled)
    warnings = levels_beyond(spec.levels, shared.values, shared.limits, filled=spec.filled)
    return replace(shared, warnings=warnings)


SAMPLER = Sampler(sample, share)
