"""Measures of a scene that depend on the sizes of its texts, for outputs that write Matplotlib code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib import rcParams
from matplotlib.contour import ContourSet
from matplotlib.ticker import MaxNLocator

from gradviz.output.mpl.axes import longest_number
from gradviz.output.mpl.picture import picture_of
from gradviz.output.mpl.ticks import Apart, scalar_formatters
from gradviz.output.mpl.types import Artist, Keywords
from gradviz.scene.scene import Scene

_BAR_PAD = 0.02  # of the width of flat axes, to their colour bar
_LABEL_DISTANCE = 10.0  # points from the numbers along z to their label
_REACH_PER_INCH = 3.28  # points: what is right of a box reaches farther than this and needs more room
_BAR_SHRINK = 0.62  # height of a colour bar to that of its box

Point = tuple[float, float]


@dataclass(frozen=True)
class Words:
    """A title as it is written: its lines, its font size in points, and its fonts."""

    text: str
    math: bool
    size: float
    families: tuple[str, ...]
    is_raised: bool  # whether its lowest part, and not its baseline, is above the panel


@dataclass(frozen=True)
class BoxMeasures:
    """Distances in a box: those of labels and numbers from its axes are in points."""

    ticks: tuple[Keywords, ...]  # those of a MaxNLocator for each axis; none where a user chose the ticks
    label_pads: tuple[float, ...]  # distances of the labels of x, y and z
    tick_pads: tuple[float, ...]  # distances of the numbers of x, y and z


@dataclass(frozen=True)
class PanelMeasures:
    """The title, the ticks and the labels of contours of a panel."""

    title: Words | None
    ticks: tuple[float, ...] | None  # ticks along x, where Matplotlib's own overlap
    powers: str  # axes with a power of ten at their end, such as "xy"
    axis_labels: dict[str, str]  # labels of the axes, a long one on several lines
    labels: tuple[tuple[Point, ...], ...]  # positions of the labels of each set of labelled contours
    box: BoxMeasures | None
    bar: dict[str, float]  # placement of a colour bar: keyword arguments of Matplotlib
    bar_has_power: bool  # whether there is a power of ten at the end of the colour bar


@dataclass(frozen=True)
class Measures:
    """The size of a picture in inches, its title above all panels, and the columns of a legend below them."""

    size: Point
    heading: Words | None
    columns: int | None
    panels: tuple[PanelMeasures, ...]


def measure(scene: Scene) -> Measures:
    """Lay out a scene, and return its measures."""
    picture = picture_of(scene)
    with picture.own_settings():
        picture.draw_without_rendering()
        figure: Any = picture  # Any: what Matplotlib has no getters for
        return Measures(
            tuple(picture.get_size_inches().tolist()),
            _words(figure._suptitle),  # noqa: SLF001
            next((legend._ncols for legend in figure.legends), None),  # noqa: SLF001
            tuple(map(_panel, picture.axes[: len(scene.panels)])),
        )


def _panel(axes: Any) -> PanelMeasures:
    bars = [one.colorbar.ax for one in (*axes.collections, *axes.images) if one.colorbar is not None]
    labels = (
        tuple((float(x), float(y)) for x, y in (word.get_position() for word in one.labelTexts))
        for one in axes.collections
        if isinstance(one, ContourSet) and one.labelTexts
    )
    return PanelMeasures(
        title=_words(axes.title),
        ticks=_ticks(axes),
        powers=_powers(axes),
        axis_labels={letter: axis.get_label_text() for letter, axis in axes._axis_map.items()},  # noqa: SLF001
        labels=tuple(labels),
        box=_box(axes) if axes.name == "3d" else None,
        bar=_bar_place(axes) if bars else {},
        bar_has_power=bool(bars and _powers(bars[0])),
    )


def _bar_place(axes: Any) -> dict[str, float]:
    """Return the keyword arguments of a colour bar in Matplotlib's constrained layout."""
    if axes.name != "3d":
        return {"pad": _BAR_PAD}
    columns = axes.get_subplotspec().get_gridspec().ncols
    reach = (_LABEL_DISTANCE + rcParams["font.size"]) * columns / axes.figure.get_figwidth()
    pad = max(1.0, reach / _REACH_PER_INCH) * (0.08 + 0.012 * longest_number(axes))
    return {"pad": pad, "shrink": _BAR_SHRINK}


def _powers(axes: Any) -> str:
    """Return the axes with a power of ten at their end."""
    return "".join(letter for letter, one in scalar_formatters(axes).items() if one.get_offset())


def _words(artist: Any) -> Words | None:
    if artist is None or not artist.get_text():
        return None
    return Words(
        artist.get_text(),
        artist.get_parse_math(),
        artist.get_fontsize(),
        tuple(artist.get_fontfamily()),
        is_raised=artist.get_verticalalignment() == "bottom",
    )


def _ticks(axes: Any) -> tuple[float, ...] | None:
    """Return the ticks along x where Matplotlib's own would overlap."""
    locator = axes.xaxis.get_major_locator()
    if not isinstance(locator, Apart) or locator.is_usual():
        return None
    low, high = axes.get_xlim()
    return tuple(float(x) for x in locator() if low <= x <= high)


def _box(axes: Any) -> BoxMeasures:
    every = axes._axis_map.values()  # noqa: SLF001 - x, y and z
    label_pads = tuple(float(axis.labelpad) for axis in every)
    tick_pads = tuple(float(axis.get_tick_params()["pad"]) for axis in every)
    locators: list[Artist] = [axis.get_major_locator() for axis in every]
    ticks = tuple(
        {name: vars(one)[f"_{name}"] for name in ("nbins", "prune")} if isinstance(one, MaxNLocator) else {}
        for one in locators
    )
    return BoxMeasures(ticks, label_pads, tick_pads)
