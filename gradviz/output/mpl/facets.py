"""The facets of a lit surface as an artist of Matplotlib."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from matplotlib.path import Path
from mpl_toolkits.mplot3d.art3d import Poly3DCollection
from mpl_toolkits.mplot3d.proj3d import proj_transform

from gradviz.arrays import Floats
from gradviz.output.mpl.types import Artist, Axes, Keywords
from gradviz.scene.marks import Facets

_LINE_SHADE = 0.78  # brightness of a line of the mesh to that of its facet
_LINE_WIDTH = 0.5  # points
_LARGE_FACET = 95  # percentile of the depths that facets extend over
_LEAST_SIDE = 1.8  # inches: height of a box from which on it has room for lines of the mesh
_LEAST_PIXELS = 160  # height of such a box in pixels


class StraightPath(Path):
    """A path of straight lines, which is built in a sixth of the time of one that may have curves."""

    _codes: ClassVar = None
    _should_simplify: ClassVar = False
    _simplify_threshold: ClassVar = 0.0
    _interpolation_steps: ClassVar = 1
    _readonly: ClassVar = False

    def __init__(self, vertices: Floats) -> None:
        self._vertices = vertices


class FacetCollection(Poly3DCollection):
    """Facets and the lines on their sides, drawn from back to front, a line right after its facet.

    Matplotlib's own collection gives all polygons one line width, and sorts lines without their facets.
    """

    def __init__(self, facets: Facets, *, has_lines: bool, **look: object) -> None:
        """Store the facets, and their lines as polygons with two corners."""
        super().__init__(facets.vertices[facets.corners], **look)
        owner, side = np.nonzero(facets.lined) if has_lines else np.zeros((2, 0), np.intp)
        count, sides = facets.corners.shape
        lines = np.empty((len(owner), sides), np.intp)
        lines[:, 0], lines[:, 1:] = (
            facets.corners[owner, side],
            facets.corners[owner, (side + 1) % sides, None],
        )
        self._vertices, self._corners = facets.vertices, np.concatenate((facets.corners, lines))
        heights = facets.vertices[facets.corners, 2]
        self._owners = np.concatenate((np.arange(count), owner))
        self.set_array(((heights.max(axis=1) + heights.min(axis=1)) / 2)[self._owners])
        self._is_line = np.arange(len(self._owners)) >= count
        self._shades = facets.shades[self._owners] * np.where(self._is_line, _LINE_SHADE, 1.0)
        is_last = self._corners[:, :0:-1] == self._corners[:, -2::-1]
        repeated = np.cumprod(is_last, axis=1).sum(axis=1)  # times the last corner
        self._counts = sides - repeated

    def do_3d_projection(self) -> float:
        """Project and sort the polygons, and return the depth of the nearest one."""
        self.update_scalarmappable()
        x, y, depth = proj_transform(*self._vertices.T, self.axes.M)
        depths = np.asarray(depth)[self._corners[~self._is_line]]
        nearest, farthest = depths.min(axis=1), depths.max(axis=1)
        # Facets around its own would cover half of a line: it is drawn after all that are hardly nearer.
        nearer = np.percentile(farthest - nearest, _LARGE_FACET) if len(nearest) else 0.0
        middles = ((nearest + farthest) / 2)[self._owners] - nearer * self._is_line
        order = np.lexsort((self._is_line, -middles))
        flat, counts = np.column_stack((x, y))[self._corners[order]], self._counts[order].tolist()
        self._paths = [StraightPath(corners[:count]) for corners, count in zip(flat, counts, strict=True)]
        colours: Floats = self._facecolors.copy()
        colours[:, :3] *= self._shades[:, None]
        self._edgecolors2d = colours[order]
        colours[self._is_line, 3] = 0.0
        self._facecolors2d = colours[order]
        self._linewidths = np.where(self._is_line, _LINE_WIDTH, 0.0)[order]
        self._antialiaseds = self._is_line[order]
        return float(depths.min())


def add_facets(axes: Axes, facets: Facets, look: Keywords) -> Artist:
    """Draw facets in a box, with lines of the mesh if there is room for them."""
    rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
    width, height = axes.figure.get_size_inches().tolist()
    side = min(width / columns, height / rows)
    has_lines = side >= _LEAST_SIDE and side * axes.figure.dpi >= _LEAST_PIXELS
    drawn = FacetCollection(facets, has_lines=has_lines, **look)
    return axes.add_collection3d(drawn, autolim=False)
