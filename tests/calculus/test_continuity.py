"""Discontinuities between the points of a mesh and of a curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradviz.arrays import mesh
from gradviz.calculus.continuity import covering, find_breaks, grows_without_bound, touched
from gradviz.fields.field import field


class Counted:
    """A field of x0 and x1 that counts its points."""

    def __init__(self, text):
        self.field, self.points = field(text, variables=["x0", "x1"]), 0

    def __call__(self, points):
        """Return the values."""
        self.points += len(points)
        return self.field(points)


def on_mesh(text, first=(-3, 3, 201), second=(-2, 4, 151)):
    """Return the breaks of a function on a mesh, the mesh and how many evaluations these took."""
    function, points = Counted(text), mesh(np.linspace(*first), np.linspace(*second))
    values = function.field(points)
    return find_breaks(function, points, values), points, function.points / values.size


def on_curve(text, low=-5.0, high=5.0, count=501):
    """Return the breaks of a function of x along a curve, and its coordinates."""
    function, x = field(text, variables=["x"]), np.linspace(low, high, count)
    return find_breaks(function, x[:, None], function(x[:, None])), x


SMOOTH = [
    "x0**2 + 3*x1", "x0*x1", "abs(x0) + 2*abs(x1)", "sin(3*x0*x1)", "exp(x0*x1)", "sqrt(1 - x0**2 - x1**2)",
    "log(x0*x1)", "tanh(50*x0) + x1", "tanh(500*x0) + x1", "exp(-100*x0**2) + x1", "sigmoid(40*x0) - x1",
    "1/(x0**2 + x1**2)", "1/(x0 - x1)**2", "1/((x0 - 0.003)**2 + (x1 - 0.001)**2)", "sqrt(abs(x0*x1))",
    "100*(x1 - x0**2)**2 + (1 - x0)**2", "1e6 + 1e-9*x0 + 0*x1", "relu(x0) - x1", "log(abs(x0)) + x1",
    "cbrt(x0) + x1", "5 + 0*x0*x1",
]  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_what_goes_on_is_not_cut(text):
    """Steep slopes, kinks, edges of a domain, roots and even poles are no breaks, on a mesh or beside it."""
    for first in ((-3, 3, 201), (-2.9, 3.2, 140)):
        breaks, _, cost = on_mesh(text, first)
        assert not breaks
        assert not any(edges.any() for edges in breaks.edges)
        assert cost < 0.3


@pytest.mark.parametrize(
    "text", ["x0**2 + 3*x1", "x0*x1", "exp(x0*x1)", "100*(x1 - x0**2)**2", "tanh(50*x0)*x1"]
)
def test_smooth_functions_cost_a_few_per_cent(text):
    """Of the evaluations on the mesh, at most 6 in 100 more."""
    assert on_mesh(text)[2] < 0.06


# A function, and for each pair of neighbours along x0, or along x1, whether a break lies between.
JUMPS = [
    ("floor(x0) + x1", lambda a, b: np.floor(a[..., 0]) != np.floor(b[..., 0])),
    ("tan(x0) + x1", lambda a, b: np.round(a[..., 0] / math.pi) != np.round(b[..., 0] / math.pi)),
    ("1/(x1 - 2*x0 + 0.013)", lambda a, b: side(a) != side(b)),
    ("where(x1 > 2*x0 - 0.013, 1, x0 - 5)", lambda a, b: side(a) != side(b)),
    ("where(x0**2 + x1**2 < 2, 5, x1)", lambda a, b: ((a**2).sum(-1) < 2) != ((b**2).sum(-1) < 2)),
    ("exp(-x1)*heaviside(x0 - 0.01)", lambda a, b: (a[..., 0] < 0.01) != (b[..., 0] < 0.01)),
]  # fmt: skip


def side(points):
    """Tell on which side of the line x1 = 2 x0 - 0.013 points lie."""
    return points[..., 1] - 2 * points[..., 0] + 0.013 > 0


@pytest.mark.parametrize(("text", "parted"), JUMPS, ids=[text for text, _ in JUMPS])
@pytest.mark.parametrize("first", [(-3, 3, 201), (-2.9, 3.2, 140)])
def test_jumps_and_odd_poles_are_found_on_every_edge(text, parted, first):
    """The edges with a break are those whose ends lie on two sides of it: all of them, and no others."""
    breaks, points, _ = on_mesh(text, first)
    np.testing.assert_array_equal(breaks.edges[0], parted(points[:-1], points[1:]))
    np.testing.assert_array_equal(breaks.edges[1], parted(points[:, :-1], points[:, 1:]))
    assert len(breaks.low) == sum(edges.sum() for edges in breaks.edges)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("tan(x)", [-1.5 * math.pi, -0.5 * math.pi, 0.5 * math.pi, 1.5 * math.pi]),
        ("floor(x)", [-4, -3, -2, -1, 0, 1, 2, 3, 4, 5]),
        ("floor(x - 1/3)", [n + 1 / 3 for n in range(-5, 5)]),
        ("1/x", [0]),
        ("1/(x - 0.017)", [0.017]),
        ("sign(x)", [0]),
        ("x/abs(x)", [0]),
        ("where(x > 0, 1/x, 0)", [0]),
        ("exp(1/x)", [0]),
        ("mod(x, 2)", [-4, -2, 0, 2, 4]),
        ("1/x**2", []),
        ("sin(x)/x", []),
        ("x**2", []),
    ],
)
@pytest.mark.parametrize("count", [501, 500])
def test_the_places_of_breaks_are_found(text, places, count):
    """Whether or not a break lies on a point, its two sides close in on it."""
    breaks, _ = on_curve(text, count=count)
    tolerance = 2e-3 if "exp" in text else 1e-9  # exp(1/x) is too large for a float up to 1/709
    assert all(min(abs(low[0] - place) for place in places) < tolerance for low in breaks.low)
    assert all((breaks.low <= place + tolerance).any() for place in places)
    found = {
        round(float(low), 2 if "exp" in text else 6) + 0.0 for low in (breaks.low + breaks.high).ravel() / 2
    }
    assert len(found) == len(places)


def test_poles_are_told_from_jumps():
    """Towards a pole the function grows; a jump keeps its height."""
    assert on_curve("tan(x)")[0].poles.all()
    assert on_curve("1/x")[0].poles.all()
    assert not on_curve("floor(x)")[0].poles.any()


def test_a_jump_on_points_has_two_halves():
    """sign(x0)*x1 is 0 on the line x0 = 0 between its two sides, so both edges at it are breaks."""
    breaks, points, _ = on_mesh("sign(x0)*x1")
    assert points[0, 100, 0] == 0
    assert not breaks.edges[0].any()
    columns = np.flatnonzero(breaks.edges[1].any(axis=0))
    assert columns.tolist() == [99, 100]
    expected = points[:, 0, 1] != 0  # where x1 = 0 there is no jump
    np.testing.assert_array_equal(breaks.edges[1][:, 99], expected)
    np.testing.assert_array_equal(breaks.edges[1][:, 100], expected)


@pytest.mark.parametrize("text", ["1/(x1 - x0)", "x0/abs(x0) + 0*x1", "1/x0 + x1"])
def test_a_pole_or_jump_that_lies_on_points_is_found_beside_them(text):
    """Where the value is undefined on a line between two sides, both edges at a point are breaks."""
    breaks, points, _ = on_mesh(text, (-3, 3, 201), (-3, 3, 201))
    missing = np.isnan(field(text, variables=["x0", "x1"])(points))
    assert missing.sum() == 201
    np.testing.assert_array_equal(breaks.edges[1][:, :-1][:, 1:], missing[:, 1:-2] | missing[:, 2:-1])


def test_a_point_that_stands_alone_is_no_break():
    """A value that differs at one point only, between two equal sides, parts nothing."""
    assert not on_curve("where(x == 0, 5, x**2)")[0]
    assert not on_curve("1/(x - 1e-17)**2")[0]
    assert on_curve("where(x == 0, 5, sign(x))")[0]


def test_any_callable_of_points_will_do():
    """The function may give integers, infinities or one number, and is asked in rows."""
    x = np.linspace(-1, 1, 21)[:, None]
    assert (
        find_breaks(lambda p: np.where(p[..., 0] > 0.51, 7, 2), x, np.where(x[:, 0] > 0.51, 7, 2))
        .edges[0]
        .sum()
        == 1
    )
    with np.errstate(divide="ignore"):
        assert find_breaks(lambda p: 1 / p[..., 0], x, 1 / (x[:, 0] - x[10, 0])).edges[0][9:11].all()
    assert not find_breaks(lambda _: 3, x, np.full(21, 3))
    assert not find_breaks(lambda p: p[..., 0], x[:1], x[:1, 0])
    assert not find_breaks(lambda p: p[..., 0] * math.nan, x, np.full(21, math.nan))


def test_the_words_say_where():
    """A curve's places are listed, and no further than six; of a mesh the pairs are counted."""
    assert on_curve("tan(x)")[0].words() == "at -4.712, -1.571, 1.571, 4.712"
    assert on_curve("sign(x)")[0].words() == "at 0"
    assert on_curve("floor(x)")[0].words() == "at -4, -3, -2, -1, 0, 1, 4 more"
    assert on_mesh("floor(x0) + 0*x1")[0].words() == f"between {6 * 151:,} pairs of neighbouring points"


