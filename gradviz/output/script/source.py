"""A tree as NumPy source to be read: names and operations of the closed grammar, and nothing as it was typed.

Nothing is compiled or run here. What is written gives the values of `expression.program` up to rounding.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable, Sequence

from gradviz.language.constants import fold
from gradviz.language.tree import Node, Num, Op, Var, walk
from gradviz.optimizers import OPTIMIZERS

_OWN = """
    np plt math Path ListedColormap FuncNorm MaxNLocator f p g value derivative gradient exact_gradient
    hessian inside erf sigmoid step second right left points values vectors sizes arrows units looks doubtful
    rows columns change axis steps guided shown some there heights low high fractions exact floors errors
    slopes median greatest found levels places norm cmap colors drawn bar fig ax panels loss paths path label
    color dashes name names at start end slope lengths
"""
TAKEN = frozenset((*_OWN.split(), *OPTIMIZERS))
"""The names of the scripts themselves, which no variable may have."""

_COMPARED, _JOINED, _SUM, _MODULO, _PRODUCT, _POWER, _ATOM = range(7)  # how tightly a piece holds together
_CHAIN = 50  # terms in a row: Python's own compiler fails over some thousands
_WHOLE = 2.0**53  # whole numbers from here on are written as floats: NumPy would take them for objects
_RELATIONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_CONSTANTS = {"pi": "np.pi", "e": "np.e", "E": "np.e"}
_AS_IN_NUMPY = "sin cos tan sinh cosh tanh exp log2 log10 sqrt cbrt sign floor ceil abs hypot clip"
_CALLS = {
    **{name: f"np.{name}" for name in _AS_IN_NUMPY.split()},
    "asin": "np.arcsin", "acos": "np.arccos", "atan": "np.arctan", "atan2": "np.arctan2",
    "asinh": "np.arcsinh", "acosh": "np.arccosh", "atanh": "np.arctanh", "erf": "erf", "sigmoid": "sigmoid",
}  # fmt: skip
HELPERS = {
    "erf": ("erf = np.vectorize(math.erf, otypes=[float])  # NumPy has no error function",),
    "sigmoid": ("def sigmoid(x):", "    return 1/(1 + np.exp(-x))"),
}
"""What NumPy lacks."""

_DEFINED = """
    add mul neg sin cos atan atan2 tanh asinh abs sign floor ceil min max clip hypot heaviside erf relu
    softplus cbrt where lt le gt ge eq ne and or not true false
"""
_TOTAL = frozenset(_DEFINED.split())
"""What is defined everywhere."""
_GROWING = frozenset(("exp", "sinh", "cosh", "tan", "sec", "csc", "cot", "sigmoid"))
_FLATTENING = "where min max clip relu atan tanh sign heaviside erf sigmoid reciprocal"
_HIDING = frozenset(_FLATTENING.split())
"""What may be finite although an argument is not."""


def identifier(name: str) -> str:
    """Return the name of a variable as Python can have it: lambda_ for lambda, f_ for f.

    Names of the language never end in an underscore, so no two become one.
    """
    reserved = name in TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return f"{name}_" if reserved or hasattr(builtins, name) else name


def number(value: float) -> str:
    """Return a number that reads back as the same one, whole ones without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def source(tree: Node) -> str:
    """Return a tree as one line of NumPy source."""
    return _piece(tree)[0]


def terms(tree: Node) -> list[str]:
    """Return the terms of a sum with their signs, or the whole of anything else, to break lines at."""
    if not (isinstance(tree, Op) and tree.name == "add") or len(tree.args) > _CHAIN or _is_large(tree):
        return [source(tree)]
    first, *rest = tree.args
    return [_held(first, _SUM), *map(_term, rest)]


def helpers(trees: Iterable[Node]) -> list[str]:
    """Return the names of what trees need and NumPy lacks."""
    used = {node.name for tree in trees for node in walk(tree) if isinstance(node, Op)}
    return [name for name in HELPERS if name in used]


def is_total(tree: Node) -> bool:
    """Tell whether a tree is defined everywhere, as far as its operations show."""
    return not _partial(tree)


def has_edge(tree: Node) -> bool:
    """Tell whether a tree may be undefined beside a place where it is defined."""
    return any(node.name not in _GROWING for node in _partial(tree))


def may_warn(tree: Node) -> bool:
    """Tell whether NumPy may warn of a part of a tree although the whole is finite."""
    return any(isinstance(node, Op) and node.name in _HIDING and bool(_partial(node)) for node in walk(tree))


def _partial(tree: Node) -> list[Op]:
    """Return the operations in a tree that may be undefined, or overflow."""
    operations = (node for node in walk(tree) if isinstance(node, Op))
    return [node for node in operations if node.name not in _TOTAL and not _is_whole_power(node)]


def _is_whole_power(node: Op) -> bool:
    exponent = node.args[-1] if node.name == "power" else None
    return isinstance(exponent, Num) and exponent.value.is_integer() and 0 <= exponent.value <= 16


def _held(node: Node, needed: int) -> str:
    text, held = _piece(node)
    return text if held >= needed else f"({text})"


def _term(node: Node) -> str:
    """Return a term of a sum after the first, with its sign."""
    if isinstance(node, Op) and node.name == "neg":
        return f"- {_held(node.args[0], _PRODUCT)}"
    return f"+ {_held(node, _MODULO)}"


def _piece(node: Node) -> tuple[str, int]:
    """Return a node as source, and how tightly it holds together."""
    if isinstance(node, Var):
        return identifier(node.name), _ATOM
    if isinstance(node, Num):
        return ("2*np.pi", _PRODUCT) if node.text == "tau" else (_number(node), _ATOM)
    if _is_large(node):
        value = _value(node)
        return repr(value), _ATOM if value >= 0 else _PRODUCT
    return _operation(node)


