"""Types of fields of specs: accepted type and kept type for type checkers, validator, JSON Schema, option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from gradviz import limits
from gradviz.specs import values
from gradviz.specs.colours import colours
from gradviz.specs.fonts import check_font
from gradviz.specs.points import constraints, named_points, plane_points
from gradviz.specs.values import FrozenDict, Option

_Given = TypeVar("_Given")
_Kept = TypeVar("_Kept")


def option(
    description: str,
    default: Any = None,
    *,
    short: str = "",
    metavar: str = "",
    repeat: bool = False,
    separator: str = ",",
    name: str = "",
    closed: bool = False,
) -> Any:
    """Return a field with its help, its default or the class that makes one, and its option.

    Bounds belong to the type, since pydantic would check those of a field before it converts the value. The
    result is Any, since a default has the kept type and not the type `Converted`. Type checkers take a field
    with an assigned value for optional, except for a call of `pydantic.Field` without a default.
    """
    given: Any = {"default_factory" if isinstance(default, type) else "default": default}
    field = Field(description=description, **given)
    field.metadata.append(Option(short, metavar, repeat, separator, name, closed))
    return field


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
_Size = Annotated[tuple[float, ...], PlainValidator(values.size), schema(_NUMBER, _list(1, 2))]
_Colours = Annotated[
    str | tuple[str, ...],
    PlainValidator(colours),
    schema({"type": "array", "items": {"type": "string"}, "minItems": 1}),
]
_Widths = Annotated[float | tuple[float, ...], PlainValidator(values.widths), schema(_NUMBER, _list(1))]
_Point = Annotated[tuple[float, float], PlainValidator(values.point), _PAIR]
_Points = Annotated[
    tuple[tuple[float, ...], ...],
    PlainValidator(values.points),
    schema({"type": "array", "items": {"anyOf": [_list(1), _NUMBER_OR_TEXT]}}),
]
_NamedPoint = {"type": "array", "items": _NUMBER_OR_TEXT, "minItems": 2, "maxItems": 3}
_NamedPoints = Annotated[
    tuple[tuple[float, float, str], ...],
    PlainValidator(named_points),
    schema({"type": "array", "items": {"anyOf": [_NamedPoint, _NUMBER_OR_TEXT]}}),
]
_PlanePoints = Annotated[
    tuple[tuple[float, float], ...],
    PlainValidator(plane_points),
    schema({"type": "array", "items": {"anyOf": [_list(2, 2), _NUMBER_OR_TEXT]}}),
]
_Constraints = Annotated[
    tuple[str, ...], PlainValidator(constraints), schema({"type": "array", "items": _TEXT})
]
_Names = Annotated[tuple[str, ...], PlainValidator(values.names), schema({"type": "array", "items": _TEXT})]
_Assignments = Annotated[
    FrozenDict[str, float], PlainValidator(values.assignments), schema(_mapping(_NUMBER_OR_TEXT))
]

Switch = Annotated[bool, BeforeValidator(values.switch)]
Label = Annotated[str, BeforeValidator(values.label)]
Real = Converted[Number, _Real]
OptionalReal = Converted[Number | None, _Real | None]
Whole = Converted[SupportsIndex | str, _Whole]
OptionalWhole = Converted[SupportsIndex | str | None, _Whole | None]
Reals = Converted[Numbers, _Reals]
OptionalReals = Converted[Numbers | None, _Reals | None]
OptionalTicks = Converted[Numbers | None, _Ticks | None]
OptionalLevels = Converted[Numbers | None, _Levels | None]
OptionalSamples = Converted[Numbers | None, _Samples | None]
OptionalRange = Converted[Interval | Mapping[str, Interval] | None, _Range | None]
OptionalView = Converted[Interval | None, _View | None]
OptionalSize = Converted[Numbers | None, _Size | None]
OptionalColours = Converted[str | Sequence[str] | None, _Colours | None]
OptionalWidths = Converted[Numbers | None, _Widths | None]
OptionalPoint = Converted[Interval | None, _Point | None]
Points = Converted[Numbers | Sequence[Numbers], _Points]
PlanePoints = Annotated[Converted[Numbers | Sequence[Numbers], _PlanePoints], Field(max_length=limits.STARTS)]
Constraints = Annotated[Converted[str | Sequence[str], _Constraints], Field(max_length=limits.CONSTRAINTS)]
NamedPoints = Annotated[
    Converted[str | Sequence[Number] | Sequence[str | Sequence[Number]], _NamedPoints],
    Field(max_length=limits.STARTS),
]
OptionalNames = Converted[str | Sequence[str] | None, _Names | None]
Assignments = Converted[str | Sequence[str] | Mapping[str, Number], _Assignments]
Sweep = Converted[str | Mapping[str, Numbers], _Sweep]

Font = Annotated[str | None, BeforeValidator(check_font)]
FontSize = Annotated[OptionalReal, Field(ge=limits.FONT_SIZE[0], le=limits.FONT_SIZE[1])]
TaylorDegree = Annotated[OptionalWhole, Field(ge=1, le=limits.TAYLOR_DEGREE)]
FONT = option("Installed font of numbers, words and formulas.", metavar="NAME")
FONT_SIZE = option("Font size in points.", metavar="PT")

# Fields that several kinds of figures have ----------------------------------------------------------------

ARRAY_FILE = option("Array on the plane, for a function of an array.", metavar="FILE.npy")
PLANE = option("Plane of arrays, for a function of an array.", metavar="random[:SEED] or U.npy,V.npy")
COLOUR_BAR = option("Show the colour bar.")
CRITICAL = option("Mark minima, maxima and saddle points.", default=False)
CERTIFY = option("Prove that no marker is missing; outline unproven parts.", default=False)

ASCENT = option("Point uphill instead of downhill.", default=False)
CONTOURS_BEHIND = option("Draw contours of the function behind.", default=False)
HEAT = option("Show the gradient norm as colours behind.", default=False)
SomePoints = Annotated[Points, Field(max_length=limits.STARTS)]
THROUGH = option("Draw the streamline through a point.", (), metavar="A,B", repeat=True)

GRADIENT_AT = option(
    "Draw the gradient at this point, and the level line through it.", (), metavar="A,B", repeat=True
)
POINT = option("Mark this point, with a name.", (), metavar="A,B[:NAME]", repeat=True)

LEVELS = option(
    "Contour levels, or their number, about; 0 is the level 0.", metavar="N, A,B,... or LO:HI:STEP"
)

CONSTRAINT = option(
    "Draw this equation, and the extrema on it.", (), metavar="EQUATION", repeat=True, separator=""
)
Spacing = Literal["auto", "linear", "log", "quantile"]
SPACING = option("Spacing of default levels and of colours.", "auto")
FILLED = option("Fill the contours.", default=False)

Elevation = Annotated[Real, Field(ge=-90, le=90)]
ELEVATION = option("Elevation of the camera in degrees.", 30.0, metavar="DEGREES")
Azimuth = Annotated[Real, Field(ge=-360, le=360)]
AZIMUTH = option("Azimuth of the camera in degrees.", -60.0, metavar="DEGREES")
Z_VIEW = option("Limits of the z axis.", metavar="LO:HI", separator=":")
Z_LABEL = option("Label of the z axis.", metavar="TEXT")
Z_TICKS = option("Ticks of the z axis.", metavar="A,B,... or LO:HI:STEP", closed=True)
