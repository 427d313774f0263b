"""A problem: a function, its variables, and how its gradient is taken, for figures and for numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from gradviz.errors import RequestError, visible
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.types import Field
from gradviz.specs.validation import as_ours
from gradviz.specs.values import FrozenDict, Option


def _expression(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise RequestError(f"must be text, got {value}; quote it: '{value}'")
    if isinstance(value, str) and value.rstrip(":").endswith(".py"):
        shown = visible(value.rstrip(":"))
        raise RequestError(f"must name a function of the file, got '{shown}'; use {shown}:NAME")
    return value


class Problem(BaseModel):
    """A function, its variables, and the points and method for its gradient.

    Raises SpecError (one problem a field) or ExpressionError, both RequestError, for invalid values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    expression: Annotated[str, BeforeValidator(_expression)] = pydantic.Field(
        description="Function, such as 'x0*x1', or FILE.py:NAME ('-' for stdin)."
    )
    vars: Annotated[types.OptionalNames, Option(metavar="NAMES")] = Field(
        default=None, description="Variables in order, such as x1,x0; declares longer names."
    )
    where: Annotated[str | None, BeforeValidator(_expression), Option(metavar="CONDITION")] = Field(
        default=None, description="Condition on the plotted points, such as 'x0*x1 > 0'."
    )
    set: Annotated[types.Assignments, Option(metavar="NAME=VALUE", repeat=True)] = Field(
        default_factory=FrozenDict, description="Value of a parameter of the expression."
    )
    fix: Annotated[types.Assignments, Option(metavar="VAR=VALUE", repeat=True)] = Field(
        default_factory=FrozenDict, description="Fixed value of a variable."
    )
    range: Annotated[types.OptionalRange, Option("-r", "[VAR=]LO:HI[:STEP]", repeat=True, separator=":")] = (
        Field(default=None, description="Sampled interval of one variable, or of all.")
    )
    samples: Annotated[types.OptionalSamples, Option("-n", "N or N0,N1")] = Field(
        default=None, description="Points along each axis, both ends included."
    )
    method: Method = Field(default="adaptive", description="Method of the gradient.")
    step: Annotated[types.OptionalReal, Option(metavar="H"), Field(gt=0)] = Field(
        default=None, description="Finite-difference step (default 1e-4 for central)."
    )

    if not TYPE_CHECKING:  # type checkers see the fields as arguments

        def __init__(self, /, **data: Any) -> None:
            ours = None
            try:
                super().__init__(**data)
            except ValidationError as error:
                ours = as_ours(error, type(self))
            if ours is not None:  # out here: as its context, pydantic's error would keep it alive for ever
                raise ours
