"""Formula to field: a function of points (..., D) with its exact gradient."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import sympy
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points, vectors
from gradviz.blocks import BLOCK, blocks, computing
from gradviz.errors import RequestError
from gradviz.expression import functions
from gradviz.expression.formula import derivative, formula, symbol
from gradviz.expression.guard import symbolic_stage
from gradviz.expression.program import COMPLEX, Array, Program, compile_program
from gradviz.expression.reading import Expression, read
from gradviz.expression.typeset import derivative_text

_IMAGINARY_STEP = 1e-20


class Field:
    """A function of points: `field(points)` maps (..., D) to (...).

    A value is finite, or NaN where the function is undefined, complex or beyond double precision.
    """

    def __init__(self, expression: Expression) -> None:
        self.text = expression.text
        self.variables = expression.variables
        self.parameters = dict(expression.parameters)
        self._expression = expression
        with symbolic_stage():
            self.formula: sympy.Expr = formula(expression.tree, expression.text, expression.parameters)
            """SymPy's form of the expression, in real symbols of the variables' names."""
            if self._region is not None:
                self.formula = functions.where(self._region, self.formula, functions.undefined())

    def __repr__(self) -> str:
        return f"<Field {self.text!r} of ({', '.join(self.variables)})>"

    @cached_property
    def _region(self) -> sympy.Expr | None:
        region = self._expression.region
        return region and formula(region.tree, region.text, self._expression.parameters)

    @cached_property
    def whole(self) -> Field:
        """The same function without its region; itself if it has none."""
        return self if self._region is None else Field(replace(self._expression, region=None))

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the field's region holds: (...), everywhere if it has none."""
        points = self._points(points)
        inside = np.ones(points.shape[:-1], np.bool_)
        if self._region is not None:
            with symbolic_stage():
                program = compile_program([self._region], self._symbols)
            with computing():
                for index, columns in blocks(points, BLOCK):
                    inside[index] = np.equal(_outputs(program, columns)[0], 1)
        return inside

    @cached_property
    def derivatives(self) -> tuple[sympy.Expr, ...]:
        """The D exact partial derivatives, as SymPy's forms."""
        with symbolic_stage():
            return tuple(derivative(self.formula, symbol(name)) for name in self.variables)

    @cached_property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D exact partial derivatives, in the language of expressions."""
        return tuple(map(derivative_text, self.derivatives))

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""
        points = self._points(points)
        values = np.empty(points.shape[:-1])
        with computing():
            for index, columns in blocks(points, BLOCK):
                values[index] = self.at(columns)
        return values

    def at(self, columns: Sequence[Floats]) -> Floats:
        """Return the values at points whose D coordinates are arrays that broadcast, and so do the values.

        It is for a block of points, inside of `computing`.
        """
        return _outputs(self._value_program, columns)[0]

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the exact gradient (..., D) at points (..., D), NaN where the field or a derivative is."""
        points = self._points(points)
        slopes = vectors(points.shape)
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = slopes[index]
                for axis, slope in enumerate(_outputs(self._gradient_program, columns)[1:]):
                    part[..., axis] = slope
        return slopes

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the exact second derivatives (..., D, D) at points (..., D), NaN where the field is."""
        points = self._points(points)
        count = len(self.variables)
        found = np.empty((*points.shape, count))
        places = list(itertools.combinations_with_replacement(range(count), 2))
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = found[index]
                outputs = _outputs(self._hessian_program, columns)[1:]
                for (row, column), second in zip(places, outputs, strict=True):
                    part[..., row, column] = part[..., column, row] = second
        return found

    @property
    def operations(self) -> int:
        """How many array operations the exact gradient takes, a measure of the formula's size."""
        return len(self._gradient_program.instructions)

    def complex_step_gradient(self, points: ArrayLike) -> Floats:
        """Return Im f(x + ih)/h along each variable: (..., D), to the last digit, as nothing is subtracted.

        Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review
        40 (1998). Raises RequestError if the formula holds a function that is not analytic, such as abs.
        """
        if not self._value_program.analytic:
            names = {i.operation for i in self._value_program.instructions} - set(COMPLEX)
            raise RequestError(
                f"the method 'complex' needs an analytic function, which {', '.join(sorted(names))} is not; "
                "use adaptive or exact"
            )
        points = self._points(points)
        slopes = vectors(points.shape)
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = slopes[index]
                for axis, column in enumerate(columns):
                    shifted = [*columns[:axis], column + 1j * _IMAGINARY_STEP, *columns[axis + 1 :]]
                    (values,) = self._value_program.run(shifted, COMPLEX)
                    part[..., axis] = np.where(np.isfinite(values), values.imag / _IMAGINARY_STEP, np.nan)
                part[np.isnan(self.at(columns)) | ~np.isfinite(part).all(axis=-1), :] = np.nan
        return slopes

    def _points(self, points: ArrayLike) -> Floats:
        return as_points(points, len(self.variables))

    @cached_property
    def _symbols(self) -> list[sympy.Symbol]:
        return [symbol(name) for name in self.variables]

    @cached_property
    def _value_program(self) -> Program:
        with symbolic_stage():
            return compile_program([self.formula], self._symbols)

    @cached_property
    def _gradient_program(self) -> Program:
        formulas = [self.formula, *self.derivatives]
        with symbolic_stage():
            return compile_program(formulas, self._symbols)

    @cached_property
    def _hessian_program(self) -> Program:
        """Compile the field and the upper triangle of its second derivatives, row by row."""
        slopes = self.derivatives
        with symbolic_stage():
            second = [
                derivative(slope, variable)
                for row, slope in enumerate(slopes)
                for variable in self._symbols[row:]
            ]
            return compile_program([self.formula, *second], self._symbols)


def _outputs(program: Program, columns: Sequence[Array]) -> list[Array]:
    """Return the outputs of a program, NaN where they are not finite, or the first of them is not."""
    first, *rest = program.run(columns)
    known = np.isfinite(first)
    if np.count_nonzero(known) < known.size:
        first, *rest = (np.where(known, values, np.nan) for values in (first, *rest))
    return [first, *map(_finite, rest)]


def _finite(values: Array) -> Array:
    known = np.isfinite(values)
    return values if np.count_nonzero(known) == known.size else np.where(known, values, np.nan)


def field(
    expression: str,
    *,
    variables: Sequence[str] | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Field:
    """Return the function of points (..., D) that an expression stands for.

    D is the number of variables, in natural order (x2 before x10) or in that of `variables`; `parameters`
    gives numbers to names. Raises ExpressionError or RequestError if the text is not in the language.

    >>> field("x0*x1")([[2, 3], [4, 5]])
    array([ 6., 20.])
    """
    return Field(read(expression, variables=variables, parameters=parameters))
