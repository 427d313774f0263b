"""Trees printed as mathtext, MathML and NumPy source, and derivatives as text."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser

import gradviz
from gradviz.fields.field import field
from gradviz.fields.text import derivative_text, remarks
from gradviz.language import tables as language
from gradviz.language.parser import parse
from gradviz.language.tree import Num, Op, Var, walk
from gradviz.printing.numpy_source import NumpySource
from gradviz.printing.typesetting import MATHML, MATHTEXT, displayed
from gradviz.printing.typesetting import math as math_element

DECLARED = ("rate", "learning_rate", "a_b_c", "x1y2")
POINT = {"x": 0.7, "y": -1.3, "z": 2.1, "a": 1.7, "b": 0.6, "c": -0.4}


def typeset(text):
    return MATHTEXT.text(parse(text, DECLARED))


def drawn(mathematics):
    """Let Matplotlib lay out some mathtext, and return its width in points."""
    return MathTextParser("path").parse(f"${mathematics}$", dpi=72)[0]


# A reader of mathtext, by the conventions of printed mathematics and knowing nothing of gradviz ---------

TOKEN = re.compile(
    r"\\left\\lfloor|\\right\\rfloor|\\left\||\\right\||\\left\(|\\right\)|"
    r"\\mathrm\{mod\}|\\sqrt\[3\]|\\[a-z]+|\\,|\d+\.?\d*|[a-z]|[-+^_{}(),/]"
)
CALLS = {
    **{rf"\{called}": getattr(math, called) for called in ("sin", "cos", "tan", "tanh", "exp", "log")},
    r"\max": max,
    r"\min": min,
    r"\mathrm{mod}": lambda a, b: a % b,
}
GROUPS = {r"\frac": lambda a, b: a / b, r"\sqrt": math.sqrt, r"\sqrt[3]": math.cbrt}
AROUND = {
    r"\left(": (r"\right)", float),
    r"\left|": (r"\right|", abs),
    r"\left\lfloor": (r"\right\rfloor", math.floor),
}
CONSTANTS = {r"\pi": math.pi, r"\tau": math.tau, "e": math.e}


class Reader:
    """Evaluates mathtext: what stands together is multiplied, and a sign binds looser than a product."""

    def __init__(self, mathematics):
        self.tokens = [*TOKEN.findall(mathematics), "end"]

    def _take(self, *tokens):
        return self.tokens.pop(0) if self.tokens[0] in tokens else None

    def _need(self, token):
        assert self._take(token), f"{token} is needed before {self.tokens}"

    def sum(self):
        """Read: [-] product {+ product | - product}."""
        total = -self._product() if self._take("-") else self._product()
        while sign := self._take("+", "-"):
            total += self._product() * (1 if sign == "+" else -1)
        return total

    def _product(self):
        total = self._power()
        while True:
            if self._take("/"):
                total /= self._power()
            dot = self._take(r"\cdot")
            self._take(r"\,")
            following = self.tokens[0]
            if not dot and (following in ("+", "-", "}", ",", "end") or following.startswith(r"\right")):
                return total
            assert dot or not following[0].isdigit(), f"{following} would run into what stands before it"
            total *= self._power()

    def _power(self):
        value = self._atom()
        if self._take("^"):
            value **= self._group()
            assert self.tokens[0] != "^", "a double exponent"
        return value

    def _group(self):
        self._need("{")
        value = self.sum()
        self._need("}")
        return value

    def _arguments(self):
        self._need(r"\left(")
        found = [self.sum()]
        while self._take(","):
            found.append(self.sum())
        self._need(r"\right)")
        return found

    def _atom(self):
        token = self.tokens.pop(0)
        if token in AROUND:
            closing, meaning = AROUND[token]
            value = meaning(self.sum())
            self._need(closing)
            return value
        if token in GROUPS:
            groups = [self._group() for _ in range(2 if token == r"\frac" else 1)]
            return GROUPS[token](*groups)
        if token in CALLS:
            exponent = self._group() if self._take("^") else 1
            return CALLS[token](*self._arguments()) ** exponent
        return float(token) if token[0].isdigit() else (CONSTANTS | POINT)[token]


def meant(mathematics):
    """Return the value that a reader of some mathtext would find."""
    reader = Reader(mathematics)
    value = reader.sum()
    assert reader.tokens == ["end"], reader.tokens
    return value


def test_the_reader_of_this_test_reads_what_is_printed():
    """An oracle is tried on what everybody can check."""
    assert meant(r"2\, x + 1") == 2 * 0.7 + 1
    assert meant(r"-x^{2}") == -(0.7**2)
    assert meant(r"\left(-x\right)^{2}") == pytest.approx(0.7**2)
    assert meant(r"\frac{a}{b\, c}") == 1.7 / (0.6 * -0.4)
    assert meant(r"\frac{1}{2} x") == 0.35
    assert meant(r"\sin^{2}\left(x\right) \cdot 3") == math.sin(0.7) ** 2 * 3
    assert meant(r"10^{-2}\,\left\lfloor \frac{7}{2}\right\rfloor") == pytest.approx(0.03)
    for wrong in (r"10^{-5}^{x}", r"2\, 3", r"2 x + "):
        with pytest.raises((AssertionError, IndexError, KeyError)):
            meant(wrong)


# What is typeset -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "mathematics"),
    [
        ("x0**2 + x1**2", "x_{0}^{2} + x_{1}^{2}"),
        ("(a+b)*c", r"\left(a + b\right)\,c"),
        ("a-(b-c)", r"a - \left(b - c\right)"),
        ("a-b-c", "a - b - c"),
        ("a+(-b)", "a - b"),
        ("a-(-b)", r"a - \left(-b\right)"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("-x**2", "-x^{2}"),
        ("-(a+b)", r"-\left(a + b\right)"),
        ("-2*x", r"-2\, x"),
        ("1/2*x", r"\frac{1}{2} x"),
        ("x/2", r"\frac{x}{2}"),
        ("a/(b*c)", r"\frac{a}{b\, c}"),
        ("a/b/c", r"\frac{a}{b\, c}"),
        ("(a/b)/c", r"\frac{\frac{a}{b}}{c}"),
        ("a/(b/c)", r"\frac{a}{\frac{b}{c}}"),
        ("(a/b)**2", r"\left(\frac{a}{b}\right)^{2}"),
        ("a**b**c", "a^{b^{c}}"),
        ("((a**b)**c)**2", r"\left(\left(a^{b}\right)^{c}\right)^{2}"),
        ("exp(x)**y", r"\left(e^{x}\right)^{y}"),
        ("x // (y*z)", r"\left\lfloor \frac{x}{y\, z}\right\rfloor"),
        ("(a**b)**c", r"\left(a^{b}\right)^{c}"),
        ("2**-x", "2^{-x}"),
        ("2*3*x", r"2 \cdot 3\, x"),
        ("x*2", r"x \cdot 2"),
        ("sin(x)**2", r"\sin^{2}\left(x\right)"),
        ("sin(x)**-1", r"\left(\sin\left(x\right)\right)^{-1}"),
        ("sin(x**2)", r"\sin\left(x^{2}\right)"),
        ("exp(-x**2)", "e^{-x^{2}}"),
        ("exp(x)**2", r"\left(e^{x}\right)^{2}"),
        ("sqrt(x+1)", r"\sqrt{x + 1}"),
        ("cbrt(x)", r"\sqrt[3]{x}"),
        ("abs(x)", r"\left|x\right|"),
        ("floor(x)", r"\left\lfloor x\right\rfloor"),
        ("ceil(x)", r"\left\lceil x\right\rceil"),
        ("log(x, 2)", r"\log_{2}\left(x\right)"),
        ("log10(x)", r"\log_{10}\left(x\right)"),
        ("max(x, y)", r"\max\left(x, y\right)"),
        ("asin(x)", r"\mathrm{arcsin}\left(x\right)"),
        ("x % 3", r"\mathrm{mod}\left(x, 3\right)"),
        ("2*pi*e", r"2\, \pi\, e"),
        ("tau", r"\tau"),
        ("theta + alpha_1", r"\theta + \alpha_{1}"),
        ("x if x > 0 else y", r"x\;\mathrm{if}\;x > 0,\;y\;\mathrm{else}"),
        ("Piecewise((x, x <= 0))", r"x\;\mathrm{if}\;x \leq 0"),
        (
            "where(x >= 0 or y != 0, 1, 2)",
            r"1\;\mathrm{if}\;x \geq 0\;\mathrm{or}\;y \neq 0,\;2\;\mathrm{else}",
        ),
        ("where(not x == 0, 1, 2)", r"1\;\mathrm{if}\;\mathrm{not}\;\left(x = 0\right),\;2\;\mathrm{else}"),
        ("1 + (x if x > 0 else y)", r"1 + \left(x\;\mathrm{if}\;x > 0,\;y\;\mathrm{else}\right)"),
    ],
)
def test_a_formula_is_set_as_it_would_be_printed(text, mathematics):
    """In the order in which it was typed, with brackets where they are needed and nowhere else."""
    assert typeset(text) == mathematics


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(a+b)*c", (1.7 + 0.6) * -0.4),
        ("a-(b-c)", 1.7 - (0.6 - -0.4)),
        ("a-(b+c)", 1.7 - (0.6 + -0.4)),
        ("(-x)**2", 0.7**2),
        ("-x**2", -(0.7**2)),
        ("1/2*x", 0.35),
        ("1/(2*x)", 1 / 1.4),
        ("a/(b*c)", 1.7 / (0.6 * -0.4)),
        ("a/b*c", 1.7 / 0.6 * -0.4),
        ("(a/b)/c", 1.7 / 0.6 / -0.4),
        ("a/(b/c)", 1.7 / (0.6 / -0.4)),
        ("-a/b", -1.7 / 0.6),
        ("-a*b", -1.7 * 0.6),
        ("-(a*b)", -1.7 * 0.6),
        ("(-a)*(-b)", 1.7 * 0.6),
        ("x*-y", 0.7 * 1.3),
        ("x--y", 0.7 - 1.3),
        ("2*3*x*4", 24 * 0.7),
        ("2/3*x*5/7", 2 / 3 * 0.7 * 5 / 7),
        ("2*10**x", 2 * 10**0.7),
        ("x*1e-7", 0.7e-7),
        ("1e7*2", 2e7),
        ("1e-5**x", 1e-5**0.7),
        ("1.5e7**x", 1.5e7**0.7),
        ("1e6**2", 1e12),
        ("2**1e-7", 2**1e-7),
        ("pi**2*e**x", math.pi**2 * math.exp(0.7)),
        ("exp(x)*exp(-x)**2", math.exp(-0.7)),
        ("exp(x/2)**2", math.exp(0.7)),
        ("sin(x)*cos(x)", math.sin(0.7) * math.cos(0.7)),
        ("sin(x)**2*y", math.sin(0.7) ** 2 * -1.3),
        ("sin(x)**-2", math.sin(0.7) ** -2),
        ("(sin(x)**2)**0.5", math.sin(0.7)),
        ("log(x)**2", math.log(0.7) ** 2),
        ("max(x,y)**2", 0.49),
        ("sqrt(x)**3", 0.7**1.5),
        ("abs(y)**0.5", 1.3**0.5),
        ("7//2*x", 3 * 0.7),
        ("(a+b)/(c+x)*y", (1.7 + 0.6) / (-0.4 + 0.7) * -1.3),
        ("(x+y)(x-y)", 0.7**2 - 1.3**2),
        ("x(y+1)^2", 0.7 * 0.3**2),
        ("5 % 3 * x", 2 * 0.7),
    ],
)
def test_brackets_stand_where_leaving_them_out_would_mean_something_else(text, value):
    """Who reads the title finds the value of the formula."""
    assert meant(typeset(text)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("where(y > 0, 1, 2)", "where(x > 0, {}, 3)"),
        ("where(y > 0, 1, 2)", "where(x > 0, 3, {})"),
        ("1 if y > 0 else 2", "max(({}), 3)"),
        ("y > 0 and z > 0", "where(x > 0 or {}, 1, 2)"),
    ],
)
def test_a_choice_inside_another_is_bracketed(inner, outer):
    """Else nobody could tell to which of the two an `else` or a comma belongs."""
    piece = typeset(inner if "and" not in inner else f"where({inner}, 1, 2)")
    piece = re.search(r"y > 0\\;\\mathrm{and}\\;z > 0", piece)[0] if "and" in inner else piece
    assert rf"\left({piece}\right)" in typeset(outer.format(inner))


@pytest.mark.parametrize(
    ("variable", "mathematics"),
    [
        ("x", "x"), ("x0", "x_{0}"), ("x12", "x_{12}"), ("x_1", "x_{1}"), ("w_a", "w_{a}"),
        ("theta", r"\theta"), ("theta0", r"\theta_{0}"), ("theta_0", r"\theta_{0}"), ("Omega", r"\Omega"),
        ("rate", r"\mathrm{rate}"), ("a_b_c", r"\mathrm{a\_b\_c}"), ("x1y2", r"\mathrm{x1y2}"), ("I", "I"),
        ("lambda", r"\lambda"),
        ("rate2", r"\mathrm{rate}_{2}"),
    ],
)  # fmt: skip
def test_a_name_has_its_index_below_and_greek_letters(variable, mathematics):
    """Names of several letters stand upright, so they do not read as products."""
    assert MATHTEXT.name(variable) == mathematics
    assert drawn(MATHTEXT.name(variable)) > 0


def test_every_name_that_needs_no_declaration_can_be_drawn():
    """All Greek letters among them."""
    for variable in {*language.GREEK.values()} | set("abcdfghijklmnopqrstuvwxyzABCDFGHIJKLMNOPQRSTUVWXYZ"):
        assert drawn(MATHTEXT.name(variable)) > 0
        assert drawn(MATHTEXT.name(f"{variable}_7")) > drawn(MATHTEXT.name(variable))


@pytest.mark.parametrize(
    ("value", "mathematics"),
    [
        (0.0, "0"), (2.0, "2"), (-2.5, "-2.5"), (0.1, "0.1"), (1 / 3, "0.333333"), (100000.0, "100000"),
        (1e6, "10^{6}"), (2.5e7, r"2.5 \cdot 10^{7}"), (1e-5, "10^{-5}"), (-3e300, r"-3 \cdot 10^{300}"),
        (0.0001, "0.0001"),
    ],
)  # fmt: skip
def test_a_number_has_at_most_six_digits(value, mathematics):
    """And a power of ten is raised."""
    assert MATHTEXT.number(value) == mathematics


def test_terms_are_where_a_long_formula_may_be_broken():
    """Joined by blanks they are the formula, each with its sign; anything but a sum is one term."""
    assert MATHTEXT.terms(parse("x - y*z + (a - b)")) == ["x", r"- y\, z", r"+ \left(a - b\right)"]
    assert MATHTEXT.terms(parse("-x - y")) == ["-x", "- y"]
    assert MATHTEXT.terms(parse("(x + y)*2")) == [typeset("(x + y)*2")]
    assert " ".join(MATHTEXT.terms(parse("x - y + 2*z"))) == typeset("x - y + 2*z")


def test_only_the_outermost_fractions_are_displayed():
    """Those inside braces stay small, as they have to fit there."""
    assert displayed(r"\frac{a}{b} + x") == r"\dfrac{a}{b} + x"
    assert displayed(r"\frac{\frac{a}{b}}{c}") == r"\dfrac{\frac{a}{b}}{c}"
    assert displayed(r"x^{\frac{a}{b}} + \frac{a}{b}") == r"x^{\frac{a}{b}} + \dfrac{a}{b}"
    assert displayed("x^{2}") == "x^{2}"


# Whatever is typed can be drawn ------------------------------------------------------------------------


@pytest.mark.parametrize("function", language.FUNCTIONS)
def test_every_function_can_be_drawn(function):
    """Alone, raised, divided and as a factor."""
    entry = language.FUNCTIONS[function]
    call = f"{function}({', '.join('xyz'[: entry.most or 3])})"
    for text in (call, f"{call}**2", f"1/{call}", f"2*{call}*x - {call}", f"2**{call}"):
        assert drawn(typeset(text)) > 0


@pytest.mark.parametrize(
    "text",
    [
        "rate*learning_rate + a_b_c*x1y2", "x if x > 0 else -x", "where(x > 0 and not y > 0 or z == 1, 1, 2)",
        "where(True, x, y)", "Piecewise((x, x < 0), (y, x < 1))", "1e-300*x", "1e5x", "x // y % z",
        "π·√2·θ₁²", "1e-5**x", "where(False or x > 0, 1, 2)", "0.1*x**-0.5",
    ],
)  # fmt: skip
def test_all_of_the_language_can_be_drawn(text):
    """Matplotlib accepts the mathtext of every construction."""
    assert drawn(typeset(text)) > 0


@pytest.mark.parametrize("before", ["sin(", "sqrt(", "1/(1+", "x^(", "-(1+", "exp(", "2*(1-", "max(1,"])
def test_ten_levels_can_be_drawn(before):
    """Matplotlib's own parser is recursive and takes some 13 to 30 levels, depending on what is nested."""
    assert drawn(typeset(before * 10 + "x" + ")" * 10)) > 0


