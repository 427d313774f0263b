"""The samples of a figure as CSV, JSON and NPZ."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest

import gradviz
from gradviz.errors import RequestError
from gradviz.output.data import DATA_FORMATS, data_format_of, encode_data, finite
from gradviz.specs import KINDS

F = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (5, 8)}


def table(content):
    """Return the header and the rows of a CSV text."""
    header, *rows = csv.reader(io.StringIO(content.decode()))
    return header, rows


def test_csv_has_one_row_a_point():
    """The columns are the variables, f and the partial derivatives; a row is about one point."""
    header, rows = table(encode_data(gradviz.sample(gradviz.Stream(**F)), "csv"))
    assert header == ["x0", "x1", "f", "df/dx0", "df/dx1"]
    numbers = np.array(rows, dtype=float)
    assert numbers.shape == (40, 5)
    assert len({tuple(row[:2]) for row in numbers}) == 40
    assert set(numbers[:, 0]) == {-2.0, -1.0, 0.0, 1.0, 2.0}
    np.testing.assert_allclose(sorted(set(numbers[:, 1])), [-1 + 4 * k / 7 for k in range(8)])
    np.testing.assert_allclose(numbers[:, 2], numbers[:, 0] ** 2 + 3 * numbers[:, 1], atol=1e-14)
    np.testing.assert_allclose(numbers[:, 3], 2 * numbers[:, 0], atol=1e-9)
    np.testing.assert_allclose(numbers[:, 4], 3, rtol=1e-9)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("tangent", ["t", "f", "df/dt"]),
        ("surface", ["t", "y", "f"]),
        ("contour", ["t", "y", "f"]),
        ("quiver", ["t", "y", "f", "df/dt", "df/dy"]),
        ("stream", ["t", "y", "f", "df/dt", "df/dy"]),
        ("descent", ["optimizer", "step", "t", "f"]),
        ("steps", ["h", "median", "max", "adaptive"]),
        ("pairs", ["panel", "t", "y", "f"]),
    ],
)
def test_the_gradient_is_there_where_the_figure_has_one(kind, columns):
    """Figures of a gradient have its columns, the others have not."""
    assert set(KINDS) == {"tangent", "surface", "contour", "quiver", "stream", "descent", "steps", "pairs"}
    samples = gradviz.sample(KINDS[kind](expression="t**2", samples=3))
    assert table(encode_data(samples, "csv"))[0] == columns
    data = json.loads(encode_data(samples, "json"))
    errors = [f"error of {name}" for name in columns if name.startswith("df/")]
    assert list(data) == [*columns, *errors, *(["unreliable"] if errors else [])]


def test_a_reason_is_written_beside_a_gradient_that_is_unreliable():
    """CSV has the reasons in a last column where there is one, JSON and NPZ always."""
    samples = gradviz.sample(gradviz.Quiver(expression="abs(x0) + x1**2", range=(-1, 1), samples=(3, 2)))
    header, rows = table(encode_data(samples, "csv"))
    assert header == ["x0", "x1", "f", "df/dx0", "df/dx1", "unreliable"]
    assert [row[-1] for row in rows] == ["", "kink", ""] * 2
    assert json.loads(encode_data(samples, "json"))["unreliable"] == ["", "kink", ""] * 2
    with np.load(io.BytesIO(encode_data(samples, "npz")), allow_pickle=False) as arrays:
        assert arrays["unreliable"].tolist() == [["", "kink", ""]] * 2
        assert arrays["error"].shape == (2, 3, 2)


def test_floats_read_back_equal():
    """Every number in CSV and JSON is written so that it reads back as the same double."""
    samples = gradviz.sample(gradviz.Tangent(expression="sin(x)/3", range=(0, 1), samples=50))
    columns = samples.columns()
    _, rows = table(encode_data(samples, "csv"))
    data = json.loads(encode_data(samples, "json"))
    for position, (name, column) in enumerate(columns.items()):
        assert [float(row[position]) for row in rows] == column
        assert data[name] == column


def test_what_is_undefined_is_empty_or_null_or_nan():
    """A missing value is an empty cell in CSV, null in JSON and NaN in NPZ: JSON has no NaN."""
    samples = gradviz.sample(gradviz.Tangent(expression="log(x)", range=(-1, 1), samples=3))
    _, rows = table(encode_data(samples, "csv"))
    assert rows[0][1:] == rows[1][1:] == ["", "", "undefined"]
    assert [float(cell) for cell in rows[2][:-1]] == pytest.approx([1, 0, 1])
    text = encode_data(samples, "json").decode()
    assert json.loads(text, parse_constant=pytest.fail)["f"] == [None, None, 0.0]
    assert np.isnan(np.load(io.BytesIO(encode_data(samples, "npz")))["f"]).tolist() == [True, True, False]


def test_npz_keeps_the_mesh():
    """The arrays are points (8, 5, 2), f (8, 5) and gradient (8, 5, 2), and need no pickle to be read."""
    samples = gradviz.sample(gradviz.Quiver(**F))
    with np.load(io.BytesIO(encode_data(samples, "npz")), allow_pickle=False) as arrays:
        assert set(arrays) == {"points", "f", "gradient", "error", "unreliable", "variables"}
        points = arrays["points"]
        assert points.shape == (8, 5, 2)
        np.testing.assert_allclose(arrays["f"], points[..., 0] ** 2 + 3 * points[..., 1], atol=1e-14)
        np.testing.assert_allclose(arrays["gradient"][..., 0], 2 * points[..., 0], atol=1e-9)
        assert arrays["variables"].tolist() == ["x0", "x1"]


def test_npz_without_a_gradient():
    """A figure without a gradient has no such array."""
    with np.load(io.BytesIO(encode_data(gradviz.sample(gradviz.Contour(**F)), "npz"))) as arrays:
        assert set(arrays) == {"points", "f", "variables"}


def columns_of(samples):
    """Return the columns of the data by their names: as CSV, as JSON and, for a table, as NPZ has them."""
    header, rows = table(encode_data(samples, "csv"))
    assert len(set(header)) == len(header)
    read = dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))
    lists = json.loads(encode_data(samples, "json"))
    with np.load(io.BytesIO(encode_data(samples, "npz")), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    return read, lists, arrays


@pytest.mark.parametrize("name", ["f", "panel", "points", "variables", "unreliable", "file"])
def test_no_column_of_panels_is_lost_to_one_of_the_same_name(name):
    """A variable that is called as a column or an array has one of its own, in all formats."""
    own = name if name == "file" else f"variable {name}"
    spec = gradviz.Pairs(expression=f"{name}**2 + 3*y + z", vars=(name, "y", "z"), at=(1, 2, 2.5), samples=3)
    samples = gradviz.sample(spec)
    for columns in columns_of(samples):
        first, y, z, f = (np.array(columns[key], dtype=float) for key in (own, "y", "z", "f"))
        np.testing.assert_allclose(f, first**2 + 3 * y + z)
        assert len(set(first)) == 4
        assert set(columns["panel"]) == {name, "y", "z", f"{name} y", f"{name} z", "y z"}
    assert columns["points"].shape == (36, 3)
    assert columns["variables"].tolist() == [name, "y", "z"]


@pytest.mark.parametrize("name", ["step", "optimizer", "f"])
def test_no_column_of_paths_is_lost_to_one_of_the_same_name(name):
    """The points of paths are there whatever their variables are called, beside steps and optimizers."""
    spec = gradviz.Descent(
        expression=f"{name}**2 + x**2/4", vars=(name, "x"), start=[(1, 2)], samples=3, steps=2,
        optimizers=["sgd,learning_rate=0.25"],
    )  # fmt: skip
    samples = gradviz.sample(spec)
    for columns in columns_of(samples):
        assert [float(one) for one in columns[f"variable {name}"]] == [1, 0.5, 0.25]
        assert [float(one) for one in columns["x"]] == pytest.approx([2, 1.75, 1.53125])
        assert [int(one) for one in columns["step"]] == [0, 1, 2]
        assert set(columns["optimizer"]) == {"sgd"}


@pytest.mark.parametrize("name", ["f", "unreliable"])
def test_no_coordinate_is_lost_to_a_column_of_the_same_name(name):
    """A variable called f, or as the reasons are, has a column of its own beside these."""
    spec = gradviz.Quiver(expression=f"abs({name}) + 3*x", vars=(name, "x"), range=(-1, 1), samples=3)
    for columns in columns_of(gradviz.sample(spec))[:2]:
        rows = zip(*(map(float, columns[key]) for key in (f"variable {name}", "x", "f")), strict=True)
        assert all(f == abs(first) + 3 * x for first, x, f in rows)
        assert list(columns["unreliable"]) == ["", "kink", ""] * 3


@pytest.mark.parametrize("name", ["allow_pickle", "file", "args", "f", "points", "unreliable"])
def test_no_parameter_is_lost_to_a_column_of_the_same_name(name):
    """The values of a swept parameter are there whatever it is called."""
    own = f"parameter {name}" if name in ("f", "points", "unreliable") else name
    spec = gradviz.Quiver(expression=f"{name}*x0 + 3*x1", sweep=f"{name}=1,2", samples=(3, 2))
    read, lists, arrays = columns_of(gradviz.sample(spec))
    for columns in (read, lists):
        assert [float(one) for one in columns[own]] == [1] * 6 + [2] * 6
    assert arrays[own].tolist() == [1, 2]
    assert arrays["points"].shape == (2, 2, 3, 2)
    np.testing.assert_allclose(arrays["f"][1] - arrays["f"][0], arrays["points"][0, ..., 0])


@pytest.mark.parametrize("form", DATA_FORMATS)
def test_equal_samples_give_equal_bytes(form):
    """The same numbers make the same file."""
    first, second = (encode_data(gradviz.sample(gradviz.Quiver(**F)), form) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", DATA_FORMATS)
def test_data_is_written_beside_the_picture(form, run, here):
    """--data writes the numbers in the format of the suffix, and prints the path on a second line."""
    answer = run("contour", "x*y", "-n", "3", "--dpi", "30", "--data", f"d.{form.upper()}")
    assert (answer.code, answer.lines) == (0, ["contour.png", f"d.{form.upper()}"])
    content = (here / f"d.{form.upper()}").read_bytes()
    samples = gradviz.sample(gradviz.Contour(expression="x*y", samples=3))
    assert content == encode_data(samples, form)


@pytest.mark.parametrize(
    ("name", "word"),
    [("d.txt", "csv"), ("d", "csv"), ("d.cvs", "csv"), ("d.jsn", "json"), ("-", "csv"), (".csv", "csv")],
)
def test_another_suffix_is_refused(name, word, run, here):
    """The suffix is the format; another one is a wrong request, answered with the nearest right one."""
    answer = run("contour", "x*y", "-n", "3", "--data", name)
    assert (answer.code, answer.out) == (2, b"")
    assert word in answer.err
    assert list(here.iterdir()) == []


def test_formats_are_told_by_the_suffix_in_any_case():
    """CSV and .csv are one format."""
    from pathlib import Path

    assert data_format_of(Path("a.b.CSV")) == "csv"
    with pytest.raises(RequestError, match=r"\.npz"):
        data_format_of(Path("a.xlsx"))


def test_finite_replaces_what_json_has_not():
    """Only numbers that are not finite become null, at any depth."""
    assert finite([1.0, math.nan, [math.inf, "nan", None, 3]]) == [1.0, None, [None, "nan", None, 3]]
    assert finite(-math.inf) is None
    assert finite(True) is True
