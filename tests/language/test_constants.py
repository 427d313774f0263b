"""Constant subtrees: their values, and the errors of those without a finite real one."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from gradviz.errors import ExpressionError
from gradviz.language.constants import fold
from gradviz.language.parser import parse
from gradviz.language.reading import number
from gradviz.language.tree import Num, Op, Var

BIGGEST = 1.7976931348623157e308


def shape(node):
    """Return a tree without its places, as nested brackets."""
    if isinstance(node, Num):
        return f"{node.value:g}"
    if isinstance(node, Var):
        return node.name
    return f"({' '.join((node.name, *map(shape, node.args)))})"


def fault(text, function=number):
    with pytest.raises(ExpressionError) as caught:
        function(text)
    error = caught.value
    return error.problem, text[error.start : error.stop]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("-7", -7),
        ("1/3", Fraction(1, 3)),
        ("1 - 1/3 - 1/6", Fraction(1, 2)),
        ("2*3/4*5", Fraction(30, 4)),
        ("2^10", 1024),
        ("2^-2", Fraction(1, 4)),
        ("-2^2", -4),
        ("(-2)^3", -8),
        ("2^3^2", 512),
        ("0^0", 1),
        ("4^0.5", 2),
        ("√2", math.sqrt(2)),
        ("2pi", 2 * math.pi),
        ("tau/2", math.pi),
        ("e^2", math.exp(2)),
        ("10**20", 10**20),
        ("2**70", 2**70),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1e308 + 7e307", 1.7e308),
        ("2^-1080", 0),
        ("2**-(10**10)", 0),
        ("0.1 + 0.2 - 0.3", Fraction(0.1) + Fraction(0.2) - Fraction(0.3)),
        ("7 % 3", 1),
        ("-7 % 3", 2),
        ("7 % -3", -2),
        ("7.5 // 2", 3),
        ("-7.5 // 2", -4),
        ("mod(1, 0.1)", Fraction(1) % Fraction(0.1)),
        ("mod(1e20, 3)", 10**20 % 3),
        ("mod(1e300, 7)", int(1e300) % 7),
        ("max(1, 2, 3/2) + min(4, 5)", 6),
        ("1 if 2 > 1 else 1e5", 1),
        ("where(1 > 2 or not 3 == 3, 1, 2)", 2),
        ("Piecewise((1, 1 < 0), (2, 0 < 1 < 2), (3, True))", 2),
        ("where(True and not False, 5, 6)", 5),
        ("where(1 <= 1 >= 1 != 2, 5, 6)", 5),
        ("clip(7, 0, 5)", 5),
        ("log(1000, 10)", 3),
        ("log(8, 1/2)", -3),
        ("cbrt(-27)", -3),
        ("sign(-3) + sign(0) + heaviside(0)", -0.5),
        (f"{BIGGEST!r}", BIGGEST),
    ],
)
def test_a_constant_is_its_value_in_double_precision(text, value):
    """Fractions and whole numbers are exact on paper, and here to the last digits of a double."""
    assert number(text) == pytest.approx(float(value), rel=1e-15, abs=1e-300)


@pytest.mark.parametrize(
    ("text", "problem", "culprit"),
    [
        ("9**9**9", "this overflows double precision", "9**9**9"),
        ("2 + 10**(10**10)", "this overflows double precision", "10**(10**10)"),
        ("1e400", "this overflows double precision", "1e400"),
        ("1e308*10", "this overflows double precision", "1e308*10"),
        ("1e308 + 1e308", "this overflows double precision", "1e308 + 1e308"),
        ("exp(1000)", "this overflows double precision", "exp(1000)"),
        ("floor(exp(exp(exp(3))))", "this overflows double precision", "exp(exp(exp(3)))"),
        ("ceil(pi**pi**pi**pi)", "this overflows double precision", "pi**pi**pi**pi"),
        ("(-3)**(10**9)", "this overflows double precision", "(-3)**(10**9)"),
        ("1/0", "division by zero", "0"),
        ("1/(2 - 2)", "division by zero", "(2 - 2)"),
        ("0**-1", "division by zero", "0**-1"),
        ("mod(1, 0)", "division by zero", "mod(1, 0)"),
        ("7 % 0", "division by zero", "7 % 0"),
        ("csc(0)", "division by zero", "csc(0)"),
        ("sqrt(-1)", "this is not a real number", "sqrt(-1)"),
        ("1 + log(-2) + 3", "this is not a real number", "log(-2)"),
        ("log(0)", "this is not a real number", "log(0)"),
        ("(0 - 8)**(1/3)", "this is not a real number", "(0 - 8)**(1/3)"),
        ("asin(2)", "this is not a real number", "asin(2)"),
        ("acosh(0)", "this is not a real number", "acosh(0)"),
        ("log(5, 1)", "this is not a real number", "log(5, 1)"),
        ("x", "expected a constant", "x"),
        ("1 + 2*x", "expected a constant", "1 + 2*x"),
        ("Piecewise((1, 1 > 2))", "expected a constant", None),
        ("1 > 2", "expected a number, got a condition", "1 > 2"),
    ],
)
def test_what_is_no_finite_real_number_is_refused_where_it_stands(text, problem, culprit):
    """The carets stand under the smallest part that is at fault."""
    found, where = fault(text)
    assert found == problem
    assert culprit is None or where == culprit


@pytest.mark.parametrize(
    "text", ["x*9**9**9", "where(x > 0, 1/0, 2)", "max(x, sqrt(-1))", "x if 1/0 > x else 2"]
)
def test_a_fault_inside_a_formula_is_found_too(text):
    """Even in a branch that is never taken: what is written must have a meaning."""
    fault(text, parse)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x + 2*3", "(add x 6)"),
        ("2*3 + x", "(add 6 x)"),
        ("2*x*3", "(mul 2 x 3)"),
        ("x**(1/4)", "(power x 0.25)"),
        ("-(-3)*x", "(mul 3 x)"),
        ("sin(0)*x", "(mul 0 x)"),
        ("where(1 < 2, x, y)", "x"),
        ("where(1 > 2, x, y)", "y"),
        ("where(x > 0, 1 + 1, 3)", "(where (gt x 0) 2 3)"),
        ("Piecewise((x, x > 0), (y, 1 > 2), (z, True))", "(where (gt x 0) x z)"),
        ("Piecewise((x, x > 0), (y, 1 < 2), (z, z > 1))", "(where (gt x 0) x y)"),
        ("Piecewise((x, 1 > 2))", "(undefined)"),
        ("where(x > 1 - 1 and 1 < 2, 1, 2)", "(where (and (gt x 0) (true)) 1 2)"),
        ("max(1, 2, x)", "(max 1 2 x)"),
    ],
)
def test_constant_parts_become_numbers_and_dead_branches_go(text, tree):
    """A part without variables is one number; a condition without variables decides at once."""
    assert shape(fold(parse(text), text)) == tree


def test_a_folded_number_keeps_its_place():
    """Later errors can still point at it."""
    text = "x + (2*3)"
    folded = fold(parse(text), text)
    assert isinstance(folded, Op)
    assert text[folded.args[1].start : folded.args[1].stop].strip("()") == "2*3"


@pytest.mark.parametrize("base", ["1", "0", "-2", "2 - 1"])
def test_a_base_without_logarithm_is_refused_whatever_the_number(base):
    """log(x, b) has a meaning for positive b other than 1."""
    text = f"log(x, {base})"
    assert fault(text, parse) == ("the base of a logarithm must be positive and not 1", base)


def test_a_bomb_ends_at_once():
    """Two hundred powers of powers take no longer than one."""
    assert fault("+".join(["9**9**9"] * 200))[0] == "this overflows double precision"
