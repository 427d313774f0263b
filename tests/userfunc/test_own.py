"""Functions of Python files: run, drawn as formulas are, and only where somebody asked for it."""

from __future__ import annotations

import csv
import json
import os
import sys
import time

import numpy as np
import pytest
import yaml

import gradviz
from gradviz.cli import figures as commands
from gradviz.cli.options import command_line
from gradviz.errors import OutputError, PresetError, RequestError
from gradviz.language.reading import read_function
from gradviz.presets import load_presets
from gradviz.userfunc import field_of_points, field_on_plane, read_array
from gradviz.userfunc.arrays import directions_of

OWN = """
import math, sys
import numpy as np
import beside

def f(p):
    return p[..., 0] ** 2 + 3 * p[..., 1]

def g(p):
    return np.stack([2 * p[..., 0], 3 + 0 * p[..., 1]], axis=-1)

def wrong(x):
    return np.array([2 * x[0], 4.0])

def book(x):
    print("called")
    return x[0] ** 2 + 3 * x[1]

def curve(x):
    return math.sin(x)

def scaled(p, a=1):
    return a * p[..., 0] * p[..., 1]

def three(p):
    return p[..., 0] * p[..., 1] + beside.TEN * p[..., 2]

def himmelblau(p):
    x, y = p[..., 0], p[..., 1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

def columns(p):
    return p[0, :] ** 2 + 3 * p[1, :]

def broken(p):
    q = p / 0 + 1 / 0
    return q

def leaves(p):
    sys.exit(3)

value = 7
"""
NET = """
import numpy as np

x, t = np.array([0.6, 0.9]), np.array([0, 0, 1])

def loss(w):
    a = x @ w
    y = np.exp(a - a.max())
    return -np.sum(t * np.log(y / y.sum()))
"""
W = [[0.47355232, 0.9977393, 0.84668094], [0.85557411, 0.03563661, 0.69422093]]
SMALL = ("-n", "9", "--dpi", "40")


@pytest.fixture
def files(here):
    """Stand in a folder with Python files and arrays, and return it."""
    (here / "own.py").write_text(OWN)
    (here / "beside.py").write_text("TEN = 10\n")
    (here / "net.py").write_text(NET)
    np.save(here / "w.npy", np.array(W))
    return here


def numbers(path):
    """Return the columns of a CSV file."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


# Drawn -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["contour", "surface", "quiver", "stream", "descent"])
@pytest.mark.parametrize("name", ["f", "book"])
def test_every_kind_draws_a_function_of_a_file(kind, name, run, files):
    """A Python function gives the picture's numbers as its formula does: x0^2 + 3 x1, unequal in both."""
    size = ("-r", "x0=-1:2", "-r", "x1=0:5", *(() if kind == "descent" else ("-n", "6,9")), "--dpi", "40")
    answer = run(kind, f"own.py:{name}", *size, "--data", "own.csv", "-o", "own.png")
    formula = run(kind, "x0**2 + 3*x1", *size, "--data", "formula.csv", "-o", "formula.png")
    assert (answer.code, formula.code) == (0, 0), answer.err
    assert answer.lines == ["own.png", "own.csv"]
    assert f"own.py:{name} takes" in answer.err
    if kind != "descent":
        ours, theirs = numbers(files / "own.csv"), numbers(files / "formula.csv")
        assert list(ours) == list(theirs)
        for column in ours:
            np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-8, atol=1e-8)


def test_a_tangent_of_a_function_of_a_file(run, files):
    """A curve of Python's own sine has the slope cos at the point of tangency."""
    answer = run(
        "tangent", "own.py:curve", "--at", "1", "-r", "0:2", "-n", "21", "--data", "own.csv", "--dpi", "40"
    )
    assert answer.code == 0, answer.err
    columns = numbers(files / "own.csv")
    np.testing.assert_allclose(columns["df/dx"], np.cos(columns["x"]), rtol=1e-9)


