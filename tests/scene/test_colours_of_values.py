"""Colours of values: contrast to the page, diverging maps around 0, and magnitudes that are all equal."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

import gradviz
from gradviz.figures.compose import compose
from gradviz.figures.describing import describe
from gradviz.output.mpl.colours import with_maps
from gradviz.scene import marks
from gradviz.scene.style import STYLES
from tests.scene.test_style import SEEN, XYZ, lab

APART = 14  # in CIELAB, where 2.3 can just be noticed side by side
LIGHT = 90  # L* of CIELAB from which on a colour is nearly white
FLAT = {"samples": 15, "dpi": 30}


def scene_of(spec):
    """Return the scene of a spec."""
    return compose(spec, gradviz.sample(spec), with_maps(STYLES[spec.style], spec.cmap))


def luminance(colour):
    """Return the relative luminance of WCAG 2, the second row of XYZ."""
    parts = np.asarray(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(XYZ[1] @ linear)


def contrast_on(page, colour, opacity):
    """Return the contrast of WCAG 2 of a colour with an opacity to the page that it lies on."""
    mixed = opacity * np.array(to_rgb(colour)) + (1 - opacity) * np.array(to_rgb(page))
    low, high = sorted((luminance(mixed), luminance(page)))
    return (high + 0.05) / (low + 0.05)


def colours_on_page(mark):
    """Yield the colours of a mark that lie on the page, each with its opacity."""
    opacity = 1.0
    if isinstance(mark, (marks.Lines, marks.Contours)):
        opacity = 1.0 if mark.opacity is None else mark.opacity
    found = []
    if isinstance(mark, marks.Contours):
        found = [] if mark.filled else mark.bands.colours or mark.bands.map.colours
    elif isinstance(mark, (marks.Arrows, marks.Streamlines)):
        found = [mark.colour] if mark.scale is None else mark.scale.colours.colours
    elif isinstance(mark, (marks.Lines, marks.Rule, marks.Wireframe)) or (
        isinstance(mark, marks.Markers) and mark.filled and mark.name != "start"
    ):
        found = [mark.colour]
    return ((colour, opacity) for colour in found)


SPECS = {
    "contour": gradviz.Contour(expression="x0**2 + 3*x1**2", **FLAT),
    "signed contour": gradviz.Contour(expression="x0*x1 + x0", **FLAT),
    "uneven": gradviz.Contour(expression="x0**5 + x1", spacing="quantile", **FLAT),
    "quiver": gradviz.Quiver(expression="x0**2 + 3*x1", contour=True, stream=True, **FLAT),
    "constant": gradviz.Quiver(expression="x0 + 3*x1", **FLAT),
    "stream": gradviz.Stream(expression="x0**2 + x0*x1", through=[(0.5, 0.5)], **FLAT),
    "tangent": gradviz.Tangent(expression="x**2", at=[-2, -1, 0, 1, 2], secant=1, derivative=True, dpi=30),
    "wires": gradviz.Surface(expression="x0*x1", plot="wireframe", floor="quiver", **FLAT),
    "lines in a box": gradviz.Surface(expression="x0*x1", plot="contour", **FLAT),
    "pairs": gradviz.Pairs(expression="x*y + z", samples=11, dpi=30),
    "steps": gradviz.Steps(expression="sin(x)", samples=11, dpi=30),
    "paths": gradviz.Descent(
        expression="x0**2/20 + x1**2", start=[(-2, 1)], steps=5, anatomy=1, loss=True, **FLAT,
        optimizers=[{"name": name} for name in (
            "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "lion",
        )],
    ),
}  # fmt: skip


@pytest.mark.parametrize("style", [style for style in STYLES if style != "book"])
@pytest.mark.parametrize("name", SPECS)
def test_arrows_lines_and_paths_have_contrast(name, style):
    """Each has a contrast of 2.1 to the page; the book's colours are the book's own."""
    spec = type(SPECS[name])(**{**SPECS[name].to_dict(), "style": style})
    scene = scene_of(spec)
    every = list(chain.from_iterable(colours_on_page(mark) for panel in scene.panels for mark in panel.marks))
    assert every
    assert min(contrast_on(scene.style.page, *one) for one in every) >= 2.1


@pytest.mark.parametrize("style", STYLES)
def test_fixed_colours_of_styles_have_contrast(style):
    """So have the colours of curves, tangents and paths in all styles."""
    look = STYLES[style]
    for colour in (look.ink, *look.accents, *look.paths, look.faint):
        assert contrast_on(look.page, colour, 1.0) >= 2.1, colour


# Values on both sides of 0 --------------------------------------------------------------------------------

SIGNED = {
    "contour": gradviz.Contour(expression="x0*x1", **FLAT),
    "filled": gradviz.Contour(expression="x0**2 - x1**2 + 2*x0", filled=True, **FLAT),
    "labelled": gradviz.Contour(expression="x0*x1", filled=True, labels=True, **FLAT),
    "mirrored": gradviz.Contour(expression="sinh(3*x0) + x1", spacing="log", **FLAT),
    "quantiles": gradviz.Contour(expression="x0**3 + x1", spacing="quantile", filled=True, **FLAT),
    "chosen levels": gradviz.Contour(expression="x0**2 + x1", levels=(-1, 0.5, 2), **FLAT),
    "surface": gradviz.Surface(expression="sin(x0*x1)", **FLAT),
    "uneven surface": gradviz.Surface(expression="x0**3 + x1", spacing="quantile", **FLAT),
    "dots": gradviz.Surface(expression="x0 + 3*x1 - 4", plot="scatter", **FLAT),
    "bands in a box": gradviz.Surface(expression="x0*x1", plot="contourf", **FLAT),
    "descent": gradviz.Descent(expression="x0**2 - x1**2", start=[(1, 0.1)], steps=3, **FLAT),
    "pairs": gradviz.Pairs(expression="x*y + z", samples=11, dpi=30),
}
ONE_SIGNED = {
    "one sign": gradviz.Contour(expression="x0**2 + 3*x1**2", filled=True, **FLAT),
    "four to one": gradviz.Contour(expression="x0**2 + x1**2 - 3.5", filled=True, **FLAT),
    "below 0": gradviz.Surface(expression="-exp(x0 + x1)", **FLAT),
    "levels above 0": gradviz.Contour(expression="x0*x1", levels=(1, 2, 3), **FLAT),
    "surface cut off": gradviz.Surface(expression="x0*x1", zlim=(-1, 9), **FLAT),
}


def coloured(scene):
    """Return the map of values, and the share of 0 on it, of the first mark with colours by value."""
    for mark in (mark for panel in scene.panels for mark in panel.marks):
        if isinstance(mark, (marks.Surface, marks.Scatter)) and mark.scale is not None:
            return mark.scale.colours, float(mark.scale.shares(np.array(0.0)))
        if isinstance(mark, marks.Contours) and mark.bands.map is not None:
            levels = np.array(mark.levels)
            if not mark.bands.colours:
                return mark.bands.map, -levels[0] / np.ptp(levels)
            count, below = len(mark.bands.colours), mark.bands.extend in ("min", "both")
            number = np.interp(0, levels, np.arange(len(levels))) - mark.filled / 2 + below
            return mark.bands.map, number / (count - 1)
    raise AssertionError("no mark has colours by value")


def hue_side(colour):
    """Return a negative number for blue colours, a positive one for red ones."""
    red, _, blue = colour
    return red - blue


@pytest.mark.parametrize("style", ["default", "dark"])
@pytest.mark.parametrize("name", SIGNED)
def test_values_on_both_sides_of_0_have_a_map_with_its_middle_at_0(name, style):
    """Blue is below 0 and red above; equal distances from 0 are equally light, and areas are light at 0."""
    spec = type(SIGNED[name])(**{**SIGNED[name].to_dict(), "style": style})
    colours, zero = coloured(scene_of(spec))
    assert 0.05 < zero < 0.95
    count = len(colours.colours)
    for i, colour in enumerate(colours.colours):
        if abs(share := (i + 0.5) / count - zero) > 0.05:
            assert np.sign(hue_side(colour)) == np.sign(share)
    if not colours.is_changed:  # those of lines are darkened
        for distance in np.linspace(0.1, 0.9, 5) * min(zero, 1 - zero):
            low, high = (lab(colours.at(zero + sign * distance), np.eye(3))[0] for sign in (-1, 1))
            assert abs(low - high) < 6
        assert lab(colours.at(zero), np.eye(3))[0] > LIGHT
    assert "blue below 0 and red above" in str(describe(spec, gradviz.sample(spec)))


@pytest.mark.parametrize("name", ONE_SIGNED)
def test_other_values_keep_the_map_of_the_style(name):
    """A range of one sign, or one that reaches more than three times as far on one side, keeps viridis."""
    spec = ONE_SIGNED[name]
    assert coloured(scene_of(spec))[0].name == "viridis"
    assert "blue below" not in str(describe(spec, gradviz.sample(spec)))


@pytest.mark.parametrize("name", SIGNED)
def test_a_map_that_was_asked_for_and_the_book_s_stay(name):
    """--cmap is kept whole for areas, and the style of the book has the map of the book."""
    for changes, expected in (({"cmap": "magma"}, "magma"), ({"style": "book"}, "viridis")):
        spec = type(SIGNED[name])(**{**SIGNED[name].to_dict(), **changes})
        assert coloured(scene_of(spec))[0].name == expected
        assert "blue below" not in str(describe(spec, gradviz.sample(spec)))


@pytest.mark.parametrize("reader", SEEN)
@pytest.mark.parametrize("style", ["default", "paper", "dark"])
@pytest.mark.parametrize("use", ["values", "lines"])
def test_colour_blind_readers_tell_the_two_halves_apart(use, style, reader):
    """From a fifth of the way on, colours at equal distances from 0 differ for every reader."""
    colours = getattr(with_maps(STYLES[style], None).maps.diverging, use)
    for distance in np.linspace(0.1, 0.5, 21):
        low, high = (lab(colours.at(0.5 + sign * distance), SEEN[reader]) for sign in (-1, 1))
        assert np.linalg.norm(low - high) > APART, distance


def test_lines_on_filled_diverging_contours_are_readable():
    """Black lines and numbers have a contrast of 3 to all colours, so that they need no outline."""
    maps = with_maps(STYLES["dark"], None).maps.diverging
    assert maps.outline is None
    ink = luminance(maps.ink)
    assert min((luminance(colour) + 0.05) / (ink + 0.05) for colour in maps.values.colours) >= 3


@pytest.mark.parametrize("limits", [(-3, 9), (-1.5, 1), (-8, 4)])
def test_a_centred_map_is_a_part_of_the_named_one(limits):
    """A script gets the same colours from Matplotlib's map by the part of it."""
    maps = with_maps(STYLES["default"], None).maps.diverging
    zero = -limits[0] / (limits[1] - limits[0])
    found = maps.values.centred(zero)
    expected = colormaps["RdBu_r"](np.linspace(*found.part, len(found.colours)))[:, :3]
    np.testing.assert_allclose(found.colours, expected, atol=0.02)
    longer = max(-limits[0], limits[1])
    assert found.part[0] == pytest.approx(0.5 + 0.38 * limits[0] / longer)
    assert found.part[1] == pytest.approx(0.5 + 0.38 * limits[1] / longer)


