"""Colours that readers can tell apart, colour-blind ones too."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_rgb

import gradviz
from gradviz.output.mpl.colours import matplotlib_map, with_maps
from gradviz.scene.style import STYLES

# How linear sRGB is seen, by Machado, Oliveira and Fernandes, "A physiologically-based model for
# simulation of color vision deficiency", IEEE TVCG 15 (2009), at severity 1.
SEEN = {
    "as it is": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
APART = 10  # in CIELAB, where 2.3 can just be noticed side by side


def maps_of(style, cmap=None):
    """Return the colour maps of a style, or of one that was asked for."""
    return with_maps(STYLES[style], cmap).maps


def lab(colour, seen):
    """Return a colour in CIELAB (D65) as a reader sees it."""
    parts = np.asarray(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(np.asarray(seen) @ linear, 0, 1) / XYZ.sum(axis=1)
    a, b, c = (np.cbrt(t) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return np.array([116 * b - 16, 500 * (a - b), 200 * (b - c)])


@pytest.mark.parametrize("reader", SEEN)
@pytest.mark.parametrize("style", STYLES)
def test_colours_of_lines_can_be_told_apart(style, reader):
    """The curve and its accents, and the paths among each other, differ for every reader."""
    look = STYLES[style]
    for colours in ((look.ink, *look.accents), look.paths):
        for one, other in combinations(colours, 2):
            assert np.linalg.norm(lab(one, SEEN[reader]) - lab(other, SEEN[reader])) > APART, (one, other)


@pytest.mark.parametrize("style", [style for style in STYLES if style != "book"])
def test_arrows_and_lines_can_be_seen_on_the_page(style):
    """No colour of lines is as light, or as dark, as the page; the book's own are left as they are."""
    light = lab(STYLES[style].page, np.eye(3))[0]
    colours = matplotlib_map(maps_of(style).lines)(np.linspace(0, 1, 33))
    assert min(abs(lab(colour[:3], np.eye(3))[0] - light) for colour in colours) > 12


@pytest.mark.parametrize(
    "cmap", ["RdBu_r", "Greys", "magma", "viridis", "YlOrRd", "twilight", "gray", "Pastel1"]
)
@pytest.mark.parametrize("style", STYLES)
def test_lines_in_a_colour_map_that_was_asked_for_can_be_seen(style, cmap):
    """Each colour of lines has a contrast of 1.5 to the page, whatever the map; areas keep all of it."""
    maps, page = maps_of(style, cmap), luminance(STYLES[style].page)
    places = np.linspace(0, 1, 101)
    for colour in matplotlib_map(maps.lines)(places):
        low, high = sorted((page, luminance(colour[:3])))
        assert (high + 0.05) / (low + 0.05) > 1.499
    np.testing.assert_array_equal(matplotlib_map(maps.values)(places), colormaps[cmap](places))


def luminance(colour):
    """Return the relative luminance of WCAG 2: the second row of XYZ."""
    parts = np.asarray(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(XYZ[1] @ linear)


def test_what_can_be_seen_of_a_colour_map_stays_as_it_is():
    """A map is cut at its pale end, and one that diverges gets ink in the middle alone."""
    places = np.linspace(0, 1, 101)
    line, whole = matplotlib_map(maps_of("default", "RdBu_r").lines)(places), colormaps["RdBu_r"](places)
    np.testing.assert_array_equal(line[[*range(25), *range(76, 101)]], whole[[*range(25), *range(76, 101)]])
    assert (line[50, :3] < 0.85).all()
    greys = matplotlib_map(maps_of("default", "Greys").lines)(places)[:, 0]
    assert (np.diff(greys) <= 0).all()
    assert greys[0] < 0.85
    assert greys[-1] == colormaps["Greys"](1.0)[0]


def test_every_colour_of_the_dark_style_is_seen_on_its_ground():
    """Each has the contrast of 3 that WCAG 2 asks of graphics, and lightness (L* of CIELAB) grows evenly."""
    found = matplotlib_map(maps_of("dark").values)(np.linspace(0, 1, 12))[:, :3]
    colours = np.array([luminance(colour) for colour in found])
    ground = luminance(STYLES["dark"].page)
    assert ((colours + 0.05) / (ground + 0.05)).min() >= 3
    steps = np.diff(116 * np.cbrt(colours) - 16)
    assert 0.7 * steps.mean() < steps.min() <= steps.max() < 1.3 * steps.mean()


@pytest.mark.parametrize("style", STYLES)
def test_a_colour_map_that_was_asked_for_is_whole(style):
    """Only the style's own map may be cut."""
    for maps in (maps_of(style, "magma").values, maps_of(style, "magma").ground):
        np.testing.assert_array_equal(matplotlib_map(maps)([0.0, 1.0]), colormaps["magma"]([0.0, 1.0]))
        assert not maps.is_changed


@pytest.mark.parametrize("style", STYLES)
def test_the_page_is_that_of_the_settings(style):
    """The colours that are seen against the page are compared with the colour that Matplotlib draws it in."""
    figure = gradviz.render(gradviz.Contour(expression="x0**2 + 3*x1", samples=5, style=style, dpi=30))
    assert to_rgb(figure.axes[0].get_facecolor()) == to_rgb(STYLES[style].page)
    assert to_rgb(figure.get_facecolor()) == to_rgb(STYLES[style].page)
