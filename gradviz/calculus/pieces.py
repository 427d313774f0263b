"""Points beside the boundaries between the pieces of piecewise expressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from gradviz.arrays import Floats
from gradviz.errors import GradvizError
from gradviz.fields.field import Field
from gradviz.language.reading import Expression
from gradviz.language.tree import Node, Op, walk

_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_OF_ONE = ("abs", "sign", "heaviside", "relu")  # functions with a boundary where their argument is 0
_MOST = 12  # number of boundaries that are searched, and of boundaries that intersect
_STARTS = 8  # points from which a boundary is searched: those where its function is smallest
_ITERATIONS = 20
_OFFSETS = (1e-6, 1e-4, 3e-3)  # distances from a boundary, in ranges
_DIRECTIONS = 4


def points_beside_boundaries(expressions: Sequence[Expression], points: Floats) -> Floats:
    """Return points (M, D) on both sides of where piecewise expressions change, in the box of points (N, D).

    Gauss-Newton iterations lead from the nearest points to each boundary g(x) = 0 and to each intersection of
    two; points between the results are added.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    fields = list(_boundaries(expressions))[:_MOST]
    singles = [(field,) for field in fields]
    pairs = list(combinations(fields, 2))[:_MOST] if points.shape[-1] > 1 else []
    found = [_projected(group, points, low, high) for group in (*singles, *pairs)]
    places = np.concatenate([points[:0], *found])
    if not len(places):
        return places
    random = np.random.default_rng(0)
    mixed = (places + random.permutation(places)) / 2
    directions = random.uniform(-1, 1, (_DIRECTIONS * len(_OFFSETS), *places.shape)) * (high - low)
    moved = places + np.repeat(_OFFSETS, _DIRECTIONS)[:, None, None] * directions
    rows = np.concatenate([mixed, moved.reshape(-1, places.shape[-1])])
    inside: Floats = rows[((rows >= low) & (rows <= high)).all(axis=-1)]
    return inside


def _boundaries(expressions: Sequence[Expression]) -> Iterator[Field]:
    """Yield fields that are 0 at the boundaries between the pieces of expressions."""
    seen = set()
    for expression in expressions:
        for node in walk(expression.tree):
            for tree in _zeros(node) if isinstance(node, Op) else ():
                boundary = replace(expression, tree=tree, region=None)
                if boundary.names & {*expression.variables} and str(boundary.key) not in seen:
                    seen.add(str(boundary.key))
                    try:
                        yield Field(boundary)
                    except GradvizError:  # a constant part of it is not finite
                        continue


def _zeros(node: Op) -> Iterator[Node]:
    """Yield the trees that are 0 where an operation changes from one piece to another."""
    if node.name in _OF_ONE:
        yield node.args[0]
    elif node.name in (*_COMPARISONS, "max", "min", "clip"):
        for left, right in combinations(node.args, 2):
            yield Op("add", (left, Op("neg", (right,), right.start, right.stop)), node.start, node.stop)


def _projected(group: Sequence[Field], points: Floats, low: Floats, high: Floats) -> Floats:
    """Return points (K, D) near where all fields of a group are 0."""
    with np.errstate(all="ignore"):
        sizes = sum(np.abs(field(points)) for field in group)
        x = points[np.argsort(np.nan_to_num(sizes, nan=np.inf))[:_STARTS]]
        for _ in range(_ITERATIONS):
            values = np.stack([field(x) for field in group], axis=-1)
            slopes = np.stack([field.gradient(x) for field in group], axis=-2)
            known = np.isfinite(values).all(axis=-1) & np.isfinite(slopes).all(axis=(-2, -1))
            step = np.linalg.pinv(slopes[known]) @ values[known][..., None]
            x = np.clip(x[known] - step[..., 0], low, high)
    return x
