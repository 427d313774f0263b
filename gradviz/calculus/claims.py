"""Proofs of claimed gradients on whole ranges, by Taylor forms in ball arithmetic.

The difference of the claim and the true partial derivative is enclosed by its Taylor polynomial at the
middle of a box, where equal terms cancel, and the terms of the highest degree over the box (R. E. Moore,
"Methods and Applications of Interval Analysis", 1979, section 3.4). Boxes are divided until the proof holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flint import arb

from gradviz.calculus.boxes import REASONS, Box, Open, effort, listed, split
from gradviz.fields.enclosure import Enclosure, bounds, enclosure, interval, precision
from gradviz.fields.series import Coefficients, Defect, Ring, Series, ring
from gradviz.language.reading import Expression

Interval = tuple[float, float]

_PROOF_BITS = (128, 256)  # precisions of boxes and of points that refute a claim
_DEGREES = {1: 10, 2: 6, 3: 4}  # degree of the Taylor forms by the number of variables
_LOCAL_LENGTH = 0.01  # length over which the change of a partial derivative counts, in ranges
_DEGREE = 3  # degree for more variables


@dataclass(frozen=True)
class Refutation:
    """A point where a claim is proven wrong."""

    point: tuple[float, ...]
    axis: int
    """The index of the partial derivative."""
    claimed: Interval | None
    """Bounds of the claim; None where it is undefined."""
    true: Interval
    """Bounds of the partial derivative."""


@dataclass(frozen=True)
class Certificate:
    """The result of a proof that a claimed gradient is right on a range."""

    certified: bool | None
    """True if proven right, False if proven wrong at a point, None if undecided."""
    open: tuple[Box, ...] = ()
    """Boxes that cover the part of the range in which nothing is proven."""
    reasons: tuple[str, ...] = ()
    """For each box the reason why it stays open."""
    boxes: int = 0
    """The number of boxes that were examined."""
    refutation: Refutation | None = None


@dataclass(frozen=True)
class Claim:
    """A claimed gradient, its function, and what counts as right.

    The error of a partial derivative is relative to the largest of its magnitude, its change over a hundredth
    of the ranges, by the Hessian, and its floor, which is above 0.
    """

    function: Enclosure
    parts: tuple[Enclosure, ...]
    ranges: Box
    tolerance: float
    floors: tuple[float, ...]

    def changes(self, function: Series) -> list[arb]:
        """Return the changes of the partial derivatives over a hundredth of the ranges, from a series."""
        index = ring(len(self.ranges), 2).index
        found = []
        for row in range(len(self.ranges)):
            change = arb(0)
            for column, (low, high) in enumerate(self.ranges):
                exponents = tuple((k == row) + (k == column) for k in range(len(self.ranges)))
                second = _number(function.coefficients[index[exponents]]) * (1 + (row == column))
                change = change + abs(second) * ((high - low) * _LOCAL_LENGTH)
            found.append(change)
        return found


def claim_of(
    function: Expression,
    parts: Iterable[Expression],
    ranges: Box,
    tolerance: float,
    floors: Sequence[float],
) -> Claim:
    """Return the claim that expressions are the partial derivatives of a function on ranges."""
    return Claim(enclosure(function), tuple(map(enclosure, parts)), ranges, tolerance, tuple(floors))


def proven_claim(claim: Claim, seconds: float, suspects: Iterable[Sequence[float]] = ()) -> Certificate:
    """Return the proof or the refutation of a claim on its ranges, in a processor time in s.

    `suspects` are points that may refute it.
    """
    limits = effort(seconds)
    for point in suspects:
        if found := _refutation(claim, point, _PROOF_BITS[1]):
            return Certificate(False, refutation=found)
    lengths = [high - low for low, high in claim.ranges]
    queue, left, count, compared = deque([claim.ranges]), list[Open](), 0, False
    while queue:
        if limits.is_spent(count):
            left += [Open(box, "limit") for box in queue]
            break
        box = queue.popleft()
        count += 1
        with precision(_PROOF_BITS[0]):
            defect = _open_defect(claim, box)
        compared |= defect != Defect.EMPTY
        if defect is None or defect == Defect.EMPTY:
            continue
        middle = tuple(low / 2 + high / 2 for low, high in box)
        if found := _refutation(claim, middle, _PROOF_BITS[0]):
            return Certificate(False, boxes=count, refutation=found)
        parts = split(box, lengths, range(len(box)))
        if parts is None:
            left.append(Open(box, REASONS[defect]))
        else:
            queue.extend(parts)
    shown = listed(left, lengths)
    return Certificate(
        True if compared and not left else None,
        tuple(each.box for each in shown), tuple(each.reason for each in shown), count,
    )  # fmt: skip


def _refutation(claim: Claim, point: Sequence[float], bits: int) -> Refutation | None:
    """Return the refutation of a claim at a point, or None."""
    with precision(bits):
        balls = [arb(x) for x in point]
        there = claim.function.series(balls, 2)
        if there.defect != Defect.SMOOTH:
            return None
        changes = claim.changes(there)
        for axis, part in enumerate(claim.parts):
            true = _number(there.coefficients[1 + axis])
            claimed = part.series(balls, 1)
            if claimed.defect == Defect.EMPTY:
                return Refutation(tuple(point), axis, None, bounds(true))
            error = abs(claimed.value - true)
            size = abs(true).max(changes[axis]).max(arb(claim.floors[axis]))
            if claimed.defect <= Defect.JUMP and error > claim.tolerance * size:
                return Refutation(tuple(point), axis, bounds(claimed.value), bounds(true))
    return None


def _open_defect(claim: Claim, box: Box) -> Defect | None:
    """Return None if a claim is proven on a box, EMPTY if the function is undefined on it, or a defect.

    Where the claim is undecided, that is the worst defect of the function and the claim, or SMOOTH.
    """
    degree = _DEGREES.get(len(box), _DEGREE)
    balls = [interval(*ends) for ends in box]
    first = claim.function.series(balls, 2)
    if first.defect == Defect.EMPTY:
        return first.defect
    claimed = [part.series(balls, 1) for part in claim.parts]
    smooth = first.defect == Defect.SMOOTH
    changes = claim.changes(first) if smooth else [arb(0)] * len(box)
    open_axes = []
    for axis, part in enumerate(claimed):
        true, value = _number(first.coefficients[1 + axis]), part.value
        size = abs(true).abs_lower().max(changes[axis].abs_lower()).max(arb(claim.floors[axis]))
        known = first.defect <= Defect.KINK and part.defect <= Defect.JUMP
        if not (known and abs(value - true) <= claim.tolerance * size):
            open_axes.append((axis, size))
    if not open_axes:
        return None
    worst = max(first.defect, *(claimed[axis].defect for axis, _ in open_axes))
    if worst != Defect.SMOOTH:
        return min(worst, Defect.EDGE)
    middle = [ball.mid() for ball in balls]
    radii = [(ball - centre).abs_upper() for ball, centre in zip(balls, middle, strict=True)]
    over, at = claim.function.series(balls, degree), claim.function.series(middle, degree - 1)
    for axis, size in open_axes:
        claimed_part = claim.parts[axis]
        rest, polynomial = claimed_part.series(balls, degree - 1), claimed_part.series(middle, degree - 2)
        if max(over.defect, at.defect, rest.defect, polynomial.defect) != Defect.SMOOTH:
            return Defect.SMOOTH
        errors = [
            _differences(at.coefficients, polynomial.coefficients, axis, ring(len(box), degree - 2)),
            _differences(over.coefficients, rest.coefficients, axis, ring(len(box), degree - 1), degree - 1),
        ]
        total = sum((_size(error, radii) for each in errors for error in each), arb(0))
        if not total <= claim.tolerance * size:
            return Defect.SMOOTH
    return None


def _differences(
    function: Coefficients, claim: Coefficients, axis: int, algebra: Ring, lowest: int = 0
) -> list[tuple[tuple[int, ...], arb]]:
    """Return the coefficients of the claim minus the partial derivative of the function, from a degree on.

    The claim's are those of `algebra`, the function's of the ring of one degree more. Each has its exponents.
    """
    longer = ring(algebra.count, algebra.degree + 1).index
    found = []
    for exponents, coefficient in zip(algebra.exponents, claim, strict=True):
        if sum(exponents) >= lowest:
            raised = tuple(e + (k == axis) for k, e in enumerate(exponents))
            slope = _number(function[longer[raised]]) * raised[axis]
            found.append((exponents, _number(coefficient) - slope))
    return found


def _size(term: tuple[tuple[int, ...], arb], radii: Sequence[arb]) -> arb:
    """Return a bound on the magnitude of a term of a Taylor polynomial over a box."""
    exponents, coefficient = term
    product = coefficient.abs_upper()
    for exponent, radius in zip(exponents, radii, strict=True):
        product = product * radius**exponent
    return product


def _number(coefficient: arb | None) -> arb:
    return arb(0) if coefficient is None else coefficient
