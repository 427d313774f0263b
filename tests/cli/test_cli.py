"""The command line: options, outputs, exit codes."""

from __future__ import annotations

import csv
import errno
import itertools
import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

import gradviz
from gradviz.cli import _app, _overview
from gradviz.cli import figures as commands
from gradviz.errors import OutputError, RequestError
from gradviz.output.formats import FORMATS
from gradviz.output.metadata import load
from gradviz.specs import KINDS

SMALL = ("-n", "4", "--dpi", "30")
every_kind = pytest.mark.parametrize("kind", KINDS)
posix = pytest.mark.skipif(os.name != "posix", reason="terminals and signals are POSIX's")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def spec_of(run, monkeypatch):
    """Return the spec that a command line would draw."""

    def call(*arguments, stdin=b""):
        kept = []
        with monkeypatch.context() as patch:
            patch.setattr(commands, "make", lambda spec, *_, **__: kept.append(spec))
            answer = run(*arguments, stdin=stdin)
        assert (answer.code, answer.out) == (0, b""), answer.err
        return kept[0]

    return call


# Text that the system cannot read -------------------------------------------------------------------------

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@posix
def test_what_is_typed_is_utf_8_whatever_the_system_believes(shell, here):
    """In a locale of ASCII only, letters of other scripts are read, and files keep the names they have."""
    typed = ("contour", "θ**2*ψ + π", "--title", "Größe", "-n", "4", "--dpi", "30")
    answer = shell(*typed, "-o", "ö.png", "--data", "ö.json", env=ASCII)
    assert (answer.code, answer.out) == (0, "ö.png\nö.json\n".encode()), answer.err
    spec = load(here / "ö.png")
    assert (spec.title, spec.expression) == ("Größe", "θ**2*ψ + π")
    assert spec == gradviz.Contour(expression="θ**2*ψ + π", title="Größe", samples=4, dpi=30)
    shown = shell("inspect", "ö.png", env=ASCII)
    assert shown.code == 0, shown.err
    assert "Gr\\xf6\\xdfe" in shown.out.decode("ascii")


@posix
def test_nothing_that_is_printed_fails_where_it_cannot_be_shown(shell, here):
    """In a locale of ASCII only, the language, descriptions and errors are printed all the same."""
    for arguments in (["functions"], ["contour", "θ*x", "-n", "4", "--dpi", "30", "--describe"]):
        answer = shell(*arguments, env=ASCII)
        assert (answer.code, answer.err) == (0, "")
        assert answer.out.decode("ascii")
    refused = shell("contour", "θ*й", env=ASCII)
    assert refused.code == 2
    assert "CYRILLIC SMALL LETTER SHORT I" in refused.err


@posix
@pytest.mark.parametrize("env", [{}, ASCII], ids=["utf-8", "ascii"])
def test_bytes_that_are_no_text_are_refused_or_the_name_of_a_file(env, shell, here):
    """A byte that is no UTF-8 has no meaning in an expression or a title, and is itself in a file's name."""
    answer = shell("contour", "x0*x1", "--title", "a\udcff", env=env)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.startswith("error: arguments: must be UTF-8 text, got 'a")
    answer = shell("contour", "x0*x1", "-n", "4", "--dpi", "30", "-o", "a\udcff.png", env=env)
    assert (answer.code, answer.out) == (0, b"a\xff.png\n"), answer.err
    assert [os.fsencode(name) for name in names(here)] == [b"a\xff.png"]


@posix
def test_who_closes_standard_error_has_the_picture_all_the_same(here, environment):
    """The shell's 2>&- is a way to ask for no messages: exit codes and results are as ever."""
    command = f"{sys.executable} -m gradviz contour"
    for arguments, code, out in (("x0 -n 4 --dpi 30", 0, b"contour.png\n"), ("x0+", 2, b"")):
        line = f"{command} {arguments} 2>&-"
        done = subprocess.run(
            line, shell=True, cwd=here, env=environment, stdout=subprocess.PIPE, check=False
        )
        assert (done.returncode, done.stdout) == (code, out)
    assert load(here / "contour.png").expression == "x0"


# Results and messages -------------------------------------------------------------------------------------


@every_kind
def test_a_command_draws_into_a_file_of_its_own_name(kind, run, here):
    """Without -o the picture is the command's name as PNG, and its path is all that is printed."""
    answer = run(kind, "x**2", "--dpi", "30", "-n", "7", "-q")
    assert (answer.code, answer.out, answer.err) == (0, f"{kind}.png\n".encode(), "")
    assert names(here) == [f"{kind}.png"]
    assert load(f"{kind}.png") == KINDS[kind](expression="x**2", dpi=30, samples=7)


@every_kind
def test_json_is_one_object_about_what_was_made(kind, run, here):
    """With --json standard output is one JSON object on one line, and nothing else."""
    answer = run(kind, "x**2", *SMALL, "-r", "x=-1:3", "-o", "a.png", "--data", "a.csv", "--json", "-q")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.count(b"\n") == 1
    assert answer.out.endswith(b"}\n")
    found = answer.json
    assert (found["kind"], found["path"], found["format"], found["data"]) == (kind, "a.png", "png", "a.csv")
    assert found["range"]["x"] == [-1, 3]
    assert found["samples"] == [4] * len(found["variables"])
    assert KINDS[kind](**found["spec"]) == load("a.png")
    assert names(here) == ["a.csv", "a.png"]


def test_json_has_what_was_noted(run):
    """What is said on standard error is in the JSON, too, and stays there with --quiet."""
    answer = run("contour", "log(x)", *SMALL, "--json", "-q")
    assert answer.err == ""
    assert len(answer.json["notes"]) == 2
    assert "y" in answer.json["notes"][0]
    assert "8 of 16" in answer.json["notes"][1]


def test_notes_go_to_standard_error(run):
    """A partner that was taken and points without a value are told, one line each, apart from the result."""
    answer = run("contour", "log(x)", *SMALL)
    assert (answer.code, answer.out) == (0, b"contour.png\n")
    first, second = answer.err.splitlines()
    assert first.startswith("note: ")
    assert "x and y" in first
    assert second.startswith("note: ")
    assert "8 of 16 points" in second  # x = -3, -1: two of four columns


@pytest.mark.parametrize("quiet", ["-q", "--quiet"])
def test_quiet_says_nothing(quiet, run):
    """-q takes the messages away, and leaves the result."""
    answer = run("contour", "log(x)", *SMALL, quiet)
    assert (answer.code, answer.out, answer.err) == (0, b"contour.png\n", "")


def test_quiet_does_not_hide_an_error(run):
    """Why something was not done is said all the same."""
    answer = run("contour", "sine(x)", "-q")
    assert (answer.code, answer.out) == (2, b"")
    assert "sine" in answer.err


def test_a_picture_on_standard_output_is_all_there_is(run, here):
    """`-o -` writes a PNG from its signature to its end to standard output, nothing else, and no file."""
    answer = run("quiver", "x0*x1", *SMALL, "-o", "-")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(b"\x89PNG\r\n\x1a\n")
    assert answer.out.endswith(b"IEND\xaeB`\x82")
    assert names(here) == []
    run("quiver", "x0*x1", *SMALL)
    assert (here / "quiver.png").read_bytes() == answer.out


def test_a_picture_on_standard_output_keeps_its_notes_apart(shell, here):
    """The notes are on standard error, and the path of --data is not mixed into the picture."""
    answer = shell("quiver", "x0", *SMALL, "-o", "-", "--data", "a.csv")
    assert answer.code == 0
    assert answer.out.endswith(b"IEND\xaeB`\x82")
    assert answer.err.startswith("note: ")
    assert names(here) == ["a.csv"]


