"""What a picture of paths cannot show, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.errors import RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.limits import loss_axis
from gradviz.sampling.numbers import format_point

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Derivative, Ending, Path

_HARDLY = 0.02  # of the view: a path so short is told
_TOLD = 4  # paths that diverged, by name
_ENDINGS: Mapping[Ending, str] = {
    "far": "diverged",
    "downhill": "ran downhill, far beyond the picture,",
    "overflow": "diverged, its value beyond double precision,",
    "undefined": "left where the function is defined",
    "outside": "left where --where holds",
    "no gradient": "found no gradient to follow",
}


def check_starts(field: ScalarField, starts: Floats) -> None:
    """Raise RequestError if a path cannot start at one of some points (N, D)."""
    for start in starts[np.isnan(field(starts))]:
        why = f"the function is {'too large' if field.overflows(start) else 'undefined'} at the start"
        if not field.contains(start):
            why = "--where does not hold at the start"
        raise RequestError(f"{why} {format_point(start)}; give another --start")


def remarks(paths: Sequence[Path], view: Floats, gradient: Derivative) -> Iterator[str]:
    """Yield what is to be said of paths over a view, whose low and high ends are (2, D)."""
    low, high = view
    yield from _of_lost([path for path in paths if path.diverged is not None])
    outside = {format_point(p.points[0]) for p in paths if ((p.points[0] < low) | (p.points[0] > high)).any()}
    if outside:
        yield f"outside of the picture lies the start {', '.join(sorted(outside))}"
    least = _HARDLY * float((high - low).min())
    still, flat, slow = {}, {}, {}  # as sets that keep their order
    for path in paths:
        if path.diverged is None and _length(path) < least:
            start = format_point(path.points[0])
            if not gradient(path.points[0]).any():
                still[start] = True
            elif path.optimizer.needs_hessian and (path.points == path.points[0]).all():
                flat[start] = path.name
            else:
                slow[path.name] = True
    if still:
        yield f"the gradient is 0 at the start {', '.join(still)}: no path leads away from there"
    for start, name in flat.items():
        yield f"{name} makes no step from {start}: the function has no curvature there along its slope"
    if slow:
        yield f"{', '.join(slow)} hardly moved: a greater learning_rate, or --tune, gives a longer path"


def of_loss(paths: Sequence[Path]) -> Iterator[str]:
    """Yield which paths leave the picture of the function against the step, although they do not diverge."""
    top = loss_axis(paths).high
    spikes = [path for path in paths if path.diverged is None and path.values.max() > top]
    for path in spikes[:_TOLD]:
        step = int(path.values.argmax())
        yield f"{_named(path)} rises to {path.values[step]:.3g} at step {step}, above what --loss shows"


def ends(paths: Sequence[Path]) -> str:
    """Return where the first paths end, and how high."""
    said = [
        f"{_named(path)} to {format_point(path.points[-1])}, where f is {path.values[-1]:.4g}, in {path.steps} steps"
        for path in paths[:_TOLD]
    ]
    return "; ".join(said) + (f"; and {len(paths) - _TOLD} more" if len(paths) > _TOLD else "")


def _of_lost(paths: Sequence[Path]) -> Iterator[str]:
    if not paths:
        return
    said = [f"{_named(path)} {_ENDINGS[path.ending]} at step {path.diverged}" for path in paths[:_TOLD]]
    more = f"; and {len(paths) - _TOLD} more" if len(paths) > _TOLD else ""
    whose = "its path is" if len(paths) == 1 else "these paths are"
    yield f"{'; '.join(said)}{more}: {whose} cut there"


def _length(path: Path) -> float:
    return float(magnitudes(np.diff(path.points, axis=0)).sum())


def _named(path: Path) -> str:
    return f"{path.name} (learning_rate {path.optimizer.learning_rate:g}) from {format_point(path.points[0])}"
