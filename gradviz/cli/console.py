"""Input and output of commands: results on standard output, all else on standard error.

Text from users goes through `print` or rich's `Text`, never through markup, which would eat `f[i]`.
"""

from __future__ import annotations

import codecs
import json
import math
import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from gradviz.cli.wording import flags
from gradviz.errors import (
    ExpressionError,
    Message,
    OutputError,
    RequestError,
    Wording,
    did_you_mean,
    visible,
)
from gradviz.fields import cache
from gradviz.language.reading import is_function_of_file
from gradviz.language.tables import is_variable
from gradviz.limits import EXPRESSION_CHARACTERS

_UNREAD = re.compile("[\udc80-\udcff]")  # bytes of an argument that the system's encoding does not have
_ESCAPES = {"\\": r"\\", "'": r"\'", "\n": r"\n", "\t": r"\t"}
BUILT_IN = re.compile(r"[a-z]{2,}(?:-[a-z]*)*")  # names of built-in functions, and beginnings of names
ESCAPED = "gradviz.escaped"
"""What standard output does with a character that is not in its encoding."""


def _shown(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return the byte of a file's name that is no text as it is, any other character as an escape."""
    if isinstance(error, UnicodeEncodeError) and "\udc80" <= error.object[error.start] <= "\udcff":
        return bytes([ord(error.object[error.start]) - 0xDC00]), error.start + 1
    return codecs.backslashreplace_errors(error)


codecs.register_error(ESCAPED, _shown)


def as_typed(value: object) -> object:
    """Return a text of the command line, or a list of them, as UTF-8 has it, where the system could not.

    What names a file stays as it is, for the system to find it. Raises RequestError for what is not UTF-8.
    """
    if isinstance(value, list):
        return [as_typed(item) for item in value]
    if not isinstance(value, str) or not _UNREAD.search(value):
        return value
    if is_function_of_file(value) or ".npy" in value:
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        raise RequestError(f"arguments: must be UTF-8 text, got '{visible(value)}'") from None


def read_expression(text: str) -> str:
    """Return the expression: of a built-in function by its name, or read from standard input for '-'.

    Standard input is read up to the limit of an expression, in strict UTF-8.
    """
    if BUILT_IN.fullmatch(text) and not is_variable(text):
        known = built_in_functions()
        if text not in known and (hint := did_you_mean(text, known)):
            raise ExpressionError(f"unknown name '{text}'", text, 0, len(text), hint)
        return str(known[text]["expression"]) if text in known else text
    if text != "-":
        return text
    content = read_input(4 * EXPRESSION_CHARACTERS + 1)
    try:
        found = content.decode("utf-8-sig").replace("\r\n", "\n").rstrip("\n")
    except UnicodeDecodeError as error:
        if len(content) > 4 * EXPRESSION_CHARACTERS:
            return content.decode("utf-8", "replace")  # too long all the same, and refused for that
        raise RequestError(
            f"standard input: must be UTF-8 text, got an invalid byte {error.start + 1}"
        ) from None
    if is_function_of_file(found):
        raise RequestError(
            f"standard input: must be an expression, got a function of a file; type {visible(found)} as EXPR"
        )
    return found


def read_function(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with the expression that was read, and by default the range of a built-in function."""
    typed = fields["expression"]
    expression = read_expression(typed)
    own = built_in_functions()[typed] if BUILT_IN.fullmatch(typed) and expression != typed else {}
    return {**own, **fields, "expression": expression}


def built_in_functions() -> dict[str, dict[str, object]]:
    """Return the expressions and the ranges of the built-in set `functions` by their names."""
    from gradviz.presets import functions_of  # not at the top: few expressions are one word

    return functions_of("functions")


def read_input(most: int) -> bytes:
    """Return at most so many bytes of standard input. Raises OutputError if there is none to be read."""
    if sys.stdin is None:  # the shell's <&-
        raise OutputError("cannot read standard input: it is closed")
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        raise OutputError(f"cannot read standard input: {(error.strerror or 'it fails').lower()}") from None


def write_output(content: bytes) -> None:
    """Write a picture to standard output. Raises OutputError if that is closed."""
    output = _output()
    output.buffer.write(content)
    output.buffer.flush()


def _output() -> TextIO:
    """Return standard output. Raises OutputError if that is closed."""
    if sys.stdout is None:
        raise OutputError("cannot write to standard output: it is closed")
    return sys.stdout


def quoted(text: str) -> str:
    """Return a word as one types it in a shell; what cannot be printed is written as an escape, in $'...'."""
    if text.isprintable():
        return shlex.quote(text)
    return f"$'{''.join(map(_escaped, text))}'"


def _escaped(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    if code < 0x80 or _UNREAD.match(character):
        return rf"\x{code % 0x100:02x}"
    return rf"\u{code:04x}" if code < 0x10000 else rf"\U{code:08x}"


def result_path(path: object) -> None:
    """Print the path of what was written: as it is in a pipe; on a terminal, which would obey it, visibly.

    Who has closed standard output has the file all the same.
    """
    text = str(path)
    if sys.stdout is not None:
        result(text if text.isprintable() or not sys.stdout.isatty() else quoted(text))


def result(text: str) -> None:
    """Print a result on standard output. Raises OutputError if that is closed."""
    print(text, file=_output(), flush=True)


def result_json(value: object) -> None:
    """Print one JSON object on standard output; numbers that are not finite are null, and -0 is 0."""
    result(json.dumps(plain(value), allow_nan=False))


def note(text: str, wording: Wording = flags) -> None:
    """Print a warning on standard error, with its references in the terms of a command."""
    _say("note", "cyan", Message(text).worded(wording))


def error(text: str, wording: Wording = flags) -> None:
    """Print an error on standard error, with its references in the terms of a command."""
    _say("error", "bold red", Message(text).worded(wording))


class Stages:
    """The clock of a command's stages, printed on standard error for `--verbose`.

    Raises RequestError for `--quiet` beside it.
    """

    def __init__(self, *, verbose: bool, quiet: bool) -> None:
        if verbose and quiet:
            raise RequestError("--verbose and --quiet: are contradictory; leave one out")
        self._verbose = verbose
        self._begun = time.perf_counter()
        self._programs = cache.account()

    def done(self, what: str) -> None:
        """Print a stage that has ended, its time, and the programs compiled in it."""
        taken, made = (now - then for now, then in zip(cache.account(), self._programs, strict=True))
        told = [f"{taken} from the cache"] * bool(taken) + [f"{made} compiled"] * bool(made)
        programs = f" (formulas: {', '.join(told)})" if told else ""
        self.tell(f"{what}{programs}", time.perf_counter() - self._begun)
        self._begun, self._programs = time.perf_counter(), cache.account()

    def tell(self, what: str, seconds: float) -> None:
        """Print a duration."""
        if self._verbose:
            _say("info", "dim", f"{what}: {seconds:.3f} s")


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Callable[[], object]]:
    """Show a progress bar for several figures or frames on a terminal; yields the call that advances it."""
    if quiet or total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("drawing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Else rich would print what goes to a redirected standard output onto the terminal instead.
    redirect = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=redirect) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print columns on standard output, aligned on a terminal and in a pipe alike."""
    lines = [tuple(header), *map(tuple, rows)]
    line = "  ".join(f"{{:{max(map(len, column))}}}" for column in zip(*lines, strict=True)).format
    result("\n".join([line(*cells).rstrip() for cells in lines]))  # at once: each call flushes


def _say(word: str, style: str, text: str) -> None:
    """Print a message on standard error; if that fails, messages are lost and the results are not."""
    try:
        _print_message(word, style, text)
    except OSError:
        with suppress(OSError, ValueError):  # else Python would fail to write the rest when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _print_message(word: str, style: str, text: str) -> None:
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        from rich.console import Console
        from rich.text import Text

        line = Text.assemble((f"{word}:", style), " ", text)
        Console(stderr=True, highlight=False, soft_wrap=True).print(line)
    else:
        print(f"{word}: {text}", file=sys.stderr, flush=True)


def plain(value: object) -> object:
    """Return a value as JSON has it: null in place of a number that is not finite, and 0 of -0."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if not isinstance(value, float):
        return value
    return value + 0.0 if math.isfinite(value) else None  # 0 instead of -0