@pytest.mark.parametrize(
    ("before", "levels"), [("sin(", 50), ("1/(1+", 50), ("x^(", 25), ("-(1+", 25), ("√(", 25)]
)
def test_a_title_does_not_overflow_the_stack(before, levels):
    """A formula that is accepted can be drawn, however deep it is, be it with a simpler title."""
    spec = gradviz.Tangent(expression=before * levels + "x" + ")" * levels, range=(0.5, 1, 0.25), at=0.5)
    gradviz.render(spec)


@pytest.mark.parametrize("before", ["exp(", "sin(", "sqrt(", "abs(", "2*(", "1/(1+", "log(", "(1-"])
def test_the_time_to_typeset_grows_with_the_formula_only(before, within):
    """No part is set twice for each level around it."""
    with within(1):
        typeset(before * 40 + "1/x" + ")" * 40)


NUMBERS = st.sampled_from(["2", "3", "0.5", "10", "1e6", "2.5e-7", "pi", "e"])
LEAVES = st.one_of(st.sampled_from("xyzabc"), NUMBERS)
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({}) {} ({})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({}) {} {}".format, inner, st.sampled_from("+-*/"), LEAVES),
        st.builds("{} {} ({})".format, LEAVES, st.sampled_from("+-*/"), inner),
        st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "-1", "(1/2)", "(2*2)", "-(2)"])),
        st.builds("-({})".format, inner),
        st.builds(
            "{}({})".format, st.sampled_from(["sin", "cos", "tanh", "abs", "sqrt", "exp", "floor"]), inner
        ),
        st.builds("max({}, {})".format, inner, inner),
    ),
    max_leaves=10,
)


