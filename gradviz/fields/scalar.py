"""The interface of fields: scalar functions of points, given by a formula or by Python code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats


class ScalarField(ABC):
    """A scalar function of points: `field(points)` maps (..., D) to (...).

    A value is finite, or NaN where the function is undefined, complex or overflows double precision.
    """

    has_formula: ClassVar[bool]
    """Whether the gradient can be computed exactly, not only by finite differences."""

    def __init__(self, text: str, variables: tuple[str, ...], notes: tuple[str, ...] = ()) -> None:
        """Store the source text, the names of the D variables, and warnings to the user."""
        self.text = text
        self.variables = variables
        self.notes = notes

    @property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D partial derivatives as expressions; empty without a formula."""
        return ()

    @abstractmethod
    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""

    @abstractmethod
    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether the value overflows double precision at points (..., D), as a mask (...)."""

    def has_overflow(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether a part of the formula overflows at points (..., D), as a mask (...)."""
        return np.zeros(np.shape(points)[:-1], np.bool_)

    def denominators(self, points: ArrayLike) -> list[Floats]:  # noqa: ARG002 - formulas have denominators
        """Return the values (...) of each denominator at points (..., D); an empty list without a formula."""
        return []

    def overflow_hint(self, points: ArrayLike) -> str:  # noqa: ARG002 - formulas have hints
        """Return advice for points (..., D) where a part overflows and another form does not, or ""."""
        return ""

    @abstractmethod
    def gradient(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) at points (..., D), exact if the field has a formula."""

    @abstractmethod
    def hessian(self, points: ArrayLike) -> Floats:
        """Return the Hessians (..., D, D) at points (..., D), exact if the field has a formula."""

    @abstractmethod
    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether points (..., D) are in the region of the field, as a mask (...)."""

    @property
    @abstractmethod
    def whole(self) -> ScalarField:
        """The field without the restriction to its region; the field itself if it has no region."""

    @property
    @abstractmethod
    def operations(self) -> int:
        """The number of array operations of one gradient, a measure of its cost."""
