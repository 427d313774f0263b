"""A curve of one variable with its tangent lines: its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainValidator

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError
from gradviz.language.parser import parse
from gradviz.language.reading import Expression, FunctionOfFile, separated
from gradviz.specs import types, values
from gradviz.specs.lines import check_taylor
from gradviz.specs.problem import fault
from gradviz.specs.spec import Interval, Spec, Traits, Unused
from gradviz.specs.types import Converted, option, schema

_DEFAULT_INTERVAL = (-5.0, 5.0)
_MARGIN_SHARE = 0.1  # margin around points of tangency, as a share of the range


def _distances(value: object) -> float | tuple[float, ...]:
    """Return one distance, or several of them."""
    found = values.reals(value)
    if not found or 0 in found:
        raise RequestError("the two points of a secant must not be the same: 0 is no distance")
    return found[0] if len(found) == 1 else found


_Distances = Annotated[
    float | tuple[float, ...], PlainValidator(_distances), schema({"type": "number"}, {"type": "array"})
]


def _numbers(spec: Tangent, name: str) -> tuple[float, ...]:
    """Return the numbers of a field, or those that a sweep gives it."""
    return spec.numbers if spec.swept == name else {"at": spec.at, "secant": spec.distances}[name]


def _interval(spec: Tangent, variable: str) -> Interval | None:
    """Return the default range, widened to contain the points of tangency and of secants."""
    del variable
    points = _numbers(spec, "at")
    if spec.range is not None or not points:
        return None
    touched = (*points, *(at + distance for at in points for distance in _numbers(spec, "secant")))
    low, high = min(_DEFAULT_INTERVAL[0], *touched), max(_DEFAULT_INTERVAL[1], *touched)
    margin = _MARGIN_SHARE * (high - low)
    return low - margin * (low < _DEFAULT_INTERVAL[0]), high + margin * (high > _DEFAULT_INTERVAL[1])


def _at_value(spec: Tangent, index: int) -> Mapping[str, object]:
    """Return the range that all values of a sweep share."""
    del index
    return {} if spec.range is not None else {"range": spec.interval(spec.reading.variables[0])}


def _check(spec: Tangent) -> None:
    check_taylor(spec)
    if (number := len(spec.functions)) > limits.CURVES:
        raise fault(
            "expression", f"must have at most {limits.CURVES} functions, got {number}; leave out some"
        )
    points = _numbers(spec, "at")
    if spec.swept == "secant" and not points:
        raise fault("sweep", "a secant has no point to start at; add one with ", Ref("at"))
    if spec.swept == "secant" and 0 in spec.numbers:
        raise fault("sweep", "the two points of a secant must not be the same: 0 is no distance")
    if (count := len(spec.at) * (1 + len(spec.distances))) > limits.TANGENTS:
        problem = f"must be at most {limits.TANGENTS} tangents and secants, got {count}; leave out some"
        raise fault("secant", problem)


def line_count(spec: Tangent) -> int:
    """Return the number of lines with a colour of their own: the tangents, and several secants of each.

    Of several functions they are the curves after the first one, whose lines have their colours.
    """
    if len(spec.functions) > 1:
        return len(spec.functions) - 1
    return len(spec.at) * (1 + (len(spec.distances) if len(spec.distances) > 1 else 0))


class Tangent(Spec):
    """Curves with their tangent lines."""

    traits: ClassVar[Traits] = Traits(
        dimension=1,
        default_samples=501,
        default_range=_DEFAULT_INTERVAL,
        default_interval=_interval,
        lines=((lambda spec: 1 + line_count(spec)), ", the curve and its tangents, or the curves"),
        check=_check,
        swept_fields={"at": lambda spec: spec.reading.variables[0], "secant": lambda spec: "h"},
        at_value=_at_value,
        own_panels=lambda spec: "derivative" if spec.derivative else None,
        unused=(
            Unused(("cmap",), lambda spec: True, Message("on a curve")),
            Unused(
                ("secant",),
                lambda spec: not _numbers(spec, "at"),
                Message("without ", Ref("at"), ", where it starts"),
            ),
            Unused(
                ("taylor", "equations", "slope_triangle"),
                lambda spec: not _numbers(spec, "at"),
                Message("without ", Ref("at")),
            ),
        ),
    )

    kind: Literal["tangent"] = "tangent"
    at: Annotated[types.Reals, Field(max_length=limits.TANGENTS)] = option(
        "Point of a tangent line.", (), metavar="X", repeat=True
    )
    secant: Converted[types.Numbers | None, _Distances | None] = option(
        "Also draw the secant through x and x + H.", metavar="H", repeat=True
    )
    taylor: types.TaylorDegree = option(
        "Draw the Taylor polynomial of this degree at each point.", metavar="N"
    )
    equations: types.Switch = option("Show the equation of each line in the legend.", default=False)
    slope_triangle: types.Switch = option("Draw the slope triangle of each line.", default=False)
    derivative: types.Switch = option("Also plot the derivative.", default=False)

    @property
    def distances(self) -> tuple[float, ...]:
        """The distances of the points of each secant."""
        return (self.secant,) if isinstance(self.secant, float) else self.secant or ()

    @cached_property
    def functions(self) -> tuple[Expression | FunctionOfFile, ...]:
        """The functions of the curves: one, or those between semicolons."""
        reading = self.reading
        if isinstance(reading, FunctionOfFile) or not reading.equations:
            return (reading,)
        known = (*reading.variables, *reading.parameters)
        parts = separated(reading.text)
        return tuple(replace(reading, text=part, tree=parse(part, known), equations=()) for part in parts)
