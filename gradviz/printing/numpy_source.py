"""Printer of NumPy source code, for reading: nothing is compiled or run here.

The code gives the values of `fields.program` up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gradviz.language.constants import fold
from gradviz.language.tree import Node, Num, Op, variables, walk
from gradviz.printing.printer import ATOM, JUNCTION, MODULO, POWER, PRODUCT, SUM, Piece, Printer

WIDTH = 100  # characters of a line
_MAX_OPERANDS = 50  # operands of one chain: Python's compiler fails at some thousands
_MAX_INTEGER = 2.0**53  # integers from here on are printed as floats: NumPy would make objects of them
SIGNS = {
    "(": "(", ")": ")", "+": "+ ", "-": "- ", " ": " ",
    "lt": " < ", "le": " <= ", "gt": " > ", "ge": " >= ", "eq": " == ", "ne": " != ",
}  # fmt: skip
_CONSTANTS = {"pi": "np.pi", "e": "np.e", "E": "np.e"}
_SAME_NAMES = "sin cos tan sinh cosh tanh exp log log2 log10 sqrt cbrt sign floor ceil abs hypot clip"
_CALLS = {  # templates for the arguments, separated by commas
    **{name: f"np.{name}({{}})" for name in _SAME_NAMES.split()},
    "asin": "np.arcsin({})", "acos": "np.arccos({})", "atan": "np.arctan({})", "atan2": "np.arctan2({})",
    "asinh": "np.arcsinh({})", "acosh": "np.arccosh({})", "atanh": "np.arctanh({})",
    **{name: f"{name}({{}})" for name in ("erf", "sigmoid", "silu", "gelu", "elu", "leaky_relu")},
    "heaviside": "np.heaviside({}, 0.5)",
    "relu": "np.maximum({}, 0)", "softplus": "np.logaddexp({}, 0)",
    "not": "np.logical_not({})", "true": "True", "false": "False", "undefined": "np.nan",
}  # fmt: skip
_QUOTIENTS = {  # templates for one and two arguments
    ("sec", 1): "1/np.cos({0})", ("csc", 1): "1/np.sin({0})", ("cot", 1): "np.cos({0})/np.sin({0})",
    ("log", 2): "np.log({0})/np.log({1})",
}  # fmt: skip
HELPERS = {
    "erf": ("erf = np.vectorize(math.erf, otypes=[float])  # NumPy has no error function",),
    "sigmoid": ("def sigmoid(x):", "    return 1/(1 + np.exp(-x))"),
    "silu": ("def silu(x):", "    return x/(1 + np.exp(-x))"),
    "gelu": ("gelu = np.vectorize(lambda x: x*math.erfc(-x/math.sqrt(2))/2, otypes=[float])",),
    "elu": ("def elu(x, a=1):", "    return np.where(x > 0, x, a*np.expm1(np.minimum(x, 0)))"),
    "leaky_relu": ("def leaky_relu(x, a=0.01):", "    return np.where(x > 0, x, a*x)"),
}
"""Definitions of the functions that NumPy lacks."""

_Rule = Callable[["NumpySource", Sequence[Node]], Piece]


@dataclass(frozen=True)
class NumpySource(Printer):
    """Printer of NumPy source code; `name` maps names of variables to identifiers."""

    name: Callable[[str], str]
    signs: Mapping[str, str] = field(default_factory=lambda: SIGNS)

    def constant(self, node: Num) -> Piece:
        """Return a number that reads back as the same double, or the name of a constant."""
        if node.text == "tau":
            return "2*np.pi", PRODUCT
        return _CONSTANTS.get(node.text) or number(node.value), ATOM

    def operation(self, node: Op) -> Piece:
        """Return an operation by its rule, or as a call."""
        if (value := _large_constant(node)) is not None:
            return repr(value), ATOM if value >= 0 else PRODUCT
        if node.name in _NUMPY_RULES:
            return _NUMPY_RULES[node.name](self, node.args)
        if (quotient := _QUOTIENTS.get((node.name, len(node.args)))) is not None:
            return quotient.format(*map(self.text, node.args)), PRODUCT
        return _CALLS[node.name].format(self.listed(node.args)), ATOM

    def lines(self, tree: Node) -> list[str]:
        """Return the terms of a sum, to break lines at, or the whole text of a tree that is no plain sum."""
        if isinstance(tree, Op) and (len(tree.args) > _MAX_OPERANDS or _large_constant(tree) is not None):
            return [self.text(tree)]
        return self.terms(tree)

    def listed(self, args: Iterable[Node]) -> str:
        """Return arguments, separated by commas."""
        return ", ".join(map(self.text, args))


def number(value: float) -> str:
    """Return a number that reads back as the same double, integers without a decimal point."""
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def helpers(trees: Iterable[Node]) -> list[str]:
    """Return the names in `HELPERS` that trees need."""
    used = {node.name for tree in trees for node in walk(tree) if isinstance(node, Op)}
    return [name for name in HELPERS if name in used]


def _large_constant(node: Op) -> float | None:
    """Return the value of a constant that Python would compute in integers too large for NumPy."""
    if node.name not in ("add", "mul", "neg", "power") or any(variables(node)):
        return None
    folded = fold(node, "")
    return folded.value if isinstance(folded, Num) and abs(folded.value) >= _MAX_INTEGER else None


def _chain(sign: str, precedence: int, text: Callable[[NumpySource, Sequence[Node]], str]) -> _Rule:
    """Return the rule of an operation on any number of operands, many of them in groups printed by `text`."""

    def rule(printer: NumpySource, args: Sequence[Node]) -> Piece:
        if len(args) <= _MAX_OPERANDS:
            return text(printer, args), precedence
        groups = (args[start : start + _MAX_OPERANDS] for start in range(0, len(args), _MAX_OPERANDS))
        return sign.join(f"({text(printer, group)})" for group in groups), precedence

    return rule


def _junction(sign: str) -> _Rule:
    return _chain(sign, JUNCTION, lambda p, args: sign.join(p.inside(part, ATOM) for part in args))


def product(printer: Printer, args: Sequence[Node]) -> str:
    """Return the text of a product with the signs * and /."""
    text = ""
    for place, factor in enumerate(args):
        if isinstance(factor, Op) and factor.name == "reciprocal":
            text = f"{text or '1'}/{printer.inside(factor.args[0], POWER)}"
        elif place:
            text += f"*{printer.inside(factor, POWER)}"
        else:
            text = printer.inside(factor, PRODUCT)
    return text


def power(printer: Printer, args: Sequence[Node]) -> Piece:
    """Return a power with the sign **."""
    base, exponent = args
    if isinstance(exponent, Op) and exponent.name == "neg" and isinstance(exponent.args[0], Num):
        return f"{printer.inside(base, ATOM)}**-{printer.inside(exponent.args[0], ATOM)}", POWER
    return f"{printer.inside(base, ATOM)}**{printer.inside(exponent, POWER)}", POWER


def _extreme(call: str) -> _Rule:
    """Return the rule of a function of two arguments applied to many, by halves."""

    def rule(printer: NumpySource, args: Sequence[Node]) -> Piece:
        if len(args) == 1:
            return printer.piece(args[0])
        half = len(args) // 2
        return f"{call}({rule(printer, args[:half])[0]}, {rule(printer, args[half:])[0]})", ATOM

    return rule


def _where(printer: NumpySource, args: Sequence[Node]) -> Piece:
    if len(args) == 3:
        return f"np.where({printer.listed(args)})", ATOM
    conditions, choices = printer.listed(args[:-1:2]), printer.listed(args[1::2])
    return f"np.select([{conditions}], [{choices}], {printer.text(args[-1])})", ATOM


_NUMPY_RULES: dict[str, _Rule] = {
    "add": _chain(" + ", SUM, lambda p, args: " ".join(p.signed(args))),
    "mul": _chain("*", PRODUCT, product),
    "neg": lambda p, args: (f"-{p.inside(args[0], PRODUCT)}", PRODUCT),
    "reciprocal": lambda p, args: (f"1/{p.inside(args[0], POWER)}", PRODUCT),
    "power": power,
    "mod": lambda p, args: (f"{p.inside(args[0], PRODUCT)} % {p.inside(args[1], POWER)}", MODULO),
    "floordiv": lambda p, args: (f"{p.inside(args[0], PRODUCT)} // {p.inside(args[1], POWER)}", MODULO),
    "and": _junction(" & "),
    "or": _junction(" | "),
    "where": _where,
    "min": _extreme("np.minimum"),
    "max": _extreme("np.maximum"),
    "logsumexp": _extreme("np.logaddexp"),
    "sinc": lambda p, args: (f"np.sinc({p.inside(args[0], PRODUCT)}/np.pi)", ATOM),
}
