"""A function of two variables in three dimensions."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from matplotlib.path import Path

import gradviz
from gradviz.cli.wording import flags
from gradviz.errors import RequestError
from gradviz.output.mpl.rendering import scene_of

F = {"expression": "x0**2 + 3*x1", "range": {"x0": (-2, 2), "x1": (-1, 3)}, "samples": (5, 8), "dpi": 30}
PLOTS = ("surface", "wireframe", "contour", "contourf", "scatter")
every_plot = pytest.mark.parametrize("plot", PLOTS)


def drawn(**fields):
    """Return the figure, and the first artist on its axes, if any."""
    figure = gradviz.render(gradviz.Surface(**{**F, **fields}))
    return figure, next(iter(figure.axes[0].collections), None)


def corners(artist, plot):
    """Return the corners (N, 3) of what was drawn in three dimensions."""
    if plot == "surface":
        return artist._faces[~np.broadcast_to(artist._invalid_vertices, artist._faces.shape[:2])]
    if plot == "wireframe":
        return np.concatenate([np.asarray(line) for line in artist._segments3d])
    if plot == "scatter":
        return np.column_stack([np.ma.filled(part, np.nan) for part in artist._offsets3d])
    return np.concatenate([np.reshape(part, (-1, 3)) for part, _ in artist._3dverts_codes if len(part)])


@pytest.mark.parametrize("plot", ["surface", "wireframe", "scatter"])
def test_what_is_drawn_lies_on_the_function(plot):
    """Every corner has the height x0^2 + 3 x1 of its own place, over the whole of both unequal ranges."""
    _, artist = drawn(plot=plot)
    found = corners(artist, plot)
    np.testing.assert_allclose(found[:, 2], found[:, 0] ** 2 + 3 * found[:, 1], atol=1e-12)
    np.testing.assert_allclose([found.min(axis=0)[:2], found.max(axis=0)[:2]], [[-2, -1], [2, 3]])
    assert len(np.unique(found[:, 0].round(9))) == 5
    assert len(np.unique(found[:, 1].round(9))) == 8


def test_level_lines_lie_at_their_height():
    """In three dimensions a level line stands at its level, where the linear x0 + 3 x1 has that value."""
    _, artist = drawn(expression="x0 + 3*x1", plot="contour", levels=[-2, 0, 5])
    np.testing.assert_array_equal(artist.levels, [-2, 0, 5])
    found = corners(artist, "contour")
    np.testing.assert_allclose(found[:, 2], found[:, 0] + 3 * found[:, 1], atol=1e-12)
    assert set(found[:, 2].round(9)) == {-2, 0, 5}


def test_bands_lie_between_their_levels():
    """In the bands between -5, 0 and 5 the linear x0 + 3 x1 has values between these."""
    _, artist = drawn(expression="x0 + 3*x1", plot="contourf", levels=[-5, 0, 5])
    assert artist.filled
    for low in (-5, 0):
        (path,) = (
            path for layer, path in zip(artist.layers, artist.get_paths(), strict=True) if layer == low + 2.5
        )
        heights = path.vertices[:, 0] + 3 * path.vertices[:, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], [low, low + 5], atol=1e-12)


@pytest.mark.parametrize("plot", ["contour", "contourf"])
def test_a_single_level_is_a_level(plot):
    """One height, such as the zeros of a function, is drawn; as bands it may be refused in words."""
    try:
        _, artist = drawn(plot=plot, levels=[0.0])
    except RequestError:
        if plot == "contour":
            raise
    else:
        assert 0 in np.asarray(artist.levels)


@every_plot
def test_the_viewer_stands_where_asked(plot):
    """Elevation and azimuth are those of the spec (F6: 30 and 50)."""
    figure, _ = drawn(plot=plot, elev=30, azim=50)
    assert (figure.axes[0].elev, figure.axes[0].azim) == (30, 50)


def test_the_order_of_vars_swaps_the_axes():
    """With --vars x1,x0 the first coordinate is x1."""
    _, artist = drawn(vars=["x1", "x0"], samples=(8, 5))
    found = corners(artist, "surface")
    np.testing.assert_allclose(found[:, 2], found[:, 1] ** 2 + 3 * found[:, 0], atol=1e-12)
    assert found[:, 0].max() == 3


@every_plot
def test_what_is_undefined_is_left_out(plot):
    """No finite corner stands where the function has no value, and no warning is given."""
    figure, artist = drawn(expression="sqrt(x0) + 3*x1", samples=(9, 8), plot=plot)
    found = corners(artist, plot)
    finite = found[np.isfinite(found).all(axis=1)]
    assert len(finite)
    assert finite[:, 0].min() >= 0
    figure.canvas.draw()


@every_plot
def test_a_constant_draws(plot):
    """A constant is a picture: a plane or dots, or axes without lines."""
    figure, artist = drawn(expression="5", range=(-2, 2), plot=plot)
    figure.canvas.draw()
    if plot in ("surface", "wireframe", "scatter"):
        assert set(corners(artist, plot)[:, 2]) == {5.0}


@every_plot
def test_a_function_that_is_nowhere_defined_is_an_error(plot):
    """There is nothing to draw, and that is said."""
    with pytest.raises(RequestError, match="undefined"):
        drawn(expression="log(-1 - x0**2) + x1", plot=plot)


@every_plot
def test_values_near_the_end_of_double_precision_draw_or_are_refused(plot):
    """A height of 1e300 gives a picture or a message, and never a fault."""
    try:
        figure, _ = drawn(expression="1e300*x0 + 0*x1", plot=plot)
    except RequestError:
        return
    figure.canvas.draw()


def test_colours_run_over_the_heights():
    """The colours are in the map asked for, on a scale from the least to the greatest value."""
    figure, artist = drawn(cmap="bwr")
    assert artist.get_cmap().name == "bwr"
    assert artist.get_clim() == (-3, 13)
    assert len(figure.axes) == 2
    assert len(drawn(cmap="bwr", colorbar=False)[0].axes) == 1


def test_a_fine_mesh_is_thinned_and_not_cut():
    """What cannot be seen is not drawn, but the picture reaches over the whole range."""
    for plot in ("surface", "wireframe"):
        _, artist = drawn(plot=plot, samples=(150, 170))
        found = corners(artist, plot)
        np.testing.assert_allclose([found.min(axis=0)[:2], found.max(axis=0)[:2]], [[-2, -1], [2, 3]])
        assert len(found) < 100_000


def test_dots_are_coloured_by_their_heights():
    """The colour of each dot stands for its height."""
    _, artist = drawn(plot="scatter")
    np.testing.assert_array_equal(artist.get_array(), corners(artist, "scatter")[:, 2])


def test_dots_of_a_fine_mesh_reach_over_the_whole_range():
    """Dots are thinned too; the outermost ones are at most one thinned step from the ends."""
    _, artist = drawn(plot="scatter", samples=(100, 90))
    found = corners(artist, "scatter")
    assert 400 <= len(found) <= 2500
    np.testing.assert_allclose(
        [found.min(axis=0)[:2], found.max(axis=0)[:2]], [[-2, -1], [2, 3]], atol=4 / 30
    )


def test_view_ticks_and_labels_are_as_asked():
    """The limits, ticks and labels of all three axes are those of the spec (F5, F7)."""
    figure, _ = drawn(
        plot="wireframe", xlim=(-3.5, 3.5), ylim=(-4.5, 4.5), zlim=(0, 20), xticks=[-1, 1], yticks=[0, 2],
        zticks=[0, 10, 20], xlabel="a", ylabel="b", zlabel="c", title="d",
    )  # fmt: skip
    axes = figure.axes[0]
    np.testing.assert_allclose(
        [axes.get_xlim(), axes.get_ylim(), axes.get_zlim()], [(-3.5, 3.5), (-4.5, 4.5), (0, 20)]
    )
    assert [list(axes.get_xticks()), list(axes.get_yticks()), list(axes.get_zticks())] == [
        [-1, 1],
        [0, 2],
        [0, 10, 20],
    ]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_zlabel(), axes.get_title()) == ("a", "b", "c", "d")


def test_labels_are_the_names_unless_given():
    """The axes are labelled with the variables and f of them."""
    figure, _ = drawn(expression="u + v", range=None)
    axes = figure.axes[0]
    assert ("u" in axes.get_xlabel(), "v" in axes.get_ylabel(), "f(u, v)" in axes.get_zlabel()) == (True,) * 3


def test_the_size_is_as_asked():
    """Width and height in inches are those of the spec (F7: 10 x 8)."""
    figure, _ = drawn(size=(10, 8))
    assert tuple(figure.get_size_inches()) == (10, 8)


def test_what_lies_beyond_the_view_along_z_is_cut():
    """No part of the surface reaches out of the box, and the scale of the colours ends with it."""
    figure = gradviz.render(gradviz.Surface(expression="x**2 + y**2", zlim=(0, 5), samples=21, dpi=30))
    (surface,) = figure.axes[0].collections
    assert np.nanmax(surface.get_array()) <= 5
    assert surface.norm.vmax <= 5
    with pytest.raises(RequestError, match="between -9 and -8"):
        gradviz.render(gradviz.Surface(expression="x**2 + y**2", zlim=(-9, -8), samples=9, dpi=30))


# Breaks, poles and valleys --------------------------------------------------------------------------------

SIDES = {
    "1/(x1 - x0)": lambda p: np.sign(p[..., 1] - p[..., 0]),
    "tan(x0) + 0*x1": lambda p: np.round(p[..., 0] / np.pi),
    "sign(x0)*x1": lambda p: np.sign(p[..., 0]),
    "floor(x0) + x1": lambda p: np.floor(p[..., 0]),
}


@pytest.mark.parametrize("samples", [None, 200])
@pytest.mark.parametrize("expression", SIDES)
def test_no_face_crosses_a_jump(expression, samples):
    """The corners of each face lie on one side of each jump, and inside of the box; fine meshes too."""
    figure, artist = drawn(expression=expression, samples=samples, range={"x0": (-3, 3), "x1": (-2, 3)})
    whole = ~np.broadcast_to(artist._invalid_vertices, artist._faces.shape[:2]).any(axis=1)
    faces = artist._faces[whole & np.isfinite(artist._faces).all(axis=(1, 2))]
    assert len(faces) > 1000
    middle = faces.mean(axis=1, keepdims=True)
    sides = SIDES[expression](middle + (1 - 1e-6) * (faces - middle))
    np.testing.assert_array_equal(sides, np.broadcast_to(sides[:, :1], sides.shape))
    low, high = figure.axes[0].get_zlim()
    assert low <= faces[..., 2].min() < faces[..., 2].max() <= high
    figure.canvas.draw()


@pytest.mark.parametrize("expression", SIDES)
def test_no_wire_crosses_a_jump(expression):
    """Both ends of each piece of a wire lie on one side of each jump."""
    _, artist = drawn(
        expression=expression, samples=None, range={"x0": (-3, 3), "x1": (-2, 3)}, plot="wireframe"
    )
    lines = [np.asarray(line) for line in artist._segments3d]
    pieces = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])
    pieces = pieces[np.isfinite(pieces).all(axis=(1, 2))]
    assert len(pieces) > 500
    middle = pieces.mean(axis=1, keepdims=True)
    sides = SIDES[expression](middle + (1 - 1e-6) * (pieces - middle))
    np.testing.assert_array_equal(sides[:, 0], sides[:, 1])


@every_plot
@pytest.mark.parametrize(
    "expression",
    [
        "1/(x0**2 + x1**2)", "1/(x1 - x0)", "log(x0*x1)", "sqrt(1 - x0**2 - x1**2)", "tan(x0)", "sign(x0)*x1",
        "floor(x0)", "x0/Abs(x0)",
    ],
)  # fmt: skip
def test_poles_and_jumps_leave_finite_limits(expression, plot):
    """The axes are those of the rest of the function, and everything drawn lies between them."""
    figure, artist = drawn(expression=expression, plot=plot, range=(-3, 3), samples=41)
    low, high = figure.axes[0].get_zlim()
    assert np.isfinite([low, high]).all()
    assert high - low < 40
    assert np.abs([figure.axes[0].get_xlim(), figure.axes[0].get_ylim()]).max() < 3.6
    figure.canvas.draw()
    if artist is not None:
        found = corners(artist, plot)
        found = found[np.isfinite(found).all(axis=1)]
        assert low <= found[:, 2].min() <= found[:, 2].max() <= high


def test_what_is_cut_off_is_said_and_shown():
    """A warning tells the value and the way out, the scale of colours goes on, and --zlim has its way."""
    fields = {"expression": "1/(x0**2 + x1**2)", "samples": 41, "dpi": 30}
    spec = gradviz.Surface(**fields)
    samples = gradviz.sample(spec)
    texts = [warning.worded(flags) for warning in samples.warnings]
    assert any("cut off" in text and "--zlim" in text for text in texts)
    figure = gradviz.render(spec, samples)
    (artist,) = figure.axes[0].collections
    assert artist.colorbar.extend == "max"
    assert artist.norm.vmax < 5
    wide = gradviz.sample(gradviz.Surface(**fields, zlim=(0, 9)))
    assert not any("cut off" in warning for warning in wide.warnings)


@pytest.mark.parametrize("expression", ["x0*x1", "1000*x0**2 + x1", "x0**2/1000 + x1/30"])
@pytest.mark.parametrize("fields", [{}, {"style": "book"}, {"style": "paper"}, {"size": (3, 2.5)}])
def test_the_label_of_z_lies_between_its_numbers_and_the_colour_bar(fields, expression):
    """However large letters are beside the picture, neither is touched."""
    figure, _ = drawn(expression=expression, range=(-3, 3), colorbar=True, dpi=100, **fields)
    figure.canvas.draw()
    axes, bar = figure.axes
    label = axes.zaxis.label.get_window_extent()
    low, high = axes.get_zlim()
    ticks = zip(axes.zaxis.get_ticklocs(), axes.zaxis.get_ticklabels(), strict=True)
    assert label.x1 < bar.get_window_extent().x0
    assert not any(label.overlaps(text.get_window_extent()) for place, text in ticks if low <= place <= high)


@every_plot
def test_a_constant_says_that_it_is(plot):
    """The sentence stands in the picture, whether or not something is drawn."""
    figure, _ = drawn(expression="5", range=(-2, 2), plot=plot)
    assert "the function is constant" in [text.get_text() for text in figure.axes[0].texts]


def test_a_tangent_plane_touches_with_the_slopes_of_the_gradient():
    """At (1, 2) of x0^2 + x0*x1 + 3*x1 it is 9 + 4 (x0 - 1) + 4 (x1 - 2), and a dot is there."""
    figure, _ = drawn(expression="x0**2 + x0*x1 + 3*x1", tangent_at=(1, 2))
    axes = figure.axes[0]
    _, plane = axes.collections
    found = corners(plane, "surface")
    np.testing.assert_allclose(found[:, 2], 9 + 4 * (found[:, 0] - 1) + 4 * (found[:, 1] - 2), atol=1e-9)
    assert found[:, 0].min() == pytest.approx(1 - 0.3 * 4)
    assert found[:, :2].max(axis=0) == pytest.approx([2, 3])
    (dot,) = axes.lines
    assert [float(part[0]) for part in dot.get_data_3d()] == pytest.approx([1, 2, 9])
    (text,) = (text.get_text() for text in figure.legends[0].get_texts())
    assert text == "tangent plane at $(1, 2)$, slopes $4, 4$"


def test_a_tangent_plane_stays_in_the_box():
    """Where the plane would reach beyond the view along z, it is cut."""
    figure, _ = drawn(expression="x0**3 + x1", tangent_at=(2, 0), zlim=(-5, 9))
    heights = corners(figure.axes[0].collections[1], "surface")[:, 2]
    assert -5 <= np.nanmin(heights) <= np.nanmax(heights) <= 9


@pytest.mark.parametrize(("expression", "why"), [("abs(x0) + x1", "kink"), ("log(x0) + x1", "undefined")])
def test_there_is_no_tangent_plane_without_a_gradient(expression, why):
    """At a kink or where the function is undefined it is an error that names the point and the reason."""
    with pytest.raises(RequestError, match=f"no tangent plane at 0, 1: .*{why}"):
        drawn(expression=expression, tangent_at=(0, 1), range={"x0": (-1, 1), "x1": (-2, 2)})
    with pytest.raises(RequestError, match="X0,X1"):
        gradviz.Surface(**F, tangent_at=(1, 2, 3))


def test_a_tangent_plane_touches_inside_the_range():
    """A point beside the surface is refused: the plane would not touch anything that is drawn."""
    with pytest.raises(RequestError, match="outside of the range"):
        drawn(expression="x0**2 + x1", tangent_at=(50, 50))


@pytest.mark.parametrize("style", ["default", "book", "dark"])  # that of paper is small itself
def test_no_label_of_a_small_picture_is_cut(style):
    """The names beside the box lie inside of the picture."""
    figure = gradviz.render(gradviz.Surface(expression="x0**2 + 3*x1", samples=5, size=(3, 2), style=style))
    figure.canvas.draw()
    (axes, *_) = figure.axes
    boxes = [axis.label.get_window_extent() for axis in (axes.xaxis, axes.yaxis, axes.zaxis)]
    assert all(box.y0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)


@pytest.mark.parametrize("spacing", ["auto", "linear", "log", "quantile"])
def test_a_view_without_a_value_is_refused_with_any_spacing(spacing):
    """Levels of no values are none, and what is told is the view."""
    spec = gradviz.Surface(
        expression="exp(4*x0 + 4*x1)", zlim=(1e15, 2e15), plot="contour", spacing=spacing, samples=9
    )
    with pytest.raises(gradviz.GradvizError, match="no value of the function lies between"):
        gradviz.sample(spec)


# Light, facets, mesh lines ---------------------------------------------------------------------------------

SMOOTH = ["x0*x1", "exp(-x0**2 - x1**2)*x0", "sin(x0) + x1**2"]
STEEP = {
    "sqrt(1 - x0**2 - x1**2)": (-3, 3),
    "1/(x0**2 + x1**2)": (-3, 3),
    "sin(x0*x1)": (-3, 3),
    "sqrt(x0) + x1": (-1, 2),
    "1/(x0**2 + 3*x1**2)": (-2, 2),
}


def facets(**fields):
    """Return the scene's surface mark, and its facets."""
    (mark, *_) = scene_of(gradviz.Surface(**fields)).panels[0].marks
    return mark, mark.facets


