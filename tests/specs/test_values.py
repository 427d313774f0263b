"""Values of fields, as text and as Python values."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz import limits
from gradviz.errors import GradvizError, RequestError
from gradviz.specs import values
from gradviz.specs.values import ALL, FrozenDict

SAME = [
    (values.real, "2", 2, 2.0),
    (values.real, "-1e-3", -1e-3, -0.001),
    (values.real, "1/4", 0.25, 0.25),
    (values.real, "2pi", 2 * math.pi, 6.283185307179586),
    (values.whole, "300", 300, 300),
    (values.whole, "3e2", 300.0, 300),
    (values.reals, "5,10", [5, 10], (5.0, 10.0)),
    (values.reals, "5", 5, (5.0,)),
    (values.reals, ["1,2", "3"], (1, 2, 3), (1.0, 2.0, 3.0)),
    (values.interval, "-2:2", (-2, 2), (-2.0, 2.0)),
    (values.interval, "-pi:pi", [-math.pi, math.pi], (-math.pi, math.pi)),
    (values.interval, "0:20:0.1", (0, 20, 0.1), (0.0, 20.0, 0.1)),
    (values.view, "-3.5:3.5", (-3.5, 3.5), (-3.5, 3.5)),
    (values.ranges, "-2:2", (-2, 2), (-2.0, 2.0)),
    (values.ranges, ["-2:2"], [-2, 2], (-2.0, 2.0)),
    (values.ranges, ["-2:2"], {ALL: (-2, 2)}, (-2.0, 2.0)),
    (values.ranges, "x0=-2:2", {"x0": (-2, 2)}, {"x0": (-2.0, 2.0)}),
    (
        values.ranges,
        ["x0=-2:2", "x1=-1:3:0.5"],
        {"x0": "-2:2", "x1": [-1, 3, 0.5]},
        {"x0": (-2.0, 2.0), "x1": (-1.0, 3.0, 0.5)},
    ),
    (values.ranges, ["0:1", "x=1:2"], {ALL: (0, 1), "x": (1, 2)}, {ALL: (0.0, 1.0), "x": (1.0, 2.0)}),
    (values.counts, "50", 50, 50),
    (values.counts, "5,8", (5, 8), (5, 8)),
    (values.counts, ["5,8"], [5, 8], (5, 8)),
    (values.counts, "5,8,6", [5, 8, 6], (5, 8, 6)),
    (values.progression, "0:100:25", [75, 0, 50, 25], (0.0, 25.0, 50.0, 75.0)),
    (values.progression, "2,1,2", [2, 1, 2], (1.0, 2.0)),
    (values.levels, "7", 7, 7),
    (values.levels, "0", 0, (0.0,)),
    (values.levels, "1,2.5", [1, 2.5], (1.0, 2.5)),
    (values.levels, "0:3:1", (0, 1, 2), (0.0, 1.0, 2.0)),
    (values.ticks, "-10,-5,0", [-10, -5, 0], (-10.0, -5.0, 0.0)),
    (values.ticks, "-1:2:0.5", [-1, -0.5, 0, 0.5, 1, 1.5, 2], (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)),
    (values.ticks, "0:1:0.3", [0, 0.3, 0.6, 0.8999999999999999], (0.0, 0.3, 0.6, 0.8999999999999999)),
    (
        values.ticks,
        "-pi:pi:pi/2",
        [-math.pi, -math.pi / 2, 0, math.pi / 2, math.pi],
        (-math.pi, -math.pi / 2, 0.0, math.pi / 2, math.pi),
    ),
    (values.names, "x1, x0", ["x1", "x0"], ("x1", "x0")),
    (values.assignments, "a=1/2", {"a": 0.5}, {"a": 0.5}),
    (values.assignments, ["a=1", "b=-pi"], {"a": 1, "b": -math.pi}, {"a": 1.0, "b": -math.pi}),
    (values.assignments, [], {}, {}),
    (values.size, "10,8", (10, 8), (10.0, 8.0)),
    (values.size, "3.25", 3.25, (3.25,)),
    (values.size, "25.4cm, 72 pt", ["25.4cm", "72pt"], (10.0, 1.0)),
    (values.size, "254mm,8in", ("254 mm", 8), (10.0, 8.0)),
]


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _types(item) for key, item in value.items()}
    return [_types(item) for item in value] if isinstance(value, tuple) else type(value)


@pytest.mark.parametrize(("function", "text", "value", "meaning"), SAME)
def test_text_and_value_mean_the_same(function, text, value, meaning):
    """What is typed and what is given from Python become one value, of one type."""
    assert function(text) == function(value) == meaning
    assert _types(function(text)) == _types(function(value)) == _types(meaning)


@pytest.mark.parametrize(("function", "text", "value", "meaning"), SAME)
def test_meaning_is_a_fixed_point(function, text, value, meaning):
    """A value that has been read is read again as itself, so that a spec survives being written down."""
    assert function(meaning) == meaning
    plain = list(meaning) if isinstance(meaning, tuple) else meaning
    assert function(plain) == meaning


REFUSED = [
    (values.real, True, "True"),
    (values.real, None, "None"),
    (values.real, math.nan, "nan"),
    (values.real, math.inf, "inf"),
    (values.real, "1e999", "overflows"),
    (values.real, 10**400, "finite"),
    (values.real, "x", "number"),
    (values.real, "import os", "import"),
    (values.real, [1], "[1]"),
    (values.whole, 2.5, "2.5"),
    (values.whole, "5/2", "5/2"),
    (values.reals, [1, [2]], "[2]"),
    (values.interval, "1", "LO:HI"),
    (values.interval, "1:2:3:4", "1:2:3:4"),
    (values.interval, (1,), "LO:HI"),
    (values.interval, 5, "LO:HI"),
    (values.interval, {"a": 1}, "LO:HI"),
    (values.interval, "2:1", "2:1"),
    (values.interval, "1:1", "below"),
    (values.interval, (0, math.nan), "nan"),
    (values.interval, "0:2e150", "0:2e150"),
    (values.interval, "0:1:0", "STEP"),
    (values.interval, "0:1:-0.1", "STEP"),
    (values.interval, "0:1:1", "0:1:1"),
    (values.interval, "0:1:0.0001", "4,000"),
    (values.ranges, {}, "LO:HI"),
    (values.ranges, [], "LO:HI"),
    (values.ranges, ["0:1", "1:2"], "two"),
    (values.ranges, ["x=0:1", "x=1:2"], "x"),
    (values.ranges, {"pi": (0, 1)}, "pi"),
    (values.ranges, {"../x": (0, 1)}, "../x"),
    (values.ranges, ["a b=0:1"], "a b"),
    (values.ranges, None, "None"),
    (values.view, "1:2:3", "1:2:3"),
    (values.view, (1, 0), "below"),
    (values.counts, 1, "1"),
    (values.counts, 4001, "4,001"),
    (values.counts, (5, 1), "1"),
    (values.counts, (5,) * 13, "N0,N1"),
    (values.counts, "five", "five"),
    (values.counts, 2.5, "2.5"),
    (values.counts, True, "True"),
    (values.progression, "0:1", "STEP"),
    (values.levels, -1, "-1"),
    (values.levels, 1001, "1,001"),
    (values.levels, True, "True"),
    (values.levels, [], "levels"),
    (values.levels, "0:3000:1", "3,000"),
    (values.ticks, "0:200:1", "201"),
    (values.names, [7], "7"),
    (values.names, "sin", "sin"),
    (values.names, "x-y", "x-y"),
    (values.names, "x" * 33, "32"),
    (values.assignments, "a", "NAME=VALUE"),
    (values.assignments, [7], "7"),
    (values.assignments, ["a=1", "a=2"], "a"),
    (values.assignments, {"e": 1}, "e"),
    (values.assignments, {"a": "b"}, "number"),
    (values.size, (5, 5, 5), "W,H"),
    (values.size, [], "W,H"),
    (values.size, "8px,6px", "in, cm, mm or pt"),
    (values.size, "8.25,cm", "cm"),
    (values.size, "2cm,6cm", "1 to 40 inches"),
    (values.size, (0.5, 5), "0.5"),
    (values.size, (5, 41), "40"),
    (values.label, "x" * 201, "201"),
]


@pytest.mark.parametrize(("function", "value", "word"), REFUSED)
def test_a_wrong_value_is_refused_with_what_came(function, value, word):
    """A value that will not do raises one of the family, on at most five lines, naming what came."""
    with pytest.raises(RequestError) as caught:
        function(value)
    assert isinstance(caught.value, (GradvizError, ValueError))
    assert word in str(caught.value)
    assert str(caught.value).count("\n") < 5


@pytest.mark.parametrize(
    ("function", "text"),
    [(values.real, "q7"), (values.reals, "1,q7"), (values.levels, "q7"), (values.counts, "q7")],
)
def test_a_word_where_a_number_is_due_is_named(function, text):
    """An error says what came: the word that is no number stands in the sentence of the fault."""
    with pytest.raises(RequestError) as caught:
        function(text)
    sentence = getattr(caught.value, "problem", str(caught.value))
    assert "q7" in sentence


def test_limits_can_be_reached():
    """A value at its limit is taken; only what is past it is refused."""
    assert values.counts(limits.SAMPLES_PER_AXIS) == limits.SAMPLES_PER_AXIS
    assert values.counts(2) == 2
    assert values.levels(limits.LEVELS) == limits.LEVELS
    assert len(values.levels(f"0:{limits.LEVELS}:1")) == limits.LEVELS
    assert len(values.ticks(f"1:{limits.TICKS}:1")) == limits.TICKS
    assert values.size(limits.SIZE_INCHES) == limits.SIZE_INCHES
    assert values.label("x" * limits.LABEL_CHARACTERS)
    assert values.interval((-limits.MAGNITUDE, limits.MAGNITUDE)) == (-1e150, 1e150)
    assert values.interval(f"0:{limits.SAMPLES_PER_AXIS}:1")[2] == 1


@given(
    st.floats(-1e3, 1e3),
    st.floats(1e-2, 1e3),
    st.integers(2, 300),
)
@settings(max_examples=200, deadline=None)
def test_a_progression_is_that_of_numpy(low, span, parts):
    """LO:HI:STEP has exactly the numbers that numpy.arange has, as many and the same ones up to rounding."""
    high, step = low + span, span / parts
    try:
        found = values.progression(f"{low!r}:{high!r}:{step!r}")
    except RequestError:
        assert not 1 < (high - low) / step <= limits.SAMPLES_PER_AXIS
        return
    wanted = np.arange(low, high, step)
    assert len(found) == len(wanted)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12 * max(abs(low), abs(high)))


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("true", True), ("Yes", True), ("no", False), ("FALSE", False), (True, True), (False, False)],
)
def test_a_switch_is_a_word_or_a_bool(value, meaning):
    """A switch is written as true, false, yes or no in any case."""
    assert values.switch(value) is meaning


def test_a_switch_leaves_the_rest_to_be_refused():
    """What is neither true nor false is not taken for one of them."""
    assert values.switch("maybe") == "maybe"
    assert values.switch(1) == 1
    assert values.switch(1) is not True


MUTATIONS = {
    "set": lambda d: d.__setitem__("a", 2),
    "delete": lambda d: d.__delitem__("a"),
    "or": lambda d: d.__ior__({"b": 1}),
    "clear": lambda d: d.clear(),
    "pop": lambda d: d.pop("a"),
    "popitem": lambda d: d.popitem(),
    "setdefault": lambda d: d.setdefault("b", 1),
    "update": lambda d: d.update(b=1),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_frozen_mapping_stays_as_it_was_made(mutation):
    """No method of a mapping can change one that belongs to a spec."""
    frozen = FrozenDict({"a": 1.0})
    with pytest.raises(TypeError, match="does not change"):
        MUTATIONS[mutation](frozen)
    assert frozen == {"a": 1.0}


def test_equal_frozen_mappings_have_equal_hashes():
    """The order in which a mapping was written makes no difference to what it is."""
    one, other = FrozenDict({"a": 1.0, "b": 2.0}), FrozenDict({"b": 2.0, "a": 1.0})
    assert one == other
    assert hash(one) == hash(other)
    assert hash(one) != hash(FrozenDict({"a": 1.0}))


def test_a_frozen_mapping_can_be_copied_and_sent():
    """A copy, and what arrives in another process, is the same frozen mapping."""
    frozen = FrozenDict({"a": (1.0, 2.0)})
    for copied in (copy.copy(frozen), copy.deepcopy(frozen), pickle.loads(pickle.dumps(frozen))):
        assert type(copied) is FrozenDict
        assert copied == frozen
