"""Presets in YAML: what they may say, and the faults that are found in them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

import gradviz
from gradviz import presets
from gradviz.cli.options import command_line
from gradviz.errors import PresetError
from gradviz.limits import PRESET_BYTES
from gradviz.presets import load_presets
from gradviz.specs import KINDS

SETS = presets.builtin_sets()


@pytest.fixture
def load(here):
    """Return the figures of a YAML text."""

    def call(text, name="my.yaml"):
        (here / name).write_text(text, encoding="utf-8")
        return presets.load_presets([name])

    return call


@pytest.fixture
def faults(load):
    """Return the faults of a YAML text, as (line, column, what)."""

    def call(text):
        with pytest.raises(PresetError) as caught:
            load(text)
        found = []
        for fault in caught.value.faults:
            place = re.match(r"my\.yaml:(\d+):(\d+): (?=\S)", fault)
            assert place, fault
            found.append((int(place[1]), int(place[2]), fault[place.end() :]))
        return found

    return call


# What a file says -----------------------------------------------------------------------------------------


def test_the_example_of_the_interface():
    """The fields of the documented example are those of the same call from Python."""
    document = presets.read_document(
        b"""defaults: {dpi: 150}
saddle:
  kind: quiver
  expression: "x0*x1"
  range: {x0: [-2, 2, 0.25], x1: [-2, 2, 0.25]}
""",
        "book.yaml",
    )
    wanted = gradviz.Quiver(expression="x0*x1", range={"x0": (-2, 2, 0.25), "x1": (-2, 2, 0.25)}, dpi=150)
    assert presets.specs_of(document) == {"saddle": wanted}


def test_defaults_hold_for_all_that_have_the_field(load):
    """A default goes into each figure whose kind has such a field; a figure's own value goes before it."""
    found = load(
        "defaults: {dpi: 40, levels: 3, density: 2}\n"
        "a: {kind: contour, expression: x}\n"
        "b: {kind: stream, expression: x, dpi: 50}\n"
        "c: {kind: tangent, expression: x}\n"
    )
    assert found == {
        "a": gradviz.Contour(expression="x", dpi=40, levels=3),
        "b": gradviz.Stream(expression="x", dpi=50, density=2),
        "c": gradviz.Tangent(expression="x", dpi=40),
    }


@pytest.mark.parametrize("defaults", ["defaults:\n", "defaults: {}\n", "defaults: null\n", ""])
def test_no_defaults_are_none(defaults, load):
    """Defaults that are empty say nothing."""
    assert load(f"{defaults}a: {{kind: contour, expression: x}}\n") == {"a": gradviz.Contour(expression="x")}


def test_a_default_expression_is_an_expression(load):
    """All fields can have a default: two kinds of one function need it once."""
    found = load("defaults: {expression: x*y}\na: {kind: contour}\nb: {kind: quiver}\n")
    assert found == {"a": gradviz.Contour(expression="x*y"), "b": gradviz.Quiver(expression="x*y")}


def test_figures_come_in_the_order_of_the_file(load):
    """The order of a file is the order of its figures."""
    names = ["z", "a", "m"]
    assert list(load("".join(f"{name}: {{kind: contour, expression: x}}\n" for name in names))) == names


def test_several_files_are_one_set(here, load):
    """Files are read in the order given; a name in two of them is an error at the second place."""
    load("a: {kind: contour, expression: x}\n", "one.yaml")
    load("b: {kind: contour, expression: x}\n", "two.yml")
    assert list(presets.load_presets(["one.yaml", "two.yml"])) == ["a", "b"]
    load("\nb: {kind: contour, expression: x}\na: {kind: contour, expression: x}\n", "two.yml")
    with pytest.raises(PresetError) as caught:
        presets.load_presets(["one.yaml", "two.yml"])
    (fault,) = caught.value.faults
    assert fault.startswith("two.yml:3:1: ")
    assert "'a'" in fault


