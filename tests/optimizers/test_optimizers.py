"""Paths of optimizers, compared with those of other libraries."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import json
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.optimizers import OPTIMIZERS, optimizer
from gradviz.optimizers.paths import Landscape, components, cut, path, tune, walk

# Paths of PyTorch, optax, the book's classes and mpmath, each with its names of hyperparameters. Three of
# them are of other formulas (eps inside the root, the book's Adam), which gradviz does not have.
CASES = json.loads((Path(__file__).parents[1] / "data" / "optimizers.json").read_text())
WORDS = {"lr": "learning_rate", "beta1": "b1", "beta2": "b2"}
every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)

ROSENBROCK = "(1 - x)**2 + 100*(y - x**2)**2"
BEALE = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
PROBLEMS = {
    "bowl": ("x**2 + y**2", (-3.0, 4.0), (0.0, 0.0)),
    "ellipse": ("x**2/20 + y**2", (-7.0, 2.0), (0.0, 0.0)),
    "rosenbrock": (ROSENBROCK, (-0.5, 1.0), (1.0, 1.0)),
    "beale": (BEALE, (2.0, 0.1), (3.0, 0.5)),
    "himmelblau": (HIMMELBLAU, (2.5, 2.5), (3.0, 2.0)),
}
# For each problem in this order a learning rate and a number of steps.
RATES = {
    "sgd": [(0.1, 100), (0.5, 300), (0.002, 6000), (0.02, 1000), (0.01, 100)],
    "momentum": [(0.05, 300), (0.05, 300), (0.002, 1000), (0.02, 300), (0.001, 300)],
    "nesterov": [(0.1, 200), (0.5, 300), (0.001, 3000), (0.02, 300), (0.01, 100)],
    "adagrad": [(1.0, 100), (1.5, 300), (0.5, 4000), (1.0, 300), (1.0, 100)],
    "rmsprop": [(0.02, 500), (0.02, 1000), (0.002, 6000), (0.01, 1000), (0.02, 300)],
    "adadelta": [(1.0, 100), (0.5, 300), (0.002, 6000), (0.02, 1000), (0.1, 100)],
    "adam": [(0.3, 300), (0.3, 300), (0.1, 2000), (0.1, 1000), (0.1, 300)],
    "amsgrad": [(0.5, 300), (1.0, 300), (0.5, 500), (0.05, 1000), (0.1, 300)],
    "adamw": [(0.3, 300), (0.3, 300), (0.1, 2000), (0.1, 1000), (0.1, 300)],
    "nadam": [(0.3, 300), (0.3, 300), (0.01, 6000), (0.01, 1000), (0.1, 300)],
    "lion": [(0.5, 100), (0.5, 100), (0.002, 3000), (0.01, 100), (0.01, 300)],
    "newton": [(1.0, 1), (1.0, 1), (0.5, 100), (0.5, 100), (1.0, 10)],
}
MORE = {"adamw": {"weight_decay": 0.0}, "lion": {"weight_decay": 0.0}, "rmsprop": {"decay": 0.9},
        "adadelta": {"eps": 1e-2}}  # fmt: skip
NEAR = 0.03  # what rates that never shrink leave


def run(name, expression, start, steps, **hyperparameters):
    """Return the path (steps + 1, ..., 2) of an optimizer over an expression, by the exact gradient."""
    field = gradviz.field(expression)
    slope = gradviz.gradient(field, method="exact")
    return path(optimizer(name, hyperparameters), slope, start, steps, field.hessian)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["optimizer"] in OPTIMIZERS], ids=lambda case: case["id"]
)
def test_paths_are_those_of_other_libraries(case):
    """PyTorch, optax, the book's classes and mpmath take the same path, to rounding."""
    hyperparameters = {WORDS.get(name, name): value for name, value in case["hyper"].items()}
    found = run(case["optimizer"], case["expr"], case["start"], case["steps"], **hyperparameters)
    expected = np.array(case["x"])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * np.abs(expected).max())


@every_optimizer
def test_every_optimizer_has_a_reference(name):
    """No optimizer comes without a path from elsewhere."""
    assert name in {case["optimizer"] for case in CASES}


@every_optimizer
@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_optimizer_solves_every_problem(name, problem):
    """Each reaches the known minimum with the hyperparameters of the table."""
    expression, start, minimum = PROBLEMS[problem]
    rate, steps = RATES[name][list(PROBLEMS).index(problem)]
    found = run(name, expression, start, steps, learning_rate=rate, **MORE.get(name, {}))
    np.testing.assert_allclose(found[-1], minimum, atol=NEAR)


