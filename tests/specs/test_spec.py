"""Specs of figures: their fields, checks and representations."""

from __future__ import annotations

import contextlib
import copy
import gc
import json
import math
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from gradviz.cli import figures as commands
from gradviz.cli.options import command_line, flag_of
from gradviz.errors import ExpressionError, GradvizError, RequestError, SpecError
from gradviz.output.metadata import described_scene, encode, usual_format
from gradviz.presets import load_presets
from gradviz.sampling.values import axes_of
from gradviz.specs import KINDS, kind_of, spec_from

# Each field with a value that is not its default, in three spellings: as Python, as flags and as YAML. A kind
# that gets a field, or a field that gets a kind, needs an entry here.
HOSTILE = r"""a (b) \c\ <d> & "e" 'f' $g$ [red]h[/] %s {0} 100 % ä ∇ ­"""
SWEPT = {
    "sweep": ({"b": (1.0, 1.5)}, ["--sweep", "b=1:1.5:2"], {"b": [1, "3/2"]}),
    "animate": (True, ["--animate"], True),
    "fps": (25, ["--fps", "25"], 25),
}
PLANE = SWEPT | {
    "expression": ("a*x0**2 + 3*b*x1 + x2", ["a*x0**2 + 3*b*x1 + x2"], "a*x0**2 + 3*b*x1 + x2"),
    "vars": (("x1", "x0"), ["--vars", "x1,x0"], ["x1", "x0"]),
    "where": ("-a*x0 + x2 < 9", ["--where", "-a*x0 + x2 < 9"], "-a*x0 + x2 < 9"),
    "set": ({"a": 2.5}, ["--set", "a=5/2"], {"a": 2.5}),
    "fix": ({"x2": -1.0}, ["--fix", "x2=-1"], {"x2": "-1"}),
    "range": (
        {"x0": (-2.0, 2.0, 0.5), "*": (-1.0, 3.0)},
        ["-r", "x0=-2:2:0.5", "--range", "-1:3"],
        {"x0": [-2, 2, 0.5], "*": "-1:3"},
    ),
    "samples": ((5, 8), ["-n", "5,8"], [5, 8]),
    "xlim": ((-1.5, 1.25), ["--xlim", "-3/2:1.25"], [-1.5, 1.25]),
    "ylim": ((-0.1, 2.0), ["--ylim=-0.1:2"], "-0.1:2"),
    "title": (HOSTILE, ["--title", HOSTILE], HOSTILE),
    "xlabel": ("-x", ["--xlabel", "-x"], "-x"),
    "ylabel": ("", ["--ylabel", ""], ""),
    "xticks": ((-1.0, 0.0, 1.0), ["--xticks", "-1,0,1"], [-1, 0, 1]),
    "yticks": ((0.0, 0.5, 1.0), ["--yticks", "0:1.1:0.5"], "0:1.1:0.5"),
    "size": ((7.5, 5.25), ["--size", "7.5,21/4"], [7.5, 5.25]),
    "dpi": (30, ["--dpi", "30"], 30),
    "font": ("DejaVu Serif", ["--font", "dejavu serif"], "DejaVu Serif"),
    "font_size": (9.5, ["--font-size", "9.5"], 9.5),
    "cmap": ("magma", ["--cmap", "magma"], "magma"),
    "color": ("#c8553d", ["--color", "#c8553d"], ["#c8553d"]),
    "linewidth": (2.5, ["--linewidth", "5/2"], "2.5"),
    "transparent": (True, ["--transparent"], True),
    "style": ("dark", ["--style", "dark"], "dark"),
    "grid": (False, ["--no-grid"], False),
    "method": ("central", ["--method", "central"], "central"),
    "step": (1e-3, ["--step", "1e-3"], 1e-3),
    "colorbar": (False, ["--no-colorbar"], False),
    "critical": (True, ["--critical"], True),
    "certify": (True, ["--certify"], True),
}
POINTED = PLANE | {
    "gradient_at": (
        ((0.5, 1.0), (1.5, -1 / 3)),
        ["--gradient-at", "0.5,1", "--gradient-at", "3/2,-1/3"],
        [[0.5, 1], "1.5,-1/3"],
    ),
    "point": (
        ((0.5, 1.0, "P: 1"), (1.5, -1 / 3, "")),
        ["--point", "0.5,1:P: 1", "--point", "3/2,-1/3"],
        [[0.5, 1, "P: 1"], "1.5,-1/3"],
    ),
}
FLOW = POINTED | {
    "ascent": (True, ["--ascent"], True),
    "contour": (True, ["--contour"], True),
    "heat": (True, ["--heat"], True),
    "through": (
        ((0.5, 1.0), (1.5, -1 / 3)),
        ["--through", "0.5,1", "--through", "3/2,-1/3"],
        [[0.5, 1], "1.5,-1/3"],
    ),
}
LINE = {name: entry for name, entry in PLANE.items() if name not in ("colorbar", "critical", "certify")} | {
    "expression": ("a*rate**2 + x2", ["a*rate**2 + x2"], "a*rate**2 + x2"),
    "where": ("rate >= -0.5", ["--where", "rate >= -0.5"], "rate >= -0.5"),
    "vars": (("rate",), ["--vars", "rate"], ["rate"]),
    "range": ((0.0, 2.0, 0.1), ["-r", "0:2:0.1"], [0, 2, 0.1]),
    "samples": (9, ["--samples", "9"], 9),
}
TABLE = {
    "tangent": LINE
    | {
        "expression": ("a*b*rate**2 + x2", ["a*b*rate**2 + x2"], "a*b*rate**2 + x2"),
        "at": ((0.5, 1.0, 1 / 3), ["--at", "0.5,1", "--at", "1/3"], [0.5, 1, "1/3"]),
        "secant": (-0.5, ["--secant", "-0.5"], "-1/2"),
        "derivative": (True, ["--derivative"], True),
        "taylor": (3, ["--taylor", "3"], 3),
        "equations": (True, ["--equations"], True),
        "slope_triangle": (True, ["--slope-triangle"], True),
    },
    "surface": POINTED
    | {
        "constraint": (
            ("a*x0 + x1 = 2", "x0 = x1"),
            ["--constraint", "a*x0 + x1 = 2", "--constraint", "x0 = x1"],
            ["a*x0 + x1 = 2", "x0 = x1"],
        ),
        "plot": ("contour", ["--plot", "contour"], "contour"),
        "elev": (-12.5, ["--elev", "-12.5"], -12.5),
        "azim": (50.0, ["--azim", "50"], 50),
        "zlim": ((-20.0, 30.0), ["--zlim", "-20:30"], [-20, 30]),
        "zlabel": ("height", ["--zlabel", "height"], "height"),
        "zticks": ((0.0, 10.0), ["--zticks", "0,10"], [0, 10]),
        "levels": ((1.0, 2.0, 3.0), ["--levels", "1:4:1"], [1, 2, 3]),
        "spacing": ("quantile", ["--spacing", "quantile"], "quantile"),
        "spin": (True, ["--spin"], True),
        "aspect": ("equal", ["--aspect", "equal"], "equal"),
        "floor": ("quiver", ["--floor", "quiver"], "quiver"),
        "tangent_at": ((0.5, -1.0), ["--tangent-at", "1/2,-1"], [0.5, -1]),
        "taylor": (2, ["--taylor", "2"], 2),
    },
    "contour": POINTED
    | {
        "constraint": (("a*x0 + x1 = 2",), ["--constraint", "a*x0 + x1 = 2"], "a*x0 + x1 = 2"),
        "levels": (7, ["--levels", "7"], 7),
        "spacing": ("log", ["--spacing", "log"], "log"),
        "filled": (True, ["--filled"], True),
        "labels": (True, ["--labels"], True),
    },
    "quiver": FLOW
    | {
        "arrows": ("log", ["--arrows", "log"], "log"),
        "stream": (True, ["--stream"], True),
    },
    "stream": FLOW
    | {
        "density": (0.75, ["--density", "3/4"], 0.75),
    },
    "descent": PLANE
    | {
        "elev": (-12.5, ["--elev", "-12.5"], -12.5),
        "azim": (50.0, ["--azim", "50"], 50),
        "zlim": ((-20.0, 30.0), ["--zlim", "-20:30"], [-20, 30]),
        "zlabel": ("height", ["--zlabel", "height"], "height"),
        "zticks": ((0.0, 10.0), ["--zticks", "0,10"], [0, 10]),
        "start": (
            ((-7.0, 2.0), (0.5, 1 / 3)),
            ["--start", "-7,2", "--start", "0.5,1/3"],
            [[-7, 2], "0.5,1/3"],
        ),
        "optimizers": (
            ({"name": "sgd", "learning_rate": 0.95}, {"name": "adam", "b1": 0.5, "learning_rate": 1 / 3}),
            ["--optimizer", "sgd,learning_rate=0.95", "--optimizer", "adam,b1=0.5,learning_rate=1/3"],
            [{"name": "sgd", "learning_rate": 0.95}, "adam,b1=0.5, learning_rate=1/3"],
        ),
        "steps": (7, ["--steps", "7"], 7),
        "on": ("axes", ["--on", "axes"], "axes"),
        "panels": (True, ["--panels"], True),
        "loss": (True, ["--loss"], True),
        "tune": (True, ["--tune"], True),
        "anatomy": (3, ["--anatomy", "3"], 3),
        "spacing": ("log", ["--spacing", "log"], "log"),
        "levels": (7, ["--levels", "7"], 7),
        "filled": (True, ["--filled"], True),
    },
    "steps": LINE
    | {
        "expression": ("a*b*rate**2*y + x2", ["a*b*rate**2*y + x2"], "a*b*rate**2*y + x2"),
        "vars": (("y", "rate"), ["--vars", "y,rate"], ["y", "rate"]),
        "range": (
            {"rate": (-2.0, 2.0, 0.5), "*": (-1.0, 3.0)},
            ["-r", "rate=-2:2:0.5", "--range", "-1:3"],
            {"rate": [-2, 2, 0.5], "*": "-1:3"},
        ),
        "samples": ((5, 8), ["-n", "5,8"], [5, 8]),
        "xlim": ((1e-12, 0.5), ["--xlim", "1e-12:1/2"], [1e-12, 0.5]),
        "ylim": ((1e-15, 10.0), ["--ylim", "1e-15:10"], "1e-15:10"),
        "xticks": ((1e-8, 1e-4, 1.0), ["--xticks", "1,1e-8,1e-4"], [1e-8, 1e-4, 1]),
        "yticks": ((1e-8, 1.0), ["--yticks", "1e-8,1"], [1e-8, 1]),
    },
    "pairs": {name: entry for name, entry in PLANE.items() if name not in ("critical", "certify")}
    | {
        "expression": ("a*x0**2 + 3*b*x1 + x2*y", ["a*x0**2 + 3*b*x1 + x2*y"], "a*x0**2 + 3*b*x1 + x2*y"),
        "vars": (("x1", "x0", "y"), ["--vars", "x1,x0,y"], ["x1", "x0", "y"]),
        "samples": ((5, 8, 6), ["-n", "5,8,6"], [5, 8, 6]),
        "at": ((2.5, -0.5, 1 / 3), ["--at", "2.5,-0.5,1/3"], [2.5, -0.5, "1/3"]),
        "levels": (7, ["--levels", "7"], 7),
        "spacing": ("log", ["--spacing", "log"], "log"),
        "filled": (True, ["--filled"], True),
    },
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def full(kind: str):
    """Return the spec of a kind with no field at its default, from Python."""
    return KINDS[kind](**{name: entry[0] for name, entry in TABLE[kind].items()})


def _on_a_plane(kind):
    """Return the options that go with a function of a file only, whose parity stands in test_own.py."""
    return {"--plane", "--at"} if "plane" in KINDS[kind].model_fields else set()


@every_kind
def test_the_table_has_every_field_with_another_value_than_its_default(kind):
    """A new field of a kind has to enter the parity test."""
    fields = KINDS[kind].model_fields
    assert set(TABLE[kind]) == set(fields) - {"kind"} - {flag[2:] for flag in _on_a_plane(kind)}
    for name, (value, _, _) in TABLE[kind].items():
        default = fields[name].get_default(call_default_factory=True, validated_data={})
        assert value != default, name
        assert getattr(full(kind), name) == value, name


@every_kind
def test_flags_preset_python_and_picture_give_equal_specs(kind, run, here, monkeypatch):
    """Four ways to write a figure are one value: the same fields, the same JSON, the same hash."""
    python = full(kind)

    kept = []
    make = commands.make
    monkeypatch.setattr(
        commands, "make", lambda spec, *rest, **how: (kept.append(spec), make(spec, *rest, **how))
    )
    flags = [word for _, words, _ in TABLE[kind].values() for word in words]
    drawn = usual_format(python)
    answer = run(kind, *flags, "-o", f"picture.{drawn}", "-q")
    assert answer.code == 0, answer.err
    (typed,) = kept

    fields = {name: written for name, (_, _, written) in TABLE[kind].items()}
    (here / "preset.yaml").write_text(
        yaml.safe_dump({"it": {"kind": kind, **fields}}, allow_unicode=True), encoding="utf-8"
    )
    preset = load_presets(["preset.yaml"])["it"]

    empty = described_scene(gradviz.Contour(expression="x", samples=2))  # drawn sooner than a full one
    for form in ("svg", "pdf"):
        (here / f"picture.{form}").write_bytes(encode(empty, python, form).content)
    remembered = [gradviz.load(f"picture.{form}") for form in (drawn, "svg", "pdf")]

    for spec in (typed, preset, *remembered):
        assert type(spec) is KINDS[kind]
        assert spec == python
        assert spec.to_json() == python.to_json()
        assert hash(spec) == hash(python)


OPTION_LIKE = ["--x", "-x", "-q", "-r*x", "-o/2", "--q*2", "-n", "-h", "---x", "-(x)", "-1", "-x**2 - y"]
COMMANDS = [
    gradviz.Contour(expression="x*y", levels=[5.0]),
    gradviz.Contour(expression="x*y", levels=5),
    gradviz.Contour(expression="a*x*y", sweep="a=-1/3:2pi:60"),
    gradviz.Contour(expression="a*x*y", sweep={"a": [0.1 * k for k in range(9)]}),
    gradviz.Contour(expression="x*y", levels=[0.1 * k for k in range(9)]),
    gradviz.Contour(expression="x*y", levels=list(range(9))),
    gradviz.Contour(
        expression="-x*y", title="--", xlabel="-x", ylabel="it's", xticks=[-1], range=(-1, 1e-17)
    ),
    gradviz.Quiver(expression="-n*x", range={"n": (-1, 1), "*": (0, 1, 0.25)}, samples=[5, 6], grid=True),
    gradviz.Tangent(expression="a*x", set={"a": -1 / 3}, at=[-1, 1e-300, 2 / 3], derivative=True),
    gradviz.Tangent(expression="x**2", at=[1, 2, 3, 4, 5]),
    gradviz.Pairs(expression="a*b*c*d*t", at=[-1, -0.5, 0, 0.5, 1], samples=(5, 6, 7, 8, 9)),
    gradviz.Descent(expression="x*y", start=[1, -2e-17], optimizers=["adamw", {"name": "sgd"}], steps=9),
    gradviz.Surface(expression="x\n+ y", fix={"y": -2.5}, zlim=(-1e150, 1e150), colorbar=False),
    gradviz.Contour(expression="x\t*y", title="\u202ed\u200b\U000e0041'\\n\n漢字 \U0001f600"),
    *(gradviz.Quiver(expression=text, range=(0, 1), title="-q") for text in OPTION_LIKE),
]


def typed(command):
    """Return the words that a shell makes of a command."""
    done = subprocess.run(
        ["bash", "-c", rf"printf '%s\0' {command}"],
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize(
    "spec", [*map(full, KINDS), *COMMANDS], ids=lambda spec: f"{spec.kind} {spec.expression}"
)
def test_the_command_that_is_told_of_a_figure_draws_it(spec, run, monkeypatch):
    """What inspect and presets show as a command, typed into a shell, is the same spec again."""
    kept = []
    monkeypatch.setattr(commands, "make", lambda spec, *_, **__: kept.append(spec))
    command = command_line(spec)
    assert command.isprintable()
    program, *arguments = typed(command)
    answer = run(*arguments)
    assert (program, answer.code) == ("gradviz", 0), answer.err
    assert kept == [spec]
    assert kept[0].to_json() == spec.to_json()


@every_kind
def test_defaults_are_the_same_from_everywhere(kind, run, here, monkeypatch):
    """Flags that are not given leave the field's own default, and so do a preset's missing keys."""
    kept = []
    monkeypatch.setattr(commands, "make", lambda spec, *_, **__: kept.append(spec))
    assert run(kind, "x**2").code == 0
    (here / "preset.yaml").write_text(f"it: {{kind: {kind}, expression: x**2}}\n")
    assert kept == [KINDS[kind](expression="x**2")] == list(load_presets(["preset.yaml"]).values())


@every_kind
def test_each_field_makes_another_spec(kind):
    """Specs that differ in one field are not equal, and neither are their hashes or their JSON."""
    spec = full(kind)
    fields = {name: getattr(spec, name) for name in TABLE[kind]}
    optional = [name for name in fields if name not in ("expression", "vars", "set", "fix", "sweep")]
    for name in optional:
        other = KINDS[kind](**{key: value for key, value in fields.items() if key != name})
        assert other != spec, name
        assert other.to_json() != spec.to_json(), name


@every_kind
def test_a_spec_is_plain_data_and_back(kind):
    """A spec's plain data, written as JSON and read again, is the same spec."""
    spec = full(kind)
    assert spec_from(json.loads(spec.to_json())) == spec
    assert spec_from(spec.to_dict()) == spec
    assert json.loads(spec.to_json())["kind"] == kind


@every_kind
def test_a_spec_can_be_sent_to_another_process(kind):
    """A spec survives pickling and copying, whether or not it has been used."""
    spec = full(kind)
    spec.reading  # noqa: B018 - fills what is remembered
    for copied in (pickle.loads(pickle.dumps(spec)), copy.deepcopy(spec), copy.copy(spec)):
        assert copied == spec
        assert hash(copied) == hash(spec)
        assert copied.reading.variables == spec.reading.variables


@every_kind
def test_a_spec_does_not_change(kind):
    """No field can be set, deleted or changed in place."""
    spec = full(kind)
    before = spec.to_json()
    for act in (
        lambda: setattr(spec, "dpi", 99),
        lambda: delattr(spec, "dpi"),
        lambda: spec.set.update(a=1),
        lambda: setattr(spec, "anything", 1),
    ):
        with pytest.raises((ValueError, TypeError, AttributeError)):
            act()
    assert spec.to_json() == before


def test_equal_specs_have_equal_hashes_however_they_are_written():
    """Lists, tuples, texts and the order of a mapping's keys make no difference."""
    one = gradviz.Quiver(expression="x0*x1", range={"x0": (0, 1), "x1": (0, 2)}, samples=(5, 6), dpi=100)
    other = gradviz.Quiver(expression="x0*x1", range=["x1=0:2", "x0=0:1"], samples=[5, 6], dpi="100")
    assert one == other
    assert {one: 1}[other] == 1


@every_kind
def test_each_kind_is_a_name_of_the_package(kind):
    """One class a kind, importable from the top, whose fields are the long options with underscores."""
    assert getattr(gradviz, kind.capitalize()) is KINDS[kind]
    assert kind.capitalize() in gradviz.__all__


@every_kind
def test_each_field_is_an_option_of_its_command(kind, run):
    """Help lists one long option for each field, and no other options than those that every figure has."""
    import re

    help_text = run(kind, "--help").out.decode()
    found = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", help_text))
    fields = {flag_of(name, KINDS[kind].model_fields[name]) for name in TABLE[kind]} - {"--expression"}
    assert {field for field in fields if field[2:].replace("-", "_") not in TABLE[kind]} <= {"--optimizer"}
    shared = {
        "--output",
        "--data",
        "--json",
        "--quiet",
        "--describe",
        "--force",
        "--help",
        "--show",
        "--open",
        "--verbose",
    }
    assert {name for name in found if not name.startswith("--no-")} == fields | shared | _on_a_plane(kind)


def test_help_says_short_names():
    """The short spellings that the interface promises are those of the fields."""
    from gradviz.specs.values import Option

    shorts = {
        name: part.short
        for name, info in gradviz.Quiver.model_fields.items()
        for part in info.metadata
        if isinstance(part, Option) and part.short
    }
    assert shorts == {"range": "-r", "samples": "-n"}


# Variables ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "variables", "noted"),
    [
        ("x0*x1", ("x0", "x1"), None),
        ("x10 + x2", ("x2", "x10"), None),
        ("y - x", ("x", "y"), None),
        ("b*a", ("a", "b"), None),
        ("x0**2", ("x0", "x1"), "x0"),
        ("x1**2", ("x0", "x1"), "x1"),
        ("x**2", ("x", "y"), "x"),
        ("y**2", ("x", "y"), "y"),
        ("theta**2", ("theta", "y"), "theta"),
        ("t", ("t", "y"), "t"),
        ("5", ("x", "y"), "constant"),
        ("pi", ("x", "y"), "constant"),
    ],
)
def test_a_single_variable_takes_its_partner_and_says_so(expression, variables, noted):
    """A figure over a plane has two axes in natural order; a partner that nobody typed is told in a note."""
    spec = gradviz.Contour(expression=expression)
    assert spec.reading.variables == variables
    if noted is None:
        assert spec.warnings == ()
    else:
        (warning,) = spec.warnings
        assert noted in warning
        assert all(name in warning for name in variables)


@pytest.mark.parametrize(
    ("fields", "variables"),
    [
        ({"expression": "x0*x1", "vars": ["x1", "x0"]}, ("x1", "x0")),
        ({"expression": "x", "vars": ["y", "x"]}, ("y", "x")),
        ({"expression": "x", "vars": ["x", "t"]}, ("x", "t")),
        ({"expression": "x1", "vars": ["x1"]}, ("x1", "x0")),
        ({"expression": "rate*time", "vars": ["rate", "time"]}, ("rate", "time")),
        ({"expression": "rate*x", "range": {"rate": (0, 1)}}, ("rate", "x")),
        ({"expression": "rate*x*y", "set": {"rate": 2}}, ("x", "y")),
        ({"expression": "x0*x1*x2", "fix": {"x2": 5}}, ("x0", "x1")),
        ({"expression": "x0*x1*x2", "fix": {"x0": 5}}, ("x1", "x2")),
        ({"expression": "x0*x1*x2", "vars": ["x2", "x1", "x0"], "fix": {"x1": 0}}, ("x2", "x0")),
        ({"expression": "x*y", "fix": {"y": 1}}, ("t", "x")),
        ({"expression": "x", "range": {"x": (0, 1), "b": (0, 1)}}, ("b", "x")),
    ],
)
def test_vars_order_the_axes_and_set_and_fix_take_names_away(fields, variables):
    """The axes are the variables that have no number, in the order of --vars or else in natural order."""
    found = gradviz.Contour(**fields).reading.variables
    assert found == variables or (fields.get("fix") == {"y": 1} and found[-1] != "y")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"expression": "x0*x1*x2"}, ["x0, x1, x2", 'fix={"x2": 0}']),
        ({"expression": "a*b*c*d"}, ["a, b, c, d", 'fix={"c": 0, "d": 0}', "gradviz.Pairs"]),
        ({"expression": "x0*x1", "range": {"x2": (0, 1)}}, ["x2"]),
        ({"expression": "x0", "vars": ["x0", "x1", "x2"]}, ["x2"]),
        ({"expression": "x0*x1", "vars": ["x0"]}, ["x1", "vars"]),
        ({"expression": "x0*x1", "vars": ["x0", "x0"]}, ["distinct", "x0, x0"]),
        ({"expression": "2*pie"}, ["pie", "pi"]),
        ({"expression": "rate*time"}, ["rate", "vars"]),
        ({"expression": "x0", "set": {"a": 1}}, ["'a'", "does not occur"]),
        ({"expression": "x0", "fix": {"x1": 1}}, ["'x1'", "does not occur"]),
        ({"expression": "a*x0", "set": {"a": 1}, "fix": {"a": 1}}, ["'a'", "set", "fix"]),
        ({"expression": "a*x0", "set": {"a": 1}, "range": {"a": (0, 1)}}, ["'a'", "range"]),
        ({"expression": "a*x0", "fix": {"a": 1}, "range": {"a": (0, 1)}}, ["'a'", "range"]),
    ],
)
def test_names_that_do_not_add_up_are_refused(fields, words):
    """Too many variables, unknown names and a number given twice are errors that name them and a way out."""
    with pytest.raises(RequestError) as caught:
        gradviz.Contour(**fields)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_tangent_shows_one_variable():
    """A curve of two variables is refused unless one of them is held."""
    with pytest.raises(RequestError, match=r"fix={\"y\": 0}"):
        gradviz.Tangent(expression="x*y")
    assert gradviz.Tangent(expression="x*y", fix={"y": 2}).reading.variables == ("x",)
    assert gradviz.Tangent(expression="5").reading.variables == ("x",)
    assert gradviz.Tangent(expression="5").warnings == ()


