"""Source of a scene: the function, its samples and the runs of optimizers that marks were computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradviz.language.reading import Expression

Interval = tuple[float, ...]
"""(low, high), or (low, high, step)."""


@dataclass(frozen=True)
class Run:
    """One run of an optimizer."""

    optimizer: str
    """Name of the optimizer, such as "adam"."""
    hyperparameters: Mapping[str, float]
    start: tuple[float, ...]
    steps: int
    """Number of steps, up to the one at which the run diverged."""
    diverged: bool = False


@dataclass(frozen=True)
class Source:
    """The function of a scene, where it was sampled, and the method of its gradient."""

    expression: Expression
    intervals: tuple[Interval, ...]
    """The sampled interval of each variable."""
    counts: tuple[int, ...]
    """The number of samples along each variable."""
    method: str
    step: float | None
    """The step of finite differences; None for the default."""
    runs: tuple[Run, ...] = ()
