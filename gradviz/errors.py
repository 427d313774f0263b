"""Errors for the user, and messages that each interface words in its own terms.

A message states the invalid value, its location and the fix, in one to five lines. It can be printed as it
is: text from outside has passed through `visible`, so it contains no control characters.
"""

from __future__ import annotations

import difflib
import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_WINDOW = 72  # columns of the user's text shown around an error
_PLAIN_YAML = re.compile(r"[A-Za-z0-9_./-]+")  # texts that need no quotes as a YAML scalar
_LINES = 5  # maximum number of lines of a message
_LISTED = 8  # maximum number of items of a list in a message
_WORD_CHARACTERS = 64  # length of a word from which on there is no nearest word
_WORDS = 500  # number of words that are compared for the nearest one


# Messages -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ref:
    """A reference to a field of a spec inside a message, with a value if one is advised."""

    name: str
    value: object = None
    """Plain data: a text, a number, a bool, a sequence or a mapping."""


@dataclass(frozen=True)
class Argument(Ref):
    """A reference to an argument that is no field of a spec: an option in all interfaces but Python."""


@dataclass(frozen=True)
class Place(Ref):
    """The field that a problem is about, with a colon, at the head of a message."""


Wording = Callable[[Ref], str]
"""Returns the text of a reference in the terms of one interface."""


class Message(str):
    """A text with references to fields. As a `str` it has the wording for Python.

    References are parts of their own, so no text from a user is ever taken for one.
    """

    __slots__ = ("parts",)
    parts: tuple[str | Ref, ...]

    def __new__(cls, *parts: str | Ref) -> Self:
        """Return the message of texts, references and other messages."""
        flat = [inner for part in parts for inner in (part.parts if isinstance(part, Message) else [part])]
        self = super().__new__(cls, _worded(flat, python))
        self.parts = tuple(flat)
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str | Ref, ...]]:
        return type(self), self.parts

    def worded(self, wording: Wording) -> str:
        """Return the text with references in the terms of an interface."""
        return _worded(self.parts, wording)


def joined(separator: str, messages: Iterable[str]) -> Message:
    """Return messages joined by a separator, with the references of all."""
    parts = [part for message in messages for part in (separator, message)]
    return Message(*parts[1:])


def python(ref: Ref) -> str:
    """Return a reference as an argument of a Python call: `range`, `fix={"x2": 0}`."""
    if isinstance(ref, Place):
        return f"{ref.name}: "
    if ref.name == "kind" and ref.value is not None:
        return f"gradviz.{str(ref.value).title()}"
    return ref.name if ref.value is None else f"{ref.name}={_literal(ref.value)}"


def keys(ref: Ref) -> str:
    """Return a reference as a key of a YAML file: `range`, `fix: {x2: 0}`."""
    if isinstance(ref, Place):
        return f"{ref.name}: "
    return ref.name if ref.value is None else f"{ref.name}: {_yaml(ref.value)}"


def _worded(parts: Iterable[str | Ref], wording: Wording) -> str:
    return "".join(wording(part) if isinstance(part, Ref) else part for part in parts)


def _literal(value: object) -> str:
    """Return plain data as Python source, with double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_literal(key)}: {_literal(item)}' for key, item in value.items())}}}"
    if isinstance(value, Sequence):
        items = ", ".join(map(_literal, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    return number_text(value)


def _yaml(value: object) -> str:
    """Return plain data as YAML in flow style."""
    if isinstance(value, str):
        return value if _PLAIN_YAML.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_yaml(item)}' for key, item in value.items())}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_yaml, value))}]"
    return number_text(value).lower() if isinstance(value, bool) else number_text(value)


def number_text(value: object) -> str:
    """Return a number as text, a whole one without a fraction."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


# Errors ---------------------------------------------------------------------------------------------------


class GradvizError(ValueError):
    """Something could not be done. The base of all errors that gradviz raises on purpose."""

    exit_code = 1

    def __init__(self, *parts: str | Ref) -> None:
        super().__init__(Message(*parts))

    @property
    def message(self) -> Message:
        """The message, with its references."""
        message: Message = self.args[0]
        return message


class OutputError(GradvizError):
    """A file could not be written or read: it is another's, a folder is missing, the disk is full."""


class RequestError(GradvizError):
    """The request itself is wrong, so trying again cannot help."""

    exit_code = 2


class ExpressionError(RequestError):
    """An expression that is not in the language, with the position of the error.

    `start` and `stop` are offsets into `text`; `hint` is the fix, shown beside the caret.
    """

    def __init__(self, problem: str, text: str, start: int, stop: int, hint: str = "") -> None:
        self.problem = problem
        self.text = text
        self.start = start
        self.stop = stop
        self.hint = hint
        line, carets = _pointed(text, start, stop)
        super().__init__(problem, f"\n{line}\n{carets}", *([" ", hint] if hint else []))

    def __reduce__(self) -> tuple[type, tuple[str, str, int, int, str]]:
        return type(self), (self.problem, self.text, self.start, self.stop, self.hint)


