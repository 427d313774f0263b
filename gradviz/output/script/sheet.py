"""Text of a script: its imports, functions and statements, and Python literals of values."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from gradviz.arrays import Floats
from gradviz.errors import RequestError
from gradviz.printing.numpy_source import number

WIDTH = 100  # characters of a line
MAX_LISTED = 60  # numbers, or points, of one list in a script: more hide what it does
_OTHERS = "write .png, .svg or .pdf"


@dataclass
class Sheet:
    """A script while it is written."""

    imports: set[str] = field(
        default_factory=lambda: {"import matplotlib.pyplot as plt", "import numpy as np"}
    )
    functions: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    is_quiet: bool = False
    """Whether NumPy's warnings of undefined values are turned off."""

    def part(self) -> Sheet:
        """Return an empty part of the script, with the same imports and functions."""
        return Sheet(self.imports, self.functions, is_quiet=self.is_quiet)

    def add(self, *lines: str) -> None:
        """Add lines to the body."""
        self.body += lines

    def call(self, name: str, *arguments: str, **named: str | None) -> None:
        """Add a call to the body; arguments that are None are left out."""
        self.body += called(name, *arguments, **named)

    def define(self, lines: Iterable[str]) -> None:
        """Add the definition of a function, unless the script has it."""
        lines = list(lines)
        if lines[0] not in self.functions:
            self.functions += ["", *lines, ""]


def called(name: str, *arguments: str, **named: str | None) -> list[str]:
    """Return a call on one line, or with its arguments on lines of their own if it is long."""
    items = [*arguments, *(f"{key}={value}" for key, value in named.items() if value is not None)]
    whole = f"{name}({', '.join(items)})"
    return [whole] if len(whole) <= WIDTH else [f"{name}(", *filled(items), ")"]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines indented by one level."""
    return [f"    {line}" if line else "" for line in lines]


def filled(items: Iterable[str], indent: str = "    ") -> list[str]:
    """Return items with commas after them, as many on a line as have room."""
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > WIDTH - len(indent):
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return [indent + line for line in lines]


def assigned(name: str, items: Iterable[str], brackets: str = "[]") -> list[str]:
    """Return the assignment of a list, or of a dictionary in other brackets."""
    (start, end), items = brackets, list(items)
    whole = f"{name} = {start}{', '.join(items)}{end}"
    return [whole] if len(whole) <= WIDTH else [f"{name} = {start}", *filled(items), end]


def comment(words: str) -> list[str]:
    """Return words as lines of comment."""
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")


# Literals -------------------------------------------------------------------------------------------------


def text(words: str) -> str:
    """Return a text as a literal in ASCII that reads back as the same text; mathtext as a raw one."""
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


def rounded(value: float, digits: int = 6) -> str:
    """Return a number with some significant digits: more are not visible."""
    return number(float(f"{float(value):.{digits}g}"))


def numbers(values: Iterable[float], digits: int = 17) -> str:
    """Return numbers as a list."""
    return f"[{', '.join(rounded(value, digits) for value in values)}]"


def pair(values: Iterable[float], digits: int = 17) -> str:
    """Return numbers as a tuple."""
    return f"({', '.join(rounded(value, digits) for value in values)})"


def columns(points: Floats, what: str) -> list[str]:
    """Return points (N, 2 or 3) as lists of their coordinates. Raises RequestError for many of them."""
    if len(points) > MAX_LISTED:
        raise too_many(f"{len(points):,} {what}")
    return [f"[{', '.join('np.nan' if np.isnan(x) else rounded(x, 12) for x in part)}]" for part in points.T]


# Refusals -------------------------------------------------------------------------------------------------


def refusal(reason: str) -> RequestError:
    """Return the error for a picture that cannot be written as a script."""
    return RequestError(f"{reason}; {_OTHERS}")


def too_many(things: str) -> RequestError:
    """Return the error for a picture with more than a script can list."""
    return refusal(f"a script lists at most {MAX_LISTED} points, got {things}")


def checked(script: str) -> str:
    """Return a script that Python can parse. Raises RequestError for one that is nested too deeply."""
    try:
        ast.parse(script)
    except (SyntaxError, RecursionError, MemoryError):
        raise refusal("the formula is nested too deeply for a script") from None
    return script


def named(items: Mapping[str, str | None]) -> str:
    """Return keyword arguments as source."""
    return ", ".join(f"{key}={value}" for key, value in items.items() if value is not None)
