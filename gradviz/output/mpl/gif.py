"""GIF: animations, with the spec in a comment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from gradviz.errors import RequestError
from gradviz.output.formats import STILLS, Encoded, Format, Inside, ours

if TYPE_CHECKING:
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec


class Gif(Format):
    """Frames, one after the other."""

    moves: ClassVar[bool] = True

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a figure in which nothing can move."""
        if spec.animated() is None:
            stills = f".{', .'.join(STILLS)}"
            problem = f"a {spec.kind} figure does not move and is no .gif; write {stills}"
            raise RequestError(problem, ", or let it move with ", spec.way_to_animate)

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the frames of an animation, first to last. Raises RequestError if they are too many."""
        from gradviz.output.mpl.animation import animation
        from gradviz.output.mpl.picture import picture_of

        texts = (inside.description, inside.memory)
        return Encoded(animation(picture_of(scene), texts, scene.rate or 1, advance))

    def memory_in(self, content: bytes) -> str | None:
        """Return the comment of ours before the frames, which are not looked at."""
        if not content.startswith((b"GIF87a", b"GIF89a")):
            return None
        flags = content[10] if len(content) > 10 else 0
        place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # behind the head and the palette
        while (label := content[place : place + 2]).startswith(b"!"):
            place += 2
            blocks = []
            while size := int.from_bytes(content[place : place + 1]):
                blocks.append(content[place + 1 : place + 1 + size])
                place += 1 + size
            place += 1
            text = b"".join(blocks).decode("ascii", "replace")
            if label == b"!\xfe" and ours(text):
                return text
        return None