def test_the_paths_of_a_function_of_a_file_are_those_of_its_formula(run, files):
    """Descent of a function without a formula runs on adaptive differences, and says so."""
    how = (
        "--start",
        "-2,1",
        "--optimizer",
        "adam,learning_rate=0.1",
        "--steps",
        "40",
        "--dpi",
        "40",
        "--json",
    )
    own = run("descent", "own.py:himmelblau", *how)
    formula = run("descent", "(x0**2 + x1 - 11)**2 + (x0 + x1**2 - 7)**2", *how, "-o", "formula.png")
    assert own.code == 0, own.err
    np.testing.assert_allclose(own.json["paths"][0]["end"], formula.json["paths"][0]["end"], rtol=1e-6)
    assert any("no formula" in note for note in own.json["notes"])


def test_newton_and_critical_points_have_second_derivatives_by_differences(run, files):
    """Second derivatives of a function of a file lead to the minimum (3, 2) of Himmelblau's function."""
    answer = run(
        "descent",
        "own.py:himmelblau",
        "--start",
        "3.5,2.5",
        "--optimizer",
        "newton",
        "--steps",
        "8",
        *SMALL,
        "--json",
    )
    np.testing.assert_allclose(answer.json["paths"][0]["end"], [3, 2], atol=1e-6)
    found = run("critical", "own.py:himmelblau", "-r", "-5:5", "--json").json["points"]
    assert [point["kind"] for point in found].count("minimum") == 4
    assert len(found) == 9
    assert min(np.hypot(*(np.array(point["at"]) - [3, 2])) for point in found) < 1e-6


def test_parameters_are_arguments_and_fixed_variables_are_coordinates(run, files):
    """--set gives an argument of that name a number, --fix a coordinate; helpers are imported."""
    assert run("contour", "own.py:scaled", "--set", "a=3", *SMALL, "--data", "a.csv").code == 0
    columns = numbers(files / "a.csv")
    np.testing.assert_allclose(columns["f"], 3 * columns["x0"] * columns["x1"])
    answer = run("contour", "own.py:three", "--fix", "x1=5", *SMALL, "--data", "b.csv", "-q")
    assert (answer.code, answer.err) == (0, "")
    columns = numbers(files / "b.csv")
    assert list(columns) == ["x0", "x2", "f"]
    np.testing.assert_allclose(columns["f"], 5 * columns["x0"] + 10 * columns["x2"])


def test_names_and_regions_of_a_function_of_a_file(run, files):
    """--vars names the coordinates in order, and --where leaves a part out."""
    where = ("--where", "u + v > 0", "--vars", "u,v", "-r", "u=0:2", "-r", "v=-1:1")
    answer = run("quiver", "own.py:f", *where, *SMALL, "--data", "a.csv")
    assert answer.code == 0, answer.err
    columns = numbers_with_gaps(files / "a.csv")
    assert list(columns)[:3] == ["u", "v", "f"]
    inside = columns["u"] + columns["v"] > 0
    np.testing.assert_array_equal(np.isnan(columns["f"]), ~inside)
    np.testing.assert_allclose(columns["f"][inside], (columns["u"] ** 2 + 3 * columns["v"])[inside])
    np.testing.assert_allclose(columns["df/du"][inside], 2 * columns["u"][inside], atol=1e-9)


def numbers_with_gaps(path):
    """Return the columns of a CSV file, NaN where a cell is empty."""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {
        name: np.array([float(row[name] or "nan") for row in rows])
        for name in rows[0]
        if name != "unreliable"
    }


def test_what_a_file_prints_is_no_result(run, files):
    """Standard output has the picture's path alone; what the function prints goes to standard error."""
    answer = run("contour", "own.py:book", *SMALL)
    assert answer.lines == ["contour.png"]
    assert "called" in answer.err


LOUD = """
import os, subprocess, sys

def speak(word):
    print(word + "-print")
    os.write(1, word.encode() + b"-write\\n")
    sys.__stdout__.write(word + "-kept\\n")

speak("file")
subprocess.run([sys.executable, "-c", "print('program')"], check=True)

def f(p):
    speak("call")
    return p[..., 0] ** 2 + 3 * p[..., 1]
"""
SAID = {"file-print", "file-write", "file-kept", "program", "call-print", "call-write", "call-kept"}


