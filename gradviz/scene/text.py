"""Texts of a scene: words with or without mathtext, and the parts of a title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FontSize = float | Literal["small", "medium", "large", "title"]
"""A size in points, relative to the font size of the style, or that of the fitted title of the scene."""


@dataclass(frozen=True)
class Text:
    """A text; `math` says whether what stands between dollar signs is mathtext."""

    text: str
    math: bool = True
    size: FontSize | None = None
    formula_font: bool = False  # whether plain words have the font of the style's formulas


@dataclass(frozen=True)
class Title:
    """A title whose lines the output fits to its width.

    It is the user's own (`own`), or a formula in mathtext: `left` is "f(x) =", `terms` are the terms of a
    sum, between which a line may end. `plain` is the formula as it was typed, for one that is too long to be
    typeset. `below` are further lines of mathtext, and `caption` the value of a swept parameter as plain
    text.
    """

    own: str | None
    left: str
    terms: tuple[str, ...]
    plain: str
    below: tuple[str, ...] = ()
    caption: str = ""