def test_pairs_are_of_two_to_six_variables():
    """One variable gets its partner; of seven one has to be held, for which there is no other way."""
    names = [f"x{k}" for k in range(6)]
    assert gradviz.Pairs(expression="+".join(names)).reading.variables == tuple(names)
    assert gradviz.Pairs(expression="x**2").reading.variables == ("x", "y")
    assert gradviz.Pairs(expression="+".join(names) + "+ y", fix={"x3": 1}).reading.variables[-2:] == (
        "x5",
        "y",
    )
    with pytest.raises(RequestError, match=r"fix={\"y\": 0}") as caught:
        gradviz.Pairs(expression="+".join(names) + "+ y")
    assert "Pairs" not in str(caught.value)
    with pytest.raises(RequestError, match=r"\"x3\": 0") as caught:
        gradviz.Contour(expression="+".join(names) + "+ y")
    assert "Pairs" not in str(caught.value)


@every_kind
def test_of_more_variables_the_others_are_held(kind):
    """Each kind draws a function of four variables of which --fix holds enough, with its numbers."""
    of_plane = {} if kind == "tangent" else {"x1": (-1, 3)}
    fix = {"x2": -2.0, "x3": 0.5, **({"x1": 3.0} if kind == "tangent" else {})}
    fields = {"range": {"x0": (-2, 2), **of_plane}, "samples": 5 if kind == "tangent" else (5, 8)}
    samples = gradviz.sample(KINDS[kind](expression="x0**2 + 3*x1 + x2*x3*x0", fix=fix, **fields))
    first = samples.points[..., 0]
    second = 3.0 if kind == "tangent" else samples.points[..., 1]
    np.testing.assert_allclose(samples.values, first**2 + 3 * second - first, atol=1e-12)


