"""The fields that all kinds of figures share, each an option, a key of presets and a line of help.

No module is imported here that a refusal would have to wait for.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from gradviz import limits
from gradviz.errors import RequestError, did_you_mean, visible
from gradviz.process import import_matplotlib
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.types import Field
from gradviz.specs.validation import as_ours
from gradviz.specs.values import FrozenDict, Option

StyleName = Literal["default", "book", "paper", "dark"]


def _expression(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise RequestError(f"must be text, got {value}; quote it: '{value}'")
    if isinstance(value, str) and value.rstrip(":").endswith(".py"):
        shown = visible(value.rstrip(":"))
        raise RequestError(f"must name a function of the file, got '{shown}'; use {shown}:NAME")
    return value


def _colour_map(value: object) -> object:
    if isinstance(value, str):
        import_matplotlib()
        from matplotlib import colormaps

        if value not in colormaps:
            hint = did_you_mean(value, colormaps) or "use for example viridis, cividis, magma, RdBu_r or bwr"
            raise RequestError(f"must be a colour map of Matplotlib, got '{visible(value)}'; {hint}")
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


class Fields(Problem):
    """Fields of all kinds of figures, as a frozen value."""

    kind: str
    xlim: Annotated[types.OptionalView, Option(metavar="LO:HI", separator=":")] = Field(
        default=None, description="Limits of the x axis."
    )
    ylim: Annotated[types.OptionalView, Option(metavar="LO:HI", separator=":")] = Field(
        default=None, description="Limits of the y axis."
    )
    title: Annotated[types.Label | None, Option(metavar="TEXT")] = Field(
        default=None, description="Title (default: the formula)."
    )
    xlabel: Annotated[types.Label | None, Option(metavar="TEXT")] = Field(
        default=None, description="Label of the x axis."
    )
    ylabel: Annotated[types.Label | None, Option(metavar="TEXT")] = Field(
        default=None, description="Label of the y axis."
    )
    xticks: Annotated[types.OptionalTicks, Option(metavar="A,B,... or LO:HI:STEP")] = Field(
        default=None, description="Ticks of the x axis."
    )
    yticks: Annotated[types.OptionalTicks, Option(metavar="A,B,... or LO:HI:STEP")] = Field(
        default=None, description="Ticks of the y axis."
    )
    size: Annotated[types.OptionalSize, Option(metavar="W,H")] = Field(
        default=None, description="Width and height in inches."
    )
    dpi: Annotated[types.Whole, Option(metavar="N"), Field(ge=limits.DPI[0], le=limits.DPI[1])] = Field(
        default=150, description="Resolution in dots per inch."
    )
    cmap: Annotated[str | None, BeforeValidator(_colour_map), Option(metavar="NAME")] = Field(
        default=None, description="Colour map of Matplotlib, such as magma."
    )
    style: StyleName = Field(default="default", description="Style of the figure.")
    grid: types.Switch | None = Field(default=None, description="Draw grid lines.")

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set, defaults included, as plain data."""
        found = {name: getattr(self, name) for name in ("kind", *type(self).model_fields)}
        return {name: value for name, value in found.items() if value is not None and value != {}}

    @classmethod
    def default_of(cls, name: str) -> Any:
        """Return the default of a field, None for one that has none."""
        return cls.model_fields[name].get_default(call_default_factory=True, validated_data={})

    def to_json(self) -> str:
        """Return the spec as one line of JSON, the same for equal specs."""
        return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)
