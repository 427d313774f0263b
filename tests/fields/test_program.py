"""Functions compiled to a list of NumPy operations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy

from gradviz.fields.compiling import compile_program
from gradviz.fields.field import field
from gradviz.fields.formula import formula, symbol
from gradviz.fields.program import BOUNDS, COMPLEX, REAL, Instruction, Program
from gradviz.language.parser import parse


def compiled(*texts, variables=("x", "y")):
    """Compile several texts into one program."""
    return compile_program(
        [formula(parse(text), text, {}) for text in texts], [symbol(name) for name in variables]
    )


def operations(program):
    return [instruction.operation for instruction in program.instructions]


X = np.linspace(-2.0, 2.0, 9)
Y = np.linspace(0.5, 3.0, 9)


def each(function):
    """Apply a function of two numbers to the coordinates one by one."""
    return np.array([function(a, b) for a, b in zip(X, Y, strict=True)])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x", X),
        ("x + y", X + Y),
        ("x - y", X - Y),
        ("-x - y", -X - Y),
        ("-x", -X),
        ("2*x - 3*y + 1", 2 * X - 3 * Y + 1),
        ("-2*x*y", -2 * X * Y),
        ("x/y", X / Y),
        ("1/y", 1 / Y),
        ("-1/y**2", -1 / Y**2),
        ("x/(2*y**3)", X / (2 * Y**3)),
        ("x**2*y**-2", X**2 / Y**2),
        ("x**7", X**7),
        ("x**0.5", np.sqrt(X.astype(complex)).real * np.where(X < 0, np.nan, 1)),
        ("(x + y)**2/(x - y)**2", (X + Y) ** 2 / (X - Y) ** 2),
        ("max(x, y, 1)", each(lambda a, b: max(a, b, 1))),
        ("x // y", each(lambda a, b: a // b)),
        ("x // 0.4 + 10 // 0.4", each(lambda a, _: a // 0.4 + 24)),
        ("where(x > 1 or y > 2 or x < y - 2 or x < -1.9, 1, 2)",
         each(lambda a, b: 1 if a > 1 or b > 2 or a < b - 2 or a < -1.9 else 2)),
        ("min(x, y, 1)", each(lambda a, b: min(a, b, 1))),
        ("hypot(x, y) + hypot(x, 1)", each(lambda a, b: math.hypot(a, b) + math.hypot(a, 1))),
        ("x**y + x**1.0", each(lambda a, b: a**b + a if a >= 0 or b.is_integer() else np.nan)),
        ("where(x < -1, 1, 2)", np.where(X < -1, 1, 2)),
        (
            "where(x < y < 2 and x > 0 or not x > -1, x, y)",
            each(lambda a, b: a if (a < b < 2 and a > 0) or a <= -1 else b),
        ),
        (
            "Piecewise((1, x < -1), (2, x < 0), (3, x < 1), (4, True))",
            each(lambda a, _: 1 if a < -1 else 2 if a < 0 else 3 if a < 1 else 4),
        ),
        ("Piecewise((1, x < 0))", np.where(X < 0, 1, np.nan)),
        ("where(x > 0 or 1 > 2, 1, 2)", np.where(X > 0, 1, 2)),
    ],
)  # fmt: skip
def test_a_program_computes_what_python_computes(text, values):
    """Each operation, element by element, against Python's own arithmetic."""
    with np.errstate(all="ignore"):
        (found,) = compiled(text).run([X, Y])
    np.testing.assert_allclose(np.broadcast_to(found, X.shape), values, rtol=1e-14)


def test_quotient_and_remainder_make_the_whole():
    """Both x // y and x % y are Python's and NumPy's pair: where one jumps the other does."""
    points = np.random.default_rng(0).integers(-40, 40, (400, 2)) / 10
    points = points[points[:, 1] != 0]
    x, y = points.T
    np.testing.assert_array_equal(field("x // y")(points), np.floor_divide(x, y))
    np.testing.assert_allclose(field("x//y*y + x % y")(points), x, rtol=1e-13, atol=1e-13)


