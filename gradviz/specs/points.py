"""Points of a plane with names, and constraints."""

from __future__ import annotations

from collections.abc import Sequence

from gradviz.errors import RequestError, shown
from gradviz.specs.values import label, point

_NAMED_LENGTH = 3  # number of items of a point with its name


def named_points(value: object) -> tuple[tuple[float, float, str], ...]:
    """Return points (x, y, name) from one or several, each X0,X1[:NAME] or such a list; a name may be ""."""
    return tuple(map(_named_point, _items(value)))


def plane_points(value: object) -> tuple[tuple[float, float], ...]:
    """Return points (x, y) from one or several, each X0,X1 or a list of two numbers."""
    return tuple(map(point, _items(value)))


def constraints(value: object) -> tuple[str, ...]:
    """Return the texts of equations from one or several."""
    texts = list(value) if isinstance(value, (list, tuple)) else [value]
    for text in texts:
        if not isinstance(text, str):
            raise RequestError(f"must be an equation, got {shown(text)}; use for example 'x + y = 1'")
    return tuple(map(str, texts))


def _items(value: object) -> Sequence[object]:
    """Return a list of points, of a single one as well."""
    if not isinstance(value, (list, tuple)):
        return [value]
    many = len(value) < 2 or all(isinstance(item, (list, tuple)) or "," in str(item) for item in value)
    return value if many else [value]


def _named_point(value: object) -> tuple[float, float, str]:
    name: object = ""
    given = value
    if isinstance(value, str):
        given, colon, name = value.partition(":")
        if colon and not name.strip():
            raise RequestError(f"must have a name after the colon, got {shown(value)}; use X0,X1:NAME")
    elif isinstance(value, (list, tuple)) and len(value) == _NAMED_LENGTH:
        *given, name = value
    text = label(name)
    if not isinstance(text, str) or "\n" in text:
        raise RequestError(f"the name of a point must be one line of text, got {shown(name)}")
    return (*point(given), text.strip())
