"""Pictures over a plane as scripts: level lines, arrows and streamlines."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from matplotlib.quiver import Quiver

from gradviz.output.script import looks
from gradviz.output.script.functions import write_function, write_gradient
from gradviz.output.script.sheet import (
    Call,
    Sheet,
    array,
    color,
    comment,
    filled,
    rounded,
    text,
)
from gradviz.printing.numpy_source import number
from gradviz.sampling.scales import are_even
from gradviz.specs.plane import BOX_ASPECT

_MOST_DOUBTS = 60  # points without a reliable gradient that are listed


def write_contour(sheet: Sheet) -> None:
    """Write level lines or bands."""
    write_function(sheet)
    write_mesh(sheet)
    looks.open_figure(sheet)
    axes = sheet.picture.axes[0]
    found = draw_levels(sheet, axes, axes.collections)
    looks.write_marks(sheet, axes)
    looks.set_axes(sheet, axes)
    if found is not None:
        looks.colour_bar(sheet, found)
    finish_plane(sheet)


def write_quiver(sheet: Sheet) -> None:
    """Write arrows."""
    _write_gradient_on_mesh(sheet)
    spec, axes = sheet.spec, sheet.picture.axes[0]
    found = next((one for one in axes.collections if isinstance(one, Quiver)), None)
    sign, way = ("", "uphill") if spec.ascent else ("-", "downhill")
    kind = spec.arrows or sheet.style.arrows
    colored = found is not None and (found.get_array() is not None or (spec.heat and not spec.color))
    shaped = found is not None and found.scale_units == "xy"
    if shaped or colored:
        sheet.add("sizes = np.hypot(vectors[..., 0], vectors[..., 1])")
        sheet.add("sizes[sizes == 0] = np.nan  # a gradient of zero has no direction, and is no arrow")
    if shaped:
        _write_shaped_arrows(sheet, kind, sign, way)
    else:
        sheet.add(f"arrows = {sign}vectors  # {way}")
    looks.open_figure(sheet)
    if found is not None:
        _draw_arrows(sheet, found, shaped=shaped, colored=colored)
    _draw_doubts(sheet)
    looks.write_marks(sheet, axes)
    looks.set_axes(sheet, axes)
    if found is not None:
        looks.colour_bar(sheet, _with_bar(axes, found))
    finish_plane(sheet)


def write_stream(sheet: Sheet) -> None:
    """Write streamlines."""
    _write_gradient_on_mesh(sheet)
    spec, axes = sheet.spec, sheet.picture.axes[0]
    if sheet.samples.doubtful.any():
        sheet.miss("that lines end where the gradient is unreliable")
    lines: Any = next((one for one in axes.collections if isinstance(one, LineCollection)), None)
    if lines is not None:  # none leads anywhere where the gradient is zero
        _write_guide(sheet)
    looks.open_figure(sheet)
    if lines is not None:
        look: dict[str, str | None] = {"color": color(to_hex(lines.get_edgecolor()[0]))}
        if lines.get_array() is not None or spec.heat:
            cmap, norm = looks.colour_map(sheet, lines=True), _norm_of_sizes(sheet)
            look = {"color": "sizes", "cmap": cmap, "norm": norm}
        sheet.call(
            "drawn = ax.streamplot", *sheet.names, "guided[..., 0]", "guided[..., 1]", **look,
            density=number(spec.density), minlength="0.04",
            **{name: rounded(size, 3) for name, size in spec.sizes_of_lines(axes, sheet.style).items()},
        )  # fmt: skip
    looks.write_marks(sheet, axes)
    looks.set_axes(sheet, axes)
    if lines is not None:
        looks.colour_bar(sheet, _with_bar(axes, lines), drawn="drawn.lines")
    finish_plane(sheet)


# What other pictures need, too ----------------------------------------------------------------------------


def write_mesh(sheet: Sheet, *, values: bool = True) -> None:
    """Write the points of the mesh and the function's values there."""
    spec, names = sheet.spec, sheet.names
    for name, variable, count in zip(names, sheet.reading.variables, spec.sample_counts(), strict=True):
        sheet.add(f"{name} = {along(spec.interval(variable), count)}")
    rows, columns = sheet.samples.values.shape
    sheet.add(
        f"points = np.stack(np.meshgrid({', '.join(names)}), axis=-1)"
        f"  # ({rows}, {columns}, 2): rows run along {names[1]}"
    )
    if values:
        inside = sheet.reading.region is not None
        sheet.add(f"values = {'np.where(inside(points), f(points), np.nan)' if inside else 'f(points)'}")
    if sheet.samples.breaks and spec.kind != "quiver":
        sheet.miss("the cuts at jumps and poles")


