"""A function of two variables in three dimensions: its fields."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError
from gradviz.specs import types, values
from gradviz.specs.lines import check_taylor
from gradviz.specs.plane import (
    BESIDE_LEVELS,
    WITHOUT_CRITICAL,
    PlaneTraits,
    check_points,
    shows_colour_bar,
    thinned,
)
from gradviz.specs.spec import Spec, Traits, Unused
from gradviz.specs.types import Converted, option, schema

TURN_FRAMES = 72  # frames of one turn
_TURN_RATE = 15  # frames a second
_WIRE_PIXELS = 5  # between wires or dots in a picture of few pixels

Point = tuple[float, float]


def _thinned(spec: Surface, width: int, height: int) -> Surface:
    """Return the spec with fewer wires or dots if so many would be one area."""
    if spec.plot not in ("wireframe", "scatter"):
        return spec
    fewer: Surface = thinned(spec, max(min(width, height) // _WIRE_PIXELS, 5))
    return fewer


def _at_value(spec: Surface, index: int) -> Mapping[str, Any]:
    """Return the fields at a value of a sweep: what turns is seen from another side."""
    azimuth = spec.azim + 360 * index / len(spec.numbers) if spec.spin else spec.azim
    return {"spin": False, "azim": math.remainder(azimuth, 360)}


def _with_plot(spec: Surface) -> Message:
    return Message("with ", Ref("plot", spec.plot))


def _tangent_points(value: object) -> Point | tuple[Point, ...]:
    """Return one point of two coordinates, or several of them."""
    found = tuple(map(values.point, values.points(value)))
    return found if len(found) > 1 else found[0] if found else values.point(value)


_TangentPoints = Annotated[
    Point | tuple[Point, ...], PlainValidator(_tangent_points), schema({"type": "array", "minItems": 1})
]


def _check(spec: Surface) -> None:
    check_points(spec)
    check_taylor(spec)
    ends = [spec.interval(name) for name in spec.reading.variables]
    for point in spec.tangent_points:
        if not all(low <= x <= high for x, (low, high, *_) in zip(point, ends, strict=True)):
            place = ", ".join(f"{x:g}" for x in point)
            raise RequestError(f"no tangent plane at {place}: the point lies outside of the range")


class Surface(Spec):
    """A function of two variables in 3-D."""

    traits: ClassVar[Traits] = PlaneTraits(
        default_samples=81,
        default_range=(-3.0, 3.0),
        check=_check,
        animation="spin",
        frame_rate=lambda spec: _TURN_RATE if spec.spin else None,
        frame_count=lambda spec: TURN_FRAMES,
        at_value=_at_value,
        thinned=_thinned,
        has_colour_bar=lambda spec: shows_colour_bar(spec) and not (spec.color and spec.plot == "contour"),
        unused=(
            WITHOUT_CRITICAL,
            Unused(("taylor",), lambda spec: spec.tangent_at is None, Message("without ", Ref("tangent_at"))),
            Unused(
                ("method", "step"),
                lambda spec: (
                    spec.tangent_at is None
                    and not spec.gradient_at
                    and spec.floor not in ("quiver", "stream")
                ),
                Message("without ", Ref("tangent_at")),
            ),
            Unused(
                ("levels", "spacing", "cmap", "colorbar"), lambda spec: spec.plot == "wireframe", _with_plot
            ),
            Unused(("levels",), lambda spec: spec.plot in ("surface", "scatter"), _with_plot),
            Unused(
                ("color", "linewidth"), lambda spec: spec.plot not in ("wireframe", "contour"), _with_plot
            ),
            Unused(
                ("cmap", "colorbar"),
                lambda spec: spec.color and spec.plot == "contour",
                Message("with ", Ref("color")),
            ),
            replace(
                BESIDE_LEVELS,
                when=lambda spec: spec.plot in ("contour", "contourf") and isinstance(spec.levels, tuple),
            ),
        ),
    )

    at: str | None = types.ARRAY_FILE
    plane: str | None = types.PLANE
    colorbar: types.Switch | None = types.COLOUR_BAR
    critical: types.Switch = types.CRITICAL
    certify: types.Switch = types.CERTIFY
    levels: types.OptionalLevels = types.LEVELS
    spacing: types.Spacing = types.SPACING
    elev: types.Elevation = types.ELEVATION
    azim: types.Azimuth = types.AZIMUTH
    zlim: types.OptionalView = types.Z_VIEW
    zlabel: types.Label | None = types.Z_LABEL
    zticks: types.OptionalTicks = types.Z_TICKS
    gradient_at: types.PlanePoints = types.GRADIENT_AT
    point: types.NamedPoints = types.POINT
    constraint: types.Constraints = types.CONSTRAINT
    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = option("Plot type.", "surface")
    tangent_at: Annotated[
        Converted[types.Interval | Sequence[types.Interval] | None, _TangentPoints | None],
        Field(max_length=limits.TANGENTS),
    ] = option("Draw the tangent plane at this point.", metavar="X0,X1", repeat=True)
    taylor: Annotated[types.OptionalWhole, Field(ge=1, le=2)] = option(
        "Taylor polynomial there: 1, the plane, or 2, the paraboloid.", metavar="N"
    )
    aspect: Literal["auto", "equal"] = option("Proportions of the box; equal shows the true shape.", "auto")
    floor: Literal["contour", "quiver", "stream"] | None = option("Picture on the floor of the box.")
    spin: types.Switch = option("Rotate the camera once around, as a GIF.", default=False)

    @property
    def tangent_points(self) -> tuple[Point, ...]:
        """The points of tangent planes."""
        given = self.tangent_at
        if given is None:
            return ()
        return (given,) if isinstance(given[0], float) else given