def evaluated(node):
    """Evaluate a tree with `math`; give up where it is not a number of moderate size, or near a jump."""
    if isinstance(node, Num):
        return node.value
    if isinstance(node, Var):
        return POINT[node.name]
    values = [evaluated(argument) for argument in node.args]
    try:
        match node.name:
            case "add":
                value = sum(values)
            case "mul":
                value = math.prod(values)
            case "neg":
                value = -values[0]
            case "reciprocal":
                value = 1 / values[0]
            case "power":
                value = values[0] ** values[1]
            case "floor":
                assume(abs(values[0] - round(values[0])) > 1e-3)
                value = math.floor(values[0])
            case _:
                value = {"abs": abs, "max": max}.get(node.name, getattr(math, node.name, None))(*values)
    except (ZeroDivisionError, OverflowError, ValueError):
        assume(False)
    assume(not isinstance(value, complex) and 1e-4 < abs(value) < 1e8)
    return value


def tree_of(text):
    try:
        return parse(text)
    except ValueError:  # a constant part that is no number
        assume(False)
    return None


@settings(max_examples=150, derandomize=True, deadline=None)
@given(TEXTS)
def test_any_formula_is_set_so_that_it_means_what_was_typed(text):
    """The value that a reader of the title finds is the value of the tree."""
    tree = tree_of(text)
    expected = evaluated(tree)
    assert meant(MATHTEXT.text(tree)) == pytest.approx(expected, rel=1e-5, abs=1e-3), MATHTEXT.text(tree)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(TEXTS)
