"""Enclosures of an expression and its derivatives over boxes of points, in ball arithmetic.

The function enclosed is the formula as typed, and nothing in it is rounded: 1/3 is one third. So the syntax
tree is evaluated, not the compiled program. A decimal or a named constant is read as typed, as its double, or
as a ball that contains both.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from flint import arb, ctx

from gradviz.fields.operations import OPERATIONS
from gradviz.fields.series import Series, ring
from gradviz.language.reading import Expression
from gradviz.language.tree import Node, Num, Op

Reading = Literal["typed", "double", "both"]
"""How the numbers of an expression are read."""


@contextlib.contextmanager
def precision(bits: int) -> Iterator[None]:
    """Set the precision of balls inside; the rounding of each operation is in their radius."""
    with ctx.workprec(bits):
        yield


def bounds(ball: arb) -> tuple[float, float]:
    """Return doubles below and above all numbers in a ball; infinite ones for a ball that is NaN."""
    if ball.is_nan():
        return -math.inf, math.inf
    return 0.0 - _above(-ball), 0.0 + _above(ball)  # 0 instead of -0


def _above(ball: arb) -> float:
    """Return a double that is at least the upper bound of a ball, within two units of the last place."""
    upper = ball.upper()
    found = float(upper)
    while not (found == math.inf or arb(found) >= upper):
        found = math.nextafter(found, math.inf)
    return found


def interval(low: float, high: float) -> arb:
    """Return a ball that contains an interval between doubles; the double itself if both are equal."""
    return arb(low) if low == high else arb(low).union(arb(high))


@dataclass(frozen=True)
class Step:
    """An operation on results of earlier steps, a variable or a number."""

    name: str
    arguments: tuple[int, ...] = ()
    value: float = 0.0
    """The number as a double, or the position of the variable."""
    text: str = ""
    """The number as typed, or its name."""

    def number(self, reading: Reading) -> arb:
        """Return the number in the present precision."""
        as_double = arb(self.value)
        if reading == "double" or not self.text:
            return as_double
        if self.text in ("pi", "tau"):
            as_typed = arb.pi() * (2 if self.text == "tau" else 1)
        else:
            as_typed = arb.const_e() if self.text in ("e", "E") else arb(self.text)
        return as_typed if reading == "typed" else as_typed.union(as_double)


@dataclass(frozen=True)
class Enclosure:
    """A function of D variables as steps, equal parts of which are evaluated once."""

    count: int
    steps: tuple[Step, ...]
    reading: Reading = "both"

    def series(self, box: Sequence[arb], degree: int, active: Sequence[int] | None = None) -> Series:
        """Return the Taylor series over a box of D balls up to a degree, in the active variables.

        By default all variables are active. The other ones are constants.
        """
        active = range(self.count) if active is None else active
        algebra = ring(len(active), degree)
        results: list[Any] = []
        for step in self.steps:
            if step.name == "number":
                results.append(algebra.constant(step.number(self.reading)))
            elif step.name == "variable":
                place = int(step.value)
                fixed = place not in active
                results.append(
                    algebra.constant(box[place])
                    if fixed
                    else algebra.variable(active.index(place), box[place])
                )
            else:
                arguments = [results[argument] for argument in step.arguments]
                results.append(OPERATIONS[step.name](algebra, *arguments))
        found: Series = results[-1]
        return found


def enclosure(expression: Expression, reading: Reading = "both") -> Enclosure:
    """Return the enclosure of an expression, undefined outside its region, in a reading of its numbers."""
    tree = expression.tree
    if expression.region is not None:
        outside = Op("undefined", (), tree.start, tree.stop)
        tree = Op("where", (expression.region.tree, tree, outside), tree.start, tree.stop)
    known: dict[Step, int] = {}

    def number_of(node: Node) -> int:
        if isinstance(node, Num):
            step = Step("number", value=node.value, text=node.text)
        elif isinstance(node, Op):
            step = Step(node.name, tuple(map(number_of, node.args)))
        elif node.name in expression.parameters:
            step = Step("number", value=expression.parameters[node.name])
        else:
            step = Step("variable", value=expression.variables.index(node.name))
        return known.setdefault(step, len(known))

    last = number_of(tree)
    steps = tuple(known)
    return Enclosure(len(expression.variables), steps[: last + 1], reading)