def along(interval: tuple[float, ...], count: int) -> str:
    """Return the coordinates along an axis as source."""
    if len(interval) == 3:
        return f"np.arange({', '.join(repr(float(x)) for x in interval)})"
    return f"np.linspace({number(interval[0])}, {number(interval[1])}, {count})"


def draw_levels(
    sheet: Sheet, axes: Any, collections: Any, target: str = "ax", heights: str = "values"
) -> Any:
    """Write the level lines or bands among what was drawn, and return them; None if there are none."""
    found: Any = next((one for one in collections if isinstance(one, ContourSet)), None)
    if found is None:
        said = " ".join(" ".join(words.get_text().split()) for words in axes.texts)
        sheet.add(*comment(f"There are no levels: {said}.") if said else ())
        return None
    levels = [float(level) for level in found.levels]
    sheet.add(*array("levels", levels))
    cmap = looks.colour_map(sheet, lines=not found.filled)
    given: dict[str, str | None] = {"levels": "levels", "cmap": cmap}
    if not are_even(levels):
        count = len(levels) - 1 + (found.extend in ("min", "both")) + (found.extend in ("max", "both"))
        count = count if found.filled else len(levels)
        shades = cmap if cmap == "cmap" else f"plt.get_cmap({cmap})"
        sheet.add(f"colors = {shades}(np.linspace(0, 1, {count}))  # even, although the levels are not")
        del given["cmap"]
        given["colors"] = "colors"
    if found.filled:
        given["extend"] = text(found.extend) if found.extend != "neither" else None
    else:
        widths = np.unique(found.get_linewidth())
        given["linewidths"] = rounded(widths[0]) if len(widths) == 1 else None
        given["alpha"] = rounded(found.get_alpha()) if found.get_alpha() is not None else None
    call = "contourf" if found.filled else "contour"
    sheet.call(f"drawn = {target}.{call}", *sheet.names, heights, **given)
    return found


def norm_of(artist: Any) -> str:
    """Return an even scale of colours as source."""
    return f"plt.Normalize({rounded(artist.norm.vmin)}, {rounded(artist.norm.vmax)})"


def _with_bar(axes: Any, marks: Any) -> Any:
    """Return what the scale of colours explains: marks, or the field behind them with the same scale."""
    return next((field for field in axes.images if field.colorbar is not None), marks)


def _norm_of_sizes(sheet: Sheet) -> str:
    """Return the scale of the gradient's size as source, which colours marks in place of a field behind."""
    return f"plt.Normalize(0, {rounded(sheet.spec.end_of(sheet.samples))})"


def finish_plane(sheet: Sheet) -> None:
    """Write the legend, if something of it was drawn, and the end."""
    if looks.write_explained(sheet, sheet.picture.axes[0]) or sheet.spec.kind not in ("quiver", "stream"):
        looks.legend(sheet)
    looks.finish(sheet)


def _write_gradient_on_mesh(sheet: Sheet) -> None:
    write_function(sheet)
    write_gradient(sheet)
    write_mesh(sheet, values=False)
    sheet.add("vectors = gradient(points)")
    if sheet.reading.region is not None:
        sheet.add("vectors[~inside(points)] = np.nan")
    doubtful = np.argwhere(sheet.samples.doubtful)
    if sheet.spec.kind != "quiver" or not len(doubtful):
        return
    if len(doubtful) > _MOST_DOUBTS:
        sheet.miss(f"the circles at {len(doubtful):,} points where the gradient is unreliable")
        return
    sheet.add(
        "# At a kink, a jump or a pole there is no gradient to rely on: a circle stands there, and no arrow."
    )
    rows = [f"({row}, {column})" for row, column in doubtful.tolist()]
    sheet.add(*Call("doubtful = np.transpose", (f"[{', '.join(rows)}]",)).lines()) if len(
        rows
    ) < 7 else sheet.add("doubtful = np.transpose([", *filled(rows), "])")
    sheet.add("rows, columns = doubtful", "vectors[rows, columns] = np.nan")


