"""Features of a formula that are smaller than a cell of the mesh: narrow wells, steep steps, fast waves.

exp(u) has a well or a peak about each critical point of u, tanh(u) a step where u = 0. The curvature of u
gives its width, so that the search can start inside of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, grid, magnitudes, scattered
from gradviz.calculus.cells import Cells, sample
from gradviz.calculus.newton import ScaledField, newton
from gradviz.fields.field import Field
from gradviz.language.tree import Node, Num, Op, walk

if TYPE_CHECKING:
    from gradviz.fields.precise import PreciseExpression

_WELLS = {"exp", "reciprocal", "tanh", "erf", "sigmoid", "atan", "softplus", "silu", "gelu", "elu"}
_STEEP = {"tanh", "erf", "sigmoid", "atan", "softplus", "silu", "gelu", "elu"}
_WAVES = {"sin", "cos", "sinc", "tan", "sec", "csc", "cot", "mod", "floor", "ceil", "floordiv"}
_FAST = 0.5  # change of an argument within a cell from which a feature may be smaller than the cell
_PROBE_BITS = 53  # precision of the slopes there: double precision
_PROBES = 5  # number of points at which that is looked for
_REACH = (0.3, 0.7, 1.2, 2.0, 3.0, 5.0, 8.0)  # distances of starts from a feature, in widths
_RAYS = 8
_MAX_FEATURES = 24
_NODES = 60  # nodes along each axis of the mesh over a feature
_ARGUMENT_STARTS = 9  # starts along each axis of the search for critical points of an argument


@dataclass(frozen=True)
class Features:
    """Starts inside of the features, the meshes over them, and whether there are others."""

    starts: list[Floats] = field(default_factory=list)
    meshes: list[Cells] = field(default_factory=list)
    unresolved: bool = False


def features(cells: Cells) -> Features:
    """Return the features of a function that are smaller than the cells of a mesh."""
    scaled = cells.scaled
    found = Features()
    if not isinstance(scaled.field, Field):
        return found
    expression = scaled.field.expression
    seen: set[Node] = set()
    for name, node in _arguments(expression.tree):
        if node in seen:
            continue
        seen.add(node)
        from gradviz.fields.precise import PreciseExpression  # needs mpmath, which most figures do not

        part = replace(expression, tree=node, region=None)
        if not _is_fast(PreciseExpression(part), cells):
            continue
        if name in _WAVES:
            found = replace(found, unresolved=True)
            continue
        argument = replace(scaled, field=Field(part), median_slope=1.0)
        found = _with_wells(found, cells, argument, relative=name == "reciprocal")
        if name in _STEEP:
            found = _with_steps(found, cells, argument)
    return found


def _arguments(tree: Node) -> Iterator[tuple[str, Node]]:
    """Yield the arguments of functions that may have features, with the names of the functions."""
    for node in walk(tree):
        if not isinstance(node, Op):
            continue
        if node.name in _WELLS | _WAVES:
            yield node.name, node.args[0]
        elif node.name == "power":
            base, exponent = node.args
            if not isinstance(exponent, Num):
                yield "exp", exponent
            if not (isinstance(exponent, Num) and exponent.value > 0):
                yield "reciprocal", base


def _is_fast(precise: PreciseExpression, cells: Cells) -> bool:
    """Return whether an argument changes fast within a cell at some of a few points."""
    low, high = cells.scaled.low, cells.scaled.low + cells.scaled.length
    for point in scattered(list(zip(low.tolist(), high.tolist(), strict=True)), _PROBES):
        try:
            slopes = precise.evaluate(point.tolist(), _PROBE_BITS).slopes
        except ArithmeticError:
            continue
        if any(abs(slope) * size > _FAST for slope, size in zip(slopes, cells.size.tolist(), strict=True)):
            return True
    return False


def _with_wells(found: Features, cells: Cells, argument: ScaledField, *, relative: bool) -> Features:
    """Add the features about critical points of an argument whose curvature is large within a cell."""
    scaled = cells.scaled
    low, high = scaled.low, scaled.low + scaled.length
    lines = [np.linspace(a, b, _ARGUMENT_STARTS) for a, b in zip(low, high, strict=True)]
    centres, _ = newton(argument, grid(lines))
    centres = centres[((centres >= low) & (centres <= high)).all(axis=-1)]
    _, first = np.unique(np.round((centres - low) / scaled.length, 6), axis=0, return_index=True)
    centres = centres[first]
    curvatures = np.abs(
        np.linalg.eigvalsh(argument.hessian(centres) / scaled.length / scaled.length[:, None])
    )
    if relative:
        with np.errstate(all="ignore"):
            curvatures = curvatures / np.abs(argument.field(centres))[:, None]
    with np.errstate(all="ignore"):
        widths = 1 / np.sqrt(curvatures.max(axis=-1, initial=0))
    narrow = np.flatnonzero(np.isfinite(widths) & (widths[:, None] < 1.5 * cells.size).any(axis=-1))
    starts, meshes = list(found.starts), list(found.meshes)
    for centre, width in zip(centres[narrow], widths[narrow], strict=True):
        starts.append(_around(centre, np.array(_REACH) * width))
        if len(meshes) < _MAX_FEATURES:
            reach = _REACH[-1] * width
            meshes.append(sample(scaled, centre - reach, centre + reach, _NODES))
    unresolved = found.unresolved or len(narrow) > _MAX_FEATURES
    return Features(starts, meshes, unresolved)


def _around(centre: Floats, distances: Floats) -> Floats:
    """Return a point (D,) and points about it at distances (K,), as rows (N, D)."""
    if len(centre) == 1:
        directions = np.array([[-1.0], [1.0]])
    else:
        angles = 2 * np.pi * (np.arange(_RAYS) + 0.3) / _RAYS
        directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    around = centre + (distances[:, None, None] * directions).reshape(-1, len(centre))
    return np.concatenate([centre[None], around])


def _with_steps(found: Features, cells: Cells, argument: ScaledField) -> Features:
    """Add starts on both sides of the zeros of an argument, and in one variable the meshes about them."""
    values = argument.field(cells.nodes)
    changes = _changes(values)
    points = cells.low + cells.size * (np.argwhere(changes) + 0.5)
    for _ in range(4):  # Newton steps towards the zero along the gradient
        with np.errstate(all="ignore"):
            slopes = argument.field.gradient(points)
            widths = 1 / magnitudes(slopes)
            points = points - argument.field(points)[:, None] * slopes * widths[:, None] ** 2
    narrow = np.isfinite(points).all(axis=-1) & (widths[:, None] < 2 * cells.size).any(axis=-1)
    points, widths, slopes = points[narrow], widths[narrow], slopes[narrow]
    sides = np.array([*_REACH, *(-x for x in _REACH)])
    starts = points[:, None] + (sides[:, None] * widths[:, None, None] ** 2) * slopes[:, None]
    meshes = list(found.meshes)
    if len(cells.low) == 1:
        for point, width in zip(points[:_MAX_FEATURES], widths[:_MAX_FEATURES], strict=True):
            reach = 4 * _REACH[-1] * width
            meshes.append(sample(cells.scaled, point - reach, point + reach, 4 * _NODES))
    unresolved = found.unresolved or (len(cells.low) > 1 and len(points) > 0)
    return Features([*found.starts, starts.reshape(-1, len(cells.low))], meshes, unresolved)


def _changes(values: Floats) -> NDArray[np.bool_]:
    """Return whether values at the nodes of cells have both signs, as a mask of the cells."""
    low, high = values, values
    for along in range(values.ndim):
        first, second = ((slice(None),) * along + (part,) for part in (slice(None, -1), slice(1, None)))
        low, high = np.fmin(low[first], low[second]), np.fmax(high[first], high[second])
    return np.asarray((low <= 0) & (high >= 0))
