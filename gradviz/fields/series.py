"""Truncated Taylor series of functions of several variables, with balls of FLINT as coefficients.

A series holds the partial derivatives of a function, divided by factorials, up to a degree. Its coefficients
are enclosures over a box of points: real numbers that are known to lie in the ball. Operations on series are
forward-mode automatic differentiation (A. Griewank and A. Walther, "Evaluating Derivatives", 2008, chapter
13), in the rigorous arithmetic of F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic", IEEE Transactions on Computers 66, 2017.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement
from typing import NamedTuple

from flint import arb, ctx

NAN = arb.nan()
Coefficients = Sequence[arb | None]


class Defect(IntEnum):
    """The worst property of a function on a box, in ascending order."""

    SMOOTH = 0
    """Analytic on a neighbourhood of the box, and all coefficients are enclosures."""
    KINK = 1
    """Continuous; the first degree encloses the generalized gradient of F. H. Clarke, or is NaN."""
    JUMP = 2
    """Defined; the first degree encloses the gradient where there is one, or is NaN."""
    EDGE = 3
    """Undefined in a part of the box, or unbounded, as far as is known."""
    EMPTY = 4
    """Undefined on a neighbourhood of the box."""


class Series(NamedTuple):
    """Coefficients over a box, in the order of `Ring.exponents`, and the worst defect on the box.

    A coefficient None is zero for all points, since the function does not depend on its variables.
    """

    coefficients: Coefficients
    defect: Defect = Defect.SMOOTH

    @property
    def value(self) -> arb:
        """The enclosure of the values."""
        return _number(self.coefficients[0])

    @property
    def is_constant(self) -> bool:
        """Return whether the function is a constant on a neighbourhood of the box."""
        return self.defect == Defect.SMOOTH and not any(c is not None for c in self.coefficients[1:])


@dataclass(frozen=True)
class Ring:
    """Series in `count` variables up to a degree."""

    count: int
    degree: int

    @cached_property
    def exponents(self) -> tuple[tuple[int, ...], ...]:
        """The exponents of the coefficients, by degree: first 0, then one for each variable."""
        chosen = (
            combination
            for degree in range(self.degree + 1)
            for combination in combinations_with_replacement(range(self.count), degree)
        )
        return tuple(tuple(each.count(i) for i in range(self.count)) for each in chosen)

    @cached_property
    def index(self) -> dict[tuple[int, ...], int]:
        """The position of each exponent."""
        return {exponent: position for position, exponent in enumerate(self.exponents)}

    @cached_property
    def _pairs(self) -> list[list[tuple[int, int]]]:
        """For each coefficient of a product the positions of the factors' coefficients."""
        pairs: list[list[tuple[int, int]]] = [[] for _ in self.exponents]
        for i, first in enumerate(self.exponents):
            for j, second in enumerate(self.exponents):
                total = tuple(a + b for a, b in zip(first, second, strict=True))
                if total in self.index:
                    pairs[self.index[total]].append((i, j))
        return pairs

    def constant(self, value: arb, defect: Defect = Defect.SMOOTH) -> Series:
        """Return the series of a constant."""
        return Series([value, *[None] * (len(self.exponents) - 1)], defect)

    def variable(self, place: int, value: arb) -> Series:
        """Return the series of a variable."""
        rest: list[arb | None] = [None] * (len(self.exponents) - 1)
        rest[place] = arb(1)
        return Series([value, *rest])

    def multiply(self, first: Series, second: Series) -> Series:
        """Return the product of two series."""
        a, b = first.coefficients, second.coefficients
        return Series(self._product(a, b), max(first.defect, second.defect))

    def _product(self, a: Coefficients, b: Coefficients) -> Coefficients:
        result: list[arb | None] = []
        for pairs in self._pairs:
            total = None
            for i, j in pairs:
                if (x := a[i]) is not None and (y := b[j]) is not None:
                    total = x * y if total is None else total + x * y
            result.append(total)
        return result

    def compose(self, inner: Series, outer: Sequence[arb | None], defect: Defect = Defect.SMOOTH) -> Series:
        """Return f(u) for the series u, given the Taylor coefficients (degree + 1,) of f at its value.

        Horner's scheme for powers of u - u(x), which has no constant coefficient.
        """
        defect = max(defect, inner.defect)
        change = [None, *inner.coefficients[1:]]
        if not any(c is not None for c in change):
            return Series([outer[0], *change[1:]], defect)
        result: Coefficients = [outer[-1], *[None] * (len(change) - 1)]
        for coefficient in outer[-2::-1]:
            result = [coefficient, *self._product(result, change)[1:]]
        return Series(result, defect)

    def unknown(self, *inner: Series, value: arb = NAN, defect: Defect = Defect.EDGE) -> Series:
        """Return a series whose derivatives are unknown for the variables that `inner` depend on."""
        parts = [NAN if any(c is not None for c in column) else None for column in self._columns(inner)]
        return Series([value, *parts[1:]], max(defect, *(each.defect for each in inner)))

    def _columns(self, inner: Sequence[Series]) -> list[tuple[arb | None, ...]]:
        """Return the coefficients of several series, those above degree 1 as if they depended on all."""
        columns = list(zip(*(each.coefficients for each in inner), strict=True))
        linear = any(c is not None for column in columns[1 : 1 + self.count] for c in column)
        unknown = (NAN,) * len(inner)
        return [column if k <= self.count or not linear else unknown for k, column in enumerate(columns)]

    def hull(self, first: Series, second: Series, defect: Defect, value: arb | None = None) -> Series:
        """Return a series that encloses two, one of which holds at each point of the box.

        Their derivatives above the first are unknown, since the box has a boundary between the two.
        """
        if first.defect == second.defect == Defect.EMPTY:
            return first
        if Defect.EMPTY in (first.defect, second.defect):
            return self.unknown(Series(first.coefficients), Series(second.coefficients))
        defect = max(first.defect, second.defect, defect)
        parts: list[arb | None] = [union(first.value, second.value) if value is None else value]
        for a, b in self._columns((first, second))[1:]:
            parts.append(None if a is None and b is None else union(_number(a), _number(b)))
        return Series(parts, defect)


