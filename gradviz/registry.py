"""Registries: members of a family by the names that users type, each imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Literal, TypeVar

Method = Literal["adaptive", "central", "complex", "exact"]
"""Names of the ways to compute a gradient; they stand here since options need them without NumPy."""

_Member = TypeVar("_Member")


class Registry(Mapping[str, _Member]):
    """The members of a family by their names, each made from its class.

    `places` says of each in which module of a package its class stands, and what it is called there.
    """

    def __init__(self, package: str, places: Mapping[str, str], make: Callable[[Any], _Member]) -> None:
        self._package, self._places, self._make = package, places, make

    def __getitem__(self, name: str) -> _Member:
        module, _, inside = self._places[name].rpartition(".")
        return self._make(getattr(import_module(f"{self._package}.{module}"), inside))

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
