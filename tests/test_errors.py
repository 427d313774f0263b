from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.errors import (
    ExpressionError,
    GradvizError,
    OutputError,
    PresetError,
    RequestError,
    SpecError,
    at_most_lines,
    did_you_mean,
    nearest,
    visible,
)

FAMILY = [
    (GradvizError("it failed"), 1),
    (OutputError("the folder is missing"), 1),
    (RequestError("no such kind"), 2),
    (ExpressionError("unknown name 'pie'", "2*pie", 2, 5, "did you mean 'pi'?"), 2),
    (SpecError([(("range", 0), "the range is empty"), (("dpi",), "dpi is too high")]), 2),
    (PresetError(["a.yaml:1:1: one", "a.yaml:2:1: two"]), 2),
]
NAMES = [type(error).__name__ for error, _ in FAMILY]


def columns(text):
    """Count the columns that a terminal needs, from Unicode's own tables."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    none = sum(unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc") for character in text)
    return len(text) + wide - none


@pytest.mark.parametrize(("error", "code"), FAMILY, ids=NAMES)
def test_every_error_is_of_the_family_and_says_how_the_program_ends(error, code):
    """Whoever catches GradvizError or ValueError catches all; wrong requests exit with 2, failures with 1."""
    assert isinstance(error, GradvizError)
    assert isinstance(error, ValueError)
    assert error.exit_code == code
    assert isinstance(error, RequestError) == (code == 2)


@pytest.mark.parametrize("error", [error for error, _ in FAMILY], ids=NAMES)
def test_an_error_comes_back_whole_from_another_process(error):
    """A worker's error is pickled on its way home, and then says and holds the same."""
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)


def test_an_expression_error_is_three_lines_of_one_shape():
    """What is wrong; the text; a caret run under exactly the culprit with the way out beside it."""
    error = ExpressionError("unknown function 'sine'", "sine(x) + 1", 0, 4, "did you mean 'sin'?")
    assert str(error) == "unknown function 'sine'\n  sine(x) + 1\n  ^^^^ did you mean 'sin'?"
    assert str(ExpressionError("this overflows", "x + 9**9**9", 4, 11)) == (
        "this overflows\n  x + 9**9**9\n      ^^^^^^^"
    )


@pytest.mark.parametrize(
    ("length", "start", "stop", "shown", "column"),
    [
        (72, 0, 1, "  " + "a" * 72, 2),
        (72, 71, 72, "  " + "a" * 72, 73),
        (73, 0, 1, "  " + "a" * 72 + "...", 2),
        (73, 72, 73, "  ..." + "a" * 72, 2 + 3 + 71),
        (1000, 500, 505, "  ..." + "a" * 72 + "...", 2 + 3 + 24),
        (1000, 999, 1000, "  ..." + "a" * 72, 2 + 3 + 71),
        (10, 10, 11, "  " + "a" * 10, 12),
    ],
)
def test_a_long_text_is_shown_through_a_window_of_72_columns(length, start, stop, shown, column):
    """Dots stand for what is left out on either side, and the caret stays under the fault."""
    _, line, carets = str(ExpressionError("wrong", "a" * length, start, stop)).split("\n")
    assert line == shown
    assert carets.index("^") == column
    assert carets.count("^") == stop - start


@settings(max_examples=150, derandomize=True)
@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=300),
    st.integers(0, 299),
    st.integers(1, 300),
)
def test_carets_stand_under_the_culprit_wherever_it_is(text, start, size):
    """Each caret has the character above it that the fault has in the text, as far as the window goes."""
    start %= len(text)
    stop = min(len(text), start + size)
    _, line, carets = str(ExpressionError("wrong", text, start, stop)).split("\n")
    first, last = carets.index("^"), carets.rindex("^") + 1
    assert line[first:last].ljust(last - first) == text[start:stop][: last - first]
    assert last - first == stop - start or line.endswith("...")


def test_characters_that_would_shift_the_caret_are_replaced():
    """Each character of the text takes one column of the message, whatever it is."""
    text = "漢字\x1b[31m\te\u0301\u202e\ud800 @"
    _, line, carets = str(ExpressionError("wrong", text, len(text) - 1, len(text))).split("\n")
    assert line == "  ��\ufffd[31m e\ufffd\ufffd\ufffd @"
    assert line[carets.index("^")] == "@"


