"""Text of a script: its names, imports, functions and statements."""

from __future__ import annotations

import builtins
import keyword
from dataclasses import dataclass, field

from gradviz.errors import RequestError
from gradviz.optimizers import OPTIMIZERS
from gradviz.printing.numpy_source import NumpySource
from gradviz.printing.python_source import Code, called

MAX_LISTED = 60  # points, or discontinuities, of one list: more hide what the script does

_OF_MESHES = "x y values vectors sizes guided cuts0 cuts1"
_OWN = f"""
    np plt math Path ListedColormap LinearSegmentedColormap FuncNorm MaxNLocator withStroke to_rgba f p
    g value derivative gradient hessian inside masked erf sigmoid step second right left points fine
    finer some z known values vectors sizes guided cuts0 cuts1 cut leave_out to_edge in_box guide
    on_surface unreliable bands arrows units looks lengths low high u v levels places steps norm cmap
    shades LogNorm colors drawn bar texts labels labelled at handles fig ax axis first panels paths path
    hidden line behind inner name number one each color dashes plane faces even slopes slope gaps lines end
    ends with_points refined near
    fine_{_OF_MESHES.replace(" ", " fine_")} finer_{_OF_MESHES.replace(" ", " finer_")}
"""
TAKEN = frozenset((*_OWN.split(), *OPTIMIZERS))
"""Names that scripts use themselves, which no variable may have."""


def identifier(name: str) -> str:
    """Return the identifier of a variable in a script: lambda_ for lambda, f_ for f.

    Names of the language never end in an underscore, so identifiers are distinct.
    """
    reserved = name in TAKEN or keyword.iskeyword(name) or keyword.issoftkeyword(name)
    return f"{name}_" if reserved or hasattr(builtins, name) else name


SOURCE = NumpySource(identifier)
"""The printer of NumPy source with these identifiers."""


@dataclass
class Sheet:
    """A script, or a part of one, while it is written."""

    imports: set[str] = field(default_factory=set)
    functions: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    assigned: dict[str, list[str]] = field(default_factory=dict)
    """The last assignment to a name, of those that are written once for several marks."""

    def part(self) -> Sheet:
        """Return an empty part of the script, with the same imports and functions."""
        return Sheet(self.imports, self.functions)

    def add(self, *lines: str) -> None:
        """Add lines to the body."""
        self.body += lines

    def call(self, name: str, *arguments: object, **named: object) -> None:
        """Add a call to the body, with values as arguments; those named None are left out."""
        self.body += called(name, *arguments, **named)

    def assign(self, name: str, lines: list[str]) -> Code:
        """Add the lines that assign a value to a name unless it has this value, and return the name."""
        if self.assigned.get(name) != lines:
            self.assigned[name] = lines
            self.body += lines
        return Code(name)

    def define(self, lines: list[str]) -> None:
        """Add the definition of a function, unless the script has it."""
        if lines[0] not in self.functions:
            self.functions += ["", *lines, ""]

    def uses(self, module: str, name: str) -> Code:
        """Import a name from a module, and return it."""
        self.imports.add(f"from {module} import {name}")
        return Code(name)


def refusal(reason: str) -> RequestError:
    """Return the error for a picture that cannot be written as a script."""
    return RequestError(f"{reason}; write .png, .svg or .pdf")


def too_many(things: str) -> RequestError:
    """Return the error for a picture with more than a script can list."""
    return refusal(f"a script lists at most {MAX_LISTED} points, got {things}")
