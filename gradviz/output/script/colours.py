"""Colour maps and norms of a script."""

from __future__ import annotations

import numpy as np

from gradviz.output.script.sheet import Sheet
from gradviz.printing.python_source import Code, assigned, rounded, text
from gradviz.scene.marks import Contours
from gradviz.scene.scales import ColourMap, ColourScale, Rgb

_LISTED = 33  # colours listed of a changed map, which is interpolated between them


def _hexadecimal(colour: Rgb | str) -> str:
    if isinstance(colour, str):
        return colour
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


def _colour_map(sheet: Sheet, colours: ColourMap) -> str:
    """Return a colour map: its name, or the variable `cmap` with a part of it or with listed colours."""
    if colours.part == (0.0, 1.0) and not colours.is_changed:
        return colours.name
    last = len(colours.colours) - 1
    if colours.is_changed:
        chosen = [colours.colours[round(share * last)] for share in np.linspace(0, 1, _LISTED)]
        comment = f"# The map {colours.name}, with its palest or darkest colours made visible:"
        sheet.assign("shades", [comment, *assigned("shades", map(_hexadecimal, chosen))])
        made = f'{sheet.uses("matplotlib.colors", "LinearSegmentedColormap")}.from_list("shades", shades)'
    else:
        low, high = map(rounded, colours.part)
        part = f"plt.get_cmap({text(colours.name)})(np.linspace({low}, {high}, {last + 1}))"
        made = f"{sheet.uses('matplotlib.colors', 'ListedColormap')}({part})"
    return sheet.assign("cmap", [f"cmap = {made}"])


def scaled(sheet: Sheet, scale: ColourScale) -> dict[str, object]:
    """Return the keyword arguments of a colour map and its norm."""
    cmap, norm = _colour_map(sheet, scale.colours), Code("norm")
    if not scale.boundaries:
        return {"cmap": cmap, "norm": Code(f"plt.Normalize({rounded(scale.vmin)}, {rounded(scale.vmax)})")}
    sheet.add(
        "# Between these values the colours change by equal steps:",
        *assigned("places", (Code(rounded(value, 10)) for value in scale.boundaries)),
        "steps = np.arange(len(places))",
        f"norm = {sheet.uses('matplotlib.colors', 'FuncNorm')}(",
        "    (lambda z: np.interp(z, places, steps), lambda c: np.interp(c, steps, places)),",
        f"    vmin={rounded(scale.vmin, 10)}, vmax={rounded(scale.vmax, 10)},",
        ")",
    )
    return {"cmap": cmap, "norm": norm}


def levelled(sheet: Sheet, mark: Contours) -> dict[str, object]:
    """Return the keyword arguments of the colours of contours."""
    bands = mark.bands
    extend = {"extend": bands.extend if bands.extend != "neither" else None}
    if len(bands.colours) == 1:
        colour = _hexadecimal(bands.colours[0])
        return {"colors": colour, "linestyles": None if mark.filled else "solid", **extend}
    assert bands.map is not None  # noqa: S101 - contours without a colour of their own have a map
    cmap = _colour_map(sheet, bands.map)
    if not bands.colours:
        return {"cmap": cmap, **extend}
    shades = cmap if isinstance(cmap, Code) else f"plt.get_cmap({text(cmap)})"
    spread = f"{shades}(np.linspace(0, 1, {len(bands.colours)}))"
    sheet.add(f"colors = {spread}  # at even distances, although the levels are not")
    return {"colors": Code("colors"), **extend}