def test_steps_are_of_as_many_variables_as_there_are():
    """A figure of errors takes 1 to 12 variables, and a thirteenth is refused."""
    names = [f"x{k}" for k in range(12)]
    assert gradviz.Steps(expression="x**2").reading.variables == ("x",)
    assert gradviz.Steps(expression="+".join(names)).reading.variables == tuple(names)
    assert gradviz.Steps(expression="5").reading.variables == ("x",)
    assert gradviz.Steps(expression="x*y", fix={"y": 2}).reading.variables == ("x",)
    for wrong in ({"expression": "+".join(names) + "+ y"}, {"expression": "+".join(names), "range": "y=0:1"}):
        with pytest.raises(RequestError, match="12"):
            gradviz.Steps(**wrong)


# Ranges and counts ----------------------------------------------------------------------------------------


def test_a_range_holds_for_one_variable_or_for_all():
    """A named range goes before the one for all, and that before the default of the kind."""
    spec = gradviz.Contour(expression="x0*x1", range={"x1": (0, 1)})
    assert spec.interval("x1") == (0, 1)
    assert spec.interval("x0") == gradviz.Contour.traits.default_range
    spec = gradviz.Contour(expression="x0*x1", range={"x1": (0, 1), "*": (4, 5)})
    assert (spec.interval("x0"), spec.interval("x1")) == ((4, 5), (0, 1))
    spec = gradviz.Contour(expression="x0*x1", range=(4, 5))
    assert (spec.interval("x0"), spec.interval("x1")) == ((4, 5), (4, 5))


