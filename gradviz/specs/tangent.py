"""A curve of one variable with its tangent lines: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError
from gradviz.specs import types, values
from gradviz.specs.spec import Interval, Spec, Traits, Unused
from gradviz.specs.types import option

_DEFAULT_INTERVAL = (-5.0, 5.0)
_MARGIN_SHARE = 0.1  # margin around points of tangency, as a share of the range


def _distance(value: object) -> object:
    if value is not None and values.real(value) == 0:
        raise RequestError("the two points of a secant must not be the same: 0 is no distance")
    return value


def _interval(spec: Tangent, variable: str) -> Interval | None:
    """Return the default range, widened to contain the points of tangency and of secants."""
    del variable
    if spec.range is not None or not spec.at:
        return None
    touched = (*spec.at, *(at + (spec.secant or 0.0) for at in spec.at))
    low, high = min(_DEFAULT_INTERVAL[0], *touched), max(_DEFAULT_INTERVAL[1], *touched)
    margin = _MARGIN_SHARE * (high - low)
    return low - margin * (low < _DEFAULT_INTERVAL[0]), high + margin * (high > _DEFAULT_INTERVAL[1])


class Tangent(Spec):
    """A curve with its tangent lines."""

    traits: ClassVar[Traits] = Traits(
        dimension=1,
        default_samples=501,
        default_range=_DEFAULT_INTERVAL,
        default_interval=_interval,
        lines=((lambda spec: 1 + len(spec.at)), ", the curve and its tangents"),
        own_panels=lambda spec: "derivative" if spec.derivative else None,
        unused=(
            Unused(("cmap",), lambda spec: True, Message("on a curve")),
            Unused(
                ("secant",), lambda spec: not spec.at, Message("without ", Ref("at"), ", where it starts")
            ),
        ),
    )

    kind: Literal["tangent"] = "tangent"
    at: Annotated[types.Reals, Field(max_length=limits.TANGENTS)] = option(
        "Point of a tangent line.", (), metavar="X", repeat=True
    )
    secant: Annotated[types.OptionalReal, BeforeValidator(_distance)] = option(
        "Also draw the secant through x and x + H.", metavar="H"
    )
    derivative: types.Switch = option("Also plot the derivative.", default=False)
