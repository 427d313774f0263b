"""Tokens of expressions, and the errors of the tokenizer with their positions."""

from __future__ import annotations

import string
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import limits
from gradviz.errors import ExpressionError
from gradviz.language.tokens import _LOOK_ALIKES, Token, tokenize

# What the language may be written in beside printable ASCII, tab and newline.
BEYOND_ASCII = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉·×÷−⋅∗π√∛⌊⌋⌈⌉½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒≤≥≠αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΠΣΦΨΩ"


def spelled(text):
    """Return the tokens of a text without their places, and without the end."""
    return [(token.kind, token.text) for token in tokenize(text)[:-1]]


def fault(text):
    """Return what is wrong with a text, and the part of it that the carets stand under."""
    with pytest.raises(ExpressionError) as caught:
        tokenize(text)
    return caught.value.problem, (caught.value.start, caught.value.stop), caught.value.hint


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("x0*x1", [("name", "x0"), ("mark", "*"), ("name", "x1")]),
        ("2x", [("number", "2"), ("name", "x")]),
        ("2e3x", [("number", "2e3"), ("name", "x")]),
        ("2e", [("number", "2"), ("name", "e")]),
        ("2e-x", [("number", "2"), ("name", "e"), ("mark", "-"), ("name", "x")]),
        ("1.5.5", [("number", "1.5"), ("number", ".5")]),
        (".5 5. 1e-3 1E+3", [("number", ".5"), ("number", "5."), ("number", "1e-3"), ("number", "1E+3")]),
        ("x**2^3", [("name", "x"), ("mark", "^"), ("number", "2"), ("mark", "^"), ("number", "3")]),
        ("a//b", [("name", "a"), ("mark", "//"), ("name", "b")]),
        ("a<=b", [("name", "a"), ("mark", "<="), ("name", "b")]),
        ("a≤b", [("name", "a"), ("mark", "<="), ("name", "b")]),
        ("a≥b≠c", [("name", "a"), ("mark", ">="), ("name", "b"), ("mark", "!="), ("name", "c")]),
        ("2·x×y÷z−1", [("number", "2"), ("mark", "*"), ("name", "x"), ("mark", "*"), ("name", "y"),
                       ("mark", "/"), ("name", "z"), ("mark", "-"), ("number", "1")]),
        ("x²", [("name", "x"), ("raised", "2")]),
        ("x⁻¹⁰", [("name", "x"), ("raised", "-10")]),
        ("x₀", [("name", "x0")]),
        ("x₁₀²", [("name", "x10"), ("raised", "2")]),
        ("θ", [("name", "theta")]),
        ("θ1 θ_1 θ₁", [("name", "theta1"), ("name", "theta_1"), ("name", "theta1")]),
        ("2π", [("number", "2"), ("name", "pi")]),
        ("√x", [("mark", "√"), ("name", "x")]),
        ("learning_rate", [("name", "learning_rate")]),
        ("\tx\n", [("name", "x")]),
        ("2i", [("number", "2"), ("name", "i")]),
    ],
)  # fmt: skip
def test_a_text_is_split_into_known_tokens(text, tokens):
    """Each token comes in one spelling, whichever of several was typed."""
    assert spelled(text) == tokens


def test_a_token_knows_its_place():
    """Places are offsets into the text as it was typed; the end stands behind the last token."""
    assert tokenize(" x₀ ** 2\n") == [
        Token("name", "x0", 1, 3),
        Token("mark", "^", 4, 6),
        Token("number", "2", 7, 8),
        Token("end", "", 8, 9),
    ]


@settings(max_examples=150, derandomize=True)
@given(
    st.lists(st.sampled_from(["x", "x0", "2", "1.5e3", "+", "**", "//", "<=", "(", ")", " ", "\t", "√", "²"]))
)
def test_tokens_cover_the_text_but_for_its_blanks(pieces):
    """What lies between two tokens is blank, so nothing that was typed is lost."""
    text = "x" + "".join(pieces)
    tokens = tokenize(text)
    places = [0, *(place for token in tokens[:-1] for place in (token.start, token.stop)), len(text)]
    assert places == sorted(places)
    assert all(token.start < token.stop for token in tokens)
    assert "".join(text[a:b] for a, b in zip(places[::2], places[1::2], strict=True)).strip(" \t\n") == ""


@pytest.mark.parametrize(
    ("text", "problem", "place", "hint"),
    [
        ("", "the expression is empty", (0, 1), "x0*x1"),
        (" \n\t", "the expression is empty", (0, 1), "x0*x1"),
        ("x!", "unexpected '!'", (1, 2), "factorial"),
        ("x & y", "unexpected '&'", (2, 3), "and"),
        ("x.y", "unexpected '.'", (1, 2), "next to a digit"),
        ("x ? 1 : 2", "unexpected '?'", (2, 3), "write 1 if x != 0 else 2"),
        ("'x'", "unexpected '''", (0, 1), "quotes"),
        ("x # no", "unexpected '#'", (2, 3), "comments"),
        ("$x", "unexpected '$'", (0, 1), "TeX"),
        ("x @ y", "unexpected '@'", (2, 3), ""),
        ("x=>1", "unexpected '=>'", (1, 3), ">="),
        ("x =< 1", "unexpected '=<'", (2, 4), "<="),
        ("x<>1", "unexpected '<>'", (1, 3), "!="),
        ("x === 1", "unexpected '==='", (2, 5), "=="),
        ("x->1", "unexpected '->'", (1, 3), "write what follows it"),
        ("x && y", "unexpected '&&'", (2, 4), "write and"),
        ("1_000x", "a number must not contain '_'", (0, 5), "1000"),
        ("x⁻", "unexpected '⁻'", (1, 2), ""),
        ("2j*x", "complex numbers are not supported", (0, 2), "write 2*j"),
        ("1.5e3J", "complex numbers are not supported", (0, 6), "write 1.5e3*j"),
        ("x + 0x1F", "a number must be decimal", (4, 8), "0*x1F"),
        ("0o17", "a number must be decimal", (0, 4), "0*o17"),
    ],
)  # fmt: skip
def test_what_is_no_token_is_refused_with_its_place_and_a_way_out(text, problem, place, hint):
    """The carets stand under exactly what is wrong."""
    found, where, way_out = fault(text)
    assert found.startswith(problem)
    assert where == place
    assert hint in way_out


