"""The gradient of a function of two variables as arrows: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.plane import (
    IN_ONE_COLOUR,
    WITHOUT_CRITICAL,
    PlaneTraits,
    arrow_room,
    check_flow,
    fills_room,
    odd,
    panel_sides,
    shows_colour_bar,
    thinned,
)
from gradviz.specs.spec import Spec, Traits
from gradviz.specs.types import option

_DEFAULT_COUNT = 17  # arrows along an axis
_MOST_COUNT = 60
_ARROW_PIXELS = 8  # between arrows in a picture of few pixels, for their heads to be visible


def _default_count(spec: Quiver) -> int | tuple[int, int]:
    """Return the number of arrows along each axis: an odd one, so that one is in the middle.

    Along axes of unequal sides, arrows are about as far apart in x as in y.
    """
    if spec.size is None:
        return _DEFAULT_COUNT
    count, (wide, high) = min(_DEFAULT_COUNT, arrow_room(spec)), panel_sides(spec)
    stretch = max(wide / high, high / wide) if fills_room(spec) else 1.0
    most = odd(min(count * stretch, _MOST_COUNT), count)
    return count if most == count else (most, count) if wide >= high else (count, most)


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
        equal_units=lambda spec: bool(spec.gradient_at),
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
    gradient_at: types.PlanePoints = types.GRADIENT_AT
    point: types.NamedPoints = types.POINT
    kind: Literal["quiver"] = "quiver"
    arrows: Literal["equal", "true", "log"] | None = option(
        "Arrow length: equal, the gradient norm, or its log."
    )
    stream: types.Switch = option("Also draw thin streamlines.", default=False)
