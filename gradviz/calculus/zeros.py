"""All zeros of a gradient in a box, proven by branch and bound with Krawczyk's operator.

R. E. Moore, "Interval Analysis", 1966; R. Krawczyk, "Newton-Algorithmen zur Bestimmung von Nullstellen mit
Fehlerschranken", Computing 4, 1969; A. Neumaier, "Interval Methods for Systems of Equations", 1990, section
5.1; S. M. Rump, "Verification methods: rigorous results using floating-point arithmetic", Acta Numerica 19,
2010, section 13 (epsilon inflation).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import arb

from gradviz.calculus.boxes import REASONS, Box, Effort, Open, Reason, split
from gradviz.calculus.points import Kind
from gradviz.fields.enclosure import Enclosure, bounds, interval, precision
from gradviz.fields.series import Defect, Series

Balls = list[arb]
Matrix = list[list[arb | None]]

_SEARCH_BITS = 64  # precision of the search
_FINE_BITS = 256  # precision of the enclosures of zeros
_MARGINS = (1.3e-6, 1.7e-6)  # extension of the searched ranges, relative to them: zeros on a limit are inside
_WIDENING = 1.1  # radius of the region in which a zero is searched, relative to the box
_INFLATION = 2.0**-32  # addition to that radius, relative to the range, for boxes that are a zero's alone
_SHRUNK = 0.5  # width after a step of Krawczyk's, relative to before, for which the box is kept whole
_REFINEMENTS = 100  # steps of Krawczyk's for the enclosure of a zero
_PROGRESS = arb(0.99)  # radius after such a step, relative to before, for which another one follows


@dataclass(frozen=True)
class Zero:
    """A zero of the gradient, with proof."""

    enclosure: Box
    """Doubles around the zero, a few units of the last place apart."""
    kind: Kind
    """The kind by the proven signs of the eigenvalues of the Hessian."""
    balls: tuple[arb, ...]
    region: tuple[arb, ...]
    """Balls that contain this zero and no other one."""


@dataclass(frozen=True)
class Zeros:
    """The proven zeros, the boxes that stay open, and the number of boxes examined."""

    zeros: tuple[Zero, ...]
    open: tuple[Open, ...]
    boxes: int


def all_zeros(function: Enclosure, ranges: Box, limits: Effort) -> Zeros:
    """Return all zeros of the gradient in ranges, slightly extended.

    Each box is excluded by the enclosure of a partial derivative, or has a zero that is shown to be unique,
    or is divided. Boxes of the smallest width and those left at the end of the search stay open.
    """
    lengths = [high - low for low, high in ranges]
    start = tuple(
        (low - _MARGINS[0] * length, high + _MARGINS[1] * length)
        for (low, high), length in zip(ranges, lengths, strict=True)
    )
    queue, zeros, left, count = deque([start]), list[Zero](), list[Open](), 0
    with precision(_SEARCH_BITS):
        while queue:
            if limits.is_spent(count):
                left += [Open(box, "limit") for box in queue]
                break
            box = queue.popleft()
            count += 1
            if _is_known(box, zeros):
                continue
            result = _examined(function, box, lengths)
            if isinstance(result, Zero):
                if (added := _added(result, zeros)) is None:
                    left.append(Open(box, "undecided"))
                else:
                    zeros += added
            elif result is not None:
                parts = split(result.box, lengths, result.axes)
                if result.contracted:
                    queue.append(result.box)
                elif parts is None or result.reason == "constant":
                    left.append(Open(result.box, result.reason))
                else:
                    queue.extend(parts)
    return Zeros(tuple(zeros), tuple(left), count)


@dataclass(frozen=True)
class _Rest:
    """The rest of a box: a smaller one, or the same one, to be divided along one of the axes."""

    box: Box
    reason: Reason
    axes: Sequence[int]
    contracted: bool = False


def _is_known(box: Box, zeros: Sequence[Zero]) -> bool:
    """Return whether a box lies in the region of a known zero, so that it has no other one."""
    return any(
        all(ball.contains(interval(*ends)) for ball, ends in zip(zero.region, box, strict=True))
        for zero in zeros
    )


def _added(zero: Zero, zeros: Sequence[Zero]) -> list[Zero] | None:
    """Return a new zero, nothing if it is a known one, and None if that is undecided."""
    for known in zeros:
        if all(a.overlaps(b) for a, b in zip(zero.balls, known.balls, strict=True)):
            same = all(a.contains(b) for a, b in zip(known.region, zero.balls, strict=True))
            return [] if same else None
    return [zero]


def _examined(function: Enclosure, box: Box, lengths: Sequence[float]) -> Zero | _Rest | None:
    """Return the zero in a box or what remains of the box; None if it has no zero."""
    balls = [interval(*ends) for ends in box]
    first = function.series(balls, 1)
    excluding = [slope for slope in first.coefficients[1:] if slope is not None and (slope > 0 or slope < 0)]
    if first.defect == Defect.EMPTY or (first.defect <= Defect.KINK and excluding):
        return None
    if first.defect != Defect.SMOOTH or first.is_constant:
        reason = "constant" if first.is_constant else REASONS[first.defect]
        return _Rest(box, reason, range(function.count))
    margins = (
        _WIDENING * ball.rad() + _INFLATION * length for ball, length in zip(balls, lengths, strict=True)
    )
    region = [ball.mid() + arb(0, 1) * margin for ball, margin in zip(balls, margins, strict=True)]
    middle = [ball.mid() for ball in region]
    around, there = function.series(region, 2), function.series(middle, 1)
    if max(around.defect, there.defect) != Defect.SMOOTH:
        return _Rest(box, REASONS[max(around.defect, there.defect)], range(function.count))
    return _narrowed(function, box, region, (middle, there, around))


def _narrowed(
    function: Enclosure, box: Box, region: Balls, forms: tuple[Balls, Series, Series]
) -> Zero | _Rest | None:
    """Return the zero in a region around a box, or what remains of the box; None if it has no zero.

    `forms` are the middle of the region, the gradient there, and the Hessian over the region.
    """
    middle, there, around = forms
    gradient = [_number(c) for c in there.coefficients[1:]]
    hessian = _hessian(around, function.count)
    change = [interval(*ends) - centre for ends, centre in zip(box, middle, strict=True)]
    for value, row in zip(gradient, hessian, strict=True):
        form = value + _sum(row, change)  # mean value form
        if form > 0 or form < 0:
            return None
    axes = [k for k, row in enumerate(hessian) if any(h is not None for h in row)]
    image = krawczyk(middle, gradient, hessian, region)
    if image is None:
        return _Rest(box, "degenerate", axes)
    if all(r.contains_interior(k) for r, k in zip(region, image, strict=True)):
        return _refined(function, region)
    return _contracted(box, image, axes)


def _sum(row: Sequence[arb | None], changes: Sequence[arb]) -> arb:
    return sum((h * d for h, d in zip(row, changes, strict=True) if h is not None), arb(0))


def _number(coefficient: arb | None) -> arb:
    return arb(0) if coefficient is None else coefficient


def _contracted(box: Box, image: Balls, axes: Sequence[int]) -> _Rest | None:
    """Return the intersection of a box with Krawczyk's image, which contains all zeros in the box."""
    parts, contracted = [], False
    for (low, high), ball in zip(box, image, strict=True):
        below, above = bounds(ball)
        if above < low or below > high:
            return None
        parts.append((max(low, below), min(high, above)))
        contracted |= parts[-1][1] - parts[-1][0] < _SHRUNK * (high - low)
    return _Rest(tuple(parts), "degenerate", axes, contracted)


