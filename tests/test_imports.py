"""What is imported when: nothing heavy for help and refusals, and nothing from above anywhere."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import gradviz

HEAVY = ("numpy", "sympy", "flint", "matplotlib", "PIL", "rich.console", "yaml", "pandas", "scipy")
FOLDER = Path(gradviz.__file__).parent

# The rooms, from the ground floor up. A module imports from rooms before its own, and from its own room.
HOUSE = [
    "errors", "limits", "_version", "process", "registry", "files", "arrays", "language",
    "printing", "fields", "calculus", "optimizers", "userfunc", "specs", "sampling", "scene", "figures",
    "output", "presets", "batch", "cli", "__main__",
]  # fmt: skip
FLOOR = {name: floor for floor, name in enumerate(HOUSE)}
BESIDE = {
    "mpl": set(),
    "page": set(),
    "script": {"mpl"},  # a script draws with Matplotlib, in the settings and colours of its pictures
    "terminal": {"mpl"},  # a picture of characters is Matplotlib's in few pixels
}
"""The folders of output/, and which others each builds on."""
UPWARDS: dict[
    tuple[str, str], str
] = {}  # imports that run upwards, each with a reason; at the end there are none

# Libraries, and the rooms and modules that import them.
HOMES = {
    "sympy": {"fields"},
    "matplotlib": {
        "output/mpl",
        "specs/colours",  # the names of colours and of colour maps are Matplotlib's
        "process",  # imports it in a process of the program without its help texts
    },
    "plotly": {"output/page"},
    "flint": {
        "fields/series",
        "fields/operations",
        "fields/enclosure",
        "calculus/certify",
        "calculus/claims",
        "calculus/zeros",
    },
    "PIL": {
        "output/mpl",
        "output/page",  # names of colours as numbers
        "output/terminal",  # the pixels of a picture as characters
    },
    "pydantic": {
        "specs",
        "cli/options",  # an option is made of a field of pydantic's
    },
    "typer": {"cli"},
    "rich": {"cli"},
    "yaml": {"presets"},
    "pebble": {"batch"},
    "distributed": {"batch"},
}
LIGHT = ("errors", "limits", "_version", "process", "registry", "files", "language", "printing", "specs")
"""Rooms without NumPy."""
NEEDS_SPECS = {"output/metadata", "output/mpl/rendering"}
"""The modules of output/ that know specs; the others name the type at most, to refuse one or to thin it."""


def modules():
    """Yield the name of each module below gradviz, in parts, and its tree."""
    for path in sorted(FOLDER.rglob("*.py")):
        parts = path.relative_to(FOLDER).with_suffix("").parts
        yield (parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_text(encoding="utf-8"))


KNOWN = {parts for parts, _ in modules()}


def imported(tree, own):
    """Yield what a module imports of gradviz, in parts, wherever the import stands in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{own}: imports are absolute"
            names = []
            for alias in node.names:
                base = (node.module or "").split(".")
                longer = (*base[1:], alias.name)
                names.append([*base, alias.name] if base[0] == "gradviz" and longer in KNOWN else base)
        else:
            continue
        yield from (tuple(name[1:]) for name in names if name[0] == "gradviz")


IMPORTS = sorted({(own, found) for own, tree in modules() for found in imported(tree, own) if own})


def test_every_module_has_its_floor():
    """A new module is given its place in the house."""
    assert {own[0] for own, _ in modules() if own} <= set(FLOOR)


def path_of(parts):
    """Return the path of a module below gradviz, without its suffix."""
    return "/".join(parts)


def upwards():
    """Yield the imports that run upwards: of a module, of what it imports."""
    for own, found in IMPORTS:
        if found and own[0] != found[0] and FLOOR[found[0]] >= FLOOR[own[0]]:
            yield path_of(own), path_of(found)


def test_imports_run_downwards_only():
    """No module imports what stands above it, at its top, inside a function or for its types."""
    assert set(upwards()) == set(UPWARDS)


