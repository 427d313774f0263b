"""Settings of the process: fast imports, the processor time for SymPy, the program cache, standard output.

Only the command line and its workers call `claim_process`. When gradviz is used as a library, the settings of
Matplotlib, the cache folder and standard output belong to the caller and stay unchanged.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from gradviz.limits import SYMBOLIC_SECONDS

if TYPE_CHECKING:
    from matplotlib.artist import Artist

TIMEOUT_EXIT_CODE = 2
_GRACE_SECONDS = 2.0  # processor time after the limit for a process to run its signal handler, in s
_MIN_SECONDS = 1e-3  # shortest interval of a timer, in s: 0 would disable it
_STACK_FRAMES = 5_000  # additional recursion depth: SymPy takes some 20 frames per level of nesting
_ARTIST_DOCS_METHOD = "_update_set_signature_and_docstring"  # method that Matplotlib calls per artist class
_DATACLASS_COMPILER = "_create_fn"  # function of the standard library that compiles a method of a dataclass
_GARBAGE_THRESHOLD = (
    100_000  # new objects between two collections; at Python's 700 they take a tenth of a run
)
_SYMBOL_FONTS = (  # beginnings of the names of Matplotlib's fonts without letters
    "cmex10", "cmsy10", "cmmi10", "STIXNonUnicode", "STIXSize", "Last Resort",
    "DejaVu Sans Display", "DejaVu Serif Display",
)  # fmt: skip
_STDOUT, _STDERR = 1, 2  # file descriptors of standard output and standard error


@dataclasses.dataclass
class _Switches:
    """Settings of the process, enabled by the program only."""

    claimed: bool = False
    time_limit: bool = False
    program_cache: bool = False
    symbolic_seconds: float = SYMBOLIC_SECONDS
    """Processor time left for SymPy in the current request, in s."""
    guarded: bool = False
    """Whether the time of SymPy is being counted."""


_switches = _Switches()
_Function = Callable[..., object]


def claim_process() -> None:
    """Enable the settings of the command line: a time limit, the program cache, and a fast start."""
    _switches.claimed = _switches.time_limit = _switches.program_cache = True
    gc.set_threshold(_GARBAGE_THRESHOLD)
    _defer_dataclass_methods()
    loader = ModuleType("pydantic.plugin._loader")
    loader.get_plugins = tuple  # type: ignore[attr-defined]  # none, without the import of importlib.metadata
    sys.modules.setdefault(loader.__name__, loader)


def end_process(code: int) -> NoReturn:
    """End the process with an exit code, without freeing its objects one by one, a sixth of a short run.

    Functions registered with atexit are called, and streams are flushed. A thread that user-defined code left
    running does not keep the process alive.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - the standard library has no other name for it
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed by the shell
        try:
            stream.flush()
        except (OSError, ValueError):  # a full disk, or a closed file
            code = code or 1
    os._exit(code)


def renew_symbolic_time() -> None:
    """Give SymPy its whole processor time again, at the start of a request that follows another one."""
    _switches.symbolic_seconds = SYMBOLIC_SECONDS


def use_program_cache(*, on: bool) -> None:
    """Enable or disable the program cache on disk."""
    _switches.program_cache = on


def uses_program_cache() -> bool:
    """Return whether compiled programs are kept on disk."""
    return _switches.program_cache


def import_matplotlib() -> None:
    """Import Matplotlib, in a claimed process without its settings files; call it before other imports."""
    if not _switches.claimed or "matplotlib" in sys.modules:
        return
    os.environ["MATPLOTLIBRC"] = os.devnull
    os.environ.pop("MPLBACKEND", None)
    with _package_folder():  # a matplotlibrc of the current folder has precedence over MATPLOTLIBRC
        import matplotlib as mpl  # noqa: F401
    _defer_import("fontTools.agl")  # names of glyphs, for TeX alone
    _leave_artists_undocumented()


def installed_fonts(*, renewed: bool = True) -> list[str]:
    """Return the names of font families with letters.

    If `renewed`, Matplotlib's list of fonts gets those that were installed since it was written.
    """
    import_matplotlib()
    from matplotlib import font_manager

    manager = font_manager.fontManager
    known = {str(entry.fname) for entry in manager.ttflist}
    for path in font_manager.findSystemFonts() if renewed else ():
        if path not in known:
            with contextlib.suppress(Exception):  # of FreeType or Matplotlib, over a damaged file
                manager.addfont(path)
    return sorted(name for name in manager.get_font_names() if not name.startswith(_SYMBOL_FONTS))


class _Deferred(ModuleType):
    """A module that is loaded when one of its names is used first.

    The standard library's lazy loader loads a module at its second import, before any name is used.
    """

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        sys.modules.pop(self.__name__, None)
        return getattr(import_module(self.__name__), name)


