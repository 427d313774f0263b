"""What figures know of a function, whether it stands in a formula or in a Python file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats


class ScalarField(ABC):
    """A function of points: `field(points)` maps (..., D) to (...).

    A value is finite, or NaN where the function is undefined, complex or beyond double precision.
    """

    has_formula: ClassVar[bool]
    """Whether its gradient can be exact, and not by differences only."""

    def __init__(self, text: str, variables: tuple[str, ...], notes: tuple[str, ...] = ()) -> None:
        """Take the text of the function, the names of its D variables, and warnings to the user."""
        self.text = text
        self.variables = variables
        self.notes = notes

    @property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D partial derivatives in the language of expressions; none without a formula."""
        return ()

    @abstractmethod
    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""

    @abstractmethod
    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the value is not undefined but beyond double precision: (...)."""

    @abstractmethod
    def gradient(self, points: ArrayLike) -> Floats:
        """Return the best gradient there is (..., D) at points (..., D)."""

    @abstractmethod
    def hessian(self, points: ArrayLike) -> Floats:
        """Return the second derivatives (..., D, D) at points (..., D)."""

    @abstractmethod
    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the field's region holds: (...), everywhere if it has none."""

    @property
    @abstractmethod
    def whole(self) -> ScalarField:
        """The same function without its region; itself if it has none."""

    @property
    @abstractmethod
    def operations(self) -> int:
        """How many array operations the gradient takes, a measure of the function's size."""
