"""Text of a script: its imports, functions and statements."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field

from gradviz.errors import RequestError
from gradviz.printing.numpy_source import WIDTH
from gradviz.printing.python_source import Code, called

MAX_LISTED = 60  # points, or discontinuities, of one list: more hide what the script does


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


def comment(words: str) -> list[str]:
    """Return words as lines of comment."""
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ")


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
