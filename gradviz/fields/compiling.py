"""Formula to program: each distinct part becomes one array operation, in an order that saves most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradviz.fields.program import Instruction, Program

if TYPE_CHECKING:
    from sympy import Expr


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
        self.variables: dict[Expr, frozenset[Expr]] = {
            variable: frozenset({variable}) for variable in variables
        }

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
        """Add up the terms of the same variables, then these sums: on a mesh, terms of one cost little.

        Each term is added as soon as it is known, so that few arrays are held at a time.
        """
        total: Any = None
        for group in self._groups(expr.args):
            added = [term for term in group if not _is_taken(term)]
            taken = [-term for term in group if _is_taken(term)]
            part = self._chain("add", added or taken)
            if added:
                part = self._chain("subtract", taken, part)
            if total is not None:
                total = self.emit("add" if added else "subtract", total, part)
            else:
                total = part if added else self.emit("negative", part)
        return total  # type: ignore[no-any-return]

    def _product(self, expr: Expr) -> int | float:
        """Multiply and divide by the factors of the same variables, then multiply what comes of it.

        What comes of those of most variables is often met in other products.
        """
        number, rest = expr.as_coeff_Mul()
        parts: list[int | float] = []
        divisors: list[Expr] = []
        for group in self._groups(rest.args if rest.is_Mul else (rest,)):
            above = [factor for factor in group if not _is_divisor(factor)]
            below = [factor.base**-factor.exp for factor in group if _is_divisor(factor)]
            if not above:
                divisors += below
                continue
            part = self._chain("multiply", above)
            parts.append(self.emit("divide", part, self._chain("multiply", below)) if below else part)
        if not parts:
            parts = [float(number)]
        elif number == -1:
            parts[0] = self.emit("negative", parts[0])
        elif number != 1:
            parts[0] = self.emit("multiply", float(number), parts[0])
        top = parts.pop()
        for part in parts:
            top = self.emit("multiply", part, top)
        return self.emit("divide", top, self._chain("multiply", divisors)) if divisors else top

    def _groups(self, parts: Sequence[Expr]) -> list[list[Expr]]:
        """Return terms or factors by their variables, those of few first; numbers stand before the first."""
        groups: dict[frozenset[Expr], list[Expr]] = {}
        for part in parts:
            groups.setdefault(self._variables(part), []).append(part)
        numbers = groups.pop(frozenset(), [])
        found = sorted(groups.items(), key=lambda group: len(group[0]))
        if not found:
            return [numbers] if numbers else []
        found[0][1][:0] = numbers
        return [
            group
            for _, group in sorted(found, key=lambda group: (len(group[0]), all(map(_is_taken, group[1]))))
        ]

    def _variables(self, expr: Expr) -> frozenset[Expr]:
        """Return the variables that a formula depends on."""
        if expr not in self.variables:
            self.variables[expr] = frozenset().union(*map(self._variables, expr.args))
        return self.variables[expr]

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

    def _chain(self, operation: str, parts: Sequence[Expr], total: float | None = None) -> int | float:
        """Apply an operation of two arguments to a total, or the first part, and all others in turn."""
        if total is None:
            first, *parts = parts
            total = self.value(first)
        for part in parts:
            total = self.emit(operation, total, self.value(part))
        return total


def _is_taken(term: Expr) -> bool:
    """Tell whether a term of a sum is better subtracted."""
    return bool(term.is_Mul and term.could_extract_minus_sign())


def _is_divisor(factor: Expr) -> bool:
    return bool(factor.is_Pow and factor.exp.is_negative)