def test_a_figure_to_standard_output_and_json_cannot_both_be(run, here):
    """Two results cannot share one stream."""
    answer = run("quiver", "x0*x1", "-o", "-", "--json")
    assert (answer.code, answer.out) == (2, b"")
    assert "--json" in answer.err
    assert names(here) == []


def test_output_and_data_cannot_be_one_file(run, here):
    """One file cannot be both, however it is spelled."""
    (here / "a.png").symlink_to("a.csv")
    answer = run("quiver", "x0*x1", *SMALL, "-o", "a.png", "--data", "a.csv")
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err == "error: --data: must differ from the file of --output\n"
    assert names(here) == ["a.png"]


def test_json_is_ascii_where_the_terminal_is(shell):
    """The one object can be printed whatever the encoding of standard output is."""
    answer = shell(
        "contour", "π*x*y", *SMALL, "--json", env={"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}
    )
    assert (answer.code, answer.err) == (0, "")
    assert answer.json["spec"]["expression"] == "π*x*y"


def test_a_file_named_in_any_script_is_told(run):
    """The path is printed as it is."""
    answer = run("contour", "x*y", *SMALL, "-o", "曲線 é.png")
    assert (answer.code, answer.lines) == (0, ["曲線 é.png"])


# Expressions on a command line ----------------------------------------------------------------------------

OPTIONS = [["-n", "5,8"], ["--range", "-1:3"], ["--xlim=-1:2"], ["--grid"]]
MINUS = [
    "-x0**2 + x1",
    "-x",
    "-n*x",
    "-r",
    "-q*x",
    "-(x+y)",
    "-1",
    "-sin(x)",
    "-o*h",
    "-h*x",
    "-2x",
    "- x",
    "-x0**2",
]


@pytest.mark.parametrize("expression", MINUS)
def test_an_expression_may_begin_with_minus(expression, spec_of):
    """`-x0**2` is an expression before, between and behind the options, and with `--` before it."""
    wanted = gradviz.Quiver(expression=expression, samples=(5, 8), range=(-1, 3), xlim=(-1, 2), grid=True)
    words = list(itertools.chain(*OPTIONS))
    if expression != "-r":  # which is an option, unless it stands behind --
        for place in range(len(OPTIONS) + 1):
            before, behind = (list(itertools.chain(*part)) for part in (OPTIONS[:place], OPTIONS[place:]))
            assert spec_of("quiver", *before, expression, *behind) == wanted
    assert spec_of("quiver", *words, "--", expression) == wanted


@pytest.mark.parametrize(
    "words",
    [
        ["-n*x", "-n5"],
        ["-n5", "-n*x"],
        ["-n*x", "-n", "5"],
        ["-n5", "--", "-n*x"],
        ["--samples=5", "-n*x"],
    ],
)
def test_an_expression_that_looks_like_an_option_with_its_value(words, spec_of):
    """`-n*x` is no number of samples; beside a true one it is the expression, in either order."""
    assert spec_of("quiver", *words) == gradviz.Quiver(expression="-n*x", samples=5)


def test_values_may_begin_with_minus(spec_of):
    """What follows an option is its value, whatever it begins with."""
    spec = spec_of("contour", "--title", "-x", "-x*y", "-r", "-2:-1", "--xlabel", "-n", "--set", "x=-1")
    wanted = gradviz.Contour(expression="-x*y", title="-x", range=(-2, -1), xlabel="-n", set={"x": -1})
    assert spec == wanted


def test_short_options_may_hold_their_value(spec_of):
    """`-n5` and `-rx=0:1` are options as they are anywhere."""
    assert spec_of("contour", "x", "-n5", "-rx=0:1") == gradviz.Contour(
        expression="x", samples=5, range={"x": (0, 1)}
    )


@pytest.mark.parametrize(
    "text", [b"x0**2 + 3*x1", b"x0**2 + 3*x1\n", b"x0**2 + 3*x1\r\n", b"-x0**2 + x1\n", "π·x²\n".encode()]
)
def test_an_expression_may_come_from_standard_input(text, spec_of):
    """`-` reads the expression, strictly as UTF-8, with or without a line end."""
    wanted = text.decode().rstrip("\r\n")
    assert spec_of("contour", "-", stdin=text).expression == wanted
    assert spec_of("contour", "-", stdin=b"\xef\xbb\xbf" + text).expression == wanted  # a mark of UTF-8


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"x0 \xff", "UTF-8"),
        (b"sine(x)", "sine"),
        (b"x" * 100_000, "8,000"),
    ],
)
def test_wrong_standard_input_is_refused(text, word, run, here):
    """What cannot be an expression is a wrong request; no more is read than the limit needs."""
    answer = run("contour", "-", stdin=text)
    assert (answer.code, answer.out) == (2, b"")
    assert word in answer.err
    assert names(here) == []


# Variables ------------------------------------------------------------------------------------------------


def test_vars_set_and_fix(spec_of):
    """The order of the axes, parameters and held variables are those of the options."""
    assert spec_of("quiver", "x0*x1", "--vars", "x1,x0").reading.variables == ("x1", "x0")
    assert spec_of("quiver", "a*x0*x1", "--set", "a=1/2").reading.parameters == {"a": 0.5}
    assert spec_of("quiver", "x0*x1*x2", "--fix", "x2=5").reading.variables == ("x0", "x1")
    assert spec_of("quiver", "rate*time", "-r", "rate=0:1", "--vars", "rate,time").interval("rate") == (0, 1)
    found = spec_of(
        "quiver", "a*b*x0*x1", "--set", "a=1", "--set", "b=-2", "-r", "x0=0:1", "-r", "x1=0:2:0.5"
    )
    assert found == gradviz.Quiver(
        expression="a*b*x0*x1", set={"a": 1, "b": -2}, range={"x0": (0, 1), "x1": (0, 2, 0.5)}
    )