@given(st.floats(-100, 100), st.floats(0.1, 100), st.integers(2, 200), st.integers(2, 200))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_the_mesh(low, span, parts, count):
    """The counts that a spec tells are those of its mesh, steps counted as in numpy.arange."""
    high, step = low + span, span / parts
    spec = gradviz.Contour(expression="x*y", range={"x": (low, high, step), "y": (low, high)}, samples=count)
    first, second = axes_of(spec)
    assert spec.sample_counts() == (len(first), len(second)) == (len(np.arange(low, high, step)), count)
    assert (second[0], second[-1]) == (low, high)
    assert first[0] == low


def test_counts_of_the_books_domains():
    """[-2, 2.25] step 0.25 has 18 points, [-3, 3) step 0.1 has 60, [0, 3) step 0.01 has 300 (F11, F5, F6)."""
    for interval, count in (
        ((-2, 2.5, 0.25), 18),
        ((-3, 3, 0.1), 60),
        ((0, 3, 0.01), 300),
        ((0, 20, 0.1), 200),
    ):
        assert gradviz.Contour(expression="x*y", range=interval).sample_counts() == (count, count)


def test_samples_belong_to_the_axes_in_the_order_of_the_variables():
    """N0,N1 are the counts along the first and the second axis."""
    spec = gradviz.Contour(expression="x0*x1", samples=(5, 8))
    assert [len(axis) for axis in axes_of(spec)] == [5, 8]
    assert gradviz.sample(spec).points.shape == (8, 5, 2)


