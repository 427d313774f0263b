"""Critical points of a field, classified by the eigenvalues of the Hessian.

Newton's method finds zeros of the gradient from many starts at once. Each is then verified, since poles,
kinks, jumps and flat tails are no critical points. In one and two variables, indices reveal missing points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from gradviz.arrays import Floats, axis, grid, magnitudes
from gradviz.calculus.cells import INDEXED, Cells, clusters, extremes, kink, located, lowest, sample
from gradviz.calculus.classification import SAME, Findings, certain, classified, refined
from gradviz.calculus.clusters import is_near_any, merged, nearest, thinned
from gradviz.calculus.differences import EPS
from gradviz.calculus.features import Features, features
from gradviz.calculus.newton import ROUGH_PLACES, ScaledField, newton, polished, spectrum
from gradviz.calculus.points import MISSING, CriticalPoint, CriticalPoints, listed
from gradviz.fields.field import Field
from gradviz.fields.requirements import require_flint
from gradviz.fields.scalar import ScalarField
from gradviz.language.tree import Num, Op, walk
from gradviz.limits import CRITICAL_POINTS

# Nodes along each axis, by the number of variables, of the fine mesh, on which sign changes of the partial
# derivatives are located, and of the coarse mesh of starts.
_FINE = {1: 4001, 2: 201, 3: 41, 4: 16, 5: 10, 6: 7, 7: 4, 8: 3, 9: 3}
_COARSE = {1: 201, 2: 21, 3: 9, 4: 6, 5: 4, 6: 3}
_FEWEST_NODES = 2  # nodes along each axis for more variables than in these tables
_MAX_DENSE = 4  # number of variables above which the meshes are too coarse for a complete search
_MAX_STARTS = 9_000
_CROWDED = 3  # median distance of the results, in cells of the fine mesh, below which some may be missing
_NEAR_BORDER = (
    0.01  # distance of a zero from the border of the ranges up to which one Newton step is not enough
)
_ROUNDS = 3  # number of searches for points that indices reveal
_MAX_PLACES = 24  # number of places that are located in one of them
_BORDER = 1e-3  # distance of a kink from the limits of the ranges, relative to their lengths
_MAX_KINKS = 200  # number of kinks and jumps that are distinguished
_MAX_NOTES = 5  # number of kinks or gaps that are named
_SMOOTH = {
    "add",
    "mul",
    "neg",
    "exp",
    "sin",
    "cos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "erf",
    "sigmoid",
    "softplus",
    "silu",
    "gelu",
    "sinc",
    "logsumexp",
}
_POLES = {"reciprocal", "log", "log2", "log10", "tan", "sec", "csc", "cot"}


@np.errstate(all="ignore")
def critical_points(
    field: ScalarField, ranges: Sequence[Sequence[float]], *, certify: bool = False, limit: float = 10.0
) -> CriticalPoints:
    """Find the critical points of a field and classify them by the eigenvalues of the Hessian.

    If the field has a formula, each point is verified in multiple precision, and each number is the true
    one rounded; of many points, only the first ones. In one and two variables, winding numbers of the
    gradient about the cells of a mesh reveal missing points; in three and four, extrema at kinks are those of
    the values on a mesh. A pair of points in one cell may be missed, though the search also starts where the
    slope is smallest; a cell is 1/4000 of the range of one variable, 1/200 of two, 1/40 of three.

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
    J. Milnor, "Topology from the Differentiable Viewpoint", 1965, section 6 (indices and winding numbers).

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
    count = len(limits)
    if not count:
        return CriticalPoints((), ("the expression is a constant",))
    if (points := _of_quadratic(scaled)) is not None:
        return listed(points, [])
    cells = sample(scaled, limits[:, 0], limits[:, 1], _FINE.get(count, _FEWEST_NODES))
    sizes = magnitudes(cells.slopes)
    known = np.isfinite(sizes)
    if not known.any():
        return CriticalPoints(
            (), ("the range has no gradient: the function is undefined or has no slope there",)
        )
    if (sizes[known] <= 8 * EPS * np.abs(cells.values[known])).all():
        return CriticalPoints((), ("the function is constant over the range, except for rounding and jumps",))
    scaled = replace(scaled, median_slope=float(np.median(sizes[known & (sizes > 0)])))
    found, complete = _searched(replace(cells, scaled=scaled))
    notes = _notes(scaled, found)
    if not complete or count > _MAX_DENSE:
        notes.append(MISSING)
    return listed(found.points, notes)


