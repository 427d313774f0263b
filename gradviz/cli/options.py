"""Fields to flags: the signature of each figure's command is made from its spec, and said nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from gradviz.cli.console import quoted
from gradviz.errors import Place, Ref, RequestError, Wording, changes, flags, keys
from gradviz.specs import KINDS, Spec
from gradviz.specs.sweep import sweep_of
from gradviz.specs.values import ALL, Option, progression

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No messages.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say what is done and how long it takes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object about what was made.")]
Describe = Annotated[
    bool,
    typer.Option(
        "--describe",
        help="Print also what the picture shows, in words for an alt text; with -o - on standard error.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that gradviz did not make.")]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither use nor keep compiled expressions on disk.")
]
Show = Annotated[bool, typer.Option("--show", help="Show the picture in the terminal, too.")]
Open = Annotated[bool, typer.Option("--open", help="Open the file in the system's viewer.")]
RunFiles = Annotated[
    bool, typer.Option("--run-files", help="Run Python files whose functions are to be drawn, FILE.py:NAME.")
]

ExpressionText = Annotated[
    str,
    typer.Argument(
        metavar="EXPR", help="The function: an expression, or FILE.py:NAME of your own.", show_default=False
    ),
]
Vars = Annotated[
    str | None, typer.Option("--vars", metavar="NAMES", help="The variables in order, such as x1,x0.")
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A number for a parameter.")
]
Fix = Annotated[
    list[str] | None, typer.Option("--fix", metavar="VAR=VALUE", help="Hold a variable at a number.")
]
Step = Annotated[
    str | None, typer.Option("--step", metavar="H", help="The step of the differences; central has 1e-4.")
]

_Number = TypeVar("_Number", int, float)

_STEPS = "LO:HI:STEP"  # of a metavar: several numbers may be written so,
_COUNT = "LO:HI:COUNT"  # or so,
_LONG = 4  # and more than these are, where that gives the same

_OUTPUT = {
    "output": (
        Annotated[
            str | None,
            typer.Option(
                "-o",
                "--output",
                metavar="PATH",
                help="Where to; the suffix is the format: png, svg, pdf, html to turn, or gif to move;"
                " '-' writes to standard output.",
                show_default=False,
            ),
        ],
        None,
    ),
    "data": (
        Annotated[
            Path | None,
            typer.Option(
                "--data", metavar="PATH", help="Write the sampled numbers too: .csv, .npz or .json."
            ),
        ],
        None,
    ),
    "show": (Show, False),
    "opened": (Open, False),
    "as_json": (AsJson, False),
    "quiet": (Quiet, False),
    "verbose": (Verbose, False),
    "describe": (Describe, False),
    "no_cache": (NoCache, False),
    "force": (Force, False),
}


def figure_command(kind: type[Spec], run: Callable[..., None]) -> Callable[..., None]:
    """Return the command of a kind, which calls `run(kind, fields, **output)` with the given fields."""

    def command(**given: Any) -> None:
        output = {name: given.pop(name) for name in _OUTPUT}
        run(kind, {name: value for name, value in given.items() if value not in (None, [], ())}, **output)

    parameters = [_parameter(name, info) for name, info in kind.model_fields.items() if name != "kind"]
    parameters += [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for name, (annotation, default) in _OUTPUT.items()
    ]
    command.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = kind.__doc__
    return command


def flag_of(name: str, info: FieldInfo | None) -> str:
    """Return the long option of a field; of one that there is not, what it would be."""
    spelled = _option(info).name if info else ""
    return f"--{(spelled or name).replace('_', '-')}"


def wording_of(command: str = "") -> Wording:
    """Return the terms in which the messages of a command refer to fields."""
    if command == "redraw":
        return changes
    if command in ("batch", "watch"):
        return keys
    fields = KINDS[command].model_fields if command in KINDS else {}

    def worded(ref: Ref) -> str:
        if isinstance(ref, Place) and ref.name == "expression":  # an argument, which has no name to type
            return ""
        return flags(replace(ref, name=flag_of(ref.name, fields.get(ref.name))[2:]))

    return worded


def is_repeatable(info: FieldInfo) -> bool:
    """Tell whether the option of a field may be given several times."""
    return _option(info).repeat


def read_option(option: str, parse: Callable[[str], _Number], text: str) -> _Number:
    """Return the number that an option gives. Raises RequestError, which names the option."""
    try:
        return parse(text)
    except RequestError as error:
        raise RequestError(f"{option}: {error}") from None


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


def _parameter(name: str, info: FieldInfo) -> Parameter:
    keyword = Parameter.KEYWORD_ONLY
    if name == "expression":
        argument = typer.Argument(metavar="EXPR", help=info.description, show_default=False)
        return Parameter(name, keyword, annotation=Annotated[str, argument], default=Parameter.empty)
    option = _option(info)
    choices = _choices(info.annotation)
    names = [*([option.short] if option.short else []), _spelled(name, info)]
    shown = _default(info)
    found = typer.Option(
        *names,
        help=(info.description or "") + (f" [default: {shown}]" if shown else ""),
        metavar="|".join(choices) if choices else option.metavar or None,
        show_default=False,
    )
    annotation: Any = bool | None if _is_switch(info) else list[str] | None if option.repeat else str | None
    return Parameter(name, keyword, annotation=Annotated[annotation, found], default=None)


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
