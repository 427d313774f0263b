"""A function of two variables as level lines, or as the bands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradviz.figures import values
from gradviz.figures.plane import PlaneSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_LEVELS = 12


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

        axes = self.flat_axes(figure, style)
        axes.grid(bool(self.grid))
        heights = levels_within(self.levels, samples.heights)
        if not heights:
            where = "constant" if self.levels is None else "without any of these levels in the range"
            axes.text(
                0.5, 0.5, f"the function is {where}", transform=axes.transAxes, ha="center", va="center"
            )
            return
        draw = axes.contourf if self.filled else axes.contour
        look = contour_colours(heights, self.cmap or style.cmap, filled=self.filled)
        if not self.filled:
            look |= {"linewidths": 1.2}
        drawn = draw(*self.axes_values(), masked(samples.heights), levels=heights, **look)
        self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style)


def contour_colours(heights: list[float], cmap: str, *, filled: bool) -> dict[str, Any]:
    """Return the colours of level lines or bands; levels at uneven distances get colours at even ones."""
    import numpy as np
    from matplotlib import colormaps

    extend = "both" if filled else "neither"
    if len(heights) < 3 or np.ptp(np.diff(heights)) <= 1e-9 * np.ptp(heights):
        return {"cmap": cmap, "extend": extend}
    count = len(heights) + 1 if filled else len(heights)
    return {"colors": colormaps[cmap](np.linspace(0, 1, count)), "extend": extend}


def masked(heights: Any) -> Any:
    """Return values with the undefined ones masked, which Matplotlib leaves out."""
    import numpy as np

    return np.ma.masked_invalid(heights)


def levels_within(wanted: int | tuple[float, ...] | None, heights: Any) -> list[float]:
    """Return the levels to draw: round numbers over the range of the heights, or the wanted ones that occur.

    The list is empty if the heights are all equal, or none of the wanted levels lies between them.
    """
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    from gradviz.figures.colours import is_constant

    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    if is_constant(heights):
        return []
    if isinstance(wanted, tuple):
        return list(wanted) if any(low <= level <= high for level in wanted) else []
    found = MaxNLocator((wanted or _LEVELS) + 1, min_n_ticks=1).tick_values(low, high)
    inside = [float(level) for level in found if low < level < high]
    step = float(found[1] - found[0])
    return [inside[0] - step, *inside, inside[-1] + step] if inside else [low, high]
