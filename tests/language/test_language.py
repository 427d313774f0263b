"""The functions of the language: each table has the others' entries and the same values."""

from __future__ import annotations

import ast
import itertools
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from gradviz.fields import formula, functions, program
from gradviz.fields.field import field
from gradviz.language import tables as language
from gradviz.language.parser import parse
from gradviz.language.reading import number

# Each function as mpmath has it, points where it is smooth, and points where only its value is compared.
TABLE = {
    "abs": (mpmath.fabs, [(1.3,), (-0.7,)], [(0.0,), (-1e300,)]),
    "sqrt": (mpmath.sqrt, [(0.4,), (1e10,)], [(0.0,)]),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), [(0.4,), (-2.5,)], [(0.0,), (-1e-30,)]),
    "exp": (mpmath.exp, [(0.4,), (-3.0,)], [(700.0,), (-700.0,)]),
    "log": (mpmath.log, [(0.4,), (3.0,), (5.0, 7.0), (0.3, 0.5)], [(1e-300,), (1.0,)]),
    "log2": (lambda x: mpmath.log(x, 2), [(0.4,), (3.0,)], [(1024.0,)]),
    "log10": (mpmath.log10, [(0.4,), (3.0,)], [(1e-5,)]),
    "sin": (mpmath.sin, [(0.4,), (-30.0,)], [(0.0,), (1e6,)]),
    "cos": (mpmath.cos, [(0.4,), (-30.0,)], [(0.0,), (1e6,)]),
    "tan": (mpmath.tan, [(0.4,), (-2.0,)], [(0.0,)]),
    "sec": (mpmath.sec, [(0.4,), (-2.0,)], [(0.0,)]),
    "csc": (mpmath.csc, [(0.4,), (-2.0,)], []),
    "cot": (mpmath.cot, [(0.4,), (-2.0,)], []),
    "asin": (mpmath.asin, [(0.4,), (-0.99,)], [(1.0,), (-1.0,)]),
    "acos": (mpmath.acos, [(0.4,), (-0.99,)], [(1.0,), (-1.0,)]),
    "atan": (mpmath.atan, [(0.4,), (-20.0,)], [(1e300,)]),
    "atan2": (
        mpmath.atan2,
        [(0.4, 1.2), (-0.4, 1.2), (0.4, -1.2), (-0.4, -1.2)],
        [(0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)],
    ),
    "sinh": (mpmath.sinh, [(0.4,), (-3.0,)], [(700.0,)]),
    "cosh": (mpmath.cosh, [(0.4,), (-3.0,)], [(700.0,)]),
    "tanh": (mpmath.tanh, [(0.4,), (-3.0,), (20.0,)], [(1e3,)]),
    "asinh": (mpmath.asinh, [(0.4,), (-3.0,)], [(1e200,)]),
    "acosh": (mpmath.acosh, [(1.4,), (30.0,)], [(1.0,)]),
    "atanh": (mpmath.atanh, [(0.4,), (-0.99,)], [(0.0,)]),
    "sign": (mpmath.sign, [(0.4,), (-3.0,)], [(0.0,)]),
    "floor": (mpmath.floor, [(0.4,), (-2.5,)], [(3.0,), (-3.0,), (1e18,)]),
    "ceil": (mpmath.ceil, [(0.4,), (-2.5,)], [(3.0,), (-3.0,)]),
    "mod": (
        lambda a, b: a - b * mpmath.floor(a / b),
        [(5.5, 2.0), (-5.5, 2.0), (5.5, -2.0), (0.7, 3.0)],
        [(6.0, 2.0), (1.0, 0.1), (1e20, 3.0), (-1e-3, 1e3)],
    ),
    "min": (lambda *x: min(x), [(0.4,), (0.4, -1.2), (3.0, 1.0, 2.0)], [(1.0, 1.0)]),
    "max": (lambda *x: max(x), [(0.4,), (0.4, -1.2), (3.0, 1.0, 2.0), (1.0, 4.0, 2.0, 3.0)], [(1.0, 1.0)]),
    "clip": (
        lambda x, low, high: min(max(x, low), high),
        [(0.4, -1.0, 1.0), (-3.0, -1.0, 1.0), (3.0, -1.0, 1.0)],
        [(1.0, -1.0, 1.0)],
    ),
    "hypot": (mpmath.hypot, [(0.4, 1.2), (-3.0, 4.0)], [(0.0, 0.0), (3e200, 4e200)]),
    "heaviside": (lambda x: (mpmath.sign(x) + 1) / 2, [(0.4,), (-3.0,)], [(0.0,)]),
    "erf": (mpmath.erf, [(0.4,), (-3.0,)], [(0.0,), (1e-10,), (30.0,)]),
    "relu": (lambda x: max(x, mpmath.mpf(0)), [(0.4,), (-3.0,)], [(0.0,)]),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), [(0.4,), (-3.0,), (30.0,)], [(-700.0,), (800.0,)]),
    "softplus": (lambda x: mpmath.log(1 + mpmath.exp(x)), [(0.4,), (-3.0,), (30.0,)], [(-700.0,), (800.0,)]),
    "silu": (lambda x: x / (1 + mpmath.exp(-x)), [(0.4,), (-3.0,), (30.0,)], [(-700.0,), (800.0,), (0.0,)]),
    "gelu": (
        lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
        [(0.4,), (-3.0,), (-8.0,), (5.0,)],
        [(0.0,), (-30.0,), (1e3,)],
    ),
    "elu": (
        lambda x, a=1: x if x > 0 else a * mpmath.expm1(x),
        [(0.4,), (-3.0,), (-1e-9,), (30.0,), (0.4, 2.0), (-0.7, 2.0)],
        [(0.0,), (800.0,), (-800.0,), (0.0, 3.0)],
    ),
    "leaky_relu": (
        lambda x, a=0.01: x if x > 0 else a * x,
        [(0.4,), (-3.0,), (0.4, 0.2), (-3.0, 0.2), (-3.0, 1.5), (3.0, -1.0), (-3.0, -1.0)],
        [(0.0,), (0.0, 0.2)],
    ),
    "sinc": (
        lambda x: mpmath.sin(x) / x if x else mpmath.mpf(1),
        [(0.4,), (-3.0,), (1e-3,), (1.999,), (2.001,), (40.0,)],
        [(0.0,), (1e-30,), (1e6,)],
    ),
    "logsumexp": (
        lambda *x: mpmath.log(sum(map(mpmath.exp, x))),
        [(0.4,), (0.4, -1.2), (3.0, 1.0, 2.0), (30.0, -30.0)],
        [(1000.0, 1000.0), (-1000.0, -2000.0, -1001.0)],
    ),
}
SMOOTH = [(name, point) for name, (_, points, _) in TABLE.items() for point in points]
ALL = SMOOTH + [(name, point) for name, (_, _, points) in TABLE.items() for point in points]
KINKS = [  # a function, a kink, and the mean of the slopes on its two sides
    ("abs(x)", 0.0, 0.0),
    ("abs(x) + 3*x", 0.0, 3.0),
    ("max(x, 0)", 0.0, 0.5),
    ("max(2*x, 5*x)", 0.0, 3.5),
    ("min(2*x, 5*x)", 0.0, 3.5),
    ("max(x, 3*x, -1)", 0.0, 2.0),
    ("relu(x)", 0.0, 0.5),
    ("clip(x, -1, 1)", 1.0, 0.5),
    ("clip(x, -1, 1)", -1.0, 0.5),
    ("sign(x)", 0.0, 0.0),
    ("heaviside(x)", 0.0, 0.0),
    ("floor(x)", 2.0, 0.0),
    ("ceil(x)", 2.0, 0.0),
    ("x*floor(x)", 2.0, 2.0),
    ("mod(x, 2)", 4.0, 1.0),
    ("elu(x)", 0.0, 1.0),
    ("elu(x, 3)", 0.0, 2.0),
    ("leaky_relu(x)", 0.0, 0.505),
    ("leaky_relu(x, 3)", 0.0, 2.0),
]


