"""Derivatives as text, and what the text leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gradviz.limits import EXPRESSION_CHARACTERS


class Description(NamedTuple):
    """A derivative as text, and what the text leaves out; both are empty if the text is too long."""

    text: str = ""
    """An expression that parses back to the same values."""
    remarks: tuple[str, ...] = ()
    """Ties and the domain."""


class Descriptions(NamedTuple):
    """The descriptions of the D partial derivatives of an expression."""

    parts: tuple[Description, ...]

    def to_plain(self) -> dict[str, object]:
        """Return the texts as plain data."""
        return {"parts": [[text, [*remarks]] for text, remarks in self.parts]}

    @classmethod
    def from_plain(cls, plain: dict[str, Sequence[tuple[str, Sequence[str]]]], count: int) -> Descriptions:
        """Return the descriptions of `count` derivatives in plain data.

        A file can be forged: a text is one line that can be printed, and about as long as an expression at
        most. Raises ValueError, KeyError or TypeError for other data.
        """
        parts = tuple(Description(text, tuple(remarks)) for text, remarks in plain["parts"])
        texts = [text for part in parts for text in (part.text, *part.remarks)]
        if len(parts) != count or not all(map(str.isprintable, texts)):
            raise ValueError("no descriptions of the derivatives")
        if max(map(len, texts), default=0) > 2 * EXPRESSION_CHARACTERS:
            raise ValueError("a text is too long")
        return cls(parts)
