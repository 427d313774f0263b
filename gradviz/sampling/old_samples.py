"""What was evaluated for a picture: the numbers that it shows, and that `--data` writes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import CriticalPoint
from gradviz.calculus.continuity import Breaks
from gradviz.calculus.reliability import Estimate, unreliable
from gradviz.errors import RequestError
from gradviz.fields.scalar import ScalarField

if TYPE_CHECKING:
    from gradviz.optimizers.paths import Path

_TOLD = 4  # notes on single values of a sweep
_ARRAYS = ("points", "f", "variables", "gradient", "error", "unreliable")  # of data: names that are taken
_GREATEST = 1e200  # Matplotlib's contours take 1e250 for infinity
_LEAST = 1e-280  # and its scales 1e-287 for 0


def drawable(values: Floats) -> Floats:
    """Return values that can be drawn: NaN where they are too large for Matplotlib, or else themselves."""
    if not _greatest(values) >= _GREATEST:
        return values
    return np.where(np.abs(values) < _GREATEST, values, np.nan)


def _greatest(values: Floats) -> float:
    """Return the greatest size of some values, NaN if there is none."""
    if not values.size:
        return math.nan
    return max(-float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None)))


_Found = TypeVar("_Found")


def column_names(names: Iterable[str], others: Iterable[str] = (), what: str = "variable") -> list[str]:
    """Return the names of columns or arrays of the data for variables, or for a parameter.

    One that is called as others are, or as what all data may have, is told with what it is: `variable f`.
    """
    taken = {*_ARRAYS, *others}
    return [f"{what} {name}" if name in taken else name for name in names]


class Together:
    """Samples that are shown beside each other, on the same scales."""

    def __init__(self, members: tuple[Samples, ...]) -> None:
        self.members = members
        self._found: dict[str, Any] = {}

    def once(self, name: str, find: Callable[[Sequence[Samples]], _Found]) -> _Found:
        """Return what is found of all samples, and is called by this name; it is looked for once."""
        if name not in self._found:
            self._found[name] = find(self.members)
        found: _Found = self._found[name]
        return found


@dataclass(frozen=True)
class Samples:
    """A field evaluated at points (..., D): its values (...) and, where the figure needs it, its gradient."""

    part: ClassVar[str] = ""
    """What of the ranges the points cover, in words, if it is less than all."""

    field: ScalarField
    points: Floats
    values: Floats
    estimate: Estimate | None = None
    notes: tuple[str, ...] = ()
    table: Mapping[str, NDArray[Any]] | None = None
    """The columns of the data of a figure that does not show the points themselves."""
    critical: tuple[CriticalPoint, ...] = ()
    """The critical points that the figure marks."""
    breaks: Breaks | None = None
    """Where the picture is cut."""
    paths: tuple[Path, ...] = ()
    """The paths of optimizers that the figure shows."""
    fine: Samples | None = None
    """The same field on a finer mesh, for what is drawn behind arrows or lines."""
    shows_values: bool = True
    """Whether the picture shows the values, and not their gradient alone."""
    beside: Together | None = None
    """All that is shown on the same scales, these samples among them, where there are others."""

    def __post_init__(self) -> None:
        """Raise RequestError if there is nothing to draw."""
        if np.isnan(self.heights).all():
            if not self.inside.any():
                raise RequestError(
                    "no point of the range lies where --where holds; loosen it or try another --range"
                )
            if not self.inside.all():
                raise RequestError(
                    "the function is undefined, complex or too large everywhere in the range where --where "
                    "holds; loosen it or try another --range"
                )
            raise RequestError(
                "the function is undefined, complex or too large everywhere in the range; try another --range"
            )
        if self.estimate is None and (large := self.too_large()) and np.unique(self.heights).size <= 2:
            raise RequestError(  # one value, and NaN
                f"the function is too large for a picture, above {_GREATEST:g}, at {large:,} of "
                f"{self.values.size:,} points; divide it, such as (...)/1e200"
            )
        if 0 < _greatest(self.heights) < _LEAST:
            raise RequestError(
                f"the values of the function are smaller than {_LEAST:g}, too small for a picture; multiply "
                "it, such as 1e300*(...)"
            )

    @cached_property
    def together(self) -> Together:
        """All samples that are shown on the same scales, mostly these alone."""
        return self.beside or Together((self,))

    @cached_property
    def heights(self) -> Floats:
        """The values (...) that can be drawn: NaN also where they are too large for Matplotlib."""
        return drawable(self.values)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Where (...) the points lie in the field's region."""
        return self.field.contains(self.points)

    @property
    def all_heights(self) -> Floats:
        """The values that can be drawn of all samples: (...) where there are no others, or (N,)."""
        return self.together.once("heights", _heights)

    @property
    def all_paths(self) -> tuple[Path, ...]:
        """The paths of all samples."""
        return tuple(path for samples in self.together.members for path in samples.paths)

    @property
    def gradient(self) -> Floats | None:
        """The gradient (..., D) where the figure needs it."""
        return None if self.estimate is None else self.estimate.gradient

    @cached_property
    def trusted(self) -> Floats:
        """The gradient (..., D) where it is reliable, NaN elsewhere."""
        assert self.estimate is not None  # noqa: S101 - asked for by kinds that need it
        return np.where(self.estimate.reliable[..., None], self.estimate.gradient, np.nan)

    @cached_property
    def sizes(self) -> Floats:
        """The sizes (...) of the trusted gradient; 0 where that is no greater than its error."""
        assert self.estimate is not None  # noqa: S101 - asked for by kinds that need it
        sizes = magnitudes(self.trusted)
        return np.where(sizes <= magnitudes(self.estimate.error), 0.0, sizes)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Where (...) the gradient is unreliable although the function is defined."""
        assert self.estimate is not None  # noqa: S101 - asked for by kinds that need it
        return ~self.estimate.reliable & ~np.isnan(self.values)

    def columns(self) -> dict[str, list[Any]]:
        """Return the columns of the data, one row a point: the variables, `f` and `df/d<variable>`."""
        if self.table is not None:
            return {name: column.tolist() for name, column in self.table.items()}
        names = column_names(self.field.variables)
        found = {name: self.points[..., axis].ravel().tolist() for axis, name in enumerate(names)}
        found["f"] = self.values.ravel().tolist()
        if self.estimate is not None:
            found |= self._columns("df/d", self.estimate.gradient)
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the data: of points (..., D) and values (...), or of paths, or the table's."""
        variables = np.array(self.field.variables)
        if self.paths:
            return {"variables": variables, **(self.table or {})}  # which has their points and values
        found = {"points": self.points, "f": self.values, "variables": variables}
        if self.estimate is not None:
            reasons = np.array(self.estimate.reasons()).reshape(self.values.shape)
            found |= {
                "gradient": self.estimate.gradient,
                "error": self.estimate.error,
                "unreliable": reasons,
            }
        return {**found, **(self.table or {})}

    @property
    def size(self) -> int:
        """How many points there are."""
        return self.values.size

    def results(self) -> dict[str, Any]:
        """Return what the figure found out, in plain data."""
        return {"paths": [path.report() for path in self.paths]} if self.paths else {}

    def doubts(self) -> dict[str, list[float] | list[str]]:
        """Return more columns: `error of df/d<variable>`, and the reasons `unreliable`, mostly empty."""
        if self.estimate is None:
            return {}
        return {
            **self._columns("error of df/d", self.estimate.error),
            "unreliable": self.estimate.reasons(),
        }

    def _columns(self, label: str, vectors: Floats) -> dict[str, list[float]]:
        names = self.field.variables
        return {f"{label}{name}": vectors[..., axis].ravel().tolist() for axis, name in enumerate(names)}

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the picture cannot show, said in words."""
        undefined = int(np.count_nonzero(np.isnan(self.values) & self.inside))
        large = self.too_large() if self.shows_values else 0
        said = list(self.notes)
        if outside := int(np.count_nonzero(~self.inside)):
            said.append(f"{outside:,} of {self.values.size:,} points lie outside of --where, left out")
        if undefined or large:
            what = "undefined or too large" if large else "undefined"
            what = what if undefined else "too large for a picture, above 1e200,"
            count = f"{undefined + large:,} of {self.values.size:,} points"
            said.append(f"the function is {what} at {count}, left blank")
        if self.breaks:
            said.append(f"cut where the function jumps or has a pole: {self.breaks.words()}")
        if self.estimate is not None:
            said.append(unreliable(self.estimate.marks[~np.isnan(self.values)]))
        return tuple(filter(None, said))

    def too_large(self) -> int:
        """Return at how many points the values are too large for Matplotlib."""
        return int(np.count_nonzero(np.isnan(self.heights) & ~np.isnan(self.values)))


def joined(arrays: Sequence[Floats]) -> Floats:
    """Return the numbers of several arrays (N,), or the array itself if there is one."""
    return arrays[0] if len(arrays) == 1 else np.concatenate([array.ravel() for array in arrays])


def _heights(members: Sequence[Samples]) -> Floats:
    return joined([samples.heights for samples in members])


@dataclass(frozen=True)
class Swept:
    """A figure evaluated at each value of a parameter."""

    name: str
    numbers: tuple[float, ...]
    labels: tuple[str, ...]
    """The numbers as they are told, no two the same."""
    members: tuple[Samples, ...]
    notes: tuple[str, ...] = ()
    """What is to be said of all of them."""

    @property
    def size(self) -> int:
        """How many points there are."""
        return sum(samples.size for samples in self.members)

    def columns(self) -> dict[str, list[Any]]:
        """Return the columns of the data, the first of which is the parameter's."""
        parts = [samples.columns() for samples in self.members]
        name = self._named(parts[0])
        return self._stacked([{name: None, **part} for part in parts])

    def doubts(self) -> dict[str, list[Any]]:
        """Return the columns that `Samples.doubts` has."""
        return self._stacked([samples.doubts() for samples in self.members])

    def _stacked(self, tables: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for number, table in zip(self.numbers, tables, strict=True):
            count = max((len(column) for column in table.values() if column is not None), default=0)
            for name, column in table.items():
                found.setdefault(name, []).extend([number] * count if column is None else column)
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of the data, whose first axis is the parameter's; of paths, one row a point."""
        parts = [samples.arrays() for samples in self.members]
        numbers = np.array(self.numbers)
        if self.members[0].paths:
            found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            numbers = np.repeat(numbers, [len(part["f"]) for part in parts])
        else:
            found = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
        return {self._named(found): numbers, **found, "variables": parts[0]["variables"]}

    def _named(self, others: Iterable[str]) -> str:
        """Return the name of the parameter among others."""
        return column_names([self.name], others, "parameter")[0]

    def results(self) -> dict[str, Any]:
        """Return what the figure found out, each part with its value of the parameter."""
        found: dict[str, Any] = {"sweep": {self.name: list(self.numbers)}}
        for number, samples in zip(self.numbers, self.members, strict=True):
            for name, items in samples.results().items():
                found.setdefault(name, []).extend({self._named(item): number, **item} for item in items)
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the picture cannot show: what holds for all values once, and else for which of them."""
        return (*self.notes, *self._remarks())

    def _remarks(self) -> Iterator[str]:
        where: dict[str, list[str]] = {}
        for label, samples in zip(self.labels, self.members, strict=True):
            for remark in samples.remarks:
                where.setdefault(remark, []).append(label)
        told = 0
        for remark, labels in where.items():
            if len(labels) == len(self.members):
                yield remark
            elif told < _TOLD:
                told += 1
                more = "" if len(labels) == 1 else f" and {len(labels) - 1} more"
                yield f"{self.name} = {labels[0]}{more}: {remark}"
        if rest := sum(len(labels) < len(self.members) for labels in where.values()) - told:
            yield f"and {rest} more notes on single values of {self.name}"
