"""Scripts: run in a process of their own, they give the arrays and the axes of their pictures."""

from __future__ import annotations

import ast
import builtins
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.errors import OutputError, RequestError
from gradviz.fields.source import FieldSource
from gradviz.language.reading import read
from gradviz.optimizers import OPTIMIZERS
from gradviz.output.formats import formats_of
from gradviz.output.metadata import described_scene, encode, is_ours
from gradviz.output.mpl.picture import picture_of
from gradviz.output.script.sheet import SOURCE, TAKEN, identifier
from gradviz.printing.python_source import text
from gradviz.sampling.sample import sample
from gradviz.specs import KINDS

KINDS_OF_SCRIPTS = [name for name, kind in KINDS.items() if "py" in formats_of(kind)]
FUNCTIONS = json.loads((Path(__file__).parents[1] / "data/functions.json").read_text())
UNEVEN = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 4)}}
BOWL = {"expression": "x**2/20 + y**2", "range": (-10, 10), "samples": (21, 31)}
HOSTILE = "a\"b'c\n\\N{DIGIT ONE}\u2028\\x41 $x$ %s {f} \"\"\" ''' # \\"


def descent(optimizers, **fields):
    return gradviz.Descent(
        **{**BOWL, "start": [(-7, 2), (5, 3)], "steps": 12, **fields}, optimizers=optimizers
    )


