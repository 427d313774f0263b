"""Huge requests: work grows with their size and not with its square, and messages stay short."""

from __future__ import annotations

import contextlib
import time

import numpy as np
import pytest

import gradviz
from gradviz import field, presets
from gradviz.cli import numbers
from gradviz.errors import ExpressionError, GradvizError, PresetError, did_you_mean
from gradviz.fields import text as texts
from gradviz.language import parser, stable_forms, tokens
from gradviz.language.parser import parse
from gradviz.language.reading import read, read_function
from gradviz.language.tables import FUNCTIONS
from gradviz.limits import DERIVATIVE_PARTS, EXPRESSION_CHARACTERS
from gradviz.presets import specs_of
from gradviz.presets.document import read_document

MANY = [f"k{index}" for index in range(20_000)]
FRAGMENTS = {
    "digits": "1", "decimals": ".1", "grouped": "1_", "exponents": "1e", "letters": "a",
    "hexadecimal": "0x1", "signs": "-",
    "sums": "x+", "products": "x*", "implied": "(x+1)", "calls": "x(x+1)+", "open": "x*(",
    "commas": "max(x,", "powers": "x^",
    "raised": "²", "choices": "x if x>1 else ", "comparisons": "x<", "blanks": " ", "unknown": "abcq+",
}  # fmt: skip


def processor_time(text):
    """Return the processor time of parsing a text or of refusing it, the least of several."""
    taken = []
    for _ in range(4):
        parser._outcome.cache_clear()
        begin = time.process_time()
        with contextlib.suppress(ExpressionError):
            parse(text)
        taken.append(time.process_time() - begin)
    return min(taken)


@pytest.mark.parametrize("fragment", FRAGMENTS.values(), ids=FRAGMENTS)
def test_parsing_takes_linear_time(fragment):
    """A text of 8 times as many characters takes at most 24 times as long; a square would be 64 times."""
    short, long = (
        processor_time((fragment * EXPRESSION_CHARACTERS)[:count]) for count in (1_000, EXPRESSION_CHARACTERS)
    )
    assert long < 24 * short + 1e-3


@pytest.fixture
def tokenized(monkeypatch):
    """Return the texts that are split into tokens, in order."""
    found = []
    tokenize = tokens.tokenize
    monkeypatch.setattr(tokens, "tokenize", lambda text: (found.append(text), tokenize(text))[1])
    parser._outcome.cache_clear()
    return found


@pytest.mark.parametrize("expression", ["x0*x1 + 123", "x0*x1 +", "1" * 5_000])
def test_each_text_of_a_preset_is_parsed_once(tokenized, expression):
    """An expression of `defaults` is parsed, or refused, once for all figures."""
    figures = "".join(f"a{index}: {{kind: contour}}\n" for index in range(500))
    source = f'defaults: {{expression: "{expression}"}}\n{figures}'.encode()
    with contextlib.suppress(PresetError):
        assert len(specs_of(read_document(source, "a.yaml"))) == 500
    assert tokenized.count(expression) == 1


def test_refusals_that_are_kept_hold_no_frames():
    """A text that is refused again and again leaves no traceback behind."""
    for _ in range(50):
        with pytest.raises(ExpressionError):
            parse("x +")
    assert parser._outcome("x +", frozenset(), parser._Parser.value, headed=True).__traceback__ is None


def test_a_preset_file_has_one_budget_of_time(monkeypatch):
    """Figures that exceed the time of a file are refused, with the first that was not read."""
    monkeypatch.setattr(presets, "PRESET_SECONDS", -1.0)
    with pytest.raises(
        PresetError, match=r"^a\.yaml:1:1: the figures above took more than .*; split the file$"
    ):
        specs_of(read_document(b"a: {kind: contour, expression: x}", "a.yaml"))


