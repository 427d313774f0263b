"""A function of two to six variables over every pair of them: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import Message, Ref
from gradviz.specs import options, types
from gradviz.specs.spec import Spec
from gradviz.specs.traits import Traits, Unused
from gradviz.specs.types import Field
from gradviz.specs.validation import fault
from gradviz.specs.values import Option


def _point_count(spec: Pairs) -> int:
    """Return the number of points along all variables and over all pairs of them."""
    counts = spec.sample_counts()
    return sum(counts) + (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2


class Pairs(Spec):
    """Contours of every pair of variables."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        max_variables=limits.PAIRED_VARIABLES,
        default_samples=121,
        default_range=(-3.0, 3.0),
        point_count=_point_count,
        coordinate_count=lambda spec: 2 if spec.at is None else len(spec.at),
        own_panels=lambda spec: "kind",
        unused=(
            Unused(
                ("xlim", "ylim", "xlabel", "ylabel", "xticks", "yticks"),
                lambda spec: True,
                Message("on panels of several variables"),
            ),
            Unused(("method", "step"), lambda spec: True, Message("on level lines")),
            Unused(
                ("spacing",), lambda spec: isinstance(spec.levels, tuple), Message("beside ", Ref("levels"))
            ),
        ),
    )

    levels: options.Levels = Field(default=None)
    spacing: options.Spacing = Field(default="auto")
    kind: Literal["pairs"] = "pairs"
    at: Annotated[types.OptionalReals, Option(metavar="A,B,...")] = Field(
        default=None,
        description="Point of the sections (default: centre of the ranges).",
    )
    filled: options.Filled = Field(default=False)
    colorbar: Annotated[types.Switch | None, Field(description="Show the shared colour bar.")] = None

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar."""
        return self.style != "book" if self.colorbar is None else self.colorbar

    @model_validator(mode="after")
    def _check_at(self) -> Self:
        if self.at is None:
            return self
        names = self.reading.variables
        shown = ",".join(f"{x:g}" for x in self.at)
        if len(self.at) != len(names):
            raise fault("at", f"the point has {len(names)} numbers, {', '.join(names)}, not {shown}")
        for name, x in zip(names, self.at, strict=True):
            low, high = self.reach(name)
            if not low <= x <= high:
                raise fault("at", f"{name} = {x:g} lies outside of its range, {low:g} to {high:g}")
        return self
