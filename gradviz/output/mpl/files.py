"""Pictures by Matplotlib as files: PNG, SVG, PDF and WebP, and GIF for animations, each with the spec inside.

Equal specs give equal bytes on one machine: no date is written, and SVG's identifiers have a fixed salt.
"""

from __future__ import annotations

import html
import io
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from gradviz.errors import RequestError
from gradviz.limits import METADATA_CHARACTERS
from gradviz.output.formats import (
    DIGEST,
    FOUND_BYTES,
    STILLS,
    Encoded,
    Format,
    Inside,
    Memory,
    between,
    ours,
    refuse_pixels,
    unescaped,
)

if TYPE_CHECKING:
    from gradviz.output.mpl.picture import Picture
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_PNG_CHUNK = struct.Struct(">I4s")  # the length of the data and the kind; the data and a checksum follow
_PARTS = 20_000  # chunks of a PNG, or blocks of a GIF, among which the spec is: it has 4,200 blocks at most
_PNG_KEY = b"gradviz\0"
_PDF_LITERAL = re.compile(rb"((?:[^()\\]++|\\.)*+)\)", re.DOTALL)
_PDF_KEYWORDS = b"/Keywords ("
_GIF_DIGEST = b"\n" + DIGEST + b":"
_PDF_TRAILER = b"trailer\n<<"
_RIFF_CHUNK = struct.Struct("<4sI")  # the kind and the length of the data, which is padded to an even one
_WEBP_DIGEST = b"gvDG"  # kind of a chunk of our own, which readers pass over
_XMP = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreatorTool>{software}</xmp:CreatorTool>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{description}</rdf:li></rdf:Alt></dc:description>
<dc:source>{memory}</dc:source>
</rdf:Description></rdf:RDF></x:xmpmeta>
"""
_NOT_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")  # in UTF-8


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

    beginning: ClassVar = b"\x89PNG\r\n\x1a\n"
    ending: ClassVar = b"\0\0\0\0IEND\xaeB`\x82"
    software: ClassVar = b"tEXtSoftware\0gradviz %s"

    def content_of(self, picture: Picture, fields: Mapping[str, str]) -> bytes:
        """Return the pixels of a picture as the content of a file."""
        texts = {name: fields[field] for name, field in self.names.items() if field and fields[field]}
        return picture.png(texts)

    def find(self, content: bytes) -> Memory | None:
        """Return the text chunk of ours before the pixels, which are not looked at."""
        place = len(self.beginning)
        for _ in range(_PARTS if content.startswith(self.beginning) else 0):
            if place + _PNG_CHUNK.size > len(content):
                break
            length, kind = _PNG_CHUNK.unpack_from(content, place)
            start, end = place + _PNG_CHUNK.size, place + length + 12
            if kind == b"IDAT":
                break
            if kind in (b"tEXt", b"zTXt", b"iTXt") and content.startswith(_PNG_KEY, start):
                chunk = memoryview(content)[place + 4 : end]
                if chunk[-4:] == zlib.crc32(chunk[:-4]).to_bytes(4):
                    return Memory(_png_text(kind, bytes(chunk[4 + len(_PNG_KEY) : -4][:FOUND_BYTES])), end)
            place = end
        return None

    def digest_part(self, digest: bytes) -> bytes:
        """Return a text chunk."""
        chunk = b"tEXt" + DIGEST + b"\0" + digest
        return (len(chunk) - 4).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4)


class Svg(_Still):
    """Vectors for the web, with the spec in a term of Dublin Core."""

    names: ClassVar = {
        "Creator": "software", "Date": None, "Title": "title", "Description": "description",
        "Source": "memory",
    }  # fmt: skip

    beginning: ClassVar = b'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!DOCTYPE svg PUBLIC'
    ending: ClassVar = b"</svg>\n"
    software: ClassVar = b"<dc:title>gradviz %s</dc:title>"

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the picture, whose description stands beside its title, where screen readers look for it.

        Characters that XML has not are replaced.
        """
        content, warnings = super().encode(scene, inside, advance)
        title = b"</title>\n"
        described = f" <desc>{html.escape(inside.description, quote=False)}</desc>\n".encode()
        content = content.replace(title, title + described, 1).replace(b"<svg ", b'<svg role="img" ', 1)
        return Encoded(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}".encode(), content), warnings)

    def find(self, content: bytes) -> Memory | None:
        """Return the source, if it is ours."""
        source = content.startswith(b"<?xml") and between(content, b"<dc:source>", b"</dc:source>")
        return ours(unescaped(source[0]), source[1]) if source else None

    def digest_part(self, digest: bytes) -> bytes:
        """Return a term of Dublin Core."""
        return b"\n    <dc:identifier>%s:%s</dc:identifier>" % (DIGEST, digest)


class Pdf(_Still):
    """Vectors for print, with the spec in the keywords of the document."""

    names: ClassVar = {
        "Creator": "software", "Producer": None, "Title": "title", "Subject": "description",
        "CreationDate": None, "Keywords": "memory",
    }  # fmt: skip

    beginning: ClassVar = b"%PDF-1.4\n"
    ending: ClassVar = b"\n%%EOF\n"
    software: ClassVar = b"/Creator (gradviz %s)"

    def find(self, content: bytes) -> Memory | None:
        """Return the keywords, if they are ours. The digest in the trailer moves no object."""
        start = content.find(_PDF_KEYWORDS) + len(_PDF_KEYWORDS) if content.startswith(b"%PDF") else 0
        if start < len(_PDF_KEYWORDS):
            return None
        literal = _PDF_LITERAL.match(content, start, start + FOUND_BYTES)
        return (
            ours(_pdf_text(literal[1]), content.rfind(_PDF_TRAILER) + len(_PDF_TRAILER)) if literal else None
        )

    def digest_part(self, digest: bytes) -> bytes:
        """Return an entry of the trailer."""
        return b" /%s <%s>" % (DIGEST, digest)


