"""What the figures in three dimensions share: the box, the surface, and what of a line on it can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from gradviz.errors import RequestError
from gradviz.specs import types
from gradviz.specs.levels import LevelSpec
from gradviz.specs.plane import Drawn
from gradviz.specs.types import Field
from gradviz.specs.values import Option

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from gradviz.arrays import Floats
    from gradviz.fields.scalar import ScalarField
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

FACES, WIRES, DOTS = 120, 40, 40  # along an axis: more cannot be seen
_TICKS = 5  # about so many on each axis, which lie close together in perspective
_LETTERS = 30  # as wide as so many is a box at the least that has room for these
_FEW_TICKS = 3  # in others
_HIGH = 0.7  # of the width of a box: a height that leaves it as wide
_LABEL = 10.0  # points from the numbers along z to their label, with which it reaches towards the colour bar
_REACH = 3.28  # points for an inch of the picture's width: what reaches farther needs more room
_MARGIN = 1 / 48  # of the height of a box, above and below: Matplotlib's own
_ZOOM = 0.92  # of Matplotlib's size of a box: else the label of z is cut off
_FARTHER = 0.1  # the same in a small picture
_SMALL = 7.5  # points: letters of a small picture
_OFFSET = 8.0  # points from a box to what is beside it, to which Matplotlib adds the pad that one gives
_LOOKS = 160  # places on the way to the viewer where a surface is looked for
_DEPTH = 2e-3  # of the height of the box: what lies no deeper behind a surface is on it


class SpaceSpec(LevelSpec):
    """A figure of a function of two variables that may stand in three dimensions."""

    elev: Annotated[types.Real, Option(metavar="DEGREES"), Field(ge=-90, le=90)] = Field(
        default=30.0, description="Elevation of the camera in degrees."
    )
    azim: Annotated[types.Real, Option(metavar="DEGREES"), Field(ge=-360, le=360)] = Field(
        default=-60.0, description="Azimuth of the camera in degrees."
    )
    zlim: Annotated[types.OptionalView, Option(metavar="LO:HI", separator=":")] = Field(
        default=None, description="Limits of the z axis."
    )
    zlabel: Annotated[types.Label | None, Option(metavar="TEXT")] = Field(
        default=None, description="Label of the z axis."
    )
    zticks: Annotated[types.OptionalTicks, Option(metavar="A,B,... or LO:HI:STEP")] = Field(
        default=None, description="Ticks of the z axis."
    )

    def ends(self, samples: Samples) -> tuple[float, float]:
        """Return the ends of the view along z: those asked for, or else without what poles reach."""
        from gradviz.sampling.scales import ends_of

        return self.zlim or ends_of(samples)

    def told_ends(self, samples: Samples) -> Mapping[str, tuple[float, float]]:
        """Return the ends that a box shows, by their labels."""
        from gradviz.output.mpl import lettering

        names = map(lettering.variable_label, self.reading.variables)
        plane = dict(zip(names, self.shown(), strict=True))
        return {**plane, lettering.function_label(self.reading): self.ends(samples)}

    def box_axes(self, figure: Figure, samples: Samples, place: Any = None) -> Any:
        """Return axes in three dimensions, seen from `elev` and `azim`, as high as those of all samples."""
        axes: Any = figure.add_subplot(*([] if place is None else [place]), projection="3d")
        axes.view_init(elev=self.elev, azim=self.azim)
        if samples.beside is not None:
            axes.set_zbound(*self.ends(samples), view_margin=_MARGIN)
            axes.set_autoscalez_on(False)
        return axes

    def finish_box(self, figure: Figure, axes: Any, drawn: Drawn | None, style: Style) -> None:
        """Add labels, view, ticks, grid and the scale of the colours of what was drawn."""
        from matplotlib import rcParams
        from matplotlib.ticker import MaxNLocator

        from gradviz.output.mpl import lettering
        from gradviz.output.mpl.panels import Bar, add_bar

        names = map(lettering.variable_label, self.reading.variables)
        lettering.set_labels(axes, self, *names, lettering.function_label(self.reading))
        lettering.set_view(axes, self, "xyz")
        longest = _longest_mark(axes)
        size = rcParams["font.size"]
        is_small = size < _SMALL
        axes.set_box_aspect(None, zoom=_ZOOM - _FARTHER * is_small)
        parts = ticks_along(axes)
        for letter in "xyz":
            if getattr(self, f"{letter}ticks") is None:
                getattr(axes, f"{letter}axis").set_major_locator(MaxNLocator(parts))
        longest = max(longest, _longest_mark(axes))
        if is_small:  # what stands below the box comes nearer, as its letters are smaller, or is cut off
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_tick_params(pad=size / _SMALL * (rcParams["xtick.major.pad"] + _OFFSET) - _OFFSET)
                axis.labelpad = size / _SMALL * (axis.labelpad + _OFFSET) - _OFFSET
        longer = max(longest - 2, 0)
        axes.zaxis.labelpad = min(size / 10, 1) * (4 + 3 * longer)  # else the label lies on the numbers
        axes.grid(self.grid is not False)
        if drawn is not None and self.has_colorbar(style):
            columns = axes.get_subplotspec().get_gridspec().ncols
            reach = (_LABEL + size) * columns / figure.get_figwidth()
            pad = max(1.0, reach / _REACH) * (0.08 + 0.012 * longest)  # beside the label of z
            beside = getattr(axes.figure, "common", None) is not None  # and not next to the label of z
            label = lettering.function_label(self.reading) if beside else ""
            add_bar(figure, axes, Bar(drawn.artist, label, drawn.marks), shrink=0.62, pad=pad)

    def inside(self, heights: Floats, ends: tuple[float, float], *, lid: bool = True) -> Floats:
        """Return the heights without those beyond the ends, which would reach out of the box.

        With a `lid`, faces and wires that leave the box are followed up to it: their points beyond are put
        there.
        """
        import numpy as np

        low, high = ends
        inside = (heights >= low) & (heights <= high)
        if not inside.any():
            raise RequestError(
                f"no value of the function lies between {low:g} and {high:g}, the view along z"
            )
        if not lid:
            return np.where(inside, heights, np.nan)
        around = np.pad(inside, 1)
        rows, columns = heights.shape
        near = np.zeros_like(inside)
        for i in range(3):
            for j in range(3):
                near |= around[i : i + rows, j : j + columns]
        return np.where(near, np.clip(heights, low, high), np.nan)

    def laid_out(self, samples: Samples, most: int | None = None) -> LaidOut:
        """Return what can be drawn of the samples, thinned to about `most` points along each axis."""
        from gradviz.sampling.cuts import parted, to_the_ends
        from gradviz.sampling.scales import height_norm, level_marks, limits_of, with_edges

        ends = self.ends(samples)
        points, heights = parted(samples, most)
        if samples.breaks and samples.breaks.poles.any():
            points, heights = to_the_ends(samples.field, points, heights, ends)
        if self.zlim is None and samples.beside is None:
            ends = with_edges(ends, samples.heights, heights)
        heights = self.inside(heights, ends)
        rows, columns = heights.shape
        counts = {"rcount": min(rows, most or rows), "ccount": min(columns, most or columns)}
        if samples.breaks:  # thinned out already, with points of its own at each break
            counts = {"rcount": rows, "ccount": columns}
        low, high = limits_of(samples.all_heights)
        below, above = low < ends[0], high > ends[1]
        drawn = (low, high) if samples.beside else limits_of(heights)
        shown = (max(ends[0], drawn[0]), min(ends[1], drawn[1]))
        norm, inner = height_norm(samples.all_heights, shown, self.spacing_for(samples))
        marks: dict[str, Any] = {"extend": ("neither", "min", "max", "both")[below + 2 * above]}
        return LaidOut(
            points, heights, ends, counts, norm, {**marks, **(level_marks(inner) if inner else {})}
        )

    def draw_surface(self, axes: Any, samples: Samples, style: Style) -> Drawn:
        """Draw the function as a coloured surface, thinned to what can be seen."""
        from gradviz.arrays import components

        shown = self.laid_out(samples, FACES)
        look = {"cmap": style.colours(self.cmap), "norm": shown.norm, "linewidth": 0, "antialiased": False}
        drawn = axes.plot_surface(*components(shown.points), shown.heights, **shown.counts, **look)
        return Drawn(drawn, shown.marks)


class LaidOut(NamedTuple):
    """A mesh to draw: points (n1, n0, 2) and heights (n1, n0), the ends along z, and how to draw them."""

    points: Floats
    heights: Floats
    ends: tuple[float, float]
    counts: dict[str, int]
    """How many rows and columns."""
    norm: Any
    marks: dict[str, Any]
    """How a colour bar is marked."""


def ticks_along(axes: Any) -> int:
    """Return into how many parts ticks divide each axis of a box: few where letters are large in it."""
    from matplotlib import rcParams

    rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
    width, height = axes.figure.get_size_inches().tolist()
    side = min(width / columns, height / rows / _HIGH)
    return _TICKS if 72 * side >= _LETTERS * rcParams["font.size"] else _FEW_TICKS


def _longest_mark(axes: Any) -> int:
    """Return how many characters the longest number along z has."""
    from gradviz.output.mpl.ticks import bare

    marks = axes.zaxis.get_major_formatter().format_ticks(axes.zaxis.get_majorticklocs())
    return max((len(bare(mark)) for mark in marks), default=0)


def hidden(field: ScalarField, points: Floats, axes: Any, plane: Floats) -> NDArray[np.bool_]:
    """Tell which points (..., 3) on the surface of a field lie behind another part of it.

    From each point a ray runs to the viewer of the axes, as far as there is a surface: inside of the box and
    over the plane, whose low and high ends are (2, 2). Where the ray goes from one side of the surface to the
    other, the surface hides the point.
    """
    import numpy as np

    low, high = np.array([axes.get_xlim(), axes.get_ylim(), axes.get_zlim()]).T
    low[:2], high[:2] = plane
    rays = _viewer(axes) - points
    with np.errstate(all="ignore"):
        exits = np.where(rays > 0, high - points, low - points) / rays  # as fractions of the ray
    lengths = np.nanmin(np.where(np.isfinite(exits), exits, np.inf), axis=-1).clip(0, 1)
    fractions = np.linspace(0, 1, _LOOKS) * lengths[..., None]
    places = points[..., None, :] + fractions[..., None] * rays[..., None, :]
    heights = field(places[..., :2])
    heights[(heights < low[2]) | (heights > high[2])] = np.nan
    above = (places[..., 2] - heights) / (high[2] - low[2])
    found: NDArray[np.bool_] = (above > _DEPTH).any(axis=-1) & (above < -_DEPTH).any(axis=-1)
    return found


def _viewer(axes: Any) -> Floats:
    """Return the place (3,) of the viewer in the units of the data, which is projected to no depth."""
    import numpy as np

    projection = axes.get_proj()[[0, 1, 3]]
    place: Floats = np.linalg.solve(projection[:, :3], -projection[:, 3])
    return place
