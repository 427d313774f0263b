"""Paths of optimizers: one loop for all of them, divergence, components of updates, learning-rate search."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from gradviz.arrays import Floats, as_points
from gradviz.optimizers.base import Local, Optimizer, Update

if TYPE_CHECKING:
    from gradviz.fields.scalar import ScalarField

Derivative = Callable[[Floats], Floats]
Ending = Literal["far", "downhill", "overflow", "undefined", "outside", "no gradient"]
"""Reasons for the end of a path: too far from the range with f above or below its start; |f| exceeds double
precision; f is undefined; the point is outside the region of the field; the gradient is undefined."""

# Distances are from the centre of the range, in half widths of the range.
_DIVERGED = 10.0  # distance from which a path with f above f(start) counts as diverged
_DIVERGED_ALWAYS = 1_000.0  # distance from which every path counts as diverged
_COARSE_GRID = (-7.0, 3.0, 21)  # learning-rate search, coarse grid: log10(low), log10(high), count
_FINE_COUNT = 21  # points of the fine grid between the neighbours of the best rate, these two included
_DIGITS = 3  # significant digits of a tuned learning rate


def walk(
    optimizer: Optimizer,
    gradient: Derivative,
    start: ArrayLike,
    steps: int,
    hessian: Derivative | None = None,
) -> Iterator[tuple[Local, Update]]:
    """Run `steps` updates from `start` (..., D) and yield each pair of input and result.

    `gradient` maps points (..., D) to (..., D), `hessian` to (..., D, D). A path that overflows goes on as
    infinite or NaN.
    """
    first = x = as_points(start)
    state = optimizer.init(x)
    for t in range(1, steps + 1):
        with np.errstate(all="ignore"):
            # Adaptive differences are slow at points that are not finite: evaluate at the starts instead.
            here = x if np.isfinite(x).all() else np.where(np.isfinite(x).all(-1, keepdims=True), x, first)
            second = hessian(here) if optimizer.needs_hessian and hessian is not None else None
            local = Local(x, gradient(here), t, second)
            update = optimizer.update(local, state)
        yield local, update
        x, state = update.x, update.state


def path(
    optimizer: Optimizer,
    gradient: Derivative,
    start: ArrayLike,
    steps: int,
    hessian: Derivative | None = None,
) -> Floats:
    """Return the points (steps + 1, ..., D) of the paths from `start` (..., D), the starts included.

    >>> from gradviz.optimizers import optimizer
    >>> path(optimizer("sgd", {"learning_rate": 0.25}), lambda x: 2 * x, [4.0, -8.0], steps=2)
    array([[ 4., -8.],
           [ 2., -4.],
           [ 1., -2.]])
    """
    first = as_points(start)
    return np.stack([first, *(update.x for _, update in walk(optimizer, gradient, first, steps, hessian))])


class Component(NamedTuple):
    """Contribution of one cause to an update: displacements (..., D) of points (..., D) before it."""

    cause: str
    update: int
    at: Floats
    vector: Floats

    def report(self) -> dict[str, object]:
        """Return the component as JSON data."""
        return {**self._asdict(), "at": self.at.tolist(), "vector": self.vector.tolist()}


@dataclass(frozen=True)
class Path:
    """Path of an optimizer: points (steps + 1, D) from a start, cut where it diverged, and values there."""

    name: str
    optimizer: Optimizer
    points: Floats
    values: Floats
    diverged: int | None = None
    """Step at which the path diverged or left the domain, None if it did neither."""
    ending: Ending = "far"
    """Reason for the end, if `diverged` is a step."""
    components: tuple[Component, ...] = ()
    """Components of some of the updates, empty unless requested."""

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.points) - 1

    @property
    def text(self) -> str:
        """The optimizer in the notation of the command line: NAME,KEY=VALUE,..."""
        numbers = dataclasses.asdict(self.optimizer).items()
        return ",".join([self.name, *(f"{key}={value:g}" for key, value in numbers)])

    def report(self) -> dict[str, object]:
        """Return the path as JSON data: start, end, and the components of updates if there are any."""
        summary: dict[str, object] = {
            "optimizer": self.name,
            "hyperparameters": dataclasses.asdict(self.optimizer),
            "start": self.points[0].tolist(),
            "end": self.points[-1].tolist(),
            "value": float(self.values[-1]),
            "steps": self.steps,
            "diverged": self.diverged is not None,
            "diverged_at": self.diverged,
        }
        if self.components:
            summary["parts"] = [component.report() for component in self.components]
        return summary


def cut(
    name: str, optimizer: Optimizer, points: Floats, values: Floats, box: Floats, *, field: ScalarField
) -> Path:
    """Return the path with points (N, D) and values (N,), cut at the first step that diverges.

    A step diverges if its point or value is not finite, or if the point is too far from the centre of `box`
    (2, D), low and high: 1000 half widths, or 10 half widths with a value above that of the start. `field`
    gives the reason for a value that is not finite.
    """
    middle, half = box.mean(axis=0), np.ptp(box, axis=0) / 2
    with np.errstate(all="ignore"):
        away = np.max(np.abs(points - middle) / half, axis=-1)
    far = (away > _DIVERGED_ALWAYS) | ((away > _DIVERGED) & ~(values <= values[0]))
    stops = np.flatnonzero(far | ~np.isfinite(away) | ~np.isfinite(values))
    if not stops.size:
        return Path(name, optimizer, points, values)
    step = int(stops[0])
    falls = step > 0 and values[step] < values[step - 1] and values[step] < values[0]
    ending: Ending = "downhill" if falls else "far"
    if np.isnan(points[step]).any():
        ending = "no gradient"
    elif not np.isfinite(values[step]) and away[step] <= _DIVERGED_ALWAYS:
        ending = _reason(field, points[step])
    kept = step + bool(np.isfinite(values[step]) and np.isfinite(points[step]).all())
    return Path(name, optimizer, points[:kept], values[:kept], step, ending)


def _reason(field: ScalarField, point: Floats) -> Ending:
    """Return the reason for a value at `point` (D,) that is not finite."""
    if not field.contains(point):
        return "outside"
    return "overflow" if field.overflows(point) else "undefined"


class Landscape(NamedTuple):
    """A function to minimize, with derivatives: maps of points (..., D) to (...), (..., D), (..., D, D)."""

    function: Derivative
    gradient: Derivative
    hessian: Derivative | None = None


def components(local: Local, optimizer: Optimizer, update: Update) -> Iterator[Component]:
    """Yield the components of an update, which sum to it; those that are 0 at all points are left out.

    gradient: -lr g, the update of gradient descent. momentum: -lr (m - g), with the averaged gradient m.
    decay: -lr wd x. scaling: the remainder, due to the division of each coordinate by its own scale.
    """
    rate = optimizer.learning_rate
    decay = -rate * dataclasses.asdict(optimizer).get("weight_decay", 0.0) * local.x
    vectors = {"gradient": -rate * local.g, "momentum": -rate * (update.mean - local.g), "decay": decay}
    unscaled = sum(vectors.values())
    vectors["scaling"] = update.x - local.x - unscaled
    rounding = 1e-12 * np.max(np.abs(local.x) + np.abs(update.x) + np.abs(vectors["gradient"]))
    for cause, vector in vectors.items():
        if np.max(np.abs(vector)) > rounding:
            yield Component(cause, local.t, local.x, vector)


def tune(optimizer: Optimizer, landscape: Landscape, starts: Floats, steps: int, box: Floats) -> Optimizer:
    """Return the optimizer with the best of 40 learning rates: the lowest sum of f at the ends of the paths.

    The paths have `steps` updates from `starts` (N, D). A rate is rejected if a path moves more than 10 half
    widths from the centre of `box` (2, D), low and high. The search tries 21 rates from 1e-7 to 1e3, then 19
    between the neighbours of the best. Returns `optimizer` unchanged if all rates are rejected.
    """
    best, lowest = optimizer.learning_rate, np.inf
    exponents = np.linspace(*_COARSE_GRID)
    for _ in range(2):
        rates = np.array([float(f"{10.0**exponent:.{_DIGITS}g}") for exponent in exponents])
        # An array of rates (R, 1, 1) broadcasts against points (R, N, D) as a number would.
        candidates = dataclasses.replace(optimizer, learning_rate=cast("float", rates[:, None, None]))
        first = np.broadcast_to(starts, (len(rates), *starts.shape))
        scores = _scores(candidates, landscape, first, steps, box)
        index = int(scores.argmin())
        if scores[index] < lowest:
            best, lowest = float(rates[index]), scores[index]
        spacing = exponents[1] - exponents[0]
        exponents = np.linspace(exponents[index] - spacing, exponents[index] + spacing, _FINE_COUNT)[1:-1]
    return dataclasses.replace(optimizer, learning_rate=best)


def _scores(candidates: Optimizer, landscape: Landscape, first: Floats, steps: int, box: Floats) -> Floats:
    """Return the sum of f at the ends of the paths from `first` (R, N, D), inf for a rejected rate; (R,)."""
    middle, half = box.mean(axis=0), np.ptp(box, axis=0) / 2
    near, x = np.ones(len(first), np.bool_), first
    with np.errstate(all="ignore"):
        for _, update in walk(candidates, landscape.gradient, first, steps, landscape.hessian):
            x = update.x
            near &= (np.abs(x - middle) <= _DIVERGED * half).all(axis=(-2, -1))
        total = landscape.function(x).sum(axis=-1)
    return np.where(near & np.isfinite(total), total, np.inf)
