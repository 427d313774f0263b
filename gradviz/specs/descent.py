"""The paths of optimizers over a function of two variables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import RequestError
from gradviz.optimizers import OPTIMIZERS, Optimizer, optimizer
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.optimizers import Optimizers
from gradviz.specs.plane import ABOVE, AROUND
from gradviz.specs.space import SpaceSpec
from gradviz.specs.types import Field
from gradviz.specs.validation import fault
from gradviz.specs.values import ALL, Option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.arrays import Floats
    from gradviz.optimizers.paths import Path
    from gradviz.output.mpl.paths import Arrows, Look
    from gradviz.sampling.runs import Runs
    from gradviz.sampling.samples import Samples
    from gradviz.scene.style import Style

_ROOM = 1.2  # times the farthest start: where no range is given, so far it reaches
_CORNER = 0.12  # of the range: so far from its ends is the start where none is given
_RATE_OF_STEPS = 10  # a second
_LONG = 20_000  # steps of all optimizers: to tune these takes some seconds
_BOX_RATIO = 0.8  # height of a picture in three dimensions to its width
_BESIDE = 0.06  # of the width of surfaces: so far apart, their labels of z lie on no neighbour
_MORE_WIDTH = 0.62  # of the picture's, for each column after the first
_HIGHER = 1.5  # times the height of the starts: up to there are as many levels as over all otherwise
_SMALL = 5.0  # inches: in a picture not so wide, the legend stands below
_FEW = 4  # entries of a legend that stands inside
_MUTED = 0.75  # of level lines under paths


class Descent(SpaceSpec):
    """Optimizer paths over contours or a surface.

    Examples:
      gradviz descent "x**2 + 4*y**2" --optimizer adam,learning_rate=0.3
      gradviz descent "x**2/20 + y**2" --start -7,2 -r -10:10 --tune --loss
    """

    default_range: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    default_samples: ClassVar[int] = 201
    line_look: ClassVar[Mapping[str, Any]] = {"linewidths": 0.9, "alpha": _MUTED}

    kind: Literal["descent"] = "descent"
    start: Annotated[types.Points, Option(metavar="A,B", repeat=True), Field(max_length=limits.STARTS)] = (
        Field(default=(), description="Start of a path (default: near a corner).")
    )
    optimizers: Annotated[
        Optimizers,
        Option(name="optimizer", metavar="NAME[,KEY=VALUE...]", repeat=True),
        Field(max_length=limits.OPTIMIZERS),
    ] = Field(default=(), description=f"An optimizer with its hyperparameters: {', '.join(OPTIMIZERS)}.")
    steps: Annotated[types.Whole, Option(metavar="N"), Field(ge=1, le=limits.STEPS)] = Field(
        default=30, description="Number of updates of each path."
    )
    on: Literal["contour", "surface", "axes"] = Field(
        default="contour", description="Background of the paths."
    )
    panels: types.Switch = Field(default=False, description="Draw each optimizer in its own panel.")
    loss: types.Switch = Field(default=False, description="Also plot f against the iteration number.")
    tune: types.Switch = Field(
        default=False,
        description="Choose each learning rate, the best of 40.",
    )
    anatomy: Annotated[types.OptionalWhole, Option(metavar="K"), Field(ge=1, le=limits.STEPS)] = Field(
        default=None, description="Draw the terms of every K-th update as arrows."
    )
    animate: types.Switch = Field(
        default=False, description="Animate the paths, or the swept values, as a GIF."
    )
    filled: types.Switch = Field(default=False, description="Fill the contours.")
    method: Method = Field(default="exact", description="Method of the gradient.")

    @model_validator(mode="after")
    def _check_paths(self) -> Descent:
        variables = self.reading.variables
        for point in self.start:
            if len(point) != len(variables):
                shown = ",".join(f"{x:g}" for x in point)
                more = f"; write for example {shown},0" if len(point) == 1 else ""
                numbers = f"{len(variables)} numbers, {', '.join(variables)}"
                raise fault("start", f"a start has {numbers}, not {shown}{more}")
            if max(map(abs, point)) > limits.MAGNITUDE:
                raise fault("start", f"a start is not farther from 0 than {limits.MAGNITUDE:g}")
        count = max(len(self.start), 1) * max(len(self.optimizers), 1) * (self.steps + 1)
        if count > limits.PATH_POINTS:
            raise fault("steps", f"more than {limits.PATH_POINTS:,} points of paths; lower --steps")
        if self.anatomy and self.on == "surface":
            raise fault("anatomy", "the arrows lie in the plane, and not on a surface; leave out one of them")
        return self

    def usual_rate(self) -> int:
        """Return how many frames a second are usual: each is a step, unless there are many."""
        return super().usual_rate() or _RATE_OF_STEPS

    @property
    def panelled(self) -> str | None:
        """The option that gives a single picture several panels."""
        return "panels" if self.panels else "loss" if self.loss else None

    @property
    def ahead(self) -> str:
        """Return that rates of many long paths are being tuned, each a path of its own."""
        count = max(len(self.optimizers), 1)
        if not self.tune or count * self.steps < _LONG:
            return ""
        return f"to tune {count} x 40 learning rates over {self.steps:,} steps takes a while"

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect on what the paths are drawn on."""
        yield from super().idle()
        if self.on != "surface":
            yield "elev azim zlim zlabel zticks", f"with --on {self.on}"
        if self.on != "contour":
            yield "levels filled", f"with --on {self.on}"
        if self.on == "axes":
            yield "spacing cmap colorbar", "with --on axes"
        elif self.on == "contour" and isinstance(self.levels, tuple):
            yield "spacing", "beside --levels"

    def interval(self, variable: str) -> tuple[float, ...]:
        """Return the sampled interval; where none is given, it is wide enough for the starts."""
        given = (
            self.range.get(variable) or self.range.get(ALL) if isinstance(self.range, dict) else self.range
        )
        if given or not self.start:
            return super().interval(variable)
        place = self.reading.variables.index(variable)
        reached = [_ROOM * abs(point[place]) for point in self.start if place < len(point)]
        usual = self.usual_range()[1]
        half = max(usual, *reached, 0.0)
        half = float(f"{half:.2g}") if half != usual else half
        return -half, half

    # What is sampled ---------------------------------------------------------------------------------

    def sample(self) -> Samples:
        """Evaluate the field on the mesh (n1, n0, 2) and follow the paths."""
        import numpy as np

        from gradviz.optimizers.paths import Landscape
        from gradviz.sampling.path_warnings import check_starts, of_loss, place, remarks
        from gradviz.sampling.runs import Runs, table

        samples = super().sample()
        field = samples.field
        notes = list(samples.notes)
        starts = np.array(self.start or [self._corner(samples)], dtype=np.float64)
        if not self.start:
            notes.append(f"the path starts at {place(starts[0])}; --start chooses another place")
        check_starts(field, starts)
        runs = Runs(Landscape(field, self.gradient_of(field), field.hessian), starts, self.steps, self._box())
        paths = [path for name, one in self._used(runs, notes) for path in runs.paths(name, one)]
        notes += remarks(paths, np.array(self.shown()).T, runs.landscape.gradient)
        if self.loss:
            notes += of_loss(paths)
        if self.anatomy:
            if self.anatomy >= self.steps > 1:
                notes.append(f"--anatomy {self.anatomy} shows the first of {self.steps} updates alone")
            paths = [dataclasses.replace(path, parts=runs.parts(path, self.anatomy)) for path in paths]
        columns = table(field.variables, paths)
        return dataclasses.replace(samples, notes=tuple(notes), table=columns, paths=tuple(paths))

    def _corner(self, samples: Samples) -> Floats:
        """Return a place near a corner of the range from which there is a way: the gradient is not 0."""
        import numpy as np

        low, high = self._box()
        corners = np.array([[_CORNER, 1 - _CORNER], [1 - _CORNER, 1 - _CORNER], [_CORNER, _CORNER]])
        places = np.concatenate((low + corners * (high - low), samples.points[::7, ::7].reshape(-1, 2)))
        slopes = self.gradient_of(samples.field)(places)
        there = np.isfinite(samples.field(places)) & np.isfinite(slopes).all(axis=-1)
        moving = there & slopes.any(axis=-1)
        if not there.any():
            raise RequestError("no place was found from which there is a way downhill; give a --start")
        found: Floats = places[np.flatnonzero(moving if moving.any() else there)[0]]
        return np.array([float(f"{x:.3g}") for x in found]) if places[0] is found else found

    def _box(self) -> Floats:
        """Return the low and the high ends (2, 2) of the range."""
        import numpy as np

        return np.array([self.interval(name)[:2] for name in self.reading.variables]).T

    def _used(self, runs: Runs, notes: list[str]) -> list[tuple[str, Optimizer]]:
        """Return the optimizers by name, tuned if asked; say what was chosen."""
        used = []
        for given in self.optimizers:
            numbers = {key: value for key, value in given.items() if key != "name"}
            used.append((given["name"], optimizer(given["name"], numbers)))
        if not used:
            rate = runs.safe_rate()
            used = [("sgd", optimizer("sgd", {"learning_rate": rate}))]
            if not self.tune:
                notes.append(f"the optimizer is sgd with learning_rate {rate:g}; --optimizer chooses others")
        if self.tune:
            used = [(name, runs.tuned(one)) for name, one in used]
            rates = ", ".join(f"{name} {one.learning_rate:g}" for name, one in used)
            notes.append(
                f"learning rates tuned, each that of 40 which ends lowest after {self.steps} steps: {rates}"
            )
        return used

    # How it is drawn ---------------------------------------------------------------------------------

    def has_colorbar(self, style: Style) -> bool:
        """Tell whether the picture shows the scale of its colours: in one panel only, unless asked for."""
        if self.on == "axes" or (self.panels and self.colorbar is None):
            return False
        return super().has_colorbar(style)

    def depicts(self, samples: Samples) -> str:
        """Return in words where the paths lead."""
        from gradviz.sampling.path_warnings import ends

        ground = {"contour": "over level lines", "surface": "on the surface", "axes": "beside the axes"}
        return f"paths of optimizers {ground[self.on]}: {ends(samples.paths)}"

    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw what the paths are on, the paths, and beside them the function against the step if asked."""
        from gradviz.output.mpl import lettering, paths
        from gradviz.sampling.scales import loss_ends

        names = list(dict.fromkeys(path.optimizer.label for path in samples.paths))
        found = dict(zip(names, paths.looks(names, style), strict=True))
        if self.panels and not self.loss:  # where a colour tells nothing apart, the first will do
            found = {name: paths.looks([name], style)[0] for name in names}
        groups = [[name] for name in names] if self.panels else [names]
        cells = self._cells(figure, style, len(groups) + self.loss)
        for group, cell in zip(groups, cells, strict=False):
            axes = self._ground(figure, cell, samples, style)
            shown = [path for path in samples.paths if path.optimizer.label in group]
            self._draw_paths(axes, samples, shown, found)
            if self.panels:
                lettering.set_name(axes, group[0], pad=-6 if self.on == "surface" else None)
        explaining = figure.axes[0]
        if self.loss:
            axes = figure.add_subplot(cells[-1])
            axes.set_box_aspect(_BOX_RATIO if self.on == "surface" else self.view_ratio())
            lines = [paths.look_of(path, found, self._starts(samples)) for path in samples.paths]
            ends = loss_ends(samples.all_paths)
            paths.draw_values(axes, samples.paths, lines, lettering.function_label(self.reading), ends)
            explaining = axes if self.panels else explaining
        if len(cells) == 1 and not self.panels:
            lettering.set_title(figure, figure.axes[0], self, -16.0 if self.on == "surface" else None)
        else:
            lettering.set_heading(figure, self)
        self._add_legend(explaining, samples, found, style)
        if self.size is None and self.on != "surface" and (len(cells) > 1 or figure.legends):
            lettering.fill_width(figure, self.view_ratio())

    def _cells(self, figure: Figure, style: Style, count: int) -> list[Any]:
        """Return places for panels in about as many rows as columns, in a figure of a size to suit."""
        from gradviz.output.mpl.panels import near_square

        rows, columns = near_square(count)
        if self.size is None:
            figure.set_size_inches(*self._size_of(rows, columns, style))
        if self.on == "surface":
            engine: Any = figure.get_layout_engine()
            engine.set(wspace=_BESIDE)
        grid = figure.add_gridspec(rows, columns)
        return [grid[place // columns, place % columns] for place in range(count)]

    def usual_size(self, style: Style) -> tuple[float, float]:
        """Return the width and the height in inches: more for more panels."""
        from gradviz.output.mpl.panels import near_square

        count = (max(len(self.optimizers), 1) if self.panels else 1) + self.loss
        return self._size_of(*near_square(count), style)

    def _size_of(self, rows: int, columns: int, style: Style) -> tuple[float, float]:
        """Return the width and the height in inches of a picture of panels."""
        width = style.size[0] * (1 + _MORE_WIDTH * (columns - 1))
        cell = width / columns
        if self.on == "surface":
            height = (1 - AROUND) * cell * _BOX_RATIO
        else:
            _, height = self.sides(style, cell)
        height = min(max(height + ABOVE * cell, 0.42 * cell), 1.25 * cell)
        return width, rows * height + 0.1 * style.size[1] * (rows * columns > 1)

    def _ground(self, figure: Figure, cell: Any, samples: Samples, style: Style) -> Any:
        """Return axes with what the paths are drawn on."""
        from gradviz.output.mpl import lettering
        from gradviz.sampling.cuts import parted

        if self.on == "surface":
            axes = self.box_axes(figure, samples, cell)
            surface = self.draw_surface(axes, samples, style)
            self.draw_marks(axes, samples, self.zlim, is_open=True)
            self.finish_box(figure, axes, surface, style)
            return axes
        axes = figure.add_subplot(cell)
        self.set_plane(axes)
        self.draw_marks(axes, samples, is_open=True)  # around the ends of paths
        axes.grid(bool(self.grid))
        if self.on == "axes":
            for line in (axes.axhline, axes.axvline):
                line(0, color=style.ink, linestyle="--", linewidth=1.2, zorder=1)
        else:
            levels = self.find_levels(samples, filled=self.filled)
            drawn = self.draw_levels(axes, samples, levels, parted(samples), style, filled=self.filled)
            self.add_colorbar(axes, drawn, lettering.function_label(self.reading), style)
        return axes

    def find_levels(
        self, samples: Samples, *, filled: bool, ends: tuple[float, float] | None = None
    ) -> list[float]:
        """Return the heights of the levels; even ones lie closer where the paths are, low in the picture."""
        import numpy as np

        from gradviz.sampling.scales import levels_within

        levels = super().find_levels(samples, filled=filled, ends=ends)
        if isinstance(self.levels, tuple) or self.spacing_for(samples) != "linear" or not levels:
            return levels
        heights = samples.all_heights
        low = float(np.nanmin(heights))
        top = low + _HIGHER * (max(float(path.values[0]) for path in samples.all_paths) - low)
        near = np.where(heights <= top, heights, np.nan)
        if np.isnan(near).all() or top > levels[-1]:
            return levels
        fine = levels_within(self.levels, near, filled=filled)
        return [*fine, *(height for height in levels if height > fine[-1])] if fine else levels

    def _draw_paths(self, axes: Any, samples: Samples, shown: list[Path], found: dict[str, Look]) -> None:
        """Draw paths on their ground, and parts of their updates if asked."""
        from gradviz.output.mpl import paths

        arrows = self._arrows(samples)
        starts = [] if self.on == "surface" else self._starts(samples)  # on it, dashes are hidden
        for path in shown:
            look = paths.look_of(path, found, starts)
            if self.on == "surface":
                paths.draw_on_surface(axes, samples.field, path, look, self._box())
            else:
                paths.draw_flat(axes, path, look, line=self.on == "contour")
            paths.draw_parts(axes, path, arrows)

    def _starts(self, samples: Samples) -> list[tuple[float, ...]]:
        """Return the starts that dashes tell apart: beside lines of values, which begin at no place."""
        from gradviz.output.mpl import paths

        return paths.starts_of(samples.paths) if self.loss else []

    def _arrows(self, samples: Samples) -> Arrows:
        """Return how the parts of updates are drawn, the same in all panels."""
        from gradviz.output.mpl.paths import arrows

        return arrows(samples.all_paths, min(high - low for low, high in self.shown()))

    def _add_legend(self, axes: Any, samples: Samples, found: dict[str, Look], style: Style) -> None:
        """Explain paths, marks and parts of updates: few on the axes, if there is room, and many below."""
        from gradviz.output.mpl import legends, marks, paths

        line, grow = self.loss or self.on != "axes", self.size is None
        entries = [paths.entry(look, line=line) for look in found.values()]
        if self.panels and not self.loss:
            entries = []  # each panel has its name
        named = len(entries)
        entries += paths.start_entries(self._starts(samples))
        entries += marks.entries(axes.figure.axes[0])
        entries += paths.part_entries(samples.all_paths, self._arrows(samples))
        of_all = self.anatomy or (self.panels and len(entries) > named) or axes.name == "3d"
        small = grow and style.size[0] < _SMALL
        if entries and (of_all or small or len(entries) > _FEW):
            legends.below(axes.figure, entries, grow=grow)
        elif entries:
            legends.inside_or_below(axes, entries, grow=grow, fontsize="small")
