"""Colour maps, norms and colour bars of a script."""

from __future__ import annotations

import numpy as np

from gradviz.output.script.sheet import Sheet, assigned, numbers, rounded, text
from gradviz.scene.marks import Contours
from gradviz.scene.scales import Bands, ColourMap, ColourScale, Rgb

_WHOLE = (0.0, 1.0)
_LIST_COUNTS = (9, 17, 33)  # of colours listed, between which a changed map is interpolated
_INVISIBLE = 1.5 / 255  # difference of a part of a colour


def literal(colour: Rgb | str) -> str:
    """Return a colour as a literal."""
    if isinstance(colour, str):
        return text(colour)
    return text("#" + "".join(f"{round(255 * part):02x}" for part in colour[:3]))


def colour_map(sheet: Sheet, colours: ColourMap) -> str:
    """Return the source of a colour map: its name, a part of it, or a map through listed colours."""
    if colours.part == _WHOLE and not colours.is_changed:
        return text(colours.name)
    count = len(colours.colours)
    if not colours.is_changed:
        sheet.imports.add("from matplotlib.colors import ListedColormap")
        part = f"np.linspace({numbers(colours.part)[1:-1]}, {count})"
        return _assigned_map(sheet, [f"ListedColormap(plt.get_cmap({text(colours.name)})({part}))"])
    sheet.imports.add("from matplotlib.colors import LinearSegmentedColormap")
    whole, places = np.array(colours.colours), np.linspace(0, 1, count)
    for few in _LIST_COUNTS:
        chosen = [colours.colours[round(share * (count - 1))] for share in np.linspace(0, 1, few)]
        near = [np.interp(places, np.linspace(0, 1, few), part) for part in np.array(chosen).T]
        if np.abs(np.transpose(near) - whole).max() <= _INVISIBLE:
            break
    sheet.add(f"# The map {colours.name}, with its palest or darkest colours made visible:")
    return _assigned_map(
        sheet,
        [*assigned("shades", map(literal, chosen)), 'LinearSegmentedColormap.from_list("shades", shades)'],
    )


def _assigned_map(sheet: Sheet, lines: list[str]) -> str:
    """Write the definition of a colour map under a new name, or return that of the same one before."""
    *before, last = lines
    for name in ("cmap", "cmap2", "cmap3"):
        if f"{name} = {last}" in sheet.body and not before:
            return name
        if not any(line.startswith(f"{name} = ") for line in sheet.body):
            sheet.add(*before, f"{name} = {last}")
            return name
    raise AssertionError


def norm(sheet: Sheet, scale: ColourScale) -> str:
    """Return the source of the norm of a colour scale."""
    if not scale.boundaries:
        return f"plt.Normalize({rounded(scale.vmin)}, {rounded(scale.vmax)})"
    sheet.imports.add("from matplotlib.colors import FuncNorm")
    sheet.add("# Between these values the colours change by equal steps:")
    sheet.add(*assigned("places", (rounded(value, 10) for value in scale.boundaries)))
    sheet.add(
        "steps = np.arange(len(places))",
        "norm = FuncNorm(",
        "    (lambda z: np.interp(z, places, steps), lambda c: np.interp(c, steps, places)),",
        f"    vmin={rounded(scale.vmin, 10)}, vmax={rounded(scale.vmax, 10)},",
        ")",
    )
    return "norm"


def scaled(sheet: Sheet, scale: ColourScale) -> dict[str, str]:
    """Return the keyword arguments of a colour map and its norm."""
    return {"cmap": colour_map(sheet, scale.colours), "norm": norm(sheet, scale)}


def levelled(sheet: Sheet, mark: Contours) -> dict[str, str | None]:
    """Return the keyword arguments of the colours of contours."""
    bands = mark.bands
    extend = text(bands.extend) if bands.extend != "neither" else None
    if len(bands.colours) == 1:
        styles = None if mark.filled else '"solid"'
        return {"colors": literal(bands.colours[0]), "linestyles": styles, "extend": extend}
    if bands.map is None:
        return {"colors": f"[{', '.join(map(literal, bands.colours))}]", "extend": extend}
    cmap = colour_map(sheet, bands.map)
    if not bands.colours:
        return {"cmap": cmap, "extend": extend}
    shades = f"plt.get_cmap({cmap})" if cmap.startswith('"') else cmap
    spread = f"{shades}(np.linspace(0, 1, {len(bands.colours)}))"
    sheet.add(f"colors = {spread}  # at even distances, although the levels are not")
    return {"colors": "colors", "extend": extend}


def bar_arguments(scale: ColourScale | Bands) -> dict[str, str]:
    """Return the keyword arguments of the ends and the plain ticks of a colour bar."""
    found = {}
    if isinstance(scale, ColourScale) and scale.extend != "neither":
        found["extend"] = text(scale.extend)
    if scale.ticks is not None:
        found["ticks"] = numbers(value for value, _ in scale.ticks)
        if tick_texts(scale) is None:
            found["format"] = '"{x:g}"'
    return found


def tick_texts(scale: ColourScale | Bands) -> str | None:
    """Return the source of the texts of ticks; None for plain numbers, or for ticks that are not given."""
    plain = [f"{value:g}".replace("-", "\N{MINUS SIGN}") for value, _ in scale.ticks or ()]
    texts = [label for _, label in scale.ticks or ()]
    return None if texts == plain else f"[{', '.join(map(text, texts))}]"