def test_names_that_are_given_twice_are_told_in_the_order_of_the_file(here, load):
    """The faults between two files come in the same order in every process: that of the lines."""
    text = "".join(f"figure{k}: {{kind: contour, expression: x}}\n" for k in range(8))
    load(text, "one.yaml")
    load(text, "two.yaml")
    with pytest.raises(PresetError) as caught:
        presets.load_presets(["one.yaml", "two.yaml"])
    lines = [int(fault.split(":")[1]) for fault in caught.value.faults]
    assert lines == [1, 2, 3, 4, 5, 6, 7, 8]


# Faults ---------------------------------------------------------------------------------------------------

FAULTS = [
    ("a: {kind: quivr, expression: x}", (1, 11), ["quivr", "quiver"]),
    ("a: {expression: x}", (1, 4), ["kind"]),
    ("a: {kind: quiver}", (1, 4), ["expression", "missing"]),
    ("a: {kind: 7, expression: x}", (1, 11), ["7"]),
    ("a: {kind: quiver, expression: 7}", (1, 31), ["quote", "'7'"]),
    ("a: {kind: quiver, expression: x0*sine(x1)}", (1, 31), ["sine", "'sin'", "^^^^"]),
    ("a: {kind: quiver, expression: x, dpi: 5}", (1, 39), ["dpi", "20"]),
    ("a: {kind: quiver, expression: x, dpi: abc}", (1, 39), ["dpi", "abc"]),
    ("a: {kind: quiver, expression: x, colour: red}", (1, 34), ["colour", "color"]),
    ("a: {kind: quiver, expression: x, self: 1}", (1, 34), ["self"]),
    ("a: {kind: quiver, expression: x, style: bok}", (1, 41), ["bok", "book"]),
    ("a: {kind: quiver, expression: x, range: [2, 1]}", (1, 41), ["range", "below"]),
    ("a: {kind: quiver, expression: x, range: {x: [0, 1], pi: [0, 1]}}", (1, 41), ["pi"]),
    ("a: {kind: quiver, expression: x, samples: 100}", (1, 43), ["60"]),
    ("a: {kind: quiver, expression: x*y*z}", (1, 4), ["z"]),
    ("a: {kind: quiver, expression: x, set: {b: 1}}", (1, 4), ["'b'"]),
    ("a: {kind: quiver, expression: x, title: 7}", (1, 41), ["title", "7"]),
    (
        "a: {kind: quiver, expression: x, title: null}\nb: {kind: contour, expression: x, dpi: 5}",
        (2, 40),
        ["dpi"],
    ),
    ("a: 7", (1, 4), ["'a'", "kind"]),
    ("a:\n  - kind: quiver", (2, 3), ["'a'", "kind"]),
    ("- a", (1, 1), ["names"]),
    ("just text", (1, 1), ["names"]),
    ("defaults: {dpi: 40}", (1, 1), ["no figures"]),
    ("defaults: [1]\na: {kind: contour, expression: x}", (1, 11), ["defaults"]),
    ("defaults: {dip: 40}\na: {kind: contour, expression: x}", (1, 12), ["dip", "'dpi'"]),
    ("defaults: {kind: contour}\na: {expression: x}", (1, 12), ["kind"]),
    ("a: {kind: contour, expression: x}\nA: {kind: contour, expression: x}", (2, 1), ["case"]),
]


@pytest.mark.parametrize(("text", "place", "words"), FAULTS)
def test_a_fault_is_told_with_its_place(text, place, words, faults):
    """file:line:column of the value or the key that is wrong, what is wrong, and the nearest right word."""
    found = faults(text + "\n")
    assert place in [fault[:2] for fault in found]
    what = next(fault[2] for fault in found if fault[:2] == place)
    assert all(word in what for word in words), what


def test_all_faults_of_a_file_are_told(faults):
    """Every fault of every figure is told in one run, in the order of the file."""
    found = faults(
        "one: {kind: quivr, expression: x}\n"
        "two:\n"
        "  kind: contour\n"
        "  expression: sine(x)\n"
        "three: {kind: contour, expression: x, dpi: 5, foo: 1}\n"
        "four: {kind: contour, expression: x}\n"
        "Four: {kind: contour, expression: x}\n"
        "../five: {kind: contour, expression: x}\n"
    )
    assert [place[:2] for place in found] == [(1, 13), (4, 15), (5, 44), (5, 47), (7, 1), (8, 1)]