@pytest.mark.parametrize("how", ["--json", "-", "batch"])
def test_whatever_a_file_writes_standard_output_has_results_only(how, shell, here):
    """Also what goes past Python, or comes from a program, goes to standard error, and no byte is lost."""
    (here / "own.py").write_text(LOUD)
    (here / "my.yaml").write_text("own: {kind: contour, expression: 'own.py:f', samples: 4, dpi: 30}\n")
    small = ("contour", "own.py:f", "-n", "4", "--dpi", "30")
    if how == "-":
        quiet = shell(*small, "-q")
        answer = shell(*small, "-o", "-")
        assert quiet.lines == ["contour.png"]
        assert answer.out == (here / "contour.png").read_bytes()
    elif how == "batch":
        answer = shell("batch", "my.yaml", "--run-files", "--jobs", "0", "--json")
        assert answer.json["figures"][0]["status"] == "drawn"
    else:
        answer = shell(*small, "--json")
        assert answer.json["samples"] == [4, 4]
    assert answer.code == 0
    assert set(answer.err.splitlines()) >= SAID


FOLDER_A = """
import helper

def f(p):
    import later  # not before it is called

    return helper.SCALE * p[..., 0] ** 2 + later.SCALE * p[..., 1]
"""
FOLDER_B = """
import helper, parts.inner

def df(p):
    import numpy as np
    import later

    return np.stack([2 * helper.scale() * p[..., 0], later.SCALE / 2 + parts.inner.NONE * p[..., 1]], axis=-1)
"""


def test_each_file_has_the_modules_beside_it(run, here):
    """Modules of one name in two folders stay apart, imported at once or later, and leave nothing behind."""
    contents = {
        "a/f.py": FOLDER_A, "a/helper.py": "SCALE = 5\n", "a/later.py": "SCALE = 7\n",
        "b/g.py": FOLDER_B, "b/helper.py": "import later\n\ndef scale():\n    return later.SCALE - 9\n",
        "b/later.py": "SCALE = 14\n", "b/parts/__init__.py": "", "b/parts/inner.py": "NONE = 0\n",
    }  # fmt: skip
    for name, content in contents.items():
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(content)
    path, modules = sys.path.copy(), set(sys.modules)
    claim = ("check", "a/f.py:f", "--claim", "b/g.py:df", "--vars", "x0,x1")
    assert run(*claim).code == 0, run(*claim).err
    assert sys.path == path
    assert not {"helper", "later", "parts", "parts.inner"} & (set(sys.modules) - modules)
    assert not list(here.rglob("__pycache__"))


def test_no_bytecode_is_left_beside_the_file(run, files):
    """Running a file leaves nothing but the picture in its folder."""
    before = {path.name for path in files.iterdir()}
    assert run("contour", "own.py:f", *SMALL).code == 0
    assert {path.name for path in files.iterdir()} - before == {"contour.png"}


def test_a_file_that_has_changed_is_run_again(files):
    """In one process, the file as it is now is what is drawn."""
    spec = gradviz.Contour(expression="own.py:f", samples=3)
    first = gradviz.sample(spec).values
    (files / "own.py").write_text("def f(p):\n    return p[..., 0] + 2 * p[..., 1] + 1000\n")
    os.utime(files / "own.py", ns=(time.time_ns() + 10**9,) * 2)
    assert not np.allclose(first, gradviz.sample(spec).values)


