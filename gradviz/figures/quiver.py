"""The gradient of a function of two variables as arrows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from gradviz.errors import RequestError, visible
from gradviz.figures import values
from gradviz.figures.plane import BOX_ASPECT, Drawn, PlaneSpec
from gradviz.figures.values import Option
from gradviz.isolation import import_matplotlib

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_SCALE = 1.8  # times the mean length and the number of arrows along the picture
_LENGTH = 0.8  # of the distance between neighbours: arrows never touch


def _color(value: object) -> object:
    if isinstance(value, str):
        import_matplotlib()
        from matplotlib.colors import is_color_like

        if not is_color_like(value):
            raise RequestError(f"'{visible(value)}' is not a colour; write a name or #rrggbb")
    return value


class Quiver(PlaneSpec):
    """The gradient as arrows; they point downhill unless `ascent`."""

    needs_gradient: ClassVar[bool] = True
    parts_at_jumps: ClassVar[bool] = False  # each arrow stands for one point
    default_samples: ClassVar[int] = 17
    most_samples: ClassVar[int] = 60  # more arrows could not be told apart

    kind: Literal["quiver"] = "quiver"
    ascent: values.Switch = Field(False, description="Let the arrows point uphill.")
    arrows: Literal["equal", "true"] | None = Field(
        None, description="Equal lengths, coloured by magnitude, or true lengths."
    )
    color: Annotated[str | None, BeforeValidator(_color), Option(metavar="COLOR")] = Field(
        None, description="One colour for all arrows."
    )

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: one colour needs no map."""
        yield from super().idle()
        if self.color:
            yield "cmap colorbar", "with --color"

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw an arrow centred on each point, none where the gradient is zero, undefined or unreliable.

        The artist holds the points, the components and, where colour shows it, the magnitude. A small circle
        stands where the gradient is unreliable although the function is defined.
        """
        import numpy as np

        from gradviz.arrays import components, magnitudes
        from gradviz.figures import lettering
        from gradviz.figures.scales import CONSTANT, ZERO, is_constant, magnitude_scale

        axes = self.flat_axes(figure, style)
        self.add_marks(figure, axes, samples)
        direction = samples.trusted if self.ascent else -samples.trusted
        sizes = magnitudes(samples.trusted)
        sizes[sizes == 0] = np.nan
        visible_vectors = np.where(np.isnan(sizes)[..., None], np.nan, direction)
        equal = (self.arrows or style.arrows) == "equal"
        color = self._one_color(style)
        sizes_of_all = samples.all_sizes
        sizes_of_all[sizes_of_all == 0] = np.nan
        scale, extend = magnitude_scale(sizes_of_all)
        vectors, shape = self._equal(visible_vectors) if equal else (visible_vectors, {})
        if not equal and samples.beside and not np.isnan(sizes_of_all).all():
            # Matplotlib's own rule, with all arrows in place of those of one panel
            shape = {"scale": _SCALE * float(np.nanmean(sizes_of_all)) * max(10.0, math.sqrt(sizes.size))}
        arguments: tuple[Any, ...] = (
            *components(samples.points),
            *map(np.ma.masked_invalid, components(vectors)),
        )
        look: dict[str, Any] = {"angles": "xy", "pivot": "mid" if equal else "tail", "zorder": 2.5, **shape}
        if color is not None:
            axes.quiver(*arguments, color=color, **look)
        else:
            drawn = axes.quiver(
                *arguments, np.ma.masked_invalid(sizes), cmap=style.colours(self.cmap), norm=scale, **look
            )
            label = lettering.magnitude_label("arrows", ascent=self.ascent)
            if not np.isnan(sizes).all():
                self.add_colorbar(axes, Drawn(drawn, {"extend": extend}), label, style)
        if samples.doubtful.any():
            look = {"facecolors": "none", "edgecolors": style.faint, "linewidths": 0.8, "zorder": 2.5}
            axes.scatter(*samples.points[samples.doubtful].T, s=12, **look)
        axes.grid(style.arrow_color is not None if self.grid is None else self.grid)
        self._widen(axes, samples.points)
        if np.isnan(sizes).all():
            lettering.say(axes, CONSTANT if is_constant(samples.heights) else ZERO)

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours: one colour has none."""
        return self._one_color(style) is None and super().has_colorbar(style)

    def _one_color(self, style: Style) -> str | None:
        """Return the colour of all arrows, None if they are coloured by magnitude."""
        return self.color or (None if self.cmap or self.colorbar else style.arrow_color)

    def _spacing(self) -> tuple[float, float]:
        first, second = self.axes_values()
        return float(first[1] - first[0]), float(second[1] - second[0])

    def _units(self) -> tuple[float, float]:
        """Return the lengths in x and in y that look equally long."""
        if self.has_equal_units():
            return 1.0, 1.0
        (low0, high0), (low1, high1) = self.shown()
        return high0 - low0, (high1 - low1) / BOX_ASPECT

    def _equal(self, vectors: Floats) -> tuple[Floats, dict[str, Any]]:
        """Return vectors that look equally long, 0.8 of the distance between neighbours."""
        import numpy as np

        from gradviz.arrays import magnitudes

        units, spacing = np.asarray(self._units()), self._spacing()
        length = _LENGTH * min(np.asarray(spacing) / units)
        looks = magnitudes(vectors / units)[..., None]
        width = 0.07 * min(spacing) if self.has_equal_units() else 0.004
        shape = {
            "scale_units": "xy",
            "scale": 1.0,
            "headwidth": 3.6,
            "headlength": 4.2,
            "headaxislength": 3.8,
        }
        shape |= (
            {"units": "xy", "width": width} if self.has_equal_units() else {"units": "width", "width": width}
        )
        return vectors / looks * length, shape

    def _widen(self, axes: Any, points: Floats) -> None:
        """Leave room for half an arrow around the outermost points, where no view is asked for."""
        first, second = (0.5 * space for space in self._spacing())
        if self.xlim is None:
            axes.set_xlim(points[..., 0].min() - first, points[..., 0].max() + first)
        if self.ylim is None:
            axes.set_ylim(points[..., 1].min() - second, points[..., 1].max() + second)