def test_any_formula_can_be_drawn(text):
    """Matplotlib accepts it whole, in terms and with displayed fractions."""
    tree = tree_of(text)
    assert drawn(MATHTEXT.text(tree)) > 0
    assert all(drawn(displayed(term)) > 0 for term in MATHTEXT.terms(tree))


# MathML ------------------------------------------------------------------------------------------------

ELEMENTS = json.loads((Path(__file__).parents[1] / "data" / "mathml.json").read_text(encoding="utf-8"))
PREFIX_MINUS = '<mo form="prefix">\N{MINUS SIGN}</mo>'


def rendered(element, form="infix"):
    """Return an element as a browser takes it: with the form of signs, without rows of a single element."""
    if element.tag == "mo":
        return ("mo", element.text, element.get("form", form))
    last = len(element) - 1
    forms = ["infix" if not last else {0: "prefix", last: "postfix"}.get(k, "infix") for k in range(last + 1)]
    inner = [rendered(child, form) for child, form in zip(element, forms, strict=True)]
    if element.tag == "mrow" and len(inner) == 1:
        return inner[0]
    return (element.tag, element.text, sorted(element.items()), inner)


def test_the_table_of_mathml_has_every_function():
    """No function of the language is left out."""
    used = {node.name for text in ELEMENTS for node in walk(parse(text, DECLARED)) if isinstance(node, Op)}
    operators = {
        "add",
        "neg",
        "mul",
        "reciprocal",
        "power",
        "floordiv",
        "where",
        "undefined",
        "not",
        "and",
        "or",
    }
    assert used >= language.FUNCTIONS.keys() | operators | set(language.COMPARISONS.values())


