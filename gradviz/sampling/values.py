"""Fields of specs, their gradients and their points, and the values there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats, axis, magnitudes
from gradviz.calculus import Gradient
from gradviz.calculus.continuity import Breaks, find_breaks
from gradviz.calculus.regions import gradient_within
from gradviz.calculus.reliability import Estimate
from gradviz.errors import Message, Ref, RequestError
from gradviz.fields.field import Field
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import FunctionOfFile
from gradviz.sampling.limits import LARGEST, Limits, robust_limits
from gradviz.specs.plane import has_equal_units
from gradviz.specs.spec import Spec

if TYPE_CHECKING:
    from gradviz.specs.contour import Contour
    from gradviz.specs.quiver import Quiver
    from gradviz.specs.stream import Stream
    from gradviz.specs.surface import Surface

_SMALLEST = 1e-280  # magnitude of the largest value of a figure: Matplotlib's scales take 1e-287 for 0

Flags = NDArray[np.bool_]


def field_of(spec: Spec, *, at: str | None = None, plane: str | None = None) -> ScalarField:
    """Return the function of points (..., D) that a figure shows.

    With `at` and `plane` a function of an array is one of the two coordinates on the plane.
    """
    reading = spec.reading
    if not isinstance(reading, FunctionOfFile):
        return Field(reading)
    from gradviz.userfunc import field_of_points, field_on_plane  # a formula does not need them

    intervals = [spec.interval(name) for name in reading.variables]
    if at is not None and plane is not None:
        return field_on_plane(reading, at, plane, [high - low for low, high, *_ in intervals])
    return field_of_points(reading, intervals)


def gradient_of(spec: Spec, field: ScalarField) -> Gradient:
    """Return the gradient by the method of a spec, adaptive where there is no formula for an exact one."""
    scale = tuple(high - low for low, high, *_ in map(spec.interval, spec.reading.variables))
    method = "adaptive" if spec.method == "exact" and not field.has_formula else spec.method
    return gradient_within(field, method=method, step=spec.step, scale=scale)


def axes_of(spec: Spec) -> list[Floats]:
    """Return the coordinates (n,) along each axis."""
    counts = zip(spec.reading.variables, spec.sample_counts(), strict=True)
    return [axis(spec.interval(variable), count) for variable, count in counts]


def box_of(spec: Spec) -> Floats:
    """Return the low and the high ends (2, D) of the ranges."""
    return np.array([spec.interval(name)[:2] for name in spec.reading.variables]).T


def has_chosen_points(spec: Spec) -> bool:
    """Return whether a user chose the points of the mesh, their number or their distance."""
    return bool(spec.samples) or any(len(spec.interval(name)) > 2 for name in spec.reading.variables)


def drawable(values: Floats) -> Floats:
    """Return values with NaN for those too large to be drawn, or the array itself if there are none."""
    return np.where(np.abs(values) < LARGEST, values, np.nan) if _largest(values) >= LARGEST else values


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
        """Return whether no value can be drawn."""
        return bool(np.isnan(self.drawable).all())

    @cached_property
    def limits(self) -> Limits:
        """The robust limits of the values that can be drawn."""
        return robust_limits(self.field, self.points, self.drawable)


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
        """Return whether (...) the gradient is unreliable at a point where the function is defined."""
        return ~self.estimate.reliable & ~np.isnan(self.estimate.values)

    @property
    def has_direction(self) -> bool:
        """Return whether the gradient is not 0 at some point where it is reliable."""
        return bool(np.nanmax(self.magnitudes, initial=0) > 0)


def evaluate(
    field: ScalarField, points: Floats, values: Floats | None = None, *, cut: bool = False
) -> Evaluated:
    """Evaluate a field at points (..., D), unless its values (...) are known, and find where to cut it."""
    values = field(points) if values is None else values
    breaks = find_breaks(field, points, values) if cut else None
    return Evaluated(field, points, values, drawable(values), field.contains(points), breaks)


def slopes_at(gradient: Gradient, points: Floats) -> Slopes:
    """Evaluate a gradient at points (..., D)."""
    estimate = gradient.estimate(points)
    trusted = np.where(estimate.reliable[..., None], estimate.gradient, np.nan)
    sizes = magnitudes(trusted)
    return Slopes(estimate, trusted, np.where(sizes <= magnitudes(estimate.error), 0.0, sizes))


@dataclass(frozen=True, eq=False)
class GradientAt:
    """The gradient at a point (2,), which is not one of the mesh."""

    at: tuple[float, float]
    value: float
    gradient: Floats
    """The partial derivatives (2,), 0 where they are no larger than their error."""
    error: Floats

    @property
    def plain(self) -> dict[str, object]:
        """The numbers as plain data."""
        numbers = {"gradient": self.gradient.tolist(), "error": self.error.tolist()}
        return {"at": list(self.at), "value": self.value, **numbers}


def gradients_at(spec: Contour | Quiver | Stream | Surface, field: ScalarField) -> tuple[GradientAt, ...]:
    """Return the gradients at the points of a spec. Raises RequestError where there is none."""
    gradient, found = gradient_of(spec, field), []
    for at in spec.gradient_at:
        point = np.array(at)
        estimate = gradient.estimate(point)
        if not estimate.reliable or np.isnan(estimate.gradient).any():
            where = f"{at[0]:g},{at[1]:g}"
            raise RequestError(f"no gradient at {where}: {estimate.reason().sentence}; use another ",
                               Ref("gradient_at"))  # fmt: skip
        noise = np.fmax(estimate.error, steps_to_neighbours(gradient, point))
        slopes = np.where(np.abs(estimate.gradient) <= noise, 0.0, estimate.gradient)
        found.append(GradientAt(at, float(estimate.values), slopes, estimate.error))
    return tuple(found)


def gradient_results(gradients: Sequence[GradientAt]) -> dict[str, object]:
    """Return the gradients at points as results of a figure."""
    return {"gradient_at": [one.plain for one in gradients]} if gradients else {}


def gradient_warnings(
    spec: Contour | Quiver | Stream | Surface, gradients: Sequence[GradientAt]
) -> Iterator[Message]:
    """Yield warnings of points without an arrow, and of arrows at other angles to level lines than 90."""
    for one in gradients:
        if not one.gradient.any():
            yield Message(f"the gradient at {format_point(one.at)} is 0, so it has no arrow")
    if gradients and spec.kind != "surface" and not has_equal_units(spec):
        yield Message(
            "units along x and y differ too much to be equally long, so no arrow is perpendicular to its "
            "level line; use more equal ranges by ", Ref("range")
        )  # fmt: skip


@np.errstate(all="ignore")
def steps_to_neighbours(function: ScalarField | Gradient, points: Floats) -> Floats:
    """Return the changes of a function (..., D) -> (...) or (..., D) to the doubles next to points (..., D).

    A smaller value is 0 at a number that a double stands for, such as cos(x) at pi/2. NaN counts as 0.
    """
    here = function(points)
    changes = [np.abs(function(np.nextafter(points, end)) - here) for end in (-np.inf, np.inf)]
    steps: Floats = np.nan_to_num(np.fmax(*changes), nan=0.0, posinf=0.0)
    return steps


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


def format_point(point: Iterable[float]) -> str:
    """Return a point (D,) as text, such as "(1, -2.5)"."""
    return f"({', '.join(f'{x:zg}' for x in point)})"
