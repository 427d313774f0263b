"""Programs that were compiled before: the same again without SymPy, and whatever a file says does no harm."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gradviz
from gradviz import process
from gradviz.fields import cache
from gradviz.fields.compiling import compile_program
from gradviz.fields.program import REAL, Program
from gradviz.language.reading import read

POINTS = np.random.default_rng(3).uniform(0.1, 2, (7, 2))


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return a folder in which programs are kept from now on."""
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(process, "_switches", process._Switches(program_cache=True))
    return tmp_path / "kept"


def files(folder):
    return sorted(folder.glob("*.json"))


EXPRESSIONS = [
    "x0*x1", "sin(x0)**2 + exp(x0*x1)/3", "abs(x0 - x1) + max(x0, x1, 1)", "x0 if x0 > 1 else x1**3",
    "Piecewise((x0, x0 > 1), (x1, x1 > 1))", "floor(3x0) + mod(x1, 2) + x0//x1", "erf(x0) + x1",
    "clip(x0, 0.5, 1) + heaviside(x1)",
    "softplus(x0)*sigmoid(x1) + hypot(x0, x1) + atan2(x0, x1)", "7", "where(x0 < x1 and not x0 < 1, x0, 2)",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_a_program_from_disk_gives_the_same_numbers(text, kept):
    """Values, gradient and Hessian of a field whose programs were kept are bitwise those of the first."""
    names = ["x0", "x1"]

    def numbers():
        field = gradviz.field(text, variables=names)
        return field(POINTS), field.gradient(POINTS), field.hessian(POINTS)

    first = numbers()
    assert len(files(kept)) == 3
    again = numbers()
    assert len(files(kept)) == 3
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_texts_of_derivatives_from_disk_are_the_same(text, kept):
    """Derivatives and what their texts leave out are kept, too."""

    def texts():
        field = gradviz.field(text, variables=["x0", "x1"])
        return field.derivative_texts, field.derivative_remarks

    first = texts()
    assert texts() == first
    assert len(files(kept)) == 2


@pytest.mark.parametrize(
    "parts",
    [7, [], [["x"]], [["x", []], ["\x1b[31mx", []]], [["x" * 100_000, []], ["x", []]], [[7, []], ["x", []]]],
)
def test_forged_texts_are_computed_again(parts, kept):
    """Texts that are no texts of two derivatives, that cannot be printed or that are too long are ignored."""
    expected = gradviz.field("x0*x1").derivative_texts
    (path,) = [path for path in files(kept) if "parts" in json.loads(path.read_text())["program"]]
    path.write_text(json.dumps({**json.loads(path.read_text()), "program": {"parts": parts}}))
    assert gradviz.field("x0*x1").derivative_texts == expected


def test_a_repeated_picture_needs_no_sympy(python, tmp_path):
    """The second time, a command draws the same bytes without importing SymPy."""
    program = """
import sys
from gradviz.cli import main
assert main(["quiver", "x0*x1", "--where", "x0 > -1", "-n", "5", "--dpi", "30"]) == 0
print("sympy" in sys.modules)
print(open("quiver.png", "rb").read().hex())
"""
    environment = {"GRADVIZ_CACHE_DIR": str(tmp_path / "kept")}
    first, second = (python(program, env=environment).split() for _ in range(2))
    assert (first[1], second[1]) == ("True", "False")
    assert first[2] == second[2]


def test_no_cache_neither_reads_nor_writes(run, tmp_path, monkeypatch):
    """--no-cache, and a Python caller, leave no file behind."""
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", str(tmp_path / "kept"))
    assert run("quiver", "x0*x1", "-n", "5", "--dpi", "30", "--no-cache").code == 0
    assert run("grad", "x0*x1", "--at", "1,2", "--no-cache").code == 0
    gradviz.field("x0*x1")([1, 2])
    assert not (tmp_path / "kept").exists()
    assert run("grad", "x0*x1", "--at", "1,2").code == 0
    assert files(tmp_path / "kept")


def test_what_makes_another_function_has_another_key(kept):
    """Numbers, names, order, parameters, region and what is wanted tell programs apart; spaces do not."""
    read_keys = [
        read("x0*x1").key,
        read("x0 * x1").key,
        read("x0*x1", variables=["x1", "x0"]).key,
        read("x0*x1*1.0").key,
        read("a*x0*x1", parameters={"a": 2}).key,
        read("a*x0*x1", parameters={"a": 3}).key,
        read("x0*x1", where="x0 > 1").key,
        read("x0*x1", where="x0 > 2").key,
        read("x0 - (x1 - 1)").key,
        read("x0 - x1 - 1").key,
    ]
    texts = [json.dumps(key, sort_keys=True) for key in read_keys]
    assert texts[0] == texts[1]
    assert len(set(texts)) == len(texts) - 1


HOSTILE = [
    b"", b"\x00", b"[]", b"7", b"null", b'{"key": 1}', b"[" * 100_000, b'{"key": ' * 5_000, b"\xff\xfe",
    b'{"program": {}}',
]  # fmt: skip


@pytest.mark.parametrize("content", HOSTILE)
def test_a_broken_file_is_ignored_and_written_anew(content, kept):
    """Whatever stands in the place of a program, the numbers are right and the file is whole again."""
    gradviz.field("x0*x1")
    (path,) = files(kept)
    whole = path.read_bytes()
    path.write_bytes(content)
    np.testing.assert_array_equal(gradviz.field("x0*x1")(POINTS), POINTS.prod(axis=-1))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("instructions", "outputs"),
    [
        ([["__import__", 0]], [2]),
        ([["eval", 0]], [2]),
        ([[["add"], 0, 1]], [2]),
        ([["add", 0]], [2]),
        ([["add", 0, 1, 1]], [2]),
        ([["add", 0, 2]], [2]),
        ([["add", 0, -1]], [2]),
        ([["add", 0, True]], [2]),
        ([["add", 0, "x"]], [2]),
        ([["add", 0, 1e999]], [2]),
        ([["add", 0, [1]]], [2]),
        ([["where", 0, 1]], [2]),
        ([["pick", 0]], [2]),
        ([["multiply", 0, 1]], [3]),
        ([["multiply", 0, 1]], []),
        ([["multiply", 0, 1]], [2, 2]),
        ([["multiply", 0, 1]], ["2"]),
        ([[]], [2]),
        (7, [2]),
    ],
)
def test_a_program_that_is_none_is_refused(instructions, outputs, kept):
    """Operations outside of the table, wrong arguments and results that are not there make no program."""
    with pytest.raises((ValueError, TypeError)):
        Program.from_plain({"instructions": instructions, "outputs": outputs}, inputs=2, outputs=1)
    gradviz.field("x0*x1")
    (path,) = files(kept)
    said = json.loads(path.read_bytes())
    path.write_text(json.dumps({**said, "program": {"instructions": instructions, "outputs": outputs}}))
    np.testing.assert_array_equal(gradviz.field("x0*x1")(POINTS), POINTS.prod(axis=-1))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.sampled_from([*REAL, "x"]),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)