@pytest.mark.parametrize("text", ELEMENTS)
def test_mathml_is_rendered_as_the_translated_mathtext_was(text):
    """The table is mathtext translated token by token; there, a minus after a fence or a space was infix."""
    printed = math_element(MATHML.text(parse(text, DECLARED)))
    translated = re.sub(
        "(<mrow><mo>[(|\N{LEFT FLOOR}\N{LEFT CEILING}]</mo>|</mspace>)<mo>\N{MINUS SIGN}</mo>",
        rf"\1{PREFIX_MINUS}",
        ELEMENTS[text],
    )
    assert rendered(ET.fromstring(printed)) == rendered(ET.fromstring(translated))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x0**2", "x02"),
        ("1/3*x - 2e-7", "13x\N{MINUS SIGN}2\N{DOT OPERATOR}10\N{MINUS SIGN}7"),
        ("cbrt((x + y)*z)", "(x+y)z3"),
        ("sqrt(abs(x))", "|x|"),
        ("sin(theta)**2", "sin2(θ)"),
        ("where(x < y, x, 1)", "xifx<y,1else"),
        ("floor(x)", "⌊x⌋"),
        ("where(a_b_c <= -1, x, y)", "xifa_b_c≤\N{MINUS SIGN}1,yelse"),
    ],
)
def test_mathml_is_well_formed(text, shown):
    """MathML is XML, and has each character of the formula once, in its order."""
    root = ET.fromstring(math_element(MATHML.text(parse(text, DECLARED))))
    assert root.tag == "math"
    assert "".join(root.itertext()) == shown
    for element in root.iter():
        assert len(element) in {"msub": {2}, "msup": {2}, "mfrac": {2}, "mroot": {2}, "msubsup": {3}}.get(
            element.tag, {len(element)}
        )


