"""A function of two to six variables over every pair of them: its fields."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradviz import limits
from gradviz.errors import Message, point_text
from gradviz.specs import types
from gradviz.specs.plane import BESIDE_LEVELS, shows_colour_bar
from gradviz.specs.problem import fault
from gradviz.specs.spec import Spec, Traits, Unused
from gradviz.specs.types import option


def _point_count(spec: Pairs) -> int:
    """Return the number of points along all variables and over all pairs of them."""
    counts = spec.sample_counts()
    return sum(counts) + (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2


def _check_at(spec: Pairs) -> None:
    if spec.at is None:
        return
    names = spec.reading.variables
    if len(spec.at) != len(names):
        shown = point_text(spec.at)
        raise fault("at", f"the point has {len(names)} numbers, {', '.join(names)}, not {shown}")
    for name, x in zip(names, spec.at, strict=True):
        low, high = spec.reach(name)
        if not low <= x <= high:
            raise fault("at", f"{name} = {x:g} lies outside of its range, {low:g} to {high:g}")


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
        has_colour_bar=shows_colour_bar,
        lines=((lambda spec: 1 if spec.filled else 2), ", the curves and the contours"),
        check=_check_at,
        unused=(
            Unused(
                ("xlim", "ylim", "xlabel", "ylabel", "xticks", "yticks"),
                lambda spec: True,
                Message("on panels of several variables"),
            ),
            Unused(("method", "step"), lambda spec: True, Message("on level lines")),
            BESIDE_LEVELS,
        ),
    )

    levels: types.OptionalLevels = types.LEVELS
    spacing: types.Spacing = types.SPACING
    kind: Literal["pairs"] = "pairs"
    at: types.OptionalReals = option(
        "Point of the sections (default: centre of the ranges).", metavar="A,B,..."
    )
    filled: types.Switch = types.FILLED
    colorbar: types.Switch | None = option("Show the shared colour bar.")
