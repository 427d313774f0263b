"""What was evaluated for a picture: the numbers that it shows, and that `--data` writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus import CriticalPoint
from gradviz.errors import RequestError
from gradviz.expression.field import Field

_GREATEST = 1e200  # Matplotlib's contours take 1e250 for infinity


@dataclass(frozen=True)
class Samples:
    """A field evaluated at points (..., D): its values (...) and, where the figure needs it, its gradient."""

    field: Field
    points: Floats
    values: Floats
    gradient: Floats | None = None
    notes: tuple[str, ...] = ()
    critical: tuple[CriticalPoint, ...] = ()
    """The critical points that the figure marks."""

    def __post_init__(self) -> None:
        """Raise RequestError if there is nothing to draw."""
        if np.isnan(self.heights).all():
            raise RequestError(
                "the function is undefined, complex or too large everywhere in the range; try another --range"
            )

    @cached_property
    def heights(self) -> Floats:
        """The values (...) that can be drawn: NaN also where they are too large for Matplotlib."""
        return np.where(np.abs(self.values) < _GREATEST, self.values, np.nan)

    def columns(self) -> dict[str, Floats]:
        """Return the columns of the data, one row a point: the variables, `f` and `df/d<variable>`."""
        names = self.field.variables
        found = {name: self.points[..., axis].ravel() for axis, name in enumerate(names)}
        found["f"] = self.values.ravel()
        if self.gradient is not None:
            found |= {f"df/d{name}": self.gradient[..., axis].ravel() for axis, name in enumerate(names)}
        return found

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the picture cannot show, said in words."""
        missing, undefined = (int(np.isnan(found).sum()) for found in (self.heights, self.values))
        if not missing:
            return self.notes
        what = "undefined" if undefined == missing else "undefined or too large"
        return (
            *self.notes,
            f"the function is {what} at {missing:,} of {self.values.size:,} points, left blank",
        )
