"""Types of fields of specs: accepted type and kept type for type checkers, validator, JSON Schema, option."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    Protocol,
    SupportsFloat,
    SupportsIndex,
    TypeVar,
)

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic import Field as PydanticField

from gradviz import limits
from gradviz.specs import values
from gradviz.specs.values import FrozenDict, Option

_Given = TypeVar("_Given")
_Kept = TypeVar("_Kept")

Field: Callable[..., Any] = PydanticField
"""Pydantic's `Field` for fields with a default.

Its result is Any, since a default has the kept type and not the type `Converted`. Type checkers take any
field with an assigned value for optional, except for a call of `pydantic.Field` without a default.
"""


class Array(Protocol):
    """An array of NumPy, or of a library with the same method."""

    def tolist(self) -> Any:
        """Return the items as nested lists, which NumPy types as Any."""


class Converted(Generic[_Given, _Kept]):
    """The type of a field that accepts `_Given` and holds `_Kept`, for type checkers only.

    The typing specification of dataclasses takes the type of a constructor's argument from `__set__` of a
    descriptor, and the type of the attribute from `__get__`; mypy and pyright follow it without a plugin.
    At run time `Converted[given, kept]` is `kept`, whose validator converts what is given.
    """

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: type | None = None) -> _Kept: ...

        def __set__(self, instance: object, value: _Given) -> None: ...

    else:

        def __class_getitem__(cls, types: tuple[object, object]) -> object:
            return types[1]


def schema(*alternatives: dict[str, object]) -> WithJsonSchema:
    """Return the JSON Schema of a type: one of some alternatives, or a text."""
    return WithJsonSchema({"anyOf": [*alternatives, {"type": "string"}]})


def _list(fewest: int, most: int | None = None) -> dict[str, object]:
    """Return the JSON Schema of a list of numbers with limits of its length."""
    bound = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": _NUMBER_OR_TEXT, "minItems": fewest, **bound}


def _mapping(item: dict[str, object]) -> dict[str, object]:
    """Return the JSON Schema of a mapping of names to items."""
    return {"type": "object", "additionalProperties": item}


_NUMBER: dict[str, object] = {"type": "number"}
_INTEGER: dict[str, object] = {"type": "integer"}
_TEXT: dict[str, object] = {"type": "string"}
_NUMBER_OR_TEXT: dict[str, object] = {"type": ["number", "string"]}
_PAIR = schema(_list(2, 2))

Number = SupportsFloat | str
Numbers = Number | Sequence[Number] | Array
Interval = str | Sequence[Number] | Array

_Real = Annotated[float, PlainValidator(values.real), schema(_NUMBER)]
_Whole = Annotated[int, PlainValidator(values.whole), schema(_INTEGER)]
_Reals = Annotated[tuple[float, ...], PlainValidator(values.reals), schema(_NUMBER, _list(0))]
_Ticks = Annotated[tuple[float, ...], PlainValidator(values.ticks), schema(_list(0))]
_Levels = Annotated[int | tuple[float, ...], PlainValidator(values.levels), schema(_INTEGER, _list(1))]
_Samples = Annotated[
    int | tuple[int, ...], PlainValidator(values.counts), schema(_INTEGER, _list(2, limits.VARIABLES))
]
_Range = Annotated[
    tuple[float, ...] | FrozenDict[str, tuple[float, ...]],
    PlainValidator(values.ranges),
    schema(_list(2, 3), _mapping({"anyOf": [_list(2, 3), _TEXT]})),
]
_Sweep = Annotated[
    FrozenDict[str, tuple[float, ...]],
    PlainValidator(values.sweep),
    schema(_mapping({"anyOf": [_list(2, limits.FRAMES), _TEXT]})),
]
_View = Annotated[tuple[float, float], PlainValidator(values.view), _PAIR]
_Size = Annotated[tuple[float, float], PlainValidator(values.size), _PAIR]
_Point = Annotated[tuple[float, float], PlainValidator(values.point), _PAIR]
_Points = Annotated[
    tuple[tuple[float, ...], ...],
    PlainValidator(values.points),
    schema({"type": "array", "items": {"anyOf": [_list(1), _NUMBER_OR_TEXT]}}),
]
_Names = Annotated[tuple[str, ...], PlainValidator(values.names), schema({"type": "array", "items": _TEXT})]
_Assignments = Annotated[
    FrozenDict[str, float], PlainValidator(values.assignments), schema(_mapping(_NUMBER_OR_TEXT))
]

Switch = Annotated[bool, BeforeValidator(values.switch)]
Label = Annotated[str, BeforeValidator(values.label)]
OptionalLabel = Annotated[Label | None, Option(metavar="TEXT")]
Real = Converted[Number, _Real]
OptionalReal = Converted[Number | None, _Real | None]
Whole = Converted[SupportsIndex | str, _Whole]
OptionalWhole = Converted[SupportsIndex | str | None, _Whole | None]
Reals = Converted[Numbers, _Reals]
OptionalReals = Converted[Numbers | None, _Reals | None]
OptionalTicks = Converted[Numbers | None, Annotated[_Ticks | None, Option(metavar="A,B,... or LO:HI:STEP")]]
OptionalLevels = Converted[Numbers | None, _Levels | None]
OptionalSamples = Converted[Numbers | None, _Samples | None]
OptionalRange = Converted[Interval | Mapping[str, Interval] | None, _Range | None]
OptionalView = Converted[Interval | None, Annotated[_View | None, Option(metavar="LO:HI", separator=":")]]
OptionalSize = Converted[Interval | None, _Size | None]
OptionalPoint = Converted[Interval | None, _Point | None]
Points = Converted[Numbers | Sequence[Numbers], _Points]
OptionalNames = Converted[str | Sequence[str] | None, _Names | None]
Assignments = Converted[str | Sequence[str] | Mapping[str, Number], _Assignments]
Sweep = Converted[str | Mapping[str, Numbers], _Sweep]

# Fields that several kinds of figures have ----------------------------------------------------------------

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
ColourBar = Annotated[Switch | None, Field(description="Show the colour bar.")]
Critical = Annotated[Switch, Field(description="Mark minima, maxima and saddle points.")]

Ascent = Annotated[Switch, Field(description="Point uphill instead of downhill.")]
ContoursBehind = Annotated[Switch, Field(description="Draw contours of the function behind.")]
Heat = Annotated[Switch, Field(description="Show the gradient norm as colours behind.")]
Through = Annotated[
    Points,
    Option(metavar="A,B", repeat=True),
    Field(max_length=limits.STARTS, description="Draw the streamline through a point."),
]

Levels = Annotated[
    OptionalLevels,
    Option(metavar="N, A,B,... or LO:HI:STEP"),
    Field(description="Contour levels, or their approximate number."),
]
Spacing = Annotated[
    Literal["auto", "linear", "log", "quantile"],
    Field(description="Spacing of default levels and of colours."),
]
Filled = Annotated[Switch, Field(description="Fill the contours.")]

_DEGREES = Option(metavar="DEGREES")
Elevation = Annotated[Real, _DEGREES, Field(ge=-90, le=90, description="Elevation of the camera in degrees.")]
Azimuth = Annotated[Real, _DEGREES, Field(ge=-360, le=360, description="Azimuth of the camera in degrees.")]
ZView = Annotated[OptionalView, Field(description="Limits of the z axis.")]
ZLabel = Annotated[OptionalLabel, Field(description="Label of the z axis.")]
ZTicks = Annotated[OptionalTicks, Field(description="Ticks of the z axis.")]
