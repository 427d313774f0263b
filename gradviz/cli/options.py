"""Options of commands: of output, and from the fields of specs; and the command line of a spec."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from inspect import Parameter, Signature, signature
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import typer
from pydantic.fields import FieldInfo

from gradviz.cli.console import Stages, quoted
from gradviz.cli.wording import changes, flags, preset_keys
from gradviz.errors import Place, Ref, RequestError, Wording, number_text
from gradviz.process import use_program_cache
from gradviz.specs import KINDS, Spec
from gradviz.specs.problem import Problem
from gradviz.specs.values import ALL, Option, progression, sweep

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print no messages but errors.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Print the stages with their times.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that gradviz did not write.")]
RunFiles = Annotated[
    bool, typer.Option("--run-files", help="Allow functions of Python files, which are run.")
]
_Output = typer.Option(
    "-o", "--output", metavar="PATH", help="Output file ('-' for stdout).", show_default=False
)
_Data = typer.Option("--data", metavar="PATH", help="Also write the samples: csv, npz or json.")
_Describe = typer.Option("--describe", help="Also print a description for alt text.")
_NoCache = typer.Option("--no-cache", help="Bypass the disk cache of compiled expressions.")


@dataclass(frozen=True)
class Output:
    """The files that a command writes, and the texts that it prints beside the result."""

    output: Annotated[str | None, _Output] = None
    data: Annotated[Path | None, _Data] = None
    show: Annotated[bool, typer.Option("--show", help="Also show the picture in the terminal.")] = False
    open: Annotated[bool, typer.Option("--open", help="Open the file in the system's viewer.")] = False
    json: AsJson = False
    describe: Annotated[bool, _Describe] = False
    force: Force = False
    quiet: Quiet = False
    verbose: Verbose = False
    no_cache: Annotated[bool, _NoCache] = False

    @property
    def to_stdout(self) -> bool:
        """Return whether the picture goes to standard output."""
        return self.output == "-"

    @property
    def path(self) -> Path:
        """The file of the picture, which the command has chosen by `to`."""
        return Path(self.output or "")

    def to(self, default: str) -> Output:
        """Return the same output, into the default file if none is given."""
        return self if self.output is not None else replace(self, output=default)

    def start(self) -> Stages:
        """Apply the options that hold for the process, and return the clock of the command's stages."""
        if self.no_cache:
            use_program_cache(on=False)
        return Stages(verbose=self.verbose, quiet=self.quiet)


# Options of fields ----------------------------------------------------------------------------------------

_Value = TypeVar("_Value")

_LONG = 4  # longest list of equal values that is written out

_OUTPUT = get_type_hints(Output, include_extras=True)
"""The output options by their names, each a type with the option that Typer reads."""


