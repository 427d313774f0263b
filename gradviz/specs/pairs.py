"""A function of two to six variables: level lines over every pair of them, and a curve along each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from gradviz import limits
from gradviz.specs import types
from gradviz.specs.levels import Levelled
from gradviz.specs.types import Field
from gradviz.specs.validation import fault
from gradviz.specs.values import Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.sampling.samples import Samples
    from gradviz.sampling.slices import Part, Sections
    from gradviz.scene.style import Style

_WIDER = 0.2  # of a style's width, for each variable after the second
_SHARE = 0.6  # of a picture: its panels, at the least
_TICKS = (5, 4, 3, 2)  # parts of a panel, the most for which there is room
_CHARACTER = 0.65  # of the size of a font: the width of a digit, and as much between two numbers
_PADS = 3  # above and below the title, and all panels together
_GREATEST = 1e3  # times the greatest height: the sides of a pole beyond have no place in a curve
_ROOM = 0.06  # of the height of curves, above and below
_LINE = 1.25  # heights of letters from one mark to the next
_BAR = 28  # times as long as wide: the scale of colours
_BEYOND = (
    0.9  # heights of letters from a number beside curves to their label: else it would be read as a factor
)
_HAIR = 0.6  # the width of the lines through the point
_ABOVE = 1_000  # the order of drawing


class Pairs(Levelled):
    """Every pair of variables as level lines through a point, and the curve along each variable.

    Examples:
      gradviz pairs "x0**2 + 3*x1 + sin(x2)" --filled
      gradviz pairs "x*y + z**2" --at 1,0,-1 -r -2:2
    """

    dimension: ClassVar[int] = 2
    most_variables: ClassVar[int | None] = limits.PAIRED_VARIABLES
    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 121
    line_look: ClassVar[Mapping[str, Any]] = {"linewidths": 1.0}

    kind: Literal["pairs"] = "pairs"
    at: Annotated[types.OptionalReals, Option(metavar="A,B,...")] = Field(
        default=None,
        description="The point, in the order of the variables; by default the middle of the ranges.",
    )
    filled: types.Switch = Field(default=False, description="Fill the bands between the level lines.")
    colorbar: types.Switch | None = Field(
        default=None, description="Show the one scale of colours of all panels."
    )

    @model_validator(mode="after")
    def _check_at(self) -> Pairs:
        if self.at is None:
            return self
        names = self.reading.variables
        shown = ",".join(f"{x:g}" for x in self.at)
        if len(self.at) != len(names):
            raise fault("at", f"the point has {len(names)} numbers, {', '.join(names)}, not {shown}")
        for name, x in zip(names, self.at, strict=True):
            low, high = self.reach(name)
            if not low <= x <= high:
                raise fault("at", f"{name} = {x:g} lies outside of its range, {low:g} to {high:g}")
        return self

    def coordinate_count(self) -> int:
        """Return how many coordinates a function of a file has: as many as the point, if it is given."""
        return super().coordinate_count() if self.at is None else len(self.at)

    def point_count(self) -> int:
        """Return how many points are sampled, along all variables and over all pairs of them."""
        counts = self.sample_counts()
        return sum(counts) + (sum(counts) ** 2 - sum(count**2 for count in counts)) // 2

    def usual_size(self, style: Style) -> tuple[float, float]:
        """Return the width and the height in inches: more for more panels."""
        width = style.size[0] * (1 + _WIDER * (len(self.reading.variables) - 2))
        return width, width

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: each panel has axes of its own, and no gradient is drawn."""
        yield from super().idle()
        yield "xlim ylim xlabel ylabel xticks yticks", "on panels of several variables"
        yield "method step", "on level lines"
        if isinstance(self.levels, tuple):
            yield "spacing", "beside --levels"

    # What is sampled ---------------------------------------------------------------------------------

    def sample(self) -> Samples:
        """Evaluate the function along each variable and over each pair, the others held at the point."""
        from dataclasses import replace

        import numpy as np

        from gradviz.arrays import axis
        from gradviz.sampling.scales import CONSTANT, cut_off, is_constant
        from gradviz.sampling.slices import check_point, point_within, sections

        field, names = self.field(), self.reading.variables
        axes = [
            axis(self.interval(name), count) for name, count in zip(names, self.sample_counts(), strict=True)
        ]
        notes = [*self.notes, *field.notes]
        if self.at is None:
            at, said = point_within(field, np.array([self.reach(name) for name in names]).T)
            notes += said
        else:
            at = np.array(self.at, dtype=np.float64)
            check_point(field, at)
        samples = sections(field, axes, at, notes)
        heights = samples.over_planes
        more: list[str] = []
        if is_constant(heights):
            elsewhere = self.reading.names.intersection(names)
            more.append(f"{CONSTANT} in all panels; --at chooses another point" if elsewhere else CONSTANT)
        elif not isinstance(self.levels, tuple):
            what = "are drawn in one colour" if self.filled else "have no lines"
            ends = samples.ends(tuple(samples.planes.values()))
            more += cut_off(heights, ends, f"{what}; --levels shows more")
        return replace(samples, notes=(*samples.notes, *more))

    # How it is drawn ---------------------------------------------------------------------------------

    def depicts(self, samples: Samples) -> str:
        """Return in words what the panels are, between which heights there are levels, and the point."""
        from gradviz.sampling.path_warnings import place

        levels = self._levels(_of_sections(samples))
        what = "filled bands" if self.filled else "level lines"
        if levels:
            what = f"{what} at {len(levels)} heights from {levels[0]:.4g} to {levels[-1]:.4g}"
        found = samples.results()
        return (
            f"{what if levels else f'no {what}'} over every pair of {len(self.reading.variables)} variables, "
            f"the others held, and curves along each, all through {place(found['at'])}, "
            f"where f is {found['value']:.4g}"
        )

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw the panels of pairs in the lower triangle, curves on the diagonal, the point in the corner."""
        from gradviz.output.mpl import lettering
        from gradviz.sampling.scales import contour_colours

        samples = _of_sections(samples)
        count = len(samples.lines)
        grid = figure.add_gridspec(count, count)
        levels, heights = self._levels(samples), samples.over_planes
        colours = style.colours(self.cmap) if self.filled else style.line_colours(self.cmap)
        look = contour_colours(levels, heights, colours, filled=self.filled) if levels else {}
        drawn = []
        for (column, row), part in samples.planes.items():
            axes = figure.add_subplot(grid[row, column])
            self._draw_pair(axes, part, levels, look)
            drawn += axes.collections[:1]
            self._set_axes(axes, column, row)
            self._mark(axes, samples.at[column], samples.at[row], style)
        self._draw_curves(figure, grid, samples, style)
        if drawn and len(levels) > 1 and self.has_colorbar(style):
            self._add_colorbar(figure, drawn[0], levels)
        self._tell_point(figure.add_subplot(grid[0, -1]), samples, style)
        lettering.set_heading(figure, self)
        if self.size is None:
            _cut_height(figure)

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours."""
        return style.colorbars if self.colorbar is None else self.colorbar

    def _levels(self, samples: Sections) -> list[float]:
        """Return the heights of the levels of all panels."""
        from gradviz.sampling.scales import levels_within, spacing_of

        spacing = spacing_of(*samples.meshes) if self.spacing == "auto" and samples.meshes else "linear"
        if self.spacing != "auto":
            spacing = self.spacing
        ends = samples.ends(tuple(samples.planes.values()))
        return levels_within(self.levels, samples.over_planes, filled=self.filled, spacing=spacing, ends=ends)

    def _draw_pair(self, axes: Any, part: Part, levels: list[float], look: Mapping[str, Any]) -> None:
        """Draw the levels of a pair of variables; where there are none, the panel says why."""
        from gradviz.arrays import components
        from gradviz.sampling.cuts import parted
        from gradviz.sampling.scales import masked

        axes.grid(bool(self.grid))
        points, heights = parted(part)
        if said := self._without_levels(part, heights, levels):
            place = {"transform": axes.transAxes, "ha": "center", "va": "top", "in_layout": False}
            axes.text(0.5, 0.42, said, fontsize="small", **place)
        elif levels:
            draw, lines = (axes.contourf, {}) if self.filled else (axes.contour, self.line_look)
            draw(*components(points), masked(heights), levels=levels, **look, **lines)

    def _without_levels(self, part: Part, drawn: Floats, levels: list[float]) -> str:
        """Return why a panel has no levels, nothing if it has some."""
        from gradviz.sampling.scales import is_constant, is_stepwise, limits_of

        if part.is_empty:
            return "undefined"
        if is_constant(part.heights) and not (self.filled and levels):
            return "constant"
        low, high = limits_of(part.heights)
        if self.filled and levels:
            return "" if levels[0] <= high and low <= levels[-1] else "none of\nthe levels"
        if is_stepwise(drawn):
            return "flat between\nits jumps"
        return "" if any(low < level < high for level in levels) else "between\ntwo levels"

    def _set_axes(self, axes: Any, column: int, row: int) -> None:
        """Give a panel its view, and labels where it stands at the left or at the bottom of all."""
        names, count = self.reading.variables, len(self.reading.variables)
        length = 72 * _SHARE * min(axes.figure.get_size_inches()) / count
        axes.set_box_aspect(1)
        axes.tick_params(labelbottom=row == count - 1, labelleft=row > column == 0, labelsize="small")
        axes.set_xlim(self.reach(names[column]))
        unit = _set_ticks(axes.xaxis, length)
        if row == count - 1:
            axes.set_xlabel(_labelled(names[column], unit))
        if row > column:
            axes.set_ylim(self.reach(names[row]))
            unit = _set_ticks(axes.yaxis, length)
            if column == 0:
                axes.set_ylabel(_labelled(names[row], unit))

    def _draw_curves(self, figure: Figure, grid: Any, samples: Sections, style: Style) -> None:
        """Draw on the diagonal the function along each variable; the scale of heights is the same for all."""
        import numpy as np

        from gradviz.sampling.cuts import parted

        low, high = samples.ends(samples.lines)
        room = _ROOM * (high - low or abs(high) or 1.0)
        greatest = _GREATEST * max(abs(low), abs(high))
        for place, part in enumerate(samples.lines):
            axes: Any = figure.add_subplot(grid[place, place])
            axes.grid(self.grid is not False)
            points, heights = parted(part)
            heights = np.where(np.abs(heights) <= greatest, heights, np.nan)
            axes.plot(points[:, 0], heights, color=style.ink, linewidth=1.4, zorder=3)
            axes.set_ylim(low - room, high + room)
            self._set_axes(axes, place, place)
            self._mark(axes, samples.at[place], samples.value, style)
            _add_ruler(axes, is_last=place == len(samples.lines) - 1)

    def _mark(self, axes: Any, x: float, y: float, style: Style) -> None:
        """Mark the point in a panel, and where it lies along both axes."""
        look = {"color": style.faint, "linewidth": _HAIR, "zorder": 1.5}
        axes.axvline(x, **look)
        axes.axhline(y, **look)
        axes.plot([x], [y], clip_on=False, zorder=_ABOVE, **_dot(style))[0].set_in_layout(False)

    def _add_colorbar(self, figure: Figure, drawn: Any, levels: list[float]) -> None:
        """Add the scale of the colours of all panels."""
        from matplotlib import rcParams

        from gradviz.output.mpl import lettering
        from gradviz.sampling.scales import MARKS, are_even, level_marks

        most = max(2, int(72 * 0.8 * figure.get_figheight() / (_LINE * rcParams["font.size"])))
        marks = {} if are_even(levels) and most >= MARKS else level_marks(levels, most)
        bar = figure.colorbar(drawn, ax=figure.axes, pad=0.03, aspect=_BAR, **marks)
        bar.set_label(lettering.function_label(self.reading), size="medium")
        bar.outline.set_linewidth(0.5)

    def _tell_point(self, axes: Any, samples: Sections, style: Style) -> None:
        """Tell in an empty corner where the point is, and the function's value there."""
        from gradviz.printing.mathtext import MATHTEXT

        axes.set_axis_off()
        axes.set_box_aspect(1)
        numbers = [*map(float, samples.at), samples.value]
        names = [*map(MATHTEXT.name, self.reading.variables), "f"]
        lines = [
            f"${name} = {MATHTEXT.number(float(f'{x:.4g}'))}$" for name, x in zip(names, numbers, strict=True)
        ]
        (dot,) = axes.plot([], [], **_dot(style))
        legend = axes.legend(
            [dot],
            ["\n".join(lines)],
            loc="upper right",
            frameon=False,
            borderaxespad=0.0,
            borderpad=0.0,
            handlelength=0.6,
            handletextpad=0.6,
        )
        legend.set_in_layout(False)


