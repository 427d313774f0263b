"""Forms of expressions that do not overflow where a part does, such as softplus(x) for log(1 + exp(x))."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from gradviz.language.tree import Node, Num, Op, signature

_Form = Callable[[Op], Node | None]

_MAX_FACTORS = 32  # number of factors of a product whose pairs are compared


def stable_parts(tree: Node) -> Iterator[tuple[Op, Node]]:
    """Yield the outermost parts of a tree that have a stable form, with that form."""
    if isinstance(tree, Op):
        form = _FORMS[tree.name](tree) if tree.name in _FORMS else None
        if form is not None:
            yield tree, form
        else:
            for argument in tree.args:
                yield from stable_parts(argument)


def stabilized(tree: Node) -> Node:
    """Return a tree with the stable form of each part that has one."""
    forms = {id(part): form for part, form in stable_parts(tree)}  # equal parts are different nodes

    def rebuilt(node: Node) -> Node:
        if not isinstance(node, Op) or id(node) in forms:
            return forms.get(id(node), node)
        return replace(node, args=tuple(map(rebuilt, node.args)))

    return rebuilt(tree)


# Trees --------------------------------------------------------------------------------------------------


def _op(name: str, *args: Node) -> Op:
    return Op(name, args, args[0].start, args[0].stop)


def _number(value: float, like: Node) -> Num:
    return Num(value, like.start, like.stop)


def _equal(first: Node, second: Node) -> bool:
    return signature(first) == signature(second)


def _negated(node: Node) -> Node:
    """Return -node; -(-u) is u, and -(-2 u) is 2 u."""
    if isinstance(node, Op) and node.name == "neg":
        return node.args[0]
    if isinstance(node, Op) and node.name == "mul":
        return replace(node, args=(_negated(node.args[0]), *node.args[1:]))
    return _op("neg", node)


def _opposite(first: Node, second: Node) -> bool:
    return _equal(_negated(first), second) or _equal(first, _negated(second))


def _is_number(node: Node, value: float) -> bool:
    return isinstance(node, Num) and node.value == value


def _exponent(node: Node) -> Node | None:
    """Return u for exp(u) and e^u, else None."""
    if isinstance(node, Op) and node.name == "exp":
        return node.args[0]
    is_power = isinstance(node, Op) and node.name == "power" and _is_number(node.args[0], math.e)
    return node.args[1] if is_power and isinstance(node, Op) else None


def _terms(node: Node) -> list[Node]:
    return list(node.args) if isinstance(node, Op) and node.name == "add" else [node]


def _minus(first: Node, second: Node) -> Node:
    return _op("add", first, _negated(second))


def _halved(node: Node) -> Node:
    """Return node/2; (2 u)/2 is u."""
    factors = list(node.args) if isinstance(node, Op) and node.name == "mul" else [node]
    first, *rest = factors
    if isinstance(first, Op) and first.name == "neg":
        return _negated(_halved(_negated(node)))
    if isinstance(first, Num) and rest:
        kept = rest if first.value == 2 else [_number(first.value / 2, first), *rest]
        return kept[0] if len(kept) == 1 else _op("mul", *kept)
    return _op("mul", *factors, _op("reciprocal", _number(2.0, node)))


# Forms --------------------------------------------------------------------------------------------------


def _logarithm(node: Op) -> Node | None:
    """Return the form of a logarithm of exponentials, to any base."""
    form = _log_of_sum(node.args[0]) or _log_of_one(node.args[0])
    bases = {"log2": 2.0, "log10": 10.0}
    base = _number(bases[node.name], node) if node.name in bases else node.args[-1]
    if form is None or (node.name == "log" and len(node.args) == 1):
        return form
    return _op("mul", form, _op("reciprocal", _op("log", base)))


def _log_of_sum(inner: Node) -> Node | None:
    """Return the form of log(1 + exp(u)), of log(exp(u) + exp(v) + ...) and of sums with positive numbers."""
    terms = _terms(inner)
    exponents = [_term_exponent(term) for term in terms]
    known = [exponent for exponent in exponents if exponent is not None]
    if len(terms) < 2 or len(known) < len(terms) or all(isinstance(term, Num) for term in terms):
        return None
    if len(terms) == 2 and any(_is_number(term, 1) for term in terms):
        return _op(
            "softplus", next(u for u, term in zip(known, terms, strict=True) if not _is_number(term, 1))
        )
    return _op("logsumexp", *known)


def _term_exponent(term: Node) -> Node | None:
    """Return u for exp(u), and log(a) for a positive number a."""
    if isinstance(term, Num) and term.value > 0:
        return _number(0.0, term) if term.value == 1 else _op("log", term)
    return _exponent(term)


def _log_of_one(inner: Node) -> Node | None:
    """Return the form of log(exp(u)) and of log(cosh(u))."""
    if (u := _exponent(inner)) is not None:
        return u
    if not isinstance(inner, Op) or inner.name != "cosh":
        return None
    size = _op("abs", inner.args[0])
    rest = _op("softplus", _op("mul", _op("neg", _number(2.0, size)), size))
    return _op("add", size, rest, _op("neg", _op("log", _number(2.0, size))))


def _root_of_squares(node: Op) -> Node | None:
    """Return the form of sqrt(u^2 + v^2), also as a power with the exponent 1/2."""
    if node.name == "power" and not _is_half(node.args[1]):
        return None
    terms = _terms(node.args[0])
    bases = [base for term in terms if (base := _square_root(term)) is not None]
    if not 2 <= len(bases) == len(terms) or all(isinstance(base, Num) for base in bases):
        return None
    first, *others = bases
    for base in others:
        first = _op("hypot", first, base)
    return first


def _is_half(node: Node) -> bool:
    if isinstance(node, Op) and node.name == "mul" and len(node.args) == 2:
        last = node.args[1]
        return _is_number(node.args[0], 1) and isinstance(last, Op) and _is_number(last.args[0], 2)
    return _is_number(node, 0.5)


def _square_root(node: Node) -> Node | None:
    """Return u for u^2 and u u, and the root of a positive number; else None."""
    if isinstance(node, Num) and node.value > 0:
        return _number(math.sqrt(node.value), node)
    if isinstance(node, Op) and node.name == "power" and _is_number(node.args[1], 2):
        return node.args[0]
    if isinstance(node, Op) and node.name == "mul" and len(node.args) == 2 and _equal(*node.args):
        return node.args[0]
    return None


def _product(node: Op) -> Node | None:
    """Return the form of a product in which a factor and a divisor have one together."""
    if len(node.args) > _MAX_FACTORS:
        return None
    for divisor in node.args:
        if not isinstance(divisor, Op) or divisor.name != "reciprocal":
            continue
        for factor in node.args:
            if factor is not divisor and (form := _fraction(factor, divisor.args[0])) is not None:
                others = [other for other in node.args if other is not factor and other is not divisor]
                return _op("mul", *others, form) if others else form
    return None


def _fraction(above: Node, below: Node) -> Node | None:
    return _logistic(above, below) or _tangent(above, below)


def _logistic(above: Node, below: Node) -> Node | None:
    """Return the form of 1/(1 + exp(u)), exp(u)/(1 + exp(u)) and exp(u)/(exp(u) + exp(v))."""
    terms = _terms(below)
    if len(terms) != 2:
        return None
    for term, other in (terms, terms[::-1]):
        u, v = _exponent(term), _exponent(other)
        if _is_number(above, 1) and u is not None and _is_number(other, 1):
            return _op("sigmoid", _negated(u))
        if u is not None and _equal(above, term):
            if _is_number(other, 1):
                return _op("sigmoid", u)
            if v is not None:
                return _op("sigmoid", _minus(u, v))
    return None


def _tangent(above: Node, below: Node) -> Node | None:
    """Return tanh(u) for sinh(u)/cosh(u), also in exponentials, and for (exp(2u) - 1)/(exp(2u) + 1)."""
    if isinstance(above, Op) and isinstance(below, Op) and (above.name, below.name) == ("sinh", "cosh"):
        return _op("tanh", above.args[0]) if _equal(above.args[0], below.args[0]) else None
    terms, sums = _terms(above), _terms(below)
    if len(terms) != 2 or len(sums) != 2:
        return None
    for plus, other in (terms, terms[::-1]):
        if not isinstance(other, Op) or other.name != "neg":
            continue
        minus = other.args[0]
        u, v = _exponent(plus), _exponent(minus)
        if not any(_equal(plus, first) and _equal(minus, second) for first, second in (sums, sums[::-1])):
            continue
        if u is not None and _is_number(minus, 1):
            return _op("tanh", _halved(u))
        if v is not None and _is_number(plus, 1):
            return _op("tanh", _halved(_negated(v)))
        if u is not None and v is not None and _opposite(u, v):
            return _op("tanh", u)
    return None


_FORMS: dict[str, _Form] = {
    "log": _logarithm,
    "log2": _logarithm,
    "log10": _logarithm,
    "sqrt": _root_of_squares,
    "power": _root_of_squares,
    "mul": _product,
}
