"""Closed forms of constants that were rounded to double precision: 1/3, 3*pi, sqrt(2)/2, log(2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from gradviz.language.tree import Node, Num, Op

_SHORT = 9  # significant digits of a decimal that stays as it is
_MAX_INTEGER = 10_000  # largest numerator, and largest denominator, of a ratio
_TOLERANCE = 2.0**-50  # relative error of a constant that several roundings led to
_LOGARITHMS = (2.0, 3.0, 5.0, 10.0)


class Factors(NamedTuple):
    """A positive constant as numerator above / (denominator below)."""

    numerator: float
    denominator: int = 1
    above: tuple[Node, ...] = ()
    below: tuple[Node, ...] = ()


def factors(value: float, *, is_ratio: bool) -> Factors:
    """Return a number >= 0 as a ratio times a power of pi or e, a square root or a logarithm.

    A decimal of few digits stays a decimal unless `is_ratio`; so does a number without such a form.
    """
    digits = f"{value:.15g}".partition("e")[0].lstrip("0.").replace(".", "")
    if len(digits) <= _SHORT and not (is_ratio and _ratio(value)):
        return Factors(float(f"{value:.15g}"))
    families = (_ratio, _power_of_pi, _root, _power_of_e, _logarithm)
    return next(filter(None, (family(value) for family in families)), Factors(value))


def call(name: str, *args: Node) -> Op:
    """Return an operation that stands nowhere in a text."""
    return Op(name, args, 0, 0)


def named(text: str, value: float) -> Num:
    """Return a number that is printed as the name of a constant."""
    return Num(value, 0, 0, text)


_PI, _E = named("pi", math.pi), named("e", math.e)


def _ratio(value: float) -> Factors | None:
    if math.isinf(value):  # the square of a large number
        return None
    ratio = Fraction(value).limit_denominator(_MAX_INTEGER)
    if not 0 < ratio.numerator <= _MAX_INTEGER or abs(float(ratio) - value) > _TOLERANCE * value:
        return None
    return Factors(float(ratio.numerator), ratio.denominator)


def _times(ratio: Factors | None, above: Sequence[Node] = (), below: Sequence[Node] = ()) -> Factors | None:
    return ratio and ratio._replace(above=(*above,), below=(*below,))


def _power_of_pi(value: float) -> Factors | None:
    square = call("power", _PI, Num(2.0, 0, 0))
    return (
        _times(_ratio(value / math.pi), [_PI])
        or _times(_ratio(value * math.pi), [], [_PI])
        or _times(_ratio(value / math.pi**2), [square])
        or _times(_ratio(value * math.pi**2), [], [square])
    )


def _power_of_e(value: float) -> Factors | None:
    return _times(_ratio(value / math.e), [_E]) or _times(_ratio(value * math.e), [], [_E])


def _logarithm(value: float) -> Factors | None:
    for base in _LOGARITHMS:
        log = [call("log", Num(base, 0, 0))]
        size = math.log(base)
        if found := _times(_ratio(value / size), log) or _times(_ratio(value * size), [], log):
            return found
    return None


def _root(value: float) -> Factors | None:
    """Return the form of a square root of a ratio, perhaps times or divided by pi."""
    for pi_above, pi_below in ((1.0, 1.0), (math.pi, 1.0), (1.0, math.pi)):
        square = _ratio(value * value / pi_above * pi_below)
        if square is None:
            continue
        whole, inner = _square_part(int(square.numerator))
        below, inner_below = _square_part(square.denominator)
        return Factors(
            float(whole), below, _square_root(inner, pi_above), _square_root(inner_below, pi_below)
        )
    return None


def _square_part(number: int) -> tuple[int, int]:
    """Return (a, b) with number = a^2 b and the largest such a."""
    a = next(a for a in range(math.isqrt(number), 0, -1) if number % (a * a) == 0)
    return a, number // (a * a)


def _square_root(number: int, pi: float) -> tuple[Node, ...]:
    """Return sqrt(number), or sqrt(number*pi) unless `pi` is 1; nothing for a root of 1."""
    parts = [*([Num(float(number), 0, 0)] if number > 1 else []), *([_PI] if pi > 1 else [])]
    if not parts:
        return ()
    return (call("sqrt", parts[0] if len(parts) == 1 else call("mul", *parts)),)