def _of_quadratic(scaled: ScaledField) -> list[CriticalPoint] | None:
    """Return the critical point of a quadratic function by a Newton step, none if it is outside the ranges.

    None for other functions, lines of critical points and a point at the border, which need a search.
    """
    if not (isinstance(scaled.field, Field) and scaled.field.degree <= 2):
        return None
    centre, corner = scaled.low + scaled.length / 2, np.eye(len(scaled.low))
    slopes = scaled.gradient(centre + corner * scaled.length)
    slope = scaled.gradient(centre)
    hessian = spectrum((slopes - slope)[None])  # exact but for rounding, as the gradient is linear
    if not np.isfinite(slopes).all() or hessian.null.any():
        return None
    step = hessian.steps(slope[None])[0]
    from_border = 1 / 2 - np.abs(step).max()
    if abs(from_border) < _NEAR_BORDER:
        return None
    return certain(scaled, polished(scaled, centre + step * scaled.length)) if from_border > 0 else []


def _searched(cells: Cells) -> tuple[Findings, bool]:
    """Return the findings in the ranges, and False if points may be missing.

    The starts are the nodes of the coarse mesh, the centres of the cells of the fine mesh in which each
    partial derivative changes its sign, and points in features of the formula smaller than a cell.
    """
    scaled, count = cells.scaled, len(cells.low)
    low, high = scaled.low, scaled.low + scaled.length
    coarse = grid([axis((a, b), _COARSE.get(count, _FEWEST_NODES)) for a, b in zip(low, high, strict=True)])
    narrow = _features(cells)
    near_pairs = [cells.smallest_slopes] if count <= _MAX_DENSE else []
    is_monotonic = count <= INDEXED and cells.has_monotonic_axis
    everywhere = [] if is_monotonic else [cells.sign_changes, *near_pairs, coarse]
    starts = np.concatenate([coarse[:0], *narrow.starts, *everywhere])
    limit = min(_MAX_STARTS, scaled.max_starts)
    results, complete = newton(scaled, thinned(starts, limit))
    found = classified(scaled, results)
    complete &= len(starts) <= limit and not narrow.unresolved and not found.omitted
    for mesh in (cells, *narrow.meshes) if count <= INDEXED else ():
        if len(found.points) > CRITICAL_POINTS or len(found.kinks) > _MAX_KINKS:
            return found, False
        found, explained = _completed(mesh, found)
        complete &= explained
    if INDEXED < count <= _MAX_DENSE and _roughness(scaled) == "kinks":
        found = replace(found, kinks=[*found.kinks, *extremes(cells)])
    values = [point.value for point in found.points]
    smallest = min(values, default=np.inf)
    if count <= INDEXED and np.nanmin(cells.values) < smallest:
        place = lowest(cells)
        inside = (np.minimum(place - low, high - place) > _BORDER * scaled.length).all()
        if inside and kink(scaled, place) == "minimum":
            found = replace(found, kinks=[*found.kinks, place])
    return found, complete and not _is_crowded(cells, found.points, narrow.meshes)


def _features(cells: Cells) -> Features:
    """Return the features of a formula that are smaller than a cell, of other functions none."""
    return features(cells) if len(cells.low) <= INDEXED else Features()


def _completed(cells: Cells, found: Findings) -> tuple[Findings, bool]:
    """Return findings with those that the indices of cells reveal, and False if the cells are too large.

    A place where the gradient has an index but no zero is a kink, a jump or a pole.
    """
    scaled = cells.scaled
    for _ in range(_ROUNDS):
        places = _unexplained(cells, found)
        if places is None:
            return found, False
        fresh = np.array(places).reshape(-1, len(cells.low))
        fresh = fresh[~is_near_any(scaled, fresh, found.kinks, SAME)]
        if not len(fresh):
            break
        more = classified(scaled, newton(scaled, fresh)[0]).joined(refined(scaled, fresh), scaled.length)
        found = found.joined(replace(more, kinks=list(fresh)), scaled.length)
    return found, True


