"""Source code of a field and of its derivatives: functions of NumPy for reading, which are not run here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gradviz.errors import ExpressionError, RequestError
from gradviz.fields.formula import derivative, symbol
from gradviz.fields.symbolic import Symbolic
from gradviz.fields.text import described
from gradviz.language.reading import Expression, read
from gradviz.language.tree import Node
from gradviz.printing.numpy_functions import NumpyFunctions, definitions, is_total
from gradviz.printing.numpy_source import NumpySource, number
from gradviz.process import symbolic_stage

_MAX_CHARACTERS = 160  # length of a derivative that is written out
_STEP_SHARE = 1e-5  # step of differences, as a share of the shortest interval
_HESSIAN_STEP_SHARE = 1e-4  # step of differences of a gradient, as a share of the shortest interval

Lines = list[str]


@dataclass(frozen=True)
class FieldSource:
    """Printer of a field over some intervals, with a method and a step of its gradient."""

    expression: Expression
    intervals: tuple[tuple[float, ...], ...]
    method: str
    step: float | None
    """The step of differences; None for one that suits the intervals."""
    printer: NumpySource
    wanders: bool
    """Whether points far outside of the intervals are evaluated."""

    @cached_property
    def is_quiet(self) -> bool:
        """Return whether NumPy may warn of undefined values, so that functions return NaN for them."""
        region = self.expression.region
        trees = [self.expression.tree, *([region.tree] if region else []), *self.slopes]
        return self.wanders or not all(map(is_total, trees))

    @cached_property
    def slopes(self) -> list[Node]:
        """The exact partial derivatives; none where differences are taken, or where one of them is long."""
        if self.method not in ("exact", "complex"):
            return []
        slopes = Symbolic(self._open).derivatives[: len(self.intervals)]
        with symbolic_stage():
            return self._read([text for text, _ in described(slopes, exact=True)])

    @property
    def difference_step(self) -> float:
        """The step of differences."""
        return self.step or float(f"{_STEP_SHARE * self._scale:.0e}")

    def functions(self) -> list[Lines]:
        """Return f and, with a region, `inside` and `masked`, which is NaN outside, after what they need."""
        functions, region = self._functions, self.expression.region
        at = f" at points p {functions.shape}" if len(self.intervals) > 1 else ""
        lines = functions.function("f", self.expression.tree, f"Return the function{at}.")
        found = [*definitions([self.expression.tree]), lines]
        if region is not None:
            argument = functions.argument
            summary = "Return whether points are in the region."
            masked = [
                f"def masked({argument}):",
                '    """Return the function in its region, and NaN outside."""',
                f"    return np.where(inside({argument}), f({argument}), np.nan)",
            ]
            found += [
                *definitions([region.tree]),
                functions.condition("inside", region.tree, summary),
                masked,
            ]
        return found

    def gradient(self) -> list[Lines]:
        """Return the gradient, or the derivative by one variable, after what it needs."""
        if not self.slopes:
            return [self._functions.differences(number(self.difference_step))]
        return [*definitions(self.slopes), self._functions.gradient(self.slopes)]

    def hessian(self) -> list[Lines]:
        """Return the second derivatives at one point, after what they need."""
        names = self.expression.variables
        slopes = Symbolic(self._open).derivatives[: len(names)]
        with symbolic_stage():
            seconds = [[derivative(slope, symbol(name)) for name in names] for slope in slopes]
            rows = [self._read([text for text, _ in described(row, exact=True)]) for row in seconds]
        if not all(rows):
            return [self._functions.second_differences(f"{_HESSIAN_STEP_SHARE * self._scale:.0e}")]
        return [*definitions([tree for row in rows for tree in row]), self._functions.hessian(rows)]

    @property
    def _functions(self) -> NumpyFunctions:
        return NumpyFunctions(self.printer, self.expression.variables, self.is_quiet)

    @property
    def _scale(self) -> float:
        return min(high - low for low, high, *_ in self.intervals)

    @property
    def _open(self) -> Expression:
        """The expression with its parameters as variables, so that derivatives keep their names."""
        names = (*self.expression.variables, *self.expression.parameters)
        return replace(self.expression, variables=names, parameters={}, region=None)

    def _read(self, texts: Sequence[str]) -> list[Node]:
        """Return the trees of derivatives; none if one of them is long."""
        if not all(texts) or max(map(len, texts)) > _MAX_CHARACTERS:
            return []
        try:
            return [read(text, variables=self._open.variables).tree for text in texts]
        except (ExpressionError, RequestError):
            return []