def test_too_many_points_or_pixels_are_refused_before_anything_is_sampled():
    """The limits of a picture are checked when its spec is made."""
    with pytest.raises(RequestError, match="4,000,000 points"):
        gradviz.Surface(expression="x*y", samples=(2001, 2000))
    gradviz.Surface(expression="x*y", samples=(2000, 2000))
    gradviz.Contour(expression="x*y", samples=(4000, 4000))
    with pytest.raises(RequestError, match="40,000,000 pixels"):
        gradviz.Contour(expression="x*y", size=(40, 40), dpi=160)
    gradviz.Contour(expression="x*y", size=(40, 40), dpi=158)


def test_arrows_and_lines_that_nobody_could_see_are_refused_when_the_spec_is_made():
    """A value that no figure can have is refused by the constructor, so that a preset tells its place."""
    with pytest.raises(RequestError, match="60"):
        gradviz.Quiver(expression="x*y", samples=61)
    with pytest.raises(RequestError, match="200"):
        gradviz.Stream(expression="x*y", samples=201)


# Errors ---------------------------------------------------------------------------------------------------

WRONG = [
    ("quiver", {"dpi": 19}, "dpi", "20"),
    ("quiver", {"dpi": 1201}, "dpi", "1200"),
    ("quiver", {"dpi": "x"}, "dpi", "number"),
    ("quiver", {"dpi": True}, "dpi", "True"),
    ("quiver", {"dpi": None}, "dpi", "None"),
    ("quiver", {"style": "bok"}, "style", "book"),
    ("quiver", {"method": "exat"}, "method", "exact"),
    ("quiver", {"cmap": "virids"}, "cmap", "viridis"),
    ("quiver", {"title": 5}, "title", "5"),
    ("quiver", {"title": "x" * 201}, "title", "200"),
    ("quiver", {"grid": "maybe"}, "grid", "maybe"),
    ("quiver", {"grid": 1}, "grid", "1"),
    ("quiver", {"color": "reddish"}, "color", "reddish"),
    ("quiver", {"arrows": "tru"}, "arrows", "true"),
    ("quiver", {"step": 0}, "step", "0"),
    ("quiver", {"step": math.nan}, "step", "nan"),
    ("quiver", {"size": (100, 100)}, "size", "40"),
    ("quiver", {"range": (2, 1)}, "range", "below"),
    ("quiver", {"samples": 1}, "samples", "1"),
    ("quiver", {"colour": "red"}, "colour", "color"),
    ("quiver", {"kind": "stream"}, "kind", "quiver"),
    ("quiver", {"expression": 7}, "expression", "quote"),
    ("quiver", {"expression": None}, "expression", "None"),
    ("surface", {"elev": 91}, "elev", "90"),
    ("surface", {"azim": -361}, "azim", "360"),
    ("surface", {"plot": "wirefram"}, "plot", "wireframe"),
    ("stream", {"density": 0.01}, "density", "0.1"),
    ("stream", {"density": 6}, "density", "5"),
    ("contour", {"levels": -1}, "levels", "-1"),
    ("contour", {"filled": "perhaps"}, "filled", "perhaps"),
    ("steps", {"xlim": (0, 1)}, "xlim", "above 0"),
    ("steps", {"yticks": [-1, 1]}, "yticks", "above 0"),
    ("steps", {"expression": "x*y*z", "samples": (3, 4)}, "samples", "3 axes"),
    ("descent", {"start": [1, 2, 3]}, "start", "x, y"),
    ("descent", {"start": ["1,2", 3]}, "start", "all of them"),
    ("descent", {"start": [[1e200, 0]]}, "start", "1e+150"),
    ("descent", {"optimizers": "sdg"}, "optimizers", "did you mean 'sgd'"),
    ("descent", {"optimizers": [{"name": "adam", "lr": 1}]}, "optimizers", "learning_rate"),
    ("descent", {"optimizers": "sgd,learning_rate=fast"}, "optimizers", "'fast'"),
    ("descent", {"optimizers": "sgd,learning_rate"}, "optimizers", "NAME=VALUE"),
    ("descent", {"optimizers": [{"learning_rate": 1}]}, "optimizers", "name"),
    ("descent", {"optimizers": 5}, "optimizers", "sgd,learning_rate=0.1"),
    ("descent", {"steps": 0}, "steps", "0"),
    ("descent", {"on": "plane"}, "on", "surface"),
    ("descent", {"anatomy": 3, "on": "surface"}, "anatomy", "surface"),
    (
        "descent",
        {"steps": 10_000, "start": [[0, k] for k in range(100)], "optimizers": ["sgd", "adam"]},
        "steps",
        "1,000,000",
    ),
    ("tangent", {"samples": (3, 4)}, "samples", "1 axis"),
    ("pairs", {"expression": "x*y*z", "samples": (3, 4)}, "samples", "3 axes"),
    ("pairs", {"expression": "x*y*z", "at": (1, 2)}, "at", "x, y, z"),
    ("pairs", {"expression": "x*y*z", "at": (1, 2, 3.5)}, "at", "z = 3.5 lies outside of its range, -3 to 3"),
    ("pairs", {"expression": "x*y", "range": (0, 1, 0.3), "at": (0.5, 0.95)}, "at", "0 to 0.9"),
    ("pairs", {"expression": "x*y", "at": "a,b"}, "at", "number"),
    ("tangent", {"at": ["a"]}, "at", "number"),
    ("tangent", {"at": list(range(101))}, "at", "100"),
]


