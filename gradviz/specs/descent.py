"""The paths of optimizers over a function of one or two variables: its fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError, point_text, shown
from gradviz.language.reading import is_function_of_file
from gradviz.optimizers import OPTIMIZERS, optimizer
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.plane import (
    BESIDE_LEVELS,
    WITHOUT_CRITICAL,
    PlaneTraits,
    check_plane,
    plane_interval,
    shows_colour_bar,
)
from gradviz.specs.problem import fault
from gradviz.specs.spec import Interval, Spec, Traits, Unused
from gradviz.specs.types import Converted, option, schema
from gradviz.specs.values import FrozenDict, assignments, parts, real

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


def _dimension(spec: Descent) -> int:
    """Return 1, so that a function of one variable is a curve; 2 on a plane or below a surface.

    A start with two coordinates, or a function of a file without anything that says otherwise, has two, too.
    """
    if spec.plane is not None or spec.on == "surface":
        return 2
    own = [len(point) for point in spec.start]
    if not own and is_function_of_file(spec.expression):
        own = [len(spec.vars or "xy")]
    return 1 if max(own, default=1) == 1 else 2


def _is_curve(spec: Descent) -> bool:
    return len(spec.reading.variables) == 1


def _slow(spec: Descent) -> Message | None:
    """Return a warning of many long paths, whose learning rates are being tuned."""
    count = max(len(spec.optimizers), 1)
    if not spec.tune or count * spec.steps < _SLOW_STEPS:
        return None
    return Message(f"to tune {count} x {_TRIALS} learning rates over {spec.steps:,} steps takes a while")


def _has_colour_bar(spec: Descent) -> bool:
    """Return whether there is a colour bar: in one panel only, unless asked for."""
    is_alone = not spec.panels or spec.colorbar is not None
    return spec.on != "axes" and not _is_curve(spec) and is_alone and shows_colour_bar(spec)


def _on(spec: Descent) -> Message:
    return Message("with ", Ref("on", spec.on))


def _check(spec: Descent) -> None:
    check_plane(spec)
    variables = spec.reading.variables
    for point in spec.start:
        if len(point) != len(variables):
            given = point_text(point)
            more = f"; write for example {given},0" if len(point) == 1 else ""
            numbers = f"{len(variables)} number{'s' * (len(variables) > 1)}, {', '.join(variables)}"
            raise fault("start", f"a start has {numbers}, not {given}{more}")
        if max(map(abs, point)) > limits.MAGNITUDE:
            raise fault("start", f"a start is not farther from 0 than {limits.MAGNITUDE:g}")
    count = max(len(spec.start), 1) * max(len(spec.optimizers), 1) * (spec.steps + 1)
    if count > limits.PATH_POINTS:
        raise fault("steps", f"more than {limits.PATH_POINTS:,} points of paths; lower ", Ref("steps"))
    if spec.anatomy and (spec.on == "surface" or _is_curve(spec)):
        ground = "curve" if _is_curve(spec) else "surface"
        raise fault("anatomy", f"the arrows lie in the plane, and not on a {ground}; leave out one of them")


def _optimizers(value: object) -> tuple[FrozenDict[str, Any], ...]:
    """Return optimizers with the given hyperparameters, from mappings or from texts NAME[,KEY=VALUE...]."""
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    found = []
    for item in items:
        if isinstance(item, str):
            name, *pairs = (part.strip() for part in parts(item))
            given = assignments(pairs)
        elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
            name = item["name"]
            given = FrozenDict({str(key): real(part) for key, part in item.items() if key != "name"})
        else:
            problem = f"must be a name with hyperparameters, got {shown(item)}"
            raise RequestError(f"{problem}; use for example 'sgd,learning_rate=0.1'")
        optimizer(name, given)
        found.append(FrozenDict({"name": name, **given}))
    return tuple(found)


_OPTIMIZER = {
    "type": "object",
    "properties": {"name": {"enum": list(OPTIMIZERS)}},
    "required": ["name"],
    "additionalProperties": {"type": ["number", "string"]},
}

Optimizers = Converted[
    str | Mapping[str, object] | Sequence[str | Mapping[str, object]],
    Annotated[
        tuple[FrozenDict[str, Any], ...],
        PlainValidator(_optimizers),
        schema(_OPTIMIZER, {"type": "array", "items": {"anyOf": [_OPTIMIZER, {"type": "string"}]}}),
    ],
]


def _frame_count(spec: Descent) -> int:
    """Return the number of frames: one for each step, or every k-th where there are many, and the last."""
    each = -(-spec.steps // (limits.FRAMES - 1))
    return -(-spec.steps // each) + 1


class Descent(Spec):
    """Paths of optimizers over a function."""

    traits: ClassVar[Traits] = PlaneTraits(
        own_dimension=_dimension,
        default_samples=201,
        default_range=_DEFAULT_RANGE,
        default_interval=_interval,
        lines=((lambda spec: max(len(spec.optimizers), 1)), ", one for each optimizer"),
        panel_count=lambda spec: (max(len(spec.optimizers), 1) if spec.panels else 1) + spec.loss,
        own_panels=lambda spec: "panels" if spec.panels else "loss" if spec.loss else None,
        has_colour_bar=_has_colour_bar,
        check=_check,
        frame_rate=lambda spec: _STEP_RATE,
        frame_count=_frame_count,
        slow=_slow,
        unused=(
            WITHOUT_CRITICAL,
            Unused(("levels", "filled", "spacing", "cmap", "colorbar"), _is_curve, Message("on a curve")),
            Unused(("elev", "azim", "zlim", "zlabel", "zticks"), lambda spec: spec.on != "surface", _on),
            Unused(("linewidth",), lambda spec: spec.on == "axes" and not spec.loss, _on),
            Unused(("levels", "filled"), lambda spec: spec.on != "contour", _on),
            Unused(("spacing", "cmap", "colorbar"), lambda spec: spec.on == "axes", _on),
            replace(BESIDE_LEVELS, when=lambda spec: spec.on == "contour" and isinstance(spec.levels, tuple)),
        ),
    )

    at: str | None = types.ARRAY_FILE
    plane: str | None = types.PLANE
    colorbar: types.Switch | None = types.COLOUR_BAR
    critical: types.Switch = types.CRITICAL
    certify: types.Switch = types.CERTIFY
    levels: types.OptionalLevels = types.LEVELS
    spacing: types.Spacing = types.SPACING
    elev: types.Elevation = types.ELEVATION
    azim: types.Azimuth = types.AZIMUTH
    zlim: types.OptionalView = types.Z_VIEW
    zlabel: types.Label | None = types.Z_LABEL
    zticks: types.OptionalTicks = types.Z_TICKS
    kind: Literal["descent"] = "descent"
    start: types.SomePoints = option(
        "Start of a path (default: near a corner).", (), metavar="A[,B]", repeat=True
    )
    optimizers: Annotated[Optimizers, Field(max_length=limits.OPTIMIZERS)] = option(
        f"An optimizer with its hyperparameters: {', '.join(OPTIMIZERS)}.",
        (),
        name="optimizer",
        metavar="NAME[,KEY=VALUE...]",
        repeat=True,
    )
    steps: Annotated[types.Whole, Field(ge=1, le=limits.STEPS)] = option(
        "Number of updates of each path.", 30, metavar="N"
    )
    on: Literal["contour", "surface", "axes"] = option("Background of the paths.", "contour")
    panels: types.Switch = option("Draw each optimizer in its own panel.", default=False)
    loss: types.Switch = option("Also plot f against the iteration number.", default=False)
    tune: types.Switch = option("Choose each learning rate, the best of 40.", default=False)
    anatomy: Annotated[types.OptionalWhole, Field(ge=1, le=limits.STEPS)] = option(
        "Draw the terms of every K-th update as arrows.", metavar="K"
    )
    animate: types.Switch = option("Animate the paths, or the swept values, as a GIF.", default=False)
    filled: types.Switch = types.FILLED
    method: Method = option("Method of the gradient.", "exact")
