"""One-sided derivatives of functions of one variable."""

from __future__ import annotations

import math

import numpy as np

from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField

_STEP_SHARE = 1e-4  # step of one-sided differences, as a share of the scale
_ONE_SIDED = (-11 / 6, 3.0, -3 / 2, 1 / 3)  # of f(x), f(x + h), f(x + 2h), f(x + 3h): the derivative, to h^3


def one_sided_slopes(field: ScalarField, at: float, scale: float) -> tuple[float, float]:
    """Return the derivatives to the left and to the right of a coordinate, infinite where unbounded.

    A formula decides by limits; other functions have third-order differences over a share of `scale`.

    B. Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids", 1988, table 3.
    """
    if isinstance(field, Field):
        from gradviz.calculus.pointwise import slopes_beside  # needs mpmath, which most figures do not

        left, right = slopes_beside(field.precise, [at])
        if not (math.isnan(left) or math.isnan(right)):
            return left, right
    step = _STEP_SHARE * scale
    sides = [
        field((at + sign * step * np.arange(4))[:, None]) @ np.array(_ONE_SIDED) / (sign * step)
        for sign in (-1, 1)
    ]
    return float(sides[0]), float(sides[1])