def test_a_file_that_is_run_again_gets_the_modules_beside_it_as_they_are_now(files):
    """What it imports may have changed with it."""
    spec = gradviz.Contour(expression="outer.py:f", samples=3)
    for number in (2, 50):
        (files / "inner.py").write_text(f"K = {number}\n")
        (files / "outer.py").write_text(
            f"import inner\n\ndef f(p):\n    return p[..., 0] + inner.K  # {number}\n"
        )
        os.utime(files / "outer.py", ns=(time.time_ns() + number * 10**9,) * 2)
        samples = gradviz.sample(spec)
        np.testing.assert_allclose(samples.values, samples.points[..., 0] + number)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("own.py:f", "a=3", "own.py:f: no argument 'a'; it has p"),
        ("own.py:scaled", "b=3", "own.py:scaled: no argument 'b'; it has p, a"),
        ("own.py:scaled", "aa=3", "own.py:scaled: no argument 'aa'; did you mean 'a'?"),
        (
            "own.py:plane",
            "a=3",
            "own.py:plane: argument 'tilt' must have a value; use --set tilt=1",
        ),
    ],
)
def test_arguments_that_do_not_fit_are_told_in_words(name, given, words, run, files):
    """A number for an argument that there is not, or none for one that needs it: not in Python's words."""
    (files / "own.py").write_text(OWN + "\ndef plane(x, y, *, a, tilt):\n    return a * x + tilt * y\n")
    answer = run("contour", name, "--set", given, *SMALL)
    assert (answer.code, answer.err) == (2, f"error: {words}\n")
    fits = run("contour", "own.py:plane", "--set", "a=2", "--set", "tilt=5", *SMALL, "--data", "fits.csv")
    assert fits.code == 0, fits.err
    columns = numbers(files / "fits.csv")
    np.testing.assert_allclose(columns["f"], 2 * columns["x0"] + 5 * columns["x1"])


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("own.py:broken", 2, ["own.py:", "ZeroDivisionError", "q = p / 0 + 1 / 0"]),
        ("own.py:leaves", 2, ["SystemExit: 3", "sys.exit(3)"]),
        ("own.py:columns", 2, ["columns", "p[..., 0] in place of p[0, :]"]),
        ("own.py:fx", 2, ["no function 'fx'"]),
        ("own.py:value", 2, ["must be a function, got int"]),
        ("nosuch.py:f", 1, ["nosuch.py"]),
        ("syntax.py:f", 2, ["syntax.py:1: SyntaxError"]),
        ("raises.py:f", 2, ["raises.py:1: ModuleNotFoundError: No module named 'nosuch'"]),
        ("folder.py:f", 1, ["not a regular file"]),
        ("own.py:three", 2, ["2 coordinates, name more with the options vars or fix"]),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_line(name, code, words, run, files):
    """What a file raises is an error of some lines with the place in it, and no file is written."""
    (files / "syntax.py").write_text("def f(:\n")
    (files / "raises.py").write_text("import nosuch\n")
    (files / "folder.py").mkdir()
    answer = run("contour", name, *SMALL)
    assert answer.code == code, answer.err
    assert all(word in answer.err for word in words), answer.err
    assert len(answer.err.splitlines()) <= 5
    assert not (files / "contour.png").exists()


def test_points_of_too_few_coordinates_are_told(run, files):
    """A function of two coordinates at a point of one: the way out is told, and not what a number lacks."""
    for command in (("grad", "own.py:f", "--at", "1"), ("tangent", "own.py:f", "--at", "1")):
        answer = run(*command)
        assert answer.code == 2
        assert "points have 1 coordinate, name more with the options vars or fix" in answer.err


def test_methods_that_need_a_formula_are_refused(run, files):
    """Neither an exact gradient nor a complex step can be had of a Python function."""
    assert run("grad", "own.py:f", "--at", "1,2", "--method", "exact").code == 2
    assert run("quiver", "own.py:f", "--method", "complex", *SMALL).code == 2


# Numbers ---------------------------------------------------------------------------------------------------


def test_grad_of_a_function_of_points(run, files):
    """`grad` prints the gradient by differences, and null for the exact one."""
    answer = run("grad", "own.py:f", "--at", "3,4", "--at", "1,-2", "--json").json
    assert answer["variables"] == ["x0", "x1"]
    assert answer["values"] == [21, -5]
    np.testing.assert_allclose(answer["gradient"], [[6, 3], [2, 3]], rtol=1e-10)
    assert answer["exact"] is None
    assert (np.abs(np.array(answer["gradient"]) - [[6, 3], [2, 3]]) <= np.array(answer["error"])).all()
    assert "6" in run("grad", "own.py:f", "--at", "3,4").lines[1].split()


