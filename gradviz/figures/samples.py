"""What was evaluated for a picture: the numbers that it shows, and that `--data` writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.continuity import Breaks
from gradviz.errors import RequestError
from gradviz.expression.field import Field

_GREATEST = 1e200  # Matplotlib's contours take 1e250 for infinity


def drawable(values: Floats) -> Floats:
    """Return values that can be drawn: NaN where they are too large for Matplotlib."""
    return np.where(np.abs(values) < _GREATEST, values, np.nan)


@dataclass(frozen=True)
class Samples:
    """A field evaluated at points (..., D): its values (...) and, where the figure needs it, its gradient."""

    field: Field
    points: Floats
    values: Floats
    gradient: Floats | None = None
    notes: tuple[str, ...] = ()
    breaks: Breaks | None = None

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
        missing, undefined = (
            int(np.count_nonzero(np.isnan(found) & self.inside)) for found in (self.heights, self.values)
        )
        found = list(self.notes)
        if outside := int(np.count_nonzero(~self.inside)):
            found.append(f"{outside:,} of {self.values.size:,} points lie outside of --where, left out")
        if missing:
            what = "undefined" if undefined == missing else "undefined or too large"
            found.append(f"the function is {what} at {missing:,} of {self.values.size:,} points, left blank")
        if self.breaks:
            found.append(f"cut where the function jumps or has a pole: {self.breaks.words()}")
        return tuple(found)
