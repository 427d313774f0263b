"""A function of two variables in three dimensions: its fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import model_validator

from gradviz.errors import Message, Ref, RequestError
from gradviz.specs import options, types
from gradviz.specs.plane import check_plane, plane_coordinates, plane_files, plane_interval, thinned
from gradviz.specs.spec import Spec
from gradviz.specs.traits import Traits, Unused
from gradviz.specs.types import Field
from gradviz.specs.values import Option

_TURN_RATE = 15  # frames a second
_WIRE_PIXELS = 5  # between wires or dots in a picture of few pixels


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


class Surface(Spec):
    """A function of two variables in 3-D."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        default_samples=81,
        default_range=(-3.0, 3.0),
        default_interval=plane_interval,
        coordinates=plane_coordinates,
        files=plane_files,
        animation="spin",
        frame_rate=lambda spec: _TURN_RATE if spec.spin else None,
        at_value=_at_value,
        thinned=_thinned,
        unused=(
            Unused(
                ("method", "step"),
                lambda spec: spec.tangent_at is None,
                Message("without ", Ref("tangent_at")),
            ),
            Unused(
                ("levels", "spacing", "cmap", "colorbar"),
                lambda spec: spec.plot == "wireframe",
                Message("with ", Ref("plot", "wireframe")),
            ),
            Unused(
                ("levels",),
                lambda spec: spec.plot in ("surface", "scatter"),
                lambda spec: Message("with ", Ref("plot", spec.plot)),
            ),
            Unused(
                ("spacing",),
                lambda spec: spec.plot in ("contour", "contourf") and isinstance(spec.levels, tuple),
                Message("beside ", Ref("levels")),
            ),
        ),
    )

    at: options.ArrayFile = Field(default=None)
    plane: options.Plane = Field(default=None)
    colorbar: options.ColourBar = Field(default=None)
    critical: options.Critical = Field(default=False)
    levels: options.Levels = Field(default=None)
    spacing: options.Spacing = Field(default="auto")
    elev: options.Elevation = Field(default=30.0)
    azim: options.Azimuth = Field(default=-60.0)
    zlim: options.ZView = Field(default=None)
    zlabel: options.ZLabel = Field(default=None)
    zticks: options.ZTicks = Field(default=None)
    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = Field(
        default="surface", description="Plot type."
    )
    tangent_at: Annotated[types.OptionalPoint, Option(metavar="X0,X1")] = Field(
        default=None, description="Draw the tangent plane at this point."
    )
    spin: types.Switch = Field(default=False, description="Rotate the camera once around, as a GIF.")

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar."""
        return self.style != "book" if self.colorbar is None else self.colorbar

    @model_validator(mode="after")
    def _check_surface(self) -> Self:
        check_plane(self)
        if self.tangent_at is not None:
            ends = [self.interval(name) for name in self.reading.variables]
            if not all(low <= x <= high for x, (low, high, *_) in zip(self.tangent_at, ends, strict=True)):
                place = ", ".join(f"{x:g}" for x in self.tangent_at)
                raise RequestError(f"no tangent plane at {place}: the point lies outside of the range")
        return self
