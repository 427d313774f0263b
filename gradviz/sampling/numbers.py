"""Values as texts, in as few digits as tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_DIGITS = 4
_MOST_DIGITS = 17  # enough for any two doubles to differ


def format_value(value: float, digits: int = _DIGITS) -> str:
    """Return a number with some significant digits as mathtext, very large and small ones as a power of ten.

    A number without a power of ten has two more digits.
    """
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if value == 0 or -4 < int(exponent) < 5:
        return f"{value:.{digits + 2}g}".replace("-", "\N{MINUS SIGN}")
    short, ten = mantissa.rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}"), rf"10^{{{int(exponent)}}}"
    whole = ten if short == "1" else rf"{short} \times {ten}"
    return rf"$\mathdefault{{{whole}}}$"


def format_values(values: Sequence[float]) -> dict[float, str]:
    """Return each number with its text; there are as many digits as make all texts different."""
    for digits in range(_DIGITS, _MOST_DIGITS + 1):
        texts = {value: format_value(value, digits) for value in values}
        if len({*texts.values()}) == len(texts):
            break
    return texts


def format_point(point: Iterable[float]) -> str:
    """Return a point (D,) as text, such as "(1, -2.5)"."""
    return f"({', '.join(f'{x:g}' for x in point)})"
