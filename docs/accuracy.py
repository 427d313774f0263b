"""Make docs/accuracy.md: the errors of gradients, ours and those of three libraries.

    python docs/accuracy.py

The published functions are in tests/data/functions.json: 119 functions of SciPy's global-optimization
benchmarks, the SFU library, More, Garbow and Hillstrom, and others, each with points and the gradients there
in 110 digits. The adversarial ones are in tests/data/adversarial.jsonl, with one-sided slopes in 40 digits.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import gradviz
from gradviz.language.reading import read
from gradviz.language.tree import Node, Num, Var

Floats = NDArray[np.float64]
FOLDER = Path(__file__).parent
CASES = FOLDER.parent / "tests" / "data" / "functions.json"
WRONG = 1e-6
_NOISE = 1e-12  # of the function's size, over the range: a gradient below it is zero but for rounding
_LEAST = 1e-100  # a reference below is zero but for the rounding of 110 digits


class Answer(NamedTuple):
    """Gradients (N, D), and where (N,) their method says that they are reliable."""

    gradient: Floats
    reliable: NDArray[np.bool_]


Method = Callable[[Callable[[Floats], Floats], Floats], Answer]


@dataclass
class Outcome:
    """What came of a method at all points of all functions that it takes."""

    smooth: list[Floats] = field(default_factory=list)
    """Errors of gradients, relative to their size, infinite where one is missing."""
    rough: list[Floats] = field(default_factory=list)
    """The same for functions with kinks, at points where the gradient exists."""
    points: int = 0
    missing: int = 0
    """Gradients that exist and are not found."""
    silent: int = 0
    """Wrong gradients that are said to be reliable."""
    false: int = 0
    """Right ones that are said not to be."""
    unseen: int = 0
    """Points without a gradient, at a kink or a jump, that are said to be reliable."""
    calls: int = 0
    """Evaluations at smooth functions, one for each point and variable."""
    numbers: int = 0
    """Points times variables of these."""

    def quantile(self, share: float) -> float:
        """Return the error that this share of the gradients of smooth functions does not exceed."""
        return float(np.quantile(np.concatenate(self.smooth), share, method="higher"))

    def right(self, errors: list[Floats]) -> float:
        """Return the share of errors below a millionth."""
        return float((np.concatenate(errors) < WRONG).mean())


def cases() -> list[dict[str, Any]]:
    """Return the functions with their points and references; None for a gradient that does not exist."""
    found: list[dict[str, Any]] = json.loads(CASES.read_text("utf-8"))
    return found


def outcome(method: Method, among: list[dict[str, Any]] | None = None) -> Outcome:
    """Run a method over all functions; one that refuses a function is not measured by it."""
    found = Outcome()
    for case in cases() if among is None else among:
        function = _Counted(gradviz.field(case["text"], variables=case["variables"]))
        points = np.array(case["points"])
        try:
            answer = method(function, points)
        except gradviz.GradvizError:
            continue
        exists = np.array([slopes is not None for slopes in case["gradients"]])
        wanted = np.array([slopes or [math.nan] * points.shape[1] for slopes in case["gradients"]])
        length = max(high - low for low, high in case["range"])
        errors = relative_errors(answer.gradient, wanted, np.array(case["values"], float), length)
        (found.smooth if case["smooth"] else found.rough).append(errors[exists])
        wrong = errors > WRONG
        found.points += len(points)
        found.missing += int((exists & ~np.isfinite(answer.gradient).all(axis=-1)).sum())
        found.silent += int((exists & wrong & answer.reliable).sum())
        found.false += int((exists & ~wrong & ~answer.reliable).sum())
        found.unseen += int((~exists & answer.reliable).sum())
        found.calls += function.calls * case["smooth"]
        found.numbers += points.size * case["smooth"]
    return found


def relative_errors(found: Floats, wanted: Floats, values: Floats, length: float) -> Floats:
    """Return the errors (N,) of gradients (N, D) relative to their size, infinite where one is missing.

    A gradient that is zero but for rounding has no size: there, an error that is rounding is none.
    """
    noise = np.maximum(_NOISE * np.abs(values) / length, _LEAST)
    size, apart = (np.linalg.norm(vectors, axis=-1) for vectors in (wanted, found - wanted))
    with np.errstate(all="ignore"):
        errors = np.where(size > noise, apart / size, np.where(apart <= noise, 0.0, np.inf))
    return np.where(np.isnan(errors), np.inf, errors)


class _Counted:
    """A field that counts the points at which it is evaluated."""

    def __init__(self, function: gradviz.Field) -> None:
        self.field, self.calls = function, 0

    def __call__(self, points: Floats) -> Floats:
        self.calls += math.prod(points.shape[:-1])
        return self.field(points)


def ours(name: str) -> Method:
    """Return one of gradviz's methods."""

    def answer(function: Any, points: Floats) -> Answer:
        if name in ("adaptive", "central"):
            gradviz.gradient(function, method=name)(points)  # which is counted
        estimate = gradviz.gradient(function.field, method=name).estimate(points)
        return Answer(estimate.gradient, estimate.reliable)

    return answer


