"""The gradient of a function of two variables as arrows: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.panels import panel_grid, shares_panels
from gradviz.specs.plane import (
    IN_ONE_COLOUR,
    WITHOUT_CRITICAL,
    PlaneTraits,
    axes_sides,
    check_flow,
    fills_room,
    has_height,
    shows_colour_bar,
    thinned,
    view_ratio,
)
from gradviz.specs.spec import Spec, Traits
from gradviz.specs.types import option

_DEFAULT_COUNT = 17  # arrows along an axis
_MOST_COUNT = 60
_SMALLEST_COUNT = 5  # arrows along an axis of a small figure
_ARROW_DISTANCE = 9.0  # points between arrows of a small figure, at least
_ARROW_PIXELS = 8  # between arrows in a picture of few pixels, for their heads to be visible


def _default_count(spec: Quiver) -> int | tuple[int, int]:
    """Return the number of arrows along each axis: an odd one, so that one is in the middle.

    Along axes of unequal sides, arrows are about as far apart in x as in y.
    """
    if spec.size is None:
        return _DEFAULT_COUNT
    rows, columns = panel_grid(spec)
    width, height = spec.size[0] / columns, spec.size[1] / rows if has_height(spec) else None
    has_bar = spec.has_colour_bar and not shares_panels(spec)
    sides = axes_sides(width, height, view_ratio(spec), has_bar=has_bar)
    short, long = sorted(sides)
    stretch = long / short if fills_room(spec) else 1.0
    count = _odd(min(_DEFAULT_COUNT, 72 * short / (_ARROW_DISTANCE * stretch**0.25)), _SMALLEST_COUNT)
    most = _odd(min(count * stretch, _MOST_COUNT), count)
    return count if most == count else (most, count) if sides[0] == long else (count, most)


def _odd(count: float, smallest: int) -> int:
    """Return the largest odd number up to a count, at least `smallest`."""
    return max(int(count) - 1 + int(count) % 2, smallest)


def _has_colour_bar(spec: Quiver) -> bool:
    """Return whether there is a colour bar: arrows in one colour have none, nor has the style of the book."""
    if spec.heat and spec.colorbar is None:
        return True
    is_plain = spec.style == "book" and not (spec.cmap or spec.colorbar)
    is_coloured = spec.heat or not (spec.color or is_plain)
    return is_coloured and shows_colour_bar(spec)


class Quiver(Spec):
    """The gradient as arrows, downhill by default."""

    traits: ClassVar[Traits] = PlaneTraits(
        default_samples=_default_count,
        max_samples=_MOST_COUNT,  # more arrows cannot be told apart
        has_colour_bar=_has_colour_bar,
        check=check_flow,
        thinned=lambda spec, width, height: thinned(spec, max(min(width, height) // _ARROW_PIXELS, 3)),
        unused=(
            IN_ONE_COLOUR,
            WITHOUT_CRITICAL,
        ),
    )

    at: str | None = types.ARRAY_FILE
    plane: str | None = types.PLANE
    colorbar: types.Switch | None = types.COLOUR_BAR
    critical: types.Switch = types.CRITICAL
    certify: types.Switch = types.CERTIFY
    ascent: types.Switch = types.ASCENT
    contour: types.Switch = types.CONTOURS_BEHIND
    heat: types.Switch = types.HEAT
    through: types.SomePoints = types.THROUGH
    kind: Literal["quiver"] = "quiver"
    arrows: Literal["equal", "true", "log"] | None = option(
        "Arrow length: equal, the gradient norm, or its log."
    )
    stream: types.Switch = option("Also draw thin streamlines.", default=False)