@pytest.mark.parametrize(
    ("text", "place", "code", "name"),
    [
        ("x+\u202e)2(nis", 2, "U+202E", "RIGHT-TO-LEFT OVERRIDE"),
        ("xⁿ", 1, "U+207F", "SUPERSCRIPT LATIN SMALL LETTER N"),
        ("x – 1", 2, "U+2013", "EN DASH"),
        ("x\x00", 1, "U+0000", "control character"),
        ("x\x9b31m", 1, "U+009B", "control character"),
        ("x\r\n", 1, "U+000D", "control character"),
        ("x\ud800", 1, "U+D800", "no name"),
        ("x*\U0001f600", 2, "U+1F600", "GRINNING FACE"),
        ("s\u0131n(x)", 1, "U+0131", "LATIN SMALL LETTER DOTLESS I"),
    ],
    ids=ascii,
)
def test_an_unknown_character_is_named(text, place, code, name):
    """By its code point and its name in Unicode, as it may be invisible."""
    problem, where, _ = fault(text)
    assert code in problem
    assert name in problem
    assert where == (place, place + 1)


def test_the_letter_that_was_meant_is_offered():
    """The character of the language that is likely, but not certain, to be meant is named."""
    assert fault("x – 1")[2] == "write '-'"
    assert fault("x•2")[2] == fault("x✕2")[2] == "write '*'"
    assert fault("xₙ")[2] == "did you mean 'n'?"


def accepted(character):
    try:
        tokenize(f"x {character}")
    except ExpressionError as error:
        return "is not in the language" not in error.problem
    return True


def test_the_language_is_written_in_ascii_and_one_table():
    """Printable ASCII, tab, newline, and the listed mathematical characters: each of them can be typed."""
    for character in {*string.printable} - {*"\r\x0b\x0c"} | {*BEYOND_ASCII}:
        assert accepted(character), f"U+{ord(character):04X}"


def test_what_is_offered_for_a_look_alike_is_in_the_language():
    """Whoever writes that instead is not refused for it."""
    for character, plain in _LOOK_ALIKES.items():
        assert character not in BEYOND_ASCII
        assert plain.isascii()
        tokenize(f"x {plain} y")


def test_a_full_width_or_styled_character_is_its_plain_one():
    """It is the character that NFKC gives, and never one that is raised, lowered or enclosed."""
    others = ("<super>", "<sub>", "<fraction>", "<circle>", "<square>", "<vertical>")
    read, meant = "", ""
    for character in map(chr, range(128, sys.maxunicode + 1)):
        plain = unicodedata.normalize("NFKC", character)
        is_other = unicodedata.decomposition(character).startswith(others)
        if character not in BEYOND_ASCII and len(plain) == 1 and plain in {*string.printable}:
            assert accepted(character) != is_other, f"U+{ord(character):04X}"
            if plain.isalpha() and not is_other:
                read, meant = f"{read} {character}", f"{meant} {plain}"
    assert len(read) > 1000
    tokens = [tokenize(text[at : at + 400]) for text in (read, meant) for at in range(0, len(read), 400)]
    assert tokens[: len(tokens) // 2] == tokens[len(tokens) // 2 :]


@pytest.mark.parametrize(
    ("limit", "text", "place", "problem"),
    [
        (
            limits.EXPRESSION_CHARACTERS,
            lambda size: "x" + " " * (size - 1),
            (8_000, 8_001),
            "an expression must have at most 8,000 characters, got 8,001",
        ),
        (limits.NUMBER_CHARACTERS, lambda size: f"x+{'9' * size}", (2, 43), "at most 40 characters, got 41"),
        (limits.NUMBER_CHARACTERS, lambda size: f"x+.{'0' * (size - 4)}1e5", (2, 43), "got 41"),
        (limits.NUMBER_CHARACTERS, lambda size: f"x{'⁰' * size}", (1, 42), "at most 40 characters, got 41"),
        (limits.NAME_CHARACTERS, lambda size: "x*" + "y" * size, (2, 35), "at most 32 characters, got 33"),
        (limits.NAME_CHARACTERS, lambda size: "x*θ" + "1" * (size - 5), (2, 31), "got 33"),
        (limits.NAME_CHARACTERS, lambda size: "x*y" + "₁" * (size - 1), (2, 35), "got 33"),
    ],
    ids=["expression", "number", "decimal", "raised", "name", "greek", "indexed"],
)
def test_a_limit_holds_at_the_limit_and_not_one_past_it(limit, text, place, problem):
    """The message says how many there are, and how many there may be."""
    tokenize(text(limit))
    found, where, _ = fault(text(limit + 1))
    assert problem in found
    assert where == place


@pytest.mark.parametrize("text", ["9" * 5_000_000, "\u200b" * 1_000_000, "0x" + "f" * 7_998, "y" * 8_000])
def test_a_refusal_is_short_however_long_the_text(text):
    """No line of a message is longer than the window and a hint."""
    with pytest.raises(ExpressionError) as caught:
        tokenize(text)
    lines = str(caught.value).split("\n")
    assert len(lines) == 3
    assert max(map(len, lines)) <= 160
