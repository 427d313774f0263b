"""A scene as a Matplotlib figure: panels, colour bars, legend and title."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke
from matplotlib.ticker import ScalarFormatter

from gradviz.errors import Message, Ref
from gradviz.output.label_places import LevelLine, label_places, labelled_levels, level_line
from gradviz.output.mpl.axes import close_panel, open_panel, strip_box, title_pad
from gradviz.output.mpl.legends import add_in_cell, add_legend
from gradviz.output.mpl.marks import draw
from gradviz.output.mpl.text import write_text, write_title
from gradviz.output.mpl.ticks import with_factor
from gradviz.output.mpl.types import Artist, Axes, Figure, Keywords
from gradviz.sampling.levels import format_values
from gradviz.scene.marks import Contours, LevelLabels
from gradviz.scene.scales import Tick
from gradviz.scene.scene import ColourBar, Panel, Scene
from gradviz.scene.text import Text

COLOUR_BAR = "<colorbar>"  # the label of the axes of a colour bar, as Matplotlib names it
_BAR_OUTLINE = 0.5  # points
_TITLE_SHARE = 0.82  # of the width of the picture: its axes stand beside a colour bar
_BELOW_SHARE = 0.95  # of the width of the picture: a line below it
_NAME_SHARE = 0.9  # of the width of a panel: its title
_LABEL_SIZE = "small"  # font size of the labels of contours
_LABEL_GAP = 3  # dots from a label to its line
_LABEL_OUTLINE = 1.5  # points

NO_ROOM = Message(
    "no line has room for its height; ", Ref("size"), ", fewer ", Ref("levels"), " or a smaller ",
    Ref("range"), " makes some",
)  # fmt: skip


class Drawn(NamedTuple):
    """A panel, its axes, and the artist of each of its marks."""

    panel: Panel
    axes: Axes
    artists: list[Artist]


# Panels ---------------------------------------------------------------------------------------------------


def draw_panels(figure: Figure, scene: Scene) -> list[Drawn]:
    """Draw the panels of a scene, each in its cell, with their marks."""
    rows, columns = (1 + max(panel.cell[i] for panel in scene.panels) for i in (0, 1))
    grid = figure.add_gridspec(rows, columns)
    drawn = []
    for panel in scene.panels:
        axes = open_panel(figure, panel, grid[panel.cell])
        artists = [draw(axes, mark) for mark in panel.marks]
        close_panel(axes, panel)
        drawn.append(Drawn(panel, axes, artists))
    return drawn


def write_labels(drawn: Sequence[Drawn]) -> tuple[Message, ...]:
    """Write the labels of contours, and return a warning if none of them has room.

    The layout must not change any more.
    """
    written = [_label_contours(contours, labels) for contours, labels in labelled(drawn)]
    return (NO_ROOM,) if written and not any(written) else ()


def labelled(drawn: Sequence[Drawn]) -> Iterator[tuple[Artist, LevelLabels]]:
    """Yield the contours that have labels, each with the look of these."""
    for one in drawn:
        for mark, artist in zip(one.panel.marks, one.artists, strict=True):
            if isinstance(mark, Contours) and mark.labels is not None:
                yield artist, mark.labels


def _label_contours(contours: Artist, labels: LevelLabels) -> bool:
    """Write labels on contours where there is room, and return whether there is any."""
    axes: Axes = contours.axes
    size = FontProperties(size=_LABEL_SIZE).get_size_in_points() * axes.figure.dpi / 72
    levels = [float(level) for level in contours.levels]
    places = label_places(_level_lines(contours), levels, size, np.array([axes.bbox.min, axes.bbox.max]))
    if not places:
        return False
    at = axes.transData.inverted().transform([place.middle for place in places]).tolist()
    look: Keywords = {"fontsize": _LABEL_SIZE, "colors": [labels.colour], "fmt": format_values(levels)}
    chosen = sorted(labelled_levels(levels))  # Matplotlib looks for the line of each label
    for text in contours.clabel(chosen, inline_spacing=_LABEL_GAP, manual=at, **look):
        if labels.outline is not None:
            text.set_path_effects([withStroke(linewidth=_LABEL_OUTLINE, foreground=labels.outline)])
    return True


def _level_lines(contours: Artist) -> list[LevelLine]:
    """Return the contours, each in one piece, in dots."""
    return [
        level_line(float(level), contours.axes.transData.transform(piece))
        for level, path in zip(contours.levels, contours.get_paths(), strict=True)
        for piece in path.to_polygons(closed_only=False)
    ]


# Around them ----------------------------------------------------------------------------------------------


class Around(NamedTuple):
    """The artists around panels: colour bars by panel, None for all; texts below; axes in a cell."""

    bars: Mapping[int | None, Axes]
    note: Artist | None = None
    corner: tuple[Axes, tuple[int, int]] | None = None
    warning: Artist | None = None


def draw_around(figure: Figure, scene: Scene, drawn: Sequence[Drawn], *, bars: bool) -> Around:
    """Draw the title, the legend, the note and the colour bars of a scene around its panels."""
    every = [one.axes for one in drawn]
    shown = {None if bar.beside_all else bar.panel: bar for bar in scene.colour_bars} if bars else {}
    placed = {index: _add_colour_bar(figure, drawn, bar) for index, bar in shown.items()}
    _add_title(figure, scene, every[0])
    for one in drawn:
        if one.panel.title is not None:
            _add_panel_title(one.axes, one.panel.title, title_pad(one.panel), every[0].title.get_fontsize())
        if one.panel.z is not None and len(drawn) > 1:
            one.axes.patch.set_visible(False)  # which would cover the label of z in the panel before
            if scene.note is not None:  # which has the limits in place of numbers at each box
                strip_box(one.axes, one.panel)
    note = None
    if scene.note is not None:
        note = figure.text(0.5, 0.0, scene.note.text, ha="center", va="bottom", size="medium")
    warning = None
    if scene.warning is not None:
        warning = figure.text(0.5, 0.0, "", ha="center", va="bottom", size=scene.warning.size)
        write_text(warning, scene.warning, _BELOW_SHARE * figure.get_figwidth() * 72)
    legend = scene.legend
    corner = None
    if legend is not None and legend.place == "cell":
        corner = add_in_cell(figure, legend), legend.cell
    elif legend is not None and legend.place != "best":
        add_legend(figure, every, legend)
    return Around(placed, note, corner, warning)


def _add_title(figure: Figure, scene: Scene, first: Axes) -> None:
    """Add the title above all panels, or above the first one."""
    if scene.title is None:
        return
    width = _TITLE_SHARE * figure.get_figwidth() * 72
    if scene.heading:
        artist = figure.suptitle("", fontsize=scene.heading_size or rcParams["axes.titlesize"])
    else:
        width /= first.get_subplotspec().get_gridspec().ncols
        artist = first.set_title("", pad=title_pad(scene.panels[0]))
    write_title(artist, scene.title, width)


def _add_panel_title(axes: Axes, title: Text, pad: float | None, fitted: float) -> None:
    """Add the title of one of several panels; `fitted` is the font size of the title of the scene."""
    look = {} if title.size is None else {"fontsize": fitted if title.size == "title" else title.size}
    columns = axes.get_subplotspec().get_gridspec().ncols
    width = _NAME_SHARE * axes.figure.get_figwidth() * 72 / columns
    write_text(axes.set_title("", pad=pad, **look), title, None if title.math else width)


def _add_colour_bar(figure: Figure, drawn: Sequence[Drawn], bar: ColourBar) -> Axes:
    """Draw the colour bar of a mark, and return its axes, which the layout places."""
    mark: Any = drawn[bar.panel].panel.marks[bar.mark]
    scale = mark.bands if isinstance(mark, Contours) else mark.scale
    look: Keywords = {}
    if scale.ticks is not None:
        look = {"ticks": [value for value, _ in scale.ticks], "format": _texts(scale.ticks)}
    if not isinstance(mark, Contours) and scale.extend != "neither":
        look["extend"] = scale.extend
    axes = figure.add_axes((0.9, 0.1, 0.05, 0.8), label=COLOUR_BAR)
    colour_bar = figure.colorbar(drawn[bar.panel].artists[bar.mark], cax=axes, **look)
    axes.yaxis.get_offset_text().set(ha="left", x=0.0)  # away from the texts of the panel
    if bar.label is not None:
        colour_bar.set_label(_with_factor(axes.yaxis, bar.label).text, size="medium")
        colour_bar.outline.set_linewidth(_BAR_OUTLINE)
    return axes


def _with_factor(axis: Artist, label: Text) -> Text:
    """Return the label of a colour bar with the offset and the power of its numbers."""
    formatter = axis.get_major_formatter()
    if not isinstance(formatter, ScalarFormatter) or label.text.count("$") > 2:  # a phrase with formulas
        return label
    low, high = sorted(axis.get_view_interval())
    formatter.set_locs([tick for tick in axis.get_majorticklocs().tolist() if low <= tick <= high])
    axis.get_offset_text().set_visible(False)
    return with_factor(label, formatter)


def _texts(ticks: tuple[Tick, ...]) -> Callable[..., str]:
    """Return a formatter that gives the text of the nearest tick."""

    def formatted(value: float, _position: int | None = None) -> str:
        return min(ticks, key=lambda tick: abs(tick[0] - value))[1]

    return formatted
