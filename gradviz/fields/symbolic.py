"""The symbolic form of an expression: its formula, its derivatives, and the programs compiled from them."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import sympy

from gradviz.fields import functions
from gradviz.fields.compiling import compile_program
from gradviz.fields.descriptions import Descriptions
from gradviz.fields.formula import derivative, formula, symbol
from gradviz.fields.program import Program
from gradviz.fields.text import described
from gradviz.language.reading import Expression
from gradviz.process import symbolic_stage

Wanted = Literal["value", "gradient", "hessian", "region"]
"""What a program computes besides the value."""


class Symbolic:
    """An expression as SymPy formulas, in real symbols with the names of its variables."""

    def __init__(self, expression: Expression) -> None:
        self._expression = expression
        self._symbols = [symbol(name) for name in expression.variables]

    @cached_property
    def formula(self) -> sympy.Expr:
        """The formula of the expression, undefined outside its region."""
        expression = self._expression
        with symbolic_stage():
            value = formula(expression.tree, expression.text, expression.parameters)
            if self.region is None:
                return value
            return functions.where(self.region, value, functions.undefined())

    @cached_property
    def region(self) -> sympy.Expr | None:
        """The condition that restricts the expression to its region; None if it has no region."""
        region = self._expression.region
        with symbolic_stage():
            return region and formula(region.tree, region.text, self._expression.parameters)

    @cached_property
    def derivatives(self) -> tuple[sympy.Expr, ...]:
        """The D partial derivatives."""
        with symbolic_stage():
            return tuple(derivative(self.formula, variable) for variable in self._symbols)

    def descriptions(self) -> Descriptions:
        """Return the texts of the D partial derivatives in the language of expressions."""
        with symbolic_stage():
            return Descriptions(described(self.derivatives))

    def program(self, wanted: Wanted) -> Program:
        """Compile the program of an output: "region", "value", or "value" followed by derivatives.

        "gradient" adds the D first derivatives, "hessian" the upper triangle of the second ones, row by row.
        """
        with symbolic_stage():
            formulas = [self.region if wanted == "region" else self.formula]
            if wanted == "gradient":
                formulas += self.derivatives
            elif wanted == "hessian":
                formulas += self._second_derivatives()
            return compile_program(formulas, self._symbols)

    def _second_derivatives(self) -> list[sympy.Expr]:
        return [
            derivative(slope, variable)
            for row, slope in enumerate(self.derivatives)
            for variable in self._symbols[row:]
        ]
