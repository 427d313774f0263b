"""A function of two variables as level lines, or as the bands between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from gradviz import limits
from gradviz.figures import values
from gradviz.figures.levels import LevelSpec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style


class Contour(LevelSpec):
    """Level lines of a function, or filled bands."""

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 201
    most_points: ClassVar[int] = limits.LEVEL_POINTS
    line_look: ClassVar[Mapping[str, Any]] = {"linewidths": 1.2}

    kind: Literal["contour"] = "contour"
    filled: values.Switch = Field(False, description="Fill the bands between the lines.")

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: no gradient is drawn."""
        yield from super().idle()
        yield "method step", "on level lines"
        if isinstance(self.levels, tuple):
            yield "spacing", "beside --levels"

    def sample(self) -> Samples:
        """Evaluate the field on the mesh, and say where the levels stop short of its values."""
        samples = super().sample()
        return replace(samples, notes=(*samples.notes, *self.beyond(samples)))

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which values lie beyond the levels, where these are not given."""
        from gradviz.figures.scales import cut_off, ends_of

        if isinstance(self.levels, tuple):
            return ()
        what = "are drawn in one colour" if self.filled else "have no lines"
        return cut_off(samples.all_heights, ends_of(samples), f"{what}; --levels shows more")

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the lines, coloured by height; a constant function has none, and says so."""
        from gradviz.figures import lettering
        from gradviz.figures.parting import parted

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        axes.grid(bool(self.grid))
        levels = self.find_levels(samples, filled=self.filled)
        drawn = self.draw_levels(axes, samples, levels, parted(samples), style, filled=self.filled)
        self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style)
