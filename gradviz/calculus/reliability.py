"""What a gradient cannot be vouched for, and why."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes

_TOLERANCE = 1e-6  # of the size of the gradient


class Reason(IntEnum):
    """Why a gradient is unreliable at a point."""

    NONE = 0
    """It is reliable."""
    UNDEFINED = 1
    """The function is undefined, complex or beyond double precision at the point."""
    POLE = 2
    """The function grows without bound towards the point."""
    JUMP = 3
    """The function has different limits on two sides of the point."""
    KINK = 4
    """The slope is another one on each side of the point."""
    EDGE = 5
    """The point lies on the edge of the domain, or the slope has no bound there."""
    NOISE = 6
    """The estimated error is too large, for none of these reasons."""

    @property
    def word(self) -> str:
        """The reason as one word, empty where there is none."""
        return self.name.lower() if self else ""


class Estimate(NamedTuple):
    """Values (...), the gradient (..., D), an estimate of its absolute error (..., D), and marks (...).

    A mark is a `Reason` as a number, 0 where the gradient is reliable.
    """

    values: Floats
    gradient: Floats
    error: Floats
    marks: NDArray[np.uint8]

    @property
    def reliable(self) -> NDArray[np.bool_]:
        """Where (...) the gradient is reliable."""
        return np.equal(self.marks, Reason.NONE)

    def reasons(self) -> list[str]:
        """Return the reason for each point, in the order of `marks.ravel()`: a word, empty if reliable."""
        return [Reason(mark).word for mark in self.marks.ravel().tolist()]


def estimated(values: Floats, gradient: Floats, error: Floats) -> Estimate:
    """Return an estimate, marked from its numbers alone."""
    marks = np.zeros(values.shape, np.uint8)
    with np.errstate(all="ignore"):
        rough = ~(
            magnitudes(error) <= _TOLERANCE * magnitudes(gradient) + np.finfo(float).eps * np.abs(values)
        )
    marks[rough] = Reason.NOISE
    marks[np.isnan(gradient).any(axis=-1)] = Reason.EDGE
    marks[np.isnan(values)] = Reason.UNDEFINED
    return Estimate(values, gradient, error, marks)