@pytest.mark.parametrize(("kind", "fields", "place", "word"), WRONG)
def test_a_wrong_value_is_a_fault_of_its_field(kind, fields, place, word):
    """A wrong value raises one of the family: the field's path, and what came or what would do."""
    with pytest.raises(GradvizError) as caught:
        KINDS[kind](**{"expression": "x**2", **fields})
    error = caught.value
    assert isinstance(error, SpecError)
    assert isinstance(error, ValueError)
    assert error.faults[0][0][:1] == (place,)
    assert word in str(error)


@pytest.mark.parametrize(("place", "value"), [("dpi", 5), ("grid", "maybe"), ("size", (100, 100))])
def test_a_message_names_its_field(place, value):
    """The message alone, without the attributes of the error, says which value is wrong."""
    with pytest.raises(SpecError) as caught:
        gradviz.Quiver(expression="x0*x1", **{place: value})
    assert place in str(caught.value)


def test_all_faults_are_told_at_once():
    """Three wrong values are three faults, each with the path of its field."""
    with pytest.raises(SpecError) as caught:
        gradviz.Quiver(expression="x0*x1", dpi=5, style="bok", colour="red")
    assert {path for path, _ in caught.value.faults} == {("dpi",), ("style",), ("colour",)}
    assert str(caught.value).count("\n") < 5


