"""Critical points of a field, classified by the eigenvalues of the Hessian.

Newton's method finds zeros of the gradient from many starts at once. Each is then verified at neighbouring
points, since poles, kinks, jumps and flat tails are no critical points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, axis, magnitudes
from gradviz.calculus.differences import EPS
from gradviz.calculus.newton import CLOSE, ROUGH_PLACES, ScaledField, newton, spectrum
from gradviz.calculus.points import MISSING, CriticalPoint, CriticalPoints, Kind, listed
from gradviz.fields.requirements import require_flint
from gradviz.fields.scalar import ScalarField
from gradviz.limits import CRITICAL_POINTS

# Nodes along each axis, by the number of variables, of the fine mesh, on which sign changes of the partial
# derivatives are located, and of the coarse mesh of starts, which is a subset of it.
_FINE = {1: 4001, 2: 201, 3: 41, 4: 16, 5: 10, 6: 7, 7: 4, 8: 3, 9: 3}
_COARSE = {1: 201, 2: 21, 3: 9, 4: 6, 5: 4, 6: 3}
_FEWEST_NODES = 2  # nodes along each axis for more variables than in these tables
_MAX_DENSE = 4  # number of variables above which the meshes are too coarse for a complete search
_MAX_STARTS = 9_000
_CROWDED = 3  # median distance of the results, in cells of the fine mesh, below which some may be missing
_MAX_DEGENERATE = 300  # number of degenerate points that are tested for lying on a line

# Lengths are relative to the ranges.
_OUTSIDE = 1e-9  # distance by which rounding may move a point on a limit of the range out of it
_SAME = 1e-5  # distance up to which results of Newton's method are one point
_SAME_DEGENERATE = 3e-3  # distance where an eigenvalue vanishes, and rounding spreads the results
_NEAR = (1e-6, 1e-4, 1e-2)  # distances of the neighbours that verify a point
_ON_LINE = 5e-3  # distance along a line of critical points at which the next one is searched for
_SPACING = 0.1  # smallest distance between the points that represent lines
_MAX_ON_LINES = 12  # number of points that represent all lines
_UNDERFLOW = 1e-280  # magnitude of a slope up to which it is an underflow, as on a plateau


def critical_points(
    field: ScalarField, ranges: Sequence[Sequence[float]], *, certify: bool = False, limit: float = 10.0
) -> CriticalPoints:
    """Find the critical points of a field and classify them by the eigenvalues of the Hessian.

    The coordinates are accurate to rounding. The starts are on a mesh, so points much closer to each other
    than a cell may be missed; a cell is 1/200 of the range of two variables, 1/40 of three.

    Parameters
    ----------
    field : Field
        A function of D variables.
    ranges : sequence of D (low, high)
        The interval of each variable; its limits are included.
    certify : bool, default False
        Prove that the points are complete, by interval arithmetic. Needs a `Field` and python-flint.
    limit : float, default 10.0
        Processor time of the proof, in seconds.

    Returns
    -------
    CriticalPoints
        `points`, a tuple of `CriticalPoint` with `at`, `value`, `kind` ("minimum", "maximum", "saddle" or
        "degenerate") and `eigenvalues`, sorted by kind; and `notes`, warnings about the search. A line of
        critical points is represented by up to 12 degenerate points. A constant function has none. With
        `certify`, `proof` has the boxes that stay open, and proven points have an `enclosure`.

    Raises
    ------
    RequestError
        If `certify` is true and the function has no formula, or python-flint is not installed.

    References
    ----------
    P. Deuflhard, "Newton Methods for Nonlinear Problems", 2004, section 3.3.

    Examples
    --------
    >>> import gradviz
    >>> from gradviz.calculus import critical_points
    >>> critical_points(gradviz.field("x0*x1"), [(-1, 1), (-1, 1)]).points
    (CriticalPoint(at=(0.0, 0.0), value=0.0, kind='saddle', eigenvalues=(-1.0, 1.0), enclosure=None),)
    """
    if certify:
        require_flint()
        from gradviz.calculus.certify import certified_points  # needs python-flint

        return certified_points(field, ranges, critical_points(field, ranges), limit)
    limits = np.array([(low, high) for low, high, *_ in ranges], np.float64).reshape(-1, 2)
    scaled = ScaledField(field, limits[:, 0], limits[:, 1] - limits[:, 0])
    if not len(limits):
        return CriticalPoints((), ("the expression is a constant",))
    starts, incomplete, sizes, values = _starts(scaled)
    if not sizes.size:
        return CriticalPoints(
            (), ("the range has no gradient: the function is undefined or has no slope there",)
        )
    if (sizes <= 8 * EPS * np.abs(values)).all():
        return CriticalPoints((), ("the function is constant over the range, except for rounding and jumps",))
    scaled = replace(scaled, median_slope=float(np.median(sizes[sizes > 0])))
    results, complete = newton(scaled, starts)
    found, notes = _classified(scaled, _inside(scaled, results))
    if incomplete or not complete or len(limits) > _MAX_DENSE or _is_crowded(scaled, found):
        notes.append(MISSING)
    return listed(found, notes)


def _starts(scaled: ScaledField) -> tuple[Floats, bool, Floats, Floats]:
    """Return starts (N, D), True if some were dropped, and norms of gradients and values (M,) on a mesh.

    The starts are the nodes of the coarse mesh, and the centres of the cells of the fine mesh in which each
    partial derivative changes its sign.
    """
    count = len(scaled.low)
    fine = _FINE.get(count, _FEWEST_NODES)
    lines = [axis((low, low + length), fine) for low, length in zip(scaled.low, scaled.length, strict=True)]
    nodes = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)
    slopes, values = scaled.gradient(nodes), scaled.field(nodes)
    low, high, centres = slopes, slopes, nodes  # of the corners of each cell, joined axis by axis
    for along in range(count):
        first, second = ((slice(None),) * along + (part,) for part in (slice(None, -1), slice(1, None)))
        low, high = np.minimum(low[first], low[second]), np.maximum(high[first], high[second])
        centres = (centres[first] + centres[second]) / 2
    sign_changes = centres[((low <= 0) & (high >= 0)).all(axis=-1) & (low < high).any(axis=-1)]
    step = (fine - 1) // (_COARSE.get(count, _FEWEST_NODES) - 1)
    coarse = nodes[(slice(None, None, step),) * count].reshape(-1, count)
    sizes, starts = magnitudes(slopes), np.concatenate([sign_changes, coarse])
    limit = min(_MAX_STARTS, scaled.max_starts)
    known = np.isfinite(sizes)
    return _thinned(starts, limit), len(starts) > limit, sizes[known], values[known]


def _is_crowded(scaled: ScaledField, found: list[CriticalPoint]) -> bool:
    """Return whether half of the points have a neighbour within a few cells: others may be between them."""
    count = len(scaled.low)
    points = _thinned(np.array([point.at for point in found]).reshape(-1, count), CRITICAL_POINTS)
    cell = 1 / (_FINE.get(count, _FEWEST_NODES) - 1)
    return len(points) > 2 and bool(np.median(_nearest(scaled, points)[1]) < _CROWDED * cell)


def _inside(scaled: ScaledField, points: Floats) -> Floats:
    """Return the points (N, D) that are in the ranges, those outside by rounding moved to the limits."""
    high = scaled.low + scaled.length
    margin = _OUTSIDE * scaled.length
    inside = ((points >= scaled.low - margin) & (points <= high + margin)).all(axis=-1)
    return np.clip(points[inside], scaled.low, high)


def _classified(scaled: ScaledField, zeros: Floats) -> tuple[list[CriticalPoint], list[str]]:
    """Return the critical points among zeros (N, D) of the gradient, and warnings about the other ones."""
    order = np.argsort(magnitudes(scaled.gradient(zeros)), kind="stable")
    points, spreads = _merged(scaled, zeros[order], _SAME)
    linear = _is_linear(scaled, points)
    verdicts = _verdicts(scaled, points, linear)
    notes = [_counted(text, int((verdicts == v).sum())) for v, text in _NOTES.items() if v in verdicts]
    valid = verdicts == _VALID
    regular = (_signs(scaled, points, spreads) != 0).all(axis=-1)
    degenerate, _ = _merged(scaled, points[valid & ~regular], _SAME_DEGENERATE)
    degenerate = _thinned(degenerate, min(_MAX_DEGENERATE, scaled.max_starts // (2 * len(scaled.low) + 2)))
    others = points[valid & regular & linear]
    others = others[~_is_near_any(scaled, others, degenerate, _SAME_DEGENERATE / 3)]
    on_line = _is_on_line(scaled, degenerate)
    if on_line.any():
        shown = _spread(scaled, degenerate[on_line])
        notes.append(f"critical points form whole lines or planes; {len(shown)} of them are listed")
        degenerate = np.concatenate([degenerate[~on_line], shown])
    return [*described(scaled, others), *described(scaled, degenerate, degenerate=True)], notes


def _thinned(points: Floats, most: int) -> Floats:
    """Return points (N, D), or `most` of them at equal intervals if there are more."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]