@settings(max_examples=300)
@given(PLAIN, PLAIN)
def test_any_data_are_a_program_of_the_table_or_refused(instructions, outputs):
    """What is taken for a program runs without an error, and consists of operations of the table."""
    try:
        program = Program.from_plain({"instructions": instructions, "outputs": outputs}, inputs=2, outputs=1)
    except (ValueError, TypeError):
        return
    assert {step.operation for step in program.instructions} <= set(REAL)
    (values,) = program.run([POINTS[:, 0], POINTS[:, 1]])
    np.broadcast_to(values, 7)


def test_a_file_of_another_expression_is_not_taken(kept):
    """A file that was moved to the place of another one says what it is of, and is ignored."""
    gradviz.field("x0*x1")
    (product,) = files(kept)
    gradviz.field("x0+x1")
    (total,) = set(files(kept)) - {product}
    product.write_bytes(total.read_bytes())
    np.testing.assert_array_equal(gradviz.field("x0*x1")(POINTS), POINTS.prod(axis=-1))


def test_a_folder_that_cannot_be_used_is_no_obstacle(kept, monkeypatch, tmp_path):
    """Where nothing can be written, or a file is in the way, everything works without."""
    kept.write_text("a file")
    np.testing.assert_array_equal(gradviz.field("x0*x1")(POINTS), POINTS.prod(axis=-1))
    monkeypatch.setenv("GRADVIZ_CACHE_DIR", "/proc/nowhere")
    np.testing.assert_array_equal(gradviz.field("x0*x1")(POINTS), POINTS.prod(axis=-1))


