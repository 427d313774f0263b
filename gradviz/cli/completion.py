"""Completion of command lines in a shell, with words from the registries.

This module is imported for that alone. The scripts of `shells` hand over the line up to the cursor in
COMP_LINE, and are answered with one candidate a line, its meaning behind a tab. A first line `:files` asks
them for files, too, as a shell knows best how these are written.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import typer
from typer.main import get_command

from gradviz.cli.console import result
from gradviz.cli.options import flag_of
from gradviz.errors import GradvizError
from gradviz.files import read_bounded
from gradviz.language.tables import ALIASES, BRANCHES, CONSTANTS, FUNCTIONS
from gradviz.limits import PRESET_BYTES, SOURCE_BYTES
from gradviz.optimizers import OPTIMIZERS
from gradviz.specs import KINDS
from gradviz.specs.colour_maps import COLOUR_MAPS

FILES = ":files"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*$")
_CHOICES = re.compile(r"\[?(\w+(?:\|\w+)+)\]?")  # a metavar that lists all there is
_PATH_METAVARS = re.compile(
    r"PATH|FILE|DIR|FIGURE|PRESETS|\.npy|\.csv"
)  # metavars of options that take a path

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


class _Place(NamedTuple):
    """The position of the cursor on the line of a command."""

    waiting: _Parameter
    """The option whose value is typed, None if there is none."""
    given: Sequence[_Parameter]
    """The options that stand there already."""
    arguments: int
    """How many arguments do."""
    closed: bool
    """Whether '--' came, behind which there are no options."""


def answer(app: App, shell: str) -> None:
    """Print for a shell what may stand at the end of the line in COMP_LINE."""
    words, current, quote = read_line(os.environ.get("COMP_LINE", ""))
    found = candidates(app, words, current)
    listed = list(found.words)
    ends_it = shell == "fish" or (shell == "bash" and quote)
    if ends_it and len(listed) == 1 and listed[0][0].endswith("("):
        listed.append((f"{listed[0][0]}...)", listed[0][1]))  # a choice, else the shell would close the quote
    lines = [FILES] if found.files else []
    for word, meaning in listed:
        is_bash = shell == "bash"
        lines.append(_for_bash(word, current, quote) if is_bash else f"{word}\t{' '.join(meaning.split())}")
    if lines:
        result("\n".join(lines))


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
    command = group.commands.get(first)
    if command is None:
        place = _place(group, words[1:])
        arguments = (
            [] if place.arguments else [(n, c.get_short_help_str(100)) for n, c in group.commands.items()]
        )
        return _at(group, place, current, lambda: Found(_fitting(arguments, current)), app)
    place = _place(command, words[2:])
    slots = [param for param in command.params if param.param_type_name == "argument"]
    last = slots[-1] if slots and slots[-1].nargs == -1 else None
    slot = next(iter(slots[place.arguments :]), last)

    def argument() -> Found:
        return _options(command, place, current) if slot is None else _values(slot, current, app)

    return _at(command, place, current, argument, app)


def _at(command: _Command, place: _Place, current: str, argument: Callable[[], Found], app: App) -> Found:
    """Return the candidates at a position: values of an option, options, or arguments."""
    if place.waiting:
        return _values(place.waiting, current, app)
    if place.closed or not current.startswith("-"):
        return argument()
    name, equals, value = current.partition("=")
    param = _named(command).get(name)
    if not equals:
        return _options(command, place, current)
    if param is None or param.is_flag:
        return Found(())
    found = _values(param, value, app)
    return Found([(f"{name}={word}", meaning) for word, meaning in found.words], found.files)


def _named(command: _Command) -> dict[str, _Parameter]:
    """Return the options of a command by each of their spellings."""
    options = [param for param in command.params if param.param_type_name == "option"]
    return {spelled: param for param in options for spelled in (*param.opts, *param.secondary_opts)}


def _place(command: _Command, words: Sequence[str]) -> _Place:
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
    return _Place(waiting, given, arguments, closed)


def _options(command: _Command, place: _Place, current: str) -> Found:
    """Return the options that begin as typed; long ones, unless a short one is."""
    if place.closed:
        return Found(())
    start = current if current.startswith("--") or len(current) > 1 else "--"
    named = _named(command).items()
    spelled = [(name, one.help or "") for name, one in named if one.multiple or one not in place.given]
    return Found(_fitting([*spelled, ("--help", "Show the help and exit.")], start))


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


def _defined_in(path: str) -> Iterator[str]:
    try:
        tree = ast.parse(read_bounded(Path(path).expanduser(), SOURCE_BYTES))
    except (GradvizError, SyntaxError, ValueError, RecursionError):
        return
    yield from (node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _colour_maps(current: str, _app: App) -> Words:
    """Complete colour maps; the reversed ones when the name is whole."""
    for name in COLOUR_MAPS:
        yield name, ""
        if current.startswith(name):
            yield f"{name}_r", "the other way round"


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
    from gradviz.presets import DEFAULTS, builtin_sets
    from gradviz.presets.document import read_document

    for name, path in builtin_sets().items():
        yield name, "a set of presets"
        figures: Any = read_document(read_bounded(path, PRESET_BYTES), name).data
        yield from ((figure, f"of {name}") for figure in figures if figure != DEFAULTS)


def _changes(current: str, app: App) -> Words:
    """Complete the fields of all kinds of figures, and behind '=' their values."""
    program: _Command = get_command(app())
    commands = program.commands
    fields = {
        flag_of(name, info)[2:]: kind
        for kind in KINDS
        for name, info in KINDS[kind].model_fields.items()
        if name not in ("kind", "expression")
    }
    name, equals, value = current.partition("=")
    if not equals:
        yield from ((f"{field}=", "") for field in fields)
    elif name in fields:
        param = _named(commands[fields[name]])[f"--{name}"]
        yield from ((f"{name}={word}", meaning) for word, meaning in _values(param, value, app).words)


_OWN: dict[str, Callable[[str, App], Words]] = {
    "expression": _expressions,
    "where": _expressions,
    "claim": _expressions,
    "cmap": _colour_maps,
    "optimizers": _optimizers,
    "presets": _sets,
    "name": _presets,
    "changes": _changes,
}
"""The parameters, by name, whose values are more than a choice of words or a file."""
