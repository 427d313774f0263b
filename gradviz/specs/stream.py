"""The gradient of a function of two variables as streamlines: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.plane import PlaneTraits, check_flow, shows_colour_bar
from gradviz.specs.spec import Spec, Traits
from gradviz.specs.types import Field
from gradviz.specs.values import Option

_PIXELS_AT_DENSITY_1 = 150  # length of the shorter side of a picture of few pixels


def _sparser(spec: Stream, width: int, height: int) -> Stream:
    """Return the spec with fewer lines if they would run together in so few pixels."""
    density = max(min(width, height) / _PIXELS_AT_DENSITY_1, 0.1)
    return spec if spec.density <= density else Stream(**{**spec.to_dict(), "density": density})


class Stream(Spec):
    """Streamlines of the gradient."""

    traits: ClassVar[Traits] = PlaneTraits(
        default_samples=121,
        max_samples=200,  # over more points Matplotlib's integration takes minutes
        has_colour_bar=lambda spec: (spec.heat and spec.colorbar is None) or shows_colour_bar(spec),
        check=check_flow,
        thinned=_sparser,
    )

    at: types.ArrayFile = Field(default=None)
    plane: types.Plane = Field(default=None)
    colorbar: types.ColourBar = Field(default=None)
    critical: types.Critical = Field(default=False)
    ascent: types.Ascent = Field(default=False)
    contour: types.ContoursBehind = Field(default=False)
    heat: types.Heat = Field(default=False)
    through: types.Through = Field(default=())
    kind: Literal["stream"] = "stream"
    density: Annotated[types.Real, Option(metavar="D"), Field(ge=0.1, le=5)] = Field(
        default=1.2, description="Density of the lines, as in Matplotlib."
    )
