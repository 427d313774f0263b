"""Completion of command lines in a shell, with words from the registries.

This module is imported for that alone. The scripts beside it hand over the line up to the cursor in
COMP_LINE, and are answered with one candidate a line, its meaning behind a tab. A first line `:files` asks
them for files, too, as a shell knows best how these are written.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.main import get_command

from gradviz.cli import console
from gradviz.cli.options import flag_of
from gradviz.errors import GradvizError, OutputError, RequestError, refused, visible
from gradviz.files import read_bounded, write_whole
from gradviz.language.tables import ALIASES, BRANCHES, CONSTANTS, FUNCTIONS
from gradviz.limits import SOURCE_BYTES
from gradviz.optimizers import OPTIMIZERS
from gradviz.process import installed_fonts
from gradviz.specs import KINDS
from gradviz.specs.colours import COLOUR_MAPS

_FILES = ":files"
_SHELLS = ("bash", "zsh", "fish")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*$")
_CHOICES = re.compile(r"\[?(\w+(?:\|\w+)+)\]?")  # a metavar that lists all there is
_PATH_METAVARS = re.compile(r"PATH|FILE|DIR|FIGURE|PRESETS|\.npy|\.csv")  # parts of metavars of paths

App = Callable[..., typer.Typer]
"""Makes the command line: all of it, or that of one command."""
Words = Iterator[tuple[str, str]]
"""Candidates with their meanings."""

_Command = Any  # of Click, whose copy inside Typer is private
_Parameter = Any  # the same


class Found(NamedTuple):
    """Candidates for the last word of a line."""

    words: Sequence[tuple[str, str]]
    files: bool = False


class _Typed(NamedTuple):
    """The words of a command before the cursor."""

    waiting: _Parameter
    """The option whose value comes next, None if there is none."""
    given: Sequence[_Parameter]
    """The options."""
    arguments: int
    """The number of arguments."""
    closed: bool
    """Whether '--' came, behind which there are no options."""


def answer(app: App, shell: str) -> None:
    """Print for a shell what may stand at the end of the line in COMP_LINE."""
    words, current, quote = read_line(os.environ.get("COMP_LINE", ""))
    listed, files = candidates(app, words, current)
    ends_it = shell == "fish" or (shell == "bash" and quote)
    if ends_it and len(listed) == 1 and listed[0][0].endswith("("):
        listed = [*listed, (f"{listed[0][0]}...)", listed[0][1])]  # else the shell would close the quote
    lines = [_FILES] if files else []
    for word, meaning in listed:
        is_bash = shell == "bash"
        lines.append(_for_bash(word, current, quote) if is_bash else f"{word}\t{' '.join(meaning.split())}")
    if lines:
        console.result("\n".join(lines))


def _for_bash(word: str, current: str, quote: str) -> str:
    """Return a candidate as bash puts it in: from where it breaks words, and escaped outside of quotes."""
    added = word[len(current) :]
    escaped = added if quote else re.sub(r"([()<>|&; ])", r"\\\1", added)
    return os.environ.get("_GRADVIZ_WORD", current) + escaped


def read_line(line: str) -> tuple[list[str], str, str]:
    """Return the whole words of a line, the word at its end, and the quote that is open there."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    words: list[str] = []
    try:
        while (word := lexer.get_token()) is not None:
            words.append(word)
    except ValueError:  # a quote is open, or a backslash stands at the end
        return words, lexer.token, vars(lexer)["state"]
    is_new = not words or re.search(r"(?<!\\)\s$", line)
    return (words, "", "") if is_new else (words[:-1], words[-1], "")


def candidates(app: App, words: Sequence[str], current: str) -> Found:
    """Return the completions of the last of the words of a line, the first of which is the program."""
    first = words[1] if len(words) > 1 else ""
    group: _Command = get_command(app(first))
    command = group.commands.get(first, group)
    typed = _typed(command, words[1:] if command is group else words[2:])
    if typed.waiting:
        return _values(typed.waiting, current, app)
    if current.startswith("-") and not typed.closed:
        return _options(command, typed, current, app)
    if command is group:
        names = [] if typed.arguments else group.commands.items()
        return Found(_fitting(((name, one.get_short_help_str(100)) for name, one in names), current))
    slots = [param for param in command.params if param.param_type_name == "argument"]
    repeated = [slot for slot in slots if slot.nargs == -1]
    open_slots = [*slots[typed.arguments :], *repeated]
    if not open_slots:
        return Found(()) if typed.closed else _options(command, typed, current, app)
    return _values(open_slots[0], current, app)


