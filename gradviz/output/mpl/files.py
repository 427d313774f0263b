"""Pictures by Matplotlib as files: PNG, SVG and PDF, and GIF for animations, each with the spec inside.

Equal specs give equal bytes on one machine: no date is written, and SVG's identifiers have a fixed salt.
"""

from __future__ import annotations

import html
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from gradviz.errors import RequestError
from gradviz.output.formats import STILLS, Encoded, Format, Inside, ours

if TYPE_CHECKING:
    from gradviz.output.mpl.picture import Picture
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_PDF_KEYWORDS = re.compile(rb"/Keywords \(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_SVG_SOURCE = re.compile(r"<dc:source>(.*?)</dc:source>", re.DOTALL)


class _Still(Format):
    """A format that Matplotlib writes."""

    names: ClassVar[Mapping[str, str | None]]
    """For each of Matplotlib's names of metadata that of a field of `Inside`, or None to write nothing."""

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a sweep that has no room in panels."""
        if not spec.frame_rate:
            spec.refuse_panels()

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the picture as the content of a file."""
        from gradviz.output.mpl.picture import picture_of

        picture = picture_of(scene)
        content = self.content_of(picture, inside._asdict())
        advance()
        return Encoded(content, picture.warnings)

    def content_of(self, picture: Picture, fields: Mapping[str, str]) -> bytes:
        """Return a picture as the content of a file, with some texts in it."""
        buffer, form = io.BytesIO(), type(self).__name__.lower()
        metadata = {name: field and fields[field] for name, field in self.names.items()}
        with _undated():
            picture.savefig(buffer, format=form, metadata=metadata, dpi=picture.scene.dpi)
        return buffer.getvalue()


class Png(_Still):
    """Pixels, with the spec in a text chunk of its own."""

    names: ClassVar = {
        "Software": "software", "Title": "title", "Description": "description", "gradviz": "memory",
    }  # fmt: skip

    def content_of(self, picture: Picture, fields: Mapping[str, str]) -> bytes:
        """Return the pixels of a picture as the content of a file."""
        texts = {name: fields[field] for name, field in self.names.items() if field and fields[field]}
        return picture.png(texts)

    def memory_in(self, content: bytes) -> str | None:
        """Return the text chunk of ours."""
        if not content.startswith(b"\x89PNG"):
            return None
        from PIL import PngImagePlugin

        try:
            with PngImagePlugin.PngImageFile(io.BytesIO(content)) as image:
                text = image.info.get("gradviz")
        except (OSError, SyntaxError, ValueError):
            return None
        return str(text) if text is not None else None


class Svg(_Still):
    """Vectors for the web, with the spec in a term of Dublin Core."""

    names: ClassVar = {
        "Creator": "software", "Date": None, "Title": "title", "Description": "description",
        "Source": "memory",
    }  # fmt: skip

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the picture, whose description stands beside its title, where screen readers look for it."""
        content, warnings = super().encode(scene, inside, advance)
        title = b"</title>\n"
        described = f" <desc>{html.escape(inside.description, quote=False)}</desc>\n".encode()
        content = content.replace(title, title + described, 1).replace(b"<svg ", b'<svg role="img" ', 1)
        return Encoded(content, warnings)

    def memory_in(self, content: bytes) -> str | None:
        """Return the source, if it is ours."""
        if not content.startswith(b"<?xml"):
            return None
        source = _SVG_SOURCE.search(content.decode("utf-8", "replace"))
        return ours(html.unescape(source[1]) if source else None)


class Pdf(_Still):
    """Vectors for print, with the spec in the keywords of the document."""

    names: ClassVar = {
        "Creator": "software", "Producer": None, "Title": "title", "Subject": "description",
        "CreationDate": None, "Keywords": "memory",
    }  # fmt: skip

    def memory_in(self, content: bytes) -> str | None:
        """Return the keywords, if they are ours."""
        match = _PDF_KEYWORDS.search(content) if content.startswith(b"%PDF") else None
        return _pdf_text(match[1]) if match else None


class Gif(Format):
    """Frames, one after the other, with the spec in a comment."""

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


@contextmanager
def _undated() -> Iterator[None]:
    """Hide the date of a build, which Matplotlib reads, and fails over where it is no number."""
    date = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = date


def _pdf_text(literal: bytes) -> str | None:
    r"""Return the text of a PDF string, in which ( ) and \ are escaped."""
    plain = re.sub(rb"\\(.)", lambda match: {b"n": b"\n", b"r": b"\r"}.get(match[1], match[1]), literal)
    return ours(plain.decode("ascii", "replace"))
