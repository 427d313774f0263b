"""Functions over the last axis of an array of points."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.errors import ExpressionError, GradvizError, RequestError
from gradviz.fields import symbolic
from gradviz.fields.field import Field, field
from gradviz.language.reading import read

DATA = Path(__file__).parents[1] / "data"
CASES = json.loads((DATA / "attacks.json").read_text())
REFERENCES = json.loads((DATA / "functions.json").read_text())


# Shapes ------------------------------------------------------------------------------------------------

SHAPES = [(), (1,), (5,), (4, 3), (2, 3, 4), (0,), (3, 0), (0, 3), (1, 1, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_last_axis_holds_the_coordinates_and_the_others_are_free(shape):
    """(..., D) becomes (...), and the gradient stays (..., D): each point by itself, as in a loop."""
    points = np.random.default_rng(1).uniform([-2.0, 5.0], [3.0, 9.0], (*shape, 2))
    slanted = field("x0**2 + 3*x1 + x0*x1")
    values, slopes = slanted(points), slanted.gradient(points)
    assert values.shape == shape
    assert slopes.shape == (*shape, 2)
    for index in np.ndindex(shape):
        x0, x1 = points[index]
        assert values[index] == pytest.approx(x0**2 + 3 * x1 + x0 * x1, rel=1e-14)
        assert slopes[index] == pytest.approx([2 * x0 + x1, 3 + x0], rel=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("text", ["7", "x - x", "0*x"])
def test_a_constant_broadcasts(text, shape):
    """It has a value at every point, and a gradient of zeros."""
    constant = field(text, variables=["x", "y"])
    value = 7.0 if text == "7" else 0.0
    assert np.array_equal(constant(np.zeros((*shape, 2))), np.full(shape, value))
    assert np.array_equal(constant.gradient(np.ones((*shape, 2))), np.zeros((*shape, 2)))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_of_nothing_has_points_without_coordinates(shape):
    """D may be 0: a constant without variables."""
    constant = field("3 + 4")
    assert constant.variables == ()
    assert np.array_equal(constant(np.zeros((*shape, 0))), np.full(shape, 7.0))
    assert constant.gradient(np.zeros((*shape, 0))).shape == (*shape, 0)


def test_a_partial_derivative_without_variables_broadcasts():
    """x0 + 3*x1 has the same slopes everywhere."""
    assert field("x0 + 3*x1").gradient(np.zeros((2, 2, 2))).tolist() == [[[1.0, 3.0]] * 2] * 2


def test_integers_count_as_real_numbers():
    """The gradient of x**2 at whole points is what it is at the same real ones."""
    bowl = field("x0**2 + x1**2")
    for kind in ("i8", "i2", "u1", "f4", "?"):
        points = np.array([[1, 0], [0, 1]]).astype(kind)
        assert bowl(points).tolist() == [1.0, 1.0]
        assert bowl.gradient(points).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert bowl([[3, 4]]).tolist() == [25.0]


@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda p: p[::-1][::-1], lambda p: np.repeat(p, 2, axis=0)[::2], np.copy]
)
def test_any_layout_in_memory_gives_the_same(layout):
    """Fortran order, negative strides, views, read-only memory."""
    points = np.random.default_rng(2).uniform(-2, 2, (7, 5, 2))
    laid = layout(points)
    laid.flags.writeable = False
    wave = field("sin(x)*y + x**3")
    assert np.array_equal(wave(laid), wave(points))
    assert np.array_equal(wave.gradient(laid), wave.gradient(points))


@pytest.mark.parametrize("kind", ["f8", "i8"])
def test_the_callers_array_is_unchanged(kind):
    """Nothing is written to it, and nothing that is returned shares its memory."""
    points = np.arange(12).reshape(6, 2).astype(kind)
    before = points.copy()
    for identity in (field("x"), field("x*y"), field("x**2 + y**3")):
        given = points[:, : len(identity.variables)]
        results = [identity(given), identity.gradient(given), identity.complex_step_gradient(given)]
        assert np.array_equal(points, before)
        assert not any(np.shares_memory(result, points) for result in results)


@pytest.mark.parametrize("count", [16_383, 16_384, 16_385, 3 * 16_384 + 7])
def test_the_blocks_of_a_long_array_leave_no_trace(count):
    """Values do not depend on how many points are asked for at once."""
    wave = field("sin(3*x)*exp(-y**2) + x/y")
    points = np.random.default_rng(5).uniform(0.5, 2.0, (count, 2))
    pieces = np.concatenate([wave(piece) for piece in np.array_split(points, 7)])
    assert np.array_equal(wave(points), pieces)
    x, y = points.T
    np.testing.assert_allclose(pieces, np.sin(3 * x) * np.exp(-(y**2)) + x / y, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    "points", [[[1.0, 2.0, 3.0]], [1.0], [[[1.0]]], np.zeros((2, 324)), np.zeros((0, 3)), 5.0]
)
def test_points_of_another_dimension_are_refused(points):
    """Points as columns among them, which is the best known mistake with arrays of points."""
    for call in (field("x0*x1"), field("x0*x1").gradient, field("x0*x1").complex_step_gradient):
        with pytest.raises(RequestError, match=r"the shape \(\.\.\., 2\), got"):
            call(points)


# Names ---------------------------------------------------------------------------------------------------


def test_coordinates_are_in_natural_order_or_as_given():
    """x2 comes before x10; --vars gives another order."""
    assert field("x10 - x2")([[1, 100]]).tolist() == [99.0]
    assert field("x0 - x1", variables=["x1", "x0"])([[1, 100]]).tolist() == [99.0]
    assert field("x0 - x1", variables=["x1", "x0"]).gradient([[1, 100]]).tolist() == [[-1.0, 1.0]]


def test_parameters_are_numbers():
    """a*x*y with a = 2, in the interface's own words; the mapping is copied."""
    given = {"a": 2}
    scaled = field("a*x*y", variables=["y", "x"], parameters=given)
    given["a"] = 3
    assert scaled([[3, 5]]).tolist() == [30.0]
    assert scaled.gradient([[3, 5]]).tolist() == [[10.0, 6.0]]
    assert scaled.parameters == {"a": 2}


