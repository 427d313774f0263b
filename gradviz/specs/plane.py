"""Figures over a plane: functions of an array, the view, and the sizes of axes in panels."""

from __future__ import annotations

import math
from functools import partial

from gradviz.errors import Message, Ref, point_text
from gradviz.language.reading import FunctionOfFile
from gradviz.specs.panels import panel_grid, shares_panels
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


def check_points(spec: AnySpec) -> None:
    """Check a figure with points on its plane. Raises SpecError if one lies outside of the range."""
    check_plane(spec)
    for field, points in (("gradient_at", spec.gradient_at), ("point", spec.point)):
        for at in points:
            for name, x in zip(spec.reading.variables, at, strict=False):
                low, high = spec.reach(name)
                if not low <= x <= high:
                    rule = (
                        f"{name} must be from {low:g} to {high:g}, got {x:g} of {point_text(at[:2])}; widen "
                    )
                    raise fault(field, rule, Ref("range"))


def check_flow(spec: AnySpec) -> None:
    """Check a figure of a gradient. Raises SpecError if a point of a streamline lies outside of it."""
    check_points(spec)
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
_LARGEST_COUNT, _SMALLEST_COUNT = 33, 5  # arrows along an axis of a large and of a small figure
_COLUMN_COUNT = 17  # arrows along an axis of a figure as wide as a column of a paper
_ARROW_DISTANCE = 9.0  # points between arrows of a small figure, at least
_FULL_SHARE = 0.6  # smallest share of the room that axes with equal units leave unstretched
_FULL_PANELS_SHARE = 0.9  # smallest share of the room of unstretched axes in a panel of a sweep
_MAX_ASPECT = 5.0  # of the sides of a view: beyond, equal units would leave a thin strip

View = tuple[tuple[float, float], ...]


def view_of(spec: Spec) -> View:
    """Return the limits of the axis of each variable."""
    views = zip((spec.xlim, spec.ylim), map(spec.interval, spec.reading.variables), strict=False)
    return tuple(own or (low, high) for own, (low, high, *_) in views)


def has_height(spec: Spec) -> bool:
    """Return whether a height of the figure was asked for."""
    return spec.size is not None and len(spec.size) == 2


def has_equal_units(spec: Spec) -> bool:
    """Return whether a unit is equally long on both axes, so that angles are true."""
    return _natural_ratio(spec) is not None and not fills_room(spec)


def view_ratio(spec: Spec) -> float:
    """Return the height of the axes to their width."""
    if fills_room(spec):
        return _room_ratio(spec)
    return _natural_ratio(spec) or BOX_ASPECT


def fills_room(spec: Spec) -> bool:
    """Return whether axes fill the size that was asked for: otherwise they would leave much of it empty."""
    if not has_height(spec) or spec.style == "book" or spec.traits.equal_units(spec):
        return False
    if math.prod(panel_grid(spec)) > 1 and not shares_panels(spec):
        return True  # paths of optimizers, which may have long names above them
    ratio = _room_ratio(spec) / (_natural_ratio(spec) or BOX_ASPECT)
    return min(ratio, 1 / ratio) < (_FULL_PANELS_SHARE if shares_panels(spec) else _FULL_SHARE)


def _natural_ratio(spec: Spec) -> float | None:
    """Return the height to the width of axes with equal units; None for a thin strip, or for a curve."""
    if len(spec.reading.variables) == 1:
        return None
    (low0, high0), (low1, high1) = view_of(spec)
    ratio = (high1 - low1) / (high0 - low0)
    return ratio if 1 / _MAX_ASPECT <= ratio <= _MAX_ASPECT else None


def _room_ratio(spec: Spec) -> float:
    """Return the height to the width of the room for axes in the size that was asked for."""
    (width, height), (rows, columns) = spec.size or (1.0, 1.0), panel_grid(spec)
    short = math.sqrt(width / columns * height / rows)
    bars = BAR_SHARE * spec.has_colour_bar
    if shares_panels(spec):  # numbers and labels at the outer edges alone
        wide, high = width - (BESIDE_SHARE + bars) * short, height - 2 * ABOVE_SHARE * short
        return high / rows / (wide / columns)
    wide, room = room_of(width / columns, height / rows, has_bar=spec.has_colour_bar)
    return (room or 0.0) / wide


def axes_sides(width: float, height: float | None, ratio: float, *, has_bar: bool) -> tuple[float, float]:
    """Return about how wide and high axes are in a panel, in inches.

    `ratio` is the height of the axes to their width. With `height` None the panel is as high as they need.
    """
    wide, room = room_of(width, height, has_bar=has_bar)
    high = wide * ratio if room is None else min(wide * ratio, room)
    return high / ratio, high


def room_of(width: float, height: float | None, *, has_bar: bool) -> tuple[float, float | None]:
    """Return about how wide and high axes can be in a panel, in inches; None for any height."""
    beside = BESIDE_SHARE + (BAR_SHARE if has_bar else 0.0)
    if height is None:
        return (1 - beside) * width, None
    short = math.sqrt(width * height)  # texts do not grow with the longer side alone
    return width - beside * short, max(height - ABOVE_SHARE * short, _SMALLEST_SHARE * height)


def panel_sides(spec: Spec) -> tuple[float, float]:
    """Return about how wide and high the axes of a figure with a size are, in inches."""
    assert spec.size is not None  # noqa: S101 - a size was asked for
    rows, columns = panel_grid(spec)
    width, height = spec.size[0] / columns, spec.size[1] / rows if has_height(spec) else None
    has_bar = spec.has_colour_bar and not shares_panels(spec)
    return axes_sides(width, height, view_ratio(spec), has_bar=has_bar)


def arrow_room(spec: Spec) -> int:
    """Return the number of arrows along the shorter side for which there is room: an odd one."""
    if spec.size is None:
        return _COLUMN_COUNT if spec.style == "paper" else _LARGEST_COUNT
    short, long = sorted(panel_sides(spec))
    stretch = long / short if fills_room(spec) else 1.0
    return odd(min(_LARGEST_COUNT, 72 * short / (_ARROW_DISTANCE * stretch**0.25)), _SMALLEST_COUNT)


def odd(count: float, smallest: int) -> int:
    """Return the largest odd number up to a count, at least `smallest`."""
    return max(int(count) - 1 + int(count) % 2, smallest)


def thinned(spec: AnySpec, most: int) -> AnySpec:
    """Return a spec with at most `most` points along each axis, over the same ranges."""
    counts = spec.sample_counts()
    if max(counts) <= most:
        return spec
    ranges = {name: spec.interval(name)[:2] for name in spec.reading.variables}
    fewer = {"samples": tuple(min(count, most) for count in counts), "range": ranges}
    return type(spec)(**{**spec.to_dict(), **fewer})
