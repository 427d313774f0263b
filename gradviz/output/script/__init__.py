"""Scripts: plain NumPy and Matplotlib that draw the same picture, with the spec in a comment.

A script is for a reader, who may go on from there: so one that was changed is not replaced as a picture is.
"""

from __future__ import annotations

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

_SPEC = "# spec: "
_SUM = "# sum: "
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

        script = script_of(scene, inside.software, _SPEC + inside.memory)
        advance()
        return Encoded(_signed(script).encode("ascii"))

    def memory_in(self, content: bytes) -> str | None:
        """Return the comment of gradviz, which is the first of its kind."""
        if not content.startswith(b"# "):
            return None
        for line in content[: 2 * METADATA_CHARACTERS].splitlines()[:_HEAD]:
            if line.startswith(_SPEC.encode()):
                return ours(line.removeprefix(_SPEC.encode()).decode("ascii", "replace"))
        return None

    def is_as_written(self, content: bytes) -> bool:
        """Return whether a script has not been changed since gradviz wrote it."""
        lines = content.decode("latin-1").split("\n")
        unsigned = [line for line in lines if not line.startswith(_SUM)]
        return _signed("\n".join(unsigned)).encode("latin-1") == content


def _signed(script: str) -> str:
    """Return a script with a checksum of its text after the spec, which shows whether it was changed."""
    head, found, rest = script.partition(f"\n{_SPEC}")
    if not found:
        return script
    memory, _, rest = rest.partition("\n")
    return f"{head}\n{_SPEC}{memory}\n{_SUM}{zlib.crc32(script.encode('latin-1')):08x}\n{rest}"
