"""Scripts: plain NumPy and Matplotlib that draw the same picture, with the spec in a comment.

A script is for a reader, who may go on from there: so one that was changed is not replaced as a picture is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from gradviz.errors import RequestError
from gradviz.language.reading import is_function_of_file
from gradviz.output.formats import (
    FOUND_BYTES,
    STILLS,
    Encoded,
    Format,
    Inside,
    Memory,
    formats_of,
    ours,
    refuse_sweep,
)

if TYPE_CHECKING:
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_SPEC = re.compile(rb"^# spec: (.*)\n", re.MULTILINE)
_HEAD = 20  # lines: the spec is among them


class Script(Format):
    """A Python script of NumPy and Matplotlib alone."""

    beginning: ClassVar = b"# "
    had_digests: ClassVar = True
    mark: ClassVar = b"# sum: "

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
        return Encoded(script.encode("ascii"))

    def find(self, content: bytes) -> Memory | None:
        """Return the comment of gradviz, which is the first of its kind."""
        head = b"\n".join(content[:FOUND_BYTES].split(b"\n", _HEAD)[:_HEAD]) + b"\n"
        found = _SPEC.search(head) if content.startswith(self.beginning) else None
        return ours(found[1], found.end()) if found else None

    def digest(self, parts: Iterable[memoryview]) -> bytes:
        """Return the CRC-32 of parts, which is shorter for readers than SHA-256."""
        total = 0
        for part in parts:
            total = zlib.crc32(part, total)
        return b"%08x" % total

    def digest_part(self, digest: bytes) -> bytes:
        """Return a comment."""
        return b"# sum: %s\n" % digest