def scipy(function: Callable[[Floats], Floats], points: Floats) -> Answer:
    """Use scipy.differentiate.derivative along each variable, with its defaults."""
    from scipy.differentiate import derivative

    slopes, good = np.empty(points.shape), np.empty(points.shape, bool)
    for axis, line in enumerate(_lines(function, points)):
        with np.errstate(all="ignore"):
            found = derivative(line, points[:, axis], args=tuple(np.delete(points, axis, 1).T))
        slopes[:, axis], good[:, axis] = found.df, found.success
    return Answer(slopes, good.all(axis=-1))


def _lines(function: Callable[[Floats], Floats], points: Floats) -> Iterator[Callable[..., Floats]]:
    """Yield, for each variable, the function of it and of all others, each an array of one shape."""
    for axis in range(points.shape[1]):
        yield lambda x, *others, axis=axis: function(
            np.stack(np.broadcast_arrays(*others[:axis], x, *others[axis:]), axis=-1)
        )


def numdifftools(function: Callable[[Floats], Floats], points: Floats) -> Answer:
    """Use numdifftools.Gradient at each point, with its defaults; reliable if it thinks the error small."""
    from numdifftools import Gradient

    slopes, good = np.empty(points.shape), np.empty(len(points), bool)
    taken = Gradient(lambda x: float(function(np.asarray(x, float))), full_output=True)
    for row, point in enumerate(points):
        with np.errstate(all="ignore"):
            slopes[row], error, *_ = taken(point)
        good[row] = np.linalg.norm(error) <= WRONG * np.linalg.norm(slopes[row])
    return Answer(slopes, good)


METHODS: dict[str, Method] = {
    "gradviz adaptive": ours("adaptive"),
    "gradviz complex": ours("complex"),
    "gradviz exact": ours("exact"),
    "gradviz central, h = 1e-4": ours("central"),
    "scipy.differentiate": scipy,
    "numdifftools": numdifftools,
}

HEAD = """\
# Accuracy

How far gradients are off, at {points:,} points of {functions} published functions ({smooth} of them smooth),
against references in 110 digits. `just accuracy` makes this page; the tests assert what stands in bold.

An error is that of a gradient vector, relative to its size. *Evaluations* are those for each point and
variable. *Silent*: wrong by more than a millionth, and said to be reliable. *False*: right, and said not to
be. *Unseen*: without a gradient, at a kink or a jump, and said to be reliable. gradviz says so by marks,
SciPy by `success`, numdifftools by an error estimate above a millionth of the gradient.

| method | evaluations | p50 | p90 | p99 | below 1e-6 | near kinks | silent | false | unseen |
|---|---|---|---|---|---|---|---|---|---|
"""
ADVERSARIAL_HEAD = """
## Adversarial functions

252 functions that cancel, overflow, oscillate, jump or have kinks, at 2,419 unrelated points, against
one-sided slopes in 40 digits; a slope below 1e-150 counts as 0. *Right*: within a millionth. *Silent*: wrong,
outside of the stated error, and not marked. *Far*: more than 30 times the stated error, and not marked.
*False*: right, and marked. *Unseen*: no gradient there, and not marked. JAX and numdifftools mark only what
is not finite; JAX states no error, for which 8 eps of the result stand here. **No method of gradviz is
silently wrong where it knows the formula.** What is unseen is 1e300*x**2 at 0, a kink by its reference alone.

| method | points | right | silent | far | false | unseen |
|---|---|---|---|---|---|---|
"""
BARS = """
The bars for the default method, `adaptive`: **p50 <= 1e-12, p90 <= 1e-11, p99 <= 2e-8, 99.7 % below 1e-6 at
no more than 8 evaluations; near kinks 99 %; silent <= 0.05 %, false <= 0.5 %**. For `exact`: **p50 <= 1e-15,
p99 <= 1e-11**, and no function without a gradient. `complex` takes analytic functions only.

Evaluations of gradviz count f at the point itself, and not the marks of methods other than `adaptive`;
`complex` and `exact` evaluate something else.
"""