def _merged(scaled: ScaledField, points: Floats, distance: float) -> tuple[Floats, Floats]:
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


def _spread(scaled: ScaledField, points: Floats) -> Floats:
    """Return a spread-out subset of points (N, D): each is the farthest from those before it."""
    points = points[np.lexsort(points.T[::-1])]
    kept = [points[0]]
    distances = magnitudes((points - kept[0]) / scaled.length)
    while len(kept) < _MAX_ON_LINES and distances.max() > _SPACING:
        kept.append(points[distances.argmax()])
        distances = np.minimum(distances, magnitudes((points - kept[-1]) / scaled.length))
    return np.array(kept)


def _is_near_any(scaled: ScaledField, points: Floats, others: Floats, distance: float) -> NDArray[np.bool_]:
    """Return whether points (N, D) are within a distance of any of the others (M, D), as a mask (N,)."""
    near = np.zeros(len(points), bool)
    for other in others:
        near |= magnitudes((points - other) / scaled.length) <= distance
    return near


# Verification ---------------------------------------------------------------------------------------------

_VALID, _OPEN, _JUMP, _FLAT, _EDGE, _TAIL = range(6)
_NOTES = {
    _OPEN: "left out {} where the gradient tends to zero but the function is undefined",
    _JUMP: "left out {} where the gradient changes its sign at a kink or a jump",
    _FLAT: "left out a part of the range where the function is flat",
}