def test_a_field_says_what_it_is():
    """Its text, its variables and SymPy's form of it are at hand."""
    wave = field("sin(x0)*x1")
    assert repr(wave) == "<Field 'sin(x0)*x1' of (x0, x1)>"
    assert wave.variables == ("x0", "x1")
    assert wave.formula.free_symbols == {sympy.Symbol("x0", real=True), sympy.Symbol("x1", real=True)}
    assert isinstance(Field(read("sin(x0)*x1")), Field)


def test_the_derivative_of_sine_is_cosine():
    """N6 of the book's numbers."""
    assert field("sin(x)").derivative_texts == ("cos(x)",)
    assert [str(slope) for slope in field("sin(x)").derivatives] == ["cos(x)"]


# Where there is no value ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at", "fine"),
    [
        ("sqrt(x)", -1.0, 1.0),
        ("log(x)", -1.0, 1.0),
        ("log(x)", 0.0, 1.0),
        ("1/x", 0.0, 1.0),
        ("1/x**2", 0.0, 1.0),
        ("sin(x)/x", 0.0, 1.0),
        ("x*log(x)", 0.0, 1.0),
        ("exp(x)", 1000.0, 1.0),
        ("exp(x) - exp(x/2)", 2000.0, 1.0),
        ("x**(1/3)", -8.0, 8.0),
        ("x**x", -0.5, 0.5),
        ("asin(x)", 2.0, 0.5),
        ("acosh(x)", 0.5, 2.0),
        ("atanh(x)", 1.0, 0.5),
        ("mod(1, x)", 0.0, 1.0),
        ("cot(x)", 0.0, 1.0),
        ("log(2, x)", 1.0, 2.0),
        ("Piecewise((x, x > 0))", -1.0, 1.0),
        ("where(x > 0, x, sqrt(x))", -1.0, 1.0),
        ("x**400", 10.0, 1.0),
        ("Piecewise((x, 1 > 2))", 1.0, None),
        ("sqrt(-abs(x) - 1)", 1.0, None),
    ],
)
def test_where_a_function_is_undefined_it_is_nan_and_so_is_its_gradient(text, at, fine):
    """Undefined, complex or beyond double precision: NaN, without a warning, and only there."""
    points = [[at], [at if fine is None else fine]]
    for result in (field(text)(points), field(text).gradient(points)[:, 0]):
        assert np.isnan(result[0])
        assert np.isnan(result[1]) == (fine is None)


def test_a_function_that_is_real_at_isolated_points_has_no_slope_there():
    """(-2)**x is 4 at x = 2 and complex beside it."""
    assert field("(-2)**x")([[2.0], [0.5]]) == pytest.approx([4.0, np.nan], nan_ok=True)
    assert np.isnan(field("(-2)**x").gradient([[2.0]])).all()


def test_points_that_are_no_numbers_have_no_values():
    """NaN in, NaN out; infinity is no number either unless the function has a value there."""
    assert np.isnan(field("x + 1")([[np.nan], [np.inf], [-np.inf]])).all()
    assert field("exp(-x)")([[np.inf]]).tolist() == [0.0]


