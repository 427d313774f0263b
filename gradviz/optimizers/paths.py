"""One loop for all optimizers: the paths they take, where these diverge, and what the updates consist of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from gradviz.arrays import Floats, as_points
from gradviz.optimizers.base import Local, Optimizer, Update

if TYPE_CHECKING:
    from gradviz.fields.field import Field

Derivative = Callable[[Floats], Floats]
Ending = Literal["far", "downhill", "overflow", "undefined", "outside", "no gradient"]
"""A path went beyond all measure, or did so while it fell; its value went beyond double precision; it came
where the function is undefined, out of the field's region, or where there is no gradient."""

_FAR = 10.0  # times the range: beyond, a path that is higher than its start has diverged
_LOST = 1_000.0  # times the range: beyond, any path has
_FIRST = (-7.0, 3.0, 21)  # powers of ten of the rates that are tried first: from, to, how many
_SECOND = 21  # then from one neighbour of the best to the other, these two left out
_DIGITS = 3  # of a tuned rate


def walk(
    optimizer: Optimizer,
    gradient: Derivative,
    start: ArrayLike,
    steps: int,
    hessian: Derivative | None = None,
) -> Iterator[tuple[Local, Update]]:
    """Yield for each update what the optimizer was told and what it answered, from points (..., D).

    `gradient` maps points (..., D) to (..., D), `hessian` to (..., D, D). What overflows is infinite or NaN;
    in place of such points the starts are asked about, since a search for a gradient at nowhere takes long.
    """
    first = x = as_points(start)
    state = optimizer.init(x)
    for t in range(1, steps + 1):
        with np.errstate(all="ignore"):
            here = x if np.isfinite(x).all() else np.where(np.isfinite(x).all(-1, keepdims=True), x, first)
            second = hessian(here) if optimizer.needs_hessian and hessian is not None else None
            told = Local(x, gradient(here), t, second)
            answer = optimizer.update(told, state)
        yield told, answer
        x, state = answer.x, answer.state


def path(
    optimizer: Optimizer,
    gradient: Derivative,
    start: ArrayLike,
    steps: int,
    hessian: Derivative | None = None,
) -> Floats:
    """Return the points (steps + 1, ..., D) of the paths from points (..., D), the starts first.

    >>> from gradviz.optimizers import Sgd
    >>> path(Sgd(learning_rate=0.25), lambda x: 2 * x, [4.0, -8.0], steps=2)
    array([[ 4., -8.],
           [ 2., -4.],
           [ 1., -2.]])
    """
    first = as_points(start)
    return np.stack([first, *(answer.x for _, answer in walk(optimizer, gradient, first, steps, hessian))])


class Part(NamedTuple):
    """What one cause adds to an update at one point."""

    cause: str
    update: int
    """The number of the update, from 1."""
    at: Floats
    vector: Floats

    def report(self) -> dict[str, Any]:
        """Return the part in plain data."""
        return {**self._asdict(), "at": self.at.tolist(), "vector": self.vector.tolist()}


@dataclass(frozen=True)
class Path:
    """The way of an optimizer from one start, up to where it diverged if it did."""

    name: str
    optimizer: Optimizer
    points: Floats
    """The points (steps + 1, D), the start first."""
    values: Floats
    """The function (steps + 1,) there."""
    diverged: int | None = None
    """The step at which it left the function's domain, or went beyond all measure."""
    ending: Ending = "far"
    """What happened at that step."""
    parts: tuple[Part, ...] = ()
    """What some of the updates consist of, where that was asked for."""

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.points) - 1

    @property
    def text(self) -> str:
        """The optimizer as it is typed."""
        numbers = dataclasses.asdict(self.optimizer).items()
        return ",".join([self.name, *(f"{key}={value:g}" for key, value in numbers)])

    def report(self) -> dict[str, Any]:
        """Return the path in plain data: its ends, and the parts of updates where these were asked for."""
        found = {
            "optimizer": self.name,
            "hyperparameters": dataclasses.asdict(self.optimizer),
            "start": self.points[0].tolist(),
            "end": self.points[-1].tolist(),
            "value": float(self.values[-1]),
            "steps": self.steps,
            "diverged": self.diverged is not None,
            "diverged_at": self.diverged,
        }
        return {**found, "parts": [part.report() for part in self.parts]} if self.parts else found


