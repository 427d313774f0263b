"""A tree as Matplotlib's mathtext, in the order in which it was typed, and a formula as text."""

from __future__ import annotations

import re
from collections.abc import Callable

from gradviz.language.tables import GREEK, SUBSCRIPTS
from gradviz.language.tree import Node, Num, Op, Var

_UPRIGHT = frozenset(
    ["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh", "exp", "log", "min", "max"]
)
_RAISED_BEFORE = _UPRIGHT - {"exp", "log", "min", "max"}  # sin^2 x
_NAMED = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "sigmoid": r"sigmoid", "heaviside": "H"}
_RELATIONS = {"lt": "<", "le": r"\leq", "gt": ">", "ge": r"\geq", "eq": "=", "ne": r"\neq"}
_GREEK_NAMES = frozenset(GREEK.values())
_LETTERS = {name: letter for letter, name in GREEK.items()}
_LOWERED = str.maketrans({digit: lowered for lowered, digit in SUBSCRIPTS.items()})

# How tightly a piece holds together; a piece inside a tighter one needs parentheses.
_LOOSE, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(6)


def mathtext(tree: Node) -> str:
    """Return a tree as mathtext, without the dollar signs."""
    return _piece(tree)[0]


def displayed(text: str) -> str:
    """Return mathtext as it looks best: the outermost fractions in full size, bars around what is flat plain.

    Matplotlib's sized bars are too short for a flat argument: they look like those of floor or ceil.
    """
    text = re.sub(r"\\left\|((?:(?!\\left|\\right|\\frac).)*)\\right\|", r"|\1|", text)
    depth = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal depth
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        return r"\dfrac" if match[0] == r"\frac" and depth == 0 else match[0]

    return re.sub(r"\\frac|[{}]", replaced, text)


def terms(tree: Node) -> list[str]:
    """Return the terms of a sum, or the whole of anything else, as pieces of mathtext to break lines at."""
    if not (isinstance(tree, Op) and tree.name == "add"):
        return [mathtext(tree)]
    pieces = [_inside(tree.args[0], _SUM)]
    return pieces + [_term(argument) for argument in tree.args[1:]]


def name(variable: str) -> str:
    """Return the name of a variable as mathtext: x0 with an index, theta in Greek, longer ones upright."""
    stem, index = _stem_and_index(variable)
    if stem in _GREEK_NAMES:
        stem = rf"\{stem}"
    elif len(stem) > 1:
        stem = rf"\mathrm{{{stem.replace('_', chr(92) + '_')}}}"
    return f"{stem}_{{{index}}}" if index else stem


def plain_name(variable: str) -> str:
    """Return the name of a variable as plain text: x₀, θ."""
    stem, index = _stem_and_index(variable)
    if index and not index.isdigit():
        return variable
    return _LETTERS.get(stem, stem) + index.translate(_LOWERED)


def _stem_and_index(variable: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z]+?)_?([0-9]*|(?<=_)[A-Za-z0-9]+)", variable)
    return (match[1], match[2]) if match else (variable, "")


def number(value: float) -> str:
    """Return a number with at most six digits as mathtext, powers of ten raised."""
    return raised(f"{value:.6g}")


