"""The function of a scene, its gradient and its second derivatives as functions of NumPy."""

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
from gradviz.language.tree import Node, Var, walk
from gradviz.output.script.sheet import WIDTH, Sheet, rounded
from gradviz.output.script.source import SOURCE, has_edge, identifier, is_total, may_warn
from gradviz.printing.numpy_source import HELPERS, helpers, number
from gradviz.scene.source import Source

_MAX_CHARACTERS = 160  # of a derivative that is written out
_STEP_SHARE = 1e-5  # of the shortest range: step of differences in place of one chosen at each point
_HESSIAN_STEP_SHARE = 1e-4  # of the shortest range: step of the differences of a gradient


def needs_quiet(
    source: Source, values: Floats, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> bool:
    """Return whether NumPy may warn while the script evaluates the function and its gradient.

    `values` and `inside` (...) are those at the samples.
    """
    trees = _trees(source.expression)
    wanders = any(run.diverged for run in source.runs) or (source.runs and not all(map(is_total, trees)))
    return bool(
        not np.isfinite(values[inside]).all()
        or wanders
        or any(has_edge(tree) or may_warn(tree) for tree in trees)
    )


def write_function(sheet: Sheet, source: Source) -> None:
    """Write f(p), or f(x) of one variable, and the condition of the region, after the parameters."""
    reading = source.expression
    _prepare(sheet, _trees(reading))
    if reading.parameters:
        given = [f"{identifier(name)} = {float(value)!r}" for name, value in reading.parameters.items()]
        sheet.functions += [*given, ""]
    argument, shape = _argument(source)
    says = (
        [f'    """Return the function at points p (..., {len(reading.variables)})."""']
        if argument == "p"
        else []
    )
    body = [*_unpacked(source, [reading.tree]), *_returned(sheet, source, reading.tree, shape)]
    sheet.functions += ["", f"def f({argument}):", *says, *body, ""]
    if reading.region is not None:
        tree = reading.region.tree
        condition = [*_unpacked(source, [tree]), f"    return {SOURCE.text(tree)}"]
        says = '    """Return whether points lie in the region that is drawn."""'
        sheet.functions += ["", f"def inside({argument}):", says, *condition, ""]
        says = '    """Return the function in its region, and NaN outside."""'
        value = f"    return np.where(inside({argument}), f({argument}), np.nan)"
        sheet.functions += ["", f"def masked({argument}):", says, value, ""]


def write_gradient(sheet: Sheet, source: Source) -> None:
    """Write gradient(p), or derivative(x): exact if the method is and the formulas are short."""
    slopes = _derivatives(source)
    argument, shape = _argument(source)
    if not slopes:
        write = _central if argument == "p" else _central_of_curve
        sheet.functions += write(source, step_of(source), masked=sheet.is_quiet)
        return
    _prepare(sheet, slopes)
    sheet.is_quiet = sheet.is_quiet or any(map(has_edge, slopes))
    if argument != "p":
        lines = _returned(sheet, source, slopes[0], shape)
        known = f"    return np.where(np.isfinite(value) & np.isfinite(f({argument})), value, np.nan)"
        last = known if lines[-1].startswith("    return np.where(np.isf") else lines[-1]
        says = '    """Return the exact derivative."""'
        sheet.functions += ["", f"def derivative({argument}):", says, *lines[:-1], last, ""]
        return
    shape = f"(..., {len(source.counts)})"
    says = f'    """Return the exact gradient {shape} of f at points p {shape}."""'
    sheet.functions += ["", "def gradient(p):", says, *_unpacked(source, slopes), "    g = np.empty_like(p)"]
    for axis, (variable, slope) in enumerate(zip(source.expression.variables, slopes, strict=True)):
        sheet.functions += _assigned(f"g[..., {axis}]", slope, f"  # df/d{variable}")
    known = "    return np.where(np.isfinite(g) & np.isfinite(f(p))[..., None], g, np.nan)"
    sheet.functions += [known if sheet.is_quiet else "    return g", ""]


def write_hessian(sheet: Sheet, source: Source) -> None:
    """Write hessian(p) of one point: exact if the formulas are short, else by differences."""
    expression = _open(source.expression)
    count = len(source.counts)
    rows = [
        [derivative_text(derivative(slope, symbol(name))) for name in source.expression.variables]
        for slope in Symbolic(expression).derivatives[:count]
    ]
    trees = _read([one for row in rows for one in row], expression)
    if not trees:
        sheet.functions += [
            "", f"def hessian(p, step={rounded(_scale(source) * _HESSIAN_STEP_SHARE, 1)}):",
            '    """Return the second derivatives at a point p, by central differences of the gradient."""',
            "    around = step*np.eye(len(p))",
            "    second = (gradient(p + around) - gradient(p - around))/(2*step)",
            "    return (second + second.T)/2  # symmetric up to rounding", "",
        ]  # fmt: skip
        return
    _prepare(sheet, trees)
    says = '    """Return the exact second derivatives at a point p."""'
    sheet.functions += ["", "def hessian(p):", says, *_unpacked(source, trees)]
    lines = [
        ", ".join(map(SOURCE.text, trees[start : start + count])) for start in range(0, len(trees), count)
    ]
    whole = f"    return np.array([{', '.join(f'[{line}]' for line in lines)}])"
    if len(whole) > WIDTH:
        whole = "\n".join(["    return np.array([", *(f"        [{line}]," for line in lines), "    ])"])
    sheet.functions += [*whole.split("\n"), ""]


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


def _argument(source: Source) -> tuple[str, str]:
    """Return the argument of f, and the source of the shape of its values."""
    variables = source.expression.variables
    if len(variables) > 1:
        return "p", "p.shape[:-1]"
    return identifier(variables[0]), f"np.shape({identifier(variables[0])})"


def _trees(reading: Expression) -> list[Node]:
    return [reading.tree, *([reading.region.tree] if reading.region else [])]


def _prepare(sheet: Sheet, trees: Sequence[Node]) -> None:
    """Add the functions that trees need and NumPy lacks."""
    for name in helpers(trees):
        if name == "erf":
            sheet.imports.add("import math")
        if HELPERS[name][0] not in sheet.functions:
            sheet.functions += [*([] if name == "erf" else [""]), *HELPERS[name], ""]
    sheet.is_quiet = sheet.is_quiet or any(map(may_warn, trees))


def _unpacked(source: Source, trees: Sequence[Node]) -> list[str]:
    """Return the line that names the coordinates that occur in trees; none for one variable."""
    if len(source.counts) == 1:
        return []
    used = {node.name for tree in trees for node in walk(tree) if isinstance(node, Var)}
    found = [
        (identifier(name), f"p[..., {axis}]")
        for axis, name in enumerate(source.expression.variables)
        if name in used
    ]
    if not found:
        return []
    return [f"    {', '.join(name for name, _ in found)} = {', '.join(place for _, place in found)}"]


def _returned(sheet: Sheet, source: Source, tree: Node, shape: str) -> list[str]:
    """Return the lines that return the values of a tree: NaN where they are not finite, if that may be."""
    variables = set(source.expression.variables)
    if not any(isinstance(node, Var) and node.name in variables for node in walk(tree)):
        return [f"    return np.full({shape}, {SOURCE.text(tree)}, dtype=float)"]
    if not sheet.is_quiet:
        return _assigned("return", tree)
    return [*_assigned("value", tree), "    return np.where(np.isfinite(value), value, np.nan)"]


def _assigned(target: str, tree: Node, comment: str = "") -> list[str]:
    """Return the lines of an assignment, or of a return, long sums with a term a line."""
    start = f"    {target} " if target == "return" else f"    {target} = "
    pieces = SOURCE.lines(tree)
    whole = f"{start}{' '.join(pieces)}{comment}"
    if len(whole) <= WIDTH or len(pieces) == 1:
        return [whole]
    return [f"{start}({comment}", *(f"        {piece}" for piece in pieces), "    )"]


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


def _central_of_curve(source: Source, step: str, *, masked: bool) -> list[str]:
    (x,), _ = map(identifier, source.expression.variables), masked
    return [
        "", f"def derivative({x}, step={step}):",
        f'    """Return the derivative by central differences, (f({x} + h) - f({x} - h)) / 2h."""',
        f"    right, left = {x} + step, {x} - step  # rounded: their distance is not exactly 2h",
        "    return (f(right) - f(left))/(right - left)", "",
    ]  # fmt: skip


def _central(source: Source, step: str, *, masked: bool) -> list[str]:
    shape = f"(..., {len(source.counts)})"
    return [
        "", f"def gradient(p, step={step}):",
        f'    """Return the gradient {shape} of f at points p {shape}, by central differences.',
        "",
        "    The last axis of p holds the coordinates of a point. Along each coordinate the slope is",
        "    (f(x + h) - f(x - h)) / 2h.",
        '    """',
        "    g = np.empty_like(p)",
        "    for i in range(p.shape[-1]):",
        "        right, left = p.copy(), p.copy()",
        "        right[..., i] += step",
        "        left[..., i] -= step",
        "        # x + h is rounded: divide by the distance between the two points.",
        "        g[..., i] = (f(right) - f(left))/(right[..., i] - left[..., i])",
        *(["    g[np.isnan(f(p))] = np.nan"] if masked else []),
        "    return g", "",
    ]  # fmt: skip
