"""Colour maps: the parts of Matplotlib's maps that a style uses, and what is readable on them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from matplotlib import colormaps
from matplotlib.colors import Colormap, ListedColormap, to_rgb

from gradviz.scene.scales import ColourMap, Rgb
from gradviz.scene.style import ColourMaps, Style

VISIBLE = 2.1  # contrast to the page, at least, of arrows and lines
_HARDLY_VISIBLE = 1.5  # contrast, at least, of lines in a colour map that a user chose
_READABLE = 3.0  # contrast of a line that needs no outline
_WHOLE = (0.0, 1.0)
_POWERS = [2 ** (i / 16) for i in range(113)]  # exponents that darken a colour, or lighten it
_DARKEST, _LIGHTEST = 0.01, 0.99  # parts of a colour, which powers would not change beyond
_PROBES = 33  # colours of a map at which the contrast is measured
_BLACK, _WHITE = "#111111", "#ffffff"


@cache
def with_maps(style: Style, cmap: str | None) -> Style:
    """Return a style with its colour maps resolved, for the map that a user asked for or its own.

    Of a map that was asked for, all is used, but what is hardly visible on the page is cut off at its ends
    and darkened inside (lightened on a dark page): the middle of a diverging map cannot be cut off.
    """
    if cmap is not None:
        values = _part(cmap, _WHOLE)
        return replace(style, maps=_maps(values, _visible(values, style.page, _HARDLY_VISIBLE), values))
    values, diverging = _part(style.cmap, (style.darkest, 1.0)), None
    if style.diverging is not None:
        signed = replace(_part(*style.diverging), is_diverging=True)
        lines = _visible(_visible(signed, "white"), style.page)  # dark enough on all pages to have a hue
        diverging = _maps(signed, lines, signed)
    lines = values if style.uses_defaults else _visible(values, style.page)
    maps = _maps(values, lines, _part(style.cmap, style.ground))
    return replace(style, maps=replace(maps, diverging=diverging))


def _maps(values: ColourMap, lines: ColourMap, ground: ColourMap) -> ColourMaps:
    """Return maps with the colours that are readable on the `ground`."""
    return ColourMaps(values, lines, ground, *_ink_on(ground))


def matplotlib_map(colours: ColourMap) -> Colormap:
    """Return a colour map as Matplotlib's."""
    if colours.part == _WHOLE and not colours.is_changed:
        return colormaps[colours.name]
    return ListedColormap(colours.colours, f"{colours.name} part")


def channels(colour: str | Rgb) -> tuple[int, int, int]:
    """Return a colour as red, green and blue from 0 to 255."""
    red, green, blue = (round(255 * part) for part in to_rgb(colour))
    return red, green, blue


def contrast(one: str | Rgb, other: str | Rgb) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.1, "contrast ratio")."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str | Rgb) -> float:
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _part(name: str, part: tuple[float, float]) -> ColourMap:
    whole, (low, high) = colormaps[name], part
    shares = [low + (high - low) * i / (whole.N - 1) for i in range(whole.N)]
    places = range(whole.N) if part == _WHOLE else shares
    return ColourMap(name, part, tuple((r, g, b) for r, g, b, _ in map(whole, places)))


@cache
def _visible(colours: ColourMap, page: str, least: float = VISIBLE) -> ColourMap:
    """Return the part of a map with a contrast to a page, darkened or lightened where that is lower."""
    (low, high), last = colours.part, len(colours.colours) - 1
    seen = [i / last for i, colour in enumerate(colours.colours) if contrast(colour, page) >= least]
    ends = (seen[0], seen[-1]) if seen else _WHOLE
    part = low + (high - low) * ends[0], low + (high - low) * ends[1]
    found = colours if ends == _WHOLE else _part(colours.name, part)
    changed = tuple(_strengthened(colour, page, least) for colour in found.colours)
    return replace(found, colours=changed, is_changed=found.is_changed or changed != found.colours)


def _strengthened(colour: Rgb, page: str, least: float) -> Rgb:
    """Return a colour with a contrast to a page, by the least power of it, which keeps the hue."""
    if contrast(colour, page) >= least:
        return colour
    darken = contrast(_BLACK, page) > contrast(_WHITE, page)
    for power in _POWERS:
        red, green, blue = (
            min(part, _LIGHTEST) ** power if darken else 1 - (1 - max(part, _DARKEST)) ** power
            for part in colour
        )
        if contrast((red, green, blue), page) >= least:
            break
    return red, green, blue


def _ink_on(colours: ColourMap) -> tuple[str, str | None]:
    """Return black or white, whichever is more readable on a map, and the colour of an outline if needed."""
    count = len(colours.colours)
    probes = [colours.colours[round(i / (_PROBES - 1) * (count - 1))] for i in range(_PROBES)]
    least = {ink: min(contrast(ink, probe) for probe in probes) for ink in (_BLACK, _WHITE)}
    ink, other = sorted(least, key=least.__getitem__, reverse=True)
    return ink, None if least[ink] >= _READABLE else other
