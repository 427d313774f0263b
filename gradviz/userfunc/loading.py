"""Load user-defined functions from Python files, and convert their errors to messages with a line number."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import linecache
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np

from gradviz.errors import OutputError, Ref, RequestError, did_you_mean, refused, visible
from gradviz.process import keep_output, reopen_errors

_Stamp = tuple[str, int, int]  # path, modification time in ns, size in bytes
_loaded: dict[_Stamp, ModuleType] = {}
_siblings: dict[Path, dict[str, ModuleType]] = {}  # modules that the files of a folder imported from there


def load(text: str, parameters: Mapping[str, float]) -> Callable[..., object]:
    """Run the file of `text` = FILE.py:NAME, and return its function with `parameters` as arguments.

    The file can import modules of its folder. Its standard output is redirected to standard error, in the
    program also that of its subprocesses. Raises OutputError for a file that cannot be read, and
    RequestError, with the line, for a file that fails or does not define the function.
    """
    module = _module(Path(text.rpartition(":")[0]))
    with user_code(file_of(text)):  # a module and a callable can replace how their attributes are read
        function = _function_of(module, text)
        _check_names(function, visible(text, 100), parameters)
        return partial(function, **parameters) if parameters else function


def _function_of(module: ModuleType, text: str) -> Callable[..., object]:
    """Return the function that `text` = FILE.py:NAME names. Raises RequestError if there is none."""
    file, _, name = text.rpartition(":")
    shown = visible(file, 100)
    try:
        function: Callable[..., object] = getattr(module, name)
    except AttributeError:
        callables = [str(key) for key, value in vars(module).items() if callable(value)]
        callables = [key for key in callables if not key.startswith("_")]
        hint = did_you_mean(name, callables) or f"it defines {visible(', '.join(callables) or 'none', 100)}"
        raise RequestError(f"{shown}: no function '{name}'; {hint}") from None
    if not callable(function):
        kind = visible(class_name(function))
        raise RequestError(f"{visible(text, 100)}: must be a function, got {kind}")
    return function


def _check_names(function: Callable[..., object], shown: str, parameters: Mapping[str, float]) -> None:
    """Raise RequestError for a parameter that is no argument, or a required argument without a value."""
    try:
        arguments = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function in C without a signature
        return
    any_name = any(one.kind is one.VAR_KEYWORD for one in arguments.values())
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    named = [name for name, one in arguments.items() if one.kind in by_name]
    for name in parameters:
        if name not in named and not any_name:
            hint = did_you_mean(name, named) or f"it has {visible(', '.join(named) or 'none by name', 100)}"
            raise RequestError(f"{shown}: no argument '{name}'; {hint}")
    for name, one in arguments.items():
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty and name not in parameters:
            raise RequestError(
                f"{shown}: argument '{visible(name)}' must have a value; use ", Ref("set", {visible(name): 1})
            )


def _module(path: Path) -> ModuleType:
    """Return the module of a file, which is run once, and again after a change."""
    shown = visible(str(path), 100)
    try:
        found = path.resolve().stat()
    except OSError as error:
        raise OutputError(refused(error)) from None
    if not path.is_file():
        raise OutputError(f"cannot read {shown}: not a regular file")
    stamp = (str(path.resolve()), found.st_mtime_ns, found.st_size)
    if stamp not in _loaded:
        _siblings.pop(path.resolve().parent, None)  # its imports may have changed as well
        _loaded[stamp] = _run(path.resolve())
    return _loaded[stamp]


def _run(path: Path) -> ModuleType:
    keep_output()
    name = f"gradviz_own_{len(_loaded)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - every .py file has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look it up
    with user_code(path):
        spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Make the modules of a folder importable inside; files of two folders may import one name each."""
    place, known, kept = str(folder), set(sys.modules), _siblings.setdefault(folder, {})
    for name, module in kept.items():
        sys.modules.setdefault(name, module)
    added = [place] if place not in sys.path else []
    sys.path.extend(added)  # last, so that the folder cannot replace modules of gradviz
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        if added and place in sys.path:
            sys.path.remove(place)
        found = [name for name in sys.modules.keys() - known if _is_of(folder, name)]
        kept.update((name, sys.modules.pop(name)) for name in found)


def _is_of(folder: Path, name: str) -> bool:
    """Return whether a module, or its top-level package, is in a folder."""
    spec = getattr(sys.modules.get(name.partition(".")[0]), "__spec__", None)
    if spec is None:
        return False
    origins = [spec.origin] if spec.submodule_search_locations is None else spec.submodule_search_locations
    return any(origin and Path(origin).parent == folder for origin in origins)


def file_of(text: str) -> Path:
    """Return the path of the file in `text` = FILE.py:NAME."""
    return Path(text.rpartition(":")[0]).resolve()


@contextlib.contextmanager
def user_code(path: Path) -> Iterator[None]:
    """Run code of a user's file inside, and convert its exceptions to a RequestError with the line.

    Standard output is redirected to standard error, and modules of the folder of the file are importable.
    Warnings are ignored, because undefined values are NaN and reported as such.
    """
    try:
        with (
            contextlib.redirect_stderr(sys.stderr),  # restores it
            contextlib.redirect_stdout(sys.stderr),
            warnings.catch_warnings(),
            _importable(path.parent),
            np.errstate(all="ignore"),
        ):
            warnings.simplefilter("ignore")
            yield
    except MemoryError:
        raise MemoryError from None  # not a subclass that the file defines
    except BaseException as error:  # a SystemExit of the file must not end gradviz
        # Not subclasses, which a file can define; `in` would call the `__eq__` of their metaclass.
        if type(error) is RequestError or type(error) is KeyboardInterrupt:
            raise
        raise RequestError(_explained(error, path)) from None
    finally:
        reopen_errors()


def class_name(value: object) -> str:
    """Return the name of the class of a value, even if a metaclass replaces how it is read."""
    return str(vars(type)["__name__"].__get__(type(value)))


def _explained(error: BaseException, path: Path) -> str:
    """Return the message of the error that is handled, with its innermost line in the file.

    The class of an error can replace its text, its attributes and its class, so they are not relied on.
    """
    is_syntax = issubclass(type(error), SyntaxError)
    lines = [
        line for frame, line in traceback.walk_tb(sys.exc_info()[2]) if frame.f_code.co_filename == str(path)
    ]
    try:
        text = f"{error.msg} " if is_syntax else f"{error} "  # type: ignore[attr-defined]
        if is_syntax and type(error.lineno) is int:  # type: ignore[attr-defined]
            lines.append(error.lineno)  # type: ignore[attr-defined]
    except BaseException:  # noqa: BLE001 - as above
        text = "its text cannot be read"
    what = visible(f"{class_name(error)}: {text}".rstrip(": "), 200)
    if is_syntax or not lines:
        return ":".join([visible(path.name), *map(str, lines[-1:]), f" {what}"])
    source = visible(linecache.getline(str(path), lines[-1]).strip(), 72)
    return f"{visible(path.name)}:{lines[-1]}: {what}\n  {source}"
