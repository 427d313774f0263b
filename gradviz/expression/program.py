"""Formula to NumPy: a straight line of array operations, each distinct part computed once.

No source text is made and nothing is compiled or evaluated: an instruction names one operation of a closed
table, and its arguments are numbers and earlier results.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sympy import Expr

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

    def to_plain(self) -> dict[str, Any]:
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
        self, coordinates: Sequence[Array], operations: Mapping[str, Callable[..., Array]] = REAL
    ) -> list[Array]:
        """Return the outputs for coordinates of any shapes that broadcast; an output may be of shape ()."""
        registers: list[Any] = [*coordinates, *([None] * len(self.instructions))]
        for target, instruction in enumerate(self.instructions, self.inputs):
            values = [registers[a] if isinstance(a, int) else a for a in instruction.arguments]
            registers[target] = operations[instruction.operation](*values)
            for register in self._last_used[target - self.inputs]:
                registers[register] = None
        return [np.asarray(registers[o] if isinstance(o, int) else o) for o in self.outputs]

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


def compile_program(formulas: Sequence[Expr], variables: Sequence[Expr]) -> Program:
    """Compile formulas of the same variables into one program with one output each."""
    compiler = _Compiler(variables)
    outputs = tuple(compiler.value(formula) for formula in formulas)
    return Program(len(variables), tuple(compiler.instructions), outputs)


class _Compiler:
    """Walks formulas once; equal parts, found by SymPy's own equality, share a register."""

    def __init__(self, variables: Sequence[Expr]) -> None:
        self.inputs = len(variables)
        self.known: dict[Expr, int | float] = {variable: i for i, variable in enumerate(variables)}
        self.instructions: list[Instruction] = []
        self.registers: dict[str, int] = {}

    def emit(self, operation: str, *arguments: float) -> int:
        key = f"{operation}{arguments}"  # as text, because register 1 and the constant 1.0 are equal
        if key not in self.registers:
            self.registers[key] = self.inputs + len(self.instructions)
            self.instructions.append(Instruction(operation, arguments))
        return self.registers[key]

    def value(self, expr: Expr) -> int | float:
        if expr not in self.known:
            if expr.is_Number:
                self.known[expr] = float(expr)
            elif expr.is_Add:
                self.known[expr] = self._sum(expr)
            elif expr.is_Mul:
                self.known[expr] = self._product(expr)
            elif expr.is_Pow:
                self.known[expr] = self._power(expr)
            else:
                self.known[expr] = self._call(expr)
        return self.known[expr]

    def _sum(self, expr: Expr) -> int | float:
        """Add each term as soon as it is known, so that few arrays are held at a time; added ones first."""
        terms = [(self._is_taken(term), term) for term in expr.args]
        terms.sort(key=lambda pair: pair[0])
        total = None
        for taken, term in terms:
            value = self.value(-term if taken else term)
            if total is None:
                total = self.emit("negative", value) if taken else value
            else:
                total = self.emit("subtract" if taken else "add", total, value)
        return total if total is not None else 0.0

    def _is_taken(self, term: Expr) -> bool:
        return bool((term.is_Mul or term.is_number) and term.could_extract_minus_sign())

    def _product(self, expr: Expr) -> int | float:
        coefficient, rest = expr.as_coeff_Mul()
        factors = rest.args if rest.is_Mul else (rest,)
        below = [factor for factor in factors if factor.is_Pow and factor.exp.is_negative]
        above = [factor for factor in factors if factor not in below]
        number = float(coefficient)
        top = self._chain("multiply", above) if above else number
        if above and number == -1:
            top = self.emit("negative", top)
        elif above and number != 1:
            top = self.emit("multiply", number, top)
        if not below:
            return top
        return self.emit("divide", top, self._chain("multiply", [f.base**-f.exp for f in below]))

    def _power(self, expr: Expr) -> int | float:
        exponent = int(expr.exp)
        if exponent < 0:
            return self.emit("divide", 1.0, self.value(expr.base**-exponent))
        return self._whole_power(self.value(expr.base), exponent)

    def _whole_power(self, base: float, exponent: int) -> int | float:
        """By squaring: NumPy's x**3 calls the C library's pow, 5 to 7 times slower."""
        if exponent == 1:
            return base
        half = self._whole_power(base, exponent // 2)
        square = self.emit("square", half)
        return self.emit("multiply", square, base) if exponent % 2 else square

    def _call(self, expr: Expr) -> int | float:
        name = type(expr).__name__
        if name in ("and", "or", "max", "min"):
            return self._chain(name, expr.args)
        return self.emit(name, *map(self.value, expr.args))

    def _chain(self, operation: str, arguments: Sequence[Expr]) -> int | float:
        total = self.value(arguments[0])
        for argument in arguments[1:]:
            total = self.emit(operation, total, self.value(argument))
        return total
