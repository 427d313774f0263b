"""Errors and messages."""

from __future__ import annotations

import pickle
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.cli.wording import changes, flags
from gradviz.cli.wording import preset_keys as keys
from gradviz.errors import (
    Argument,
    ExpressionError,
    GradvizError,
    Message,
    OutputError,
    Place,
    PresetError,
    Ref,
    RequestError,
    SpecError,
    at_most_lines,
    did_you_mean,
    joined,
    python,
    visible,
)

FAMILY = [
    (GradvizError("it failed"), 1),
    (OutputError("the folder is missing"), 1),
    (RequestError("no such kind"), 2),
    (RequestError("too many variables; fix one: ", Ref("fix", {"x2": 0})), 2),
    (ExpressionError("unknown name 'pie'", "2*pie", 2, 5, "did you mean 'pi'?"), 2),
    (SpecError([(("range", 0), "the range is empty"), (("dpi",), "dpi is too high")]), 2),
    (PresetError(["a.yaml:1:1: one", "a.yaml:2:1: two"]), 2),
]
NAMES = [f"{type(error).__name__}-{index}" for index, (error, _) in enumerate(FAMILY)]


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
    assert back.message.parts == error.message.parts


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
    assert did_you_mean(word, words) == (f"did you mean '{found}'?" if found else "")


# Messages and their wordings ------------------------------------------------------------------------------

REFS = [
    (Ref("range"), "range", "--range", "range", "--with range=..."),
    (Ref("tangent_at"), "tangent_at", "--tangent-at", "tangent_at", "--with tangent_at=..."),
    (Ref("fix", {"x2": 0}), 'fix={"x2": 0}', "--fix x2=0", "fix: {x2: 0}", "--with fix=x2=0"),
    (
        Ref("fix", {"x2": 0.5, "y": 1.0}),
        'fix={"x2": 0.5, "y": 1}',
        "--fix x2=0.5 --fix y=1",
        "fix: {x2: 0.5, y: 1}",
        "--with fix=x2=0.5 --with fix=y=1",
    ),
    (
        Ref("sweep", {"a": "1:5:20"}),
        'sweep={"a": "1:5:20"}',
        "--sweep a=1:5:20",
        'sweep: {a: "1:5:20"}',
        "--with sweep=a=1:5:20",
    ),
    (Ref("at", (1, 0.5)), "at=(1, 0.5)", "--at 1,0.5", "at: [1, 0.5]", "--with at=1,0.5"),
    (Ref("at", (1,)), "at=(1,)", "--at 1", "at: [1]", "--with at=1"),
    (Ref("animate", True), "animate=True", "--animate", "animate: true", "--with animate=true"),
    (Ref("grid", False), "grid=False", "--no-grid", "grid: false", "--with grid=false"),
    (Ref("plane", "random"), 'plane="random"', "--plane random", "plane: random", "--with plane=random"),
    (Ref("title", "a b"), 'title="a b"', "--title 'a b'", 'title: "a b"', "--with title='a b'"),
    (Ref("kind", "pairs"), "gradviz.Pairs", "gradviz pairs", "kind: pairs", "--with kind=pairs"),
    (Argument("force", True), "force=True", "--force", "--force", "--force"),
    (Argument("timeout"), "timeout", "--timeout", "--timeout", "--timeout"),
    (Place("dpi"), "dpi: ", "--dpi: ", "dpi: ", "--with dpi: "),
]


@pytest.mark.parametrize(("ref", "argument", "option", "key", "change"), REFS, ids=lambda ref: str(ref)[:30])
def test_a_reference_is_worded_for_each_interface(ref, argument, option, key, change):
    """Python, the shell, YAML and `redraw --with` each see the spelling that they accept."""
    message = Message("lower ", ref, " here")
    assert str(message) == message.worded(python) == f"lower {argument} here"
    assert message.worded(flags) == f"lower {option} here"
    assert message.worded(keys) == f"lower {key} here"
    assert message.worded(changes) == f"lower {change} here"


def test_text_is_never_taken_for_a_reference():
    """A text that looks like an option, a key or a reference comes out as it went in, in all wordings."""
    text = "--fix x2=0 range Ref('fix') {fix} %s"
    message = Message(text, " ", Ref("fix"))
    for wording in (python, flags, keys, changes):
        assert message.worded(wording).startswith(text)


def test_joining_and_nesting_keep_references():
    """Messages inside messages, joined ones and errors made of them are worded to the last reference."""
    inner = Message("lower ", Ref("samples"))
    outer = joined("; ", [inner, "or wait", Message("see ", Ref("range"))])
    assert outer.worded(flags) == "lower --samples; or wait; see --range"
    assert Message("a: ", outer).worded(keys) == "a: lower samples; or wait; see range"
    assert GradvizError("at a = 1: ", GradvizError(inner).message).message.worded(flags) == (
        "at a = 1: lower --samples"
    )
    assert joined(", ", []) == ""


def test_a_message_comes_back_whole_from_another_process():
    """A pickled message keeps its text and its references."""
    message = Message("lower ", Ref("fix", {"x2": 0}), " or ", Argument("force", True))
    back = pickle.loads(pickle.dumps(message))
    assert (back, back.parts) == (message, message.parts)
    assert back.worded(flags) == "lower --fix x2=0 or --force"


def test_errors_of_expressions_and_specs_are_worded_too():
    """The hint beside a caret and the head of each problem have the terms of the interface."""
    hint = Message("declare it: ", Ref("set", {"a": 1}))
    error = ExpressionError("unknown name 'a'", "a*x", 0, 1, hint)
    assert error.message.worded(flags) == "unknown name 'a'\n  a*x\n  ^ declare it: --set a=1"
    assert str(error) == "unknown name 'a'\n  a*x\n  ^ declare it: set={\"a\": 1}"
    error = SpecError([(("size",), Message("must be smaller; lower ", Ref("dpi"))), ((), "no figure")])
    assert error.message.worded(flags) == "--size: must be smaller; lower --dpi\nno figure"
    assert error.message.worded(changes) == "--with size: must be smaller; lower --with dpi=...\nno figure"
    assert error.faults[0][1].worded(flags) == "must be smaller; lower --dpi"


def test_a_list_of_problems_that_is_cut_keeps_references():
    """References are counted with the line that they are in, and only whole lines are left out."""
    long = Message("a ", Ref("fix"), "\nb ", Ref("set"), "\nc\nd\ne ", Ref("dpi"), "\nf")
    assert at_most_lines([long]).worded(flags) == "a --fix\nb --set\nc\nd\ne --dpi"
    assert at_most_lines([long, "g"]).worded(flags) == "a --fix\nb --set\nc\nd\n... and 1 more"