def test_grad_of_a_network_at_an_array(run, files):
    """The loss of the book's one-layer network has the gradient worked out by hand: x (y - t)."""
    answer = run("grad", "net.py:loss", "--at", "w.npy", "--json").json
    x, t, w = np.array([0.6, 0.9]), np.array([0, 0, 1]), np.array(W)
    y = np.exp(x @ w) / np.exp(x @ w).sum()
    np.testing.assert_allclose(answer["values"], [-np.log(y[2])], rtol=1e-12)
    np.testing.assert_allclose(answer["gradient"], [np.outer(x, y - t)], rtol=1e-10)
    expected = [[0.21924763, 0.14356247, -0.36281009], [0.32887144, 0.2153437, -0.54421514]]
    np.testing.assert_allclose(answer["gradient"], [expected], atol=5e-9)
    assert answer["points"] == [W]
    assert answer["variables"][:2] == ["x[0,0]", "x[0,1]"]
    assert run("grad", "net.py:loss", "--at", "w.npy").lines[0].startswith("f = 0.928068")


def test_a_file_of_points_is_rows_for_a_function_of_points(run, files):
    """An array (N, 2) is N points for a function of points, and for an expression."""
    np.save(files / "p.npy", np.array([[3, 4], [1, -2], [0, 0]]))
    for function in ("own.py:f", "x0**2 + 3*x1"):
        answer = run("grad", function, "--at", "p.npy", "--json").json
        np.testing.assert_allclose(answer["gradient"], [[6, 3], [2, 3], [0, 3]], atol=1e-10)


def test_check_compares_with_a_gradient_of_a_file(run, files):
    """A claim may be a Python function, and so may what it is checked against."""
    assert run("check", "own.py:f", "--claim", "own.py:g", "--vars", "x0,x1").code == 0
    assert run("check", "x0**2 + 3*x1", "--claim", "own.py:g").code == 0
    assert (
        run("check", "own.py:f", "--claim", "2*x0, 3", "--vars", "x0,x1", "--steps", "--dpi", "40").code == 2
    )
    assert run("check", "own.py:f", "--claim", "2*x0, 3", "--vars", "x0,x1", "--steps").code == 0
    wrong = run("check", "own.py:f", "--claim", "own.py:wrong", "--vars", "x0,x1", "--json")
    assert wrong.code == 1
    assert wrong.json["wrong"]["x1"] > 0 == wrong.json["wrong"]["x0"]
    assert "--claim" in run("check", "own.py:f").err


# Planes ----------------------------------------------------------------------------------------------------


def test_a_plane_through_a_point_of_a_network(run, files):
    """Over two directions, the values are the loss at w + a u + b v."""
    rng = np.random.default_rng(5)
    u, v = rng.normal(size=(2, 2, 3))
    np.save(files / "u.npy", u)
    np.save(files / "v.npy", v)
    answer = run(
        "contour",
        "net.py:loss",
        "--at",
        "w.npy",
        "--plane",
        "u.npy,v.npy",
        "-n",
        "4,5",
        "--dpi",
        "40",
        "--data",
        "a.csv",
    )
    assert answer.code == 0, answer.err
    columns = numbers(files / "a.csv")
    namespace: dict = {}
    exec(NET, namespace)
    expected = [
        namespace["loss"](np.array(W) + a * u + b * v)
        for a, b in zip(columns["a"], columns["b"], strict=True)
    ]
    np.testing.assert_allclose(columns["f"], expected, rtol=1e-12)


@pytest.mark.parametrize("kind", ["contour", "surface", "descent", "quiver"])
def test_kinds_over_a_random_plane_are_the_same_each_time(kind, run, files):
    """`random` has a seed: the same numbers each time, others with another one."""
    found = []
    for plane in ("random", "random", "random:1"):
        answer = run(
            kind,
            "net.py:loss",
            "--at",
            "w.npy",
            "--plane",
            plane,
            *SMALL,
            "--data",
            "a.json",
            "--force",
            "-q",
        )
        assert (answer.code, answer.err) == (0, "")
        found.append((files / "a.json").read_text())
    assert found[0] == found[1] != found[2]