HOSTILE = [
    "\x1b[2J\x1b[H", "\x9b31m", "\x07", "a\nb\r\nc", "a\tb", "\u2028", "\u202e)2(nis",
    "\u200b\u200d\u2060\ufeff", "\ud800\udfff", "漢字", "ｅｖａｌ", "e\u0301", "\U0001f600", "\U000e0041",
    "x\ufe0f", "x\u034f", "x\u20dd", "\u115f\u3164",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_foreign_text_is_shown_on_one_line_one_column_a_character(text):
    """No control, line end or bidirectional mark gets through, nothing wide and nothing without a width."""
    shown = visible(text)
    assert shown.isprintable()
    assert len(shown) == columns(shown) == len(text)


@settings(max_examples=150, derandomize=True)
@given(st.text(st.characters(codec=None), max_size=100))
def test_any_text_is_shown_in_at_most_sixty_columns(text):
    """A message stays of bounded size whatever is quoted in it."""
    shown = visible(text)
    assert shown.isprintable()
    assert columns(shown) == len(shown) == min(len(text), 60)
    if len(text) > 60:
        assert shown.endswith("...")


@pytest.mark.parametrize("text", ["x0**2 + sin(x1)", "θ·x₀² ≤ π", "é ß ±", ""])
def test_harmless_text_is_shown_as_it_is(text):
    """Only what would harm is replaced."""
    assert visible(text) == text


@pytest.mark.parametrize(
    ("messages", "shown"),
    [
        ([], ""),
        (["one"], "one"),
        (["a", "b", "c", "d", "e"], "a\nb\nc\nd\ne"),
        (["a", "b", "c", "d", "e", "f"], "a\nb\nc\nd\n... and 2 more"),
        (["a\na\na", "b\nb\nb", "c"], "a\na\na\n... and 2 more"),
        (["a\na\na", "b\nb"], "a\na\na\nb\nb"),
        (["a\na\na", "b\nb", "c"], "a\na\na\n... and 2 more"),
    ],
)
def test_many_faults_are_told_in_five_lines(messages, shown):
    """Whole messages first, then how many more there are."""
    assert at_most_lines(messages) == shown


@settings(max_examples=100, derandomize=True)
@given(st.lists(st.integers(1, 4), max_size=12))
def test_a_list_of_faults_never_has_more_than_five_lines(sizes):
    """However many messages of however many lines there are; those shown are the first ones, whole."""
    messages = [f"{number}" + "\n." * (size - 1) for number, size in enumerate(sizes)]
    lines = at_most_lines(messages).split("\n")
    assert len(lines) <= 5
    left = int(lines.pop().split()[2]) if lines[-1].startswith("... and") else 0
    assert "\n".join(lines) == "\n".join(messages[: len(messages) - left])


def test_spec_and_preset_errors_tell_each_fault():
    """The message is made of the faults, each with its field, and they stay at hand for programs."""
    faults = ((("dpi",), "at most 1,200"), (("range", "x0", 1), "less than the lower end"), ((), "no figure"))
    error = SpecError(iter(faults))
    assert str(error) == "dpi: at most 1,200\nrange: less than the lower end\nno figure"
    assert error.faults == faults
    error = PresetError(iter(["a.yaml:1:1: one"]))
    assert (str(error), error.faults) == ("a.yaml:1:1: one", ("a.yaml:1:1: one",))


@pytest.mark.parametrize(
    ("word", "words", "found"),
    [
        ("sine", ("sin", "cos"), "sin"),
        ("MAGMA", ("magma", "viridis"), "magma"),
        ("viridiss", ("magma", "Viridis"), "Viridis"),
        ("xyzzy", ("magma", "viridis"), None),
        ("", ("magma",), None),
        ("magma", (), None),
    ],
)
def test_the_nearest_known_word_is_offered_in_its_own_spelling(word, words, found):
    """A suggestion is a word that will do, and there is none where nothing is near."""
    assert nearest(word, words) == found
    assert did_you_mean(word, words) == (f"did you mean '{found}'?" if found else "")
