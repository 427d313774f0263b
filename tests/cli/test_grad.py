"""The options `--along` and `--hessian` of `grad`."""

from __future__ import annotations

import math

import numpy as np
import pytest

QUADRATIC = "x0**2 + 3*x0*x1 - 2*x1**2 + x1"
SOURCE = """
import numpy as np
def f(x, y):
    return x**2*y + np.sin(y)
def array(w):
    return (w**2).sum() * w.ravel()[0]
"""


@pytest.mark.parametrize(
    ("expression", "at", "along", "derivative"),
    [
        ("x0**2 + 3*x1", "1,5", "3,4", 2 * 0.6 + 3 * 0.8),
        ("x0**2 + 3*x1", "1,5", "-6,-8", -2 * 0.6 - 3 * 0.8),
        ("sin(x)*exp(y)", "0.5,1", "1,2", math.e * (math.cos(0.5) + 2 * math.sin(0.5)) / math.sqrt(5)),
        ("x*y + z**2", "1,2,3", "0,0,1e200", 6),
        ("x**3", "2", "-1", -12),
    ],
)
def test_the_derivative_along_a_direction_is_that_of_the_unit_vector(expression, at, along, derivative, run):
    """The derivative does not depend on the length of the direction, and its error bounds its distance."""
    found = run("grad", expression, "--at", at, f"--along={along}", "--json").json["along"]
    given = np.array(along.split(","), float)
    assert found["direction"] == pytest.approx(
        given / np.abs(given).max() / np.linalg.norm(given / np.abs(given).max())
    )
    assert abs(found["derivative"][0] - derivative) <= found["error"][0] <= 1e-8 * abs(derivative)


@pytest.mark.parametrize(
    ("expression", "along", "derivative"),
    [
        ("abs(x) + y**3", "0,1", 12),
        ("abs(x) + y**3", "1,1", None),
        ("where(x == 0 and y == 2, 0, x**2*(y - 2)/(x**2 + (y - 2)**2))", "1,1", 1 / math.sqrt(8)),
        ("sqrt(x) + y", "1,0", None),
    ],
)
def test_a_derivative_may_exist_where_the_function_is_not_differentiable(expression, along, derivative, run):
    """At a kink the derivative along it exists; x^2 y/(x^2 + y^2) has derivatives along all lines."""
    answer = run("grad", expression, "--at", "0,2", "--along", along, "--json").json["along"]
    assert answer["derivative"] == [derivative if derivative is None else pytest.approx(derivative)]


@pytest.mark.parametrize("method", ["adaptive", "central", "exact"])
def test_the_hessian_of_a_formula_is_exact(method, run):
    """The Hessian of a quadratic function has its coefficients, and the eigenvalues of that matrix."""
    found = run(
        "grad", QUADRATIC, "--at", "3,4", "--at", "-1,0.1", "--hessian", "--method", method, "--json"
    ).json
    matrix = [[2, 3], [3, -4]]
    assert found["hessian"] == [matrix, matrix]
    assert found["eigenvalues"] == [pytest.approx(np.linalg.eigvalsh(matrix))] * 2


@pytest.mark.parametrize(
    ("expression", "at"), [("x*abs(x) + y**2", "0,1"), ("abs(x) + y", "0,1"), ("sqrt(x)*y", "-1,1")]
)
def test_a_hessian_that_does_not_exist_is_null(expression, at, run):
    """At a kink of the function or of its gradient, and outside of the domain, there is none."""
    found = run("grad", expression, f"--at={at}", "--hessian", "--json").json
    assert found["hessian"] == [[[None, None], [None, None]]]
    assert found["eigenvalues"] == [[None, None]]
    lines = run("grad", expression, f"--at={at}", "--hessian").lines
    assert lines[-1] == f"Hessian at ({at.replace(',', ', ')}): undefined"


def test_functions_of_files_have_both_by_differences(run, here):
    """The Hessian of x^2 y + sin(y) at (1, 2) is [[4, 2], [2, -sin 2]], its derivative along (3, 4) known."""
    (here / "f.py").write_text(SOURCE)
    found = run("grad", "f.py:f", "--at", "1,2", "--along", "3,4", "--hessian", "--json").json
    assert found["along"]["derivative"] == [pytest.approx(4 * 0.6 + (1 + math.cos(2)) * 0.8, rel=1e-9)]
    assert np.array(found["hessian"]) == pytest.approx(np.array([[[4, 2], [2, -math.sin(2)]]]), abs=1e-6)


def test_arrays_have_both_by_differences(run, here):
    """Of four coordinates, |w|^2 w_0 has the Hessian 2 w_0 I + 2 (e w^T + w e^T)."""
    (here / "f.py").write_text(SOURCE)
    w = np.array([1.0, 2, 3, 4])
    np.save(here / "w.npy", w.reshape(2, 2))
    found = run("grad", "f.py:array", "--at", "w.npy", "--along", "1,0,0,0", "--hessian", "--json").json
    first = np.eye(4)[0]
    assert found["along"]["derivative"] == [pytest.approx(w @ w + 2)]
    matrix = 2 * w[0] * np.eye(4) + 2 * (np.outer(first, w) + np.outer(w, first))
    assert np.array(found["hessian"][0]) == pytest.approx(matrix, abs=1e-5)
    assert "Hessian, error " in run("grad", "f.py:array", "--at", "w.npy", "--hessian").out.decode()


def test_tables_have_the_numbers(run):
    """A direction has a table with exact derivatives, and each Hessian one with its names."""
    lines = run("grad", "x0**2 + 3*x0*x1", "--at", "3,4", "--along", "0,2", "--hessian").lines
    start = lines.index("along the unit vector u = (0, 1)")
    assert [line.split() for line in lines[start + 1 : start + 3]] == [
        ["x0", "x1", "df/du", "error", "exact"],
        ["3", "4", "9", lines[start + 2].split()[3], "9"],
    ]
    assert lines[start + 4].startswith("Hessian at (3, 4), error ")
    assert [line.split() for line in lines[start + 5 : start + 8]] == [
        ["x0", "x1"], ["x0", "2", "3"], ["x1", "3", "0"],
    ]  # fmt: skip
    assert lines[start + 8].split()[0] == "eigenvalues"


@pytest.mark.parametrize(
    ("along", "part"),
    [("0,0", "length greater than 0, got 0,0"), ("1", "2 (x, y) coordinates"), ("1,a", "'a'")],
)
def test_a_wrong_direction_is_refused(along, part, run):
    """A direction has a number for each variable, not all of them 0."""
    answer = run("grad", "x*y", "--at", "1,2", "--along", along)
    assert (answer.code, answer.out) == (2, b"")
    assert answer.err.startswith("error: --along: ")
    assert part in answer.err


def test_a_hessian_of_many_coordinates_is_refused(run, here):
    """A Hessian is printed for at most 12 coordinates."""
    (here / "f.py").write_text(SOURCE)
    np.save(here / "w.npy", np.ones(13))
    answer = run("grad", "f.py:array", "--at", "w.npy", "--hessian")
    assert (answer.code, answer.out) == (2, b"")
    assert "--hessian: must have at most 12 coordinates, got 13" in answer.err
