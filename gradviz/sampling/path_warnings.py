"""Warnings of paths of optimizers: divergence, starts outside the view, hardly any steps, rounding errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.errors import Message, Ref, RequestError, joined
from gradviz.fields.scalar import ScalarField
from gradviz.optimizers.paths import Ending, Path
from gradviz.sampling.limits import LossAxis
from gradviz.sampling.values import drawable, format_point

if TYPE_CHECKING:
    from gradviz.sampling.descent import Runs

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


def point_words(point: Floats) -> str:
    """Return a point (D,) as text: in parentheses, or the coordinate alone on a curve."""
    return format_point(point).strip("()" if len(point) == 1 else "")


def check_starts(field: ScalarField, starts: Floats) -> None:
    """Raise RequestError if a path cannot start at one of some points (N, D)."""
    for start in starts[np.isnan(drawable(field(starts)))]:
        problem = "too large" if field.overflows(start) or np.isfinite(field(start)) else "undefined"
        why = Message(f"the function is {problem} at the start")
        if not field.contains(start):
            why = Message(Ref("where"), " does not hold at the start")
        raise RequestError(why, f" {point_words(start)}; give another ", Ref("start"))


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
    if outside := {point_words(x) for x in starts if ((x < low) | (x > high)).any()}:
        yield Message(f"outside of the picture lies the start {', '.join(sorted(outside))}")
    least = _SHORT_SHARE * float((high - low).min())
    still, flat, slow = {}, {}, {}  # as sets that keep their order
    for one in paths:
        if one.diverged is None and magnitudes(np.diff(one.points, axis=0)).sum() < least:
            start = point_words(one.points[0])
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
        f"{_named(one)} to {point_words(one.points[-1])}, where f is {one.values[-1]:.4g}, "
        f"in {one.steps} steps"
        for one in paths[:_NAMED_PATHS]
    ]
    return "; ".join(ends) + _more(paths)


def _more(paths: Sequence[Path]) -> str:
    return f"; and {len(paths) - _NAMED_PATHS} more" if len(paths) > _NAMED_PATHS else ""


def _named(path: Path) -> str:
    return f"{path.name} (learning_rate {path.optimizer.learning_rate:g}) from {point_words(path.points[0])}"
