"""Texts of a scene: words with or without mathtext, and the parts of a title."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

_MAX_PARTS = 12  # largest denominator of a multiple of pi
_PI_ROUNDING = 1e-12  # relative error of a multiple of pi

FontSize = float | Literal["small", "medium", "large", "title"]
"""A size in points, relative to the font size of the style, or that of the fitted title of the scene."""


@dataclass(frozen=True)
class Text:
    """A text; `math` says whether what stands between dollar signs is mathtext."""

    text: str
    math: bool = True
    size: FontSize | None = None


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


def multiples_of_pi(values: Sequence[float]) -> tuple[str, ...] | None:
    r"""Return values as mathtext in multiples of pi, None if one of them is none or all are 0.

    >>> multiples_of_pi((0.0, math.pi / 2))
    ('$0$', '$\\pi/2$')
    """
    shares = [Fraction(value / math.pi).limit_denominator(_MAX_PARTS) for value in values]
    largest = max(map(abs, values), default=0.0)
    errors = (abs(float(share) * math.pi - value) for share, value in zip(shares, values, strict=True))
    if not largest or any(error > _PI_ROUNDING * largest for error in errors):
        return None
    return tuple(map(_multiple_of_pi, shares))


def _multiple_of_pi(share: Fraction) -> str:
    """Return a multiple of pi as mathtext."""
    above, below = share.as_integer_ratio()
    if not above:
        return "$0$"
    factor = {1: "", -1: "-"}.get(above, str(above))
    return rf"${factor}\pi{'' if below == 1 else f'/{below}'}$"
