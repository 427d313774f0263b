"""Typeset formulas, each parsed once per process and, by the command line, once per machine.

The result of Matplotlib's parser is plain data: glyphs of fonts and rectangles, each at its position. With it
in a file, neither the grammar is built, which takes as long as 40 texts take to draw, nor is the text parsed.
"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.mathtext import MathTextParser, VectorParse

from gradviz.fields.cache import cached

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font, GlyphIndexType

_MAX_PARTS = 5_000  # glyphs and rectangles of a text in a file
_MAX_POSITION = 1e6  # pixels
_UNUSED_DPI = 13  # a resolution of no figure: the fonts of kept texts must not be shared by processes
_MAX_KNOWN = 1_000  # typeset texts that a process keeps


class Typeset(NamedTuple):
    """A parsed text as plain data."""

    parse: VectorParse

    def to_plain(self) -> dict[str, object]:
        """Return glyphs with the file names of their fonts, relative to Matplotlib's folder of data."""
        fonts = Path(mpl.get_data_path())
        parse = self.parse
        return {
            "size": [float(parse.width), float(parse.height), float(parse.depth)],
            "glyphs": [
                [Path(str(font.fname)).relative_to(fonts).as_posix(), *map(float, (size, *rest))]
                for font, size, *rest in parse.glyphs
            ],
            "rects": [[*map(float, rect)] for rect in parse.rects],
        }

    @classmethod
    def from_plain(cls, plain: Any) -> Typeset:
        """Return the text in plain data. Raises ValueError, KeyError or TypeError for malformed data."""
        known = {font.name: font for font in Path(mpl.get_data_path(), "fonts", "ttf").glob("*.ttf")}
        if len(plain["glyphs"]) + len(plain["rects"]) > _MAX_PARTS:
            raise ValueError("too many glyphs")
        glyphs: list[tuple[FT2Font, float, int, GlyphIndexType, float, float]] = []
        for name, size, character, index, x, y in plain["glyphs"]:
            font = get_font(known[Path(name).name])
            if not 0 <= int(index) < font.num_glyphs:
                raise ValueError(f"{name} has no glyph {index}")
            glyph = cast("GlyphIndexType", int(index))
            glyphs.append((font, _number(size), int(character), glyph, _number(x), _number(y)))
        rects = [
            (_number(x), _number(y), _number(width), _number(height))
            for x, y, width, height in plain["rects"]
        ]
        width, height, depth = map(_number, plain["size"])
        return cls(VectorParse(width, height, depth, glyphs, rects))


def _number(value: float) -> float:
    """Return a number of a file. Raises ValueError if no position can have it."""
    number = float(value)
    if not math.isfinite(number) or abs(number) > _MAX_POSITION:
        raise ValueError(f"no position: {number}")
    return number


class Parser(MathTextParser):  # type: ignore[type-arg]  # generic in the stubs alone
    """A parser of mathtext that keeps its results."""

    def __init__(self) -> None:
        super().__init__("path")
        self._known: dict[tuple[object, ...], VectorParse] = {}

    def parse(
        self, s: str, dpi: float = 72, prop: FontProperties | None = None, *, antialiased: bool | None = None
    ) -> VectorParse:
        """Return the glyphs and the rectangles of a text. Raises ValueError if it is no mathtext."""
        font = prop or FontProperties()
        settings = tuple(str(mpl.rcParams[key]) for key in mpl.rcParams if key.startswith("mathtext."))
        look = str(font), font.get_math_fontfamily(), font.get_size_in_points(), dpi, settings
        if (s, *look) not in self._known:
            parse = partial(MathTextParser.parse, self, s, dpi, prop, antialiased=antialiased)
            if mpl.rcParams["mathtext.fontset"] == "custom":  # a font that may be replaced by another version
                self._known[s, *look] = parse()
            else:
                key = {"mathtext": s, "look": [*map(str, look)], "matplotlib": mpl.__version__}
                found = cached(key, Typeset.from_plain, lambda: Typeset(parse()))
                self._known[s, *look] = found.parse
            if len(self._known) > _MAX_KNOWN:
                del self._known[next(iter(self._known))]
        return self._known[s, *look]


def build_grammar() -> None:
    """Build Matplotlib's grammar of mathtext, which all parsers of a process share."""
    MathTextParser("path").parse("$x$", dpi=_UNUSED_DPI)
