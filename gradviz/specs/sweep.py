"""What the figures share that can be drawn at several values of a parameter, in panels or as frames."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import Message, Ref, RequestError
from gradviz.language.reading import check_name
from gradviz.specs import types, values
from gradviz.specs.spec import Spec
from gradviz.specs.types import Converted, Field
from gradviz.specs.validation import fault
from gradviz.specs.values import FrozenDict, Option

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept

_SECONDS = 6.0  # that a round of few frames takes
_RATES = (2, 15)  # frames a second where none is asked for
_DIGITS = 4  # of a value in a title, more where two would be the same
_MOST_DIGITS = 17  # which tell any two numbers apart
_PLAIN = (1e-4, 1e5)  # numbers that are written without a power of ten


def sweep_of(value: object) -> FrozenDict[str, tuple[float, ...]]:
    """Return a parameter with its numbers, from such a mapping or from NAME=LO:HI:COUNT or NAME=A,B,...

    LO:HI:COUNT are COUNT numbers as numpy.linspace gives them, both ends among them.
    """
    if isinstance(value, str):
        name, equals, numbers_of = value.partition("=")
        value = {name.strip(): numbers_of} if equals else value
    if not isinstance(value, Mapping):
        raise RequestError(f"a sweep is NAME=LO:HI:COUNT or NAME=A,B,..., not {values.shown(value)}")
    if len(value) > 1:
        count = f"one parameter is swept, not {len(value)}; "
        raise RequestError(count, Ref("set"), " gives numbers to the others")
    return FrozenDict({check_name(str(key)): _swept(part) for key, part in value.items()})


def _swept(value: object) -> tuple[float, ...]:
    """Return two or more numbers that differ, from LO:HI:COUNT or from a list of them."""
    parts = value.split(":") if isinstance(value, str) and ":" in value else []
    if len(parts) not in (0, 3):
        raise RequestError(f"a sweep from {values.shown(value)} needs a count: LO:HI:COUNT")
    found = tuple(map(values.real, parts[:2])) if parts else values.reals(value)
    count = values.whole(parts[2]) if parts else len(found)
    if not 2 <= count <= limits.FRAMES:
        raise RequestError(f"a sweep has 2 to {limits.FRAMES} values, not {count:,}")
    if max(map(abs, found)) > limits.MAGNITUDE:
        raise RequestError(f"the values of {values.shown(value)} are larger than {limits.MAGNITUDE:g}")
    if parts:
        low, high = found
        step = (high - low) / (count - 1)
        found = (*(low + step * k for k in range(count - 1)), high)
    if len(set(found)) < count:
        raise RequestError(
            f"the values of {values.shown(value)} are not all different, so some panels would be equal"
        )
    return found


Sweep = Converted[
    str | Mapping[str, types.Numbers],
    Annotated[
        FrozenDict[str, tuple[float, ...]],
        types.made(sweep_of),
        types.schema(
            types.mapping_schema({"anyOf": [types.numbers_schema(2, limits.FRAMES), {"type": "string"}]})
        ),
    ],
]


class Still(NamedTuple):
    """One picture of a sweep."""

    spec: Spec
    label: str
    """The value of the parameter as it is told."""


class SweptSpec(Spec):
    """A figure that can be drawn at several values of a parameter of its expression."""

    sweep: Annotated[Sweep, Option(metavar="NAME=LO:HI:COUNT or NAME=A,B,...")] = Field(
        default_factory=FrozenDict,
        description="Parameter and values, one panel or frame each.",
    )
    animate: types.Switch = Field(default=False, description="Show the swept values as frames of a GIF.")
    fps: Annotated[types.OptionalWhole, Option(metavar="N"), Field(ge=1, le=limits.FRAME_RATE)] = Field(
        default=None, description="Frames per second."
    )

    # What is swept -----------------------------------------------------------------------------------

    @property
    def swept(self) -> str | None:
        """The name of the parameter, None if there is no sweep."""
        return next(iter(self.sweep), None)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The values of the parameter, none if there is no sweep."""
        return next(iter(self.sweep.values()), ())

    @property
    def parameters(self) -> Mapping[str, float]:
        """The numbers of the expression's parameters; of the one that is swept the first."""
        return {**self.set, **{name: numbers[0] for name, numbers in self.sweep.items()}}

    def stills(self) -> list[Still]:
        """Return a spec for each value of the sweep: it stands still, and shows that value alone."""
        fields = {**self.to_dict(), "sweep": {}, "animate": False, "fps": None}
        return [
            Still(type(self)(**{**fields, **self.at_value(place)}), label)
            for place, label in enumerate(spelled(self.numbers, fixed=bool(self.frame_rate)))
        ]

    def at_value(self, place: int) -> dict[str, Any]:
        """Return the fields that are others at one of the values."""
        return {"set": {**self.set, str(self.swept): self.numbers[place]}}

    def evaluate(self) -> Samples | Swept:
        """Evaluate all that the picture shows, at each value of a sweep if there is one."""
        if not self.sweep:
            return self.sample()
        from gradviz.sampling.samples import Swept, Together

        stills = self.stills()
        samples, told = [], []
        for spec, label in stills:
            try:
                samples.append(spec.sample())
            except RequestError as error:
                raise RequestError(f"at {self.swept} = {label}: ", error.message) from None
            told.append([note for note in samples[-1].notes if note not in spec.beyond(samples[-1])])
        beside = Together(tuple(samples))
        fine = Together(tuple(one.fine for one in samples if one.fine is not None))
        members = tuple(
            replace(one, beside=beside, notes=tuple(notes), fine=one.fine and replace(one.fine, beside=fine))
            for one, notes in zip(samples, told, strict=True)
        )
        labels = tuple(label for _, label in stills)
        notes = (*self._idle_notes(), *stills[0].spec.beyond(members[0]))
        return Swept(str(self.swept), self.numbers, labels, members, notes)

    # How it moves ------------------------------------------------------------------------------------

    @property
    def frame_rate(self) -> int | None:
        """How many frames a second a picture has that moves, None for one that stands still."""
        return self.fps or self.usual_rate() if self.moves else None

    @property
    def moves(self) -> bool:
        """Tell whether the picture moves."""
        return self.animate

    def usual_rate(self) -> int | None:
        """Return how many frames a second are usual, None where nothing would move."""
        if not self.sweep:
            return None
        low, high = _RATES
        return min(max(round(len(self.numbers) / _SECONDS), low), high)

    def moving(self) -> Spec | None:
        """Return the spec of the same picture, which moves, None where nothing would."""
        if self.moves or self.usual_rate() is None:
            return self if self.moves else None
        return type(self)(**{**self.to_dict(), "animate": True})

    @property
    def way_to_move(self) -> Message:
        """What would let a picture move that does not."""
        return Message(Ref("sweep"), ", such as ", Ref("sweep", {"a": "1:5:20"}))

    def told_ends(self, samples: Samples) -> Mapping[str, tuple[float, float]]:
        """Return the ends that a picture shows, by their labels, where its axes may have no room for them."""
        del samples
        return {}

    @property
    def panelled(self) -> str | None:
        """The option that gives a single picture panels of its own, None if it has one panel."""
        return None

    def refuse_still(self) -> None:
        """Raise RequestError for a sweep that cannot be shown in panels."""
        if self.sweep and self.panelled:
            raise RequestError(
                "with ",
                Ref(self.panelled),
                f" a {self.kind} figure has panels of its own, and none for ",
                Ref("sweep"),
                "; leave out one of them, or add ",
                Ref("animate", True),
            )
        if len(self.numbers) > limits.PANELS:
            raise RequestError(
                f"{len(self.numbers)} values; a still picture has at most {limits.PANELS} panels; ",
                "take fewer, or ",
                Ref("animate", True),
                f", which shows up to {limits.FRAMES}",
            )

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield what has no effect: a picture that stands still has no speed."""
        yield from super().idle()
        if not self.moves:
            yield "fps", Message("without ", Ref("animate"))

    # Checks between fields ---------------------------------------------------------------------------

    def check_names(self) -> None:
        """Raise SpecError for a name that has two meanings."""
        super().check_names()
        for name in self.sweep:
            for other in ("set", "fix"):
                if name in getattr(self, other):
                    number = Message(f"'{name}' has a number by ", Ref(other), " already")
                    raise fault("sweep", number, "; leave one of them out")
            if name in (self.vars or ()) or name in self._ranged():
                raise fault("sweep", f"'{name}' is a variable of the picture, and no parameter")

    def check_partner(self, name: str) -> None:
        """Raise SpecError if the natural partner of the variables is swept: x0 beside x1."""
        if name in self.sweep:
            raise fault("sweep", f"'{name}' is a variable of the picture; without it too few are left")

    @model_validator(mode="after")
    def _check_sweep(self) -> Self:
        if len(self.numbers) * math.prod(self.sample_counts()) > limits.SWEEP_POINTS:
            raise fault("sweep", f"more than {limits.SWEEP_POINTS:,} points in all; lower ", Ref("samples"))
        if self.animate and self.usual_rate() is None:
            raise fault("animate", "nothing moves without ", self.way_to_move)
        return self


def spelled(numbers: tuple[float, ...], *, fixed: bool) -> list[str]:
    """Return numbers as they are told, no two the same; `fixed` gives all as many decimals."""
    if fixed and all(number == 0 or _PLAIN[0] <= abs(number) < _PLAIN[1] for number in numbers):
        ordered = sorted(numbers)
        apart = min(high - low for low, high in itertools.pairwise(ordered))
        decimals = max(0, 1 - math.floor(math.log10(apart)))
        short = [f"{number:.{decimals}f}" for number in numbers]
        while decimals and all(text.endswith("0") for text in short):
            decimals -= 1
            short = [f"{number:.{decimals}f}" for number in numbers]
        if len({*short}) == len(numbers) and decimals < _MOST_DIGITS:
            return short
    for digits in range(_DIGITS, _MOST_DIGITS):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len({*texts}) == len(numbers):
            return texts
    return [f"{number:.{_MOST_DIGITS}g}" for number in numbers]
