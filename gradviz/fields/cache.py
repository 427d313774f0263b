"""On-disk cache of compiled programs: the plot of an expression that was compiled before needs no SymPy.

A file is untrusted. Its content is validated, instruction by instruction, against the table of operations:
a damaged file is ignored, and a forged one can only do arithmetic.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

from gradviz._version import __version__
from gradviz.errors import GradvizError
from gradviz.files import read_bounded, write_whole
from gradviz.process import uses_program_cache

_MAX_BYTES = 1 << 18  # maximum size of a cache file: larger programs are compiled each time
_MAX_FILES = 2_000  # number of cache files from which the older half is deleted
_NAME = re.compile(r"[0-9a-f]{64}\.json")
_FORM = 3  # raised when the compiler gives another program for the same expression
_counts = [0, 0]  # programs read from disk, and programs compiled, in this process


class Cacheable(Protocol):
    """A value that can be written as plain data."""

    def to_plain(self) -> dict[str, object]:
        """Return the value as plain data."""


_Value = TypeVar("_Value", bound=Cacheable)
_Reader = Callable[[Any], _Value]  # Any: parsed JSON of an untrusted file, which the reader validates


def cached(key: Mapping[str, object], from_plain: _Reader[_Value], make: Callable[[], _Value]) -> _Value:
    """Return the value for `key`, plain data: read from disk by `from_plain`, or else computed by `make`.

    `from_plain` raises ValueError, KeyError or TypeError for malformed data.
    """
    if not uses_program_cache():
        _counts[1] += 1
        return make()
    full_key = json.dumps(
        {**key, "gradviz": __version__, "form": _FORM, "sympy": _sympy_stamp()}, sort_keys=True
    )
    path = folder() / _name(full_key)
    known = _read(path, full_key, from_plain)
    value = make() if known is None else known
    if known is None:
        _write(path, full_key, value)
    if "wanted" in key:  # a program, and not a text
        _counts[known is None] += 1
    return value


def account() -> tuple[int, int]:
    """Return the numbers of programs read from disk and of programs compiled by this process so far."""
    return _counts[0], _counts[1]


def folder() -> Path:
    """Return the cache folder: GRADVIZ_CACHE_DIR, or the user's cache folder on this system."""
    chosen = os.environ.get("GRADVIZ_CACHE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_path  # not at the top: `--help` and errors need no cache

    return user_cache_path("gradviz", appauthor=False)


def _sympy_stamp() -> str:
    """Return the modification time and size of a file of SymPy, which identify its version unimported."""
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        status = Path(str(find_spec("sympy").origin)).with_name("release.py").stat()  # type: ignore[union-attr]
        return f"{status.st_mtime_ns} {status.st_size}"
    return ""


def _read(path: Path, key: str, from_plain: _Reader[_Value]) -> _Value | None:
    """Return the value in a file, or None if the file is missing, malformed or for another key."""
    content = _content(path)
    with contextlib.suppress(ValueError, KeyError, TypeError):  # the value is computed instead
        if content.get("key") == key:
            return from_plain(content["program"])
    return None


def _content(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; it is empty for any other content."""
    try:
        found = json.loads(read_bounded(path, _MAX_BYTES))
    except (GradvizError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _name(key: str) -> str:
    return f"{hashlib.sha256(key.encode(errors='replace')).hexdigest()}.json"


def _write(path: Path, key: str, value: Cacheable) -> None:
    """Write a value to a file; do nothing if it is too large or the disk does not allow it."""
    content = json.dumps({"key": key, "program": value.to_plain()}).encode()
    if len(content) > _MAX_BYTES:
        return
    with contextlib.suppress(OSError, GradvizError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _delete_old_files(path.parent)
        write_whole(path, content)


def _delete_old_files(cache: Path) -> None:
    """Delete the older half of the cache files if there are `_MAX_FILES` or more, and no other file."""
    with os.scandir(cache) as entries:
        files = [e for e in entries if _NAME.fullmatch(e.name) and e.is_file(follow_symlinks=False)]
    if len(files) >= _MAX_FILES:
        for entry in sorted(files, key=lambda entry: entry.stat().st_mtime)[: len(files) // 2]:
            path = Path(entry.path)
            with contextlib.suppress(OSError):
                if _is_ours(path):
                    path.unlink()


def _is_ours(path: Path) -> bool:
    """Return whether the name of a file is the digest of the key in it."""
    key = _content(path).get("key")
    return isinstance(key, str) and _name(key) == path.name
