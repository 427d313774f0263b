"""Expressions with their variables and parameters, claims, and names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gradviz
from gradviz import limits
from gradviz.cli.wording import flags
from gradviz.errors import ExpressionError, Message, RequestError
from gradviz.language.reading import Expression, check_name, number, read, read_claim, separated


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("x0*x1", ("x0", "x1")),
        ("x10 + x2 + x1", ("x1", "x2", "x10")),
        ("y + x", ("x", "y")),
        ("z + x0 + a + theta", ("a", "theta", "x0", "z")),
        ("β*α", ("alpha", "beta")),
        ("7", ()),
        ("x - x + 0*y", ("x", "y")),
        ("pi*e*x", ("x",)),
        ("where(y > 0, x, x)", ("x", "y")),
    ],
)
def test_variables_are_those_that_occur_in_natural_order(text, variables):
    """x2 comes before x10, and a variable counts even where it cancels."""
    assert read(text).variables == variables


def test_what_is_read_keeps_the_text_and_its_parameters():
    """Frozen, and equal to what is read from the same again."""
    expression = read("a*x**2 + y", parameters={"a": 2.5})
    assert expression == read("a*x**2 + y", parameters={"a": 2.5})
    assert isinstance(expression, Expression)
    assert (expression.text, expression.variables, dict(expression.parameters)) == (
        "a*x**2 + y", ("x", "y"), {"a": 2.5},
    )  # fmt: skip
    with pytest.raises(AttributeError):
        expression.text = "x"


def test_variables_may_be_given_in_another_order():
    """That is the order of the coordinates; one that does not occur has its place all the same."""
    assert read("x0*x1", variables=["x1", "x0"]).variables == ("x1", "x0")
    assert read("x0", variables=("x0", "x1")).variables == ("x0", "x1")
    assert read("7", variables=("x", "y")).variables == ("x", "y")
    assert read("rate*time", variables=("time", "rate")).variables == ("time", "rate")


def test_a_parameter_is_no_variable():
    """A name that has been given a number has no place among the coordinates, even if it was given one."""
    assert read("a*x*y", parameters={"a": 2}).variables == ("x", "y")
    assert read("a*x*y", variables=("y", "a", "x"), parameters={"a": 2}).variables == ("y", "x")
    assert read("learning_rate*x", parameters={"learning_rate": 0.1}).variables == ("x",)


@pytest.mark.parametrize(
    "names", [["rate", "time"], ("rate", "time"), iter(["rate", "time"]), {"rate": 1, "time": 2}]
)
def test_a_declared_name_is_allowed_without_a_place(names):
    """Any collection of names will do."""
    assert read("x*rate", declared=names).variables == ("rate", "x")


@pytest.mark.parametrize(
    ("text", "given", "problem", "culprit", "hint"),
    [
        ("x + y*z", {"variables": ("x", "z")}, "'y' is not among the variables x, z", (4, 5), "--set y=1"),
        ("2*pie", {}, "unknown name 'pie'", (2, 5), "'pi'"),
        ("rate*x", {}, "unknown name 'rate'", (0, 4), "--set rate=1"),
        ("2*rat", {"declared": ("rate",)}, "unknown name 'rat'", (2, 5), "'rate'"),
        ("x +", {}, "the expression is incomplete", (3, 4), ""),
    ],
)
def test_a_name_that_nobody_declared_is_refused_where_it_stands(text, given, problem, culprit, hint):
    """A slip is an error and not a picture."""
    with pytest.raises(ExpressionError) as caught:
        read(text, **given)
    assert caught.value.problem == problem
    assert (caught.value.start, caught.value.stop) == culprit
    assert hint in Message(caught.value.hint).worded(flags)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"parameters": {"b": 2}}, "'b' does not occur in the expression; the names in it are: x, y"),
        ({"parameters": {"xx": 2}}, "'xx' does not occur in the expression; did you mean 'x'?"),
        ({"variables": ("x", "y", "x")}, "variables must be distinct, got x, y, x"),
        ({"variables": ("x", "sin")}, "'sin' is reserved in expressions"),
        ({"parameters": {"pi": 3}}, "'pi' is reserved in expressions"),
        ({"declared": ("if",)}, "'if' is reserved in expressions"),
        ({"variables": ("x", "y", "a b")}, "'a b' is not a name"),
        ({"variables": ("x", "y", "__class__")}, "'__class__' is not a name"),
        ({"variables": ("x", "y", "")}, "'' is not a name"),
        ({"parameters": {"x\x1b[31m": 1}}, "'x�[31m' is not a name"),
    ],
)
def test_a_name_that_cannot_be_declared_is_refused(given, message):
    """The message says which, shows nothing that could harm a terminal, and says what would do."""
    with pytest.raises(RequestError) as caught:
        read("x*y", **given)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_name_may_have_32_characters_and_not_one_more():
    """The limit is the same for a name that is declared and for one that is typed."""
    most = limits.NAME_CHARACTERS
    assert check_name("y" * most) == "y" * most
    assert read("x*" + "y" * most, declared=("y" * most,)).variables == ("x", "y" * most)
    with pytest.raises(RequestError, match="at most 32 characters"):
        check_name("y" * (most + 1))


def test_there_may_be_twelve_variables_and_not_one_more():
    """Of those that are left when parameters have their numbers."""
    most = limits.VARIABLES
    names = [f"x{place}" for place in range(most + 1)]
    assert len(read("+".join(names[:most])).variables) == most
    assert len(read("+".join(names), parameters={"x0": 1.0}).variables) == most
    with pytest.raises(RequestError, match="at most 12 variables, got 13"):
        read("+".join(names))
    with pytest.raises(RequestError, match="at most 12 variables, got 13"):
        read("7", variables=names)


def test_a_number_may_be_typed_as_a_constant_expression():
    """Ranges and options take 2pi and 1/3."""
    assert number("2pi") == pytest.approx(6.283185307179586, rel=1e-15)
    assert number("1/3") == pytest.approx(0.3333333333333333, rel=1e-15)
    with pytest.raises(ExpressionError, match="expected a constant"):
        number("2x")


@pytest.mark.parametrize("text", ["loss.py:f", "/tmp/a b.py:_loss", "\x1b[31m.py:f"])
def test_a_function_of_a_file_is_told_from_an_expression(text):
    """It is refused for what it is, and not for its dot."""
    with pytest.raises(RequestError, match="expected an expression, got the Python function") as caught:
        read(text)
    assert str(caught.value).isprintable()
    with pytest.raises(ExpressionError):
        read("x.py")


# Claims ---------------------------------------------------------------------------------------------------

FUNCTION = read("a*x0**2*x1", parameters={"a": 2})


@pytest.mark.parametrize(
    "text",
    [
        "2*a*x0*x1, a*x0**2",
        " max(x0, x1) ,min(1,\n2)",
        "where(x0 > 0, x1, atan2(x0, x1)),Piecewise((x0, x1 > 0), (1, True))",
        "((x0)), (2)(x1)",
    ],
)
def test_a_claim_is_an_expression_for_each_variable(text):
    """Commas outside of all parentheses separate, those inside belong to what stands there."""
    parts = read_claim(text, FUNCTION)
    assert len(parts) == 2
    for part in parts:
        assert (part.variables, dict(part.parameters)) == (("x0", "x1"), {"a": 2.0})


def test_the_parts_of_a_claim_mean_what_they_say():
    """Each part is the tree of its own text, in the order of the variables."""
    first, second = read_claim("x0 - 1, max(x1, a)", FUNCTION)
    for x0, x1 in ((3.0, 5.0), (0.5, -7.0)):
        assert gradviz.Field(first)([x0, x1]) == x0 - 1
        assert gradviz.Field(second)([x0, x1]) == max(x1, 2)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("x0*x1, sine(x0)", 7),
        ("x0,, x1", 3),
        ("x0, x1,", 7),
        (", x1", 0),
        ("x0, z", 4),
        ("z, x0", 0),
        ("x0, 2*pie", 6),
        ("x0, 1/0", 6),
        ("x0), x1", 2),
        ("x0, (x1", 4),
        ("x0, x1 $", 7),
        ("max(x0, x1", 3),
    ],
)
def test_a_fault_of_a_claim_is_pointed_at_in_its_own_text(text, start):
    """The error carries the whole claim, the place in it, and says that it is the claim that is wrong."""
    with pytest.raises(ExpressionError) as caught:
        read_claim(text, FUNCTION)
    assert (caught.value.text, caught.value.start) == (text, start)
    assert "claim" in caught.value.problem


@pytest.mark.parametrize(("text", "count"), [("x0", 1), ("1, 2, 3", 3)])
def test_a_claim_of_another_length_is_refused(text, count):
    """Too few or too many parts are counted, and the variables are named."""
    with pytest.raises(RequestError) as caught:
        read_claim(text, FUNCTION)
    assert f"each of the variables x0, x1, got {count}\n" in str(caught.value)


@pytest.mark.parametrize("text", ["sine(x)", "9**9**9", "x +", "1/2x", "2*pie", "x\x00"])
def test_a_refusal_waits_for_no_heavy_module(text):
    """Neither NumPy nor SymPy nor Matplotlib is imported to say no."""
    program = (
        "import sys\n"
        "from gradviz.errors import ExpressionError\n"
        "from gradviz.language.reading import read\n"
        "try: read(sys.argv[1].encode('latin-1').decode('unicode_escape'))\n"
        "except ExpressionError: print({'numpy', 'sympy', 'matplotlib', 'pydantic'} & set(sys.modules))\n"
    )
    root = str(Path(gradviz.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", program, text.replace("\x00", "\\x00")],
        capture_output=True, check=True, text=True, env={"PYTHONPATH": root, "PATH": ""},
    )  # fmt: skip
    assert done.stdout.strip() == "set()"


# Regions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "variables", "names"),
    [
        ("x0 > x1", ("x0", "x1"), {"x0", "x1"}),
        ("x2 > 0 and x0 < 1", ("x0", "x2"), {"x0", "x2"}),
        ("x10", ("x0", "x10"), {"x0", "x10"}),
        ("1 < 2", ("x0",), {"x0"}),
    ],
)
def test_a_variable_that_occurs_in_the_region_alone_is_a_variable(where, variables, names):
    """The region's variables are ordered among those of the expression."""
    found = read("x0**2", where=where)
    assert (found.variables, found.names) == (variables, names)
    assert found.region.text == where