def _counted(text: str, count: int) -> str:
    """Return a text with the number of points inserted."""
    return text.format("1 point" if count == 1 else f"{count:,} points")


def _verdicts(scaled: ScaledField, points: Floats, linear: NDArray[np.bool_]) -> NDArray[np.int_]:
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
    jump = (changes > explained).any(axis=(-1, -2)) | (_does_not_shrink(slopes, rounding) & ~linear)
    flat = (np.nan_to_num(slopes[:, :2]) <= _UNDERFLOW).all(axis=(1, 2, 3))
    hole = np.isnan(scaled.field(scaled.rounded(points, ROUGH_PLACES)))
    tail = _does_not_vanish(scaled, points, np.einsum("ndasa->ndsa", signed[:, :2, :count]))
    conditions = {_EDGE: edge, _OPEN: hole, _FLAT: flat, _JUMP: jump, _TAIL: tail}
    return np.select(list(conditions.values()), list(conditions), _VALID)


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


def _signs(scaled: ScaledField, points: Floats, spreads: Floats) -> NDArray[np.int_]:
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


def _is_linear(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
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


def _is_on_line(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
    """Return a mask (N,) of degenerate points (N, D) that have another critical point nearby.

    Newton's method searches for it along the eigenvectors and towards the nearest of the other points.
    """
    _, vectors = spectrum(scaled.hessian(points))
    towards = (points[_nearest(scaled, points)[0]] - points) / scaled.length
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


def _nearest(scaled: ScaledField, points: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the index (N,) of the nearest other point to each point (N, D), and its distance (N,)."""
    if not len(points):
        return np.zeros(0, np.intp), np.zeros(0)
    distances = magnitudes((points[:, None] - points) / scaled.length)
    distances[np.diag_indices(len(points))] = np.inf
    return distances.argmin(axis=-1), distances.min(axis=-1)


def described(scaled: ScaledField, points: Floats, *, degenerate: bool = False) -> list[CriticalPoint]:
    """Return the critical points at points (N, D), with eigenvalues in units of f and the coordinates."""
    points = points + 0.0  # 0 instead of -0
    hessians = scaled.hessian(points) / scaled.length / scaled.length[:, None]
    values = spectrum(hessians).values
    values[np.abs(values) <= 4 * EPS * np.abs(values).max(axis=-1, initial=0, keepdims=True)] = 0.0
    values[~np.isfinite(hessians).all(axis=(-1, -2))] = np.nan
    rows = zip(points.tolist(), scaled.field(points).tolist(), values.tolist(), strict=True)
    return [
        CriticalPoint(tuple(at), value, "degenerate" if degenerate else _kind(row), tuple(row))
        for at, value, row in rows
    ]


def _kind(eigenvalues: Sequence[float]) -> Kind:
    """Return the kind of a point by its eigenvalues in ascending order, none of which is zero."""
    if eigenvalues[0] > 0:
        return "minimum"
    return "maximum" if eigenvalues[-1] < 0 else "saddle"
