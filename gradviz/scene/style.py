"""Styles: the colours, widths and font sizes of a figure, resolved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gradviz.scene.scales import ColourMap

READABLE_FONT_SHARE = 0.7  # of the default size of a figure: below, the font shrinks with the figure
BARE_MARGIN = 0.02  # inches around the panels of a bare style: a pixel
_STRIP_SHARE = 1.6  # of the shorter side to its default: font size in a figure that is long in the other way
SMALLEST_FONT_SHARE = 0.45  # smallest font size to the default
MARK_SCALES = (0.5, 1.5)  # smallest and largest marks to those in a default figure
SMALL_BOX_FONT = 7.5  # points: font size below which texts are nearer to a box, which is smaller

Rgba = tuple[float, float, float, float]


@dataclass(frozen=True)
class ColourMaps:
    """The colour maps of one figure."""

    values: ColourMap  # for surfaces and filled contours
    lines: ColourMap  # for arrows and lines on the page, without colours that can hardly be seen there
    ground: ColourMap  # for an image behind arrows and lines
    ink: str  # colour of lines on `ground`
    outline: str | None  # colour of outlines that lines on `ground` need, if they need any
    diverging: ColourMaps | None = None  # those of values on both sides of 0; None for the same


@dataclass(frozen=True)
class Style:
    """Colours, widths in points and font sizes in points."""

    font_size: float = 11.0
    font_family: str = "STIXGeneral"  # the family of numbers, words and formulas
    has_serifs: bool = True
    fallbacks: tuple[str, ...] = ()  # families for characters that it lacks
    line_width: float = 1.8
    mark_unit: float = 11.0  # points: unit of the sizes of markers, the font size in a default figure
    mark_scale: float = 1.0  # sizes of marks to those in a default figure
    text: str = "black"
    page: str = "white"  # colour behind the axes
    edge: str = "#444444"  # colour of the frame of axes
    tick: str = "black"
    grid: str = "#dddddd"
    panes: tuple[Rgba, Rgba, Rgba] = (0.95, 0.95, 0.95, 0.5), (0.9, 0.9, 0.9, 0.5), (0.925, 0.925, 0.925, 0.5)
    """The colours of the three walls of a box."""
    uses_defaults: bool = False  # whether all that is not named here is as Matplotlib's defaults have it
    compact: bool = False  # whether titles, labels and lines are small, for a column of a paper
    bare: bool = False  # whether panels fill a picture of few pixels: thin frames, no ticks and no texts
    ink: str = "#1f4e79"  # colour of a curve or of a wireframe
    accents: tuple[str, ...] = ("#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
    faint: str = "#888888"
    paths: tuple[str, ...] = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#222222")
    """The colours of paths in turn and, as of the accents, distinct for the colour-blind (Okabe and Ito)."""
    cmap: str = "viridis"
    darkest: float = 0.0  # where on `cmap` its use begins, 0 to 1: on a dark page its dark end is invisible
    diverging: tuple[str, tuple[float, float]] | None = "RdBu_r", (0.12, 0.88)
    """The map of values on both sides of 0, the part on which black lines are readable; None for `cmap`."""
    ground: tuple[float, float] = (0.35, 1.0)  # the part on which arrows and lines of one colour are readable
    arrows: Literal["equal", "true"] = "equal"
    arrow_colour: str | None = None  # colour of all arrows; None for colours by magnitude
    colour_bars: bool = True
    lit: bool = True  # whether surfaces have light and shade, and lines of their mesh
    size: tuple[float, float] = (6.4, 4.8)  # in inches where nothing else decides; the width holds always
    transparent: bool = False  # whether the page is left out: what is chosen for it stays
    maps: ColourMaps | None = None  # the resolved colour maps; None in `STYLES`


STYLES: Mapping[str, Style] = {
    "default": Style(),
    "book": Style(
        font_size=10.0,
        mark_unit=10.0,
        font_family="DejaVu Sans",
        has_serifs=False,
        line_width=1.5,
        edge="black",
        grid="#b0b0b0",
        uses_defaults=True,
        ink="C0",
        accents=("C1", "#117733", "#cc79a7", "#882255", "#56b4e9"),
        paths=("red", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "black"),
        arrows="true",
        arrow_colour="#666666",
        diverging=None,
        colour_bars=False,
        lit=False,
    ),
    "paper": Style(
        font_size=8.0,
        mark_unit=6.5,
        line_width=1.2,
        edge="black",
        compact=True,
        ink="black",
        cmap="cividis",
        ground=(0.45, 1.0),
        size=(3.4, 2.7),
    ),
    "dark": Style(
        text="#e6e6e6",
        page="#15181c",
        edge="#9aa0a6",
        tick="#c4c7cb",
        grid="#33383e",
        panes=((0.11, 0.13, 0.15, 1.0), (0.12, 0.14, 0.16, 1.0), (0.13, 0.15, 0.17, 1.0)),
        ink="#6cb6ff",
        accents=("#ff7f3f", "#7ee787", "#e7a3c8", "#f0e442", "#9a6cff"),
        faint="#8b949e",
        darkest=0.35,
        ground=(0.0, 0.55),
        paths=("#ff7f3f", "#56b4e9", "#2ad1a0", "#e7a3c8", "#f0e442", "#9a8cff", "#f5f5f5"),
    ),
}


def mark_scale(cell: tuple[float, float], default: tuple[float, float]) -> float:
    """Return the size of marks in a cell of some size in inches to those in a default one."""
    low, high = MARK_SCALES
    return min(max(math.sqrt(min(cell[0] / default[0], cell[1] / default[1])), low), high)


def font_share(size: tuple[float, float], default: tuple[float, float]) -> float:
    """Return the share of the font size for a figure of some size in inches: 1 but for a small one."""
    short, long = sorted((size[0] / default[0], size[1] / default[1]))
    share = min(1.0, max(min(math.sqrt(short * long), _STRIP_SHARE * short), SMALLEST_FONT_SHARE))
    return share if share < READABLE_FONT_SHARE else 1.0
