"""The gradient of a function of two variables as arrows: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.plane import (
    IN_ONE_COLOUR,
    WITHOUT_CRITICAL,
    PlaneTraits,
    axes_sides,
    check_flow,
    has_height,
    near_square,
    shows_colour_bar,
    thinned,
    view_ratio,
)
from gradviz.specs.spec import Spec, Traits
from gradviz.specs.types import option

_DEFAULT_COUNT = 17  # arrows along an axis
_SMALLEST_COUNT = 5  # arrows along an axis of a small figure
_ARROW_DISTANCE = 9.0  # points between arrows of a small figure, at least
_ARROW_PIXELS = 8  # between arrows in a picture of few pixels, for their heads to be visible


def _default_count(spec: Quiver) -> int:
    """Return the number of arrows along an axis: an odd one, so that one is in the middle."""
    if spec.size is None:
        return _DEFAULT_COUNT
    rows, columns = near_square(1 if spec.animate else len(spec.numbers) or 1)
    width, height = spec.size[0] / columns, spec.size[1] / rows if has_height(spec) else None
    sides = axes_sides(width, height, view_ratio(spec), has_bar=spec.has_colour_bar)
    most = int(72 * min(sides) / _ARROW_DISTANCE)
    return min(_DEFAULT_COUNT, max(most - 1 + most % 2, _SMALLEST_COUNT))


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
        max_samples=60,  # more arrows cannot be told apart
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
