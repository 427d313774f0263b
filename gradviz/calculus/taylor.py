"""Taylor polynomials of formulas of one variable."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gradviz.arrays import Floats
from gradviz.errors import RequestError
from gradviz.fields.precise import Number, PreciseExpression, UndefinedError, UnresolvedError

_STEP = -100  # binary exponent of the step of differences, relative to the coordinate
_DIFFERENCE_BITS = 2400  # precision of differences: a difference of order 8 cancels 8 times 100 of them
_AGREEING = 2.0**-58  # maximum relative difference of two estimates that agree to double precision


@dataclass(frozen=True)
class Polynomial:
    """A polynomial in powers of x - centre, by its coefficients in ascending order."""

    centre: float
    coefficients: tuple[float, ...]

    @property
    def degree(self) -> int:
        """The degree that was asked for; the last coefficients may be 0."""
        return len(self.coefficients) - 1

    def __call__(self, x: Floats) -> Floats:
        """Return the values (N,) at coordinates (N,), by Horner's rule."""
        values = 0.0 * x
        for coefficient in reversed(self.coefficients):
            values = values * (x - self.centre) + coefficient
        return values


def taylor_polynomial(formula: PreciseExpression, at: float, degree: int) -> Polynomial:
    """Return the Taylor polynomial of a formula of one variable at a coordinate.

    Its coefficients are central differences in 2400 bits with steps of some 2^-100, so that their truncation
    error is below double precision. Raises RequestError where the formula is not smooth.
    """
    exponent = math.frexp(at)[1] + _STEP
    try:
        local = formula.evaluate([at], _DIFFERENCE_BITS)
        if local.singular or (formula.rounded is not None and formula.rounded.is_singular([at])):
            raise RequestError(f"no Taylor polynomial at {at:g}: the function is not smooth there")
        coarse, fine = (_coefficients(formula, at, degree, exponent + finer) for finer in (1, 0))
    except UndefinedError:
        raise RequestError(f"no Taylor polynomial at {at:g}: the function is undefined there") from None
    except UnresolvedError:
        raise RequestError(f"no Taylor polynomial at {at:g}: the function is too large there") from None
    return Polynomial(at, tuple(map(_limit, coarse, fine)))


def _coefficients(formula: PreciseExpression, at: float, degree: int, exponent: int) -> list[Number]:
    """Return f^(n)(a)/n! for n up to a degree, by central differences with the step 2^(exponent + 1)."""
    values = {
        k: formula.evaluate(formula.shifted([at], 0, k, exponent), _DIFFERENCE_BITS, slopes=False).value
        for k in range(-degree, degree + 1)
    }
    found = []
    for n in range(degree + 1):
        difference = sum((-1) ** k * math.comb(n, k) * values[n - 2 * k] for k in range(n + 1))
        found.append(difference / (math.factorial(n) * values[0].__class__(2) ** (n * (exponent + 1))))
    return found


def _limit(coarse: Number, fine: Number) -> float:
    """Return the limit of an estimate with a step and with half of it: 0 if it shrinks with the step."""
    return float(fine) if abs(coarse - fine) <= _AGREEING * abs(fine) else 0.0
