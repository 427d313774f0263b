"""Pictures in three dimensions as scripts."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import FuncNorm
from mpl_toolkits.mplot3d.art3d import (  # type: ignore[import-untyped] # it has no types
    Line3DCollection,
    Path3DCollection,
    Poly3DCollection,
)

from gradviz.output.script import flat, looks
from gradviz.output.script.functions import write_function
from gradviz.output.script.sheet import Sheet, array, color, pair, rounded, words_of
from gradviz.printing.numpy_source import number
from gradviz.sampling.scales import height_norm
from gradviz.specs.space import DOTS, FACES, WIRES, ticks_along


def write_surface(sheet: Sheet) -> None:
    """Write a function as a surface, a wireframe, level lines or bands, or dots."""
    write_function(sheet)
    flat.write_mesh(sheet)
    axes = sheet.picture.axes[0]
    heights = write_heights(sheet)
    looks.open_figure(sheet, box=True)
    found = _draw(sheet, axes, heights)
    looks.write_marks(sheet, axes)
    finish_box(sheet, axes, found)
    flat.finish_plane(sheet)


def write_heights(sheet: Sheet) -> str:
    """Write what of the values is shown, if not all are, and return the name of it."""
    low, high = sheet.spec.ends(sheet.samples)
    values = sheet.samples.heights
    if np.nanmin(values) >= low and np.nanmax(values) <= high:
        return "values"
    sheet.add(
        f"# Values beyond {number(low)} and {number(high)} would reach out of the box.",
        f"shown = np.where((values >= {number(low)}) & (values <= {number(high)}), values, np.nan)",
    )
    return "shown"


def draw_surface(sheet: Sheet, axes: Any, heights: str, target: str = "ax") -> Any:
    """Write the surface, and return what was drawn of it."""
    found = next(one for one in axes.collections if isinstance(one, Poly3DCollection))
    look = {
        "cmap": looks.colour_map(sheet),
        "norm": _norm(sheet, found),
        "linewidth": "0",
        "antialiased": "False",
    }
    places = ["points[..., 0]", "points[..., 1]", heights]
    sheet.call(f"drawn = {target}.plot_surface", *places, **_counts(sheet, FACES), **look)
    return found


def finish_box(sheet: Sheet, axes: Any, found: Any, name: str = "ax") -> None:
    """Write view, labels, ticks and the scale of the colours."""
    spec = sheet.spec
    sheet.add(f"{name}.view_init(elev={number(spec.elev)}, azim={number(spec.azim)})")
    sheet.add(f"{name}.set_box_aspect(None, zoom=0.92)  # else the label of z is cut off")
    looks.set_axes(sheet, axes, name, view=False)
    words, plain = words_of(axes.zaxis.label)
    sheet.call(f"{name}.set_zlabel", words, labelpad=rounded(axes.zaxis.labelpad, 3), parse_math=plain)
    for letter in "xyz":
        if (view := getattr(spec, f"{letter}lim")) is not None:
            sheet.add(f"{name}.set_{letter}lim{pair(view)}")
    if spec.zticks is not None:
        sheet.call(f"{name}.set_zticks", f"[{', '.join(map(number, spec.zticks))}]")
    free = [letter for letter in "xyz" if getattr(spec, f"{letter}ticks") is None]
    if free:
        sheet.imports.add("from matplotlib.ticker import MaxNLocator")
        with sheet.picture.own_settings():
            parts = ticks_along(axes)
        sheet.add(*(f"{name}.{letter}axis.set_major_locator(MaxNLocator({parts}))" for letter in free))
    if spec.grid is False:
        sheet.add(f"{name}.grid(False)")
    if found is not None:
        looks.colour_bar(sheet, found, name)


def _draw(sheet: Sheet, axes: Any, heights: str) -> Any:
    plot, places = sheet.spec.plot, ["points[..., 0]", "points[..., 1]", heights]
    if plot == "surface":
        return draw_surface(sheet, axes, heights)
    if plot == "wireframe":
        wires = next(one for one in axes.collections if isinstance(one, Line3DCollection))
        width = rounded(np.ravel(wires.get_linewidth())[0])
        sheet.call(
            "ax.plot_wireframe",
            *places,
            **_counts(sheet, WIRES),
            color=color(sheet.style.ink),
            linewidth=width,
        )
        return None
    if plot == "scatter":
        return _draw_dots(sheet, axes, heights)
    return flat.draw_levels(sheet, axes, axes.collections, heights=heights)


def _draw_dots(sheet: Sheet, axes: Any, heights: str) -> Any:
    dots = next(one for one in axes.collections if isinstance(one, Path3DCollection))
    thin = ", ".join(f"::{-(-count // DOTS)}" for count in sheet.samples.values.shape)
    look = {"cmap": looks.colour_map(sheet), "norm": _norm(sheet, dots), "s": "6", "depthshade": "False"}
    sheet.add(f"some, heights = points[{thin}], {heights}[{thin}]  # more dots could not be told apart")
    sheet.add("there = np.isfinite(heights)")
    sheet.call("drawn = ax.scatter", "*some[there].T", "heights[there]", c="heights[there]", **look)
    return dots


def _counts(sheet: Sheet, most: int) -> dict[str, str]:
    rows, columns = sheet.samples.values.shape
    return {"rcount": str(min(rows, most)), "ccount": str(min(columns, most))}


def _norm(sheet: Sheet, artist: Any) -> str:
    """Return the scale of the colours, which changes evenly from level to level where it is not even."""
    if not isinstance(artist.norm, FuncNorm):
        return flat.norm_of(artist)
    norm: Any = artist.norm
    ends = float(norm.vmin), float(norm.vmax)
    _, inner = height_norm(sheet.samples.heights, ends, sheet.spec.spacing_for(sheet.samples))
    sheet.imports.add("from matplotlib.colors import FuncNorm")
    sheet.add("# Between these heights the colours change by equal steps.")
    sheet.add(*array("places", [ends[0], *inner, ends[1]]))
    sheet.add(
        "steps = np.arange(len(places))",
        "norm = FuncNorm(",
        "    (lambda z: np.interp(z, places, steps), lambda c: np.interp(c, steps, places)),",
        "    vmin=places[0], vmax=places[-1],",
        ")",
    )
    return "norm"