@pytest.mark.parametrize(("text", "_"), JUMPS)
def test_what_is_left_out_covers_every_break(text, _):
    """Each edge with a break has an end that is left out, and few other points are."""
    breaks, points, _ = on_mesh(text)
    values = field(text, variables=["x0", "x1"])(points)
    out = covering(breaks.edges, values)
    assert (out[:-1] | out[1:])[breaks.edges[0]].all()
    assert (out[:, :-1] | out[:, 1:])[breaks.edges[1]].all()
    assert out.sum() <= len(breaks.low)
    assert not (out & ~touched(breaks.edges, values.shape)).any()


def test_of_two_halves_the_point_between_is_left_out():
    """One column parts the picture of sign(x0)*x1, and not three."""
    breaks, points, _ = on_mesh("sign(x0)*x1")
    out = covering(breaks.edges, np.sign(points[..., 0]) * points[..., 1])
    assert set(np.nonzero(out)[1].tolist()) == {100}


@pytest.mark.parametrize(
    ("text", "up", "down"),
    [
        ("1/(x0**2 + x1**2)", True, False),
        ("-1/((x0 - 0.01)**2 + x1**2)", False, True),
        ("1/(x1 - x0)", True, True),
        ("1/(x1 - x0 + 1e-15)", True, True),  # as high as rounding lets it all along the pole
        ("tan(x0) + 0*x1", True, True),
        ("1/(x0**2 + x1**2 + 1e-9)", True, False),  # one point of the mesh shows the peak, or none
        ("exp(x0*x1)", False, False),
        ("log(x0*x1)", False, False),
        ("exp(-x0**2 - x1**2)", False, False),
        ("exp(-30*x0**2 - 30*x1**2)", False, False),
        ("1/(x0 + 3.001) + 0*x1", False, False),  # the pole lies outside of the range
        ("100*(x1 - x0**2)**2", False, False),
    ],
)
def test_a_pole_grows_without_bound_and_a_peak_does_not(text, up, down):
    """Climbing from the greatest point, values go on growing at a pole inside the range, and only there."""
    function, points = (
        field(text, variables=["x0", "x1"]),
        mesh(np.linspace(-3, 3, 121), np.linspace(-3, 3, 81)),
    )
    assert grows_without_bound(function, points, function(points), 1) is up
    assert grows_without_bound(function, points, function(points), -1) is down