def _of_sections(samples: Samples) -> Sections:
    """Return samples as what the kind's own `sample` makes."""
    from gradviz.sampling.slices import Sections

    assert isinstance(samples, Sections)  # noqa: S101 - said for the type checker
    return samples


def _dot(style: Style) -> dict[str, Any]:
    """Return the looks of the mark of the point."""
    from matplotlib import rcParams

    letter = rcParams["font.size"]
    return {
        "linestyle": "none",
        "marker": "o",
        "color": style.accents[0],
        "markersize": 0.6 * letter,
        "markeredgecolor": "white",
        "markeredgewidth": 0.08 * letter,
    }


def _set_ticks(axis: Any, length: float) -> int:
    """Give an axis as many ticks as have room on a length in points, and return the power of ten of its unit.

    None stands at its ends, where its number would meet that of the next panel.
    """
    from matplotlib import rcParams
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    low, high = axis.get_view_interval()
    formatter = ScalarFormatter(useOffset=False)
    axis.set_major_formatter(formatter)
    axis.get_offset_text().set_visible(False)  # it stands where the next panel or a label does
    for most in _TICKS:
        locator = MaxNLocator(most, steps=[1, 2, 2.5, 4, 5, 10], prune="both")
        axis.set_major_locator(locator)
        places = [place for place in locator.tick_values(low, high) if low <= place <= high]
        longest = max(map(len, formatter.format_ticks(places)), default=0)
        if len(places) * (longest + 1) * _CHARACTER * rcParams["font.size"] <= length:
            break
    return _power(formatter)


