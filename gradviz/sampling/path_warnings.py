"""Warnings of what a figure of paths does not show, and where paths end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.errors import Message, Ref, RequestError, joined
from gradviz.fields.scalar import ScalarField
from gradviz.optimizers.paths import Ending, Path
from gradviz.sampling.limits import LossAxis
from gradviz.sampling.values import format_point

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


def check_starts(field: ScalarField, starts: Floats) -> None:
    """Raise RequestError if a path cannot start at one of some points (N, D)."""
    for start in starts[np.isnan(field(starts))]:
        problem = "too large" if field.overflows(start) else "undefined"
        why = Message(f"the function is {problem} at the start")
        if not field.contains(start):
            why = Message(Ref("where"), " does not hold at the start")
        raise RequestError(why, f" {format_point(start)}; give another ", Ref("start"))


def path_warnings(paths: Sequence[Path], view: Floats, gradient: Gradient) -> Iterator[Message]:
    """Yield warnings of paths over a view (2, D), low and high: diverged, outside, or hardly any steps."""
    low, high = view
    yield from _diverged([path for path in paths if path.diverged is not None])
    outside = {format_point(p.points[0]) for p in paths if ((p.points[0] < low) | (p.points[0] > high)).any()}
    if outside:
        yield Message(f"outside of the picture lies the start {', '.join(sorted(outside))}")
    least = _SHORT_SHARE * float((high - low).min())
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
        yield Message(f"the gradient is 0 at the start {', '.join(still)}: no path leads away from there")
    for start, name in flat.items():
        why = "the function has no curvature there along its slope"
        yield Message(f"{name} makes no step from {start}: {why}")
    if slow:
        yield Message(
            f"{', '.join(slow)} hardly moved: a greater learning_rate, or ", Ref("tune", True),
            ", gives a longer path",
        )  # fmt: skip


def loss_warnings(paths: Sequence[Path], axis: LossAxis) -> Iterator[Message]:
    """Yield warnings of paths that leave the axis of values, although they do not diverge."""
    spikes = [path for path in paths if path.diverged is None and path.values.max() > axis.high]
    for path in spikes[:_NAMED_PATHS]:
        step = int(path.values.argmax())
        yield Message(
            f"{_named(path)} rises to {path.values[step]:.3g} at step {step}, above what ", Ref("loss"),
            " shows",
        )  # fmt: skip


def path_ends(paths: Sequence[Path]) -> str:
    """Return the last points of the first paths as text, with their values."""
    ends = [
        f"{_named(path)} to {format_point(path.points[-1])}, where f is {path.values[-1]:.4g}, "
        f"in {path.steps} steps"
        for path in paths[:_NAMED_PATHS]
    ]
    return "; ".join(ends) + _more(paths)


def _diverged(paths: Sequence[Path]) -> Iterator[Message]:
    if paths:
        ends = (
            Message(f"{_named(path)} ", _ENDINGS[path.ending], f" at step {path.diverged}")
            for path in paths[:_NAMED_PATHS]
        )
        whose = "its path is" if len(paths) == 1 else "these paths are"
        yield Message(joined("; ", ends), f"{_more(paths)}: {whose} cut there")


def _more(paths: Sequence[Path]) -> str:
    return f"; and {len(paths) - _NAMED_PATHS} more" if len(paths) > _NAMED_PATHS else ""


def _length(path: Path) -> float:
    return float(magnitudes(np.diff(path.points, axis=0)).sum())


def _named(path: Path) -> str:
    return f"{path.name} (learning_rate {path.optimizer.learning_rate:g}) from {format_point(path.points[0])}"
