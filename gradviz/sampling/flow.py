"""Samples of a gradient over a plane: the mesh of arrows or streamlines, and a finer one behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from gradviz.arrays import Floats, mesh
from gradviz.errors import Message, Ref, RequestError
from gradviz.sampling.fields import axes_of, critical_of, field_of, first_warnings, gradient_of
from gradviz.sampling.levels import best_spacing, find_levels
from gradviz.sampling.limits import (
    CONSTANT,
    Extend,
    is_constant,
    joined,
    magnitude_limit,
    robust_limits,
    values_beyond,
)
from gradviz.sampling.numbers import format_point
from gradviz.sampling.samples import PointSamples, Sampler
from gradviz.sampling.streamlines import leads_through, shortened
from gradviz.sampling.undersampling import undersampled_gradient
from gradviz.sampling.values import (
    Evaluated,
    Slopes,
    evaluate,
    evaluate_with_gradient,
    refuse_empty,
)

if TYPE_CHECKING:
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream

UNRELIABLE = "the gradient is nowhere reliable"
ZERO = "the gradient is zero everywhere"
QUIVER_STREAM_DENSITY = 0.9  # of streamlines behind arrows; 1 is Matplotlib's own
ARROW_MARGIN = 0.5  # distances between arrows that the view reaches beyond them
_FINE_STEPS = 200  # along each axis of the finer mesh, at least
_EQUAL_SHARE = 1e-9  # of a magnitude: magnitudes that differ less are equal but for truncation errors
_SHORT_PERCENT = 5  # percentage of arrows with the smallest length of a logarithmic scale
_LOG_DECADES = (1.0, 6.0)  # minimum and maximum number of decades of logarithmic lengths
_MATPLOTLIB_SCALE = 1.8  # of the mean length times the number of arrows along the panel: Matplotlib's rule


@dataclass(frozen=True, eq=False)
class FlowShared:
    """The scales of magnitudes and the levels of contours that the figures of a sweep share."""

    limit: float
    """The upper limit of the colour scale."""
    extend: Extend
    is_one_magnitude: bool
    """Whether the gradient has the same magnitude everywhere, which is then in the middle of the scale."""
    lengths: tuple[float, float]
    """The magnitudes of the shortest and the longest arrow; true lengths start at 0."""
    some_cut: bool
    """Whether a gradient is larger than that of the longest arrow."""
    mean: float
    """The mean magnitude of all arrows that have a direction."""
    levels: tuple[float, ...]
    warnings: tuple[Message, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class FlowSamples(PointSamples):
    """A gradient on a mesh (n1, n0, 2)."""

    shows_values: ClassVar[bool] = False

    slopes: Slopes
    """The gradient on the mesh."""
    fine: Evaluated | None
    """The function on a finer mesh, for what is drawn behind arrows and along lines."""
    fine_slopes: Slopes | None
    lost: Mapping[tuple[float, ...], str]
    """The points through which no line leads, and why."""
    reason_for_none: str
    """Why there is no arrow and no line; empty if there are."""
    shared: FlowShared | None = None


def sample(spec: Quiver | Stream) -> FlowSamples:
    """Evaluate the function and its gradient on the mesh, and on a finer one for what is drawn behind.

    Raises RequestError if nothing can be drawn, or for a point without a value that a line shall lead
    through.
    """
    field = field_of(spec, at=spec.at, plane=spec.plane)
    gradient, axes = gradient_of(spec, field), axes_of(spec)
    is_cut = spec.kind == "stream"  # an arrow belongs to one point and needs no cut
    evaluated, slopes = evaluate_with_gradient(field, gradient, mesh(*axes), cut=is_cut)
    refuse_empty(evaluated, has_gradient=True)
    warnings = first_warnings(spec, field)
    constant = is_constant(evaluated.drawable)
    warnings += [Message(CONSTANT)] if constant else []
    critical, found = critical_of(field, axes) if spec.critical else ((), ())
    warnings += found
    reason = "" if slopes.has_direction else CONSTANT if constant else _why_none(slopes)
    warnings += [Message(reason)] if reason and not constant else []
    fine, fine_slopes = _finer(spec, field, axes)
    lost = _lost_points(spec, field, fine, fine_slopes)
    samples = FlowSamples(
        evaluated=evaluated, slopes=slopes, fine=fine, fine_slopes=fine_slopes, critical=critical, lost=lost,
        reason_for_none=reason, own_warnings=tuple(warnings),
    )  # fmt: skip
    more = tuple(_warnings(spec, samples))
    return replace(samples, own_warnings=(*samples.own_warnings, *more))


def share(spec: Quiver | Stream, members: Sequence[FlowSamples]) -> FlowShared:
    """Compute the scales that some figures have in common."""
    arrows = joined([one.slopes.magnitudes for one in members])
    coloured = joined([coloured_magnitudes(spec, one) for one in members])
    limit, extend = magnitude_limit(coloured)
    is_one = is_constant(coloured, _EQUAL_SHARE) and limit > 0
    lengths = _length_limits(spec, arrows)
    directed = arrows[arrows > 0]
    levels, warnings = _levels_behind(spec, members)
    if beyond := _magnitudes_beyond(spec, coloured, 2 * limit if is_one else limit):
        warnings = (beyond, *warnings)
    return FlowShared(
        limit, extend, is_one, lengths, bool(np.nanmax(arrows, initial=0) > lengths[1]),
        float(directed.mean()) if directed.size else 1.0, levels, warnings,
    )  # fmt: skip


def coloured_magnitudes(spec: Quiver | Stream, samples: FlowSamples) -> Floats:
    """Return the magnitudes (n1, n0) that colours show, on the mesh that shows them."""
    slopes = samples.fine_slopes if spec.heat else samples.slopes
    assert slopes is not None  # noqa: S101 - colours behind have a finer mesh
    return slopes.magnitudes


def matplotlib_length_unit(mean: float, count: int) -> float:
    """Return the length of a vector as wide as the panel, by Matplotlib's rule for `count` arrows."""
    return _MATPLOTLIB_SCALE * mean * max(10.0, math.sqrt(count))


