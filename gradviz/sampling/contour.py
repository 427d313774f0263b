"""Samples of contours, and of the curves of equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, mesh
from gradviz.errors import RequestError
from gradviz.fields.field import Field
from gradviz.language.equations import difference
from gradviz.language.reading import FunctionOfFile, separated
from gradviz.sampling.constraints import with_points
from gradviz.sampling.implicit import curve_of
from gradviz.sampling.mesh import (
    MeshShared,
    level_mesh,
    levels_beyond,
    sample_mesh,
    share_mesh,
    undersampled_levels,
)
from gradviz.sampling.samples import Sampler, Samples, column_names, completed
from gradviz.sampling.undersampling import has_waves
from gradviz.sampling.values import (
    axes_of,
    evaluate,
    refuse_empty,
)

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour


@dataclass(frozen=True, eq=False, kw_only=True)
class ContourSamples(Samples):
    """A function on a mesh (n1, n0, 2)."""

    drawn: tuple[Floats, Floats]
    """Points and values of the mesh to draw, split at discontinuities."""
    has_waves: bool
    """Whether the function has waves of few cells, between which the mesh needs more points."""
    shared: MeshShared | None = None


def sample(spec: Contour) -> ContourSamples:
    """Evaluate the function on the mesh. Raises RequestError if nothing can be drawn."""
    if spec.reading.equations:
        return _sample_equations(spec)
    samples = with_points(spec, sample_mesh(spec))
    evaluated = samples.evaluated
    return ContourSamples(
        evaluated=evaluated, critical=samples.critical, open_boxes=samples.open_boxes,
        own_warnings=samples.own_warnings, gradients=samples.gradients, constraints=samples.constraints,
        results=samples.results,
        drawn=(evaluated.points, evaluated.drawable),
        has_waves=has_waves(evaluated.field, evaluated.points, evaluated.limits),
        undersampled=undersampled_levels(spec, evaluated),
    )  # fmt: skip


def share(spec: Contour, members: Sequence[ContourSamples]) -> MeshShared:
    """Compute the limits and the levels of contours, and warn of values beyond them."""
    if spec.reading.equations:
        values = members[0].evaluated.drawable
        limits = members[0].evaluated.limits
        return MeshShared(len(members) == 1, limits, limits, values, "linear", ())
    shared = share_mesh(spec, members, filled=spec.filled)
    warnings = levels_beyond(spec.levels, shared.values, shared.limits, shared.levels, filled=spec.filled)
    return replace(shared, warnings=warnings)


def finish(spec: Contour, samples: ContourSamples) -> ContourSamples:
    """Lay out the mesh on which the levels are drawn."""
    levels = completed(samples.shared).levels
    if not levels:
        return samples
    drawn = level_mesh(spec, samples.evaluated, levels, has_waves=samples.has_waves)
    return replace(samples, drawn=drawn)


def _sample_equations(spec: Contour) -> ContourSamples:
    """Return the curves of equations. Raises RequestError if the first one is defined nowhere."""
    reading = spec.reading
    if isinstance(reading, FunctionOfFile):
        raise RequestError("an equation needs expressions on both sides")
    curves = tuple(
        curve_of(spec, Field(replace(reading, tree=difference(formula))), formula, text)
        for formula, text in zip(reading.equations, separated(reading.text), strict=True)
    )
    evaluated = evaluate(curves[0].field, mesh(*axes_of(spec)))
    refuse_empty(evaluated)
    points = np.concatenate([curve.points for curve in curves])
    names = np.repeat([curve.text for curve in curves], [len(curve.points) for curve in curves])
    columns = dict(zip(column_names(reading.variables, ("equation",)), points.T, strict=True))
    return ContourSamples(
        evaluated=evaluated, curves=curves, drawn=(evaluated.points, evaluated.drawable), has_waves=False,
        table={"equation": names, **columns}, results={"curves": [curve.plain for curve in curves]},
        own_warnings=(
            *spec.warnings, *spec.view_warnings(), *(one for curve in curves for one in curve.warnings),
        ),
    )  # fmt: skip


SAMPLER = Sampler(sample, share, finish)
