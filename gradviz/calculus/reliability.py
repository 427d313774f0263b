"""Error estimates of gradients, with a reason code for each unreliable point."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes

_RELATIVE_TOLERANCE = 1e-6  # largest error of a reliable gradient, relative to its norm
AGREE = 30  # two estimates contradict if they differ by more than this multiple of their errors
_FAINT = 1e-2  # a slope below this multiple of its floor counts as zero, however small its error is
_SMALL_SHARE = (
    1e-5  # an error below this multiple of its floor is small beside the change of the slope nearby
)
INVISIBLE_SLOPE = 1e-150  # slope that counts as zero: its square underflows double precision
ROUNDED_UP = 1 + 2.0**-50  # factor that covers the rounding errors of a bound
ZERO_ERRORS = 20  # a slope below this multiple of its error may be zero


class Reason(IntEnum):
    """The reason why a gradient is unreliable at a point."""

    NONE = 0
    """The gradient is reliable."""
    UNDEFINED = 1
    """The function is undefined or complex at the point."""
    POLE = 2
    """The function is unbounded near the point."""
    JUMP = 3
    """The function has different one-sided limits at the point."""
    KINK = 4
    """The function has different one-sided derivatives at the point."""
    EDGE = 5
    """The point is on the boundary of the domain, or the derivative is unbounded there."""
    NOISE = 6
    """The estimated error is too large for none of the other reasons."""
    CUSP = 7
    """The slope grows without bound on both sides, with opposite signs."""
    VERTICAL = 8
    """The tangent is vertical: the slope grows without bound, with the same sign on both sides."""
    OVERFLOW = 9
    """The function, a part of it or its gradient overflows double precision at the point."""

    @property
    def word(self) -> str:
        """The reason as one word; empty for NONE."""
        return self.name.lower() if self else ""

    @property
    def sentence(self) -> str:
        """The reason as a sentence about the point."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.NONE: "the gradient is reliable there",
    Reason.UNDEFINED: "the function is undefined or complex there",
    Reason.POLE: "the function has a pole there",
    Reason.JUMP: "the function has a jump there",
    Reason.KINK: "the function has a kink there",
    Reason.EDGE: "the derivative is undefined or unbounded there",
    Reason.NOISE: "the derivative cannot be resolved in double precision there",
    Reason.CUSP: "the function has a cusp there",
    Reason.VERTICAL: "the tangent is vertical there",
    Reason.OVERFLOW: "a part of the function overflows double precision there",
}


class Estimate(NamedTuple):
    """A gradient with its estimated error at points (..., D)."""

    values: Floats
    """The values (...) of the function."""
    gradient: Floats
    """The gradient (..., D)."""
    error: Floats
    """The estimated absolute error (..., D) of the gradient."""
    marks: NDArray[np.uint8]
    """The reason codes (...): a `Reason` as a number, 0 where the gradient is reliable."""
    floors: Floats | float = 0.0
    """Errors (..., D) below which a slope that may be zero is reliable: they change f invisibly little."""

    @property
    def reliable(self) -> NDArray[np.bool_]:
        """Mask (...) of points where the gradient is reliable."""
        return np.equal(self.marks, Reason.NONE)

    def reason(self) -> Reason:
        """Return the reason of an estimate at one point."""
        return Reason(int(self.marks))

    def reasons(self) -> list[str]:
        """Return the reason of each point in the order of `marks.ravel()`, as a word; empty if reliable."""
        words = {reason.value: reason.word for reason in Reason}
        return [words[code] for code in self.marks.ravel().tolist()]


class Reference(NamedTuple):
    """Values and gradients at points (..., D), with bounds on the errors of gradients."""

    values: Floats
    """The values (...) of the function."""
    gradient: Floats
    """The gradient (..., D), NaN where it does not exist."""
    error: Floats
    """The bound (..., D) on its absolute error; infinite where it is unknown."""
    marks: NDArray[np.uint8]
    """The reason codes (...) of points without a gradient; 0 elsewhere."""
    known: NDArray[np.bool_]
    """Mask (...) of points where the gradient, or its absence, is known."""


def estimated(
    values: Floats,
    gradient: Floats,
    error: Floats,
    floors: Floats | float = 0.0,
    reasons: NDArray[np.uint8] | None = None,
) -> Estimate:
    """Return an estimate with the reason code of each point.

    A gradient is reliable if the error (..., D) of each component is small relative to the norm, or if the
    component is zero up to an error below its floor. Other points get the smallest of the `reasons` (..., D)
    of the components that are not, by default NOISE.
    """
    reasons = np.full(gradient.shape, Reason.NOISE, np.uint8) if reasons is None else reasons
    codes = np.zeros(values.shape, np.uint8)
    with np.errstate(all="ignore"):
        largest_zero = np.maximum(ZERO_ERRORS * error, _FAINT * floors)
        zero = (np.abs(gradient) <= largest_zero) & (error <= floors)
        zero |= error <= _SMALL_SHARE * floors
        rough = ~((error <= _RELATIVE_TOLERANCE * magnitudes(gradient)[..., None]) | zero)
    highest = np.uint8(max(Reason))
    smallest = np.where(rough, reasons, highest).min(axis=-1, initial=highest)
    codes = np.where(rough.any(axis=-1), smallest, codes)
    codes[np.isnan(gradient).any(axis=-1)] = Reason.EDGE
    codes[np.isnan(values)] = Reason.UNDEFINED
    return Estimate(values, gradient, error, codes, floors)


def contradicted(estimate: Estimate, other: Estimate) -> Estimate:
    """Return `estimate` with the reason NOISE where `other` differs by more than both errors allow."""
    with np.errstate(all="ignore"):
        difference = magnitudes(estimate.gradient - other.gradient)
        allowed = AGREE * magnitudes(estimate.error + other.error)
        allowed += _RELATIVE_TOLERANCE * magnitudes(other.gradient)
        contradicts = (difference > allowed) & estimate.reliable
    return estimate._replace(marks=np.where(contradicts, np.uint8(Reason.NOISE), estimate.marks))


def referred(estimate: Estimate, found: Reference) -> Estimate:
    """Return `estimate` with the errors and reason codes that a reference gradient gives where known."""
    with np.errstate(all="ignore"):
        difference = np.abs(estimate.gradient - found.gradient) + found.error
    difference = ROUNDED_UP * np.where(np.isnan(difference), np.inf, difference)
    errors = np.where(found.known[..., None], difference, estimate.error)
    floors = np.where(
        np.isinf(estimate.floors), INVISIBLE_SLOPE, np.maximum(estimate.floors, INVISIBLE_SLOPE)
    )
    values = np.where(found.known, found.values, estimate.values)
    own = estimated(values, estimate.gradient, errors, floors)
    is_smooth = np.equal(own.marks, Reason.NONE) & np.isfinite(own.error).all(axis=-1)
    smooth = np.where(is_smooth, Reason.NONE, Reason.NOISE)
    marks = np.where(np.equal(found.marks, Reason.NONE), smooth, found.marks)
    return own._replace(marks=np.where(found.known, marks, estimate.marks).astype(np.uint8))


def unreliable(marks: NDArray[np.uint8]) -> str:
    """Return the warning about unreliable points, given all reason codes; empty if all are reliable."""
    counts = {reason.word: int((marks == reason).sum()) for reason in Reason if reason}
    if not any(counts.values()):
        return ""
    why = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"the gradient is unreliable at {sum(counts.values()):,} of {marks.size:,} points ({why})"
