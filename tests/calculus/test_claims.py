"""Proofs of claimed gradients on ranges."""

from __future__ import annotations

import math

import pytest

from gradviz.calculus.claims import claim_of, proven_claim
from gradviz.language.reading import read, read_claim


def proof(text, claim, ranges, seconds=10.0):
    function = read(text)
    count = len(function.variables)
    box = tuple((float(low), float(high)) for low, high in ranges)
    return proven_claim(claim_of(function, read_claim(claim, function), box, 1e-6, [1e-9] * count), seconds)


@pytest.mark.parametrize(
    ("text", "claim", "ranges"),
    [
        ("x0**2*x1", "2*x0*x1, x0**2", [(-2, 2), (-1, 3)]),
        ("sin(x)", "cos(x)", [(-2, 2)]),
        ("exp(20*x)", "20*exp(20*x)", [(-2, 2)]),
        ("log(x)", "1/x", [(0.1, 2)]),
        ("tanh(x)", "1 - tanh(x)^2", [(-3, 3)]),
        ("(1-x)**2 + 100*(y-x**2)**2", "2*(x-1) - 400*x*y + 400*x^3, 200*y - 200*x^2", [(-2, 2), (-1, 3)]),
    ],
)
def test_a_right_claim_is_proven(text, claim, ranges):
    """Textbook derivatives, some in another form than that of the chain rule."""
    found = proof(text, claim, ranges)
    assert (found.certified, found.open, found.refutation) == (True, (), None)


@pytest.mark.parametrize(
    ("text", "claim", "ranges", "slope", "claimed"),
    [
        ("x**2", "2*x + where(abs(x-0.3)<1e-3, 0.1, 0)", [(-2, 2)], lambda x: 2 * x, lambda x: 2 * x + 0.1),
        ("1e16 + sin(x)", "-cos(x)", [(-2, 2)], math.cos, lambda x: -math.cos(x)),
        ("1e18 + x", "7", [(-2, 2)], lambda x: 1.0, lambda x: 7.0),
        ("floor(1e5*x)/1e5", "1", [(-2, 2)], lambda x: 0.0, lambda x: 1.0),
    ],
)
def test_a_wrong_claim_is_refuted_by_a_point(text, claim, ranges, slope, claimed):
    """The derivative and the claim are in their bounds there, and differ."""
    found = proof(text, claim, ranges)
    assert found.certified is False
    (x,), wrong = found.refutation.point, found.refutation
    assert wrong.true[0] - 1e-9 <= slope(x) <= wrong.true[1] + 1e-9
    assert wrong.claimed[0] - 1e-9 <= claimed(x) <= wrong.claimed[1] + 1e-9
    assert wrong.claimed[0] > wrong.true[1] or wrong.claimed[1] < wrong.true[0]


def test_a_claim_that_is_undefined_where_there_is_a_slope_is_wrong():
    """log(x) has no value below 0, x^2 a slope."""
    found = proof("x**2", "exp(log(x))*2", [(-2, 2)])
    assert (found.certified, found.refutation.claimed) == (False, None)
    assert found.refutation.point[0] < 0


def test_the_part_that_is_not_proven_stays_open():
    """At the kink of abs no claim is right or wrong; 0 is in one small box."""
    found = proof("abs(x) + x**2", "sign(x) + 2*x", [(-2, 2)])
    (((low, high),),) = found.open
    assert (found.certified, found.reasons) == (None, ("jump",))
    assert low <= 0 <= high <= low + 1e-4


def test_nothing_is_proven_where_nothing_is_defined():
    """log(-x) has no gradient for positive x to compare with."""
    assert proof("log(-x)", "1/x", [(1, 2)]).certified is None