def _defer_import(name: str) -> None:
    """Let a module be loaded when one of its names is used first."""
    sys.modules.setdefault(name, _Deferred(name))


def _defer_dataclass_methods() -> None:
    """Let methods of dataclasses be compiled at their first call, all but `__init__`; few are ever called.

    Python 3.11 and 3.12 compile each generated method on its own, a tenth of the time of a figure. Later
    versions compile all methods of a class together.
    """
    compiled: Callable[..., _Function] | None = getattr(dataclasses, _DATACLASS_COMPILER, None)
    if compiled is None:
        return

    def defer(name: str, parameters: Sequence[str], body: Sequence[str], **context: object) -> _Function:
        if name == "__init__":  # whose signature others inspect
            return compiled(name, parameters, body, **context)
        function = functools.cache(lambda: compiled(name, parameters, body, **context))

        def method(*values: object) -> object:
            return function()(*values)

        method.__name__ = name
        return method

    setattr(dataclasses, _DATACLASS_COMPILER, defer)


@contextlib.contextmanager
def _package_folder() -> Iterator[None]:
    """Change the current folder to that of the package inside, unless the current folder was deleted."""
    before = None
    with contextlib.suppress(OSError):
        before = Path.cwd()
        os.chdir(Path(__file__).parent)
    try:
        yield
    finally:
        if before is not None:
            os.chdir(before)


def _leave_artists_undocumented() -> None:
    """Disable the generated docstrings and signatures of Matplotlib's artists, a quarter of its import time.

    Matplotlib generates them when an artist class is defined; the command line shows none.
    """
    from matplotlib import artist

    def mark(kind: type[Artist]) -> None:
        kind.set._autogenerated_signature = True  # type: ignore[attr-defined]  # noqa: SLF001 - for subclasses

    artist.kwdoc = lambda artist: ""
    if hasattr(artist.Artist, _ARTIST_DOCS_METHOD):
        setattr(artist.Artist, _ARTIST_DOCS_METHOD, classmethod(mark))


def keep_output() -> None:
    """Reserve standard output for results in a claimed process, before user-defined code runs.

    Afterwards file descriptor 1, to which subprocesses and libraries in C write, is standard error;
    `sys.stdout` still writes to the former standard output.
    """
    out = sys.__stdout__
    if not _switches.claimed or out is None or sys.stdout is not out:  # done, or replaced by the caller
        return
    out.flush()
    # Standard error is closed (None) after the redirection 2>&- of a shell.
    errors = sys.__stderr__.fileno() if sys.__stderr__ else os.open(os.devnull, os.O_WRONLY)
    kept = os.dup(_STDOUT)
    os.dup2(errors, _STDOUT)
    sys.stdout = open(kept, "w", encoding=out.encoding, errors=out.errors)  # noqa: PTH123, SIM115 - a descriptor, open until the end


def reopen_errors() -> None:
    """Open standard error again in a claimed process whose user-defined code closed it.

    Such code has standard error in place of standard output, too, and may close either.
    """
    if _switches.claimed and sys.stderr.closed:
        sys.stderr = open(_STDERR, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115 - a descriptor, open until the end


# Stack and time for SymPy --------------------------------------------------------------------------------


@contextlib.contextmanager
def deep_stack() -> Iterator[None]:
    """Raise the recursion limit inside by the depth that the deepest expression needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _STACK_FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


@contextlib.contextmanager
def symbolic_stage() -> Iterator[None]:
    """Raise the recursion limit inside, and count the processor time for SymPy."""
    with deep_stack(), time_limit():
        yield


@contextlib.contextmanager
def time_limit() -> Iterator[None]:
    """End the process if SymPy exceeds its processor time; all stages of a request share one budget.

    The processor time of the process counts and not the clock, so that a busy machine refuses nothing that
    an idle one accepts. No effect if the limit is not enabled, inside another stage, outside the main thread,
    and on Windows.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    is_on = _switches.time_limit and in_main_thread and hasattr(signal, "setitimer")
    if not is_on or _switches.guarded:
        yield
        return
    before = signal.signal(signal.SIGPROF, _give_up)
    # The second timer needs no signal handler: its signal ends the process.
    signal.setitimer(signal.ITIMER_VIRTUAL, _switches.symbolic_seconds + _GRACE_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, _switches.symbolic_seconds)
    _switches.guarded = True
    try:
        yield
    finally:
        left, _ = signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGPROF, before)
        _switches.guarded, _switches.symbolic_seconds = False, max(left, _MIN_SECONDS)


def _give_up(*_: object) -> None:
    spent = f"more than {SYMBOLIC_SECONDS:g} s of processor time"
    with contextlib.suppress(OSError, ValueError):  # standard error is closed, or is no file
        os.write(sys.stderr.fileno(), f"error: SymPy took {spent} for the expression; simplify it\n".encode())
    os._exit(TIMEOUT_EXIT_CODE)