def test_random_directions_are_at_right_angles_and_as_long_as_the_array():
    """So equal units show distances in the space of the array as they are."""
    centre = np.array(W)
    u, v = directions_of("random:3", centre)
    assert u @ v == pytest.approx(0, abs=1e-12)
    assert np.linalg.norm(u) == pytest.approx(np.linalg.norm(centre))
    assert np.linalg.norm(v) == pytest.approx(np.linalg.norm(centre))


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--at", "w.npy"), "--plane"),
        (("--plane", "random"), "--at"),
        (("--at", "w.npy", "--plane", "random:x"), "whole number"),
        (("--at", "w.npy", "--plane", "u.npy"), "U.npy,V.npy"),
        (("--at", "w.npy", "--plane", "w.npy,w.npy"), "linearly independent"),
        (("--at", "w.npy", "--plane", "w.npy,small.npy"), "shape"),
        (("--at", "pickle.npy", "--plane", "random"), "must be a .npy array"),
        (("--at", "text.npy", "--plane", "random"), "must be a .npy array"),
        (("--at", "names.npy", "--plane", "random"), "real numbers"),
        (("--at", "nan.npy", "--plane", "random"), "must be finite, got nan"),
    ],
)
def test_wrong_planes_are_refused_in_words(options, word, run, files):
    """What is missing, parallel, of another shape or no array is told, and nothing is drawn or unpickled."""
    np.save(files / "small.npy", np.zeros(2))
    np.save(files / "pickle.npy", np.array([{}], dtype=object))
    np.save(files / "names.npy", np.array(["a", "b"]))
    np.save(files / "nan.npy", np.array([1.0, np.nan]))
    (files / "text.npy").write_text("1 2 3")
    answer = run("contour", "net.py:loss", *options, *SMALL)
    assert answer.code == 2
    assert word in answer.err
    assert not (files / "contour.png").exists()


def test_a_plane_is_for_functions_of_files(run, files):
    """An expression has variables of its own."""
    assert run("contour", "x*y", "--at", "w.npy", "--plane", "random").code == 2


# Who may run a file ----------------------------------------------------------------------------------------

RUNS = "open('ran', 'w').close()\ndef f(p):\n    return p[..., 0] + 2 * p[..., 1]\n"


@pytest.fixture
def foreign(here):
    """Stand in a folder with a file that leaves a trace if it is run."""
    (here / "foreign.py").write_text(RUNS)
    (here / "preset.yaml").write_text(
        "it: {kind: contour, expression: 'foreign.py:f', samples: 5, dpi: 40}\n"
    )
    return here


def test_a_preset_runs_no_file_unless_that_is_asked_for(run, foreign):
    """A preset is foreign text: its functions of files are refused, and drawn with --run-files."""
    answer = run("batch", "preset.yaml", "--jobs", "0")
    assert answer.code == 2
    assert "preset.yaml:1:" in answer.err
    assert "--run-files" in answer.err
    assert not (foreign / "ran").exists()
    assert run("batch", "preset.yaml", "--jobs", "0", "--run-files").lines == ["it.png"]
    assert (foreign / "ran").exists()
    with pytest.raises(PresetError, match="run_files=True"):
        load_presets(["preset.yaml"])


def test_a_picture_runs_no_file_unless_that_is_asked_for(run, foreign):
    """To draw a picture again must not run what it names; to look what it is made of runs nothing."""
    assert run("contour", "foreign.py:f", *SMALL).code == 0
    (foreign / "ran").unlink()
    (foreign / "foreign.py").write_text(RUNS + "\n")  # another file, which is not in memory
    assert run("redraw", "contour.png").code == 2
    assert run("inspect", "contour.png").code == 0
    with pytest.raises(RequestError, match="run_files=True"):
        gradviz.load("contour.png")
    assert not (foreign / "ran").exists()
    assert run("redraw", "contour.png", "--run-files").code == 0
    assert (foreign / "ran").exists()
    assert gradviz.load("contour.png", run_files=True).expression == "foreign.py:f"


def test_standard_input_names_no_file_to_run(run, foreign):
    """What is piped in is an expression."""
    answer = run("contour", "-", stdin=b"foreign.py:f\n")
    assert answer.code == 2
    assert not (foreign / "ran").exists()


def test_a_spec_alone_runs_nothing(foreign):
    """Making, comparing and telling a spec reads no file."""
    spec = gradviz.Quiver(expression="foreign.py:f")
    assert spec.reading.variables == ("x0", "x1")
    assert "foreign.py:f" in command_line(spec)
    assert not (foreign / "ran").exists()


