"""Curves on which a function of two variables is zero: equations and constraints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from contourpy import contour_generator
from numpy.lib.stride_tricks import sliding_window_view

from gradviz.arrays import Floats, components, magnitudes, mesh
from gradviz.calculus import critical_points
from gradviz.errors import Message, Ref, visible
from gradviz.fields.field import Field
from gradviz.language.tree import Node
from gradviz.sampling.mesh import level_mesh
from gradviz.sampling.undersampling import has_waves
from gradviz.sampling.values import Flags, axes_of, evaluate, format_point

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.surface import Surface

_POLISHING_STEPS = 3  # Newton steps from the line of the mesh to the curve
_TOUCH_SHARE = 1e-13  # magnitude of a value that is 0, relative to the median
_NEAR_CELLS = 3.0  # distance from a curve within which its zeros are no isolated points, in cells
_SHORTEST_CELLS = 1e-6  # length of a line up to which it is a point, in cells
_AREA_SHARE = 0.02  # share of the mesh on which a function is 0, above which that is no curve
_NAMED_POINTS = 4  # isolated points in a message
_SHORT = 60  # characters of an equation in a message


@dataclass(frozen=True, eq=False)
class Curve:
    """The curve on which a function is zero."""

    text: str
    """The equation as typed."""
    formula: Node
    """The operation `eq`."""
    field: Field
    """The difference of both sides, or a root of it."""
    mesh: tuple[Floats, Floats]
    """Points (n1, n0, 2) and values (n1, n0) of a mesh, split at discontinuities."""
    lines: tuple[Floats, ...]
    """The parts of the curve as lines (N, 2)."""
    isolated: Floats
    """The isolated points (K, 2) of the curve."""
    warnings: tuple[Message, ...]

    @property
    def points(self) -> Floats:
        """All points (N, 2), those of the lines before isolated ones."""
        return np.concatenate([*self.lines, self.isolated.reshape(-1, 2)])

    @property
    def plain(self) -> dict[str, object]:
        """The curve as a result of a figure."""
        return {"equation": self.text, "parts": len(self.lines), "isolated": self.isolated.tolist()}


def curve_of(spec: Contour | Surface, field: Field, formula: Node, text: str) -> Curve:
    """Return the curve in the range of a spec on which a field is zero, with warnings if it has no line."""
    axes = axes_of(spec)
    evaluated = evaluate(field, mesh(*axes), cut=True)
    points, values = evaluated.points, evaluated.drawable
    lines: list[Floats] = []
    if not evaluated.is_empty:
        waves = has_waves(field, points, evaluated.limits)
        points, values = level_mesh(spec, evaluated, (0.0,), has_waves=waves)
        lines = [_polished(field, line, axes) for line in _zero_lines(points, values)]
    isolated, is_line = _touching(field, evaluated.points, evaluated.drawable, lines)
    is_area = bool(np.mean(evaluated.values == 0) > _AREA_SHARE)
    warnings = tuple(_warnings(visible(text, _SHORT), lines, isolated, is_area=is_area, is_line=is_line))
    return Curve(text, formula, field, (points, values), tuple(lines), isolated, warnings)


def _warnings(
    text: str, lines: Sequence[Floats], isolated: Floats, *, is_area: bool, is_line: bool
) -> Iterator[Message]:
    """Yield warnings of a solution that is no curve, or has other parts than lines."""
    if is_area:
        yield Message(f"{text} holds on a whole region, of which no more than the border is drawn")
    elif is_line:
        yield Message(f"both sides of {text} touch along a line, which is not drawn; use the root of F - G")
    elif len(isolated):
        places = ", ".join(map(format_point, isolated[:_NAMED_POINTS])) + ", ..." * (
            len(isolated) > _NAMED_POINTS
        )
        what = "the single point" if len(isolated) == 1 else f"{len(isolated)} isolated points,"
        yield Message(f"{text} holds at {what} {places}{' beside its curve' if lines else ''}")
    elif not lines:
        yield Message(f"{text} holds nowhere in the range; use another ", Ref("range"))


def _zero_lines(points: Floats, values: Floats) -> list[Floats]:
    """Return the lines (N, 2) of a mesh on which its values are zero."""
    if np.isnan(values).all():
        return []
    generator = contour_generator(
        *components(points), np.ma.masked_invalid(values), name="serial", corner_mask=True
    )
    least = _SHORTEST_CELLS * np.abs(points[1, 1] - points[0, 0])
    lines = cast("list[Floats]", generator.lines(0.0))  # the type depends on the algorithm
    return [line for line in lines if (np.ptp(line, axis=0) > least).any()]  # others are a node of value 0


@np.errstate(all="ignore")
def _polished(field: Field, line: Floats, axes: Sequence[Floats]) -> Floats:
    """Return a line (N, 2) moved to the curve along the gradient, by at most a cell."""
    cell, start = np.array([along[1] - along[0] for along in axes]), line
    for _ in range(_POLISHING_STEPS):
        values, slopes = field(line), field.gradient(line)
        moved = line - (values / np.square(slopes).sum(axis=-1))[:, None] * slopes
        better = (np.abs(field(moved)) < np.abs(values)) & (np.abs(moved - start) <= cell).all(axis=-1)
        line = np.where(better[:, None], moved, line)
    low, high = (np.array([along[k] for along in axes]) for k in (0, -1))
    return np.clip(line, low, high)


@np.errstate(all="ignore")
def _touching(field: Field, points: Floats, values: Floats, lines: Sequence[Floats]) -> tuple[Floats, bool]:
    """Return the zeros (K, 2) at which a function does not change its sign, and True if they form a line.

    They are searched only if the magnitude on the mesh has a minimum that may be 0 within its cell.
    """
    cell = points[1, 1] - points[0, 0]
    windows = sliding_window_view(np.pad(np.abs(values), 1, constant_values=np.nan), (3, 3))
    sizes, least, most = np.abs(values), np.fmin.reduce(windows, (2, 3)), np.fmax.reduce(windows, (2, 3))
    places = points[(sizes <= least) & (sizes <= most - least)]
    if not len(places[_far(places, lines, cell)]):
        return np.empty((0, 2)), False
    ranges = [(float(low), float(high)) for low, high in zip(points[0, 0], points[-1, -1], strict=True)]
    scale = _TOUCH_SHARE * float(np.nanmedian(sizes))
    found = critical_points(field, ranges).points
    zeros = [one for one in found if abs(one.value) <= scale and one.kind != "saddle"]
    at = np.array([one.at for one in zeros]).reshape(-1, 2)
    at = at[_far(at, lines, cell)]
    is_line = len(at) > 2 and all(one.kind == "degenerate" for one in zeros)
    return (np.empty((0, 2)), True) if is_line else (at, False)


def _far(points: Floats, lines: Sequence[Floats], cell: Floats) -> Flags:
    """Return whether (N,) points (N, 2) are some cells away from all lines."""
    if not lines or not len(points):
        return np.ones(len(points), np.bool_)
    drawn = np.concatenate(list(lines))
    return np.array([magnitudes((drawn - point) / cell).min() > _NEAR_CELLS for point in points])
