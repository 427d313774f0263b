"""Regions: conditions that limit where a function is evaluated."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.calculus import Reason, gradient
from gradviz.calculus.regions import gradient_within
from gradviz.fields.field import Field
from gradviz.language.reading import read


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
def test_up_to_its_edge_a_region_has_the_gradient_of_the_whole(method):
    """On the edge itself differences may reach outside; beyond it there is no gradient."""
    found = gradient_within(Field(read("x0**2 + 3*x1", where="x0 >= 1")), method=method)
    points = np.array([[[1.0, 2.0], [0.5, 1.0], [4.0, 0.0]]])
    nan = np.nan
    np.testing.assert_allclose(found(points), [[[2, 3], [nan, nan], [8, 3]]], rtol=1e-7)
    estimate = found.estimate(points)
    np.testing.assert_allclose(estimate.gradient, found(points), rtol=1e-7)
    np.testing.assert_array_equal(estimate.values, [[7, nan, 16]])
    assert estimate.marks[0, 1] == Reason.UNDEFINED
    assert estimate.reliable[0, [0, 2]].all() or method == "central"


def test_without_a_region_it_is_the_gradient():
    """Nothing is put around a gradient that needs nothing."""
    whole = Field(read("x0*x1"))
    assert gradient_within(whole, method="exact") == gradient(whole, method="exact")
