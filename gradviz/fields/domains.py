"""Parts of formulas that are undefined somewhere, and guards for those that SymPy cancels.

SymPy simplifies x/x to 1 and log(x) - log(x) to 0 when they are built. A guarded formula is undefined where a
cancelled part is.
"""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Expr, default_sort_key

from gradviz.fields import functions

_PARTIAL = tuple(
    functions.FUNCTIONS[name]
    for name in ("log", "log2", "log10", "sqrt", "asin", "acos", "acosh", "atanh", "power", "mod", "floordiv")
)
_POSITIVE = (functions.exp, functions.cosh, functions.sigmoid, functions.softplus)
_INFINITE = (*_PARTIAL[:3], *(functions.FUNCTIONS[name] for name in ("atanh", "power", "floordiv")))
_FINITE_AT_INFINITY = {
    "exp", "atan", "atan2", "tanh", "erf", "sigmoid", "softplus", "sign", "heaviside", "min", "max", "clip",
    "relu", "power", "reciprocal", "elu", "logsumexp",
}  # fmt: skip
_NO_PARTS: frozenset[Expr] = frozenset()


class Domains:
    """The parts of formulas that are undefined somewhere, each formula looked through once."""

    def __init__(self) -> None:
        self._known: dict[Expr, frozenset[Expr]] = {}
        self._known_guards: dict[Expr, frozenset[Expr]] = {}

    def guarded(self, name: str, result: Expr, args: Iterable[Expr]) -> Expr:
        """Return the result of an operation, undefined where a part of its arguments is that it lacks.

        Operations with finite values at infinity lack the parts that are infinite where they are undefined.
        """
        parts: frozenset[Expr] = frozenset().union(*map(self.parts, args))
        hidden = _NO_PARTS
        if name in _FINITE_AT_INFINITY:
            found = frozenset(map(_without_guards, filter(_is_infinite, parts)))
            hidden = found - frozenset().union(*map(self._guards, args))
        for part in sorted((parts - self.parts(result)) | hidden, key=default_sort_key):
            result = functions.defined(result, part)
        return result

    def parts(self, expr: Expr) -> frozenset[Expr]:
        """Return the reciprocals and functions in a formula that are undefined somewhere."""
        if not expr.args:
            return _NO_PARTS
        if expr not in self._known:
            own = frozenset([part]) if (part := self._own(expr)) is not None else _NO_PARTS
            is_choice = isinstance(expr, functions.where)
            below = _NO_PARTS if is_choice else frozenset().union(*map(self.parts, expr.args))
            self._known[expr] = own | below
        return self._known[expr]

    def _guards(self, expr: Expr) -> frozenset[Expr]:
        """Return the parts where a formula is undefined by its guards."""
        if not expr.args or isinstance(expr, functions.where):
            return _NO_PARTS
        if expr not in self._known_guards:
            own = frozenset([expr.args[1]]) if isinstance(expr, functions.defined) else _NO_PARTS
            self._known_guards[expr] = own | frozenset().union(*map(self._guards, expr.args))
        return self._known_guards[expr]

    def _own(self, expr: Expr) -> Expr | None:
        """Return the part that a formula is by itself; a choice is one if a value has a part."""
        if expr.is_Pow and expr.exp.is_negative and not _is_positive(expr.base):
            return 1 / expr.base
        if isinstance(expr, functions.where):
            values = [*expr.args[1::2], expr.args[-1]]
            is_open = isinstance(values[-1], functions.undefined)
            return expr if is_open or any(map(self.parts, values)) else None
        if isinstance(expr, functions.defined):
            return expr.args[1]
        return expr if isinstance(expr, _PARTIAL) and not _is_positive(expr) else None


def _is_positive(expr: Expr) -> bool:
    """Return whether a function has positive values wherever its arguments are defined."""
    is_exponential = isinstance(expr, functions.power) and expr.args[0].is_Number
    return isinstance(expr, _POSITIVE) or bool(is_exponential and expr.args[0].is_positive)


def _without_guards(part: Expr) -> Expr:
    """Return a part without the guards in it, which a value has already: else nested ones grow as 2^n."""
    return part.replace(lambda expr: isinstance(expr, functions.defined), lambda expr: expr.args[0])


def _is_infinite(part: Expr) -> bool:
    """Return whether a part has infinite values in double precision where it is undefined."""
    is_root = isinstance(part, functions.power) and part.args[1].is_Number and part.args[1].is_positive
    return part.is_Pow or (isinstance(part, _INFINITE) and not is_root)