def cut(
    name: str, optimizer: Optimizer, points: Floats, values: Floats, box: Floats, *, field: Field
) -> Path:
    """Return a path (N, D) with its values (N,), cut where it diverges.

    That is where the function or the point is not finite, or where the path is too far from the box, whose
    low and high ends are (2, D): at 1000 times its size, or at 10 times and higher than at the start. Where
    the function is not finite, its `field` tells why.
    """
    middle, half = box.mean(axis=0), np.ptp(box, axis=0) / 2
    with np.errstate(all="ignore"):
        away = np.max(np.abs(points - middle) / half, axis=-1)
    far = (away > _LOST) | ((away > _FAR) & ~(values <= values[0]))
    stops = np.flatnonzero(far | ~np.isfinite(away) | ~np.isfinite(values))
    if not stops.size:
        return Path(name, optimizer, points, values)
    step = int(stops[0])
    falls = step > 0 and values[step] < values[step - 1] and values[step] < values[0]
    ending: Ending = "downhill" if falls else "far"
    if np.isnan(points[step]).any():
        ending = "no gradient"
    elif not np.isfinite(values[step]) and away[step] <= _LOST:
        ending = _why(field, points[step])
    kept = step + bool(np.isfinite(values[step]) and np.isfinite(points[step]).all())
    return Path(name, optimizer, points[:kept], values[:kept], step, ending)


def _why(field: Field, point: Floats) -> Ending:
    """Return why the value of a field at a point (D,) is not finite."""
    if not field.contains(point):
        return "outside"
    return "overflow" if field.overflows(point) else "undefined"


class Landscape(NamedTuple):
    """A function of points with its derivatives."""

    function: Derivative
    """Of points (..., D), with values (...)."""
    gradient: Derivative
    hessian: Derivative | None = None


def anatomy(local: Local, optimizer: Optimizer, answer: Update) -> Iterator[Part]:
    """Yield the parts of an update, whose sum it is; a part that is 0 at all points is left out.

    gradient: -lr g, what gradient descent would do. momentum: -lr (m - g), with the mean m in place of g.
    decay: -lr wd x. scaling: the rest, which comes of dividing each coordinate by its size.
    """
    rate = optimizer.learning_rate
    decay = -rate * getattr(optimizer, "weight_decay", 0.0) * local.x
    parts = {"gradient": -rate * local.g, "momentum": -rate * (answer.mean - local.g), "decay": decay}
    unscaled = sum(parts.values())
    parts["scaling"] = answer.x - local.x - unscaled
    for cause, vectors in parts.items():
        rounding = 1e-12 * np.max(np.abs(local.x) + np.abs(answer.x) + np.abs(parts["gradient"]))
        if np.max(np.abs(vectors)) > rounding:
            yield Part(cause, local.t, local.x, vectors)


def tune(optimizer: Optimizer, landscape: Landscape, starts: Floats, steps: int, box: Floats) -> Optimizer:
    """Return the optimizer with the learning rate, of 40, whose paths from starts (N, D) end lowest.

    A rate with a path that leaves the box by far, whose low and high ends are (2, D), is no candidate. First
    21 rates from 1e-7 to 1e3 are tried, then 19 between the neighbours of the best of these: the same budget
    for each optimizer and function. Where all rates fail, the optimizer is returned as it is.
    """
    best, least = optimizer.learning_rate, np.inf
    powers = np.linspace(*_FIRST)
    for _ in range(2):
        rates = np.array([float(f"{10.0**power:.{_DIGITS}g}") for power in powers])
        at_once: Any = rates[:, None, None]  # against points (R, N, D)
        candidates = dataclasses.replace(optimizer, learning_rate=at_once)
        first = np.broadcast_to(starts, (len(rates), *starts.shape))
        scores = _scores(candidates, landscape, first, steps, box)
        place = int(scores.argmin())
        if scores[place] < least:
            best, least = float(rates[place]), scores[place]
        apart = powers[1] - powers[0]
        powers = np.linspace(powers[place] - apart, powers[place] + apart, _SECOND)[1:-1]
    return dataclasses.replace(optimizer, learning_rate=best)


def _scores(candidates: Optimizer, landscape: Landscape, first: Floats, steps: int, box: Floats) -> Floats:
    """Return for R rates at once, from starts (R, N, D), the sum of f at the ends of the paths, or inf."""
    middle, half = box.mean(axis=0), np.ptp(box, axis=0) / 2
    near, x = np.ones(len(first), np.bool_), first
    with np.errstate(all="ignore"):
        for _, answer in walk(candidates, landscape.gradient, first, steps, landscape.hessian):
            x = answer.x
            near &= (np.abs(x - middle) <= _FAR * half).all(axis=(-2, -1))
        total = landscape.function(x).sum(axis=-1)
    return np.where(near & np.isfinite(total), total, np.inf)
