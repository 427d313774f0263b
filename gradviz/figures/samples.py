"""What was evaluated for a picture: the numbers that it shows, and that `--data` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus import CriticalPoint
from gradviz.calculus.continuity import Breaks
from gradviz.calculus.reliability import Estimate, unreliable
from gradviz.errors import RequestError
from gradviz.expression.scalar import ScalarField
from gradviz.optimizers.paths import Path

_GREATEST = 1e200  # Matplotlib's contours take 1e250 for infinity


def drawable(values: Floats) -> Floats:
    """Return values that can be drawn: NaN where they are too large for Matplotlib, or else themselves."""
    if (
        not values.size
        or max(-np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)) < _GREATEST
    ):
        return values
    return np.where(np.abs(values) < _GREATEST, values, np.nan)


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

    @cached_property
    def heights(self) -> Floats:
        """The values (...) that can be drawn: NaN also where they are too large for Matplotlib."""
        return drawable(self.values)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """Where (...) the points lie in the field's region."""
        return self.field.contains(self.points)

    @property
    def gradient(self) -> Floats | None:
        """The gradient (..., D) where the figure needs it."""
        return None if self.estimate is None else self.estimate.gradient

    @cached_property
    def trusted(self) -> Floats:
        """The gradient (..., D) where it is reliable, NaN elsewhere."""
        assert self.estimate is not None  # noqa: S101 - asked for by kinds that need it
        return np.where(self.estimate.reliable[..., None], self.estimate.gradient, np.nan)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Where (...) the gradient is unreliable although the function is defined."""
        assert self.estimate is not None  # noqa: S101 - asked for by kinds that need it
        return ~self.estimate.reliable & ~np.isnan(self.values)

    def columns(self) -> dict[str, list[Any]]:
        """Return the columns of the data, one row a point: the variables, `f` and `df/d<variable>`."""
        if self.table is not None:
            return {name: column.tolist() for name, column in self.table.items()}
        found: dict[str, list[Any]] = {**self._columns("", self.points)}
        found["f"] = self.values.ravel().tolist()
        if self.estimate is not None:
            found |= self._columns("df/d", self.estimate.gradient)
        return found

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
        missing, undefined = (
            int(np.count_nonzero(np.isnan(found) & self.inside)) for found in (self.heights, self.values)
        )
        said = list(self.notes)
        if outside := int(np.count_nonzero(~self.inside)):
            said.append(f"{outside:,} of {self.values.size:,} points lie outside of --where, left out")
        if missing:
            what = "undefined" if undefined == missing else "undefined or too large"
            said.append(f"the function is {what} at {missing:,} of {self.values.size:,} points, left blank")
        if self.breaks:
            said.append(f"cut where the function jumps or has a pole: {self.breaks.words()}")
        if self.estimate is not None:
            said.append(unreliable(self.estimate.marks[~np.isnan(self.values)]))
        return tuple(filter(None, said))
