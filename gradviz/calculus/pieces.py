"""Points beside the boundaries between the pieces of piecewise expressions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
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
_MOST = 40  # number of boundaries, regions and intersections that are searched
_STARTS = 8  # points from which a boundary is searched: those where its function is smallest
_GAUSS_NEWTON_STEPS = 20
_OFFSETS = (1e-6, 1e-4, 3e-3)  # distances from a boundary, in ranges
_DIRECTIONS = 4


def points_beside_boundaries(expressions: Sequence[Expression], points: Floats) -> Floats:
    """Return points (M, D) on both sides of where piecewise expressions change, in the box of points (N, D).

    Gauss-Newton iterations lead from the nearest points to each boundary g(x) = 0, to the middle of a region
    that several boundaries enclose, and to the intersection of two; points between the results are added.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    groups = list(_groups(expressions))
    found = [_projected(group, points, low, high) for group in groups[:_MOST]]
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


def _groups(expressions: Sequence[Expression]) -> Iterator[Sequence[Field]]:
    """Yield groups of fields that are 0 together: on a boundary, around a region, or where two meet."""
    singles: dict[str, Field] = {}
    for expression in expressions:
        singles |= _boundaries(expression, expression.tree)
    yield from ((field,) for field in singles.values())
    for expression in expressions:
        regions = [node for node in walk(expression.tree) if isinstance(node, Op) and node.name == "and"]
        yield from (tuple(_boundaries(expression, region).values()) for region in regions)
    yield from combinations(singles.values(), 2)


def _boundaries(expression: Expression, tree: Node) -> Mapping[str, Field]:
    """Return the fields that are 0 at the boundaries between the pieces of a tree, by their expressions."""
    found: dict[str, Field] = {}
    for node in walk(tree):
        for zero in _zeros(node) if isinstance(node, Op) else ():
            boundary = replace(expression, tree=zero, region=None)
            if boundary.names & {*expression.variables} and str(boundary.key) not in found:
                with contextlib.suppress(GradvizError):  # a constant part of it is not finite
                    found[str(boundary.key)] = Field(boundary)
    return found


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
        for _ in range(_GAUSS_NEWTON_STEPS):
            values = np.stack([field(x) for field in group], axis=-1)
            slopes = np.stack([field.gradient(x) for field in group], axis=-2)
            known = np.isfinite(values).all(axis=-1) & np.isfinite(slopes).all(axis=(-2, -1))
            step = np.linalg.pinv(slopes[known]) @ values[known][..., None]
            x = np.clip(x[known] - step[..., 0], low, high)
    return x
