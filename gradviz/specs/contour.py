"""A function of two variables as contours, or as the bands between them: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import Message, Ref
from gradviz.specs import options, types
from gradviz.specs.plane import check_plane, plane_coordinates, plane_files, plane_interval
from gradviz.specs.spec import Spec
from gradviz.specs.traits import Traits, Unused
from gradviz.specs.types import Field


class Contour(Spec):
    """Contours of a function, as lines or filled."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        default_samples=201,
        default_range=(-3.0, 3.0),
        max_points=limits.LEVEL_POINTS,
        default_interval=plane_interval,
        coordinates=plane_coordinates,
        files=plane_files,
        unused=(
            Unused(("method", "step"), lambda spec: True, Message("on level lines")),
            Unused(
                ("spacing",), lambda spec: isinstance(spec.levels, tuple), Message("beside ", Ref("levels"))
            ),
        ),
    )

    at: options.ArrayFile = Field(default=None)
    plane: options.Plane = Field(default=None)
    colorbar: options.ColourBar = Field(default=None)
    critical: options.Critical = Field(default=False)
    levels: options.Levels = Field(default=None)
    spacing: options.Spacing = Field(default="auto")
    kind: Literal["contour"] = "contour"
    filled: options.Filled = Field(default=False)
    labels: types.Switch = Field(default=False, description="Label the contours with their values.")

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar."""
        return self.style != "book" if self.colorbar is None else self.colorbar

    @model_validator(mode="after")
    def _check_contour(self) -> Self:
        check_plane(self)
        return self
