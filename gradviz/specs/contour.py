"""A function of two variables as contours, or as the bands between them, and equations: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz import limits
from gradviz.errors import Message, Ref
from gradviz.specs import types
from gradviz.specs.plane import BESIDE_LEVELS, WITHOUT_CRITICAL, PlaneTraits, check_points, shows_colour_bar
from gradviz.specs.spec import Spec, Traits, Unused
from gradviz.specs.types import option

_OF_LEVELS = (
    "levels", "spacing", "filled", "labels", "cmap", "colorbar", "critical", "certify", "gradient_at",
    "constraint",
)  # fmt: skip


class Contour(Spec):
    """Contours, or the curves of equations."""

    traits: ClassVar[Traits] = PlaneTraits(
        equal_units=lambda spec: bool(spec.gradient_at or spec.constraint or spec.reading.equations),
        lines=((lambda spec: max(len(spec.reading.equations), 1)), ", one for each equation"),
        default_samples=201,
        default_range=(-3.0, 3.0),
        max_points=limits.LEVEL_POINTS,
        check=check_points,
        has_colour_bar=lambda spec: (
            shows_colour_bar(spec) and not spec.reading.equations and (spec.filled or not spec.color)
        ),
        unused=(
            Unused(_OF_LEVELS, lambda spec: bool(spec.reading.equations), Message("with an equation")),
            Unused(("method", "step"), lambda spec: not spec.gradient_at, Message("on level lines")),
            Unused(
                ("color", "linewidth"),
                lambda spec: spec.filled and not spec.reading.equations,
                Message("with ", Ref("filled")),
            ),
            Unused(
                ("cmap", "colorbar"),
                lambda spec: spec.color and not spec.filled,
                Message("with ", Ref("color")),
            ),
            BESIDE_LEVELS,
            WITHOUT_CRITICAL,
        ),
    )

    at: str | None = types.ARRAY_FILE
    plane: str | None = types.PLANE
    colorbar: types.Switch | None = types.COLOUR_BAR
    critical: types.Switch = types.CRITICAL
    certify: types.Switch = types.CERTIFY
    levels: types.OptionalLevels = types.LEVELS
    spacing: types.Spacing = types.SPACING
    gradient_at: types.PlanePoints = types.GRADIENT_AT
    point: types.NamedPoints = types.POINT
    constraint: types.Constraints = types.CONSTRAINT
    kind: Literal["contour"] = "contour"
    filled: types.Switch = types.FILLED
    labels: types.Switch = option("Label the contours with their values.", default=False)