def test_terms_are_the_same_alone_and_in_a_row():
    """A sign states its form, so a term may stand in a formula of its own."""
    tree = parse("-x + y - z")
    assert "".join(MATHML.terms(tree)) == MATHML.text(tree)
    assert MATHML.terms(tree)[2] == '<mo form="infix">\N{MINUS SIGN}</mo><mi>z</mi>'
    assert MATHML.terms(tree)[0] == f"{PREFIX_MINUS}<mi>x</mi>"


# NumPy source ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("x0**2 + 3*x1", "x0**2 + 3*x1"),
        ("x - (y - z)/2", "x - (y - z)/2"),
        ("-(x + y)**-2", "-(x + y)**-2"),
        ("x**-y", "x**(-y)"),
        ("(x**y)**z", "(x**y)**z"),
        ("x % 2 * y", "(x % 2)*y"),
        ("x // 2 + y", "x // 2 + y"),
        ("2**60*x", "1.152921504606847e+18*x"),
        ("e*pi*tau", "np.e*np.pi*(2*np.pi)"),
        ("log(x) + log(x, 2)", "np.log(x) + np.log(x)/np.log(2)"),
        ("1/cot(x)", "1/(np.cos(x)/np.sin(x))"),
        ("max(x, y, z)", "np.maximum(x, np.maximum(y, z))"),
        ("relu(x)*heaviside(y)", "np.maximum(x, 0)*np.heaviside(y, 0.5)"),
        ("where(0 < x < 1 or not y > 2, x, y)",
         "np.where(((0 < x) & (x < 1)) | np.logical_not(y > 2), x, y)"),
        ("Piecewise((x, x < 0), (y, x < 1))", "np.select([x < 0, x < 1], [x, y], np.nan)"),
    ],
)  # fmt: skip
def test_numpy_source_has_the_parentheses_of_python(text, source):
    """Python's own precedences hold."""
    assert NumpySource(str).text(parse(text)) == source


def test_long_chains_are_printed_in_groups():
    """Python's compiler could not read a chain of thousands of operands."""
    tree = parse("+".join(f"x*{k}" for k in range(120)))
    (line,) = NumpySource(str).lines(tree)
    assert line.startswith("(x*0 + x*1 + ")
    assert line.count("(") == 3
    assert len(NumpySource(str).lines(parse("x - y + z"))) == 3


# Formulas as text --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "derivative"),
    [
        ("sin(x)", "cos(x)"),
        ("x**2", "2*x"),
        ("x**3", "3*x**2"),
        ("x", "1"),
        ("7*x", "7"),
        ("exp(x)", "exp(x)"),
        ("0.01*x**2 + 0.1*x", "0.02*x + 0.1"),
        ("x**2 + 3*x + 100", "2*x + 3"),
        ("log(x)", "1/x"),
        ("sqrt(x)", "1/(2*sqrt(x))"),
        ("abs(x)", "sign(x)"),
        ("1/x", "-1/x**2"),
        ("tanh(x)", "1/cosh(x)**2"),
        ("cot(x)", "-1/sin(x)**2"),
        ("sinh(x)/cosh(x)", "1/cosh(x)**2"),
        ("asin(x)", "1/sqrt(1 - x**2)"),
        ("acosh(2*x)", "2/sqrt(4*x**2 - 1)"),
        ("atanh(x)", "1/(1 - x**2)"),
        ("sigmoid(x)", "sigmoid(x)*sigmoid(-x)"),
        ("log2(x)", "1/(x*log(2))"),
        ("log10(x**2 + 1)", "2*x/((x**2 + 1)*log(10))"),
        ("erf(x)", "2*exp(-x**2)/sqrt(pi)"),
        ("exp(-x**2/2)/sqrt(2*pi)", "-x*exp(-0.5*x**2)/sqrt(2*pi)"),
        ("e^x", "exp(x)"),
        ("e^(-x**2)", "-2*x*exp(-x**2)"),
        ("2^x", "2**x*log(2)"),
        ("pi^x", "pi**x*log(pi)"),
        ("x^x", "x**x + x**x*log(x)"),
        ("x^(1/3)", "1/(3*x**(2/3))"),
        ("x^1.5", "1.5*sqrt(x)"),
        ("x**-0.5", "-1/(2*x**1.5)"),
        ("(x**0.5)**3*x", "1.5*sqrt(x)*sqrt(x)**2 + sqrt(x)**3"),
        ("3*pi*x", "3*pi"),
        ("x/3", "1/3"),
        ("x*pi/180", "pi/180"),
        ("sqrt(2)*x", "sqrt(2)"),
        ("x**2/2", "x"),
        ("0.3333*x", "0.3333"),
        ("1e-6*x", "1e-6"),
        ("(1-x)**2 + 100*(3 - x**2)**2", "2*x - 400*x*(3 - x**2) - 2"),
        ("sin(pi*x/2)", "pi*cos(pi*x/2)/2"),
        ("max(x, 0)", "where(x > 0, 1, 0)"),
        ("max(0, 1 - x)", "where(x < 1, -1, 0)"),
        ("min(x, 0)", "where(x < 0, 1, 0)"),
        ("max(x, -x)", "where(x > 0, 1, -1)"),
        ("relu(x)**2", "2*max(x, 0)*where(x > 0, 1, 0)"),
        ("clip(x, -1, 1)", "where(-1 < x < 1, 1, 0)"),
        ("min(x, x**2, 3)", "Piecewise((1, x < x**2 and x < 3), (2*x, x**2 < x and x**2 < 3), (0, True))"),
        ("where(x > 0, x**2, -x)", "where(x > 0, 2*x, -1)"),
        ("(x**x)**x - (x**x)**x + (x // 3)*x", "x//3"),
        ("silu(x)", "x*sigmoid(x)*sigmoid(-x) + sigmoid(x)"),
        ("elu(x)", "where(x > 0, 1, exp(x))"),
        ("leaky_relu(x)", "where(x > 0, 1, 0.01)"),
        ("logsumexp(x, 2*x)", "exp(x - logsumexp(x, 2*x)) + 2*exp(2*x - logsumexp(x, 2*x))"),
        ("sinc(x)", "-where(x != 0, (sin(x) - x*cos(x))/x**2, 0)"),
    ],
)
def test_a_derivative_is_told_in_the_language_of_expressions(text, derivative):
    """As one would write it; sin(x) has cos(x)."""
    assert field(text).derivative_texts == (derivative,)


