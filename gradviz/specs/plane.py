"""Functions of an array on a plane, and the view of figures over a plane."""

from __future__ import annotations

from typing import Protocol

from gradviz.errors import Message, Ref, SpecError
from gradviz.language.reading import Expression, FunctionOfFile
from gradviz.specs.spec import Spec
from gradviz.specs.traits import AnySpec, Interval
from gradviz.specs.values import FrozenDict

_ON_PLANE = (-1.0, 1.0)  # sampled interval, in lengths of the plane's directions


class OnPlane(Protocol):
    """A spec with the fields of a plane through an array."""

    at: str | None
    plane: str | None
    fix: FrozenDict[str, float]

    @property
    def reading(self) -> Expression | FunctionOfFile:
        """The expression as read."""


def check_plane(spec: OnPlane) -> None:
    """Raise SpecError if an array or its plane is missing, or the function is not one of an array."""
    if (spec.at is None) != (spec.plane is None):
        missing, given = ("at", "plane") if spec.at is None else ("plane", "at")
        example = Ref("at", "FILE.npy") if spec.at is None else Ref("plane", "random")
        problem = Message("is missing beside ", Ref(given), "; write for example ", example)
        raise SpecError([((missing,), problem)])
    if spec.at is not None and (not isinstance(spec.reading, FunctionOfFile) or spec.fix):
        raise SpecError([(("at",), "a plane is for a function of an array, FILE.py:NAME, with none held")])


def plane_files(spec: OnPlane) -> tuple[str, ...]:
    """Return the files of the array and of the plane's directions."""
    is_named = spec.plane is not None and spec.plane.partition(":")[0] != "random"
    directions = spec.plane.split(",") if spec.plane and is_named else []
    return (*directions, *([] if spec.at is None else [spec.at]))


def plane_coordinates(spec: OnPlane) -> tuple[str, str] | None:
    """Return the names of the coordinates on a plane."""
    return None if spec.plane is None else ("a", "b")


def plane_interval(spec: OnPlane, variable: str) -> Interval | None:
    """Return the sampled interval on a plane."""
    del variable
    return None if spec.plane is None else _ON_PLANE


# The view -------------------------------------------------------------------------------------------------

BOX_ASPECT = 0.75  # height of axes to their width where units are not equal
_MAX_ASPECT = 5.0  # of the sides of a view: beyond, equal units would leave a thin strip

View = tuple[tuple[float, float], tuple[float, float]]


def view_of(spec: Spec) -> View:
    """Return the limits of the x and of the y axis."""
    first, second = (spec.interval(variable) for variable in spec.reading.variables)
    return spec.xlim or (first[0], first[1]), spec.ylim or (second[0], second[1])


def has_equal_units(spec: Spec) -> bool:
    """Return whether a unit is equally long on both axes, so that angles are true."""
    (low0, high0), (low1, high1) = view_of(spec)
    ratio = (high1 - low1) / (high0 - low0)
    return 1 / _MAX_ASPECT <= ratio <= _MAX_ASPECT


def view_ratio(spec: Spec) -> float:
    """Return the height of the axes to their width."""
    (low0, high0), (low1, high1) = view_of(spec)
    return (high1 - low1) / (high0 - low0) if has_equal_units(spec) else BOX_ASPECT


def thinned(spec: AnySpec, most: int) -> AnySpec:
    """Return a spec with at most `most` points along each axis, over the same ranges."""
    counts = spec.sample_counts()
    if max(counts) <= most:
        return spec
    ranges = {name: spec.interval(name)[:2] for name in spec.reading.variables}
    fewer = {"samples": tuple(min(count, most) for count in counts), "range": ranges}
    return type(spec)(**{**spec.to_dict(), **fewer})