def test_a_fixed_variable_has_its_number(run, here):
    """The function is x0 + 10 x1 + 100 x2 with x1 = 5 held: the data over (x0, x2) are x0 + 50 + 100 x2."""
    answer = run("contour", "x0 + 10*x1 + 100*x2", "--fix", "x1=5", *SMALL, "--data", "a.csv")
    assert answer.code == 0
    with (here / "a.csv").open(newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert list(rows[0]) == ["x0", "x2", "f"]
    for row in rows:
        assert row["f"] == pytest.approx(row["x0"] + 50 + 100 * row["x2"], rel=1e-15)


# Wrong requests -------------------------------------------------------------------------------------------

WRONG = [
    (["quiver"], "EXPR"),
    (["quiver", "x0", "x1"], "x1"),
    (["quivr", "x0*x1"], "quiver"),
    (["--nosuch"], "--nosuch"),
    (["quiver", "x0*x1", "--colour", "red"], "--color"),
    (["quiver", "x0*x1", "--at", "3"], "--at"),
    (["quiver", "--x0"], "--x0"),
    (["quiver", "x0*x1", "--grid=1"], "--grid"),
    (["quiver", ""], "empty"),
    (["quiver", "  "], "empty"),
    (["quiver", "x0*sine(x1)"], "did you mean 'sin'"),
    (["quiver", "2*pie"], "did you mean 'pi'"),
    (["quiver", "rate*time"], "--vars"),
    (["quiver", "x0*"], "^"),
    (["quiver", "(x0"], "closed"),
    (["quiver", "1/0"], "zero"),
    (["quiver", "9**9**9"], "overflows"),
    (["quiver", "sqrt(-1)"], "real"),
    (["quiver", "__import__('os')"], "__import__"),
    (["quiver", "x" * 9000], "8,000"),
    (["quiver", "x0*x1*x2"], "--fix x2=0"),
    (["tangent", "x*y"], "--fix y=0"),
    (["quiver", "x0*x1", "--vars", "x0"], "--vars"),
    (["quiver", "x0*x1", "--vars", "x0,x0"], "distinct, got x0, x0"),
    (["quiver", "x0*x1", "--vars", ""], "--vars"),
    (["quiver", "x0*x1", "--set", "a=1"], "'a'"),
    (["quiver", "a*x0", "--set", "a"], "NAME=VALUE"),
    (["quiver", "a*x0", "--set", "a="], "--set"),
    (["quiver", "a*x0", "--set", "a=b"], "--set"),
    (["quiver", "a*x0", "--set", "a=1", "--set", "a=2"], "'a'"),
    (["quiver", "a*x0", "--set", "a=1", "--fix", "a=1"], "--fix"),
    (["quiver", "x0", "--set", "pi=3"], "pi"),
    (["quiver", "x0*x1", "-r", "2:1"], "2:1"),
    (["quiver", "x0*x1", "-r", "1"], "LO:HI"),
    (["quiver", "x0*x1", "-r", "0:pi,0:1"], "x=0:1 and y=2:3"),
    (["quiver", "x0*x1", "-r", "x0=0:pi,x1=0:1"], "x=0:1 and y=2:3"),
    (["quiver", "x0*x1", "-r", "1:2:3:4"], "LO:HI"),
    (["quiver", "x0*x1", "-r", "0:nan"], "--range"),
    (["quiver", "x0*x1", "-r", "0:1e200"], "1e+150"),
    (["quiver", "x0*x1", "-r", "0:1", "-r", "1:2"], "--range"),
    (["quiver", "x0*x1", "-r", "x2=0:1"], "x2"),
    (["quiver", "x0*x1", "-n", "1"], "--samples"),
    (["quiver", "x0*x1", "-n", "3,4,5"], "--samples"),
    (["quiver", "x0*x1", "-n", "many"], "--samples"),
    (["quiver", "x0*x1", "-n", "100"], "60"),
    (["stream", "x0*x1", "-n", "300"], "200"),
    (["contour", "x0*x1", "-n", "4001"], "4,000"),
    (["surface", "x0*x1", "-n", "4000"], "4,000,000"),
    (["tangent", "x", "-n", "5,6"], "--samples"),
    (["quiver", "x0*x1", "--xlim", "1:0"], "--xlim"),
    (["quiver", "x0*x1", "--xticks", "0:1"], "--xticks"),
    (["quiver", "x0*x1", "--size", "4,3,2"], "--size"),
    (["quiver", "x0*x1", "--size", "100,100"], "--size"),
    (["quiver", "x0*x1", "--size", "40,40", "--dpi", "1200"], "pixels"),
    (["quiver", "x0*x1", "--dpi", "5"], "--dpi"),
    (["quiver", "x0*x1", "--dpi", "x"], "--dpi"),
    (["quiver", "x0*x1", "--title", "x" * 201], "200"),
    (["quiver", "x0*x1", "--cmap", "virids"], "viridis"),
    (["quiver", "x0*x1", "--style", "bok"], "book"),
    (["quiver", "x0*x1", "--method", "exat"], "exact"),
    (["quiver", "abs(x0)*x1", "--method", "complex"], "abs"),
    (["quiver", "x0*x1", "--step", "0"], "--step"),
    (["quiver", "x0*x1", "--arrows", "tru"], "true"),
    (["quiver", "x0*x1", "--color", "reddish"], "'red'"),
    (["tangent", "x**2", "--color", "none"], "#rrggbb"),
    (["descent", "x0*x1", "--color", "red,blue"], "one for each optimizer"),
    (["contour", "x0*x1", "--linewidth", "0"], "0.1 to 20 points"),
    (["stream", "x0*x1", "--linewidth", "1,2"], "at most 1"),
    (["surface", "x0*x1", "--linewidth", "thick"], "--linewidth"),
    (["pairs", "x0*x1", "--transparent=no"], "--transparent"),
    (["stream", "x0*x1", "--density", "9"], "--density"),
    (["contour", "x0*x1", "--levels", "1:2:x"], "--levels"),
    (["contour", "x0*x1", "--levels", "0:1"], "--levels"),
    (["surface", "x0*x1", "--plot", "wirefram"], "wireframe"),
    (["surface", "x0*x1", "--elev", "91"], "--elev"),
    (["tangent", "x", "--at", "a"], "--at"),
    (["tangent", "x", "--at", ""], "--at"),
    (["quiver", "x0*x1", "-o", "a.pgn"], "'png'"),
    (["quiver", "x0*x1", "-o", "a.gif"], "png"),
    (["quiver", "x0*x1", "-o", "a"], "png"),
    (["quiver", "x0*x1", "--data", "a.txt"], "csv"),
    (["grad", "x*y"], "--at"),
    (["grad"], "EXPR"),
    (["grad", "x*y", "--at", "3"], "x, y"),
    (["grad", "x*y", "--at", "3,4,5"], "x, y"),
    (["grad", "x*y", "--at", "3,a"], "a"),
    (["grad", "x*y", "--at", "3,4", "--method", "exat"], "exact"),
    (["grad", "x*y", "--at", "3,4", "--step", "0"], "step"),
    (["grad", "abs(x)", "--at", "3", "--method", "complex"], "abs"),
    (["batch"], "PRESETS"),
    (["batch", "bok"], "book"),
    (["batch", "no.yaml"], "no.yaml"),
    (["watch"], "PRESETS"),
    (["watch", "no.yaml"], "no.yaml"),
    (["watch", "book", "--format", "pgn"], "'png'"),
    (["watch", "book", "--jobs", "0"], "--jobs"),
    (["presets", "bok"], "book"),
    (["presets", "functions", "--schema"], "--schema"),
    (["redraw"], "FIGURE"),
    (["inspect"], "FIGURE"),
]


@pytest.mark.parametrize("value", ["nan", "-inf", "-1", "0", "abc", "1e400", "1/0"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["batch", "book"], "--timeout"),
        (["watch", "book"], "--timeout"),
        (["watch", "book"], "--jobs"),
        (["descent", "x*y", "--animate"], "--fps"),
        (["grad", "x*y", "--at", "1,2"], "--step"),
        (["check", "x*y"], "--step"),
    ],
)
def test_a_number_that_will_not_do_is_told_in_one_line(command, option, value, run, here):
    """What is no number, not finite or out of bounds is told with the option and the value, as typed."""
    answer = run(*command, f"{option}={value}")
    assert (answer.code, answer.out, names(here)) == (2, b"", []), answer.err
    assert answer.err.count("\n") == 1, answer.err
    assert option.strip("-") in answer.err
    assert value in answer.err.replace("step must be above 0", "0")
    assert "Input" not in answer.err


def test_a_built_in_function_is_an_expression_by_its_name(run):
    """In every command; the picture has the formula, so that it is redrawn without the name."""
    formula = "(1 - x)**2 + 100*(y - x**2)**2"
    for command in (["contour"], ["surface"], ["quiver"], ["descent", "--start=-1,1"]):
        assert run(*command, "rosenbrock", "-n", "20", "-o", "a.png").code == 0
        assert run("inspect", "a.png", "--json").json["expression"] == formula
    assert run("grad", "himmelblau", "--at", "3,2", "--json").json["values"] == [0.0]
    assert run("critical", "booth", "-r=-10:10", "--json").json["points"][0]["at"] == pytest.approx([1, 3])
    assert run("check", "six-hump-camel").code == 0
    answer = run("contour", "rosenbrok")
    assert (answer.code, answer.err.splitlines()[-1]) == (2, "  ^^^^^^^^^ did you mean 'rosenbrock'?")
    assert run("tangent", "theta", "--at", "1").code == 0


