"""The kinds of values that fields of a figure have, each written as a value or as the command line's text.

`-2:2` and `(-2, 2)`, `a=1/2` and `{"a": 0.5}` become the same frozen value here, and only here, so flags,
presets and calls from Python cannot come to mean different things. Where a number is due, a constant
expression such as `2pi` will do.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import numbers
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from gradviz import limits
from gradviz.errors import ExpressionError, Ref, RequestError, shown, visible
from gradviz.language.reading import check_name, number

_Key = TypeVar("_Key")
_Item = TypeVar("_Item")
_SEVERAL = re.compile(r",[^()]*:")  # ranges in one text; log(8, 2) in one is none
_NOT_FINITE = ("nan", "inf", "infinity")  # texts for numbers that no expression has a name for
_BRACKETED = re.compile(r"\([^()]*,[^()]*\)|\[[^\[\]]*,[^\[\]]*\]")
_DIGITS = 4  # significant digits of a value in a title, unless two would be equal
_MOST_DIGITS = 17  # significant digits with which any two doubles differ
_STEP_ROUNDING = 1e-9  # relative error of a whole number of steps
_UNITS = {"in": 1.0, "cm": 2.54, "mm": 25.4, "pt": 72.0}  # units of length per inch
_LENGTH = re.compile(rf"(.*[^a-z])({'|'.join(_UNITS)})", re.DOTALL)
_PLAIN = (1e-4, 1e5)  # magnitudes that are written without a power of ten
_ZERO_SHARE = 1e-9  # of a step: a smaller multiple of it is 0
ALL = "*"  # the key of the range that holds for all variables


@dataclass(frozen=True)
class Option:
    """The spelling of a field on the command line, where its name alone does not give it."""

    short: str = ""
    metavar: str = ""
    repeat: bool = False
    separator: str = ","
    """What stands between the parts of a value of several."""
    name: str = ""
    """The long option, where one that is given once for each item reads better than the field's name."""
    closed: bool = False
    """Whether LO:HI:STEP includes HI."""


class FrozenDict(dict[_Key, _Item]):
    """A mapping that stays as it was made, so that a spec can be shared and hashed."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a spec does not change; create another one")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (dict(self),)


# From a value or its text to numbers ---------------------------------------------------------------------


def real(value: object) -> float:
    """Return a finite float, from a number or from the text of a constant expression."""
    if isinstance(value, str):
        if value.strip().lstrip("+-").lower() in _NOT_FINITE:
            raise RequestError(f"must be a finite number, got {shown(value)}")
        try:
            return number(value) + 0.0  # no -0
        except ExpressionError as error:
            raise RequestError(f"must be a number, got {shown(value)}: {error.problem}") from None
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise RequestError(f"must be a number, got {shown(value)}")
    with contextlib.suppress(OverflowError):
        if math.isfinite(converted := float(value)):
            return converted + 0.0
    raise RequestError(f"must be a finite number, got {shown(value)}")


def whole(value: object) -> int:
    """Return an int, from a whole number or its text."""
    converted = real(value)
    if not converted.is_integer():
        raise RequestError(f"must be a whole number, got {shown(value)}")
    return int(converted)


def switch(value: object) -> object:
    """Return a bool from true/false or yes/no; anything else is left to be refused."""
    words = {"true": True, "yes": True, "false": False, "no": False}
    return words.get(value.lower(), value) if isinstance(value, str) else value


def reals(value: object) -> tuple[float, ...]:
    """Return numbers from one number, a list of them, or texts such as `5,10`."""
    try:
        return tuple(map(real, _items(value)))
    except RequestError:
        if isinstance(value, str) and _BRACKETED.fullmatch(value.strip()):
            bare = visible(value.strip()[1:-1])
            raise RequestError(f"must be numbers without brackets, got {shown(value)}; use {bare}") from None
        raise


def interval(value: object) -> tuple[float, ...]:
    """Return (low, high) or (low, high, step) from such a list, or from LO:HI[:STEP]."""
    low, high, *step = _limits(value, "LO:HI or LO:HI:STEP", (2, 3))
    if step:
        if step[0] <= 0:
            raise RequestError(f"STEP must be greater than 0, got {shown(value)}")
        if not 1 < (high - low) / step[0] <= limits.SAMPLES_PER_AXIS:
            raise RequestError(f"STEP must give 2 to {limits.SAMPLES_PER_AXIS:,} points, got {shown(value)}")
    return (low, high, *step)


def ranges(value: object) -> tuple[float, ...] | FrozenDict[str, tuple[float, ...]]:
    """Return one interval for all variables, or one for each name; `*` names all that are not named."""
    if isinstance(value, (list, tuple)) and len(value) == 1:
        (value,) = value
    if isinstance(value, Mapping):
        named = {ALL if key == ALL else check_name(str(key)): interval(part) for key, part in value.items()}
    elif (texts := _range_texts(value)) is not None:
        named = {}
        for text in texts:
            if _SEVERAL.search(text):
                problem = f"must be LO:HI, got {shown(text)}"
                raise RequestError(f"{problem}; use one range for each variable, such as x=0:1 and y=2:3")
            name, equals, ends = text.rpartition("=")
            key = check_name(name.strip()) if equals else ALL
            if key in named:
                twice = "all" if key == ALL else repr(key)
                raise RequestError(f"must have one range for each variable, got two for {twice}")
            named[key] = interval(ends)
    else:
        return interval(value)
    if not named:
        raise RequestError("must be LO:HI or VAR=LO:HI, got none")
    return named[ALL] if set(named) == {ALL} else FrozenDict(named)


def _range_texts(value: object) -> list[str] | None:
    """Return the texts of ranges, None for other values, such as a list of two numbers in quotes."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        return None
    texts = [item for item in items if isinstance(item, str)]
    is_text = isinstance(value, str) or all(":" in text or "=" in text for text in texts)
    return texts if is_text and len(texts) == len(items) else None


