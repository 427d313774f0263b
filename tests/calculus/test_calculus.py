"""Gradients, partial derivatives and Hessians of functions, and their errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradviz.calculus import Gradient, gradient, numerical_gradient
from gradviz.errors import RequestError
from gradviz.fields.field import field

METHODS = ["adaptive", "central", "complex", "exact"]
ROUNDING = {
    "adaptive": 1e-10,
    "central": 1e-6,
    "complex": 1e-14,
    "exact": 1e-14,
}  # relative, for smooth functions


def bowl(points):
    """x0**2 + 3*x1, as a callable of a user's own."""
    return points[..., 0] ** 2 + 3 * points[..., 1]


# The book's numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("text", "points", "slopes"),
    [
        ("x**2 + 3*x + 100", [[10]], [[23]]),
        ("0.01*x**2 + 0.1*x", [[5], [10]], [[0.2], [0.3]]),
        ("x0**2 + x1**2", [[3, 4], [0, 2], [3, 0]], [[6, 8], [0, 4], [6, 0]]),
        ("x0**2 + x1**2", [[3.0, 4.0], [0.0, 2.0], [3.0, 0.0]], [[6, 8], [0, 4], [6, 0]]),
        ("x0**2 + 2*x0*x1 + x2**2", [[3, 4, 5]], [[14, 6, 10]]),
    ],
    ids=["N1", "N2", "N3 in integers", "N3", "N4"],
)
def test_the_gradients_of_the_book(text, points, slopes, method):
    """N1 to N4, by every method, also where the points are typed as integers."""
    found = gradient(field(text), method=method)(points)
    np.testing.assert_allclose(found, slopes, rtol=1e-9, atol=1e-9)


X, T = np.array([0.6, 0.9]), np.array([0.0, 0.0, 1.0])
W = np.array([[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]])
SLOPES = [[0.21924763, 0.14356247, -0.36281009], [0.32887144, 0.2153437, -0.54421514]]


def softmax(outputs):
    return np.exp(outputs) / np.exp(outputs).sum()


def loss(weights, much=0.0):
    """Cross entropy of the softmax of x W against t; the book adds 1e-7 inside the logarithm."""
    return -float(T @ np.log(softmax(X @ weights) + much))


def test_the_gradient_of_a_one_layer_network():
    """N7: a function of an array of any shape, taken as it is; on paper its gradient is x' (y - t).

    The book's value has the 1e-7 in it, which moves the gradient in its seventh digit.
    """
    assert loss(W, 1e-7) == pytest.approx(0.92806829, abs=5e-9)
    found = numerical_gradient(loss, W)
    np.testing.assert_allclose(found, SLOPES, rtol=0, atol=6e-9)
    np.testing.assert_allclose(found, np.outer(X, softmax(X @ W) - T), rtol=0, atol=1e-9)
    np.testing.assert_allclose(numerical_gradient(lambda w: loss(w, 1e-7), W), SLOPES, rtol=0, atol=2e-7)


# The book's own form -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 2, 2), (0,), (0, 3)])
def test_the_books_form_takes_an_array_of_any_shape(shape):
    """The sum of squares has twice the array as its gradient."""
    array = np.arange(math.prod(shape), dtype=float).reshape(shape) - 1.5
    found = numerical_gradient(lambda a: np.sum(a**2), array)
    assert found.shape == shape
    np.testing.assert_allclose(found, 2 * array, atol=1e-9)


@pytest.mark.parametrize("kind", ["i8", "f4", "?", "f8"])
def test_the_books_form_counts_integers_as_real_numbers_and_changes_nothing(kind):
    """Neither the truncation nor the writing into the caller's array of the book's own code."""
    array = np.array([[1, 0], [1, 1]]).astype(kind)
    before, seen = array.copy(), []

    def spoil(trial):
        value = float(np.sum(trial**2))
        seen.append(trial.dtype)
        trial[:] = np.nan  # a function may use its argument as it likes
        return value

    np.testing.assert_allclose(numerical_gradient(spoil, array), 2.0 * before, atol=1e-8)
    assert np.array_equal(array, before)
    assert len(seen) == 2 * array.size
    assert set(seen) == {np.dtype("f8")}