def test_a_slip_in_a_command_is_told_in_sentences(run):
    """What was meant comes first, then where all commands are listed, without ?; between them."""
    said = run("quivr", "x").err
    assert "'quiver'?" in said
    assert "?;" not in said
    assert "see gradviz" in said
    assert run("quiver", "x**2 + y = 1").err.endswith("^ write x**2 + y - 1, which is 0 there\n")


@pytest.mark.parametrize("typed", ["(1,2)", "[1, 2]", " (1,x) "])
@pytest.mark.parametrize("command", [["grad", "x*y", "--at"], ["descent", "x*y", "--start"]])
def test_brackets_around_numbers_are_told(command, typed, run):
    """A point as Python writes it is refused with the way to write it; brackets inside numbers are fine."""
    answer = run(*command, typed)
    assert answer.code == 2
    assert f"must be numbers without brackets, got '{typed}'; use {typed.strip()[1:-1]}\n" in answer.err
    assert run("grad", "x*y", "--at", "(1+2),(3)", "--json").json["values"] == [9]


def test_the_number_of_processes_is_whole_and_not_negative(run, here):
    """0 processes draw in this one; fewer, a half or a word are refused in words that name the option."""
    for value in ("-1", "1.5", "nan", "two"):
        answer = run("batch", "book", "--jobs", value)
        assert (answer.code, answer.out, names(here)) == (2, b"", [])
        assert answer.err.startswith("error: --jobs: ")
        assert value in answer.err
    assert "greater" not in run("batch", "book", "--jobs=-1").err


@pytest.mark.parametrize(
    ("arguments", "word"), WRONG, ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else ""
)
def test_a_wrong_request_is_refused_in_words(arguments, word, run, here):
    """Exit 2, one to five lines that say what came or what would do, nothing else, no file."""
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.startswith("error: ")
    assert 1 <= answer.err.count("\n") <= 5
    assert answer.err.endswith("\n")
    assert word in answer.err
    assert "Traceback" not in answer.err
    assert "fault in gradviz" not in answer.err
    assert names(here) == []


@pytest.mark.parametrize("option", ["--range", "--output", "--title", "--cmap"])
def test_an_option_without_its_value_is_refused(option, run, here):
    """An option at the end of the line does not find its value in what was not typed."""
    answer = run("quiver", "x0*x1", *SMALL, option)
    assert (answer.code, answer.out) == (2, b"")
    assert option in answer.err
    assert "'--'" not in answer.err
    assert names(here) == []


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["descent", "x*y", "--steps", "5", "--steps=6"], "--steps"),
        (["tangent", "x", "--at", "1", "--taylor", "2", "--taylor", "1"], "--taylor"),
        (["quiver", "x*y", "-o", "a.png", "--output", "b.png"], "--output"),
        (["contour", "x*y", "-n", "3", "-n", "3", "-n", "4"], "--samples"),
        (["grad", "x*y", "--at", "1,2", "--method", "exact", "--method", "central"], "--method"),
        (["batch", "book", "--out-dir", "a", "--out-dir", "b"], "--out-dir"),
    ],
)
def test_an_option_of_one_value_is_given_once(arguments, option, run, here):
    """Which of two values is meant is not guessed, of any command; a switch may be repeated."""
    answer = run(*arguments)
    assert (answer.code, answer.out, names(here)) == (2, b"", [])
    assert answer.err.startswith(f"error: {option}: must have one value, got ")


def test_options_of_several_values_and_switches_may_be_repeated(spec_of):
    """A range for each variable, and --grid twice, are no contradiction."""
    spec = spec_of("quiver", "x*y", "-r", "x=0:1", "-r", "y=1:2", "--grid", "--grid", "--ascent", "--ascent")
    assert (spec.range["y"], spec.grid, spec.ascent) == ((1, 2), True, True)


@pytest.mark.parametrize("option", ["-o", "--data"])
def test_an_empty_path_is_no_path(option, run, here):
    """An empty name, as an unset variable of a shell leaves it, is refused."""
    answer = run("quiver", "x0*x1", *SMALL, option, "")
    assert (answer.code, answer.out) == (2, b"")
    assert names(here) == []


def test_an_error_says_which_option_is_wrong_and_a_caret_where(run):
    """A value has its option's name before it; an expression has a caret under exactly the fault."""
    assert run("quiver", "x0", "--dpi", "5").err == "error: --dpi: must be at least 20, got '5'\n"
    first, second, third = run("quiver", "x0 + 9**9**9").err.splitlines()
    assert "overflows" in first
    assert second == "  x0 + 9**9**9"
    assert third == "       ^^^^^^^"


def test_several_wrong_options_are_told_at_once(run):
    """Each fault is a line, and there are at most five."""
    answer = run("surface", "x*y", "--dpi", "5", "--style", "bok", "--elev", "100")
    assert answer.code == 2
    assert all(option in answer.err for option in ("--dpi", "--style", "--elev"))
    answer = run(
        "surface", "x*y", "--dpi", "5", "--style", "bok", "--elev", "100", "--azim", "999", "--plot", "a",
        "--levels", "0", "-n", "1", "--cmap", "no",
    )  # fmt: skip
    assert answer.err.count("\n") <= 5
    assert "more" in answer.err


NOTHING_THERE = [
    (["contour", "log(-1 - x0**2)"], "undefined"),
    (["surface", "sqrt(-1 - x0**2)"], "undefined"),
    (["quiver", "log(-1 - x0**2)"], "undefined"),
    (["stream", "log(-1 - x0**2)"], "undefined"),
    (["tangent", "log(-1 - x**2)"], "undefined"),
    (["tangent", "1/x", "--at", "0"], "0"),
]


@pytest.mark.parametrize(
    ("arguments", "word"), NOTHING_THERE, ids=lambda value: value[0] if isinstance(value, list) else ""
)
def test_a_figure_that_cannot_be_drawn_is_an_error(arguments, word, run, here):
    """Where there is nothing to draw, that is said in a line, and nothing is written."""
    answer = run(*arguments, "--data", "a.csv")
    assert answer.code in (1, 2)
    assert (answer.out, answer.err.count("\n")) == (b"", 1)
    assert word in answer.err
    assert names(here) == []


@every_kind
def test_constants_draw(kind, run):
    """A constant is a picture, without a warning."""
    answer = run(kind, "2*pi", *SMALL, "-q")
    assert (answer.code, answer.err) == (0, "")


PLOTS = [
    *([kind] for kind in KINDS),
    *(["surface", "--plot", plot] for plot in ("wireframe", "contour", "contourf", "scatter")),
    ["contour", "--filled"],
    ["quiver", "--style", "book"],
    ["tangent", "--derivative", "--at", "1"],
]


@pytest.mark.parametrize("arguments", PLOTS, ids=" ".join)
def test_undefined_points_are_left_out_without_a_warning(arguments, run):
    """One note is said, and no more: any warning is an error in these tests."""
    kind, *options = arguments
    expression = "log(x)" if kind == "tangent" else "log(x0) + x1"
    answer = run(kind, *options, expression, "-n", "7", "--dpi", "30")
    assert (answer.code, answer.out) == (0, f"{kind}.png\n".encode()), answer.err
    chosen = ("note: the path starts", "note: the optimizer is", "note: the point is")
    (note,) = (line for line in answer.err.splitlines() if not line.startswith(chosen))
    assert note.startswith("note: the function is undefined at ")


