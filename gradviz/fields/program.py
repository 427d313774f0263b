"""Programs: a straight line of array operations, each distinct part computed once.

No source text is made and nothing is compiled or evaluated: an instruction names one operation of a closed
table, and its arguments are numbers and earlier results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_erf_of_objects = np.frompyfunc(math.erf, 1, 1)


def _erf(x: Array) -> Array:
    return np.asarray(_erf_of_objects(x)).astype(np.float64)


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _where(*parts: Array) -> Array:
    value = parts[-1]
    for place in range(len(parts) - 3, -1, -2):
        value = np.where(parts[place], parts[place + 1], value)
    return value


def _pick(*parts: Array) -> Array:
    """Return the mean of those slopes, the second half of the parts, whose values are the greatest."""
    values, slopes = parts[: len(parts) // 2], parts[len(parts) // 2 :]
    greatest = values[0]
    for value in values[1:]:
        greatest = np.maximum(greatest, value)
    total: Any = 0.0
    count: Any = 0.0
    for value, slope in zip(values, slopes, strict=True):
        tied = np.equal(value, greatest)
        total, count = total + np.where(tied, slope, 0.0), count + tied
    return np.asarray(total / count)


def _complex_power(base: Any, exponent: Any) -> Array:
    """b^e for b and e with tiny imaginary parts; NumPy's own goes through the logarithm of negative bases."""
    b, e = np.real(base), np.real(exponent)
    value = np.power(b, e)
    along = e * np.power(b, e - 1) * np.imag(base)
    if np.any(np.imag(exponent)):
        along = along + np.where(np.imag(exponent) == 0, 0.0, value * np.log(b) * np.imag(exponent))
    return np.asarray(value + 1j * along)


def _step(function: Callable[..., Array], slope: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Extend a real function to x + ih for tiny h, where it is f(x) + ih f'(x) to the last digit."""
    return lambda z: function(z.real) + 1j * z.imag * slope(z.real)


REAL: Mapping[str, Callable[..., Array]] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "negative": np.negative, "square": np.square, "power": np.power, "sqrt": np.sqrt, "cbrt": np.cbrt,
    "exp": np.exp, "log": np.log, "log2": np.log2, "log10": np.log10,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "hypot": np.hypot, "erf": _erf, "sigmoid": _sigmoid,
    "softplus": lambda x: np.logaddexp(0.0, x), "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "ceil": np.ceil, "mod": np.mod, "floordiv": np.floor_divide,
    "heaviside": lambda x: np.heaviside(x, 0.5),
    "max": np.maximum, "min": np.minimum, "pick": _pick, "where": _where,
    "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
    "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or, "not": np.logical_not,
    "true": lambda: np.asarray(True), "false": lambda: np.asarray(False),
    "undefined": lambda: np.asarray(np.nan),
}  # fmt: skip

# Those that can write what comes of them into a given array of doubles.
_WRITES = frozenset(
    name for name, function in REAL.items() if {"d->d", "dd->d"} & set(getattr(function, "types", ()))
)

