"""The function of a scene, its gradient and its second derivatives in a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.differences import CENTRAL_STEP
from gradviz.errors import ExpressionError, RequestError
from gradviz.fields.field import Field
from gradviz.fields.formula import derivative, symbol
from gradviz.fields.symbolic import Symbolic
from gradviz.fields.text import derivative_text
from gradviz.language.reading import Expression, read
from gradviz.language.tree import Node
from gradviz.output.script.names import SOURCE, identifier
from gradviz.output.script.sheet import Sheet, rounded
from gradviz.printing.numpy_functions import NumpyFunctions, definitions, is_total
from gradviz.printing.numpy_source import number
from gradviz.scene.source import Source

_MAX_CHARACTERS = 160  # of a derivative that is written out
_STEP_SHARE = 1e-5  # of the shortest range: step of differences in place of one chosen at each point
_HESSIAN_STEP_SHARE = 1e-4  # of the shortest range: step of the differences of a gradient


def is_quiet(source: Source) -> bool:
    """Return whether NumPy's warnings of undefined values have to be turned off in a script."""
    reading = source.expression
    trees = [reading.tree, *([reading.region.tree] if reading.region else [])]
    return not all(map(is_total, trees)) or any(run.diverged for run in source.runs)


def write_function(sheet: Sheet, source: Source) -> None:
    """Write f(p), or f(x) of one variable, and the condition of the region, after the parameters."""
    reading = source.expression
    if reading.parameters:
        sheet.functions += [f"{identifier(name)} = {float(x)!r}" for name, x in reading.parameters.items()]
        sheet.functions.append("")
    functions = _printer(source)
    _define(sheet, [reading.tree], functions.function("f", reading.tree, "Return the function."))
    if reading.region is not None:
        tree, argument = reading.region.tree, functions.argument
        _define(
            sheet, [tree], functions.condition("inside", tree, "Return whether points are in the region.")
        )
        sheet.define(
            [
                f"def masked({argument}):",
                '    """Return the function in its region, and NaN outside."""',
                f"    return np.where(inside({argument}), f({argument}), np.nan)",
            ]
        )


def write_gradient(sheet: Sheet, source: Source) -> None:
    """Write gradient(p), or derivative(x): exact if the method is and the formulas are short."""
    slopes, functions = _derivatives(source), _printer(source)
    _define(sheet, slopes, functions.gradient(slopes) if slopes else functions.differences(step_of(source)))


def write_hessian(sheet: Sheet, source: Source) -> None:
    """Write hessian(p) of one point: exact if the formulas are short, else by differences."""
    expression, names = _open(source.expression), source.expression.variables
    slopes = Symbolic(expression).derivatives[: len(names)]
    rows = [[derivative_text(derivative(slope, symbol(name))) for name in names] for slope in slopes]
    trees, functions = [_read(row, expression) for row in rows], _printer(source)
    if all(trees):
        _define(sheet, [tree for row in trees for tree in row], functions.hessian(trees))
    else:
        sheet.define(functions.second_differences(rounded(_scale(source) * _HESSIAN_STEP_SHARE, 1)))


def gradient_at(source: Source, points: Floats) -> Floats:
    """Return the gradient (..., D) at points (..., D) as the script computes it, up to rounding."""
    field = Field(replace(source.expression, region=None))
    if _derivatives(source):
        return field.gradient(points)
    gradient, step = np.empty_like(points), float(step_of(source))
    for axis in range(points.shape[-1]):
        right, left = points.copy(), points.copy()
        right[..., axis] += step
        left[..., axis] -= step
        gradient[..., axis] = (field(right) - field(left)) / (right[..., axis] - left[..., axis])
    return np.where(np.isnan(field(points))[..., None], np.nan, gradient)


def step_of(source: Source) -> str:
    """Return the step of differences: that of the figure, or one that suits its ranges."""
    if source.method == "central":
        return number(source.step or CENTRAL_STEP)
    return rounded(_STEP_SHARE * _scale(source), 1)


def _scale(source: Source) -> float:
    return min(high - low for low, high, *_ in source.intervals)


def _printer(source: Source) -> NumpyFunctions:
    return NumpyFunctions(SOURCE, source.expression.variables, is_quiet(source))


def _define(sheet: Sheet, trees: Sequence[Node], lines: list[str]) -> None:
    """Add a function, and before it those that its trees need and NumPy lacks."""
    for helper in definitions(trees):
        if "math." in helper[0]:
            sheet.imports.add("import math")
        sheet.define(helper)
    sheet.define(lines)


def _open(reading: Expression) -> Expression:
    """Return an expression whose parameters are variables, so that derivatives keep their names."""
    return replace(reading, variables=(*reading.variables, *reading.parameters), parameters={}, region=None)


def _derivatives(source: Source) -> list[Node]:
    """Return the exact partial derivatives; none where differences are taken."""
    if source.method not in ("exact", "complex"):
        return []
    expression = _open(source.expression)
    return _read(Symbolic(expression).derivative_texts[: len(source.counts)], expression)


def _read(texts: Sequence[str], expression: Expression) -> list[Node]:
    """Return the trees of derivatives; none if one of them is long."""
    if max(map(len, texts)) > _MAX_CHARACTERS:
        return []
    try:
        return [read(text, variables=expression.variables).tree for text in texts]
    except (ExpressionError, RequestError):
        return []