@pytest.mark.parametrize("expression", SMOOTH)
def test_light_follows_the_gradient_in_the_proportions_of_the_box(expression):
    """Brightness is 0.65 + 0.35 (1 + n.l)/2, where n is normal to the surface in a box of 4 : 4 : 3."""
    fields = {"expression": expression, "range": {"x0": (-3, 3), "x1": (-1, 2)}, "samples": 31, "azim": 20}
    scene = scene_of(gradviz.Surface(**fields))
    panel, found = scene.panels[0], scene.panels[0].marks[0].facets
    middles = found.vertices[found.corners][:, :, :2].mean(axis=1)
    spans = [axis.limits[1] - axis.limits[0] for axis in (panel.x, panel.y, panel.z)]
    x, y, z = (side / span for side, span in zip((4, 4, 3), spans, strict=True))
    f, h = gradviz.field(expression), 1e-6
    slopes = [(f(middles + h * way) - f(middles - h * way)) / (2 * h) for way in np.eye(2)]
    normals = np.stack([-slopes[0] * z / x, -slopes[1] * z / y, np.ones(len(middles))], axis=1)
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    azimuth, elevation = np.radians(20 - 50), np.radians(55)
    light = [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)]
    np.testing.assert_allclose(found.shades, 0.65 + 0.35 * (1 + normals @ light) / 2, atol=1e-6)
    assert np.ptp(found.shades) > 0.02