ADVERSARIAL = FOLDER.parent / "tests" / "data" / "adversarial.jsonl"
_EQUAL = 1e-15  # relative difference of one-sided slopes that makes a point differentiable
_ZERO = 1e-150  # slope that counts as zero

Stated = tuple[
    Floats, Floats, NDArray[np.bool_]
]  # gradients and their errors (N, D), and where reliable (N,)


def with_errors(method: str, *, formula: bool = True) -> Callable[[gradviz.Field, Floats], Stated]:
    """Return one of gradviz's methods at unrelated points, for the formula or for what it evaluates to."""

    def answer(function: gradviz.Field, points: Floats) -> Stated:
        what = function if formula else function.__call__
        found = gradviz.gradient(what, method=method, apart=True).estimate(points)
        return found.gradient, found.error, found.reliable

    return answer


def scipy_with_errors(function: gradviz.Field, points: Floats) -> Stated:
    """Use scipy.differentiate.derivative at each point, with its defaults."""
    from scipy.differentiate import derivative

    slopes, errors, good = np.empty(points.shape), np.empty(points.shape), np.empty(points.shape, bool)
    for axis, line in enumerate(_lines(function, points)):
        with np.errstate(all="ignore"):
            found = derivative(line, points[:, axis], args=tuple(np.delete(points, axis, 1).T))
        slopes[:, axis], errors[:, axis], good[:, axis] = found.df, found.error, found.success
    return slopes, errors, good.all(axis=-1)


def numdifftools_with_errors(function: gradviz.Field, points: Floats) -> Stated:
    """Use numdifftools.Gradient at each point, with its defaults; a finite result counts as reliable."""
    from numdifftools import Gradient

    slopes, errors = np.empty(points.shape), np.empty(points.shape)
    taken = Gradient(lambda x: float(function(np.asarray(x, float))), full_output=True)
    for row, point in enumerate(points):
        with np.errstate(all="ignore"):
            slopes[row], errors[row] = taken(point)[:2]
    return slopes, errors, np.isfinite(slopes).all(axis=-1)


def jax_with_errors(function: gradviz.Field, points: Floats) -> Stated:
    """Use jax.grad in double precision; a finite result counts as reliable, with an error of 8 eps."""
    import jax

    jax.config.update("jax_enable_x64", True)
    tree = read(function.text, variables=function.variables).tree
    slope = jax.vmap(jax.grad(lambda x: _in_jax(tree, dict(zip(function.variables, x, strict=True)))))
    slopes = np.asarray(slope(points))
    return slopes, 8 * np.finfo(float).eps * np.abs(slopes), np.isfinite(slopes).all(axis=-1)


def _in_jax(node: Node, values: dict[str, Any]) -> Any:
    """Return the value of a tree in the arrays of JAX."""
    import jax
    import jax.numpy as jnp

    if isinstance(node, Num):
        return jnp.float64(node.value)
    if isinstance(node, Var):
        return values[node.name]
    x = [_in_jax(argument, values) for argument in node.args]
    others: dict[str, Callable[..., Any]] = {
        "add": lambda *x: sum(x), "mul": lambda *x: math.prod(x), "neg": lambda x: -x,
        "reciprocal": lambda x: 1 / x, "power": jnp.power, "erf": jax.scipy.special.erf,
        "silu": jax.nn.silu, "gelu": lambda x: jax.nn.gelu(x, approximate=False), "elu": jax.nn.elu,
        "leaky_relu": jax.nn.leaky_relu, "sinc": lambda x: jnp.sinc(x / jnp.pi),
        "logsumexp": lambda *x: functools.reduce(jnp.logaddexp, x),
        "sigmoid": jax.nn.sigmoid, "softplus": jax.nn.softplus, "relu": jax.nn.relu,
        "heaviside": lambda x: jnp.heaviside(x, 0.5), "max": lambda *x: functools.reduce(jnp.maximum, x),
        "min": lambda *x: functools.reduce(jnp.minimum, x), "floordiv": jnp.floor_divide,
        "lt": jnp.less, "le": jnp.less_equal, "gt": jnp.greater, "ge": jnp.greater_equal, "eq": jnp.equal,
        "ne": jnp.not_equal, "and": lambda *x: functools.reduce(jnp.logical_and, x),
        "or": lambda *x: functools.reduce(jnp.logical_or, x), "not": jnp.logical_not,
        "where": lambda *x: jnp.select(x[:-1:2], x[1::2], x[-1]), "undefined": lambda: jnp.nan,
    }  # fmt: skip
    if node.name in others:
        return others[node.name](*x)
    return getattr(jnp, {"atan2": "arctan2"}.get(node.name, node.name))(*x)


