"""A curve of one variable with its tangent lines."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradviz import limits
from gradviz.figures import values
from gradviz.figures.spec import Spec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_GREATEST = 1e3  # times the greatest value sampled: the sides of a pole beyond have no place in a curve
_TANGENT_ROOM = 0.5  # of the curve's height: how far tangents may widen the view


class Tangent(Spec):
    """A curve of one variable with its tangent lines."""

    dimension: ClassVar[int] = 1
    default_range: ClassVar[tuple[float, float]] = (-5.0, 5.0)
    default_samples: ClassVar[int] = 501

    kind: Literal["tangent"] = "tangent"
    at: Annotated[values.Reals, Option(metavar="X", repeat=True), Field(max_length=limits.TANGENTS)] = Field(
        (), description="Where to draw a tangent; without any there is the curve alone."
    )
    derivative: values.Switch = Field(False, description="Draw the derivative's curve beside it.")

    def interval(self, variable: str) -> tuple[float, ...]:
        """Return the sampled interval; the default one is widened to hold the points of tangency."""
        if self.range is not None or not self.at:
            return super().interval(variable)
        low, high = min(*self.default_range, *self.at), max(*self.default_range, *self.at)
        margin = 0.1 * (high - low)
        return (
            low - margin * (low < self.default_range[0]),
            high + margin * (high > self.default_range[1]),
        )

    def sample(self) -> Samples:
        """Evaluate the curve at points (N, 1), and its derivative (N, 1)."""
        from gradviz.arrays import axis
        from gradviz.calculus.continuity import find_breaks
        from gradviz.figures.samples import Samples
        from gradviz.figures.scales import CONSTANT, cut_off, ends_of, is_constant

        field = self.field()
        (variable,) = field.variables
        points = axis(self.interval(variable), self.sample_counts()[0])[:, None]
        low, high = self.xlim or (points[0, 0], points[-1, 0])
        notes = tuple(
            f"the point {at:g} lies outside of the picture" for at in self.at if not low <= at <= high
        )
        heights, slopes = field(points), self.gradient_of(field)(points)
        breaks = find_breaks(field, points, heights)
        slopes[breaks.on] = float("nan")  # what differences across a jump would give is no slope
        notes += (CONSTANT,) if is_constant(heights) else ()
        samples = Samples(field, points, heights, slopes, notes, breaks)
        beyond = cut_off(samples.heights, ends_of(samples), "are cut off; --ylim shows more")
        return replace(samples, notes=(*samples.notes, *(beyond if self.ylim is None else ())))

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the curve, each tangent over the whole range, and the derivative beside them if asked for."""
        import numpy as np

        from gradviz.figures import lettering
        from gradviz.figures.parting import parted
        from gradviz.figures.scales import ends_of, limits_of, usual_ends

        if self.derivative and self.size is None:
            figure.set_size_inches(2 * 0.85 * style.size[0], style.size[1])
        panels: Any = figure.subplots(1, 2 if self.derivative else 1, squeeze=False)[0]
        (variable,) = self.reading.variables
        points, heights = parted(samples)
        heights = np.where(np.abs(heights) <= _GREATEST * np.nanmax(np.abs(samples.heights)), heights, np.nan)
        name = lettering.function_label(self.reading)
        panels[0].plot(points[:, 0], heights, color=style.ink, label=name, zorder=3)
        self._draw_tangents(panels[0], samples, style)
        lettering.set_labels(panels[0], self, lettering.variable_label(variable), name)
        lettering.set_title(figure, panels[0], self)
        lettering.set_view(panels[0], self)
        if self.derivative and samples.gradient is not None:
            prime = name.replace("f(", r"f^{\prime}(", 1)
            panels[1].plot(*_derivative(samples), color=style.accents[1], label=prime)
            if ends_of(samples) != limits_of(samples.heights):
                panels[1].set_ylim(*_room(usual_ends(samples.gradient)))
            lettering.set_labels(panels[1], self, lettering.variable_label(variable))
            panels[1].set_ylabel(prime)
            panels[1].set_title("the derivative", fontsize=panels[0].title.get_fontsize())
            panels[1].set_xlim(panels[0].get_xlim())
        for axes in panels:
            axes.grid(self.grid is not False)

    def _draw_tangents(self, axes: Any, samples: Samples, style: Style) -> None:
        import numpy as np

        from gradviz.errors import RequestError
        from gradviz.expression import typeset
        from gradviz.figures.scales import ends_of, limits_of

        shown = ends_of(samples)
        if not self.at:
            if shown != limits_of(samples.heights):
                axes.set_ylim(*_room(shown))
            return
        touched = np.asarray(self.at)[:, None]
        heights, gradient, errors, _ = self.gradient_of(samples.field).estimate(touched)
        slopes = gradient[:, 0]
        x, variable = samples.points[:, 0], typeset.name(self.reading.variables[0])
        for index, (at, height, slope) in enumerate(zip(self.at, heights, slopes, strict=True)):
            if np.isnan(slope):
                outside = not samples.field.contains(np.asarray([at]))
                why = "the function or its slope is undefined or too large there"
                raise RequestError(f"no tangent at {at:g}: {'--where does not hold' if outside else why}")
            known = float(f"{slope:.{_digits(slope, errors[index, 0])}g}")
            color = style.accents[index % len(style.accents)]
            label = f"tangent at ${variable} = {typeset.number(at)}$, slope ${typeset.number(known)}$"
            axes.plot(x, height + slope * (x - at), "--", color=color, label=label, linewidth=1.4, zorder=2)
            axes.plot([at], [height], "o", color=color, markersize=6, zorder=4, label="_nolegend_")
        axes.legend(loc="best")
        if self.ylim is None:
            ends = heights + slopes * (x[[0, -1], None] - np.asarray(self.at))
            axes.set_ylim(*_room(shown, ends))


def _digits(value: float, error: float) -> int:
    """Return how many digits of a value its error leaves: one to six."""
    if error <= 0 or value == 0:
        return 6
    return int(min(max(math.floor(math.log10(abs(value) / error)), 1), 6))


def _room(curve: tuple[float, float], ends: Floats | None = None) -> tuple[float, float]:
    """Return limits that show the whole curve, and the tangents as far as they stay near it."""
    low, high = curve
    span = high - low or max(abs(high), 1.0)
    if ends is not None:
        low = max(min(low, float(ends.min())), low - _TANGENT_ROOM * span)
        high = min(max(high, float(ends.max())), high + _TANGENT_ROOM * span)
    return low - 0.05 * span, high + 0.05 * span


def _derivative(samples: Samples) -> tuple[Floats, Floats]:
    """Return x and the derivative at it (M,), undefined between the two sides of each break of the curve."""
    import numpy as np

    assert samples.gradient is not None  # noqa: S101 - the kind has it
    x, slopes = samples.points[:, 0], samples.gradient[:, 0]
    behind = np.flatnonzero(samples.breaks.edges[0]) + 1 if samples.breaks else np.empty(0, np.intp)
    return np.insert(x, behind, (x[behind - 1] + x[behind]) / 2), np.insert(slopes, behind, np.nan)
