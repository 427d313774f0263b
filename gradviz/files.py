"""Atomic writing of files, and bounded reading."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from gradviz.errors import Argument, OutputError, visible

_MODE = 0o666  # permissions of a new file before the umask


def check_target(path: Path, is_ours: Callable[[Path], bool] | None, *, force: bool = False) -> Path:
    """Return the path to write a file to, with symbolic links resolved. Raises OutputError.

    Without `force`, an existing file must be accepted by `is_ours`; with None, there must be none.
    """
    shown = visible(str(path), 200)
    try:
        target = path.resolve()
        mode = target.stat().st_mode if target.exists() else None
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(f"cannot write {shown}: {_reason(error)}") from None
    if not target.parent.is_dir():
        folder = visible(str(target.parent), 200)
        if target.parent.exists():
            raise OutputError(f"cannot write {shown}: {folder} is not a folder")
        raise OutputError(f"cannot write {shown}: folder {folder} does not exist; create it first")
    if mode is None:
        return target
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise OutputError(f"cannot write {shown}: it is {kind}; use another name")
    if force or (is_ours is not None and is_ours(target)):
        return target
    again = Argument("force", True)
    if is_ours is None:
        rule = "and data files are overwritten only with "
        raise OutputError(f"{shown} exists, {rule}", again, "; or use another name")
    raise OutputError(f"{shown} exists and is not a file of gradviz; use another name or ", again)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file atomically: write a temporary file in the same folder, then replace `target`.

    The permissions are those of any new file under the umask. Raises OutputError if the file cannot be
    written; an existing file is then unchanged.
    """
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.part")
    try:
        try:
            _write_temporary(temporary, content)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise OutputError(f"cannot write {visible(str(target), 200)}: {_reason(error)}") from None


def _write_temporary(path: Path, content: bytes) -> None:
    """Write a new file; on Linux it has no name until it is complete, should the process be killed."""
    unnamed = getattr(os, "O_TMPFILE", 0)
    if unnamed:
        # Not every file system has unnamed files. If the disk is full, the code below raises the error.
        with contextlib.suppress(OSError):
            descriptor = os.open(path.parent, os.O_WRONLY | unnamed, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                _write_out(file, content)
                # With `src_dir_fd` Python calls linkat, which follows the link in /proc to the file.
                os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=descriptor)
                return
    named = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, named, _MODE), "wb") as file:
        _write_out(file, content)


def _write_out(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises OutputError."""
    shown = visible(str(path), 200)
    try:
        is_regular = stat.S_ISREG(path.stat().st_mode)  # opening a device can have effects
        content = _head(path, limit + 1) if is_regular else b""
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(f"cannot read {shown}: {_reason(error)}") from None
    if not is_regular:
        raise OutputError(f"cannot read {shown}: not a regular file")
    if len(content) > limit:
        raise OutputError(f"cannot read {shown}: larger than {limit:,} bytes")
    return content


def _head(path: Path, most: int) -> bytes:
    """Return at most `most` bytes of a file, with a buffer of the size of the file; never wait for them."""
    with open(path, "rb", opener=_open_unblocked) as file:
        size = min(os.fstat(file.fileno()).st_size + 1, most)
        content = file.read(size) or b""
        # Files of /proc are longer than their size.
        return content if len(content) < size else content + (file.read(most - size) or b"")


def _open_unblocked(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return visible(str(error), 100)
