"""Verification of zeros of a gradient by its values at neighbouring points.

Poles, kinks, jumps and flat tails are no critical points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import EPS
from gradviz.calculus.newton import CLOSE, ROUGH_PLACES, ScaledField, spectrum

_NEAR = (1e-6, 1e-4, 1e-2)  # distances of the neighbours that verify a point, relative to the ranges
_SIGNLESS = 1e-12  # magnitude of a slope that is rounding, relative to the value
_UNDERFLOW = 1e-280  # magnitude of a slope up to which it is an underflow, as on a plateau

VALID, GAP, KINK, FLAT, _EDGE, _TAIL = range(6)


def verdicts(scaled: ScaledField, points: Floats, linear: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Return the verdict (N,) on points (N, D) from the gradients and values at neighbouring points.

    Near a critical point, slopes shrink with the distance, and the differences of the values follow from
    them; not so at a kink or a jump, or on the tail of an exponential. On a plateau all slopes are zero. A
    point with an undefined neighbour is on the boundary of the domain.
    """
    count = points.shape[-1]
    values = scaled.field(points)
    directions = np.vstack([np.eye(count), 1 / np.sqrt(1.0 + np.arange(count))]) * scaled.length
    # axes of the neighbours: points, distances, directions, both sides, coordinates
    around = points[:, None, None, None] + np.einsum("d,ak,s->dask", _NEAR, directions, (-1.0, 1.0))
    signed = scaled.gradient(around)
    slopes = np.abs(signed).max(axis=-1)
    changes = np.abs(scaled.field(around[:, 0]) - values[:, None, None])
    edge = np.isnan(slopes[:, 0]).any(axis=(-1, -2)) | np.isnan(values)
    rounding = 1e-12 * scaled.median_slope
    explained = 2 * count * _NEAR[0] * slopes[:, 0] + 4 * EPS * np.abs(values)[:, None, None] + rounding
    steep = slopes[:, 0].max(axis=(-1, -2)) > _SIGNLESS * np.abs(values)  # else the signs are rounding
    jump = (changes > explained).any(axis=(-1, -2)) | (_does_not_shrink(slopes, rounding) & ~linear)
    flat = (np.nan_to_num(slopes[:, :2]) <= _UNDERFLOW).all(axis=(1, 2, 3))
    hole = np.isnan(scaled.field(scaled.rounded(points, ROUGH_PLACES)))
    tail = _does_not_vanish(scaled, points, np.einsum("ndasa->ndsa", signed[:, :2, :count]))
    conditions = {_EDGE: edge, GAP: hole, FLAT: flat, KINK: jump & steep, _TAIL: tail | jump}
    return np.select(list(conditions.values()), list(conditions), VALID)


def _does_not_vanish(scaled: ScaledField, points: Floats, neighbours: Floats) -> NDArray[np.bool_]:
    """Return a mask (N,) of points (N, D) where a slope is small only relative to the other ones.

    An example is exp(x) + y^2, which decreases along y = 0. There, a variable without curvature has slopes of
    the same sign at the point and on both sides, of similar magnitude. `neighbours` (N, distances, sides, D)
    are the slopes at neighbours along the axis of each variable.
    """
    slopes, curvatures = scaled.gradient(points), np.abs(np.nan_to_num(scaled.hessian(points)))
    null = curvatures.max(axis=-1) <= 1e-13 * curvatures.max(axis=(-1, -2))[:, None]
    same = (np.sign(neighbours) == np.sign(slopes)[:, None, None]).all(axis=(1, 2)) & (slopes != 0)
    similar = np.abs(slopes) > 0.1 * np.abs(neighbours).max(axis=(1, 2))
    return np.asarray((null & same & similar).any(axis=-1))


def _does_not_shrink(slopes: Floats, noise: float) -> NDArray[np.bool_]:
    """Return a mask (N,) of points whose |slopes| (N, distances, directions, sides) do not shrink nearby."""
    near, far, farthest = np.moveaxis(np.nan_to_num(np.fmax.reduce(slopes, axis=-1)), 1, 0)
    negligible = 1e-9 * farthest.max(axis=-1, keepdims=True) + noise
    return np.asarray((near > 0.5 * far + negligible).any(axis=-1))


def eigenvalue_signs(scaled: ScaledField, points: Floats, spreads: Floats) -> NDArray[np.int_]:
    """Return the signs (N, D) of the eigenvalues of the Hessian at points (N, D), 0 for vanishing ones.

    An eigenvalue vanishes if it is rounding relative to the largest, or if it changes by a quarter of its
    magnitude over the uncertainty of the point, for which `spreads` (N,) are the radii of clusters: x^4 has
    the second derivative 0 at 0, but not at 1e-8.
    """
    values = spectrum(scaled.hessian(points)).values
    uncertainty = np.maximum(CLOSE, 3 * spreads)[:, None]
    changes = np.zeros(values.shape)
    for shift in (*np.diag(scaled.length), *-np.diag(scaled.length)):
        shifted = spectrum(scaled.hessian(points + uncertainty * shift)).values
        changes = np.fmax(changes, np.abs(shifted - values))
    rounding = 1e-12 if scaled.exact else 1e-9
    negligible = np.maximum(4 * changes, rounding * np.abs(values).max(axis=-1, initial=0, keepdims=True))
    return np.where(np.abs(values) > negligible, np.sign(values), 0).astype(int)


def is_linear(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
    """Return a mask (N,) of points (N, D) near which the gradient changes as the Hessian predicts.

    Elsewhere there is a kink, a zero eigenvalue, or a zero by rounding, as of sigmoid(x) - 1 from 37 on.
    """
    values, vectors = spectrum(scaled.hessian(points))
    grows = np.zeros(values.shape, bool)
    for distance in _NEAR[:2]:
        for k in range(values.shape[-1]):
            along = vectors[..., k]
            after, before = (
                scaled.gradient(points + shift * along * scaled.length) for shift in (distance, -distance)
            )
            change = ((after - before) / 2 * along).sum(axis=-1)
            predicted = distance * values[..., k]
            grows[:, k] |= np.abs(change - predicted) <= 0.5 * np.abs(predicted)
    return np.asarray((grows & (values != 0)).all(axis=-1))