def test_a_wrong_default_is_told_once_at_its_place(faults):
    """A value that comes from the defaults is told where it stands, once for all figures that have it."""
    found = faults(
        "defaults: {dpi: 5}\na: {kind: contour, expression: x}\nb: {kind: contour, expression: x}\n"
    )
    assert [place[:2] for place in found] == [(1, 17)]
    assert "dpi" in found[0][2]


def test_faults_of_all_files_are_told(here, load):
    """A missing file and a wrong one are both told in one run."""
    (here / "my.yaml").write_text("a: {kind: quivr, expression: x}\n")
    with pytest.raises(PresetError) as caught:
        presets.load_presets(["no.yaml", "my.yaml", "bok"])
    first, second, third = caught.value.faults
    assert "no.yaml" in first
    assert second.startswith("my.yaml:1:11: ")
    assert "'book'" in third


def test_many_faults_are_at_most_five_lines(here, load):
    """A message stays within five lines; the attribute has them all."""
    with pytest.raises(PresetError) as caught:
        load("".join(f"a{k}: {{kind: quivr, expression: x}}\n" for k in range(50)))
    assert len(caught.value.faults) == 50
    assert len(str(caught.value).splitlines()) <= 5


NAMES_REFUSED = [
    "..", "../up", "/etc/passwd", "~", "~/x", "a/b", "a\\\\b", ".hidden", "-o", "a b", "a.png", "con", "NUL",
    "com1", "x" * 65, "ä", "日本", "a\\nb", "a\\tb", "$(x)", "*", "a:b", "C:", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_a_name_that_is_no_plain_file_name_is_refused(name, faults):
    """Names come from a file and name files: paths, options, devices and anything not plain are refused."""
    found = faults(f'fine: {{kind: contour, expression: x}}\n"{name}": {{kind: contour, expression: x}}\n')
    assert {place[:2] for place in found} == {(2, 1)}
    assert "name" in found[0][2] or "escape" in found[0][2]


@pytest.mark.parametrize("name", ["con", "NUL", "com1"])
def test_a_name_that_windows_keeps_is_told_as_such(name, faults):
    """Its spelling is right, so that the rules of names would not help."""
    ((_, _, said),) = [place[:3] for place in faults(f"{name}: {{kind: contour, expression: x}}\n")]
    assert "Windows" in said


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ("expression: rate*x", "vars or set: {rate: 1}"),
        ("expression: x*y, vars: [x]", "vars, or set: {y: 1}"),
        ("expression: x0*x1*x2*x3", "hold some: fix: {x2: 0, x3: 0}"),
        ("expression: x*y, samples: 4000", "lower samples"),
        ("expression: a*x, set: {a: 1}, fix: {a: 1}", "by set and by fix"),
    ],
)
def test_advice_in_a_file_names_its_keys(fields, advice, faults):
    """Flags are for the command line; a file has keys."""
    ((_, _, said),) = [place[:3] for place in faults(f"a: {{kind: surface, {fields}}}\n")]
    assert advice in said
    assert "--" not in said


@pytest.mark.parametrize("name", ["a", "A-1_b", "0", "x" * 64, "console", "nul1", "defaults2"])
def test_a_plain_name_is_a_name(name, load):
    """Letters, digits, _ and -, up to 64 of them, make a name."""
    assert list(load(f'"{name}": {{kind: contour, expression: x}}\n')) == [name]


@pytest.mark.parametrize("make", ["missing", "folder", "fifo", "large", "binary"])
def test_what_is_no_text_is_refused(make, here):
    """What cannot be read is told with the file's name, and nothing waits for a pipe."""
    import os

    path = here / "my.yaml"
    if make == "folder":
        path.mkdir()
    elif make == "fifo":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no FIFOs here")
        os.mkfifo(path)
    elif make == "large":
        path.write_bytes(b"#" * (PRESET_BYTES + 1))
    elif make == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match=r"my\.yaml"):
        presets.load_presets(["my.yaml"])