@every_optimizer
def test_many_starts_are_each_alone(name):
    """Paths from a mesh of starts (2, 3, 2) are those from each start by itself, to the last bit."""
    starts = np.array([[[-1.0, 2.0], [0.5, 0.25], [2.0, -1.0]], [[1.0, 1.5], [-2.0, 0.5], [3.0, -0.5]]])
    together = run(name, "x**2*y**2 + x**2/3 + (y - 1)**2 + x*y", starts, 7, learning_rate=0.01)
    assert together.shape == (8, 2, 3, 2)
    for row in np.ndindex(2, 3):
        alone = run(name, "x**2*y**2 + x**2/3 + (y - 1)**2 + x*y", starts[row], 7, learning_rate=0.01)
        np.testing.assert_allclose(together[(slice(None), *row)], alone, rtol=1e-13)


@every_optimizer
def test_the_axes_are_not_swapped(name):
    """Exchanging the variables of a lopsided function exchanges the coordinates of the path."""
    one = run(name, "x**2 + 3*y**4 + x", [-1.0, 0.5], 9, learning_rate=0.01)
    other = run(name, "y**2 + 3*x**4 + y", [0.5, -1.0], 9, learning_rate=0.01)
    np.testing.assert_allclose(one, other[:, ::-1], rtol=1e-12)


@every_optimizer
def test_nothing_is_changed_in_place(name):
    """The start, and what an optimizer was told before, are the same after the path."""
    start = np.array([-1.0, 2.0])
    field = gradviz.field("x**2 + 3*y**2")
    made = optimizer(name, {})
    told = [(at.x.copy(), at.g.copy(), at, answer) for at, answer in
            walk(made, field.gradient, start, 4, field.hessian)]  # fmt: skip
    np.testing.assert_array_equal(start, [-1, 2])
    for x, g, at, _ in told:
        np.testing.assert_array_equal([x, g], [at.x, at.g])
    integers = np.array([-1, 2])
    whole = path(made, field.gradient, integers, 4, field.hessian)
    np.testing.assert_array_equal(whole, path(made, field.gradient, start, 4, field.hessian))


def test_the_books_descent():
    """100 steps on x0^2 + x1^2 from (33, 20) with rate 0.1: 33 and 20 times 0.8^100 (N5)."""
    found = run("sgd", "x0**2 + x1**2", [33, 20], 100, learning_rate=0.1)[-1]
    np.testing.assert_allclose(found, [6.72221872e-09, 4.07407195e-09], rtol=1e-8)
    np.testing.assert_allclose(found, [33 * 0.8**100, 20 * 0.8**100], rtol=1e-12)


def test_newton_where_the_hessian_is_singular_or_undefined():
    """x^2 + 3 is flat along y, where Newton stays; without second derivatives the path is NaN."""
    np.testing.assert_allclose(run("newton", "x**2 + 3 + 0*y", [2.0, 5.0], 1)[-1], [0, 5])
    assert np.isnan(run("newton", "sqrt(x) + y**2", [-1.0, 5.0], 2)[-1]).any()


# Hyperparameters ------------------------------------------------------------------------------------------


@every_optimizer
def test_hyperparameters_are_a_frozen_value(name):
    """Equal hyperparameters are equal optimizers, which cannot be changed; defaults are told without one."""
    made = optimizer(name, {"learning_rate": 0.5})
    assert made == optimizer(name, {"learning_rate": 0.5}) != optimizer(name, {"learning_rate": 0.25})
    assert dataclasses.asdict(optimizer(name, {})) == dict(OPTIMIZERS[name].hyperparameters())
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.learning_rate = 1.0


def test_the_names_are_those_of_the_interface():
    """Each optimizer has the hyperparameters that users rely on."""
    adam = {"learning_rate", "b1", "b2", "eps"}
    assert {name: set(kind.hyperparameters()) for name, kind in OPTIMIZERS.items()} == {
        "sgd": {"learning_rate"},
        "momentum": {"learning_rate", "momentum"},
        "nesterov": {"learning_rate", "momentum"},
        "adagrad": {"learning_rate", "eps"},
        "rmsprop": {"learning_rate", "decay", "eps"},
        "adadelta": {"learning_rate", "rho", "eps"},
        "adam": adam,
        "amsgrad": adam,
        "adamw": adam | {"weight_decay"},
        "nadam": adam | {"momentum_decay"},
        "lion": {"learning_rate", "b1", "b2", "weight_decay"},
        "newton": {"learning_rate"},
    }


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("sdg", {}, ["'sdg'", "did you mean 'sgd'"]),
        ("gradient", {}, ["nadam", "lion"]),
        ("sgd", {"momentum": 0.9}, ["sgd: unknown hyperparameter 'momentum'", "learning_rate"]),
        ("adam", {"lr": 0.1}, ["'lr'", "learning_rate"]),
        ("adam", {"beta1": 0.1}, ["'beta1'", "b1"]),
        ("adam", {"learningrate": 0.1}, ["did you mean 'learning_rate'"]),
        ("sgd", {"learning_rate": 0.0}, ["sgd: learning_rate", "above 0", "got 0"]),
        ("momentum", {"momentum": 1.0}, ["momentum: momentum", "below 1"]),
        ("adam", {"b2": -0.1}, ["b2", "0 or more"]),
        ("adamw", {"weight_decay": -1.0}, ["weight_decay", "0 or more"]),
    ],
)
def test_what_an_optimizer_does_not_have_is_refused(name, given, words):
    """A wrong name, hyperparameter or number is told with what would do."""
    with pytest.raises(RequestError) as caught:
        optimizer(name, given)
    assert all(word in str(caught.value) for word in words), str(caught.value)