def test_the_books_form_takes_a_step():
    """(f(x + h) - f(x - h))/2h of x**3 at 1 is 3 + h**2 on paper."""
    assert numerical_gradient(lambda a: a[0] ** 3, [1.0], step=0.5)[0] == pytest.approx(3.25, rel=1e-15)
    assert numerical_gradient(lambda a: a[0] ** 3, [1.0])[0] == pytest.approx(3 + 1e-8, abs=1e-10)


@pytest.mark.parametrize("answer", [np.ones(2), None, "much", np.ones((1, 1, 3))])
def test_the_books_form_refuses_what_is_no_number(answer):
    """The function of an array must give one number, and the message says so."""
    with pytest.raises(RequestError):
        numerical_gradient(lambda _: answer, np.ones(2))


# Conventions -----------------------------------------------------------------------------------------------

SHAPES = [(), (1,), (5,), (4, 3), (2, 3, 4), (0,), (3, 0)]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_gradient_maps_points_to_vectors_of_their_shape(shape, method):
    """(..., D) to (..., D); unequal ranges and a lopsided function would show any transposition."""
    points = np.random.default_rng(1).uniform([-2.0, 5.0], [3.0, 9.0], (*shape, 2))
    found = gradient(field("x0**2 + 3*x1 + x0*x1"), method=method)(points)
    assert found.shape == points.shape
    x0, x1 = points[..., 0], points[..., 1]
    np.testing.assert_allclose(found, np.stack([2 * x0 + x1, 3 + x0], axis=-1), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_function_of_nothing_has_an_empty_gradient(shape, method):
    """Points without coordinates are points too."""
    estimate = gradient(field("7"), method=method).estimate(np.zeros((*shape, 0)))
    assert estimate.values.tolist() == np.full(shape, 7.0).tolist()
    assert estimate.gradient.shape == estimate.error.shape == (*shape, 0)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["f8", "i8", "f4"])
def test_the_callers_points_are_unchanged(kind, method):
    """And nothing that comes back shares their memory."""
    points = np.array([[1, 2], [3, 4], [5, 6]]).astype(kind)
    before = points.copy()
    estimate = gradient(field("x*y"), method=method).estimate(points)
    assert np.array_equal(points, before)
    assert not any(np.shares_memory(part, points) for part in estimate)
    np.testing.assert_allclose(estimate.gradient, before[:, ::-1], atol=1e-8)


@pytest.mark.parametrize("method", ["adaptive", "central"])
def test_a_function_may_use_its_points_as_it_likes(method):
    """It gets points of its own each time."""

    def spoil(points):
        values = bowl(points)
        points[:] = np.nan
        return values

    points = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(gradient(spoil, method=method)(points), [[2, 3], [6, 3]], rtol=1e-8)
    assert points.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("method", METHODS)
def test_a_gradient_is_a_function_of_points(method):
    """It can be called again and again, and is a value: frozen, equal to one made the same way."""
    wave = field("sin(x)*y")
    slopes = gradient(wave, method=method)
    points = np.random.default_rng(3).uniform(-2, 2, (6, 2))
    assert np.array_equal(slopes(points), slopes(points))
    assert slopes == gradient(wave, method=method)
    assert isinstance(slopes, Gradient)
    with pytest.raises(AttributeError):
        slopes.method = "exact"


@pytest.mark.parametrize("method", ["adaptive", "central"])
@pytest.mark.parametrize(
    "function", [bowl, lambda points: bowl(points).tolist(), lambda points: bowl(points).astype("g")]
)
def test_any_callable_of_points_has_a_gradient(function, method):
    """Its values may be an array or a list."""
    points = np.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.0]])
    found = gradient(function, method=method)(points)
    np.testing.assert_allclose(found, [[2, 3], [6, 3], [-2, 3]], rtol=1e-8)


@pytest.mark.parametrize("method", ["adaptive", "central"])
def test_one_number_holds_for_all_points(method):
    """A callable may leave the broadcasting to us."""
    estimate = gradient(lambda _: 7, method=method).estimate(np.ones((3, 2)))
    assert estimate.values.tolist() == [7.0, 7.0, 7.0]
    np.testing.assert_allclose(estimate.gradient, np.zeros((3, 2)), atol=1e-8)


