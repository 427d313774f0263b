"""A function of two variables in three dimensions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from gradviz.errors import Message, Ref, RequestError
from gradviz.specs import types
from gradviz.specs.plane import Drawn
from gradviz.specs.space import DOTS, FACES, WIRES, SpaceSpec
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style
    from gradviz.specs.spec import Spec

_RATE = 15  # frames a second, of a turn
_TURN = 72  # frames
_PIXELS = 5  # from one wire or dot to the next


class Surface(SpaceSpec):
    """A function of two variables in 3-D.

    Examples:
      gradviz surface "x0**2 + x1**2" --plot wireframe
      gradviz surface "sin(x)*cos(y)" -r -pi:pi --tangent-at 1,0.5
    """

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 81

    kind: Literal["surface"] = "surface"
    plot: Literal["surface", "wireframe", "contour", "contourf", "scatter"] = Field(
        default="surface", description="Plot type."
    )
    tangent_at: Annotated[types.OptionalPoint, Option(metavar="X0,X1")] = Field(
        default=None, description="Draw the tangent plane at this point."
    )

    spin: types.Switch = Field(default=False, description="Rotate the camera once around, as a GIF.")

    @property
    def moves(self) -> bool:
        """Tell whether the picture moves."""
        return self.animate or self.spin

    def usual_rate(self) -> int | None:
        """Return how many frames a second are usual, None where nothing would move."""
        return super().usual_rate() or (_RATE if self.spin else None)

    @property
    def moves_by(self) -> str:
        """The field that lets the picture move."""
        return "spin" if self.spin else super().moves_by

    @property
    def way_to_move(self) -> Message:
        """What would let a picture move that does not."""
        return Message(Ref("spin"), " or ", super().way_to_move)

    def at_value(self, place: int) -> dict[str, Any]:
        """Return the fields that are others at one of the values: what turns is seen from elsewhere."""
        turned = self.azim + 360 * place / len(self.numbers) if self.spin else self.azim
        return {**super().at_value(place), "spin": False, "azim": math.remainder(turned, 360)}

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect on the way the function is drawn."""
        yield from super().idle()
        if self.tangent_at is None:
            yield "method step", "without --tangent-at"
        if self.plot == "wireframe":
            yield "levels spacing cmap colorbar", "with --plot wireframe"
        elif self.plot not in ("contour", "contourf"):
            yield "levels", f"with --plot {self.plot}"
        elif isinstance(self.levels, tuple):
            yield "spacing", "beside --levels"

    def in_pixels(self, width: int, height: int) -> Spec:
        """Return the spec with fewer wires or dots, if so many would be one area."""
        is_fine = self.plot in ("wireframe", "scatter")
        return self.thinned(max(min(width, height) // _PIXELS, 5)) if is_fine else self

    def sample(self) -> Samples:
        """Evaluate the field on the mesh, and say what the picture does not show of it."""
        from gradviz.sampling.undersampling import too_coarse

        samples = super().sample()
        if self.tangent_at is not None:
            ends = map(self.interval, self.reading.variables)
            if not all(low <= x <= high for x, (low, high, *_) in zip(self.tangent_at, ends, strict=True)):
                place = ", ".join(f"{x:g}" for x in self.tangent_at)
                raise RequestError(f"no tangent plane at {place}: the point lies outside of the range")
        faces = FACES if self.plot == "surface" else None
        coarse = filter(None, [too_coarse(samples, self.ends(samples), faces)])
        return replace(samples, notes=(*samples.notes, *coarse, *self.beyond(samples)))

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which values lie beyond the box, where nobody has asked for that."""
        from gradviz.sampling.scales import cut_off

        said = cut_off(samples.all_heights, self.ends(samples), "are cut off; --zlim shows more")
        return said if self.zlim is None else ()

    def depicts(self, samples: Samples) -> str:  # noqa: ARG002 - the same for all
        """Return in words how the function is drawn, and from where it is seen."""
        names = {"contour": "level lines", "contourf": "filled bands", "scatter": "dots"}
        touching = " with a tangent plane" if self.tangent_at else ""
        seen = f"seen from an elevation of {self.elev:g} and an azimuth of {self.azim:g} degrees"
        return f"{names.get(self.plot, self.plot)}{touching} in three dimensions, {seen}"

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the function seen from `elev` and `azim`; fine meshes are thinned to what can be seen."""
        from gradviz.output.mpl import growing, lettering
        from gradviz.sampling.scales import CONSTANT, is_constant
        from gradviz.sampling.tangent_plane import draw_tangent_plane

        if self.size is None:
            figure.set_size_inches(style.size[0], 0.8 * style.size[0])
        axes = self.box_axes(figure, samples)
        if self.spin:
            growing.turn(axes, _TURN)
        drawn = self._drawn(axes, samples, style)
        if self.tangent_at is not None:
            box = (*self.shown(), self.ends(samples))
            draw_tangent_plane(axes, self.gradient_of(samples.field), self.tangent_at, box, style)
        self.add_marks(figure, axes, samples, self.zlim)
        lettering.set_title(figure, axes, self, pad=-16.0)
        self.finish_box(figure, axes, drawn, style)
        if is_constant(samples.heights) and self.plot not in ("contour", "contourf"):  # which say so
            lettering.say(axes, CONSTANT, height=0.92)

    def _drawn(self, axes: Any, samples: Samples, style: Style) -> Drawn | None:
        """Draw the function and return what a colour bar can explain, or None."""
        from gradviz.arrays import components

        match self.plot:
            case "surface":
                return self.draw_surface(axes, samples, style)
            case "wireframe":
                shown = self.laid_out(samples, WIRES)
                axes.plot_wireframe(
                    *components(shown.points), shown.heights, color=style.ink, linewidth=0.7, **shown.counts
                )
                return None
            case "scatter":
                return self._draw_dots(axes, samples, style)
        return self._draw_levels(axes, samples, style)

    def _draw_dots(self, axes: Any, samples: Samples, style: Style) -> Drawn:
        import numpy as np

        from gradviz.arrays import components

        shown = self.laid_out(samples)
        heights = self.inside(samples.heights, shown.ends, lid=False)
        rows, columns = heights.shape
        thin = (slice(None, None, -(-rows // DOTS)), slice(None, None, -(-columns // DOTS)))
        there = np.isfinite(heights[thin])
        dots = [part[thin][there] for part in (*components(samples.points), heights)]
        look = {"cmap": style.colours(self.cmap), "norm": shown.norm, "s": 6, "depthshade": False}
        return Drawn(axes.scatter(*dots, c=dots[2], **look), shown.marks)

    def _draw_levels(self, axes: Any, samples: Samples, style: Style) -> Drawn | None:
        filled, shown = self.plot == "contourf", self.laid_out(samples)
        levels = self.find_levels(samples, filled=filled, ends=shown.ends)
        drawn = self.draw_levels(axes, samples, levels, (shown.points, shown.heights), style, filled=filled)
        if not axes.collections:
            first, second = self.axes_values()
            axes.set(xlim=(first[0], first[-1]), ylim=(second[0], second[-1]))
        return drawn