_ANALYTIC = (
    "add subtract multiply divide negative square exp log log2 log10 sin cos tan atan sinh cosh tanh asinh"
)
COMPLEX: Mapping[str, Callable[..., Array]] = {
    **{name: REAL[name] for name in _ANALYTIC.split()},
    "power": _complex_power,
    "hypot": lambda x, y: np.sqrt(x * x + y * y),
    # NumPy's own would go on beyond the end of these functions' domains, where they are complex.
    "sqrt": _step(np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "asin": _step(np.arcsin, lambda x: 1 / np.sqrt((1 - x) * (1 + x))),
    "acos": _step(np.arccos, lambda x: -1 / np.sqrt((1 - x) * (1 + x))),
    "acosh": _step(np.arccosh, lambda x: 1 / np.sqrt((x - 1) * (x + 1))),
    "atanh": _step(np.arctanh, lambda x: 1 / ((1 - x) * (1 + x))),
    "cbrt": _step(np.cbrt, lambda x: 1 / (3 * np.square(np.cbrt(x)))),
    "erf": _step(_erf, lambda x: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "sigmoid": _step(_sigmoid, lambda x: _sigmoid(x) * _sigmoid(-x)),
    "softplus": _step(REAL["softplus"], _sigmoid),
}


def _flat(bound: float) -> Callable[[Any], Any]:
    """Return a bound that is the same for every finite argument, and NaN for an infinite one."""
    return lambda x: bound + 0 * x


def _grown(x: Any) -> Any:
    return abs(x) + 1


def _summed(x: Any, y: Any) -> Any:
    return abs(x) + abs(y)


# How large an operation's result is at most, from how large its arguments are, for those that have a result
# wherever their arguments are finite.
BOUNDS: Mapping[str, Callable[..., Any]] = {
    "add": _summed, "subtract": _summed, "hypot": _summed, "max": _summed, "min": _summed,
    "multiply": lambda x, y: abs(x * y), "square": lambda x: x * x, "negative": abs, "abs": abs,
    "floor": _grown, "ceil": _grown, "softplus": _grown, "cbrt": _grown, "asinh": _grown,
    "exp": lambda x: np.exp(abs(x)), "sinh": np.cosh, "cosh": np.cosh,
    "sin": _flat(1.0), "cos": _flat(1.0), "tanh": _flat(1.0), "erf": _flat(1.0), "sigmoid": _flat(1.0),
    "sign": _flat(1.0), "heaviside": _flat(1.0), "atan": _flat(2.0),
}  # fmt: skip

_SAFE = 1e300  # largest bound that proves a finite output: below 1.8e308, since bounds are rounded, too
_TRIED_MAGNITUDES = (1e6, 1e3, 1e2, 10.0, 5.0)  # coordinates for which bounds are computed once


@dataclass(frozen=True)
class Instruction:
    """One array operation; an integer argument is a register, a float a constant."""

    operation: str
    arguments: tuple[int | float, ...]


@dataclass(frozen=True)
class Program:
    """Registers 0 .. inputs-1 hold the coordinates; instruction k writes register inputs + k."""

    inputs: int
    instructions: tuple[Instruction, ...]
    outputs: tuple[int | float, ...]

    def to_plain(self) -> dict[str, object]:
        """Return the program as plain data."""
        steps = [[step.operation, *step.arguments] for step in self.instructions]
        return {"inputs": self.inputs, "instructions": steps, "outputs": list(self.outputs)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], inputs: int, outputs: int) -> Program:
        """Return the program that plain data say. Raises ValueError for what is none, with so many ends.

        Each operation is one of the table with as many arguments as it has, each a finite number or an
        earlier result.
        """
        steps: list[Instruction] = []
        for operation, *arguments in plain["instructions"]:
            known = inputs + len(steps)
            if not _takes(operation, len(arguments)) or not all(_is_known(a, known) for a in arguments):
                raise ValueError(operation)
            steps.append(Instruction(operation, tuple(arguments)))
        ends = tuple(plain["outputs"])
        if len(ends) != outputs or not all(_is_known(end, inputs + len(steps)) for end in ends):
            raise ValueError(ends)
        return cls(inputs, tuple(steps), ends)

    @property
    def analytic(self) -> bool:
        """Whether every operation is analytic, so that a complex step gives the derivative."""
        return all(instruction.operation in COMPLEX for instruction in self.instructions)

    def run(
        self, coordinates: Sequence[Array | float], operations: Mapping[str, Callable[..., Array]] = REAL
    ) -> list[Array]:
        """Return the outputs for coordinates of any shapes that broadcast; an output may be of shape ()."""
        registers: list[Any] = [*coordinates, *([None] * len(self.instructions)), *self._constants]
        whole = np.broadcast(*coordinates).shape if operations is REAL and coordinates else ()
        for target, (name, arguments, freed, spare) in enumerate(self._steps, self.inputs):
            values = [registers[argument] for argument in arguments]
            if whole and spare and (memory := _memory(registers, spare, whole)) is not None:
                registers[target] = operations[name](*values, out=memory)
            else:
                registers[target] = operations[name](*values)
            for register in freed:
                registers[register] = None
        return [np.asarray(registers[o] if isinstance(o, int) else o) for o in self.outputs]

    def is_bounded(self, coordinates: Sequence[Array]) -> bool:
        """Tell whether it is sure that all outputs are finite: False says nothing."""
        if not self._has_bounds or not all(column.size for column in coordinates):
            return False
        largest = [
            max(float(column.max()), -float(column.min())) for column in coordinates
        ]  # NaN if there is one
        if largest and all(size <= self._safe_magnitude for size in largest):
            return True
        return self._is_bounded_at(largest)

    def _is_bounded_at(self, magnitudes: Sequence[float]) -> bool:
        """Return whether bounds prove all outputs finite for coordinates of at most these magnitudes (D,)."""
        with np.errstate(all="ignore"):
            return all(bound < _SAFE for bound in self.run(magnitudes, BOUNDS))

    @cached_property
    def _safe_magnitude(self) -> float:
        """The largest magnitude of coordinates tried for which bounds prove all outputs finite, else NaN.

        Bounds grow with the coordinates, so smaller ones need no proof of their own: one for each block of
        a mesh, or each update of an optimizer, would take longer than its gradient.
        """
        return next((m for m in _TRIED_MAGNITUDES if self._is_bounded_at([m] * self.inputs)), math.nan)

    @cached_property
    def _has_bounds(self) -> bool:
        return all(instruction.operation in BOUNDS for instruction in self.instructions)

    @cached_property
    def rest(self) -> Program:
        """The program of all outputs but the first."""
        needed = {output for output in self.outputs[1:] if isinstance(output, int)}
        kept: dict[int, Instruction] = {}
        for register in range(self.inputs + len(self.instructions) - 1, self.inputs - 1, -1):
            if register in needed:
                kept[register] = self.instructions[register - self.inputs]
                needed.update(a for a in kept[register].arguments if isinstance(a, int))
        places = dict(zip([*range(self.inputs), *reversed(kept)], count()))
        steps = tuple(
            Instruction(step.operation, tuple(places[a] if isinstance(a, int) else a for a in step.arguments))
            for step in reversed(kept.values())
        )
        return Program(
            self.inputs, steps, tuple(places[o] if isinstance(o, int) else o for o in self.outputs[1:])
        )

    @cached_property
    def _constants(self) -> list[float]:
        """The constants, which stand in the registers behind those of the instructions."""
        return [a for i in self.instructions for a in i.arguments if not isinstance(a, int)]

    @cached_property
    def _steps(self) -> list[tuple[str, list[int], list[int], list[int]]]:
        """Each instruction's operation, the registers of its arguments, and those that are free after it.

        The last of the four are those whose memory may take its result: memory just read is near at hand.
        """
        constants = count(self.inputs + len(self.instructions))
        own = {
            place for place, step in enumerate(self.instructions, self.inputs) if step.operation in _WRITES
        }
        steps = []
        for instruction, freed in zip(self.instructions, self._last_used, strict=True):
            arguments = [a if isinstance(a, int) else next(constants) for a in instruction.arguments]
            spare = [a for a in freed if a in arguments and a in own and instruction.operation in _WRITES]
            steps.append((instruction.operation, arguments, freed, spare))
        return steps

    @cached_property
    def _last_used(self) -> list[list[int]]:
        """For each instruction the registers that nothing needs afterwards: a program peaks at few arrays."""
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
    """Return the array of one of some registers that has a shape, if one has."""
    for register in spare:
        if registers[register].shape == shape:
            return registers[register]  # type: ignore[no-any-return]
    return None


_ARITIES = {"erf": 1, "sigmoid": 1, "softplus": 1, "heaviside": 1, "true": 0, "false": 0, "undefined": 0}


def _takes(operation: object, count: int) -> bool:
    """Tell whether a text is an operation of the table that takes so many arguments."""
    if not isinstance(operation, str) or operation not in REAL:
        return False
    if operation in ("where", "pick"):  # pairs, and for `where` one value more
        return count >= 2 and count % 2 == (operation == "where")
    return bool(count == _ARITIES.get(operation, getattr(REAL[operation], "nin", None)))


def _is_known(argument: object, registers: int) -> bool:
    """Tell whether an argument is a finite number, or one of the registers that are filled."""
    if isinstance(argument, float):
        return math.isfinite(argument)
    return type(argument) is int and 0 <= argument < registers