@pytest.mark.parametrize("expression", [*STEEP, "abs(x0) + abs(x1)", "floor(x0) + x1", "5"])
@pytest.mark.parametrize("elev", [30, -30])
def test_no_shade_belies_the_colour_bar(expression, elev):
    """Each facet has at least 0.65 of the brightness of its colour, and no more than all of it."""
    figure, artist = drawn(expression=expression, range=(-3, 3), samples=None, elev=elev)
    figure.canvas.draw()
    _, found = facets(expression=expression, range=(-3, 3), elev=elev)
    assert 0.65 <= found.shades.min() <= found.shades.max() <= 1
    order = np.lexsort(np.asarray(artist.get_facecolor()).T)
    assert len(order) == len(artist.get_array())


@pytest.mark.parametrize("expression", STEEP)
def test_a_facet_has_one_colour(expression):
    """No facet spans a 64th of the colour scale, where the points are not chosen by the user."""
    mark, found = facets(expression=expression, range=STEEP[expression])
    values = found.vertices[found.corners][..., 2]
    assert np.ptp(values, axis=1).max() < (mark.scale.vmax - mark.scale.vmin) / 64
    limits = values.min(), values.max()
    assert mark.scale.vmin <= limits[0] + 1e-12
    assert limits[1] <= mark.scale.vmax + 1e-12


