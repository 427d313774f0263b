"""Load YAML text as plain data, with the line and column of every value and key.

A small loader reads the events of PyYAML's C parser. PyYAML's own stages are not used: its composer overflows
the stack on deep nesting, its resolver reads YAML 1.1 (`NO` is false, `1e-3` is text, `010` is 8), its
constructor keeps the last of two equal keys and calls functions that tags name. The loader fetches events one
by one and counts depth and nodes, so that it stops as soon as a hostile file exceeds a limit; the parser
alone takes minutes for some. An alias counts as much as the text that it repeats.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import yaml

from gradviz.errors import PresetError, visible
from gradviz.limits import NUMBER_CHARACTERS, PRESET_BYTES, PRESET_DEPTH, PRESET_NODES

KeyPath = tuple[str | int, ...]
"""Keys and indices that lead from the document to a value."""
Position = tuple[int, int]
"""Line and column, both from 1."""


# Control characters. The last three are invisible, or line ends in YAML 1.1 but not in 1.2.
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")
# Control characters in a scalar, in which the parser has replaced line ends by a newline.
_ESCAPED = re.compile(_CONTROL.pattern + "|\r")

# Core schema of YAML 1.2.2 (section 10.3.2): a plain scalar that matches none of these is text.
_CONSTANTS = dict.fromkeys(("null", "Null", "NULL", "~", "")) | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

_MAX_FAULTS = 100  # number of errors after which loading stops; messages show a few

_EMPTY = "no figures; write a name and, indented below it, a kind and an expression"
_ODD_KEY = "a key must be plain text; write 'key: value', with quotes around a key that looks like YAML"
_VALUE_START = re.compile(r"(?:^|: |- |\? |[\[{,]) *")
_ADVICE = {  # keys are parts of the messages of the C parser and of the Python parser
    "mapping values are not allowed": "align the keys, and put quotes around a text that contains ': '",
    "expected ':'": "write 'key: value', with a space after the colon",
    "end of stream": "close the quote",
    "expected ','": "close the bracket, or write ',' between the items",
    "escape": r"in double quotes write '\\' for a backslash, or use single quotes",
    "": "check the alignment of keys, and for quotes and brackets that are not closed",
}


@dataclass(frozen=True)
class Document:
    """Data of a YAML file with positions: dicts, lists, text, finite numbers, booleans, None."""

    name: str
    """Name of the file in messages."""
    data: object
    _values: dict[KeyPath, Position] = field(repr=False, compare=False)
    _keys: dict[KeyPath, Position] = field(repr=False, compare=False)

    def where(self, path: KeyPath) -> str:
        """Return the location of the value at `path`, or of its nearest parent, as "book.yaml:3:15"."""
        while path and path not in self._values:
            path = path[:-1]
        return self._location(self._values[path])

    def where_key(self, path: KeyPath) -> str:
        """Return the location of the key at `path`, or of the value if it has no key."""
        return self._location(self._keys[path]) if path in self._keys else self.where(path)

    def _location(self, position: Position) -> str:
        return f"{self.name}:{position[0]}:{position[1]}"


def read_document(source: bytes, name: str) -> Document:
    """Load the bytes of a YAML file. Raises PresetError with file, line and column of each error."""
    name = visible(name, 100)
    loader = _Loader(_decoded(source, name), name)
    return Document(name, loader.document(), loader.values, loader.keys)


def _decoded(source: bytes, name: str) -> str:
    """Decode a file. Raises PresetError if it is too long, not UTF-8, or has control characters."""
    if len(source) > PRESET_BYTES:
        size = f"must have at most {PRESET_BYTES:,} bytes, got {len(source):,}"
        raise PresetError([f"{name}:1:1: {size}; split the file"])
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8").removeprefix("\ufeff")
        what = f"must be UTF-8, got the byte 0x{source[error.start]:02x}; save the file as UTF-8"
    else:
        found = _CONTROL.search(text)
        if not found:
            return text
        before = text[: found.start()]
        what = f"control characters are not allowed, got {_code_point(found)}; remove it"
    lines = re.split("\r\n?|\n", before)
    raise PresetError([f"{name}:{len(lines)}:{len(lines[-1]) + 1}: {what}"])


class _Loader:
    """Loader of one text: a single pass over its events.

    Syntax errors and exceeded limits are raised at once. Other errors are collected, at most one per
    position, so that one run reports all of them. An alias reads the events of its anchor again.
    """

    def __init__(self, text: str, name: str) -> None:
        self.values: dict[KeyPath, Position] = {}
        self.keys: dict[KeyPath, Position] = {}
        self._name = name
        self._lines = text.splitlines()
        # PyYAML can be built without the C parser.
        self._parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
        self._events: list[yaml.Event] = []  # all events fetched so far
        self._index = 0  # index of the next event
        self._anchors: dict[str | None, int] = {}  # index of the event of each anchor
        self._targets: dict[int, int] = {}  # index of an alias to index of its anchor
        self._nodes = 0
        self._characters = 0  # number of characters of all scalars
        self._faults: dict[Position, str] = {}

    def document(self) -> object:
        """Return the data of the only document; call it once."""
        try:
            self._take()  # start of the stream
            if isinstance(self._take(), yaml.StreamEndEvent):
                raise self._refusal(_start(self._events[0]), _EMPTY)
            data = self._node((), 0)
            self._take()  # end of the document
            if not isinstance(after := self._take(), yaml.StreamEndEvent):
                self._fault(
                    _start(after),
                    "only one document per file is allowed; move the second one to another file",
                )
        finally:
            self._parser.dispose()
        if data is None:
            self._fault(_start(self._events[0]), _EMPTY)
        if self._faults:
            raise self._refusal()
        return data

    def _take(self) -> yaml.Event:
        """Return the next event and advance; count its node and its characters. Raises PresetError."""
        event = self._peek()
        self._index += 1
        self._nodes += isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        self._characters += len(event.value) if isinstance(event, yaml.ScalarEvent) else 0
        if self._nodes > PRESET_NODES or self._characters > PRESET_BYTES:
            most = f"{PRESET_NODES:,} keys and values or {PRESET_BYTES:,} characters"
            what = f"more than {most}, with aliases expanded; split the file"
            raise self._refusal(_start(event), what)
        return event

    def _peek(self) -> yaml.Event:
        """Return the next event; fetch it unless it is read again through an alias."""
        if self._index == len(self._events):
            try:
                event: yaml.Event = self._parser.get_event()
            except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two: Python parser
                raise self._syntax_error(error) from None
            self._events.append(event)
            self._check(event)
        return self._events[self._index]

    def _check(self, event: yaml.Event) -> None:
        """Check a fetched event: directives, anchors, tags and control characters."""
        position = _start(event)
        if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
            self._fault(position, "directives ('%YAML', '%TAG') are not allowed; remove the line")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                what = f"the alias {_quoted(f'*{event.anchor}')} has no anchor above; {_quote_it('*')}"
                raise self._refusal(position, what)
            self._targets[self._index] = self._anchors[event.anchor]
        elif isinstance(event, yaml.NodeEvent) and event.anchor:
            self._anchors[event.anchor] = self._index
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag is not None:
            short = _quoted(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self._fault(position, f"tags are not allowed, got {short}; remove it ({_quote_it('!')})")
        if isinstance(event, yaml.ScalarEvent) and (found := _ESCAPED.search(event.value)):
            what = f"control characters are not allowed, got the escape of {_code_point(found)}"
            self._fault(position, f"{what}; {_ADVICE['escape']}")

    def _node(self, path: KeyPath, depth: int) -> object:
        """Return the value that starts at the next event, nested in `depth` mappings and sequences."""
        event = self._peek()
        if isinstance(event, yaml.AliasEvent):
            after, self._index = self._index + 1, self._targets[self._index]
            data = self._node(path, depth)
            self._index = after
        elif isinstance(event, yaml.ScalarEvent):
            data = self._scalar(event)
        else:
            if depth == PRESET_DEPTH:
                what = f"more than {depth} levels of nesting, with aliases expanded; a figure needs 3"
                raise self._refusal(_start(event), what)
            self._take()
            read = self._sequence if isinstance(event, yaml.SequenceStartEvent) else self._mapping
            data = read(path, depth + 1)
        self.values[path] = _start(event)  # an alias has its own position
        return data

    def _sequence(self, path: KeyPath, depth: int) -> list[object]:
        items: list[object] = []
        while not isinstance(self._peek(), yaml.SequenceEndEvent):
            items.append(self._node((*path, len(items)), depth))
        self._take()
        return items

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, object]:
        entries: dict[str, object] = {}
        while not isinstance(event := self._peek(), yaml.MappingEndEvent):
            key = self._key(path, depth)
            inside = (*path, key)
            if key in entries:
                what = f"duplicate key {_quoted(key)}, first in line {self.keys[inside][0]}"
                self._fault(_start(event), f"{what}; remove one")
            self.keys.setdefault(inside, _start(event))
            entries[key] = self._node(inside, depth)
        self._take()
        return entries

    def _key(self, path: KeyPath, depth: int) -> str:
        """Return the text of a key, which is not resolved to a number, a boolean or None."""
        event = self._peek()
        if not isinstance(event, yaml.ScalarEvent) or event.anchor:
            self._fault(_start(event), _ODD_KEY)
            self._node(path, depth)
            return ""
        self._take()
        key = event.value
        if not event.style and key == "<<":
            self._fault(_start(event), "merge keys ('<<') are not allowed; write the entries out")
        elif not event.style and not key:
            self._fault(_start(event), "no key before the ':'; write 'key: value'")
        return key

    def _scalar(self, event: yaml.ScalarEvent) -> object:
        self._take()
        try:
            return event.value if event.style else _resolved(event.value)
        except ValueError as error:
            self._fault(_start(event), str(error))
            return None

    def _fault(self, position: Position, what: str) -> None:
        """Add an error at a position, unless the position has one. Raises PresetError for too many."""
        self._faults.setdefault(position, what)
        if len(self._faults) == _MAX_FAULTS:
            raise self._refusal()

    def _refusal(self, position: Position | None = None, what: str = "") -> PresetError:
        """Return the PresetError of all errors so far, and of `what` at a position."""
        if position:
            self._fault(position, what)
        faults = sorted(self._faults.items())
        return PresetError(f"{self._name}:{line}:{column}: {what}" for (line, column), what in faults)

    def _syntax_error(self, error: Exception) -> PresetError:
        """Return the PresetError of an error of the parser, with advice."""
        words = getattr(error, "problem", str(error)), getattr(error, "context", None)
        problem = " ".join(filter(None, words))
        # An unclosed quote is reported where it opens, not at the end of the file.
        at_context = "end of stream" in problem or "expected ':'" in problem
        mark = getattr(error, "context_mark" if at_context else "problem_mark", None)
        position = (mark.line + 1, mark.column + 1) if mark else _start(self._events[-1])
        return self._refusal(position, f"{visible(problem, 100)}; {self._advice(position, problem)}")

    def _advice(self, position: Position, problem: str) -> str:
        """Return the advice for a syntax error, mostly quotes around an expression with YAML's indicators."""
        line, column = position
        before = "".join(self._lines[line - 1 : line])[:column]
        start = [found.end() for found in _VALUE_START.finditer(before)][-1]
        if before[start:] and before[start] in "*&!@`|>%":
            return _quote_it(before[start])
        if "\t" in before[: len(before) - len(before.lstrip())]:
            return "indent with spaces, not with tabs"
        return next(advice for words, advice in _ADVICE.items() if words in problem)


def _resolved(text: str) -> object:
    """Return the value of a plain scalar. Raises ValueError for a number that is too long or not finite."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    integer = _INTEGER.fullmatch(text)
    if not (integer or _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text)):
        return text
    if len(text) > NUMBER_CHARACTERS:  # checked before int(), whose own limit is 4,300 digits
        rule = f"a number must have at most {NUMBER_CHARACTERS} characters, got {len(text):,}"
        message = f"{rule}; write it shorter, as 1e50"
        raise ValueError(message)
    if integer:
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _NOT_FINITE.fullmatch(text) or not math.isfinite(float(text)):
        message = f"numbers must be finite, got {_quoted(text)}"
        raise ValueError(message)
    return float(text)


def _start(event: yaml.Event) -> Position:
    mark = event.start_mark
    assert mark is not None  # noqa: S101 - both parsers set the marks of all events
    return mark.line + 1, mark.column + 1


def _quoted(text: str) -> str:
    return f"'{visible(text, 40)}'"


def _quote_it(indicator: str) -> str:
    return f"an expression that starts with '{indicator}' must be in quotes"


def _code_point(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"