def _typed(command: _Command, words: Sequence[str]) -> _Typed:
    named = _named(command)
    waiting, given, arguments, closed = None, [], 0, False
    for word in words:
        if waiting is not None:
            waiting = None
        elif closed or not (word[:2] in named or word.startswith("--")):
            arguments += 1
        elif word == "--":
            closed = True
        else:
            param = named.get(word) or named.get(word.partition("=")[0]) or named.get(word[:2])
            given.append(param)
            waiting = param if word in named and not named[word].is_flag else None
    return _Typed(waiting, given, arguments, closed)


def _named(command: _Command) -> dict[str, _Parameter]:
    """Return the options of a command by each of their spellings."""
    options = [param for param in command.params if param.param_type_name == "option"]
    return {spelled: param for param in options for spelled in (*param.opts, *param.secondary_opts)}


def _options(command: _Command, typed: _Typed, current: str, app: App) -> Found:
    """Return the options that begin as typed, long ones unless a short one is; behind '=', the values."""
    named = _named(command)
    name, equals, value = current.partition("=")
    if equals and (name not in named or named[name].is_flag):
        return Found(())
    if equals:
        words, files = _values(named[name], value, app)
        return Found([(f"{name}={word}", meaning) for word, meaning in words], files)
    start = current if current.startswith("--") or len(current) > 1 else "--"
    left = [(name, one.help or "") for name, one in named.items() if one.multiple or one not in typed.given]
    return Found(_fitting([*left, ("--help", "Show the help and exit.")], start))


def _values(param: _Parameter, current: str, app: App) -> Found:
    """Return the values of an option or an argument that begin as typed."""
    metavar = param.metavar or ""
    if choices := _CHOICES.fullmatch(metavar):
        return Found(_fitting(((choice, "") for choice in choices[1].split("|")), current))
    of_its_own = _OWN.get(param.name)
    words = _fitting(of_its_own(current, app), current) if of_its_own else []
    return Found(words, bool(_PATH_METAVARS.search(metavar)) or (metavar == "EXPR" and not words))


def _fitting(words: Iterable[tuple[str, str]], current: str) -> list[tuple[str, str]]:
    return [(word, meaning) for word, meaning in words if word.startswith(current)]


# Values of their own -------------------------------------------------------------------------------------


def _expressions(current: str, _app: App) -> Words:
    """Complete the name at an expression's end, or that of a function in a Python file, which is not run."""
    if not current.isprintable() or "\\" in current:  # which would not come back from the shell as it is
        return
    path, colon, _name = current.rpartition(":")
    if colon and path.endswith(".py"):
        yield from ((f"{path}:{name}", "") for name in _defined_in(path))
        return
    folder, slash, _name = current.rpartition("/")
    name = _NAME.search(current)
    if name is None or (slash and Path(folder or "/").expanduser().is_dir()):
        return
    head = current[: name.start()]
    known = {f"{function}(": one.meaning for function, one in FUNCTIONS.items()}
    known |= {f"{branch}(": meaning for branch, meaning in BRANCHES.items()}
    known |= {constant: f"{value:.10g}" for constant, value in CONSTANTS.items() if len(constant) > 1}
    if not any(word.startswith(name[0]) for word in known):
        known = {f"{alias}(": f"another spelling of {function}" for alias, function in ALIASES.items()}
    yield from ((head + word, meaning) for word, meaning in known.items())


def _functions(current: str, app: App) -> Words:
    """Complete an expression, or the name of a built-in function."""
    yield from _expressions(current, app)
    if console.BUILT_IN.fullmatch(current):
        yield from ((name, "a built-in function") for name in console.built_in_functions())


