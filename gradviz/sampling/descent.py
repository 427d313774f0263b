"""Samples of a descent: the paths of optimizers, and the function on the mesh below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus import Gradient
from gradviz.errors import Message, Ref, RequestError
from gradviz.optimizers import Optimizer, optimizer
from gradviz.optimizers.paths import Path
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.fields import box_of, gradient_of
from gradviz.sampling.levels import find_levels
from gradviz.sampling.limits import Limits, LossAxis, loss_axis
from gradviz.sampling.mesh import FACES, Drawn, MeshSamples, MeshShared, lay_out, sample_mesh, share_mesh
from gradviz.sampling.numbers import format_point
from gradviz.sampling.path_warnings import check_starts, loss_warnings, path_warnings
from gradviz.sampling.runs import Runs
from gradviz.sampling.samples import Arrays, Results, Sampler, Samples, completed
from gradviz.sampling.values import Column, column_names
from gradviz.specs.descent import Descent
from gradviz.specs.plane import view_of

_CORNER_SHARE = 0.12  # distance of the default start from the ends of the range, as a share of the range
_CANDIDATE_STRIDE = 7  # points of the mesh along each axis, from one candidate for a start to the next
_FINE_SHARE = 1.5  # height above the minimum, in that of the highest start, below which levels are closer
_ARROW_SHARE = 0.13  # median length of the longest component of an update, as a share of the view
_LONGEST_RATIO = 2.0  # maximum length of an arrow to that median length


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
class DescentShared:
    """Values that the figures of a sweep share: levels, the axis of values, and lengths of arrows."""

    ground: MeshShared
    loss: LossAxis
    components: ComponentScale
    warnings: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class DescentSamples(Samples):
    """Paths of optimizers, and the function on a mesh (n1, n0, 2)."""

    limits: Limits
    """Robust limits of the values on the mesh."""
    shared: DescentShared | None = None
    drawn: Drawn | None = None
    """The mesh to draw below paths, None if they are on axes alone."""

    def columns(self) -> dict[str, Column]:
        """Return one row for each point of the paths: optimizer, step, variables and `f`."""
        return {name: column.tolist() for name, column in self._table().items()}

    def arrays(self) -> Arrays:
        """Return the columns as arrays, and the names of the variables."""
        return {"variables": np.array(self.evaluated.field.variables), **self._table()}

    def results(self) -> Results:
        """Return the paths: their optimizers, their ends, and components of updates."""
        return {"paths": [path.report() for path in self.paths]}

    def _table(self) -> dict[str, NDArray[Any]]:  # Any: numbers and texts
        """Return the columns of the data; optimizers of one name have their hyperparameters, too."""
        paths = self.paths
        kinds = {path.name: {other.optimizer for other in paths if other.name == path.name} for path in paths}
        names = [path.name if len(kinds[path.name]) == 1 else path.text for path in paths]
        points = np.concatenate([path.points for path in paths])
        variables = column_names(self.evaluated.field.variables, ("optimizer", "step"))
        return {
            "optimizer": np.repeat(names, [len(path.points) for path in paths]),
            "step": np.concatenate([np.arange(len(path.points)) for path in paths]),
            **{name: points[:, i] for i, name in enumerate(variables)},
            "f": np.concatenate([path.values for path in paths]),
        }


# One figure -----------------------------------------------------------------------------------------------


def sample(spec: Descent) -> DescentSamples:
    """Evaluate the function on its mesh, and follow the paths.

    Raises RequestError if nothing can be drawn, or if a path cannot start.
    """
    ground = sample_mesh(spec)
    field, warnings = ground.evaluated.field, list(ground.own_warnings)
    gradient = gradient_of(spec, field)
    starts = np.array(spec.start or [_default_start(ground, gradient, box_of(spec))], dtype=np.float64)
    if not spec.start:
        chosen = f"the path starts at {format_point(starts[0])}; "
        warnings.append(Message(chosen, Ref("start"), " chooses another place"))
    check_starts(field, starts)
    runs = Runs(field, gradient, starts, spec.steps, box_of(spec))
    paths = [path for name, one in _optimizers(spec, runs, warnings) for path in runs.paths(name, one)]
    warnings += path_warnings(paths, np.array(view_of(spec)).T, gradient)
    if spec.loss:
        warnings += loss_warnings(paths, loss_axis(paths))
    if spec.anatomy:
        if spec.anatomy >= spec.steps > 1:
            shown = f" shows the first of {spec.steps} updates alone"
            warnings.append(Message(Ref("anatomy", spec.anatomy), shown))
        paths = [replace(path, components=runs.components(path, spec.anatomy)) for path in paths]
    return DescentSamples(
        evaluated=ground.evaluated, limits=ground.limits, paths=tuple(paths), critical=ground.critical,
        own_warnings=tuple(warnings),
    )  # fmt: skip


def _default_start(ground: MeshSamples, gradient: Gradient, box: Floats) -> Floats:
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


# What figures share ---------------------------------------------------------------------------------------


def share(spec: Descent, members: Sequence[DescentSamples]) -> DescentShared:
    """Compute levels, the axis of values along paths, and the lengths of arrows of some figures."""
    paths = [path for samples in members for path in samples.paths]
    ground = share_mesh(spec, members, filled=spec.filled)
    ground = replace(ground, levels=_closer_below(spec, ground, paths))
    return DescentShared(ground, loss_axis(paths), _component_scale(spec, paths))


def _closer_below(spec: Descent, shared: MeshShared, paths: Sequence[Path]) -> tuple[float, ...]:
    """Return the levels; linear ones are closer where the paths are, low in the figure."""
    levels = shared.levels
    if isinstance(spec.levels, tuple) or shared.spacing != "linear" or not levels:
        return levels
    low = float(np.nanmin(shared.values))
    top = low + _FINE_SHARE * (max(float(path.values[0]) for path in paths) - low)
    near = np.where(shared.values <= top, shared.values, np.nan)
    if np.isnan(near).all() or top > levels[-1]:
        return levels
    fine = find_levels(spec.levels, near, filled=spec.filled)
    return (*fine, *(level for level in levels if level > fine[-1])) if fine else levels


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
    """Lay out the mesh below the paths. Raises RequestError if the view along z has no value."""
    shared = completed(samples.shared).ground
    if spec.on == "surface":
        return replace(samples, drawn=lay_out(samples.evaluated, shared, spec.zlim, FACES))
    if spec.on == "contour":
        points, values = split_at_breaks(samples.evaluated)
        rows, columns = values.shape
        drawn = Drawn(points, values, shared.limits, (rows, columns), shared.limits, (), "neither")
        return replace(samples, drawn=drawn)
    return samples


SAMPLER = Sampler(sample, share, finish)
