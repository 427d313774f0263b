"""Typeset formulas and the files that keep them."""

from __future__ import annotations

import json
import math

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from gradviz.output.mpl.mathtext import Parser, Typeset

TEXTS = (
    r"$f(x_{0}, x_{1}) = \frac{x_{0}^{2}}{20} + x_{1}^{2}$",
    r"$\|\nabla f\|$   (arrows along $-\nabla f$)",
    "$x$",
)


def plain_of(parse):
    """Return a parsed text with the file names of its fonts."""
    glyphs = [(font.fname, *map(float, rest)) for font, *rest in parse.glyphs]
    return *map(float, parse[:3]), glyphs, [tuple(map(float, rect)) for rect in parse.rects]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("fonts", ["stix", "dejavusans", "cm"])
def test_a_kept_text_is_what_matplotlib_parses(text, fonts):
    """Written as JSON and read again, glyphs and rectangles are those of Matplotlib's own parser."""
    font = FontProperties(size=11, math_fontfamily=fonts)
    expected = MathTextParser("path").parse(text, 150, font)
    kept = json.loads(json.dumps(Typeset(expected).to_plain()))
    assert plain_of(Typeset.from_plain(kept).parse) == plain_of(expected)
    assert plain_of(Parser().parse(text, 150, font)) == plain_of(expected)


@pytest.mark.parametrize(
    "change",
    [
        {"size": [1.0, 2.0]},
        {"size": [math.nan, 1.0, 1.0]},
        {"glyphs": [["../../etc/passwd", 11.0, 97.0, 3.0, 0.0, 0.0]]},
        {"glyphs": [["fonts/ttf/DejaVuSans.ttf", 11.0, 97.0, 1e9, 0.0, 0.0]]},
        {"glyphs": [["fonts/ttf/DejaVuSans.ttf", 11.0, 97.0, 3.0, 1e300, 0.0]]},
        {"glyphs": [["fonts/ttf/DejaVuSans.ttf", 11.0, 97.0, 3.0]]},
        {"glyphs": 7},
        {"rects": [[1.0, 2.0, 3.0]]},
        {"rects": [[0.0, 0.0, 1.0, 1.0]] * 6_000},
        {"rects": [["1", None, 2, 3]]},
    ],
)
def test_a_damaged_file_is_refused(change):
    """Whatever a file says, no font outside of Matplotlib's folder is opened and no glyph is missing."""
    sound = Typeset(MathTextParser("path").parse("$x$", 72, FontProperties())).to_plain()
    with pytest.raises((ValueError, KeyError, TypeError)):
        Typeset.from_plain({**sound, **change})