def test_a_picture_of_a_file_is_never_up_to_date(run, foreign):
    """The file may have changed, so a batch draws its figures again."""
    how = ("batch", "preset.yaml", "--jobs", "0", "--run-files", "--json")
    assert [run(*how).json["figures"][0]["status"] for _ in range(2)] == ["drawn", "drawn"]


def test_flags_preset_python_and_picture_are_one_value_for_a_plane(run, files, monkeypatch):
    """The two fields that go with functions of arrays are written in four ways, too."""
    python = gradviz.Contour(expression="net.py:loss", at="w.npy", plane="random:2", samples=5, dpi=40)
    kept = []
    make = commands.make
    monkeypatch.setattr(
        commands, "make", lambda spec, *rest, **how: (kept.append(spec), make(spec, *rest, **how))
    )
    flags = ("--at", "w.npy", "--plane", "random:2", "-n", "5", "--dpi", "40", "-q")
    assert run("contour", "net.py:loss", *flags).code == 0
    fields = {
        "kind": "contour",
        "expression": "net.py:loss",
        "at": "w.npy",
        "plane": "random:2",
        "samples": 5,
    }
    (files / "p.yaml").write_text(yaml.safe_dump({"it": {**fields, "dpi": 40}}))
    preset = load_presets(["p.yaml"], run_files=True)["it"]
    assert kept[0] == preset == gradviz.load("contour.png", run_files=True) == python


# Python ----------------------------------------------------------------------------------------------------


def test_a_field_of_a_file_knows_its_derivatives(files):
    """Gradient and Hessian of a cubic are those of its formula, as far as differences go."""
    (files / "cubic.py").write_text("def f(x, y):\n    return x**2 * y + 3 * y**2\n")
    reading = read_function("cubic.py:f", coordinates=("x0", "x1"))
    field = field_of_points(reading, [(-2, 2), (-1, 3)])
    formula = gradviz.field("x0**2*x1 + 3*x1**2")
    points = np.random.default_rng(1).uniform(-1, 1, (3, 4, 2))
    np.testing.assert_allclose(field(points), formula(points), rtol=1e-14)
    np.testing.assert_allclose(field.gradient(points), formula.gradient(points), atol=1e-10)
    np.testing.assert_allclose(field.hessian(points), formula.hessian(points), atol=1e-6)
    assert field([1.0, 2.0]).shape == ()


def test_arrays_are_read_whole_or_not_at_all(files):
    """A missing file is an OutputError, as for every file that is read."""
    np.testing.assert_array_equal(read_array("w.npy"), W)
    with pytest.raises(OutputError):
        read_array("nosuch.npy")


def test_a_large_array_is_drawn_in_parts(files):
    """A plane through many elements never holds more than some million numbers at once."""
    (files / "big.py").write_text("import numpy as np\nmost = 0\ndef f(w):\n    return float(np.sum(w**2))\n")
    np.save(files / "big.npy", np.ones(300_000))
    reading = read_function("big.py:f", coordinates=("a", "b"))
    field = field_on_plane(reading, "big.npy", "random", (2, 2))
    points = np.array([[0, 0], [1, 0], [0.5, 0.5], [0, -1], [1, 1], [2, 0], [0, 2.0]])
    assert field([0.0, 0.0]) == pytest.approx(300_000)
    assert field(points).shape == (7,)


def test_the_json_of_a_plane_says_what_was_drawn(run, files):
    """`--json` tells the axes, their range and where the plane lies."""
    answer = run("contour", "net.py:loss", "--at", "w.npy", "--plane", "random", *SMALL, "--json").json
    assert answer["variables"] == ["a", "b"]
    assert answer["range"] == {"a": [-1, 1], "b": [-1, 1]}
    assert any("plane through w.npy" in note for note in answer["notes"])
    json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("text", ["own.py", "own.py:", "folder/own.py"])
def test_a_file_without_a_name_is_told_how_to_name_a_function(text, run):
    """Who forgets the name is told to write it, and not that `.` needs a digit."""
    answer = run("quiver", text)
    assert (answer.code, answer.out) == (2, b"")
    path = text.rstrip(":")
    problem = f"must name a function of the file, got '{path}'; use {path}:NAME"
    assert answer.err == f"error: EXPR: {problem}\n"
