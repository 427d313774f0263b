"""The errors that are the user's to mend.

Every message says what came, where, and what would do, in one to five lines, and may be printed as it
stands: whatever came from outside has passed through `visible`, so it holds no control characters.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_WINDOW = 72  # columns of the user's text shown around a fault
_LINES = 5  # the most lines that a message may have


class GradvizError(ValueError):
    """Something could not be done. The base of all errors that gradviz raises on purpose."""

    exit_code = 1


class OutputError(GradvizError):
    """A file could not be written or read: it is another's, a folder is missing, the disk is full."""


class RequestError(GradvizError):
    """The request itself is wrong, so trying again cannot help."""

    exit_code = 2


class ExpressionError(RequestError):
    """An expression that is not in the language, with the place of the fault.

    `start` and `stop` are offsets into `text`; `hint` is the way out, shown beside the caret.
    """

    def __init__(self, problem: str, text: str, start: int, stop: int, hint: str = "") -> None:
        self.problem = problem
        self.text = text
        self.start = start
        self.stop = stop
        self.hint = hint
        super().__init__("\n".join((problem, *_pointed(text, start, stop, hint))))

    def __reduce__(self) -> tuple[type, tuple[str, str, int, int, str]]:
        return type(self), (self.problem, self.text, self.start, self.stop, self.hint)


class SpecError(RequestError):
    """Values that no figure of this kind can have.

    `faults` has one pair for each: the path of the value inside the spec, and what is wrong with it.
    """

    def __init__(self, faults: Iterable[tuple[tuple[str | int, ...], str]]) -> None:
        self.faults = tuple(faults)
        named = (
            f"{visible(str(path[0]))}: {sentence}" if path else sentence for path, sentence in self.faults
        )
        super().__init__(at_most_lines(named))

    def __reduce__(self) -> tuple[type, tuple[object]]:
        return type(self), (self.faults,)


class PresetError(RequestError):
    """A preset file that cannot be used; every fault is told with file, line and column."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(at_most_lines(self.faults))

    def __reduce__(self) -> tuple[type, tuple[object]]:
        return type(self), (self.faults,)


def refused(error: OSError) -> str:
    """Return in one line what the system does not allow: too many open files, a missing folder."""
    where = f": {visible(str(error.filename), 200)}" if error.filename is not None else ""
    return f"the system says: {visible(str(error.strerror or error).lower(), 100)}{where}"


def at_most_lines(messages: Iterable[str], most: int = _LINES) -> str:
    """Join messages, as many whole ones as fit into `most` lines; the last line counts what is left out."""
    messages = list(messages)
    shown: list[str] = []
    lines = 0
    for position, message in enumerate(messages):
        size = message.count("\n") + 1
        reserve = 1 if position + 1 < len(messages) else 0
        if lines + size + reserve > most:
            if not shown:
                shown.append("\n".join(message.split("\n")[: most - reserve]))
            break
        shown.append(message)
        lines += size
    if left := len(messages) - len(shown):
        shown.append(f"... and {left} more")
    return "\n".join(shown)


def visible(text: str, most: int = 60) -> str:
    """Return foreign text fit for a message: on one line, of bounded length, one column a character.

    Control characters, line ends, bidirectional marks, lone surrogates and characters that are not one
    column wide are shown as one replacement character each.
    """
    shown = "".join(map(_visible_character, text[: most + 1]))
    return shown if len(shown) <= most else shown[: most - 3] + "..."


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the known word that is most like `word`, or None if none is near."""
    by_lower = {known.lower(): known for known in words}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return "did you mean 'known'?", or an empty text if no known word is near."""
    found = nearest(word, words)
    return f"did you mean '{found}'?" if found else ""


def _visible_character(character: str) -> str:
    if character == "\t":
        return " "
    if (
        not character.isprintable()
        or unicodedata.east_asian_width(character) in "WF"
        or unicodedata.category(character).startswith("M")
    ):
        return "\N{REPLACEMENT CHARACTER}"
    return character


def _pointed(text: str, start: int, stop: int, hint: str) -> tuple[str, str]:
    """Return the line of the text around a fault, and the line with carets under exactly the fault."""
    stop = max(stop, start + 1)
    first = 0
    if len(text) > _WINDOW:
        first = max(0, min(start - _WINDOW // 3, len(text) - _WINDOW))
    last = min(len(text), first + _WINDOW)
    before, after = "..." * (first > 0), "..." * (last < len(text))
    shown = "".join(map(_visible_character, text[first:last]))
    carets = "^" * (max(min(stop, last), start + 1) - start)
    pointer = " " * (len(before) + start - first) + carets + (f" {hint}" if hint else "")
    return f"  {before}{shown}{after}".rstrip() or " ", f"  {pointer}"
