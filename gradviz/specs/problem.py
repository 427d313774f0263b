"""A problem: a function, its variables, and how its gradient is taken, for figures and for numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gradviz.errors import (
    ExpressionError,
    GradvizError,
    Message,
    Ref,
    RequestError,
    SpecError,
    did_you_mean,
    shown,
    visible,
)
from gradviz.registry import Method
from gradviz.specs import types
from gradviz.specs.types import option
from gradviz.specs.values import FrozenDict

_BOUNDS = {
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


def _expression(value: object) -> object:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        raise RequestError(f"must be text, got {shown(value)}; quote it: '{shown(value)}'")
    if isinstance(value, str) and value.rstrip(":").endswith(".py"):
        file = visible(value.rstrip(":"))
        raise RequestError(f"must name a function of the file, got '{file}'; use {file}:NAME")
    return value


class Problem(BaseModel):
    """A function, its variables, and the points and method for its gradient.

    Raises SpecError (one problem a field) or ExpressionError, both RequestError, for invalid values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    expression: Annotated[str, BeforeValidator(_expression)] = Field(
        description="Function, such as 'x0*x1'; FILE.py:NAME; '-' for stdin."
    )
    vars: types.OptionalNames = option(
        "Variables in order, such as x1,x0; declares longer names.", metavar="NAMES"
    )
    where: Annotated[str | None, BeforeValidator(_expression)] = option(
        "Condition on the plotted points, such as 'x0*x1 > 0'.", metavar="CONDITION"
    )
    set: types.Assignments = option(
        "Value of a parameter of the expression.", FrozenDict, metavar="NAME=VALUE", repeat=True
    )
    fix: types.Assignments = option(
        "Fixed value of a variable.", FrozenDict, metavar="VAR=VALUE", repeat=True
    )
    range: types.OptionalRange = option(
        "Sampled interval of one variable, or of all.",
        short="-r",
        metavar="[VAR=]LO:HI[:STEP]",
        repeat=True,
        separator=":",
    )
    samples: types.OptionalSamples = option(
        "Points along each axis, both ends included.", short="-n", metavar="N or N0,N1"
    )
    method: Method = option("Method of the gradient.", "adaptive")
    step: Annotated[types.OptionalReal, Field(gt=0)] = option(
        "Finite-difference step (default 1e-4 for central).", metavar="H"
    )

    if not TYPE_CHECKING:  # type checkers see the fields as arguments

        def __init__(self, /, **data: Any) -> None:
            ours = None
            try:
                super().__init__(**data)
            except ValidationError as error:
                ours = _as_ours(error, type(self))
            if ours is not None:  # out here: as its context, pydantic's error would keep it alive for ever
                raise ours


# Errors ---------------------------------------------------------------------------------------------------


def fault(field: str, *parts: str | Ref) -> SpecError:
    """Return the error of one field of a spec."""
    return SpecError([((field,), Message(*parts))])


def _as_ours(error: ValidationError, kind: type[Problem]) -> GradvizError:
    """Return the error of an expression if there is no other, else the problems of all fields."""
    details = error.errors(include_url=False)
    cause = details[0].get("ctx", {}).get("error")
    if len(details) == 1 and isinstance(cause, ExpressionError) and _is_whole(details[0]["loc"]):
        return cause
    return SpecError(problem for detail in details for problem in _problems(detail, kind))


def _is_whole(path: tuple[int | str, ...]) -> bool:
    """Return whether an error is that of the expression, not of one inside another field."""
    return path[:1] in ((), ("expression",))


def _problems(detail: Any, kind: type[Problem]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the path and the problem of each invalid value."""
    path, cause = detail["loc"][:1], detail.get("ctx", {}).get("error")
    if isinstance(cause, SpecError):
        yield from cause.faults
    elif isinstance(cause, ExpressionError) and not _is_whole(path):
        yield path, cause.problem
    elif isinstance(cause, GradvizError):
        yield path, cause.message
    else:
        yield path, _sentence(detail, kind, str(path[0]))


def _sentence(detail: Any, kind: type[Problem], name: str) -> str:
    """Return the problem of a value that pydantic itself does not accept."""
    error, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if error == "missing":
        return "is missing"
    if error == "too_long":
        return f"must have at most {context['max_length']} values, got {context['actual_length']}"
    if error == "extra_forbidden":
        fields = [field for field in kind.model_fields if field != "kind"]
        if not (hint := did_you_mean(name, fields)):
            hint = f"a {kind.model_fields['kind'].default} figure has: {', '.join(fields)}"
        return f"unknown option '{visible(name)}'; {hint}"
    if error == "literal_error":
        choices = [str(choice) for choice in _choices(kind, name)]
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"must be one of {', '.join(choices)}, got {shown(value)}" + (hint and f"; {hint}")
    rule = _BOUNDS[error].format(**context) if error in _BOUNDS else detail["msg"].lower()
    return f"{rule}, got {shown(value)}"


def _choices(kind: type[Problem], name: str) -> tuple[object, ...]:
    """Return the choices of a Literal, also of an optional one."""
    choices = get_args(kind.model_fields[name].annotation)
    return next((inner for choice in choices if (inner := get_args(choice))), choices)
