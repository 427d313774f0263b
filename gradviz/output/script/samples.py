"""Arrays of a script: meshes, values and gradients, each written when a mark first needs it.

A scene has the arrays of its meshes; a script computes them again. So each function here finds the statements
that give the arrays of the scene, and raises RequestError if none do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from gradviz.arrays import Floats, axis, magnitudes, mesh
from gradviz.calculus.continuity import Flags
from gradviz.calculus.differences import central
from gradviz.fields.field import Field
from gradviz.fields.source import FieldSource
from gradviz.output.script import helpers
from gradviz.output.script.helpers import Range, cut, written
from gradviz.output.script.sheet import MAX_LISTED, Sheet, identifier, too_many
from gradviz.printing.numpy_source import number
from gradviz.printing.python_source import Code, assigned, rounded
from gradviz.scene.scene import Interval, Source

_CLOSE_SHARE = 1e-6  # maximum distance of the two sides of a discontinuity, in median distances of points
_GAP_SHARE = 1e-9  # distance from a discontinuity to the points beside it in a script, in ranges
_MOVED_SHARE = 1.01  # distance of a point moved to the edge of the domain, in median distances, at most
_PLACE_DIGITS = 12  # significant digits of a discontinuity
_ON_ONE_LINE = 10  # number of points left out by one statement
_LINE_SHARE = 0.4  # points left out of a row, as a share, from which on they are written as parts of it
_MAX_LINES = 16  # number of parts of rows and columns that are written
_MAX_CHARACTERS = 400  # total length of their indices
_SIDES = 5  # side in cells of a square around a point left out, in which the picture leaves out one, too
_LIMIT_RATIO, _LIMITS = 0.7, 200  # from a limit of differences to the next one that is tried; their number

_OWN_MESH, *_FINE_MESHES = "points", "fine", "finer"


# Coordinates and meshes -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coordinates:
    """Coordinates (n,) along one variable: evenly spaced, with cuts at discontinuities."""

    source: str
    """The Python source of the evenly spaced ones."""
    cuts: tuple[float, ...]
    gap: float
    values: Floats = field(compare=False)
    """The coordinates as the script computes them."""


def coordinates_of(along: Floats, interval: Interval, count: int) -> Coordinates:
    """Return the coordinates (n,) of a mesh or curve, up to a fraction of their distance.

    `interval` and `count` are those of the source, whose step they may have. Raises RequestError for
    coordinates that are not evenly spaced between cuts, or have many of these.
    """
    usual, span = float(np.median(np.diff(along))), float(along[-1] - along[0])
    close = np.flatnonzero(np.diff(along) < _CLOSE_SHARE * usual)
    cuts = tuple(float(f"{x:.{_PLACE_DIGITS}g}") for x in along[close[::2] + 1])  # between its two sides
    cuts = tuple(0.0 if abs(x) < _GAP_SHARE * span else x for x in cuts)
    if len(cuts) > MAX_LISTED:
        raise too_many(f"{len(cuts):,} discontinuities")
    gap = float(f"{_GAP_SHARE * span:.1g}")
    ends = float(f"{along[0]:.15g}"), float(f"{along[-1]:.15g}")
    about = round(span / usual)
    for one in ((interval, count), (ends, about + 1), (ends, about + 2)):
        even = axis(*one)
        values = cut(even, cuts, gap) if cuts else even
        if len(values) == len(along) and np.abs(values - along).max() <= _MOVED_SHARE * usual:
            return Coordinates(source_of(*one), cuts, gap, values)
    raise too_many("unevenly spaced ones")


def source_of(interval: Interval, count: int) -> str:
    """Return the source of evenly spaced coordinates."""
    if len(interval) == 3:
        return f"np.arange({', '.join(repr(float(x)) for x in interval)})"
    low, high = interval
    return f"np.linspace({number(low)}, {number(high)}, {count})"


@dataclass(frozen=True)
class Mesh:
    """A mesh of a script."""

    name: str
    along: tuple[Coordinates, ...]
    """The coordinates along x and along y."""
    names: tuple[str, str]
    """The names of these coordinates."""

    @property
    def points(self) -> Floats:
        """The points (n1, n0, 2), none moved to the edge of the domain."""
        return mesh(*(one.values for one in self.along))

    @property
    def meshes(self) -> tuple[str, str]:
        """Source of the coordinates as two meshes (n1, n0)."""
        return f"{self.name}[..., 0]", f"{self.name}[..., 1]"

    def array(self, name: str) -> str:
        """Return the name of an array over the mesh, such as "values"."""
        return name if self.name == _OWN_MESH else f"{self.name}_{name}"


# Arrays ---------------------------------------------------------------------------------------------------


@dataclass
class Samples:
    """The arrays that a script has."""

    sheet: Sheet
    source: Source
    code: FieldSource
    """The source code of the function and of its derivatives."""
    meshes: list[Mesh] = field(default_factory=list)
    arrays: dict[str, Floats] = field(default_factory=dict)
    """The arrays over meshes by their names, as the script computes them."""
    moved: set[str] = field(default_factory=set)
    """Names of the meshes whose points at the edge of the domain have moved."""

    @cached_property
    def field(self) -> Field:
        """The function, NaN outside of its region."""
        return Field(self.source.expression)

    def gradient(self, points: Floats) -> Floats:
        """Return the gradient (..., D) at points (..., D) as the script computes it, up to rounding."""
        whole = self.field.whole
        if self.code.slopes:
            return whole.gradient(points)
        return central(whole, points, self.code.difference_step)

    @property
    def evaluation(self) -> str:
        """The name of the function that is NaN outside of the region."""
        return "f" if self.source.expression.region is None else "masked"

    def mesh(self, points: Floats) -> Mesh:
        """Return the mesh with the coordinates of points (n1, n0, 2), and write it if it is new."""
        intervals, counts = self.source.intervals, self.source.counts
        medians = np.median(points[..., 0], axis=0), np.median(points[..., 1], axis=1)
        along = tuple(map(coordinates_of, medians, intervals, counts))
        for one in self.meshes:
            if one.along == along:
                return one
        own = tuple(map(source_of, intervals, counts))
        used = {one.name for one in self.meshes}
        name, names = _OWN_MESH, tuple(map(identifier, self.source.expression.variables))
        if tuple(one.source for one in along) != own or name in used:
            name = next(name for name in _FINE_MESHES if name not in used)
            names = f"{name}_x", f"{name}_y"
        new = Mesh(name, along, (names[0], names[1]))
        self.meshes.append(new)
        sources = [self.coordinates(one, new.array(f"cuts{i}")) for i, one in enumerate(along)]
        self.sheet.add(
            *map("{} = {}".format, names, sources),
            f"{name} = np.stack(np.meshgrid({', '.join(names)}), axis=-1)"
            f"  # {new.points.shape}: rows run along {names[1]}",
        )
        return new

    def own_mesh(self) -> Mesh:
        """Return the mesh of the source."""
        return self.mesh(mesh(*map(axis, self.source.intervals, self.source.counts)))

    def coordinates(self, along: Coordinates, name: str) -> str:
        """Write the places of cuts under a name, and return the source of coordinates."""
        if not along.cuts:
            return along.source
        self.sheet.define(written(cut))
        self.sheet.add("# The function jumps or has a pole at:")
        self.sheet.add(*assigned(name, (Code(number(x)) for x in along.cuts)))
        return f"cut({along.source}, {name}, gap={number(along.gap)})"

    def axes(self, one: Mesh) -> tuple[str, str]:
        """Return the source of coordinates for contours: two vectors, or meshes where points have moved."""
        return one.meshes if one.name in self.moved else one.names

    def values(self, one: Mesh, drawn: Floats, *, in_box: bool) -> str:
        """Write the values (n1, n0) of a mesh as they are drawn, and return their source.

        In a box, values beyond those that are drawn are NaN, or at its border beside values in it.
        """
        low, high = (float(np.nanmin(drawn)), float(np.nanmax(drawn))) if in_box else (-np.inf, np.inf)
        name = one.array("values")
        if name not in self.arrays:
            values = self._written_values(one, name, drawn)
            missing = np.isnan(drawn) & np.isfinite(values) & (values >= low) & (values <= high)
            what = "points left out between the two sides of a jump or a pole"
            leave_out(self.sheet, name, missing, values, what)
            self.arrays[name] = np.where(missing, np.nan, values)
        if np.nanmin(self.arrays[name]) >= low and np.nanmax(self.arrays[name]) <= high:
            return name
        self.sheet.define(written(helpers.in_box))
        return f"in_box({name}, {rounded(low, 12)}, {rounded(high, 12)})"

    def _written_values(self, one: Mesh, name: str, drawn: Floats) -> Floats:
        """Write the values of a mesh without those at cuts, and return them, no point moved."""
        f, values = self.evaluation, self.field(one.points)
        self.sheet.add(f"{name} = {f}({one.name})")
        if (np.isfinite(drawn) & np.isnan(values)).any():
            self.sheet.define(written(helpers.to_edge))
            self.sheet.add(f"{one.name}, {name} = to_edge({f}, {one.name}, {name})")
            self.moved.add(one.name)
        for i, along in enumerate(one.along):
            if along.cuts:
                at_cut = f"np.isin({one.name}[..., {i}], {one.array(f'cuts{i}')})"
                self.sheet.add(f"{name}[{at_cut}] = np.nan")
                values[np.isin(one.points[..., i], along.cuts)] = np.nan
        return values

    def vectors(self, one: Mesh, missing: Flags) -> str:
        """Write the gradient on a mesh without some of its points (n1, n0), and return its name."""
        name = one.array("vectors")
        if name not in self.arrays:
            vectors = self.gradient(one.points)
            self.sheet.add(f"{name} = gradient({one.name})")
            if self.source.expression.region is not None:
                vectors[~self.field.contains(one.points)] = np.nan
                self.sheet.add(f"{name}[~inside({one.name})] = np.nan")
            known = ~np.isnan(vectors).any(axis=-1)
            what = "points where the gradient is unreliable: at a kink, a jump, a pole or an edge"
            leave_out(self.sheet, name, missing & known, np.where(known, 0.0, np.nan), what)
            self.arrays[name] = np.where(missing[..., None], np.nan, vectors)
        return name

    def sizes(self, one: Mesh) -> str:
        """Write the magnitudes of the gradient on a mesh, and return their name."""
        name, vectors = one.array("sizes"), one.array("vectors")
        if name not in self.arrays:
            self.sheet.add(f"{name} = np.hypot({vectors}[..., 0], {vectors}[..., 1])")
            self.arrays[name] = magnitudes(self.arrays[vectors])
        return name

    def guided(self, one: Mesh, missing: Flags) -> str:
        """Write the directions of lines, which end at points (n1, n0), and return their source."""
        vectors, name = one.array("vectors"), one.array("guided")
        self.sheet.define(written(helpers.guide))
        ends = np.isnan(helpers.guide(self.arrays[vectors])).any(axis=-1)
        rest = missing & ~ends
        if not rest.any():
            return f"guide({vectors})"
        self.sheet.add(f"{name} = guide({vectors})")
        what = "points beside a jump or a pole, where lines end"
        leave_out(self.sheet, name, rest, np.where(ends, np.nan, 0.0), what)
        return name


# Points that are left out ---------------------------------------------------------------------------------


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
    points = np.argwhere(rest)
    for few in np.split(points, range(_ON_ONE_LINE, len(points), _ON_ONE_LINE)) if len(points) else ():
        sheet.add(f"{name}[{', '.join(str(part.tolist()) for part in few.T)}] = np.nan")


def ranges_of(flags: Flags) -> list[Range]:
    """Return the ranges of indices, start and stop, in which flags (n,) are set."""
    ends = np.flatnonzero(np.diff(flags, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _lines(missing: Flags, known: Flags) -> tuple[list[str], Flags]:
    """Return the indices of parts of columns and rows that are missing, and the other missing points.

    Points that are not known may be counted as missing.
    """
    rest, found = missing.copy(), list[str]()
    for across in (1, 0) if missing.ndim == 2 else ():
        lines, flags = np.moveaxis(rest, across, 0), np.moveaxis(missing | ~known, across, 0)
        is_whole = flags.all(axis=1) & lines.any(axis=1)
        chosen = np.flatnonzero(is_whole | (lines.mean(axis=1) >= _LINE_SHARE))
        parts = defaultdict[str, list[int]](list)
        for line in chosen.tolist():
            for low, high in ranges_of(flags[line]):
                parts[f"{low}:{high}"].append(line)
        for ends, places in parts.items():
            part = ":" if ends == f"0:{flags.shape[1]}" else ends
            index = str(places[0] if len(places) == 1 else places)
            found.append(f"{part}, {index}" if across == 1 else f"{index}, {part}")
        lines[chosen] = False
    is_short = len(found) <= _MAX_LINES and sum(map(len, found)) <= _MAX_CHARACTERS
    return (found, rest) if is_short else ([], missing)


def _rule(missing: Flags, values: Floats) -> tuple[float, bool] | None:
    """Return a limit of differences between neighbours, and whether signs count, that finds the points.

    The points found are at most two points from those that are missing, and the other way round.
    """
    known, near = ~np.isnan(values), _near(missing)
    steps = np.concatenate([np.diff(values, axis=i).ravel() for i in range(values.ndim)])
    highest = np.max(np.abs(steps), where=np.isfinite(steps), initial=0.0)
    limits = highest * _LIMIT_RATIO ** np.arange(_LIMITS)
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