PICTURES = {
    "quiver": gradviz.Quiver(**UNEVEN, samples=(9, 7)),
    "quiver with steps": gradviz.Quiver(
        expression="x0**2 + 3*x1", range={"x0": (-2, 2.5, 0.25), "*": (0, 3)}
    ),
    "quiver uphill": gradviz.Quiver(**UNEVEN, samples=(9, 7), ascent=True, method="exact", style="book"),
    "quiver in one colour": gradviz.Quiver(**UNEVEN, samples=5, color="red", arrows="true", title=HOSTILE),
    "quiver of unlike units": gradviz.Quiver(
        expression="x0**2 + 3*x1", range={"x0": (-20, 20), "x1": (0, 1)}
    ),
    "quiver with a kink": gradviz.Quiver(expression="abs(x0) + 3*x1", samples=(9, 5), style="dark"),
    "quiver in a region": gradviz.Quiver(**UNEVEN, samples=(9, 7), where="x0 + x1 > 0", critical=True),
    "quiver by logarithm": gradviz.Quiver(expression="x0**3 + 3*x1", samples=(9, 7), arrows="log"),
    "quiver over much": gradviz.Quiver(
        **UNEVEN, samples=(9, 7), heat=True, contour=True, stream=True, through=(1, 1), arrows="log"
    ),
    "quiver of true lengths": gradviz.Quiver(**UNEVEN, samples=(9, 7), arrows="true", critical=True),
    "stream over much": gradviz.Stream(**UNEVEN, samples=(31, 21), heat=True, contour=True, through=(1, 1)),
    "contour with heights": gradviz.Contour(**UNEVEN, samples=(21, 11), labels=True),
    "stream": gradviz.Stream(
        expression="sin(x0) + x1**2", range={"x0": (-2, 2), "x1": (-1, 2)}, samples=(31, 21)
    ),
    "stream of nothing": gradviz.Stream(expression="3 + 0*x0*x1", samples=(7, 5)),
    "contour": gradviz.Contour(**UNEVEN, samples=(21, 11)),
    "contour of levels": gradviz.Contour(
        **UNEVEN, samples=(21, 11), levels="0:10:2.5", xlim=(0, 1), grid=True
    ),
    "contour filled": gradviz.Contour(
        expression="(1 - x)**2 + 100*(y - x**2)**2", filled=True, samples=(41, 31)
    ),
    "contour with marks": gradviz.Contour(
        expression="x0**3 - 3*x0 + x1**2", critical=True, samples=31, style="dark"
    ),
    "contour with a hole": gradviz.Contour(expression="log(x0) + a*x1", set={"a": 2}, samples=(21, 11)),
    "contour of nothing": gradviz.Contour(expression="3", samples=(5, 4)),
    "surface": gradviz.Surface(**UNEVEN, samples=(21, 11), xlabel=HOSTILE),
    "surface of a valley": gradviz.Surface(
        expression="(1 - x)**2 + 100*(y - x**2)**2", samples=31, style="dark", spacing="log"
    ),
    "wireframe": gradviz.Surface(**UNEVEN, samples=(21, 11), plot="wireframe", elev=50, azim=10, grid=False),
    "dots": gradviz.Surface(expression="log(x0) + x1", samples=(51, 21), plot="scatter", zlim=(-2, 2)),
    "bands": gradviz.Surface(**UNEVEN, samples=(21, 11), plot="contourf", zticks=(-2, 0, 2)),
    "tangent": gradviz.Tangent(expression="0.01*x**2 + 0.1*x", at=(5, 10), range=(0, 20), secant=4),
    "tangent with triangles": gradviz.Tangent(
        expression="abs(x) + x**2/4", at=(0, 1), secant=1, slope_triangle=True, equations=True
    ),
    "tangent with polynomials": gradviz.Tangent(expression="sin(t)", at=(0, 1, -2), taylor=3),
    "tangent, derived": gradviz.Tangent(expression="sin(f)/2", derivative=True, method="exact", at=1),
    "tangent in a region": gradviz.Tangent(expression="sqrt(t)", where="t < 3", samples=31),
    "quiver with kinks along lines": gradviz.Quiver(expression="abs(x0*x1)", samples=41),
    "stream that ends at a kink": gradviz.Stream(expression="abs(x0) + x1**2", samples=31, contour=True),
    "stream that ends at jumps": gradviz.Stream(expression="floor(x0) + x1**2 + x0*x1", samples=31),
    "contour of jumps": gradviz.Contour(expression="floor(x0) + x1", samples=31),
    "contour of a curved pole": gradviz.Contour(expression="1/(x0 - x1)", samples=41, filled=True),
    "contour of a disc": gradviz.Contour(expression="sqrt(4 - x0**2 - x1**2)", filled=True, labels=True),
    "contour of a changed map": gradviz.Contour(**UNEVEN, samples=(21, 11), cmap="RdBu"),
    "surface of a pole": gradviz.Surface(expression="tan(x0) + x1", samples=31),
    "surface with a plane": gradviz.Surface(**UNEVEN, samples=(21, 11), tangent_at=(1, 2)),
    "surface with a paraboloid": gradviz.Surface(**UNEVEN, samples=(21, 11), tangent_at=(1, 2), taylor=2),
    "surface with planes": gradviz.Surface(**UNEVEN, samples=(21, 11), tangent_at=[(1, 2), (-1, 0)]),
    "tangent of poles": gradviz.Tangent(expression="tan(x)", at=0.5, derivative=True, samples=101),
    "all optimizers": descent(list(OPTIMIZERS)),
    "two optimizers": descent(["sgd,learning_rate=0.95", "adam,learning_rate=0.3"], critical=True),
    "a path that diverges": descent(["sgd,learning_rate=3", "adam"], style="book"),
    "panels": descent(["sgd,learning_rate=0.95", "adam,learning_rate=0.3", "lion"], panels=True),
    "loss": descent(["sgd,learning_rate=0.95", "newton"], loss=True, method="central"),
    "panels and loss": descent(["sgd,learning_rate=0.95", "adam,learning_rate=0.3"], panels=True, loss=True),
    "components": descent("momentum,learning_rate=0.3", anatomy=5),
    "on a surface": descent("momentum,learning_rate=0.1", on="surface"),
    "on axes": descent("adadelta", on="axes", expression="x**2/20 + y**2"),
    "many paths": descent(
        [f"sgd,learning_rate=0.0{k}" for k in range(1, 6)], expression="x0**2/20 + 3*x1**2", critical=True
    ),
    "tuned": descent("rmsprop", tune=True),
    "on a curve": descent(
        list(OPTIMIZERS),
        expression="x**4 - 3*x**2 + x",
        start=[[2], [-0.3]],
        samples=101,
        range=(-3, 3),
        loss=True,
    ),
    "on a curve with a pole": descent("sgd,learning_rate=0.05", expression="tan(x)**2", start=1, samples=101),
}
PICTURES = {name: type(spec)(**{**spec.to_dict(), "dpi": 25}) for name, spec in PICTURES.items()}
EXACT = 1e-9
RUNNER = """
import json, runpy, sys
import matplotlib.pyplot as plt
import numpy as np
for name in json.loads(sys.argv[1]):
    with plt.rc_context():
        found = runpy.run_path(f"{name}.py")
    kept = {key: found[key]
            for key in ("points", "values", "vectors", "levels", "at", "slope")
            if isinstance(found.get(key), (list, tuple, float, np.ndarray))}
    if "points" in found:
        kept["f"] = found.get("masked", found["f"])(found["points"])
    panels = found.get("panels", {"": found.get("paths", ())})
    for place, (path, *_) in enumerate(path for paths in panels.values() for path in paths):
        kept[f"path {place}"] = path
    np.savez(f"{name}.npz", **kept)
    figure, told = found["fig"], []
    for axes in figure.axes:
        told.append([axes.name, axes.get_xlim(), axes.get_ylim(), axes.get_xlabel(), axes.get_ylabel(),
                     axes.get_title(), axes.title.get_parse_math(), axes.get_xscale(), axes.get_aspect()])
    told = [figure.get_size_inches().tolist(), figure.dpi, told]
    box = figure.bbox
    lines = [text.get_window_extent() for axes in figure.axes for text in (axes.title, axes.xaxis.label)
             if text.get_text() and axes.name != "3d"]
    outside = [legend.get_window_extent() for legend in figure.legends]
    for one in [*lines, *outside]:
        assert box.x0 - 1 < one.x0 < one.x1 < box.x1 + 1 and box.y0 - 1 < one.y0 < one.y1 < box.y1 + 1, name
    assert not any(one.overlaps(other) for one in lines for other in outside), name
    with open(f"{name}.json", "w") as file:
        json.dump(told, file)
    plt.close("all")
"""


