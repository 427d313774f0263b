"""The paths of optimizers over a function of two variables: its fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import Message, Ref
from gradviz.optimizers import OPTIMIZERS
from gradviz.registry import Method
from gradviz.specs import options, types
from gradviz.specs.optimizers import Optimizers
from gradviz.specs.plane import check_plane, plane_coordinates, plane_files, plane_interval
from gradviz.specs.spec import Spec
from gradviz.specs.traits import Interval, Traits, Unused
from gradviz.specs.types import Field
from gradviz.specs.validation import fault
from gradviz.specs.values import Option

_DEFAULT_RANGE = (-3.0, 3.0)
_START_SHARE = 1.2  # of the farthest start: the default range reaches so far
_STEP_RATE = 10  # frames a second
_TRIALS = 40  # learning rates that are tried for each optimizer
_SLOW_STEPS = 20_000  # of all optimizers: to tune these takes some seconds


def _interval(spec: Descent, variable: str) -> Interval | None:
    """Return an interval around 0 that contains the starts."""
    usual = plane_interval(spec, variable) or _DEFAULT_RANGE
    if not spec.start:
        return usual
    place = spec.reading.variables.index(variable)
    reached = [_START_SHARE * abs(point[place]) for point in spec.start if place < len(point)]
    half = max(usual[1], *reached, 0.0)
    half = float(f"{half:.2g}") if half != usual[1] else half
    return -half, half


def _slow(spec: Descent) -> Message | None:
    """Return a warning of many long paths, whose learning rates are being tuned."""
    count = max(len(spec.optimizers), 1)
    if not spec.tune or count * spec.steps < _SLOW_STEPS:
        return None
    return Message(f"to tune {count} x {_TRIALS} learning rates over {spec.steps:,} steps takes a while")


class Descent(Spec):
    """Optimizer paths over contours or a surface."""

    traits: ClassVar[Traits] = Traits(
        dimension=2,
        default_samples=201,
        default_range=_DEFAULT_RANGE,
        default_interval=_interval,
        coordinates=plane_coordinates,
        files=plane_files,
        own_panels=lambda spec: "panels" if spec.panels else "loss" if spec.loss else None,
        frame_rate=lambda spec: _STEP_RATE,
        slow=_slow,
        unused=(
            Unused(
                ("elev", "azim", "zlim", "zlabel", "zticks"),
                lambda spec: spec.on != "surface",
                lambda spec: Message("with ", Ref("on", spec.on)),
            ),
            Unused(
                ("levels", "filled"),
                lambda spec: spec.on != "contour",
                lambda spec: Message("with ", Ref("on", spec.on)),
            ),
            Unused(
                ("spacing", "cmap", "colorbar"),
                lambda spec: spec.on == "axes",
                Message("with ", Ref("on", "axes")),
            ),
            Unused(
                ("spacing",),
                lambda spec: spec.on == "contour" and isinstance(spec.levels, tuple),
                Message("beside ", Ref("levels")),
            ),
        ),
    )

    at: options.ArrayFile = Field(default=None)
    plane: options.Plane = Field(default=None)
    colorbar: options.ColourBar = Field(default=None)
    critical: options.Critical = Field(default=False)
    levels: options.Levels = Field(default=None)
    spacing: options.Spacing = Field(default="auto")
    elev: options.Elevation = Field(default=30.0)
    azim: options.Azimuth = Field(default=-60.0)
    zlim: options.ZView = Field(default=None)
    zlabel: options.ZLabel = Field(default=None)
    zticks: options.ZTicks = Field(default=None)
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
        default="contour",
        description="Background of the paths.",
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
    filled: options.Filled = Field(default=False)
    method: Method = Field(default="exact", description="Method of the gradient.")

    @property
    def has_colour_bar(self) -> bool:
        """Whether there is a colour bar: in one panel only, unless asked for."""
        if self.on == "axes" or (self.panels and self.colorbar is None):
            return False
        return self.style != "book" if self.colorbar is None else self.colorbar

    @model_validator(mode="after")
    def _check_paths(self) -> Self:
        check_plane(self)
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
            raise fault("steps", f"more than {limits.PATH_POINTS:,} points of paths; lower ", Ref("steps"))
        if self.anatomy and self.on == "surface":
            raise fault("anatomy", "the arrows lie in the plane, and not on a surface; leave out one of them")
        return self