@pytest.mark.parametrize("method", ["adaptive", "central"])
def test_a_callable_in_single_precision_has_a_rough_gradient_and_no_wrong_one(method):
    """Its values stand still for steps that are too small: that is rounding, and not a slope of 0."""
    points = np.array([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.0]])
    found = gradient(lambda points: bowl(points).astype("f4"), method=method)(points)
    np.testing.assert_allclose(found, [[2, 3], [6, 3], [-2, 3]], atol=0.1)


@pytest.mark.parametrize("method", ["adaptive", "central"])
@pytest.mark.parametrize(
    ("function", "came"),
    [
        (lambda points: points, "(4, 3, 2)"),
        (lambda points: bowl(points).T, "(3, 4)"),
        (lambda points: bowl(points)[..., None], "(4, 3, 1)"),
        (lambda points: bowl(points)[0], "(3,)"),
        (lambda points: bowl(points).ravel(), "(12,)"),
        (lambda _: None, "object"),
        (lambda points: bowl(points) + 0j, "complex128"),
        (lambda points: bowl(points).astype(str), "<U"),
    ],
)
def test_a_callable_that_gives_the_wrong_shape_is_refused(function, came, method):
    """One real number for each point; the message says what came and what is needed."""
    with pytest.raises(RequestError) as caught:
        gradient(function, method=method)(np.ones((4, 3, 2)))
    assert came in str(caught.value)
    assert "real numbers of shape (4, 3), one for each point" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "Exact"}, "did you mean 'exact'?"),
        ({"method": "newton"}, "choose one of adaptive, central, complex, exact"),
        ({"method": ""}, "must be a known method, got ''"),
        ({"step": 0.0}, "positive number, got 0"),
        ({"step": -1e-4}, "positive number, got -0.0001"),
        ({"step": math.nan}, "positive number, got nan"),
        ({"step": math.inf}, "positive number, got inf"),
        ({"scale": (1.0, 2.0, 3.0)}, "scale"),
        ({"scale": (1.0, 0.0)}, "scale"),
        ({"scale": (1.0, math.nan)}, "scale"),
    ],
)
def test_a_gradient_that_cannot_be_taken_is_refused(arguments, message):
    """When it is made or at the latest when it is called; the message says what would do."""
    with pytest.raises(RequestError) as caught:
        gradient(field("x*y"), **arguments)(np.ones((4, 2)))
    assert message in str(caught.value)


@pytest.mark.parametrize("method", ["exact", "complex"])
def test_a_callable_has_no_formula(method):
    """The exact derivative and the complex step need one."""
    with pytest.raises(RequestError, match="use adaptive or central"):
        gradient(bowl, method=method)


def test_points_of_another_dimension_are_refused():
    """Points as columns, which the book's own code hands over."""
    for method in METHODS:
        with pytest.raises(RequestError, match="the last axis holds the coordinates"):
            gradient(field("x0*x1"), method=method)(np.zeros((2, 324)))


# Accuracy ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x**2/20 + y**2",
        "100*(y - x**2)**2 + (1 - x)**2",
        "x*exp(-x**2 - y**2)",
        "20 + x**2 - 10*cos(2*pi*x) + y",
    ],
)
def test_the_books_method_equals_a_loop_over_the_points(text):
    """Within a billionth of the largest value, which is the rounding that h = 1e-4 leaves."""
    surface = field(text)
    points = np.stack(np.meshgrid(np.linspace(-2, 2, 7), np.linspace(-1, 3, 5)), axis=-1)
    found = gradient(surface, method="central")(points)
    h = 1e-4
    for index in np.ndindex(points.shape[:-1]):
        for axis in range(2):
            ahead, behind = points[index].copy(), points[index].copy()
            ahead[axis] += h
            behind[axis] -= h
            slope = (float(surface(ahead)) - float(surface(behind))) / (ahead[axis] - behind[axis])
            assert found[index][axis] == pytest.approx(slope, abs=1e-9 * np.abs(surface(points)).max())
    booklike = np.array([numerical_gradient(surface, point) for point in points.reshape(-1, 2)])
    np.testing.assert_allclose(found.reshape(-1, 2), booklike, atol=1e-9 * np.abs(surface(points)).max())