def has_lines(spec: Quiver | Stream) -> bool:
    """Return whether lines along the gradient are drawn on the finer mesh."""
    return bool(spec.through) or (spec.kind == "quiver" and spec.stream)


def _why_none(slopes: Slopes) -> str:
    return ZERO if np.mean(slopes.estimate.reliable) > 1 / 2 else UNRELIABLE  # it is reliable where it is 0


def _finer(
    spec: Quiver | Stream, field: Any, axes: Sequence[Floats]
) -> tuple[Evaluated | None, Slopes | None]:
    """Evaluate on a mesh that contains the points of the figure's own, and fills the view."""
    if not (spec.contour or spec.heat or has_lines(spec)):
        return None, None
    margin = ARROW_MARGIN if spec.kind == "quiver" else 0.0

    def refined(along: Floats) -> Floats:
        each = 2 * -(-_FINE_STEPS // (2 * (len(along) - 1)))  # even, so that half a distance is whole steps
        count, room = each * (len(along) - 1), round(margin * each)
        step = (along[-1] - along[0]) / count
        return np.asarray(along[0] + step * np.arange(-room, count + room + 1))

    points = mesh(*map(refined, axes))
    if spec.heat or has_lines(spec):
        return evaluate_with_gradient(field, gradient_of(spec, field), points, cut=True)
    return evaluate(field, points, cut=True), None


def _lost_points(
    spec: Quiver | Stream, field: Any, fine: Evaluated | None, slopes: Slopes | None
) -> dict[tuple[float, ...], str]:
    """Return the points through which no line leads, and why."""
    lost: dict[tuple[float, ...], str] = {}
    for point in spec.through if fine is not None and slopes is not None else ():
        assert fine is not None  # noqa: S101 - said for type checkers
        assert slopes is not None  # noqa: S101 - the same
        at = gradient_of(spec, field).estimate(point)
        if np.isnan(at.values):
            inside = bool(field.contains(point))
            why = ("the function is undefined there",) if inside else (Ref("where"), " does not hold there")
            raise RequestError(
                f"no line leads through {format_point(point)}: ", *why, "; give another ", Ref("through")
            )
        if at.reliable and not at.gradient.any():
            lost[point] = "the gradient is 0 there"
        elif not leads_through(fine, slopes, point):
            lost[point] = f"the gradient turns or jumps {'close by' if at.reliable else 'there'}"
    return lost


def _warnings(spec: Quiver | Stream, samples: FlowSamples) -> Iterator[Message]:
    """Yield warnings of what no arrow and no line shows."""
    if spec.kind == "stream":
        yield from shortened(samples.evaluated, samples.slopes, spec.density)
    elif spec.stream and samples.fine is not None and samples.fine_slopes is not None:
        yield from shortened(samples.fine, samples.fine_slopes, QUIVER_STREAM_DENSITY)
    gradient = gradient_of(spec, samples.evaluated.field)
    yield from undersampled_gradient(gradient, samples.evaluated, samples.slopes)
    if spec.contour and samples.fine is not None and (large := samples.fine.too_large):
        count = f"{large:,} of {samples.fine.values.size:,} points"
        yield Message(f"no level lines where the function is too large for them: at {count}")
    for point, why in samples.lost.items():
        yield Message(f"no line leads through {format_point(point)}: {why}")


def _length_limits(spec: Quiver | Stream, magnitudes: Floats) -> tuple[float, float]:
    """Return the magnitudes that have the shortest and the longest arrow."""
    positive = magnitudes[magnitudes > 0]
    if spec.kind != "quiver" or spec.arrows != "log" or not positive.size:
        return 0.0, magnitude_limit(magnitudes)[0]
    high, low = float(positive.max()), float(np.percentile(positive, _SHORT_PERCENT))
    least, most = _LOG_DECADES
    return min(max(low, high / 10**most), high / 10**least), high


def _levels_behind(
    spec: Quiver | Stream, members: Sequence[FlowSamples]
) -> tuple[tuple[float, ...], tuple[Message, ...]]:
    """Return the levels of contours behind, and a warning of values that have none."""
    fine = [one.fine for one in members if one.fine is not None]
    if not spec.contour or not fine:
        return (), ()
    limits = [robust_limits(one.field, one.points, one.drawable) for one in fine]
    ends = min(low for low, _ in limits), max(high for _, high in limits)
    values = joined([one.drawable for one in fine])
    spacing = best_spacing(*(one.drawable for one in fine))
    levels = find_levels(None, values, filled=False, spacing=spacing, limits=ends)
    return tuple(levels), values_beyond(values, ends, "have no level lines")


def _magnitudes_beyond(spec: Quiver | Stream, magnitudes: Floats, limit: float) -> Message | None:
    """Return a warning of gradients beyond the colour scale, if that is used."""
    greater = int(np.count_nonzero(magnitudes > limit))
    if not greater or not _shows_magnitudes(spec):
        return None
    known = int(np.count_nonzero(np.isfinite(magnitudes)))
    marks = "arrows" if spec.kind == "quiver" and not spec.heat else "points"
    return Message(
        f"the scale ends at a gradient of {limit:.3g}; {greater:,} of {known:,} {marks} have a greater one"
    )


def _shows_magnitudes(spec: Quiver | Stream) -> bool:
    """Return whether magnitudes are shown: by colours, or by true lengths that are cut."""
    if spec.kind == "stream":
        return True
    is_book = spec.style == "book"
    one_colour = spec.color or (is_book and not (spec.cmap or spec.colorbar))
    return spec.heat or not one_colour or (spec.arrows == "true" and not is_book)


SAMPLER = Sampler(sample, share)
