"""Fields given by an expression, with exact derivatives."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradviz.arrays import BLOCK, Floats, as_points, blocks, computing, vectors
from gradviz.errors import Place, RequestError, visible
from gradviz.fields.cache import cached
from gradviz.fields.descriptions import Descriptions
from gradviz.fields.program import CAN_OVERFLOW, COMPLEX, OVERFLOWING, REAL, Array, Program
from gradviz.fields.running_error import run_bounded
from gradviz.fields.scalar import ScalarField
from gradviz.language.reading import Expression, read
from gradviz.language.stable_forms import stabilized, stable_parts
from gradviz.printing.expression_text import ExpressionText

if TYPE_CHECKING:
    import sympy

    from gradviz.fields.precise import PreciseExpression
    from gradviz.fields.symbolic import Symbolic, Wanted

_IMAGINARY_STEP = 1e-20  # complex step h, relative to a coordinate up to 1: h^2 is far below rounding


class Field(ScalarField):
    """A scalar function of points that is given by an expression.

    `field(points)` maps points (..., D) to values (...): finite, or NaN where the function is undefined,
    complex or overflows double precision. Use `gradviz.field` to construct a field from text.

    Parameters
    ----------
    expression : Expression
        A parsed expression with its variables, parameters and region.

    Attributes
    ----------
    text : str
        The text of the expression.
    variables : tuple of str
        The names of the D variables, in the order of the coordinates.
    parameters : dict of str to float
        The values of the parameters.
    formula : sympy.Expr
        The SymPy formula, in real symbols with the names of the variables.
    derivatives : tuple of sympy.Expr
        The D partial derivatives.

    Raises
    ------
    ExpressionError
        If a constant part of the expression is not a finite real number.

    Examples
    --------
    >>> import gradviz
    >>> f = gradviz.field("x0**2 + 3*x1")
    >>> f.variables
    ('x0', 'x1')
    >>> f([[1, 2], [3, 4]])
    array([ 7., 21.])
    >>> f.gradient([[1, 2], [3, 4]])
    array([[2., 3.],
           [6., 3.]])
    >>> f.derivative_texts
    ('2*x0', '3')
    """

    has_formula: ClassVar[bool] = True

    def __init__(self, expression: Expression) -> None:
        super().__init__(expression.text, expression.variables)
        self.parameters = dict(expression.parameters)
        self._expression = expression
        self._programs: dict[Wanted, Program] = {}
        self._program("value")  # an invalid formula raises an error here, not when it is first evaluated

    def __repr__(self) -> str:
        return f"<Field {self.text!r} of ({', '.join(self.variables)})>"

    @property
    def expression(self) -> Expression:
        """The parsed expression."""
        return self._expression

    @property
    def formula(self) -> sympy.Expr:
        """The SymPy formula, in real symbols with the names of the variables."""
        return self._symbolic.formula

    @property
    def derivatives(self) -> tuple[sympy.Expr, ...]:
        """The D partial derivatives as SymPy formulas."""
        return self._symbolic.derivatives

    @property
    def derivative_texts(self) -> tuple[str, ...]:
        """The D partial derivatives as expressions; "" for one that is too long."""
        return tuple(text for text, _ in self._descriptions.parts)

    @property
    def derivative_remarks(self) -> tuple[tuple[str, ...], ...]:
        """The ties and the domain that the text of each derivative leaves out."""
        return tuple(remarks for _, remarks in self._descriptions.parts)

    @cached_property
    def _descriptions(self) -> Descriptions:
        """The texts of the derivatives, from the cache on disk if they are there."""
        return cached(
            {"text": "derivatives", **self._expression.key},
            lambda plain: Descriptions.from_plain(plain, len(self.variables)),
            lambda: self._symbolic.descriptions(),  # noqa: PLW0108 - SymPy is imported if it is called
        )

    @cached_property
    def _symbolic(self) -> Symbolic:
        from gradviz.fields.symbolic import Symbolic  # not at the top: cached programs need no SymPy

        return Symbolic(self._expression)

    def _program(self, wanted: Wanted) -> Program:
        """Return the program of an output, compiled by SymPy only if it is not in the cache on disk."""
        if wanted not in self._programs:
            d = len(self.variables)
            outputs = {"value": 1, "region": 1, "gradient": 1 + d, "hessian": 1 + d * (d + 1) // 2}[wanted]
            self._programs[wanted] = cached(
                {"wanted": wanted, **self._expression.key},
                lambda plain: Program.from_plain(plain, d, outputs),
                lambda: self._symbolic.program(wanted),
            )
        return self._programs[wanted]

    @property
    def degree(self) -> float:
        """The degree of a polynomial, infinite for other functions and inside a region."""
        return math.inf if self._expression.region else self._program("value").degree

    @cached_property
    def whole(self) -> Field:
        """The field without the restriction to its region; the field itself if it has no region."""
        return Field(replace(self._expression, region=None)) if self._expression.region else self

    def contains(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether points (..., D) are in the region of the field, as a mask (...)."""
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
        """Return the values for D coordinates whose shapes broadcast; the values broadcast to the same shape.

        Call it for one block of points, inside `computing`.
        """
        return _outputs(self._program("value"), columns)[0]

    def denominators(self, points: ArrayLike) -> list[Floats]:
        """Return the values (...) of each denominator of the formula at points (..., D)."""
        points = self._points(points)
        found: list[Floats] = []

        def recorded(above: Array, below: Array) -> Array:
            found.append(np.broadcast_to(np.asarray(below, np.float64), points.shape[:-1]))
            return np.asarray(np.divide(above, below))

        with computing():
            columns = list(np.moveaxis(points, -1, 0))
            self._program("value").evaluate(columns, {**REAL, "divide": recorded})
        return found

    def overflows(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether the value overflows double precision at points (..., D), as a mask (...)."""
        points = self._points(points)
        infinite = np.empty(points.shape[:-1], np.bool_)
        with computing():
            for index, columns in blocks(points, BLOCK):
                infinite[index] = np.isinf(self._program("value").run(columns)[0])
        return infinite

    def has_overflow(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Return whether the value or a part of it overflows at points (..., D), as a mask (...)."""
        points = self._points(points)
        found = np.zeros(points.shape[:-1], np.bool_)

        def watched(name: str) -> Callable[..., Array]:
            def operation(*parts: Array) -> Array:
                result: Array = REAL[name](*parts)
                is_pole = {"divide": parts[-1] == 0, "power": parts[0] == 0}.get(name, False)
                is_finite = np.logical_and.reduce(np.broadcast_arrays(*map(np.isfinite, parts)))
                found[...] |= np.isinf(result) & is_finite & ~np.asarray(is_pole)
                return result

            return operation

        with computing():
            operations = {**REAL, **{name: watched(name) for name in CAN_OVERFLOW}}
            self._program("value").evaluate(list(np.moveaxis(points, -1, 0)), operations)
        if self._stable is None:
            return found
        return found | (np.isnan(self(points)) & np.isfinite(self._stable(points)))

    @cached_property
    def _stable(self) -> Field | None:
        """The field without the parts that overflow where another form does not; None if it has none."""
        tree = stabilized(self._expression.tree)
        return None if tree == self._expression.tree else Field(replace(self._expression, tree=tree))

    def overflow_hint(self, points: ArrayLike) -> str:
        """Return advice for points (..., D) where a part overflows and another form does not, or ""."""
        if self._stable is None:
            return ""
        points = self._points(points)
        count = np.count_nonzero(np.isnan(self(points)) & np.isfinite(self._stable(points)))
        if not count:
            return ""
        text = self._expression.text
        forms = (
            f"{ExpressionText().text(form)} in place of {visible(text[part.start : part.stop])}"
            for part, form in stable_parts(self._expression.tree)
        )
        where = f"at {count:,} of {math.prod(points.shape[:-1]):,} points"
        return f"an intermediate result overflows {where}; use {', '.join(dict.fromkeys(forms))}"

    def gradient(self, points: ArrayLike) -> Floats:
        """Return the exact gradient (..., D) at points (..., D), NaN where the value or a partial is."""
        return self.gradient_and_gaps(points)[0]

    def gradient_and_gaps(self, points: ArrayLike) -> tuple[Floats, bool]:
        """Return the exact gradient (..., D) at points (..., D), and False if bounds prove it finite."""
        points = self._points(points)
        slopes, gaps = vectors(points.shape), False
        program = self._program("gradient")
        with computing():
            for index, columns in blocks(points, BLOCK):
                if program.is_bounded(columns):  # the value is finite, so it is not computed
                    partials = program.rest.run(columns)
                else:
                    partials, gaps = _outputs(program, columns)[1:], True
                part = slopes[index]
                for axis, partial in enumerate(partials):
                    part[..., axis] = partial
        return slopes, gaps

    def gradient_with_error(self, points: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return the exact gradient, bounds on its rounding error, and where it may not exist.

        Both are (..., D) at points (..., D). The mask (...) has the points where an operation may have a
        kink, a jump or an unbounded derivative.
        """
        points = self._points(points)
        slopes, errors = vectors(points.shape), vectors(points.shape)
        singular = np.empty(points.shape[:-1], np.bool_)
        with computing():
            for index, columns in blocks(points, BLOCK):
                value, *partials = run_bounded(self._program("gradient"), columns)
                singular[index] = value.singular | ~np.isfinite(value.value)
                for axis, partial in enumerate(partials):
                    slopes[index][..., axis], errors[index][..., axis] = partial.value, partial.error
                    singular[index] |= partial.singular
        return slopes, errors, singular

    @cached_property
    def precise(self) -> PreciseExpression:
        """The expression in arithmetic of any precision."""
        from gradviz.fields.precise import PreciseExpression  # not at the top: mpmath is for few points

        return PreciseExpression(self._expression)

    def hessian(self, points: ArrayLike) -> Floats:
        """Return the exact Hessians (..., D, D) at points (..., D), NaN where the value is NaN."""
        points = self._points(points)
        d = len(self.variables)
        hessians = np.empty((*points.shape, d))
        upper_triangle = list(itertools.combinations_with_replacement(range(d), 2))
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = hessians[index]
                outputs = _outputs(self._program("hessian"), columns)[1:]
                for (row, column), second in zip(upper_triangle, outputs, strict=True):
                    part[..., row, column] = part[..., column, row] = second
        return hessians

    @property
    def operations(self) -> int:
        """The number of array operations of the exact gradient, a measure of the size of the formula."""
        return len(self._program("gradient").instructions)

    def complex_step_gradient(self, points: ArrayLike) -> Floats:
        """Return the complex-step gradient (..., D) at points (..., D): Im f(x + ih) / h for each variable.

        It is accurate to rounding, because nothing is subtracted; NaN where the value or a derivative is NaN.
        Raises RequestError if a function in the expression is not analytic, such as abs.

        W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
        Review 40, 1998.
        """
        if not self._program("value").analytic:
            names = {i.operation for i in self._program("value").instructions} - set(COMPLEX)
            raise RequestError(
                Place("method"),
                f"'complex' needs analytic functions, got {', '.join(sorted(names))}; use adaptive or exact",
            )
        points = self._points(points)
        slopes = vectors(points.shape)
        with computing():
            for index, columns in blocks(points, BLOCK):
                part = slopes[index]
                for axis, column in enumerate(columns):
                    step = _IMAGINARY_STEP * np.where(column == 0, 1.0, np.minimum(np.abs(column), 1.0))
                    shifted = [*columns[:axis], column + 1j * step, *columns[axis + 1 :]]
                    (values,) = self._program("value").run(shifted, COMPLEX)
                    part[..., axis] = np.where(np.isfinite(values), values.imag / step, np.nan)
                part[np.isnan(self.at(columns)) | ~np.isfinite(part).all(axis=-1), :] = np.nan
        return slopes

    def _points(self, points: ArrayLike) -> Floats:
        return as_points(points, len(self.variables))


def _outputs(program: Program, columns: Sequence[Array]) -> list[Array]:
    """Return the outputs of a program, NaN where they or the first output are not finite."""
    overflows: list[str] = []
    with np.errstate(over="call", call=lambda kind, _: overflows.append(kind)):
        first, *rest = program.run(columns)
    if overflows:
        first, *rest = program.run(columns, OVERFLOWING)
    known = np.isfinite(first)
    if np.count_nonzero(known) < known.size:
        first, *rest = (np.where(known, values, np.nan) for values in (first, *rest))
    return [first, *map(_finite, rest)]


def _finite(values: Array) -> Array:
    """Return values with NaN for infinite ones; the same array if all are finite."""
    known = np.isfinite(values)
    return values if np.count_nonzero(known) == known.size else np.where(known, values, np.nan)


def field(
    expression: str,
    *,
    variables: Sequence[str] | None = None,
    parameters: Mapping[str, float] | None = None,
) -> Field:
    """Return the function of points that an expression describes.

    Parameters
    ----------
    expression : str
        A function of D variables, such as "x0**2 + sin(x1)". The text is parsed, never evaluated as code.
    variables : sequence of str, optional
        The names of the variables, in the order of the coordinates. Default: the names in the expression, in
        natural order (x2 before x10).
    parameters : mapping of str to float, optional
        The values of names that are not variables.

    Returns
    -------
    Field
        Callable that maps points (..., D) to values (...), NaN where the function is undefined.

    Raises
    ------
    ExpressionError
        If the text is not an expression. The error contains the position of the problem.
    RequestError
        If a name in `variables` or `parameters` is invalid, or there are more than 12 variables.

    Examples
    --------
    >>> import gradviz
    >>> gradviz.field("x0*x1")([[2, 3], [4, 5]])
    array([ 6., 20.])
    >>> f = gradviz.field("a*x + y**2", variables=["y", "x"], parameters={"a": 10})
    >>> f([1, 2])
    array(21.)
    """
    return Field(read(expression, variables=variables, parameters=parameters))