def test_equal_parts_are_computed_once():
    """Within one formula and across the formulas of one program."""
    program = compiled("sin(x*y) + cos(sin(x*y))", "sin(x*y)**2", "x*y")
    assert operations(program).count("sin") == 1
    assert operations(program).count("multiply") == 1
    assert len(program.outputs) == 3


def test_the_gradient_shares_the_parts_of_the_value():
    """exp(-x**2 - y**2) is computed once for the value and both derivatives."""
    assert operations(field("exp(-x**2 - y**2)")._program("gradient")).count("exp") == 1


@pytest.mark.parametrize("exponent", [2, 3, 4, 5, 7, 15, 16, 31, 63, 64])
def test_whole_powers_are_products_by_squaring(exponent):
    """At most two multiplications for each binary digit, and never the C library's pow."""
    program = compiled(f"x**{exponent}")
    assert set(operations(program)) <= {"square", "multiply"}
    assert len(program.instructions) <= 2 * exponent.bit_length()
    assert program.run([np.array([3.0]), None])[0][0] == pytest.approx(3**exponent, rel=1e-15)


def test_a_register_and_a_constant_of_the_same_number_are_two_things():
    """Register 1 holds y; the constant is 1.0."""
    calls = [i for i in compiled("hypot(x, y) + hypot(x, 1)").instructions if i.operation == "hypot"]
    assert sorted(repr(call.arguments) for call in calls) == ["(0, 1)", "(0, 1.0)"]


def test_a_constant_needs_no_instruction():
    """Its output is the number, which broadcasts."""
    program = compiled("7", "x - x")
    assert program.instructions == ()
    assert [float(output) for output in program.run([X, Y])] == [7.0, 0.0]


@pytest.mark.parametrize(
    "text",
    [
        "sin(x)*exp(y) + x*y",
        "x**2 + 3*y",
        "where(x > y, x, y)",
        "exp(-x**2)*y**2 + x",
        "max(x, y) - min(x, 0)",
    ],
)
def test_an_open_mesh_gives_bitwise_what_the_full_mesh_gives(text):
    """Coordinates of shapes that broadcast are enough; parts of one variable then cost one row or column."""
    program = compiled(text)
    (full,) = program.run([*map(np.ravel, np.meshgrid(X, Y))])
    (opened,) = program.run([X[None, :], Y[:, None]])
    assert np.array_equal(np.broadcast_to(opened, (9, 9)).ravel(), full)


def test_results_are_let_go_when_nothing_needs_them():
    """A sum of 58 products holds a few arrays at a time, however many operations it has."""
    program = compiled("+".join(f"sin({k}*x)*cos({k}*y)" for k in range(2, 60)))
    alive, most = {0, 1}, 0
    for position, freed in enumerate(program._last_used):
        needed = {a for a in program.instructions[position].arguments if isinstance(a, int)}
        assert needed <= alive
        alive.add(program.inputs + position)
        most = max(most, len(alive))
        alive -= set(freed)
    assert alive == {0, 1, *program.outputs}
    assert len(program.instructions) > 200
    assert most <= 8


def test_a_program_is_data():
    """Frozen, comparable, and an operation it names stands in the closed table."""
    program = compiled("x*y + 1")
    assert program == compiled("x*y + 1")
    assert program == Program(2, program.instructions, program.outputs)
    assert {instruction.operation for instruction in program.instructions} <= set(REAL)
    with pytest.raises(AttributeError):
        program.inputs = 3


def test_an_unknown_operation_ends_in_an_error_and_not_in_a_call():
    """The table is closed: a name is looked up and never evaluated."""
    program = Program(1, (Instruction("__import__", (0,)),), (1,))
    with pytest.raises(KeyError):
        program.run([X])


