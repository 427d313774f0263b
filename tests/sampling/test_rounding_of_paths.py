"""Tests of the warning that a path depends on rounding errors."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import gradviz
from gradviz.optimizers import optimizer
from gradviz.optimizers.paths import path

ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
RANGE = {"x": (-2.0, 2.0), "y": (-1.0, 3.0)}
START = (-1.5, 2.0)


def precise_gradient(points):
    """Return the gradient of Rosenbrock's function in the numbers of `points` (..., 2)."""
    x, y = points[..., 0], points[..., 1]
    return np.stack([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)], axis=-1)


def reference(one, steps):
    """Return the path of an optimizer in 60 decimal digits, as doubles (steps + 1, 2)."""
    with mpmath.workdps(60):
        x = np.array([mpmath.mpf(c) for c in START])
        points, state = [x], np.array([mpmath.mpf(0), mpmath.mpf(0)])
        rate, decay, eps = (mpmath.mpf(value) for value in (one.learning_rate, one.decay, one.eps))
        for _ in range(steps):
            g = precise_gradient(x)
            state = decay * state + (1 - decay) * g * g
            x = x - rate * g / (np.array([mpmath.sqrt(h) for h in state]) + eps)
            points.append(x)
        return np.array([[float(c) for c in point] for point in points])


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.001])
def test_a_path_is_right_until_the_step_that_is_named(rate):
    """Up to there it agrees with a run of 60 digits, and everywhere if no step is named."""
    steps = 600
    one = optimizer("rmsprop", {"learning_rate": rate})
    found = path(one, gradviz.gradient(gradviz.field(ROSENBROCK), method="exact"), START, steps)
    apart = np.abs(found - reference(one, steps)).max(axis=-1) / 4
    spec = gradviz.Descent(
        expression=ROSENBROCK, range=RANGE, start=[START], steps=steps, samples=9,
        optimizers=[f"rmsprop,learning_rate={rate}"],
    )  # fmt: skip
    named = [str(message) for message in gradviz.sample(spec).warnings if "rounding" in str(message)]
    if not named:
        assert apart.max() < 1e-3
        return
    step = int(named[0].split("from step ")[1].split()[0])
    assert apart[: step - 40].max() < 1e-3
    assert apart.max() > 1e-4


def test_a_path_that_settles_has_no_warning():
    """Errors shrink on the way into a minimum."""
    spec = gradviz.Descent(
        expression="x**2/20 + y**2", range=(-10, 10), start=[(-7.0, 2.0)], steps=200, samples=9,
        optimizers=["sgd,learning_rate=0.9", "adam,learning_rate=0.3", "momentum,learning_rate=0.1"],
    )  # fmt: skip
    assert not any("rounding" in str(message) for message in gradviz.sample(spec).warnings)
