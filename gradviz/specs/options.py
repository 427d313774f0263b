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
    Field(description="For a function of an array: the array through which --plane goes."),
]
Plane = Annotated[
    str | None,
    Option(metavar="random[:SEED] or U.npy,V.npy"),
    Field(description="The plane over which a function of an array is drawn."),
]
ColourBar = Annotated[types.Switch | None, Field(description="Show the colour bar.")]
Critical = Annotated[types.Switch, Field(description="Mark minima, maxima and saddles.")]

# Of a gradient --------------------------------------------------------------------------------------------

Ascent = Annotated[types.Switch, Field(description="Point uphill.")]
ContoursBehind = Annotated[types.Switch, Field(description="Draw thin contours of the function behind.")]
Heat = Annotated[types.Switch, Field(description="Show the magnitude of the gradient as colours behind.")]
Through = Annotated[
    types.Points,
    Option(metavar="A,B", repeat=True),
    Field(max_length=limits.STARTS, description="Draw the line along the gradient through a point."),
]

# Levels ---------------------------------------------------------------------------------------------------

Levels = Annotated[
    types.OptionalLevels,
    Option(metavar="N, A,B,... or LO:HI:STEP"),
    Field(description="The levels of contours, or about how many."),
]
Spacing = Annotated[
    Literal["auto", "linear", "log", "quantile"],
    Field(description="Spacing of levels and colours where levels are not given."),
]
Filled = Annotated[types.Switch, Field(description="Fill the bands between the contours.")]

# In three dimensions --------------------------------------------------------------------------------------

Elevation = Annotated[
    types.Real,
    Option(metavar="DEGREES"),
    Field(ge=-90, le=90, description="The viewer's elevation above the plane."),
]
Azimuth = Annotated[
    types.Real,
    Option(metavar="DEGREES"),
    Field(ge=-360, le=360, description="The viewer's azimuth around the vertical axis."),
]
ZView = Annotated[
    types.OptionalView, Option(metavar="LO:HI", separator=":"), Field(description="The view along z.")
]
ZLabel = Annotated[types.Label | None, Option(metavar="TEXT"), Field(description="The label of the z axis.")]
ZTicks = Annotated[
    types.OptionalTicks, Option(metavar="A,B,... or LO:HI:STEP"), Field(description="The ticks along z.")
]
