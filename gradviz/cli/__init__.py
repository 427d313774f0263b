"""The command line: flags to a spec, a spec to a file. It computes nothing.

Heavy modules are imported inside the commands, so that help and refusals are quick.
"""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from collections import Counter
from contextlib import suppress
from importlib import import_module
from inspect import cleandoc
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from gradviz._version import __version__
from gradviz.cli import console
from gradviz.errors import GradvizError, refused, visible
from gradviz.process import claim_process, end_process

_UsageError: type[Exception] = typer.BadParameter.__mro__[2]  # Typer's own copy of Click's base of errors

_Context = Any  # of Click, whose copy inside Typer is private
_Parameter = Any  # the same
_OF_PATHS = ("output", "data", "out_dir", "figure", "presets", "points")
_OF_SHELLS = ("--install-completion", "--show-completion")
_INTERRUPTED = 130
_LIMITS = {
    RecursionError: "too deeply nested for Python's recursion limit",  # which a user's function may lower
    MemoryError: "out of memory; lower --samples, --size or --dpi",
}
_OF_WRITING = (errno.ENOSPC, errno.EIO, errno.EBADF, errno.EFBIG, errno.EAGAIN)


class _Group(TyperGroup):
    """The command line itself, whose two options for completion may name a shell."""

    def parse_args(self, ctx: _Context, args: list[str]) -> list[str]:
        if args and args[0] in _OF_SHELLS and len(args) == 1:
            args = [*args, ""]  # the user's own
        return super().parse_args(ctx, args)


class _Command(TyperCommand):
    """A command that refuses an option given twice where it takes one value, as a slip would be.

    What is typed is UTF-8 text, whatever the system believes; what names a file is left as it came. `-r=-2:2`
    is `-r -2:2`, as `--range=-2:2` is. `-x0**2` is an expression, and not options that do not exist.
    """

    def parse_args(self, ctx: _Context, args: list[str]) -> list[str]:
        args = _arranged(args, self.params)
        *_, given = self.make_parser(ctx).parse_args(list(args))
        for param, count in Counter(given).items():
            if count > 1 and not (param.multiple or getattr(param, "is_flag", False)):
                ctx.fail(f"{param.opts[-1]}: must have one value, got {count}")
        left = super().parse_args(ctx, args)
        texts = {name: value for name, value in ctx.params.items() if name not in _OF_PATHS}
        ctx.params.update({name: console.as_typed(value) for name, value in texts.items()})
        return left


def _arranged(args: list[str], params: list[_Parameter]) -> list[str]:
    """Return arguments without the '=' between a short option and its value, options first.

    An expression comes behind `--`, so that it is not parsed as an option. That is an argument that begins
    with one '-' and no option's letter; or with an option's letter, if there is no other that could be it.
    """
    options = [param for param in params if param.param_type_name == "option"]
    flags = {spelling for option in options for spelling in (*option.opts, *option.secondary_opts)}
    valued = {spelling for option in options if not option.is_flag for spelling in option.opts}
    kept: list[str] = []
    doubtful: list[str] = []
    plain: list[str] = []
    waiting = iter(args)
    for argument in waiting:
        if argument == "--":
            return [*kept, *doubtful, *plain, "--", *waiting]
        if argument in valued:
            value = next(waiting, None)
            if value is None:
                return [*kept, *doubtful, *plain, argument]  # to be told that its value is missing
            kept += [argument, value]
        elif argument[:2] in valued and argument[2:3] == "=":
            kept += [argument[:2], argument[3:]]
        elif argument in flags or argument.startswith("--") or argument == "-h":
            kept.append(argument)
        elif argument[:2] in flags:
            doubtful.append(argument)
        else:
            plain.append(argument)
    if all(param.name != "expression" for param in params):
        return [*kept, *doubtful, *plain]
    if not plain:
        doubts = [argument for argument in doubtful if argument[2] != "="]  # which no expression has
        plain = [argument for argument in doubts if argument[2] in "*/^+-("][:1] or doubts[:1]
        doubtful = [argument for argument in doubtful if argument not in plain]
    return [*kept, *doubtful, *(["--", *plain] if plain else [])]


_COMMANDS = {
    "tangent": ("figures", "Draw curves with their tangent lines."),
    "surface": ("figures", "Draw a function of two variables in 3-D."),
    "contour": ("figures", "Draw contours, or the curves of equations."),
    "quiver": ("figures", "Draw the gradient as arrows, downhill by default."),
    "stream": ("figures", "Draw streamlines of the gradient."),
    "descent": ("figures", "Draw paths of optimizers over a function."),
    "steps": ("figures", "Draw central-difference error against the step."),
    "pairs": ("figures", "Draw contours of every pair of variables."),
    "grad": ("numbers", "Print values and gradients at points."),
    "check": ("checks", "Check a gradient against finite differences."),
    "critical": ("critical", "Find minima, maxima and saddle points."),
    "batch": ("batch", "Draw all figures of preset files."),
    "watch": ("watch", "Redraw figures when their files are saved."),
    "presets": ("listings", "List built-in presets, or print one."),
    "redraw": ("figures", "Redraw a picture from the spec inside it."),
    "inspect": ("figures", "Print the spec in a picture and its command."),
    "functions": ("listings", "List functions, constants, names and limits."),
}
"""The module of each command, imported for it alone, and the first line of its help, for the list of all."""


