"""SymPy formulas in the form that a reader expects, as text in the language of expressions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import sympy
from sympy import Expr

from gradviz.fields import functions
from gradviz.fields.counting import TooLongError, parts_of, sizes
from gradviz.fields.descriptions import Description
from gradviz.fields.named_constants import call, factors
from gradviz.language.tree import Node, Num, Op, Var
from gradviz.limits import DERIVATIVE_PARTS, EXPRESSION_CHARACTERS
from gradviz.printing.expression_text import ExpressionText

_LARGE = 1e308  # bound on the magnitude of a part that is defined
_IDENTITIES = {("cos", "sin"): 1, ("sin", "cos"): 1, ("sinh", "cosh"): -1, ("cosh", "sinh"): -1}
"""Signs s for which 1 + s (f/g)^2 is 1/g^2 for functions (f, g), and -1/g^2 for (cosh, sinh)."""


def derivative_text(formula: Expr, *, exact: bool = False) -> str:
    """Return a formula as an expression that parses back to the same values, "" if it is too long for one.

    Where two arguments of max or min are equal, the derivative is a mean, which the expression leaves out
    unless `exact`; so it does with conditions of definition, such as x != 0 for the derivative of x/x.
    """
    return described([formula], exact=exact)[0].text


def remarks(formula: Expr) -> tuple[str, ...]:
    """Return the ties and the domain that the text of a derivative leaves out."""
    return described([formula])[0].remarks


def described(formulas: Sequence[Expr], *, exact: bool = False) -> tuple[Description, ...]:
    """Return texts and remarks of derivatives, all empty if they have more than `DERIVATIVE_PARTS` parts.

    The time is bounded by that number, because SymPy takes some 0.3 ms to sort and to combine a part.
    """
    found, room = [], DERIVATIVE_PARTS
    for formula in formulas:
        reader = _Reader(exact=exact, room=room)
        try:
            found.append(_description(formula, reader))
        except TooLongError:
            return (Description(),) * len(formulas)
        room = reader.room
    return tuple(found)


def _description(formula: Expr, reader: _Reader) -> Description:
    parts = parts_of(formula, reader.room)
    tree = reader.node(formula if reader.exact else _stripped(formula, {}))
    guards = [] if reader.exact else sorted(filter(_is_guard, parts), key=sympy.default_sort_key)
    conditions = [reader.condition(guard.args[1]) for guard in guards]
    if sum(sizes([tree, *reader.ties, *conditions])) > EXPRESSION_CHARACTERS:
        return Description()
    text, printer = ExpressionText().text(tree), ExpressionText()
    ties, domain = (dict.fromkeys(map(printer.text, nodes)) for nodes in (reader.ties, conditions))
    found = [f"the mean of both values at {' or '.join(ties)}"] if ties else []
    found += [f"for {' and '.join(domain)}"] if domain else []
    return Description(text, tuple(found)) if len(text) <= EXPRESSION_CHARACTERS else Description()


class _Reader:
    """A traversal of a formula that builds the tree of its form for readers."""

    def __init__(self, *, exact: bool, room: int) -> None:
        self.exact = exact
        self.room = room  # number of parts that may follow
        self.ties: list[Node] = []
        self.known: dict[Expr, Node] = {}

    def node(self, expr: Expr) -> Node:
        """Return the tree of a subexpression. Raises TooLongError."""
        self.room -= 1
        if self.room < 0:
            raise TooLongError
        if expr not in self.known:
            self.known[expr] = self._node(expr)
        return self.known[expr]

    def _node(self, expr: Expr) -> Node:
        if expr.is_Symbol:
            return Var(expr.name, 0, 0)
        if expr.is_Add:
            return self._sum(expr)
        if expr.is_Number or expr.is_Mul or expr.is_Pow:
            return self._product(expr)
        name = type(expr).__name__
        if name in _RULES:
            return _RULES[name](self, expr)
        return call(name, *map(self.node, expr.args))

    def _sum(self, expr: Expr) -> Node:
        """Return a sum whose first term is positive if one is."""
        if (short := _shorter(expr)) is not None:
            return self.node(short)
        terms = [self.node(term) for term in expr.as_ordered_terms()]
        first = next((term for term in terms if not _is_negative(term)), terms[0])
        return call("add", first, *(term for term in terms if term is not first))

    def _product(self, expr: Expr) -> Node:
        """Return a product as one fraction, after its sign."""
        number, rest = expr.as_coeff_Mul()
        coefficient = float(number)
        above: list[Node] = []
        below: list[Node] = []
        for factor in _merged(rest.as_ordered_factors()):
            content, base, exponent = _parts(factor)
            coefficient *= content
            if base is not sympy.S.One:
                (below if exponent.is_negative else above).append(self._raised(base, abs(exponent)))
        return self._fraction(coefficient, above, below, is_ratio=bool(number.is_Rational))

    def _fraction(
        self, coefficient: float, above: Sequence[Node], below: Sequence[Node], *, is_ratio: bool
    ) -> Node:
        """Return a product of factors above and below the line, with a ratio or a decimal before it."""
        known = factors(abs(coefficient), is_ratio=is_ratio or (bool(below) and abs(coefficient) == 0.5))
        top, bottom = _ordered(known.above, above), _ordered(known.below, below)
        if known.numerator != 1 or not top:
            top = [Num(known.numerator, 0, 0), *top]
        if known.denominator != 1:
            bottom = [Num(float(known.denominator), 0, 0), *bottom]
        if bottom:
            divisor: Node = call("reciprocal", bottom[0] if len(bottom) == 1 else call("mul", *bottom))
            result: Node = divisor if top == [Num(1.0, 0, 0)] else call("mul", *top, divisor)
        else:
            result = top[0] if len(top) == 1 else call("mul", *top)
        return call("neg", result) if coefficient < 0 else result

    def _raised(self, base: Expr, exponent: Expr) -> Node:
        """Return a power: a root for the exponent 1/2, exp for the base e."""
        if base.is_Number and float(base) == math.e:
            return call("exp", self.node(exponent))
        if exponent.is_Number and float(exponent) in (0.5, 1):
            return self.node(base) if exponent == 1 else call("sqrt", self.node(base))
        return call("power", self.node(base), self.node(exponent))

    def power(self, expr: Expr) -> Node:
        """Return a real power; one with a negative exponent is a fraction."""
        base, exponent = expr.args
        is_below = exponent.is_Number and exponent.is_negative
        return self._product(expr) if is_below else self._raised(base, exponent)

    def where(self, expr: Expr) -> Node:
        """Return a choice between values by conditions."""
        *pairs, rest = map(self.node, expr.args)
        return _chosen(pairs, rest)

    def defined(self, expr: Expr) -> Node:
        """Return a value where a part of the formula is defined."""
        value, part = expr.args
        return call("where", self.condition(part), self.node(value), call("undefined"))

    def condition(self, part: Expr) -> Node:
        """Return the domain of a part of a formula as a condition."""
        base, name = self.node(part.args[0]), type(part).__name__
        zero, one = Num(0.0, 0, 0), Num(1.0, 0, 0)
        if part.is_Pow:
            return self._solved("ne", part.base, sympy.S.Zero)
        if name in ("asin", "acos", "atanh"):
            sign, minus_one = "lt" if name == "atanh" else "le", call("neg", one)
            return call("and", call(sign, minus_one, base), call(sign, base, one))
        bounds = {"log": ("gt", zero), "log2": ("gt", zero), "log10": ("gt", zero), "sqrt": ("ge", zero)}
        if name in bounds or name == "acosh":
            sign, bound = bounds.get(name, ("ge", one))
            return call(sign, base, bound)
        return call("lt", call("abs", self.node(part)), Num(_LARGE, 0, 0))

    def bessel(self, expr: Expr) -> Node:
        """Return the derivative of sinc as a quotient, 0 at 0. Raises TooLongError for higher ones."""
        x, order = expr.args
        if order != 1:
            raise TooLongError
        quotient = self.node((functions.sin(x) - x * functions.cos(x)) / x**2)
        return call("where", self._solved("ne", x, sympy.S.Zero), quotient, Num(0.0, 0, 0))

    def normal(self, expr: Expr) -> Node:
        """Return the normal distribution function by the error function."""
        inner = functions.erf(expr.args[0] / functions.sqrt(sympy.Integer(2)))
        return self.node((1 + inner) / 2)

    def pick(self, expr: Expr) -> Node:
        """Return the slope of the largest value as a choice by comparisons of values."""
        half = len(expr.args) // 2
        values, slopes = expr.args[:half], expr.args[half:]
        if self.exact:
            return self._mean_of_ties(values, slopes)
        groups: dict[Expr, list[Expr]] = {}
        for value, slope in zip(values, slopes, strict=True):
            groups.setdefault(slope, []).append(value)
        default = sympy.S.Zero if sympy.S.Zero in groups else slopes[-1]
        pairs: list[Node] = []
        for slope, largest in groups.items():
            others = [value for other, group in groups.items() if other != slope for value in group]
            if slope != default:
                pairs += [self._exceeds(largest, others), self.node(slope)]
        return _chosen(pairs, self.node(default))

    def _mean_of_ties(self, values: Sequence[Expr], slopes: Sequence[Expr]) -> Node:
        if len(values) == 2:
            tie, greater = (call(name, *map(self.node, values)) for name in ("eq", "gt"))
            first, second, mean = map(self.node, (*slopes, (slopes[0] + slopes[1]) / 2))
            return call("where", tie, mean, greater, first, second)
        nodes, zero, one = list(map(self.node, values)), Num(0.0, 0, 0), Num(1.0, 0, 0)
        tests = [call("eq", node, call("max", *nodes)) for node in nodes]
        parts = (
            call("where", test, self.node(slope), zero) for test, slope in zip(tests, slopes, strict=True)
        )
        count = call("add", *(call("where", test, one, zero) for test in tests))
        return call("mul", call("add", *parts), call("reciprocal", count))

    def _exceeds(self, largest: Sequence[Expr], others: Sequence[Expr]) -> Node:
        """Return the condition that the largest of some values exceeds all others."""
        name, extreme = "gt", functions.max
        if all(_is_negative_term(value) or value == 0 for value in (*largest, *others)):
            name, extreme = "lt", functions.min  # values of min with the opposite sign
            largest, others = [-value for value in largest], [-value for value in others]
        left, right = (values[0] if len(values) == 1 else extreme(*values) for values in (largest, others))
        return self._compared(name, left, right)

    def _compared(self, name: str, left: Expr, right: Expr) -> Node:
        """Return a comparison without max and min, and note the tie of its sides."""
        above, below = (left, right) if name == "gt" else (right, left)
        if isinstance(below, functions.max) or isinstance(above, functions.min):
            lefts = left.args if isinstance(left, (functions.max, functions.min)) else [left]
            rights = right.args if isinstance(right, (functions.max, functions.min)) else [right]
            pairs = [(a, b) for a in lefts for b in rights if not _holds(name, a, b)]
            parts = [self._compared(name, *pair) for pair in pairs]
            return parts[0] if len(parts) == 1 else call("and", *parts)
        solved = self._solved(name, left, right)
        self.ties.append(call("eq", *solved.args))
        return solved

    def _solved(self, name: str, left: Expr, right: Expr) -> Op:
        """Return a comparison, solved for the only term that is not a number."""
        number, rest = (left - right).as_coeff_Add()
        coefficient, term = rest.as_coeff_Mul()
        if term.is_Add or term.is_Number:
            return call(name, self.node(left), self.node(right))
        if coefficient.is_negative:
            name = {"gt": "lt", "lt": "gt"}.get(name, name)
        return call(name, self.node(term), self.node(-number / coefficient))


def _is_guard(expr: Expr) -> bool:
    return isinstance(expr, functions.defined)


def _stripped(expr: Expr, known: dict[Expr, Expr]) -> Expr:
    """Return a formula without its guards."""
    if expr not in known:
        args = [_stripped(argument, known) for argument in expr.args]
        guarded = isinstance(expr, functions.defined)
        known[expr] = args[0] if guarded else expr.func(*args) if args != list(expr.args) else expr
    return known[expr]


def _chosen(pairs: Sequence[Node], rest: Node) -> Node:
    """Return a choice of values by conditions; where(a, where(b, v, w), w) as where(a and b, v, w)."""
    if all(value == rest for value in pairs[1::2]):
        return rest
    if len(pairs) == 2:
        test, value = pairs
        if isinstance(value, Op) and value.name == "where" and len(value.args) == 3 and value.args[2] == rest:
            inner = value.args[0]
            tests = [*_conditions(inner), *_conditions(test)]
            return call("where", _between(tests), value.args[1], rest)
    return call("where", *pairs, rest)


def _conditions(test: Node) -> Sequence[Node]:
    return test.args if isinstance(test, Op) and test.name == "and" else (test,)


def _between(tests: Sequence[Node]) -> Node:
    """Return conditions joined by `and`, x > a and x < b in the order of a < x < b."""
    if len(tests) == 2:
        first, second = tests
        if isinstance(first, Op) and isinstance(second, Op) and first.args[0] == second.args[0]:
            low, high = (first, second) if first.name == "gt" else (second, first)
            if (low.name, high.name) == ("gt", "lt"):
                tests = [call("lt", low.args[1], low.args[0]), high]
    return call("and", *tests)


def _holds(name: str, left: Expr, right: Expr) -> bool:
    """Return whether two numbers satisfy a comparison."""
    return bool(left.is_Number and right.is_Number and (left > right if name == "gt" else left < right))


def _parts(factor: Expr) -> tuple[float, Expr, Expr]:
    """Return a factor as a number and a power: content, base and exponent, which is 1 or a number."""
    base, exponent = (factor, sympy.S.One)
    if factor.is_Pow or (isinstance(factor, functions.power) and factor.args[1].is_Number):
        base, exponent = factor.args
    if isinstance(base, functions.log) and base.args[0].is_Number and float(base.args[0]) == math.e:
        return 1.0, sympy.S.One, exponent
    if not base.is_Add or not exponent.is_Integer or abs(exponent) > 3:
        return 1.0, base, exponent
    content = _content(base)
    return content ** int(exponent), sympy.Add(*(term / content for term in base.args)), exponent


def _content(expr: Expr) -> float:
    """Return the common factor of a sum: of integers, or a magnitude that all terms have."""
    numbers = [float(term.as_coeff_Mul()[0]) for term in expr.args]
    if len({abs(number) for number in numbers}) == 1:
        content = abs(numbers[0])
    elif all(number.is_integer() and abs(number) < 1e15 for number in numbers):
        content = float(math.gcd(*map(int, numbers)))
    else:
        return 1.0
    return content


def _merged(parts: Sequence[Expr]) -> list[Expr]:
    """Return the factors of a product in the order of readers, those that belong together as one.

    b b^(e - 1) is b^e, and sqrt(1 - u) sqrt(1 + u) is sqrt(1 - u^2).
    """
    merged = sorted(
        parts, key=lambda part: isinstance(part, functions.sigmoid) and _is_negative_term(part.args[0])
    )
    for factor in parts:
        if isinstance(factor, functions.power) and factor.args[0] in merged:
            base, exponent = factor.args
            number, rest = exponent.as_coeff_Add()
            if number == -1 or (rest == 0 and -1 < number < 0):
                merged.remove(base)
                merged[merged.index(factor)] = functions.power(base, exponent + 1)
    divisors = [part for part in parts if part.is_Pow and part.exp == -1]
    roots = [part for part in divisors if isinstance(part.base, functions.sqrt)]
    if len(roots) == 2 and (radicand := _difference_of_squares(*(root.base.args[0] for root in roots))):
        return [*(part for part in merged if part not in roots), 1 / functions.sqrt(radicand)]
    if len(divisors) == 2 and divisors[0].base + divisors[1].base == 2:
        product = 1 - ((divisors[0].base - divisors[1].base) / 2) ** 2
        return [*(part for part in merged if part not in divisors), 1 / product]
    return merged


def _difference_of_squares(first: Expr, second: Expr) -> Expr | None:
    """Return 1 - u^2 for 1 - u and 1 + u, u^2 - 1 for u - 1 and u + 1, else None."""
    total, difference = first + second, first - second
    if total == 2:
        return 1 - (difference / 2) ** 2
    return (total / 2) ** 2 - 1 if abs(difference) == 2 else None


def _ordered(constants: Sequence[Node], others: Sequence[Node]) -> list[Node]:
    """Return factors in the order of readers: pi and roots first, logarithms last."""
    last = [node for node in constants if isinstance(node, Op) and node.name == "log"]
    return [*(node for node in constants if node not in last), *others, *last]


def _shorter(expr: Expr) -> Expr | None:
    """Return n/g(u)^2 for a sum n + n f(u)^2/g(u)^2 where the functions f and g allow it, else None."""
    number, rest = expr.as_coeff_Add()
    coefficient, term = rest.as_coeff_Mul()
    powers = {factor.base: factor.exp for factor in term.as_ordered_factors() if factor.is_Pow}
    if len(powers) != 2 or sorted(powers.values()) != [-2, 2] or len(term.args) != 2:
        return None
    above, below = sorted(powers, key=lambda base: -powers[base])
    names = (type(above).__name__, type(below).__name__)
    if above.args != below.args or number == 0 or coefficient != _IDENTITIES.get(names, 0) * number:
        return None
    return (-number if names[0] == "cosh" else number) / below**2


def _is_negative(node: Node) -> bool:
    return isinstance(node, Op) and node.name == "neg"


def _is_negative_term(term: Expr) -> bool:
    """Return whether a value has a negative coefficient."""
    return bool(term.as_coeff_Mul()[0].is_negative)


_RULES: dict[str, Callable[[_Reader, Expr], Node]] = {
    "power": _Reader.power, "where": _Reader.where, "pick": _Reader.pick,
    "defined": _Reader.defined, "bessel": _Reader.bessel, "normal": _Reader.normal,
}  # fmt: skip
