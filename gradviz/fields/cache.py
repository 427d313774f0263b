"""Programs that were compiled before, kept on disk: a picture of the same expression then needs no SymPy.

What a file says is checked, operation by operation, against the closed table before it is a program. So a
broken file is ignored, and a foreign one can do nothing but arithmetic.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gradviz._version import __version__
from gradviz.errors import GradvizError
from gradviz.files import read_bounded, write_whole
from gradviz.process import uses_program_cache

_BYTES = 1 << 18  # of a file; what is larger is not kept
_FILES = 2_000  # when there are more, the older half is removed
_account = [0, 0]  # programs of this process: those from disk, and those compiled


class Cacheable(Protocol):
    """A value that is kept as plain data."""

    def to_plain(self) -> dict[str, object]:
        """Return the value as plain data."""


_Value = TypeVar("_Value", bound=Cacheable)


def cached(
    key: Mapping[str, object], from_plain: Callable[[Any], _Value], make: Callable[[], _Value]
) -> _Value:
    """Return the value of a key, from disk or else made and kept. `key` is plain data."""
    if not uses_program_cache():
        _account[1] += 1
        return make()
    asked = json.dumps({**key, "gradviz": __version__, "sympy": _stamp_of_sympy()}, sort_keys=True)
    path = folder() / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"
    found = _read(path, asked, from_plain)
    if found is None:
        found = make()
        _keep(path, asked, found)
        _account[1] += 1
    else:
        _account[0] += 1
    return found


def account() -> tuple[int, int]:
    """Return how many programs this process has had from disk so far, and how many it compiled."""
    return _account[0], _account[1]


def folder() -> Path:
    """Return where programs are kept: GRADVIZ_CACHE_DIR, or the system's place for such files."""
    chosen = os.environ.get("GRADVIZ_CACHE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("gradviz", appauthor=False)


def _stamp_of_sympy() -> str:
    """Return what tells one installation of SymPy from another, without importing it."""
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        found = Path(str(find_spec("sympy").origin)).with_name("release.py").stat()  # type: ignore[union-attr]
        return f"{found.st_mtime_ns} {found.st_size}"
    return ""


def _read(path: Path, asked: str, from_plain: Callable[[Any], _Value]) -> _Value | None:
    """Return the program in a file if it is one, and the one that was asked for."""
    try:
        found = json.loads(read_bounded(path, _BYTES))
        if found["key"] == asked:
            return from_plain(found["program"])
    except (GradvizError, ValueError, KeyError, TypeError, RecursionError):
        pass  # there is none, or none that can be used
    return None


def _keep(path: Path, asked: str, program: Cacheable) -> None:
    """Write a program into a file, if that can be done."""
    content = json.dumps({"key": asked, "program": program.to_plain()}).encode()
    if len(content) > _BYTES:
        return
    with contextlib.suppress(OSError, GradvizError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_room(path.parent)
        write_whole(path, content)


def _make_room(place: Path) -> None:
    files = [entry for entry in os.scandir(place) if entry.name.endswith(".json")]
    if len(files) >= _FILES:
        oldest = sorted(files, key=lambda entry: entry.stat().st_mtime)[: len(files) // 2]
        for entry in oldest:
            with contextlib.suppress(OSError):
                Path(entry.path).unlink()
