"""The fields that several kinds of figures have, each an option, a key of presets and a line of help."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gradviz import limits
from gradviz.specs import types
from gradviz.specs.values import Option

# On a plane -----------------------------------------------------------------------------------------------

ArrayFile = Annotated[
    str | None,
    Option(metavar="FILE.npy"),
    Field(description="Array on the plane, for a function of an array."),
]
Plane = Annotated[
    str | None,
    Option(metavar="random[:SEED] or U.npy,V.npy"),
    Field(description="Plane of arrays, for a function of an array."),
]
ColourBar = Annotated[types.Switch | None, Field(description="Show the colour bar.")]
Critical = Annotated[types.Switch, Field(description="Mark minima, maxima and saddle points.")]

# Of a gradient --------------------------------------------------------------------------------------------

Ascent = Annotated[types.Switch, Field(description="Point uphill instead of downhill.")]
ContoursBehind = Annotated[types.Switch, Field(description="Draw contours of the function behind.")]
Heat = Annotated[types.Switch, Field(description="Show the gradient norm as colours behind.")]
Through = Annotated[
    types.Points,
    Option(metavar="A,B", repeat=True),
    Field(max_length=limits.STARTS, description="Draw the streamline through a point."),
]

# Levels ---------------------------------------------------------------------------------------------------

Levels = Annotated[
    types.OptionalLevels,
    Option(metavar="N, A,B,... or LO:HI:STEP"),
    Field(description="Contour levels, or their approximate number."),
]
Spacing = Annotated[
    Literal["auto", "linear", "log", "quantile"],
    Field(description="Spacing of default levels and of colours."),
]
Filled = Annotated[types.Switch, Field(description="Fill the contours.")]

# In three dimensions --------------------------------------------------------------------------------------

Elevation = Annotated[
    types.Real,
    Option(metavar="DEGREES"),
    Field(ge=-90, le=90, description="Elevation of the camera in degrees."),
]
Azimuth = Annotated[
    types.Real,
    Option(metavar="DEGREES"),
    Field(ge=-360, le=360, description="Azimuth of the camera in degrees."),
]
ZView = Annotated[
    types.OptionalView, Option(metavar="LO:HI", separator=":"), Field(description="Limits of the z axis.")
]
ZLabel = Annotated[types.Label | None, Option(metavar="TEXT"), Field(description="Label of the z axis.")]
ZTicks = Annotated[
    types.OptionalTicks, Option(metavar="A,B,... or LO:HI:STEP"), Field(description="Ticks of the z axis.")
]