def _power(formatter: Any) -> int:
    """Return the power of ten of which the numbers of an axis are multiples, from a text such as 1e-4."""
    return int(formatter.get_offset().partition("e")[2].replace("\N{MINUS SIGN}", "-") or 0)


def _labelled(name: str, power: int) -> str:
    """Return the label of an axis whose numbers are multiples of a power of ten."""
    from gradviz.printing.mathtext import MATHTEXT

    unit = rf"\,/\,10^{{{power}}}" if power else ""
    return f"${MATHTEXT.name(name)}{unit}$"


def _add_ruler(axes: Any, *, is_last: bool) -> None:
    """Add the heights of a curve at its right, where there is no panel.

    They take no part in the layout but for the last panel, beside which the scale of colours stands.
    """
    from matplotlib import rcParams
    from matplotlib.ticker import MaxNLocator, ScalarFormatter

    ruler = axes.secondary_yaxis("right")
    locator, formatter = MaxNLocator(_TICKS[0], min_n_ticks=3), ScalarFormatter(useOffset=False)
    axes.yaxis.set_major_locator(locator)
    places: Any = locator()
    formatter.set_axis(axes.yaxis)
    formatter.set_locs(places)
    ruler.tick_params(labelsize="small")
    ruler.yaxis.set_major_locator(MaxNLocator(_TICKS[0], min_n_ticks=3))
    ruler.yaxis.set_major_formatter(ScalarFormatter(useOffset=False))
    ruler.yaxis.get_offset_text().set_visible(False)
    ruler.set_ylabel(_labelled("f", _power(formatter)), rotation=0, ha="left", va="center")
    ruler.yaxis.labelpad = _BEYOND * rcParams["font.size"]
    ruler.set_in_layout(is_last)
    axes.tick_params(axis="y", color="none", labelleft=False)  # as wide as the ticks of other panels


def _cut_height(figure: Any) -> None:
    """Cut off what is empty above and below all, where the width decides how large the panels are."""
    engine = figure.get_layout_engine()
    engine.execute(figure)
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    pixels = max(box.y1 for box in boxes) - min(box.y0 for box in boxes)
    pixels += figure._suptitle.get_window_extent().height  # noqa: SLF001 - there is no other way to have it
    height = pixels / figure.dpi + _PADS * engine.get()["h_pad"]
    figure.set_figheight(min(height, figure.get_figheight()))
