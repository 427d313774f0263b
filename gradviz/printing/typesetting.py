"""Printers of formulas as books print them: mathtext, the TeX of Matplotlib, and MathML, for browsers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gradviz.language.tables import GREEK, SUBSCRIPTS
from gradviz.language.tree import Node, Num, Op, walk
from gradviz.printing.printer import ATOM, CALL, CHOICE, COMPARISON, POWER, PRODUCT, SUM, Piece, Printer

_SQUARED = frozenset(["sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh"])
_FUNCTIONS = _SQUARED | {"exp", "log", "min", "max"}  # functions that TeX has commands for
_WORDS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "heaviside": "H"}
SUBSCRIPT_DIGITS = str.maketrans({digit: subscript for subscript, digit in SUBSCRIPTS.items()})
GREEK_LETTERS = {name: letter for letter, name in GREEK.items()}


@dataclass(frozen=True)
class Typesetter(Printer):
    """Printer of formulas in the order in which they were typed; the fields describe the markup.

    `signs` also has: "neg", a prefix minus; "dot"; the spaces " " (after a fraction, between terms), "thin",
    "leaves" (thin, between two numbers or names) and "thick"; the separators "," and ";" (wide); the fences
    "abs", "floor" and "ceil", which "/abs", "/floor" and "/ceil" close.
    """

    signs: Mapping[str, str]
    letters: Callable[[str], str]  # italic letters; digits, perhaps after a minus
    symbol: Callable[[str], str]  # a Greek letter or a function, by its command in TeX
    word: Callable[[str], str]  # upright letters
    subscript: Callable[[str, str], str]
    superscript: Callable[[str, str], str]
    fraction: Callable[[str, str], str]
    root: Callable[[str, str], str]  # radicand, degree or ""
    is_flat: bool = False  # whether fractions are written with a slash, as in exponents, which are small

    def name(self, variable: str) -> str:
        """Return the name of a variable: x0 with an index, theta in Greek, longer names upright."""
        stem, index = _stem_and_index(variable)
        kind = self.symbol if stem in GREEK_LETTERS else self.word if len(stem) > 1 else self.letters
        return self.subscript(kind(stem), self.letters(index)) if index else kind(stem)

    def number(self, value: float) -> str:
        """Return a number with at most six significant digits."""
        return self.decimal(f"{value:z.6g}")

    def decimal(self, text: str) -> str:
        """Return a number that Python printed, its exponent as a power of ten."""
        mantissa, _, exponent = text.partition("e")
        digits = self.letters(mantissa)
        if not exponent:
            return digits
        power = self.superscript(self.letters("10"), self.letters(str(int(exponent))))
        return power if mantissa == "1" else f"{digits}{self.signs['dot']}{power}"

    def constant(self, node: Num) -> Piece:
        """Return a number, or the symbol of a constant."""
        if node.text in ("pi", "tau"):
            return self.symbol(node.text), ATOM
        if node.text in ("e", "E"):
            return self.letters("e"), ATOM
        text = f"{node.value:.6g}"
        return self.decimal(text), PRODUCT if "e" in text else ATOM

    def operation(self, node: Op) -> Piece:
        """Return an operation by its rule, or as a call."""
        return _TYPESET_RULES.get(node.name, _call)(self, node)


def _stem_and_index(variable: str) -> tuple[str, str]:
    """Return the stem and the index of a name: ("x", "0") for x0 and x_0, ("x", "") for x."""
    match = re.fullmatch(r"([A-Za-z]+?)_?([0-9]*|(?<=_)[A-Za-z0-9]+)", variable)
    return (match[1], match[2]) if match else (variable, "")


def plain_name(variable: str) -> str:
    """Return the name of a variable as plain text: x₀, θ."""
    stem, index = _stem_and_index(variable)
    if index and not index.isdigit():
        return variable
    return GREEK_LETTERS.get(stem, stem) + index.translate(SUBSCRIPT_DIGITS)


def _arguments(printer: Typesetter, node: Op) -> str:
    return printer.parenthesized(printer.signs[","].join(printer.inside(part, SUM) for part in node.args))


def _call(printer: Typesetter, node: Op) -> Piece:
    known = node.name in _FUNCTIONS
    function = printer.symbol(node.name) if known else printer.word(_WORDS.get(node.name, node.name))
    return function + _arguments(printer, node), CALL


def _junction(printer: Typesetter, node: Op) -> Piece:
    joint = f"{printer.signs['thick']}{printer.word(node.name)}{printer.signs['thick']}"
    return joint.join(printer.inside(part, COMPARISON) for part in node.args), CHOICE


def _product(printer: Typesetter, node: Op) -> Piece:
    factors = node.args if node.name == "mul" else (node,)
    if (root := _odd_root(printer, factors)) is not None:
        return root, ATOM
    first = factors[0]
    if isinstance(first, Op) and first.name == "neg":
        rest = Op("mul", (*first.args, *factors[1:]), node.start, node.stop)
        return printer.signs["neg"] + _product(printer, rest)[0], SUM
    above = [f for f in factors if not (isinstance(f, Op) and f.name == "reciprocal")]
    below = [f.args[0] for f in factors if isinstance(f, Op) and f.name == "reciprocal"]
    if not below:
        return _factors(printer, above), PRODUCT
    is_number = len(above) > 1 and isinstance(above[0], Num) and all(isinstance(f, Num) for f in below)
    if printer.is_flat:
        above = above[1:] if is_number and printer.text(above[0]) == "1" else above  # x/3
    elif is_number:  # 1/3 x
        fraction = _fraction(printer, above[:1], below)
        return fraction + printer.signs[" "] + _factors(printer, above[1:]), PRODUCT
    return _fraction(printer, above, below), PRODUCT


def _odd_root(printer: Typesetter, factors: Sequence[Node]) -> str | None:
    """Return the root that sign(u)*abs(u)**(1/n) is, in which the parser writes root(u, n); else None."""
    match factors:
        case (
            Op("sign", (u,)),
            Op("power", (Op("abs", (v,)), Op("mul", (Num(1.0), Op("reciprocal", (n,)))))),
        ):
            return printer.root(printer.text(u), printer.text(n)) if u == v else None
    return None


def _fraction(printer: Typesetter, above: Sequence[Node], below: Sequence[Node]) -> str:
    parts = (above or [Num(1.0, 0, 0)], below)
    if printer.is_flat:
        top, bottom = _factors(printer, parts[0]), _factors(printer, parts[1], CALL)
        return f"{top}{printer.signs['/']}{printer.parenthesized(bottom) if len(below) > 1 else bottom}"
    top, bottom = (_factors(printer, part, PRODUCT if len(part) > 1 else CHOICE) for part in parts)
    return printer.fraction(top, bottom)


def _factors(printer: Typesetter, factors: Sequence[Node], precedence: int = PRODUCT) -> str:
    """Join factors by a thin space, or by a dot before a digit, which would continue a number."""
    text = printer.inside(factors[0], precedence)
    for before, factor in pairwise(factors):
        has_operation = isinstance(before, Op) or isinstance(factor, Op)
        joint = "dot" if _starts_with_digit(factor) else "thin" if has_operation else "leaves"
        text += printer.signs[joint] + printer.inside(factor, CALL)
    return text


def _starts_with_digit(factor: Node) -> bool:
    """Return whether a factor is a number or a power of one, neither a constant nor in parentheses."""
    first = factor.args[0] if isinstance(factor, Op) and factor.name == "power" else factor
    return isinstance(first, Num) and not first.text.isalpha() and "e" not in f"{first.value:.6g}"


def _power(printer: Typesetter, node: Op) -> Piece:
    base, exponent = node.args
    if isinstance(base, Op) and base.name in _SQUARED and isinstance(exponent, Num) and exponent.value > 0:
        function = printer.superscript(printer.symbol(base.name), _in_exponent(printer, exponent))
        return function + _arguments(printer, base), CALL
    return printer.superscript(printer.inside(base, ATOM), _in_exponent(printer, exponent)), POWER


def _in_exponent(printer: Typesetter, node: Node) -> str:
    """Return the text of an exponent, whose fractions are readable in one line alone."""
    return replace(printer, is_flat=True).text(node)


def _exponential(printer: Typesetter, node: Op) -> Piece:
    exponent = printer.text(node.args[0])
    if any(isinstance(part, Op) and part.name in ("reciprocal", "floordiv") for part in walk(node)):
        return printer.symbol("exp") + printer.parenthesized(exponent), CALL  # else too small to read
    return printer.superscript(printer.letters("e"), exponent), POWER


def _logarithm(printer: Typesetter, node: Op) -> Piece:
    if node.name == "log" and len(node.args) == 1:
        return _call(printer, node)
    base = printer.letters(node.name[3:]) if len(node.args) == 1 else printer.text(node.args[1])
    function = printer.subscript(printer.symbol("log"), base)
    return function + printer.parenthesized(printer.text(node.args[0])), CALL


def _branches(printer: Typesetter, node: Op) -> Piece:
    thick, (*pairs, rest) = printer.signs["thick"], node.args
    texts = [
        f"{printer.inside(value, SUM)}{thick}{printer.word('if')}{thick}{printer.text(condition)}"
        for condition, value in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    if not (isinstance(rest, Op) and rest.name == "undefined"):
        texts.append(f"{printer.inside(rest, SUM)}{thick}{printer.word('else')}")
    return printer.signs[";"].join(texts), CHOICE


def _fenced(printer: Typesetter, fence: str, inner: str) -> Piece:
    return f"{printer.signs[fence]}{inner}{printer.signs[f'/{fence}']}", ATOM


_TYPESET_RULES: dict[str, Callable[[Typesetter, Op], Piece]] = {
    "add": lambda p, node: (p.signs[" "].join(p.signed(node.args)), SUM),
    "neg": lambda p, node: (p.signs["neg"] + p.inside(node.args[0], PRODUCT), SUM),
    "mul": _product,
    "reciprocal": _product,
    "power": _power,
    "floordiv": lambda p, node: _fenced(p, "floor", _fraction(p, node.args[:1], node.args[1:])),
    "where": _branches,
    "and": _junction,
    "or": _junction,
    "not": lambda p, node: (p.word("not") + p.signs["thick"] + p.inside(node.args[0], ATOM), CHOICE),
    **dict.fromkeys(("true", "false", "undefined"), lambda p, node: (p.word(node.name), ATOM)),
    **dict.fromkeys(("abs", "floor", "ceil"), lambda p, node: _fenced(p, node.name, p.text(node.args[0]))),
    "sqrt": lambda p, node: (p.root(p.text(node.args[0]), ""), ATOM),
    "cbrt": lambda p, node: (p.root(p.text(node.args[0]), p.letters("3")), ATOM),
    "exp": _exponential,
    **dict.fromkeys(("log", "log2", "log10"), _logarithm),
}

# Mathtext, without the dollar signs -----------------------------------------------------------------------

MATHTEXT = Typesetter(
    signs={
        "(": r"\left(", ")": r"\right)", "abs": r"\left|", "/abs": r"\right|",
        "floor": r"\left\lfloor ", "/floor": r"\right\rfloor",
        "ceil": r"\left\lceil ", "/ceil": r"\right\rceil",
        "lt": " < ", "le": r" \leq ", "gt": " > ", "ge": r" \geq ", "eq": " = ", "ne": r" \neq ",
        "+": "+ ", "-": "- ", "neg": "-", "dot": r" \cdot ", " ": " ", "thin": r"\,", "leaves": r"\, ",
        "thick": r"\;", ",": ", ", ";": r",\;", "/": "/",
    },
    letters=str,
    symbol="\\{}".format,
    word=lambda text: rf"\mathrm{{{text}}}".replace("_", r"\_"),
    subscript="{}_{{{}}}".format,
    superscript="{}^{{{}}}".format,
    fraction=r"\frac{{{}}}{{{}}}".format,
    root=lambda radicand, degree: rf"\sqrt[{degree}]{{{radicand}}}" if degree else rf"\sqrt{{{radicand}}}",
)  # fmt: skip


def displayed(text: str) -> str:
    """Return mathtext with its outermost fractions in full size and unsized bars around flat arguments.

    Matplotlib draws sized bars too short around a flat argument: they look like those of floor or ceil.
    """
    text = re.sub(r"\\left\|((?:(?!\\left|\\right|\\frac).)*)\\right\|", r"|\1|", text)
    depth = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal depth
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        return r"\dfrac" if match[0] == r"\frac" and depth == 0 else match[0]

    return re.sub(r"\\frac|[{}]", replaced, text)


# MathML ---------------------------------------------------------------------------------------------------

_MINUS = '<mo form="prefix">−</mo>'


def math(row: str) -> str:
    """Return a row of MathML elements as a formula.

    >>> math(MATHML.name("x0"))
    '<math displaystyle="true"><msub><mi>x</mi><mn>0</mn></msub></math>'
    """
    return f'<math displaystyle="true">{row}</math>'


def _single(row: str) -> str:
    """Return a row as one element."""
    return row if re.fullmatch(r"<m[in]>[^<]*</m[in]>", row) else f"<mrow>{row}</mrow>"


def _letters(text: str) -> str:
    """Return numbers, and each letter by itself: browsers set a name of several letters upright."""
    text = re.sub(r"([0-9.]+)|[A-Za-z]", lambda m: f"<mn>{m[0]}</mn>" if m[1] else f"<mi>{m[0]}</mi>", text)
    return text.replace("-", _MINUS)


def _superscript(base: str, exponent: str) -> str:
    if base.startswith("<msub>"):  # an index and an exponent stand above each other
        return f"<msubsup>{base[len('<msub>') : -len('</msub>')]}{_single(exponent)}</msubsup>"
    return f"<msup>{base}{_single(exponent)}</msup>"


# Plus and minus state their form, since browsers space them by it and would guess it from the row.
MATHML = Typesetter(
    signs={
        "(": "<mrow><mo>(</mo>", ")": "<mo>)</mo></mrow>",
        "abs": "<mrow><mo>|</mo>", "/abs": "<mo>|</mo></mrow>",
        "floor": "<mrow><mo>⌊</mo>", "/floor": "<mo>⌋</mo></mrow>",
        "ceil": "<mrow><mo>⌈</mo>", "/ceil": "<mo>⌉</mo></mrow>",
        "lt": "<mo>&lt;</mo>", "le": "<mo>≤</mo>", "gt": "<mo>&gt;</mo>", "ge": "<mo>≥</mo>",
        "eq": "<mo>=</mo>", "ne": "<mo>≠</mo>",
        "+": '<mo form="infix">+</mo>', "-": '<mo form="infix">−</mo>', "neg": _MINUS,
        "dot": "<mo>⋅</mo>", " ": "", "/": "<mo>/</mo>",
        **dict.fromkeys(("thin", "leaves"), '<mspace width="0.17em"></mspace>'),
        "thick": '<mspace width="0.28em"></mspace>',
        ",": "<mo>,</mo>", ";": '<mo>,</mo><mspace width="0.28em"></mspace>',
    },
    letters=_letters,
    symbol=lambda name: f"<mi>{GREEK_LETTERS.get(name, name)}</mi>",
    word='<mi mathvariant="normal">{}</mi>'.format,
    subscript=lambda base, index: f"<msub>{base}{_single(index)}</msub>",
    superscript=_superscript,
    fraction=lambda top, bottom: f"<mfrac>{_single(top)}{_single(bottom)}</mfrac>",
    root=lambda radicand, degree: (
        f"<mroot>{_single(radicand)}{degree}</mroot>" if degree else f"<msqrt>{_single(radicand)}</msqrt>"
    ),
)  # fmt: skip
