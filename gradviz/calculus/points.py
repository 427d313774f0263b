"""Critical points and lists of them as values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gradviz.limits import CRITICAL_POINTS

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]
NAMES: Mapping[Kind, tuple[str, str]] = {
    "minimum": ("minimum", "minima"),
    "maximum": ("maximum", "maxima"),
    "saddle": ("saddle", "saddles"),
    "degenerate": ("degenerate point", "degenerate points"),
}
"""The kinds in the order of the result, with their names in singular and plural."""

MISSING = "critical points may be missing: the function oscillates too fast or has too many variables"
"""Warning about a search that is not thorough enough."""


@dataclass(frozen=True)
class CriticalPoint:
    """A point where the gradient vanishes."""

    at: tuple[float, ...]
    """The D coordinates."""
    value: float
    """The value of the function."""
    kind: Kind
    """The kind by the signs of the eigenvalues; "degenerate" if one is zero, so that they do not suffice."""
    eigenvalues: tuple[float, ...]
    """The D eigenvalues of the Hessian, in ascending order."""
    enclosure: tuple[tuple[float, float], ...] | None = None
    """Proven bounds (low, high) of the D coordinates of the only zero of the gradient in them."""

    @property
    def index(self) -> int:
        """The index: the sign of the determinant of the Hessian, 0 for a degenerate point."""
        return 0 if self.kind == "degenerate" else math.prod(1 if x > 0 else -1 for x in self.eigenvalues)


def kind_of(eigenvalues: Sequence[float]) -> Kind:
    """Return the kind of a point by its eigenvalues in ascending order, none of which is zero."""
    if eigenvalues[0] > 0:
        return "minimum"
    return "maximum" if eigenvalues[-1] < 0 else "saddle"


@dataclass(frozen=True)
class Completeness:
    """The proof that critical points are complete."""

    complete: bool
    """Whether the points listed are proven to be all in the range, each with an enclosure."""
    open: tuple[tuple[tuple[float, float], ...], ...]
    """Boxes, each D intervals (low, high), that may contain more critical points or kinks."""
    reasons: tuple[str, ...]
    """For each box the reason why it stays open."""
    boxes: int
    """The number of boxes that were examined."""

    @property
    def summary(self) -> str:
        """The outcome of the proof and the number of open boxes, as a message."""
        count = len(self.open)
        left = f", {count:,} box{'es' * (count != 1)} open" if count else ""
        return f"{'proven' if self.complete else 'not proven'} to be all{left}"


class CriticalPoints(NamedTuple):
    """The critical points of a field in ranges of its variables."""

    points: tuple[CriticalPoint, ...]
    """The points, sorted by kind and then by coordinates."""
    notes: tuple[str, ...] = ()
    """Warnings about the search."""
    proof: Completeness | None = None
    """With `certify`, whether `points` are proven to be all."""

    @property
    def summary(self) -> str:
        """The number of points of each kind, as a message."""
        kinds = [point.kind for point in self.points]
        counts = ((kinds.count(kind), names) for kind, names in NAMES.items())
        texts = [f"{count:,} {names[count > 1]}" for count, names in counts if count]
        proven = "" if self.proof is None else f"; {self.proof.summary}"
        return f"critical points: {', '.join(texts) or 'none found'}{proven}"


def listed(
    found: Sequence[CriticalPoint], notes: Sequence[str], proof: Completeness | None = None
) -> CriticalPoints:
    """Return the result for points in any order, of which at most 1,000 are listed."""
    order = list(NAMES)
    points = sorted(found, key=lambda point: (order.index(point.kind), point.at))
    if len(points) > CRITICAL_POINTS:
        few = f"only {CRITICAL_POINTS:,} of {len(points):,} critical points are listed; narrow the range"
        notes = (*notes, few)
    return CriticalPoints(tuple(points[:CRITICAL_POINTS]), tuple(notes), proof)
