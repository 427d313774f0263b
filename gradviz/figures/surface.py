"""A function of two variables in three dimensions."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from gradviz.errors import RequestError
from gradviz.figures import values
from gradviz.figures.plane import PlaneSpec
from gradviz.figures.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.figures.samples import Samples
    from gradviz.figures.style import Style

_FACES = 120  # along an axis of a surface: more cannot be seen
_WIRES = 40
_TICKS = 5  # about so many on each axis, which lie close together in perspective
_DOTS = 40


class Surface(PlaneSpec):
    """A function in three dimensions: a surface, a wireframe, contour lines or bands, or dots."""

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 81

    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = Field(
        "surface", description="How the function is drawn."
    )
    elev: Annotated[values.Real, Option(metavar="DEGREES"), Field(ge=-90, le=90)] = Field(
        30.0, description="The viewer's elevation above the plane."
    )
    azim: Annotated[values.Real, Option(metavar="DEGREES"), Field(ge=-360, le=360)] = Field(
        -60.0, description="The viewer's azimuth around the vertical axis."
    )
    zlim: Annotated[values.View | None, Option(metavar="LO:HI", separator=":")] = Field(
        None, description="The view along z."
    )
    zlabel: Annotated[values.Label | None, Option(metavar="TEXT")] = Field(
        None, description="The label of the z axis."
    )
    zticks: Annotated[values.Ticks | None, Option(metavar="A,B,... or LO:HI:STEP")] = Field(
        None, description="The ticks along z."
    )
    levels: Annotated[values.Levels | None, Option(metavar="N, A,B,... or LO:HI:STEP")] = Field(
        None, description="The heights of contour lines and bands, or about how many."
    )
    spacing: Literal["auto", "linear", "log", "quantile"] = Field(
        "auto", description="How colours and levels are spaced where levels are not given."
    )

    tangent_at: Annotated[values.Point | None, Option(metavar="X0,X1")] = Field(
        None, description="Draw the plane that touches the surface at this point."
    )

    def sample(self) -> Samples:
        """Evaluate the field on the mesh, and say where the picture stops short of its values."""
        from gradviz.figures.scales import cut_off

        samples = super().sample()
        said = cut_off(samples.heights, self._ends(samples), "are cut off; --zlim shows more")
        return replace(samples, notes=(*samples.notes, *(said if self.zlim is None else ())))

    def _ends(self, samples: Samples) -> tuple[float, float]:
        """Return the ends of the view along z: those asked for, or else without what poles reach."""
        from gradviz.figures.scales import ends_of

        return self.zlim or ends_of(samples)

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the function seen from `elev` and `azim`; fine meshes are thinned to what can be seen."""
        from matplotlib.ticker import MaxNLocator

        from gradviz.figures import lettering
        from gradviz.figures.scales import CONSTANT, is_constant
        from gradviz.figures.touching import draw_tangent_plane

        if self.size is None:
            figure.set_size_inches(style.size[0], 0.8 * style.size[0])
        axes: Any = figure.add_subplot(projection="3d")
        axes.view_init(elev=self.elev, azim=self.azim)
        name = lettering.function_label(self.reading)
        drawn = self._drawn(axes, samples, style)
        if self.tangent_at is not None:
            box = (*self.shown(), self._ends(samples))
            draw_tangent_plane(axes, self.gradient_of(samples.field), self.tangent_at, box, style)
        self.add_marks(figure, axes, samples, self.zlim)
        names = map(lettering.variable_label, self.reading.variables)
        lettering.set_labels(axes, self, *names, name)
        lettering.set_title(figure, axes, self, pad=-16.0)
        lettering.set_view(axes, self, "xyz")
        longest = _longest_mark(axes)
        axes.set_box_aspect(None, zoom=0.92)  # else the label of z is cut off
        for letter in "xyz":
            if getattr(self, f"{letter}ticks") is None:
                getattr(axes, f"{letter}axis").set_major_locator(MaxNLocator(_TICKS))
        longest = max(longest, _longest_mark(axes))
        axes.zaxis.labelpad = 4 + 3 * max(longest - 2, 0)  # else the label lies on the numbers
        axes.grid(self.grid is not False)
        if is_constant(samples.heights):
            lettering.say(axes, CONSTANT, height=0.92)
        if drawn is not None and self.has_colorbar(style):
            artist, marks = drawn
            figure.colorbar(artist, ax=axes, shrink=0.62, pad=0.08 + 0.012 * longest, **marks)

    def _inside(self, heights: Floats, ends: tuple[float, float]) -> Floats:
        """Return the heights without those beyond the ends, which would reach out of the box.

        Faces and wires that leave the box are followed up to its lid: their points beyond are put there.
        """
        import numpy as np

        low, high = ends
        inside = (heights >= low) & (heights <= high)
        if not inside.any():
            raise RequestError(
                f"no value of the function lies between {low:g} and {high:g}, the view along z"
            )
        if self.plot == "scatter":
            return np.where(inside, heights, np.nan)
        around = np.pad(inside, 1)
        rows, columns = heights.shape
        near = np.zeros_like(inside)
        for i in range(3):
            for j in range(3):
                near |= around[i : i + rows, j : j + columns]
        return np.where(near, np.clip(heights, low, high), np.nan)

    def _drawn(self, axes: Any, samples: Samples, style: Style) -> tuple[Any, dict[str, Any]] | None:
        """Draw the function and return what a colour bar can explain and its marks, or None."""
        import numpy as np

        from gradviz.arrays import components
        from gradviz.figures.parting import parted
        from gradviz.figures.scales import (
            contour_colours,
            height_norm,
            is_stepwise,
            level_marks,
            levels_within,
            masked,
            spacing_of,
            with_edges,
        )

        ends = self._ends(samples)
        spacing = spacing_of(samples.heights) if self.spacing == "auto" else self.spacing
        most = {
            "surface": _FACES,
            "wireframe": _WIRES,
        }.get(self.plot)
        points, heights = parted(samples, most)
        if self.zlim is None:
            ends = with_edges(ends, samples.heights, heights)
        plane, heights = components(points), self._inside(heights, ends)
        colors: dict[str, Any] = {"cmap": self.cmap or style.cmap}
        rows, columns = heights.shape
        counts = {"rcount": min(rows, most or rows), "ccount": min(columns, most or columns)}
        if samples.breaks:  # thinned out already, with points of its own at each break
            counts = {"rcount": rows, "ccount": columns}
        below, above = np.nanmin(samples.heights) < ends[0], np.nanmax(samples.heights) > ends[1]
        extend = {"extend": ("neither", "min", "max", "both")[below + 2 * above]}
        shown = (max(ends[0], float(np.nanmin(heights))), min(ends[1], float(np.nanmax(heights))))
        norm, inner = height_norm(samples.heights, shown, spacing)
        marks = {**extend, **(level_marks(inner) if inner else {})}
        match self.plot:
            case "surface":
                drawn = axes.plot_surface(
                    *plane, heights, linewidth=0, antialiased=False, norm=norm, **counts, **colors
                )
                return drawn, marks
            case "wireframe":
                axes.plot_wireframe(*plane, heights, color=style.ink, linewidth=0.7, **counts)
                return None
            case "scatter":
                plane, heights = components(samples.points), self._inside(samples.heights, ends)
                rows, columns = heights.shape
                thin = (slice(None, None, -(-rows // _DOTS)), slice(None, None, -(-columns // _DOTS)))
                there = np.isfinite(heights[thin])
                dots = [part[thin][there] for part in (*plane, heights)]
                return axes.scatter(*dots, c=dots[2], s=6, depthshade=False, norm=norm, **colors), marks
        filled = self.plot == "contourf"
        levels = levels_within(self.levels, samples.heights, filled=filled, spacing=spacing, ends=ends)
        if not levels or (not filled and is_stepwise(heights)):
            first, second = self.axes_values()
            axes.set(xlim=(first[0], first[-1]), ylim=(second[0], second[-1]))
            return None
        draw = axes.contourf if filled else axes.contour
        look = contour_colours(levels, samples.heights, colors["cmap"], filled=filled)
        drawn = draw(*plane, masked(heights), levels=levels, **look)
        even = spacing == "linear" or isinstance(self.levels, tuple)
        return (drawn, {} if even else level_marks(levels)) if len(levels) > 1 else None


def _longest_mark(axes: Any) -> int:
    """Return how many characters the longest number along z has."""
    marks = axes.zaxis.get_major_formatter().format_ticks(axes.zaxis.get_majorticklocs())
    return max((len(re.sub(r"\\mathdefault|[${}]", "", mark)) for mark in marks), default=0)
