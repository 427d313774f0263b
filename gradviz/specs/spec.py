"""What all kinds of figures share: one frozen value that says all there is to say about a picture.

Flags, a preset, a call from Python and the text inside a finished picture are four ways to write a spec. No
module is imported here that a refusal would have to wait for: NumPy, SymPy and Matplotlib come in only when
something is sampled or drawn.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from pydantic import model_validator

from gradviz import limits
from gradviz.errors import ExpressionError, Message, Ref, RequestError, joined
from gradviz.language.reading import (
    Expression,
    FunctionOfFile,
    coordinates_of,
    is_function_of_file,
    read,
    read_function,
)
from gradviz.language.tables import natural_order
from gradviz.specs.fields import Fields
from gradviz.specs.validation import fault
from gradviz.specs.values import ALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from gradviz.calculus import Gradient
    from gradviz.fields.scalar import ScalarField
    from gradviz.sampling.samples import Samples, Swept
    from gradviz.scene.style import Style

_RESOLUTION = 1e-15  # relative: points that are closer are the same in double precision
_NO_FORMULA = "the function has no formula, so its gradient is by adaptive differences"
_PARTNERS = {"x0": "x1", "x1": "x0", "y": "x"}


class Spec(Fields, ABC):
    """A figure as a value. Each kind adds its own fields, `sample` and `draw`.

    Raises SpecError (one fault a field) or ExpressionError, both RequestError, for values that cannot be.
    """

    dimension: ClassVar[int]
    """How many variables the picture shows, at the least."""
    most_variables: ClassVar[int | None] = None
    """How many it may show, where that is more."""
    default_range: ClassVar[tuple[float, float]] = (-2.0, 2.0)
    default_samples: ClassVar[int]
    most_samples: ClassVar[int] = limits.SAMPLES_PER_AXIS
    """How many points along an axis the kind can show."""
    most_points: ClassVar[int] = limits.POINTS
    """How many points in all."""

    @abstractmethod
    def sample(self) -> Samples:
        """Evaluate the field where the picture needs it."""

    @abstractmethod
    def draw(self, figure: Figure, samples: Samples, style: Style) -> None:
        """Draw what was sampled onto an empty figure."""

    @abstractmethod
    def depicts(self, samples: Samples) -> str:
        """Return in words what kind of picture this is and what is drawn in it beside the function."""

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the picture depends on, beside the spec: that of a function of the user's own."""
        return (self.expression.rpartition(":")[0],) if is_function_of_file(self.expression) else ()

    @property
    def frame_rate(self) -> int | None:
        """How many frames a second a picture has that moves, None for one that stands still."""
        return None

    def moving(self) -> Spec | None:
        """Return the spec of the same picture, which moves, None for a kind that cannot."""
        return None

    @property
    def moves_by(self) -> str:
        """The field that lets the picture move."""
        return "animate"

    @property
    def way_to_move(self) -> str:
        """What would let a picture move that does not, nothing for a kind that cannot."""
        return ""

    def refuse_still(self) -> None:
        """Raise RequestError for a picture that must move to be seen."""

    def evaluate(self) -> Samples | Swept:
        """Evaluate all that the picture shows, at each value of a sweep if there is one."""
        return self.sample()

    def beyond(self, samples: Samples) -> tuple[str, ...]:
        """Say which values of the samples the picture does not show."""
        del samples
        return ()

    def unplaced(self, figure: Figure) -> tuple[str, ...]:
        """Say what was asked for and has found no place in the picture."""
        del figure
        return ()

    def in_pixels(self, width: int, height: int) -> Spec:  # noqa: ARG002 - for kinds whose marks take room
        """Return the spec of the same picture with as many marks as can be told apart in so few pixels."""
        return self

    # What the names mean -----------------------------------------------------------------------------

    @property
    def parameters(self) -> Mapping[str, float]:
        """The numbers of the expression's parameters."""
        return self.set

    @cached_property
    def reading(self) -> Expression | FunctionOfFile:
        """The expression as read: its tree, and as many free variables as the kind shows."""
        if is_function_of_file(self.expression):
            return self._function_of_file()
        parameters = {**self.parameters, **self.fix}
        ranged = self._ranged()
        try:
            first = read(
                self.expression, variables=self.vars, parameters=parameters, declared=ranged, where=self.where
            )
        except ExpressionError as error:
            if error.text == self.where != self.expression:
                raise fault("where", error.message) from None
            raise
        shown = [*first.variables, *(name for name in ranged if name not in first.variables)]
        self._refuse_too_many(shown)
        return replace(first, variables=tuple(self._with_partners(shown)))

    def _function_of_file(self) -> FunctionOfFile:
        """Return a function whose variables are those named by the options, and x0, x1, ... for the rest."""
        names = self.names_of_file()
        found = read_function(
            self.expression, coordinates=names, parameters=self.parameters, held=self.fix, where=self.where
        )
        for name in self._ranged():
            if name not in names:
                raise fault("range", f"'{name}' is not among the variables {', '.join(names)}")
        self._refuse_too_many(list(found.variables))
        if len(found.variables) < self.dimension:
            raise RequestError(
                f"a {self.kind} figure shows {self.dimension} variables, not {len(found.variables)}: "
                f"{', '.join(found.variables) or 'all have a number'}; name them with ",
                Ref("vars"),
            )
        return found

    def names_of_file(self) -> Sequence[str]:
        """Return the names of the coordinates that a point of a function of a file has."""
        known = self._ranged() or (["x"] if self.dimension == 1 and not self.fix else [])
        known = self._with_partners(known) if known else []
        return self.vars or coordinates_of(known, self.fix, self.coordinate_count())

    def coordinate_count(self) -> int:
        """Return how many coordinates without a number a point of a function of a file has, if not told."""
        return self.dimension

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided for the user, or asked for in vain, and should be said."""
        return (*self._partner_notes(), *self._idle_notes())

    def _partner_notes(self) -> Iterator[str]:
        if isinstance(self.reading, FunctionOfFile):
            if self.method == "exact":
                yield _NO_FORMULA
            return
        typed = {*self.reading.names, *(self.vars or ()), *self._ranged()}
        shown = self.reading.variables
        alone = [name for name in shown if name in typed]
        if self.dimension > 1 and len(alone) < len(shown):
            what = f"the expression has one variable, {alone[0]}" if alone else "the expression is a constant"
            yield f"{what}; drawn over {' and '.join(shown)}"

    def views_beside(self) -> Iterator[str]:
        """Yield the views along the axes of variables in which nothing of the figure lies."""
        for letter, name in zip("xy", self.reading.variables, strict=False):
            low, high, *_ = self.interval(name)
            view = getattr(self, f"{letter}lim", None)
            if view and (view[1] <= low or high <= view[0]):
                drawn = f"{name} is drawn from {low:g} to {high:g}"
                shown = f" shows nothing of the figure: {drawn}, which "
                yield Message(Ref(f"{letter}lim"), shown, Ref("range"), " changes")

    @property
    def ahead(self) -> str:
        """What takes long and should be said before it is begun, mostly nothing."""
        return ""

    def idle(self) -> Iterator[tuple[str, str]]:
        """Yield the names of fields that have no effect beside the others, and why; a kind adds its own."""
        of_formula = self.method in ("exact", "complex") and not isinstance(self.reading, FunctionOfFile)
        if of_formula:
            yield "step", Message("with ", Ref("method", self.method))
        if all(len(self.interval(name)) > 2 for name in self.reading.variables):
            yield "samples", Message("beside the steps of ", Ref("range"))

    def _idle_notes(self) -> Iterator[str]:
        told: list[str] = []
        for names, why in self.idle():
            fields = {name: getattr(self, name) for name in names.split() if name not in told}
            asked = [name for name, v in fields.items() if v is not False and v != self.default_of(name)]
            told += asked
            if asked:
                given = joined(" and ", [Message(Ref(name)) for name in asked])
                yield Message(given, f" {'has' if len(asked) == 1 else 'have'} no effect ", why)

    def _ranged(self) -> list[str]:
        return [name for name in self.range if name != ALL] if isinstance(self.range, dict) else []

    def _refuse_too_many(self, shown: list[str]) -> None:
        most = self.most_variables or self.dimension
        held = shown[most:]
        if not held:
            return
        pairs = ("\nor draw all pairs of them: ", Ref("kind", "pairs"))
        count = "one variable" if most == 1 else f"{most} variables"
        raise RequestError(
            f"a {self.kind} figure shows {count}, not {len(shown)} ({', '.join(shown)}); hold some: ",
            Ref("fix", dict.fromkeys(held, 0)),
            *(pairs if len(shown) <= limits.PAIRED_VARIABLES else ()),
        )

    def _with_partners(self, shown: list[str]) -> list[str]:
        """Add the natural partners of the variables: x1 beside x0, x beside y, else y."""
        while len(shown) < self.dimension:
            natural = _PARTNERS.get(shown[0], "y") if shown else "x"
            self.check_partner(natural)
            taken = {*shown, *self.parameters, *self.fix}
            shown = [*shown, next(name for name in (natural, *"yxztuvw") if name not in taken)]
        return shown if self.vars is not None else sorted(shown, key=natural_order)

    def check_partner(self, name: str) -> None:
        """Raise SpecError if a name cannot be the natural partner of the variables."""

    def interval(self, variable: str) -> tuple[float, ...]:
        """Return the sampled interval of a variable: (low, high) or (low, high, step)."""
        if isinstance(self.range, dict):
            return self.range.get(variable) or self.range.get(ALL) or self.usual_range()
        return self.range or self.usual_range()

    def usual_range(self) -> tuple[float, float]:
        """Return the sampled interval of a variable where none is given."""
        return self.default_range

    def usual_samples(self) -> int:
        """Return the number of samples along an axis where none is given."""
        return self.default_samples

    def sample_counts(self) -> tuple[int, ...]:
        """Return the number of samples along each axis."""
        given = self.samples or self.usual_samples()
        counts = given if isinstance(given, tuple) else (given,) * len(self.reading.variables)
        found = []
        for variable, count in zip(self.reading.variables, counts, strict=True):
            low, high, *step = self.interval(variable)
            found.append(math.ceil((high - low) / step[0]) if step else count)
        return tuple(found)

    def reach(self, variable: str) -> tuple[float, float]:
        """Return the first and the last sample along a variable; steps may stop short of the range's end."""
        low, high, *step = self.interval(variable)
        count = self.sample_counts()[self.reading.variables.index(variable)]
        return low, low + step[0] * (count - 1) if step else high

    def point_count(self) -> int:
        """Return how many points are sampled."""
        return math.prod(self.sample_counts())

    def usual_size(self, style: Style) -> tuple[float, float]:
        """Return the width and the height in inches for which a style's letters are made."""
        return style.size

    # Checks between fields ---------------------------------------------------------------------------

    @model_validator(mode="after")
    def _check(self) -> Spec:
        self.check_names()
        dimension = len(self.reading.variables)
        if isinstance(self.samples, tuple) and len(self.samples) != dimension:
            axes = "1 axis" if dimension == 1 else f"{dimension} axes"
            raise fault("samples", f"this {self.kind} figure has {axes}, so one number will do")
        self._check_samples()
        if self.size and math.prod(self.size) * self.dpi**2 > limits.PIXELS:
            raise fault(
                "size", f"more than {limits.PIXELS:,} pixels; lower ", Ref("size"), " or ", Ref("dpi")
            )
        return self

    def check_names(self) -> None:
        """Raise SpecError for a name that has two meanings."""
        for name in self.fix:
            if name in self.set:
                given = Message("by ", Ref("set"), " and by ", Ref("fix"))
                raise fault("fix", f"'{name}' is given ", given, "; one of them is enough")
        for name in self._ranged():
            if name in self.set or name in self.fix:
                raise fault("range", f"'{name}' has a number already, so its range has no meaning")

    def _check_samples(self) -> None:
        for name, count in zip(self.reading.variables, self.sample_counts(), strict=True):
            low, high, *step = self.interval(name)
            if count > self.most_samples:
                field = "range" if step else "samples"
                problem = (
                    f"a {self.kind} figure shows at most {self.most_samples} points along {name}, "
                    f"not {count:,}"
                )
                raise fault(field, f"{problem}; lower ", Ref("samples"), " or widen the step")
            if (high - low) / count < _RESOLUTION * max(abs(low), abs(high)):
                raise fault("range", f"{count:,} points of {name} so close together would not differ")
        if self.point_count() > self.most_points:
            raise fault("samples", f"more than {self.most_points:,} points; lower ", Ref("samples"))

    # For the kinds -----------------------------------------------------------------------------------

    def field(self) -> ScalarField:
        """Return the function of points (..., dimension) that is drawn."""
        if isinstance(self.reading, FunctionOfFile):
            from gradviz.userfunc import field_of_points

            return field_of_points(self.reading, [self.interval(name) for name in self.reading.variables])
        from gradviz.fields.field import Field as FormulaField

        return FormulaField(self.reading)

    def gradient_of(self, field: ScalarField) -> Gradient:
        """Return the field's gradient by the figure's method, its steps scaled to the figure's ranges.

        Where a function has no formula, what is as near to exact as can be had are adaptive differences.
        """
        from gradviz.calculus.regions import gradient_within

        intervals = map(self.interval, self.reading.variables)
        scale = tuple(high - low for low, high, *_ in intervals)
        method = "adaptive" if self.method == "exact" and not field.has_formula else self.method
        return gradient_within(field, method=method, step=self.step, scale=scale)
