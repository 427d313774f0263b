"""Files that appear whole or not at all, and never in the place of somebody else's."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from gradviz.errors import Argument, OutputError, visible

_MODE = 0o666  # less what the umask takes away


def check_target(path: Path, is_ours: Callable[[Path], bool] | None, *, force: bool = False) -> Path:
    """Return the path that a file may be written to, links followed.

    Raises OutputError if there is no such folder, if something other than a regular file is there, or if a
    file is there that `is_ours` does not recognise, unless `force`. Without `is_ours` nothing tells whose a
    file is, so that each is refused.
    """
    shown = visible(str(path), 200)
    try:
        target = path.resolve()
        mode = target.stat().st_mode if target.exists() else None
    except (OSError, RuntimeError, ValueError) as error:
        raise OutputError(f"cannot write {shown}: {_reason(error)}") from None
    if not target.parent.is_dir():
        folder = visible(str(target.parent), 200)
        why = (
            f"{folder} is no folder"
            if target.parent.exists()
            else f"there is no folder {folder}; make it first"
        )
        raise OutputError(f"cannot write {shown}: {why}")
    if mode is None:
        return target
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        raise OutputError(f"cannot write {shown}: it is {kind}; choose another name")
    if not force and is_ours is None:
        raise OutputError(
            f"{shown} exists, and data files are replaced only with ",
            Argument("force", True),
            "; or choose another name",
        )
    if not force and is_ours is not None and not is_ours(target):
        problem = f"{shown} exists and gradviz did not make it; choose another name or add "
        raise OutputError(problem, Argument("force", True))
    return target


def write_whole(target: Path, content: bytes) -> None:
    """Write a file beside its place and then move it there, so that nobody ever finds half of it.

    The permissions are those that the umask leaves to any new file. Raises OutputError if it cannot be done;
    what was there before is then still there.
    """
    beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(6)}.part")
    try:
        try:
            _write_beside(beside, content)
            beside.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise OutputError(f"cannot write {visible(str(target), 200)}: {_reason(error)}") from None


def _write_beside(beside: Path, content: bytes) -> None:
    """Write a new file; where the system knows files without a name, it has one only when it is whole.

    So a process that is killed leaves no half of a file behind, under whatever name.
    """
    nameless = getattr(os, "O_TMPFILE", 0)
    if nameless:
        with contextlib.suppress(OSError):  # not every file system has them; a full one will say so below
            descriptor = os.open(beside.parent, os.O_WRONLY | nameless, _MODE)
            with os.fdopen(descriptor, "wb") as file:
                _write_out(file, content)
                # With a folder given, Python calls linkat, which follows this link to the file.
                os.link(f"/proc/self/fd/{descriptor}", beside, src_dir_fd=descriptor)
                return
    named = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(beside, named, _MODE), "wb") as file:
        _write_out(file, content)


def _write_out(file: BinaryIO, content: bytes) -> None:
    file.write(content)
    file.flush()
    os.fsync(file.fileno())


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises OutputError."""
    shown = visible(str(path), 200)
    try:
        is_other = path.exists() and not path.is_file()  # a FIFO would be waited for
        content = b"" if is_other else _head(path, limit + 1)
    except (OSError, ValueError) as error:
        raise OutputError(f"cannot read {shown}: {_reason(error)}") from None
    if is_other:
        raise OutputError(f"cannot read {shown}: it is not a regular file")
    if len(content) > limit:
        raise OutputError(f"cannot read {shown}: it is larger than {limit:,} bytes")
    return content


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return visible(str(error), 100)
