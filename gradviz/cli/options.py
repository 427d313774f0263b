"""Options of commands from the fields of specs, and the command line of a spec."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import typer
from pydantic.fields import FieldInfo

from gradviz.cli.console import quoted
from gradviz.cli.output import Output
from gradviz.cli.wording import changes, flags, preset_keys
from gradviz.errors import Place, Ref, RequestError, Wording
from gradviz.output.formats import formats_of
from gradviz.specs import KINDS, Spec
from gradviz.specs.problem import Problem
from gradviz.specs.sweep import sweep_of
from gradviz.specs.values import ALL, Option, progression

_Value = TypeVar("_Value")

_STEPS = "LO:HI:STEP"  # of a metavar: several numbers may be written so,
_COUNT = "LO:HI:COUNT"  # or so,
_LONG = 4  # longest list of equal values that is written out

_OUTPUT = get_type_hints(Output, include_extras=True)
"""The output options by their names, each a type with the option that Typer reads."""


def figure_command(kind: type[Spec], run: Callable[..., None]) -> Callable[..., None]:
    """Return the command of a kind, which calls `run(kind, fields, output)` with the given fields."""
    fields = [name for name in kind.model_fields if name != "kind"]
    help_of = {"output": f"Output file: {', '.join(formats_of(kind))} ('-' for stdout)."}
    shown = kind.__doc__ or ""
    doc = f"Draw {shown[:1].lower()}{shown[1:]}"
    return _command(partial(run, kind), doc, _parameters(kind, fields, {}), _outputs(_OUTPUT, help_of))


def with_options(
    model: type[Problem] | None = None, fields: str = "", output: str = "", **replaced: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a command options of a model's fields and of `Output`, by their names.

    The command is called with the given fields as a mapping if there is a model, an `Output`, and its own
    options by keyword. `help_NAME` replaces the help of an option.
    """
    help_of = {name.removeprefix("help_"): text for name, text in replaced.items()}

    def decorate(run: Callable[..., None]) -> Callable[..., None]:
        own = [
            parameter
            for parameter in signature(run, eval_str=True).parameters.values()
            if parameter.kind is Parameter.KEYWORD_ONLY
        ]
        of_model = _parameters(model, fields.split(), help_of) if model else []
        call = run if model else lambda _fields, output, **given: run(output, **given)
        return _command(call, run.__doc__, of_model, _outputs(output.split(), help_of), own)

    return decorate


def _command(
    run: Callable[..., None],
    doc: str | None,
    fields: Sequence[Parameter],
    outputs: Sequence[Parameter],
    own: Sequence[Parameter] = (),
) -> Callable[..., None]:
    """Return the function that Typer makes a command of, which calls `run(fields, output, **own)`."""

    def command(**given: Any) -> None:
        output = {parameter.name: given.pop(parameter.name) for parameter in outputs}
        output["cache"] = not output.pop("no_cache", False)
        values = {parameter.name: given.pop(parameter.name) for parameter in fields}
        values = {name: value for name, value in values.items() if value not in (None, [], ())}
        run(values, Output(**output), **given)

    parameters = [*fields[:1], *own, *fields[1:], *outputs]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = doc
    return command


def _outputs(names: Iterable[str], help_of: Mapping[str, str]) -> list[Parameter]:
    """Return parameters of output options; `cache` is switched off by its option, `--no-cache`."""
    found = []
    for name in names:
        kept, option = get_args(_OUTPUT[name])
        option = copy(option)
        option.help = help_of.get(name, option.help)
        found.append(_keyword("no_cache" if name == "cache" else name, kept, option))
    return found


def _keyword(name: str, kept: Any, option: Any) -> Parameter:
    """Return a parameter that is left out by default: None, or False for a switch."""
    default = False if kept is bool else None
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[kept, option], default=default)


def flag_of(name: str, info: FieldInfo | None) -> str:
    """Return the long option of a field; of one that there is not, what it would be."""
    spelled = _option(info).name if info else ""
    return f"--{(spelled or name).replace('_', '-')}"


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


def is_repeatable(info: FieldInfo) -> bool:
    """Return whether the option of a field is repeatable."""
    return _option(info).repeat


def read_option(option: str, parse: Callable[[str], _Value], text: str) -> _Value:
    """Return the parsed value of an option. Raises RequestError with the name of the option."""
    try:
        return parse(text)
    except RequestError as error:
        raise RequestError(f"{option}: ", error.message) from None


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
        option = _option(info)
        if isinstance(value, bool):
            words.append(flag_of(name, info) if value else f"--no-{name.replace('_', '-')}")
            continue
        for text in _texts(value, option):
            words += [option.short or flag_of(name, info), quoted(text)]
    words += ["-o", quoted(output)] if output else []
    return " ".join([*words, *(["--", quoted(spec.expression)] if is_doubtful else [])])