def _operation(node: Op) -> tuple[str, int]:
    if node.name in _OPERATIONS:
        return _OPERATIONS[node.name](node.args)
    if node.name in _RELATIONS:
        left, right = (_held(argument, _SUM) for argument in node.args)
        return f"{left} {_RELATIONS[node.name]} {right}", _COMPARED
    return f"{_CALLS[node.name]}({', '.join(map(source, node.args))})", _ATOM


def _number(node: Num) -> str:
    return _CONSTANTS.get(node.text) or number(node.value)


def _is_large(node: Op) -> bool:
    """Tell whether a node is a constant that Python would compute in whole numbers beyond NumPy's."""
    if node.name not in ("add", "mul", "neg", "power") or any(isinstance(n, Var) for n in walk(node)):
        return False
    return abs(_value(node)) >= _WHOLE


def _value(node: Node) -> float:
    found = fold(node, "")
    return found.value if isinstance(found, Num) else 0.0


def _groups(args: Sequence[Node]) -> list[Sequence[Node]]:
    """Return parts in groups, of which there is one where they are not too many."""
    return [args[start : start + _CHAIN] for start in range(0, len(args), _CHAIN)]


def _sum(args: Sequence[Node]) -> tuple[str, int]:
    if len(args) > _CHAIN:
        return " + ".join(f"({_sum(group)[0]})" for group in _groups(args)), _SUM
    return " ".join([_held(args[0], _SUM), *map(_term, args[1:])]), _SUM


def _product(args: Sequence[Node]) -> tuple[str, int]:
    if len(args) > _CHAIN:
        return "*".join(f"({_product(group)[0]})" for group in _groups(args)), _PRODUCT
    text = ""
    for place, factor in enumerate(args):
        if isinstance(factor, Op) and factor.name == "reciprocal":
            text = f"{text or '1'}/{_held(factor.args[0], _POWER)}"
        else:
            text += f"*{_held(factor, _POWER)}" if place else _held(factor, _PRODUCT)
    return text, _PRODUCT


def _division(mark: str) -> Callable[[Sequence[Node]], tuple[str, int]]:
    return lambda args: (f"{_held(args[0], _PRODUCT)} {mark} {_held(args[1], _POWER)}", _MODULO)


def _power(args: Sequence[Node]) -> tuple[str, int]:
    base, exponent = args
    if isinstance(exponent, Op) and exponent.name == "neg" and isinstance(exponent.args[0], Num):
        return f"{_held(base, _ATOM)}**-{_held(exponent.args[0], _ATOM)}", _POWER
    return f"{_held(base, _ATOM)}**{_held(exponent, _POWER)}", _POWER


def _joined(mark: str) -> Callable[[Sequence[Node]], tuple[str, int]]:
    def join(args: Sequence[Node]) -> tuple[str, int]:
        if len(args) > _CHAIN:
            return f" {mark} ".join(f"({join(group)[0]})" for group in _groups(args)), _JOINED
        return f" {mark} ".join(_held(argument, _ATOM) for argument in args), _JOINED

    return join


def _extreme(call: str) -> Callable[[Sequence[Node]], tuple[str, int]]:
    """Return calls of two arguments inside each other, by halves."""

    def join(args: Sequence[Node]) -> tuple[str, int]:
        if len(args) == 1:
            return _piece(args[0])
        half = len(args) // 2
        return f"{call}({join(args[:half])[0]}, {join(args[half:])[0]})", _ATOM

    return join


def _where(args: Sequence[Node]) -> tuple[str, int]:
    if len(args) == 3:
        return f"np.where({', '.join(map(source, args))})", _ATOM
    conditions, choices = (", ".join(map(source, part)) for part in (args[:-1:2], args[1::2]))
    return f"np.select([{conditions}], [{choices}], {source(args[-1])})", _ATOM


def _logarithm(args: Sequence[Node]) -> tuple[str, int]:
    top, *base = (f"np.log({source(argument)})" for argument in args)
    return ("/".join((top, *base)), _PRODUCT) if base else (top, _ATOM)


def _around(before: str, behind: str = "") -> Callable[[Sequence[Node]], tuple[str, int]]:
    return lambda args: (f"{before}({source(args[0])}{behind})", _PRODUCT if before[0] == "1" else _ATOM)


_OPERATIONS: dict[str, Callable[[Sequence[Node]], tuple[str, int]]] = {
    "add": _sum,
    "mul": _product,
    "neg": lambda args: (f"-{_held(args[0], _PRODUCT)}", _PRODUCT),
    "reciprocal": lambda args: (f"1/{_held(args[0], _POWER)}", _PRODUCT),
    "power": _power,
    "mod": _division("%"),
    "floordiv": _division("//"),
    "and": _joined("&"),
    "or": _joined("|"),
    "not": _around("np.logical_not"),
    "true": lambda _: ("True", _ATOM),
    "false": lambda _: ("False", _ATOM),
    "undefined": lambda _: ("np.nan", _ATOM),
    "where": _where,
    "min": _extreme("np.minimum"),
    "max": _extreme("np.maximum"),
    "log": _logarithm,
    "sec": _around("1/np.cos"),
    "csc": _around("1/np.sin"),
    "cot": lambda args: (f"np.cos({source(args[0])})/np.sin({source(args[0])})", _PRODUCT),
    "heaviside": _around("np.heaviside", ", 0.5"),
    "relu": _around("np.maximum", ", 0"),
    "softplus": _around("np.logaddexp", ", 0"),
}
