"""The gradient of a function of two variables as arrows: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, model_validator

from gradviz.errors import Message, Ref
from gradviz.specs import options, types
from gradviz.specs.colours import check_colour
from gradviz.specs.panels import axes_sides, near_square
from gradviz.specs.plane import (
    check_plane,
    plane_coordinates,
    plane_files,
    plane_interval,
    thinned,
    view_ratio,
)
from gradviz.specs.spec import Spec, check_points
from gradviz.specs.traits import Traits, Unused
from gradviz.specs.types import Field
from gradviz.specs.values import Option

_DEFAULT_COUNT = 17  # arrows along an axis
_SMALLEST_COUNT = 5  # arrows along an axis of a small figure
_ARROW_DISTANCE = 9.0  # points between arrows of a small figure, at least
_ARROW_PIXELS = 8  # between arrows in a picture of few pixels, for their heads to be visible


def _default_count(spec: Quiver) -> int:
    """Return the number of arrows along an axis: an odd one, so that one is in the middle."""
    if spec.size is None:
        return _DEFAULT_COUNT
    rows, columns = near_square(1 if spec.animate else len(spec.numbers) or 1)
    width, height = spec.size
    sides = axes_sides(width / columns, height / rows, view_ratio(spec), has_bar=spec.has_colour_bar)
    most = int(72 * min(sides) / _ARROW_DISTANCE)
    return min(_DEFAULT_COUNT, max(most - 1 + most % 2, _SMALLEST_COUNT))


class Quiver(Spec):
    """The gradient as arrows, downhill by default."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        default_samples=_default_count,
        max_samples=60,  # more arrows cannot be told apart
        default_interval=plane_interval,
        coordinates=plane_coordinates,
        files=plane_files,
        thinned=lambda spec, width, height: thinned(spec, max(min(width, height) // _ARROW_PIXELS, 3)),
        unused=(
            Unused(
                ("cmap", "colorbar"),
                lambda spec: spec.color and not spec.heat,
                Message("with ", Ref("color")),
            ),
        ),
    )

    at: options.ArrayFile = Field(default=None)
    plane: options.Plane = Field(default=None)
    colorbar: options.ColourBar = Field(default=None)
    critical: options.Critical = Field(default=False)
    ascent: options.Ascent = Field(default=False)
    contour: options.ContoursBehind = Field(default=False)
    heat: options.Heat = Field(default=False)
    through: options.Through = Field(default=())
    kind: Literal["quiver"] = "quiver"
    arrows: Literal["equal", "true", "log"] | None = Field(
        default=None,
        description="Arrow length: equal, the gradient norm, or its log.",
    )
    stream: types.Switch = Field(default=False, description="Also draw thin streamlines.")
    color: Annotated[str | None, BeforeValidator(check_colour), Option(metavar="COLOR")] = Field(
        default=None, description="One colour for all arrows."
    )

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar: arrows in one colour have none, nor has the style of the book."""
        is_book = self.style == "book"
        is_coloured = self.heat or not (self.color or (is_book and not (self.cmap or self.colorbar)))
        return is_coloured and ((self.heat or not is_book) if self.colorbar is None else self.colorbar)

    @model_validator(mode="after")
    def _check_quiver(self) -> Self:
        check_plane(self)
        check_points(self, "through", self.through)
        return self
