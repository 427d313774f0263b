"""What a gradient cannot be vouched for, and why."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes

_TOLERANCE = 1e-6  # of the size of the gradient
AGREE = 30  # times the errors of two estimates: what is farther apart contradicts
_FAINT = 1e-2  # of the floor: a slope below it is zero, whatever its error
_ZERO_ERRORS = 20  # times its error: a slope below may be zero


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

    @property
    def sentence(self) -> str:
        """The reason as a sentence about the point."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NONE: "the gradient is reliable there",
    Reason.UNDEFINED: "the function is undefined, complex or too large there",
    Reason.POLE: "the function grows without bound there",
    Reason.JUMP: "the function jumps there",
    Reason.KINK: "the curve has a kink there, and another slope on each side",
    Reason.EDGE: "the slope is undefined or too large there",
    Reason.NOISE: "the slope is lost in rounding there",
}


_LAST = np.uint8(max(Reason))


class Estimate(NamedTuple):
    """Values (...), the gradient (..., D), an estimate of its absolute error (..., D), and marks (...).

    A mark is a `Reason` as a number, 0 where the gradient is reliable.
    """

    values: Floats
    gradient: Floats
    error: Floats
    marks: NDArray[np.uint8]
    floors: Floats | float = 0.0
    """Errors (..., D) below which a slope that may be zero is zero: they would not change f visibly."""

    @property
    def reliable(self) -> NDArray[np.bool_]:
        """Where (...) the gradient is reliable."""
        return np.equal(self.marks, Reason.NONE)

    def reason(self) -> Reason:
        """Return the reason of an estimate at one point."""
        return Reason(int(self.marks))

    def reasons(self) -> list[str]:
        """Return the reason for each point, in the order of `marks.ravel()`: a word, empty if reliable."""
        return [Reason(mark).word for mark in self.marks.ravel().tolist()]


def estimated(
    values: Floats,
    gradient: Floats,
    error: Floats,
    floors: Floats | float = 0.0,
    reasons: NDArray[np.uint8] | None = None,
) -> Estimate:
    """Return an estimate with its marks, from numbers and reasons for all variables (..., D).

    A gradient is reliable if its error is small beside its size, or if it is zero up to an error below
    the floors. `reasons` say why it is not, if it is not.
    """
    reasons = np.full(gradient.shape, Reason.NOISE, np.uint8) if reasons is None else reasons
    marks = np.zeros(values.shape, np.uint8)
    with np.errstate(all="ignore"):
        least = np.maximum(_ZERO_ERRORS * error, _FAINT * floors)
        zero = (np.abs(gradient) <= least) & (error <= floors)
        rough = ~((error <= _TOLERANCE * magnitudes(gradient)[..., None]) | zero)
    marks[rough.any(axis=-1)] = np.where(rough, reasons, _LAST).min(axis=-1, initial=_LAST)[
        rough.any(axis=-1)
    ]
    marks[np.isnan(gradient).any(axis=-1)] = Reason.EDGE
    marks[np.isnan(values)] = Reason.UNDEFINED
    return Estimate(values, gradient, error, marks, floors)


def contradicted(found: Estimate, other: Estimate) -> Estimate:
    """Return an estimate that is marked, too, where another one is far from it, beyond what both allow."""
    with np.errstate(all="ignore"):
        apart = magnitudes(found.gradient - other.gradient)
        allowed = AGREE * magnitudes(found.error + other.error) + _TOLERANCE * magnitudes(other.gradient)
        far = (apart > allowed) & found.reliable
    return found._replace(marks=np.where(far, np.uint8(Reason.NOISE), found.marks))


def unreliable(marks: NDArray[np.uint8]) -> str:
    """Say at how many points the gradient is unreliable, and why; nothing if at none."""
    counts = {reason.word: int((marks == reason).sum()) for reason in Reason if reason}
    if not any(counts.values()):
        return ""
    why = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"the gradient is unreliable at {sum(counts.values()):,} of {marks.size:,} points ({why})"