@lru_cache(maxsize=64)
def ring(count: int, degree: int) -> Ring:
    """Return the ring of series in `count` variables up to a degree."""
    return Ring(count, degree)


def add(*terms: Series) -> Series:
    """Return the sum of series."""
    total, *rest = terms
    for term in rest:
        parts = zip(total.coefficients, term.coefficients, strict=True)
        sums = [b if a is None else a if b is None else a + b for a, b in parts]
        total = Series(sums, max(total.defect, term.defect))
    return total


def negative(series: Series) -> Series:
    """Return -u for the series u."""
    return Series([None if c is None else -c for c in series.coefficients], series.defect)


def _number(coefficient: arb | None) -> arb:
    return arb(0) if coefficient is None else coefficient


def union(first: arb, second: arb) -> arb:
    """Return a ball that contains two; NaN if one is NaN."""
    return NAN if first.is_nan() or second.is_nan() else first.union(second)


# Taylor coefficients f(u + t) = f_0 + f_1 t + f_2 t^2 + ... of functions of one variable -------------------

Taylor = Callable[[arb, int], Sequence[arb | None]]
"""Maps a ball and the number of coefficients to the coefficients."""


def monotone(function: Callable[[arb], arb]) -> Callable[[arb], arb]:
    """Return an increasing or decreasing function, with tight enclosures for wide balls."""

    def enclosed(x: arb) -> arb:
        return function(x) if x.rad() < _THIN else union(function(x.lower()), function(x.upper()))

    return enclosed


_THIN = arb(1e-3)  # radius up to which the enclosures of FLINT's own functions are tight


