"""Samples of a descent: the paths of optimizers, and the function on the mesh or the curve below them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.limits import HESSIAN_OPERATIONS
from gradviz.optimizers import Optimizer, optimizer
from gradviz.optimizers.paths import Component, Landscape, Path, components, cut, path, tune, walk
from gradviz.sampling.levels import levels_above
from gradviz.sampling.limits import CONSTANT, Limits, LossAxis, is_constant, loss_axis, union, widened
from gradviz.sampling.mesh import (
    MeshShared,
    level_mesh,
    sample_mesh,
    share_mesh,
    undersampled_levels,
    with_critical,
)
from gradviz.sampling.outline import Drawn as DrawnCurve
from gradviz.sampling.outline import Outline, outline_of
from gradviz.sampling.path_warnings import (
    check_starts,
    loss_warnings,
    path_warnings,
    point_words,
    rounding_warnings,
)
from gradviz.sampling.samples import Arrays, Sampler, Samples, Shared, column_names, completed
from gradviz.sampling.surface import FACES, Drawn, lay_out
from gradviz.sampling.undersampling import Undersampled, has_waves, undersampled
from gradviz.sampling.values import (
    Evaluated,
    axes_of,
    box_of,
    evaluate,
    field_of,
    gradient_of,
    refuse_empty,
)
from gradviz.specs.descent import Descent
from gradviz.specs.plane import view_of

_CORNER_SHARE = 0.12  # distance of the default start from the ends of the range, as a share of the range
_CANDIDATE_STRIDE = 7  # points of the mesh along each axis, from one candidate for a start to the next
_START_SHARE = 1.5  # value above the minimum, in that of the highest start, up to which contours matter
_TOP_SHARE = 2.0  # value above the minimum, in that of the highest start, up to which a curve matters
_LEAST_TOP_SHARE = 0.25  # of the values of a curve: the part from the minimum up that is shown at least
_FEWEST_LEVELS = 4  # number of linear levels up to there, below which they are logarithmic
_ARROW_SHARE = 0.13  # median length of the longest component of an update, as a share of the view
_LONGEST_RATIO = 2.0  # maximum length of an arrow to that median length
_SAFE_SHARE = 0.2  # default learning rate times the largest curvature; at 2 gradient descent diverges
_FIRST_STEP = 0.05  # length of the first step where there is no curvature, as a share of the range
_FALLBACK_RATE = 0.1  # learning rate where the gradient is 0, too
_EPS = 2.0**-52  # rounding error of a coordinate, as a share of the range
_VISIBLE_SHARE = 1e-3  # distance of two points that is visible, as a share of the range
_TRIALS = 12  # learning rates that are tried until no path diverges, each a quarter of the one before


@dataclass(frozen=True)
class ComponentScale:
    """The lengths of arrows for components of updates, the same in all panels and frames."""

    factor: float
    """Length of an arrow in the units of the plane to that of its component."""
    longest: float
    """Length of the longest arrow of an update in the units of the plane; longer ones are shortened."""
    some_shortened: bool
    causes: tuple[str, ...]
    """The causes of all components."""


@dataclass(frozen=True, eq=False)
class DescentShared(Shared):
    """Levels, axis of values and arrow lengths, shared by the figures of a sweep."""

    ground: MeshShared
    view: Limits | None
    """The limits of the axis of values of curves; None on a plane."""
    loss: LossAxis
    components: ComponentScale


@dataclass(frozen=True, eq=False, kw_only=True)
class DescentSamples(Samples):
    """Paths of optimizers, and the function on a mesh (n1, n0, 2), or on a line (n, 1) of one variable."""

    shared: DescentShared | None = None
    outline: Outline | None = None
    """The curve of a function of one variable; None for one of two."""
    curve: DrawnCurve | None = None
    """The curve as it is drawn."""
    contours: tuple[Floats, Floats] | None = None
    """Points and values of the mesh to draw as contours, None on a surface or on axes alone."""
    surface: Drawn | None = None
    """The surface to draw, None on a plane."""


@dataclass(frozen=True, eq=False)
class Runs:
    """A function with its gradient, starts (S, D), a number of steps, and the range (2, D), low and high."""

    field: ScalarField
    gradient: Gradient
    starts: Floats
    steps: int
    box: Floats

    def paths(self, name: str, one: Optimizer) -> list[Path]:
        """Return the paths of an optimizer, one from each start."""
        points = path(one, self.gradient, self.starts, self.steps, self.field.hessian)
        values = self.field(points)
        return [
            cut(name, one, points[:, i], values[:, i], self.box, field=self.field)
            for i in range(len(self.starts))
        ]

    def unstable_from(self, of: Path, start: int) -> int | None:
        """Return the step from which a path depends on rounding errors, None if it does not.

        A path from a start (D,), the `start`-th, moved by a rounding error of the range, is visibly elsewhere
        then. Rounding errors grow by a factor a step where an optimizer overshoots a valley again and again.
        """
        if (of.points == of.points[0]).all():
            return None  # no step at all, which has a warning of its own
        size = np.ptp(self.box, axis=0)
        first = self.starts[start] + _EPS * size
        moved = path(of.optimizer, self.gradient, first, of.steps, self.field.hessian)
        apart = (np.abs(moved - of.points) > _VISIBLE_SHARE * size).any(axis=-1)
        return int(np.argmax(apart)) if apart.any() else None

    def tuned(self, one: Optimizer) -> Optimizer:
        """Return an optimizer with the learning rate whose paths from these starts end lowest."""
        landscape = Landscape(self.field, self.gradient, self.field.hessian)
        return tune(one, landscape, self.starts, self.steps, self.box)

    def safe_rate(self) -> float:
        """Return a learning rate of sgd that does not diverge, from the curvature at the starts."""
        curvature = 0.0
        if self.field.operations * len(self.field.variables) <= HESSIAN_OPERATIONS:
            hessians = self.field.hessian(self.starts)
            known = hessians[np.isfinite(hessians).all(axis=(-2, -1))]
            curvature = float(np.abs(np.linalg.eigvalsh(known)).max(initial=0.0))
        rate = _SAFE_SHARE / curvature if curvature > 0 else 0.0
        slope = float(np.nanmax(magnitudes(self.gradient(self.starts)), initial=0.0))
        if not math.isfinite(rate) or rate == 0:
            size = float(np.ptp(self.box, axis=0).min())
            rate = _FIRST_STEP * size / slope if slope > 0 else _FALLBACK_RATE
        for _ in range(_TRIALS):
            rate = float(f"{rate:.1g}")
            one = optimizer("sgd", {"learning_rate": rate})
            if all(found.diverged is None for found in self.paths("sgd", one)):
                break
            rate /= 4
        return rate

    def components(self, of: Path, every: int) -> tuple[Component, ...]:
        """Return the components of every `every`-th update of a path, the first included."""
        updates = walk(of.optimizer, self.gradient, of.points[0], of.steps, self.field.hessian)
        return tuple(
            component
            for local, update in updates
            if (local.t - 1) % every == 0
            for component in components(local, of.optimizer, update)
        )


def sample(spec: Descent) -> DescentSamples:
    """Evaluate the function on its mesh, and follow the paths from starts that are defined."""
    axes, box = axes_of(spec), box_of(spec)
    ground = sample_mesh(spec) if len(axes) > 1 else _sample_line(spec, axes)
    curve = outline_of(spec, ground.evaluated) if len(axes) == 1 else None
    field, warnings = ground.evaluated.field, list(ground.own_warnings)
    gradient = gradient_of(spec, field)
    starts = np.array(spec.start or [_default_start(ground, gradient, box)], dtype=np.float64)
    if not spec.start:
        chosen = f"the path starts at {point_words(starts[0])}; "
        warnings.append(Message(chosen, Ref("start"), " chooses another place"))
    check_starts(field, starts)
    runs = Runs(field, gradient, starts, spec.steps, box)
    paths = [path for name, one in _optimizers(spec, runs, warnings) for path in runs.paths(name, one)]
    warnings += path_warnings(paths, np.array(view_of(spec)).T, gradient)
    if field.has_formula:
        warnings += rounding_warnings(runs, paths)
    if spec.loss:
        warnings += loss_warnings(paths, loss_axis(paths))
    if spec.anatomy:
        if spec.anatomy >= spec.steps > 1:
            shown = f" shows the first of {spec.steps} updates alone"
            warnings.append(Message(Ref("anatomy", spec.anatomy), shown))
        paths = [replace(path, components=runs.components(path, spec.anatomy)) for path in paths]
    warnings += curve.warnings if curve else ()
    return DescentSamples(
        undersampled=curve.undersampled if curve else _undersampled(spec, ground.evaluated),
        outline=curve, removable=curve.gaps.at if curve else None,
        evaluated=ground.evaluated, critical=ground.critical, open_boxes=ground.open_boxes,
        own_warnings=tuple(warnings),
        paths=tuple(paths), table=_table(field, paths), results={"paths": [path.report() for path in paths]},
    )  # fmt: skip


def _sample_line(spec: Descent, axes: Sequence[Floats]) -> Samples:
    """Evaluate a function of one variable at coordinates (n,), and find the critical points to mark."""
    field = field_of(spec)
    evaluated = evaluate(field, axes[0][:, None], cut=True)
    refuse_empty(evaluated)
    warnings = [*spec.warnings, *map(Message, field.notes), *spec.view_warnings()]
    warnings += [Message(CONSTANT)] if is_constant(evaluated.drawable) else []
    return with_critical(spec, Samples(evaluated=evaluated, own_warnings=tuple(warnings)), axes)


def _undersampled(spec: Descent, evaluated: Evaluated) -> tuple[Undersampled, ...]:
    """Return the problem of the contours or the surface below the paths, if they are too coarse."""
    if spec.on == "contour":
        return undersampled_levels(spec, evaluated)
    is_surface = spec.on == "surface"
    return tuple(undersampled(evaluated, spec.zlim or evaluated.limits, FACES)) if is_surface else ()


def _table(field: ScalarField, paths: Sequence[Path]) -> Arrays:
    """Return the columns of the data; optimizers of one name have their hyperparameters, too."""
    kinds = {path.name: {other.optimizer for other in paths if other.name == path.name} for path in paths}
    names = [path.name if len(kinds[path.name]) == 1 else path.text for path in paths]
    points = np.concatenate([path.points for path in paths])
    variables = column_names(field.variables, ("optimizer", "step"))
    return {
        "optimizer": np.repeat(names, [len(path.points) for path in paths]),
        "step": np.concatenate([np.arange(len(path.points)) for path in paths]),
        **dict(zip(variables, points.T, strict=True)),
        "f": np.concatenate([path.values for path in paths]),
    }


def _default_start(ground: Samples, gradient: Gradient, box: Floats) -> Floats:
    """Return a point (D,) near a corner of a range (2, D), with a gradient that is not 0 if there is one."""
    low, high = box
    near, far = _CORNER_SHARE, 1 - _CORNER_SHARE
    corners = np.array([[near, far], [far, far], [near, near]])[:, : len(low)]
    others = ground.points[(slice(None, None, _CANDIDATE_STRIDE),) * len(low)].reshape(-1, len(low))
    points = np.concatenate((low + corners * (high - low), others))
    slopes = gradient(points)
    known = np.isfinite(ground.evaluated.field(points)) & np.isfinite(slopes).all(axis=-1)
    moving = known & slopes.any(axis=-1)
    if not known.any():
        problem = "no place was found from which there is a way downhill; give a "
        raise RequestError(problem, Ref("start"))
    found: Floats = points[np.flatnonzero(moving if moving.any() else known)[0]]
    return found


def _optimizers(spec: Descent, runs: Runs, warnings: list[Message]) -> list[tuple[str, Optimizer]]:
    """Return the optimizers by name, tuned if asked for; add a warning of what was chosen."""
    used = []
    for given in spec.optimizers:
        numbers = {key: value for key, value in given.items() if key != "name"}
        used.append((given["name"], optimizer(given["name"], numbers)))
    if not used:
        rate = runs.safe_rate()
        used = [("sgd", optimizer("sgd", {"learning_rate": rate}))]
        if not spec.tune:
            chosen = f"the optimizer is sgd with learning_rate {rate:g}; "
            warnings.append(Message(chosen, Ref("optimizers"), " chooses others"))
    if spec.tune:
        used = [(name, runs.tuned(one)) for name, one in used]
        rates = ", ".join(f"{name} {one.learning_rate:g}" for name, one in used)
        rule = f"each that of 40 which ends lowest after {spec.steps} steps"
        warnings.append(Message(f"learning rates tuned, {rule}: {rates}"))
    return used


def share(spec: Descent, members: Sequence[DescentSamples]) -> DescentShared:
    """Compute levels, the axis of values along paths, and the lengths of arrows of some figures."""
    paths = [path for samples in members for path in samples.paths]
    ground = share_mesh(spec, members, filled=spec.filled)
    ground = replace(ground, levels=_levels_below(spec, ground, paths))
    curves = [samples.outline.reached for samples in members if samples.outline is not None]
    view = _curve_view(spec, union(curves), paths) if curves else None
    return DescentShared(ground, view, loss_axis(paths), _component_scale(spec, paths))


def _curve_view(spec: Descent, curve: Limits, paths: Sequence[Path]) -> Limits:
    """Return the limits of the values of a curve; over a default range, little more than its paths need."""
    low, high = curve
    if spec.range is None:
        top = low + _TOP_SHARE * (max(float(path.values[0]) for path in paths) - low)
        high = min(high, max(top, low + _LEAST_TOP_SHARE * (high - low)))
    return widened((low, high))


def _levels_below(spec: Descent, shared: MeshShared, paths: Sequence[Path]) -> tuple[float, ...]:
    """Return the levels; logarithmic above the minimum if few linear ones are as low as the paths."""
    levels, low = shared.levels, float(np.nanmin(shared.values))
    if isinstance(spec.levels, tuple) or spec.spacing != "auto" or shared.spacing != "linear" or not levels:
        return levels
    top = low + _START_SHARE * (max(float(path.values[0]) for path in paths) - low)
    if not low < top or sum(level < top for level in levels) >= _FEWEST_LEVELS:
        return levels
    found = levels_above(spec.levels, shared.values, top, filled=spec.filled, limits=shared.limits)
    return tuple(found) or levels


def _component_scale(spec: Descent, paths: Sequence[Path]) -> ComponentScale:
    """Return the lengths of arrows whose median is a share of the shorter side of the view."""
    median = _ARROW_SHARE * min(high - low for low, high in view_of(spec))
    sizes = [size for path in paths for size in component_sizes(path).values()]
    factor = float(f"{median / float(np.median(sizes or [median])):.2g}")
    longest = _LONGEST_RATIO * median
    causes = tuple(dict.fromkeys(component.cause for path in paths for component in path.components))
    return ComponentScale(factor, longest, any(size * factor > longest for size in sizes), causes)


def component_sizes(path: Path) -> dict[int, float]:
    """Return for each update with components the length of the longest."""
    sizes: dict[int, float] = {}
    for component in path.components:
        sizes[component.update] = max(sizes.get(component.update, 0.0), float(np.hypot(*component.vector)))
    return sizes


def finish(spec: Descent, samples: DescentSamples) -> DescentSamples:
    """Lay out the contours, the surface or the curve below the paths.

    Raises RequestError if the view along z has no value.
    """
    shared = completed(samples.shared).ground
    if samples.outline is not None:
        view = spec.ylim or completed(completed(samples.shared).view)
        return replace(samples, curve=samples.outline.drawn(view))
    if spec.on == "contour":
        evaluated = samples.evaluated
        waves = has_waves(evaluated.field, evaluated.points, evaluated.limits)
        return replace(samples, contours=level_mesh(spec, evaluated, shared.levels, has_waves=waves))
    if spec.on != "surface":
        return samples
    return replace(samples, surface=lay_out(spec, samples.evaluated, shared, FACES, has_facets=True))


SAMPLER = Sampler(sample, share, finish)