def _write_guide(sheet: Sheet) -> None:
    """Write the direction of lines, which is undefined where these end."""
    sign, way = ("", "uphill") if sheet.spec.ascent else ("-", "downhill")
    sheet.add(
        "sizes = np.hypot(vectors[..., 0], vectors[..., 1])",
        "# A line ends where the gradient is smaller than its change to the next point: beyond, it would",
        "# rattle to and fro across the floor of a valley.",
        "change = np.zeros_like(sizes)",
        "for axis in (0, 1):",
        "    steps = np.linalg.norm(np.diff(vectors, axis=axis), axis=-1)",
        "    for end in (0, steps.shape[axis]):",
        "        change = np.fmax(change, np.insert(steps, end, 0, axis=axis))",
        f"guided = np.where((sizes < change)[..., None], np.nan, {sign}vectors)/np.nanmax(sizes)  # {way}",
    )


def _write_shaped_arrows(sheet: Sheet, kind: str, sign: str, way: str) -> None:
    """Write arrows whose lengths are chosen, the longest 0.8 of the distance between neighbours."""
    spec = sheet.spec
    first, second = spec.axes_values()
    spacing = np.array([first[1] - first[0], second[1] - second[0]])
    lengths, said = _lengths(sheet, kind)
    if spec.has_equal_units():
        length = rounded(0.8 * spacing.min())
        sheet.add(f"arrows = {sign}{length}*{lengths}vectors/sizes[..., None]  # {way}, {said}")
        return
    (low0, high0), (low1, high1) = spec.shown()
    units = np.array([high0 - low0, (high1 - low1) / BOX_ASPECT])
    length = rounded(0.8 * min(spacing / units))
    sheet.add(
        f"# So long in {' and in '.join(sheet.names)} is equally long to the eye.",
        f"units = np.array([{', '.join(map(rounded, units))}])",
        "looks = np.linalg.norm(vectors/units, axis=-1)[..., None]",
        f"arrows = {sign}{length}*{lengths}vectors/looks  # {way}",
    )


def _lengths(sheet: Sheet, kind: str) -> tuple[str, str]:
    """Return what lengths of arrows are multiplied by, as source, and the kind of length in words."""
    if kind == "equal":
        return "", "of equal length"
    spec: Any = sheet.spec
    start, end = spec.ends_of_lengths(sheet.samples)
    if kind == "true":
        return f"np.fmin(sizes/{number(end)}, 1)[..., None]*", "of true length"
    sheet.add(
        f"start, end = {number(start)}, {number(end)}  # the shortest arrow is a quarter of the longest"
    )
    sheet.add("lengths = np.clip(1 + 0.75*np.log(sizes/end)/np.log(end/start), 0.25, 1)[..., None]")
    return "lengths*", "its length by the logarithm"


def _draw_arrows(sheet: Sheet, found: Any, *, shaped: bool, colored: bool) -> None:
    look: dict[str, str | None] = {"angles": '"xy"', "pivot": text(found.pivot)}
    if shaped:
        look |= {
            "scale_units": '"xy"',
            "scale": "1",
            "units": text(found.units),
            "width": rounded(found.width),
        }
        look |= {
            name: rounded(getattr(found, name)) for name in ("headwidth", "headlength", "headaxislength")
        }
    places = [*sheet.names, "arrows[..., 0]", "arrows[..., 1]"]
    if colored:
        cmap, norm = looks.colour_map(sheet, lines=True), _norm_of_sizes(sheet)
        sheet.call("drawn = ax.quiver", *places, "sizes", cmap=cmap, norm=norm, **look, zorder="2.5")
    else:
        sheet.call("ax.quiver", *places, color=color(to_hex(found.get_facecolor()[0])), **look, zorder="2.5")


def _draw_doubts(sheet: Sheet) -> None:
    count = np.count_nonzero(sheet.samples.doubtful)
    if 0 < count <= _MOST_DOUBTS:
        look = {"s": "12", "facecolors": '"none"', "edgecolors": text(sheet.style.faint), "linewidths": "0.8"}
        sheet.call("ax.scatter", "*points[rows, columns].T", **look)
