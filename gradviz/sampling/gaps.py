"""Removable gaps of a curve: points at which a function is undefined although it has a limit there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.values import Flags, drawable

_ZOOMS, _ZOOM_POINTS = 26, 9  # each zoom divides the interval around a zero by 4: up to neighbouring doubles
_DENOMINATOR_SHARE = 1e-9  # of a denominator nearby: a smaller minimum of its magnitude is a zero
_ASIDE = (1 / 64, 1 / 256)  # distances from a gap in cells, at which the limits are taken
_AGREE_SHARE = 1e-2  # of the span of the values: largest difference of values that have one limit
_NOISE_SHARE = 1e-6  # of the values: differences that rounding errors may be
_SAME_SHARE = 1e-9  # of a cell: zeros that are closer are one
_MOST = 64  # number of gaps that are looked for


@dataclass(frozen=True, eq=False)
class Gaps:
    """Removable gaps at coordinates (K,), and the limits (K,) of the function there."""

    at: Floats
    limits: Floats


def removable_gaps(field: ScalarField, x: Floats, values: Floats, cell: float) -> Gaps:
    """Return the removable gaps of a function of one variable, with values (n,) at coordinates (n,).

    Gaps are single undefined points among `x`, and zeros of the denominators of a formula. The limits from
    both sides must agree, at distances of 1/64 and 1/256 of a cell. Costs some 300 evaluations for each gap.
    """
    unknown = np.isnan(values)
    single = np.flatnonzero(unknown[1:-1] & ~unknown[:-2] & ~unknown[2:]) + 1
    zeros = _zeros(field, x)
    zeros = np.where(np.abs(zeros) < _SAME_SHARE * cell, 0.0, zeros)
    found = np.unique(np.concatenate([x[single], zeros]))
    found = found[np.diff(found, prepend=-np.inf) > _SAME_SHARE * cell]
    found = found[(found > x[0]) & (found < x[-1])][:_MOST]
    if not found.size:
        return Gaps(found, found)
    found = found[~_is_chosen(field, found)]
    near = [drawable(field((found + side * share * cell)[:, None])) for share in _ASIDE for side in (-1, 1)]
    known = values[~unknown]
    span = float(np.ptp(known)) if known.size else 0.0
    worst = np.max([np.abs(one - near[-1]) for one in near], axis=0)
    size = max(span, float(np.max(np.abs(known), initial=0.0)))
    far, close = np.abs(near[0] - near[1]), np.abs(near[2] - near[3])
    meets = close <= np.maximum(far / 2, _NOISE_SHARE * size)  # as it does not at a jump
    is_removable = meets & (worst <= (_AGREE_SHARE * span or _NOISE_SHARE * size))
    # The mean of both sides has an error of the second order, which the two distances extrapolate away.
    limits = (16 * (near[2] + near[3]) - (near[0] + near[1])) / 30
    return Gaps(found[is_removable], limits[is_removable])


def _is_chosen(field: ScalarField, x: Floats) -> Flags:
    """Return whether (K,) f has a value although a denominator is 0: that of another piece."""
    is_zero = np.zeros(len(x), np.bool_)
    for values in field.denominators(x[:, None]):
        is_zero |= values == 0
    return is_zero & np.isfinite(field(x[:, None]))


def _zeros(field: ScalarField, x: Floats) -> Floats:
    """Return the zeros (K,) of the denominators of a formula, between coordinates (n,) in ascending order."""
    found = []
    for index, values in enumerate(field.denominators(x[:, None])):
        sizes = np.abs(values)
        left, right = np.roll(sizes, 1), np.roll(sizes, -1)
        lowest = np.flatnonzero((sizes <= left) & (sizes <= right) & np.isfinite(left + right))
        lowest = lowest[(lowest > 0) & (lowest < len(x) - 1)]
        if not lowest.size or len(lowest) > _MOST:
            continue
        low, high = x[lowest - 1], x[lowest + 1]
        around = np.maximum(left, right)[lowest]
        for _ in range(_ZOOMS):
            places = low + np.linspace(0, 1, _ZOOM_POINTS)[:, None] * (high - low)
            heights = np.abs(field.denominators(places[..., None])[index])
            best = np.argmin(np.where(np.isnan(heights), np.inf, heights), axis=0)
            columns = np.arange(len(lowest))
            low = places[np.maximum(best - 1, 0), columns]
            high = places[np.minimum(best + 1, _ZOOM_POINTS - 1), columns]
        at, least = places[best, columns], heights[best, columns]
        found.append(at[least <= _DENOMINATOR_SHARE * around])
    return np.concatenate([x[:0], *found])
