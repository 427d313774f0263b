"""The gradient of a function of two variables as streamlines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from gradviz.figures import values
from gradviz.figures.plane import Drawn, PlaneSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from gradviz.arrays import Floats
    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style


_SHORTEST = 0.04  # of the picture: shorter lines are left out


class Stream(PlaneSpec):
    """The gradient as streamlines; they run downhill unless `ascent`."""

    needs_gradient: ClassVar[bool] = True
    default_samples: ClassVar[int] = 121
    most_samples: ClassVar[int] = 200  # over more, streamlines would take minutes

    kind: Literal["stream"] = "stream"
    ascent: values.Switch = Field(False, description="Let the lines run uphill.")
    density: Annotated[values.Real, Option(metavar="D"), Field(ge=0.1, le=5)] = Field(
        1.2, description="How close the lines may come; 1 is Matplotlib's own."
    )

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw streamlines, coloured by the size of the gradient; they end where it is unreliable."""
        import numpy as np

        from gradviz.arrays import components, magnitudes
        from gradviz.calculus.continuity import touched
        from gradviz.figures import lettering
        from gradviz.figures.scales import CONSTANT, ZERO, is_constant, magnitude_scale

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        direction = samples.trusted if self.ascent else -samples.trusted
        sizes = magnitudes(samples.trusted)
        axes.grid(bool(self.grid))
        if not np.nanmax(sizes, initial=0) > 0:
            lettering.say(axes, CONSTANT if is_constant(samples.heights) else ZERO)
            return  # no line has a direction
        scale, extend = magnitude_scale(samples.all_sizes)
        ends = _vanishes(samples.trusted)
        if samples.breaks:
            ends |= self._beside(touched(samples.breaks.edges, ends.shape))
        guided = np.where(ends[..., None], np.nan, direction) / np.nanmax(sizes)
        drawn = axes.streamplot(
            *self.axes_values(),
            *map(np.ma.masked_invalid, components(guided)),
            color=np.ma.masked_invalid(sizes),
            cmap=style.colours(self.cmap),
            norm=scale,
            density=self.density,
            minlength=_SHORTEST,
            linewidth=1.1,
            arrowsize=1.1,
        )
        label = lettering.magnitude_label("lines", ascent=self.ascent)
        self.add_colorbar(axes, Drawn(drawn.lines, {"extend": extend}), label, style)

    def _beside(self, points: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return points (n1, n0) of the mesh and those beside them, too many for a line to step over.

        Matplotlib's longest step is a tenth of the picture, or a cell of its grid of 30 by 30 at density 1.
        """
        import numpy as np

        step = min(0.1, 1 / (30 * self.density))
        for axis, count in enumerate(points.shape):
            for _ in range(math.ceil(step * count / 2)):
                padded = np.pad(points, [(int(place == axis),) * 2 for place in (0, 1)])
                points = (
                    points | np.take(padded, range(count), axis) | np.take(padded, range(2, count + 2), axis)
                )
        return points


def _vanishes(vectors: Floats) -> NDArray[np.bool_]:
    """Tell where vectors (n1, n0, 2) are smaller than their change to a neighbour: there (n1, n0) lines end.

    Between such points the direction turns round, and a line would rattle to and fro along a valley's floor.
    """
    import numpy as np

    from gradviz.arrays import magnitudes

    change = np.zeros(vectors.shape[:-1])
    for axis in (0, 1):
        steps = magnitudes(np.diff(vectors, axis=axis))
        for place in (0, -1):
            change = np.fmax(change, np.insert(steps, 0 if place == 0 else steps.shape[axis], 0, axis=axis))
    return magnitudes(vectors) < change