def _unexplained(cells: Cells, found: Findings) -> list[Floats] | None:
    """Return the places (D,) of the indices that found points do not explain; None if they are too many.

    The index of a degenerate point is unknown, so that it explains all near it, and a line all of the range.
    """
    count = len(cells.low)
    points = np.array([point.at for point in found.points]).reshape(-1, count)
    indices = np.array([point.index for point in found.points], int)
    degenerate = points[indices == 0]
    if len(degenerate) > 1 and count > 1:
        return []
    groups = clusters(cells.unexplained(points, indices))
    if groups is None:
        return None
    places = []
    for group, _ in groups[:_MAX_PLACES]:
        low, high = (cells.low + cells.size * edge for edge in (group.min(axis=0) - 2, group.max(axis=0) + 3))
        if not ((degenerate >= low) & (degenerate <= high)).all(axis=-1).any():
            place = located(cells, points, indices, group)
            if place is not None:
                places.append(place)
    return places


def _is_crowded(cells: Cells, found: list[CriticalPoint], meshes: Sequence[Cells]) -> bool:
    """Return whether half of the points have a neighbour within a few cells: others may be between them.

    Points in finer meshes do not count.
    """
    points = np.array([point.at for point in found]).reshape(-1, len(cells.low))
    for mesh in meshes:
        points = points[~mesh.contain(points)]
    points = thinned(points, CRITICAL_POINTS)
    distances = nearest(cells.scaled, points)[1]
    return len(points) > 2 and bool(
        np.median(distances) < _CROWDED * (cells.size / cells.scaled.length).max()
    )


# Messages -------------------------------------------------------------------------------------------------


def _notes(scaled: ScaledField, found: Findings) -> list[str]:
    """Return warnings about places that are no critical points."""
    notes = []
    if found.on_lines:
        notes.append(f"critical points form whole lines or planes; {found.on_lines} of them are listed")
    for gap in found.gaps[:_MAX_NOTES]:
        place = _shown(scaled, np.array(gap.at))
        notes.append(
            f"left out a {gap.kind} at {place}, where the function is undefined; it tends to {gap.value:.6g}"
        )
    count = found.open + len(found.gaps[_MAX_NOTES:])
    if count:
        notes.append(
            f"left out {_counted(count)} where the gradient tends to zero but the function is undefined"
        )
    notes += _kinks(scaled, found)
    if found.flat:
        notes.append("left out a part of the range where the function is flat in double precision")
    return notes


def _kinks(scaled: ScaledField, found: Findings) -> list[str]:
    """Return warnings about the kinks and jumps that are not close to a critical point or a gap."""
    others = np.array([point.at for point in (*found.points, *found.gaps)]).reshape(-1, len(scaled.low))
    places, _ = merged(scaled, np.array(found.kinks).reshape(-1, len(scaled.low)), 10 * SAME)
    kinds: dict[str, list[Floats]] = {kind: [] for kind in ("minimum", "maximum", "saddle", "jump", "none")}
    for place in thinned(places, _MAX_KINKS):
        if not is_near_any(scaled, others, [place], 10 * SAME).any():
            kinds[kink(scaled, place)].append(place)
    rough = _roughness(scaled)
    kinds.pop("none")
    jumps = len(kinds.pop("jump")) if rough else 0
    kinds = kinds if rough == "kinks" else {}
    named = [(kind, place) for kind, group in kinds.items() for place in group]
    notes = [
        f"the function has a kink with a local {kind} at {_shown(scaled, place)}"
        for kind, place in named[:_MAX_NOTES]
    ]
    rest = jumps + len(named[_MAX_NOTES:])
    return [*notes, f"left out {_counted(rest)} at a kink, a jump or a pole"] if rest else notes


def _roughness(scaled: ScaledField) -> Literal["", "poles", "kinks"]:
    """Return the worst that the operations of a formula allow; without a formula, kinks are possible."""
    if not isinstance(scaled.field, Field):
        return "kinks"
    names = set()
    for node in walk(scaled.field.expression.tree):
        if isinstance(node, Op):
            exponent = node.args[1] if node.name == "power" else None
            whole = isinstance(exponent, Num) and exponent.value % 1 == 0
            names.add("reciprocal" if whole else node.name)
    return "" if names <= _SMOOTH else "poles" if names <= _SMOOTH | _POLES else "kinks"


def _counted(count: int) -> str:
    return "1 point" if count == 1 else f"{count:,} points"


def _shown(scaled: ScaledField, place: Floats) -> str:
    """Return a place (D,) as text, rounded to few decimals relative to the ranges."""
    rounded = scaled.rounded(place[None], ROUGH_PLACES)[0] + 0.0
    return f"({', '.join(f'{x:.8g}' for x in rounded)})" if len(place) > 1 else f"{rounded[0]:.8g}"