def test_a_process_of_its_own_says_no_more(shell):
    """Where nothing catches warnings there are none, neither of NumPy nor of Matplotlib."""
    answer = shell("quiver", "log(x0) + 1/x1", "-n", "7", "--dpi", "30", "-q")
    assert (answer.code, answer.err) == (0, "")


# Help, version, and the end -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [*KINDS, "grad", "check", "batch", "watch", "presets", "redraw", "inspect"]
)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help(command, option, run):
    """Help is a result: on standard output, with the name and the options, and exit 0."""
    answer = run(command, option)
    assert (answer.code, answer.err) == (0, "")
    assert f"gradviz {command}" in answer.out.decode()
    assert "--help" in answer.out.decode()


def test_help_lists_the_commands(run):
    """Without a command, and with --help, all commands are listed."""
    for words in ([], ["--help"], ["-h"]):
        answer = run(*words)
        assert (answer.code, answer.err) == (0, "")
        for command in (*KINDS, "grad", "check", "batch", "watch", "presets", "redraw", "inspect"):
            assert f"  {command} " in answer.out.decode()


def test_the_version_is_told(run):
    """--version is the program's name and version."""
    answer = run("--version")
    assert (answer.code, answer.out.decode(), answer.err) == (0, f"gradviz {gradviz.__version__}\n", "")


def test_python_m_is_the_same(shell, run, here):
    """`python -m gradviz` draws the same bytes and ends with the same codes."""
    answer = shell("contour", "x*y", *SMALL, "-o", "a.png")
    assert (answer.code, answer.out, answer.err) == (0, b"a.png\n", "")
    run("contour", "x*y", *SMALL, "-o", "b.png")
    assert (here / "a.png").read_bytes() == (here / "b.png").read_bytes()
    assert shell("contour", "sine(x)").code == 2


def test_an_interrupt_is_130(run, here, monkeypatch):
    """Ctrl-C ends with 130, a word on standard error and no file."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradviz.figures.contour.compose", interrupt)
    answer = run("contour", "x*y", *SMALL)
    assert (answer.code, answer.out) == (130, b"")
    assert answer.err.count("\n") == 1
    assert names(here) == []


INTERRUPTED = """
import sys, time
import gradviz.figures.contour
from gradviz.cli import main
def wait(*_):
    print("drawing", file=sys.stderr, flush=True)
    time.sleep(30)
gradviz.figures.contour.compose = wait
sys.exit(main(["contour", "x*y", "-n", "4"]))
"""


@posix
def test_an_interrupt_of_the_process_is_130(here, environment):
    """A SIGINT in the middle of drawing ends the process with 130, without a traceback and without a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=here,
    )  # fmt: skip
    assert process.stderr.readline() == b"drawing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert names(here) == []


def test_too_little_memory_is_said(run, here, monkeypatch):
    """A picture too large for the machine is an error with a way out."""

    def fail(*_):
        raise MemoryError

    monkeypatch.setattr("gradviz.figures.contour.compose", fail)
    answer = run("contour", "x*y", *SMALL)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, b"", 1)
    assert "--samples" in answer.err
    assert names(here) == []


def test_a_fault_of_ours_is_one_line(run, here, monkeypatch):
    """What should not happen is told as our fault in one line, exit 1, without a traceback."""

    def fail(*_):
        raise RuntimeError("what \x1b[31m happened\nhere")

    monkeypatch.setattr("gradviz.figures.contour.compose", fail)
    answer = run("contour", "x*y", *SMALL)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, b"", 1)
    assert "RuntimeError" in answer.err
    assert "\x1b" not in answer.err
    assert names(here) == []


@posix
def test_nobody_reading_on_is_no_traceback(here, environment):
    """If the reader of a pipe is gone, the command ends quietly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gradviz", "presets", "--schema"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=here,
    )  # fmt: skip
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(20) in (0, 1)
    assert err == b""


# Terminals ------------------------------------------------------------------------------------------------


@pytest.fixture
def on_terminal(here, environment):
    """Return the command line as a function, run with a terminal for standard error and a pipe for output."""

    def call(*arguments, env=None, both=False):
        master, slave = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "gradviz", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=slave if both else subprocess.PIPE,
            stderr=slave,
            env={**environment, "TERM": "xterm-256color", "COLUMNS": "80", **(env or {})},
            cwd=here,
        )
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:  # how a terminal ends on Linux
            pass
        out = b"" if both else process.stdout.read()
        if process.stdout:
            process.stdout.close()
        os.close(master)
        return process.wait(20), out, shown.replace(b"\r\n", b"\n").decode()

    return call


MATHEMATICS = "f[i]+[red]x"


@posix
def test_messages_are_coloured_on_a_terminal_and_mathematics_is_left_alone(on_terminal):
    """On a terminal the word `error:` is coloured; what the user typed is shown as typed."""
    code, out, shown = on_terminal("quiver", MATHEMATICS)
    assert (code, out) == (2, b"")
    assert "\x1b[" in shown.splitlines()[0]
    assert shown.splitlines()[1] == f"  {MATHEMATICS}"
    assert "[/" not in shown


@posix
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_no_color_is_honoured_on_a_terminal(env, on_terminal):
    """With NO_COLOR there is no colour code even on a terminal."""
    code, _, shown = on_terminal("quiver", MATHEMATICS, env=env)
    assert code == 2
    assert "\x1b" not in shown
    assert MATHEMATICS in shown


COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:[34][0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    "arguments",
    [
        ["contour", "x0", *SMALL, "-v"],
        ["quiver", "--help"],
        ["quiver", "x", "--nosuch"],
        ["descent", "x**2 + y", "-n", "9", "--dpi", "30", "--steps", "3", "-o", "a.gif"],
    ],
)
def test_no_color_holds_for_notes_help_and_progress(arguments, on_terminal):
    """With NO_COLOR nothing that is said has a colour, and all of it is said."""
    env = {"NO_COLOR": "1", "FORCE_COLOR": "1"}
    code, _, shown = on_terminal(*arguments, env=env, both=True)
    assert (code, COLOUR.search(shown)) == (2 if "--nosuch" in arguments else 0, None)
    assert shown
    with_colour = on_terminal("quiver", "x", "--nosuch")[2]
    assert COLOUR.search(with_colour)


@pytest.mark.parametrize(
    "arguments",
    [["quiver", MATHEMATICS], ["contour", "x0", *SMALL], ["quiver", "--help"], ["quiver", "--nosuch"]],
)
def test_there_are_no_colour_codes_in_pipes(arguments, shell):
    """In a pipe nothing is coloured, whatever the environment asks of others."""
    answer = shell(*arguments, env={"FORCE_COLOR": "1", "GITHUB_ACTIONS": "true", "CLICOLOR_FORCE": "1"})
    assert b"\x1b" not in answer.out
    assert "\x1b" not in answer.err
    if MATHEMATICS in arguments:
        assert f"  {MATHEMATICS}\n" in answer.err


@pytest.mark.parametrize("text", [MATHEMATICS, "[/foo]", "[bold]x[/bold]", "x[link=y]", r"\[x]", ":smile:"])
def test_markup_of_a_users_own_is_text(text, run):
    """Nothing that a user types is read as the markup of a message."""
    answer = run("quiver", text)
    assert answer.code == 2
    assert text in answer.err
    assert text in run("quiver", "x0", "--style", text).err


@pytest.mark.parametrize("text", ["x\x1b[31m", "x\x07", "x\u202ey", "x\u200b", "x\x9b"])
def test_control_characters_are_shown_and_not_sent(text, run):
    """Escape sequences, bidirectional marks and what cannot be seen are one replacement character each."""
    for arguments in (
        ["quiver", text],
        ["quiver", "x", "--style", text],
        ["quiver", "x", f"--{text}"],
        [text],
    ):
        answer = run(*arguments)
        assert answer.code == 2
        assert not set(answer.err) & set("\x1b\x07\u202e\u200b\x9b")


@posix
def test_a_batch_on_a_terminal_prints_its_results_where_they_belong(on_terminal, here):
    """Paths go to the pipe while the progress is shown on the terminal."""
    (here / "my.yaml").write_text(
        "defaults: {dpi: 30, samples: 4, expression: x}\na: {kind: contour}\nb: {kind: contour, title: b}\n"
    )
    code, out, shown = on_terminal("batch", "my.yaml")
    assert (code, out) == (0, b"a.png\nb.png\n")
    assert "a.png" not in shown


@posix
def test_frames_are_counted_on_a_terminal(on_terminal):
    """While a moving picture is drawn there is a bar on the terminal; its path goes to the pipe."""
    code, out, shown = on_terminal("descent", "x*y", *SMALL, "--animate", "--steps", "9")
    assert (code, out) == (0, b"descent.gif\n")
    assert "/10" in shown
    assert "/10" not in on_terminal("descent", "x*y", *SMALL, "--animate", "--steps", "9", "-q")[2]


@posix
def test_a_result_on_a_terminal_has_no_colour_codes(on_terminal):
    """A path on a terminal is the path, so that it can be copied."""
    code, _, shown = on_terminal("contour", "x*y", *SMALL, both=True)
    assert (code, shown) == (0, "contour.png\n")


@posix
def test_a_path_is_itself_in_a_pipe_and_harmless_on_a_terminal(on_terminal, shell):
    """What a terminal would obey is shown as one types it in a shell; a program gets the path's own name."""
    path = "\x1b[31mX\x07 é.png"
    code, _, shown = on_terminal("contour", "x*y", *SMALL, "-o", path, both=True)
    assert (code, shown) == (0, "$'\\x1b[31mX\\x07 é.png'\n")
    assert shell("contour", "x*y", *SMALL, "-o", path).out == f"{path}\n".encode()


