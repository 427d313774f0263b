"""Fonts by the names of their families."""

from __future__ import annotations

from gradviz.errors import RequestError, did_you_mean, listed, visible
from gradviz.process import installed_fonts

_SHIPPED = ("DejaVu Sans", "DejaVu Serif", "STIXGeneral")  # fonts that come with Matplotlib


def check_font(value: object) -> object:
    """Return the name of a font family as it is installed. Raises RequestError for another text."""
    if not isinstance(value, str):
        return value
    wanted = value.strip().lower()
    for renewed in (False, True):
        names = installed_fonts(renewed=renewed)
        if same := [name for name in names if name.lower() == wanted]:
            return same[0]
    near = [name for name in names if wanted and wanted in name.lower()]
    hint = did_you_mean(value.strip(), names) or f"use for example {listed(near or _SHIPPED)}"
    raise RequestError(f"must be the name of an installed font, got '{visible(value)}'; {hint}")