def test_a_branch_that_is_not_taken_does_no_harm():
    """All branches are computed; what they give outside of their own does not show."""
    piece = field("where(x > 0, sqrt(x), where(x < -1, log(-x), 1/(x + 2)))")
    assert piece([[4.0], [-math.e], [-0.5]]) == pytest.approx([2.0, 1.0, 1 / 1.5], rel=1e-15)
    assert piece.gradient([[4.0], [-math.e], [-0.5]])[:, 0] == pytest.approx([0.25, -1 / math.e, -1 / 2.25])


@pytest.mark.parametrize(
    ("text", "point", "slopes"),
    [
        ("max(x, sqrt(y))", [2.0, -1.0], None),
        ("max(x, y**2)", [5.0, 2.0], [1.0, 0.0]),
        ("x**y", [0.0, 2.0], [0.0, None]),
        ("abs(x)**1.5*y", [0.0, 2.0], [0.0, 0.0]),
    ],
)
def test_each_partial_derivative_stands_by_itself(text, point, slopes):
    """One that is undefined leaves the others as they are; where the value is NaN, all are."""
    found = field(text).gradient(point)
    for slope, expected in zip(found, slopes or [None] * len(point), strict=True):
        assert np.isnan(slope) if expected is None else slope == expected


# The complex step ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "slope", "places"),
    [
        ("x**3", lambda x: 3 * x**2, [-2.0, 0.0, 2.0]),
        ("x**64", lambda x: 64 * x**63, [-0.9, 0.9]),
        ("x**65", lambda x: 65 * x**64, [-0.9, 0.9]),
        ("x**101", lambda x: 101 * x**100, [-0.9, 0.9]),
        ("x**200", lambda x: 200 * x**199, [-0.9, 0.9]),
        ("(2*x)**-3", lambda x: -3 / 8 / x**4, [-2.0, 2.0]),
        ("sqrt(x**2)", lambda x: math.copysign(1, x), [-2.0, 2.0]),
        ("log(x**2)", lambda x: 2 / x, [-2.0, 2.0]),
        ("cbrt(x)", lambda x: abs(x) ** (-2 / 3) / 3, [-2.0, 2.0]),
        ("hypot(x, 1)", lambda x: x / math.hypot(x, 1), [-2.0, 0.0, 1e10]),
        ("erf(x)", lambda x: 2 / math.sqrt(math.pi) * math.exp(-x * x), [-2.0, 0.0, 30.0]),
        (
            "sigmoid(x)",
            lambda x: math.exp(-abs(x)) / (1 + math.exp(-abs(x))) ** 2,
            [-800.0, -30.0, 0.0, 800.0],
        ),
        ("softplus(x)", lambda x: 1 / (1 + math.exp(-x)), [-30.0, 0.0, 800.0]),
        ("tanh(x)", lambda x: 1 / math.cosh(x) ** 2, [-3.0, 0.0, 100.0]),
    ],
)
def test_the_complex_step_gives_the_derivative_to_the_last_digits(text, slope, places):
    """On both sides of zero, and where other methods would cancel or overflow."""
    found = field(text).complex_step_gradient([[place] for place in places])[:, 0]
    assert found == pytest.approx([slope(place) for place in places], rel=1e-13, abs=1e-30)


@pytest.mark.parametrize(
    ("text", "point", "axis"),
    [
        ("x**y", [-2.0, 3.0], 1),
        ("x**y", [-0.5, 101.0], 1),
        ("cbrt(x)*y", [0.0, 1.0], 0),
        ("sqrt(x) + y", [0.0, 1.0], 0),
        ("x**0.25*y", [0.0, 1.0], 0),
    ],
)
def test_the_complex_step_is_nan_where_there_is_no_derivative(text, point, axis):
    """(-2)**y has values at whole y only, and a root has an infinite slope at 0."""
    assert np.isnan(field(text).gradient(point)[axis])
    assert np.isnan(field(text).complex_step_gradient(point)[axis])


def test_the_complex_step_is_refused_for_what_is_not_analytic():
    """The message names the function and the methods that would do."""
    with pytest.raises(RequestError) as caught:
        field("abs(x)*floor(y)").complex_step_gradient([[1.0, 2.0]])
    assert "abs, floor" in str(caught.value)
    assert "adaptive or exact" in str(caught.value)