def view(value: object) -> tuple[float, float]:
    """Return (low, high), from such a list or from LO:HI."""
    low, high = _limits(value, "LO:HI", (2,))
    return low, high


def _limits(value: object, form: str, lengths: tuple[int, ...]) -> tuple[float, ...]:
    """Return (low, high, ...) from a list of one of the lengths, or from its text."""
    parts = _plain(value.split(":") if isinstance(value, str) else value)
    if not isinstance(parts, (list, tuple)):
        raise RequestError(f"must be LO:HI, got {shown(value)}")
    if len(parts) not in lengths:
        raise RequestError(f"must be {form}, got {shown(value)}")
    found = tuple(map(real, parts))
    low, high = found[:2]
    if low >= high:
        raise RequestError(f"LO must be below HI, got {shown(value)}")
    if max(abs(low), abs(high)) > limits.MAGNITUDE:
        raise RequestError(f"LO and HI must be at most {limits.MAGNITUDE:g} in magnitude, got {shown(value)}")
    if high - low < 1 / limits.MAGNITUDE:
        raise RequestError(f"HI - LO must be at least {1 / limits.MAGNITUDE:g}, got {shown(value)}")
    return found


def counts(value: object) -> int | tuple[int, ...]:
    """Return a number of samples for all axes, or one for each, from such values or from N or N0,N1,..."""
    found = tuple(map(whole, _items(value)))
    if not 1 <= len(found) <= limits.VARIABLES:
        raise RequestError(f"must be N or N0,N1,..., got {shown(value)}")
    most = limits.SAMPLES_PER_AXIS
    for count in found:
        if not 2 <= count <= most:
            raise RequestError(f"must be 2 to {most:,} points along an axis, got {count:,}")
    return found[0] if len(found) == 1 else found


