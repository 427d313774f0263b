"""A function of two variables in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradviz.figures import values
from gradviz.figures.space import SpaceSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_WIRES = 40
_DOTS = 40


class Surface(SpaceSpec):
    """A function in three dimensions: a surface, a wireframe, contour lines or bands, or dots."""

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 81

    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = Field(
        "surface", description="How the function is drawn."
    )
    levels: Annotated[values.Levels | None, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        None, description="The heights of contour lines and bands, or about how many."
    )

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the function seen from `elev` and `azim`; fine meshes are thinned to what can be seen."""
        from gradviz.figures import lettering

        if self.size is None:
            figure.set_size_inches(style.size[0], 0.8 * style.size[0])
        axes = self.box_axes(figure)
        drawn = self._drawn(axes, samples, style)
        self.add_marks(figure, axes, samples, self.zlim)
        lettering.set_title(figure, axes, self, pad=-16.0)
        self.finish_box(figure, axes, drawn, style)

    def _drawn(self, axes: Any, samples: Samples, style: Style) -> Any:
        """Draw the function and return what a colour bar can explain, or None."""
        import numpy as np

        from gradviz.arrays import components
        from gradviz.figures.scales import contour_colours, levels_within, masked

        if self.plot == "surface":
            return self.draw_surface(axes, samples, style)
        plane, heights = components(samples.points), self.inside(samples.heights)
        colors: dict[str, Any] = {"cmap": self.cmap or style.cmap}
        rows, columns = heights.shape
        match self.plot:
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