@pytest.mark.parametrize("expression", STEEP)
def test_what_is_cut_lies_on_the_function(expression):
    """The corners of facets lie on the function, but for a hundredth of the colour scale."""
    mark, found = facets(expression=expression, range=STEEP[expression])
    used = found.vertices[np.unique(found.corners)]
    error = np.abs(gradviz.field(expression)(used[:, :2]) - used[:, 2])
    assert np.nanmax(error) < 0.01 * (mark.scale.vmax - mark.scale.vmin)


@pytest.mark.parametrize(
    ("expression", "radius"), [("1/(x0**2 + x1**2)", 1.0), ("2/(x0**2 + x1**2)", 2.0**0.5)]
)
def test_the_crown_of_a_pole_is_even(expression, radius):
    """A surface ends where the function reaches the limit of z: of c/r^2 at sqrt(c/limit) from the pole."""
    _, found = facets(expression=expression)
    used = found.vertices[np.unique(found.corners)]
    high = used[:, 2].max()
    rim = used[used[:, 2] == high]
    assert len(rim) > 20
    np.testing.assert_allclose(np.hypot(*rim[:, :2].T), radius / high**0.5, rtol=1e-3)


@pytest.mark.parametrize("expression", ["x0*x1", "sin(x0*x1)", "exp(-x0**2 - x1**2)*x0", "x0**2 + 3*x1"])
def test_a_surface_has_no_slits(expression):
    """The facets cover the rectangle of the ranges once: their areas add up to it."""
    _, found = facets(expression=expression, range={"x0": (-2, 2), "x1": (-1, 3)})
    x, y = np.moveaxis(found.vertices[found.corners][..., :2], -1, 0)
    areas = np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2
    assert areas.sum() == pytest.approx(16, rel=1e-9)


