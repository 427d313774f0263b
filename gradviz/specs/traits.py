"""Traits: what distinguishes one kind of figure from another, as data and as functions of a spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gradviz import limits
from gradviz.errors import Message

Interval = tuple[float, ...]
"""(low, high), or (low, high, step)."""

AnySpec = Any  # Any: a function of one kind's trait takes a spec of that kind


@dataclass(frozen=True)
class Unused:
    """Fields that have no effect under a condition."""

    fields: tuple[str, ...]
    when: Callable[[AnySpec], bool]
    why: Message | Callable[[AnySpec], Message]
    """The end of a sentence, such as "with plot=wireframe"."""


@dataclass(frozen=True)
class Traits:
    """The dimension, the defaults, the limits and the special rules of a kind of figure."""

    dimension: int
    """Number of variables that the figure shows, at least."""
    default_samples: int | Callable[[AnySpec], int]
    """Number of points along an axis."""
    default_range: tuple[float, float] = (-2.0, 2.0)
    max_variables: int | None = None
    """Number of variables that it can show; None for `dimension`."""
    max_samples: int = limits.SAMPLES_PER_AXIS
    """Number of points along an axis that it can show."""
    max_points: int = limits.POINTS
    unused: tuple[Unused, ...] = ()
    always_used: tuple[str, ...] = ()
    """Fields that have an effect where those of other kinds have none."""
    default_interval: Callable[[AnySpec, str], Interval | None] = lambda spec, variable: None
    """The interval of a variable without a range; None for `default_range`."""
    point_count: Callable[[AnySpec], int] | None = None
    """Number of points in all; None for the product of the counts along the axes."""
    coordinates: Callable[[AnySpec], Sequence[str] | None] = lambda spec: None
    """Names of the coordinates of a function of a file; None for names by the options."""
    coordinate_count: Callable[[AnySpec], int] | None = None
    """Number of coordinates of a function of a file; None for `dimension`."""
    files: Callable[[AnySpec], tuple[str, ...]] = lambda spec: ()
    """Files that the figure depends on, beside that of a function."""
    own_panels: Callable[[AnySpec], str | None] = lambda spec: None
    """The field that gives the figure panels of its own, so that a sweep has none; "kind" for any figure."""
    frame_rate: Callable[[AnySpec], int | None] = lambda spec: None
    """Frames a second of an animation without a sweep; None if nothing would move."""
    animation: str = ""
    """The field beside `animate` that animates the figure, such as "spin"."""
    at_value: Callable[[AnySpec, int], Mapping[str, Any]] = lambda spec, index: {}
    """Fields that change with the value of a sweep, beside the parameter."""
    slow: Callable[[AnySpec], Message | None] = lambda spec: None
    """A warning before something that takes long."""
    thinned: Callable[[AnySpec, int, int], Any] = lambda spec, width, height: spec
    """The spec with as many marks as can be told apart in a picture of some pixels."""
