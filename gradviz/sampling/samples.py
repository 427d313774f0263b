"""Samples: the numbers that a figure shows and a file of data has, behind one interface for all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus import CriticalPoint
from gradviz.calculus.reliability import unreliable
from gradviz.errors import Message, Ref
from gradviz.sampling.undersampling import Undersampled
from gradviz.sampling.values import Evaluated, GradientAt, Slopes

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path
    from gradviz.sampling.constraints import Constraint
    from gradviz.sampling.implicit import Curve

_SINGLE_WARNINGS = 4  # number of warnings about single values of a sweep
_RESERVED = ("points", "f", "variables", "gradient", "error", "unreliable")  # names of arrays of all data

T = TypeVar("T")
Columns = dict[str, list[Any]]
"""Columns of the data by name, one item for each row; Any: numbers or texts."""
Arrays = dict[str, NDArray[Any]]
"""Arrays of the data by name; Any: numbers or texts."""
Results = dict[str, Any]
"""Results of a figure as plain data for JSON; Any: values of many types."""


@dataclass(frozen=True, eq=False)
class Shared:
    """Limits, levels and scales that the figures of a sweep have in common."""

    warnings: tuple[Message, ...] = field(default=(), kw_only=True)
    """Warnings about all figures at once."""


def completed(value: T | None) -> T:
    """Return a part of samples that `sampling.sample` has completed: what they share, or what is drawn."""
    assert value is not None  # noqa: S101 - `sample` sets it before samples are handed out
    return value


@dataclass(frozen=True, eq=False, kw_only=True)
class Samples:
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
    open_boxes: tuple[tuple[tuple[float, float], ...], ...] = ()
    """The boxes, each D intervals, in which the proof leaves open whether there are others."""
    curves: tuple[Curve, ...] = ()
    """The curves of equations and constraints that the figure shows."""
    constraints: tuple[Constraint, ...] = ()
    """The constraints, with the extrema of the function on each."""
    gradients: tuple[GradientAt, ...] = ()
    """The gradients at single points that the figure shows."""
    paths: tuple[Path, ...] = ()
    """The paths of optimizers that the figure shows, those of one optimizer after those of another."""
    table: Arrays = field(default_factory=dict)
    """The columns (N,) of the data; empty for one row for each point."""
    results: Results = field(default_factory=dict)
    """The results of the figure beside its table."""
    own_warnings: tuple[Message, ...] = ()
    """Warnings that hold for this figure, and not for what it shares with others."""
    undersampled: tuple[Undersampled, ...] = ()
    """The parts that have too few points for the function, which the picture says, too."""
    removable: Floats | None = None
    """Coordinates (K,) of points on a curve at which the function is undefined and an open circle stands."""
    shared: Shared | None = None
    """What the figure shares with those of other panels or frames, None until it is known."""

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Warnings of the figure, and of points and values that it does not show."""
        shared = self.shared.warnings if self.shared else ()
        coarse = (part.warning for part in self.undersampled)
        return (*self.own_warnings, *coarse, *shared, *self._point_warnings())

    def _point_warnings(self) -> Iterator[Message]:
        """Yield warnings of points that are left blank, of cuts, and of unreliable gradients."""
        evaluated, slopes = self.evaluated, self.slopes
        missing = np.isnan(evaluated.values)
        unmarked = missing
        if self.removable is not None:
            unmarked = missing & ~np.isin(evaluated.points[..., 0], self.removable)
        count = f"of {missing.size:,} points"
        if outside := int(np.count_nonzero(~evaluated.inside)):
            yield Message(f"{outside:,} {count} lie outside of ", Ref("where"), ", left out")
        blank = unmarked & evaluated.inside
        large = evaluated.too_large if self.shows_values else 0
        overflows, advice = np.zeros_like(blank), ""
        if blank.any():
            advice = evaluated.field.overflow_hint(evaluated.points)
            if advice or not large:
                overflows = blank & evaluated.field.has_overflow(evaluated.points)
        undefined = int(np.count_nonzero(blank & ~overflows))
        if undefined or large:
            problem = "undefined or too large" if large else "undefined"
            problem = problem if undefined else "too large for a picture, above 1e200,"
            yield Message(f"the function is {problem} at {undefined + large:,} {count}, left blank")
        if total := int(np.count_nonzero(overflows)):
            problem = f"the function or a part of it overflows at {total:,} {count}, left blank"
            yield Message(advice or problem)
        if evaluated.breaks:
            yield Message(f"cut where the function jumps or has a pole: {evaluated.breaks.words()}")
        if slopes is not None and (said := unreliable(slopes.estimate.marks[~missing])):
            yield Message(said)

    def columns(self) -> Columns:
        """Return the table, or the variables, `f` and, with a gradient, `df/d<variable>` at all points."""
        names = column_names(self.evaluated.field.variables)
        columns = self.table or {
            **{name: self.points[..., i].ravel() for i, name in enumerate(names)},
            "f": self.values.ravel(),
            **(self._by_variable("df/d", self.gradient) if self.gradient is not None else {}),
        }
        return {name: column.tolist() for name, column in columns.items()}

    def error_columns(self) -> Columns:
        """Return `error of df/d<variable>`, and `unreliable` with a reason or an empty text."""
        if self.slopes is None:
            return {}
        errors = self._by_variable("error of df/d", self.slopes.estimate.error)
        columns: Columns = {name: column.tolist() for name, column in errors.items()}
        return {**columns, "unreliable": self.slopes.estimate.reasons()}

    def arrays(self) -> Arrays:
        """Return `variables`, the table, and `points` (..., D) with `f` (...) and the parts of a gradient.

        The points below paths are not among them.
        """
        variables = {"variables": np.array(self.evaluated.field.variables)}
        if self.paths:
            return {**variables, **self.table}
        arrays: Arrays = {"points": self.points, "f": self.values, **variables, **self.table}
        if self.slopes is not None:
            estimate = self.slopes.estimate
            reasons = np.array(estimate.reasons()).reshape(self.values.shape)
            arrays |= {"gradient": estimate.gradient, "error": estimate.error, "unreliable": reasons}
        return arrays

    def _by_variable(self, label: str, vectors: Floats) -> Arrays:
        names = self.evaluated.field.variables
        return {f"{label}{name}": vectors[..., i].ravel() for i, name in enumerate(names)}

    @property
    def mesh_counts(self) -> tuple[int, ...] | None:
        """The numbers of points along the variables of a mesh, which are not always those of the spec."""
        shape = self.points.shape[:-1]
        return shape[::-1] if len(shape) > 1 else None

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


