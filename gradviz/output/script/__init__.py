"""Scripts: plain NumPy and Matplotlib that draw the same picture, with the spec in a comment.

A script is for a reader, who may go on from there: so one that was changed is not replaced as a picture is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from gradviz.errors import RequestError
from gradviz.language.reading import is_function_of_file
from gradviz.limits import METADATA_CHARACTERS
from gradviz.output.formats import STILLS, Format, Inside, ours, refuse_sweep

if TYPE_CHECKING:
    from gradviz.output.mpl.rendering import Picture
    from gradviz.output.script.sheet import Sheet
    from gradviz.specs import Spec

_SPEC = "# spec: "
_SUM = "# sum: "
_HEAD = 20  # lines: the spec is among them
_FIELDS = """
    kind expression vars where set fix range samples xlim ylim title xlabel ylabel xticks yticks size dpi cmap
    style grid method step colorbar
"""
_COMMON = frozenset(_FIELDS.split())


class _Kind(NamedTuple):
    """How a kind of figure is written."""

    module: str
    shows: str
    honours: frozenset[str]
    """The fields that the script shows, beside those that all do; any other one is told."""


def _kind(module: str, shows: str, honours: str = "") -> _Kind:
    return _Kind(module, shows, _COMMON | frozenset(honours.split()))


_LEVELS = "levels spacing"
_SPACE = "elev azim zlim zlabel zticks"
_KINDS = {
    "tangent": _kind("curves", "f with its tangent lines", "at secant derivative"),
    "surface": _kind("space", "f in three dimensions", f"plot critical {_LEVELS} {_SPACE}"),
    "contour": _kind("flat", "f as level lines", f"filled critical {_LEVELS}"),
    "quiver": _kind("flat", "the gradient of f as arrows", "ascent arrows color critical"),
    "stream": _kind("flat", "the gradient of f as streamlines", "ascent density critical"),
    "descent": _kind(
        "descent",
        "the paths of optimizers downhill on f",
        f"start optimizers steps on panels loss tune filled fps critical {_LEVELS} {_SPACE}",
    ),
    "steps": _kind("curves", "the error of central differences of f against their step"),
}


class Script(Format):
    """A Python script of NumPy and Matplotlib alone."""

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for what is not written as a script."""
        stills = f".{', .'.join(STILLS)}"
        if spec.kind not in _KINDS:
            raise RequestError(f"a {spec.kind} figure is not written as a script; write {stills}")
        refuse_sweep(spec, "a script")
        if is_function_of_file(spec.expression):
            raise RequestError(
                f"a script is written of an expression, and not of FILE.py:NAME; write {stills}"
            )

    def encode(self, picture: Picture, spec: Spec, inside: Inside, advance: Callable[[], object]) -> bytes:
        """Return the script. Raises RequestError if the formula is too deep for Python."""
        from gradviz.output.script.sheet import checked

        sheet = _written(picture, spec)
        advance()
        return _signed(checked(_text(sheet, spec, inside))).encode("ascii")

    def remarks(self, picture: Picture, spec: Spec) -> Iterator[str]:
        """Yield what of the picture the script leaves out."""
        if missed := _written(picture, spec).left_out:
            yield f"left out of the script: {', '.join(missed)}"

    def memory_in(self, content: bytes) -> str | None:
        """Return the comment of ours, which is the first of its kind."""
        if not content.startswith(b"# "):
            return None
        for line in content[: 2 * METADATA_CHARACTERS].splitlines()[:_HEAD]:
            if line.startswith(_SPEC.encode()):
                return ours(line.removeprefix(_SPEC.encode()).decode("ascii", "replace"))
        return None

    def is_as_written(self, content: bytes) -> bool:
        """Tell whether nobody has changed the script."""
        lines = content.decode("latin-1").split("\n")
        unsigned = [line for line in lines if not line.startswith(_SUM)]
        return _signed("\n".join(unsigned)).encode("latin-1") == content


def _written(picture: Picture, spec: Spec) -> Sheet:
    """Return the parts of the script of a picture, with what is left out."""
    from gradviz.output.script.sheet import Sheet

    kind = _KINDS[spec.kind]
    sheet = Sheet(spec, picture)
    idle = {name for names, _ in spec.idle() for name in names.split()}
    for name, value in spec.to_dict().items():
        if name not in kind.honours and name not in idle and value not in (spec.default_of(name), False):
            sheet.miss(f"--{name.replace('_', '-')}")
    write: Any = getattr(import_module(f"gradviz.output.script.{kind.module}"), f"write_{spec.kind}")
    with picture.own_settings():
        write(sheet)
    return sheet


def _text(sheet: Sheet, spec: Spec, inside: Inside) -> str:
    from gradviz.output.script.looks import write_settings
    from gradviz.output.script.sheet import comment

    shows = re.sub(r"\bf\b", f"f({', '.join(sheet.reading.variables)})", _KINDS[spec.kind].shows)
    lines = comment(
        f"{shows if shows[0] == 'f' else shows[0].upper() + shows[1:]}, written by {inside.software}."
    )
    lines += comment(f"Left out of the script: {', '.join(sheet.left_out)}.") if sheet.left_out else []
    lines += [f"{_SPEC}{inside.memory}", ""]
    imports = sorted(sheet.imports, key=lambda line: (line.split()[1] not in ("math", "pathlib"), line))
    standard = [line for line in imports if line.split()[1] in ("math", "pathlib")]
    lines += [*sorted(standard, key=lambda line: line.startswith("from")), ""] if standard else []
    rest = [line for line in imports if line not in standard]
    lines += sorted(rest, key=lambda line: (line.split()[1].split(".")[0], line.startswith("from"), line))
    lines += write_settings(sheet)
    if sheet.quiet:
        lines += ["", 'np.seterr(all="ignore")  # what is undefined is NaN, without a warning']
    return "\n".join([*lines, "", *sheet.functions, "", *sheet.body, ""])


def _signed(script: str) -> str:
    """Return a script with the sum of its text behind the spec, which tells whether it was changed since."""
    head, found, rest = script.partition(f"\n{_SPEC}")
    if not found:
        return script
    memory, _, rest = rest.partition("\n")
    return f"{head}\n{_SPEC}{memory}\n{_SUM}{zlib.crc32(script.encode('latin-1')):08x}\n{rest}"
