"""YAML text into plain data, with the place in the file of every value and key.

The events of PyYAML's C parser are walked by a small loader, and nothing is composed or constructed by
PyYAML: its composer overflows the stack on deep nesting, its resolver reads YAML 1.1 (`NO` is false, `1e-3`
is text, `010` is 8), its constructor keeps the last of two equal keys and calls what a tag names. Events are
fetched one by one, and depth and nodes counted, so that a hostile file is dropped as soon as it is over a
limit: the parser alone needs minutes for some. An alias counts as much as the text that it stands for.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from gradviz.errors import PresetError, visible
from gradviz.limits import NUMBER_CHARACTERS, PRESET_BYTES, PRESET_DEPTH, PRESET_NODES

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, both from 1
_Event = Any  # PyYAML's events share no class that declares all that is read of them here
_Mark = Any

# The last three cannot be seen, or end a line in YAML 1.1 and not in 1.2.
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")

_ESCAPED = re.compile(_CONTROL.pattern + "|\r")  # in a scalar, where the parser has made "\n" of line ends

# The core schema of YAML 1.2 (section 10.3.2): a plain scalar that none of these matches is text.
_CONSTANTS = dict.fromkeys(("null", "Null", "NULL", "~", "")) | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_MOST_FAULTS = 100  # of which few are shown; a file with more is not read to its end

_EMPTY = "there are no figures in it; give each a name and, indented below it, a kind and an expression"
_ODD_KEY = "a key must be plain text; write 'key: value', with quotes around a key that looks like YAML"
_VALUE_START = re.compile(r"(?:^|: |- |\? |[\[{,]) *")
_ADVICE = {  # by a part of the problem as the parser words it, in C or in Python
    "mapping values are not allowed": "line the keys up, and put quotes around a text that holds ': '",
    "expected ':'": "write 'key: value', with a blank after the colon",
    "end of stream": "close the quote",
    "expected ','": "close the bracket, or put a ',' between the items",
    "escape": r"in double quotes write '\\' for a backslash, or use single quotes",
    "": "look for keys that are not lined up, and for quotes and brackets that are not closed",
}


@dataclass(frozen=True)
class Document:
    """What a YAML file says and where: dicts with text keys, lists, text, finite numbers, booleans, None."""

    name: str  # the file's name as messages show it
    data: object
    _values: dict[Path, Place] = field(repr=False, compare=False)
    _keys: dict[Path, Place] = field(repr=False, compare=False)

    def where(self, path: Path) -> str:
        """Return "book.yaml:3:15", the place of the value at `path` or of its nearest parent in the file."""
        while path and path not in self._values:
            path = path[:-1]
        return self._told(self._values[path])

    def where_key(self, path: Path) -> str:
        """Return the place of the key of the entry at `path`; where there is no key, what `where` says."""
        return self._told(self._keys[path]) if path in self._keys else self.where(path)

    def _told(self, place: Place) -> str:
        return f"{self.name}:{place[0]}:{place[1]}"


def read_document(source: bytes, name: str) -> Document:
    """Read the bytes of a YAML file; a PresetError says by file, line and column why they cannot be used."""
    name = visible(name, 100)
    loader = _Loader(_decoded(source, name), name)
    return Document(name, loader.document(), loader.values, loader.keys)


def _decoded(source: bytes, name: str) -> str:
    """Return the text of the file, once it is known to be short, UTF-8 and free of control characters."""
    if len(source) > PRESET_BYTES:
        size = f"the file has {len(source):,} bytes, more than {PRESET_BYTES:,}"
        raise PresetError([f"{name}:1:1: {size}; split it into several"])
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8").removeprefix("\ufeff")
        what = f"the byte 0x{source[error.start]:02x} is not UTF-8; save the file as UTF-8"
    else:
        found = _CONTROL.search(text)
        if not found:
            return text
        before = text[: found.start()]
        what = f"the control character {_code_point(found)} may not stand in a file; remove it"
    lines = re.split("\r\n?|\n", before)
    raise PresetError([f"{name}:{len(lines)}:{len(lines[-1]) + 1}: {what}"])


class _Loader:
    """One walk over the events of a text.

    What breaks the syntax or a limit is raised at once; other faults are collected, at most one a place, so
    that one run tells them all. An alias is read by walking once more over the events of its target.
    """

    def __init__(self, text: str, name: str) -> None:
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self._name = name
        self._lines = text.splitlines()
        # The C parser may not have been built.
        self._parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self._events: list[_Event] = []  # all that were fetched
        self._index = 0  # of the next one to be taken
        self._anchors: dict[str, int] = {}
        self._targets: dict[int, int] = {}  # from an alias to what it stands for, both as indexes of events
        self._nodes = 0
        self._characters = 0  # of all scalars
        self._faults: dict[Place, str] = {}

    def document(self) -> object:
        """Return the data of the only document; may be called once."""
        try:
            self._take()  # the start of the stream
            if isinstance(self._take(), yaml.StreamEndEvent):
                raise self._refusal(self._events[0].start_mark, _EMPTY)
            data = self._node((), 0)
            self._take()  # the end of the document
            if not isinstance(after := self._take(), yaml.StreamEndEvent):
                self._fault(after.start_mark, "a second document starts here; put it into a file of its own")
        finally:
            self._parser.dispose()
        if data is None:
            self._fault(self._events[0].start_mark, _EMPTY)
        if self._faults:
            raise self._refusal()
        return data

    def _take(self) -> _Event:
        """Return the event at the index and go on to the next; count what it adds to the data."""
        event = self._peek()
        self._index += 1
        self._nodes += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        self._characters += len(getattr(event, "value", ""))
        if self._nodes > PRESET_NODES or self._characters > PRESET_BYTES:
            most = f"{PRESET_NODES:,} keys and values or {PRESET_BYTES:,} characters"
            what = f"more than {most}, aliases written out; split the file into several"
            raise self._refusal(event.start_mark, what)
        return event

    def _peek(self) -> _Event:
        """Return the event at the index; fetch it if no alias has led back to it."""
        if self._index == len(self._events):
            try:
                event = self._parser.get_event()
            except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: the Python parser
                raise self._syntax_error(error) from None
            self._events.append(event)
            self._check(event)
        return self._events[self._index]

    def _check(self, event: _Event) -> None:
        """Look at an event that was just fetched: once, however many aliases lead back to it."""
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            self._fault(mark, "directives ('%YAML', '%TAG') are not read; remove the line")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                what = f"the alias {_quoted(f'*{event.anchor}')} stands for nothing above; {_quote_it('*')}"
                raise self._refusal(mark, what)
            self._targets[self._index] = self._anchors[event.anchor]
        elif getattr(event, "anchor", None):
            self._anchors[event.anchor] = self._index
        if (tag := getattr(event, "tag", None)) is not None:
            short = _quoted(tag.replace("tag:yaml.org,2002:", "!!"))
            self._fault(mark, f"tags such as {short} are not read; remove it ({_quote_it('!')})")
        if isinstance(event, yaml.ScalarEvent) and (found := _ESCAPED.search(event.value)):
            what = f"an escape in this text makes the control character {_code_point(found)}"
            self._fault(mark, f"{what}; {_ADVICE['escape']}")

    def _node(self, path: Path, depth: int) -> object:
        """Return the value that starts at the next event, inside `depth` mappings and sequences."""
        event = self._peek()
        if isinstance(event, yaml.AliasEvent):
            after, self._index = self._index + 1, self._targets[self._index]
            data = self._node(path, depth)
            self._index = after
        elif isinstance(event, yaml.ScalarEvent):
            data = self._scalar()
        else:
            if depth == PRESET_DEPTH:
                what = f"more than {depth} levels of nesting, aliases written out; a figure needs three"
                raise self._refusal(event.start_mark, what)
            self._take()
            read = self._sequence if isinstance(event, yaml.SequenceStartEvent) else self._mapping
            data = read(path, depth + 1)
        self.values[path] = _place(event.start_mark)  # of an alias its own place, not that of its target
        return data

    def _sequence(self, path: Path, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(self._peek(), yaml.SequenceEndEvent):
            items.append(self._node((*path, len(items)), depth))
        self._take()
        return items

    def _mapping(self, path: Path, depth: int) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := self._peek(), yaml.MappingEndEvent):
            key = self._key(path, depth)
            inside = (*path, key)
            if key in entries:
                what = f"the key {_quoted(key)} is given twice, first in line {self.keys[inside][0]}"
                self._fault(event.start_mark, f"{what}; remove one")
            self.keys.setdefault(inside, _place(event.start_mark))
            entries[key] = self._node(inside, depth)
        self._take()
        return entries

    def _key(self, path: Path, depth: int) -> str:
        """Return the text of a key, whatever it would be as a value."""
        event = self._peek()
        if not isinstance(event, yaml.ScalarEvent) or event.anchor:
            self._fault(event.start_mark, _ODD_KEY)
            self._node(path, depth)
            return ""
        key: str = self._take().value
        if not event.style and key == "<<":
            self._fault(event.start_mark, "merge keys ('<<') are not read; write the entries out")
        elif not event.style and not key:
            self._fault(event.start_mark, "there is no key before the ':'; write 'key: value'")
        return key

    def _scalar(self) -> object:
        event = self._take()
        try:
            return event.value if event.style else _resolved(event.value)
        except ValueError as error:
            self._fault(event.start_mark, str(error))
            return None

    def _fault(self, mark: _Mark, what: str) -> None:
        self._faults.setdefault(_place(mark), what)
        if len(self._faults) == _MOST_FAULTS:
            raise self._refusal()

    def _refusal(self, mark: _Mark = None, what: str = "") -> PresetError:
        if mark:
            self._fault(mark, what)
        faults = sorted(self._faults.items())
        return PresetError(f"{self._name}:{line}:{column}: {what}" for (line, column), what in faults)

    def _syntax_error(self, error: Exception) -> PresetError:
        words = getattr(error, "problem", str(error)), getattr(error, "context", None)
        problem = " ".join(filter(None, words))
        # Of a quote that is never closed the place to show is where it opens, not the end of the file.
        looks_back = "end of stream" in problem or "expected ':'" in problem
        mark = getattr(error, "context_mark" if looks_back else "problem_mark", None)
        mark = mark or self._events[-1].end_mark
        return self._refusal(mark, f"{visible(problem, 100)}; {self._advice(_place(mark), problem)}")

    def _advice(self, place: Place, problem: str) -> str:
        """Return what would do: most often, quotes around an expression that looks like YAML's own signs."""
        before = "".join(self._lines[place[0] - 1 : place[0]])[: place[1]]
        start = [found.end() for found in _VALUE_START.finditer(before)][-1]
        if before[start:] and before[start] in "*&!@`|>%":
            return _quote_it(before[start])
        if "\t" in before[: len(before) - len(before.lstrip())]:
            return "indent with blanks, not with tabs"
        return next(advice for words, advice in _ADVICE.items() if words in problem)


def _resolved(text: str) -> object:
    """Return what a plain scalar says; raise ValueError if it is a number that cannot be had."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    integer = _INTEGER.fullmatch(text)
    if not (integer or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text)):
        return text
    if len(text) > NUMBER_CHARACTERS:  # before int(), which has a limit of its own at 4,300 digits
        problem = f"a number of {len(text):,} characters, and {NUMBER_CHARACTERS} may be written"
        message = f"{problem}; write it shorter, as 1e50"
        raise ValueError(message)
    if integer:
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _NOT_FINITE.fullmatch(text) or not math.isfinite(float(text)):
        message = f"{_quoted(text)} is not finite; numbers must be finite"
        raise ValueError(message)
    return float(text)


def _place(mark: _Mark) -> Place:
    return mark.line + 1, mark.column + 1


def _quoted(text: str) -> str:
    return f"'{visible(text, 40)}'"


def _quote_it(indicator: str) -> str:
    return f"an expression that starts with '{indicator}' must stand in quotes"


def _code_point(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"
