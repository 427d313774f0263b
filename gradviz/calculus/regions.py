"""The gradient of a field that is restricted to a region."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points
from gradviz.calculus.gradients import Gradient, gradient
from gradviz.calculus.reliability import Estimate, Reason
from gradviz.fields.scalar import ScalarField


@dataclass(frozen=True)
class _RegionGradient(Gradient):
    """The gradient of the unrestricted field, with NaN outside the region.

    At the boundary of the region, finite differences use points on both sides.
    """

    field: ScalarField = field(kw_only=True)

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the gradient (..., D) at points (..., D), NaN outside the region."""
        points = as_points(points)
        return np.where(self._outside(points)[..., None], np.nan, super().__call__(points))

    def estimate(self, points: ArrayLike) -> Estimate:
        """Return the estimate at points (..., D), NaN with the reason UNDEFINED outside the region."""
        points = as_points(points)
        whole, outside = super().estimate(points), self._outside(points)
        return Estimate(
            np.where(outside, np.nan, whole.values),
            np.where(outside[..., None], np.nan, whole.gradient),
            whole.error,
            np.where(outside, np.uint8(Reason.UNDEFINED), whole.marks),
        )

    def _outside(self, points: Floats) -> NDArray[np.bool_]:
        return ~self.field.contains(points)


def gradient_within(
    function: ScalarField,
    *,
    method: str = "adaptive",
    step: float | None = None,
    scale: tuple[float, ...] | None = None,
) -> Gradient:
    """Return the gradient of a field, NaN outside its region; the options are those of `gradient`."""
    whole = gradient(function.whole, method=method, step=step, scale=scale)
    if function.whole is function:
        return whole
    return _RegionGradient(whole.function, whole.method, whole.step, whole.scale, field=function)