def raised(text: str) -> str:
    """Return a number that Python wrote as mathtext, powers of ten raised."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return mantissa
    ten = f"10^{{{int(exponent)}}}"
    return ten if mantissa == "1" else rf"{mantissa} \cdot {ten}"


def _inside(node: Node, needed: int) -> str:
    text, held = _piece(node)
    return text if held >= needed else rf"\left({text}\right)"


def _term(node: Node) -> str:
    """Return a term of a sum after the first, with its sign."""
    if isinstance(node, Op) and node.name == "neg":
        return f"- {_inside(node.args[0], _PRODUCT)}"
    return f"+ {_inside(node, _PRODUCT)}"


def _piece(node: Node) -> tuple[str, int]:
    """Return a node as mathtext, and how tightly it holds together."""
    if isinstance(node, Var):
        return name(node.name), _ATOM
    if isinstance(node, Num):
        return _number(node)
    if node.name in _OPERATIONS:
        return _OPERATIONS[node.name](node)
    if node.name in _RELATIONS:
        left, right = (_inside(argument, _SUM) for argument in node.args)
        return f"{left} {_RELATIONS[node.name]} {right}", _SUM
    return _call(node)


def _number(node: Num) -> tuple[str, int]:
    if node.text in ("pi", "tau"):
        return rf"\{node.text}", _ATOM
    text = "e" if node.text in ("e", "E") else number(node.value)
    return text, _PRODUCT if "10^" in text else _ATOM


def _joined(node: Op) -> tuple[str, int]:
    """Conditions joined by and or or."""
    joint = rf"\;\mathrm{{{node.name}}}\;"
    return joint.join(_inside(argument, _SUM) for argument in node.args), _LOOSE


def _product(node: Op) -> tuple[str, int]:
    factors = node.args if node.name == "mul" else (node,)
    first = factors[0]
    if isinstance(first, Op) and first.name == "neg":
        rest = Op("mul", (*first.args, *factors[1:]), node.start, node.stop)
        return f"-{_product(rest)[0]}", _SUM
    above = [f for f in factors if not (isinstance(f, Op) and f.name == "reciprocal")]
    below = [f.args[0] for f in factors if isinstance(f, Op) and f.name == "reciprocal"]
    if not below:
        return _factors(above), _PRODUCT
    if len(above) > 1 and isinstance(above[0], Num) and all(isinstance(f, Num) for f in below):
        return f"{_fraction(above[:1], below)} {_factors(above[1:])}", _PRODUCT  # 1/3 x
    return _fraction(above, below), _PRODUCT


def _fraction(above: list[Node], below: list[Node]) -> str:
    top, bottom = (
        (mathtext(part[0]) if len(part) == 1 else _factors(part)) if part else "1" for part in (above, below)
    )
    return rf"\frac{{{top}}}{{{bottom}}}"


def _floor_division(node: Op) -> tuple[str, int]:
    left, right, held = _AROUND["floor"]
    return f"{left}{_fraction([node.args[0]], [node.args[1]])}{right}", held


def _factors(factors: list[Node]) -> str:
    """Join factors; a dot stands only before a digit, where leaving it out would make another number."""
    pieces = [_inside(factor, _PRODUCT if place == 0 else _SIGN) for place, factor in enumerate(factors)]
    joined = pieces[0]
    for before, factor, piece in zip(factors, factors[1:], pieces[1:], strict=False):
        starts_with_digit = piece[0].isdigit() or piece.startswith(r"\frac")
        thin = r"\," if isinstance(before, Op) or isinstance(factor, Op) else r"\, "
        joined += rf" \cdot {piece}" if starts_with_digit else f"{thin}{piece}"
    return joined


def _power(base: Node, exponent: Node) -> tuple[str, int]:
    is_trigonometric = isinstance(base, Op) and base.name in _RAISED_BEFORE
    if is_trigonometric and isinstance(base, Op) and isinstance(exponent, Num) and exponent.value > 0:
        return rf"\{base.name}^{{{mathtext(exponent)}}}{_arguments(base)}", _SIGN
    held = _inside(base, _ATOM)
    return rf"{held}^{{{mathtext(exponent)}}}", _POWER


def _branches(node: Op) -> tuple[str, int]:
    *pairs, rest = node.args
    pieces = [
        rf"{_inside(value, _SUM)}\;\mathrm{{if}}\;{mathtext(test)}"
        for test, value in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    if not (isinstance(rest, Op) and rest.name == "undefined"):
        pieces.append(rf"{_inside(rest, _SUM)}\;\mathrm{{else}}")
    return r",\;".join(pieces), _LOOSE


def _arguments(node: Op) -> str:
    return rf"\left({', '.join(_inside(argument, _SUM) for argument in node.args)}\right)"


def _call(node: Op) -> tuple[str, int]:
    if node.name in _AROUND and len(node.args) == 1:
        left, right, held = _AROUND[node.name]
        inner = mathtext(node.args[0])
        if node.name == "exp" and r"\frac" in inner:  # which would be too small up there
            return rf"\exp\left({inner}\right)", _SIGN
        return f"{left}{inner}{right}", held
    if node.name == "log" and len(node.args) == 2:
        return rf"\log_{{{mathtext(node.args[1])}}}\left({mathtext(node.args[0])}\right)", _SIGN
    if node.name in _UPRIGHT:
        return rf"\{node.name}{_arguments(node)}", _SIGN
    return rf"\mathrm{{{_NAMED.get(node.name, node.name)}}}{_arguments(node)}", _SIGN


# What stands before and behind the argument, and how tightly the whole holds together.
_AROUND = {
    "sqrt": (r"\sqrt{", "}", _ATOM),
    "cbrt": (r"\sqrt[3]{", "}", _ATOM),
    "abs": (r"\left|", r"\right|", _ATOM),
    "floor": (r"\left\lfloor ", r"\right\rfloor", _ATOM),
    "ceil": (r"\left\lceil ", r"\right\rceil", _ATOM),
    "exp": ("e^{", "}", _POWER),
    "log2": (r"\log_{2}\left(", r"\right)", _SIGN),
    "log10": (r"\log_{10}\left(", r"\right)", _SIGN),
}
_OPERATIONS: dict[str, Callable[[Op], tuple[str, int]]] = {
    "add": lambda node: (" ".join(terms(node)), _SUM),
    "neg": lambda node: (f"-{_inside(node.args[0], _PRODUCT)}", _SUM),
    "mul": _product,
    "reciprocal": _product,
    "power": lambda node: _power(*node.args),
    "floordiv": _floor_division,
    "where": _branches,
    "and": _joined,
    "or": _joined,
    "not": lambda node: (rf"\mathrm{{not}}\;{_inside(node.args[0], _ATOM)}", _LOOSE),
    "true": lambda _: (r"\mathrm{true}", _ATOM),
    "false": lambda _: (r"\mathrm{false}", _ATOM),
    "undefined": lambda _: (r"\mathrm{undefined}", _ATOM),
}
