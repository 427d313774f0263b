"""Marks of a scene as artists of Matplotlib."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from gradviz.arrays import mesh
from gradviz.output.mpl.colours import with_maps
from gradviz.output.mpl.marks import draw, norm_of
from gradviz.scene import marks
from gradviz.scene.marks import Arrows, Contours, Image, Lines, Markers, Scatter, Streamlines, Wireframe
from gradviz.scene.scales import Bands, ColourScale
from gradviz.scene.style import STYLES

VIRIDIS = with_maps(STYLES["default"], "viridis").maps.values
MESH = mesh([-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0, 2.0])
VALUES = MESH[..., 0] ** 2 + 3 * MESH[..., 1]
GAP = np.where(VALUES == 4, np.nan, VALUES)
SCALE = ColourScale(VIRIDIS, -3.0, 10.0)


@pytest.fixture
def axes():
    """Return axes in a plane."""
    return Figure().add_subplot()


def test_undefined_values_are_masked_and_nothing_else(axes):
    """NaN is left out, 0 is drawn, and rows and columns stay where they are."""
    image = draw(axes, Image(MESH, GAP, SCALE))
    np.testing.assert_array_equal(np.ma.getmaskarray(image.get_array()), np.isnan(GAP))
    np.testing.assert_array_equal(image.get_array().compressed(), VALUES[~np.isnan(GAP)])
    assert image.get_extent() == [-3, 3, -1.5, 2.5]  # half a pixel around the outermost points
    arrows = draw(axes, Arrows(MESH, np.stack([GAP, VALUES], axis=-1), colour="red"))
    np.testing.assert_array_equal(arrows.Umask, np.isnan(GAP).ravel())


def test_a_scale_changes_linearly_between_its_boundaries():
    """From one boundary to the next is the same part of the colours; without any the scale is linear."""
    norm = norm_of(ColourScale(VIRIDIS, 1.0, 1000.0, (1.0, 10.0, 1000.0)))
    np.testing.assert_allclose(norm([1, 10, 1000, 5.5, 505]), [0, 0.5, 1, 0.25, 0.75])
    np.testing.assert_allclose(norm.inverse(norm([3.3, 700])), [3.3, 700])
    np.testing.assert_allclose(norm_of(SCALE)([-3, 10, 3.5]), [0, 1, 0.5])


def test_lines_have_gaps_where_points_are_nan(axes):
    """A line keeps its points in their order, with its width, dash and opacity."""
    points = np.array([[0.0, 1.0], [1.0, 3.0], [np.nan, np.nan], [2.0, 5.0]])
    line = draw(axes, Lines(points, "#123456", 1.5, "--", opacity=0.5, markers=3.0, name="tangent"))
    np.testing.assert_array_equal(line.get_xydata(), points)
    assert (line.get_color(), line.get_linewidth(), line.get_linestyle()) == ("#123456", 1.5, "--")
    assert (line.get_alpha(), line.get_marker(), line.get_markersize()) == (0.5, "o", 3.0)


def test_markers_are_filled_or_open(axes):
    """An open marker has its outline alone; both stand at their points and join no line."""
    filled = draw(axes, Markers(MESH[0], "v", "red", 5.0, edge="white", edge_width=0.5))
    is_open = draw(axes, Markers(MESH[0], "s", "red", 5.0, edge="blue", filled=False, clipped=False))
    np.testing.assert_array_equal(filled.get_xydata(), MESH[0])
    assert (filled.get_markerfacecolor(), filled.get_markeredgecolor()) == ("red", "white")
    assert (is_open.get_markerfacecolor(), is_open.get_markeredgecolor()) == ("none", "blue")
    assert (filled.get_linestyle(), filled.get_clip_on(), is_open.get_clip_on()) == ("None", True, False)


def test_dots_have_the_area_of_their_diameter(axes):
    """Matplotlib wants square points; colours follow the values on their scale."""
    dots = draw(axes, Scatter(MESH[0], 3.0, values=VALUES[0], scale=SCALE))
    assert dots.get_sizes().tolist() == [9]
    np.testing.assert_array_equal(dots.get_array(), VALUES[0])
    assert dots.get_clim() == (-3, 10)
    circles = draw(axes, Scatter(MESH[0], 3.0, "red", filled=False))
    assert len(circles.get_facecolor()) == 0
    np.testing.assert_array_equal(circles.get_edgecolor(), [to_rgba("red")])


def test_contours_have_the_colours_of_their_bands(axes):
    """Colours of their own go with the levels; one colour stands for all, and is never dashed below 0."""
    colours = ("red", "lime", "blue")
    own = draw(axes, Contours(MESH, VALUES, (-2.0, 1.0, 4.0), Bands(VIRIDIS, colours), width=2.0))
    np.testing.assert_array_equal(own.get_edgecolor(), [to_rgba(colour) for colour in colours])
    single = draw(axes, Contours(MESH, VALUES, (-2.0, 1.0), Bands(None, ("red",)), width=0.7, opacity=0.5))
    assert {tuple(colour) for colour in single.get_edgecolor()} == {to_rgba("red", 0.5)}
    assert all(dashes is None for _, dashes in single.get_linestyle())
    mapped = draw(axes, Contours(MESH, VALUES, (-2.0, 1.0, 4.0), Bands(VIRIDIS, (), "both"), filled=True))
    assert (mapped.get_cmap().name, mapped.extend, mapped.filled) == ("viridis", "both", True)


def test_streamlines_are_drawn_as_they_are(axes):
    """Lines have all their points, heads their tips, and a panel without lines its text in the middle."""
    look = {"density": 1.0, "width": 1.0, "head": 1.0, "colour": "red", "if_none": "none"}
    line, heads = np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 2.0]]), np.array([[[0.0, 0.0], [1.0, 0.5]]])
    drawn = draw(axes, Streamlines(MESH, np.ones(MESH.shape), **look, lines=(line,), heads=heads))
    np.testing.assert_array_equal(drawn.get_segments(), [line])
    assert [patch._posA_posB[1].tolist() for patch in axes.patches] == [[1.0, 0.5]]
    assert list(axes.texts) == []
    drawn = draw(axes, Streamlines(MESH, np.ones(MESH.shape), **look))
    assert not drawn.get_segments()
    assert [text.get_text() for text in axes.texts] == ["none"]
    assert [text.get_position() for text in axes.texts] == [(0.5, 0.5)]


def test_wires_lie_on_the_rows_and_columns_of_a_mesh():
    """Each wire keeps one coordinate, and all its points are those of the mesh with their values."""
    axes = Figure().add_subplot(projection="3d")
    wires = draw(axes, Wireframe(MESH, VALUES, (4, 3), "red", 0.7))
    points = {tuple(point) for point in np.dstack([MESH, VALUES]).reshape(-1, 3).tolist()}
    assert {tuple(point) for line in wires._segments3d for point in np.asarray(line).tolist()} == points
    assert all((np.ptp(np.asarray(line)[:, :2], axis=0) == 0).any() for line in wires._segments3d)


def test_every_mark_can_be_drawn():
    """There is a function for each kind of mark that a panel may have."""
    from gradviz.output.mpl.marks import _DRAW

    assert {*_DRAW} == {*marks.Mark.__args__}
