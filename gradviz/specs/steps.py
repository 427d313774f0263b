"""The error of the central difference against its step: too great a step cuts off, too small a one rounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import SpecError
from gradviz.specs.spec import Spec

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.fields.scalar import ScalarField
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

_MOST_ALONG = 25  # points along an axis in more than one dimension, where no number is given
_MESH_POINTS = 5_000
_DECADES = 16  # of steps, down from 1
_PER_DECADE = 5
_LEAST = 1e-17  # an error of 0 is drawn here
_ROUNDS = 1e-14  # below, a step is a few units in the last place and the error no longer eps/h
_BELOW = 30  # how far below the median its slopes are drawn


class Steps(Spec):
    """Central-difference error against the step.

    Examples:
      gradviz steps "exp(x0)*sin(x1)"
      gradviz steps "x**3" --method central --step 1e-3
    """

    dimension: ClassVar[int] = 1
    most_variables: ClassVar[int | None] = limits.VARIABLES
    default_samples: ClassVar[int] = 201
    most_points: ClassVar[int] = limits.CHECKED_POINTS

    kind: Literal["steps"] = "steps"

    @model_validator(mode="after")
    def _check_logarithms(self) -> Steps:
        for name in ("xlim", "ylim", "xticks", "yticks"):
            ends = getattr(self, name)
            if ends and min(ends) <= 0:
                raise SpecError([((name,), "the axes are logarithmic, so all of this is above 0")])
        return self

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: curves have the style's colours; --step is marked whatever the method."""
        yield from ((names, why) for names, why in super().idle() if names != "step")
        yield "cmap", "on curves"

    def usual_samples(self) -> int:
        """Return the number along each axis: fewer in more dimensions, where a mesh grows."""
        dimension = len(self.reading.variables)
        fitting = int(_MESH_POINTS ** (1 / dimension))
        return self.default_samples if dimension == 1 else max(2, min(_MOST_ALONG, fitting))

    def points(self) -> Floats:
        """Return the points (N, D) of a mesh, and after them as many that are scattered.

        A mesh is full of coincidences, such as x0 = 0, x0 = 1 and x0 = x1; the scattered points have none.
        """
        import numpy as np

        from gradviz.arrays import axis, grid

        counted = zip(map(self.interval, self.reading.variables), self.sample_counts(), strict=True)
        return np.concatenate((grid([axis(*along) for along in counted]), self._scattered()))

    def _scattered(self) -> Floats:
        from gradviz.arrays import scattered

        intervals = [self.interval(name) for name in self.reading.variables]
        return scattered(intervals, math.prod(self.sample_counts()))

    def sample(self) -> Samples:
        """Take the median and the greatest error for each step over scattered points, and the method's."""
        import numpy as np

        from gradviz.calculus.checking import relative_errors, step_errors
        from gradviz.sampling.samples import Samples

        field, points = self.field(), self._scattered()
        used, exact = self._exact(field, points)
        steps = np.union1d(np.logspace(-_DECADES, 0, _PER_DECADE * _DECADES + 1), [self.marked_step()])
        errors = [row[np.isfinite(row)] for row in step_errors(field, points[used], exact, steps)]
        table = {"h": steps}
        for name, of in (("median", np.median), ("max", np.max)):
            table[name] = np.array([of(row) if row.size else np.nan for row in errors])
        if self.method != "exact":
            own = relative_errors(self.gradient_of(field)(points[used]), exact)
            own = own[np.isfinite(own)]
            table[self.method] = np.full(steps.shape, np.median(own) if own.size else np.nan)
        return Samples(field, points, field(points), None, (*self.notes, *field.notes), table)

    def _exact(self, field: ScalarField, points: Floats) -> tuple[Any, Floats]:
        """Return which of the points (N, D) have an exact gradient and no kink or jump, and the gradient.

        The adaptive one has to stand for it where a function has no formula.
        """
        import numpy as np

        from gradviz.calculus import Reason, gradient
        from gradviz.errors import RequestError

        own = self.gradient_of(field)
        marks = gradient(field, scale=own.scale).estimate(points).marks
        exact = gradient(field, method="exact" if field.has_formula else "adaptive", scale=own.scale)(points)
        used = np.isin(marks, (Reason.NONE, Reason.NOISE)) & np.isfinite(exact).all(axis=-1)
        if not used.any() and not np.isnan(field(points)).all():
            raise RequestError("no point of the range has a gradient to compare with; try another --range")
        return used, exact[used]

    def marked_step(self) -> float:
        """Return the step that the picture marks: the book's 1e-4, or --step."""
        from gradviz.calculus.differences import CENTRAL_STEP

        return CENTRAL_STEP if self.step is None else self.step

    def depicts(self, samples: Samples) -> str:
        """Return in words which step has the least error."""
        median = (samples.table or {})["median"]
        best = (samples.table or {})["h"][_best(median)]
        return (
            "the relative error of central differences against their step h, on logarithmic axes; its median "
            f"is least, {min(median):.2g}, at h = {best:.2g}"
        )

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the median and the greatest error, the method's own, and what to compare them with."""
        from gradviz.output.mpl import lettering

        table = samples.table or {}
        axes: Any = figure.subplots()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.grid(self.grid is not False)
        lettering.set_labels(axes, self, "step $h$", "relative error of central differences")
        lettering.set_title(figure, axes, self)
        steps, median, greatest = (table[name] for name in ("h", "median", "max"))
        axes.set_xlim(steps[0], steps[-1])
        axes.set_ylim(*_ends(table))
        axes.plot(steps, _drawable(median), color=style.ink, label="median", zorder=3)
        axes.plot(steps, _drawable(greatest), color=style.ink, linewidth=0.8, alpha=0.7, label="greatest")
        axes.fill_between(
            steps, _drawable(median), _drawable(greatest), color=style.ink, alpha=0.15, linewidth=0
        )
        if not greatest.any():
            lettering.say(axes, "the error is 0 for every step")
        self._draw_marks(axes, table, style)
        _draw_slopes(axes, steps, median, style)
        lettering.set_view(axes, self)
        axes.legend(loc="upper center")

    def _draw_marks(self, axes: Any, table: Mapping[str, Floats], style: Style) -> None:
        """Draw the marked step, the best one, and the error of the figure's own method."""
        step, (marked, own, best) = self.marked_step(), style.accents[:3]
        name = f"$h = {_power(step)}$"
        axes.axvline(step, color=marked, linewidth=1.2)
        axes.text(
            step, 0.97, name if self.step else f"the book's {name}",
            transform=axes.get_xaxis_transform(), rotation=90, ha="left", va="top", color=marked,
        )  # fmt: skip
        if self.method in table:
            line = _drawable(table[self.method])
            axes.plot(table["h"], line, "--", color=own, linewidth=1.4)
            axes.annotate(
                self.method, (table["h"][0], line[0]), (6, 3), textcoords="offset points", color=own
            )
        if (table["median"] > 0).any():
            row = _best(table["median"])
            place = (table["h"][row], _drawable(table["median"])[row])
            axes.plot(*place, "o", color=best, markersize=5, zorder=4, clip_on=False)
            left = row > len(table["h"]) / 3
            axes.annotate(
                f"best: $h = {_power(float(place[0]))}$", place, (-2 if left else 2, -6),
                textcoords="offset points", ha="right" if left else "left", va="top", color=best,
            )  # fmt: skip


