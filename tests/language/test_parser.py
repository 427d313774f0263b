"""Trees of expressions, and the errors of the parser with their positions."""

from __future__ import annotations

import math
import operator
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gradviz import limits
from gradviz.cli.wording import flags
from gradviz.errors import ExpressionError, Message
from gradviz.language import tables as language
from gradviz.language.parser import parse
from gradviz.language.reading import number
from gradviz.language.tree import Num, Op, Var, walk


def shape(node):
    """Return a tree without its places, as nested brackets: (add x (neg 2))."""
    if isinstance(node, Num):
        return f"{node.value:g}"
    if isinstance(node, Var):
        return node.name
    return f"({' '.join((node.name, *map(shape, node.args)))})"


def fault(text, declared=()):
    """Return the error that a text gives."""
    with pytest.raises(ExpressionError) as caught:
        parse(text, declared)
    return caught.value


# Trees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x0", "x0"),
        ("2", "2"),
        ("x + y - z", "(add x y (neg z))"),
        ("a - b - c", "(add a (neg b) (neg c))"),
        ("a - (b - c)", "(add a (neg (add b (neg c))))"),
        ("a*b*c", "(mul a b c)"),
        ("a/b/c", "(mul a (reciprocal b) (reciprocal c))"),
        ("a/(b/c)", "(mul a (reciprocal (mul b (reciprocal c))))"),
        ("a/b*c", "(mul a (reciprocal b) c)"),
        ("a + b*c", "(add a (mul b c))"),
        ("(a + b)*c", "(mul (add a b) c)"),
        ("x**y**z", "(power x (power y z))"),
        ("(x**y)**z", "(power (power x y) z)"),
        ("-x**2", "(neg (power x 2))"),
        ("(-x)**2", "(power (neg x) 2)"),
        ("2**-x", "(power 2 (neg x))"),
        ("x⁻¹⁰", "(power x -10)"),
        ("-x*y", "(mul (neg x) y)"),
        ("--x", "(neg (neg x))"),
        ("+x", "x"),
        ("x + -y", "(add x (neg y))"),
        ("a % b % c", "(mod (mod a b) c)"),
        ("a*b % c", "(mod (mul a b) c)"),
        ("a % b*c", "(mul (mod a b) c)"),
        ("a // b", "(floordiv a b)"),
        ("√x", "(sqrt x)"),
        ("√(x + 1)", "(sqrt (add x 1))"),
        ("√√x", "(sqrt (sqrt x))"),
        ("sin(x)", "(sin x)"),
        ("max(x, y, 1)", "(max x y 1)"),
        ("max(x, y,)", "(max x y)"),
        ("atan2(y, x)", "(atan2 y x)"),
        ("log(x, 2)", "(log x 2)"),
        ("where(x > 0, x, 0)", "(where (gt x 0) x 0)"),
        ("x if x > 0 else 0", "(where (gt x 0) x 0)"),
        ("1 if x<0 else 2 if x<1 else 3", "(where (lt x 0) 1 (lt x 1) 2 3)"),
        ("(1 if x<0 else 2) + 1", "(add (where (lt x 0) 1 2) 1)"),
        ("1 if x<0 else 2 + 1", "(where (lt x 0) 1 (add 2 1))"),
        ("Piecewise((x, x > 0), (0, True))", "(where (gt x 0) x 0)"),
        ("Piecewise((x, x > 0))", "(where (gt x 0) x (undefined))"),
        ("Piecewise((x, x > 0), (y, y > 0),)", "(where (gt x 0) x (gt y 0) y (undefined))"),
        ("Piecewise((x, True))", "(where (true) x x)"),
        ("where(0 < x < 1, x, 0)", "(where (and (lt 0 x) (lt x 1)) x 0)"),
        ("where(a <= b >= c, 1, 0)", "(where (and (le a b) (ge b c)) 1 0)"),
        ("where(x == 0 or y != 0 and z > 0, 1, 0)", "(where (or (eq x 0) (and (ne y 0) (gt z 0))) 1 0)"),
        ("where(not x > 0 and y > 0, 1, 0)", "(where (and (not (gt x 0)) (gt y 0)) 1 0)"),
        ("where(not (x > 0 and y > 0), 1, 0)", "(where (not (and (gt x 0) (gt y 0))) 1 0)"),
        ("where(x + 1 > y*2, 1, 0)", "(where (gt (add x 1) (mul y 2)) 1 0)"),
        ("where(not not True, 1, 0)", "(where (not (not (true))) 1 0)"),
        ("where((x > 0), 1, 0)", "(where (gt x 0) 1 0)"),
    ],
)
def test_a_text_has_the_tree_that_python_gives_it(text, tree):
    """Signs, products, powers, comparisons and choices bind as in Python."""
    assert shape(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("x^2", "x**2"), ("x²", "x**2"), ("x²³", "x**23"), ("x² + y²", "x**2 + y**2"),
        ("x^2 + 1", "(x**2) + 1"), ("2^3^2", "2**(3**2)"), ("(x²)³", "(x**2)**3"), ("x²^3", "(x**2)**3"),
        ("2x", "2*x"), ("2 x", "2*x"), ("-2x", "-2*x"), ("2x^2", "2*x**2"), ("2x²y", "2*x**2*y"),
        ("2(x+1)", "2*(x+1)"), ("(x+1)(x-1)", "(x+1)*(x-1)"), ("(x)y", "x*y"), ("x(x+1)", "x*(x+1)"),
        ("x(y*z)", "x*(y*z)"), ("x0(x1-1)", "x0*(x1-1)"), ("x(y+1)^2", "x*(y+1)**2"),
        ("x(-y)", "x*(-y)"), ("x(2y)", "x*(2*y)"), ("x(y²)", "x*y**2"),
        ("sin(x)cos(x)", "sin(x)*cos(x)"), ("2sin(x)", "2*sin(x)"), ("x sin(x)", "x*sin(x)"),
        ("sin(x)^2", "sin(x)**2"), ("2(3)(x)", "2*3*x"), ("2√x", "2*√x"), ("pi(x+1)", "pi*(x+1)"),
        ("2pi sin(x)", "2*pi*sin(x)"), ("x²(x+1)", "x**2*(x+1)"), ("1e5x", "1e5*x"), ("3x + 2y", "3*x + 2*y"),
        ("2·x × 3 ÷ y − 1", "2*x*3/y - 1"), ("x₀² + x₁²", "x0**2 + x1**2"), ("θ", "theta"), ("2π", "2*pi"),
        ("0e400*x", "0.0e-400*x"),
        ("where(x ≥ 0, x, 0)", "where(x >= 0, x, 0)"), ("where(x≠0, 1, 2)", "where(x!=0, 1, 2)"),
        ("arcsin(x)", "asin(x)"), ("arccos(x)", "acos(x)"), ("arctan(x)", "atan(x)"), ("ln(x)", "log(x)"),
        ("arctan2(y, x)", "atan2(y, x)"), ("Abs(x)", "abs(x)"), ("Max(x, y)", "max(x, y)"),
        ("maximum(x, y)", "max(x, y)"), ("minimum(x, y)", "min(x, y)"), ("ceiling(x)", "ceil(x)"),
        ("Mod(x, 2)", "x % 2"), ("ReLU(x)", "relu(x)"), ("Heaviside(x)", "heaviside(x)"),
        ("sgn(x)", "sign(x)"), ("clamp(x, 0, 1)", "clip(x, 0, 1)"),
        ("piecewise((x, x>0), (1, True))", "x if x > 0 else 1"),
        ("  x\t+\n1 ", "x+1"), ("((((x))))", "x"), ("E", "e"), ("τ", "tau"), ("2e", "2*e"),
    ],
)  # fmt: skip
def test_what_people_type_means_what_they_mean(text, same):
    """A short or second spelling has the same tree as the plain one."""
    assert shape(parse(text)) == shape(parse(same))