@dataclass(frozen=True)
class Sampler:
    """The functions that sample a kind of figure.

    `sample` evaluates one figure of a spec, `share` computes what several figures have in common, from a spec
    and the samples of all, and `finish` completes samples that know what they share. All that can fail fails
    here: they raise RequestError if nothing can be drawn.
    """

    sample: Callable[[Any], Samples]  # Any: a spec of the kind
    share: Callable[[Any, Sequence[Any]], Shared]  # Any: the same, and samples of the kind
    finish: Callable[[Any, Any], Samples] = lambda spec, samples: samples  # Any: the same


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

    @property
    def mesh_counts(self) -> tuple[int, ...] | None:
        """The numbers of points along the variables of each mesh."""
        return self.members[0].mesh_counts

    def columns(self) -> Columns:
        """Return the columns of the data, the first of which is the parameter."""
        tables = [samples.columns() for samples in self.members]
        counts = [max(map(len, table.values()), default=0) for table in tables]
        return {self._column(tables[0]): np.repeat(self.numbers, counts).tolist(), **_stacked(tables)}

    def error_columns(self) -> Columns:
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

    @property
    def results(self) -> Results:
        """The results of all figures: rows with the value of the parameter, others in its order."""
        found: Results = {"sweep": {self.name: list(self.numbers)}}
        for number, samples in zip(self.numbers, self.members, strict=True):
            for name, result in samples.results.items():
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


def column_names(names: Iterable[str], others: Iterable[str] = (), what: str = "variable") -> list[str]:
    """Return the names of columns or arrays of the data for variables, or for a parameter.

    A name that other columns have, or that is reserved, gets a prefix: `variable f`.
    """
    taken = {*_RESERVED, *others}
    return [f"{what} {name}" if name in taken else name for name in names]


def _stacked(tables: Sequence[Mapping[str, list[Any]]]) -> Columns:  # Any: numbers or texts
    return {name: [item for table in tables for item in table[name]] for name in tables[0]}