STATED: dict[str, Callable[[gradviz.Field, Floats], Stated]] = {
    "gradviz adaptive": with_errors("adaptive"),
    "gradviz adaptive, of a callable": with_errors("adaptive", formula=False),
    "gradviz exact": with_errors("exact"),
    "gradviz complex": with_errors("complex"),
    "gradviz central, h = 1e-4": with_errors("central"),
    "jax.grad": jax_with_errors,
    "scipy.differentiate": scipy_with_errors,
    "numdifftools": numdifftools_with_errors,
}


def judged(method: Callable[[gradviz.Field, Floats], Stated]) -> list[str]:
    """Return the cells of a method in the table of adversarial functions."""
    counts = dict.fromkeys(("points", "right", "silent", "far", "false", "unseen"), 0)
    for case in map(json.loads, ADVERSARIAL.read_text("utf-8").splitlines()):
        function = gradviz.field(case["expr"], variables=case["vars"])
        try:
            slopes, errors, reliable = method(function, np.array(case["points"], float))
        except gradviz.GradvizError:
            continue
        for row, wanted in enumerate(_truths(case)):
            counts["points"] += 1
            if wanted is None:
                counts["unseen"] += bool(reliable[row])
                continue
            apart = np.nan_to_num(np.abs(slopes[row] - wanted), nan=np.inf)
            wrong = bool(apart.max() > WRONG * np.linalg.norm(wanted))
            outside = (apart > errors[row] + 1e-16 * np.abs(wanted) + _ZERO).any()
            counts["right"] += not wrong
            counts["silent"] += bool(reliable[row] and wrong and outside)
            counts["far"] += bool(
                reliable[row] and (apart > 30 * errors[row] + 1e-15 * np.abs(wanted) + _ZERO).any()
            )
            counts["false"] += bool(not wrong and not reliable[row])
    return [f"{counts.pop('points'):,}", *(f"{count:,}" for count in counts.values())]


def _truths(case: dict[str, Any]) -> Iterator[Floats | None]:
    """Yield the gradient (D,) at each point of an adversarial case; None where there is none."""
    for value, left, right in zip(case["f"], case["left"], case["right"], strict=True):
        slopes = np.array(
            [[math.nan if side is None else float(side) for side in sides] for sides in (left, right)]
        )
        slopes[np.abs(slopes) < _ZERO] = 0.0
        below, above = slopes
        is_smooth = (
            np.isfinite(slopes).all() and (np.abs(below - above) <= _EQUAL * np.abs(slopes).max(axis=0)).all()
        )
        yield above if value is not None and math.isfinite(float(value)) and is_smooth else None


def row(name: str, found: Outcome) -> str:
    """Return a row of the table."""
    shares = (found.silent, found.false, found.unseen)
    cells = [
        name,
        f"{found.calls / found.numbers:.1f}" if found.calls else "-",
        *(f"{found.quantile(share):.0e}" for share in (0.5, 0.9, 0.99)),
        *(f"{100 * found.right(errors):.2f} %" for errors in (found.smooth, found.rough)),
        *(f"{100 * count / found.points:.2f} %" for count in shares),
    ]
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Measure all methods and write the page."""
    all_cases = cases()
    head = HEAD.format(
        points=sum(len(case["points"]) for case in all_cases),
        functions=len(all_cases),
        smooth=sum(case["smooth"] for case in all_cases),
    )
    rows = [row(name, outcome(method)) for name, method in METHODS.items()]
    hard = [f"| {name} | {' | '.join(judged(method))} |\n" for name, method in STATED.items()]
    text = "".join((head, *rows, BARS, ADVERSARIAL_HEAD, *hard))
    (FOLDER / "accuracy.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
