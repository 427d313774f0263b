"""Type checkers accept and refuse calls of the public interface as gradviz itself does, without plugins."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError

ROOT = Path(__file__).parents[1]
ACCEPTED = [
    'gradviz.Tangent(expression="x**2")',
    'gradviz.Tangent(expression="x**2", at=5, range=(0, 20))',
    'gradviz.Tangent(expression="x**2", at=[1, 2], secant=0.5, derivative=True)',
    'gradviz.Tangent(expression="x**2", at=1, secant=(1, 2), equations=True, slope_triangle=True)',
    'gradviz.Tangent(expression="sin(x)", at="pi/4", secant="pi/4", samples=25)',
    'gradviz.Tangent(expression="x**2", at=np.array([1.0, 2.0]), range=np.array([-3, 3]))',
    'gradviz.Tangent(expression="a*x", sweep={"a": [1, 2, 3]}, fps=2, animate=True)',
    'gradviz.Tangent(expression="a*x", sweep={"a": "0:1:5"}, size=(4, 3), dpi=100)',
    'gradviz.Tangent(expression="a*x", sweep="a=0:1:5", title="lines", xlabel=None)',
    'gradviz.Surface(expression="x0**2 + 3*x1", tangent_at=(1, 2), elev=20, azim=-30.5)',
    'gradviz.Surface(expression="x0**2 + 3*x1", tangent_at=np.array([1, 2]), zlim=(-1, 9.5))',
    'gradviz.Surface(expression="x0**2 + 3*x1", tangent_at=[(1, 2), "0,1"])',
    'gradviz.Surface(expression="x0**2 + 3*x1", plot="wireframe", spin=True, zticks=[0, 5])',
    'gradviz.Contour(expression="x0**2 + 3*x1", levels=10, range="-2:2")',
    'gradviz.Contour(expression="x0**2 + 3*x1", levels=[0, 1], filled=True, spacing="linear")',
    'gradviz.Contour(expression="x0**2 + 3*x1", levels=np.linspace(0, 1, 5), colorbar=False)',
    'gradviz.Contour(expression="a*x0 + b*x1", set={"a": 1, "b": "pi"}, samples=(30, 20))',
    'gradviz.Contour(expression="a*x0 + b*x1", set=["a=1", "b=2"], cmap="magma")',
    'gradviz.Quiver(expression="x0*x1", range=(-2, 2), samples=25)',
    'gradviz.Quiver(expression="x0*x1", range={"x0": (0, 2), "x1": "0:1"})',
    'gradviz.Quiver(expression="x0*x1", range=["x0=0:2", "x1=0:1"], where="x0 > 0")',
    'gradviz.Quiver(expression="x0*x1", through=(1, 0.5), arrows="log", color="red")',
    'gradviz.Quiver(expression="x0*x1", vars=["x1", "x0"], xlim=(-1, 1), ylim="-1:1")',
    'gradviz.Quiver(expression="x0*x1*x2", fix={"x2": 0.5}, vars="x0,x1", dpi=np.int64(80))',
    'gradviz.Stream(expression="x0*x1", density=2, through=[(1, 0.5), (0.2, 1)], heat=True)',
    'gradviz.Stream(expression="x0*x1", xticks=range(3), yticks=(0, 0.5), style="dark", step=1e-3)',
    'gradviz.Descent(expression="x**2/20 + y**2", start=(-7, 2), range=(-10, 10))',
    'gradviz.Descent(expression="x**2/20 + y**2", start=[(-7, 2), (3, 4)], range=(-10, 10))',
    'gradviz.Descent(expression="x**2/20 + y**2", start=np.array([[-1, 2], [1, 0]]), steps=10)',
    'gradviz.Descent(expression="x**2/20 + y**2", start=["-1,2", "1,0"], anatomy=5)',
    'gradviz.Descent(expression="x**2/20 + y**2", optimizers="adam,learning_rate=0.3", on="surface")',
    'gradviz.Descent(expression="x**2 + y**2", optimizers=[{"name": "sgd", "learning_rate": 0.1}])',
    'gradviz.Descent(expression="x**2 + y**2", optimizers=["sgd", {"name": "adam"}], method="exact")',
    'gradviz.Steps(expression="x0**2 + 3*x1", fix={"x0": 1, "x1": 2}, grid=True)',
    'gradviz.Pairs(expression="x0*x1*x2", at=[1, 2, 3], range={"x0": (0, 2)}, filled=True)',
    'gradviz.Pairs(expression="x0*x1*x2", at="1,2,3", colorbar=True)',
]
REFUSED = [
    "gradviz.Quiver()",
    'gradviz.Quiver(range="-2:2")',
    "gradviz.Quiver(expression=3)",
    'gradviz.Quiver(expression="x0*x1", unknown=3)',
    'gradviz.Quiver(expression="x0*x1", at=5)',
    'gradviz.Quiver(expression="x0*x1", dpi=[1])',
    'gradviz.Quiver(expression="x0*x1", dpi=None)',
    'gradviz.Quiver(expression="x0*x1", range=2)',
    'gradviz.Quiver(expression="x0*x1", range={"x0": 2})',
    'gradviz.Quiver(expression="x0*x1", samples={"x0": 2})',
    'gradviz.Quiver(expression="x0*x1", arrows="long")',
    'gradviz.Quiver(expression="x0*x1", stream="no idea")',
    'gradviz.Quiver(expression="x0*x1", vars=["x0", 1])',
    'gradviz.Quiver(expression="x0*x1", through={"x0": 1})',
    'gradviz.Quiver(expression="a*x0*x1", set=1)',
    'gradviz.Quiver(expression="a*x0*x1", set={"a": [1]})',
    'gradviz.Quiver(expression="a*x0*x1", sweep=[1, 2])',
    'gradviz.Tangent(expression="x", at={"x": 1})',
    'gradviz.Tangent(expression="x", secant={"h": 1})',
    'gradviz.Tangent(expression="x", title=3)',
    'gradviz.Surface(expression="x0*x1", tangent_at=1)',
    'gradviz.Surface(expression="x0*x1", size={"width": 4})',
    'gradviz.Contour(expression="x0*x1", levels={"x0": 1})',
    'gradviz.Stream(expression="x0*x1", density=[1])',
    'gradviz.Descent(expression="x0*x1", steps=2.5)',
    'gradviz.Descent(expression="x0*x1", optimizers=[3])',
    'gradviz.Steps(expression="x0*x1", method="exactly")',
    'gradviz.Pairs(expression="x0*x1*x2", at=[[1], [2], [3]])',
]
KEPT = """
from collections.abc import Mapping
from typing import assert_type

