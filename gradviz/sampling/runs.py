"""What a descent computes: the paths of optimizers from some starts, and rates that lead somewhere."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from gradviz import limits
from gradviz.arrays import Floats, magnitudes
from gradviz.optimizers import Optimizer, optimizer
from gradviz.optimizers.paths import Component, Landscape, Path, components, cut, path, tune, walk
from gradviz.sampling.samples import column_names

_RATE = 0.2  # over the greatest curvature: ten times less than what would diverge
_FIRST_STEP = 0.05  # of the range, where there is no curvature
_TRIALS = 12


class Runs(NamedTuple):
    """The ground, starts (S, D), a number of steps, and the box (2, D) of low and high ends to stay near."""

    landscape: Landscape
    starts: Floats
    steps: int
    box: Floats

    def paths(self, name: str, one: Optimizer) -> list[Path]:
        """Return the paths of an optimizer, one from each start."""
        points = path(one, self.landscape.gradient, self.starts, self.steps, self.landscape.hessian)
        heights = self.landscape.function(points)
        field: Any = self.landscape.function
        return [
            cut(name, one, points[:, row], heights[:, row], self.box, field=field)
            for row in range(len(self.starts))
        ]

    def tuned(self, one: Optimizer) -> Optimizer:
        """Return an optimizer with the learning rate that serves best from these starts."""
        return tune(one, self.landscape, self.starts, self.steps, self.box)

    def safe_rate(self) -> float:
        """Return a learning rate of sgd that does not diverge, from the curvature at the starts."""
        field: Any = self.landscape.function
        curvature = 0.0
        if field.operations * len(field.variables) <= limits.HESSIAN_OPERATIONS:
            second = field.hessian(self.starts)
            known = second[np.isfinite(second).all(axis=(-2, -1))]
            curvature = float(np.abs(np.linalg.eigvalsh(known)).max(initial=0.0))
        rate = _RATE / curvature if curvature > 0 else 0.0
        slope = float(np.nanmax(magnitudes(self.landscape.gradient(self.starts)), initial=0.0))
        if not math.isfinite(rate) or rate == 0:
            size = float(np.ptp(self.box, axis=0).min())
            rate = _FIRST_STEP * size / slope if slope > 0 else 0.1
        for _ in range(_TRIALS):
            rate = float(f"{rate:.1g}")
            one = optimizer("sgd", {"learning_rate": rate})
            if all(found.diverged is None for found in self.paths("sgd", one)):
                break
            rate /= 4
        return rate

    def components(self, path: Path, every: int) -> tuple[Component, ...]:
        """Return the components of every `every`-th update of a path, the first included."""
        landscape = self.landscape
        ways = walk(path.optimizer, landscape.gradient, path.points[0], path.steps, landscape.hessian)
        return tuple(
            component
            for local, update in ways
            if (local.t - 1) % every == 0
            for component in components(local, path.optimizer, update)
        )


def table(variables: tuple[str, ...], paths: list[Path]) -> dict[str, Any]:
    """Return the columns of the data: the optimizer, the step, the variables and f, path after path.

    Where two optimizers have one name, their hyperparameters are told with it.
    """
    kinds = {path.name: {other.optimizer for other in paths if other.name == path.name} for path in paths}
    names = [path.name if len(kinds[path.name]) == 1 else path.text for path in paths]
    points = np.concatenate([path.points for path in paths])
    called = column_names(variables, ("optimizer", "step"))
    return {
        "optimizer": np.repeat(names, [len(path.points) for path in paths]),
        "step": np.concatenate([np.arange(len(path.points)) for path in paths]),
        **{name: points[:, place] for place, name in enumerate(called)},
        "f": np.concatenate([path.values for path in paths]),
    }