def with_options(
    model: type[Problem] = Problem, fields: str = "", output: str = " ".join(_OUTPUT), **replaced: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command options of a model's fields and of `Output`, by their names.

    The command is called with the given fields as a mapping if there are fields, an `Output`, and its own
    options by keyword. `help_NAME` replaces the help of an option.
    """

    def decorate(run: Callable[..., None]) -> Callable[..., None]:
        of_model = [
            _field(name, model.model_fields[name], replaced.get(f"help_{name}")) for name in fields.split()
        ]
        of_output = [_output(name, replaced.get(f"help_{name}")) for name in output.split()]
        given = signature(run, eval_str=True).parameters.values()
        own = [parameter for parameter in given if parameter.kind is Parameter.KEYWORD_ONLY]

        def command(**given: Any) -> None:
            outputs = {parameter.name: given.pop(parameter.name) for parameter in of_output}
            values = {parameter.name: given.pop(parameter.name) for parameter in of_model}
            values = {name: value for name, value in values.items() if value not in (None, [], ())}
            run(*([values] if of_model else []), Output(**outputs), **given)

        parameters = [*of_model[:1], *own, *of_model[1:], *of_output]
        command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        command.__doc__ = run.__doc__
        return command

    return decorate


def _output(name: str, replaced: str | None) -> Parameter:
    """Return the parameter of an output option."""
    kept, option = get_args(_OUTPUT[name])
    option = copy(option)
    option.help = replaced or option.help
    default = getattr(Output, name)
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[kept, option], default=default)


def _field(name: str, info: FieldInfo, replaced: str | None) -> Parameter:
    """Return the parameter of a field, whose help is its description and its default, unless replaced."""
    if name == "expression":
        argument = typer.Argument(metavar="EXPR", help=info.description, show_default=False)
        return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[str, argument])
    option, kept, default = option_of(info), _bare(info.annotation), _default(info)
    choices = get_args(kept) if get_origin(kept) is Literal else ()
    flag = flag_of(name, info)
    if kept is bool and info.default is None:
        flag += f"/--no-{flag[2:]}"  # neither on nor off by default, so it can be given either way
    described = info.description or ""
    if default:
        described = f"{described.removesuffix('.')} (default {default})."
    found = typer.Option(
        *filter(None, (option.short, flag)),
        help=replaced or described,
        metavar="|".join(choices) or option.metavar or None,
        show_default=False,
    )
    annotation: Any = bool | None if kept is bool else list[str] | None if option.repeat else str | None
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[annotation, found], default=None)


def option_of(info: FieldInfo) -> Option:
    """Return the spelling of a field."""
    return next((part for part in info.metadata if isinstance(part, Option)), Option())


def flag_of(name: str, info: FieldInfo | None) -> str:
    """Return the long option of a field; of one that there is not, what it would be."""
    spelled = option_of(info).name if info else ""
    return f"--{(spelled or name).replace('_', '-')}"


def _bare(annotation: Any) -> Any:
    """Return a type without `None` beside it and without what annotates it."""
    parts = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _bare(parts[0])
    others = [part for part in parts if part is not NoneType]
    return _bare(others[0]) if len(others) == 1 < len(parts) else annotation


def _default(info: FieldInfo) -> str:
    default = info.get_default(call_default_factory=True, validated_data={})
    if default is None or default is False or isinstance(default, (tuple, Mapping)):
        return ""
    return f"{default:g}" if isinstance(default, float) else str(default)


def read_option(option: str, parse: Callable[[str], _Value], text: str) -> _Value:
    """Return the parsed value of an option. Raises RequestError with the name of the option."""
    try:
        return parse(text)
    except RequestError as error:
        raise RequestError(f"{option}: ", error.message) from None


def wording_of(command: str = "") -> Wording:
    """Return the terms in which the messages of a command refer to fields."""
    if command == "redraw":
        return changes
    if command in ("batch", "watch"):
        return preset_keys
    fields = KINDS[command].model_fields if command in KINDS else {}

    def worded(ref: Ref) -> str:
        if isinstance(ref, Place) and ref.name == "expression":
            return "EXPR: "
        return flags(replace(ref, name=flag_of(ref.name, fields.get(ref.name))[2:]))

    return worded


# Specs as commands ----------------------------------------------------------------------------------------


def command_line(spec: Spec, output: str | None = None) -> str:
    """Return the command that draws a spec, as one would type it in a shell; it holds printable text only.

    An expression that begins with '-' and could be taken for an option stands at the end, behind '--'.
    """
    is_doubtful = spec.expression.startswith("-")
    words = ["gradviz", spec.kind, *([] if is_doubtful else [quoted(spec.expression)])]
    for name, info in type(spec).model_fields.items():
        value = getattr(spec, name)
        if name in ("kind", "expression") or value == spec.default_of(name):
            continue
        flag, option = flag_of(name, info), option_of(info)
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag[2:]}")
            continue
        for text in _texts(value, option):
            words += [option.short or flag, quoted(text)]
    words += ["-o", quoted(output)] if output else []
    return " ".join([*words, *(["--", quoted(spec.expression)] if is_doubtful else [])])


def _texts(value: object, option: Option) -> list[str]:
    """Return the texts, one for each time that the option is given, which stand for a value."""
    if isinstance(value, Mapping):
        return [("" if key == ALL else f"{key}=") + _text(part, option) for key, part in value.items()]
    if isinstance(value, tuple) and not option.separator:
        return list(map(str, value))
    if isinstance(value, tuple) and isinstance(value[0], (tuple, Mapping)):
        return [_item(item) for item in value]
    return [_text(value, option)]


def _item(item: tuple[object, ...] | Mapping[str, object]) -> str:
    """Return the text of a point, or of what has a name and numbers of its own."""
    if isinstance(item, tuple):
        *_, name = item
        numbers = [part for part in item if not isinstance(part, str)]
        return ",".join(map(number_text, numbers)) + (f":{name}" if isinstance(name, str) and name else "")
    given = {key: part for key, part in item.items() if key != "name"}
    return ",".join([str(item["name"]), *_texts(given, Option())])


def _text(value: object, option: Option) -> str:
    if not isinstance(value, tuple):
        return number_text(value)
    if len(value) == 1 and isinstance(value[0], float):
        return repr(value[0])  # 5.0 is a level, 5 a number of levels
    shorter = _as_range(value, option) if len(value) > _LONG else ""
    return shorter or option.separator.join(map(number_text, value))


def _as_range(value: tuple[float, ...], option: Option) -> str:
    """Return numbers as LO:HI:STEP or LO:HI:COUNT, nothing where the option does not give the same."""
    low, high, step = value[0], value[-1], value[1] - value[0]
    stepped = ":".join(map(number_text, (low, high if option.closed else high + step, step)))
    counted = ":".join(map(number_text, (low, high, len(value))))
    with contextlib.suppress(RequestError):
        if "LO:HI:STEP" in option.metavar and progression(stepped, closed=option.closed) == value:
            return stepped
        if "LO:HI:COUNT" in option.metavar and sweep({"a": counted})["a"] == value:
            return counted
    return ""