# The built-in sets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SETS)
def test_a_built_in_set_is_valid(name):
    """Every built-in figure has a spec, and its file stands in the folder of the presets."""
    found = presets.load_presets([name])
    assert found
    assert SETS[name].suffix == ".yaml"


def test_the_book_has_its_figures():
    """Each of F1 to F14 is a preset whose name begins with its number."""
    names = presets.load_presets(["book"])
    assert {name.split("-")[0] for name in names} >= {f"f{k:02}" for k in range(1, 15)}


BOOK = {
    "f01": [("tangent", "0.01*x**2 + 0.1*x", (0, 20, 0.1))],
    "f05": [("surface", "x0**2 + x1**2", (-3, 3, 0.1))],
    "f06": [("surface", "x**2 + y**2", (0, 3, 0.01))],
    "f07": [("surface", "x**2/20 + y**2", (-10, 10, 0.1))],
    "f11": [("quiver", "x0**2 + x1**2", (18, 18))],
    "f12": [("quiver", "x0*x1", (18, 18))],
    "f13": [("quiver", "sin(x0*x1)", (18, 18))],
}


@pytest.mark.parametrize("number", BOOK)
def test_the_books_figures_are_as_the_book_draws_them(number):
    """Kind, function and sampling are those of the table of figures."""
    found = [spec for name, spec in presets.load_presets(["book"]).items() if name.startswith(number)]
    for spec, (kind, expression, sampling) in zip(found, BOOK[number], strict=True):
        assert (spec.kind, spec.expression) == (kind, expression)
        assert sampling in (spec.interval(spec.reading.variables[0]), spec.sample_counts())


@pytest.mark.parametrize("name", sorted(set(SETS)))
def test_the_command_of_a_built_in_figure_draws_it(name, run, monkeypatch):
    """`presets FIGURE` shows a command that makes the same spec."""
    from gradviz.cli import figures as commands

    kept = []
    monkeypatch.setattr(commands, "make", lambda spec, *_, **__: kept.append(spec))
    for figure, spec in presets.load_presets([name]).items():
        kept.clear()
        told = run("presets", figure).out.decode().strip()
        assert told == command_line(spec)
        assert run(*shlex.split(told)[1:]).code == 0
        assert kept == [spec]


# The command ----------------------------------------------------------------------------------------------


def test_presets_lists_what_there_is(run):
    """Each set and each figure of it is listed with its kind and function."""
    answer = run("presets")
    assert (answer.code, answer.err) == (0, "")
    text = answer.out.decode()
    for name in SETS:
        assert name in text
        for figure, spec in presets.load_presets([name]).items():
            assert re.search(rf"{re.escape(figure)} +{spec.kind} +{re.escape(spec.expression)}", text)
    listed = run("presets", "--json").json["sets"]
    assert {row["name"]: row["figures"] for row in listed} == {
        name: list(presets.load_presets([name])) for name in SETS
    }


def test_presets_shows_one(run, here):
    """A set is shown as its YAML, which can be saved and drawn as one's own; with --json as specs."""
    answer = run("presets", "book")
    (here / "mine.yaml").write_bytes(answer.out)
    assert presets.load_presets(["mine.yaml"]) == presets.load_presets(["book"])
    specs = run("presets", "book", "--json").json
    assert specs == {key: json.loads(spec.to_json()) for key, spec in presets.load_presets(["book"]).items()}


def test_an_unknown_preset_is_refused(run):
    """The nearest right name is told."""
    answer = run("presets", "bok")
    assert (answer.code, answer.out) == (2, b"")
    assert "'book'" in answer.err


