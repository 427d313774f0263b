"""What books, lecture notes and keyboards have: the tree of each spelling is that of the plain one."""

from __future__ import annotations

import math
import sys

import pytest

import gradviz
from gradviz.errors import ExpressionError, RequestError
from gradviz.figures.labels import plain_formula
from gradviz.language.equations import has_equations
from gradviz.language.parser import parse
from gradviz.language.reading import check_name, read
from gradviz.language.tree import Num, Op, Var, walk


def shape(node):
    """Return a tree without its places, as nested brackets."""
    if isinstance(node, Num):
        return f"{node.value:g}"
    if isinstance(node, Var):
        return node.name
    return f"({' '.join((node.name, *map(shape, node.args)))})"


# Spellings, and the plain expression of each, typed by hand.
SPELLINGS = [
    # indices
    ("x[0]**2 + x[1]**2", "x0**2 + x1**2"), ("x[0]*x[1]", "x0*x1"), ("x[10] - x[2]", "x10 - x2"),
    ("theta[1] + θ[0]", "theta1 + theta0"), ("sin(x[0])x[1]", "sin(x0)*x1"), ("2x[0]", "2*x0"),
    ("x[ 0 ]", "x0"), ("p[..., 0]*p[..., 1]", "p0*p1"), ("x[:, 0]**2", "x0**2"), ("x[0]²", "x0**2"),
    ("x[0](x[1] + 1)", "x0*(x1 + 1)"), ("-x[00]", "-x0"),
    # modules
    ("np.sin(x)", "sin(x)"), ("numpy.exp(-x**2)", "exp(-x**2)"), ("math.exp(x)", "exp(x)"),
    ("torch.tanh(x)", "tanh(x)"), ("jnp.maximum(x, 0)", "max(x, 0)"), ("np.pi*x", "pi*x"),
    ("math.e**x", "e**x"), ("np.sqrt(np.abs(x))", "sqrt(abs(x))"), ("2*np.log(x)", "2*log(x)"),
    ("np.where(x > 0, x, 0)", "where(x > 0, x, 0)"), ("torch.nn.functional.relu(x)", "relu(x)"),
    ("F.softplus(x)", "softplus(x)"), ("jax.nn.sigmoid(x)", "sigmoid(x)"),
    ("np.arctan2(y, x)", "atan2(y, x)"),
    ("np.hypot(x, y)", "hypot(x, y)"), ("sympy.Abs(x)", "abs(x)"), ("math.log(x, 2)", "log(x, 2)"),
    ("np.sin(x)np.cos(y)", "sin(x)*cos(y)"), ("tf.math.erf(x)", "erf(x)"), ("scipy.special.erf(x)", "erf(x)"),
    # full-width and styled characters
    ("ｘ＋１", "x + 1"), ("ｓｉｎ（ｘ）", "sin(x)"), ("ｘ＊＊２", "x**2"), ("２＊ｘ＾２－ｙ", "2*x^2 - y"),
    ("（ｘ＋１）／２", "(x + 1)/2"), ("ｍａｘ（ｘ，ｙ）", "max(x, y)"), ("ｘ　＋　ｙ", "x + y"),
    ("ｗｈｅｒｅ（ｘ＜０，１，２）", "where(x < 0, 1, 2)"), ("０．５ｘ", "0.5*x"),
    ("ｘ［０］＋ｘ［１］", "x0 + x1"),
    ("ｘ１²", "x1**2"), ("𝑥² + 𝑦²", "x**2 + y**2"), ("𝐱", "x"), ("x\u00a0+ 1", "x + 1"), ("x\u2009y", "x*y"),
    ("ϕ + ϵ + ϑ", "phi + epsilon + theta"), ("µ*Ω", "mu*Omega"), ("ｙ＝ｘ＾２", "x^2"), ("ｘ％２", "x % 2"),
    # operators and brackets
    ("x⋅y", "x*y"), ("x∗y", "x*y"), ("2⋅x∗y", "2*x*y"), ("√x", "sqrt(x)"), ("∛x", "cbrt(x)"),
    ("∛(x+1) y", "cbrt(x + 1)*y"), ("√(x)y", "sqrt(x)*y"), ("2∛x", "2*cbrt(x)"), ("½", "1/2"),
    ("½x", "(1/2)*x"), ("½ x² + ¾y", "(1/2)*x**2 + (3/4)*y"), ("x^½", "x^(1/2)"),
    ("⅔(x + 1)", "(2/3)*(x + 1)"),
    ("⌊x⌋", "floor(x)"), ("⌈x⌉", "ceil(x)"), ("⌊x + ½⌋ - x", "floor(x + 1/2) - x"), ("2⌊x⌋", "2*floor(x)"),
    ("⌊x⌋⌈y⌉", "floor(x)*ceil(y)"), ("⌊⌈x⌉/2⌋²", "floor(ceil(x)/2)**2"), ("sin(⌊x⌋)", "sin(floor(x))"),
    # products
    ("2πx", "2*pi*x"), ("pi x", "pi*x"), ("x e^x", "x*e^x"), ("x y", "x*y"), ("2 x y", "2*x*y"),
    ("x y^2", "x*y^2"), ("sin(x) y", "sin(x)*y"), ("x sin(x)", "x*sin(x)"), ("πr²", "pi*r**2"),
    ("a x + b y", "a*x + b*y"), ("e^x sin(x)", "e^x*sin(x)"), ("x^2 y", "x^2*y"), ("-x y", "-x*y"),
    ("x0 x1", "x0*x1"), ("2πx y", "2*pi*x*y"), ("x e^-x", "x*e^-x"), ("αβ", "alpha*beta"),
    ("x pi", "x*pi"), ("x/2 + y z", "x/2 + y*z"), ("(x + y) z", "(x + y)*z"),
    # powers of functions, roots, remainders
    ("sin^2(x)", "sin(x)**2"), ("sin²(x)", "sin(x)**2"), ("sin**2(x)", "sin(x)**2"),
    ("sin^2(x) + cos^2(y)", "sin(x)**2 + cos(y)**2"), ("sin²(x)cos²(y)", "sin(x)**2*cos(y)**2"),
    ("2sin^2(2x)", "2*sin(2*x)**2"), ("tanh^3(x)", "tanh(x)**3"), ("log^2(x)", "log(x)**2"),
    ("cos^n(x)", "cos(x)**n"), ("sin^2(x)^2", "(sin(x)**2)**2"), ("1/sin^2(x)", "1/sin(x)**2"),
    ("root(x, 2)", "sqrt(x)"), ("root(x, 3)", "cbrt(x)"), ("root(x, 4)", "x**(1/4)"),
    ("root(x, 5)", "sign(x)*abs(x)**(1/5)"), ("nthroot(x, 3)", "cbrt(x)"), ("2root(x, 3)", "2*cbrt(x)"),
    ("x mod 2", "x % 2"), ("x mod (y + 1)", "x % (y + 1)"), ("2x mod 3 + 1", "2*x % 3 + 1"),
    ("2mod(x, 3)", "2*mod(x, 3)"), ("mod(x, 2) mod 2", "mod(x, 2) % 2"),
    # headings
    ("y = x^2", "x^2"), ("z = x*y", "x*y"), ("f(x, y) = x*y", "x*y"), ("f(x) = x^2", "x^2"),
    ("f := x^2", "x^2"),
    ("y := 2x", "2*x"), ("loss = x^2", "x^2"), ("E = x^2/2", "x^2/2"), ("f(x,y)=x y", "x*y"),
    ("lambda x, y: x*y", "x*y"), ("lambda x: x**2", "x**2"), ("lambda x: x[0]*x[1]", "x0*x1"),
    ("g(θ) = sin(θ)", "sin(theta)"), ("f(x_1, x_2) = x_1*x_2", "x_1*x_2"), ("λ*x", "lambda*x"),
    ("z = f(x, y) = x*y", "x*y"), ("def f(x):\n    return x[0]**2 + x[1]**2", "x0**2 + x1**2"),
    ("def loss(x, y): return np.exp(x)*y", "exp(x)*y"), ("A sin(ωt + φ)", "A*sin(omega*t + phi)"),
    ("log₂(x)", "log2(x)"), ("ℯ^x", "e^x"), ("10^-3 x", "10^-3*x"), ("x(x-1)(x-2)", "x*(x-1)*(x-2)"),
    ("√(x² + y²)", "sqrt(x**2 + y**2)"), ("math.sqrt(x[0]**2 + x[1]**2)", "sqrt(x0**2 + x1**2)"),
    # LaTeX
    (r"\frac{x^2}{20} + y^2", "x^2/20 + y^2"), (r"\dfrac{1}{2} x", "(1/2)*x"), (r"\frac12 x^2", "(1/2)*x^2"),
    (r"\frac{x + 1}{y}", "(x + 1)/y"), (r"x\frac{1}{2}", "x*(1/2)"), (r"\frac xy", "x/y"),
    (r"\frac{\frac{x}{2}}{3}", "(x/2)/3"), (r"\sin(x)", "sin(x)"), (r"\sin x", "sin(x)"),
    (r"\sin{x}", "sin(x)"), (r"\sin\left(x\right)", "sin(x)"), (r"\sin 2x", "sin(2*x)"),
    (r"\sin x \cos y", "sin(x)*cos(y)"), (r"\sin x + \cos y", "sin(x) + cos(y)"), (r"\sin x^2", "sin(x^2)"),
    (r"\sin^2 x", "sin(x)^2"), (r"\sin^{2}(x)", "sin(x)^2"), (r"\sin(2\pi x)", "sin(2*pi*x)"),
    (r"2\pi x", "2*pi*x"), (r"\sin \pi x", "sin(pi*x)"), (r"\sin\frac{x}{2}", "sin(x/2)"),
    (r"\sqrt{x}", "sqrt(x)"), (r"\sqrt[3]{x}", "cbrt(x)"), (r"\sqrt[4]{x}", "x**(1/4)"),
    (r"\sqrt x", "sqrt(x)"),
    (r"\sqrt{x^2 + y^2}", "sqrt(x^2 + y^2)"), (r"2\sqrt{x}y", "2*sqrt(x)*y"), (r"\sqrt{x}^3", "sqrt(x)^3"),
    (r"x_{0}^{2}", "x0^2"), (r"x_0^{2} + x_{1}", "x0^2 + x1"),
    (r"\theta_1 + \theta_{2}", "theta1 + theta2"), (r"x_{a}", "x_a"),
    (r"\left( x + 1 \right)^2", "(x + 1)^2"),
    (r"\left[ x + 1 \right] y", "(x + 1)*y"), (r"2 \cdot x \times y", "2*x*y"), (r"e^{-x^2}", "e^(-x^2)"),
    (r"e^{-x}y", "e^(-x)*y"), (r"\ln x", "log(x)"), (r"\ln(x) y", "log(x)*y"), (r"\exp(-x)", "exp(-x)"),
    (r"\left| x \right|", "abs(x)"), (r"\lvert x - y \rvert^2", "abs(x - y)^2"),
    (r"\frac{|x|}{2}", "abs(x)/2"),
    (r"\left|x\right|\left|y\right|", "abs(x)*abs(y)"),
    (r"\alpha x + \beta", "alpha*x + beta"), (r"\varepsilon", "epsilon"), (r"\lambda x", "lambda*x"),
    (r"xy e^{-xy}", "x*y*e^(-x*y)"), (r"x^2y + \pi", "x^2*y + pi"), (r"\max(x, y)", "max(x, y)"),
    (r"\min\{x, y\}", "min(x, y)"), (r"\log_2 x", "log2(x)"), (r"\log_{10}(x)", "log10(x)"),
    (r"\log_{3}(x)", "log(x, 3)"), (r"\operatorname{relu}(x)", "relu(x)"), (r"\mathrm{e}^{x}", "e^x"),
    (r"\lfloor x \rfloor", "floor(x)"), (r"\lceil x \rceil", "ceil(x)"), (r"x \bmod 2", "x % 2"),
    (r"\arctan x", "atan(x)"), (r"\tanh\left(\frac{x}{2}\right)", "tanh(x/2)"), (r"x \, y \quad z", "x*y*z"),
    (r"$x^2 + y^2$", "x^2 + y^2"), (r"\(x^2\)", "x^2"), (r"f(x, y) = x^2 \cdot y", "x^2*y"),
    (r"-\frac{x}{2}", "-(x/2)"),
    (r"\mathrm{where}(x \leq 0, -x, x^{2})", "where(x <= 0, -x, x^2)"),
    (r"L(\theta) = \theta^{2}", "theta^2"),
    (r"(1 - x)^2 + 100\left(y - x^2\right)^2", "(1 - x)^2 + 100*(y - x^2)^2"),
    (r"x_0x_1 + {x_0}^{2}", "x0*x1 + x0^2"), (r"\mathcal{L} = x_0y^{2}", "x0*y^2"),
    (r"20 + x^2 - 10\cos(2 \pi x)", "20 + x^2 - 10*cos(2*pi*x)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), SPELLINGS)
def test_a_spelling_has_the_tree_of_the_plain_one(text, plain):
    """And each of its parts has its place inside the text that was typed."""
    tree = parse(text)
    assert shape(tree) == shape(parse(plain))
    assert all(0 <= node.start <= node.stop <= len(text) for node in walk(tree))
    for node in walk(tree):
        for part in node.args if isinstance(node, Op) else ():
            assert node.start <= part.start <= part.stop <= node.stop


def test_there_are_many_spellings():
    """The table has the inputs of every kind that people were seen to type."""
    assert len(SPELLINGS) >= 120
    assert len({text for text, _ in SPELLINGS}) == len(SPELLINGS)


AT = {"x": 0.7, "y": 1.3, "x0": 0.4, "x1": -1.1}
VALUES = [
    (r"\frac{x^2}{20} + y^2", 0.7**2 / 20 + 1.3**2), ("x[0]**2 + x[1]**2", 0.4**2 + 1.1**2),
    ("½x + ⌊3x⌋", 0.35 + math.floor(2.1)), ("sin²(x)", math.sin(0.7) ** 2),
    ("root(-y, 3)", -(1.3 ** (1 / 3))),
    ("root(-y, 5)", -(1.3**0.2)), ("root(y, 4)", 1.3**0.25), ("2πx", 2 * math.pi * 0.7),
    ("x e^x", 0.7 * math.exp(0.7)), ("y mod x", 1.3 % 0.7), (r"\log_3 y", math.log(1.3, 3)),
    (r"\left| x_1 \right|", 1.1), (r"\sqrt[3]{-y}", -(1.3 ** (1 / 3))), ("⅞y", 0.875 * 1.3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_spelling_has_the_value_of_python(text, value):
    """Python's own functions say what was meant."""
    from gradviz.fields.field import field

    found = field(text)
    assert float(found([AT[name] for name in found.variables])) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("f(y, x) = x - y", ("y", "x")), ("lambda x1, x0: x0*x1", ("x1", "x0")),
        ("f(x, y, z) = x", ("x", "y", "z")),
        ("lambda p: p[1]*p[0]", ("p0", "p1")), ("f(rate, time) = rate*time", ("rate", "time")),
        ("lambda p, q: p[0]*q", ("p0", "q")), ("y = x10 + x2", ("x2", "x10")), ("f = y*x", ("x", "y")),
        (r"f(y, x) = \frac{x}{y}", ("y", "x")),
    ],
)  # fmt: skip
def test_the_arguments_that_are_named_are_the_variables_in_their_order(text, variables):
    """As `vars` gives it, which goes before them; a parameter among them is none."""
    assert read(text).variables == variables
    assert read(text, variables=sorted(variables)).variables == tuple(sorted(variables))
    first, *others = variables
    if first[-1].isalpha() and first in text.partition("=")[2]:
        assert read(text, parameters={first: 1.0}).variables == tuple(others)


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("ｓｉｎ（ｘ", (3, 4)), ("ｘ＋＋＊ｙ", (3, 4)), (r"\frac{x}{y", (8, 9)), (r"\sin(x", (4, 5)),
        (r"\left(x + \foo", (10, 14)), (r"x \cdot \cdot y", (8, 13)), ("f(x, y) = x + rate", (14, 18)),
        ("root(x, 1)", (8, 9)), ("½½", (1, 2)), ("⌊x", (0, 1)), ("⌊x⌉", (2, 3)),
        ("x[0", (1, 2)), ("y = z + 1 = x", (10, 11)), ("lambda x, y: x +", (16, 17)), ("np.foo(x)", (0, 6)),
        (r"\left|x\right)", (7, 14)), ("root(x, y)", (8, 9)), ("1/2 x", (2, 5)), (r"x^{2", (2, 3)),
        ("2 3", (2, 3)), (r"\sin", (0, 4)),
    ],
)  # fmt: skip
def test_carets_stand_under_what_was_typed(text, culprit):
    """Whatever it is read as."""
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.start, caught.value.stop) == culprit
    assert caught.value.text == text