def progression(value: object, *, closed: bool = False) -> tuple[float, ...]:
    """Return numbers from a list, from `1,2,5`, or as numpy.arange gives them from LO:HI:STEP.

    If `closed`, HI is one of them where it is a whole number of steps from LO.
    """
    if isinstance(value, str) and ":" in value:
        low, high, *step = interval(value)
        if not step:
            raise RequestError(f"must be LO:HI:STEP, got {shown(value)}")
        count = (high - low) / step[0]
        if closed and abs(count - round(count)) < _STEP_ROUNDING * count:
            whole_count = round(count)
            return (*(_step(low, (high - low) / whole_count, k) for k in range(whole_count)), high)
        return tuple(_step(low, step[0], k) for k in range(math.ceil(count)))
    found = tuple(sorted(set(reals(value))))
    if any(abs(number) > limits.MAGNITUDE for number in found):
        raise RequestError(f"must be at most {limits.MAGNITUDE:g} in magnitude, got {shown(value)}")
    if len(found) > 1 and found[-1] - found[0] < 1 / limits.MAGNITUDE:
        raise RequestError(f"must span at least {1 / limits.MAGNITUDE:g}, got {shown(value)}")
    return found


def _step(low: float, step: float, number: int) -> float:
    """Return the end of a number of steps from `low`, exactly 0 where that is a rounding error."""
    end = low + step * number
    return 0.0 if abs(end) < _ZERO_SHARE * abs(step) else end


def levels(value: object) -> int | tuple[float, ...]:
    """Return the number of levels, or the levels; 0 is the level 0."""
    is_count = isinstance(value, int) or (isinstance(value, str) and value.strip().isdigit())
    found = (whole(value) or (0.0,)) if is_count else progression(value)
    count = found if isinstance(found, int) else len(found)
    if not 1 <= count <= limits.LEVELS:
        raise RequestError(f"must be 1 to {limits.LEVELS:,} levels, got {count:,}")
    return found


def ticks(value: object) -> tuple[float, ...]:
    """Return the positions of ticks, with both ends of LO:HI:STEP."""
    found = progression(value, closed=True)
    if len(found) > limits.TICKS:
        raise RequestError(f"must be at most {limits.TICKS} ticks, got {len(found):,}")
    return found


def names(value: object) -> tuple[str, ...]:
    """Return names, from a list or from `x1,x0`."""
    items = _items(value)
    for item in items:
        if not isinstance(item, str):
            raise RequestError(f"must be a name, got {shown(item)}")
    return tuple(check_name(str(item).strip()) for item in items)


def sweep(value: object) -> FrozenDict[str, tuple[float, ...]]:
    """Return a parameter with its values, from such a mapping or from NAME=LO:HI:COUNT or NAME=A,B,..."""
    if isinstance(value, str):
        name, equals, values = value.partition("=")
        value = {name.strip(): values} if equals else value
    if not isinstance(value, Mapping):
        raise RequestError(f"a sweep is NAME=LO:HI:COUNT or NAME=A,B,..., not {shown(value)}")
    if len(value) > 1:
        count = f"one parameter is swept, not {len(value)}; "
        raise RequestError(count, Ref("set"), " gives numbers to the others")
    return FrozenDict({check_name(str(key)): _swept(part) for key, part in value.items()})


def _swept(value: object) -> tuple[float, ...]:
    """Return two or more distinct numbers, from a list of them or as numpy.linspace(LO, HI, COUNT)."""
    parts = value.split(":") if isinstance(value, str) and ":" in value else []
    if len(parts) not in (0, 3):
        raise RequestError(f"a sweep from {shown(value)} needs a count: LO:HI:COUNT")
    found = tuple(map(real, parts[:2])) if parts else reals(value)
    count = whole(parts[2]) if parts else len(found)
    if not 2 <= count <= limits.FRAMES:
        raise RequestError(f"a sweep has 2 to {limits.FRAMES} values, not {count:,}")
    if max(map(abs, found)) > limits.MAGNITUDE:
        raise RequestError(f"the values of {shown(value)} are larger than {limits.MAGNITUDE:g}")
    if parts:
        low, high = found
        step = (high - low) / (count - 1)
        found = (*(_step(low, step, k) for k in range(count - 1)), high)
    if len(set(found)) < count:
        problem = "are not all different, so some panels would be equal"
        raise RequestError(f"the values of {shown(value)} {problem}")
    return found


