"""What one call costs: run with `pytest tests/benchmarks --benchmark-enable -n 0` to see times.

In the suite each is called once, so that it goes on working.
"""

from __future__ import annotations

import numpy as np
import pytest

import gradviz
from gradviz.arrays import mesh
from gradviz.output.metadata import described_scene, encode

pytest.importorskip("pytest_benchmark")
ROSENBROCK = "100*(x1 - x0**2)**2 + (1 - x0)**2"
POINTS = mesh(np.linspace(-2, 2, 200), np.linspace(-1, 3, 200))
EXACT = gradviz.field(ROSENBROCK).gradient(POINTS)


@pytest.mark.parametrize(("method", "accuracy"), [("central", 1e-5), ("adaptive", 1e-9), ("exact", 1e-12)])
def test_a_gradient_on_a_mesh(benchmark, method, accuracy):
    """The gradient of Rosenbrock's function at 200 x 200 points, as accurate as its method."""
    field = gradviz.field(ROSENBROCK)
    gradient = gradviz.gradient(field, method=method, scale=(4, 4))
    found = benchmark(gradient, POINTS)
    assert np.abs(found - EXACT).max() <= accuracy * np.abs(EXACT).max()


def test_an_expression_is_compiled(benchmark):
    """From a text to its field and gradient, with SymPy."""
    found = benchmark(lambda: gradviz.field(ROSENBROCK).gradient([1.0, 2.0]))
    np.testing.assert_allclose(found, [-400.0, 200.0])


@pytest.mark.parametrize("kind", [gradviz.Quiver, gradviz.Contour, gradviz.Surface, gradviz.Stream])
def test_a_picture_is_drawn(benchmark, kind):
    """From a spec to the bytes of a small PNG."""
    spec = kind(expression="x0**2 + 3*x1", samples=15, size=(3, 2.5), dpi=60)
    drawn = benchmark(lambda: encode(described_scene(spec), spec, "png"))
    assert drawn.content.startswith(b"\x89PNG")