def _draw_slopes(axes: Any, steps: Floats, median: Floats, style: Style) -> None:
    """Draw the slopes of rounding, eps/h, and of what is cut off, h^2, below the branches of the median."""
    import numpy as np

    if not (median > 0).any():
        return
    best = steps[_best(median)]
    rounding = (steps > _ROUNDS) & (steps < best / 100)
    cut_off = (steps > best * 10) & (steps < 0.1)
    for part, power, text in ((rounding, -1, r"$\propto \epsilon/h$"), (cut_off, 2, r"$\propto h^2$")):
        if np.count_nonzero(part) < _PER_DECADE or not np.nanmedian(median[part]) > 0:
            continue
        h = steps[part]
        line = np.nanmedian(median[part] / h**power) * h**power / _BELOW
        axes.plot(h, line, ":", color=style.faint, linewidth=1.2)
        middle = len(h) // 2
        right = power < 0
        axes.annotate(
            text, (h[middle], line[middle]), (-4 if right else 4, -4), textcoords="offset points",
            ha="right" if right else "left", va="top", color=style.faint,
        )  # fmt: skip


def _best(median: Floats) -> int:
    """Return the row of the least error, of several the one with the greatest step."""
    import numpy as np

    return int(np.flatnonzero(median == np.nanmin(median))[-1])


def _ends(table: Mapping[str, Floats]) -> tuple[float, float]:
    """Return the ends of the axis of errors: whole powers of ten, with room for the names of the lines."""
    import numpy as np

    shown = np.concatenate([column for name, column in table.items() if name != "h"])
    shown = np.log10(_drawable(shown[np.isfinite(shown)]))
    low, high = shown.min(initial=0.0), shown.max(initial=0.0)
    return float(10.0 ** (np.floor(low) - 2)), float(10.0 ** (np.ceil(high) + 2))


def _drawable(errors: Floats) -> Floats:
    """Return errors that a logarithmic axis can show."""
    import numpy as np

    return np.maximum(errors, _LEAST)


def _power(value: float) -> str:
    """Return a step as mathtext, a small or great one with a power of ten."""
    if 0.01 <= value < 1000:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    ten = f"10^{{{int(exponent)}}}"
    return ten if float(mantissa) == 1 else rf"{float(mantissa):g} \cdot {ten}"