@pytest.fixture(autouse=True)
def _forty_digits():
    with mpmath.workdps(40):
        yield


def called(name, count):
    """Return a call of a function with variables, and the variables."""
    variables = [f"x{place}" for place in range(count)]
    return field(f"{name}({', '.join(variables)})", variables=variables)


def exactly(name, point):
    """Return what mpmath has for a function at a point of doubles, in 40 digits."""
    return TABLE[name][0](*map(mpmath.mpf, point))


def ids(pair):
    return f"{pair[0]}{pair[1]}"


def test_the_table_of_this_test_is_that_of_the_language():
    """A function that joins the language joins this test, or it fails."""
    assert list(TABLE) == list(language.FUNCTIONS)


@pytest.mark.parametrize("name", language.FUNCTIONS)
def test_each_function_stands_in_all_tables(name):
    """It is parsed, has a meaning in words, a form for SymPy, and an operation for NumPy."""
    function = language.FUNCTIONS[name]
    count = function.most or 3
    assert parse(f"{name}({', '.join(['x'] * count)})").name == name
    assert function.meaning
    assert name in functions.FUNCTIONS or name in formula._COMPOSITE
    if name not in formula._COMPOSITE:
        assert name in program.REAL


def test_each_form_of_sympy_has_an_operation_of_numpy():
    """A formula can hold nothing that a program could not compute."""
    assert set(functions.FUNCTIONS) <= set(program.REAL)
    assert set(program.COMPLEX) <= set(program.REAL)
    assert set(language.COMPARISONS.values()) <= set(functions.FUNCTIONS)


