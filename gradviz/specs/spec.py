"""A figure as a value: the fields that all kinds have, the checks between them, and what they imply.

Flags, a preset, a call from Python and the text inside a picture are four ways to write the same spec. A spec
evaluates and draws nothing.
"""

from __future__ import annotations

import json
import math
from abc import ABC
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError, joined
from gradviz.language.reading import Expression, FunctionOfFile, is_function_of_file
from gradviz.specs import types
from gradviz.specs.colours import check_colour_map
from gradviz.specs.counts import check_samples
from gradviz.specs.lines import check_lines
from gradviz.specs.names import check_names, partner_warnings, read_expression
from gradviz.specs.problem import Problem, fault
from gradviz.specs.sweeps import Still, stills_of
from gradviz.specs.types import option
from gradviz.specs.values import ALL, FrozenDict

Interval = tuple[float, ...]
"""(low, high), or (low, high, step)."""

AnySpec = Any  # Any: a function of one kind's trait takes a spec of that kind


@dataclass(frozen=True)
class Unused:
    """A rule about fields that have no effect under a condition."""

    fields: tuple[str, ...]
    when: Callable[[AnySpec], bool]
    why: Message | Callable[[AnySpec], Message]
    """The end of a sentence, such as "with plot=wireframe"."""


@dataclass(frozen=True)
class Traits:
    """The dimension, the defaults, the limits and the special rules of a kind of figure."""

    dimension: int
    """Number of variables that the figure shows, at least."""
    default_samples: int | Callable[[AnySpec], int | tuple[int, ...]]
    """Number of points along an axis, or along each."""
    default_range: tuple[float, float] = (-2.0, 2.0)
    own_dimension: Callable[[AnySpec], int] | None = None
    """Number of variables that one figure shows, at least, where some of a kind show fewer."""
    max_variables: int | None = None
    """Number of variables that it can show; None for `dimension`."""
    max_samples: int = limits.SAMPLES_PER_AXIS
    """Number of points along an axis that it can show."""
    max_points: int = limits.POINTS
    lines: tuple[Callable[[AnySpec], int], str] = (lambda spec: 1), ""
    """Number of lines with a colour and a width of their own, and what they are."""
    unused: tuple[Unused, ...] = ()
    always_used: tuple[str, ...] = ()
    """Fields that have an effect where those of other kinds have none."""
    equal_units: Callable[[AnySpec], bool] = lambda spec: False
    """Whether axes with equal units never fill the size that is asked for, for angles to be true."""
    default_interval: Callable[[AnySpec, str], Interval | None] = lambda spec, variable: None
    """The interval of a variable without a range; None for `default_range`."""
    point_count: Callable[[AnySpec], int] | None = None
    """Number of points in all; None for the product of the counts along the axes."""
    coordinates: Callable[[AnySpec], Sequence[str] | None] = lambda spec: None
    """Names of the coordinates of a function of a file; None for names by the options."""
    coordinate_count: Callable[[AnySpec], int] | None = None
    """Number of coordinates of a function of a file; None for `dimension`."""
    has_colour_bar: Callable[[AnySpec], bool] = lambda spec: False
    check: Callable[[AnySpec], None] = lambda spec: None
    """Raises SpecError for fields of the kind that do not fit each other."""
    files: Callable[[AnySpec], tuple[str, ...]] = lambda spec: ()
    """Files that the figure depends on, beside that of a function."""
    panel_count: Callable[[AnySpec], int] = lambda spec: 1
    """Number of panels beside each other, without a sweep."""
    own_panels: Callable[[AnySpec], str | None] = lambda spec: None
    """The field that gives the figure panels of its own, so that a sweep has none; "kind" for any figure."""
    frame_rate: Callable[[AnySpec], int | None] = lambda spec: None
    """Frames a second of an animation without a sweep; None if nothing would move."""
    frame_count: Callable[[AnySpec], int] = lambda spec: 1
    """Number of frames of an animation without a sweep, at most."""
    animation: str = ""
    """The field beside `animate` that animates the figure, such as "spin"."""
    swept_fields: Mapping[str, Callable[[AnySpec], str]] = field(default_factory=dict)
    """Fields of numbers that a sweep may name in place of a parameter, with their symbols in a picture."""
    at_value: Callable[[AnySpec, int], Mapping[str, Any]] = lambda spec, index: {}
    """Fields that change with the value of a sweep, beside the parameter."""
    slow: Callable[[AnySpec], Message | None] = lambda spec: None
    """A warning before something that takes long."""
    thinned: Callable[[AnySpec, int, int], Any] = lambda spec, width, height: spec
    """The spec with as many marks as can be told apart in a picture of some pixels."""


