"""What the figures of a gradient share: what may stand behind it, lines through points, and its scale."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import RequestError
from gradviz.specs import types
from gradviz.specs.plane import Drawn, PlaneSpec
from gradviz.specs.types import Field
from gradviz.specs.validation import fault
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

_FINE = 200  # steps along each axis, at least, of the mesh of what stands behind
_FAINT = 0.75  # of level lines behind
_WIDTH = 1.8  # points: the lines through points, in axes of the usual size
_ALIKE = 1e-9  # of a size: sizes that differ by so little are one, but for the error of differences
_TOLD, _DESCRIBED = 2, 4  # points that lines lead through, by name: in a legend and in words


class FlowSpec(PlaneSpec):
    """A figure of the gradient of a function of two variables."""

    needs_gradient: ClassVar[bool] = True
    marks_of_points: ClassVar[str]
    """What shows the gradient at its points, in words."""
    margin: ClassVar[float] = 0.0
    """How far the view reaches beyond the points, in distances between these."""

    ascent: types.Switch = Field(default=False, description="Point uphill.")
    contour: types.Switch = Field(default=False, description="Draw thin level lines of the function behind.")
    heat: types.Switch = Field(default=False, description="Show the size of the gradient by colours behind.")
    through: Annotated[types.Points, Option(metavar="A,B", repeat=True), Field(max_length=limits.STARTS)] = (
        Field(default=(), description="Draw the line along the gradient through a point.")
    )

    @model_validator(mode="after")
    def _check_through(self) -> FlowSpec:
        variables = self.reading.variables
        for point in self.through:
            shown = ",".join(f"{x:g}" for x in point)
            if len(point) != len(variables):
                raise fault(
                    "through", f"a point has {len(variables)} numbers, {', '.join(variables)}, not {shown}"
                )
            for name, x in zip(variables, point, strict=True):
                low, high = self.reach(name)
                if not low <= x <= high:
                    reach = f"{name} is drawn from {low:g} to {high:g}"
                    raise fault(
                        "through", f"the point {shown} lies outside of the picture: {reach}; widen --range"
                    )
        return self

    # What is sampled ---------------------------------------------------------------------------------

    def needs_lines(self) -> bool:
        """Tell whether lines along the gradient are drawn on the finer mesh."""
        return bool(self.through)

    def shows_sizes(self) -> bool:
        """Tell whether the scale is used."""
        return True

    def sample(self) -> Samples:
        """Evaluate the field on the mesh and, for what stands behind, on a finer one."""
        samples = replace(super().sample(), shows_values=False)
        if self.contour or self.heat or self.needs_lines():
            samples = replace(samples, fine=self._finer(samples))
        return replace(samples, notes=(*samples.notes, *self._remarks(samples), *self.beyond(samples)))

    def _finer(self, samples: Samples) -> Samples:
        """Return the field on a mesh that has the points of the figure's own, and fills the picture."""
        import numpy as np

        from gradviz.arrays import mesh
        from gradviz.calculus.continuity import find_breaks
        from gradviz.sampling.samples import Samples

        def refined(along: Floats) -> Floats:
            each = 2 * -(-_FINE // (2 * (len(along) - 1)))  # even: half a distance is a number of steps
            count, room = each * (len(along) - 1), round(self.margin * each)
            step = (along[-1] - along[0]) / count
            return np.asarray(along[0] + step * np.arange(-room, count + room + 1))

        field, points = samples.field, mesh(*map(refined, self.axes_values()))
        estimate = self.gradient_of(field).estimate(points) if self.heat or self.needs_lines() else None
        heights = field(points) if estimate is None else estimate.values
        return Samples(field, points, heights, estimate, breaks=find_breaks(field, points, heights))

    def sizes_of(self, samples: Samples) -> Floats:
        """Return the sizes (n1, n0) of the gradient that colours show, on the mesh that shows them."""
        return (samples.fine if self.heat and samples.fine is not None else samples).sizes

    def all_sizes_of(self, samples: Samples) -> Floats:
        """Return the sizes of the gradient that colours show, of all samples that have the same scale."""
        from gradviz.sampling.samples import joined

        return samples.together.once("sizes", lambda members: joined([self.sizes_of(one) for one in members]))

    def scale_of(self, samples: Samples) -> tuple[Normalize, dict[str, Any]]:
        """Return the scale of the sizes of the gradient, and its marks: one size has the middle."""
        from matplotlib.colors import Normalize

        from gradviz.sampling.scales import is_constant, level_marks, magnitude_scale

        sizes = self.all_sizes_of(samples)
        scale, extend = magnitude_scale(sizes)
        if is_constant(sizes, _ALIKE) and scale.vmax:
            return Normalize(0, 2 * scale.vmax), level_marks([float(f"{scale.vmax:.4g}")])
        return scale, {"extend": extend}

    def end_of(self, samples: Samples) -> float:
        """Return the size of the gradient at which the scale ends."""
        return float(self.scale_of(samples)[0].vmax or 1.0)

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which sizes and which values lie beyond the scale and the levels."""
        import numpy as np

        from gradviz.sampling.scales import cut_off, ends_of

        said: list[str] = []
        sizes, end = self.all_sizes_of(samples), self.end_of(samples)
        greater, known = np.count_nonzero(sizes > end), np.count_nonzero(np.isfinite(sizes))
        if greater and self.shows_sizes():
            what = "points" if self.heat else self.marks_of_points
            more = f"{greater:,} of {known:,} {what} have a greater one"
            said.append(f"the scale ends at a gradient of {end:.3g}; {more}")
        if self.contour and samples.fine is not None:
            said += cut_off(samples.fine.all_heights, ends_of(samples.fine), "have no level lines")
        return tuple(said)

    def _remarks(self, samples: Samples) -> Iterator[str]:
        """Yield what no line shows."""
        import numpy as np

        from gradviz.sampling.path_warnings import place
        from gradviz.sampling.undersampling import too_coarse_for

        if coarse := too_coarse_for(self.gradient_of(samples.field), samples):
            yield coarse
        if self.contour and samples.fine is not None and (large := samples.fine.too_large()):
            size = samples.fine.size
            yield f"no level lines where the function is too large for them: at {large:,} of {size:,} points"
        for point, why in self._lost(samples).items():
            yield f"no line leads through {place(np.array(point))}: {why}"

    def _lost(self, samples: Samples) -> dict[tuple[float, ...], str]:
        """Return the points through which no line leads, and why.

        Raises RequestError for a point without a value.
        """
        import numpy as np

        from gradviz.sampling.path_warnings import place
        from gradviz.sampling.streamlines import leads_through

        lost: dict[tuple[float, ...], str] = {}
        if (fine := samples.fine) is None:
            return lost
        for point in self.through:
            found = self.gradient_of(fine.field).estimate(point)
            if np.isnan(found.values):
                inside = bool(fine.field.contains(point))
                why = "the function is undefined there" if inside else "--where does not hold there"
                said = f"no line leads through {place(np.array(point))}: {why}"
                raise RequestError(f"{said}; give another --through")
            if found.reliable and not found.gradient.any():
                lost[point] = "the gradient is 0 there"
            elif not leads_through(fine, point):
                lost[point] = f"the gradient turns or jumps {'close by' if found.reliable else 'there'}"
        return lost

    def said_of_ground(self, samples: Samples) -> str:
        """Return in words what stands behind, and which lines through points are drawn, mostly nothing."""
        behind = ["colours of its size"] * self.heat + ["level lines"] * self.contour
        lost = self._lost(samples)
        led = [point for point in self.through if point not in lost]
        through = ", ".join(f"({', '.join(f'{x:.4g}' for x in point)})" for point in led[:_DESCRIBED])
        more = len(led) - _DESCRIBED
        over = f", over {' and '.join(behind)}" if behind else ""
        lines = f", with lines along it through {through}" if through else ""
        return f"{over}{lines}{f' and {more} more points' if more > 0 else ''}"

    # How it is drawn ---------------------------------------------------------------------------------

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours: with a field of them, in every style."""
        return (self.heat and self.colorbar is None) or super().has_colorbar(style)

    def draw_ground(self, axes: Any, samples: Samples, style: Style) -> Ground:
        """Draw what stands behind, and return what can be read on it."""
        from gradviz.scene.style import ink_on

        ink, outline, field = style.ink, None, None
        if self.heat and samples.fine is not None:
            field, colours = (
                self._draw_heat(axes, samples, samples.fine, style),
                style.ground_colours(self.cmap),
            )
            ink, outline = ink_on(colours)
        if self.contour and samples.fine is not None:
            self._draw_levels(axes, samples.fine, ink if self.heat else style.faint)
        return Ground(field, ink, outline)

    def _draw_heat(self, axes: Any, samples: Samples, fine: Samples, style: Style) -> Drawn:
        """Draw the sizes of the gradient as a picture whose dots are the points of the finer mesh."""
        import numpy as np

        scale, marks = self.scale_of(samples)
        low, high = fine.points[0, 0], fine.points[-1, -1]
        half = (fine.points[1, 1] - low) / 2
        (left, bottom), (right, top) = low - half, high + half
        drawn = axes.imshow(
            np.ma.masked_invalid(self.sizes_of(samples)),
            extent=(left, right, bottom, top),
            origin="lower",
            aspect=axes.get_aspect(),
            interpolation="bilinear",
            cmap=style.ground_colours(self.cmap),
            norm=scale,
            zorder=0,
        )
        return Drawn(drawn, marks)

    def _draw_levels(self, axes: Any, fine: Samples, color: str) -> None:
        """Draw thin level lines in one colour, and leave to the legend how far apart they are."""
        from gradviz.arrays import components
        from gradviz.output.mpl import lettering
        from gradviz.printing.mathtext import MATHTEXT
        from gradviz.sampling.cuts import parted
        from gradviz.sampling.scales import (
            are_even,
            common_spacing,
            ends_of,
            is_stepwise,
            levels_within,
            limits_of,
            masked,
        )

        spacing = common_spacing(fine)
        levels = levels_within(None, fine.all_heights, filled=False, spacing=spacing, ends=ends_of(fine))
        points, heights = parted(fine)
        low, high = limits_of(fine.heights)
        if not any(low < level < high for level in levels) or is_stepwise(heights):
            return
        look: dict[str, Any] = {"colors": [color], "linewidths": 0.7, "linestyles": "solid", "alpha": _FAINT}
        axes.contour(*components(points), masked(heights), levels=levels, zorder=1, **look)
        apart = (
            f", ${MATHTEXT.number(float(f'{levels[1] - levels[0]:.6g}'))}$ apart" if are_even(levels) else ""
        )
        label = f"level lines of {lettering.function_label(self.reading)}{apart if len(levels) > 1 else ''}"
        explain(axes, label, color=color, linewidth=0.9, alpha=_FAINT)

    def draw_through(self, axes: Any, samples: Samples, style: Style) -> None:
        """Draw the lines through points that were asked for."""
        from matplotlib import rcParams

        from gradviz.sampling import streamlines

        if self.through and samples.fine is not None:
            fine = math.sqrt(self.fineness(axes, style))
            width = min(rcParams["lines.linewidth"], _WIDTH * fine)
            look = {"color": style.accents[0], "width": width}
            streamlines.draw_through(axes, samples.fine, self.through, uphill=self.ascent, **look)
            lost = self._lost(samples)
            led = [point for point in self.through if point not in lost]
            dot: dict[str, Any] = {"color": style.accents[0], "marker": "o", "markersize": 3 * width}
            if led:
                explain(axes, f"through {_named(led)}", linewidth=width, **dot)
            if lost:
                explain(axes, f"no line through {_named(lost)}", linestyle="none", **dot)


class Ground(NamedTuple):
    """What stands behind the arrows or lines of a picture."""

    field: Drawn | None
    """The colours, if there are any."""
    ink: str
    """A colour that can be read on it."""
    outline: str | None
    """The colour of the outlines that the ink needs, if it needs any."""


def _named(points: Collection[tuple[float, ...]]) -> str:
    """Return the names of a few points, or how many there are."""
    if len(points) > _TOLD:
        return f"{len(points)} points"
    names = [f"({', '.join(f'{x:g}' for x in point)})" for point in points]
    return ", ".join(names).replace("-", "\N{MINUS SIGN}")


def explain(axes: Any, words: str, *, color: str, **look: Any) -> None:
    """Let the legend explain a line; where its ink cannot be read on the page, in that of the letters."""
    from matplotlib import rcParams

    from gradviz.scene.style import SEEN, contrast

    readable = contrast(color, axes.get_facecolor()) >= SEEN
    axes.plot([], [], color=color if readable else rcParams["text.color"], label=words, **look)
