"""The sampled numbers as CSV, NPZ or JSON, one row a point."""

from __future__ import annotations

import csv
import io
import json
import math
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradviz import limits
from gradviz.errors import Ref, RequestError, did_you_mean, visible

if TYPE_CHECKING:
    from gradviz.sampling.samples import Samples, Swept

DATA_FORMATS = ("csv", "npz", "json")


def data_format_of(path: Path) -> str:
    """Return the format that a suffix stands for. Raises RequestError."""
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in DATA_FORMATS:
        hint = did_you_mean(suffix, DATA_FORMATS) or f"write .{', .'.join(DATA_FORMATS)}"
        raise RequestError(f"{visible(str(path), 200)}: data has the suffix of its format; {hint}")
    return suffix


def encode_data(samples: Samples | Swept, form: str) -> bytes:
    """Return the sampled numbers in a format; every float is written so that it reads back equal.

    CSV has one column a variable, then `f` and `df/d<variable>`; and if there is a point where the gradient
    is not to be relied on, `unreliable`, which says why. JSON has that and the errors always. What is not
    finite is an empty cell or null. NPZ has the arrays `points` (..., D), `f` (...), `gradient` and `error`
    (..., D), and `unreliable` (...).

    A sweep has its parameter as the first column, in NPZ as an array (K,) beside arrays (K, ...).
    A figure that does not show the points has columns of its own; in NPZ they stand beside these arrays, or
    with paths in their place. A variable or parameter whose name is that of another column or array is
    `variable NAME` or `parameter NAME`. Raises RequestError if there are too many points.
    """
    if samples.size > limits.POINTS:
        raise RequestError(f"data has at most {limits.POINTS:,} points; lower ", Ref("samples"))
    if form == "npz":
        return _npz(samples)
    columns, errors = (
        {name: finite(list(column)) for name, column in table.items()}
        for table in (samples.columns(), samples.error_columns())
    )
    if form == "json":
        return (json.dumps({**columns, **errors}, allow_nan=False) + "\n").encode()
    if any(errors.get("unreliable", ())):
        columns["unreliable"] = errors["unreliable"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")  # of floats it writes all digits, of None an empty cell
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def finite(value: Any) -> Any:
    """Return numbers, in lists or alone, with None for those that are not finite, and 0 for -0."""
    if isinstance(value, list):
        return [finite(item) for item in value]
    if not isinstance(value, float):
        return value
    return value + 0.0 if math.isfinite(value) else None  # 0 instead of -0


def _npz(samples: Samples | Swept) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # as `np.savez`, to which names of users would be arguments
        for name, array in samples.arrays().items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    return buffer.getvalue()