@pytest.mark.parametrize(
    ("text", "analytic"),
    [
        ("sin(x)*exp(y)/x**3", True), ("hypot(x, y)", True), ("cbrt(x) + erf(y)", True),
        ("softplus(x)", True), ("sigmoid(x)**y", True), ("abs(x)", False), ("max(x, y)", False),
        ("where(x > 0, x, y)", False),
        ("floor(x)", False), ("mod(x, y)", False), ("atan2(x, y)", False),
    ],
)  # fmt: skip
def test_a_program_knows_whether_a_complex_step_gives_its_derivative(text, analytic):
    """Which is so if each of its operations is analytic."""
    assert compiled(text).analytic == analytic


@pytest.mark.parametrize("name", sorted(COMPLEX))
def test_a_complex_operation_agrees_with_the_real_one(name):
    """Its real part is the real function's value, for a tiny imaginary part."""
    pairs = ("add", "subtract", "multiply", "divide", "power", "hypot", "defined", "logsumexp")
    count = 2 if name in pairs else 1
    place = [np.array([1.3, 1.7])] if name == "acosh" else [np.array([0.3, 0.7]), np.array([1.3, 0.6])]
    order = [2.0] if name == "bessel" else []
    real = REAL[name](*place[:count], *order)
    stepped = COMPLEX[name](*(part + 1e-20j for part in place[:count]), *order)
    np.testing.assert_allclose(stepped.real, real, rtol=1e-15)


def test_softplus_and_sigmoid_do_not_overflow():
    """log(1 + exp(800)) is 800, and 1/(1 + exp(800)) is 0."""
    with np.errstate(over="ignore"):
        assert REAL["softplus"](np.array([800.0, -800.0])).tolist() == [800.0, 0.0]
        assert REAL["sigmoid"](np.array([800.0, -800.0])).tolist() == [1.0, 0.0]


def test_sums_and_products_hold_for_any_order_of_sympy():
    """SymPy sorts terms and factors as it likes; the value is that of the formula."""
    a, b, c = sympy.symbols("a b c", real=True)
    for expression, expected in [
        (a - b - c, 2 - 3 - 5),
        (-a - b - c, -10),
        (-(a - b) * c, 5),
        ((a - b) * (b - c), 2),
        (a / b / c, 2 / 15),
        (sympy.Rational(1, 2) * a - sympy.Rational(3, 2) / b, 0.5),
        (-1 / (a * b), -1 / 6),
        (sympy.Float(-0.5) * a**-2, -0.125),
    ]:
        (found,) = compile_program([expression], [a, b, c]).run([2.0, 3.0, 5.0])
        assert float(found) == pytest.approx(expected, rel=1e-15)


# Memory and bounds ---------------------------------------------------------------------------------------

FORMULAS = [
    "(x**2 + y)*(x - y**2)*exp(-x**2 - y**2) + sin(x*y)",
    "where(x < y, x*y + 1, -(x*y + 1)**3)",
    "abs(x*y)*(x*y + x - y)**2/(1 + (x*y)**2)",
    "max(x*y, x + y)*hypot(x, y) + floor(x*y)*cbrt(x + y)",
]


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize(
    "shapes", [((1, 7), (5, 1)), ((5, 7), (5, 7)), ((35,), (35,)), ((7,), (5, 1)), ((1,), ())]
)
def test_memory_that_is_used_again_changes_nothing(text, shapes):
    """Results are those of one new array for each operation, to the bit, and the coordinates stay."""
    program = compiled(text, "x*y + 1", "x - y")
    generator = np.random.default_rng(5)
    coordinates = [generator.normal(size=shape) for shape in shapes]
    before = [column.copy() for column in coordinates]
    found = program.run(coordinates)
    registers = [column.copy() for column in coordinates]
    for step in program.instructions:
        values = [registers[a] if isinstance(a, int) else a for a in step.arguments]
        registers.append(REAL[step.operation](*values))
    for output, array in zip(program.outputs, found, strict=True):
        assert np.array_equal(array, registers[output])
    assert all(np.array_equal(a, b) for a, b in zip(coordinates, before, strict=True))


