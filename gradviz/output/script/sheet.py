"""Text of a script: its imports, functions and statements, and Python literals of values."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradviz.errors import RequestError
from gradviz.printing.numpy_source import number

WIDTH = 100  # characters of a line
MAX_LISTED = 60  # points, or discontinuities, of one list: more hide what the script does
_LOOK_DIGITS, _DATA_DIGITS = 6, 12  # significant digits of sizes, and of coordinates


class Code(str):
    """Python source, which is a literal of itself."""

    __slots__ = ()


@dataclass
class Sheet:
    """A script, or a part of one, while it is written."""

    imports: set[str] = field(
        default_factory=lambda: {"import matplotlib.pyplot as plt", "import numpy as np"}
    )
    functions: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)

    def part(self) -> Sheet:
        """Return an empty part of the script, with the same imports and functions."""
        return Sheet(self.imports, self.functions)

    def add(self, *lines: str) -> None:
        """Add lines to the body."""
        self.body += lines

    def call(self, name: str, *arguments: object, **named: object) -> None:
        """Add a call to the body, with values as arguments; those named None are left out."""
        self.body += called(name, *arguments, **named)

    def define(self, lines: list[str]) -> None:
        """Add the definition of a function, unless the script has it."""
        if lines[0] not in self.functions:
            self.functions += ["", *lines, ""]

    def uses(self, module: str, name: str) -> Code:
        """Import a name from a module, and return it."""
        self.imports.add(f"from {module} import {name}")
        return Code(name)


def called(name: str, *arguments: object, **named: object) -> list[str]:
    """Return a call on one line, or with its arguments on lines of their own if it is long."""
    items = [*map(literal, arguments)]
    items += [f"{key}={literal(value)}" for key, value in named.items() if value is not None]
    whole = f"{name}({', '.join(items)})"
    return [whole] if len(whole) <= WIDTH else [f"{name}(", *filled(items), ")"]


def assigned(name: str, items: Iterable[object], brackets: tuple[str, str] = ("[", "]")) -> list[str]:
    """Return the assignment of a list, or of a dictionary in other brackets."""
    (start, end), parts = brackets, [*map(literal, items)]
    whole = f"{name} = {start}{', '.join(parts)}{end}"
    return [whole] if len(whole) <= WIDTH else [f"{name} = {start}", *filled(parts), end]


def filled(items: Iterable[str], indent: str = "    ") -> list[str]:
    """Return items with commas after them, as many on a line as have room."""
    lines = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > WIDTH - len(indent):
            lines.append("")
        lines[-1] += f"{' ' if lines[-1] else ''}{item},"
    return [indent + line for line in lines]


def indented(lines: Iterable[str]) -> list[str]:
    """Return lines indented by one level."""
    return [f"    {line}" if line else "" for line in lines]


def comment(words: str) -> list[str]:
    """Return words as lines of comment."""
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")


# Literals -------------------------------------------------------------------------------------------------


def literal(value: Any) -> str:  # Any: a text, a number, a sequence, or an array
    """Return the literal of a value: code as it is, sizes and coordinates without digits that are invisible."""
    if isinstance(value, str):
        return value if isinstance(value, Code) else text(value)
    if isinstance(value, np.ndarray):
        return literal(value.tolist())
    if isinstance(value, (list, tuple)):
        items = [rounded(item, _DATA_DIGITS) if isinstance(item, float) else literal(item) for item in value]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    return rounded(value) if isinstance(value, float) else repr(value)


def rounded(value: float, digits: int = _LOOK_DIGITS) -> str:
    """Return a number with some significant digits."""
    return "np.nan" if np.isnan(value) else number(float(f"{float(value):.{digits}g}"))


def exact(value: float) -> Code:
    """Return a coordinate or a value of the function."""
    return Code(rounded(value, _DATA_DIGITS))


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


# Refusals -------------------------------------------------------------------------------------------------


def refusal(reason: str) -> RequestError:
    """Return the error for a picture that cannot be written as a script."""
    return RequestError(f"{reason}; write .png, .svg or .pdf")


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