def test_outputs_stand_beside_each_other():
    """Each of them reads the scene; a page, a script and a terminal know nothing of each other."""
    assert {path.name for path in (FOLDER / "output").iterdir() if (path / "__init__.py").exists()} == set(
        BESIDE
    )
    sideways = [
        (path_of(own), path_of(found))
        for own, found in IMPORTS
        if own[:1] == found[:1] == ("output",) and len(own) > 1 and len(found) > 1
        if own[1] in BESIDE and found[1] in BESIDE
        if found[1] not in BESIDE[own[1]] | {own[1]}
    ]
    assert sideways == []


def test_outputs_do_not_read_specs():
    """What is shown stands in the scene: an output knows the type `Spec` of specs, and no kind of figure."""
    for own, tree in modules():
        if own[:1] != ("output",) or path_of(own) in NEEDS_SPECS:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gradviz.specs"):
                assert [alias.name for alias in node.names] == ["Spec"], own


def libraries(tree):
    """Yield the libraries that a module imports, wherever the import stands in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def is_in(own, places):
    """Return whether a module is one of some modules or in one of some rooms."""
    return any(path_of(own) == place or path_of(own).startswith(f"{place}/") for place in places)


@pytest.mark.parametrize("library", HOMES)
def test_a_library_has_its_rooms(library):
    """Matplotlib, SymPy, plotly, Pillow and the frameworks are imported in their rooms alone."""
    strangers = {
        path_of(own)
        for own, tree in modules()
        if library in libraries(tree) and not is_in(own, HOMES[library])
    }
    assert strangers == set()


def test_light_rooms_have_no_numpy():
    """Help, refusals and specs need the standard library and pydantic."""
    assert {
        path_of(own) for own, tree in modules() if own and own[0] in LIGHT and "numpy" in libraries(tree)
    } == set()


@pytest.mark.parametrize(
    ("rooms", "absent"),
    [
        (LIGHT, {"numpy", "sympy", "matplotlib"}),
        (("sampling", "scene", "figures"), {"matplotlib", "sympy"}),
        (("fields", "calculus", "optimizers", "userfunc"), {"matplotlib", "pydantic"}),
    ],
    ids=["light", "figures", "numbers"],
)
def test_rooms_load_nothing_that_they_do_not_need(rooms, absent, python):
    """All modules of a room are imported, and no library that is too heavy for it comes along."""
    names = [f"gradviz.{'.'.join(own)}" for own, _ in modules() if own and own[0] in rooms]
    program = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.argv[1]):\n    importlib.import_module(name)\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert set(json.loads(python(program, json.dumps(names)))) & absent == set()


def test_the_package_itself_is_known_by_its_version_alone():
    """From the top of the package nothing is imported but the version: its names are for users."""
    for own, tree in modules():
        for node in ast.walk(tree):
            if own and isinstance(node, ast.ImportFrom) and node.module == "gradviz":
                names = {alias.name for alias in node.names} - {path.stem for path in FOLDER.iterdir()}
                assert not names, own


def test_nothing_reaches_pyplot_or_eval():
    """No module imports pyplot, and none calls what would run a text."""
    for own, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                assert not any("pyplot" in name or "pylab" in name for name in names), own
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {
                    "eval",
                    "exec",
                    "compile",
                    "sympify",
                    "parse_expr",
                    "__import__",
                }, own


# When heavy modules are loaded ----------------------------------------------------------------------------

PROGRAM = """
import json, os, sys
with open(os.devnull, "w") as nowhere:
    sys.stdout = sys.stderr = nowhere
    from gradviz.cli import main
    code = main(json.loads(sys.argv[1]))
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
print(json.dumps([code, sorted(sys.modules)]))
"""


def loaded(python, *arguments):
    """Return the exit code of a command line, and which heavy modules it loaded."""
    code, names = json.loads(python(PROGRAM, json.dumps(arguments)))
    return code, {name for name in HEAVY if name in names}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["quiver", "--help"], 0),
        (["--version"], 0),
        (["descent", "--help"], 0),
        (["descent", "x*y", "--optimizer", "adan"], 2),
        (["pairs", "x*y*z", "--at", "1,2"], 2),
        (["quiver", "x0*sine(x1)"], 2),
        (["quiver", "9**9**9"], 2),
        (["quiver", "x0*x1", "--dpi", "5", "-r", "2:1"], 2),
        (["grad", "sine(x)", "--at", "1"], 2),
        (["grad", "x*y", "--at", "1"], 2),
        (["check", "--help"], 0),
        (["check", "sine(x)"], 2),
        (["check", "x*y", "--claim", "y, sine(x)"], 2),
        (["check", "x*y", "--claim", "y"], 2),
        (["critical", "sine(x)"], 2),
        (["critical", "x*y", "-r", "z=0:1"], 2),
        (["inspect", "no.png"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_refusals_load_nothing_heavy(arguments, code, python):
    """Whoever asks for help or mistypes waits for neither NumPy nor SymPy nor Matplotlib."""
    assert loaded(python, *arguments) == (code, set())


@pytest.mark.parametrize(
    "arguments",
    [("grad", "x**2", "--at", "3"), ("check", "x**2", "--claim", "2*x"), ("critical", "x**2")],
)
def test_numbers_are_had_without_matplotlib(arguments, python):
    """The commands for numbers compute with NumPy, and SymPy at first, and never load Matplotlib."""
    code, names = loaded(python, *arguments)
    assert code == 0
    assert "numpy" in names
    assert not names & {"matplotlib", "PIL", "yaml"}


KINDS = ("tangent", "surface", "contour", "quiver", "stream", "descent", "steps", "pairs")
OF_OPTIMIZERS = {"optimizers", "optimizers.paths"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_waits_for_its_own_kind_alone(kind, python):
    """A figure imports neither other kinds, nor optimizers, nor the commands for numbers and files."""
    code, names = json.loads(python(PROGRAM, json.dumps([kind, "x**2", "-n", "5", "--dpi", "30"])))
    assert code == 0
    ours = {name.removeprefix("gradviz.") for name in names if name.startswith("gradviz.")}
    assert {name for name in KINDS if f"specs.{name}" in ours} == {kind}
    absent = {"cli.numbers", "cli.checks", "cli.sets", "userfunc", "presets", "batch", "cluster"}
    assert ours & (absent if kind == "descent" else absent | OF_OPTIMIZERS) == set()
    assert not {"rich.console", "yaml", "pebble", "distributed", "scipy", "pandas"} & set(names)


def test_the_package_is_imported_in_no_time(python):
    """`import gradviz` loads nothing heavy; a name is loaded when it is first used."""
    program = (
        "import json, sys, gradviz\n"
        "first = [name for name in sys.argv[1:] if name in sys.modules]\n"
        "gradviz.field('x**2')\n"
        "print(json.dumps([first, 'matplotlib' in sys.modules]))"
    )
    assert json.loads(python(program, *HEAVY, "pydantic", "typer")) == [[], False]


@pytest.mark.parametrize("first", ["save", "load"])
def test_names_of_the_package_are_functions_whatever_was_used_first(first, python):
    """`gradviz.render` is the function, whatever was used or imported before it."""
    program = f"""
import gradviz
spec = gradviz.Contour(expression="x*y", samples=4, dpi=30)
if {first!r} == "save":
    gradviz.save(spec, "a.png")
elif {first!r} == "load":
    from gradviz.output.mpl.rendering import render
figure = gradviz.render(spec)
gradviz.save(spec, "a.png")
print(gradviz.load("a.png") == spec, callable(gradviz.render), gradviz.render(spec) is not figure)
"""
    assert python(program).split() == ["True", "True", "True"]


def test_every_public_name_is_there():
    """Each name of the package can be had, is listed, and no other is."""
    for name in gradviz.__all__:
        assert getattr(gradviz, name) is not None
        assert name in dir(gradviz)
    with pytest.raises(AttributeError, match="nosuch"):
        gradviz.nosuch  # noqa: B018
