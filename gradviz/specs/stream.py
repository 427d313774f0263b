"""The gradient of a function of two variables as streamlines: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gradviz.specs import types
from gradviz.specs.plane import IN_ONE_COLOUR, WITHOUT_CRITICAL, PlaneTraits, check_flow, shows_colour_bar
from gradviz.specs.spec import Spec, Traits
from gradviz.specs.types import option

_PIXELS_AT_DENSITY_1 = 150  # length of the shorter side of a picture of few pixels


def _sparser(spec: Stream, width: int, height: int) -> Stream:
    """Return the spec with fewer lines if they would run together in so few pixels."""
    density = max(min(width, height) / _PIXELS_AT_DENSITY_1, 0.1)
    return spec if spec.density <= density else Stream(**{**spec.to_dict(), "density": density})


def _has_colour_bar(spec: Stream) -> bool:
    """Return whether there is a colour bar: lines in one colour have none."""
    return (spec.heat and spec.colorbar is None) or bool(
        shows_colour_bar(spec) and (spec.heat or not spec.color)
    )


class Stream(Spec):
    """Streamlines of the gradient."""

    traits: ClassVar[Traits] = PlaneTraits(
        equal_units=lambda spec: bool(spec.gradient_at),
        default_samples=121,
        max_samples=200,  # over more points Matplotlib's integration, which a script calls, takes minutes
        has_colour_bar=_has_colour_bar,
        check=check_flow,
        thinned=_sparser,
        unused=(IN_ONE_COLOUR, WITHOUT_CRITICAL),
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
    kind: Literal["stream"] = "stream"
    density: Annotated[types.Real, Field(ge=0.1, le=5)] = option(
        "Density of the lines, as in Matplotlib.", 1.2, metavar="D"
    )
