"""Colour maps: the parts of Matplotlib's maps that a style uses, and what is readable on them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import Colormap, ListedColormap, to_rgb

from gradviz.arrays import Floats
from gradviz.scene.scales import ColourMap, Rgb
from gradviz.scene.style import ColourMaps, Style

VISIBLE = 2.1  # contrast to the page, at least, of arrows and lines
_HARDLY_VISIBLE = 1.5  # contrast, at least, of lines in a colour map that a user chose
_READABLE = 3.0  # contrast of a line that needs no outline
_WHOLE = (0.0, 1.0)
_POWERS = 2 ** (np.arange(113.0) / 16)[:, None, None]  # exponents that darken a colour, or lighten it
_DARKEST, _LIGHTEST = 0.01, 0.99  # parts of a colour, which powers would not change beyond
_PROBES = 33  # colours of a map at which the contrast is measured
_LUMINANCE_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
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
    (ratio,) = _contrasts(np.array([to_rgb(one)]), other)
    return float(ratio)


def _contrasts(colours: Floats, other: str | Rgb) -> Floats:
    """Return the contrasts (...) of colours (..., 3) to another colour."""
    luminances, fixed = _luminances(colours), _luminances(np.array(to_rgb(other)))
    ratios: Floats = (np.maximum(luminances, fixed) + 0.05) / (np.minimum(luminances, fixed) + 0.05)
    return ratios


def _luminances(colours: Floats) -> Floats:
    """Return the relative luminances (...) of colours (..., 3) (WCAG 2.1)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminances: Floats = linear @ _LUMINANCE_WEIGHTS
    return luminances


def _part(name: str, part: tuple[float, float]) -> ColourMap:
    whole, (low, high) = colormaps[name], part
    shares = low + (high - low) * np.arange(whole.N) / max(whole.N - 1, 1)
    colours = whole(np.arange(whole.N) if part == _WHOLE else shares)
    return ColourMap(name, part, _rows(colours[:, :3]))


def _rows(colours: Floats) -> tuple[Rgb, ...]:
    """Return colours (N, 3) as tuples."""
    return tuple((red, green, blue) for red, green, blue in colours.tolist())


@cache
def _visible(colours: ColourMap, page: str, least: float = VISIBLE) -> ColourMap:
    """Return the part of a map with a contrast to a page, darkened or lightened where that is lower."""
    (low, high), last = colours.part, max(len(colours.colours) - 1, 1)
    seen = np.flatnonzero(_contrasts(np.array(colours.colours), page) >= least) / last
    ends = (float(seen[0]), float(seen[-1])) if seen.size else _WHOLE
    part = low + (high - low) * ends[0], low + (high - low) * ends[1]
    found = colours if ends == _WHOLE else _part(colours.name, part)
    changed = _rows(_strengthened(np.array(found.colours), page, least))
    return replace(found, colours=changed, is_changed=found.is_changed or changed != found.colours)


def _strengthened(colours: Floats, page: str, least: float) -> Floats:
    """Return colours (N, 3) with a contrast to a page, by the smallest powers of them, which keep the hue."""
    weak = np.flatnonzero(_contrasts(colours, page) < least)
    if contrast(_BLACK, page) > contrast(_WHITE, page):
        powers = np.minimum(colours[weak], _LIGHTEST) ** _POWERS
    else:
        powers = 1 - (1 - np.maximum(colours[weak], _DARKEST)) ** _POWERS
    is_enough = _contrasts(powers, page) >= least
    is_enough[-1] = True
    strengthened = colours.copy()
    strengthened[weak] = powers[is_enough.argmax(axis=0), np.arange(len(weak))]
    return strengthened


def _ink_on(colours: ColourMap) -> tuple[str, str | None]:
    """Return black or white, whichever is more readable on a map, and the colour of an outline if needed."""
    probes = np.linspace(0, len(colours.colours) - 1, _PROBES).round().astype(np.intp)
    shown = np.array(colours.colours)[probes]
    least = {ink: float(_contrasts(shown, ink).min()) for ink in (_BLACK, _WHITE)}
    ink, other = sorted(least, key=least.__getitem__, reverse=True)
    return ink, None if least[ink] >= _READABLE else other
