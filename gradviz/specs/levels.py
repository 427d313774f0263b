"""What the figures with levels share: their heights, and how they are drawn and explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.plane import Drawn, PlaneSpec
from gradviz.specs.spec import Spec
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.sampling.scales import Spacing
    from gradviz.scene.style import Style

_WIDE = 0.7  # of the width of a picture: its axes in two dimensions
_TALL = 0.4  # of the width of a picture: the height of a scale beside a box
_SHARE = 0.75  # of the height of a picture that is given: a scale, at the most
_LINE = 1.25  # heights of letters from one mark to the next
_RAISED = 1.6  # the same for powers of ten


class Levelled(Spec):
    """A figure that may show the levels of a function."""

    line_look: ClassVar[Mapping[str, Any]] = {}
    """How level lines are drawn, beside their colours."""

    levels: Annotated[types.OptionalLevels, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        default=None, description="Contour levels, or their approximate number."
    )
    spacing: Literal["auto", "linear", "log", "quantile"] = Field(
        default="auto", description="Spacing of default levels and of colours."
    )


class LevelSpec(Levelled, PlaneSpec):
    """A figure of a function of two variables that may show its levels."""

    def spacing_for(self, samples: Samples) -> Spacing:
        """Return how levels and colours are spaced."""
        from gradviz.sampling.scales import common_spacing

        return common_spacing(samples) if self.spacing == "auto" else self.spacing

    def find_levels(
        self, samples: Samples, *, filled: bool, ends: tuple[float, float] | None = None
    ) -> list[float]:
        """Return the heights of the levels to draw; where none are given, they lie between the ends."""
        from gradviz.sampling.scales import ends_of, levels_within

        spacing, ends = self.spacing_for(samples), ends or ends_of(samples)
        return levels_within(self.levels, samples.all_heights, filled=filled, spacing=spacing, ends=ends)

    def level_colours(self, style: Style, *, filled: bool) -> Any:
        """Return the colour map of level lines or bands."""
        return style.colours(self.cmap) if filled else style.line_colours(self.cmap)

    def draw_levels(
        self,
        axes: Any,
        samples: Samples,
        levels: list[float],
        mesh: tuple[Floats, Floats],
        style: Style,
        *,
        filled: bool,
    ) -> Drawn | None:
        """Draw levels over a mesh, its points (n1, n0, 2) and heights (n1, n0), and return what that made.

        Where no scale of colours can explain it, nothing is returned; where it is nothing, the picture says
        why.
        """
        from gradviz.arrays import components
        from gradviz.output.mpl import lettering
        from gradviz.sampling.scales import (
            CONSTANT,
            MARKS,
            NO_LEVELS,
            STEPWISE,
            are_even,
            contour_colours,
            is_constant,
            is_stepwise,
            level_marks,
            limits_of,
            masked,
        )

        points, heights = mesh
        low, high = limits_of(samples.heights)
        if not levels or not (filled or any(low < level < high for level in levels)):
            lettering.say(axes, CONSTANT if is_constant(samples.heights) else NO_LEVELS)
            return None
        if not filled and is_stepwise(heights):
            lettering.say(axes, STEPWISE)
            return None
        colours = self.level_colours(style, filled=filled)
        look = contour_colours(levels, samples.all_heights, colours, filled=filled)
        draw, lines = (axes.contourf, {}) if filled else (axes.contour, self.line_look)
        drawn = draw(*components(points), masked(heights), levels=levels, **look, **lines)
        most = self._most_marks(axes, levels)
        marks = {} if are_even(levels) and most >= MARKS else level_marks(levels, most)
        return Drawn(drawn, marks) if len(levels) > 1 else None

    def _most_marks(self, axes: Any, levels: list[float]) -> int:
        """Return about how many marks have room beside axes, whose height is not known before the layout."""
        from matplotlib import rcParams

        from gradviz.sampling.scales import height_text

        rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
        width, height = axes.figure.get_size_inches().tolist()
        high = width / columns * (_TALL if axes.name == "3d" else _WIDE * self.view_ratio())
        if self.size is not None:
            high = min(high, _SHARE * height / rows)
        line = _RAISED if any("^" in height_text(level) for level in levels) else _LINE
        return max(2, int(72 * high / (line * rcParams["font.size"])))
