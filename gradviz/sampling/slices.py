"""Samples of a function of several variables through one point: along each variable, and over each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from gradviz.arrays import Floats, as_points, mesh, scattered
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.cuts import split_at_breaks
from gradviz.sampling.levels import best_spacing, find_levels
from gradviz.sampling.limits import CONSTANT, Limits, inner_limits, is_constant, joined, union
from gradviz.sampling.mesh import levels_beyond
from gradviz.sampling.outline import Outline, outline
from gradviz.sampling.samples import Sampler, Samples, Shared, column_names, completed
from gradviz.sampling.undersampling import Undersampled, too_fast, undersampled
from gradviz.sampling.values import (
    Evaluated,
    Flags,
    axes_of,
    drawable,
    evaluate,
    field_of,
    format_point,
    has_chosen_points,
    refuse_empty,
)
from gradviz.specs.pairs import Pairs

_FRACTIONS = (2 / 3, 5 / 6, 1 / 3, 1 / 6)  # of the ranges: points to try if the middle is undefined
_SCATTERED_POINTS = 500  # points to try after these
_SHORTEST_WAVE = 1 / 40  # of the axis of a variable: a wave two line widths long
_NAMED_PANELS = 6  # in a warning


class Section(ScalarField):
    """A field of D variables as a function of K of them, with the others fixed at a point (D,)."""

    has_formula: ClassVar[bool] = False  # a section has no text that figures could print

    def __init__(self, field: ScalarField, at: Floats, axes: Sequence[int]) -> None:
        self.text = field.text
        self.variables = tuple(field.variables[axis] for axis in axes)
        self._field = field
        self._at = at
        self._axes = list(axes)

    def within(self, points: ArrayLike) -> Floats:
        """Return points (..., K) of the section as points (..., D) of the field."""
        given = as_points(points, len(self._axes))
        found = np.empty((*given.shape[:-1], len(self._at)))
        found[...] = self._at
        found[..., self._axes] = given
        return found

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., K)."""
        return self._field(self.within(points))

    def overflows(self, points: ArrayLike) -> Flags:
        """Return whether (...) the value at points (..., K) is beyond double precision."""
        return self._field.overflows(self.within(points))

    def has_overflow(self, points: ArrayLike) -> Flags:
        """Return whether the value or a part of it overflows at points (..., D), as a mask (...)."""
        return self._field.has_overflow(self.within(points))

    def denominators(self, points: ArrayLike) -> list[Floats]:
        """Return the values (...) of each denominator at points (..., K)."""
        return self._field.denominators(self.within(points))

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the most accurate gradient (..., K) that the field has at points (..., K)."""
        return self._field.gradient(self.within(points))[..., self._axes]

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the second derivatives (..., K, K) at points (..., K)."""
        return self._field.hessian(self.within(points))[..., self._axes, :][..., self._axes]

    def contains(self, points: ArrayLike) -> Flags:
        """Return whether (...) points (..., K) are in the region of the field."""
        return self._field.contains(self.within(points))

    @property
    def whole(self) -> ScalarField:
        """The same section without the region."""
        return Section(self._field.whole, self._at, self._axes)

    @property
    def operations(self) -> int:
        """The number of array operations of the gradient."""
        return self._field.operations


@dataclass(frozen=True, eq=False)
class Slice:
    """A section evaluated along one variable or over two; it may be undefined where others are not."""

    evaluated: Evaluated
    """At points (n, 1), or (n1, n0, 2) whose first coordinate is drawn along x."""
    rows: Floats
    """The points (n, D) with all coordinates, in the order of the values."""
    drawn: tuple[Floats, Floats]
    """Points and values to draw, split at discontinuities."""
    outline: Outline | None = None
    """The curve along one variable, from which `drawn` is computed; None where it is undefined."""

    @property
    def name(self) -> str:
        """The names of the variables, such as `x0 x1`."""
        return " ".join(self.evaluated.field.variables)


