"""Critical points: where the gradient of a function vanishes, and what the Hessian makes of them there.

Newton's method runs from many starts at once. What it finds has to stand up to the function near by: poles,
kinks, jumps and flat tails are no critical points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, axis, magnitudes
from gradviz.calculus.newton import CLOSE, ROUGH_PLACES, ScaledField, newton, spectrum
from gradviz.fields.scalar import ScalarField
from gradviz.limits import CRITICAL_POINTS

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]
NAMES: Mapping[Kind, tuple[str, str]] = {
    "minimum": ("minimum", "minima"),
    "maximum": ("maximum", "maxima"),
    "saddle": ("saddle", "saddles"),
    "degenerate": ("degenerate point", "degenerate points"),
}
"""The kinds in order, with the words for one and for several."""

# Nodes along each axis, by the number of variables: of the mesh on which the signs of the slopes are looked
# at, and of the mesh of starts, whose nodes are among them.
_FINE = {1: 4001, 2: 201, 3: 41, 4: 16, 5: 10, 6: 7, 7: 4, 8: 3, 9: 3}
_COARSE = {1: 201, 2: 21, 3: 9, 4: 6, 5: 4, 6: 3}
_FEWEST = 2
_DENSE = 4  # variables; with more, the meshes are too coarse to be sure
_STARTS = 9_000
_CROWD = 3  # nodes between neighbours
_LEVEL = 300  # degenerate points that are looked at one by one
_EPS = float(np.finfo(np.float64).eps)

# Lengths are parts of the ranges.
_OUTSIDE = 1e-9  # beyond an end, where rounding may put a point that lies on it
_SAME = 1e-5  # ends that are closer are one point
_SAME_DEGENERATE = 3e-3  # the same where the curvature vanishes, and rounding spreads the ends
_NEAR = (1e-6, 1e-4, 1e-2)  # how far the neighbours are by which a point is judged
_ALONG = 5e-3  # how far along a line the next point is looked for
_APART = 0.1  # between the points that stand for a line
_STAND = 12  # points that stand for all lines
_VANISHING = 1e-280  # a slope: only an underflow is so flat


@dataclass(frozen=True)
class CriticalPoint:
    """A point where the gradient vanishes. `eigenvalues` are the Hessian's, in ascending order.

    The kind is `degenerate` where one of them vanishes: the Hessian alone does not tell what the point is.
    """

    at: tuple[float, ...]
    value: float
    kind: Kind
    eigenvalues: tuple[float, ...]


class CriticalPoints(NamedTuple):
    """The points, sorted by kind and then by coordinates, and what there is to say about the search."""

    points: tuple[CriticalPoint, ...]
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """How many there are of each kind, in words."""
        kinds = [point.kind for point in self.points]
        counts = ((kinds.count(kind), words) for kind, words in NAMES.items())
        told = [f"{count:,} {words[count > 1]}" for count, words in counts if count]
        return f"critical points: {', '.join(told) or 'none found'}"


def critical_points(field: ScalarField, ranges: Sequence[Sequence[float]]) -> CriticalPoints:
    """Return the critical points of a field inside ranges (low, high), one for each variable, ends included.

    Exact but for rounding; a search on a mesh, so that points much closer to each other than 1/200 of the
    range (of two variables; 1/40 of three) may be missed. Of a whole line of critical points some are
    returned, as `degenerate`, and a note says so; a constant function has none, and a note.

    >>> critical_points(field("x0*x1"), [(-1, 1), (-1, 1)]).points
    (CriticalPoint(at=(0.0, 0.0), value=0.0, kind='saddle', eigenvalues=(-1.0, 1.0)),)
    """
    ends = np.array([(low, high) for low, high, *_ in ranges], np.float64).reshape(-1, 2)
    scaled = ScaledField(field, ends[:, 0], ends[:, 1] - ends[:, 0])
    if not len(ends):
        return CriticalPoints((), ("the expression is a constant",))
    starts, cut, sizes, heights = _starts(scaled)
    if not sizes.size:
        return CriticalPoints((), ("no gradient was found anywhere in the range",))
    if (sizes <= 8 * _EPS * np.abs(heights)).all():
        return CriticalPoints((), ("the function is constant over the range, but for rounding and steps",))
    scaled = replace(scaled, median_slope=float(np.median(sizes[sizes > 0])))
    arrived, complete = newton(scaled, starts)
    found, notes = _judged(scaled, _inside(scaled, arrived))
    if cut or not complete or len(ends) > _DENSE or _crowded(scaled, found):
        notes.append("points may be missing: the function has too many turns or variables for the search")
    order = list(NAMES)
    found.sort(key=lambda point: (order.index(point.kind), point.at))
    if len(found) > CRITICAL_POINTS:
        notes.append(f"the first {CRITICAL_POINTS:,} of {len(found):,} critical points; narrow the range")
    return CriticalPoints(tuple(found[:CRITICAL_POINTS]), tuple(notes))


def _starts(scaled: ScaledField) -> tuple[Floats, bool, Floats, Floats]:
    """Return starts (N, D), whether there are more, and sizes of slopes with the values (M,) there.

    The starts are the nodes of a coarse mesh, and the centres of the cells of a fine one in which each slope
    changes its sign.
    """
    count = len(scaled.low)
    fine = _FINE.get(count, _FEWEST)
    lines = [axis((low, low + length), fine) for low, length in zip(scaled.low, scaled.length, strict=True)]
    nodes = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)
    slopes, heights = scaled.gradient(nodes), scaled.field(nodes)
    least, most, centres = slopes, slopes, nodes
    for along in range(count):
        cut = [(slice(None),) * along + (part,) for part in (slice(None, -1), slice(1, None))]
        least, most = (
            pick(part[cut[0]], part[cut[1]]) for pick, part in ((np.minimum, least), (np.maximum, most))
        )
        centres = (centres[cut[0]] + centres[cut[1]]) / 2
    turning = centres[((least <= 0) & (most >= 0)).all(axis=-1) & (least < most).any(axis=-1)]
    step = (fine - 1) // (_COARSE.get(count, _FEWEST) - 1)
    coarse = nodes[(slice(None, None, step),) * count].reshape(-1, count)
    sizes, starts = magnitudes(slopes), np.concatenate([turning, coarse])
    limit = min(_STARTS, scaled.max_starts)
    known = np.isfinite(sizes)
    return _some(starts, limit), len(starts) > limit, sizes[known], heights[known]


def _crowded(scaled: ScaledField, found: list[CriticalPoint]) -> bool:
    """Tell whether half of the points have a neighbour within a few nodes: others may lie between them."""
    count = len(scaled.low)
    points = _some(np.array([point.at for point in found]).reshape(-1, count), CRITICAL_POINTS)
    cell = 1 / (_FINE.get(count, _FEWEST) - 1)
    return len(points) > 2 and bool(np.median(_nearest(scaled, points)[1]) < _CROWD * cell)


def _inside(scaled: ScaledField, points: Floats) -> Floats:
    """Return the points (N, D) that lie inside the ranges, put onto an end if they miss it by rounding."""
    high = scaled.low + scaled.length
    room = _OUTSIDE * scaled.length
    inside = ((points >= scaled.low - room) & (points <= high + room)).all(axis=-1)
    return np.clip(points[inside], scaled.low, high)


def _judged(scaled: ScaledField, ends: Floats) -> tuple[list[CriticalPoint], list[str]]:
    """Return what the ends (N, D) of Newton's ways amount to, and notes."""
    order = np.argsort(magnitudes(scaled.gradient(ends)), kind="stable")
    points, spreads = _merged(scaled, ends[order], _SAME)
    linear = _is_linear(scaled, points)
    verdict = _verified(scaled, points, linear)
    notes = [_told(text, int((verdict == which).sum())) for which, text in _NOTES.items() if which in verdict]
    sound = verdict == _SOUND
    regular = (_signs(scaled, points, spreads) != 0).all(axis=-1)
    level, _ = _merged(scaled, points[sound & ~regular], _SAME_DEGENERATE)
    level = _some(level, min(_LEVEL, scaled.max_starts // (2 * len(scaled.low) + 2)))
    steep = points[sound & regular & linear]
    steep = steep[~_is_near_any(scaled, steep, level, _SAME_DEGENERATE / 3)]
    lines = _lies_on_a_line(scaled, level)
    if lines.any():
        standing = _spread(scaled, level[lines])
        notes.append(f"critical points fill whole lines or planes; {len(standing)} of them are given")
        level = np.concatenate([level[~lines], standing])
    return [*_described(scaled, steep), *_described(scaled, level, degenerate=True)], notes


def _some(points: Floats, most: int) -> Floats:
    """Return points (N, D), or evenly some of them if there are more than `most`."""
    return points if len(points) <= most else points[np.linspace(0, len(points) - 1, most).astype(int)]


def _merged(scaled: ScaledField, points: Floats, distance: float) -> tuple[Floats, Floats]:
    """Return the first of each group of points (N, D) that lie close together, and how far the group reaches.

    Points in one cell of a grid become one, and then again on grids that are shifted: of D + 1 of them, there
    is one where no border runs through a group that is small beside the distance.
    """
    count = points.shape[-1]
    kept, labels = np.arange(len(points)), np.arange(len(points))
    for shift in range(count + 1):
        cells = np.floor((points[kept] - scaled.low) / (distance * scaled.length) + shift / (count + 1))
        _, firsts, groups = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        order = np.argsort(firsts)  # the first of all stays the first
        kept, labels = kept[firsts[order]], np.argsort(order)[groups.reshape(-1)][labels]
    spreads = np.zeros(len(kept))
    np.maximum.at(spreads, labels, magnitudes((points - points[kept][labels]) / scaled.length))
    return points[kept], spreads


def _spread(scaled: ScaledField, points: Floats) -> Floats:
    """Return some of many points (N, D), far apart: each is the farthest from those before it."""
    points = points[np.lexsort(points.T[::-1])]
    kept = [points[0]]
    away = magnitudes((points - kept[0]) / scaled.length)
    while len(kept) < _STAND and away.max() > _APART:
        kept.append(points[away.argmax()])
        away = np.minimum(away, magnitudes((points - kept[-1]) / scaled.length))
    return np.array(kept)


def _is_near_any(scaled: ScaledField, points: Floats, others: Floats, distance: float) -> NDArray[np.bool_]:
    """Tell which of the points (N, D) lie within a distance of any of the others (M, D)."""
    near = np.zeros(len(points), bool)
    for other in others:
        near |= magnitudes((points - other) / scaled.length) <= distance
    return near


# What the function is like near by -----------------------------------------------------------------------

_SOUND, _OPEN, _JUMP, _FLAT, _EDGE, _TAIL = range(6)
_NOTES = {
    _OPEN: "the gradient vanishes towards {} where the function is undefined, left out",
    _JUMP: "the gradient changes its sign at {} with a kink or a jump, left out",
    _FLAT: "the function is flat over a part of the range, which is left out",
}


def _told(text: str, count: int) -> str:
    return text.format("1 point" if count == 1 else f"{count:,} points")


def _verified(scaled: ScaledField, points: Floats, linear: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Tell of each point (N, D) what it is by its neighbours: N verdicts.

    Towards a critical point slopes shrink with the distance, and they explain how the values differ: not so
    at a kink or a jump, or on the tail of an exponential. Where the slopes are nothing all around, the
    function is flat. Where a neighbour is undefined, the point lies on the edge of the domain.
    """
    count = points.shape[-1]
    values = scaled.field(points)
    directions = np.vstack([np.eye(count), 1 / np.sqrt(1.0 + np.arange(count))]) * scaled.length
    # the neighbours: points, distances, directions, both sides, coordinates
    around = points[:, None, None, None] + np.einsum("d,ak,s->dask", _NEAR, directions, (-1.0, 1.0))
    signed = scaled.gradient(around)
    slopes = np.abs(signed).max(axis=-1)
    changes = np.abs(scaled.field(around[:, 0]) - values[:, None, None])
    edge = np.isnan(slopes[:, 0]).any(axis=(-1, -2)) | np.isnan(values)
    rounding = 1e-12 * scaled.median_slope
    explained = 2 * count * _NEAR[0] * slopes[:, 0] + 4 * _EPS * np.abs(values)[:, None, None] + rounding
    jump = (changes > explained).any(axis=(-1, -2)) | (_stays(slopes, rounding) & ~linear)
    flat = (np.nan_to_num(slopes[:, :2]) <= _VANISHING).all(axis=(1, 2, 3))
    hole = np.isnan(scaled.field(scaled.rounded(points, ROUGH_PLACES)))
    tail = _does_not_vanish(scaled, points, np.einsum("ndasa->ndsa", signed[:, :2, :count]))
    conditions = {_EDGE: edge, _OPEN: hole, _FLAT: flat, _JUMP: jump, _TAIL: tail}
    return np.select(list(conditions.values()), list(conditions), _SOUND)


def _does_not_vanish(scaled: ScaledField, points: Floats, beside: Floats) -> NDArray[np.bool_]:
    """Tell at which points (N, D) a slope is small only beside others: exp(x) + y^2 falls on for y = 0.

    That is where a variable without curvature has a slope of one sign on both sides, and no smaller between.
    `beside` (N, distances, both sides, D) are the slopes at neighbours along their own axes.
    """
    own, curvatures = scaled.gradient(points), np.abs(np.nan_to_num(scaled.hessian(points)))
    null = curvatures.max(axis=-1) <= 1e-13 * curvatures.max(axis=(-1, -2))[:, None]
    same = (np.sign(beside) == np.sign(own)[:, None, None]).all(axis=(1, 2)) & (own != 0)
    found: NDArray[np.bool_] = (null & same & (np.abs(own) > 0.1 * np.abs(beside).max(axis=(1, 2)))).any(
        axis=-1
    )
    return found


def _stays(sizes: Floats, noise: float) -> NDArray[np.bool_]:
    """Tell at which of N points sizes (N, distances, directions, sides) do not shrink with the distance."""
    near, far, farthest = np.moveaxis(np.nan_to_num(np.fmax.reduce(sizes, axis=-1)), 1, 0)
    least = 1e-9 * farthest.max(axis=-1, keepdims=True) + noise
    found: NDArray[np.bool_] = (near > 0.5 * far + least).any(axis=-1)
    return found


def _signs(scaled: ScaledField, points: Floats, spreads: Floats) -> NDArray[np.int_]:
    """Return the signs (N, D) of the curvatures' eigenvalues, 0 for those that vanish.

    An eigenvalue vanishes if it is rounding beside the largest, or if it changes by a quarter of its size
    over the distance by which the point is uncertain: x^4 has no curvature at 0, and 1e-8 beside it.
    """
    values = spectrum(scaled.hessian(points)).values
    doubt = np.maximum(CLOSE, 3 * spreads)[:, None]
    changes = np.zeros(values.shape)
    for shift in (*np.diag(scaled.length), *-np.diag(scaled.length)):
        changes = np.fmax(changes, np.abs(spectrum(scaled.hessian(points + doubt * shift)).values - values))
    rounding = 1e-12 if scaled.exact else 1e-9
    least = np.maximum(4 * changes, rounding * np.abs(values).max(axis=-1, initial=0, keepdims=True))
    return np.where(np.abs(values) > least, np.sign(values), 0).astype(int)


def _is_linear(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
    """Tell at which points (N, D) the slopes grow as the curvatures say, along each eigenvector.

    Else there is a kink, no curvature, or a zero by rounding: sigmoid(x) - 1 vanishes from 37 on.
    """
    values, vectors = spectrum(scaled.hessian(points))
    grows = np.zeros(values.shape, bool)
    for distance in _NEAR[:2]:
        for k in range(values.shape[-1]):
            along = vectors[..., k]
            beyond, before = (
                scaled.gradient(points + side * along * scaled.length) for side in (distance, -distance)
            )
            change = ((beyond - before) / 2 * along).sum(axis=-1)
            wanted = distance * values[..., k]
            grows[:, k] |= np.abs(change - wanted) <= 0.5 * np.abs(wanted)
    found: NDArray[np.bool_] = (grows & (values != 0)).all(axis=-1)
    return found


def _lies_on_a_line(scaled: ScaledField, points: Floats) -> NDArray[np.bool_]:
    """Tell which degenerate points (N, D) have another one close by.

    It is looked for along the eigenvectors and towards the nearest of the other points.
    """
    _, vectors = spectrum(scaled.hessian(points))
    towards = (points[_nearest(scaled, points)[0]] - points) / scaled.length
    with np.errstate(invalid="ignore"):
        towards /= magnitudes(towards)[:, None]
    directions = np.concatenate([np.swapaxes(vectors, 1, 2), towards[:, None]], axis=1)
    # the starts: points, both sides, directions, coordinates
    starts = points[:, None, None] + np.einsum("s,nki->nski", (-_ALONG, _ALONG), directions * scaled.length)
    ends, _ = newton(scaled, starts.reshape(-1, points.shape[-1]))
    away = magnitudes((ends.reshape(starts.shape) - points[:, None, None]) / scaled.length)
    close: NDArray[np.bool_] = (away > 0.3 * _ALONG) & (away < 3 * _ALONG)
    return np.asarray(close.any(axis=(1, 2)))


def _nearest(scaled: ScaledField, points: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return which of the other points (N, D) is the nearest to each (itself if alone), and how far away."""
    away = magnitudes((points[:, None] - points) / scaled.length)
    away[np.diag_indices(len(points))] = np.inf
    return (away.argmin(axis=-1), away.min(axis=-1)) if len(points) else (np.zeros(0, np.intp), np.zeros(0))


def _described(scaled: ScaledField, points: Floats, *, degenerate: bool = False) -> list[CriticalPoint]:
    """Return points (N, D) with their values, the eigenvalues of their Hessians and their kinds."""
    points = points + 0.0  # no -0
    curvatures = scaled.hessian(points) / scaled.length / scaled.length[:, None]
    values = spectrum(curvatures).values
    values[np.abs(values) <= 4 * _EPS * np.abs(values).max(axis=-1, initial=0, keepdims=True)] = 0.0
    values[~np.isfinite(curvatures).all(axis=(-1, -2))] = np.nan
    rows = zip(points.tolist(), scaled.field(points).tolist(), values.tolist(), strict=True)
    return [
        CriticalPoint(tuple(at), value, "degenerate" if degenerate else _kind(row), tuple(row))
        for at, value, row in rows
    ]


def _kind(eigenvalues: Sequence[float]) -> Kind:
    if eigenvalues[0] > 0:
        return "minimum"
    return "maximum" if eigenvalues[-1] < 0 else "saddle"