@pytest.mark.parametrize("letters", [["-n=3", "-r=-2:1"], ["-n", "3", "-r", "-2:1"], ["-n3", "-r-2:1"]])
@pytest.mark.usefixtures("here")
def test_a_short_option_may_have_its_value_behind_an_equals_sign(letters, run):
    """As a long one may: `-r=-2:1` is `-r -2:1`, and the expression stays what it is."""
    answer = run("quiver", "-x0*x1", *letters, "--dpi", "30", "-o=it.png", "--json")
    assert (answer.code, answer.json["path"]) == (0, "it.png")
    assert answer.json["spec"]["expression"] == "-x0*x1"
    assert answer.json["samples"] == [3, 3]
    assert answer.json["range"] == {"x0": [-2.0, 1.0], "x1": [-2.0, 1.0]}


@pytest.mark.parametrize("title", ["-r=5", "-o=see", "-n=", "--", "-q"])
def test_the_value_of_an_option_is_what_was_typed(title, run):
    """Whatever it looks like, as in the command that `inspect` prints."""
    answer = run("contour", "x0*x1", "-n", "4", "--dpi", "30", "--title", title, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["spec"]["title"] == title
    printed = run("inspect", "contour.png").lines[-1]
    again = run(*shlex.split(printed)[1:], "--json", "-o", "again.png")
    assert again.json["spec"] == answer.json["spec"]


def test_nothing_behind_an_equals_sign_is_an_empty_value(run):
    """It does not take the next argument for its value."""
    answer = run("quiver", "x0*x1", "-r=", "-n", "5")
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err == "error: --range: must be LO:HI or LO:HI:STEP, got ''\n"


def test_an_option_is_no_expression(run):
    """Where the expression is missing, that is what is told."""
    for words in (["-n=11"], ["-n", "11"], ["--samples=11"]):
        answer = run("quiver", *words)
        assert answer.code == 2
        assert "EXPR" in answer.err


@posix
@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["grad", "x**2", "--at", "1"], 1), (["grad", "x**2", "--at", "1", "--json"], 1),
     (["contour", "x0", "-n", "4", "--dpi", "30", "-q"], 0)],
)  # fmt: skip
def test_results_that_nobody_can_have_are_no_success(arguments, code, here, environment):
    """With standard output closed numbers are lost, which is told; a picture's file is there all the same."""
    words = shlex.join([sys.executable, "-m", "gradviz", *arguments])
    done = subprocess.run(
        f"{words} >&-", shell=True, cwd=here, env=environment, stderr=subprocess.PIPE, check=False
    )
    assert done.returncode == code
    told = b"error: cannot write to standard output: it is closed\n"
    assert done.stderr == (told if code else b"")
    assert (here / "contour.png").exists() == (code == 0)


@posix
def test_the_path_of_a_check_is_harmless_on_a_terminal(on_terminal):
    """As that of any other picture is."""
    code, _, shown = on_terminal(
        "check", "x0**2 + x1", "--steps", "-n", "4", "-o", "e\x1b]0;x\a.png", both=True
    )
    assert code == 0
    assert "\x1b]" not in shown
    assert "$'e\\x1b]0;x\\x07.png'" in shown


# Numbers --------------------------------------------------------------------------------------------------

NUMBERS = [
    ("N1", "x**2 + 3*x + 100", ["10"], [[23]]),
    ("N2", "0.01*x**2 + 0.1*x", ["5", "10"], [[0.2], [0.3]]),
    ("N3", "x0**2 + x1**2", ["3,4", "0,2", "3,0"], [[6, 8], [0, 4], [6, 0]]),
    ("N3 as floats", "x0**2 + x1**2", ["3.0,4.0", "0.0,2.0", "3.0,0.0"], [[6, 8], [0, 4], [6, 0]]),
    ("N4", "x0**2 + 2*x0*x1 + x2**2", ["3,4,5"], [[14, 6, 10]]),
    ("N6", "sin(x)", ["0", "pi/3", "-pi"], [[1], [0.5], [-1]]),
]