CORNERS = [
    "Piecewise((x**2, x > 0))", "Piecewise((x**2, x > 0), (y**3, y > 0))", "where(x > 0 or 1 > 2, x**2, -x)",
    "where(x > 0 and 1 < 2, x**2, -x)", "where(not x > 0, x**2, y**2)", "where(x == y, x**2, x)", "x**y",
    "where(x != y, x*y, x)", "where(x >= 1 and y <= 2, x**2, y)", "max(x, y**2, 3*x)", "clip(x**2, -1, y)",
    "mod(x, y)", "abs(x)**1.5", "x**-2.5", "x**0.5", "(x + y)**-3/4", "1e300*x**2", "1e-300*x**3",
    "cbrt(x*y)", "x**(1/3)", "log(x, 3) + log(3, x)", "atan2(y, x)", "123456789.123456789*x**2",
    "(2/3)*x**2*y", "-x/(y + 1)", "where(0 < x < 1, x**2, y)", "x**65*y**2", "hypot(x, y)/x",
    "relu(x)*softplus(y)", "erf(x)*sigmoid(y)", "silu(x)*y", "gelu(x)*y", "elu(x, 0.5)*elu(y)",
    "leaky_relu(x)*leaky_relu(y, 2)", "sinc(x + 5)*y", "logsumexp(x, y, x*y)",
    "where(x > 0 and y > -1 and x < y, x**2, y)", "where(x < -1 or y < -1 or x < y < 1 < x + 2, x*y, y)",
    "(abs(x)**y)**2", "sign(x)*x**2", "floor(x)*y", "sec(x)*csc(y) + cot(x)", "x % 2 * y",
    "x // 2 * y", "(-x)**0.5 + x**-1*y",
    "e^(x*y)", "x/sqrt(2*pi)*y", "y*log(7)*x", "x/7 + y*sqrt(3/5)", "max(x, -y, x*y)", "min(x - 1, 2*y)",
    "x*5.1/(4*pi**2)*y**2", "clip(2*x, -y, y + 3)", "cot(x)*y", "asin(x/2)*y", "acosh(3*x)", "y*x**x",
    "max(min(x, y), 0)", "tan(x)**2*y", "log2(x**2 + 1)", "x**1.5*x*y", "e*x + tau*y", "e**-x*y*1.5",
    "sinh(y)/cosh(y)*x", "cosh(y)/sinh(y)*x", "(x + 1)**-1.5*y", "10**(x/3)", "0.1234567890123*x + y/3*pi",
]  # fmt: skip