def assignments(value: object) -> FrozenDict[str, float]:
    """Return names with their numbers, from a mapping or from texts NAME=VALUE."""
    if isinstance(value, Mapping):
        return FrozenDict({check_name(str(key)): real(part) for key, part in value.items()})
    found: dict[str, float] = {}
    for text in _items(value):
        name, equals, amount = text.partition("=") if isinstance(text, str) else ("", "", "")
        if not equals:
            raise RequestError(f"must be NAME=VALUE, got {shown(text)}")
        if check_name(name.strip()) in found:
            raise RequestError(f"must have one value for each name, got two for '{name.strip()}'")
        found[name.strip()] = real(amount)
    return FrozenDict(found)


def point(value: object) -> tuple[float, float]:
    """Return a point of two coordinates, from such a list or from X0,X1."""
    found = reals(value)
    if len(found) != 2:
        raise RequestError(f"must be X0,X1, got {shown(value)}")
    return found[0], found[1]


def points(value: object) -> tuple[tuple[float, ...], ...]:
    """Return points from one or several of them, each a list of numbers or a text such as `-7,2`."""
    value = _plain(value)
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    many = [isinstance(item, (list, tuple, str)) for item in items]
    if all(many):
        return tuple(map(reals, items))
    if any(many):
        raise RequestError(f"must be points, all of them lists of numbers, got {shown(value)}")
    return (reals(value),)


def size(value: object) -> tuple[float, ...]:
    """Return (width, height) or (width,) in inches, from lengths with units or numbers of inches."""
    low, high = limits.SIZE_INCHES
    found = tuple(map(_inches, _items(value)))
    if len(found) not in (1, 2):
        raise RequestError(f"must be W,H or W, got {shown(value)}; use for example 6.4,4.8 or 8.25cm")
    if not all(low <= length <= high for length in found):
        raise RequestError(f"must be {low:g} to {high:g} inches (W,H or W), got {shown(value)}")
    return found


def _inches(value: object) -> float:
    """Return a length in inches, from a number of inches or a text with a unit."""
    match = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if match:
        return real(match[1]) / _UNITS[match[2]]
    try:
        return real(value)
    except RequestError:
        units = f"{', '.join([*_UNITS][:-1])} or {[*_UNITS][-1]}"
        raise RequestError(
            f"must be W,H or W, numbers of inches or with {units}, got {shown(value)}"
        ) from None


def widths(value: object) -> float | tuple[float, ...]:
    """Return the width of a line in points, or several widths."""
    found, (low, high) = reals(value), limits.LINE_WIDTH
    if wrong := [width for width in found if not low <= width <= high]:
        raise RequestError(f"must be {low:g} to {high:g} points, got {wrong[0]:g}")
    if not found:
        raise RequestError(f"must be a width in points, got {shown(value)}")
    return found[0] if len(found) == 1 else found


def label(value: object) -> object:
    """Return a title or label that is short enough and can be printed; it may have several lines."""
    if isinstance(value, str) and len(value) > limits.LABEL_CHARACTERS:
        raise RequestError(f"must be at most {limits.LABEL_CHARACTERS} characters, got {len(value):,}")
    if isinstance(value, str) and any(unicodedata.category(c) in ("Cc", "Cs") for c in value if c != "\n"):
        raise RequestError(f"must not contain control characters, got {shown(value)}")
    return value


def _plain(value: object) -> object:
    """Return NumPy's arrays and Python's ranges as lists, and all else as it is."""
    if isinstance(value, range):
        return list(value)
    return value.tolist() if hasattr(value, "tolist") else value


def _items(value: object) -> list[object]:
    """Return a list's items, each text among them split at its commas."""
    value = _plain(value)
    if not isinstance(value, (list, tuple)):
        value = [value]
    return [part for item in value for part in (parts(item) if isinstance(item, str) else [item])]


def parts(text: str) -> list[str]:
    """Split a text at its commas; one at the end adds nothing, so that `0,` is a list of one."""
    return text.removesuffix(",").split(",")


def distinct_texts(numbers: tuple[float, ...], *, fixed: bool) -> list[str]:
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
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        texts = [f"{number:.{digits}g}" for number in numbers]
        if len({*texts}) == len(numbers):
            break
    return texts