def test_a_greek_letter_is_a_constant_where_its_name_is_one():
    """π is pi and τ is tau, the numbers; the other Greek letters are variables."""
    assert parse("π").value == math.pi
    assert parse("τ").value == math.tau
    assert parse("e").value == parse("E").value == math.e
    assert shape(parse("α + Ω + λ")) == "(add alpha Omega lambda)"


def test_the_tree_keeps_what_was_typed():
    """Constant parts are checked and not folded away: a title shows 1/3 and not 0.333333."""
    assert shape(parse("1/3*x + sqrt(2)")) == "(add (mul 1 (reciprocal 3) x) (sqrt 2))"
    assert [node.text for node in walk(parse("0.10*pi + 2e")) if isinstance(node, Num)] == [
        "0.10",
        "pi",
        "2",
        "e",
    ]


def test_names_are_variables_when_they_are_short_greek_or_declared():
    """A longer name must be declared, so that a slip like 2*pie is an error and not a picture."""
    assert shape(parse("a + x10 + x_1 + theta + phi2 + w_a")) == "(add a x10 x_1 theta phi2 w_a)"
    assert shape(parse("rate*learning_rate", ("rate", "learning_rate"))) == "(mul rate learning_rate)"
    assert "unknown name 'rate'" in fault("rate*x").problem


# Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        "unknown function 'sine'\n  sine(x) + 1\n  ^^^^ did you mean 'sin'?",
        "'(' of sin is never closed\n  sin(x\n     ^",
        "this overflows double precision\n  x + 9**9**9\n      ^^^^^^^",
        "ambiguous after '/': 2x can be read in two ways\n  1/2x\n    ^^ add '*' and ( )",
    ],
)
def test_a_message_is_the_one_of_the_specification(message):
    """The four examples of the project's own rules, to the letter."""
    assert str(fault(message.split("\n")[1][2:])) == message


@pytest.mark.parametrize(
    ("text", "problem", "culprit", "hint"),
    [
        ("(x + 1", "'(' is never closed", (0, 1), ""),
        ("max(x, (y", "'(' is never closed", (7, 8), ""),
        ("x + 1)", "')' without a '('", (5, 6), "remove"),
        ("()", "empty parentheses", (1, 2), "number"),
        ("2*()+1", "empty parentheses", (3, 4), "number"),
        ("(x)2", "unexpected '2'", (3, 4), "add '*'"),
        ("sin(x)2.5", "unexpected '2.5'", (6, 9), "add '*'"),
        ("sin(,x)", "an argument is missing before ','", (4, 5), ""),
        ("max(x,,y)", "an argument is missing before ','", (6, 7), ""),
        ("where(x>1==True,1,0)", "cannot compare a condition", (11, 15), "join conditions"),
        ("where((x>1)>0,1,0)", "cannot compare a condition", (6, 11), "join conditions"),
        ("x +", "the expression is incomplete", (3, 4), "add a number"),
        ("x + \n", "the expression is incomplete", (3, 4), ""),
        ("x * / y", "unexpected '/'", (4, 5), ""),
        ("x 2", "unexpected '2'", (2, 3), "add an operator"),
        ("x, y", "',' outside", (1, 2), "one function, whose gradient is drawn"),
        ("0,5*x", "',' outside", (1, 2), "'.'"),
        ("x > 0", "expected a number, got a condition", (0, 5), "where"),
        ("x == 2", "expected a number, got a condition", (0, 6), "where"),
        ("max(x > 0, 1)", "expected a number, got a condition", (4, 9), "where"),
        ("1 + (x > 0)", "expected a number, got a condition", (4, 11), ""),
        ("-(x > 0)", "expected a number, got a condition", (1, 8), ""),
        ("(x > 0)*2", "expected a number, got a condition", (0, 7), ""),
        ("2^(x > 0)", "expected a number, got a condition", (2, 9), ""),
        ("True", "expected a number, got a condition", (0, 4), ""),
        ("where(x, 1, 2)", "expected a condition, got a number", (6, 7), "x > 0"),
        ("1 if x else 2", "expected a condition, got a number", (5, 6), ""),
        ("x and y", "expected a condition, got a number", (0, 1), ""),
        ("where(x > 0 and y, 1, 2)", "expected a condition, got a number", (16, 17), ""),
        ("not x", "expected a condition, got a number", (4, 5), ""),
        ("x if x > 0", "'if' without 'else'", (10, 11), "a if c else b"),
        ("if x > 0 else x", "unexpected 'if'", (0, 2), ""),
        ("sin", "'sin' is a function", (0, 3), "sin(x)"),
        ("sin + 1", "'sin' is a function", (0, 3), "sin(x)"),
        ("2*sin x", "'sin' is a function", (2, 5), ""),
        ("sin(x, x)", "'sin' takes 1 argument, got 2", (0, 9), ""),
        ("x*sin()", "'sin' takes 1 argument, got 0", (2, 7), ""),
        ("atan2(x)", "'atan2' takes 2 arguments, got 1", (0, 8), ""),
        ("log(x, 2, 3)", "'log' takes 1 or 2 arguments, got 3", (0, 12), ""),
        ("max()", "'max' takes 1 or more arguments, got 0", (0, 5), ""),
        ("where(x > 0, 1)", "'where' takes 3 arguments, got 2", (0, 15), ""),
        ("Piecewise(x)", "a piece must be (value, condition)", (10, 11), "Piecewise((a, c)"),
        ("Piecewise()", "a piece must be (value, condition)", (10, 11), ""),
        ("Piecewise((x))", "a piece must be (value, condition)", (12, 13), ""),
        ("Piecewise((x, 1))", "expected a condition, got a number", (14, 15), ""),
        ("Piecewise((x > 0, x > 0))", "expected a number, got a condition", (11, 16), ""),
        ("tanhh(x)", "unknown function 'tanhh'", (0, 5), "'tanh'"),
        ("factorial(8)", "unknown function 'factorial'", (0, 9), ""),
        ("x + cosec(x)", "unknown function 'cosec'", (4, 9), "write csc(x)"),
        ("square(x)", "unknown function 'square'", (0, 6), "write x**2"),
        ("expit(x)", "unknown function 'expit'", (0, 5), "write sigmoid(x)"),
        ("Log1p(x)", "unknown function 'Log1p'", (0, 5), "write log(1 + x)"),
        ("pow(x, 2)", "unknown function 'pow'", (0, 3), "write x**2"),
        ("power(x, 2)", "unknown function 'power'", (0, 5), "write x**2"),
        ("int(x)", "unknown function 'int'", (0, 3), "write floor(x)"),
        ("round(x)", "unknown function 'round'", (0, 5), "write floor(x + 1/2)"),
        ("coth(x)", "unknown function 'coth'", (0, 4), "write 1/tanh(x)"),
        ("__import__(x)", "unknown function '__import__'", (0, 10), ""),
        ("2*pie", "unknown name 'pie'", (2, 5), "'pi'"),
        ("loss", "unknown name 'loss'", (0, 4), "--set loss=1"),
        ("__file__", "unknown name '__file__'", (0, 8), ""),
        ("y(x)", "'y' is a variable, not a function", (0, 1), "y*(x)"),
        ("x(2)", "'x' is a variable, not a function", (0, 1), "x*(2)"),
        ("f()", "'f' is a variable, not a function", (0, 1), ""),
        ("x(y+1, z)", "'x' is a variable, not a function", (0, 1), ""),
        ("x(sin(y))", "'x' is a variable, not a function", (0, 1), "x*(sin(y))"),
        ("x(y + 1", "'('", (1, 2), ""),
        ("theta(x+1)", "'theta' is a variable, not a function", (0, 5), "theta*(x+1)"),
        ("1/2x", "ambiguous after '/'", (2, 4), "add '*'"),
        ("x/2(x+1)", "ambiguous after '/'", (2, 8), ""),
        ("1/sin(x)cos(x)", "ambiguous after '/'", (2, 14), ""),
        ("2^3x", "ambiguous after '^'", (2, 4), ""),
        ("x^2(y+1)", "ambiguous after '^'", (2, 8), ""),
        ("√2x", "ambiguous after '√'", (2, 3), "( )"),
        ("x%2y", "ambiguous after '%'", (2, 4), ""),
        ("x//2y", "ambiguous after '//'", (3, 5), ""),
        ("x + 1/0", "division by zero", (6, 7), ""),
        ("1 + (-8)^(1/3)", "this is not a real number", (4, 14), ""),
        ("x + 1e-400", "this underflows", (4, 10), ""),
        ("0.001e-322*x", "this underflows", (0, 10), ""),
        ("x*sqrt(-1)", "this is not a real number", (2, 10), ""),
        ("log(x, 1)", "the base of a logarithm must be positive and not 1", (7, 8), ""),
        ("x ** ** 2", "unexpected '**'", (5, 7), ""),
        ("x + ²", "unexpected '²'", (4, 5), ""),
        ("2 · · x", "unexpected '·'", (4, 5), ""),
    ],
)  # fmt: skip
def test_a_refusal_names_the_culprit_and_points_at_it(text, problem, culprit, hint):
    """What is wrong, the carets under exactly that, and a way out where there is one."""
    error = fault(text)
    assert error.problem.startswith(problem)
    assert (error.start, error.stop) == culprit
    assert hint in Message(error.hint).worded(flags)


