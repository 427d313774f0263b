"""Panels of a scene as axes of Matplotlib: limits, ticks, labels, and what a box needs around it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib import rcParams
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

from gradviz.output.mpl.box import Pads, are_apart, set_pads, text_pads
from gradviz.output.mpl.text import write_text
from gradviz.output.mpl.ticks import (
    bare,
    computed_once,
    fit_ticks,
    power_of,
    scalar_formatters,
    with_factor,
    with_power,
)
from gradviz.output.mpl.types import Artist, Axes, Figure, Keywords
from gradviz.scene.scene import Axis, Camera, Panel

BOX_TICKS = 5  # intervals on each axis of a box, about, as they are close together in perspective
_LABEL_SHARE = 0.75  # of the side of a cell: length of a label on one line
_FEW_TICKS = 3  # in a box with little room
_ROOMY_WIDTH = 30  # font sizes: width of a box that has room for `BOX_TICKS`
_FULL_BOX_RATIO = 0.7  # height to width of the cell of a box that fills it
_COSINE_ROUNDING = 1e-9  # a cosine closer to 0 is 0
_BARE_ZOOM = 1.15  # zoom of boxes without numbers
AZIMUTHS = 8
"""Number of azimuths at which a turning box is measured."""
_RIGHT_TICKS, _MIN_RIGHT_TICKS = 5, 3  # intervals at most, and ticks at least, of an axis at the right
_RIGHT_LABEL_DISTANCE = 0.9  # font sizes from its numbers to its label, which is not taken for their factor


def open_panel(figure: Figure, panel: Panel, cell: Artist) -> Axes:
    """Return the axes of a panel before its marks are drawn."""
    if panel.camera is not None:
        axes = figure.add_subplot(cell, projection="3d")
        axes.view_init(elev=panel.camera.elevation, azim=panel.camera.azimuth)
        return axes
    axes = figure.add_subplot(cell)
    axes.set_aspect(panel.aspect or "auto")
    if panel.box_aspect is not None:
        axes.set_box_aspect(panel.box_aspect)
    for letter, axis in panel.axes.items():
        _set_axis(axes, letter, axis)
    return axes


def close_panel(axes: Axes, panel: Panel) -> None:
    """Set the parts that depend on marks: the grid, and the labels and ticks of a box."""
    if panel.camera is not None:
        _close_box(axes, panel, panel.camera)
    axes.grid(panel.grid)


def turn(axes: Axes, elevation: float, azimuth: float) -> None:
    """Turn a box, and keep its z axis on the right: by default numbers jump to the left, and back."""
    axes.view_init(elev=elevation, azim=azimuth)
    side = "upper" if math.cos(math.radians(azimuth)) > -_COSINE_ROUNDING else "lower"
    axes.zaxis.set_ticks_position(side)
    axes.zaxis.set_label_position(side)


def title_pad(panel: Panel) -> float | None:
    """Return the distance of a title from its panel in points, None for that of the style."""
    return None if panel.z is None else 0.0


def _set_axis(axes: Axes, letter: str, axis: Axis) -> None:
    scale = None if axis.scale == "linear" else axis.scale
    given: Keywords = {f"{letter}scale": scale, f"{letter}lim": axis.limits, f"{letter}ticks": axis.ticks}
    given[f"{letter}ticklabels"] = axis.tick_texts
    axes.set(**{key: value for key, value in given.items() if value is not None})
    if axis.number_size is not None:
        axes.tick_params(axis=letter, labelsize=axis.number_size)
    if axis.side == "right":
        _add_right_axis(axes, axis)
        return
    drawn = getattr(axes, f"{letter}axis")
    power = 0 if axis.room is None else fit_ticks(drawn, axis.room)
    if axis.label is not None:
        width = None if axis.label.math else _label_length(axes, letter)
        write_text(drawn.label, with_power(axis.label, power), width)
    if axis.integer:
        drawn.get_major_locator().set_params(integer=True)
    if not axis.numbers:
        axes.tick_params(**{"labelbottom" if letter == "x" else "labelleft": False})


def _label_length(axes: Axes, letter: str) -> float:
    """Return about how long a label of an axis may be, in points."""
    grid = axes.get_subplotspec().get_gridspec()
    width, height = axes.figure.get_size_inches().tolist()
    side = height / grid.nrows if letter == "y" else width / grid.ncols
    return float(_LABEL_SHARE * 72 * side)


def _add_right_axis(axes: Axes, axis: Axis) -> None:
    """Add an axis with numbers and a label at the right, in place of those at the left.

    It takes part in the layout in the last column only, beside which a colour bar may stand.
    """
    right, formatter = axes.secondary_yaxis("right"), ScalarFormatter(useOffset=False)
    for drawn in (axes.yaxis, right.yaxis):
        drawn.set_major_locator(MaxNLocator(_RIGHT_TICKS, min_n_ticks=_MIN_RIGHT_TICKS))
    formatter.set_axis(axes.yaxis)  # that at the right takes over its limits when it is drawn
    formatter.set_locs(axes.get_yticks().tolist())
    power = power_of(formatter)
    right.tick_params(labelsize=axis.number_size)
    right.yaxis.set_major_formatter(formatter)
    right.yaxis.get_offset_text().set_visible(False)
    if axis.label is not None:
        right.set_ylabel(with_power(axis.label, power).text, rotation=0, ha="left", va="center")
        right.yaxis.labelpad = _RIGHT_LABEL_DISTANCE * rcParams["font.size"]
    right.set_in_layout(axes.get_subplotspec().is_last_col())
    axes.tick_params(axis="y", color="none", labelleft=False)  # as wide as the ticks of other panels


def _close_box(axes: Axes, panel: Panel, camera: Camera) -> None:
    """Set the labels, limits and ticks of a box, and the distances that depend on its numbers."""
    for letter, axis in panel.axes.items():
        _set_axis(axes, letter, axis)
    sides = _box_sides(panel) or (1.0, 1.0, 1.0)
    axes.set_box_aspect(_box_sides(panel), zoom=camera.zoom)
    usual = box_intervals(axes), None
    for fewer in (usual, (_FEW_TICKS, None), (_FEW_TICKS, "both")):
        for (letter, axis), side in zip(panel.axes.items(), sides, strict=True):
            if axis.ticks is None:
                # Numbers of a side that is twice as long as the others are apart.
                intervals, prune = usual if side >= 2 * sorted(sides)[1] else fewer
                count = max(1, round(intervals * side / max(sides)))  # few on a short side
                getattr(axes, f"{letter}axis").set_major_locator(MaxNLocator(count, prune=prune))
        _write_factors(axes, panel)
        with computed_once([axes]):
            _make_room(axes, camera)
            if are_apart(axes):
                break


def _write_factors(axes: Axes, panel: Panel) -> None:
    """Write the offset and the power of ten of numbers into the label, where they touch nothing."""
    for letter, formatter in scalar_formatters(axes).items():
        drawn, label = getattr(axes, f"{letter}axis"), panel.axes[letter].label
        low, high = sorted(drawn.get_view_interval())
        formatter.set_locs([tick for tick in drawn.get_majorticklocs().tolist() if low <= tick <= high])
        if label is not None and label.text:
            write_text(drawn.label, with_factor(label, formatter))
            drawn.get_offset_text().set_visible(False)


def _make_room(axes: Axes, camera: Camera) -> None:
    """Set the distances of numbers and labels from a box; of one that turns, the largest."""
    pads = [text_pads(axes)]
    for index in range(1, AZIMUTHS if camera.turns is not None else 1):
        turn(axes, camera.elevation, camera.azimuth + 360 * index / AZIMUTHS)
        pads.append(text_pads(axes))
    if len(pads) > 1:
        turn(axes, camera.elevation, camera.azimuth)
    set_pads(axes, [Pads(*np.max(of_axis, axis=0).tolist()) for of_axis in zip(*pads, strict=True)])


def _box_sides(panel: Panel) -> tuple[float, ...] | None:
    """Return the proportions of a box with equal units; None for Matplotlib's own."""
    if panel.aspect is None:
        return None
    limits = [axis.limits for axis in panel.axes.values() if axis.limits is not None]
    return tuple(high - low for low, high in limits)


def strip_box(axes: Axes, panel: Panel) -> None:
    """Remove labels and numbers of one of many boxes, which is larger then."""
    axes.set(xlabel="", ylabel="", zlabel="")
    axes.set_box_aspect(_box_sides(panel), zoom=_BARE_ZOOM)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_major_formatter(NullFormatter())


def box_intervals(axes: Axes) -> int:
    """Return the number of intervals between ticks of a box: few where the font is large in it."""
    rows, columns = axes.get_subplotspec().get_gridspec().get_geometry()
    width, height = axes.figure.get_size_inches().tolist()
    side = min(width / columns, height / rows / _FULL_BOX_RATIO)
    return BOX_TICKS if 72 * side >= _ROOMY_WIDTH * rcParams["font.size"] else _FEW_TICKS


def longest_number(axes: Axes) -> int:
    """Return the number of characters of the longest number along z."""
    numbers = axes.zaxis.get_major_formatter().format_ticks(axes.zaxis.get_majorticklocs())
    return max((len(bare(number)) for number in numbers), default=0)
