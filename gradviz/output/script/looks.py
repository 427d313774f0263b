"""The looks of a picture, read from what was drawn: figure, axes, marks, legends and scales of colours."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.ticker import FuncFormatter

from gradviz.output.script.sheet import Call, Sheet, color, filled, numbers, pair, rounded, settings, text, words_of

_UNSEEN = ("svg.", "pdf.", "path.", "figure.constrained_layout.")
_MARKS = ("minima", "maxima", "saddles", "degenerate")


def open_figure(sheet: Sheet, rows: int = 1, columns: int = 1, *, box: bool = False) -> None:
    """Write the figure with its axes, `ax`, or `panels` if there are several."""
    width, height = (rounded(inches) for inches in sheet.picture.get_size_inches())
    given = {"figsize": f"({width}, {height})", "dpi": str(sheet.spec.dpi), "layout": '"compressed"'}
    if box:
        given["subplot_kw"] = '{"projection": "3d"}'
    cells = () if rows * columns == 1 else (str(rows), str(columns))
    target = "fig, ax = plt.subplots" if not cells else "fig, panels = plt.subplots"
    sheet.add("")
    sheet.call(target, *cells, **given)


def write_settings(sheet: Sheet) -> list[str]:
    """Return the lines that set what the style has of its own and the picture shows."""
    flat = [axes for axes in sheet.picture.axes if axes.name != "3d"]
    unseen = list(_UNSEEN)
    grid = any(line.get_visible() for axes in flat for line in axes.get_xgridlines())
    if len(flat) == len(sheet.picture.axes):
        unseen += ["axes3d.", *([] if grid else ["grid."])]
    if not any(axis.get_offset_text().get_text() for axes in sheet.picture.axes for axis in axes._axis_map.values()):
        unseen.append("axes.formatter.")
    if not (sheet.picture.legends or any(axes.get_legend() for axes in sheet.picture.axes)):
        unseen.append("legend.")
    found = settings(sheet.picture.settings, mpl.rcParamsDefault, unseen)
    if not found:
        return []
    items = [f'"{key}": {_literal(value)}' for key, value in found.items()]
    return ["", "plt.rcParams.update({", *filled(items), "})"]


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return text(value)
    return rounded(value) if isinstance(value, float) else repr(value)


def set_axes(sheet: Sheet, axes: Any, name: str = "ax", *, view: bool = True) -> None:
    """Write the title, labels, view and ticks of axes."""
    spec, given, apart = sheet.spec, {}, []
    for key, label in (("title", axes.title), ("xlabel", axes.xaxis.label), ("ylabel", axes.yaxis.label)):
        words, plain = words_of(label)
        smaller = key == "title" and abs(label.get_fontsize() - _title_size(sheet)) > 0.05
        low = key == "title" and axes.name == "3d"
        high = key == "title" and "frac" in words
        if label.get_text() and (plain or smaller or low or high):
            more = {
                "fontsize": rounded(label.get_fontsize(), 3) if smaller else None,
                "pad": "-16" if low else None,
                "va": '"bottom"' if high else None,  # else a fraction would reach into the picture
                "parse_math": plain,
            }
            apart.append((key, words, more))
        elif label.get_text():
            given[key] = words
    for letter in "xy":
        if view:
            given[f"{letter}lim"] = pair(float(f"{x:.10g}") for x in getattr(axes, f"get_{letter}lim")())
        if (ticks := getattr(spec, f"{letter}ticks")) is not None:
            given[f"{letter}ticks"] = numbers(ticks)
    if view and axes.get_aspect() != "auto":
        given["aspect"] = '"equal"'
    sheet.call(f"{name}.set", **given)
    for key, words, more in apart:
        sheet.call(f"{name}.set_{key}", words, **more)
    if view and axes.get_box_aspect() is not None:
        sheet.add(f"{name}.set_box_aspect({rounded(axes.get_box_aspect())})")
    if axes.name != "3d" and any(line.get_visible() for line in axes.get_xgridlines()):
        sheet.add(f"{name}.grid()")


def _title_size(sheet: Sheet) -> float:
    """Return the usual size of a title, in points."""
    usual = {**mpl.rcParamsDefault, **sheet.picture.settings}
    return float(usual["font.size"] * mpl.font_manager.font_scalings[usual["axes.titlesize"]])


def colour_map(sheet: Sheet) -> str:
    """Return the colour map as source: its name, or what is left of it on a dark ground."""
    style, asked = sheet.style, sheet.spec.cmap
    if asked is not None or not style.darkest:
        return text(asked or style.cmap)
    sheet.imports.add("from matplotlib.colors import ListedColormap")
    start = rounded(style.darkest)
    sheet.add(f'cmap = ListedColormap(plt.get_cmap("{style.cmap}")(np.linspace({start}, 1, 256)))')
    return "cmap"


def colour_bar(sheet: Sheet, artist: Any, name: str = "ax", drawn: str = "drawn") -> None:
    """Write the scale of the colours of an artist, if the picture has it."""
    bar = getattr(artist, "colorbar", None)
    if bar is None:
        return
    label, plain = words_of(bar.ax.yaxis.label)
    flat = artist.axes.name != "3d"
    pad = bar.ax._colorbar_info["pad"]  # noqa: SLF001 - Matplotlib keeps it nowhere else
    given = {
        "ax": name,
        "pad": rounded(pad, 3),
        "shrink": None if flat else "0.62",
        "extend": text(bar.extend) if bar.extend != "neither" and not hasattr(artist, "levels") else None,
    }
    if isinstance(bar.formatter, FuncFormatter):
        ticks = [float(tick) for tick in bar.get_ticks()]
        given["ticks"], given["format"] = numbers(ticks), '"{x:g}"'
    if not bar.ax.yaxis.label.get_text():
        sheet.call("fig.colorbar", drawn, **given)
        return
    larger = sheet.picture.settings.get("axes.labelsize", "medium") != "medium"
    sheet.call("bar = fig.colorbar", drawn, **given)
    sheet.call("bar.set_label", label, size='"medium"' if larger else None, parse_math=plain)


def write_marks(sheet: Sheet, axes: Any, name: str = "ax") -> None:
    """Write the critical points, which have shapes of their own."""
    lines = [line for line in axes.lines if line.get_label() in _MARKS]
    if not lines:
        return
    sheet.add("# Critical points, found by Newton's method from many starts.")
    for line in lines:
        columns = line.get_data_3d() if axes.name == "3d" else line.get_data()
        look = {
            "linestyle": '"none"',
            "marker": text(line.get_marker()),
            "color": color(line.get_color()),
            "markeredgecolor": color(line.get_markeredgecolor()),
            "markersize": rounded(line.get_markersize(), 3),
            "label": text(line.get_label()),
            "zorder": "1000",
            "clip_on": "False",
            "in_layout": "False",
        }
        if line.get_markerfacecolor() == "none":
            look["markerfacecolor"] = '"none"'
        places = [numbers(float(f"{x:.12g}") for x in column) for column in columns]
        sheet.call(f"{name}.plot", *places, **look)


def legend(sheet: Sheet) -> None:
    """Write the legend that the picture has, on its axes or below them."""
    if sheet.picture.legends:
        columns = sheet.picture.legends[0]._ncols  # noqa: SLF001 - Matplotlib tells it nowhere else
        look = {"loc": '"outside lower center"', "ncols": str(columns), "fontsize": '"small"', "frameon": "False"}
        sheet.call("fig.legend", **look)
        return
    for axes in sheet.picture.axes:
        if axes.get_legend() is not None:
            small = axes.name != "3d" and sheet.spec.kind == "descent"
            place = {"fontsize": '"small"' if small else None}
            if sheet.spec.kind == "steps":
                place["loc"] = '"upper center"'
            sheet.call("ax.legend", **place)
            return


def finish(sheet: Sheet) -> None:
    """Write the end: the picture is saved beside the script, and shown where there is a window for it."""
    sheet.imports.add("from pathlib import Path")
    sheet.add(
        "",
        'fig.savefig(Path(__file__).with_suffix(".png"))',
        'if plt.get_backend().lower() != "agg":  # which has no windows',
        "    plt.show()",
    )


