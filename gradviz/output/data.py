"""The sampled numbers as CSV, NPZ or JSON, one row a point."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradviz.errors import RequestError, did_you_mean, visible

if TYPE_CHECKING:
    from gradviz.figures.samples import Samples

DATA_FORMATS = ("csv", "npz", "json")


def data_format_of(path: Path) -> str:
    """Return the format that a suffix stands for. Raises RequestError."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in DATA_FORMATS:
        hint = did_you_mean(suffix, DATA_FORMATS) or f"write .{', .'.join(DATA_FORMATS)}"
        raise RequestError(f"{visible(str(path), 200)}: data has the suffix of its format; {hint}")
    return suffix


def encode_data(samples: Samples, form: str) -> bytes:
    """Return the sampled numbers in a format; every float is written so that it reads back equal.

    CSV and JSON have one column a variable, then `f`, then `df/d<variable>`; a value that is not defined is
    an empty cell or null. NPZ has the arrays `points` (..., D), `f` (...) and `gradient` (..., D).
    A figure that does not show the points has columns of its own; in NPZ they stand beside these arrays.
    """
    if form == "npz":
        return _npz(samples)
    columns = samples.columns()
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    if form == "json":
        lists = {name: [finite(value) for value in column.tolist()] for name, column in columns.items()}
        return (json.dumps(lists, allow_nan=False) + "\n").encode()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if math.isnan(value) else repr(value) for value in row] for row in rows)
    return text.getvalue().encode()


def finite(value: Any) -> Any:
    """Return numbers, in lists or alone, with None for those that are not finite, which JSON has not."""
    if isinstance(value, list):
        return [finite(item) for item in value]
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _npz(samples: Samples) -> bytes:
    import numpy as np

    arrays = {"points": samples.points, "f": samples.values, "variables": np.array(samples.field.variables)}
    if samples.gradient is not None:
        arrays["gradient"] = samples.gradient
    arrays |= samples.table or {}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
