"""Stack and time for expressions: enough for the deepest one, and a time limit around SymPy.

SymPy cannot be interrupted: it swallows an exception that a signal handler raises, and a timer in a thread
does not get its turn. So the process is ended, which only a command line may do: `enable` is for that.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradviz.limits import SYMBOLIC_SECONDS

EXIT_CODE = 2
_GRACE = 2.0  # seconds, after which a process that does not even run signal handlers is ended
_STACK = 5_000  # frames: SymPy takes some 20 for each level of nesting
_enabled = False


def enable() -> None:
    """From now on, end the process with exit code 2 and a line on standard error if SymPy takes too long."""
    global _enabled  # noqa: PLW0603 - a process has one command line
    _enabled = True


@contextmanager
def deep_stack() -> Iterator[None]:
    """Allow the recursion that the deepest expression needs, however deep the caller is already."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _STACK)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextmanager
def symbolic_stage() -> Iterator[None]:
    """Give SymPy the stack that the deepest expression needs, and no more time than it may take."""
    with deep_stack(), time_limit():
        yield


@contextmanager
def time_limit(seconds: float = SYMBOLIC_SECONDS) -> Iterator[None]:
    """End the process if what stands inside takes longer, where `enable` was called and signals exist."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not (_enabled and in_main_thread and hasattr(signal, "setitimer")):
        yield
        return
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(seconds + _GRACE, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


def _give_up(*_: object) -> None:
    message = f"error: SymPy took more than {SYMBOLIC_SECONDS:g} s over the expression; write it shorter\n"
    os.write(sys.stderr.fileno(), message.encode())
    os._exit(EXIT_CODE)