@pytest.mark.parametrize("text", ["-x^2(y+1)", "-2^3x", "3*-x^2y", "-x^2sin(x)"])
def test_a_sign_does_not_make_a_power_plain(text):
    """What is ambiguous without a minus before it is ambiguous with it."""
    assert "ambiguous after '^'" in fault(text).problem


@pytest.mark.parametrize(
    "text", ["pie", "sine(x)", "Sin(x)", "cosine(x)", "exponent(x)", "squrt(x)", "atn2(y, x)"]
)
def test_what_is_suggested_is_itself_in_the_language(text):
    """Whoever follows the suggestion is not refused again."""
    error = fault(text)
    meant = error.hint.removeprefix("did you mean '").removesuffix("'?")
    parse(text[: error.start] + meant + text[error.stop :])


def test_a_function_of_another_language_has_a_way_out_in_this_one():
    """What is written instead is itself in the language; what has none is not guessed at."""
    for name, instead in language.FOREIGN.items():
        assert not language.is_reserved(name)
        assert not language.is_variable(name)
        if instead:
            assert fault(f"{name}(x)").hint == f"write {instead}"
            parse(instead)


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("coth", lambda x: math.cosh(x) / math.sinh(x)), ("sech", lambda x: 1 / math.cosh(x)),
        ("expm1", math.expm1), ("log1p", math.log1p), ("exp2", lambda x: 2**x), ("trunc", math.trunc),
        ("erfc", math.erfc), ("round", round), ("rsqrt", lambda x: x**-0.5), ("deg2rad", math.radians),
        ("logit", lambda x: -math.log(1 / x - 1)), ("acsch", lambda x: math.asinh(1 / x)),
        ("frac", lambda x: math.modf(x)[0]),
        ("asec", lambda x: math.pi / 2 - math.asin(1 / x)),
        ("acoth", lambda x: math.log((x + 1) / (x - 1)) / 2),
    ],
)  # fmt: skip
def test_what_is_written_instead_is_the_same_function(name, instead):
    """Python's own functions and the definitions say what the foreign ones are."""
    at = 1.3 if name in ("asec", "acoth") else 0.4
    text = re.sub(r"\bx\b", f"{at}", language.FOREIGN[name])
    assert number(text) == pytest.approx(instead(at), rel=1e-12)


