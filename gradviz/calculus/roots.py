"""Zeros of the gradient of an expression in multiple precision.

In double precision a gradient is also zero where it underflows, or where terms cancel, as on the tail of
exp(x)/(1 + exp(x)). With enough digits such a point is none.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from mpmath import MPContext

from gradviz.fields.precise import Number, PreciseExpression, UndefinedError

MP = MPContext()

_DIGITS = (50, 160, 640)  # of the searches, the next one if the one before it does not settle
# Lengths are relative to the ranges of the variables.
_MAX_MOVE = 3e-3  # distance up to which a zero may be from its start
_ACCURATE = 1e-24  # length of a Newton step at which the search has converged, far below double precision
_EXACT = 1e-11  # length of the first step from which one step suffices
_UNCHANGED = 1e-16  # length of a step, over the ratio of the eigenvalues, along which they do not change
_SHIFT = 1e-9  # shift of a start at which the gradient is undefined
_DIFFERENCE = MP.mpf(10) ** -25  # step of the differences of the gradient that are the Hessian
_PROBE = 1e-6  # distance at which the Hessian of two precisions is compared
_SIDE = 1e-18  # distance at which values and gradients on all sides are compared
_FAILURES = 2  # number of precisions in which the search leaves a point that is no zero
_TRIAL = 12  # number of Newton steps after which they must be shorter
_APPROACH = 1e-3  # length of a step, relative to the first one, that approaches a zero
_MAX_STEPS = 40  # maximum number of Newton steps
_VANISHING = 1e-22  # magnitude of an eigenvalue that vanishes, relative to the largest one
_UNCERTAIN = 1e-12  # magnitude of an eigenvalue that vanishes, relative to its change up to the probe
_STABLE = 1e-6  # magnitude of a coordinate that is 0, relative to its last step
_REMAINDER = 1e-8  # magnitude of a value that is 0, relative to its change by the last step
_LINEAR = 0.3  # ratio of two steps from which the convergence is linear: the zero is degenerate
_SAME = 1e-18  # relative difference of eigenvalues that are the same
_AGREEMENT = 1e-3  # relative difference of eigenvalues of two precisions that agree


class Root(NamedTuple):
    """A zero of the gradient, with each number rounded to double precision once."""

    at: tuple[float, ...]
    value: float
    eigenvalues: tuple[float, ...]
    """The eigenvalues of the Hessian in ascending order, 0 for those that vanish."""

    @property
    def regular(self) -> bool:
        """Return whether no eigenvalue vanishes."""
        return all(self.eigenvalues)


class _Local(NamedTuple):
    """A function about a point: its value, gradient and Hessian, and the scaled Newton step."""

    value: Number
    slopes: list[Number]
    hessian: Number
    eigenvalues: list[Number]
    """The eigenvalues of the scaled Hessian."""
    step: list[Number]
    """The Newton step, relative to the ranges."""
    last: Sequence[Number] = ()
    """The step before it."""

    @property
    def size(self) -> Number:
        """The length of the step."""
        return MP.norm(self.step)


@dataclass(frozen=True)
class Roots:
    """The zeros of the gradient of an expression."""

    precise: PreciseExpression

    def near(
        self, start: Sequence[float], lengths: Sequence[float], expected: Sequence[float] = ()
    ) -> Root | None:
        """Return the zero of the gradient at a start (D,), None if there is none within a short distance.

        `lengths` (D,) are those of the ranges. `expected` are the eigenvalues of the scaled Hessian in double
        precision, if they have been verified there: one Newton step is then enough.

        Newton's method must converge, and two precisions must agree on the Hessian nearby, which they do not
        where the terms of a derivative cancel. Convergence is linear at a degenerate zero, where steps are
        extrapolated.

        C. T. Kelley and R. Suresh, "A new acceleration method for Newton's method at singular points", SIAM
        Journal on Numerical Analysis 20, 1983.
        """
        precise = self.precise
        earlier: Sequence[Number] = ()
        failures = 0
        for digits in _DIGITS:
            with MP.workdps(digits), suppress(ArithmeticError):
                at = list(map(MP.mpf, start))
                quick = _after_one_step(precise, at, lengths, expected) if expected else None
                if quick is not None:
                    return quick
                searched = _searched(precise, at, lengths)
                if searched is None:
                    failures += 1
                    if failures == _FAILURES:
                        return None
                    continue
                local, at = searched
                probe = _local(precise, _moved(at, [_PROBE] * len(at), lengths), lengths)
                if any(earlier) and _agree(probe.eigenvalues, earlier):
                    found = _rounded(local, at, lengths, probe)
                    if not found.regular or _is_smooth(precise, local, at, lengths):
                        return found
                earlier = probe.eigenvalues
        return None

    def vanishes(self, at: Sequence[float]) -> bool:
        """Return whether the gradient at a point (D,) is exactly zero."""
        with MP.workdps(_DIGITS[0]), suppress(ArithmeticError):
            return not any(self.precise.evaluate(at, MP.prec).slopes)
        return False


def _after_one_step(
    precise: PreciseExpression, at: list[Number], lengths: Sequence[float], expected: Sequence[float]
) -> Root | None:
    """Return the zero after one short Newton step from a point (D,) with the expected eigenvalues.

    A second step is taken if the eigenvalues may change along the first one.
    """
    with suppress(ArithmeticError):
        local = _local(precise, at, lengths, central=False)
        if local.size > _EXACT or not _agree(local.eigenvalues, expected):
            return None
        sizes, along = list(map(abs, local.eigenvalues)), _within_symmetry(local, at)
        if along.step != local.step or local.size * max(sizes) > _UNCHANGED * min(sizes):
            at = _moved(at, along.step, lengths)
            along = _within_symmetry(_local(precise, at, lengths, central=False), at)
        found = _rounded(along, at, lengths)
        if all(not x or abs(x) > _ACCURATE * y for x, y in zip(found.at, lengths, strict=True)):
            return found
    return None


def _within_symmetry(local: _Local, at: Sequence[Number]) -> _Local:
    """Return a function about a point (D,) with a step that keeps coordinates of 0 where symmetry does.

    A partial derivative that is exactly 0 where its coordinate is 0 is an odd function of it, so that a step
    along it is an error of the differences.
    """
    rows = zip(local.step, at, local.slopes, strict=True)
    return local._replace(step=[part if x or slope else MP.zero for part, x, slope in rows])


def _is_smooth(precise: PreciseExpression, local: _Local, at: list[Number], lengths: Sequence[float]) -> bool:
    """Return whether values and gradients on all sides of a zero (D,) are those by its Hessian.

    They are not at a kink or a jump, where the zero is that of one side. Raises UndefinedError at an edge.
    """
    count = len(at)
    largest = max(map(abs, local.eigenvalues))
    for index, side in itertools.product(range(count), (-1, 1)):
        shift = [MP.mpf(side * _SIDE * (k == index)) for k in range(count)]
        value, slopes = _value_and_slopes(precise, _moved(at, shift, lengths))
        if abs(value - local.value) > 2 * largest * _SIDE**2 + abs(local.value) * 10 ** (-0.5 * MP.dps):
            return False
        for k in range(count):
            predicted = local.hessian[k][index] * lengths[index] * shift[index]
            error = abs(slopes[k] - local.slopes[k] - predicted) * lengths[k]
            if error > _SIDE * largest / 2 + 10 ** (-0.5 * MP.dps):
                return False
    return True


def _searched(
    precise: PreciseExpression, start: list[Number], lengths: Sequence[float]
) -> tuple[_Local, list[Number]] | None:
    """Return the function about the last iterate of Newton's method, which has converged, and that point.

    Returns None if it leaves or does not approach a point, and raises UndefinedError if it ends elsewhere, as
    when too few digits are correct.
    """
    at = _beginning(precise, start, lengths)
    moved, previous, ratios = [MP.zero] * len(start), MP.inf, (MP.zero, MP.zero)
    sizes: list[Number] = []
    for iteration in range(_MAX_STEPS):
        local = _local(precise, at, lengths)
        size = local.size
        sizes.append(size)
        if size <= _ACCURATE:
            return _once_more(precise, local, at, lengths)
        ratios, previous = (ratios[1], size / previous), size
        factor = MP.one
        if min(ratios) > _LINEAR and max(ratios) < 1:
            factor, previous = 1 / (1 - ratios[1]), MP.inf
        moved = [MP.fadd(a, factor * b) for a, b in zip(moved, local.step, strict=True)]
        at = _moved(at, [factor * part for part in local.step], lengths)
        left = MP.norm(moved) > 2 * _MAX_MOVE
        if (left or iteration == _TRIAL) and min(sizes) > _APPROACH * sizes[0]:
            return None
        if left:
            break
    raise UndefinedError


def _beginning(precise: PreciseExpression, start: list[Number], lengths: Sequence[float]) -> list[Number]:
    """Return a start (D,), shifted a little if the function has no Hessian there or if that is zero."""
    with suppress(ArithmeticError):
        if any(_local(precise, start, lengths).eigenvalues):
            return start
    shift = [_SHIFT / MP.sqrt(index + 2) for index in range(len(start))]  # a direction without symmetry
    return _moved(start, shift, lengths)


def _once_more(
    precise: PreciseExpression, local: _Local, at: list[Number], lengths: Sequence[float]
) -> tuple[_Local, list[Number]]:
    """Return the function about the next iterate if it has the same Hessian, else about this one.

    Close to a removable singularity the next one has fewer correct digits.
    """
    with suppress(ArithmeticError):
        after = _moved(at, local.step, lengths)
        following = _local(precise, after, lengths)
        if _agree(following.eigenvalues, local.eigenvalues, _SAME):
            return following._replace(last=local.step), after
    return local, at


def _moved(at: Sequence[Number], shift: Sequence[Number], lengths: Sequence[float]) -> list[Number]:
    """Return a point (D,) moved by a shift (D,) relative to the ranges."""
    return [x + part * length for x, part, length in zip(at, shift, lengths, strict=True)]


def _value_and_slopes(precise: PreciseExpression, at: Sequence[Number]) -> tuple[Number, list[Number]]:
    """Return the value and the gradient at a point (D,). Raises UndefinedError where it has none."""
    local = precise.evaluate(at, MP.prec)
    if local.singular:
        raise UndefinedError
    return MP.mpf(local.value), list(map(MP.mpf, local.slopes))


def _local(
    precise: PreciseExpression, at: Sequence[Number], lengths: Sequence[float], *, central: bool = True
) -> _Local:
    """Return a function about a point (D,), its Hessian by central or by forward differences.

    Raises UndefinedError if it has no Newton step there.
    """
    count = len(at)
    value, gradient = _value_and_slopes(precise, at)
    changes = []
    for k in range(count):
        shift = [_DIFFERENCE * (i == k) for i in range(count)]
        after, before = _value_and_slopes(precise, _moved(at, shift, lengths))[1], gradient
        if central:
            before = _value_and_slopes(precise, _moved(at, [-part for part in shift], lengths))[1]
        width = _DIFFERENCE * (2 if central else 1) * lengths[k]
        changes.append([(a - b) / width for a, b in zip(after, before, strict=True)])
    hessian = [[(changes[i][j] + changes[j][i]) / 2 for j in range(count)] for i in range(count)]
    scaled = [[hessian[i][j] * lengths[i] * lengths[j] for j in range(count)] for i in range(count)]
    eigenvalues, vectors = _spectrum(scaled)
    largest = max(map(abs, eigenvalues))
    step = [MP.zero] * count
    for eigenvalue, vector in zip(eigenvalues, vectors, strict=True):
        part = sum(slope * length * v for slope, length, v in zip(gradient, lengths, vector, strict=True))
        if abs(eigenvalue) > largest * 10 ** (-0.7 * MP.dps):
            step = [a - part / eigenvalue * v for a, v in zip(step, vector, strict=True)]
        elif abs(part) > largest * 10 ** (-0.5 * MP.dps):
            raise UndefinedError
    return _Local(value, gradient, hessian, eigenvalues, step)


def _spectrum(matrix: list[list[Number]]) -> tuple[list[Number], list[list[Number]]]:
    """Return the eigenvalues (D,) of a symmetric matrix in ascending order, and its eigenvectors as rows."""
    count = len(matrix)
    if all(not matrix[i][j] for i in range(count) for j in range(i)):
        rows = [[MP.mpf(i == j) for j in range(count)] for i in range(count)]
        pairs = sorted(((matrix[i][i], rows[i]) for i in range(count)), key=lambda pair: pair[0])
        return [value for value, _ in pairs], [row for _, row in pairs]
    if count == 2:
        (a, b), (_, c) = matrix
        mean, radius = (a + c) / 2, MP.hypot((a - c) / 2, b)
        x, y = ((a - c) / 2 + radius, b) if a >= c else (b, (c - a) / 2 + radius)
        size = MP.hypot(x, y)
        return [mean - radius, mean + radius], [[-y / size, x / size], [x / size, y / size]]
    values, vectors = MP.eigsy(MP.matrix(matrix))
    return list(values), [[vectors[i, k] for i in range(count)] for k in range(count)]


def _agree(some: Sequence[Number], others: Sequence[Number], tolerance: float = _AGREEMENT) -> bool:
    """Return whether eigenvalues (D,) of two evaluations are equal up to a relative difference."""
    rounding = _VANISHING * max(map(abs, others))
    return all(abs(a - b) <= tolerance * abs(b) + rounding for a, b in zip(some, others, strict=True))


def _rounded(
    local: _Local, at: Sequence[Number], lengths: Sequence[float], probe: _Local | None = None
) -> Root:
    """Return the zero after the last Newton step from a point (D,).

    A number that is not above its own uncertainty is 0. An eigenvalue vanishes that is not above its change
    over the uncertainty of the point, by the probe nearby.
    """
    shifts = [part * length for part, length in zip(local.step, lengths, strict=True)]
    change = sum(slope * shift for slope, shift in zip(local.slopes, shifts, strict=True)) / 2
    others = local.eigenvalues if probe is None else probe.eigenvalues
    largest, largest_near = (max(map(abs, values)) for values in (local.eigenvalues, others))
    vanishing = sum(
        abs(a) <= _VANISHING * largest + _UNCERTAIN * abs(a - b)
        for a, b in zip(local.eigenvalues, others, strict=True)
    )
    value, noise = local.value + change, largest_near * 10 ** (-40 if vanishing else -0.9 * MP.dps)
    if abs(value) <= _REMAINDER * abs(change) + (0 if probe is None else noise):
        value = MP.zero
    places = []
    for x, shift, last, length in zip(at, shifts, local.last or local.step, lengths, strict=True):
        uncertainty = 100 * abs(shift) + (_VANISHING * vanishing + _STABLE * abs(last)) * length
        uncertainty = 0 if probe is None else uncertainty
        places.append(float(x + shift) + 0.0 if abs(x + shift) > uncertainty else 0.0)
    eigenvalues, _ = _spectrum(local.hessian)
    zeros = sorted(range(len(at)), key=lambda k: abs(eigenvalues[k]))[:vanishing]
    values = tuple(0.0 if k in zeros else float(x) for k, x in enumerate(eigenvalues))
    return Root(tuple(places), float(value) + 0.0, values)
