"""A function of two variables in three dimensions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradviz.errors import RequestError
from gradviz.figures import values
from gradviz.figures.plane import PlaneSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_FACES = 120  # along an axis of a surface: more cannot be seen
_WIRES = 40
_TICKS = 5  # about so many on each axis, which lie close together in perspective
_DOTS = 40


class Surface(PlaneSpec):
    """A function in three dimensions: a surface, a wireframe, contour lines or bands, or dots."""

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 81

    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = Field(
        "surface", description="How the function is drawn."
    )
    elev: Annotated[values.Real, Option(metavar="DEGREES"), Field(ge=-90, le=90)] = Field(
        30.0, description="The viewer's elevation above the plane."
    )
    azim: Annotated[values.Real, Option(metavar="DEGREES"), Field(ge=-360, le=360)] = Field(
        -60.0, description="The viewer's azimuth around the vertical axis."
    )
    zlim: Annotated[values.View | None, Option(metavar="LO:HI", separator=":")] = Field(
        None, description="The view along z."
    )
    zlabel: Annotated[values.Label | None, Option(metavar="TEXT")] = Field(
        None, description="The label of the z axis."
    )
    zticks: Annotated[values.Ticks | None, Option(metavar="A,B,... or LO:HI:STEP")] = Field(
        None, description="The ticks along z."
    )
    levels: Annotated[values.Levels | None, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        None, description="The heights of contour lines and bands, or about how many."
    )

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the function seen from `elev` and `azim`; fine meshes are thinned to what can be seen."""
        from matplotlib.ticker import MaxNLocator

        from gradviz.figures import lettering

        if self.size is None:
            figure.set_size_inches(style.size[0], 0.8 * style.size[0])
        axes: Any = figure.add_subplot(projection="3d")
        axes.view_init(elev=self.elev, azim=self.azim)
        name = lettering.function_label(self.reading)
        drawn = self._drawn(axes, samples, style)
        self.add_marks(figure, axes, samples, self.zlim)
        names = map(lettering.variable_label, self.reading.variables)
        lettering.set_labels(axes, self, *names, name)
        lettering.set_title(figure, axes, self, pad=-16.0)
        lettering.set_view(axes, self, "xyz")
        marks = axes.zaxis.get_major_formatter().format_ticks(axes.zaxis.get_majorticklocs())
        longest = max((len(re.sub(r"\\mathdefault|[${}]", "", mark)) for mark in marks), default=0)
        axes.zaxis.labelpad = 4 + 3 * max(longest - 2, 0)  # else the label lies on the numbers
        axes.set_box_aspect(None, zoom=0.92)  # else the label of z is cut off
        for letter in "xyz":
            if getattr(self, f"{letter}ticks") is None:
                getattr(axes, f"{letter}axis").set_major_locator(MaxNLocator(_TICKS))
        axes.grid(self.grid is not False)
        if drawn is not None and self.has_colorbar(style):
            figure.colorbar(drawn, ax=axes, shrink=0.62, pad=0.08 + 0.012 * longest)

    def _inside(self, heights: Floats) -> Floats:
        """Return the heights without those beyond the view along z, which would reach out of the box."""
        import numpy as np

        if self.zlim is None:
            return heights
        low, high = self.zlim
        inside = np.where((heights >= low) & (heights <= high), heights, np.nan)
        if np.isnan(inside).all():
            raise RequestError(
                f"no value of the function lies between {low:g} and {high:g}, the view along z"
            )
        return inside

    def _drawn(self, axes: Any, samples: Samples, style: Style) -> Any:
        """Draw the function and return what a colour bar can explain, or None."""
        import numpy as np

        from gradviz.arrays import components
        from gradviz.figures.scales import contour_colours, levels_within, masked

        plane, heights = components(samples.points), self._inside(samples.heights)
        colors: dict[str, Any] = {"cmap": self.cmap or style.cmap}
        rows, columns = heights.shape
        match self.plot:
            case "surface":
                ends = {"vmin": float(np.nanmin(heights)), "vmax": float(np.nanmax(heights))}
                counts = {"rcount": min(rows, _FACES), "ccount": min(columns, _FACES)}
                return axes.plot_surface(
                    *plane, heights, linewidth=0, antialiased=False, **counts, **colors, **ends
                )
            case "wireframe":
                counts = {"rcount": min(rows, _WIRES), "ccount": min(columns, _WIRES)}
                axes.plot_wireframe(*plane, heights, color=style.ink, linewidth=0.7, **counts)
                return None
            case "scatter":
                thin = (slice(None, None, -(-rows // _DOTS)), slice(None, None, -(-columns // _DOTS)))
                there = np.isfinite(heights[thin])
                dots = [part[thin][there] for part in (*plane, heights)]
                return axes.scatter(*dots, c=dots[2], s=6, depthshade=False, **colors)
        filled = self.plot == "contourf"
        levels = levels_within(self.levels, heights, filled=filled)
        if not levels:
            return None
        draw = axes.contourf if filled else axes.contour
        look = contour_colours(levels, heights, colors["cmap"], filled=filled)
        drawn = draw(*plane, masked(heights), levels=levels, **look)
        return drawn if len(levels) > 1 else None
