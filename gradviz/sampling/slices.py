"""A function of several variables through one point: along each variable, and over each pair of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points, mesh, scattered
from gradviz.calculus.continuity import find_breaks
from gradviz.errors import RequestError
from gradviz.fields.scalar import ScalarField
from gradviz.sampling.path_warnings import place
from gradviz.sampling.samples import Samples, column_names, drawable, joined
from gradviz.sampling.scales import ends_of

Axes = tuple[int, ...]

_ASIDE = (2 / 3, 5 / 6, 1 / 3, 1 / 6)  # of the ranges: where to look if there is nothing in the middle,
_TRIED = 500  # and so many scattered points after that


class Section(ScalarField):
    """A field of D variables as one of some of them, the others held at a point (D,)."""

    has_formula: ClassVar[bool] = False  # none that the figures would have to know

    def __init__(self, field: ScalarField, at: Floats, axes: Axes) -> None:
        self.text = field.text
        self.variables = tuple(field.variables[axis] for axis in axes)
        self._field = field
        self._at = at
        self._axes = list(axes)

    def within(self, points: ArrayLike) -> Floats:
        """Return points (..., K) of the section as points (..., D)."""
        given = as_points(points, len(self._axes))
        found = np.empty((*given.shape[:-1], len(self._at)))
        found[...] = self._at
        found[..., self._axes] = given
        return found

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., K)."""
        return self._field(self.within(points))

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., K) the value is beyond double precision: (...)."""
        return self._field.overflows(self.within(points))

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the best gradient there is (..., K) at points (..., K)."""
        return self._field.gradient(self.within(points))[..., self._axes]

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the second derivatives (..., K, K) at points (..., K)."""
        return self._field.hessian(self.within(points))[..., self._axes, :][..., self._axes]

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., K) the field's region holds: (...)."""
        return self._field.contains(self.within(points))

    @property
    def whole(self) -> ScalarField:
        """The same section without the region."""
        return Section(self._field.whole, self._at, tuple(self._axes))

    @property
    def operations(self) -> int:
        """How many array operations the gradient takes."""
        return self._field.operations


class Part(Samples):
    """What was evaluated of one section; it may be undefined everywhere, where others are not."""

    def __post_init__(self) -> None:
        """Leave it to the whole figure to say that there is nothing."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return bool(np.isnan(self.heights).all())

    @property
    def name(self) -> str:
        """The variables, such as `x0 x1`."""
        return " ".join(self.field.variables)


@dataclass(frozen=True, kw_only=True)
class Sections(Samples):
    """A field through a point `at` (D,): all its points (N, D) and values (N,), and the sections alone.

    A pair of variables (i, j) with i < j has a mesh (nj, ni, 2): the first one is drawn along x.
    """

    part: ClassVar[str] = "in the panels"

    at: Floats
    lines: tuple[Part, ...]
    """Along each variable: points (n, 1)."""
    planes: Mapping[tuple[int, int], Part]

    @property
    def value(self) -> float:
        """The function at the point."""
        return float(self.field(self.at))

    @cached_property
    def meshes(self) -> list[Floats]:
        """The heights (nj, ni) of each pair that has any."""
        return [part.heights for part in self.planes.values() if not part.is_empty]

    @cached_property
    def over_planes(self) -> Floats:
        """The heights (M,) of all pairs; those along the variables, if there are no others."""
        return joined(self.meshes) if self.meshes else self.heights

    def ends(self, parts: Sequence[Part]) -> tuple[float, float]:
        """Return the least and the greatest height of some sections and of the point, poles apart."""
        found = [(self.value, self.value), *(ends_of(part) for part in parts if not part.is_empty)]
        return min(low for low, _ in found), max(high for _, high in found)

    def results(self) -> dict[str, Any]:
        """Return the point and the value there, in plain data."""
        return {"at": self.at.tolist(), "value": self.value}


def sections(field: ScalarField, axes: Sequence[Floats], at: Floats, notes: Sequence[str]) -> Sections:
    """Evaluate a field along each of its D axes (ni,) and over each pair of them, through a point (D,)."""
    lines = tuple(_part(field, at, (i,), along[:, None]) for i, along in enumerate(axes))
    planes = {
        (i, j): _part(field, at, (i, j), mesh(axes[i], axes[j])) for i, j in combinations(range(len(axes)), 2)
    }
    parts = [*lines, *planes.values()]
    points = np.concatenate([_rows(part) for part in parts])
    values = np.concatenate([part.values.ravel() for part in parts])
    names = np.repeat([part.name for part in parts], [part.values.size for part in parts])
    called = column_names(field.variables, ("panel",))
    columns = {name: points[:, axis] for axis, name in enumerate(called)}
    table = {"panel": names, **columns, "f": values}
    cut = [part.name for part in parts if part.breaks]
    said = [f"cut where the function jumps or has a pole, in {_listed(cut)}"] if cut else []
    return Sections(
        field, points, values, notes=(*notes, *said), table=table, at=at, lines=lines, planes=planes
    )


def _part(field: ScalarField, at: Floats, axes: Axes, points: Floats) -> Part:
    section = Section(field, at, axes)
    values = section(points)
    return Part(section, points, values, breaks=find_breaks(section, points, values))


def _rows(part: Part) -> Floats:
    """Return the points (n, D) of a section as rows, in the order of its values."""
    section: Any = part.field
    found: Floats = section.within(part.points).reshape(part.values.size, -1)
    return found


def _listed(names: Sequence[str], most: int = 6) -> str:
    """Return the names of panels, some of them if there are many."""
    shown = [*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])]
    return ", ".join(f"({name.replace(' ', ', ')})" if " " in name else name for name in shown)


# The point ------------------------------------------------------------------------------------------------


def check_point(field: ScalarField, at: Floats) -> None:
    """Raise RequestError if a field has no value at a point (D,)."""
    if not _is_defined(field, at[None])[0]:
        raise RequestError(f"{_why_not(field, at)} the point {place(at)}; give another --at")


def point_within(field: ScalarField, ends: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return the middle of ranges, low and high (2, D), and what is to be said of it.

    Where the function has no value there, it is a place aside. Raises RequestError if there is none.
    """
    low, high = ends
    middle = low + (high - low) / 2
    if _is_defined(field, middle[None])[0]:
        return middle, ()
    fractions = np.repeat(np.array(_ASIDE)[:, None], len(low), axis=1)
    fractions = np.concatenate([fractions, scattered([(0.0, 1.0)] * len(low), _TRIED)])
    places = np.array([[float(f"{x:.3g}") for x in row] for row in low + fractions * (high - low)])
    known = np.flatnonzero(_is_defined(field, places) & ((places >= low) & (places <= high)).all(axis=-1))
    why = f"{_why_not(field, middle)} the middle of the ranges, {place(middle)}"
    if not known.size:
        raise RequestError(f"{why}, and wherever else it was tried; give another --range or a point --at")
    found: Floats = places[known[0]]
    return found, (f"the point is {place(found)}, as {why}; --at chooses another",)


def _is_defined(field: ScalarField, points: Floats) -> NDArray[np.bool_]:
    """Tell at which points (N, D) there is a value that can be drawn: (N,)."""
    return ~np.isnan(drawable(field(points)))


def _why_not(field: ScalarField, at: Floats) -> str:
    if not field.contains(at):
        return "--where does not hold at"
    large = field.overflows(at) or not np.isnan(field(at))
    return f"the function is {'too large' if large else 'undefined'} at"
