"""Enclosures of expressions and their derivatives in ball arithmetic."""

from __future__ import annotations

import random

import mpmath
import pytest
from flint import arb

from gradviz.errors import ExpressionError
from gradviz.fields.enclosure import enclosure, interval, precision
from gradviz.fields.series import Defect
from gradviz.language.reading import read
from gradviz.language.tables import FUNCTIONS
from gradviz.language.tree import CONDITIONS, Num, Var

DIGITS = 110
STEP = mpmath.mpf(10) ** -45  # step of the differences of the oracle
TINY = mpmath.mpf(10) ** -20  # bound on their error, relative to the largest derivative or its square


# An oracle: mpmath, and differences of its values ----------------------------------------------------------


class Undefined(Exception):  # noqa: N818
    """The function is undefined at the point."""


def check(holds):
    if not holds:
        raise Undefined


def within(function, inside):
    def apply(x):
        check(inside(x))
        return function(x)

    return apply


def power(b, e):
    if mpmath.isint(e) and abs(e) < 1000:
        check(b != 0 or e >= 0)
        return b ** int(e)
    check(b > 0 or (b == 0 and e > 0))
    if mpmath.isint(2 * e) and abs(e) < 1000:
        return mpmath.sqrt(b) ** int(2 * e)
    return mpmath.mpf(0) if b == 0 else mpmath.exp(e * mpmath.log(b))


def floordiv(a, b):
    check(b != 0)
    return mpmath.floor(a / b)


def logarithm(x, base=None):
    check(x > 0)
    if base is None:
        return mpmath.log(x)
    check(base > 0 and base != 1)
    return mpmath.log(x) / mpmath.log(base)


def cube_root(x):
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def reciprocal(x):
    check(x != 0)
    return 1 / x


def raising():
    raise Undefined


ORACLE = {
    "add": lambda *t: mpmath.fsum(t), "mul": lambda *t: mpmath.fprod(t), "neg": lambda x: -x,
    "reciprocal": reciprocal, "power": power, "floordiv": floordiv, "undefined": raising,
    "abs": abs, "sqrt": within(mpmath.sqrt, lambda x: x >= 0), "cbrt": cube_root, "exp": mpmath.exp,
    "log": logarithm, "log2": lambda x: logarithm(x, 2), "log10": lambda x: logarithm(x, 10),
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "sec": mpmath.sec,
    "csc": within(mpmath.csc, lambda x: x != 0), "cot": within(mpmath.cot, lambda x: x != 0),
    "asin": within(mpmath.asin, lambda x: abs(x) <= 1), "acos": within(mpmath.acos, lambda x: abs(x) <= 1),
    "atan": mpmath.atan, "atan2": mpmath.atan2, "sinh": mpmath.sinh, "cosh": mpmath.cosh,
    "tanh": mpmath.tanh, "asinh": mpmath.asinh, "acosh": within(mpmath.acosh, lambda x: x >= 1),
    "atanh": within(mpmath.atanh, lambda x: abs(x) < 1), "sign": mpmath.sign, "floor": mpmath.floor,
    "ceil": mpmath.ceil, "mod": lambda a, b: a - b * floordiv(a, b), "min": lambda *t: min(t),
    "max": lambda *t: max(t),
    "clip": lambda x, low, high: min(max(x, low), high), "hypot": mpmath.hypot,
    "heaviside": lambda x: (mpmath.sign(x) + 1) / 2, "erf": mpmath.erf, "relu": lambda x: max(x, 0),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)), "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)), "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "elu": lambda x, a=1: x if x > 0 else a * mpmath.expm1(x),
    "leaky_relu": lambda x, a=0.01: x if x > 0 else a * x,
    "sinc": lambda x: mpmath.sin(x) / x if x else mpmath.mpf(1),
    "logsumexp": lambda *t: max(t) + mpmath.log(mpmath.fsum(mpmath.exp(each - max(t)) for each in t)),
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "and": lambda *c: all(c), "or": lambda *c: any(c), "not": lambda c: not c,
    "true": lambda: True, "false": lambda: False,
}  # fmt: skip