def test_the_folder_is_the_users_own_and_does_not_grow_without_end(kept, monkeypatch):
    """Others cannot look into it, and the oldest files make room for new ones."""
    monkeypatch.setattr(cache, "_MAX_FILES", 4)
    for number in range(9):
        gradviz.field(f"x0*{number}")
        for age, path in enumerate(sorted(files(kept), key=lambda path: path.stat().st_mtime_ns)):
            os.utime(path, ns=(age, age))
    assert 0 < len(files(kept)) <= 4
    if os.name == "posix":
        assert kept.stat().st_mode & 0o077 == 0


def test_other_files_of_the_folder_are_never_touched(kept, monkeypatch):
    """Files without a name and a content of ours stay, however many there are, and are not counted."""
    monkeypatch.setattr(cache, "_MAX_FILES", 4)
    kept.mkdir()
    own = "0" * 64
    others = {
        **{f"{number}.json": "{}" for number in range(9)},
        f"{own}.json": "{}",
        f"{'1' * 64}.json": json.dumps({"key": "x", "program": {}}),
        f"{'2' * 64}.json": "[" * 1000,
        f"{own}.json.bak": "{}",
        "package.json": '{"key": "value"}',
    }
    for name, text in others.items():
        (kept / name).write_text(text)
        os.utime(kept / name, ns=(1, 1))
    (kept / f"{'3' * 64}.json").symlink_to("package.json")
    (kept / f"{'4' * 64}.json").mkdir()
    for number in range(20):
        gradviz.field(f"x0*{number}")
    assert {name: (kept / name).read_text() for name in others} == others
    assert (kept / f"{'3' * 64}.json").is_symlink()
    assert (kept / f"{'4' * 64}.json").is_dir()
    assert len(files(kept)) < len(others) + 2 + 5


MASKS = [
    [["lt", 0, 1], ["negative", 2]],
    [["true"], ["subtract", 2, 2]],
    [["not", 0]],
    [["and", 0.5, 1.0]],
    [["where", 0, 1, 0.0]],
    [["where", 0.5, 1, 0.0]],
    [["sin", 0.5]],
    [["lt", 0, 1], ["where", 2, 2, 0.0]],
]


@pytest.mark.parametrize("instructions", MASKS)
def test_a_program_with_operands_of_other_types_is_refused(instructions, kept):
    """Conditions and numbers are told apart, and an operation of constants alone is none."""
    outputs = [1 + len(instructions)]
    with pytest.raises(TypeError):
        Program.from_plain({"instructions": instructions, "outputs": outputs}, inputs=2, outputs=1)
    plain = {"instructions": instructions, "outputs": [*outputs, 0, 1]}
    field = gradviz.field("x0*x1")
    gradviz.gradient(field).estimate(POINTS)
    for path in files(kept):
        path.write_text(json.dumps({**json.loads(path.read_bytes()), "program": plain}))
    found = gradviz.gradient(gradviz.field("x0*x1")).estimate(POINTS)
    np.testing.assert_allclose(found.gradient, POINTS[:, ::-1], rtol=1e-9)


def test_plain_data_are_the_program_again():
    """A compiled program, as JSON and back, is equal, integers and floats told apart."""
    from sympy import Symbol, sin

    x, y = Symbol("x", real=True), Symbol("y", real=True)
    program = compile_program([sin(x) * y + 2.0 * x**3, x], [x, y])
    said = json.loads(json.dumps(program.to_plain()))
    assert Program.from_plain(said, inputs=2, outputs=2) == program
