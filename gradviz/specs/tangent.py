"""A curve of one variable with its tangent lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator

from gradviz import limits
from gradviz.errors import RequestError
from gradviz.specs import types, values
from gradviz.specs.sweep import SweptSpec
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

_GREATEST = 1e3  # times the greatest value sampled: the sides of a pole beyond have no place in a curve
_TANGENT_ROOM = 0.5  # of the curve's height: how far tangents may widen the view


def _distance(value: object) -> object:
    if value is not None and values.real(value) == 0:
        raise RequestError("the two points of a secant must not be the same: 0 is no distance")
    return value


class Tangent(SweptSpec):
    """A curve of one variable with its tangent lines.

    Examples:
      gradviz tangent "0.01*x**2 + 0.1*x" --at 5 --at 10 -r 0:20
      gradviz tangent "sin(x)" --at pi/4 --secant 1 -o secant.svg
    """

    dimension: ClassVar[int] = 1
    default_range: ClassVar[tuple[float, float]] = (-5.0, 5.0)
    default_samples: ClassVar[int] = 501

    kind: Literal["tangent"] = "tangent"
    at: Annotated[types.Reals, Option(metavar="X", repeat=True), Field(max_length=limits.TANGENTS)] = Field(
        default=(), description="Where to draw a tangent; without any there is the curve alone."
    )
    secant: Annotated[types.OptionalReal, BeforeValidator(_distance), Option(metavar="H")] = Field(
        default=None,
        description="Draw also the line through x and x + H, whose slope is the difference quotient.",
    )
    derivative: types.Switch = Field(default=False, description="Draw the derivative's curve beside it.")

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: a curve has the style's colours, and a secant starts at a tangent."""
        yield from super().idle()
        yield "cmap", "on a curve"
        if not self.at:
            yield "secant", "without --at, where it starts"

    def interval(self, variable: str) -> tuple[float, ...]:
        """Return the sampled interval; the default one is widened to hold the points of tangency."""
        if self.range is not None or not self.at:
            return super().interval(variable)
        touched = (*self.at, *(at + (self.secant or 0.0) for at in self.at))
        low, high = min(*self.default_range, *touched), max(*self.default_range, *touched)
        margin = 0.1 * (high - low)
        return (
            low - margin * (low < self.default_range[0]),
            high + margin * (high > self.default_range[1]),
        )

    def sample(self) -> Samples:
        """Evaluate the curve at points (N, 1), and its derivative (N, 1)."""
        from gradviz.arrays import axis
        from gradviz.calculus.continuity import find_breaks
        from gradviz.sampling.samples import Samples
        from gradviz.sampling.scales import CONSTANT, is_constant

        field = self.field()
        (variable,) = field.variables
        points = axis(self.interval(variable), self.sample_counts()[0])[:, None]
        low, high = self.xlim or (points[0, 0], points[-1, 0])
        notes = [*self.notes, *field.notes, *self.views_beside()]
        notes += [f"the point {at:g} lies outside of the picture" for at in self.at if not low <= at <= high]
        estimate = self.gradient_of(field).estimate(points)
        if is_constant(estimate.values):
            notes.append(CONSTANT)
        breaks = find_breaks(field, points, estimate.values)
        samples = Samples(field, points, estimate.values, estimate, tuple(notes), breaks=breaks)
        return replace(samples, notes=(*samples.notes, *self.beyond(samples)))

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which values lie beyond the view, where nobody has asked for that."""
        from gradviz.sampling.scales import cut_off, ends_of

        said = cut_off(samples.all_heights, ends_of(samples), "are cut off; --ylim shows more")
        return said if self.ylim is None else ()

    @property
    def panelled(self) -> str | None:
        """The option that gives a single picture several panels."""
        return "derivative" if self.derivative else None

    def depicts(self, samples: Samples) -> str:
        """Return in words which lines touch the curve."""
        lines = [
            f"at {line.touched[0]:g} with the slope {line.slope:.4g}" for line in self._tangents(samples)
        ]
        beside = " and its derivative" if self.derivative else ""
        secants = f", and secants over {self.secant:g}" if self.secant and lines else ""
        return f"a curve{beside}{', with tangents ' if lines else ''}{', '.join(lines)}{secants}"

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the curve, each tangent over the whole range, and the derivative beside them if asked for."""
        import numpy as np

        from gradviz.output.mpl import legends, lettering
        from gradviz.sampling.cuts import parted
        from gradviz.sampling.samples import joined
        from gradviz.sampling.scales import ends_of, limits_of, usual_ends

        if self.derivative and self.size is None:
            figure.set_size_inches(2 * 0.85 * style.size[0], style.size[1])
        panels: Any = figure.subplots(1, 2 if self.derivative else 1, squeeze=False)[0]
        (variable,) = self.reading.variables
        points, heights = parted(samples)
        heights = np.where(np.abs(heights) <= _GREATEST * np.nanmax(np.abs(samples.heights)), heights, np.nan)
        name = lettering.function_label(self.reading)
        panels[0].plot(points[:, 0], heights, color=style.ink, label=name, zorder=3)
        self._draw_lines(panels[0], samples, style)
        lettering.set_labels(panels[0], self, lettering.variable_label(variable), name)
        lettering.set_title(figure, panels[0], self)
        lettering.set_view(panels[0], self)
        if self.derivative and samples.gradient is not None:
            prime = name.replace("f(", r"f^{\prime}(", 1)
            panels[1].plot(*_derivative(samples), color=style.accents[1], label=prime)
            if samples.beside or ends_of(samples) != limits_of(samples.heights):
                slopes = joined([one.trusted for one in samples.together.members])
                panels[1].set_ylim(*_room(usual_ends(slopes)))
            lettering.set_labels(panels[1], self, lettering.variable_label(variable))
            panels[1].set_ylabel(prime)
            lettering.letter_like_formulas(
                panels[1].set_title("the derivative", fontsize=panels[0].title.get_fontsize())
            )
            panels[1].set_xlim(panels[0].get_xlim())
        for axes in panels:
            axes.grid(self.grid is not False)
        if self.at:
            entries = panels[0].get_legend_handles_labels()[0]
            legends.inside_or_below(panels[0], entries, grow=self.size is None)

    def _draw_lines(self, axes: Any, samples: Samples, style: Style) -> None:
        """Draw each tangent over the whole range, and its secant too if asked for."""
        import numpy as np

        from gradviz.sampling.scales import ends_of, limits_of

        shown = ends_of(samples)
        if not self.at:
            if samples.beside or shown != limits_of(samples.heights):
                axes.set_ylim(*_room(shown))
            return
        x = samples.points[:, 0]
        for dashes, lines in self._lines(samples):
            for index, line in enumerate(lines):
                color = style.accents[index % len(style.accents)]
                axes.plot(x, line.over(x), dashes, color=color, label=line.label, linewidth=1.4, zorder=2)
                touched = np.asarray(line.touched)
                axes.plot(
                    touched, line.over(touched), "o", color=color, markersize=6, zorder=4, label="_nolegend_"
                )
        if self.ylim is None:
            ends = samples.together.once(
                "ends of lines",
                lambda members: [
                    line.over(x[[0, -1]])
                    for one in members
                    for _, lines in self._lines(one)
                    for line in lines
                ],
            )
            axes.set_ylim(*_room(shown, np.asarray(ends)))

    def _lines(self, samples: Samples) -> list[tuple[str, list[_Line]]]:
        """Return the tangents and the secants, each with their dashes."""
        return [
            ("--", self._tangents(samples)),
            (":", self._secants(samples) if self.secant is not None else []),
        ]

    def _tangents(self, samples: Samples) -> list[_Line]:
        """Return the tangents. Raises RequestError where there is none."""
        import numpy as np

        from gradviz.calculus.reliability import Reason

        estimate = self.gradient_of(samples.field).estimate(np.asarray(self.at)[:, None])
        found = []
        for index, at in enumerate(self.at):
            slope, error = estimate.gradient[index, 0], estimate.error[index, 0]
            reason = Reason(int(estimate.marks[index]))
            if np.isnan(slope) or reason not in (Reason.NONE, Reason.NOISE):
                outside = not samples.field.contains(np.asarray([at]))
                why = "--where does not hold there" if outside else (reason or Reason.EDGE).sentence
                raise RequestError(f"no tangent at {at:g}: {why}")
            label = f"tangent at {self._place(at)}"
            if samples.beside is None:
                label += f", {_slope(slope, _digits(slope, error))}"
            found.append(_Line(label, (at,), estimate.values[index], slope))
        return found

    def _secants(self, samples: Samples) -> list[_Line]:
        """Return the secants through x and x + h. Raises RequestError where there is none."""
        import numpy as np

        assert self.secant is not None  # noqa: S101 - asked for with it
        found = []
        for at in self.at:
            ends = (at, at + self.secant)
            if ends[0] == ends[1]:
                raise RequestError(f"no secant from {at:g}: {self.secant:g} is lost in rounding beside it")
            first, second = samples.field(np.asarray(ends)[:, None])
            slope = (second - first) / (ends[1] - ends[0])
            if not np.isfinite(slope):
                raise RequestError(
                    f"no secant from {ends[0]:g} to {ends[1]:g}: the function is undefined there"
                )
            label = f"secant from {self._place(at)} to {_number(ends[1])}"
            if samples.beside is None:  # one legend for all panels
                label += f", {_slope(slope, 6)}"
            found.append(_Line(label, ends, first, slope))
        return found

    def _place(self, at: float) -> str:
        from gradviz.printing.mathtext import MATHTEXT

        return f"${MATHTEXT.name(self.reading.variables[0])} = {MATHTEXT.number(at)}$"


class _Line(NamedTuple):
    """A line that touches a curve at its first point, where it has this height."""

    label: str
    touched: tuple[float, ...]
    height: float
    slope: float

    def over(self, x: Floats) -> Floats:
        """Return the heights over x (N,)."""
        return self.height + self.slope * (x - self.touched[0])


def _number(value: float) -> str:
    from gradviz.printing.mathtext import MATHTEXT

    return f"${MATHTEXT.number(value)}$"


def _slope(slope: float, digits: int) -> str:
    return f"slope {_number(float(f'{slope:.{digits}g}'))}"


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

    x, slopes = samples.points[:, 0], samples.trusted[:, 0]
    behind = np.flatnonzero(samples.breaks.edges[0]) + 1 if samples.breaks else np.empty(0, np.intp)
    return np.insert(x, behind, (x[behind - 1] + x[behind]) / 2), np.insert(slopes, behind, np.nan)