# Depth and size ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "behind", "levels"),
    [
        ("sin(", ")", 50), ("-", "", 50), ("1/(1+", ")", 50), ("√(", ")", 25), ("where(x>0,", "+1,2)", 50),
        ("(1 if x>1 else 2*", "+1)", 50), ("x*(1+", "*x)", 50), ("x^", "", 50), ("mod(2,1+", ")", 50),
        ("atan2(x,1+", ")", 50), ("hypot(1,", ")", 50), ("abs(", ")", 50),
        ("Piecewise((1+", ",x>1),(2,True))", 25), ("max(1,", ")", 50), ("max(x,sin(", "))", 25),
        ("min(max(x,0.9*", "),0.8)", 25), ("relu(1-", ")", 50),
    ],
)  # fmt: skip
def test_what_is_as_deep_as_may_be_has_a_gradient(before, behind, levels, within):
    """The limit on nesting is there to hold: below it nothing overflows a stack or takes seconds."""
    with within(2):
        deep = field(before * levels + "x" + behind * levels)
        assert deep([[0.75]]).shape == (1,)
        assert deep.gradient([[0.75]]).shape == (1, 1)


def test_what_is_as_long_as_may_be_has_a_gradient(within):
    """Eight thousand characters of terms are a matter of a second or two."""
    with within(5):
        wide = field("+".join(f"sin({k}*x)" for k in range(1, 640)))
        assert wide.gradient([[0.0]])[0, 0] == pytest.approx(639 * 640 / 2)
        long = field("x" + "*x" * 3999)
        assert long.gradient([[1.0]])[0, 0] == 4000.0


# The corpus ----------------------------------------------------------------------------------------------


def text_of(case):
    return case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_input_of_the_corpus_ends_well(case, within):
    """In a field with the values and gradients of mpmath, or in a short message; within a second."""
    text, refusal = text_of(case), None
    with within(1):
        try:
            found = field(text)
            found.gradient(np.full(len(found.variables), 0.5))
        except GradvizError as error:
            refusal = error
    if case["expect"] in ("accept", "nowhere"):
        assert refusal is None
    if case["expect"] == "reject":
        assert refusal is not None
    if refusal is not None:
        lines = str(refusal).split("\n")
        assert 1 <= len(lines) <= 5
        assert all(line.isprintable() for line in lines)
        assert all(
            any(word.lower() in str(refusal).lower() for word in group) for group in case.get("mentions", [])
        )
        if "caret" in case:
            assert isinstance(refusal, ExpressionError)
            assert refusal.start in case["caret"]
        return
    if case["expect"] == "nowhere":
        grid = np.random.default_rng(7).normal(size=(100, len(found.variables)))
        assert np.isnan(found(grid)).all()
    if "values" in case:
        assert list(found.variables) == case["variables"]
        points = np.reshape(case["points"], (len(case["values"]), -1))
        np.testing.assert_allclose(found(points), case["values"], rtol=1e-13, atol=1e-15)
        slopes = np.reshape(case["gradients"], points.shape)
        np.testing.assert_allclose(found.gradient(points), slopes, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("reference", REFERENCES, ids=[reference["name"] for reference in REFERENCES])
def test_published_functions_have_their_published_values(reference):
    """To within the rounding of their largest value, against 110 digits; undefined where they are."""
    found = field(reference["text"], variables=reference["variables"])(reference["points"])
    values = np.array(reference["values"], float)
    np.testing.assert_allclose(found, values, rtol=1e-11, atol=1e-13 * np.nanmax(np.abs(values)))


# Properties ----------------------------------------------------------------------------------------------

WHOLE = st.integers(-4, 4)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), WHOLE, min_size=1, max_size=6))
def test_a_polynomial_has_its_values_and_gradient_in_whole_numbers(terms):
    """At whole points the values of a polynomial with whole coefficients are whole, and exact."""
    text = " + ".join(f"({c})*x**{m}*y**{n}" for (m, n), c in terms.items())
    points = [[a, b] for a in (-3, -1, 2) for b in (-2, 1, 3)]
    found = field(text, variables=["x", "y"])
    for (a, b), value, slopes in zip(points, found(points), found.gradient(points), strict=True):
        assert value == sum(c * a**m * b**n for (m, n), c in terms.items())
        assert slopes[0] == sum(c * m * a ** (m - 1) * b**n for (m, n), c in terms.items() if m)
        assert slopes[1] == sum(c * n * a**m * b ** (n - 1) for (m, n), c in terms.items() if n)


# Regions --------------------------------------------------------------------------------------------------


def within(text, where, **names):
    """Return the field of an expression that is looked at where a condition holds."""
    return Field(read(text, where=where, **names))