@pytest.fixture(scope="module")
def drawn():
    """Return the samples, the scene and the script of each picture."""
    found = {}
    for name, spec in PICTURES.items():
        samples = sample(spec)
        scene = described_scene(spec, samples)
        found[name] = samples, scene, script(spec, scene)
    return found


def script(spec, scene=None):
    return encode(scene or described_scene(spec), spec, "py").content.decode("ascii")


def mesh_of(scene):
    """Return the mark over the mesh of the function, None if nothing is drawn of it."""
    marks = [mark for mark in scene.panels[0].marks if hasattr(mark, "mesh") or hasattr(mark, "vectors")]
    return marks[0] if marks else None


@pytest.fixture(scope="module")
def ran(drawn, tmp_path_factory):
    """Return what came of each script, run where there is no gradviz and a warning is an error."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, (*_, source) in drawn.items():
        (folder / f"{name}.py").write_text(source)
    command = [sys.executable, "-W", "error", "-P", "-c", RUNNER, json.dumps(list(drawn))]
    done = subprocess.run(
        command,
        cwd=folder,
        env={"MPLBACKEND": "Agg", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert all((folder / f"{name}.png").is_file() for name in drawn)
    return {
        name: (dict(np.load(folder / f"{name}.npz")), json.loads((folder / f"{name}.json").read_text()))
        for name in drawn
    }


def of(*kinds):
    return pytest.mark.parametrize("name", [name for name, spec in PICTURES.items() if spec.kind in kinds])


# What a script computes -----------------------------------------------------------------------------------


@of("quiver", "stream", "contour", "surface", "descent")
def test_a_script_has_the_points_and_values_of_the_picture(name, drawn, ran):
    """The mesh is the same to the bit, and so are the values but for rounding, undefined ones included.

    Where the picture has more points, beside jumps and at the edge of the domain, so has the script.
    """
    samples, scene, _ = drawn[name]
    found = ran[name][0]
    if "points" not in found:
        assert mesh_of(scene) is None or mesh_of(scene).mesh.shape != samples.points.shape
        return
    if found["points"].shape == samples.points.shape and not any(
        word in name for word in ("hole", "disc", "curved")
    ):
        assert np.array_equal(found["points"], samples.points)
        np.testing.assert_allclose(found["f"], samples.values, rtol=1e-12, atol=1e-13)
    if "values" in found and PICTURES[name].kind == "contour":
        mark = mesh_of(scene)
        np.testing.assert_allclose(found["points"], mark.mesh, rtol=1e-6, atol=1e-6)
        near = np.abs(mark.values) < 1e6  # beside a pole, the picture's points are nearer to it
        np.testing.assert_allclose(found["values"][near], mark.values[near], rtol=1e-4, atol=1e-6)
        assert np.array_equal(np.isnan(found["values"]), np.isnan(mark.values))


@of("quiver", "stream")
def test_a_script_has_the_gradient_of_the_picture(name, drawn, ran):
    """It is exact where the method is, and else as good as central differences are."""
    samples, _, _ = drawn[name]
    if "vectors" not in ran[name][0]:
        assert samples.reason_for_none
        return
    accuracy = 1e-14 if PICTURES[name].method == "exact" else 1e-6
    wanted = samples.slopes.trusted
    np.testing.assert_allclose(ran[name][0]["vectors"], wanted, rtol=accuracy, atol=accuracy)


@of("descent")
def test_a_script_follows_the_paths_of_the_picture(name, drawn, ran):
    """Each optimizer, written out, makes the same steps."""
    samples, found = drawn[name][0], ran[name][0]
    accuracy = EXACT if PICTURES[name].method == "exact" else 1e-5
    for place, path in enumerate(samples.paths):
        points = found[f"path {place}"].reshape(path.points.shape)  # of one variable, they are numbers
        np.testing.assert_allclose(points, path.points, rtol=accuracy, atol=accuracy)
    assert f"path {len(samples.paths)}" not in found


def test_all_optimizers_and_kinds_are_written():
    """There is a script of every kind that has one, and with every optimizer."""
    used = {one["name"] for spec in PICTURES.values() if spec.kind == "descent" for one in spec.optimizers}
    assert used == set(OPTIMIZERS)
    assert {spec.kind for spec in PICTURES.values()} == set(KINDS_OF_SCRIPTS)


@of("tangent")
def test_a_script_has_the_curve_of_the_picture(name, drawn, ran):
    """Its values are those that are drawn, and its last slope is that of the last line."""
    _, scene, _ = drawn[name]
    found = ran[name][0]
    curve = scene.panels[0].marks[0].points[:, 1]
    np.testing.assert_allclose(found["values"], curve, rtol=1e-13)
    if name == "tangent":
        assert found["slope"] == pytest.approx(0.34)  # (f(14) - f(10))/4
    if name == "tangent, derived":
        assert found["slope"] == pytest.approx(math.cos(1) / 2, rel=1e-14)


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda case: case["name"])
def test_the_function_is_that_of_the_picture(case):
    """NumPy source gives the values of gradviz for all published functions, and the gradient if it has it."""
    names, points = case["variables"], np.array(case["points"])
    ranges = dict(zip(names, map(tuple, case["range"]), strict=True))
    field = gradviz.field(case["text"], variables=names)
    values = field(points)
    code = FieldSource(
        read(case["text"], variables=names), tuple(ranges.values()), "exact", None, SOURCE, wanders=True
    )
    _, found = functions(code)
    largest = np.nanmax(np.abs(values), initial=0)
    with np.errstate(all="ignore"):
        given = points if len(names) > 1 else points[..., 0]
        np.testing.assert_allclose(found["f"](given), values, rtol=1e-12, atol=1e-14 * largest)
        if code.slopes:
            wanted = field.gradient(points)
            slopes = found["gradient"](points) if len(names) > 1 else found["derivative"](given)[..., None]
            largest = np.nanmax(np.abs(wanted), initial=0)
            np.testing.assert_allclose(slopes, wanted, rtol=1e-9, atol=1e-12 * largest)


def functions(code):
    """Return the functions of a script, as source and as what they are."""
    source = "\n".join(line for lines in (*code.functions(), *code.gradient()) for line in lines)
    found = {"np": np, "math": math}
    exec(compile(source, "script", "exec"), found)
    return source, found


@pytest.mark.parametrize(
    "expression",
    [
        "-(x % 3)",
        "x % 3*y",
        "x*y % 3",
        "-x % 3",
        "3 - x % 2",
        "-x**2",
        "(-x)**2",
        "2**-x",
        "(x**2)**3",
        "x**y**2",
        "x//y*y + x % y",
        "-(x//2)",
        "x - (y - 1)",
        "x - (y + 1)",
        "x/y/2",
        "x/(y*2)",
        "1/x*y",
        "x*(1/y)",
        "where(x > 0 and not y > 1, log(x), sqrt(y))",
        "Piecewise((x, x < 0), (x**2, x < 1))",
        "x if x > y else -y",
        "Piecewise((x, x < -1), (y, x < 0.5), (x*y, True))",
        "min(x, y, x*y, 0.5)",
        "max(x, y, 0)",
        "max(x)",
        "clip(x, -1, y)",
        "log(x, 3)*log2(y)",
        "cot(x)*sec(y)/csc(x)",
        "1/cot(x)",
        "tau*x + e*y - pi",
        "x/tau",
        "relu(x) + sigmoid(y) + softplus(x) + erf(y)",
        "silu(x) + gelu(y) + elu(x) + elu(y, 2)",
        "leaky_relu(x) + leaky_relu(y, 0.2) + logsumexp(x, y, 1) + sinc(x + y)",
        "heaviside(x)*cbrt(y)",
        "hypot(x, y) - atan2(y, x)",
        "10^20*x - 2^60*2^60*y",
        "(-10**17)**floor(x) + y",
        "y - (-10**17)*x/(-10**16) % (-10**17)",
        "7//2*x + 7 % 4",
        "(1/3)*x + y/3",
        "3",
        "pi*2",
        "where(2 > 1, x, y)",
        "where(x > y or x < -1 or not (y < 0), x, 2)",
        "floor(x)*ceil(y) + sign(x)",
        "asin(x)*acos(y/2)*atan(x)",
        "acosh(x)*asinh(y)*atanh(x/2)",
        "sinh(x) - cosh(y)*tanh(x)",
        "abs(x - y)**1.5",
        "x^0.5*y^(1/3)",
        "x**-2",
        "x**-y",
        "-2**x",
        "(-2)**2*x",
        "where(-1 < x < y, 1, 0)",
        "lambda*theta",
        "f*p*g + d",
        "x_1 + e**x2",
        "where(x != y, x, y) - where(x == y, 1, 2)",
        " + ".join(["x"] * 300),
        "*".join(["cos(x)"] * 200),
        f"max({', '.join(f'x - {k}' for k in range(120))})",
    ],
)
def test_what_is_written_means_what_was_typed(expression):
    """Signs, brackets, divisions and branches are those of gradviz, and undefined where it is undefined."""
    field = gradviz.field(expression)
    variables = field.variables or ("x",)
    points = np.random.default_rng(1).normal(size=(60, len(variables))) * 2
    reading = read(expression, variables=variables)
    values = gradviz.field(expression, variables=variables)(points)
    code = FieldSource(reading, ((-1, 1),) * len(variables), "adaptive", None, SOURCE, wanders=True)
    _, found = functions(code)
    with np.errstate(all="ignore"):
        computed = found["f"](points if len(variables) > 1 else points[:, 0])
        np.testing.assert_allclose(computed, values, rtol=1e-12, atol=1e-13)


def test_parameters_stand_by_name_at_the_top():
    """A parameter is a constant of the script, also in the exact derivatives."""
    source = script(
        gradviz.Tangent(expression="a*x**2 + rate", set={"a": 2, "rate": 5}, method="exact", samples=3)
    )
    assert "a = 2.0\nrate = 5.0\n" in source
    assert "return 2*a*x\n" in source


def test_names_are_names_of_python():
    """What Python or the script itself needs gets an underscore behind it, and no two names become one."""
    assert [identifier(name) for name in ("lambda", "f", "print", "x0", "match")] == [
        "lambda_", "f_", "print_", "x0", "match_",
    ]  # fmt: skip


# How it is drawn ------------------------------------------------------------------------------------------


@of(*KINDS_OF_SCRIPTS)
def test_a_script_draws_the_axes_of_the_picture(name, drawn, ran):
    """Size, views, labels and titles are those of the picture."""
    picture, (size, dpi, axes) = picture_of(drawn[name][1]), ran[name][1]
    np.testing.assert_allclose(size, picture.get_size_inches(), rtol=1e-5)
    assert dpi == picture.dpi
    assert len(axes) == len(picture.axes)
    inner, bars = (
        [one for one in picture.axes if hasattr(one, "_colorbar") == is_bar] for is_bar in (False, True)
    )
    found = [one for one in axes if one[3] or one[5]], [one for one in axes if not (one[3] or one[5])]
    assert len(found[0]) == len(inner)
    for own, (kind, xlim, ylim, xlabel, ylabel, title, is_math, scale, aspect) in zip(
        [*inner, *bars], [*found[0], *found[1]], strict=True
    ):
        assert (kind, scale) == (own.name, own.get_xscale())
        assert (xlabel, ylabel) == (own.get_xlabel(), own.get_ylabel())
        assert title == own.get_title()
        assert is_math == own.title.get_parse_math() or "$" not in title
        assert aspect == own.get_aspect()
        if "x" in kind or kind == "3d" or own.get_label() == "<colorbar>":
            continue
        np.testing.assert_allclose([xlim, ylim], [own.get_xlim(), own.get_ylim()], rtol=1e-5, atol=1e-5)


@of("contour")
def test_a_script_has_the_levels_of_the_picture(name, drawn, ran):
    """They are explicit numbers; those of lines between bands come last."""
    levels = [one.levels for one in drawn[name][1].panels[0].marks if hasattr(one, "levels")]
    assert tuple(ran[name][0]["levels"]) == levels[-1] if levels else "levels" not in ran[name][0]


# What a script is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
def test_a_script_is_short_and_plain(name, drawn):
    """It is ASCII, in lines of some hundred characters but for the spec, and imports nothing of gradviz."""
    script = drawn[name][2]
    lines = script.splitlines()
    assert len(lines) < (300 if name in ("all optimizers", "on a curve") else 140)
    assert all(len(line) <= 130 for line in lines if not line.startswith("# spec: "))
    assert all(line == line.rstrip() for line in lines)
    assert "gradviz" not in "".join(line for line in lines if not line.startswith("#"))


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_becomes_code(name, drawn):
    """A script calls functions of NumPy and Matplotlib and its own, and knows no name that is not its own."""
    tree = ast.parse(drawn[name][2])
    assigned = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assigned |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assigned |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= {"numpy", "matplotlib.pyplot", "math"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module in {
                "pathlib",
                *(f"matplotlib.{name}" for name in ("colors", "patheffects", "ticker")),
            }
            assigned |= {alias.name for alias in node.names}
    known = assigned | {
        "np",
        "plt",
        "math",
        "__file__",
        "zip",
        "range",
        "len",
        "dict",
        "float",
        "enumerate",
        "bool",
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            assert node.id in known
        if isinstance(node, ast.Attribute):
            assert not node.attr.startswith("_")
    globals_ = {
        node.id
        for part in tree.body
        if not isinstance(part, ast.FunctionDef)
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    spec = PICTURES[name]
    own = {identifier(one) for one in (*spec.reading.variables, *spec.set)}
    assert globals_ - {"_"} <= TAKEN | own
    assert not TAKEN & own


@pytest.mark.parametrize("field", ["title", "xlabel", "ylabel"])
def test_words_stay_words(field):
    """Quotes, line ends, backslashes and what stands for other characters come out as they went in."""
    spec = gradviz.Contour(expression="x0**2 + 3*x1", samples=5, dpi=30, **{field: HOSTILE})
    source = script(spec)
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    drawn = gradviz.render(spec).axes[0]
    shown = drawn.get_title() if field == "title" else getattr(drawn, f"get_{field}")()
    assert shown in texts
    assert "parse_math=False" in source


@pytest.mark.parametrize(
    "words",
    [HOSTILE, "\ud800", "$\\frac{1}{2}$", "\\", 'a\\"', "a\n\\b", "\0\x1b[0m", "\N{GRINNING FACE}", ""],
)
def test_a_literal_reads_back_as_the_same_words(words):
    """It is ASCII and stands on one line."""
    literal = text(words)
    assert literal.isascii()
    assert "\n" not in literal
    assert ast.literal_eval(literal) == words


def test_hidden_builtins_are_known():
    """No name of Python's own is left to a variable."""
    assert all(identifier(name) != name for name in dir(builtins) if not name.endswith("_"))


