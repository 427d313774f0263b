"""Colour maps and norms of a script."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.output.script.sheet import Sheet
from gradviz.printing.python_source import Code, assigned, rounded, text
from gradviz.scene.marks import Contours
from gradviz.scene.scales import Bands, ColourMap, ColourScale, Rgb

_LIST_COUNTS = (9, 17, 33)  # colours listed, between which a changed map is interpolated
_INVISIBLE = 1.5 / 255  # difference of the red, green or blue part of a colour
_MAP_NAMES = ("cmap", "cmap2", "cmap3")


def hexadecimal(colour: Rgb | str) -> str:
    """Return a colour as a text."""
    if isinstance(colour, str):
        return colour
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


def colour_map(sheet: Sheet, colours: ColourMap) -> str:
    """Return a colour map: its name, or a variable with a part of it or with listed colours."""
    if colours.part == (0.0, 1.0) and not colours.is_changed:
        return colours.name
    count, lines = len(colours.colours), list[str]()
    if colours.is_changed:
        whole, places = np.array(colours.colours), np.linspace(0, 1, count)
        for few in _LIST_COUNTS:
            at = np.linspace(0, 1, few)
            chosen = [colours.colours[round(share * (count - 1))] for share in at]
            near = np.stack([np.interp(places, at, part) for part in np.array(chosen).T], axis=-1)
            if np.abs(near - whole).max() <= _INVISIBLE:
                break
        lines = [
            f"# The map {colours.name}, with its palest or darkest colours made visible:",
            *assigned("shades", map(hexadecimal, chosen)),
        ]
        made = f'{sheet.uses("matplotlib.colors", "LinearSegmentedColormap")}.from_list("shades", shades)'
    else:
        low, high = map(rounded, colours.part)
        part = f"plt.get_cmap({text(colours.name)})(np.linspace({low}, {high}, {count}))"
        made = f"{sheet.uses('matplotlib.colors', 'ListedColormap')}({part})"
    name = next(
        name
        for name in _MAP_NAMES
        if f"{name} = {made}" in sheet.body or not any(line.startswith(f"{name} = ") for line in sheet.body)
    )
    if f"{name} = {made}" not in sheet.body:
        sheet.add(*lines, f"{name} = {made}")
    return Code(name)


def scaled(sheet: Sheet, scale: ColourScale) -> dict[str, object]:
    """Return the keyword arguments of a colour map and its norm."""
    norm = f"plt.Normalize({rounded(scale.vmin)}, {rounded(scale.vmax)})"
    cmap = colour_map(sheet, scale.colours)
    if scale.boundaries:
        norm = "norm"
        sheet.uses("matplotlib.colors", "FuncNorm")
        sheet.add("# Between these values the colours change by equal steps:")
        sheet.add(
            *assigned("places", (Code(rounded(value, 10)) for value in scale.boundaries)),
            "steps = np.arange(len(places))",
            "norm = FuncNorm(",
            "    (lambda z: np.interp(z, places, steps), lambda c: np.interp(c, steps, places)),",
            f"    vmin={rounded(scale.vmin, 10)}, vmax={rounded(scale.vmax, 10)},",
            ")",
        )
    return {"cmap": cmap, "norm": Code(norm)}


def levelled(sheet: Sheet, mark: Contours) -> dict[str, object]:
    """Return the keyword arguments of the colours of contours."""
    bands = mark.bands
    extend = {"extend": bands.extend if bands.extend != "neither" else None}
    colours = [*map(hexadecimal, bands.colours)]
    if len(colours) == 1:
        return {"colors": colours[0], "linestyles": None if mark.filled else "solid", **extend}
    if bands.map is None:
        return {"colors": colours, **extend}
    cmap = colour_map(sheet, bands.map)
    if not colours:
        return {"cmap": cmap, **extend}
    shades = cmap if isinstance(cmap, Code) else f"plt.get_cmap({text(cmap)})"
    spread = f"{shades}(np.linspace(0, 1, {len(colours)}))"
    sheet.add(f"colors = {spread}  # at even distances, although the levels are not")
    return {"colors": Code("colors"), **extend}


def bar_arguments(scale: ColourScale | Bands) -> dict[str, object]:
    """Return the keyword arguments of the ends and the plain ticks of a colour bar."""
    found: dict[str, Any] = {}  # Any: values of several types
    if isinstance(scale, ColourScale) and scale.extend != "neither":
        found["extend"] = scale.extend
    if scale.ticks is not None:
        found["ticks"] = [value for value, _ in scale.ticks]
        found["format"] = None if tick_texts(scale) else "{x:g}"
    return found


def tick_texts(scale: ColourScale | Bands) -> list[str]:
    """Return the texts of ticks; none for plain numbers, or for ticks that are not given."""
    plain = [f"{value:g}".replace("-", "\N{MINUS SIGN}") for value, _ in scale.ticks or ()]
    texts = [label for _, label in scale.ticks or ()]
    return [] if texts == plain else texts