# The schema -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def validator():
    """Return a JSON Schema validator of preset files, from the schema as the command prints it."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(json.dumps(presets.schema()))
    found = jsonschema.validators.validator_for(schema)
    found.check_schema(schema)
    return found(schema)


def test_the_command_prints_the_schema(run):
    """`presets --schema` is one JSON object on standard output."""
    answer = run("presets", "--schema")
    assert (answer.code, answer.err) == (0, "")
    assert answer.json == json.loads(json.dumps(presets.schema()))


@pytest.mark.parametrize("name", SETS)
def test_the_schema_takes_the_built_in_sets(name, validator):
    """The files that are shipped are valid by the schema that is shipped."""
    assert list(validator.iter_errors(yaml.safe_load(SETS[name].read_text(encoding="utf-8")))) == []


VALID = [
    "a: {kind: quiver, expression: x0*x1, range: {x0: [-2, 2, 0.25], x1: '-1:3'}}",
    "a: {kind: quiver, expression: x0*x1, range: [-2, 2], samples: [5, 8], xlim: '0:1'}",
    "a: {kind: tangent, expression: x, at: 5}",
    "a: {kind: tangent, expression: x, at: [5, 1/2], derivative: true}",
    "a: {kind: contour, expression: x, levels: 7}",
    "a: {kind: contour, expression: x, levels: '0:100:1', filled: true}",
    "a: {kind: contour, expression: a*x, set: {a: 2}, vars: [x, y]}",
    "a: {kind: surface, expression: x, zticks: [0, 20], elev: 30, plot: wireframe, grid: false}",
    "defaults: {dpi: 100, style: book, density: 2}\na: {kind: stream, expression: x, size: [4, 3]}",
]


@pytest.mark.parametrize("text", VALID)
def test_what_can_be_loaded_is_valid(text, validator, load):
    """The schema takes what the loader takes."""
    assert load(text)
    assert list(validator.iter_errors(yaml.safe_load(text))) == []


INVALID = [
    "a: {kind: quiver, expression: x, colr: red}",
    "a: {kind: quivr, expression: x}",
    "a: {kind: quiver, expresion: x}",
    "a: {kind: quiver}",
    "a: {expression: x}",
    "a: {kind: quiver, expression: 7}",
    "a: {kind: contour, expression: x, arrows: equal}",
    "a: {kind: quiver, expression: x, style: bok}",
    "a: {kind: quiver, expression: x, range: [1]}",
    "a: {kind: quiver, expression: x, dpi: [1]}",
    "a: {kind: quiver, expression: x, grid: [1]}",
    "a: 7",
    "../a: {kind: quiver, expression: x}",
    "a b: {kind: quiver, expression: x}",
    "x" * 65 + ": {kind: quiver, expression: x}",
    "defaults: {dip: 100}\na: {kind: quiver, expression: x}",
    "defaults: {kind: quiver}\na: {kind: quiver, expression: x}",
]


@pytest.mark.parametrize("text", INVALID)
def test_a_misspelt_key_is_refused_by_the_schema_too(text, validator, faults):
    """What the loader refuses for its form, the schema refuses."""
    faults(text)
    assert list(validator.iter_errors(yaml.safe_load(text)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_explains_every_field(kind):
    """Each field of each kind has its description, for editors."""
    (found,) = (
        part
        for part in next(iter(presets.schema()["patternProperties"].values()))["oneOf"]
        if part["properties"]["kind"]["const"] == kind
    )
    assert set(found["properties"]) == set(KINDS[kind].model_fields)
    for name, field in found["properties"].items():
        assert name == "kind" or field.get("description"), name
    assert found["additionalProperties"] is False


# Hostile files -------------------------------------------------------------------------------------------

ATTACKS = json.loads((Path(__file__).parents[1] / "data" / "attacks_on_presets.json").read_text("utf-8"))


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["name"])
def test_every_hostile_file_of_the_corpus_ends_well(case, here, within):
    """A file is checked figures or an error of ours of one to five printable lines, and soon."""
    text = case["text"] if "text" in case else "".join(piece * times for piece, times in case["pieces"])
    (here / "my.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    specs, refusal = {}, ""
    with within(2):
        try:
            specs = load_presets(["my.yaml"])
        except PresetError as error:
            refusal = str(error)
    assert case["expect"] in ("either", "reject" if refusal else "accept")
    assert all(line.isprintable() for line in refusal.split("\n"))
    assert refusal.count("\n") < 5
    if refusal:
        assert all(any(word in refusal for word in words) for words in case.get("mentions", []))
    assert all(re.fullmatch("[A-Za-z0-9_-]+", name) for name in specs)
