"""Formula to field: a function of points (..., D) with its exact gradient."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points, vectors
from gradviz.blocks import BLOCK, blocks, computing
from gradviz.errors import RequestError
from gradviz.fields.cache import cached
from gradviz.fields.program import COMPLEX, Array, Program
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression, read

if TYPE_CHECKING:
    import sympy

    from gradviz.fields.symbolic import Symbolic, Wanted

_IMAGINARY_STEP = 1e-20


class Field(ScalarField):
    """The function of points (..., D) that a formula stands for."""

    has_formula: ClassVar[bool] = True

    def __init__(self, expression: Expression) -> None:
        super().__init__(expression.text, expression.variables)
        self.parameters = dict(expression.parameters)
        self._expression = expression
        self._programs: dict[Wanted, Program] = {}
        self._program("value")  # so that what SymPy refuses is refused here

    def __repr__(self) -> str:
        return f"<Field {self.text!r} of ({', '.join(self.variables)})>"

    @property
    def formula(self) -> sympy.Expr:
        """SymPy's form of the expression, in real symbols of the variables' names."""
        return self._symbolic.formula

    @property
    def derivatives(self) -> tuple[sympy.Expr, ...]:
        """The D exact partial derivatives, as SymPy's forms."""
        return self._symbolic.derivatives

    @property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D exact partial derivatives, in the language of expressions."""
        return self._symbolic.derivative_texts

    @cached_property
    def _symbolic(self) -> Symbolic:
        from gradviz.fields.symbolic import Symbolic

        return Symbolic(self._expression)

    def _program(self, wanted: Wanted) -> Program:
        """Return a program of the expression; where it was compiled before, SymPy is not needed."""
        if wanted not in self._programs:
            count = len(self.variables)
            outputs = {
                "value": 1,
                "region": 1,
                "gradient": 1 + count,
                "hessian": 1 + count * (count + 1) // 2,
            }
            key = {"wanted": wanted, **self._expression.key}
            self._programs[wanted] = cached(
                key,
                lambda plain: Program.from_plain(plain, count, outputs[wanted]),
                lambda: self._symbolic.program(wanted),
            )
        return self._programs[wanted]

    @cached_property
    def whole(self) -> Field:
        """The same function without its region; itself if it has none."""
        return Field(replace(self._expression, region=None)) if self._expression.region else self

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the region holds: (...)."""
        points = self._points(points)
        inside = np.ones(points.shape[:-1], np.bool_)
        if self._expression.region is not None:
            with computing():
                for index, columns in blocks(points, BLOCK):
                    inside[index] = np.equal(_outputs(self._program("region"), columns)[0], 1)
        return inside

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
        return _outputs(self._program("value"), columns)[0]

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the value is not undefined but beyond double precision: (...)."""
        points = self._points(points)
        found = np.empty(points.shape[:-1], np.bool_)
        with computing():
            for index, columns in blocks(points, BLOCK):
                found[index] = np.isinf(self._program("value").run(columns)[0])
        return found

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the exact gradient (..., D) at points (..., D), NaN where the field or a derivative is."""
        return self.gradient_and_gaps(points)[0]

    def gradient_and_gaps(self, points: ArrayLike) -> tuple[Floats, bool]:
        """Return the exact gradient (..., D) at points (..., D), and whether some of it may be NaN."""
        points = self._points(points)
        slopes, gaps = vectors(points.shape), False
        program = self._program("gradient")
        with computing():
            for index, columns in blocks(points, BLOCK):
                if program.is_bounded(columns):  # and there is no need of the value
                    found = program.rest.run(columns)
                else:
                    found, gaps = _outputs(program, columns)[1:], True
                part = slopes[index]
                for axis, slope in enumerate(found):
                    part[..., axis] = slope
        return slopes, gaps

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the exact second derivatives (..., D, D) at points (..., D), NaN where the field is."""
        points = self._points(points)
        count = len(self.variables)
        found = np.empty((*points.shape, count))
        places = list(itertools.combinations_with_replacement(range(count), 2))
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = found[index]
                outputs = _outputs(self._program("hessian"), columns)[1:]
                for (row, column), second in zip(places, outputs, strict=True):
                    part[..., row, column] = part[..., column, row] = second
        return found

    @property
    def operations(self) -> int:
        """How many array operations the exact gradient takes, a measure of the formula's size."""
        return len(self._program("gradient").instructions)

    def complex_step_gradient(self, points: ArrayLike) -> Floats:
        """Return Im f(x + ih)/h along each variable: (..., D), to the last digit, as nothing is subtracted.

        Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review
        40 (1998). Raises RequestError if the formula holds a function that is not analytic, such as abs.
        """
        if not self._program("value").analytic:
            names = {i.operation for i in self._program("value").instructions} - set(COMPLEX)
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
                    (values,) = self._program("value").run(shifted, COMPLEX)
                    part[..., axis] = np.where(np.isfinite(values), values.imag / _IMAGINARY_STEP, np.nan)
                part[np.isnan(self.at(columns)) | ~np.isfinite(part).all(axis=-1), :] = np.nan
        return slopes

    def _points(self, points: ArrayLike) -> Floats:
        return as_points(points, len(self.variables))


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
