"""Formula to field: a function of points (..., D) with its exact gradient."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import Floats, as_points
from gradviz.errors import RequestError
from gradviz.expression.cache import remembered
from gradviz.expression.program import COMPLEX, Array, Program
from gradviz.expression.reading import Expression, read
from gradviz.expression.scalar import ScalarField

if TYPE_CHECKING:
    import sympy

    from gradviz.expression.symbolic import Symbolic, Wanted

_BLOCK = 16_384  # points at a time: all intermediate arrays stay in the processor's cache
_IMAGINARY_STEP = 1e-20


class Field(ScalarField):
    """The function of points (..., D) that a formula stands for."""

    has_formula: ClassVar[bool] = True

    def __init__(self, expression: Expression) -> None:
        self.text = expression.text
        self.variables = expression.variables
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
        from gradviz.expression.symbolic import Symbolic

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
            self._programs[wanted] = remembered(
                key, count, outputs[wanted], lambda: self._symbolic.program(wanted)
            )
        return self._programs[wanted]

    @cached_property
    def whole(self) -> Field:
        """The same function without its region; itself if it has none."""
        return Field(replace(self._expression, region=None)) if self._expression.region else self

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the region holds: (...)."""
        points = self._points(points)
        if self._expression.region is None:
            return np.ones(points.shape[:-1], np.bool_)
        program = self._program("region")
        return np.equal(self._evaluate(program, points, np.float64)[..., 0], 1)

    def __call__(self, points: ArrayLike) -> Floats:
        """Return the values (...) at points (..., D)."""
        return self._evaluate(self._program("value"), self._points(points), np.float64)[..., 0]

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Tell at which points (..., D) the value is not undefined but beyond double precision: (...)."""
        return np.isinf(self._run(self._program("value"), self._points(points), np.float64)[..., 0])

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the exact gradient (..., D) at points (..., D), NaN where the field or a derivative is."""
        results = self._evaluate(self._program("gradient"), self._points(points), np.float64)
        slopes = results[..., 1:]
        slopes[np.isnan(results[..., 0])] = np.nan
        return slopes

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the exact second derivatives (..., D, D) at points (..., D), NaN where the field is."""
        results = self._evaluate(self._program("hessian"), self._points(points), np.float64)
        count = len(self.variables)
        rows, columns = np.triu_indices(count)
        found = np.empty((*results.shape[:-1], count, count))
        found[..., rows, columns] = found[..., columns, rows] = results[..., 1:]
        found[np.isnan(results[..., 0])] = np.nan  # a derivative that is undefined is NaN by itself
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
        slopes = np.empty(points.shape)
        for axis in range(len(self.variables)):
            shifted = points.astype(np.complex128)
            shifted[..., axis] += 1j * _IMAGINARY_STEP
            values = self._evaluate(self._program("value"), shifted, np.complex128, COMPLEX)[..., 0]
            slopes[..., axis] = values.imag / _IMAGINARY_STEP
        slopes[np.isnan(self(points)) | ~np.isfinite(slopes).all(axis=-1)] = np.nan
        return slopes

    def _points(self, points: ArrayLike) -> Floats:
        return as_points(points, len(self.variables))

    def _evaluate(
        self,
        program: Program,
        points: Array,
        kind: type[np.float64 | np.complex128],
        operations: Mapping[str, Callable[..., Array]] | None = None,
    ) -> Array:
        """Run a program over points (..., D); return (..., outputs), NaN where not finite."""
        results = self._run(program, points, kind, operations)
        results[~np.isfinite(results)] = kind(complex(np.nan, np.nan)) if kind is np.complex128 else np.nan
        return results

    def _run(
        self,
        program: Program,
        points: Array,
        kind: type[np.float64 | np.complex128],
        operations: Mapping[str, Callable[..., Array]] | None = None,
    ) -> Array:
        """Run a program over points (..., D) in blocks; return (..., outputs) as they come."""
        rows = points.reshape(math.prod(points.shape[:-1]), points.shape[-1])
        results = np.empty((len(rows), len(program.outputs)), kind)
        arguments = () if operations is None else (operations,)
        with np.errstate(all="ignore"):
            for start in range(0, len(rows), _BLOCK):
                block = slice(start, start + _BLOCK)
                columns = [np.ascontiguousarray(column) for column in rows[block].T]
                for output, values in enumerate(program.run(columns, *arguments)):
                    results[block, output] = values
        return results.reshape(*points.shape[:-1], len(program.outputs))


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