GROWING = {"exp", "sinh", "cosh", "tanh", "sigmoid", "softplus", "power", "erf", "silu", "gelu", "elu"}


def exact(node, point):
    """Return the value of a tree at a point of numbers of mpmath. Raises Undefined."""
    if isinstance(node, Num):
        return mpmath.mpf(node.value)
    if isinstance(node, Var):
        return point[node.name]
    if node.name == "where":
        for condition, value in zip(node.args[:-1:2], node.args[1::2], strict=True):
            if exact(condition, point):
                return exact(value, point)
        return exact(node.args[-1], point)
    try:
        values = [exact(argument, point) for argument in node.args]
    except Undefined:
        if node.name in CONDITIONS - {"and", "or", "not"}:
            return node.name == "ne"
        raise
    if any(abs(v) > (10**5 if node.name in GROWING else 10**30) for v in values):
        raise OverflowError
    if node.name in ("mod", "floordiv") and abs(values[0]) > 10**30 * abs(values[1]) > 0:
        raise OverflowError  # the differences of the oracle would cross discontinuities
    return ORACLE[node.name](*values)


def differences(tree, point, names):
    """Return value, one-sided slopes for each name, and second derivatives. Raises Undefined."""

    def at(**shift):
        return exact(tree, {n: point[n] + shift.get(n, 0) * STEP for n in point})

    value = at()
    slopes = {n: ((value - at(**{n: -1})) / STEP, (at(**{n: 1}) - value) / STEP) for n in names}
    second = {}
    for n in names:
        second[n, n] = (at(**{n: 1}) - 2 * value + at(**{n: -1})) / STEP**2
    if len(names) == 2:
        n, m = names
        corners = [at(**{n: i, m: j}) * i * j for i in (-1, 1) for j in (-1, 1)]
        second[n, m] = mpmath.fsum(corners) / (4 * STEP**2)
    return value, slopes, second


def encloses(ball, number, error):
    """Return whether a ball contains a number that is known up to an error."""
    known = arb(mpmath.nstr(number, 120)) + arb(0, arb(mpmath.nstr(error, 5)))
    return (arb(0) if ball is None else ball).overlaps(known)


# Random expressions ---------------------------------------------------------------------------------------

NUMBERS = ["0", "1", "2", "3", "0.5", "1.5", "0.1", "pi", "7", "10", "-1", "-2"]
COMPARISONS = ["<", "<=", ">", ">=", "==", "!="]


def expression_of(rng, depth):
    """Return the text of a random expression in x and y."""
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(["x", "y", "x", "y", f"({rng.choice(NUMBERS)})"])

    def sub():
        return expression_of(rng, depth - 1)

    kind = rng.random()
    if kind < 0.45:
        name = rng.choice(sorted(FUNCTIONS))
        function = FUNCTIONS[name]
        count = rng.randint(function.fewest, function.most or 3)
        return f"{name}({', '.join(sub() for _ in range(count))})"
    if kind < 0.52:
        parts = [f"{sub()} {rng.choice(COMPARISONS)} {sub()}" for _ in range(2)]
        return f"where(({parts[0]}) {rng.choice(['and', 'or', 'and not'])} ({parts[1]}), {sub()}, {sub()})"
    if kind < 0.55:
        return f"Piecewise(({sub()}, {sub()} {rng.choice(COMPARISONS)} {sub()}), ({sub()}, {sub()} > 0))"
    if kind < 0.65:
        return f"({sub()})^{rng.choice(['2', '3', '(-1)', '(1/3)', '1.5', '(-2)', '4', '0', 'x', '(0.5)'])}"
    return f"({sub()} {rng.choice(['+', '-', '*', '/', '*', '+', '%', '//'])} {sub()})"


def random_point(rng):
    """Return coordinates, often such where functions have kinks and jumps."""

    def coordinate():
        choice = rng.random()
        if choice < 0.35:
            return float(rng.choice([0, 1, -1, 0.5, -0.5, 2, -2, 3]))
        return rng.uniform(-3, 3) if choice < 0.9 else rng.gauss(0, 1) * 10.0 ** rng.randint(-9, 3)

    return coordinate(), coordinate()