@pytest.mark.parametrize("method", ["adaptive", "central", "complex", "exact"])
@pytest.mark.parametrize(
    ("expression", "points", "wanted"), [row[1:] for row in NUMBERS], ids=[row[0] for row in NUMBERS]
)
def test_the_numbers_of_the_book(expression, points, wanted, method, run):
    """N1 to N4 and N6: the gradient by each method within its own error, and the exact one."""
    words = itertools.chain(*(("--at", point) for point in points))
    answer = run("grad", expression, *words, "--method", method, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert len(answer.out.splitlines()) == 1
    found = answer.json
    assert set(found) >= {"expression", "variables", "points", "values", "gradient", "error", "exact"}
    assert found["expression"] == expression
    assert len(found["points"]) == len(found["values"]) == len(points)
    for slopes, errors, exact, expected in zip(
        found["gradient"], found["error"], found["exact"], wanted, strict=True
    ):
        assert exact == pytest.approx(expected, rel=1e-14, abs=1e-14)
        assert slopes == pytest.approx(expected, rel=1e-6, abs=1e-6)
        assert all(abs(a - b) <= error + 1e-15 for a, b, error in zip(slopes, expected, errors, strict=True))


def test_the_values_stand_beside_the_gradient(run):
    """The values are those of the points: x0^2 + 3 x1 at (2, 5) is 19, its gradient (4, 3)."""
    found = run("grad", "x0**2 + 3*x1", "--at", "2,5", "--json").json
    assert (found["variables"], found["points"], found["values"]) == (["x0", "x1"], [[2, 5]], [19])
    assert found["exact"] == [[4, 3]]


def test_the_derivative_of_sine_is_cosine(run):
    """N6: the exact derivative is told in the language of expressions."""
    answer = run("grad", "sin(x)", "--at", "0")
    assert answer.code == 0
    assert "df/dx = cos(x)" in answer.lines


def test_grad_prints_a_table(run):
    """For people: a row a point, with the value, the slopes, their errors and the exact ones."""
    answer = run("grad", "x0**2 + 3*x1", "--at", "2,5", "--at", "-1,0")
    assert (answer.code, answer.err) == (0, "")
    header, first, second = (line.split() for line in answer.lines[-3:])
    assert header == ["x0", "x1", "f", "df/dx0", "error", "exact", "df/dx1", "error", "exact"]
    assert [float(first[place]) for place in (0, 1, 2, 3, 5, 6, 8)] == [2, 5, 19, 4, 4, 3, 3]
    assert [float(second[place]) for place in (0, 1, 2, 3, 5, 6, 8)] == [-1, 0, 1, -2, -2, 3, 3]


POINTS = "x1,x0\n5,2\n0,-1\n"


@pytest.mark.parametrize(
    "text",
    [
        POINTS,
        "x0,x1\n2,5\n-1,0\n",
        "name,x1,f,x0\nfirst,5,19,2\nsecond,0,1,-1\n",
        "\ufeffx1, x0\r\n5,2\r\n\r\n0,-1\r\n",
        'x1,x0\n"5","2"\n0.0,-1e0\n',
    ],
)
@pytest.mark.parametrize("source", ["file", "stdin"])
def test_points_are_read_by_the_names_of_their_columns(text, source, run, here):
    """A header in any order, with other columns beside, from a file or from standard input."""
    (here / "p.csv").write_bytes(text.encode())
    words = ["--points", "-"] if source == "stdin" else ["--points", "p.csv"]
    found = run(
        "grad", "x0**2 + 3*x1", *words, "--json", stdin=text.encode() if source == "stdin" else b""
    ).json
    assert found["points"] == [[2, 5], [-1, 0]]
    assert found["values"] == [19, 1]
    assert found["exact"] == [[4, 3], [-2, 3]]


def test_points_of_a_file_follow_those_of_the_line(run, here):
    """--at and --points can both be given."""
    (here / "p.csv").write_text(POINTS)
    assert run("grad", "x0**2 + 3*x1", "--points", "p.csv", "--at", "7,8", "--json").json["points"] == [
        [7, 8],
        [2, 5],
        [-1, 0],
    ]


def test_the_data_of_a_figure_are_points_to_read(run, here):
    """What --data writes, --points reads: the gradient of a figure and the numbers of grad agree."""
    run("quiver", "x0**2 + 3*x1", "-n", "3,4", "--dpi", "30", "--data", "d.csv")
    found = run("grad", "x0**2 + 3*x1", "--points", "d.csv", "--json").json
    with (here / "d.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12
    assert [float(row["f"]) for row in rows] == pytest.approx(found["values"], rel=1e-15)
    for row, exact in zip(rows, found["exact"], strict=True):
        assert [float(row["df/dx0"]), float(row["df/dx1"])] == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", ["x0, x1", "an empty line"]),
        (b"\n", ["x0, x1"]),
        (b"x0\n1\n", ["x0, x1"]),
        (b"x0,x1,x0\n1,2,3\n", ["x0"]),
        (b"x0,x1\n", ["--at"]),
        (b"x0,x1\n1,2\n1\n", ["p.csv:3"]),
        (b"x0,x1\n1,2\n1,b\n", ["p.csv:3", "b"]),
        (b"x0,x1\n1,nan\n", ["p.csv:2"]),
        (b"x0,x1\n1,1e999\n", ["p.csv:2"]),
        (b"x0,x1\n1,\n", ["p.csv:2"]),
        (b"x0,x1\n1,\xff\n", ["p.csv"]),
        (b"\x00\x01", ["p.csv"]),
    ],
)
def test_points_that_cannot_be_read_are_told_with_their_line(text, words, run, here):
    """A missing column, a missing number and a file that is no text are told with file and line."""
    (here / "p.csv").write_bytes(text)
    answer = run("grad", "x0**2 + 3*x1", "--points", "p.csv")
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.count("\n") == 1
    assert all(word in answer.err for word in words), answer.err


def test_points_that_are_not_there_are_exit_1(run):
    """A file that cannot be read is something that could not be done."""
    answer = run("grad", "x*y", "--points", "no.csv")
    assert (answer.code, answer.out) == (1, b"")
    assert "no.csv" in answer.err


def test_only_one_thing_can_be_read_from_standard_input(run):
    """The expression and the points cannot both come from it."""
    answer = run("grad", "-", "--points", "-", stdin=b"x")
    assert (answer.code, answer.out) == (2, b"")


def test_a_number_that_is_not_finite_is_null(run):
    """JSON has no NaN: where f is undefined there is null, in every list."""
    answer = run("grad", "log(x)", "--at", "-1", "--at", "1", "--json")
    found = json.loads(answer.out, parse_constant=pytest.fail)
    assert found["values"] == [None, 0]
    assert found["gradient"][0] == found["error"][0] == found["exact"][0] == [None]
    assert found["exact"][1] == [1]


def test_what_is_undefined_is_told_unless_quiet(run):
    """The table says nan, and a note how many."""
    answer = run("grad", "log(x)", "--at", "-1", "--at", "1")
    assert (answer.code, "1 of 2" in answer.err) == (0, True)
    assert "nan" in answer.out.decode()
    assert run("grad", "log(x)", "--at", "-1", "-q").err == ""


def test_vars_set_and_fix_hold_for_numbers(run):
    """The order of the coordinates is that of --vars; parameters and held variables have their numbers."""
    found = run(
        "grad",
        "a*x0**2 + 3*x1 + x2",
        "--vars",
        "x1,x0",
        "--set",
        "a=2",
        "--fix",
        "x2=7",
        "--at",
        "5,4",
        "--json",
    ).json
    assert (found["variables"], found["values"], found["exact"]) == (["x1", "x0"], [54], [[3, 16]])


def test_a_point_is_given_as_constant_expressions(run):
    """Coordinates may be pi/2 or -1/3, and may begin with minus."""
    found = run("grad", "sin(x)*y", "--at", "-pi/2,1/3", "--json").json
    assert found["points"] == [[-math.pi / 2, 1 / 3]]
    assert found["values"] == pytest.approx([-1 / 3])


def test_an_expression_of_numbers_may_begin_with_minus(run):
    """`grad -x**2 --at -3` is 6, in either order."""
    for words in (["-x**2", "--at", "-3"], ["--at", "-3", "-x**2"], ["--at=-3", "--", "-x**2"]):
        assert run("grad", "--json", *words).json["exact"] == [[6]]


def test_the_step_of_the_book_can_be_changed(run):
    """For x^3 the central difference is 3 x^2 + h^2: at 0 with h = 1/2 that is 1/4."""
    found = run("grad", "x**3", "--at", "0", "--method", "central", "--step", "1/2", "--json").json
    assert found["gradient"] == [[pytest.approx(0.25)]]
    assert found["error"][0][0] >= 0.25


