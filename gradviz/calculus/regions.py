"""The gradient of a function that is looked at in a region only."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points
from gradviz.calculus.gradients import Gradient, gradient
from gradviz.calculus.reliability import Estimate, Reason
from gradviz.fields.scalar import ScalarField


@dataclass(frozen=True)
class _Within(Gradient):
    """Inside the region it is that of the whole function, at its edge too, where differences reach beyond."""

    field: ScalarField = field(kw_only=True)

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) at points (..., D), NaN outside of the region."""
        points = as_points(points)
        slopes = super().__call__(points)
        slopes[self._outside(points)] = np.nan
        return slopes

    def estimate(self, points: ArrayLike) -> Estimate:
        """Return values, gradient and error at points (..., D): NaN, and marked as such, outside."""
        points = as_points(points)
        found, outside = super().estimate(points), self._outside(points)
        masked = (
            np.where(outside, np.nan, found.values),
            np.where(outside[..., None], np.nan, found.gradient),
        )
        return Estimate(*masked, found.error, np.where(outside, np.uint8(Reason.UNDEFINED), found.marks))

    def _outside(self, points: Floats) -> NDArray[np.bool_]:
        return ~self.field.contains(points)


def gradient_within(
    function: ScalarField,
    *,
    method: str = "adaptive",
    step: float | None = None,
    scale: tuple[float, ...] | None = None,
) -> Gradient:
    """Return the gradient of a field, NaN outside of its region; the rest is as for `gradient`."""
    found = gradient(function.whole, method=method, step=step, scale=scale)
    if function.whole is function:
        return found
    return _Within(found.function, found.method, found.step, found.scale, field=function)
