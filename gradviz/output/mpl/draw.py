"""A scene as a Matplotlib figure: panels, colour bars, legend and title."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from matplotlib import rcParams
from matplotlib.ticker import ScalarFormatter

from gradviz.errors import Message, Ref
from gradviz.output.mpl import axes as panel_axes
from gradviz.output.mpl import contour_labels, marks
from gradviz.output.mpl.legends import add_legend, add_legend_in_cell
from gradviz.output.mpl.text import write_text, write_title
from gradviz.output.mpl.ticks import set_apart
from gradviz.output.mpl.types import Artist, Axes, Figure, Keywords
from gradviz.scene.marks import Contours
from gradviz.scene.scales import Tick
from gradviz.scene.scene import ColourBar, Scene
from gradviz.scene.text import FontSize, Text

_BAR_DISTANCE = 0.02  # of the width of axes, to a colour bar
_COMMON_BAR_DISTANCE = 0.03  # of the width of all panels, to their colour bar
_COMMON_BAR_ASPECT = 28  # height to width of a colour bar of all panels
_BAR_OUTLINE = 0.5  # points
_PADS = 3  # distances of the layout above and below all panels: beside these two one below the title
_TITLE_SHARE = 0.82  # of the width of the picture: its axes stand beside a colour bar
_EMPTY_SHARE = 0.05  # of the width of a figure, that may be empty beside its axes
_BOX_SPACING = 0.06  # of the width of boxes, between them: labels of z lie on no neighbour
_NAME_PAD = -6.0  # points, from a box to its name
_NAME_SHARE = 0.9  # of the width of a panel: its title

NO_ROOM = Message(
    "no line has room for its height; ", Ref("size"), ", fewer ", Ref("levels"), " or a smaller ",
    Ref("range"), " makes some",
)  # fmt: skip


@dataclass
class Drawn:
    """The artists of a scene."""

    axes: list[Artist] = field(default_factory=list)
    artists: dict[tuple[int, int], Artist] = field(default_factory=dict)
    """The artist of each mark, by the indices of its panel and in it."""
    longest: list[int] = field(default_factory=list)
    """For each panel the number of characters of the longest number along z."""
    last: list[Callable[[], list[Artist]]] = field(default_factory=list)
    """What is drawn when all has its place, since it lies along lines as they are in the end."""


def draw_panels(figure: Figure, scene: Scene) -> Drawn:
    """Draw the panels of a scene, each in its cell, with their marks."""
    rows = 1 + max(panel.cell[0] for panel in scene.panels)
    columns = 1 + max(panel.cell[1] for panel in scene.panels)
    grid, drawn = figure.add_gridspec(rows, columns), Drawn()
    if any(panel.z is not None for panel in scene.panels):
        figure.get_layout_engine().set(wspace=_BOX_SPACING)
    for index, panel in enumerate(scene.panels):
        axes = panel_axes.open_panel(figure, panel, grid[panel.cell])
        drawn.axes.append(axes)
        for number, mark in enumerate(panel.marks):
            artist = marks.draw(axes, mark)
            drawn.artists[index, number] = artist
            if isinstance(mark, Contours) and mark.labels is not None:
                write = partial(contour_labels.write, artist, mark.labels.colour, mark.labels.outline)
                drawn.last.append(write)
        drawn.longest.append(panel_axes.close_panel(axes, panel))
    return drawn


def draw_around(figure: Figure, scene: Scene, drawn: Drawn, *, bars: bool) -> None:
    """Draw the title, the legend and the colour bars of a scene around its panels."""
    for bar in scene.colour_bars if bars else ():
        if bar.beside_all:
            place = {"ax": drawn.axes, "pad": _COMMON_BAR_DISTANCE, "aspect": _COMMON_BAR_ASPECT}
        else:
            place = {"ax": drawn.axes[bar.panel], "pad": _BAR_DISTANCE}
            place |= panel_axes.bar_place(drawn.axes[bar.panel], drawn.longest[bar.panel])
        add_colour_bar(figure, scene, drawn, bar, **place)
    if scene.title is not None:
        width = _TITLE_SHARE * figure.get_figwidth() * 72
        if scene.heading:
            artist = figure.suptitle("", fontsize=scene.heading_size or rcParams["axes.titlesize"])
        else:
            width /= drawn.axes[0].get_subplotspec().get_gridspec().ncols
            artist = drawn.axes[0].set_title("", pad=panel_axes.title_pad(scene.panels[0]))
        write_title(artist, scene.title, width)
    for panel, axes in zip(scene.panels, drawn.axes, strict=True):
        if panel.title is not None:
            size = drawn.axes[0].title.get_fontsize() if panel.title.size == "title" else panel.title.size
            is_named_box = panel.z is not None and scene.arrangement == "measured"
            pad = _NAME_PAD if is_named_box else panel_axes.title_pad(panel)
            _add_panel_title(axes, panel.title, size, pad)
    if scene.legend is not None and scene.legend.place == "cell":
        add_legend_in_cell(drawn.axes[0], scene.legend)
    elif scene.legend is not None:
        grow = scene.arrangement == "measured" and not scene.size.is_asked
        add_legend(figure, drawn.axes[scene.legend.panel], scene.legend, grow=grow)
    if scene.fill_ratio is not None and (len(scene.panels) > 1 or figure.legends):
        _fill_width(figure, drawn.axes[0], scene.fill_ratio)


def _fill_width(figure: Figure, axes: Axes, ratio: float) -> None:
    """Make a figure higher if its axes are narrower than it, because texts take up height.

    `ratio` is the height of the axes to their width.
    """
    engine = figure.get_layout_engine()
    for _ in range(2):  # the second layout is exact
        engine.execute(figure)
    empty = figure.get_figwidth() - figure.get_tightbbox().width
    if empty > _EMPTY_SHARE * figure.get_figwidth():
        rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
        figure.set_figheight(figure.get_figheight() + rows * ratio * empty / columns)


def add_colour_bar(figure: Figure, scene: Scene, drawn: Drawn, bar: ColourBar, **place: Artist) -> Artist:
    """Draw the colour bar of a mark, and return it."""
    mark: Any = scene.panels[bar.panel].marks[bar.mark]
    scale = mark.bands if isinstance(mark, Contours) else mark.scale
    look: Keywords = {}
    if scale.ticks is not None:
        look = {"ticks": [value for value, _ in scale.ticks], "format": _texts(scale.ticks)}
    if not isinstance(mark, Contours) and scale.extend != "neither":
        look["extend"] = scale.extend
    colour_bar = figure.colorbar(drawn.artists[bar.panel, bar.mark], **place, **look)
    if bar.label is not None:
        colour_bar.set_label(bar.label.text, size="medium")
        colour_bar.outline.set_linewidth(_BAR_OUTLINE)
    return colour_bar


def cut_height(figure: Figure) -> None:
    """Cut off empty space above and below all panels, whose size the width decides."""
    engine = figure.get_layout_engine()
    engine.execute(figure)
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    pixels = max(box.y1 for box in boxes) - min(box.y0 for box in boxes)
    pixels += figure._suptitle.get_window_extent().height  # noqa: SLF001 - Matplotlib gives its text alone
    height = pixels / figure.dpi + _PADS * engine.get()["h_pad"]
    figure.set_figheight(min(height, figure.get_figheight()))


def finish(figure: Figure, drawn: Drawn) -> tuple[Message, ...]:
    """Place ticks apart, and lay out the figure as often as its parts depend on each other.

    Returns warnings of what has no room.
    """
    set_apart(figure)
    typeset_powers(figure)
    engine = figure.get_layout_engine()
    if figure.legends or figure.get_suptitle():
        engine.execute(figure)  # around what stands beside all axes, the layout is right the second time
    if drawn.last:
        engine.execute(figure)
    return write_labels(drawn)


def write_labels(drawn: Drawn) -> tuple[Message, ...]:
    """Write the labels of contours, and return a warning if none of them has room."""
    written = [len(write()) for write in drawn.last]
    return (NO_ROOM,) if written and not any(written) else ()


def typeset_powers(figure: Figure) -> None:
    """Write powers of ten at the ends of axes as 10^5, and not as 1e5.

    Matplotlib's setting for that typesets all numbers on all axes, too, which doubles the time of a figure.
    """
    for axes in figure.axes:
        for axis in axes._axis_map.values():  # noqa: SLF001 - the x, y and, in three dimensions, z axis
            formatter = axis.get_major_formatter()
            if isinstance(formatter, ScalarFormatter):
                formatter.set_locs(axis.get_majorticklocs().tolist())
                formatter.set_useMathText(bool(formatter.get_offset()))


def _add_panel_title(axes: Axes, title: Text, size: FontSize | None, pad: float | None) -> None:
    look = {} if size is None else {"fontsize": size}
    artist = axes.set_title("", pad=pad, **look)
    columns = axes.get_subplotspec().get_gridspec().ncols
    width = _NAME_SHARE * axes.figure.get_figwidth() * 72 / columns
    write_text(artist, title, None if title.math else width)


def _texts(ticks: tuple[Tick, ...]) -> Callable[..., str]:
    """Return a formatter that gives the text of the nearest tick."""

    def formatted(value: float, position: int | None = None) -> str:
        del position
        return min(ticks, key=lambda tick: abs(tick[0] - value))[1]

    return formatted