class Gif(Format):
    """Frames, one after the other, with the spec in a comment."""

    moves: ClassVar = "always"
    ending: ClassVar = b";"

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a figure in which nothing can move."""
        if spec.animated() is None:
            stills = f".{', .'.join(STILLS)}"
            problem = f"a {spec.kind} figure does not move and is no .gif; write {stills}"
            raise RequestError(problem, ", or let it move with ", spec.way_to_animate)
        _refuse_frames(spec)

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the frames of an animation, first to last. Raises RequestError if they are too many."""
        from gradviz.output.mpl.animation import animation_of

        return Encoded(animation_of(scene, (inside.description, inside.memory), advance))

    def find(self, content: bytes) -> Memory | None:
        """Return the comment of ours before the frames, which are not looked at."""
        if not content.startswith((b"GIF87a", b"GIF89a")):
            return None
        flags = content[10] if len(content) > 10 else 0
        place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)  # behind the head and the palette
        parts = iter(range(_PARTS))
        while (label := content[place : place + 2]).startswith(b"!") and next(parts, None) is not None:
            place += 2
            text = bytearray()
            while (size := int.from_bytes(content[place : place + 1])) and next(parts, None) is not None:
                text += content[place + 1 : place + 1 + size]
                place += 1 + size
            told, _, digest = bytes(text).partition(_GIF_DIGEST)
            if label == b"!\xfe" and (memory := ours(told, place - len(self.digest_part(digest)))):
                return memory if digest else Memory(memory.text, place)
            place += 1
        return None

    def digest_part(self, digest: bytes) -> bytes:
        """Return the last block of the comment that holds the spec."""
        return bytes([len(_GIF_DIGEST) + len(digest) & 0xFF]) + _GIF_DIGEST + digest


class Webp(Format):
    """Pixels of a picture or of the frames of an animation, with the spec in the metadata."""

    moves: ClassVar = "if asked"
    had_digests: ClassVar = True

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a sweep that has no room in panels, and for too many frames."""
        if spec.frame_rate:
            _refuse_frames(spec)
        else:
            spec.refuse_panels()

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the picture, or its frames. Raises RequestError if it is too large for the format."""
        from gradviz.output.mpl.webp import webp

        fields = {name: html.escape(text, quote=False) for name, text in inside._asdict().items()}
        metadata = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}".encode(), _XMP.format(**fields).encode())
        content, warnings = webp(scene, metadata, advance)
        # The length in the head counts the digest, which is not there yet.
        length = len(content) + len(self.digest_part(self.digest([]))) - _RIFF_CHUNK.size
        return Encoded(_RIFF_CHUNK.pack(b"RIFF", length) + content[_RIFF_CHUNK.size :], warnings)

    def find(self, content: bytes) -> Memory | None:
        """Return the source in the metadata, if it is ours; the digest is behind all chunks but its own."""
        if not (content.startswith(b"RIFF") and content.startswith(b"WEBP", _RIFF_CHUNK.size)):
            return None
        place, source = _RIFF_CHUNK.size + 4, None
        for _ in range(_PARTS):
            if place + _RIFF_CHUNK.size > len(content) or content.startswith(_WEBP_DIGEST, place):
                break
            kind, length = _RIFF_CHUNK.unpack_from(content, place)
            end = place + _RIFF_CHUNK.size + length + length % 2
            if kind == b"XMP ":
                source = between(content[place:end], b"<dc:source>", b"</dc:source>")
            place = end
        return ours(unescaped(source[0]), min(place, len(content))) if source else None

    def digest_part(self, digest: bytes) -> bytes:
        """Return a chunk."""
        text = DIGEST + b":" + digest
        return _RIFF_CHUNK.pack(_WEBP_DIGEST, len(text)) + text + b"\0" * (len(text) % 2)


def _refuse_frames(spec: Spec) -> None:
    """Raise RequestError for an animation whose frames have too many pixels, before it is sampled."""
    from gradviz.figures.layout import least_size

    width, height = (int(inches * spec.dpi) for inches in least_size(spec))
    refuse_pixels(spec.frame_count, width, height)


@contextmanager
def _undated() -> Iterator[None]:
    """Hide the date of a build, which Matplotlib reads, and fails over where it is no number."""
    date = os.environ.pop("SOURCE_DATE_EPOCH", None)
    try:
        yield
    finally:
        if date is not None:
            os.environ["SOURCE_DATE_EPOCH"] = date


def _pdf_text(literal: bytes) -> bytes:
    r"""Return the text of a PDF string, in which ( ) and \ are escaped; it holds no null."""
    pairs = ((b"\\\\", b"\0"), (b"\\n", b"\n"), (b"\\r", b"\r"), (b"\\", b""), (b"\0", b"\\"))
    for escaped, plain in pairs:
        literal = literal.replace(escaped, plain)
    return literal


def _png_text(kind: bytes, data: bytes) -> str:
    """Return the text of a chunk from the data behind its keyword, cut off behind the longest spec."""
    is_packed = kind == b"zTXt"
    if kind == b"iTXt":  # a flag, a method, a language and a keyword in it stand before the text
        is_packed, data = data[:1] == b"\1", data[2:].split(b"\0", 2)[-1]
    elif is_packed:
        data = data[1:]  # the method
    if is_packed:
        try:
            data = zlib.decompressobj().decompress(data, METADATA_CHARACTERS + 1)
        except zlib.error:
            data = b""
    return data[: METADATA_CHARACTERS + 1].decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")