def _app(*names: str) -> typer.Typer:
    """Return the command line with the commands of some names; without names, with all of them."""
    app = _empty_app()
    for name in names or _COMMANDS:
        module = import_module(f"gradviz.cli.{_COMMANDS[name][0]}")
        command = getattr(module, name, None) or module.command_of(name)
        told, _, examples = cleandoc(command.__doc__ or "").partition("\n\nExamples:\n")
        epilog = f"\b\nExamples:\n{examples}" if examples else ""  # unwrapped
        app.command(name, cls=_Command, help=told, epilog=epilog)(command)
    return app


def _app_for(*words: str) -> typer.Typer:
    """Return the command line with the first command among some words, or an overview of all commands."""
    names = [word for word in words if word in _COMMANDS][:1]
    return _app(*names) if names else _overview()


def _overview() -> typer.Typer:
    """Return the command line with the names of its commands alone, for help and for misspelt commands."""
    app = _empty_app()
    for name, (_, summary) in _COMMANDS.items():
        app.command(name, help=summary)(lambda: None)
    return app


def _empty_app() -> typer.Typer:
    """Return the command line without commands."""
    app = typer.Typer(
        cls=_Group,
        add_completion=False,  # Typer's takes [x] in help for markup, and ends each word with a space
        no_args_is_help=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Draw functions and their gradients: gradviz quiver 'x0*x1'",
    )
    app.callback(invoke_without_command=True)(_root)
    return app


def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    install_completion: Annotated[
        str | None,
        typer.Option(metavar="[bash|zsh|fish]", help="Install completion (default: for your shell)."),
    ] = None,
    show_completion: Annotated[
        str | None, typer.Option(metavar="[bash|zsh|fish]", help="Print the completion script.")
    ] = None,
) -> None:
    if version:
        console.result(f"gradviz {__version__}")
    elif install_completion is not None or show_completion is not None:
        from gradviz.cli import completion

        if show_completion is not None:
            completion.show(show_completion)
        else:
            completion.install(install_completion or "")
    elif context.invoked_subcommand is None:
        console.result(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 not done, 2 wrong request, 130 interrupted."""
    claim_process()
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # the user's matplotlibrc is not our business
    if sys.stderr is None:  # the shell's 2>&-, which is a way to ask for no messages
        sys.stderr = io.StringIO()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=console.ESCAPED)  # what cannot be shown is no reason to fail
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if asked := os.environ.get("_GRADVIZ_COMPLETE"):
            from gradviz.cli import completion

            completion.answer(_app_for, asked.removeprefix("complete_"))
            return 0
        code = _app_for(*given)(
            args=arguments, prog_name="gradviz", standalone_mode=False, windows_expand_args=False
        )
    except BrokenPipeError:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # nobody reads on, which is no fault
            with suppress(OSError, ValueError):  # a stream that is no file has no descriptor
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback is for users
        code, message = _explained(error)
        console.error(message, import_module("gradviz.cli.options").wording_of(*given[:1]))
        return code
    if code == _INTERRUPTED:
        console.error("interrupted")
    return code if isinstance(code, int) else 0


def run() -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    end_process(main())


def _explained(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the message for what ended a command."""
    if isinstance(error, GradvizError):
        return error.exit_code, error.message
    if isinstance(error, _UsageError):
        context = getattr(error, "ctx", None)
        said = visible(error.format_message(), 300).rstrip(".")  # type: ignore[attr-defined]
        where = f"see {context.command_path} --help" if context is not None else ""
        return 2, f"{said}{' ' if said.endswith('?') else '; '}{where}" if where else said
    if isinstance(error, (KeyboardInterrupt, typer.Abort)):
        return _INTERRUPTED, "interrupted"
    for kind, message in _LIMITS.items():
        if isinstance(error, kind):
            return 1, message
    if isinstance(error, OSError) and error.errno is not None:
        of_output = error.filename is None and error.errno in _OF_WRITING
        said = str(error.strerror).lower()
        return 1, f"cannot write to standard output: {said}" if of_output else refused(error)
    if os.environ.get("GRADVIZ_TRACEBACK"):
        raise error
    return 1, f"internal error: {type(error).__name__}: {visible(str(error), 200)}; please report it"
