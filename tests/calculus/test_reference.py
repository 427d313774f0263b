"""Reference gradients of formulas, and the errors and reason codes that all methods take from them.

The truths of tests/data/adversarial.jsonl were computed with 900 digits and one-sided differences; a truth
below 1e-150 counts as 0, and slopes on both sides that agree to 15 digits make a point differentiable.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from gradviz.calculus import Reason, gradient
from gradviz.calculus.reference import reference
from gradviz.errors import RequestError
from gradviz.fields.field import field

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "adversarial.jsonl").read_text("utf-8").splitlines()
]


def truths(case):
    """Yield (row, gradient) of the differentiable points of a case, and (row, None) of the others."""
    for row, (f, left, right) in enumerate(zip(case["f"], case["left"], case["right"], strict=True)):
        slopes = [truth(*sides) for sides in zip(left, right, strict=True)]
        known = f is not None and math.isfinite(float(f)) and None not in slopes
        yield row, slopes if known else None


def truth(left, right):
    """Return the slope that both sides have, or None."""
    if left is None or right is None or math.isinf(float(left)) or math.isinf(float(right)):
        return None
    left, right = (Fraction(side) if abs(float(side)) >= 1e-150 else Fraction(0) for side in (left, right))
    equal = abs(left - right) <= Fraction(1, 10**15) * max(abs(left), abs(right))
    return right if equal else None


def counts_of(method):
    """Return how many points are silently wrong, falsely marked, and have a far too small error."""
    counts = Counter()
    for case in CASES:
        function = field(case["expr"], variables=case["vars"])
        try:
            found = gradient(function, method=method, apart=True).estimate(case["points"])
        except RequestError:  # the complex step of a function that is not analytic
            continue
        for row, slopes in truths(case):
            counts["points"] += 1
            counts.update(judgements(found, row, slopes))
    return counts


def judgements(found, row, slopes):
    """Yield what is wrong with the estimate in a row."""
    reliable = bool(found.reliable[row])
    if slopes is None:
        if reliable:
            yield "unseen"
        return
    finite = np.isfinite(found.gradient[row]).all()
    pairs = zip(found.gradient[row].tolist(), slopes, strict=True)
    errors = [abs(Fraction(g) - t) for g, t in pairs] if finite else [math.inf]
    stated = [Fraction(e) if math.isfinite(e) else math.inf for e in found.error[row].tolist()]
    size = Fraction(math.hypot(*map(float, slopes)))
    if not reliable and max(errors) <= size / 10**6:
        yield "false"
    slack = Fraction(1, 10**150)
    if reliable and any(error > bound + slack for error, bound in zip(errors, stated, strict=True)):
        yield "silent"
    if reliable and any(error > 30 * bound + slack for error, bound in zip(errors, stated, strict=True)):
        yield "far"


@pytest.mark.parametrize(
    "method",
    ["adaptive", "exact", *(pytest.param(name, marks=pytest.mark.slow) for name in ("complex", "central"))],
)
def test_no_gradient_is_silently_wrong(method):
    """No unmarked gradient is further off than its error, and few right ones are marked.

    A point without a gradient is marked, but for truths that themselves count as 0: 1e300 x^2 at 0 has been
    found to have a kink of 1e-60. A point where a part overflows is marked, too, also if the slope is known.
    """
    counts = counts_of(method)
    assert counts["points"] >= 1_400
    assert counts["silent"] == 0
    assert counts["far"] == 0
    assert counts["unseen"] <= 2
    assert counts["false"] <= 0.008 * counts["points"]


@pytest.mark.parametrize(
    ("text", "point", "reason", "slopes"),
    [
        ("abs(x)**1.01", [0.0], Reason.NONE, [0.0]),
        ("x**2*sign(x)", [0.0], Reason.NONE, [0.0]),
        ("where(x == 0, 1, sin(x)/x) + 3*x", [0.0], Reason.NONE, [3.0]),
        ("where(x > 0, x, 3*x)", [0.0], Reason.KINK, [2.0]),
        ("abs(x) + 5*y", [0.0, 2.0], Reason.KINK, [0.0, 5.0]),
        ("cbrt(x - 1) + y", [1.0, 2.0], Reason.VERTICAL, [math.inf, 1.0]),
        ("-cbrt(x)", [0.0], Reason.VERTICAL, [-math.inf]),
        ("sign(x)*sqrt(abs(x))", [0.0], Reason.VERTICAL, [math.inf]),
        ("sqrt(abs(x))", [0.0], Reason.CUSP, [math.nan]),
        ("cbrt(x)**2", [0.0], Reason.CUSP, [math.nan]),
        ("where(x > 0, sqrt(x), 0)", [0.0], Reason.KINK, [math.nan]),
        ("x + floor(x)", [2.0], Reason.JUMP, [math.nan]),
        ("where(x == 0, 0, 1/x)", [0.0], Reason.POLE, [math.nan]),
        ("1/x**2", [0.0], Reason.POLE, [math.nan]),
        ("tan(x)", [math.pi / 2], Reason.POLE, [math.nan]),
        ("sqrt(1 - x**2)", [1.0], Reason.EDGE, [math.nan]),
        ("log(x)", [0.0], Reason.UNDEFINED, [math.nan]),
        ("exp(x)", [1000.0], Reason.OVERFLOW, [math.nan]),
        ("1/x", [1e-300], Reason.OVERFLOW, [math.nan]),
        ("abs(x - 1/3)", [1 / 3], Reason.KINK, [0.0]),
    ],
)
def test_a_singular_point_has_its_reason_and_the_slopes_that_exist(text, point, reason, slopes):
    """One-sided derivatives decide; their mean is the slope of a kink."""
    found = reference(field(text), np.array([point]), everywhere=True, most=1)
    assert found.known.all()
    assert Reason(int(found.marks[0])) == reason
    np.testing.assert_allclose(found.gradient[0], slopes, rtol=1e-15, atol=1e-300)


def test_points_beyond_the_most_keep_the_bounds_of_double_precision():
    """Three of five cancelling points are refined; the error of the others covers what they lack."""
    x = np.array([[1e-6], [2e-6], [3e-6], [4e-6], [5e-6]])
    found = reference(field("sin(x)/x"), x, everywhere=False, most=3)
    slopes = -x / 3 + x**3 / 30
    assert found.known.all()
    assert (np.abs(found.gradient - slopes) <= found.error + 1e-12 * np.abs(slopes)).all()
    assert (found.error[:3] < 1e-21).all()
    assert (found.error[3:] > 1e-12).all()
