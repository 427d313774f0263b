"""Everything around the marks of a script: settings, figure, axes, titles, colour bars and legend."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from gradviz.output.mpl.legends import style_of_entry
from gradviz.output.mpl.measures import BoxMeasures, Measures, PanelMeasures, Words
from gradviz.output.mpl.settings import applied, changed_settings, settings_of
from gradviz.output.script.marks import Looks, label_arguments, stroke
from gradviz.output.script.sheet import MAX_LISTED, Sheet, too_many
from gradviz.printing.python_source import Code, assigned, called, filled, indented, literal, rounded
from gradviz.sampling.levels import format_values
from gradviz.scene.marks import Contours
from gradviz.scene.scales import ColourScale
from gradviz.scene.scene import Axis, ColourBar, Panel, Scene
from gradviz.scene.style import Style
from gradviz.scene.text import FontSize, Text

_LONG = 120  # characters of an entry of a legend on one line
_LABEL_OUTLINE = 1.5  # points
_WARNING_CHARACTERS = 72  # per line of the text below the picture
_NAME_PAD, _TITLE_PAD = -6, -16  # points, from a box to its name, and to the title of a figure


def settings_lines(scene: Scene) -> list[str]:
    """Return the statement that sets what the style changes of Matplotlib's defaults, if it is visible."""
    unseen = ["svg.", "pdf.", "path."]
    if scene.legend is None:
        unseen.append("legend.")
    if all(panel.z is None for panel in scene.panels):
        unseen += ["axes3d."] if any(panel.grid for panel in scene.panels) else ["axes3d.", "grid."]
    items = [
        f"{literal(key)}: {literal(value)}"
        for key, value in changed_settings(scene.style).items()
        if not key.startswith(tuple(unseen))
    ]
    return ["", "plt.rcParams.update({", *filled(items), "})"] if items else []