def test_the_books_method_takes_two_evaluations():
    """For each point and variable, where no estimate of the error is asked for."""
    calls = []
    gradient(lambda points: calls.append(len(points)) or bowl(points), method="central")(np.ones((10, 2)))
    assert sum(calls) <= (2 * 2 + 1) * 10


@pytest.mark.parametrize("step", [1e-2, 1e-5])
def test_a_step_is_the_one_that_is_used(step):
    """The difference of x**3 with step h is off by exactly h**2, on paper."""
    found = gradient(field("x**3"), method="central", step=step)([[1.0]])[0, 0]
    assert found - 3 == pytest.approx(step**2, abs=1e-10)
    seen = []
    gradient(lambda p: seen.extend(p[:, 0]) or p[:, 0], step=step)([[0.0]])
    assert max(seen) == pytest.approx(3 * step)


@pytest.mark.parametrize(
    ("text", "places", "slope"),
    [
        ("sin(x)", [1e6, 1e6 + 1], math.cos),
        ("sin(x)", [1e6], math.cos),
        ("cos(64*pi*x)", [k / 256 for k in range(9)], lambda x: -64 * math.pi * math.sin(64 * math.pi * x)),
        ("exp(1e6*x)", [-1e-6, 0.0, 1e-6], lambda x: 1e6 * math.exp(1e6 * x)),
        ("x**2", [1e100, 3e100], lambda x: 2 * x),
        ("x**3", [1e-100, 3e-100], lambda x: 3 * x**2),
        ("1e-200*x**2", [1.0, 2.0], lambda x: 2e-200 * x),
    ],
)
def test_the_step_follows_the_range_and_not_the_place(text, places, slope):
    """Far from zero, for fast waves and for tiny and huge numbers."""
    expected = np.array([[slope(place)] for place in places])
    found = gradient(field(text))([[place] for place in places])
    np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8 * np.abs(expected).max())


@pytest.mark.parametrize("x", [1e-3, 1e-6, 1e-9, 1e-10, 1e-12])
@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("sqrt(x)", lambda x: 0.5 / math.sqrt(x)),
        ("log(x)", lambda x: 1 / x),
        ("x*log(x)", lambda x: math.log(x) + 1),
    ],
)
def test_beside_the_edge_of_a_domain_the_step_shrinks(text, slope, x):
    """A node outside is NaN, so smaller steps are tried until all are inside; the range is 1."""
    estimate = gradient(field(text), scale=(1.0,)).estimate([[x]])
    assert estimate.gradient[0, 0] == pytest.approx(slope(x), rel=1e-3)
    assert abs(estimate.gradient[0, 0] - slope(x)) <= 10 * estimate.error[0, 0]