# One magnitude --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", [{}, {"heat": True}, {"cmap": "magma"}, {"contour": True, "style": "dark"}])
@pytest.mark.parametrize("kind", [gradviz.Quiver, gradviz.Stream])
@pytest.mark.parametrize("expression", ["3*x0 - 4*x1", "sqrt((x0 + 5)**2 + (x1 - 9)**2)*5"])
def test_a_constant_magnitude_has_no_colour_bar(expression, kind, look):
    """Arrows and lines have one colour, and the legend has the magnitude, which is 5."""
    spec = kind(expression=expression, **look, **FLAT)
    scene = scene_of(spec)
    assert scene.colour_bars == ()
    (mark,) = (mark for mark in scene.panels[0].marks if isinstance(mark, (marks.Arrows, marks.Streamlines)))
    assert mark.scale is None or len({*mark.scale.colours.colours}) == 1
    (entry,) = (entry for entry in scene.legend.entries if "nabla" in entry.text.text)
    assert "= 5" in entry.text.text
    assert "coloured by its size" not in str(describe(spec, gradviz.sample(spec)))


def test_a_constant_function_has_no_colour_bar():
    """Nor has a surface or dots without a range of values."""
    for plot in ("surface", "scatter"):
        assert scene_of(gradviz.Surface(expression="0*x0*x1 + 3", plot=plot, **FLAT)).colour_bars == ()