def cosh_of(x: arb) -> arb:
    """Return the hyperbolic cosine, with tight enclosures for wide balls."""
    return x.cosh() if x.rad() < _THIN else union(x.abs_lower().cosh(), x.abs_upper().cosh())


def powers(base: arb, exponent: arb | int, count: int) -> list[arb | None]:
    """Return the coefficients of u^p: binomial(p, k) u^(p - k); None above a whole power p."""
    result: list[arb | None] = []
    factor = arb(1)
    for k in range(count):
        if isinstance(exponent, int) and 0 <= exponent < k:
            result.append(None)
            continue
        rest = exponent - k
        result.append(factor * (whole_power(base, rest) if isinstance(rest, int) else base**rest))
        factor = factor * rest / (k + 1)
    return result


def whole_power(base: arb, exponent: int) -> arb:
    """Return a whole power, with tight enclosures for balls that contain 0."""
    if exponent < 0:
        return 1 / whole_power(base, -exponent)
    if exponent < 2 or not base.contains(0):
        return base if exponent == 1 else base**exponent
    low = arb(0) if exponent % 2 == 0 else base.lower() ** exponent
    high = base.abs_upper() if exponent % 2 == 0 else base.upper()
    return union(low, high**exponent)


def cyclic(*values: arb) -> Taylor:
    """Return the coefficients of a function whose derivatives repeat: f^(k) = values[k mod length]."""

    def coefficients(_: arb, count: int) -> list[arb]:
        factorial, result = arb(1), []
        for k in range(count):
            result.append(values[k % len(values)] / factorial)
            factorial = factorial * (k + 1)
        return result

    return coefficients


def integral(value: arb, slope: Sequence[arb | None]) -> list[arb | None]:
    """Return the coefficients of a function, given its value and those of its derivative."""
    return [value, *(None if c is None else c / (k + 1) for k, c in enumerate(slope))]


def logistic(value: arb, slope: arb, alpha: int, beta: int, count: int) -> list[arb]:
    """Return the coefficients of a function f with f' = p and p' = p (alpha + beta f)."""
    f, p = [value], [slope]
    for k in range(count - 1):
        f.append(p[k] / (k + 1))
        total = sum((p[i] * (beta * f[k - i]) for i in range(k + 1)), alpha * p[k])
        p.append(total / (k + 1))
    return f


def sinc(x: arb, count: int) -> list[arb]:
    """Return the coefficients of sin(x)/x: by division far from 0, by its power series around 0 near it.

    The k-th derivative is the integral of t^k cos(x t + k pi/2) over [0, 1], so it is at most 1/(k + 1).
    """
    if not x.abs_upper() < 2:
        if x.contains(0):
            return [arb(0, 1) / (arb(k + 1) * arb(k).fac()) for k in range(count)]
        sines = cyclic(x.sin(), x.cos(), -x.sin(), -x.cos())(x, count)
        result = [_number(sines[0]) / x]
        for k in range(1, count):
            result.append((_number(sines[k]) - result[k - 1]) / x)
        return result
    return [_sinc_near_0(x, k) / arb(k).fac() for k in range(count)]


def _sinc_near_0(x: arb, k: int) -> arb:
    """Return the k-th derivative of sin(x)/x by its power series, with the bound on its remainder."""
    total, power, m = arb(0), arb(1), 0  # power: x^m/m!
    while m < 4 or not power.abs_upper() < arb(2) ** -(ctx.prec + 8):
        sign = (1, 0, -1, 0)[(k + m) % 4]
        total += sign * power / (k + m + 1)
        m += 1
        power = power * x / m
    return total + arb(0, 1) * power.abs_upper() / (k + m + 1)


def recurrence(first: arb, count: int, step: Callable[[int, arb, arb], arb]) -> list[arb]:
    """Return g_0, g_1, ... with g_(k+1) = step(k, g_k, g_(k-1)) and g_(-1) = 0."""
    result, before = [first], arb(0)
    for k in range(count - 1):
        result.append(step(k, result[k], before))
        before = result[k]
    return result[:count]