# Limits ----------------------------------------------------------------------------------------------

MOST = limits.EXPRESSION_NESTING
NESTS = [
    ("(", ")"), ("-", ""), ("+", ""), ("sin(", ")"), ("max(1,", ")"), ("x^", ""), ("√", ""), ("2*(", "+1)"),
    ("where(x>0,", ",0)"), ("(1 if x>0 else ", ")"), ("1/(1+", ")"), ("-2*(1-", ")"), ("x + 2(", ")"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "behind"), NESTS, ids=[before for before, _ in NESTS])
def test_fifty_levels_are_parsed_and_one_more_is_refused(before, behind):
    """The caret stands under the level that is one too many."""
    parse(before * MOST + "x" + behind * MOST)
    error = fault(before * (MOST + 1) + "x" + behind * (MOST + 1))
    assert error.problem == "more than 50 levels of nesting"
    assert error.stop - error.start == 1
    assert len(before) * MOST <= error.start < len(before) * (MOST + 1)


@pytest.mark.parametrize("mark", ["%", "//"])
def test_remainders_of_remainders_are_nested(mark):
    """The second % of a % b % c wraps the first, so the limit counts, although there are no brackets."""
    parse("x" + f"{mark}2" * MOST)
    assert fault("x" + f"{mark}2" * (MOST + 1)).problem == "more than 50 levels of nesting"


