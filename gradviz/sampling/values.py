"""A field evaluated at points: what all kinds of samples are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, magnitudes
from gradviz.calculus import Gradient
from gradviz.calculus.continuity import Breaks, find_breaks
from gradviz.calculus.reliability import Estimate, unreliable
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.scalar import ScalarField

LARGEST = 1e200  # magnitude of a value that can be drawn: Matplotlib's contours take 1e250 for infinity
_SMALLEST = 1e-280  # magnitude of the largest value of a figure: Matplotlib's scales take 1e-287 for 0
_RESERVED = ("points", "f", "variables", "gradient", "error", "unreliable")  # names of arrays of all data

Flags = NDArray[np.bool_]
Column = list[float] | list[str] | list[float | str]
"""A column of the data, one item for each point."""


def drawable(values: Floats) -> Floats:
    """Return values with NaN for those too large to be drawn, or the array itself if there are none."""
    if not _largest(values) >= LARGEST:
        return values
    return np.where(np.abs(values) < LARGEST, values, np.nan)


def _largest(values: Floats) -> float:
    """Return the largest magnitude of values, NaN if all are NaN."""
    if not values.size:
        return math.nan
    return max(-float(np.fmin.reduce(values, axis=None)), float(np.fmax.reduce(values, axis=None)))


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A field at points (..., D) with its values (...)."""

    field: ScalarField
    points: Floats
    values: Floats
    drawable: Floats
    """The values (...) that can be drawn; NaN where they are undefined or too large."""
    inside: Flags
    """Whether (...) a point lies in the region of the field."""
    breaks: Breaks | None = None
    """The discontinuities between neighbouring points, where the figure is cut at them."""

    @property
    def too_large(self) -> int:
        """The number of points at which the value is too large to be drawn."""
        return int(np.count_nonzero(np.isnan(self.drawable) & ~np.isnan(self.values)))

    @property
    def is_empty(self) -> bool:
        """Whether no value can be drawn."""
        return bool(np.isnan(self.drawable).all())


@dataclass(frozen=True, eq=False)
class Slopes:
    """The gradient (..., D) at the points of an `Evaluated`."""

    estimate: Estimate
    trusted: Floats
    """The gradient (..., D), NaN where it is unreliable."""
    magnitudes: Floats
    """The magnitude (...) of the trusted gradient; 0 where that is no larger than its error."""

    @property
    def unreliable(self) -> Flags:
        """Whether (...) the gradient is unreliable at a point where the function is defined."""
        return ~self.estimate.reliable & ~np.isnan(self.estimate.values)

    @property
    def has_direction(self) -> bool:
        """Whether the gradient is not 0 at some point where it is reliable."""
        return bool(np.nanmax(self.magnitudes, initial=0) > 0)


def evaluate(field: ScalarField, points: Floats, *, cut: bool = False) -> Evaluated:
    """Evaluate a field at points (..., D), and find its discontinuities if the figure is cut at them."""
    return _evaluated(field, points, field(points), cut=cut)


def evaluate_with_gradient(
    field: ScalarField, gradient: Gradient, points: Floats, *, cut: bool = False
) -> tuple[Evaluated, Slopes]:
    """Evaluate a field and its gradient at points (..., D)."""
    estimate = gradient.estimate(points)
    trusted = np.where(estimate.reliable[..., None], estimate.gradient, np.nan)
    sizes = magnitudes(trusted)
    slopes = Slopes(estimate, trusted, np.where(sizes <= magnitudes(estimate.error), 0.0, sizes))
    return _evaluated(field, points, estimate.values, cut=cut), slopes


def _evaluated(field: ScalarField, points: Floats, values: Floats, *, cut: bool) -> Evaluated:
    breaks = find_breaks(field, points, values) if cut else None
    return Evaluated(field, points, values, drawable(values), field.contains(points), breaks)


