"""Arrays of a script: meshes, values and gradients, each written when a mark first needs it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from gradviz.arrays import Floats, axis, magnitudes, mesh
from gradviz.calculus.differences import central
from gradviz.fields.field import Field
from gradviz.fields.source import FieldSource
from gradviz.output.script import helpers
from gradviz.output.script.helpers import Flags, written
from gradviz.output.script.meshes import Coordinates, coordinates_of, leave_out, source_coordinates
from gradviz.output.script.names import identifier
from gradviz.output.script.sheet import Sheet
from gradviz.printing.numpy_source import WIDTH, number
from gradviz.printing.python_source import Code, assigned, rounded
from gradviz.scene.scene import Source

_MESH_NAMES = ("points", "fine", "finer")


@dataclass(frozen=True)
class Mesh:
    """A mesh of a script, with the source of its coordinates along x and along y."""

    name: str
    along: tuple[Coordinates, Coordinates]
    names: tuple[str, str]

    @property
    def points(self) -> Floats:
        """The points (n1, n0, 2), none moved to the edge of the domain."""
        return mesh(self.along[0].values, self.along[1].values)

    @property
    def meshes(self) -> tuple[str, str]:
        """Source of the coordinates as two meshes (n1, n0)."""
        return f"{self.name}[..., 0]", f"{self.name}[..., 1]"

    def array(self, name: str) -> str:
        """Return the name of an array over the mesh, such as "values"."""
        return name if self.name == _MESH_NAMES[0] else f"{self.name}_{name}"


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
        whole = Field(replace(self.source.expression, region=None))
        if self.code.slopes:
            return whole.gradient(points)
        gradient = central(whole, points, self.code.difference_step)
        return np.where(np.isnan(whole(points))[..., None], np.nan, gradient)

    @property
    def evaluation(self) -> str:
        """The name of the function that is NaN outside of the region."""
        return "f" if self.source.expression.region is None else "masked"

    def mesh(self, points: Floats) -> Mesh:
        """Return the mesh with the coordinates of points (n1, n0, 2), and write it if it is new."""
        along = (np.median(points[..., 0], axis=0), np.median(points[..., 1], axis=1))
        found = tuple(map(coordinates_of, along, self.source.intervals, self.source.counts))
        for one in self.meshes:
            if all(a.source == b.source and a.cuts == b.cuts for a, b in zip(one.along, found, strict=True)):
                return one
        own = map(source_coordinates, self.source.intervals, self.source.counts)
        is_own = [one.source for one in found] == [source for source, _ in own]
        free = [name for name in _MESH_NAMES[not is_own :] if name not in {one.name for one in self.meshes}]
        new = Mesh(free[0], (found[0], found[1]), self._names(free[0]))
        self.meshes.append(new)
        self._write_mesh(new)
        return new

    def own_mesh(self) -> Mesh:
        """Return the mesh of the source."""
        return self.mesh(
            mesh(*(axis(*one) for one in zip(self.source.intervals, self.source.counts, strict=True)))
        )

    def _names(self, name: str) -> tuple[str, str]:
        if name == _MESH_NAMES[0]:
            x, y = map(identifier, self.source.expression.variables)
            return x, y
        return f"{name}[0, :, 0]", f"{name}[:, 0, 1]"

    def _write_mesh(self, new: Mesh) -> None:
        sources = []
        for i, along in enumerate(new.along):
            sources.append(self.coordinates(along, new.array(f"cuts{i}")))
        if new.name == _MESH_NAMES[0]:
            self.sheet.add(*(f"{name} = {one}" for name, one in zip(new.names, sources, strict=True)))
            sources = list(new.names)
        rows, columns = new.points.shape[:2]
        y = new.names[1] if new.name == _MESH_NAMES[0] else self.source.expression.variables[1]
        words = f"# ({rows}, {columns}, 2): rows run along {y}"
        whole = f"{new.name} = np.stack(np.meshgrid({', '.join(sources)}), axis=-1)"
        is_short = len(whole) + len(words) + 2 <= WIDTH
        self.sheet.add(*([f"{whole}  {words}"] if is_short else [words, whole]))

    def coordinates(self, along: Coordinates, name: str) -> str:
        """Write the places of cuts under a name, and return the source of coordinates."""
        if not along.cuts:
            return along.source
        self.sheet.define(written(helpers.cut))
        self.sheet.add("# The function jumps or has a pole at:")
        self.sheet.add(*assigned(name, (Code(number(cut)) for cut in along.cuts)))
        return f"cut({along.source}, {name}, gap={number(along.gap)})"

    # Values -------------------------------------------------------------------------------------------

    def values(self, one: Mesh, drawn: Floats, *, limits: tuple[float, float] | None = None) -> str:
        """Write the values (n1, n0) of a mesh as they are drawn, and return the name of the array.

        With `limits` values beyond are NaN, or a limit beside values between them, as a box shows them.
        """
        name = one.array("values")
        if name not in self.arrays:
            self.arrays[name] = self._write_values(one, name, drawn, limits)
        low, high = limits or (-np.inf, np.inf)
        if np.nanmin(self.arrays[name]) >= low and np.nanmax(self.arrays[name]) <= high:
            return name
        self.sheet.define(written(helpers.in_box))
        return f"in_box({name}, {rounded(low, 12)}, {rounded(high, 12)})"

    def _write_values(
        self, one: Mesh, name: str, drawn: Floats, limits: tuple[float, float] | None
    ) -> Floats:
        f, values = self.evaluation, self.field(one.points)
        self.sheet.add(f"{name} = {f}({one.name})")
        if (np.isfinite(drawn) & np.isnan(values)).any():
            self.sheet.define(written(helpers.to_edge))
            self.sheet.add(f"{one.name}, {name} = to_edge({f}, {one.name}, {name})")
            self.moved.add(one.name)
        for i, along in enumerate(one.along):
            if along.cuts:
                cut = np.isin(one.points[..., i], along.cuts)
                place = f"np.isin({one.name}[..., {i}], {one.array(f'cuts{i}')})"
                self.sheet.add(f"{name}[{place}] = np.nan")
                values = np.where(cut, np.nan, values)
        shown = np.isfinite(values)
        if limits is not None:
            shown &= (values >= limits[0]) & (values <= limits[1])
        what = "points left out between the two sides of a jump or a pole"
        leave_out(self.sheet, name, np.isnan(drawn) & shown, values, what)
        return np.where(np.isnan(drawn) & shown, np.nan, values)

    def axes(self, one: Mesh) -> tuple[str, str]:
        """Return the source of coordinates for contours: two vectors, or meshes where points have moved."""
        return one.meshes if one.name in self.moved else one.names

    # Gradients ----------------------------------------------------------------------------------------

    def vectors(self, one: Mesh, missing: Flags) -> str:
        """Write the gradient on a mesh without some of its points (n1, n0), and return its name."""
        name = one.array("vectors")
        if name not in self.arrays:
            vectors = self.gradient(one.points)
            self.sheet.add(f"{name} = gradient({one.name})")
            if self.source.expression.region is not None:
                inside = self.field.contains(one.points)
                vectors = np.where(inside[..., None], vectors, np.nan)
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
