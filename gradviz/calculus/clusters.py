"""Sets of critical points: clusters, neighbours, and lines of degenerate points.

Lengths are relative to the ranges.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.newton import ScaledField, newton, spectrum

_ON_LINE = 5e-3  # distance along a line of critical points at which the next one is searched for
_SPACING = 0.1  # smallest distance between the points that represent lines
_MAX_ON_LINES = 12  # number of points that represent all lines


def thinned(points: Floats, most: int) -> Floats:
    """Return points (N, D), or `most` of them at equal intervals if there are more."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]


def merged(scaled: ScaledField, points: Floats, distance: float) -> tuple[Floats, Floats]:
    """Return the first point of each cluster of points (N, D), and the radius of each cluster.

    The points in one cell of a grid are merged, on D + 1 grids that are shifted to each other: on one of them
    no cell boundary divides a cluster that is small relative to `distance`.
    """
    count = points.shape[-1]
    kept, labels = np.arange(len(points)), np.arange(len(points))
    for shift in range(count + 1):
        cells = np.floor((points[kept] - scaled.low) / (distance * scaled.length) + shift / (count + 1))
        _, firsts, groups = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(firsts)  # keeps the order of the points
        kept, labels = kept[firsts[order]], np.argsort(order)[groups.reshape(-1)][labels]
    spreads = np.zeros(len(kept))
    np.maximum.at(spreads, labels, magnitudes((points - points[kept][labels]) / scaled.length))
    return points[kept], spreads


def spread(scaled: ScaledField, points: Floats) -> Floats:
    """Return a spread-out subset of points (N, D): each is the farthest from those before it."""
    points = points[np.lexsort(points.T[::-1])]
    if not len(points):
        return points
    kept = [points[0]]
    distances = magnitudes((points - kept[0]) / scaled.length)
    while len(kept) < _MAX_ON_LINES and distances.max() > _SPACING:
        kept.append(points[distances.argmax()])
        distances = np.minimum(distances, magnitudes((points - kept[-1]) / scaled.length))
    return np.array(kept)


def is_near_any(
    scaled: ScaledField, points: Floats, others: Sequence[Floats] | Floats, distance: float
) -> NDArray[np.bool_]:
    """Return whether points (N, D) are within a distance of any of the others (M, D), as a mask (N,)."""
    near = np.zeros(len(points), bool)
    if len(points) < len(others):
        for k, point in enumerate(points):
            near[k] = (magnitudes((np.asarray(others) - point) / scaled.length) <= distance).any()
        return near
    for other in others:
        near |= magnitudes((points - other) / scaled.length) <= distance
    return near


def is_on_line(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
    """Return a mask (N,) of degenerate points (N, D) that have another critical point nearby.

    Newton's method searches for it along the eigenvectors and towards the nearest of the other points.
    """
    _, vectors = spectrum(scaled.hessian(points))
    towards = (points[nearest(scaled, points)[0]] - points) / scaled.length
    with np.errstate(invalid="ignore"):
        towards /= magnitudes(towards)[:, None]
    directions = np.concatenate([np.swapaxes(vectors, 1, 2), towards[:, None]], axis=1)
    # axes of the starts: points, both sides, directions, coordinates
    shifts = np.einsum("s,nki->nski", (-_ON_LINE, _ON_LINE), directions * scaled.length)
    starts = points[:, None, None] + shifts
    zeros, _ = newton(scaled, starts.reshape(-1, points.shape[-1]))
    distances = magnitudes((zeros.reshape(starts.shape) - points[:, None, None]) / scaled.length)
    near = (distances > 0.3 * _ON_LINE) & (distances < 3 * _ON_LINE)
    return np.asarray(near.any(axis=(1, 2)))


def nearest(scaled: ScaledField, points: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the index (N,) of the nearest other point to each point (N, D), and its distance (N,)."""
    if not len(points):
        return np.zeros(0, np.intp), np.zeros(0)
    distances = magnitudes((points[:, None] - points) / scaled.length)
    distances[np.diag_indices(len(points))] = np.inf
    return distances.argmin(axis=-1), distances.min(axis=-1)
