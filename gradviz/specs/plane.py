"""What the figures over a plane share: the mesh, the shape of the picture and the colour bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import model_validator

from gradviz.errors import SpecError
from gradviz.language.reading import FunctionOfFile
from gradviz.specs import types
from gradviz.specs.sweep import SweptSpec
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.calculus import CriticalPoint
    from gradviz.fields.scalar import ScalarField
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

BOX_ASPECT = 0.75  # height of a picture's axes to their width where units are not equal
_GREATEST_ASPECT = 5.0  # with sides of more different lengths, equal units would leave a thin strip
AROUND = 0.14  # of the width of a picture: what letters take beside the axes,
ABOVE = 0.16  # and above and below
_BAR = 0.12  # of it: a scale of colours
_LEAST = 0.2  # of a height: axes that letters leave no room for
_USUAL_SIDE = 4.7  # inches: the shorter side of axes for which marks are made
_ON_PLANE = (-1.0, 1.0)  # of the directions


class PlaneSpec(SweptSpec):
    """A figure of a function of two variables."""

    dimension: ClassVar[int] = 2
    needs_gradient: ClassVar[bool] = False
    parts_at_jumps: ClassVar[bool] = True
    """Whether something is drawn from one point of the mesh to the next."""

    at: Annotated[str | None, Option(metavar="FILE.npy")] = Field(
        default=None, description="Array on the plane, for a function of an array."
    )
    plane: Annotated[str | None, Option(metavar="random[:SEED] or U.npy,V.npy")] = Field(
        default=None, description="Plane of arrays, for a function of an array."
    )
    colorbar: types.Switch | None = Field(default=None, description="Show the colour bar.")
    critical: types.Switch = Field(default=False, description="Mark minima, maxima and saddle points.")

    @model_validator(mode="after")
    def _check_plane(self) -> PlaneSpec:
        if (self.at is None) != (self.plane is None):
            missing, given = ("at", "plane") if self.at is None else ("plane", "at")
            example = "--at FILE.npy" if self.at is None else "--plane random"
            raise SpecError([((missing,), f"is missing beside --{given}; write for example {example}")])
        if self.at is not None and (not isinstance(self.reading, FunctionOfFile) or self.fix):
            raise SpecError(
                [(("at",), "a plane is for a function of an array, FILE.py:NAME, with none held")]
            )
        return self

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the picture depends on: also those of the array and of the plane's directions."""
        named = self.plane is not None and self.plane.partition(":")[0] != "random"
        directions = self.plane.split(",") if self.plane and named else []
        return (*super().files, *directions, *([] if self.at is None else [self.at]))

    def usual_range(self) -> tuple[float, float]:
        """Return the sampled interval where none is given: on a plane, the lengths of its directions."""
        return _ON_PLANE if self.plane is not None else super().usual_range()

    def names_of_file(self) -> Sequence[str]:
        """Return the names of coordinates: on a plane, a and b."""
        return self.vars or ("a", "b") if self.plane is not None else super().names_of_file()

    def field(self) -> ScalarField:
        """Return the function of points (..., 2) that is drawn."""
        if self.at is not None and self.plane is not None and isinstance(self.reading, FunctionOfFile):
            from gradviz.userfunc import field_on_plane

            ends = [self.interval(name) for name in self.reading.variables]
            return field_on_plane(self.reading, self.at, self.plane, [high - low for low, high, *_ in ends])
        return super().field()

    def axes_values(self) -> tuple[Floats, Floats]:
        """Return the coordinates along the two axes, (n0,) and (n1,)."""
        from gradviz.arrays import axis

        first, second = (
            axis(self.interval(variable), count)
            for variable, count in zip(self.reading.variables, self.sample_counts(), strict=True)
        )
        return first, second

    def sample(self) -> Samples:
        """Evaluate the field, and where the kind needs it its gradient, on the mesh (n1, n0, 2)."""
        import numpy as np

        from gradviz.arrays import mesh
        from gradviz.calculus.continuity import find_breaks
        from gradviz.sampling.samples import Samples
        from gradviz.sampling.scales import CONSTANT, is_constant, why_none

        field = self.field()
        points = mesh(*self.axes_values())
        estimate = self.gradient_of(field).estimate(points) if self.needs_gradient else None
        heights = field(points) if estimate is None else estimate.values
        constant = is_constant(heights)
        notes = [*self.notes, *field.notes, *self.views_beside(), *([CONSTANT] if constant else [])]
        critical: tuple[CriticalPoint, ...] = ()
        if self.critical:
            from gradviz.calculus import critical_points

            found = critical_points(field, [(axis[0], axis[-1]) for axis in self.axes_values()])
            notes, critical = [*notes, *found.notes, found.summary], found.points
        breaks = find_breaks(field, points, heights) if self.parts_at_jumps else None
        samples = Samples(field, points, heights, estimate, tuple(notes), breaks=breaks, critical=critical)
        if estimate is not None and not constant and not np.nanmax(samples.sizes, initial=0) > 0:
            return replace(samples, notes=(*samples.notes, why_none(samples)))
        return samples

    def thinned(self, most: int) -> Self:
        """Return the spec with at most so many points along each axis, over the same ranges."""
        counts = self.sample_counts()
        if max(counts) <= most:
            return self
        ranges = {name: self.interval(name)[:2] for name in self.reading.variables}
        fewer = {"samples": tuple(min(count, most) for count in counts), "range": ranges}
        return type(self)(**{**self.to_dict(), **fewer})

    def has_equal_units(self) -> bool:
        """Tell whether one unit is equally long on both axes, which shows angles as they are."""
        (low0, high0), (low1, high1) = self.shown()
        ratio = (high1 - low1) / (high0 - low0)
        return 1 / _GREATEST_ASPECT <= ratio <= _GREATEST_ASPECT

    def shown(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the low and high end of what the x and the y axis show."""
        ends = [self.interval(variable)[:2] for variable in self.reading.variables]
        first, second = (tuple(view or own) for view, own in zip((self.xlim, self.ylim), ends, strict=True))
        return (first[0], first[1]), (second[0], second[1])

    def flat_axes(self, figure: Figure, style: Style) -> Any:
        """Return the axes of a picture in two dimensions, with labels, title, view and grid."""
        from gradviz.output.mpl import lettering

        if self.size is None and self.has_equal_units():
            width, _ = style.size
            bar = _BAR * width if self.has_colorbar(style) else 0.0
            height = ((1 - AROUND) * width - bar) * self.view_ratio() + ABOVE * width
            figure.set_size_inches(width, min(max(height, 0.42 * width), 1.25 * width))
        axes: Any = figure.subplots()
        self.set_plane(axes)
        lettering.set_title(figure, axes, self)
        return axes

    def sides(self, style: Style, width: float, height: float | None = None) -> tuple[float, float]:
        """Return about how wide and high axes are in inches; None is a height as they need it."""
        bar = _BAR * width if self.has_colorbar(style) else 0.0
        wide, ratio = (1 - AROUND) * width - bar, self.view_ratio()
        high = wide * ratio
        if height is not None:
            high = min(high, max(height - ABOVE * width, _LEAST * height))
        return high / ratio, high

    def fineness(self, axes: Any, style: Style) -> float:
        """Return how small marks are in axes: 1 in those of the usual size, towards 0 in smaller ones."""
        rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
        width, height = axes.figure.get_size_inches().tolist()
        sides = self.sides(style, width / columns, None if self.size is None else height / rows)
        return min(1.0, min(sides) / _USUAL_SIDE)

    def view_ratio(self) -> float:
        """Return the height of the axes to their width."""
        (low0, high0), (low1, high1) = self.shown()
        return (high1 - low1) / (high0 - low0) if self.has_equal_units() else BOX_ASPECT

    def set_plane(self, axes: Any) -> None:
        """Give axes in two dimensions their shape, labels, view and ticks."""
        from gradviz.output.mpl import lettering

        equal = self.has_equal_units()
        axes.set_aspect("equal" if equal else "auto")
        if not equal:
            axes.set_box_aspect(BOX_ASPECT)
        lettering.set_labels(axes, self, *map(lettering.variable_label, self.reading.variables))
        first, second = self.axes_values()  # their ends: a range with a step may stop short of its high end
        axes.set_xlim(first[0], first[-1])
        axes.set_ylim(second[0], second[-1])
        lettering.set_view(axes, self)

    def add_marks(
        self,
        figure: Figure,
        axes: Any,
        samples: Samples,
        zlim: tuple[float, float] | None = None,
        entries: Sequence[Any] = (),
    ) -> None:
        """Mark the critical points that lie in the view, and explain below the axes what has a label.

        `entries` of that legend stand for what has none.
        """
        from gradviz.output.mpl import legends

        self.draw_marks(axes, samples, zlim)
        if shown := [*axes.get_legend_handles_labels()[0], *entries]:
            legends.below(figure, shown, grow=self.size is None)

    def draw_marks(
        self, axes: Any, samples: Samples, zlim: tuple[float, float] | None = None, *, is_open: bool = False
    ) -> None:
        """Mark the critical points that lie in the view, by outlines alone if `is_open`."""
        from gradviz.output.mpl.marks import mark

        mark(axes, self.critical_in_view(samples, zlim), is_open=is_open)

    def critical_in_view(
        self, samples: Samples, zlim: tuple[float, float] | None = None
    ) -> list[CriticalPoint]:
        """Return the critical points that lie in the view."""
        views = (*self.shown(), zlim or (-math.inf, math.inf))
        return [
            point
            for point in samples.critical
            if all(low <= x <= high for x, (low, high) in zip((*point.at, point.value), views, strict=True))
        ]

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours."""
        return style.colorbars if self.colorbar is None else self.colorbar

    def add_colorbar(self, axes: Any, drawn: Drawn | None, label: str, style: Style) -> None:
        """Add the scale of the colours of what was drawn, if the picture shows it."""
        from gradviz.output.mpl.panels import Bar, add_bar

        if drawn is not None and self.has_colorbar(style):
            add_bar(axes.figure, axes, Bar(drawn.artist, label, drawn.marks))


class Drawn(NamedTuple):
    """An artist that a scale of colours can explain, and how the scale is marked."""

    artist: Any
    marks: dict[str, Any]
