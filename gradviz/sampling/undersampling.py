"""Undersampling: whether a curve, a mesh or arrows have too few points for the function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import touched
from gradviz.errors import Message, Ref
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.limits import Limits, percentiles
from gradviz.sampling.values import Evaluated, Flags

FEWEST_POINTS = 10  # along an axis: with fewer, a mesh is visibly coarse
FEWEST_PER_WAVE = 6  # points of a wave that a curve shows
_FEWEST_CELLS_PER_WAVE = 8  # cells of a wave that contours or a surface show
FEWEST_ARROWS_PER_WAVE = 4  # distances between arrows in a wave whose directions they show
_VALUE_ERROR = 0.05  # of the span of the limits: error of bilinear interpolation that is visible
_STEEP_SHARE = 0.4  # of a large slope: mean slope of a wave that arrows must show
_LARGE_PERCENTILE = 75  # percentile of the slopes that counts as large
_CELL_SHARE = 0.2  # of the cells with such an error, from which on a mesh is undersampled
_PROBE = 0.382  # of the way across a cell; its middle may be in phase with an oscillation
_PROBED_CELLS = 60  # along each axis, about
_SWING = 4e-3  # of the span of the limits: smallest change from a crest to a trough that counts
_WAVE_SHARE = 2e-3  # of the length of lines that is covered by short waves, from which on they are visible
_WAVES = 4  # waves in a row, each beginning half a wave later
_LINES = 16  # probe lines along each axis
_LINE_STEPS = 6, 600  # points of a line: at least so many in a cell, and in all
_ROUNDING_SHARE = 1e-10  # of the values: differences that rounding errors may be
_GOLDEN = 0.6180339887498949  # multiples of it modulo 1 are evenly spread, and in phase with no wave


@dataclass(frozen=True)
class Undersampled:
    """A part of a figure that has too few points for the function."""

    problem: str
    """The function, the number of points, and where that is."""
    remedy: Message

    @property
    def text(self) -> str:
        """The problem as a line below a picture."""
        return f"undersampled: {self.problem}"

    @property
    def warning(self) -> Message:
        """The problem and its remedy."""
        return Message(f"{self.text}; ", self.remedy)


def too_fast(counts: Sequence[int], what: str = "function", *, where: str = "", more: bool) -> Undersampled:
    """Return the problem of a figure with `counts` points along its axes; `more` of them would help."""
    points = " by ".join(map(str, counts))
    samples = ("more ", Ref("samples"), " or ") if more else ()
    return Undersampled(
        f"the {what} changes faster than {points} points can show{where}",
        Message(*samples, "a smaller ", Ref("range"), " would help"),
    )


# Waves ----------------------------------------------------------------------------------------------------


def has_short_waves(x: Floats, values: Floats, shortest: float, span: float) -> bool:
    """Return whether visible waves of a curve, values (n,) over x (n,), are shorter than `shortest`.

    `span` is that of the limits of values. They cover at least 0.2 % of the curve.
    """
    length = float(np.sum(np.diff(x), where=np.isfinite(values[1:] + values[:-1])))
    return _covered(x, values, shortest, _SWING * span) > _WAVE_SHARE * length


def _covered(x: Floats, values: Floats, shortest: float, swing: float, slope: float = 0.0) -> float:
    """Return the length of x (n,) that is covered by rows of waves of values (n,) up to `shortest` long.

    Half waves change by at least `swing`, and on average as fast as `slope`. NaN separate lines.
    """
    # In steps of half a swing, ripples on the waves and rounding errors are no crests.
    steps = np.round(values / (swing / 2)) if swing else values
    moves = np.append(True, np.diff(steps) != 0)  # NaN differ from all: each separates
    x, steps, values = x[moves], steps[moves], values[moves]
    rises = np.sign(np.diff(steps))
    crests = np.flatnonzero((rises[1:] * rises[:-1]) < 0) + 1
    lines = np.cumsum(np.isnan(values))[crests]
    lengths, heights = np.diff(x[crests]), np.abs(np.diff(values[crests]))
    is_half = (np.diff(lines) == 0) & (heights >= swing) & (heights >= slope * lengths) & (lengths > 0)
    is_wave = is_half[1:] & is_half[:-1] & (lengths[1:] + lengths[:-1] <= shortest)
    if len(is_wave) < _WAVES:
        return 0.0
    # A single wave may be two poles beside each other; several in a row are one of a periodic kind.
    rows: Flags = np.asarray(np.lib.stride_tricks.sliding_window_view(is_wave, _WAVES).all(axis=1))
    waving = np.zeros(len(lengths), np.bool_)
    for shift in range(_WAVES + 1):
        waving[shift : shift + len(rows)] |= rows
    return float(np.sum(lengths, where=waving))


def _probe_lines(points: Floats) -> list[Floats]:
    """Return lines across a mesh (n1, n0, 2): along x and along y, each (K, M, 2)."""
    x, y = points[0, :, 0], points[:, 0, 1]
    found = []
    for axis, (along, across) in enumerate(((x, y), (y, x))):
        count = max(_LINE_STEPS[0] * (len(along) - 1), _LINE_STEPS[1])
        steps = (np.arange(count) + np.arange(count) * _GOLDEN % 1) / count
        at = along[0] + steps * (along[-1] - along[0])
        shares = (np.arange(_LINES) + 1) * _GOLDEN % 1
        lines = np.empty((_LINES, count, 2))
        lines[..., axis] = at
        lines[..., 1 - axis] = (across[0] + shares * (across[-1] - across[0]))[:, None]
        found.append(lines)
    return found


@dataclass(frozen=True, eq=False)
class Probe:
    """The values (K, M) of a function along lines (K, M, 2) across a mesh, along x and along y."""

    lines: list[Floats]
    values: list[Floats]

    def has_short_waves(self, cells: Sequence[float], count: float, swing: float, slope: float = 0.0) -> bool:
        """Return whether waves of less than `count` cells cover a part of the lines along x or y."""
        for axis, (lines, values, cell) in enumerate(zip(self.lines, self.values, cells, strict=True)):
            along = np.pad(lines[..., axis], ((0, 0), (0, 1)), constant_values=np.nan).ravel()
            padded = np.pad(values, ((0, 0), (0, 1)), constant_values=np.nan).ravel()
            known = np.isfinite(values[:, 1:] + values[:, :-1])
            length = float(np.sum(np.diff(lines[..., axis]), where=known))
            if _covered(along, padded, count * cell, swing, slope) > _WAVE_SHARE * length > 0:
                return True
        return False

    @property
    def large_slope(self) -> float:
        """The slope along the lines that a quarter of them exceeds; 0 if none is known."""
        slopes = [
            np.abs(np.diff(values) / np.diff(lines[..., axis])).ravel()
            for axis, (lines, values) in enumerate(zip(self.lines, self.values, strict=True))
        ]
        known = [part[np.isfinite(part)] for part in slopes]
        return max((percentiles(part, _LARGE_PERCENTILE)[0] for part in known if part.size), default=0.0)


def probed(field: ScalarField, points: Floats, limits: Limits | None = None) -> Probe:
    """Evaluate a function along 16 lines across a mesh (n1, n0, 2) each way, at 6 points a cell or more."""
    lines = _probe_lines(points)
    values = [field(part) for part in lines]
    return Probe(lines, values if limits is None else [np.clip(part, *limits) for part in values])


def cells_of(points: Floats) -> tuple[float, float]:
    """Return the distances between the points (n1, n0, 2) of a mesh, along x and y."""
    rows, columns = points.shape[:2]
    width, height = points[-1, -1] - points[0, 0]
    return float(width) / (columns - 1), float(height) / (rows - 1)


# Meshes ---------------------------------------------------------------------------------------------------


def undersampled(
    evaluated: Evaluated, limits: Limits, most: int | None = None, *, finer: int = 1
) -> Iterator[Undersampled]:
    """Yield the problem of a mesh (n1, n0, 2) that is too coarse for the function, within limits of values.

    In many cells bilinear interpolation is far from the function, or it has waves of few cells. With `most`
    points along an axis the figure has no more; it can divide cells by up to `finer` along each side.
    Cells at discontinuities do not count, as they are cut.
    """
    low, high = limits
    shape = evaluated.drawable.shape
    thinned = tuple(slice(None, None, -(-count // (most or count))) for count in shape)
    points, values = evaluated.points[thinned], evaluated.drawable[thinned]
    if min(values.shape) < FEWEST_POINTS or not high > low:
        return
    error = np.abs(_deviation(evaluated.field, points, values)) / (high - low)
    if evaluated.breaks:
        cut = np.where(touched(evaluated.breaks.edges, shape)[thinned], np.nan, 0.0)
        error = error + _bilinear(cut)
    if _is_coarse(error, _VALUE_ERROR * finer**2) or has_waves(evaluated.field, points, limits, finer):
        yield too_fast(values.shape[::-1], more=values.shape == shape)


def has_waves(field: ScalarField, points: Floats, limits: Limits, finer: int = 1) -> bool:
    """Return whether a function has waves of less than 8 cells of a mesh (n1, n0, 2), divided by `finer`.

    Waves of less than 0.4 % of the limits of values are not visible.
    """
    swing = _SWING * (limits[1] - limits[0])
    lines = probed(field, points, limits)
    return swing > 0 and lines.has_short_waves(cells_of(points), _FEWEST_CELLS_PER_WAVE / finer, swing)


def undersampled_gradient(evaluated: Evaluated) -> Iterator[Undersampled]:
    """Yield the problem of a mesh (n1, n0, 2) whose arrows do not show the waves of a function."""
    points = evaluated.points
    counts = points.shape[1::-1]
    if min(counts) >= FEWEST_POINTS and arrows_alias(probed(evaluated.field, points), cells_of(points)):
        yield too_fast(counts, "gradient", more=True)


def arrows_alias(probe: Probe, cells: Sequence[float]) -> bool:
    """Return whether a function has steep waves of less than 4 distances between arrows."""
    slope = _STEEP_SHARE * probe.large_slope
    largest = max(float(np.nanmax(np.abs(values), initial=0.0)) for values in probe.values)
    swing = _ROUNDING_SHARE * largest
    return slope > 0 and probe.has_short_waves(cells, FEWEST_ARROWS_PER_WAVE, swing, slope)


def _deviation(field: ScalarField, points: Floats, values: Floats) -> Floats:
    """Return the errors of bilinear interpolation of values (n1, n0) in some cells of a mesh."""
    some = _some(values.shape)
    first, last = points[:-1, :-1][some], points[1:, 1:][some]
    error: Floats = field(first + _PROBE * (last - first)) - _bilinear(values)
    return error


def _some(counts: tuple[int, ...]) -> tuple[slice, ...]:
    """Return the index of at most about 60 of `counts` cells along each axis."""
    return tuple(slice(None, None, -(-count // _PROBED_CELLS)) for count in counts)


def _is_coarse(error: Floats, tolerance: float) -> bool:
    known: Flags = error[np.isfinite(error)] > tolerance
    return bool(known.size and np.mean(known) >= _CELL_SHARE)


def _bilinear(values: Floats) -> Floats:
    """Return the interpolation of values (n1, n0) at the probes of some cells."""
    t, some = _PROBE, _some(values.shape)
    below, above = ((1 - t) * row[:, :-1][some] + t * row[:, 1:][some] for row in (values[:-1], values[1:]))
    interpolated: Floats = (1 - t) * below + t * above
    return interpolated
