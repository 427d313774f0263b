"""Samples of a descent: the paths of optimizers, and the function on the mesh below them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.errors import Message, Ref, RequestError, joined
from gradviz.fields.scalar import ScalarField
from gradviz.limits import HESSIAN_OPERATIONS
from gradviz.optimizers import Optimizer, optimizer
from gradviz.optimizers.paths import Component, Ending, Landscape, Path, components, cut, path, tune, walk
from gradviz.sampling.levels import levels_above
from gradviz.sampling.limits import LossAxis, loss_axis
from gradviz.sampling.mesh import MeshShared, level_mesh, sample_mesh, share_mesh, undersampled_levels
from gradviz.sampling.samples import Arrays, Sampler, Samples, Shared, column_names, completed
from gradviz.sampling.surface import FACES, Drawn, lay_out
from gradviz.sampling.undersampling import Undersampled, has_waves, undersampled
from gradviz.sampling.values import Evaluated, box_of, drawable, format_point, gradient_of
from gradviz.specs.descent import Descent
from gradviz.specs.plane import view_of

_CORNER_SHARE = 0.12  # distance of the default start from the ends of the range, as a share of the range
_CANDIDATE_STRIDE = 7  # points of the mesh along each axis, from one candidate for a start to the next
_START_SHARE = 1.5  # value above the minimum, in that of the highest start, up to which contours matter
_FEWEST_LEVELS = 4  # number of linear levels up to there, below which they are logarithmic
_ARROW_SHARE = 0.13  # median length of the longest component of an update, as a share of the view
_LONGEST_RATIO = 2.0  # maximum length of an arrow to that median length
_SAFE_SHARE = 0.2  # default learning rate times the largest curvature; at 2 gradient descent diverges
_FIRST_STEP = 0.05  # length of the first step where there is no curvature, as a share of the range
_FALLBACK_RATE = 0.1  # learning rate where the gradient is 0, too
_EPS = 2.0**-52  # rounding error of a coordinate, as a share of the range
_VISIBLE_SHARE = 1e-3  # distance of two points that is visible, as a share of the range
_TRIALS = 12  # learning rates that are tried until no path diverges, each a quarter of the one before

_SHORT_SHARE = 0.02  # length of a path that hardly moved, as a share of the shorter side of the view
_NAMED_PATHS = 4  # paths that a warning names; it counts the others
_ENDINGS: Mapping[Ending, Message] = {
    "far": Message("diverged"),
    "downhill": Message("ran downhill, far beyond the picture,"),
    "overflow": Message("diverged, its value beyond double precision,"),
    "undefined": Message("left where the function is defined"),
    "outside": Message("left where ", Ref("where"), " holds"),
    "no gradient": Message("found no gradient to follow"),
}


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
    loss: LossAxis
    components: ComponentScale


@dataclass(frozen=True, eq=False, kw_only=True)
class DescentSamples(Samples):
    """Paths of optimizers, and the function on a mesh (n1, n0, 2)."""

    shared: DescentShared | None = None
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
    ground, box = sample_mesh(spec), box_of(spec)
    field, warnings = ground.evaluated.field, list(ground.own_warnings)
    gradient = gradient_of(spec, field)
    starts = np.array(spec.start or [_default_start(ground, gradient, box)], dtype=np.float64)
    if not spec.start:
        chosen = f"the path starts at {format_point(starts[0])}; "
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
    return DescentSamples(
        undersampled=_undersampled(spec, ground.evaluated),
        evaluated=ground.evaluated, critical=ground.critical, open_boxes=ground.open_boxes,
        own_warnings=tuple(warnings),
        paths=tuple(paths), table=_table(field, paths), results={"paths": [path.report() for path in paths]},
    )  # fmt: skip


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
    """Return a point (2,) near a corner of a range (2, 2), with a gradient that is not 0 if there is one."""
    low, high = box
    near, far = _CORNER_SHARE, 1 - _CORNER_SHARE
    corners = np.array([[near, far], [far, far], [near, near]])
    stride = _CANDIDATE_STRIDE
    points = np.concatenate((low + corners * (high - low), ground.points[::stride, ::stride].reshape(-1, 2)))
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
    return DescentShared(ground, loss_axis(paths), _component_scale(spec, paths))


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
    """Lay out the contours or the surface below the paths.

    Raises RequestError if the view along z has no value.
    """
    shared = completed(samples.shared).ground
    if spec.on == "contour":
        evaluated = samples.evaluated
        waves = has_waves(evaluated.field, evaluated.points, evaluated.limits)
        return replace(samples, contours=level_mesh(spec, evaluated, shared.levels, has_waves=waves))
    if spec.on != "surface":
        return samples
    return replace(samples, surface=lay_out(spec, samples.evaluated, shared, FACES, has_facets=True))


def check_starts(field: ScalarField, starts: Floats) -> None:
    """Raise RequestError if a path cannot start at one of some points (N, D)."""
    for start in starts[np.isnan(drawable(field(starts)))]:
        problem = "too large" if field.overflows(start) or np.isfinite(field(start)) else "undefined"
        why = Message(f"the function is {problem} at the start")
        if not field.contains(start):
            why = Message(Ref("where"), " does not hold at the start")
        raise RequestError(why, f" {format_point(start)}; give another ", Ref("start"))


def path_warnings(paths: Sequence[Path], view: Floats, gradient: Gradient) -> Iterator[Message]:
    """Yield warnings of paths over a view (2, D), low and high: diverged, outside, or hardly any steps."""
    low, high = view
    if cut_off := [one for one in paths if one.diverged is not None]:
        ends = (
            Message(f"{_named(one)} ", _ENDINGS[one.ending], f" at step {one.diverged}")
            for one in cut_off[:_NAMED_PATHS]
        )
        whose = "its path is" if len(cut_off) == 1 else "these paths are"
        yield Message(joined("; ", ends), f"{_more(cut_off)}: {whose} cut there")
    starts = [one.points[0] for one in paths]
    if outside := {format_point(x) for x in starts if ((x < low) | (x > high)).any()}:
        yield Message(f"outside of the picture lies the start {', '.join(sorted(outside))}")
    least = _SHORT_SHARE * float((high - low).min())
    still, flat, slow = {}, {}, {}  # as sets that keep their order
    for one in paths:
        if one.diverged is None and magnitudes(np.diff(one.points, axis=0)).sum() < least:
            start = format_point(one.points[0])
            if not gradient(one.points[0]).any():
                still[start] = True
            elif one.optimizer.needs_hessian and (one.points == one.points[0]).all():
                flat[start] = one.name
            else:
                slow[one.name] = True
    if still:
        yield Message(f"the gradient is 0 at the start {', '.join(still)}: no path leads away from there")
    for start, name in flat.items():
        why = "the function has no curvature there along its slope"
        yield Message(f"{name} makes no step from {start}: {why}")
    if slow:
        moved = f"{', '.join(slow)} hardly moved: a greater learning_rate, or "
        yield Message(moved, Ref("tune", True), ", gives a longer path")


def rounding_warnings(runs: Runs, paths: Sequence[Path]) -> Iterator[Message]:
    """Yield a warning of paths that rounding errors move visibly; each optimizer has one path a start."""
    steps = (runs.unstable_from(path, index % len(runs.starts)) for index, path in enumerate(paths))
    unstable = [
        f"{_named(path)} depends on rounding errors from step {step} on, which grow with each step; "
        "a smaller learning_rate avoids that"
        for path, step in zip(paths, steps, strict=True)
        if path.diverged is None and step is not None
    ]
    yield from map(Message, unstable[:_NAMED_PATHS])


def loss_warnings(paths: Sequence[Path], axis: LossAxis) -> Iterator[Message]:
    """Yield warnings of paths that leave the axis of values, although they do not diverge."""
    spikes = [one for one in paths if one.diverged is None and one.values.max() > axis.high]
    for one in spikes[:_NAMED_PATHS]:
        step = int(one.values.argmax())
        rises = f"{_named(one)} rises to {one.values[step]:.3g} at step {step}, above what "
        yield Message(rises, Ref("loss"), " shows")


def path_ends(paths: Sequence[Path]) -> str:
    """Return the last points of the first paths as text, with their values."""
    ends = [
        f"{_named(one)} to {format_point(one.points[-1])}, where f is {one.values[-1]:.4g}, "
        f"in {one.steps} steps"
        for one in paths[:_NAMED_PATHS]
    ]
    return "; ".join(ends) + _more(paths)


def _more(paths: Sequence[Path]) -> str:
    return f"; and {len(paths) - _NAMED_PATHS} more" if len(paths) > _NAMED_PATHS else ""


def _named(path: Path) -> str:
    return f"{path.name} (learning_rate {path.optimizer.learning_rate:g}) from {format_point(path.points[0])}"


SAMPLER = Sampler(sample, share, finish)
