"""A function of two variables as level lines, or as the bands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

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

    kind: Literal["contour"] = "contour"
    levels: Annotated[values.Levels | None, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        None, description="The heights of the lines, or about how many."
    )
    filled: values.Switch = Field(False, description="Fill the bands between the lines.")

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the lines, coloured by height; a constant function has none, and says so."""
        from gradviz.figures import lettering
        from gradviz.figures.scales import contour_colours, levels_within, masked

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        axes.grid(bool(self.grid))
        heights = levels_within(self.levels, samples.heights, filled=self.filled)
        if not heights:
            where = "constant" if self.levels is None else "without any of these levels in the range"
            axes.text(
                0.5, 0.5, f"the function is {where}", transform=axes.transAxes, ha="center", va="center"
            )
            return
        draw = axes.contourf if self.filled else axes.contour
        look = contour_colours(heights, samples.heights, self.cmap or style.cmap, filled=self.filled)
        if not self.filled:
            look |= {"linewidths": 1.2}
        drawn = draw(*self.axes_values(), masked(samples.heights), levels=heights, **look)
        if len(heights) > 1:
            self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style)
