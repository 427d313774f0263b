"""Samples: the numbers that a figure shows and a file of data has, behind one interface for all kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus import CriticalPoint
from gradviz.errors import Message
from gradviz.sampling.values import (
    Column,
    Evaluated,
    Slopes,
    column_names,
    error_columns,
    point_arrays,
    point_columns,
    warnings_of,
)

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path

_SINGLE_WARNINGS = 4  # number of warnings about single values of a sweep

T = TypeVar("T")
Results = dict[str, Any]
"""Results of a figure as plain data for JSON; Any: values of many types."""
Arrays = dict[str, NDArray[Any]]
"""Arrays of the data by name; Any: numbers and texts."""


class Shared(Protocol):
    """Limits, levels and scales that the figures of a sweep have in common."""

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Warnings about all figures at once."""


@dataclass(frozen=True)
class Sampler:
    """The functions that sample a kind of figure.

    `sample` evaluates one figure of a spec, `share` computes what several figures have in common, from a spec
    and the samples of all, and `finish` completes samples that know what they share.
    """

    sample: Callable[[Any], Any]  # Any: a spec and the samples of one kind, which are dataclasses
    share: Callable[[Any, Sequence[Any]], Any]  # Any: the same, and what the kind shares, a dataclass
    finish: Callable[[Any, Any], Any] = lambda spec, samples: samples  # Any: a spec and samples of one kind


def completed(value: T | None) -> T:
    """Return a part of samples that `sampling.sample` has completed: what they share, or what is drawn."""
    assert value is not None  # noqa: S101 - `sample` sets it before samples are handed out
    return value


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples(ABC):
    """The numbers of one figure."""

    region: ClassVar[str] = ""
    """The part of the ranges that the points cover, if it is less than all, such as "in the panels"."""
    shows_values: ClassVar[bool] = True
    """Whether the figure shows the values, so that values too large to be drawn are missing in it."""

    evaluated: Evaluated
    """The function at the points of the figure."""
    slopes: Slopes | None = None
    """The gradient at these points, None if the figure has none."""
    critical: tuple[CriticalPoint, ...] = ()
    """The critical points that the figure marks."""
    paths: tuple[Path, ...] = ()
    """The paths of optimizers that the figure shows, those of one optimizer after those of another."""
    own_warnings: tuple[Message, ...] = ()
    """Warnings that hold for this figure, and not for what it shares with others."""
    shared: Shared | None = None
    """What the figure shares with those of other panels or frames, None until it is known."""

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Warnings of parts that the figure does not show."""
        shared = self.shared.warnings if self.shared else ()
        found = warnings_of(self.evaluated, self.slopes, shows_values=self.shows_values)
        return (*self.own_warnings, *shared, *found)

    @abstractmethod
    def columns(self) -> dict[str, Column]:
        """Return the columns of the data, mostly one row for each point."""

    def error_columns(self) -> dict[str, Column]:
        """Return columns with the errors of a gradient, and the reasons why it is unreliable."""
        return {} if self.slopes is None else error_columns(self.evaluated.field.variables, self.slopes)

    @abstractmethod
    def arrays(self) -> Arrays:
        """Return the arrays of the data."""

    @abstractmethod
    def results(self) -> Results:
        """Return the results of the figure, as plain data."""

    @property
    def points(self) -> Floats:
        """The points (..., D)."""
        return self.evaluated.points

    @property
    def values(self) -> Floats:
        """The values (...) of the function, NaN where it is undefined."""
        return self.evaluated.values

    @property
    def gradient(self) -> Floats | None:
        """The gradient (..., D), NaN where it is undefined; None if the figure has none."""
        return None if self.slopes is None else self.slopes.estimate.gradient

    @property
    def size(self) -> int:
        """The number of points."""
        return self.values.size


class PointSamples(Samples):
    """Samples whose data are the points with their values and gradients."""

    def columns(self) -> dict[str, Column]:
        """Return one row for each point."""
        return point_columns(self.evaluated, self.slopes)

    def arrays(self) -> Arrays:
        """Return points, values, and the gradient with its errors if there is one."""
        return point_arrays(self.evaluated, self.slopes)

    def results(self) -> Results:
        """Return no results: the data of the points are all."""
        return {}


@dataclass(frozen=True, eq=False)
class Swept:
    """The samples of a figure at each value of a parameter; they share limits, levels and scales."""

    name: str
    numbers: tuple[float, ...]
    labels: tuple[str, ...]
    """The numbers as texts, no two equal."""
    members: tuple[Samples, ...]
    shared_warnings: tuple[Message, ...] = ()
    """Warnings about all values at once."""

    @property
    def size(self) -> int:
        """The number of points."""
        return sum(samples.size for samples in self.members)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths of optimizers at all values."""
        return tuple(path for samples in self.members for path in samples.paths)

    def columns(self) -> dict[str, Column]:
        """Return the columns of the data, the first of which is the parameter."""
        tables = [samples.columns() for samples in self.members]
        counts = [max(map(len, table.values()), default=0) for table in tables]
        numbers = [number for number, count in zip(self.numbers, counts, strict=True) for _ in range(count)]
        return {self._column(tables[0]): numbers, **_stacked(tables)}

    def error_columns(self) -> dict[str, Column]:
        """Return the columns of `Samples.error_columns` for all values."""
        return _stacked([samples.error_columns() for samples in self.members])

    def arrays(self) -> Arrays:
        """Return the arrays of the data, whose first axis is the parameter; of paths, one row a point."""
        parts = [samples.arrays() for samples in self.members]
        numbers = np.array(self.numbers)
        if self.paths:
            arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            numbers = np.repeat(numbers, [len(part["f"]) for part in parts])
        else:
            arrays = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
        return {self._column(arrays): numbers, **arrays, "variables": parts[0]["variables"]}

    def results(self) -> Results:
        """Return the results of all figures: rows with the value of the parameter, others in its order."""
        found: Results = {"sweep": {self.name: list(self.numbers)}}
        for number, samples in zip(self.numbers, self.members, strict=True):
            for name, result in samples.results().items():
                is_table = isinstance(result, list) and all(isinstance(item, dict) for item in result)
                rows = [{self._column(item): number, **item} for item in result] if is_table else [result]
                found.setdefault(name, []).extend(rows)
        return found

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Warnings, once if they hold for all values, else with the first of these."""
        return (*self.shared_warnings, *self._member_warnings())

    def _member_warnings(self) -> Iterator[Message]:
        labels: dict[Message, list[str]] = {}
        for label, samples in zip(self.labels, self.members, strict=True):
            for warning in samples.warnings:
                labels.setdefault(warning, []).append(label)
        count = 0
        for warning, where in labels.items():
            if len(where) == len(self.members):
                yield warning
            elif count < _SINGLE_WARNINGS:
                count += 1
                more = "" if len(where) == 1 else f" and {len(where) - 1} more"
                yield Message(f"{self.name} = {where[0]}{more}: ", warning)
        if rest := sum(len(where) < len(self.members) for where in labels.values()) - count:
            yield Message(f"and {rest} more notes on single values of {self.name}")

    def _column(self, others: Iterable[str]) -> str:
        """Return the name of the parameter's column among others."""
        return column_names([self.name], others, "parameter")[0]


def _stacked(tables: Sequence[Mapping[str, Column]]) -> dict[str, Column]:
    return {name: [item for table in tables for item in table[name]] for name in tables[0]}