class SpecError(RequestError):
    """Invalid values of a spec: for each the path of the value inside the spec, and the problem."""

    def __init__(self, faults: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
        self.faults = tuple((path, Message(problem)) for path, problem in faults)
        super().__init__(
            at_most_lines(
                Message(Place(visible(str(path[0]))), problem) if path else problem
                for path, problem in self.faults
            )
        )

    def __reduce__(self) -> tuple[type, tuple[object]]:
        return type(self), (self.faults,)


class PresetError(RequestError):
    """Errors of preset files, each with file, line and column."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(at_most_lines(self.faults))

    def __reduce__(self) -> tuple[type, tuple[object]]:
        return type(self), (self.faults,)


def refused(error: OSError) -> str:
    """Return the reason of a system error in one line: too many open files, a missing folder."""
    where = f": {visible(str(error.filename), 200)}" if error.filename is not None else ""
    return f"{visible(str(error.strerror or error).lower(), 100)}{where}"


def at_most_lines(messages: Iterable[str], most: int = _LINES) -> Message:
    """Return as many whole messages as fit into `most` lines; the last line counts the messages left out."""
    messages, shown, room = list(messages), list[str](), most
    for place, message in enumerate(messages, 1):
        lines = message.count("\n") + 1
        if lines > room - (place < len(messages)):  # a line is reserved for the count of the others
            break
        shown.append(message)
        room -= lines
    if messages and not shown:
        shown = [_first_lines(Message(messages[0]), most - (len(messages) > 1))]
    left = len(messages) - len(shown)
    return joined("\n", [*shown, *([f"... and {left} more"] if left else [])])


def _first_lines(message: Message, count: int) -> Message:
    """Return the first lines of a message, with their references."""
    parts: list[str | Ref] = []
    for part in message.parts:
        if isinstance(part, Ref):
            parts.append(part)
            continue
        first = part.split("\n")[:count]
        parts.append("\n".join(first))
        if len(first) < part.count("\n") + 1:
            break
        count -= len(first) - 1
    return Message(*parts)


def visible(text: str, most: int = 60) -> str:
    """Return foreign text fit for a message: on one line, of bounded length, one column a character.

    Control characters, line ends, bidirectional marks, lone surrogates and characters that are not one
    column wide are shown as one replacement character each.
    """
    shown = "".join(map(_visible_character, text[: most + 1]))
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def shown(value: object) -> str:
    """Return a given value for a message, its type if it has no text, as an integer of 5,000 digits."""
    if isinstance(value, str):
        return f"'{visible(value)}'"
    try:
        return visible(repr(value))
    except Exception:  # noqa: BLE001 - a class of the user's may raise any
        return visible(f"<{type(value).__name__}>")


def listed(items: Collection[str]) -> str:
    """Return the first items of a list, separated by commas, and how many there are more."""
    shown = ", ".join(itertools.islice(items, _LISTED))
    return f"{shown} and {len(items) - _LISTED:,} more" if len(items) > _LISTED else shown


def point_text(point: Sequence[float]) -> str:
    """Return the coordinates of a point, of many the first ones."""
    return ",".join([*(f"{x:g}" for x in point[:_LISTED]), *(["..."] if len(point) > _LISTED else [])])


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "did you mean 'known'?" for the known word that is most like `word`, or an empty text.

    Of many words, the first `_WORDS` are compared.
    """
    if len(word) > _WORD_CHARACTERS:
        return ""
    by_lower = {known.lower(): known for known in itertools.islice(words, _WORDS)}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean '{by_lower[found[0]]}'?" if found else ""


def _visible_character(character: str) -> str:
    if character == "\t":
        return " "
    if unicodedata.decomposition(character).startswith("<wide>"):
        character = unicodedata.normalize("NFKC", character)  # full-width letters in one column each
    is_narrow = unicodedata.east_asian_width(character) not in "WF"
    is_spacing = not unicodedata.category(character).startswith("M")
    return character if character.isprintable() and is_narrow and is_spacing else "\N{REPLACEMENT CHARACTER}"


def _pointed(text: str, start: int, stop: int) -> tuple[str, str]:
    """Return the line of the text around an error, and the line with carets under exactly the error."""
    first = max(0, min(start - _WINDOW // 3, len(text) - _WINDOW))
    last = min(len(text), first + _WINDOW)
    before, after = "..." * (first > 0), "..." * (last < len(text))
    shown = "".join(map(_visible_character, text[first:last]))
    carets = "^" * max(min(stop, last) - start, 1)
    return f"  {before}{shown}{after}".rstrip() or " ", " " * (2 + len(before) + start - first) + carets
