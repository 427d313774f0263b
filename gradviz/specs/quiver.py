"""The gradient of a function of two variables as arrows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator

from gradviz.errors import RequestError, visible
from gradviz.process import import_matplotlib
from gradviz.specs import types
from gradviz.specs.flow import FlowSpec, Ground, explain
from gradviz.specs.plane import BOX_ASPECT, Drawn
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style
    from gradviz.specs.spec import Spec

_SCALE = 1.8  # times the mean length and the number of arrows along the picture
_LENGTH = 0.8  # of the distance between neighbours: arrows never touch
_LEAST = 0.25  # of the longest arrow: the shortest one of a logarithmic scale
_SHORT = 5  # per cent of arrows, which are as short as that
_DECADES = (1.0, 6.0)  # that a logarithmic scale spans, at the least and at the most
_DENSITY = 0.9  # of streamlines behind
_LENGTHS = {
    "equal": "of equal length",
    "true": "of true length",
    "log": "as long as the logarithm of its size",
}
_SAMPLE = 10 / 11  # of the height of letters: the arrow in a legend
_APART = 9.0  # points, at the least, from one arrow to the next where nobody has asked for more
_FEWEST = 5
_PIXELS = 8  # from one arrow to the next, for heads to be seen


def _color(value: object) -> object:
    if isinstance(value, str):
        import_matplotlib()
        from matplotlib.colors import is_color_like

        if not is_color_like(value):
            raise RequestError(f"'{visible(value)}' is not a colour; write a name or #rrggbb")
    return value


class Quiver(FlowSpec):
    """The gradient as arrows, downhill by default.

    Examples:
      gradviz quiver "x0*x1" -r -2:2:0.25
      gradviz quiver "a*x**2 + y" --set a=0.5 --ascent --style book
    """

    marks_of_points: ClassVar[str] = "arrows"
    margin: ClassVar[float] = 0.5
    parts_at_jumps: ClassVar[bool] = False  # each arrow stands for one point
    default_samples: ClassVar[int] = 17
    most_samples: ClassVar[int] = 60  # more arrows could not be told apart

    kind: Literal["quiver"] = "quiver"
    arrows: Literal["equal", "true", "log"] | None = Field(
        default=None, description="Arrow length: equal, the gradient norm, or its log."
    )
    stream: types.Switch = Field(default=False, description="Also draw thin streamlines.")
    color: Annotated[str | None, BeforeValidator(_color), Option(metavar="COLOR")] = Field(
        default=None, description="One colour for all arrows."
    )

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: one colour needs no map."""
        yield from super().idle()
        if self.color and not self.heat:
            yield "cmap colorbar", "with --color"

    def usual_samples(self) -> int:
        """Return how many arrows stand along an axis where none are asked for: fewer in a small picture."""
        if self.size is None:
            return self.default_samples
        from gradviz.output.mpl.panels import near_square
        from gradviz.scene.style import STYLES

        rows, columns = near_square(1 if self.animate else len(self.numbers) or 1)
        sides = self.sides(STYLES[self.style], self.size[0] / columns, self.size[1] / rows)
        most = int(72 * min(sides) / _APART)
        return min(self.default_samples, max(most - 1 + most % 2, _FEWEST))  # an odd one: one in the middle

    def at_value(self, place: int) -> dict[str, Any]:
        """Return the fields that are others at one of the values: panels have as many arrows as fit."""
        counted = any(len(self.interval(name)) == 2 for name in self.reading.variables)  # not by steps
        small = self.samples is None and self.size is not None and counted
        fitting = {"samples": self.usual_samples()} if small else {}
        return {**super().at_value(place), **fitting}

    def needs_lines(self) -> bool:
        """Tell whether lines along the gradient are drawn, too."""
        return self.stream or super().needs_lines()

    def shows_sizes(self) -> bool:
        """Tell whether the scale is used, by colours or by lengths that are true."""
        from gradviz.scene.style import STYLES

        style = STYLES[self.style]
        return self.heat or self._one_color(style) is None or self.arrows == "true" != style.arrows

    def depicts(self, samples: Samples) -> str:
        """Return in words which way the arrows point, what shows their size and what else is drawn."""
        from gradviz.scene.style import STYLES

        style = STYLES[self.style]
        length = _LENGTHS[self.arrows or style.arrows]
        coloured = "" if self.heat or self._one_color(style) else ", coloured by its size"
        lines = ", with streamlines" if self.stream else ""
        way = "" if self.ascent else "negative "
        return f"arrows along the {way}gradient, {length}{coloured}{lines}{self.said_of_ground(samples)}"

    def _remarks(self, samples: Samples) -> Iterator[str]:
        """Yield what no line shows."""
        from gradviz.sampling.streamlines import shortened

        if self.stream and samples.fine is not None and (short := shortened(samples.fine, _DENSITY)):
            yield short
        yield from super()._remarks(samples)

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw an arrow centred on each point, none where the gradient is zero, undefined or unreliable.

        The artist holds the points, the components and, where colour shows it, the magnitude. A small circle
        stands where the gradient is unreliable although the function is defined.
        """
        import numpy as np

        from gradviz.output.mpl import lettering
        from gradviz.sampling import scales

        axes = self.flat_axes(figure, style)
        axes.grid(style.arrow_color is not None and not self.heat if self.grid is None else self.grid)
        self._widen(axes, samples.points)
        sizes = np.where(samples.sizes == 0, np.nan, samples.sizes)
        if samples.doubtful.any():
            look = {"facecolors": "none", "edgecolors": style.faint, "linewidths": 0.8, "zorder": 2.5}
            axes.scatter(*samples.points[samples.doubtful].T, s=12, **look)
        if np.isnan(sizes).all():
            self.add_marks(figure, axes, samples)
            lettering.say(axes, scales.why_none(samples))
            return  # no arrow has a direction
        ground = self.draw_ground(axes, samples, style)
        if self.stream:
            self._draw_stream(axes, samples, ground)
        shown = self._draw_arrows(axes, samples, sizes, style, ground)
        self.draw_through(axes, samples, style)
        self.add_marks(figure, axes, samples)
        self.add_colorbar(axes, shown, lettering.magnitude_label("arrows", ascent=self.ascent), style)

    def in_pixels(self, width: int, height: int) -> Spec:
        """Return the spec with fewer arrows, if so many could not be seen."""
        return self.thinned(max(min(width, height) // _PIXELS, 3))

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours: one colour has none."""
        return (self.heat or self._one_color(style) is None) and super().has_colorbar(style)

    def _one_color(self, style: Style) -> str | None:
        """Return the colour of all arrows, None if they are coloured by magnitude."""
        return self.color or (None if self.cmap or self.colorbar else style.arrow_color)

    def _draw_stream(self, axes: Any, samples: Samples, ground: Ground) -> None:
        """Draw thin lines below the arrows."""
        from gradviz.sampling import streamlines

        if samples.fine is not None:
            look: dict[str, Any] = {"color": ground.ink, "linewidth": 0.6, "arrowstyle": "-", "zorder": 1.5}
            streamlines.draw(axes, samples.fine, uphill=self.ascent, density=_DENSITY, **look)
            explain(axes, "streamlines", color=ground.ink, linewidth=0.6)

    def _draw_arrows(
        self, axes: Any, samples: Samples, sizes: Floats, style: Style, ground: Ground
    ) -> Drawn | None:
        """Draw the arrows, and return what a scale of colours can explain: the field behind, or else them."""
        import numpy as np

        from gradviz.arrays import components

        scale, marks = self.scale_of(samples)
        vectors = np.where(
            np.isnan(sizes)[..., None], np.nan, samples.trusted if self.ascent else -samples.trusted
        )
        look: dict[str, Any] = {"angles": "xy", "pivot": "tail", "zorder": 2.5}
        color = self.color or (ground.ink if ground.field else self._one_color(style))
        kind = self.arrows or style.arrows
        if kind != style.arrows or kind == "equal":  # the book's own are as long as Matplotlib has them
            lengths = self._lengths(axes, samples, sizes, color or style.faint)
            vectors, shape = self._shaped(vectors, lengths)
            look |= {"pivot": "mid", **shape}
        elif samples.beside is not None:  # Matplotlib's own rule, for the arrows of all panels
            every = self._arrows_of(samples)
            mean = float(every[every > 0].mean())
            look["scale"] = _SCALE * mean * max(10.0, math.sqrt(sizes.size))
        if ground.outline and not self.color:
            look |= {"edgecolor": ground.outline, "linewidth": 0.35}
        arguments: tuple[Any, ...] = (
            *components(samples.points),
            *map(np.ma.masked_invalid, components(vectors)),
        )
        if color is not None:
            axes.quiver(*arguments, color=color, **look)
            return ground.field
        look |= {"cmap": style.line_colours(self.cmap), "norm": scale}
        return Drawn(axes.quiver(*arguments, np.ma.masked_invalid(sizes), **look), marks)

    def _arrows_of(self, samples: Samples) -> Floats:
        """Return the sizes of the gradient at the arrows of all samples that have one scale."""
        from gradviz.sampling.samples import joined

        return samples.together.once("arrows", lambda members: joined([one.sizes for one in members]))

    def _lengths(self, axes: Any, samples: Samples, sizes: Floats, color: str) -> Floats:
        """Return the lengths (n1, n0) of arrows, 1 for the longest, and let the legend say what they show."""
        import numpy as np
        from matplotlib import rcParams

        from gradviz.output.mpl.lettering import LENGTHS, length_label

        if self.arrows not in ("true", "log"):
            return np.ones(sizes.shape)
        start, end = self.ends_of_lengths(samples)
        size = _SAMPLE * rcParams["font.size"]
        arrow: dict[str, Any] = {"linestyle": "none", "marker": LENGTHS, "markersize": size}
        cut = bool(np.nanmax(self._arrows_of(samples)) > end)
        explain(axes, length_label(start, end, cut=cut), color=color, **arrow)
        lengths: Floats = np.fmin(sizes / end, 1)
        if self.arrows == "log":
            lengths = np.fmax(1 + (1 - _LEAST) * np.log(lengths) / np.log(end / start), _LEAST)
        return lengths

    def ends_of_lengths(self, samples: Samples) -> tuple[float, float]:
        """Return the sizes that have the shortest and the longest arrow; true lengths start at 0."""
        import numpy as np

        from gradviz.sampling.scales import magnitude_scale

        sizes = self._arrows_of(samples)
        if self.arrows != "log":
            return 0.0, float(magnitude_scale(sizes)[0].vmax or 1.0)
        sizes = sizes[sizes > 0]
        end, low = float(sizes.max()), float(np.percentile(sizes, _SHORT))
        least, most = _DECADES
        return min(max(low, end / 10**most), end / 10**least), end

    def _spacing(self) -> tuple[float, float]:
        first, second = self.axes_values()
        return float(first[1] - first[0]), float(second[1] - second[0])

    def _units(self) -> tuple[float, float]:
        """Return the lengths in x and in y that look equally long."""
        if self.has_equal_units():
            return 1.0, 1.0
        (low0, high0), (low1, high1) = self.shown()
        return high0 - low0, (high1 - low1) / BOX_ASPECT

    def _shaped(self, vectors: Floats, lengths: Floats) -> tuple[Floats, dict[str, Any]]:
        """Return vectors that look as long as lengths say: 1 is 0.8 of the distance between neighbours."""
        import numpy as np

        from gradviz.arrays import magnitudes

        units, spacing = np.asarray(self._units()), self._spacing()
        longest = _LENGTH * min(np.asarray(spacing) / units)
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
        return vectors / looks * longest * lengths[..., None], shape

    def _widen(self, axes: Any, points: Floats) -> None:
        """Leave room for half an arrow around the outermost points, where no view is asked for."""
        first, second = (self.margin * space for space in self._spacing())
        if self.xlim is None:
            axes.set_xlim(points[..., 0].min() - first, points[..., 0].max() + first)
        if self.ylim is None:
            axes.set_ylim(points[..., 1].min() - second, points[..., 1].max() + second)