def open_figure(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the figure, and its axes `ax` if there is one panel."""
    look: Looks = {"figsize": tuple(round(inches, 5) for inches in measures.size), "dpi": scene.dpi}
    look["layout"] = "compressed"
    has_box = any(panel.z is not None for panel in scene.panels)
    sheet.add("")
    if len(scene.panels) == 1:
        kind = Code('{"projection": "3d"}') if has_box else None
        sheet.call("fig, ax = plt.subplots", **look, subplot_kw=kind)
        return
    sheet.call("fig = plt.figure", **look)
    if has_box:
        sheet.add("fig.get_layout_engine().set(wspace=0.06)")


def add_axes(sheet: Sheet, scene: Scene, panel: Panel, index: str = "") -> None:
    """Write the axes `ax` of one of several panels, at its own place or at that of an index."""
    rows, columns = (1 + max(one.cell[i] for one in scene.panels) for i in (0, 1))
    place = Code(index or str(panel.cell[0] * columns + panel.cell[1] + 1))
    projection = None if panel.z is None else "3d"
    sheet.add("")
    sheet.call("ax = fig.add_subplot", rows, columns, place, projection=projection)


def set_axes(sheet: Sheet, panel: Panel, measures: PanelMeasures, style: Style, title: str = "") -> None:
    """Write the title, the labels, the limits, the ticks and the grid of the axes `ax`.

    `title` is the variable with the title of one of several panels.
    """
    sides = zip("xyz", (panel.x, panel.y, panel.z), strict=True)
    axes = {letter: axis for letter, axis in sides if axis is not None}
    if (camera := panel.camera) is not None:
        sheet.call("ax.view_init", elev=camera.elevation, azim=camera.azimuth)
        spans = [axis.limits[1] - axis.limits[0] for axis in axes.values() if axis.limits and panel.aspect]
        sheet.call("ax.set_box_aspect", tuple(spans) or None, zoom=camera.zoom)
    look: Looks = {}
    for letter, axis in axes.items():
        look |= _axis_arguments(letter, axis, measures)
    sheet.call("ax.set", **look, aspect=None if camera else panel.aspect, box_aspect=panel.box_aspect)
    if measures.box is not None:
        _set_box(sheet, axes, measures.box)
    if measures.title is not None:
        _set_title(sheet, panel, measures.title, style, title)
    for letter, axis in axes.items():
        if axis.label is not None and (plain := label_arguments(axis.label)):
            words = axis.label.text if axis.label.math else measures.axis_labels[letter]
            sheet.call(f"ax.set_{letter}label", words, **plain)
        if axis.integer:
            sheet.add(f"ax.{letter}axis.get_major_locator().set_params(integer=True)")
    for letter in measures.powers:
        sheet.call("ax.ticklabel_format", axis=letter, useMathText=True)
    if panel.grid != (panel.z is not None):
        sheet.call("ax.grid", panel.grid)


def _axis_arguments(letter: str, axis: Axis, measures: PanelMeasures) -> Looks:
    """Return the keyword arguments of an axis."""
    low, high = (float(f"{end:.10g}") for end in axis.limits or (0.0, 0.0))
    ticks = measures.ticks if axis.ticks is None and letter == "x" else axis.ticks
    label = axis.label.text if axis.label is not None and not label_arguments(axis.label) else ""
    return {
        f"{letter}scale": None if axis.scale == "linear" else axis.scale,
        f"{letter}label": label or None,
        f"{letter}lim": (low, high) if low < high else None,
        f"{letter}ticks": None if ticks is None else [*ticks],
        f"{letter}ticklabels": axis.tick_texts and [*axis.tick_texts],
    }


def _set_title(sheet: Sheet, panel: Panel, words: Words, style: Style, title: str) -> None:
    """Write a title, or the one in a variable."""
    size = panel.title.size if panel.title and panel.title.size != "title" else words.size
    look = _words_arguments(words, style, size)
    if panel.z is not None:
        look["pad"] = _NAME_PAD if panel.title else _TITLE_PAD
    if words.is_raised:
        look["va"] = "bottom"  # on its baseline a formula may reach into the panel
    sheet.call("ax.set_title", Code(title or literal(words.text)), **look)


def _words_arguments(words: Words, style: Style, size: FontSize | None) -> Looks:
    usual = settings_of(style).get("font.family", "sans-serif")
    fonts = None if words.families in ((usual,), tuple(usual)) else [*words.families]
    return {"fontsize": size, **label_arguments(Text(words.text, words.math)), "fontfamily": fonts}


def _set_box(sheet: Sheet, axes: Mapping[str, Axis], box: BoxMeasures) -> None:
    """Write the distances of labels and the ticks of a box."""
    sheet.add(*map("ax.{}axis.labelpad = {}".format, axes, map(rounded, box.label_pads)))
    pads = map(rounded, box.tick_pads)
    sheet.add(*(f"ax.tick_params({letter!r}, pad={pad})" for letter, pad in zip(axes, pads, strict=True)))
    for (letter, axis), ticks in zip(axes.items(), box.ticks, strict=True):
        if axis.ticks is None:
            locator = sheet.uses("matplotlib.ticker", "MaxNLocator")
            sheet.call(f"ax.{letter}axis.set_major_locator", Code(called(locator, **ticks)[0]))


def colour_bar(sheet: Sheet, scene: Scene, bar: ColourBar, measures: PanelMeasures, drawn: str) -> None:
    """Write the colour bar of what was drawn of a mark."""
    mark: Any = scene.panels[bar.panel].marks[bar.mark]  # Any: a mark with colours
    scale = mark.bands if isinstance(mark, Contours) else mark.scale
    place = {key: round(value, 3) for key, value in measures.bar.items() if key == "pad" or value != 1}
    look: Looks = {**place}
    if isinstance(scale, ColourScale) and scale.extend != "neither":
        look["extend"] = scale.extend
    values, texts = [value for value, _ in scale.ticks or ()], [label for _, label in scale.ticks or ()]
    is_plain = texts == [f"{value:g}".replace("-", "\N{MINUS SIGN}") for value in values]
    if scale.ticks is not None and is_plain:
        look |= {"ticks": values, "format": "{x:g}"}
    sheet.call("bar = fig.colorbar", Code(drawn), ax=Code("ax"), **look)
    if not is_plain:
        sheet.call("bar.set_ticks", values, labels=texts)
    if measures.bar_has_power:
        sheet.add("bar.formatter.set_useMathText(True)")
    if bar.label is not None:
        sheet.call("bar.set_label", bar.label.text, size="medium", **label_arguments(bar.label))
        sheet.add("bar.outline.set_linewidth(0.5)")


def legend(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the legend, inside a panel or below all."""
    if (found := scene.legend) is None:
        return
    sheet.add("handles = [")
    for entry in found.entries:
        with applied(settings_of(scene.style)):
            style = style_of_entry(entry)
        look = {key: value for key, value in style.items() if (key, value) != ("linestyle", "-")}
        if entry.marker is not None and entry.marker.halo is not None:
            look["path_effects"] = stroke(sheet, *entry.marker.halo)
        *lines, last = called("plt.Line2D", [], [], **look, label=entry.text.text)
        whole = f"{lines[0]}{' '.join(line.strip() for line in lines[1:])[:-1]}{last}" if lines else last
        sheet.add(*indented([f"{whole},"] if len(whole) < _LONG else [*lines, f"{last},"]))
    sheet.add("]")
    handles = Code("handles")
    if measures.columns is not None:
        place = {"loc": "outside lower center", "ncols": measures.columns, "fontsize": "small"}
        sheet.call("fig.legend", handles=handles, **place, frameon=False)
        return
    size, loc = (None if one in ("medium", "best") else one for one in (found.size, found.place))
    target = "ax.legend" if found.panel == len(scene.panels) - 1 else "first.legend"
    sheet.call(target, handles=handles, loc=loc, fontsize=size)


def finish(sheet: Sheet, scene: Scene, measures: Measures) -> None:
    """Write the title above all panels, labels of contours, and the end of the script.

    The picture is saved beside the script, and shown where there is a window for it.
    """
    if (words := measures.heading) is not None:
        sheet.call("fig.suptitle", words.text, **_words_arguments(words, scene.style, words.size))
    if (warning := scene.warning) is not None:
        wrapped = Text("\n".join(textwrap.wrap(warning.text, _WARNING_CHARACTERS)), math=False)
        sheet.call("fig.supxlabel", wrapped.text, fontsize=warning.size, **label_arguments(wrapped))
    is_below, is_best = measures.columns is not None, scene.legend and scene.legend.place == "best"
    has_labels = any(panel.labels for panel in measures.panels)
    if passes := (is_below or words is not None) + bool(is_best) + has_labels:
        sheet.add(f"for _ in range({passes}):", "    fig.draw_without_rendering()  # the layout settles")
    for panel, measured in zip(scene.panels, measures.panels, strict=True):
        labelled = [mark for mark in panel.marks if isinstance(mark, Contours) and mark.labels]
        for mark, places in zip(labelled, measured.labels, strict=False):
            _label_contours(sheet, mark, [*places])
    sheet.add(
        "",
        'fig.savefig(Path(__file__).with_suffix(".png"))',
        'if plt.get_backend().lower() != "agg":  # which has no windows',
        "    plt.show()",
    )


def _label_contours(sheet: Sheet, mark: Contours, places: list[tuple[float, float]]) -> None:
    """Write the values of contours at places (x, y) where their lines are straight and have room."""
    if len(places) > MAX_LISTED:
        raise too_many(f"{len(places)} labels of contours")
    texts, labels = format_values(mark.levels), mark.labels
    assert labels is not None  # noqa: S101 - by the caller
    look: Looks = {"fmt": "%g", "colors": labels.colour, "fontsize": "small"}
    if any(label != f"{level:g}" for level, label in texts.items()):
        items = (Code(f"{literal(level)}: {literal(label)}") for level, label in texts.items())
        sheet.add(*assigned("texts", items, ("{", "}")))
        look["fmt"] = Code("texts")
    sheet.add(*assigned("at", places))
    start = "" if labels.outline is None else "labels = "
    sheet.call(f"{start}labelled.clabel", manual=Code("at"), inline_spacing=3, **look)
    if labels.outline is not None:
        sheet.call("plt.setp", Code("labels"), path_effects=stroke(sheet, labels.outline, _LABEL_OUTLINE))
