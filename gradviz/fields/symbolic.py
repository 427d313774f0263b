"""What an expression needs SymPy for: its formula, its derivatives, and the programs made of them."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import sympy

from gradviz.fields import functions
from gradviz.fields.compiling import compile_program
from gradviz.fields.formula import derivative, formula, symbol
from gradviz.fields.program import Program
from gradviz.fields.text import derivative_text
from gradviz.language.reading import Expression
from gradviz.process import symbolic_stage

Wanted = Literal["value", "gradient", "hessian", "region"]


class Symbolic:
    """An expression in SymPy's form, in real symbols of the variables' names."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._symbols = [symbol(name) for name in expression.variables]

    @cached_property
    def formula(self) -> sympy.Expr:
        """The expression, undefined outside of its region."""
        expression = self._expression
        with symbolic_stage():
            found = formula(expression.tree, expression.text, expression.parameters)
            return (
                found if self.region is None else functions.where(self.region, found, functions.undefined())
            )

    @cached_property
    def region(self) -> sympy.Expr | None:
        """The condition of the region, None without one."""
        region = self._expression.region
        with symbolic_stage():
            return region and formula(region.tree, region.text, self._expression.parameters)

    @cached_property
    def derivatives(self) -> tuple[sympy.Expr, ...]:
        """The D exact partial derivatives."""
        with symbolic_stage():
            return tuple(derivative(self.formula, variable) for variable in self._symbols)

    @cached_property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D exact partial derivatives, in the language of expressions."""
        return tuple(map(derivative_text, self.derivatives))

    def program(self, wanted: Wanted) -> Program:
        """Compile the formula; or the region; or the formula with its first or second derivatives behind it.

        The second ones are the upper triangle, row by row.
        """
        with symbolic_stage():
            formulas = [self.region if wanted == "region" else self.formula]
            if wanted == "gradient":
                formulas += self.derivatives
            elif wanted == "hessian":
                formulas += self._second()
            return compile_program(formulas, self._symbols)

    def _second(self) -> list[sympy.Expr]:
        return [
            derivative(slope, variable)
            for row, slope in enumerate(self.derivatives)
            for variable in self._symbols[row:]
        ]