def test_every_second_spelling_is_of_something_known():
    """And none of them hides a name of the language."""
    known = {*language.FUNCTIONS, *language.BRANCHES}
    assert set(language.ALIASES.values()) <= known
    assert not set(language.ALIASES) & (known | set(language.CONSTANTS) | language.KEYWORDS)


@pytest.mark.parametrize("case", ALL, ids=ids)
def test_a_constant_call_has_the_value_of_mpmath(case):
    """To twelve digits, which is more than any figure or table shows."""
    name, point = case
    assert number(f"{name}({', '.join(map(repr, point))})") == pytest.approx(
        float(exactly(name, point)), rel=1e-12, abs=1e-300
    )


@pytest.mark.parametrize("case", ALL, ids=ids)
def test_a_field_has_the_value_of_mpmath(case):
    """So it agrees with the constant's value too."""
    name, point = case
    value = float(called(name, len(point))([point])[0])
    assert value == pytest.approx(float(exactly(name, point)), rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("case", SMOOTH, ids=ids)
def test_the_exact_gradient_is_that_of_mpmath(case):
    """It differentiates numerically, with forty digits: an oracle that knows none of our formulas."""
    name, point = case
    slopes = called(name, len(point)).gradient([point])[0]
    place = tuple(map(mpmath.mpf, point))
    for axis, slope in enumerate(slopes):
        orders = tuple(int(axis == other) for other in range(len(point)))
        many = len(point) > 1
        expected = mpmath.diff(TABLE[name][0], place if many else place[0], orders if many else 1)
        assert slope == pytest.approx(float(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("case", SMOOTH, ids=ids)
def test_the_complex_step_gives_the_same_gradient_where_it_is_allowed(case):
    """It is refused for what is not analytic, and exact to the last digits for the rest."""
    name, point = case
    call = called(name, len(point))
    if call._program("value").analytic:
        assert call.complex_step_gradient([point])[0] == pytest.approx(call.gradient([point])[0], rel=1e-13)
    else:
        assert name in [
            "abs",
            "atan2",
            "sign",
            "floor",
            "ceil",
            "mod",
            "min",
            "max",
            "clip",
            "heaviside",
            "relu",
            "elu",
            "leaky_relu",
        ]


@pytest.mark.parametrize(("text", "place", "slope"), KINKS)
def test_at_a_kink_the_slope_is_the_mean_of_both_sides(text, place, slope):
    """And a step has the slope 0, on it as beside it."""
    assert field(text).gradient([[place]])[0, 0] == slope


@pytest.mark.parametrize("order", list(itertools.permutations(["x", "y", "0"])), ids=", ".join)
def test_where_three_arguments_are_tied_their_order_does_not_matter(order):
    """The corner of max(x, y, 0) is the same in x and in y, whichever of them is written first."""
    corner = field(f"max({', '.join(order)})").gradient([[0.0, 0.0]])[0]
    assert corner[0] == corner[1]
    assert field(f"max({', '.join(order)})".replace("y", "-x")).gradient([[0.0]])[0, 0] == 0.0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("sin", "1 argument"), ("log", "1 or 2 arguments"), ("atan2", "2 arguments"), ("clip", "3 arguments"),
        ("max", "1 or more arguments"),
    ],
)  # fmt: skip
def test_the_number_of_arguments_is_told_in_words(name, words):
    """As it stands in messages."""
    assert language.FUNCTIONS[name].arity == words


@pytest.mark.parametrize(
    ("name", "is_variable", "is_reserved"),
    [
        ("x", True, False), ("x0", True, False), ("x10", True, False), ("x_1", True, False),
        ("w_a", True, False), ("theta", True, False), ("theta2", True, False), ("theta_2", True, False),
        ("Omega", True, False), ("I", True, False), ("S", True, False), ("N", True, False),
        ("lambda", True, False), ("e", False, True), ("E", False, True), ("pi", False, True),
        ("tau", False, True),
        ("sin", False, True), ("Max", False, True), ("where", False, True), ("Piecewise", False, True),
        ("if", False, True), ("True", False, True), ("not", False, True),
        ("xy", False, False), ("pie", False, False), ("rate", False, False), ("x_12a", False, False),
        ("_x", False, False), ("x_", False, False), ("x__1", False, False), ("", False, False),
        ("x\n", False, False), ("1x", False, False), ("x-1", False, False), ("None", False, False),
        ("None0", False, False),
    ],
)  # fmt: skip
def test_a_name_is_a_variable_or_the_languages_own_or_neither(name, is_variable, is_reserved):
    """What is neither has to be declared."""
    assert language.is_variable(name) == is_variable
    assert language.is_reserved(name) == is_reserved


@pytest.mark.parametrize("name", ["x", "rate", "learning_rate", "x1y2", "aB_3_c"])
def test_names_have_letters_digits_and_single_underscores(name):
    """So they can stand in headers, options and YAML as they are."""
    assert language.is_name(name)


@pytest.mark.parametrize("name", ["", "_x", "x_", "x__y", "1x", "x y", "x\n", "é", "x-1", "x=1", "θ"])
def test_nothing_else_is_a_name(name):
    """Not even where Python has it so."""
    assert not language.is_name(name)


def test_names_sort_as_people_count():
    """x2 before x10, x before x0, letters in the order of the alphabet."""
    names = ["x10", "y", "x2", "x", "x0", "a1", "x_1", "theta", "x1"]
    assert sorted(names, key=language.natural_order) == [
        "a1",
        "theta",
        "x",
        "x0",
        "x1",
        "x2",
        "x10",
        "x_1",
        "y",
    ]


def test_the_constants_are_those_of_mathematics():
    """To the last digit of a double."""
    expected = {"pi": mpmath.pi, "e": mpmath.e, "E": mpmath.e, "tau": 2 * mpmath.pi}
    assert {name: float(value) for name, value in expected.items()} == language.CONSTANTS
    assert math.isclose(number("pi*e/tau"), float(mpmath.e / 2), rel_tol=1e-15)


def test_the_language_needs_the_standard_library_only():
    """A refusal must not wait for NumPy or SymPy, so the front of the house does not import them."""
    for module in ("language", "tokens", "tree", "parser", "constants", "reading"):
        path = language.__file__.replace("language.py", f"{module}.py")
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
        found = {
            (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        heavy = {"numpy", "sympy", "matplotlib", "gradviz.arrays", "gradviz.fields.formula"}
        assert not {name for name in found if name.split(".")[0] in heavy or name in heavy}, module


def test_steps_and_extremes_take_whole_arrays():
    """An operation maps arrays of one shape to an array of that shape."""
    grid = np.linspace(-2, 2, 12).reshape(3, 4)
    for name in language.FUNCTIONS:
        call = called(name, language.FUNCTIONS[name].fewest)
        assert call(np.stack([grid] * len(call.variables), axis=-1)).shape == (3, 4)
