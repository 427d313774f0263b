"""Hessians of functions of points, and derivatives along a direction."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradviz.arrays import Floats
from gradviz.calculus.differences import EPS, Function
from gradviz.calculus.gradients import gradient
from gradviz.calculus.reliability import AGREE, Estimate, Reason, estimated
from gradviz.errors import RequestError
from gradviz.fields.field import Field
from gradviz.language.reading import read_claim

_NODE_WEIGHTS = 3 / 4, -3 / 20, 1 / 60  # weights of nodes 1, 2 and 3 of a sixth-order central difference
_SECOND_STEPS = 0.02, 0.01  # steps of differences for a second derivative, relative to max(1, |x|)
_ROUGH_SHARE = 0.1  # error relative to the largest element up to which a Hessian by differences exists

_ZERO_SHARE = 1e-9  # error up to which a Hessian by differences may be 0, relative to the value


class Hessians(NamedTuple):
    """Hessians with their estimated errors at points (N, D)."""

    matrices: Floats
    """The Hessians (N, D, D), NaN where one does not exist."""
    error: Floats
    """The estimated absolute error (N, D, D) of each element."""
    eigenvalues: Floats
    """The eigenvalues (N, D) in ascending order."""


class Directional(NamedTuple):
    """The derivative along a unit vector at points (N, D)."""

    direction: tuple[float, ...]
    """The unit vector (D,)."""
    derivative: Floats
    """The derivative (N,), NaN where the gradient does not exist."""
    error: Floats
    """The estimated absolute error (N,)."""
    by_gradient: NDArray[np.bool_]
    """Whether (N,) it is the product of the gradient with the unit vector."""


@np.errstate(all="ignore")
def directional(
    function: Function, points: Floats, estimate: Estimate, direction: Sequence[float]
) -> Directional:
    """Return the derivative along a unit vector (D,) at points (N, D), from the estimate of the gradient.

    Where f is not differentiable, it is the derivative of t -> f(p + t u), if that exists.
    """
    unit = np.asarray(direction)

    def shifted(places: Floats) -> Floats:
        return np.asarray(function(places[..., 1:] + places[..., :1] * unit))

    parts = estimate.gradient * unit
    derivative, error = parts.sum(axis=-1), estimate.error @ np.abs(unit)
    error += len(unit) * EPS * np.abs(parts).sum(axis=-1)
    line = gradient(shifted, apart=True).estimate(np.insert(points, 0, 0.0, axis=-1))
    own = estimated(line.values, line.gradient[..., :1], line.error[..., :1])
    slope, noise = own.gradient[..., 0], own.error[..., 0]
    agrees = np.abs(derivative - slope) <= AGREE * (error + noise)
    by_gradient = _is_smooth(estimate) & (agrees | ~own.reliable)
    known = np.where(own.reliable, 1.0, np.nan)
    return Directional(
        tuple(direction),
        np.where(by_gradient, derivative, known * slope),
        np.where(by_gradient, error, known * noise),
        by_gradient,
    )


def _is_smooth(estimate: Estimate) -> NDArray[np.bool_]:
    """Return whether (...) the gradient exists, as far as is known."""
    return np.isin(estimate.marks, (Reason.NONE, Reason.NOISE))


@np.errstate(all="ignore")
def hessians(function: Function, points: Floats, first: Estimate) -> Hessians:
    """Return the Hessians of a function at points (N, D), at which `first` is the estimate of its gradient.

    A row is the exact gradient of a partial derivative with a formula; other rows are by differences.
    """
    if isinstance(function, Field) and (partials := _partials(function)):
        rows = [gradient(part, method="exact", apart=True).estimate(points) for part in partials]
        matrices = np.stack([row.gradient for row in rows], axis=-2)
        errors = np.stack([row.error for row in rows], axis=-2)
        smooth = np.all([_is_smooth(one) for one in (first, *rows)], axis=0)
    else:
        matrices, errors = _differenced(function, points)
        matrices = np.where(np.abs(matrices) <= errors, 0.0, matrices)
        allowed = _ROUGH_SHARE * np.abs(matrices).max(axis=(-1, -2)) + _ZERO_SHARE * np.abs(first.values)
        smooth = _is_smooth(first) & (errors.max(axis=(-1, -2)) <= allowed)
    turned, turned_errors = np.swapaxes(matrices, -1, -2), np.swapaxes(errors, -1, -2)
    errors = np.maximum(errors, turned_errors) + np.abs(matrices - turned) / 2
    matrices = (matrices + turned) / 2
    matrices[~smooth | ~np.isfinite(matrices).all(axis=(-1, -2))] = np.nan
    eigenvalues = np.full(points.shape, np.nan)
    known = ~np.isnan(matrices).any(axis=(-1, -2))
    eigenvalues[known] = np.linalg.eigvalsh(matrices[known])
    return Hessians(matrices, errors, eigenvalues)


def _partials(function: Field) -> list[Field]:
    """Return the D partial derivatives as fields; none if one is too long for an expression."""
    texts = function.derivative_texts
    try:
        parts = read_claim(", ".join(texts), function.expression) if all(texts) else ()
    except RequestError:
        parts = ()
    return list(map(Field, parts))


def _differenced(function: Function, points: Floats) -> tuple[Floats, Floats]:
    """Return Hessians and their errors (N, D, D) by sixth-order differences of gradients.

    The gradients are exact if the function has a formula, else sixth-order differences of values. The
    error is the difference between the results of two steps.
    """
    found = []
    for step in _SECOND_STEPS:
        steps = step * np.maximum(1.0, np.abs(points))
        slopes: Function = partial(_central, function, steps=steps)
        if isinstance(function, Field):
            slopes = function.gradient
        found.append(_central(slopes, points, steps=steps))
    return found[1], np.abs(found[1] - found[0])


def _central(function: Function, points: Floats, *, steps: Floats) -> Floats:
    """Return the partial derivatives of a function (N, D) -> (N, ...) by sixth-order central differences."""
    count = points.shape[-1]
    columns = []
    for axis, unit in enumerate(np.eye(count)):
        parts = [
            weight * (np.asarray(function(points + shift)) - np.asarray(function(points - shift)))
            for number, weight in enumerate(_NODE_WEIGHTS, start=1)
            for shift in [number * steps * unit]
        ]
        total = sum(parts[1:], parts[0])
        columns.append(total / steps[:, axis].reshape(-1, *[1] * (total.ndim - 1)))
    return np.stack(columns, axis=-1)
