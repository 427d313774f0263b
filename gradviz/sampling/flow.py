"""Samples of a gradient over a plane: the mesh of arrows or streamlines, and a finer one behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from gradviz.arrays import Floats, magnitudes, mesh
from gradviz.calculus.continuity import grows_without_bound
from gradviz.calculus.differences import central
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.integration import Frame, Landscape
from gradviz.sampling.levels import best_spacing, find_levels
from gradviz.sampling.limits import (
    CONSTANT,
    Extend,
    Limits,
    extend_of,
    is_constant,
    is_crowded,
    joined,
    log_magnitude_limits,
    magnitude_limit,
    outer_limits,
    union,
    upper_fence,
    values_beyond,
)
from gradviz.sampling.mesh import sample_mesh
from gradviz.sampling.samples import Sampler, Samples, Shared, completed
from gradviz.sampling.streamlines import Streamline, lines_through, streamlines
from gradviz.sampling.undersampling import arrows_alias, cells_of, probed, undersampled_gradient
from gradviz.sampling.values import (
    Evaluated,
    Slopes,
    axes_of,
    evaluate,
    field_of,
    format_point,
    gradient_of,
    gradient_results,
    gradient_warnings,
    gradients_at,
    has_chosen_points,
    slopes_at,
)
from gradviz.specs.plane import arrow_room, fills_room, has_equal_units, view_of, view_ratio

if TYPE_CHECKING:
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface

UNRELIABLE = "the gradient is nowhere reliable"
ZERO = "the gradient is zero everywhere"
QUIVER_STREAM_DENSITY = 0.9  # of streamlines behind arrows; 1 is Matplotlib's own
_ARROW_MARGIN = 0.5  # distances between arrows that the view reaches beyond them
_MIN_MARGIN = 0.3  # smallest margin of the view around arrows, in distances between arrows
_FEW_MARGIN = 0.085  # margin of the view around few arrows, which are short, as a share of the range
_COUNTS = (25, 33)  # arrows along an axis where fewer alias
_FINE_STEPS = 200  # along each axis of the finer mesh, at least
_EQUAL_SHARE = 1e-9  # of a magnitude: magnitudes that differ less are equal but for truncation errors
_MATPLOTLIB_SCALE = 1.8  # of the mean length times the number of arrows along the panel: Matplotlib's rule

SMOOTH_DENSITY = 5.0  # of Matplotlib's streamlines: at that, steps are so short that no corner is visible
NONE_LONG_ENOUGH = "no line is long enough\nto be drawn"
_DIFFERENCE_STEP = 1e-5  # of the width of the panel: step of central differences along lines
_MAX_DENSITY_FACTOR = 2.0  # of lines in a long, narrow figure to those in a square one
_SLOW_OPERATIONS = 10_000  # array operations of a gradient: above, lines start from fewer seeds


@dataclass(frozen=True, eq=False)
class FlowShared(Shared):
    """The scales of magnitudes and the levels of contours that the figures of a sweep share."""

    limits: Limits
    """The limits of the colour scale; the lower one is 0 if it is linear, and above 0 if logarithmic."""
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


@dataclass(frozen=True, eq=False)
class Line:
    """A streamline through points (N, 2), in the direction of the figure, with the magnitudes (N,) there."""

    points: Floats
    magnitudes: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class FlowSamples(Samples):
    """A gradient on a mesh (n1, n0, 2)."""

    shows_values: ClassVar[bool] = False

    slopes: Slopes
    """The gradient on the mesh."""
    fine: Evaluated | None
    """The function on a finer mesh, for what is drawn behind arrows and along lines."""
    fine_slopes: Slopes | None
    frame: Frame
    """The part of the panel that lines cover."""
    lines: tuple[Line, ...]
    """Streamlines all over the panel."""
    through: tuple[Line, ...]
    """The lines through given points."""
    lost: Mapping[tuple[float, ...], str]
    """The points through which no line leads, and why."""
    reason_for_none: str
    """Why there is no arrow and no line; empty if there are."""
    shared: FlowShared | None = None


def sample_quiver(spec: Quiver) -> FlowSamples:
    """Evaluate the function and its gradient at the arrows, and on a finer mesh for what is drawn behind."""
    density = QUIVER_STREAM_DENSITY if spec.stream else None
    spec = _with_fitting_mesh(spec)
    return _sample(spec, cut=False, margin=arrow_margin(spec), density=density)


def arrow_margin(spec: Quiver) -> float:
    """Return the margin of the view around arrows, in distances between arrows."""
    return min(_ARROW_MARGIN, max(_FEW_MARGIN * (max(spec.sample_counts()) - 1), _MIN_MARGIN))


def _with_fitting_mesh(spec: Quiver) -> Quiver:
    """Return a spec with more arrows if the default ones would alias, as few as show the waves of f."""
    if has_chosen_points(spec):
        return spec
    counts = [count for count in _COUNTS if count <= arrow_room(spec)]
    axes = axes_of(spec)
    points = mesh(*axes)
    probe = probed(field_of(spec, at=spec.at, plane=spec.plane), points)
    cells, steps = np.array(cells_of(points)), min(map(len, axes)) - 1
    finer = 1.0  # ratio of the numbers of distances between arrows
    while counts and arrows_alias(probe, (cells / finer).tolist()):
        finer = (counts.pop(0) - 1) / steps
    if finer == 1.0:
        return spec
    samples = tuple(round((len(along) - 1) * finer) + 1 for along in axes)
    return type(spec)(**{**spec.to_dict(), "samples": samples})


def sample_stream(spec: Stream) -> FlowSamples:
    """Evaluate the function and its gradient on a mesh, and along streamlines."""
    return _sample(spec, cut=True, margin=0.0, density=spec.density)


def share_quiver(spec: Quiver, members: Sequence[FlowSamples]) -> FlowShared:
    """Compute the scales that some figures with arrows have in common."""
    is_book = spec.style == "book"
    is_coloured = not (spec.color or (is_book and not (spec.cmap or spec.colorbar)))
    shows_magnitudes = spec.heat or is_coloured or (spec.arrows == "true" and not is_book)
    marks = ("points" if spec.heat else "arrows") if shows_magnitudes else ""
    return _share(spec, members, marks)


def share_stream(spec: Stream, members: Sequence[FlowSamples]) -> FlowShared:
    """Compute the scales that some figures with streamlines have in common."""
    return _share(spec, members, "points")


def _sample(spec: Quiver | Stream, *, cut: bool, margin: float, density: float | None) -> FlowSamples:
    """Evaluate the function on the mesh, with a margin on the finer one, and along lines of some density."""
    samples = sample_mesh(spec, gradient=True, cut=cut)
    evaluated, slopes, reason = samples.evaluated, completed(samples.slopes), ""
    warnings = samples.own_warnings
    if not slopes.has_direction and is_constant(evaluated.drawable):
        reason = CONSTANT
    elif not slopes.has_direction:
        is_zero = np.mean(slopes.estimate.reliable) > 1 / 2  # it is reliable where it is 0
        reason = ZERO if is_zero else UNRELIABLE
        warnings = (*warnings, Message(reason))
    gradients = gradients_at(spec, evaluated.field)
    points = mesh(*(_refined(along, margin) for along in axes_of(spec)))
    fine, fine_slopes = None, None
    if spec.contour or spec.heat or spec.through or gradients or (density and not cut):
        if spec.heat or spec.through or density:
            fine_slopes = slopes_at(gradient_of(spec, evaluated.field), points)
        values = fine_slopes.estimate.values if fine_slopes else None
        fine = evaluate(evaluated.field, points, values, cut=True)
    whole = points[[0, -1], [0, -1]]
    frame, view = _frame_of(spec, whole), _frame_of(spec, visible_box(spec, whole))
    lines, through, lost = _lines_of(spec, evaluated.field, (frame, view), None if reason else density)
    return _with_warnings(spec, FlowSamples(
        evaluated=evaluated, slopes=slopes, fine=fine, fine_slopes=fine_slopes, critical=samples.critical,
        open_boxes=samples.open_boxes, frame=frame, lines=lines, through=through, lost=lost,
        reason_for_none=reason, gradients=gradients, results=gradient_results(gradients),
        own_warnings=(*warnings, *gradient_warnings(spec, gradients)),
    ))  # fmt: skip


def _frame_of(spec: Quiver | Stream, box: Floats) -> Frame:
    """Return a part of the panel from its low and its high corner (2, 2)."""
    width, height = (high - low for low, high in view_of(spec))
    side = max(width, height)
    unit = np.array([side, side] if has_equal_units(spec) else [width, height / view_ratio(spec)])
    return Frame(box[0], unit, (box[1] - box[0]) / unit)


def visible_box(spec: Quiver | Stream | Surface, box: Floats) -> Floats:
    """Return the low and the high corner (2, 2) of the part of a box that the view shows."""
    (left, bottom), (right, top) = box
    (low0, high0), (low1, high1) = spec.xlim or (left, right), spec.ylim or (bottom, top)
    return np.array([[max(low0, left), max(low1, bottom)], [min(high0, right), min(high1, top)]])


def _lines_of(
    spec: Quiver | Stream, field: ScalarField, frames: tuple[Frame, Frame], density: float | None
) -> tuple[tuple[Line, ...], tuple[Line, ...], Mapping[tuple[float, ...], str]]:
    """Return lines all over the view, those through points, and the points that have none, and why.

    Lines through points lead beyond the view, up to the ends of the ranges; `frames` are those of both.
    """
    frame, view = frames
    landscape, lost = _landscape(field, frame, spec.step), _lost_points(spec, field)
    starts = [point for point in spec.through if point not in lost]
    through = []
    if starts:
        for start, line in zip(starts, lines_through(landscape, np.array(starts)), strict=True):
            if line is None:
                lost[start] = "the gradient turns or jumps close by"
            else:
                through.append(line)
    lines: list[Line] = []
    if density is not None and (view.size > 0).all():
        if fills_room(spec):  # lines are apart by shares of the longer side
            density *= min(math.sqrt(max(view.size) / min(view.size)), _MAX_DENSITY_FACTOR)
        lines = lines_over(field, view, density, spec.step, uphill=spec.ascent, clear_of=through)
    led = tuple(_directed(landscape, line, uphill=spec.ascent) for line in through)
    return tuple(lines), led, lost


def lines_over(
    field: ScalarField, frame: Frame, density: float, step: float | None, *,
    uphill: bool = False, clear_of: Sequence[Streamline] = (),
) -> list[Line]:  # fmt: skip
    """Return evenly spaced lines downhill or uphill all over a frame, which keep clear of others.

    A function without a formula has central differences with a step; None for a small one.
    """
    coarse = 1.0 if field.has_formula else 2.0 if field.operations < _SLOW_OPERATIONS else 3.0
    landscape = _landscape(field, frame, step)
    lines = streamlines(landscape, density, clear_of=clear_of, coarse=coarse)
    return [_directed(landscape, line, uphill=uphill) for line in lines]


def _directed(landscape: Landscape, line: Streamline, *, uphill: bool) -> Line:
    """Return a line in its direction, with the magnitudes of the gradient."""
    points = line.points if uphill else line.points[::-1]
    return Line(points, magnitudes(landscape.gradient(points)))


def _landscape(field: ScalarField, frame: Frame, step: float | None) -> Landscape:
    """Return a function over a frame with its gradient."""
    steps = np.full(2, step) if step else _DIFFERENCE_STEP * frame.unit

    def slope(points: Floats) -> Floats:
        if field.has_formula:
            return field.gradient(points)
        return central(field, points, np.broadcast_to(steps, points.shape))

    return Landscape(slope, field, frame)


def _refined(along: Floats, margin: float) -> Floats:
    """Return coordinates (N,) that contain those of a figure (n,), and reach `margin` distances beyond."""
    each = 2 * -(-_FINE_STEPS // (2 * (len(along) - 1)))  # even, so that half a distance is whole steps
    count, room = each * (len(along) - 1), math.ceil(margin * each)
    step = (along[-1] - along[0]) / count
    return np.asarray(along[0] + step * np.arange(-room, count + room + 1))


def _lost_points(spec: Quiver | Stream, field: ScalarField) -> dict[tuple[float, ...], str]:
    """Return the points at which there is no direction, and why."""
    lost = {}
    for point in spec.through:
        at = gradient_of(spec, field).estimate(point)
        if np.isnan(at.values):
            inside = bool(field.contains(point))
            why = ("the function is undefined there",) if inside else (Ref("where"), " does not hold there")
            raise RequestError(
                f"no line leads through {format_point(point)}: ", *why, "; give another ", Ref("through")
            )
        if not at.reliable:
            lost[point] = "the gradient turns or jumps there"
        elif not at.gradient.any():
            lost[point] = "the gradient is 0 there"
    return lost


def _with_warnings(spec: Quiver | Stream, samples: FlowSamples) -> FlowSamples:
    """Return samples with warnings of what neither arrows nor lines show."""
    evaluated, fine = samples.evaluated, samples.fine
    warnings = [*samples.own_warnings]
    coarse = undersampled_gradient(evaluated)
    if spec.contour and fine and (large := fine.too_large):
        count = f"{large:,} of {fine.values.size:,} points"
        warnings.append(Message(f"no level lines where the function is too large for them: at {count}"))
    for point, why in samples.lost.items():
        warnings.append(Message(f"no line leads through {format_point(point)}: {why}"))
    return replace(samples, own_warnings=tuple(warnings), undersampled=tuple(coarse))


def _share(spec: Quiver | Stream, members: Sequence[FlowSamples], marks: str) -> FlowShared:
    """Compute the scales of figures; `marks` are those that show magnitudes, if there are any."""
    arrows = joined([one.slopes.magnitudes for one in members])
    coloured = joined([coloured_magnitudes(spec, one) for one in members])
    unbounded = any(_is_unbounded(spec, one) for one in members)
    limit = magnitude_limit(coloured, unbounded=unbounded)
    is_one = is_constant(coloured, _EQUAL_SHARE)
    least = log_magnitude_limits(coloured, limit)[0] if is_crowded(coloured, limit) else 0.0
    lengths = 0.0, magnitude_limit(arrows, unbounded=unbounded)
    if spec.kind == "quiver" and spec.arrows == "log":
        lengths = log_magnitude_limits(arrows)
    directed = arrows[arrows > 0]
    levels, warnings = _levels_behind(spec, members)
    end = 2 * limit if is_one else limit
    greater, known = np.count_nonzero(coloured > end), np.count_nonzero(np.isfinite(coloured))
    if greater and marks:
        beyond = f"{greater:,} of {known:,} {marks} have a greater one"
        warnings = (Message(f"the scale ends at a gradient of {end:.3g}; {beyond}"), *warnings)
    extend = extend_of(below=bool((coloured < least).any()), above=bool(greater))
    return FlowShared(
        (least, limit), extend, is_one, lengths, bool(np.nanmax(arrows, initial=0) > lengths[1]),
        float(directed.mean()) if directed.size else 1.0, levels, warnings=warnings,
    )  # fmt: skip


def _is_unbounded(spec: Quiver | Stream, samples: FlowSamples) -> bool:
    """Return whether the magnitude of the gradient grows without bound near its maximum."""
    evaluated = samples.evaluated
    on_mesh, sizes = evaluated.points, coloured_magnitudes(spec, samples)
    if spec.heat:
        on_mesh = completed(samples.fine).points
    if not np.nanmax(sizes, initial=0.0) > upper_fence(sizes):
        return False
    # Near the maximum alone, finite differences of a formula would cost a tenth of a figure.
    field = evaluated.field
    gradient = field.gradient if field.has_formula else gradient_of(spec, field)
    return grows_without_bound(lambda at: magnitudes(gradient(at)), on_mesh, sizes, 1, coarse=True)


def _levels_behind(
    spec: Quiver | Stream, members: Sequence[FlowSamples]
) -> tuple[tuple[float, ...], tuple[Message, ...]]:
    """Return the levels of contours behind, and a warning of values that have none."""
    fine = [one.fine for one in members if one.fine is not None]
    if not spec.contour or not fine:
        return (), ()
    limits = union(one.limits for one in fine)
    meshes = [one.drawable for one in fine]
    values = joined(meshes)
    levels = find_levels(None, values, filled=False, spacing=best_spacing(*meshes), limits=limits)
    return tuple(levels), values_beyond(values, outer_limits(limits, levels), "have no level lines")


def coloured_magnitudes(spec: Quiver | Stream, samples: FlowSamples) -> Floats:
    """Return the magnitudes (n1, n0) that colours show, on the mesh that shows them."""
    return completed(samples.fine_slopes).magnitudes if spec.heat else samples.slopes.magnitudes


def matplotlib_length_unit(mean: float, count: int) -> float:
    """Return the length of a vector as wide as the panel, by Matplotlib's rule for `count` arrows."""
    return _MATPLOTLIB_SCALE * mean * max(10.0, math.sqrt(count))


QUIVER, STREAM = Sampler(sample_quiver, share_quiver), Sampler(sample_stream, share_stream)