# Divergence -----------------------------------------------------------------------------------------------

BOX = np.array([[-2.0, -1.0], [2.0, 3.0]])


def told(expression, name, start, steps, **hyperparameters):
    """Return the path of an optimizer, cut where it diverges."""
    points = run(name, expression, start, steps, **hyperparameters)
    field = gradviz.field(expression)
    return cut(name, optimizer(name, hyperparameters), points, field(points), BOX, field=field)


def test_a_path_that_grows_is_cut_where_it_leaves():
    """With rate 1.1, y = 2 (-1.2)^k; the path ends where that is 10 half ranges (2) from the middle (1)."""
    found = told("x**2/20 + y**2", "sgd", [-1.0, 2.0], 40, learning_rate=1.1)
    heights = 2 * (-1.2) ** np.arange(41)
    step = int(np.argmax(np.abs(heights - 1) > 20))
    assert (found.diverged, found.steps, found.ending) == (step, step, "far")
    np.testing.assert_allclose(found.points[:, 1], heights[: step + 1])
    assert found.report()["diverged"] is True


@pytest.mark.parametrize("steps", [30, 3000])
def test_a_path_that_overflows_is_cut_before(steps):
    """However many steps are asked for, what is kept is finite."""
    found = told("x**4 + y**2", "sgd", [-2.0, 2.0], steps, learning_rate=1.1)
    assert found.diverged is not None
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.values).all()


def test_a_path_that_leaves_the_domain_is_cut_inside_it():
    """sqrt(x) + y^2 is undefined where x < 0: from 0.5 with rate 1 the first step leads to 0.5 - 0.7071."""
    found = told("sqrt(x) + y**2", "sgd", [0.5, 0.25], 5, learning_rate=1.0)
    assert (found.diverged, found.ending, found.steps) == (1, "undefined", 0)


def test_a_value_beyond_double_precision_is_not_called_undefined():
    """At -2 the slope of exp(2 x^2) is -8 exp(8): a step of 0.01 times that leads to 236, too far."""
    found = told("exp(2*x**2) + y**2", "sgd", [-2.0, 2.0], 5, learning_rate=0.01)
    assert (found.diverged, found.ending, found.steps) == (1, "overflow", 0)
    field = gradviz.field("exp(x) - log(y)")
    points = [[1.0, 2.0], [1e4, 2.0], [1.0, -1.0], [1e4, -1.0]]
    assert field.overflows(points).tolist() == [False, True, False, False]


def test_a_path_ends_where_there_is_no_gradient():
    """sqrt(x) falls from 0.25 with slope 1 by a rate of 0.25 to 0, where it is 0 and its slope infinite."""
    found = told("sqrt(x) + y**2", "sgd", [0.25, 0.0], 5, learning_rate=0.25)
    assert (found.diverged, found.ending, found.steps) == (2, "no gradient", 1)


def test_a_path_that_arrives_has_not_diverged():
    """A path that arrives has not, nor one a little beyond the range, nor one that goes far and down."""
    for expression, rate in (("x**2 + y**2", 0.1), ("x**2/20 + y**2", 0.99), ("0.01*x + y**2", 0.1)):
        assert told(expression, "sgd", [-2.0, 2.0], 200, learning_rate=rate).diverged is None
    assert told("x + y**2", "sgd", [-2.0, 2.0], 50, learning_rate=0.9).diverged is None
    assert told("x + y**2", "sgd", [-2.0, 2.0], 4000, learning_rate=0.9).diverged is not None


# Parts and tuning -----------------------------------------------------------------------------------------


