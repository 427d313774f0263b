"""Meshes and curves of a script: evenly spaced coordinates, cuts at discontinuities, and points left out.

A scene has the arrays of its meshes; a script computes them again. So each function here finds the statements
that give the arrays of the scene, and raises RequestError if none do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradviz.arrays import Floats
from gradviz.output.script import helpers
from gradviz.output.script.helpers import Flags, cut, written
from gradviz.output.script.sheet import MAX_LISTED, Sheet, too_many
from gradviz.printing.numpy_source import WIDTH, number
from gradviz.printing.python_source import assigned, rounded
from gradviz.scene.scene import Interval

_CLOSE_SHARE = 1e-6  # maximum distance of the two sides of a discontinuity, in median distances of points
_GAP_SHARE = 1e-9  # distance from a discontinuity to the points beside it in a script, in ranges
_MOVED_SHARE = 1.01  # distance of a point moved to the edge of the domain, in median distances, at most
_PLACE_DIGITS = 12  # significant digits of a discontinuity
_LINE_SHARE = 0.4  # points left out of a row, as a share, from which on they are written as parts of it
_MAX_LINES = 16  # number of parts of rows and columns that are written
_MAX_CHARACTERS = 400  # total length of their indices
_SIDES = 5  # side in cells of a square around a point left out, in which the picture leaves out one, too


@dataclass(frozen=True)
class Coordinates:
    """Coordinates along one variable: evenly spaced, with cuts at discontinuities."""

    source: str
    """The Python source of the evenly spaced ones."""
    even: Floats
    cuts: tuple[float, ...]
    gap: float

    @property
    def values(self) -> Floats:
        """The coordinates as the script computes them."""
        return cut(self.even, self.cuts, self.gap) if self.cuts else self.even


def coordinates_of(along: Floats, interval: Interval, count: int) -> Coordinates:
    """Return the coordinates (n,) of a mesh or curve, up to a fraction of their distance.

    `interval` and `count` are those of the source, whose step they may have. Raises RequestError for
    coordinates that are not evenly spaced between cuts, or have many of these.
    """
    usual, span = float(np.median(np.diff(along))), float(along[-1] - along[0])
    close = np.flatnonzero(np.diff(along) < _CLOSE_SHARE * usual)
    groups = np.split(close, np.flatnonzero(np.diff(close) > 1) + 1) if len(close) else []
    cuts = tuple(float(f"{along[group[0] : group[-1] + 2].mean():.{_PLACE_DIGITS}g}") for group in groups)
    cuts = tuple(0.0 if abs(cut) < _GAP_SHARE * span else cut for cut in cuts)
    gap = float(f"{_GAP_SHARE * span:.1g}")
    low, high = (float(f"{end:.15g}") for end in (along[0], along[-1]))
    about = round(span / usual)
    candidates = [(interval, count), ((low, high), about + 1), ((low, high), about + 2)]
    for source, even in (source_coordinates(*one) for one in candidates):
        found = Coordinates(source, even, cuts, gap)
        same = len(cuts) <= MAX_LISTED and len(found.values) == len(along)
        if same and np.abs(found.values - along).max() <= _MOVED_SHARE * usual:
            return found
    raise too_many(f"{len(cuts):,} discontinuities" if len(cuts) > MAX_LISTED else "unevenly spaced ones")


def source_coordinates(interval: Interval, count: int) -> tuple[str, Floats]:
    """Return the source of evenly spaced coordinates, and the coordinates (n,)."""
    if len(interval) == 3:
        return f"np.arange({', '.join(repr(float(x)) for x in interval)})", np.arange(
            *interval, dtype=np.float64
        )
    low, high = interval
    return f"np.linspace({number(low)}, {number(high)}, {count})", np.linspace(low, high, count)


# Points that are left out ---------------------------------------------------------------------------------


def leave_out(sheet: Sheet, name: str, missing: Flags, values: Floats, what: str) -> None:
    """Write the statements that set `name` to NaN at the points (n1, n0) or (n,) that are missing.

    `values` are those of the script before that, of the same shape. Raises RequestError for points that lie
    neither on whole lines of the mesh nor are few, and that no limit of differences finds.
    """
    whole, rest = _lines(missing, ~np.isnan(values))
    if np.count_nonzero(rest) > MAX_LISTED:
        rule = _rule(missing, values)
        if rule is None:
            raise too_many(f"{np.count_nonzero(missing):,} {what}")
        sheet.define(written(helpers.leave_out))
        sheet.add(f"{name} = leave_out({name}, {rounded(rule[0], 3)}, signs={rule[1]})  # {what}")
        return
    if missing.any():
        sheet.add(f"# {what[0].upper()}{what[1:]}:")
    sheet.add(*(f"{name}[{place}] = np.nan" for place in whole))
    if rest.any():
        indices = ", ".join(str(part.tolist()) for part in np.nonzero(rest))
        line = f"{name}[{indices}] = np.nan"
        if len(line) > WIDTH:
            sheet.add(*assigned("left_out", map(tuple, np.argwhere(rest).tolist())))
            line = f"{name}[tuple(np.transpose(left_out))] = np.nan"
        sheet.add(line)


def _lines(missing: Flags, known: Flags) -> tuple[list[str], Flags]:
    """Return the indices of parts of columns and rows that are missing, and the other missing points.

    Points that are not known may be counted as missing.
    """
    rest, found = missing.copy(), list[str]()
    if missing.ndim == 1:
        return found, rest
    for axis in (1, 0):
        lines, flags = np.moveaxis(rest, axis, 0), np.moveaxis(missing | ~known, axis, 0)
        whole = flags.all(axis=1) & lines.any(axis=1)
        chosen = np.flatnonzero(whole | (lines.mean(axis=1) >= _LINE_SHARE))
        runs: dict[str, list[int]] = {}
        for place in chosen.tolist():
            ends = np.flatnonzero(np.diff(flags[place], prepend=False, append=False)).tolist()
            for low, high in zip(ends[::2], ends[1::2], strict=True):
                run = ":" if (low, high) == (0, flags.shape[1]) else f"{low}:{high}"
                runs.setdefault(run, []).append(place)
        for run, places in runs.items():
            index = str(places[0]) if len(places) == 1 else str(places)
            found.append(f"{run}, {index}" if axis == 1 else f"{index}, {run}")
        lines[chosen] = False
    is_short = len(found) <= _MAX_LINES and sum(map(len, found)) <= _MAX_CHARACTERS
    return (found, rest) if is_short else ([], missing)


def _rule(missing: Flags, values: Floats) -> tuple[float, bool] | None:
    """Return a limit of differences between neighbours, and whether signs count, that finds the points.

    The points found are at most two points from those that are missing, and the other way round.
    """
    for signs in (False, True):
        far = ~_near(missing)
        smooth, jumps = 0.0, []
        for axis in range(values.ndim):
            v, (out, apart) = (
                np.moveaxis(values, axis, 0),
                (np.moveaxis(one, axis, 0) for one in (missing, far)),
            )
            step = np.abs(np.diff(v, axis=0))
            counts = np.isfinite(step) & ((v[1:] * v[:-1] < 0) | (not signs))
            smooth = max(smooth, float(np.max(step, where=counts & (apart[1:] | apart[:-1]), initial=0.0)))
            jumps.append(step[counts & (out[1:] | out[:-1])])
        high = float(np.max(np.concatenate(jumps), initial=0.0))
        for limit in (1.5 * smooth, np.sqrt(smooth * high), high / 2):
            if not 0 <= smooth < limit < high:
                continue
            short = float(f"{limit:.3g}")
            found = np.isnan(helpers.leave_out(values, short, signs)) & ~np.isnan(values)
            if not (found & far).any() and not (missing & ~_near(found)).any():
                return short, signs
    return None


def _near(flags: Flags) -> Flags:
    """Return the points at most two points from some, along each axis."""
    padded = np.pad(flags, _SIDES // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (_SIDES,) * flags.ndim)
    return np.asarray(windows.any(axis=tuple(range(flags.ndim, 2 * flags.ndim))))
