"""Colours that readers can tell apart, colour-blind ones too."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gradviz.figures.style import STYLES

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
    page = STYLES[style].settings.get("figure.facecolor", "white")
    light = lab(page, np.eye(3))[0]
    colours = STYLES[style].line_colours(None)(np.linspace(0, 1, 33))
    assert min(abs(lab(colour[:3], np.eye(3))[0] - light) for colour in colours) > 12
