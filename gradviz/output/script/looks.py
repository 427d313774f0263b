"""The looks of a picture, read from what was drawn: figure, axes, marks, legends and scales of colours."""

from __future__ import annotations

import re
from typing import Any

import matplotlib as mpl
from matplotlib.ticker import FuncFormatter

from gradviz.output.mpl.critical_marks import WORDS
from gradviz.output.mpl.lettering import FORMULAS, LENGTHS
from gradviz.output.mpl.ticks import Apart
from gradviz.output.script.sheet import (
    Sheet,
    color,
    filled,
    numbers,
    pair,
    rounded,
    settings,
    text,
    words_of,
)
from gradviz.printing.numpy_source import number

_UNSEEN = ("svg.", "pdf.", "path.", "figure.constrained_layout.")
_SAME = 0.05  # points: sizes of letters that differ less look the same


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
    if not any(map(_has_powers, sheet.picture.axes)):
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


def _has_powers(axes: Any) -> bool:
    """Tell whether Matplotlib may write powers of ten at the ends of axes."""
    ends = [abs(end) for letter in "xyz"[: 3 if axes.name == "3d" else 2] for end in _view(axes, letter)]
    return not 1e-3 < max(ends) < 1e5


def _view(axes: Any, letter: str) -> list[float]:
    return [float(end) for end in getattr(axes, f"get_{letter}lim")()]


def set_axes(sheet: Sheet, axes: Any, name: str = "ax", *, view: bool = True) -> None:
    """Write the title, labels, view and ticks of axes."""
    given, apart = {}, []
    for key, label in (("title", axes.title), ("xlabel", axes.xaxis.label), ("ylabel", axes.yaxis.label)):
        words, more = _words(sheet, axes, key, label)
        if any(more.values()):
            apart.append((key, words, more))
        elif label.get_text():
            given[key] = words
    ticks = {f"{letter}ticks": getattr(sheet.spec, f"{letter}ticks") for letter in "xy"}
    if ticks["xticks"] is None:
        ticks["xticks"] = _fewer(axes)
    given |= {name: numbers(places) for name, places in ticks.items() if places is not None}
    if view:
        ends = {f"{letter}lim": [float(f"{end:.10g}") for end in _view(axes, letter)] for letter in "xy"}
        given |= {name: pair(each) for name, each in ends.items()}
        given |= {"aspect": '"equal"'} if axes.get_aspect() != "auto" else {}
    sheet.call(f"{name}.set", **given)
    for key, words, more in apart:
        sheet.call(f"{name}.set_{key}", words, **more)
    if view and axes.get_box_aspect() is not None:
        sheet.add(f"{name}.set_box_aspect({rounded(axes.get_box_aspect())})")
    if axes.name != "3d" and any(line.get_visible() for line in axes.get_xgridlines()):
        sheet.add(f"{name}.grid()")


def _fewer(axes: Any) -> list[float] | None:
    """Return the places of numbers along x where Matplotlib's own would run together, else None."""
    locator = axes.xaxis.get_major_locator()
    if not isinstance(locator, Apart):
        return None
    axes.figure.draw_without_rendering()  # how many there are depends on the size of the axes
    low, high = axes.get_xlim()
    return None if locator.is_usual() else [float(x) for x in locator() if low <= x <= high]


def _words(sheet: Sheet, axes: Any, key: str, label: Any) -> tuple[str, dict[str, str | None]]:
    """Return a title or label, and what of it is not as usual."""
    words, plain = words_of(label)
    more = {"parse_math": plain}
    if key == "title" and label.get_text():
        if abs(label.get_fontsize() - _title_size(sheet)) > _SAME:
            more["fontsize"] = rounded(label.get_fontsize(), 3)
        if (family := label.get_fontfamily())[0] == FORMULAS:
            more["fontfamily"] = f"[{', '.join(map(text, family))}]"
        if axes.name == "3d":
            more["pad"] = "-16"
        if "frac" in words:  # it would reach into the picture
            more["va"] = '"bottom"'
    return words, more


def _title_size(sheet: Sheet) -> float:
    """Return the usual size of a title, in points."""
    usual = {**mpl.rcParamsDefault, **sheet.picture.settings}
    return float(usual["font.size"] * mpl.font_manager.font_scalings[usual["axes.titlesize"]])


def colour_map(sheet: Sheet, *, lines: bool = False) -> str:
    """Return the colour map as source: its name, or the part of it that can be seen on the page."""
    style, asked = sheet.style, sheet.spec.cmap
    start, end = style.line_part(asked) if lines else (0.0 if asked else style.darkest, 1.0)
    if lines and "inked" in style.line_colours(asked).name:
        sheet.miss("that the palest colours in the middle of the map are darker, or the darkest paler")
    if (start, end) == (0.0, 1.0):
        return text(asked or style.cmap)
    sheet.imports.add("from matplotlib.colors import ListedColormap")
    part = f"np.linspace({number(start)}, {number(end)}, 256)"
    sheet.add(f"cmap = ListedColormap(plt.get_cmap({text(asked or style.cmap)})({part}))")
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
    lines = [line for line in axes.lines if line.get_label() in WORDS]
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


def write_explained(sheet: Sheet, axes: Any) -> bool:
    """Write what a legend says of the lengths of arrows, and tell whether there is something to explain."""
    said = [line for line in axes.lines if line.get_marker() == LENGTHS]
    for line in said:
        look = {"linestyle": '"none"', "marker": text(LENGTHS), "markersize": rounded(line.get_markersize())}
        sheet.call("ax.plot", "[]", "[]", color=color(line.get_color()), **look, label=text(line.get_label()))
    return bool(said) or any(line.get_label() in WORDS for line in axes.lines)


def legend(sheet: Sheet) -> None:
    """Write the legend that the picture has, on its axes or below them, if there is a label."""
    if not any(re.search(r"(?<![a-z])label=", line) for line in sheet.body):
        return
    if sheet.picture.legends:
        below: Any = sheet.picture.legends[0]
        columns = str(below._ncols)  # noqa: SLF001 - Matplotlib tells it nowhere else
        look = {"loc": '"outside lower center"', "ncols": columns, "fontsize": '"small"', "frameon": "False"}
        sheet.call("fig.legend", **look)
        return
    for axes in sheet.picture.axes:
        if axes.get_legend() is not None:
            small = axes.name != "3d" and sheet.spec.kind == "descent"
            place = '"upper center"' if sheet.spec.kind == "steps" else None
            sheet.call("ax.legend", loc=place, fontsize='"small"' if small else None)
            return


def finish(sheet: Sheet) -> None:
    """Write the end: the picture is saved beside the script, and shown where there is a window for it."""
    sheet.imports.add("from pathlib import Path")
    if sheet.picture.legends or sheet.picture.get_suptitle():
        sheet.add(
            "fig.draw_without_rendering()  # around what is outside, the layout is right the second time"
        )
    sheet.add(
        "",
        'fig.savefig(Path(__file__).with_suffix(".png"))',
        'if plt.get_backend().lower() != "agg":  # which has no windows',
        "    plt.show()",
    )
