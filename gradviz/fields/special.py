"""Functions of arrays that NumPy lacks, and their complex-step extensions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # of bool, float64 or complex128, as the operations return

_NEAR_0 = 1e-20  # argument that stands for 0 in sin(x)/x
_MAX_ORDER = 20  # of Bessel functions: a cached program, untrusted data, may have any number there
_TERMS = 30  # of the power series of a Bessel function of an order n up to that, at |x| <= n + 1

_erf_of_objects = np.frompyfunc(math.erf, 1, 1)
_normal_of_objects = np.frompyfunc(lambda x: math.erfc(-x / math.sqrt(2)) / 2, 1, 1)


def erf(x: Array) -> Array:
    """Return the error function."""
    return np.asarray(_erf_of_objects(x)).astype(np.float64)


def sigmoid(x: Array) -> Array:
    """Return 1/(1 + exp(-x))."""
    return 1 / (1 + np.exp(-x))


def normal(x: Array) -> Array:
    """Return the distribution function of the normal distribution."""
    return np.asarray(_normal_of_objects(x)).astype(np.float64)


def elu(x: Array, scale: Array) -> Array:
    """Return x where it is positive, else scale*(exp(x) - 1)."""
    return np.where(x > 0, x + 0 * scale, scale * np.expm1(np.minimum(x, 0.0)))  # NaN where an argument is


def sinc(x: Array) -> Array:
    """Return sin(x)/x, and 1 at 0."""
    place = np.where(x == 0, _NEAR_0, x)
    return np.asarray(np.sin(place) / place)


def bessel(x: Array, order: Array | float) -> Array:
    """Return the spherical Bessel function: a power series near 0, upward recursion in the order elsewhere.

    NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov, 10.51.1 and 10.53.1.
    """
    n = int(np.minimum(order, _MAX_ORDER))
    is_far = np.abs(x) > n + 1
    far, near = np.where(is_far, x, n + 1.0), np.where(is_far, 0.0, x)
    before, value = np.cos(far) / far, np.sin(far) / far
    for k in range(n):
        before, value = value, (2 * k + 1) / far * value - before
    total = term = np.asarray(near**n / math.prod(range(1, 2 * n + 2, 2)))
    for k in range(1, _TERMS):
        term = term * (-near * near / 2) / (k * (2 * n + 2 * k + 1))
        total = total + term
    return np.where(is_far, value, total)


def complex_bessel(z: Array, order: Array | float) -> Array:
    """Return the spherical Bessel function at x + ih for tiny h."""
    x, n = z.real, int(np.minimum(order, _MAX_ORDER))
    slope = (n * bessel(x, n - 1) - (n + 1) * bessel(x, n + 1)) / (2 * n + 1)
    return np.asarray(bessel(x, n) + 1j * z.imag * slope)


def complex_logsumexp(a: Array, b: Array) -> Array:
    """Return log(exp(a) + exp(b)) at x + ih for tiny h."""
    x, y = np.real(a), np.real(b)
    slope = np.imag(a) * sigmoid(x - y) + np.imag(b) * sigmoid(y - x)
    return np.asarray(np.logaddexp(x, y) + 1j * slope)