@pytest.mark.parametrize("method", METHODS)
def test_outside_of_a_domain_and_on_its_edge_there_is_no_gradient(method):
    """sqrt(x)*y has none for x < 0, and at 0 its slope along x is infinite."""
    found = gradient(field("sqrt(x)*y"), method=method)([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    assert np.isnan(found[0]).all()
    assert not np.isfinite(found[1, 0])
    np.testing.assert_allclose(found[2], [0.5, 1.0], rtol=1e-7)


@pytest.mark.parametrize("method", ["adaptive", "exact"])
def test_a_pole_has_no_gradient(method):
    """At 1/x**2 differences on both sides would cancel to 0: only f itself shows that there is nothing."""
    estimate = gradient(field("1/x**2"), method=method).estimate([[0.0], [1.0]])
    assert np.isnan(estimate.values[0])
    assert np.isnan(estimate.gradient[0, 0])
    assert not estimate.error[0, 0] < 1e300
    assert estimate.gradient[1, 0] == pytest.approx(-2.0, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "points", "slopes"),
    [
        ("cos(sqrt(x**2 + y**2))", [[0.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [0.0, -math.sin(2.0)]]),
        ("cos(sqrt(x**2 + y**2)) + 3*x", [[0.0, 0.0]], [[3.0, 0.0]]),
        ("(x**2 + y**2)**1.5 + y", [[0.0, 0.0]], [[0.0, 1.0]]),
        ("sqrt(x**2 + y**2)**3 + x - 2*y", [[0.0, 0.0]], [[1.0, -2.0]]),
        ("where(x == 0, 1, sin(x)/x) + 2*x", [[0.0]], [[2.0]]),
    ],
)
def test_a_removable_gap_of_the_exact_gradient_is_filled(text, points, slopes):
    """Where the formula of the derivative is 0/0 although f has a value, differences give it."""
    found = gradient(field(text), method="exact")(points)
    np.testing.assert_allclose(found, slopes, atol=1e-9)


def test_what_was_filled_in_is_as_exact_as_the_rest():
    """One-sided limits in high precision take the place of 0/0."""
    estimate = gradient(field("cos(sqrt(x**2 + y**2)) + pi*x"), method="exact").estimate(
        [[0.0, 0.0], [1.0, 1.0]]
    )
    assert estimate.gradient[0].tolist() == [math.pi, 0.0]
    assert (estimate.error < 1e-14).all()


@pytest.mark.parametrize("text", ["x*abs(x)**0.5", "x*sin(sqrt(abs(x)))", "1000 - x*sin(sqrt(abs(x)))"])
def test_no_gap_is_left_where_a_gradient_exists(text):
    """The slope at 0 is 0, but approached like a root: differences are rough, and their error says so."""
    estimate = gradient(field(text), scale=(1000.0,)).estimate([[0.0]])
    assert abs(estimate.gradient[0, 0]) < 1e-3
    assert 0 < abs(estimate.gradient[0, 0]) <= estimate.error[0, 0]
    assert gradient(field(text), method="exact", scale=(1000.0,)).estimate([[0.0]]).gradient[0, 0] == 0


@pytest.mark.parametrize(("text", "point"), [("cbrt(x)", [0.0]), ("atan2(y, x)", [0.0, 0.0])])
def test_an_infinite_slope_or_a_jump_is_no_removable_gap(text, point):
    """There is no gradient, so there is no number; or at least the error says that it means nothing."""
    estimate = gradient(field(text), method="exact").estimate([point])
    known = np.abs(estimate.error) < 1e-6 * np.abs(estimate.gradient)
    assert not (np.isfinite(estimate.gradient) & known).any()


def test_an_estimate_holds_values_gradient_and_error():
    """Of the shapes (...), (..., D) and (..., D), by every method."""
    points = np.random.default_rng(4).uniform(0.5, 2.0, (3, 4, 2))
    x, y = points[..., 0], points[..., 1]
    slopes = np.stack([y * np.cos(x * y), x * np.cos(x * y)], axis=-1)
    for method in METHODS:
        estimate = gradient(field("sin(x*y)"), method=method).estimate(points)
        np.testing.assert_allclose(estimate.values, np.sin(x * y), rtol=1e-14)
        assert np.array_equal(estimate.gradient, gradient(field("sin(x*y)"), method=method)(points))
        assert estimate.error.shape == points.shape
        assert (np.abs(estimate.gradient - slopes) <= 10 * estimate.error + 1e-15).all()
        assert (estimate.error <= 10 * ROUNDING[method]).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_point_that_is_no_number_spoils_no_other(method):
    """NaN has a gradient of NaN, and its neighbours have theirs."""
    points = np.array([[0.0], [0.5], [np.nan], [1.0]])
    found = gradient(field("sin(50*x)"), method=method)(points)[:, 0]
    alone = gradient(field("sin(50*x)"), method=method)(points[[0, 1, 3]])[:, 0]
    assert np.isnan(found[2])
    np.testing.assert_allclose(found[[0, 1, 3]], alone, rtol=1e-10, atol=1e-10)


def test_at_a_kink_both_sides_are_averaged():
    """By the exact gradient and by differences alike."""
    for text, slope in (("abs(x)", 0.0), ("max(x, 3*x)", 2.0), ("relu(x)", 0.5)):
        for method in ("adaptive", "exact", "central"):
            assert gradient(field(text), method=method)([[0.0]])[0, 0] == pytest.approx(slope, abs=1e-9)


def test_the_first_step_comes_from_the_scale():
    """The length over which a coordinate varies; by default the range of the points."""
    seen = []

    def watched(points):
        seen.append(points.copy())
        return points[..., 0] + points[..., 1]

    gradient(watched, scale=(10.0, 0.1))(np.zeros((1, 2)))
    first = np.abs(np.concatenate(seen)).max(axis=0)
    seen.clear()
    gradient(watched)(np.array([[0.0, 0.0], [10.0, 0.1]]))
    second = np.abs(np.concatenate(seen) - [[0.0, 0.0]]).max(axis=0) - [10.0, 0.1]
    assert first[0] / first[1] == pytest.approx(100.0)
    assert second == pytest.approx(first, rel=1e-6)


# Properties --------------------------------------------------------------------------------------------

COEFFICIENT = st.integers(-20, 20).filter(bool).map(lambda k: k / 4)
FACTORS = {
    "sin({k}*{v})": (lambda k, v: np.sin(k * v), lambda k, v: k * np.cos(k * v)),
    "exp({k}*{v}/4)": (lambda k, v: np.exp(k * v / 4), lambda k, v: k / 4 * np.exp(k * v / 4)),
    "({v} + {k})**2": (lambda k, v: (v + k) ** 2, lambda k, v: 2 * (v + k)),
    "{v}**3": (lambda _, v: v**3, lambda _, v: 3 * v**2),
    "1/(1 + {v}**2)": (lambda _, v: 1 / (1 + v**2), lambda _, v: -2 * v / (1 + v**2) ** 2),
}
FACTOR = st.tuples(st.sampled_from(sorted(FACTORS)), st.integers(1, 3))
TERMS = st.lists(st.tuples(COEFFICIENT, FACTOR, FACTOR), min_size=1, max_size=4)
POINTS = np.random.default_rng(11).uniform([-1.5, -0.5], [2.0, 1.5], (12, 2))


def sum_of_products(terms):
    """Return c f(x) g(y) + ... as text, and its values and gradient written by hand with NumPy."""
    x, y = POINTS.T
    values, slopes, texts = np.zeros(len(POINTS)), np.zeros(POINTS.shape), []
    for c, (first, j), (second, k) in terms:
        (f, df), (g, dg) = FACTORS[first], FACTORS[second]
        values += c * f(j, x) * g(k, y)
        slopes += np.stack([c * df(j, x) * g(k, y), c * f(j, x) * dg(k, y)], axis=-1)
        texts.append(f"({c})*{first.format(k=j, v='x')}*{second.format(k=k, v='y')}")
    return " + ".join(texts), values, slopes


@settings(max_examples=60, derandomize=True, deadline=None)
@given(TERMS)
def test_all_methods_agree_with_the_gradient_written_by_hand(terms):
    """Sums of products of one-variable functions, whose partial derivatives anybody can write down."""
    text, values, slopes = sum_of_products(terms)
    surface = field(text, variables=["x", "y"])
    size = np.abs(values).max() + np.abs(slopes).max() + 1
    np.testing.assert_allclose(surface(POINTS), values, atol=1e-13 * size * len(terms))
    for method, tolerance in ROUNDING.items():
        found = gradient(surface, method=method)(POINTS)
        np.testing.assert_allclose(found, slopes, rtol=0, atol=10 * tolerance * size)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(TERMS)
def test_swapping_the_coordinates_swaps_the_gradient(terms):
    """Of the points and of the variables alike: an axis has no meaning but its name."""
    text, _, _ = sum_of_products(terms)
    first, second = field(text, variables=["x", "y"]), field(text, variables=["y", "x"])
    for method in METHODS:
        swapped = gradient(second, method=method)(POINTS[:, ::-1])[:, ::-1]
        found = gradient(first, method=method)(POINTS)
        np.testing.assert_allclose(swapped, found, rtol=1e-12, atol=1e-12 * np.abs(found).max())


@settings(max_examples=30, derandomize=True, deadline=None)
@given(TERMS, st.sampled_from([(12, 2), (4, 3, 2), (2, 2, 3, 2), (1, 12, 2)]))
def test_the_shape_of_the_points_does_not_change_the_numbers(terms, shape):
    """A mesh of points and the same points in a row have the same gradients."""
    text, _, _ = sum_of_products(terms)
    assume(len(text) > 0)
    surface = field(text, variables=["x", "y"])
    for method in METHODS:
        slopes = gradient(surface, method=method)
        assert np.array_equal(slopes(POINTS.reshape(shape)).reshape(12, 2), slopes(POINTS))
