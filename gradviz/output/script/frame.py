"""Everything around the marks of a script: settings, figure, axes, titles, colour bars and legend."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import matplotlib as mpl

from gradviz.output.mpl.colours import VISIBLE, contrast
from gradviz.output.mpl.measures import BoxMeasures, Measures, PanelMeasures, Point, Words
from gradviz.output.mpl.settings import settings_of
from gradviz.output.script.colours import bar_arguments, literal, tick_texts
from gradviz.output.script.marks import Looks, label_arguments, look_of_line, look_of_markers
from gradviz.output.script.sheet import (
    MAX_LISTED,
    Sheet,
    assigned,
    called,
    filled,
    numbers,
    pair,
    rounded,
    text,
    too_many,
)
from gradviz.printing.numpy_source import number
from gradviz.sampling.numbers import format_values
from gradviz.scene.marks import Contours
from gradviz.scene.scene import Axis, ColourBar, LegendEntry, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import Text

_UNSEEN = ("svg.", "pdf.", "path.")
_EQUAL_SIZE = 0.05  # points: font sizes that differ less look equal
_POWERS = (1e-3, 1e5)  # largest magnitude of an axis: outside, Matplotlib may write powers of ten


def settings_lines(scene: Scene) -> list[str]:
    """Return the statement that sets what the style changes of Matplotlib's defaults and the picture shows."""
    flat = [panel for panel in scene.panels if panel.z is None]
    unseen = list(_UNSEEN)
    if len(flat) == len(scene.panels):
        unseen += ["axes3d.", *([] if any(panel.grid for panel in flat) else ["grid."])]
    if not any(map(_has_powers, scene.panels)):
        unseen.append("axes.formatter.")
    unseen += [] if scene.legend else ["legend."]
    hidden, defaults = re.compile("|".join(map(re.escape, unseen))), mpl.rcParamsDefault
    found = {
        key: value
        for key, value in settings_of(scene.style).items()
        if value != defaults[key] and [value] != defaults[key] and not hidden.match(key)
    }
    items = [f'"{key}": {_literal(value)}' for key, value in found.items()]
    return ["", "plt.rcParams.update({", *filled(items), "})"] if items else []


def _literal(value: Any) -> str:  # Any: a setting
    if isinstance(value, str):
        return text(value)
    return rounded(value) if isinstance(value, float) else repr(value)


def _has_powers(panel: Panel) -> bool:
    axes = [axis for axis in (panel.x, panel.y, panel.z) if axis is not None]
    low, high = _POWERS
    return not all(axis.limits and low < max(map(abs, axis.limits)) < high for axis in axes)


