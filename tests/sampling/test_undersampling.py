"""Warnings of meshes that are too coarse for a function or its gradient."""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.cli.wording import flags

KINDS = (gradviz.Surface, gradviz.Contour)
BOX = {"range": {"x0": (-3, 3), "x1": (-2, 4)}, "samples": (61, 81)}


def coarse(kind, expression, **fields):
    """Return the warnings of the mesh, as the command line words them."""
    warnings = gradviz.sample(kind(expression=expression, **{**BOX, **fields})).warnings
    return [warning.worded(flags) for warning in warnings if "changes faster" in warning]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mesh_with_few_points_to_a_wave_is_said_to_be_too_coarse(kind):
    """With three points to a wave, along either axis, a warning tells the mesh; with twelve there is none."""
    steps = {"x0": 6 / 60, "x1": 6 / 80}
    for name, step in steps.items():
        for points, count in ((3, 1), (12, 0)):
            wave = 2 * np.pi / (points * step)
            warnings = coarse(kind, f"sin({wave}*{name}) + x0/9 + x1/9")
            assert len(warnings) == count, (name, points)
            assert all("61 by 81 points" in warning for warning in warnings)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "expression",
    [
        "x0**2 + 3*x1",
        "(1 - x0)**2 + 100*(x1 - x0**2)**2",
        "exp(5*x0*x1)",
        "1/(x0 - x1)",
        "tan(x0*x1)",
        "floor(3*x0) + x1",
        "abs(sin(3*x0)) + x1",
        "sqrt(x0) + 3*x1",
        "5 + 0*x0*x1",
    ],
)
def test_a_mesh_that_shows_a_function_needs_no_word(kind, expression):
    """Steep valleys, poles, jumps, kinks and edges of the domain are no reason for a finer mesh."""
    assert coarse(kind, expression) == []


def test_where_more_points_would_not_be_drawn_only_the_range_would_help():
    """A surface of 201 points has every other one, and the warning does not ask for more."""
    expression = "sin(25*x0*x1)"
    (few,) = coarse(gradviz.Surface, expression)
    assert "--samples" in few
    (many,) = coarse(gradviz.Surface, expression, samples=201)
    assert "101 by 101 points" in many
    assert "--samples" not in many
    assert "--range" in many


def test_in_a_sweep_the_values_are_coarse():
    """Only of the values at which the mesh is too coarse that is said."""
    spec = gradviz.Surface(expression="sin(a*x0) + x1", sweep={"a": (1, 30)}, **BOX)
    (warning,) = (found for found in gradviz.sample(spec).warnings if "changes faster" in found)
    assert warning.startswith("a = 30: ")


@pytest.mark.parametrize("kind", [gradviz.Quiver, gradviz.Stream])
def test_a_gradient_too_fast_for_its_arrows_or_lines_is_coarse(kind):
    """Also one that is in step with the mesh, at whose points all arrows are alike; no smooth one is told."""
    usual = {"range": (-2, 2), "samples": (17, 17)}
    assert len(coarse(kind, "sin(50*x0) + 3*x1", **usual)) == 1
    assert len(coarse(kind, "3*x0 + cos(8*pi*x1)", **usual)) == 1  # half a distance is a whole wave
    for smooth in (
        "x0**2 + 3*x1",
        "(1 - x0)**2 + 100*(x1 - x0**2)**2",
        "exp(x0)*sin(x1)",
        "abs(x0) + floor(x1)",
    ):
        assert coarse(kind, smooth, **usual) == []
    assert coarse(kind, "1e300*x0*x1", **usual) == []
    assert coarse(kind, "sin(50*x0) + 3*x1", range=(-2, 2), samples=(5, 5)) == []