def test_many_faults_are_at_most_five_lines():
    """A message stays within five lines however much is wrong; the last one counts what is left out."""
    with pytest.raises(SpecError) as caught:
        gradviz.Quiver(expression="x0*x1", **{f"field{k}": k for k in range(9)})
    assert len(caught.value.faults) == 9
    assert len(str(caught.value).splitlines()) <= 5
    assert str(caught.value).splitlines()[-1].startswith("...")


def test_a_missing_expression_is_named():
    """A spec without an expression says that it is the expression that is missing."""
    with pytest.raises(SpecError) as caught:
        gradviz.Quiver()
    assert caught.value.faults[0][0] == ("expression",)
    assert "expression" in str(caught.value)


def test_a_wrong_expression_keeps_its_caret():
    """A fault of the expression alone is an ExpressionError, with its place."""
    with pytest.raises(ExpressionError) as caught:
        gradviz.Quiver(expression="x0*sine(x1)")
    assert (caught.value.start, caught.value.stop) == (3, 7)
    assert "^^^^ did you mean 'sin'?" in str(caught.value)


def test_errors_can_be_sent_to_another_process():
    """An error that crosses a process still says the same."""
    for make in (lambda: gradviz.Quiver(dpi=1), lambda: gradviz.Quiver(expression="sine(x)")):
        with pytest.raises(GradvizError) as caught:
            make()
        sent = pickle.loads(pickle.dumps(caught.value))
        assert (type(sent), str(sent)) == (type(caught.value), str(caught.value))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({}, "kind"),
        ({"kind": "quivr"}, "quiver"),
        ({"kind": 7}, "7"),
        ({"kind": None}, "kind"),
        ({"kind": []}, "[]"),
    ],
)
def test_an_unknown_kind_is_refused(fields, word):
    """Plain data without a kind, or with one that there is not, is refused with the nearest right word."""
    with pytest.raises(SpecError, match=r".") as caught:
        kind_of(fields)
    assert word in str(caught.value)


