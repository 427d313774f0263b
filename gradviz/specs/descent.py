"""The paths of optimizers over a function of two variables: its fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from gradviz import limits
from gradviz.errors import Message, Ref
from gradviz.optimizers import OPTIMIZERS
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.optimizers import Optimizers
from gradviz.specs.plane import BESIDE_LEVELS, PlaneTraits, check_plane, plane_interval, shows_colour_bar
from gradviz.specs.problem import fault
from gradviz.specs.spec import Interval, Spec, Traits, Unused
from gradviz.specs.types import Field
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


def _has_colour_bar(spec: Descent) -> bool:
    """Return whether there is a colour bar: in one panel only, unless asked for."""
    return spec.on != "axes" and not (spec.panels and spec.colorbar is None) and shows_colour_bar(spec)


def _on(spec: Descent) -> Message:
    return Message("with ", Ref("on", spec.on))


def _check(spec: Descent) -> None:
    check_plane(spec)
    variables = spec.reading.variables
    for point in spec.start:
        if len(point) != len(variables):
            shown = ",".join(f"{x:g}" for x in point)
            more = f"; write for example {shown},0" if len(point) == 1 else ""
            numbers = f"{len(variables)} numbers, {', '.join(variables)}"
            raise fault("start", f"a start has {numbers}, not {shown}{more}")
        if max(map(abs, point)) > limits.MAGNITUDE:
            raise fault("start", f"a start is not farther from 0 than {limits.MAGNITUDE:g}")
    count = max(len(spec.start), 1) * max(len(spec.optimizers), 1) * (spec.steps + 1)
    if count > limits.PATH_POINTS:
        raise fault("steps", f"more than {limits.PATH_POINTS:,} points of paths; lower ", Ref("steps"))
    if spec.anatomy and spec.on == "surface":
        raise fault("anatomy", "the arrows lie in the plane, and not on a surface; leave out one of them")


class Descent(Spec):
    """Optimizer paths over contours or a surface."""

    traits: ClassVar[Traits] = PlaneTraits(
        default_samples=201,
        default_range=_DEFAULT_RANGE,
        default_interval=_interval,
        own_panels=lambda spec: "panels" if spec.panels else "loss" if spec.loss else None,
        has_colour_bar=_has_colour_bar,
        check=_check,
        frame_rate=lambda spec: _STEP_RATE,
        slow=_slow,
        unused=(
            Unused(("elev", "azim", "zlim", "zlabel", "zticks"), lambda spec: spec.on != "surface", _on),
            Unused(("levels", "filled"), lambda spec: spec.on != "contour", _on),
            Unused(("spacing", "cmap", "colorbar"), lambda spec: spec.on == "axes", _on),
            replace(BESIDE_LEVELS, when=lambda spec: spec.on == "contour" and isinstance(spec.levels, tuple)),
        ),
    )

    at: types.ArrayFile = Field(default=None)
    plane: types.Plane = Field(default=None)
    colorbar: types.ColourBar = Field(default=None)
    critical: types.Critical = Field(default=False)
    levels: types.Levels = Field(default=None)
    spacing: types.Spacing = Field(default="auto")
    elev: types.Elevation = Field(default=30.0)
    azim: types.Azimuth = Field(default=-60.0)
    zlim: types.ZView = Field(default=None)
    zlabel: types.ZLabel = Field(default=None)
    zticks: types.ZTicks = Field(default=None)
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
    tune: types.Switch = Field(default=False, description="Choose each learning rate, the best of 40.")
    anatomy: Annotated[types.OptionalWhole, Option(metavar="K"), Field(ge=1, le=limits.STEPS)] = Field(
        default=None, description="Draw the terms of every K-th update as arrows."
    )
    animate: types.Switch = Field(
        default=False, description="Animate the paths, or the swept values, as a GIF."
    )
    filled: types.Filled = Field(default=False)
    method: Method = Field(default="exact", description="Method of the gradient.")
