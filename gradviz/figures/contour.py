"""A function of two variables as level lines, or as the bands between them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from gradviz import limits
from gradviz.figures import values
from gradviz.figures.plane import PlaneSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style


class Contour(PlaneSpec):
    """Level lines of a function, or filled bands."""

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 201
    most_points: ClassVar[int] = limits.LEVEL_POINTS

    kind: Literal["contour"] = "contour"
    levels: Annotated[values.Levels | None, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        None, description="The heights of the lines, or about how many."
    )
    spacing: Literal["auto", "linear", "log", "quantile"] = Field(
        "auto", description="How levels are spaced where they are not given."
    )
    filled: values.Switch = Field(False, description="Fill the bands between the lines.")

    def sample(self) -> Samples:
        """Evaluate the field on the mesh, and say where the levels stop short of its values."""
        from gradviz.figures.scales import cut_off, ends_of

        samples = super().sample()
        if isinstance(self.levels, tuple):
            return samples
        what = "are drawn in one colour" if self.filled else "have no lines"
        said = cut_off(samples.heights, ends_of(samples), f"{what}; --levels shows more")
        return replace(samples, notes=(*samples.notes, *said))

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the lines, coloured by height; a constant function has none, and says so."""
        from gradviz.arrays import components
        from gradviz.figures import lettering
        from gradviz.figures.parting import parted
        from gradviz.figures.scales import (
            CONSTANT,
            NO_LEVELS,
            STEPWISE,
            contour_colours,
            ends_of,
            is_constant,
            is_stepwise,
            level_marks,
            levels_within,
            masked,
            spacing_of,
        )

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        axes.grid(bool(self.grid))
        spacing = spacing_of(samples.heights) if self.spacing == "auto" else self.spacing
        heights = levels_within(
            self.levels, samples.heights, filled=self.filled, spacing=spacing, ends=ends_of(samples)
        )
        if not heights:
            constant = is_constant(samples.heights)
            lettering.say(axes, CONSTANT if constant else NO_LEVELS)
            return
        draw = axes.contourf if self.filled else axes.contour
        look = contour_colours(heights, samples.heights, self.cmap or style.cmap, filled=self.filled)
        if not self.filled:
            look |= {"linewidths": 1.2}
        points, shown = parted(samples)
        if not self.filled and is_stepwise(shown):
            lettering.say(axes, f"{STEPWISE}, but --filled shows it")
            return
        drawn = draw(*components(points), masked(shown), levels=heights, **look)
        marks = {} if spacing == "linear" or isinstance(self.levels, tuple) else level_marks(heights)
        if len(heights) > 1:
            self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style, **marks)
