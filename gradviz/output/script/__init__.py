"""Scripts: plain NumPy and Matplotlib that draw the same picture, with the spec in a comment.

A script is for a reader, who may go on from there: so one that was changed is not replaced as a picture is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradviz.errors import RequestError
from gradviz.language.reading import is_function_of_file
from gradviz.limits import METADATA_CHARACTERS
from gradviz.output.formats import STILLS, Encoded, Format, Inside, formats_of, ours, refuse_sweep

if TYPE_CHECKING:
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_SPEC = re.compile(rb"^# spec: (.*)", re.MULTILINE)
_SUM = re.compile(rb"^# sum: .*\n", re.MULTILINE)
_HEAD = 20  # lines: the spec is among them


class Script(Format):
    """A Python script of NumPy and Matplotlib alone."""

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a picture that cannot be written as a script."""
        stills = f".{', .'.join(STILLS)}"
        if "py" not in formats_of(type(spec)):
            raise RequestError(f"a {spec.kind} figure is not written as a script; write {stills}")
        refuse_sweep(spec, "a script")
        if is_function_of_file(spec.expression):
            raise RequestError(f"a script needs an expression, and not FILE.py:NAME; write {stills}")

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the script. Raises RequestError for a scene that a script cannot draw."""
        from gradviz.output.script.writing import script_of

        script = script_of(scene, inside.software, f"# spec: {inside.memory}")
        advance()
        return Encoded(_signed(script.encode("ascii")))

    def memory_in(self, content: bytes) -> str | None:
        """Return the comment of gradviz, which is the first of its kind."""
        head = b"\n".join(content[: 2 * METADATA_CHARACTERS].split(b"\n", _HEAD)[:_HEAD])
        found = _SPEC.search(head) if content.startswith(b"# ") else None
        return ours(found[1].decode("ascii", "replace")) if found else None

    def is_as_written(self, content: bytes) -> bool:
        """Return whether a script has not been changed since gradviz wrote it."""
        return _signed(_SUM.sub(b"", content)) == content


def _signed(script: bytes) -> bytes:
    """Return a script with a checksum of its text after the spec, which shows whether it was changed."""
    return _SPEC.sub(rb"\g<0>" + b"\n# sum: %08x" % zlib.crc32(script), script, count=1)