@pytest.mark.parametrize("expression", ["x0*x1", "sin(x0*x1)", "exp(x0) + x1"])
def test_lines_of_the_mesh_are_few_and_even(expression):
    """Some 12 lines each way lie on the surface at equal distances, its borders among them."""
    _, found = facets(expression=expression, range={"x0": (-2, 2), "x1": (-1, 3)})
    starts = found.vertices[found.corners][found.lined]
    ends = found.vertices[np.roll(found.corners, -1, axis=1)][found.lined]
    for axis, (low, high) in enumerate([(-2, 2), (-1, 3)]):
        along = np.isclose(starts[:, axis], ends[:, axis], atol=1e-12)
        places = np.unique(starts[along, axis].round(9))
        even = places[np.isin(places, np.linspace(low, high, 11).round(9))]
        assert 9 <= len(even) <= 17
        np.testing.assert_allclose(np.diff(even), even[1] - even[0])
        assert (even[0], even[-1]) == (low, high)


@pytest.mark.parametrize(("expression", "end"), [("x**x*y", 1e150), ("x0*0 + 5", 1), ("x0**x0 * x1", 1e100)])
def test_facets_between_equal_limits_of_values_are_those_at_the_limit(expression, end):
    """A function that is 0 wherever it is a number below 1e308 has flat facets, and no others."""
    _, found = facets(expression=expression, range=(-end, end), samples=14)
    used = found.vertices[found.corners.ravel(), 2]
    assert used.size
    assert set(used) == {0.0 if end > 1 else 5.0}


