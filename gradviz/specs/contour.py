"""A function of two variables as level lines, or as the bands between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from gradviz import limits
from gradviz.specs import types
from gradviz.specs.levels import LevelSpec
from gradviz.specs.types import Field

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style


class Contour(LevelSpec):
    """Contours of a function, as lines or filled.

    Examples:
      gradviz contour "(1 - x)**2 + 100*(y - x**2)**2" -r x=-2:2 -r y=-1:3
      gradviz contour "x0**3 - 3*x0 + x1**2" --filled --critical
    """

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 201
    most_points: ClassVar[int] = limits.LEVEL_POINTS
    line_look: ClassVar[Mapping[str, Any]] = {"linewidths": 1.2}

    kind: Literal["contour"] = "contour"
    filled: types.Switch = Field(default=False, description="Fill the contours.")
    labels: types.Switch = Field(default=False, description="Label the contours with their values.")

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: no gradient is drawn."""
        yield from super().idle()
        yield "method step", "on level lines"
        if isinstance(self.levels, tuple):
            yield "spacing", "beside --levels"

    def sample(self) -> Samples:
        """Evaluate the field on the mesh, and say what the levels do not show of it."""
        from gradviz.sampling.scales import ends_of
        from gradviz.sampling.undersampling import too_coarse

        samples = super().sample()
        coarse = filter(None, [too_coarse(samples, ends_of(samples))])
        return replace(samples, notes=(*samples.notes, *coarse, *self.beyond(samples)))

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which values lie beyond the levels, where these are not given."""
        from gradviz.sampling.scales import cut_off, ends_of

        if isinstance(self.levels, tuple):
            return ()
        what = "are drawn in one colour" if self.filled else "have no lines"
        return cut_off(samples.all_heights, ends_of(samples), f"{what}; --levels shows more")

    def depicts(self, samples: Samples) -> str:
        """Return in words between which heights there are levels."""
        levels = self.find_levels(samples, filled=self.filled)
        what = "filled bands" if self.filled else "level lines"
        if not levels:
            return f"no {what}"
        written = ", written where there is room" if self.labels else ""
        return f"{what} at {len(levels)} heights from {levels[0]:.4g} to {levels[-1]:.4g}{written}"

    def unplaced(self, figure: Figure) -> tuple[str, ...]:
        """Say that no line has a height written on it, where that was asked for and there are lines."""
        lines = [drawn for axes in figure.axes for drawn in axes.collections if hasattr(drawn, "labelTexts")]
        if not self.labels or self.frame_rate or not lines or any(drawn.labelTexts for drawn in lines):
            return ()
        return ("no line has room for its height; --size, fewer --levels or a smaller --range makes some",)

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the lines, coloured by height; a constant function has none, and says so."""
        from gradviz.output.mpl import lettering
        from gradviz.sampling.cuts import parted

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        axes.grid(bool(self.grid))
        levels, mesh = self.find_levels(samples, filled=self.filled), parted(samples)
        drawn = self.draw_levels(axes, samples, levels, mesh, style, filled=self.filled)
        self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style)
        if self.labels and axes.collections:
            self._write_heights(axes, levels, mesh, style)

    def level_colours(self, style: Style, *, filled: bool) -> Any:
        """Return the colour map of level lines or bands, on which numbers can be read if there are any."""
        on_bands = filled and self.labels
        return style.ground_colours(self.cmap) if on_bands else super().level_colours(style, filled=filled)

    def _write_heights(
        self, axes: Any, levels: list[float], mesh: tuple[Floats, Floats], style: Style
    ) -> None:
        """Write heights on the lines that are drawn, or between filled bands on thin lines for that."""
        from matplotlib import rcParams

        from gradviz.arrays import components
        from gradviz.output.mpl import contour_labels as heights
        from gradviz.sampling.scales import masked
        from gradviz.scene.style import ink_on

        ink, outline = rcParams["text.color"], None
        if self.filled:
            ink, outline = ink_on(self.level_colours(style, filled=True))
            points, values = mesh
            look: dict[str, Any] = {"colors": [ink], "linewidths": 0.6, "linestyles": "solid"}
            axes.contour(*components(points), masked(values), levels=levels, **look)
        axes.figure.at_last.append(partial(heights.write, axes.collections[-1], ink, outline))
