"""Errors of pydantic as errors of gradviz."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from gradviz.errors import ExpressionError, GradvizError, Message, Ref, SpecError, did_you_mean, visible

_BOUNDS = {
    "greater_than": "must be greater than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


def fault(field: str, *parts: str | Ref) -> SpecError:
    """Return the error of one field of a spec."""
    return SpecError([((field,), Message(*parts))])


def as_ours(error: ValidationError, kind: type[BaseModel]) -> GradvizError:
    """Return the error of gradviz for an error of pydantic in a class of specs."""
    faults = list(_faults(error, kind))
    if len(faults) == 1 and isinstance(faults[0][2], ExpressionError):
        return faults[0][2]
    return SpecError((path, sentence) for path, sentence, _ in faults)


def _faults(
    error: ValidationError, kind: type[BaseModel]
) -> Iterator[tuple[tuple[str | int, ...], str, Exception | None]]:
    for fault in error.errors(include_url=False):
        path, value = fault["loc"][:1], fault["input"]
        name = str(path[0]) if path else ""
        context = fault.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, SpecError):
            yield from ((place, said, None) for place, said in cause.faults)
        elif isinstance(cause, GradvizError):
            inside = isinstance(cause, ExpressionError) and name not in ("", "expression")
            sentence = cause.problem if inside and isinstance(cause, ExpressionError) else cause.message
            yield path, sentence, None if inside else cause
        elif fault["type"] == "extra_forbidden":
            fields = [field for field in kind.model_fields if field != "kind"]
            hint = did_you_mean(name, fields) or f"a {_name(kind)} figure has: {', '.join(fields)}"
            yield path, f"unknown option '{visible(name)}'; {hint}", None
        elif fault["type"] == "too_long":
            yield (
                path,
                f"must have at most {context['max_length']} values, got {context['actual_length']}",
                None,
            )
        elif fault["type"] == "missing":
            yield path, "is missing", None
        elif fault["type"] == "literal_error":
            choices = get_args(_literal(kind, name))
            hint = did_you_mean(str(value), map(str, choices)) if isinstance(value, str) else ""
            yield (
                path,
                f"must be one of {', '.join(map(str, choices))}, got {_shown(value)}"
                + (hint and f"; {hint}"),
                None,
            )
        elif fault["type"] in _BOUNDS:
            yield path, f"{_BOUNDS[fault['type']].format(**context)}, got {_shown(value)}", None
        else:
            yield path, f"{fault['msg'].lower()}, got {_shown(value)}", None


def _literal(kind: type[BaseModel], name: str) -> Any:
    """Return the Literal of a field, from inside an optional one too."""
    annotation = kind.model_fields[name].annotation
    inner = [part for part in get_args(annotation) if get_args(part)]
    return inner[0] if inner else annotation


def _name(kind: type[BaseModel]) -> str:
    return str(kind.model_fields["kind"].default)


def _shown(value: object) -> str:
    return f"'{visible(value)}'" if isinstance(value, str) else visible(repr(value))
