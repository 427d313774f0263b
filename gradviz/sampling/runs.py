"""Runs of optimizers on a function: their paths from some starts, tuned rates, and a safe default rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradviz import limits
from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.fields.scalar import ScalarField
from gradviz.optimizers import Optimizer, optimizer
from gradviz.optimizers.paths import Component, Landscape, Path, components, cut, path, tune, walk

_SAFE_SHARE = 0.2  # default learning rate times the largest curvature; at 2 gradient descent diverges
_FIRST_STEP = 0.05  # length of the first step where there is no curvature, as a share of the range
_FALLBACK_RATE = 0.1  # learning rate where the gradient is 0, too
_TRIALS = 12  # learning rates that are tried until no path diverges, each a quarter of the one before


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

    def tuned(self, one: Optimizer) -> Optimizer:
        """Return an optimizer with the learning rate whose paths from these starts end lowest."""
        landscape = Landscape(self.field, self.gradient, self.field.hessian)
        return tune(one, landscape, self.starts, self.steps, self.box)

    def safe_rate(self) -> float:
        """Return a learning rate of sgd that does not diverge, from the curvature at the starts."""
        curvature = 0.0
        if self.field.operations * len(self.field.variables) <= limits.HESSIAN_OPERATIONS:
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