def test_nothing_is_drawn_differently_for_a_spec_that_was_read_back():
    """Equal specs give equal pictures: the bytes of one that was written down and read again are the same."""
    spec = gradviz.Contour(expression="x0**2 + 3*x1", samples=5, dpi=30)
    again = spec_from(json.loads(spec.to_json()))
    first, second = (encode(described_scene(one), one, "png").content for one in (spec, again))
    assert first == second
    assert first.startswith(b"\x89PNG")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is looked up in /proc")
def test_a_refused_spec_is_forgotten():
    """A thousand refusals leave nothing behind: a service that checks strangers' specs must not grow."""

    def memory():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def refuse(times):
        for _ in range(times):
            with contextlib.suppress(RequestError):
                gradviz.Contour(expression="sine(x)")
        gc.collect()

    refuse(200)
    before = memory()
    refuse(1_000)
    assert memory() - before < 4e6


# Regions --------------------------------------------------------------------------------------------------


def test_a_variable_of_the_region_is_an_axis():
    """It needs no partner then, and no note; a third one has to be held."""
    spec = gradviz.Contour(expression="x0**2", where="x0 < y")
    assert (spec.reading.variables, spec.warnings) == (("x0", "y"), ())
    with pytest.raises(RequestError, match=r"fix={\"x2\": 0}"):
        gradviz.Contour(expression="x0*x1", where="x2 > 0")
    held = gradviz.Contour(expression="x0*x1", where="x2 > x0", fix={"x2": 1})
    assert held.reading.variables == ("x0", "x1")


def test_a_fault_of_the_region_is_told_of_its_field():
    """From flags, presets and Python the fault is one of --where, with a caret in its text."""
    with pytest.raises(SpecError) as caught:
        gradviz.Contour(expression="x0*x1", where="x0 > pie")
    ((path, said),) = caught.value.faults
    assert path == ("where",)
    assert said.splitlines()[1:] == ["  x0 > pie", "       ^^^ did you mean 'pi'?"]


@every_kind
def test_nothing_is_sampled_outside_of_the_region(kind):
    """Values and gradient are NaN there, at whatever method, and what is inside is as without --where."""
    variable = "x" if kind == "tangent" else "x0"
    fields = {"expression": f"{variable}**2", "range": (-2, 2), "samples": 9}
    part = gradviz.sample(KINDS[kind](**fields, where=f"{variable} >= -1"))
    whole = gradviz.sample(KINDS[kind](**fields))
    inside = whole.points[..., 0] >= -1
    np.testing.assert_array_equal(part.values[inside], whole.values[inside])
    assert np.isnan(part.values[~inside]).all()
    if part.gradient is not None:
        np.testing.assert_allclose(part.gradient[inside], whole.gradient[inside])
        assert np.isnan(part.gradient[~inside]).all()
