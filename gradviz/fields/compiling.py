"""Compiler from SymPy formulas to programs, with one array operation for each distinct subexpression.

Terms and factors that depend on the same variables are combined first: on a mesh, those that depend on one
variable are arrays of n and not of n^2 elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradviz.fields.program import Instruction, Program

if TYPE_CHECKING:
    from sympy import Expr


def compile_program(formulas: Sequence[Expr], variables: Sequence[Expr]) -> Program:
    """Compile formulas of the same variables into one program, with one output for each formula."""
    compiler = _Compiler(variables)
    outputs = tuple(compiler.value(formula) for formula in formulas)
    return Program(len(variables), tuple(compiler.instructions), outputs)


class _Compiler:
    """A traversal of formulas in which subexpressions that SymPy finds equal share a register."""

    def __init__(self, variables: Sequence[Expr]) -> None:
        self.inputs = len(variables)
        self.known: dict[Expr, int | float] = {variable: i for i, variable in enumerate(variables)}
        self.instructions: list[Instruction] = []
        self.registers: dict[str, int] = {}
        self.variables: dict[Expr, frozenset[Expr]] = {
            variable: frozenset({variable}) for variable in variables
        }

    def emit(self, operation: str, *arguments: float) -> int:
        """Return the register of an operation, which is appended to the instructions if it is a new one."""
        key = f"{operation}{arguments}"  # a text, because register 1 and the constant 1.0 compare equal
        if key not in self.registers:
            self.registers[key] = self.inputs + len(self.instructions)
            self.instructions.append(Instruction(operation, arguments))
        return self.registers[key]

    def value(self, expr: Expr) -> int | float:
        """Return the register of a subexpression (int), or its value if it is a constant (float)."""
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
        """Add the terms of each group of variables, then the sums of all groups.

        Each term is added as soon as it is computed, so that few arrays exist at a time.
        """
        total: int | float | None = None
        for group in self._groups(expr.args):
            added = [term for term in group if not _is_negative(term)]
            subtracted = [-term for term in group if _is_negative(term)]
            part = self._chain("add", added or subtracted)
            if added:
                part = self._chain("subtract", subtracted, part)
            if total is not None:
                total = self.emit("add" if added else "subtract", total, part)
            else:
                total = part if added else self.emit("negative", part)
        assert total is not None  # noqa: S101 - a sum has terms
        return total

    def _product(self, expr: Expr) -> int | float:
        """Multiply the factors of each group of variables and divide by their divisors, then combine groups.

        The group of most variables comes last, since its product often occurs in other formulas, too.
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
        """Return terms or factors grouped by their variables, fewest first; numbers go to the first group."""
        groups: dict[frozenset[Expr], list[Expr]] = {}
        for part in parts:
            groups.setdefault(self._variables(part), []).append(part)
        numbers = groups.pop(frozenset(), [])
        ordered = sorted(groups.items(), key=lambda item: len(item[0]))
        if not ordered:
            return [numbers] if numbers else []
        ordered[0][1][:0] = numbers
        ordered.sort(key=lambda item: (len(item[0]), all(map(_is_negative, item[1]))))
        return [group for _, group in ordered]

    def _variables(self, expr: Expr) -> frozenset[Expr]:
        """Return the variables of a subexpression."""
        if expr not in self.variables:
            self.variables[expr] = frozenset().union(*map(self._variables, expr.args))
        return self.variables[expr]

    def _power(self, expr: Expr) -> int | float:
        """Return an integer power; all other powers are calls of our own function `power`."""
        exponent = int(expr.exp)
        if exponent < 0:
            return self.emit("divide", 1.0, self.value(expr.base**-exponent))
        return self._positive_power(self.value(expr.base), exponent)

    def _positive_power(self, base: float, exponent: int) -> int | float:
        """Compute a power by repeated squaring, 5 to 7 times as fast as `pow`, which NumPy calls for x**3."""
        if exponent == 1:
            return base
        half = self._positive_power(base, exponent // 2)
        square = self.emit("square", half)
        return self.emit("multiply", square, base) if exponent % 2 else square

    def _call(self, expr: Expr) -> int | float:
        name = type(expr).__name__
        if name in ("and", "or", "max", "min", "logsumexp"):
            return self._chain(name, expr.args)
        if name == "defined" and expr.args[1].is_Pow:  # 0/b is finite unless b is 0, where 1/b may overflow
            value, part = expr.args
            return self.emit(name, self.value(value), self.emit("divide", 0.0, self.value(part.base)))
        return self.emit(name, *map(self.value, expr.args))

    def _chain(self, operation: str, parts: Sequence[Expr], total: float | None = None) -> int | float:
        """Combine parts from left to right by a binary operation, starting with `total` if it is given."""
        if total is None:
            first, *parts = parts
            total = self.value(first)
        for part in parts:
            total = self.emit(operation, total, self.value(part))
        return total


def _is_negative(term: Expr) -> bool:
    """Return whether a term of a sum has a negative sign, so that it is subtracted."""
    return bool(term.is_Mul and term.could_extract_minus_sign())


def _is_divisor(factor: Expr) -> bool:
    """Return whether a factor of a product has a negative exponent, so that it divides."""
    return bool(factor.is_Pow and factor.exp.is_negative)