from matplotlib.figure import Figure

assert_type(spec.dpi, int)
assert_type(spec.step, float | None)
assert_type(spec.vars, tuple[str, ...] | None)
assert_type(spec.xlim, tuple[float, float] | None)
assert_type(spec.samples, int | tuple[int, ...] | None)
assert_type(spec.through, tuple[tuple[float, ...], ...])
parameters: Mapping[str, float] = spec.set
swept: Mapping[str, tuple[float, ...]] = spec.sweep
drawn: Figure = figure
"""


@pytest.mark.parametrize("call", ACCEPTED)
def test_gradviz_accepts_the_calls_that_type_checkers_accept(call):
    spec = eval(call, {"gradviz": gradviz, "np": np})
    assert isinstance(spec, gradviz.Spec)
    assert type(spec)(**spec.to_dict()) == spec  # the kept values are accepted, too


@pytest.mark.parametrize("call", REFUSED)
def test_gradviz_refuses_the_calls_that_type_checkers_refuse(call):
    with pytest.raises(RequestError):
        eval(call, {"gradviz": gradviz, "np": np})


@pytest.fixture(scope="module")
def user_code(tmp_path_factory):
    """Return a folder with programs of a user: the README's, the accepted calls, and the refused calls."""
    folder = tmp_path_factory.mktemp("user")
    blocks = re.findall(r"(?ms)^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"))
    (folder / "readme.py").write_text("".join(blocks) + KEPT, "utf-8")
    for name, calls in (("accepted", ACCEPTED), ("refused", REFUSED)):
        lines = ["import gradviz", "import numpy as np", *calls]
        (folder / f"{name}.py").write_text("\n".join(lines) + "\n", "utf-8")
    settings = {
        "typeCheckingMode": "strict",
        "reportUnusedExpression": "none",  # the README shows values of expressions
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    (folder / "mypy.ini").write_text("[mypy]\nstrict = true\n", "utf-8")
    return folder


def _run(folder, *command):
    found = subprocess.run(
        [sys.executable, "-P", "-m", *command],
        check=False,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert found.returncode in (0, 1), found.stdout + found.stderr
    return found.stdout


def _mypy_errors(folder):
    out = _run(folder, "mypy", "--output", "json", "readme.py", "accepted.py", "refused.py")
    for error in map(json.loads, out.splitlines()):
        if error["severity"] == "error":
            yield error["file"], error["line"], error["message"]


def _pyright_errors(folder):
    out = _run(folder, "pyright", "--outputjson", "--pythonpath", sys.executable)
    for error in json.loads(out)["generalDiagnostics"]:
        if error["severity"] == "error":
            name = error["file"].replace("\\", "/").rpartition("/")[2]
            yield name, error["range"]["start"]["line"] + 1, error["message"]


@pytest.mark.slow
@pytest.mark.parametrize("errors_of", [_mypy_errors, _pyright_errors])
def test_type_checkers_accept_and_refuse_calls(user_code, errors_of):
    errors = list(errors_of(user_code))
    assert [error for error in errors if error[0] != "refused.py"] == []
    refused = {line for _, line, _ in errors}
    assert [call for line, call in enumerate(REFUSED, 3) if line not in refused] == []


def test_the_types_are_part_of_the_package():
    assert (ROOT / "gradviz" / "py.typed").is_file()  # which says to type checkers that the package has types
