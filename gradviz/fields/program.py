"""Straight-line programs of array operations, with common subexpressions computed once.

No source code is generated, compiled or evaluated: an instruction names an operation of a fixed table, and
its arguments are constants and results of earlier instructions.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np

from gradviz.fields import special

Array = special.Array


def _where(*parts: Array) -> Array:
    """Return the value behind the first true condition: `parts` are condition, value, ..., default."""
    value = parts[-1]
    for index in range(len(parts) - 3, -1, -2):
        value = np.where(parts[index], parts[index + 1], value)
    return value


def _pick(*parts: Array) -> Array:
    """Return the slope of the largest value, or the mean at a tie: `parts` are values, then their slopes."""
    values, slopes = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    largest = values[0]
    for value in values[1:]:
        largest = np.maximum(largest, value)
    total: Array | float = 0.0
    count: Array | float = 0.0
    for value, slope in zip(values, slopes, strict=True):
        tied = np.equal(value, largest)
        total, count = total + np.where(tied, slope, 0.0), count + tied
    return np.asarray(total / count)


def _defined(value: Array, part: Array) -> Array:
    """Return values where a part of the formula is finite, and NaN elsewhere."""
    return np.where(np.isfinite(part), value, np.nan)


def _complex_power(base: Array, exponent: Array) -> Array:
    """Return b^e for tiny imaginary parts; NumPy's own would take the logarithm of a negative base."""
    b, e = np.real(base), np.real(exponent)
    value = np.power(b, e)
    imaginary = e * np.power(b, e - 1) * np.imag(base)
    if np.any(np.imag(exponent)):
        imaginary = imaginary + np.where(np.imag(exponent) == 0, 0.0, value * np.log(b) * np.imag(exponent))
    return np.asarray(value + 1j * imaginary)


def _step(function: Callable[..., Array], slope: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Return the extension of a real function to x + ih for tiny h, f(x) + ih f'(x) to the last digit."""
    return lambda z: function(z.real) + 1j * z.imag * slope(z.real)


Operations = Mapping[str, Callable[..., Any]]  # from arrays, or from numbers for bounds, to the same

REAL: Operations = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "negative": np.negative, "square": np.square, "power": np.power, "sqrt": np.sqrt, "cbrt": np.cbrt,
    "exp": np.exp, "log": np.log, "log2": np.log2, "log10": np.log10,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "hypot": np.hypot, "erf": special.erf,
    "sigmoid": special.sigmoid, "softplus": lambda x: np.logaddexp(0.0, x), "logsumexp": np.logaddexp,
    "sinc": special.sinc, "bessel": special.bessel,
    "normal": special.normal, "elu": special.elu, "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "ceil": np.ceil, "mod": np.mod, "floordiv": np.floor_divide,
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "max": np.maximum, "min": np.minimum, "pick": _pick, "where": _where,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    "true": lambda: np.asarray(True), "false": lambda: np.asarray(False),
    "undefined": lambda: np.asarray(np.nan), "defined": _defined,
}  # fmt: skip

_LOST_NUMERATOR = 1e28  # a larger number over one above 1.8e308 may be a value that matters


def _divide(above: Array, below: Array) -> Array:
    """Return a quotient, NaN where the denominator overflows and a large numerator does not."""
    lost = np.isinf(below) & (np.abs(above) > _LOST_NUMERATOR)
    return np.where(lost, np.nan, np.divide(above, below))


OVERFLOWING: Operations = {**REAL, "divide": _divide}
"""Operations for points at which one of them overflows: cosh(x)/cosh(x + 1) is not 0 at 710."""

CAN_OVERFLOW = ("add", "subtract", "multiply", "divide", "square", "power", "exp", "sinh", "cosh")
"""Operations with infinite results for finite arguments; `divide` and `power` have poles, too."""

# Operations that can write their result into a given array of float64.
_WITH_OUT = frozenset(
    name for name, function in REAL.items() if {"d->d", "dd->d"} & set(getattr(function, "types", ()))
)