def test_a_tiny_picture_and_the_style_of_the_book_have_no_lines():
    """In few pixels lines would be all there is; the book has neither light nor lines."""
    counts = [
        len(drawn(samples=41, **fields)[1]._owners)
        for fields in ({"dpi": 100}, {"size": (1.5, 1.2), "dpi": 100}, {"style": "book", "dpi": 100})
    ]
    assert counts[0] > counts[1] == counts[2] == 1600
    _, found = facets(**{**F, "style": "book"})
    assert set(found.shades) == {1.0}


@pytest.mark.parametrize(
    "expression", ["(1 - x0)**2 + 100*(x1 - x0**2)**2", "exp(3*x0) + x1", "x0**4 + x1**4"]
)
def test_colours_of_a_surface_are_linear_unless_asked_otherwise(expression):
    """The height shows the value already; a spacing that a user asks for holds."""
    _, artist = drawn(expression=expression, range=(-2, 2), samples=41)
    low, high = artist.get_clim()
    assert artist.norm((low + high) / 2) == pytest.approx(0.5)
    _, asked = drawn(expression=expression, range=(-2, 2), samples=41, spacing="quantile")
    assert asked.norm((low + high) / 2) > 0.6


# The box --------------------------------------------------------------------------------------------------


def texts_of(axes):
    """Return the bounds of the numbers and of the labels of each axis of a box."""
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        low, high = sorted(axis.get_view_interval())
        ticks = [tick for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        yield [tick.label1.get_window_extent() for tick in ticks if tick.label1.get_text()], axis.label


@pytest.mark.parametrize(
    "expression",
    ["x0*x1", "-10000*(x0**2 + x1**2)", "x0**2/1000 + x1/30", "12345.678 + 0.001*x0*x1", "1e-9*x0*x1"],
)
@pytest.mark.parametrize(
    "fields", [{}, {"style": "paper"}, {"style": "book"}, {"azim": 30}, {"range": (-0.003, 0.003)}]
)
def test_texts_around_a_box_touch_neither_it_nor_each_other(expression, fields):
    """Numbers as wide as -160000 stand beside the box, and labels beside the numbers."""
    figure = gradviz.render(
        gradviz.Surface(**{"expression": expression, "range": (-3, 3), "samples": 9, **fields})
    )
    figure.canvas.draw()
    axes = figure.axes[0]
    boxes = []
    for numbers, label in texts_of(axes):
        boxes += [*numbers, label.get_window_extent()]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    corners = np.array([*product(axes.get_xlim(), axes.get_ylim(), axes.get_zlim(), (1.0,))])
    x, y, _, depth = axes.get_proj() @ corners.T
    seen = axes.transData.transform(np.column_stack((x / depth, y / depth)))
    for edge in combinations(range(8), 2):  # the box is the union of the segments between its corners
        line = Path(seen[list(edge)])
        assert not any(line.intersects_bbox(box, filled=False) for box in boxes)


@pytest.mark.parametrize("elev", [90, -90, 0, 89.9])
@pytest.mark.parametrize("azim", [0, 90, -45])
def test_a_box_is_drawn_from_every_side(elev, azim):
    """An axis that points at the viewer has no side for its texts, and is no error."""
    figure, _ = drawn(elev=elev, azim=azim)
    figure.canvas.draw()


@pytest.mark.parametrize(
    ("expression", "factor"),
    [
        ("-10000*(x0**2 + x1**2)", "10^{5}"),
        ("1e-9*x0*x1", "10^{-9}"),
        ("12345.678 + 0.001*x0*x1", "- 12345.6"),
    ],
)
def test_the_factor_of_numbers_along_z_is_part_of_the_label(expression, factor):
    """A power of ten or an offset is not a text of its own beside the label."""
    figure, _ = drawn(expression=expression, range=(-3, 3), samples=9)
    axis = figure.axes[0].zaxis
    assert factor in axis.label.get_text()
    assert not axis.get_offset_text().get_visible()


@pytest.mark.parametrize(("x1", "sides"), [((-1, 3), (4, 4)), ((0, 1), (4, 1)), ((-5, 5), (4, 10))])
def test_equal_aspect_is_the_true_shape(x1, sides):
    """A unit is equally long on all axes of a box."""
    figure, _ = drawn(expression="x0 + x1/2", range={"x0": (-2, 2), "x1": x1}, aspect="equal")
    axes = figure.axes[0]
    spans = np.ptp([axes.get_xlim(), axes.get_ylim(), axes.get_zlim()], axis=1)
    lengths = axes._box_aspect / spans
    np.testing.assert_allclose(lengths, lengths[0])
    assert spans[1] / spans[0] == pytest.approx(sides[1] / sides[0])


@pytest.mark.parametrize("expression", ["x0*x1", "x0**2 + 3*x1**2", "sin(x0) + x1"])
def test_contours_on_the_floor_are_those_of_the_surface(expression):
    """They lie at the lower end of z, below the surface, in the colours that their levels have on it."""
    figure, surface = drawn(expression=expression, range=(-3, 3), samples=41, floor="contour")
    axes = figure.axes[0]
    contours = axes.collections[1]
    found = corners(contours, "contour")
    low, _ = axes.get_zlim()
    assert set(found[:, 2]) == {low}
    assert low < surface._faces[..., 2].min()
    assert contours.get_zorder() < surface.get_zorder()
    values = gradviz.field(expression)(found[:, :2])
    off = np.abs(values[:, None] - contours.levels).min(axis=1)
    assert off.max() < 0.02 * np.ptp(contours.levels)


@pytest.mark.parametrize("aspect", ["auto", "equal"])
@pytest.mark.parametrize("expression", ["x0*x1", "x0**2 + 3*x1**2", "exp(x0) + x1"])
def test_streamlines_on_the_floor_lead_downhill(expression, aspect):
    """They lie at the lower end of z inside the ranges, and the function falls along each."""
    ranges = {"x0": (-2, 2), "x1": (-1, 3)}
    spec = gradviz.Surface(expression=expression, range=ranges, floor="stream", aspect=aspect, samples=21)
    panel = scene_of(spec).panels[0]
    lines = panel.marks[1].points
    runs = np.split(lines, np.flatnonzero(np.isnan(lines[:, 0])))
    runs = [run[~np.isnan(run[:, 0])] for run in runs if len(run) > 1]
    assert {*np.concatenate(runs)[:, 2]} == {panel.z.limits[0]}
    field = gradviz.field(expression)
    streams = [run[:, :2] for run in runs if len(run) > 3]
    assert len(streams) > 10
    for stream in streams:
        assert ((stream >= (-2.001, -1.001)) & (stream <= (2.001, 3.001))).all()
        assert (np.diff(field(stream)) <= 1e-9).all()
    for left, tip, right in (run[:, :2] for run in runs if len(run) == 3):
        assert field(tip) < field((left + right) / 2)


@pytest.mark.parametrize("expression", ["x0*x1", "x0**2 + 3*x1**2", "exp(x0) + x1"])
def test_arrows_on_the_floor_point_downhill(expression):
    """Each leads against the gradient, over at most the distance of its neighbours."""
    spec = gradviz.Surface(expression=expression, range={"x0": (-2, 2), "x1": (-1, 3)}, floor="quiver")
    panel = scene_of(spec).panels[0]
    lines = panel.marks[1]
    assert set(lines.points[~np.isnan(lines.points[:, 0]), 2]) == {panel.z.limits[0]}
    tails, tips = lines.points[0::7, :2], lines.points[1::7, :2]
    assert len(tails) >= 168
    slopes = gradviz.gradient(gradviz.field(expression), method="exact")((tails + tips) / 2)
    way = tips - tails
    cosines = -(way * slopes).sum(axis=1) / np.linalg.norm(way, axis=1) / np.linalg.norm(slopes, axis=1)
    np.testing.assert_allclose(cosines, 1, atol=1e-9)
    assert np.abs(way).max() < 4 / 13


def test_each_point_has_its_tangent_plane():
    """Planes of x0^2 + 3*x1 at (1, 2) and (-1, 0) have the slopes (2, 3) and (-2, 3), and two colours."""
    spec = gradviz.Surface(expression="x0**2 + 3*x1", tangent_at=[(1, 2), "-1,0"], dpi=30)
    planes = gradviz.sample(spec).planes
    np.testing.assert_allclose([plane.slopes for plane in planes], [[2, 3], [-2, 3]], atol=1e-9)
    figure = gradviz.render(spec)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["tangent plane at $(1, 2)$, slopes $2, 3$", "tangent plane at $(-1, 0)$, slopes $-2, 3$"]
    assert len({line.get_color() for line in figure.axes[0].lines}) == 2


def test_one_point_is_kept_as_before():
    """A point, a text and a list of one point are the same spec, whose field is that point."""
    for one in ((1, 2), "1,2", [(1, 2)]):
        spec = gradviz.Surface(expression="x0*x1", tangent_at=one)
        assert (spec.tangent_at, spec.tangent_points) == ((1, 2), ((1, 2),))
