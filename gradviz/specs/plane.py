"""Figures over a plane: functions of an array, the view, and the sizes of axes in panels."""

from __future__ import annotations

import math
from functools import partial

from gradviz.errors import Message, Ref, point_text
from gradviz.language.reading import FunctionOfFile
from gradviz.specs.problem import fault
from gradviz.specs.spec import AnySpec, Interval, Spec, Traits, Unused

# Functions of an array ------------------------------------------------------------------------------------

_ON_PLANE = (-1.0, 1.0)  # sampled interval, in lengths of the plane's directions


def check_plane(spec: AnySpec) -> None:
    """Raise SpecError if an array or its plane is missing, or the function is not one of an array."""
    if (spec.at is None) != (spec.plane is None):
        missing, given = ("at", "plane") if spec.at is None else ("plane", "at")
        example = Ref("at", "FILE.npy") if spec.at is None else Ref("plane", "random")
        raise fault(missing, "is missing beside ", Ref(given), "; write for example ", example)
    if spec.at is not None and (not isinstance(spec.reading, FunctionOfFile) or spec.fix):
        raise fault("at", "a plane is for a function of an array, FILE.py:NAME, with none held")


def _files(spec: AnySpec) -> tuple[str, ...]:
    """Return the files of the array and of the plane's directions."""
    is_named = spec.plane is not None and spec.plane.partition(":")[0] != "random"
    directions = spec.plane.split(",") if is_named else []
    return (*directions, *([] if spec.at is None else [spec.at]))


def plane_interval(spec: AnySpec, variable: str) -> Interval | None:
    """Return the sampled interval on a plane."""
    del variable
    return None if spec.plane is None else _ON_PLANE


def shows_colour_bar(spec: AnySpec) -> bool:
    """Return whether there is a colour bar: in the style of the book only if asked for."""
    return bool(spec.style != "book" if spec.colorbar is None else spec.colorbar)


def check_flow(spec: AnySpec) -> None:
    """Check a figure of a gradient. Raises SpecError if a point of a streamline lies outside of it."""
    check_plane(spec)
    names = spec.reading.variables
    for point in spec.through:
        shown = point_text(point)
        if len(point) != len(names):
            raise fault("through", f"a point has {len(names)} numbers, {', '.join(names)}, not {shown}")
        for name, x in zip(names, point, strict=True):
            low, high = spec.reach(name)
            if not low <= x <= high:
                drawn = f"{name} is drawn from {low:g} to {high:g}"
                problem = f"the point {shown} lies outside of the picture: {drawn}; widen "
                raise fault("through", problem, Ref("range"))


PlaneTraits = partial(
    Traits,
    dimension=2,
    default_interval=plane_interval,
    coordinates=lambda spec: None if spec.plane is None else ("a", "b"),
    files=_files,
    has_colour_bar=shows_colour_bar,
    check=check_plane,
)
"""The traits of a kind over two variables, or over a plane of arrays."""

IN_ONE_COLOUR = Unused(
    ("cmap", "colorbar"), lambda spec: spec.color and not spec.heat, Message("with ", Ref("color"))
)
"""The rule about arrows and lines in a colour that a user chose."""
WITHOUT_CRITICAL = Unused(("certify",), lambda spec: not spec.critical, Message("without ", Ref("critical")))
BESIDE_LEVELS = Unused(
    ("spacing",), lambda spec: isinstance(spec.levels, tuple), Message("beside ", Ref("levels"))
)

# The view -------------------------------------------------------------------------------------------------

BESIDE_SHARE = 0.14  # of the width of a panel: texts beside its axes
ABOVE_SHARE = 0.16  # of the width of a panel: texts above and below its axes
BAR_SHARE = 0.12  # of the width of a panel: a colour bar
_SMALLEST_SHARE = 0.2  # of the height of a panel: axes that texts leave no room for
BOX_ASPECT = 0.75  # height of axes to their width where units are not equal
_MAX_ASPECT = 5.0  # of the sides of a view: beyond, equal units would leave a thin strip

View = tuple[tuple[float, float], tuple[float, float]]


def view_of(spec: Spec) -> View:
    """Return the limits of the x and of the y axis."""
    first, second = (spec.interval(variable) for variable in spec.reading.variables)
    return spec.xlim or (first[0], first[1]), spec.ylim or (second[0], second[1])


def has_height(spec: Spec) -> bool:
    """Return whether a height of the figure was asked for."""
    return spec.size is not None and len(spec.size) == 2


def has_equal_units(spec: Spec) -> bool:
    """Return whether a unit is equally long on both axes, so that angles are true."""
    (low0, high0), (low1, high1) = view_of(spec)
    ratio = (high1 - low1) / (high0 - low0)
    return 1 / _MAX_ASPECT <= ratio <= _MAX_ASPECT


def view_ratio(spec: Spec) -> float:
    """Return the height of the axes to their width."""
    (low0, high0), (low1, high1) = view_of(spec)
    return (high1 - low1) / (high0 - low0) if has_equal_units(spec) else BOX_ASPECT


def near_square(count: int) -> tuple[int, int]:
    """Return rows and columns for some panels: about as many rows as columns."""
    columns = count if count <= 3 else 2 if count == 4 else math.ceil(math.sqrt(count))
    return -(-count // columns), columns


def axes_sides(width: float, height: float | None, ratio: float, *, has_bar: bool) -> tuple[float, float]:
    """Return about how wide and high axes are in a panel, in inches.

    `ratio` is the height of the axes to their width. With `height` None the panel is as high as they need.
    """
    wide = (1 - BESIDE_SHARE) * width - (BAR_SHARE * width if has_bar else 0.0)
    high = wide * ratio
    if height is not None:
        high = min(high, max(height - ABOVE_SHARE * width, _SMALLEST_SHARE * height))
    return high / ratio, high


def thinned(spec: AnySpec, most: int) -> AnySpec:
    """Return a spec with at most `most` points along each axis, over the same ranges."""
    counts = spec.sample_counts()
    if max(counts) <= most:
        return spec
    ranges = {name: spec.interval(name)[:2] for name in spec.reading.variables}
    fewer = {"samples": tuple(min(count, most) for count in counts), "range": ranges}
    return type(spec)(**{**spec.to_dict(), **fewer})
