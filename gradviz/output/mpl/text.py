"""Titles and texts: a formula typeset to fit a width, and the user's own words as plain text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from matplotlib import rcParams, rcParamsDefault
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import FontProperties, fontManager, get_font

from gradviz.output.mpl.mathtext import Parser
from gradviz.output.mpl.types import Artist
from gradviz.scene.text import Text, Title

_AGG: Artist = RendererAgg
_PARSER = Parser()
_KEPT_MEASURES = 4096  # texts, and fonts, whose measures are kept for each resolution
_FONT_SETTINGS = [key for key in rcParamsDefault if key.startswith(("font.", "mathtext.", "text."))]
_HEIGHT_TABLES = (
    ("OS/2", "sTypoAscender", "sTypoDescender", "sTypoLineGap"), ("hhea", "ascent", "descent", "lineGap"),
)  # fmt: skip

_SMALLEST_SHARE = 0.7  # smallest font size to the default of a title
_MAX_LINES = 3
_FORMULA_WIDTH = 0.5  # of the font size: a character of a formula, on average
_CHARACTER_WIDTH = 0.6  # of the font size: a character of words, on average
_MIN_CHARACTERS = 10  # minimum length of a line


class Canvas(FigureCanvasAgg):
    """A canvas of pixels whose texts and fonts are measured once per process, and not once per figure."""

    def get_renderer(self) -> Artist:
        """Return the renderer of the figure."""
        canvas: Artist = self
        width, height = canvas.get_width_height(physical=True)
        key = width, height, self.figure.dpi
        if canvas._lastKey != key:  # noqa: SLF001 - of the base class
            canvas.renderer = _Renderer(*key, measuring_renderer(self.figure.dpi).measures)
            canvas._lastKey = key  # noqa: SLF001
        return canvas.renderer


@dataclass(frozen=True)
class _Measures:
    """The sizes of texts and the heights of fonts at a resolution, each measured once."""

    text_size: Callable[..., Artist]
    font_heights: Callable[..., Artist]


class _Renderer(RendererAgg):
    """A renderer that takes the sizes of texts and the heights of fonts from those that are known."""

    def __init__(self, width: float, height: float, dpi: float, measures: _Measures) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]  # Matplotlib
        _share_parser(self)
        self.measures = measures

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Artist) -> Artist:
        """Return the size of a text in pixels."""
        return self.measures.text_size(s, prop.copy(), ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> Artist:
        """Return the heights of a font, which Matplotlib would read from its file for each text."""
        return self.measures.font_heights(prop.copy(), self.dpi)


def measuring_renderer(dpi: float) -> Artist:
    """Return a renderer that measures texts at a resolution, under the current settings of fonts."""
    return _renderer_for(dpi, tuple(str(rcParams[key]) for key in _FONT_SETTINGS))


@lru_cache(maxsize=4)
def _renderer_for(dpi: float, _fonts: tuple[str, ...]) -> _Renderer:
    agg, kept = _share_parser(_AGG(1, 1, dpi)), lru_cache(maxsize=_KEPT_MEASURES)
    return _Renderer(1, 1, dpi, _Measures(kept(agg.get_text_width_height_descent), kept(font_heights)))


def _share_parser(renderer: Artist) -> Artist:
    if renderer.mathtext_parser._output_type == "vector":  # noqa: SLF001 - before 3.11, Matplotlib wants pixels
        renderer.mathtext_parser = _PARSER
    return renderer


def font_heights(font: FontProperties, dpi: float) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return the ascent, descent and line gap of a font in pixels, None if its file does not have them."""
    manager: Artist = fontManager
    file: Artist = get_font(manager._find_fonts_by_props(font))  # noqa: SLF001 - as in Matplotlib's layout of texts
    for name, *keys in _HEIGHT_TABLES:
        table = file.get_sfnt_table(name)
        if table is not None:
            scale = 1 / file.get_sfnt_table("head")["unitsPerEm"] * font.get_size_in_points() * dpi / 72
            ascent, descent, gap = (table[key] * scale for key in keys)
            return ascent, -descent, gap
    return None, None, None