def test_the_region_may_use_parameters():
    """A parameter that occurs in the region alone has a use there."""
    found = read("x0", where="x0 < rate", parameters={"rate": 2})
    assert (found.variables, found.names) == (("x0",), {"x0", "rate"})


@pytest.mark.parametrize(
    ("where", "start"), [("x0 > pie", 5), ("x0 >", 4), ("x0 + (x1 > 0)", 5), ("x0/0 > 1", 3)]
)
def test_a_fault_in_the_region_points_at_its_own_text(where, start):
    """The caret stands under the condition, whatever the expression is."""
    with pytest.raises(ExpressionError) as caught:
        read("x0*x1 + 12345678", where=where)
    assert (caught.value.text, caught.value.start) == (where, start)


def test_a_name_that_is_no_variable_is_shown_where_it_was_typed():
    """With --vars x0, a second variable of the region is refused in the region's text."""
    with pytest.raises(ExpressionError, match="'x1' is not among") as caught:
        read("x0", variables=["x0"], where="3*x1 > 0")
    assert caught.value.text == "3*x1 > 0"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x + y", ("x + y",)),
        ("sin(x); cos(x)", ("sin(x)", "cos(x)")),
        (" a ;b；c\u037e d", ("a", "b", "c", "d")),
    ],
)
def test_semicolons_separate_expressions(text, parts):
    """A text has as many parts as semicolons and one more, each without the blanks around it."""
    assert separated(text) == parts


@pytest.mark.parametrize(("text", "start"), [("a;", 1), (";a", 0), ("a; ;b", 3), (";", 0), ("a;b; ", 3)])
def test_a_missing_part_is_pointed_at(text, start):
    """An empty part is refused with the semicolon that could be removed."""
    with pytest.raises(ExpressionError, match="an expression is missing") as caught:
        separated(text)
    assert (caught.value.text, caught.value.start) == (text, start)
