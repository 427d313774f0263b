"""Lazy registry: maps user-visible names to members, and imports each on first access."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Literal, TypeVar

Method = Literal["adaptive", "central", "complex", "exact"]
"""Names of the methods to compute a gradient, here because the command line needs them without NumPy."""

_Member = TypeVar("_Member")


class Registry(Mapping[str, _Member]):
    """Read-only mapping from names to members, each `make(class)`.

    `classes` maps each name to MODULE.CLASS in `package`.
    """

    def __init__(self, package: str, classes: Mapping[str, str], make: Callable[..., _Member]) -> None:
        self._package, self._classes, self._make = package, classes, make

    def __getitem__(self, name: str) -> _Member:
        module, _, kind = self._classes[name].rpartition(".")
        return self._make(getattr(import_module(f"{self._package}.{module}"), kind))

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)
