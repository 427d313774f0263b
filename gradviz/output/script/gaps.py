"""Points that a picture leaves out, as statements of a script: at discontinuities, and without a gradient."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from gradviz.arrays import Floats
from gradviz.calculus.continuity import Flags
from gradviz.output.script import helpers
from gradviz.output.script.helpers import Range, written
from gradviz.output.script.sheet import MAX_LISTED, Sheet, too_many
from gradviz.printing.python_source import WIDTH, assigned, rounded

_LINE_SHARE = 0.4  # points left out of a row, as a share, from which on they are written as parts of it
_MAX_LINES = 16  # number of parts of rows and columns that are written
_MAX_CHARACTERS = 400  # total length of their indices
_SIDES = 5  # side in cells of a square around a point left out, in which the picture leaves out one, too
_LIMIT_RATIO, _LIMITS = 0.7, 200  # from a limit of differences to the next one that is tried; their number


def leave_out(sheet: Sheet, name: str, missing: Flags, values: Floats, what: str) -> None:
    """Write the statements that set `name` to NaN at the points (n1, n0) or (n,) that are missing.

    `values` are those of the script before that, of the same shape. Raises RequestError for points that lie
    neither on whole lines of the mesh nor are few, and that no limit of differences finds.
    """
    lines, rest = _lines(missing, ~np.isnan(values))
    if np.count_nonzero(rest) > MAX_LISTED:
        rule = _rule(missing, values)
        if rule is None:
            raise too_many(f"{np.count_nonzero(missing):,} {what}")
        sheet.define(written(helpers.leave_out))
        sheet.add(f"{name} = leave_out({name}, {rounded(rule[0], 3)}, signs={rule[1]})  # {what}")
        return
    if missing.any():
        sheet.add(f"# {what[0].upper()}{what[1:]}:")
    sheet.add(*(f"{name}[{index}] = np.nan" for index in lines))
    if rest.any():
        indices = ", ".join(str(part.tolist()) for part in np.nonzero(rest))
        line = f"{name}[{indices}] = np.nan"
        if len(line) > WIDTH:
            sheet.add(*assigned("left_out", map(tuple, np.argwhere(rest).tolist())))
            line = f"{name}[tuple(np.transpose(left_out))] = np.nan"
        sheet.add(line)


def ranges_of(flags: Flags) -> list[Range]:
    """Return the ranges of indices, start and stop, in which flags (n,) are set."""
    ends = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _lines(missing: Flags, known: Flags) -> tuple[list[str], Flags]:
    """Return the indices of parts of columns and rows that are missing, and the other missing points.

    Points that are not known may be counted as missing.
    """
    rest, found = missing.copy(), list[str]()
    for axis in (1, 0) if missing.ndim == 2 else ():
        lines, flags = np.moveaxis(rest, axis, 0), np.moveaxis(missing | ~known, axis, 0)
        has_enough = (flags.all(axis=1) & lines.any(axis=1)) | (lines.mean(axis=1) >= _LINE_SHARE)
        chosen = np.flatnonzero(has_enough)
        parts = defaultdict[str, list[int]](list)
        for line in chosen.tolist():
            for low, high in ranges_of(flags[line]):
                is_whole = (low, high) == (0, flags.shape[1])
                parts[":" if is_whole else f"{low}:{high}"].append(line)
        for part, places in parts.items():
            index = str(places[0] if len(places) == 1 else places)
            found.append(f"{part}, {index}" if axis == 1 else f"{index}, {part}")
        lines[chosen] = False
    is_short = len(found) <= _MAX_LINES and sum(map(len, found)) <= _MAX_CHARACTERS
    return (found, rest) if is_short else ([], missing)


def _rule(missing: Flags, values: Floats) -> tuple[float, bool] | None:
    """Return a limit of differences between neighbours, and whether signs count, that finds the points.

    The points found are at most two points from those that are missing, and the other way round.
    """
    known, near = ~np.isnan(values), _near(missing)
    steps = np.concatenate([np.diff(values, axis=axis).ravel() for axis in range(values.ndim)])
    limits = np.nanmax(np.abs(steps)) * _LIMIT_RATIO ** np.arange(_LIMITS)
    for signs in (False, True):
        lowest = None
        for limit in limits[limits > 0]:
            short = float(f"{limit:.3g}")
            found = np.isnan(helpers.leave_out(values, short, signs)) & known
            if (found & ~near).any():
                break  # a lower limit finds even more
            lowest = None if (missing & ~_near(found)).any() else (short, signs)
        if lowest is not None:
            return lowest
    return None


def _near(flags: Flags) -> Flags:
    """Return the points at most two points from some, along each axis."""
    padded = np.pad(flags, _SIDES // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_SIDES,) * flags.ndim)
    return np.asarray(windows.any(axis=tuple(range(flags.ndim, 2 * flags.ndim))))