# The file -------------------------------------------------------------------------------------------------


def test_a_script_remembers_its_spec(here):
    """What save writes load gives back, to the same bytes, also where the title is full of quotes."""
    spec = PICTURES["quiver in one colour"]
    gradviz.save(spec, "a.py")
    gradviz.save(gradviz.load("a.py"), "b.py")
    assert gradviz.load("a.py") == spec
    assert (here / "a.py").read_bytes() == (here / "b.py").read_bytes()
    assert is_ours(here / "a.py")


def test_a_script_that_was_changed_is_not_replaced(here):
    """Somebody's work on a script is not lost, although the script is still known and can be drawn."""
    spec = PICTURES["contour"]
    gradviz.save(spec, "a.py")
    gradviz.save(spec, "a.py")
    (here / "a.py").write_text((here / "a.py").read_text() + "print(1)\n")
    with pytest.raises(OutputError, match="force=True"):
        gradviz.save(spec, "a.py")
    assert gradviz.load("a.py") == spec
    gradviz.save(spec, "a.py", force=True)
    assert "print(1)" not in (here / "a.py").read_text()


def test_scripts_of_others_are_not_ours(here):
    """A Python file without our comment, or with one that says something else, is left alone."""
    for content in (
        "print(1)\n",
        "# spec: {}\n",
        '# spec: {"gradviz\n',
        "\n" * 30 + '# spec: {"gradviz": 1}\n',
    ):
        (here / "a.py").write_text(content)
        assert not is_ours(here / "a.py") or "gradviz" in content.splitlines()[0]
    (here / "a.py").write_text("print(1)\n")
    with pytest.raises(OutputError):
        gradviz.save(PICTURES["contour"], "a.py")


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        (gradviz.Stream(expression="1/(x0 - x1) + x0"), "where lines end"),
        (gradviz.Stream(expression="max(x0, x1)**2 + x0"), "unreliable"),
        (descent("adam", anatomy=1, steps=300), "arrows"),
    ],
)
def test_what_a_script_would_have_to_list_is_refused(spec, problem, here):
    """Nothing of a picture is left out: the error names the way out, and no file is written."""
    with pytest.raises(RequestError, match=rf"at most 60 points, got .*{problem}.*; write \.png"):
        gradviz.save(spec, "a.py")
    assert not (here / "a.py").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("quiver", "own.py:f"),
        ("descent", "x**2 + y**2", "--animate"),
        ("contour", "x*y", "-o", "a.pyw"),
        ("contour", "a*x*y", "--sweep", "a=1,2"),
        ("steps", "x**2"),
        ("pairs", "x*y*z"),
    ],
)
def test_what_no_script_can_be_of_is_refused(arguments, run, here):
    """A function of a file and what moves have no script, and no file is left."""
    (here / "own.py").write_text("def f(p):\n    return p[..., 0]\n")
    answer = run(*arguments, *(() if "-o" in arguments else ("-o", "a.py")))
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert len(answer.err.splitlines()) <= 5
    assert not (here / "a.py").exists()
