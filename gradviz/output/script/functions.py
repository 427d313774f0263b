"""The function of a picture, its gradient and its second derivatives, as functions of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gradviz.calculus.differences import CENTRAL_STEP
from gradviz.errors import ExpressionError, RequestError
from gradviz.fields.symbolic import Symbolic
from gradviz.language.reading import Expression, read
from gradviz.language.tree import Node, Var, walk
from gradviz.output.script.sheet import WIDTH, Sheet, rounded
from gradviz.output.script.source import SOURCE, has_edge, identifier, is_total, may_warn
from gradviz.printing.numpy_source import HELPERS, helpers, number

_SHORT = 160  # characters of a derivative that is written out
_LONG = 3_000
_STEP = 1e-5  # of the range, in place of steps that are chosen at each point


def write_function(sheet: Sheet) -> None:
    """Write f(p), and the condition of the region, with the parameters before them."""
    reading = sheet.reading
    _prepare(sheet, _trees(reading))
    if reading.parameters:
        given = [f"{identifier(name)} = {float(value)!r}" for name, value in reading.parameters.items()]
        sheet.functions += [*given, ""]
    sheet.functions += ["", "def f(p):", f'    """The function at points p (..., {len(sheet.names)})."""']
    sheet.functions += [*_unpacked(sheet, [reading.tree]), *_returned(sheet, reading.tree), ""]
    if reading.region is not None:
        sheet.functions += ["", "def inside(p):", '    """Where the function is looked at."""']
        sheet.functions += [
            *_unpacked(sheet, [reading.region.tree]),
            f"    return {SOURCE.text(reading.region.tree)}",
            "",
        ]


def write_curve(sheet: Sheet) -> None:
    """Write f(x) and derivative(x) of one variable."""
    reading, (x,) = sheet.reading, sheet.names
    _prepare(sheet, _trees(reading))
    if reading.parameters:
        given = [f"{identifier(name)} = {float(value)!r}" for name, value in reading.parameters.items()]
        sheet.functions += [*given, ""]
    sheet.functions += ["", f"def f({x}):", *_returned(sheet, reading.tree, f"np.shape({x})"), ""]
    if reading.region is not None:
        sheet.functions += ["", f"def inside({x}):", f"    return {SOURCE.text(reading.region.tree)}", ""]
    slopes = _derivatives(sheet)
    if slopes:
        _prepare(sheet, slopes)
        shape = f"np.shape({x})"
        sheet.functions += ["", f"def derivative({x}):", '    """The exact derivative."""']
        known = f"    return np.where(np.isfinite(value) & np.isfinite(f({x})), value, np.nan)"
        lines = _returned(sheet, slopes[0], shape)
        sheet.functions += [
            *lines[:-1],
            known if lines[-1].startswith("    return np.where(np.isf") else lines[-1],
            "",
        ]
        return
    sheet.functions += [
        "", f"def derivative({x}, step={step_of(sheet)}):",
        f'    """The derivative by central differences, (f({x} + h) - f({x} - h)) / 2h."""',
        f"    right, left = {x} + step, {x} - step  # rounded, so that their distance is not quite 2h",
        "    return (f(right) - f(left))/(right - left)", "",
    ]  # fmt: skip


def write_gradient(sheet: Sheet) -> None:
    """Write gradient(p): exact if the method is and the derivatives are short, or else by differences."""
    slopes = _derivatives(sheet)
    if not slopes:
        sheet.functions += _central(len(sheet.names), step_of(sheet), masked=sheet.quiet)
        return
    _write_exact(sheet, slopes, "gradient")


def _write_exact(sheet: Sheet, slopes: Sequence[Node], name: str) -> None:
    """Write the exact gradient."""
    _prepare(sheet, slopes)
    sheet.quiet = sheet.quiet or any(map(has_edge, slopes))
    shape = f"(..., {len(sheet.names)})"
    sheet.functions += [
        "",
        f"def {name}(p):",
        f'    """The exact gradient {shape} of f at points p {shape}."""',
    ]
    sheet.functions += [*_unpacked(sheet, slopes), "    g = np.empty_like(p)"]
    for axis, (variable, slope) in enumerate(zip(sheet.reading.variables, slopes, strict=True)):
        sheet.functions += _assigned(f"g[..., {axis}]", slope, f"  # df/d{variable}")
    known = "    return np.where(np.isfinite(g) & np.isfinite(f(p))[..., None], g, np.nan)"
    sheet.functions += [known if sheet.quiet else "    return g", ""]


def write_both_gradients(sheet: Sheet) -> None:
    """Write gradient(p, step) by differences, and exact_gradient(p). Raises RequestError if that is long."""
    expression = _open(sheet.reading)
    texts = Symbolic(expression).derivative_texts[: len(sheet.reading.variables)]
    slopes = _read(texts, expression, _LONG)
    if not slopes:
        raise RequestError(
            "the derivatives of this function are too long for a script; write .png, .svg or .pdf"
        )
    sheet.functions += _central(len(sheet.names), number(sheet.spec.marked_step()), masked=False)
    _write_exact(sheet, slopes, "exact_gradient")


def write_hessian(sheet: Sheet) -> None:
    """Write hessian(p) for one point: exact if the second derivatives are short, or else by differences."""
    expression = _open(sheet.reading)
    count = len(sheet.names)
    symbolic = Symbolic(expression)
    from gradviz.fields.formula import derivative, symbol
    from gradviz.fields.text import derivative_text

    rows = [
        [derivative_text(derivative(slope, symbol(name))) for name in sheet.reading.variables]
        for slope in symbolic.derivatives[:count]
    ]
    trees = _read([one for row in rows for one in row], expression)
    if not trees:
        sheet.functions += [
            "", f"def hessian(p, step={rounded(_scale(sheet) * 1e-4, 1)}):",
            '    """The second derivatives at a point p, by central differences of the gradient."""',
            "    around = step*np.eye(len(p))",
            "    second = (gradient(p + around) - gradient(p - around))/(2*step)",
            "    return (second + second.T)/2  # it is symmetric, but for rounding", "",
        ]  # fmt: skip
        return
    _prepare(sheet, trees)
    sheet.functions += ["", "def hessian(p):", '    """The exact second derivatives at a point p."""']
    sheet.functions += _unpacked(sheet, trees)
    lines = [
        ", ".join(map(SOURCE.text, trees[start : start + count])) for start in range(0, len(trees), count)
    ]
    whole = f"    return np.array([{', '.join(f'[{line}]' for line in lines)}])"
    if len(whole) <= WIDTH:
        sheet.functions += [whole, ""]
    else:
        sheet.functions += ["    return np.array([", *(f"        [{line}]," for line in lines), "    ])", ""]


def step_of(sheet: Sheet) -> str:
    """Return the step of the differences: the one of the spec, or one that suits the range."""
    spec = sheet.spec
    if spec.method == "central":
        return number(spec.step or CENTRAL_STEP)
    return rounded(_STEP * _scale(sheet), 1)


def _scale(sheet: Sheet) -> float:
    return float(min(high - low for low, high, *_ in map(sheet.spec.interval, sheet.reading.variables)))


def _trees(reading: Expression) -> list[Node]:
    return [reading.tree, *([reading.region.tree] if reading.region else [])]


def _prepare(sheet: Sheet, trees: Sequence[Node]) -> None:
    """Add what trees need, and find out whether NumPy may warn of them."""
    for name in helpers(trees):
        lines = HELPERS[name]
        if lines[0] in sheet.functions:
            continue
        if name == "erf":
            sheet.imports.add("import math")
            sheet.functions += [*lines, ""]
        else:
            sheet.functions += ["", *lines, ""]
    undefined = not np.isfinite(sheet.samples.values[sheet.samples.inside]).all()
    wanders = sheet.spec.kind == "descent" and not all(map(is_total, trees))
    beside = sheet.needs_gradient and any(map(has_edge, trees))
    sheet.quiet = sheet.quiet or undefined or wanders or beside or any(map(may_warn, trees))


def _unpacked(sheet: Sheet, trees: Sequence[Node]) -> list[str]:
    """Return the line that names the coordinates which occur in trees."""
    used = {node.name for tree in trees for node in walk(tree) if isinstance(node, Var)}
    found = [
        (identifier(name), f"p[..., {axis}]")
        for axis, name in enumerate(sheet.reading.variables)
        if name in used
    ]
    if not found:
        return []
    return [f"    {', '.join(name for name, _ in found)} = {', '.join(place for _, place in found)}"]


def _returned(sheet: Sheet, tree: Node, shape: str = "p.shape[:-1]") -> list[str]:
    """Return the lines that return a tree in the shape of points: NaN where not finite, if that may be."""
    variables = set(sheet.reading.variables)
    if not any(isinstance(node, Var) and node.name in variables for node in walk(tree)):
        return [f"    return np.full({shape}, {SOURCE.text(tree)}, dtype=float)"]
    if not sheet.quiet:
        return _assigned("return", tree)
    return [*_assigned("value", tree), "    return np.where(np.isfinite(value), value, np.nan)"]


def _assigned(target: str, tree: Node, behind: str = "") -> list[str]:
    """Return the lines of an assignment, or of a return, long sums with a term a line."""
    start = f"    {target} " if target == "return" else f"    {target} = "
    pieces = SOURCE.lines(tree)
    whole = f"{start}{' '.join(pieces)}{behind}"
    if len(whole) <= WIDTH or len(pieces) == 1:
        return [whole]
    return [f"{start}({behind}", *(f"        {piece}" for piece in pieces), "    )"]


def _open(reading: Expression) -> Expression:
    """Return an expression whose parameters are variables, too, so that their names stay in derivatives."""
    return replace(reading, variables=(*reading.variables, *reading.parameters), parameters={}, region=None)


def _derivatives(sheet: Sheet) -> list[Node]:
    """Return the exact partial derivatives, none where differences are to be taken."""
    if sheet.spec.method not in ("exact", "complex"):
        return []
    expression = _open(sheet.reading)
    return _read(Symbolic(expression).derivative_texts[: len(sheet.reading.variables)], expression)


def _read(texts: Sequence[str], expression: Expression, most: int = _SHORT) -> list[Node]:
    """Return the trees of derivatives, none if one of them is long."""
    if max(map(len, texts)) > most:
        return []
    try:
        return [read(text, variables=expression.variables).tree for text in texts]
    except (ExpressionError, RequestError):
        return []


def _central(count: int, step: str, *, masked: bool) -> list[str]:
    shape = f"(..., {count})"
    return [
        "", f"def gradient(p, step={step}):",
        f'    """The gradient {shape} of f at points p {shape}, by central differences.',
        "",
        "    The last axis of p holds the coordinates of a point, whatever the axes before it are.",
        "    Along each coordinate the slope is (f(x + h) - f(x - h)) / 2h.",
        '    """',
        "    g = np.empty_like(p)",
        "    for i in range(p.shape[-1]):",
        "        right, left = p.copy(), p.copy()",
        "        right[..., i] += step",
        "        left[..., i] -= step",
        "        # x + h is rounded: divide by the distance that was really gone.",
        "        g[..., i] = (f(right) - f(left))/(right[..., i] - left[..., i])",
        *(["    g[np.isnan(f(p))] = np.nan"] if masked else []),
        "    return g", "",
    ]  # fmt: skip
