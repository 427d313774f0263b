"""Reference gradients of formulas: correctly rounded where doubles do not suffice, with reason codes."""

from __future__ import annotations

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.reliability import Reason, Reference
from gradviz.fields.field import Field

_PRECISE_OPERATIONS = 2_000_000  # largest number of operations, times variables: some 10 seconds
_SMALL_ERROR = 1e-9  # rounding error that does not matter, relative to the norm of the gradient


def reference(field: Field, points: Floats, *, everywhere: bool, most: int) -> Reference:
    """Return the reference gradient of a formula at points (..., D).

    With `everywhere`, every point gets a correctly rounded gradient, else those with a value where rounding
    errors matter or an operation is not smooth; in both cases at most `most` points, fewer for long formulas.
    """
    most = min(most, _PRECISE_OPERATIONS // (field.operations * points.shape[-1] + 1) + 1)
    gradient, error, singular = field.gradient_with_error(points)
    with np.errstate(all="ignore"):
        known = np.asarray(np.isfinite(gradient + error).all(axis=-1) & ~singular)
        is_small = error.max(axis=-1, initial=0.0) <= _SMALL_ERROR * magnitudes(gradient)
        values = np.array(field(points))
        spacing = np.where(points, np.spacing(np.abs(points)), 0.0)  # a coordinate of 0 is not rounded
        rounding = (np.abs(gradient) * spacing / 2).max(axis=-1, initial=0.0)
        doubtful = ~(known & is_small) | (rounding > np.abs(values))
    refined = np.full(known.shape, everywhere) | np.asarray(doubtful & ~np.isnan(values))
    marks = np.zeros(known.shape, np.uint8)
    error[~known] = np.inf
    for index in map(tuple, np.argwhere(refined)[:most].tolist()):
        from gradviz.calculus.pointwise import gradient_at  # needs mpmath, which most figures do not

        answer = gradient_at(field.precise, points[index].tolist())
        if answer is not None:
            gradient[index], error[index], marks[index] = answer.slopes, answer.errors, answer.reason
            known[index] = True
            if answer.value is not None and not np.isnan(values[index]):
                values[index] = answer.value
    marks[known & np.equal(marks, Reason.NONE) & np.isnan(values)] = Reason.OVERFLOW  # of a part
    return Reference(values, gradient, error, marks, known)
