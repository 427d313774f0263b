"""A function of two variables as contours, or as the bands between them: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz import limits
from gradviz.errors import Message
from gradviz.specs import types
from gradviz.specs.plane import BESIDE_LEVELS, PlaneTraits
from gradviz.specs.spec import Spec, Traits, Unused
from gradviz.specs.types import Field


class Contour(Spec):
    """Contours of a function, as lines or filled."""

    traits: ClassVar[Traits] = PlaneTraits(
        default_samples=201,
        default_range=(-3.0, 3.0),
        max_points=limits.LEVEL_POINTS,
        unused=(Unused(("method", "step"), lambda spec: True, Message("on level lines")), BESIDE_LEVELS),
    )

    at: types.ArrayFile = Field(default=None)
    plane: types.Plane = Field(default=None)
    colorbar: types.ColourBar = Field(default=None)
    critical: types.Critical = Field(default=False)
    levels: types.Levels = Field(default=None)
    spacing: types.Spacing = Field(default="auto")
    kind: Literal["contour"] = "contour"
    filled: types.Filled = Field(default=False)
    labels: types.Switch = Field(default=False, description="Label the contours with their values.")