@dataclass(frozen=True)
class SlicesShared(Shared):
    """Shared values of the frames of a sweep: the levels of all panels, and the limits of all curves."""

    levels: tuple[float, ...]
    values: Floats
    """The values (N,) over all pairs of variables."""
    shown: Limits
    """The limits of the values that contours show."""
    line_limits: Limits
    """The robust limits of the curves along the variables."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SlicesSamples(Samples):
    """A field along each of its D variables and over each pair of them, through a point."""

    region: ClassVar[str] = "in the panels"

    at: Floats
    """The point (D,)."""
    value: float
    """The value at the point."""
    lines: tuple[Slice, ...]
    """Along each variable."""
    planes: Mapping[tuple[int, int], Slice]
    """Over variables (i, j) with i < j: a mesh (nj, ni, 2)."""
    shared: SlicesShared | None = None

    @property
    def meshes(self) -> list[Floats]:
        """The values (nj, ni) over each pair of variables that has any."""
        return [one.evaluated.drawable for one in self.planes.values() if not one.evaluated.is_empty]

    @property
    def over_planes(self) -> Floats:
        """The values (N,) over all pairs; those along the variables too if there are no others."""
        return joined(self.meshes) if self.meshes else self.evaluated.drawable


def sample(spec: Pairs) -> SlicesSamples:
    """Evaluate the function along each variable and over each pair, the others fixed at the point."""
    field = field_of(spec)
    warnings = [*spec.warnings, *map(Message, field.notes)]
    if spec.at is None:
        box = np.array([spec.reach(name) for name in spec.reading.variables]).T
        at, aside = _point_within(field, box)
        warnings += aside
    else:
        at = np.array(spec.at, dtype=np.float64)
        if not _is_defined(field, at[None])[0]:
            problem = f" the point {format_point(at)}; give another "
            raise RequestError(_problem(field, at), problem, Ref("at"))
    axes = axes_of(spec)
    is_chosen = has_chosen_points(spec)
    lines = tuple(
        _with_outline(_slice(field, at, (i,), along[:, None]), has_chosen_points=is_chosen)
        for i, along in enumerate(axes)
    )
    pairs = combinations(range(len(axes)), 2)
    planes = {(i, j): _slice(field, at, (i, j), mesh(axes[i], axes[j])) for i, j in pairs}
    slices = [*lines, *planes.values()]
    points = np.concatenate([one.rows for one in slices])
    values = np.concatenate([one.evaluated.values.ravel() for one in slices])
    whole = evaluate(field, points, values)
    refuse_empty(whole)
    if cut := [one.name for one in slices if one.evaluated.breaks]:
        warnings.append(Message(f"cut where the function jumps or has a pole, in {_listed(cut)}"))
    warnings += [warning for line in lines if line.outline for warning in line.outline.warnings]
    names = column_names(field.variables, ("panel",))
    panels = np.repeat([one.name for one in slices], [len(one.rows) for one in slices])
    value = float(field(at))
    table = {"panel": panels, **dict(zip(names, points.T, strict=True)), "f": values}
    samples = SlicesSamples(
        evaluated=whole, at=at, value=value, lines=lines, planes=planes, table=table,
        results={"at": at.tolist(), "value": value}, undersampled=_undersampled(slices, spec),
    )  # fmt: skip
    if is_constant(samples.over_planes):
        depends = spec.reading.names.intersection(spec.reading.variables)
        more = (" in all panels; ", Ref("at"), " chooses another point") if depends else ()
        warnings.append(Message(CONSTANT, *more))
    return replace(samples, own_warnings=tuple(warnings))


def share(spec: Pairs, members: Sequence[SlicesSamples]) -> SlicesShared:
    """Compute the levels and the limits that some figures have in common."""
    values = joined([one.over_planes for one in members])
    meshes = [values for one in members for values in one.meshes]
    spacing = spec.spacing if spec.spacing != "auto" else best_spacing(*meshes) if meshes else "linear"
    limits = _limits(members, [plane for one in members for plane in one.planes.values()])
    levels = find_levels(spec.levels, values, filled=spec.filled, spacing=spacing, limits=limits)
    lines = [line for one in members for line in one.lines]
    reached = [line.outline.reached for line in lines if line.outline is not None]
    line_limits = union([_limits(members, lines), *reached])
    warnings = levels_beyond(spec.levels, values, limits, levels, filled=spec.filled)
    warnings = () if is_constant(values) else warnings
    return SlicesShared(tuple(levels), values, inner_limits(limits, levels), line_limits, warnings=warnings)


def finish(spec: Pairs, samples: SlicesSamples) -> SlicesSamples:
    """Refine the curves in the view, and lead them out of it at poles."""
    del spec
    low, high = completed(samples.shared).line_limits
    lines = []
    for line in samples.lines:
        if line.outline is not None:
            points = line.outline.drawn((low, high)).points
            line = replace(line, drawn=(points[:, :1], points[:, 1]))  # noqa: PLW2901
        lines.append(line)
    return replace(samples, lines=tuple(lines))


def _with_outline(line: Slice, *, has_chosen_points: bool) -> Slice:
    """Return a slice along one variable with its outline, if it has values."""
    if line.evaluated.is_empty:
        return line
    ends = line.evaluated.points[[0, -1], 0].tolist()
    curve = outline(
        line.evaluated, None, has_chosen_points=has_chosen_points, shortest=_SHORTEST_WAVE,
        shown=(ends[0], ends[1]),
    )  # fmt: skip
    return replace(line, outline=curve)


def _undersampled(slices: Sequence[Slice], spec: Pairs) -> tuple[Undersampled, ...]:
    """Return the problem of panels that have too few points for the function."""
    names = []
    for one in slices:
        evaluated = one.evaluated
        if one.outline is not None:
            is_coarse = one.outline.is_coarse
        else:
            is_plane = not evaluated.is_empty and evaluated.points.shape[-1] > 1
            is_coarse = is_plane and any(undersampled(evaluated, evaluated.limits))
        names += [one.name] * is_coarse
    if not names:
        return ()
    where = f", in {_listed(names)}"
    return (too_fast(spec.sample_counts()[:1], where=where, more=True),)


def _limits(members: Sequence[SlicesSamples], slices: Sequence[Slice]) -> Limits:
    """Return limits that contain the values at the points, and the robust limits of some slices."""
    known = [one.evaluated.limits for one in slices if not one.evaluated.is_empty]
    return union([*known, *((one.value, one.value) for one in members)])


def _slice(field: ScalarField, at: Floats, axes: tuple[int, ...], points: Floats) -> Slice:
    section = Section(field, at, axes)
    evaluated = evaluate(section, points, cut=True)
    rows = section.within(points).reshape(evaluated.values.size, -1)
    return Slice(evaluated, rows, split_at_breaks(evaluated))


def _listed(names: Sequence[str]) -> str:
    """Return the names of panels, some of them if there are many."""
    rest = len(names) - _NAMED_PANELS
    shown = [*names[:_NAMED_PANELS], *([f"{rest} more"] if rest > 0 else [])]
    return ", ".join(f"({name.replace(' ', ', ')})" if " " in name else name for name in shown)


def _point_within(field: ScalarField, box: Floats) -> tuple[Floats, tuple[Message, ...]]:
    """Return the middle of a box, low and high (2, D), or a defined point of it with a warning."""
    low, high = box
    middle = low + (high - low) / 2
    if _is_defined(field, middle[None])[0]:
        return middle, ()
    fractions = np.repeat(np.array(_FRACTIONS)[:, None], len(low), axis=1)
    fractions = np.concatenate([fractions, scattered([(0.0, 1.0)] * len(low), _SCATTERED_POINTS)])
    tried = np.array([[float(f"{x:.3g}") for x in row] for row in low + fractions * (high - low)])
    known = np.flatnonzero(_is_defined(field, tried) & ((tried >= low) & (tried <= high)).all(axis=-1))
    why = Message(_problem(field, middle), f" the middle of the ranges, {format_point(middle)}")
    if not known.size:
        raise RequestError(
            why, ", and wherever else it was tried; give another ", Ref("range"), " or a point ", Ref("at")
        )
    found: Floats = tried[known[0]]
    aside = Message(f"the point is {format_point(found)}, as ", why, "; ", Ref("at"), " chooses another")
    return found, (aside,)


def _is_defined(field: ScalarField, points: Floats) -> Flags:
    """Return whether (N,) the value at points (N, D) can be drawn."""
    return ~np.isnan(drawable(field(points)))


def _problem(field: ScalarField, at: Floats) -> Message:
    """Return the reason for a point (D,) without a value, as the beginning of a sentence."""
    if not field.contains(at):
        return Message(Ref("where"), " does not hold at")
    is_large = field.overflows(at) or not np.isnan(field(at))
    return Message(f"the function is {'too large' if is_large else 'undefined'} at")


SAMPLER = Sampler(sample, share, finish)