def _defined_in(path: str) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(read_bounded(Path(path).expanduser(), SOURCE_BYTES))
    except (
        GradvizError,
        SyntaxError,
        ValueError,
        RuntimeError,
        MemoryError,
    ):  # of deep nesting, the last two
        return
    yield from (node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _colour_maps(current: str, _app: App) -> Words:
    """Complete colour maps; the reversed ones when the name is whole."""
    for name in COLOUR_MAPS:
        yield name, ""
        if current.startswith(name):
            yield f"{name}_r", "the other way round"


def _fonts(_current: str, _app: App) -> Words:
    """Complete installed fonts."""
    yield from ((name, "") for name in installed_fonts())


def _degrees(_current: str, _app: App) -> Words:
    """Complete the degrees of Taylor polynomials that curves and surfaces have."""
    yield from (("1", "the tangent line or plane"), ("2", "the parabola or paraboloid"))


def _optimizers(current: str, _app: App) -> Words:
    """Complete the name of an optimizer, and behind a comma the keys that it does not have yet."""
    before, comma, _key = current.rpartition(",")
    name, *pairs = before.split(",")
    if not comma:
        yield from ((name, one.title) for name, one in OPTIMIZERS.items())
    elif name in OPTIMIZERS:
        given = {pair.partition("=")[0] for pair in pairs}
        for key, usual in OPTIMIZERS[name].hyperparameters().items():
            if key not in given:
                yield f"{before},{key}=", f"by default {usual:g}"


def _sets(_current: str, _app: App) -> Words:
    from gradviz.presets import builtin_sets

    yield from ((name, "built in") for name in builtin_sets())


def _presets(_current: str, _app: App) -> Words:
    """Complete the built-in sets and their figures, which are the keys of their files."""
    from gradviz.presets import builtin_sets, functions_of

    for name in builtin_sets():
        yield name, "a set of presets"
        yield from ((figure, f"of {name}") for figure in functions_of(name))


def _changes(current: str, app: App) -> Words:
    """Complete the fields of all kinds of figures, and behind '=' their values."""
    fields = {
        flag_of(name, info)[2:]: kind
        for kind in KINDS
        for name, info in KINDS[kind].model_fields.items()
        if name not in ("kind", "expression")
    }
    name, equals, _value = current.partition("=")
    if not equals:
        yield from ((f"{field}=", "") for field in fields)
    elif name in fields:
        words, _files = candidates(app, ["gradviz", fields[name]], f"--{current}")
        yield from ((word.removeprefix("--"), meaning) for word, meaning in words)


_OWN: dict[str, Callable[[str, App], Words]] = {
    "expression": _functions,
    "where": _expressions,
    "claim": _expressions,
    "cmap": _colour_maps,
    "font": _fonts,
    "optimizers": _optimizers,
    "taylor": _degrees,
    "presets": _sets,
    "name": _presets,
    "changes": _changes,
}
"""The parameters, by name, whose values are more than a choice of words or a file."""


# Scripts --------------------------------------------------------------------------------------------------


def show(shell: str) -> None:
    """Print the script of a shell. Raises RequestError for one that has none."""
    console.result(_script(_known(shell, "--show-completion")).rstrip("\n"))


def install(shell: str) -> None:
    """Write the script of a shell to where the shell looks for it, and print what was written."""
    shell = _known(shell, "--install-completion")
    script, start, line = _home_of(shell)
    try:
        script.parent.mkdir(parents=True, exist_ok=True)
        write_whole(script, _script(shell).encode())
        console.result_path(script)
        if start and _add(start, line):
            console.note(f"added to {start}: {line}")
    except OSError as error:
        raise OutputError(f"cannot install completion: {refused(error)}") from None
    console.note(f"{shell} completes gradviz from its next start on")


def _script(shell: str) -> str:
    """Return the script of a shell.

    Bash breaks words at '=' and ':', too, and replaces its own word; behind '=' and '(' a word goes on. The
    end of zsh's is for a script that is read, and for one in a folder of $fpath, which is a function's body.
    """
    return Path(__file__).with_name(f"completion.{shell}").read_text(encoding="utf-8")


def _known(shell: str, option: str) -> str:
    name = shell or Path(os.environ.get("SHELL", "")).name
    if name not in _SHELLS:
        what = f"'{visible(name)}'" if name else "no shell"
        raise RequestError(f"{option}: must be one of {', '.join(_SHELLS)}, got {what}")
    return name


def _home_of(shell: str) -> tuple[Path, Path | None, str]:
    """Return the path of a shell's script, its start file, and the line there that loads the script."""
    home, environ = Path.home(), os.environ.get
    if shell == "fish":
        settings = Path(environ("XDG_CONFIG_HOME") or home / ".config")
        return settings / "fish" / "completions" / "gradviz.fish", None, ""
    if shell == "zsh":
        line = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"
        return home / ".zfunc" / "_gradviz", Path(environ("ZDOTDIR") or home) / ".zshrc", line
    script = home / ".bash_completions" / "gradviz.sh"
    return script, home / ".bashrc", f"source {console.quoted(str(script))}"


def _add(start: Path, line: str) -> bool:
    """Add a line at the end of a start file, and return True, unless the file has the line."""
    content = start.read_bytes() if start.exists() else b""
    if line.encode() in content.splitlines():
        return False
    with start.open("ab") as file:
        file.write(b"\n" * (content[-1:] not in (b"", b"\n")) + line.encode() + b"\n")
    return True
