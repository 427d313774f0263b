"""The optimizers of a descent as a value of its spec. Other figures do not load what the optimizers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import PlainValidator

from gradviz.errors import RequestError
from gradviz.optimizers import OPTIMIZERS, optimizer
from gradviz.specs.types import Converted, schema
from gradviz.specs.values import FrozenDict, assignments, parts, real, shown


def optimizers(value: object) -> tuple[FrozenDict[str, Any], ...]:
    """Return optimizers with the given hyperparameters, from mappings or from texts NAME[,KEY=VALUE...]."""
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    found = []
    for item in items:
        if isinstance(item, str):
            name, *pairs = (part.strip() for part in parts(item))
            given = assignments(pairs)
        elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
            name = item["name"]
            given = FrozenDict({str(key): real(part) for key, part in item.items() if key != "name"})
        else:
            problem = f"must be a name with hyperparameters, got {shown(item)}"
            raise RequestError(f"{problem}; use for example 'sgd,learning_rate=0.1'")
        optimizer(name, given)
        found.append(FrozenDict({"name": name, **given}))
    return tuple(found)


_OPTIMIZER = {
    "type": "object",
    "properties": {"name": {"enum": list(OPTIMIZERS)}},
    "required": ["name"],
    "additionalProperties": {"type": ["number", "string"]},
}

Optimizers = Converted[
    str | Mapping[str, object] | Sequence[str | Mapping[str, object]],
    Annotated[
        tuple[FrozenDict[str, Any], ...],
        PlainValidator(optimizers),
        schema(_OPTIMIZER, {"type": "array", "items": {"anyOf": [_OPTIMIZER, {"type": "string"}]}}),
    ],
]
