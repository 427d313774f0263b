"""Wrong values of every field, from Python, YAML and the command line."""

from __future__ import annotations

import copy
import itertools
import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from gradviz.errors import GradvizError, PresetError
from gradviz.presets import specs_of
from gradviz.presets.document import read_document
from gradviz.specs import KINDS


class Hostile:
    """An object whose text cannot be made."""

    def __repr__(self):
        raise RuntimeError


class HostileNumber(float):
    """A number whose text cannot be made."""

    def __repr__(self):
        raise RuntimeError


NESTED = [1.0]
for _ in range(2_000):
    NESTED = [NESTED]
LOOP: list[object] = [1.0]
LOOP.append(LOOP)

TEXTS = [
    "", " ", ",", ":", "=", "a=", "=1", "nan", "-inf", "1e999", "1e-400", "1:2:3:4", "9" * 5_000,
    "x" * 5_000, "1,nan",
    "\0", "a\0=1", "\ud800", "\ud800=1:2", "\N{RIGHT-TO-LEFT OVERRIDE}1", "١٢", "²", "1_000", "0x10",
    "2j", "{}", "${x}", "%s",
    "1:" * 300, "(" * 300, "1," * 3_000, "1:1", "1:1.0000000000000000001", "0:1:1e-300", "-1e308:1e308",
    "5e-324,1e-323",
    "1,1.0000001", "*=1:2", "x0=1,x0=2", "theta=1", "f.py:g", "a.npy", "true", "None", "-", "--", "0",
    "-1", "1e300",
]  # fmt: skip
VALUES = [
    None, True, False, 0, -1, 3, 10**5_000, 10**400, -(10**400), 1.5, math.nan, math.inf, -math.inf,
    5e-324, 1e300, -1e308, 1j, b"1",
    bytearray(b"1"), [], (), {}, set(), {1, 2}, [[]], [[[1]]], [None], [True], ["", ""], [math.nan], [1,
    math.inf],
    [10**400, 1], [1, "a"], [b"1"], [{}], {"": 1}, {"\0": 1}, {"\ud800": 1}, {"x0": None}, {"x0": [1]},
    {"x0": math.nan},
    {"x0": {}}, {1: 2}, {None: 1}, {("x0",): 1}, {"x0": [10**400, 1]}, [{"name": "sgd",
    "learning_rate": math.nan}],
    [{"name": 3}], [{"name": ["sgd"]}], {"name": "sgd", "learning_rate": 10**400}, [1, 1], [1e308,
    -1e308], [-1.7e308, 1.7e308],
    [0, 5e-324], [1, 1.0000001], list(range(5_000)), Decimal("NaN"), Decimal("1e400"), Fraction(1, 3),
    np.float64("nan"),
    np.array([1.0, np.nan]), np.array(3), np.array([[1, 2], [3, 4]]), np.array(["a"]), np.array([],
    dtype=object), np.array([1j]),
    np.datetime64("2020-01-01"), object, object(), Hostile(), HostileNumber(1), [Hostile()],
    {"x0": Hostile()}, len, range(3),
    iter([1, 2]), (i for i in (1, 2)), Ellipsis, NotImplemented, NESTED, LOOP, slice(1),
    memoryview(b"12"), type("T", (str,), {})("1"),
]  # fmt: skip
SEEN: set[str] = set()
FIELDS = [  # that of the first kind with a field, which other kinds mostly share, is the quick one
    pytest.param(
        kind,
        field,
        marks=[pytest.mark.slow] if field in SEEN or SEEN.add(field) else [],
        id=f"{kind}-{field}",
    )
    for kind in KINDS
    for field in KINDS[kind].model_fields
]
BASE = {
    "tangent": {"expression": "a*x**2", "set": {"a": 1}},
    "pairs": {"expression": "x0*x1 + a*x2", "set": {"a": 1}},
    "descent": {"expression": "a*x0**2 + x1**2", "set": {"a": 1}, "start": [[1, 1]], "optimizers": ["sgd"]},
}
PLAIN = {"expression": "a*x0**2 + x1**2", "set": {"a": 1}}


def fields_of(kind):
    """Return valid fields of a kind."""
    return copy.copy(BASE.get(kind, PLAIN))


def complaint(kind, field, value):
    """Return the message about a value, None if it is accepted; any other error is raised."""
    try:
        spec = KINDS[kind](**{**fields_of(kind), field: value})
    except GradvizError as error:
        return str(error)
    assert KINDS[kind](**json.loads(spec.to_json())) == spec
    return None


def is_message(text):
    """Return whether a text is one to five printable lines of a bounded length."""
    lines = text.split("\n")
    return 1 <= len(lines) <= 5 and all(line.isprintable() and len(line) <= 1_000 for line in lines)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_a_value_of_any_type_is_a_spec_or_a_message(kind, field):
    """From Python, a wrong value raises our own error, whose message is short; what is accepted is JSON."""
    for value in itertools.chain(VALUES, TEXTS, ([text] for text in TEXTS), ({text: 1} for text in TEXTS)):
        message = complaint(kind, field, value)
        assert message is None or is_message(message), message


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_any_yaml_is_a_spec_or_an_error_with_its_place(kind):
    """From YAML, each error is a PresetError with file, line and column."""
    plain = [value for value in VALUES if type(value) in (type(None), bool, int, float, list, dict)]
    texts = [*TEXTS, *([text] for text in TEXTS), *(value for value in plain if _is_json(value))]
    for field, value in itertools.product(KINDS[kind].model_fields, texts):
        if field == "kind":
            continue
        fields = {**fields_of(kind), "kind": kind, field: value}
        source = json.dumps({"a": fields}).encode()
        message = refusal(source)
        assert message is None or (message.startswith("a.yaml:1:") and is_message(message)), message


def refusal(source):
    """Return the message about a preset, None if it is accepted."""
    try:
        specs_of(read_document(source, "a.yaml"))
    except PresetError as error:
        return str(error)
    return None


def _is_json(value):
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
