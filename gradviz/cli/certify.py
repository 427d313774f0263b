"""The options `--certify` and `--certify-limit` of `grad`, `check` and `critical`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from gradviz.cli import console
from gradviz.cli.options import read_option
from gradviz.errors import RequestError, visible
from gradviz.fields.requirements import require_flint
from gradviz.language.reading import is_function_of_file
from gradviz.specs import values

Certify = Annotated[bool, typer.Option("--certify", help="Also prove the result by interval arithmetic.")]
Limit = Annotated[
    str | None,
    typer.Option("--certify-limit", metavar="S", help="Processor time of --certify in s (default 10)."),
]
_SECONDS = 10.0
_MAX_SECONDS = 86_400.0
_SHOWN = 5  # number of open boxes that are printed


def seconds_of(texts: Iterable[str | None], *, certify: bool, limit: str | None) -> float | None:
    """Return the processor time for proofs about a function and a claim, in s; None without `--certify`.

    Raises RequestError if one is a function of a file, or python-flint is not installed.
    """
    if not certify:
        if limit is not None:
            raise RequestError("--certify-limit: needs --certify")
        return None
    for text in texts:
        if text is not None and is_function_of_file(text):
            raise RequestError(f"--certify: needs an expression, got the Python function {visible(text)}")
    require_flint()
    seconds = _SECONDS if limit is None else read_option("--certify-limit", values.real, limit)
    if not 0 < seconds <= _MAX_SECONDS:
        raise RequestError(f"--certify-limit: must be positive and at most 86400, got {visible(limit or '')}")
    return seconds


def print_open(
    variables: Sequence[str], boxes: Sequence[Sequence[tuple[float, float]]], reasons: Sequence[str]
) -> None:
    """Print boxes that stay open, each with the reason."""
    for box, reason in list(zip(boxes, reasons, strict=True))[:_SHOWN]:
        sides = (
            f"{name} in [{low:.8g}, {high:.8g}]" for name, (low, high) in zip(variables, box, strict=True)
        )
        console.result(f"  {', '.join(sides)} ({reason})")
    if len(boxes) > _SHOWN:
        console.result(f"  ... and {len(boxes) - _SHOWN:,} more; --json lists all")


def counted(count: int) -> str:
    """Return a number of boxes in words."""
    return f"{count:,} box{'es' * (count != 1)}"