def random_box(rng, point):
    """Return intervals that contain the coordinates of a point, which may be at a corner."""
    widths = [10.0 ** rng.uniform(-12, 0) for _ in range(4)]
    ends = [w * rng.choice([0, 1]) for w in widths]
    return [(point[0] - ends[0], point[0] + widths[1]), (point[1] - widths[2], point[1] + ends[3])]


def contradiction(text, rng):
    """Return a text about an enclosure that does not hold for an expression at a random point, or None.

    The point and a box around it are enclosed at a random precision.
    """
    try:
        reading = read(text, variables=["x", "y"])
    except ExpressionError:
        return None
    point = random_point(rng)
    function = enclosure(reading)
    boxes = [tuple(map(arb, point)), [interval(*ends) for ends in random_box(rng, point)]]
    with precision(rng.choice([53, 64, 128, 333])):
        enclosures = [function.series(box, 2) for box in boxes]
    with mpmath.workdps(DIGITS + 150):
        values = dict(zip("xy", map(mpmath.mpf, point), strict=True))
        for place, series in enumerate(enclosures):
            try:
                problem = _problem(reading.tree, values, series)
            except (OverflowError, ValueError, ZeroDivisionError, mpmath.libmp.NoConvergence):
                problem = None  # beyond mpmath
            if problem:
                return f"{text} at {point}, {'a box' if place else 'the point'}: {problem}: {series}"
    return None


def _problem(tree, point, series):
    if series.defect == Defect.EDGE:
        return None
    try:
        if series.defect in (Defect.JUMP, Defect.EMPTY):
            known = exact(tree, point)
            ok = series.defect == Defect.JUMP and encloses(series.value, known, abs(known) * STEP)
            return None if ok else f"value {mpmath.nstr(known, 20)}"
        return _wrong_part(series, *differences(tree, point, ["x", "y"]))
    except Undefined:
        return None if series.defect == Defect.EMPTY else "undefined"


def _wrong_part(series, value, slopes, second):
    """Return the number that is not in its enclosure, with its name, or None."""
    one_sided = [(name, slope) for name in "xy" for slope in slopes[name]]
    largest = max(1, abs(value), *(abs(s) for _, s in one_sided), *map(abs, second.values()))
    if mpmath.isnan(value) or largest > mpmath.mpf(10) ** 30:
        return None
    known = [("value", value, 0, STEP * largest)]
    known += [(f"slope in {name}", s, 1 + "xy".index(name), largest * TINY) for name, s in one_sided]
    if series.defect == Defect.SMOOTH:
        halves = (second["x", "x"] / 2, second["x", "y"], second["y", "y"] / 2)
        known += [("second", half, place, largest**2 * TINY) for place, half in enumerate(halves, 3)]
    for name, number, place, error in known:
        if not encloses(series.coefficients[place], number, error):
            return f"{name} {mpmath.nstr(number, 20)}"
    return None


def contradictions(seed, count):
    rng = random.Random(seed)
    texts = (expression_of(rng, rng.randint(1, 4)) for _ in range(count))
    return [found for text in texts if (found := contradiction(text, rng))]


def test_enclosures_contain_the_truth():
    """Values, slopes and second derivatives of 2,000 expressions lie in their enclosures."""
    assert contradictions(1, 2_000) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_many_enclosures_contain_the_truth(seed):
    """The same at 10^5 points."""
    assert contradictions(seed, 10_000) == []


@pytest.mark.parametrize("text", ["elu(x, 1/ceil(y))", "leaky_relu(x, 1/ceil(y))", "elu(x, sqrt(floor(y)))"])
def test_a_scale_that_is_undefined_next_to_a_point_makes_no_function_smooth(text):
    """At y = -1 or 0 the scale is defined, and undefined on one side of it, as is the function."""
    y = 0.0 if "floor" in text else -1.0
    series = enclosure(read(text, variables=["x", "y"])).series([arb(2.5), arb(y)], 2)
    assert series.defect > Defect.SMOOTH