@pytest.mark.parametrize("text", CORNERS)
def test_a_derivative_reads_back_to_the_same_values(text):
    """Each corner of the language survives being written and read."""
    whole = field(text, variables=["x", "y"])
    points = np.random.default_rng(3).uniform(-2.5, 2.5, (200, 2))
    slopes = whole.gradient(points)
    for axis, derivative in enumerate(whole.derivative_texts):
        again = field(derivative, variables=["x", "y"])(points)
        inside = np.isfinite(whole(points))
        assert np.array_equal(np.isfinite(again[inside]), np.isfinite(slopes[inside, axis]))
        np.testing.assert_allclose(again[inside], slopes[inside, axis], rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize(
    "text", [text for text in CORNERS if "m" in text or "clip" in text or "relu" in text]
)
def test_a_derivative_with_ties_is_the_mean_at_a_tie_too(text):
    """Scripts have it: on a grid of whole and half numbers many arguments are equal."""
    whole = field(text, variables=["x", "y"])
    points = np.stack(np.meshgrid(*[np.arange(-2, 2.5, 0.5)] * 2), axis=-1)
    inside = np.isfinite(whole.gradient(points)).all(axis=-1)
    for axis, slope in enumerate(whole.derivatives):
        again = field(derivative_text(slope, exact=True), variables=["x", "y"])(points)
        np.testing.assert_allclose(again[inside], whole.gradient(points)[inside, axis], rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("max(x, 0)", "the mean of both values at x == 0"),
        ("relu(2*x - 1)", "the mean of both values at x == 0.5"),
        ("clip(x, -1, 1)", "the mean of both values at x == 1 or x == -1"),
        ("max(x, x**2, 3)", "the mean of both values at x == x**2 or x == 3 or x**2 == x or x**2 == 3"),
        ("x/x", "for x != 0"),
        ("sqrt(x) - sqrt(x) + (x - 1)/(x - 1)", "for x != 1 and x >= 0"),
        ("0*log(x)", "for x > 0"),
        ("0*asin(2*x)", "for -1 <= 2*x <= 1"),
        ("abs(x) + where(x > 0, x, 1)", None),
    ],
)
def test_what_the_text_of_a_derivative_leaves_out_is_known(text, remark):
    """That is ties, where the derivative is a mean, and the domain of what cancels."""
    assert remarks(field(text).derivatives[0]) == ((remark,) if remark else ())


@settings(max_examples=60, derandomize=True, deadline=None)
@given(TEXTS)
def test_any_formula_reads_back_to_the_same_values(text):
    """The formula itself, as text, is the same function again."""
    evaluated(tree_of(text))
    names = list(POINT)
    first = field(text, variables=names)
    points = np.random.default_rng(4).uniform(-2, 2, (20, len(names)))
    written = derivative_text(first.formula)
    assume(len(written) < 2000 and all(len(derivative) < 2000 for derivative in first.derivative_texts))
    np.testing.assert_allclose(field(written, variables=names)(points), first(points), rtol=1e-9, atol=1e-9)
    for axis, derivative in enumerate(first.derivative_texts):
        again = field(derivative, variables=names)(points)
        slopes = first.gradient(points)[:, axis]
        both = np.isfinite(again) & np.isfinite(slopes)
        np.testing.assert_allclose(again[both], slopes[both], rtol=1e-9, atol=1e-9)


POWERS = st.recursive(
    st.sampled_from(["x", "y", "2", "0.5", "3", "1.5"]),
    lambda inner: st.one_of(
        st.builds("({})**({})".format, inner, inner),
        st.builds("({}){}({})".format, inner, st.sampled_from(["*", "/", "+", "-", "%", "//"]), inner),
        st.builds("{}({})".format, st.sampled_from(["exp", "sqrt", "-", "abs", "log"]), inner),
        st.builds("where({} > {} and x < 2 and y < 3, {}, {})".format, inner, inner, inner, inner),
    ),
    max_leaves=7,
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(POWERS)
@example("(x**y)**2 + x")
@example("((x**y)**y)**x/(x**y)**(x**y)")
@example("x//y*y + x % y")
def test_any_power_of_powers_reads_back_to_the_same_derivative(text):
    """Whatever stands inside what, a derivative as text is the one that was computed."""
    tree_of(text)
    whole = field(text, variables=["x", "y"])
    assume(all(len(derivative) < 2000 for derivative in whole.derivative_texts))
    points = np.random.default_rng(5).uniform(0.3, 1.7, (20, 2))
    inside = np.isfinite(whole(points))
    slopes = whole.gradient(points)[inside]
    for axis, derivative in enumerate(whole.derivative_texts):
        again = field(derivative, variables=["x", "y"])(points)[inside]
        np.testing.assert_allclose(again, slopes[:, axis], rtol=1e-9, atol=1e-9)


def test_nothing_is_typeset_that_is_no_tree():
    """A node of the tree has one of three kinds, and each of them has a form."""
    assert MATHTEXT.text(Num(2.0, 0, 1)) == "2"
    assert MATHTEXT.text(Var("x", 0, 1)) == "x"
    assert MATHTEXT.text(Op("reciprocal", (Var("x", 0, 1),), 0, 1)) == r"\frac{1}{x}"
