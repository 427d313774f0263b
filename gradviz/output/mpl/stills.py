"""Static pictures as PNG, SVG and PDF.

Equal specs give equal bytes on one machine: no date is written, and SVG's identifiers have a fixed salt.
"""

from __future__ import annotations

import html
import io
import os
import re
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gradviz.output.formats import Encoded, Format, Inside, ours

if TYPE_CHECKING:
    from gradviz.output.mpl.types import Keywords
    from gradviz.scene.scene import Frames, Scene
    from gradviz.specs import Spec

_PDF_KEYWORDS = re.compile(rb"/Keywords \(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_SVG_SOURCE = re.compile(r"<dc:source>(.*?)</dc:source>", re.DOTALL)


class _Still(Format):
    """A format that Matplotlib writes."""

    @abstractmethod
    def metadata(self, inside: Inside) -> Keywords:
        """Return the metadata of the file, by Matplotlib's names."""

    def refuse(self, spec: Spec) -> None:
        """Raise RequestError for a sweep that has no room in panels."""
        if not spec.frame_rate:
            spec.refuse_panels()

    def encode(self, scene: Scene | Frames, inside: Inside, advance: Callable[[], object]) -> Encoded:
        """Return the picture as the content of a file."""
        from gradviz.output.mpl.picture import picture_of

        buffer, picture = io.BytesIO(), picture_of(scene)
        with _undated():
            form = type(self).__name__.lower()
            picture.savefig(buffer, format=form, metadata=self.metadata(inside), dpi=picture.scene.dpi)
        advance()
        return Encoded(buffer.getvalue(), picture.warnings)


class Png(_Still):
    """Pixels, with the spec in a text chunk of its own."""

    def metadata(self, inside: Inside) -> Keywords:
        """Return the text chunks."""
        return {
            "Software": inside.software,
            "Title": inside.title,
            "Description": inside.description,
            "gradviz": inside.memory,
        }

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
    """Vectors for the web."""

    def metadata(self, inside: Inside) -> Keywords:
        """Return the Dublin Core terms."""
        return {
            "Creator": inside.software,
            "Date": None,
            "Title": inside.title,
            "Description": inside.description,
            "Source": inside.memory,
        }

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
    """Vectors for print."""

    def metadata(self, inside: Inside) -> Keywords:
        """Return the entries of the document's information."""
        return {
            "Creator": inside.software,
            "Producer": None,
            "Title": inside.title,
            "Subject": inside.description,
            "CreationDate": None,
            "Keywords": inside.memory,
        }

    def memory_in(self, content: bytes) -> str | None:
        """Return the keywords, if they are ours."""
        match = _PDF_KEYWORDS.search(content) if content.startswith(b"%PDF") else None
        return _pdf_text(match[1]) if match else None


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
