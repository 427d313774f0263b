"""Curves of one variable as they are drawn: cut at discontinuities, with exact ends, and refined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats
from gradviz.errors import Message
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.gaps import Gaps, removable_gaps
from gradviz.sampling.limits import Limits, data_limits
from gradviz.sampling.refinement import edges, pole_ends, refined
from gradviz.sampling.undersampling import FEWEST_PER_WAVE, Undersampled, has_short_waves, too_fast
from gradviz.sampling.values import Evaluated, drawable, has_chosen_points
from gradviz.specs.spec import Spec

_LARGEST_RATIO = 1e3  # of a drawn value to the largest sample: only the sides of a pole are larger
_JUMPS = 2  # discontinuities within the shortest wave that are too many
_SHORTEST_ON_PAGE = FEWEST_PER_WAVE / 500  # of the axis of the variable: a wave three line widths long
_LISTED = 6  # removable gaps that a warning names


@dataclass(frozen=True, eq=False)
class Drawn:
    """A curve as it is drawn."""

    points: Floats
    """The points (M, 2), NaN in gaps."""
    ends: Floats
    """Those (K, 2) of them at edges of the domain, beside poles and in removable gaps."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A curve at coordinates (n,): its samples, both sides of each discontinuity, gaps and edges."""

    evaluated: Evaluated
    samples: Floats
    """The points (m, 2) without removable gaps and edges."""
    x: Floats
    values: Floats
    """The values (n,), NaN in the gaps; at removable gaps the limits."""
    gaps: Gaps
    """The removable gaps."""
    has_chosen_points: bool
    """Whether a user chose the points, between which there are no others."""
    limits: Limits
    """The limits of the values that are drawn, up to twice the span of the samples."""
    is_coarse: bool
    """Whether the function waves faster than the picture shows."""

    @property
    def reached(self) -> Limits:
        """The limits of the curve, robust ones where f has a pole."""
        data = data_limits(self.evaluated.drawable)
        low, high = (
            own if robust == end else robust
            for robust, end, own in zip(self.evaluated.limits, data, self.limits, strict=True)
        )
        return low, high

    def at(self, x: Floats) -> Floats:
        """Return the values (K,) that can be drawn at coordinates (K,)."""
        return _values(self.evaluated, x)

    def drawn(self, view: Limits) -> Drawn:
        """Return the curve up to the view at poles, and refined in the view."""
        poles = pole_ends(self.at, self.x, self.values, view, in_domain=self.has_chosen_points)
        x, values = with_points(self.x, self.values, poles, self.at(poles))
        is_end = ~np.isin(x, self.samples[:, 0]) | np.isin(x, self.gaps.at)
        ends = np.stack([x[is_end], values[is_end]], axis=-1)
        if not self.has_chosen_points:
            x, values = refined(self.at, x, values, *_with_height(view))
        return Drawn(np.stack([x, values], axis=-1), ends)

    @property
    def undersampled(self) -> tuple[Undersampled, ...]:
        """The problem of a curve that waves faster than the picture shows."""
        count = len(self.evaluated.points)
        return (too_fast((count,), more=self.has_chosen_points),) if self.is_coarse else ()

    @property
    def gap_points(self) -> Floats:
        """The points (K, 2) of the removable gaps."""
        return np.stack([self.gaps.at, self.gaps.limits], axis=-1)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """The removable gaps, as a warning."""
        count = len(self.gaps.at)
        if not count:
            return ()
        name = self.evaluated.field.variables[0]
        more = f", {count - _LISTED} more" if count > _LISTED else ""
        places = ", ".join(f"{at:.4g}" for at in self.gaps.at[:_LISTED].tolist())
        marked = "an open circle marks its limit" if count == 1 else "open circles mark its limits"
        return (Message(f"the function is undefined at {name} = {places}{more}, a removable gap: {marked}"),)


def outline_of(spec: Spec, evaluated: Evaluated) -> Outline:
    """Return the outline of a figure's curve at points (n, 1), as it is seen in the views of the spec."""
    ends = evaluated.points[[0, -1], 0].tolist()
    return outline(
        evaluated, spec.ylim, has_chosen_points=has_chosen_points(spec), shortest=_SHORTEST_ON_PAGE,
        shown=spec.xlim or (ends[0], ends[1]),
    )  # fmt: skip


def outline(
    evaluated: Evaluated, view: Limits | None, *, has_chosen_points: bool, shortest: float, shown: Limits
) -> Outline:
    """Return the outline of a curve, to be seen within limits of values or else within its own.

    Waves as long as the share `shortest` of the interval `shown` are visible, if there are enough points.
    """
    points, values = split_at_breaks(evaluated)
    x, samples = points[:, 0], evaluated.points[:, 0]
    cell = float(np.ptp(samples)) / (len(samples) - 1)
    largest = _LARGEST_RATIO * np.nanmax(np.abs(evaluated.drawable))
    values = np.where(np.abs(values) <= largest, values, np.nan)
    kept = np.stack([x, values], axis=-1)
    gaps = removable_gaps(evaluated.field, samples, evaluated.drawable, cell)
    x, values = with_points(x, values, gaps.at, gaps.limits)

    def at(places: Floats) -> Floats:
        return _values(evaluated, places)

    ends = edges(at, x, values)
    x, values = with_points(x, values, ends, at(ends))
    seen = _with_height(view or evaluated.limits)
    fine_x, fine = refined(at, x, values, *seen)
    low, high = data_limits(values if has_chosen_points else fine)
    least, most = data_limits(evaluated.drawable)
    limits = max(low, least - (most - least)), min(high, most + (most - least))
    length = max(shortest * (shown[1] - shown[0]), FEWEST_PER_WAVE * cell * has_chosen_points)
    fine = np.where((fine_x >= shown[0]) & (fine_x <= shown[1]), fine, np.nan)
    is_coarse = has_short_waves(fine_x, np.clip(fine, *seen), length, seen[1] - seen[0])
    if evaluated.breaks:
        jumps = np.sort(evaluated.breaks.low[:, 0])
        is_coarse |= bool((jumps[_JUMPS:] - jumps[:-_JUMPS] < length).any())
    return Outline(evaluated, kept, x, values, gaps, has_chosen_points, limits, is_coarse)


def with_points(x: Floats, values: Floats, more: Floats, found: Floats) -> tuple[Floats, Floats]:
    """Return coordinates (n,) in ascending order and values (n,) with others, which replace equal ones."""
    kept = ~np.isin(x, more)
    x, values = np.append(x[kept], more), np.append(values[kept], found)
    order = np.argsort(x, kind="stable")
    return x[order], values[order]


def _values(evaluated: Evaluated, x: Floats) -> Floats:
    """Return the values (K,) that can be drawn at coordinates (K,), maybe none, which no user must handle."""
    return drawable(evaluated.field(x[:, None])) if x.size else x


def _with_height(view: Limits) -> Limits:
    """Return limits of values that are not equal."""
    low, high = view
    return (low, high) if high > low else (low - 1.0, high + 1.0)