def _texts(value: object, option: Option) -> list[str]:
    """Return the texts, one for each time that the option is given, which stand for a value."""
    if isinstance(value, Mapping):
        counted = _COUNT in option.metavar
        return [
            ("" if key == ALL else f"{key}=")
            + ((_as_count(part) if counted else "") or _text(part, option.separator))
            for key, part in value.items()
        ]
    if isinstance(value, tuple) and isinstance(value[0], (tuple, Mapping)):
        return [text for item in value for text in _item(item)]
    text = _as_steps(value) if isinstance(value, tuple) and _STEPS in option.metavar else ""
    return [text or _text(value, option.separator)]


def _item(item: object) -> list[str]:
    """Return the text of a point, or of what has a name and numbers of its own."""
    if isinstance(item, Mapping):
        pairs = _texts({key: part for key, part in item.items() if key != "name"}, Option())
        return [",".join([str(item["name"]), *pairs])]
    return [",".join(_text(part, "") for part in item)] if isinstance(item, tuple) else []


def _text(value: object, separator: str) -> str:
    if not isinstance(value, tuple):
        return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
    if len(value) == 1 and isinstance(value[0], float):
        return repr(value[0])  # 5.0 is a level, 5 a number of levels
    return separator.join(_text(part, "") for part in value)


def _as_steps(value: tuple[float, ...]) -> str:
    """Return many numbers as LO:HI:STEP, nothing where that does not give the same."""
    if len(value) > _LONG:
        low, step = value[0], value[1] - value[0]
        text = ":".join(_text(part, "") for part in (low, value[-1] + step, step))
        with contextlib.suppress(RequestError):
            if progression(text) == value:
                return text
    return ""


def _as_count(value: tuple[float, ...]) -> str:
    """Return many numbers as LO:HI:COUNT, nothing where that does not give the same."""
    if len(value) <= _LONG:
        return ""
    text = ":".join(_text(part, "") for part in (value[0], value[-1], len(value)))
    with contextlib.suppress(RequestError):
        if tuple(sweep_of({"a": text}).values()) == (value,):
            return text
    return ""


def _parameters(model: type[Problem], names: Iterable[str], help_of: Mapping[str, str]) -> list[Parameter]:
    """Return parameters of fields."""
    return [_parameter(name, model.model_fields[name], help_of.get(name)) for name in names]


def _parameter(name: str, info: FieldInfo, replaced: str | None) -> Parameter:
    """Return the parameter of a field, whose help is its description and its default, unless replaced."""
    if name == "expression":
        argument = typer.Argument(metavar="EXPR", help=info.description, show_default=False)
        return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[str, argument])
    option = _option(info)
    choices = _choices(info.annotation)
    names = [*([option.short] if option.short else []), _spelled(name, info)]
    shown = _default(info)
    described = info.description or ""
    if shown:
        described = f"{described.removesuffix('.')} (default {shown})."
    found = typer.Option(
        *names,
        help=replaced or described,
        metavar="|".join(choices) if choices else option.metavar or None,
        show_default=False,
    )
    annotation: Any = bool | None if _is_switch(info) else list[str] | None if option.repeat else str | None
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[annotation, found], default=None)


def _spelled(name: str, info: FieldInfo) -> str:
    """Return the option; a switch that is neither on nor off by default can be given either way."""
    if _is_switch(info) and info.default is None:
        return f"{flag_of(name, info)}/--no-{name.replace('_', '-')}"
    return flag_of(name, info)


def _option(info: FieldInfo) -> Option:
    return next((part for part in info.metadata if isinstance(part, Option)), Option())


def _is_switch(info: FieldInfo) -> bool:
    return _bare(info.annotation) is bool


def _bare(annotation: Any) -> Any:
    """Return a type without `None` beside it and without what annotates it."""
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is Annotated:
        return _bare(parts[0])
    if len(parts) == 1 and type(None) in get_args(annotation):
        return _bare(parts[0])
    return annotation


def _choices(annotation: Any) -> tuple[str, ...]:
    bare = _bare(annotation)
    return get_args(bare) if get_origin(bare) is Literal else ()


def _default(info: FieldInfo) -> str:
    default = info.get_default(call_default_factory=True, validated_data={})
    if default is None or default is False or isinstance(default, (tuple, Mapping)):
        return ""
    return f"{default:g}" if isinstance(default, float) else str(default)