def test_outside_of_its_region_a_field_is_undefined():
    """Values and exact gradient are those of the formula inside, and NaN outside."""
    points = np.array([[1.0, 2.0], [2.0, 1.0], [-1.0, 5.0]])
    found = within("x0**2 + 3*x1", "x0 < x1")
    np.testing.assert_array_equal(found(points), [7, np.nan, 16])
    np.testing.assert_array_equal(found.gradient(points), [[2, 3], [np.nan, np.nan], [-2, 3]])
    np.testing.assert_array_equal(found.contains(points), [True, False, True])
    np.testing.assert_array_equal(found.whole(points), [7, 7, 16])


@pytest.mark.parametrize(
    ("where", "inside"),
    [
        ("x", [True, False, True]),
        ("x + a", [False, True, True]),
        ("sqrt(x)", [False, False, True]),  # the root of -1 is undefined: no reason to be inside
        ("1", [True, True, True]),
        ("2 < 1", [False, False, False]),
        ("x >= 0 and x < 2", [False, True, False]),
    ],
)
def test_a_number_is_inside_where_it_is_not_zero(where, inside):
    """A region is a condition, or any expression, which holds where it is defined and not 0."""
    found = within("x + a", where, parameters={"a": 1})
    assert found.contains([[-1], [0], [2]]).tolist() == inside


def test_a_field_without_a_region_is_whole():
    """It contains all points, and is its own whole."""
    found = field("x0*x1")
    assert found.whole is found
    assert found.contains(np.zeros((2, 3, 2))).all()
    assert found.contains(np.zeros((2, 3, 2))).shape == (2, 3)


# The Hessian ----------------------------------------------------------------------------------------------


def test_the_hessian_has_rows_and_columns_in_the_order_of_the_variables():
    """Of x0^2 x1 + 3 x1^3 + x0 it is [[2 x1, 2 x0], [2 x0, 18 x1]] at each point of a mesh, by hand."""
    f = field("x0**2*x1 + 3*x1**3 + x0")
    points = np.random.default_rng(1).uniform(-2, 3, (4, 3, 2))
    x0, x1 = points[..., 0], points[..., 1]
    expected = np.stack([np.stack([2 * x1, 2 * x0], -1), np.stack([2 * x0, 18 * x1], -1)], -2)
    assert f.hessian(points).shape == (4, 3, 2, 2)
    np.testing.assert_allclose(f.hessian(points), expected, rtol=1e-15)
    swapped = field("x0**2*x1 + 3*x1**3 + x0", variables=["x1", "x0"])
    np.testing.assert_allclose(swapped.hessian(points[..., ::-1]), expected[..., ::-1, ::-1], rtol=1e-15)
    assert f.hessian([1, 2]).tolist() == [[4, 2], [2, 36]]
    assert field("5", variables=["x", "y"]).hessian([[1, 2]]).tolist() == [[[0, 0], [0, 0]]]


@pytest.mark.parametrize(
    "text",
    [
        "sin(x*y)*exp(z) + x**3*z", "log(x + 2)/(y**2 + 1) - sqrt(x**2 + y**2 + z**2)", "tanh(x - y*z)**2",
        "where(x > y, x**2*z, y**3)", "max(x**2, y*z) + abs(z)**3", "x**y + atan2(y, z) + hypot(x, y)",
    ],
)  # fmt: skip
def test_the_hessian_is_the_derivative_of_the_gradient(text):
    """Its columns are the central differences of the gradient, and it is symmetric to the last digit."""
    f = field(text, variables=["x", "y", "z"])
    points = np.random.default_rng(2).uniform(0.3, 2, (40, 3))
    found = f.hessian(points)
    for axis, step in enumerate(1e-5 * np.eye(3)):
        slopes = (f.gradient(points + step) - f.gradient(points - step)) / 2e-5
        np.testing.assert_allclose(found[..., axis], slopes, rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(found, np.swapaxes(found, -1, -2))


def test_where_a_function_is_undefined_so_is_its_hessian():
    """log(x) y has no Hessian for x <= 0, though y is everywhere; the neighbours have theirs."""
    found = field("log(x)*y").hessian([[-1, 2], [0, 2], [1, 2]])
    assert np.isnan(found[:2]).all()
    assert found[2].tolist() == [[-2, 1], [1, 0]]


def test_the_hessian_is_made_within_the_time_for_sympy(monkeypatch):
    """SymPy's work on second derivatives stands under the same guard as on the first ones."""
    f, stages = field("x**2*y"), []
    f.gradient([1, 2])
    guard = symbolic.symbolic_stage
    monkeypatch.setattr(symbolic, "symbolic_stage", lambda: (stages.append(1), guard())[1])
    assert f.hessian([1, 2]).tolist() == [[4, 2], [2, 0]]
    assert stages
