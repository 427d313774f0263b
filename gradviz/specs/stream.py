"""The gradient of a function of two variables as streamlines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from gradviz.specs import types
from gradviz.specs.flow import FlowSpec
from gradviz.specs.plane import Drawn
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style
    from gradviz.specs.spec import Spec


_WIDTH = 1.1  # points
_HEAD = 1.1  # times Matplotlib's own, in axes of the usual size
_SHRINKING = 0.8  # a power: heads are relatively a little larger in small axes
_PIXELS = 150  # of the shorter side, at density 1


class Stream(FlowSpec):
    """Streamlines of the gradient.

    Examples:
      gradviz stream "sin(x0*x1)"
      gradviz stream "x**2 - y**2" --where "x + y > -1" --cmap magma
    """

    marks_of_points: ClassVar[str] = "points"
    default_samples: ClassVar[int] = 121
    most_samples: ClassVar[int] = 200  # over more, streamlines would take minutes

    kind: Literal["stream"] = "stream"
    density: Annotated[types.Real, Option(metavar="D"), Field(ge=0.1, le=5)] = Field(
        default=1.2, description="Density of the lines, as in Matplotlib."
    )

    def _remarks(self, samples: Samples) -> Iterator[str]:
        """Yield what no line shows."""
        from gradviz.sampling.streamlines import shortened

        if short := shortened(samples, self.density):
            yield short
        yield from super()._remarks(samples)

    def in_pixels(self, width: int, height: int) -> Spec:
        """Return the spec with fewer lines, if so many would run together."""
        density = max(min(width, height) / _PIXELS, 0.1)
        return self if self.density <= density else type(self)(**{**self.to_dict(), "density": density})

    def depicts(self, samples: Samples) -> str:
        """Return in words which way the lines run, and what else is drawn."""
        way, coloured = "" if self.ascent else "negative ", "" if self.heat else ", coloured by its size"
        return f"streamlines along the {way}gradient{coloured}{self.said_of_ground(samples)}"

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw streamlines, coloured by the size of the gradient; they end where it is unreliable."""
        import numpy as np

        from gradviz.output.mpl import lettering
        from gradviz.sampling import scales, streamlines

        axes = self.flat_axes(figure, style)
        axes.grid(bool(self.grid))
        sizes = samples.sizes
        if not np.nanmax(sizes, initial=0) > 0:
            self.add_marks(figure, axes, samples)
            lettering.say(axes, scales.why_none(samples))
            return  # no line has a direction
        ground = self.draw_ground(axes, samples, style)
        scale, marks = self.scale_of(samples)
        look: dict[str, Any] = {"color": np.ma.masked_invalid(sizes), "cmap": style.line_colours(self.cmap)}
        look = {"color": ground.ink} if ground.field else {**look, "norm": scale}
        look |= {**self.sizes_of_lines(axes, style), "density": self.density, "outline": ground.outline}
        drawn = streamlines.draw(axes, samples, uphill=self.ascent, **look)
        if not drawn.lines.get_segments():
            lettering.say(axes, streamlines.NONE)
        self.draw_through(axes, samples, style)
        self.add_marks(figure, axes, samples)
        label = lettering.magnitude_label("lines", ascent=self.ascent)
        self.add_colorbar(axes, ground.field or Drawn(drawn.lines, marks), label, style)

    def sizes_of_lines(self, axes: Any, style: Style) -> dict[str, float]:
        """Return how wide lines and how large their heads are, in Matplotlib's words."""
        fine = self.fineness(axes, style)
        return {"linewidth": _WIDTH * math.sqrt(fine), "arrowsize": _HEAD * fine**_SHRINKING}
