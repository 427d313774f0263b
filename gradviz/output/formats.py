"""The formats of files that pictures are written in: one class each, and one line here."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from gradviz.errors import Message, Ref, RequestError
from gradviz.limits import FRAME_PIXELS, METADATA_CHARACTERS
from gradviz.registry import Registry

if TYPE_CHECKING:
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

DIGEST = b"gradviz-sha256"
"""The name of the digest in a file."""
FOUND_BYTES = 4 * METADATA_CHARACTERS
"""Largest size of a spec in a file, with its escapes."""


class Inside(NamedTuple):
    """The metadata of a picture."""

    software: str
    title: str
    """The name of the picture, in one line."""
    description: str
    """What it shows, as an alternative text."""
    memory: str
    """The spec, as ASCII text, from which the picture can be drawn again."""


class Encoded(NamedTuple):
    """The content of a file, and warnings of what it does not show."""

    content: bytes
    warnings: tuple[Message, ...] = ()


class Memory(NamedTuple):
    """The spec in the content of a file, as text, and the index at which the digest stands."""

    text: str
    place: int


class Format(ABC):
    """A format of files. Nothing heavy is imported before something is encoded."""

    moves: ClassVar[Literal["never", "if swept", "if asked", "always"]] = "never"
    """Whether it shows animations; "if swept" are sweeps alone, whether or not an animation was asked for."""
    beginning: ClassVar[bytes] = b""
    ending: ClassVar[bytes] = b""
    software: ClassVar[bytes] = b""
    """Where a file names the version of gradviz that wrote it, `%s`."""
    had_digests: ClassVar[bool] = False
    """Whether all versions that wrote the format wrote digests; others did from the second release on."""
    mark: ClassVar[bytes] = DIGEST
    """What every file with a digest contains."""

    def refuse(self, spec: Spec) -> None:  # noqa: B027 - most formats hold any picture
        """Raise RequestError for a picture that the format cannot hold."""

    @abstractmethod
    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return a scene as the content of a file; `advance` is called after each frame.

        Raises RequestError for a scene that the format cannot hold.
        """

    @abstractmethod
    def find(self, content: bytes) -> Memory | None:
        """Return the spec that gradviz left in a file of this format, None for any other content.

        `content` is untrusted: time is linear in its length, and all that is copied is at most FOUND_BYTES.
        """

    def memory_in(self, content: bytes) -> str | None:
        """Return the text that gradviz left in a file of this format, None for any other content."""
        memory = self.find(content)
        return memory and memory.text

    @abstractmethod
    def digest_part(self, digest: bytes) -> bytes:
        """Return the part of a file that holds DIGEST and a digest of all the other parts."""

    def digest(self, parts: Iterable[memoryview]) -> bytes:
        """Return the digest of parts of a file, one after the other, in hexadecimal digits."""
        found = hashlib.sha256()
        for part in parts:
            found.update(part)
        return found.hexdigest().encode()

    def sealed(self, content: bytes) -> bytes:
        """Return the content of a file of gradviz with its digest."""
        memory = self.find(content)
        if memory is None:  # a picture that no format reads back needs no digest
            return content
        place = memory.place
        return content[:place] + self.digest_part(self.digest([memoryview(content)])) + content[place:]

    def is_as_written(self, content: bytes, memory: Memory, version: str) -> bool:
        """Return whether a file has not been changed since a version of gradviz wrote it.

        Version 0.1.0 wrote no digests: changes of its files are seen at their beginnings and ends only.
        """
        if self.mark not in content:
            program = self.software % version.encode("ascii", "replace") if self.software else b""
            is_whole = content.startswith(self.beginning) and content.endswith(self.ending)
            return is_whole and program in content and not self.had_digests
        start, view = memory.place, memoryview(content)
        stop = start + len(self.digest_part(self.digest([])))
        return content[start:stop] == self.digest_part(self.digest([view[:start], view[stop:]]))


FORMATS: Registry[Format] = Registry(
    "gradviz.output",
    {
        "png": "mpl.files.Png",
        "svg": "mpl.files.Svg",
        "pdf": "mpl.files.Pdf",
        "webp": "mpl.files.Webp",
        "gif": "mpl.files.Gif",
        "py": "script.Script",
        "html": "page.html.Page",
    },
    make=lambda form: form(),
)
"""The formats by their suffixes."""
STILLS = ("png", "svg", "pdf", "webp")
"""The formats of pictures that stand still and need nothing else, the usual one first."""
MOVING = "gif"
"""The format of a picture that moves."""
_NO_PAGES = ("quiver", "stream", "pairs")
"""Kinds of figures with marks that a page does not know. Help needs them before any import."""
_SCRIPTS = ("tangent", "surface", "contour", "quiver", "stream", "descent")
"""Kinds of figures that can be scripts, whose code names what its arrays are."""


def formats_of(kind: type[Spec]) -> tuple[str, ...]:
    """Return the formats that can hold a kind of figure, for some of its fields at least."""
    name = kind.model_fields["kind"].default
    without = {"html": name in _NO_PAGES, "py": name not in _SCRIPTS}
    return tuple(form for form in FORMATS if not without.get(form))


def refuse_sweep(spec: Spec, what: str) -> None:
    """Raise RequestError for several pictures, or an animation, in a format of one still picture."""
    if spec.sweep or spec.animated_by != "animate":
        others = f"; write .{', .'.join(STILLS)} or .{MOVING}"
        raise RequestError(f"{what} shows one picture, without ", Ref("sweep"), " and ", Ref("spin"), others)


def refuse_pixels(frames: int, width: int, height: int) -> None:
    """Raise RequestError for an animation whose frames have too many pixels in all."""
    if frames * width * height > FRAME_PIXELS:
        size = f"{frames} frames of {width:,} x {height:,} pixels are more than {FRAME_PIXELS:,} pixels"
        lower = Message("lower ", Ref("dpi"), " or ", Ref("size"), ", or show fewer steps")
        raise RequestError(f"{size}; ", lower)


def between(content: bytes, before: bytes, after: bytes, most: int | None = None) -> tuple[bytes, int] | None:
    """Return the bytes between the first `before` and the next `after`, and the index behind these.

    `before` begins among the first `most` bytes; `after` within FOUND_BYTES behind it.
    """
    start = content.find(before, 0, most)
    stop = content.find(after, start + len(before), start + FOUND_BYTES) if start >= 0 else -1
    return (content[start + len(before) : stop], stop + len(after)) if stop >= 0 else None


def ours(text: bytes | str, place: int) -> Memory | None:
    """Return a text as a memory if gradviz wrote it, and not another program in the same place."""
    plain = text if isinstance(text, str) else text.decode("ascii", "replace")
    return Memory(plain, place) if plain.startswith('{"gradviz"') else None


def unescaped(text: bytes) -> str:
    """Return the text of XML or HTML in which the characters of markup are escaped, and no others."""
    plain = text.decode("utf-8", "replace")
    for escaped, character in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("#x27", "'"), ("amp", "&")):
        plain = plain.replace(f"&{escaped};", character)
    return plain
