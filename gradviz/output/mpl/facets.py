"""The facets of a lit surface as an artist of Matplotlib."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection
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


class FacetCollection(Poly3DCollection):
    """Facets and the lines on their sides, drawn from back to front, a line right after its facet.

    Matplotlib's own collection gives all polygons one line width, and sorts lines without their facets.
    """

    def __init__(self, facets: Facets, *, has_lines: bool, **look: object) -> None:
        """Store the facets, and their lines as polygons without area."""
        polygons = facets.vertices[facets.corners]
        owner, side = np.nonzero(facets.lined) if has_lines else np.zeros((2, 0), np.intp)
        starts, ends = polygons[owner, side], polygons[owner, (side + 1) % polygons.shape[1]]
        lines = np.stack((starts, *[ends] * (polygons.shape[1] - 1)), axis=1)
        super().__init__(np.concatenate((polygons, lines)), **look)
        heights = (polygons[..., 2].max(axis=1) + polygons[..., 2].min(axis=1)) / 2
        self.set_array(np.concatenate((heights, heights[owner])))
        self._shades = np.concatenate((facets.shades, _LINE_SHADE * facets.shades[owner]))
        self._owners = np.concatenate((np.arange(len(polygons)), owner))
        self._is_line = np.arange(len(self._owners)) >= len(polygons)

    def do_3d_projection(self) -> float:
        """Project and sort the polygons, and return the depth of the nearest one."""
        self.update_scalarmappable()
        shape = self._faces.shape[:2]
        x, y, depth = proj_transform(*self._faces.reshape(-1, 3).T, self.axes.M)
        depths = np.reshape(depth, shape)
        nearest, farthest = depths.min(axis=1), depths.max(axis=1)
        # Facets around its own would cover half of a line: it is drawn after all that are hardly nearer.
        nearer = np.percentile((farthest - nearest)[~self._is_line], _LARGE_FACET)
        middles = ((nearest + farthest) / 2)[self._owners] - nearer * self._is_line
        order = np.lexsort((self._is_line, -middles))
        flat: Artist = np.stack((x, y), axis=-1).reshape(*shape, 2)[order]
        PolyCollection.set_verts(self, flat, closed=True)
        colours: Floats = self._facecolors.copy()
        colours[:, :3] *= self._shades[:, None]
        self._facecolors2d = self._edgecolors2d = colours[order]
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
