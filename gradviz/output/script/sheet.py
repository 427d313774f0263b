"""A script that is being written: its lines, what they need, and what is left out of it."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from gradviz.errors import RequestError
from gradviz.language.reading import Expression
from gradviz.output.script.source import identifier
from gradviz.printing.numpy_source import number
from gradviz.scene.style import STYLES

if TYPE_CHECKING:
    from gradviz.output.mpl.rendering import Picture
    from gradviz.specs import Spec

WIDTH = 100  # of a line


class Call(NamedTuple):
    """A call to be written, its arguments as source."""

    name: str
    arguments: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the call on one line, or with its arguments on lines of their own if it is long."""
        whole = f"{self.name}({', '.join(self.arguments)})"
        if len(whole) <= WIDTH:
            return [whole]
        return [f"{self.name}(", *filled(self.arguments), ")"]


class Sheet:
    """What is written of a picture, part by part."""

    def __init__(self, spec: Spec, picture: Picture) -> None:
        assert isinstance(spec.reading, Expression)  # noqa: S101 - what has no formula is refused
        self.spec: Any = spec
        self.reading = spec.reading
        self.picture = picture
        self.samples = picture.samples
        self.style = STYLES[spec.style]
        self.imports = {"import matplotlib.pyplot as plt", "import numpy as np"}
        self.functions: list[str] = []
        self.body: list[str] = []
        self.left_out: list[str] = []
        self.needs_gradient = self.samples.estimate is not None or spec.kind in ("descent", "steps")
        self.quiet = any(path.diverged is not None for path in self.samples.paths)
        """Whether NumPy's warnings have to be turned off."""

    @property
    def names(self) -> list[str]:
        """The variables, as names of Python."""
        return list(map(identifier, self.reading.variables))

    def add(self, *lines: str) -> None:
        """Add lines to the body."""
        self.body += lines

    def call(self, name: str, *arguments: str, **named: str | None) -> None:
        """Add a call to the body; what is named None is left out."""
        self.add(*_called(name, arguments, named))

    def call_within(self, name: str, *arguments: str, **named: str | None) -> None:
        """Add a call inside of a loop to the body."""
        self.add(*(f"    {line}" for line in _called(name, arguments, named)))

    def miss(self, what: str) -> None:
        """Say that something of the picture is not in the script."""
        if what not in self.left_out:
            self.left_out.append(what)


def _called(name: str, arguments: tuple[str, ...], named: Mapping[str, str | None]) -> list[str]:
    given = [f"{key}={value}" for key, value in named.items() if value is not None]
    return Call(name, (*arguments, *given)).lines()


def filled(items: Iterable[str], indent: str = "    ") -> list[str]:
    """Return items with commas behind them, as many on a line as have room."""
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > WIDTH - len(indent):
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return [indent + line for line in lines]


def text(words: str) -> str:
    """Return words as a literal in ASCII, which reads back as the same words; mathtext as a raw one."""
    if "\n" in words and "\\" in words:
        return ' "\\n" '.join(map(text, words.split("\n")))
    raw = f'r"{words}"' if "\\" in words else f'"{words}"'
    if words.isascii() and words.isprintable() and '"' not in words:
        try:
            if ast.literal_eval(raw) == words:
                return raw
        except (SyntaxError, ValueError):
            pass
    return ascii(words)


def numbers(values: Iterable[float]) -> str:
    """Return numbers as a list."""
    return f"[{', '.join(map(number, values))}]"


def pair(values: Iterable[float]) -> str:
    """Return the ends of a view."""
    low, high = values
    return f"({number(low)}, {number(high)})"


def array(name: str, values: Iterable[float]) -> list[str]:
    """Return the lines of a list of numbers under a name."""
    found = list(values)
    whole = f"{name} = {numbers(found)}"
    return [whole] if len(whole) <= WIDTH else [f"{name} = [", *filled(map(number, found)), "]"]


def comment(words: str) -> list[str]:
    """Return words of ours as lines of comment."""
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")


def color(value: Any) -> str:
    """Return a colour that a spec or a style has, as a literal."""
    return text(value) if isinstance(value, str) else repr(value)


def rounded(value: float, digits: int = 6) -> str:
    """Return a number of the looks, where more digits cannot be seen."""
    return number(float(f"{float(value):.{digits}g}"))


def words_of(label: Any) -> tuple[str, str | None]:
    """Return a Matplotlib text as a literal, and what turns its dollar signs into plain ones, if need be."""
    shown = label.get_text()
    return text(shown), "False" if "$" in shown and not label.get_parse_math() else None


def checked(script: str) -> str:
    """Return a script that Python can read. Raises RequestError for one that is too long for it."""
    try:
        ast.parse(script)
    except (SyntaxError, RecursionError, MemoryError):
        raise RequestError(
            "the formula is nested too deeply for a script; write .png, .svg or .pdf"
        ) from None
    return script


def settings(found: Mapping[Any, Any], usual: Mapping[Any, Any], unseen: Iterable[str]) -> dict[str, Any]:
    """Return Matplotlib's settings that make a difference, without those whose names begin as told."""
    hidden = re.compile("|".join(map(re.escape, unseen)))
    return {k: v for k, v in found.items() if v != usual[k] and [v] != usual[k] and not hidden.match(k)}
