"""Proofs about gradients and critical points of formulas, in ball arithmetic.

A proof is about the formula as typed, at points whose coordinates are doubles. It holds for decimals and
named constants as typed and as their doubles; nothing is rounded after that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from flint import arb

from gradviz.arrays import Floats
from gradviz.calculus.boxes import Box, Effort, Open, effort, listed, within
from gradviz.calculus.classification import described
from gradviz.calculus.newton import ScaledField
from gradviz.calculus.points import MISSING, Completeness, CriticalPoint, CriticalPoints
from gradviz.calculus.points import listed as points_listed
from gradviz.calculus.zeros import Zero, all_zeros
from gradviz.errors import Place, RequestError
from gradviz.fields.enclosure import Enclosure, bounds, enclosure, precision
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.fields.series import Defect
from gradviz.language.reading import Expression

Interval = tuple[float, float]

_ACCURATE_BITS = 60  # accuracy of a slope whose bounds are doubles next to it
_FIRST_BITS, _LAST_BITS = 64, 8192  # precisions of slopes
_SAME_ZERO = 1e-5  # distance of a point of the search from a zero up to which it is that one, over the range
_OUT_OF_BOX = 1e-9  # distance by which rounding may move a point of the search out of an open box


# Slopes at points -----------------------------------------------------------------------------------------


def certified_gradients(
    expression: Expression, points: Floats, seconds: float
) -> list[list[Interval | None]]:
    """Return proven bounds of each partial derivative at points (N, D).

    They are a few units of the last place apart, or as tight as 8,192 bits allow where the slope vanishes.
    None where it is not proven that there is a slope: at kinks, jumps and edges, where the function is
    undefined, and after the limit of processor time, in s.
    """
    limits = effort(seconds)
    functions = [enclosure(expression, reading) for reading in ("typed", "double")]

    def slope(point: Sequence[arb], axis: int) -> Interval | None:
        """Return bounds of a partial derivative, for which the other variables are constants."""
        readings = [_slope(function, point, axis, limits) for function in functions]
        ends = [interval for interval in readings if interval]
        return (min(ends)[0], max(high for _, high in ends)) if len(ends) == len(readings) else None

    rows = [[arb(x) for x in row] for row in points.tolist()]
    return [[slope(row, axis) for axis in range(len(expression.variables))] for row in rows]


def _slope(function: Enclosure, point: Sequence[arb], axis: int, limits: Effort) -> Interval | None:
    """Return bounds of a partial derivative of a function, as tight as the limits allow."""
    bits, found = _FIRST_BITS, None
    while bits <= _LAST_BITS and not limits.is_spent():
        with precision(bits):
            series = function.series(point, 1, [axis])
            if series.defect == Defect.EMPTY:
                return None
            ball = series.coefficients[1]
            if series.defect == Defect.SMOOTH:
                if ball is None:
                    return 0.0, 0.0
                found = bounds(ball)
                if ball.is_exact() or ball.rel_accuracy_bits() >= _ACCURATE_BITS:
                    break
        bits *= 2
    return found


# Critical points ------------------------------------------------------------------------------------------


def certified_points(
    field: ScalarField, ranges: Sequence[Sequence[float]], search: CriticalPoints, seconds: float
) -> CriticalPoints:
    """Return critical points with proofs: those of a search and those that it missed.

    A point of the search is dropped where the gradient is proven not to vanish; one in a box that stays open
    has no enclosure.
    """
    if not isinstance(field, Field):
        raise RequestError(Place("certify"), "needs a formula, got a Python function")
    box: Box = tuple((float(low), float(high)) for low, high, *_ in ranges)
    if not box:
        return CriticalPoints((), search.notes, Completeness(True, (), (), 0))
    found = all_zeros(enclosure(field.expression), box, effort(seconds))
    low, high = np.array(box).T
    scaled = ScaledField(field, low, high - low)
    lengths = scaled.length.tolist()
    inside = [zero for zero in found.zeros if within(zero.enclosure, box)]
    left = [Open(part, each.reason) for each in found.open if (part := within(each.box, box))]
    remaining = list(search.points)
    points = []
    for zero in inside:
        near = [point for point in remaining if _distance(point.at, zero, lengths) <= _SAME_ZERO]
        remaining = [point for point in remaining if point not in near]
        points.append(_proven(scaled, zero, near))
    unproven = [point for point in remaining if _is_open(point.at, left, lengths)]
    notes = [note for note in search.notes if note != MISSING or left]
    notes += _remarks(inside, box, len(remaining) - len(unproven), len(unproven))
    boxes = listed(left, lengths)
    proof = Completeness(
        not left, tuple(each.box for each in boxes), tuple(each.reason for each in boxes), found.boxes
    )
    result = points_listed([*points, *unproven], notes, proof)
    is_cut = len(result.points) < len(points) + len(unproven)
    return result._replace(proof=replace(proof, complete=False)) if is_cut else result


def _proven(scaled: ScaledField, zero: Zero, near: Sequence[CriticalPoint]) -> CriticalPoint:
    """Return the critical point in the enclosure of a zero: that of the search, moved into it."""
    bottom, top = np.array(zero.enclosure).T
    middle = np.clip(near[0].at if near else bottom / 2 + top / 2, bottom, top)
    middle = np.clip(middle, scaled.low, scaled.low + scaled.length)
    (point,) = described(scaled, middle[None], degenerate=zero.kind == "degenerate")
    return replace(point, kind=zero.kind, enclosure=zero.enclosure)


def _distance(at: Sequence[float], zero: Zero, lengths: Sequence[float]) -> float:
    """Return the distance of a point from the enclosure of a zero, relative to the ranges."""
    parts = zip(at, zero.enclosure, lengths, strict=True)
    return max(max(low - x, x - high, 0.0) / length for x, (low, high), length in parts)


def _is_open(at: Sequence[float], boxes: Sequence[Open], lengths: Sequence[float]) -> bool:
    """Return whether a point is in a box that stays open, except for rounding."""
    margins = [_OUT_OF_BOX * length for length in lengths]
    ball: Box = tuple((x - margin, x + margin) for x, margin in zip(at, margins, strict=True))
    return any(within(ball, each.box) for each in boxes)


def _remarks(zeros: Sequence[Zero], box: Box, wrong: int, unproven: int) -> list[str]:
    """Return warnings about points on the limits of the range and about those that are not proven."""
    notes = []
    on_limit = sum(within(zero.enclosure, box) != zero.enclosure for zero in zeros)
    if on_limit:
        notes.append(f"{_points(on_limit)} within rounding of a limit of the range")
    if wrong:
        notes.append(f"dropped {wrong:,} of the search, where the gradient is proven not to vanish")
    if unproven:
        notes.append(f"{_points(unproven)} not proven, in boxes that stay open")
    return notes


def _points(count: int) -> str:
    return "1 point is" if count == 1 else f"{count:,} points are"