@pytest.mark.parametrize("text", FORMULAS)
def test_the_rest_of_a_program_has_its_other_outputs(text):
    """Without the first output, nothing is computed that only the first one needs."""
    program = compiled(text, "x*y + x", "3", "y")
    coordinates = [np.array([0.3, 1.7, -2.0]), np.array([0.9, -0.4, 1.1])]
    wanted, found = program.run(coordinates)[1:], program.rest.run(coordinates)
    assert len(found) == 3
    assert all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True))
    assert operations(program.rest) == ["multiply", "add"]


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_no_result_is_larger_than_its_bound(name):
    """What bounds the largest arguments bounds all smaller ones, and of an infinite one there is no bound."""
    generator = np.random.default_rng(3)
    count = 2 if name in ("add", "subtract", "multiply", "hypot", "max", "min", "logsumexp", "elu") else 1
    real = (lambda x: REAL["bessel"](x, 1.0)) if name == "bessel" else REAL[name]
    bounds = (lambda x: BOUNDS["bessel"](x, 1.0)) if name == "bessel" else BOUNDS[name]
    with np.errstate(all="ignore"):
        for scale in (1e-9, 0.3, 1.0, 40.0, 1e5):
            parts = [generator.uniform(-scale, scale, 1000) for _ in range(count)]
            bound = bounds(*(float(np.abs(part).max()) for part in parts))
            assert np.abs(real(*parts)).max() <= bound * (1 + 1e-15)
            signed = bounds(*[-scale] * count)  # as a constant may be
            assert np.abs(real(*[np.float64(-scale)] * count)) <= signed * (1 + 1e-15)
        for infinite in (np.inf, np.nan):
            assert not bounds(*[infinite] * count) < np.inf
            assert not bounds(*[infinite, 1.0][:count]) < np.inf
            assert not bounds(*[1.0, infinite][-count:]) < np.inf


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1e300*x**2", [1.0, 1e5]),  # its slope is finite where it is not
        ("max(1, sin(exp(x)))", [1.0, 1e5]),
        ("x", [1.0, np.nan]),
        ("x + 0*exp(x)", [1.0, np.inf]),
        ("1/x", [1.0, 0.0]),
        ("log(x)", [1.0, -1.0]),
    ],
)
def test_where_a_value_is_missing_so_is_the_gradient(text, points):
    """Bounds leave no value out that might be undefined or too large: the second point of each."""
    found = field(text, variables=["x"]).gradient(np.reshape(points, (2, 1)))
    assert np.isnan(found).ravel().tolist() == [False, True]


def test_what_was_proven_holds_for_smaller_coordinates_alone():
    """Bounds grow with the coordinates, so that smaller ones need no new proof, and larger ones do."""
    program = compiled("exp(x)*y")
    points = {size: [np.array([size, -size / 2]), np.array([0.5, -1.0])] for size in (3.0, 600.0, 5.0, 800.0)}
    with np.errstate(over="ignore"):
        assert [program.is_bounded(columns) for columns in points.values()] == [True, True, True, False]
    assert program.is_bounded(points[3.0])
    assert not program.is_bounded([np.array([np.nan]), np.array([1.0])])
    assert not program.is_bounded([np.array([1.0]), np.array([np.inf])])


def test_a_gradient_that_is_bounded_needs_no_value(monkeypatch):
    """Of a polynomial on a mesh nothing but the slopes is computed, and they are right."""
    found = field("x0**2 + 3*x1")
    program = found._program("gradient")
    ran = []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self, *rest: (ran.append(self), run(self, *rest))[1])
    np.testing.assert_array_equal(found.gradient([[1.5, 2.0], [-4.0, 7.0]]), [[3.0, 3.0], [-8.0, 3.0]])
    assert ran == [program, program.rest]  # the first is asked for bounds
