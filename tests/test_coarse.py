from __future__ import annotations

import numpy as np
import pytest

import gradviz

KINDS = (gradviz.Surface, gradviz.Contour)
BOX = {"range": {"x0": (-3, 3), "x1": (-2, 4)}, "samples": (61, 81)}


def told(kind, expression, **fields):
    """Return what is said of the mesh."""
    notes = kind(expression=expression, **{**BOX, **fields}).sample().remarks
    return [note for note in notes if "changes faster" in note]


@pytest.mark.parametrize("kind", KINDS)
def test_a_mesh_with_few_points_to_a_wave_is_said_to_be_too_coarse(kind):
    """With three points to a wave, along either axis, a note tells the mesh; with twelve there is none."""
    steps = {"x0": 6 / 60, "x1": 6 / 80}
    for name, step in steps.items():
        for points, count in ((3, 1), (12, 0)):
            wave = 2 * np.pi / (points * step)
            notes = told(kind, f"sin({wave}*{name}) + x0/9 + x1/9")
            assert len(notes) == count, (name, points)
            assert all("61 by 81 points" in note for note in notes)


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
    assert told(kind, expression) == []


def test_where_more_points_would_not_be_drawn_only_the_range_would_help():
    """A surface of 201 points has every other one, and a note does not ask for more."""
    expression = "sin(25*x0*x1)"
    (few,) = told(gradviz.Surface, expression)
    assert "--samples" in few
    (many,) = told(gradviz.Surface, expression, samples=201)
    assert "101 by 101 points" in many
    assert "--samples" not in many
    assert "--range" in many


def test_in_a_sweep_the_values_are_told():
    """Only of the values at which the mesh is too coarse that is said."""
    spec = gradviz.Surface(expression="sin(a*x0) + x1", sweep={"a": (1, 30)}, **BOX)
    (note,) = (note for note in spec.evaluate().remarks if "changes faster" in note)
    assert note.startswith("a = 30: ")


@pytest.mark.parametrize("kind", [gradviz.Quiver, gradviz.Stream])
def test_a_gradient_too_fast_for_its_arrows_or_lines_is_told(kind):
    """Also one that is in step with the mesh, at whose points all arrows are alike; no smooth one is told."""
    usual = {"range": (-2, 2), "samples": (17, 17)}
    assert len(told(kind, "sin(50*x0) + 3*x1", **usual)) == 1
    assert len(told(kind, "3*x0 + cos(8*pi*x1)", **usual)) == 1  # half a distance is a whole wave
    for smooth in (
        "x0**2 + 3*x1",
        "(1 - x0)**2 + 100*(x1 - x0**2)**2",
        "exp(x0)*sin(x1)",
        "abs(x0) + floor(x1)",
    ):
        assert told(kind, smooth, **usual) == []
    assert told(kind, "1e300*x0*x1", **usual) == []
    assert told(kind, "sin(50*x0) + 3*x1", range=(-2, 2), samples=(5, 5)) == []