def refuse_empty(evaluated: Evaluated, *, has_gradient: bool = False) -> None:
    """Raise RequestError if nothing can be drawn of values, or hardly anything without their gradient."""
    values, shown = evaluated.values, evaluated.drawable
    if evaluated.is_empty:
        if not evaluated.inside.any():
            raise RequestError(
                "no point of the range lies where ", Ref("where"), " holds; loosen it or try another ",
                Ref("range"),
            )  # fmt: skip
        region = () if evaluated.inside.all() else (" where ", Ref("where"), " holds; loosen it or")
        raise RequestError(
            "the function is undefined, complex or too large everywhere in the range",
            *(region or (";",)), " try another ", Ref("range"),
        )  # fmt: skip
    if not has_gradient and (large := evaluated.too_large) and np.unique(shown).size <= 2:  # a value and NaN
        raise RequestError(
            f"the function is too large for a picture, above {LARGEST:g}, at {large:,} of {values.size:,} "
            "points; divide it, such as (...)/1e200"
        )
    if 0 < _largest(shown) < _SMALLEST:
        raise RequestError(
            f"the values of the function are smaller than {_SMALLEST:g}, too small for a picture; multiply "
            "it, such as 1e300*(...)"
        )


def warnings_of(
    evaluated: Evaluated, slopes: Slopes | None = None, *, shows_values: bool = True
) -> Iterator[Message]:
    """Yield warnings of points that are left blank, of cuts, and of unreliable gradients."""
    count = f"of {evaluated.values.size:,} points"
    if outside := int(np.count_nonzero(~evaluated.inside)):
        yield Message(f"{outside:,} {count} lie outside of ", Ref("where"), ", left out")
    undefined = int(np.count_nonzero(np.isnan(evaluated.values) & evaluated.inside))
    large = evaluated.too_large if shows_values else 0
    if undefined or large:
        problem = "undefined or too large" if large else "undefined"
        problem = problem if undefined else "too large for a picture, above 1e200,"
        yield Message(f"the function is {problem} at {undefined + large:,} {count}, left blank")
    if evaluated.breaks:
        yield Message(f"cut where the function jumps or has a pole: {evaluated.breaks.words()}")
    if slopes is not None and (said := unreliable(slopes.estimate.marks[~np.isnan(evaluated.values)])):
        yield Message(said)


# Data -----------------------------------------------------------------------------------------------------


def column_names(names: Iterable[str], others: Iterable[str] = (), what: str = "variable") -> list[str]:
    """Return the names of columns or arrays of the data for variables, or for a parameter.

    A name that other columns have, or that is reserved, gets a prefix: `variable f`.
    """
    taken = {*_RESERVED, *others}
    return [f"{what} {name}" if name in taken else name for name in names]


def point_columns(evaluated: Evaluated, slopes: Slopes | None = None) -> dict[str, Column]:
    """Return one row for each point: the variables, `f` and, with a gradient, `df/d<variable>`."""
    names, points = column_names(evaluated.field.variables), evaluated.points
    columns: dict[str, Column] = {name: points[..., i].ravel().tolist() for i, name in enumerate(names)}
    columns["f"] = evaluated.values.ravel().tolist()
    if slopes is not None:
        columns |= _vector_columns("df/d", evaluated.field.variables, slopes.estimate.gradient)
    return columns


def error_columns(variables: Sequence[str], slopes: Slopes) -> dict[str, Column]:
    """Return the columns `error of df/d<variable>`, and `unreliable` with a reason or an empty text."""
    errors = _vector_columns("error of df/d", variables, slopes.estimate.error)
    return {**errors, "unreliable": slopes.estimate.reasons()}


def point_arrays(evaluated: Evaluated, slopes: Slopes | None = None) -> dict[str, NDArray[Any]]:
    """Return the arrays `points` (..., D), `f` (...) and `variables`, and those of a gradient."""
    arrays: dict[str, NDArray[Any]] = {
        "points": evaluated.points,
        "f": evaluated.values,
        "variables": np.array(evaluated.field.variables),
    }
    if slopes is not None:
        reasons = np.array(slopes.estimate.reasons()).reshape(evaluated.values.shape)
        arrays |= {
            "gradient": slopes.estimate.gradient,
            "error": slopes.estimate.error,
            "unreliable": reasons,
        }
    return arrays


def _vector_columns(label: str, variables: Sequence[str], vectors: Floats) -> dict[str, Column]:
    return {f"{label}{name}": vectors[..., i].ravel().tolist() for i, name in enumerate(variables)}
