"""Sweeps: the values of one parameter, and a spec for each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

from gradviz import limits
from gradviz.errors import Ref, RequestError
from gradviz.language.reading import check_name
from gradviz.specs import types, values
from gradviz.specs.types import Converted
from gradviz.specs.values import FrozenDict

if TYPE_CHECKING:
    from gradviz.specs.spec import Spec

_DIGITS = 4  # of a value in a title, unless two would be equal
_MOST_DIGITS = 17  # enough for any two doubles to differ
_PLAIN = (1e-4, 1e5)  # magnitudes that are written without a power of ten


def sweep_of(value: object) -> FrozenDict[str, tuple[float, ...]]:
    """Return a parameter with its numbers, from such a mapping or from NAME=LO:HI:COUNT or NAME=A,B,...

    LO:HI:COUNT are COUNT numbers as numpy.linspace gives them, both ends among them.
    """
    if isinstance(value, str):
        name, equals, numbers_of = value.partition("=")
        value = {name.strip(): numbers_of} if equals else value
    if not isinstance(value, Mapping):
        raise RequestError(f"a sweep is NAME=LO:HI:COUNT or NAME=A,B,..., not {values.shown(value)}")
    if len(value) > 1:
        count = f"one parameter is swept, not {len(value)}; "
        raise RequestError(count, Ref("set"), " gives numbers to the others")
    return FrozenDict({check_name(str(key)): _swept(part) for key, part in value.items()})


def _swept(value: object) -> tuple[float, ...]:
    """Return two or more numbers that differ, from LO:HI:COUNT or from a list of them."""
    parts = value.split(":") if isinstance(value, str) and ":" in value else []
    if len(parts) not in (0, 3):
        raise RequestError(f"a sweep from {values.shown(value)} needs a count: LO:HI:COUNT")
    found = tuple(map(values.real, parts[:2])) if parts else values.reals(value)
    count = values.whole(parts[2]) if parts else len(found)
    if not 2 <= count <= limits.FRAMES:
        raise RequestError(f"a sweep has 2 to {limits.FRAMES} values, not {count:,}")
    if max(map(abs, found)) > limits.MAGNITUDE:
        raise RequestError(f"the values of {values.shown(value)} are larger than {limits.MAGNITUDE:g}")
    if parts:
        low, high = found
        step = (high - low) / (count - 1)
        found = (*(low + step * k for k in range(count - 1)), high)
    if len(set(found)) < count:
        raise RequestError(
            f"the values of {values.shown(value)} are not all different, so some panels would be equal"
        )
    return found


Sweep = Converted[
    str | Mapping[str, types.Numbers],
    Annotated[
        FrozenDict[str, tuple[float, ...]],
        types.made(sweep_of),
        types.schema(
            types.mapping_schema({"anyOf": [types.numbers_schema(2, limits.FRAMES), {"type": "string"}]})
        ),
    ],
]


class Still(NamedTuple):
    """One picture of a sweep."""

    spec: Spec
    label: str
    """The value of the parameter as text."""


def sweep_labels(numbers: tuple[float, ...], *, fixed: bool) -> list[str]:
    """Return numbers as texts, no two equal; with `fixed` all have as many decimals."""
    if fixed and all(number == 0 or _PLAIN[0] <= abs(number) < _PLAIN[1] for number in numbers):
        ordered = sorted(numbers)
        apart = min(high - low for low, high in itertools.pairwise(ordered))
        decimals = max(0, 1 - math.floor(math.log10(apart)))
        short = [f"{number:.{decimals}f}" for number in numbers]
        while decimals and all(text.endswith("0") for text in short):
            decimals -= 1
            short = [f"{number:.{decimals}f}" for number in numbers]
        if len({*short}) == len(numbers) and decimals < _MOST_DIGITS:
            return short
    for digits in range(_DIGITS, _MOST_DIGITS):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len({*texts}) == len(numbers):
            return texts
    return [f"{number:.{_MOST_DIGITS}g}" for number in numbers]