@every_optimizer
def test_the_parts_of_an_update_are_the_update(name):
    """The parts of each update add up to it, and the first is the gradient times the rate."""
    field = gradviz.field("x**2/20 + y**2 + x*y/9")
    made = optimizer(name, {"learning_rate": 0.1})
    for at, answer in walk(made, field.gradient, np.array([[-7.0, 2.0], [1.0, 3.0]]), 6, field.hessian):
        parts = {part.cause: part.vector for part in components(at, made, answer)}
        np.testing.assert_allclose(sum(parts.values()), answer.x - at.x, atol=1e-12)
        np.testing.assert_allclose(parts["gradient"], -0.1 * at.g)


@pytest.mark.parametrize(
    ("name", "causes"),
    [
        ("sgd", {"gradient"}),
        ("momentum", {"gradient", "momentum"}),
        ("nesterov", {"gradient", "momentum"}),
        ("adagrad", {"gradient", "scaling"}),
        ("adam", {"gradient", "momentum", "scaling"}),
        ("adamw", {"gradient", "momentum", "scaling", "decay"}),
        ("newton", {"gradient", "scaling"}),
    ],
)
def test_an_update_has_the_parts_of_its_formula(name, causes):
    """What an optimizer does not do is no part of its updates."""
    field = gradviz.field("x**2/20 + y**2")
    made = optimizer(name, {"learning_rate": 0.1})
    seen = {part.cause for at, answer in walk(made, field.gradient, [-7.0, 2.0], 5, field.hessian)
            for part in components(at, made, answer)}  # fmt: skip
    assert seen == causes


WIDE = np.array([[-10.0, -10.0], [10.0, 10.0]])


@every_optimizer
def test_a_tuned_rate_ends_lower_than_the_usual_one(name):
    """From the same starts in as many steps, by a margin or not; twice tuned is the same."""
    field = gradviz.field("x**2/20 + y**2 + x*y/9")
    slope = gradviz.gradient(field, method="exact")
    starts = np.array([[-7.0, 2.0], [3.0, 2.5]])
    landscape = Landscape(field, slope, field.hessian)
    found = [tune(optimizer(name, {}), landscape, starts, 30, WIDE) for _ in range(2)]
    assert found[0] == found[1]

    def end(made):
        return field(path(made, slope, starts, 30, field.hessian))[-1].sum()

    assert end(found[0]) <= end(optimizer(name, {}))
    assert end(found[0]) < 0.5 * field(starts).sum()


def test_a_rate_that_flings_a_path_away_is_not_chosen():
    """On sin(x) cos(y) a path may end low by chance, hundreds of ranges away: that is no descent."""
    field = gradviz.field("sin(x)*cos(y)")
    slope = gradviz.gradient(field, method="exact")
    start, box = np.array([[0.5, 0.5]]), np.array([[-3.0, -3.0], [3.0, 3.0]])
    for name in ("sgd", "newton"):
        made = tune(optimizer(name, {}), Landscape(field, slope, field.hessian), start, 30, box)
        assert np.abs(path(made, slope, start, 30, field.hessian)).max() <= 30


def test_the_budget_of_tuning_is_fixed():
    """Each optimizer tries 40 rates, whatever the function, and each rate takes as many gradients."""
    counted = []

    def slope(x):
        counted.append(x.shape)
        return 2 * x

    for name in ("sgd", "adam"):
        counted.clear()
        tune(
            optimizer(name, {}),
            Landscape(lambda x: (x**2).sum(axis=-1), slope),
            np.array([[-7.0, 2.0]]),
            5,
            WIDE,
        )
        assert sum(shape[0] for shape in counted) == 40 * 5


def test_nothing_is_asked_about_points_that_are_lost():
    """Where one path overflows and one leaves the domain, the others go on, and no NaN is asked about."""
    asked = []

    def slope(x):
        asked.append(x.copy())
        return np.where(x < 0, np.nan, 4 * x**3)

    points = path(optimizer("sgd", {"learning_rate": 0.25}), slope, [[0.5, 0.5], [3.0, 1e60], [0.9, 1.2]], 6)
    assert np.isfinite(asked).all()
    assert np.isfinite(points[:, 0]).all()
    assert not np.isfinite(points[-1, 1:]).all(axis=-1).any()


def test_where_no_rate_will_do_the_optimizer_stays_as_it_is():
    """Where the function is nowhere finite there is nothing to choose."""
    made = optimizer("sgd", {"learning_rate": 0.3})
    nowhere = Landscape(lambda x: x[..., 0] * np.nan, lambda x: x)
    assert tune(made, nowhere, np.array([[1.0, 2.0]]), 3, WIDE) == made


@pytest.mark.parametrize("module", ["rules", "paths"])
def test_the_examples_of_the_docstrings_hold(module):
    """Each optimizer has an example of one update, which gives what it says."""
    found = doctest.testmod(importlib.import_module(f"gradviz.optimizers.{module}"), extraglobs={"np": np})
    assert found.attempted
    assert not found.failed