# The language ---------------------------------------------------------------------------------------------


def test_the_language_is_listed(run):
    """`functions` names every function, second spelling and constant, and the limits."""
    from gradviz.language.tables import ALIASES, CONSTANTS, FUNCTIONS

    answer = run("functions")
    text = answer.out.decode()
    assert (answer.code, answer.err) == (0, "")
    assert all(name in text for name in (*FUNCTIONS, *ALIASES, *CONSTANTS, "where", "8,000", "50"))


def test_the_language_is_listed_for_programs(run):
    """The JSON has a row for each function with the number of its arguments."""
    found = run("functions", "--json").json
    rows = {row["name"]: row for row in found["functions"]}
    assert (rows["log"]["fewest"], rows["log"]["most"], rows["log"]["also"]) == (1, 2, ["ln"])
    assert rows["max"]["most"] is None
    assert found["limits"]["characters"] == 8_000


# The surroundings -----------------------------------------------------------------------------------------


def test_a_backend_of_the_users_does_not_matter(shell):
    """MPLBACKEND may name what it likes."""
    answer = shell("contour", "x*y", *SMALL, env={"MPLBACKEND": "nope"})
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_standard_output_that_is_full_is_no_fault_of_ours(here):
    """One line says what could not be written, and the exit code is 1."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gradviz", "grad", "x", "--at", "1"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            cwd=here,
        )
    assert done.returncode == 1
    assert done.stderr == b"error: cannot write to standard output: no space left on device\n"


@pytest.mark.slow
@posix
@pytest.mark.parametrize("delay", [0.0, 0.5, 2.0])
def test_the_end_of_a_batch_by_a_signal_is_silent(delay, here):
    """SIGTERM ends all processes of a batch, leaves whole pictures only, and nobody complains."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gradviz", "batch", "functions", "--out-dir", "out", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=here,
    )
    end = time.monotonic() + 60
    while not (here / "out").exists() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.3 + delay)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) in ((128 + signal.SIGTERM, b""), (0, b""))
    assert all(load(path) for path in (here / "out").iterdir())


@pytest.mark.slow
@posix
@pytest.mark.parametrize(
    "arguments", [["quiver", "-"], ["grad", "x", "--points", "-"], ["quiver", "x", "-o", "-"]], ids=" ".join
)
def test_a_closed_stream_is_no_fault_of_ours(arguments, here, environment):
    """Where the shell has closed standard input or output, one line says so."""
    stream = "standard output" if "-o" in arguments else "standard input"
    closing = f'"$@" {">&-" if "-o" in arguments else "<&-"}'
    done = subprocess.run(
        ["sh", "-c", closing, "sh", sys.executable, "-m", "gradviz", *arguments, "-q"],
        env=environment, capture_output=True, cwd=here, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert stream.encode() in done.stderr
    assert b"closed" in done.stderr


@pytest.mark.parametrize("filename", [None, "some/font\x1b.ttf"])
def test_what_the_system_refuses_is_no_fault_of_ours(filename, run, here, monkeypatch):
    """Too many open files are told in one line, with the file that could not be opened."""

    def fail(*_):
        raise OSError(errno.EMFILE, "Too many open files", filename)

    monkeypatch.setattr("gradviz.figures.contour.compose", fail)
    answer = run("contour", "x*y", *SMALL)
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, b"", 1)
    assert answer.err.startswith("error: too many open files")
    assert "fault" not in answer.err
    assert ("some/font" in answer.err) == (filename is not None)
    assert "\x1b" not in answer.err
    assert names(here) == []


def test_data_is_replaced_only_with_force(run, here):
    """A data file holds nothing that says whose it is, and the message says just that."""
    run("contour", "x*y", *SMALL, "--data", "a.csv")
    before = (here / "a.csv").read_bytes(), (here / "contour.png").read_bytes()
    answer = run("contour", "x+y", *SMALL, "--data", "a.csv")
    assert (answer.code, answer.out) == (1, b"")
    assert "--force" in answer.err
    assert "not a file of gradviz" not in answer.err
    assert ((here / "a.csv").read_bytes(), (here / "contour.png").read_bytes()) == before
    assert run("contour", "x+y", *SMALL, "--data", "a.csv", "--force").code == 0
    assert (here / "a.csv").read_bytes() != before[0]


@pytest.mark.parametrize(("fails", "left"), [("contour.png", []), ("a.csv", ["contour.png"])])
def test_data_is_never_there_without_its_picture(fails, left, run, here, monkeypatch):
    """The picture is written first and whole; if it cannot be, there are no numbers either."""
    write = commands.write_whole

    def fail(target, content):
        if target.name == fails:
            raise OutputError(f"cannot write {fails}")
        write(target, content)

    monkeypatch.setattr(commands, "write_whole", fail)
    answer = run("contour", "x*y", *SMALL, "--data", "a.csv")
    assert (answer.code, answer.out) == (1, b"")
    assert names(here) == left
    assert all(load(name).kind == "contour" for name in left)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.0, 0.2, 0.6])
def test_an_interrupt_of_a_batch_leaves_no_traceback(delay, here):
    """Ctrl-C reaches all processes of a batch, also while they import, and none of them complains."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gradviz", "batch", "functions", "--out-dir", "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=here,
    )
    end = time.monotonic() + 60
    while not (here / "out").exists() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT, 0)  # 0 if it was finished before
    assert b"Traceback" not in said


def test_each_summary_is_whole_in_the_list_of_commands(run):
    """`gradviz --help` cuts no summary: each has at most 50 characters."""
    listed = run("--help").out.decode().partition("Commands:\n")[2].splitlines()
    assert len(listed) == 17
    assert all(len(line.split(maxsplit=1)[1]) <= 50 for line in listed), listed
    assert "..." not in "".join(listed)


@pytest.mark.parametrize("kind", KINDS)
def test_help_names_the_formats_that_the_kind_has(kind, run):
    """Each format that `-o` offers holds a figure of the kind, and each other one refuses it."""
    pytest.importorskip("plotly")
    helped = " ".join(run(kind, "--help").out.decode().split())
    offered = set(helped.partition("Output file: ")[2].partition(" (")[0].split(", "))
    spec = KINDS[kind](expression="x" if kind == "tangent" else "x*y")

    def is_refused(form):
        try:
            FORMATS[form].refuse(spec)
        except RequestError as error:
            return "let it move" not in str(error)  # with other fields it is held
        return False

    assert {form for form in FORMATS if not is_refused(form)} == offered


def test_the_list_of_commands_is_that_of_the_commands():
    """Help, which imports no command, lists each of them with the first line of its own help."""
    listed = {name: command.help for name, command in get_command(_overview()).commands.items()}
    commands = get_command(_app()).commands
    assert listed == {name: command.help.split("\n")[0] for name, command in commands.items()}


@pytest.mark.parametrize(("arguments", "range_"), [((), [-5, 5]), (("-r", "-1:1"), [-1, 1])])
def test_a_built_in_function_is_drawn_over_its_own_range(run, arguments, range_):
    """`contour himmelblau` shows the domain of the built-in set, unless a range is given."""
    run("contour", "himmelblau", *arguments, "--dpi", "30", "-o", "a.png")
    spec = json.loads(run("inspect", "a.png", "--json").out)
    assert spec["range"] == range_


def test_the_critical_points_of_a_built_in_function_are_those_of_its_range(run):
    """Himmelblau's function has nine in its domain."""
    assert len(json.loads(run("critical", "himmelblau", "--json").out)["points"]) == 9