CALLS = {
    "vars": lambda: gradviz.Contour(expression="x*y", vars=MANY),
    "variables": lambda: read("x*y", variables=MANY),
    "twice": lambda: read("x*y", variables=[*MANY, "k0"]),
    "set": lambda: gradviz.Contour(expression="x*y", set=dict.fromkeys(MANY, 1)),
    "fix": lambda: gradviz.Contour(expression="x*y", fix=dict.fromkeys(MANY, 1)),
    "range": lambda: gradviz.Contour(expression="x*y", range=dict.fromkeys(MANY, (0, 1))),
    "function": lambda: gradviz.Contour(expression="f.py:f", range=dict.fromkeys(MANY, (0, 1))),
    "function's variables": lambda: gradviz.Contour(
        expression="f.py:f", vars=["x", "y"], range=dict.fromkeys(MANY, (0, 1))
    ),
    "held": lambda: read_function("f.py:f", coordinates=["x"], held=dict.fromkeys(MANY, 1)),
    "fields": lambda: gradviz.Contour(expression="x*y", **dict.fromkeys(MANY, 1)),
    "hyperparameters": lambda: gradviz.Descent(
        expression="x*y", start=(1, 1), optimizers=[{"name": "sgd", **dict.fromkeys(MANY, 1)}]
    ),
    "start": lambda: gradviz.Descent(expression="x*y", start=[range(20_000)]),
    "through": lambda: gradviz.Stream(expression="x*y", through=[range(20_000)]),
    "at": lambda: gradviz.Pairs(expression="x*y*z", at=range(20_000)),
    "levels": lambda: gradviz.Contour(expression="x*y", levels=range(20_000)),
    "ticks": lambda: gradviz.Contour(expression="x*y", xticks=range(20_000)),
    "choice": lambda: gradviz.Contour(expression="x*y", style="v" * 20_000),
    "text": lambda: gradviz.Contour(expression="x*y", cmap="v" * 20_000),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_message_about_many_things_names_a_few(call):
    """A message has at most five lines of 600 characters, however much is given."""
    with pytest.raises(GradvizError) as caught:
        call()
    lines = str(caught.value).split("\n")
    assert len(lines) <= 5
    assert max(map(len, lines)) <= 600


def test_the_nearest_word_is_looked_for_among_a_bounded_number():
    """Of a million known words, a few hundred are compared, and none with a long word."""
    known = iter([f"word{index}" for index in range(1_000_000)])
    assert did_you_mean("word7", known) == "did you mean 'word7'?"
    assert int(next(known).removeprefix("word")) < 1_000
    assert did_you_mean("v" * 1_000, ["v" * 1_000]) == ""


def test_points_of_a_command_are_looked_at_once_each(monkeypatch):
    """The number of looks at `--at` grows with the number of points."""
    looks = []
    monkeypatch.setattr(numbers, "_is_array", lambda entry: looks.append(entry) is not None)
    places = numbers.Places(tuple(f"{index},1" for index in range(1_000)), None)
    assert len(places.points(("x", "y"))) == 1_000
    assert len(looks) <= 2_000


# Derivatives ----------------------------------------------------------------------------------------------

LARGE = {
    "quotient": "/".join(f"(x+{index})" for index in range(1, 1_000)),
    "twelve variables": "*".join(f"(x{index % 12}+{index})" for index in range(800)),
    "largest": f"max({','.join(f'x*{index}+y/{index + 1}' for index in range(1, 300))})",
    "smallest of nested": "min(x,max(y," * 20 + "x*y" + "))" * 20,
    "sines": "+".join(f"sin({index}*x{index % 12}*x{(index * 7 + 1) % 12})" for index in range(400)),
    "powers": "*".join(f"(x+{index})^y" for index in range(500)),
    "choices": "where(x>0," * 40 + "x*y" + ",y)" * 40,
    "remainders": "*".join(f"(x%{index + 1}+y)" for index in range(400)),
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_texts_of_derivatives_have_a_bounded_number_of_parts(text, monkeypatch):
    """However large a function is, no more parts of its derivatives are written than the limit."""
    parts, node = [], texts._Reader._node
    monkeypatch.setattr(texts._Reader, "_node", lambda self, expr: (parts.append(1), node(self, expr))[1])
    found = field(text)
    assert all(len(each) <= EXPRESSION_CHARACTERS for each in found.derivative_texts)
    assert len(parts) <= DERIVATIVE_PARTS
    for each in filter(None, found.derivative_texts):
        read(each, variables=found.variables)


def test_a_function_whose_derivative_has_no_text_has_its_numbers(run):
    """The derivative of 300 factors 1 + x/k^2 has no text; log(f)' is the sum of 1/(k^2 + x)."""
    squares = np.arange(1, 301) ** 2
    text = "*".join(f"(1+x/{square})" for square in squares)
    done = run("grad", text, "--at", "1.5", "--json")
    assert done.json["derivatives"] == {"x": None}
    value = np.prod(1 + 1.5 / squares)
    slope = value * (1 / (squares + 1.5)).sum()
    np.testing.assert_allclose([done.json["values"][0], done.json["exact"][0][0]], [value, slope], rtol=1e-12)
    assert b"too long" in run("grad", text, "--at", "1.5").out


def test_pairs_of_factors_with_a_stable_form_are_looked_for_in_short_products(monkeypatch):
    """A product of 1,000 divisors has no more pairs compared than one of the limit."""
    pairs = []
    monkeypatch.setattr(stable_forms, "_fraction", lambda *pair: pairs.append(pair))
    list(stable_forms.stable_parts(parse("/".join(f"(x+{index})" for index in range(1_000)))))
    assert len(pairs) <= stable_forms._MAX_FACTORS**2


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_constant_part_has_an_error_bound(name):
    """f(0 x + c) + x has the slope 1, exactly and with a bound of its error, for each function f."""
    fewest = FUNCTIONS[name].fewest
    argument = "0*x + 1.5" if name in ("acosh", "log") else "0*x + 0.5"
    text = f"{name}({', '.join([argument] * fewest)}) + x"
    estimate = gradviz.gradient(field(text), method="exact").estimate([[2.0]])
    if name not in ("sign", "heaviside", "floor", "ceil", "max", "min", "mod"):
        np.testing.assert_allclose(estimate.gradient, [[1.0]], rtol=1e-12)