def write_title(artist: Artist, title: Title, width: float) -> None:
    """Write a title into a text artist, on lines that fit a width in points.

    A formula that cannot be typeset in them is written as it was typed, smaller if it is longer.
    """
    size, font = artist.get_fontsize(), artist.get_fontproperties()
    captions = [title.caption] if title.caption else []
    if title.own is not None:
        lines = [part for line in title.own.split("\n") for part in _wrapped(line, width, artist)]
        artist.set(text="\n".join([*lines, *captions]), parse_math=False)
        return
    fitted = _fitted(title.left, title.terms, width, font) if title.terms else None
    if fitted is None:
        lines = [title.plain, *captions]
        fitting = width / (_FORMULA_WIDTH * max(map(len, lines)))
        artist.set(text="\n".join(lines), parse_math=False)
        artist.set_fontsize(min(max(fitting, _SMALLEST_SHARE * size), size))
        return
    lines, scale = fitted
    lines += [line for line in title.below if _width(line, font) * scale < width]
    artist.set(text="\n".join(lines), fontsize=size * scale)
    if artist.get_verticalalignment() == "baseline":
        artist.set_verticalalignment("bottom")  # on its baseline a fraction would reach into the panel


def write_text(artist: Artist, text: Text, width: float | None = None) -> None:
    """Write a text into a text artist, on several lines if it is longer than a width in points."""
    words = text.text
    if width is not None:
        words = "\n".join(part for line in words.split("\n") for part in _wrapped(line, width, artist))
    artist.set(text=words, parse_math=text.math)


def _wrapped(line: str, width: float, artist: Artist) -> list[str]:
    """Return the parts of a line of words that fit a width in points."""
    per_line = max(int(width / (_CHARACTER_WIDTH * artist.get_fontsize())), _MIN_CHARACTERS)
    if len(line) <= per_line:
        return [line]
    return textwrap.wrap(line, per_line, break_long_words=False) or [""]


def _fitted(left: str, terms: Sequence[str], width: float, font: Artist) -> tuple[list[str], float] | None:
    """Return lines of mathtext and the scale at which they fit a width in points; None if no term does.

    A formula that would not fit even at the smallest scale is broken at its terms, and cut short with dots
    where that does not do either: the spec in the file has it whole.
    """
    whole = " ".join((left, *terms))
    if _glyphs(whole) * font.get_size_in_points() <= width:  # Matplotlib needs 10 ms to measure a term
        return [f"${whole}$"], 1.0
    room = width / _SMALLEST_SHARE
    lines, lengths = [left], [_width(f"${left}$", font)]
    for place, term in enumerate(terms):
        length = _width(f"$x {term}$", font) - _width("$x$", font)  # behind an x: a sign has spaces there
        if place and lengths[-1] + length > room:
            lines.append("")
            lengths.append(0.0)
        if len(lines) > _MAX_LINES:
            break  # however many terms follow, their lengths make no difference
        lines[-1] += f" {term}"
        lengths[-1] += length
    if len(lines) == 1 and lengths[0] <= room:
        return [f"${lines[0]}$"], min(1.0, width / lengths[0])
    fitting = [line for line, length in zip(lines, lengths, strict=True) if length <= room]
    if len(fitting) < len(lines) or len(lines) > _MAX_LINES:
        if lines[0] not in fitting or lines[0] == left:
            return None
        lines = fitting[: _MAX_LINES - 1]
        lines[-1] += r" \ldots"
    return [f"${line}$" for line in lines], _SMALLEST_SHARE


def _glyphs(text: str) -> int:
    """Return an upper bound of the visible characters of mathtext, whose mean width is half a font size."""
    return len(re.sub(r"[{}_^ ]", "", re.sub(r"\\(?:[A-Za-z]+|.)", "x", text)))


def _width(text: str, font: Artist) -> float:
    """Return the width in points of mathtext."""
    return float(_PARSER.parse(text, 72, font).width)