StyleName = Literal["default", "book", "paper", "dark"]

_SWEEP_SECONDS = 6.0  # length of an animation with few frames
_FRAME_RATES = (2, 15)  # frames a second of a sweep, at least and at most, unless asked for

_UNUSED = (
    Unused(
        ("step",),
        lambda spec: spec.method in ("exact", "complex") and not isinstance(spec.reading, FunctionOfFile),
        lambda spec: Message("with ", Ref("method", spec.method)),
    ),
    Unused(
        ("samples",),
        lambda spec: all(len(spec.interval(name)) > 2 for name in spec.reading.variables),
        Message("beside the steps of ", Ref("range")),
    ),
    Unused(("fps",), lambda spec: not spec.moves, Message("without ", Ref("animate"))),
    Unused(("transparent",), lambda spec: spec.moves, Message("on an animation")),
)


class Spec(Problem, ABC):
    """A figure as a value; each kind adds fields of its own and its traits.

    Raises SpecError (one problem a field) or ExpressionError, both RequestError, for invalid values.
    """

    traits: ClassVar[Traits]

    kind: str
    xlim: types.OptionalView = option("Limits of the x axis.", metavar="LO:HI", separator=":")
    ylim: types.OptionalView = option("Limits of the y axis.", metavar="LO:HI", separator=":")
    title: types.Label | None = option("Title (default: the formula).", metavar="TEXT")
    xlabel: types.Label | None = option("Label of the x axis.", metavar="TEXT")
    ylabel: types.Label | None = option("Label of the y axis.", metavar="TEXT")
    xticks: types.OptionalTicks = option("Ticks of the x axis.", metavar="A,B,... or LO:HI:STEP", closed=True)
    yticks: types.OptionalTicks = option("Ticks of the y axis.", metavar="A,B,... or LO:HI:STEP", closed=True)
    size: types.OptionalSize = option("Width and height, in inches or with a unit.", metavar="W[,H]")
    dpi: Annotated[types.Whole, Field(ge=limits.DPI[0], le=limits.DPI[1])] = option(
        "Resolution in dots per inch.", 150, metavar="N"
    )
    cmap: Annotated[str | None, BeforeValidator(check_colour_map)] = option(
        "Colour map of Matplotlib, such as magma.", metavar="NAME"
    )
    color: types.OptionalColours = option("Colour of the lines, or of each.", metavar="COLOR", repeat=True)
    linewidth: types.OptionalWidths = option(
        "Line width in points, or that of each.", metavar="PT", repeat=True
    )
    transparent: types.Switch = option("Leave the page transparent.", default=False)
    style: StyleName = option("Style of the figure.", "default")
    font: types.Font = types.FONT
    font_size: types.FontSize = types.FONT_SIZE
    grid: types.Switch | None = option("Draw grid lines.")
    sweep: types.Sweep = option(
        "Parameter and values, one panel or frame each.",
        FrozenDict,
        metavar="NAME=LO:HI:COUNT or NAME=A,B,...",
    )
    animate: types.Switch = option("Show the swept values as frames of a GIF.", default=False)
    fps: Annotated[types.OptionalWhole, Field(ge=1, le=limits.FRAME_RATE)] = option(
        "Frames per second.", metavar="N"
    )

    # Plain data --------------------------------------------------------------------------------------------

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set, defaults included, as plain data."""
        found = {name: getattr(self, name) for name in ("kind", *type(self).model_fields)}
        return {name: value for name, value in found.items() if value is not None and value != {}}

    @classmethod
    def default_of(cls, name: str) -> Any:
        """Return the default of a field, None for one that has none."""
        return cls.model_fields[name].get_default(call_default_factory=True, validated_data={})

    def to_json(self) -> str:
        """Return the spec as one line of JSON, the same for equal specs."""
        return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)

    # Names and points ------------------------------------------------------------------------------------

    @cached_property
    def reading(self) -> Expression | FunctionOfFile:
        """The expression as read: its tree, and as many free variables as the kind shows."""
        return read_expression(self)

    @property
    def parameters(self) -> Mapping[str, float]:
        """The numbers of the expression's parameters; of a swept one the first."""
        swept = {} if self.swept in self.traits.swept_fields else self.sweep
        return {**self.set, **{name: numbers[0] for name, numbers in swept.items()}}

    def interval(self, variable: str) -> Interval:
        """Return the sampled interval of a variable: (low, high) or (low, high, step)."""
        given = self.range
        if isinstance(given, dict):
            given = given.get(variable) or given.get(ALL)
        return given or self.traits.default_interval(self, variable) or self.traits.default_range

    def sample_counts(self) -> tuple[int, ...]:
        """Return the number of samples along each axis."""
        default = self.traits.default_samples
        given = self.samples or (default if isinstance(default, int) else default(self))
        counts = given if isinstance(given, tuple) else (given,) * len(self.reading.variables)
        steps = [self.interval(name) for name in self.reading.variables]
        return tuple(
            math.ceil((high - low) / step[0]) if step else count
            for count, (low, high, *step) in zip(counts, steps, strict=True)
        )

    def reach(self, variable: str) -> tuple[float, float]:
        """Return the first and the last sample along a variable; steps may end before the range does."""
        low, high, *step = self.interval(variable)
        count = self.sample_counts()[self.reading.variables.index(variable)]
        return low, low + step[0] * (count - 1) if step else high

    def point_count(self) -> int:
        """Return the number of points that are sampled."""
        counted = self.traits.point_count
        return math.prod(self.sample_counts()) if counted is None else counted(self)

    @property
    def has_colour_bar(self) -> bool:
        """Return whether there is a colour bar."""
        return self.traits.has_colour_bar(self)

    @property
    def colours(self) -> tuple[str, ...]:
        """The colours of lines that were given, in their order."""
        return (self.color,) if isinstance(self.color, str) else self.color or ()

    def line_widths(self, *defaults: float) -> tuple[float, ...]:
        """Return the widths of lines in points: those that were given, the last one for all others."""
        given = (self.linewidth,) if isinstance(self.linewidth, float) else self.linewidth or ()
        return tuple(given[min(i, len(given) - 1)] for i in range(len(defaults))) if given else defaults

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the figure depends on: that of a function, and those of arrays."""
        own = (self.expression.rpartition(":")[0],) if is_function_of_file(self.expression) else ()
        return (*own, *self.traits.files(self))

    # Sweeps and animation --------------------------------------------------------------------------------

    @property
    def swept(self) -> str | None:
        """The name of the swept parameter, None if there is no sweep."""
        return next(iter(self.sweep), None)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values of the swept parameter; none if there is no sweep."""
        return next(iter(self.sweep.values()), ())

    @cached_property
    def swept_from(self) -> Spec | None:
        """The sweep that this is a still of; None for any other figure."""
        return None

    def stills(self) -> list[Still]:
        """Return a spec for each value of a sweep: it is static, and shows that value alone."""
        return stills_of(self)

    @property
    def moves(self) -> bool:
        """Return whether the figure is an animation."""
        return self.animate or (self.traits.animation != "" and bool(getattr(self, self.traits.animation)))

    @property
    def default_rate(self) -> int | None:
        """Frames a second unless asked for; None if nothing would move."""
        if not self.sweep:
            return self.traits.frame_rate(self)
        low, high = _FRAME_RATES
        return min(max(round(len(self.numbers) / _SWEEP_SECONDS), low), high)

    @property
    def frame_rate(self) -> int | None:
        """Frames a second of an animation, None for a static figure."""
        return self.fps or self.default_rate if self.moves else None

    @property
    def frame_count(self) -> int:
        """Number of frames as an animation, at most: a path that diverges has fewer."""
        return len(self.numbers) or self.traits.frame_count(self)

    def animated(self) -> Self | None:
        """Return the spec of the same figure as an animation, None if nothing would move."""
        if self.moves or self.default_rate is None:
            return self if self.moves else None
        return type(self)(**{**self.to_dict(), "animate": True})

    @property
    def way_to_animate(self) -> Message:
        """The fields that would animate a static figure."""
        sweep = Message(Ref("sweep"), ", such as ", Ref("sweep", {"a": "1:5:20"}))
        return Message(Ref(self.traits.animation), " or ", sweep) if self.traits.animation else sweep

    @property
    def animated_by(self) -> str:
        """The field that animates the figure."""
        own = self.traits.animation
        return own if own and getattr(self, own) else "animate"

    def refuse_panels(self) -> None:
        """Raise RequestError for a sweep that cannot be shown in panels."""
        if self.sweep and (own := self.traits.own_panels(self)):
            given, way = Message("with ", Ref(own), " "), "leave out one of them, or add "
            if own == "kind":
                given, way = Message(), "add "
            has = f"a {self.kind} figure has panels of its own, and none for "
            raise RequestError(given, has, Ref("sweep"), "; ", way, Ref("animate", True))
        if len(self.numbers) > limits.PANELS:
            raise RequestError(
                f"{len(self.numbers)} values; a still picture has at most {limits.PANELS} panels; ",
                "take fewer, or ",
                Ref("animate", True),
                f", which shows up to {limits.FRAMES}",
            )

    # Warnings --------------------------------------------------------------------------------------------

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Warnings of choices made for the user, and of fields without effect."""
        return (*partner_warnings(self), *self.unused_warnings())

    def unused_warnings(self) -> Iterator[Message]:
        """Yield a warning for each condition under which fields that were given have no effect."""
        warned: set[str] = set()
        for names, why in self.unused():
            asked = [name for name in names if name not in warned and self._is_given(name)]
            warned |= {*asked}
            if asked:
                given = joined(" and ", [Message(Ref(name)) for name in asked])
                yield Message(given, f" {'has' if len(asked) == 1 else 'have'} no effect ", why)

    def unused(self) -> Iterator[tuple[tuple[str, ...], Message]]:
        """Yield the names of fields that have no effect beside the others, and why."""
        for one in (*_UNUSED, *self.traits.unused):
            if one.when(self) and not set(one.fields) <= set(self.traits.always_used):
                yield one.fields, one.why if isinstance(one.why, Message) else one.why(self)

    def _is_given(self, name: str) -> bool:
        value = getattr(self, name)
        return value is not False and value != self.default_of(name)

    def view_warnings(self) -> Iterator[Message]:
        """Yield the views along the axes of variables in which nothing of the figure lies."""
        for name, view_name, view in zip(
            self.reading.variables, ("xlim", "ylim"), (self.xlim, self.ylim), strict=False
        ):
            low, high, *_ = self.interval(name)
            if view and (view[1] <= low or high <= view[0]):
                drawn = f" shows nothing of the figure: {name} is drawn from {low:g} to {high:g}, which "
                yield Message(Ref(view_name), drawn, Ref("range"), " changes")

    # Checks between fields -------------------------------------------------------------------------------

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_names(self)
        dimension = len(self.reading.variables)
        if isinstance(self.samples, tuple) and len(self.samples) != dimension:
            axes = "1 axis" if dimension == 1 else f"{dimension} axes"
            raise fault("samples", f"this {self.kind} figure has {axes}, so one number will do")
        check_samples(self)
        if self.size and self.size[0] * self.size[-1] * self.dpi**2 > limits.PIXELS:
            lower = Ref("size"), " or ", Ref("dpi")
            raise fault("size", f"more than {limits.PIXELS:,} pixels; lower ", *lower)
        if len(self.numbers) * math.prod(self.sample_counts()) > limits.SWEEP_POINTS:
            raise fault("sweep", f"more than {limits.SWEEP_POINTS:,} points in all; lower ", Ref("samples"))
        if self.animate and self.default_rate is None:
            raise fault("animate", "nothing moves without ", self.way_to_animate)
        check_lines(self)
        self.traits.check(self)
        return self
