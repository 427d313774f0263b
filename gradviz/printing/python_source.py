"""Printer of Python source: literals, calls and assignments, on lines of some width."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable
from typing import Any

from gradviz.printing.numpy_source import WIDTH, number

_LOOK_DIGITS, _DATA_DIGITS = 6, 12  # significant digits of sizes, and of coordinates


class Code(str):
    """Python source, which is a literal of itself."""

    __slots__ = ()


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


def literal(value: Any) -> str:  # Any: a text, a number, or a sequence
    """Return the literal of a value: code as it is, numbers without invisible digits."""
    if isinstance(value, str):
        return value if isinstance(value, Code) else text(value)
    if isinstance(value, (list, tuple)):
        items = [rounded(item, _DATA_DIGITS) if isinstance(item, float) else literal(item) for item in value]
        if isinstance(value, list):
            return f"[{', '.join(items)}]"
        return f"({', '.join(items)}{',' * (len(items) == 1)})"
    return rounded(value) if isinstance(value, float) else repr(value)


def rounded(value: float, digits: int = _LOOK_DIGITS) -> str:
    """Return a number with some significant digits."""
    return "np.nan" if math.isnan(value) else number(float(f"{float(value):.{digits}g}"))


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