def open_figure(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the figure, and its axes `ax` if there is one panel."""
    look: Looks = {"figsize": pair(measures.size, 6), "dpi": str(scene.dpi), "layout": '"compressed"'}
    sheet.add("")
    if len(scene.panels) > 1:
        sheet.call("fig = plt.figure", **look)
        if any(panel.z is not None for panel in scene.panels):
            sheet.add("fig.get_layout_engine().set(wspace=0.06)")
        return
    box = '{"projection": "3d"}' if scene.panels[0].z is not None else None
    sheet.call("fig, ax = plt.subplots", **look, subplot_kw=box)


def add_axes(sheet: Sheet, scene: Scene, index: str, panel: Panel) -> None:
    """Write the axes `ax` of one of several panels."""
    rows, columns = 1 + max(one.cell[0] for one in scene.panels), columns_of(scene)
    box = '"3d"' if panel.z is not None else None
    sheet.add("")
    sheet.call("ax = fig.add_subplot", str(rows), str(columns), index, projection=box)


def columns_of(scene: Scene) -> int:
    """Return the number of columns of panels."""
    return 1 + max(panel.cell[1] for panel in scene.panels)


def set_axes(
    sheet: Sheet, panel: Panel, measures: PanelMeasures, scene: Scene, title: str | None = None
) -> None:
    """Write the title, the labels, the limits, the ticks and the grid of the axes `ax`.

    `title` is the source of the title of one of several panels.
    """
    given: dict[str, str] = {}
    more: list[str] = []
    words = measures.title
    if words is not None:
        pad = None if panel.z is None else "-6" if panel.title else "-16"
        size = panel.title.size if panel.title else None
        named = text(size) if isinstance(size, str) and size != "title" else None
        more += _title(words, scene.style, named, pad, title, given)
    for letter, axis in (("x", panel.x), ("y", panel.y), ("z", panel.z)):
        if axis is not None:
            more += _axis(letter, axis, measures, given)
    if panel.aspect is not None:
        given["aspect"] = text(panel.aspect)
    lines = called("ax.set", **given)
    if panel.z is not None and panel.camera is not None and measures.box is not None:
        lines = [*_box_before(panel), *lines, *_box_after(sheet, panel, measures.box)]
    if panel.box_aspect is not None:
        more.append(f"ax.set_box_aspect({rounded(panel.box_aspect)})")
    sheet.add(*lines, *more)
    for letter in measures.powers:
        sheet.add(f'ax.ticklabel_format(axis="{letter}", useMathText=True)')
    if panel.grid != (panel.z is not None):
        sheet.add("ax.grid()" if panel.z is None else "ax.grid(False)")


def _axis(letter: str, axis: Axis, measures: PanelMeasures, given: dict[str, str]) -> list[str]:
    """Add the keyword arguments of an axis to those given, and return further statements."""
    more = []
    if axis.scale != "linear":
        given[f"{letter}scale"] = text(axis.scale)
    if axis.label is not None and axis.label.text:
        label = label_arguments(axis.label)
        if label:
            more += called(f"ax.set_{letter}label", text(axis.label.text), **label)
        else:
            given[f"{letter}label"] = text(axis.label.text)
    if axis.limits is not None and axis.limits[0] != axis.limits[1]:
        given[f"{letter}lim"] = pair(float(f"{end:.10g}") for end in axis.limits)
    ticks = axis.ticks if axis.ticks is not None else measures.ticks if letter == "x" else None
    if ticks is not None:
        given[f"{letter}ticks"] = numbers(ticks)
    if axis.integer:
        more.append(f"ax.{letter}axis.get_major_locator().set_params(integer=True)")
    return more


def _title(
    words: Words, style: Style, size: str | None, pad: str | None, title: str | None, given: dict[str, str]
) -> list[str]:
    """Add a title in the style's size to the keyword arguments given, or return its own statement."""
    look: Looks = {"fontsize": size, "pad": pad}
    if size is None and abs(words.size - _title_size(style)) > _EQUAL_SIZE:
        look["fontsize"] = rounded(words.size, 3)
    look |= label_arguments(Text(words.text, words.math))
    look |= _fonts(words, style)
    if words.is_raised:
        look["va"] = '"bottom"'  # on its baseline a formula may reach into the panel
    if title is None and not any(look.values()):
        given["title"] = text(words.text)
        return []
    return called("ax.set_title", title or text(words.text), **look)


def _fonts(words: Words, style: Style) -> Looks:
    usual = settings_of(style).get("font.family", "sans-serif")
    is_usual = words.families in ((usual,), tuple(usual))
    return {} if is_usual else {"fontfamily": f"[{', '.join(map(text, words.families))}]"}


def _title_size(style: Style) -> float:
    """Return the default size of a title in points."""
    found = {**mpl.rcParamsDefault, **settings_of(style)}
    return float(found["font.size"] * mpl.font_manager.font_scalings[found["axes.titlesize"]])


def _box_before(panel: Panel) -> list[str]:
    camera = panel.camera
    assert camera is not None  # noqa: S101 - every box has a camera
    view = f"elev={rounded(camera.elevation, 17)}, azim={rounded(camera.azimuth, 17)}"
    return [
        f"ax.view_init({view})",
        f"ax.set_box_aspect(None, zoom={rounded(camera.zoom)})  # else the label of z is cut off",
    ]


def _box_after(sheet: Sheet, panel: Panel, box: BoxMeasures) -> list[str]:
    """Return the statements of the distances of labels and of the ticks of a box."""
    lines, letters = [], []
    for letter, axis, pad in zip("xyz", (panel.x, panel.y, panel.z), box.label_pads, strict=True):
        if abs(pad - mpl.rcParamsDefault["axes.labelpad"]) > _EQUAL_SIZE:
            lines.append(f"ax.{letter}axis.labelpad = {rounded(pad, 3)}")
        if axis is not None and axis.ticks is None:
            letters.append(f"ax.{letter}axis")
    if abs(box.tick_pad - mpl.rcParamsDefault["xtick.major.pad"]) > _EQUAL_SIZE:
        lines.append(f'ax.tick_params(axis="both", pad={rounded(box.tick_pad, 3)})')
    if letters:
        sheet.imports.add("from matplotlib.ticker import MaxNLocator")
        lines.append(f"for axis in ({', '.join(letters)}{',' * (len(letters) == 1)}):")
        lines.append(f"    axis.set_major_locator(MaxNLocator({box.intervals}))")
    return lines


def colour_bar(sheet: Sheet, scene: Scene, bar: ColourBar, measures: PanelMeasures, drawn: str) -> None:
    """Write the colour bar of what was drawn of a mark."""
    mark: Any = scene.panels[bar.panel].marks[bar.mark]  # Any: a mark with colours
    scale = mark.bands if isinstance(mark, Contours) else mark.scale
    place: Looks = {
        key: rounded(value, 3) for key, value in measures.bar.items() if key == "pad" or value != 1
    }
    texts = tick_texts(scale)
    is_named = bar.label is not None or texts is not None or measures.bar_has_power
    sheet.call(
        "bar = fig.colorbar" if is_named else "fig.colorbar", drawn, ax="ax", **place, **bar_arguments(scale)
    )
    if texts is not None:
        sheet.call("bar.set_ticks", numbers(value for value, _ in scale.ticks), labels=texts)
    if measures.bar_has_power:
        sheet.add("bar.formatter.set_useMathText(True)")
    if bar.label is not None:
        is_large = settings_of(scene.style).get("axes.labelsize", "medium") != "medium"
        size = '"medium"' if is_large else None
        sheet.call("bar.set_label", text(bar.label.text), size=size, **label_arguments(bar.label))
        sheet.add("bar.outline.set_linewidth(0.5)")


def legend(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the legend, inside a panel or below all."""
    found = scene.legend
    if found is None:
        return
    sheet.add("handles = [")
    for entry in found.entries:
        look = _entry(sheet, entry, scene.style)
        lines = called("plt.Line2D", "[]", "[]", **look, label=text(entry.text.text))
        sheet.add(*(f"    {line}" for line in lines[:-1]), f"    {lines[-1]},")
    sheet.add("]")
    if measures.columns is not None:
        place: Looks = {
            "loc": '"outside lower center"',
            "ncols": str(measures.columns),
            "fontsize": '"small"',
        }
        sheet.call("fig.legend", handles="handles", **place, frameon="False")
        return
    size = None if found.size == "medium" else text(str(found.size))
    loc = None if found.place == "best" else text(found.place)
    target = "ax.legend" if found.panel == len(scene.panels) - 1 else "first.legend"
    sheet.call(target, handles="handles", loc=loc, fontsize=size)


def _entry(sheet: Sheet, entry: LegendEntry, style: Style) -> Looks:
    """Return the keyword arguments of the line, the symbol or both of an entry."""
    line, marker = entry.line, entry.marker
    if not entry.is_on_page:
        line = line and replace(line, colour=_visible(line.colour, style))
        marker = marker and replace(marker, colour=_visible(marker.colour, style))
    look: Looks = {"linestyle": '"none"'}
    if marker is not None:
        look |= look_of_markers(sheet, marker)
    return {**look, **look_of_line(line)} if line is not None else look


def _visible(colour: str, style: Style) -> str:
    return colour if contrast(colour, style.page) >= VISIBLE else style.text


def heading(sheet: Sheet, words: Words | None, style: Style) -> None:
    """Write the title above all panels."""
    if words is not None:
        look = {**label_arguments(Text(words.text, words.math)), **_fonts(words, style)}
        sheet.call("fig.suptitle", text(words.text), fontsize=rounded(words.size, 3), **look)


def finish(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the end: the picture is saved beside the script, and shown where there is a window for it."""
    sheet.imports.add("from pathlib import Path")
    has_labels = any(panel.labels for panel in measures.panels)
    if measures.columns is not None or measures.heading is not None or has_labels:
        sheet.add("for _ in range(2):", "    fig.draw_without_rendering()  # the layout settles")
    for panel, measured in zip(scene.panels, measures.panels, strict=True):
        labelled = [mark for mark in panel.marks if isinstance(mark, Contours) and mark.labels]
        for mark, places in zip(labelled, measured.labels, strict=False):
            _label_contours(sheet, mark, places)
    sheet.add(
        "",
        'fig.savefig(Path(__file__).with_suffix(".png"))',
        'if plt.get_backend().lower() != "agg":  # which has no windows',
        "    plt.show()",
    )


def _label_contours(sheet: Sheet, mark: Contours, places: tuple[Point, ...]) -> None:
    """Write the values of contours at places (x, y) where their lines are straight and have room."""
    if len(places) > MAX_LISTED:
        raise too_many(f"{len(places)} labels of contours")
    texts = format_values(mark.levels)
    items = [f"{number(level)}: {text(label)}" for level, label in texts.items()]
    is_plain = all(label == f"{level:g}" for level, label in texts.items())
    sheet.add(*assigned("at", (pair(place, 6) for place in places)))
    assert mark.labels is not None  # noqa: S101 - by the caller
    sheet.add(*([] if is_plain else assigned("texts", items, "{}")))
    look = {"fmt": '"%g"' if is_plain else "texts", "colors": literal(mark.labels.colour)}
    start = "" if mark.labels.outline is None else "labels = "
    sheet.call(f"{start}labelled.clabel", manual="at", fontsize='"small"', inline_spacing="3", **look)
    if mark.labels.outline is not None:
        sheet.imports.add("from matplotlib.patheffects import withStroke")
        stroke = f"[withStroke(linewidth=1.5, foreground={literal(mark.labels.outline)})]"
        sheet.call("plt.setp", "labels", path_effects=stroke)