def krawczyk(middle: Balls, gradient: Balls, hessian: Matrix, region: Balls) -> Balls | None:
    """Return K = m - Y g(m) + (1 - Y H) (X - m) for the region X with the middle m; None if H is singular.

    Y is an approximate inverse of the middle of H. All zeros in X are in K; if K is inside X, there is one.
    """
    centre = np.array([[0.0 if h is None else float(h) for h in row] for row in hessian])
    try:
        inverse = np.linalg.inv(centre)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(inverse).all():
        return None
    count = range(len(middle))
    image = []
    for i, row in enumerate(inverse.tolist()):
        total = middle[i]
        for k in count:
            if row[k]:
                total = total - row[k] * gradient[k]
        for j in count:
            product = sum((row[k] * h for k in count if row[k] and (h := hessian[k][j]) is not None), arb(0))
            total = total + ((i == j) - product) * (region[j] - middle[j])
        image.append(total)
    return image


def _hessian(series: Series, count: int) -> Matrix:
    """Return the Hessian (D, D) from Taylor coefficients, which are halves on the diagonal."""
    matrix: Matrix = [[None] * count for _ in range(count)]
    place = 1 + count
    for i in range(count):
        for j in range(i, count):
            coefficient = series.coefficients[place]
            matrix[i][j] = matrix[j][i] = (
                2 * coefficient if i == j and coefficient is not None else coefficient
            )
            place += 1
    return matrix


def _refined(function: Enclosure, region: Balls) -> Zero:
    """Return the only zero in a region, enclosed by Krawczyk's iteration in higher precision."""
    balls = list(region)
    with precision(_FINE_BITS):
        for _ in range(_REFINEMENTS):
            middle = [ball.mid() for ball in balls]
            there = function.series(middle, 1)
            hessian = _hessian(function.series(balls, 2), function.count)
            gradient = [_number(c) for c in there.coefficients[1:]]
            image = krawczyk(middle, gradient, hessian, balls)
            if image is None or not all(k.is_finite() for k in image):
                break
            smaller = [_intersection(k, ball) for k, ball in zip(image, balls, strict=True)]
            progress = any(new.rad() < _PROGRESS * old.rad() for new, old in zip(smaller, balls, strict=True))
            balls = smaller
            if not progress:
                break
        kind = _kind(_hessian(function.series(balls, 2), function.count))
    return Zero(tuple(map(bounds, balls)), kind, tuple(balls), tuple(region))


def _intersection(first: arb, second: arb) -> arb:
    """Return the smaller of two balls that both contain a number."""
    return first if first.rad() < second.rad() else second


def _kind(hessian: Matrix) -> Kind:
    """Return the kind of a critical point by the signs of all eigenvalues of the matrices in an enclosure.

    They are those of V^T H V (Sylvester's law of inertia), whose diagonal is dominant for approximate
    eigenvectors V (Gershgorin's theorem); "degenerate" if that proves nothing.
    """
    centre = np.array([[0.0 if h is None else float(h) for h in row] for row in hessian])
    if not np.isfinite(centre).all():
        return "degenerate"
    vectors = np.linalg.eigh(centre).eigenvectors.T.tolist()
    signs = []
    for i, left in enumerate(vectors):
        image = [_sum(row, [arb(x) for x in left]) for row in hessian]
        entries = [_sum(image, [arb(x) for x in right]) for right in vectors]
        others = sum((abs(e) for j, e in enumerate(entries) if j != i), arb(0))
        signs.append(1 if entries[i] > others else -1 if -entries[i] > others else 0)
    if 0 in signs:
        return "degenerate"
    return "minimum" if min(signs) > 0 else "maximum" if max(signs) < 0 else "saddle"