def calls(text):
    """Return the number of calls of Python functions while a text is parsed, or refused."""
    count = 0

    def profile(_frame, event, _argument):
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        parse(text)
    except ExpressionError:
        pass
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "part",
    [
        "x[0] + ", "np.sin(x) ", "ｘ＋", "½x + ", "⌊x⌋", "x y ", "sin^2(x)", "root(x, 3) + ", "2mod(x, 3)",
        r"\frac{x}{2} ", r"\sin x ", r"\left|x\right| ", r"x_{0}^{2} ", "xy + ", "xsin(x) + ", "x mod 2 + ",
        r"\sqrt[3]{x} ", r"\text ", "x?", "y^(", "np.sum(x)*", "xy^x^", "{x}", r"\log_2 x ", "f(x) = ", "x, ",
    ],
)  # fmt: skip
def test_the_work_of_parsing_grows_with_the_length_of_the_text(part):
    """A text of twice the length takes at most some two and a half times as many calls."""
    short, long = (calls("+" + part * (size // len(part)) + "x") for size in (1500, 3000))
    assert long <= 2.5 * short + 500


def test_a_description_has_a_formula_without_its_heading_and_without_commands_of_latex():
    """An alternative text is read aloud: it has the plain notation, and one f(x, y) =."""
    for text, plain in [
        (r"f(x, y) = \frac{x^2}{20} + \sin^2 y", "f(x, y) = x**2/20 + sin(y)**2"),
        ("z = x y", "f(x, y) = x y"),
    ]:
        assert plain_formula(gradviz.Contour(expression=text).reading) == plain


@pytest.mark.parametrize(
    ("typed", "name"),
    [("x[0]", "x0"), ("x_{12}", "x12"), ("θ[1]", "theta1"), ("ｘ１", "x1"), ("rate", "rate")],
)
def test_a_declared_name_may_be_in_the_notation_of_expressions(typed, name):
    """An option such as -r x[0]=0:1 names the variable of x[0]**2."""
    assert check_name(typed) == name


@pytest.mark.parametrize("typed", ["x[0", "x[0]y", "x[a]", "[0]", "x[0]x[1]", "x_{0"])
def test_what_is_no_index_is_no_name(typed):
    """Only one index, of digits, behind one name."""
    with pytest.raises(RequestError):
        check_name(typed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ｚ＝ｘ", False), (r"f\left(x, y\right) = x y", False), (r"L(\theta, x) = \theta x", False),
        ("z := x", False),
        ("z = f(x, y) = x", False), ("lambda x, y: x*y", False), ("x ＝ 1", True),
        (r"\frac{x^2}{4} + y^2 = 1", True),
        (r"\sin(x) = y", True), ("y = x^2", True),
    ],
)  # fmt: skip
def test_an_equation_of_a_contour_is_told_from_a_heading(text, expected):
    """Only z and f(x, y) are headings there, in whatever characters they were typed."""
    assert has_equations(text) == expected