_ANALYTIC = (
    "add subtract multiply divide negative square exp log log2 log10 sin cos tan atan sinh cosh tanh asinh"
)
COMPLEX: Operations = {
    **{name: REAL[name] for name in _ANALYTIC.split()},
    "power": _complex_power,
    "defined": _defined,
    "hypot": lambda x, y: np.sqrt(x * x + y * y),
    # NumPy's versions return complex values outside the real domain, where these return NaN.
    "sqrt": _step(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "asin": _step(np.arcsin, lambda x: 1 / np.sqrt((1 - x) * (1 + x))),
    "acos": _step(np.arccos, lambda x: -1 / np.sqrt((1 - x) * (1 + x))),
    "acosh": _step(np.arccosh, lambda x: 1 / np.sqrt((x - 1) * (x + 1))),
    "atanh": _step(np.arctanh, lambda x: 1 / ((1 - x) * (1 + x))),
    "cbrt": _step(np.cbrt, lambda x: 1 / (3 * np.square(np.cbrt(x)))),
    "erf": _step(special.erf, lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "sigmoid": _step(special.sigmoid, lambda x: special.sigmoid(x) * special.sigmoid(-x)),
    "softplus": _step(REAL["softplus"], special.sigmoid),
    "sinc": _step(special.sinc, lambda x: -special.bessel(x, 1)),
    "bessel": special.complex_bessel,
    "normal": _step(special.normal, lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi)),
    "logsumexp": special.complex_logsumexp,
}


def _constant_bound(bound: float) -> Callable[[float], float]:
    """Return a bound that is the same for all finite arguments, and NaN for an infinite one."""
    return lambda x: bound + 0 * x


def _add_one(x: float) -> float:
    return abs(x) + 1


def _sum(x: float, y: float) -> float:
    return abs(x) + abs(y)


# Bounds on the magnitude of a result, given bounds on the magnitudes of the arguments. Only operations that
# are defined for all finite arguments have one.
BOUNDS: Operations = {
    "add": _sum, "subtract": _sum, "hypot": _sum, "max": _sum, "min": _sum,
    "multiply": lambda x, y: abs(x * y), "square": lambda x: x * x, "negative": abs, "abs": abs,
    "floor": _add_one, "ceil": _add_one, "softplus": _add_one, "cbrt": _add_one, "asinh": _add_one,
    "exp": lambda x: np.exp(abs(x)), "sinh": np.cosh, "cosh": np.cosh, "atan": _constant_bound(2.0),
    "logsumexp": lambda x, y: _sum(x, y) + 1, "elu": _sum, "bessel": lambda x, _: 1 + 0 * x,
    **dict.fromkeys(
        ("sinc", "normal", "sin", "cos", "tanh", "erf", "sigmoid", "sign", "heaviside"), _constant_bound(1.0)
    ),
}  # fmt: skip

_DEGREES: Mapping[str, Callable[..., float]] = {
    "add": max, "subtract": max, "multiply": operator.add, "square": lambda x: 2 * x, "negative": lambda x: x,
}  # fmt: skip
_CONDITIONS = frozenset(("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "true", "false"))
_SAFE = 1e300  # largest bound that proves a finite output: below 1.8e308, since bounds are rounded, too
_TRIED_MAGNITUDES = (1e6, 1e3, 1e2, 10.0, 5.0)  # coordinates for which bounds are computed once


@dataclass(frozen=True)
class Instruction:
    """An array operation whose arguments are registers (int) and constants (float)."""

    operation: str
    arguments: tuple[int | float, ...]


@dataclass(frozen=True)
class Program:
    """A sequence of instructions, and the registers or constants that are its outputs.

    Registers 0 to inputs - 1 hold the coordinates of the points; instruction k writes register inputs + k.
    """

    inputs: int
    instructions: tuple[Instruction, ...]
    outputs: tuple[int | float, ...]

    def to_plain(self) -> dict[str, object]:
        """Return the program as plain data."""
        steps = [[step.operation, *step.arguments] for step in self.instructions]
        return {"inputs": self.inputs, "instructions": steps, "outputs": list(self.outputs)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], inputs: int, outputs: int) -> Program:
        """Return the program that `to_plain` wrote.

        Raises ValueError, KeyError or TypeError if `plain`, untrusted JSON, is malformed: an operation is not
        in the table or has another number or other types of arguments, an argument is neither a finite number
        nor an earlier register, or the number of outputs is not `outputs`.
        """
        steps: list[Instruction] = []
        masks: set[int | float] = set()
        for operation, *arguments in plain["instructions"]:
            written = inputs + len(steps)
            if not _has_arity(operation, len(arguments)) or not all(_is_valid(a, written) for a in arguments):
                raise ValueError(operation)
            if not _has_operands(operation, arguments, masks):
                raise TypeError(operation)
            if operation in _CONDITIONS:
                masks.add(written)
            steps.append(Instruction(operation, tuple(arguments)))
        results = tuple(plain["outputs"])
        if len(results) != outputs or not all(_is_valid(result, inputs + len(steps)) for result in results):
            raise ValueError(results)
        return cls(inputs, tuple(steps), results)

    @property
    def analytic(self) -> bool:
        """Return whether every operation is analytic, as the complex-step derivative requires."""
        return all(instruction.operation in COMPLEX for instruction in self.instructions)

    @property
    def degree(self) -> float:
        """The degree of the first output as a polynomial of the coordinates, infinite if it is none."""
        degrees: list[float] = [1] * self.inputs
        for step in self.instructions:
            given = [degrees[argument] if isinstance(argument, int) else 0 for argument in step.arguments]
            rule = _DEGREES.get(step.operation)
            degrees.append(rule(*given) if rule else math.inf)
        output = self.outputs[0]
        return degrees[output] if isinstance(output, int) else 0

    def run(self, coordinates: Sequence[Array | float], operations: Operations = REAL) -> list[Array]:
        """Return the outputs for D coordinates whose shapes broadcast; a constant output has the shape ()."""
        return list(map(np.asarray, self.evaluate(coordinates, operations)))

    def evaluate(self, coordinates: Sequence[Any], operations: Operations) -> list[Any]:
        """Return the outputs in the type of number of the coordinates and operations, or as constants."""
        # Any: arrays, numbers for bounds, or pairs; None in registers that are not yet written, or freed
        registers: list[Any] = [*coordinates, *([None] * len(self.instructions)), *self._constants]
        shape = np.broadcast(*coordinates).shape if operations is REAL and coordinates else ()
        for target, (name, arguments, freed, spare) in enumerate(self._steps, self.inputs):
            values = [registers[argument] for argument in arguments]
            if shape and spare and (memory := _memory(registers, spare, shape)) is not None:
                registers[target] = operations[name](*values, out=memory)
            else:
                registers[target] = operations[name](*values)
            for register in freed:
                registers[register] = None
        return [registers[o] if isinstance(o, int) else o for o in self.outputs]

    def is_bounded(self, coordinates: Sequence[Array]) -> bool:
        """Return True if bounds prove that all outputs are finite; False is inconclusive."""
        if not self._has_bounds or not all(column.size for column in coordinates):
            return False
        # NaN if a coordinate is NaN, for which no comparison holds
        largest = [max(float(column.max()), -float(column.min())) for column in coordinates]
        if largest and all(size <= self._safe_magnitude for size in largest):
            return True
        return self._is_bounded_at(largest)

    def _is_bounded_at(self, magnitudes: Sequence[float]) -> bool:
        """Return whether bounds prove all outputs finite for coordinates up to D magnitudes."""
        with np.errstate(all="ignore"):
            return all(bound < _SAFE for bound in self.run(magnitudes, BOUNDS))

    @cached_property
    def _safe_magnitude(self) -> float:
        """The largest of `_TRIED_MAGNITUDES` for which bounds prove all outputs finite, NaN if there is none.

        Bounds grow with the coordinates, so this proof holds for smaller ones, too. A proof for each block of
        a mesh, or each update of an optimizer, would take longer than the gradient.
        """
        return next((m for m in _TRIED_MAGNITUDES if self._is_bounded_at([m] * self.inputs)), math.nan)

    @cached_property
    def _has_bounds(self) -> bool:
        return all(instruction.operation in BOUNDS for instruction in self.instructions)

    @cached_property
    def rest(self) -> Program:
        """The program without the first output and the instructions that only it needs."""
        needed = {output for output in self.outputs[1:] if isinstance(output, int)}
        kept: dict[int, Instruction] = {}
        for register in range(self.inputs + len(self.instructions) - 1, self.inputs - 1, -1):
            if register in needed:
                kept[register] = self.instructions[register - self.inputs]
                needed.update(a for a in kept[register].arguments if isinstance(a, int))
        renumbered = dict(zip([*range(self.inputs), *reversed(kept)], count()))

        def moved(arguments: Sequence[int | float]) -> tuple[int | float, ...]:
            return tuple(renumbered[a] if isinstance(a, int) else a for a in arguments)

        steps = tuple(Instruction(step.operation, moved(step.arguments)) for step in reversed(kept.values()))
        return Program(self.inputs, steps, moved(self.outputs[1:]))

    @cached_property
    def _constants(self) -> list[float]:
        """The constants, stored in the registers after those of the instructions."""
        return [a for i in self.instructions for a in i.arguments if not isinstance(a, int)]

    @cached_property
    def _steps(self) -> list[tuple[str, list[int], list[int], list[int]]]:
        """For each instruction: operation, registers of arguments, registers free afterwards, spare ones.

        The arrays of spare registers may take the result: they were just read, so they are in the cache.
        """
        constants = count(self.inputs + len(self.instructions))
        own = {
            target
            for target, step in enumerate(self.instructions, self.inputs)
            if step.operation in _WITH_OUT
        }
        steps = []
        for instruction, freed in zip(self.instructions, self._last_used, strict=True):
            arguments = [a if isinstance(a, int) else next(constants) for a in instruction.arguments]
            spare = [a for a in freed if a in arguments and a in own and instruction.operation in _WITH_OUT]
            steps.append((instruction.operation, arguments, freed, spare))
        return steps

    @cached_property
    def _last_used(self) -> list[list[int]]:
        """For each instruction the registers that no later one reads; freeing them limits the peak memory."""
        last: dict[int, int] = {}
        for position, instruction in enumerate(self.instructions):
            for argument in (self.inputs + position, *instruction.arguments):
                if isinstance(argument, int):
                    last[argument] = position
        kept = {output for output in self.outputs if isinstance(output, int)}
        frees: list[list[int]] = [[] for _ in self.instructions]
        for register, position in last.items():
            if register not in kept and register >= self.inputs:
                frees[position].append(register)
        return frees


def _memory(registers: Sequence[Any], spare: Sequence[int], shape: tuple[int, ...]) -> Array | None:
    """Return the array of a spare register that has this shape, or None."""
    for register in spare:
        if registers[register].shape == shape:
            return registers[register]  # type: ignore[no-any-return]
    return None


# Number of arguments of the operations that are not NumPy ufuncs, except `where` and `pick`.
_ARITIES = {
    "erf": 1,
    "sigmoid": 1,
    "softplus": 1,
    "heaviside": 1,
    "sinc": 1,
    "bessel": 2,
    "normal": 1,
    "elu": 2,
    "true": 0,
    "false": 0,
    "undefined": 0,
    "defined": 2,
}


def _has_arity(operation: object, count: int) -> bool:
    """Return whether `operation` is a name in the table of an operation of `count` arguments."""
    if not isinstance(operation, str) or operation not in REAL:
        return False
    if operation in ("where", "pick"):  # pairs, and for `where` a default value
        return count >= 2 and count % 2 == (operation == "where")
    return bool(count == _ARITIES.get(operation, getattr(REAL[operation], "nin", None)))


def _has_operands(operation: str, arguments: Sequence[int | float], masks: AbstractSet[int | float]) -> bool:
    """Return whether masks are where conditions are due, and nowhere else, and an argument is no constant.

    `masks` are the registers of conditions. Operations of constants alone are compiled to constants.
    """
    found = [type(argument) is int and argument in masks for argument in arguments]
    wanted = [True] * len(arguments) if operation in ("and", "or", "not") else [False] * len(arguments)
    if operation == "where":
        wanted[:-1:2] = [True] * (len(arguments) // 2)
    return found == wanted and (not arguments or any(type(argument) is int for argument in arguments))


def _is_valid(argument: object, registers: int) -> bool:
    """Return whether an argument is a finite number, or one of the first `registers` registers."""
    if isinstance(argument, float):
        return math.isfinite(argument)
    return type(argument) is int and 0 <= argument < registers
