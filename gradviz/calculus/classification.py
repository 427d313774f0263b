"""Classification of zeros of a gradient: critical points, and places that are none.

Each zero is verified at neighbouring points and, if the function has a formula, in multiple precision.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus.clusters import is_near_any, is_on_line, merged, spread, thinned
from gradviz.calculus.differences import EPS
from gradviz.calculus.newton import ScaledField, spectrum
from gradviz.calculus.points import CriticalPoint, kind_of
from gradviz.calculus.verification import FLAT, GAP, KINK, VALID, eigenvalue_signs, is_linear, verdicts

_MAX_DEGENERATE = 300  # number of degenerate points that are tested for lying on a line
_MAX_REFINING = 1_500  # number of operations in one evaluation of all points that are refined
_FEWEST_REFINED = 20  # number of points that are refined even so
_MAX_DOUBTFUL = 24  # number of points that are refined because they may be zeros

_FLAT = 1e-20  # magnitude of a scaled eigenvalue that is rounding, relative to the median slope

# Lengths are relative to the ranges.
SAME = 1e-5  # distance up to which results of Newton's method are one point
_SAME_DEGENERATE = 3e-3  # distance where an eigenvalue vanishes, and rounding spreads the results
_EQUAL_PLACES = 1e-11  # distance up to which points differ by rounding
_OUTSIDE = 1e-9  # distance by which rounding may move a point on a limit of the range out of it


@dataclass(frozen=True)
class Findings:
    """The critical points among zeros of a gradient, and the places that are none."""

    points: list[CriticalPoint] = field(default_factory=list)
    gaps: list[CriticalPoint] = field(default_factory=list)
    """The points to which a critical point can be added: the function is undefined there."""
    kinks: list[Floats] = field(default_factory=list)
    """Places (D,) where the gradient changes its sign at a kink or a jump."""
    open: int = 0
    """The number of other points where the gradient tends to zero but the function is undefined."""
    on_lines: int = 0
    """The number of points that represent lines."""
    flat: bool = False
    """Whether the function is flat in a part of the range."""
    omitted: bool = False
    """Whether there are too many degenerate points."""

    def joined(self, other: Findings, length: Floats) -> Findings:
        """Return these findings with those of a later search; `length` (D,) is that of the ranges."""
        return Findings(
            _distinct([*self.points, *other.points], length), _distinct([*self.gaps, *other.gaps], length),
            [*self.kinks, *other.kinks], self.open, self.on_lines, self.flat, self.omitted,
        )  # fmt: skip


def _distinct(points: list[CriticalPoint], length: Floats) -> list[CriticalPoint]:
    """Return the points of which no earlier one differs by rounding only."""
    places = np.array([point.at for point in points]).reshape(-1, len(length)) / length
    first = [
        k
        for k, place in enumerate(places)
        if not (np.abs(places[:k] - place) <= _EQUAL_PLACES).all(axis=-1).any()
    ]
    return [points[k] for k in first]


def classified(scaled: ScaledField, zeros: Floats) -> Findings:
    """Return the findings at zeros (N, D) of the gradient; those outside the ranges are left out."""
    high = scaled.low + scaled.length
    margin = _OUTSIDE * scaled.length
    zeros = zeros[((zeros >= scaled.low - margin) & (zeros <= high + margin)).all(axis=-1)]
    if not len(zeros):
        return Findings()
    zeros = np.clip(zeros, scaled.low, high)
    order = np.argsort(magnitudes(scaled.gradient(zeros)), kind="stable")
    points, spreads = merged(scaled, zeros[order], SAME)
    linear = is_linear(scaled, points)
    regular = (eigenvalue_signs(scaled, points, spreads) != 0).all(axis=-1)
    verdict = verdicts(scaled, points, linear)
    valid, known = verdict == VALID, np.isfinite(scaled.hessian(points)).all(axis=(-1, -2))
    degenerate, _ = merged(scaled, points[valid & known & ~regular], _SAME_DEGENERATE)
    most = min(_MAX_DEGENERATE, scaled.max_starts // (2 * len(scaled.low) + 2))
    omitted, degenerate = len(degenerate) > most, thinned(degenerate, most)
    verified = valid & known & regular & linear
    verified[verified] = ~is_near_any(scaled, points[verified], degenerate, _SAME_DEGENERATE / 3)
    on_line = is_on_line(scaled, degenerate)
    shown = _degenerate(scaled, spread(scaled, degenerate[on_line]))
    others = np.concatenate([degenerate[~on_line], points[valid & ~known]])
    doubtful = (valid & known & regular & ~linear) | (verdict == KINK) | (verdict == GAP)
    rescued = refined(scaled, points[doubtful])
    found = [*certain(scaled, points[verified]), *shown, *_degenerate(scaled, others), *rescued.points]
    return Findings(
        _distinct(found, scaled.length), rescued.gaps, list(points[verdict == KINK]),
        max(int((verdict == GAP).sum()) - len(rescued.gaps), 0), len(shown),
        bool((verdict == FLAT).any()), omitted and not on_line.any(),
    )  # fmt: skip


def refined(scaled: ScaledField, points: Floats) -> Findings:
    """Return the regular critical points and gaps close to points (N, D), by multiple precision alone."""
    found = [point for point in _zeros(scaled, thinned(points, _MAX_DOUBTFUL)) if point is not None]
    found = [point for point in found if point.kind != "degenerate"]
    defined = np.isfinite([float(scaled.field(point.at)) for point in found])
    points_found = [point for point, known in zip(found, defined, strict=True) if known]
    return Findings(points_found, [point for point, known in zip(found, defined, strict=True) if not known])


def certain(scaled: ScaledField, points: Floats) -> list[CriticalPoint]:
    """Return the critical points at verified zeros (N, D)."""
    if scaled.roots is None:
        return described(scaled, points)
    most = max(_FEWEST_REFINED, _MAX_REFINING // max(scaled.field.operations, 1))
    hessians = spectrum(scaled.hessian(points[:most])).values
    found = _zeros(scaled, points[:most], hessians)
    return [*(point for point in found if point is not None), *described(scaled, points[most:])]


def _degenerate(scaled: ScaledField, points: Floats) -> list[CriticalPoint]:
    """Return the critical points at zeros (N, D) whose Hessian is singular in double precision."""
    if scaled.roots is None:
        return described(scaled, points, degenerate=True)
    tested = thinned(points, _MAX_DOUBTFUL)
    found: list[CriticalPoint] = []
    for point, zero in zip(tested, _zeros(scaled, tested), strict=True):
        if zero is not None:
            found.append(zero)
        elif scaled.roots.vanishes(point.tolist()):
            found += described(scaled, point[None], degenerate=True)
    if len(found) < len(tested):  # most others may be rounding, too
        return found
    others = points[~is_near_any(scaled, points, tested, 0.0)]
    return found + described(scaled, others, degenerate=True)


def _zeros(
    scaled: ScaledField, points: Floats, eigenvalues: Floats | None = None
) -> list[CriticalPoint | None]:
    """Return the critical point in multiple precision at each of points (N, D), None where there is none."""
    if scaled.roots is None:
        return []
    found: list[CriticalPoint | None] = []
    low, high, lengths = scaled.low, scaled.low + scaled.length, scaled.length.tolist()
    for k, point in enumerate(points.tolist()):
        zero = scaled.roots.near(point, lengths, () if eigenvalues is None else eigenvalues[k].tolist())
        if zero is None or not _is_inside(np.array(zero.at), low, high):
            found.append(None)
        else:
            kind = kind_of(zero.eigenvalues) if zero.regular else "degenerate"
            found.append(CriticalPoint(zero.at, zero.value, kind, zero.eigenvalues))
    return found


def _is_inside(point: Floats, low: Floats, high: Floats) -> bool:
    """Return whether a point (D,) is in the ranges, whose limits are rounded as it is."""
    margin = 4 * EPS * np.abs(point)
    return bool(((point >= low - margin) & (point <= high + margin)).all())


def described(scaled: ScaledField, points: Floats, *, degenerate: bool = False) -> list[CriticalPoint]:
    """Return the critical points at points (N, D), with eigenvalues in units of f and the coordinates."""
    points = points + 0.0  # 0 instead of -0
    hessians = scaled.hessian(points) / scaled.length / scaled.length[:, None]
    values = spectrum(hessians).values
    values[np.abs(values) <= 4 * EPS * np.abs(values).max(axis=-1, initial=0, keepdims=True)] = 0.0
    values[np.abs(values) * scaled.length.max() ** 2 <= _FLAT * scaled.median_slope] = 0.0
    values[~np.isfinite(hessians).all(axis=(-1, -2))] = np.nan
    rows = zip(points.tolist(), (scaled.field(points) + 0.0).tolist(), (values + 0.0).tolist(), strict=True)
    return [
        CriticalPoint(tuple(at), value, "degenerate" if degenerate else kind_of(row), tuple(row))
        for at, value, row in rows
    ]
