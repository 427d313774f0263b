"""The gradient of a function of two variables as streamlines: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from gradviz.specs import options, types
from gradviz.specs.plane import check_plane, plane_coordinates, plane_files, plane_interval
from gradviz.specs.spec import Spec, check_points
from gradviz.specs.traits import Traits
from gradviz.specs.types import Field
from gradviz.specs.values import Option

_PIXELS_AT_DENSITY_1 = 150  # length of the shorter side of a picture of few pixels


def _sparser(spec: Stream, width: int, height: int) -> Stream:
    """Return the spec with fewer lines if they would run together in so few pixels."""
    density = max(min(width, height) / _PIXELS_AT_DENSITY_1, 0.1)
    return spec if spec.density <= density else Stream(**{**spec.to_dict(), "density": density})


class Stream(Spec):
    """Streamlines of the gradient."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        default_samples=121,
        max_samples=200,  # over more points Matplotlib's integration takes minutes
        default_interval=plane_interval,
        coordinates=plane_coordinates,
        files=plane_files,
        thinned=_sparser,
    )

    at: options.ArrayFile = Field(default=None)
    plane: options.Plane = Field(default=None)
    colorbar: options.ColourBar = Field(default=None)
    critical: options.Critical = Field(default=False)
    ascent: options.Ascent = Field(default=False)
    contour: options.ContoursBehind = Field(default=False)
    heat: options.Heat = Field(default=False)
    through: options.Through = Field(default=())
    kind: Literal["stream"] = "stream"
    density: Annotated[types.Real, Option(metavar="D"), Field(ge=0.1, le=5)] = Field(
        default=1.2, description="Density of the lines, as in Matplotlib."
    )

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar: in the style of the book only for colours behind the lines."""
        return (self.heat or self.style != "book") if self.colorbar is None else self.colorbar

    @model_validator(mode="after")
    def _check_stream(self) -> Self:
        check_plane(self)
        check_points(self, "through", self.through)
        return self
