"""Types of fields of specs: accepted type and kept type for type checkers, validator, JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Protocol,
    SupportsFloat,
    SupportsIndex,
    TypeVar,
)

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic import Field as PydanticField

from gradviz import limits
from gradviz.specs import values
from gradviz.specs.values import FrozenDict

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
    text = {"type": "string"}
    return WithJsonSchema({"anyOf": [*alternatives, text]})


def numbers_schema(fewest: int, most: int | None) -> dict[str, object]:
    """Return the JSON Schema of a list of numbers with limits of its length."""
    bound = {} if most is None else {"maxItems": most}
    return {"type": "array", "items": {"type": ["number", "string"]}, "minItems": fewest, **bound}


def mapping_schema(item: dict[str, object]) -> dict[str, object]:
    """Return the JSON Schema of a mapping of names to items."""
    return {"type": "object", "additionalProperties": item}


def made(function: Callable[[object], object]) -> PlainValidator:
    """Return the validator of a type that a function converts all accepted values to."""
    return PlainValidator(function)


_NUMBER: dict[str, object] = {"type": "number"}
_INTEGER: dict[str, object] = {"type": "integer"}
_NUMBER_OR_TEXT: dict[str, object] = {"type": ["number", "string"]}

Number = SupportsFloat | str
Numbers = Number | Sequence[Number] | Array
Interval = str | Sequence[Number] | Array

_Real = Annotated[float, made(values.real), schema(_NUMBER)]
_Whole = Annotated[int, made(values.whole), schema(_INTEGER)]
_Reals = Annotated[tuple[float, ...], made(values.reals), schema(_NUMBER, numbers_schema(0, None))]
_Ticks = Annotated[tuple[float, ...], made(values.ticks), schema(numbers_schema(0, None))]
_Levels = Annotated[int | tuple[float, ...], made(values.levels), schema(_INTEGER, numbers_schema(1, None))]
_Samples = Annotated[
    int | tuple[int, ...], made(values.counts), schema(_INTEGER, numbers_schema(2, limits.VARIABLES))
]
_Range = Annotated[
    tuple[float, ...] | FrozenDict[str, tuple[float, ...]],
    made(values.ranges),
    schema(numbers_schema(2, 3), mapping_schema({"anyOf": [numbers_schema(2, 3), {"type": "string"}]})),
]
_View = Annotated[tuple[float, float], made(values.view), schema(numbers_schema(2, 2))]
_Size = Annotated[tuple[float, float], made(values.size), schema(numbers_schema(2, 2))]
_Point = Annotated[tuple[float, float], made(values.point), schema(numbers_schema(2, 2))]
_Points = Annotated[
    tuple[tuple[float, ...], ...],
    made(values.points),
    schema({"type": "array", "items": {"anyOf": [numbers_schema(1, None), _NUMBER_OR_TEXT]}}),
]
_Names = Annotated[
    tuple[str, ...], made(values.names), schema({"type": "array", "items": {"type": "string"}})
]
_Assignments = Annotated[
    FrozenDict[str, float], made(values.assignments), schema(mapping_schema(_NUMBER_OR_TEXT))
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
OptionalSize = Converted[Interval | None, _Size | None]
OptionalPoint = Converted[Interval | None, _Point | None]
Points = Converted[Numbers | Sequence[Numbers], _Points]
OptionalNames = Converted[str | Sequence[str] | None, _Names | None]
Assignments = Converted[str | Sequence[str] | Mapping[str, Number], _Assignments]
