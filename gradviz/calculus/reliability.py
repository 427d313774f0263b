"""What a gradient cannot be vouched for, and why."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes

_TOLERANCE = 1e-6  # of the size of the gradient
_ZERO = 1e-9  # of the function's size, over the scale: such a slope is as good as zero
_ZERO_ERRORS = 4  # times its error: a slope below may be zero


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


_LAST = np.uint8(max(Reason))


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


def usual_size(values: Floats) -> float:
    """Return the median of |f|, 0 if nothing is defined."""
    finite = np.abs(values[np.isfinite(values)])
    return float(np.median(finite)) if finite.size else 0.0


def estimated(
    values: Floats,
    gradient: Floats,
    error: Floats,
    scales: Floats,
    reasons: NDArray[np.uint8] | None = None,
) -> Estimate:
    """Return an estimate with its marks, from numbers and reasons for all variables (..., D).

    A gradient is reliable if its error is small beside its size, or if it is zero up to an error that would
    not change f visibly over the scales. `reasons` say why it is not, if it is not.
    """
    reasons = np.full(gradient.shape, Reason.NOISE, np.uint8) if reasons is None else reasons
    marks = np.zeros(values.shape, np.uint8)
    with np.errstate(all="ignore"):
        floors = _ZERO * np.maximum(np.abs(values), usual_size(values))[..., None] / scales
        zero = (np.abs(gradient) <= _ZERO_ERRORS * error) & (error <= floors)
        rough = ~((error <= _TOLERANCE * magnitudes(gradient)[..., None]) | zero)
    marks[rough.any(axis=-1)] = np.where(rough, reasons, _LAST).min(axis=-1, initial=_LAST)[
        rough.any(axis=-1)
    ]
    marks[np.isnan(gradient).any(axis=-1)] = Reason.EDGE
    marks[np.isnan(values)] = Reason.UNDEFINED
    return Estimate(values, gradient, error, marks)