@pytest.mark.parametrize("term", ["x%2", "x//2", "-x", "sin(x)", "√x", "x^2", "(x)", "x(x+1)", "max(x,x%2)"])
def test_what_stands_side_by_side_is_not_nested(term):
    """A sum of two hundred terms has the depth of one of them."""
    assert len(parse("+".join([term] * 200)).args) == 200


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "x" + ")" * 5000,
        "-" * 8000,
        "x" + "%2" * 3000,
        "√" * 7999 + "x",
        "sin(" * 1500,
        "x^" * 3999 + "x",
        "where(x>0,1," * 600,
        "not " * 1900 + "x",
        "Piecewise((" * 700,
    ],
)
def test_depth_never_overflows_the_stack(text):
    """It ends at the limit, with a message, before Python's own."""
    fault(text)


@pytest.mark.parametrize(("before", "behind"), [("sin(", ")"), ("where(x>0,", ",0)"), ("x(1+", ")")])
def test_a_caller_may_be_deep_in_calls_of_its_own(before, behind):
    """Fifty levels are parsed two hundred calls below a notebook or a test as well as at the top."""

    def below(calls):
        return below(calls - 1) if calls else parse(before * MOST + "x" + behind * MOST)

    assert below(200)


@pytest.mark.parametrize(
    "text",
    [
        "x(1+" * 25 + "x" + ")" * 25,
        "2(1+" * 49 + "x" + ")" * 49,
        "max(" * 49 + "x" + ")" * 49,
        "+".join(["x"] * 4000),
        "1 if x>0 else " * 570 + "2",
        "x" + "*x" * 3999,
        "max(" + ",".join(["x"] * 3900) + ")",
    ],
    ids=lambda text: text[:12],
)
def test_the_time_to_parse_grows_with_the_text_only(text, within):
    """Nothing is parsed again for each level around it."""
    with within(2):
        parse(text)


# Properties ------------------------------------------------------------------------------------------

PIECES = [
    "x", "y", "x0", "theta", "pi", "e", "2", "0.5", "1e3", "+", "-", "*", "/", "^", "**", "%", "//", "(", ")",
    ",", "<", "<=", "==", "sin(", "max(", "where(", "Piecewise((", "sqrt", " if ", " else ", " and ", " not ",
    "True", "√", "²", "⁻", "θ", "₁", "·", "≤", " ", "=", ".", "__class__", "\x1b", "漢", "\u202e", "9**9",
    "1/0", "0x1f", "1j", "rate",
]  # fmt: skip


@settings(max_examples=400, derandomize=True)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.text(max_size=60)))
@example("9" * 300 + "x")
@example("")
def test_any_text_is_a_tree_or_a_short_printable_refusal(text):
    """There is no third outcome, whatever is typed."""
    tree, error = None, None
    try:
        tree = parse(text)
    except ExpressionError as refusal:
        error = refusal
    if error:
        lines = str(error).split("\n")
        assert 1 <= len(lines) <= 5
        assert all(line.isprintable() for line in lines)
        assert max(map(len, lines)) <= 200
        assert 0 <= error.start <= len(text)
    else:
        assert all(isinstance(node, (Num, Var, Op)) for node in walk(tree))
        assert all(0 <= node.start <= node.stop <= len(text) for node in walk(tree))


POINT = {"x": 0.7, "y": -1.3, "z": 2.1}
FUNCTIONS = {"sin": math.sin, "cos": math.cos, "atan": math.atan, "abs": abs, "tanh": math.tanh}
SIGNS = {
    "+": (1, 2),
    "-": (1, 2),
    "*": (2, 3),
    "/": (2, 3),
    "^": (5, 4),
}  # what a left and a right part must hold
HOLDS = {"+": 1, "-": 1, "*": 2, "/": 2, "neg": 3, "^": 4}

LEAVES = st.sampled_from(["x", "y", "z", 2, 3, 0.5, 10, 1.25])
EXPONENTS = st.sampled_from([2, 3, ("neg", 1), 0.5, ("+", 1, 1), ("^", 2, 2)])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+-*/"), inner, inner),
        st.tuples(st.just("^"), inner, EXPONENTS),
        st.tuples(st.just("neg"), inner),
        st.tuples(st.sampled_from(sorted(FUNCTIONS)), inner),
        st.tuples(st.just("if"), inner, st.sampled_from(["<", ">="]), inner, inner, inner),
    ),
    max_leaves=12,
)


def written(tree, spellings, holds=0):
    """Write a tree with as few brackets as Python's rules allow, in one of several spellings of each sign."""
    if not isinstance(tree, tuple):
        return str(tree)
    name, *parts = tree
    if name in FUNCTIONS:
        return f"{name}({written(parts[0], spellings)})"
    if name == "if":
        left, sign, right, chosen, other = parts
        test = f"{written(left, spellings, 1)}{sign}{written(right, spellings, 1)}"
        text = f"{written(chosen, spellings, 1)} if {test} else {written(other, spellings)}"
        return f"({text})" if holds > 0 else text
    if name == "neg":
        text = f"-{written(parts[0], spellings, 3)}"
    else:
        first, second = (
            written(part, spellings, held) for part, held in zip(parts, SIGNS[name], strict=True)
        )
        text = f"{first}{spellings[name]}{second}"
    if name == "^" and isinstance(parts[1], tuple) and parts[1][0] == "neg":
        text = f"{first}{spellings[name]}({second})"
    return f"({text})" if HOLDS[name] < holds else text


def value(tree):
    """Evaluate a tree with `math`; give up where it is not a number of moderate size, or almost at a jump."""
    if not isinstance(tree, tuple):
        return float(POINT.get(tree, tree))
    name, *parts = tree
    if name == "if":
        left, sign, right, chosen, other = parts
        a, b, first, second = map(value, (left, right, chosen, other))
        assume(abs(a - b) > 1e-6)
        return first if (a < b) == (sign == "<") else second
    numbers = [value(part) for part in parts]
    try:
        if name in FUNCTIONS:
            result = FUNCTIONS[name](*numbers)
        elif name == "neg":
            result = -numbers[0]
        else:
            a, b = numbers
            result = (
                {"+": a + b, "-": a - b, "*": a * b}.get(name)
                if name in "+-*"
                else a / b
                if name == "/"
                else a**b
            )
    except (ZeroDivisionError, OverflowError):
        assume(False)
    assume(not isinstance(result, complex))
    assume(abs(result) < 1e5)
    return result


def first_true(*parts):
    """Return the value whose condition holds first, else the last one."""
    return next((value for test, value in zip(parts[:-1:2], parts[1::2], strict=True) if test), parts[-1])


MEANINGS = {
    **FUNCTIONS,
    "add": lambda *terms: sum(terms),
    "mul": lambda *factors: math.prod(factors),
    "neg": operator.neg,
    "reciprocal": lambda x: 1 / x,
    "power": operator.pow,
    "lt": operator.lt,
    "ge": operator.ge,
    "where": first_true,
}


def evaluated(node):
    """Evaluate a tree of the parser with `math`, independently of how gradviz does it."""
    if isinstance(node, Op):
        return MEANINGS[node.name](*map(evaluated, node.args))
    return node.value if isinstance(node, Num) else POINT[node.name]


SPELLINGS = st.fixed_dictionaries(
    {
        "+": st.sampled_from(["+", " + "]),
        "-": st.sampled_from(["-", " - ", "−"]),
        "*": st.sampled_from(["*", "·", " × "]),
        "/": st.sampled_from(["/", "÷"]),
        "^": st.sampled_from(["^", "**", " ** "]),
    }
)


@settings(max_examples=300, derandomize=True)
@given(TREES, SPELLINGS)
@example(("^", ("neg", "x"), 2), {"^": "**"})
@example(("neg", ("^", "x", 2)), {"^": "^"})
@example(("-", "x", ("-", "y", "z")), {"-": "-"})
@example(("/", "x", ("/", "y", "z")), {"/": "/"})
def test_a_tree_that_is_written_and_parsed_has_the_same_value(tree, spellings):
    """Python's rules of binding, written by one program, are read the same way by the other."""
    expected = value(tree)
    text = written(tree, spellings)
    assert evaluated(parse(text)) == pytest.approx(expected, rel=1e-9, abs=1e-7), text


@settings(max_examples=150, derandomize=True)
@given(TREES, SPELLINGS)
def test_the_places_of_a_node_are_inside_those_of_its_parent(tree, spellings):
    """A caret run under a part never leaves the whole."""
    value(tree)
    for node in walk(parse(written(tree, spellings))):
        for part in node.args if isinstance(node, Op) else ():
            assert node.start <= part.start < part.stop <= node.stop
